//! The journal: every event, durable before it is acknowledged, in the order in which it was understood.
//!
//! Folder `journal/`: `<first seq>.log` files are appended to, one after the other; once all their events are in
//! segments they become `<first seq>.arc`, compressed in blocks with an index from session to block, so that one closed
//! session can be read back when an event of it comes late. `damaged/` keeps what was cut from torn tails.
//!
//! An event's **seq** is its number since the journal began. Seqs ascend and are never used twice; numbers may be
//! skipped (a batch whose sync failed). Recovery (rulings 9, 10): a damaged middle is skipped and reported by byte range; a tail
//! is cut only if no valid record follows, and the cut bytes are kept aside.
//!
//! `docs/formats.md` has every byte.

pub mod archive;
pub mod check;
pub mod history;
mod reader;
mod record;
pub(crate) mod rekey;
#[cfg(test)]
mod tests;
mod writer;

use archive::Footer;
pub use history::Shelf;
pub use reader::replay;
pub use writer::{Writer, open};

use crate::storage::StorageError;
use thiserror::Error;

/// The journal's folder.
pub const FOLDER: &str = "journal";

/// A file grows to about this size before the next one begins. 64 MiB hold some 250,000 events: a file is read in well
/// under a second, and archived while the next one fills.
pub const FILE_BYTES_MAX: u64 = 64 << 20;

/// What can go wrong with the journal.
#[derive(Debug, Error)]
pub enum JournalError {
    /// The file system said no.
    #[error("journal: {0}")]
    Storage(#[from] StorageError),
    /// A sync failed earlier: nothing can be promised until the journal is opened anew.
    #[error("the journal is closed after a failed write; open it again")]
    Poisoned,
    /// An event cannot be encoded within the record limit.
    #[error("event of {bytes} bytes does not fit a journal record of {max}")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// An archive's bytes are not what they should be.
    #[error("{path} is damaged at byte {offset}: {what}")]
    Damaged {
        /// File.
        path: String,
        /// Byte offset.
        offset: u64,
        /// What was expected there.
        what: &'static str,
    },
}

/// Bytes that are not what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// File.
    pub path: String,
    /// First bad byte.
    pub from: u64,
    /// First byte after.
    pub to: u64,
    /// What was done: skipped, or cut and kept aside as this file.
    pub kept_as: Option<String>,
}

/// What opening found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenReport {
    /// Damage, by byte range.
    pub damage: Vec<Damage>,
    /// The next event's seq.
    pub next_seq: u64,
}

fn log_path(first_seq: u64) -> String {
    format!("{FOLDER}/{first_seq:020}.log")
}

fn archive_path(first_seq: u64) -> String {
    format!("{FOLDER}/{first_seq:020}.arc")
}

/// First seqs of the files with an ending, ascending.
fn files(storage: &dyn crate::storage::Storage, ending: &str) -> Result<Vec<u64>, StorageError> {
    let names = storage.list(FOLDER)?;
    Ok(names.iter().filter_map(|name| name.strip_suffix(ending)?.parse().ok()).collect())
}

/// First seqs of the logs that are not archived yet. A crash between an archive's rename and its log's removal leaves
/// both; the archive counts.
fn live_logs(storage: &dyn crate::storage::Storage) -> Result<Vec<u64>, StorageError> {
    let archives = files(storage, ".arc")?;
    Ok(files(storage, ".log")?.into_iter().filter(|seq| archives.binary_search(seq).is_err()).collect())
}
