//! Kaltura sessions (KS), versions 1 and 2: a bearer token made with an account's admin secret.
//!
//! Version 1: `base64(sig | info)`, `sig` = hexadecimal SHA-1 of secret and info, `info` = fields parted by `;`.
//! Version 2: `base64("v2|" partner "|" cipher)`, AES-128-CBC under the first 16 bytes of SHA-1 of the secret, zero IV, over
//! SHA-1 of the payload, the payload (16 random bytes and a query string), and zeros up to a whole block.
//!
//! Digests are compared in constant time, and every secret of the account is tried whichever fits.

pub use super::Secret;
use super::limits::CREDENTIAL_BYTES_MAX;
use aes::Aes128;
use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use engine::event::AccountId;
use sha1::{Digest, Sha1};
use sha2::Sha256;
use std::net::IpAddr;
use subtle::ConstantTimeEq;
use url::form_urlencoded;

const SHA1_BYTES: usize = 20;
const RANDOM_BYTES: usize = 16;
const BLOCK_BYTES: usize = 16;

/// Why a KS is not valid, with Kaltura's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{},{}", self.number(), self.text())]
pub enum KsError {
    /// Does not decode, or the signature is wrong.
    InvalidStr,
    /// Another account's, or no such account.
    InvalidPartner,
    /// Another user than asked for.
    InvalidUser,
    /// Another type than asked for.
    InvalidType,
    /// Expired.
    Expired,
    /// Logged out.
    Logout,
    /// Made for another partner's use (kept for its number; nothing here gives it).
    InvalidLkey,
    /// `actionslimit` used up.
    ExceededActionsLimit,
    /// Used from another address than `iprestrict` says.
    ExceededRestrictedIp,
    /// A set of privileges that is not allowed (kept for its number; nothing here gives it).
    ExceededPrivileges,
    /// Used for another address than `urirestrict` says.
    ExceededRestrictedUri,
}

impl KsError {
    /// Kaltura's number.
    pub fn number(self) -> i32 {
        match self {
            KsError::InvalidStr => -1,
            KsError::InvalidPartner => -2,
            KsError::InvalidUser => -3,
            KsError::InvalidType => -4,
            KsError::Expired => -5,
            KsError::Logout => -6,
            KsError::InvalidLkey => -7,
            KsError::ExceededActionsLimit => -8,
            KsError::ExceededRestrictedIp => -9,
            KsError::ExceededPrivileges => -10,
            KsError::ExceededRestrictedUri => -11,
        }
    }
    /// Kaltura's word.
    pub fn text(self) -> &'static str {
        match self {
            KsError::InvalidStr => "INVALID_STR",
            KsError::InvalidPartner => "INVALID_PARTNER",
            KsError::InvalidUser => "INVALID_USER",
            KsError::InvalidType => "INVALID_TYPE",
            KsError::Expired => "EXPIRED",
            KsError::Logout => "LOGOUT",
            KsError::InvalidLkey => "INVALID_LKEY",
            KsError::ExceededActionsLimit => "EXCEEDED_ACTIONS_LIMIT",
            KsError::ExceededRestrictedIp => "EXCEEDED_RESTRICTED_IP",
            KsError::ExceededPrivileges => "EXCEEDED_PRIVILEGES",
            KsError::ExceededRestrictedUri => "EXCEEDED_RESTRICTED_URI",
        }
    }
}

/// A KS whose signature and expiry were checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ks {
    /// The account.
    pub account: AccountId,
    /// 0 user, 2 admin; anything from 1 counts as admin.
    pub kind: u32,
    /// Publisher's user id; `None` for anonymous (`''`, `'0'`, `null`).
    pub user: Option<String>,
    /// Unix seconds.
    pub expiry: i64,
    /// Name and value (empty when there is none), in order.
    pub privileges: Vec<(String, String)>,
}

impl Ks {
    /// The first value of a privilege; empty when the privilege has none.
    pub fn privilege(&self, name: &str) -> Option<&str> {
        self.privileges.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
    /// Checks `iprestrict` and `urirestrict`. An address that is not known passes no restriction to one.
    pub fn restricted(&self, address: Option<IpAddr>, path: &str) -> Result<(), KsError> {
        if let Some(allowed) = self.privilege("iprestrict") {
            let matches = |one: &str| one.parse::<IpAddr>().ok().map(|ip| ip.to_canonical());
            let address = address.map(|ip| ip.to_canonical());
            if address.is_none() || !allowed.split('/').any(|one| matches(one) == address) {
                return Err(KsError::ExceededRestrictedIp);
            }
        }
        if let Some(allowed) = self.privilege("urirestrict") {
            let fits = |pattern: &str| match pattern.strip_suffix('*') {
                Some(start) => path.starts_with(start),
                None => path == pattern,
            };
            if !allowed.split('|').any(fits) {
                return Err(KsError::ExceededRestrictedUri);
            }
        }
        Ok(())
    }
}

/// Verifies a KS of `account` with the account's secrets at the instant `now_s` (unix seconds).
pub fn verify(ks: &str, account: AccountId, secrets: &[Secret], now_s: i64) -> Result<Ks, KsError> {
    if ks.len() > CREDENTIAL_BYTES_MAX {
        return Err(KsError::InvalidStr);
    }
    let bytes = decode(ks).ok_or(KsError::InvalidStr)?;
    let opened = match bytes.strip_prefix(b"v2|") {
        Some(rest) => open_v2(rest, account, secrets)?,
        None => open_v1(&bytes, account, secrets)?,
    };
    if opened.account != account {
        return Err(KsError::InvalidPartner);
    }
    if opened.expiry <= now_s {
        return Err(KsError::Expired);
    }
    Ok(opened)
}

/// What a KS is known by when it has ended: the same however its base64 is written. `None` where it does not decode.
pub fn digest(ks: &str) -> Option<[u8; 32]> {
    Some(Sha256::digest(decode(ks)?).into())
}

/// What all sessions of a `sessionid` of an account are known by.
pub fn group_digest(account: AccountId, group: &str) -> [u8; 32] {
    Sha256::digest(format!("sessionid:{}:{group}", account.0)).into()
}

/// Signs a KS of version 2. `privileges` as the API takes them, `name:value,name`; `random` makes each KS another.
pub fn sign(
    secret: &Secret,
    account: AccountId,
    kind: u32,
    user: &str,
    expiry: i64,
    privileges: &str,
    random: &[u8; RANDOM_BYTES],
) -> String {
    let mut fields = form_urlencoded::Serializer::new(String::new());
    for privilege in privileges.split(',').map(str::trim).filter(|privilege| !privilege.is_empty()) {
        match privilege.split_once(':') {
            _ if privilege == "*" => fields.append_pair("all", "*"),
            Some((name, value)) => fields.append_pair(name, value),
            None => fields.append_pair(privilege, ""),
        };
    }
    fields.append_pair("_e", &expiry.to_string()).append_pair("_t", &kind.to_string()).append_pair("_u", user);
    // As PHP writes forms.
    let fields = fields.finish().replace('*', "%2A");
    let payload = [random.as_slice(), fields.as_bytes()].concat();
    let mut plain = [Sha1::digest(&payload).as_slice(), payload.as_slice()].concat();
    plain.resize(plain.len().next_multiple_of(BLOCK_BYTES), 0);
    let key = Sha1::digest(&secret.0);
    let key: [u8; BLOCK_BYTES] = key[..BLOCK_BYTES].try_into().expect("SHA-1 has 20 bytes");
    let size = plain.len();
    cbc::Encryptor::<Aes128>::new(&key.into(), &[0; BLOCK_BYTES].into())
        .encrypt_padded::<NoPadding>(&mut plain, size)
        .expect("whole blocks need no padding");
    let whole = [format!("v2|{}|", account.0).as_bytes(), plain.as_slice()].concat();
    base64::engine::general_purpose::URL_SAFE.encode(whole)
}

/// Base64 of either alphabet, with or without padding; a query's `+` may have become a space.
fn decode(ks: &str) -> Option<Vec<u8>> {
    const ANY: GeneralPurpose = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    let plain: Vec<u8> = ks
        .trim()
        .bytes()
        .map(|byte| match byte {
            b'-' | b' ' => b'+',
            b'_' => b'/',
            other => other,
        })
        .collect();
    ANY.decode(plain).ok()
}

fn open_v1(bytes: &[u8], account: AccountId, secrets: &[Secret]) -> Result<Ks, KsError> {
    let bar = bytes.iter().position(|byte| *byte == b'|').ok_or(KsError::InvalidStr)?;
    let (signature, info) = (&bytes[..bar], &bytes[bar + 1..]);
    let text = std::str::from_utf8(info).map_err(|_| KsError::InvalidStr)?;
    let fields: Vec<&str> = text.split(';').collect();
    if signature.len() != 2 * SHA1_BYTES || fields.len() < 3 {
        return Err(KsError::InvalidStr);
    }
    if fields[0].parse::<u32>() != Ok(account.0) {
        return Err(KsError::InvalidPartner);
    }
    let mut valid = subtle::Choice::from(0);
    for secret in secrets {
        let digest = Sha1::new().chain_update(&secret.0).chain_update(info).finalize();
        valid |= hexadecimal(&digest).ct_eq(signature);
    }
    if !bool::from(valid) {
        return Err(KsError::InvalidStr);
    }
    let field = |index: usize| fields.get(index).copied().unwrap_or_default();
    let privileges = field(6)
        .split(',')
        .filter(|privilege| !privilege.is_empty())
        .map(|privilege| privilege.split_once(':').unwrap_or((privilege, "")))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    Ok(Ks {
        account,
        kind: field(3).parse().unwrap_or(0),
        user: user_of(field(5)),
        expiry: fields[2].parse().map_err(|_| KsError::InvalidStr)?,
        privileges,
    })
}

fn open_v2(rest: &[u8], account: AccountId, secrets: &[Secret]) -> Result<Ks, KsError> {
    let bar = rest.iter().position(|byte| *byte == b'|').ok_or(KsError::InvalidStr)?;
    let partner = std::str::from_utf8(&rest[..bar]).map_err(|_| KsError::InvalidStr)?;
    let cipher = &rest[bar + 1..];
    if !cipher.len().is_multiple_of(BLOCK_BYTES) || cipher.len() < SHA1_BYTES + RANDOM_BYTES {
        return Err(KsError::InvalidStr);
    }
    if partner.parse::<u32>() != Ok(account.0) {
        return Err(KsError::InvalidPartner);
    }
    let mut payload = None;
    for secret in secrets {
        let key = Sha1::digest(&secret.0);
        let key: [u8; BLOCK_BYTES] = key[..BLOCK_BYTES].try_into().expect("SHA-1 has 20 bytes");
        let mut plain = cipher.to_vec();
        cbc::Decryptor::<Aes128>::new(&key.into(), &[0; BLOCK_BYTES].into())
            .decrypt_padded::<NoPadding>(&mut plain)
            .map_err(|_| KsError::InvalidStr)?;
        while plain.len() > SHA1_BYTES + RANDOM_BYTES && plain.last() == Some(&0) {
            plain.pop();
        }
        let (digest, inner) = plain.split_at(SHA1_BYTES);
        if bool::from(Sha1::digest(inner).ct_eq(digest)) {
            payload = Some(inner.to_vec());
        }
    }
    let payload = payload.ok_or(KsError::InvalidStr)?;
    let mut ks = Ks { account, kind: 0, user: None, expiry: 0, privileges: Vec::new() };
    for (name, value) in form_urlencoded::parse(&payload[RANDOM_BYTES..]) {
        match name.as_ref() {
            "_e" => ks.expiry = value.parse().map_err(|_| KsError::InvalidStr)?,
            "_t" => ks.kind = value.parse().unwrap_or(0),
            "_u" => ks.user = user_of(&value),
            name if name.starts_with('_') => {}
            "all" if value == "*" => ks.privileges.push(("*".into(), String::new())),
            // PHP's reader, which this form was made for, writes these as underscores.
            name => ks.privileges.push((name.replace(['.', ' '], "_"), value.into_owned())),
        }
    }
    Ok(ks)
}

fn user_of(text: &str) -> Option<String> {
    match text.trim() {
        "" | "0" | "null" => None,
        user => Some(user.to_owned()),
    }
}

fn hexadecimal(bytes: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]).collect()
}

#[cfg(test)]
mod tests;
