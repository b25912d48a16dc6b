//! Domain rules and campaigns: what is shipped, what the operator's file says, and what administrators of an account put
//! over both; and which of the account's hosts a rule takes in, before it is saved.

use super::answer::instant;
use super::ask::{Ask, Words};
use super::body::Body;
use super::catalog::account_of;
use super::look::deed;
use super::params::Params;
use super::shape::unexpected;
use crate::access_log::{Action, New};
use crate::app::{App, Source};
use crate::auth::{Administrator, SignedIn};
use crate::desk::Shelf;
use crate::embeds::{self, CAMPAIGNS_MAX, RULES_MAX, broken};
use crate::enrich::rules::{Campaign, Class, EmbedKind, Made, Origin, Rule, Rules};
use crate::error::{ApiError, ApiResult, Problem};
use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use engine::access::Caller;
use engine::event::{AccountId, Text};
use engine::glossary::{Dimension, Measure};
use engine::question::{Answer, Page, Panel, Sort, View};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A domain rule in use.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleShown {
    /// The rule.
    #[serde(flatten)]
    rule: Rule,
    /// Who made it.
    origin: Origin,
    /// It stands in the place of one of the same id: taking it away brings that back.
    replaces: bool,
    /// How media get onto its sites.
    embed_kind: EmbedKind,
    /// Of the account's domains, how many it explains (`hosts=1`).
    #[serde(skip_serializing_if = "Option::is_none")]
    domains: Option<usize>,
    /// Plays on these (`hosts=1`).
    #[serde(skip_serializing_if = "Option::is_none")]
    plays: Option<f64>,
}

/// Domain rules.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleList {
    /// By id.
    rows: Vec<RuleShown>,
    /// Domains of the account that no rule explains, the most played first (`hosts=1`); a hundred at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    without: Option<Vec<HostShown>>,
}

/// Domain rules.
#[derive(Debug, Serialize, ToSchema)]
pub struct RulesAnswer {
    data: RuleList,
}

/// A domain rule.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleAnswer {
    data: RuleShown,
}

/// A domain of the account.
#[derive(Debug, Serialize, ToSchema)]
pub struct HostShown {
    /// The domain, as filters take it.
    domain: String,
    /// Plays there.
    plays: f64,
    /// Last seen (RFC 3339).
    last_seen: Option<String>,
    /// The rule that explains it; `null`: none does.
    rule: Option<String>,
}

/// Which of the account's domains a rule takes in.
#[derive(Debug, Serialize, ToSchema)]
pub struct Caught {
    /// Those that it explains, the most played first; a thousand at most.
    hosts: Vec<HostShown>,
    /// How many there are.
    total: usize,
    /// Plays on all of these.
    plays: f64,
    /// Those whose names fit too, but which a more specific rule explains; a thousand at most.
    left_to_others: Vec<HostShown>,
}

/// Which of the account's domains a rule takes in.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaughtAnswer {
    data: Caught,
}

/// A campaign in use.
#[derive(Debug, Serialize, ToSchema)]
pub struct CampaignShown {
    /// The campaign.
    #[serde(flatten)]
    campaign: Campaign,
    /// Who made it.
    origin: Origin,
    /// It stands in the place of one of the same id.
    replaces: bool,
}

/// Campaigns.
#[derive(Debug, Serialize, ToSchema)]
pub struct CampaignsAnswer {
    data: Vec<CampaignShown>,
}

/// A campaign.
#[derive(Debug, Serialize, ToSchema)]
pub struct CampaignAnswer {
    data: CampaignShown,
}

/// Domains that are listed at most.
const HOSTS_SHOWN_MAX: usize = 1_000;
/// Domains without a rule that are listed at most.
const WITHOUT_SHOWN_MAX: usize = 100;

fn rule_shown(made: &Made<Rule>) -> RuleShown {
    RuleShown {
        rule: made.it.clone(),
        origin: made.origin,
        replaces: made.replaces,
        embed_kind: made.it.class.embed(),
        domains: None,
        plays: None,
    }
}

fn campaign_shown(made: &Made<Campaign>) -> CampaignShown {
    CampaignShown { campaign: made.it.clone(), origin: made.origin, replaces: made.replaces }
}

/// The domains on which something of the account was seen, the most played first.
fn hosts(source: Source, caller: &Caller, period: &str) -> ApiResult<Vec<(Text, f64, Option<String>)>> {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("subject", "account"), ("period", period), ("today", "1")])
        .finish();
    let words = Words::read(&Params::read(Some(&query), &[super::ask::COMMON])?)?;
    let ask = Ask::new(source, caller, words)?;
    let sort = Sort { measure: Some(Measure::Plays), descending: true };
    let (by, measures) = (vec![Dimension::Domain], vec![Measure::Plays, Measure::LastSeen]);
    let view = View::Table { by, measures, page: Page::all(sort), coverage: false };
    let Some(Answer::Table { rows, .. }) = ask.answer_now(vec![Panel::new(view)])?.answers.pop() else {
        return Err(unexpected());
    };
    let host = |row: engine::question::TableRow| {
        (row.keys[0].clone(), row.values[0].unwrap_or(0.0), row.values[1].map(|at| instant(at as i64)))
    };
    Ok(rows.into_iter().map(host).collect())
}

/// Domain rules
///
/// Those in use, by id. `hosts=1` tells how many of the account's domains each explains (administrators).
#[utoipa::path(get, path = "/api/v1/domain-rules", tag = "embeds",
    params(
        ("account" = Option<u32>, Query, description = "Partner id; default the first."),
        ("hosts" = Option<u8>, Query, description = "1: with what they take in, and domains without a rule; administrators only."),
        ("period" = Option<String>, Query, description = "With hosts=1: over which days; default `12m`."),
    ),
    responses(
        (status = 200, description = "All of them.", body = RulesAnswer),
        (status = 404, description = "No such account, or nothing of it to be seen.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn list(who: SignedIn, State(app): State<App>, RawQuery(query): RawQuery) -> ApiResult<Json<RulesAnswer>> {
    let params = Params::read(query.as_deref(), &[&["account", "hosts", "period"]])?;
    let caller = who.caller(super::ask::account(&params)?)?;
    let with_hosts = params.switch("hosts")?;
    if with_hosts && !caller.is_administrator() {
        return Err(ApiError::not_found());
    }
    let period = params.one("period")?.unwrap_or("12m").to_owned();
    let worker = app.clone();
    let data = app.report(move |source| {
        let rules = embeds::rules_of(&worker, caller.account)?;
        let mut rows: Vec<RuleShown> = rules.all().map(rule_shown).collect();
        rows.sort_by(|a, b| a.rule.id.cmp(&b.rule.id));
        if !with_hosts {
            return Ok(RuleList { rows, without: None });
        }
        let mut found: BTreeMap<String, (usize, f64)> = BTreeMap::new();
        let mut without = Vec::new();
        for (domain, plays, last_seen) in hosts(source, &caller, &period)? {
            let verdict = rules.of(&domain);
            match verdict.rule {
                Some(rule) => {
                    let (domains, of_rule) = found.entry(rule.id.clone()).or_default();
                    *domains += 1;
                    *of_rule += plays;
                }
                None if verdict.class == Class::Other && without.len() < WITHOUT_SHOWN_MAX => {
                    without.push(HostShown { domain: domain.to_string(), plays, last_seen, rule: None });
                }
                None => {}
            }
        }
        for row in &mut rows {
            let (domains, plays) = found.get(&row.rule.id).copied().unwrap_or_default();
            (row.domains, row.plays) = (Some(domains), Some(plays));
        }
        Ok(RuleList { rows, without: Some(without) })
    });
    Ok(Json(RulesAnswer { data: data.await? }))
}

/// A rule as the body has it, with the id of the path.
fn rule_of(mut fields: Map<String, Value>, id: &str) -> ApiResult<Rule> {
    fields.insert("id".to_owned(), Value::from(id));
    let rule: Rule = named(fields)?;
    embeds::check_rule(&rule)?;
    Ok(rule)
}

/// A body's fields as what they stand for; a fault names its field, where there is one.
fn named<T: serde::de::DeserializeOwned>(fields: Map<String, Value>) -> ApiResult<T> {
    let known: Vec<String> = fields.keys().cloned().collect();
    serde_json::from_value(Value::Object(fields.clone())).map_err(|error| {
        let told = error.to_string();
        let by_name = told.starts_with("unknown field") || told.starts_with("missing field");
        let quoted = told.split('`').nth(1).filter(|_| by_name).map(str::to_owned);
        // What fits when it is left out is at fault.
        let without = |name: &&String| {
            let mut rest = fields.clone();
            rest.remove(*name);
            match serde_json::from_value::<T>(Value::Object(rest)) {
                Ok(_) => true,
                Err(error) => error.to_string().contains("missing field"),
            }
        };
        let field = quoted.or_else(|| known.iter().find(without).cloned());
        let mut refusal = ApiError::new(crate::error::Code::BadBody).detail(told);
        refusal.field = field;
        refusal
    })
}

/// An account's rules with one more.
fn with_rule(app: &App, account: AccountId, rule: &Rule) -> ApiResult<Rules> {
    let (mut rules, campaigns) = embeds::own(app, account)?;
    rules.retain(|old| old.id != rule.id);
    rules.push(rule.clone());
    if rules.len() > RULES_MAX {
        return Err(ApiError::bad("id", format!("An account has {RULES_MAX} rules of its own at most.")));
    }
    app.inside().rules().with(rules, campaigns).map_err(|why| embeds::fault(&why))
}

/// A change in the access log, written before it: no change goes unrecorded.
fn record(app: &App, who: &Administrator, account: AccountId, subject: String, what: &str) -> ApiResult<()> {
    let deed = deed(app, who.signed_in(), Some(account), Action::Changed, subject);
    let new = New { question: what.to_owned(), ..deed };
    app.vault().access_log().append(&new).map_err(ApiError::internal)
}

/// A new rule's fields, with or without an id.
#[derive(Debug, Deserialize, ToSchema)]
#[expect(dead_code, reason = "describes, is never made")]
pub struct RuleFields {
    /// Host patterns, `*` is any run of characters and `{org}` each of the institution's domains.
    host: Vec<String>,
    /// Instead of hosts: URL schemes.
    scheme: Option<Vec<String>>,
    /// Kind of site.
    class: Class,
    /// What it is called.
    title: String,
    /// What an embed there means.
    explain: Option<String>,
    /// What to do.
    action: Option<String>,
    /// Links to its pages can be opened.
    open: Option<bool>,
    /// How far the page URL leads: `page`, `path` or `none`.
    locate: Option<crate::enrich::rules::Locate>,
    /// By campaign: `yes`, `no`, `unknown`, `n/a`, `works-but-replace`.
    attention: Option<BTreeMap<String, crate::enrich::rules::Attention>>,
}

/// Add or change a domain rule
///
/// One with the id of a shipped rule stands in its place, in this account. It holds at once, also for what was played
/// before: rules are read when figures are asked for.
#[utoipa::path(put, path = "/api/v1/domain-rules/{id}", tag = "embeds", request_body = RuleFields,
    params(
        ("account" = Option<u32>, Query, description = "Partner id; default the first."),
        ("id" = String, Path, description = "Lower-case letters, digits, hyphens."),
    ),
    responses(
        (status = 200, description = "Changed.", body = RuleAnswer),
        (status = 201, description = "Added.", body = RuleAnswer),
        (status = 400, description = "A field does not fit; nothing was changed.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Not an administrator there.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn put(
    who: Administrator,
    State(app): State<App>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    Body(fields): Body<Map<String, Value>>,
) -> ApiResult<Response> {
    let account = account_of(&who, &Params::read(query.as_deref(), &[&["account"]])?)?;
    let rule = rule_of(fields, &id)?;
    let worker = app.clone();
    let (created, data) = app
        .blocking(move || -> ApiResult<(bool, RuleShown)> {
            let rules = with_rule(&worker, account, &rule)?;
            let json = serde_json::to_string(&rule).map_err(ApiError::internal)?;
            record(&worker, &who, account, format!("domain_rule:{id}"), &rule.host.join(" "))?;
            let desk = worker.vault().desk();
            let created = desk.put(Shelf::Rules, account, &id, &json, worker.now_ms()).map_err(broken)?;
            let made = rules.all().find(|made| made.it.id == id).ok_or_else(unexpected)?;
            Ok((created, rule_shown(made)))
        })
        .await??;
    let status = if created { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(RuleAnswer { data })).into_response())
}

/// Take a domain rule away
///
/// One of the account; the shipped rule of the same id, if there is one, holds again.
#[utoipa::path(delete, path = "/api/v1/domain-rules/{id}", tag = "embeds",
    params(
        ("account" = Option<u32>, Query, description = "Partner id; default the first."),
        ("id" = String, Path, description = "Its id."),
    ),
    responses(
        (status = 204, description = "Taken away."),
        (status = 404, description = "The account has no such rule of its own, or not an administrator there.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn remove(
    who: Administrator,
    State(app): State<App>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> ApiResult<StatusCode> {
    let account = account_of(&who, &Params::read(query.as_deref(), &[&["account"]])?)?;
    let worker = app.clone();
    app.blocking(move || {
        let (rules, _) = embeds::own(&worker, account)?;
        if !rules.iter().any(|rule| rule.id == id) {
            return Err(ApiError::not_found());
        }
        record(&worker, &who, account, format!("domain_rule:{id}"), "removed")?;
        worker.vault().desk().take(Shelf::Rules, account, &id).map_err(broken)
    })
    .await??;
    Ok(StatusCode::NO_CONTENT)
}

/// What a domain rule would take in
///
/// Checks a rule as saving it would, and tells which of the account's domains it explains now. Nothing is saved.
#[utoipa::path(post, path = "/api/v1/domain-rules/test", tag = "embeds", request_body = RuleFields,
    params(
        ("account" = Option<u32>, Query, description = "Partner id; default the first."),
        ("id" = Option<String>, Query, description = "The id that it is to have; default `test`."),
        ("period" = Option<String>, Query, description = "Domains seen over which days; default `12m`."),
    ),
    responses(
        (status = 200, description = "What it takes in.", body = CaughtAnswer),
        (status = 400, description = "A field does not fit.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Not an administrator there.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn test(
    who: Administrator,
    State(app): State<App>,
    RawQuery(query): RawQuery,
    Body(fields): Body<Map<String, Value>>,
) -> ApiResult<Json<CaughtAnswer>> {
    let params = Params::read(query.as_deref(), &[&["account", "id", "period"]])?;
    let account = account_of(&who, &params)?;
    let id = params.one("id")?.unwrap_or("test").to_owned();
    let rule = rule_of(fields, &id)?;
    let period = params.one("period")?.unwrap_or("12m").to_owned();
    let caller = who.signed_in().caller(Some(account))?;
    let worker = app.clone();
    let data = app.report(move |source| {
        let rules = with_rule(&worker, account, &rule)?;
        let (mut caught, mut left) = (Vec::new(), Vec::new());
        for (domain, plays, last_seen) in hosts(source, &caller, &period)? {
            let told = rules.of(&domain).rule.map(|rule| rule.id.clone());
            let own = told.as_deref() == Some(&rule.id);
            if own || rules.catches(&rule.id, &domain) {
                let host = HostShown { domain: domain.to_string(), plays, last_seen, rule: told };
                if own { caught.push(host) } else { left.push(host) }
            }
        }
        let (total, plays) = (caught.len(), caught.iter().map(|host| host.plays).sum());
        caught.truncate(HOSTS_SHOWN_MAX);
        left.truncate(HOSTS_SHOWN_MAX);
        Ok(Caught { hosts: caught, total, plays, left_to_others: left })
    });
    Ok(Json(CaughtAnswer { data: data.await? }))
}

/// Campaigns
///
/// Reasons to act on embeds, in the order of their making; the first is the one that the inventory shows by itself.
#[utoipa::path(get, path = "/api/v1/campaigns", tag = "embeds",
    params(("account" = Option<u32>, Query, description = "Partner id; default the first.")),
    responses(
        (status = 200, description = "All of them.", body = CampaignsAnswer),
        (status = 404, description = "No such account, or nothing of it to be seen.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn campaigns(
    who: SignedIn,
    State(app): State<App>,
    RawQuery(query): RawQuery,
) -> ApiResult<Json<CampaignsAnswer>> {
    let params = Params::read(query.as_deref(), &[&["account"]])?;
    let account = who.caller(super::ask::account(&params)?)?.account;
    let worker = app.clone();
    let rules = app.blocking(move || embeds::rules_of(&worker, account)).await??;
    Ok(Json(CampaignsAnswer { data: rules.campaigns().map(campaign_shown).collect() }))
}

/// An account's rules with one more campaign.
fn with_campaign(app: &App, account: AccountId, campaign: &Campaign) -> ApiResult<Rules> {
    let (rules, mut campaigns) = embeds::own(app, account)?;
    campaigns.retain(|old| old.id != campaign.id);
    campaigns.push(campaign.clone());
    if campaigns.len() > CAMPAIGNS_MAX {
        return Err(ApiError::bad("id", format!("An account has {CAMPAIGNS_MAX} campaigns of its own at most.")));
    }
    let all = app.inside().rules().with(rules, campaigns).map_err(|why| embeds::fault(&why))?;
    embeds::check_campaign(campaign, &all)?;
    Ok(all)
}

/// Add or change a campaign
///
/// One with the id of a shipped campaign stands in its place, in this account. Id comes from the path.
#[utoipa::path(put, path = "/api/v1/campaigns/{id}", tag = "embeds", request_body = Campaign,
    params(
        ("account" = Option<u32>, Query, description = "Partner id; default the first."),
        ("id" = String, Path, description = "Lower-case letters, digits, hyphens."),
    ),
    responses(
        (status = 200, description = "Changed.", body = CampaignAnswer),
        (status = 201, description = "Added.", body = CampaignAnswer),
        (status = 400, description = "A field does not fit; nothing was changed.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Not an administrator there.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn put_campaign(
    who: Administrator,
    State(app): State<App>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    Body(mut fields): Body<Map<String, Value>>,
) -> ApiResult<Response> {
    let account = account_of(&who, &Params::read(query.as_deref(), &[&["account"]])?)?;
    fields.insert("id".to_owned(), Value::from(id.as_str()));
    if fields.get("date").is_some_and(Value::is_null) {
        fields.remove("date");
    }
    let campaign: Campaign = named(fields)?;
    let worker = app.clone();
    let (created, data) = app
        .blocking(move || -> ApiResult<(bool, CampaignShown)> {
            let rules = with_campaign(&worker, account, &campaign)?;
            let json = serde_json::to_string(&campaign).map_err(ApiError::internal)?;
            record(&worker, &who, account, format!("campaign:{id}"), "")?;
            let desk = worker.vault().desk();
            let created = desk.put(Shelf::Campaigns, account, &id, &json, worker.now_ms()).map_err(broken)?;
            let made = rules.campaigns().find(|made| made.it.id == id).ok_or_else(unexpected)?;
            Ok((created, campaign_shown(made)))
        })
        .await??;
    let status = if created { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(CampaignAnswer { data })).into_response())
}

/// Take a campaign away
///
/// One of the account; what was decided about pages in it is kept, should it come back.
#[utoipa::path(delete, path = "/api/v1/campaigns/{id}", tag = "embeds",
    params(
        ("account" = Option<u32>, Query, description = "Partner id; default the first."),
        ("id" = String, Path, description = "Its id."),
    ),
    responses(
        (status = 204, description = "Taken away."),
        (status = 400, description = "A rule of the account names it.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "The account has no such campaign of its own, or not an administrator there.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn remove_campaign(
    who: Administrator,
    State(app): State<App>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> ApiResult<StatusCode> {
    let account = account_of(&who, &Params::read(query.as_deref(), &[&["account"]])?)?;
    let worker = app.clone();
    app.blocking(move || {
        let (rules, mut campaigns) = embeds::own(&worker, account)?;
        let before = campaigns.len();
        campaigns.retain(|campaign| campaign.id != id);
        if campaigns.len() == before {
            return Err(ApiError::not_found());
        }
        worker.inside().rules().with(rules, campaigns).map_err(|why| ApiError::bad("id", format!("{why}.")))?;
        record(&worker, &who, account, format!("campaign:{id}"), "removed")?;
        worker.vault().desk().take(Shelf::Campaigns, account, &id).map_err(broken)
    })
    .await??;
    Ok(StatusCode::NO_CONTENT)
}
