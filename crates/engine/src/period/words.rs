//! The words of a period become a range: presets, terms, days, hours.

use super::clock::local;
use super::term::Held;
use super::{Calendar, PeriodError, Range, days_label};
use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Time};

/// The presets and what people read. `term` and `term:ID` read as the term's name.
pub const PRESETS: [(&str, &str); 18] = [
    ("today", "Today so far"),
    ("yesterday", "Yesterday"),
    ("7d", "Last 7 days"),
    ("30d", "Last 30 days"),
    ("90d", "Last 90 days"),
    ("3m", "Last 3 months"),
    ("12m", "Last 12 months"),
    ("week", "This week"),
    ("month", "This month"),
    ("quarter", "This quarter"),
    ("year", "This year"),
    ("last_week", "Last week"),
    ("last_month", "Last month"),
    ("last_quarter", "Last quarter"),
    ("last_year", "Last year"),
    ("term", "This term"),
    ("term:ID", "A term"),
    ("all", "Since creation"),
];

/// The range of some words at the calendar's instant.
///
/// | Words | Range |
/// |---|---|
/// | `today`, `yesterday` | That day |
/// | `7d`, `30d`, `90d` | So many days, to yesterday |
/// | `3m`, `12m` | So many calendar months, to yesterday |
/// | `week`, `month`, `quarter`, `year` | Its first day to today |
/// | `last_week`, `last_month`, `last_quarter`, `last_year` | The one before, whole |
/// | `term` | The term that holds now, to today; else the last one that ended, whole |
/// | `term:ID` | That term; to today while it holds |
/// | `all` | From the day of creation to today |
/// | `2026-10-01`, `2026-10-01..2026-10-31` | A day; days, both inclusive |
/// | `2026-10-01T08:00..2026-10-01T17:30` | Local times, from inclusive, to exclusive, on whole quarters of an hour |
///
/// What ends yesterday ends today, and so has one day more, if the calendar includes today (ruling 29). A time that comes
/// twice is the earlier one at the beginning and the later one at the end; a time that the clocks skip is the instant at
/// which they do.
///
/// # Errors
/// Words that are none of these, ends before beginnings, what lies outside the years 1970 to 9999, more than a century.
pub fn resolve(text: &str, calendar: &Calendar<'_>) -> Result<Range, PeriodError> {
    let beyond = |_| PeriodError::Beyond(text.into());
    if text == "term" {
        return current_term(calendar);
    }
    if let Some(id) = text.strip_prefix("term:") {
        return named_term(id, calendar);
    }
    if let Some((first, last)) = preset(text, calendar).map_err(beyond)? {
        let label = PRESETS.iter().find(|(name, _)| *name == text).map_or("", |(_, label)| label);
        return Range::of_days(first, last, calendar.zone, label.into());
    }
    written(text, calendar)
}

/// First and last day of a preset; `None` for other words.
fn preset(word: &str, calendar: &Calendar<'_>) -> Result<Option<(Date, Date)>, jiff::Error> {
    let today = calendar.today();
    let last = if calendar.include_today { today } else { today.yesterday()? };
    let whole_before = |unit| {
        let last = first_of(unit, today, calendar)?.yesterday()?;
        Ok::<_, jiff::Error>((first_of(unit, last, calendar)?, last))
    };
    Ok(Some(match word {
        "today" => (today, today),
        "yesterday" => (today.yesterday()?, today.yesterday()?),
        "7d" => (today.checked_sub(7.days())?, last),
        "30d" => (today.checked_sub(30.days())?, last),
        "90d" => (today.checked_sub(90.days())?, last),
        "3m" => (months_before(today, 3)?, last),
        "12m" => (months_before(today, 12)?, last),
        "all" => {
            let first = calendar.created_ms.map_or(today, |ms| local(ms.max(0), calendar.zone).date()).min(today);
            // West of Greenwich the first instant of 1970 is still 1969 on the wall.
            (first.max(Date::constant(1970, 1, 1)), today)
        }
        "week" => (first_of(Unit::Week, today, calendar)?, today),
        "month" => (first_of(Unit::Month, today, calendar)?, today),
        "quarter" => (first_of(Unit::Quarter, today, calendar)?, today),
        "year" => (first_of(Unit::Year, today, calendar)?, today),
        "last_week" => whole_before(Unit::Week)?,
        "last_month" => whole_before(Unit::Month)?,
        "last_quarter" => whole_before(Unit::Quarter)?,
        "last_year" => whole_before(Unit::Year)?,
        _ => return Ok(None),
    }))
}

#[derive(Clone, Copy)]
enum Unit {
    Week,
    Month,
    Quarter,
    Year,
}

/// The first day of the week, month, quarter or year that a day is in.
fn first_of(unit: Unit, day: Date, calendar: &Calendar<'_>) -> Result<Date, jiff::Error> {
    match unit {
        Unit::Week => day.checked_sub(i64::from(calendar.first_weekday.until(day.weekday())).days()),
        Unit::Month => Ok(day.first_of_month()),
        Unit::Quarter => Date::new(day.year(), (day.month() - 1) / 3 * 3 + 1, 1),
        Unit::Year => Ok(day.first_of_year()),
    }
}

/// The same day some months earlier, or the day after the month's last where it has no such day: from 28 February to the
/// 28th a year later would be a day more than twelve months.
fn months_before(day: Date, months: i64) -> Result<Date, jiff::Error> {
    let earlier = day.checked_sub(months.months())?;
    if earlier.day() == day.day() { Ok(earlier) } else { earlier.tomorrow() }
}

/// `term`: the term that holds now, to today; else the last one that ended.
fn current_term(calendar: &Calendar<'_>) -> Result<Range, PeriodError> {
    let ranked = Held::ranked(calendar.terms, calendar.zone);
    let holding = ranked.iter().rfind(|held| held.holds(calendar.now_ms));
    let ended = || ranked.iter().filter(|held| held.from < held.to && held.has_ended(calendar.now_ms));
    let current = holding.or_else(|| ended().max_by_key(|held| held.to));
    term_range(current.ok_or(PeriodError::NoTerm)?, calendar)
}

/// `term:ID`.
fn named_term(id: &str, calendar: &Calendar<'_>) -> Result<Range, PeriodError> {
    let ranked = Held::ranked(calendar.terms, calendar.zone);
    let named = ranked.iter().find(|held| &*held.term.id == id);
    term_range(named.ok_or_else(|| PeriodError::UnknownTerm(id.into()))?, calendar)
}

/// The days of a term; to today while it holds.
fn term_range(held: &Held<'_>, calendar: &Calendar<'_>) -> Result<Range, PeriodError> {
    let day = |at_ms: i64| local(at_ms, calendar.zone).date();
    let holds = held.holds(calendar.now_ms);
    let last = if holds { calendar.today() } else { day(held.to.start_ms() - 1) };
    Range::of_days(day(held.from.start_ms()), last, calendar.zone, held.term.label().into())
}

/// Days or hours as written.
fn written(text: &str, calendar: &Calendar<'_>) -> Result<Range, PeriodError> {
    let unknown = || PeriodError::Unknown(text.into());
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    if let (Some(first), Some(last)) = (parse_day(from), parse_day(to)) {
        return Range::of_days(first, last, calendar.zone, days_label(first, last));
    }
    if !text.contains("..") {
        return Err(unknown());
    }
    let (from, to) = (parse_time(from).ok_or_else(unknown)?, parse_time(to).ok_or_else(unknown)?);
    if [from, to].iter().any(|wall| wall.minute() % 15 != 0) {
        return Err(PeriodError::OffQuarter(text.into()));
    }
    if to < from {
        return Err(PeriodError::Backwards(text.into()));
    }
    if to == from {
        return Err(PeriodError::Empty(text.into()));
    }
    Range::of_hours(from, to, calendar.zone)
}

/// `2026-10-01`, and nothing else that could be read as a day.
pub(super) fn parse_day(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let right = bytes.len() == 10
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    right.then(|| text.parse().ok()).flatten()
}

/// `2026-10-01T08:00`.
fn parse_time(text: &str) -> Option<DateTime> {
    let (day, clock) = text.split_once('T')?;
    let (hour, minute) = clock.split_once(':')?;
    let number = |text: &str| {
        let right = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        right.then(|| text.parse::<i8>().ok()).flatten()
    };
    Some(parse_day(day)?.to_datetime(Time::new(number(hour)?, number(minute)?, 0, 0).ok()?))
}
