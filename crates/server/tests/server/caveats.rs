//! What a reader must know, computed for the very answer.
#![expect(clippy::unwrap_used, reason = "tests")]

use crate::api::{NOW_MS, Server};
use engine::block::{Block, Part, Snapshot};
use engine::event::{AccountId, Event, EventKind, PersonKey, Proof, Who};
use engine::fold::fold_session;
use serde_json::Value;
use std::sync::Arc;

/// One session of `1_a`, which lasts a minute: it plays stretches `(from, to)` of it, in seconds. All at noon of yesterday.
fn session(number: u64, stretches: &[(i64, i64)]) -> Vec<(u64, Event)> {
    let mut at_ms = NOW_MS - 86_400_000;
    let mut events = Vec::new();
    let mut send = |kind: EventKind, second: i64, at_ms: i64| {
        let event = Event {
            account: AccountId(7),
            entry: "1_a".into(),
            session: format!("s{number}").into(),
            who: Who { person: PersonKey(number), proof: Proof::Claimed, ..Who::default() },
            kind,
            at_ms,
            received_ms: at_ms,
            index: Some(events.len() as u32 + 1),
            position_ms: Some(second * 1000),
            ..Event::default()
        };
        events.push((number * 100 + events.len() as u64, event));
    };
    for (place, (from, to)) in stretches.iter().enumerate() {
        send(if place == 0 { EventKind::PLAY } else { EventKind::RESUME }, *from, at_ms);
        at_ms += (to - from) * 1000;
        send(EventKind::PAUSE, *to, at_ms);
    }
    events
}

fn snapshot(sessions: &[Vec<(u64, Event)>]) -> Snapshot {
    let rows = sessions.iter().flat_map(|events| fold_session(events)).collect();
    Snapshot::of(vec![Part::new(Arc::new(Block::from_rows(rows)), Arc::default())])
}

/// Eight sessions play the first 45 seconds, one of them the rest too.
async fn watched() -> Server {
    let mut sessions: Vec<_> = (1..8).map(|number| session(number, &[(0, 45)])).collect();
    sessions.push(session(8, &[(0, 60)]));
    let server = Server::signed_in().await;
    *server.snapshot.lock().unwrap() = snapshot(&sessions);
    server
}

fn caveat(answer: &Value, kind: &str) -> Value {
    let caveats = answer["caveats"].as_array().unwrap();
    caveats.iter().find(|caveat| caveat["kind"] == kind).cloned().unwrap_or_default()
}

#[tokio::test]
async fn a_common_leaving_before_the_end_is_told_where_people_watch() {
    let server = watched().await;
    let heat = server.data("heat?subject=entry:1_a").await;
    let told = caveat(&heat, "dead_air");
    assert_eq!((&told["from"], &told["length"]), (&"0:45".into(), &"0:15".into()), "{heat}");
    assert_eq!((&told["viewers"], &told["before"], &told["after"]), (&8.into(), &8.into(), &1.into()));
    assert!(told["detail"].as_str().unwrap().contains("the last 0:15"), "{told}");
    let report = server.data("reports/recording?subject=entry:1_a").await;
    assert_eq!(caveat(&report, "dead_air"), told);
    // Three of them alone prove nothing.
    let some =
        server.data("heat?subject=entry:1_a&f=is,viewer,0000000000000001,0000000000000002,0000000000000008").await;
    assert_eq!(caveat(&some, "dead_air"), Value::Null);
}

#[tokio::test]
async fn totals_say_what_they_would_be_by_another_rule() {
    let server = watched().await;
    // No heartbeat was sent, so that Kaltura's rules count nothing.
    let minutes = server.data("totals?measures=plays,minutes_viewed&subject=entry:1_a").await;
    let told = caveat(&minutes, "counted_like");
    assert_eq!((&told["measure"], &told["value"]), (&"minutes_viewed".into(), &6.25.into()), "{minutes}");
    assert_eq!(told["like_value"], 0.0);
    assert_eq!(minutes["data"]["values"].as_object().unwrap().len(), 2, "only what was asked for is answered");
    let plays = server.data("totals?measures=plays&subject=entry:1_a").await;
    assert_eq!(caveat(&plays, "counted_like"), Value::Null);
    let same = server.data("totals?measures=heartbeat_minutes&subject=entry:1_a").await;
    assert_eq!(caveat(&same, "counted_like"), Value::Null, "it is Kaltura's already");

    let completion = server.data("totals?measures=completion&subject=entry:1_a").await;
    let told = caveat(&completion, "average_of");
    assert_eq!((&told["completion"], &told["total_completion"]), (&0.78125.into(), &1.0.into()), "{completion}");
    let account = server.data("totals?measures=completion").await;
    assert_eq!(caveat(&account, "average_of"), Value::Null);
    let asked = server.data("totals?measures=completion,total_completion").await;
    assert_eq!(caveat(&asked, "average_of")["total_completion"], 1.0);
}

#[tokio::test]
async fn what_is_held_back_may_arrive_for_a_week() {
    let server = watched().await;
    let days = |period: &str| {
        let call = format!("totals?measures=plays&period={period}");
        let server = &server;
        async move { caveat(&server.data(&call).await, "late_events")["days"].clone() }
    };
    // Now is noon of the 23rd.
    assert_eq!(days("2026-11-23").await, 7);
    assert_eq!(days("2026-11-22").await, 7);
    assert_eq!(days("2026-11-17").await, 2);
    assert_eq!(days("2026-11-15").await, Value::Null);
}
