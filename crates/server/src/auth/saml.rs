//! Signing in with SAML 2, for institutions whose identity provider has no OpenID Connect. Only in programs built with the
//! feature `saml`: the library behind it is young and was audited by nobody.
//!
//! `GET /auth/saml/metadata` is what the provider is told of us. `GET /auth/saml/login?return=/path` sends the browser there with
//! a request, `POST /auth/saml/acs` takes it back with a response. In between we remember the request, for ten minutes and for
//! one use; the `RelayState` that finds it is also in a cookie, so that only the browser that began can end.
//!
//! A response is believed when its assertion itself is signed (RSA, SHA-2) by a certificate in the provider's metadata, which
//! the operator put into a file, and when issuer, audience, recipient, time and the request that it answers are right; each
//! once. Attributes become roles by rules, as claims do ([`super::rules`]).

use super::fresh_token;
use super::oidc::{STARTED_MAX, STARTED_MS, our_own, redirect};
use super::proxy::first_account;
use super::session::{self, NewSession};
use super::vault::{Facts, Who};
use crate::app::App;
use crate::collect::limits::ID_BYTES_MAX;
use crate::config::Settings;
use crate::error::{ApiError, chain};
use axum::Router;
use axum::extract::{Form, RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use engine::event::AccountId;
use saml_rs::{
    AcsEndpoint, AssertionSignaturePolicy, AudienceValidationPolicy, BrowserInput, ClockSkew, EntityId, FormField,
    IdpDescriptor, MetadataTrustPolicy, NameIdCreationPolicy, NameIdFormat, PendingAuthnRequest, RelayStateParam,
    ReplayCache, ReplayKey, ReplayPolicy, Saml, SamlError, SamlValidationContext, Sp, SpConfig, SpValidationPolicy,
    SsoResponse, SsoSession, StartSso, XmlSignatureProfile,
};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};
use thiserror::Error;
use url::{Url, form_urlencoded};

/// The route to which the provider sends people back.
const ACS: &str = "/auth/saml/acs";
/// What the provider is told of us, and our name there unless the settings say another.
const METADATA: &str = "/auth/saml/metadata";
/// Clocks may differ by this, ms.
const SKEW_MS: i64 = 60_000;
/// Responses and assertions remembered, so that each is used once: each for its few minutes, of some 100 bytes.
const SEEN_MAX: usize = 100_000;
/// Values of one attribute that are kept.
const VALUES_MAX: usize = 500;

/// Sign-ins under way, and what was used.
#[derive(Default)]
pub struct SignIns {
    started: Mutex<HashMap<String, Started>>,
    seen: Mutex<Seen>,
}

struct Started {
    request: PendingAuthnRequest,
    return_to: String,
    began_ms: i64,
}

/// Responses and assertions that were used, until they are too old to be.
#[derive(Default)]
struct Seen(BTreeMap<String, SystemTime>);

impl ReplayCache for Seen {
    fn check_and_store(&mut self, key: ReplayKey, expires_at: SystemTime) -> Result<(), SamlError> {
        let key = key.cache_key();
        if self.0.contains_key(&key) {
            return Err(SamlError::ReplayDetected { key });
        }
        self.0.insert(key, expires_at);
        Ok(())
    }
}

impl SignIns {
    fn started(&self) -> MutexGuard<'_, HashMap<String, Started>> {
        self.started.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remember(&self, state: String, started: Started) {
        let mut all = self.started();
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
        let started = self.started().remove(state)?;
        (now_ms - started.began_ms < STARTED_MS).then_some(started)
    }
}

/// Why somebody could not sign in. For the log; the page gets a word.
#[derive(Debug, Error)]
enum Failure {
    #[error("no sign-in is under way for this state in this browser")]
    Late,
    #[error("the response is not believed")]
    Response(#[source] SamlError),
    #[error("saml.idp_metadata {0} cannot be used")]
    Metadata(String, #[source] SamlError),
    #[error("saml.idp_metadata {0} cannot be read")]
    File(String, #[source] std::io::Error),
    #[error("our own side of it cannot be set up")]
    Own(#[source] SamlError),
    #[error("the response has no usable {0} (saml.person_attribute)")]
    NoPerson(String),
    #[error("there is no account that people could belong to (saml.account)")]
    NoAccount,
    #[error("too many sign-ins at once")]
    Crowded,
    #[error("a fault of ours")]
    Ours(#[from] ApiError),
}

impl Failure {
    /// The word by which the sign-in page finds its sentence.
    fn word(&self) -> &'static str {
        match self {
            Failure::Late => "late",
            Failure::Response(_) | Failure::Metadata(..) | Failure::File(..) => "provider",
            Failure::NoPerson(_) | Failure::NoAccount => "person",
            Failure::Own(_) | Failure::Crowded | Failure::Ours(_) => "fault",
        }
    }
}

/// The routes, none when it is not set up. Posts come from the provider's page, so they are outside of what only our own pages
/// may do.
pub fn routes(settings: &Settings) -> Router<App> {
    if settings.saml_idp_metadata.is_none() {
        return Router::new();
    }
    Router::new().route(METADATA, get(metadata)).route("/auth/saml/login", get(login)).route(ACS, post(acs))
}

/// Whether the settings can be used: read once at the start, so that a wrong path is not found out by others.
///
/// # Errors
/// In words.
pub fn check(settings: &Settings) -> Result<(), crate::cli::Failure> {
    match settings.saml_idp_metadata {
        Some(_) => Ok(provider(settings).and(ourselves(settings).map(drop))?),
        None => Ok(()),
    }
}

/// An address of ours.
fn address(settings: &Settings, path: &str) -> String {
    let ours = settings.public_url.as_ref().map_or("", Url::as_str);
    format!("{}{path}", ours.trim_end_matches('/'))
}

fn ourselves(settings: &Settings) -> Result<Saml<Sp>, Failure> {
    let name = match settings.saml_entity_id.as_str() {
        "" => address(settings, METADATA),
        name => name.to_owned(),
    };
    let policy = SpValidationPolicy {
        assertions: AssertionSignaturePolicy::RequireSigned,
        xml_signatures: XmlSignatureProfile::StrictRsaSha2,
        audience: AudienceValidationPolicy::Validate,
        name_id_creation: NameIdCreationPolicy::AllowCreate,
        ..SpValidationPolicy::recommended()
    };
    let made = || {
        let config =
            SpConfig::builder(EntityId::try_new(name)?).acs_endpoint(AcsEndpoint::post(address(settings, ACS))?);
        Saml::sp(config.validation(policy).build()?)
    };
    made().map_err(Failure::Own)
}

/// The provider as its metadata tell it: read at each sign-in, so that a new file holds at once. That the operator put the file
/// there is what it is trusted for.
fn provider(settings: &Settings) -> Result<IdpDescriptor, Failure> {
    let path = settings.saml_idp_metadata.as_deref().unwrap_or(std::path::Path::new(""));
    let named = || path.display().to_string();
    let xml = std::fs::read_to_string(path).map_err(|error| Failure::File(named(), error))?;
    IdpDescriptor::from_metadata_xml(&xml, MetadataTrustPolicy::UnsignedForCompatibility)
        .map_err(|error| Failure::Metadata(named(), error))
}

/// What the provider is told of us.
async fn metadata(State(app): State<App>) -> Response {
    match ourselves(app.settings()) {
        Ok(ours) => {
            ([(header::CONTENT_TYPE, "application/samlmetadata+xml")], ours.metadata_xml().to_owned()).into_response()
        }
        Err(failure) => ApiError::internal(failure).into_response(),
    }
}

/// Sends the browser to the provider.
async fn login(State(app): State<App>, RawQuery(query): RawQuery) -> Response {
    let asked = form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .find_map(|(name, value)| (name == "return").then(|| value.into_owned()));
    let worker = app.clone();
    let begun = app.blocking(move || begin(&worker, &asked.unwrap_or_default())).await;
    match begun.map_err(Failure::from).and_then(|begun| begun) {
        Ok((to, state)) => redirect(&to, vec![state_cookie(&app, &state, STARTED_MS / 1000)]),
        Err(failure) => failed(&app, &failure),
    }
}

fn begin(app: &App, return_to: &str) -> Result<(String, String), Failure> {
    let (ours, idp, state) = (ourselves(app.settings())?, provider(app.settings())?, fresh_token()?);
    let start = || {
        let relay = RelayStateParam::try_from_option(Some(state.clone()))?;
        let started = ours.start_sso(&idp, StartSso::redirect().relay_state(relay))?;
        Ok((started.outbound.redirect_url()?.to_owned(), started.pending))
    };
    let (to, request) = start().map_err(Failure::Own)?;
    let started = Started { request, return_to: our_own(return_to), began_ms: app.now_ms() };
    app.saml().remember(state.clone(), started);
    Ok((to, state))
}

/// What the provider has the browser post.
#[derive(Deserialize)]
struct Posted {
    #[serde(rename = "SAMLResponse")]
    response: String,
    #[serde(rename = "RelayState", default)]
    state: String,
}

/// Takes the browser back from the provider and begins a session.
async fn acs(State(app): State<App>, headers: HeaderMap, Form(posted): Form<Posted>) -> Response {
    match finish(&app, &headers, posted).await {
        Ok((to, cookie)) => redirect(&to, vec![cookie, state_cookie(&app, "", 0)]),
        Err(failure) => failed(&app, &failure),
    }
}

async fn finish(app: &App, headers: &HeaderMap, posted: Posted) -> Result<(String, String), Failure> {
    // Looked at first: a state that comes to another browser must not be used up by it.
    if posted.state.is_empty() || session::cookie(headers, cookie_name(app)) != Some(posted.state.as_str()) {
        return Err(Failure::Late);
    }
    let started = app.saml().recall(&posted.state, app.now_ms()).ok_or(Failure::Late)?;
    let return_to = started.return_to.clone();
    let worker = app.clone();
    let believed = app.blocking(move || believe(&worker, &started, posted)).await?;
    let cookie = session::begin(app, new_session(app, &believed?)?).await?;
    Ok((return_to, cookie))
}

fn believe(app: &App, started: &Started, posted: Posted) -> Result<SsoSession, Failure> {
    let (ours, idp) = (ourselves(app.settings())?, provider(app.settings())?);
    let now = SystemTime::UNIX_EPOCH + Duration::from_millis(app.now_ms().max(0).unsigned_abs());
    let mut seen = app.saml().seen.lock().unwrap_or_else(PoisonError::into_inner);
    seen.0.retain(|_, expires| *expires > now);
    if seen.0.len() >= SEEN_MAX {
        return Err(Failure::Crowded);
    }
    let context = SamlValidationContext::new(now, ReplayPolicy::RequireCache(&mut *seen));
    let context = context.with_clock_skew(ClockSkew::from_millis(-SKEW_MS, SKEW_MS));
    let fields = vec![FormField::new("SAMLResponse", posted.response), FormField::new("RelayState", posted.state)];
    let input = BrowserInput::<SsoResponse>::post(fields);
    ours.finish_sso(&idp, &started.request, input, context).map_err(Failure::Response)
}

/// An attribute's values, by its name.
fn values(session: &SsoSession, name: &str) -> Vec<String> {
    let all = session.attributes().as_slice().iter().filter(|attribute| attribute.name() == name);
    all.flat_map(|attribute| attribute.values())
        .map(|value| value.as_str().trim().to_owned())
        .take(VALUES_MAX)
        .collect()
}

/// Who the provider says it is.
fn new_session(app: &App, session: &SsoSession) -> Result<NewSession, Failure> {
    let settings = app.settings();
    let one = |name: &str| <[String; 1]>::try_from(values(session, name)).ok().map(|[value]| value);
    let (what, id) = match settings.saml_person_attribute.as_str() {
        // One that is another each time is nobody's id.
        "" if session.name_id().format() == Some(&NameIdFormat::Transient) => ("NameID".to_owned(), None),
        "" => ("NameID".to_owned(), Some(session.name_id().value().trim().to_owned())),
        name => (format!("attribute {name:?}"), one(name)),
    };
    let fits = |id: &String| !id.is_empty() && id.len() <= ID_BYTES_MAX && !id.chars().any(char::is_control);
    let id = id.filter(fits).ok_or(Failure::NoPerson(what))?;
    let account = settings.saml_account.map(AccountId).or_else(|| first_account(app)).ok_or(Failure::NoAccount)?;
    let name = one(&settings.saml_name_attribute).filter(|name| !name.is_empty()).unwrap_or_else(|| id.clone());
    let claims = settings.saml_roles.iter().map(|rule| (rule.claim.clone(), values(session, &rule.claim)));
    let claims = claims.filter(|(_, values)| !values.is_empty()).collect();
    let who = Who::Person { account, id };
    Ok(NewSession { who, name, way: "saml", facts: Facts { claims, ..Facts::default() } })
}

fn cookie_name(app: &App) -> &'static str {
    if app.is_https() { "__Host-playhead-saml" } else { "playhead-saml" }
}

/// It must come along when the provider's page posts to ours.
fn state_cookie(app: &App, state: &str, age_seconds: i64) -> String {
    let line = session::cookie_line(app, cookie_name(app), state, age_seconds);
    if app.is_https() { line.replace("SameSite=Lax", "SameSite=None") } else { line }
}

fn failed(app: &App, failure: &Failure) -> Response {
    tracing::warn!(cause = chain(failure), "a sign-in with SAML failed");
    redirect(&format!("/login?failed={}", failure.word()), vec![state_cookie(app, "", 0)])
}
