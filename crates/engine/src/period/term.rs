//! Terms of the institution, as a zone sees them.

use super::clock::{quarter_from, start_of};
use crate::limits::QUARTER_MS;
use crate::time::Quarter;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::cmp::Reverse;

/// A term of the institution, from `from_ms` until before `to_ms`, ms since 1970.
///
/// The catalog reads a mere day as its start in UTC, and terms are mostly told in days. So a bound at midnight in UTC means
/// the beginning of that day in whatever zone is asked; any other bound is an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// Id, as `term:ID` and filters take it.
    pub id: Box<str>,
    /// What people read; the id if empty.
    pub name: Box<str>,
    /// First instant.
    pub from_ms: i64,
    /// First instant after.
    pub to_ms: i64,
}

impl Term {
    pub(super) fn label(&self) -> &str {
        if self.name.is_empty() { &self.id } else { &self.name }
    }
}

/// A term with its quarters in a zone.
#[derive(Clone, Copy)]
pub(super) struct Held<'a> {
    pub(super) term: &'a Term,
    pub(super) from: Quarter,
    pub(super) to: Quarter,
}

impl<'a> Held<'a> {
    /// The terms by rank: of those that hold at the same time the last one counts. It is the one that began last (a summer
    /// school within a semester), else the shortest.
    pub(super) fn ranked(terms: &'a [Term], zone: &TimeZone) -> Vec<Held<'a>> {
        let held = |term: &'a Term| Held { term, from: bound(term.from_ms, zone), to: bound(term.to_ms, zone) };
        let mut ranked: Vec<Held<'a>> = terms.iter().map(held).collect();
        ranked.sort_by_key(|held| (held.from, Reverse(held.to), Reverse(&held.term.id)));
        ranked
    }

    /// Whether it holds at an instant.
    pub(super) fn holds(&self, at_ms: i64) -> bool {
        self.from.start_ms() <= at_ms && !self.has_ended(at_ms)
    }

    /// Whether it has ended before an instant.
    pub(super) fn has_ended(&self, at_ms: i64) -> bool {
        self.to.start_ms() <= at_ms
    }
}

fn bound(at_ms: i64, zone: &TimeZone) -> Quarter {
    const DAY_MS: i64 = 96 * QUARTER_MS;
    let day = || {
        let at = Timestamp::from_millisecond(at_ms).ok()?;
        start_of(TimeZone::UTC.to_datetime(at).date(), zone)
    };
    let quarter = if at_ms % DAY_MS == 0 { day() } else { quarter_from(at_ms) };
    quarter.unwrap_or(Quarter(if at_ms < 0 { i32::MIN } else { i32::MAX }))
}
