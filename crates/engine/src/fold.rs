//! From events to view rows: a deterministic state machine. `docs/fold.md` is its definition, in words.
//!
//! [`fold_session`] is the truth: a pure function of one session's events in journal order. [`Fold`] keeps the live
//! sessions and gives the same rows event by event, at a microsecond or two each.
//!
//! Two layers. *Arrival* (journal order) splits a session into runs, drops repeats and settles who and where; it never
//! looks back. The *machine* (run order) counts and measures. An event that comes in order goes straight through both;
//! one that comes out of order makes the machine start anew from the session's own compact log when rows are next asked for.

use crate::event::{AccountId, Event, Text};
use crate::row::ViewRow;
use std::error::Error;
use thiserror::Error;

/// What a session is: account, entry, session text and suspect text; or one event's place, when it has no session.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionKey {
    /// The account.
    pub account: AccountId,
    /// The entry.
    pub entry: Text,
    /// The session; empty when the event has none.
    pub session: Text,
    /// Why its events are left out of figures; empty when they count.
    pub suspect: Text,
    /// Stream and seq of an event without session; zeros otherwise.
    pub place: (u32, u64),
}

/// The session an event belongs to.
pub fn session_key(event: &Event, seq: u64) -> SessionKey {
    let place = if event.session.is_empty() { (event.stream, seq) } else { (0, 0) };
    SessionKey {
        account: event.account,
        entry: event.entry.clone(),
        session: event.session.clone(),
        suspect: event.suspect.clone(),
        place,
    }
}

impl SessionKey {
    /// The hash that rows carry as `session`: of the session text, or of the place of an event without one.
    pub fn hash(&self) -> u64 {
        session_hash(&self.session, &self.suspect, self.place)
    }
}

fn session_hash(session: &str, suspect: &str, place: (u32, u64)) -> u64 {
    use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};
    let seed = if suspect.is_empty() { 0 } else { xxh3_64(suspect.as_bytes()) };
    if !session.is_empty() {
        return xxh3_64_with_seed(session.as_bytes(), seed);
    }
    let mut bytes = [0; 12];
    bytes[..4].copy_from_slice(&place.0.to_le_bytes());
    bytes[4..].copy_from_slice(&place.1.to_le_bytes());
    xxh3_64_with_seed(&bytes, seed)
}

/// What reading back may fail with.
pub type HistoryError = Box<dyn Error + Send + Sync>;

/// The journal's events of sessions that are no longer live.
///
/// Asked once for every session that begins or comes back, so the common answer (nothing) must come from memory.
pub trait History {
    /// A session's events before a seq, in journal order, whatever their suspect text.
    ///
    /// # Errors
    /// When the journal cannot be read.
    fn events(
        &self,
        account: AccountId,
        entry: &str,
        session: &str,
        before_seq: u64,
    ) -> Result<Vec<(u64, Event)>, HistoryError>;
}

/// No history: for tests, benches and first imports.
pub struct NoHistory;

impl History for NoHistory {
    fn events(&self, _: AccountId, _: &str, _: &str, _: u64) -> Result<Vec<(u64, Event)>, HistoryError> {
        Ok(Vec::new())
    }
}

/// What can go wrong with the fold.
#[derive(Debug, Error)]
pub enum FoldError {
    /// A closed session's earlier events could not be read. The event was not applied.
    #[error("read back the earlier events of a session")]
    History {
        /// Why.
        #[source]
        source: HistoryError,
    },
    /// A checkpoint's bytes are not what this version wrote.
    #[error("decode the live sessions of a checkpoint")]
    Checkpoint {
        /// Why.
        #[source]
        source: postcard::Error,
    },
}

/// All rows of one session, as they now stand.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionRows {
    /// Which session.
    pub key: SessionKey,
    /// Its hash, as in the rows.
    pub hash: u64,
    /// How many events it has had: grows with every one. The rows carry it too.
    pub version: u32,
    /// The session was closed before, so rows of it with lower versions may be sealed: they are superseded.
    pub replaces_sealed: bool,
    /// The rows, by quarter and playback type.
    pub rows: Vec<ViewRow>,
}

/// The rows of one session's events, given in journal order. Version is left 0.
pub fn fold_session(events: &[(u64, Event)]) -> Vec<ViewRow> {
    let _ = events;
    Vec::new()
}

/// The live sessions.
#[derive(Default)]
pub struct Fold {}

impl Fold {
    /// Nothing folded yet.
    pub fn new() -> Fold {
        Fold::default()
    }
    /// Folds the next event of the journal.
    ///
    /// # Errors
    /// When a closed session comes back and cannot be read; the fold is as it was before.
    pub fn apply(&mut self, seq: u64, event: Event, history: &dyn History) -> Result<(), FoldError> {
        let _ = (seq, event, history);
        Ok(())
    }
    /// The sessions changed since the last take, with all their rows, in the order of their first change. After
    /// [`Fold::decode_live`] that is every live session.
    pub fn take_changed(&mut self) -> Vec<SessionRows> {
        Vec::new()
    }
    /// Closes the idle sessions and hands over their final rows, which may be sealed.
    pub fn take_closed(&mut self) -> Vec<SessionRows> {
        Vec::new()
    }
    /// The live sessions, watermarks and stream offsets, for a checkpoint.
    pub fn encode_live(&self) -> Vec<u8> {
        Vec::new()
    }
    /// Continues from a checkpoint.
    ///
    /// # Errors
    /// When the bytes are damaged or of another version.
    pub fn decode_live(bytes: &[u8]) -> Result<Fold, FoldError> {
        let _ = bytes;
        Ok(Fold::new())
    }
    /// The highest [`Event::offset`] seen of an import stream: where a resumed import goes on.
    pub fn stream_offset(&self, stream: u32) -> u64 {
        let _ = stream;
        0
    }
}
