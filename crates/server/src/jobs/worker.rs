//! The thread that makes the files, one after another.

use super::ledger::Ended;
use super::{Current, Inner, Job, JobSpec, JobsError, Progress, State, WorkError};
use crate::error::chain;
use crate::{pool, writer};
use engine::storage::{AppendFile, Storage, StorageError};
use std::io::{Error, ErrorKind, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often what has expired is removed.
const SWEEP_EVERY: Duration = Duration::from_secs(60);
/// Written at once: the disk's free space is asked for each time.
const BUFFER_BYTES: usize = 256 << 10;

/// The thread; it ends by [`Worker::stop`], or when this and the last [`super::Jobs`] are gone.
pub struct Worker {
    inner: Arc<Inner>,
    bell: SyncSender<()>,
    thread: JoinHandle<()>,
}

impl Worker {
    pub(super) fn start(inner: Arc<Inner>, bell: SyncSender<()>, rung: Receiver<()>) -> std::io::Result<Worker> {
        let own = inner.clone();
        let thread = writer::spawn("exports", move || run(&own, &rung))?;
        Ok(Worker { inner, bell, thread })
    }

    /// Ends it: a running job stops at its next row and waits for the next start. Blocks.
    pub fn stop(self) {
        self.inner.stopping.store(true, Relaxed);
        if let Some(current) = self.inner.current().as_ref() {
            current.progress.stop();
        }
        let _ = self.bell.try_send(());
        // A panic never gets here: it has ended the process.
        let _ = self.thread.join();
    }
}

fn run(inner: &Inner, rung: &Receiver<()>) {
    pool::yield_to_others();
    loop {
        if let Err(error) = work_off(inner) {
            tracing::error!(cause = chain(&error), "exports cannot go on; it will be tried again");
        }
        if inner.stopping.load(Relaxed) || rung.recv_timeout(SWEEP_EVERY) == Err(RecvTimeoutError::Disconnected) {
            return;
        }
    }
}

/// Removes what has expired and makes what is waiting.
fn work_off(inner: &Inner) -> Result<(), JobsError> {
    // Left so when the end of a job could not be written down.
    inner.requeue()?;
    inner.sweep((inner.parts.clock)())?;
    while !inner.stopping.load(Relaxed) {
        let Some(job) = inner.parts.ledger.begin((inner.parts.clock)())? else { break };
        let result = one(inner, &job);
        inner.current().take();
        result?;
        inner.sweep((inner.parts.clock)())?;
    }
    Ok(())
}

/// Makes one file and writes down how it went.
fn one(inner: &Inner, job: &Job) -> Result<(), JobsError> {
    let parts = &inner.parts;
    let (storage, floor) = (parts.storage.clone(), parts.floor_bytes);
    let room = move || storage.free().is_ok_and(|free| free >= floor);
    let progress = Arc::new(Progress::new(Box::new(room)));
    *inner.current() = Some(Current { id: job.id.clone(), progress: progress.clone() });
    // Whoever cancelled it, or stopped the server, before this line did not find it there.
    if !parts.ledger.is_running(&job.id)? {
        return Ok(());
    }
    if inner.stopping.load(Relaxed) {
        progress.stop();
    }
    let path = job.path();
    let part = format!("{path}.part");
    let made = match catch_unwind(AssertUnwindSafe(|| make(inner, job, &progress, &part))) {
        Ok(made) => made,
        Err(panic) => Err(WorkError::failed(words(panic.as_ref()))),
    };
    let now_ms = (parts.clock)();
    let ended = |state: State, error| Ended {
        state,
        error,
        rows: progress.rows.load(Relaxed),
        rows_total: progress.total(),
        bytes: progress.bytes.load(Relaxed),
        finished_ms: now_ms,
        expires_ms: now_ms + parts.keep_ms,
    };
    match made {
        Ok(()) => {
            if !parts.ledger.end(&job.id, &ended(State::Done, None))? {
                parts.storage.remove(&path)?;
            }
        }
        Err(WorkError::Stopped) => {
            parts.storage.remove(&part)?;
            // Does nothing to a job that was cancelled.
            parts.ledger.put_back(&job.id)?;
        }
        Err(error) => {
            tracing::warn!(export.id = job.id, cause = chain(&error), "an export failed");
            parts.storage.remove(&part)?;
            parts.ledger.end(&job.id, &ended(State::Failed, Some(error.sentence())))?;
        }
    }
    Ok(())
}

/// Writes the file, makes it durable and gives it its name.
fn make(inner: &Inner, job: &Job, progress: &Progress, part: &str) -> Result<(), WorkError> {
    let parts = &inner.parts;
    let mut asked: JobSpec = job.asked.clone();
    asked.options.scratch.clone_from(&parts.scratch);
    let mut out = Out::create(parts.storage.as_ref(), part, progress)?;
    let worked = parts.work.run(&asked, progress, &mut out).and_then(|()| Ok(out.flush()?));
    // What ended it says more than what the work made of it.
    if progress.is_stopped() {
        return Err(WorkError::Stopped);
    }
    if let Some(failure) = out.failure.take() {
        return Err(failure.into());
    }
    worked?;
    out.file.sync()?;
    drop(out);
    parts.storage.rename(part, &job.path())?;
    Ok(())
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
    format!("a panic: {}", text.unwrap_or_default())
}

/// The file, with a buffer before it. Refuses to go on once the job is not wanted.
struct Out<'a> {
    file: Box<dyn AppendFile>,
    buffer: Vec<u8>,
    progress: &'a Progress,
    /// The first failure.
    failure: Option<StorageError>,
}

impl Out<'_> {
    fn create<'a>(storage: &dyn Storage, path: &str, progress: &'a Progress) -> Result<Out<'a>, StorageError> {
        // From an attempt whose end could not be written down.
        storage.remove(path)?;
        let file = storage.create(path)?;
        Ok(Out { file, buffer: Vec::with_capacity(BUFFER_BYTES), progress, failure: None })
    }
}

impl Write for Out<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let taken = bytes.len().min(BUFFER_BYTES - self.buffer.len());
        self.buffer.extend_from_slice(&bytes[..taken]);
        if self.buffer.len() == BUFFER_BYTES {
            self.flush()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        if self.progress.is_stopped() {
            return Err(Error::other(WorkError::Stopped));
        }
        if self.failure.is_some() {
            return Err(Error::other("the file has failed before"));
        }
        if self.buffer.is_empty() {
            return Ok(());
        }
        match self.file.append(&self.buffer) {
            Ok(()) => {
                self.progress.bytes.fetch_add(self.buffer.len() as u64, Relaxed);
                self.buffer.clear();
                Ok(())
            }
            Err(failure) => {
                let full = matches!(failure, StorageError::Full { .. });
                let kind = if full { ErrorKind::StorageFull } else { ErrorKind::Other };
                let error = Error::new(kind, failure.to_string());
                self.failure = Some(failure);
                Err(error)
            }
        }
    }
}
