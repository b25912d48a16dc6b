//! Made-up data to look at and to measure with: a campus, and a year of what its people do with its recordings.
//!
//! Everything comes from a seed and an instant `now` at which the year ends: the same two give the same data. Events
//! are made in the order of time, in batches, with memory that does not grow with their number beyond the sessions that
//! run at the same time. They are events like any others and take the same way through journal and fold.

mod calendar;
mod campus;
mod session;
mod world;

use crate::enrich::Point;
use campus::Campus;
use engine::event::{AccountId, Event, PersonKey};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use session::Player;
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// The account that the data belongs to.
pub const ACCOUNT: AccountId = AccountId(1001);
/// Its name.
pub const ACCOUNT_NAME: &str = "Northlake University";
/// The institution's own domain, for the domain rules.
pub const ORG_DOMAIN: &str = "northlake.example";
/// How many events `make demo` asks for.
pub const EVENTS_DEFAULT: u64 = 800_000;
/// How far back the data goes, ms.
pub const YEAR_MS: i64 = 365 * calendar::DAY_MS;
/// Events in a batch: large, because every batch costs an fsync.
const BATCH: usize = 8_192;
/// Sessions are laid out in steps of this length, ms.
const STEP_MS: i64 = 15 * 60 * 1000;
/// Sessions that are played in advance to learn how many events one has.
const SAMPLE: u64 = 400;

/// What is to be made.
pub struct Plan {
    seed: u64,
    now_ms: i64,
    events: u64,
    campus: Campus,
}

/// The cities of the made-up people, and where they lie.
pub fn places() -> impl Iterator<Item = (&'static str, &'static str, &'static str, Point)> {
    world::PLACES.iter().filter_map(|(country, region, city, _, (latitude, longitude))| {
        Some((*country, *region, *city, Point::of(*latitude, *longitude)?))
    })
}

impl Plan {
    /// Plans a campus and a year that ends at `now_ms` with about `events` events (within a few per cent).
    pub fn new(seed: u64, now_ms: i64, events: u64) -> Plan {
        let mut plan = Plan { seed, now_ms, events, campus: Campus::new(seed, now_ms) };
        let mut fresh = plan.fresh();
        for person in &mut plan.campus.people {
            person.key = PersonKey(fresh());
        }
        plan
    }

    /// The catalog as NDJSON, in the shape that the catalog imports.
    pub fn catalog(&self) -> String {
        self.campus.catalog()
    }

    /// What the catalog's import asks for new people's keys: a sequence from the seed, so that the same plan in an
    /// empty catalog gives the same keys.
    pub fn fresh(&self) -> impl FnMut() -> u64 + use<> {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed ^ 0x6B65_7973);
        move || rng.random()
    }

    /// Takes people's keys as the catalog gave them out: once, between the import and the events. Returns how many
    /// people have none; their views count as Unknown.
    pub fn settle(&mut self, key_of: &dyn Fn(&str) -> Option<PersonKey>) -> usize {
        let mut without = 0;
        for person in &mut self.campus.people {
            person.key = key_of(&person.id).unwrap_or(PersonKey::UNKNOWN);
            without += usize::from(person.key == PersonKey::UNKNOWN);
        }
        without
    }

    /// The events, in the order of time, in batches of some thousands.
    pub fn events(&self) -> Events<'_> {
        let from_ms = self.now_ms - YEAR_MS;
        let weights: f64 = (0..YEAR_MS / STEP_MS).map(|i| self.campus.calendar.weight(from_ms + i * STEP_MS)).sum();
        let sessions = self.events as f64 / self.events_per_session();
        Events {
            plan: self,
            rng: ChaCha8Rng::seed_from_u64(self.seed),
            at_ms: from_ms,
            carry: 0.0,
            sessions_per_weight: sessions / weights,
            waiting: BinaryHeap::new(),
            order: 0,
        }
    }

    /// Everything, batch by batch. `sink` stores a batch; `progress` hears how many events are done, of about how many.
    ///
    /// # Errors
    /// What `sink` says, at once.
    pub fn run<E>(
        &self,
        sink: &mut dyn FnMut(Vec<Event>) -> Result<(), E>,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<u64, E> {
        let mut done = 0;
        for batch in self.events() {
            let count = batch.len() as u64;
            sink(batch)?;
            done += count;
            progress(done, self.events.max(done));
        }
        Ok(done)
    }

    /// Learned from a sample over the whole year.
    fn events_per_session(&self) -> f64 {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed ^ 0x7361_6D70);
        let calendar = &self.campus.calendar;
        let (mut made, mut played) = (0usize, 0u64);
        while played < SAMPLE {
            let at_ms = self.now_ms - rng.random_range(calendar::DAY_MS..YEAR_MS);
            // Steps are drawn as often as sessions fall into them.
            if rng.random::<f64>() * calendar::WEIGHT_MAX < calendar.weight(at_ms) {
                made += Player::new(&self.campus, &mut rng, at_ms).play().len();
                played += 1;
            }
        }
        made as f64 / played as f64
    }
}

/// The events of a plan: see [`Plan::events`].
pub struct Events<'a> {
    plan: &'a Plan,
    rng: ChaCha8Rng,
    /// The next step's start: everything before it is laid out.
    at_ms: i64,
    /// The part of a session that is still owed.
    carry: f64,
    sessions_per_weight: f64,
    /// Events of sessions that run on.
    waiting: BinaryHeap<Reverse<Waiting>>,
    order: u64,
}

impl Events<'_> {
    /// Lays out the sessions that begin in the next step.
    fn step(&mut self) {
        let campus = &self.plan.campus;
        self.carry += campus.calendar.weight(self.at_ms) * self.sessions_per_weight;
        while self.carry >= 1.0 {
            self.carry -= 1.0;
            let begin = self.at_ms + self.rng.random_range(0..STEP_MS);
            for event in Player::new(campus, &mut self.rng, begin).play() {
                if event.at_ms < self.plan.now_ms {
                    self.order += 1;
                    self.waiting.push(Reverse(Waiting { order: self.order, event }));
                }
            }
        }
        self.at_ms += STEP_MS;
    }
}

impl Iterator for Events<'_> {
    type Item = Vec<Event>;

    fn next(&mut self) -> Option<Vec<Event>> {
        let mut batch = Vec::new();
        while batch.len() < BATCH {
            let is_due = |next: &Reverse<Waiting>| next.0.event.at_ms < self.at_ms;
            if self.waiting.peek().is_some_and(is_due) {
                batch.extend(self.waiting.pop().map(|next| next.0.event));
            } else if self.at_ms < self.plan.now_ms {
                self.step();
            } else {
                break;
            }
        }
        (!batch.is_empty()).then_some(batch)
    }
}

/// A campus that goes on while somebody looks at it, so that a demo shows what is live: sessions at a steady pace whatever
/// the hour, one in three of them in front of the live lecture.
pub struct GoingOn {
    plan: Plan,
    rng: ChaCha8Rng,
    /// The next session's beginning.
    next_ms: i64,
    /// Nobody begins after this.
    end_ms: i64,
    waiting: BinaryHeap<Reverse<Waiting>>,
    order: u64,
}

/// Between two beginnings of sessions, ms: some two dozen people watch at a time.
const GOING_ON_MS: i64 = 20_000;
/// Those who are there when somebody begins to look have come within this time, ms.
const GOING_ON_BEFORE_MS: i64 = 10 * 60 * 1000;
/// How long a campus goes on, ms: whoever leaves a demo running has no day that outgrows the year.
const GOING_ON_FOR_MS: i64 = 2 * 60 * 60 * 1000;

impl GoingOn {
    /// Of a plan whose people have their keys, from now on.
    pub fn new(plan: Plan, now_ms: i64) -> GoingOn {
        // Another time, other people.
        let rng = ChaCha8Rng::seed_from_u64(plan.seed ^ now_ms.unsigned_abs());
        let (next_ms, end_ms) = (now_ms - GOING_ON_BEFORE_MS, now_ms + GOING_ON_FOR_MS);
        GoingOn { plan, rng, next_ms, end_ms, waiting: BinaryHeap::new(), order: 0 }
    }

    /// What has happened by now and was not told yet, in the order of time. Nothing once it is over.
    pub fn until(&mut self, now_ms: i64) -> Option<Vec<Event>> {
        while self.next_ms < now_ms.min(self.end_ms) {
            let campus = &self.plan.campus;
            let player = match self.rng.random_bool(1.0 / 3.0) {
                true => Player::of(campus, &mut self.rng, campus::LIVE, self.next_ms),
                false => Player::new(campus, &mut self.rng, self.next_ms),
            };
            for event in player.play() {
                self.order += 1;
                self.waiting.push(Reverse(Waiting { order: self.order, event }));
            }
            self.next_ms += self.rng.random_range(0..2 * GOING_ON_MS);
        }
        let mut due = Vec::new();
        while self.waiting.peek().is_some_and(|next| next.0.event.at_ms <= now_ms) {
            due.extend(self.waiting.pop().map(|next| next.0.event));
        }
        (now_ms < self.end_ms || !self.waiting.is_empty()).then_some(due)
    }
}

/// An event that waits for its time.
struct Waiting {
    order: u64,
    event: Event,
}

impl Waiting {
    fn key(&self) -> (i64, u64) {
        (self.event.at_ms, self.order)
    }
}
impl PartialEq for Waiting {
    fn eq(&self, other: &Waiting) -> bool {
        self.key() == other.key()
    }
}
impl Eq for Waiting {}
impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Waiting) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Waiting {
    fn cmp(&self, other: &Waiting) -> Ordering {
        self.key().cmp(&other.key())
    }
}

#[cfg(test)]
mod tests;
