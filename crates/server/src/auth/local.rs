//! Local administrators: names and passwords of their own (Argon2id), made through one-time links, and a second factor
//! ([`super::totp`]) for those who set one up.

use super::session::{self, NewSession};
use super::vault::{User, Vault, Who};
use super::{fresh_token, totp};
use crate::app::App;
use crate::error::{ApiError, ApiResult, Code};
use argon2::{Argon2, PasswordHasher, PasswordVerifier, password_hash::phc::PasswordHash};
use std::net::IpAddr;
use std::sync::OnceLock;

/// How long a one-time link is good, ms.
pub const LINK_MS: i64 = 24 * 60 * 60 * 1000;
/// Shortest password (ASVS 5.0, 6.2.1 asks for eight and recommends more).
pub const PASSWORD_CHARS_MIN: usize = 10;
/// Longest password in bytes: hashing takes time with length.
const PASSWORD_BYTES_MAX: usize = 1024;
/// Longest sign-in name in characters.
pub(super) const NAME_CHARS_MAX: usize = 100;

/// A new one-time administrator link's token, kept in the vault.
///
/// # Errors
/// When the vault cannot be written.
pub fn make_link(vault: &Vault, now_ms: i64) -> ApiResult<String> {
    let token = fresh_token()?;
    vault.add_link(&token, now_ms, now_ms + LINK_MS).map_err(ApiError::internal)?;
    Ok(token)
}

/// Checks name, password and code, if there is a second factor, and begins a session. Returns the `Set-Cookie` line.
///
/// # Errors
/// 401 when they are wrong (one answer for name and password), 401 of its own when a code is needed or wrong, 429 after
/// too many attempts.
pub async fn sign_in(
    app: &App,
    from: Option<IpAddr>,
    name: String,
    password: String,
    code: Option<String>,
) -> ApiResult<String> {
    let user = prove(app, from, name, password).await?;
    totp::demand(app, user.id, code).await?;
    begin(app, user.id, user.name).await
}

/// Whose name and password these are.
///
/// # Errors
/// 401 when they are wrong (one answer for both), 429 after too many attempts.
pub(super) async fn prove(app: &App, from: Option<IpAddr>, name: String, password: String) -> ApiResult<User> {
    app.throttle().begin(&name, from, app.now_ms())?;
    let worker = app.clone();
    let user = app
        .hashing(move || {
            let user = worker.vault().user(name.trim()).map_err(ApiError::internal)?;
            // A name nobody has takes as long as a wrong password.
            let hash = user.as_ref().map_or_else(decoy, |user| user.password.clone());
            let fits = password.len() <= PASSWORD_BYTES_MAX && verify(&password, &hash);
            Ok(user.filter(|_| fits))
        })
        .await?;
    let user = user.ok_or_else(|| ApiError::new(Code::WrongPassword))?;
    app.throttle().succeeded(&user.name, from);
    Ok(user)
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
