//! The work of a job: whoever knows how to make a file, how far they are, and why they fail.

use super::JobSpec;
use crate::sheet::SheetError;
use engine::storage::StorageError;
use std::io::{ErrorKind, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use thiserror::Error;

/// Rows between two looks at the disk's free space.
pub(super) const LOOK_ROWS: u64 = 8_192;

/// What is wrong with a spec.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{field}: {problem}")]
pub struct Refusal {
    /// The field at fault, as its sender named it: `spec.kind`.
    pub field: String,
    /// What would be right: a sentence.
    pub problem: String,
}

/// Who knows how to make what is asked for.
pub trait Work: Send + Sync {
    /// Whether it can be done; asked before a job is taken.
    ///
    /// # Errors
    /// The field at fault.
    fn check(&self, asked: &JobSpec) -> Result<(), Refusal>;

    /// Makes the file. Tells `progress` of every row and ends when that says so.
    ///
    /// # Errors
    /// The job fails, or stops.
    fn run(&self, asked: &JobSpec, progress: &Progress, out: &mut (dyn Write + Send)) -> Result<(), WorkError>;
}

/// Why a job has no file.
#[derive(Debug, Error)]
pub enum WorkError {
    /// It was cancelled, or the server stops.
    #[error("the export was stopped")]
    Stopped,
    /// There is no room for it.
    #[error("the disk is full")]
    Full,
    /// It cannot be made; the sentence is for its owner.
    #[error("{0}")]
    Refused(String),
    /// A fault of ours: logged, not told.
    #[error("the export failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl WorkError {
    /// A fault of ours.
    pub fn failed(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> WorkError {
        WorkError::Failed(cause.into())
    }

    /// What its owner reads.
    pub(super) fn sentence(&self) -> &str {
        match self {
            WorkError::Stopped => "The export was stopped.",
            WorkError::Full => "There is no room on the server's disk for this export.",
            WorkError::Refused(sentence) => sentence,
            WorkError::Failed(_) => "The export failed by a fault of the server; its log says why.",
        }
    }
}

impl From<std::io::Error> for WorkError {
    fn from(error: std::io::Error) -> WorkError {
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => WorkError::Full,
            _ => WorkError::failed(error),
        }
    }
}

impl From<SheetError> for WorkError {
    fn from(error: SheetError) -> WorkError {
        match error {
            SheetError::Write(error) => error.into(),
            other => WorkError::failed(other),
        }
    }
}

impl From<StorageError> for WorkError {
    fn from(error: StorageError) -> WorkError {
        match error {
            StorageError::Full { .. } => WorkError::Full,
            other => WorkError::failed(other),
        }
    }
}

/// How far a running job is, and whether it is still wanted.
pub struct Progress {
    pub(super) rows: AtomicU64,
    /// `u64::MAX`: not known.
    total: AtomicU64,
    pub(super) bytes: AtomicU64,
    stopped: Arc<AtomicBool>,
    /// Whether the disk has room for what is not written through us: XLSX keeps its rows in a file of its own.
    room: Box<dyn Fn() -> bool + Send + Sync>,
}

impl Default for Progress {
    /// On a disk that has room.
    fn default() -> Progress {
        Progress::new(Box::new(|| true))
    }
}

impl Progress {
    pub(super) fn new(room: Box<dyn Fn() -> bool + Send + Sync>) -> Progress {
        Progress {
            rows: AtomicU64::new(0),
            total: AtomicU64::new(u64::MAX),
            bytes: AtomicU64::new(0),
            stopped: Arc::default(),
            room,
        }
    }

    /// So many rows there will be.
    pub fn expect(&self, rows: u64) {
        self.total.store(rows, Relaxed);
    }

    /// So many more rows were written.
    ///
    /// # Errors
    /// When the job is to end here.
    pub fn advance(&self, rows: u64) -> Result<(), WorkError> {
        let before = self.rows.fetch_add(rows, Relaxed);
        if self.stopped.load(Relaxed) {
            return Err(WorkError::Stopped);
        }
        let time_to_look = before / LOOK_ROWS != (before + rows) / LOOK_ROWS;
        if time_to_look && !(self.room)() { Err(WorkError::Full) } else { Ok(()) }
    }

    /// Raised when the job is to end; for work that looks at it while no rows come.
    pub fn stopped(&self) -> Arc<AtomicBool> {
        self.stopped.clone()
    }

    /// Whether the job is to end.
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Relaxed)
    }

    pub(super) fn stop(&self) {
        self.stopped.store(true, Relaxed);
    }

    pub(super) fn total(&self) -> Option<u64> {
        Some(self.total.load(Relaxed)).filter(|total| *total != u64::MAX)
    }
}
