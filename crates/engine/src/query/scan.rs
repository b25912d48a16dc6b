//! One pass over some parts' rows that feeds all panels.
//!
//! What depends on the entry alone (scope, catalog filters, length) is decided once for each entry and remembered; rows are
//! sorted by entry, so a part says in a few hundred runs which of its rows can matter at all. The rest is tested column by
//! column, on just the rows that are left, and gathered in batches small enough to stay in the processor's cache.

mod added;

use super::axis::{Axis, Interned, Key, Reader};
use super::gather::Gathered;
use super::lengths::Length;
use super::plan::Plan;
use super::values::{Batch, Values};
use super::{Budget, QueryError};
use crate::access::Clause;
use crate::block::Part;
use crate::catalog::OTHER;
use crate::catalog::view::MediaType;
use crate::column::{At, Column, Field, Ints, Runs, Words, by_width};
use crate::event::Text;
use crate::glossary::Quantity;
use crate::question::LeftOut;
use crate::row::{SumColumn, TextColumn};
use std::ops::Range;
use std::sync::Arc;

/// Rows gathered at a time: a column of them is 32 KB.
const BATCH_ROWS: usize = 4_096;

/// What is the same for all rows of an entry.
#[derive(Debug, Default)]
pub(super) struct EntryFacts {
    pub(super) code: u32,
    pub(super) length: Option<Length>,
    pub(super) image: bool,
    /// Code of the owner.
    pub(super) owner: Option<u32>,
    /// Clauses of the scope that let the entry in.
    clauses: Vec<usize>,
    /// One of them lets in all its rows.
    whole: bool,
    /// By axis of the plan: its keys where the entry decides them.
    pub(super) keys: Vec<Vec<Key>>,
    /// By filter of the plan: whether it passes those that the entry decides (the panels' own; the question's are decided
    /// before).
    pub(super) passes: Vec<bool>,
}

/// The columns of a part that were asked for.
#[derive(Default)]
pub(super) struct Loaded {
    by_field: Vec<Option<Arc<Column>>>,
}

impl Loaded {
    fn add(&mut self, part: &Part, plan: &Plan<'_>, fields: &[Field]) -> Result<(), QueryError> {
        self.by_field.resize(Field::STORED + 1, None);
        let wanted: Vec<Field> =
            fields.iter().copied().filter(|field| self.by_field[field.index()].is_none()).collect();
        for (field, column) in wanted.iter().zip(part.columns(&wanted, &plan.snapshot.dictionaries)?) {
            self.by_field[field.index()] = Some(column);
        }
        Ok(())
    }
    pub(super) fn get(&self, field: Field) -> &Column {
        self.by_field[field.index()].as_ref().expect("the plan names every column it needs")
    }
    pub(super) fn ints(&self, field: Field) -> &Ints {
        self.get(field).ints()
    }
    pub(super) fn sum(&self, column: SumColumn) -> &Ints {
        self.get(Field::Sum(column)).ints()
    }
    pub(super) fn words(&self, column: TextColumn) -> &Words {
        self.get(Field::Text(column)).words()
    }
}

/// A filter's answers for the keys met so far: 0 not met, 1 passes, 2 does not.
#[derive(Clone, Debug, Default)]
struct Verdicts {
    by_key: Vec<u8>,
    interned: Interned,
}

/// One thread's pass.
pub(super) struct Scan<'p> {
    plan: &'p Plan<'p>,
    budget: &'p Budget<'p>,
    axes: &'p [Axis],
    tests: &'p [Axis],
    /// By code of the entry.
    entries: Vec<Option<Option<Arc<EntryFacts>>>>,
    verdicts: Vec<Verdicts>,
    interned: Vec<Interned>,
    gathered: Gathered,
    left_out: LeftOut,
}

/// What a pass found.
pub(super) struct Found {
    pub(super) gathered: Gathered,
    pub(super) interned: Vec<Interned>,
    pub(super) left_out: LeftOut,
}

/// Rows that are left of a part, and whose they are.
struct Selected {
    rows: Vec<u32>,
    /// For each row a number in `facts`.
    of: Vec<u32>,
    facts: Vec<Arc<EntryFacts>>,
}

impl Selected {
    fn retain(&mut self, mut keeps: impl FnMut(usize, u32) -> bool) {
        let mut kept = 0;
        for i in 0..self.rows.len() {
            let (row, of) = (self.rows[i], self.of[i]);
            if keeps(i, row) {
                (self.rows[kept], self.of[kept]) = (row, of);
                kept += 1;
            }
        }
        self.rows.truncate(kept);
        self.of.truncate(kept);
    }
}

impl<'p> Scan<'p> {
    pub(super) fn new(plan: &'p Plan<'p>, budget: &'p Budget<'p>, axes: &'p [Axis], tests: &'p [Axis]) -> Scan<'p> {
        Scan {
            plan,
            budget,
            axes,
            tests,
            entries: Vec::new(),
            verdicts: vec![Verdicts::default(); tests.len()],
            interned: vec![Interned::default(); axes.len()],
            gathered: Gathered::new(plan),
            left_out: LeftOut::default(),
        }
    }

    pub(super) fn found(self) -> Found {
        Found { gathered: self.gathered, interned: self.interned, left_out: self.left_out }
    }

    /// Scans one part; `number` is its place in the snapshot.
    pub(super) fn part(&mut self, number: usize, part: &Part) -> Result<(), QueryError> {
        let mut loaded = Loaded::default();
        loaded.add(part, self.plan, &[Field::Runs])?;
        let runs = self.runs(part, loaded.get(Field::Runs).runs());
        if runs.is_empty() {
            return Ok(());
        }
        loaded.add(part, self.plan, &self.select_fields(&runs))?;
        let ends_early = runs.iter().any(|(_, facts)| facts.length.is_some_and(Length::ends_early));
        let mut selected = self.rows(part, &loaded, runs);
        self.test_clauses(&loaded, &mut selected);
        self.test_filters(&loaded, &mut selected);
        self.leave_out(&loaded, &mut selected);
        if selected.rows.is_empty() {
            return Ok(());
        }
        loaded.add(part, self.plan, &self.gather_fields(ends_early))?;
        self.note(&loaded, &selected);
        self.gather(number, &loaded, &selected)
    }

    /// The runs of a part that can matter.
    fn runs(&mut self, part: &Part, runs: &Runs) -> Vec<(Range<usize>, Arc<EntryFacts>)> {
        let account = self.plan.scope.account.0;
        let codes = runs.global(self.plan.snapshot.dictionaries.text(TextColumn::Entry));
        let mut found = Vec::new();
        match &self.plan.only {
            Some(only) if only.len() < runs.len() => {
                for entry in only.iter().filter(|entry| part.extent.may_hold(account, entry)) {
                    if let Some(run) = runs.find(account, entry)
                        && let Some(facts) = self.facts(codes[run], entry)
                    {
                        found.push((runs.rows(run), facts));
                    }
                }
            }
            _ => {
                for run in (0..runs.len()).filter(|run| runs.accounts[*run] == account) {
                    if let Some(facts) = self.facts(codes[run], &runs.entries[run]) {
                        found.push((runs.rows(run), facts));
                    }
                }
            }
        }
        found
    }

    /// What holds for an entry; `None` when none of its rows can matter.
    fn facts(&mut self, code: u32, entry: &Text) -> Option<Arc<EntryFacts>> {
        let at = code as usize;
        if at >= self.entries.len() {
            self.entries.resize(at + 1, None);
        }
        if let Some(known) = &self.entries[at] {
            return known.clone();
        }
        let facts = self.judge(code, entry).map(Arc::new);
        self.entries[at] = Some(facts.clone());
        facts
    }

    fn judge(&mut self, code: u32, entry: &Text) -> Option<EntryFacts> {
        let plan = self.plan;
        let clauses: Vec<usize> = (0..plan.scope.clauses.len())
            .filter(|i| plan.scope.clauses[*i].entries.as_ref().is_none_or(|entries| entries.contains(entry)))
            .collect();
        if clauses.is_empty() {
            return None;
        }
        let mut passes = Vec::with_capacity(plan.filters.len());
        for (number, (matcher, axis)) in plan.filters.iter().zip(self.tests).enumerate() {
            let label = |key: &str| plan.label(matcher.dimension, key);
            let pass = match axis {
                Axis::Entry => matcher.keeps([&**entry], label),
                Axis::Catalog(fact) => matcher.keeps(plan.facts(*fact, entry).iter().map(|key| &**key), label),
                Axis::Subcategory(course) => {
                    matcher.keeps(plan.subcategories(course, entry).iter().map(|key| &**key), label)
                }
                _ => true,
            };
            if !pass && number < plan.common {
                return None;
            }
            passes.push(pass);
        }
        let keys = self.axes.iter().zip(&mut self.interned).map(|(axis, interned)| match axis {
            Axis::Entry => vec![code],
            Axis::Catalog(fact) => plan.facts(*fact, entry).iter().map(|key| interned.code(key)).collect(),
            Axis::Subcategory(course) => {
                plan.subcategories(course, entry).iter().map(|key| interned.code(key)).collect()
            }
            _ => Vec::new(),
        });
        let known = plan.view.entries.get(entry);
        Some(EntryFacts {
            code,
            keys: keys.collect(),
            length: plan.lengths.of(&plan.view, entry),
            image: known.is_some_and(|e| e.media_type == MediaType::Image),
            owner: known.and_then(|e| e.owner).map(|owner| plan.snapshot.dictionaries.people.code(owner.0)),
            whole: clauses.iter().any(|i| plan.scope.clauses[*i].is_whole()),
            clauses,
            passes,
        })
    }

    fn select_fields(&self, runs: &[(Range<usize>, Arc<EntryFacts>)]) -> Vec<Field> {
        let mut fields =
            vec![Field::Quarter, Field::Bot, Field::Text(TextColumn::Suspect), Field::Sum(SumColumn::Events)];
        if runs.iter().any(|(_, facts)| !facts.whole) {
            fields.extend(self.plan.scope.clauses.iter().flat_map(Clause::fields));
        }
        fields.extend(self.tests[..self.plan.common].iter().flat_map(Axis::fields));
        fields
    }

    /// `ends_early`: the content of some recording ends before the recording does.
    fn gather_fields(&self, ends_early: bool) -> Vec<Field> {
        let own = self.tests[self.plan.common..].iter().chain(self.axes).flat_map(Axis::fields);
        let noted = NOTED.into_iter().map(Field::Sum);
        let more = [Field::Viewer, Field::Staff, Field::Text(TextColumn::Page)];
        let fresh = (ends_early && self.plan.quantities.contains(&Quantity::Share)).then_some(Field::Fresh);
        own.chain(noted).chain(more).chain(fresh).chain(self.plan.fields.iter().copied()).collect()
    }

    /// The rows of the runs that lie in the range and are not superseded.
    fn rows(&self, part: &Part, loaded: &Loaded, runs: Vec<(Range<usize>, Arc<EntryFacts>)>) -> Selected {
        let question = self.plan.question;
        let inside = part.extent.quarters.0 >= question.from.0 && part.extent.quarters.1 < question.to.0;
        let (base, offsets) = loaded.get(Field::Quarter).quarters();
        // The first row of a run whose quarter is not before this one.
        let bound = |run: &Range<usize>, quarter: i32| {
            let (mut low, mut high) = (run.start, run.end);
            while low < high {
                let middle = low.midpoint(high);
                if base + (offsets.get(middle) as i32) < quarter { low = middle + 1 } else { high = middle }
            }
            low
        };
        let mut selected = Selected { rows: Vec::new(), of: Vec::new(), facts: Vec::with_capacity(runs.len()) };
        for (run, facts) in runs {
            let run = if inside { run } else { bound(&run, question.from.0)..bound(&run, question.to.0) };
            if run.is_empty() {
                continue;
            }
            let number = selected.facts.len() as u32;
            if part.superseded.is_empty() {
                selected.rows.extend(run.start as u32..run.end as u32);
            } else {
                selected.rows.extend(part.live(run).map(|row| row as u32));
            }
            selected.of.resize(selected.rows.len(), number);
            selected.facts.push(facts);
        }
        selected
    }

    fn test_clauses(&self, loaded: &Loaded, selected: &mut Selected) {
        if selected.facts.iter().all(|facts| facts.whole) {
            return;
        }
        let column = |field: Field| loaded.get(field);
        let dictionaries = &self.plan.snapshot.dictionaries;
        let tests: Vec<_> = self.plan.scope.clauses.iter().map(|clause| clause.test(&column, dictionaries)).collect();
        let facts = std::mem::take(&mut selected.facts);
        let of = selected.of.clone();
        selected.retain(|i, row| {
            let facts = &facts[of[i] as usize];
            facts.whole || facts.clauses.iter().any(|clause| tests[*clause].holds(row as usize))
        });
        selected.facts = facts;
    }

    fn test_filters(&mut self, loaded: &Loaded, selected: &mut Selected) {
        for number in 0..self.plan.common {
            if self.tests[number].of_entry() || selected.rows.is_empty() {
                continue;
            }
            let keeps = self.test(number, loaded, &selected.rows);
            selected.retain(|i, _| keeps[i]);
        }
    }

    /// Whether each of some rows passes a filter that is not decided by the entry.
    fn test(&mut self, number: usize, loaded: &Loaded, rows: &[u32]) -> Vec<bool> {
        let (plan, axis) = (self.plan, &self.tests[number]);
        let matcher = &plan.filters[number];
        let label = |key: &str| plan.label(matcher.dimension, key);
        let mut reader = Reader::new(plan, axis, &|field| loaded.get(field));
        if let Axis::Mark(..) = axis {
            // A row without the variable has the empty value.
            return rows
                .iter()
                .map(|row| {
                    let mut values = reader.marks(*row as usize).map(|(value, _)| value).peekable();
                    if values.peek().is_none() { matcher.keeps([""], label) } else { matcher.keeps(values, label) }
                })
                .collect();
        }
        let Verdicts { by_key, interned } = &mut self.verdicts[number];
        let mut keys = Vec::with_capacity(rows.len());
        reader.keys(rows, interned, &mut keys);
        keys.iter()
            .map(|key| {
                let at = *key as usize;
                if at >= by_key.len() {
                    by_key.resize(at + 1, 0);
                }
                if by_key[at] == 0 {
                    let spelled = axis.spell(*key, &plan.snapshot.dictionaries, interned);
                    by_key[at] = if matcher.keeps([&*spelled], label) { 1 } else { 2 };
                }
                by_key[at] == 1
            })
            .collect()
    }

    /// Takes bots and suspects out, and counts them.
    fn leave_out(&mut self, loaded: &Loaded, selected: &mut Selected) {
        let (bots, suspects) = (loaded.ints(Field::Bot), loaded.words(TextColumn::Suspect));
        let with_bots = self.plan.with_bots || bots.is_zero();
        let fine: Vec<bool> = suspects.words.iter().map(|word| word.is_empty()).collect();
        let with_suspects = self.plan.with_suspects || fine.iter().all(|fine| *fine);
        if with_bots && with_suspects {
            return;
        }
        let mut out: [(u64, Vec<u32>); 2] = Default::default();
        selected.retain(|_, row| {
            let at = row as usize;
            let kind = if !with_bots && bots.get(at) == 1 {
                0
            } else if !with_suspects && !fine[suspects.codes.get(at) as usize] {
                1
            } else {
                return true;
            };
            out[kind].0 += 1;
            out[kind].1.push(row);
            false
        });
        let events = |rows: &[u32], loaded: &Loaded| sum_of(loaded.sum(SumColumn::Events), rows);
        self.left_out.bot_rows += out[0].0;
        self.left_out.suspect_rows += out[1].0;
        self.left_out.bot_events += events(&out[0].1, loaded);
        self.left_out.suspect_events += events(&out[1].1, loaded);
    }

    /// Counts what a reader of the answer must know.
    fn note(&mut self, loaded: &Loaded, selected: &Selected) {
        let rows = &selected.rows;
        let sum = |column| sum_of(loaded.sum(column), rows);
        let out = &mut self.left_out;
        out.rows += rows.len() as u64;
        out.events += sum(SumColumn::Events);
        out.duplicates += sum(SumColumn::Duplicates);
        out.late += sum(SumColumn::Late);
        out.missing += sum(SumColumn::Missing);
        out.identity_refused += [SumColumn::IdentityUnsigned, SumColumn::IdentityInvalid, SumColumn::IdentityOther]
            .into_iter()
            .map(sum)
            .sum::<u64>();
        out.downloads += sum(SumColumn::Downloads);
        let plays = loaded.sum(SumColumn::Plays);
        let (people, staff) = (loaded.ints(Field::Viewer), loaded.ints(Field::Staff));
        let pages = loaded.words(TextColumn::Page);
        let kinds: Vec<u8> = pages
            .words
            .iter()
            .map(|page| {
                if page.is_empty() {
                    1
                } else if **page == *OTHER {
                    2
                } else {
                    0
                }
            })
            .collect();
        for row in rows {
            let row = *row as usize;
            let played = plays.get(row);
            if played == 0 {
                continue;
            }
            out.unknown_plays += if people.get(row) == u64::from(self.plan.unknown) { played } else { 0 };
            out.staff_plays += staff.get(row) * played;
            match kinds[pages.codes.get(row) as usize] {
                1 => out.page_unknown_plays += played,
                2 => out.other_plays += played,
                _ => {}
            }
        }
    }

    fn gather(&mut self, part: usize, loaded: &Loaded, selected: &Selected) -> Result<(), QueryError> {
        let plan = self.plan;
        let mut readers: Vec<Reader<'_>> =
            self.axes.iter().map(|axis| Reader::new(plan, axis, &|field| loaded.get(field))).collect();
        // Rows that pass each of the panels' own filters.
        let masks: Vec<Vec<bool>> = (plan.common..plan.filters.len())
            .map(|number| match self.tests[number].of_entry() {
                true => selected.of.iter().map(|of| selected.facts[*of as usize].passes[number]).collect(),
                false => self.test(number, loaded, &selected.rows),
            })
            .collect();
        let mut from = 0;
        while from < selected.rows.len() {
            let to = selected.rows.len().min(from + BATCH_ROWS);
            let batch = Batch {
                part: part as u32,
                rows: &selected.rows[from..to],
                of: &selected.of[from..to],
                facts: &selected.facts,
                loaded,
            };
            let masks: Vec<&[bool]> = masks.iter().map(|mask| &mask[from..to]).collect();
            let values = Values::of(plan, &batch);
            self.gathered.batch(plan, self.axes, &mut readers, &mut self.interned, &batch, &masks, &values);
            from = to;
        }
        self.budget.check(self.gathered.bytes())
    }
}

/// Number columns that [`Scan::note`] and [`Scan::leave_out`] read.
const NOTED: [SumColumn; 9] = [
    SumColumn::Events,
    SumColumn::Duplicates,
    SumColumn::Late,
    SumColumn::Missing,
    SumColumn::IdentityUnsigned,
    SumColumn::IdentityInvalid,
    SumColumn::IdentityOther,
    SumColumn::Downloads,
    SumColumn::Plays,
];

fn sum_of(ints: &Ints, rows: &[u32]) -> u64 {
    match ints {
        Ints::Same(value, _) => value * rows.len() as u64,
        ints => by_width!(ints, numbers => rows.iter().map(|row| numbers.at(*row as usize)).sum()),
    }
}
