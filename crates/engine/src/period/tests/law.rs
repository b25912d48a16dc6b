//! Time parts against an obvious reckoning: every quarter of the range looks at the wall by itself.

use super::*;
use jiff::civil::{DateTime, Time};
use jiff::{ToSpan, ZonedDateTime};
use proptest::prelude::*;
use std::cmp::Reverse;

/// The key of a quarter's slot, from a look at the wall.
fn key(quarter: Quarter, zone: &TimeZone, terms: &[Term], part: TimePart) -> String {
    let wall = local(quarter.start_ms(), zone);
    let day = day_at(quarter, &wall);
    match part {
        TimePart::Quarter => instant(quarter),
        TimePart::Hour => {
            let mark = |quarter: Quarter| {
                let wall = local(quarter.start_ms(), zone);
                (wall.date(), wall.hour(), wall.offset())
            };
            let mut first = quarter;
            while mark(Quarter(first.0 - 1)) == mark(first) {
                first = Quarter(first.0 - 1);
            }
            instant(first)
        }
        TimePart::Day => day.to_string(),
        TimePart::Week => format!("{}-W{:02}", day.iso_week_date().year(), day.iso_week_date().week()),
        TimePart::SundayWeek => {
            let mut sunday = day;
            while sunday.weekday() != Weekday::Sunday {
                sunday = sunday.yesterday().unwrap();
            }
            sunday.to_string()
        }
        TimePart::Month => day.strftime("%Y-%m").to_string(),
        TimePart::Year => day.strftime("%Y").to_string(),
        TimePart::Term => {
            let bounds = |term: &&Term| (bound_ms(term.from_ms, zone), bound_ms(term.to_ms, zone));
            let holds = |(from_ms, to_ms)| (from_ms..to_ms).contains(&quarter.start_ms());
            let holding = terms.iter().filter(|term| holds(bounds(term)));
            let last = holding.max_by_key(|term| (bounds(term).0, -bounds(term).1, Reverse(&term.id)));
            last.map_or(String::new(), |term| term.id.to_string())
        }
        TimePart::HourOfDay => wall.strftime("%H").to_string(),
        TimePart::Weekday => day.weekday().to_monday_one_offset().to_string(),
    }
}

fn instant(quarter: Quarter) -> String {
    local(quarter.start_ms(), &TimeZone::UTC).strftime("%Y-%m-%dT%H:%MZ").to_string()
}

/// Hours and quarters are labelled by what the wall shows; with the offset if it shows it twice.
fn label(key: &str, zone: &TimeZone, part: TimePart) -> String {
    let wall = key.replace('Z', ":00Z").parse::<Timestamp>().unwrap().to_zoned_datetime(zone.clone());
    let minute = |minute: i8| wall.date().to_datetime(Time::constant(wall.hour(), minute, 0, 0));
    let (format, times) = match part {
        TimePart::Hour => ("%Y-%m-%d %H:00", [0, 15, 30, 45].map(minute).to_vec()),
        _ => ("%Y-%m-%d %H:%M", vec![wall.datetime()]),
    };
    let is_twice = |time: &DateTime| instants_of(*time, zone).len() == 2;
    let text = wall.strftime(format).to_string();
    if times.iter().any(is_twice) { format!("{text} {}", wall.strftime("%:z")) } else { text }
}

/// Midnight in UTC means a day of the zone.
fn bound_ms(at_ms: i64, zone: &TimeZone) -> i64 {
    let at = local(at_ms, &TimeZone::UTC);
    let instant = if at.time() == Time::midnight() {
        at.date().to_zoned_datetime(zone.clone()).unwrap().start_of_day().unwrap().timestamp()
    } else {
        at.timestamp()
    };
    // A quarter belongs to what holds at its first instant.
    let quarter_ms = 900_000;
    instant.as_millisecond().div_euclid(quarter_ms) * quarter_ms
        + if instant.as_millisecond() % quarter_ms == 0 { 0 } else { quarter_ms }
}

/// The date on the wall; the next one where that has begun already.
fn day_at(quarter: Quarter, wall: &ZonedDateTime) -> Date {
    let tomorrow = wall.date().tomorrow().unwrap();
    let midnights = instants_of(tomorrow.at(0, 0, 0, 0), wall.time_zone());
    let begun = midnights.first().is_some_and(|at| at.as_millisecond() <= quarter.start_ms());
    if begun { tomorrow } else { wall.date() }
}

/// When the wall shows a time: never, once or twice.
fn instants_of(wall: DateTime, zone: &TimeZone) -> Vec<Timestamp> {
    let found = zone.to_ambiguous_timestamp(wall);
    let mut instants = vec![found.earlier().unwrap(), found.later().unwrap()];
    instants.dedup();
    instants.retain(|at| zone.to_datetime(*at) == wall);
    instants
}

fn check(from: Quarter, length: i32, zone: &TimeZone, terms: &[Term], part: TimePart) {
    let to = Quarter(from.0 + length);
    let calendar = Calendar { terms, ..Calendar::new(0, zone) };
    let parts = parts(from, to, &calendar, part).unwrap();
    let about = format!(
        "{part:?} of {}..{} in {:?}",
        local(from.start_ms(), zone),
        local(to.start_ms(), zone),
        zone.iana_name()
    );
    assert_eq!(parts.of_quarter.len(), length as usize, "{about}");
    for (place, number) in parts.of_quarter.iter().enumerate() {
        let quarter = Quarter(from.0 + place as i32);
        let expect = key(quarter, zone, terms, part);
        assert_eq!(parts.slots[*number as usize].key, expect, "{} {about}", local(quarter.start_ms(), zone));
    }
    let mut keys: Vec<&String> = parts.slots.iter().map(|slot| &slot.key).collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), parts.slots.len(), "keys are unique: {about}");
    for (number, slot) in parts.slots.iter().enumerate() {
        let Some((first, after)) = slot.span else { continue };
        let inside = &parts.of_quarter[(first.0 - from.0) as usize..(after.0 - from.0) as usize];
        assert!(!inside.is_empty() && inside.iter().all(|of| *of == number as u32), "{about}");
        assert_eq!(inside.len(), parts.of_quarter.iter().filter(|of| **of == number as u32).count(), "{about}");
    }
    if matches!(part, TimePart::Quarter | TimePart::Hour) {
        for slot in &parts.slots {
            assert_eq!(slot.label, label(&slot.key, zone, part), "{about}");
        }
    }
    if part.is_axis() {
        let spans: Vec<_> = parts.slots.iter().map(|slot| slot.span.unwrap()).collect();
        assert_eq!(spans.first().map(|span| span.0), Some(from), "{about}");
        assert_eq!(spans.last().map(|span| span.1), Some(to), "{about}");
        assert!(spans.windows(2).all(|pair| pair[0].1 == pair[1].0), "{about}");
        assert!(parts.slots.windows(2).all(|pair| pair[0].key < pair[1].key), "{about}");
    }
}

/// A quarter near a change of the clocks after an instant, if the zone has one.
fn near_a_change(at_ms: i64, zone: &TimeZone, before: i32) -> Quarter {
    let at = Timestamp::from_millisecond(at_ms).unwrap();
    let change = zone.following(at).next().map_or(at, |change| change.timestamp());
    Quarter(Quarter::of(change.as_millisecond()).0 - before)
}

fn days_sum_up(from: Quarter, zone: &TimeZone) {
    let first = local(from.start_ms(), zone).date().tomorrow().unwrap();
    let calendar = Calendar::new(0, zone);
    let week = resolve(&format!("{first}..{}", first.checked_add(6.days()).unwrap()), &calendar).unwrap();
    let cut = parts(week.from, week.to, &calendar, TimePart::Day).unwrap();
    let mut at = week.from;
    for slot in &cut.slots {
        let day = resolve(&slot.key, &calendar).unwrap();
        assert_eq!((Some((day.from, day.to)), day.from), (slot.span, at), "{} in {:?}", slot.key, zone.iana_name());
        at = day.to;
    }
    assert_eq!(at, week.to);
}

fn zones() -> Vec<String> {
    jiff::tz::db().available().map(|name| name.to_string()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn parts_equal_a_look_at_every_quarter(
        name in proptest::sample::select(zones()),
        at_s in 5_000_000_i64..2_200_000_000,
        length in 1_i32..2_500,
        before in -20_i32..2_000,
        part in proptest::sample::select(TimePart::ALL.map(|(_, part)| part).to_vec()),
        terms in proptest::collection::vec((0_i64..3_000, 0_i64..3_000), 0..4),
    ) {
        let zone = zone(&name);
        let from = near_a_change(at_s * 1000, &zone, before);
        // Some at midnight in UTC, some not even on quarters.
        let instant = |quarters: i64| match quarters % 3 {
            0 => (Quarter(from.0 / 96 * 96).start_ms()) + (quarters / 96) * 86_400_000,
            _ => from.start_ms() + (quarters - 300) * 900_000 + quarters % 7,
        };
        let term = |(number, (from, length)): (usize, &(i64, i64))| Term {
            id: number.to_string().into(),
            name: "".into(),
            from_ms: instant(*from),
            to_ms: instant(*from + *length),
        };
        let terms: Vec<Term> = terms.iter().enumerate().map(term).collect();
        check(from, length, &zone, &terms, part);
        days_sum_up(from, &zone);
    }
}

/// Every part over every kind of change.
#[test]
fn parts_are_right_at_famous_changes() {
    let changes = [
        ("Europe/Berlin", "2026-10-25T01:00:00Z"),
        ("Europe/Berlin", "2026-03-29T01:00:00Z"),
        ("America/Chicago", "2026-11-01T07:00:00Z"),
        ("Australia/Lord_Howe", "2026-04-04T15:00:00Z"),
        ("Australia/Lord_Howe", "2026-10-03T15:30:00Z"),
        ("Asia/Beirut", "2026-03-28T22:00:00Z"),
        ("Asia/Beirut", "2026-10-24T21:00:00Z"),
        ("America/Sao_Paulo", "2018-11-04T03:00:00Z"),
        ("America/Sao_Paulo", "2018-02-18T02:00:00Z"),
        ("America/Havana", "2026-11-01T05:00:00Z"),
        ("America/St_Johns", "2010-11-07T02:31:00Z"),
        ("Antarctica/Casey", "2021-10-02T16:01:00Z"),
        ("Antarctica/Troll", "2026-10-25T01:00:00Z"),
        ("Pacific/Apia", "2011-12-30T10:00:00Z"),
        ("Pacific/Kwajalein", "1993-08-21T12:00:00Z"),
        ("Asia/Kathmandu", "1985-12-31T18:30:00Z"),
        ("Asia/Pyongyang", "2018-05-04T15:00:00Z"),
        ("America/Caracas", "2007-12-09T07:00:00Z"),
        ("Africa/Casablanca", "2026-02-15T02:00:00Z"),
        ("Africa/Monrovia", "1972-01-07T00:44:30Z"),
    ];
    for (name, change) in changes {
        let zone = zone(name);
        for (_, part) in TimePart::ALL {
            let around = Quarter::of(at(change));
            check(Quarter(around.0 - 200), 400, &zone, &[], part);
            for nearer in -10..10 {
                check(Quarter(around.0 + nearer), 12, &zone, &[], part);
            }
        }
        days_sum_up(Quarter(Quarter::of(at(change)).0 - 300), &zone);
    }
}
