//! The files themselves: a report, or the catalog, written row by row. Jobs and the command line make them here; a download
//! has the same rows from [`Request::file`] and the same head.

use crate::api::answer;
use crate::api::ask::{self, Ask, Words};
use crate::api::look;
use crate::api::params::Params;
use crate::api::request::Request;
use crate::app::Source;
use crate::auth::vault::VaultError;
use crate::error::{ApiError, ApiResult, Code};
use crate::jobs::{Progress, WorkError};
use crate::sheet::{self, Cell, Column, Form, Head, Kind, Options};
use engine::access::Caller;
use engine::block::Snapshot;
use engine::catalog::view::AccountView;
use engine::catalog::{Catalog, CatalogError};
use engine::event::AccountId;
use serde::Deserialize;
use std::io::Write;

/// Who is told how far a file is, and says whether to go on.
pub trait Told: Sync {
    /// So many rows there will be.
    fn expect(&self, rows: u64);
    /// A row was written.
    ///
    /// # Errors
    /// When the file is not wanted any more.
    fn row(&self) -> Result<(), WorkError>;
}

impl Told for Progress {
    fn expect(&self, rows: u64) {
        Progress::expect(self, rows);
    }
    fn row(&self) -> Result<(), WorkError> {
        self.advance(1)
    }
}

/// Names of reports, for people who wrote one that is none.
pub const NAMES: &str =
    "It is totals, series, table, heat, rows or reports/REPORT/PANEL, as in the addresses below /api/v1/.";

/// A report that is to be a file: its words are read, nothing is looked up yet.
pub struct ReportFile {
    name: String,
    params: Params,
    words: Words,
    request: Request,
}

impl ReportFile {
    /// Reads the name and the query string that a download has.
    ///
    /// # Errors
    /// 404 for a name that is none, 400 with the parameter at fault.
    pub fn read(name: &str, query: &str) -> ApiResult<ReportFile> {
        let (params, words, request) =
            Request::read(name, Some(query), true).map_err(|error| explained(error, NAMES))?;
        Ok(ReportFile { name: name.to_owned(), params, words, request })
    }

    /// The account that was named.
    pub fn account(&self) -> Option<AccountId> {
        self.words.account()
    }

    /// How the file is to be.
    ///
    /// # Errors
    /// 400 with the parameter at fault.
    pub fn options(&self, form: Form) -> ApiResult<Options> {
        answer::options(form, &self.params)
    }

    /// Whether it can be answered, without counting anything.
    ///
    /// # Errors
    /// 404 for a subject that is not there, 400 for words that do not go together.
    pub fn check(self, source: Source, caller: &Caller) -> ApiResult<()> {
        let mut ask = self.ask(source, caller)?;
        // The engine looks at the question before it looks at rows, and there are none.
        ask.source.snapshot = Snapshot::default();
        self.request.file(ask).map(drop)
    }

    fn ask(&self, source: Source, caller: &Caller) -> ApiResult<Ask> {
        Ask::new(source, caller, self.words.clone()).map_err(|error| explained(error, "There is no such subject."))
    }

    /// What it is about and what it asks, as the access log has it.
    pub fn in_words(&self, account: Option<&AccountView>) -> (String, String) {
        let subject = self.words.subject();
        let known = account.and_then(|account| ask::canonical(account, subject));
        (known.unwrap_or_else(|| subject.to_owned()), look::question(&self.name, &self.params))
    }

    /// Writes the file. View rows take the same little memory however many there are; anything else is gathered first,
    /// within what the source may cost. `made` is told before the first row, with how many there will be.
    ///
    /// # Errors
    /// What the engine refuses, what `out` refuses, and what `told` says.
    pub fn write(
        self,
        (source, caller): (Source, &Caller),
        form: Form,
        options: &Options,
        told: &dyn Told,
        made: &dyn Fn(&Ask, u64) -> Result<(), VaultError>,
        out: &mut (dyn Write + Send),
    ) -> Result<(), WorkError> {
        let answered = self.ask(source, caller).and_then(|ask| self.request.file(ask));
        let (ask, rows, caveats) = answered.map_err(failed)?;
        made(&ask, rows.rows.size_hint().0 as u64).map_err(WorkError::failed)?;
        let head = answer::head(&ask, &caveats, &rows);
        if let (least, Some(most)) = rows.rows.size_hint()
            && least == most
        {
            told.expect(most as u64);
        }
        let mut sheet = sheet::open(form, out, &head, options)?;
        for row in rows.rows {
            sheet.row(&row.map_err(failed)?)?;
            told.row()?;
        }
        sheet.finish()?;
        Ok(())
    }
}

fn explained(error: ApiError, not_found: &str) -> ApiError {
    let silent = error.code == Code::NotFound && error.detail.is_empty();
    if silent { error.detail(not_found) } else { error }
}

/// A refusal in one line, with the parameter at fault.
pub fn sentence(error: &ApiError) -> String {
    let words = if error.detail.is_empty() { error.code.title() } else { &error.detail };
    error.field.as_ref().map_or(words.to_owned(), |field| format!("{field}: {words}"))
}

/// A refusal of the engine: for who asked, unless it is a fault of ours.
pub fn failed(error: ApiError) -> WorkError {
    match error.code {
        Code::Internal => WorkError::failed(error),
        _ => WorkError::Refused(sentence(&error)),
    }
}

/// Writes every record of an account's catalog; NDJSON as they are, so that they can be imported.
///
/// # Errors
/// When the account is gone, what `out` refuses, and what `told` says.
pub fn catalog(
    catalog: &Catalog,
    account: AccountId,
    title: &str,
    form: Form,
    options: &Options,
    told: &dyn Told,
    out: &mut (dyn Write + Send),
) -> Result<(), WorkError> {
    if form == Form::NdJson {
        return records(catalog, account, &mut |line| {
            out.write_all(line)?;
            out.write_all(b"\n")?;
            told.row()
        });
    }
    let head = Head {
        title: title.to_owned(),
        lines: vec![("Account".to_owned(), account.0.to_string())],
        columns: vec![
            Column::new("kind", "Kind", Kind::Text).definition("What it is: person, entry, category, and so on."),
            Column::new("id", "Id", Kind::Text).definition("Its id."),
            Column::new("record", "Record", Kind::Text).definition("All of it, as JSON."),
        ],
        note: None,
    };
    let mut sheet = sheet::open(form, out, &head, options)?;
    records(catalog, account, &mut |line| {
        let text = std::str::from_utf8(line).map_err(WorkError::failed)?;
        let named: Named = serde_json::from_str(text).map_err(WorkError::failed)?;
        sheet.row(&[Cell::Text(named.record.into()), Cell::Text(named.id.into()), Cell::text(text)])?;
        told.row()
    })?;
    sheet.finish()?;
    Ok(())
}

/// Every record of an account, one after another.
fn records(
    catalog: &Catalog,
    account: AccountId,
    each: &mut (dyn FnMut(&[u8]) -> Result<(), WorkError> + Send),
) -> Result<(), WorkError> {
    let mut lines = Lines { line: Vec::new(), each, failure: None };
    let written = catalog.export(account, &mut lines);
    match (lines.failure, written) {
        (Some(failure), _) => Err(failure),
        (None, Ok(_)) => Ok(()),
        (None, Err(CatalogError::NoAccount(_))) => {
            Err(WorkError::Refused("The account is not there any more.".to_owned()))
        }
        (None, Err(error)) => Err(WorkError::failed(error)),
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
