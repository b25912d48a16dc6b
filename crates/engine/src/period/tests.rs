use super::*;

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn at(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().as_millisecond()
}

fn check(preset: &str, today: bool, zone_name: &str, expect: &str) {
    // A Monday.
    let range =
        resolve(preset, today, at("2026-11-23T12:00:00Z"), &zone(zone_name), Some(at("2026-02-03T04:05:06Z"))).unwrap();
    assert_eq!(format!("{}..{} {}", range.first, range.last, range.days()), expect, "{preset}");
}

#[test]
fn presets_have_exact_ends() {
    check("7d", false, "UTC", "2026-11-16..2026-11-22 7");
    check("30d", false, "UTC", "2026-10-24..2026-11-22 30");
    check("30d", true, "UTC", "2026-10-24..2026-11-23 31");
    check("90d", false, "UTC", "2026-08-25..2026-11-22 90");
    check("12m", false, "UTC", "2025-11-23..2026-11-22 365");
    check("today", false, "UTC", "2026-11-23..2026-11-23 1");
    check("week", false, "UTC", "2026-11-23..2026-11-23 1");
    check("month", false, "UTC", "2026-11-01..2026-11-23 23");
    check("quarter", false, "UTC", "2026-10-01..2026-11-23 54");
    check("year", false, "UTC", "2026-01-01..2026-11-23 327");
    check("all", false, "UTC", "2026-02-03..2026-11-23 294");
    check("all", false, "America/Chicago", "2026-02-02..2026-11-23 295");
    check("2026-10-01..2026-10-31", false, "UTC", "2026-10-01..2026-10-31 31");
    // At noon in Greenwich it is already the next day on Kiritimati.
    check("today", false, "Pacific/Kiritimati", "2026-11-24..2026-11-24 1");
}

#[test]
fn what_is_no_period_is_named() {
    let fail = |text: &str| resolve(text, false, at("2026-11-23T12:00:00Z"), &TimeZone::UTC, None).unwrap_err();
    assert_eq!(fail("fortnight"), PeriodError::Unknown("fortnight".into()));
    assert_eq!(fail("2026-02-30..2026-03-01"), PeriodError::Unknown("2026-02-30..2026-03-01".into()));
    assert_eq!(fail("2026-03-02..2026-03-01"), PeriodError::Backwards("2026-03-02..2026-03-01".into()));
    assert_eq!(fail("1950-03-02..1950-03-03"), PeriodError::Beyond("1950-03-02..1950-03-03".into()));
}

#[test]
fn days_are_as_long_as_the_clocks_make_them() {
    let hours = |zone_name: &str, day: &str| {
        let range = resolve(&format!("{day}..{day}"), false, 0, &zone(zone_name), None).unwrap();
        f64::from(range.to.0 - range.from.0) / 4.0
    };
    assert_eq!(hours("Europe/Berlin", "2026-03-29"), 23.0);
    assert_eq!(hours("Europe/Berlin", "2026-10-25"), 25.0);
    assert_eq!(hours("Australia/Lord_Howe", "2026-10-04"), 23.5);
    // Midnight itself is skipped in Beirut.
    assert_eq!(hours("Asia/Beirut", "2026-03-29"), 23.0);
    assert_eq!(hours("Asia/Kathmandu", "2026-10-25"), 24.0);
    let range = resolve("2026-10-25..2026-10-25", false, 0, &zone("Asia/Kathmandu"), None).unwrap();
    assert_eq!(range.from.start_ms(), at("2026-10-24T18:15:00Z"));
}

#[test]
fn comparisons_keep_their_length_or_their_dates() {
    let of = |text: &str| resolve(text, false, 0, &TimeZone::UTC, None).unwrap();
    let show = |r: Range| format!("{}..{}", r.first, r.last);
    assert_eq!(show(previous(&of("2026-10-24..2026-11-22"), &TimeZone::UTC).unwrap()), "2026-09-24..2026-10-23");
    assert_eq!(show(year_before(&of("2026-10-24..2026-11-22"), &TimeZone::UTC).unwrap()), "2025-10-24..2025-11-22");
    assert_eq!(show(year_before(&of("2028-02-01..2028-02-29"), &TimeZone::UTC).unwrap()), "2027-02-01..2027-02-28");
}

fn labels(from: &str, to: &str, zone_name: &str, interval: Interval) -> Vec<String> {
    let (from, to) = (Quarter::of(at(from)), Quarter::of(at(to)));
    let buckets = buckets(from, to, &zone(zone_name), interval).unwrap();
    assert_eq!((buckets[0].from, buckets[buckets.len() - 1].to), (from, to));
    assert!(buckets.windows(2).all(|w| w[0].to == w[1].from));
    buckets.into_iter().map(|b| b.label).collect()
}

#[test]
fn buckets_are_without_gaps_and_right_when_clocks_change() {
    let hours = labels("2026-10-25T00:00:00Z", "2026-10-25T03:00:00Z", "Europe/Berlin", Interval::Hour);
    assert_eq!(hours, ["2026-10-25 02:00 +02:00", "2026-10-25 02:00 +01:00", "2026-10-25 03:00"]);
    let hours = labels("2026-03-29T00:00:00Z", "2026-03-29T02:00:00Z", "Europe/Berlin", Interval::Hour);
    assert_eq!(hours, ["2026-03-29 01:00", "2026-03-29 03:00"]);
    let hours = labels("2026-06-01T00:00:00Z", "2026-06-01T01:00:00Z", "Asia/Kathmandu", Interval::Hour);
    assert_eq!(hours, ["2026-06-01 05:00", "2026-06-01 06:00"]);
    let days = labels("2026-10-23T22:00:00Z", "2026-10-26T23:00:00Z", "Europe/Berlin", Interval::Day);
    assert_eq!(days, ["2026-10-24", "2026-10-25", "2026-10-26"]);
    let weeks = labels("2026-12-25T00:00:00Z", "2027-01-06T00:00:00Z", "UTC", Interval::Week);
    assert_eq!(weeks, ["2026-W52", "2026-W53", "2027-W01"]);
    let months = labels("2026-01-31T00:00:00Z", "2026-04-01T00:00:00Z", "UTC", Interval::Month);
    assert_eq!(months, ["2026-01", "2026-02", "2026-03"]);
    let years = labels("2025-12-31T00:00:00Z", "2027-01-01T00:00:00Z", "UTC", Interval::Year);
    assert_eq!(years, ["2025", "2026"]);
    assert_eq!(
        labels("2026-06-01T00:00:00Z", "2026-06-01T00:30:00Z", "UTC", Interval::Quarter),
        ["2026-06-01 00:00", "2026-06-01 00:15"]
    );
}

#[test]
fn endless_series_are_refused() {
    let error = buckets(Quarter(0), Quarter(100_000), &TimeZone::UTC, Interval::Quarter).unwrap_err();
    assert_eq!(error, PeriodError::TooManyBuckets);
}
