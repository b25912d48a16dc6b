//! Reading one session back, for events that come after it was closed; and turning finished files into archives.

use super::archive::{self, Footer, INDEX_ENTRY, session_hash};
use super::{JournalError, archive_path, files, live_logs, log_path, reader, record};
use crate::event::{AccountId, Event};
use crate::storage::Storage;
use std::sync::Arc;

/// The journal's finished part.
pub struct Shelf {
    storage: Arc<dyn Storage>,
}

/// What archiving did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Archived {
    /// Files turned into archives.
    pub files: u64,
    /// Bytes before.
    pub bytes_before: u64,
    /// Bytes after.
    pub bytes_after: u64,
}

impl Shelf {
    /// The shelf of the journal in a folder.
    pub fn new(storage: Arc<dyn Storage>) -> Shelf {
        Shelf { storage }
    }

    /// The events of one session before a seq, in journal order. Sessions without an id have no history: each of their
    /// events stands alone.
    ///
    /// # Errors
    /// When the storage fails or an archive is damaged where the session is.
    pub fn events(
        &self,
        account: AccountId,
        entry: &str,
        session: &str,
        before_seq: u64,
    ) -> Result<Vec<(u64, Event)>, JournalError> {
        let is_its = |event: &Event| event.account == account && &*event.entry == entry && &*event.session == session;
        let hash = session_hash(account.0, entry, session);
        let mut events = Vec::new();
        for first_seq in files(&*self.storage, ".arc")?.into_iter().filter(|&first| first < before_seq) {
            let footer = Footer::read(&*self.storage, first_seq)?;
            for block in self.blocks(first_seq, &footer, hash)? {
                let more = archive::read_block(&*self.storage, first_seq, &footer, block)?;
                events.extend(more.into_iter().filter(|(seq, event)| *seq < before_seq && is_its(event)));
            }
        }
        for first_seq in live_logs(&*self.storage)?.into_iter().filter(|&first| first < before_seq) {
            reader::scan(&*self.storage, first_seq, &mut |found| -> Result<(), JournalError> {
                let reader::Found::Record(_, found) = found else { return Ok(()) };
                let numbered = (found.first_seq..).zip(record::events(&found).unwrap_or_default());
                events.extend(numbered.filter(|(seq, event)| *seq < before_seq && is_its(event)));
                Ok(())
            })?;
        }
        Ok(events)
    }

    /// Blocks of an archive that hold a session: a binary search in the index on disk.
    fn blocks(&self, first_seq: u64, footer: &Footer, hash: u64) -> Result<Vec<usize>, JournalError> {
        let path = archive_path(first_seq);
        let entry = |i: u32| -> Result<(u64, u32), JournalError> {
            let at = footer.index_offset + u64::from(i) * INDEX_ENTRY as u64;
            let bytes = self.storage.read_at(&path, at, INDEX_ENTRY)?;
            let damaged = || JournalError::Damaged { path: path.clone(), offset: at, what: "an index entry" };
            let hash = bytes.get(..8).and_then(|b| b.try_into().ok()).map(u64::from_le_bytes).ok_or_else(damaged)?;
            let block = bytes.get(8..).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes).ok_or_else(damaged)?;
            Ok((hash, block))
        };
        let (mut low, mut high) = (0, footer.index_entries);
        while low < high {
            let middle = low + (high - low) / 2;
            if entry(middle)?.0 < hash { low = middle + 1 } else { high = middle }
        }
        let mut blocks = Vec::new();
        while low < footer.index_entries {
            let (found, block) = entry(low)?;
            if found != hash {
                break;
            }
            blocks.push(block as usize);
            low += 1;
        }
        Ok(blocks)
    }

    /// Archives one file whose events are all below `reach`, if there is one. The file being written is never touched:
    /// it is the last, and only a file with a successor is known to be finished.
    ///
    /// # Errors
    /// When the storage fails; nothing is lost then, the log stays until its archive is durable.
    pub fn archive_one(&self, reach: u64) -> Result<Option<Archived>, JournalError> {
        let logs = live_logs(&*self.storage)?;
        let Some(first) = logs.windows(2).find(|pair| pair[1] <= reach).map(|pair| pair[0]) else {
            return Ok(None);
        };
        let (bytes_before, bytes_after) = archive::write(&*self.storage, first)?;
        Ok(Some(Archived { files: 1, bytes_before, bytes_after }))
    }

    /// Removes archives whose last event is older than an instant (ms since 1970); returns how many.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn expire(&self, before_ms: i64) -> Result<u64, JournalError> {
        let old = self.older(before_ms)?;
        for first_seq in &old {
            self.storage.remove(&archive_path(*first_seq))?;
        }
        Ok(old.len() as u64)
    }

    /// First seqs of the archives whose last event is older than an instant.
    ///
    /// # Errors
    /// As [`Shelf::expire`].
    pub fn older(&self, before_ms: i64) -> Result<Vec<u64>, JournalError> {
        let mut old = Vec::new();
        for first_seq in files(&*self.storage, ".arc")? {
            if Footer::read(&*self.storage, first_seq)?.last_at_ms < before_ms {
                old.push(first_seq);
            }
        }
        Ok(old)
    }

    /// Bytes of the journal on disk: live files, archives.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn bytes(&self) -> Result<(u64, u64), JournalError> {
        let mut sums = (0, 0);
        for first_seq in live_logs(&*self.storage)? {
            sums.0 += self.storage.size(&log_path(first_seq))?;
        }
        for first_seq in files(&*self.storage, ".arc")? {
            sums.1 += self.storage.size(&archive_path(first_seq))?;
        }
        Ok(sums)
    }
}
