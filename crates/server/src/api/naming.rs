//! Can this recording's viewers be named? How plays are known, where those come from that are not, and why, in numbers.

use super::answer::{Answer, instant};
use super::ask::{self, Ask, COMMON, Words};
use super::caveat::caveats;
use super::look::Asked;
use super::params::Params;
use super::shape::unexpected;
use crate::access_log::Action;
use crate::app::{App, Source};
use crate::auth::SignedIn;
use crate::embeds::{self, Undisclosed};
use crate::enrich::rules::EmbedKind;
use crate::error::{ApiError, ApiResult, Problem};
use axum::Json;
use axum::extract::{Path, RawQuery, State};
use engine::access::Caller;
use engine::glossary::{Dimension, Measure};
use engine::question::{Answer as Told, Filter, Operator, Page, Panel, Sort, View};
use serde::Serialize;
use utoipa::ToSchema;

/// Places of unknown viewers that are told, the most played first.
const PLACES_MAX: usize = 50;

/// How plays are known.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct KnownBy {
    /// Plays; `null`: of too few people to be shown.
    plays: Option<f64>,
    /// Distinct people; none are told apart where nobody is known.
    people: Option<f64>,
}

/// Where plays of unknown viewers come from.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnknownPlace {
    /// Domain.
    domain: String,
    /// Page; empty where it was not disclosed.
    page: String,
    /// Why the page is not known.
    undisclosed: Option<Undisclosed>,
    /// How media got onto the page.
    embed_kind: EmbedKind,
    /// What the site is.
    title: Option<String>,
    /// Plays of unknown viewers there.
    plays: Option<f64>,
    /// Last seen (RFC 3339).
    last_seen: Option<String>,
}

/// Why viewers are not known, or not counted at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Played on the portal or on the player's own page without sign-in, as through the link of an unlisted recording.
    UnlistedLink,
    /// Played through an embed code in a page, which does not know who looks at it.
    PastedEmbed,
    /// On a saved page, in an app, or where nothing was disclosed.
    NowhereKnown,
    /// A name came without proof, and the account wants proof.
    Unsigned,
    /// A name came with a proof that does not verify.
    BadProof,
    /// Events that never arrived, by the gaps in what players count: blockers, networks, closed pages.
    Blocked,
    /// Downloads: what is watched of a copy is never reported.
    Downloads,
}

/// What would help. Pages word it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fix {
    /// Share the recording in the course or with sign-in, not by an unlisted link.
    ShareWithSignIn,
    /// Put it into the page with the learning platform's media tool, which signs viewers in.
    EmbedWithTheTool,
    /// Nothing can be done about copies.
    Nothing,
    /// Have the site sign its viewers: a Kaltura session or a viewer token.
    SignViewers,
    /// Look at the secret or key by which the site signs.
    CheckTheKey,
    /// Collect under the site's own name, and let blockers' users know.
    CollectUnderOwnName,
    /// Switch downloads off for this recording.
    SwitchDownloadsOff,
}

/// A likely cause.
#[derive(Debug, Serialize, ToSchema)]
pub struct CauseShown {
    /// Which.
    cause: Cause,
    /// How many.
    count: f64,
    /// Of what: `plays`, `events` or `downloads`.
    of: &'static str,
    /// What would help.
    fix: Fix,
}

/// Whether viewers of a recording can be named.
#[derive(Debug, Serialize, ToSchema)]
pub struct Naming {
    /// Plays in all.
    plays: Option<f64>,
    /// By people whose name was proved: a signed session or token.
    verified: KnownBy,
    /// By people whose name was claimed, and the account takes claims.
    claimed: KnownBy,
    /// By all others: they count as one viewer.
    unknown: KnownBy,
    /// Of the plays, the share that has a name; `null` without plays, or of too few people.
    named_share: Option<f64>,
    /// Where unknown plays come from, the most first; fifty at most.
    unknown_by_place: Vec<UnknownPlace>,
    /// How many such places there are.
    places_total: usize,
    /// Likely causes, the most first; only those of which there is something.
    causes: Vec<CauseShown>,
    /// Of the heartbeats that watched time lets us expect, the share that arrived.
    completeness: Option<f64>,
    /// Who may find it, as the catalog says: `public`, `unlisted`, `restricted`, `private`, or empty.
    visibility: String,
    /// Viewers may download it; `null`: the catalog does not say.
    downloads_allowed: Option<bool>,
}

/// Can viewers be named?
///
/// Of one recording: how many plays have a name that was proved, claimed, or none; where those without one come from; and
/// likely causes with numbers and what would help. Nobody is named here.
#[utoipa::path(get, path = "/api/v1/entries/{id}/naming", tag = "reports",
    params(
        ("id" = String, Path, description = "Entry id."),
        ("account" = Option<u32>, Query, description = "Partner id; default the first."),
        ("period" = Option<String>, Query, description = "Default `12m`, today included. All words: docs/periods.md."),
        ("today" = Option<u8>, Query, description = "0: presets leave today out."),
        ("week" = Option<String>, Query, description = "Weeks of presets begin on `monday` (default) or `sunday`."),
        ("zone" = Option<String>, Query, description = "IANA time zone in which days are counted; default UTC."),
        ("f" = Option<Vec<String>>, Query, description = "Filters as in reports."),
    ),
    responses(
        (status = 200, description = "How its plays are known.", body = Answer<Naming>),
        (status = 400, description = "A parameter does not fit.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such recording.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn naming(
    who: SignedIn,
    State(app): State<App>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> ApiResult<Json<Answer<Naming>>> {
    let known: Vec<&str> = COMMON
        .iter()
        .copied()
        .filter(|name| ["account", "period", "today", "week", "zone", "f"].contains(name))
        .collect();
    let params = Params::read(query.as_deref(), &[&known])?;
    let caller = who.caller(ask::account(&params)?)?;
    let subject = format!("entry:{}", id.replace('\\', r"\\").replace(',', r"\,"));
    let params = params.or("period", "12m").or("today", "1").or("subject", &subject);
    let words = Words::read(&params)?;
    let worker = app.clone();
    app.report(move |source| {
        let asked = Asked { app: &worker, who: &who, name: "naming", params: &params };
        let shown = shown(&asked, source.clone(), &caller, words);
        asked.refusal(&source, caller.account, &subject, shown)
    })
    .await
}

fn table(by: &[Dimension], measures: &[Measure], filters: Vec<Filter>) -> Panel {
    let page = Page::all(Sort { measure: Some(Measure::Plays), descending: true });
    Panel { view: View::Table { by: by.to_vec(), measures: measures.to_vec(), page, coverage: false }, filters }
}

/// What causes are counted from, in the order asked.
const COUNTS: &[Measure] = &[
    Measure::Plays,
    Measure::IdentityUnsigned,
    Measure::IdentityInvalid,
    Measure::Missing,
    Measure::Downloads,
    Measure::Completeness,
];

fn shown(asked: &Asked<'_>, source: Source, caller: &Caller, words: Words) -> ApiResult<Json<Answer<Naming>>> {
    let ask = Ask::new(source, caller, words)?;
    let rules = embeds::rules_of(asked.app, caller.account)?;
    let nobody = Filter { dimension: Dimension::Proof, operator: Operator::Is, values: vec!["none".into()] };
    let panels = vec![
        table(&[Dimension::Proof], &[Measure::Plays, Measure::KnownViewers], Vec::new()),
        table(&[Dimension::Domain, Dimension::Page], &[Measure::Plays, Measure::LastSeen], vec![nobody]),
        Panel::new(View::Totals { measures: COUNTS.to_vec() }),
    ];
    let answered = ask.answer_now(panels)?;
    let [Told::Table { rows: by_proof, .. }, Told::Table { rows: places, .. }, Told::Totals(counts)] =
        answered.answers.as_slice()
    else {
        return Err(unexpected());
    };
    let known = |proof: &str, people: bool| {
        let row = by_proof.iter().find(|row| *row.keys[0] == *proof);
        // Nothing of a proof is nothing; a row that is hidden is not told.
        let value = |number: usize| row.map_or(Some(0.0), |row| row.values[number]);
        KnownBy { plays: value(0), people: if people { value(1) } else { None } }
    };
    let (verified, claimed, unknown) = (known("verified", true), known("claimed", true), known("none", false));
    let plays = counts[0];
    let named_share = match (verified.plays, claimed.plays, plays) {
        (Some(verified), Some(claimed), Some(plays)) if plays > 0.0 => Some((verified + claimed) / plays),
        _ => None,
    };
    let mut by_place = Vec::new();
    let (mut unlisted, mut pasted, mut nowhere) = (0.0, 0.0, 0.0);
    for row in places.iter().filter(|row| row.values[0].is_none_or(|plays| plays > 0.0)) {
        let (domain, page) = (&row.keys[0], &row.keys[1]);
        let verdict = rules.of(domain);
        let kind = verdict.class.embed();
        let plays = row.values[0].unwrap_or(0.0);
        match kind {
            EmbedKind::Portal | EmbedKind::Standalone => unlisted += plays,
            EmbedKind::Code => pasted += plays,
            EmbedKind::Local | EmbedKind::Unknown => nowhere += plays,
            // Signed in by itself: whoever is unknown there came without a proof that is believed.
            EmbedKind::Tool | EmbedKind::Console => {}
        }
        let undisclosed = embeds::undisclosed(&verdict, domain, page);
        by_place.push(UnknownPlace {
            domain: domain.to_string(),
            page: if undisclosed.is_some() { String::new() } else { page.to_string() },
            undisclosed,
            embed_kind: kind,
            title: verdict.rule.map(|rule| rule.title.clone()),
            plays: row.values[0],
            last_seen: row.values[1].map(|at| instant(at as i64)),
        });
    }
    let count = |number: usize| counts[number].unwrap_or(0.0);
    let mut causes: Vec<CauseShown> = [
        (Cause::UnlistedLink, unlisted, "plays", Fix::ShareWithSignIn),
        (Cause::PastedEmbed, pasted, "plays", Fix::EmbedWithTheTool),
        (Cause::NowhereKnown, nowhere, "plays", Fix::Nothing),
        (Cause::Unsigned, count(1), "events", Fix::SignViewers),
        (Cause::BadProof, count(2), "events", Fix::CheckTheKey),
        (Cause::Blocked, count(3), "events", Fix::CollectUnderOwnName),
        (Cause::Downloads, count(4), "downloads", Fix::SwitchDownloadsOff),
    ]
    .into_iter()
    .filter(|(_, count, ..)| *count > 0.0)
    .map(|(cause, count, of, fix)| CauseShown { cause, count, of, fix })
    .collect();
    causes.sort_by(|a, b| (a.of != "plays").cmp(&(b.of != "plays")).then(b.count.total_cmp(&a.count)));
    let entry = ask.entry().and_then(|id| ask.account().entries.get(id)).ok_or_else(ApiError::not_found)?;
    let data = Naming {
        plays,
        verified,
        claimed,
        unknown,
        named_share,
        places_total: by_place.len(),
        unknown_by_place: by_place.into_iter().take(PLACES_MAX).collect(),
        causes,
        completeness: counts[5],
        visibility: entry.visibility.to_string(),
        downloads_allowed: entry.downloads,
    };
    let caveats = caveats(&ask, &answered.left_out, &[Measure::Plays], true);
    let logged = asked.look(&ask, Action::Look, None)?;
    Ok(Json(Answer::new(&ask, data, caveats, logged)))
}
