//! Time parts: by which hours, days, weeks or terms a range is grouped and filtered.
//!
//! A year has 35,000 quarters, so nothing here asks the zone about each: days are found one by one, hours and quarters are
//! counted between two changes of the clocks.

use super::clock::{Stretch, local, quarter_from, start_of, stretches};
use super::term::Held;
use super::{Calendar, PeriodError};
use crate::limits::{QUARTER_MS, RANGE_QUARTERS_MAX, SERIES_BUCKETS_MAX};
use crate::time::Quarter;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// Into what time is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimePart {
    /// Quarters of an hour, by their first instant in UTC: `2026-11-23T13:15Z`.
    Quarter,
    /// Hours on the wall, by their first instant in UTC: `2026-11-23T13:00Z`.
    Hour,
    /// Days: `2026-11-23`.
    Day,
    /// ISO weeks, from Monday: `2026-W48`.
    Week,
    /// Weeks from Sunday, by their first day: `2026-11-22`.
    SundayWeek,
    /// Months: `2026-11`.
    Month,
    /// The institution's terms, by id; what is in none has the empty key.
    Term,
    /// Years: `2026`.
    Year,
    /// Hours of the day, of all days together: `00` to `23`.
    HourOfDay,
    /// Days of the week, of all weeks together: `1` (Monday) to `7`.
    Weekday,
}

impl TimePart {
    /// All, with their wire names.
    pub const ALL: [(&'static str, TimePart); 10] = [
        ("quarter", TimePart::Quarter),
        ("hour", TimePart::Hour),
        ("day", TimePart::Day),
        ("week", TimePart::Week),
        ("sunday_week", TimePart::SundayWeek),
        ("month", TimePart::Month),
        ("term", TimePart::Term),
        ("year", TimePart::Year),
        ("hour_of_day", TimePart::HourOfDay),
        ("weekday", TimePart::Weekday),
    ];
    /// The wire name.
    pub fn name(self) -> &'static str {
        TimePart::ALL[self as usize].0
    }
    /// The part of a wire name.
    pub fn of(name: &str) -> Option<TimePart> {
        TimePart::ALL.iter().find(|(known, _)| *known == name).map(|(_, part)| *part)
    }
    /// Whether its slots follow each other without gaps: a time axis. Terms need not, hours of the day and weekdays return.
    pub fn is_axis(self) -> bool {
        !matches!(self, TimePart::Term | TimePart::HourOfDay | TimePart::Weekday)
    }
}

/// One hour, day, term, ... of a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// What filters take: the same whatever the range, and of an axis ascending as text. Hours and quarters are instants in
    /// UTC, because the wall shows some of them twice.
    pub key: String,
    /// What people read.
    pub label: String,
    /// First quarter and first quarter after, cut off by the range; `None` for what is not in one piece: hours of the day
    /// and weekdays, and a term (or no term) that the range holds in several pieces.
    pub span: Option<(Quarter, Quarter)>,
}

/// A range cut into slots.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// The slots in order: those that the range touches; of hours of the day and weekdays all. `No term` is the last.
    pub slots: Vec<Slot>,
    /// The number of its slot for every quarter of the range.
    pub of_quarter: Vec<u32>,
}

/// Cuts a range into time parts of the calendar's zone.
///
/// # Errors
/// More than [`SERIES_BUCKETS_MAX`] slots, ranges beyond the calendar or longer than a century.
pub fn parts(from: Quarter, to: Quarter, calendar: &Calendar<'_>, part: TimePart) -> Result<Parts, PeriodError> {
    let to = to.max(from);
    if i64::from(to.0) - i64::from(from.0) > RANGE_QUARTERS_MAX {
        return Err(PeriodError::TooLong(range_text(from, to)));
    }
    if [from, to].iter().any(|bound| Timestamp::from_millisecond(bound.start_ms()).is_err()) {
        return Err(PeriodError::Beyond(range_text(from, to)));
    }
    let zone = calendar.zone;
    let axis = Axis::new(from, to);
    match part {
        TimePart::Quarter => quarters(axis, zone),
        TimePart::Hour => hours(axis, zone),
        TimePart::Day => by_day(axis, zone, |day| day, |day| same(day.to_string())),
        TimePart::Week => by_day(
            axis,
            zone,
            |day| (day.iso_week_date().year(), day.iso_week_date().week()),
            |(year, week)| same(format!("{year:04}-W{week:02}")),
        ),
        TimePart::SundayWeek => by_day(
            axis,
            zone,
            |day| day.saturating_sub(i64::from(day.weekday().to_sunday_zero_offset()).days()),
            |sunday| (sunday.to_string(), format!("Week of {sunday}")),
        ),
        TimePart::Month => by_day(axis, zone, Date::first_of_month, |day| same(day.strftime("%Y-%m").to_string())),
        TimePart::Year => by_day(axis, zone, Date::first_of_year, |day| same(day.strftime("%Y").to_string())),
        TimePart::Term => terms(from, to, &Held::ranked(calendar.terms, zone)),
        TimePart::HourOfDay => hours_of_day(from, to, zone),
        TimePart::Weekday => weekdays(from, to, zone),
    }
}

fn range_text(from: Quarter, to: Quarter) -> String {
    format!("from quarter {} to {}", from.0, to.0)
}

fn same(key: String) -> (String, String) {
    (key.clone(), key)
}

/// Slots that follow each other, in the making.
struct Axis {
    from: Quarter,
    to: Quarter,
    at: Quarter,
    parts: Parts,
}

impl Axis {
    fn new(from: Quarter, to: Quarter) -> Axis {
        let of_quarter = Vec::with_capacity((to.0 - from.0) as usize);
        Axis { from, to, at: from, parts: Parts { slots: Vec::new(), of_quarter } }
    }
    /// The next slot, until before a quarter.
    fn push(&mut self, until: Quarter, (key, label): (String, String)) -> Result<(), PeriodError> {
        if self.parts.slots.len() >= SERIES_BUCKETS_MAX {
            return Err(PeriodError::TooManyBuckets);
        }
        self.parts.slots.push(Slot { key, label, span: None });
        self.extend(until);
        Ok(())
    }
    /// The last slot goes on, until before a quarter.
    fn extend(&mut self, until: Quarter) {
        let number = self.parts.slots.len() - 1;
        self.parts.of_quarter.resize((until.0 - self.from.0) as usize, number as u32);
        let slot = &mut self.parts.slots[number];
        slot.span = Some((slot.span.map_or(self.at, |(from, _)| from), until));
        self.at = until;
    }
}

/// The days of a range, each with the first quarter after it. Days that the clocks skip are not there.
fn days(from: Quarter, to: Quarter, zone: &TimeZone) -> Result<Vec<(Date, Quarter)>, PeriodError> {
    let beyond = || PeriodError::Beyond(range_text(from, to));
    let mut out = Vec::new();
    // Where the clocks are set back across midnight the wall shows yesterday again, yet the day has begun: a day begins
    // once.
    let mut day = local(from.start_ms(), zone).date();
    let mut at = from;
    while at < to {
        let next_day = day.tomorrow().map_err(|_| beyond())?;
        let next = start_of(next_day, zone).ok_or_else(beyond)?.min(to);
        if next > at {
            out.push((day, next));
            at = next;
        }
        day = next_day;
    }
    Ok(out)
}

/// Slots made of whole days: each has one mark.
fn by_day<K: PartialEq>(
    mut axis: Axis,
    zone: &TimeZone,
    mark: impl Fn(Date) -> K,
    name: impl Fn(&K) -> (String, String),
) -> Result<Parts, PeriodError> {
    let mut last = None;
    for (day, until) in days(axis.from, axis.to, zone)? {
        let here = mark(day);
        if last.as_ref() == Some(&here) {
            axis.extend(until);
        } else {
            axis.push(until, name(&here))?;
            last = Some(here);
        }
    }
    Ok(axis.parts)
}

const HOUR_MS: i64 = 4 * QUARTER_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Quarters in which the wall shows the same hour of the same day.
struct WallHour {
    stretch: Stretch,
    /// Where the hour begins on the wall, in ms since 1970 as if it were UTC.
    wall_ms: i64,
    from: Quarter,
    to: Quarter,
}

impl WallHour {
    fn hour(&self) -> u32 {
        (self.wall_ms.rem_euclid(DAY_MS) / HOUR_MS) as u32
    }
}

/// The hours on the wall, in order. Where the clocks change an hour ends.
fn wall_hours(from: Quarter, to: Quarter, zone: &TimeZone) -> Result<impl Iterator<Item = WallHour>, PeriodError> {
    let stretches = stretches(from, to, zone).ok_or_else(|| PeriodError::Beyond(range_text(from, to)))?;
    Ok(stretches.into_iter().flat_map(|stretch| {
        let mut at = stretch.from;
        std::iter::from_fn(move || {
            let from = at;
            let wall_ms = stretch.wall_ms(from).div_euclid(HOUR_MS) * HOUR_MS;
            at = quarter_from(wall_ms + HOUR_MS - stretch.offset_ms)?.min(stretch.to);
            (from < stretch.to).then_some(WallHour { stretch, wall_ms, from, to: at })
        })
    }))
}

fn hours(mut axis: Axis, zone: &TimeZone) -> Result<Parts, PeriodError> {
    let mut names = Names::default();
    for WallHour { stretch, wall_ms, from, to } in wall_hours(axis.from, axis.to, zone)? {
        // Also of an hour that the range cuts the key is its first quarter.
        let begins = quarter_from(stretch.since_ms.max(wall_ms - stretch.offset_ms)).unwrap_or(from);
        let is_twice = stretch.is_twice(wall_ms, wall_ms + HOUR_MS);
        axis.push(to, names.name(begins, wall_ms, is_twice.then_some(stretch.offset_ms)))?;
    }
    Ok(axis.parts)
}

fn quarters(mut axis: Axis, zone: &TimeZone) -> Result<Parts, PeriodError> {
    let mut names = Names::default();
    for WallHour { stretch, from, to, .. } in wall_hours(axis.from, axis.to, zone)? {
        for quarter in (from.0..to.0).map(Quarter) {
            let wall_ms = stretch.wall_ms(quarter);
            let is_twice = stretch.is_twice(wall_ms, wall_ms + 1);
            axis.push(Quarter(quarter.0 + 1), names.name(quarter, wall_ms, is_twice.then_some(stretch.offset_ms)))?;
        }
    }
    Ok(axis.parts)
}

/// Keys and labels of hours and quarters: the instant in UTC, and what the wall shows, with the offset where it shows it
/// twice. A year of quarters has 35,000, so dates are written once a day and the rest by hand.
#[derive(Default)]
struct Names {
    key: DateText,
    label: DateText,
}

impl Names {
    fn name(&mut self, begins: Quarter, wall_ms: i64, twice_offset_ms: Option<i64>) -> (String, String) {
        let offset = twice_offset_ms.map(offset_text).unwrap_or_default();
        (self.key.write('T', begins.start_ms(), "Z"), self.label.write(' ', wall_ms, &offset))
    }
}

/// The date last written.
#[derive(Default)]
struct DateText {
    day: i64,
    text: String,
}

impl DateText {
    fn write(&mut self, between: char, at_ms: i64, end: &str) -> String {
        let day = at_ms.div_euclid(DAY_MS);
        if self.text.is_empty() || self.day != day {
            self.day = day;
            self.text = Date::constant(1970, 1, 1).saturating_add(day.days()).to_string();
        }
        let minutes = at_ms.rem_euclid(DAY_MS) / 60_000;
        let mut text = String::with_capacity(self.text.len() + 6 + end.len());
        text.push_str(&self.text);
        text.push(between);
        push_two(&mut text, minutes / 60);
        text.push(':');
        push_two(&mut text, minutes % 60);
        text.push_str(end);
        text
    }
}

fn push_two(text: &mut String, number: i64) {
    let digit = |number: i64| char::from(b'0' + (number % 10) as u8);
    text.push(digit(number / 10));
    text.push(digit(number));
}

/// ` +02:00`.
fn offset_text(offset_ms: i64) -> String {
    let minutes = offset_ms.abs() / 60_000;
    let sign = if offset_ms < 0 { '-' } else { '+' };
    format!(" {sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

fn hours_of_day(from: Quarter, to: Quarter, zone: &TimeZone) -> Result<Parts, PeriodError> {
    let slot = |hour: u32| Slot { key: format!("{hour:02}"), label: format!("{hour:02}:00"), span: None };
    let mut of_quarter = Vec::with_capacity((to.0 - from.0) as usize);
    for hour in wall_hours(from, to, zone)? {
        of_quarter.resize((hour.to.0 - from.0) as usize, hour.hour());
    }
    Ok(Parts { slots: (0..24).map(slot).collect(), of_quarter })
}

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

fn weekdays(from: Quarter, to: Quarter, zone: &TimeZone) -> Result<Parts, PeriodError> {
    let slot = |(place, name): (usize, &&str)| Slot { key: (place + 1).to_string(), label: (*name).into(), span: None };
    let mut of_quarter = Vec::with_capacity((to.0 - from.0) as usize);
    for (day, until) in days(from, to, zone)? {
        of_quarter.resize((until.0 - from.0) as usize, day.weekday().to_monday_zero_offset() as u32);
    }
    Ok(Parts { slots: WEEKDAYS.iter().enumerate().map(slot).collect(), of_quarter })
}

/// In no term.
const NONE: u32 = u32::MAX;

fn terms(from: Quarter, to: Quarter, ranked: &[Held<'_>]) -> Result<Parts, PeriodError> {
    let mut of_quarter = vec![NONE; (to.0 - from.0) as usize];
    let place = |quarter: Quarter| (quarter.clamp(from, to).0 - from.0) as usize;
    // The terms of higher rank come last and so lie on top.
    for (number, held) in ranked.iter().enumerate() {
        let (first, after) = (place(held.from), place(held.to));
        of_quarter.get_mut(first..after).unwrap_or_default().fill(number as u32);
    }
    let mut slots: Vec<Slot> = Vec::new();
    let mut slot_of: Vec<Option<usize>> = vec![None; ranked.len()];
    let mut gaps: Vec<(Quarter, Quarter)> = Vec::new();
    let mut at = from;
    for piece in of_quarter.chunk_by_mut(|a, b| a == b) {
        let span = (at, Quarter(at.0 + piece.len() as i32));
        at = span.1;
        if piece[0] == NONE {
            gaps.push(span);
            continue;
        }
        let number = piece[0] as usize;
        let slot = *slot_of[number].get_or_insert(slots.len());
        piece.fill(slot as u32);
        match slots.get_mut(slot) {
            Some(known) => known.span = None,
            None => {
                let term = ranked[number].term;
                slots.push(Slot { key: term.id.to_string(), label: term.label().into(), span: Some(span) });
            }
        }
    }
    if let Some(first) = gaps.first() {
        of_quarter.iter_mut().filter(|number| **number == NONE).for_each(|number| *number = slots.len() as u32);
        let span = (gaps.len() == 1).then_some(*first);
        slots.push(Slot { key: String::new(), label: "No term".into(), span });
    }
    if slots.len() > SERIES_BUCKETS_MAX { Err(PeriodError::TooManyBuckets) } else { Ok(Parts { slots, of_quarter }) }
}
