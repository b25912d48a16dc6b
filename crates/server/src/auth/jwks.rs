//! Tokens that others sign: their keys, fetched from where they publish them and kept, and the checks that hold for all.

use super::fetch::{Client, FetchError};
use jsonwebtoken::jwk::{Jwk, JwkSet, KeyAlgorithm};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use thiserror::Error;
use url::Url;

/// Keys are fetched again after this long, ms: a key that was taken back must not be believed for ever.
const FRESH_MS: i64 = 60 * 60 * 1000;
/// For an unknown key they are fetched again at most this often, ms, so that forged tokens cannot make us ask and ask.
const AGAIN_MS: i64 = 60 * 1000;
/// Clocks may differ by this much, seconds.
const LEEWAY_S: u64 = 60;
/// How old a token may be, seconds: it is made at the moment of signing in.
const AGE_MAX_S: i64 = 5 * 60;
/// Signatures that are believed. None of them can be made with a public key.
const ALGORITHMS: [Algorithm; 3] = [Algorithm::RS256, Algorithm::ES256, Algorithm::PS256];

/// Why a token is not believed. For logs: whoever sent it is told nothing of this.
#[derive(Debug, Error)]
pub enum TokenError {
    /// Not a token, a wrong signature, a wrong issuer or audience, too old.
    #[error("the token does not verify")]
    Invalid(#[from] jsonwebtoken::errors::Error),
    /// Signed in a way that is not believed.
    #[error("the token is signed with {0:?}")]
    Algorithm(Algorithm),
    /// Names no key where it must: its issuer publishes several, or platforms always do.
    #[error("the token names no key")]
    NoKey,
    /// Names a key that its issuer does not publish.
    #[error("the issuer publishes no key {0:?}")]
    UnknownKey(String),
    /// Made too long ago, or in the future.
    #[error("the token was made {0} s ago")]
    Age(i64),
    /// For several audiences, and not made for us among them.
    #[error("the token is for several, and was not asked for by us")]
    Party,
    /// The keys cannot be had.
    #[error("fetch the issuer's keys")]
    Keys(#[from] FetchError),
    /// The keys cannot be read.
    #[error("read the issuer's keys")]
    BadKeys(#[from] serde_json::Error),
}

/// Keys by where they are published.
#[derive(Debug, Default)]
pub struct Keys {
    client: Client,
    known: Mutex<HashMap<Url, Known>>,
}

#[derive(Clone, Debug)]
struct Known {
    keys: JwkSet,
    fetched_ms: i64,
}

/// Who must have signed a token, for whom.
#[derive(Clone, Debug)]
pub struct Expected<'e> {
    /// `iss`.
    pub issuer: &'e str,
    /// Our name there: `aud` holds it.
    pub client: &'e str,
    /// Where the issuer publishes its keys.
    pub keys: &'e Url,
}

impl Keys {
    /// For requests to the same others.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// A token's claims, if it was signed by whom it must, for us, just now. It may wait for the issuer.
    ///
    /// # Errors
    /// Whatever is wrong with it.
    pub fn verify(&self, token: &str, expected: &Expected<'_>, now_ms: i64) -> Result<Value, TokenError> {
        let header = decode_header(token)?;
        if !ALGORITHMS.contains(&header.alg) {
            return Err(TokenError::Algorithm(header.alg));
        }
        let key = self.key(expected.keys, header.kid.as_deref(), now_ms)?;
        // A key that says what it is for is for nothing else.
        if key.common.key_algorithm.is_some_and(|algorithm| !same(algorithm, header.alg)) {
            return Err(TokenError::Algorithm(header.alg));
        }
        let mut validation = Validation::new(header.alg);
        validation.set_issuer(&[expected.issuer]);
        validation.set_audience(&[expected.client]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Against our clock, which tests can set.
        validation.validate_exp = false;
        let claims = decode::<Value>(token, &DecodingKey::from_jwk(&key)?, &validation)?.claims;
        check(&claims, expected.client, now_ms / 1000)?;
        Ok(claims)
    }

    /// The key of a name. A token may leave the name out where its issuer has but one key (OpenID Connect Core, 10.1).
    fn key(&self, at: &Url, kid: Option<&str>, now_ms: i64) -> Result<Jwk, TokenError> {
        let pick = |keys: &JwkSet| match (kid, keys.keys.as_slice()) {
            (Some(kid), _) => keys.find(kid).cloned(),
            (None, [only]) => Some(only.clone()),
            (None, _) => None,
        };
        let unknown = || kid.map_or(TokenError::NoKey, |kid| TokenError::UnknownKey(kid.to_owned()));
        // Nothing tells that an only key was exchanged for another.
        let fresh_ms = if kid.is_some() { FRESH_MS } else { AGAIN_MS };
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(at).cloned();
        let age_ms = known.as_ref().map_or(i64::MAX, |known| now_ms.saturating_sub(known.fetched_ms));
        match known.as_ref().and_then(|known| pick(&known.keys)) {
            Some(key) if age_ms < fresh_ms => return Ok(key),
            None if age_ms < AGAIN_MS => return Err(unknown()),
            _ => {}
        }
        let keys: JwkSet = serde_json::from_value(self.client.get(at, "application/json", None)?.body)?;
        let found = pick(&keys);
        let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(at.clone(), Known { keys, fetched_ms: now_ms });
        found.ok_or_else(unknown)
    }
}

fn same(of_key: KeyAlgorithm, of_token: Algorithm) -> bool {
    matches!(
        (of_key, of_token),
        (KeyAlgorithm::RS256, Algorithm::RS256)
            | (KeyAlgorithm::ES256, Algorithm::ES256)
            | (KeyAlgorithm::PS256, Algorithm::PS256)
    )
}

/// Times and parties.
fn check(claims: &Value, client: &str, now_s: i64) -> Result<(), TokenError> {
    let seconds = |name: &str| claims[name].as_f64().map(|s| s as i64);
    let leeway = LEEWAY_S as i64;
    let expires = seconds("exp").unwrap_or(0);
    let age = now_s - seconds("iat").unwrap_or(0);
    let early = seconds("nbf").is_some_and(|begins| now_s < begins - leeway);
    if early || now_s >= expires + leeway || !(-leeway..=AGE_MAX_S + leeway).contains(&age) {
        return Err(TokenError::Age(age));
    }
    let several = claims["aud"].as_array().is_some_and(|all| all.len() > 1);
    match claims.get("azp").map(Value::as_str) {
        Some(party) if party != Some(client) => Err(TokenError::Party),
        None if several => Err(TokenError::Party),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_token_is_good_from_its_beginning_to_its_end_by_our_clock() {
        const NOW_S: i64 = 1_800_000_000;
        let token = |iat: i64, nbf: i64, exp: i64| {
            let claims = json!({ "aud": "us", "iat": NOW_S + iat, "nbf": NOW_S + nbf, "exp": NOW_S + exp });
            check(&claims, "us", NOW_S).is_ok()
        };
        assert!(token(0, 0, 300) && token(-300, -300, 1) && token(60, 60, 300) && token(0, 0, -59));
        assert!(!token(0, 61, 300), "not yet good");
        assert!(!token(0, 0, -60), "expired");
        assert!(!token(-361, -361, 300), "old");
        assert!(!token(61, 0, 300), "from the future");
    }
}
