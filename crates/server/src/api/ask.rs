//! What every report is asked with: whose recordings, which days, which filters, compared with what. Words become the
//! engine's question here; a [`Scope`] comes from [`access::scope`] and nowhere else.

use super::params::Params;
use crate::app::App;
use crate::auth::Administrator;
use crate::error::{ApiError, ApiResult};
use engine::access::{self, Caller, Scope, Subject};
use engine::block::Snapshot;
use engine::catalog::view::{AccountView, CatalogView};
use engine::event::{AccountId, PersonKey, Text};
use engine::glossary::{Dimension, Measure};
use engine::period::{self, PeriodError, Range};
use engine::query::{self, Answered, Lengths, QueryError};
use engine::question::{Filter, Operator, Panel, Question, Sort};
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The parameters that every report takes.
pub const COMMON: &[&str] = &["account", "subject", "subtree", "co_edited", "period", "today", "zone", "f", "vs"];

/// Measures one request may ask for: far more than a page shows, and a bound for one scan's work.
const MEASURES_MAX: usize = 64;
/// Filters one request may have, and values one filter may have.
const FILTERS_MAX: usize = 50;
const VALUES_MAX: usize = 1_000;

/// With what a range is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Versus {
    Previous,
    Year,
    None,
}

/// A request's common words, read but not yet looked up.
#[derive(Clone, Debug)]
pub struct Words {
    account: Option<AccountId>,
    subject: String,
    subtree: bool,
    co_edited: bool,
    period: String,
    today: bool,
    zone: TimeZone,
    zone_name: String,
    filters: Vec<Filter>,
    versus: Versus,
}

impl Words {
    /// Reads the common parameters.
    ///
    /// # Errors
    /// 400 with the parameter at fault.
    pub fn read(params: &Params) -> ApiResult<Words> {
        let account = match params.one("account")? {
            None => None,
            Some(text) => {
                let id = text.parse().map_err(|_| ApiError::bad("account", "It is a partner id, a whole number."))?;
                Some(AccountId(id))
            }
        };
        let zone_name = params.one("zone")?.unwrap_or("UTC").to_owned();
        let zone = TimeZone::get(&zone_name)
            .map_err(|_| ApiError::bad("zone", "It is an IANA time zone, such as Europe/Berlin."))?;
        let filters = params.all("f").map(filter).collect::<ApiResult<Vec<_>>>()?;
        if filters.len() > FILTERS_MAX {
            return Err(ApiError::bad("f", format!("At most {FILTERS_MAX} filters.")));
        }
        let versus = match params.one("vs")? {
            None | Some("none") => Versus::None,
            Some("previous") => Versus::Previous,
            Some("year") => Versus::Year,
            Some(_) => return Err(ApiError::bad("vs", "It is previous, year or none.")),
        };
        Ok(Words {
            account,
            subject: params.one("subject")?.unwrap_or("account").to_owned(),
            subtree: params.switch("subtree")?,
            co_edited: params.switch("co_edited")?,
            period: params.one("period")?.unwrap_or("30d").to_owned(),
            today: params.switch("today")?,
            zone,
            zone_name,
            filters,
            versus,
        })
    }
}

/// `op,dimension,v1,v2`; `\` takes the meaning from a comma or a `\`.
fn filter(text: &str) -> ApiResult<Filter> {
    let mut parts = split(text).into_iter();
    let operator = match parts.next().as_deref() {
        Some("is") => Operator::Is,
        Some("not") => Operator::Not,
        Some("has") => Operator::Has,
        Some("hasnot") => Operator::HasNot,
        _ => return Err(ApiError::bad("f", "It begins with is, not, has or hasnot: f=is,country,DE,FR.")),
    };
    let word = parts.next().unwrap_or_default();
    let dimension = Dimension::parse(&word).map_err(|error| ApiError::bad("f", error.to_string()))?;
    let values: Vec<Text> = parts.map(String::into_boxed_str).collect();
    if values.is_empty() || values.len() > VALUES_MAX {
        return Err(ApiError::bad("f", format!("A filter has 1 to {VALUES_MAX} values: f=is,country,DE,FR.")));
    }
    Ok(Filter { dimension, operator, values })
}

fn split(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for c in text.chars() {
        let last = parts.last_mut().expect("it starts with one part");
        match c {
            '\\' if !escaped => escaped = true,
            ',' if !escaped => parts.push(String::new()),
            c => {
                last.push(c);
                escaped = false;
            }
        }
    }
    parts
}

/// The measures of `measures=plays,viewers`.
///
/// # Errors
/// 400 for none, too many, or unknown ones.
pub fn measures(params: &Params) -> ApiResult<Vec<Measure>> {
    let text = params.needed("measures", "one or more, such as plays,viewers")?;
    let mut found = Vec::new();
    for word in text.split(',') {
        let measure = Measure::parse(word).map_err(|error| ApiError::bad("measures", error.to_string()))?;
        if !found.contains(&measure) {
            found.push(measure);
        }
    }
    if found.len() > MEASURES_MAX {
        return Err(ApiError::bad("measures", format!("At most {MEASURES_MAX} at a time.")));
    }
    Ok(found)
}

/// The order of `sort=-plays`; `label` sorts by what people read. Without one the first measure, largest first.
///
/// # Errors
/// 400 for measures that were not asked for.
pub fn sort(params: &Params, measures: &[Measure]) -> ApiResult<Sort> {
    let Some(text) = params.one("sort")? else {
        return Ok(Sort { measure: measures.first().copied(), descending: true });
    };
    let (word, descending) = text.strip_prefix('-').map_or((text, false), |word| (word, true));
    if word == "label" {
        return Ok(Sort { measure: None, descending });
    }
    let measure = Measure::parse(word).map_err(|error| ApiError::bad("sort", error.to_string()))?;
    if !measures.contains(&measure) {
        return Err(ApiError::bad(
            "sort",
            "It is label or one of the measures asked for, with - for the largest first.",
        ));
    }
    Ok(Sort { measure: Some(measure), descending })
}

/// Which rows of a table: `page` from 1, `size`.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// Which, from 1.
    pub page: usize,
    /// Rows on one.
    pub size: usize,
}

/// Rows on one page at most; exports are not paged.
pub const PAGE_ROWS_MAX: usize = 1_000;

impl Page {
    /// Reads `page` and `size`; an export without `size` takes all rows.
    ///
    /// # Errors
    /// 400 for numbers out of bounds.
    pub fn read(params: &Params, export: bool) -> ApiResult<Page> {
        let page = params.number("page", 1, 1_000_000)?.unwrap_or(1);
        let size = params.number("size", 1, PAGE_ROWS_MAX)?;
        Ok(Page { page, size: size.unwrap_or(if export { usize::MAX } else { 100 }) })
    }
    /// Rows before it.
    pub fn offset(self) -> usize {
        (self.page - 1).saturating_mul(self.size)
    }
}

/// A request with everything looked up: ready to be answered any number of times, from one instant of store and catalog.
pub struct Ask {
    /// The catalog as it was when asked.
    pub catalog: Arc<CatalogView>,
    /// The account in it.
    pub account_id: AccountId,
    /// The subject.
    pub subject: Subject,
    /// As the client wrote it.
    pub subject_text: String,
    /// What people call it.
    pub label: String,
    /// The days.
    pub range: Range,
    /// With which they are compared.
    pub previous: Option<Range>,
    /// The period as the client wrote it.
    pub period: String,
    /// The zone's name.
    pub zone_name: String,
    /// The filters.
    pub filters: Vec<Filter>,
    /// Now, ms since 1970.
    pub now_ms: i64,
    zone: TimeZone,
    scope: Scope,
    snapshot: Snapshot,
}

impl Ask {
    /// Looks the words up for somebody.
    ///
    /// # Errors
    /// 404 for what is not there or not to be seen, 400 for periods that cannot be.
    pub fn new(app: &App, who: &Administrator, words: Words) -> ApiResult<Ask> {
        let caller = who.caller(words.account)?;
        let Caller::Administrator { account: account_id } = caller;
        let catalog = app.catalog_view();
        let account = catalog.accounts.get(&account_id).ok_or_else(ApiError::not_found)?.clone();
        let (subject, label) = subject(&words, &account)?;
        let scope = access::scope(&caller, &catalog, &subject).ok_or_else(ApiError::not_found)?;
        let snapshot = app.snapshot();
        let now_ms = app.now_ms();
        let created_ms = earliest(&subject, &account, &snapshot);
        let range = period::resolve(&words.period, words.today, now_ms, &words.zone, created_ms)
            .map_err(|error| bad_period(&error))?;
        let previous = match words.versus {
            Versus::None => None,
            Versus::Previous => Some(period::previous(&range, &words.zone)),
            Versus::Year => Some(period::year_before(&range, &words.zone)),
        };
        Ok(Ask {
            account_id,
            subject,
            subject_text: words.subject,
            label,
            range,
            previous: previous.transpose().map_err(|error| bad_period(&error))?,
            period: words.period,
            zone_name: words.zone_name,
            filters: words.filters,
            now_ms,
            zone: words.zone,
            scope,
            snapshot,
            catalog,
        })
    }

    /// The account's part of the catalog.
    pub fn account(&self) -> &AccountView {
        &self.catalog.accounts[&self.account_id]
    }

    /// The lengths of some recordings, told or learned.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn lengths(&self, of: &BTreeSet<Text>) -> ApiResult<Lengths> {
        Lengths::learn(&self.snapshot, self.account_id, self.account(), Some(of)).map_err(ApiError::internal)
    }

    /// Whether the range holds the present day, whose figures still grow.
    pub fn is_open(&self) -> bool {
        self.range.from.start_ms() <= self.now_ms && self.now_ms < self.range.to.start_ms()
    }

    /// The latest instant that the snapshot holds of live collection, ms since 1970; 0 when it holds none.
    pub fn snapshot_ms(&self) -> i64 {
        self.snapshot.as_of_ms
    }

    /// Answers panels over a range.
    ///
    /// # Errors
    /// 400 for words the engine refuses; 500 for a store that cannot be read.
    pub fn answer(&self, range: &Range, panels: Vec<Panel>) -> ApiResult<Answered> {
        let question =
            Question { from: range.from, to: range.to, zone: self.zone.clone(), filters: self.filters.clone(), panels };
        query::answer(&self.snapshot, &self.catalog, &self.scope, &question).map_err(refusal)
    }
}

fn bad_period(error: &PeriodError) -> ApiError {
    ApiError::bad("period", error.to_string())
}

fn refusal(error: QueryError) -> ApiError {
    match error {
        QueryError::UnknownValue { .. } => ApiError::bad("f", error.to_string()),
        QueryError::NoPeople => ApiError::not_found(),
        QueryError::Period(PeriodError::TooManyBuckets) => ApiError::bad("by", error.to_string()),
        QueryError::Period(error) => bad_period(&error),
        #[allow(
            unreachable_patterns,
            reason = "the engine's refusals grow; a new one is a fault until it is named here"
        )]
        other => ApiError::internal(other.to_string()),
    }
}

fn subject(words: &Words, account: &AccountView) -> ApiResult<(Subject, String)> {
    let (kind, id) = words.subject.split_once(':').unwrap_or((&words.subject, ""));
    let name_or = |name: Option<&Text>| name.filter(|name| !name.is_empty()).map_or(id.to_owned(), ToString::to_string);
    Ok(match (kind, id) {
        ("account", "") => (Subject::Account, account.name.to_string()),
        ("entry", id) if !id.is_empty() => {
            (Subject::Entry(id.into()), name_or(account.entries.get(id).map(|entry| &entry.name)))
        }
        ("owner", id) if !id.is_empty() => {
            let person = person(account, id).ok_or_else(ApiError::not_found)?;
            let label = name_or(account.people.get(&person).map(|person| &person.name));
            (Subject::Owner { person, co_edited: words.co_edited }, label)
        }
        ("category", id) if !id.is_empty() => (
            Subject::Category { id: id.into(), subtree: words.subtree },
            name_or(account.categories.get(id).map(|category| &category.name)),
        ),
        ("playlist", id) if !id.is_empty() => {
            (Subject::Playlist(id.into()), name_or(account.playlists.get(id).map(|playlist| &playlist.name)))
        }
        ("viewer", id) if !id.is_empty() => {
            let person = person(account, id).ok_or_else(ApiError::not_found)?;
            (Subject::Viewer(person), name_or(account.people.get(&person).map(|person| &person.name)))
        }
        _ => {
            let right = "It is account, entry:ID, owner:PERSON, category:ID, playlist:ID or viewer:PERSON.";
            return Err(ApiError::bad("subject", right));
        }
    })
}

/// A person by key (16 hex digits, as answers show it) or by the institution's id.
fn person(account: &AccountView, text: &str) -> Option<PersonKey> {
    let key = (text.len() == 16).then(|| u64::from_str_radix(text, 16).ok()).flatten().map(PersonKey);
    key.filter(|key| account.people.contains_key(key)).or_else(|| account.person_keys.get(text).copied())
}

/// "Since creation" begins at the earlier of creation and first event (ruling 40).
fn earliest(subject: &Subject, account: &AccountView, snapshot: &Snapshot) -> Option<i64> {
    let created = match subject {
        Subject::Entry(id) => account.entries.get(id).and_then(|entry| entry.created_ms),
        _ => account.entries.values().filter_map(|entry| entry.created_ms).min(),
    };
    let first = snapshot
        .parts
        .iter()
        .filter(|part| part.extent.rows > 0)
        .map(|part| engine::time::Quarter(part.extent.quarters.0).start_ms())
        .min();
    // The store's first event may be another recording's: then the days before creation are empty, never wrong.
    match (subject, created, first) {
        (Subject::Entry(_), Some(created), _) => Some(created),
        (_, created, first) => created.into_iter().chain(first).min(),
    }
}

/// Values by the measures' names.
pub fn named(measures: &[Measure], values: &[Option<f64>]) -> BTreeMap<String, Option<f64>> {
    measures.iter().map(|measure| measure.name().to_owned()).zip(values.iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn filters_may_hold_commas() {
        assert_eq!(split(r"is,page,a\,b,c\\d"), ["is", "page", "a,b", r"c\d"]);
        let filter = filter(r"not,country,DE,FR").unwrap();
        assert_eq!(filter.operator, Operator::Not);
        assert_eq!(filter.values.len(), 2);
    }

    #[test]
    fn unknown_words_are_named() {
        for (text, part) in [("of,country,DE", "hasnot"), ("is,planet,DE", "planet"), ("is,country", "values")] {
            let error = filter(text).unwrap_err();
            assert!(error.detail.contains(part), "{text}: {}", error.detail);
        }
    }
}
