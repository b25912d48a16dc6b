//! Our own key pair, with which requests for tokens and picked recordings are signed. Made at first use, replaced after
//! [`LIFE_MS`]; the old one stays published for [`PUBLISHED_MS`], so that what it signed can still be verified.

use super::Refusal;
use crate::auth::vault::Vault;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine as _;
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;

/// A key signs for 90 days.
pub const LIFE_MS: i64 = 90 * 24 * 3_600_000;
/// A key is published for 48 hours after its last signature: platforms keep copies.
pub const PUBLISHED_MS: i64 = 48 * 3_600_000;

fn ours(error: impl std::fmt::Display) -> Refusal {
    Refusal::Ours(format!("our own key: {error}"))
}

/// A new RSA key, in PEM.
fn generate() -> Result<String, Refusal> {
    let pair = KeyPair::generate(KeySize::Rsa2048).map_err(ours)?;
    let der: Pkcs8V1Der<'_> = pair.as_der().map_err(ours)?;
    let text = base64::engine::general_purpose::STANDARD.encode(der.as_ref());
    let mut pem = String::from("-----BEGIN PRIVATE KEY-----\n");
    for line in text.as_bytes().chunks(64) {
        pem.extend(line.iter().copied().map(char::from));
        pem.push('\n');
    }
    pem.push_str("-----END PRIVATE KEY-----\n");
    Ok(pem)
}

fn public(pem: &str) -> Result<Jwk, Refusal> {
    let key = EncodingKey::from_rsa_pem(pem.as_bytes()).map_err(ours)?;
    let mut jwk = Jwk::from_encoding_key(&key, Algorithm::RS256).map_err(ours)?;
    jwk.common.key_id = Some(jwk.thumbprint(ThumbprintHash::SHA256).map_err(ours)?);
    jwk.common.public_key_use = Some(PublicKeyUse::Signature);
    Ok(jwk)
}

/// The key that signs now, as PEM; made when there is none or the last is too old.
fn current(vault: &Vault, now_ms: i64) -> Result<String, Refusal> {
    match vault.lti_key(now_ms - LIFE_MS)? {
        Some(pem) => Ok(pem),
        None => Ok(vault.lti_add_key(&generate()?, now_ms, now_ms - LIFE_MS)?),
    }
}

/// The public keys: the one that signs and those that signed until lately.
///
/// # Errors
/// When the vault cannot be read or a key not be made.
pub fn published(vault: &Vault, now_ms: i64) -> Result<JwkSet, Refusal> {
    current(vault, now_ms)?;
    let keys = vault.lti_keys(now_ms - LIFE_MS - PUBLISHED_MS)?;
    Ok(JwkSet { keys: keys.iter().map(|pem| public(pem)).collect::<Result<_, _>>()? })
}

/// Claims, signed with our key.
///
/// # Errors
/// As [`published`].
pub fn sign(vault: &Vault, claims: &impl Serialize, now_ms: i64) -> Result<String, Refusal> {
    let pem = current(vault, now_ms)?;
    let header = Header { kid: public(&pem)?.common.key_id, ..Header::new(Algorithm::RS256) };
    let key = EncodingKey::from_rsa_pem(pem.as_bytes()).map_err(ours)?;
    jsonwebtoken::encode(&header, claims, &key).map_err(ours)
}
