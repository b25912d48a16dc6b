//! From events to view rows: a deterministic state machine. `docs/fold.md` is its definition, in words.
//!
//! [`fold_session`] is the truth: a pure function of one session's events in journal order. [`Fold`] keeps the live
//! sessions and gives the same rows event by event, at a microsecond or two each.
//!
//! Two layers. *Arrival* (journal order) splits a session into runs, drops repeats and settles who and where; it never
//! looks back. The *machine* (run order) counts and measures. An event that comes in order goes straight through both;
//! one that comes out of order makes the machine start anew from the session's own compact log when rows are next asked for.

mod arrival;
mod closed;
mod machine;
pub mod marks;
mod rows;
#[cfg(test)]
mod tests;

use crate::event::{AccountId, Event, PersonKey, Text};
use crate::limits::SESSION_IDLE_MS;
use crate::rekey::Rekey;
use crate::row::ViewRow;
use arrival::{Arrival, Arrived};
use closed::Closed;
use hashbrown::HashTable;
use machine::Machine;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::error::Error;
use thiserror::Error;

/// What a session is: account, entry, session text and suspect text; or one event's place, when it has no session.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
    /// Whether it can never have a second event.
    fn is_single(&self) -> bool {
        self.session.is_empty()
    }
    fn table_hash(&self) -> u64 {
        table_hash(self.account, &self.entry, &self.session, &self.suspect, self.place)
    }
}

/// Hash of a whole key: where live and closed sessions are looked up.
fn table_hash(account: AccountId, entry: &str, session: &str, suspect: &str, place: (u32, u64)) -> u64 {
    let seed = session_hash(session, suspect, place) ^ u64::from(account.0).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    xxhash_rust::xxh3::xxh3_64_with_seed(entry.as_bytes(), seed)
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
    let Some((seq, first)) = events.first() else { return Vec::new() };
    let mut session = Session::new(session_key(first, *seq));
    for (seq, event) in events {
        session.arrival.arrive(*seq, event.clone());
    }
    session.stale = true;
    let mut rows = session.rows().rows;
    for row in &mut rows {
        row.version = 0;
    }
    rows
}

/// A live session.
#[derive(Debug)]
struct Session {
    arrival: Arrival,
    machine: Machine,
    /// The machine must start anew from the log.
    stale: bool,
    /// Noted in [`Fold::changed`].
    changed: bool,
}

impl Session {
    fn new(key: SessionKey) -> Session {
        Session { arrival: Arrival::new(key), machine: Machine::default(), stale: false, changed: false }
    }

    fn apply(&mut self, seq: u64, event: Event) {
        match self.arrival.arrive(seq, event) {
            Arrived::InOrder(step) if !self.stale => self.machine.step(&step, &self.arrival.bases),
            Arrived::OutOfOrder => self.stale = true,
            Arrived::InOrder(_) | Arrived::LeftOut => {}
        }
    }

    fn refold(&mut self) -> Result<(), postcard::Error> {
        self.machine = Machine::default();
        for step in self.arrival.steps()? {
            self.machine.step(&step, &self.arrival.bases);
        }
        self.stale = false;
        Ok(())
    }

    fn rows(&mut self) -> SessionRows {
        if self.stale {
            self.refold().expect("the log was read when the session was loaded");
        }
        SessionRows {
            key: self.arrival.key.clone(),
            hash: self.arrival.key.hash(),
            version: self.arrival.arrived,
            replaces_sealed: self.arrival.replaces_sealed,
            rows: rows::build(&self.arrival, &self.machine),
        }
    }
}

/// How far a stream has come.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Stream {
    /// Greatest instant of an event.
    watermark_ms: i64,
    /// Greatest place in the imported file.
    offset: u64,
}

/// How often idle sessions are looked for, on the clocks that close them: looking costs a walk over all live sessions.
const SWEEP_MS: i64 = 60 * 1000;

/// The live sessions.
#[derive(Default)]
pub struct Fold {
    slots: Vec<Option<Box<Session>>>,
    free: Vec<u32>,
    /// Slots by hash of the key.
    by_key: HashTable<u32>,
    /// Slots changed since the last take, in the order of their first change.
    changed: Vec<u32>,
    /// Slots of sessions that cannot have a second event.
    single: Vec<u32>,
    streams: BTreeMap<u32, Stream>,
    /// Greatest instant of arrival.
    arrival_ms: Option<i64>,
    closed: Closed,
    /// Clocks at the last look for idle sessions.
    swept: BTreeMap<Option<u32>, i64>,
}

/// The bytes of a checkpoint begin with this.
const LIVE_VERSION: u8 = 1;

#[derive(Serialize)]
struct LiveOut<'a> {
    version: u8,
    streams: &'a BTreeMap<u32, Stream>,
    arrival_ms: Option<i64>,
    closed: &'a Closed,
    sessions: Vec<&'a Arrival>,
}

#[derive(Deserialize)]
struct LiveIn {
    version: u8,
    streams: BTreeMap<u32, Stream>,
    arrival_ms: Option<i64>,
    closed: Closed,
    sessions: Vec<Arrival>,
}

impl Fold {
    /// Nothing folded yet.
    pub fn new() -> Fold {
        Fold::default()
    }

    /// How many sessions are live.
    pub fn live(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Folds the next event of the journal.
    ///
    /// # Errors
    /// When a closed session comes back and cannot be read; the fold is as it was before.
    pub fn apply(&mut self, seq: u64, event: Event, history: &dyn History) -> Result<(), FoldError> {
        let slot = self.slot(seq, &event, history)?;
        let received_ms = arrival::received_ms(&event);
        self.arrival_ms = self.arrival_ms.max(Some(received_ms));
        let stream = self.streams.entry(event.stream).or_insert(Stream { watermark_ms: event.at_ms, offset: 0 });
        stream.watermark_ms = stream.watermark_ms.max(event.at_ms);
        stream.offset = stream.offset.max(event.offset);
        let session = self.slots[slot as usize].as_mut().expect("a slot in use");
        session.apply(seq, event);
        if !session.changed {
            session.changed = true;
            self.changed.push(slot);
        }
        Ok(())
    }

    /// The sessions changed since the last take, with all their rows, in the order of their first change. After
    /// [`Fold::decode_live`] that is every live session.
    pub fn take_changed(&mut self) -> Vec<SessionRows> {
        let changed = std::mem::take(&mut self.changed);
        let mut all = Vec::with_capacity(changed.len());
        for slot in changed {
            if let Some(session) = self.slots[slot as usize].as_mut().filter(|session| session.changed) {
                session.changed = false;
                all.push(session.rows());
            }
        }
        all
    }

    /// Closes the idle sessions and hands over their final rows, which may be sealed. Their changes need not be taken
    /// before.
    pub fn take_closed(&mut self) -> Vec<SessionRows> {
        let mut slots = std::mem::take(&mut self.single);
        if self.clocks_moved() {
            let idle = self.slots.iter().enumerate().filter(|(_, slot)| {
                slot.as_ref().is_some_and(|session| !session.arrival.key.is_single() && self.is_idle(&session.arrival))
            });
            slots.extend(idle.map(|(slot, _)| slot as u32));
        }
        let now_ms = self.arrival_ms.unwrap_or(0);
        let mut all = Vec::with_capacity(slots.len());
        for slot in slots {
            let Some(mut session) = self.slots[slot as usize].take() else { continue };
            self.free.push(slot);
            let key = &session.arrival.key;
            let hash = key.table_hash();
            if let Ok(entry) = self.by_key.find_entry(hash, |&other| other == slot) {
                entry.remove();
            }
            if !key.is_single() {
                self.closed.note(hash, now_ms);
            }
            all.push(session.rows());
        }
        // A slot may be used again before the next take: what it held was handed over here.
        let slots = &self.slots;
        self.changed.retain(|&slot| slots[slot as usize].is_some());
        all
    }

    /// Ends a stream: its sessions are closed at the next take. For an import that has read its file to the end, since
    /// its own clock moves no more.
    pub fn end_stream(&mut self, stream: u32) {
        if let Some(stream) = self.streams.get_mut(&stream) {
            stream.watermark_ms = i64::MAX;
        }
    }

    /// Exchanges people's keys in the live sessions, and cleans texts. Those concerned count as changed.
    pub fn rekey(&mut self, rekey: &Rekey) {
        for (slot, session) in self.slots.iter_mut().enumerate() {
            let Some(session) = session else { continue };
            let exchanged = session.arrival.rekey(rekey);
            let cleaned = session.arrival.scrub(rekey.scrubs()).expect("the log was read when the session was loaded");
            // Marks are counted from the events' texts.
            session.stale |= cleaned;
            if (exchanged || cleaned) && !session.changed {
                session.changed = true;
                self.changed.push(slot as u32);
            }
        }
    }

    /// Hands over who is in the live sessions.
    pub fn people(&self, seen: &mut dyn FnMut(AccountId, PersonKey)) {
        let sessions = self.slots.iter().flatten();
        sessions.for_each(|session| seen(session.arrival.key.account, session.arrival.person));
    }

    /// The rows of the live sessions, as they stand.
    pub fn live_rows(&self) -> impl Iterator<Item = ViewRow> + '_ {
        self.slots.iter().flatten().flat_map(|session| rows::build(&session.arrival, &session.machine))
    }

    /// The live sessions, watermarks and stream offsets, for a checkpoint.
    pub fn encode_live(&self) -> Vec<u8> {
        let live = LiveOut {
            version: LIVE_VERSION,
            streams: &self.streams,
            arrival_ms: self.arrival_ms,
            closed: &self.closed,
            sessions: self.slots.iter().flatten().map(|session| &session.arrival).collect(),
        };
        postcard::to_stdvec(&live).expect("the state has only plain values, and a Vec takes any length")
    }

    /// Continues from a checkpoint.
    ///
    /// # Errors
    /// When the bytes are damaged or of another version.
    pub fn decode_live(bytes: &[u8]) -> Result<Fold, FoldError> {
        let damaged = |source| FoldError::Checkpoint { source };
        let live: LiveIn = postcard::from_bytes(bytes).map_err(damaged)?;
        if live.version != LIVE_VERSION {
            return Err(damaged(postcard::Error::DeserializeBadEncoding));
        }
        let mut fold =
            Fold { streams: live.streams, arrival_ms: live.arrival_ms, closed: live.closed, ..Fold::default() };
        fold.closed.index();
        for arrival in live.sessions {
            let mut session = Session { arrival, machine: Machine::default(), stale: true, changed: true };
            session.refold().map_err(damaged)?;
            let slot = fold.add(session);
            fold.changed.push(slot);
        }
        Ok(fold)
    }

    /// The highest [`Event::offset`] seen of an import stream: where a resumed import goes on.
    pub fn stream_offset(&self, stream: u32) -> u64 {
        self.streams.get(&stream).map_or(0, |stream| stream.offset)
    }

    /// Where an event's session is kept; makes or reopens it.
    fn slot(&mut self, seq: u64, event: &Event, history: &dyn History) -> Result<u32, FoldError> {
        if event.session.is_empty() {
            let slot = self.add(Session::new(session_key(event, seq)));
            return Ok(slot);
        }
        let hash = table_hash(event.account, &event.entry, &event.session, &event.suspect, (0, 0));
        let is_its = |&slot: &u32| {
            let session = self.slots[slot as usize].as_ref().expect("the table holds slots in use");
            let key = &session.arrival.key;
            key.session == event.session
                && key.entry == event.entry
                && key.account == event.account
                && key.suspect == event.suspect
        };
        if let Some(&slot) = self.by_key.find(hash, is_its) {
            return Ok(slot);
        }
        let mut session = Session::new(session_key(event, seq));
        if self.closed.may_have(hash) {
            let earlier = history
                .events(event.account, &event.entry, &event.session, seq)
                .map_err(|source| FoldError::History { source })?;
            for (seq, earlier) in earlier.into_iter().filter(|(_, earlier)| earlier.suspect == event.suspect) {
                session.apply(seq, earlier);
                session.arrival.replaces_sealed = true;
            }
        }
        Ok(self.add(session))
    }

    fn add(&mut self, session: Session) -> u32 {
        let hash = session.arrival.key.table_hash();
        let single = session.arrival.key.is_single();
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            self.slots.len() as u32 - 1
        });
        self.slots[slot as usize] = Some(Box::new(session));
        if single {
            self.single.push(slot);
            return slot;
        }
        let slots = &self.slots;
        self.by_key.insert_unique(hash, slot, |&slot| {
            slots[slot as usize].as_ref().expect("the table holds slots in use").arrival.key.table_hash()
        });
        slot
    }

    /// Whether a clock that closes sessions moved on enough to look again.
    fn clocks_moved(&mut self) -> bool {
        let imports = self.streams.iter().filter(|&(&id, _)| id != 0);
        let clocks = imports.map(|(&id, stream)| (Some(id), stream.watermark_ms));
        let clocks = clocks.chain(self.arrival_ms.map(|ms| (None, ms)));
        let moved = clocks
            .filter(|(clock, ms)| self.swept.get(clock).is_none_or(|&swept| ms.saturating_sub(swept) >= SWEEP_MS))
            .collect::<Vec<_>>();
        let any = !moved.is_empty();
        self.swept.extend(moved);
        any
    }

    fn is_idle(&self, session: &Arrival) -> bool {
        let by_arrival = self.arrival_ms.is_some_and(|now| now - session.last_received_ms >= SESSION_IDLE_MS);
        let by_stream = session.stream != 0
            && self
                .streams
                .get(&session.stream)
                .is_some_and(|stream| stream.watermark_ms.saturating_sub(session.last_at_ms) >= SESSION_IDLE_MS);
        by_arrival || by_stream
    }
}
