//! A person's rights: what is stored about them, to read and to take along; being erased; and what goes by age.

use super::answer::{self, Answer, Rows, instant};
use super::ask::{Ask, Page, Words};
use super::body::Body;
use super::catalog::account_of;
use super::caveat::{self, Caveat, caveats};
use super::look::Asked;
use super::params::Params;
use super::shape::unexpected;
use crate::access_log::Action;
use crate::app::App;
use crate::auth::{Administrator, SignedIn};
use crate::error::{ApiError, ApiResult, Problem};
use crate::privacy::{Erasure, Signer};
use crate::sheet::{Cell, Column, Kind};
use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::access::{Caller, Grant};
use engine::catalog::view::AccountView;
use engine::event::{PersonKey, Text};
use engine::question::{Answer as Answered, Panel, View};
use engine::row::{SumColumn, TextColumn, ViewRow};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// What is stored about a person beside what they watched.
#[derive(Debug, Serialize, ToSchema)]
pub struct AboutPerson {
    /// The institution's id.
    id: String,
    /// Name.
    name: String,
    /// Mail address.
    mail: String,
    /// Courses and channels, and as what.
    memberships: Vec<Membership>,
    /// Ids of recordings they own.
    owns: Vec<String>,
    /// Ids of recordings they co-edit.
    co_edits: Vec<String>,
    /// Ids of playlists they own.
    playlists: Vec<String>,
    /// Notes they wrote.
    notes: Vec<String>,
}

/// Who somebody is in a course or channel.
#[derive(Debug, Serialize, ToSchema)]
pub struct Membership {
    /// Category id.
    category: String,
    /// Its name.
    name: String,
    /// `student`, `teacher`, ...
    role: &'static str,
}

/// Something that a person watched: one recording, within one quarter of an hour.
#[derive(Debug, Serialize, ToSchema)]
pub struct Watched {
    /// Entry id.
    recording: String,
    /// Its name.
    recording_name: String,
    /// First event (RFC 3339).
    from: String,
    /// Last event (RFC 3339).
    to: String,
    /// Seconds watched.
    seconds: f64,
    /// Plays begun.
    plays: u64,
    /// Which seconds of the recording: `0-30 45-60`.
    parts: String,
    /// The page, as far as it was disclosed.
    page: String,
    /// City, region, country, estimated from the network.
    place: String,
    /// Device, operating system, browser.
    device: String,
    /// How it was known who watched: `verified` or `claimed`.
    proof: &'static str,
}

/// One page of a person's own record.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonRecord {
    /// Who.
    about: AboutPerson,
    /// What they watched, by recording and time.
    rows: Vec<Watched>,
    /// Rows in all.
    total: usize,
    /// Which page, from 1.
    page: usize,
    /// Rows on a page.
    size: usize,
}

const RECORD: &[&str] = &["account", "zone", "page", "size"];

/// My record
///
/// All that is stored about the person signed in: who they are to us, and what they watched, where and on what. As a file
/// (CSV, NDJSON, XLSX, Parquet) by `Accept`: then all rows. Rows of a person are kept for `retention.person_months`.
#[utoipa::path(get, path = "/api/v1/me/record", tag = "privacy",
    params(
        ("account" = Option<u32>, Query, description = "Partner id; default the first."),
        ("zone" = Option<String>, Query, description = "IANA time zone of days; default UTC."),
        ("page" = Option<usize>, Query, description = "From 1."),
        ("size" = Option<usize>, Query, description = "Rows on a page, 1 to 1000; default 100."),
    ),
    responses(
        (status = 200, description = "One page.", body = Answer<PersonRecord>),
        (status = 404, description = "The catalog does not know who is signed in, or the site does not show people their record.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn my_record(
    who: SignedIn,
    State(app): State<App>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> ApiResult<Response> {
    let params = Params::read(query.as_deref(), &[RECORD, answer::FILE])?;
    let caller = who.caller(super::ask::account(&params)?)?;
    let own = caller.grants.iter().find_map(|grant| match grant {
        Grant::OwnRecord(person) => Some(*person),
        _ => None,
    });
    let person = own.ok_or_else(ApiError::not_found)?;
    // Their own record and no more, whatever else they may see.
    let caller = Caller { grants: vec![Grant::OwnRecord(person)], ..caller };
    record(app, who, caller, person, params, headers).await
}

/// A person's record
///
/// The same as `/api/v1/me/record` for administrators, to answer somebody who asks what is stored about them.
#[utoipa::path(get, path = "/api/v1/people/{id}/record", tag = "privacy",
    params(
        ("id" = String, Path, description = "The institution's id of the person."),
        ("account" = Option<u32>, Query, description = "Partner id; default the first."),
        ("zone" = Option<String>, Query, description = "IANA time zone of days; default UTC."),
        ("page" = Option<usize>, Query, description = "From 1."),
        ("size" = Option<usize>, Query, description = "Rows on a page, 1 to 1000; default 100."),
    ),
    responses(
        (status = 200, description = "One page.", body = Answer<PersonRecord>),
        (status = 404, description = "No such person, or not an administrator there.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn record_of(
    who: Administrator,
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> ApiResult<Response> {
    let params = Params::read(query.as_deref(), &[RECORD, answer::FILE])?;
    let account = account_of(&who, &params)?;
    let caller = who.signed_in().caller(Some(account))?;
    let view = app.catalog_view();
    let known = view.accounts.get(&account).and_then(|account| account.person_keys.get(id.as_str()));
    let person = *known.ok_or_else(ApiError::not_found)?;
    record(app, who.signed_in().clone(), caller, person, params, headers).await
}

async fn record(
    app: App,
    who: SignedIn,
    caller: Caller,
    person: PersonKey,
    params: Params,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let form = answer::wanted(&headers);
    let page = Page::read(&params, form.is_some())?;
    let words = words_for(person, params.one("zone")?.unwrap_or("UTC"))?;
    let worker = app.clone();
    app.report(move |source| {
        let ask = Ask::new(source, &caller, words)?;
        let (rows, total, caveats) = watched(&ask, page)?;
        let asked = Asked { app: &worker, who: &who, name: "record", params: &params };
        let Some(form) = form else {
            let about = about(ask.account(), person)?;
            let record = PersonRecord { about, rows, total, page: page.page, size: page.size };
            let logged = asked.look(&ask, Action::Look, None)?;
            return Ok(answer::json(Answer::new(&ask, record, caveats, logged)));
        };
        let rows = Rows {
            title: "Record",
            columns: columns(),
            rows: Box::new(rows.into_iter().map(|row| Ok(cells(row)))),
            note: Some(caveat::NOT_ATTENDANCE),
        };
        answer::file(&asked, form, &ask, &caveats, rows)
    })
    .await
}

/// Everything of a viewer, until now.
fn words_for(person: PersonKey, zone: &str) -> ApiResult<Words> {
    let mut question = url::form_urlencoded::Serializer::new(String::new());
    let subject = format!("viewer:{}", super::entries::person_id(person));
    question.extend_pairs([("subject", subject.as_str()), ("period", "all"), ("today", "1"), ("zone", zone)]);
    Words::read(&Params::read(Some(&question.finish()), &[super::ask::COMMON])?)
}

fn watched(ask: &Ask, page: Page) -> ApiResult<(Vec<Watched>, usize, Vec<Caveat>)> {
    let panel = Panel::new(View::Rows { offset: page.offset(), limit: page.size });
    let mut answered = ask.answer_now(vec![panel])?;
    let Some(Answered::Rows { rows, total }) = answered.answers.pop() else { return Err(unexpected()) };
    let mut caveats = caveats(ask, &answered.left_out, &[], false);
    caveat::add(&mut caveats, caveat::not_attendance());
    let rows = rows.iter().map(|row| shown(ask.account(), row)).collect();
    Ok((rows, total, caveats))
}

/// A row in plain words.
fn shown(account: &AccountView, row: &ViewRow) -> Watched {
    let entry = row.text(TextColumn::Entry);
    let words = |columns: &[TextColumn], between: &str| {
        let texts = columns.iter().map(|column| row.text(*column)).filter(|text| !text.is_empty());
        texts.collect::<Vec<_>>().join(between)
    };
    let page = row.text(TextColumn::Page);
    let parts = row.coverage.iter().map(|span| format!("{}-{}", span.from, span.to));
    let system = [
        words(&[TextColumn::Os, TextColumn::OsVersion], " "),
        words(&[TextColumn::Browser, TextColumn::BrowserVersion], " "),
    ];
    let device = [row.text(TextColumn::Device).to_owned()].into_iter().chain(system);
    Watched {
        recording: entry.to_owned(),
        recording_name: account.entries.get(entry).map_or_else(String::new, |entry| entry.name.to_string()),
        from: instant(row.first_ms),
        to: instant(row.last_ms),
        seconds: row.get(SumColumn::WatchedMs) as f64 / 1000.0,
        plays: row.get(SumColumn::Plays),
        parts: parts.collect::<Vec<_>>().join(" "),
        page: if page.is_empty() { row.text(TextColumn::Domain) } else { page }.to_owned(),
        place: words(&[TextColumn::City, TextColumn::Region, TextColumn::Country], ", "),
        device: device.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", "),
        proof: row.proof.name(),
    }
}

fn columns() -> Vec<Column> {
    let column =
        |id: &str, label: &str, kind: Kind, definition: &str| Column::new(id, label, kind).definition(definition);
    vec![
        column("recording", "Recording", Kind::Text, "Entry id."),
        column("recording_name", "Recording, name", Kind::Text, "Its name."),
        column("from", "From", Kind::Text, "First event."),
        column("to", "To", Kind::Text, "Last event."),
        column("seconds", "Seconds watched", Kind::Number, "In media time."),
        column("plays", "Plays", Kind::Whole, "Plays begun."),
        column("parts", "Parts", Kind::Text, "Seconds of the recording."),
        column("page", "Page", Kind::Text, "As far as it was disclosed."),
        column("place", "Place", Kind::Text, "Estimated from the network."),
        column("device", "Device", Kind::Text, "Device, operating system, browser."),
        column("proof", "How we know", Kind::Text, "verified or claimed."),
    ]
}

fn cells(row: Watched) -> Vec<Cell<'static>> {
    let text = |text: String| Cell::Text(text.into());
    vec![
        text(row.recording),
        text(row.recording_name),
        text(row.from),
        text(row.to),
        Cell::Number(row.seconds),
        Cell::Whole(row.plays as i64),
        text(row.parts),
        text(row.page),
        text(row.place),
        text(row.device),
        text(row.proof.to_owned()),
    ]
}

/// What the catalog has of a person.
fn about(account: &AccountView, key: PersonKey) -> ApiResult<AboutPerson> {
    let person = account.people.get(&key).ok_or_else(ApiError::not_found)?;
    let memberships = account.categories.iter().flat_map(|(id, category)| {
        let theirs = category.members.iter().filter(|member| member.person == key);
        theirs.map(move |member| Membership {
            category: id.to_string(),
            name: category.name.to_string(),
            role: member.role.name(),
        })
    });
    let ids = |ids: Vec<&Text>| ids.into_iter().map(ToString::to_string).collect::<Vec<_>>();
    let owns = account.entries.iter().filter(|(_, entry)| entry.owner == Some(key)).map(|(id, _)| id);
    let co_edits = account.entries.iter().filter(|(_, entry)| entry.co_editors.contains(&key)).map(|(id, _)| id);
    let playlists = account.playlists.iter().filter(|(_, playlist)| playlist.owner == Some(key)).map(|(id, _)| id);
    let notes = account.notes.values().filter(|note| note.author == Some(key)).map(|note| note.text.to_string());
    Ok(AboutPerson {
        id: person.id.to_string(),
        name: person.name.to_string(),
        mail: person.mail.to_string(),
        memberships: memberships.collect(),
        owns: ids(owns.collect()),
        co_edits: ids(co_edits.collect()),
        playlists: ids(playlists.collect()),
        notes: notes.collect(),
    })
}

/// Whom to erase.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewErasure {
    /// The institution's id of the person.
    person: String,
}

/// An erasure. It does not say whom it is about.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErasureShown {
    /// Id.
    id: String,
    /// Partner id of the account.
    account: u32,
    /// `running`, `sealing` or `done`.
    state: &'static str,
    /// What it is doing: `waiting`, `keys`, `catalog`, `files`, `check`, `scour`, `done`.
    phase: String,
    /// Files looked at in this phase.
    done: u64,
    /// Files there are.
    total: u64,
    /// Why it does not get on; it is tried again every minute.
    error: Option<String>,
    /// What was done and checked.
    #[schema(value_type = Object)]
    counts: Value,
    /// Asked for at (RFC 3339).
    asked_at: String,
    /// Ended at.
    finished_at: Option<String>,
    /// A signed statement of what was done, once it is done: a JWS (Ed25519) by the key of `GET /api/v1/erasures`.
    certificate: Option<String>,
}

impl From<Erasure> for ErasureShown {
    fn from(erasure: Erasure) -> ErasureShown {
        ErasureShown {
            id: erasure.id,
            account: erasure.account.0,
            state: erasure.state.word(),
            phase: erasure.phase,
            done: erasure.done,
            total: erasure.total,
            error: erasure.error,
            counts: erasure.counts,
            asked_at: instant(erasure.asked_ms),
            finished_at: erasure.finished_ms.map(instant),
            certificate: erasure.certificate,
        }
    }
}

/// One erasure.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErasureAnswer {
    data: ErasureShown,
}

/// Erasures of an account.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErasuresAnswer {
    data: ErasuresShown,
}

/// Erasures of an account, and the key that signs their certificates.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErasuresShown {
    /// The newest first.
    rows: Vec<ErasureShown>,
    /// Public key of the certificates, as a JWK.
    #[schema(value_type = Object)]
    key: Value,
}

/// Erase a person
///
/// In the background, from every file; it survives a restart. From this moment answers do not name the person any more;
/// totals stay as they are. Should the institution's id be sent again, it is a new person. Exports of the account are
/// removed, for they may name the person.
#[utoipa::path(post, path = "/api/v1/erasures", tag = "privacy", request_body = NewErasure,
    params(("account" = Option<u32>, Query, description = "Partner id; default the first.")),
    responses(
        (status = 202, description = "It runs. `Location` says how far it is.", body = ErasureAnswer),
        (status = 404, description = "No such person, or not an administrator there.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn erase(
    who: Administrator,
    State(app): State<App>,
    RawQuery(query): RawQuery,
    Body(asked): Body<NewErasure>,
) -> ApiResult<Response> {
    let account = account_of(&who, &Params::read(query.as_deref(), &[&["account"]])?)?;
    let worker = app.clone();
    let erased = app
        .blocking(move || worker.privacy().erase(&worker.catalog_view(), account, &asked.person, worker.now_ms()))
        .await?;
    let erasure = erased.map_err(ApiError::internal)?.ok_or_else(ApiError::not_found)?;
    let location = format!("/api/v1/erasures/{}", erasure.id);
    let body = Json(ErasureAnswer { data: erasure.into() });
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], body).into_response())
}

/// Erasures
///
/// All of an account, the newest first.
#[utoipa::path(get, path = "/api/v1/erasures", tag = "privacy",
    params(("account" = Option<u32>, Query, description = "Partner id; default the first.")),
    responses(
        (status = 200, description = "All of them.", body = ErasuresAnswer),
        (status = 404, description = "Not an administrator there.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn erasures(
    who: Administrator,
    State(app): State<App>,
    RawQuery(query): RawQuery,
) -> ApiResult<Json<ErasuresAnswer>> {
    let account = account_of(&who, &Params::read(query.as_deref(), &[&["account"]])?)?;
    let worker = app.clone();
    let data = app.blocking(move || -> ApiResult<ErasuresShown> {
        let ledger = worker.privacy().ledger();
        let rows = ledger.list(account).map_err(ApiError::internal)?.into_iter().map(Into::into).collect();
        Ok(ErasuresShown { rows, key: Signer::open(ledger).map_err(ApiError::internal)?.public() })
    });
    Ok(Json(ErasuresAnswer { data: data.await?? }))
}

/// An erasure
#[utoipa::path(get, path = "/api/v1/erasures/{id}", tag = "privacy",
    params(
        ("id" = String, Path, description = "Of the erasure."),
        ("account" = Option<u32>, Query, description = "Partner id; default the first."),
    ),
    responses(
        (status = 200, description = "How far it is.", body = ErasureAnswer),
        (status = 404, description = "No such erasure, or not an administrator there.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn erasure(
    who: Administrator,
    State(app): State<App>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> ApiResult<Json<ErasureAnswer>> {
    let account = account_of(&who, &Params::read(query.as_deref(), &[&["account"]])?)?;
    let worker = app.clone();
    let found = app.blocking(move || worker.privacy().ledger().get(account, &id)).await?.map_err(ApiError::internal)?;
    Ok(Json(ErasureAnswer { data: found.ok_or_else(ApiError::not_found)?.into() }))
}

/// How long things are kept, and what went lately.
#[derive(Debug, Serialize, ToSchema)]
pub struct RetentionShown {
    /// Whole months for which rows tell who watched.
    person_months: u32,
    /// Rows from before this instant name nobody (RFC 3339).
    named_from: String,
    /// Days for which bad rows are kept.
    bad_rows_days: u32,
    /// Days for which events are kept in the journal.
    journal_days: i64,
    /// Hours for which exports are kept.
    exports_hours: u64,
    /// Days for which the access log is kept.
    access_log_days: u64,
    /// Fewest people of whom a figure is shown to those who may not see names.
    smallest_group: u32,
    /// Whether everybody who signs in sees what they watched themselves.
    own_record: bool,
    /// The last runs, the newest first.
    runs: Vec<RetentionRun>,
}

/// A run of retention.
#[derive(Debug, Serialize, ToSchema)]
pub struct RetentionRun {
    /// Begun at (RFC 3339).
    began_at: String,
    /// What went.
    #[schema(value_type = Object)]
    report: Value,
}

/// Retention.
#[derive(Debug, Serialize, ToSchema)]
pub struct RetentionAnswer {
    data: RetentionShown,
}

/// Retention
///
/// How long things are kept, and what the daily runs removed.
#[utoipa::path(get, path = "/api/v1/retention", tag = "privacy",
    responses(
        (status = 200, description = "Settings and runs.", body = RetentionAnswer),
        (status = 404, description = "Not an administrator.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn retention(_who: Administrator, State(app): State<App>) -> ApiResult<Json<RetentionAnswer>> {
    let worker = app.clone();
    let runs = app.blocking(move || worker.privacy().ledger().runs()).await?.map_err(ApiError::internal)?;
    let settings = app.settings();
    let runs = runs.into_iter().map(|(began_ms, report)| RetentionRun { began_at: instant(began_ms), report });
    let data = RetentionShown {
        person_months: settings.retention_person_months.0,
        named_from: instant(crate::privacy::named_from_ms(settings, app.now_ms())),
        bad_rows_days: settings.retention_bad_rows_days.0,
        journal_days: engine::limits::HORIZON_DAYS,
        exports_hours: settings.exports_keep_hours,
        access_log_days: settings.access_log_days,
        smallest_group: settings.smallest_group.0,
        own_record: settings.own_record,
        runs: runs.collect(),
    };
    Ok(Json(RetentionAnswer { data }))
}

/// What a run of retention would do now. Nothing is changed by asking.
#[derive(Debug, Serialize, ToSchema)]
pub struct RetentionDue {
    /// Rows from before this instant lose the person (RFC 3339).
    named_from: String,
    /// Such rows that still lead to somebody.
    rows: u64,
    /// The people in them, counted once for each month.
    person_months: usize,
    /// Bad rows from before this instant go (RFC 3339).
    bad_rows_from: String,
    /// Files of the journal whose last event is from before this instant go (RFC 3339).
    journal_from: String,
}

/// What is due.
#[derive(Debug, Serialize, ToSchema)]
pub struct RetentionDueAnswer {
    data: RetentionDue,
}

/// What is due
///
/// What a run of retention would do now, of all accounts. It only reads.
#[utoipa::path(get, path = "/api/v1/retention/due", tag = "privacy",
    responses(
        (status = 200, description = "What would go.", body = RetentionDueAnswer),
        (status = 404, description = "Not an administrator.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn retention_due(_who: Administrator, State(app): State<App>) -> ApiResult<Json<RetentionDueAnswer>> {
    let worker = app.clone();
    let data = app.report(move |source| {
        let (settings, now_ms) = (worker.settings(), source.now_ms);
        let due = crate::privacy::due(settings, &source.snapshot, &source.catalog, now_ms);
        let due = due.map_err(ApiError::internal)?;
        Ok(RetentionDue {
            named_from: instant(crate::privacy::named_from_ms(settings, now_ms)),
            rows: due.rows,
            person_months: due.people.len(),
            bad_rows_from: instant(now_ms - settings.bad_rows_keep_ms()),
            journal_from: instant(crate::privacy::journal_from_ms(now_ms)),
        })
    });
    Ok(Json(RetentionDueAnswer { data: data.await? }))
}
