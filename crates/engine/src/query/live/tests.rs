use super::*;
use crate::event::{AccountId, Event, EventKind, Facts, Who};
use crate::fold::fold_session;

/// A quarter has just begun.
const NOW_MS: i64 = 1_795_435_200_000 + 20_000;

/// A session: a play, then heartbeats every ten seconds until `ago_s` before now.
fn session(number: u64, entry: &str, country: &str, heartbeats: i64, ago_s: i64, live: Playback) -> Vec<ViewRow> {
    let end_ms = NOW_MS - ago_s * 1000;
    let event = |place: i64, kind: EventKind| Event {
        account: AccountId(7),
        entry: entry.into(),
        session: format!("s{number}").into(),
        who: Who { person: PersonKey(number % 100), proof: Proof::Claimed, ..Who::default() },
        kind,
        at_ms: end_ms - (heartbeats - place) * 10_000,
        received_ms: end_ms - (heartbeats - place) * 10_000,
        index: Some(place as u32 + 1),
        position_ms: Some(place * 10_000),
        play_time_ms: Some((place * 10_000).unsigned_abs()),
        playback: live,
        facts: Facts { country: country.into(), device: "Desktop".into(), ..Facts::default() },
        ..Event::default()
    };
    let events = (0..=heartbeats).map(|place| event(place, if place == 0 { EventKind::PLAY } else { EventKind::VIEW }));
    fold_session(&events.enumerate().map(|(seq, event)| (number * 1000 + seq as u64, event)).collect::<Vec<_>>())
}

const ALL: Group = Group(0);

#[test]
fn who_has_sent_something_within_three_heartbeats_is_watching() {
    let rows: Vec<ViewRow> = [
        session(1, "a", "DE", 30, 5, Playback::Vod),
        session(2, "a", "FR", 3, 30, Playback::Live),
        session(3, "a", "FR", 3, 31, Playback::Live),
        session(4, "b", "DE", 1, 0, Playback::Dvr),
        session(104, "b", "DE", 1, 0, Playback::Vod),
    ]
    .concat();
    let live = told(&rows, NOW_MS, ALL);
    assert_eq!((live.total.sessions, live.total.viewers), (4, 3), "person 4 watches twice");
    assert_eq!((live.total.vod, live.total.edge, live.total.dvr), (2, 1, 1));
    assert_eq!(live.entries[&Text::from("a")].sessions, 2);
    assert_eq!(live.countries[&Text::from("FR")].sessions, 1);
    assert_eq!(live.devices[&Text::from("Desktop")].sessions, 4);
    // The longest first; its session began in the quarter before.
    assert_eq!((live.sessions[0].person, live.sessions.len()), (PersonKey(1), 4));
    assert_eq!(live.sessions[0].first_ms, NOW_MS - 305_000);
    // All five began within the present and the last quarter.
    assert_eq!(live.total.joined, 5);
    assert_eq!(live.total.buffering, Some(0.0));
}

#[test]
fn small_groups_are_hidden_and_not_told_by_the_rest() {
    let mut rows = Vec::new();
    for number in 0..12 {
        rows.extend(session(number + 1, "a", if number < 2 { "DE" } else { "FR" }, 3, 5, Playback::Vod));
    }
    let live = told(&rows, NOW_MS, Group(10));
    assert_eq!(live.total.sessions, 12);
    // Two in Germany are too few, and France alone would tell of them.
    assert!(live.countries.values().all(|told| told.hidden && told.sessions == 0), "{:?}", live.countries);
    assert!(!live.entries[&Text::from("a")].hidden);
    let few = told(&rows, NOW_MS, Group(13));
    assert!(few.total.hidden);
}

#[test]
fn minutes_tell_who_was_there_and_who_came() {
    let rows = [session(1, "a", "DE", 30, 5, Playback::Vod), session(2, "a", "DE", 6, 605, Playback::Vod)].concat();
    let minutes = by_minute(&rows, NOW_MS, ALL);
    assert_eq!(minutes.len(), 181);
    let at = |ago: usize| &minutes[minutes.len() - 1 - ago];
    assert_eq!((at(0).sessions, at(3).sessions, at(7).sessions), (1, 1, 0));
    assert_eq!((at(10).sessions, at(11).sessions), (1, 1));
    assert_eq!(minutes.iter().map(|minute| minute.joined).sum::<u64>(), 2);
    assert!(by_minute(&rows, NOW_MS, Group(2)).iter().filter(|minute| minute.hidden).count() > 5);
}

#[test]
fn broadcasts_are_told_by_their_last_and_their_most_watched_minutes() {
    let minutes_ago = |minutes: i64| minutes * 60 - 20;
    let rows: Vec<ViewRow> = [
        // Yesterday two at once, an hour ago three people one after the other, of whom one was there twice.
        session(1, "a", "DE", 30, minutes_ago(24 * 60), Playback::Live),
        session(2, "a", "DE", 12, minutes_ago(24 * 60), Playback::Dvr),
        session(3, "a", "DE", 6, minutes_ago(70), Playback::Live),
        session(103, "a", "DE", 6, minutes_ago(60), Playback::Live),
        // The recording of it, later, is no broadcast.
        session(4, "a", "DE", 6, minutes_ago(5), Playback::Vod),
        session(5, "b", "DE", 6, 5, Playback::Live),
    ]
    .concat();
    let told = broadcasts::told(&rows, NOW_MS, ALL);
    assert_eq!(told.keys().map(|key| &**key).collect::<Vec<_>>(), ["a", "b"]);
    let minute = |ago: i64| NOW_MS.div_euclid(MINUTE_MS) * MINUTE_MS - ago * MINUTE_MS;
    let a = &told[&Text::from("a")];
    // A minute of watching that ends within a minute lies in two of them.
    assert_eq!((a.on, a.from_ms, a.to_ms), (false, Some(minute(71)), Some(minute(60))));
    assert_eq!((a.peak, a.peak_ms), (Some(2), Some(minute(24 * 60 + 2))));
    assert!(told[&Text::from("b")].on);
    // Of one person alone nothing is told, and nothing of the time either.
    let few = &broadcasts::told(&rows, NOW_MS, Group(2))[&Text::from("a")];
    assert_eq!((few.peak, few.from_ms, few.to_ms), (Some(2), Some(minute(24 * 60 + 2)), Some(minute(24 * 60))));
    let none = &broadcasts::told(&rows, NOW_MS, Group(3))[&Text::from("a")];
    assert_eq!((none.peak, none.peak_ms, none.from_ms), (None, None, None));
}
