//! The facade: open a data folder, and journal, store and reader are ready.

use crate::event::Event;
use crate::journal::{self, Damage, JournalError};
use crate::manifest::{Manifest, ManifestError};
use crate::segment;
use crate::storage::{Storage, StorageError};
use crate::store::{Options, Reader, Store, StoreError, check};
use std::sync::Arc;
use thiserror::Error;

/// Events replayed between two looks at what is due: a few megabytes.
const REPLAY_EVENTS: u64 = 8_192;

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
