//! The three handlers, their answers and their headers.

use super::bad_rows::{Raw, Route};
use super::identity::Credentials;
use super::limits;
use super::own;
use super::receive::{Arrival, Collect, Outcome, Received, Refused, content_type, read, read_body, salvage};
use super::wire::{Parameters, Reason, Refusal, Request};
use super::{SinkError, kaltura};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use engine::event::AccountId;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// The routes of collection: `/api_v3…` and `/e`. No sign-in, no cookies, every origin.
///
/// For addresses, serve with `into_make_service_with_connect_info::<SocketAddr>()`.
pub fn routes(collect: Arc<Collect>) -> Router {
    Router::new()
        .route("/api_v3", any(kaltura_api))
        .route("/api_v3/", any(kaltura_api))
        .route("/api_v3/{*rest}", any(kaltura_api))
        .route("/e", any(own_events))
        .with_state(collect)
}

async fn kaltura_api(State(collect): State<Arc<Collect>>, request: axum::extract::Request) -> Response {
    serve(collect, request, |collect, head, body| async move { kaltura_answer(&collect, &head, body).await }).await
}

async fn own_events(State(collect): State<Arc<Collect>>, request: axum::extract::Request) -> Response {
    serve(collect, request, |collect, head, body| async move {
        if head.method == Method::GET {
            return StatusCode::METHOD_NOT_ALLOWED.into_response();
        }
        own_answer(&collect, &head, body).await
    })
    .await
}

/// What all collection routes share: cheap `OPTIONS`, the bounded body, the cross-origin headers. The work runs as a task
/// of its own: a page that closes right after sending must not take its event along.
async fn serve<F, A>(collect: Arc<Collect>, request: axum::extract::Request, work: F) -> Response
where
    F: FnOnce(Arc<Collect>, Parts, Received) -> A + Send + 'static,
    A: Future<Output = Response> + Send + 'static,
{
    let (head, body): (Parts, Body) = request.into_parts();
    let mut response = match head.method {
        Method::OPTIONS | Method::HEAD => preflight(&head.method),
        Method::GET | Method::POST => match tokio::time::timeout(limits::BODY_TIME_MAX, read_body(body)).await {
            Ok(Some(body)) => match tokio::spawn(work(collect, head, body)).await {
                Ok(response) => response,
                Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            },
            // Nobody is there to read an answer.
            Ok(None) => StatusCode::BAD_REQUEST.into_response(),
            Err(_) => StatusCode::REQUEST_TIMEOUT.into_response(),
        },
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Looks at nothing: players preflight every event type and medium anew.
fn preflight(method: &Method) -> Response {
    let status = if method == Method::HEAD { StatusCode::OK } else { StatusCode::NO_CONTENT };
    let headers = [
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "Content-Type, Origin, X-Requested-With, Accept, Range, Cache-Control, Authorization",
        ),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "POST, GET, HEAD, OPTIONS"),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
    ];
    (status, headers).into_response()
}

fn json(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// What a Kaltura request asks for.
enum Asked {
    /// An event; with what path and query say.
    Collect(Route, Result<Parameters, Refusal>),
    Unknown {
        code: &'static str,
        message: String,
        xml: bool,
    },
}

fn asked(request: &Request<'_>) -> Asked {
    let url = Parameters::of_url(request.path, request.query);
    let Ok(from) = &url else {
        // Too long to read, but plain to see what it was for.
        let text = format!("{}?{}", request.path, request.query).to_ascii_lowercase();
        return if text.contains("trackevent") {
            Asked::Collect(Route::Kaltura, url)
        } else if text.contains("collect") {
            Asked::Collect(Route::Legacy, url)
        } else {
            unknown("SERVICE_NOT_SPECIFIED", "Service not specified".to_owned(), false)
        };
    };
    let mut whole = None;
    if from.get("service").is_none() {
        let mut merged = from.clone();
        whole = merged.add_body(request.content_type, request.body).is_ok().then_some(merged);
    }
    let from = whole.as_ref().unwrap_or(from);
    let word = |name: &str| from.get(name).unwrap_or_default().trim().to_owned();
    let (service, action) = (word("service"), word("action"));
    let xml = matches!(word("format").as_str(), "2" | "xml");
    match (service.to_ascii_lowercase().as_str(), action.to_ascii_lowercase().as_str()) {
        ("analytics", "trackevent") => Asked::Collect(Route::Kaltura, url),
        ("stats", "collect") => Asked::Collect(Route::Legacy, url),
        ("", _) => unknown("SERVICE_NOT_SPECIFIED", "Service not specified".to_owned(), xml),
        ("analytics" | "stats", "") => unknown("ACTION_NOT_SPECIFIED", "Action not specified".to_owned(), xml),
        ("analytics" | "stats", _) => {
            let message = format!("Action \"{}\" does not exists for service \"{}\"", short(&action), short(&service));
            unknown("ACTION_DOES_NOT_EXISTS", message, xml)
        }
        _ => unknown("SERVICE_DOES_NOT_EXISTS", format!("Service \"{}\" does not exists", short(&service)), xml),
    }
}

fn unknown(code: &'static str, message: String, xml: bool) -> Asked {
    Asked::Unknown { code, message, xml }
}

fn short(name: &str) -> &str {
    super::wire::cut(name, 64)
}

async fn kaltura_answer(collect: &Collect, head: &Parts, body: Received) -> Response {
    let arrival = collect.arrival(head);
    let request = Request {
        path: head.uri.path(),
        query: head.uri.query().unwrap_or_default(),
        content_type: content_type(&head.headers),
        body: &body.bytes,
    };
    let (route, url) = match asked(&request) {
        Asked::Collect(route, url) => (route, url),
        Asked::Unknown { code, message, xml } => return kaltura_error(StatusCode::OK, code, &message, xml),
    };
    let draft = if body.size > limits::BODY_BYTES_MAX as u64 {
        Err(Refusal { reason: Reason::Size, detail: "the body is larger than 64 KiB" })
    } else {
        url.and_then(|url| read(route, url, request.content_type, request.body))
    };
    let raw = raw(head, &request, &body);
    match take_one(collect, &arrival, route, draft, &request, raw).await {
        Ok(()) => accepted(route, &request, arrival.received_ms),
        Err(error) => {
            let message = error.to_string();
            kaltura_error(StatusCode::SERVICE_UNAVAILABLE, "INTERNAL_SERVERL_ERROR", &message, false)
        }
    }
}

fn raw<'a>(head: &'a Parts, request: &Request<'a>, body: &Received) -> Raw<'a> {
    Raw {
        method: head.method.as_str(),
        path: request.path,
        query: request.query,
        content_type: request.content_type,
        body: request.body,
        size: body.size,
    }
}

async fn take_one(
    collect: &Collect,
    arrival: &Arrival,
    route: Route,
    draft: Result<kaltura::Draft, Refusal>,
    request: &Request<'_>,
    raw: Raw<'_>,
) -> Result<(), SinkError> {
    let refusal = match draft {
        Ok(draft) => match collect.complete(draft, arrival).await {
            Ok(Outcome::Event(event)) => return collect.submit(vec![*event]).await,
            Ok(Outcome::Refused(refusal)) => refusal,
            Err(error) => {
                collect.count_unavailable();
                return Err(error);
            }
        },
        Err(refusal) => refusal,
    };
    let (account, credentials) = salvage(request);
    let refused = Refused { route, account, credentials, refusal: &refusal, raw, sent_ms: None };
    let kept = collect.put_aside(arrival, refused).await;
    if kept.is_err() {
        collect.count_unavailable();
    }
    kept
}

/// The answer that players wait for. Without `viewEventsEnabled` they would send no heartbeats.
fn accepted(route: Route, request: &Request<'_>, now_ms: i64) -> Response {
    if route == Route::Legacy {
        let format = Parameters::of_url(request.path, request.query).ok();
        let format = format.as_ref().and_then(|from| from.get("format")).unwrap_or_default();
        return match format {
            "2" | "xml" => xml("<result>1</result>"),
            _ => json(StatusCode::OK, "true".to_owned()),
        };
    }
    let (seconds, rest) = (now_ms.div_euclid(1000), now_ms.rem_euclid(1000));
    json(StatusCode::OK, format!("{{\"time\":{seconds}.{rest:03},\"viewEventsEnabled\":true}}"))
}

fn xml(result: &str) -> Response {
    let body = format!("<?xml version=\"1.0\" encoding=\"utf-8\"?><xml>{result}<executionTime>0</executionTime></xml>");
    (StatusCode::OK, [(header::CONTENT_TYPE, "text/xml")], body).into_response()
}

/// Kaltura's error object.
fn kaltura_error(status: StatusCode, code: &str, message: &str, as_xml: bool) -> Response {
    if as_xml {
        let message = message.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        return xml(&format!(
            "<result><error><code>{code}</code><message>{message}</message>\
             <objectType>KalturaAPIException</objectType><args></args></error></result>"
        ));
    }
    let body = json!({"code": code, "message": message, "objectType": "KalturaAPIException", "args": []});
    json(status, body.to_string())
}

/// `POST /e`.
async fn own_answer(collect: &Collect, head: &Parts, body: Received) -> Response {
    let arrival = collect.arrival(head);
    let request = Request {
        path: head.uri.path(),
        query: head.uri.query().unwrap_or_default(),
        content_type: content_type(&head.headers),
        body: &body.bytes,
    };
    if let Some(key) = collect.address_key(&arrival)
        && !collect.limits().take(("own", key), limits::BATCH_RATE, arrival.received_ms)
    {
        collect.counters().too_many.fetch_add(1, Ordering::Relaxed);
        let mut response = problem(StatusCode::TOO_MANY_REQUESTS, "limit", "too many batches from this address");
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("10"));
        return response;
    }
    let batch = if body.size > limits::BODY_BYTES_MAX as u64 {
        Err(Refusal { reason: Reason::Size, detail: "the body is larger than 64 KiB" })
    } else {
        own::split(request.body)
    };
    let answered = match batch {
        Ok(batch) => take_batch(collect, &arrival, head, &request, batch).await,
        Err(refusal) => {
            let refused = Refused {
                route: Route::Own,
                account: None,
                credentials: Credentials::default(),
                refusal: &refusal,
                raw: raw(head, &request, &body),
                sent_ms: None,
            };
            let kept = collect.put_aside(&arrival, refused).await;
            if kept.is_err() {
                collect.count_unavailable();
            }
            kept.map(|()| {
                let status = match refusal.reason {
                    Reason::Size => StatusCode::PAYLOAD_TOO_LARGE,
                    _ => StatusCode::BAD_REQUEST,
                };
                problem(status, refusal.reason.name(), refusal.detail)
            })
        }
    };
    answered.unwrap_or_else(|error| {
        let mut response = problem(StatusCode::SERVICE_UNAVAILABLE, "unavailable", &error.to_string());
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("30"));
        response
    })
}

async fn take_batch(
    collect: &Collect,
    arrival: &Arrival,
    head: &Parts,
    request: &Request<'_>,
    mut batch: own::Batch,
) -> Result<Response, SinkError> {
    if let Some(token) = bearer(head) {
        batch.defaults.entry("token").or_insert(Value::String(token));
    }
    let mut events = Vec::new();
    let mut put_aside = Vec::new();
    let mut taken = Vec::new();
    for (index, event) in batch.events.iter().enumerate() {
        let whole = batch.whole(event);
        let id = event.get("event_id").cloned().unwrap_or(Value::Null);
        let draft = own::parameters(&whole).and_then(|from| own::read(from, batch.sent, arrival.received_ms));
        let outcome = match draft {
            Ok(draft) => collect.complete(draft, arrival).await?,
            Err(refusal) => Outcome::Refused(refusal),
        };
        match outcome {
            Outcome::Event(event) => {
                events.push(*event);
                taken.push(if id.is_null() { json!(index) } else { id });
            }
            Outcome::Refused(refusal) => {
                let mut from = own::parameters(&whole).unwrap_or_default();
                let account = own::account(&from);
                let credentials = own::credentials(&mut from);
                let text = whole.to_string();
                let raw = Raw {
                    method: head.method.as_str(),
                    path: request.path,
                    query: request.query,
                    content_type: request.content_type,
                    body: text.as_bytes(),
                    size: text.len() as u64,
                };
                let sent_ms = batch.sent;
                let refused = Refused { route: Route::Own, account, credentials, refusal: &refusal, raw, sent_ms };
                collect.put_aside(arrival, refused).await?;
                put_aside.push(json!({
                    "index": index, "event_id": id, "reason": refusal.reason.name(), "detail": refusal.detail,
                }));
            }
        }
    }
    // Clocks of robots and floods are nobody's.
    let ours = events.iter().filter(|event| !event.bot && event.suspect.is_empty());
    let accounts: BTreeSet<AccountId> = ours.map(|event| event.account).collect();
    collect.submit(events).await?;
    if let Some(sent_ms) = batch.sent {
        accounts.into_iter().for_each(|account| collect.skews().count(account, sent_ms, arrival.received_ms));
    }
    let time = arrival.received_ms;
    Ok(json(StatusCode::OK, json!({"time": time, "taken": taken, "put_aside": put_aside}).to_string()))
}

fn bearer(head: &Parts) -> Option<String> {
    let value = head.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

fn problem(status: StatusCode, code: &str, detail: &str) -> Response {
    let title = status.canonical_reason().unwrap_or_default();
    let body =
        json!({"type": format!("/problems/{code}"), "title": title, "status": status.as_u16(), "detail": detail});
    let mut response = json(status, body.to_string());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}
