//! Which segments count, which of their rows are superseded, and how far into the journal all that reaches: one
//! transaction at a time.
//!
//! **Invariant.** Every event below [`Progress::reach`] is in the rows of a segment or in the live sessions of the same
//! commit. Recovery is one sentence: read the manifest, replay the journal from there.

mod memory;
mod sqlite;
#[cfg(test)]
mod tests;

pub use memory::MemoryManifest;
pub use sqlite::SqliteManifest;

use crate::block::Extent;
use crate::event::Text;
use crate::segment::Filter;
use thiserror::Error;

/// What can go wrong with the manifest. Nothing of a failed commit is kept.
#[derive(Debug, Error)]
pub enum ManifestError {
    /// The database said no.
    #[error("cannot {doing} the manifest")]
    Database {
        /// What was attempted.
        doing: &'static str,
        /// Its word.
        #[source]
        source: rusqlite::Error,
    },
    /// A later version of the program made the tables.
    #[error("the manifest is of version {found}, this program knows {known}: use a newer program")]
    Newer {
        /// In the file.
        found: i64,
        /// Known here.
        known: i64,
    },
    /// The simulated machine has stopped.
    #[error("cannot commit the manifest: the machine has stopped")]
    Stopped,
}

/// One segment, as the manifest knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SegmentMeta {
    /// Its number; [`crate::segment::path`] is its file.
    pub id: u64,
    /// Bytes of the file.
    pub bytes: u64,
    /// What its rows span.
    pub extent: Extent,
    /// What each of its row groups spans.
    pub groups: Vec<Extent>,
    /// Checksums of the file.
    pub checksums: Vec<u32>,
    /// Which sessions it may hold.
    pub filter: Filter,
    /// Distinct values of its `suspect` column.
    pub suspects: Vec<Text>,
    /// Rows that a later version has replaced, ascending.
    pub superseded: Vec<u32>,
}

/// How far the store has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The first event that is not yet accounted for.
    pub reach: u64,
    /// The live sessions, as the fold encodes them; empty at the very beginning.
    pub live: Vec<u8>,
    /// The latest instant folded on the live stream, ms since 1970.
    pub as_of_ms: i64,
}

/// Everything the manifest knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ManifestState {
    /// The segments that count, by id.
    pub segments: Vec<SegmentMeta>,
    /// How far they reach.
    pub progress: Progress,
}

/// What one commit changes.
#[derive(Clone, Debug, Default)]
pub struct ManifestChange {
    /// New segments; their files are durable.
    pub add: Vec<SegmentMeta>,
    /// Segments that no longer count.
    pub remove: Vec<u64>,
    /// All superseded rows of segments that stay, by id.
    pub superseded: Vec<(u64, Vec<u32>)>,
    /// How far the store has come, if it moved.
    pub progress: Option<Progress>,
}

/// The one thing that moves.
pub trait Manifest: Send {
    /// What was last committed.
    ///
    /// # Errors
    /// When it cannot be read.
    fn load(&self) -> Result<ManifestState, ManifestError>;
    /// Changes it: wholly and durably, or not at all.
    ///
    /// # Errors
    /// When it cannot be written; it is then as it was.
    fn commit(&mut self, change: ManifestChange) -> Result<(), ManifestError>;
}
