//! From what a wall clock shows to quarters and back.
//!
//! A quarter belongs to what the clock shows at its first instant. Every zone of today is a whole number of quarters from
//! UTC, so nothing is lost by that; the few old zones that were not (Monrovia until 1972) and odd fixed offsets are
//! rounded up to the next quarter.

use crate::limits::QUARTER_MS;
use crate::time::Quarter;
use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, ToSpan, ZonedDateTime};

/// Which end of a period a time on the wall is.
#[derive(Clone, Copy)]
pub(super) enum Bound {
    /// The first instant: of a time that comes twice the earlier.
    From,
    /// The first instant after: of a time that comes twice the later.
    To,
}

/// The local time of an instant; instants beyond the calendar are its ends.
pub(super) fn local(at_ms: i64, zone: &TimeZone) -> ZonedDateTime {
    let at = Timestamp::from_millisecond(at_ms).unwrap_or(if at_ms < 0 { Timestamp::MIN } else { Timestamp::MAX });
    at.to_zoned_datetime(zone.clone())
}

/// The first quarter that begins at an instant or after it.
pub(super) fn quarter_from(at_ms: i64) -> Option<Quarter> {
    let number = at_ms.div_euclid(QUARTER_MS) + i64::from(at_ms.rem_euclid(QUARTER_MS) != 0);
    i32::try_from(number).ok().map(Quarter)
}

/// The quarter at which the wall shows a time. A time that the clocks skip is the instant at which they skip it: all that
/// is shown later comes after it, all that is shown earlier before.
pub(super) fn quarter_at(wall: DateTime, bound: Bound, zone: &TimeZone) -> Option<Quarter> {
    let found = zone.to_ambiguous_timestamp(wall);
    let at = match found.offset() {
        AmbiguousOffset::Unambiguous { .. } => found.unambiguous().ok()?,
        AmbiguousOffset::Gap { .. } => {
            let beyond = found.later().ok()?.checked_add(1.second()).ok()?;
            zone.preceding(beyond).next()?.timestamp()
        }
        AmbiguousOffset::Fold { .. } => {
            let (earlier, later) = (found.earlier().ok()?, found.later().ok()?);
            let (wanted, other) = match bound {
                Bound::From => (earlier, later),
                Bound::To => (later, earlier),
            };
            // jiff 1.0.1 takes 23:00 of 28 October 2023 in Nuuk for a time that comes twice, though only the rule changed
            // then and not the clocks. This may go when it does not.
            if zone.to_datetime(wanted) == wall { wanted } else { other }
        }
    };
    quarter_from(at.as_millisecond())
}

/// The quarter in which a day begins. Where clocks skip midnight it begins at its first instant; where midnight comes twice,
/// at the first. A day that the clocks skip as a whole begins where the next one does.
pub(super) fn start_of(day: Date, zone: &TimeZone) -> Option<Quarter> {
    quarter_at(day.at(0, 0, 0, 0), Bound::From, zone)
}

/// Quarters in which the clocks run on: between two changes of the offset.
#[derive(Clone, Copy)]
pub(super) struct Stretch {
    /// First quarter.
    pub(super) from: Quarter,
    /// First quarter after.
    pub(super) to: Quarter,
    /// What local time is ahead of UTC.
    pub(super) offset_ms: i64,
    /// Since when it is; `from` may lie later where the range begins.
    pub(super) since_ms: i64,
    /// Before this instant the wall shows what it has shown already.
    again_until_ms: i64,
    /// From this instant the wall shows what it will show again.
    twice_from_ms: i64,
}

impl Stretch {
    fn new(from: Quarter, to: Quarter, change: Change) -> Stretch {
        Stretch {
            from,
            to,
            offset_ms: change.offset_ms,
            since_ms: change.at_ms,
            again_until_ms: if change.back_ms > 0 { change.at_ms + change.back_ms } else { i64::MIN },
            twice_from_ms: i64::MAX,
        }
    }
    /// The wall, in ms since 1970 as if it were UTC.
    pub(super) fn wall_ms(&self, quarter: Quarter) -> i64 {
        quarter.start_ms() + self.offset_ms
    }
    /// Whether any of the wall's time from `from_ms` until before `to_ms` is shown twice.
    pub(super) fn is_twice(&self, from_ms: i64, to_ms: i64) -> bool {
        from_ms - self.offset_ms < self.again_until_ms || to_ms - self.offset_ms > self.twice_from_ms
    }
}

/// A change of the clocks.
#[derive(Clone, Copy)]
struct Change {
    at_ms: i64,
    /// The offset from then on.
    offset_ms: i64,
    /// By how much the clocks are set back; negative when they are set forward.
    back_ms: i64,
}

/// Cuts a range at the changes of the clocks; `None` when it leaves the calendar.
pub(super) fn stretches(from: Quarter, to: Quarter, zone: &TimeZone) -> Option<Vec<Stretch>> {
    let start = Timestamp::from_millisecond(from.start_ms()).ok()?;
    let mut out = Vec::new();
    let mut here = Stretch::new(from, to, last_change(start, zone)?);
    for change in zone.following(start) {
        let (at_ms, offset_ms) = (change.timestamp().as_millisecond(), i64::from(change.offset().seconds()) * 1000);
        let back_ms = here.offset_ms - offset_ms;
        // Some changes are of the name only.
        if back_ms == 0 {
            continue;
        }
        if back_ms > 0 {
            here.twice_from_ms = at_ms - back_ms;
        }
        let end = quarter_from(at_ms)?;
        if end >= to {
            break;
        }
        out.push(Stretch { to: end, ..here });
        here = Stretch::new(end, to, Change { at_ms, offset_ms, back_ms });
    }
    out.push(here);
    Some(out)
}

fn offset_ms(at: Timestamp, zone: &TimeZone) -> i64 {
    i64::from(zone.to_offset(at).seconds()) * 1000
}

/// The last change of the clocks at an instant or before it, as far as it can matter: clocks are never set back by more
/// than a day, so older ones are over.
fn last_change(start: Timestamp, zone: &TimeZone) -> Option<Change> {
    let (oldest, latest) = (start.checked_sub(48.hours()).ok()?, start.checked_add(1.second()).ok()?);
    let recent = zone.preceding(latest).map(|change| change.timestamp()).take_while(|at| *at > oldest);
    let mut changes = recent.filter_map(|at| {
        let before = offset_ms(at.checked_sub(1.second()).ok()?, zone);
        let (at_ms, offset_ms) = (at.as_millisecond(), offset_ms(at, zone));
        (before != offset_ms).then_some(Change { at_ms, offset_ms, back_ms: before - offset_ms })
    });
    let none = Change { at_ms: oldest.as_millisecond(), offset_ms: offset_ms(start, zone), back_ms: 0 };
    Some(changes.next().unwrap_or(none))
}
