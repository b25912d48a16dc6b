//! With what periods are compared.

use super::*;

fn against(period: &str, with: Compare, zone_name: &str) -> Range {
    let zone = zone(zone_name);
    let calendar = Calendar::new(at(NOW), &zone);
    compare(&resolve(period, &calendar).unwrap(), &with, &calendar).unwrap()
}

#[test]
fn words_of_comparisons() {
    assert_eq!(Compare::parse("previous"), Ok(Compare::Previous));
    assert_eq!(Compare::parse("year"), Ok(Compare::Year));
    assert_eq!(Compare::parse("2026-09-01"), Ok(Compare::From(day("2026-09-01"))));
    for word in ["", "none", "2026-09", "2026-02-30"] {
        assert_eq!(Compare::parse(word), Err(PeriodError::UnknownCompare(word.into())));
    }
}

#[test]
fn days_keep_their_number_or_their_dates() {
    let offering = Compare::Offering { this_start: day("2026-10-12"), that_start: day("2025-10-13") };
    let table = [
        ("30d", Compare::Previous, "2026-09-24..2026-10-23 30"),
        ("today", Compare::Previous, "2026-11-22..2026-11-22 1"),
        ("last_month", Compare::Previous, "2026-08-31..2026-09-30 31"),
        ("30d", Compare::Year, "2025-10-24..2025-11-22 30"),
        // 29 February becomes 28.
        ("2028-02-01..2028-02-29", Compare::Year, "2027-02-01..2027-02-28 28"),
        ("2028-02-29", Compare::Year, "2027-02-28..2027-02-28 1"),
        ("7d", Compare::From(day("2026-09-01")), "2026-09-01..2026-09-07 7"),
        // It may overlap.
        ("7d", Compare::From(day("2026-11-20")), "2026-11-20..2026-11-26 7"),
        // The third week of this term, a Monday, with the third of the other.
        ("2026-10-26..2026-11-01", offering, "2025-10-27..2025-11-02 7"),
        // Before the term began as well.
        ("2026-10-05..2026-10-11", offering, "2025-10-06..2025-10-12 7"),
    ];
    for (period, with, expect) in table {
        assert_eq!(days_of(&against(period, with, "UTC")), expect, "{period} {with:?}");
    }
    assert_eq!(against("7d", Compare::Previous, "UTC").label, "9 November 2026 to 15 November 2026");
}

#[test]
fn earlier_offerings_keep_weekdays() {
    // One term began on a Thursday, the other on each day around it: the shift is the nearest whole number of weeks.
    let shifted = |that: &str| {
        let with = Compare::Offering { this_start: day("2026-10-01"), that_start: day(that) };
        against("2026-11-02..2026-11-08", with, "UTC").first.to_string()
    };
    assert_eq!(shifted("2025-10-02"), "2025-11-03");
    assert_eq!(shifted("2025-10-01"), "2025-11-03");
    assert_eq!(shifted("2025-09-29"), "2025-11-03");
    assert_eq!(shifted("2025-09-28"), "2025-10-27");
    assert_eq!(shifted("2025-10-05"), "2025-11-03");
    assert_eq!(shifted("2025-10-06"), "2025-11-10");
    // A later term works as well.
    assert_eq!(shifted("2027-10-03"), "2027-11-01");
}

#[test]
fn days_are_counted_not_hours() {
    // The week of the change has 169 hours, the week before 168.
    let before = against("2026-10-19..2026-10-25", Compare::Previous, "Europe/Berlin");
    assert_eq!(instants_of(&before), "2026-10-11T22:00Z..2026-10-18T22:00Z");
}

#[test]
fn hours_keep_their_length_or_their_place_on_the_wall() {
    let lecture = "2026-10-25T08:00..2026-10-25T10:00";
    let long = "2026-10-24T12:00..2026-10-25T12:00";
    let offering = Compare::Offering { this_start: day("2026-10-12"), that_start: day("2026-04-13") };
    let table = [
        (lecture, Compare::Previous, "2026-10-25T05:00Z..2026-10-25T07:00Z"),
        // Twenty-five hours.
        (long, Compare::Previous, "2026-10-23T09:00Z..2026-10-24T10:00Z"),
        (lecture, Compare::Year, "2025-10-25T06:00Z..2025-10-25T08:00Z"),
        (long, Compare::Year, "2025-10-24T10:00Z..2025-10-25T10:00Z"),
        (lecture, Compare::From(day("2026-07-01")), "2026-07-01T06:00Z..2026-07-01T08:00Z"),
        (long, Compare::From(day("2026-07-01")), "2026-07-01T10:00Z..2026-07-02T11:00Z"),
        (lecture, offering, "2026-04-26T06:00Z..2026-04-26T08:00Z"),
        // 29 February becomes 28, and midnight after it stays midnight.
        ("2028-02-29T08:00..2028-02-29T10:00", Compare::Year, "2027-02-28T07:00Z..2027-02-28T09:00Z"),
        ("2028-02-28T20:00..2028-02-29T00:00", Compare::Year, "2027-02-28T19:00Z..2027-02-28T23:00Z"),
        ("2028-02-29T20:00..2028-03-01T00:00", Compare::Year, "2027-02-28T19:00Z..2027-02-28T23:00Z"),
        ("2028-02-28T14:00..2028-02-29T12:00", Compare::Year, "2027-02-28T13:00Z..2027-02-28T13:00Z"),
    ];
    for (period, with, expect) in table {
        let range = against(period, with, "Europe/Berlin");
        assert_eq!(instants_of(&range), expect, "{period} {with:?}");
        assert!(!range.is_whole_days());
    }
    assert_eq!(against(lecture, Compare::Previous, "Europe/Berlin").label, "25 October 2026, 06:00 to 08:00");
}

#[test]
fn comparisons_end_with_the_calendar() {
    let zone = TimeZone::UTC;
    let calendar = Calendar::new(at(NOW), &zone);
    for period in ["1970-01-01..1970-01-02", "1970-01-01T00:00..1970-01-01T01:00"] {
        let range = resolve(period, &calendar).unwrap();
        for with in
            [Compare::Previous, Compare::Year, Compare::From(day("9999-12-31")), Compare::From(day("-009999-01-01"))]
        {
            assert!(matches!(compare(&range, &with, &calendar), Err(PeriodError::Beyond(_))), "{period} {with:?}");
        }
    }
}
