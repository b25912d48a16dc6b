//! Who of a course has not watched a recording yet: its roster, held against what was seen.

use super::super::answer::{Answer, instant};
use super::super::ask::{Ask, Words};
use super::super::caveat;
use super::super::entries::person_id;
use super::super::params::Params;
use crate::access_log::Action;
use crate::api::look::Asked;
use crate::app::App;
use crate::auth::SignedIn;
use crate::auth::lti::roster::{Roster, forget_ended};
use crate::error::{ApiError, ApiResult, Problem};
use axum::Json;
use axum::extract::{RawQuery, State};
use engine::access::{self, Caller, Grant};
use engine::catalog::view::CatalogView;
use engine::glossary::{Dimension, Measure};
use engine::question::{self, Filter, Operator, Page, Panel, Sort, View};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// A student of the course.
#[derive(Debug, Serialize, ToSchema)]
pub struct StudentShown {
    /// Key; absent when the catalog does not know the person.
    key: Option<String>,
    /// Name.
    name: String,
    /// `watched`: played it, in this course; `not_watched`: did not, although other plays of theirs in this course were
    /// seen; `unknown`: no play of theirs was seen, which proves nothing.
    state: &'static str,
}

/// The students of a course and a recording.
#[derive(Debug, Serialize, ToSchema)]
pub struct RosterShown {
    /// When the LMS was last asked (RFC 3339); absent when it never was.
    fetched: Option<String>,
    /// By name.
    students: Vec<StudentShown>,
}

/// Who has watched, and who has not yet
///
/// The course's roster as the LMS told it, and a recording: for the course's staff only. Since its creation, today too.
#[utoipa::path(get, path = "/api/v1/roster", tag = "lti",
    params(
        ("subject" = String, Query, description = "The course: `category:ID`."),
        ("entry" = String, Query, description = "The recording."),
        ("account" = Option<u32>, Query, description = "Partner id; default the first."),
    ),
    responses(
        (status = 200, description = "Each student in one of three states.", body = Answer<RosterShown>),
        (status = 400, description = "A parameter does not fit.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such course or recording, or one is not its staff.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn roster(
    who: SignedIn,
    State(app): State<App>,
    RawQuery(query): RawQuery,
) -> ApiResult<Json<Answer<RosterShown>>> {
    let params = Params::read(query.as_deref(), &[&["subject", "entry", "account"]])?;
    let subject = params.needed("subject", "the course, as category:ID")?;
    let course = subject.strip_prefix("category:").ok_or_else(|| ApiError::bad("subject", "It is category:ID."))?;
    let (course, entry) = (course.to_owned(), params.needed("entry", "the recording's id")?.to_owned());
    let asked = [("subject", subject), ("period", "all"), ("today", "1")];
    let asked = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(asked).finish();
    let words = Words::read(&Params::read(Some(&asked), &[&["subject", "period", "today"]])?)?;
    let caller = who.caller(super::super::ask::account(&params)?)?;
    let worker = app.clone();
    let answer = app.report(move |source| {
        if !is_staff(&caller, &source.catalog, &course, source.now_ms) {
            return Err(ApiError::not_found());
        }
        forget_ended(worker.vault(), || worker.catalog_view(), source.now_ms).map_err(ApiError::internal)?;
        let rosters = worker.vault().lti_rosters(caller.account, &course).map_err(ApiError::internal)?;
        let ask = Ask::new(source, &caller, words)?;
        let in_course = ask.account().category_entries.get(course.as_str());
        if !in_course.is_some_and(|entries| entries.contains(entry.as_str())) {
            return Err(ApiError::not_found());
        }
        let data = shown(&ask, &entry, &rosters)?;
        let asked = Asked { app: &worker, who: &who, name: "roster", params: &params };
        let logged = asked.look(&ask, Action::Look, None)?;
        Ok(Answer::new(&ask, data, vec![caveat::not_attendance()], logged))
    });
    Ok(Json(answer.await?))
}

/// Whether somebody is the course's staff: by the launch, or by the catalog.
fn is_staff(caller: &Caller, catalog: &CatalogView, course: &str, now_ms: i64) -> bool {
    caller.grants.iter().any(|grant| match grant {
        Grant::Staff { category } => **category == *course,
        Grant::Person(key) => catalog
            .accounts
            .get(&caller.account)
            .is_some_and(|view| access::staffed(view, *key, now_ms).contains(course)),
        _ => false,
    })
}

fn shown(ask: &Ask, entry: &str, rosters: &[Roster]) -> ApiResult<RosterShown> {
    let page = Page::all(Sort { measure: None, descending: false });
    let view = View::Table { by: vec![Dimension::Viewer], measures: vec![Measure::Plays], page, coverage: false };
    let of_entry = Filter { dimension: Dimension::Entry, operator: Operator::Is, values: vec![entry.into()] };
    let panels = vec![Panel::new(view.clone()), Panel { view, filters: vec![of_entry] }];
    let answered = ask.answer_now(panels)?;
    let players = |at: usize| -> BTreeSet<&str> {
        let rows = match answered.answers.get(at) {
            Some(question::Answer::Table { rows, .. }) => rows.as_slice(),
            _ => &[],
        };
        let played = rows.iter().filter(|row| row.values.first().is_some_and(|plays| *plays > Some(0.0)));
        played.filter_map(|row| row.keys.first().map(|key| &**key)).collect()
    };
    let (seen, watched) = (players(0), players(1));
    // One student may be in the rosters of several sections' launches.
    let mut students = BTreeMap::new();
    for student in rosters.iter().flat_map(|roster| &roster.students) {
        let key = student.id.as_deref().and_then(|id| ask.account().person_keys.get(id)).copied();
        let known = key.and_then(|key| ask.account().people.get(&key)).map(|person| person.name.to_string());
        let name = student.name.clone().or(known).or_else(|| student.id.clone()).unwrap_or_else(|| student.sub.clone());
        let key = key.map(person_id);
        let state = match key.as_deref() {
            Some(key) if watched.contains(key) => "watched",
            Some(key) if seen.contains(key) => "not_watched",
            _ => "unknown",
        };
        students.insert((name.clone(), student.sub.clone()), StudentShown { key, name, state });
    }
    let fetched = rosters.iter().map(|roster| roster.fetched_ms).max().map(instant);
    Ok(RosterShown { fetched, students: students.into_values().collect() })
}
