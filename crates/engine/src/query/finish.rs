//! Sums and sets become values; rows are labelled, sorted and paged.

use super::Answered;
use super::partial::{Group, Heat, Key, PanelPartial, Partial, Slot, Steps};
use super::plan::{Grouping, PanelPlan, Plan, person_text};
use crate::event::{PersonKey, Text};
use crate::glossary::{Distinct, Measure, Played, Quantity, Recipe};
use crate::question::{Answer, Panel, Sort, TableRow, Value, ViewerRow};
use crate::row::{Span, SumColumn};
use std::cmp::Ordering;

const PLAYS: Quantity = Quantity::Sum(SumColumn::Plays, Played::Any);
const VIEWERS: Quantity = Quantity::Distinct(Distinct::Viewers);

/// The quantities of a group as numbers.
struct Amounts<'p> {
    panel: &'p PanelPlan,
    amounts: Vec<i128>,
}

impl Amounts<'_> {
    fn get(&self, quantity: Quantity) -> i128 {
        let place = self.panel.quantities.binary_search(&quantity).expect("the plan gathers what recipes need");
        self.amounts[place]
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

pub(super) fn answered(plan: &Plan<'_>, whole: Partial) -> Answered {
    let panels = plan.panels.iter().zip(&plan.question.panels).zip(whole.panels);
    let answers = panels.map(|((panel, asked), partial)| answer(plan, panel, asked, partial)).collect();
    Answered { answers, left_out: whole.left_out }
}

fn answer(plan: &Plan<'_>, panel: &PanelPlan, asked: &Panel, mut partial: PanelPartial) -> Answer {
    match (asked, &panel.grouping) {
        (Panel::Totals { measures }, _) => {
            let group = partial.groups.remove(&Key::One).unwrap_or_else(|| Group::new(&panel.quantities));
            let amounts = amounts(plan, panel, group);
            Answer::Totals(measures.iter().map(|m| value(*m, &amounts, None)).collect())
        }
        (Panel::Series { measures, .. }, Grouping::Buckets { buckets, .. }) => {
            let points = buckets.iter().enumerate().map(|(number, bucket)| {
                let group = partial.groups.remove(&Key::Bucket(number as u32));
                let amounts = amounts(plan, panel, group.unwrap_or_else(|| Group::new(&panel.quantities)));
                let values = measures.iter().map(|m| value(*m, &amounts, None)).collect();
                (bucket.from.start_ms(), Text::from(bucket.label.as_str()), values)
            });
            Answer::Series(points.collect())
        }
        (Panel::Table { dimension, measures, sort, offset, limit, find }, _) => {
            let rows = reckon(plan, panel, partial, measures, *sort, |key| {
                let key = match key {
                    Key::Person(person) => person_text(PersonKey(*person)),
                    Key::Word(word) => word.clone(),
                    Key::One | Key::Bucket(_) => unreachable!("tables group by words and people"),
                };
                (plan.label(*dimension, &key), key)
            });
            let (rows, total) = page(rows, find.as_deref(), *sort, *offset, *limit);
            let rows = rows.into_iter().map(|r| TableRow { key: r.key, label: r.label, values: r.values }).collect();
            Answer::Table { rows, total }
        }
        (Panel::Viewers { measures, sort, offset, limit, find }, _) => {
            let rows = reckon(plan, panel, partial, measures, *sort, |key| {
                let Key::Person(person) = key else { unreachable!("viewers are grouped by person") };
                (plan.person_label(PersonKey(*person)), person_text(PersonKey(*person)))
            });
            let id_of = |row: &Row| match row.group_key {
                Key::Person(person) if plan.scope.people == crate::access::People::Names => {
                    plan.view.people.get(&PersonKey(person)).map(|p| p.id.clone())
                }
                _ => None,
            };
            let rows = rows
                .into_iter()
                .map(|mut row| {
                    row.also = id_of(&row);
                    row
                })
                .collect();
            let (rows, total) = page(rows, find.as_deref(), *sort, *offset, *limit);
            Answer::Viewers { rows: rows.into_iter().map(viewer_row).collect(), total }
        }
        (Panel::Heat { entry }, _) => heat(plan, entry, partial.heat),
        (Panel::Series { .. }, _) => unreachable!("series are grouped by bucket"),
    }
}

/// A row before paging.
struct Row {
    group_key: Key,
    key: Text,
    label: Text,
    /// Another text by which it may be found.
    also: Option<Text>,
    values: Vec<Value>,
    order: Value,
    viewer: Option<Box<super::partial::ViewerFacts>>,
}

fn reckon(
    plan: &Plan<'_>,
    panel: &PanelPlan,
    partial: PanelPartial,
    measures: &[Measure],
    sort: Sort,
    name: impl Fn(&Key) -> (Text, Text),
) -> Vec<Row> {
    let groups: Vec<_> = partial
        .groups
        .into_iter()
        .map(|(key, mut group)| {
            let viewer = group.viewer.take();
            (key, viewer, amounts(plan, panel, group))
        })
        .collect();
    let scored = measures.iter().chain(&sort.measure);
    let most = scored.into_iter().any(|m| matches!(m.recipe(), Recipe::Score { .. } | Recipe::PlaysScore)).then(|| {
        let has_viewers = panel.quantities.binary_search(&VIEWERS).is_ok();
        Most {
            plays: groups.iter().map(|(.., a)| a.get(PLAYS)).max().unwrap_or(0),
            viewers: if has_viewers { groups.iter().map(|(.., a)| a.get(VIEWERS)).max().unwrap_or(0) } else { 0 },
        }
    });
    groups
        .into_iter()
        .map(|(group_key, viewer, amounts)| {
            let (label, key) = name(&group_key);
            let values = measures.iter().map(|m| value(*m, &amounts, most)).collect();
            let order = sort.measure.and_then(|m| value(m, &amounts, most));
            Row { group_key, key, label, also: None, values, order, viewer }
        })
        .collect()
}

/// Finds, sorts and cuts a page; also says how many rows there are in all. Rows without value come last.
fn page(rows: Vec<Row>, find: Option<&str>, sort: Sort, offset: usize, limit: usize) -> (Vec<Row>, usize) {
    let find = find.map(str::to_lowercase).filter(|find| !find.is_empty());
    let found = |row: &Row| {
        find.as_ref().is_none_or(|find| {
            [Some(&row.key), Some(&row.label), row.also.as_ref()]
                .into_iter()
                .flatten()
                .any(|text| text.to_lowercase().contains(find.as_str()))
        })
    };
    let mut rows: Vec<(String, Row)> =
        rows.into_iter().filter(found).map(|row| (row.label.to_lowercase(), row)).collect();
    let way = |order: Ordering| if sort.descending { order.reverse() } else { order };
    rows.sort_by(|(label_a, a), (label_b, b)| {
        let order = match (sort.measure, a.order, b.order) {
            (None, ..) => way(label_a.cmp(label_b)),
            (Some(_), Some(a), Some(b)) => way(a.total_cmp(&b)),
            (Some(_), a, b) => b.is_some().cmp(&a.is_some()),
        };
        order.then_with(|| a.key.cmp(&b.key))
    });
    let total = rows.len();
    (rows.into_iter().skip(offset).take(limit).map(|(_, row)| row).collect(), total)
}

fn viewer_row(row: Row) -> ViewerRow {
    let Key::Person(person) = row.group_key else { unreachable!("viewers are grouped by person") };
    let facts = row.viewer.expect("the scan notes facts of each viewer");
    ViewerRow {
        person: PersonKey(person),
        label: row.label,
        proof: facts.proof,
        values: row.values,
        coverage: spans(&facts.coverage),
        first_ms: facts.first_ms,
        last_ms: facts.last_ms,
    }
}

/// Spans of equal count; neighbours joined.
fn spans(steps: &Steps) -> Vec<Span> {
    let mut out: Vec<Span> = Vec::new();
    let (mut from, mut times) = (0, 0_i64);
    for (at, change) in &steps.0 {
        if *change == 0 {
            continue;
        }
        if times > 0 {
            out.push(Span { from, to: *at, times: u32::try_from(times).unwrap_or(u32::MAX) });
        }
        times += change;
        from = *at;
    }
    out
}

fn heat(plan: &Plan<'_>, entry: &str, heat: Heat) -> Answer {
    let seen = plan.scope.clauses.iter().any(|c| c.entries.as_ref().is_none_or(|entries| entries.contains(entry)));
    let furthest = heat.views.0.last_key_value().map_or(0, |(at, _)| *at);
    let known = plan.length(entry).filter(|_| seen);
    let seconds = known.map_or(furthest, |length| u32::try_from(length.duration_ms.div_ceil(1000)).unwrap_or(u32::MAX));
    // A length of centuries must not take the memory of centuries.
    let seconds = seconds.min((crate::limits::MEDIA_MS_MAX / 1000) as u32);
    let mut views = vec![0_u64; seconds as usize];
    let mut viewers = vec![0_u64; seconds as usize];
    for span in spans(&heat.views) {
        for second in span.from..span.to.min(seconds) {
            views[second as usize] = u64::from(span.times);
        }
    }
    for (_, mut ranges) in heat.people {
        for (from, to) in ranges.spans() {
            for second in *from..(*to).min(seconds) {
                viewers[second as usize] += 1;
            }
        }
    }
    Answer::Heat { seconds, views, viewers }
}

fn amounts<'p>(plan: &Plan<'_>, panel: &'p PanelPlan, group: Group) -> Amounts<'p> {
    let amounts = panel.quantities.iter().zip(group.slots).map(|(quantity, slot)| match slot {
        Slot::Sum(sum) => sum,
        Slot::Numbers(mut numbers) => numbers.count() as i128,
        Slot::Words(words) => words.len() as i128,
        Slot::Union(union) => union
            .into_iter()
            .map(|(entry, mut ranges)| {
                let length = plan.length(&entry).map_or(0, |length| length.content_ms);
                if *quantity == Quantity::UnionLengthMs {
                    return i128::from(length);
                }
                let until = |second: u32| (u64::from(second) * 1000).min(length);
                ranges.spans().iter().map(|(from, to)| i128::from(until(*to) - until(*from))).sum::<i128>()
            })
            .sum(),
    });
    Amounts { panel, amounts: amounts.collect() }
}

fn value(measure: Measure, amounts: &Amounts<'_>, most: Option<Most>) -> Value {
    match measure.recipe() {
        Recipe::Plain { of, per } => Some(amounts.get(of) as f64 / of.scale() / f64::from(per)),
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
