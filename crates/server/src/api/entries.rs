//! Recordings as the catalog knows them.

use super::answer::instant;
use super::ask::Words;
use super::body::Body;
use super::look::{Asked, deed};
use super::params::Params;
use crate::access_log::{Action, New};
use crate::app::{App, Source};
use crate::auth::SignedIn;
use crate::config::Settings;
use crate::error::{ApiError, ApiResult, Problem};
use crate::player::{self, Player};
use axum::Json;
use axum::extract::{Path, RawQuery, State};
use engine::access::{self, Caller, Grant, Scope, Subject};
use engine::catalog::view::{AccountView, EntryView, MediaType};
use engine::event::{AccountId, Text};
use engine::limits::MEDIA_MS_MAX;
use engine::period::Calendar;
use engine::query::{self, Budget, Length, Lengths};
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::sync::Arc;
use utoipa::ToSchema;

/// What a list shows of a recording.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EntryBrief {
    /// Name; the id when none is known.
    pub name: String,
    /// `video`, `audio`, `image`, `live`, `quiz`, `youtube`, `unknown`.
    pub media_type: &'static str,
    /// Length, ms.
    pub duration_ms: Option<u64>,
    /// The length was learned from events.
    pub duration_learned: bool,
    /// Created (RFC 3339).
    pub created: Option<String>,
    /// Deleted.
    pub deleted: bool,
    /// Thumbnail.
    pub thumbnail_url: Option<String>,
}

/// A person.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Named {
    /// Key (people: 16 hex digits) or id.
    pub id: String,
    /// Name.
    pub name: String,
}

/// A recording.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Entry {
    /// Id.
    pub id: String,
    /// What a list shows.
    #[serde(flatten)]
    pub brief: EntryBrief,
    /// End of content, ms; what follows is dead air.
    pub content_end_ms: Option<u64>,
    /// Owner.
    pub owner: Option<Named>,
    /// Co-editors.
    pub co_editors: Vec<Named>,
    /// Published (RFC 3339).
    pub published: Option<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// Where it came from.
    pub source: Option<String>,
    /// YouTube id.
    pub youtube_id: Option<String>,
    /// Categories it is in now.
    pub categories: Vec<Named>,
    /// First seen in events, not confirmed by a catalog.
    pub unconfirmed: bool,
    /// The reader may mark where its content ends.
    pub may_edit: bool,
    /// How it is played, if a player is set for its kind.
    pub player: Option<Player>,
}

/// A recording.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryAnswer {
    data: Entry,
}

/// Recordings, one page of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryPage {
    /// The rows.
    rows: Vec<Entry>,
    /// How many there are in all.
    total: usize,
    /// Which page, from 1.
    page: usize,
    /// Rows on a page.
    size: usize,
}

/// Recordings.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntriesAnswer {
    data: EntryPage,
}

/// The word of the API for a media type.
pub fn media_type(kind: MediaType) -> &'static str {
    match kind {
        MediaType::Unknown => "unknown",
        MediaType::Video => "video",
        MediaType::Audio => "audio",
        MediaType::Image => "image",
        MediaType::Live => "live",
        MediaType::Quiz => "quiz",
        MediaType::YouTube => "youtube",
    }
}

/// A person's key as the API writes it.
pub fn person_id(key: engine::event::PersonKey) -> String {
    if key == engine::event::PersonKey::UNKNOWN { "unknown".to_owned() } else { format!("{:016x}", key.0) }
}

/// What a list shows of a recording.
pub fn brief(entry: &EntryView, length: Option<Length>) -> EntryBrief {
    EntryBrief {
        name: entry.name.to_string(),
        media_type: media_type(entry.media_type),
        duration_ms: length.map(|length| length.duration_ms),
        duration_learned: length.is_some_and(|length| length.learned),
        created: entry.created_ms.map(instant),
        deleted: entry.deleted,
        thumbnail_url: entry.thumbnail_url.as_ref().map(ToString::to_string),
    }
}

/// Whether somebody may say something about a recording: administrators, its owner, its co-editors.
pub(super) fn may_edit(caller: &Caller, entry: &EntryView) -> bool {
    let theirs = |grant: &Grant| match grant {
        Grant::Person(person) => entry.owner == Some(*person) || entry.co_editors.contains(person),
        _ => false,
    };
    caller.is_administrator() || caller.grants.iter().any(theirs)
}

fn whole(
    settings: &Settings,
    caller: &Caller,
    account: &AccountView,
    lengths: &Lengths,
    id: &str,
    entry: &EntryView,
) -> Entry {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let person = |key| Named {
        id: person_id(key),
        name: account.people.get(&key).map_or_else(|| person_id(key), |person| person.name.to_string()),
    };
    let category = |id: &engine::event::Text| Named {
        id: id.to_string(),
        name: account.categories.get(id).map_or_else(|| id.to_string(), |category| category.name.to_string()),
    };
    Entry {
        id: id.to_owned(),
        brief: brief(entry, lengths.of(account, id)),
        content_end_ms: entry.content_end_ms,
        owner: entry.owner.map(person),
        co_editors: entry.co_editors.iter().copied().map(person).collect(),
        published: entry.published_ms.map(instant),
        tags: entry.tags.iter().map(ToString::to_string).collect(),
        source: text(&entry.source),
        youtube_id: entry.youtube_id.as_deref().and_then(text),
        categories: entry.categories.iter().map(category).collect(),
        unconfirmed: entry.unconfirmed,
        may_edit: may_edit(caller, entry),
        player: player::of(settings, id, entry),
    }
}

/// The account's part of the catalog at that instant, and what of a subject may be seen.
///
/// # Errors
/// 404 for what may not be seen.
pub fn seen(source: &Source, caller: &Caller, subject: &Subject) -> ApiResult<(Arc<AccountView>, Scope)> {
    let view = source.catalog.accounts.get(&caller.account).cloned().ok_or_else(ApiError::not_found)?;
    let scope = access::scope(caller, &source.catalog, subject, source.now_ms).ok_or_else(ApiError::not_found)?;
    let zone = TimeZone::UTC;
    let calendar = Calendar::new(source.now_ms, &zone);
    let budget = Budget { threads: source.cost.threads, ..Budget::default() };
    let exists = query::exists(&source.snapshot, &source.catalog, &calendar, &scope, &budget);
    if exists.map_err(ApiError::internal)? { Ok((view, scope)) } else { Err(ApiError::not_found()) }
}

/// The lengths of some recordings.
///
/// # Errors
/// When the store cannot be read.
fn lengths(source: &Source, id: AccountId, account: &AccountView, of: &BTreeSet<Text>) -> ApiResult<Lengths> {
    Lengths::learn(&source.snapshot, id, account, of).map_err(ApiError::internal)
}

fn told(settings: &Settings, source: &Source, caller: &Caller, id: &str) -> ApiResult<Entry> {
    let (account, _) = seen(source, caller, &Subject::Entry(id.into()))?;
    let entry = account.entries.get(id).ok_or_else(ApiError::not_found)?;
    let lengths = lengths(source, caller.account, &account, &BTreeSet::from([Text::from(id)]))?;
    Ok(whole(settings, caller, &account, &lengths, id, entry))
}

/// One recording
#[utoipa::path(get, path = "/api/v1/entries/{id}", tag = "catalog",
    params(("id" = String, Path, description = "Entry id."), ("account" = Option<u32>, Query, description = "Partner id; default the first.")),
    responses(
        (status = 200, description = "What the catalog knows.", body = EntryAnswer),
        (status = 404, description = "No such recording.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn one(
    who: SignedIn,
    State(app): State<App>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> ApiResult<Json<EntryAnswer>> {
    let params = Params::read(query.as_deref(), &[&["account"]])?;
    let caller = who.caller(super::ask::account(&params)?)?;
    let worker = app.clone();
    let data = app.report(move |source| {
        let asked = Asked { app: &worker, who: &who, name: "entries", params: &params };
        let subject = format!("entry:{}", id.replace('\\', r"\\").replace(',', r"\,"));
        asked.refusal(&source, caller.account, &subject, told(worker.settings(), &source, &caller, &id))
    });
    Ok(Json(EntryAnswer { data: data.await? }))
}

/// What can be said about a recording.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes, is never made")]
pub struct EntryChange {
    /// Where the content ends, ms; what follows is dead air. `null`: at the end of the recording.
    content_end_ms: Option<u64>,
}

/// The end of content of a body: `None` takes it away.
fn content_end(fields: &Map<String, Value>, length: Option<Length>) -> ApiResult<Option<u64>> {
    const FIELD: &str = "content_end_ms";
    if let Some(name) = fields.keys().find(|name| *name != FIELD) {
        return Err(ApiError::unknown(name, &[FIELD]));
    }
    let bad = |detail: String| ApiError::bad(FIELD, detail);
    let end = match fields.get(FIELD) {
        Some(Value::Null) => return Ok(None),
        Some(value) => value.as_u64().filter(|end| *end > 0),
        None => None,
    };
    let end =
        end.ok_or_else(|| bad("It is needed: milliseconds from the beginning, more than 0; or null.".to_owned()))?;
    let longest = length.map_or(MEDIA_MS_MAX.unsigned_abs(), |length| length.duration_ms);
    if end > longest {
        return Err(bad(format!("The recording is {longest} ms long.")));
    }
    Ok(Some(end))
}

/// Mark the end of a recording's content
///
/// What follows is dead air: completion counts to there, at once, also for what was watched before. Its owner, its
/// co-editors and administrators may; it is in the access log. Imports that do not tell it leave it as it is.
#[utoipa::path(patch, path = "/api/v1/entries/{id}", tag = "catalog", request_body = EntryChange,
    params(("id" = String, Path, description = "Entry id."), ("account" = Option<u32>, Query, description = "Partner id; default the first.")),
    responses(
        (status = 200, description = "As it is now.", body = EntryAnswer),
        (status = 400, description = "The field does not fit; nothing was changed.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such recording, or not theirs.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn change(
    who: SignedIn,
    State(app): State<App>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    Body(fields): Body<Map<String, Value>>,
) -> ApiResult<Json<EntryAnswer>> {
    let params = Params::read(query.as_deref(), &[&["account"]])?;
    let caller = who.caller(super::ask::account(&params)?)?;
    let worker = app.clone();
    let data = app.report(move |source| {
        let (account, _) = seen(&source, &caller, &Subject::Entry(id.as_str().into()))?;
        let entry = account.entries.get(id.as_str()).filter(|entry| may_edit(&caller, entry));
        entry.ok_or_else(ApiError::not_found)?;
        let lengths = lengths(&source, caller.account, &account, &BTreeSet::from([Text::from(id.as_str())]))?;
        let end_ms = content_end(&fields, lengths.of(&account, &id))?;
        let told = end_ms.map_or("none".to_owned(), |end_ms| end_ms.to_string());
        let deed = deed(&worker, &who, Some(caller.account), Action::Changed, format!("entry:{id}"));
        let new = New { question: format!("content_end_ms={told}"), ..deed };
        worker.vault().access_log().append(&new).map_err(ApiError::internal)?;
        let set = worker.catalog().set_content_end(caller.account, &id, end_ms, worker.now_ms());
        if !set.map_err(ApiError::internal)? {
            return Err(ApiError::not_found());
        }
        let account = worker.catalog_view().accounts.get(&caller.account).cloned().ok_or_else(ApiError::not_found)?;
        let entry = account.entries.get(id.as_str()).ok_or_else(ApiError::not_found)?;
        Ok(whole(worker.settings(), &caller, &account, &lengths, &id, entry))
    });
    Ok(Json(EntryAnswer { data: data.await? }))
}

/// Recordings
///
/// Ascending by name.
#[utoipa::path(get, path = "/api/v1/entries", tag = "catalog",
    params(
        ("account" = Option<u32>, Query, description = "Partner id; default the first."),
        ("subject" = Option<String>, Query, description = "Only those of `owner:PERSON`, `category:ID`, ...; default all that may be seen."),
        ("whose" = Option<String>, Query, description = "Of an owner what they `owned` (default), what they `co_edited` only, or `both`."),
        ("subtree" = Option<u8>, Query, description = "1: a category with everything below it."),
        ("find" = Option<String>, Query, description = "Only those whose name or id contains this, in any case."),
        ("page" = Option<usize>, Query, description = "From 1."),
        ("size" = Option<usize>, Query, description = "Rows on a page, 1 to 1000; default 100."),
    ),
    responses(
        (status = 200, description = "One page of recordings.", body = EntriesAnswer),
        (status = 400, description = "A parameter does not fit.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn list(who: SignedIn, State(app): State<App>, RawQuery(query): RawQuery) -> ApiResult<Json<EntriesAnswer>> {
    let known = &["account", "subject", "whose", "subtree", "find", "page", "size"];
    let params = Params::read(query.as_deref(), &[known])?;
    let words = Words::read(&params)?;
    let caller = who.caller(words.account())?;
    let page = super::ask::Page::read(&params, false)?;
    let find = params.one("find")?.map(str::to_lowercase);
    let worker = app.clone();
    let data = app
        .report(move |source| {
            let account = source.catalog.accounts.get(&caller.account).ok_or_else(ApiError::not_found)?;
            let (account, scope) = seen(&source, &caller, &words.subject_in(account)?)?;
            let listed = scope.listed();
            let wanted = |id: &str, entry: &EntryView| {
                listed.as_ref().is_none_or(|listed| listed.contains(id))
                    && find
                        .as_ref()
                        .is_none_or(|find| entry.name.to_lowercase().contains(find) || id.to_lowercase().contains(find))
            };
            let mut found: Vec<_> = account.entries.iter().filter(|(id, entry)| wanted(id, entry)).collect();
            found.sort_by(|a, b| (&a.1.name, a.0).cmp(&(&b.1.name, b.0)));
            let total = found.len();
            let shown: Vec<_> = found.into_iter().skip(page.offset()).take(page.size).collect();
            let of = shown.iter().map(|(id, _)| (*id).clone()).collect();
            let lengths = lengths(&source, caller.account, &account, &of)?;
            let rows = shown
                .into_iter()
                .map(|(id, entry)| whole(worker.settings(), &caller, &account, &lengths, id, entry))
                .collect();
            Ok(EntryPage { rows, total, page: page.page, size: page.size })
        })
        .await?;
    Ok(Json(EntriesAnswer { data }))
}
