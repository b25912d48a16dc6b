//! What a scan of some rows found: exact, and mergeable with any other in any order and grouping.

use super::plan::Plan;
use crate::event::Text;
use crate::glossary::{Distinct, Quantity};
use crate::question::LeftOut;
use std::collections::{BTreeMap, BTreeSet};

/// A group of a panel.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    /// The only one.
    One,
    /// A time bucket.
    Bucket(u32),
    /// A person.
    Person(u64),
    /// A value of a dimension.
    Word(Text),
}

/// Distinct numbers. Repeats are dropped when the list has doubled, and when it is read.
#[derive(Clone, Debug, Default)]
pub(super) struct Numbers {
    all: Vec<u64>,
    /// Length after the last dropping of repeats.
    tidy: usize,
}

impl Numbers {
    pub(super) fn insert(&mut self, number: u64) {
        if self.all.last() == Some(&number) {
            return;
        }
        self.all.push(number);
        if self.all.len() > 2 * self.tidy + 64 {
            self.tidy();
        }
    }
    fn tidy(&mut self) {
        self.all.sort_unstable();
        self.all.dedup();
        self.tidy = self.all.len();
    }
    fn merge(&mut self, other: Numbers) {
        self.all.extend(other.all);
        self.tidy();
    }
    pub(super) fn count(&mut self) -> usize {
        self.tidy();
        self.all.len()
    }
}

/// Second ranges that unite; normalised like [`Numbers`].
#[derive(Clone, Debug, Default)]
pub(super) struct Ranges {
    all: Vec<(u32, u32)>,
    tidy: usize,
}

impl Ranges {
    pub(super) fn insert(&mut self, from: u32, to: u32) {
        self.all.push((from, to));
        if self.all.len() > 2 * self.tidy + 64 {
            self.tidy();
        }
    }
    fn tidy(&mut self) {
        self.all.sort_unstable();
        let mut out: Vec<(u32, u32)> = Vec::new();
        for (from, to) in self.all.drain(..) {
            match out.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => out.push((from, to)),
            }
        }
        self.all = out;
        self.tidy = self.all.len();
    }
    fn merge(&mut self, other: Ranges) {
        self.all.extend(other.all);
        self.tidy();
    }
    /// Disjoint, ascending.
    pub(super) fn spans(&mut self) -> &[(u32, u32)] {
        self.tidy();
        &self.all
    }
}

/// Counts along seconds, as changes: `+n` where a span begins, `-n` where it ends.
#[derive(Clone, Debug, Default)]
pub(super) struct Steps(pub(super) BTreeMap<u32, i64>);

impl Steps {
    pub(super) fn add(&mut self, from: u32, to: u32, times: i64) {
        *self.0.entry(from).or_default() += times;
        *self.0.entry(to).or_default() -= times;
    }
    fn merge(&mut self, other: Steps) {
        for (at, change) in other.0 {
            *self.0.entry(at).or_default() += change;
        }
    }
}

/// What was gathered of one quantity.
#[derive(Clone, Debug)]
pub(super) enum Slot {
    Sum(i128),
    Numbers(Numbers),
    Words(BTreeSet<Text>),
    /// Played recordings, and the seconds of each that anybody played.
    Union(BTreeMap<Text, Ranges>),
}

impl Slot {
    fn new(quantity: Quantity) -> Slot {
        match quantity {
            Quantity::Distinct(
                Distinct::Viewers | Distinct::KnownViewers | Distinct::KnownPeople | Distinct::Sessions,
            ) => Slot::Numbers(Numbers::default()),
            Quantity::Distinct(_) => Slot::Words(BTreeSet::new()),
            Quantity::UnionMs | Quantity::UnionLengthMs => Slot::Union(BTreeMap::new()),
            _ => Slot::Sum(0),
        }
    }
    fn merge(&mut self, other: Slot) {
        match (self, other) {
            (Slot::Sum(a), Slot::Sum(b)) => *a += b,
            (Slot::Numbers(a), Slot::Numbers(b)) => a.merge(b),
            (Slot::Words(a), Slot::Words(mut b)) => a.append(&mut b),
            (Slot::Union(a), Slot::Union(b)) => {
                for (entry, ranges) in b {
                    a.entry(entry).or_default().merge(ranges);
                }
            }
            _ => unreachable!("slots of one quantity have one shape"),
        }
    }
}

/// What only a viewers' table needs.
#[derive(Clone, Debug)]
pub(super) struct ViewerFacts {
    pub(super) first_ms: i64,
    pub(super) last_ms: i64,
    pub(super) proof: u8,
    pub(super) coverage: Steps,
}

impl ViewerFacts {
    pub(super) fn new() -> ViewerFacts {
        ViewerFacts { first_ms: i64::MAX, last_ms: i64::MIN, proof: u8::MAX, coverage: Steps::default() }
    }
    fn merge(&mut self, other: ViewerFacts) {
        self.first_ms = self.first_ms.min(other.first_ms);
        self.last_ms = self.last_ms.max(other.last_ms);
        self.proof = self.proof.min(other.proof);
        self.coverage.merge(other.coverage);
    }
}

/// One group.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// By quantity of the panel.
    pub(super) slots: Vec<Slot>,
    pub(super) viewer: Option<Box<ViewerFacts>>,
}

impl Group {
    pub(super) fn new(quantities: &[Quantity]) -> Group {
        Group { slots: quantities.iter().map(|q| Slot::new(*q)).collect(), viewer: None }
    }
    fn merge(&mut self, other: Group) {
        for (mine, theirs) in self.slots.iter_mut().zip(other.slots) {
            mine.merge(theirs);
        }
        match (&mut self.viewer, other.viewer) {
            (Some(mine), Some(theirs)) => mine.merge(*theirs),
            (mine @ None, theirs) => *mine = theirs,
            (Some(_), None) => {}
        }
    }
}

/// Seconds of one entry.
#[derive(Clone, Debug, Default)]
pub(super) struct Heat {
    pub(super) views: Steps,
    pub(super) people: BTreeMap<u64, Ranges>,
}

/// One panel.
#[derive(Clone, Debug, Default)]
pub(super) struct PanelPartial {
    pub(super) groups: BTreeMap<Key, Group>,
    pub(super) heat: Heat,
}

/// All panels.
#[derive(Clone, Debug)]
pub(super) struct Partial {
    pub(super) panels: Vec<PanelPartial>,
    pub(super) left_out: LeftOut,
}

impl Partial {
    pub(super) fn new(plan: &Plan<'_>) -> Partial {
        Partial { panels: vec![PanelPartial::default(); plan.panels.len()], left_out: LeftOut::default() }
    }

    pub(super) fn merge(&mut self, other: Partial) {
        for (mine, theirs) in self.panels.iter_mut().zip(other.panels) {
            for (key, group) in theirs.groups {
                match mine.groups.get_mut(&key) {
                    Some(known) => known.merge(group),
                    None => drop(mine.groups.insert(key, group)),
                }
            }
            mine.heat.views.merge(theirs.heat.views);
            for (person, ranges) in theirs.heat.people {
                mine.heat.people.entry(person).or_default().merge(ranges);
            }
        }
        // Destructured, so that a new counter cannot be forgotten.
        let LeftOut {
            bot_rows,
            bot_events,
            suspect_rows,
            suspect_events,
            duplicates,
            late,
            identity_refused,
            unknown_plays,
            page_unknown_plays,
            other_plays,
            downloads,
            rows,
        } = other.left_out;
        let mine = &mut self.left_out;
        mine.bot_rows += bot_rows;
        mine.bot_events += bot_events;
        mine.suspect_rows += suspect_rows;
        mine.suspect_events += suspect_events;
        mine.duplicates += duplicates;
        mine.late += late;
        mine.identity_refused += identity_refused;
        mine.unknown_plays += unknown_plays;
        mine.page_unknown_plays += page_unknown_plays;
        mine.other_plays += other_plays;
        mine.downloads += downloads;
        mine.rows += rows;
    }
}
