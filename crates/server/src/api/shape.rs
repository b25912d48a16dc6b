//! The engine's answers in the API's words: as JSON, and as the rows of a file.

use super::answer::{Rows, instant};
use super::ask::{Ask, named};
use super::entries::{EntryBrief, brief};
use crate::enrich::atlas::{Degrees, Point as PlacePoint};
use crate::error::{ApiError, ApiResult};
use crate::sheet::{Cell, Column, Kind};
use engine::event::Text;
use engine::glossary::{Dimension, Measure, Unit};
use engine::question::{Answer, Filter, Operator, Point as EnginePoint, TableRow, Value, View};
use engine::report::Insight;
use engine::row::Span;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use utoipa::ToSchema;

/// Values by measure; `null` is a ratio without a base. Instants are ms since 1970.
pub type Values = BTreeMap<String, Option<f64>>;

/// One total.
#[derive(Debug, Serialize, ToSchema)]
pub struct Total {
    /// The value; `null` is a ratio without a base.
    value: Option<f64>,
    /// The value of what it is compared with.
    previous: Option<f64>,
    /// How much more than that; `null` unless both have a value.
    difference: Option<f64>,
    /// Change against that, as a fraction of it; `null` where it is zero.
    change: Option<f64>,
}

/// Totals by measure.
#[derive(Debug, Serialize, ToSchema)]
pub struct Totals {
    /// By measure.
    values: BTreeMap<String, Total>,
}

/// One time bucket.
#[derive(Debug, Serialize, ToSchema)]
pub struct Point {
    /// Its name, as filters take it: `2026-11-23`, `2026-W48`, `2026-11`.
    key: String,
    /// What people read.
    label: String,
    /// Its first instant (RFC 3339); absent for hours of the day and days of the week.
    start: Option<String>,
    /// By measure.
    values: Values,
    /// Too few people: its values are hidden from who may not see names.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    hidden: bool,
}

/// Values by time bucket.
#[derive(Debug, Serialize, ToSchema)]
pub struct Series {
    /// The bucket.
    by: String,
    /// Every bucket of the period.
    points: Vec<Point>,
    /// Every bucket of what it is compared with: the first against the first.
    previous: Option<Vec<Point>>,
}

/// One row of a table.
#[derive(Debug, Serialize, ToSchema)]
pub struct Row {
    /// The dimensions' values, as filters take them.
    keys: Vec<String>,
    /// What people read.
    labels: Vec<String>,
    /// By measure.
    values: Values,
    /// Too few people: its values are hidden from who may not see names.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    hidden: bool,
    /// By measure, of the same row of what it is compared with; absent when nothing is compared, or it has no such row.
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<Values>,
    /// By viewer: how we know who it is: `none`, `claimed`, `verified`.
    #[serde(skip_serializing_if = "Option::is_none")]
    proof: Option<&'static str>,
    /// Seconds watched, `[from, to, times]`, if they were asked for and the row is of one recording.
    #[serde(skip_serializing_if = "Option::is_none")]
    coverage: Option<Vec<[u32; 3]>>,
    /// Latitude and longitude in degrees, to a tenth: of the city, or amid the region's known cities. Of regions and cities
    /// whose country (and region) is among the keys or what an `is` filter is about; absent where it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Degrees>,
    /// By entry: what the catalog knows of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    entry: Option<EntryBrief>,
}

/// One page of a table.
#[derive(Debug, Serialize, ToSchema)]
pub struct Table {
    /// By what.
    by: Vec<&'static str>,
    /// The rows.
    rows: Vec<Row>,
    /// How many there are in all.
    total: usize,
    /// Which page, from 1.
    page: usize,
    /// Rows on a page.
    size: usize,
}

/// Views and viewers of each second.
#[derive(Debug, Serialize, ToSchema)]
pub struct Heat {
    /// Length in seconds: the catalog's, else learned, else as far as anybody watched.
    seconds: u32,
    /// Views of each second.
    views: Vec<u64>,
    /// Distinct viewers of each second; all who are not known count as one.
    viewers: Vec<u64>,
    /// Those of `views` by viewers who are not known: whether one of them saw a second again cannot be known.
    unknown: Vec<u64>,
    /// The same of the group it is held against.
    #[serde(skip_serializing_if = "Option::is_none")]
    against: Option<Group>,
    /// The largest losses of viewers, largest first.
    losses: Vec<Loss>,
    /// Length, ms.
    duration_ms: Option<u64>,
    /// The length was learned from events.
    duration_learned: bool,
    /// End of content, ms; what follows is dead air.
    content_end_ms: Option<u64>,
}

/// A group of viewers against which heat is held.
#[derive(Debug, Serialize, ToSchema)]
pub struct Group {
    /// Views of each second.
    views: Vec<u64>,
    /// Distinct viewers of each second.
    viewers: Vec<u64>,
}

/// Between two seconds some viewers left.
#[derive(Debug, Serialize, ToSchema)]
pub struct Loss {
    /// Second before, from 0.
    from: u32,
    /// Second after.
    to: u32,
    /// Distinct viewers of the second before.
    before: u64,
    /// Distinct viewers of the second after.
    after: u64,
}

/// What stands out.
#[derive(Debug, Serialize, ToSchema)]
pub struct Insights {
    /// One for each thing there is to say.
    rows: Vec<Sentence>,
}

/// A sentence with its numbers.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sentence {
    /// `top_domain`, `top_places`, `top_device`, `peak_day`, `top_recording`, `steepest_loss`, `most_rewatched`.
    insight: &'static str,
    /// In English.
    sentence: String,
    /// Its numbers.
    numbers: BTreeMap<&'static str, f64>,
    /// What it is about, best first, as filters take it.
    about: Vec<Mention>,
}

/// A value of a dimension.
#[derive(Debug, Serialize, ToSchema)]
pub struct Mention {
    /// Dimension.
    dimension: &'static str,
    /// Value, as filters take it.
    key: String,
    /// What people read.
    label: String,
}

/// One panel.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Shown {
    /// Totals.
    Totals(Totals),
    /// A time series.
    Series(Series),
    /// A table.
    Table(Table),
    /// Heat.
    Heat(Box<Heat>),
    /// Sentences.
    Insights(Insights),
}

/// The engine answers panels in order and in kind; anything else is a fault of ours.
pub fn unexpected() -> ApiError {
    ApiError::internal("the engine answered with another panel than was asked")
}

/// Totals, with those they are compared with.
pub fn totals(measures: &[Measure], now: &[Value], before: Option<&[Value]>) -> Totals {
    let values = measures.iter().enumerate().map(|(i, measure)| {
        let (value, previous) = (now[i], before.and_then(|before| before[i]));
        // An instant is no amount: between two there is a time, not a share.
        let comparable = measure.unit() != Unit::Instant;
        let both = value.zip(previous).filter(|_| comparable);
        let difference = both.map(|(value, previous)| value - previous);
        let change =
            both.filter(|(_, previous)| *previous != 0.0).map(|(value, previous)| (value - previous) / previous);
        (measure.name().to_owned(), Total { value, previous, difference, change })
    });
    Totals { values: values.collect() }
}

/// A time series.
pub fn series(by: Dimension, measures: &[Measure], now: &[EnginePoint], before: Option<&[EnginePoint]>) -> Series {
    let points = |points: &[EnginePoint]| {
        let point = |point: &EnginePoint| Point {
            key: point.key.to_string(),
            label: point.label.to_string(),
            start: point.start_ms.map(instant),
            values: named(measures, &point.values),
            hidden: point.hidden,
        };
        points.iter().map(point).collect::<Vec<_>>()
    };
    Series { by: by.name().to_owned(), points: points(now), previous: before.map(points) }
}

fn spans(coverage: &[Span]) -> Vec<[u32; 3]> {
    coverage.iter().map(|span| [span.from, span.to, span.times]).collect()
}

/// A page of a table, and of how many of its recordings the length was learned.
///
/// # Errors
/// When the lengths cannot be read.
pub fn table(
    ask: &Ask,
    view: &View,
    (rows, total): (&[TableRow], usize),
    before: Option<&[TableRow]>,
) -> ApiResult<(Table, u64)> {
    let View::Table { by, measures, page, coverage } = view else { return Err(unexpected()) };
    let before = by_key(before);
    let entry = by.iter().position(|dimension| *dimension == Dimension::Entry);
    let ids: BTreeSet<Text> = entry.iter().flat_map(|at| rows.iter().map(|row| row.keys[*at].clone())).collect();
    let lengths = ask.lengths(&ids)?;
    let places = Places::of(ask, by);
    let shown: Vec<Row> = rows
        .iter()
        .map(|row| Row {
            keys: row.keys.iter().map(ToString::to_string).collect(),
            labels: row.labels.iter().map(ToString::to_string).collect(),
            values: named(measures, &row.values),
            hidden: row.hidden,
            previous: before.get(row.keys.as_slice()).map(|before| named(measures, &before.values)),
            proof: row.proof.map(engine::event::Proof::name),
            coverage: coverage.then(|| spans(&row.coverage)),
            at: places.as_ref().filter(|_| !row.hidden).and_then(|places| places.at(ask, row)),
            entry: entry.and_then(|at| {
                let id = &row.keys[at];
                Some(brief(ask.account().entries.get(id)?, lengths.of(ask.account(), id)))
            }),
        })
        .collect();
    let learned = shown.iter().filter(|row| row.entry.as_ref().is_some_and(|entry| entry.duration_learned)).count();
    let size = if page.limit == usize::MAX { shown.len().max(1) } else { page.limit.max(1) };
    let by = by.iter().map(|dimension| dimension.name()).collect();
    Ok((Table { by, rows: shown, total, page: page.offset / size + 1, size }, learned as u64))
}

/// From where a row's place is read: a key of its own, or the one value of a filter.
struct Places(Vec<Found>);

enum Found {
    Key(usize),
    Filter(Text),
}

impl Places {
    /// `None` where rows are not of regions or cities, or it is not said of which country (and region).
    fn of(ask: &Ask, by: &[Dimension]) -> Option<Places> {
        let finest = PLACES.iter().rposition(|dimension| by.contains(dimension)).filter(|finest| *finest > 0)?;
        let found = |dimension: &Dimension| {
            by.iter().position(|by| by == dimension).map(Found::Key).or_else(|| {
                let is = |filter: &&Filter| filter.dimension == *dimension && filter.operator == Operator::Is;
                let [value] = ask.filters.iter().find(is)?.values.as_slice() else { return None };
                Some(Found::Filter(value.clone()))
            })
        };
        PLACES[..=finest].iter().map(found).collect::<Option<_>>().map(Places)
    }

    fn at(&self, ask: &Ask, row: &TableRow) -> Option<Degrees> {
        let word = |at: usize| match self.0.get(at) {
            Some(Found::Key(key)) => &*row.keys[*key],
            Some(Found::Filter(value)) => value,
            None => "",
        };
        let nameless = word(self.0.len() - 1).is_empty();
        if nameless { None } else { ask.source.atlas.point(word(0), word(1), word(2)).map(PlacePoint::degrees) }
    }
}

/// From coarse to fine.
const PLACES: [Dimension; 3] = [Dimension::Country, Dimension::Region, Dimension::City];

fn by_key(rows: Option<&[TableRow]>) -> HashMap<&[Text], &TableRow> {
    rows.unwrap_or_default().iter().map(|row| (row.keys.as_slice(), row)).collect()
}

/// Heat of a recording, and whether its length was learned.
///
/// # Errors
/// When the length cannot be read.
pub fn heat(ask: &Ask, entry: &Text, now: &Answer, against: Option<&Answer>) -> ApiResult<(Heat, bool)> {
    let Answer::Heat { seconds, views, viewers, unknown } = now else { return Err(unexpected()) };
    let known = ask.account().entries.get(entry);
    let length = ask.lengths(&BTreeSet::from([entry.clone()]))?.of(ask.account(), entry);
    let learned = length.is_some_and(|length| length.learned);
    let group = |answer: &Answer| match answer {
        Answer::Heat { views, viewers, .. } => Ok(Group { views: views.clone(), viewers: viewers.clone() }),
        _ => Err(unexpected()),
    };
    let loss =
        |loss: engine::report::Loss| Loss { from: loss.from, to: loss.to, before: loss.before, after: loss.after };
    let heat = Heat {
        seconds: *seconds,
        views: views.clone(),
        viewers: viewers.clone(),
        unknown: unknown.clone(),
        against: against.map(group).transpose()?,
        losses: engine::report::losses(viewers, LOSSES).into_iter().map(loss).collect(),
        duration_ms: length.map(|length| length.duration_ms),
        duration_learned: learned,
        content_end_ms: known.and_then(|known| known.content_end_ms),
    };
    Ok((heat, learned))
}

/// Losses that are worth a mark on a curve.
const LOSSES: usize = 5;

/// What stands out.
pub fn insights(found: Vec<Insight>) -> Insights {
    let mention = |(dimension, key, label): (Dimension, Text, Text)| Mention {
        dimension: dimension.name(),
        key: key.into(),
        label: label.into(),
    };
    let sentence = |insight: Insight| Sentence {
        insight: insight.kind.name(),
        sentence: insight.sentence,
        numbers: insight.numbers.into_iter().collect(),
        about: insight.about.into_iter().map(mention).collect(),
    };
    Insights { rows: found.into_iter().map(sentence).collect() }
}

/// A measure's column.
pub fn measure_column(measure: Measure, previous: bool) -> Column {
    let kind = if measure.unit() == Unit::Instant { Kind::Instant } else { Kind::Number };
    let (id, label) = match previous {
        false => (measure.name().to_owned(), measure.label().to_owned()),
        true => (format!("{}_previous", measure.name()), format!("{}, compared with", measure.label())),
    };
    Column::new(id, label, kind).unit(measure.unit().name()).definition(measure.definition())
}

/// A measure's cell.
fn cell(measure: Measure, value: Value) -> Cell<'static> {
    match value {
        Some(ms) if measure.unit() == Unit::Instant => Cell::Instant(ms as i64),
        value => Cell::number(value),
    }
}

fn cells(measures: &[Measure], values: Option<&[Value]>) -> Vec<Cell<'static>> {
    let cell = |(i, measure): (usize, &Measure)| values.map_or(Cell::Empty, |values| cell(*measure, values[i]));
    measures.iter().enumerate().map(cell).collect()
}

fn owned(text: &str) -> Cell<'static> {
    Cell::Text(text.to_owned().into())
}

/// Seconds watched in one cell: `0-30x1 45-60x2`.
fn watched(coverage: &[Span]) -> Cell<'static> {
    let spans: Vec<String> = coverage.iter().map(|s| format!("{}-{}x{}", s.from, s.to, s.times)).collect();
    Cell::Text(spans.join(" ").into())
}

/// Any answer as a file's rows.
///
/// # Errors
/// When the engine has answered something else.
pub fn rows(view: &View, now: Answer, before: Option<Answer>) -> ApiResult<Rows> {
    match (view, now, before) {
        (View::Totals { measures }, Answer::Totals(now), before) => {
            let before = match before {
                Some(Answer::Totals(before)) => Some(before),
                _ => None,
            };
            let columns = vec![
                Column::new("measure", "Measure", Kind::Text),
                Column::new("label", "Name", Kind::Text),
                Column::new("unit", "Unit", Kind::Text),
                Column::new("value", "Value", Kind::Number),
                Column::new("previous", "Compared with", Kind::Number),
            ];
            let row = move |(i, measure): (usize, Measure)| {
                vec![
                    owned(measure.name()),
                    owned(measure.label()),
                    owned(measure.unit().name()),
                    Cell::number(now[i]),
                    Cell::number(before.as_ref().and_then(|before| before[i])),
                ]
            };
            let rows = measures.clone().into_iter().enumerate().map(row);
            Ok(Rows { title: "Totals", columns, rows: Box::new(rows.map(Ok)), note: None })
        }
        (View::Series { measures, .. }, Answer::Series(now), before) => {
            let before = match before {
                Some(Answer::Series(before)) => Some(before),
                _ => None,
            };
            let mut columns = vec![
                Column::new("start", "Start", Kind::Instant),
                Column::new("key", "Key", Kind::Text),
                Column::new("label", "Label", Kind::Text),
            ];
            columns.extend(measures.iter().map(|measure| measure_column(*measure, false)));
            if before.is_some() {
                columns.extend(measures.iter().map(|measure| measure_column(*measure, true)));
            }
            let measures = measures.clone();
            let row = move |(i, point): (usize, EnginePoint)| {
                let mut row =
                    vec![point.start_ms.map_or(Cell::Empty, Cell::Instant), owned(&point.key), owned(&point.label)];
                row.extend(cells(&measures, Some(&point.values)));
                if let Some(before) = &before {
                    row.extend(cells(&measures, before.get(i).map(|point| point.values.as_slice())));
                }
                row
            };
            Ok(Rows {
                title: "Series",
                columns,
                rows: Box::new(now.into_iter().enumerate().map(row).map(Ok)),
                note: None,
            })
        }
        (View::Table { by, measures, coverage, .. }, Answer::Table { rows: now, .. }, before) => {
            let before = match before {
                Some(Answer::Table { rows, .. }) => Some(rows),
                _ => None,
            };
            Ok(table_rows(by, measures, *coverage, now, before))
        }
        (View::Heat { .. }, Answer::Heat { seconds, views, viewers, unknown }, against) => {
            let against = match against {
                Some(Answer::Heat { views, viewers, .. }) => Some((views, viewers)),
                _ => None,
            };
            let whole = |id, label| Column::new(id, label, Kind::Whole);
            let mut columns = vec![whole("second", "Second"), whole("views", "Views"), whole("viewers", "Viewers")];
            columns.push(whole("unknown", "Views by unknown viewers"));
            if against.is_some() {
                columns.extend([whole("views_against", "Views, held against")]);
                columns.extend([whole("viewers_against", "Viewers, held against")]);
            }
            let row = move |second: usize| {
                let number = |of: &[u64]| Cell::Whole(of.get(second).copied().unwrap_or(0) as i64);
                let mut row = vec![Cell::Whole(second as i64), number(&views), number(&viewers), number(&unknown)];
                if let Some((views, viewers)) = &against {
                    row.extend([number(views), number(viewers)]);
                }
                row
            };
            Ok(Rows { title: "Heat", columns, rows: Box::new((0..seconds as usize).map(row).map(Ok)), note: None })
        }
        _ => Err(unexpected()),
    }
}

fn table_rows(
    by: &[Dimension],
    measures: &[Measure],
    coverage: bool,
    now: Vec<TableRow>,
    before: Option<Vec<TableRow>>,
) -> Rows {
    let people = by.contains(&Dimension::Viewer);
    let mut columns = Vec::new();
    for dimension in by {
        let key = Column::new(dimension.name(), dimension.label(), Kind::Text).definition(dimension.definition());
        let label = format!("{}, name", dimension.label());
        columns.extend([key, Column::new(format!("{}_label", dimension.name()), label, Kind::Text)]);
    }
    if people {
        let proof = Column::new("viewer_proof", "How we know", Kind::Text);
        columns.push(proof.definition("none, claimed or verified."));
    }
    columns.extend(measures.iter().map(|measure| measure_column(*measure, false)));
    if before.is_some() {
        columns.extend(measures.iter().map(|measure| measure_column(*measure, true)));
    }
    if coverage {
        let watched = Column::new("watched", "Seconds watched", Kind::Text);
        columns.push(watched.definition("From-to and how often: 0-30x1 45-60x2."));
    }
    let before: Option<HashMap<Vec<Text>, Vec<Value>>> =
        before.map(|rows| rows.into_iter().map(|row| (row.keys, row.values)).collect());
    let measures = measures.to_vec();
    let row = move |row: TableRow| {
        let mut out: Vec<Cell<'static>> =
            row.keys.iter().zip(&row.labels).flat_map(|(key, label)| [owned(key), owned(label)]).collect();
        if people {
            out.push(row.proof.map_or(Cell::Empty, |proof| owned(proof.name())));
        }
        out.extend(cells(&measures, Some(&row.values)));
        if let Some(before) = &before {
            out.extend(cells(&measures, before.get(&row.keys).map(Vec::as_slice)));
        }
        if coverage {
            out.push(watched(&row.coverage));
        }
        out
    };
    Rows { title: "Table", columns, rows: Box::new(now.into_iter().map(row).map(Ok)), note: None }
}

/// What stands out, as a file's rows.
pub fn insight_rows(found: Vec<Insight>) -> Rows {
    let columns = vec![
        Column::new("insight", "Insight", Kind::Text),
        Column::new("sentence", "Sentence", Kind::Text),
        Column::new("numbers", "Numbers", Kind::Text),
    ];
    let row = |insight: Insight| {
        let numbers: Vec<String> = insight.numbers.iter().map(|(name, value)| format!("{name}={value}")).collect();
        vec![owned(insight.kind.name()), owned(&insight.sentence), Cell::Text(numbers.join(" ").into())]
    };
    Rows { title: "Insights", columns, rows: Box::new(found.into_iter().map(row).map(Ok)), note: None }
}
