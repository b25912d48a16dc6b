//! Signing in and out, and who one is.

use super::body::Body;
use crate::app::App;
use crate::auth::{self, Administrator, Peer};
use crate::error::{ApiResult, Problem};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Name and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// Sign-in name, in any case.
    name: String,
    /// Password.
    password: String,
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

/// An account one may look at.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountName {
    /// Partner id.
    id: u32,
    /// Name.
    name: String,
}

/// Who one is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    /// Sign-in name.
    name: String,
    /// What one may do: `administrator`.
    role: &'static str,
    /// The accounts one may look at.
    accounts: Vec<AccountName>,
}

/// Who one is.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeAnswer {
    data: Me,
}

fn signed_in(cookie: String) -> Response {
    (StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response()
}

/// Sign in
///
/// Begins a session; the cookie comes with the answer.
#[utoipa::path(post, path = "/api/v1/login", tag = "session", request_body = Login, security(()), responses(
    (status = 204, description = "Signed in."),
    (status = 401, description = "Wrong name or password.", body = Problem, content_type = "application/problem+json"),
    (status = 429, description = "Too many attempts.", body = Problem, content_type = "application/problem+json"),
))]
pub async fn login(State(app): State<App>, Peer(from): Peer, Body(login): Body<Login>) -> ApiResult<Response> {
    auth::sign_in(&app, from, login.name, login.password).await.map(signed_in)
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
    auth::welcome(&app, welcome.token, welcome.name, welcome.password).await.map(signed_in)
}

/// Sign out
///
/// Ends the session. Without a session nothing happens.
#[utoipa::path(post, path = "/api/v1/logout", tag = "session", security(()), responses(
    (status = 204, description = "Signed out."),
))]
pub async fn logout(State(app): State<App>, headers: HeaderMap) -> ApiResult<Response> {
    auth::sign_out(&app, &headers).await.map(signed_in)
}

/// Who am I
#[utoipa::path(get, path = "/api/v1/me", tag = "session", responses(
    (status = 200, description = "Who one is and which accounts one may look at.", body = MeAnswer),
    (status = 401, description = "Not signed in.", body = Problem, content_type = "application/problem+json"),
))]
pub async fn me(who: Administrator) -> Json<MeAnswer> {
    let accounts = who.accounts.into_iter().map(|(id, name)| AccountName { id: id.0, name }).collect();
    Json(MeAnswer { data: Me { name: who.name, role: "administrator", accounts } })
}
