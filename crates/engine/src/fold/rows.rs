//! A session's view rows, out of what the two layers hold (`docs/fold.md`, section 7).

use super::arrival::{Arrival, LeftOut};
use super::machine::{Learned, Machine, Row, empty_row, playback};
use crate::row::{Attention, Span, SumColumn as C, TextColumn, ViewRow};
use crate::time::Quarter;
use std::collections::{BTreeMap, BTreeSet};

/// One heartbeat is expected per this much watched clock time.
const HEARTBEAT_MS: u64 = 10_000;

pub(super) fn build(arrival: &Arrival, machine: &Machine) -> Vec<ViewRow> {
    let text = texts(arrival);
    let end = end_ms(arrival, machine);
    let keys: BTreeSet<(i32, u8)> =
        machine.rows.iter().map(|row| row.key).chain(arrival.left_out.keys().copied()).collect();
    let mut before = Before::default();
    let mut rows = Vec::with_capacity(keys.len());
    for key in keys {
        let nothing;
        let row = match machine.rows.binary_search_by_key(&key, |row| row.key) {
            Ok(at) => &machine.rows[at],
            Err(_) => {
                nothing = empty_row(key);
                &nothing
            }
        };
        rows.push(before.row(arrival, row, arrival.left_out.get(&key), &text, end));
    }
    rows
}

fn texts(arrival: &Arrival) -> [Box<str>; TextColumn::COUNT] {
    let mut text: [Box<str>; TextColumn::COUNT] = std::array::from_fn(|_| Box::default());
    text[TextColumn::Entry as usize] = arrival.key.entry.clone();
    for (to, from) in text[1..].iter_mut().zip(arrival.facts.texts()) {
        to.clone_from(from);
    }
    text[TextColumn::Suspect as usize] = arrival.key.suspect.clone();
    text
}

/// Where the recording ends, if anybody said so exactly.
fn end_ms(arrival: &Arrival, machine: &Machine) -> Option<i64> {
    if arrival.duration_ms > 0 {
        return i64::try_from(arrival.duration_ms).ok();
    }
    let exact = machine.rows.iter().find(|row| row.learned.exact)?;
    i64::try_from(exact.learned.duration_ms).ok()
}

/// What the rows before left behind.
#[derive(Default)]
struct Before {
    /// Where depth of coverage changes, and by how much.
    depth: BTreeMap<i64, i64>,
    viewed: Vec<Span>,
    covered_ms: u64,
    clock_ms: u64,
    reach_ms: i64,
    learned: Learned,
}

impl Before {
    fn row(
        &mut self,
        arrival: &Arrival,
        row: &Row,
        left_out: Option<&LeftOut>,
        text: &[Box<str>; TextColumn::COUNT],
        end: Option<i64>,
    ) -> ViewRow {
        let kind = playback(row.key.1);
        let mut view = ViewRow {
            account: arrival.key.account,
            quarter: Quarter(row.key.0),
            session: arrival.key.hash(),
            playback: kind,
            version: arrival.arrived,
            person: arrival.person,
            proof: arrival.proof,
            staff: arrival.staff,
            bot: arrival.bot,
            first_ms: row.first_ms,
            last_ms: row.last_ms,
            text: text.clone(),
            sum: row.sum,
            coverage: Vec::new(),
            fresh: Vec::new(),
            attention: Vec::new(),
            marks: row.marks.clone(),
        };
        if let Some(left) = left_out {
            view.add(C::Duplicates, left.duplicates);
            view.add(C::Overflow, left.overflow);
            if row.first_ms > row.last_ms {
                (view.first_ms, view.last_ms) = (left.first_ms, left.last_ms);
            }
        }
        let attention = row.attention.iter().filter(|&&(_, ms)| ms > 0);
        view.attention = attention.map(|&(state, ms)| Attention { state, ms }).collect();
        if kind.has_axis() {
            self.cover(&mut view, &row.pieces, end);
        }
        let clock_ms = self.clock_ms + row.sum[C::ClockMs as usize];
        view.add(C::HeartbeatsExpected, clock_ms / HEARTBEAT_MS - self.clock_ms / HEARTBEAT_MS);
        if kind.has_axis() {
            view.add(C::HeartbeatsExpected, row.sum[C::Plays as usize]);
        }
        self.clock_ms = clock_ms;
        self.reach_ms = self.reach_ms.max(row.reach_ms.min(end.unwrap_or(i64::MAX)));
        view.add(C::Reach, self.reach_ms as u64);
        if row.learned.better(self.learned) {
            self.learned = row.learned;
        }
        view.add(C::LearnedDuration, self.learned.duration_ms);
        view.add(C::LearnedFrom, u64::from(self.learned.percent));
        view
    }

    fn cover(&mut self, view: &mut ViewRow, pieces: &[(i64, i64)], end: Option<i64>) {
        view.add(C::CoveredBefore, self.covered_ms);
        for &(from, to) in pieces {
            let to = to.min(end.unwrap_or(i64::MAX));
            if from < to {
                *self.depth.entry(from).or_default() += 1;
                *self.depth.entry(to).or_default() -= 1;
            }
        }
        if pieces.is_empty() {
            return;
        }
        let depths = depths(&self.depth);
        let covered_ms = depths.iter().map(|&(from, to, _)| (to - from) as u64).sum::<u64>();
        view.add(C::FreshMs, covered_ms - self.covered_ms);
        self.covered_ms = covered_ms;
        let viewed = viewed(&depths, end);
        (view.coverage, view.fresh) = growth(&self.viewed, &viewed);
        self.viewed = viewed;
    }
}

/// Changes of depth as `[from, to)` ranges of a depth above 0.
fn depths(changes: &BTreeMap<i64, i64>) -> Vec<(i64, i64, u32)> {
    let mut ranges = Vec::with_capacity(changes.len());
    let (mut at, mut depth) = (0, 0);
    for (&place, &change) in changes {
        if depth > 0 && at < place {
            ranges.push((at, place, depth as u32));
        }
        (at, depth) = (place, depth + change);
    }
    ranges
}

/// How often each second was viewed: the depth that more than half of its existing milliseconds have.
fn viewed(depths: &[(i64, i64, u32)], end: Option<i64>) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut second = Second::default();
    for &(from, to, times) in depths {
        let mut x = from;
        while x < to {
            if x / 1000 != second.number {
                second.close(&mut spans, end);
                second.number = x / 1000;
            }
            if x % 1000 == 0 && to - x >= 1000 {
                push(&mut spans, x / 1000, to / 1000, times);
                x = to / 1000 * 1000;
            } else {
                let stop = to.min((x / 1000 + 1) * 1000);
                second.parts.push((times, stop - x));
                x = stop;
            }
        }
    }
    second.close(&mut spans, end);
    spans
}

/// A second that is not covered evenly.
#[derive(Default)]
struct Second {
    number: i64,
    parts: Vec<(u32, i64)>,
}

impl Second {
    fn close(&mut self, spans: &mut Vec<Span>, end: Option<i64>) {
        let from = self.number * 1000;
        let existing = end.map_or(1000, |end| (end - from).min(1000));
        self.parts.sort_by_key(|&(times, _)| std::cmp::Reverse(times));
        let mut ms = 0;
        for (times, part) in self.parts.drain(..) {
            ms += part;
            if ms * 2 > existing {
                push(spans, self.number, self.number + 1, times);
                break;
            }
        }
    }
}

fn push(spans: &mut Vec<Span>, from: i64, to: i64, times: u32) {
    let (from, to) = (from as u32, to as u32);
    match spans.last_mut() {
        Some(last) if last.to == from && last.times == times => last.to = to,
        _ => spans.push(Span { from, to, times }),
    }
}

/// By how much counts of seconds grew, and which seconds went from none to some.
fn growth(before: &[Span], after: &[Span]) -> (Vec<Span>, Vec<Span>) {
    let (mut grown, mut fresh) = (Vec::new(), Vec::new());
    let mut old = before.iter().copied().peekable();
    for span in after {
        let mut x = span.from;
        while x < span.to {
            while old.next_if(|old| old.to <= x).is_some() {}
            let (to, times) = match old.peek() {
                Some(old) if old.from <= x => (old.to.min(span.to), old.times),
                Some(old) => (old.from.min(span.to), 0),
                None => (span.to, 0),
            };
            if span.times > times {
                push(&mut grown, x.into(), to.into(), span.times - times);
            }
            if times == 0 {
                push(&mut fresh, x.into(), to.into(), 1);
            }
            x = to;
        }
    }
    (grown, fresh)
}
