//! Sessions: a random token in a cookie (or, inside an LMS frame, in the `Authorization` header), known here by its hash.
//! They last eight hours, half an hour when idle, and
//! never longer than what they began with. Against other sites: the cookie is `SameSite=Lax`, and unsafe methods
//! must come from our own pages ([`same_site`]).

use super::vault::{Facts, Session, Who};
use super::{fresh_token, lti};
use crate::access_log::{New, Outcome};
use crate::app::App;
use crate::config::Settings;
use crate::error::{ApiError, ApiResult, Code};
use axum::http::{HeaderMap, Method, header};

/// A session's last use is written down at most this often, ms: a write for each request would be one sync each.
const TOUCH_MS: i64 = 60 * 1000;

/// A session about to begin.
#[derive(Clone, Debug, Default)]
pub struct NewSession {
    /// Who signed in.
    pub who: Who,
    /// What people call them.
    pub name: String,
    /// How: `password`, `oidc`, `lti`, `kaltura`, `proxy`, `saml`.
    pub way: &'static str,
    /// What the sign-in proved beside that.
    pub facts: Facts,
}

/// The live session of a token.
///
/// # Errors
/// 401 when there is none, or it has ended.
pub fn find(app: &App, token: &str) -> ApiResult<Session> {
    let session = app.vault().session(token).map_err(ApiError::internal)?;
    let session = session.ok_or_else(|| ApiError::new(Code::SignInNeeded))?;
    let now_ms = app.now_ms();
    let idle_ms = app.settings().session_idle_minutes as i64 * 60_000;
    if !session.lasts(session_ms(app), now_ms) || now_ms - session.seen_ms >= idle_ms {
        app.vault().end_session(token).map_err(ApiError::internal)?;
        return Err(ApiError::new(Code::SignInNeeded));
    }
    if now_ms - session.seen_ms >= TOUCH_MS {
        app.vault().touch_session(token, now_ms).map_err(ApiError::internal)?;
    }
    Ok(session)
}

/// Begins a session. Returns its token.
///
/// # Errors
/// When the vault cannot be written.
pub async fn open(app: &App, new: NewSession) -> ApiResult<String> {
    let token = fresh_token()?;
    let (worker, kept) = (app.clone(), token.clone());
    app.blocking(move || {
        let now_ms = worker.now_ms();
        let account = if let Who::Person { account, .. } = &new.who { Some(*account) } else { None };
        let deed = New { account, ..New::sign_in(now_ms, &new.who.to_string(), new.way, Outcome::Given) };
        worker.vault().access_log().append(&deed).map_err(ApiError::internal)?;
        worker.sweep_access_log();
        worker.vault().add_session(&kept, &new, now_ms, now_ms - session_ms(&worker)).map_err(ApiError::internal)
    })
    .await??;
    Ok(token)
}

/// Begins a session. Returns the `Set-Cookie` line.
///
/// # Errors
/// When the vault cannot be written.
pub async fn begin(app: &App, new: NewSession) -> ApiResult<String> {
    let token = open(app, new).await?;
    Ok(set_cookie(app, &token, session_ms(app) / 1000))
}

pub(crate) fn session_ms(app: &App) -> i64 {
    longest_ms(app.settings())
}

/// How long a session lasts at most, ms.
pub(super) fn longest_ms(settings: &Settings) -> i64 {
    settings.session_hours as i64 * 3_600_000
}

/// `__Host-` binds the cookie to this host and https; plain http (a laptop) cannot have it.
fn cookie_name(app: &App) -> &'static str {
    if app.is_https() { "__Host-playhead" } else { "playhead" }
}

/// A request's cookies: names and values.
pub(super) fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='))
}

/// A cookie of a request.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    cookies(headers).find_map(|(given, value)| (given == name).then_some(value))
}

/// The `Set-Cookie` line of a session.
fn set_cookie(app: &App, token: &str, age_seconds: i64) -> String {
    cookie_line(app, cookie_name(app), token, age_seconds)
}

/// A `Set-Cookie` line.
pub(super) fn cookie_line(app: &App, name: &str, value: &str, age_seconds: i64) -> String {
    let secure = if app.is_https() { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age_seconds}{secure}")
}

/// The bearer's token that a request carries.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let line = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    line.and_then(|line| line.strip_prefix("Bearer ")).map(str::trim)
}

/// The session's token that a request carries: a bearer's, else the cookie's, else that of a launch's cookie.
pub fn token<'a>(headers: &'a HeaderMap, app: &App) -> Option<&'a str> {
    let launched = || lti::cookie::get(app, headers, lti::cookie::SESSION);
    bearer(headers).or_else(|| cookie(headers, cookie_name(app))).or_else(launched)
}

/// Ends the session of a request, if it has one. Returns the `Set-Cookie` line that removes the cookie.
///
/// # Errors
/// When the vault cannot be written.
pub async fn sign_out(app: &App, headers: &HeaderMap) -> ApiResult<String> {
    if let Some(token) = token(headers, app).map(str::to_owned) {
        let worker = app.clone();
        app.blocking(move || worker.vault().end_session(&token).map_err(ApiError::internal)).await??;
    }
    Ok(set_cookie(app, "", 0))
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
