//! The two threads every event passes: *journal* groups what arrives, makes it durable and acknowledges; *fold* turns
//! it into view rows and keeps the store tidy. Both are thin loops round the [`Log`] and [`Folder`] they are given.
//!
//! Rules. An event is acknowledged only after its group's sync. A failed write or sync is final: everything is refused
//! from then on ([`SinkError::Failed`]). A full disk refuses ([`SinkError::Full`]) until there is room again. Queues are
//! bounded, so a slow disk slows senders down instead of filling memory. A panic in either thread ends the process:
//! a server that only looks alive would swallow events.

use crate::collect::{EventSink, SinkError, Submitted};
use crate::metrics::Metrics;
use engine::event::Event;
use engine::journal::JournalError;
use engine::storage::StorageError;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// Submissions that may wait for the journal; further senders wait for room. 8,192 of some 500 bytes are 4 MB.
const QUEUE_JOBS: usize = 8_192;
/// Longest time a group waits for more events.
const GROUP_WAIT: Duration = Duration::from_millis(2);
/// Size at which a group is written at once.
const GROUP_BYTES: usize = 1 << 20;
/// Durable groups that may wait for the fold; then the journal waits too. Sixteen of at most 1 MiB.
const FOLD_GROUPS: usize = 16;
/// Between two steps of maintenance under load.
const MAINTAIN_EVERY: Duration = Duration::from_secs(1);
/// Idle time after which the fold thread does a step of maintenance.
const IDLE: Duration = Duration::from_millis(200);
/// Under load reports see what was folded at most this often: making the newest rows columns anew takes milliseconds,
/// and a group comes every few. After a quiet moment an event shows at once.
const SHOW_EVERY: Duration = Duration::from_millis(100);

/// What makes events durable: the engine's journal.
pub trait Log: Send {
    /// Appends events; durable when it returns. The number of the first.
    ///
    /// # Errors
    /// Nothing of the group is acknowledged.
    fn append(&mut self, events: &[Event]) -> Result<u64, JournalError>;
}

impl Log for engine::journal::Writer {
    fn append(&mut self, events: &[Event]) -> Result<u64, JournalError> {
        engine::journal::Writer::append(self, events)
    }
}

/// What turns durable events into what reports read: the engine's store.
pub trait Folder: Send {
    /// Folds events.
    ///
    /// # Errors
    /// A broken store; the process ends.
    fn fold(&mut self, first_seq: u64, events: Vec<Event>) -> Result<(), String>;
    /// Makes what was folded visible to reports.
    fn show(&mut self);
    /// One bounded step of sealing, merging and removing; whether there is more to do.
    ///
    /// # Errors
    /// Logged; tried again later.
    fn maintain(&mut self) -> Result<bool, String>;
    /// Writes down what a restart needs to be quick.
    ///
    /// # Errors
    /// Logged; a restart takes longer then.
    fn checkpoint(&mut self) -> Result<(), String>;
}

struct Job {
    events: Vec<Event>,
    bytes: usize,
    done: oneshot::Sender<Result<(), SinkError>>,
}

/// The sink that collection writes to.
#[derive(Clone)]
pub struct Writer {
    jobs: Arc<Mutex<Option<mpsc::Sender<Job>>>>,
    failed: Arc<AtomicBool>,
}

/// The two threads; joined at shutdown.
pub struct Threads {
    journal: JoinHandle<()>,
    fold: JoinHandle<()>,
}

impl Threads {
    /// Waits until everything accepted is durable, folded and written down. Call [`Writer::close`] before.
    pub fn join(self) {
        for thread in [self.journal, self.fold] {
            // A panic never gets here: it has ended the process.
            let _ = thread.join();
        }
    }
}

/// Starts both threads.
///
/// # Errors
/// When the system gives no thread.
pub fn start(log: Box<dyn Log>, folder: Box<dyn Folder>, metrics: Arc<Metrics>) -> std::io::Result<(Writer, Threads)> {
    let (jobs, queue) = mpsc::channel(QUEUE_JOBS);
    let (groups, durable) = sync_channel(FOLD_GROUPS);
    let failed = Arc::new(AtomicBool::new(false));
    let mut journal = Journal { log, queue, groups, metrics: metrics.clone(), failed: failed.clone(), last_jobs: 1 };
    let journal = spawn("journal", move || journal.run())?;
    let fold = spawn("fold", move || fold_loop(folder, &durable, &metrics))?;
    Ok((Writer { jobs: Arc::new(Mutex::new(Some(jobs))), failed }, Threads { journal, fold }))
}

/// A thread whose panic ends the process.
///
/// # Errors
/// When the system gives no thread.
pub(crate) fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> std::io::Result<JoinHandle<()>> {
    let label = name.to_owned();
    std::thread::Builder::new().name(name.to_owned()).spawn(move || {
        if catch_unwind(AssertUnwindSafe(work)).is_err() {
            tracing::error!(thread = label, "a thread that must not stop has panicked; the process ends");
            std::process::abort();
        }
    })
}

impl Writer {
    /// No more events are taken; the threads end when what was taken is done.
    pub fn close(&self) {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Whether a failed write has closed the journal.
    pub fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }

    async fn send(&self, events: Vec<Event>) -> Result<(), SinkError> {
        if events.is_empty() {
            return Ok(());
        }
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let jobs = jobs.ok_or(SinkError::Failed)?;
        let (done, outcome) = oneshot::channel();
        let bytes = events.iter().map(estimate).sum();
        jobs.send(Job { events, bytes, done }).await.map_err(|_| SinkError::Failed)?;
        outcome.await.unwrap_or(Err(SinkError::Failed))
    }
}

impl EventSink for Writer {
    fn submit(&self, events: Vec<Event>) -> Submitted<'_> {
        Box::pin(self.send(events))
    }
}

/// Roughly the event's bytes in the journal: a fixed part and its longest texts.
fn estimate(event: &Event) -> usize {
    let vars: usize = event.vars.iter().map(|(name, value)| name.len() + value.len()).sum();
    300 + event.facts.page.len() + vars
}

struct Journal {
    log: Box<dyn Log>,
    queue: mpsc::Receiver<Job>,
    groups: SyncSender<(u64, Vec<Event>)>,
    metrics: Arc<Metrics>,
    failed: Arc<AtomicBool>,
    /// Submissions in the group before. So many senders are likely to come back at once; waiting for them makes one
    /// sync serve all, where not waiting would serve one and then the rest.
    last_jobs: usize,
}

impl Journal {
    fn run(&mut self) {
        while let Some(first) = self.queue.blocking_recv() {
            let group = self.gather(first);
            if self.failed.load(Ordering::Acquire) {
                self.refuse(group, SinkError::Failed);
                continue;
            }
            self.last_jobs = group.len();
            self.write(group);
        }
    }

    fn gather(&mut self, first: Job) -> VecDeque<Job> {
        let began = Instant::now();
        let mut bytes = first.bytes;
        let mut group = VecDeque::from([first]);
        while bytes < GROUP_BYTES {
            match self.queue.try_recv() {
                Ok(job) => {
                    bytes += job.bytes;
                    group.push_back(job);
                }
                Err(_) if group.len() < self.last_jobs && began.elapsed() < GROUP_WAIT => {
                    std::thread::sleep(Duration::from_micros(50));
                }
                Err(_) => break,
            }
        }
        group
    }

    /// Writes a group in one go. An event that no record can hold must not take its neighbours along: then each
    /// submission is written for itself.
    fn write(&mut self, mut group: VecDeque<Job>) {
        let counts: Vec<usize> = group.iter().map(|job| job.events.len()).collect();
        let mut events: Vec<Event> = group.iter_mut().flat_map(|job| std::mem::take(&mut job.events)).collect();
        let began = Instant::now();
        match self.log.append(&events) {
            Ok(first_seq) => {
                self.metrics.sync.record(began.elapsed());
                self.acknowledge(group, first_seq, events);
            }
            Err(JournalError::TooLarge { .. }) if group.len() > 1 => {
                for (mut job, count) in group.into_iter().zip(counts) {
                    job.events = events.drain(..count).collect();
                    self.write(VecDeque::from([job]));
                }
            }
            Err(error) => {
                let kind = self.failure(&error);
                self.metrics.refused.fetch_add(events.len() as u64, Ordering::Relaxed);
                self.refuse(group, kind);
            }
        }
    }

    fn acknowledge(&self, group: VecDeque<Job>, first_seq: u64, events: Vec<Event>) {
        self.count(&events);
        for job in group {
            // The sender may have gone away; its events are durable all the same.
            let _ = job.done.send(Ok(()));
        }
        self.groups.send((first_seq, events)).expect("the fold thread outlives the journal thread");
    }

    fn count(&self, events: &[Event]) {
        let metrics = &self.metrics;
        metrics.events.fetch_add(events.len() as u64, Ordering::Relaxed);
        metrics.groups.fetch_add(1, Ordering::Relaxed);
        metrics.fold_lag.fetch_add(events.len() as u64, Ordering::Relaxed);
        metrics.disk_full.store(0, Ordering::Relaxed);
        let last_ms = events.iter().map(|event| event.received_ms).max().unwrap_or(0);
        metrics.last_event_ms.fetch_max(last_ms.max(0).unsigned_abs(), Ordering::Relaxed);
    }

    fn failure(&self, error: &JournalError) -> SinkError {
        if let JournalError::Storage(StorageError::Full { .. }) = error {
            if self.metrics.disk_full.swap(1, Ordering::Relaxed) == 0 {
                tracing::error!("the disk is full: events are refused until there is room");
            }
            return SinkError::Full;
        }
        if let JournalError::TooLarge { .. } = error {
            tracing::error!(
                cause = crate::error::chain(error),
                "an event is beyond the limits that collection must hold"
            );
            return SinkError::Failed;
        }
        self.failed.store(true, Ordering::Release);
        self.metrics.poisoned.store(1, Ordering::Relaxed);
        tracing::error!(
            cause = crate::error::chain(error),
            "the journal cannot be written: events are refused until a restart"
        );
        SinkError::Failed
    }

    fn refuse(&self, group: VecDeque<Job>, kind: SinkError) {
        for job in group {
            let _ = job.done.send(Err(kind));
        }
    }
}

fn fold_loop(mut folder: Box<dyn Folder>, durable: &Receiver<(u64, Vec<Event>)>, metrics: &Metrics) {
    let (mut maintained, mut shown) = (Instant::now(), Instant::now());
    // Whether something was folded that reports do not see, and whether maintenance has more to do.
    let (mut unshown, mut busy) = (false, false);
    loop {
        let wait = match (unshown, busy) {
            (true, _) => SHOW_EVERY.saturating_sub(shown.elapsed()),
            (false, true) => Duration::ZERO,
            (false, false) => IDLE,
        };
        match durable.recv_timeout(wait) {
            Ok((first_seq, events)) => {
                let count = events.len() as u64;
                if let Err(error) = folder.fold(first_seq, events) {
                    // Going on would answer reports from a store that lacks acknowledged events.
                    panic!("durable events cannot be folded: {error}");
                }
                metrics.fold_lag.fetch_sub(count, Ordering::Relaxed);
                metrics.folded.fetch_add(count, Ordering::Relaxed);
                unshown = true;
            }
            Err(RecvTimeoutError::Timeout) if !unshown => {
                busy = step(folder.as_mut(), metrics);
                maintained = Instant::now();
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        if unshown && shown.elapsed() >= SHOW_EVERY {
            folder.show();
            (unshown, shown) = (false, Instant::now());
        }
        if maintained.elapsed() >= MAINTAIN_EVERY {
            step(folder.as_mut(), metrics);
            maintained = Instant::now();
        }
    }
    if let Err(error) = folder.checkpoint() {
        tracing::error!(cause = error, "the checkpoint at the end failed; the next start replays more of the journal");
    }
}

/// One step of maintenance; whether there is more to do.
fn step(folder: &mut dyn Folder, metrics: &Metrics) -> bool {
    match folder.maintain() {
        Ok(more) => {
            if more {
                metrics.sealed.fetch_add(1, Ordering::Relaxed);
            }
            more
        }
        Err(error) => {
            tracing::error!(cause = error, "maintenance of the store failed; it will be tried again");
            false
        }
    }
}

#[cfg(test)]
mod tests;
