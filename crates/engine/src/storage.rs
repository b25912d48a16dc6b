//! The engine's door to files. `storage/files.rs` is the real folder, `storage/held.rs` the same for who
//! only looks; `storage/memory.rs` is its twin that can tear, forget and fail, for simulation. Paths are relative, with `/`.

pub mod files;
pub mod held;
pub mod memory;

use thiserror::Error;

/// What went wrong with a file.
#[derive(Debug, Error)]
pub enum StorageError {
    /// The file or folder is not there.
    #[error("{path} does not exist")]
    Missing {
        /// Which.
        path: String,
    },
    /// The disk is full (or the configured floor of free space is reached).
    #[error("no space left to {doing} {path}")]
    Full {
        /// What was attempted.
        doing: &'static str,
        /// On what.
        path: String,
    },
    /// Anything else.
    #[error("cannot {doing} {path}")]
    Io {
        /// What was attempted.
        doing: &'static str,
        /// On what.
        path: String,
        /// The system's word.
        source: std::io::Error,
    },
}

/// A file open for appending.
pub trait AppendFile: Send {
    /// Appends bytes; they may be lost until [`AppendFile::sync`] returns.
    fn append(&mut self, bytes: &[u8]) -> Result<(), StorageError>;
    /// Makes all appended bytes durable. A failed sync is final: never retry it, open a new file.
    fn sync(&mut self) -> Result<(), StorageError>;
    /// Bytes in the file.
    fn size(&self) -> u64;
}

/// A folder of files.
pub trait Storage: Send + Sync {
    /// Creates a new file (an error if it exists) and makes its name durable.
    fn create(&self, path: &str) -> Result<Box<dyn AppendFile>, StorageError>;
    /// The whole file.
    fn read(&self, path: &str) -> Result<Vec<u8>, StorageError>;
    /// `size` bytes from `offset`, fewer at the end of the file.
    fn read_at(&self, path: &str, offset: u64, size: usize) -> Result<Vec<u8>, StorageError>;
    /// Bytes in a file.
    fn size(&self, path: &str) -> Result<u64, StorageError>;
    /// Names (not paths) of the files in a folder, ascending; empty if the folder does not exist.
    fn list(&self, folder: &str) -> Result<Vec<String>, StorageError>;
    /// Removes a file, durably. Missing is fine.
    fn remove(&self, path: &str) -> Result<(), StorageError>;
    /// Renames a file over another, durably.
    fn rename(&self, from: &str, to: &str) -> Result<(), StorageError>;
    /// Cuts a file to a size, durably.
    fn truncate(&self, path: &str, size: u64) -> Result<(), StorageError>;
    /// Free bytes on the disk.
    fn free(&self) -> Result<u64, StorageError>;
}
