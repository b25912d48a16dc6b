//! Sums and sets become values; rows are labelled, sorted and paged.

use super::QueryError;
use super::axis::{Axis, Interned};
use super::gather::{Gathered, Group, RowRef};
use super::plan::{Plan, person_key};
use super::scan::Found;
use super::sets::{Seconds, Steps};
use crate::access::People;
use crate::column::Dictionaries;
use crate::event::{Proof, Text};
use crate::glossary::{Dimension, Distinct, Measure, Played, Quantity, Recipe};
use crate::question::{Answer, Page, Point, Sort, TableRow, Value, View};
use crate::row::{Span, SumColumn, TextColumn, ViewRow};
use hashbrown::HashMap;
use std::cmp::Ordering;
use std::collections::BTreeMap;

const PLAYS: Quantity = Quantity::Sum(SumColumn::Plays, Played::Any);
const VIEWERS: Quantity = Quantity::Distinct(Distinct::Viewers);

/// The amounts of a group, by quantity of its panel.
struct Amounts<'g> {
    quantities: &'g [Quantity],
    amounts: &'g [Option<i128>],
    /// Recordings added can be told.
    counts_added: bool,
}

impl Amounts<'_> {
    fn find(&self, quantity: Quantity) -> Option<i128> {
        let place = self.quantities.binary_search(&quantity).expect("the plan gathers what recipes need");
        self.amounts[place].filter(|_| self.counts_added || !matches!(quantity, Quantity::Added(_)))
    }
    fn get(&self, quantity: Quantity) -> i128 {
        self.find(quantity).unwrap_or(0)
    }
    /// A sum of quantities, which all have one scale.
    fn sum(&self, of: &[Quantity]) -> (i128, f64) {
        (of.iter().map(|q| self.get(*q)).sum(), of[0].scale())
    }
}

/// The best row of a table.
#[derive(Clone, Copy, Default)]
struct Most {
    plays: i128,
    viewers: i128,
}

/// Turns what was found into answers.
pub(super) fn answers(plan: &Plan<'_>, axes: &[Axis], found: Found) -> Result<Vec<Answer>, QueryError> {
    let Found { mut gathered, interned, .. } = found;
    let mut finish = Finish { plan, axes, interned: &interned, gathered: &mut gathered };
    (0..plan.panels.len()).map(|panel| finish.panel(panel)).collect()
}

struct Finish<'f> {
    plan: &'f Plan<'f>,
    axes: &'f [Axis],
    interned: &'f [Interned],
    gathered: &'f mut Gathered,
}

/// A row before paging.
struct Row {
    group: u32,
    proof: Option<u8>,
    keys: Vec<Text>,
    labels: Vec<Text>,
    /// Other texts by which it may be found.
    also: Option<Text>,
    values: Vec<Value>,
    order: Value,
}

impl Finish<'_> {
    fn panel(&mut self, panel: usize) -> Result<Answer, QueryError> {
        let asked = &self.plan.question.panels[panel].view;
        Ok(match asked {
            View::Totals { measures } => {
                let groups = self.groups(panel);
                let nothing = nothing(&self.plan.panels[panel].quantities);
                let amounts = self.amounts(panel, groups.first().map_or(&nothing, |group| &group.amounts));
                Answer::Totals(measures.iter().map(|measure| value(*measure, &amounts, None)).collect())
            }
            View::Series { by, measures } => Answer::Series(self.series(panel, *by, measures)),
            View::Table { by, measures, page, .. } => self.table(panel, by, measures, page),
            View::Heat { entry } => self.heat(panel, entry),
            View::Rows { offset, limit } => self.view_rows(panel, *offset, *limit)?,
        })
    }

    fn groups(&mut self, panel: usize) -> Vec<Group> {
        let plan = self.plan;
        let entries = plan.snapshot.dictionaries.text(TextColumn::Entry);
        self.gathered.groups(plan, panel, &|quantity, recordings| {
            recordings.iter().map(|(code, seconds)| of_recording(plan, quantity, &entries.word(*code), seconds)).sum()
        })
    }

    fn amounts<'g>(&'g self, panel: usize, amounts: &'g [Option<i128>]) -> Amounts<'g> {
        let planned = &self.plan.panels[panel];
        Amounts { quantities: &planned.quantities, amounts, counts_added: planned.counts_added }
    }

    fn series(&mut self, panel: usize, by: Dimension, measures: &[Measure]) -> Vec<Point> {
        let groups: BTreeMap<u32, Group> = self.groups(panel).into_iter().map(|group| (group.key[0], group)).collect();
        let nothing = nothing(&self.plan.panels[panel].quantities);
        let slots = &self.plan.time(by.time().expect("the plan takes series by time only")).slots;
        let point = |(number, slot): (u32, &crate::period::Slot)| {
            let amounts = self.amounts(panel, groups.get(&number).map_or(&nothing, |group| &group.amounts));
            Point {
                key: slot.key.as_str().into(),
                label: slot.label.as_str().into(),
                start_ms: slot.span.map(|(from, _)| from.start_ms()),
                values: measures.iter().map(|measure| value(*measure, &amounts, None)).collect(),
                hidden: false,
            }
        };
        (0..).zip(slots).map(point).collect()
    }

    fn rows(&mut self, panel: usize, by: &[Dimension], measures: &[Measure], sort: Sort) -> Vec<Row> {
        let groups = self.groups(panel);
        let scored = measures.iter().chain(&sort.measure);
        let scored = scored.into_iter().any(|m| matches!(m.recipe(), Recipe::Score { .. } | Recipe::PlaysScore));
        let most = scored.then(|| {
            let most = |quantity: Quantity| {
                let place = self.plan.panels[panel].quantities.binary_search(&quantity).ok()?;
                groups.iter().filter_map(|group| group.amounts[place]).max()
            };
            Most { plays: most(PLAYS).unwrap_or(0), viewers: most(VIEWERS).unwrap_or(0) }
        });
        let dictionaries: &Dictionaries = &self.plan.snapshot.dictionaries;
        let axes = self.plan.panels[panel].axes.clone();
        let row = |group: Group| {
            let spell = |(axis, key): (&usize, &u32)| self.axes[*axis].spell(*key, dictionaries, &self.interned[*axis]);
            let keys: Vec<Text> = axes.iter().zip(&group.key).map(spell).collect();
            let labels = by.iter().zip(&keys).map(|(dimension, key)| self.plan.label(*dimension, key)).collect();
            let amounts = self.amounts(panel, &group.amounts);
            Row {
                group: group.number,
                proof: group.proof,
                labels,
                also: None,
                values: measures.iter().map(|m| value(*m, &amounts, most)).collect(),
                order: sort.measure.and_then(|m| value(m, &amounts, most)),
                keys,
            }
        };
        groups.into_iter().map(row).collect()
    }

    fn table(&mut self, panel: usize, by: &[Dimension], measures: &[Measure], page: &Page) -> Answer {
        let mut rows = self.rows(panel, by, measures, page.sort);
        if let Some(place) = by.iter().position(|dimension| *dimension == Dimension::Viewer)
            && self.plan.scope.people == People::Names
        {
            for row in &mut rows {
                let person = self.plan.view.people.get(&person_key(&row.keys[place]));
                row.also = person.map(|person| person.id.clone());
            }
        }
        let (rows, total) = cut(rows, page, by[0].time().is_some());
        let mut spans = self.gathered.spans(panel, &rows.iter().map(|row| row.group).collect::<Vec<_>>());
        let row = |row: Row| TableRow {
            keys: row.keys,
            labels: row.labels,
            values: row.values,
            proof: row.proof.map(|proof| Proof::ALL[usize::from(proof)]),
            coverage: joined(spans.remove(&row.group).unwrap_or_default()),
            hidden: false,
        };
        Answer::Table { rows: rows.into_iter().map(row).collect(), total }
    }

    fn heat(&self, panel: usize, entry: &str) -> Answer {
        let heat = self.gathered.heat(panel);
        let watched = heat.people.values().filter_map(|seconds| Some(seconds.ranges().last()?.1)).max().unwrap_or(0);
        let length = self.plan.lengths.of(&self.plan.view, entry);
        let told = length.map(|length| length.duration_ms.div_ceil(1000) as u32);
        // A length of centuries must not take the memory of centuries.
        let seconds = told.unwrap_or(watched).min((crate::limits::MEDIA_MS_MAX / 1000) as u32);
        let mut people = Steps::default();
        for (from, to) in heat.people.values().flat_map(Seconds::ranges) {
            people.add(from, to, 1);
        }
        let each = |steps: &Steps| {
            let mut counts: Vec<u64> = steps.counts().take(seconds as usize).collect();
            counts.resize(seconds as usize, 0);
            counts
        };
        Answer::Heat { seconds, views: each(heat.views), viewers: each(&people), unknown: each(heat.unknown) }
    }

    fn view_rows(&mut self, panel: usize, offset: usize, limit: usize) -> Result<Answer, QueryError> {
        let mut refs = self.gathered.take_refs(panel);
        let total = refs.len();
        let names = self.names(&refs);
        refs.sort_unstable_by(|a, b| {
            let key = |r: &RowRef| (&*names[&r.entry], r.quarter, r.session, r.playback);
            key(a).cmp(&key(b))
        });
        let page: Vec<RowRef> = refs.into_iter().skip(offset).take(limit).collect();
        let mut blocks = HashMap::new();
        let mut rows: Vec<ViewRow> = Vec::with_capacity(page.len());
        for at in page {
            let block = match blocks.entry(at.part) {
                hashbrown::hash_map::Entry::Occupied(known) => known.into_mut(),
                hashbrown::hash_map::Entry::Vacant(new) => {
                    new.insert(self.plan.snapshot.parts[at.part as usize].block()?)
                }
            };
            rows.push(block.row(at.row as usize));
        }
        Ok(Answer::Rows { rows, total })
    }

    fn names(&self, refs: &[RowRef]) -> HashMap<u32, std::sync::Arc<str>> {
        let entries = self.plan.snapshot.dictionaries.text(TextColumn::Entry);
        let mut names = HashMap::new();
        for at in refs {
            names.entry(at.entry).or_insert_with(|| entries.word(at.entry));
        }
        names
    }
}

/// The seconds of a recording that anybody played, as an amount.
fn of_recording(plan: &Plan<'_>, quantity: Quantity, entry: &str, seconds: &Seconds) -> i128 {
    let length = plan.lengths.of(&plan.view, entry).map_or(0, |length| length.content_ms);
    i128::from(if quantity == Quantity::UnionLengthMs { length } else { seconds.ms_until(length) })
}

/// The amounts of no rows.
fn nothing(quantities: &[Quantity]) -> Vec<Option<i128>> {
    quantities.iter().map(|quantity| if quantity.is_extreme() { None } else { Some(0) }).collect()
}

/// Spans, each second with how often it is in them: disjoint, ascending, neighbours of equal count joined.
fn joined(spans: Vec<Span>) -> Vec<Span> {
    let mut changes: BTreeMap<u32, i64> = BTreeMap::new();
    for span in spans {
        *changes.entry(span.from).or_default() += i64::from(span.times);
        *changes.entry(span.to).or_default() -= i64::from(span.times);
    }
    let (mut joined, mut depth, mut from) = (Vec::<Span>::new(), 0, 0);
    for (at, change) in changes {
        if depth > 0 && at > from {
            match joined.last_mut() {
                Some(last) if last.to == from && i64::from(last.times) == depth => last.to = at,
                _ => joined.push(Span { from, to: at, times: depth as u32 }),
            }
        }
        (depth, from) = (depth + change, at);
    }
    joined
}

/// Finds, sorts and cuts a page; also says how many rows there are in all. Rows without value come last. Where there is no
/// measure to sort by, times come in the order of their keys, all else in that of its labels.
fn cut(rows: Vec<Row>, page: &Page, by_time: bool) -> (Vec<Row>, usize) {
    let find = page.find.as_deref().map(str::to_lowercase).filter(|find| !find.is_empty());
    let found = |row: &Row| {
        find.as_ref().is_none_or(|find| {
            let mut texts = row.keys.iter().chain(&row.labels).chain(&row.also);
            texts.any(|text| text.to_lowercase().contains(find.as_str()))
        })
    };
    let low = |row: &Row| {
        let texts = if by_time { &row.keys } else { &row.labels };
        texts.iter().map(|text| text.to_lowercase()).collect::<Vec<_>>()
    };
    let sorts_by_label = page.sort.measure.is_none();
    let with_text = |row: Row| (if sorts_by_label { low(&row) } else { Vec::new() }, row);
    let mut rows: Vec<(Vec<String>, Row)> = rows.into_iter().filter(found).map(with_text).collect();
    let way = |order: Ordering| if page.sort.descending { order.reverse() } else { order };
    rows.sort_by(|(text_a, a), (text_b, b)| {
        let order = match (a.order, b.order) {
            _ if sorts_by_label => way(text_a.cmp(text_b)),
            (Some(a), Some(b)) => way(a.total_cmp(&b)),
            (a, b) => b.is_some().cmp(&a.is_some()),
        };
        order.then_with(|| a.keys.cmp(&b.keys))
    });
    let total = rows.len();
    (rows.into_iter().skip(page.offset).take(page.limit).map(|(_, row)| row).collect(), total)
}

fn value(measure: Measure, amounts: &Amounts<'_>, most: Option<Most>) -> Value {
    match measure.recipe() {
        Recipe::Plain { of, per } => Some(amounts.find(of)? as f64 / of.scale() / f64::from(per)),
        Recipe::Total { of } => Some(amounts.sum(of).0 as f64 / of[0].scale()),
        Recipe::Extreme { of, times } => Some(amounts.find(of)? as f64 / of.scale() * f64::from(times)),
        Recipe::Over { top, bottom, times, per, cap, floor } => {
            let (above, scale) = amounts.sum(top);
            let (below, below_scale) = amounts.sum(bottom);
            if below == 0 {
                return None;
            }
            let (above, below) = (above * i128::from(times), below * i128::from(per));
            let value = if floor {
                above.div_euclid(below) as f64
            } else {
                (above as f64 / scale) / (below as f64 / below_scale)
            };
            Some(cap.map_or(value, |cap| value.min(f64::from(cap))))
        }
        Recipe::Score { compatible } => {
            let most = most.filter(|most| most.plays > 0)?;
            let plays = amounts.get(PLAYS);
            let completion = if compatible {
                let parts = amounts.get(Quantity::Parts);
                if plays == 0 { 0.0 } else { (parts as f64 / plays as f64 / 100.0).min(1.0) }
            } else {
                let (share, plays) = (amounts.get(Quantity::Share), amounts.get(Quantity::TimedPlays));
                if plays == 0 { 0.0 } else { (share as f64 / Quantity::Share.scale() / plays as f64).min(1.0) }
            };
            let viewers = if most.viewers == 0 { 0.0 } else { amounts.get(VIEWERS) as f64 / most.viewers as f64 };
            Some(5.0 * (plays as f64 / most.plays as f64) + 2.5 * viewers + 2.5 * completion)
        }
        Recipe::PlaysScore => {
            let most = most.filter(|most| most.plays > 0)?;
            Some(5.0 * (amounts.get(PLAYS) as f64 / most.plays as f64))
        }
    }
}
