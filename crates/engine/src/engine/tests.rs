//! Looking at a folder that somebody else works on.

use super::*;
use crate::event::{AccountId, EventKind, Text};
use crate::manifest::{Progress, SqliteManifest};
use crate::row::ViewRow;
use std::cell::Cell;
use std::path::Path;

/// Small numbers, so that everything happens often.
const OPTIONS: Options = Options {
    seal_rows: 12,
    checkpoint_events: 60,
    merge_count: 2,
    segment_rows_max: 300,
    hot_rows: 5,
    cache_bytes: 1 << 16,
};

/// The `n`-th event, half an hour after the one before: short sessions, and one that comes back again and again.
fn event(n: u64) -> Event {
    let session: Text = format!("s{}", if n.is_multiple_of(11) { 0 } else { n / 4 }).into();
    let at_ms = 1_795_435_200_000 + n as i64 * 1_800_000;
    let kind = EventKind([1, 3, 99][(n % 3) as usize]);
    let entry: Text = "1_a".into();
    Event { account: AccountId(7), at_ms, received_ms: at_ms, entry, session, kind, ..Event::default() }
}

fn rows(snapshot: &Snapshot) -> Vec<ViewRow> {
    let mut rows = Vec::new();
    for part in snapshot.parts.iter() {
        let block = part.block().unwrap();
        rows.extend(part.live(0..block.rows).map(|row| block.row(row)));
    }
    rows.sort_by(|a, b| a.place().cmp(&b.place()));
    // A session's version differs where a look folds again what the store had folded before a checkpoint.
    rows.iter_mut().for_each(|row| row.version = 0);
    rows
}

fn manifest(folder: &Path) -> SqliteManifest {
    SqliteManifest::open(&folder.join("catalog.sqlite")).unwrap()
}

#[test]
fn a_look_sees_what_the_store_at_work_sees_and_keeps_it() {
    let folder = tempfile::tempdir().unwrap();
    let files = FileStorage::open(folder.path(), 0).unwrap();
    let theirs = manifest(folder.path());
    let Opened { mut journal, mut store, reader, .. } =
        open(Arc::new(files.clone()), Box::new(manifest(folder.path())), OPTIONS).unwrap();
    let mut early = None;
    for batch in 0..30 {
        let events: Vec<Event> = (batch * 20..batch * 20 + 20).map(event).collect();
        let first = journal.append(&events).unwrap();
        store.fold(first, events).unwrap();
        for _ in 0..batch % 5 {
            store.maintain().unwrap();
        }
        if batch % 7 == 0 {
            journal.roll();
        }
        let (seen, report) = look(&files, &theirs, OPTIONS).unwrap();
        assert_eq!(rows(&seen), rows(&reader.snapshot()), "after batch {batch}");
        assert_eq!(report.damage, []);
        if batch == 10 {
            early = Some((rows(&seen), files.list(segment::FOLDER).unwrap(), seen));
        }
    }
    let (then, paths, seen) = early.unwrap();
    let now = files.list(segment::FOLDER).unwrap();
    assert!(paths.iter().any(|path| !now.contains(path)), "nothing was merged away: {now:?}");
    assert_eq!(rows(&seen), then);
}

#[test]
fn a_look_changes_nothing_and_passes_over_what_is_being_written() {
    let folder = tempfile::tempdir().unwrap();
    let files = FileStorage::open(folder.path(), 0).unwrap();
    let theirs = manifest(folder.path());
    let Opened { mut journal, .. } = open(Arc::new(files.clone()), Box::new(theirs), OPTIONS).unwrap();
    journal.append(&[event(1), event(2)]).unwrap();
    drop(journal);
    let name = files.list(journal::FOLDER).unwrap().pop().unwrap();
    let log = folder.path().join(journal::FOLDER).join(name);
    let mut bytes = std::fs::read(&log).unwrap();
    bytes.extend([7; 30]);
    std::fs::write(&log, &bytes).unwrap();

    let (seen, report) = look(&files, &manifest(folder.path()), OPTIONS).unwrap();
    assert_eq!((rows(&seen).len(), report.replayed, report.damage), (2, 2, vec![]));
    assert_eq!(std::fs::read(&log).unwrap(), bytes);
}

/// Commits before every look.
struct Restless(Cell<u64>);

impl Manifest for Restless {
    fn load(&self) -> Result<ManifestState, ManifestError> {
        self.0.set(self.0.get() + 1);
        let progress = Progress { reach: self.0.get(), ..Progress::default() };
        Ok(ManifestState { progress, ..ManifestState::default() })
    }
    fn commit(&mut self, _: ManifestChange) -> Result<(), ManifestError> {
        Ok(())
    }
}

#[test]
fn a_folder_that_never_holds_still_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let files = FileStorage::open(folder.path(), 0).unwrap();
    let refused = look(&files, &Restless(Cell::new(0)), OPTIONS);
    assert!(matches!(refused, Err(EngineError::Restless)));
}
