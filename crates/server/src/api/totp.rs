//! The second factor of local administrators.

use super::body::Body;
use crate::app::App;
use crate::auth::vault::Who;
use crate::auth::{Operator, Peer, totp};
use crate::error::{ApiError, ApiResult, Problem};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One's own password, once more.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordAgain {
    /// Password.
    password: String,
}

/// A code of the authenticator app.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AppCode {
    /// Six digits.
    code: String,
}

/// What an authenticator app must be given.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewSecret {
    /// The secret in base 32, to be typed.
    secret: String,
    /// The same as an `otpauth:` address, to be shown as a QR code.
    uri: String,
}

/// What an authenticator app must be given.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewSecretAnswer {
    data: NewSecret,
}

/// For the day the phone is gone. Shown this once.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecoveryCodes {
    /// Each is good once, in place of a code.
    recovery_codes: Vec<String>,
}

/// For the day the phone is gone.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecoveryCodesAnswer {
    data: RecoveryCodes,
}

/// Begin a second factor
///
/// Makes a secret for an authenticator app. Nothing is asked for until it is confirmed; a secret that was confirmed before
/// stays good until then.
#[utoipa::path(post, path = "/api/v1/totp", tag = "session", request_body = PasswordAgain, responses(
    (status = 200, description = "For the app.", body = NewSecretAnswer),
    (status = 401, description = "Wrong password.", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Not a local administrator.", body = Problem, content_type = "application/problem+json"),
    (status = 429, description = "Too many attempts.", body = Problem, content_type = "application/problem+json"),
))]
pub async fn enrol(
    who: Operator,
    State(app): State<App>,
    Peer(from): Peer,
    Body(again): Body<PasswordAgain>,
) -> ApiResult<Json<NewSecretAnswer>> {
    let totp::Enrolment { secret, uri } = totp::enrol(&app, from, who.signed_in(), again.password).await?;
    Ok(Json(NewSecretAnswer { data: NewSecret { secret, uri } }))
}

/// Confirm a second factor
///
/// With a code of the app. From now on codes are asked for; recovery codes of before are good no longer.
#[utoipa::path(put, path = "/api/v1/totp", tag = "session", request_body = AppCode, responses(
    (status = 200, description = "Codes are asked for.", body = RecoveryCodesAnswer),
    (status = 401, description = "Wrong code.", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Nothing to confirm, or not a local administrator.", body = Problem, content_type = "application/problem+json"),
))]
pub async fn confirm(
    who: Operator,
    State(app): State<App>,
    Body(asked): Body<AppCode>,
) -> ApiResult<Json<RecoveryCodesAnswer>> {
    let Who::Local(user) = who.signed_in().who else { return Err(ApiError::not_found()) };
    let recovery_codes = totp::confirm(&app, user, asked.code).await?;
    Ok(Json(RecoveryCodesAnswer { data: RecoveryCodes { recovery_codes } }))
}

/// Take the second factor away
#[utoipa::path(delete, path = "/api/v1/totp", tag = "session", request_body = PasswordAgain, responses(
    (status = 204, description = "Codes are no longer asked for."),
    (status = 401, description = "Wrong password.", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "There is none, or not a local administrator.", body = Problem, content_type = "application/problem+json"),
    (status = 429, description = "Too many attempts.", body = Problem, content_type = "application/problem+json"),
))]
pub async fn remove(
    who: Operator,
    State(app): State<App>,
    Peer(from): Peer,
    Body(again): Body<PasswordAgain>,
) -> ApiResult<StatusCode> {
    totp::remove(&app, from, who.signed_in(), again.password).await?;
    Ok(StatusCode::NO_CONTENT)
}
