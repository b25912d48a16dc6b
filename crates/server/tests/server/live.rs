//! Live now: who is watching, who may see their names, and asking again cheaply.
#![expect(clippy::unwrap_used, reason = "tests")]

use crate::access::{ACCOUNT, campus};
use crate::api::{NOW_MS, Server, json_of, problem};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use engine::block::{Block, Part, Snapshot};
use engine::catalog::record::{Kind, Record};
use engine::event::{Event, EventKind, Facts, PersonKey, Playback, Proof, Who};
use engine::fold::fold_session;
use engine::row::ViewRow;
use serde_json::{Value, json};
use server::auth::vault::Facts as Proved;
use server::error::Code;
use std::collections::{BTreeMap, BTreeSet};
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

/// Somebody watches a live stream from so many minutes ago on, with a heartbeat every ten seconds.
fn watching_live(number: u64, person: PersonKey, entry: &str, ago_min: i64, minutes: i64) -> Vec<Event> {
    let began = NOW_MS - ago_min * 60_000;
    let event = |place: i64| Event {
        account: ACCOUNT,
        entry: entry.into(),
        session: format!("l{number}").into(),
        who: Who { person, proof: Proof::Verified, ..Who::default() },
        kind: if place == 0 { EventKind::PLAY } else { EventKind::VIEW },
        at_ms: began + place * 10_000,
        received_ms: began + place * 10_000,
        index: Some(place as u32 + 1),
        position_ms: Some(place * 10_000),
        play_time_ms: Some((place * 10_000).unsigned_abs()),
        playback: if number.is_multiple_of(2) { Playback::Dvr } else { Playback::Live },
        ..Event::default()
    };
    (0..=minutes * 6).map(event).collect()
}

/// What raw events say of a recording: viewers, minutes watched, most sessions in one minute.
fn reckoned(events: &[Event], entry: &str) -> (usize, i64, usize) {
    let of: Vec<&Event> = events.iter().filter(|event| &*event.entry == entry).collect();
    let people: BTreeSet<PersonKey> = of.iter().map(|event| event.who.person).collect();
    let beats = of.iter().filter(|event| event.kind == EventKind::VIEW).count() as i64;
    let mut minutes: BTreeMap<i64, BTreeSet<&str>> = BTreeMap::new();
    for event in of {
        minutes.entry(event.at_ms / 60_000).or_default().insert(&event.session);
    }
    (people.len(), beats / 6, minutes.values().map(BTreeSet::len).max().unwrap_or(0))
}

/// Two broadcasts of 1_own, the second yesterday with twelve known people; one of 1_bio that is on; one of 1_ch with two.
fn days_of_broadcasts() -> Vec<Event> {
    let day = 24 * 60;
    let mut all = Vec::new();
    for n in 0..12 {
        all.push(watching_live(100 + n, PersonKey(9_000 + n), "1_own", day + 60 - n as i64, 30));
    }
    all.push(watching_live(120, PersonKey(9_000), "1_own", 3 * day, 20));
    all.push(watching_live(121, PersonKey::UNKNOWN, "1_own", 3 * day, 20));
    // Longer ago than seven days.
    all.push(watching_live(122, PersonKey(9_050), "1_own", 9 * day, 20));
    all.push(watching_live(130, PersonKey(9_060), "1_bio", 10, 10));
    all.push(watching_live(140, PersonKey(9_070), "1_ch", 2 * day, 5));
    all.push(watching_live(141, PersonKey(9_071), "1_ch", 2 * day, 5));
    all.concat()
}

async fn broadcast() -> (Server, Vec<Event>) {
    let server = campus().await;
    let events = days_of_broadcasts();
    let mut sessions: BTreeMap<&str, Vec<(u64, Event)>> = BTreeMap::new();
    for (seq, event) in events.iter().enumerate() {
        sessions.entry(&event.session).or_default().push((seq as u64, event.clone()));
    }
    let rows: Vec<ViewRow> = sessions.values().flat_map(|events| fold_session(events)).collect();
    *server.snapshot.lock().unwrap() = Snapshot::of(vec![Part::new(Arc::new(Block::from_rows(rows)), Arc::default())]);
    (server, events)
}

fn plan(server: &Server, id: &str, owner: &str, starts_in_min: i64, ends_in_min: i64) {
    let at = |minutes: i64| jiff::Timestamp::from_millisecond(NOW_MS + minutes * 60_000).unwrap().to_string();
    let record = json!({ "id": id, "name": id, "owner": owner, "media_type": "live",
        "starts": at(starts_in_min), "ends": at(ends_in_min) });
    let record = Record::check(Kind::Entry, record.as_object().unwrap(), None).unwrap();
    server.app.catalog().put(ACCOUNT, &record, NOW_MS, &mut || 1_000).unwrap();
}

fn ids(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn broadcasts_that_ended_are_as_their_events_say() {
    let (server, events) = broadcast().await;
    // Seven whole days and today.
    let since = NOW_MS - 7 * 86_400_000 - 12 * 3_600_000;
    let recent: Vec<Event> = events.into_iter().filter(|event| event.at_ms > since).collect();
    let told = ask(&server, "live/broadcasts", &server.cookie).await;
    assert_eq!((&told["scope"]["from"], &told["scope"]["to"]), (&json!("2026-11-16"), &json!("2026-11-23")));
    // 1_bio is on; the last to end comes first.
    assert_eq!(ids(&told["data"]["ended"]), ["1_own", "1_ch"]);
    for row in told["data"]["ended"].as_array().unwrap() {
        let (viewers, minutes, peak) = reckoned(&recent, row["id"].as_str().unwrap());
        assert_eq!(row["viewers"], viewers as f64, "{row}");
        assert_eq!(row["minutes"], minutes as f64, "{row}");
        assert_eq!(row["peak"], peak as u64, "{row}");
    }
    let own = &told["data"]["ended"][0];
    assert_eq!((&own["from"], &own["to"]), (&json!("2026-11-22T11:00:00Z"), &json!("2026-11-22T11:41:00Z")));
    assert_eq!((&own["peak"], &own["peak_at"]), (&json!(12), &json!("2026-11-22T11:11:00Z")));
    // Its minutes are found again from there.
    let path = "live?subject=entry:1_own&until=2026-11-22T11:41:00Z";
    let minutes = &ask(&server, path, &server.cookie).await["data"]["minutes"];
    let most = minutes.as_array().unwrap().iter().map(|minute| minute["watching"].as_u64().unwrap()).max();
    assert_eq!((most, &minutes[180]["at"]), (Some(12), &json!("2026-11-22T11:41:00Z")));
    problem(server.call("GET", "live?until=noon", &server.cookie, None).await, Code::BadParameter).await;
}

#[tokio::test]
async fn broadcasts_to_come_are_those_that_the_catalog_plans() {
    let (server, _) = broadcast().await;
    plan(&server, "1_late", "ann", 600, 660);
    plan(&server, "1_soon", "zoe", 60, 120);
    plan(&server, "1_over", "ann", -120, -60);
    // On since ten minutes, and nobody is watching any more: not ended. Watched now: with those that are on.
    plan(&server, "1_ch", "zoe", -10, 60);
    plan(&server, "1_bio", "zoe", -10, 60);
    let told = ask(&server, "live/broadcasts", &server.cookie).await;
    assert_eq!(ids(&told["data"]["upcoming"]), ["1_ch", "1_soon", "1_late"]);
    assert_eq!(told["data"]["upcoming"][1]["starts"], "2026-11-23T13:00:00Z");
    assert_eq!(ids(&told["data"]["ended"]), ["1_own"]);
    // Owners see theirs, staff of a course its recordings.
    let ann = server.person("ann", Proved::default()).await;
    let told = ask(&server, "live/broadcasts", &ann).await;
    assert_eq!((ids(&told["data"]["upcoming"]), ids(&told["data"]["ended"])), (vec!["1_late"], vec!["1_own"]));
    let max = server.person("max", Proved::default()).await;
    let told = ask(&server, "live/broadcasts?subject=category:channel", &max).await;
    assert_eq!((ids(&told["data"]["upcoming"]), ids(&told["data"]["ended"])), (vec!["1_ch"], vec![]));
    // A student has no broadcasts of others.
    let sue = server.person("sue", Proved::default()).await;
    let told = ask(&server, "live/broadcasts?subject=account", &sue).await;
    assert_eq!((ids(&told["data"]["upcoming"]), ids(&told["data"]["ended"])), (vec![], vec![]));
    problem(server.call("GET", "live/broadcasts?subject=entry:1_own", &sue, None).await, Code::NotFound).await;
}

#[tokio::test]
async fn broadcasts_of_few_people_tell_nothing_to_those_who_may_not_see_names() {
    let (server, _) = broadcast().await;
    let sam = server.person("sam", Proved::default()).await;
    let told = ask(&server, "live/broadcasts", &sam).await;
    // Two of one are too few; and with them alone the other would follow from the total.
    for row in told["data"]["ended"].as_array().unwrap() {
        for field in ["from", "to", "peak", "peak_at", "viewers", "minutes"] {
            assert!(row[field].is_null(), "{row}");
        }
    }
    assert_eq!(ids(&told["data"]["ended"]), ["1_ch", "1_own"]);
}
