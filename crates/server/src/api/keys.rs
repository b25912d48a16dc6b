//! Keys for programs: made, listed and revoked by administrators of their account.

use super::answer::instant;
use super::body::Body;
use super::catalog::account_of;
use super::look::deed;
use super::params::Params;
use crate::access_log::Action;
use crate::app::App;
use crate::auth::Administrator;
use crate::auth::keys::{self, DAYS};
use crate::auth::vault::keys::Key;
use crate::error::{ApiError, ApiResult, Problem};
use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A key that is asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    /// What it is called: what it is for.
    name: String,
    /// What it sees: `account`, `category:ID` (with all below it), `owner:PERSON` (what the person owns), `entry:ID`.
    scope: String,
    /// How people appear: `names`, `pseudonyms` or `none`. Default `none`.
    #[serde(default)]
    people: Option<String>,
    /// Days for which it is good, 1 to 366. Default 365.
    #[serde(default)]
    days: Option<u64>,
}

/// A key for programs.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyShown {
    /// Its number; the access log knows it as `key:N`.
    id: i64,
    /// What it is called.
    name: String,
    /// What it sees.
    scope: String,
    /// How people appear.
    people: &'static str,
    /// Made at (RFC 3339).
    created: String,
    /// Good until (RFC 3339).
    expires: String,
    /// Last use, to the minute (RFC 3339).
    used: Option<String>,
    /// The key itself: told once, when it is made, and kept nowhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

/// Keys.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeysAnswer {
    data: Vec<KeyShown>,
}

/// A key.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyAnswer {
    data: KeyShown,
}

fn shown(key: Key, token: Option<String>) -> KeyShown {
    KeyShown {
        id: key.id,
        name: key.name,
        scope: key.scope.to_string(),
        people: key.people.name(),
        created: instant(key.created_ms),
        expires: instant(key.expires_ms),
        used: key.used_ms.map(instant),
        key: token,
    }
}

/// Keys
///
/// Those of the account that were not revoked, the last made first.
#[utoipa::path(get, path = "/api/v1/keys", tag = "access",
    params(("account" = Option<u32>, Query, description = "Partner id; default the first.")),
    responses(
        (status = 200, description = "All of them.", body = KeysAnswer),
        (status = 404, description = "Not an administrator there.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn list(
    who: Administrator,
    State(app): State<App>,
    RawQuery(query): RawQuery,
) -> ApiResult<Json<KeysAnswer>> {
    let account = account_of(&who, &Params::read(query.as_deref(), &[&["account"]])?)?;
    let worker = app.clone();
    let keys = app.blocking(move || worker.vault().keys(account)).await?.map_err(ApiError::internal)?;
    Ok(Json(KeysAnswer { data: keys.into_iter().map(|key| shown(key, None)).collect() }))
}

/// Make a key
///
/// Programs send it as `Authorization: Bearer phk_...`. It never administers anything.
#[utoipa::path(post, path = "/api/v1/keys", tag = "access", request_body = NewKey,
    params(("account" = Option<u32>, Query, description = "Partner id; default the first.")),
    responses(
        (status = 201, description = "Made; this answer alone tells the key.", body = KeyAnswer),
        (status = 400, description = "A field does not fit.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Not an administrator there.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn add(
    who: Administrator,
    State(app): State<App>,
    RawQuery(query): RawQuery,
    Body(new): Body<NewKey>,
) -> ApiResult<Response> {
    let account = account_of(&who, &Params::read(query.as_deref(), &[&["account"]])?)?;
    let new = keys::NewKey {
        account,
        name: new.name,
        scope: new.scope,
        // Names are granted in so many words, or not at all.
        people: new.people.unwrap_or_else(|| "none".to_owned()),
        days: new.days.unwrap_or(DAYS),
    };
    let worker = app.clone();
    let made = app.blocking(move || {
        let deed = deed(&worker, who.signed_in(), Some(account), Action::KeyAdded, String::new());
        keys::add(worker.vault(), &worker.catalog_view(), new, &deed)
    });
    let (key, token) = made.await??;
    Ok((StatusCode::CREATED, Json(KeyAnswer { data: shown(key, Some(token)) })).into_response())
}

/// Revoke a key
///
/// From its next request on it is unknown.
#[utoipa::path(delete, path = "/api/v1/keys/{id}", tag = "access",
    params(
        ("account" = Option<u32>, Query, description = "Partner id; default the first."),
        ("id" = i64, Path, description = "Its number."),
    ),
    responses(
        (status = 204, description = "Revoked."),
        (status = 404, description = "No such key, or not an administrator there.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn remove(
    who: Administrator,
    State(app): State<App>,
    Path(id): Path<i64>,
    RawQuery(query): RawQuery,
) -> ApiResult<StatusCode> {
    let account = account_of(&who, &Params::read(query.as_deref(), &[&["account"]])?)?;
    let worker = app.clone();
    app.blocking(move || {
        let deed = deed(&worker, who.signed_in(), Some(account), Action::KeyRemoved, String::new());
        keys::remove(worker.vault(), account, id, &deed)
    })
    .await??;
    Ok(StatusCode::NO_CONTENT)
}
