//! What a scan has gathered: for each panel and group exact sums and sets, which merge with those of another thread in any
//! order.

mod added;

use super::axis::{Axis, Interned, Key, Reader, Times};
use super::plan::{Also, Plan};
use super::sets::{Codes, Numbers, Seconds, Steps};
use super::values::{Batch, Value, Values};
use crate::column::Field;
use crate::glossary::{Added, Quantity};
use crate::limits::GROUPS_BY_MAX;
use crate::row::Span;
use hashbrown::HashMap;

/// A group's keys, one for each axis of its panel.
pub(super) type GroupKey = [Key; GROUPS_BY_MAX];

const NONE: u32 = u32::MAX;

/// The groups of panels that are grouped alike, in the order in which they were met.
#[derive(Debug)]
struct Groups {
    axes: Vec<usize>,
    keys: Vec<GroupKey>,
    /// One axis: group by key.
    direct: Vec<u32>,
    /// Several: group by keys.
    combined: HashMap<GroupKey, u32>,
}

impl Groups {
    fn new(axes: Vec<usize>) -> Groups {
        let keys = if axes.is_empty() { vec![GroupKey::default()] } else { Vec::new() };
        Groups { axes, keys, direct: Vec::new(), combined: HashMap::new() }
    }

    fn one(&mut self, key: Key) -> u32 {
        let at = key as usize;
        if at >= self.direct.len() {
            self.direct.resize((at + 1).next_power_of_two(), NONE);
        }
        if self.direct[at] == NONE {
            self.direct[at] = self.keys.len() as u32;
            self.keys.push([key, 0, 0]);
        }
        self.direct[at]
    }

    fn group(&mut self, key: GroupKey) -> u32 {
        if self.axes.len() == 1 {
            return self.one(key[0]);
        }
        let keys = &mut self.keys;
        *self.combined.entry(key).or_insert_with(|| {
            keys.push(key);
            keys.len() as u32 - 1
        })
    }

    fn bytes(&self) -> usize {
        self.keys.len() * size_of::<GroupKey>() + self.direct.len() * 4 + self.combined.len() * 24
    }
}

/// The groups of a batch's rows.
enum Grouped {
    /// All in the one group.
    One,
    /// By row.
    Each(Vec<u32>),
    /// Rows with a group each; a row may come several times or not at all. With how often the grouped variable was there.
    Listed { rows: Vec<u32>, groups: Vec<u32>, times: Vec<Times> },
}

/// Sums of groups. Added up in 64 bits as long as they cannot overflow.
#[derive(Clone, Debug, Default)]
struct Sums {
    narrow: Vec<u64>,
    wide: Vec<i128>,
    /// What may have been added to any of `narrow` since it was last emptied.
    most: u64,
}

impl Sums {
    fn grow(&mut self, groups: usize) -> usize {
        let before = self.narrow.len();
        if groups > before {
            self.narrow.resize(groups, 0);
            self.wide.resize(if self.wide.is_empty() { 0 } else { groups }, 0);
        }
        (self.narrow.len() - before) * 8
    }
    /// Makes room for so many numbers, none larger than `ceiling`.
    fn make_room(&mut self, count: usize, ceiling: u64) {
        let more = ceiling.saturating_mul(count as u64);
        if self.most.checked_add(more).is_none() {
            self.empty();
        }
        self.most += more;
    }
    fn add(&mut self, group: usize, number: u64) {
        self.make_room(1, number);
        self.narrow[group] += number;
    }
    fn empty(&mut self) {
        self.widen();
        for (wide, narrow) in self.wide.iter_mut().zip(&mut self.narrow) {
            *wide += i128::from(std::mem::take(narrow));
        }
        self.most = 0;
    }
    fn widen(&mut self) {
        self.wide.resize(self.narrow.len(), 0);
    }
    fn get(&self, group: usize) -> i128 {
        let wide = self.wide.get(group).copied().unwrap_or(0);
        wide + i128::from(self.narrow.get(group).copied().unwrap_or(0))
    }
}

/// What is gathered of one quantity, by group.
#[derive(Debug)]
enum Slot {
    Sums(Sums),
    Codes(Vec<Codes>),
    Numbers(Vec<Numbers>),
    /// By recording: the seconds that anybody played.
    Seconds(Vec<HashMap<u32, Seconds>>),
    /// The slot before has it: both sides of a share covered are read from the same seconds.
    Before,
    Largest(Vec<Option<i128>>),
}

impl Slot {
    /// The slots of a panel's quantities, which ascend.
    fn of(quantities: &[Quantity]) -> Vec<Slot> {
        let slot = |(place, quantity): (usize, &Quantity)| {
            let before = place.checked_sub(1).map(|before| quantities[before]);
            match (before, quantity) {
                (Some(Quantity::UnionMs), Quantity::UnionLengthMs) => Slot::Before,
                _ => Slot::new(*quantity),
            }
        };
        quantities.iter().enumerate().map(slot).collect()
    }

    fn new(quantity: Quantity) -> Slot {
        match quantity {
            Quantity::Distinct(crate::glossary::Distinct::Sessions) => Slot::Numbers(Vec::new()),
            Quantity::Distinct(_) | Quantity::Added(Added::Owners) => Slot::Codes(Vec::new()),
            Quantity::UnionMs | Quantity::UnionLengthMs => Slot::Seconds(Vec::new()),
            Quantity::First | Quantity::Last | Quantity::MarkedMost(..) => Slot::Largest(Vec::new()),
            _ => Slot::Sums(Sums::default()),
        }
    }

    fn grow(&mut self, groups: usize) -> usize {
        fn resize<T: Default>(of: &mut Vec<T>, groups: usize) -> usize {
            let more = groups.saturating_sub(of.len());
            of.resize_with(groups.max(of.len()), T::default);
            more * size_of::<T>()
        }
        match self {
            Slot::Sums(sums) => sums.grow(groups),
            Slot::Codes(sets) => resize(sets, groups),
            Slot::Numbers(sets) => resize(sets, groups),
            Slot::Seconds(sets) => resize(sets, groups),
            Slot::Largest(values) => resize(values, groups),
            Slot::Before => 0,
        }
    }
}

/// A view row among a snapshot's parts, with what it is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RowRef {
    pub(super) entry: u32,
    pub(super) quarter: i32,
    pub(super) session: u64,
    pub(super) playback: u8,
    pub(super) part: u32,
    pub(super) row: u32,
}

/// One panel.
#[derive(Debug)]
struct Panel {
    grouping: usize,
    slots: Vec<Slot>,
    /// How many rows each group has: a group may belong to another panel alone.
    rows: Vec<u64>,
    /// Weakest proof of each group.
    proofs: Vec<u8>,
    /// Seconds watched, with their groups.
    spans: Vec<(u32, Span)>,
    views: Steps,
    /// Those of `views` by viewers who are not known.
    unknown: Steps,
    people: HashMap<u32, Seconds>,
    refs: Vec<RowRef>,
}

/// All panels.
#[derive(Debug)]
pub(super) struct Gathered {
    groups: Vec<Groups>,
    panels: Vec<Panel>,
    bytes: usize,
}

/// Runs `$body` for each (row of the batch, group) of some rows.
macro_rules! each {
    ($grouped:expr, $count:expr, |$row:ident, $group:ident| $body:expr) => {
        match $grouped {
            Grouped::One => {
                for $row in 0..$count {
                    let $group = 0_usize;
                    $body
                }
            }
            Grouped::Each(groups) => {
                for ($row, group) in groups.iter().enumerate() {
                    let $group = *group as usize;
                    $body
                }
            }
            Grouped::Listed { rows, groups, .. } => {
                for (row, group) in rows.iter().zip(groups) {
                    let ($row, $group) = (*row as usize, *group as usize);
                    $body
                }
            }
        }
    };
}

impl Gathered {
    pub(super) fn new(plan: &Plan<'_>) -> Gathered {
        let mut groups: Vec<Groups> = Vec::new();
        let mut panels = Vec::with_capacity(plan.panels.len());
        for panel in &plan.panels {
            let grouping = groups.iter().position(|known| known.axes == panel.axes).unwrap_or_else(|| {
                groups.push(Groups::new(panel.axes.clone()));
                groups.len() - 1
            });
            panels.push(Panel {
                grouping,
                slots: Slot::of(&panel.quantities),
                rows: Vec::new(),
                proofs: Vec::new(),
                spans: Vec::new(),
                views: Steps::default(),
                unknown: Steps::default(),
                people: HashMap::new(),
                refs: Vec::new(),
            });
        }
        Gathered { groups, panels, bytes: 0 }
    }

    /// Bytes held, about.
    pub(super) fn bytes(&self) -> usize {
        self.bytes + self.groups.iter().map(Groups::bytes).sum::<usize>()
    }

    /// Adds a batch. `masks`: of each of the panels' own filters the rows that pass.
    #[expect(clippy::too_many_arguments, reason = "what one thread of a scan has at hand, each by itself")]
    pub(super) fn batch(
        &mut self,
        plan: &Plan<'_>,
        axes: &[Axis],
        readers: &mut [Reader<'_>],
        interned: &mut [Interned],
        batch: &Batch<'_>,
        masks: &[&[bool]],
        values: &Values,
    ) {
        let mut keys: Vec<Option<Vec<Key>>> = axes.iter().map(|_| None).collect();
        for (axis, reader) in readers.iter_mut().enumerate() {
            if !axes[axis].many_valued() && !axes[axis].of_entry() {
                let mut found = Vec::with_capacity(batch.rows.len());
                reader.keys(batch.rows, &mut interned[axis], &mut found);
                keys[axis] = Some(found);
            }
        }
        let grouped: Vec<Grouped> =
            self.groups.iter_mut().map(|groups| group(groups, axes, readers, interned, &keys, batch)).collect();
        for (panel, planned) in self.panels.iter_mut().zip(&plan.panels) {
            let masks: Vec<&[bool]> = planned.filters.iter().map(|filter| masks[filter - plan.common]).collect();
            let whole = &grouped[panel.grouping];
            let groups = self.groups[panel.grouping].keys.len();
            if masks.is_empty() {
                self.bytes += panel.add(plan, planned, batch, whole, groups, values);
            } else {
                let passes = |row: usize| masks.iter().all(|mask| mask[row]);
                let part = whole.only(batch.rows.len(), passes);
                self.bytes += panel.add(plan, planned, batch, &part, groups, values);
            }
        }
    }
}

/// The group of each row.
fn group(
    groups: &mut Groups,
    axes: &[Axis],
    readers: &[Reader<'_>],
    interned: &mut [Interned],
    keys: &[Option<Vec<Key>>],
    batch: &Batch<'_>,
) -> Grouped {
    let by = groups.axes.clone();
    match by.as_slice() {
        [] => return Grouped::One,
        [axis] => {
            if let Axis::Entry = axes[*axis] {
                let code = |row: usize| batch.facts(row).code;
                return Grouped::Each((0..batch.rows.len()).map(|row| groups.one(code(row))).collect());
            }
            if let Some(keys) = &keys[*axis] {
                return Grouped::Each(keys.iter().map(|key| groups.one(*key)).collect());
            }
        }
        _ if by.iter().all(|axis| keys[*axis].is_some() || matches!(axes[*axis], Axis::Entry)) => {
            let key = |row: usize| {
                let mut key = GroupKey::default();
                for (place, axis) in by.iter().enumerate() {
                    key[place] = keys[*axis].as_ref().map_or_else(|| batch.facts(row).code, |keys| keys[row]);
                }
                key
            };
            return Grouped::Each((0..batch.rows.len()).map(|row| groups.group(key(row))).collect());
        }
        _ => {}
    }
    // Some axis may give a row several keys: every combination of them.
    let (mut rows, mut listed, mut times) = (Vec::new(), Vec::new(), Vec::new());
    let mut combinations: Vec<(GroupKey, Times)> = Vec::new();
    for row in 0..batch.rows.len() {
        combinations.clear();
        combinations.push((GroupKey::default(), Times::ONCE));
        for (place, axis) in by.iter().enumerate() {
            let of_row: Vec<(Key, Times)> = match (&keys[*axis], &axes[*axis]) {
                (Some(keys), _) => vec![(keys[row], Times::ONCE)],
                (None, Axis::Mark(..)) => {
                    let values = readers[*axis].marks(batch.rows[row] as usize);
                    values.map(|(value, times)| (interned[*axis].code(value), times)).collect()
                }
                (None, _) => batch.facts(row).keys[*axis].iter().map(|key| (*key, Times::ONCE)).collect(),
            };
            combinations = combinations
                .iter()
                .flat_map(|(key, times)| {
                    of_row.iter().map(move |(value, more)| {
                        let mut key = *key;
                        key[place] = *value;
                        let (seen, confirmed) = (times.seen * more.seen, times.confirmed * more.confirmed);
                        (key, Times { seen, confirmed })
                    })
                })
                .collect();
        }
        for (key, count) in &combinations {
            rows.push(row as u32);
            listed.push(groups.group(*key));
            times.push(*count);
        }
    }
    Grouped::Listed { rows, groups: listed, times }
}

impl Grouped {
    /// Only some of the rows.
    fn only(&self, count: usize, passes: impl Fn(usize) -> bool) -> Grouped {
        let (mut rows, mut groups, mut times) = (Vec::new(), Vec::new(), Vec::new());
        let mut push = |row: usize, group: u32, count: Times| {
            if passes(row) {
                rows.push(row as u32);
                groups.push(group);
                times.push(count);
            }
        };
        match self {
            Grouped::One => (0..count).for_each(|row| push(row, 0, Times::ONCE)),
            Grouped::Each(each) => each.iter().enumerate().for_each(|(row, group)| push(row, *group, Times::ONCE)),
            Grouped::Listed { rows, groups, times } => {
                for ((row, group), times) in rows.iter().zip(groups).zip(times) {
                    push(*row as usize, *group, *times);
                }
            }
        }
        Grouped::Listed { rows, groups, times }
    }

    fn len(&self, count: usize) -> usize {
        match self {
            Grouped::One => count,
            Grouped::Each(groups) | Grouped::Listed { groups, .. } => groups.len(),
        }
    }
}

impl Panel {
    /// Adds a batch; says by how many bytes the panel grew.
    fn add(
        &mut self,
        plan: &Plan<'_>,
        planned: &super::plan::PanelPlan,
        batch: &Batch<'_>,
        grouped: &Grouped,
        groups: usize,
        values: &Values,
    ) -> usize {
        let count = batch.rows.len();
        let mut grown = groups.saturating_sub(self.rows.len()) * 8;
        self.rows.resize(groups.max(self.rows.len()), 0);
        each!(grouped, count, |_row, group| self.rows[group] += 1);
        for (quantity, slot) in planned.quantities.iter().zip(&mut self.slots) {
            grown += slot.grow(groups);
            let value = &values.0[plan.place(*quantity)];
            grown += add(slot, value, grouped, batch);
        }
        grown + self.add_also(plan, &planned.also, batch, grouped, groups)
    }

    fn add_also(&mut self, plan: &Plan<'_>, also: &Also, batch: &Batch<'_>, grouped: &Grouped, groups: usize) -> usize {
        let count = batch.rows.len();
        let loaded = batch.loaded;
        let mut grown = 0;
        match also {
            Also::Nothing => {}
            Also::Of { proof, coverage } => {
                if *proof {
                    self.proofs.resize(groups.max(self.proofs.len()), u8::MAX);
                    let proofs = loaded.ints(Field::Proof);
                    each!(grouped, count, |row, group| {
                        let proof = proofs.get(batch.rows[row] as usize) as u8;
                        self.proofs[group] = self.proofs[group].min(proof);
                    });
                }
                if *coverage {
                    let spans = loaded.get(Field::Coverage).spans();
                    let before = self.spans.len();
                    each!(grouped, count, |row, group| {
                        let of_row = spans.row(batch.rows[row] as usize);
                        self.spans.extend(of_row.iter().map(|span| (group as u32, *span)));
                    });
                    grown += (self.spans.len() - before) * size_of::<(u32, Span)>();
                }
            }
            Also::Heat(entry) => {
                let (people, spans) = (loaded.ints(Field::Viewer), loaded.get(Field::Coverage).spans());
                each!(grouped, count, |row, _group| {
                    let at = batch.rows[row] as usize;
                    if batch.facts(row).code == *entry {
                        let person = people.get(at) as u32;
                        let seconds = self.people.entry(person).or_default();
                        for span in spans.row(at) {
                            grown += self.views.add(span.from, span.to, i64::from(span.times));
                            if person == plan.unknown {
                                grown += self.unknown.add(span.from, span.to, i64::from(span.times));
                            }
                            grown += seconds.insert(span.from, span.to);
                        }
                    }
                });
            }
            Also::Rows => {
                let (base, quarters) = loaded.get(Field::Quarter).quarters();
                let (sessions, playbacks) = (loaded.ints(Field::Session), loaded.ints(Field::Playback));
                let before = self.refs.len();
                each!(grouped, count, |row, _group| {
                    let at = batch.rows[row] as usize;
                    self.refs.push(RowRef {
                        entry: batch.facts(row).code,
                        quarter: base + quarters.get(at) as i32,
                        session: sessions.get(at),
                        playback: playbacks.get(at) as u8,
                        part: batch.part,
                        row: at as u32,
                    });
                });
                grown += (self.refs.len() - before) * size_of::<RowRef>();
            }
        }
        grown
    }
}

/// Adds a batch's values to the groups of a slot; says by how many bytes it grew.
fn add(slot: &mut Slot, value: &Value, grouped: &Grouped, batch: &Batch<'_>) -> usize {
    let count = batch.rows.len();
    let mut grown = 0;
    match (slot, value) {
        (_, Value::Zero) | (Slot::Before, _) => {}
        (Slot::Sums(sums), Value::Sum(values, ceiling)) if ceiling.checked_mul(count as u64 + 1).is_none() => {
            sums.widen();
            each!(grouped, count, |row, group| sums.wide[group] += i128::from(values[row]));
        }
        (Slot::Sums(sums), Value::Sum(values, ceiling)) => {
            sums.make_room(grouped.len(count), *ceiling);
            let narrow = &mut sums.narrow;
            match grouped {
                Grouped::One => narrow[0] += values.iter().sum::<u64>(),
                Grouped::Each(groups) => {
                    for (value, group) in values.iter().zip(groups) {
                        narrow[*group as usize] += value;
                    }
                }
                Grouped::Listed { rows, groups, .. } => {
                    for (row, group) in rows.iter().zip(groups) {
                        narrow[*group as usize] += values[*row as usize];
                    }
                }
            }
        }
        (Slot::Sums(sums), Value::Wide(values)) => {
            sums.widen();
            each!(grouped, count, |row, group| sums.wide[group] += values[row]);
        }
        (Slot::Sums(sums), Value::Occurrences { confirmed }) => {
            sums.make_room(grouped.len(count), u32::MAX.into());
            match grouped {
                Grouped::Listed { groups, times, .. } => {
                    for (group, times) in groups.iter().zip(times) {
                        let times = if *confirmed { times.confirmed } else { times.seen };
                        sums.narrow[*group as usize] += u64::from(times);
                    }
                }
                other => each!(other, count, |_row, group| sums.narrow[group] += 1),
            }
        }
        (Slot::Codes(sets), Value::Members(members)) => each!(grouped, count, |row, group| {
            if let Some(member) = members[row] {
                grown += sets[group].insert(member);
            }
        }),
        (Slot::Numbers(sets), Value::Numbers(numbers)) => {
            each!(grouped, count, |row, group| grown += sets[group].insert(numbers[row]));
        }
        (Slot::Seconds(sets), Value::Seconds(recordings)) => {
            let spans = batch.loaded.get(Field::Coverage).spans();
            each!(grouped, count, |row, group| {
                if let Some(recording) = recordings[row] {
                    let seconds = sets[group].entry(recording).or_default();
                    for span in spans.row(batch.rows[row] as usize) {
                        grown += seconds.insert(span.from, span.to);
                    }
                }
            });
        }
        (Slot::Largest(most), Value::Largest(values)) => {
            each!(grouped, count, |row, group| most[group] = most[group].max(values[row]));
        }
        _ => unreachable!("a quantity's values have the shape of its slot"),
    }
    grown
}

/// One group of a panel, ready to become values.
pub(super) struct Group {
    /// As the axes spell them in the thread that gathered.
    pub(super) key: GroupKey,
    /// By quantity of the panel; nothing where there is no largest.
    pub(super) amounts: Vec<Option<i128>>,
    /// The weakest, if the panel wants it.
    pub(super) proof: Option<u8>,
    /// The panel's number of it.
    pub(super) number: u32,
}

/// A panel's seconds.
pub(super) struct Heat<'g> {
    pub(super) views: &'g Steps,
    pub(super) unknown: &'g Steps,
    pub(super) people: &'g HashMap<u32, Seconds>,
}

impl Gathered {
    /// Takes in what another thread has gathered. Its keys that only it can read are spelled and coded anew.
    pub(super) fn merge(&mut self, other: Gathered, recode: &mut dyn FnMut(usize, Key) -> Key) {
        self.bytes += other.bytes;
        let mut maps: Vec<Vec<u32>> = Vec::with_capacity(self.groups.len());
        for (mine, theirs) in self.groups.iter_mut().zip(&other.groups) {
            let axes = mine.axes.clone();
            let map = theirs.keys.iter().map(|key| {
                let mut key = *key;
                for (place, axis) in axes.iter().enumerate() {
                    key[place] = recode(*axis, key[place]);
                }
                if axes.is_empty() { 0 } else { mine.group(key) }
            });
            maps.push(map.collect());
        }
        for (mine, theirs) in self.panels.iter_mut().zip(other.panels) {
            let groups = self.groups[mine.grouping].keys.len();
            mine.merge(theirs, &maps[mine.grouping], groups);
        }
    }

    /// The groups of a panel that have rows. `finish` turns the seconds of a recording into the quantity's amount.
    pub(super) fn groups(
        &mut self,
        plan: &Plan<'_>,
        panel: usize,
        finish: &dyn Fn(Quantity, &HashMap<u32, Seconds>) -> i128,
    ) -> Vec<Group> {
        let keys = &self.groups[self.panels[panel].grouping].keys;
        let (quantities, panel) = (&plan.panels[panel].quantities, &mut self.panels[panel]);
        let mut groups = Vec::new();
        for (number, key) in keys.iter().enumerate() {
            if panel.rows.get(number).is_none_or(|rows| *rows == 0) {
                continue;
            }
            let amounts = quantities.iter().enumerate().map(|(place, quantity)| {
                let place = if let Slot::Before = panel.slots[place] { place - 1 } else { place };
                match &mut panel.slots[place] {
                    Slot::Sums(sums) => Some(sums.get(number)),
                    Slot::Codes(sets) => Some(sets[number].count() as i128),
                    Slot::Numbers(sets) => Some(sets[number].count() as i128),
                    Slot::Seconds(sets) => Some(finish(*quantity, &sets[number])),
                    Slot::Largest(most) => most[number],
                    Slot::Before => None,
                }
            });
            let proof = panel.proofs.get(number).copied();
            groups.push(Group { key: *key, amounts: amounts.collect(), proof, number: number as u32 });
        }
        groups
    }

    /// The seconds watched by some groups of a panel.
    pub(super) fn spans(&self, panel: usize, groups: &[u32]) -> HashMap<u32, Vec<Span>> {
        let mut found: HashMap<u32, Vec<Span>> = groups.iter().map(|group| (*group, Vec::new())).collect();
        for (group, span) in &self.panels[panel].spans {
            if let Some(spans) = found.get_mut(group) {
                spans.push(*span);
            }
        }
        found
    }

    pub(super) fn heat(&self, panel: usize) -> Heat<'_> {
        let panel = &self.panels[panel];
        Heat { views: &panel.views, unknown: &panel.unknown, people: &panel.people }
    }

    pub(super) fn take_refs(&mut self, panel: usize) -> Vec<RowRef> {
        std::mem::take(&mut self.panels[panel].refs)
    }
}

impl Panel {
    fn merge(&mut self, other: Panel, map: &[u32], groups: usize) {
        self.rows.resize(groups.max(self.rows.len()), 0);
        for (group, rows) in other.rows.iter().enumerate() {
            self.rows[map[group] as usize] += rows;
        }
        for (mine, theirs) in self.slots.iter_mut().zip(other.slots) {
            mine.grow(groups);
            mine.merge(theirs, map);
        }
        if !other.proofs.is_empty() {
            self.proofs.resize(groups.max(self.proofs.len()), u8::MAX);
            for (group, proof) in other.proofs.iter().enumerate() {
                let mine = &mut self.proofs[map[group] as usize];
                *mine = (*mine).min(*proof);
            }
        }
        self.spans.extend(other.spans.into_iter().map(|(group, span)| (map[group as usize], span)));
        self.views.merge(other.views);
        self.unknown.merge(other.unknown);
        for (person, seconds) in other.people {
            self.people.entry(person).or_default().merge(seconds);
        }
        self.refs.extend(other.refs);
    }
}

impl Slot {
    fn merge(&mut self, other: Slot, map: &[u32]) {
        match (self, other) {
            (Slot::Sums(mine), Slot::Sums(theirs)) => {
                mine.widen();
                for (group, to) in map.iter().enumerate().take(theirs.narrow.len()) {
                    mine.wide[*to as usize] += theirs.get(group);
                }
            }
            (Slot::Codes(mine), Slot::Codes(theirs)) => {
                for (group, set) in theirs.into_iter().enumerate() {
                    mine[map[group] as usize].merge(set);
                }
            }
            (Slot::Numbers(mine), Slot::Numbers(theirs)) => {
                for (group, set) in theirs.into_iter().enumerate() {
                    mine[map[group] as usize].merge(set);
                }
            }
            (Slot::Seconds(mine), Slot::Seconds(theirs)) => {
                for (group, recordings) in theirs.into_iter().enumerate() {
                    for (recording, seconds) in recordings {
                        mine[map[group] as usize].entry(recording).or_default().merge(seconds);
                    }
                }
            }
            (Slot::Largest(mine), Slot::Largest(theirs)) => {
                for (group, most) in theirs.into_iter().enumerate() {
                    let mine = &mut mine[map[group] as usize];
                    *mine = (*mine).max(most);
                }
            }
            (Slot::Before, Slot::Before) => {}
            _ => unreachable!("slots of one quantity have one shape"),
        }
    }
}
