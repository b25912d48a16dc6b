//! Time parts, where they are hard.

use super::*;

fn cut(from: &str, to: &str, zone_name: &str, part: TimePart) -> Parts {
    let (from, to) = (Quarter::of(at(from)), Quarter::of(at(to)));
    parts(from, to, &Calendar::new(0, &zone(zone_name)), part).unwrap()
}

/// Each slot as `key xQUARTERS`.
fn show(parts: &Parts) -> String {
    show_by(parts, |slot| &slot.key)
}

fn show_by(parts: &Parts, name: impl Fn(&Slot) -> &str) -> String {
    let count = |number: usize| parts.of_quarter.iter().filter(|of| **of == number as u32).count();
    let slots = parts.slots.iter().enumerate().map(|(number, slot)| format!("{} x{}", name(slot), count(number)));
    slots.collect::<Vec<_>>().join(", ")
}

#[test]
fn time_parts_of_ordinary_days() {
    let table = [
        (
            TimePart::Quarter,
            "2026-11-22T23:30:00Z",
            "2026-11-23T00:15:00Z",
            "2026-11-22T23:30Z x1, 2026-11-22T23:45Z x1, 2026-11-23T00:00Z x1",
        ),
        (
            TimePart::Hour,
            "2026-11-22T22:30:00Z",
            "2026-11-23T00:15:00Z",
            "2026-11-22T22:00Z x2, 2026-11-22T23:00Z x4, 2026-11-23T00:00Z x1",
        ),
        (TimePart::Day, "2026-11-22T12:00:00Z", "2026-11-24T00:00:00Z", "2026-11-22 x48, 2026-11-23 x96"),
        (TimePart::Week, "2026-12-27T00:00:00Z", "2027-01-05T00:00:00Z", "2026-W52 x96, 2026-W53 x672, 2027-W01 x96"),
        (TimePart::SundayWeek, "2026-11-20T00:00:00Z", "2026-11-24T00:00:00Z", "2026-11-15 x192, 2026-11-22 x192"),
        (TimePart::Month, "2026-01-31T00:00:00Z", "2026-03-02T00:00:00Z", "2026-01 x96, 2026-02 x2688, 2026-03 x96"),
        (TimePart::Year, "2025-12-31T00:00:00Z", "2026-01-01T00:15:00Z", "2025 x96, 2026 x1"),
    ];
    for (part, from, to, expect) in table {
        assert_eq!(show(&cut(from, to, "UTC", part)), expect, "{part:?}");
    }
}

#[test]
fn labels_are_what_people_read() {
    let first = |part: TimePart| cut("2026-11-23T14:15:00Z", "2026-11-23T14:30:00Z", "UTC", part).slots.remove(0).label;
    let table = [
        (TimePart::Quarter, "2026-11-23 14:15"),
        (TimePart::Hour, "2026-11-23 14:00"),
        (TimePart::Day, "2026-11-23"),
        (TimePart::Week, "2026-W48"),
        (TimePart::SundayWeek, "Week of 2026-11-22"),
        (TimePart::Month, "2026-11"),
        (TimePart::Term, "No term"),
        (TimePart::Year, "2026"),
        (TimePart::HourOfDay, "00:00"),
        (TimePart::Weekday, "Monday"),
    ];
    assert_eq!(table.map(|(part, _)| part), TimePart::ALL.map(|(_, part)| part));
    for (part, label) in table {
        assert_eq!(first(part), label, "{part:?}");
        assert_eq!(TimePart::of(part.name()), Some(part));
    }
    assert_eq!(TimePart::of("fortnight"), None);
}

#[test]
fn hours_when_clocks_change() {
    let table = [
        // Set back: the hour that comes twice.
        (
            "Europe/Berlin",
            "2026-10-24T23:00:00Z",
            "2026-10-25T03:00:00Z",
            "01:00 x4, 02:00 +02:00 x4, 02:00 +01:00 x4, 03:00 x4",
        ),
        // Set forward: the hour that does not come.
        ("Europe/Berlin", "2026-03-29T00:00:00Z", "2026-03-29T02:00:00Z", "01:00 x4, 03:00 x4"),
        ("Asia/Kathmandu", "2026-06-01T00:00:00Z", "2026-06-01T01:00:00Z", "05:00 x1, 06:00 x3"),
        // By half an hour.
        (
            "Australia/Lord_Howe",
            "2026-04-04T14:00:00Z",
            "2026-04-04T16:30:00Z",
            "01:00 +11:00 x4, 01:00 +10:30 x2, 02:00 x4",
        ),
        ("Australia/Lord_Howe", "2026-10-03T14:30:00Z", "2026-10-03T16:30:00Z", "01:00 x4, 02:00 x2, 03:00 x2"),
        // Not on the hour: 03:45 becomes 02:45.
        (
            "Pacific/Chatham",
            "2026-04-04T13:00:00Z",
            "2026-04-04T15:15:00Z",
            "02:00 +13:45 x1, 03:00 +13:45 x3, 02:00 +12:45 x1, 03:00 +12:45 x4",
        ),
        (
            "America/Sao_Paulo",
            "2018-02-18T00:00:00Z",
            "2018-02-18T04:00:00Z",
            "22:00 x4, 23:00 -02:00 x4, 23:00 -03:00 x4, 00:00 x4",
        ),
        ("America/Sao_Paulo", "2018-11-04T02:00:00Z", "2018-11-04T04:00:00Z", "23:00 x4, 01:00 x4"),
        // A part of the hour is called as the whole.
        ("Europe/Berlin", "2026-10-25T01:30:00Z", "2026-10-25T01:45:00Z", "02:00 +01:00 x1"),
        ("Australia/Lord_Howe", "2026-04-04T14:00:00Z", "2026-04-04T14:15:00Z", "01:00 +11:00 x1"),
    ];
    for (zone_name, from, to, expect) in table {
        let parts = cut(from, to, zone_name, TimePart::Hour);
        assert_eq!(show_by(&parts, |slot| &slot.label["2026-10-25 ".len()..]), expect, "{zone_name} {from}");
    }
    let quarters = cut("2026-04-04T14:15:00Z", "2026-04-04T15:30:00Z", "Australia/Lord_Howe", TimePart::Quarter);
    let labels: Vec<&str> = quarters.slots.iter().map(|slot| &slot.label["2026-04-05 ".len()..]).collect();
    assert_eq!(labels, ["01:15", "01:30 +11:00", "01:45 +11:00", "01:30 +10:30", "01:45 +10:30"]);
}

#[test]
fn keys_do_not_depend_on_the_range() {
    let key = |zone_name: &str, from: &str, to: &str, part| cut(from, to, zone_name, part).slots.remove(0).key;
    let hour = |zone_name: &str, from: &str, to: &str| key(zone_name, from, to, TimePart::Hour);
    assert_eq!(hour("Asia/Kathmandu", "2026-06-01T00:45:00Z", "2026-06-01T01:00:00Z"), "2026-06-01T00:15Z");
    // 01:30 came again at 15:00.
    assert_eq!(hour("Australia/Lord_Howe", "2026-04-04T15:15:00Z", "2026-04-04T15:30:00Z"), "2026-04-04T15:00Z");
    let (from, to) = ("2026-12-31T12:00:00Z", "2026-12-31T12:15:00Z");
    let keys = TimePart::ALL.map(|(_, part)| key("Europe/Berlin", from, to, part)).join(" ");
    assert_eq!(keys, "2026-12-31T12:00Z 2026-12-31T12:00Z 2026-12-31 2026-W53 2026-12-27 2026-12  2026 00 1");
}

#[test]
fn days_when_clocks_change() {
    let table = [
        (
            "Europe/Berlin",
            "2026-10-23T22:00:00Z",
            "2026-10-26T23:00:00Z",
            "2026-10-24 x96, 2026-10-25 x100, 2026-10-26 x96",
        ),
        ("Asia/Beirut", "2026-03-27T22:00:00Z", "2026-03-29T21:00:00Z", "2026-03-28 x96, 2026-03-29 x92"),
        ("Pacific/Apia", "2011-12-29T10:00:00Z", "2011-12-31T10:00:00Z", "2011-12-29 x96, 2011-12-31 x96"),
        // Sunday had a minute before the clocks went back to Saturday; it did not end by that.
        ("America/St_Johns", "2010-11-06T02:30:00Z", "2010-11-07T04:30:00Z", "2010-11-06 x96, 2010-11-07 x8"),
        ("America/St_Johns", "2010-11-07T02:45:00Z", "2010-11-07T04:30:00Z", "2010-11-07 x7"),
    ];
    for (zone_name, from, to, expect) in table {
        assert_eq!(show(&cut(from, to, zone_name, TimePart::Day)), expect, "{zone_name} {from}");
    }
    // Friday did not come.
    let week = cut("2011-12-29T10:00:00Z", "2011-12-31T10:00:00Z", "Pacific/Apia", TimePart::Weekday);
    assert_eq!(show(&week), "1 x0, 2 x0, 3 x0, 4 x96, 5 x0, 6 x96, 7 x0");
}

#[test]
fn hours_of_the_day_and_weekdays_are_all_there() {
    let hours = cut("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", "Europe/Berlin", TimePart::HourOfDay);
    assert_eq!(hours.slots.len(), 24);
    assert!(show(&hours).starts_with("00 x4, 01 x4, 02 x8, 03 x4"), "{}", show(&hours));
    let none = cut("2026-10-24T22:00:00Z", "2026-10-24T22:00:00Z", "UTC", TimePart::HourOfDay);
    assert_eq!((none.slots.len(), none.of_quarter.len()), (24, 0));
    let week = cut("2026-11-21T00:00:00Z", "2026-11-24T00:00:00Z", "UTC", TimePart::Weekday);
    assert_eq!(show(&week), "1 x96, 2 x0, 3 x0, 4 x0, 5 x0, 6 x96, 7 x96");
    assert!(week.slots.iter().chain(&hours.slots).all(|slot| slot.span.is_none()));
}

#[test]
fn terms_lie_on_each_other() {
    let terms = [
        term("ws", "Winter", "2026-10-12T00:00:00Z", "2027-02-13T00:00:00Z"),
        term("ss", "Summer", "2026-04-13T00:00:00Z", "2026-07-18T00:00:00Z"),
        term("block", "Block week", "2026-11-16T00:00:00Z", "2026-11-21T00:00:00Z"),
        term("wrong", "Ends before it starts", "2026-06-02T00:00:00Z", "2026-06-01T00:00:00Z"),
    ];
    let zone = TimeZone::UTC;
    let calendar = Calendar { terms: &terms, ..Calendar::new(0, &zone) };
    let cut =
        |from: &str, to: &str| parts(Quarter::of(at(from)), Quarter::of(at(to)), &calendar, TimePart::Term).unwrap();
    let spans = |parts: &Parts| parts.slots.iter().map(|slot| slot.span.is_some()).collect::<Vec<_>>();

    let year = cut("2026-04-01T00:00:00Z", "2027-01-01T00:00:00Z");
    assert_eq!(show(&year), "ss x9216, ws x7296, block x480,  x9408");
    assert_eq!(spans(&year), [true, false, true, false]);
    assert_eq!(year.slots[3].label, "No term");
    let whole = cut("2026-04-13T00:00:00Z", "2026-07-18T00:00:00Z");
    assert_eq!(show(&whole), "ss x9216");
    let start = cut("2026-04-12T00:00:00Z", "2026-04-14T00:00:00Z");
    assert_eq!((show(&start).as_str(), spans(&start)), ("ss x96,  x96", vec![true, true]));
    assert_eq!(show(&cut("2026-04-12T00:00:00Z", "2026-04-12T00:00:00Z")), "");
}

#[test]
fn endless_series_are_refused() {
    let zone = TimeZone::UTC;
    let cut = |from: i32, to: i32, part| parts(Quarter(from), Quarter(to), &Calendar::new(0, &zone), part);
    assert_eq!(cut(0, 100_000, TimePart::Quarter).unwrap_err(), PeriodError::TooManyBuckets);
    assert_eq!(cut(0, 35_136, TimePart::Quarter).unwrap().slots.len(), 35_136);
    assert!(matches!(cut(0, 4_000_000, TimePart::Year), Err(PeriodError::TooLong(_))));
    assert!(matches!(cut(i32::MAX - 10, i32::MAX, TimePart::Day), Err(PeriodError::Beyond(_))));
    assert_eq!(cut(10, 5, TimePart::Day).unwrap(), Parts::default());
}
