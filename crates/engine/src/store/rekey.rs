//! Exchanging people's keys in a store at work: seen at once, on disk some steps later.
//!
//! From [`Store::rekey`] on every answer has the fresh keys: events are exchanged as they are folded, live sessions at
//! once, sealed rows as their columns are decoded. So totals never waver while the files are rewritten, one bounded step
//! at a time: segments that hold an old key or a text that names somebody, then logs, then archives. A crash leaves each file old or new; told the same
//! rules again, the store goes on and ends the same.

use super::merge::Merge;
use super::sealed::Cache;
use super::{Segment, Store, StoreError};
use crate::journal::rekey::Changed;
use crate::journal::{self, JournalError};
use crate::rekey::Rekey;
use std::collections::BTreeSet;
use std::sync::Arc;

/// How far an exchange is, and what it did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exchanged {
    /// Files looked at so far.
    pub files: u64,
    /// Files there are to look at, as far as is known.
    pub files_total: u64,
    /// Segments rewritten.
    pub segments: u64,
    /// Events in the journal whose key was exchanged.
    pub events: u64,
    /// Events in the journal of which a text named somebody.
    pub texts: u64,
    /// Journal files whose events were changed.
    pub journal_files: u64,
    /// Files of damaged bytes removed.
    pub damaged: u64,
    /// Archives that were removed because they are older than the journal is kept.
    pub expired: u64,
    /// Files that cannot be read, so nobody can say what they hold.
    pub unreadable: Vec<String>,
    /// Nothing is left to do: no file holds an old key.
    pub done: bool,
}

/// An exchange under way.
pub(super) struct Exchange {
    /// Logs that begin below this seq are finished.
    below: u64,
    expire_ms: i64,
    stage: Stage,
    /// Segments that hold no old key.
    clean: BTreeSet<u64>,
    did: Exchanged,
}

enum Stage {
    Segments,
    Logs(Vec<u64>),
    Archives(Vec<u64>),
    /// Until nobody can ask for the segments that were replaced.
    Waiting,
    Done,
}

impl Store {
    /// Exchanges keys: seen by all answers when this returns, on disk after some steps of [`Store::maintain`].
    ///
    /// Events with an old key may still be folded, but the journal must get none any more, and its files that begin below
    /// seq `below` must be finished ([`journal::Writer::roll`]). Archives whose last event is older than `expire_ms` are
    /// removed. One exchange at a time: rules of one that is not done yet go on with this.
    ///
    /// # Errors
    /// When the storage or the manifest fails; call it again then.
    pub fn rekey(&mut self, rekey: &Rekey, below: u64, expire_ms: i64) -> Result<(), StoreError> {
        // Whatever is folded so far becomes segments, which are exchanged as they are read.
        self.merge = None;
        self.checkpoint()?;
        self.rekey = Arc::new(self.rekey.and(rekey));
        self.cache = Arc::new(Cache::new(self.options.cache_bytes, Arc::clone(&self.rekey)));
        self.sealed = self.sealed.iter().map(|segment| segment.renewed(&self.cache)).collect();
        self.fold.rekey(&self.rekey);
        self.settle();
        self.commit()?;
        let files = self.sealed.len() + journal::rekey::archives(&*self.storage)?.len();
        let files_total = (files + journal::rekey::logs(&*self.storage, below)?.len()) as u64;
        let did = Exchanged { files_total, ..Exchanged::default() };
        self.exchange = Some(Exchange { below, expire_ms, stage: Stage::Segments, clean: BTreeSet::new(), did });
        Ok(())
    }

    /// How far the last exchange is.
    pub fn exchanged(&self) -> Option<&Exchanged> {
        self.exchange.as_ref().map(|exchange| &exchange.did)
    }

    /// One bounded step; whether there is more to do.
    pub(super) fn exchange_step(&mut self) -> Result<bool, StoreError> {
        let Some(mut exchange) = self.exchange.take() else { return Ok(false) };
        let stepped = self.step_of(&mut exchange);
        let idle = matches!(exchange.stage, Stage::Waiting | Stage::Done);
        self.exchange = Some(exchange);
        stepped?;
        Ok(!idle)
    }

    fn step_of(&mut self, exchange: &mut Exchange) -> Result<(), StoreError> {
        match &mut exchange.stage {
            Stage::Segments if self.merge.is_some() => self.merge_step()?,
            Stage::Segments => {
                let known = |segment: &&Segment| !exchange.clean.contains(&segment.meta.id);
                let Some(segment) = self.sealed.iter().find(known) else {
                    exchange.stage = Stage::Logs(journal::rekey::logs(&*self.storage, exchange.below)?);
                    return Ok(());
                };
                let id = segment.meta.id;
                match segment.sealed.holds_old(segment.meta.groups.len()) {
                    Ok(true) if !segment.broken => {
                        self.checkpoint()?;
                        self.merge = Some(Merge::new(&self.sealed, vec![id]));
                        exchange.did.segments += 1;
                        // What comes in its place is looked at as well.
                        exchange.did.files_total += 1;
                        return Ok(());
                    }
                    Ok(false) => {}
                    Ok(true) | Err(_) => exchange.did.unreadable.push(crate::segment::path(id)),
                }
                exchange.clean.insert(id);
                exchange.did.files += 1;
            }
            Stage::Logs(logs) => match logs.pop() {
                Some(first_seq) => {
                    let events = journal::rekey::log(&*self.storage, first_seq, &self.rekey)?;
                    exchange.did.saw(events);
                }
                None => exchange.stage = Stage::Archives(journal::rekey::archives(&*self.storage)?),
            },
            Stage::Archives(archives) => match archives.pop() {
                Some(first_seq) => {
                    let mut damage = Vec::new();
                    match journal::rekey::archive(&*self.storage, first_seq, &self.rekey, &mut damage) {
                        Ok(events) => exchange.did.saw(events),
                        Err(JournalError::Damaged { path, .. }) => exchange.did.unreadable.push(path),
                        Err(error) => return Err(error.into()),
                    }
                }
                None => {
                    match self.shelf.expire(exchange.expire_ms) {
                        Ok(expired) => exchange.did.expired = expired,
                        // One without an end was noted above.
                        Err(JournalError::Damaged { .. }) => {}
                        Err(error) => return Err(error.into()),
                    }
                    exchange.did.damaged = journal::rekey::damaged(&*self.storage)?;
                    exchange.stage = Stage::Waiting;
                }
            },
            Stage::Waiting if self.retired.is_empty() => {
                exchange.did.done = true;
                exchange.stage = Stage::Done;
            }
            Stage::Waiting | Stage::Done => {}
        }
        Ok(())
    }
}

impl Exchanged {
    fn saw(&mut self, changed: Changed) {
        self.files += 1;
        self.events += changed.keys;
        self.texts += changed.texts;
        self.journal_files += u64::from(changed.any());
    }
}
