//! The shape of every answer: `{data, caveats, as_of, scope}`.

use super::ask::Ask;
use super::caveat::Caveat;
use super::download;
use super::look::{Asked, Logged};
use super::params::Params;
use crate::access_log::Action;
use crate::error::ApiResult;
use crate::sheet::{Cell, Column, Form, Head, Names, Options, SheetError};
use axum::Json;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use engine::question::Operator;
use serde::Serialize;
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
    /// With what it is compared, if with anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compared: Option<Compared>,
    /// The filters.
    pub filters: Vec<FilterShown>,
}

/// With what an answer is compared.
#[derive(Debug, Serialize, ToSchema)]
pub struct Compared {
    /// What people call its subject.
    pub label: String,
    /// First day.
    pub from: String,
    /// Last day.
    pub to: String,
    /// What people call the period.
    pub period_label: String,
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
    /// Wraps what a request asked for; what it shows of named people is in the access log.
    pub fn new(ask: &Ask, data: T, caveats: Vec<Caveat>, _: Logged) -> Answer<T> {
        Answer { data, caveats, as_of: instant(ask.as_of_ms()), scope: shown(ask) }
    }
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
        compared: ask.versus.as_ref().map(|other| Compared {
            label: other.label.clone(),
            from: other.range.first.to_string(),
            to: other.range.last.to_string(),
            period_label: other.range.label.clone(),
        }),
        filters: filters.collect(),
    }
}

/// A file's rows, and what it is called.
pub struct Rows {
    /// What it is.
    pub title: &'static str,
    /// Columns.
    pub columns: Vec<Column>,
    /// Rows, as long as `columns`.
    pub rows: Box<dyn Iterator<Item = ApiResult<Vec<Cell<'static>>>> + Send>,
    /// A sentence that must travel along.
    pub note: Option<&'static str>,
}

/// The parameters that say how a file is to be.
pub const FILE: &[&str] = &["bom", "definitions", "labels"];

/// The form that the `Accept` header asks for; `None` is the answer as JSON, with everything around it.
pub fn wanted(headers: &HeaderMap) -> Option<Form> {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Form::accepted(accept)
}

/// An answer as JSON.
pub fn json<T: Serialize>(answer: Answer<T>) -> Response {
    with_vary(Json(answer).into_response())
}

fn with_vary(mut response: Response) -> Response {
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept"));
    response
}

/// How a file is to be: CSV begins with its columns' names unless `definitions=1`, since programs read it; `bom=1` tells
/// Excel that it is UTF-8; `labels=1` has columns called as people call them.
///
/// # Errors
/// 400 for anything but 0 and 1.
pub fn options(form: Form, params: &Params) -> ApiResult<Options> {
    let definitions = params.one("definitions")?.map_or(Ok(form != Form::Csv), |_| params.switch("definitions"))?;
    Ok(Options {
        bom: params.switch("bom")?,
        definitions,
        names: if params.switch("labels")? { Names::Labels } else { Names::Ids },
        ..Options::default()
    })
}

/// An answer as a file.
///
/// # Errors
/// When the look cannot be written down, or the file cannot be written.
pub fn file(asked: &Asked<'_>, form: Form, ask: &Ask, caveats: &[Caveat], rows: Rows) -> ApiResult<Response> {
    let Asked { app, params, .. } = asked;
    let count = rows.rows.size_hint();
    asked.look(ask, Action::File, count.1.filter(|most| *most == count.0).map(|rows| rows as u64))?;
    let options = Options { scratch: app.jobs().scratch().to_owned(), ..options(form, params)? };
    let (head, rows) = (head(ask, caveats, &rows), rows.rows);
    let response = download::table(form, head, options, move |sheet| {
        for row in rows {
            sheet.row(&row.map_err(|error| SheetError::Source(Box::new(error)))?)?;
        }
        Ok(())
    });
    response.map(with_vary)
}

/// What a file says of itself.
pub fn head(ask: &Ask, caveats: &[Caveat], rows: &Rows) -> Head {
    Head {
        title: format!("{} of {}", rows.title, ask.label),
        lines: lines(ask, caveats),
        columns: rows.columns.clone(),
        note: rows.note.map(str::to_owned),
    }
}

/// What was asked and what a reader must know, for a file's head.
fn lines(ask: &Ask, caveats: &[Caveat]) -> Vec<(String, String)> {
    let scope = shown(ask);
    let mut lines = vec![
        ("Subject", format!("{} ({})", scope.label, scope.subject)),
        ("Period", format!("{}, {} to {}", scope.period_label, scope.from, scope.to)),
        ("Time zone", scope.zone),
    ];
    if let Some(other) = scope.compared {
        lines.push(("Compared with", format!("{}, {} to {}", other.label, other.from, other.to)));
    }
    lines.extend(scope.filters.iter().map(|filter| {
        let words = match filter.op {
            "is" => "is",
            "not" => "is not",
            "has" => "contains",
            _ => "does not contain",
        };
        ("Filter", format!("{} {words} {}", filter.label, filter.values.join(" or ")))
    }));
    lines.push(("As of", instant(ask.as_of_ms())));
    lines.extend(caveats.iter().map(|caveat| ("Caveat", caveat.detail.clone())));
    lines.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
