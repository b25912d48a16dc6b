//! The shape of every answer: `{data, caveats, as_of, scope}`.

use super::ask::Ask;
use super::caveat::Caveat;
use super::download;
use crate::app::App;
use crate::error::ApiResult;
use crate::sheet::{Cell, Column, Form, Head, Options};
use axum::Json;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use engine::question::Operator;
use serde::Serialize;
use std::sync::atomic::Ordering::Relaxed;
use utoipa::ToSchema;

/// An answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Answer<T> {
    /// What was asked for.
    pub data: T,
    /// What a reader must know about it.
    pub caveats: Vec<Caveat>,
    /// Events received until then are in it (RFC 3339).
    pub as_of: String,
    /// What it is about, with everything resolved.
    pub scope: ScopeShown,
}

/// What an answer is about.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScopeShown {
    /// As asked: `account`, `entry:ID`, ...
    pub subject: String,
    /// What people call it.
    pub label: String,
    /// First day.
    pub from: String,
    /// Last day.
    pub to: String,
    /// The zone in which days are counted.
    pub zone: String,
    /// The period, as asked.
    pub period: String,
    /// What people call it.
    pub period_label: String,
    /// The days it is compared with, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compared: Option<Days>,
    /// The filters.
    pub filters: Vec<FilterShown>,
}

/// First and last day.
#[derive(Debug, Serialize, ToSchema)]
pub struct Days {
    /// First day.
    pub from: String,
    /// Last day.
    pub to: String,
}

/// A filter.
#[derive(Debug, Serialize, ToSchema)]
pub struct FilterShown {
    /// `is`, `not`, `has`, `hasnot`.
    pub op: &'static str,
    /// Dimension.
    pub dimension: &'static str,
    /// Its name for people.
    pub label: &'static str,
    /// Values.
    pub values: Vec<String>,
}

/// An instant as RFC 3339 in UTC.
pub fn instant(at_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(at_ms).map(|at| at.to_string()).unwrap_or_default()
}

impl<T> Answer<T> {
    /// Wraps what a request asked for.
    pub fn new(app: &App, ask: &Ask, data: T, caveats: Vec<Caveat>) -> Answer<T> {
        Answer { data, caveats, as_of: as_of(app, ask), scope: shown(ask) }
    }
}

/// While the fold keeps up, the answer is as of now.
fn as_of(app: &App, ask: &Ask) -> String {
    let behind = app.metrics().fold_lag.load(Relaxed) > 0 && ask.snapshot_ms() > 0;
    instant(if behind { ask.snapshot_ms() } else { ask.now_ms })
}

fn shown(ask: &Ask) -> ScopeShown {
    let filters = ask.filters.iter().map(|filter| FilterShown {
        op: match filter.operator {
            Operator::Is => "is",
            Operator::Not => "not",
            Operator::Has => "has",
            Operator::HasNot => "hasnot",
        },
        dimension: filter.dimension.name(),
        label: filter.dimension.label(),
        values: filter.values.iter().map(ToString::to_string).collect(),
    });
    ScopeShown {
        subject: ask.subject_text.clone(),
        label: ask.label.clone(),
        from: ask.range.first.to_string(),
        to: ask.range.last.to_string(),
        zone: ask.zone_name.clone(),
        period: ask.period.clone(),
        period_label: ask.range.label.clone(),
        compared: ask.previous.as_ref().map(|days| Days { from: days.first.to_string(), to: days.last.to_string() }),
        filters: filters.collect(),
    }
}

/// A table's rows, and what its file is called.
pub struct Rows {
    /// What it is.
    pub title: &'static str,
    /// Columns.
    pub columns: Vec<Column>,
    /// Rows, as long as `columns`.
    pub rows: Vec<Vec<Cell<'static>>>,
    /// A sentence that must travel along.
    pub note: Option<&'static str>,
}

/// The form that the `Accept` header asks for; `None` is the answer as JSON, with everything around it.
pub fn wanted(headers: &HeaderMap) -> Option<Form> {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Form::accepted(accept)
}

/// A table's answer in the form that was asked for. CSV here begins with its head: programs read it.
///
/// # Errors
/// When the file cannot be written.
pub fn table<T: Serialize>(
    app: &App,
    form: Option<Form>,
    answer: Answer<T>,
    rows: impl FnOnce(&Answer<T>) -> Rows,
) -> ApiResult<Response> {
    let mut response = match form {
        None => Json(answer).into_response(),
        Some(form) => {
            let Rows { title, columns, rows, note } = rows(&answer);
            let title = format!("{title} of {}", answer.scope.label);
            let head = Head { title, lines: lines(&answer), columns, note: note.map(str::to_owned) };
            let scratch = app.jobs().scratch().to_owned();
            let options = Options { definitions: form != Form::Csv, scratch, ..Options::default() };
            download::table(form, head, options, move |sheet| rows.iter().try_for_each(|row| sheet.row(row)))?
        }
    };
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept"));
    Ok(response)
}

/// What was asked and what a reader must know, for a file's head.
fn lines<T>(answer: &Answer<T>) -> Vec<(String, String)> {
    let scope = &answer.scope;
    let mut lines = vec![
        ("Subject", format!("{} ({})", scope.label, scope.subject)),
        ("Period", format!("{}, {} to {}", scope.period_label, scope.from, scope.to)),
        ("Time zone", scope.zone.clone()),
    ];
    lines.extend(scope.filters.iter().map(|filter| {
        let words = match filter.op {
            "is" => "is",
            "not" => "is not",
            "has" => "contains",
            _ => "does not contain",
        };
        ("Filter", format!("{} {words} {}", filter.label, filter.values.join(" or ")))
    }));
    lines.push(("As of", answer.as_of.clone()));
    lines.extend(answer.caveats.iter().map(|caveat| ("Caveat", caveat.detail.clone())));
    lines.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
