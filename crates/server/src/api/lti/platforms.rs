//! Platforms, as administrators of an account register them.

use super::super::body::Body;
use super::super::catalog::account_of;
use super::super::params::Params;
use super::address;
use crate::app::App;
use crate::auth::Administrator;
use crate::auth::lti::platform::{NewPlatform, Platform};
use crate::auth::lti::register;
use crate::error::{ApiError, ApiResult, Problem};
use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

/// A platform that is registered.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlatformShown {
    /// Which.
    id: i64,
    /// As it was registered.
    #[serde(flatten)]
    is: NewPlatform,
}

/// The platforms of an account.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlatformsAnswer {
    data: Vec<PlatformShown>,
}

/// A platform's row.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlatformAnswer {
    data: PlatformShown,
}

/// A one-time registration link.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegistrationAnswer {
    data: Registration,
}

/// A one-time registration link.
#[derive(Debug, Serialize, ToSchema)]
pub struct Registration {
    /// For the platform's administrator; good once, for 24 hours.
    link: String,
}

/// Learning platforms
///
/// Those whose LTI launches are believed.
#[utoipa::path(get, path = "/api/v1/platforms", tag = "lti",
    params(("account" = Option<u32>, Query, description = "Partner id; default the first.")),
    responses(
        (status = 200, description = "All of them.", body = PlatformsAnswer),
        (status = 404, description = "Not an administrator there.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn list(
    who: Administrator,
    State(app): State<App>,
    RawQuery(query): RawQuery,
) -> ApiResult<Json<PlatformsAnswer>> {
    let account = account_of(&who, &Params::read(query.as_deref(), &[&["account"]])?)?;
    let worker = app.clone();
    let platforms = app.blocking(move || worker.vault().lti_platforms(Some(account))).await?;
    let shown = |Platform { id, is, .. }: Platform| PlatformShown { id, is };
    Ok(Json(PlatformsAnswer { data: platforms.map_err(ApiError::internal)?.into_iter().map(shown).collect() }))
}

/// Register a learning platform
///
/// One with the same issuer and client id is replaced.
#[utoipa::path(put, path = "/api/v1/platforms", tag = "lti", request_body = NewPlatform,
    params(("account" = Option<u32>, Query, description = "Partner id; default the first.")),
    responses(
        (status = 200, description = "Registered.", body = PlatformAnswer),
        (status = 400, description = "A field does not fit.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Not an administrator there.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn add(
    who: Administrator,
    State(app): State<App>,
    RawQuery(query): RawQuery,
    Body(is): Body<NewPlatform>,
) -> ApiResult<Json<PlatformAnswer>> {
    let account = account_of(&who, &Params::read(query.as_deref(), &[&["account"]])?)?;
    is.check().map_err(|(field, right)| ApiError::bad(field, right))?;
    let (worker, kept) = (app.clone(), is.clone());
    let id = app.blocking(move || worker.vault().lti_put_platform(account, &kept)).await?;
    let id = id.map_err(ApiError::internal)?;
    let id = id.ok_or_else(|| ApiError::bad("client_id", "Another account has this platform."))?;
    Ok(Json(PlatformAnswer { data: PlatformShown { id, is } }))
}

/// Take a learning platform away
///
/// Sessions that it launched end, rosters that it gave are forgotten.
#[utoipa::path(delete, path = "/api/v1/platforms/{id}", tag = "lti",
    params(
        ("id" = i64, Path, description = "Which."),
        ("account" = Option<u32>, Query, description = "Partner id; default the first."),
    ),
    responses(
        (status = 204, description = "Gone."),
        (status = 404, description = "No such platform.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn remove(
    who: Administrator,
    State(app): State<App>,
    Path(id): Path<i64>,
    RawQuery(query): RawQuery,
) -> ApiResult<StatusCode> {
    let account = account_of(&who, &Params::read(query.as_deref(), &[&["account"]])?)?;
    let worker = app.clone();
    let gone = app.blocking(move || worker.vault().lti_remove_platform(account, id)).await?;
    if gone.map_err(ApiError::internal)? { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::not_found()) }
}

/// Link for a platform to register itself
///
/// For the platform's administrator (LTI dynamic registration).
#[utoipa::path(post, path = "/api/v1/platforms/registration", tag = "lti",
    params(("account" = Option<u32>, Query, description = "Partner id; default the first.")),
    responses(
        (status = 200, description = "The link, good once and for 24 hours.", body = RegistrationAnswer),
        (status = 400, description = "The server has no public address.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Not an administrator there.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn registration(
    who: Administrator,
    State(app): State<App>,
    RawQuery(query): RawQuery,
) -> ApiResult<Json<RegistrationAnswer>> {
    let account = account_of(&who, &Params::read(query.as_deref(), &[&["account"]])?)?;
    let base = address(&app, "/lti/register")?;
    let worker = app.clone();
    let token = app.blocking(move || register::make_link(worker.vault(), account, worker.now_ms())).await?;
    let token = token.map_err(ApiError::internal)?;
    Ok(Json(RegistrationAnswer { data: Registration { link: format!("{base}?link={token}") } }))
}
