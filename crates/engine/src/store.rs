//! The store: events become rows, rows become segments, and every moment of it can be asked.
//!
//! One thread owns the [`Store`]; [`Reader`]s are everywhere. Three places hold rows: *live* sessions, *closed* ones that are
//! not sealed yet, and *sealed* segments. A checkpoint seals what is closed and commits it together with the live
//! sessions and the place in the journal (ruling 13); a session that comes back masks its sealed rows (ruling 14).

pub mod check;
mod layers;
mod merge;
mod past;
mod rekey;
mod sealed;
#[cfg(test)]
mod tests;

use crate::block::{Part, Snapshot};
use crate::column::Dictionaries;
use crate::event::Event;
use crate::fold::{Fold, FoldError, SessionRows};
use crate::journal::{JournalError, Shelf};
use crate::manifest::{Manifest, ManifestChange, ManifestError, ManifestState, Progress, SegmentMeta};
use crate::rekey::Rekey;
use crate::segment::{self, SegmentError, SegmentFile, Written};
use crate::storage::{Storage, StorageError};
use layers::{Key, Layers};
use merge::{Merge, Step};
use past::Past;
use rekey::Exchange;
pub use rekey::Exchanged;
use sealed::{Cache, Segment};
use std::cell::Cell;
use std::sync::{Arc, PoisonError, RwLock};
use thiserror::Error;

/// What can go wrong with the store. After an error of [`Store::fold`], open the engine anew: the journal has it all.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The file system said no.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A segment could not be written.
    #[error(transparent)]
    Segment(#[from] SegmentError),
    /// The manifest could not be read or changed.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The journal could not be read or archived.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// An event could not be folded, or the live sessions not be read.
    #[error(transparent)]
    Fold(#[from] FoldError),
    /// The live sessions in the manifest are damaged.
    #[error("unpack the live sessions of the manifest")]
    Live {
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// When the store does what. The defaults are for production; tests take small numbers.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Closed rows that make a segment. 32,768 rows take about a quarter of a second to seal (the fold thread waits)
    /// and 3 MB of disk.
    pub seal_rows: usize,
    /// Events after which a checkpoint is due: what a restart after `kill -9` has to replay, about a second's work.
    pub checkpoint_events: u64,
    /// Segments of like size that are merged into one: eight keep a year of a busy campus at some dozens of files and
    /// rewrite each row about twice.
    pub merge_count: usize,
    /// Rows beyond which segments are no longer merged: sixteen row groups.
    pub segment_rows_max: usize,
    /// Rows that are kept as rows and made columns anew for every snapshot: a few milliseconds' work at most.
    pub hot_rows: usize,
    /// Memory for decoded columns of segments. A page of one recording needs a few megabytes of them, a whole account of
    /// three million rows some 200: a cache that holds what is looked at makes reports as fast as memory.
    pub cache_bytes: u64,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            seal_rows: 32_768,
            checkpoint_events: 500_000,
            merge_count: 8,
            segment_rows_max: 524_288,
            hot_rows: 1_024,
            cache_bytes: 256 << 20,
        }
    }
}

/// Hands out snapshots. Cheap to clone; for any thread.
#[derive(Clone, Default)]
pub struct Reader {
    latest: Arc<RwLock<Snapshot>>,
}

impl Reader {
    /// The store as it is now.
    pub fn snapshot(&self) -> Snapshot {
        self.latest.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
    fn publish(&self, snapshot: Snapshot) {
        *self.latest.write().unwrap_or_else(PoisonError::into_inner) = snapshot;
    }
}

/// What [`Store::maintain`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maintained {
    /// Nothing is due.
    Nothing,
    /// Closed sessions were sealed and all was committed.
    Checkpoint,
    /// A step of a merge.
    Merge,
    /// A journal file became an archive.
    Archive,
    /// A step of an exchange of people's keys.
    Exchange,
}

/// Counts for `/metrics`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Live segments.
    pub segments: u64,
    /// Their rows.
    pub sealed_rows: u64,
    /// Of these, superseded.
    pub superseded_rows: u64,
    /// Their bytes.
    pub sealed_bytes: u64,
    /// Rows of live and closed sessions in memory.
    pub tail_rows: u64,
    /// Events since the last checkpoint.
    pub uncommitted_events: u64,
    /// Sessions that came back but whose earlier events were damaged.
    pub lost_history: u64,
    /// Segments that could not be read.
    pub broken_segments: u64,
    /// Bytes of decoded columns in memory.
    pub cached_bytes: u64,
}

/// The store. One thread owns it.
pub struct Store {
    storage: Arc<dyn Storage>,
    manifest: Box<dyn Manifest>,
    shelf: Shelf,
    options: Options,
    fold: Fold,
    live: Layers,
    closed: Layers,
    sealed: Vec<Segment>,
    merge: Option<Merge>,
    /// Segments that no longer count but may still be read by older snapshots.
    retired: Vec<(u64, Arc<SegmentFile>)>,
    /// Keys exchanged since the start: events that were on their way still bring the old ones.
    rekey: Arc<Rekey>,
    exchange: Option<Exchange>,
    cache: Arc<Cache>,
    dictionaries: Arc<Dictionaries>,
    next_id: u64,
    next_seq: u64,
    committed: u64,
    /// Archiving found nothing to do below this reach.
    archived: u64,
    as_of_ms: i64,
    lost_history: Cell<u64>,
    reader: Reader,
}

impl Store {
    /// A store as its manifest says; the journal from [`Store::reach`] on must be replayed with [`Store::apply`].
    ///
    /// # Errors
    /// When the live sessions cannot be decoded.
    pub fn new(
        storage: Arc<dyn Storage>,
        manifest: Box<dyn Manifest>,
        state: ManifestState,
        options: Options,
    ) -> Result<Store, StoreError> {
        let fold = match state.progress.live.as_slice() {
            [] => Fold::new(),
            packed => Fold::decode_live(&zstd::decode_all(packed).map_err(|source| StoreError::Live { source })?)?,
        };
        let cache = Arc::new(Cache::new(options.cache_bytes, Arc::default()));
        let sealed: Vec<Segment> =
            state.segments.into_iter().map(|meta| Segment::new(&storage, &cache, meta)).collect();
        let next_id = sealed.iter().map(|segment| segment.meta.id + 1).max().unwrap_or(1);
        let mut store = Store {
            shelf: Shelf::new(Arc::clone(&storage)),
            storage,
            manifest,
            options,
            fold,
            live: Layers::new(options.hot_rows),
            closed: Layers::new(options.hot_rows),
            sealed,
            merge: None,
            retired: Vec::new(),
            rekey: Arc::default(),
            exchange: None,
            cache,
            dictionaries: Arc::default(),
            next_id,
            next_seq: state.progress.reach,
            committed: state.progress.reach,
            archived: 0,
            as_of_ms: state.progress.as_of_ms,
            lost_history: Cell::new(0),
            reader: Reader::default(),
        };
        store.settle();
        store.publish();
        Ok(store)
    }

    /// A handle for questions.
    pub fn reader(&self) -> Reader {
        self.reader.clone()
    }

    /// The first event that has not been folded.
    pub fn reach(&self) -> u64 {
        self.next_seq
    }

    /// Where a resumed import goes on: the highest offset folded of its stream.
    pub fn stream_offset(&self, stream: u32) -> u64 {
        self.fold.stream_offset(stream)
    }

    /// Ends an import's stream: its sessions are closed with the next batch or [`Store::settle`].
    pub fn end_stream(&mut self, stream: u32) {
        self.fold.end_stream(stream);
    }

    /// Folds a batch of the journal and shows the result. Events below [`Store::reach`] are passed over.
    ///
    /// # Errors
    /// When the earlier events of a session that comes back cannot be read. Open the engine anew then.
    pub fn fold(&mut self, first_seq: u64, events: Vec<Event>) -> Result<(), StoreError> {
        for (seq, event) in (first_seq..).zip(events) {
            self.apply(seq, event)?;
        }
        self.settle();
        self.publish();
        Ok(())
    }

    /// Folds one event; [`Store::settle`] and [`Store::publish`] make it seen.
    ///
    /// # Errors
    /// As [`Store::fold`].
    pub fn apply(&mut self, seq: u64, event: Event) -> Result<(), StoreError> {
        if seq < self.next_seq {
            return Ok(());
        }
        let live = (event.stream == 0).then_some(event.at_ms);
        let mut event = event;
        self.rekey.apply(&mut event);
        let past = Past {
            closed: &self.closed,
            sealed: &self.sealed,
            shelf: &self.shelf,
            rekey: &self.rekey,
            damaged: &self.lost_history,
        };
        self.fold.apply(seq, event, &past)?;
        self.next_seq = seq + 1;
        self.as_of_ms = self.as_of_ms.max(live.unwrap_or(i64::MIN));
        Ok(())
    }

    /// Takes over the rows that changed.
    pub fn settle(&mut self) {
        for session in self.fold.take_changed() {
            let key = self.replace(&session);
            self.live.put(key, session.rows);
        }
        for session in self.fold.take_closed() {
            let key = self.replace(&session);
            self.closed.put(key, session.rows);
        }
    }

    /// Removes every earlier row of a session.
    fn replace(&mut self, session: &SessionRows) -> Key {
        let key = (session.key.account.0, session.key.entry.clone(), session.hash);
        self.live.remove(&key);
        self.closed.remove(&key);
        if session.replaces_sealed {
            for segment in &mut self.sealed {
                match segment.find(&key) {
                    Ok(rows) => segment.supersede(rows),
                    Err(_) => segment.broken = true,
                }
            }
        }
        key
    }

    /// Shows what has been settled to all readers.
    pub fn publish(&self) {
        let sealed = self.sealed.iter().flat_map(Segment::parts);
        let parts: Vec<Part> = sealed.chain(self.closed.parts()).chain(self.live.parts()).collect();
        let dictionaries = Arc::clone(&self.dictionaries);
        self.reader.publish(Snapshot { parts: Arc::new(parts), as_of_ms: self.as_of_ms, dictionaries });
    }

    /// One bounded step of whatever is due: seal, merge, archive, remove. Call it between batches, and again while it
    /// does something and no events wait.
    ///
    /// # Errors
    /// When the storage or the manifest fails; nothing is lost, the step is tried again.
    pub fn maintain(&mut self) -> Result<Maintained, StoreError> {
        self.remove_retired()?;
        if self.checkpoint_if_due()? {
            return Ok(Maintained::Checkpoint);
        }
        if self.exchange_step()? {
            return Ok(Maintained::Exchange);
        }
        if self.merge.is_none()
            && let Some(inputs) = merge::plan(&self.sealed, self.options.merge_count, self.options.segment_rows_max)
        {
            // Rows leave with a merge only if what replaces them is committed: else a replay would not find, in the
            // filters, that their session was there.
            self.checkpoint()?;
            self.merge = Some(Merge::new(&self.sealed, inputs));
            return Ok(Maintained::Merge);
        }
        if self.merge.is_some() {
            self.merge_step()?;
            return Ok(Maintained::Merge);
        }
        if self.archived < self.committed {
            if self.shelf.archive_one(self.committed)?.is_some() {
                return Ok(Maintained::Archive);
            }
            self.archived = self.committed;
        }
        Ok(Maintained::Nothing)
    }

    /// A checkpoint, if enough rows are closed or enough events folded; whether there was one.
    ///
    /// # Errors
    /// As [`Store::checkpoint`].
    pub fn checkpoint_if_due(&mut self) -> Result<bool, StoreError> {
        self.settle();
        let uncommitted = self.next_seq - self.committed;
        let due = self.closed.rows() >= self.options.seal_rows || uncommitted >= self.options.checkpoint_events;
        if due {
            self.checkpoint()?;
        }
        Ok(due)
    }

    /// Seals what is closed and commits all that was folded: a start after this replays nothing.
    ///
    /// # Errors
    /// When the storage or the manifest fails; the store is as before.
    pub fn checkpoint(&mut self) -> Result<(), StoreError> {
        self.settle();
        if self.next_seq == self.committed && !self.sealed.iter().any(|segment| segment.dirty) {
            return Ok(());
        }
        self.commit()
    }

    /// A checkpoint, also when no event has been folded since the last one.
    fn commit(&mut self) -> Result<(), StoreError> {
        let blocks = self.closed.blocks();
        let add = match blocks.is_empty() {
            true => None,
            false => Some(self.keep(segment::write(&blocks)?)?),
        };
        let live =
            zstd::encode_all(self.fold.encode_live().as_slice(), 1).map_err(|source| StoreError::Live { source })?;
        self.manifest.commit(ManifestChange {
            add: add.iter().cloned().collect(),
            remove: Vec::new(),
            superseded: self.dirty(&[]),
            progress: Some(Progress { reach: self.next_seq, live, as_of_ms: self.as_of_ms }),
        })?;
        self.sealed.iter_mut().for_each(|segment| segment.dirty = false);
        self.sealed.extend(add.map(|meta| Segment::new(&self.storage, &self.cache, meta)));
        self.closed.clear();
        self.committed = self.next_seq;
        self.publish();
        Ok(())
    }

    /// Superseded rows not yet committed, of segments other than these.
    fn dirty(&self, but: &[u64]) -> Vec<(u64, Vec<u32>)> {
        let dirty = self.sealed.iter().filter(|segment| segment.dirty && !but.contains(&segment.meta.id));
        dirty.map(|segment| (segment.meta.id, segment.superseded.to_vec())).collect()
    }

    /// Writes a segment's file, durably. Until the manifest names it, it is an orphan.
    fn keep(&mut self, written: Written) -> Result<SegmentMeta, StoreError> {
        let id = self.next_id;
        self.next_id += 1;
        let mut file = self.storage.create(&segment::path(id))?;
        file.append(&written.bytes)?;
        file.sync()?;
        Ok(SegmentMeta {
            id,
            bytes: written.bytes.len() as u64,
            extent: written.extent,
            groups: written.groups,
            checksums: written.checksums,
            filter: written.filter,
            suspects: written.suspects,
            superseded: Vec::new(),
        })
    }

    fn merge_step(&mut self) -> Result<(), StoreError> {
        let Some(mut merge) = self.merge.take() else { return Ok(()) };
        match merge.step()? {
            Step::More => self.merge = Some(merge),
            Step::Unreadable(id) => {
                self.sealed
                    .iter_mut()
                    .filter(|segment| segment.meta.id == id)
                    .for_each(|segment| segment.broken = true);
            }
            Step::Done(written, picks) => self.swap(&merge.inputs, *written, &picks)?,
        }
        Ok(())
    }

    /// Puts a merged segment in the place of its inputs. Rows superseded while the merge ran are superseded in it.
    fn swap(&mut self, inputs: &[u64], written: Written, picks: &[segment::Pick]) -> Result<(), StoreError> {
        let is_input = |segment: &Segment| inputs.contains(&segment.meta.id);
        let gone: Vec<Arc<Vec<u32>>> = inputs
            .iter()
            .filter_map(|id| self.sealed.iter().find(|segment| segment.meta.id == *id))
            .map(|segment| Arc::clone(&segment.superseded))
            .collect();
        let is_gone = |pick: &segment::Pick| gone[pick.block as usize].binary_search(&pick.row).is_ok();
        let superseded = (0..).zip(picks).filter(|(_, pick)| is_gone(pick)).map(|(row, _)| row).collect();
        let mut add = Vec::new();
        if written.extent.rows > 0 {
            add.push(SegmentMeta { superseded, ..self.keep(written)? });
        }
        self.manifest.commit(ManifestChange {
            add: add.clone(),
            remove: inputs.to_vec(),
            superseded: Vec::new(),
            progress: None,
        })?;
        self.retired
            .extend(self.sealed.iter().filter(|s| is_input(s)).map(|s| (s.meta.id, Arc::clone(&s.sealed.file))));
        self.sealed.retain(|segment| !is_input(segment));
        self.sealed.extend(add.into_iter().map(|meta| Segment::new(&self.storage, &self.cache, meta)));
        self.publish();
        Ok(())
    }

    /// Removes the files of retired segments that no snapshot can ask for any more.
    fn remove_retired(&mut self) -> Result<(), StoreError> {
        while let Some(at) = self.retired.iter().position(|(_, file)| Arc::strong_count(file) == 1) {
            self.storage.remove(&segment::path(self.retired[at].0))?;
            self.retired.swap_remove(at);
        }
        Ok(())
    }

    /// Counts for operators.
    pub fn figures(&self) -> Figures {
        let sum = |f: fn(&Segment) -> u64| self.sealed.iter().map(f).sum::<u64>();
        Figures {
            segments: self.sealed.len() as u64,
            sealed_rows: sum(|segment| segment.meta.extent.rows as u64),
            superseded_rows: sum(|segment| segment.superseded.len() as u64),
            sealed_bytes: sum(|segment| segment.meta.bytes),
            tail_rows: (self.live.rows() + self.closed.rows()) as u64,
            uncommitted_events: self.next_seq - self.committed,
            lost_history: self.lost_history.get(),
            broken_segments: sum(|segment| u64::from(segment.broken)),
            cached_bytes: self.cache.bytes(),
        }
    }
}
