//! The access log, to be read: by administrators, by owners what concerns their recordings, by everybody who looked at them.

use super::answer::{self, FILE, instant, wanted};
use super::ask::{self, Page};
use super::download;
use super::params::Params;
use crate::access_log::{Action, COMMAND_LINE, Checked, Record, Search, hex};
use crate::app::App;
use crate::auth::vault::Who;
use crate::auth::{Administrator, SignedIn};
use crate::error::{ApiError, ApiResult, Problem};
use crate::sheet::{Cell, Column, Form, Head, Kind, Options, SheetError};
use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use engine::access::Grant;
use engine::catalog::view::CatalogView;
use engine::event::{AccountId, PersonKey};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A record of the access log.
#[derive(Debug, Serialize, ToSchema)]
pub struct LogRecord {
    /// Its number: they have no gaps.
    id: i64,
    /// When (RFC 3339).
    at: String,
    /// Who: `person:ACCOUNT:ID`, `local:N` (a local administrator), `key:N`, `command_line`; empty for somebody
    /// who did not sign in.
    who: String,
    /// What people call them.
    who_label: String,
    /// How they signed in.
    way: String,
    /// Partner id; none concerns the installation.
    account: Option<u32>,
    /// `look`, `file`, `export_asked`, `export_made`, `export_fetched`, `role_granted`, `role_revoked`, `key_added`,
    /// `key_removed`, `sign_in`.
    action: &'static str,
    /// Whom or what it was about; viewers by their keys.
    subject: String,
    /// What exactly was asked for, without words that somebody searched for.
    question: String,
    /// Rows returned.
    rows: u64,
    /// People named.
    people: u64,
    /// `given`, `refused` (it is there, and they may not see it), `absent` (there is no such thing).
    result: &'static str,
}

/// One page of records.
#[derive(Debug, Serialize, ToSchema)]
pub struct LogRows {
    /// Newest first.
    rows: Vec<LogRecord>,
    /// How many there are in all.
    total: u64,
    /// Which page, from 1.
    page: usize,
    /// Rows on a page.
    size: usize,
}

/// Records of the access log.
#[derive(Debug, Serialize, ToSchema)]
pub struct LogAnswer {
    data: LogRows,
}

/// Who is who in records.
struct Names<'a> {
    app: &'a App,
    catalog: &'a CatalogView,
    known: BTreeMap<String, String>,
}

impl Names<'_> {
    fn of(&mut self, who: &str) -> ApiResult<String> {
        if let Some(known) = self.known.get(who) {
            return Ok(known.clone());
        }
        let name = match Who::parse(who) {
            None => None,
            Some(Who::Person { account, id }) => {
                let view = self.catalog.accounts.get(&account);
                let person = view.and_then(|view| view.people.get(view.person_keys.get(id.as_str())?));
                Some(person.map(|person| person.name.to_string()).filter(|name| !name.is_empty()).unwrap_or(id))
            }
            Some(other) => self.app.vault().name(&other).map_err(ApiError::internal)?,
        };
        let name = name.unwrap_or_else(|| who.to_owned());
        self.known.insert(who.to_owned(), name.clone());
        Ok(name)
    }

    fn shown(&mut self, record: Record) -> ApiResult<LogRecord> {
        let Record { id, new, people } = record;
        Ok(LogRecord {
            id,
            at: instant(new.at_ms),
            who_label: self.of(&new.who)?,
            who: new.who,
            way: new.way,
            account: new.account.map(|account| account.0),
            action: new.action.name(),
            subject: new.subject,
            question: new.question,
            rows: new.rows,
            people,
            result: new.result.name(),
        })
    }
}

/// The first instant of a day in UTC, `days` later.
fn day(params: &Params, name: &str, days: i64) -> ApiResult<Option<i64>> {
    let Some(text) = params.one(name)? else { return Ok(None) };
    let wrong = || ApiError::bad(name, "It is a day in UTC, such as 2026-10-31.");
    let day: jiff::civil::Date = text.parse().map_err(|_| wrong())?;
    let begins = jiff::tz::TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).map_err(|_| wrong())?;
    Ok(Some(begins.as_millisecond() + days * 86_400_000))
}

/// What may be searched by whom: administrators everything of their account (operators of all, and of the installation),
/// owners what was about a recording of theirs.
fn search(who: &SignedIn, catalog: &CatalogView, params: &Params) -> ApiResult<Search> {
    let asked = ask::account(params)?;
    let caller = who.caller(asked)?;
    let view = catalog.accounts.get(&caller.account).ok_or_else(ApiError::not_found)?;
    let subject = params.one("subject")?;
    let owns = || {
        let entry = view.entries.get(subject?.strip_prefix("entry:")?)?;
        let owner = entry.owner?;
        caller.grants.contains(&Grant::Person(owner)).then_some(())
    };
    if !caller.is_administrator() && owns().is_none() {
        return Err(ApiError::not_found());
    }
    let person = |text: &str| match text.contains(':') || text == COMMAND_LINE {
        true => text.to_owned(),
        false => Who::Person { account: caller.account, id: text.to_owned() }.to_string(),
    };
    let action = params.one("action")?.map(|word| {
        let words: Vec<&str> = Action::ALL.iter().map(|action| action.name()).collect();
        Action::of(word).ok_or_else(|| ApiError::bad("action", format!("It is one of {}.", words.join(", "))))
    });
    let everywhere = who.is_operator() && asked.is_none();
    Ok(Search {
        account: (!everywhere).then_some(caller.account),
        who: params.one("who")?.map(person),
        subject: subject.map(|text| ask::canonical(view, text).unwrap_or_else(|| text.to_owned())),
        action: action.transpose()?,
        from_ms: day(params, "from", 0)?,
        to_ms: day(params, "to", 1)?,
        ..Search::default()
    })
}

/// The access log
///
/// Who looked at named viewers, exported, was refused, changed roles, signed in: newest first. For administrators; owners see
/// who looked at the viewers of a recording of theirs (`subject=entry:ID`). As a file (CSV, NDJSON, XLSX, Parquet) by `Accept`:
/// then all records.
#[utoipa::path(get, path = "/api/v1/access-log", tag = "access",
    params(
        ("account" = Option<u32>, Query, description = "Partner id; default the first, for operators all."),
        ("who" = Option<String>, Query, description = "The institution's id of a person, or `local:N`, `key:N`, `command_line`."),
        ("subject" = Option<String>, Query, description = "`entry:ID`, `viewer:PERSON`, `category:ID`, ...: records about it, alone or with another."),
        ("action" = Option<String>, Query, description = "Such as `look` or `export_fetched`."),
        ("from" = Option<String>, Query, description = "First day, UTC."),
        ("to" = Option<String>, Query, description = "Last day, UTC."),
        ("page" = Option<usize>, Query, description = "From 1."),
        ("size" = Option<usize>, Query, description = "Rows on a page, 1 to 1000; default 100."),
        ("bom" = Option<u8>, Query, description = "As a file: 1 begins CSV with a byte order mark, for Excel."),
        ("definitions" = Option<u8>, Query, description = "As a file: 0 without, 1 with what the columns mean."),
        ("labels" = Option<u8>, Query, description = "As a file: 1 has columns called as people call them."),
    ),
    responses(
        (status = 200, description = "One page of records.", body = LogAnswer),
        (status = 400, description = "A parameter does not fit.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Not an administrator there, nor the owner of the recording.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn list(
    who: SignedIn,
    State(app): State<App>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> ApiResult<Response> {
    let known = &["account", "who", "subject", "action", "from", "to", "page", "size"];
    let params = Params::read(query.as_deref(), &[known, FILE])?;
    let (form, page) = (wanted(&headers), Page::read(&params, false)?);
    let worker = app.clone();
    app.blocking(move || {
        let catalog = worker.catalog_view();
        let search = search(&who, &catalog, &params)?;
        if let Some(form) = form {
            let options = Options { scratch: worker.jobs().scratch().to_owned(), ..answer::options(form, &params)? };
            return file(worker.clone(), form, options, search);
        }
        let log = worker.vault().access_log();
        let (records, total) = log.search(&search, page.offset(), page.size).map_err(ApiError::internal)?;
        let mut names = Names { app: &worker, catalog: &catalog, known: BTreeMap::new() };
        let rows = records.into_iter().map(|record| names.shown(record)).collect::<ApiResult<_>>()?;
        let data = LogRows { rows, total, page: page.page, size: page.size };
        Ok(Json(LogAnswer { data }).into_response())
    })
    .await?
}

/// Records read for a file at a time: some hundreds of kilobytes.
const RECORDS_AT_A_TIME: usize = 1_000;

fn file(app: App, form: Form, options: Options, mut search: Search) -> ApiResult<Response> {
    let text = |id: &str, label: &str| Column::new(id, label, Kind::Text);
    let columns = vec![
        Column::new("id", "Number", Kind::Whole).definition("Records have no gaps."),
        Column::new("at", "When", Kind::Instant),
        text("who", "Who").definition("Empty: somebody who did not sign in."),
        text("who_label", "Who, name"),
        text("way", "Signed in by"),
        Column::new("account", "Account", Kind::Whole),
        text("action", "Action"),
        text("subject", "About").definition("Viewers by their keys."),
        text("question", "Question").definition("Without words that somebody searched for."),
        Column::new("rows", "Rows", Kind::Whole),
        Column::new("people", "People named", Kind::Whole),
        text("result", "Result"),
    ];
    let head = Head { title: "Access log".to_owned(), lines: Vec::new(), columns, note: None };
    download::table(form, head, options, move |sheet| {
        let catalog = app.catalog_view();
        let mut names = Names { app: &app, catalog: &catalog, known: BTreeMap::new() };
        loop {
            let read = app.vault().access_log().search(&search, 0, RECORDS_AT_A_TIME);
            let (records, _) = read.map_err(|error| SheetError::Source(Box::new(error)))?;
            let Some(last) = records.last() else { return Ok(()) };
            search.before = Some(last.id);
            for record in records {
                let at = Cell::Instant(record.new.at_ms);
                let shown = names.shown(record).map_err(|error| SheetError::Source(Box::new(error)))?;
                sheet.row(&[
                    Cell::Whole(shown.id),
                    at,
                    Cell::text(&shown.who),
                    Cell::text(&shown.who_label),
                    Cell::text(&shown.way),
                    shown.account.map_or(Cell::Empty, |account| Cell::Whole(i64::from(account))),
                    Cell::text(shown.action),
                    Cell::text(&shown.subject),
                    Cell::text(&shown.question),
                    Cell::Whole(shown.rows.cast_signed()),
                    Cell::Whole(shown.people.cast_signed()),
                    Cell::text(shown.result),
                ])?;
            }
        }
    })
}

/// What a check of the access log found.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckShown {
    /// Every record follows from the one before it.
    sound: bool,
    /// The first record that does not.
    broken_at: Option<i64>,
    /// Records.
    records: u64,
    /// Records before them, which have grown old.
    removed: i64,
    /// The hash of the last record. Kept elsewhere, it tells later whether records were taken off the end.
    head: String,
}

/// What a check of the access log found.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckAnswer {
    data: CheckShown,
}

/// Check the access log
///
/// Reads the whole chain of hashes; of all accounts, because there is one.
#[utoipa::path(get, path = "/api/v1/access-log/check", tag = "access", responses(
    (status = 200, description = "What was found.", body = CheckAnswer),
    (status = 404, description = "Not an administrator.", body = Problem, content_type = "application/problem+json"),
))]
pub async fn check(_who: Administrator, State(app): State<App>) -> ApiResult<Json<CheckAnswer>> {
    let worker = app.clone();
    let checked = app.blocking(move || worker.vault().access_log().check()).await?.map_err(ApiError::internal)?;
    let Checked { records, cut, head, broken_at } = checked;
    let data = CheckShown { sound: broken_at.is_none(), broken_at, records, removed: cut, head: hex(&head) };
    Ok(Json(CheckAnswer { data }))
}

/// A look at oneself.
#[derive(Debug, Serialize, ToSchema)]
pub struct LookedShown {
    /// When (RFC 3339).
    at: String,
    /// Who.
    who_label: String,
    /// `look`, `file` or `export_made`.
    action: &'static str,
    /// About what: one's own key, a recording, a category.
    subject: String,
    /// A list of so many people that they were not written down: one may have been in it.
    maybe: bool,
}

/// One page of looks.
#[derive(Debug, Serialize, ToSchema)]
pub struct LookedRows {
    /// Newest first.
    rows: Vec<LookedShown>,
    /// How many there are in all.
    total: u64,
    /// Which page, from 1.
    page: usize,
    /// Rows on a page.
    size: usize,
}

/// Looks at oneself.
#[derive(Debug, Serialize, ToSchema)]
pub struct LookedAnswer {
    data: LookedRows,
}

/// Who looked at me
///
/// Answers and files that named one, newest first.
#[utoipa::path(get, path = "/api/v1/me/looked", tag = "access",
    params(
        ("account" = Option<u32>, Query, description = "Partner id; default the first."),
        ("page" = Option<usize>, Query, description = "From 1."),
        ("size" = Option<usize>, Query, description = "Rows on a page, 1 to 1000; default 100."),
    ),
    responses(
        (status = 200, description = "One page of looks.", body = LookedAnswer),
        (status = 401, description = "Not signed in.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn looked(who: SignedIn, State(app): State<App>, RawQuery(query): RawQuery) -> ApiResult<Json<LookedAnswer>> {
    let params = Params::read(query.as_deref(), &[&["account", "page", "size"]])?;
    let page = Page::read(&params, false)?;
    let asked = ask::account(&params)?;
    let me: Option<(AccountId, PersonKey)> = who.caller(asked).ok().and_then(|caller| {
        let mut people = caller.grants.iter().filter_map(ask::own);
        people.next().map(|person| (caller.account, person))
    });
    let worker = app.clone();
    let data = app.blocking(move || {
        // Whom the catalog does not know, nobody can have looked at.
        let Some((account, person)) = me else {
            return Ok(LookedRows { rows: Vec::new(), total: 0, page: page.page, size: page.size });
        };
        let search = Search { account: Some(account), person: Some(person), ..Search::default() };
        let log = worker.vault().access_log();
        let (records, total) = log.search(&search, page.offset(), page.size).map_err(ApiError::internal)?;
        let catalog = worker.catalog_view();
        let mut names = Names { app: &worker, catalog: &catalog, known: BTreeMap::new() };
        let shown = |record: Record| -> ApiResult<LookedShown> {
            let maybe = record.people > crate::access_log::PEOPLE_MAX as u64;
            let shown = names.shown(record)?;
            Ok(LookedShown {
                at: shown.at,
                who_label: shown.who_label,
                action: shown.action,
                subject: shown.subject,
                maybe,
            })
        };
        let rows = records.into_iter().map(shown).collect::<ApiResult<_>>()?;
        ApiResult::Ok(LookedRows { rows, total, page: page.page, size: page.size })
    });
    Ok(Json(LookedAnswer { data: data.await?? }))
}
