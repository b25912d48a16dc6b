//! Signing in with the institution's identity provider (OpenID Connect): the authorization code flow with PKCE.
//!
//! `GET /auth/oidc/login?return=/path` sends the browser to the provider, `GET /auth/oidc/callback` takes it back. In
//! between we remember, for ten minutes and for one use, the nonce that the token must hold and the verifier without
//! which the code is worth nothing; the `state` that finds them is also in a cookie, so that only the browser that began
//! can end. What the provider says is believed as far as its token verifies ([`super::jwks`]). Failures end on the
//! sign-in page with a word for the reason; the reason itself is in the log.

mod provider;

use super::fresh_token;
use super::proxy::first_account;
use super::session::{self, NewSession};
use super::vault::{Facts, Who};
use crate::app::App;
use crate::collect::limits::ID_BYTES_MAX;
use crate::config::Settings;
use crate::error::{ApiError, chain};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use engine::event::AccountId;
use provider::{NAMES, Proved, Provider, ProviderError};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};
use thiserror::Error;
use tokio::sync::Semaphore;
use url::{Position, Url, form_urlencoded};

/// The route to which providers send people back; registered with them as a redirect URI.
pub const CALLBACK: &str = "/auth/oidc/callback";
/// How long somebody may take at the provider, ms.
pub(super) const STARTED_MS: i64 = 10 * 60 * 1000;
/// Sign-ins under way: 10,000 of some 500 bytes are 5 MB. Beyond, the oldest is forgotten.
pub(super) const STARTED_MAX: usize = 10_000;
/// Codes exchanged at the same time: each holds a thread for as long as the provider takes.
const EXCHANGES: usize = 16;
/// Longest address to return to, bytes.
const RETURN_BYTES_MAX: usize = 2048;
/// Values of one claim that are kept; directories with more groups a person filter what they send.
const CLAIM_VALUES_MAX: usize = 500;

/// Sign-ins under way, and what is known of the provider.
#[derive(Debug)]
pub struct Oidc {
    started: Mutex<HashMap<String, Started>>,
    provider: tokio::sync::Mutex<provider::Known>,
    exchanges: Semaphore,
}

impl Default for Oidc {
    fn default() -> Oidc {
        Oidc { started: Mutex::default(), provider: Default::default(), exchanges: Semaphore::new(EXCHANGES) }
    }
}

/// What is remembered while somebody is at the provider.
#[derive(Debug)]
struct Started {
    nonce: String,
    verifier: String,
    return_to: String,
    began_ms: i64,
}

impl Oidc {
    fn remember(&self, state: String, started: Started) {
        let mut all = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= STARTED_MAX {
            all.retain(|_, other| started.began_ms - other.began_ms < STARTED_MS);
        }
        if all.len() >= STARTED_MAX {
            let oldest = all.iter().min_by_key(|(_, other)| other.began_ms).map(|(state, _)| state.clone());
            oldest.map(|state| all.remove(&state));
        }
        all.insert(state, started);
    }

    /// Once.
    fn recall(&self, state: &str, now_ms: i64) -> Option<Started> {
        let started = self.started.lock().unwrap_or_else(PoisonError::into_inner).remove(state)?;
        (now_ms - started.began_ms < STARTED_MS).then_some(started)
    }
}

/// Why somebody could not sign in. For the log; the page gets a word.
#[derive(Debug, Error)]
enum Failure {
    #[error("the provider answered {0:?}")]
    Refused(String),
    #[error("no sign-in is under way for this state in this browser")]
    Late,
    #[error("the answer names another issuer")]
    OtherIssuer,
    #[error("the provider cannot be used")]
    Provider(#[from] ProviderError),
    #[error("the token has no usable claim {0:?} (oidc.person_claim)")]
    NoPerson(String),
    #[error("there is no account that people could belong to (oidc.account)")]
    NoAccount,
    #[error("a fault of ours")]
    Ours(#[from] ApiError),
}

impl Failure {
    /// The word by which the sign-in page finds its sentence.
    fn word(&self) -> &'static str {
        match self {
            Failure::Refused(_) => "refused",
            Failure::Late => "late",
            Failure::OtherIssuer | Failure::Provider(_) => "provider",
            Failure::NoPerson(_) | Failure::NoAccount => "person",
            Failure::Ours(_) => "fault",
        }
    }
}

/// Whether people can sign in so.
pub fn is_set_up(settings: &Settings) -> bool {
    !settings.oidc_issuer.is_empty()
}

/// Sends the browser to the provider.
pub async fn login(State(app): State<App>, RawQuery(query): RawQuery) -> Response {
    if !is_set_up(app.settings()) {
        return ApiError::not_found().into_response();
    }
    let asked = params(query.as_deref()).remove("return").unwrap_or_default();
    match begin(&app, &asked).await {
        Ok((to, state)) => redirect(to.as_str(), vec![state_cookie(&app, &state, STARTED_MS / 1000)]),
        Err(failure) => failed(&app, &failure),
    }
}

async fn begin(app: &App, return_to: &str) -> Result<(Url, String), Failure> {
    let provider = provider(app).await?;
    let (state, nonce, verifier) = (fresh_token()?, fresh_token()?, fresh_token()?);
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier));
    let settings = app.settings();
    let mut to = provider.authorization.clone();
    to.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", &settings.oidc_client_id)
        .append_pair("redirect_uri", &redirect_uri(settings))
        .append_pair("scope", &scope(settings))
        .append_pair("state", &state)
        .append_pair("nonce", &nonce)
        .append_pair("code_challenge", &challenge)
        .append_pair("code_challenge_method", "S256");
    let started = Started { nonce, verifier, return_to: our_own(return_to), began_ms: app.now_ms() };
    app.oidc().remember(state.clone(), started);
    Ok((to, state))
}

/// Takes the browser back from the provider and begins a session.
pub async fn callback(State(app): State<App>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    if !is_set_up(app.settings()) {
        return ApiError::not_found().into_response();
    }
    match finish(&app, &headers, params(query.as_deref())).await {
        Ok((to, cookie)) => redirect(&to, vec![cookie, state_cookie(&app, "", 0)]),
        Err(failure) => failed(&app, &failure),
    }
}

async fn finish(
    app: &App,
    headers: &HeaderMap,
    mut params: BTreeMap<String, String>,
) -> Result<(String, String), Failure> {
    let state = params.remove("state").ok_or(Failure::Late)?;
    // Looked at first: a state that comes to another browser must not be used up by it.
    if session::cookie(headers, cookie_name(app)) != Some(state.as_str()) {
        return Err(Failure::Late);
    }
    let started = app.oidc().recall(&state, app.now_ms()).ok_or(Failure::Late)?;
    if params.get("iss").is_some_and(|issuer| *issuer != app.settings().oidc_issuer) {
        return Err(Failure::OtherIssuer);
    }
    if let Some(error) = params.remove("error") {
        return Err(Failure::Refused(error.chars().take(100).collect()));
    }
    let code = params.remove("code").ok_or_else(|| Failure::Refused("no code".to_owned()))?;
    let provider = provider(app).await?;
    let return_to = started.return_to.clone();
    let _turn = app.oidc().exchanges.acquire().await.map_err(ApiError::internal)?;
    let worker = app.clone();
    let proved = app
        .blocking(move || {
            provider.exchange(&worker, &redirect_uri(worker.settings()), &code, &started.verifier, &started.nonce)
        })
        .await??;
    let cookie = session::begin(app, new_session(app, &proved)?).await?;
    Ok((return_to, cookie))
}

/// Who the provider says it is.
fn new_session(app: &App, proved: &Proved) -> Result<NewSession, Failure> {
    let settings = app.settings();
    let one = |claim: &str| proved.claim(claim).map(texts).and_then(|values| <[String; 1]>::try_from(values).ok());
    let [id] = one(&settings.oidc_person_claim).ok_or_else(|| Failure::NoPerson(settings.oidc_person_claim.clone()))?;
    if id.trim().is_empty() || id.len() > ID_BYTES_MAX || id.chars().any(char::is_control) {
        return Err(Failure::NoPerson(settings.oidc_person_claim.clone()));
    }
    let account = settings.oidc_account.map(AccountId).or_else(|| first_account(app)).ok_or(Failure::NoAccount)?;
    let name = NAMES.into_iter().find_map(one).map_or_else(|| id.clone(), |[name]| name);
    let claims = settings
        .oidc_roles
        .iter()
        .filter_map(|rule| Some((rule.claim.clone(), texts(proved.claim(&rule.claim)?))))
        .collect();
    let who = Who::Person { account, id };
    Ok(NewSession { who, name, way: "oidc", facts: Facts { claims, ..Facts::default() } })
}

/// A claim's values as texts: one, or a list of them.
fn texts(claim: &Value) -> Vec<String> {
    match claim {
        Value::String(text) => vec![text.clone()],
        Value::Number(number) => vec![number.to_string()],
        Value::Bool(yes) => vec![yes.to_string()],
        Value::Array(all) => all.iter().filter(|one| !one.is_array()).flat_map(texts).take(CLAIM_VALUES_MAX).collect(),
        Value::Null | Value::Object(_) => Vec::new(),
    }
}

/// What the provider publishes about itself: asked once an hour, by one request at a time.
async fn provider(app: &App) -> Result<Provider, Failure> {
    let mut known = app.oidc().provider.lock().await;
    if let Some(provider) = known.fresh(app.now_ms())? {
        return Ok(provider);
    }
    let worker = app.clone();
    let found =
        app.blocking(move || Provider::discover(worker.keys().client(), &worker.settings().oidc_issuer)).await?;
    Ok(known.keep(found, app.now_ms())?)
}

/// Where the provider is to send people back.
fn redirect_uri(settings: &Settings) -> String {
    let ours = settings.public_url.as_ref().map_or("", Url::as_str);
    format!("{}{CALLBACK}", ours.trim_end_matches('/'))
}

fn scope(settings: &Settings) -> String {
    let others = settings.oidc_scopes.iter().map(String::as_str).filter(|scope| *scope != "openid");
    ["openid"].into_iter().chain(others).collect::<Vec<_>>().join(" ")
}

fn params(query: Option<&str>) -> BTreeMap<String, String> {
    form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect()
}

/// An address on our own site, as a browser reads it; anything else is the first page.
pub(super) fn our_own(address: &str) -> String {
    let here = Url::parse("https://playhead.invalid").expect("it is an address");
    let read =
        (address.len() <= RETURN_BYTES_MAX && address.starts_with('/')).then(|| here.join(address).ok()).flatten();
    let path = read.filter(|url| url.origin() == here.origin()).map(|url| url[Position::BeforePath..].to_owned());
    // `/.//elsewhere` has become `//elsewhere`.
    path.filter(|path| !path.starts_with("//")).unwrap_or_else(|| "/".to_owned())
}

fn cookie_name(app: &App) -> &'static str {
    if app.is_https() { "__Host-playhead-oidc" } else { "playhead-oidc" }
}

/// `Lax`, not `Strict`: it must come along when the provider sends the browser back.
fn state_cookie(app: &App, state: &str, age_seconds: i64) -> String {
    session::cookie_line(app, cookie_name(app), state, age_seconds)
}

fn failed(app: &App, failure: &Failure) -> Response {
    tracing::warn!(cause = chain(failure), "a sign-in with the identity provider failed");
    redirect(&format!("/login?failed={}", failure.word()), vec![state_cookie(app, "", 0)])
}

/// Sends a browser somewhere, with cookies.
pub(super) fn redirect(to: &str, cookies: Vec<String>) -> Response {
    let cookies = cookies.into_iter().map(|cookie| (header::SET_COOKIE, cookie)).collect::<Vec<_>>();
    (StatusCode::SEE_OTHER, [(header::LOCATION, to.to_owned())], AppendHeaders(cookies)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_returns_to_our_own_site_only() {
        for (address, expect) in [
            ("/", "/"),
            ("/recording/1_a?period=7d#top", "/recording/1_a?period=7d#top"),
            ("/ä", "/%C3%A4"),
            ("", "/"),
            ("recording", "/"),
            ("https://evil.example/", "/"),
            ("//evil.example/", "/"),
            ("/\\evil.example/", "/"),
            ("\\\\evil.example/", "/"),
            ("/\t/evil.example/", "/"),
            ("/\n/evil.example/", "/"),
            ("/.//evil.example/", "/"),
            ("/a/..//evil.example/", "/"),
            ("/a\r\nSet-Cookie: x=y", "/aSet-Cookie:%20x=y"),
            ("javascript:alert(1)", "/"),
        ] {
            assert_eq!(our_own(address), expect, "{address:?}");
        }
        assert_eq!(our_own(&format!("/{}", "a".repeat(RETURN_BYTES_MAX))), "/");
    }

    #[test]
    fn a_sign_in_under_way_is_recalled_once_and_for_ten_minutes() {
        let oidc = Oidc::default();
        let started =
            |began_ms| Started { nonce: String::new(), verifier: String::new(), return_to: "/".to_owned(), began_ms };
        oidc.remember("a".to_owned(), started(0));
        oidc.remember("b".to_owned(), started(0));
        assert!(oidc.recall("a", STARTED_MS - 1).is_some());
        assert!(oidc.recall("a", 0).is_none());
        assert!(oidc.recall("b", STARTED_MS).is_none());
        for n in 0..STARTED_MAX as i64 + 10 {
            oidc.remember(n.to_string(), started(n / 100));
        }
        assert_eq!(oidc.started.lock().unwrap_or_else(PoisonError::into_inner).len(), STARTED_MAX);
        assert!(oidc.recall(&(STARTED_MAX + 9).to_string(), 200).is_some());
    }
}
