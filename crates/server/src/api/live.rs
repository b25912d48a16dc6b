//! Who is watching at this moment. Pages ask again every few seconds and take `304` for an answer when nothing has changed.

use super::answer::instant;
use super::ask::{self, Ask, Words};
use super::embeds::theirs;
use super::entries::{media_type, person_id};
use super::look::{Asked, Logged};
use super::params::Params;
use crate::access_log::Action;
use crate::app::{App, Source};
use crate::auth::SignedIn;
use crate::error::{ApiError, ApiResult, Problem};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::access::{Caller, People};
use engine::event::{PersonKey, Text};
use engine::query::live::{self, WATCHING_MS, Watching};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// Recordings, places, devices, domains, viewers that are told at most, those with the most first: a screen's worth.
const ROWS_MAX: usize = 1_000;

/// What is going on in a group of sessions.
#[derive(Debug, Serialize, ToSchema)]
pub struct WatchingShown {
    /// Sessions that are watching; `null`: of too few people to be shown, as all else of the row.
    watching: Option<u64>,
    /// Distinct viewers in them; all who are not known are one. They do not add up.
    viewers: Option<u64>,
    /// Sessions that play a recording.
    vod: Option<u64>,
    /// Sessions at the edge of a live stream.
    edge: Option<u64>,
    /// Sessions behind it.
    dvr: Option<u64>,
    /// Plays that began in the present and the last quarter of an hour.
    joined: Option<u64>,
    /// Of the time spent in these two quarters, the share that was buffering.
    buffering: Option<f64>,
    /// Mean bit rate told in them, bit/s.
    bitrate_bps: Option<f64>,
    /// Mean time from asking for a play to its first frame in them, ms.
    join_ms: Option<f64>,
    /// Of the time watched in them whose attention is told, the share with sound on and the tab in front.
    engaged: Option<f64>,
    /// Fatal errors in them, also of sessions that have ended with one.
    errors: Option<u64>,
}

impl WatchingShown {
    fn of(told: &Watching) -> WatchingShown {
        let count = |count: u64| (!told.hidden).then_some(count);
        WatchingShown {
            watching: count(told.sessions),
            viewers: count(told.viewers),
            vod: count(told.vod),
            edge: count(told.edge),
            dvr: count(told.dvr),
            joined: count(told.joined),
            buffering: told.buffering,
            bitrate_bps: told.bitrate_bps,
            join_ms: told.join_ms,
            engaged: told.engaged,
            errors: count(told.errors),
        }
    }
}

/// A recording that is being watched.
#[derive(Debug, Serialize, ToSchema)]
pub struct LiveRecording {
    /// Id.
    id: String,
    /// Name.
    name: String,
    /// `video`, `audio`, `image`, `live`, `quiz`, `youtube`, `unknown`.
    media_type: &'static str,
    /// What is going on.
    #[serde(flatten)]
    now: WatchingShown,
}

/// A value of a dimension, and what is going on there.
#[derive(Debug, Serialize, ToSchema)]
pub struct LiveValue {
    /// As filters take it; empty where it is not known.
    key: String,
    /// What is going on.
    #[serde(flatten)]
    now: WatchingShown,
}

/// A minute.
#[derive(Debug, Serialize, ToSchema)]
pub struct LiveMinute {
    /// Its first instant (RFC 3339).
    at: String,
    /// Sessions that were there; `null`: of too few people to be shown.
    watching: Option<u64>,
    /// Plays of sessions first seen in it.
    joined: Option<u64>,
}

/// Somebody who is watching.
#[derive(Debug, Serialize, ToSchema)]
pub struct LiveViewer {
    /// Key; `unknown` is everybody who is not known.
    id: String,
    /// Name.
    name: String,
    /// How we know: `none`, `claimed`, `verified`.
    proof: &'static str,
    /// The recording's id.
    entry: String,
    /// `vod`, `live`, `dvr`, `offline`.
    playback: &'static str,
    /// First event in the present or the last quarter of an hour (RFC 3339).
    since: String,
    /// Country code.
    country: String,
    /// City.
    city: String,
    /// Device class.
    device: String,
    /// Domain of the page.
    domain: String,
}

/// Who is watching.
#[derive(Debug, Serialize, ToSchema)]
pub struct LiveNow {
    /// What people call the subject.
    label: String,
    /// Whoever has sent something within so many seconds counts as watching.
    within_seconds: i64,
    /// All together.
    now: WatchingShown,
    /// Recordings, the most watched first; those with errors too.
    recordings: Vec<LiveRecording>,
    /// How many recordings there are.
    recordings_total: usize,
    /// By country.
    countries: Vec<LiveValue>,
    /// By device class.
    devices: Vec<LiveValue>,
    /// By domain.
    domains: Vec<LiveValue>,
    /// Three hours minute by minute, of one recording: the last ones, or those before `until`.
    #[serde(skip_serializing_if = "Option::is_none")]
    minutes: Option<Vec<LiveMinute>>,
    /// Who is watching, the longest first, with `viewers=1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    viewers: Option<Vec<LiveViewer>>,
    /// Whether the reader may ask for names.
    may_name: bool,
}

/// Who is watching.
#[derive(Debug, Serialize, ToSchema)]
pub struct LiveAnswer {
    data: LiveNow,
    /// Events received until then are in it (RFC 3339).
    as_of: String,
}

/// Live now
///
/// Who is watching at this moment, of all that the reader owns or co-edits (of the account, for those who see all of it),
/// or of a subject. With an `ETag`: `If-None-Match` is answered by 304 as long as nothing has changed. Names
/// (`viewers=1`) are for those who may see them, and every look at them is in the access log.
#[utoipa::path(get, path = "/api/v1/live", tag = "live",
    params(
        ("account" = Option<u32>, Query, description = "Partner id; default the first."),
        ("subject" = Option<String>, Query, description = "As in reports; `entry:ID` comes with the last three hours minute by minute."),
        ("until" = Option<String>, Query, description = "The three hours before this moment instead (RFC 3339), of `entry:ID`."),
        ("subtree" = Option<u8>, Query, description = "1: a category with everything below it."),
        ("whose" = Option<String>, Query, description = "Of an owner what they `owned` (default), `co_edited` only, or `both`."),
        ("f" = Option<Vec<String>>, Query, description = "Filters as in reports; not for those who may not see names."),
        ("viewers" = Option<u8>, Query, description = "1: with the names of those who watch, where they may be seen."),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of the answer that the reader has."),
    ),
    responses(
        (status = 200, description = "Who is watching.", body = LiveAnswer),
        (status = 304, description = "Nothing has changed."),
        (status = 400, description = "A parameter does not fit.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such subject, or names that may not be seen.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn now(
    who: SignedIn,
    State(app): State<App>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> ApiResult<Response> {
    const KNOWN: &[&str] = &["account", "subject", "until", "subtree", "whose", "f", "viewers"];
    let params = Params::read(query.as_deref(), &[KNOWN])?;
    let named = params.switch("viewers")?;
    let until_ms = until(&params)?;
    let caller = who.caller(ask::account(&params)?)?;
    let params = theirs(params, &caller);
    let words = Words::read(&params)?;
    let worker = app.clone();
    let (data, as_of) = app
        .report(move |source| {
            let asked = Asked { app: &worker, who: &who, name: "live", params: &params };
            let subject = words.subject().to_owned();
            let told = told(&asked, source.clone(), &caller, words, named, until_ms);
            asked.refusal(&source, caller.account, &subject, told)
        })
        .await?;
    let body = serde_json::to_vec(&data).map_err(ApiError::internal)?;
    let digest = Sha256::digest(&body);
    let tag = format!("\"{}\"", digest[..12].iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    let known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let same = known.flat_map(|value| value.split(',')).any(|one| one.trim().trim_start_matches("W/") == tag);
    let mut response = match same {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => axum::Json(LiveAnswer { data, as_of }).into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::ETAG, HeaderValue::from_str(&tag).map_err(ApiError::internal)?);
    // Kept by whoever asked, and asked for again each time.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    Ok(response)
}

fn until(params: &Params) -> ApiResult<Option<i64>> {
    let Some(text) = params.one("until")? else { return Ok(None) };
    let at = text.parse::<jiff::Timestamp>().map_err(|_| ApiError::bad("until", "It is a moment (RFC 3339)."))?;
    Ok(Some(at.as_millisecond()))
}

fn told(
    asked: &Asked<'_>,
    source: Source,
    caller: &Caller,
    words: Words,
    named: bool,
    until_ms: Option<i64>,
) -> ApiResult<(LiveNow, String)> {
    let ask = Ask::new(source, caller, words)?;
    let may_name = ask.scope().people() == People::Names;
    if named && !may_name {
        return Err(ApiError::not_found());
    }
    let one = ask.entry().is_some();
    // No minutes are known that have not been.
    let now_ms = ask.source.now_ms;
    let live = ask.live(one.then(|| until_ms.map_or(now_ms, |until_ms| until_ms.min(now_ms))))?;
    let viewers = named.then(|| {
        let shown = &live.sessions[..live.sessions.len().min(ROWS_MAX)];
        let people: BTreeSet<PersonKey> = shown.iter().map(|session| session.person).collect();
        ask.saw(people, shown.len() as u64);
        shown.iter().map(|session| viewer(&ask, session)).collect()
    });
    // Figures that are of nobody in particular are not written down.
    let _: Logged = asked.look(&ask, Action::Look, None)?;
    let entry = |(id, told): (&Text, &Watching)| {
        let known = ask.account().entries.get(id);
        LiveRecording {
            id: id.to_string(),
            name: known.map_or(id, |entry| &entry.name).to_string(),
            media_type: known.map_or("unknown", |entry| media_type(entry.media_type)),
            now: WatchingShown::of(told),
        }
    };
    let minute = |minute: &live::Minute| LiveMinute {
        at: instant(minute.start_ms),
        watching: (!minute.hidden).then_some(minute.sessions),
        joined: (!minute.hidden).then_some(minute.joined),
    };
    let data = LiveNow {
        label: ask.label.clone(),
        within_seconds: WATCHING_MS / 1_000,
        now: WatchingShown::of(&live.total),
        recordings: ordered(&live.entries).take(ROWS_MAX).map(entry).collect(),
        recordings_total: live.entries.len(),
        countries: values(&live.countries),
        devices: values(&live.devices),
        domains: values(&live.domains),
        minutes: one.then(|| live.minutes.iter().map(minute).collect()),
        viewers,
        may_name,
    };
    Ok((data, instant(ask.as_of_ms())))
}

/// The most watched first; hidden ones last, by key.
fn ordered(list: &BTreeMap<Text, Watching>) -> impl Iterator<Item = (&Text, &Watching)> {
    let mut all: Vec<_> = list.iter().collect();
    all.sort_by(|a, b| (a.1.hidden, b.1.sessions, b.1.errors).cmp(&(b.1.hidden, a.1.sessions, a.1.errors)));
    all.into_iter()
}

fn values(list: &BTreeMap<Text, Watching>) -> Vec<LiveValue> {
    let value = |(key, told): (&Text, &Watching)| LiveValue { key: key.to_string(), now: WatchingShown::of(told) };
    ordered(list).take(ROWS_MAX).map(value).collect()
}

fn viewer(ask: &Ask, session: &live::Session) -> LiveViewer {
    let person = ask.account().people.get(&session.person);
    let id = person_id(session.person);
    let name = match session.person {
        PersonKey::UNKNOWN => "Unknown".to_owned(),
        _ => person.map(|person| person.name.to_string()).filter(|name| !name.is_empty()).unwrap_or(id.clone()),
    };
    LiveViewer {
        id,
        name,
        proof: session.proof.name(),
        entry: session.entry.to_string(),
        playback: session.playback.name(),
        since: instant(session.first_ms),
        country: session.country.to_string(),
        city: session.city.to_string(),
        device: session.device.to_string(),
        domain: session.domain.to_string(),
    }
}
