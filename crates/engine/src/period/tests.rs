//! Tables of what people ask and what it must mean.

mod comparisons;
mod law;
mod slots;
mod words;

use super::*;
use jiff::Timestamp;

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn at(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().as_millisecond()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn term(id: &str, name: &str, from: &str, to: &str) -> Term {
    Term { id: id.into(), name: name.into(), from_ms: at(from), to_ms: at(to) }
}

/// A Monday, at noon in Greenwich.
const NOW: &str = "2026-11-23T12:00:00Z";

/// `2026-10-01..2026-10-31 31` of days, with the quarters as instants where they matter.
fn days_of(range: &Range) -> String {
    format!("{}..{} {}", range.first, range.last, range.days())
}

/// `2026-10-01T08:00Z..2026-10-01T17:30Z`.
fn instants_of(range: &Range) -> String {
    let text = |quarter: Quarter| local(quarter.start_ms(), &TimeZone::UTC).strftime("%Y-%m-%dT%H:%MZ").to_string();
    format!("{}..{}", text(range.from), text(range.to))
}

/// The guide for users says something of everything.
#[test]
fn the_guide_names_every_word() {
    let guide = include_str!("../../../../docs/periods.md");
    let words = PRESETS.map(|(name, _)| name).into_iter().chain(TimePart::ALL.map(|(name, _)| name));
    for word in words.chain(["previous", "year"]) {
        assert!(guide.contains(&format!("`{word}`")), "docs/periods.md does not explain {word}");
    }
}
