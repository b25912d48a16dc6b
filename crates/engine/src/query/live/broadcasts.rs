//! Live streams of the last days: when each was last watched live, and by how many at once.

use super::{Group, MINUTE_MS, WATCHING_MS, has_played};
use crate::access::Scope;
use crate::block::Snapshot;
use crate::catalog::view::CatalogView;
use crate::event::{PersonKey, Playback, Text};
use crate::period::Calendar;
use crate::query::{Budget, QueryError, everything, has_rows, scanned};
use crate::question::{Answer, Panel, Question, View};
use crate::row::{TextColumn, ViewRow};
use crate::time::Quarter;
use std::collections::{BTreeMap, BTreeSet};

/// Nobody watches for so long: what comes then is another broadcast.
const PAUSE_MS: i64 = 30 * 60 * 1000;

/// A recording that was watched live.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Broadcast {
    /// Somebody watches it live now.
    pub on: bool,
    /// First minute of its last broadcast that may be told, ms since 1970.
    pub from_ms: Option<i64>,
    /// Last one.
    pub to_ms: Option<i64>,
    /// Most sessions within one minute of all these days; nothing where that minute is of too few known people.
    pub peak: Option<u64>,
    /// The first such minute, ms since 1970.
    pub peak_ms: Option<i64>,
}

/// The recordings that were watched live (at the edge or behind it) in some days, of what `scope` allows.
///
/// # Errors
/// As [`crate::query::answer`].
pub fn broadcasts(
    snapshot: &Snapshot,
    catalog: &CatalogView,
    calendar: &Calendar<'_>,
    scope: &Scope,
    days: (Quarter, Quarter),
    budget: &Budget<'_>,
) -> Result<BTreeMap<Text, Broadcast>, QueryError> {
    let scan = |question: &Question| scanned(snapshot, catalog, calendar, scope, question, budget);
    if scope.if_rows && !has_rows(&scan(&everything())?) {
        return Err(QueryError::Nothing);
    }
    let panel = Panel { view: View::Rows { offset: 0, limit: usize::MAX }, filters: vec![super::watched_live()] };
    let question = Question { from: days.0, to: days.1, filters: Vec::new(), panels: vec![panel] };
    let Some(Answer::Rows { rows, .. }) = scan(&question)?.answers.pop() else { return Ok(BTreeMap::new()) };
    Ok(told(&rows, calendar.now_ms, Group::of(scope)))
}

/// Who was there in a minute.
#[derive(Default)]
struct There {
    sessions: BTreeSet<u64>,
    known: BTreeSet<PersonKey>,
}

pub(super) fn told(rows: &[ViewRow], now_ms: i64, group: Group) -> BTreeMap<Text, Broadcast> {
    let mut minutes: BTreeMap<&str, BTreeMap<i64, There>> = BTreeMap::new();
    let mut on: BTreeSet<&str> = BTreeSet::new();
    for row in rows.iter().filter(|row| matches!(row.playback, Playback::Live | Playback::Dvr) && has_played(row)) {
        let entry = row.text(TextColumn::Entry);
        let of_entry = minutes.entry(entry).or_default();
        for minute in row.first_ms.div_euclid(MINUTE_MS)..=row.last_ms.div_euclid(MINUTE_MS) {
            let there = of_entry.entry(minute).or_default();
            there.sessions.insert(row.session);
            if row.person != PersonKey::UNKNOWN {
                there.known.insert(row.person);
            }
        }
        if row.last_ms >= now_ms - WATCHING_MS {
            on.insert(entry);
        }
    }
    minutes.iter().map(|(entry, of)| (Text::from(*entry), broadcast(of, on.contains(entry), group))).collect()
}

fn broadcast(minutes: &BTreeMap<i64, There>, on: bool, group: Group) -> Broadcast {
    let may_be_told = |there: &There| !group.is_small(there.known.len());
    let open = || minutes.iter().filter(|(_, there)| may_be_told(there)).map(|(minute, _)| minute * MINUTE_MS);
    let mut last: Option<(i64, i64)> = None;
    for minute in open() {
        last = match last {
            Some((from, to)) if minute - to <= PAUSE_MS => Some((from, minute)),
            _ => Some((minute, minute)),
        };
    }
    // Of several with as many the first.
    let most = minutes.iter().max_by(|a, b| a.1.sessions.len().cmp(&b.1.sessions.len()).then(b.0.cmp(a.0)));
    let peak = most.filter(|(_, there)| may_be_told(there));
    Broadcast {
        on,
        from_ms: last.map(|(from, _)| from),
        to_ms: last.map(|(_, to)| to),
        peak: peak.map(|(_, there)| there.sessions.len() as u64),
        peak_ms: peak.map(|(minute, _)| minute * MINUTE_MS),
    }
}
