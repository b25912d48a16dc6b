//! The table of error codes: code, status, the public sentence. Everything the API refuses is an [`ApiError`] of this
//! table, sent as `application/problem+json` with the request's id. The private cause is logged once, here, and never
//! sent. `docs/generated/errors.md` derives from the table.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::fmt::Write;
use utoipa::ToSchema;

tokio::task_local! {
    /// The id of the request being answered; set by the router.
    pub static REQUEST_ID: String;
}

macro_rules! codes {
    ($($(#[$doc:meta])* $code:ident = $name:literal, $status:literal, $title:literal;)+) => {
        /// What can be refused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code { $($(#[$doc])* $code),+ }
        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Code] = &[$(Code::$code),+];
            /// Its name in `type`, stable for ever.
            pub fn name(self) -> &'static str { match self { $(Code::$code => $name),+ } }
            /// Its HTTP status.
            pub fn status(self) -> u16 { match self { $(Code::$code => $status),+ } }
            /// The public sentence.
            pub fn title(self) -> &'static str { match self { $(Code::$code => $title),+ } }
        }
    };
}

codes! {
    /// A parameter's value does not fit.
    BadParameter = "bad-parameter", 400, "A parameter has a value that cannot be used.";
    /// A parameter nobody knows.
    UnknownParameter = "unknown-parameter", 400, "There is no such parameter.";
    /// The body is not what the route takes.
    BadBody = "bad-body", 400, "The request's body cannot be read.";
    /// Nobody is signed in.
    SignInNeeded = "sign-in-needed", 401, "Sign in first.";
    /// Wrong name or password.
    WrongPassword = "wrong-password", 401, "The name or the password is wrong.";
    /// Name and password are right, a code must come too.
    CodeNeeded = "code-needed", 401, "The code of your authenticator app is needed too.";
    /// Wrong code, or one that was used.
    WrongCode = "wrong-code", 401, "The code is wrong, or has been used.";
    /// A Kaltura session that does not verify.
    NotBelieved = "not-believed", 401, "What was brought as a proof is not valid.";
    /// From a page of another site.
    OtherSite = "other-site", 403, "The request came from a page of another site.";
    /// Does not exist, or may not be seen: nobody can tell which.
    NotFound = "not-found", 404, "There is nothing here.";
    /// Route exists, method does not.
    BadMethod = "bad-method", 405, "This address does not take this method.";
    /// An export that is not done has no file.
    NoFile = "no-file", 409, "The export has no file: it is not done.";
    /// A one-time link that was used, has expired or never was.
    UsedLink = "used-link", 410, "The link has been used or has expired.";
    /// Body too large.
    TooLarge = "too-large", 413, "The request's body is too large.";
    /// An answer that takes more memory than it may.
    TooMuch = "too-much", 422, "The answer takes more memory than one report may.";
    /// An answer that takes more time than it may.
    TooLong = "too-long", 422, "The answer takes more time than one report may.";
    /// Too many failed attempts.
    TooMany = "too-many", 429, "Too many attempts; wait a little.";
    /// Too many exports wait or are kept.
    TooManyExports = "too-many-exports", 429, "Too many exports are waiting or kept.";
    /// A fault of ours.
    Internal = "internal", 500, "Something went wrong on the server.";
    /// Reports pile up.
    Busy = "busy", 503, "The server is busy; try again.";
    /// The disk is full.
    DiskFull = "disk-full", 503, "The disk is full; nothing can be accepted.";
    /// Writing failed; only a restart helps.
    WriteFailed = "write-failed", 503, "Writing to the disk has failed; nothing can be accepted.";
    /// Starting or stopping.
    NotReady = "not-ready", 503, "The server is starting or stopping.";
}

/// A refusal, on its way to the client.
#[derive(Debug)]
pub struct ApiError {
    /// Which.
    pub code: Code,
    /// What exactly, for people; empty when the title says it all.
    pub detail: String,
    /// The parameter or field at fault.
    pub field: Option<String>,
    /// Seconds after which to try again.
    pub retry_after: Option<u64>,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code.title())
    }
}

impl Error for ApiError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as &(dyn Error + 'static))
    }
}

/// What handlers return.
pub type ApiResult<T> = Result<T, ApiError>;

impl ApiError {
    /// A refusal without further words.
    pub fn new(code: Code) -> ApiError {
        ApiError { code, detail: String::new(), field: None, retry_after: None, cause: None }
    }
    /// A parameter or field with a value that does not fit, and what would.
    pub fn bad(field: &str, detail: impl Into<String>) -> ApiError {
        ApiError { detail: detail.into(), field: Some(field.to_owned()), ..ApiError::new(Code::BadParameter) }
    }
    /// A parameter nobody knows.
    pub fn unknown(field: &str, known: &[&str]) -> ApiError {
        let detail = format!("`{field}` is not a parameter here; these are: {}.", known.join(", "));
        ApiError { detail, field: Some(field.to_owned()), ..ApiError::new(Code::UnknownParameter) }
    }
    /// Not there, or not to be seen.
    pub fn not_found() -> ApiError {
        ApiError::new(Code::NotFound)
    }
    /// A fault of ours: logged with its causes, sent without.
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> ApiError {
        ApiError { cause: Some(cause.into()), ..ApiError::new(Code::Internal) }
    }
    /// With the seconds after which to try again.
    pub fn retry_after(mut self, seconds: u64) -> ApiError {
        self.retry_after = Some(seconds);
        self
    }
    /// With more words.
    pub fn detail(mut self, detail: impl Into<String>) -> ApiError {
        self.detail = detail.into();
        self
    }
}

/// An error as the client reads it (RFC 9457).
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// `/errors#code`: where the documentation explains it.
    pub r#type: String,
    /// The public sentence of the code.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What exactly.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub detail: String,
    /// The parameter or field at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Names this request in the server's log.
    pub request_id: String,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let request_id = REQUEST_ID.try_with(Clone::clone).unwrap_or_default();
        if let Some(cause) = &self.cause {
            tracing::error!(request_id, code = self.code.name(), cause = chain(cause.as_ref()), "a request failed");
        }
        let problem = Problem {
            r#type: format!("/errors#{}", self.code.name()),
            title: self.code.title().to_owned(),
            status: self.code.status(),
            detail: self.detail,
            field: self.field,
            request_id,
        };
        let status = StatusCode::from_u16(self.code.status()).expect("the table holds valid statuses");
        let body = serde_json::to_vec(&problem).expect("strings and numbers always serialise");
        let mut response = (status, [(header::CONTENT_TYPE, "application/problem+json")], body).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// An error with all its causes, in one line.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut line = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let _ = write!(line, ": {cause}");
        next = cause.source();
    }
    line
}

/// The page of the documentation about errors.
pub fn page() -> String {
    let mut out = String::from(
        "# Errors of the API\n\nErrors are `application/problem+json` (RFC 9457): `type` ends in the code, `title` is \
         the sentence below, `detail` says what exactly, `field` names the parameter at fault, and `request_id` finds \
         the request in the server's log.\n\n| Code | Status | Sentence |\n|---|---|---|\n",
    );
    for code in Code::ALL {
        let _ = writeln!(out, "| <a id=\"{0}\"></a>`{0}` | {1} | {2} |", code.name(), code.status(), code.title());
    }
    out
}
