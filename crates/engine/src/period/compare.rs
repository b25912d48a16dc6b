//! With what a period is compared.

use super::clock::{Bound, local, quarter_at};
use super::words::parse_day;
use super::{Calendar, PeriodError, Range, days_between, days_label};
use crate::time::Quarter;
use jiff::civil::{Date, DateTime};
use jiff::{Span, ToSpan};

/// With what a period is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// As long, just before: so many days, or for hours so many quarters.
    Previous,
    /// The same dates a year earlier (29 February becomes 28); hours keep their time on the wall.
    Year,
    /// As long, from this day; hours begin at the same time on the wall.
    From(Date),
    /// A course's earlier offering, week by week: as far into that term as the period is into this one, moved by whole
    /// weeks so that Mondays meet Mondays. Hours keep their time on the wall.
    Offering {
        /// First day of the term of the period.
        this_start: Date,
        /// First day of the earlier term.
        that_start: Date,
    },
}

impl Compare {
    /// Reads `previous`, `year` or a first day such as `2026-09-01`. An earlier offering has no word of its own: it is found
    /// in the catalog.
    ///
    /// # Errors
    /// Other words.
    pub fn parse(word: &str) -> Result<Compare, PeriodError> {
        match word {
            "previous" => Ok(Compare::Previous),
            "year" => Ok(Compare::Year),
            day => parse_day(day).map(Compare::From).ok_or_else(|| PeriodError::UnknownCompare(word.into())),
        }
    }
}

/// The range with which another is compared.
///
/// # Errors
/// What lies outside the years 1970 to 9999.
pub fn compare(of: &Range, with: &Compare, calendar: &Calendar<'_>) -> Result<Range, PeriodError> {
    let moved = match of.hours {
        None => compare_days(of, with, calendar),
        Some((from, to)) => compare_hours(of, from, to, with, calendar),
    };
    moved.unwrap_or_else(|_| Err(PeriodError::Beyond(format!("compared with {}", of.label))))
}

/// The outer error is arithmetic that leaves the calendar.
type Moved = Result<Result<Range, PeriodError>, jiff::Error>;

fn compare_days(of: &Range, with: &Compare, calendar: &Calendar<'_>) -> Moved {
    let (first, last) = match with {
        Compare::Previous => (of.first.checked_sub(of.days().days())?, of.last.checked_sub(of.days().days())?),
        Compare::Year => (of.first.checked_sub(1.year())?, of.last.checked_sub(1.year())?),
        Compare::From(first) => (*first, first.checked_add((of.days() - 1).days())?),
        Compare::Offering { this_start, that_start } => {
            let shift = whole_weeks(*this_start, *that_start);
            (of.first.checked_sub(shift)?, of.last.checked_sub(shift)?)
        }
    };
    Ok(Range::of_days(first, last, calendar.zone, days_label(first, last)))
}

fn compare_hours(of: &Range, from: DateTime, to: DateTime, with: &Compare, calendar: &Calendar<'_>) -> Moved {
    let zone = calendar.zone;
    let length = of.to.0 - of.from.0;
    let (from, to) = match with {
        Compare::Previous => return Ok(of_quarters(Quarter(of.from.0 - length), of.from, calendar)),
        Compare::Year => {
            // The last quarter is moved, not the end: a range to midnight after 28 February then ends at midnight too.
            let to = to.checked_sub(15.minutes())?.checked_sub(1.year())?.checked_add(15.minutes())?;
            let from = from.checked_sub(1.year())?;
            // From noon on the 28th to noon on the 29th nothing is left.
            (from, to.max(from))
        }
        Compare::From(first) => {
            let from = first.to_datetime(from.time());
            let Some(start) = quarter_at(from, Bound::From, zone) else {
                return Ok(Err(PeriodError::Beyond(first.to_string())));
            };
            return Ok(of_quarters(start, Quarter(start.0.saturating_add(length)), calendar));
        }
        Compare::Offering { this_start, that_start } => {
            let shift = whole_weeks(*this_start, *that_start);
            (from.checked_sub(shift)?, to.checked_sub(shift)?)
        }
    };
    Ok(Range::of_hours(from, to, zone))
}

/// The whole weeks nearest to the days from one term's start to another's.
fn whole_weeks(this_start: Date, that_start: Date) -> Span {
    let days = days_between(that_start, this_start);
    ((days + 3).div_euclid(7) * 7).days()
}

fn of_quarters(from: Quarter, to: Quarter, calendar: &Calendar<'_>) -> Result<Range, PeriodError> {
    let wall = |quarter: Quarter| local(quarter.start_ms(), calendar.zone).datetime();
    Range::new(from, to, wall(from), wall(to), calendar.zone)
}
