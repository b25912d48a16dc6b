//! Segments: sealed view rows as Parquet files, written once and never changed.
//!
//! Plain Parquet (zstd, strings in dictionaries) with the columns of [`crate::row`] under their own names, so any tool
//! reads them; [`describe`] lists them. `docs/formats.md` is that list with the rest of the format.
//!
//! A file's checksums (CRC32C of every [`CHUNK_BYTES`]) stand in the manifest, not in the file: damage is found before a
//! decoder sees it, and named by byte range.

mod filter;
mod merge;
mod read;
mod schema;
#[cfg(test)]
mod tests;
mod write;

pub use filter::Filter;
pub use merge::{Cursor, Pick, order};
pub use read::{Footer, SegmentFile, verify};
pub use schema::describe;
pub use write::{SegmentWriter, Written, write};

use crate::storage::StorageError;
use thiserror::Error;

/// The segments' folder.
pub const FOLDER: &str = "segments";
/// Version of the format, in the footer under [`FORMAT_KEY`].
pub const FORMAT: u32 = 1;
/// Footer key of the format's version.
pub const FORMAT_KEY: &str = "playhead.format";
/// Footer key of the rows' range, as JSON.
pub const EXTENT_KEY: &str = "playhead.extent";
/// Bytes under one checksum. Small enough to say where the damage is, large enough that a segment of 10 MB has 160.
pub const CHUNK_BYTES: usize = 64 << 10;
/// Rows in a row group. Each costs some 15 kB of footer and dictionaries, half a byte per row at this size; encoding
/// one is the unit of work while merging.
pub const GROUP_ROWS: usize = 32 << 10;

/// What can go wrong with a segment.
#[derive(Debug, Error)]
pub enum SegmentError {
    /// The file system said no.
    #[error("segment: {0}")]
    Storage(#[from] StorageError),
    /// The bytes are not what was written.
    #[error("{path} is damaged at bytes {from}..{to}: {what}")]
    Damaged {
        /// File.
        path: String,
        /// First bad byte.
        from: u64,
        /// First byte after.
        to: u64,
        /// What was found.
        what: String,
    },
    /// The rows could not be encoded; a bug or no memory.
    #[error("encode a segment")]
    Encode {
        /// Why.
        #[source]
        source: parquet::errors::ParquetError,
    },
}

/// A segment's path.
pub fn path(id: u64) -> String {
    format!("{FOLDER}/{id:012}.parquet")
}

/// The checksums of a file: CRC32C of every [`CHUNK_BYTES`].
pub fn checksums(bytes: &[u8]) -> Vec<u32> {
    bytes.chunks(CHUNK_BYTES).map(crc32c::crc32c).collect()
}
