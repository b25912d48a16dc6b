//! From a player's request to a report, with everything real but the disk.
#![expect(clippy::unwrap_used, reason = "tests")]

use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use engine::catalog::imported::{ImportedDay, ImportedFigure};
use engine::catalog::{Account, Catalog, Secret};
use engine::event::AccountId;
use engine::manifest::MemoryManifest;
use engine::storage::memory::MemoryStorage;
use serde_json::{Value, json};
use server::auth::{local::make_link, vault::Vault};
use server::collect;
use server::config::Settings;
use server::enrich::{self, Enricher};
use server::exports::Exports;
use server::jobs::{self, Jobs, Ledger};
use server::machine::{Machine, Materials};
use server::privacy::{self, Privacy};
use server::router::router;
use server::serve::app;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::time::{Duration, Instant};
use tower::ServiceExt;

/// 2026-11-23T12:00:00Z.
const NOW_MS: i64 = 1_795_435_200_000;

async fn ask(router: &axum::Router, request: Request<Body>) -> (axum::http::HeaderMap, Value) {
    let answer = router.clone().oneshot(request).await.unwrap();
    let (head, body) = answer.into_parts();
    assert!(head.status.is_success(), "{}", head.status);
    let bytes = to_bytes(body, 1 << 24).await.unwrap();
    (head.headers, serde_json::from_slice(&bytes).unwrap_or_default())
}

/// Everything real but the disk.
fn materials(
    storage: &MemoryStorage,
    manifest: &MemoryManifest,
    catalog: &Arc<Catalog>,
    clock: &collect::Clock,
) -> Materials {
    Materials {
        storage: Arc::new(storage.clone()),
        manifest: Box::new(manifest.clone()),
        catalog: catalog.clone(),
        enrich: Arc::new(Enricher::open(&enrich::Settings::default())),
        clock: clock.clone(),
        streams: Vec::new(),
    }
}

#[test]
fn the_page_about_metrics_is_fresh() {
    let storage = MemoryStorage::new();
    let manifest = MemoryManifest::new().beside(&storage);
    let catalog = Arc::new(Catalog::open_in_memory(NOW_MS).unwrap());
    let materials = materials(&storage, &manifest, &catalog, &(Arc::new(|| NOW_MS) as collect::Clock));
    let machine = Machine::start(materials, &Settings::default(), || ()).unwrap();
    let page = server::metrics::page(&machine.collect.numbers());
    expect_test::expect_file!["../../../../docs/generated/metrics.md"].assert_eq(&page);
    machine.stop();
}

/// A machine with account 7 ("secret", unsigned users accepted) at work, its router, and a cookie of its administrator.
struct Bench {
    storage: MemoryStorage,
    manifest: MemoryManifest,
    catalog: Arc<Catalog>,
    now: Arc<AtomicI64>,
    settings: Settings,
}

impl Bench {
    fn new() -> Bench {
        let storage = MemoryStorage::new();
        let manifest = MemoryManifest::new().beside(&storage);
        let catalog = Arc::new(Catalog::open_in_memory(NOW_MS).unwrap());
        catalog.add_account(AccountId(7), "Campus", NOW_MS).unwrap();
        let known = Account::clone(&catalog.account(AccountId(7)).unwrap());
        let account = Account { admin_secrets: vec![Secret(b"secret".to_vec())], unsigned_users: true, ..known };
        catalog.set_account(&account, NOW_MS).unwrap();
        Bench { storage, manifest, catalog, now: Arc::new(AtomicI64::new(NOW_MS)), settings: Settings::default() }
    }

    fn clock(&self) -> collect::Clock {
        let now = self.now.clone();
        Arc::new(move || now.load(Relaxed))
    }

    async fn start(&self) -> (Machine, axum::Router, String) {
        let materials = materials(&self.storage, &self.manifest, &self.catalog, &self.clock());
        let machine = Machine::start(materials, &self.settings, || ()).unwrap();
        let vault = Arc::new(Vault::open_in_memory().unwrap());
        let exports = Exports::over(&machine, vault.clone(), &self.settings, self.clock());
        let exports = jobs::Parts {
            ledger: Ledger::open_in_memory().unwrap(),
            storage: Arc::new(self.storage.clone()),
            work: Arc::new(exports),
            clock: self.clock(),
            keep_ms: 3_600_000,
            floor_bytes: 0,
            scratch: std::env::temp_dir(),
        };
        let (jobs, _) = Jobs::start(exports).unwrap();
        let privacy = Privacy::over(privacy::Ledger::open_in_memory().unwrap());
        let app = app(&machine, vault, jobs, privacy, self.settings.clone(), self.clock()).unwrap();
        let router = router(&app, collect::routes(machine.collect.clone()));
        let token = make_link(app.vault(), NOW_MS).unwrap();
        let body = json!({ "token": token, "name": "Ada", "password": "correct horse battery staple" }).to_string();
        let request = Request::post("/api/v1/welcome").header(header::CONTENT_TYPE, "application/json");
        let (headers, _) = ask(&router, request.body(Body::from(body)).unwrap()).await;
        let cookie = headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
        (machine, router, cookie)
    }

    /// Sends events of one session of entry `1_a`, each so many ms after the one before.
    async fn play(&self, router: &axum::Router, events: &[(i64, &str)]) {
        for (ms, rest) in events {
            self.now.fetch_add(*ms, Relaxed);
            let path = format!(
                "/api_v3/index.php?service=analytics&action=trackEvent&partnerId=7&entryId=1_a&sessionId=s&userId=bob&{rest}"
            );
            let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0";
            let request = Request::get(path).header(header::USER_AGENT, agent).body(Body::empty()).unwrap();
            let (_, answer) = ask(router, request).await;
            assert_eq!(answer["viewEventsEnabled"], true);
        }
    }
}

/// Totals of entry `1_a`, once `measure` has this value; as they are after a second.
async fn totals(router: &axum::Router, cookie: &str, measures: &str, until: (&str, f64)) -> Value {
    let began = Instant::now();
    loop {
        let path = format!("/api/v1/totals?subject=entry:1_a&today=1&measures={measures}");
        let request = Request::get(path).header(header::COOKIE, cookie).body(Body::empty()).unwrap();
        let shown = ask(router, request).await.1["data"]["values"].clone();
        if shown[until.0]["value"] == until.1 || began.elapsed() > Duration::from_secs(1) {
            return shown;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_play_shows_in_the_report_within_a_second_and_after_a_restart() {
    let bench = Bench::new();
    let measures = "impressions,plays,viewers,minutes_viewed";
    let (machine, router, cookie) = bench.start().await;
    let events = [
        (0, "eventType=1&eventIndex=1&position=0"),
        (0, "eventType=3&eventIndex=2&position=0"),
        (6_000, "eventType=33&eventIndex=3&position=6"),
    ];
    bench.play(&router, &events).await;
    let shown = totals(&router, &cookie, measures, ("minutes_viewed", 0.1)).await;
    for (measure, value) in [("impressions", 1.0), ("plays", 1.0), ("viewers", 1.0), ("minutes_viewed", 0.1)] {
        assert_eq!(shown[measure]["value"], value, "{measure}: {shown}");
    }

    drop(router);
    tokio::task::spawn_blocking(move || machine.stop()).await.unwrap();
    let (machine, router, cookie) = bench.start().await;
    assert_eq!(totals(&router, &cookie, measures, ("minutes_viewed", 0.1)).await, shown);
    tokio::task::spawn_blocking(move || machine.stop()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn imported_figures_stand_beside_ours_and_are_in_no_other_answer() {
    let bench = Bench::new();
    let (machine, router, cookie) = bench.start().await;
    let figure = |entry: &str, impressions, plays, minutes| ImportedFigure {
        entry: entry.to_owned(),
        impressions,
        plays,
        minutes,
    };
    let day = |day: &str| ImportedDay { day: day.to_owned(), zone: "America/Chicago".to_owned(), cut: false };
    // 2026-11-23T12:00Z is the 23rd in Chicago; the 21st was not read.
    let put = |of: &str, figures: &[ImportedFigure]| {
        bench.catalog.put_imported(AccountId(7), &day(of), figures, NOW_MS).unwrap()
    };
    put("2026-11-20", &[figure("1_old", 30, 20, 15.0)]);
    put("2026-11-22", &[figure("1_a", 5, 4, 2.0)]);
    put("2026-11-23", &[figure("1_a", 10, 9, 3.5)]);
    let events = [
        (0, "eventType=1&eventIndex=1&position=0"),
        (0, "eventType=3&eventIndex=2&position=0"),
        (10_000, "eventType=99&eventIndex=3&position=10&playTimeSum=10"),
        (500, "eventType=33&eventIndex=4&position=10.5"),
    ];
    bench.play(&router, &events).await;
    let shown =
        totals(&router, &cookie, "impressions,plays,heartbeat_minutes", ("heartbeat_minutes", 10.0 / 60.0)).await;
    assert_eq!(shown["plays"]["value"], 1.0, "ours alone");

    let request = Request::get("/api/v1/reconciliation?period=30d&today=1").header(header::COOKIE, &cookie);
    let data = ask(&router, request.body(Body::empty()).unwrap()).await.1["data"].clone();
    assert_eq!(data["days"], json!(["2026-11-20", "2026-11-22", "2026-11-23"]));
    assert_eq!(data["zone"], "America/Chicago");
    assert_eq!(data["kaltura"], json!({ "impressions": 45, "plays": 33, "minutes": 20.5 }));
    assert_eq!(data["ours"], json!({ "impressions": 1, "plays": 1, "minutes": 10.0 / 60.0 }));
    let row = |i: usize, field: &str| data["rows"][i][field].clone();
    assert_eq!((row(0, "entry"), row(0, "likely")), (json!("1_old"), json!("before_collection")));
    assert_eq!((row(1, "entry"), row(1, "likely")), (json!("1_a"), json!("before_collection")));
    assert_eq!(row(1, "kaltura"), json!({ "impressions": 15, "plays": 13, "minutes": 5.5 }));
    assert_eq!(data["rows"].as_array().unwrap().len(), 2);

    let request = Request::get("/api/v1/reconciliation?period=30d&today=1").header(header::COOKIE, &cookie);
    let request = request.header(header::ACCEPT, "text/csv").body(Body::empty()).unwrap();
    let answer = router.clone().oneshot(request).await.unwrap();
    let bytes = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    let csv = String::from_utf8(bytes.to_vec()).unwrap();
    assert_eq!(
        csv.lines().nth(2).unwrap().split(',').take(7).collect::<Vec<_>>(),
        ["1_a", "1_a", "15", "1", "13", "1", "-12"],
        "{csv}"
    );

    // Days that were counted in different zones cannot be added.
    let other = ImportedDay { zone: "UTC".to_owned(), ..day("2026-11-19") };
    bench.catalog.put_imported(AccountId(7), &other, &[], NOW_MS).unwrap();
    let request = Request::get("/api/v1/reconciliation?period=30d").header(header::COOKIE, &cookie);
    let refused = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(refused.status(), 400);
    tokio::task::spawn_blocking(move || machine.stop()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_guess_of_the_length_that_was_too_short_cuts_nothing_off() {
    let bench = Bench::new();
    let (machine, router, cookie) = bench.start().await;
    // A real player at quarter speed, on a clip of 10.069 s: by its third milestone the clip seems to last 10.003 s.
    let events = [
        (0, "eventType=3&eventIndex=1&position=0&playbackSpeed=0.25"),
        (30_012, "eventType=13&eventIndex=2&position=7.502968&playbackSpeed=0.25"),
        (10_266, "eventType=14&eventIndex=3&position=10.069333&playbackSpeed=0.25"),
        (0, "eventType=33&eventIndex=4&position=10.069333&playbackSpeed=0.25"),
    ];
    bench.play(&router, &events).await;
    let shown = totals(&router, &cookie, "covered_100,completion,reached_100", ("completion", 1.0)).await;
    for (measure, value) in [("reached_100", 1.0), ("completion", 1.0), ("covered_100", 1.0)] {
        assert_eq!(shown[measure]["value"], value, "{measure}: {shown}");
    }
    tokio::task::spawn_blocking(move || machine.stop()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quiz_is_told_per_person_and_per_question() {
    let bench = Bench::new();
    let (machine, router, cookie) = bench.start().await;
    let quiz = |user: &str, answers: Value, rest: Value| {
        let events: Vec<Value> = [json!({ "event_id": "start", "kind": "quiz_started" })]
            .into_iter()
            .chain(answers.as_array().unwrap().iter().zip(0..).map(|(answer, number)| {
                let id = format!("answer {number}");
                json!({ "event_id": id, "kind": "quiz_answered", "question": answer[0], "correct": answer[1] })
            }))
            .chain(rest.as_array().unwrap().iter().cloned())
            .collect();
        json!({ "account": 7, "entry": "1_a", "session": user, "user": user, "events": events })
    };
    let submitted = |score: f64| json!([{ "event_id": "end", "kind": "quiz_submitted", "score": score }]);
    let ann = quiz("ann", json!([["q1", true], ["q2", false]]), submitted(50.0));
    for batch in [
        &ann,
        // A tracker that heard no answer sends all again.
        &ann,
        &quiz("bob", json!([["q1", true], ["q2", true]]), submitted(100.0)),
        // Cleo leaves after the first question; the second is not marked.
        &quiz("cleo", json!([["q1", "false"], ["q2", null]]), json!([])),
    ] {
        let request = Request::post("/e").header(header::CONTENT_TYPE, "application/json");
        let (_, answer) = ask(&router, request.body(Body::from(batch.to_string())).unwrap()).await;
        assert_eq!(answer["put_aside"], json!([]));
    }
    // An answer to nothing is put aside, and so is one that is neither right nor wrong.
    let bad = json!({ "account": 7, "entry": "1_a", "events": [
        { "kind": "quiz_answered", "correct": true }, { "kind": "quiz_answered", "question": "q1", "correct": "maybe" },
    ]});
    let request = Request::post("/e").header(header::CONTENT_TYPE, "application/json");
    let (_, answer) = ask(&router, request.body(Body::from(bad.to_string())).unwrap()).await;
    assert_eq!(answer["put_aside"].as_array().unwrap().len(), 2, "{answer}");
    // Kaltura's server tells of its own quizzes.
    bench.play(&router, &[(1_000, "eventType=30001&score=75&answerIds=a,b&numOfQuestions=2")]).await;

    let measures = "quiz_starts,quizzes,quiz_takers,quiz_score,quiz_best_score,quiz_answers,quiz_correct,\
                    quiz_correct_share,quiz_respondents";
    let expected = [
        ("quiz_starts", 3.0),
        ("quizzes", 3.0),
        ("quiz_takers", 2.0),
        ("quiz_score", 75.0),
        ("quiz_best_score", 100.0),
        ("quiz_answers", 6.0),
        ("quiz_correct", 3.0),
        ("quiz_correct_share", 0.5),
        ("quiz_respondents", 3.0),
    ];
    let shown = totals(&router, &cookie, measures, ("quizzes", 3.0)).await;
    for (measure, value) in expected {
        assert_eq!(shown[measure]["value"], value, "{measure}: {shown}");
    }
    let panel = async |name: &str| {
        let path = format!("/api/v1/reports/quizzes/{name}?subject=entry:1_a&today=1");
        let answer =
            ask(&router, Request::get(path).header(header::COOKIE, &cookie).body(Body::empty()).unwrap()).await.1;
        let rows = answer["data"]["rows"].as_array().unwrap().clone();
        let row = |row: Value| (row["labels"][0].as_str().unwrap().to_owned(), row["values"].clone());
        rows.into_iter().map(row).collect::<std::collections::BTreeMap<_, _>>()
    };
    let people = panel("viewers").await;
    for (person, starts, submitted, score, best, answers, correct) in [
        ("ann", 1.0, 1.0, json!(50.0), json!(50.0), 2.0, 1.0),
        ("bob", 1.0, 2.0, json!(87.5), json!(100.0), 2.0, 2.0),
        ("cleo", 1.0, 0.0, json!(null), json!(null), 2.0, 0.0),
    ] {
        let told = &people[person];
        assert_eq!((&told["quiz_score"], &told["quiz_best_score"]), (&score, &best), "{person}: {told}");
        for (measure, value) in
            [("quiz_starts", starts), ("quizzes", submitted), ("quiz_answers", answers), ("quiz_correct", correct)]
        {
            assert_eq!(told[measure], value, "{measure} of {person}: {told}");
        }
    }
    let (answered, right) = (panel("questions").await, panel("correct").await);
    assert_eq!((answered.len(), right.len()), (2, 2));
    for (question, correct) in [("q1", 2.0), ("q2", 1.0)] {
        let told = &answered[question];
        let expected = json!({
            "occurrences": 3.0, "times_correct": correct, "correct_share": correct / 3.0, "quiz_respondents": 3.0
        });
        assert_eq!(told, &expected, "{question}");
        assert_eq!(right[question], json!({ "occurrences": correct, "quiz_respondents": correct }), "{question}");
    }
    tokio::task::spawn_blocking(move || machine.stop()).await.unwrap();
}
