//! Every route on one page, and what all of them share: request ids, log lines, security headers, the check against
//! other sites' pages.

use crate::api::answer::instant;
use crate::api::lti::{self, pages::Framed, platforms, roster};
use crate::api::{
    access_log, broadcasts, catalog, categories, elsewhere, embeds, entries, exports, health, keys, live, naming,
    notes, privacy, quality, reconciliation, reports, roles, rules, session, totp, views,
};
use crate::app::App;
use crate::auth::oidc;
use crate::auth::session::same_site;
use crate::error::{ApiError, Code, REQUEST_ID};
use crate::player;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use utoipa::openapi::{InfoBuilder, OpenApi, OpenApiBuilder};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Largest body of the API, bytes: settings and names, never data (imports have a command, collection its own limits).
const BODY_BYTES_MAX: usize = 1 << 20;

/// The native API and its description.
fn api() -> OpenApiRouter<App> {
    let info = InfoBuilder::new()
        .title("Playhead")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("Who watched what, from where, on what, for how long."))
        .build();
    OpenApiRouter::with_openapi(OpenApiBuilder::new().info(info).build())
        .routes(routes!(session::ways, session::login))
        .routes(routes!(session::login_kaltura))
        .routes(routes!(session::logout))
        .routes(routes!(session::welcome))
        .routes(routes!(session::me))
        .routes(routes!(access_log::looked))
        .routes(routes!(access_log::list))
        .routes(routes!(access_log::check))
        .routes(routes!(session::sessions, session::end_all))
        .routes(routes!(session::end))
        .routes(routes!(totp::enrol, totp::confirm, totp::remove))
        .routes(routes!(reports::metrics))
        .routes(routes!(reports::totals))
        .routes(routes!(reports::series))
        .routes(routes!(reports::table))
        .routes(routes!(reports::heat))
        .routes(routes!(reports::view_rows))
        .routes(routes!(reports::values))
        .routes(routes!(reports::proof))
        .routes(routes!(elsewhere::elsewhere))
        .routes(routes!(reconciliation::reconciliation))
        .routes(routes!(reports::list))
        .routes(routes!(reports::report))
        .routes(routes!(reports::panel))
        .routes(routes!(entries::list))
        .routes(routes!(entries::one, entries::change))
        .routes(routes!(categories::one))
        .routes(routes!(health::health))
        .routes(routes!(exports::list, exports::submit))
        .routes(routes!(exports::get, exports::cancel))
        .routes(routes!(exports::file))
        .routes(routes!(keys::list, keys::add))
        .routes(routes!(keys::remove))
        .routes(routes!(roles::list, roles::grant, roles::revoke))
        .routes(routes!(platforms::list, platforms::add))
        .routes(routes!(platforms::remove))
        .routes(routes!(platforms::registration))
        .routes(routes!(lti::pick))
        .routes(routes!(roster::roster))
        .routes(routes!(privacy::my_record))
        .routes(routes!(privacy::record_of))
        .routes(routes!(privacy::erasures, privacy::erase))
        .routes(routes!(privacy::erasure))
        .routes(routes!(privacy::retention))
        .routes(routes!(privacy::retention_due))
        .routes(routes!(rules::list))
        .routes(routes!(rules::test))
        .routes(routes!(rules::put, rules::remove))
        .routes(routes!(rules::campaigns))
        .routes(routes!(rules::put_campaign, rules::remove_campaign))
        .routes(routes!(embeds::inventory, embeds::mark))
        .routes(routes!(live::now))
        .routes(routes!(broadcasts::broadcasts))
        .routes(routes!(naming::naming))
        .routes(routes!(notes::list, notes::add))
        .routes(routes!(notes::put, notes::remove))
        .routes(routes!(quality::quality))
        .routes(routes!(views::list, views::add))
        .routes(routes!(views::put, views::remove))
        .merge(catalog::routes())
}

/// The API's description: `docs/generated/openapi.json`.
pub fn openapi() -> OpenApi {
    api().into_openapi()
}

/// The whole program as one function from request to response. `collection` are the routes that players send to.
pub fn router(app: &App, collection: Router) -> Router {
    let (api, description) = api().split_for_parts();
    let ours = api
        .route("/api/v1/openapi.json", get(async move || Json(description.clone())))
        .route("/api/{*rest}", axum::routing::any(async || ApiError::not_found()))
        .route("/auth/oidc/login", get(oidc::login))
        .route(oidc::CALLBACK, get(oidc::callback))
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/.well-known/security.txt", get(security_txt))
        .route("/metrics", get(metrics))
        .merge(crate::privacy::page::routes())
        .fallback(get(page).fallback(async || ApiError::new(Code::BadMethod)))
        .layer(from_fn_with_state(app.clone(), from_ourselves))
        .merge(lti::routes())
        .merge(saml(app.settings()))
        .method_not_allowed_fallback(async || ApiError::new(Code::BadMethod))
        .layer(axum::extract::DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(from_fn_with_state(app.clone(), guard))
        .with_state(app.clone());
    crate::kaltura::in_front(app, collection).merge(ours).layer(from_fn_with_state(app.clone(), observe))
}

#[cfg(feature = "saml")]
use crate::auth::saml::routes as saml;
#[cfg(not(feature = "saml"))]
fn saml(_: &crate::config::Settings) -> Router<App> {
    Router::new()
}

async fn ready(State(app): State<App>) -> Result<&'static str, ApiError> {
    let metrics = app.metrics();
    if metrics.poisoned.load(Relaxed) > 0 {
        Err(ApiError::new(Code::WriteFailed))
    } else if metrics.disk_full.load(Relaxed) > 0 {
        Err(ApiError::new(Code::DiskFull))
    } else if app.is_ready() {
        Ok("ready\n")
    } else {
        Err(ApiError::new(Code::NotReady))
    }
}

/// Days for which the file says that it holds. Every answer says so anew.
const SECURITY_TXT_DAYS: i64 = 180;

/// Where people tell of weaknesses (RFC 9116).
async fn security_txt(State(app): State<App>) -> Result<Response, ApiError> {
    let contact = app.settings().security_contact.trim();
    if contact.is_empty() {
        return Err(ApiError::not_found());
    }
    let expires = instant(app.now_ms() + SECURITY_TXT_DAYS * 86_400_000);
    let text = format!("Contact: {contact}\nExpires: {expires}\nPreferred-Languages: en\n");
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response())
}

async fn metrics(State(app): State<App>) -> Response {
    let text = app.metrics().render(&app.collection(), &app.bad_rows());
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

/// The dashboard: a file of it, or its one page for every other address.
async fn page(State(app): State<App>, request: Request) -> Response {
    let framed = lti::frame_of(&app, request.headers()).await;
    let accept = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let Some(file) = ui::file(request.uri().path(), accept.is_some_and(ui::takes_brotli)) else {
        return ApiError::not_found().into_response();
    };
    let mut response = file.bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(file.cache));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    if file.brotli {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    if let Some(framed) = framed {
        response.extensions_mut().insert(framed);
    }
    response
}

/// The policy of our own pages: everything from here, nothing from anywhere else, nothing inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Other sites' pages change nothing here. Launches from an LMS, which come from there, prove themselves.
async fn from_ourselves(State(app): State<App>, request: Request, next: Next) -> Response {
    match same_site(&app, request.method(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// What holds for our own routes but not for collection, which other sites' pages call. Pages of a launch may be shown
/// by its platform.
async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let https = app.is_https();
    let framed = response.extensions_mut().remove::<Framed>();
    let own = format!("{POLICY}{}", player::policy(app.settings()));
    let policy = framed.as_ref().map_or_else(|| own.clone(), |framed| framed.policy(&own));
    let headers = response.headers_mut();
    let policy = HeaderValue::from_str(&policy).unwrap_or_else(|_| HeaderValue::from_static(POLICY));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    let mut set = |name: HeaderName, value: &'static str| headers.insert(name, HeaderValue::from_static(value));
    if framed.is_none() {
        set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
        set(header::X_FRAME_OPTIONS, "DENY");
    }
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    set(HeaderName::from_static("playhead-version"), env!("CARGO_PKG_VERSION"));
    if https {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Gives every request an id and every answer the headers that always hold; counts; logs without query, addresses or
/// bodies, because queries carry tokens.
async fn observe(State(app): State<App>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = request_id(app.now_ms());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let mut response = REQUEST_ID.scope(id.clone(), next.run(request)).await;
    let status = response.status();
    app.metrics().requests.fetch_add(1, Relaxed);
    if status.is_server_error() {
        app.metrics().requests_failed.fetch_add(1, Relaxed);
    }
    let duration_us = began.elapsed().as_micros() as u64;
    if method != Method::OPTIONS {
        tracing::debug!(request_id = id, %method, path, status = status.as_u16(), duration_us, "answered a request");
    }
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    response
}

/// An id for a log: time and a running number. Not a secret.
fn request_id(now_ms: i64) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("{now_ms:x}-{:x}", NEXT.fetch_add(1, Ordering::Relaxed))
}
