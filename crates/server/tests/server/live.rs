//! Live now: who is watching, who may see their names, and asking again cheaply.
#![expect(clippy::unwrap_used, reason = "tests")]

use crate::access::{ACCOUNT, campus};
use crate::api::{NOW_MS, Server, json_of, problem};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use engine::block::{Block, Part, Snapshot};
use engine::event::{Event, EventKind, Facts, PersonKey, Proof, Who};
use engine::fold::fold_session;
use engine::row::ViewRow;
use serde_json::{Value, json};
use server::auth::vault::Facts as Proved;
use server::error::Code;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// A play that began a minute ago, with a heartbeat every ten seconds until `ago_s` before now.
fn session(number: u64, person: PersonKey, entry: &str, ago_s: i64) -> Vec<ViewRow> {
    let events = (0..=(60 - ago_s) / 10).map(|place| Event {
        account: ACCOUNT,
        entry: entry.into(),
        session: format!("s{number}").into(),
        who: Who { person, proof: Proof::Verified, ..Who::default() },
        kind: if place == 0 { EventKind::PLAY } else { EventKind::VIEW },
        at_ms: NOW_MS - 60_000 + place * 10_000,
        received_ms: NOW_MS - 60_000 + place * 10_000,
        index: Some(place as u32 + 1),
        position_ms: Some(place * 10_000),
        play_time_ms: Some((place * 10_000).unsigned_abs()),
        facts: Facts { country: "DE".into(), device: "Phone".into(), domain: "lms.example".into(), ..Facts::default() },
        ..Event::default()
    });
    fold_session(&events.enumerate().map(|(seq, event)| (number * 100 + seq as u64, event)).collect::<Vec<_>>())
}

async fn watched() -> Server {
    let server = campus().await;
    let key = |id: &str| server.app.catalog_view().accounts[&ACCOUNT].person_keys[id];
    let sessions = [
        session(1, key("sue"), "1_own", 0),
        session(2, PersonKey::UNKNOWN, "1_own", 20),
        session(3, key("tom"), "1_bio", 10),
        session(4, key("max"), "1_own", 40),
    ];
    let rows = sessions.concat();
    *server.snapshot.lock().unwrap() = Snapshot::of(vec![Part::new(Arc::new(Block::from_rows(rows)), Arc::default())]);
    server
}

async fn ask(server: &Server, path: &str, cookie: &str) -> Value {
    let answer = server.call("GET", path, cookie, None).await;
    let status = answer.status();
    let answer = json_of(answer).await;
    assert_eq!(status, StatusCode::OK, "{path}: {answer}");
    answer
}

#[tokio::test]
async fn who_is_watching_now() {
    let server = watched().await;
    let all = ask(&server, "live", &server.cookie).await;
    assert_eq!((&all["data"]["now"]["watching"], &all["data"]["now"]["viewers"]), (&json!(3), &json!(3)));
    assert_eq!((&all["data"]["now"]["joined"], &all["data"]["within_seconds"]), (&json!(4), &json!(30)));
    let own = &all["data"]["recordings"][0];
    assert_eq!((&own["id"], &own["name"], &own["watching"]), (&json!("1_own"), &json!("Own"), &json!(2)));
    assert_eq!(
        (&all["data"]["countries"][0]["key"], &all["data"]["devices"][0]["key"]),
        (&json!("DE"), &json!("Phone"))
    );
    assert!(all["data"]["minutes"].is_null() && all["data"]["viewers"].is_null());
    let one = ask(&server, "live?subject=entry:1_own&viewers=1", &server.cookie).await;
    let minutes = one["data"]["minutes"].as_array().unwrap();
    assert_eq!((minutes.len(), &minutes[179]["watching"]), (181, &json!(3)));
    let viewers = one["data"]["viewers"].as_array().unwrap();
    let names: Vec<_> = viewers.iter().map(|viewer| (&viewer["name"], &viewer["id"] == "unknown")).collect();
    assert_eq!(names, [(&json!("Unknown"), true), (&json!("sue"), false)]);
    // Owners see their own media; staff their course's; a student what they watch themselves, and nobody else.
    let of = |id: &'static str| server.person(id, Proved::default());
    let ann = ask(&server, "live", &of("ann").await).await;
    assert_eq!((&ann["data"]["now"]["watching"], &ann["data"]["recordings_total"]), (&json!(2), &json!(1)));
    let sue = ask(&server, "live?subject=account", &of("sue").await).await;
    assert_eq!(sue["data"]["now"]["watching"], 1);
    // Who may not see names gets nothing of three people.
    let sam = of("sam").await;
    let hidden = ask(&server, "live", &sam).await;
    assert_eq!((&hidden["data"]["now"]["watching"], &hidden["data"]["may_name"]), (&Value::Null, &json!(false)));
    assert_eq!(hidden["data"]["recordings"][0]["watching"], Value::Null);
    problem(server.call("GET", "live?viewers=1", &sam, None).await, Code::NotFound).await;
    problem(server.call("GET", "live?f=is,country,DE", &sam, None).await, Code::NotFound).await;
    problem(server.call("GET", "live?subject=entry:1_gone", &server.cookie, None).await, Code::NotFound).await;
}

#[tokio::test]
async fn names_are_in_the_access_log_and_figures_are_not() {
    let server = watched().await;
    let looks = || async { ask(&server, "access-log?action=look", &server.cookie).await["data"]["total"].clone() };
    ask(&server, "live?subject=entry:1_own", &server.cookie).await;
    assert_eq!(looks().await, 0);
    for _ in 0..3 {
        ask(&server, "live?subject=entry:1_own&viewers=1", &server.cookie).await;
    }
    assert_eq!(looks().await, 1, "looks within a minute are one record");
    // Whether somebody watches now is a look at them, named or not.
    let key = server.app.catalog_view().accounts[&ACCOUNT].person_keys["sue"];
    let filtered = ask(&server, &format!("live?f=is,viewer,{:016x}", key.0), &server.cookie).await;
    assert_eq!(filtered["data"]["now"]["watching"], 1);
    assert_eq!(looks().await, 2);
}

#[tokio::test]
async fn asking_again_is_cheap_as_long_as_nothing_changes() {
    let server = watched().await;
    let first = server.call("GET", "live", &server.cookie, None).await;
    let tag = first.headers()[header::ETAG].clone();
    let again = |server: &Server, tag: &header::HeaderValue| {
        let request =
            Request::get("/api/v1/live").header(header::COOKIE, &server.cookie).header(header::IF_NONE_MATCH, tag);
        let request = request.body(Body::empty()).unwrap();
        let router = server.router.clone();
        async move { tower::ServiceExt::oneshot(router, request).await.unwrap() }
    };
    let same = again(&server, &tag).await;
    assert_eq!((same.status(), &same.headers()[header::ETAG]), (StatusCode::NOT_MODIFIED, &tag));
    // Fifteen seconds later one of them is gone.
    server.now_ms.fetch_add(15_000, Relaxed);
    let changed = again(&server, &tag).await;
    assert_eq!(changed.status(), StatusCode::OK);
    assert_eq!(json_of(changed).await["data"]["now"]["watching"], 2);
}
