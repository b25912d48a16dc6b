//! Who is watching at this moment (ruling 20): from the rows of the present and the last quarter of an hour, of which live
//! sessions are the newest; of one recording also minute by minute over some hours. [`broadcasts()`] tells of live streams that
//! were.
//!
//! A session is *watching* when its last event is younger than [`WATCHING_MS`] and it has played at all: players send one
//! every ten seconds while they play, and none while they pause, so that whoever pauses is gone within that time.

mod broadcasts;

pub use broadcasts::{Broadcast, broadcasts};

use super::{Budget, QueryError, everything, has_rows, scanned};
use crate::access::{People, Scope};
use crate::block::Snapshot;
use crate::catalog::view::CatalogView;
use crate::event::{PersonKey, Playback, Proof, Text};
use crate::glossary::Dimension;
use crate::period::Calendar;
use crate::question::{Answer, Filter, Operator, Panel, Question, View};
use crate::row::{SumColumn, TextColumn, ViewRow};
use crate::time::Quarter;
use std::collections::{BTreeMap, BTreeSet};

/// How old the last event of somebody who watches may be: three heartbeats, so that one that is lost or late loses nobody.
pub const WATCHING_MS: i64 = 30_000;
/// How far back the minutes of one recording go: a long lecture.
pub const MINUTES_BACK_MS: i64 = 3 * 60 * 60 * 1000;
/// Quality is of the present and the last quarter of an hour: a quarter alone is empty when it begins.
const QUARTERS_BACK: i32 = 1;
const MINUTE_MS: i64 = 60_000;

/// What is going on in a group of sessions. Zero and nothing where it is hidden.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Watching {
    /// Sessions that are watching.
    pub sessions: u64,
    /// Distinct viewers in them; all who are not known are one.
    pub viewers: u64,
    /// Sessions of recordings.
    pub vod: u64,
    /// Sessions at the edge of a live stream.
    pub edge: u64,
    /// Sessions behind it.
    pub dvr: u64,
    /// Plays that began in the present and the last quarter of an hour.
    pub joined: u64,
    /// Of the time spent in the present and the last quarter, the share that was buffering.
    pub buffering: Option<f64>,
    /// Mean bit rate told in that time, bit/s.
    pub bitrate_bps: Option<f64>,
    /// Mean time from asking for a play to its first frame in that time, ms.
    pub join_ms: Option<f64>,
    /// Of the time watched in that time whose attention is told, the share with sound on and the tab in front.
    pub engaged: Option<f64>,
    /// Fatal errors in that time, also of sessions that have ended with one.
    pub errors: u64,
    /// It is of too few known people to be shown.
    pub hidden: bool,
}

/// A minute of a recording.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Minute {
    /// Its first instant, ms since 1970.
    pub start_ms: i64,
    /// Sessions that had events before and after, or in it.
    pub sessions: u64,
    /// Plays of sessions that were first seen in it, within their quarter of an hour.
    pub joined: u64,
    /// It is of too few known people to be shown.
    pub hidden: bool,
}

/// A session that is watching.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// The recording.
    pub entry: Text,
    /// Who.
    pub person: PersonKey,
    /// How we know.
    pub proof: Proof,
    /// How it is played.
    pub playback: Playback,
    /// First event in the present or the last quarter, ms since 1970.
    pub first_ms: i64,
    /// Last event, ms since 1970.
    pub last_ms: i64,
    /// Country code.
    pub country: Text,
    /// City.
    pub city: Text,
    /// Device class.
    pub device: Text,
    /// Domain.
    pub domain: Text,
}

/// Who is watching.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Live {
    /// All together.
    pub total: Watching,
    /// By recording; those where somebody watches, or where errors happen.
    pub entries: BTreeMap<Text, Watching>,
    /// By country code.
    pub countries: BTreeMap<Text, Watching>,
    /// By device class.
    pub devices: BTreeMap<Text, Watching>,
    /// By domain.
    pub domains: BTreeMap<Text, Watching>,
    /// The hours of one recording before an instant, minute by minute, if they were asked for.
    pub minutes: Vec<Minute>,
    /// Those who watch, the longest first; empty where people may not be named.
    pub sessions: Vec<Session>,
}

/// Views at the edge of a live stream or behind it.
pub fn watched_live() -> Filter {
    let values = [Playback::Live, Playback::Dvr].map(|playback| playback.name().into()).to_vec();
    Filter { dimension: Dimension::PlaybackType, operator: Operator::Is, values }
}

/// Who is watching at the calendar's instant, of what `scope` and filters leave. `minutes`: with the hours before an instant.
///
/// Where people may not be named there are no filters: the difference to the answer without one would tell of too few.
///
/// # Errors
/// As [`super::answer`].
pub fn live(
    snapshot: &Snapshot,
    catalog: &CatalogView,
    calendar: &Calendar<'_>,
    scope: &Scope,
    filters: &[Filter],
    minutes: Option<i64>,
    budget: &Budget<'_>,
) -> Result<Live, QueryError> {
    let now_ms = calendar.now_ms;
    let scan = |question: &Question| scanned(snapshot, catalog, calendar, scope, question, budget);
    if scope.if_rows && !has_rows(&scan(&everything())?) {
        return Err(QueryError::Nothing);
    }
    if scope.people != People::Names && !filters.is_empty() {
        return Err(QueryError::NoPeople);
    }
    let now = Quarter::of(now_ms);
    let recent = Quarter(now.0 - QUARTERS_BACK);
    let rows = |from: Quarter, to: Quarter| -> Result<Vec<ViewRow>, QueryError> {
        let panel = Panel::new(View::Rows { offset: 0, limit: usize::MAX });
        let question = Question { from, to, filters: filters.to_vec(), panels: vec![panel] };
        let Some(Answer::Rows { rows, .. }) = scan(&question)?.answers.pop() else { return Ok(Vec::new()) };
        Ok(rows)
    };
    let group = Group::of(scope);
    // Clocks of players may be a little ahead.
    let mut live = told(&rows(recent, Quarter(now.0 + 2))?, now_ms, group);
    if let Some(until_ms) = minutes {
        let last = Quarter(Quarter::of(until_ms).0 + 1);
        live.minutes = by_minute(&rows(Quarter::of(until_ms - MINUTES_BACK_MS), last)?, until_ms, group);
    }
    if scope.people != People::Names {
        live.sessions = Vec::new();
    }
    Ok(live)
}

/// Which groups are too small to be shown.
#[derive(Clone, Copy)]
struct Group(u64);

impl Group {
    fn of(scope: &Scope) -> Group {
        Group(if scope.people == People::Names { 0 } else { u64::from(scope.smallest_group) })
    }
    fn is_small(self, known: usize) -> bool {
        known > 0 && (known as u64) < self.0
    }
}

/// What is gathered of a group.
#[derive(Default)]
struct Tally {
    told: Watching,
    people: BTreeSet<PersonKey>,
    /// Known people of any of its rows.
    known: BTreeSet<PersonKey>,
    buffer_ms: u64,
    clock_ms: u64,
    bitrates: (u64, u64),
    joins: (u64, u64),
    engaged_ms: (u64, u64),
}

impl Tally {
    fn row(&mut self, row: &ViewRow) {
        let get = |column: SumColumn| row.get(column);
        self.told.joined += get(SumColumn::Plays);
        self.told.errors += get(SumColumn::Errors);
        self.buffer_ms += get(SumColumn::BufferMs);
        self.clock_ms += get(SumColumn::ClockMs);
        self.bitrates.0 += get(SumColumn::BitrateBps);
        self.bitrates.1 += get(SumColumn::Bitrates);
        self.joins.0 += get(SumColumn::JoinMs);
        self.joins.1 += get(SumColumn::Joins);
        for attention in &row.attention {
            let (sound, tab) = (attention.state % 3, attention.state / 3 % 3);
            if sound > 0 && tab > 0 {
                self.engaged_ms.1 += attention.ms;
                self.engaged_ms.0 += if (sound, tab) == (2, 2) { attention.ms } else { 0 };
            }
        }
        if row.person != PersonKey::UNKNOWN {
            self.known.insert(row.person);
        }
    }

    fn session(&mut self, row: &ViewRow) {
        self.told.sessions += 1;
        self.people.insert(row.person);
        match row.playback {
            Playback::Live => self.told.edge += 1,
            Playback::Dvr => self.told.dvr += 1,
            Playback::Vod | Playback::Offline => self.told.vod += 1,
        }
    }

    fn is_empty(&self) -> bool {
        self.told.sessions == 0 && self.told.errors == 0
    }

    fn watching(&self) -> Watching {
        let share = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
        Watching {
            viewers: self.people.len() as u64,
            buffering: share(self.buffer_ms, self.clock_ms + self.buffer_ms),
            bitrate_bps: share(self.bitrates.0, self.bitrates.1),
            join_ms: share(self.joins.0, self.joins.1),
            engaged: share(self.engaged_ms.0, self.engaged_ms.1),
            ..self.told.clone()
        }
    }
}

const HIDDEN: Watching = Watching {
    sessions: 0,
    viewers: 0,
    vod: 0,
    edge: 0,
    dvr: 0,
    joined: 0,
    buffering: None,
    bitrate_bps: None,
    join_ms: None,
    engaged: None,
    errors: 0,
    hidden: true,
};

/// The groups of a list, small ones hidden; and others with them, the smallest first, until those hidden are two at least
/// and of enough people: else the total would tell.
fn shown(tallies: BTreeMap<Text, Tally>, group: Group) -> BTreeMap<Text, Watching> {
    let mut order: Vec<(usize, &Text)> = tallies.iter().map(|(key, tally)| (tally.known.len(), key)).collect();
    order.sort_unstable();
    let mut hidden: BTreeSet<Text> = BTreeSet::new();
    let mut people = 0;
    for (known, key) in order {
        let leaks = !hidden.is_empty() && (hidden.len() < 2 || (people as u64) < group.0);
        if group.is_small(known) || leaks {
            hidden.insert(key.clone());
            people += known;
        }
    }
    let watching = |(key, tally): (Text, Tally)| {
        let told = if hidden.contains(&key) { HIDDEN } else { tally.watching() };
        (key, told)
    };
    tallies.into_iter().filter(|(_, tally)| !tally.is_empty()).map(watching).collect()
}

/// From the rows of the present and the last quarter.
fn told(rows: &[ViewRow], now_ms: i64, group: Group) -> Live {
    let mut sessions: BTreeMap<(&str, u64), Vec<&ViewRow>> = BTreeMap::new();
    for row in rows {
        sessions.entry((row.text(TextColumn::Entry), row.session)).or_default().push(row);
    }
    let mut total = Tally::default();
    let mut lists: [BTreeMap<Text, Tally>; 4] = Default::default();
    let columns = [TextColumn::Entry, TextColumn::Country, TextColumn::Device, TextColumn::Domain];
    let mut watching = Vec::new();
    for rows in sessions.values() {
        let Some(last) = rows.iter().max_by_key(|row| row.last_ms) else { continue };
        let is_watching = (now_ms - WATCHING_MS..=now_ms + WATCHING_MS).contains(&last.last_ms)
            && rows.iter().any(|row| has_played(row));
        for row in rows {
            total.row(row);
            for (list, column) in lists.iter_mut().zip(columns) {
                list.entry(row.text(column).into()).or_default().row(row);
            }
        }
        if !is_watching {
            continue;
        }
        total.session(last);
        for (list, column) in lists.iter_mut().zip(columns) {
            list.entry(last.text(column).into()).or_default().session(last);
        }
        watching.push(Session {
            entry: last.text(TextColumn::Entry).into(),
            person: last.person,
            proof: last.proof,
            playback: last.playback,
            first_ms: rows.iter().map(|row| row.first_ms).min().unwrap_or(last.first_ms),
            last_ms: last.last_ms,
            country: last.text(TextColumn::Country).into(),
            city: last.text(TextColumn::City).into(),
            device: last.text(TextColumn::Device).into(),
            domain: last.text(TextColumn::Domain).into(),
        });
    }
    watching.sort_by(|a, b| (a.first_ms, a.person.0, &a.entry).cmp(&(b.first_ms, b.person.0, &b.entry)));
    let whole = if group.is_small(total.known.len()) { HIDDEN } else { total.watching() };
    let [entries, countries, devices, domains] = lists.map(|list| shown(list, group));
    Live { total: whole, entries, countries, devices, domains, minutes: Vec::new(), sessions: watching }
}

fn has_played(row: &ViewRow) -> bool {
    [SumColumn::Plays, SumColumn::Resumes, SumColumn::Heartbeats, SumColumn::WatchedMs].iter().any(|c| row.get(*c) > 0)
}

fn by_minute(rows: &[ViewRow], until_ms: i64, group: Group) -> Vec<Minute> {
    let first = (until_ms - MINUTES_BACK_MS).div_euclid(MINUTE_MS);
    let last = until_ms.div_euclid(MINUTE_MS);
    let mut sessions: BTreeSet<(i64, u64)> = BTreeSet::new();
    let mut known: BTreeSet<(i64, u64)> = BTreeSet::new();
    let mut joined: BTreeMap<i64, u64> = BTreeMap::new();
    for row in rows.iter().filter(|row| has_played(row)) {
        let (from, to) = (row.first_ms.div_euclid(MINUTE_MS), row.last_ms.div_euclid(MINUTE_MS));
        for minute in from.max(first)..=to.min(last) {
            sessions.insert((minute, row.session));
            if row.person != PersonKey::UNKNOWN {
                known.insert((minute, row.person.0));
            }
        }
        *joined.entry(from).or_default() += row.get(SumColumn::Plays);
    }
    let count = |of: &BTreeSet<(i64, u64)>, minute: i64| of.range((minute, 0)..=(minute, u64::MAX)).count();
    let minute = |minute: i64| match group.is_small(count(&known, minute)) {
        true => Minute { start_ms: minute * MINUTE_MS, hidden: true, ..Minute::default() },
        false => Minute {
            start_ms: minute * MINUTE_MS,
            sessions: count(&sessions, minute) as u64,
            joined: joined.get(&minute).copied().unwrap_or_default(),
            hidden: false,
        },
    };
    (first..=last).map(minute).collect()
}

#[cfg(test)]
mod tests;
