//! Local administrators: names and passwords of their own (Argon2id), made through one-time links.

use super::fresh_token;
use super::session::{self, NewSession};
use super::vault::{Vault, Who};
use crate::app::App;
use crate::error::{ApiError, ApiResult, Code};
use argon2::{Argon2, PasswordHasher, PasswordVerifier, password_hash::phc::PasswordHash};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, OnceLock, PoisonError};

/// How long a one-time link is good, ms.
pub const LINK_MS: i64 = 24 * 60 * 60 * 1000;
/// Shortest password (ASVS 5.0, 6.2.1 asks for eight and recommends more).
pub const PASSWORD_CHARS_MIN: usize = 10;
/// Longest password in bytes: hashing takes time with length.
const PASSWORD_BYTES_MAX: usize = 1024;
/// Longest sign-in name in characters.
const NAME_CHARS_MAX: usize = 100;

/// A new one-time administrator link's token, kept in the vault.
///
/// # Errors
/// When the vault cannot be written.
pub fn make_link(vault: &Vault, now_ms: i64) -> ApiResult<String> {
    let token = fresh_token()?;
    vault.add_link(&token, now_ms, now_ms + LINK_MS).map_err(ApiError::internal)?;
    Ok(token)
}

/// Checks name and password and begins a session. Returns the `Set-Cookie` line.
///
/// # Errors
/// 401 when they are wrong (one answer for both), 429 after too many attempts.
pub async fn sign_in(app: &App, from: Option<IpAddr>, name: String, password: String) -> ApiResult<String> {
    let now_ms = app.now_ms();
    app.throttle().check(&name, from, now_ms)?;
    let worker = app.clone();
    let user = app
        .hashing(move || {
            let user = worker.vault().user(name.trim()).map_err(ApiError::internal)?;
            // A name nobody has takes as long as a wrong password.
            let hash = user.as_ref().map_or_else(decoy, |user| user.password.clone());
            let fits = password.len() <= PASSWORD_BYTES_MAX && verify(&password, &hash);
            Ok(match user {
                Some(user) if fits => Ok(user),
                _ => Err(name),
            })
        })
        .await?;
    match user {
        Ok(user) => {
            app.throttle().succeeded(&user.name, from);
            begin(app, user.id, user.name).await
        }
        Err(name) => {
            app.throttle().failed(&name, from, now_ms);
            Err(ApiError::new(Code::WrongPassword))
        }
    }
}

/// Uses a one-time link: makes the account and begins a session. Returns the `Set-Cookie` line.
///
/// # Errors
/// 410 when the link is not good, 400 when name or password do not do.
pub async fn welcome(app: &App, token: String, name: String, password: String) -> ApiResult<String> {
    let name = name.trim().to_owned();
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || name.chars().any(char::is_control) {
        return Err(ApiError::bad("name", format!("A name of 1 to {NAME_CHARS_MAX} characters is needed.")));
    }
    if password.chars().count() < PASSWORD_CHARS_MIN || password.len() > PASSWORD_BYTES_MAX {
        return Err(ApiError::bad("password", format!("At least {PASSWORD_CHARS_MIN} characters are needed.")));
    }
    let worker = app.clone();
    let user = app
        .hashing(move || {
            let now_ms = worker.now_ms();
            // Asked first, so that strangers cannot make us hash.
            if !worker.vault().link_is_good(&token, now_ms).map_err(ApiError::internal)? {
                return Err(ApiError::new(Code::UsedLink));
            }
            let hash = hash(&password)?;
            if !worker.vault().use_link(&token, &name, &hash, now_ms).map_err(ApiError::internal)? {
                return Err(ApiError::new(Code::UsedLink));
            }
            worker.vault().user(&name).map_err(ApiError::internal)
        })
        .await?;
    let user = user.ok_or_else(|| ApiError::internal("a new account is not there"))?;
    begin(app, user.id, user.name).await
}

async fn begin(app: &App, user: i64, name: String) -> ApiResult<String> {
    session::begin(app, NewSession { who: Who::Local(user), name, way: "password", ..NewSession::default() }).await
}

fn hash(password: &str) -> ApiResult<String> {
    let hash = Argon2::default().hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string()).map_err(|error| ApiError::internal(error.to_string()))
}

fn verify(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// A hash that no password fits, with the costs of a real one.
fn decoy() -> String {
    static DECOY: OnceLock<String> = OnceLock::new();
    DECOY.get_or_init(|| fresh_token().and_then(|token| hash(&token)).unwrap_or_default()).clone()
}

/// Failed sign-ins, by name and address together and by address alone: after five for one name (thirty for one
/// address) each further failure doubles the wait, up to a quarter of an hour. Nobody can lock somebody else out from
/// another address.
#[derive(Debug, Default)]
pub struct Throttle {
    failures: Mutex<BTreeMap<(String, Option<IpAddr>), Failures>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Failures {
    count: u32,
    last_ms: i64,
}

impl Throttle {
    /// Names and addresses remembered: 10,000 of some 200 bytes are 2 MB.
    const KEYS_MAX: usize = 10_000;
    const WAIT_MAX_MS: i64 = 15 * 60 * 1000;

    fn keys(name: &str, from: Option<IpAddr>) -> [((String, Option<IpAddr>), u32); 2] {
        let name: String = name.trim().to_lowercase().chars().take(NAME_CHARS_MAX).collect();
        [((name, from), 5), ((String::new(), from), 30)]
    }

    fn check(&self, name: &str, from: Option<IpAddr>, now_ms: i64) -> ApiResult<()> {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, free) in Throttle::keys(name, from) {
            let Some(failed) = failures.get(&key).filter(|failed| failed.count >= free) else { continue };
            let wait_ms = (1000_i64 << (failed.count - free).min(20)).min(Throttle::WAIT_MAX_MS);
            let left_ms = failed.last_ms + wait_ms - now_ms;
            if left_ms > 0 {
                return Err(ApiError::new(Code::TooMany).retry_after(left_ms.unsigned_abs().div_ceil(1000)));
            }
        }
        Ok(())
    }

    fn failed(&self, name: &str, from: Option<IpAddr>, now_ms: i64) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.retain(|_, failed| now_ms - failed.last_ms < Throttle::WAIT_MAX_MS);
        if failures.len() >= Throttle::KEYS_MAX {
            let oldest = failures.iter().min_by_key(|(_, failed)| failed.last_ms).map(|(key, _)| key.clone());
            oldest.map(|key| failures.remove(&key));
        }
        for (key, _) in Throttle::keys(name, from) {
            let failed = failures.entry(key).or_default();
            *failed = Failures { count: failed.count + 1, last_ms: now_ms };
        }
    }

    fn succeeded(&self, name: &str, from: Option<IpAddr>) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let [(key, _), _] = Throttle::keys(name, from);
        failures.remove(&key);
    }
}
