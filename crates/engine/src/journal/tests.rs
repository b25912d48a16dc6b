//! The journal against storage that behaves badly.

use super::archive::Footer;
use super::*;
use crate::event::{AccountId, Event, EventKind, Facts, Measured, PersonKey, Proof, Who};
use crate::storage::Storage;
use crate::storage::memory::MemoryStorage;
use proptest::prelude::*;
use std::sync::Arc;

fn event(n: u64) -> Event {
    Event {
        account: AccountId(1234),
        at_ms: 1_795_456_862_000 + n as i64 * 1000,
        received_ms: 1_795_456_862_000 + n as i64 * 1000,
        kind: EventKind::VIEW,
        entry: format!("0_{}", n % 3).into(),
        session: format!("guid-{}", n % 7).into(),
        index: Some(n as u32),
        position_ms: Some(n as i64 * 997),
        play_time_ms: Some(n * 990),
        ..Event::default()
    }
}

fn events(range: std::ops::Range<u64>) -> Vec<Event> {
    range.map(event).collect()
}

fn open_on(storage: &MemoryStorage) -> (Writer, OpenReport) {
    open(Arc::new(storage.clone())).expect("the journal opens")
}

fn all(storage: &MemoryStorage, from: u64) -> Vec<(u64, Event)> {
    let mut found = Vec::new();
    replay::<JournalError>(storage, from, &mut |seq, event| {
        found.push((seq, event));
        Ok(())
    })
    .expect("the journal replays");
    found
}

fn numbered(range: std::ops::Range<u64>) -> Vec<(u64, Event)> {
    range.map(|n| (n, event(n))).collect()
}

#[test]
fn what_is_appended_is_replayed_in_order_across_restarts() {
    let storage = MemoryStorage::new();
    let (mut writer, report) = open_on(&storage);
    assert_eq!(report, OpenReport::default());
    assert_eq!(writer.append(&events(0..5)).expect("appended"), 0);
    assert_eq!(writer.append(&events(5..6)).expect("appended"), 5);
    let (mut writer, report) = open_on(&storage);
    assert_eq!((report.next_seq, report.damage.len()), (6, 0));
    assert_eq!(writer.append(&events(6..9)).expect("appended"), 6);
    assert_eq!(all(&storage, 0), numbered(0..9));
    assert_eq!(all(&storage, 7), numbered(7..9));
}

#[test]
fn restarts_without_events_leave_no_files_behind() {
    let storage = MemoryStorage::new();
    for _ in 0..3 {
        let (mut writer, _) = open_on(&storage);
        writer.append(&[]).expect("nothing to do");
    }
    assert_eq!(storage.list(FOLDER).expect("listed"), Vec::<String>::new());
}

#[test]
fn a_torn_tail_is_cut_and_kept_aside() {
    let storage = MemoryStorage::new();
    let (mut writer, _) = open_on(&storage);
    writer.append(&events(0..5)).expect("appended");
    let whole = storage.size(&log_path(0)).expect("there");
    writer.append(&events(5..8)).expect("appended");
    storage.truncate(&log_path(0), whole + 30).expect("torn");
    let (mut writer, report) = open_on(&storage);
    assert_eq!(report.next_seq, 5);
    let aside = report.damage[0].kept_as.clone().expect("kept");
    assert_eq!((report.damage[0].from, report.damage[0].to), (whole, whole + 30));
    assert_eq!(storage.size(&aside).expect("there"), 30);
    writer.append(&events(5..6)).expect("appended");
    assert_eq!(all(&storage, 0), numbered(0..6));
}

#[test]
fn a_damaged_middle_is_skipped_and_reported_by_byte_range() {
    let storage = MemoryStorage::new();
    let (mut writer, _) = open_on(&storage);
    writer.append(&events(0..5)).expect("appended");
    let from = storage.size(&log_path(0)).expect("there");
    writer.append(&events(5..8)).expect("appended");
    let to = storage.size(&log_path(0)).expect("there");
    writer.append(&events(8..10)).expect("appended");
    storage.damage(&log_path(0), from as usize + 40);
    let (_, report) = open_on(&storage);
    assert_eq!(report.next_seq, 10);
    assert_eq!(report.damage, vec![Damage { path: log_path(0), from, to, kept_as: None }]);
    let kept: Vec<_> = numbered(0..5).into_iter().chain(numbered(8..10)).collect();
    assert_eq!(all(&storage, 0), kept);
    let checked = check::check(&storage, &mut |_| {}).expect("checked");
    assert_eq!((checked.events, checked.damage.len()), (7, 1));
}

#[test]
fn files_longer_than_a_readers_window_are_read_whole() {
    let storage = MemoryStorage::new();
    let (mut writer, _) = open_on(&storage);
    let long = |n: u64| Event { vars: vec![("text".into(), "x".repeat(700_000 + n as usize).into())], ..event(n) };
    for n in 0..30 {
        writer.append(&[long(n)]).expect("appended");
    }
    let path = log_path(0);
    assert!(storage.size(&path).expect("there") > 2 * reader::WINDOW as u64);
    let read: Vec<u64> = all(&storage, 0)
        .iter()
        .map(|(seq, event)| {
            assert_eq!(*event, long(*seq));
            *seq
        })
        .collect();
    assert_eq!(read, (0..30).collect::<Vec<_>>());
    // Damage across the edge of a window is one range, and what follows it is found.
    let (from, to) = (reader::WINDOW - 400_000, reader::WINDOW + 400_000);
    for at in (from..to).step_by(100_000) {
        storage.damage(&path, at);
    }
    let mut damage = Vec::new();
    let mut seqs = Vec::new();
    reader::scan(&storage, 0, &mut |found| -> Result<(), JournalError> {
        match found {
            reader::Found::Record(_, record) => seqs.push(record.first_seq),
            reader::Found::Damage(from, to) => damage.push((from, to)),
        }
        Ok(())
    })
    .expect("read");
    assert_eq!(damage.len(), 1, "{damage:?}");
    assert!(damage[0].0 <= from as u64 && damage[0].1 > (to - 100_000) as u64, "{damage:?}");
    let lost = 30 - seqs.len();
    assert!((2..=3).contains(&lost), "{seqs:?}");
    assert_eq!((seqs[0], seqs[seqs.len() - 1]), (0, 29));
}

#[test]
fn a_failed_sync_is_final_and_its_numbers_are_spent() {
    let storage = MemoryStorage::new();
    let (mut writer, _) = open_on(&storage);
    writer.append(&events(0..2)).expect("appended");
    storage.fail_sync_at(storage.operations() + 1);
    writer.append(&events(2..4)).expect_err("the sync failed");
    assert!(matches!(writer.append(&events(4..5)), Err(JournalError::Poisoned)));
    writer.recover();
    assert_eq!(writer.append(&events(4..5)).expect("appended"), 4);
    let kept: Vec<_> = numbered(0..2).into_iter().chain(numbered(4..5)).collect();
    assert_eq!(all(&storage, 0), kept);
}

#[test]
fn a_full_disk_acknowledges_nothing() {
    let storage = MemoryStorage::new();
    let (mut writer, _) = open_on(&storage);
    writer.append(&events(0..2)).expect("appended");
    storage.set_room(Some(10));
    assert!(matches!(writer.append(&events(2..9)), Err(JournalError::Storage(StorageError::Full { .. }))));
    assert!(matches!(writer.append(&events(9..10)), Err(JournalError::Storage(StorageError::Full { .. }))));
    assert_eq!(all(&storage, 0), numbered(0..2));
    storage.set_room(None);
    assert_eq!(writer.append(&events(10..11)).expect("room again"), 10);
    let (_, report) = open_on(&storage);
    assert_eq!(all(&storage, 0), numbered(0..2).into_iter().chain(numbered(10..11)).collect::<Vec<_>>());
    assert_eq!(report.next_seq, 11);
}

#[test]
fn an_event_beyond_all_limits_is_refused_and_nothing_else_is() {
    let storage = MemoryStorage::new();
    let (mut writer, _) = open_on(&storage);
    let mut huge = event(0);
    huge.vars = vec![("x".into(), "y".repeat(3 << 20).into())];
    assert!(matches!(writer.append(&[event(0), huge]), Err(JournalError::TooLarge { .. })));
    assert_eq!(writer.append(&events(2..3)).expect("goes on"), 2);
    assert_eq!(all(&storage, 0), numbered(2..3));
}

#[test]
fn archives_hold_the_same_events_and_find_sessions() {
    let storage = MemoryStorage::new();
    let (mut writer, _) = open_on(&storage);
    writer.append(&events(0..20_000)).expect("appended");
    writer.roll();
    writer.append(&events(20_000..20_010)).expect("appended");
    let shelf = Shelf::new(Arc::new(storage.clone()));
    assert_eq!(shelf.archive_one(19_999).expect("archived"), None, "not wholly folded");
    let session = |before| shelf.events(AccountId(1234), "0_1", "guid-4", before).expect("found");
    let of_session = |range| {
        numbered(range).into_iter().filter(|(_, e)| &*e.entry == "0_1" && &*e.session == "guid-4").collect::<Vec<_>>()
    };
    assert_eq!(session(30_000), of_session(0..20_010));
    let archived = shelf.archive_one(20_000).expect("archived").expect("one file");
    assert!(archived.bytes_after < archived.bytes_before / 10, "{archived:?}");
    assert_eq!(shelf.archive_one(u64::MAX).expect("asked"), None, "the last file is being written");
    assert_eq!(session(30_000), of_session(0..20_010));
    assert_eq!(session(10_000), of_session(0..10_000));
    assert_eq!(shelf.events(AccountId(1), "0_1", "guid-4", 30_000).expect("asked"), vec![]);
    assert_eq!(all(&storage, 0), numbered(0..20_010));
    assert_eq!(all(&storage, 19_000), numbered(19_000..20_010));
    assert_eq!(open_on(&storage).1.next_seq, 20_010);
    assert_eq!(check::check(&storage, &mut |_| {}).expect("checked").events, 20_010);
}

#[test]
fn a_crash_between_archiving_and_removing_the_log_counts_nothing_twice() {
    let storage = MemoryStorage::new();
    let (mut writer, _) = open_on(&storage);
    writer.append(&events(0..100)).expect("appended");
    let log = storage.read(&log_path(0)).expect("there");
    writer.roll();
    writer.append(&events(100..101)).expect("appended");
    let shelf = Shelf::new(Arc::new(storage.clone()));
    shelf.archive_one(100).expect("archived").expect("one file");
    let mut file = storage.create(&log_path(0)).expect("created");
    file.append(&log).expect("written");
    file.sync().expect("synced");
    assert_eq!(all(&storage, 0), numbered(0..101));
    open_on(&storage);
    assert_eq!(storage.list(FOLDER).expect("listed").len(), 2, "the leftover log is gone");
}

#[test]
fn a_damaged_archive_is_reported_and_does_not_block_the_start() {
    let storage = MemoryStorage::new();
    let (mut writer, _) = open_on(&storage);
    writer.append(&events(0..10_000)).expect("appended");
    writer.roll();
    writer.append(&events(10_000..10_001)).expect("appended");
    Shelf::new(Arc::new(storage.clone())).archive_one(10_000).expect("archived");
    storage.damage(&archive_path(0), 100);
    assert_eq!(open_on(&storage).1.next_seq, 10_001);
    let checked = check::check(&storage, &mut |_| {}).expect("checked");
    assert_eq!((checked.events, checked.damage.len()), (10_001 - 8_192, 1));
    assert_eq!(all(&storage, 0).len(), 10_001 - 8_192);
    let size = storage.size(&archive_path(0)).expect("there");
    storage.damage(&archive_path(0), size as usize - 20);
    assert_eq!(open_on(&storage).1.next_seq, 10_001);
    assert_eq!(all(&storage, 0), numbered(10_000..10_001));
}

#[test]
fn old_archives_expire() {
    let storage = MemoryStorage::new();
    let (mut writer, _) = open_on(&storage);
    writer.append(&events(0..10)).expect("appended");
    writer.roll();
    writer.append(&events(10..11)).expect("appended");
    let shelf = Shelf::new(Arc::new(storage.clone()));
    shelf.archive_one(10).expect("archived");
    let footer = Footer::read(&storage, 0).expect("there");
    assert_eq!(footer.last_at_ms, event(9).at_ms);
    assert_eq!(shelf.expire(footer.last_at_ms).expect("asked"), 0);
    assert_eq!(shelf.expire(footer.last_at_ms + 1).expect("asked"), 1);
    assert_eq!(all(&storage, 0), numbered(10..11));
}

fn any_event() -> impl Strategy<Value = Event> {
    let small = (0..5u32, -5i64..5, any::<i64>(), any::<i64>(), any::<u32>(), "[ab]{0,2}", "[xy]{0,2}");
    let options = (
        any::<Option<u32>>(),
        any::<Option<i64>>(),
        any::<Option<i64>>(),
        any::<Option<u64>>(),
        any::<Option<u64>>(),
        proptest::option::of("[a-z]{0,9}"),
        any::<Option<u32>>(),
    );
    (small, options, proptest::collection::vec(("[a-z]{0,5}", ".{0,9}"), 0..3), any::<u64>()).prop_map(
        |((account, stream, at, received, kind, entry, session), options, vars, person)| Event {
            account: AccountId(account),
            stream: stream.unsigned_abs() as u32,
            offset: person / 3,
            at_ms: at,
            received_ms: received,
            kind: EventKind(kind),
            entry: entry.into(),
            session: session.into(),
            index: options.0,
            event_id: options.5.map(Into::into),
            who: Who { person: PersonKey(person), proof: Proof::Verified, ..Who::default() },
            position_ms: options.1,
            target_ms: options.2,
            play_time_ms: options.3,
            duration_ms: options.4,
            measured: Measured { buffer_ms: options.6, sound: account as u8, ..Measured::default() },
            facts: Facts { country: "DE".into(), ..Facts::default() },
            vars: vars.into_iter().map(|(a, b)| (a.into(), b.into())).collect(),
            ..Event::default()
        },
    )
}

proptest! {
    #[test]
    fn any_events_survive_the_log_and_the_archive(events in proptest::collection::vec(any_event(), 1..60)) {
        let storage = MemoryStorage::new();
        let (mut writer, _) = open_on(&storage);
        writer.append(&events).expect("appended");
        let numbered: Vec<_> = (0..).zip(events.iter().cloned()).collect();
        prop_assert_eq!(&all(&storage, 0), &numbered);
        writer.roll();
        writer.append(&events[..1]).expect("appended");
        Shelf::new(Arc::new(storage.clone())).archive_one(events.len() as u64).expect("archived").expect("one");
        prop_assert_eq!(&all(&storage, 0)[..events.len()], &numbered[..]);
    }

    #[test]
    fn any_bytes_are_records_or_damage_never_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let storage = MemoryStorage::new();
        let mut file = storage.create(&log_path(0)).expect("created");
        file.append(&bytes).expect("written");
        file.sync().expect("synced");
        open_on(&storage);
        prop_assert!(all(&storage, 0).is_empty());
    }

    #[test]
    fn whatever_a_crash_leaves_the_acknowledged_events_are_there_once(
        stop in 0u64..40, sizes in proptest::collection::vec(1u64..30, 1..12), seed in any::<u64>()
    ) {
        let storage = MemoryStorage::new();
        storage.stop_at(stop);
        let mut acknowledged = 0;
        if let Ok((mut writer, _)) = open(Arc::new(storage.clone())) {
            for size in sizes {
                match writer.append(&events(acknowledged..acknowledged + size)) {
                    Ok(first) => { assert_eq!(first, acknowledged); acknowledged += size; }
                    Err(_) => break,
                }
            }
        }
        let mut state = seed;
        let mut choose = |n: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % (n + 1)
        };
        let after = storage.crash(&mut choose);
        let (mut writer, report) = open_on(&after);
        let found = all(&after, 0);
        prop_assert!(found.len() as u64 >= acknowledged, "{} of {acknowledged}", found.len());
        prop_assert_eq!(&found[..], &numbered(0..found.len() as u64)[..]);
        let next = report.next_seq;
        writer.append(&events(next..next + 1)).expect("goes on");
        prop_assert_eq!(all(&after, 0).len(), found.len() + 1);
    }
}
