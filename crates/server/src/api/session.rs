//! Signing in and out, and who one is.

use super::answer::instant;
use super::body::Body;
use crate::access_log::{New, Outcome};
use crate::app::App;
use crate::auth::vault::{Session, Who};
use crate::auth::{Peer, Rights, SignedIn, kaltura, local, oidc, session};
use crate::error::{ApiError, ApiResult, Code, Problem};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::access::{self, Grant};
use engine::catalog::view::CatalogView;
use engine::event::{AccountId, Text};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// Name and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// Sign-in name, in any case.
    name: String,
    /// Password.
    password: String,
    /// Code of the authenticator app, or a recovery code: for those who have set one up.
    #[serde(default)]
    code: Option<String>,
}

/// A Kaltura session.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KalturaLogin {
    /// The session (KS).
    ks: String,
    /// Partner id; without it the account whose secret fits.
    #[serde(default)]
    account: Option<u32>,
}

/// How one can sign in here.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ways {
    /// With the institution's identity provider: at `/auth/oidc/login?return=/path`, in the browser.
    oidc: bool,
    /// The same with SAML: at `/auth/saml/login?return=/path`.
    saml: bool,
    /// With a name and a password of this installation.
    password: bool,
}

/// How one can sign in here.
#[derive(Debug, Serialize, ToSchema)]
pub struct WaysAnswer {
    data: Ways,
}

/// A one-time link's token, and the account to make with it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Welcome {
    /// The token of the link.
    token: String,
    /// Sign-in name.
    name: String,
    /// Password, ten characters at least.
    password: String,
}

/// An account one may look at, and as what. Roles in courses and ownership are in the catalog; this says what else.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountRights {
    /// Partner id.
    id: u32,
    /// Name.
    name: String,
    /// Everything may be seen and administered.
    administrator: bool,
    /// Everything may be seen.
    everything: bool,
    /// Departments (categories with all below them) that may be seen.
    departments: Vec<String>,
    /// Courses and channels whose staff one is.
    staff: Vec<CategoryName>,
    /// Who one is: the key that answers show; absent when the catalog does not know one.
    person: Option<String>,
    /// Owns or co-edits recordings.
    owner: bool,
    /// Sees what one watched oneself.
    own_record: bool,
}

/// A course or channel.
#[derive(Debug, Serialize, ToSchema)]
pub struct CategoryName {
    /// Category id.
    id: String,
    /// Name.
    name: String,
}

/// Who one is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    /// Sign-in name.
    name: String,
    /// How one signed in: `password`, `oidc`, `saml`, `lti`, ...
    way: String,
    /// Looks after the installation.
    operator: bool,
    /// Whether signing in asks for a code too; absent for those who have no password here.
    second_factor: Option<bool>,
    /// When one must sign in again, however busy one is (RFC 3339); absent where no session was begun.
    session_ends: Option<String>,
    /// The accounts one may look at.
    accounts: Vec<AccountRights>,
}

/// Who one is.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeAnswer {
    data: Me,
}

fn signed_in(cookie: String) -> Response {
    (StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response()
}

/// Ways to sign in
#[utoipa::path(get, path = "/api/v1/login", tag = "session", security(()), responses(
    (status = 200, description = "How one can sign in here.", body = WaysAnswer),
))]
pub async fn ways(State(app): State<App>) -> Json<WaysAnswer> {
    Json(WaysAnswer {
        data: Ways {
            oidc: oidc::is_set_up(app.settings()),
            saml: app.settings().saml_idp_metadata.is_some(),
            password: true,
        },
    })
}

/// Sign in
///
/// Begins a session; the cookie comes with the answer.
#[utoipa::path(post, path = "/api/v1/login", tag = "session", request_body = Login, security(()), responses(
    (status = 204, description = "Signed in."),
    (status = 401, description = "Wrong name or password (`wrong-password`); they are right, and a code is needed too (`code-needed`) or wrong (`wrong-code`).", body = Problem, content_type = "application/problem+json"),
    (status = 429, description = "Too many attempts.", body = Problem, content_type = "application/problem+json"),
))]
pub async fn login(State(app): State<App>, Peer(from): Peer, Body(login): Body<Login>) -> ApiResult<Response> {
    let name = login.name.clone();
    let answer = local::sign_in(&app, from, login.name, login.password, login.code).await;
    if matches!(&answer, Err(refusal) if refusal.code == Code::WrongPassword) {
        let worker = app.clone();
        app.blocking(move || refused(&worker, &name)).await??;
    }
    answer.map(signed_in)
}

/// Writes down a failed attempt. Of names that nobody has only that there was one: they may be a password in the wrong field.
fn refused(app: &App, name: &str) -> ApiResult<()> {
    let user = app.vault().user(name.trim()).map_err(ApiError::internal)?;
    let (who, result) = match user {
        Some(user) => (Who::Local(user.id).to_string(), Outcome::Refused),
        None => (String::new(), Outcome::Absent),
    };
    let new = New::sign_in(app.now_ms(), &who, "password", result);
    app.vault().access_log().append(&new).map_err(ApiError::internal)
}

/// Sign in with a Kaltura session
///
/// For applications that already make them. Begins a session for the person whom the KS names, no longer than the KS; a
/// KS of an administrator (type 2) makes one of the account as long as it lasts.
#[utoipa::path(post, path = "/api/v1/login/kaltura", tag = "session", request_body = KalturaLogin, security(()), responses(
    (status = 204, description = "Signed in."),
    (status = 401, description = "Forged, expired, restricted, or of nobody.", body = Problem, content_type = "application/problem+json"),
))]
pub async fn login_kaltura(
    State(app): State<App>,
    Peer(from): Peer,
    Body(login): Body<KalturaLogin>,
) -> ApiResult<Response> {
    let account = login.account.map(AccountId);
    kaltura::sign_in(&app, from, "/api/v1/login/kaltura", login.ks, account).await.map(signed_in)
}

/// Use a one-time link
///
/// Makes the account (or gives it a new password) and begins a session.
#[utoipa::path(post, path = "/api/v1/welcome", tag = "session", request_body = Welcome, security(()), responses(
    (status = 204, description = "Account made, signed in."),
    (status = 400, description = "Name or password do not do.", body = Problem, content_type = "application/problem+json"),
    (status = 410, description = "Link used or expired.", body = Problem, content_type = "application/problem+json"),
))]
pub async fn welcome(State(app): State<App>, Body(welcome): Body<Welcome>) -> ApiResult<Response> {
    local::welcome(&app, welcome.token, welcome.name, welcome.password).await.map(signed_in)
}

/// Sign out
///
/// Ends the session. Without a session nothing happens.
#[utoipa::path(post, path = "/api/v1/logout", tag = "session", security(()), responses(
    (status = 204, description = "Signed out."),
))]
pub async fn logout(State(app): State<App>, headers: HeaderMap) -> ApiResult<Response> {
    session::sign_out(&app, &headers).await.map(signed_in)
}

/// Who am I
#[utoipa::path(get, path = "/api/v1/me", tag = "session", responses(
    (status = 200, description = "Who one is and which accounts one may look at.", body = MeAnswer),
    (status = 401, description = "Not signed in.", body = Problem, content_type = "application/problem+json"),
))]
pub async fn me(who: SignedIn, State(app): State<App>) -> ApiResult<Json<MeAnswer>> {
    let (catalog, now_ms) = (app.catalog_view(), app.now_ms());
    let accounts = who.accounts.iter().map(|rights| account_rights(rights, &catalog, now_ms)).collect();
    let second_factor = match who.who {
        Who::Local(user) => {
            let worker = app.clone();
            let secret = app.blocking(move || worker.vault().totp(user)).await?.map_err(ApiError::internal)?;
            Some(secret.is_some())
        }
        _ => None,
    };
    let (operator, session_ends) = (who.is_operator(), who.ends_ms.map(instant));
    Ok(Json(MeAnswer { data: Me { operator, second_factor, session_ends, name: who.name, way: who.way, accounts } }))
}

fn account_rights(rights: &Rights, catalog: &CatalogView, now_ms: i64) -> AccountRights {
    let Rights { name, caller } = rights;
    let grants = &caller.grants;
    let view = catalog.accounts.get(&caller.account);
    let person = grants.iter().find_map(|grant| if let Grant::Person(key) = grant { Some(*key) } else { None });
    let of_catalog = view.zip(person).map(|(view, person)| access::staffed(view, person, now_ms)).unwrap_or_default();
    let launched =
        grants.iter().filter_map(|g| if let Grant::Staff { category } = g { Some(category.clone()) } else { None });
    let staff: BTreeSet<Text> = of_catalog.into_iter().chain(launched).collect();
    let named = |id: Text| {
        let known = view.and_then(|view| view.categories.get(&id));
        CategoryName { name: known.map_or(&id, |category| &category.name).to_string(), id: id.to_string() }
    };
    AccountRights {
        id: caller.account.0,
        name: name.clone(),
        administrator: caller.is_administrator(),
        everything: grants.iter().any(|grant| matches!(grant, Grant::Administration | Grant::Everything { .. })),
        departments: grants
            .iter()
            .filter_map(
                |grant| if let Grant::Department { category, .. } = grant { Some(category.to_string()) } else { None },
            )
            .collect(),
        staff: staff.into_iter().map(named).collect(),
        person: person.map(|key| format!("{:016x}", key.0)),
        owner: view.zip(person).is_some_and(|(view, person)| {
            view.entries.values().any(|entry| entry.owner == Some(person) || entry.co_editors.contains(&person))
        }),
        own_record: grants.iter().any(|grant| matches!(grant, Grant::OwnRecord(_))),
    }
}

/// Somebody's session, as its owner sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionShown {
    /// Which.
    id: i64,
    /// How it began: `password`, `oidc`, `saml`, `lti`, ...
    way: String,
    /// When it began (RFC 3339).
    began: String,
    /// Last request, to the minute (RFC 3339).
    used: String,
    /// The one that asks.
    current: bool,
}

/// Somebody's sessions.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionsAnswer {
    data: Vec<SessionShown>,
}

/// My sessions
///
/// The last used first.
#[utoipa::path(get, path = "/api/v1/sessions", tag = "session", responses(
    (status = 200, description = "Where one is signed in.", body = SessionsAnswer),
    (status = 401, description = "Not signed in.", body = Problem, content_type = "application/problem+json"),
))]
pub async fn sessions(who: SignedIn, State(app): State<App>) -> ApiResult<Json<SessionsAnswer>> {
    let worker = app.clone();
    let (asked, current) = (who.who, who.session);
    let sessions = app.blocking(move || worker.vault().sessions(&asked)).await?.map_err(ApiError::internal)?;
    let shown = |session: Session| SessionShown {
        id: session.id,
        way: session.way,
        began: instant(session.created_ms),
        used: instant(session.seen_ms),
        current: Some(session.id) == current,
    };
    Ok(Json(SessionsAnswer { data: sessions.into_iter().map(shown).collect() }))
}

/// End a session of mine
#[utoipa::path(delete, path = "/api/v1/sessions/{id}", tag = "session",
    params(("id" = i64, Path, description = "Which.")),
    responses(
        (status = 204, description = "Ended."),
        (status = 404, description = "No such session.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn end(who: SignedIn, State(app): State<App>, Path(id): Path<i64>) -> ApiResult<StatusCode> {
    let worker = app.clone();
    let ended = app.blocking(move || worker.vault().end_sessions(&who.who, Some(id))).await?;
    if ended.map_err(ApiError::internal)? > 0 { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::not_found()) }
}

/// Sign out everywhere
///
/// Ends all of one's sessions, this one too.
#[utoipa::path(delete, path = "/api/v1/sessions", tag = "session", responses(
    (status = 204, description = "Ended."),
    (status = 401, description = "Not signed in.", body = Problem, content_type = "application/problem+json"),
))]
pub async fn end_all(who: SignedIn, State(app): State<App>) -> ApiResult<StatusCode> {
    let worker = app.clone();
    app.blocking(move || worker.vault().end_sessions(&who.who, None)).await?.map_err(ApiError::internal)?;
    Ok(StatusCode::NO_CONTENT)
}
