//! The shape of every answer: `{data, caveats, as_of, scope}`.

use super::ask::Ask;
use super::caveat::Caveat;
use crate::app::App;
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

/// The forms in which a table can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The answer with everything around it.
    Json,
    /// Comma-separated values, all rows.
    Csv,
    /// One JSON object a row, all rows.
    NdJson,
}

impl Form {
    /// By the `Accept` header.
    pub fn of(headers: &HeaderMap) -> Form {
        let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if accept.contains("text/csv") {
            Form::Csv
        } else if accept.contains("application/x-ndjson") {
            Form::NdJson
        } else {
            Form::Json
        }
    }
}

/// A table's answer in the form that was asked for.
pub fn table<T: Serialize>(
    form: Form,
    answer: Answer<T>,
    sheet: impl FnOnce(&Answer<T>) -> super::sheet::Sheet,
) -> Response {
    let mut response = match form {
        Form::Json => Json(answer).into_response(),
        Form::Csv => {
            let headers = [
                (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
                (header::CONTENT_DISPOSITION, "attachment; filename=\"playhead.csv\""),
            ];
            (headers, sheet(&answer).csv()).into_response()
        }
        Form::NdJson => ([(header::CONTENT_TYPE, "application/x-ndjson")], sheet(&answer).ndjson()).into_response(),
    };
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept"));
    response
}
