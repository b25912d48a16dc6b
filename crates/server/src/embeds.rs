//! Where media are embedded, and what is to be done about it: rules and campaigns as an account has them, the status of a
//! page, and the page that comes back by itself.
//!
//! Figures come from the engine's tables alone; here they are only told apart ([`status`]).

use crate::app::App;
use crate::desk::{Mark, Shelf};
use crate::enrich::rules::{Attention, Campaign, Class, Locate, Rule, Rules, Verdict};
use crate::error::{ApiError, ApiResult, chain};
use engine::event::AccountId;
use serde::de::DeserializeOwned;

/// Rules that an account may have of its own. The shipped ones are two dozen; an institution with a rule for each of its
/// faculties' sites has some hundred.
pub const RULES_MAX: usize = 500;
/// Campaigns that an account may have of its own.
pub const CAMPAIGNS_MAX: usize = 50;
/// Host patterns of one rule.
pub const HOSTS_MAX: usize = 100;
/// Longest id, title, host pattern, owner: bytes.
pub const NAME_BYTES_MAX: usize = 200;
/// Longest explanation or note: bytes. A paragraph.
pub const TEXT_BYTES_MAX: usize = 2_000;

/// What stands in rows for pages and domains beyond an account's limit.
pub const BEYOND: &str = engine::catalog::OTHER;

fn read<T: DeserializeOwned>(texts: &[String]) -> ApiResult<Vec<T>> {
    texts.iter().map(|text| serde_json::from_str(text).map_err(ApiError::internal)).collect()
}

/// The rules and campaigns that an account has made.
///
/// # Errors
/// When they cannot be read.
pub fn own(app: &App, account: AccountId) -> ApiResult<(Vec<Rule>, Vec<Campaign>)> {
    let desk = app.vault().desk();
    let rules = desk.shelf(Shelf::Rules, account).map_err(ApiError::internal)?;
    let campaigns = desk.shelf(Shelf::Campaigns, account).map_err(ApiError::internal)?;
    Ok((read(&rules)?, read(&campaigns)?))
}

/// The rules in use in an account: the program's, the operator's over them, its own over both. Should the operator's new
/// file not go together with the account's, the operator's stand alone until somebody looks.
///
/// # Errors
/// When the account's cannot be read.
pub fn rules_of(app: &App, account: AccountId) -> ApiResult<Rules> {
    let site = app.inside().rules();
    let (rules, campaigns) = own(app, account)?;
    if rules.is_empty() && campaigns.is_empty() {
        return Ok(Rules::clone(&site));
    }
    Ok(site.with(rules, campaigns).unwrap_or_else(|why| {
        tracing::warn!(
            account = account.0,
            why,
            "the account's domain rules do not fit the operator's and are left out"
        );
        Rules::clone(&site)
    }))
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$variant_doc])* $variant),+ }
        impl $name {
            /// All of them, in the order of work.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];
            /// The word for it.
            pub const fn name(self) -> &'static str { match self { $($name::$variant => $word),+ } }
            /// What a word means.
            pub fn of(word: &str) -> Option<$name> { match word { $($word => Some($name::$variant),)+ _ => None } }
        }
    };
}

words! {
    /// What is to be done about a page.
    Status {
        /// Somebody has to repair it, or at least to look.
        ToDo = "to_do",
        /// It was repaired.
        Done = "done",
        /// It is concerned, and nobody can tell where it is.
        CannotTrace = "cannot_trace",
        /// It is concerned, and its address leads nowhere that others can open.
        CannotOpen = "cannot_open",
        /// It is not concerned.
        NoAction = "no_action",
    }
}

words! {
    /// Why the address of a page is not known.
    Undisclosed {
        /// The browser told the site, not the page: the embed's or the page's referrer policy.
        OriginOnly = "origin_only",
        /// The browser told nothing: a strict referrer policy, or a frame without an origin of its own.
        Nothing = "nothing",
        /// A page that was saved to a device: its address would hold names.
        LocalFile = "local_file",
        /// Inside an app.
        App = "app",
        /// The account has more domains or pages than are kept apart.
        BeyondLimit = "beyond_limit",
    }
}

/// Why the page of a row is not known; `None`: it is.
pub fn undisclosed(verdict: &Verdict<'_>, domain: &str, page: &str) -> Option<Undisclosed> {
    if domain == BEYOND || page == BEYOND {
        return Some(Undisclosed::BeyondLimit);
    }
    if !page.is_empty() {
        return None;
    }
    Some(match verdict.class {
        Class::Unknown => Undisclosed::Nothing,
        Class::App => Undisclosed::App,
        _ if domain == crate::enrich::page::LOCAL_FILE => Undisclosed::LocalFile,
        _ => Undisclosed::OriginOnly,
    })
}

/// What a page's status is when nobody has set one.
fn by_itself(verdict: &Verdict<'_>, attention: Attention, hidden: Option<Undisclosed>) -> Status {
    match attention {
        // Of a host that no rule knows somebody has to say what it is.
        Attention::Yes | Attention::Unknown => {}
        Attention::No | Attention::NotApplicable | Attention::WorksButReplace => return Status::NoAction,
    }
    if hidden.is_some() {
        return Status::CannotTrace;
    }
    match verdict.rule {
        None => Status::ToDo,
        Some(rule) if rule.open => Status::ToDo,
        Some(rule) if rule.locate == Locate::None => Status::CannotTrace,
        Some(_) => Status::CannotOpen,
    }
}

/// The status of a row of the inventory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// It.
    pub status: Status,
    /// It was marked as done at that moment, ms since 1970, and has been seen the old way since.
    pub returned_ms: Option<i64>,
}

/// The status of a page: as it was marked, else by itself. A page that was marked as done and has been seen the old way
/// after that moment is to do again.
pub fn status(
    verdict: &Verdict<'_>,
    attention: Attention,
    hidden: Option<Undisclosed>,
    mark: Option<&Mark>,
    last_seen_ms: Option<i64>,
) -> Told {
    let marked = mark.and_then(|mark| Some((Status::of(mark.status.as_deref()?)?, mark.status_ms)));
    let own = by_itself(verdict, attention, hidden);
    match marked {
        None => Told { status: own, returned_ms: None },
        Some((Status::Done, at_ms)) if own != Status::NoAction && last_seen_ms.is_some_and(|last| last > at_ms) => {
            Told { status: Status::ToDo, returned_ms: Some(at_ms) }
        }
        Some((status, _)) => Told { status, returned_ms: None },
    }
}

/// What is wrong with a rule of an account: the field at fault, and a sentence.
///
/// # Errors
/// 400 with the field.
pub fn check_rule(rule: &Rule) -> ApiResult<()> {
    short("id", &rule.id, NAME_BYTES_MAX)?;
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if rule.id.is_empty() || !rule.id.chars().all(good) {
        return Err(ApiError::bad("id", "It is made of lower-case letters, digits and hyphens."));
    }
    if rule.title.trim().is_empty() {
        return Err(ApiError::bad("title", "It is what the rule is called; it may not be empty."));
    }
    short("title", &rule.title, NAME_BYTES_MAX)?;
    short("explain", &rule.explain, TEXT_BYTES_MAX)?;
    short("action", &rule.action, TEXT_BYTES_MAX)?;
    if rule.host.len() > HOSTS_MAX {
        return Err(ApiError::bad("host", format!("A rule has {HOSTS_MAX} host patterns at most.")));
    }
    rule.host.iter().try_for_each(|host| short("host", host, NAME_BYTES_MAX))?;
    if rule.host.is_empty() == rule.scheme.is_empty() {
        return Err(ApiError::bad("host", "A rule needs either host patterns or schemes."));
    }
    if !rule.query.is_empty() {
        return Err(ApiError::bad(
            "query",
            "Which query names make a page is settled when events are collected: only the operator's file can say it.",
        ));
    }
    Ok(())
}

/// What is wrong with a campaign of an account.
///
/// # Errors
/// 400 with the field.
pub fn check_campaign(campaign: &Campaign, rules: &Rules) -> ApiResult<()> {
    short("id", &campaign.id, NAME_BYTES_MAX)?;
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if campaign.id.is_empty() || !campaign.id.chars().all(good) {
        return Err(ApiError::bad("id", "It is made of lower-case letters, digits and hyphens."));
    }
    if campaign.title.trim().is_empty() {
        return Err(ApiError::bad("title", "It is what the campaign is called; it may not be empty."));
    }
    short("title", &campaign.title, NAME_BYTES_MAX)?;
    short("explain", &campaign.explain, TEXT_BYTES_MAX)?;
    short("more", &campaign.more, TEXT_BYTES_MAX)?;
    let ours = campaign.more.starts_with('/') && !campaign.more.starts_with("//");
    let web = url::Url::parse(&campaign.more).is_ok_and(|url| url.scheme() == "https");
    if !(campaign.more.is_empty() || ours || web) {
        return Err(ApiError::bad("more", "It is an https: address, or a path of these pages."));
    }
    if campaign.when.players.len() > HOSTS_MAX {
        return Err(ApiError::bad("when.players", format!("At most {HOSTS_MAX} versions.")));
    }
    campaign.when.players.iter().try_for_each(|player| short("when.players", player, NAME_BYTES_MAX))?;
    let class = |word: &str| serde_json::from_value::<Class>(word.into()).is_ok();
    let known = |word: &str| word == "*" || class(word) || rules.all().any(|made| made.it.id == word);
    match campaign.attention.keys().find(|word| !known(word)) {
        Some(word) => Err(ApiError::bad("attention", format!("`{word}` is no rule, no class and not `*`."))),
        None => Ok(()),
    }
}

/// Whether a text is no longer than it may be.
///
/// # Errors
/// 400 with the field.
pub fn short(field: &str, text: &str, most: usize) -> ApiResult<()> {
    if text.len() > most {
        return Err(ApiError::bad(field, format!("It is {most} bytes long at most.")));
    }
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(ApiError::bad(field, "It holds a control character."));
    }
    Ok(())
}

/// A fault that the rules found when laid over each other, by field.
pub fn fault(why: &str) -> ApiError {
    let field = if why.contains("campaign") { "attention" } else { "host" };
    ApiError::bad(field, format!("{why}."))
}

/// The cause of something that went wrong with the desk.
pub fn broken(error: crate::desk::DeskError) -> ApiError {
    tracing::error!(cause = chain(&error), "what people keep beside the figures cannot be read or written");
    ApiError::internal(error)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn mark(status: &str, status_ms: i64) -> Mark {
        Mark { status: Some(status.to_owned()), status_ms, ..Mark::default() }
    }

    /// Status by domain, page and player, as the shipped campaign has it.
    fn told(domain: &str, page: &str, player: &str, mark: Option<&Mark>, last_ms: i64) -> Told {
        let rules = Rules::built_in(&["uni.example".to_owned()]);
        let verdict = rules.of(domain);
        let attention = verdict.attention(rules.campaign("player-upgrade").unwrap(), player);
        status(&verdict, attention, undisclosed(&verdict, domain, page), mark, Some(last_ms))
    }

    #[test]
    fn a_page_has_a_status_by_itself() {
        for (domain, page, player, status) in [
            ("canvas.uni.example", "https://canvas.uni.example/p", "2.1", Status::ToDo),
            ("canvas.uni.example", "https://canvas.uni.example/p", "3.1", Status::NoAction),
            ("canvas.uni.example", "", "2.1", Status::CannotTrace),
            (
                "x.quiz-lti-iad-prod.instructure.com",
                "https://x.quiz-lti-iad-prod.instructure.com/q",
                "",
                Status::CannotTrace,
            ),
            ("a.canvas-user-content.com", "https://a.canvas-user-content.com/f/week.html", "", Status::CannotOpen),
            ("nobody.example", "https://nobody.example/p", "", Status::ToDo),
            ("nobody.example", "", "", Status::CannotTrace),
            ("kaf.canvas.uni.example", "", "2.1", Status::NoAction),
            ("Local file", "", "", Status::NoAction),
            ("Unknown", "", "", Status::NoAction),
            ("other", "other", "", Status::CannotTrace),
        ] {
            assert_eq!(told(domain, page, player, None, 5).status, status, "{domain} {page} {player}");
        }
    }

    #[test]
    fn what_was_done_comes_back_only_when_it_is_seen_the_old_way() {
        let (domain, page) = ("canvas.uni.example", "https://canvas.uni.example/p");
        let done = mark("done", 10);
        assert_eq!(told(domain, page, "2.1", Some(&done), 10), Told { status: Status::Done, returned_ms: None });
        assert_eq!(told(domain, page, "2.1", Some(&done), 11), Told { status: Status::ToDo, returned_ms: Some(10) });
        assert_eq!(told(domain, page, "3.1", Some(&done), 11), Told { status: Status::Done, returned_ms: None });
        let idle = mark("no_action", 10);
        assert_eq!(told(domain, page, "2.1", Some(&idle), 11), Told { status: Status::NoAction, returned_ms: None });
    }

    #[test]
    fn why_a_page_is_not_known_is_told() {
        let rules = Rules::built_in(&[]);
        for (domain, page, why) in [
            ("a.example", "https://a.example/x", None),
            ("a.example", "", Some(Undisclosed::OriginOnly)),
            ("Unknown", "", Some(Undisclosed::Nothing)),
            ("Local file", "", Some(Undisclosed::LocalFile)),
            ("a.example", "other", Some(Undisclosed::BeyondLimit)),
        ] {
            assert_eq!(undisclosed(&rules.of(domain), domain, page), why, "{domain} {page}");
        }
    }
}
