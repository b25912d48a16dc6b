//! Domain rules: which kind of site a host is, which query names make its pages, what a campaign says about it.
//!
//! A TOML file (`data/domains.toml` shows the form); the operator's is read over the built-in one. A file with a fault
//! is refused as a whole. **Most specific wins**: an exact host beats a pattern, among patterns more literal characters
//! win; a scheme beats all. The order in the file never matters.

use super::page::{LOCAL_FILE, UNKNOWN};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

const BUILT_IN: &str = include_str!("../../data/domains.toml");
/// The only form of the file there is.
const FORMAT: u32 = 1;

/// The kind of a site. Closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
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

/// A reason to act on embeds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Campaign {
    /// Id, as rules name it.
    pub id: String,
    /// Heading.
    pub title: String,
    /// The day; a campaign without one is not running.
    pub date: Option<toml::value::Datetime>,
}

/// What is known of a kind of host.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
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

/// The rules in use.
#[derive(Clone, Debug)]
pub struct Rules {
    campaigns: Vec<Campaign>,
    rules: Vec<Rule>,
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
    /// Whether a campaign concerns embeds there.
    pub fn attention(&self, campaign: &str) -> Attention {
        match self.rule {
            Some(rule) => rule.attention.get(campaign).copied().unwrap_or(Attention::No),
            None => Attention::Unknown,
        }
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
        let mut rules = Rules { campaigns: Vec::new(), rules: Vec::new(), patterns: Vec::new() };
        for text in std::iter::once(BUILT_IN).chain(operator) {
            let file: File = toml::from_str(text).map_err(|e| e.to_string())?;
            rules.lay(file)?;
        }
        rules.check()?;
        rules.compile(org_domains)?;
        Ok(rules)
    }

    /// All campaigns.
    pub fn campaigns(&self) -> &[Campaign] {
        &self.campaigns
    }

    /// What is known of a domain as events carry it.
    pub fn of(&self, domain: &str) -> Verdict<'_> {
        match domain {
            UNKNOWN | "" => Verdict { class: Class::Unknown, rule: None },
            LOCAL_FILE => match self.rules.iter().rev().find(|rule| rule.scheme.iter().any(|s| s == "file")) {
                Some(rule) => Verdict { class: rule.class, rule: Some(rule) },
                None => Verdict { class: Class::LocalFile, rule: None },
            },
            host => match self.rule(host) {
                Some(rule) => Verdict { class: rule.class, rule: Some(rule) },
                None => Verdict { class: Class::Other, rule: None },
            },
        }
    }

    /// The most specific rule for a host (lower case, punycode).
    pub fn rule(&self, host: &str) -> Option<&Rule> {
        self.patterns.iter().find(|(pattern, _)| matches(pattern, host)).map(|&(_, rule)| &self.rules[rule])
    }

    /// Puts a file over what is there.
    fn lay(&mut self, file: File) -> Result<(), String> {
        if file.format != FORMAT {
            return Err(format!("format = {} is not known, only {FORMAT}", file.format));
        }
        let mut ids = BTreeSet::new();
        for rule in file.rule {
            if !ids.insert(rule.id.clone()) {
                return Err(format!("rule {:?} is there twice", rule.id));
            }
            self.rules.retain(|old| old.id != rule.id);
            self.rules.push(rule);
        }
        for campaign in file.campaign {
            self.campaigns.retain(|old| old.id != campaign.id);
            self.campaigns.push(campaign);
        }
        Ok(())
    }

    fn check(&self) -> Result<(), String> {
        for rule in &self.rules {
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
                if !self.campaigns.iter().any(|known| known.id == *campaign) {
                    return wrong(format!("there is no campaign {campaign:?}"));
                }
            }
        }
        Ok(())
    }

    fn compile(&mut self, org_domains: &[String]) -> Result<(), String> {
        let mut patterns = Vec::new();
        for (number, rule) in self.rules.iter().enumerate() {
            for host in &rule.host {
                if !host.contains("{org}") {
                    patterns.push((host.clone(), number));
                    continue;
                }
                for org in org_domains {
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
