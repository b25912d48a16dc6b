//! Ranges of days in an IANA zone: presets, comparisons, buckets. Days begin at local midnight, whatever the clocks do;
//! every zone is a whole number of quarters from UTC, so each bound is exactly a quarter.

use crate::limits::{QUARTER_MS, SERIES_BUCKETS_MAX};
use crate::time::Quarter;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan, ZonedDateTime};
use thiserror::Error;

/// Why a period cannot be.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PeriodError {
    /// Not a preset and not two days.
    #[error(
        "there is no period '{0}'; there are: 7d, 30d, 90d, 12m, today, week, month, quarter, year, all, and ranges like 2026-10-01..2026-10-31"
    )]
    Unknown(String),
    /// The last day lies before the first.
    #[error("the period {0} ends before it starts")]
    Backwards(String),
    /// Outside the years 1970 to 9999.
    #[error("the period {0} leaves the calendar")]
    Beyond(String),
    /// Too many buckets.
    #[error("the period has more than {SERIES_BUCKETS_MAX} of these time buckets; ask for larger ones")]
    TooManyBuckets,
}

/// Whole days in a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// First quarter.
    pub from: Quarter,
    /// First quarter after.
    pub to: Quarter,
    /// First day.
    pub first: Date,
    /// Last day.
    pub last: Date,
    /// What people read: `Last 30 days`, `1 October 2026 to 31 October 2026`.
    pub label: String,
}

impl Range {
    /// How many days.
    pub fn days(&self) -> i32 {
        days_between(self.first, self.last) + 1
    }
}

fn days_between(a: Date, b: Date) -> i32 {
    (b - a).get_days()
}

/// The quarter in which a day begins. Where clocks skip midnight the day begins at its first instant.
fn start_of(day: Date, zone: &TimeZone) -> Option<Quarter> {
    let start = zone.to_zoned_datetime(day.at(0, 0, 0, 0)).ok()?.start_of_day().ok()?;
    Some(Quarter(i32::try_from(start.timestamp().as_millisecond().div_euclid(QUARTER_MS)).ok()?))
}

fn range(first: Date, last: Date, zone: &TimeZone, label: String) -> Result<Range, PeriodError> {
    let beyond = || PeriodError::Beyond(format!("{first}..{last}"));
    if last < first {
        return Err(PeriodError::Backwards(format!("{first}..{last}")));
    }
    if first.year() < 1970 {
        return Err(beyond());
    }
    let from = start_of(first, zone).ok_or_else(beyond)?;
    let to = start_of(last.tomorrow().map_err(|_| beyond())?, zone).ok_or_else(beyond)?;
    Ok(Range { from, to, first, last, label })
}

/// The local time of an instant; instants beyond the calendar are its ends.
fn local(at_ms: i64, zone: &TimeZone) -> ZonedDateTime {
    let at = Timestamp::from_millisecond(at_ms).unwrap_or(if at_ms < 0 { Timestamp::MIN } else { Timestamp::MAX });
    at.to_zoned_datetime(zone.clone())
}

/// The range of a preset (`7d`, `30d`, `90d`, `12m`, `today`, `week`, `month`, `quarter`, `year`, `all`) or of two days
/// (`2026-10-01..2026-10-31`, both inclusive) at the instant `now_ms`.
///
/// `7d` to `12m` end yesterday, unless `include_today`; they then have one day more (ruling 29). The others end today.
/// `all` begins on the day of `created_ms`: the earlier of creation and first event; today without one.
pub fn resolve(
    text: &str,
    include_today: bool,
    now_ms: i64,
    zone: &TimeZone,
    created_ms: Option<i64>,
) -> Result<Range, PeriodError> {
    let today = local(now_ms, zone).date();
    let beyond = |_| PeriodError::Beyond(text.into());
    let back = |span: Span| today.checked_sub(span).map_err(beyond);
    let until = if include_today { today } else { back(1.day())? };
    let (first, last, label) = match text {
        "7d" => (back(7.days())?, until, "Last 7 days".into()),
        "30d" => (back(30.days())?, until, "Last 30 days".into()),
        "90d" => (back(90.days())?, until, "Last 90 days".into()),
        "12m" => (back(12.months())?, until, "Last 12 months".into()),
        "today" => (today, today, "Today so far".into()),
        "week" => (back(i32::from(today.weekday().to_monday_zero_offset()).days())?, today, "This week".into()),
        "month" => (today.first_of_month(), today, "This month".into()),
        "quarter" => {
            let month = (today.month() - 1) / 3 * 3 + 1;
            (Date::new(today.year(), month, 1).map_err(beyond)?, today, "This quarter".into())
        }
        "year" => (today.first_of_year(), today, "This year".into()),
        "all" => {
            let first = created_ms.map_or(today, |ms| local(ms.max(0), zone).date()).min(today);
            // West of Greenwich the first instant of 1970 is still 1969 on the wall.
            (first.max(Date::constant(1970, 1, 1)), today, "Since creation".into())
        }
        _ => {
            let unknown = || PeriodError::Unknown(text.into());
            let (first, last) = text.split_once("..").ok_or_else(unknown)?;
            let day = |text: &str| if text.len() == 10 { text.parse::<Date>().ok() } else { None };
            let (first, last) = (day(first).ok_or_else(unknown)?, day(last).ok_or_else(unknown)?);
            (first, last, days_label(first, last))
        }
    };
    range(first, last, zone, label)
}

fn days_label(first: Date, last: Date) -> String {
    let day = |d: Date| d.strftime("%-d %B %Y").to_string();
    if first == last { day(first) } else { format!("{} to {}", day(first), day(last)) }
}

/// As many days, just before.
pub fn previous(of: &Range, zone: &TimeZone) -> Result<Range, PeriodError> {
    let days = of.days();
    let beyond = |_| PeriodError::Beyond(format!("before {}", of.first));
    let first = of.first.checked_sub(days.days()).map_err(beyond)?;
    let last = of.last.checked_sub(days.days()).map_err(beyond)?;
    range(first, last, zone, days_label(first, last))
}

/// The same days a year earlier: both ends twelve months back (29 February becomes 28).
pub fn year_before(of: &Range, zone: &TimeZone) -> Result<Range, PeriodError> {
    let beyond = |_| PeriodError::Beyond(format!("before {}", of.first));
    let first = of.first.checked_sub(1.year()).map_err(beyond)?;
    let last = of.last.checked_sub(1.year()).map_err(beyond)?;
    range(first, last, zone, days_label(first, last))
}

/// Time buckets of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interval {
    /// Quarters of an hour.
    Quarter,
    /// Hours.
    Hour,
    /// Days.
    Day,
    /// ISO weeks (from Monday).
    Week,
    /// Months.
    Month,
    /// Years.
    Year,
}

impl Interval {
    /// All, with their wire names.
    pub const ALL: [(&'static str, Interval); 6] = [
        ("quarter", Interval::Quarter),
        ("hour", Interval::Hour),
        ("day", Interval::Day),
        ("week", Interval::Week),
        ("month", Interval::Month),
        ("year", Interval::Year),
    ];
}

/// One time bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// First quarter, not before the range.
    pub from: Quarter,
    /// First quarter after, not after the range.
    pub to: Quarter,
    /// `2026-11-23 14:15`, `2026-11-23 14:00`, `2026-11-23`, `2026-W48`, `2026-11`, `2026`. When clocks are set back,
    /// the hour that comes twice says which by its offset.
    pub label: String,
}

/// Cuts a range into buckets of the zone. They are without gaps; the first and the last may be cut off by the range.
pub fn buckets(from: Quarter, to: Quarter, zone: &TimeZone, interval: Interval) -> Result<Vec<Bucket>, PeriodError> {
    let mut out = Vec::new();
    let mut at = from;
    while at < to {
        if out.len() >= SERIES_BUCKETS_MAX {
            return Err(PeriodError::TooManyBuckets);
        }
        let here = local(at.start_ms(), zone);
        let day = here.date();
        let beyond = || PeriodError::Beyond(day.to_string());
        let next_day = |d: Result<Date, jiff::Error>| start_of(d.ok()?, zone);
        let (end, label) = match interval {
            Interval::Quarter => (Some(Quarter(at.0 + 1)), clock_label(&here, "%Y-%m-%d %H:%M")),
            Interval::Hour => (Some(end_of_hour(at, zone)), clock_label(&here, "%Y-%m-%d %H:00")),
            Interval::Day => (next_day(day.tomorrow()), day.to_string()),
            Interval::Week => {
                let week = day.iso_week_date();
                let left = 7 - i32::from(day.weekday().to_monday_zero_offset());
                (next_day(day.checked_add(left.days())), format!("{:04}-W{:02}", week.year(), week.week()))
            }
            Interval::Month => {
                (next_day(day.first_of_month().checked_add(1.month())), day.strftime("%Y-%m").to_string())
            }
            Interval::Year => (next_day(day.first_of_year().checked_add(1.year())), day.strftime("%Y").to_string()),
        };
        let end = end.ok_or_else(beyond)?.min(to);
        out.push(Bucket { from: at, to: end, label });
        at = end;
    }
    Ok(out)
}

/// The first later quarter with another hour on the wall or another offset from UTC. Zones of half and three-quarter
/// hours, and changes by half an hour, need the look at each quarter.
fn end_of_hour(at: Quarter, zone: &TimeZone) -> Quarter {
    let mark = |q: Quarter| {
        let here = local(q.start_ms(), zone);
        (here.date(), here.hour(), here.offset())
    };
    let here = mark(at);
    let mut end = Quarter(at.0 + 1);
    while mark(end) == here {
        end = Quarter(end.0 + 1);
    }
    end
}

/// A label of local time; with the offset where the same local time comes twice.
fn clock_label(here: &ZonedDateTime, format: &str) -> String {
    let twice = here.time_zone().to_ambiguous_zoned_datetime(here.datetime()).is_ambiguous();
    let label = here.strftime(format).to_string();
    if twice { format!("{label} {}", here.strftime("%:z")) } else { label }
}

#[cfg(test)]
mod tests;
