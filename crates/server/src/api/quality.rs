//! Data quality of an account: can its numbers be trusted? From collection's own counters and from the engine's figures
//! about data. `docs/operations.md` says what each figure means.

use super::answer::{Answer, instant};
use super::ask::{Ask, Words};
use super::catalog::account_of;
use super::caveat::caveats;
use super::look::Asked;
use super::params::Params;
use super::shape::unexpected;
use crate::access_log::Action;
use crate::app::{App, Source};
use crate::auth::{Administrator, SignedIn};
use crate::collect::Inside;
use crate::collect::skew::{self, Skew};
use crate::desk::Run;
use crate::embeds::{self, broken};
use crate::enrich::rules::Class;
use crate::error::{ApiResult, Problem};
use axum::Json;
use axum::extract::{RawQuery, State};
use engine::access::Caller;
use engine::event::AccountId;
use engine::glossary::{Dimension, Measure};
use engine::question::{Answer as Told, Filter, Operator, Page, Panel, Sort, View};
use serde::Serialize;
use std::sync::atomic::Ordering::Relaxed;
use utoipa::ToSchema;

/// Player versions and domains without a rule that are told, the most events or plays first.
const ROWS_MAX: usize = 50;
/// Stops shorter than this are none: a restart that a player's own repetition bridges.
const OUTAGE_MS: i64 = 5_000;
/// Outages that are told, the last first.
const OUTAGES_MAX: usize = 50;
const DAY_MS: i64 = 86_400_000;

/// A minute of collection.
#[derive(Debug, Serialize, ToSchema)]
pub struct Beat {
    /// Its first instant (RFC 3339).
    at: String,
    /// Events.
    events: u64,
}

/// Rows that could not be understood, of one reason.
#[derive(Debug, Serialize, ToSchema)]
pub struct BadRowsShown {
    /// `size`, `format`, `protocol`, `identity`, `late`, `duplicate`, `limit`, `internal`.
    reason: &'static str,
    /// Put aside since the beginning.
    received: u64,
    /// Of these, no longer kept: by quota or age.
    evicted: u64,
    /// The last one.
    sample: Option<BadRowSample>,
}

/// A row that could not be understood: what it was, without the values that it brought.
#[derive(Debug, Serialize, ToSchema)]
pub struct BadRowSample {
    /// Received (RFC 3339).
    received: String,
    /// What is wrong with it.
    detail: String,
    /// HTTP method.
    method: String,
    /// Path.
    path: String,
    /// Media type.
    content_type: String,
    /// Bytes.
    size: u64,
    /// Names of the parameters of its address.
    parameters: Vec<String>,
}

/// What was told of the data in the period.
#[derive(Debug, Serialize, ToSchema)]
pub struct DataFigures {
    /// Events counted.
    events: f64,
    /// Plays counted.
    plays: f64,
    /// Of the plays, the share without a name.
    unknown_share: Option<f64>,
    /// Plays without a country.
    places_unknown: f64,
    /// Of the plays, their share.
    places_unknown_share: Option<f64>,
    /// Plays whose page was not disclosed.
    pages_unknown: u64,
    /// Exact repeats, counted once.
    duplicates: f64,
    /// Events of robots, left out.
    bot_events: u64,
    /// Events kept aside as suspect, left out.
    suspect_events: u64,
    /// Events that arrived after a later one, counted at their place.
    reordered: f64,
    /// Events beyond the lateness horizon, counted.
    late: f64,
    /// Events that never arrived, by the gaps in what players count.
    missing: f64,
    /// Of the heartbeats that watched time lets us expect, the share that arrived: an estimate of how complete minutes are.
    completeness: Option<f64>,
    /// Names that came without proof.
    identity_unsigned: f64,
    /// Names whose proof does not verify.
    identity_invalid: f64,
    /// Names refused because the session belongs to somebody else.
    identity_other: f64,
    /// Manifests that a media server reported; plays far below them were not reported by players.
    manifests: f64,
}

/// Batches by how far their sender's clock stood from ours.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClockSkew {
    /// `right`: by less than two seconds, which sending may take; `ahead`, `behind`.
    direction: &'static str,
    /// By fewer seconds than these; `null`: by more than all others.
    under_seconds: Option<i64>,
    /// Batches.
    batches: u64,
}

/// A day of the data.
#[derive(Debug, Serialize, ToSchema)]
pub struct DataDay {
    /// The day.
    day: String,
    /// Events.
    events: Option<f64>,
    /// Plays.
    plays: Option<f64>,
    /// Manifests that a media server reported.
    manifests: Option<f64>,
    /// Of the heartbeats expected, the share that arrived.
    completeness: Option<f64>,
}

/// A version of a player.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlayerSeen {
    /// As the player tells it; empty: it does not.
    version: String,
    /// Events.
    events: Option<f64>,
    /// Plays.
    plays: Option<f64>,
    /// Of the heartbeats expected, the share that arrived.
    completeness: Option<f64>,
    /// Last seen (RFC 3339).
    last_seen: Option<String>,
}

/// A domain that no rule explains.
#[derive(Debug, Serialize, ToSchema)]
pub struct Unexplained {
    /// Domain.
    domain: String,
    /// Plays.
    plays: Option<f64>,
}

/// What places are estimated from.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlaceData {
    /// Data set.
    name: String,
    /// Built (RFC 3339); `null`: it does not say.
    built: Option<String>,
    /// Days since then.
    age_days: Option<i64>,
    /// More than ninety days old: renew it.
    old: bool,
}

/// A time in which nothing was collected.
#[derive(Debug, Serialize, ToSchema)]
pub struct Outage {
    /// Last known at work (RFC 3339).
    from: String,
    /// At work again (RFC 3339).
    to: String,
    /// Seconds between.
    seconds: i64,
    /// It was stopped in order; else it broke off, and `from` is up to a minute early.
    stopped: bool,
}

/// Of the whole installation, for its operator.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfInstallation {
    /// Since when counters count (RFC 3339).
    since: String,
    /// Events by minute over the last three hours, of all accounts.
    events_per_minute: Vec<Beat>,
    /// Events durable but not yet in reports.
    fold_lag: u64,
    /// Rows for accounts that do not exist.
    bad_rows: Vec<BadRowsShown>,
    /// The disk's floor of free space is reached.
    disk_full: bool,
    /// Writing has failed: nothing is accepted until a restart.
    failed: bool,
}

/// Data quality.
#[derive(Debug, Serialize, ToSchema)]
pub struct Quality {
    /// Events by minute over the last three hours; minutes before `counted_since` are not known, and zero.
    events_per_minute: Vec<Beat>,
    /// Since when these are counted: the last start (RFC 3339).
    counted_since: String,
    /// The last event (RFC 3339).
    last_event: Option<String>,
    /// Seconds since then.
    last_event_age_seconds: Option<i64>,
    /// Rows that could not be understood, by reason; only reasons that there are.
    bad_rows: Vec<BadRowsShown>,
    /// Figures about the data of the period.
    figures: DataFigures,
    /// The same day by day.
    days: Vec<DataDay>,
    /// Player versions, the most events first; fifty at most.
    players: Vec<PlayerSeen>,
    /// How many versions there are.
    players_total: usize,
    /// Domains that no rule explains, the most plays first; fifty at most.
    domains_without_rule: Vec<Unexplained>,
    /// How many there are.
    domains_without_rule_total: usize,
    /// How many domains there are.
    domains_total: usize,
    /// What places are estimated from; `null`: there is no such data.
    places: Option<PlaceData>,
    /// How far senders' clocks stood from ours, from far ahead to far behind, by days in UTC; of batches that tell it, which
    /// those of Kaltura's players do not. Events are set right by the difference.
    clocks: Vec<ClockSkew>,
    /// Times in which nothing was collected, the last first; fifty at most.
    outages: Vec<Outage>,
    /// Of the whole installation; for its operator.
    #[serde(skip_serializing_if = "Option::is_none")]
    installation: Option<OfInstallation>,
}

/// Data quality
///
/// Can an account's numbers be trusted: what arrives now, what could not be understood, what was left out and why, how
/// complete it seems, and when nothing was collected. For its administrators; the operator sees the installation too. By
/// default over thirty days, today included.
#[utoipa::path(get, path = "/api/v1/quality", tag = "operation",
    params(
        ("account" = Option<u32>, Query, description = "Partner id; default the first."),
        ("period" = Option<String>, Query, description = "Default `30d`. All words: docs/periods.md."),
        ("today" = Option<u8>, Query, description = "0: presets leave today out."),
        ("week" = Option<String>, Query, description = "Weeks of presets begin on `monday` (default) or `sunday`."),
        ("zone" = Option<String>, Query, description = "IANA time zone in which days are counted; default UTC."),
    ),
    responses(
        (status = 200, description = "Figures.", body = Answer<Quality>),
        (status = 400, description = "A parameter does not fit.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Not an administrator there.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn quality(
    who: Administrator,
    State(app): State<App>,
    RawQuery(query): RawQuery,
) -> ApiResult<Json<Answer<Quality>>> {
    let params = Params::read(query.as_deref(), &[&["account", "period", "today", "week", "zone"]])?;
    let account = account_of(&who, &params)?;
    let who = who.signed_in().clone();
    let caller = who.caller(Some(account))?;
    let params = params.or("today", "1");
    let words = Words::read(&params)?;
    let worker = app.clone();
    app.report(move |source| {
        let asked = Asked { app: &worker, who: &who, name: "quality", params: &params };
        shown(&asked, source, &caller, words, &who)
    })
    .await
}

/// What is told of the data, in the order asked.
const FIGURES: &[Measure] = &[
    Measure::Events,
    Measure::Plays,
    Measure::Duplicates,
    Measure::Reordered,
    Measure::Late,
    Measure::Missing,
    Measure::Completeness,
    Measure::IdentityUnsigned,
    Measure::IdentityInvalid,
    Measure::IdentityOther,
    Measure::Manifests,
    Measure::LastSeen,
];
const OF_DAY: &[Measure] = &[Measure::Events, Measure::Plays, Measure::Manifests, Measure::Completeness];
const OF_PLAYER: &[Measure] = &[Measure::Events, Measure::Plays, Measure::Completeness, Measure::LastSeen];

fn table(by: Dimension, measures: &[Measure]) -> Panel {
    let page = Page::all(Sort { measure: measures.first().copied(), descending: true });
    Panel::new(View::Table { by: vec![by], measures: measures.to_vec(), page, coverage: false })
}

fn shown(
    asked: &Asked<'_>,
    source: Source,
    caller: &Caller,
    words: Words,
    who: &SignedIn,
) -> ApiResult<Json<Answer<Quality>>> {
    let app = asked.app;
    let now_ms = app.now_ms();
    let ask = Ask::new(source, caller, words)?;
    let nowhere = Filter { dimension: Dimension::Country, operator: Operator::Is, values: vec!["".into()] };
    let panels = vec![
        Panel::new(View::Totals { measures: FIGURES.to_vec() }),
        Panel { view: View::Totals { measures: vec![Measure::Plays] }, filters: vec![nowhere] },
        Panel::new(View::Series { by: Dimension::Day, measures: OF_DAY.to_vec() }),
        table(Dimension::PlayerVersion, OF_PLAYER),
        table(Dimension::Domain, &[Measure::Plays]),
    ];
    let answered = ask.answer_now(panels)?;
    let [
        Told::Totals(values),
        Told::Totals(placeless),
        Told::Series(days),
        Told::Table { rows: players, total: players_total },
        Told::Table { rows: domains, total: domains_total },
    ] = answered.answers.as_slice()
    else {
        return Err(unexpected());
    };
    let left = &answered.left_out;
    let value = |number: usize| values[number].unwrap_or(0.0);
    let plays = value(1);
    let share = |part: f64| (plays > 0.0).then(|| part / plays);
    let places_unknown = placeless[0].unwrap_or(0.0);
    let rules = embeds::rules_of(app, caller.account)?;
    let unexplained: Vec<Unexplained> = domains
        .iter()
        .filter(|row| rules.of(&row.keys[0]).class == Class::Other)
        .map(|row| Unexplained { domain: row.keys[0].to_string(), plays: row.values[0] })
        .collect();
    let inside = app.inside();
    let started_ms = app.metrics().started_ms.load(Relaxed) as i64;
    let last_ms = values[11].map(|at| at as i64);
    let data = Quality {
        events_per_minute: beats(inside, Some(caller.account), now_ms),
        counted_since: instant(started_ms),
        last_event: last_ms.map(instant),
        last_event_age_seconds: last_ms.map(|last| (now_ms - last).max(0) / 1_000),
        bad_rows: bad_rows(inside, caller.account),
        figures: DataFigures {
            events: value(0),
            plays,
            unknown_share: share(left.unknown_plays as f64),
            places_unknown,
            places_unknown_share: share(places_unknown),
            pages_unknown: left.page_unknown_plays,
            duplicates: value(2),
            bot_events: left.bot_events,
            suspect_events: left.suspect_events,
            reordered: value(3),
            late: value(4),
            missing: value(5),
            completeness: values[6],
            identity_unsigned: value(7),
            identity_invalid: value(8),
            identity_other: value(9),
            manifests: value(10),
        },
        days: days
            .iter()
            .map(|day| DataDay {
                day: day.key.to_string(),
                events: day.values[0],
                plays: day.values[1],
                manifests: day.values[2],
                completeness: day.values[3],
            })
            .collect(),
        players: players
            .iter()
            .take(ROWS_MAX)
            .map(|row| PlayerSeen {
                version: row.keys[0].to_string(),
                events: row.values[0],
                plays: row.values[1],
                completeness: row.values[2],
                last_seen: row.values[3].map(|at| instant(at as i64)),
            })
            .collect(),
        players_total: *players_total,
        domains_without_rule_total: unexplained.len(),
        domains_without_rule: unexplained.into_iter().take(ROWS_MAX).collect(),
        domains_total: *domains_total,
        places: inside.place_source().filter(|source| !source.name.is_empty()).map(|source| {
            let built = (source.built_ms > 0).then_some(source.built_ms);
            PlaceData {
                old: source.is_old(now_ms),
                built: built.map(instant),
                age_days: built.map(|built| (now_ms - built).max(0) / DAY_MS),
                name: source.name,
            }
        }),
        clocks: clocks(app, &ask)?,
        outages: outages(&app.vault().desk().runs().map_err(broken)?),
        installation: who.is_operator().then(|| OfInstallation {
            since: instant(started_ms),
            events_per_minute: beats(inside, None, now_ms),
            fold_lag: app.metrics().fold_lag.load(Relaxed),
            bad_rows: bad_rows(inside, AccountId(0)),
            disk_full: app.metrics().disk_full.load(Relaxed) > 0,
            failed: app.metrics().poisoned.load(Relaxed) > 0,
        }),
    };
    let caveats = caveats(&ask, left, &[Measure::Events], true);
    let logged = asked.look(&ask, Action::Look, None)?;
    Ok(Json(Answer::new(&ask, data, caveats, logged)))
}

fn beats(inside: &dyn Inside, account: Option<AccountId>, now_ms: i64) -> Vec<Beat> {
    let beat = |(at_ms, events): (i64, u64)| Beat { at: instant(at_ms), events };
    inside.pulse(account, now_ms).into_iter().map(beat).collect()
}

/// Bad rows of an account; 0 stands for all accounts that do not exist.
fn bad_rows(inside: &dyn Inside, account: AccountId) -> Vec<BadRowsShown> {
    let counts = inside.bad_rows();
    let of_account = counts.into_iter().filter(|((of, _), count)| *of == account.0 && count.received > 0);
    let shown = |((_, reason), count): (crate::collect::bad_rows::Group, crate::collect::bad_rows::Count)| {
        let sample = inside.bad_row(account, reason).map(|row| BadRowSample {
            received: instant(row.received_ms),
            parameters: url::form_urlencoded::parse(row.query.as_bytes()).map(|(name, _)| name.into_owned()).collect(),
            detail: row.detail,
            method: row.method,
            path: row.path,
            content_type: row.content_type,
            size: row.size,
        });
        BadRowsShown { reason: reason.name(), received: count.received, evicted: count.evicted, sample }
    };
    of_account.map(shown).collect()
}

/// How far senders' clocks stood from ours: what is kept, and what was counted since.
fn clocks(app: &App, ask: &Ask) -> ApiResult<Vec<ClockSkew>> {
    let desk = app.vault().desk();
    if let Err(error) = app.inside().skews().hand_over(|counts| desk.add_skews(counts)) {
        // The page is needed most when the disk is full.
        tracing::warn!(cause = crate::error::chain(&error), "senders' clocks cannot be noted");
    }
    let days = (skew::day(ask.range.from.start_ms()), skew::day(ask.range.to.start_ms() - 1));
    let known = desk.skews(ask.account_id, days.0, days.1).map_err(broken)?;
    let told = |skew: Skew| ClockSkew {
        direction: skew.direction(),
        under_seconds: skew.under_seconds(),
        batches: known.get(&skew).copied().unwrap_or_default(),
    };
    Ok(Skew::ALL.into_iter().map(told).collect())
}

/// The gaps between runs of the server, the last first.
fn outages(runs: &[Run]) -> Vec<Outage> {
    let gap = |pair: &[Run]| Outage {
        from: instant(pair[0].seen_ms),
        to: instant(pair[1].started_ms),
        seconds: (pair[1].started_ms - pair[0].seen_ms) / 1_000,
        stopped: pair[0].stopped,
    };
    let long = |pair: &&[Run]| pair[1].started_ms - pair[0].seen_ms >= OUTAGE_MS;
    let mut found: Vec<Outage> = runs.windows(2).filter(long).map(gap).collect();
    found.reverse();
    found.truncate(OUTAGES_MAX);
    found
}
