//! The thread that does privacy's work: erasures as they are asked for, retention once a day.

use super::{Parts, PrivacyError, erasure, retention};
use crate::error::chain;
use crate::{pool, writer};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often it is looked whether something is due, and what failed is tried again.
const LOOK_EVERY: Duration = Duration::from_secs(60);
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// The thread; it ends by [`Worker::stop`].
pub struct Worker {
    inner: Arc<Inner>,
    bell: SyncSender<()>,
    thread: JoinHandle<()>,
}

struct Inner {
    parts: Parts,
    stopping: AtomicBool,
}

impl Worker {
    pub(super) fn start(parts: Parts, bell: SyncSender<()>, rung: Receiver<()>) -> std::io::Result<Worker> {
        let inner = Arc::new(Inner { parts, stopping: AtomicBool::new(false) });
        let own = inner.clone();
        let thread = writer::spawn("privacy", move || {
            pool::yield_to_others();
            loop {
                own.work_off();
                if own.stopping.load(Relaxed) || rung.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Disconnected) {
                    return;
                }
            }
        })?;
        Ok(Worker { inner, bell, thread })
    }

    /// Ends it: what is under way goes on at the next start. Blocks.
    pub fn stop(self) {
        self.inner.stopping.store(true, Relaxed);
        let _ = self.bell.try_send(());
        // A panic never gets here: it has ended the process.
        let _ = self.thread.join();
    }
}

impl Inner {
    fn work_off(&self) {
        let stopped = || self.stopping.load(Relaxed);
        let Parts { ledger, .. } = &self.parts;
        let waiting = ledger.waiting().unwrap_or_else(|error| {
            tracing::error!(cause = chain(&error), "erasures cannot be read; it will be tried again");
            Vec::new()
        });
        for erasure in waiting {
            match erasure::run(&self.parts, &erasure, &stopped) {
                Ok(()) | Err(PrivacyError::Stopped) => {}
                Err(error) => {
                    tracing::error!(erasure.id, cause = chain(&error), "an erasure does not get on; it is tried again");
                    // If even this cannot be written, the log has it.
                    let _ = ledger.trouble(&erasure.id, &chain(&error));
                }
            }
            if stopped() {
                return;
            }
        }
        match self.retention_is_due().and_then(|due| if due { retention::run(&self.parts, &stopped) } else { Ok(()) }) {
            Ok(()) | Err(PrivacyError::Stopped) => {}
            Err(error) => tracing::error!(cause = chain(&error), "retention does not get on; it is tried again"),
        }
    }

    fn retention_is_due(&self) -> Result<bool, PrivacyError> {
        let runs = self.parts.ledger.runs()?;
        let ageing = self.parts.ledger.ageing()? > 0;
        Ok(ageing || runs.first().is_none_or(|(began_ms, _)| self.parts.now_ms() - began_ms >= DAY_MS))
    }
}
