//! Can a recording's viewers be named: how plays are known, where the others come from, and why.
#![expect(clippy::unwrap_used, reason = "tests")]

use crate::access::{ACCOUNT, campus};
use crate::api::{NOW_MS, Server, json_of, problem};
use axum::http::StatusCode;
use engine::block::{Block, Part, Snapshot};
use engine::event::{Event, EventKind, Facts, IdentityRefusal, PersonKey, Proof, Who};
use engine::fold::fold_session;
use serde_json::{Value, json};
use server::auth::vault::Facts as Proved;
use server::error::Code;
use std::sync::Arc;

/// A play of `1_own` on a page, by somebody.
fn play(number: u64, person: u64, proof: Proof, refusal: IdentityRefusal, page: &str) -> Vec<engine::row::ViewRow> {
    let domain = page.split('/').nth(2).unwrap_or(page);
    let event = |index: u32, kind: EventKind| Event {
        account: ACCOUNT,
        entry: "1_own".into(),
        session: format!("s{number}").into(),
        who: Who { person: PersonKey(person), proof, refusal, ..Who::default() },
        kind,
        at_ms: NOW_MS - 86_400_000 + i64::from(index) * 1000,
        received_ms: NOW_MS - 86_400_000,
        index: Some(index),
        facts: Facts {
            domain: domain.into(),
            page: if page.contains("//") { page.into() } else { "".into() },
            ..Facts::default()
        },
        ..Event::default()
    };
    // The third event never arrived.
    fold_session(&[(number * 10, event(1, EventKind::PLAY)), (number * 10 + 1, event(4, EventKind::DOWNLOAD))])
}

async fn watched() -> Server {
    let server = campus().await;
    let rows = [
        play(1, 11, Proof::Verified, IdentityRefusal::No, "https://kaf.campus.example/1"),
        play(2, 11, Proof::Verified, IdentityRefusal::No, "https://kaf.campus.example/1"),
        play(3, 12, Proof::Claimed, IdentityRefusal::No, "https://canvas.campus.example/a"),
        play(4, 0, Proof::None, IdentityRefusal::Unsigned, "https://canvas.campus.example/a"),
        play(5, 0, Proof::None, IdentityRefusal::Unsigned, "https://canvas.campus.example/a"),
        play(6, 0, Proof::None, IdentityRefusal::Invalid, "https://mediaspace.campus.example/media/1"),
        play(7, 0, Proof::None, IdentityRefusal::No, "Local file"),
    ];
    let rows = rows.concat();
    *server.snapshot.lock().unwrap() = Snapshot::of(vec![Part::new(Arc::new(Block::from_rows(rows)), Arc::default())]);
    server
}

#[tokio::test]
async fn why_viewers_cannot_be_named_is_told_in_numbers() {
    let server = watched().await;
    let answer = server.call("GET", "entries/1_own/naming", &server.cookie, None).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let data = json_of(answer).await["data"].clone();
    assert_eq!(data["plays"], 7.0, "{data}");
    assert_eq!((&data["verified"]["plays"], &data["verified"]["people"]), (&json!(2.0), &json!(1.0)));
    assert_eq!((&data["claimed"]["plays"], &data["unknown"]["plays"]), (&json!(1.0), &json!(4.0)));
    assert_eq!(data["unknown"]["people"], Value::Null);
    assert!((data["named_share"].as_f64().unwrap() - 3.0 / 7.0).abs() < 1e-9);
    let places = data["unknown_by_place"].as_array().unwrap();
    assert_eq!((places.len(), &data["places_total"]), (3, &json!(3)));
    assert_eq!((&places[0]["page"], &places[0]["plays"]), (&json!("https://canvas.campus.example/a"), &json!(2.0)));
    let local = places.iter().find(|place| place["domain"] == "Local file").unwrap();
    assert_eq!((&local["undisclosed"], &local["embed_kind"]), (&json!("local_file"), &json!("local")));
    let causes: Vec<_> = data["causes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| (c["cause"].as_str().unwrap(), c["count"].as_f64().unwrap()))
        .collect();
    assert_eq!(causes[0], ("pasted_embed", 2.0));
    for cause in [("unlisted_link", 1.0), ("nowhere_known", 1.0), ("downloads", 7.0), ("blocked", 14.0)] {
        assert!(causes.contains(&cause), "{cause:?} {causes:?}");
    }
    // Each of the two events of an unsigned play brought a name.
    assert!(causes.contains(&("unsigned", 4.0)) && causes.contains(&("bad_proof", 2.0)), "{causes:?}");
    let fix =
        |of: &str| data["causes"].as_array().unwrap().iter().find(|cause| cause["cause"] == of).unwrap()["fix"].clone();
    assert_eq!((fix("pasted_embed"), fix("unsigned")), (json!("embed_with_the_tool"), json!("sign_viewers")));
}

#[tokio::test]
async fn its_owner_sees_it_and_small_groups_stay_hidden() {
    let server = watched().await;
    let of = |id: &'static str| server.person(id, Proved::default());
    let ann = json_of(server.call("GET", "entries/1_own/naming?period=7d", &of("ann").await, None).await).await;
    assert_eq!(ann["data"]["plays"], 7.0);
    let sam = json_of(server.call("GET", "entries/1_own/naming", &of("sam").await, None).await).await;
    assert_eq!((&sam["data"]["plays"], &sam["data"]["named_share"]), (&Value::Null, &Value::Null), "{sam}");
    problem(server.call("GET", "entries/1_own/naming", &of("tom").await, None).await, Code::NotFound).await;
    problem(server.call("GET", "entries/1_gone/naming", &server.cookie, None).await, Code::NotFound).await;
    let wrong = server.call("GET", "entries/1_own/naming?period=31d", &server.cookie, None).await;
    assert_eq!(problem(wrong, Code::BadParameter).await["field"], "period");
}

#[tokio::test]
async fn the_quality_of_data_is_told_to_administrators() {
    let server = watched().await;
    let lea = server.person("lea", Proved::default()).await;
    for (started_ms, seen_ms, stopped) in [
        (NOW_MS - 9_000_000, NOW_MS - 8_000_000, false),
        (NOW_MS - 7_000_000, NOW_MS - 6_000_000, true),
        (NOW_MS - 5_999_000, NOW_MS, false),
    ] {
        server.app.vault().desk().running(server::desk::Run { started_ms, seen_ms, stopped }).unwrap();
    }
    let quality = json_of(server.call("GET", "quality?period=7d", &lea, None).await).await["data"].clone();
    let figures = &quality["figures"];
    assert_eq!(
        (&figures["events"], &figures["plays"], &figures["missing"]),
        (&json!(14.0), &json!(7.0), &json!(14.0)),
        "{quality}"
    );
    assert_eq!((&figures["identity_unsigned"], &figures["places_unknown_share"]), (&json!(4.0), &json!(1.0)));
    assert!((figures["unknown_share"].as_f64().unwrap() - 4.0 / 7.0).abs() < 1e-9);
    assert_eq!((&quality["domains_total"], &quality["domains_without_rule_total"]), (&json!(4), &json!(0)));
    assert_eq!((quality["days"].as_array().unwrap().len(), &quality["players_total"]), (8, &json!(1)));
    assert_eq!(quality["last_event_age_seconds"], 86_396);
    // A second's stop is none; the other broke off.
    assert_eq!(
        quality["outages"],
        json!([{ "from": "2026-11-23T09:46:40Z", "to": "2026-11-23T10:03:20Z", "seconds": 1_000, "stopped": false }])
    );
    assert!(quality["installation"].is_null(), "an account's administrator does not see the installation");
    let operator = json_of(server.call("GET", "quality", &server.cookie, None).await).await["data"].clone();
    assert_eq!(operator["installation"]["fold_lag"], 0);
    for id in ["ann", "ina", "tom"] {
        problem(server.call("GET", "quality", &server.person(id, Proved::default()).await, None).await, Code::NotFound)
            .await;
    }
}
