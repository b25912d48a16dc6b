//! The catalog over HTTP, and the examples of its documentation.
#![expect(clippy::unwrap_used, reason = "tests")]

use crate::api::{NOW_MS, Server, json_of, problem};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use axum::response::Response;
use engine::catalog::record::Kind;
use engine::catalog::{Catalog, Format, ImportReport};
use engine::event::AccountId;
use serde_json::{Value, json};
use server::config::Settings;
use server::error::Code;

impl Server {
    async fn catalog(&self, method: Method, path: &str, kind: &str, body: String) -> Response {
        let request = Request::builder().method(method).uri(format!("/api/v1/catalog/{path}"));
        let request = request.header(header::COOKIE, &self.cookie).header(header::CONTENT_TYPE, kind);
        self.send(request.body(Body::from(body)).unwrap()).await
    }
    async fn put(&self, path: &str, body: Value) -> Response {
        self.catalog(Method::PUT, path, "application/json", body.to_string()).await
    }
    async fn delete(&self, path: &str) -> Response {
        self.catalog(Method::DELETE, path, "application/json", String::new()).await
    }
}

#[tokio::test]
async fn a_recording_is_played_where_it_is_set_and_only_from_there() {
    let own = Server::signed_in().await;
    let answer = own.get("/api/v1/entries/1_a").await;
    let policy = answer.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(!policy.contains("media-src") && !policy.contains("frame-src"), "{policy}");
    assert_eq!(json_of(answer).await["data"]["player"], Value::Null);

    let flags = [
        ("player.media", "https://media.example.edu/{entry}.mp4"),
        ("player.media_sites", "https://cdn.example.net, https://*.cdn.example.org"),
    ];
    let flags = flags.map(|(key, value)| (key, value.to_owned())).into();
    let mut server = Server::with(Settings::read(&flags, &[], None).unwrap());
    server.cookie = server.welcome("Ada").await;
    let answer = server.get("/api/v1/entries/1_a").await;
    let policy = answer.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
    let sites = "; media-src https://media.example.edu https://cdn.example.net https://*.cdn.example.org";
    assert!(policy.ends_with(sites), "{policy}");
    assert!(!policy.contains("frame-src"), "{policy}");
    let player = json!({ "kind": "media", "address": "https://media.example.edu/1_a.mp4", "captions": null });
    assert_eq!(json_of(answer).await["data"]["player"], player);
}

#[tokio::test]
async fn a_record_is_put_read_listed_and_taken_away() {
    let server = Server::signed_in().await;
    let record = json!({ "name": "Cells", "owner": "ann", "duration_ms": 60_000, "created": "2026-10-01" });
    let answer = server.put("entries/1_b", record.clone()).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    let stored = json_of(answer).await;
    let shown = json!({
        "id": "1_b", "name": "Cells", "owner": "ann", "duration_ms": 60_000, "created": "2026-10-01T00:00:00Z",
    });
    assert_eq!(stored, json!({ "data": shown }));
    assert_eq!(server.put("entries/1_b", record).await.status(), StatusCode::OK);
    assert_eq!(server.data("catalog/entries/1_b").await["data"], shown);
    // Reports see it at once.
    assert_eq!(server.data("entries/1_b").await["data"]["owner"]["name"], "ann");

    let first = server.data("catalog/entries?size=1").await;
    assert_eq!((&first["data"]["rows"][0]["id"], &first["data"]["next"]), (&json!("1_a"), &json!("1_a")));
    let second = server.data("catalog/entries?size=1&after=1_a").await;
    assert_eq!((&second["data"]["rows"][0]["id"], &second["data"]["next"]), (&json!("1_b"), &Value::Null));
    let found = server.data("catalog/entries?find=cell").await;
    assert_eq!(found["data"]["rows"].as_array().unwrap().len(), 1);

    assert_eq!(server.delete("entries/1_b").await.status(), StatusCode::NO_CONTENT);
    problem(server.delete("entries/1_b").await, Code::NotFound).await;
    assert_eq!(server.data("catalog/entries/1_b").await["data"]["deleted"], "2026-11-23T12:00:00Z");
}

#[tokio::test]
async fn every_kind_has_its_address() {
    let server = Server::signed_in().await;
    let records = [
        ("people/ann", json!({ "name": "Ann" })),
        ("terms/w26", json!({ "from": "2026-10-01", "to": "2027-04-01" })),
        ("categories/bio", json!({ "kind": "course", "term": "w26" })),
        ("links/l", json!({ "entry": "1_a", "category": "bio" })),
        ("members/m", json!({ "person": "ann", "category": "bio", "role": "teacher" })),
        ("playlists/p", json!({ "entries": ["1_a"] })),
        ("notes/n", json!({ "date": "2026-10-01", "text": "Start" })),
    ];
    for (path, record) in records {
        assert_eq!(server.put(path, record).await.status(), StatusCode::CREATED, "{path}");
        server.data(&format!("catalog/{path}")).await;
        assert_eq!(server.delete(path).await.status(), StatusCode::NO_CONTENT, "{path}");
    }
}

#[tokio::test]
async fn faults_name_the_field_and_change_nothing() {
    let server = Server::signed_in().await;
    let answer =
        problem(server.put("entries/x", json!({ "duration_ms": "long", "titel": 1 })).await, Code::BadBody).await;
    assert_eq!(answer["field"], "titel");
    let detail = answer["detail"].as_str().unwrap();
    assert!(detail.contains("`titel` is not a field") && detail.contains("`duration_ms` must be a whole number"));
    problem(server.get("/api/v1/catalog/entries/x").await, Code::NotFound).await;
    problem(server.put("entries/x", json!({ "id": "y" })).await, Code::BadBody).await;
    problem(server.put("entry/x", json!({})).await, Code::NotFound).await;
    problem(server.put("entries/x?account=99", json!({})).await, Code::NotFound).await;
    problem(server.get("/api/v1/catalog/entries?sort=name").await, Code::UnknownParameter).await;
    problem(server.get("/api/v1/catalog/entries?size=0").await, Code::BadParameter).await;
    problem(server.get("/api/v1/catalog/birds").await, Code::NotFound).await;
}

#[tokio::test]
async fn many_records_come_at_once() {
    let server = Server::signed_in().await;
    let lines = "{\"record\":\"entry\",\"id\":\"1_x\"}\n{\"record\":\"entry\",\"id\":\"1_y\",\"colour\":\"red\"}\n";
    let answer = server.catalog(Method::POST, "import", "application/x-ndjson", lines.to_owned()).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let done = json_of(answer).await;
    assert_eq!(done["data"]["stored"], json!({ "entries": 1 }));
    assert_eq!(done["data"]["bad_lines"][0]["line"], 2);
    assert_eq!(done["data"]["bad_lines"][0]["errors"][0]["field"], "colour");
    let csv = "id,name\nann,Ann\n".to_owned();
    let answer = server.catalog(Method::POST, "import?kind=people", "text/csv; charset=utf-8", csv.clone()).await;
    assert_eq!(json_of(answer).await["data"]["stored"], json!({ "people": 1 }));
    problem(server.catalog(Method::POST, "import?kind=birds", "text/csv", csv).await, Code::BadParameter).await;
    // More than other bodies may have.
    let large = "\n".repeat(2 << 20);
    let answer = server.catalog(Method::POST, "import", "application/x-ndjson", large).await;
    assert_eq!(answer.status(), StatusCode::OK);
}

#[tokio::test]
async fn nobody_else_may() {
    let stranger = Server::with(Settings::default());
    for (method, path) in [
        (Method::GET, "entries"),
        (Method::GET, "entries/1_a"),
        (Method::PUT, "entries/1_a"),
        (Method::DELETE, "entries/1_a"),
        (Method::POST, "import"),
    ] {
        let answer = stranger.catalog(method, path, "application/json", "{}".to_owned()).await;
        problem(answer, Code::SignInNeeded).await;
    }
}

/// The fenced blocks of the documentation that are in a language.
fn examples(language: &str) -> Vec<&'static str> {
    let page = include_str!("../../../../docs/catalog.md");
    let blocks = page.split("```").skip(1).step_by(2);
    blocks.filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n')).collect()
}

fn import(catalog: &Catalog, text: &str, format: Format, kind: Option<Kind>) -> ImportReport {
    let mut key = 0;
    let mut fresh = || {
        key += 1;
        key
    };
    catalog.import(AccountId(7), &mut text.as_bytes(), format, kind, NOW_MS, &mut fresh, &mut |_| ()).unwrap()
}

#[test]
fn the_examples_of_the_documentation_are_what_they_say() {
    let catalog = Catalog::open_in_memory(NOW_MS).unwrap();
    catalog.add_account(AccountId(7), "Campus", NOW_MS).unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for example in examples("ndjson") {
        let report = import(&catalog, example, Format::Ndjson, None);
        assert_eq!(report.bad_lines, [], "{example}");
        seen.extend(report.stored.into_keys());
    }
    assert_eq!(seen.len(), Kind::ALL.len(), "an example of each kind: {seen:?}");
    let [people, mixed] = examples("csv")[..] else { panic!("two examples of CSV") };
    assert_eq!(import(&catalog, people, Format::Csv, Some(Kind::Person)).bad_lines, []);
    assert_eq!(import(&catalog, mixed, Format::Csv, None).bad_lines, []);
    let mut exported = Vec::new();
    catalog.export(AccountId(7), &mut exported).unwrap();
    let again = import(&catalog, std::str::from_utf8(&exported).unwrap(), Format::Ndjson, None);
    assert_eq!((again.bad, again.created), (0, 0));
}

#[test]
fn the_documentation_names_every_field() {
    let page = include_str!("../../../../docs/catalog.md");
    for kind in Kind::ALL {
        let heading = format!("\n### {}\n", kind.plural());
        let section = page.split(&heading).nth(1).unwrap_or_else(|| panic!("no section {heading}"));
        let section = section.split("\n### ").next().unwrap().split("\n## ").next().unwrap();
        for field in kind.fields() {
            let need = if field.required { "yes" } else { "" };
            let row = format!("| `{}` | {need} | {} |", field.name, field.meaning);
            assert!(section.contains(&row), "docs/catalog.md, {}: {row}", kind.plural());
        }
    }
}
