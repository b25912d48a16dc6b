//! The API over data that came in through the front door: a term of a small campus, played, collected and folded.
#![expect(clippy::unwrap_used, reason = "tests")]

mod answers;
mod backups;
mod command;
mod files;
mod quality;
mod secrets;

use crate::api::{NOW_MS, json_of};
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use engine::catalog::record::{Kind, Record};
use engine::catalog::{Account, Catalog};
use engine::event::AccountId;
use engine::manifest::MemoryManifest;
use engine::storage::memory::MemoryStorage;
use serde_json::{Value, json};
use server::app::App;
use server::auth::{local::make_link, vault::Vault};
use server::collect;
use server::config::Settings;
use server::enrich::{self, Enricher};
use server::exports::{self, Exports};
use server::jobs::{Jobs, Worker};
use server::machine::{DataFolder, Machine, Materials};
use server::privacy::{self, Privacy};
use server::router::router;
use server::serve::app;
use server::sheet::Form;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::time::{Duration, Instant};
use tower::ServiceExt;

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0";
const BOT: &str = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
/// A name that a spreadsheet would run.
const FORMULA: &str = "=HYPERLINK(\"http://evil.example\")";
const PEOPLE: [&str; 5] = ["anna", "ben", "cleo", "dora", "emil"];
/// Sessions of the days before now: see [`Campus::term`].
const SESSIONS: i64 = 300;
/// Days in which they lie.
const PERIOD: &str = "period=2026-11-18..2026-11-23";

pub(crate) struct Campus {
    machine: Machine,
    pub(crate) app: App,
    router: axum::Router,
    pub(crate) cookie: String,
    vault: Arc<Vault>,
    pub(crate) clock: Arc<AtomicI64>,
    folder: tempfile::TempDir,
    worker: Option<Worker>,
}

fn known(catalog: &Catalog, now_ms: i64) {
    catalog.add_account(AccountId(7), "Campus", now_ms).unwrap();
    let account = Account::clone(&catalog.account(AccountId(7)).unwrap());
    catalog.set_account(&Account { unsigned_users: true, ..account }, now_ms).unwrap();
    let records = [
        (Kind::Term, json!({ "id": "2025w", "from": "2025-11-01", "to": "2026-03-01" })),
        (Kind::Term, json!({ "id": "2026w", "from": "2026-11-01", "to": "2027-03-01" })),
        (Kind::Category, json!({ "id": "25", "name": "Biology 2025", "term": "2025w" })),
        (Kind::Category, json!({ "id": "26", "name": "Biology 2026", "term": "2026w", "previous": "25" })),
        (Kind::Entry, json!({ "id": "1_a", "name": "Membranes", "duration_ms": 60_000 })),
        (Kind::Entry, json!({ "id": "1_b", "name": "@SUM(A1)", "duration_ms": 60_000 })),
        (Kind::Entry, json!({ "id": "1_c", "name": "Cells, again", "duration_ms": 60_000 })),
        (Kind::Link, json!({ "entry": "1_a", "category": "25", "from": "2025-01-01" })),
        (Kind::Link, json!({ "entry": "1_a", "category": "26", "from": "2025-01-01" })),
        (Kind::Person, json!({ "id": "anna", "name": FORMULA })),
        (Kind::Person, json!({ "id": "ben", "name": "Ben, \"the second\"" })),
    ];
    for (number, (kind, record)) in (1..).zip(records) {
        let record = Record::check(kind, record.as_object().unwrap(), None).unwrap();
        catalog.put(AccountId(7), &record, now_ms, &mut || number).unwrap();
    }
}

impl Campus {
    /// Everything real but the disk, and exports in a folder.
    pub(crate) async fn new(settings: Settings) -> Campus {
        let clock = Arc::new(AtomicI64::new(NOW_MS));
        let storage = MemoryStorage::new();
        let materials = Materials {
            storage: Arc::new(storage.clone()),
            manifest: Box::new(MemoryManifest::new().beside(&storage)),
            catalog: Arc::new(Catalog::open_in_memory(NOW_MS).unwrap()),
            enrich: Arc::new(Enricher::open(&enrich::Settings::default())),
            clock: told(&clock),
            streams: Vec::new(),
        };
        let machine = Machine::start(materials, &settings, || ()).unwrap();
        Campus::over(machine, settings, clock, tempfile::tempdir().unwrap()).await
    }

    async fn over(
        machine: Machine,
        mut settings: Settings,
        clock: Arc<AtomicI64>,
        folder: tempfile::TempDir,
    ) -> Campus {
        (settings.data, settings.disk_free_mb) = (folder.path().to_owned(), 0);
        known(&machine.catalog, clock.load(Relaxed));
        let data = DataFolder::open(&settings).unwrap();
        let vault = Arc::new(Vault::open(&data.catalog_file()).unwrap());
        let (jobs, worker) = jobs(&machine, &data, &vault, &settings, &clock);
        let privacy = Privacy::over(privacy::Ledger::open_in_memory().unwrap());
        let app = app(&machine, vault.clone(), jobs, privacy, settings, told(&clock)).unwrap();
        let router = router(&app, collect::routes(machine.collect.clone()));
        let cookie = String::new();
        let mut campus = Campus { machine, app, router, cookie, vault, clock, folder, worker: Some(worker) };
        campus.cookie = campus.welcome("Ada").await;
        campus
    }

    async fn welcome(&self, name: &str) -> String {
        let token = make_link(&self.vault, self.app.now_ms()).unwrap();
        let new = json!({ "token": token, "name": name, "password": "correct horse battery staple" });
        let welcomed = self.post("/api/v1/welcome", &new, FIREFOX).await;
        assert_eq!(welcomed.status(), StatusCode::NO_CONTENT);
        welcomed.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned()
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    async fn post(&self, path: &str, body: &Value, agent: &str) -> Response {
        let request = Request::post(path).header(header::COOKIE, &self.cookie).header(header::USER_AGENT, agent);
        let request = request.header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    async fn get(&self, path: &str, accept: &str) -> Response {
        let request = Request::get(format!("/api/v1/{path}")).header(header::COOKIE, &self.cookie);
        self.send(request.header(header::ACCEPT, accept).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn ask(&self, path: &str) -> Value {
        let answer = self.get(path, "application/json").await;
        let status = answer.status();
        let answer = json_of(answer).await;
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
        answer
    }

    /// A download.
    async fn file(&self, path: &str, form: Form) -> Vec<u8> {
        let answer = self.get(path, form.content_type()).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        assert_eq!(answer.headers()[header::CONTENT_TYPE], form.content_type());
        to_bytes(answer.into_body(), 1 << 26).await.unwrap().to_vec()
    }

    /// A session at the present moment: `heartbeats` of ten seconds from `from_s` on.
    async fn play(&self, session: i64, entry: &str, user: &str, from_s: i64, heartbeats: i64, agent: &str) {
        let now_ms = self.clock.load(Relaxed);
        let mut events = vec![
            json!({ "kind": "impression", "at": now_ms, "event_id": "i" }),
            json!({ "kind": "play", "at": now_ms, "index": 1, "position_ms": from_s * 1_000, "event_id": "p" }),
        ];
        events.extend((1..=heartbeats).map(|n| {
            json!({ "kind": "view", "at": now_ms + n * 10_000, "index": n + 1, "event_id": format!("v{n}"),
                    "position_ms": (from_s + n * 10) * 1_000, "play_time_ms": n * 10_000 })
        }));
        // Every fifth player repeats itself.
        if session % 5 == 0 {
            events.push(events[1].clone());
        }
        let page = format!("https://lms.example/courses/{}", session % 3);
        let application = ["kms", "-1+1", "moodle, old"][(session % 3) as usize];
        let batch = json!({ "sent": now_ms, "account": 7, "entry": entry, "session": format!("s{session}"),
                            "user": user, "page": page, "application": application, "events": events });
        let taken = self.post("/e", &batch, agent).await;
        assert_eq!(taken.status(), StatusCode::OK);
        let answer = json_of(taken).await;
        assert_eq!(answer["put_aside"], json!([]), "{answer}");
    }

    /// Sessions a year ago, in the days before these days, and in these days; then it is now again. Of these days:
    /// [`SESSIONS`] of people, every thirtieth unknown, and ten of a bot.
    async fn term(&self) {
        let spread = |count: i64, from_ms: i64, days: i64| (0..count).map(move |n| from_ms + n * days * DAY_MS / count);
        let today = NOW_MS - 12 * 60 * MINUTE_MS;
        for (number, at_ms) in (1_000..).zip(spread(40, today - 370 * DAY_MS, 6)) {
            self.clock.store(at_ms, Relaxed);
            self.play(number, "1_a", PEOPLE[(number % 3) as usize], 0, 2, FIREFOX).await;
        }
        for (number, at_ms) in (2_000..).zip(spread(60, today - 11 * DAY_MS, 6)) {
            self.clock.store(at_ms, Relaxed);
            self.play(number, ["1_a", "1_b"][(number % 2) as usize], "ben", 0, 1, FIREFOX).await;
        }
        for (number, at_ms) in (0..).zip(spread(SESSIONS, today - 5 * DAY_MS, 5)) {
            self.clock.store(at_ms, Relaxed);
            let user = if number % 30 == 29 { "" } else { PEOPLE[(number % 5) as usize] };
            let entry = ["1_a", "1_a", "1_b", "1_c"][(number % 4) as usize];
            self.play(number, entry, user, (number % 3) * 10, 1 + number % 3, FIREFOX).await;
            if number % 30 == 0 {
                self.play(10_000 + number, "1_a", "", 0, 1, BOT).await;
            }
        }
        self.clock.store(NOW_MS, Relaxed);
        self.until(&format!("totals?measures=plays&{PERIOD}"), SESSIONS as f64).await;
    }

    /// Waits until the plays of an answer are so many.
    async fn until(&self, path: &str, plays: f64) {
        let began = Instant::now();
        loop {
            let shown = self.ask(path).await;
            if shown["data"]["values"]["plays"]["value"] == plays {
                return;
            }
            assert!(began.elapsed() < Duration::from_secs(30), "not {plays} plays but {shown}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The same machine behind other settings, for the same people.
    fn with(&self, settings: Settings) -> axum::Router {
        let (jobs, privacy) = (self.app.jobs().clone(), self.app.privacy().clone());
        let app = app(&self.machine, self.vault.clone(), jobs, privacy, settings, told(&self.clock)).unwrap();
        router(&app, axum::Router::new())
    }
}

fn told(clock: &Arc<AtomicI64>) -> collect::Clock {
    let clock = clock.clone();
    Arc::new(move || clock.load(Relaxed))
}

fn jobs(
    machine: &Machine,
    data: &DataFolder,
    vault: &Arc<Vault>,
    settings: &Settings,
    clock: &Arc<AtomicI64>,
) -> (Jobs, Worker) {
    let exports = Exports::over(machine, vault.clone(), settings, told(clock));
    exports::start(data, settings, exports, told(clock)).unwrap()
}

/// A number of an answer.
fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

fn rows(answer: &Value) -> &Vec<Value> {
    answer["data"]["rows"].as_array().unwrap()
}
