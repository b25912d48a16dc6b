//! A second factor for local administrators who want one: the codes of an authenticator app (RFC 6238: SHA-1, six
//! digits, 30 seconds, as all apps make them), and ten recovery codes for the day the phone is gone.

use super::vault::{User, VaultError};
use super::{SignedIn, fresh_bytes, local};
use crate::app::App;
use crate::error::{ApiError, ApiResult, Code};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use std::net::IpAddr;
use subtle::ConstantTimeEq;
use url::form_urlencoded::byte_serialize;

/// How long a code is the present one, seconds.
const STEP_S: i64 = 30;
/// Codes of so many steps before and after are good too: clocks differ, and people type slowly.
const STEPS_BESIDE: i64 = 1;
const SECRET_BYTES: usize = 20;
/// Recovery codes given at once.
const RECOVERY_CODES: usize = 10;
/// 80 random bits: their plain hash can be kept.
const RECOVERY_BYTES: usize = 10;

/// What an authenticator app must be given.
#[derive(Clone, Debug)]
pub struct Enrolment {
    /// The secret in base 32, to be typed.
    pub secret: String,
    /// The same as an address, to be shown as a picture.
    pub uri: String,
}

/// Makes a secret for somebody who is signed in and gives the password again. Nothing is asked for before [`confirm`].
///
/// # Errors
/// 401 when the password is wrong, 429 after too many attempts.
pub async fn enrol(app: &App, from: Option<IpAddr>, who: &SignedIn, password: String) -> ApiResult<Enrolment> {
    let user = local::prove(app, from, who.name.clone(), password).await?;
    let secret = fresh_bytes::<SECRET_BYTES>()?;
    let (worker, id) = (app.clone(), user.id);
    app.blocking(move || worker.vault().begin_totp(id, &secret)).await?.map_err(ApiError::internal)?;
    let secret = base32(&secret);
    let name: String = byte_serialize(user.name.as_bytes()).collect::<String>().replace('+', "%20");
    let uri = format!("otpauth://totp/Playhead:{name}?secret={secret}&issuer=Playhead");
    Ok(Enrolment { secret, uri })
}

/// Confirms the secret with a code made of it; from now on codes are asked for. Returns the recovery codes.
///
/// # Errors
/// 404 when there is no secret to confirm, 401 when the code is wrong.
pub async fn confirm(app: &App, user: i64, code: String) -> ApiResult<Vec<String>> {
    let codes = (0..RECOVERY_CODES)
        .map(|_| Ok(base32(&fresh_bytes::<RECOVERY_BYTES>()?)))
        .collect::<ApiResult<Vec<String>>>()?;
    let (worker, kept) = (app.clone(), codes.clone());
    app.blocking(move || {
        let vault = worker.vault();
        let secret = vault.pending_totp(user).map_err(ApiError::internal)?.ok_or_else(ApiError::not_found)?;
        let step = step_of(&secret, &plain(&code), worker.now_ms() / 1000);
        let step = step.ok_or_else(|| ApiError::new(Code::WrongCode))?;
        if vault.confirm_totp(user, &secret, step, &kept).map_err(ApiError::internal)? {
            Ok(())
        } else {
            Err(ApiError::not_found())
        }
    })
    .await??;
    Ok(codes.iter().map(|code| in_fours(code)).collect())
}

/// Takes the second factor away from somebody who gives the password again.
///
/// # Errors
/// 401 when the password is wrong, 404 when there is none, 429 after too many attempts.
pub async fn remove(app: &App, from: Option<IpAddr>, who: &SignedIn, password: String) -> ApiResult<()> {
    let User { id, .. } = local::prove(app, from, who.name.clone(), password).await?;
    let worker = app.clone();
    let removed = app.blocking(move || worker.vault().remove_totp(id)).await?.map_err(ApiError::internal)?;
    if removed { Ok(()) } else { Err(ApiError::not_found()) }
}

/// Asks for a code, of those who have a second factor.
///
/// # Errors
/// 401 when one is needed or wrong, 429 after too many wrong ones, from wherever they came: who gets this far knows the
/// password.
pub(super) async fn demand(app: &App, user: i64, code: Option<String>) -> ApiResult<()> {
    let worker = app.clone();
    app.blocking(move || {
        let Some(secret) = worker.vault().totp(user).map_err(ApiError::internal)? else { return Ok(()) };
        let code = code.map(|code| plain(&code)).filter(|code| !code.is_empty());
        let code = code.ok_or_else(|| ApiError::new(Code::CodeNeeded))?;
        let (counted, now_ms) = (format!("code of {user}"), worker.now_ms());
        worker.throttle().begin(&counted, None, now_ms)?;
        if !is_good(&worker, user, &secret, &code, now_ms / 1000).map_err(ApiError::internal)? {
            return Err(ApiError::new(Code::WrongCode));
        }
        worker.throttle().succeeded(&counted, None);
        Ok(())
    })
    .await?
}

/// Whether a code is good, used up by this.
fn is_good(app: &App, user: i64, secret: &[u8], code: &str, now_s: i64) -> Result<bool, VaultError> {
    match step_of(secret, code, now_s) {
        Some(step) => app.vault().use_step(user, step),
        None => app.vault().use_recovery(user, code),
    }
}

/// As people may type it: in groups, in any case.
fn plain(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

/// The step whose code this is, among those that are good now.
fn step_of(secret: &[u8], code: &str, now_s: i64) -> Option<i64> {
    let now = now_s / STEP_S;
    (now - STEPS_BESIDE..=now + STEPS_BESIDE)
        .find(|step| bool::from(code_at(secret, *step).as_bytes().ct_eq(code.as_bytes())))
}

/// The code of a step (RFC 4226, 5.3).
fn code_at(secret: &[u8], step: i64) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let from = usize::from(digest[19] & 15);
    let number = u32::from_be_bytes([digest[from] & 0x7f, digest[from + 1], digest[from + 2], digest[from + 3]]);
    format!("{:06}", number % 1_000_000)
}

/// Base 32 (RFC 4648) of whole groups of five bytes, which need no padding.
fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = String::new();
    for group in bytes.chunks(5) {
        let number = group.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        text.extend((0..8).rev().map(|place| char::from(LETTERS[(number >> (5 * place) & 31) as usize])));
    }
    text
}

fn in_fours(code: &str) -> String {
    let mut text = String::new();
    for (place, letter) in code.chars().enumerate() {
        if place > 0 && place % 4 == 0 {
            text.push('-');
        }
        text.push(letter);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, cut to six digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = b"12345678901234567890";
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code_at(secret, second / STEP_S), code);
            assert_eq!(step_of(secret, code, second), Some(second / STEP_S));
            assert_eq!(step_of(secret, code, second + 30), Some(second / STEP_S));
            assert_eq!(step_of(secret, code, second + 90), None);
            assert_eq!(step_of(secret, code, second - 90), None);
        }
    }

    #[test]
    fn secrets_are_written_as_apps_read_them() {
        assert_eq!(base32(b"12345678901234567890"), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(base32(b"fooba"), "MZXW6YTB");
        assert_eq!(plain(" 287 082"), "287082");
        assert_eq!(plain(&in_fours("MZXW6YTBMZXW6YTB")), "MZXW6YTBMZXW6YTB");
        assert_eq!(in_fours("MZXW6YTB"), "MZXW-6YTB");
    }
}
