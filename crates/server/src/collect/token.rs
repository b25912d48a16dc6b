//! Viewer tokens: JWTs by which a host site names its viewers.
//!
//! `iss` is the site's id, `sub` the user id, `aud` holds `collect`, `exp` lies at most 24 hours ahead; `ctx` (a category
//! id) and `role` are optional. The algorithm must be one that the site's settings allow, with the key set for it: a token
//! cannot choose.

use super::limits::CREDENTIAL_BYTES_MAX;
use super::{Site, TokenAlgorithm};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

/// How far ahead an expiry may lie, in seconds.
pub const LIFE_S_MAX: i64 = 24 * 60 * 60;
/// Clock difference granted at both ends, in seconds.
pub const LEEWAY_S: i64 = 60;

/// A verified token's word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// User id.
    pub user: String,
    /// Category in whose context the viewer watches.
    pub context: Option<String>,
    /// Course staff.
    pub staff: bool,
}

/// A token that does not verify: unknown site, wrong key or algorithm, altered, expired, too long a life, no audience.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the viewer token does not verify")]
pub struct TokenError;

#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: f64,
    nbf: Option<f64>,
    ctx: Option<serde_json::Value>,
    role: Option<serde_json::Value>,
}

/// Verifies a token of one of `sites` at the instant `now_s` (unix seconds).
pub fn verify(token: &str, sites: &[Site], now_s: i64) -> Result<Viewer, TokenError> {
    if token.len() > CREDENTIAL_BYTES_MAX {
        return Err(TokenError);
    }
    let header = jsonwebtoken::decode_header(token).map_err(|_| TokenError)?;
    for site in sites {
        for (allowed, key) in &site.keys {
            let algorithm = match allowed {
                TokenAlgorithm::Hs256 => Algorithm::HS256,
                TokenAlgorithm::Rs256 => Algorithm::RS256,
                TokenAlgorithm::Es256 => Algorithm::ES256,
            };
            if header.alg != algorithm {
                continue;
            }
            let key = match allowed {
                // An empty secret would let anybody sign.
                TokenAlgorithm::Hs256 if key.0.is_empty() => continue,
                TokenAlgorithm::Hs256 => DecodingKey::from_secret(&key.0),
                TokenAlgorithm::Rs256 => match DecodingKey::from_rsa_pem(&key.0) {
                    Ok(key) => key,
                    Err(_) => continue,
                },
                TokenAlgorithm::Es256 => match DecodingKey::from_ec_pem(&key.0) {
                    Ok(key) => key,
                    Err(_) => continue,
                },
            };
            let mut rules = Validation::new(algorithm);
            rules.set_audience(&["collect"]);
            rules.set_issuer(&[&site.id]);
            rules.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
            // The clock is ours (and can be set in tests): expiry is checked below.
            rules.validate_exp = false;
            if let Ok(token) = jsonwebtoken::decode::<Claims>(token, &key, &rules) {
                return accept(token.claims, now_s);
            }
        }
    }
    Err(TokenError)
}

fn accept(claims: Claims, now_s: i64) -> Result<Viewer, TokenError> {
    let now = now_s as f64;
    let leeway = LEEWAY_S as f64;
    let early = claims.nbf.is_some_and(|from| from > now + leeway);
    let lives = claims.exp > now - leeway && claims.exp <= now + LIFE_S_MAX as f64 + leeway;
    if early || !lives || claims.sub.trim().is_empty() {
        return Err(TokenError);
    }
    let context = claims.ctx.and_then(|ctx| match ctx {
        serde_json::Value::String(text) if !text.is_empty() => Some(text),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    });
    let staff = match &claims.role {
        Some(serde_json::Value::String(role)) => is_staff(role),
        Some(serde_json::Value::Array(roles)) => roles.iter().filter_map(serde_json::Value::as_str).any(is_staff),
        _ => false,
    };
    Ok(Viewer { user: claims.sub.trim().to_owned(), context, staff })
}

fn is_staff(role: &str) -> bool {
    ["staff", "teacher", "instructor", "ta", "assistant", "designer", "manager"]
        .iter()
        .any(|known| role.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::collect::Secret;
    use jsonwebtoken::{EncodingKey, Header};
    use proptest::prelude::*;
    use serde_json::json;

    const NOW: i64 = 1_800_000_000;
    const KEY: &[u8] = b"a secret of the site, long enough";

    fn site() -> Vec<Site> {
        vec![
            Site { id: "other".into(), keys: vec![(TokenAlgorithm::Hs256, Secret(b"x".to_vec()))], origins: vec![] },
            Site { id: "lms".into(), keys: vec![(TokenAlgorithm::Hs256, Secret(KEY.to_vec()))], origins: vec![] },
        ]
    }
    fn sign(algorithm: Algorithm, claims: serde_json::Value) -> String {
        jsonwebtoken::encode(&Header::new(algorithm), &claims, &EncodingKey::from_secret(KEY)).unwrap()
    }
    fn check(claims: serde_json::Value) -> Result<Viewer, TokenError> {
        verify(&sign(Algorithm::HS256, claims), &site(), NOW)
    }

    #[test]
    fn a_good_token_names_the_viewer() {
        let all = json!({"iss":"lms","sub":"alice","aud":["x","collect"],"exp":NOW + 60,"ctx":"777","role":"teacher"});
        let viewer = Viewer { user: "alice".into(), context: Some("777".into()), staff: true };
        assert_eq!(check(all), Ok(viewer));
        let plain = check(json!({"iss":"lms","sub":"bob","aud":"collect","exp":NOW + LIFE_S_MAX,"role":["student"]}));
        assert_eq!(plain, Ok(Viewer { user: "bob".into(), context: None, staff: false }));
    }

    #[test]
    fn bad_tokens_are_refused() {
        for claims in [
            json!({"iss":"lms","sub":"a","aud":"collect","exp":NOW - 61}),
            json!({"iss":"lms","sub":"a","aud":"collect","exp":NOW + LIFE_S_MAX + 3600}),
            json!({"iss":"lms","sub":"a","aud":"collect"}),
            json!({"iss":"lms","sub":"a","aud":"other","exp":NOW + 60}),
            json!({"iss":"lms","sub":"a","exp":NOW + 60}),
            json!({"iss":"nobody","sub":"a","aud":"collect","exp":NOW + 60}),
            json!({"iss":"other","sub":"a","aud":"collect","exp":NOW + 60}),
            json!({"iss":"lms","sub":" ","aud":"collect","exp":NOW + 60}),
            json!({"iss":"lms","aud":"collect","exp":NOW + 60}),
            json!({"iss":"lms","sub":"a","aud":"collect","exp":NOW + 60,"nbf":NOW + 3600}),
        ] {
            assert_eq!(check(claims.clone()), Err(TokenError), "{claims}");
        }
        let good = json!({"iss":"lms","sub":"a","aud":"collect","exp":NOW + 60});
        assert_eq!(verify(&sign(Algorithm::HS512, good.clone()), &site(), NOW), Err(TokenError), "not on the list");
        let signed = sign(Algorithm::HS256, good);
        let (head, _) = signed.rsplit_once('.').unwrap();
        assert_eq!(verify(&format!("{head}."), &site(), NOW), Err(TokenError), "no signature");
        // {"alg":"none"}
        let body = head.split_once('.').unwrap().1;
        assert_eq!(verify(&format!("eyJhbGciOiJub25lIn0.{body}."), &site(), NOW), Err(TokenError), "alg none");
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,200}") {
            prop_assert!(verify(&text, &site(), NOW).is_err());
        }
    }
}
