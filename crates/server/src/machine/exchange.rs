//! Exchanging people's keys in a machine at work (ruling 31), and cleaning texts that name them: from then on until it stops. Three places hold keys on their way: the journal's thread, which
//! from now on writes none of the old ones; the fold's thread, which tells the store; and whoever waits for its end.

use super::StoreFolder;
use crate::error::chain;
use crate::writer::Log;
use engine::event::Event;
use engine::journal::{self, JournalError};
use engine::rekey::Rekey;
use engine::store::Exchanged;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use thiserror::Error;

/// Why keys could not be exchanged.
#[derive(Debug, Error)]
pub enum ExchangeError {
    /// The store said no.
    #[error("the store cannot exchange keys: {0}")]
    Store(String),
    /// The machine has stopped.
    #[error("the machine has stopped")]
    Stopped,
}

/// What the fold's thread is told.
struct Order {
    rekey: Arc<Rekey>,
    below: u64,
    expire_ms: i64,
    begun: Sender<Result<(), String>>,
}

struct Journal {
    writer: journal::Writer,
    rekey: Arc<Rekey>,
}

/// Has keys exchanged. Clones are the same.
#[derive(Clone)]
pub struct Exchanger {
    journal: Arc<Mutex<Journal>>,
    orders: Sender<Order>,
    progress: Arc<Mutex<Option<Exchanged>>>,
}

/// The journal, without keys that have gone.
pub(super) struct FreshLog(Arc<Mutex<Journal>>);

/// The fold thread's end.
pub(super) struct Orders {
    orders: Receiver<Order>,
    progress: Arc<Mutex<Option<Exchanged>>>,
}

pub(super) fn over(writer: journal::Writer) -> (Exchanger, FreshLog, Orders) {
    let journal = Arc::new(Mutex::new(Journal { writer, rekey: Arc::default() }));
    let (sender, orders) = channel();
    let progress = Arc::default();
    let exchanger = Exchanger { journal: Arc::clone(&journal), orders: sender, progress: Arc::clone(&progress) };
    (exchanger, FreshLog(journal), Orders { orders, progress })
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Exchanger {
    /// Exchanges keys: seen by every answer when this returns, on disk when [`Exchanger::progress`] is done. Archives of the
    /// journal whose last event is older than `expire_ms` are removed on the way.
    ///
    /// # Errors
    /// When the store cannot; call it again then.
    pub fn rekey(&self, rekey: &Rekey, expire_ms: i64) -> Result<(), ExchangeError> {
        let below = {
            let mut journal = locked(&self.journal);
            journal.rekey = Arc::new(journal.rekey.and(rekey));
            journal.writer.roll();
            journal.writer.next_seq()
        };
        let (begun, answer) = channel();
        let order = Order { rekey: Arc::new(rekey.clone()), below, expire_ms, begun };
        self.orders.send(order).map_err(|_| ExchangeError::Stopped)?;
        answer.recv().map_err(|_| ExchangeError::Stopped)?.map_err(ExchangeError::Store)
    }

    /// How far the last exchange is; `None` before the first.
    pub fn progress(&self) -> Option<Exchanged> {
        locked(&self.progress).clone()
    }
}

impl Log for FreshLog {
    fn append(&mut self, events: &[Event]) -> Result<u64, JournalError> {
        let mut journal = locked(&self.0);
        let keys = |event: &Event| journal.rekey.concerns(event.who.person.0);
        if journal.rekey.scrubs().is_empty() && !events.iter().any(keys) {
            return journal.writer.append(events);
        }
        let mut fresh = events.to_vec();
        fresh.iter_mut().for_each(|event| {
            journal.rekey.apply(event);
        });
        journal.writer.append(&fresh)
    }
}

impl Orders {
    /// Does what was ordered, and tells how far the store is. Whether there was an order.
    pub(super) fn follow(&self, folder: &mut StoreFolder) -> bool {
        let mut told = false;
        while let Ok(order) = self.orders.try_recv() {
            let begun = folder.store.rekey(&order.rekey, order.below, order.expire_ms).map_err(|error| chain(&error));
            folder.store.publish();
            *locked(&self.progress) = folder.store.exchanged().cloned();
            // Who gave the order may have gone away.
            let _ = order.begun.send(begun);
            told = true;
        }
        told
    }

    /// Tells how far the store is.
    pub(super) fn tell(&self, folder: &StoreFolder) {
        *locked(&self.progress) = folder.store.exchanged().cloned();
    }
}
