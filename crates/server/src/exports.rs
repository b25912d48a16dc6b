//! What can be exported as a job: the kinds of a spec, each read once and made by one function of [`mod@file`].
//!
//! | `spec.kind` | The file |
//! |---|---|
//! | `catalog` | every record of the account's catalog; as NDJSON in the form that `playhead import catalog` takes |
//! | `kaltura` | what `report.exportToCsv` of Kaltura's API was asked for; only that API makes such specs |
//! | `report` | what `/api/v1/NAME?QUERY` gives as a file, for the `name` and the `query` of the spec |
//!
//! A job is made with the rights that its owner has then. [`command`] makes the same files for the command line.

pub mod command;
pub mod file;

use crate::access_log::{Action, New, Outcome};
use crate::api::ask::Ask;
use crate::app::{Cost, Source};
use crate::auth::{self, Rules, vault::Vault, vault::VaultError};
use crate::collect::Clock;
use crate::config::Settings;
use crate::error::{ApiError, Code};
use crate::jobs::{JobSpec, Jobs, JobsError, Ledger, Parts, Progress, Refusal, Work, WorkError, Worker};
use crate::kaltura::report::export;
use crate::machine::{DataFolder, Machine, MachineError};
use crate::mail::MailServer;
use crate::sheet::{Form, Options};
use engine::access::Caller;
use engine::catalog::Catalog;
use engine::catalog::view::CatalogView;
use engine::event::AccountId;
use file::{NAMES, ReportFile, sentence};
use serde_json::Value;
use std::io::Write;
use std::sync::Arc;

/// Exports end at this many times the floor of free space at which events are refused: whoever exports must not fill
/// the disk up to there.
const FLOORS: u64 = 2;
const HOUR_MS: i64 = 3_600_000;

/// The kinds of exports there are.
enum Spec {
    Catalog,
    Kaltura(Box<export::Spec>),
    Report(Box<ReportFile>),
}

fn refused(field: &str, problem: impl Into<String>) -> Refusal {
    Refusal { field: field.to_owned(), problem: problem.into() }
}

/// A refusal of a query by what of the spec is at fault.
fn at_fault(not_found: &str, error: &ApiError) -> Refusal {
    let field = if error.code == Code::NotFound { not_found } else { "spec.query" };
    refused(field, sentence(error))
}

impl Spec {
    fn read(spec: &Value) -> Result<Spec, Refusal> {
        let Some(fields) = spec.as_object() else { return Err(refused("spec", "It is an object with a kind.")) };
        let text = |field: &str, default: Option<&'static str>, problem: &str| match fields.get(field) {
            None => default.map(str::to_owned).ok_or_else(|| refused(&format!("spec.{field}"), problem)),
            Some(value) => value.as_str().map(str::to_owned).ok_or_else(|| refused(&format!("spec.{field}"), problem)),
        };
        let kind = text("kind", None, "It is catalog or report.")?;
        if kind == export::KIND {
            return export::Spec::read(spec).map(|spec| Spec::Kaltura(Box::new(spec)));
        }
        let known: &[&str] = match kind.as_str() {
            "catalog" => &["kind"],
            "report" => &["kind", "name", "query"],
            _ => return Err(refused("spec.kind", "It is catalog or report.")),
        };
        // A misspelt field that is ignored gives another file than was asked for.
        if let Some(name) = fields.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(refused(&format!("spec.{name}"), "There is no such field for this kind."));
        }
        if kind == "catalog" {
            return Ok(Spec::Catalog);
        }
        let name = text("name", None, NAMES)?;
        let query = text("query", Some(""), "It is a query string: subject=entry:ID&period=30d.")?;
        let report = ReportFile::read(&name, &query).map_err(|error| at_fault("spec.name", &error))?;
        Ok(Spec::Report(Box::new(report)))
    }
}

/// What a job is about and what it asks, as the access log has it.
pub fn in_words(catalog: &CatalogView, asked: &JobSpec) -> (String, String) {
    match Spec::read(&asked.spec) {
        Ok(Spec::Report(report)) => report.in_words(catalog.accounts.get(&asked.account).map(|view| &**view)),
        Ok(Spec::Catalog) => ("account".to_owned(), "catalog".to_owned()),
        Ok(Spec::Kaltura(_)) => ("account".to_owned(), "report.exportToCsv".to_owned()),
        // What cannot be read is not taken.
        Err(_) => (String::new(), String::new()),
    }
}

/// How the file of a spec is to be. For a report its query says so, as in a download.
///
/// # Errors
/// The field at fault.
pub fn options(form: Form, spec: &Value, given: Option<Options>) -> Result<Options, Refusal> {
    match (Spec::read(spec)?, given) {
        (Spec::Catalog, given) => Ok(given.unwrap_or_default()),
        // It says with what rights: only a session of Kaltura's API makes one.
        (Spec::Kaltura(_), _) => Err(refused("spec.kind", "It is catalog or report.")),
        (Spec::Report(report), None) => report.options(form).map_err(|error| at_fault("spec.query", &error)),
        (Spec::Report(_), Some(_)) => {
            Err(refused("options", "Those of a report stand in spec.query: bom, definitions and labels."))
        }
    }
}

/// The record of a file that was made: for whom and by what way, what it is about and what it asks.
fn made((who, way): (&str, &str), account: AccountId, subject: String, question: String, rows: u64, at_ms: i64) -> New {
    New {
        at_ms,
        who: who.to_owned(),
        way: way.to_owned(),
        account: Some(account),
        action: Action::ExportMade,
        subject,
        question,
        rows,
        result: Outcome::Given,
    }
}

/// Store and catalog as they are now, for what an answer may cost.
type Sources = Box<dyn Fn(Cost) -> Source + Send + Sync>;

/// Makes the exports.
pub struct Exports {
    catalog: Arc<Catalog>,
    vault: Arc<Vault>,
    rules: Rules,
    mail: MailServer,
    memory_bytes: usize,
    source: Sources,
}

impl Exports {
    /// Over a catalog, who may see it, and the store.
    pub fn new(
        catalog: Arc<Catalog>,
        vault: Arc<Vault>,
        settings: &Settings,
        source: impl Fn(Cost) -> Source + Send + Sync + 'static,
    ) -> Exports {
        let (rules, memory_bytes) = (Rules::of(settings), settings.report_memory_bytes());
        let mail = MailServer::of(settings);
        Exports { catalog, vault, rules, mail, memory_bytes, source: Box::new(source) }
    }

    /// Over a machine.
    pub fn over(machine: &Machine, vault: Arc<Vault>, settings: &Settings, clock: Clock) -> Exports {
        let (reader, catalog, metrics) = (machine.reader.clone(), machine.catalog.clone(), machine.metrics.clone());
        let atlas = machine.collect.enrich().atlas();
        Exports::new(machine.catalog.clone(), vault, settings, move |cost| {
            Source::now(reader.snapshot(), &catalog, atlas.clone(), &metrics, clock(), cost)
        })
    }

    /// With what rights a job is made at an instant.
    fn caller(&self, asked: &JobSpec, now_ms: i64) -> Result<Option<Caller>, VaultError> {
        auth::caller_of(&self.vault, &self.rules, &self.catalog.view(), &asked.owner, asked.account, now_ms)
    }

    /// Writes down whom a file is going to name.
    fn made(&self, asked: &JobSpec, ask: &Ask, question: &str, rows: u64) -> Result<(), VaultError> {
        let seen = ask.seen();
        if !seen.looked {
            return Ok(());
        }
        let who = (asked.owner.as_str(), "export");
        let new = made(who, asked.account, ask.subject_word(), question.to_owned(), rows, ask.source.now_ms);
        // Nothing else has this key: one file is one record.
        let together = format!("{asked:?}");
        self.vault.access_log().look(&new, &seen.people, &together)
    }

    /// One thread: a job has time, and reports have none. It ends when the job does.
    fn source(&self, progress: &Progress) -> Source {
        (self.source)(Cost::patient(1, self.memory_bytes, progress.stopped()))
    }
}

impl Work for Exports {
    fn check(&self, asked: &JobSpec) -> Result<(), Refusal> {
        // Who has no rights learns so when it runs, as does who loses them meanwhile.
        let source = self.source(&Progress::default());
        let caller = self.caller(asked, source.now_ms).ok().flatten();
        let report = match Spec::read(&asked.spec)? {
            Spec::Kaltura(_) => return Ok(()),
            Spec::Catalog if caller.as_ref().is_none_or(Caller::is_administrator) => return Ok(()),
            Spec::Catalog => return Err(refused("spec.kind", "It is report: the catalog is for administrators.")),
            Spec::Report(report) => report,
        };
        if report.account().is_some_and(|account| account != asked.account) {
            let problem = format!("account: It is that of the export, {}.", asked.account.0);
            return Err(refused("spec.query", problem));
        }
        let Some(caller) = caller else { return Ok(()) };
        report.check(source, &caller).map_err(|error| at_fault("spec.query", &error))
    }

    fn run(&self, asked: &JobSpec, progress: &Progress, out: &mut (dyn Write + Send)) -> Result<(), WorkError> {
        let JobSpec { account, title, form, options, spec, .. } = asked;
        let ended = || WorkError::Refused("Whoever asked for this export may not see it any more.".to_owned());
        let source = self.source(progress);
        let read = Spec::read(spec).map_err(|refusal| WorkError::Refused(refusal.to_string()))?;
        if let Spec::Kaltura(spec) = read {
            spec.write((&self.vault, &self.rules, &source), asked, progress, out)?;
            spec.tell(&self.mail, &self.catalog, asked, source.now_ms);
            return Ok(());
        }
        let caller = self.caller(asked, source.now_ms).map_err(WorkError::failed)?.ok_or_else(ended)?;
        match read {
            Spec::Kaltura(_) => Err(ended()),
            Spec::Catalog if !caller.is_administrator() => Err(ended()),
            Spec::Catalog => file::catalog(&self.catalog, *account, title, *form, options, progress, out),
            Spec::Report(report) => {
                let (_, question) = report.in_words(None);
                let made = |ask: &Ask, rows: u64| self.made(asked, ask, &question, rows);
                report.write((source, &caller), *form, options, progress, &made, out)
            }
        }
    }
}

/// What can go wrong at the start.
#[derive(Debug, thiserror::Error)]
pub enum ExportsError {
    /// The data folder.
    #[error(transparent)]
    Folder(#[from] MachineError),
    /// The jobs.
    #[error("exports cannot be put in operation")]
    Jobs(#[from] JobsError),
}

/// Puts the exports of a data folder in operation.
///
/// # Errors
/// When table or files cannot be opened.
pub fn start(
    folder: &DataFolder,
    settings: &Settings,
    exports: Exports,
    clock: Clock,
) -> Result<(Jobs, Worker), ExportsError> {
    let floor_bytes = settings.disk_free_mb.saturating_mul(FLOORS << 20);
    let scratch = folder.path().join("exports");
    std::fs::create_dir_all(&scratch).map_err(|source| MachineError::Folder { path: scratch.clone(), source })?;
    let parts = Parts {
        ledger: Ledger::open(&folder.catalog_file()).map_err(JobsError::from)?,
        storage: folder.storage(floor_bytes)?,
        work: Arc::new(exports),
        clock,
        keep_ms: keep_ms(settings),
        floor_bytes,
        scratch,
    };
    Ok(Jobs::start(parts)?)
}

/// How long an ended export is kept: an hour at least, a year at most.
pub fn keep_ms(settings: &Settings) -> i64 {
    settings.exports_keep_hours.clamp(1, 366 * 24) as i64 * HOUR_MS
}
