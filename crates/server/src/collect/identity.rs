//! Who is watching, decided from what came along. A pure decision: the person's key is looked up by the caller.
//!
//! A verified KS wins, then a viewer token, then a plain `userId` if the account believes those. A KS or token that does
//! not verify is a refusal, counted on the event, and never falls back to the `userId` beside it: the sender claimed
//! proof and had none.

use super::limits::ID_BYTES_MAX;
use super::{Account, ks, token};
use engine::event::{AccountId, IdentityRefusal, Proof};
use std::net::IpAddr;

/// What a sender brought to say who is watching. Never kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credentials {
    /// Kaltura session.
    pub ks: Option<String>,
    /// Viewer token.
    pub token: Option<String>,
    /// Plain user id.
    pub user: Option<String>,
}

/// What was decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// The institution's id of the person; `None` is nobody known.
    pub user: Option<String>,
    /// How we know.
    pub proof: Proof,
    /// Why a name was not believed.
    pub refusal: IdentityRefusal,
    /// Course staff, by the token's word.
    pub staff: bool,
    /// Category proved by the token.
    pub context: Option<String>,
    /// Virtual event named by the KS.
    pub virtual_event: Option<String>,
}

/// Decides.
pub fn decide(
    id: AccountId,
    account: &Account,
    credentials: &Credentials,
    address: Option<IpAddr>,
    path: &str,
    now_s: i64,
) -> Identity {
    let mut found = Identity::default();
    if let Some(text) = &credentials.ks {
        let verified = ks::verify(text, id, &account.admin_secrets, now_s)
            .and_then(|ks| ks.restricted(address, path).map(|()| ks));
        match verified {
            Ok(ks) => {
                found.virtual_event = ks.privilege("virtualeventid").map(str::to_owned);
                // An anonymous KS (a widget session) says nothing about the person: a token or name beside it may.
                if let Some(user) = ks.user.filter(|user| user.len() <= ID_BYTES_MAX) {
                    found.user = Some(user);
                    found.proof = Proof::Verified;
                }
            }
            Err(_) => found.refusal = IdentityRefusal::Invalid,
        }
    }
    if let Some(text) = &credentials.token {
        match token::verify(text, &account.sites, now_s) {
            Ok(viewer) => {
                found.context = viewer.context;
                found.staff = viewer.staff;
                if found.user.is_none() && viewer.user.len() <= ID_BYTES_MAX {
                    found.user = Some(viewer.user);
                    found.proof = Proof::Verified;
                    found.refusal = IdentityRefusal::No;
                } else if found.user.as_deref() != Some(viewer.user.as_str()) {
                    // Two proofs of two people: the KS stands, and the token's course and role are not the KS user's.
                    found.context = None;
                    found.staff = false;
                }
            }
            Err(_) if found.user.is_none() => found.refusal = IdentityRefusal::Invalid,
            Err(_) => {}
        }
    }
    let claimed = credentials.user.as_deref().map(str::trim).filter(|user| !matches!(*user, "" | "0" | "null"));
    if let (None, IdentityRefusal::No, Some(user)) = (&found.user, found.refusal, claimed) {
        if account.unsigned_users && user.len() <= ID_BYTES_MAX {
            found.user = Some(user.to_owned());
            found.proof = Proof::Claimed;
        } else {
            found.refusal = IdentityRefusal::Unsigned;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::collect::{Secret, Site, TokenAlgorithm};
    use jsonwebtoken::{EncodingKey, Header};

    const KS: &str = "djJ8MTIzNHzaJnINC3QDyx6uGKzcRLVU8TahEaZGNPb3UEoRX6gXL7B3Vj6h7isZyS-g9S0Vud6d_muXegVSN_36xbd3sPGH3x6TFBq0eN426bqTUxxTrQ==";
    const NOW: i64 = 1_800_000_000;

    fn account(unsigned_users: bool) -> Account {
        Account {
            admin_secrets: vec![Secret(b"0123456789abcdef0123456789abcdef".to_vec())],
            unsigned_users,
            sites: vec![Site {
                id: "lms".into(),
                keys: vec![(TokenAlgorithm::Hs256, Secret(b"k".to_vec()))],
                origins: vec![],
            }],
            ..Account::default()
        }
    }
    fn jwt(sub: &str) -> String {
        let claims = serde_json::json!({"iss":"lms","sub":sub,"aud":"collect","exp":NOW + 60,"ctx":"9","role":"ta"});
        jsonwebtoken::encode(&Header::default(), &claims, &EncodingKey::from_secret(b"k")).unwrap()
    }
    fn check(
        accept: bool,
        ks: Option<&str>,
        token: Option<&str>,
        user: Option<&str>,
        now_s: i64,
    ) -> (Option<String>, Proof, IdentityRefusal, bool) {
        let credentials =
            Credentials { ks: ks.map(Into::into), token: token.map(Into::into), user: user.map(Into::into) };
        let who = decide(AccountId(1234), &account(accept), &credentials, None, "/", now_s);
        (who.user, who.proof, who.refusal, who.staff)
    }

    #[test]
    fn proof_comes_first() {
        use IdentityRefusal::{Invalid, No, Unsigned};
        let user = |name: &str| Some(name.to_owned());
        assert_eq!(check(true, Some(KS), None, Some("eve"), NOW), (user("alice"), Proof::Verified, No, false));
        assert_eq!(check(true, None, Some(&jwt("bob")), Some("eve"), NOW), (user("bob"), Proof::Verified, No, true));
        assert_eq!(check(true, Some(KS), Some(&jwt("alice")), None, NOW), (user("alice"), Proof::Verified, No, true));
        assert_eq!(check(true, Some(KS), Some(&jwt("bob")), None, NOW), (user("alice"), Proof::Verified, No, false));
        assert_eq!(check(true, None, None, Some("eve"), NOW), (user("eve"), Proof::Claimed, No, false));
        assert_eq!(check(false, None, None, Some("eve"), NOW), (None, Proof::None, Unsigned, false));
        assert_eq!(check(false, None, None, Some("0"), NOW), (None, Proof::None, No, false));
        assert_eq!(check(false, None, None, None, NOW), (None, Proof::None, No, false));
        assert_eq!(check(true, Some("x"), None, Some("eve"), NOW), (None, Proof::None, Invalid, false));
        assert_eq!(check(true, Some(KS), None, Some("eve"), 1_900_000_000), (None, Proof::None, Invalid, false));
        assert_eq!(check(true, Some("x"), Some(&jwt("bob")), None, NOW), (user("bob"), Proof::Verified, No, true));
        assert_eq!(check(true, None, Some("x.y.z"), Some("eve"), NOW), (None, Proof::None, Invalid, false));
    }
}
