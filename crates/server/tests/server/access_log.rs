//! The access log through the API: what is written down, who reads it, and that nothing is shown that is not in it. Keys for
//! programs, which are in it from their first day.
#![expect(clippy::unwrap_used, reason = "tests")]

use crate::access::{ACCOUNT, campus};
use crate::api::{NOW_MS, Server, json_of, problem, text_of};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};
use server::auth::vault::{Facts, Vault};
use server::config::Settings;
use server::error::Code;
use std::sync::atomic::Ordering::Relaxed;

impl Server {
    async fn ask(&self, path: &str, cookie: &str) -> Value {
        let answer = self.call("GET", path, cookie, None).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        json_of(answer).await
    }

    /// Records, oldest first, as `who action subject result`; without sign-ins.
    async fn log(&self, query: &str, cookie: &str) -> Vec<String> {
        let answer = self.ask(&format!("access-log?{query}"), cookie).await;
        let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
        let words = ["who", "action", "subject", "result"];
        let rows = answer["data"]["rows"].as_array().unwrap().iter().rev();
        let rows = rows.map(|row| words.map(|name| text(row, name)).join(" "));
        rows.filter(|line| !line.contains("sign_in") && !line.contains("role_granted")).collect()
    }

    async fn bearer(&self, path: &str, key: &str) -> axum::response::Response {
        let request = Request::get(format!("/api/v1/{path}")).header(header::AUTHORIZATION, format!("Bearer {key}"));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    async fn key(&self, body: Value, cookie: &str) -> Value {
        let answer = self.call("POST", "keys", cookie, Some(body)).await;
        assert_eq!(answer.status(), StatusCode::CREATED);
        json_of(answer).await["data"].clone()
    }
}

#[tokio::test]
async fn looks_at_named_viewers_and_refusals_are_written_down() {
    let server = campus().await;
    let mut cookies = std::collections::BTreeMap::new();
    for person in ["tom", "sam", "dee", "sue", "lea", "ann"] {
        cookies.insert(person, server.person(person, Facts::default()).await);
    }
    let of = |person: &str| cookies[person].clone();
    for (person, path) in [
        // Named viewers: once for all that a page asks within the minute.
        ("tom", "table?by=viewer&measures=plays&subject=entry:1_bio"),
        ("tom", "reports/recording?subject=entry:1_bio"),
        ("tom", "table?by=viewer,country&measures=plays&subject=entry:1_bio"),
        ("tom", "rows?subject=entry:1_bio"),
        ("tom", "values?dimension=viewer&subject=category:bio"),
        ("lea", "totals?measures=plays&subject=viewer:sue"),
        // Nobody is named: nothing to write down.
        ("tom", "totals?measures=plays&subject=entry:1_bio"),
        ("tom", "heat?subject=entry:1_bio"),
        ("sam", "totals?measures=plays&subject=account"),
        ("dee", "table?by=viewer&measures=plays&subject=entry:1_bio"),
        ("sue", "totals?measures=plays&subject=viewer:sue"),
    ] {
        server.ask(path, &of(person)).await;
    }
    // Refused and absent differ in the log alone.
    for (person, path) in [
        ("sue", "table?by=viewer&measures=plays&subject=entry:1_bio"),
        ("sue", "totals?measures=plays&subject=entry:1_gone"),
        ("sam", "rows?subject=entry:1_bio"),
        ("sue", "entries/1_own"),
    ] {
        problem(server.call("GET", path, &of(person), None).await, Code::NotFound).await;
    }
    let key = server.app.catalog_view().accounts[&ACCOUNT].person_keys["sue"];
    let lines = server.log("account=7", &of("lea")).await;
    let viewer = format!("person:7:lea look viewer:{:016x} given", key.0);
    assert_eq!(
        lines,
        [
            "person:7:tom look entry:1_bio given",
            "person:7:tom look entry:1_bio given",
            "person:7:tom look category:bio given",
            &viewer,
            "person:7:sue look entry:1_bio refused",
            "person:7:sue look entry:1_gone absent",
            "person:7:sam look entry:1_bio refused",
            "person:7:sue look entry:1_own refused",
        ]
    );
    // Searching.
    assert_eq!(server.log("who=sam", &of("lea")).await.len(), 1);
    assert_eq!(server.log("subject=viewer:sue", &of("lea")).await, [viewer]);
    assert_eq!(server.log("from=2026-11-23&to=2026-11-23&action=look", &of("lea")).await.len(), 8);
    assert_eq!(server.log("to=2026-11-22", &of("lea")).await.len(), 0);
    let granted = server.ask("access-log?action=role_granted&who=local:1", &server.cookie).await;
    assert_eq!(granted["data"]["total"], 4);
    let row = &granted["data"]["rows"][3];
    assert_eq!((&row["who_label"], &row["subject"]), (&json!("Ada"), &json!("person:dee")));
    assert_eq!(row["question"], "department of faculty, people: pseudonyms");
    // Whoever is looked at learns by whom.
    let looked = server.ask("me/looked", &of("sue")).await;
    assert_eq!(looked["data"]["total"], 1);
    assert_eq!(looked["data"]["rows"][0]["who_label"], "lea");
    // The owner sees who looked at the viewers of a recording, nobody else does.
    problem(server.call("GET", "access-log?subject=entry:1_bio", &of("ann"), None).await, Code::NotFound).await;
    problem(server.call("GET", "access-log", &of("tom"), None).await, Code::NotFound).await;
    problem(server.call("GET", "access-log?subject=entry:1_own", &of("tom"), None).await, Code::NotFound).await;
    assert_eq!(server.log("subject=entry:1_own", &of("ann")).await, ["person:7:sue look entry:1_own refused"]);
    // As a file.
    let request = Request::get("/api/v1/access-log?action=look").header(header::COOKIE, &server.cookie);
    let csv = text_of(server.send(request.header(header::ACCEPT, "text/csv").body(Body::empty()).unwrap()).await).await;
    assert_eq!(csv.lines().count(), 1 + 8, "{csv}");
    assert!(csv.starts_with("id,at,who,"), "{csv}");
    let checked = server.ask("access-log/check", &of("lea")).await;
    assert_eq!((&checked["data"]["sound"], &checked["data"]["removed"]), (&json!(true), &json!(0)));
}

#[tokio::test]
async fn sign_ins_are_written_down_and_wrong_names_are_not() {
    let server = Server::signed_in().await;
    for (name, password) in [("ada", "wrong password"), ("my secret password", "x")] {
        let answer = server.post("login", json!({ "name": name, "password": password })).await;
        problem(answer, Code::WrongPassword).await;
    }
    let log = server.ask("access-log", &server.cookie).await;
    let rows = log["data"]["rows"].as_array().unwrap();
    let told: Vec<_> = rows.iter().map(|row| (row["who"].as_str().unwrap(), row["result"].as_str().unwrap())).collect();
    assert_eq!(told, [("", "absent"), ("local:1", "refused"), ("local:1", "given")]);
    assert!(!log.to_string().contains("secret"));
}

#[tokio::test]
async fn a_look_that_cannot_be_written_down_is_not_given() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("catalog.sqlite");
    let mut server = Server::exporting(Settings::default(), Vault::open(&file).unwrap(), crate::api::forgetting);
    server.cookie = server.welcome("Ada").await;
    let paths = [
        "table?by=viewer&measures=plays",
        "rows?subject=entry:1_a",
        "values?dimension=viewer",
        "reports/recording?subject=entry:1_a",
        "reports/recording/viewers?subject=entry:1_a",
        "proof?measure=plays&subject=viewer:unknown",
    ];
    let broken = rusqlite::Connection::open(&file).unwrap();
    broken.execute_batch("ALTER TABLE access_log RENAME TO gone").unwrap();
    for path in paths {
        problem(server.call("GET", path, &server.cookie, None).await, Code::Internal).await;
        let request = Request::get(format!("/api/v1/{path}")).header(header::COOKIE, &server.cookie);
        let request = request.header(header::ACCEPT, "text/csv").body(Body::empty()).unwrap();
        problem(server.send(request).await, Code::Internal).await;
    }
    server.ask("totals?measures=plays", &server.cookie).await;
    let role = json!({ "person": "sue", "role": "analyst" });
    problem(server.call("PUT", "roles", &server.cookie, Some(role)).await, Code::Internal).await;
    assert_eq!(server.ask("roles", &server.cookie).await["data"], json!([]), "no change goes unrecorded");
    broken.execute_batch("ALTER TABLE gone RENAME TO access_log").unwrap();
    for path in paths {
        server.ask(path, &server.cookie).await;
    }
}

#[tokio::test]
async fn keys_see_what_they_are_for_until_they_end() {
    let server = campus().await;
    let lea = server.person("lea", Facts::default()).await;
    let made = |scope: &str, people: &str| json!({ "name": format!("for {scope}"), "scope": scope, "people": people });
    let mut keys = Vec::new();
    for (scope, people) in
        [("account", "names"), ("category:faculty", "none"), ("owner:ann", "names"), ("entry:1_ch", "pseudonyms")]
    {
        let key = server.key(made(scope, people), &lea).await;
        assert!(key["key"].as_str().unwrap().starts_with("phk_"));
        assert_eq!(key["key"].as_str().unwrap().len(), 4 + 43, "256 bits");
        keys.push(key);
    }
    let token = |n: usize| keys[n]["key"].as_str().unwrap();
    for (path, told) in [
        ("totals?measures=plays&subject=entry:1_own", [200, 404, 200, 404]),
        ("totals?measures=plays&subject=entry:1_bio", [200, 200, 404, 404]),
        ("totals?measures=plays&subject=entry:1_ch", [200, 404, 404, 200]),
        ("totals?measures=plays&subject=category:bio", [200, 200, 404, 404]),
        ("table?by=viewer&measures=plays&subject=entry:1_ch", [200, 404, 404, 200]),
        ("rows?subject=entry:1_own", [200, 404, 200, 404]),
        ("catalog/people", [404; 4]),
        ("roles", [404; 4]),
        ("keys", [404; 4]),
        ("access-log", [404; 4]),
        ("health", [404; 4]),
    ] {
        for (n, status) in told.into_iter().enumerate() {
            assert_eq!(server.bearer(path, token(n)).await.status().as_u16(), status, "{path} with key {n}");
        }
    }
    let listed = server.ask("keys", &lea).await;
    assert_eq!(listed["data"].as_array().unwrap().len(), 4);
    assert!(listed["data"][0]["key"].is_null() && !listed.to_string().contains("phk_"));
    assert_eq!(listed["data"][3]["used"], "2026-11-23T12:00:00Z");
    // Looks through a key are looks.
    let log = server.ask("access-log?who=key:1&action=look", &lea).await;
    assert_eq!(log["data"]["rows"][0]["who_label"], "for account");
    // Another account's administrator, or anybody else, cannot revoke it; who may can, and it ends at once.
    let tom = server.person("tom", Facts::default()).await;
    problem(server.call("DELETE", "keys/1", &tom, None).await, Code::NotFound).await;
    assert_eq!(server.call("DELETE", "keys/1", &lea, None).await.status(), StatusCode::NO_CONTENT);
    problem(server.call("DELETE", "keys/1", &lea, None).await, Code::NotFound).await;
    problem(server.bearer("me", token(0)).await, Code::SignInNeeded).await;
    problem(server.bearer("me", "phk_").await, Code::SignInNeeded).await;
    assert_eq!(server.bearer("me", token(1)).await.status(), StatusCode::OK);
    server.now_ms.store(NOW_MS + 365 * 86_400_000, Relaxed);
    problem(server.bearer("me", token(1)).await, Code::SignInNeeded).await;
}

#[tokio::test]
async fn wrong_keys_are_refused_by_field() {
    let server = Server::signed_in().await;
    for (change, field) in [
        (json!({ "name": " " }), "name"),
        (json!({ "scope": "everything" }), "scope"),
        (json!({ "scope": "entry:1_gone" }), "scope"),
        (json!({ "people": "some" }), "people"),
        (json!({ "days": 0 }), "days"),
        (json!({ "days": 367 }), "days"),
    ] {
        let mut key = json!({ "name": "n", "scope": "account" });
        key.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let refusal = problem(server.post("keys", key).await, Code::BadParameter).await;
        assert_eq!(refusal["field"], field);
    }
    let key = server.key(json!({ "name": "n", "scope": "account" }), &server.cookie).await;
    assert_eq!(key["people"], "none", "names are granted in so many words");
}
