//! What can be exported as a job: the kinds of a spec, each read once and made by one function.
//!
//! | `spec.kind` | The file |
//! |---|---|
//! | `catalog` | every record of the account's catalog; as NDJSON in the form that `playhead import catalog` takes |

use crate::collect::Clock;
use crate::config::Settings;
use crate::jobs::{JobSpec, Jobs, JobsError, Ledger, Parts, Progress, Refusal, Work, WorkError, Worker};
use crate::machine::{DataFolder, MachineError};
use crate::sheet::{self, Cell, Column, Form, Head, Kind};
use engine::catalog::{Catalog, CatalogError};
use serde::Deserialize;
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
}

impl Spec {
    fn read(spec: &Value) -> Result<Spec, Refusal> {
        let refused = |field: &str, problem: &str| Refusal { field: field.to_owned(), problem: problem.to_owned() };
        let Some(fields) = spec.as_object() else { return Err(refused("spec", "It is an object with a kind.")) };
        let kind = match fields.get("kind").and_then(Value::as_str) {
            Some("catalog") => Spec::Catalog,
            _ => return Err(refused("spec.kind", "It is one of catalog.")),
        };
        // A misspelt field that is ignored gives another file than was asked for.
        match fields.keys().find(|name| *name != "kind") {
            Some(name) => Err(refused(&format!("spec.{name}"), "There is no such field for this kind.")),
            None => Ok(kind),
        }
    }
}

/// Makes the exports.
pub struct Exports {
    catalog: Arc<Catalog>,
}

impl Exports {
    /// Over a catalog.
    pub fn new(catalog: Arc<Catalog>) -> Exports {
        Exports { catalog }
    }
}

impl Work for Exports {
    fn check(&self, asked: &JobSpec) -> Result<(), Refusal> {
        Spec::read(&asked.spec).map(drop)
    }

    fn run(&self, asked: &JobSpec, progress: &Progress, out: &mut (dyn Write + Send)) -> Result<(), WorkError> {
        match Spec::read(&asked.spec).map_err(|refusal| WorkError::Refused(refusal.to_string()))? {
            Spec::Catalog => self.catalog(asked, progress, out),
        }
    }
}

impl Exports {
    fn catalog(&self, asked: &JobSpec, progress: &Progress, out: &mut (dyn Write + Send)) -> Result<(), WorkError> {
        if asked.form == Form::NdJson {
            // As they are, so that they can be imported.
            return self.records(asked, &mut |line| {
                out.write_all(line)?;
                out.write_all(b"\n")?;
                progress.advance(1)
            });
        }
        let head = Head {
            title: asked.title.clone(),
            lines: vec![("Account".to_owned(), asked.account.0.to_string())],
            columns: vec![
                Column::new("kind", "Kind", Kind::Text).definition("What it is: person, entry, category, and so on."),
                Column::new("id", "Id", Kind::Text).definition("Its id."),
                Column::new("record", "Record", Kind::Text).definition("All of it, as JSON."),
            ],
            note: None,
        };
        let mut sheet = sheet::open(asked.form, out, &head, &asked.options)?;
        self.records(asked, &mut |line| {
            let text = std::str::from_utf8(line).map_err(WorkError::failed)?;
            let named: Named = serde_json::from_str(text).map_err(WorkError::failed)?;
            sheet.row(&[Cell::Text(named.record.into()), Cell::Text(named.id.into()), Cell::text(text)])?;
            progress.advance(1)
        })?;
        sheet.finish()?;
        Ok(())
    }

    /// Every record of the account, one after another.
    fn records(
        &self,
        asked: &JobSpec,
        each: &mut (dyn FnMut(&[u8]) -> Result<(), WorkError> + Send),
    ) -> Result<(), WorkError> {
        let mut lines = Lines { line: Vec::new(), each, failure: None };
        let written = self.catalog.export(asked.account, &mut lines);
        match (lines.failure, written) {
            (Some(failure), _) => Err(failure),
            (None, Ok(_)) => Ok(()),
            (None, Err(CatalogError::NoAccount(_))) => {
                Err(WorkError::Refused("The account is not there any more.".to_owned()))
            }
            (None, Err(error)) => Err(WorkError::failed(error)),
        }
    }
}

/// What every line of an export of the catalog begins with.
#[derive(Deserialize)]
struct Named {
    record: String,
    id: String,
}

/// Takes bytes and hands on lines.
struct Lines<'a> {
    line: Vec<u8>,
    each: &'a mut (dyn FnMut(&[u8]) -> Result<(), WorkError> + Send),
    failure: Option<WorkError>,
}

impl Write for Lines<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else {
            self.line.extend_from_slice(bytes);
            return Ok(bytes.len());
        };
        self.line.extend_from_slice(&bytes[..end]);
        let done = (self.each)(&self.line);
        self.line.clear();
        done.map_err(|failure| {
            self.failure = Some(failure);
            std::io::Error::other("a line was not taken")
        })?;
        Ok(end + 1)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
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
    catalog: Arc<Catalog>,
    clock: Clock,
) -> Result<(Jobs, Worker), ExportsError> {
    let floor_bytes = settings.disk_free_mb.saturating_mul(FLOORS << 20);
    let scratch = folder.path().join("exports");
    std::fs::create_dir_all(&scratch).map_err(|source| MachineError::Folder { path: scratch.clone(), source })?;
    let parts = Parts {
        ledger: Ledger::open(&folder.catalog_file()).map_err(JobsError::from)?,
        storage: folder.storage(floor_bytes)?,
        work: Arc::new(Exports::new(catalog)),
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
