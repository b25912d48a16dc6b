//! The addresses that a learning platform and its browsers call, `/lti/...`. What a launch must be is decided in
//! [`crate::auth::lti`]; here are the requests, the pages and what a launched browser is given.

pub mod pages;
pub mod platforms;
pub mod roster;

use super::body::Body;
use crate::app::App;
use crate::auth::lti::claims::Claims;
use crate::auth::lti::launch::{Launched, check};
use crate::auth::lti::login::{Begun, Fields, Login, STATE_MS, begin};
use crate::auth::lti::platform::Platform;
use crate::auth::lti::{Refusal, cookie, deep, keys, ours, register, roster as service};
use crate::auth::{SignedIn, session};
use crate::error::{ApiError, ApiResult, Problem, REQUEST_ID, chain};
use axum::extract::{RawForm, State};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use pages::Framed;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

/// The routes. Other sites' pages post to them: each launch proves itself.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/lti/login", get(login).post(login))
        .route("/lti/launch", post(launch))
        .route("/lti/jwks", get(jwks))
        .route("/lti/register", get(registration))
        .route("/lti/page.js", get(async || pages::script()))
        .route("/lti/page.css", get(async || pages::style()))
}

fn fields(form: &RawForm) -> Fields {
    url::form_urlencoded::parse(&form.0).into_owned().collect()
}

/// Does work of a launch that may wait: for the disk, for the platform.
async fn wait<T: Send + 'static>(
    app: &App,
    work: impl FnOnce(&App) -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    let worker = app.clone();
    app.blocking(move || work(&worker)).await?
}

/// The one answer to all that is refused, and the one line in the log.
async fn refused(app: &App, refusal: &Refusal) -> Response {
    let request_id = REQUEST_ID.try_with(Clone::clone).unwrap_or_default();
    tracing::warn!(request_id, reason = chain(refusal), "an LTI request was refused");
    // Any platform's page may show it: it says nothing.
    let platforms = wait(app, |app| Ok(app.vault().lti_platforms(None)?)).await.unwrap_or_default();
    let origins = platforms.iter().flat_map(|platform| platform.is.pages()).collect();
    (StatusCode::FORBIDDEN, Framed { by: origins, posts: false }.into_part(), pages::refused()).into_response()
}

async fn login(State(app): State<App>, headers: HeaderMap, form: RawForm) -> Response {
    let asked = fields(&form);
    match wait(&app, move |app| begin(app, asked)).await {
        Ok(begun) => started(&app, &headers, &begun),
        Err(refusal) => refused(&app, &refusal).await,
    }
}

fn started(app: &App, headers: &HeaderMap, begun: &Begun) -> Response {
    let name = cookie::of_state(&begun.state);
    let bound = [(header::SET_COOKIE, cookie::set(app, &name, &begun.state, STATE_MS / 1000))];
    match &begun.login.storage {
        // Where cookies are seen to come back the platform need not keep anything for us.
        Some(frame) if !cookie::any(app, headers) => {
            let page = pages::keep(begun, frame);
            (bound, framed(&begun.platform).into_part(), page).into_response()
        }
        _ => (StatusCode::FOUND, bound, [(header::LOCATION, begun.to.to_string())]).into_response(),
    }
}

fn framed(platform: &Platform) -> Framed {
    Framed { by: platform.is.pages(), posts: false }
}

async fn launch(State(app): State<App>, headers: HeaderMap, form: RawForm) -> Response {
    match launched(&app, &headers, fields(&form)).await {
        Ok(answer) => answer,
        Err(refusal) => refused(&app, &refusal).await,
    }
}

async fn launched(app: &App, headers: &HeaderMap, fields: Fields) -> Result<Response, Refusal> {
    let needed = |name: &'static str| fields.get(name).filter(|value| !value.is_empty()).ok_or(Refusal::Missing(name));
    let state = needed("state")?.clone();
    let login = app.logins().get(&state, app.now_ms()).ok_or(Refusal::State)?;
    if let Some(error) = fields.get("error") {
        return Err(Refusal::Ours(format!("the platform says {:?}", error.chars().take(100).collect::<String>())));
    }
    let token = needed("id_token")?.clone();
    if !is_bound(app, headers, &state, &login, fields.get("stored"))? {
        let row = login.platform;
        let platform = wait(app, move |app| Ok(app.vault().lti_platform(row)?)).await?.ok_or(Refusal::Platform)?;
        return Ok((framed(&platform).into_part(), pages::prove(&platform, &login, &state, &token)).into_response());
    }
    let login = app.logins().take(&state, app.now_ms()).ok_or(Refusal::State)?;
    let launched = wait(app, move |app| check(app, &login, &token)).await?;
    open(app, launched, &state).await
}

/// Whether the state is this browser's: by its cookie, or by what the platform keeps for this browser. The latter is
/// worth something only from our own page, which asked for it.
fn is_bound(
    app: &App,
    headers: &HeaderMap,
    state: &str,
    login: &Login,
    stored: Option<&String>,
) -> Result<bool, Refusal> {
    if cookie::get(app, headers, &cookie::of_state(state)) == Some(state) {
        return Ok(true);
    }
    let Some(stored) = stored else { return Ok(false) };
    let own_page = session::same_site(app, &Method::POST, headers).is_ok();
    if own_page && login.storage.is_some() && *stored == login.proof { Ok(true) } else { Err(Refusal::Unbound) }
}

/// Begins the session and answers with the page.
async fn open(app: &App, launched: Launched, state: &str) -> Result<Response, Refusal> {
    let claims = Claims(&launched.claims);
    let picking = launched.session.facts.launch.as_ref().is_some_and(|launch| launch.deep.is_some());
    if picking && !deep::may_pick(claims) {
        return Err(Refusal::NoRight);
    }
    if let Some(wanted) = roster_wanted(&launched) {
        let worker = app.clone();
        // Nobody waits for it; it is there for the next look.
        tokio::task::spawn_blocking(move || {
            if let Err(refusal) = service::refresh(&worker, &wanted) {
                tracing::warn!(category = %wanted.category, reason = chain(&refusal), "a roster was not fetched");
            }
        });
    }
    let token = session::open(app, launched.session.clone()).await?;
    let page = match picking {
        true => pages::pick(&token),
        false => {
            pages::app(&boot(app, &launched, &token)).ok_or_else(|| Refusal::Ours("there is no page".to_owned()))?
        }
    };
    let seconds = session::session_ms(app) / 1000;
    let cookies = axum::response::AppendHeaders([
        (header::SET_COOKIE, cookie::set(app, cookie::SESSION, &token, seconds)),
        (header::SET_COOKIE, cookie::set(app, &cookie::of_state(state), "", 0)),
    ]);
    let framed = Framed { posts: picking, ..framed(&launched.platform) };
    Ok((cookies, framed.into_part(), page).into_response())
}

fn roster_wanted(launched: &Launched) -> Option<service::Wanted> {
    let launch = launched.session.facts.launch.as_ref()?;
    let members = launched.members.clone().filter(|_| launched.role.is_staff())?;
    Some(service::Wanted {
        platform: launched.platform.clone(),
        context: format!("{} {}", launch.deployment, launch.context),
        category: launched.category.clone()?,
        members,
    })
}

/// What the page starts with.
fn boot(app: &App, launched: &Launched, token: &str) -> Value {
    let claims = Claims(&launched.claims);
    let catalog = app.catalog_view();
    let course = catalog.accounts.get(&launched.platform.account).zip(launched.category.as_ref()).map(|(view, id)| {
        let category = view.categories.get(id);
        let term = category.and_then(|category| category.term.as_ref()).and_then(|term| view.terms.get(term));
        (id, category.map_or_else(|| id.to_string(), |category| category.name.to_string()), term)
    });
    let zone = claims.custom("zone").or_else(|| claims.plain("zoneinfo"));
    let zone = zone.filter(|zone| jiff::tz::TimeZone::get(zone).is_ok());
    let path = match (&launched.entry, &course) {
        (Some(entry), _) => format!("/recording/{}", pages::percent(entry)),
        (None, Some((id, ..))) if launched.role.is_staff() => format!("/course/{}", pages::percent(id)),
        // Students come for what they watched themselves.
        (None, Some(_)) => "/me".to_owned(),
        (None, None) => "/".to_owned(),
    };
    let term = course.as_ref().and_then(|(_, _, term)| *term).map(|(name, from_ms, to_ms)| {
        json!({ "name": &**name, "from": super::answer::instant(*from_ms), "to": super::answer::instant(*to_ms) })
    });
    json!({
        "token": token,
        "path": path,
        "role": launched.role.name(),
        "course": course.as_ref().map(|(id, name, _)| json!({ "id": &***id, "name": name })),
        "locale": claims.lti("launch_presentation")["locale"].as_str().or_else(|| claims.custom("locale")),
        "zone": zone,
        "term": term,
        "high_contrast": claims.custom("high_contrast") == Some("true"),
        // The pages that may speak to ours, and what the platform wants our messages to carry.
        "origins": launched.platform.is.pages(),
        "message_token": claims.custom("message_token"),
    })
}

async fn jwks(State(app): State<App>) -> ApiResult<Response> {
    let keys = wait(&app, |app| keys::published(app.vault(), app.now_ms())).await.map_err(ApiError::internal)?;
    Ok(([(header::CACHE_CONTROL, "public, max-age=3600")], Json(keys)).into_response())
}

async fn registration(State(app): State<App>, form: RawForm) -> Response {
    let asked = fields(&form);
    let done = wait(&app, move |app| {
        let needed = |name: &'static str| asked.get(name).ok_or(Refusal::Missing(name));
        let token = asked.get("registration_token").map(String::as_str);
        register::register(app, needed("link")?, needed("openid_configuration")?, token)
    });
    match done.await {
        Ok(is) => (Framed { by: is.pages(), posts: false }.into_part(), pages::registered(&is)).into_response(),
        Err(refusal) => refused(&app, &refusal).await,
    }
}

/// The recording that was picked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Picked {
    /// Its id; none: nothing was picked.
    entry: Option<String>,
}

/// What the browser posts to the platform.
#[derive(Debug, Serialize, ToSchema)]
pub struct PickedAnswer {
    data: SignedPick,
}

/// A signed answer to the platform.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignedPick {
    /// Where to.
    to: String,
    /// The form's field `JWT`.
    jwt: String,
}

/// Put a recording into a course
///
/// In a session that an LMS launched for picking a recording: the signed answer to it.
#[utoipa::path(post, path = "/api/v1/lti/pick", tag = "lti", request_body = Picked, responses(
    (status = 200, description = "What to post to the platform.", body = PickedAnswer),
    (status = 404, description = "No such recording, or the session is not for picking.", body = Problem, content_type = "application/problem+json"),
))]
pub async fn pick(who: SignedIn, State(app): State<App>, Body(picked): Body<Picked>) -> ApiResult<Json<PickedAnswer>> {
    let launch = who.launch.clone().ok_or_else(ApiError::not_found)?;
    let deep = launch.deep.clone().ok_or_else(ApiError::not_found)?;
    let caller = who.caller(None)?;
    let (account, now_ms) = (caller.account, app.now_ms());
    let catalog = app.catalog_view();
    let name = match &picked.entry {
        None => None,
        Some(id) => {
            let subject = engine::access::Subject::Entry(id.as_str().into());
            // What was watched only is not theirs to publish: it must be a recording that they may list.
            let scope = engine::access::scope(&caller, &catalog, &subject, now_ms).ok_or_else(ApiError::not_found)?;
            let listed = scope.listed().is_none_or(|listed| listed.contains(id.as_str()));
            let entry = catalog.accounts.get(&account).and_then(|view| view.entries.get(id.as_str()));
            Some(entry.filter(|_| listed).ok_or_else(ApiError::not_found)?.name.to_string())
        }
    };
    let to = deep.return_url.clone();
    let jwt = wait(&app, move |app| {
        let platform = app.vault().lti_platform(launch.platform)?.ok_or(Refusal::Platform)?;
        deep::answer(app, &platform, &launch, &deep, picked.entry.as_deref().zip(name.as_deref()))
    });
    let jwt = jwt.await.map_err(ApiError::internal)?;
    Ok(Json(PickedAnswer { data: SignedPick { to, jwt } }))
}

/// Who may frame a page that is opened again: the platform whose launch began the session, if one did. Its cookie alone
/// is looked at: it is only there inside the platform's frame.
pub async fn frame_of(app: &App, headers: &HeaderMap) -> Option<Framed> {
    let framed = headers.get(HeaderName::from_static("sec-fetch-dest"))?;
    let token = cookie::get(app, headers, cookie::SESSION).filter(|_| framed == "iframe")?.to_owned();
    let platform = wait(app, move |app| {
        let launch = session::find(app, &token)?.facts.launch.ok_or(Refusal::Platform)?;
        Ok(app.vault().lti_platform(launch.platform)?)
    });
    platform.await.ok().flatten().map(|platform| self::framed(&platform))
}

/// Our address of a path, for people to copy.
///
/// # Errors
/// 400 when `public_url` is not set.
pub(super) fn address(app: &App, path: &str) -> ApiResult<String> {
    let url = ours(app, path).map_err(|refusal| ApiError::bad("public_url", format!("{refusal}.")))?;
    Ok(url.to_string())
}
