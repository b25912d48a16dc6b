//! The first layer: events in journal order. Splits a session into runs, drops repeats, settles who and where, and keeps
//! what the machine needs as a compact log (some 30 bytes an event), from which the machine can start anew.

use super::{SessionKey, marks};
use crate::event::{Event, EventKind, Facts, IdentityRefusal, Measured, PersonKey, Playback, Proof, Text};
use crate::limits::{HORIZON_DAYS, RUN_PAUSE_MS, SESSION_EVENTS_MAX};
use crate::rekey::Rekey;
use crate::scrub::Scrubs;
use crate::time::Quarter;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use xxhash_rust::xxh3::xxh3_64;

/// A folded event, less what is constant in its session.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Step {
    pub(super) seq: u64,
    pub(super) run: u32,
    /// Place in the run: its index, or that of what it came after.
    pub(super) place: u32,
    pub(super) kind: EventKind,
    pub(super) at_ms: i64,
    pub(super) index: Option<u32>,
    pub(super) playback: Playback,
    pub(super) position: Option<i64>,
    pub(super) target: Option<i64>,
    pub(super) speed: Option<u32>,
    pub(super) play_time: Option<u64>,
    pub(super) noted: u8,
    /// Absent when nothing was measured.
    pub(super) measured: Option<Measured>,
    pub(super) vars: Vec<(Text, Text)>,
}

/// What arrival noted about an event: bits of [`Step::noted`].
pub(super) mod noted {
    pub(in crate::fold) const REORDERED: u8 = 1;
    pub(in crate::fold) const LATE: u8 = 2;
    pub(in crate::fold) const UNSIGNED: u8 = 4;
    pub(in crate::fold) const INVALID: u8 = 8;
    pub(in crate::fold) const OTHER: u8 = 16;
}

/// Events left out, of one quarter and playback type.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct LeftOut {
    pub(super) duplicates: u64,
    pub(super) overflow: u64,
    pub(super) first_ms: i64,
    pub(super) last_ms: i64,
}

/// A session as its events came. This is all that a checkpoint keeps of it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Arrival {
    pub(super) key: SessionKey,
    pub(super) replaces_sealed: bool,
    /// Events so far, whatever became of them.
    pub(super) arrived: u32,
    folded: u32,
    pub(super) stream: u32,
    pub(super) last_at_ms: i64,
    pub(super) last_received_ms: i64,

    pub(super) facts: Facts,
    pub(super) person: PersonKey,
    pub(super) proof: Proof,
    pub(super) staff: bool,
    pub(super) bot: bool,
    pub(super) duration_ms: u64,

    /// Of each run, the index its count begins above.
    pub(super) bases: Vec<u32>,
    run: Run,
    pub(super) left_out: BTreeMap<(i32, u8), LeftOut>,
    ids: BTreeSet<u64>,
    log: Vec<u8>,
}

/// The current run.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Run {
    top_index: Option<u32>,
    top_play_time: Option<u64>,
    last_kind: EventKind,
    first_at_ms: i64,
    playback_at_ms: Option<i64>,
    /// Where its first event begins in the log.
    log_from: usize,
    /// Its (index, type, position), made when first needed: in-order events never are repeats.
    #[serde(skip)]
    seen: Option<BTreeSet<(u32, EventKind, Option<i64>)>>,
}

/// Instants beyond this (some 35,000 years) have no numbered quarter.
const AT_MS_MAX: i64 = 1 << 50;

/// What became of an event.
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every event is in order; boxing it would cost more than the move"
)]
pub(super) enum Arrived {
    /// It comes after all others of the session.
    InOrder(Step),
    /// It belongs before others: the machine must start anew.
    OutOfOrder,
    /// Counted and dropped.
    LeftOut,
}

impl Arrival {
    pub(super) fn new(key: SessionKey) -> Arrival {
        Arrival {
            key,
            replaces_sealed: false,
            arrived: 0,
            folded: 0,
            stream: 0,
            last_at_ms: i64::MIN,
            last_received_ms: i64::MIN,
            facts: Facts::default(),
            person: PersonKey::UNKNOWN,
            proof: Proof::None,
            staff: false,
            bot: false,
            duration_ms: 0,
            bases: Vec::new(),
            run: Run::default(),
            left_out: BTreeMap::new(),
            ids: BTreeSet::new(),
            log: Vec::new(),
        }
    }

    pub(super) fn arrive(&mut self, seq: u64, mut event: Event) -> Arrived {
        event.at_ms = event.at_ms.clamp(-AT_MS_MAX, AT_MS_MAX);
        self.arrived = self.arrived.saturating_add(1);
        self.stream = event.stream;
        self.last_at_ms = self.last_at_ms.max(event.at_ms);
        self.last_received_ms = self.last_received_ms.max(received_ms(&event));
        if self.folded as usize >= SESSION_EVENTS_MAX {
            self.leave_out(&event).overflow += 1;
            return Arrived::LeftOut;
        }
        if self.is_duplicate(&event) {
            self.leave_out(&event).duplicates += 1;
            return Arrived::LeftOut;
        }
        self.folded += 1;
        let (step, in_order) = self.step(seq, event);
        let log = std::mem::take(&mut self.log);
        self.log = postcard::to_extend(&step, log).expect("a step has only plain values, and a Vec takes any length");
        if in_order { Arrived::InOrder(step) } else { Arrived::OutOfOrder }
    }

    /// Exchanges the person's key, as of the session's last event; whether it had one to exchange.
    pub(super) fn rekey(&mut self, rekey: &Rekey) -> bool {
        let old = self.person;
        self.person = rekey.of(self.key.account, old, Quarter::of(self.last_at_ms).0);
        self.person != old
    }

    /// Cleans texts that name somebody; whether there were any.
    ///
    /// # Errors
    /// As [`Arrival::steps`].
    pub(super) fn scrub(&mut self, scrubs: &Scrubs) -> Result<bool, postcard::Error> {
        if scrubs.is_empty() {
            return Ok(false);
        }
        let (account, person) = (self.key.account, self.person);
        let facts = scrubs.clean_facts(account, person, &mut self.facts);
        let (mut log, mut rest, mut steps) = (Vec::with_capacity(self.log.len()), self.log.as_slice(), false);
        let mut log_from = 0;
        while !rest.is_empty() {
            if self.log.len() - rest.len() == self.run.log_from {
                log_from = log.len();
            }
            let (mut step, after) = postcard::take_from_bytes::<Step>(rest)?;
            steps |= scrubs.clean_vars(account, person, &mut step.vars);
            log = postcard::to_extend(&step, log)?;
            rest = after;
        }
        if steps {
            (self.log, self.run.log_from) = (log, log_from);
        }
        Ok(facts || steps)
    }

    /// All folded events, in run order.
    ///
    /// # Errors
    /// When the log is not what [`Arrival::arrive`] wrote: only a damaged checkpoint can bring that.
    pub(super) fn steps(&self) -> Result<Vec<Step>, postcard::Error> {
        let mut steps = decode(&self.log)?;
        if steps.iter().any(|step| step.run as usize >= self.bases.len()) {
            return Err(postcard::Error::DeserializeBadEncoding);
        }
        steps.sort_by_key(|step| (step.run, step.place, step.seq));
        Ok(steps)
    }

    fn leave_out(&mut self, event: &Event) -> &mut LeftOut {
        let key = (Quarter::of(event.at_ms).0, event.playback as u8);
        let left = self.left_out.entry(key).or_insert_with(|| LeftOut {
            first_ms: event.at_ms,
            last_ms: event.at_ms,
            ..LeftOut::default()
        });
        left.first_ms = left.first_ms.min(event.at_ms);
        left.last_ms = left.last_ms.max(event.at_ms);
        left
    }

    fn is_duplicate(&mut self, event: &Event) -> bool {
        // Hashes: ids may be long, and two of a session's 100,000 collide once in two billion sessions.
        if let Some(id) = &event.event_id
            && !self.ids.insert(xxh3_64(id.as_bytes()))
        {
            return true;
        }
        let (Some(index), Some(top)) = (event.index, self.run.top_index) else { return false };
        if index > top {
            return false;
        }
        let log = &self.log[self.run.log_from..];
        let seen = self.run.seen.get_or_insert_with(|| {
            let steps = decode(log).expect("the log was read when the session was loaded");
            steps.into_iter().filter_map(|step| Some((step.index?, step.kind, step.position))).collect()
        });
        seen.contains(&(index, event.kind, event.position_ms))
    }

    fn step(&mut self, seq: u64, mut event: Event) -> (Step, bool) {
        let mut bits = self.who(&event);
        if event.stream == 0 && received_ms(&event).saturating_sub(event.at_ms) > HORIZON_DAYS * 24 * 60 * 60 * 1000 {
            bits |= noted::LATE;
        }
        let index_fell = matches!((event.index, self.run.top_index), (Some(index), Some(top)) if index <= top);
        let play_time_fell =
            matches!((event.play_time_ms, self.run.top_play_time), (Some(sum), Some(top)) if sum < top);
        let fell = index_fell || play_time_fell;
        let opens = self.bases.is_empty() || (fell && self.may_restart(event.at_ms));
        if opens {
            let goes_on = !index_fell && !self.bases.is_empty();
            self.bases.push(if goes_on { self.run.top_index.unwrap_or(0) } else { 0 });
            self.run = Run { first_at_ms: event.at_ms, log_from: self.log.len(), ..Run::default() };
        } else if fell {
            bits |= noted::REORDERED;
        }
        let run = &mut self.run;
        let place = event.index.unwrap_or(run.top_index.unwrap_or(0));
        let in_order = run.top_index.is_none_or(|top| place >= top);
        run.top_index = run.top_index.max(event.index);
        run.top_play_time = run.top_play_time.max(event.play_time_ms);
        run.last_kind = event.kind;
        if matches!(event.kind, EventKind::PLAY | EventKind::RESUME | EventKind::VIEW) {
            run.playback_at_ms = run.playback_at_ms.max(Some(event.at_ms));
        }
        if let (Some(seen), Some(index)) = (&mut run.seen, event.index) {
            seen.insert((index, event.kind, event.position_ms));
        }
        self.facts.fill(&mut event.facts);
        self.bot |= event.bot;
        if let Some(duration_ms) = event.duration_ms.filter(|&ms| ms > 0) {
            self.duration_ms = duration_ms;
        }
        let vars = marks::kept(&mut event);
        let step = Step {
            seq,
            run: self.bases.len() as u32 - 1,
            place,
            kind: event.kind,
            at_ms: event.at_ms,
            index: event.index,
            playback: event.playback,
            position: event.position_ms,
            target: event.target_ms,
            speed: event.speed_milli,
            play_time: event.play_time_ms,
            noted: bits,
            measured: Some(event.measured).filter(|measured| *measured != Measured::default()),
            vars,
        };
        (step, in_order)
    }

    fn may_restart(&self, at_ms: i64) -> bool {
        let since = self.run.playback_at_ms.unwrap_or(self.run.first_at_ms);
        self.run.last_kind == EventKind::ERROR || at_ms.saturating_sub(since) >= RUN_PAUSE_MS
    }

    /// Settles the person; says what to note about the event's identity.
    fn who(&mut self, event: &Event) -> u8 {
        let who = event.who;
        let mut bits = match who.refusal {
            IdentityRefusal::No => 0,
            IdentityRefusal::Unsigned => noted::UNSIGNED,
            IdentityRefusal::Invalid => noted::INVALID,
        };
        if who.person != PersonKey::UNKNOWN {
            if who.proof > self.proof {
                (self.person, self.proof) = (who.person, who.proof);
            } else if who.person != self.person {
                bits |= noted::OTHER;
            }
        }
        self.staff |= who.staff && bits & noted::OTHER == 0;
        bits
    }
}

/// When the server got an event; its own instant where that was not noted.
pub(super) fn received_ms(event: &Event) -> i64 {
    if event.received_ms == 0 { event.at_ms } else { event.received_ms }
}

fn decode(mut log: &[u8]) -> Result<Vec<Step>, postcard::Error> {
    let mut steps = Vec::new();
    while !log.is_empty() {
        let (step, rest) = postcard::take_from_bytes(log)?;
        steps.push(step);
        log = rest;
    }
    Ok(steps)
}

impl Facts {
    /// Takes from others what is not known yet.
    fn fill(&mut self, from: &mut Facts) {
        for (own, other) in self.texts_mut().into_iter().zip(from.texts_mut()) {
            if own.is_empty() && !other.is_empty() {
                std::mem::swap(own, other);
            }
        }
    }
}

macro_rules! texts {
    ($($field:ident),+ $(,)?) => {
        impl Facts {
            /// All fields, in the order of [`crate::row::TextColumn`] after the entry.
            pub(super) fn texts(&self) -> [&Text; FACTS] {
                [$(&self.$field),+]
            }
            fn texts_mut(&mut self) -> [&mut Text; FACTS] {
                [$(&mut self.$field),+]
            }
        }
    };
}
/// All text columns but the entry and the suspect text.
const FACTS: usize = crate::row::TextColumn::COUNT - 2;
texts! {
    country, region, city, place_source, device, os, os_version, browser, browser_version, domain, page, application,
    application_version, kaltura_application, kaltura_application_version, context, proved_context, playlist, ui_conf,
    player_version, client_tag, delivery, custom_var_1, custom_var_2, custom_var_3, root_entry, node, virtual_event,
    persistent_session,
}
