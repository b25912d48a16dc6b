//! Import and export: records in bulk.
//!
//! NDJSON has one object a line, with the word `record` saying its kind. CSV has a header line with the names of
//! fields; its kind comes from a `record` column or from the caller. Good lines are imported even when others are bad;
//! every bad one is reported with its number, its field and what would be right. A record replaces the object of the
//! same id, so repeating an import changes nothing. Lines are read one by one and written a few thousand at a time.

use super::objects;
use super::record::{FieldError, Kind, Record, cell};
use super::{Catalog, CatalogError, Fresh, transact};
use crate::event::AccountId;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, Read, Write};

/// Records in one transaction: enough that syncs do not count, few enough that other writers do not wait long.
const BATCH: usize = 4_000;
/// Longest line, in bytes.
const LINE_BYTES_MAX: usize = 4 << 20;
/// Bad lines that are listed; further ones are counted.
const BAD_LISTED_MAX: usize = 1_000;

/// How an import is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    Ndjson,
    /// Comma-separated values with a header line.
    Csv,
}

/// A line that was not imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLine {
    /// Its number, from 1.
    pub line: u64,
    /// What is wrong with it. The field is empty when the line cannot be read at all.
    pub errors: Vec<FieldError>,
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Records stored, by kind.
    pub stored: BTreeMap<Kind, u64>,
    /// How many of them are new objects.
    pub created: u64,
    /// Bad lines in all.
    pub bad: u64,
    /// The first of them.
    pub bad_lines: Vec<BadLine>,
    /// Bytes read.
    pub bytes: u64,
}

impl ImportReport {
    fn refuse(&mut self, line: u64, errors: Vec<FieldError>) {
        self.bad += 1;
        if self.bad_lines.len() < BAD_LISTED_MAX {
            self.bad_lines.push(BadLine { line, errors });
        }
    }
    fn refuse_all_of(&mut self, line: u64, problem: String) {
        self.refuse(line, vec![FieldError { field: String::new(), problem }]);
    }
}

impl Catalog {
    /// Imports records. `kind` is that of lines which do not say their own. `progress` hears how many bytes were read.
    ///
    /// # Errors
    /// When the input cannot be read or the file cannot be written: what was stored until then stays, and repeating the
    /// import is harmless.
    #[expect(clippy::too_many_arguments, reason = "each is a thing of its own, and there is one caller of each kind")]
    pub fn import(
        &self,
        account: AccountId,
        input: &mut dyn BufRead,
        format: Format,
        kind: Option<Kind>,
        now_ms: i64,
        fresh: Fresh<'_>,
        progress: &mut dyn FnMut(u64),
    ) -> Result<ImportReport, CatalogError> {
        let mut import = Import {
            catalog: self,
            account,
            now_ms,
            fresh,
            batch: Vec::new(),
            touched: BTreeSet::new(),
            report: ImportReport::default(),
            progress,
        };
        let read = match format {
            Format::Ndjson => import.ndjson(input, kind),
            Format::Csv => import.csv(input, kind),
        };
        let finished = import.finish();
        read.and(finished)
    }

    /// Writes every object of an account as NDJSON, in the shape that [`Catalog::import`] takes. Returns how many.
    /// What only events told (unconfirmed recordings and people) is left out: importing it would confirm it.
    ///
    /// # Errors
    /// When the file cannot be read or the output cannot be written.
    pub fn export(&self, account: AccountId, output: &mut dyn Write) -> Result<u64, CatalogError> {
        let mut written = 0;
        for kind in Kind::ALL {
            let mut after: Option<String> = None;
            loop {
                // A page at a time, so that others may write in between.
                let page = self.list(account, kind, after.as_deref(), None, BATCH)?;
                let unconfirmed = objects::unconfirmed(&self.reader(), account, kind)?;
                for record in page.iter().filter(|record| !unconfirmed.contains(record.id())) {
                    writeln!(output, "{}", record.to_json(true)).map_err(CatalogError::Output)?;
                    written += 1;
                }
                match page.last() {
                    Some(last) if page.len() == BATCH => after = Some(last.id().to_owned()),
                    _ => break,
                }
            }
        }
        Ok(written)
    }
}

struct Import<'a> {
    catalog: &'a Catalog,
    account: AccountId,
    now_ms: i64,
    fresh: Fresh<'a>,
    batch: Vec<Record>,
    touched: BTreeSet<super::build::Touched>,
    report: ImportReport,
    progress: &'a mut dyn FnMut(u64),
}

impl Import<'_> {
    fn ndjson(&mut self, input: &mut dyn BufRead, kind: Option<Kind>) -> Result<(), CatalogError> {
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            let read = input.take(LINE_BYTES_MAX as u64).read_until(b'\n', &mut line).map_err(CatalogError::Input)?;
            if read == 0 {
                break;
            }
            self.report.bytes += read as u64;
            if read == LINE_BYTES_MAX && !line.ends_with(b"\n") {
                self.report.bytes += input.skip_until(b'\n').map_err(CatalogError::Input)? as u64;
                self.report.refuse_all_of(number, format!("must have at most {LINE_BYTES_MAX} bytes"));
                continue;
            }
            let text = line.trim_ascii();
            let text = if number == 1 { text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text) } else { text };
            if text.is_empty() {
                continue;
            }
            match serde_json::from_slice::<Map<String, Value>>(text) {
                Ok(object) => self.object(number, &object, kind)?,
                Err(error) => self.report.refuse_all_of(number, format!("must be one JSON object: {error}")),
            }
        }
        Ok(())
    }

    fn csv(&mut self, input: &mut dyn BufRead, kind: Option<Kind>) -> Result<(), CatalogError> {
        // Lines end at the line feed, and a carriage return before it is cut off below: left to itself the reader counts
        // the two apart, and its line numbers run behind.
        let terminator = csv::Terminator::Any(b'\n');
        let mut reader = csv::ReaderBuilder::new().flexible(true).terminator(terminator).from_reader(input);
        let names = match reader.headers() {
            Ok(names) => names.clone(),
            Err(error) => return self.csv_error(1, error),
        };
        let named: Vec<&str> = names.iter().map(|name| name.trim().trim_start_matches('\u{feff}')).collect();
        let mixed = named.contains(&"record");
        if kind.is_none() && !mixed {
            self.report.refuse_all_of(1, "must name a column `record`, or the kind must be told otherwise".to_owned());
            return Ok(());
        }
        // A wrong column would make every line bad: said once.
        let known = |name: &str| match kind {
            Some(kind) if !mixed => kind.field(name).is_some(),
            _ => name == "record" || Kind::ALL.iter().any(|kind| kind.field(name).is_some()),
        };
        for name in named.iter().filter(|name| !known(name)) {
            let fields = kind.into_iter().flat_map(|kind| kind.fields().iter().map(|field| field.name));
            let fields: Vec<&str> = fields.collect();
            let problem = format!("is not a field; the fields are {}", fields.join(", "));
            self.report.refuse(1, vec![FieldError { field: (*name).to_owned(), problem }]);
        }
        if self.report.bad > 0 {
            return Ok(());
        }
        let mut row = csv::StringRecord::new();
        loop {
            let line = reader.position().line();
            match reader.read_record(&mut row) {
                Ok(false) => return Ok(()),
                Ok(true) => {}
                Err(error) => {
                    self.csv_error(line, error)?;
                    continue;
                }
            }
            self.report.bytes = reader.position().byte();
            let line = row.position().map_or(line, csv::Position::line);
            let last = row.len().saturating_sub(1);
            let cells: Vec<&str> = row
                .iter()
                .enumerate()
                .map(|(i, text)| if i == last { text.trim_end_matches('\r') } else { text })
                .collect();
            if cells == [""] {
                continue;
            }
            if row.len() > named.len() {
                self.report.refuse_all_of(line, format!("must have {} cells; it has {}", named.len(), row.len()));
                continue;
            }
            let own =
                named.iter().zip(&cells).find(|(name, _)| **name == "record").and_then(|(_, cell)| Kind::of(cell));
            let kind_here = own.or(kind);
            let mut object = Map::new();
            for (name, text) in named.iter().zip(cells).filter(|(_, text)| !text.is_empty()) {
                let field = kind_here.and_then(|kind| kind.field(name));
                let value = field.map_or_else(|| Value::from(text), |field| cell(field.kind, text));
                object.insert((*name).to_owned(), value);
            }
            self.object(line, &object, kind)?;
        }
    }

    fn csv_error(&mut self, line: u64, error: csv::Error) -> Result<(), CatalogError> {
        let line = error.position().map_or(line, csv::Position::line);
        let problem = format!("cannot be read: {error}");
        match error.into_kind() {
            csv::ErrorKind::Io(source) => Err(CatalogError::Input(source)),
            _ => {
                self.report.refuse_all_of(line, problem);
                Ok(())
            }
        }
    }

    fn object(&mut self, line: u64, object: &Map<String, Value>, kind: Option<Kind>) -> Result<(), CatalogError> {
        let own = match object.get("record") {
            None => kind,
            Some(word) => word.as_str().and_then(Kind::of).filter(|own| word.as_str() == Some(own.name())),
        };
        let Some(kind) = own else {
            let words: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
            let problem = format!("must be one of {}", words.join(", "));
            self.report.refuse(line, vec![FieldError { field: "record".to_owned(), problem }]);
            return Ok(());
        };
        match Record::check(kind, object, None) {
            Ok(record) => self.batch.push(record),
            Err(errors) => self.report.refuse(line, errors),
        }
        if self.batch.len() >= BATCH { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), CatalogError> {
        let batch = std::mem::take(&mut self.batch);
        if !batch.is_empty() {
            let mut writer = self.catalog.writer();
            self.catalog.told(self.now_ms);
            let fresh = &mut *self.fresh;
            let (created, touched) = transact(&mut writer, self.account, self.now_ms, |change| {
                let mut created = 0;
                for record in &batch {
                    created += u64::from(change.put(record, fresh)?);
                }
                Ok(created)
            })?;
            // Shown at the end, all at once; nobody need build the account anew before.
            self.catalog.passed_over(&writer, self.account)?;
            self.report.created += created;
            self.touched.extend(touched);
            for record in &batch {
                *self.report.stored.entry(record.kind()).or_default() += 1;
            }
        }
        (self.progress)(self.report.bytes);
        Ok(())
    }

    /// Writes what is left and shows everything at once, also after a failure.
    fn finish(mut self) -> Result<ImportReport, CatalogError> {
        let flushed = self.flush();
        if !self.touched.is_empty() {
            // Several transactions: patches would not fit the account's version.
            let writer = self.catalog.writer();
            self.catalog.rebuild(&writer, self.account)?;
        }
        flushed.map(|()| self.report)
    }
}
