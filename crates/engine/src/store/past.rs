//! The fold's question about a session that begins: was it there before?

use super::layers::{Key, Layers};
use super::sealed::Segment;
use crate::event::{AccountId, Event, Text};
use crate::fold::{History, HistoryError, SessionKey};
use crate::journal::{JournalError, Shelf};
use crate::rekey::Rekey;
use std::cell::Cell;

/// Closed sessions, sealed or not, in front of the journal: nearly every session is new, and that is answered from
/// memory.
pub(super) struct Past<'a> {
    pub(super) closed: &'a Layers,
    pub(super) sealed: &'a [Segment],
    pub(super) shelf: &'a Shelf,
    /// Keys that the journal may still hold.
    pub(super) rekey: &'a Rekey,
    /// Sessions whose earlier events are damaged: they begin anew, and their old rows stay.
    pub(super) damaged: &'a Cell<u64>,
}

impl Past<'_> {
    fn known(&self, account: AccountId, entry: &str, session: &str) -> bool {
        let key = |suspect: &Text| {
            let suspect = suspect.clone();
            let key = SessionKey { account, entry: entry.into(), session: session.into(), suspect, place: (0, 0) };
            (account.0, Text::from(entry), key.hash())
        };
        let holds = |segment: &Segment, key: &Key| segment.find(key).map_or(true, |rows| !rows.is_empty());
        self.closed.suspects.iter().any(|suspect| self.closed.holds(&key(suspect)))
            || self.sealed.iter().any(|segment| segment.meta.suspects.iter().any(|s| holds(segment, &key(s))))
    }
}

impl History for Past<'_> {
    fn events(
        &self,
        account: AccountId,
        entry: &str,
        session: &str,
        before_seq: u64,
    ) -> Result<Vec<(u64, Event)>, HistoryError> {
        if session.is_empty() || !self.known(account, entry, session) {
            return Ok(Vec::new());
        }
        match self.shelf.events(account, entry, session, before_seq) {
            Err(JournalError::Damaged { .. }) => {
                self.damaged.set(self.damaged.get() + 1);
                Ok(Vec::new())
            }
            other => {
                let mut events = other?;
                events.iter_mut().for_each(|(_, event)| {
                    self.rekey.apply(event);
                });
                Ok(events)
            }
        }
    }
}
