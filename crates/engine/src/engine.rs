//! The facade: open a data folder, and journal, store and reader are ready; or look at one that somebody else has open.

use crate::block::Snapshot;
use crate::event::Event;
use crate::journal::{self, Damage, JournalError};
use crate::manifest::{Manifest, ManifestChange, ManifestError, ManifestState};
use crate::segment;
use crate::storage::files::FileStorage;
use crate::storage::held::HeldStorage;
use crate::storage::{Storage, StorageError};
use crate::store::{Options, Reader, Store, StoreError, check};
use std::sync::Arc;
use thiserror::Error;

/// Events replayed between two looks at what is due: a few megabytes.
const REPLAY_EVENTS: u64 = 8_192;
/// Times a folder is looked at that changes meanwhile. It takes a checkpoint, a merge or an archive in the second or so of
/// a look: once is rare, eight times in a row is a folder that nobody can look at.
const LOOKS: usize = 8;

/// Why a data folder does not open. Damage alone never keeps it from opening; it is in the report.
#[derive(Debug, Error)]
pub enum EngineError {
    /// The file system said no.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The journal could not be read or prepared.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The manifest could not be read.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The store could not take the events.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The folder changed at every look.
    #[error("the data folder changes too fast to be looked at; try again when less is going on")]
    Restless,
}

/// What opening found and did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Damage of the journal: found at its end and in what was replayed.
    pub damage: Vec<Damage>,
    /// Segments whose file is missing or has another size: questions that touch them are errors.
    pub broken_segments: Vec<String>,
    /// Files left by a crash, removed.
    pub orphans: Vec<String>,
    /// Events replayed.
    pub replayed: u64,
}

/// An open data folder.
pub struct Opened {
    /// For the writer thread.
    pub journal: journal::Writer,
    /// For the fold thread.
    pub store: Store,
    /// For everybody.
    pub reader: Reader,
    /// What was found.
    pub report: Report,
}

/// Opens a data folder: reads the manifest, replays the rest of the journal, removes what a crash has left.
///
/// # Errors
/// When storage or manifest fail. Damaged bytes are reported and passed over.
pub fn open(storage: Arc<dyn Storage>, manifest: Box<dyn Manifest>, options: Options) -> Result<Opened, EngineError> {
    let state = manifest.load()?;
    let mut report = Report { orphans: check::orphans(&*storage, &state.segments)?, ..Report::default() };
    for orphan in &report.orphans {
        storage.remove(orphan)?;
    }
    for meta in &state.segments {
        let path = segment::path(meta.id);
        match storage.size(&path) {
            Ok(size) if size == meta.bytes => {}
            Ok(_) | Err(StorageError::Missing { .. }) => report.broken_segments.push(path),
            Err(error) => return Err(error.into()),
        }
    }
    let (mut journal, found) = journal::open(Arc::clone(&storage))?;
    report.damage = found.damage;
    journal.skip_to(state.progress.reach);
    let mut store = Store::new(Arc::clone(&storage), manifest, state, options)?;
    let damage = replay(&*storage, &mut store, &mut report.replayed)?;
    report.damage.extend(damage);
    let reader = store.reader();
    Ok(Opened { journal, store, reader, report })
}

fn replay(storage: &dyn Storage, store: &mut Store, replayed: &mut u64) -> Result<Vec<Damage>, EngineError> {
    let reach = store.reach();
    let damage = journal::replay(storage, reach, &mut |seq: u64, event: Event| -> Result<(), EngineError> {
        store.apply(seq, event)?;
        *replayed += 1;
        if replayed.is_multiple_of(REPLAY_EVENTS) {
            store.settle();
            store.checkpoint_if_due()?;
        }
        Ok(())
    })?;
    store.settle();
    store.publish();
    Ok(damage)
}

/// A data folder as it is at this moment, without writing to it and without a lock: what [`open`] would recover, events of
/// the journal's end included. For programs beside a server at work; what the snapshot needs stays readable after the
/// server has merged it away. Nothing that is acknowledged before the call is missing.
///
/// # Errors
/// When storage or manifest fail, a segment is missing, or the folder never holds still. Damaged bytes are reported and
/// passed over.
pub fn look(
    folder: &FileStorage,
    manifest: &dyn Manifest,
    options: Options,
) -> Result<(Snapshot, Report), EngineError> {
    let mut gone = None;
    for _ in 0..LOOKS {
        match glance(folder, manifest, options) {
            Ok(Some(seen)) => return Ok(seen),
            Ok(None) => gone = None,
            // Merged or archived between two lines of ours; the next look finds what has come in its place.
            Err(EngineError::Storage(error @ StorageError::Missing { .. })) => gone = Some(error),
            Err(EngineError::Journal(JournalError::Storage(error @ StorageError::Missing { .. }))) => {
                gone = Some(error)
            }
            Err(error) => return Err(error),
        }
    }
    Err(gone.map_or(EngineError::Restless, EngineError::Storage))
}

/// One look; `None` when the folder has changed meanwhile so that something may have been overlooked.
fn glance(
    folder: &FileStorage,
    manifest: &dyn Manifest,
    options: Options,
) -> Result<Option<(Snapshot, Report)>, EngineError> {
    let journal = folder.list(journal::FOLDER)?;
    let state = manifest.load()?;
    let reach = state.progress.reach;
    let paths = state.segments.iter().map(|meta| segment::path(meta.id));
    let storage: Arc<dyn Storage> = Arc::new(HeldStorage::open(folder.clone(), paths)?);
    let last = journal.iter().rfind(|name| name.ends_with(".log")).map(|name| format!("{}/{name}", journal::FOLDER));
    let end = last.as_ref().map(|path| storage.size(path)).transpose()?;
    let mut report = Report::default();
    let mut store = Store::new(Arc::clone(&storage), Box::new(Untouched), state, options)?;
    report.damage = journal::replay(&*storage, reach, &mut |seq: u64, event: Event| -> Result<(), EngineError> {
        store.apply(seq, event)?;
        report.replayed += 1;
        if report.replayed.is_multiple_of(REPLAY_EVENTS) {
            store.settle();
        }
        Ok(())
    })?;
    // A torn end is an event that is being written, and not acknowledged yet.
    report.damage.retain(|damage| Some(&damage.path) != last.as_ref() || Some(damage.to) < end);
    store.settle();
    store.publish();
    // Events leave a file only for an archive, and only below the reach: as long as neither has moved, all were seen.
    let later = folder.list(journal::FOLDER)?;
    let still =
        journal.iter().all(|name| later.binary_search(name).is_ok()) && manifest.load()?.progress.reach == reach;
    Ok(still.then(|| (store.reader().snapshot(), report)))
}

/// The manifest of somebody else.
struct Untouched;

impl Manifest for Untouched {
    fn load(&self) -> Result<ManifestState, ManifestError> {
        Ok(ManifestState::default())
    }
    fn commit(&mut self, _: ManifestChange) -> Result<(), ManifestError> {
        Err(ManifestError::Stopped)
    }
}

#[cfg(test)]
mod tests;
