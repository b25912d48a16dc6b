//! Rows of reports that no single question gives: two questions joined, the catalog's own history, a recording's
//! percentiles.

use super::filter::key_text;
use super::graph::{self, Dated};
use super::table::{Row, person};
use super::total::Needed;
use super::types::{Column, Own};
use super::{Ask, unexpected};
use crate::kaltura::errors::{Fault, Outcome};
use engine::catalog::view::EntryView;
use engine::event::{PersonKey, Text};
use engine::glossary::{Dimension, Measure};
use engine::limits::SERIES_BUCKETS_MAX;
use engine::question::{Answer, Filter, Operator, Page, Panel, Question, Sort, TableRow, Value, View};
use engine::time::Quarter;
use std::collections::{BTreeMap, BTreeSet};

/// Percentiles of a recording: 0 to 100.
const PERCENTILES: u64 = 101;
/// What lists of values are of, whatever the filter says.
const VALUES_QUARTERS: i32 = 30 * 96;
const HOUR_QUARTERS: i32 = 4;
const DAY_QUARTERS: i32 = 96;

/// Whether rows have an order by themselves: that of their first text.
pub(super) fn is_ordered(kind: Own) -> bool {
    matches!(kind, Own::Percentiles | Own::LatestPlayed | Own::Values(_) | Own::UsageByDate)
}
/// Whether that is the latest first.
pub(super) fn is_newest_first(kind: Own) -> bool {
    kind == Own::LatestPlayed
}

/// All rows of a kind.
pub(super) fn rows(ask: &Ask<'_>, kind: Own) -> Outcome<Vec<Row>> {
    match kind {
        Own::Empty | Own::UsageByDate => Ok(Vec::new()),
        Own::Percentiles => percentiles(ask),
        Own::LatestPlayed => latest_played(ask),
        Own::Contributors => contributors(ask),
        Own::UserHighlights => user_highlights(ask),
        Own::Contributions(by) => contributions(ask, by),
        Own::Sources => sources(ask),
        Own::Usage => Ok(usage_by_owner(ask)),
        Own::SubCategories => sub_categories(ask),
        Own::Values(dimension) => values_of(ask, dimension),
        Own::QuizQuestions => quiz_questions(ask),
        Own::QuizPeople => quiz_people(ask),
    }
}

fn is(dimension: Dimension, values: &[&str]) -> Filter {
    Filter { dimension, operator: Operator::Is, values: values.iter().map(|value| (*value).into()).collect() }
}

fn all() -> Page {
    Page::all(Sort { measure: None, descending: false })
}

fn table_of(by: Dimension, measures: &[Measure], filters: Vec<Filter>) -> Panel {
    let view = View::Table { by: vec![by], measures: measures.to_vec(), page: all(), coverage: false };
    Panel { view, filters }
}

fn rows_of(answer: Option<Answer>) -> Outcome<Vec<TableRow>> {
    match answer {
        Some(Answer::Table { rows, .. }) => Ok(rows),
        _ => Err(unexpected()),
    }
}

fn row(keys: Vec<String>, names: Vec<String>, values: Vec<Value>, hidden: bool) -> Row {
    Row { keys, names, values, hidden }
}

/// Views and viewers of each hundredth of one recording.
fn percentiles(ask: &Ask<'_>) -> Outcome<Vec<Row>> {
    // Views of different recordings have no percentile in common.
    let entries = ask.conditions.values(Dimension::Entry).or_else(|| ask.conditions.values(Dimension::RootEntry));
    let entries: Vec<Text> = entries.into_iter().flatten().collect();
    let [entry] = entries.as_slice() else { return Err(Fault::too_general()) };
    let answer = ask.answer(vec![Panel::new(View::Heat { entry: entry.clone() })])?.pop();
    let Some(Answer::Heat { seconds, views, viewers, .. }) = answer else { return Err(unexpected()) };
    if views.iter().all(|count| *count == 0) {
        return Ok(Vec::new());
    }
    let at = |of: &[u64], percentile: u64| {
        let second = (percentile * u64::from(seconds) / 100).min(u64::from(seconds).saturating_sub(1));
        of.get(second as usize).map(|count| *count as f64)
    };
    let one = |percentile: u64| {
        let text = percentile.to_string();
        row(vec![text.clone()], vec![text], vec![at(&views, percentile), at(&viewers, percentile)], false)
    };
    Ok((0..PERCENTILES).map(one).collect())
}

/// Plays by quarter of an hour and recording, with their first instant; of long ranges by the hour, of very long ones by
/// the day.
fn latest_played(ask: &Ask<'_>) -> Outcome<Vec<Row>> {
    let quarters = ask.time.to.0 - ask.time.from.0;
    let max = SERIES_BUCKETS_MAX as i32;
    let time = match quarters {
        few if few <= max => Dimension::Quarter,
        some if some / HOUR_QUARTERS < max => Dimension::Hour,
        many if many / DAY_QUARTERS < max => Dimension::Day,
        _ => return Err(Fault::too_general()),
    };
    let measures = vec![Measure::Plays, Measure::FirstSeen];
    let view = View::Table { by: vec![time, Dimension::Entry], measures, page: all(), coverage: false };
    let rows = rows_of(ask.answer(vec![Panel::new(view)])?.pop())?;
    let played = rows.into_iter().filter(|row| row.values[0].is_some_and(|plays| plays > 0.0));
    let one = |found: TableRow| {
        // Exact times are not told where people are not named: then that of the bucket.
        let of_bucket = || found.keys[0].parse::<jiff::Timestamp>().ok().map(|at| at.as_second());
        let at = found.values[1].map(|ms| (ms as i64).div_euclid(1000)).or_else(of_bucket).unwrap_or_default();
        let keys = vec![at.to_string(), found.keys[1].to_string()];
        row(keys.clone(), keys, vec![found.values[0]], found.hidden)
    };
    Ok(played.map(one).collect())
}

/// Video, audio and live: what reports of contributions count.
fn contributed() -> Filter {
    is(Dimension::MediaType, &["video", "quiz", "youtube", "audio", "live"])
}

const ADDED: [Measure; 3] = [Measure::AddedRecordings, Measure::AddedMinutes, Measure::Contributors];

fn ms(minutes: Value) -> Value {
    // Whole milliseconds were divided to make minutes.
    minutes.map(|minutes| (minutes * 60_000.0).round())
}

/// The filters that concern recordings and not plays: with others what was added cannot be told.
fn of_recordings(ask: &Ask<'_>) -> Vec<Filter> {
    ask.conditions.filters.iter().filter(|filter| filter.dimension.is_of_recordings()).cloned().collect()
}

/// By key: recordings added, their length in ms, who added them. People that a filter names are those who added.
fn added_by(ask: &Ask<'_>, by: Dimension) -> Outcome<BTreeMap<String, [Value; 3]>> {
    let mut filters = of_recordings(ask);
    let people = ask.conditions.people.as_ref();
    filters.extend(people.map(|people| Filter {
        dimension: Dimension::Owner,
        operator: Operator::Is,
        values: people.iter().map(|key| key_text(*key)).collect(),
    }));
    let rows = rows_of(ask.answer_with(filters, vec![table_of(by, &ADDED, vec![contributed()])])?.pop())?;
    let one = |row: TableRow| {
        let values = [row.values[0], ms(row.values[1]), row.values[2]];
        (values[0].unwrap_or(0.0) > 0.0).then(|| (row.keys[0].to_string(), values))
    };
    Ok(rows.into_iter().filter_map(one).collect())
}

fn added_total(ask: &Ask<'_>, filters: Vec<Filter>) -> Outcome<[Value; 3]> {
    let panel = Panel { view: View::Totals { measures: ADDED.to_vec() }, filters: vec![contributed()] };
    match ask.answer_with(filters, vec![panel])?.pop() {
        Some(Answer::Totals(values)) => Ok([values[0], ms(values[1]), values[2]]),
        _ => Err(unexpected()),
    }
}

/// Owners by plays of what they own and by what they added. Scores are against the best of all rows.
fn contributors(ask: &Ask<'_>) -> Outcome<Vec<Row>> {
    let plays = rows_of(ask.answer(vec![table_of(Dimension::Owner, &[Measure::Plays], Vec::new())])?.pop())?;
    let mut all: BTreeMap<String, [f64; 3]> = BTreeMap::new();
    for row in plays {
        all.entry(row.keys[0].to_string()).or_default()[0] = row.values[0].unwrap_or(0.0);
    }
    for (key, [entries, ms, _]) in added_by(ask, Dimension::Owner)? {
        let here = all.entry(key).or_default();
        (here[1], here[2]) = (entries.unwrap_or(0.0), ms.unwrap_or(0.0));
    }
    all.retain(|key, values| !key.is_empty() && values.iter().any(|value| *value > 0.0));
    let most = |index: usize| all.values().map(|values| values[index]).fold(0.0_f64, f64::max);
    let (plays, entries, length) = (most(0), most(1), most(2));
    let part = |value: f64, most: f64, points: f64| if most > 0.0 { points * value / most } else { 0.0 };
    let one = |(key, values): (&String, &[f64; 3])| {
        let score = part(values[0], plays, 5.0) + part(values[1], entries, 2.5) + part(values[2], length, 2.5);
        let values = values.iter().copied().chain([score]).map(Some).collect();
        row(vec![key.clone()], vec![key.clone()], values, false)
    };
    Ok(all.iter().map(one).collect())
}

fn user_highlights(ask: &Ask<'_>) -> Outcome<Vec<Row>> {
    let columns = &ask.of.table[..ask.of.table.len() - 1];
    let needed = Needed::of(columns);
    let panel = table_of(Dimension::Viewer, &needed.measures, Vec::new());
    let watched = rows_of(ask.answer(vec![panel])?.pop())?;
    let mut added = added_by(ask, Dimension::Owner)?;
    let mut rows: Vec<Row> = Vec::new();
    for found in watched {
        let entries = added.remove(&*found.keys[0]).map_or(Some(0.0), |values| values[0]);
        let mut values = needed.values(&found.values, &[]);
        values.push(entries);
        rows.push(row(vec![found.keys[0].to_string()], vec![found.labels[0].to_string()], values, found.hidden));
    }
    // Who only uploads watches nothing, and belongs here all the same.
    let named = ask.scope().people() == engine::access::People::Names;
    for (key, values) in added.into_iter().filter(|(key, _)| named && !key.is_empty()) {
        let mut all = vec![Some(0.0); columns.len()];
        all.push(values[0]);
        rows.push(row(vec![key.clone()], vec![key], all, false));
    }
    Ok(rows)
}

fn sources(ask: &Ask<'_>) -> Outcome<Vec<Row>> {
    let name = |key: &str| if key.is_empty() { super::filter::UNKNOWN.to_owned() } else { key.to_owned() };
    let added = added_by(ask, Dimension::EntrySource)?;
    Ok(added
        .into_iter()
        .map(|(key, values)| row(vec![key.clone()], vec![name(&key)], values.to_vec(), false))
        .collect())
}

/// Media types of recordings added, in the order of the columns; the last two say who added them.
const KINDS: [&[&str]; 5] = [&[], &["video", "quiz", "youtube"], &["audio"], &["image"], &[]];

fn contributions(ask: &Ask<'_>, by: Dimension) -> Outcome<Vec<Row>> {
    let panels = KINDS.iter().take(4).map(|kinds| {
        let filters = if kinds.is_empty() { Vec::new() } else { vec![is(Dimension::MediaType, kinds)] };
        table_of(by, &[Measure::AddedRecordings], filters)
    });
    let answers = ask.answer_with(of_recordings(ask), panels.collect())?;
    let mut all: BTreeMap<String, (String, [f64; 4])> = BTreeMap::new();
    for (kind, answer) in answers.into_iter().enumerate() {
        for found in rows_of(Some(answer))? {
            let here = all.entry(found.keys[0].to_string()).or_insert_with(|| (found.labels[0].to_string(), [0.0; 4]));
            here.1[kind] = found.values[0].unwrap_or(0.0);
        }
    }
    let id = |key: &str| match by {
        Dimension::Owner => person(key)
            .and_then(|key| ask.view().people.get(&key))
            .map_or_else(String::new, |known| known.id.to_string()),
        _ => key.to_owned(),
    };
    let told = all.into_iter().filter(|(_, (_, counts))| counts[0] > 0.0);
    let one = |(key, (name, counts)): (String, (String, [f64; 4]))| {
        let values = contribution_values(&counts).into_iter().take(ask.of.table.len()).map(Some).collect();
        let id = id(&key);
        row(vec![key], vec![if id.is_empty() { super::filter::UNKNOWN.to_owned() } else { id }, name], values, false)
    };
    Ok(told.map(one).collect())
}

/// Total, video, audio, image, mixes (there are none any more), by users, by administrators (which nothing tells apart).
fn contribution_values(counts: &[f64; 4]) -> [f64; 7] {
    [counts[0], counts[1], counts[2], counts[3], 0.0, counts[0], 0.0]
}

fn sub_categories(ask: &Ask<'_>) -> Outcome<Vec<Row>> {
    let needed = Needed::of(ask.of.table);
    let rows = rows_of(ask.answer(vec![table_of(Dimension::Category, &needed.measures, Vec::new())])?.pop())?;
    // A recording in several categories counts in each, also in those that were not asked for.
    let wanted = ask.conditions.values(Dimension::Category);
    let shown = rows.into_iter().filter(|row| match &wanted {
        Some(wanted) => wanted.contains(&row.keys[0]),
        None => !row.keys[0].is_empty(),
    });
    let one = |found: TableRow| {
        row(
            vec![found.keys[0].to_string()],
            vec![found.labels[0].to_string()],
            needed.values(&found.values, &[]),
            found.hidden,
        )
    };
    Ok(shown.map(one).collect())
}

fn values_of(ask: &Ask<'_>, dimension: Dimension) -> Outcome<Vec<Row>> {
    let to = Quarter((ask.source().now_ms / (15 * 60_000)) as i32 + 1);
    let panels = vec![table_of(dimension, &[Measure::Events], Vec::new())];
    let question = Question { from: Quarter(to.0 - VALUES_QUARTERS), to, filters: Vec::new(), panels };
    let rows = rows_of(ask.asked(&question)?.pop())?;
    let named = rows.into_iter().filter(|row| !row.keys[0].is_empty() && !row.hidden);
    Ok(named
        .map(|found| row(vec![found.keys[0].to_string()], vec![found.keys[0].to_string()], Vec::new(), false))
        .collect())
}

/// Share right, right and wrong of so many answers.
fn answers(answered: f64, right: f64) -> Vec<Value> {
    let share = if answered > 0.0 { right / answered * 100.0 } else { 0.0 };
    vec![Some(share), Some(right), Some(answered - right)]
}

/// Questions; answers of people who are not known are left out, as Kaltura does.
fn quiz_questions(ask: &Ask<'_>) -> Outcome<Vec<Row>> {
    let measures = [Measure::Occurrences, Measure::TimesCorrect];
    let panel = table_of(Dimension::QuizQuestion, &measures, vec![is(Dimension::Known, &["yes"])]);
    let rows = rows_of(ask.answer(vec![panel])?.pop())?;
    // A row of the store is of a quiz, whose other questions were not asked for.
    let wanted = ask.conditions.values(Dimension::QuizQuestion);
    let shown = rows.into_iter().filter(|row| wanted.as_ref().is_none_or(|wanted| wanted.contains(&row.keys[0])));
    let one = |found: TableRow| {
        let key = found.keys[0].to_string();
        let values = answers(found.values[0].unwrap_or(0.0), found.values[1].unwrap_or(0.0));
        row(vec![key.clone()], vec![key], values, found.hidden)
    };
    Ok(shown.map(one).collect())
}

fn quiz_people(ask: &Ask<'_>) -> Outcome<Vec<Row>> {
    let measures = [Measure::QuizAnswers, Measure::QuizCorrect];
    let rows = rows_of(ask.answer(vec![table_of(Dimension::Viewer, &measures, Vec::new())])?.pop())?;
    let answered = rows.into_iter().filter(|row| row.hidden || row.values[0].is_some_and(|count| count > 0.0));
    let one = |found: TableRow| {
        let values = answers(found.values[0].unwrap_or(0.0), found.values[1].unwrap_or(0.0));
        row(vec![found.keys[0].to_string()], vec![found.labels[0].to_string()], values, found.hidden)
    };
    Ok(answered.map(one).collect())
}

/// A total's columns that are not plain measures.
pub(super) fn total(ask: &Ask<'_>, kind: Own, values: &mut [Value]) -> Outcome<()> {
    let place = |name: &str| ask.of.total.iter().position(|column| column.name == name);
    let mut set = |name: &str, value: Value| {
        if let Some(place) = place(name) {
            values[place] = value;
        }
    };
    match kind {
        Own::Contributors | Own::Sources | Own::UserHighlights => {
            let mut filters = of_recordings(ask);
            if let Some(people) = &ask.conditions.people {
                let values = people.iter().map(|key| key_text(*key)).collect();
                filters.push(Filter { dimension: Dimension::Owner, operator: Operator::Is, values });
            }
            let [entries, length, people] = added_total(ask, filters)?;
            set("added_entries", entries);
            set("added_msecs", length);
            set("unique_contributors", people);
        }
        Own::Contributions(_) => {
            let panels = KINDS.iter().take(4).map(|kinds| {
                let filters = if kinds.is_empty() { Vec::new() } else { vec![is(Dimension::MediaType, kinds)] };
                Panel { view: View::Totals { measures: vec![Measure::AddedRecordings] }, filters }
            });
            let mut counts = [0.0; 4];
            for (count, answer) in counts.iter_mut().zip(ask.answer_with(of_recordings(ask), panels.collect())?) {
                let Answer::Totals(values) = answer else { return Err(unexpected()) };
                *count = values[0].unwrap_or(0.0);
            }
            for (place, value) in values.iter_mut().zip(contribution_values(&counts)) {
                *place = Some(value);
            }
        }
        Own::Usage | Own::UsageByDate => {
            let whole = Usage::of(ask.time.from.start_ms(), ask.time.to.start_ms(), ask, None);
            for (place, value) in values.iter_mut().zip(whole.values()) {
                *place = Some(value);
            }
        }
        _ => {}
    }
    Ok(())
}

/// A graph's columns that are not plain measures, by date.
pub(super) fn by_date(ask: &Ask<'_>, kind: Own, columns: &[Column], dated: &mut [Dated]) -> Outcome<()> {
    let place = |name: &str| columns.iter().position(|column| column.name == name);
    match kind {
        Own::Contributors | Own::Sources | Own::UserHighlights | Own::Contributions(_) => {
            let by = ask.time.interval.dimension();
            let mut filters = of_recordings(ask);
            if let Some(people) = &ask.conditions.people {
                let values = people.iter().map(|key| key_text(*key)).collect();
                filters.push(Filter { dimension: Dimension::Owner, operator: Operator::Is, values });
            }
            let contributions = matches!(kind, Own::Contributions(_));
            let panel = |kinds: &[&str], measures: &[Measure]| {
                let filters = if kinds.is_empty() { Vec::new() } else { vec![is(Dimension::MediaType, kinds)] };
                Panel { view: View::Series { by, measures: measures.to_vec() }, filters }
            };
            let panels = match contributions {
                true => KINDS.iter().take(4).map(|kinds| panel(kinds, &[Measure::AddedRecordings])).collect(),
                false => vec![Panel { filters: vec![contributed()], ..panel(&[], &ADDED) }],
            };
            let answers = ask.answer_with(filters, panels)?;
            let series = answers.into_iter().map(|answer| match answer {
                Answer::Series(points) => Ok(points),
                _ => Err(unexpected()),
            });
            let series = series.collect::<Outcome<Vec<_>>>()?;
            for (number, date) in dated.iter_mut().enumerate() {
                let Some(values) = &mut date.values else { continue };
                let told = |panel: usize, measure: usize| {
                    series.get(panel).and_then(|points| points.get(number)).and_then(|point| point.values[measure])
                };
                if contributions {
                    let counts = [0, 1, 2, 3].map(|panel| told(panel, 0).unwrap_or(0.0));
                    for (place, value) in values.iter_mut().zip(contribution_values(&counts)) {
                        *place = Some(value);
                    }
                    continue;
                }
                let named = [
                    ("added_entries", told(0, 0)),
                    ("added_msecs", ms(told(0, 1))),
                    ("unique_contributors", told(0, 2)),
                ];
                for (name, value) in named {
                    if let Some(place) = place(name) {
                        values[place] = value;
                    }
                }
            }
        }
        Own::Usage | Own::UsageByDate => {
            for (date, (_, from_ms, to_ms)) in dated.iter_mut().zip(graph::dates(ask)?) {
                date.values = Some(Usage::of(from_ms, to_ms, ask, None).values().into_iter().map(Some).collect());
            }
        }
        _ => {}
    }
    Ok(())
}

/// Recordings and their length, added, deleted and there at the end of a time. What they take on a disk nobody tells us.
#[derive(Clone, Copy, Default)]
struct Usage {
    entries: [f64; 3],
    ms: [f64; 3],
}

impl Usage {
    fn of(from_ms: i64, to_ms: i64, ask: &Ask<'_>, owner: Option<PersonKey>) -> Usage {
        let mut usage = Usage::default();
        for entry in listed(ask).filter(|entry| owner.is_none() || entry.owner == owner) {
            usage.count(entry, from_ms, to_ms);
        }
        usage
    }

    fn count(&mut self, entry: &EntryView, from_ms: i64, to_ms: i64) {
        let Some(created_ms) = entry.created_ms else { return };
        let deleted_ms = if entry.deleted { entry.deleted_ms } else { None };
        let within = |at_ms: i64| from_ms <= at_ms && at_ms < to_ms;
        let there = created_ms < to_ms && deleted_ms.is_none_or(|deleted| deleted >= to_ms);
        let counts = [within(created_ms), deleted_ms.is_some_and(within), there];
        for (place, _) in counts.into_iter().enumerate().filter(|(_, counts)| *counts) {
            self.entries[place] += 1.0;
            self.ms[place] += entry.duration_ms.unwrap_or(0) as f64;
        }
    }

    fn values(&self) -> [f64; 9] {
        let [added, deleted, all] = self.entries;
        let [added_ms, deleted_ms, all_ms] = self.ms;
        [added, deleted, all, 0.0, 0.0, 0.0, added_ms, deleted_ms, all_ms]
    }
}

/// The recordings that may be listed, of the owners that a filter names.
fn listed<'a>(ask: &'a Ask<'_>) -> impl Iterator<Item = &'a EntryView> {
    let shown: Option<BTreeSet<Text>> = ask.scope().listed();
    let owners = ask.conditions.people.clone().or_else(|| {
        let keys = ask.conditions.values(Dimension::Owner)?;
        Some(keys.iter().filter_map(|key| person(key)).collect())
    });
    let entries = ask.view().entries.iter();
    let fits = move |(id, entry): &(&Text, &EntryView)| {
        shown.as_ref().is_none_or(|shown| shown.contains(*id))
            && owners.as_ref().is_none_or(|owners| entry.owner.is_some_and(|owner| owners.contains(&owner)))
    };
    entries.filter(fits).map(|(_, entry)| entry)
}

fn usage_by_owner(ask: &Ask<'_>) -> Vec<Row> {
    let (from_ms, to_ms) = (ask.time.from.start_ms(), ask.time.to.start_ms());
    let mut all: BTreeMap<PersonKey, Usage> = BTreeMap::new();
    for entry in listed(ask) {
        let Some(owner) = entry.owner else { continue };
        all.entry(owner).or_default().count(entry, from_ms, to_ms);
    }
    let told = all.into_iter().filter(|(_, usage)| usage.values().iter().any(|value| *value > 0.0));
    let one = |(owner, usage): (PersonKey, Usage)| {
        let known = ask.view().people.get(&owner);
        let names = known.map(|known| vec![known.id.to_string(), known.name.to_string()]).unwrap_or_default();
        row(vec![key_text(owner).to_string()], names, usage.values().into_iter().map(Some).collect(), false)
    };
    told.map(one).collect()
}

/// What there was before the range.
pub(super) fn usage_before(ask: &Ask<'_>) -> Vec<(&'static str, f64)> {
    let from_ms = ask.time.from.start_ms();
    let before = Usage::of(i64::MIN, from_ms, ask, None);
    vec![("total_entries", before.entries[2]), ("total_storage_mb", 0.0), ("total_msecs", before.ms[2])]
}
