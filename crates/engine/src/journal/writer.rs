//! Appending. One writer; durable when [`Writer::append`] returns. A failed write or sync is final for the file: the
//! kernel may have dropped the pages, so it is never synced again, and the writer refuses until the journal is reopened.

use super::record::{self, Payload};
use super::{
    Damage, FILE_BYTES_MAX, FOLDER, JournalError, OpenReport, archive, archive_path, files, live_logs, log_path, reader,
};
use crate::event::Event;
use crate::limits::RECORD_BYTES_MAX;
use crate::storage::{AppendFile, Storage, StorageError};
use std::sync::Arc;

/// The journal's one writer.
pub struct Writer {
    storage: Arc<dyn Storage>,
    file: Option<Open>,
    next_seq: u64,
    poisoned: bool,
    buffer: Vec<u8>,
}

struct Open {
    file: Box<dyn AppendFile>,
    first_seq: u64,
    /// Bytes known to be durable.
    synced: u64,
}

/// Opens the journal: finds its end, cuts a torn tail (keeping the bytes aside), reports damage. Only the last file is
/// read here; [`super::replay`] reports damage in the files it reads, [`super::check`] in all.
///
/// # Errors
/// When the storage fails.
pub fn open(storage: Arc<dyn Storage>) -> Result<(Writer, OpenReport), JournalError> {
    for name in storage.list(FOLDER)?.iter().filter(|name| name.ends_with(".tmp")) {
        storage.remove(&format!("{FOLDER}/{name}"))?;
    }
    let mut report = OpenReport::default();
    if let Some(&last) = files(&*storage, ".arc")?.last() {
        report.next_seq = end_of_archive(&*storage, last, &mut report.damage)?;
    }
    let logs = live_logs(&*storage)?;
    for leftover in files(&*storage, ".log")?.into_iter().filter(|seq| logs.binary_search(seq).is_err()) {
        storage.remove(&log_path(leftover))?;
    }
    for &first_seq in &logs {
        report.next_seq = report.next_seq.max(first_seq);
    }
    // An empty last file (a restart without events) says where to go on but not how far the one before it reached.
    for &first_seq in logs.iter().rev() {
        let end = reader::settle(&*storage, first_seq, logs.last() == Some(&first_seq), &mut report.damage)?;
        report.next_seq = report.next_seq.max(end.next_seq);
        if end.records > 0 {
            break;
        }
        storage.remove(&log_path(first_seq))?;
    }
    let next_seq = report.next_seq;
    Ok((Writer { storage, file: None, next_seq, poisoned: false, buffer: Vec::new() }, report))
}

/// The seq after an archive's last event. A damaged archive never blocks the start: its own first seq is a lower bound,
/// and the manifest's reach, which the writer is told of, a better one.
fn end_of_archive(storage: &dyn Storage, first_seq: u64, damage: &mut Vec<Damage>) -> Result<u64, JournalError> {
    match archive::Footer::read(storage, first_seq) {
        Ok(footer) => Ok(footer.next_seq),
        Err(JournalError::Damaged { path, offset, .. }) => {
            let to = storage.size(&archive_path(first_seq))?;
            damage.push(Damage { path, from: offset, to, kept_as: None });
            Ok(first_seq + 1)
        }
        Err(error) => Err(error),
    }
}

impl Writer {
    /// The seq of the next event.
    pub fn next_seq(&self) -> u64 {
        self.next_seq
    }

    /// Numbers events from at least `seq`: what the manifest has folded is never numbered again, even if the journal's
    /// end was lost.
    pub fn skip_to(&mut self, seq: u64) {
        if seq > self.next_seq {
            self.next_seq = seq;
            self.file = None;
        }
    }

    /// Appends events and makes them durable; returns the seq of the first. All or nothing is acknowledged.
    ///
    /// # Errors
    /// `Storage` when writing failed: nothing of the batch is acknowledged, and unless the disk was merely full the
    /// writer is poisoned. `TooLarge` for an event beyond any limit of collection.
    pub fn append(&mut self, events: &[Event]) -> Result<u64, JournalError> {
        if self.poisoned {
            return Err(JournalError::Poisoned);
        }
        let first = self.next_seq;
        if events.is_empty() {
            return Ok(first);
        }
        self.roll_if_full();
        let outcome = self.write(events);
        // Whatever happened, these numbers are spent: bytes of a failed batch may still come to light.
        self.next_seq += events.len() as u64;
        match outcome {
            Ok(()) => Ok(first),
            Err(error @ JournalError::TooLarge { .. }) => Err(error), // nothing was written
            Err(error) => {
                let full = matches!(error, JournalError::Storage(StorageError::Full { .. }));
                let clean = self.give_up();
                // A full disk wrote nothing that was promised: with the rest cut off, the next batch may try a new file.
                self.poisoned = !(full && clean);
                Err(error)
            }
        }
    }

    fn write(&mut self, events: &[Event]) -> Result<(), JournalError> {
        let open = match &mut self.file {
            Some(open) => open,
            none => none.insert(Open::create(&*self.storage, self.next_seq)?),
        };
        self.buffer.clear();
        let mut offset = open.file.size();
        let mut seq = self.next_seq;
        let mut payload = Payload::new();
        for event in events {
            if payload.add(event) {
                continue;
            }
            let events = std::mem::replace(&mut payload, Payload::new());
            seal(&mut self.buffer, open, &mut offset, &mut seq, &events)?;
            payload.add(event);
        }
        seal(&mut self.buffer, open, &mut offset, &mut seq, &payload)?;
        open.file.append(&self.buffer)?;
        open.file.sync()?;
        open.synced = open.file.size();
        Ok(())
    }

    fn roll_if_full(&mut self) {
        if self.file.as_ref().is_some_and(|open| open.synced >= FILE_BYTES_MAX) {
            self.file = None;
        }
    }

    /// Begins a new file with the next event, so that the present one can be archived.
    pub fn roll(&mut self) {
        self.file = None;
    }

    /// After a failure: leaves the file and cuts what was never acknowledged. Whether that worked; if not, the bytes
    /// stay and may be replayed as events nobody was promised.
    fn give_up(&mut self) -> bool {
        let Some(open) = self.file.take() else { return true };
        self.storage.truncate(&log_path(open.first_seq), open.synced).is_ok()
    }

    /// Whether a failure closed the writer.
    pub fn is_poisoned(&self) -> bool {
        self.poisoned
    }

    /// Tries to go on after a failure, in a new file: for when the operator has made room.
    pub fn recover(&mut self) {
        self.poisoned = false;
    }
}

fn seal(
    buffer: &mut Vec<u8>,
    open: &Open,
    offset: &mut u64,
    seq: &mut u64,
    payload: &Payload,
) -> Result<(), JournalError> {
    if payload.bytes.len() > 2 * RECORD_BYTES_MAX {
        return Err(JournalError::TooLarge { bytes: payload.bytes.len(), max: RECORD_BYTES_MAX });
    }
    let before = buffer.len();
    record::encode(buffer, open.first_seq, *offset, *seq, payload);
    *offset += (buffer.len() - before) as u64;
    *seq += u64::from(payload.events);
    Ok(())
}

impl Open {
    /// A new file, its header written and durable before it is used.
    fn create(storage: &dyn Storage, first_seq: u64) -> Result<Open, JournalError> {
        let mut file = storage.create(&log_path(first_seq))?;
        if let Err(error) = file.append(&record::file_header(first_seq)).and_then(|()| file.sync()) {
            // Best effort: an empty file is removed at the next start too.
            let _ = storage.remove(&log_path(first_seq));
            return Err(error.into());
        }
        let synced = file.size();
        Ok(Open { file, first_seq, synced })
    }
}
