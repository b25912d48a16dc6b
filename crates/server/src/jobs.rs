//! Long exports as jobs: asked for now, made one after another, fetched later. A job survives a restart, says how far it
//! is, can be cancelled, and goes away with its file after a while.
//!
//! [`Jobs`] is what handlers talk to; one thread ([`Worker`]) makes the files. What is asked for is opaque here: a
//! [`Work`] says whether a [`JobSpec`] can be done, and does it. Nobody but its owner sees a job.
//!
//! A file is written as `exports/ID.EXT.part`, synced, renamed, and only then is its job *done*. So after a crash
//! whatever is not the file of a done job is a leftover and removed, and what was running waits again. A job that has
//! been begun [`ATTEMPTS_MAX`] times without an end has failed: it may be what the server dies of.

mod ledger;
mod work;
mod worker;

pub use ledger::{Ledger, LedgerError};
pub use work::{Progress, Refusal, Work, WorkError};
pub use worker::Worker;

use crate::collect::Clock;
use crate::sheet::{Form, Options};
use engine::event::AccountId;
use engine::storage::{Storage, StorageError};
use rand::TryRng;
use serde_json::Value;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use thiserror::Error;

/// Jobs of one owner that may wait. One thread makes them all: with five, nobody holds it for an afternoon.
pub const WAITING_PER_OWNER_MAX: u32 = 5;
/// Jobs that may wait in all. At some minutes each the last of them is ready the same day.
pub const WAITING_MAX: u32 = 50;
/// Jobs of one owner in any state, files among them: their list is one answer, and a disk is not an archive.
pub const KEPT_PER_OWNER_MAX: u32 = 50;
/// Largest spec, bytes: a question with a thousand filter values has some 30 KiB.
pub const SPEC_BYTES_MAX: usize = 64 << 10;
/// Longest title, characters.
pub const TITLE_CHARS_MAX: usize = 200;
/// Times a job is begun before it counts as failed.
pub const ATTEMPTS_MAX: u32 = 3;
/// Between two looks at whether a job has stopped: it does at its next row.
const STOP_WAIT: std::time::Duration = std::time::Duration::from_millis(5);
/// The folder of the files.
const FOLDER: &str = "exports";

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It waits for its turn.
    Queued,
    /// It is being made.
    Running,
    /// Its file can be fetched.
    Done,
    /// It could not be made; its error says why.
    Failed,
    /// Its owner did not want it any more.
    Cancelled,
}

impl State {
    /// All of them.
    pub const ALL: [State; 5] = [State::Queued, State::Running, State::Done, State::Failed, State::Cancelled];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            State::Queued => "queued",
            State::Running => "running",
            State::Done => "done",
            State::Failed => "failed",
            State::Cancelled => "cancelled",
        }
    }
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct JobSpec {
    /// Whose it is.
    pub owner: String,
    /// The account it is about.
    pub account: AccountId,
    /// What its owner calls it.
    pub title: String,
    /// Form of the file.
    pub form: Form,
    /// How the file is to be.
    pub options: Options,
    /// What is in it: for [`Work`].
    pub spec: Value,
}

/// A job.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// Id: 128 random bits, so that it cannot be guessed.
    pub id: String,
    /// What was asked for.
    pub asked: JobSpec,
    /// How far it is.
    pub state: State,
    /// Rows so far.
    pub rows: u64,
    /// Rows there will be, where that is known.
    pub rows_total: Option<u64>,
    /// Bytes so far.
    pub bytes: u64,
    /// Why it failed, for people.
    pub error: Option<String>,
    /// Asked for at, ms since 1970.
    pub created_ms: i64,
    /// Begun at.
    pub started_ms: Option<i64>,
    /// Ended at, well or not.
    pub finished_ms: Option<i64>,
    /// Forgotten at, with its file.
    pub expires_ms: Option<i64>,
}

impl Job {
    fn path(&self) -> String {
        format!("{FOLDER}/{}.{}", self.id, self.asked.form.extension())
    }
}

/// What can go wrong with jobs.
#[derive(Debug, Error)]
pub enum JobsError {
    /// The table of jobs.
    #[error("the table of exports cannot be read or written")]
    Ledger(#[from] LedgerError),
    /// Their files.
    #[error("the files of exports cannot be read or written")]
    Storage(#[from] StorageError),
    /// No thread, no folder, no randomness.
    #[error("the system refuses what exports need")]
    System(#[source] std::io::Error),
    /// What is asked for cannot be done.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A limit.
    #[error("{limit}")]
    TooMany {
        /// Which, and what to do: a sentence.
        limit: String,
    },
    /// The job has no file: it is not done.
    #[error("the export is {}", .0.word())]
    NoFile(State),
}

/// What jobs are made of.
pub struct Parts {
    /// The table.
    pub ledger: Ledger,
    /// The files.
    pub storage: Arc<dyn Storage>,
    /// Who makes them.
    pub work: Arc<dyn Work>,
    /// The clock.
    pub clock: Clock,
    /// How long an ended job is kept, ms.
    pub keep_ms: i64,
    /// Free bytes below which jobs fail.
    pub floor_bytes: u64,
    /// Where XLSX keeps its rows while it is made; a folder on the same disk.
    pub scratch: PathBuf,
}

struct Inner {
    parts: Parts,
    /// The running job.
    current: Mutex<Option<Current>>,
    stopping: AtomicBool,
}

struct Current {
    id: String,
    progress: Arc<Progress>,
}

/// The jobs; clones are the same.
#[derive(Clone)]
pub struct Jobs {
    inner: Arc<Inner>,
    /// Wakes the worker. It ends when the last of these is gone.
    bell: SyncSender<()>,
}

/// A file that is ready.
pub struct ExportFile {
    /// What its owner calls it.
    pub title: String,
    /// Its form.
    pub form: Form,
    /// Its size.
    pub bytes: u64,
    path: String,
    storage: Arc<dyn Storage>,
}

impl ExportFile {
    /// `size` bytes from `offset`, fewer at the end.
    ///
    /// # Errors
    /// When the file cannot be read, or has expired meanwhile.
    pub fn read_at(&self, offset: u64, size: usize) -> Result<Vec<u8>, StorageError> {
        self.storage.read_at(&self.path, offset, size)
    }
}

impl Jobs {
    /// Puts jobs in operation: tidies up after the last time and goes on with what was waiting.
    ///
    /// # Errors
    /// When table or files cannot be read, or there is no thread.
    pub fn start(parts: Parts) -> Result<(Jobs, Worker), JobsError> {
        let (bell, rung) = sync_channel(1);
        let inner = Arc::new(Inner { parts, current: Mutex::new(None), stopping: AtomicBool::new(false) });
        let jobs = Jobs { inner: inner.clone(), bell: bell.clone() };
        jobs.tidy()?;
        let worker = Worker::start(inner, bell, rung).map_err(JobsError::System)?;
        Ok((jobs, worker))
    }

    /// What was running waits again; files that no done job has are removed, and done jobs without a file have failed.
    fn tidy(&self) -> Result<(), JobsError> {
        let Parts { ledger, storage, .. } = &self.inner.parts;
        self.inner.requeue()?;
        let mut files: Vec<String> = storage.list(FOLDER)?.iter().map(|name| format!("{FOLDER}/{name}")).collect();
        for job in ledger.done()? {
            let path = job.path();
            match files.iter().position(|file| *file == path) {
                Some(at) => drop(files.swap_remove(at)),
                None => ledger.lose(&job.id, "The file of this export is gone.")?,
            }
        }
        for leftover in files {
            storage.remove(&leftover)?;
        }
        Ok(())
    }

    fn now_ms(&self) -> i64 {
        (self.inner.parts.clock)()
    }

    /// Takes a job. It waits for its turn.
    ///
    /// # Errors
    /// When it cannot be done, or too many wait or are kept.
    pub fn submit(&self, asked: JobSpec) -> Result<Job, JobsError> {
        let refused = |field: &str, problem: String| JobsError::Refused(Refusal { field: field.to_owned(), problem });
        let title = asked.title.trim();
        if title.is_empty() || title.chars().count() > TITLE_CHARS_MAX || title.chars().any(char::is_control) {
            return Err(refused("title", format!("It has 1 to {TITLE_CHARS_MAX} characters, on one line.")));
        }
        if asked.spec.to_string().len() > SPEC_BYTES_MAX {
            return Err(refused("spec", format!("It has at most {SPEC_BYTES_MAX} bytes.")));
        }
        self.inner.parts.work.check(&asked)?;
        let now_ms = self.now_ms();
        let job = Job {
            id: fresh_id()?,
            asked: JobSpec { title: title.to_owned(), ..asked },
            state: State::Queued,
            rows: 0,
            rows_total: None,
            bytes: 0,
            error: None,
            created_ms: now_ms,
            started_ms: None,
            finished_ms: None,
            expires_ms: None,
        };
        self.inner.parts.ledger.add(&job, now_ms)?.map_err(|limit| JobsError::TooMany { limit })?;
        self.ring();
        Ok(job)
    }

    /// The jobs of an owner, newest first.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn list(&self, owner: &str) -> Result<Vec<Job>, JobsError> {
        let jobs = self.inner.parts.ledger.list(owner, self.now_ms())?;
        Ok(jobs.into_iter().map(|job| self.live(job)).collect())
    }

    /// A job, if it is this owner's.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn get(&self, owner: &str, id: &str) -> Result<Option<Job>, JobsError> {
        let job = self.inner.parts.ledger.get(id, self.now_ms())?;
        Ok(job.filter(|job| job.asked.owner == owner).map(|job| self.live(job)))
    }

    /// With how far it is now.
    fn live(&self, mut job: Job) -> Job {
        if job.state == State::Running
            && let Some(current) = self.inner.current().as_ref().filter(|current| current.id == job.id)
        {
            job.rows = current.progress.rows.load(Relaxed);
            job.rows_total = current.progress.total();
            job.bytes = current.progress.bytes.load(Relaxed);
        }
        job
    }

    /// Cancels a job that waits or runs; it stays listed until it expires. Takes one that has ended away, with its
    /// file. `false` when this owner has no such job.
    ///
    /// # Errors
    /// When table or file cannot be written.
    pub fn cancel(&self, owner: &str, id: &str) -> Result<bool, JobsError> {
        let now_ms = self.now_ms();
        let Some(job) = self.get(owner, id)? else { return Ok(false) };
        if self.inner.parts.ledger.cancel(id, now_ms, now_ms + self.inner.parts.keep_ms)? {
            if let Some(current) = self.inner.current().as_ref().filter(|current| current.id == id) {
                current.progress.stop();
            }
        } else {
            // First the file: should we die in between, the next start finds a done job without one.
            self.inner.parts.storage.remove(&job.path())?;
            self.inner.parts.ledger.remove(id)?;
        }
        Ok(true)
    }

    /// Takes all jobs about an account away, whoever's they are, with their files: what they hold may name somebody who is
    /// not to be named any more. Running ones are stopped. How many.
    ///
    /// # Errors
    /// When table or files cannot be written; what is left goes the next time.
    pub fn forget(&self, account: AccountId) -> Result<u64, JobsError> {
        let (parts, now_ms) = (&self.inner.parts, self.now_ms());
        let jobs = parts.ledger.of_account(account)?;
        for job in &jobs {
            if parts.ledger.cancel(&job.id, now_ms, now_ms + parts.keep_ms)? {
                let running = |inner: &Inner| inner.current().as_ref().is_some_and(|current| current.id == job.id);
                while running(&self.inner) {
                    if let Some(current) = self.inner.current().as_ref().filter(|current| current.id == job.id) {
                        current.progress.stop();
                    }
                    std::thread::sleep(STOP_WAIT);
                }
            }
            parts.storage.remove(&job.path())?;
            parts.ledger.remove(&job.id)?;
        }
        Ok(jobs.len() as u64)
    }

    /// The file of a job that is done; `None` when this owner has no such job.
    ///
    /// # Errors
    /// [`JobsError::NoFile`] when it is not done.
    pub fn open_file(&self, owner: &str, id: &str) -> Result<Option<ExportFile>, JobsError> {
        let Some(job) = self.get(owner, id)? else { return Ok(None) };
        if job.state != State::Done {
            return Err(JobsError::NoFile(job.state));
        }
        let storage = self.inner.parts.storage.clone();
        let path = job.path();
        let bytes = storage.size(&path)?;
        Ok(Some(ExportFile { title: job.asked.title, form: job.asked.form, bytes, path, storage }))
    }

    /// Removes what has expired, files and jobs. The worker does so every minute.
    ///
    /// # Errors
    /// When table or files cannot be written; what is left is removed the next time.
    pub fn sweep(&self, now_ms: i64) -> Result<(), JobsError> {
        self.inner.sweep(now_ms)
    }

    /// Where XLSX may keep its rows while it is made.
    pub fn scratch(&self) -> &std::path::Path {
        &self.inner.parts.scratch
    }

    fn ring(&self) {
        // Full: it has been rung already.
        let _ = self.bell.try_send(());
    }
}

impl Inner {
    fn current(&self) -> MutexGuard<'_, Option<Current>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is called running, and nobody runs, waits again.
    fn requeue(&self) -> Result<(), JobsError> {
        let Parts { ledger, clock, keep_ms, .. } = &self.parts;
        let now_ms = clock();
        let error = "The server ended several times while it made this export.";
        Ok(ledger.requeue_interrupted(ATTEMPTS_MAX, now_ms, now_ms + keep_ms, error)?)
    }

    fn sweep(&self, now_ms: i64) -> Result<(), JobsError> {
        for job in self.parts.ledger.expired(now_ms)? {
            self.parts.storage.remove(&job.path())?;
            self.parts.ledger.remove(&job.id)?;
        }
        Ok(())
    }
}

/// 128 random bits.
fn fresh_id() -> Result<String, JobsError> {
    let mut bytes = [0_u8; 16];
    let filled = rand::rngs::SysRng.try_fill_bytes(&mut bytes);
    filled.map_err(|error| JobsError::System(std::io::Error::other(error.to_string())))?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

#[cfg(test)]
mod tests;
