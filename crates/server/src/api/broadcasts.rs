//! Live streams that are planned, and those that ended in the last days: what stands below those that are on (`live`).

use super::answer::{Answer, instant};
use super::ask::{Ask, Words};
use super::embeds::theirs;
use super::look::Asked;
use super::params::Params;
use super::shape::unexpected;
use crate::access_log::Action;
use crate::app::{App, Source};
use crate::auth::SignedIn;
use crate::error::{ApiResult, Problem};
use axum::Json;
use axum::extract::{RawQuery, State};
use engine::access::Caller;
use engine::catalog::view::EntryView;
use engine::event::Text;
use engine::glossary::{Dimension, Measure};
use engine::query::live::{self, Broadcast};
use engine::question::{Answer as Told, Page, Panel, Sort, TableRow, View};
use serde::Serialize;
use std::cmp::Reverse;
use utoipa::ToSchema;

/// Live streams that are told of each kind at most: the next to come, the last to end.
const ROWS_MAX: usize = 100;

/// A live stream that is planned.
#[derive(Debug, Serialize, ToSchema)]
pub struct UpcomingBroadcast {
    /// Id.
    id: String,
    /// Name.
    name: String,
    /// Planned to begin (RFC 3339). In the past: nobody watches yet.
    starts: Option<String>,
    /// Planned to end (RFC 3339).
    ends: Option<String>,
}

/// A live stream that is over.
#[derive(Debug, Serialize, ToSchema)]
pub struct EndedBroadcast {
    /// Id.
    id: String,
    /// Name.
    name: String,
    /// First minute in which its last broadcast was watched (RFC 3339). Half an hour without anybody ends a broadcast.
    from: Option<String>,
    /// Last one.
    to: Option<String>,
    /// Most sessions within one minute of these days; `null`: that minute is of too few people to be shown.
    peak: Option<u64>,
    /// The first such minute (RFC 3339).
    peak_at: Option<String>,
    /// Distinct viewers who watched it live in these days; all who are not known are one. `null`: too few to be shown.
    viewers: Option<f64>,
    /// Minutes that they watched of it live.
    minutes: Option<f64>,
}

/// Live streams that are planned, and those that are over.
#[derive(Debug, Serialize, ToSchema)]
pub struct Broadcasts {
    /// Planned and not watched live now, the next first; a hundred at most.
    upcoming: Vec<UpcomingBroadcast>,
    /// How many there are.
    upcoming_total: usize,
    /// Watched live in these days and not now, the last first; a hundred at most.
    ended: Vec<EndedBroadcast>,
    /// How many there are.
    ended_total: usize,
}

/// Live streams to come and past
///
/// Live streams that the catalog plans, and those that were watched live in the last seven days of the zone and
/// today and are not now, of all that the reader owns or co-edits (of the account, for those who see all of
/// it), or of a subject. Who is watching at this moment: `/api/v1/live`.
#[utoipa::path(get, path = "/api/v1/live/broadcasts", tag = "live",
    params(
        ("account" = Option<u32>, Query, description = "Partner id; default the first."),
        ("subject" = Option<String>, Query, description = "As in reports."),
        ("subtree" = Option<u8>, Query, description = "1: a category with everything below it."),
        ("whose" = Option<String>, Query, description = "Of an owner what they `owned` (default), `co_edited` only, or `both`."),
        ("zone" = Option<String>, Query, description = "IANA time zone in which days are counted; default UTC."),
    ),
    responses(
        (status = 200, description = "Live streams.", body = Answer<Broadcasts>),
        (status = 400, description = "A parameter does not fit.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such subject.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn broadcasts(
    who: SignedIn,
    State(app): State<App>,
    RawQuery(query): RawQuery,
) -> ApiResult<Json<Answer<Broadcasts>>> {
    let params = Params::read(query.as_deref(), &[&["account", "subject", "subtree", "whose", "zone"]])?;
    let caller = who.caller(super::ask::account(&params)?)?;
    let params = theirs(params, &caller).or("period", "7d").or("today", "1");
    let words = Words::read(&params)?;
    let worker = app.clone();
    app.report(move |source| {
        let asked = Asked { app: &worker, who: &who, name: "live/broadcasts", params: &params };
        let subject = words.subject().to_owned();
        let told = told(&asked, source.clone(), &caller, words);
        asked.refusal(&source, caller.account, &subject, told)
    })
    .await
}

fn told(asked: &Asked<'_>, source: Source, caller: &Caller, words: Words) -> ApiResult<Json<Answer<Broadcasts>>> {
    let ask = Ask::new(source, caller, words)?;
    let watched = ask.broadcasts()?;
    let measures = vec![Measure::Viewers, Measure::MinutesViewed];
    let page = Page::all(Sort { measure: None, descending: false });
    let view = View::Table { by: vec![Dimension::Entry], measures, page, coverage: false };
    let answered = ask.answer_now(vec![Panel { view, filters: vec![live::watched_live()] }])?;
    let [Told::Table { rows, .. }] = answered.answers.as_slice() else { return Err(unexpected()) };
    let over = rows.iter().filter(|row| !is_planned_now(&ask, &row.keys[0])).filter_map(|row| {
        let broadcast = watched.get(&row.keys[0]).filter(|broadcast| !broadcast.on)?;
        Some((row, broadcast))
    });
    let mut over: Vec<(&TableRow, &Broadcast)> = over.collect();
    // The order of hidden rows tells nothing: they come last, by their ids.
    let last = |row: &TableRow, broadcast: &Broadcast| Reverse(broadcast.to_ms.filter(|_| !row.hidden));
    over.sort_by_key(|(row, broadcast)| (row.hidden, last(row, broadcast), &row.keys[0]));
    let upcoming = upcoming(&ask, &|id| watched.get(id).is_some_and(|broadcast| broadcast.on));
    let data = Broadcasts {
        upcoming_total: upcoming.len(),
        upcoming: upcoming.into_iter().take(ROWS_MAX).map(planned).collect(),
        ended_total: over.len(),
        ended: over.into_iter().take(ROWS_MAX).map(|(row, broadcast)| ended(&ask, row, broadcast)).collect(),
    };
    let logged = asked.look(&ask, Action::Look, None)?;
    Ok(Json(Answer::new(&ask, data, Vec::new(), logged)))
}

/// Whether a live stream is planned to go on at this moment: nobody watching does not end it.
fn is_planned_now(ask: &Ask, id: &Text) -> bool {
    let now_ms = ask.source.now_ms;
    let planned = |entry: &EntryView| {
        entry.starts_ms.is_some_and(|ms| ms <= now_ms) && entry.ends_ms.is_some_and(|ms| ms > now_ms)
    };
    ask.account().entries.get(id).is_some_and(planned)
}

/// What is planned, not over and not on, the next first.
fn upcoming<'a>(ask: &'a Ask, is_on: &dyn Fn(&Text) -> bool) -> Vec<(&'a Text, &'a EntryView)> {
    let now_ms = ask.source.now_ms;
    let listed = ask.scope().listed();
    let to_come = |entry: &EntryView| !entry.deleted && entry.ends_ms.or(entry.starts_ms).is_some_and(|ms| ms > now_ms);
    let entries = ask.account().entries.iter();
    let mut found: Vec<_> = entries
        .filter(|(id, entry)| to_come(entry) && listed.as_ref().is_none_or(|listed| listed.contains(*id)) && !is_on(id))
        .collect();
    found.sort_by_key(|(id, entry)| (entry.starts_ms, *id));
    found
}

fn planned((id, entry): (&Text, &EntryView)) -> UpcomingBroadcast {
    UpcomingBroadcast {
        id: id.to_string(),
        name: entry.name.to_string(),
        starts: entry.starts_ms.map(instant),
        ends: entry.ends_ms.map(instant),
    }
}

fn ended(ask: &Ask, row: &TableRow, broadcast: &Broadcast) -> EndedBroadcast {
    let id = &row.keys[0];
    // A row that is hidden tells nothing of when it was, either.
    let told = |ms: Option<i64>| ms.filter(|_| !row.hidden).map(instant);
    EndedBroadcast {
        id: id.to_string(),
        name: ask.account().entries.get(id).map_or(id, |entry| &entry.name).to_string(),
        from: told(broadcast.from_ms),
        to: told(broadcast.to_ms),
        peak: broadcast.peak.filter(|_| !row.hidden),
        peak_at: told(broadcast.peak_ms),
        viewers: row.values[0],
        minutes: row.values[1],
    }
}
