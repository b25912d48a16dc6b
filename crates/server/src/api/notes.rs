//! What happened, beside the figures: recordings that were added, times in which nothing was collected, and notes that people
//! write. All of it is read by whoever sees the figures; a note is written by who is responsible for what it is about.

use super::answer::{Answer, instant};
use super::ask::{self, Ask, Words};
use super::body::Body;
use super::entries::{self, Named};
use super::look::{Asked, deed};
use super::params::Params;
use super::views::name_of;
use crate::access_log::{Action, New};
use crate::app::{App, Source};
use crate::auth::SignedIn;
use crate::auth::vault::Who;
use crate::desk::{Note, Run};
use crate::embeds::{broken, short};
use crate::error::{ApiError, ApiResult, Problem};
use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use engine::access::{Caller, Grant, Subject, staffed};
use engine::catalog::view::AccountView;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Characters of a note: what a line under a chart can show.
const TEXT_CHARS_MAX: usize = 140;
/// Days of a note: a year.
const DAYS_MAX: i32 = 366;
/// Notes about one thing: one a week for four years.
const NOTES_MAX: usize = 200;
/// Recordings of one day that are called by their names; the others are counted.
const NAMED_MAX: usize = 3;
/// Shorter gaps are restarts, and a run that broke off was last known up to a minute before.
const OUTAGE_MS: i64 = 120_000;
/// Gaps that are told, the longest.
const OUTAGES_MAX: usize = 100;

/// The words a request takes.
const WORDS: &[&str] = &["account", "subject", "subtree", "whose", "period", "today", "week", "zone"];

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Happened {
    /// Somebody wrote a note.
    Written {
        /// Its number; none where it came with the catalog, and is changed where that comes from.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<i64>,
        /// What it is about: `account`, `entry:ID`, `category:ID`.
        subject: String,
        /// First day.
        first: String,
        /// Last day.
        last: String,
        /// Its first instant in the zone asked for (RFC 3339).
        from: String,
        /// The instant after its last.
        to: String,
        /// What it says.
        text: String,
        /// The reader may change it.
        may_change: bool,
        /// Who wrote it last, for those who may change it.
        by: Option<String>,
    },
    /// Recordings of the subject were published, or added where that is not known; by day.
    Added {
        /// The first of them (RFC 3339).
        from: String,
        /// The last of them.
        to: String,
        /// How many.
        count: usize,
        /// The first of them by name.
        recordings: Vec<Named>,
    },
    /// Nothing was collected.
    Outage {
        /// Last known at work (RFC 3339).
        from: String,
        /// At work again.
        to: String,
        /// It was stopped in order; else it broke off, and `from` is up to a minute early.
        stopped: bool,
    },
}

/// What happened in a period.
#[derive(Debug, Serialize, ToSchema)]
pub struct Notes {
    /// Notes by day, recordings added by day, outages by time.
    rows: Vec<Happened>,
    /// The reader may write notes about the subject.
    may_add: bool,
}

/// A note, to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewNote {
    /// What it is about: `account`, `entry:ID`, `category:ID`.
    subject: String,
    /// First day: `2026-11-04`.
    first: String,
    /// Last day; default the first.
    #[serde(default)]
    last: Option<String>,
    /// What it says: one line of 140 characters at most.
    text: String,
}

/// A note's number.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoteId {
    /// Its number.
    id: i64,
}

/// A note that was saved.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoteAnswer {
    data: NoteId,
}

/// Whether somebody may write about it: administrators; of a course or channel its staff; of a recording who may edit it.
fn may_write(caller: &Caller, account: &AccountView, subject: &Subject, now_ms: i64) -> bool {
    match subject {
        Subject::Account => caller.is_administrator(),
        Subject::Entry(id) => account.entries.get(id).is_some_and(|entry| entries::may_edit(caller, entry)),
        Subject::Category { id, .. } => {
            let teaches = |grant: &Grant| match grant {
                Grant::Staff { category } => category == id,
                Grant::Person(person) => staffed(account, *person, now_ms).contains(id),
                _ => false,
            };
            account.categories.contains_key(id) && (caller.is_administrator() || caller.grants.iter().any(teaches))
        }
        _ => false,
    }
}

/// What notes may be about, as they are kept.
fn key(subject: &Subject) -> Option<String> {
    match subject {
        Subject::Account => Some("account".to_owned()),
        Subject::Entry(id) => Some(format!("entry:{id}")),
        Subject::Category { id, .. } | Subject::Section { category: id, .. } => Some(format!("category:{id}")),
        _ => None,
    }
}

/// Whose notes are shown beside a subject's figures: the account's everywhere, and those of its parts. What somebody merely
/// watched is not thereby theirs to read about.
fn about(ask: &Ask) -> Vec<String> {
    fn parts(subject: &Subject, found: &mut Vec<Subject>) {
        match subject {
            Subject::Both(one, other) => [one, other].into_iter().for_each(|subject| parts(subject, found)),
            Subject::Medium { entry, .. } => found.push(Subject::Entry(entry.clone())),
            other => found.push(other.clone()),
        }
    }
    let mut found = vec![Subject::Account];
    parts(&ask.subject, &mut found);
    let listed = ask.scope().listed();
    let readable = |subject: &Subject| match subject {
        Subject::Entry(id) => listed.as_ref().is_none_or(|listed| listed.contains(id)),
        _ => true,
    };
    let mut keys: Vec<String> = found.iter().filter(|subject| readable(subject)).filter_map(key).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

fn start_ms(day: Date, zone: &TimeZone) -> Option<i64> {
    zone.to_ambiguous_timestamp(day.at(0, 0, 0, 0)).compatible().ok().map(|at| at.as_millisecond())
}

/// Recordings that were added in the range, by day of the zone.
fn added(ask: &Ask, zone: &TimeZone, from_ms: i64, to_ms: i64) -> Vec<Happened> {
    let listed = ask.scope().listed();
    let mut days: BTreeMap<Date, Vec<(i64, Named)>> = BTreeMap::new();
    for (id, entry) in &ask.account().entries {
        let Some(at_ms) = entry.published_ms.or(entry.created_ms) else { continue };
        let within = (from_ms..to_ms).contains(&at_ms) && !entry.deleted;
        if !within || listed.as_ref().is_some_and(|listed| !listed.contains(id)) {
            continue;
        }
        let Ok(at) = jiff::Timestamp::from_millisecond(at_ms) else { continue };
        let named = Named { id: id.to_string(), name: entry.name.to_string() };
        days.entry(at.to_zoned_datetime(zone.clone()).date()).or_default().push((at_ms, named));
    }
    let shown = |mut of_day: Vec<(i64, Named)>| {
        of_day.sort_by(|a, b| (a.0, &a.1.id).cmp(&(b.0, &b.1.id)));
        Happened::Added {
            from: of_day.first().map(|(at_ms, _)| instant(*at_ms)).unwrap_or_default(),
            to: of_day.last().map(|(at_ms, _)| instant(*at_ms)).unwrap_or_default(),
            count: of_day.len(),
            recordings: of_day.into_iter().take(NAMED_MAX).map(|(_, named)| named).collect(),
        }
    };
    days.into_values().map(shown).collect()
}

/// The gaps between runs of the server that reach into the range.
fn outages(runs: &[Run], from_ms: i64, to_ms: i64) -> Vec<Happened> {
    let gaps = runs.windows(2).map(|pair| (pair[0].seen_ms, pair[1].started_ms, pair[0].stopped));
    let mut found: Vec<(i64, i64, bool)> =
        gaps.filter(|(from, to, _)| to - from >= OUTAGE_MS && *from < to_ms && *to > from_ms).collect();
    found.sort_by_key(|(from, to, _)| from - to);
    found.truncate(OUTAGES_MAX);
    found.sort_unstable();
    let shown = |(from, to, stopped)| Happened::Outage { from: instant(from), to: instant(to), stopped };
    found.into_iter().map(shown).collect()
}

/// The catalog's own notes about a subject.
fn imported<'a>(account: &'a AccountView, subject: &'a str) -> impl Iterator<Item = Note> + 'a {
    account.notes.values().filter_map(move |note| {
        let about = match (&note.entry, &note.category) {
            (Some(entry), _) => format!("entry:{entry}"),
            (None, Some(category)) => format!("category:{category}"),
            (None, None) => "account".to_owned(),
        };
        let day: Date = note.date.parse().ok().filter(|_| about == subject)?;
        Some(Note {
            id: 0,
            subject: about,
            first: day,
            last: day,
            text: note.text.to_string(),
            changed_ms: 0,
            changed_by: String::new(),
        })
    })
}

fn happened(app: &App, who: &SignedIn, caller: &Caller, ask: &Ask) -> ApiResult<Notes> {
    let (from_ms, to_ms) = (ask.range.from.start_ms(), ask.range.to.start_ms());
    let zone = ask.calendar().zone.clone();
    let desk = app.vault().desk();
    let writes = |subject: &Subject| {
        !matches!(who.who, Who::Key(_)) && may_write(caller, ask.account(), subject, ask.source.now_ms)
    };
    let written = |id: Option<i64>, note: Note, may_change: bool| {
        let after = note.last.tomorrow().ok().and_then(|day| start_ms(day, &zone));
        let (from, to) = (start_ms(note.first, &zone)?, after?);
        (from < to_ms && to > from_ms).then(|| Happened::Written {
            id,
            subject: note.subject,
            first: note.first.to_string(),
            last: note.last.to_string(),
            from: instant(from),
            to: instant(to),
            text: note.text,
            may_change,
            by: may_change.then(|| name_of(app, &note.changed_by)).flatten(),
        })
    };
    let mut rows = Vec::new();
    for subject in about(ask) {
        let may_change = parse(&subject).is_some_and(|subject| writes(&subject));
        for note in desk.notes(caller.account, &subject).map_err(broken)? {
            rows.extend(written(Some(note.id), note, may_change));
        }
        rows.extend(imported(ask.account(), &subject).filter_map(|note| written(None, note, false)));
    }
    rows.extend(added(ask, &zone, from_ms, to_ms));
    rows.extend(outages(&desk.runs().map_err(broken)?, from_ms, to_ms));
    Ok(Notes { rows, may_add: writes(&ask.subject) })
}

/// What happened
///
/// Beside the figures of a subject in a period: notes that people wrote about it or about the account, recordings that were
/// added, times in which nothing was collected.
#[utoipa::path(get, path = "/api/v1/notes", tag = "notes",
    params(
        ("account" = Option<u32>, Query, description = "Partner id; default the first."),
        ("subject" = Option<String>, Query, description = "As reports take it; default the account."),
        ("whose" = Option<String>, Query, description = "Of an owner what they `owned` (default), what they `co_edited` only, or `both`."),
        ("subtree" = Option<u8>, Query, description = "1: a category with everything below it."),
        ("period" = Option<String>, Query, description = "As reports take it; default `30d`."),
        ("today" = Option<u8>, Query, description = "1: presets include today."),
        ("week" = Option<String>, Query, description = "Weeks of presets begin on `monday` (default) or `sunday`."),
        ("zone" = Option<String>, Query, description = "IANA time zone in which days are counted; default UTC."),
    ),
    responses(
        (status = 200, description = "What happened.", body = Answer<Notes>),
        (status = 400, description = "A parameter does not fit.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such subject.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn list(who: SignedIn, State(app): State<App>, RawQuery(query): RawQuery) -> ApiResult<Json<Answer<Notes>>> {
    let params = Params::read(query.as_deref(), &[WORDS])?;
    let words = Words::read(&params)?;
    let caller = who.caller(words.account())?;
    let worker = app.clone();
    app.report(move |source| {
        let asked = Asked { app: &worker, who: &who, name: "notes", params: &params };
        let subject = words.subject().to_owned();
        let shown = listed(&asked, source.clone(), &caller, words);
        asked.refusal(&source, caller.account, &subject, shown)
    })
    .await
}

fn listed(asked: &Asked<'_>, source: Source, caller: &Caller, words: Words) -> ApiResult<Json<Answer<Notes>>> {
    let ask = Ask::new(source, caller, words)?;
    entries::seen(&ask.source, caller, &ask.subject)?;
    let data = happened(asked.app, asked.who, caller, &ask)?;
    let logged = asked.look(&ask, Action::Look, None)?;
    Ok(Json(Answer::new(&ask, data, Vec::new(), logged)))
}

/// What a note is to be about; nothing but the three things that notes can be about.
fn parse(text: &str) -> Option<Subject> {
    match text.split_once(':') {
        None if text == "account" => Some(Subject::Account),
        Some(("entry", id)) if !id.is_empty() => Some(Subject::Entry(id.into())),
        Some(("category", id)) if !id.is_empty() => Some(Subject::Category { id: id.into(), subtree: false }),
        _ => None,
    }
}

fn day(field: &str, text: &str) -> ApiResult<Date> {
    text.parse().map_err(|_| ApiError::bad(field, "It is a day, such as 2026-11-04."))
}

/// Who may write a note, and the note as it is to be kept.
fn check(app: &App, who: &SignedIn, caller: &Caller, new: NewNote, id: i64) -> ApiResult<Note> {
    let subject = parse(&new.subject);
    let subject =
        subject.ok_or_else(|| ApiError::bad("subject", "Notes are about account, entry:ID or category:ID."))?;
    let catalog = app.catalog_view();
    let account = catalog.accounts.get(&caller.account).ok_or_else(ApiError::not_found)?;
    let now_ms = app.now_ms();
    if matches!(who.who, Who::Key(_)) || !may_write(caller, account, &subject, now_ms) {
        return Err(ApiError::not_found());
    }
    let first = day("first", &new.first)?;
    let last = new.last.as_deref().map_or(Ok(first), |text| day("last", text))?;
    let days = first.until(last).map_err(ApiError::internal)?.get_days();
    if !(0..DAYS_MAX).contains(&days) {
        return Err(ApiError::bad("last", format!("It is the first day or later, at most {DAYS_MAX} days in all.")));
    }
    let text = new.text.trim().to_owned();
    if text.is_empty() || text.chars().count() > TEXT_CHARS_MAX || text.contains('\n') {
        return Err(ApiError::bad("text", format!("It is one line of 1 to {TEXT_CHARS_MAX} characters.")));
    }
    short("text", &text, 4 * TEXT_CHARS_MAX)?;
    let subject = key(&subject).ok_or_else(ApiError::not_found)?;
    Ok(Note { id, subject, first, last, text, changed_ms: now_ms, changed_by: who.owner() })
}

/// A note that somebody may change.
fn changeable(app: &App, who: &SignedIn, caller: &Caller, id: i64) -> ApiResult<Note> {
    let note = app.vault().desk().note(caller.account, id).map_err(broken)?.ok_or_else(ApiError::not_found)?;
    let catalog = app.catalog_view();
    let account = catalog.accounts.get(&caller.account).ok_or_else(ApiError::not_found)?;
    let theirs = parse(&note.subject).is_some_and(|subject| may_write(caller, account, &subject, app.now_ms()));
    if theirs && !matches!(who.who, Who::Key(_)) { Ok(note) } else { Err(ApiError::not_found()) }
}

/// Notes are read by others: who wrote, changed or removed one is in the access log.
fn log(app: &App, who: &SignedIn, caller: &Caller, note: &Note, what: &str) -> ApiResult<()> {
    let deed = deed(app, who, Some(caller.account), Action::Changed, note.subject.clone());
    let new = New { question: format!("note={what}&first={}", note.first), ..deed };
    app.vault().access_log().append(&new).map_err(ApiError::internal)
}

fn caller_of(who: &SignedIn, query: Option<&str>) -> ApiResult<Caller> {
    who.caller(ask::account(&Params::read(query, &[&["account"]])?)?)
}

/// Write a note
///
/// About the account its administrators may, about a course or channel its staff, about a recording its owner and co-editors;
/// administrators about all. Everybody who sees the figures reads it.
#[utoipa::path(post, path = "/api/v1/notes", tag = "notes", request_body = NewNote,
    params(("account" = Option<u32>, Query, description = "Partner id; default the first.")),
    responses(
        (status = 201, description = "Written.", body = NoteAnswer),
        (status = 400, description = "A field does not fit.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Nothing that they may write about.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn add(
    who: SignedIn,
    State(app): State<App>,
    RawQuery(query): RawQuery,
    Body(new): Body<NewNote>,
) -> ApiResult<Response> {
    let caller = caller_of(&who, query.as_deref())?;
    let worker = app.clone();
    let id = app.blocking(move || -> ApiResult<i64> {
        let note = check(&worker, &who, &caller, new, 0)?;
        let desk = worker.vault().desk();
        if desk.notes(caller.account, &note.subject).map_err(broken)?.len() >= NOTES_MAX {
            return Err(ApiError::bad("text", format!("There are {NOTES_MAX} notes; remove one first.")));
        }
        log(&worker, &who, &caller, &note, "added")?;
        desk.save_note(caller.account, &note, true).map_err(broken)
    });
    let data = NoteId { id: id.await?? };
    Ok((StatusCode::CREATED, Json(NoteAnswer { data })).into_response())
}

/// Change a note
#[utoipa::path(put, path = "/api/v1/notes/{id}", tag = "notes", request_body = NewNote,
    params(
        ("account" = Option<u32>, Query, description = "Partner id; default the first."),
        ("id" = i64, Path, description = "Its number."),
    ),
    responses(
        (status = 200, description = "Changed.", body = NoteAnswer),
        (status = 400, description = "A field does not fit; nothing was changed.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such note, or not theirs to change.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn put(
    who: SignedIn,
    State(app): State<App>,
    Path(id): Path<i64>,
    RawQuery(query): RawQuery,
    Body(new): Body<NewNote>,
) -> ApiResult<Json<NoteAnswer>> {
    let caller = caller_of(&who, query.as_deref())?;
    let worker = app.clone();
    let id = app.blocking(move || -> ApiResult<i64> {
        changeable(&worker, &who, &caller, id)?;
        let note = check(&worker, &who, &caller, new, id)?;
        log(&worker, &who, &caller, &note, "changed")?;
        worker.vault().desk().save_note(caller.account, &note, false).map_err(broken)
    });
    Ok(Json(NoteAnswer { data: NoteId { id: id.await?? } }))
}

/// Take a note away
#[utoipa::path(delete, path = "/api/v1/notes/{id}", tag = "notes",
    params(
        ("account" = Option<u32>, Query, description = "Partner id; default the first."),
        ("id" = i64, Path, description = "Its number."),
    ),
    responses(
        (status = 204, description = "Taken away."),
        (status = 404, description = "No such note, or not theirs to change.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn remove(
    who: SignedIn,
    State(app): State<App>,
    Path(id): Path<i64>,
    RawQuery(query): RawQuery,
) -> ApiResult<StatusCode> {
    let caller = caller_of(&who, query.as_deref())?;
    let worker = app.clone();
    app.blocking(move || -> ApiResult<()> {
        let note = changeable(&worker, &who, &caller, id)?;
        log(&worker, &who, &caller, &note, "removed")?;
        worker.vault().desk().remove_note(caller.account, id).map_err(broken)?;
        Ok(())
    })
    .await??;
    Ok(StatusCode::NO_CONTENT)
}
