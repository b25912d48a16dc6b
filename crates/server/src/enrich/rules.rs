//! Domain rules: which kind of site a host is, which query names make its pages, what a campaign says about it.
//!
//! A TOML file (`data/domains.toml` shows the form); the operator's is read over the built-in one, and the rules and
//! campaigns of an account over both ([`Rules::with`]). What has a fault is refused as a whole. **Most specific wins**: an
//! exact host beats a pattern, among patterns more literal characters win; a scheme beats all. The order never matters.

use super::page::{LOCAL_FILE, UNKNOWN};
use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

const BUILT_IN: &str = include_str!("../../data/domains.toml");
/// The only form of the file there is.
const FORMAT: u32 = 1;

/// The kind of a site. Closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Page of a learning platform.
    Lms,
    /// The media tool inside a learning platform.
    LmsTool,
    /// A former address of that tool.
    LmsToolRetired,
    /// File uploaded to a learning platform.
    LmsFile,
    /// Quiz of a learning platform.
    LmsQuiz,
    /// SCORM module.
    Scorm,
    /// Media portal.
    Portal,
    /// The player's own page.
    Standalone,
    /// Management console.
    Console,
    /// Web site of the institution.
    OwnWeb,
    /// Site made with a service.
    SiteBuilder,
    /// Survey.
    Survey,
    /// Authoring tool.
    Authoring,
    /// Other video host.
    VideoHost,
    /// App.
    App,
    /// File or server on the viewer's device.
    LocalFile,
    /// No rule knows the host.
    Other,
    /// No host was disclosed.
    Unknown,
}

/// Whether a campaign concerns an embed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Attention {
    /// To be repaired.
    Yes,
    /// Not concerned.
    No,
    /// Nobody can say.
    Unknown,
    /// Does not apply.
    #[serde(rename = "n/a")]
    NotApplicable,
    /// Goes on working, yet should be replaced.
    WorksButReplace,
}

/// How far a page URL of the site leads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Locate {
    /// To the page.
    Page,
    /// To a name in the path.
    Path,
    /// Nowhere.
    #[default]
    None,
}

impl Class {
    /// How media got onto sites of this kind.
    pub const fn embed(self) -> EmbedKind {
        match self {
            Class::LmsTool | Class::LmsToolRetired => EmbedKind::Tool,
            Class::Portal => EmbedKind::Portal,
            Class::Standalone => EmbedKind::Standalone,
            Class::Console => EmbedKind::Console,
            Class::App | Class::LocalFile => EmbedKind::Local,
            Class::Unknown => EmbedKind::Unknown,
            Class::Lms
            | Class::LmsFile
            | Class::LmsQuiz
            | Class::Scorm
            | Class::OwnWeb
            | Class::SiteBuilder
            | Class::Survey
            | Class::Authoring
            | Class::VideoHost
            | Class::Other => EmbedKind::Code,
        }
    }
}

/// How media got onto a page. It follows from the kind of the site: players do not report it
/// (`docs/decisions/0002-embeds.md`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EmbedKind {
    /// An embed code was pasted into the page.
    Code,
    /// The media tool of the learning platform put it there.
    Tool,
    /// The media portal shows it itself.
    Portal,
    /// The player's own page.
    Standalone,
    /// A management console.
    Console,
    /// A saved page or an app on the viewer's device.
    Local,
    /// Nothing was disclosed.
    Unknown,
}

/// A reason to act on embeds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Campaign {
    /// Id, as rules name it.
    pub id: String,
    /// Heading.
    pub title: String,
    /// The day on which it happens; one without a day has not been fixed yet.
    #[serde(default, with = "day", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub date: Option<Date>,
    /// What happens, in a sentence or two.
    #[serde(default)]
    pub explain: String,
    /// Where more is said: an `https:` address, or a path of these pages; may be empty.
    #[serde(default)]
    pub more: String,
    /// How a play must have happened to be concerned.
    #[serde(default)]
    pub when: Conditions,
    /// Whom it concerns: by rule id, by class, or `*` for all other hosts. What a rule says of the campaign itself wins
    /// over its class.
    #[serde(default)]
    pub attention: BTreeMap<String, Attention>,
}

/// How a play must have happened to be concerned by a campaign. What is empty holds for all. So a page that was repaired
/// stops being concerned by itself (ruling 41).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Conditions {
    /// Kinds of embeds.
    pub kinds: Vec<EmbedKind>,
    /// Player versions, `*` is any run of characters: `2.*`. The empty text stands for plays whose player does not tell
    /// its version.
    pub players: Vec<String>,
}

impl Conditions {
    /// Whether a play on a site of this class, with this player, is concerned.
    pub fn hold(&self, class: Class, player: &str) -> bool {
        (self.kinds.is_empty() || self.kinds.contains(&class.embed()))
            && (self.players.is_empty() || self.players.iter().any(|pattern| matches(pattern, player)))
    }
}

/// A day as TOML or JSON have it.
mod day {
    use super::{Date, Deserialize, Deserializer};
    use serde::Serializer;

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Date>, D::Error> {
        let wrong = || serde::de::Error::custom("date is a day such as 2026-08-01");
        let text = match toml::Value::deserialize(from)? {
            toml::Value::String(text) => text,
            toml::Value::Datetime(day) => day.to_string(),
            _ => return Err(wrong()),
        };
        text.parse().map(Some).map_err(|_| wrong())
    }

    pub(super) fn serialize<S: Serializer>(day: &Option<Date>, to: S) -> Result<S::Ok, S::Error> {
        match day {
            Some(day) => to.collect_str(day),
            None => to.serialize_none(),
        }
    }
}

/// Who made a rule or a campaign. A later one replaces an earlier one of the same id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Shipped with the program.
    Shipped,
    /// The operator's file.
    Operator,
    /// An administrator of the account.
    Account,
}

/// What is known of a kind of host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Id; a later file's rule of the same id replaces it.
    pub id: String,
    /// Host patterns.
    #[serde(default)]
    pub host: Vec<String>,
    /// Instead of hosts: URL schemes.
    #[serde(default)]
    pub scheme: Vec<String>,
    /// Kind.
    pub class: Class,
    /// Name.
    pub title: String,
    /// What the host means.
    #[serde(default)]
    pub explain: String,
    /// What to do.
    #[serde(default)]
    pub action: String,
    /// Page links can be opened.
    #[serde(default)]
    pub open: bool,
    /// How far the page URL leads.
    #[serde(default)]
    pub locate: Locate,
    /// Query names that make the page, in the order in which they are kept.
    #[serde(default)]
    pub query: Vec<String>,
    /// By campaign; absent is no.
    #[serde(default)]
    pub attention: BTreeMap<String, Attention>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: u32,
    #[serde(default)]
    campaign: Vec<Campaign>,
    #[serde(default)]
    rule: Vec<Rule>,
}

/// Something, and who made it.
#[derive(Clone, Debug)]
pub struct Made<T> {
    /// It.
    pub it: T,
    /// Who made it.
    pub origin: Origin,
    /// It stands in the place of an earlier one of the same id.
    pub replaces: bool,
}

/// The rules in use.
#[derive(Clone, Debug)]
pub struct Rules {
    campaigns: Vec<Made<Campaign>>,
    rules: Vec<Made<Rule>>,
    org_domains: Vec<String>,
    /// Most specific first: pattern and number of its rule.
    patterns: Vec<(String, usize)>,
}

/// What the rules say of a domain.
#[derive(Clone, Copy, Debug)]
pub struct Verdict<'a> {
    /// Kind.
    pub class: Class,
    /// The rule that says so; none for `other` and `unknown`.
    pub rule: Option<&'a Rule>,
}

impl Verdict<'_> {
    /// Whether a campaign concerns the site, however something is played there.
    pub fn of_site(&self, campaign: &Campaign) -> Attention {
        let said = |word: &str| campaign.attention.get(word).copied();
        let class = serde_json::to_value(self.class).ok();
        let class = class.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default();
        let by_rule = self.rule.and_then(|rule| said(&rule.id).or_else(|| rule.attention.get(&campaign.id).copied()));
        by_rule.or_else(|| said(class)).or_else(|| said("*")).unwrap_or(match (self.rule, self.class) {
            (_, Class::Unknown | Class::LocalFile) => Attention::NotApplicable,
            (Some(_), _) => Attention::No,
            (None, _) => Attention::Unknown,
        })
    }

    /// Whether a campaign concerns plays on the site with a player of this version.
    pub fn attention(&self, campaign: &Campaign, player: &str) -> Attention {
        let of_site = self.of_site(campaign);
        let concerned = matches!(of_site, Attention::Yes | Attention::Unknown | Attention::WorksButReplace);
        if concerned && !campaign.when.hold(self.class, player) { Attention::No } else { of_site }
    }
}

impl Rules {
    /// The built-in rules alone.
    pub fn built_in(org_domains: &[String]) -> Rules {
        Rules::read(None, org_domains).expect("the embedded rules are right: a test reads them")
    }

    /// The built-in rules with an operator's file (its text) over them. `org_domains` fill `{org}`; without any, hosts
    /// that need one are left out.
    ///
    /// # Errors
    /// What is wrong, in a sentence that names the place.
    pub fn read(operator: Option<&str>, org_domains: &[String]) -> Result<Rules, String> {
        let org_domains = org_domains.to_vec();
        let mut rules = Rules { campaigns: Vec::new(), rules: Vec::new(), org_domains, patterns: Vec::new() };
        let texts = [(Origin::Shipped, Some(BUILT_IN)), (Origin::Operator, operator)];
        for (origin, text) in texts {
            let Some(text) = text else { continue };
            let file: File = toml::from_str(text).map_err(|e| e.to_string())?;
            if file.format != FORMAT {
                return Err(format!("format = {} is not known, only {FORMAT}", file.format));
            }
            rules.lay(origin, file.rule, file.campaign)?;
        }
        rules.ready()?;
        Ok(rules)
    }

    /// These rules with those of an account over them.
    ///
    /// # Errors
    /// What is wrong, in a sentence that names the place.
    pub fn with(&self, rules: Vec<Rule>, campaigns: Vec<Campaign>) -> Result<Rules, String> {
        let mut all = self.clone();
        all.lay(Origin::Account, rules, campaigns)?;
        all.ready()?;
        Ok(all)
    }

    /// All campaigns.
    pub fn campaigns(&self) -> impl Iterator<Item = &Made<Campaign>> {
        self.campaigns.iter()
    }

    /// A campaign.
    pub fn campaign(&self, id: &str) -> Option<&Campaign> {
        self.campaigns.iter().map(|made| &made.it).find(|campaign| campaign.id == id)
    }

    /// All rules.
    pub fn all(&self) -> impl Iterator<Item = &Made<Rule>> {
        self.rules.iter()
    }

    /// What is known of a domain as events carry it.
    pub fn of(&self, domain: &str) -> Verdict<'_> {
        match domain {
            UNKNOWN | "" => Verdict { class: Class::Unknown, rule: None },
            LOCAL_FILE => match self.rules.iter().rev().find(|rule| rule.it.scheme.iter().any(|s| s == "file")) {
                Some(rule) => Verdict { class: rule.it.class, rule: Some(&rule.it) },
                None => Verdict { class: Class::LocalFile, rule: None },
            },
            host => match self.rule(&in_ascii(host)) {
                Some(rule) => Verdict { class: rule.class, rule: Some(rule) },
                None => Verdict { class: Class::Other, rule: None },
            },
        }
    }

    /// The most specific rule for a host (lower case, punycode).
    pub fn rule(&self, host: &str) -> Option<&Rule> {
        self.patterns.iter().find(|(pattern, _)| matches(pattern, host)).map(|&(_, rule)| &self.rules[rule].it)
    }

    /// Whether a rule's own patterns take in a domain, be there a more specific one or not.
    pub fn catches(&self, rule: &str, domain: &str) -> bool {
        let host = in_ascii(domain);
        let mut own = self.patterns.iter().filter(|(_, number)| self.rules[*number].it.id == rule);
        own.any(|(pattern, _)| matches(pattern, &host))
            || domain == LOCAL_FILE && self.rules.iter().any(|made| made.it.id == rule && !made.it.scheme.is_empty())
    }

    /// Puts rules and campaigns over what is there.
    fn lay(&mut self, origin: Origin, rules: Vec<Rule>, campaigns: Vec<Campaign>) -> Result<(), String> {
        let mut ids = BTreeSet::new();
        for rule in rules {
            if !ids.insert(rule.id.clone()) {
                return Err(format!("rule {:?} is there twice", rule.id));
            }
            let before = self.rules.len();
            self.rules.retain(|old| old.it.id != rule.id);
            self.rules.push(Made { origin, replaces: self.rules.len() < before, it: rule });
        }
        for campaign in campaigns {
            let made = |replaces| Made { it: campaign.clone(), origin, replaces };
            match self.campaigns.iter().position(|old| old.it.id == campaign.id) {
                Some(place) => self.campaigns[place] = made(true),
                None => self.campaigns.push(made(false)),
            }
        }
        Ok(())
    }

    fn ready(&mut self) -> Result<(), String> {
        self.check()?;
        self.compile()
    }

    fn check(&self) -> Result<(), String> {
        for Made { it: rule, .. } in &self.rules {
            let wrong = |what: String| Err(format!("rule {:?}: {what}", rule.id));
            if rule.host.is_empty() == rule.scheme.is_empty() {
                return wrong("needs either host or scheme".to_owned());
            }
            for host in &rule.host {
                let plain = host.replace("{org}", "x");
                let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.*:[]".contains(c);
                if plain.is_empty() || !plain.chars().all(good) {
                    return wrong(format!("{host:?} is no host in lower case"));
                }
                if plain.chars().all(|c| c == '*' || c == '.') {
                    return wrong(format!("{host:?} would match every host"));
                }
            }
            for campaign in rule.attention.keys() {
                if self.campaign(campaign).is_none() {
                    return wrong(format!("there is no campaign {campaign:?}"));
                }
            }
        }
        Ok(())
    }

    fn compile(&mut self) -> Result<(), String> {
        let mut patterns = Vec::new();
        for (number, Made { it: rule, .. }) in self.rules.iter().enumerate() {
            for host in &rule.host {
                if !host.contains("{org}") {
                    patterns.push((host.clone(), number));
                    continue;
                }
                for org in &self.org_domains {
                    let org = org.trim_matches('.').to_ascii_lowercase();
                    if org.is_empty() || org.contains('*') {
                        return Err(format!("{org:?} is no domain of an institution"));
                    }
                    patterns.push((host.replace("{org}", &org), number));
                }
            }
        }
        // At a tie the later rule wins, which is the operator's.
        patterns.sort_by_key(|(pattern, number)| {
            let literals = pattern.bytes().filter(|&b| b != b'*').count();
            std::cmp::Reverse((!pattern.contains('*'), literals, *number))
        });
        self.patterns = patterns;
        Ok(())
    }
}

/// A domain as rows have it (readable) in the form that patterns are written in.
fn in_ascii(domain: &str) -> Cow<'_, str> {
    if domain.is_ascii() { Cow::Borrowed(domain) } else { Cow::Owned(url::quirks::domain_to_ascii(domain)) }
}

/// Whether a host matches a pattern as a whole; `*` is any run of characters, also none.
fn matches(pattern: &str, host: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == host };
    let Some(mut left) = host.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        // The leftmost place is right: what follows then has most room.
        let Some(at) = left.find(part) else { return false };
        left = &left[at + part.len()..];
    }
    left.ends_with(last)
}

#[cfg(test)]
mod tests;
