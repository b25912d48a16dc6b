//! The reports: totals, series, table, viewers, heat, and the glossary they are asked in.

use super::answer::{Answer, Rows, instant, table as in_form, wanted};
use super::ask::{self, Ask, COMMON, Page, Words, named};
use super::caveat::{self, caveats};
use super::entries::{EntryBrief, brief, person_id};
use super::params::Params;
use crate::app::App;
use crate::auth::Administrator;
use crate::error::{ApiError, ApiResult, Problem};
use crate::sheet::{Cell, Column, Kind};
use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use engine::access::Subject;
use engine::glossary::{Dimension, Measure};
use engine::period::Interval;
use engine::query::Answered;
use engine::question::{self, Panel};
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::{IntoParams, ToSchema};

/// Values by measure; `null` is a ratio without a base.
type Values = BTreeMap<String, Option<f64>>;

/// The parameters every report takes, for the description; they are read by [`Words`].
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes, is never made")]
pub struct CommonParams {
    /// Partner id; default the first account.
    account: Option<u32>,
    /// `account` (default), `entry:ID`, `owner:PERSON`, `category:ID`, `playlist:ID`, `viewer:PERSON`. A person is a key
    /// of 16 hex digits or the institution's id.
    subject: Option<String>,
    /// 1: a category with everything below it.
    subtree: Option<u8>,
    /// 1: an owner with what they co-edit.
    co_edited: Option<u8>,
    /// `30d` (default), `7d`, `90d`, `12m`, `today`, `week`, `month`, `quarter`, `year`, `all`, or
    /// `2026-10-01..2026-10-31`, both days included.
    period: Option<String>,
    /// 1: presets include today.
    today: Option<u8>,
    /// IANA time zone in which days are counted; default UTC.
    zone: Option<String>,
    /// Filters `op,dimension,value,...` with `is`, `not`, `has`, `hasnot`; repeated ones must all hold. `\,` is a comma.
    f: Option<Vec<String>>,
    /// Compare with the `previous` period, the same days a `year` before, or `none` (default).
    vs: Option<String>,
}

/// The glossary
///
/// Every measure and dimension with its definition.
#[utoipa::path(get, path = "/api/v1/metrics", tag = "reports", responses(
    (status = 200, description = "Measures and dimensions.", body = Object),
    (status = 401, description = "Not signed in.", body = Problem, content_type = "application/problem+json"),
))]
pub async fn metrics(_who: Administrator) -> Json<Value> {
    Json(serde_json::json!({ "data": engine::glossary::json() }))
}

/// One total.
#[derive(Debug, Serialize, ToSchema)]
pub struct Total {
    /// The value; `null` is a ratio without a base.
    value: Option<f64>,
    /// The value of the days compared with.
    previous: Option<f64>,
    /// Change against them, as a fraction of the previous value.
    change: Option<f64>,
}

/// Totals by measure.
#[derive(Debug, Serialize, ToSchema)]
pub struct Totals {
    /// By measure.
    values: BTreeMap<String, Total>,
}

/// Totals
#[utoipa::path(get, path = "/api/v1/totals", tag = "reports",
    params(CommonParams, ("measures" = String, Query, description = "Ids of measures, with commas.")),
    responses(
        (status = 200, description = "Totals over the period.", body = Answer<Totals>),
        (status = 400, description = "A parameter does not fit.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such subject.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn totals(
    who: Administrator,
    State(app): State<App>,
    RawQuery(query): RawQuery,
) -> ApiResult<Json<Answer<Totals>>> {
    let params = Params::read(query.as_deref(), &[COMMON, &["measures"]])?;
    let (words, measures) = (Words::read(&params)?, ask::measures(&params)?);
    let worker = app.clone();
    app.report(move || {
        let ask = Ask::new(&worker, &who, words)?;
        let panel = || vec![Panel::Totals { measures: measures.clone() }];
        let now = ask.answer(&ask.range, panel())?;
        let before = ask.previous.as_ref().map(|range| ask.answer(range, panel())).transpose()?;
        let before = before.map(|answered| totals_of(&answered).map(<[_]>::to_vec)).transpose()?;
        let values = measures.iter().zip(totals_of(&now)?).enumerate().map(|(i, (measure, value))| {
            let previous = before.as_ref().and_then(|before| before[i]);
            (measure.name().to_owned(), Total { value: *value, previous, change: change(*value, previous) })
        });
        let data = Totals { values: values.collect() };
        let caveats = caveats(&ask, &now.left_out, &measures, false);
        Ok(Json(Answer::new(&worker, &ask, data, caveats)))
    })
    .await
}

fn change(value: Option<f64>, previous: Option<f64>) -> Option<f64> {
    let (value, previous) = (value?, previous.filter(|previous| *previous != 0.0)?);
    Some((value - previous) / previous)
}

/// The engine answers panels in order and in kind; anything else is a fault of ours.
fn unexpected() -> ApiError {
    ApiError::internal("the engine answered with another panel than was asked")
}

fn totals_of(answered: &Answered) -> ApiResult<&[Option<f64>]> {
    match answered.answers.first() {
        Some(question::Answer::Totals(values)) => Ok(values),
        _ => Err(unexpected()),
    }
}

/// One time bucket.
#[derive(Debug, Serialize, ToSchema)]
pub struct Point {
    /// Its first instant (RFC 3339).
    start: String,
    /// Its name in the zone: `2026-11-23`, `2026-W48`, `2026-11`.
    label: String,
    /// By measure.
    values: Values,
}

/// Values by time bucket.
#[derive(Debug, Serialize, ToSchema)]
pub struct Series {
    /// The bucket.
    by: String,
    /// Every bucket of the period.
    points: Vec<Point>,
    /// Every bucket of the days compared with.
    previous: Option<Vec<Point>>,
}

fn interval(params: &Params) -> ApiResult<(&'static str, Interval)> {
    let word = params.one("by")?.unwrap_or("day");
    let found = Interval::ALL.iter().find(|(name, _)| *name == word);
    found.copied().ok_or_else(|| {
        let known: Vec<&str> = Interval::ALL.iter().map(|(name, _)| *name).collect();
        ApiError::bad("by", format!("It is one of {}.", known.join(", ")))
    })
}

/// Time series
///
/// Every bucket is there, also those without events. As a file (CSV, NDJSON, XLSX, Parquet) by `Accept`.
#[utoipa::path(get, path = "/api/v1/series", tag = "reports",
    params(CommonParams,
        ("measures" = String, Query, description = "Ids of measures, with commas."),
        ("by" = Option<String>, Query, description = "quarter (of an hour), hour, day (default), week, month, year."),
    ),
    responses(
        (status = 200, description = "Values by time bucket.", body = Answer<Series>),
        (status = 400, description = "A parameter does not fit.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such subject.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn series(
    who: Administrator,
    State(app): State<App>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> ApiResult<Response> {
    let params = Params::read(query.as_deref(), &[COMMON, &["measures", "by"]])?;
    let (words, measures, (by, interval)) = (Words::read(&params)?, ask::measures(&params)?, interval(&params)?);
    let worker = app.clone();
    app.report(move || {
        let ask = Ask::new(&worker, &who, words)?;
        let panel = || vec![Panel::Series { interval, measures: measures.clone() }];
        let now = ask.answer(&ask.range, panel())?;
        let before = ask.previous.as_ref().map(|range| ask.answer(range, panel())).transpose()?;
        let data = Series {
            by: by.to_owned(),
            points: points(&now, &measures)?,
            previous: before.map(|answered| points(&answered, &measures)).transpose()?,
        };
        let caveats = caveats(&ask, &now.left_out, &measures, true);
        let answer = Answer::new(&worker, &ask, data, caveats);
        in_form(&worker, wanted(&headers), answer, |answer| {
            let rows =
                answer.data.points.iter().map(|point| row([&point.start, &point.label], &measures, &point.values));
            let first = [Column::new("start", "Start", Kind::Text), Column::new("label", "Label", Kind::Text)];
            Rows { title: "Series", columns: columns(first, &measures), rows: rows.collect(), note: None }
        })
    })
    .await
}

fn points(answered: &Answered, measures: &[Measure]) -> ApiResult<Vec<Point>> {
    let Some(question::Answer::Series(buckets)) = answered.answers.first() else { return Err(unexpected()) };
    let point = |(start_ms, label, values): &(i64, engine::event::Text, Vec<Option<f64>>)| Point {
        start: instant(*start_ms),
        label: label.to_string(),
        values: named(measures, values),
    };
    Ok(buckets.iter().map(point).collect())
}

fn columns<const N: usize>(first: [Column; N], measures: &[Measure]) -> Vec<Column> {
    let measures = measures.iter().map(|measure| {
        let column = Column::new(measure.name(), measure.label(), Kind::Number);
        column.unit(measure.unit().name()).definition(measure.definition())
    });
    first.into_iter().chain(measures).collect()
}

fn row<const N: usize>(first: [&str; N], measures: &[Measure], values: &Values) -> Vec<Cell<'static>> {
    let first = first.into_iter().map(|text| Cell::Text(text.to_owned().into()));
    let cells = measures.iter().map(|measure| Cell::number(values.get(measure.name()).copied().flatten()));
    first.chain(cells).collect()
}

/// One row of a table.
#[derive(Debug, Serialize, ToSchema)]
pub struct Row {
    /// The dimension's value, as filters take it.
    key: String,
    /// What people read.
    label: String,
    /// By measure.
    values: Values,
    /// By entry: what the catalog knows of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    entry: Option<EntryBrief>,
}

/// One page of a table.
#[derive(Debug, Serialize, ToSchema)]
pub struct Table {
    /// The rows.
    rows: Vec<Row>,
    /// How many there are in all.
    total: usize,
    /// Which page, from 1.
    page: usize,
    /// Rows on a page.
    size: usize,
}

const TABLE: &[&str] = &["measures", "by", "sort", "page", "size", "find"];

/// Table
///
/// A row for each value of a dimension. As a file (CSV, NDJSON, XLSX, Parquet) by `Accept`: then all rows,
/// unless `size` is given.
#[utoipa::path(get, path = "/api/v1/table", tag = "reports",
    params(CommonParams,
        ("by" = String, Query, description = "Id of a dimension."),
        ("measures" = String, Query, description = "Ids of measures, with commas."),
        ("sort" = Option<String>, Query, description = "label or a measure asked for; - for the largest first. Default the first measure, largest first."),
        ("find" = Option<String>, Query, description = "Only rows whose label or key contains this, in any case."),
        ("page" = Option<usize>, Query, description = "From 1."),
        ("size" = Option<usize>, Query, description = "Rows on a page, 1 to 1000; default 100."),
    ),
    responses(
        (status = 200, description = "One page of the table.", body = Answer<Table>),
        (status = 400, description = "A parameter does not fit.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such subject.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn table(
    who: Administrator,
    State(app): State<App>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> ApiResult<Response> {
    let form = wanted(&headers);
    let params = Params::read(query.as_deref(), &[COMMON, TABLE])?;
    let (words, measures) = (Words::read(&params)?, ask::measures(&params)?);
    let by = params.needed("by", "a dimension, such as country")?;
    let dimension = Dimension::parse(by).map_err(|error| ApiError::bad("by", error.to_string()))?;
    let page = Page::read(&params, form.is_some())?;
    let panel = Panel::Table {
        dimension,
        measures: measures.clone(),
        sort: ask::sort(&params, &measures)?,
        offset: page.offset(),
        limit: page.size,
        find: params.one("find")?.map(Into::into),
    };
    let worker = app.clone();
    app.report(move || {
        let ask = Ask::new(&worker, &who, words)?;
        let answered = ask.answer(&ask.range, vec![panel])?;
        let Some(question::Answer::Table { rows, total }) = answered.answers.first() else { return Err(unexpected()) };
        let lengths = match dimension {
            Dimension::Entry => Some(ask.lengths(&rows.iter().map(|row| row.key.clone()).collect())?),
            _ => None,
        };
        let rows: Vec<Row> = rows
            .iter()
            .map(|row| Row {
                key: row.key.to_string(),
                label: row.label.to_string(),
                values: named(&measures, &row.values),
                entry: lengths.as_ref().and_then(|lengths| {
                    let entry = ask.account().entries.get(&row.key)?;
                    Some(brief(entry, lengths.of(ask.account(), &row.key)))
                }),
            })
            .collect();
        let learned = rows.iter().filter(|row| row.entry.as_ref().is_some_and(|entry| entry.duration_learned)).count();
        let mut caveats = caveats(&ask, &answered.left_out, &measures, true);
        caveats.extend(caveat::learned(learned as u64));
        let size = if page.size == usize::MAX { rows.len().max(1) } else { page.size };
        let data = Table { rows, total: *total, page: page.page, size };
        let answer = Answer::new(&worker, &ask, data, caveats);
        in_form(&worker, form, answer, |answer| {
            let rows = answer.data.rows.iter().map(|of| row([&of.key, &of.label], &measures, &of.values));
            let key = Column::new(dimension.name(), dimension.label(), Kind::Text).definition(dimension.definition());
            let first = [key, Column::new("label", "Label", Kind::Text)];
            Rows { title: "Table", columns: columns(first, &measures), rows: rows.collect(), note: None }
        })
    })
    .await
}

/// A viewer and what they watched.
#[derive(Debug, Serialize, ToSchema)]
pub struct Viewer {
    /// Key, 16 hex digits; `unknown` gathers all without sign-in.
    person: String,
    /// Name.
    label: String,
    /// How we know: `none`, `claimed`, `verified`.
    proof: &'static str,
    /// By measure.
    values: Values,
    /// Seconds watched, `[from, to, times]`, when the subject is one entry.
    coverage: Vec<[u32; 3]>,
    /// First event (RFC 3339).
    first_at: String,
    /// Last event (RFC 3339).
    last_at: String,
}

/// One page of viewers.
#[derive(Debug, Serialize, ToSchema)]
pub struct Viewers {
    /// The rows.
    rows: Vec<Viewer>,
    /// How many there are in all.
    total: usize,
    /// Which page, from 1.
    page: usize,
    /// Rows on a page.
    size: usize,
}

const VIEWERS: &[&str] = &["measures", "sort", "page", "size", "find"];

/// Viewers
///
/// A row for each viewer. As a file (CSV, NDJSON, XLSX, Parquet) by `Accept`: then all rows, unless `size` is given.
#[utoipa::path(get, path = "/api/v1/viewers", tag = "reports",
    params(CommonParams,
        ("measures" = String, Query, description = "Ids of measures, with commas."),
        ("sort" = Option<String>, Query, description = "label or a measure asked for; - for the largest first."),
        ("find" = Option<String>, Query, description = "Only viewers whose name or id contains this, in any case."),
        ("page" = Option<usize>, Query, description = "From 1."),
        ("size" = Option<usize>, Query, description = "Rows on a page, 1 to 1000; default 100."),
    ),
    responses(
        (status = 200, description = "One page of viewers.", body = Answer<Viewers>),
        (status = 400, description = "A parameter does not fit.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such subject.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn viewers(
    who: Administrator,
    State(app): State<App>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> ApiResult<Response> {
    let form = wanted(&headers);
    let params = Params::read(query.as_deref(), &[COMMON, VIEWERS])?;
    let (words, measures) = (Words::read(&params)?, ask::measures(&params)?);
    let page = Page::read(&params, form.is_some())?;
    let panel = Panel::Viewers {
        measures: measures.clone(),
        sort: ask::sort(&params, &measures)?,
        offset: page.offset(),
        limit: page.size,
        find: params.one("find")?.map(Into::into),
    };
    let worker = app.clone();
    app.report(move || {
        let ask = Ask::new(&worker, &who, words)?;
        let answered = ask.answer(&ask.range, vec![panel])?;
        let Some(question::Answer::Viewers { rows, total }) = answered.answers.first() else {
            return Err(unexpected());
        };
        let rows: Vec<Viewer> = rows.iter().map(|row| viewer(row, &measures)).collect();
        let mut caveats = caveats(&ask, &answered.left_out, &measures, true);
        caveats.push(caveat::not_attendance());
        let size = if page.size == usize::MAX { rows.len().max(1) } else { page.size };
        let data = Viewers { rows, total: *total, page: page.page, size };
        let answer = Answer::new(&worker, &ask, data, caveats);
        in_form(&worker, form, answer, |answer| rows_of_viewers(&answer.data.rows, &measures))
    })
    .await
}

fn viewer(row: &question::ViewerRow, measures: &[Measure]) -> Viewer {
    Viewer {
        person: person_id(row.person),
        label: row.label.to_string(),
        proof: ["none", "claimed", "verified"].get(usize::from(row.proof)).copied().unwrap_or("none"),
        values: named(measures, &row.values),
        coverage: row.coverage.iter().map(|span| [span.from, span.to, span.times]).collect(),
        first_at: instant(row.first_ms),
        last_at: instant(row.last_ms),
    }
}

fn rows_of_viewers(viewers: &[Viewer], measures: &[Measure]) -> Rows {
    let rows = viewers
        .iter()
        .map(|of| row([&of.person, &of.label, of.proof, &of.first_at, &of.last_at], measures, &of.values));
    let first =
        [("person", "Person"), ("label", "Name"), ("proof", "Proof"), ("first_at", "First"), ("last_at", "Last")];
    let first = first.map(|(id, label)| Column::new(id, label, Kind::Text));
    Rows {
        title: "Viewers",
        columns: columns(first, measures),
        rows: rows.collect(),
        note: Some(caveat::NOT_ATTENDANCE),
    }
}

/// Views and viewers of each second.
#[derive(Debug, Serialize, ToSchema)]
pub struct Heat {
    /// Length in seconds: the catalog's, else learned, else as far as anybody watched.
    seconds: u32,
    /// Views of each second.
    views: Vec<u64>,
    /// Distinct viewers of each second.
    viewers: Vec<u64>,
    /// Length, ms.
    duration_ms: Option<u64>,
    /// The length was learned from events.
    duration_learned: bool,
    /// End of content, ms; what follows is dead air.
    content_end_ms: Option<u64>,
}

/// Heat of a recording
///
/// How often each second was watched, and by how many.
#[utoipa::path(get, path = "/api/v1/heat", tag = "reports", params(CommonParams), responses(
    (status = 200, description = "Views and viewers of each second.", body = Answer<Heat>),
    (status = 400, description = "A parameter does not fit.", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "No such recording.", body = Problem, content_type = "application/problem+json"),
))]
pub async fn heat(who: Administrator, State(app): State<App>, RawQuery(query): RawQuery) -> ApiResult<Response> {
    let params = Params::read(query.as_deref(), &[COMMON])?;
    let words = Words::read(&params)?;
    let worker = app.clone();
    app.report(move || {
        let ask = Ask::new(&worker, &who, words)?;
        let Subject::Entry(entry) = &ask.subject else {
            return Err(ApiError::bad("subject", "Heat is of one recording: entry:ID."));
        };
        let answered = ask.answer(&ask.range, vec![Panel::Heat { entry: entry.clone() }])?;
        let Some(question::Answer::Heat { seconds, views, viewers }) = answered.answers.first() else {
            return Err(unexpected());
        };
        let known = ask.account().entries.get(entry);
        let length = ask.lengths(&BTreeSet::from([entry.clone()]))?.of(ask.account(), entry);
        let learned = length.is_some_and(|length| length.learned);
        let data = Heat {
            seconds: *seconds,
            views: views.clone(),
            viewers: viewers.clone(),
            duration_ms: length.map(|length| length.duration_ms),
            duration_learned: learned,
            content_end_ms: known.and_then(|known| known.content_end_ms),
        };
        let mut caveats = caveats(&ask, &answered.left_out, &[], false);
        caveats.extend(caveat::learned(u64::from(learned)));
        Ok(Json(Answer::new(&worker, &ask, data, caveats)).into_response())
    })
    .await
}
