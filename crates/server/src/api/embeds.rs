//! Where media are embedded: one row for each page and player version, with the recordings on it and what is to be done
//! about it. All figures are the engine's answers to one question, grouped and filtered here; nothing is counted anew.

use super::answer::{self, Answer, Rows, file, instant, wanted};
use super::ask::{self, Ask, COMMON, Page, Words};
use super::body::Body;
use super::caveat::{self, Caveat, caveats};
use super::entries::Named;
use super::look::Asked;
use super::params::Params;
use super::reports::{CommonParams, FileParams};
use super::shape::unexpected;
use crate::access_log::Action;
use crate::app::{App, Source};
use crate::auth::SignedIn;
use crate::auth::vault::Who;
use crate::desk::{Mark, Place};
use crate::embeds::{self, BEYOND, NAME_BYTES_MAX, Status, TEXT_BYTES_MAX, Undisclosed, broken, short};
use crate::enrich::rules::{Attention, Campaign, Class, EmbedKind, Rules};
use crate::error::{ApiError, ApiResult, Problem};
use crate::sheet::{Cell, Column, Form, Kind};
use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use engine::access::{Caller, Grant};
use engine::catalog::view::AccountView;
use engine::event::{PersonKey, Text};
use engine::glossary::{Dimension, Measure};
use engine::question::{Answer as Told, Filter, LeftOut, Operator, Page as Whole, Panel, Sort, TableRow, View};
use serde::Serialize;
use serde_json::{Map, Value};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::{IntoParams, ToSchema};

/// Recordings told of one row on a page; files tell all.
const RECORDINGS_SHOWN_MAX: usize = 50;

/// A row of the inventory: a page, as one version of the player is seen on it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Embed {
    /// Domain, as filters take it.
    domain: String,
    /// Page, as filters take it; empty where it was not disclosed.
    page: String,
    /// Why the page is not known.
    undisclosed: Option<Undisclosed>,
    /// The page is an address on the web, and its rule says that it can be opened.
    openable: bool,
    /// Player version; empty where the player does not tell it.
    player_version: String,
    /// How media got onto the page, by the kind of site.
    embed_kind: EmbedKind,
    /// Kind of site.
    class: Class,
    /// The rule that explains the domain; `null`: none does.
    rule: Option<String>,
    /// What the rule is called.
    title: Option<String>,
    /// What an embed there means.
    explain: Option<String>,
    /// What to do.
    action: Option<String>,
    /// Whether the campaign concerns it.
    attention: Attention,
    /// What is to be done.
    status: Status,
    /// It was marked as done, and has been seen the old way since.
    returned: Option<Returned>,
    /// Recordings on it, the most played first; fifty at most.
    recordings: Vec<OnPage>,
    /// How many recordings there are.
    recordings_total: usize,
    /// Plays; `null` where figures are of too few people to be shown.
    plays: Option<f64>,
    /// Unique viewers of this row. They do not add up.
    viewers: Option<f64>,
    /// Times the player was shown.
    impressions: Option<f64>,
    /// First seen in the period (RFC 3339).
    first_seen: Option<String>,
    /// Last seen in the period (RFC 3339).
    last_seen: Option<String>,
    /// Who works on it.
    owner: Option<Named>,
    /// Free text.
    note: String,
    /// When status, owner or note were changed last (RFC 3339).
    changed: Option<String>,
    /// By whom.
    changed_by: Option<String>,
    #[serde(skip)]
    seen_ms: (Option<f64>, Option<f64>),
}

/// A page that has come back.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Returned {
    /// Marked as done (RFC 3339).
    done: String,
    /// Last seen the old way (RFC 3339).
    seen: String,
}

/// A recording on a page.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OnPage {
    /// Id.
    id: String,
    /// Name.
    name: String,
    /// Plays there; `null` where of too few people.
    plays: Option<f64>,
    /// Last seen there (RFC 3339).
    last_seen: Option<String>,
}

/// A domain of the inventory.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EmbedDomain {
    /// Domain.
    domain: String,
    /// How media got onto its pages.
    embed_kind: EmbedKind,
    /// Kind of site.
    class: Class,
    /// The rule that explains it.
    rule: Option<String>,
    /// What the rule is called.
    title: Option<String>,
    /// What an embed there means.
    explain: Option<String>,
    /// What to do.
    action: Option<String>,
    /// Whether the campaign concerns the site, however something is played there.
    attention: Attention,
    /// Pages known by their address.
    pages: usize,
    /// Rows of it.
    rows: usize,
    /// Recordings on it.
    recordings: usize,
    /// Plays.
    plays: f64,
    /// Last seen (RFC 3339).
    last_seen: Option<String>,
    /// Rows by status.
    by_status: BTreeMap<&'static str, usize>,
}

/// What all rows together are, whatever their status: filters hold but for `status`.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct EmbedTotals {
    /// Rows.
    rows: usize,
    /// Domains.
    domains: usize,
    /// Pages known by their address.
    pages: usize,
    /// Recordings.
    recordings: usize,
    /// Plays.
    plays: f64,
    /// Rows by status; every status is there.
    by_status: BTreeMap<&'static str, usize>,
    /// Recordings on rows that are to do.
    recordings_to_do: usize,
    /// Rows that have come back.
    returned: usize,
    /// How far the work is.
    progress: Progress,
}

/// How far the work is: rows that are done, of those that are done or to do.
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
pub struct Progress {
    /// Done.
    done: usize,
    /// Done or to do.
    of: usize,
}

/// The campaign by which rows are judged.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CampaignBrief {
    /// Id.
    id: String,
    /// Heading.
    title: String,
    /// Its day.
    date: Option<String>,
    /// What happens.
    explain: String,
    /// Where more is said; may be empty.
    more: String,
}

/// One page of the inventory.
#[derive(Debug, Serialize, ToSchema)]
pub struct Embeds {
    /// The rows; empty with `by=domain`.
    rows: Vec<Embed>,
    /// The domains, with `by=domain`.
    #[serde(skip_serializing_if = "Option::is_none")]
    domains: Option<Vec<EmbedDomain>>,
    /// How many rows (domains) there are in all.
    total: usize,
    /// Which page, from 1.
    page: usize,
    /// Rows on a page.
    size: usize,
    /// By which they are judged.
    campaign: CampaignBrief,
    /// All of them together.
    totals: EmbedTotals,
    /// The reader may set status, owner and note of the rows.
    may_change: bool,
}

/// The parameters of the inventory, for the description.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes, is never made")]
pub struct EmbedParams {
    /// Campaign by which rows are judged; default the first.
    campaign: Option<String>,
    /// Only rows of these statuses, with commas: `to_do`, `done`, `cannot_trace`, `cannot_open`, `no_action`.
    status: Option<String>,
    /// Only domains that these rules explain, by id, with commas; `none`: those without a rule.
    rule: Option<String>,
    /// Only rows of these attentions, with commas: `yes`, `no`, `unknown`, `n/a`, `works-but-replace`.
    attention: Option<String>,
    /// 1: only rows that have come back.
    returned: Option<u8>,
    /// Only rows whose domain, page, explanation, note, owner, recording's name or id contains this, in any case.
    find: Option<String>,
    /// `page` (default) or `domain`: one row for each domain, with `domains` in the answer.
    by: Option<String>,
    /// `plays`, `viewers`, `first_seen`, `last_seen`, `domain`, `page`, `status`, `recordings`; - for the largest first.
    /// Default `status`, then the most plays.
    sort: Option<String>,
    /// From 1.
    page: Option<usize>,
    /// Rows on a page, 1 to 1000; default 100.
    size: Option<usize>,
    /// `csv`, `ndjson`, `xlsx` or `parquet`: all rows as a file, as by `Accept`.
    format: Option<String>,
}

const OWN: &[&str] =
    &["campaign", "status", "rule", "attention", "returned", "find", "by", "sort", "page", "size", "format"];

/// What of the inventory is wanted.
#[derive(Clone, Debug)]
struct Wanted {
    campaign: Option<String>,
    statuses: Vec<Status>,
    rules: Vec<String>,
    attentions: Vec<Attention>,
    returned: bool,
    find: Option<String>,
    by_domain: bool,
    sort: (SortBy, bool),
    page: Page,
    form: Option<Form>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SortBy {
    Plays,
    Viewers,
    FirstSeen,
    LastSeen,
    Domain,
    Page,
    Status,
    Recordings,
}

impl Wanted {
    fn read(params: &Params, headers: &HeaderMap) -> ApiResult<Wanted> {
        let list = |name: &'static str| -> ApiResult<Vec<String>> {
            Ok(params.one(name)?.map(|text| text.split(',').map(str::to_owned).collect()).unwrap_or_default())
        };
        let statuses = list("status")?;
        let status = |word: &String| {
            let words: Vec<&str> = Status::ALL.iter().map(|status| status.name()).collect();
            Status::of(word).ok_or_else(|| ApiError::bad("status", format!("It is one of {}.", words.join(", "))))
        };
        let attention = |word: &String| {
            serde_json::from_value(Value::from(word.as_str()))
                .map_err(|_| ApiError::bad("attention", "It is yes, no, unknown, n/a or works-but-replace."))
        };
        let form = match params.one("format")? {
            None => wanted(headers),
            Some(word) => {
                let none = || ApiError::bad("format", "It is csv, ndjson, xlsx or parquet.");
                Some(Form::of(word).ok_or_else(none)?)
            }
        };
        let by_domain = match params.one("by")? {
            None | Some("page") => false,
            Some("domain") => true,
            Some(_) => return Err(ApiError::bad("by", "It is page or domain.")),
        };
        let (word, descending) = match params.one("sort")? {
            None => ("status", false),
            Some(word) => word.strip_prefix('-').map_or((word, false), |word| (word, true)),
        };
        let by = match word {
            "plays" => SortBy::Plays,
            "viewers" if !by_domain => SortBy::Viewers,
            "first_seen" if !by_domain => SortBy::FirstSeen,
            "last_seen" => SortBy::LastSeen,
            "domain" => SortBy::Domain,
            "page" if !by_domain => SortBy::Page,
            "status" => SortBy::Status,
            "recordings" => SortBy::Recordings,
            _ => return Err(ApiError::bad("sort", SORTS)),
        };
        Ok(Wanted {
            campaign: params.one("campaign")?.map(str::to_owned),
            statuses: statuses.iter().map(status).collect::<ApiResult<_>>()?,
            rules: list("rule")?,
            attentions: list("attention")?.iter().map(attention).collect::<ApiResult<_>>()?,
            returned: params.switch("returned")?,
            find: params.one("find")?.map(str::to_lowercase),
            by_domain,
            sort: (by, descending),
            page: Page::read(params, form.is_some())?,
            form,
        })
    }

    /// Whether a row is wanted, whatever its status.
    fn takes(&self, row: &Embed) -> bool {
        let of_rule = self.rules.is_empty() || self.rules.iter().any(|id| row.rule.as_deref().unwrap_or("none") == id);
        let attended = self.attentions.is_empty() || self.attentions.contains(&row.attention);
        of_rule
            && attended
            && (!self.returned || row.returned.is_some())
            && self.find.as_ref().is_none_or(|find| row.holds(find))
    }
}

const SORTS: &str = "It is plays, last_seen, domain, status or recordings, and by page also viewers, first_seen or page; \
                     with - for the largest first.";

impl Embed {
    fn holds(&self, find: &str) -> bool {
        let has = |text: &str| text.to_lowercase().contains(find);
        let told = [&self.title, &self.explain].into_iter().flatten();
        has(&self.domain)
            || has(&self.page)
            || has(&self.note)
            || told.into_iter().any(|text| has(text))
            || self.owner.as_ref().is_some_and(|owner| has(&owner.id) || has(&owner.name))
            || self.recordings.iter().any(|recording| has(&recording.id) || has(&recording.name))
    }
}

/// The inventory
///
/// One row for each page and player version on which media of the subject were seen: what the site is, which recordings
/// are on it, how much they are played, whether a campaign concerns it, and what is to be done. Pages that nobody has
/// opened cannot be found. By default over twelve months, today included, of all that the reader owns or co-edits; of the
/// account, for those who see all of it. As a file (CSV, NDJSON, XLSX, Parquet) by `format` or `Accept`: then all rows.
#[utoipa::path(get, path = "/api/v1/embeds", tag = "embeds",
    params(CommonParams, FileParams, EmbedParams),
    responses(
        (status = 200, description = "One page of the inventory.", body = Answer<Embeds>),
        (status = 400, description = "A parameter does not fit.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such subject.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The answer takes more than it may.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn inventory(
    who: SignedIn,
    State(app): State<App>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> ApiResult<Response> {
    let params = Params::read(query.as_deref(), &[COMMON, answer::FILE, OWN])?;
    let asked = Wanted::read(&params, &headers)?;
    let caller = who.caller(ask::account(&params)?)?;
    let params = theirs(params, &caller).or("period", "12m").or("today", "1");
    let words = Words::read(&params)?;
    let worker = app.clone();
    app.report(move |source| {
        let log = Asked { app: &worker, who: &who, name: "embeds", params: &params };
        let subject = words.subject().to_owned();
        let shown = shown(&log, source.clone(), &caller, words, &asked);
        log.refusal(&source, caller.account, &subject, shown)
    })
    .await
}

/// Without a subject: what the reader owns or co-edits; all, for those who see more than that.
pub(super) fn theirs(params: Params, caller: &Caller) -> Params {
    let all = |grant: &Grant| {
        matches!(
            grant,
            Grant::Administration | Grant::Everything { .. } | Grant::Department { .. } | Grant::Entries { .. }
        )
    };
    match owner(caller) {
        Some(person) if !caller.grants.iter().any(all) => {
            let key = format!("owner:{:016x}", person.0);
            if params.all("subject").next().is_none() { params.or("whose", "both").or("subject", &key) } else { params }
        }
        _ => params,
    }
}

fn owner(caller: &Caller) -> Option<PersonKey> {
    caller.grants.iter().find_map(|grant| if let Grant::Person(person) = grant { Some(*person) } else { None })
}

/// Whether somebody may say what is to be done: administrators, and owners about pages with their own media.
fn may_change(who: &SignedIn, caller: &Caller) -> bool {
    !matches!(who.who, Who::Key(_)) && (caller.is_administrator() || owner(caller).is_some())
}

fn shown(asked: &Asked<'_>, source: Source, caller: &Caller, words: Words, wanted: &Wanted) -> ApiResult<Response> {
    let ask = Ask::new(source, caller, words)?;
    let rules = embeds::rules_of(asked.app, caller.account)?;
    let campaign = campaign(&rules, wanted.campaign.as_deref())?;
    let (all, left_out) = gathered(asked.app, &ask, &rules, campaign)?;
    let mut rows: Vec<Embed> = all.into_iter().filter(|row| wanted.takes(row)).collect();
    let totals = totals(&rows);
    rows.retain(|row| wanted.statuses.is_empty() || wanted.statuses.contains(&row.status));
    sort(&mut rows, wanted.sort);
    let mut caveats = caveats(&ask, &left_out, &[Measure::Plays, Measure::Viewers], true);
    caveat::add(&mut caveats, caveat::never_opened());
    if let Some(form) = wanted.form {
        return as_file(asked, form, &ask, &caveats, rows);
    }
    let mut data = Embeds {
        rows: Vec::new(),
        domains: None,
        total: rows.len(),
        page: wanted.page.page,
        size: wanted.page.size,
        campaign: CampaignBrief {
            id: campaign.id.clone(),
            title: campaign.title.clone(),
            date: campaign.date.map(|date| date.to_string()),
            explain: campaign.explain.clone(),
            more: campaign.more.clone(),
        },
        totals,
        may_change: may_change(asked.who, caller),
    };
    if wanted.by_domain {
        let mut domains = by_domain(&rows, &rules, campaign);
        sort_domains(&mut domains, wanted.sort);
        data.total = domains.len();
        data.domains = Some(domains.into_iter().skip(wanted.page.offset()).take(wanted.page.size).collect());
    } else {
        data.rows = rows.into_iter().skip(wanted.page.offset()).take(wanted.page.size).collect();
        for row in &mut data.rows {
            row.recordings.truncate(RECORDINGS_SHOWN_MAX);
            row.changed_by = row.changed_by.take().and_then(|who| name_of(asked.app, ask.account(), &who));
        }
    }
    let logged = asked.look(&ask, Action::Look, None)?;
    Ok(answer::json(Answer::new(&ask, data, caveats, logged)))
}

fn campaign<'r>(rules: &'r Rules, id: Option<&str>) -> ApiResult<&'r Campaign> {
    let found = match id {
        Some(id) => rules.campaign(id),
        None => rules.campaigns().next().map(|made| &made.it),
    };
    found.ok_or_else(|| ApiError::bad("campaign", "There is no such campaign; GET /api/v1/campaigns lists them."))
}

/// A table of all its rows.
fn table(by: &[Dimension], measures: &[Measure], filters: Vec<Filter>) -> Panel {
    let page = Whole::all(Sort { measure: None, descending: false });
    let view = View::Table { by: by.to_vec(), measures: measures.to_vec(), page, coverage: false };
    Panel { view, filters }
}

fn pages(operator: Operator, values: &[&str]) -> Vec<Filter> {
    vec![Filter {
        dimension: Dimension::Page,
        operator,
        values: values.iter().map(|value| Text::from(*value)).collect(),
    }]
}

/// Domain, page, player version.
type Key = (Text, Text, Text);

/// All rows. A page's address holds its domain, so that recordings are told apart by page, player and recording, which are
/// three dimensions; where the page is not known, by domain, player and recording.
fn gathered(app: &App, ask: &Ask, rules: &Rules, campaign: &Campaign) -> ApiResult<(Vec<Embed>, LeftOut)> {
    use Dimension::{Domain, Entry, Page, PlayerVersion};
    let measures = [Measure::Plays, Measure::Viewers, Measure::Impressions, Measure::FirstSeen, Measure::LastSeen];
    let of_entry = [Measure::Plays, Measure::LastSeen];
    let panels = vec![
        table(&[Domain, Page, PlayerVersion], &measures, Vec::new()),
        table(&[Page, PlayerVersion, Entry], &of_entry, pages(Operator::Not, &["", BEYOND])),
        table(&[Domain, PlayerVersion, Entry], &of_entry, pages(Operator::Is, &[""])),
        table(&[Domain, PlayerVersion, Entry], &of_entry, pages(Operator::Is, &[BEYOND])),
    ];
    let answered = ask.answer_now(panels)?;
    let rows_of = |answer: &Told| if let Told::Table { rows, .. } = answer { rows.clone() } else { Vec::new() };
    let [rows, known, hidden, beyond] = answered.answers.as_slice() else { return Err(unexpected()) };
    let mut on_page: BTreeMap<(Text, Text, Text), Vec<OnPage>> = BTreeMap::new();
    // By page alone where it is known; else by domain.
    let mut add = |place: (Text, Text), row: &TableRow| {
        let key = (place.0, place.1, row.keys[1].clone());
        on_page.entry(key).or_default().push(OnPage {
            id: row.keys[2].to_string(),
            name: row.labels[2].to_string(),
            plays: row.values[0],
            last_seen: row.values[1].map(|at| instant(at as i64)),
        });
    };
    for row in rows_of(known) {
        add((Text::default(), row.keys[0].clone()), &row);
    }
    for (answer, page) in [(hidden, ""), (beyond, BEYOND)] {
        for row in rows_of(answer) {
            add((row.keys[0].clone(), page.into()), &row);
        }
    }
    let marks = app.vault().desk().marks(ask.account_id, &campaign.id).map_err(broken)?;
    let rows = rows_of(rows).into_iter().map(|row| {
        let key: Key = (row.keys[0].clone(), row.keys[1].clone(), row.keys[2].clone());
        let is_known = !key.1.is_empty() && *key.1 != *BEYOND;
        let place = if is_known { Text::default() } else { key.0.clone() };
        let recordings = on_page.remove(&(place, key.1.clone(), key.2.clone())).unwrap_or_default();
        let mark = marks.get(&(key.0.to_string(), key.1.to_string()));
        embed(ask.account(), rules, campaign, key, &row.values, recordings, mark)
    });
    Ok((rows.collect(), answered.left_out))
}

fn embed(
    account: &AccountView,
    rules: &Rules,
    campaign: &Campaign,
    (domain, page, player): Key,
    values: &[Option<f64>],
    mut recordings: Vec<OnPage>,
    mark: Option<&Mark>,
) -> Embed {
    let verdict = rules.of(&domain);
    let attention = verdict.attention(campaign, &player);
    let undisclosed = embeds::undisclosed(&verdict, &domain, &page);
    let last_ms = values[4].map(|at| at as i64);
    let told = embeds::status(&verdict, attention, undisclosed, mark, last_ms);
    let at = |value: Option<f64>| value.map(|at| instant(at as i64));
    recordings.sort_by(|a, b| order(b.plays, a.plays).then_with(|| a.id.cmp(&b.id)));
    let owner = mark.map(|mark| mark.owner.as_str()).filter(|owner| !owner.is_empty());
    Embed {
        openable: undisclosed.is_none() && verdict.rule.is_none_or(|rule| rule.open),
        domain: domain.to_string(),
        page: if undisclosed.is_some() { String::new() } else { page.to_string() },
        undisclosed,
        player_version: player.to_string(),
        embed_kind: verdict.class.embed(),
        class: verdict.class,
        rule: verdict.rule.map(|rule| rule.id.clone()),
        title: verdict.rule.map(|rule| rule.title.clone()),
        explain: verdict.rule.map(|rule| rule.explain.clone()),
        action: verdict.rule.map(|rule| rule.action.clone()),
        attention,
        status: told.status,
        returned: told
            .returned_ms
            .zip(last_ms)
            .map(|(done, seen)| Returned { done: instant(done), seen: instant(seen) }),
        recordings_total: recordings.len(),
        recordings,
        plays: values[0],
        viewers: values[1],
        impressions: values[2],
        first_seen: at(values[3]),
        last_seen: at(values[4]),
        owner: owner.map(|id| {
            let person = account.person_keys.get(id).and_then(|key| account.people.get(key));
            Named { id: id.to_owned(), name: person.map_or(id, |person| &*person.name).to_owned() }
        }),
        note: mark.map(|mark| mark.note.clone()).unwrap_or_default(),
        changed: mark.map(|mark| instant(mark.changed_ms)),
        changed_by: mark.map(|mark| mark.changed_by.clone()).filter(|who| !who.is_empty()),
        seen_ms: (values[3], values[4]),
    }
}

fn order(a: Option<f64>, b: Option<f64>) -> Ordering {
    a.unwrap_or(-1.0).total_cmp(&b.unwrap_or(-1.0))
}

fn sort(rows: &mut [Embed], (by, descending): (SortBy, bool)) {
    let place =
        |a: &Embed, b: &Embed| (&a.domain, &a.page, &a.player_version).cmp(&(&b.domain, &b.page, &b.player_version));
    rows.sort_by(|a, b| {
        let told = match by {
            SortBy::Plays => order(a.plays, b.plays),
            SortBy::Viewers => order(a.viewers, b.viewers),
            SortBy::FirstSeen => order(a.seen_ms.0, b.seen_ms.0),
            SortBy::LastSeen => order(a.seen_ms.1, b.seen_ms.1),
            SortBy::Domain => a.domain.cmp(&b.domain),
            SortBy::Page => a.page.cmp(&b.page),
            SortBy::Status => a.status.cmp(&b.status),
            SortBy::Recordings => a.recordings_total.cmp(&b.recordings_total),
        };
        let told = if descending { told.reverse() } else { told };
        told.then_with(|| order(b.plays, a.plays)).then_with(|| place(a, b))
    });
}

fn sort_domains(domains: &mut [EmbedDomain], (by, descending): (SortBy, bool)) {
    let to_do = |domain: &EmbedDomain| domain.by_status.get(Status::ToDo.name()).copied().unwrap_or_default();
    domains.sort_by(|a, b| {
        let told = match by {
            SortBy::Plays => a.plays.total_cmp(&b.plays),
            SortBy::LastSeen => a.last_seen.cmp(&b.last_seen),
            SortBy::Domain => a.domain.cmp(&b.domain),
            SortBy::Recordings => a.recordings.cmp(&b.recordings),
            // What is to do first.
            _ => to_do(b).cmp(&to_do(a)),
        };
        let told = if descending { told.reverse() } else { told };
        told.then_with(|| b.plays.total_cmp(&a.plays)).then_with(|| a.domain.cmp(&b.domain))
    });
}

fn every_status() -> BTreeMap<&'static str, usize> {
    Status::ALL.iter().map(|status| (status.name(), 0)).collect()
}

fn totals(rows: &[Embed]) -> EmbedTotals {
    let mut totals = EmbedTotals { rows: rows.len(), by_status: every_status(), ..EmbedTotals::default() };
    let (mut domains, mut pages) = (BTreeSet::new(), BTreeSet::new());
    let (mut recordings, mut to_do) = (BTreeSet::new(), BTreeSet::new());
    for row in rows {
        *totals.by_status.entry(row.status.name()).or_default() += 1;
        totals.plays += row.plays.unwrap_or(0.0);
        totals.returned += usize::from(row.returned.is_some());
        domains.insert(&row.domain);
        if row.undisclosed.is_none() {
            pages.insert(&row.page);
        }
        let ids = row.recordings.iter().map(|recording| &recording.id);
        recordings.extend(ids.clone());
        if row.status == Status::ToDo {
            to_do.extend(ids);
        }
    }
    (totals.domains, totals.pages) = (domains.len(), pages.len());
    (totals.recordings, totals.recordings_to_do) = (recordings.len(), to_do.len());
    let done = totals.by_status[Status::Done.name()];
    totals.progress = Progress { done, of: done + totals.by_status[Status::ToDo.name()] };
    totals
}

fn by_domain(rows: &[Embed], rules: &Rules, campaign: &Campaign) -> Vec<EmbedDomain> {
    let mut grouped: BTreeMap<&str, Vec<&Embed>> = BTreeMap::new();
    for row in rows {
        grouped.entry(&row.domain).or_default().push(row);
    }
    let domain = |(domain, rows): (&str, Vec<&Embed>)| {
        let verdict = rules.of(domain);
        let mut by_status = every_status();
        rows.iter().for_each(|row| *by_status.entry(row.status.name()).or_default() += 1);
        let pages: BTreeSet<&str> =
            rows.iter().filter(|row| row.undisclosed.is_none()).map(|row| row.page.as_str()).collect();
        let recordings: BTreeSet<&str> =
            rows.iter().flat_map(|row| &row.recordings).map(|recording| recording.id.as_str()).collect();
        let last = rows.iter().filter_map(|row| row.seen_ms.1).max_by(f64::total_cmp);
        EmbedDomain {
            domain: domain.to_owned(),
            embed_kind: verdict.class.embed(),
            class: verdict.class,
            rule: verdict.rule.map(|rule| rule.id.clone()),
            title: verdict.rule.map(|rule| rule.title.clone()),
            explain: verdict.rule.map(|rule| rule.explain.clone()),
            action: verdict.rule.map(|rule| rule.action.clone()),
            attention: verdict.of_site(campaign),
            pages: pages.len(),
            rows: rows.len(),
            recordings: recordings.len(),
            plays: rows.iter().filter_map(|row| row.plays).sum(),
            last_seen: last.map(|at| instant(at as i64)),
            by_status,
        }
    };
    grouped.into_iter().map(domain).collect()
}

fn as_file(asked: &Asked<'_>, form: Form, ask: &Ask, caveats: &[Caveat], rows: Vec<Embed>) -> ApiResult<Response> {
    let text = |id: &str, label: &str, definition: &str| Column::new(id, label, Kind::Text).definition(definition);
    let columns = vec![
        text("domain", "Domain", "Host of the page."),
        text("title", "What it is", "The rule that explains the domain."),
        text("explain", "Explanation", "What an embed there means."),
        text("action", "What to do", "What the rule advises."),
        text("embed_kind", "Kind of embed", "How media got onto the page, by the kind of site."),
        text("attention", "Concerned", "Whether the campaign concerns it: yes, no, unknown, n/a, works-but-replace."),
        text("player_version", "Player version", "As the player tells it."),
        text("page", "Page", "Address of the page; empty where it was not disclosed."),
        text("undisclosed", "Page not known because", "Why the page's address is not known."),
        text("recordings", "Recordings", "Ids of the recordings on it, the most played first."),
        text("recording_names", "Names of recordings", "In the same order."),
        Column::new("plays", "Plays", Kind::Number),
        Column::new("viewers", "Unique viewers", Kind::Number).definition("Of this row; they do not add up."),
        Column::new("impressions", "Impressions", Kind::Number),
        Column::new("first_seen", "First seen", Kind::Instant),
        Column::new("last_seen", "Last seen", Kind::Instant),
        text("status", "Status", "to_do, done, cannot_trace, cannot_open or no_action."),
        Column::new("returned", "Has come back", Kind::Flag).definition("Done once, and seen the old way since."),
        text("owner", "Who works on it", ""),
        text("note", "Note", ""),
    ];
    let cells = |row: Embed| {
        let text = |text: String| Cell::Text(text.into());
        let word = |value: Value| text(value.as_str().unwrap_or_default().to_owned());
        let ids: Vec<&str> = row.recordings.iter().map(|recording| recording.id.as_str()).collect();
        let names: Vec<&str> = row.recordings.iter().map(|recording| recording.name.as_str()).collect();
        let at = |at: Option<f64>| at.map_or(Cell::Empty, |at| Cell::Instant(at as i64));
        let told = |value: serde_json::Result<Value>| value.map(word).map_err(ApiError::internal);
        Ok(vec![
            text(row.domain),
            text(row.title.unwrap_or_default()),
            text(row.explain.unwrap_or_default()),
            text(row.action.unwrap_or_default()),
            told(serde_json::to_value(row.embed_kind))?,
            told(serde_json::to_value(row.attention))?,
            text(row.player_version),
            text(row.page),
            row.undisclosed.map_or(Cell::Empty, |why| text(why.name().to_owned())),
            text(ids.join(" ")),
            text(names.join("; ")),
            Cell::number(row.plays),
            Cell::number(row.viewers),
            Cell::number(row.impressions),
            at(row.seen_ms.0),
            at(row.seen_ms.1),
            text(row.status.name().to_owned()),
            Cell::Flag(row.returned.is_some()),
            text(row.owner.map(|owner| owner.name).unwrap_or_default()),
            text(row.note),
        ])
    };
    let rows = Rows { title: "Embeds", columns, rows: Box::new(rows.into_iter().map(cells)), note: None };
    file(asked, form, ask, caveats, rows)
}

/// What people call somebody who changed something.
fn name_of(app: &App, account: &AccountView, who: &str) -> Option<String> {
    let who = Who::parse(who)?;
    if let Who::Person { id, .. } = &who {
        let person = account.person_keys.get(id.as_str()).and_then(|key| account.people.get(key));
        return Some(person.map_or(id.clone(), |person| person.name.to_string()));
    }
    app.vault().name(&who).ok().flatten()
}

/// What is decided about a page. What is not given stays.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes, is never made")]
pub struct MarkFields {
    /// Domain, as the inventory has it.
    domain: String,
    /// Page, as the inventory has it; empty or absent where it was not disclosed.
    page: Option<String>,
    /// The campaign; default the first.
    campaign: Option<String>,
    /// A status; `null` takes it back: then the page has the status that it has by itself.
    status: Option<Status>,
    /// The institution's id of the person who works on it; empty or `null`: nobody.
    owner: Option<String>,
    /// Free text; empty or `null`: none.
    note: Option<String>,
}

/// What was decided about a page.
#[derive(Debug, Serialize, ToSchema)]
pub struct MarkShown {
    /// Domain.
    domain: String,
    /// Page; empty where it was not disclosed.
    page: String,
    /// Campaign.
    campaign: String,
    /// The status that was set.
    status: Option<String>,
    /// Who works on it.
    owner: String,
    /// Free text.
    note: String,
    /// When (RFC 3339).
    changed: String,
}

/// What was decided about a page.
#[derive(Debug, Serialize, ToSchema)]
pub struct MarkAnswer {
    data: MarkShown,
}

/// A change of a mark: `None` stays.
#[derive(Clone, Debug, Default)]
struct Change {
    status: Option<Option<Status>>,
    owner: Option<String>,
    note: Option<String>,
}

const FIELDS: &[&str] = &["domain", "page", "campaign", "status", "owner", "note"];

fn change_of(
    fields: &Map<String, Value>,
    account: &AccountView,
) -> ApiResult<(Option<String>, String, String, Change)> {
    if let Some(name) = fields.keys().find(|name| !FIELDS.contains(&name.as_str())) {
        return Err(ApiError::unknown(name, FIELDS));
    }
    let text = |name: &str| match fields.get(name) {
        None => Ok(None),
        Some(Value::Null) => Ok(Some(String::new())),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(ApiError::bad(name, "It is a text or null.")),
    };
    let domain = text("domain")?.filter(|domain| !domain.is_empty());
    let domain = domain.ok_or_else(|| ApiError::bad("domain", "It is needed, as the inventory has it."))?;
    let status = match text("status")? {
        None => None,
        Some(word) if word.is_empty() => Some(None),
        Some(word) => {
            let words: Vec<&str> = Status::ALL.iter().map(|status| status.name()).collect();
            let none = || ApiError::bad("status", format!("It is one of {}, or null.", words.join(", ")));
            Some(Some(Status::of(&word).ok_or_else(none)?))
        }
    };
    let owner = text("owner")?.map(|owner| owner.trim().to_owned());
    if let Some(owner) = &owner {
        short("owner", owner, NAME_BYTES_MAX)?;
        if !owner.is_empty() && !account.person_keys.contains_key(owner.as_str()) {
            return Err(ApiError::bad("owner", "The catalog knows nobody of this id."));
        }
    }
    let note = text("note")?;
    if let Some(note) = &note {
        short("note", note, TEXT_BYTES_MAX)?;
    }
    let campaign = text("campaign")?.filter(|campaign| !campaign.is_empty());
    let change = Change { status, owner, note };
    if change.status.is_none() && change.owner.is_none() && change.note.is_none() {
        return Err(ApiError::bad("status", "Give a status, an owner or a note: what is not given stays."));
    }
    Ok((campaign, domain, text("page")?.unwrap_or_default(), change))
}

/// Decide about a page
///
/// Sets status, owner (who works on it) or note of a page in a campaign, for all who see the page. Administrators may, and
/// people about pages with recordings that they own or co-edit. A page that is marked as done and is seen the old way
/// afterwards is to do again by itself.
#[utoipa::path(patch, path = "/api/v1/embeds", tag = "embeds", request_body = MarkFields,
    params(("account" = Option<u32>, Query, description = "Partner id; default the first.")),
    responses(
        (status = 200, description = "As it is now.", body = MarkAnswer),
        (status = 400, description = "A field does not fit; nothing was changed.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such page among those whose media are theirs.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn mark(
    who: SignedIn,
    State(app): State<App>,
    RawQuery(query): RawQuery,
    Body(fields): Body<Map<String, Value>>,
) -> ApiResult<Json<MarkAnswer>> {
    let params = Params::read(query.as_deref(), &[&["account"]])?;
    let caller = who.caller(ask::account(&params)?)?;
    if !may_change(&who, &caller) {
        return Err(ApiError::not_found());
    }
    let worker = app.clone();
    let data = app.report(move |source| {
        let account = source.catalog.accounts.get(&caller.account).ok_or_else(ApiError::not_found)?.clone();
        let (campaign_id, domain, page, change) = change_of(&fields, &account)?;
        let rules = embeds::rules_of(&worker, caller.account)?;
        let campaign = campaign(&rules, campaign_id.as_deref())?;
        let page = if is_seen(source.clone(), &caller, &domain, &page)? {
            page
        } else if page.is_empty() && is_seen(source, &caller, &domain, BEYOND)? {
            BEYOND.to_owned()
        } else {
            return Err(ApiError::not_found());
        };
        let place = Place { campaign: campaign.id.clone(), domain, page };
        let now_ms = worker.now_ms();
        let mark = worker.vault().desk().mark(caller.account, &place, |mark| {
            if let Some(status) = change.status {
                mark.status = status.map(|status| status.name().to_owned());
                mark.status_ms = now_ms;
            }
            mark.owner = change.owner.unwrap_or(std::mem::take(&mut mark.owner));
            mark.note = change.note.unwrap_or(std::mem::take(&mut mark.note));
            (mark.changed_ms, mark.changed_by) = (now_ms, who.owner());
        });
        let mark = mark.map_err(broken)?;
        Ok(MarkShown {
            domain: place.domain,
            page: if place.page == BEYOND { String::new() } else { place.page },
            campaign: place.campaign,
            status: mark.status,
            owner: mark.owner,
            note: mark.note,
            changed: instant(mark.changed_ms),
        })
    });
    Ok(Json(MarkAnswer { data: data.await? }))
}

/// Whether anything of the caller's was ever seen on a page.
fn is_seen(source: Source, caller: &Caller, domain: &str, page: &str) -> ApiResult<bool> {
    let given = |text: &str| text.replace('\\', r"\\").replace(',', r"\,");
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("period", "all"), ("today", "1")])
        .append_pair("f", &format!("is,domain,{}", given(domain)))
        .append_pair("f", &format!("is,page,{}", given(page)))
        .finish();
    let params = Params::read(Some(&query), &[COMMON])?;
    // Administrators know all pages; others those of their own media, also if they may see more.
    let params = match owner(caller).filter(|_| !caller.is_administrator()) {
        Some(person) => params.or("whose", "both").or("subject", &format!("owner:{:016x}", person.0)),
        None => params,
    };
    let ask = Ask::new(source, caller, Words::read(&params)?)?;
    let answered = ask.answer_now(vec![Panel::new(View::Totals { measures: vec![Measure::Events] })])?;
    Ok(answered.left_out.rows > 0)
}
