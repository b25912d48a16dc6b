#![expect(clippy::unwrap_used)]

use super::calendar::{Calendar, DAY_MS, weekday};
use super::*;
use crate::enrich::rules::{Class, Rules};
use engine::event::EventKind;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// 2026-11-20T12:00Z.
const NOW: i64 = 1_795_176_000_000;
const EVENTS: u64 = 60_000;

static PLAN: LazyLock<Plan> = LazyLock::new(|| Plan::new(7, NOW, EVENTS));
static MADE: LazyLock<Vec<Event>> = LazyLock::new(|| PLAN.events().flatten().collect());

#[test]
fn the_same_seed_gives_the_same_data() {
    let again = Plan::new(7, NOW, EVENTS);
    assert_eq!(again.catalog(), PLAN.catalog());
    assert!(again.events().flatten().take(5_000).eq(MADE.iter().take(5_000).cloned()));
    let other: Vec<Event> = Plan::new(8, NOW, EVENTS).events().flatten().take(100).collect();
    assert_ne!(other[..], MADE[..100]);
}

#[test]
fn events_come_in_the_order_of_time_and_in_the_number_asked_for() {
    assert!(MADE.is_sorted_by_key(|event| event.at_ms));
    assert!(MADE.first().unwrap().at_ms >= NOW - YEAR_MS && MADE.last().unwrap().at_ms < NOW);
    assert!(MADE.last().unwrap().at_ms > NOW - 3 * DAY_MS, "the year reaches now");
    let share = MADE.len() as f64 / EVENTS as f64;
    assert!((0.85..1.15).contains(&share), "{share}");
}

#[test]
fn weekends_are_quiet_and_exams_are_not() {
    let calendar = Calendar::new(NOW - YEAR_MS, NOW);
    // Starts of sessions, for one long session says nothing.
    let mut by_day = BTreeMap::<i64, u32>::new();
    for event in MADE.iter().filter(|event| event.kind == EventKind::IMPRESSION) {
        *by_day.entry((event.at_ms - 6 * 3_600_000).div_euclid(DAY_MS)).or_default() += 1;
    }
    let mean = |takes: &dyn Fn(i64) -> bool| {
        let noon = |day: i64| day * DAY_MS + 18 * 3_600_000;
        let days: Vec<f64> = by_day.iter().filter(|&(&day, _)| takes(noon(day))).map(|(_, &n)| f64::from(n)).collect();
        assert!(days.len() > 5);
        days.iter().sum::<f64>() / days.len() as f64
    };
    let in_term = |at: i64| calendar.term(at).is_some_and(|term| term.main && !term.is_exam(at));
    let weekend = |at: i64| matches!(weekday(at), 0 | 6);
    let ordinary = mean(&|at| in_term(at) && !weekend(at));
    assert!(mean(&|at| in_term(at) && weekend(at)) < 0.7 * ordinary);
    assert!(mean(&|at| calendar.term(at).is_some_and(|term| term.is_exam(at)) && !weekend(at)) > 1.5 * ordinary);
}

#[test]
fn every_kind_of_event_is_there() {
    let kinds: BTreeSet<u32> = MADE.iter().map(|event| event.kind.0).collect();
    let want = [
        1, 2, 3, 4, 11, 12, 13, 14, 15, 21, 22, 23, 24, 25, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 45, 46,
        98, 99, 100, 10002, 10003, 10005, 30001,
    ];
    let missing: Vec<u32> = want.into_iter().filter(|kind| !kinds.contains(kind)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_kind_of_site_is_there() {
    use Class::*;
    let rules = Rules::built_in(&[ORG_DOMAIN.to_owned()]);
    let classes: BTreeSet<Class> = MADE.iter().map(|event| rules.of(&event.facts.domain).class).collect();
    for class in [
        Lms,
        LmsTool,
        LmsToolRetired,
        LmsFile,
        LmsQuiz,
        Scorm,
        Portal,
        Standalone,
        Console,
        OwnWeb,
        SiteBuilder,
        Survey,
        Authoring,
        VideoHost,
        LocalFile,
        Other,
        Unknown,
    ] {
        assert!(classes.contains(&class), "{class:?}");
    }
}

#[test]
fn the_recordings_that_show_something() {
    let of = |number: usize| {
        let id = &PLAN.campus.entries[number].id;
        MADE.iter().filter(move |event| *event.entry == **id)
    };
    assert_eq!(of(campus::NEVER_PLAYED).count(), 0);
    assert!(
        of(campus::UNLISTED).count() > 50 && of(campus::UNLISTED).all(|event| event.who.person == PersonKey::UNKNOWN)
    );
    assert!(of(campus::SHOWCASE).count() > 500);
    assert!(of(campus::LIVE).count() > 50 && of(campus::LIVE).all(|event| !event.playback.has_axis()));
    let late = |event: &&Event| event.position_ms > Some(30 * 60_000);
    let dead_air = of(campus::DEAD_AIR).count();
    assert!(dead_air > 100 && of(campus::DEAD_AIR).filter(late).count() * 5 < dead_air);
}

#[test]
fn viewers_are_known_unknown_and_refused() {
    use engine::event::{IdentityRefusal, Proof};
    let some = |is: &dyn Fn(&Event) -> bool| assert!(MADE.iter().any(is));
    some(&|event| event.who.proof == Proof::Verified);
    some(&|event| event.who.proof == Proof::Claimed);
    some(&|event| event.who.proof == Proof::None && event.who.refusal == IdentityRefusal::Unsigned);
    some(&|event| event.bot);
    some(&|event| event.measured.tab == 1);
    some(&|event| !event.facts.context.is_empty());
    some(&|event| !event.facts.playlist.is_empty());
    assert!(
        MADE.iter()
            .all(|event| (event.who.person == PersonKey::UNKNOWN) == (event.who.proof == engine::event::Proof::None))
    );
}

/// The heartbeats of a session never claim more than the clock allows.
#[test]
fn play_time_fits_the_clock() {
    let mut sessions = BTreeMap::<&str, Vec<&Event>>::new();
    for event in MADE.iter().filter(|event| event.index.is_some()) {
        sessions.entry(&event.session).or_default().push(event);
    }
    let mut resets = 0;
    for events in sessions.values() {
        for pair in events.windows(2) {
            if pair[1].index == Some(1) {
                resets += 1;
                assert!(pair[1].at_ms - pair[0].at_ms > 30_000);
            } else {
                assert_eq!(pair[1].index, pair[0].index.map(|i| i + 1));
            }
        }
        let beats: Vec<_> = events.iter().filter(|event| event.kind == EventKind::VIEW).collect();
        for pair in beats.windows(2) {
            let rise = pair[1].play_time_ms.unwrap() as i64 - pair[0].play_time_ms.unwrap() as i64;
            assert!(rise <= (pair[1].at_ms - pair[0].at_ms) * 2 + 1, "{rise}");
        }
    }
    assert!(resets > 10, "{resets}");
}

/// The catalog takes every line, people get the keys of the plan, and the campus has its size.
#[test]
fn the_catalog_imports() {
    use engine::catalog::{Catalog, Format};
    let catalog = Catalog::open_in_memory(NOW).unwrap();
    catalog.add_account(ACCOUNT, ACCOUNT_NAME, NOW).unwrap();
    let mut plan = Plan::new(7, NOW, EVENTS);
    let text = plan.catalog();
    let mut fresh = plan.fresh();
    let report =
        catalog.import(ACCOUNT, &mut text.as_bytes(), Format::Ndjson, None, NOW, &mut fresh, &mut |_| {}).unwrap();
    assert_eq!(report.bad, 0, "{:?}", report.bad_lines);
    let before: Vec<PersonKey> = plan.campus.people.iter().map(|person| person.key).collect();
    assert_eq!(plan.settle(&|id| catalog.known_person(ACCOUNT, id)), 0);
    assert!(plan.campus.people.iter().map(|person| person.key).eq(before));
    let view = catalog.view();
    let account = &view.accounts[&ACCOUNT];
    assert_eq!((account.people.len(), account.entries.len(), account.categories.len()), (4_000, 300, 32));
}

#[test]
fn a_campus_that_goes_on_tells_everything_once_in_order_and_ends() {
    let mut campus = GoingOn::new(Plan::new(7, NOW, EVENTS), NOW);
    let first = campus.until(NOW).unwrap();
    let watching: BTreeSet<&str> =
        first.iter().filter(|event| event.at_ms > NOW - 30_000).map(|event| &*event.session).collect();
    assert!(watching.len() >= 5, "people are there at once: {}", watching.len());
    let mut told = first.clone();
    let mut now = NOW;
    while let Some(batch) = campus.until(now) {
        assert!(batch.iter().all(|event| event.at_ms <= now), "nothing is told before it happens");
        told.extend(batch);
        now += 60_000;
    }
    assert!(told.is_sorted_by_key(|event| event.at_ms));
    let begun = |event: &&Event| event.kind == EventKind::IMPRESSION;
    assert!(told.iter().filter(begun).all(|event| event.at_ms < NOW + GOING_ON_FOR_MS + 60_000), "it ends");
    let once: BTreeSet<(&str, i64, u32, u32)> =
        told.iter().map(|event| (&*event.session, event.at_ms, event.kind.0, event.index.unwrap_or(0))).collect();
    assert_eq!(once.len(), told.len());
    assert!(told.iter().any(|event| event.playback == engine::event::Playback::Live));
}
