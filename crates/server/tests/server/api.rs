//! The API: every route once well and once without rights, every error code produced once.
#![expect(clippy::unwrap_used, reason = "tests")]

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use engine::block::Snapshot;
use engine::catalog::Catalog;
use engine::catalog::record::{Kind, Record};
use engine::event::AccountId;
use engine::storage::memory::MemoryStorage;
use serde_json::{Value, json};
use server::app::{App, Parts, Source};
use server::auth::{local::make_link, vault::Vault};
use server::collect::bad_rows::{BadRow, Count, Group};
use server::collect::skew::Skews;
use server::collect::wire::Reason;
use server::collect::{Clock, Inside};
use server::config::Settings;
use server::enrich::Atlas;
use server::enrich::rules::Rules;
use server::error::Code;
use server::exports::Exports;
use server::jobs::{self, Jobs, Ledger};
use server::metrics::Metrics;
use server::privacy::{self, Privacy};
use server::router::{openapi, router};
use server::sheet::Form;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use tower::ServiceExt;

/// 2026-11-23T12:00:00Z.
pub(crate) const NOW_MS: i64 = 1_795_435_200_000;
pub(crate) const PASSWORD: &str = "correct horse battery staple";

pub(crate) struct Server {
    pub(crate) app: App,
    pub(crate) router: axum::Router,
    pub(crate) now_ms: Arc<AtomicI64>,
    metrics: Arc<Metrics>,
    /// What reports are asked of.
    pub(crate) snapshot: Arc<Mutex<Snapshot>>,
    pub(crate) cookie: String,
}

fn catalog() -> Catalog {
    let catalog = Catalog::open_in_memory(NOW_MS).unwrap();
    catalog.add_account(AccountId(7), "Campus", NOW_MS).unwrap();
    let entry = json!({ "id": "1_a", "name": "Week 4: Membranes", "duration_ms": 60_000 });
    let entry = Record::check(Kind::Entry, entry.as_object().unwrap(), None).unwrap();
    catalog.put(AccountId(7), &entry, NOW_MS, &mut || 1).unwrap();
    catalog
}

/// Collection that collects nothing.
struct Nowhere(Arc<Atlas>, Skews);

impl Inside for Nowhere {
    fn rules(&self) -> Arc<Rules> {
        Arc::new(Rules::built_in(&["campus.example".to_owned()]))
    }
    fn place_source(&self) -> Option<server::enrich::place::Source> {
        None
    }
    fn atlas(&self) -> Arc<Atlas> {
        self.0.clone()
    }
    fn pulse(&self, _: Option<AccountId>, _: i64) -> Vec<(i64, u64)> {
        Vec::new()
    }
    fn bad_rows(&self) -> BTreeMap<Group, Count> {
        BTreeMap::new()
    }
    fn bad_row(&self, _: AccountId, _: Reason) -> Option<BadRow> {
        None
    }
    fn skews(&self) -> &Skews {
        &self.1
    }
}

impl Server {
    pub(crate) fn with(settings: Settings) -> Server {
        Server::exporting(settings, Vault::open_in_memory().unwrap(), forgetting)
    }

    /// With exports of the test's making.
    pub(crate) fn exporting(
        settings: Settings,
        vault: Vault,
        parts: impl FnOnce(Exports, Clock) -> jobs::Parts,
    ) -> Server {
        let now_ms = Arc::new(AtomicI64::new(NOW_MS));
        let (told, metrics, catalog) = (now_ms.clone(), Arc::new(Metrics::default()), Arc::new(catalog()));
        let clock: Clock = Arc::new(move || told.load(Relaxed));
        let snapshot = Arc::new(Mutex::new(Snapshot::default()));
        let shown = snapshot.clone();
        let (vault, atlas) = (Arc::new(vault), Arc::<Atlas>::default());
        let exports = {
            let (known, metrics, told) = (catalog.clone(), metrics.clone(), clock.clone());
            let (held, places) = (snapshot.clone(), atlas.clone());
            Exports::new(catalog.clone(), vault.clone(), &settings, move |cost| {
                Source::now(held.lock().unwrap().clone(), &known, places.clone(), &metrics, told(), cost)
            })
        };
        let (jobs, _) = Jobs::start(parts(exports, clock.clone())).unwrap();
        let app = App::new(Parts {
            settings,
            vault,
            catalog,
            snapshot: Box::new(move || shown.lock().unwrap().clone()),
            bad_rows: Box::new(|| BTreeMap::from([("format".to_owned(), 3)])),
            collection: Box::new(Vec::new),
            inside: Arc::new(Nowhere(atlas, Skews::default())),
            jobs,
            privacy: Privacy::over(privacy::Ledger::open_in_memory().unwrap()),
            metrics: metrics.clone(),
            clock,
        })
        .unwrap();
        let router = router(&app, axum::Router::new());
        Server { app, router, now_ms, metrics, snapshot, cookie: String::new() }
    }

    /// Somebody has signed in by a one-time link.
    pub(crate) async fn signed_in() -> Server {
        let mut server = Server::with(Settings::default());
        server.cookie = server.welcome("Ada").await;
        server
    }

    /// The cookie of somebody new.
    pub(crate) async fn welcome(&self, name: &str) -> String {
        let token = make_link(self.app.vault(), NOW_MS).unwrap();
        let answer = self.post("welcome", json!({ "token": token, "name": name, "password": PASSWORD })).await;
        assert_eq!(answer.status(), StatusCode::NO_CONTENT);
        cookie_of(&answer)
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.send(Request::get(path).header(header::COOKIE, &self.cookie).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Response {
        let request = Request::post(format!("/api/v1/{path}"))
            .header(header::COOKIE, &self.cookie)
            .header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    async fn login(&self, password: &str) -> Response {
        self.post("login", json!({ "name": "ada", "password": password })).await
    }

    pub(crate) async fn data(&self, path: &str) -> Value {
        let answer = self.get(&format!("/api/v1/{path}")).await;
        let status = answer.status();
        let answer = json_of(answer).await;
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
        answer
    }
}

/// Exports in memory.
pub(crate) fn forgetting(exports: Exports, clock: Clock) -> jobs::Parts {
    jobs::Parts {
        ledger: Ledger::open_in_memory().unwrap(),
        storage: Arc::new(MemoryStorage::new()),
        work: Arc::new(exports),
        clock,
        keep_ms: 3_600_000,
        floor_bytes: 0,
        scratch: std::env::temp_dir(),
    }
}

pub(crate) fn cookie_of(answer: &Response) -> String {
    let line = answer.headers()[header::SET_COOKIE].to_str().unwrap();
    assert!(line.contains("HttpOnly") && line.contains("SameSite=Lax"), "{line}");
    line.split(';').next().unwrap().to_owned()
}

pub(crate) async fn text_of(answer: Response) -> String {
    String::from_utf8(to_bytes(answer.into_body(), 1 << 24).await.unwrap().to_vec()).unwrap()
}

pub(crate) async fn json_of(answer: Response) -> Value {
    serde_json::from_str(&text_of(answer).await).unwrap()
}

/// The answer is this problem.
pub(crate) async fn problem(answer: Response, code: Code) -> Value {
    let status = answer.status().as_u16();
    let kind = answer.headers().get(header::CONTENT_TYPE).cloned();
    let text = text_of(answer).await;
    assert_eq!(status, code.status(), "{text}");
    assert_eq!(kind.unwrap(), "application/problem+json", "{text}");
    let problem: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(problem["type"], format!("/errors#{}", code.name()));
    assert!(!problem["request_id"].as_str().unwrap().is_empty());
    problem
}

/// A good call of every route that needs a signed-in person.
pub(crate) const ROUTES: &[(&str, &str)] = &[
    ("/api/v1/me", "me"),
    ("/api/v1/sessions", "sessions"),
    ("/api/v1/metrics", "metrics"),
    ("/api/v1/totals", "totals?measures=plays,play_rate&vs=previous"),
    ("/api/v1/series", "series?measures=plays&by=week&zone=Europe/Berlin&vs=year"),
    ("/api/v1/table", "table?by=country,device&measures=plays,viewers&sort=-viewers&find=d&page=1&size=10&coverage=1"),
    ("/api/v1/rows", "rows?subject=entry:1_a&page=1&size=10"),
    ("/api/v1/values", "values?dimension=country&find=d&f=is,country,DE"),
    ("/api/v1/proof", "proof?measure=minutes_viewed&subject=entry:1_a"),
    ("/api/v1/reports", "reports"),
    ("/api/v1/reports/{name}", "reports/recording?subject=entry:1_a&vs=previous"),
    ("/api/v1/reports/{name}/{panel}", "reports/recording/viewers?subject=entry:1_a&sort=-plays&page=2&size=5"),
    ("/api/v1/heat", "heat?subject=entry:1_a&period=2026-10-01..2026-10-31"),
    ("/api/v1/entries", "entries?find=MEMB"),
    ("/api/v1/entries/{id}", "entries/1_a"),
    ("/api/v1/health", "health"),
    ("/api/v1/exports", "exports"),
    ("/api/v1/embeds", "embeds?status=to_do,done&sort=-plays&by=page"),
    ("/api/v1/domain-rules", "domain-rules"),
    ("/api/v1/campaigns", "campaigns"),
    ("/api/v1/views", "views"),
    ("/api/v1/entries/{id}/naming", "entries/1_a/naming?period=30d"),
    ("/api/v1/notes", "notes?subject=entry:1_a&period=7d&zone=Europe/Berlin"),
    ("/api/v1/quality", "quality?period=7d"),
    ("/api/v1/live", "live?subject=entry:1_a&viewers=1"),
    ("/api/v1/live/broadcasts", "live/broadcasts?zone=Europe/Berlin"),
    ("/api/v1/roles", "roles"),
    ("/api/v1/platforms", "platforms"),
    ("/api/v1/reconciliation", "reconciliation?period=2026-10-01..2026-10-31"),
    ("/api/v1/erasures", "erasures"),
    ("/api/v1/retention", "retention"),
    ("/api/v1/retention/due", "retention/due"),
    ("/api/v1/keys", "keys"),
    ("/api/v1/access-log", "access-log?action=look&page=1&size=10"),
    ("/api/v1/access-log/check", "access-log/check"),
    ("/api/v1/me/looked", "me/looked?page=1&size=10"),
];

#[tokio::test]
async fn every_route_answers_those_who_may_and_refuses_all_others() {
    let server = Server::signed_in().await;
    let stranger = Server::with(Settings::default());
    for (_, call) in ROUTES {
        let answer = server.data(call).await;
        assert!(!answer["data"].is_null(), "{call}");
        problem(stranger.get(&format!("/api/v1/{call}")).await, Code::SignInNeeded).await;
    }
}

#[test]
fn no_route_is_forgotten() {
    let open = ["/api/v1/login", "/api/v1/login/kaltura", "/api/v1/logout", "/api/v1/welcome"];
    let changing = ["/api/v1/totp"];
    let called: BTreeSet<&str> = ROUTES.iter().map(|(route, _)| *route).chain(open).chain(changing).collect();
    let described = openapi();
    let described: BTreeSet<&str> = described.paths.paths.keys().map(String::as_str).collect();
    let unseen: Vec<&&str> = described
        .iter()
        .filter(|path| {
            !path.starts_with("/api/v1/catalog")
                && **path != "/api/v1/elsewhere"
                // Of a category, of which none is here: see access.rs.
                && **path != "/api/v1/categories/{id}"
                && !path.starts_with("/api/v1/exports/")
                && !path.starts_with("/api/v1/sessions/")
                && !path.starts_with("/api/v1/platforms/")
                && !matches!(**path, "/api/v1/lti/pick" | "/api/v1/roster")
                && !path.starts_with("/api/v1/keys/")
                && !path.starts_with("/api/v1/domain-rules/")
                && !path.starts_with("/api/v1/campaigns/")
                && !path.starts_with("/api/v1/views/")
                && !path.starts_with("/api/v1/notes/")
                && !path.starts_with("/api/v1/erasures/")
                // Of a person, whom nobody is here: see privacy.rs.
                && !matches!(**path, "/api/v1/me/record" | "/api/v1/people/{id}/record")
        })
        .filter(|path| !called.contains(**path))
        .collect();
    assert!(unseen.is_empty(), "call these in ROUTES: {unseen:?}");
}

#[tokio::test]
async fn answers_say_what_they_are_about() {
    let server = Server::signed_in().await;
    let answer =
        server.data("totals?measures=plays&subject=entry:1_a&period=7d&today=1&f=is,country,DE,FR&vs=previous").await;
    let scope = &answer["scope"];
    assert_eq!(scope["label"], "Week 4: Membranes");
    assert_eq!((&scope["from"], &scope["to"]), (&json!("2026-11-16"), &json!("2026-11-23")));
    assert_eq!(scope["filters"][0]["values"], json!(["DE", "FR"]));
    assert_eq!(scope["compared"]["to"], "2026-11-15");
    assert_eq!(answer["as_of"], "2026-11-23T12:00:00Z");
    assert_eq!(answer["data"]["values"]["plays"]["value"], 0.0);
    let kinds: Vec<&str> = answer["caveats"].as_array().unwrap().iter().map(|c| c["kind"].as_str().unwrap()).collect();
    assert!(kinds.contains(&"today_open") && kinds.contains(&"time_zone"), "{kinds:?}");
    let closed = server.data("totals?measures=plays").await;
    assert!(!closed["caveats"].to_string().contains("today_open"));
}

#[tokio::test]
async fn a_series_has_every_bucket() {
    let server = Server::signed_in().await;
    let answer = server.data("series?measures=plays&period=2026-10-01..2026-10-31&vs=previous").await;
    assert_eq!(answer["data"]["points"].as_array().unwrap().len(), 31);
    assert_eq!(answer["data"]["points"][0]["label"], "2026-10-01");
    assert_eq!(answer["data"]["previous"].as_array().unwrap().len(), 31);
}

#[tokio::test]
async fn tables_come_as_files_too() {
    let server = Server::signed_in().await;
    let ask = |accept: &'static str| {
        Request::get("/api/v1/series?measures=plays&period=2026-10-01..2026-10-02")
            .header(header::COOKIE, &server.cookie)
            .header(header::ACCEPT, accept)
            .body(Body::empty())
            .unwrap()
    };
    let answer = server.send(ask("text/csv")).await;
    let disposition = &answer.headers()[header::CONTENT_DISPOSITION];
    assert_eq!(disposition, "attachment; filename=\"Series-of-Campus.csv\"");
    let csv = text_of(answer).await;
    assert_eq!(csv.lines().next().unwrap(), "start,key,label,plays");
    assert_eq!(csv.lines().count(), 3);
    let lines = text_of(server.send(ask("application/x-ndjson")).await).await;
    let first: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!(first["label"], "2026-10-01");
    for (form, magic) in [(Form::Xlsx, b"PK\x03\x04"), (Form::Parquet, b"PAR1")] {
        let answer = server.send(ask(form.content_type())).await;
        assert_eq!(answer.headers()[header::CONTENT_TYPE], form.content_type());
        let bytes = to_bytes(answer.into_body(), 1 << 24).await.unwrap();
        assert!(bytes.starts_with(magic), "{form:?}");
    }
}

#[tokio::test]
async fn people_come_with_the_sentence_about_attendance() {
    let server = Server::signed_in().await;
    let answer = server.data("table?by=viewer&measures=plays").await;
    assert!(answer["caveats"].to_string().contains("not_attendance"));
    let request = Request::get("/api/v1/table?by=viewer&measures=plays").header(header::COOKIE, &server.cookie);
    let csv = text_of(server.send(request.header(header::ACCEPT, "text/csv").body(Body::empty()).unwrap()).await).await;
    assert!(csv.contains("not proof of attendance"), "{csv}");
}

#[tokio::test]
async fn wrong_words_are_named() {
    let server = Server::signed_in().await;
    for (call, field) in [
        ("totals?measures=playz", "measures"),
        ("totals", "measures"),
        ("totals?measures=plays&period=31d", "period"),
        ("totals?measures=plays&period=2026-10-02..2026-10-01", "period"),
        ("totals?measures=plays&zone=Mars/Olympus", "zone"),
        ("totals?measures=plays&f=is,planet,Mars", "f"),
        ("totals?measures=plays&vs=2019", "vs"),
        ("totals?measures=plays&today=yes", "today"),
        ("totals?measures=plays&subject=everything", "subject"),
        ("totals?measures=plays&measures=viewers", "measures"),
        ("totals?measures=plays&account=x", "account"),
        ("series?measures=plays&by=fortnight", "by"),
        ("table?measures=plays", "by"),
        ("table?measures=plays&by=country&sort=-viewers", "sort"),
        ("table?measures=plays&by=country&size=1001", "size"),
        ("table?measures=plays&by=country&page=0", "page"),
        ("heat", "subject"),
        ("reports/recording", "subject"),
        ("reports/overview?panels=highlights,tiles", "panels"),
        ("table?measures=plays&by=country,device,os,browser", "by"),
        ("table?measures=occurrences&by=country", "measures"),
        ("series?measures=plays&by=country", "by"),
        ("series?measures=plays&by=quarter&period=10y", "period"),
        ("totals?measures=plays&subject=entry:1_a@x", "subject"),
        ("totals?measures=plays&subject=account,entry:1_a,tag:x", "subject"),
        ("totals?measures=plays&whose=mine", "whose"),
        ("totals?measures=plays&week=friday", "week"),
        ("totals?measures=plays&vs=offering", "vs"),
        ("totals?measures=plays&vs_subject=account", "vs_subject"),
        ("values?dimension=planet", "dimension"),
        ("proof?measure=playz", "measure"),
        ("heat?subject=entry:1_a&against=of,country,DE", "against"),
    ] {
        let problem = problem(server.get(&format!("/api/v1/{call}")).await, Code::BadParameter).await;
        assert_eq!(problem["field"], field, "{call}: {problem}");
        assert!(problem["detail"].as_str().unwrap().len() > 5, "{call}: {problem}");
    }
    let problem = problem(server.get("/api/v1/totals?measures=plays&perid=7d").await, Code::UnknownParameter).await;
    assert_eq!(problem["field"], "perid");
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let server = Server::signed_in().await;
    for path in [
        "/api/v1/entries/1_nobody",
        "/api/v1/totals?measures=plays&subject=entry:1_nobody",
        "/api/v1/totals?measures=plays&subject=owner:nobody",
        "/api/v1/totals?measures=plays&account=8",
        "/api/v1/totals?measures=plays&subject=section:1/nobody",
        "/api/v1/totals?measures=plays&subject=tag:nobody",
        "/api/v1/reports/nothing",
        "/api/v1/reports/overview/nothing",
        "/api/v1/nothing",
        "/api/v9/me",
        "/assets/gone.js",
    ] {
        problem(server.get(path).await, Code::NotFound).await;
    }
}

#[tokio::test]
async fn sign_in_ends_by_signing_out_by_idleness_and_by_age() {
    let server = Server::signed_in().await;
    assert_eq!(server.data("me").await["data"]["name"], "Ada");
    let account = &server.data("me").await["data"]["accounts"][0];
    assert_eq!((&account["id"], &account["name"]), (&json!(7), &json!("Campus")));
    assert_eq!((&account["administrator"], &account["person"]), (&json!(true), &Value::Null));

    let minute = 60_000;
    for _ in 0..16 {
        server.now_ms.fetch_add(29 * minute, Relaxed);
        server.data("me").await;
    }
    server.now_ms.fetch_add(29 * minute, Relaxed);
    problem(server.get("/api/v1/me").await, Code::SignInNeeded).await;

    let mut server = server;
    server.cookie = cookie_of(&server.login(PASSWORD).await);
    server.data("me").await;
    server.now_ms.fetch_add(30 * minute, Relaxed);
    problem(server.get("/api/v1/me").await, Code::SignInNeeded).await;

    server.cookie = cookie_of(&server.login(PASSWORD).await);
    assert_eq!(server.post("logout", json!({})).await.status(), StatusCode::NO_CONTENT);
    problem(server.get("/api/v1/me").await, Code::SignInNeeded).await;
}

#[tokio::test]
async fn a_link_works_once_and_not_for_ever() {
    let server = Server::signed_in().await;
    let token = make_link(server.app.vault(), NOW_MS).unwrap();
    let body = |password: &str| json!({ "token": token, "name": "Grace", "password": password });
    let refusal = problem(server.post("welcome", body("short")).await, Code::BadParameter).await;
    assert_eq!(refusal["field"], "password");
    assert_eq!(server.post("welcome", body(PASSWORD)).await.status(), StatusCode::NO_CONTENT);
    problem(server.post("welcome", body(PASSWORD)).await, Code::UsedLink).await;

    let token = make_link(server.app.vault(), NOW_MS).unwrap();
    server.now_ms.fetch_add(25 * 3_600_000, Relaxed);
    let late = json!({ "token": token, "name": "Grace", "password": PASSWORD });
    problem(server.post("welcome", late).await, Code::UsedLink).await;
}

#[tokio::test]
async fn guessing_passwords_gets_slow() {
    let server = Server::signed_in().await;
    for _ in 0..5 {
        problem(server.login("wrong password").await, Code::WrongPassword).await;
    }
    let answer = server.login(PASSWORD).await;
    assert!(answer.headers().contains_key(header::RETRY_AFTER));
    problem(answer, Code::TooMany).await;
    server.now_ms.fetch_add(2_000, Relaxed);
    assert_eq!(server.login(PASSWORD).await.status(), StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn other_sites_cannot_make_a_browser_change_anything() {
    let server = Server::signed_in().await;
    let logout = |name: &str, value: &str| {
        let request = Request::post("/api/v1/logout").header(header::HOST, "playhead.example.edu").header(name, value);
        server.send(request.header(header::COOKIE, &server.cookie).body(Body::empty()).unwrap())
    };
    problem(logout("sec-fetch-site", "cross-site").await, Code::OtherSite).await;
    problem(logout("sec-fetch-site", "same-site").await, Code::OtherSite).await;
    problem(logout("origin", "https://evil.example").await, Code::OtherSite).await;
    problem(logout("origin", "null").await, Code::OtherSite).await;
    server.data("me").await;
    assert_eq!(logout("origin", "https://playhead.example.edu").await.status(), StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn bodies_are_bounded_and_must_be_what_the_route_takes() {
    let server = Server::signed_in().await;
    let refusal = problem(server.post("login", json!({ "name": "ada" })).await, Code::BadBody).await;
    assert!(refusal["detail"].as_str().unwrap().contains("password"), "{refusal}");
    problem(server.post("login", json!({ "name": "x".repeat(2 << 20) })).await, Code::TooLarge).await;
    let put = Request::put("/api/v1/login").body(Body::empty()).unwrap();
    problem(server.send(put).await, Code::BadMethod).await;
}

#[tokio::test]
async fn readiness_says_why_not() {
    let server = Server::with(Settings::default());
    assert_eq!(server.get("/healthz").await.status(), StatusCode::OK);
    assert_eq!(server.get("/readyz").await.status(), StatusCode::OK);
    server.app.set_ready(false);
    problem(server.get("/readyz").await, Code::NotReady).await;
    server.metrics.disk_full.store(1, Relaxed);
    problem(server.get("/readyz").await, Code::DiskFull).await;
    server.metrics.poisoned.store(1, Relaxed);
    problem(server.get("/readyz").await, Code::WriteFailed).await;
    let metrics = text_of(server.get("/metrics").await).await;
    assert!(metrics.contains("\nplayhead_journal_failed 1\n"), "{metrics}");
    assert!(metrics.contains("playhead_journal_sync_seconds_bucket{le=\"+Inf\"} 0"), "{metrics}");
}

#[tokio::test]
async fn reports_beyond_the_queue_are_refused_and_a_panic_is_a_problem() {
    let server = Server::with(Settings { report_waiting: 0, ..Settings::default() });
    let refused = server.app.report(|_| Ok(())).await.unwrap_err();
    assert_eq!((refused.code, refused.retry_after), (Code::Busy, Some(1)));
    let server = Server::with(Settings::default());
    let failed = server.app.report::<()>(|_| panic!("a fault")).await.unwrap_err();
    assert_eq!(failed.code, Code::Internal);
    assert!(failed.detail.is_empty(), "causes are not told");
}

#[tokio::test]
async fn answers_are_guarded_by_headers() {
    let server = Server::signed_in().await;
    let answer = server.get("/api/v1/me").await;
    for (name, value) in [
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
    ] {
        assert_eq!(answer.headers()[name], value, "{name}");
    }
    assert!(answer.headers()["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'none'"));
    assert!(!answer.headers().contains_key("access-control-allow-origin"));
    let page = server.get("/recording/1_a").await;
    assert_eq!(page.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
    assert_eq!(page.headers()[header::CACHE_CONTROL], "no-cache");
}
