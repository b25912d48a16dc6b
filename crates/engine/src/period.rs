//! Periods in an IANA zone: what people ask for, with what they compare it, and the time parts it is cut into.
//!
//! [`resolve`] reads words (`30d`, `last_month`, two days, two hours), [`compare()`] finds the range to compare with, [`parts`]
//! says of every quarter in which hour, week or term it is. Bounds are quarters: every zone is a whole number of them from
//! UTC. Days begin at local midnight, or where the clocks skip it at their first instant; they are without gaps whatever
//! the clocks do. The instant now, the zone and the terms are arguments ([`Calendar`]).

mod clock;
mod term;
mod words;
mod compare;
mod part;

pub use compare::{Compare, compare};
pub use part::{Parts, Slot, TimePart, parts};
pub use term::Term;
pub use words::{PRESETS, resolve};

use crate::limits::{RANGE_QUARTERS_MAX, SERIES_BUCKETS_MAX};
use crate::time::Quarter;
use clock::{Bound, local, quarter_at, start_of};
use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;
use thiserror::Error;

/// Why a period cannot be.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PeriodError {
    /// Not a preset, not days, not hours.
    #[error(
        "there is no period '{0}'; there are: {presets}, days like 2026-10-01 or 2026-10-01..2026-10-31, and hours like 2026-10-01T08:00..2026-10-01T17:30",
        presets = PRESETS.map(|(name, _)| name).join(", ")
    )]
    Unknown(String),
    /// Hours that are not on quarters.
    #[error("the period {0} must begin and end on a quarter of an hour: at :00, :15, :30 or :45")]
    OffQuarter(String),
    /// The end lies before the beginning.
    #[error("the period {0} ends before it starts")]
    Backwards(String),
    /// Hours that end as they begin.
    #[error("the period {0} holds no time: hours last until just before the second one")]
    Empty(String),
    /// Outside the years 1970 to 9999.
    #[error("the period {0} leaves the calendar")]
    Beyond(String),
    /// Longer than a century.
    #[error("the period {0} is longer than a hundred years")]
    TooLong(String),
    /// No such term.
    #[error("there is no term '{0}'")]
    UnknownTerm(String),
    /// There is no present or past term.
    #[error("no term holds now and none has ended")]
    NoTerm,
    /// Not a comparison.
    #[error("there is no comparison '{0}'; there are: previous, year, and a first day like 2026-09-01")]
    UnknownCompare(String),
    /// Too many slots.
    #[error("the period has more than {SERIES_BUCKETS_MAX} of these time buckets; ask for larger ones")]
    TooManyBuckets,
}

/// What periods depend on besides their words.
#[derive(Clone, Copy, Debug)]
pub struct Calendar<'a> {
    /// Now, ms since 1970. [`compare()`] and [`parts()`] do not look at it.
    pub now_ms: i64,
    /// The zone in which days are counted.
    pub zone: &'a TimeZone,
    /// The presets that end yesterday end today.
    pub include_today: bool,
    /// Where `all` begins: the earlier of creation and first event; today without one.
    pub created_ms: Option<i64>,
    /// The institution's terms, in any order.
    pub terms: &'a [Term],
    /// With which day `week` and `last_week` begin.
    pub first_weekday: Weekday,
}

impl<'a> Calendar<'a> {
    /// A calendar of a zone at an instant: without terms, creation or today, with weeks from Monday.
    pub fn new(now_ms: i64, zone: &'a TimeZone) -> Calendar<'a> {
        Calendar { now_ms, zone, include_today: false, created_ms: None, terms: &[], first_weekday: Weekday::Monday }
    }
    /// The date on the wall.
    pub fn today(&self) -> Date {
        local(self.now_ms, self.zone).date()
    }
}

/// A period with its exact bounds. It may be empty where the clocks skipped all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// First quarter.
    pub from: Quarter,
    /// First quarter after.
    pub to: Quarter,
    /// First day.
    pub first: Date,
    /// Last day; of hours the day that the last quarter is in.
    pub last: Date,
    /// The times on the wall, from inclusive and to exclusive, if it was asked in hours; `None` for whole days.
    pub hours: Option<(DateTime, DateTime)>,
    /// What people read: `Last 30 days`, `1 October 2026 to 31 October 2026`, `1 October 2026, 08:00 to 17:30`.
    pub label: String,
}

impl Range {
    /// How many days it touches.
    pub fn days(&self) -> i32 {
        days_between(self.first, self.last) + 1
    }

    /// Whether it is made of whole days.
    pub fn is_whole_days(&self) -> bool {
        self.hours.is_none()
    }

    fn of_days(first: Date, last: Date, zone: &TimeZone, label: String) -> Result<Range, PeriodError> {
        let text = || format!("{first}..{last}");
        let beyond = || PeriodError::Beyond(text());
        if last < first {
            return Err(PeriodError::Backwards(text()));
        }
        if first.year() < 1970 {
            return Err(beyond());
        }
        let from = start_of(first, zone).ok_or_else(beyond)?;
        let to = start_of(last.tomorrow().map_err(|_| beyond())?, zone).ok_or_else(beyond)?;
        check_length(from, to, text)?;
        Ok(Range { from, to, first, last, hours: None, label })
    }

    fn of_hours(from: DateTime, to: DateTime, zone: &TimeZone) -> Result<Range, PeriodError> {
        let beyond = || PeriodError::Beyond(hours_label(from, to));
        let first = quarter_at(from, Bound::From, zone).ok_or_else(beyond)?;
        let after = quarter_at(to, Bound::To, zone).ok_or_else(beyond)?;
        Range::new(first, after, from, to, zone)
    }

    /// A range of hours whose quarters are known.
    fn new(
        from: Quarter,
        to: Quarter,
        wall_from: DateTime,
        wall_to: DateTime,
        zone: &TimeZone,
    ) -> Result<Range, PeriodError> {
        let label = hours_label(wall_from, wall_to);
        if wall_from.year() < 1970 {
            return Err(PeriodError::Beyond(label));
        }
        check_length(from, to, || label.clone())?;
        let first = local(from.start_ms(), zone).date();
        let last = local(Quarter(to.0 - 1).start_ms(), zone).date().max(first);
        Ok(Range { from, to, first, last, hours: Some((wall_from, wall_to)), label })
    }
}

fn check_length(from: Quarter, to: Quarter, text: impl Fn() -> String) -> Result<(), PeriodError> {
    if i64::from(to.0) - i64::from(from.0) > RANGE_QUARTERS_MAX { Err(PeriodError::TooLong(text())) } else { Ok(()) }
}

fn days_between(a: Date, b: Date) -> i32 {
    (b - a).get_days()
}

fn day_label(day: Date) -> String {
    day.strftime("%-d %B %Y").to_string()
}

fn days_label(first: Date, last: Date) -> String {
    if first == last { day_label(first) } else { format!("{} to {}", day_label(first), day_label(last)) }
}

fn hours_label(from: DateTime, to: DateTime) -> String {
    let clock = |wall: DateTime| wall.strftime("%H:%M").to_string();
    let end = if from.date() == to.date() { clock(to) } else { format!("{}, {}", day_label(to.date()), clock(to)) };
    format!("{}, {} to {end}", day_label(from.date()), clock(from))
}

#[cfg(test)]
mod tests;
