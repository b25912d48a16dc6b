//! What every report is asked with: whose recordings, which days, which filters, compared with what. Words become the
//! engine's question here; a [`Scope`] comes from [`access::scope`] and nowhere else.
//!
//! Words are those of a query string, wherever they come from: an address, an export job, the command line.

use super::look::{Seen, person as person_of_key};
use super::params::Params;
use crate::app::Source;
use crate::error::{ApiError, ApiResult, Code};
use engine::access::{self, Caller, Grant, Scope, Subject, Whose};
use engine::block::{Snapshot, Unreadable};
use engine::catalog::view::AccountView;
use engine::event::{AccountId, PersonKey, Text};
use engine::glossary::{Dimension, Measure};
use engine::period::{self, Calendar, Compare, PeriodError, Range, Term};
use engine::query::live::{self, Broadcast, Live};
use engine::query::{self, Answered, Budget, Lengths, QueryError};
use engine::question::{self, Filter, Operator, Panel, Question, Sort, View};
use engine::time::Quarter;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

/// The parameters that every report takes.
pub const COMMON: &[&str] =
    &["account", "subject", "subtree", "whose", "period", "today", "week", "zone", "f", "vs", "vs_subject"];

/// Measures one request may ask for: far more than a page shows, and a bound for one scan's work.
const MEASURES_MAX: usize = 64;
/// Filters one request may have, and values one filter may have.
const FILTERS_MAX: usize = 50;
const VALUES_MAX: usize = 1_000;

/// With what a range is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Versus {
    None,
    With(Compare),
    /// The last time that the course was given.
    Offering,
}

/// A request's common words, read but not yet looked up.
#[derive(Clone, Debug)]
pub struct Words {
    account: Option<AccountId>,
    subject: String,
    subtree: bool,
    whose: Whose,
    period: String,
    today: bool,
    first_weekday: Weekday,
    zone: TimeZone,
    zone_name: String,
    filters: Vec<Filter>,
    versus: Versus,
    versus_subject: Option<String>,
}

impl Words {
    /// Reads the common parameters.
    ///
    /// # Errors
    /// 400 with the parameter at fault.
    pub fn read(params: &Params) -> ApiResult<Words> {
        let zone_name = params.one("zone")?.unwrap_or("UTC").to_owned();
        let zone = TimeZone::get(&zone_name)
            .map_err(|_| ApiError::bad("zone", "It is an IANA time zone, such as Europe/Berlin."))?;
        let versus = match params.one("vs")? {
            None | Some("none") => Versus::None,
            Some("offering") => Versus::Offering,
            Some(word) => Versus::With(Compare::parse(word).map_err(|error| ApiError::bad("vs", error.to_string()))?),
        };
        let versus_subject = params.one("vs_subject")?.map(str::to_owned);
        if versus_subject.is_some() && !matches!(versus, Versus::With(_)) {
            return Err(ApiError::bad("vs_subject", "It goes with vs=previous, vs=year or a first day."));
        }
        Ok(Words {
            account: account(params)?,
            subject: params.one("subject")?.unwrap_or("account").to_owned(),
            subtree: params.switch("subtree")?,
            whose: match params.one("whose")? {
                None | Some("owned") => Whose::Owned,
                Some("co_edited") => Whose::CoEdited,
                Some("both") => Whose::Both,
                Some(_) => return Err(ApiError::bad("whose", "It is owned, co_edited or both.")),
            },
            period: params.one("period")?.unwrap_or("30d").to_owned(),
            today: params.switch("today")?,
            first_weekday: match params.one("week")? {
                None | Some("monday") => Weekday::Monday,
                Some("sunday") => Weekday::Sunday,
                Some(_) => return Err(ApiError::bad("week", "Weeks begin on monday or sunday.")),
            },
            zone,
            zone_name,
            filters: filters(params, "f")?,
            versus,
            versus_subject,
        })
    }

    /// The account that was named.
    pub fn account(&self) -> Option<AccountId> {
        self.account
    }

    /// The subject, as written.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The subject, as this account's catalog knows it.
    ///
    /// # Errors
    /// 400 for what is none; 404 for people and courses that are not known.
    pub fn subject_in(&self, account: &AccountView) -> ApiResult<Subject> {
        Ok(subject(self.subtree, self.whose, "subject", &self.subject, account)?.0)
    }
}

/// The account of `account=ID`.
///
/// # Errors
/// 400 for what is no number.
pub fn account(params: &Params) -> ApiResult<Option<AccountId>> {
    let id = params.one("account")?.map(str::parse).transpose();
    Ok(id.map_err(|_| ApiError::bad("account", "It is a partner id, a whole number."))?.map(AccountId))
}

/// The filters of a parameter that may be repeated.
///
/// # Errors
/// 400 for filters that cannot be read, or too many.
pub fn filters(params: &Params, name: &str) -> ApiResult<Vec<Filter>> {
    let filters = params.all(name).map(|text| filter(name, text)).collect::<ApiResult<Vec<_>>>()?;
    if filters.len() > FILTERS_MAX {
        return Err(ApiError::bad(name, format!("At most {FILTERS_MAX} filters.")));
    }
    Ok(filters)
}

/// `op,dimension,v1,v2`; `\` takes the meaning from a comma or a `\`.
fn filter(name: &str, text: &str) -> ApiResult<Filter> {
    let mut parts = split(text).into_iter();
    let operator = match parts.next().as_deref() {
        Some("is") => Operator::Is,
        Some("not") => Operator::Not,
        Some("has") => Operator::Has,
        Some("hasnot") => Operator::HasNot,
        _ => return Err(ApiError::bad(name, "It begins with is, not, has or hasnot: is,country,DE,FR.")),
    };
    let word = parts.next().unwrap_or_default();
    let dimension = Dimension::parse(&word).map_err(|error| ApiError::bad(name, error.to_string()))?;
    let values: Vec<Text> = parts.map(String::into_boxed_str).collect();
    if values.is_empty() || values.len() > VALUES_MAX {
        return Err(ApiError::bad(name, format!("A filter has 1 to {VALUES_MAX} values: is,country,DE,FR.")));
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

/// The order of `sort=-plays`; `label` sorts by what people read.
///
/// # Errors
/// 400 for measures that were not asked for.
pub fn sort(params: &Params, measures: &[Measure]) -> ApiResult<Option<Sort>> {
    let Some(text) = params.one("sort")? else { return Ok(None) };
    let (word, descending) = text.strip_prefix('-').map_or((text, false), |word| (word, true));
    if word == "label" {
        return Ok(Some(Sort { measure: None, descending }));
    }
    let measure = Measure::parse(word).map_err(|error| ApiError::bad("sort", error.to_string()))?;
    if !measures.contains(&measure) {
        return Err(ApiError::bad(
            "sort",
            "It is label or one of the measures asked for, with - for the largest first.",
        ));
    }
    Ok(Some(Sort { measure: Some(measure), descending }))
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
#[derive(Clone)]
pub struct Ask {
    /// Store, catalog, now, and what may be spent.
    pub source: Source,
    /// The account.
    pub account_id: AccountId,
    /// The subject.
    pub subject: Subject,
    /// As the client wrote it.
    pub subject_text: String,
    /// What people call it.
    pub label: String,
    /// The days.
    pub range: Range,
    /// With what they are compared.
    pub versus: Option<Other>,
    /// The period as the client wrote it.
    pub period: String,
    /// The zone's name.
    pub zone_name: String,
    /// The filters.
    pub filters: Vec<Filter>,
    account: Arc<AccountView>,
    zone: TimeZone,
    terms: Vec<Term>,
    first_weekday: Weekday,
    today: bool,
    created_ms: Option<i64>,
    scope: Scope,
    /// Who asks, if the catalog knows them.
    own: BTreeSet<PersonKey>,
    seen: Arc<Mutex<Seen>>,
}

/// With what something is compared.
#[derive(Clone)]
pub struct Other {
    /// The days.
    pub range: Range,
    /// What people call its subject.
    pub label: String,
    subject: Subject,
    scope: Scope,
}

/// Two answers to the same panels.
pub struct Both {
    /// What was asked.
    pub now: Answered,
    /// With what it is compared.
    pub before: Option<Answered>,
}

impl Ask {
    /// Looks the words up for somebody.
    ///
    /// # Errors
    /// 404 for what is not there or not to be seen, 400 for periods that cannot be.
    pub fn new(source: Source, caller: &Caller, words: Words) -> ApiResult<Ask> {
        let account_id = caller.account;
        let account = source.catalog.accounts.get(&account_id).ok_or_else(ApiError::not_found)?.clone();
        let scope_of = |subject: &Subject| {
            access::scope(caller, &source.catalog, subject, source.now_ms).ok_or_else(ApiError::not_found)
        };
        let (subject, label) = subject(words.subtree, words.whose, "subject", &words.subject, &account)?;
        let scope = scope_of(&subject)?;
        let terms = account.term_list();
        let created_ms = match words.period.as_str() {
            "all" => earliest(&subject, account_id, &account, &source.snapshot).map_err(ApiError::internal)?,
            _ => None,
        };
        let calendar = Calendar {
            now_ms: source.now_ms,
            zone: &words.zone,
            include_today: words.today,
            created_ms,
            terms: &terms,
            first_weekday: words.first_weekday,
        };
        let range = period::resolve(&words.period, &calendar).map_err(|error| bad("period", &error))?;
        let versus = match &words.versus {
            Versus::None => None,
            Versus::With(with) => {
                let range = period::compare(&range, with, &calendar).map_err(|error| bad("vs", &error))?;
                let (subject, label) = match &words.versus_subject {
                    None => (subject.clone(), label.clone()),
                    Some(text) => self::subject(words.subtree, words.whose, "vs_subject", text, &account)?,
                };
                Some(Other { range, label, scope: scope_of(&subject)?, subject })
            }
            Versus::Offering => {
                let (subject, with) = last_offering(&subject, &account, &calendar)?;
                let range = period::compare(&range, &with, &calendar).map_err(|error| bad("vs", &error))?;
                let label = category_name(&account, &subject);
                Some(Other { range, label, scope: scope_of(&subject)?, subject })
            }
        };
        Ok(Ask {
            account_id,
            subject,
            subject_text: words.subject,
            label,
            range,
            versus,
            period: words.period,
            zone_name: words.zone_name,
            filters: words.filters,
            account,
            zone: words.zone,
            terms,
            first_weekday: words.first_weekday,
            today: words.today,
            created_ms,
            scope,
            own: caller.grants.iter().filter_map(own).collect(),
            seen: Arc::default(),
            source,
        })
    }

    /// Who asks.
    pub fn own(&self) -> &BTreeSet<PersonKey> {
        &self.own
    }

    /// What its answers have shown of named people so far.
    pub fn seen(&self) -> Seen {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The subject as the access log has it: people by their keys.
    pub fn subject_word(&self) -> String {
        word(&self.subject)
    }

    /// The account's part of the catalog.
    pub fn account(&self) -> &AccountView {
        &self.account
    }

    /// The one recording it is about, if it is.
    pub fn entry(&self) -> Option<&Text> {
        fn of(subject: &Subject) -> Option<&Text> {
            match subject {
                Subject::Entry(entry) | Subject::Medium { entry, .. } => Some(entry),
                Subject::Both(one, other) => of(one).or_else(|| of(other)),
                _ => None,
            }
        }
        of(&self.subject)
    }

    /// Whether it is about somebody: its subject or a filter names a viewer.
    pub fn is_about_a_viewer(&self) -> bool {
        self.viewers().is_some()
    }

    /// The people that it is about, if its subject or a filter names viewers.
    fn viewers(&self) -> Option<BTreeSet<PersonKey>> {
        fn named(subject: &Subject, found: &mut Vec<PersonKey>) {
            match subject {
                Subject::Viewer(person) => found.push(*person),
                Subject::Both(one, other) => [one, other].into_iter().for_each(|subject| named(subject, found)),
                _ => {}
            }
        }
        let mut found = Vec::new();
        named(&self.subject, &mut found);
        self.versus.iter().for_each(|other| named(&other.subject, &mut found));
        let filters: Vec<_> = self.filters.iter().filter(|filter| filter.dimension == Dimension::Viewer).collect();
        found.extend(filters.iter().flat_map(|filter| &filter.values).filter_map(|key| person_of_key(key)));
        (!found.is_empty() || !filters.is_empty()).then(|| found.into_iter().collect())
    }

    /// What periods are resolved and cut with.
    pub fn calendar(&self) -> Calendar<'_> {
        Calendar {
            now_ms: self.source.now_ms,
            zone: &self.zone,
            include_today: self.today,
            created_ms: self.created_ms,
            terms: &self.terms,
            first_weekday: self.first_weekday,
        }
    }

    /// What may be seen.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The question of some panels over its days.
    pub fn question(&self, panels: Vec<Panel>) -> Question {
        Question { from: self.range.from, to: self.range.to, filters: self.filters.clone(), panels }
    }

    /// The lengths of some recordings, told or learned.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn lengths(&self, of: &BTreeSet<Text>) -> ApiResult<Lengths> {
        Lengths::learn(&self.source.snapshot, self.account_id, self.account(), of).map_err(ApiError::internal)
    }

    /// Whether the range holds the present day, whose figures still grow.
    pub fn is_open(&self) -> bool {
        self.range.from.start_ms() <= self.source.now_ms && self.source.now_ms < self.range.to.start_ms()
    }

    /// Until when events are in the answers, ms since 1970: now, unless the fold is behind.
    pub fn as_of_ms(&self) -> i64 {
        let told = self.source.snapshot.as_of_ms;
        if self.source.behind && told > 0 { told } else { self.source.now_ms }
    }

    /// Answers panels: over its days, and over those that they are compared with.
    ///
    /// # Errors
    /// 400 for words the engine refuses; 422 for what takes more than it may; 500 for a store that cannot be read.
    pub fn answer(&self, panels: Vec<Panel>) -> ApiResult<Both> {
        let question = self.question(panels);
        let now = self.ask(&self.scope, &question)?;
        self.note(&question.panels, &now);
        let before = self.versus.as_ref().map(|other| {
            let panels = question.panels.iter().map(whole).collect();
            let question = Question { from: other.range.from, to: other.range.to, panels, ..question.clone() };
            self.ask(&other.scope, &question)
        });
        Ok(Both { now, before: before.transpose()? })
    }

    /// Answers panels over its days alone.
    ///
    /// # Errors
    /// As [`Ask::answer`].
    pub fn answer_now(&self, panels: Vec<Panel>) -> ApiResult<Answered> {
        let question = self.question(panels);
        let now = self.ask(&self.scope, &question)?;
        self.note(&question.panels, &now);
        Ok(now)
    }

    /// Who is watching at this moment, of the subject and within the filters; with the hours before an instant if wanted.
    ///
    /// # Errors
    /// As [`Ask::answer`].
    pub fn live(&self, minutes: Option<i64>) -> ApiResult<Live> {
        let cost = &self.source.cost;
        let expired = || cost.is_over();
        let budget = Budget { threads: cost.threads, memory_bytes: cost.memory_bytes, expired: &expired };
        let (snapshot, catalog) = (&self.source.snapshot, &self.source.catalog);
        let live = live::live(snapshot, catalog, &self.calendar(), &self.scope, &self.filters, minutes, &budget)
            .map_err(|error| self.refusal(error))?;
        // Whether somebody watches now is told of them by figures alone.
        if let Some(about) = self.viewers() {
            self.saw(about, 1);
        }
        Ok(live)
    }

    /// The subject's recordings that were watched live in its days.
    ///
    /// # Errors
    /// As [`Ask::answer`].
    pub fn broadcasts(&self) -> ApiResult<BTreeMap<Text, Broadcast>> {
        let cost = &self.source.cost;
        let expired = || cost.is_over();
        let budget = Budget { threads: cost.threads, memory_bytes: cost.memory_bytes, expired: &expired };
        let (snapshot, catalog) = (&self.source.snapshot, &self.source.catalog);
        let days = (self.range.from, self.range.to);
        live::broadcasts(snapshot, catalog, &self.calendar(), &self.scope, days, &budget)
            .map_err(|error| self.refusal(error))
    }

    /// Notes that an answer which is not made of panels names people.
    pub fn saw(&self, people: BTreeSet<PersonKey>, rows: u64) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.looked = true;
        seen.rows += rows;
        seen.people.extend(people);
        seen.people.remove(&PersonKey::UNKNOWN);
    }

    fn note(&self, panels: &[Panel], answered: &Answered) {
        let viewers = self.viewers();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.note(&self.scope, viewers.as_ref(), panels, &answered.answers);
    }

    fn ask(&self, scope: &Scope, question: &Question) -> ApiResult<Answered> {
        let cost = &self.source.cost;
        let expired = || cost.is_over();
        let budget = Budget { threads: cost.threads, memory_bytes: cost.memory_bytes, expired: &expired };
        query::answer(&self.source.snapshot, &self.source.catalog, &self.calendar(), scope, question, &budget)
            .map_err(|error| self.refusal(error))
    }

    /// Whether a panel may be asked: one that lists people needs a reader who may see them.
    pub fn permits(&self, panel: &Panel) -> bool {
        let mut scopes = [&self.scope].into_iter().chain(self.versus.as_ref().map(|other| &other.scope));
        scopes.all(|scope| query::permits(scope, panel))
    }

    /// A refusal of the engine in the API's words.
    pub fn refusal(&self, error: QueryError) -> ApiError {
        match error {
            QueryError::UnknownValue { .. } => ApiError::bad("f", error.to_string()),
            QueryError::NoPeople | QueryError::Nothing => ApiError::not_found(),
            QueryError::NotTime(_) | QueryError::GroupsBy | QueryError::Period(PeriodError::TooManyBuckets) => {
                ApiError::bad("by", error.to_string())
            }
            QueryError::NoCategory => ApiError::bad("subject", error.to_string()),
            QueryError::NoVariable { .. } => ApiError::bad("measures", error.to_string()),
            QueryError::Period(error) => bad("period", &error),
            QueryError::Memory(_) => ApiError::new(Code::TooMuch).detail(error.to_string()),
            QueryError::Time => ApiError::new(Code::TooLong).detail(format!(
                "It took more than {} seconds (report.seconds): ask for a shorter period or for less at a time.",
                self.source.cost.seconds
            )),
            QueryError::Unreadable(error) => ApiError::internal(error),
        }
    }
}

/// A panel as it is asked of what something is compared with: rows are found by key, on whatever page they would be.
fn whole(panel: &Panel) -> Panel {
    let mut panel = panel.clone();
    if let View::Table { page, coverage, .. } = &mut panel.view {
        (*page, *coverage) = (question::Page::all(Sort { measure: None, descending: false }), false);
    }
    panel
}

fn bad(field: &str, error: &PeriodError) -> ApiError {
    ApiError::bad(field, error.to_string())
}

const SUBJECTS: &str = "It is account, entry:ID, entry:ID@N (its N-th medium, from 0), owner:PERSON, category:ID, \
                        section:CATEGORY/SECTION, playlist:ID, tag:TAG or viewer:PERSON, or two of these with a comma.";

/// The subject of a text, and what people call it.
fn subject(
    subtree: bool,
    whose: Whose,
    field: &str,
    text: &str,
    account: &AccountView,
) -> ApiResult<(Subject, String)> {
    let parts = split(text);
    match parts.as_slice() {
        [one] => one_subject(subtree, whose, field, one, account),
        [one, other] => {
            let (one, label) = one_subject(subtree, whose, field, one, account)?;
            let (other, within) = one_subject(subtree, whose, field, other, account)?;
            Ok((Subject::Both(Box::new(one), Box::new(other)), format!("{label} in {within}")))
        }
        _ => Err(ApiError::bad(field, SUBJECTS)),
    }
}

fn one_subject(
    subtree: bool,
    whose: Whose,
    field: &str,
    text: &str,
    account: &AccountView,
) -> ApiResult<(Subject, String)> {
    let (kind, id) = text.split_once(':').unwrap_or((text, ""));
    if id.is_empty() != (kind == "account") {
        return Err(ApiError::bad(field, SUBJECTS));
    }
    let name_or = |name: Option<&Text>| name.filter(|name| !name.is_empty()).map_or(id.to_owned(), ToString::to_string);
    let named = |key: &PersonKey| match account.people.get(key) {
        _ if *key == PersonKey::UNKNOWN => "Unknown viewers".to_owned(),
        known => name_or(known.map(|person| &person.name)),
    };
    Ok(match kind {
        "account" => (Subject::Account, account.name.to_string()),
        "entry" => match id.rsplit_once('@') {
            Some((entry, number)) => {
                let number = number.parse().map_err(|_| ApiError::bad(field, SUBJECTS))?;
                let label = account.entries.get(entry).map_or_else(|| entry.to_owned(), |e| e.name.to_string());
                (Subject::Medium { entry: entry.into(), number }, format!("{label}, medium {number}"))
            }
            None => (Subject::Entry(id.into()), name_or(account.entries.get(id).map(|entry| &entry.name))),
        },
        "owner" => {
            let person = person(account, id).ok_or_else(ApiError::not_found)?;
            (Subject::Owner { person, whose }, named(&person))
        }
        "category" => (
            Subject::Category { id: id.into(), subtree },
            name_or(account.categories.get(id).map(|category| &category.name)),
        ),
        "section" => {
            let (category, section) = id.split_once('/').ok_or_else(|| ApiError::bad(field, SUBJECTS))?;
            let known = account.categories.get(category).ok_or_else(ApiError::not_found)?;
            let name = known.sections.iter().find(|(id, _)| **id == *section).map(|(_, name)| name);
            let label = format!("{}, {}", known.name, name.map_or(section, |name| name));
            (Subject::Section { category: category.into(), section: section.into() }, label)
        }
        "playlist" => (Subject::Playlist(id.into()), name_or(account.playlists.get(id).map(|playlist| &playlist.name))),
        "tag" => (Subject::Tag(id.into()), id.to_owned()),
        "viewer" => {
            let person = person(account, id).ok_or_else(ApiError::not_found)?;
            (Subject::Viewer(person), named(&person))
        }
        _ => return Err(ApiError::bad(field, SUBJECTS)),
    })
}

/// Who a grant says that its holder is.
pub fn own(grant: &Grant) -> Option<PersonKey> {
    if let Grant::Person(person) | Grant::OwnRecord(person) = grant { Some(*person) } else { None }
}

/// A subject as the access log has it: people by their keys.
fn word(subject: &Subject) -> String {
    match subject {
        Subject::Account => "account".to_owned(),
        Subject::Entry(id) => format!("entry:{id}"),
        Subject::Medium { entry, number } => format!("entry:{entry}@{number}"),
        Subject::Owner { person, .. } => format!("owner:{:016x}", person.0),
        Subject::Category { id, .. } => format!("category:{id}"),
        Subject::Section { category, section } => format!("section:{category}/{section}"),
        Subject::Playlist(id) => format!("playlist:{id}"),
        Subject::Tag(tag) => format!("tag:{tag}"),
        Subject::Viewer(person) if *person == PersonKey::UNKNOWN => "viewer:unknown".to_owned(),
        Subject::Viewer(person) => format!("viewer:{:016x}", person.0),
        Subject::Both(one, other) => format!("{},{}", word(one), word(other)),
    }
}

/// Characters of a subject that is not there, for the access log.
const ABSENT_CHARS_MAX: usize = 100;

/// A subject as the access log has it, if its words can be read and its people are known.
pub fn canonical(account: &AccountView, text: &str) -> Option<String> {
    subject(false, Whose::Owned, "subject", text, account).ok().map(|(subject, _)| word(&subject))
}

/// A subject as the access log has it, and whether it is there at all.
pub fn known(source: &Source, id: AccountId, text: &str) -> (String, bool) {
    let absent = || (text.chars().take(ABSENT_CHARS_MAX).collect(), false);
    let Some(account) = source.catalog.accounts.get(&id) else { return absent() };
    let Ok((subject, _)) = subject(false, Whose::Owned, "subject", text, account) else { return absent() };
    let exists = access::scope(&Caller::administrator(id), &source.catalog, &subject, source.now_ms).is_some();
    if exists { (word(&subject), true) } else { absent() }
}

/// A person by key (16 hex digits, as answers show it; `unknown`) or by the institution's id.
fn person(account: &AccountView, text: &str) -> Option<PersonKey> {
    if text == "unknown" {
        return Some(PersonKey::UNKNOWN);
    }
    let key = (text.len() == 16).then(|| u64::from_str_radix(text, 16).ok()).flatten().map(PersonKey);
    key.filter(|key| account.people.contains_key(key)).or_else(|| account.person_keys.get(text).copied())
}

/// The course before, and with what of it the course's days are compared: week by week.
fn last_offering(subject: &Subject, account: &AccountView, calendar: &Calendar<'_>) -> ApiResult<(Subject, Compare)> {
    let none = |why: &str| ApiError::bad("vs", format!("offering compares a course with the last time it ran: {why}."));
    let Subject::Category { id, subtree } = subject else { return Err(none("the subject is no category")) };
    let course = account.categories.get(id).ok_or_else(ApiError::not_found)?;
    let previous = course.previous.clone().ok_or_else(|| none("the catalog names none before this one"))?;
    let began = |id: &Text| {
        let term = account.categories.get(id).and_then(|category| category.term.as_ref());
        let term = term.ok_or_else(|| none("the catalog has no term for it"))?;
        period::resolve(&format!("term:{term}"), calendar).map_err(|error| bad("vs", &error)).map(|range| range.first)
    };
    let with = Compare::Offering { this_start: began(id)?, that_start: began(&previous)? };
    Ok((Subject::Category { id: previous, subtree: *subtree }, with))
}

fn category_name(account: &AccountView, subject: &Subject) -> String {
    match subject {
        Subject::Category { id, .. } => account.categories.get(id).map_or(id, |category| &category.name).to_string(),
        _ => String::new(),
    }
}

/// "Since creation" begins at the earlier of creation and first event (ruling 40).
fn earliest(
    subject: &Subject,
    id: AccountId,
    account: &AccountView,
    snapshot: &Snapshot,
) -> Result<Option<i64>, Unreadable> {
    let (created, first) = match subject {
        Subject::Entry(entry) => {
            let created = account.entries.get(entry).and_then(|entry| entry.created_ms);
            (created, snapshot.first_quarter(id, entry)?)
        }
        // The store's first event may be another recording's: then the first days are empty, never wrong.
        _ => {
            let parts = snapshot.parts.iter().filter(|part| part.extent.may_hold_account(id.0));
            let first = parts.map(|part| Quarter(part.extent.quarters.0)).min();
            (account.entries.values().filter_map(|entry| entry.created_ms).min(), first)
        }
    };
    Ok(created.into_iter().chain(first.map(Quarter::start_ms)).min())
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
        let filter = filter("f", r"not,country,DE,FR").unwrap();
        assert_eq!(filter.operator, Operator::Not);
        assert_eq!(filter.values.len(), 2);
    }

    #[test]
    fn unknown_words_are_named() {
        for (text, part) in [("of,country,DE", "hasnot"), ("is,planet,DE", "planet"), ("is,country", "values")] {
            let error = filter("f", text).unwrap_err();
            assert!(error.detail.contains(part), "{text}: {}", error.detail);
        }
    }
}
