//! Ruling 23: the same events give the same merged rows, whatever happens in between.

mod rekey;

use super::*;
use crate::engine::{Opened, open};
use crate::event::{AccountId, EventKind, PersonKey, Proof, Text, Who};
use crate::fold::{SessionKey, fold_session, session_key};
use crate::journal;
use crate::manifest::MemoryManifest;
use crate::row::{SumColumn, ViewRow};
use crate::storage::memory::MemoryStorage;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Small numbers, so that everything happens often.
const OPTIONS: Options = Options {
    seal_rows: 12,
    checkpoint_events: 60,
    merge_count: 2,
    segment_rows_max: 300,
    hot_rows: 5,
    cache_bytes: 1 << 16,
};

/// Keys of people begin here: a number that no other bytes look like.
const PEOPLE: u64 = 0x9d3a_51c7_44e2_b600;

/// An id that stands in free text.
const NAMED: &str = "alice-4711";

#[derive(Clone, Debug)]
struct Draft {
    session: u8,
    kind: u8,
    later_ms: i64,
    /// The player held it back this long.
    held_ms: i64,
    position_s: i64,
}

#[derive(Clone, Debug)]
enum Act {
    Batch(Vec<Draft>),
    Maintain(u8),
    Checkpoint,
    Reopen,
    Crash(u8),
}

fn draft() -> impl Strategy<Value = Draft> {
    let later = prop_oneof![8 => Just(10_000i64), 3 => 0..400_000i64, 1 => Just(3 * 3_600_000i64)];
    let held = prop_oneof![8 => Just(0i64), 1 => 0..10_000_000i64];
    (0..14u8, 0..8u8, later, held, 0..100i64).prop_map(|(session, kind, later_ms, held_ms, position_s)| Draft {
        session,
        kind,
        later_ms,
        held_ms,
        position_s,
    })
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => prop::collection::vec(draft(), 1..25).prop_map(Act::Batch),
        4 => (1..9u8).prop_map(Act::Maintain),
        1 => Just(Act::Checkpoint),
        1 => Just(Act::Reopen),
        1 => any::<u8>().prop_map(Act::Crash),
    ]
}

fn event(draft: &Draft, now_ms: &mut i64) -> Event {
    *now_ms += draft.later_ms;
    let kinds = [1, 2, 3, 4, 33, 35, 99, 99];
    let entry: Text = format!("1_{}", draft.session % 3).into();
    let session: Text = if draft.session == 13 { "".into() } else { format!("s{}", draft.session).into() };
    let suspect: Text = if draft.session == 12 { "flood".into() } else { "".into() };
    let at_ms = *now_ms - draft.held_ms;
    let mut event =
        Event { account: AccountId(7), at_ms, received_ms: *now_ms, entry, session, suspect, ..Event::default() };
    event.kind = EventKind(kinds[usize::from(draft.kind)]);
    event.position_ms = Some(draft.position_s * 1_000);
    event.facts.country = "AT".into();
    // What names somebody, in two of three sessions also of others, and what may be anything.
    if !draft.session.is_multiple_of(3) {
        event.facts.page = format!("https://lms.example/users/{NAMED}/{}", draft.session).into();
        event.facts.custom_var_1 = format!("seat {}, {NAMED}", draft.session % 2).into();
        event.vars = vec![("buttonName".into(), NAMED.into()), ("quality".into(), "of ALICE%2D4711".into())];
    }
    event.facts.custom_var_2 = "al".into();
    event.who = match draft.session % 5 {
        0 => Who::default(),
        person => Who { person: PersonKey(PEOPLE + u64::from(person)), proof: Proof::Verified, ..Who::default() },
    };
    event
}

fn sorted(mut rows: Vec<ViewRow>) -> Vec<ViewRow> {
    rows.iter_mut().for_each(|row| row.version = 0);
    rows.sort_by(|a, b| a.place().cmp(&b.place()));
    rows
}

/// All rows that a scan would see.
fn seen(snapshot: &Snapshot) -> Vec<ViewRow> {
    let mut rows = Vec::new();
    for part in snapshot.parts.iter() {
        let block = part.block().unwrap();
        assert_eq!(*part.extent, block.extent());
        rows.extend(part.live(0..block.rows).map(|row| block.row(row)));
    }
    sorted(rows)
}

/// What the journal means, reckoned session by session.
fn meant(storage: &MemoryStorage) -> Vec<ViewRow> {
    meant_after(storage, &Rekey::default())
}

/// The same with other keys.
fn meant_after(storage: &MemoryStorage, rekey: &Rekey) -> Vec<ViewRow> {
    let mut sessions: BTreeMap<SessionKey, Vec<(u64, Event)>> = BTreeMap::new();
    journal::replay(storage, 0, &mut |seq, mut event: Event| -> Result<(), JournalError> {
        rekey.apply(&mut event);
        sessions.entry(session_key(&event, seq)).or_default().push((seq, event));
        Ok(())
    })
    .unwrap();
    sorted(sessions.values().flat_map(|events| fold_session(events)).collect())
}

/// Compares rows and shows only those that differ, in few words.
#[track_caller]
fn same(seen: Vec<ViewRow>, meant: Vec<ViewRow>) {
    if seen == meant {
        return;
    }
    let show = |rows: &[ViewRow], but: &[ViewRow]| {
        let differ = rows.iter().filter(|row| !but.contains(row));
        let one = |row: &ViewRow| {
            let sums = SumColumn::ALL.iter().filter(|column| row.get(**column) > 0);
            let sums: Vec<String> = sums.map(|column| format!("{}={}", column.column(), row.get(*column))).collect();
            format!("\n  {:?} {} {:?}", row.place(), sums.join(" "), row.coverage)
        };
        differ.map(one).collect::<String>()
    };
    panic!("{} rows, not {}; seen:{}\nmeant:{}", seen.len(), meant.len(), show(&seen, &meant), show(&meant, &seen));
}

struct World {
    storage: MemoryStorage,
    manifest: MemoryManifest,
    opened: Option<Opened>,
    now_ms: i64,
}

impl World {
    fn new() -> World {
        let storage = MemoryStorage::new();
        let manifest = MemoryManifest::new().beside(&storage);
        let mut world = World { storage, manifest, opened: None, now_ms: 1_790_000_000_000 };
        world.open();
        world
    }

    fn open(&mut self) {
        self.opened = None;
        self.opened = Some(open(Arc::new(self.storage.clone()), Box::new(self.manifest.clone()), OPTIONS).unwrap());
    }

    fn crash(&mut self, seed: u8) {
        self.opened = None;
        let mut state = u64::from(seed);
        self.storage = self.storage.crash(&mut |most| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % (most + 1)
        });
        self.manifest = self.manifest.beside(&self.storage);
        self.open();
    }

    fn act(&mut self, act: &Act) {
        let opened = self.opened.as_mut().unwrap();
        match act {
            Act::Batch(drafts) => {
                let events: Vec<Event> = drafts.iter().map(|draft| event(draft, &mut self.now_ms)).collect();
                let first = opened.journal.append(&events).unwrap();
                opened.store.fold(first, events).unwrap();
            }
            Act::Maintain(times) => {
                opened.journal.roll();
                (0..*times).for_each(|_| assert!(opened.store.maintain().is_ok()));
            }
            Act::Checkpoint => opened.store.checkpoint().unwrap(),
            Act::Reopen => self.open(),
            Act::Crash(seed) => self.crash(*seed),
        }
    }

    fn compare(&self) {
        let opened = self.opened.as_ref().unwrap();
        same(seen(&opened.reader.snapshot()), meant(&self.storage));
    }

    fn check(&self) {
        self.compare();
        let checked =
            check::check(&(Arc::new(self.storage.clone()) as Arc<dyn Storage>), &self.manifest, &mut |_| ()).unwrap();
        assert_eq!(checked.damage, vec![]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases / 8, ..ProptestConfig::default() })]

    #[test]
    fn the_same_events_give_the_same_rows_under_any_schedule(acts in prop::collection::vec(act(), 1..40)) {
        let mut world = World::new();
        for act in &acts {
            world.act(act);
            world.compare();
        }
        world.check();
    }

    #[test]
    fn a_stop_at_any_operation_loses_nothing_that_was_acknowledged(
        acts in prop::collection::vec(act(), 1..30), stop in 0..160u64, seed in any::<u8>()
    ) {
        let mut world = World::new();
        world.storage.stop_at(world.storage.operations() + stop);
        let mut acknowledged = 0;
        for act in &acts {
            let opened = world.opened.as_mut().unwrap();
            match act {
                Act::Batch(drafts) => {
                    let events: Vec<Event> = drafts.iter().map(|draft| event(draft, &mut world.now_ms)).collect();
                    let Ok(first) = opened.journal.append(&events) else { break };
                    acknowledged = first + events.len() as u64;
                    if opened.store.fold(first, events).is_err() {
                        break;
                    }
                }
                Act::Maintain(_) => {
                    opened.journal.roll();
                    if opened.store.maintain().is_err() {
                        break;
                    }
                }
                _ => if opened.store.checkpoint().is_err() {
                    break;
                },
            }
        }
        world.crash(seed);
        let mut last = None;
        journal::replay(&world.storage, 0, &mut |seq, _: Event| -> Result<(), JournalError> {
            last = Some(seq);
            Ok(())
        }).unwrap();
        prop_assert!(last.map_or(0, |seq| seq + 1) >= acknowledged);
        world.check();
        world.act(&Act::Checkpoint);
        world.act(&Act::Maintain(20));
        world.check();
    }
}

/// A busy hour, then silence until all is sealed.
fn sealed_world() -> World {
    let mut world = World::new();
    for round in 0..20u8 {
        let draft = |i: u8| Draft {
            session: (round + i) % 12,
            kind: i % 8,
            later_ms: if i == 9 { 9_000_000 } else { 10_000 },
            held_ms: 0,
            position_s: i64::from(i),
        };
        world.act(&Act::Batch((0..10).map(draft).collect()));
    }
    world.act(&Act::Checkpoint);
    world
}

#[test]
fn merging_leaves_few_files_and_removes_the_old_ones() {
    let mut world = sealed_world();
    world.act(&Act::Maintain(100));
    world.act(&Act::Maintain(100));
    world.check();
    let figures = world.opened.as_ref().unwrap().store.figures();
    assert!(figures.segments <= 8, "{figures:?}");
    assert_eq!(world.storage.list(segment::FOLDER).unwrap().len() as u64, figures.segments);
}

#[test]
fn a_session_that_comes_back_while_its_segment_is_merged_is_still_known_after_a_crash() {
    let mut world = World::new();
    let draft = |session, later_ms| Draft { session, kind: 0, later_ms, held_ms: 0, position_s: 0 };
    for session in 0..2 {
        world.act(&Act::Batch(vec![draft(session, 10_000), draft(9, 10_800_000)]));
        world.act(&Act::Checkpoint);
    }
    world.act(&Act::Maintain(1));
    assert!(world.opened.as_ref().unwrap().store.merge.is_some());
    world.act(&Act::Batch(vec![draft(0, 10_000)]));
    world.act(&Act::Maintain(5));
    assert_eq!(world.opened.as_ref().unwrap().store.figures().segments, 1);
    world.act(&Act::Crash(0));
    world.check();
}

#[test]
fn an_older_snapshot_stays_readable_while_its_segments_are_merged_away() {
    let mut world = sealed_world();
    let before = world.opened.as_ref().unwrap().reader.snapshot();
    world.act(&Act::Maintain(100));
    same(seen(&before), meant(&world.storage));
}

#[test]
fn damage_is_named_and_does_not_keep_the_store_from_opening() {
    let mut world = sealed_world();
    let name = world.storage.list(segment::FOLDER).unwrap().remove(0);
    let path = format!("{}/{name}", segment::FOLDER);
    world.storage.damage(&path, 100);
    world.open();
    let checked =
        check::check(&(Arc::new(world.storage.clone()) as Arc<dyn Storage>), &world.manifest, &mut |_| ()).unwrap();
    assert_eq!(checked.damage.iter().map(|damage| (&*damage.path, damage.from)).collect::<Vec<_>>(), [(&*path, 0)]);
    let snapshot = world.opened.as_ref().unwrap().reader.snapshot();
    let errors: Vec<String> = snapshot.parts.iter().filter_map(|part| Some(part.block().err()?.to_string())).collect();
    assert!(errors.len() == 1 && errors[0].starts_with(&path), "{errors:?}");
}

#[test]
fn orphans_of_a_crash_are_removed() {
    let mut world = sealed_world();
    let mut file = world.storage.create(&segment::path(999)).unwrap();
    file.append(b"half a segment").unwrap();
    drop(file);
    world.open();
    assert_eq!(world.opened.as_ref().unwrap().report.orphans, [segment::path(999)]);
    assert!(world.storage.size(&segment::path(999)).is_err());
}
