//! What course staff may know of a recording outside their course: one total (ruling 28).

use super::answer::Answer;
use super::ask::{Ask, Words};
use super::caveat;
use super::look::Asked;
use super::params::Params;
use crate::access_log::Action;
use crate::app::{App, Source};
use crate::auth::SignedIn;
use crate::error::{ApiError, ApiResult, Problem};
use axum::Json;
use axum::extract::{RawQuery, State};
use engine::access::{self, Caller, Subject};
use engine::query::{self, Budget};
use serde::Serialize;
use utoipa::ToSchema;

/// Shortest period, days: a total by the day would be the series that staff may not see.
const DAYS_MIN: i32 = 7;
const QUARTERS_A_DAY: i32 = 96;

/// What was played outside the course.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlayedElsewhere {
    /// Plays; `null`: of too few people to be shown.
    plays: Option<f64>,
    /// Minutes viewed; `null`: of too few people to be shown.
    minutes_viewed: Option<f64>,
}

/// Elsewhere
///
/// How much a recording of a course was played outside that course: one total for the course's staff, hidden when it is of
/// fewer people than `privacy.smallest_group`. It takes no filters and cannot be split.
#[utoipa::path(get, path = "/api/v1/elsewhere", tag = "reports",
    params(
        ("account" = Option<u32>, Query, description = "Partner id; default the first."),
        ("subject" = String, Query, description = "The course: `category:ID`."),
        ("entry" = String, Query, description = "A recording of the course."),
        ("period" = Option<String>, Query, description = "A week at least; default `30d`. All words: docs/periods.md."),
        ("today" = Option<u8>, Query, description = "1: presets include today."),
        ("week" = Option<String>, Query, description = "Weeks of presets begin on `monday` (default) or `sunday`."),
        ("zone" = Option<String>, Query, description = "IANA time zone in which days are counted; default UTC."),
    ),
    responses(
        (status = 200, description = "The total.", body = Answer<PlayedElsewhere>),
        (status = 400, description = "A parameter does not fit.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such course or recording, or not its staff.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn elsewhere(
    who: SignedIn,
    State(app): State<App>,
    RawQuery(query): RawQuery,
) -> ApiResult<Json<Answer<PlayedElsewhere>>> {
    let known = &["account", "subject", "entry", "period", "today", "week", "zone"];
    let params = Params::read(query.as_deref(), &[known])?;
    let words = Words::read(&params)?;
    let entry = params.needed("entry", "a recording of the course, by its id")?.to_owned();
    let caller = who.caller(words.account())?;
    let worker = app.clone();
    app.report(move |source| {
        let asked = Asked { app: &worker, who: &who, name: "elsewhere", params: &params };
        let subject = words.subject().to_owned();
        let told = told(&asked, source.clone(), &caller, words, &entry);
        asked.refusal(&source, caller.account, &subject, told)
    })
    .await
}

fn told(
    asked: &Asked<'_>,
    source: Source,
    caller: &Caller,
    words: Words,
    entry: &str,
) -> ApiResult<Json<Answer<PlayedElsewhere>>> {
    let ask = Ask::new(source, caller, words)?;
    let Subject::Category { id, .. } = &ask.subject else {
        return Err(ApiError::bad("subject", "It is a course: category:ID."));
    };
    let source = &ask.source;
    let of = access::elsewhere(caller, &source.catalog, id, entry, source.now_ms).ok_or_else(ApiError::not_found)?;
    let (from, to) = (ask.range.from, ask.range.to);
    // A day that a clock change shortens is a day.
    if to.0.saturating_sub(from.0) < DAYS_MIN * QUARTERS_A_DAY - 4 {
        return Err(ApiError::bad("period", format!("It is {DAYS_MIN} days at least: the total cannot be split.")));
    }
    let expired = || source.cost.is_over();
    let budget = Budget { threads: source.cost.threads, memory_bytes: source.cost.memory_bytes, expired: &expired };
    let found = query::elsewhere(&source.snapshot, &source.catalog, &ask.calendar(), &of, (from, to), &budget);
    let found = found.map_err(|error| ask.refusal(error))?;
    let data =
        PlayedElsewhere { plays: found.map(|found| found.plays), minutes_viewed: found.map(|found| found.minutes) };
    let caveats = if found.is_none() { vec![caveat::hidden(2, of.smallest_group())] } else { Vec::new() };
    let logged = asked.look(&ask, Action::Look, None)?;
    Ok(Json(Answer::new(&ask, data, caveats, logged)))
}
