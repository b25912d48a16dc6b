//! Rights of people, over a real folder: being erased, reading one's record, what goes by age.
#![expect(clippy::unwrap_used, reason = "tests")]

mod erasing;
mod reading;
mod restoring;
mod rosters;

use crate::api::{NOW_MS, json_of, text_of};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use engine::catalog::record::{Kind, Record};
use engine::catalog::{Account, Catalog};
use engine::event::AccountId;
use serde_json::{Value, json};
use server::auth::local::make_link;
use server::auth::session::NewSession;
use server::auth::vault::{Facts, Vault, Who};
use server::collect;
use server::config::Settings;
use server::exports::{self, Exports};
use server::jobs;
use server::machine::{DataFolder, Machine};
use server::privacy::{self, Worker};
use server::router::router;
use server::serve::app;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};
use tower::ServiceExt;

pub(crate) const MINUTE_MS: i64 = 60_000;
pub(crate) const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
const ACCOUNT: AccountId = AccountId(7);
/// Whoever is erased: id, name, mail.
const ALICE: [&str; 3] = ["alice-4711", "Alice Liddellova", "alice.l@example.edu"];
/// Her key.
const KEY: u64 = 0x9d3a_51c7_44e2_b602;
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0";

/// A server at work on a folder.
struct House {
    clock: Arc<AtomicI64>,
    machine: Machine,
    vault: Arc<Vault>,
    jobs: jobs::Jobs,
    workers: (jobs::Worker, Worker),
    router: axum::Router,
    sessions: AtomicU64,
}

fn settings(folder: &Path) -> Settings {
    Settings { data: folder.to_owned(), disk_free_mb: 0, ..Settings::default() }
}

/// What everybody here knows of: people, recordings, a course.
fn known(catalog: &Catalog) {
    let start_ms = NOW_MS - 900 * DAY_MS;
    catalog.add_account(ACCOUNT, "Campus", start_ms).unwrap();
    let account = Account::clone(&catalog.account(ACCOUNT).unwrap());
    catalog.set_account(&Account { unsigned_users: true, ..account }, start_ms).unwrap();
    let [id, name, mail] = ALICE;
    let records = [
        (Kind::Person, json!({ "id": id, "name": name, "mail": mail })),
        (Kind::Person, json!({ "id": "bob-1", "name": "Bob" })),
        (Kind::Category, json!({ "id": "26", "name": "Biology" })),
        (Kind::Member, json!({ "category": "26", "person": id, "role": "student" })),
        (Kind::Entry, json!({ "id": "1_a", "name": "Membranes", "duration_ms": 60_000, "owner": id })),
        (
            Kind::Entry,
            json!({ "id": "1_b", "name": "Cells", "co_editors": [{ "person": id }],
                              "log": [{ "at": "2026-01-01T00:00:00Z", "what": "uploaded", "by": id }] }),
        ),
        (Kind::Playlist, json!({ "id": "p", "owner": id })),
        (Kind::Note, json!({ "id": "n", "date": "2026-01-01", "text": "an exam", "author": id })),
    ];
    for (number, (kind, record)) in (0..).zip(records) {
        let record = Record::check(kind, record.as_object().unwrap(), None).unwrap();
        catalog.put(ACCOUNT, &record, start_ms, &mut || KEY + number).unwrap();
    }
}

impl House {
    async fn open(folder: &Path, clock: &Arc<AtomicI64>) -> House {
        House::with(settings(folder), clock).await
    }

    async fn with(settings: Settings, clock: &Arc<AtomicI64>) -> House {
        let data = DataFolder::open(&settings).unwrap();
        let told: collect::Clock = {
            let clock = clock.clone();
            Arc::new(move || clock.load(Relaxed))
        };
        let new = !data.catalog_file().exists();
        let machine = Machine::open(&data, &settings, told.clone(), &[]).unwrap();
        if new {
            known(&machine.catalog);
        }
        let vault = Arc::new(Vault::open(&data.catalog_file()).unwrap());
        let exports = Exports::over(&machine, vault.clone(), &settings, told.clone());
        let (jobs, exporting) = exports::start(&data, &settings, exports, told.clone()).unwrap();
        let (privacy, guard) =
            privacy::start(&data, &settings, &machine, vault.clone(), jobs.clone(), told.clone()).unwrap();
        let app = app(&machine, vault.clone(), jobs.clone(), privacy, settings.clone(), told).unwrap();
        let router = router(&app, collect::routes(machine.collect.clone()));
        let workers = (exporting, guard);
        static HOUSES: AtomicU64 = AtomicU64::new(1);
        let (clock, sessions) = (clock.clone(), AtomicU64::new(HOUSES.fetch_add(1, Relaxed) << 20));
        if new {
            let token = make_link(&vault, clock.load(Relaxed)).unwrap();
            assert!(vault.use_link(&token, "Ada", "no password", clock.load(Relaxed)).unwrap());
        }
        House { clock, machine, vault, jobs, workers, router, sessions }
    }

    fn now_ms(&self) -> i64 {
        self.clock.load(Relaxed)
    }

    async fn stop(self) {
        let House { machine, workers: (exporting, guard), router, jobs, .. } = self;
        drop((router, jobs));
        let stop = move || {
            guard.stop();
            exporting.stop();
            machine.stop();
        };
        tokio::task::spawn_blocking(stop).await.unwrap();
    }

    async fn send(&self, request: Request<Body>) -> Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    async fn post(&self, path: &str, body: &Value) -> Response {
        let request = Request::post(path).header(header::COOKIE, self.cookie()).header(header::USER_AGENT, FIREFOX);
        let request = request.header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    async fn get(&self, path: &str, cookie: &str, accept: &str) -> Response {
        let request = Request::get(path).header(header::COOKIE, cookie).header(header::ACCEPT, accept);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    async fn ask(&self, path: &str) -> Value {
        let answer = self.get(&format!("/api/v1/{path}"), &self.cookie(), "application/json").await;
        let status = answer.status();
        let answer = json_of(answer).await;
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
        answer["data"].clone()
    }

    /// A cookie of a person of the account.
    fn sign_in(&self, person: &str) -> String {
        let who = Who::Person { account: ACCOUNT, id: person.to_owned() };
        self.session(who, person)
    }

    fn session(&self, who: Who, name: &str) -> String {
        let token = format!("token-{}", self.sessions.fetch_add(1, Relaxed));
        let new = NewSession { who, name: name.to_owned(), way: "password", facts: Facts::default() };
        self.vault.add_session(&token, &new, self.now_ms(), i64::MIN).unwrap();
        format!("playhead={token}")
    }

    /// A cookie of the administrator, however late it is.
    fn cookie(&self) -> String {
        let user = self.vault.user("Ada").unwrap().unwrap();
        self.session(Who::Local(user.id), "Ada")
    }

    /// Somebody plays a recording for so many times ten seconds.
    async fn play(&self, entry: &str, user: &str, heartbeats: i64) {
        self.play_in("", entry, user, heartbeats).await;
    }

    /// The same in a category's gallery.
    async fn play_in(&self, context: &str, entry: &str, user: &str, heartbeats: i64) {
        let (now_ms, session) = (self.now_ms(), self.sessions.fetch_add(1, Relaxed));
        let mut events = vec![
            json!({ "kind": "impression", "at": now_ms, "event_id": "i" }),
            json!({ "kind": "play", "at": now_ms, "index": 1, "position_ms": 0, "event_id": "p",
                    "vars": { "buttonName": ALICE[1] } }),
        ];
        events.extend((1..=heartbeats).map(|n| {
            json!({ "kind": "view", "at": now_ms + n * 10_000, "index": n + 1, "event_id": format!("v{n}"),
                    "position_ms": n * 10_000, "play_time_ms": n * 10_000 })
        }));
        // Every fifth session is on a page that names Alice, whoever watches.
        let page = match session % 5 {
            0 => format!("https://lms.example/courses/1/of/{}", ALICE[2].replace('@', "%40")),
            _ => "https://lms.example/courses/1".to_owned(),
        };
        let application = if session % 4 == 0 { ALICE[0] } else { "kms" };
        let batch = json!({ "sent": now_ms, "account": 7, "entry": entry, "session": format!("s{session}"),
                            "user": user, "page": page, "application": application, "context": context,
                            "custom_var_1": user, "custom_var_3": "seat of alice_liddellova", "events": events });
        let taken = self.post("/e", &batch).await;
        assert_eq!(taken.status(), StatusCode::OK);
        assert_eq!(json_of(taken).await["put_aside"], json!([]));
    }

    /// Waits until an answer is as it should be.
    async fn until(&self, path: &str, what: impl Fn(&Value) -> bool) -> Value {
        let began = Instant::now();
        loop {
            let shown = self.ask(path).await;
            if what(&shown) {
                return shown;
            }
            assert!(began.elapsed() < Duration::from_secs(60), "{path} stays {shown}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until so many plays are shown.
    async fn plays(&self, plays: f64) {
        let path = "totals?measures=plays&period=all&today=1";
        self.until(path, |shown| shown["values"]["plays"]["value"] == plays).await;
    }

    /// Some days of plays by two people and others: 24 of Alice's and 36 in all.
    async fn term(&self) {
        for day in 0..12 {
            self.clock.fetch_add(DAY_MS, Relaxed);
            self.play("1_a", ALICE[0], 3).await;
            self.play("1_b", ALICE[0], 1 + day % 3).await;
            self.play("1_a", ["bob-1", "", "carl-9"][(day % 3) as usize], 2).await;
        }
    }

    /// Figures that count people in every way.
    async fn figures(&self) -> Vec<Value> {
        let mut figures = Vec::new();
        let measures = "measures=plays,viewers,known_viewers,minutes_viewed,impressions&period=all&today=1";
        for path in [
            format!("totals?{measures}"),
            format!("series?{measures}&by=day"),
            format!("table?{measures}&by=entry&sort=-plays"),
            format!("table?{measures}&by=country&sort=-plays"),
        ] {
            figures.push(self.ask(&path).await);
        }
        let table = self.ask(&format!("table?{measures}&by=viewer&sort=-plays")).await;
        // Of the table of people all but their names.
        let mut rows: Vec<Value> = table["rows"].as_array().unwrap().iter().map(|row| row["values"].clone()).collect();
        rows.sort_by_key(Value::to_string);
        figures.push(Value::from(rows));
        figures
    }
}

async fn text(answer: Response) -> String {
    assert_eq!(answer.status(), StatusCode::OK);
    text_of(answer).await
}
