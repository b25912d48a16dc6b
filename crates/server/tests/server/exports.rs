//! Exports over HTTP, with real files in a folder of the test.
#![expect(clippy::unwrap_used, reason = "tests")]

use crate::api::{NOW_MS, Server, json_of, problem, text_of};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use engine::catalog::{Catalog, Format};
use engine::event::AccountId;
use engine::storage::files::FileStorage;
use serde_json::{Value, json};
use server::auth::vault::Vault;
use server::config::Settings;
use server::error::Code;
use server::exports::{Exports, keep_ms};
use server::jobs::{JobSpec, Ledger, Parts, Progress, Refusal, WAITING_PER_OWNER_MAX, Work, WorkError};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// The real work, held back until it is let go.
struct Held {
    work: Exports,
    held: Arc<AtomicBool>,
}

impl Work for Held {
    fn check(&self, asked: &JobSpec) -> Result<(), Refusal> {
        self.work.check(asked)
    }
    fn run(&self, asked: &JobSpec, progress: &Progress, out: &mut (dyn Write + Send)) -> Result<(), WorkError> {
        progress.expect(2);
        while self.held.load(Relaxed) {
            progress.advance(0)?;
            std::thread::sleep(Duration::from_millis(1));
        }
        self.work.run(asked, progress, out)
    }
}

/// A server whose exports are in a folder and do not begin before `held` is false.
async fn server(folder: &Path, held: &Arc<AtomicBool>) -> Server {
    let settings = Settings::default();
    let keep_ms = keep_ms(&settings);
    let vault = Vault::open(&folder.join("catalog.sqlite")).unwrap();
    let mut server = Server::exporting(settings, vault, |exports, clock| Parts {
        ledger: Ledger::open(&folder.join("catalog.sqlite")).unwrap(),
        storage: Arc::new(FileStorage::open(folder, 0).unwrap()),
        work: Arc::new(Held { work: exports, held: held.clone() }),
        clock,
        keep_ms,
        floor_bytes: 0,
        scratch: folder.to_owned(),
    });
    server.cookie = server.welcome("Ada").await;
    server
}

fn free() -> Arc<AtomicBool> {
    Arc::new(AtomicBool::new(false))
}

fn asked(form: &str) -> Value {
    json!({ "title": "Catalog: autumn", "form": form, "spec": { "kind": "catalog" } })
}

impl Server {
    async fn export(&self, body: Value) -> Value {
        let answer = self.post("exports", body).await;
        assert_eq!(answer.status(), StatusCode::ACCEPTED);
        let location = answer.headers()[header::LOCATION].to_str().unwrap().to_owned();
        let job = json_of(answer).await["data"].clone();
        assert_eq!(location, format!("/api/v1/exports/{}", job["id"].as_str().unwrap()));
        job
    }
    async fn until(&self, id: &str, state: &str) -> Value {
        let began = Instant::now();
        loop {
            let job = self.data(&format!("exports/{id}")).await["data"].clone();
            if job["state"] == state {
                return job;
            }
            assert!(began.elapsed() < Duration::from_secs(20), "it stays {job}");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
    /// Waits until the work itself has begun: the state says so a little earlier.
    async fn begun(&self, id: &str) {
        while self.until(id, "running").await["rows_total"].is_null() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
    async fn take_away(&self, id: &str) -> Response {
        let request = Request::delete(format!("/api/v1/exports/{id}")).header(header::COOKIE, &self.cookie);
        self.send(request.body(Body::empty()).unwrap()).await
    }
}

fn id(job: &Value) -> &str {
    job["id"].as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_asked_for_watched_and_fetched() {
    let (folder, held) = (tempfile::tempdir().unwrap(), Arc::new(AtomicBool::new(true)));
    let server = server(folder.path(), &held).await;
    let job = server.export(asked("csv")).await;
    assert_eq!((&job["state"], &job["file"], &job["account"]), (&json!("queued"), &Value::Null, &json!(7)));
    assert_eq!(job["options"], json!({ "bom": false, "definitions": true, "labels": false }));
    let running = server.until(id(&job), "running").await;
    assert_eq!((&running["rows"], &running["started_at"]), (&json!(0), &json!("2026-11-23T12:00:00Z")));
    let early = problem(server.get(&format!("/api/v1/exports/{}/file", id(&job))).await, Code::NoFile).await;
    assert_eq!(early["detail"], "It is running.");

    held.store(false, Relaxed);
    let done = server.until(id(&job), "done").await;
    assert_eq!((&done["rows"], &done["expires_at"]), (&json!(1), &json!("2026-11-24T12:00:00Z")));
    assert_eq!(server.data("exports").await["data"]["rows"], json!([done]));
    let answer = server.get(done["file"].as_str().unwrap()).await;
    let headers = answer.headers();
    assert_eq!(headers[header::CONTENT_TYPE], "text/csv; charset=utf-8");
    assert_eq!(headers[header::CONTENT_DISPOSITION], "attachment; filename=\"Catalog-autumn.csv\"");
    assert_eq!(headers[header::CACHE_CONTROL], "no-store");
    assert_eq!(headers[header::CONTENT_LENGTH].to_str().unwrap(), done["bytes"].to_string());
    let text = text_of(answer).await;
    assert!(text.starts_with("# Catalog: autumn\r\n# Account: 7\r\n"), "{text}");
    assert!(text.contains("\r\nkind,id,record\r\nentry,1_a,\"{\"\"record\"\":\"\"entry\"\","), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_catalog_comes_back_by_an_import_and_in_every_form() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(folder.path(), &free()).await;
    for (form, magic) in [("ndjson", "{\"record\":\"entry\""), ("xlsx", "PK"), ("parquet", "PAR1"), ("csv", "# ")] {
        let job = server.export(asked(form)).await;
        let done = server.until(id(&job), "done").await;
        let answer = server.get(done["file"].as_str().unwrap()).await;
        let bytes = axum::body::to_bytes(answer.into_body(), 1 << 24).await.unwrap();
        assert!(bytes.starts_with(magic.as_bytes()), "{form}");
        if form == "ndjson" {
            let other = Catalog::open_in_memory(NOW_MS).unwrap();
            other.add_account(AccountId(7), "Copy", NOW_MS).unwrap();
            let mut input: &[u8] = &bytes;
            let (mut fresh, mut progress) = (|| 1, |_| ());
            let report =
                other.import(AccountId(7), &mut input, Format::Ndjson, None, NOW_MS, &mut fresh, &mut progress);
            assert_eq!((report.as_ref().unwrap().created, report.unwrap().bad), (1, 0));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_cancelled_and_then_removed() {
    let (folder, held) = (tempfile::tempdir().unwrap(), Arc::new(AtomicBool::new(true)));
    let server = server(folder.path(), &held).await;
    let job = server.export(asked("csv")).await;
    server.until(id(&job), "running").await;
    assert_eq!(server.take_away(id(&job)).await.status(), StatusCode::NO_CONTENT);
    server.until(id(&job), "cancelled").await;
    problem(server.get(&format!("/api/v1/exports/{}/file", id(&job))).await, Code::NoFile).await;
    assert_eq!(server.take_away(id(&job)).await.status(), StatusCode::NO_CONTENT);
    problem(server.take_away(id(&job)).await, Code::NotFound).await;
    problem(server.get(&format!("/api/v1/exports/{}", id(&job))).await, Code::NotFound).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_of_somebody_else_does_not_exist() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = server(folder.path(), &free()).await;
    let job = server.export(asked("csv")).await;
    let done = server.until(id(&job), "done").await;
    let grace = server.welcome("Grace").await;
    let ada = std::mem::replace(&mut server.cookie, grace);
    assert_eq!(server.data("exports").await["data"]["rows"], json!([]));
    let path = format!("/api/v1/exports/{}", id(&job));
    for path in [&path, done["file"].as_str().unwrap(), "/api/v1/exports/none", "/api/v1/exports/none/file"] {
        problem(server.get(path).await, Code::NotFound).await;
    }
    problem(server.take_away(id(&job)).await, Code::NotFound).await;
    server.cookie = ada;
    server.until(id(&job), "done").await;
    // Signed out, there is not even that.
    server.cookie = String::new();
    for path in [&path, done["file"].as_str().unwrap(), "/api/v1/exports"] {
        problem(server.get(path).await, Code::SignInNeeded).await;
    }
    problem(server.take_away(id(&job)).await, Code::SignInNeeded).await;
    problem(server.post("exports", asked("csv")).await, Code::SignInNeeded).await;
}

#[tokio::test]
async fn wrong_fields_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(folder.path(), &free()).await;
    let spec = json!({ "kind": "catalog" });
    for (body, field) in [
        (json!({ "title": "", "form": "csv", "spec": spec }), "title"),
        (json!({ "title": "x".repeat(201), "form": "csv", "spec": spec }), "title"),
        (json!({ "title": "a", "form": "pdf", "spec": spec }), "form"),
        (json!({ "title": "a", "form": "csv", "spec": 3 }), "spec"),
        (json!({ "title": "a", "form": "csv", "spec": {} }), "spec.kind"),
        (json!({ "title": "a", "form": "csv", "spec": { "kind": "planets" } }), "spec.kind"),
        (json!({ "title": "a", "form": "csv", "spec": { "kind": "catalog", "of": 3 } }), "spec.of"),
    ] {
        let problem = problem(server.post("exports", body).await, Code::BadParameter).await;
        assert_eq!(problem["field"], field, "{problem}");
    }
    let odd = json!({ "title": "a", "form": "csv", "spec": spec, "options": { "colour": "red" } });
    let refusal = problem(server.post("exports", odd).await, Code::BadBody).await;
    assert!(refusal["detail"].as_str().unwrap().contains("colour"), "{refusal}");
    problem(server.post("exports?account=8", asked("csv")).await, Code::NotFound).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_exports_are_limited_and_survive_a_restart() {
    let (folder, held) = (tempfile::tempdir().unwrap(), Arc::new(AtomicBool::new(true)));
    let first = server(folder.path(), &held).await;
    let running = first.export(asked("ndjson")).await;
    first.begun(id(&running)).await;
    let mut waiting = Vec::new();
    for _ in 0..WAITING_PER_OWNER_MAX {
        waiting.push(first.export(asked("ndjson")).await);
    }
    let refusal = problem(first.post("exports", asked("ndjson")).await, Code::TooManyExports).await;
    assert!(refusal["detail"].as_str().unwrap().starts_with("5 of your exports are waiting"), "{refusal}");

    // Killed: its thread never gets further.
    std::mem::forget(first);
    let second = server(folder.path(), &free()).await;
    for job in waiting.iter().chain([&running]) {
        let done = second.until(id(job), "done").await;
        assert_eq!(text_of(second.get(done["file"].as_str().unwrap()).await).await.lines().count(), 1);
    }
    let files = std::fs::read_dir(folder.path().join("exports")).unwrap().count();
    assert_eq!(files, waiting.len() + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_expires() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = server(folder.path(), &free()).await;
    let job = server.export(asked("csv")).await;
    let done = server.until(id(&job), "done").await;
    server.now_ms.fetch_add(keep_ms(&Settings::default()), Relaxed);
    // The sign-in has ended too by then.
    let body = json!({ "name": "Ada", "password": "correct horse battery staple" });
    let answer = server.post("login", body).await;
    server.cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    problem(server.get(done["file"].as_str().unwrap()).await, Code::NotFound).await;
    let jobs = server.app.jobs().clone();
    jobs.sweep(server.app.now_ms()).unwrap();
    assert_eq!(std::fs::read_dir(folder.path().join("exports")).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_file_arrives_whole_and_a_lost_one_breaks_off() {
    /// A file of some megabytes.
    struct Long;
    impl Work for Long {
        fn check(&self, _: &JobSpec) -> Result<(), Refusal> {
            Ok(())
        }
        fn run(&self, _: &JobSpec, progress: &Progress, out: &mut (dyn Write + Send)) -> Result<(), WorkError> {
            for row in 0..100_000 {
                writeln!(out, "{row:050}")?;
                progress.advance(1)?;
            }
            Ok(())
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::exporting(Settings::default(), Vault::open_in_memory().unwrap(), |_, clock| Parts {
        ledger: Ledger::open_in_memory().unwrap(),
        storage: Arc::new(FileStorage::open(folder.path(), 0).unwrap()),
        work: Arc::new(Long),
        clock,
        keep_ms: 3_600_000,
        floor_bytes: 0,
        scratch: folder.path().to_owned(),
    });
    server.cookie = server.welcome("Ada").await;
    let job = server.export(asked("ndjson")).await;
    let done = server.until(id(&job), "done").await;
    let path = done["file"].as_str().unwrap();
    let text = text_of(server.get(path).await).await;
    assert_eq!((text.len(), text.lines().count()), (5_100_000, 100_000));
    assert_eq!(text.lines().next_back().unwrap().trim_start_matches('0'), "99999");

    let answer = server.get(path).await;
    std::fs::remove_dir_all(folder.path().join("exports")).unwrap();
    assert!(axum::body::to_bytes(answer.into_body(), 1 << 24).await.is_err());
}
