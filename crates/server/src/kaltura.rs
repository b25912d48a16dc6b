//! Kaltura's API, `/api_v3/`: what an institution's scripts, Kaltura's client libraries and its analytics front end ask.
//! Definitions and names are Kaltura's; who may see what is decided where it always is, by a [`Scope`] from the session's
//! rights.
//!
//! The way of a request: [`front`] lets events through to collection, untouched; [`request`] makes one tree of whatever
//! form a call came in; [`multirequest`] takes it apart; [`session`] proves who asks; a service answers with [`answer`]'s
//! values, which are written as JSON or XML. Errors are answers with status 200, as clients expect ([`errors`]).
//!
//! [`report`] is the service that matters; [`lookup`] has the little that players and front ends ask beside it.
//!
//! [`Scope`]: engine::access::Scope

pub mod answer;
mod countries;
pub mod errors;
pub mod lookup;
mod multirequest;
pub mod report;
pub mod request;
pub mod session;
mod xml;

use crate::app::{App, Cost, Source};
use crate::auth::Peer;
use crate::collect::limits::BODY_TIME_MAX;
use crate::collect::wire::Parameters;
use crate::config::Settings;
use crate::jobs::ExportFile;
use answer::{Data, profiled};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, Request as HttpRequest, State};
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use errors::{Fault, Outcome};
use report::csv::Waiting;
use request::{Format, Params, Request, text, word};
use session::Session;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// Requests that are answered or stand in the queue of reports at the same time. Clients of this API do not ask again, so
/// further ones wait here and are not refused.
const LET_IN_MAX: usize = 32;
/// How long one waits to be let in; clients give up after about as long.
const WAIT_MAX: Duration = Duration::from_secs(60);
/// Requests that wait at the same time: of some 20 KiB each, 20 MB.
const WAITING_MAX: usize = 1_000;

/// What the API needs beside the application.
struct Api {
    app: App,
    let_in: Semaphore,
    waiting: Semaphore,
    files: Arc<Waiting>,
}

/// The collection's routes with Kaltura's API in front of them.
pub fn in_front(app: &App, collection: Router) -> Router {
    let api = Api {
        app: app.clone(),
        let_in: Semaphore::new(LET_IN_MAX.min(app.settings().report_waiting.max(1) as usize)),
        waiting: Semaphore::new(WAITING_MAX),
        files: Arc::default(),
    };
    let api = Arc::new(api);
    let thumbnails = Router::new()
        .route("/p/{partner}/sp/{sub_partner}/thumbnail/{*rest}", axum::routing::get(lookup::thumbnail))
        .with_state(app.clone());
    collection.layer(from_fn_with_state(api, front)).merge(thumbnails)
}

/// Whether an address names what collection takes. A look at the text comes first: events must not pay for reports.
fn is_collection(uri: &Uri) -> bool {
    let (path, query) = (uri.path(), uri.query().unwrap_or_default());
    let names = |text: &str| {
        let text = text.to_ascii_lowercase();
        text.contains("trackevent") || text.contains("collect")
    };
    if !path.starts_with("/api_v3") {
        return true;
    }
    if !names(path) && !names(query) {
        return false;
    }
    // Too long to read: collection keeps it as a bad row.
    let Ok(url) = Parameters::of_url(path, query) else { return true };
    let word = |name: &str| url.get(name).unwrap_or_default().trim().to_ascii_lowercase();
    matches!((word("service").as_str(), word("action").as_str()), ("analytics", "trackevent") | ("stats", "collect"))
}

async fn front(State(api): State<Arc<Api>>, http: HttpRequest, next: Next) -> Response {
    let asks = matches!(*http.method(), Method::GET | Method::POST);
    if !asks || is_collection(http.uri()) {
        return next.run(http).await;
    }
    let began = Instant::now();
    let (mut head, body) = http.into_parts();
    let Ok(Ok(body)) = tokio::time::timeout(BODY_TIME_MAX, to_bytes(body, request::BODY_BYTES_MAX)).await else {
        let fault = Fault::unreadable("the body is larger than 1 MiB, or did not come in time");
        return written(&Format::Xml, &Data::Fault(fault), began);
    };
    let content_type = head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let read = Request::read(head.uri.path(), head.uri.query().unwrap_or_default(), content_type, &body);
    let asked = match read {
        Ok(asked) => asked,
        Err((fault, format)) => return written(&format, &Data::Fault(fault), began),
    };
    let service = word(&asked.params, "service").unwrap_or_default().to_ascii_lowercase();
    if matches!(service.as_str(), "analytics" | "stats") {
        return next.run(HttpRequest::from_parts(head, Body::from(body))).await;
    }
    if let Format::Unknown(format) = &asked.format {
        let fault = Fault::not_enum(format, "format", "KalturaResponseType");
        return written(&Format::Xml, &Data::Fault(fault), began);
    }
    let Ok(Peer(from)) = Peer::from_request_parts(&mut head, &api.app).await;
    let path = head.uri.path().to_owned();
    let host = head.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let scheme = if api.app.is_https() { "https" } else { "http" };
    let origin = public_url(api.app.settings()).unwrap_or_else(|| format!("{scheme}://{host}"));
    let format = asked.format.clone();
    match answered(api, asked, from, path, origin).await {
        Ok(Reply::Data(data)) => written(&format, &data, began),
        Ok(Reply::Csv(file)) => file.into_response(),
        Ok(Reply::Export(file)) => crate::api::download::file(file),
        Err(fault) => written(&format, &Data::Fault(fault), began),
    }
}

/// What a request gives.
pub enum Reply {
    /// A value, in the format asked for.
    Data(Data),
    /// A table as a file.
    Csv(report::csv::File),
    /// The file of an export.
    Export(ExportFile),
}

async fn answered(api: Arc<Api>, asked: Request, from: Option<IpAddr>, path: String, origin: String) -> Outcome<Reply> {
    let full = || Fault::internal("the server is busy, try again");
    let asked = multirequest::split(asked.params)?;
    let waiting = api.waiting.try_acquire().map_err(|_| full())?;
    let let_in = tokio::time::timeout(WAIT_MAX, api.let_in.acquire()).await;
    let _let_in = let_in.map_err(|_| Fault::too_long())?.map_err(|_| full())?;
    drop(waiting);
    let reckons =
        asked.calls.iter().any(|call| word(call, "service").is_some_and(|name| name.eq_ignore_ascii_case("report")));
    let (app, files) = (api.app.clone(), api.files.clone());
    let work = move |source: Source| {
        let (path, origin, many) = (path.as_str(), origin.as_str(), asked.many);
        let known = RefCell::default();
        let door = Door { app: &app, source: &source, files: &files, from, path, origin, many, known };
        let began = Instant::now();
        let answered = door.answer(asked);
        app.metrics().kaltura_us.fetch_add(began.elapsed().as_micros() as u64, Relaxed);
        Ok(answered)
    };
    if reckons {
        return api.app.report(work).await?;
    }
    // Look-ups and sessions need no turn among the reports.
    let app = api.app.clone();
    let quick = move || {
        let cost = Cost::patient(1, app.settings().report_memory_bytes(), Arc::default());
        work(Source::now(app.snapshot(), app.catalog(), app.inside().atlas(), app.metrics(), app.now_ms(), cost))
    };
    api.app.blocking(quick).await??
}

/// What calls are answered from: one instant of store and catalog for all calls of a request.
struct Door<'a> {
    app: &'a App,
    source: &'a Source,
    files: &'a Waiting,
    from: Option<IpAddr>,
    path: &'a str,
    origin: &'a str,
    many: bool,
    /// Sessions that were verified in this request.
    known: RefCell<BTreeMap<String, Rc<Session>>>,
}

impl Door<'_> {
    fn answer(&self, asked: multirequest::Asked) -> Outcome<Reply> {
        if !asked.many {
            let [params] = asked.calls.as_slice() else { return Err(Fault::no_service()) };
            return self.call(params);
        }
        let mut results: Vec<Data> = Vec::with_capacity(asked.calls.len());
        for call in &asked.calls {
            let call = multirequest::filled(call, &results);
            results.push(match self.call(&call) {
                Ok(Reply::Data(data)) => data,
                Ok(_) => Data::Fault(Fault::internal("files are not served in a multirequest")),
                Err(fault) => Data::Fault(fault),
            });
        }
        Ok(Reply::Data(Data::List(results)))
    }

    fn call(&self, params: &Params) -> Outcome<Reply> {
        let name = |of: &str| word(params, of).unwrap_or_default();
        let (service, action) = (name("service"), name("action"));
        if service.is_empty() {
            return Err(Fault::no_service());
        }
        // Plugins' services are called `cuepoint_cuepoint`.
        let service = service.rsplit('_').next().unwrap_or_default().to_ascii_lowercase();
        let call = Call { door: self, service: &service, action: &action, params };
        let serves = SERVICES.iter().filter(|(known, _, _)| *known == service);
        let found = serves.clone().find(|(_, known, _)| known.eq_ignore_ascii_case(&action));
        let Some((_, _, handler)) = found else {
            return Err(match (serves.count(), action.is_empty()) {
                (0, _) => Fault::unknown_service(&service),
                (_, true) => Fault::no_action(),
                (_, false) => Fault::unknown_action(&service, &action),
            });
        };
        let reply = handler(&call)?;
        let Reply::Data(data) = reply else { return Ok(reply) };
        let Some(profile) = request::object(params, "responseProfile") else { return Ok(Reply::Data(data)) };
        let fields = text(profile, "fields").unwrap_or_default();
        let fields: Vec<&str> = fields.split(',').map(str::trim).filter(|field| !field.is_empty()).collect();
        // 1: include the fields, 2: exclude them.
        Ok(Reply::Data(match request::int(profile, "type") {
            Some(2) => profiled(data, false, &fields),
            _ if fields.is_empty() => data,
            _ => profiled(data, true, &fields),
        }))
    }
}

/// A call of an action.
pub struct Call<'a> {
    door: &'a Door<'a>,
    /// The service, in small letters.
    pub service: &'a str,
    /// The action, as written.
    pub action: &'a str,
    /// Its parameters.
    pub params: &'a Params,
}

impl Call<'_> {
    /// The application.
    pub fn app(&self) -> &App {
        self.door.app
    }
    /// Store and catalog.
    pub fn source(&self) -> &Source {
        self.door.source
    }
    /// The tables that were asked for as files.
    pub fn files(&self) -> &Waiting {
        self.door.files
    }
    /// Where people reach the server, as far as the settings or the request say.
    pub fn origin(&self) -> &str {
        self.door.origin
    }
    /// Where the request is sent to.
    pub fn path(&self) -> &str {
        self.door.path
    }
    /// Whether it is one call of a multirequest.
    pub fn is_one_of_many(&self) -> bool {
        self.door.many
    }
    /// Where the request comes from.
    pub fn from(&self) -> Option<IpAddr> {
        self.door.from
    }
    /// The refusal of this action.
    pub fn forbidden(&self) -> Fault {
        Fault::forbidden(self.service, self.action)
    }
    /// The present second.
    pub fn now_s(&self) -> i64 {
        self.source().now_ms.div_euclid(1000)
    }

    /// Who asks.
    ///
    /// # Errors
    /// No session, one that is not good, or another account's than the call names.
    pub fn session(&self) -> Outcome<Rc<Session>> {
        let ks = word(self.params, "ks").ok_or_else(Fault::no_ks)?;
        let known = self.door.known.borrow().get(&ks).cloned();
        let session = match known {
            Some(known) => known,
            None => {
                let verified = Rc::new(session::verify(self, &ks, self.door.path)?);
                self.door.known.borrow_mut().insert(ks, verified.clone());
                verified
            }
        };
        session.count(self)?;
        let named = word(self.params, "partnerId").or_else(|| word(self.params, "p"));
        match named.as_deref().map(str::parse::<i64>) {
            Some(Ok(id)) if id > 0 && id != i64::from(session.account().0) => Err(Fault::foreign(&id.to_string())),
            _ => Ok(session),
        }
    }
}

/// What answers a call.
type Handler = fn(&Call<'_>) -> Outcome<Reply>;

macro_rules! services {
    ($($service:literal $action:literal $handler:path;)+) => {
        /// Every action there is: its service in small letters, its name, what answers it.
        const SERVICES: &[(&str, &str, Handler)] =
            &[$(($service, $action, |call| reply($handler(call)))),+];
    };
}

/// Handlers give values, or files.
trait IntoReply {
    fn into_reply(self) -> Reply;
}
impl IntoReply for Data {
    fn into_reply(self) -> Reply {
        Reply::Data(self)
    }
}
impl IntoReply for Reply {
    fn into_reply(self) -> Reply {
        self
    }
}
fn reply(outcome: Outcome<impl IntoReply>) -> Outcome<Reply> {
    outcome.map(IntoReply::into_reply)
}

services! {
    "session" "start" session::start;
    "session" "startWidgetSession" session::start_widget_session;
    "session" "get" session::get;
    "session" "end" session::end;
    "report" "getTotal" report::get_total;
    "report" "getTable" report::get_table;
    "report" "getGraphs" report::get_graphs;
    "report" "getBaseTotal" report::get_base_total;
    "report" "getUrlForReportAsCsv" report::csv::get_url;
    "report" "serve" report::csv::serve;
    "report" "exportToCsv" report::export::export_to_csv;
    "user" "get" lookup::people::user_get;
    "user" "list" lookup::people::user_list;
    "userrole" "get" lookup::account::role_get;
    "permission" "list" lookup::account::permission_list;
    "permission" "getCurrentPermissions" lookup::account::current_permissions;
    "partner" "get" lookup::account::partner_get;
    "partner" "getInfo" lookup::account::partner_info;
    "uiconf" "listTemplates" lookup::account::ui_conf_templates;
    "baseentry" "get" lookup::entries::get;
    "baseentry" "list" lookup::entries::list;
    "media" "get" lookup::entries::get;
    "media" "list" lookup::entries::list;
    "esearch" "searchEntry" lookup::entries::search;
    "category" "get" lookup::categories::get;
    "category" "list" lookup::categories::list;
    "categoryentry" "list" lookup::categories::entries;
    "categoryuser" "list" lookup::categories::users;
    "playlist" "get" lookup::entries::playlist;
    "tag" "search" lookup::entries::tags;
    "like" "list" lookup::account::likes;
    "metadata" "list" lookup::account::metadata;
    "cuepoint" "list" lookup::account::cue_points;
}

/// An answer in the format asked for.
fn written(format: &Format, data: &Data, began: Instant) -> Response {
    let (kind, body) = match format {
        Format::Json => ("application/json", answer::json(data)),
        Format::JsonP(callback) => ("application/javascript", format!("{callback}({});", answer::json(data))),
        Format::Xml | Format::Unknown(_) => {
            let seconds = (began.elapsed().as_secs_f64() * 1e6).round() / 1e6;
            ("text/xml", xml::document(data, seconds))
        }
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (StatusCode::OK, headers, body).into_response()
}

/// Where people reach the server, for addresses in answers: nothing where the settings do not say.
fn public_url(settings: &Settings) -> Option<String> {
    settings.public_url.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned())
}
