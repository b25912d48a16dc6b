//! The service `report`. A call's parameters become an [`Ask`]: a type of [`types`], a [`filter`], a scope from the
//! session. The engine answers; [`table`], [`graph`] and [`total`] write its answers in Kaltura's shapes, [`own`] makes the
//! rows of types that one question does not give. [`csv`] and [`export`] write the same as files.
//!
//! Shapes: headers and cells are parted by the delimiter asked for (`,` by default), rows by `;`. Nothing is quoted, so in a
//! cell the delimiter, `;` and line ends become spaces: clients split without looking. An empty table keeps its header.

pub mod csv;
pub mod export;
pub mod filter;
mod graph;
mod own;
pub mod table;
mod total;
pub mod types;

use super::Call;
use super::answer::Data;
use super::errors::{Fault, Outcome};
use super::request::{Params, int, object, switch, text, word};
use super::session::Session;
use crate::access_log::{AccessLog, Action, New, Outcome as Ended};
use crate::api::look::Seen;
use crate::app::Source;
use crate::auth::vault::VaultError;
use crate::metrics::Metrics;
use engine::access::{self, Caller, Grant, Scope, Subject};
use engine::catalog::view::AccountView;
use engine::event::Text;
use engine::glossary::Dimension;
use engine::period::Calendar;
use engine::query::{self, Budget, Lengths, QueryError};
use engine::question::{Answer, Filter, Panel, Question};
use filter::{Conditions, Time};
use jiff::civil::Weekday;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;
use types::Type;

/// Rows on a page unless the call says otherwise.
const PAGE_ROWS: usize = 10;
/// Rows on a page at most. Pages beyond it are there.
pub const PAGE_ROWS_MAX: usize = 12_000;
/// Rows of a file at most, as with Kaltura.
pub const FILE_ROWS_MAX: usize = 60_000;
/// Longest delimiter, bytes.
const DELIMITER_BYTES_MAX: usize = 8;
/// Where a report begins that says nothing: so long before the account was made.
const BEFORE_ACCOUNT_MS: i64 = 30 * 86_400_000;

/// On what a report is asked.
pub struct Ground<'a> {
    /// Store and catalog.
    pub source: &'a Source,
    /// Operators' numbers: fields of filters that nobody knows, time in reports.
    pub metrics: &'a Metrics,
    /// Of which service.
    pub service: &'a str,
    /// By which action.
    pub action: &'a str,
}

/// A report that was asked for.
pub struct Ask<'a> {
    /// Which type.
    pub of: &'static Type,
    /// Which time.
    pub time: Time,
    /// Which rows.
    pub conditions: Conditions,
    /// The ids to drill into, if there are any.
    pub drilled: bool,
    /// Between cells.
    pub delimiter: String,
    /// Dates without anything are left out of graphs.
    pub skip_empty: bool,
    /// The order of a table, as written.
    pub order: Option<String>,
    /// The page, from 0, and rows on it.
    pub page: (usize, usize),
    scope: Scope,
    source: &'a Source,
    metrics: &'a Metrics,
    session: Rc<Session>,
    filter: Params,
    name: String,
    seen: RefCell<Seen>,
}

impl Call<'_> {
    /// On what it is asked.
    pub fn ground(&self) -> Ground<'_> {
        let metrics = self.app().metrics();
        Ground { source: self.source(), metrics, service: self.service, action: self.action }
    }
}

impl<'a> Ask<'a> {
    /// Reads a call.
    ///
    /// # Errors
    /// No rights, no such report, parameters that cannot be read.
    pub fn read(call: &'a Call<'_>) -> Outcome<Ask<'a>> {
        let session = call.session()?;
        let ground = call.ground();
        Ask::with(&ground, session, call.params, "reportInputFilter")
    }

    /// Reads parameters for a session; `filter` is the name of the filter among them.
    ///
    /// # Errors
    /// As [`Ask::read`].
    pub fn with(ground: &Ground<'a>, session: Rc<Session>, params: &Params, filter: &str) -> Outcome<Ask<'a>> {
        let forbidden = || Fault::forbidden(ground.service, ground.action);
        if !session.may_report() {
            return Err(forbidden());
        }
        let id = word(params, "reportType").ok_or_else(|| Fault::missing("reportType"))?;
        let of = Type::find(&id).ok_or_else(|| Fault::no_report(&id))?;
        let filter = object(params, filter).ok_or_else(|| Fault::missing(filter))?;
        let options = object(params, "responseOptions");
        let delimiter = options.and_then(|options| text(options, "delimiter")).filter(|text| !text.is_empty());
        let delimiter = delimiter.unwrap_or_else(|| ",".to_owned());
        if delimiter.len() > DELIMITER_BYTES_MAX || delimiter.contains([';', '\n', '\r']) {
            return Err(Fault::form("delimiter"));
        }
        let skip_empty = options.and_then(|options| switch(options, "skipEmptyDates")).unwrap_or(true);
        let objects = word(params, "objectIds");
        let conditions = filter::conditions(ground, &session, of, filter, objects.as_deref(), &delimiter)?;
        let view = session.view();
        let time = Time::read(filter, ground.source.now_ms, view.created_ms - BEFORE_ACCOUNT_MS)?;
        let pager = object(params, "pager");
        let number = |name: &str, default: usize| {
            let given = pager.and_then(|pager| int(pager, name)).and_then(|n| usize::try_from(n).ok());
            given.filter(|n| *n > 0).unwrap_or(default)
        };
        let page = (number("pageIndex", 1) - 1, number("pageSize", PAGE_ROWS).min(PAGE_ROWS_MAX));
        let caller = caller(&session, &conditions);
        let scope = access::scope(&caller, &ground.source.catalog, &Subject::Account, ground.source.now_ms);
        Ok(Ask {
            of,
            time,
            conditions,
            drilled: objects.is_some(),
            delimiter,
            skip_empty,
            order: word(params, "order"),
            page,
            scope: scope.ok_or_else(forbidden)?,
            source: ground.source,
            metrics: ground.metrics,
            session,
            filter: filter.clone(),
            name: format!("{}.{}", ground.service, ground.action),
            seen: RefCell::default(),
        })
    }

    /// The account's part of the catalog.
    pub fn view(&self) -> &AccountView {
        self.session.view()
    }
    /// What may be seen.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }
    /// Store and catalog.
    pub fn source(&self) -> &Source {
        self.source
    }
    /// The account.
    pub fn account(&self) -> engine::event::AccountId {
        self.session.account()
    }

    /// Answers panels with all of the filter.
    ///
    /// # Errors
    /// What the engine refuses, in Kaltura's words.
    pub fn answer(&self, panels: Vec<Panel>) -> Outcome<Vec<Answer>> {
        self.answer_with(self.conditions.all(), panels)
    }

    /// Answers panels with other filters.
    ///
    /// # Errors
    /// As [`Ask::answer`].
    pub fn answer_with(&self, filters: Vec<Filter>, panels: Vec<Panel>) -> Outcome<Vec<Answer>> {
        let (from, to) = (self.time.from, self.time.to);
        let question = Question { from, to, filters, panels };
        let answers = self.asked(&question)?;
        let about = self.conditions.people.as_ref();
        self.seen.borrow_mut().note(&self.scope, about, &question.panels, &answers);
        Ok(answers)
    }

    /// Answers a question about other days.
    ///
    /// # Errors
    /// As [`Ask::answer`].
    pub fn asked(&self, question: &Question) -> Outcome<Vec<Answer>> {
        let cost = &self.source.cost;
        let expired = || cost.is_over();
        let budget = Budget { threads: cost.threads, memory_bytes: cost.memory_bytes, expired: &expired };
        let calendar = Calendar {
            first_weekday: Weekday::Monday,
            terms: &[],
            ..Calendar::new(self.source.now_ms, &self.time.zone)
        };
        let source = self.source;
        let began = Instant::now();
        let answered = query::answer(&source.snapshot, &source.catalog, &calendar, &self.scope, question, &budget);
        self.metrics.kaltura_reports_us.fetch_add(began.elapsed().as_micros() as u64, Relaxed);
        answered.map(|answered| answered.answers).map_err(|error| self.refusal(&error))
    }

    fn refusal(&self, error: &QueryError) -> Fault {
        match error {
            QueryError::NoPeople | QueryError::Nothing => {
                let (service, action) = self.name.split_once('.').unwrap_or((&self.name, ""));
                Fault::forbidden(service, action)
            }
            QueryError::Time => Fault::too_long(),
            QueryError::Memory(_) | QueryError::Period(_) => Fault::too_general(),
            QueryError::UnknownValue { value, dimension, .. } => Fault::not_enum(value, dimension, "its words"),
            other => Fault::ours(other),
        }
    }

    /// The lengths of recordings.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn lengths(&self, of: &BTreeSet<Text>) -> Outcome<Lengths> {
        let lengths = Lengths::learn(&self.source.snapshot, self.account(), self.view(), of);
        lengths.map_err(|error| Fault::ours(&error))
    }

    /// Writes down whom the answers have shown, before they leave. What people see of themselves is nobody else's business.
    ///
    /// # Errors
    /// When it cannot be written: then the answer must not be given.
    pub fn look(&self, call: &Call<'_>, action: Action) -> Outcome<()> {
        let log = call.app().vault().access_log();
        self.look_into(log, action, "kaltura").map_err(|error| Fault::ours(&error))?;
        call.app().sweep_access_log();
        Ok(())
    }

    /// The same into a log, by another way.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn look_into(&self, log: &AccessLog, action: Action, way: &str) -> Result<(), VaultError> {
        let seen = self.seen.borrow();
        let own: BTreeSet<_> = self.session.person.into_iter().collect();
        if !seen.looked || (!seen.people.is_empty() && seen.people.is_subset(&own)) {
            return Ok(());
        }
        let new = New {
            at_ms: self.source.now_ms,
            who: self.session.owner(),
            way: way.to_owned(),
            account: Some(self.account()),
            action,
            subject: self.subject(),
            question: self.question(),
            rows: seen.rows,
            result: Ended::Given,
        };
        let together = format!("{:?}", (&new.who, action, &new.subject, &new.question));
        log.look(&new, &seen.people, &together)
    }

    /// What it is about, as the access log has it: one recording or category, else the account.
    fn subject(&self) -> String {
        let one = |dimension: Dimension, kind: &str| {
            let values = self.conditions.values(dimension)?;
            let [value] = values.iter().collect::<Vec<_>>()[..] else { return None };
            Some(format!("{kind}:{value}"))
        };
        let viewer = one(Dimension::Viewer, "viewer");
        let place = one(Dimension::Entry, "entry").or_else(|| one(Dimension::Category, "category"));
        match (place, viewer) {
            (Some(place), Some(viewer)) => format!("{place},{viewer}"),
            (place, viewer) => place.or(viewer).unwrap_or_else(|| "account".to_owned()),
        }
    }

    /// The question as the log keeps it: the type, the days and the names of the filter's fields. Values may be names.
    fn question(&self) -> String {
        let fields: Vec<&str> = self.filter.keys().map(String::as_str).filter(|name| name.ends_with("In")).collect();
        let (from, to) = (self.time.from.start_ms() / 1000, self.time.to.start_ms() / 1000);
        format!("{}?from={from}&reportType={}&to={to}&with={}", self.name, self.of.id, fields.join(","))
    }
}

/// With what rights a report is asked: about oneself, as who one is; else as what one may see of others.
fn caller(session: &Session, conditions: &Conditions) -> Caller {
    let whole = session.own_record();
    let own = conditions.own.then(|| whole.grants.iter().find(|grant| matches!(grant, Grant::OwnRecord(_)))).flatten();
    match own {
        Some(own) if !session.administrator => Caller { grants: vec![own.clone()], ..whole.clone() },
        _ => session.caller(),
    }
}

/// A value of a measure as cells and graphs have it. Without denominator it is 0.
fn number(value: Option<f64>) -> String {
    let value = value.filter(|value| value.is_finite()).unwrap_or(0.0);
    if value.fract() == 0.0 && value.abs() < 9e15 { (value as i64).to_string() } else { value.to_string() }
}

/// A text as a cell of a table: what clients split by becomes a space.
fn cell(text: &str, delimiter: &str) -> String {
    let plain = text.replace(delimiter, " ");
    plain.chars().map(|c| if c == ';' || c.is_control() { ' ' } else { c }).collect()
}

/// `report.getTotal`.
pub fn get_total(call: &Call<'_>) -> Outcome<Data> {
    let ask = Ask::read(call)?;
    let data = total::total(&ask)?;
    ask.look(call, Action::Look)?;
    Ok(data)
}

/// `report.getTable`.
pub fn get_table(call: &Call<'_>) -> Outcome<Data> {
    let ask = Ask::read(call)?;
    if !call.params.contains_key("pager") {
        return Err(Fault::missing("pager"));
    }
    let data = table::table(&ask)?.data(&ask);
    ask.look(call, Action::Look)?;
    Ok(data)
}

/// `report.getGraphs`.
pub fn get_graphs(call: &Call<'_>) -> Outcome<Data> {
    let ask = Ask::read(call)?;
    let graphs = graph::graphs(&ask)?;
    if graphs.is_empty() && !call.is_one_of_many() {
        return Err(Fault::internal("this report has no graphs"));
    }
    ask.look(call, Action::Look)?;
    Ok(Data::List(graphs))
}

/// `report.getBaseTotal`: with what running totals begin.
pub fn get_base_total(call: &Call<'_>) -> Outcome<Data> {
    let ask = Ask::read(call)?;
    total::base(&ask)
}

/// An answer of a kind that was not asked for.
fn unexpected() -> Fault {
    Fault::internal("the engine answered something else")
}
