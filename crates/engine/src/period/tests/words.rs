//! Presets, terms, days and hours.

use super::*;

/// What `words` mean on Monday, 23 November 2026, in a zone.
fn ask(words: &str, zone_name: &str, adapt: impl Fn(&mut Calendar<'_>)) -> Result<Range, PeriodError> {
    let zone = zone(zone_name);
    let mut calendar = Calendar { created_ms: Some(at("2026-02-03T04:05:06Z")), ..Calendar::new(at(NOW), &zone) };
    adapt(&mut calendar);
    resolve(words, &calendar)
}

fn days(words: &str) -> String {
    days_of(&ask(words, "UTC", |_| ()).unwrap())
}

#[test]
fn presets_have_exact_bounds() {
    let table = [
        ("today", "2026-11-23..2026-11-23 1", "Today so far"),
        ("yesterday", "2026-11-22..2026-11-22 1", "Yesterday"),
        ("7d", "2026-11-16..2026-11-22 7", "Last 7 days"),
        ("30d", "2026-10-24..2026-11-22 30", "Last 30 days"),
        ("90d", "2026-08-25..2026-11-22 90", "Last 90 days"),
        ("3m", "2026-08-23..2026-11-22 92", "Last 3 months"),
        ("12m", "2025-11-23..2026-11-22 365", "Last 12 months"),
        ("week", "2026-11-23..2026-11-23 1", "This week"),
        ("month", "2026-11-01..2026-11-23 23", "This month"),
        ("quarter", "2026-10-01..2026-11-23 54", "This quarter"),
        ("year", "2026-01-01..2026-11-23 327", "This year"),
        ("last_week", "2026-11-16..2026-11-22 7", "Last week"),
        ("last_month", "2026-10-01..2026-10-31 31", "Last month"),
        ("last_quarter", "2026-07-01..2026-09-30 92", "Last quarter"),
        ("last_year", "2025-01-01..2025-12-31 365", "Last year"),
        ("all", "2026-02-03..2026-11-23 294", "Since creation"),
        ("2026-10-01", "2026-10-01..2026-10-01 1", "1 October 2026"),
        ("2026-10-01..2026-10-31", "2026-10-01..2026-10-31 31", "1 October 2026 to 31 October 2026"),
    ];
    for (words, expect, label) in table {
        let range = ask(words, "UTC", |_| ()).unwrap();
        assert_eq!((days_of(&range).as_str(), range.label.as_str()), (expect, label), "{words}");
        assert!(range.is_whole_days());
        assert_eq!(range.to.0 - range.from.0, range.days() * 96, "{words}");
    }
    let shown = |(name, _): &&(&str, &str)| !name.starts_with("term");
    for (name, _) in PRESETS.iter().filter(shown) {
        assert!(table.iter().any(|(words, ..)| words == name), "{name} has no row here");
    }
}

#[test]
fn what_ends_yesterday_can_end_today() {
    let today = |words: &str| days_of(&ask(words, "UTC", |calendar| calendar.include_today = true).unwrap());
    assert_eq!(today("7d"), "2026-11-16..2026-11-23 8");
    assert_eq!(today("30d"), "2026-10-24..2026-11-23 31");
    assert_eq!(today("90d"), "2026-08-25..2026-11-23 91");
    assert_eq!(today("3m"), "2026-08-23..2026-11-23 93");
    assert_eq!(today("12m"), "2025-11-23..2026-11-23 366");
    for same in ["today", "yesterday", "week", "last_week", "last_month", "all", "2026-10-01"] {
        assert_eq!(today(same), days(same));
    }
}

#[test]
fn weeks_begin_as_the_calendar_says() {
    let sunday =
        |words: &str| days_of(&ask(words, "UTC", |calendar| calendar.first_weekday = Weekday::Sunday).unwrap());
    assert_eq!(sunday("week"), "2026-11-22..2026-11-23 2");
    assert_eq!(sunday("last_week"), "2026-11-15..2026-11-21 7");
    let tuesday = ask("week", "UTC", |calendar| calendar.first_weekday = Weekday::Tuesday).unwrap();
    assert_eq!(days_of(&tuesday), "2026-11-17..2026-11-23 7");
}

#[test]
fn months_are_never_a_day_too_long() {
    let on = |words: &str, now: &str| days_of(&resolve(words, &Calendar::new(at(now), &TimeZone::UTC)).unwrap());
    assert_eq!(on("3m", "2026-06-01T12:00:00Z"), "2026-03-01..2026-05-31 92");
    // There is no 31 February.
    assert_eq!(on("3m", "2026-05-31T12:00:00Z"), "2026-03-01..2026-05-30 91");
    assert_eq!(on("3m", "2026-07-31T12:00:00Z"), "2026-05-01..2026-07-30 91");
    assert_eq!(on("12m", "2028-02-29T12:00:00Z"), "2027-03-01..2028-02-28 365");
    assert_eq!(on("12m", "2028-03-01T12:00:00Z"), "2027-03-01..2028-02-29 366");
}

#[test]
fn units_turn_over_at_their_edges() {
    let on = |words: &str, now: &str| days_of(&resolve(words, &Calendar::new(at(now), &TimeZone::UTC)).unwrap());
    assert_eq!(on("year", "2027-01-01T00:00:00Z"), "2027-01-01..2027-01-01 1");
    assert_eq!(on("last_year", "2027-01-01T00:00:00Z"), "2026-01-01..2026-12-31 365");
    assert_eq!(on("last_quarter", "2027-01-01T00:00:00Z"), "2026-10-01..2026-12-31 92");
    assert_eq!(on("last_month", "2028-03-01T00:00:00Z"), "2028-02-01..2028-02-29 29");
    assert_eq!(on("last_week", "2026-11-29T23:59:59Z"), "2026-11-16..2026-11-22 7");
    assert_eq!(on("last_week", "2026-11-30T00:00:00Z"), "2026-11-23..2026-11-29 7");
}

#[test]
fn the_day_is_that_of_the_zone() {
    let day = |words: &str, zone_name: &str| days_of(&ask(words, zone_name, |_| ()).unwrap());
    // At noon in Greenwich it is already the next day on Kiritimati.
    assert_eq!(day("today", "Pacific/Kiritimati"), "2026-11-24..2026-11-24 1");
    assert_eq!(day("all", "America/Chicago"), "2026-02-02..2026-11-23 295");
    let without = ask("all", "UTC", |calendar| calendar.created_ms = None).unwrap();
    assert_eq!(days_of(&without), "2026-11-23..2026-11-23 1");
    let ancient = ask("all", "America/Chicago", |calendar| calendar.created_ms = Some(i64::MIN)).unwrap();
    assert_eq!(ancient.first, super::day("1970-01-01"));
}

#[test]
fn terms_hold_or_have_ended() {
    let terms = [
        term("ss26", "Summer 2026", "2026-04-01T00:00:00+02:00", "2026-10-01T00:00:00+02:00"),
        term("ws26", "Winter 2026/27", "2026-10-01T00:00:00+02:00", "2027-04-01T00:00:00+02:00"),
        term("block", "", "2026-11-16T00:00:00+01:00", "2026-11-28T00:00:00+01:00"),
        term("ss27", "Summer 2027", "2027-04-01T00:00:00+02:00", "2027-10-01T00:00:00+02:00"),
    ];
    let zone = zone("Europe/Berlin");
    let on = |words: &str, now: &str, terms: &[Term]| {
        let range = resolve(words, &Calendar { terms, ..Calendar::new(at(now), &zone) })?;
        Ok::<_, PeriodError>(format!("{} {}", days_of(&range), range.label))
    };
    let ok = |words: &str, now: &str, terms: &[Term]| on(words, now, terms).unwrap();
    assert_eq!(ok("term", "2026-10-15T12:00:00Z", &terms), "2026-10-01..2026-10-15 15 Winter 2026/27");
    // Of two that hold the one that began last; the id stands for a missing name.
    assert_eq!(ok("term", NOW, &terms), "2026-11-16..2026-11-23 8 block");
    assert_eq!(ok("term:ws26", NOW, &terms), "2026-10-01..2026-11-23 54 Winter 2026/27");
    assert_eq!(ok("term:ss26", NOW, &terms), "2026-04-01..2026-09-30 183 Summer 2026");
    assert_eq!(ok("term:ss27", NOW, &terms), "2027-04-01..2027-09-30 183 Summer 2027");
    // Between terms the last one, whole.
    assert_eq!(ok("term", "2027-12-01T12:00:00Z", &terms), "2027-04-01..2027-09-30 183 Summer 2027");
    assert_eq!(ok("term", "2026-03-31T22:00:00Z", &terms), "2026-04-01..2026-04-01 1 Summer 2026");
    // Told in days: then it has these days in every zone.
    let days = [term("ws26", "Winter", "2026-10-01T00:00:00Z", "2027-04-01T00:00:00Z")];
    for zone_name in ["UTC", "Europe/Berlin", "America/Chicago", "Pacific/Kiritimati", "Asia/Kathmandu"] {
        let zone = super::zone(zone_name);
        let range = resolve("term:ws26", &Calendar { terms: &days, ..Calendar::new(0, &zone) }).unwrap();
        assert_eq!(days_of(&range), "2026-10-01..2027-03-31 182", "{zone_name}");
    }
    let fails = |words: &str, terms: &[Term]| on(words, NOW, terms).unwrap_err();
    assert_eq!(fails("term", &terms[3..]), PeriodError::NoTerm);
    assert_eq!(fails("term", &[]), PeriodError::NoTerm);
    assert_eq!(fails("term:ws99", &terms), PeriodError::UnknownTerm("ws99".into()));
}

#[test]
fn hours_are_local_and_end_before_their_end() {
    let hours = |words: &str, zone_name: &str| ask(words, zone_name, |_| ()).unwrap();
    let lecture = hours("2026-10-01T08:00..2026-10-01T17:30", "Europe/Berlin");
    assert_eq!(instants_of(&lecture), "2026-10-01T06:00Z..2026-10-01T15:30Z");
    assert_eq!(days_of(&lecture), "2026-10-01..2026-10-01 1");
    assert_eq!(lecture.label, "1 October 2026, 08:00 to 17:30");
    assert!(!lecture.is_whole_days());
    let night = hours("2026-10-01T22:00..2026-10-02T00:00", "Asia/Kathmandu");
    assert_eq!(instants_of(&night), "2026-10-01T16:15Z..2026-10-01T18:15Z");
    // Midnight belongs to the day it ends.
    assert_eq!(days_of(&night), "2026-10-01..2026-10-01 1");
    assert_eq!(night.label, "1 October 2026, 22:00 to 2 October 2026, 00:00");
}

#[test]
fn hours_at_clock_changes_hold_all_that_the_wall_showed() {
    let table = [
        // 02:00 to 03:00 comes twice: all of both is in it.
        ("2026-10-25T02:00..2026-10-25T02:30", "Europe/Berlin", "2026-10-25T00:00Z..2026-10-25T01:30Z"),
        ("2026-10-25T01:00..2026-10-25T02:00", "Europe/Berlin", "2026-10-24T23:00Z..2026-10-25T01:00Z"),
        // 02:00 to 03:00 does not come.
        ("2026-03-29T01:00..2026-03-29T02:30", "Europe/Berlin", "2026-03-29T00:00Z..2026-03-29T01:00Z"),
        ("2026-03-29T02:30..2026-03-29T04:00", "Europe/Berlin", "2026-03-29T01:00Z..2026-03-29T02:00Z"),
        ("2026-03-29T02:15..2026-03-29T02:45", "Europe/Berlin", "2026-03-29T01:00Z..2026-03-29T01:00Z"),
        // Half an hour on Lord Howe: 02:00 becomes 02:30, and in April 02:00 becomes 01:30.
        ("2026-10-04T02:15..2026-10-04T03:00", "Australia/Lord_Howe", "2026-10-03T15:30Z..2026-10-03T16:00Z"),
        ("2026-04-05T01:30..2026-04-05T01:45", "Australia/Lord_Howe", "2026-04-04T14:30Z..2026-04-04T15:15Z"),
        // Midnight itself does not come in Beirut.
        ("2026-03-29T00:30..2026-03-29T02:00", "Asia/Beirut", "2026-03-28T22:00Z..2026-03-28T23:00Z"),
        // The rule changed at midnight, the clocks did not.
        ("2023-10-28T23:00..2023-10-28T23:30", "America/Nuuk", "2023-10-29T01:00Z..2023-10-29T01:30Z"),
        // 30 December 2011 did not come in Apia.
        ("2011-12-29T23:00..2011-12-30T12:00", "Pacific/Apia", "2011-12-30T09:00Z..2011-12-30T10:00Z"),
    ];
    for (words, zone_name, expect) in table {
        assert_eq!(instants_of(&ask(words, zone_name, |_| ()).unwrap()), expect, "{words} {zone_name}");
    }
}

#[test]
fn what_is_no_period_is_named() {
    let fail = |text: &str| ask(text, "UTC", |_| ()).unwrap_err();
    let unknown = [
        "fortnight",
        "",
        "..",
        "last_7d",
        "2026-02-30..2026-03-01",
        "2026-10-01..",
        "2026-10-01..2026-10-02T08:00",
        "2026-10-01T08:00",
        "2026-10-01T08:00..2026-10-01T24:00",
        "2026-10-01T8:00..2026-10-01T17:00",
        "2026-10-01T08:00:00..2026-10-01T17:00:00",
        "+02026-1-1",
    ];
    for text in unknown {
        assert_eq!(fail(text), PeriodError::Unknown(text.into()));
    }
    let off = "2026-10-01T08:10..2026-10-01T17:30";
    assert_eq!(fail(off), PeriodError::OffQuarter(off.into()));
    let turned = ["2026-03-02..2026-03-01", "2026-10-01T17:30..2026-10-01T08:00"];
    for text in turned {
        assert_eq!(fail(text), PeriodError::Backwards(text.into()));
    }
    let empty = "2026-10-01T08:00..2026-10-01T08:00";
    assert_eq!(fail(empty), PeriodError::Empty(empty.into()));
    let beyond = ["1950-03-02..1950-03-03", "9999-12-30..9999-12-31"];
    for text in beyond {
        assert_eq!(fail(text), PeriodError::Beyond(text.into()));
    }
    assert_eq!(days("1970-01-01..2069-12-31"), "1970-01-01..2069-12-31 36525");
    assert_eq!(fail("1970-01-01..2070-01-02"), PeriodError::TooLong("1970-01-01..2070-01-02".into()));
    assert!(fail("fortnight").to_string().contains("last_quarter"), "the message says what there is");
}

#[test]
fn days_are_as_long_as_the_clocks_make_them() {
    let hours = |zone_name: &str, day: &str| {
        let range = ask(day, zone_name, |_| ()).unwrap();
        f64::from(range.to.0 - range.from.0) / 4.0
    };
    assert_eq!(hours("Europe/Berlin", "2026-03-29"), 23.0);
    assert_eq!(hours("Europe/Berlin", "2026-10-25"), 25.0);
    assert_eq!(hours("Australia/Lord_Howe", "2026-10-04"), 23.5);
    // Midnight itself is skipped in Beirut.
    assert_eq!(hours("Asia/Beirut", "2026-03-29"), 23.0);
    assert_eq!(hours("America/Sao_Paulo", "2018-11-04"), 23.0);
    // At the end of the day 23:00 comes twice.
    assert_eq!(hours("America/Sao_Paulo", "2018-02-17"), 25.0);
    assert_eq!(hours("Asia/Kathmandu", "2026-10-25"), 24.0);
    assert_eq!(hours("Pacific/Apia", "2011-12-29"), 24.0);
    assert_eq!(hours("Pacific/Apia", "2011-12-30"), 0.0);
    // Clocks were set back at 00:01: Sunday had begun, and did not begin again.
    assert_eq!(hours("America/St_Johns", "2010-11-06"), 24.0);
    assert_eq!(hours("America/St_Johns", "2010-11-07"), 25.0);
    let range = ask("2026-10-25..2026-10-25", "Asia/Kathmandu", |_| ()).unwrap();
    assert_eq!(range.from.start_ms(), at("2026-10-24T18:15:00Z"));
}
