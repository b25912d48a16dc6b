//! Power cuts, over storage that tears and forgets. One seed drives events, batches, folds, checkpoints, merges and
//! archiving; the machine stops at an operation of the seed's choosing, again and again. After every start: everything
//! acknowledged is in the journal, once, and the rows that questions read are those that the fold of the journal's
//! events gives from scratch.
//!
//! `SIMULATION_SEEDS` says how many seeds (default 100); a failing one is named and runs alone with `SIMULATION_SEED`.

use engine::block::Snapshot;
use engine::engine::{Opened, open};
use engine::event::{AccountId, Event, EventKind, Measured, PersonKey, Proof, Who};
use engine::fold::{SessionKey, fold_session, session_key};
use engine::journal::{JournalError, replay};
use engine::manifest::MemoryManifest;
use engine::row::{SumColumn, TextColumn, ViewRow};
use engine::storage::memory::MemoryStorage;
use engine::store::Options;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;
use std::sync::Arc;

const HOUR_MS: i64 = 60 * 60 * 1000;

/// Players that report in order, mostly: some events come twice, late or out of order.
struct Players {
    rng: ChaCha8Rng,
    now_ms: i64,
    sessions: Vec<(u32, u32, i64)>,
    made: u32,
    held_back: Vec<Event>,
}

impl Players {
    fn new(seed: u64) -> Players {
        let rng = ChaCha8Rng::seed_from_u64(seed);
        Players { rng, now_ms: 1_795_000_000_000, sessions: Vec::new(), made: 0, held_back: Vec::new() }
    }

    fn batch(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        for _ in 0..self.rng.random_range(1..12) {
            match self.rng.random_range(0..100) {
                0..5 => self.now_ms += self.rng.random_range(0..3 * HOUR_MS),
                5..9 if !self.held_back.is_empty() => {
                    let which = self.rng.random_range(0..self.held_back.len());
                    let late = self.held_back.swap_remove(which);
                    events.push(late);
                }
                9..13 if !events.is_empty() => {
                    let which = self.rng.random_range(0..events.len());
                    let again: Event = events[which].clone();
                    events.push(again);
                }
                13..16 => {
                    let mut single = self.event(0, EventKind::BUTTON);
                    single.session = "".into();
                    single.index = None;
                    events.push(single);
                }
                n => {
                    let event = self.step();
                    if n > 94 { self.held_back.push(event) } else { events.push(event) }
                }
            }
        }
        events
    }

    /// The next event of some session.
    fn step(&mut self) -> Event {
        self.now_ms += self.rng.random_range(1..9_000);
        if self.sessions.is_empty() || self.rng.random_range(0..8) == 0 {
            self.made += 1;
            self.sessions.push((self.made, 0, 0));
        }
        let which = self.rng.random_range(0..self.sessions.len());
        let (session, index, position) = &mut self.sessions[which];
        *index += 1;
        let kind = match *index {
            1 => EventKind::IMPRESSION,
            2 => EventKind::PLAY,
            _ => EventKind::VIEW,
        };
        if *index > 2 {
            *position += 10_000;
        }
        let (session, index, position) = (*session, *index, *position);
        if index > 30 {
            self.sessions.swap_remove(which);
        }
        let mut event = self.event(session, kind);
        event.index = Some(index);
        event.position_ms = Some(position);
        event.play_time_ms = (kind == EventKind::VIEW).then_some(position as u64);
        event
    }

    fn event(&self, session: u32, kind: EventKind) -> Event {
        let person = PersonKey(u64::from(session % 5));
        let proof = if person == PersonKey::UNKNOWN { Proof::None } else { Proof::Verified };
        Event {
            account: AccountId(1 + session % 2),
            at_ms: self.now_ms,
            received_ms: self.now_ms,
            kind,
            entry: format!("0_{}", session % 4).into(),
            session: format!("s{session}").into(),
            who: Who { person, proof, ..Who::default() },
            duration_ms: Some(250_000),
            measured: Measured { sound: 2, tab: 2, ..Measured::default() },
            ..Event::default()
        }
    }
}

/// The rows a question would read, without versions.
fn rows(snapshot: &Snapshot) -> Vec<ViewRow> {
    let mut rows = Vec::new();
    for part in snapshot.parts.iter() {
        let block = part.block().expect("a segment that the manifest names decodes");
        let live = (0..block.rows).filter(|row| part.superseded.binary_search(&(*row as u32)).is_err());
        rows.extend(live.map(|row| block.row(row)));
    }
    in_order(rows)
}

fn in_order(mut rows: Vec<ViewRow>) -> Vec<ViewRow> {
    for row in &mut rows {
        row.version = 0;
    }
    rows.sort_by(|a, b| {
        (a.account, &a.text, a.quarter, a.session, a.playback)
            .cmp(&(b.account, &b.text, b.quarter, b.session, b.playback))
    });
    rows
}

/// What the same events give without batches, checkpoints, merges or crashes.
fn from_scratch(events: &[(u64, Event)]) -> Vec<ViewRow> {
    let mut sessions: BTreeMap<SessionKey, Vec<(u64, Event)>> = BTreeMap::new();
    for (seq, event) in events {
        sessions.entry(session_key(event, *seq)).or_default().push((*seq, event.clone()));
    }
    in_order(sessions.values().flat_map(|events| fold_session(events)).collect())
}

/// Equal rows, and if not, only those that differ.
fn assert_same(found: &[ViewRow], expected: &[ViewRow]) {
    let extra: Vec<_> = found.iter().filter(|row| !expected.contains(row)).map(brief).collect();
    let missing: Vec<_> = expected.iter().filter(|row| !found.contains(row)).map(brief).collect();
    assert!(extra.is_empty() && missing.is_empty(), "not from scratch: {extra:#?}\nonly from scratch: {missing:#?}");
    assert_eq!(found.len(), expected.len(), "rows more than once");
}

fn brief(row: &ViewRow) -> String {
    let sums = SumColumn::ALL.iter().filter(|column| row.get(**column) > 0);
    let sums: Vec<_> = sums.map(|column| format!("{}={}", column.column(), row.get(*column))).collect();
    let entry = row.text(TextColumn::Entry);
    format!("{} {:x} quarter {} person {} {}", entry, row.session, row.quarter.0, row.person.0, sums.join(" "))
}

fn journal(storage: &MemoryStorage) -> Vec<(u64, Event)> {
    let mut events = Vec::new();
    let damage = replay::<JournalError>(storage, 0, &mut |seq, event| {
        events.push((seq, event));
        Ok(())
    });
    assert_eq!(damage.expect("the journal reads"), vec![], "a torn tail was cut at the start");
    events
}

fn options(rng: &mut ChaCha8Rng) -> Options {
    Options {
        seal_rows: rng.random_range(1..60),
        checkpoint_events: rng.random_range(5..120),
        merge_count: rng.random_range(2..4),
        segment_rows_max: rng.random_range(20..500),
        hot_rows: rng.random_range(1..20),
        cache_bytes: *[0, 10_000, 1 << 20].choose(rng).expect("three"),
    }
}

/// Runs until the machine stops or the seed has had enough.
fn live_on(opened: Opened, players: &mut Players, rng: &mut ChaCha8Rng, acknowledged: &mut Vec<(u64, Event)>) {
    let Opened { mut journal, mut store, .. } = opened;
    for _ in 0..rng.random_range(1..60) {
        let events = players.batch();
        let Ok(first) = journal.append(&events) else { return };
        acknowledged.extend((first..).zip(events.iter().cloned()));
        if rng.random_range(0..20) == 0 {
            journal.roll();
        }
        if store.fold(first, events).is_err() {
            return;
        }
        for _ in 0..rng.random_range(0..4) {
            if store.maintain().is_err() {
                return;
            }
        }
        if rng.random_range(0..25) == 0 && store.checkpoint().is_err() {
            return;
        }
    }
}

fn simulate(seed: u64) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x5eed);
    let mut players = Players::new(seed);
    let mut storage = MemoryStorage::new();
    let mut manifest = MemoryManifest::new().beside(&storage);
    let mut acknowledged = Vec::new();
    for _ in 0..6 {
        storage.stop_at(rng.random_range(0..400));
        if let Ok(opened) = open(Arc::new(storage.clone()), Box::new(manifest.clone()), options(&mut rng)) {
            live_on(opened, &mut players, &mut rng, &mut acknowledged);
        }
        storage = storage.crash(&mut |most| rng.random_range(0..=most));
        manifest = manifest.beside(&storage);

        let opened = open(Arc::new(storage.clone()), Box::new(manifest.clone()), options(&mut rng));
        let opened = opened.expect("whatever a crash leaves opens");
        assert_eq!(opened.report.broken_segments, Vec::<String>::new());
        let kept = journal(&storage);
        let by_seq: BTreeMap<u64, &Event> = kept.iter().map(|(seq, event)| (*seq, event)).collect();
        assert_eq!(by_seq.len(), kept.len(), "no seq twice");
        for (seq, event) in &acknowledged {
            assert_eq!(by_seq.get(seq), Some(&event), "event {seq} was acknowledged");
        }
        assert_same(&rows(&opened.reader.snapshot()), &from_scratch(&kept));
    }
}

#[test]
fn stopped_at_any_operation_nothing_acknowledged_is_lost_or_doubled() {
    #[expect(clippy::disallowed_methods, reason = "how long a test runs is the tester's choice")]
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seeds = match number("SIMULATION_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("SIMULATION_SEEDS").unwrap_or(100),
    };
    for seed in seeds {
        if std::panic::catch_unwind(|| simulate(seed)).is_err() {
            panic!("seed {seed} fails: SIMULATION_SEED={seed} cargo nextest run -p engine crashes");
        }
    }
}
