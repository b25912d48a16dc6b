//! Threads in which reports are reckoned: a few, and below the priority of collection, so that however many pages are
//! asked for, events are taken first. A thread outlives whatever goes wrong in it.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

/// By how much a report yields to others: at 10 it gets about a tenth of a contested core.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

type Work = Box<dyn FnOnce() + Send>;

/// The threads. They end with it.
pub struct Pool {
    queue: Sender<Work>,
}

impl Pool {
    /// So many threads.
    ///
    /// # Errors
    /// When the system gives none.
    pub fn new(threads: usize) -> io::Result<Pool> {
        let (queue, waiting) = channel::<Work>();
        let waiting = Arc::new(Mutex::new(waiting));
        for number in 0..threads {
            let waiting = waiting.clone();
            std::thread::Builder::new().name(format!("report-{number}")).spawn(move || {
                yield_to_others();
                while let Some(work) = next(&waiting) {
                    // Who waits for it learns of a panic because nothing is sent.
                    let _ = catch_unwind(AssertUnwindSafe(work));
                }
            })?;
        }
        Ok(Pool { queue })
    }

    /// Does work in one of the threads; nothing if it panics.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let (answer, answered) = tokio::sync::oneshot::channel();
        let runtime = tokio::runtime::Handle::current();
        let job = move || {
            // Downloads start their own tasks.
            let _inside = runtime.enter();
            let _ = answer.send(work());
        };
        self.queue.send(Box::new(job)).ok()?;
        answered.await.ok()
    }
}

fn next(waiting: &Mutex<Receiver<Work>>) -> Option<Work> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

/// Puts this thread, and those that it starts, below the priority of collection.
#[cfg(target_os = "linux")]
pub(crate) fn yield_to_others() {
    // On Linux a thread's id is good where a process's is asked for.
    if let Err(error) = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICE) {
        tracing::debug!(%error, "reports run with the priority of everything else");
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn yield_to_others() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_thread_survives_a_panic_and_runs_below_the_others() {
        let pool = Pool::new(1).expect("a thread");
        assert_eq!(pool.run(|| -> u8 { panic!("on purpose") }).await, None);
        assert_eq!(pool.run(|| 7).await, Some(7));
        #[cfg(target_os = "linux")]
        {
            let nice = || rustix::process::getpriority_process(Some(rustix::thread::gettid())).expect("it has one");
            let here = nice();
            assert_eq!(pool.run(nice).await, Some((here + NICE).min(19)).filter(|_| here == 0).or(Some(NICE)));
        }
    }
}
