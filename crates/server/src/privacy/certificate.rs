//! Signed statements: a JWS (Ed25519, RFC 8037) by a key that belongs to this installation alone.

use super::PrivacyError;
use super::ledger::Ledger;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

/// The key's name in the header.
const KEY_ID: &str = "playhead-certificates";

/// The installation's signing key.
pub struct Signer {
    private: Vec<u8>,
    public: String,
}

impl Signer {
    /// The key of the installation, made when there is none.
    ///
    /// # Errors
    /// When it cannot be made, kept or read.
    pub fn open(ledger: &Ledger) -> Result<Signer, PrivacyError> {
        let refused = |_| PrivacyError::Key("no key can be made");
        let fresh = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(refused)?;
        let private = ledger.signing_key(fresh.as_ref())?;
        let pair = Ed25519KeyPair::from_pkcs8(&private).map_err(|_| PrivacyError::Key("the key kept is not one"))?;
        let public = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
        Ok(Signer { private, public })
    }

    /// The public key as a JWK, to verify certificates with.
    pub fn public(&self) -> Value {
        json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": KEY_ID, "x": self.public })
    }

    /// A statement, signed.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn sign(&self, statement: &Value) -> Result<String, PrivacyError> {
        let header = Header { kid: Some(KEY_ID.to_owned()), ..Header::new(Algorithm::EdDSA) };
        let key = EncodingKey::from_ed_der(&self.private);
        jsonwebtoken::encode(&header, statement, &key).map_err(|_| PrivacyError::Key("the statement cannot be signed"))
    }
}
