//! Who is asking. A session cookie becomes an [`Administrator`], and only that makes a [`Caller`] for the engine.
//!
//! For now everybody who can sign in is an administrator of the installation: the first by a one-time link that
//! `playhead serve` prints, further ones by `playhead link`. Sessions last eight hours, half an hour when idle.
//! Against other sites: the cookie is `SameSite=Lax`, and unsafe methods must come from our own pages ([`same_site`]).

pub mod vault;

use crate::app::App;
use crate::error::{ApiError, ApiResult, Code};
use argon2::{Argon2, PasswordHasher, PasswordVerifier, password_hash::phc::PasswordHash};
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::{HeaderMap, Method, header, request::Parts};
use base64::Engine as _;
use engine::access::Caller;
use engine::event::AccountId;
use rand::TryRng;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, OnceLock, PoisonError};

/// How long a one-time link is good, ms.
pub const LINK_MS: i64 = 24 * 60 * 60 * 1000;
/// A session's last use is written down at most this often, ms: a write for each request would be one sync each.
const TOUCH_MS: i64 = 60 * 1000;
/// Shortest password (ASVS 5.0, 6.2.1 asks for eight and recommends more).
pub const PASSWORD_CHARS_MIN: usize = 10;
/// Longest password in bytes: hashing takes time with length.
const PASSWORD_BYTES_MAX: usize = 1024;
/// Longest sign-in name in characters.
const NAME_CHARS_MAX: usize = 100;

/// A fresh token: 256 random bits, URL-safe.
///
/// # Errors
/// When the system has no randomness to give.
pub fn fresh_token() -> Result<String, ApiError> {
    let mut bytes = [0_u8; 32];
    rand::rngs::SysRng.try_fill_bytes(&mut bytes).map_err(|error| ApiError::internal(error.to_string()))?;
    Ok(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes))
}

/// A new one-time administrator link's token, kept in the vault.
///
/// # Errors
/// When the vault cannot be written.
pub fn make_link(vault: &vault::Vault, now_ms: i64) -> ApiResult<String> {
    let token = fresh_token()?;
    vault.add_link(&token, now_ms, now_ms + LINK_MS).map_err(ApiError::internal)?;
    Ok(token)
}

/// Somebody signed in who may see everything.
#[derive(Clone, Debug)]
pub struct Administrator {
    /// Row id of the local account: stays when the name changes.
    pub user: i64,
    /// Sign-in name.
    pub name: String,
    /// The accounts there are: id and name, ascending by id.
    pub accounts: Vec<(AccountId, String)>,
}

impl Administrator {
    /// Whose what they make is. The first word says who knows them: other ways of signing in have ids of their own.
    pub fn owner(&self) -> String {
        format!("local:{}", self.user)
    }

    /// The caller for the engine, in an account (the first one when none is named).
    ///
    /// # Errors
    /// 404 when there is no such account.
    pub fn caller(&self, account: Option<AccountId>) -> ApiResult<Caller> {
        let account = match account {
            Some(asked) => self.accounts.iter().find(|(id, _)| *id == asked),
            None => self.accounts.first(),
        };
        let (account, _) = account.ok_or_else(ApiError::not_found)?;
        Ok(Caller::Administrator { account: *account })
    }
}

/// The caller that an owner ([`Administrator::owner`]) is now, for work done when they are not there; `None` when they
/// have no rights any more.
///
/// # Errors
/// When the vault cannot be read.
pub fn caller_of(vault: &vault::Vault, owner: &str, account: AccountId) -> Result<Option<Caller>, vault::VaultError> {
    let user = owner.strip_prefix("local:").and_then(|id| id.parse().ok());
    let known = user.map_or(Ok(false), |user| vault.has_user(user))?;
    Ok(known.then_some(Caller::Administrator { account }))
}

/// The caller of the command line: who reads the data folder sees everything in it.
pub fn command_line(account: AccountId) -> Caller {
    Caller::Administrator { account }
}

impl FromRequestParts<App> for Administrator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let token = cookie(&parts.headers, app).ok_or_else(|| ApiError::new(Code::SignInNeeded))?.to_owned();
        let worker = app.clone();
        app.blocking(move || administrator(&worker, &token)).await?
    }
}

fn administrator(app: &App, token: &str) -> ApiResult<Administrator> {
    let session = app.vault().session(token).map_err(ApiError::internal)?;
    let session = session.ok_or_else(|| ApiError::new(Code::SignInNeeded))?;
    let now_ms = app.now_ms();
    let idle_ms = app.settings().session_idle_minutes as i64 * 60_000;
    if now_ms - session.created_ms >= session_ms(app) || now_ms - session.seen_ms >= idle_ms {
        app.vault().end_session(token).map_err(ApiError::internal)?;
        return Err(ApiError::new(Code::SignInNeeded));
    }
    if now_ms - session.seen_ms >= TOUCH_MS {
        app.vault().touch_session(token, now_ms).map_err(ApiError::internal)?;
    }
    let accounts = app.catalog_view();
    let accounts = accounts.accounts.iter().map(|(id, account)| (*id, account.name.to_string())).collect();
    Ok(Administrator { user: session.user, name: session.name, accounts })
}

fn session_ms(app: &App) -> i64 {
    app.settings().session_hours as i64 * 3_600_000
}

/// `__Host-` binds the cookie to this host and https; plain http (a laptop) cannot have it.
fn cookie_name(app: &App) -> &'static str {
    if app.is_https() { "__Host-playhead" } else { "playhead" }
}

fn cookie<'a>(headers: &'a HeaderMap, app: &App) -> Option<&'a str> {
    let name = cookie_name(app);
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .find_map(|pair| pair.trim().split_once('=').filter(|(n, _)| *n == name).map(|(_, value)| value))
}

/// The `Set-Cookie` line of a new session.
fn set_cookie(app: &App, token: &str, age_seconds: i64) -> String {
    let secure = if app.is_https() { "; Secure" } else { "" };
    format!("{}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age_seconds}{secure}", cookie_name(app))
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
            begin(app, user.id).await
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
    begin(app, user.id).await
}

async fn begin(app: &App, user: i64) -> ApiResult<String> {
    let token = fresh_token()?;
    let line = set_cookie(app, &token, session_ms(app) / 1000);
    let worker = app.clone();
    app.blocking(move || {
        let now_ms = worker.now_ms();
        worker.vault().add_session(&token, user, now_ms, now_ms - session_ms(&worker)).map_err(ApiError::internal)
    })
    .await??;
    Ok(line)
}

/// Ends the session of a request, if it has one. Returns the `Set-Cookie` line that removes the cookie.
///
/// # Errors
/// When the vault cannot be written.
pub async fn sign_out(app: &App, headers: &HeaderMap) -> ApiResult<String> {
    if let Some(token) = cookie(headers, app).map(str::to_owned) {
        let worker = app.clone();
        app.blocking(move || worker.vault().end_session(&token).map_err(ApiError::internal)).await??;
    }
    Ok(set_cookie(app, "", 0))
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

/// Refuses requests that change something and come from another site's page. `Sec-Fetch-Site` decides where browsers
/// send it, else `Origin`; programs send neither and carry no cookie they did not put there themselves.
///
/// # Errors
/// 403.
pub fn same_site(app: &App, method: &Method, headers: &HeaderMap) -> ApiResult<()> {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let ours = match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            let public =
                app.settings().public_url.as_ref().is_some_and(|url| url.origin().ascii_serialization() == origin);
            let host = origin.split_once("://").map(|(_, host)| host);
            public || (host.is_some() && host == text("host"))
        }
        (None, None) => true,
    };
    if ours { Ok(()) } else { Err(ApiError::new(Code::OtherSite)) }
}

/// The address at the other end of the connection, where there is one (tests in process have none).
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub Option<IpAddr>);

impl<S: Send + Sync> FromRequestParts<S> for Peer {
    type Rejection = std::convert::Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Peer(parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip())))
    }
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
