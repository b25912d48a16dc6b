//! What stands beside the figures: notes that people write, recordings that were added, times without collection.
#![expect(clippy::unwrap_used, reason = "tests")]

use crate::access::{ACCOUNT, campus};
use crate::api::{NOW_MS, Server, json_of, problem, text_of};
use axum::http::StatusCode;
use serde_json::{Value, json};
use server::auth::vault::Facts;
use server::desk::Run;
use server::error::Code;

const WEEK: &str = "period=2026-11-02..2026-11-08";

async fn notes(server: &Server, cookie: &str, query: &str) -> Value {
    json_of(server.call("GET", &format!("notes?{query}"), cookie, None).await).await["data"].clone()
}

/// The texts of written notes that somebody reads.
async fn texts(server: &Server, cookie: &str, subject: &str) -> Vec<String> {
    let data = notes(server, cookie, &format!("{WEEK}&subject={subject}")).await;
    let rows = data["rows"].as_array().cloned().unwrap_or_default();
    rows.iter().filter(|row| row["kind"] == "written").map(|row| row["text"].as_str().unwrap().to_owned()).collect()
}

fn note(subject: &str, text: &str) -> Option<Value> {
    Some(json!({ "subject": subject, "first": "2026-11-04", "text": text }))
}

#[tokio::test]
async fn notes_are_written_by_who_is_responsible_and_read_by_who_sees() {
    let server = campus().await;
    let staff = Facts { staff: vec!["bio".to_owned()], ..Facts::default() };
    // Who may write about the account, Ann's recording, one that she co-edits, the course, the channel.
    let subjects = ["account", "entry:1_own", "entry:1_shared", "category:bio", "category:channel"];
    for (id, may) in [
        ("sue", [false, false, false, false, false]),
        ("ann", [false, true, true, false, false]),
        ("tom", [false, false, true, true, false]),
        ("old", [false, false, false, false, false]),
        ("max", [false, false, false, false, true]),
        ("launched", [false, false, false, true, false]),
        ("dee", [false, false, false, false, false]),
        ("sam", [false, false, false, false, false]),
        ("ina", [false, false, false, false, false]),
        ("lea", [true, true, true, true, true]),
    ] {
        let facts = if id == "launched" { staff.clone() } else { Facts::default() };
        let cookie = server.person(id, facts).await;
        for (subject, may) in subjects.into_iter().zip(may) {
            let made = server.call("POST", "notes", &cookie, note(subject, &format!("by {id}"))).await;
            match may {
                true => assert_eq!(made.status(), StatusCode::CREATED, "{id} {subject}"),
                false => _ = problem(made, Code::NotFound).await,
            }
            let may_add = notes(&server, &cookie, &format!("{WEEK}&subject={subject}")).await["may_add"] == json!(true);
            assert_eq!(may_add, may, "{id} {subject}");
        }
    }
    let (ann, tom) = (server.person("ann", Facts::default()).await, server.person("tom", Facts::default()).await);
    // The account's stand everywhere; the others where their subject does, for who sees it.
    assert_eq!(texts(&server, &ann, "account").await, ["by lea"]);
    assert_eq!(texts(&server, &ann, "entry:1_own").await, ["by lea", "by ann", "by lea"]);
    assert_eq!(texts(&server, &tom, "category:bio").await, ["by lea", "by tom", "by launched", "by lea"]);
    assert_eq!(texts(&server, &tom, "category:bio,entry:1_bio").await.len(), 4);
    problem(server.call("GET", "notes?subject=entry:1_own", &tom, None).await, Code::NotFound).await;
    problem(server.call("GET", "notes?subject=category:channel", &tom, None).await, Code::NotFound).await;
    // A program reads and does not write.
    let asked = json!({ "name": "all", "scope": "account", "people": "none" });
    let made = json_of(server.call("POST", "keys", &server.cookie, Some(asked)).await).await;
    let key = format!("Bearer {}", made["data"]["key"].as_str().unwrap());
    assert_eq!(texts(&server, &key, "account").await, ["by lea"]);
    problem(server.call("POST", "notes", &key, note("account", "by a program")).await, Code::NotFound).await;
}

#[tokio::test]
async fn notes_are_changed_and_removed_by_who_may_write_them() {
    let server = campus().await;
    let (ann, tom) = (server.person("ann", Facts::default()).await, server.person("tom", Facts::default()).await);
    let made = server.call("POST", "notes", &ann, note("entry:1_shared", "Exam")).await;
    let id = json_of(made).await["data"]["id"].as_i64().unwrap();
    let path = format!("notes/{id}");
    let range =
        json!({ "subject": "entry:1_shared", "first": "2026-10-30", "last": "2026-11-02", "text": " Exam week " });
    // Tom owns what Ann co-edits; nobody else may, and nobody may move it to where they may not write.
    let max = server.person("max", Facts::default()).await;
    problem(server.call("PUT", &path, &max, Some(range.clone())).await, Code::NotFound).await;
    problem(server.call("DELETE", &path, &max, None).await, Code::NotFound).await;
    problem(server.call("PUT", &path, &tom, note("entry:1_own", "Exam")).await, Code::NotFound).await;
    assert_eq!(server.call("PUT", &path, &tom, Some(range)).await.status(), StatusCode::OK);
    let data = notes(&server, &tom, &format!("{WEEK}&subject=entry:1_shared&zone=Europe/Berlin")).await;
    assert_eq!(
        data["rows"][0],
        json!({
            "kind": "written", "id": id, "subject": "entry:1_shared", "first": "2026-10-30", "last": "2026-11-02",
            "from": "2026-10-29T23:00:00Z", "to": "2026-11-02T23:00:00Z", "text": "Exam week", "may_change": true, "by": "tom",
        })
    );
    let data = notes(&server, &tom, "period=2026-11-03..2026-11-08&subject=entry:1_shared").await;
    assert_eq!(data["rows"], json!([]));
    for (wrong, field) in [
        (json!({ "subject": "owner:ann", "first": "2026-11-04", "text": "x" }), "subject"),
        (json!({ "subject": "entry:1_own", "first": "4 Nov", "text": "x" }), "first"),
        (json!({ "subject": "entry:1_own", "first": "2026-11-04", "last": "2026-11-03", "text": "x" }), "last"),
        (json!({ "subject": "entry:1_own", "first": "2026-11-04", "last": "2027-11-05", "text": "x" }), "last"),
        (json!({ "subject": "entry:1_own", "first": "2026-11-04", "text": " " }), "text"),
        (json!({ "subject": "entry:1_own", "first": "2026-11-04", "text": "ü".repeat(141) }), "text"),
        (json!({ "subject": "entry:1_own", "first": "2026-11-04", "text": "two\nlines" }), "text"),
    ] {
        let refused = server.call("POST", "notes", &ann, Some(wrong)).await;
        assert_eq!(problem(refused, Code::BadParameter).await["field"], field);
    }
    let log = json_of(server.call("GET", "access-log?action=changed", &server.cookie, None).await).await.to_string();
    assert!(log.contains("note=added") && log.contains("note=changed") && !log.contains("Exam"), "{log}");
    // Who is erased leaves the note, and not their name.
    let key = server.app.catalog_view().accounts[&ACCOUNT].person_keys["tom"];
    assert_eq!(server.app.vault().desk().forget(ACCOUNT, "tom", key).unwrap(), 1);
    let data = notes(&server, &ann, &format!("{WEEK}&subject=entry:1_shared")).await;
    assert_eq!((&data["rows"][0]["text"], &data["rows"][0]["by"]), (&json!("Exam week"), &Value::Null));
    assert_eq!(server.call("DELETE", &path, &ann, None).await.status(), StatusCode::NO_CONTENT);
    assert!(texts(&server, &ann, "entry:1_shared").await.is_empty());
}

#[tokio::test]
async fn recordings_added_and_times_without_collection_are_told() {
    let server = campus().await;
    for (id, at) in [("a", "09:00"), ("b", "08:00"), ("c", "10:00"), ("d", "11:00")] {
        let record = json!({ "name": id, "owner": "ann", "created": "2026-10-01T00:00:00Z",
            "published": format!("2026-11-04T{at}:00Z") });
        let put = server.call("PUT", &format!("catalog/entries/1_{id}"), &server.cookie, Some(record)).await;
        assert!(put.status().is_success(), "{}", text_of(put).await);
    }
    // Evening in Chicago is the next day in UTC.
    let late = json!({ "name": "late", "owner": "tom", "created": "2026-11-06T03:00:00Z" });
    server.call("PUT", "catalog/entries/1_late", &server.cookie, Some(late)).await;
    let (ann, tom) = (server.person("ann", Facts::default()).await, server.person("tom", Facts::default()).await);
    let chicago = format!("{WEEK}&subject=owner:ann&zone=America/Chicago");
    let data = notes(&server, &ann, &chicago).await;
    let added = json!({ "kind": "added", "from": "2026-11-04T08:00:00Z", "to": "2026-11-04T11:00:00Z", "count": 4,
        "recordings": [{ "id": "1_b", "name": "b" }, { "id": "1_a", "name": "a" }, { "id": "1_c", "name": "c" }] });
    assert_eq!(data["rows"], json!([added]));
    let data = notes(&server, &tom, &format!("{WEEK}&subject=account&zone=America/Chicago")).await;
    assert_eq!(data["rows"].as_array().unwrap().len(), 1, "Tom sees his own alone: {data}");
    assert_eq!(data["rows"][0]["recordings"][0]["id"], "1_late");

    // Of gaps between runs those that were more than a restart.
    let desk = server.app.vault().desk();
    let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_millisecond();
    for (started, seen, stopped) in [
        ("2026-11-01T00:00:00Z", "2026-11-03T14:05:00Z", false),
        ("2026-11-03T14:40:00Z", "2026-11-05T00:00:00Z", true),
        ("2026-11-05T00:00:30Z", "2026-11-30T00:00:00Z", true),
    ] {
        desk.running(Run { started_ms: at(started), seen_ms: at(seen), stopped }).unwrap();
    }
    assert!(NOW_MS > at("2026-11-08T00:00:00Z"));
    let data = notes(&server, &ann, &format!("{WEEK}&subject=entry:1_own")).await;
    let gap =
        json!({ "kind": "outage", "from": "2026-11-03T14:05:00Z", "to": "2026-11-03T14:40:00Z", "stopped": false });
    assert_eq!(data["rows"], json!([gap]));
}

#[tokio::test]
async fn the_catalogs_own_notes_stand_there_too_and_are_nobodys_to_change_here() {
    let server = campus().await;
    for (id, about) in [
        ("a", json!({ "date": "2026-11-03", "text": "Term begins" })),
        ("b", json!({ "date": "2026-11-04", "text": "Exam", "category": "bio" })),
        ("c", json!({ "date": "2026-11-05", "text": "New cut", "entry": "1_own" })),
        ("d", json!({ "date": "2026-10-05", "text": "Before" })),
    ] {
        let made = server.call("PUT", &format!("catalog/notes/{id}"), &server.cookie, Some(about)).await;
        assert!(made.status().is_success(), "{id}: {}", made.status());
    }
    let (ann, tom) = (server.person("ann", Facts::default()).await, server.person("tom", Facts::default()).await);
    assert_eq!(texts(&server, &ann, "account").await, ["Term begins"]);
    assert_eq!(texts(&server, &ann, "entry:1_own").await, ["Term begins", "New cut"]);
    assert_eq!(texts(&server, &tom, "category:bio").await, ["Term begins", "Exam"]);
    let data = notes(&server, &server.cookie, &format!("{WEEK}&subject=category:bio")).await;
    for row in data["rows"].as_array().unwrap() {
        assert!(row.get("id").is_none() && row["may_change"] == json!(false), "{row}");
    }
}
