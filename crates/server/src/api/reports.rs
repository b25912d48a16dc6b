//! The reports: totals, series, table, heat, view rows, the named reports, and the glossary they are asked in.

use super::answer::{Answer, file, json, wanted};
use super::ask::{Ask, COMMON, Page, Words};
use super::caveat::{self, Caveat, caveats};
use super::look::Asked;
use super::params::Params;
use super::request::{self, Request};
use super::rows::{self, ViewRows};
use super::shape::{Heat, Series, Shown, Table, Totals, unexpected};
use crate::access_log::Action;
use crate::app::{App, Source};
use crate::auth::SignedIn;
use crate::error::{ApiError, ApiResult, Problem};
use crate::sheet::Form;
use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use engine::access::Caller;
use engine::glossary::{Dimension, Measure};
use engine::question::{Answer as Told, LeftOut, Panel, View};
use engine::report::{About, REPORTS, Report, Shows};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// The parameters every report takes, for the description; they are read by [`Words`].
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes, is never made")]
pub struct CommonParams {
    /// Partner id; default the first account.
    account: Option<u32>,
    /// `account` (default), `entry:ID`, `entry:ID@N` (its N-th medium, from 0), `owner:PERSON`, `category:ID`,
    /// `section:CATEGORY/SECTION`, `playlist:ID`, `tag:TAG`, `viewer:PERSON`, or two of these with a comma: what both
    /// cover. A person is a key of 16 hex digits or the institution's id. `\,` is a comma.
    subject: Option<String>,
    /// 1: a category with everything below it.
    subtree: Option<u8>,
    /// Of an owner what they `owned` (default), what they `co_edited` only, or `both`.
    whose: Option<String>,
    /// `30d` (default), other presets such as `today`, `last_month`, `term`, `all`, or `2026-10-01..2026-10-31`, both
    /// days included, or `2026-10-01T08:00..2026-10-01T17:30`. All words: docs/periods.md.
    period: Option<String>,
    /// 1: presets include today.
    today: Option<u8>,
    /// Weeks of presets begin on `monday` (default) or `sunday`.
    week: Option<String>,
    /// IANA time zone in which days are counted; default UTC.
    zone: Option<String>,
    /// Filters `op,dimension,value,...` with `is`, `not`, `has`, `hasnot`; repeated ones must all hold. `\,` is a comma.
    f: Option<Vec<String>>,
    /// Compare with the `previous` period, the same days a `year` before, as many days from a first day such as
    /// `2025-09-01`, a course's last `offering` week by week, or `none` (default).
    vs: Option<String>,
    /// Compare with another subject, in the same words.
    vs_subject: Option<String>,
}

/// How files are to be; only for answers as files.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes, is never made")]
pub struct FileParams {
    /// As a file: 1 begins CSV with a byte order mark, for Excel.
    bom: Option<u8>,
    /// As a file: 0 without, 1 with what was asked and what the columns mean; default 0 for CSV, else 1.
    definitions: Option<u8>,
    /// As a file: 1 has columns called as people call them.
    labels: Option<u8>,
}

/// The glossary
///
/// Every measure and dimension with its definition.
#[utoipa::path(get, path = "/api/v1/metrics", tag = "reports", responses(
    (status = 200, description = "Measures and dimensions.", body = Object),
    (status = 401, description = "Not signed in.", body = Problem, content_type = "application/problem+json"),
))]
pub async fn metrics(_who: SignedIn) -> Json<Value> {
    Json(serde_json::json!({ "data": engine::glossary::json() }))
}

/// Answers a request of a name in the form that is wanted.
async fn respond(
    app: App,
    who: SignedIn,
    name: &str,
    headers: HeaderMap,
    query: Option<String>,
) -> ApiResult<Response> {
    let form = wanted(&headers);
    let (params, words, request) = Request::read(name, query.as_deref(), form.is_some())?;
    let caller = who.caller(words.account())?;
    let (worker, name) = (app.clone(), name.to_owned());
    app.report(move |source| {
        let asked = Asked { app: &worker, who: &who, name: &name, params: &params };
        let subject = words.subject().to_owned();
        let shown = answered(&asked, source.clone(), &caller, words, request, form);
        asked.refusal(&source, caller.account, &subject, shown)
    })
    .await
}

fn answered(
    asked: &Asked<'_>,
    source: Source,
    caller: &Caller,
    words: Words,
    request: Request,
    form: Option<Form>,
) -> ApiResult<Response> {
    let ask = Ask::new(source, caller, words)?;
    if let Some(form) = form {
        let (ask, rows, caveats) = request.file(ask)?;
        return file(asked, form, &ask, &caveats, rows);
    }
    if let Request::Rows(page) = request {
        let (data, caveats) = rows::page(&ask, page)?;
        let logged = asked.look(&ask, Action::Look, None)?;
        return Ok(json(Answer::new(&ask, data, caveats, logged)));
    }
    let (shown, caveats) = request.show(&ask)?;
    let logged = asked.look(&ask, Action::Look, None)?;
    Ok(match shown {
        Shown::Totals(data) => json(Answer::new(&ask, data, caveats, logged)),
        Shown::Series(data) => json(Answer::new(&ask, data, caveats, logged)),
        Shown::Table(data) => json(Answer::new(&ask, data, caveats, logged)),
        Shown::Heat(data) => json(Answer::new(&ask, data, caveats, logged)),
        Shown::Insights(data) => json(Answer::new(&ask, data, caveats, logged)),
    })
}

/// Totals
///
/// As a file (CSV, NDJSON, XLSX, Parquet) by `Accept`.
#[utoipa::path(get, path = "/api/v1/totals", tag = "reports",
    params(CommonParams, FileParams, ("measures" = String, Query, description = "Ids of measures, with commas.")),
    responses(
        (status = 200, description = "Totals over the period.", body = Answer<Totals>),
        (status = 400, description = "A parameter does not fit.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such subject.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The answer takes more than it may.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn totals(
    who: SignedIn,
    State(app): State<App>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> ApiResult<Response> {
    respond(app, who, "totals", headers, query).await
}

/// Time series
///
/// Every bucket is there, also those without events. As a file (CSV, NDJSON, XLSX, Parquet) by `Accept`.
#[utoipa::path(get, path = "/api/v1/series", tag = "reports",
    params(CommonParams, FileParams,
        ("measures" = String, Query, description = "Ids of measures, with commas."),
        ("by" = Option<String>, Query, description = "quarter (of an hour), hour, day (default), week, sunday_week, month, term, year, hour_of_day, weekday."),
    ),
    responses(
        (status = 200, description = "Values by time bucket.", body = Answer<Series>),
        (status = 400, description = "A parameter does not fit.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such subject.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn series(
    who: SignedIn,
    State(app): State<App>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> ApiResult<Response> {
    respond(app, who, "series", headers, query).await
}

/// Table
///
/// A row for each value of a dimension, or for each combination of up to three. As a file (CSV, NDJSON, XLSX, Parquet) by
/// `Accept`: then all rows, unless `size` is given.
#[utoipa::path(get, path = "/api/v1/table", tag = "reports",
    params(CommonParams, FileParams,
        ("by" = String, Query, description = "Ids of one to three dimensions, with commas."),
        ("measures" = String, Query, description = "Ids of measures, with commas."),
        ("sort" = Option<String>, Query, description = "label or a measure asked for; - for the largest first. Default the first measure, largest first; by time the order of time."),
        ("find" = Option<String>, Query, description = "Only rows of which a label or key contains this, in any case; viewers also by the institution's id."),
        ("coverage" = Option<u8>, Query, description = "1: with the seconds watched, where a row is of one recording."),
        ("page" = Option<usize>, Query, description = "From 1."),
        ("size" = Option<usize>, Query, description = "Rows on a page, 1 to 1000; default 100."),
    ),
    responses(
        (status = 200, description = "One page of the table.", body = Answer<Table>),
        (status = 400, description = "A parameter does not fit.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such subject.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The answer takes more than it may.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn table(
    who: SignedIn,
    State(app): State<App>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> ApiResult<Response> {
    respond(app, who, "table", headers, query).await
}

/// Heat of a recording
///
/// How often each second was watched, and by how many; held against another group of viewers if one is named. As a file
/// (CSV, NDJSON, XLSX, Parquet) by `Accept`.
#[utoipa::path(get, path = "/api/v1/heat", tag = "reports",
    params(CommonParams, FileParams,
        ("against" = Option<Vec<String>>, Query, description = "Filters that make the other group; in the form of f."),
    ),
    responses(
        (status = 200, description = "Views and viewers of each second.", body = Answer<Heat>),
        (status = 400, description = "A parameter does not fit.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such recording.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn heat(
    who: SignedIn,
    State(app): State<App>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> ApiResult<Response> {
    respond(app, who, "heat", headers, query).await
}

/// View rows
///
/// What sessions did to recordings within each quarter of an hour: what every number is reckoned from. As a file (CSV,
/// NDJSON, XLSX, Parquet) by `Accept`: then all rows, unless `size` is given.
#[utoipa::path(get, path = "/api/v1/rows", tag = "reports",
    params(CommonParams, FileParams,
        ("page" = Option<usize>, Query, description = "From 1."),
        ("size" = Option<usize>, Query, description = "Rows on a page, 1 to 1000; default 100."),
    ),
    responses(
        (status = 200, description = "One page of rows.", body = Answer<ViewRows>),
        (status = 400, description = "A parameter does not fit.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such subject.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The answer takes more than it may.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn view_rows(
    who: SignedIn,
    State(app): State<App>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> ApiResult<Response> {
    respond(app, who, "rows", headers, query).await
}

/// A named report.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportShown {
    /// Its name.
    name: &'static str,
    /// What people read.
    label: &'static str,
    /// What it answers.
    definition: &'static str,
    /// Its subject must be one recording.
    needs_recording: bool,
    /// Its panels, in the order of reading.
    panels: Vec<PanelShown>,
}

/// A panel of a named report.
#[derive(Debug, Serialize, ToSchema)]
pub struct PanelShown {
    /// Its name in the report.
    name: &'static str,
    /// What people read.
    label: &'static str,
    /// `totals`, `series`, `table`, `heat`, `insights`.
    kind: &'static str,
    /// Its subject must be a category.
    needs_category: bool,
    /// By what.
    by: Vec<&'static str>,
    /// Which measures.
    measures: Vec<&'static str>,
}

/// The named reports.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportsAnswer {
    data: ReportList,
}

/// The named reports.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportList {
    rows: Vec<ReportShown>,
}

/// Named reports
///
/// What there is, and what is in each.
#[utoipa::path(get, path = "/api/v1/reports", tag = "reports", responses(
    (status = 200, description = "All of them.", body = ReportsAnswer),
    (status = 401, description = "Not signed in.", body = Problem, content_type = "application/problem+json"),
))]
pub async fn list(_who: SignedIn) -> Json<ReportsAnswer> {
    let names = |measures: &[Measure]| measures.iter().map(|measure| measure.name()).collect();
    let panel = |panel: &engine::report::Panel| {
        let (kind, by, measures) = match &panel.shows {
            Shows::Totals(measures) => ("totals", vec![], names(measures)),
            Shows::Series(by, measures) => ("series", vec![by.name()], names(measures)),
            Shows::Table { by, measures, .. } => ("table", by.iter().map(|d| d.name()).collect(), names(measures)),
            Shows::Heat => ("heat", vec![], vec![]),
            Shows::Insights(_) => ("insights", vec![], vec![]),
        };
        PanelShown { name: panel.name, label: panel.label, kind, needs_category: panel.needs_category(), by, measures }
    };
    let report = |report: &Report| ReportShown {
        name: report.name,
        label: report.label,
        definition: report.definition,
        needs_recording: report.about == About::Recording,
        panels: report.panels.iter().map(panel).collect(),
    };
    Json(ReportsAnswer { data: ReportList { rows: REPORTS.iter().map(report).collect() } })
}

/// A whole report.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportPage {
    /// Its panels by name.
    panels: BTreeMap<&'static str, Shown>,
}

/// A named report
///
/// All its panels, answered by one scan. Panels that need a category are left out for other subjects; those that list
/// people for readers who may not see them, with the caveat `without_people`.
#[utoipa::path(get, path = "/api/v1/reports/{name}", tag = "reports",
    params(CommonParams,
        ("name" = String, Path, description = "Name of the report."),
        ("panels" = Option<String>, Query, description = "Only these panels, with commas."),
    ),
    responses(
        (status = 200, description = "Its panels.", body = Answer<ReportPage>),
        (status = 400, description = "A parameter does not fit.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such report or subject.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The answer takes more than it may.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn report(
    who: SignedIn,
    State(app): State<App>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> ApiResult<Response> {
    let report = Report::parse(&name).map_err(|error| ApiError::not_found().detail(error.to_string()))?;
    let params = Params::read(query.as_deref(), &[COMMON, &["panels"]])?;
    let words = Words::read(&params)?;
    let panels: Vec<_> = match params.one("panels")? {
        None => report.panels.iter().collect(),
        Some(names) => names
            .split(',')
            .map(|name| report.panel(name).map_err(|error| ApiError::bad("panels", error.to_string())))
            .collect::<ApiResult<_>>()?,
    };
    let named = params.one("panels")?.is_some();
    let caller = who.caller(words.account())?;
    let worker = app.clone();
    app.report(move |source| {
        let name = format!("reports/{name}");
        let asked = Asked { app: &worker, who: &who, name: &name, params: &params };
        let subject = words.subject().to_owned();
        let shown = whole(&asked, source.clone(), &caller, words, panels, named);
        asked.refusal(&source, caller.account, &subject, shown)
    })
    .await
}

fn whole(
    asked: &Asked<'_>,
    source: Source,
    caller: &Caller,
    words: Words,
    panels: Vec<&'static engine::report::Panel>,
    named: bool,
) -> ApiResult<Response> {
    let ask = Ask::new(source, caller, words)?;
    // A panel that is asked for by name says itself why it cannot be shown.
    let suits = |panel: &&engine::report::Panel| named || ask.scope().is_of_category() || !panel.needs_category();
    let (panels, without): (Vec<_>, Vec<_>) =
        panels.into_iter().filter(suits).partition(|panel| named || permitted(&ask, panel));
    let (data, mut caveats) = page(&ask, &panels)?;
    caveats.extend(caveat::without_people(without.into_iter().map(|panel| panel.name).collect()));
    let logged = asked.look(&ask, Action::Look, None)?;
    Ok(json(Answer::new(&ask, data, caveats, logged)))
}

/// Whether a panel of a report may be shown to its reader.
fn permitted(ask: &Ask, panel: &engine::report::Panel) -> bool {
    panel.views(ask.entry()).into_iter().all(|view| ask.permits(&Panel::new(view)))
}

/// Some panels with one scan.
fn page(ask: &Ask, panels: &[&'static engine::report::Panel]) -> ApiResult<(ReportPage, Vec<Caveat>)> {
    let requests = panels.iter().map(|panel| request::panel(panel)).collect::<ApiResult<Vec<_>>>()?;
    let asked = requests.iter().map(|request| request.panels(ask)).collect::<ApiResult<Vec<Vec<Panel>>>>()?;
    let counts: Vec<usize> = asked.iter().map(Vec::len).collect();
    let answered = ask.answer(asked.into_iter().flatten().collect())?;
    let mut now = answered.now.answers.into_iter();
    let mut before = answered.before.map(|before| before.answers.into_iter());
    let mut shown = BTreeMap::new();
    let mut found: Vec<Caveat> = Vec::new();
    for ((panel, request), count) in panels.iter().zip(&requests).zip(counts) {
        let of_panel: Vec<Told> = now.by_ref().take(count).collect();
        let before: Option<Vec<Told>> = before.as_mut().map(|before| before.by_ref().take(count).collect());
        let (data, learned) = request.shown(ask, &of_panel, before.as_deref())?;
        shown.insert(panel.name, data);
        for caveat in request.caveats(ask, &of_panel, &answered.now.left_out, learned) {
            caveat::add(&mut found, caveat);
        }
    }
    Ok((ReportPage { panels: shown }, found))
}

/// A panel of a named report
///
/// One panel alone; tables with all their pages. As a file (CSV, NDJSON, XLSX, Parquet) by `Accept`: then all rows, unless
/// `size` is given.
#[utoipa::path(get, path = "/api/v1/reports/{name}/{panel}", tag = "reports",
    params(CommonParams, FileParams,
        ("name" = String, Path, description = "Name of the report."),
        ("panel" = String, Path, description = "Name of the panel."),
        ("sort" = Option<String>, Query, description = "Tables: label or a measure of the panel; - for the largest first."),
        ("find" = Option<String>, Query, description = "Tables: only rows of which a label or key contains this."),
        ("page" = Option<usize>, Query, description = "Tables: from 1."),
        ("size" = Option<usize>, Query, description = "Tables: rows on a page, 1 to 1000."),
        ("against" = Option<Vec<String>>, Query, description = "Heat: filters that make the other group."),
    ),
    responses(
        (status = 200, description = "The panel.", body = Answer<Shown>),
        (status = 400, description = "A parameter does not fit.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such report, panel or subject.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn panel(
    who: SignedIn,
    State(app): State<App>,
    Path((name, panel)): Path<(String, String)>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> ApiResult<Response> {
    respond(app, who, &format!("reports/{name}/{panel}"), headers, query).await
}

/// A value of a dimension, with how much there is of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ValueShown {
    /// As filters take it.
    key: String,
    /// What people read.
    label: String,
    /// Plays.
    plays: u64,
    /// Events.
    events: u64,
}

/// One page of values.
#[derive(Debug, Serialize, ToSchema)]
pub struct ValueRows {
    /// The most plays first, then the most events.
    rows: Vec<ValueShown>,
    /// How many there are in all.
    total: usize,
    /// Which page, from 1.
    page: usize,
    /// Rows on a page.
    size: usize,
}

/// Values of a dimension
///
/// What a filter's menu shows: every value in the scope and range, with how much there is of it. Filters on the dimension
/// itself do not apply, so that another of its values can be chosen.
#[utoipa::path(get, path = "/api/v1/values", tag = "reports",
    params(CommonParams,
        ("dimension" = String, Query, description = "Id of the dimension."),
        ("find" = Option<String>, Query, description = "Only values whose label or key contains this, in any case."),
        ("page" = Option<usize>, Query, description = "From 1."),
        ("size" = Option<usize>, Query, description = "Rows on a page, 1 to 1000; default 100."),
    ),
    responses(
        (status = 200, description = "One page of values.", body = Answer<ValueRows>),
        (status = 400, description = "A parameter does not fit.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn values(
    who: SignedIn,
    State(app): State<App>,
    RawQuery(query): RawQuery,
) -> ApiResult<Json<Answer<ValueRows>>> {
    let params = Params::read(query.as_deref(), &[COMMON, &["dimension", "find", "page", "size"]])?;
    let words = Words::read(&params)?;
    let word = params.needed("dimension", "a dimension, such as country")?;
    let dimension = Dimension::parse(word).map_err(|error| ApiError::bad("dimension", error.to_string()))?;
    let page = Page::read(&params, false)?;
    let sort = engine::question::Sort { measure: Some(Measure::Plays), descending: true };
    let rows = engine::question::Page {
        sort,
        offset: page.offset(),
        limit: page.size,
        find: params.one("find")?.map(Into::into),
    };
    let measures = vec![Measure::Plays, Measure::Events];
    let view = View::Table { by: vec![dimension], measures, page: rows, coverage: false };
    let caller = who.caller(words.account())?;
    let worker = app.clone();
    app.report(move |source| {
        let asked = Asked { app: &worker, who: &who, name: "values", params: &params };
        let subject = words.subject().to_owned();
        let shown = listed(&asked, source.clone(), &caller, words, dimension, view, page);
        asked.refusal(&source, caller.account, &subject, shown)
    })
    .await
}

fn listed(
    asked: &Asked<'_>,
    source: Source,
    caller: &Caller,
    words: Words,
    dimension: Dimension,
    view: View,
    page: Page,
) -> ApiResult<Json<Answer<ValueRows>>> {
    let mut ask = Ask::new(source, caller, words)?;
    ask.filters.retain(|filter| filter.dimension != dimension);
    let mut answered = ask.answer_now(vec![Panel::new(view)])?;
    let Some(Told::Table { rows, total }) = answered.answers.pop() else { return Err(unexpected()) };
    let count = |value: Option<f64>| value.unwrap_or(0.0) as u64;
    let value = |row: &engine::question::TableRow| ValueShown {
        key: row.keys[0].to_string(),
        label: row.labels[0].to_string(),
        plays: count(row.values[0]),
        events: count(row.values[1]),
    };
    let data = ValueRows { rows: rows.iter().map(value).collect(), total, page: page.page, size: page.size };
    let mut caveats = caveats(&ask, &answered.left_out, &[], false);
    if dimension == Dimension::Viewer {
        caveat::add(&mut caveats, caveat::not_attendance());
    }
    let logged = asked.look(&ask, Action::Look, None)?;
    Ok(Json(Answer::new(&ask, data, caveats, logged)))
}

/// A number, and what stands behind it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Proof {
    /// The measure.
    measure: &'static str,
    /// What people read.
    label: &'static str,
    /// What it means.
    definition: &'static str,
    /// How it is reckoned from view rows.
    formula: String,
    /// An example.
    example: &'static str,
    /// What it counts in.
    unit: &'static str,
    /// Parts of it add up to it.
    additive: bool,
    /// Kaltura's name for it, if it has one.
    kaltura: Option<&'static str>,
    /// Version of all definitions: it grows whenever one gives another number for the same rows.
    version: u32,
    /// The value; `null` is a ratio without a base.
    value: Option<f64>,
    /// The same by other rules, such as Kaltura's.
    counted_like: Vec<Like>,
    /// View rows that it was reckoned from; none of recordings added, which the catalog tells.
    rows: u64,
    /// Events in them.
    events: u64,
    /// What was not counted, or counted once only, and why.
    left_out: Vec<LeftOutShown>,
    /// Where the rows are, page by page; of recordings added the recordings. Absent where rows may not be seen, because
    /// they are of single people.
    #[serde(skip_serializing_if = "Option::is_none")]
    rows_at: Option<String>,
}

/// The same by another rule.
#[derive(Debug, Serialize, ToSchema)]
pub struct Like {
    /// The measure.
    measure: &'static str,
    /// What people read.
    label: &'static str,
    /// Its value.
    value: Option<f64>,
}

/// What was left out.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeftOutShown {
    /// `bot`, `suspect`, `duplicate`, `late`, `identity_refused`, `missing`.
    reason: &'static str,
    /// What becomes of it: `not_counted`, `counted_once`, `counted`, `counted_as_unknown`, `never_arrived`.
    treatment: &'static str,
    /// Rows, where whole rows are concerned.
    rows: Option<u64>,
    /// Events.
    events: u64,
}

fn left_out(of: &LeftOut) -> Vec<LeftOutShown> {
    let line = |reason, treatment, rows, events| LeftOutShown { reason, treatment, rows, events };
    vec![
        line("bot", "not_counted", Some(of.bot_rows), of.bot_events),
        line("suspect", "not_counted", Some(of.suspect_rows), of.suspect_events),
        line("duplicate", "counted_once", None, of.duplicates),
        line("late", "counted", None, of.late),
        line("identity_refused", "counted_as_unknown", None, of.identity_refused),
        line("missing", "never_arrived", None, of.missing),
    ]
}

/// The proof of a number
///
/// Its definition, what it was reckoned from, what was left out and why, and where the rows are.
#[utoipa::path(get, path = "/api/v1/proof", tag = "reports",
    params(CommonParams, ("measure" = String, Query, description = "Id of the measure.")),
    responses(
        (status = 200, description = "The number and its proof.", body = Answer<Proof>),
        (status = 400, description = "A parameter does not fit.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such subject.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn proof(who: SignedIn, State(app): State<App>, RawQuery(query): RawQuery) -> ApiResult<Json<Answer<Proof>>> {
    let params = Params::read(query.as_deref(), &[COMMON, &["measure"]])?;
    let words = Words::read(&params)?;
    let word = params.needed("measure", "one, such as plays")?;
    let measure = Measure::parse(word).map_err(|error| ApiError::bad("measure", error.to_string()))?;
    let rest = params.without("measure");
    let rows_at = match measure.counts_added() {
        true => format!("/api/v1/table?by=entry&measures={}&{rest}", measure.name()).trim_end_matches('&').to_owned(),
        false => format!("/api/v1/rows?{rest}"),
    };
    let caller = who.caller(words.account())?;
    let worker = app.clone();
    app.report(move |source| {
        let asked = Asked { app: &worker, who: &who, name: "proof", params: &params };
        let subject = words.subject().to_owned();
        let shown = proved(&asked, source.clone(), &caller, words, measure, rows_at);
        asked.refusal(&source, caller.account, &subject, shown)
    })
    .await
}

fn proved(
    asked: &Asked<'_>,
    source: Source,
    caller: &Caller,
    words: Words,
    measure: Measure,
    rows_at: String,
) -> ApiResult<Json<Answer<Proof>>> {
    let ask = Ask::new(source, caller, words)?;
    let others = measure.alike();
    let measures: Vec<Measure> = [measure].into_iter().chain(others.iter().copied()).collect();
    let mut answered = ask.answer_now(vec![Panel::new(View::Totals { measures })])?;
    let Some(Told::Totals(values)) = answered.answers.pop() else { return Err(unexpected()) };
    let rows = Panel::new(View::Rows { offset: 0, limit: 1 });
    let like =
        |(other, value): (&Measure, &Option<f64>)| Like { measure: other.name(), label: other.label(), value: *value };
    let data = Proof {
        measure: measure.name(),
        label: measure.label(),
        definition: measure.definition(),
        formula: measure.recipe().formula(),
        example: measure.example(),
        unit: measure.unit().name(),
        additive: measure.additive(),
        kaltura: Some(measure.kaltura()).filter(|name| !name.is_empty()),
        version: engine::glossary::VERSION,
        value: values[0],
        counted_like: others.iter().zip(&values[1..]).map(like).collect(),
        rows: if measure.counts_added() { 0 } else { answered.left_out.rows },
        events: if measure.counts_added() { 0 } else { answered.left_out.events },
        left_out: if measure.counts_added() { Vec::new() } else { left_out(&answered.left_out) },
        rows_at: (measure.counts_added() || ask.permits(&rows)).then_some(rows_at),
    };
    let mut caveats = caveats(&ask, &answered.left_out, &[measure], false);
    let panel = Panel::new(View::Totals { measures: vec![measure] });
    caveats.extend(super::caveat::added(&ask, &answered.left_out, &[measure], &panel));
    let logged = asked.look(&ask, Action::Look, None)?;
    Ok(Json(Answer::new(&ask, data, caveats, logged)))
}
