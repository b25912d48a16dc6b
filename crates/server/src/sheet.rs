//! Tables that leave as files. One table, four forms; rows go straight to the output, so that a file of any length takes
//! the same little memory, and there is no row after which a table ends.
//!
//! [`open`] writes what comes before the rows, [`Sheet::row`] a row, [`Sheet::finish`] what comes after. What a file must
//! say about itself is its [`Head`]. Its `note` (people are named: ruling 42) is in every form and cannot be switched
//! off; the block of definitions can.
//!
//! | Form | Definitions | Note | Instants |
//! |---|---|---|---|
//! | CSV | lines `# ...` before the head | there, else the last line | RFC 3339, UTC |
//! | NDJSON | none | the last object, `{"note": ...}` | RFC 3339, UTC |
//! | XLSX | second sheet, `About` | there, and the last row | dates, shown with their zone, UTC |
//! | Parquet | key-value metadata | there | timestamps in ms, UTC |
//!
//! A cell of text can never become a formula: CSV puts an apostrophe before what a spreadsheet would run, XLSX holds
//! strings. Left to others: what is in the table, and where the bytes go.

pub(crate) mod csv;
mod ndjson;
mod parquet;
mod xlsx;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;
use thiserror::Error;

/// Why a table cannot be written.
#[derive(Debug, Error)]
pub enum SheetError {
    /// The output, or the file that XLSX needs while it is being made.
    #[error("the table cannot be written")]
    Write(#[from] std::io::Error),
    /// The library that makes the form.
    #[error("the table cannot be put into this form")]
    Encode(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// What the rows come from.
    #[error("the rows cannot be read to their end")]
    Source(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Two columns of one name.
    #[error("two columns are called {id}")]
    Twice {
        /// The name.
        id: String,
    },
    /// A row of another length than the head.
    #[error("a row has {cells} cells, the table has {columns} columns")]
    Width {
        /// In the row.
        cells: usize,
        /// In the head.
        columns: usize,
    },
    /// A cell of another kind than its column.
    #[error("column {column} holds {wanted:?}, not {cell}")]
    Kind {
        /// Which column.
        column: String,
        /// Its kind.
        wanted: Kind,
        /// The cell.
        cell: String,
    },
}

/// What a column holds. Every cell may also be empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A whole number.
    Whole,
    /// A number.
    Number,
    /// A moment, ms since 1970.
    Instant,
    /// Yes or no.
    Flag,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Text => "text",
            Kind::Whole => "whole number",
            Kind::Number => "number",
            Kind::Instant => "instant (UTC)",
            Kind::Flag => "true or false",
        }
    }
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Name for programs; unique in the table.
    pub id: String,
    /// Name for people.
    pub label: String,
    /// What numbers count in.
    pub unit: Option<String>,
    /// What it means; may be empty.
    pub definition: String,
    /// What it holds.
    pub kind: Kind,
}

impl Column {
    /// A column without unit and definition.
    pub fn new(id: impl Into<String>, label: impl Into<String>, kind: Kind) -> Column {
        Column { id: id.into(), label: label.into(), unit: None, definition: String::new(), kind }
    }
    /// With the unit of its numbers.
    pub fn unit(mut self, unit: impl Into<String>) -> Column {
        self.unit = Some(unit.into());
        self
    }
    /// With what it means.
    pub fn definition(mut self, definition: impl Into<String>) -> Column {
        self.definition = definition.into();
        self
    }
}

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell<'a> {
    /// Nothing: fits every column.
    Empty,
    /// Text.
    Text(Cow<'a, str>),
    /// A whole number; fits a column of numbers too.
    Whole(i64),
    /// A number. What is not finite is written as nothing.
    Number(f64),
    /// A moment, ms since 1970.
    Instant(i64),
    /// Yes or no.
    Flag(bool),
}

impl<'a> Cell<'a> {
    /// Text that lives elsewhere.
    pub fn text(text: &'a str) -> Cell<'a> {
        Cell::Text(Cow::Borrowed(text))
    }
    /// A number, or nothing.
    pub fn number(number: Option<f64>) -> Cell<'a> {
        number.map_or(Cell::Empty, Cell::Number)
    }

    fn fits(&self, kind: Kind) -> bool {
        match self {
            Cell::Empty => true,
            Cell::Text(_) => kind == Kind::Text,
            Cell::Whole(_) => matches!(kind, Kind::Whole | Kind::Number),
            Cell::Number(_) => kind == Kind::Number,
            Cell::Instant(_) => kind == Kind::Instant,
            Cell::Flag(_) => kind == Kind::Flag,
        }
    }

    /// Without what no form can hold, and with minus nought as nought.
    fn settled(&self, kind: Kind) -> Cell<'_> {
        match self {
            Cell::Text(text) => Cell::Text(Cow::Borrowed(text)),
            Cell::Number(number) if !number.is_finite() => Cell::Empty,
            Cell::Number(number) => Cell::Number(number + 0.0),
            Cell::Whole(number) if kind == Kind::Number => Cell::Number(*number as f64),
            other => other.clone(),
        }
    }
}

/// What a file says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// What it is.
    pub title: String,
    /// What was asked: subject, period, zone, filters, as of, caveats; name and value.
    pub lines: Vec<(String, String)>,
    /// The columns.
    pub columns: Vec<Column>,
    /// A sentence that must travel along.
    pub note: Option<String>,
}

/// How columns are called in the head of CSV and XLSX. NDJSON and Parquet are for programs and always have ids.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Names {
    /// By id.
    #[default]
    Ids,
    /// By label.
    Labels,
}

/// How a file is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// CSV begins with a byte order mark: without one Excel takes the file for an old code page.
    pub bom: bool,
    /// With the block of definitions.
    pub definitions: bool,
    /// How columns are called.
    pub names: Names,
    /// Where XLSX keeps its rows until it is finished, in a file without a name.
    pub scratch: PathBuf,
}

impl Default for Options {
    fn default() -> Options {
        Options { bom: false, definitions: true, names: Names::Ids, scratch: std::env::temp_dir() }
    }
}

impl Options {
    fn name<'a>(&self, column: &'a Column) -> &'a str {
        match self.names {
            Names::Ids => &column.id,
            Names::Labels => &column.label,
        }
    }
}

/// The forms of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// Comma-separated values, RFC 4180, UTF-8.
    Csv,
    /// One JSON object a line.
    NdJson,
    /// A workbook of Excel 2007 and later.
    Xlsx,
    /// Apache Parquet.
    Parquet,
}

impl Form {
    /// All of them.
    pub const ALL: [Form; 4] = [Form::Csv, Form::NdJson, Form::Xlsx, Form::Parquet];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Form::Csv => "csv",
            Form::NdJson => "ndjson",
            Form::Xlsx => "xlsx",
            Form::Parquet => "parquet",
        }
    }
    /// By its word.
    pub fn of(word: &str) -> Option<Form> {
        Form::ALL.into_iter().find(|form| form.word() == word)
    }
    /// What a file's name ends in, without the dot.
    pub fn extension(self) -> &'static str {
        self.word()
    }
    /// The media type it is sent as.
    pub fn content_type(self) -> &'static str {
        match self {
            Form::Csv => "text/csv; charset=utf-8",
            Form::NdJson => "application/x-ndjson",
            Form::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Form::Parquet => "application/vnd.apache.parquet",
        }
    }

    /// The form an `Accept` header prefers; `None` when JSON does as well or nothing here fits. A range with a star
    /// means JSON: who does not name a file does not want one.
    pub fn accepted(accept: &str) -> Option<Form> {
        let mut best: Option<(u32, Option<Form>)> = None;
        for range in accept.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default().to_ascii_lowercase();
            let Some(form) = Form::of_media(&name) else { continue };
            let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
            let weight = weight.map_or(1000, thousandths);
            // The first of equals wins.
            if weight > best.map_or(0, |(best, _)| best) {
                best = Some((weight, form));
            }
        }
        best.and_then(|(_, form)| form)
    }

    /// What a media range asks for: a form, JSON (`None` inside), or nothing we have.
    fn of_media(name: &str) -> Option<Option<Form>> {
        match name {
            "text/csv" => Some(Some(Form::Csv)),
            "application/x-ndjson" | "application/ndjson" | "application/jsonl" => Some(Some(Form::NdJson)),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => Some(Some(Form::Xlsx)),
            "application/vnd.apache.parquet" | "application/x-parquet" => Some(Some(Form::Parquet)),
            "application/json" | "application/*" | "*/*" => Some(None),
            _ => None,
        }
    }
}

/// A weight of `Accept` in thousandths; what cannot be read counts as 1, as if it were not there.
fn thousandths(text: &str) -> u32 {
    let weight: f64 = text.trim().parse().unwrap_or(1.0);
    (weight.clamp(0.0, 1.0) * 1000.0).round() as u32
}

/// A table being written.
pub struct Sheet<W: Write + Send> {
    columns: Vec<(String, Kind)>,
    rows: u64,
    writer: Writer<W>,
}

enum Writer<W: Write + Send> {
    Csv(Box<csv::Csv<W>>),
    NdJson(ndjson::NdJson<W>),
    Xlsx(Box<xlsx::Xlsx<W>>),
    Parquet(Box<parquet::Parquet<W>>),
}

/// Begins a table: writes what comes before the rows.
///
/// # Errors
/// When the output cannot be written, or two columns have one id.
pub fn open<W: Write + Send>(form: Form, out: W, head: &Head, options: &Options) -> Result<Sheet<W>, SheetError> {
    let mut seen = BTreeSet::new();
    if let Some(column) = head.columns.iter().find(|column| !seen.insert(&column.id)) {
        return Err(SheetError::Twice { id: column.id.clone() });
    }
    let writer = match form {
        Form::Csv => Writer::Csv(Box::new(csv::Csv::open(out, head, options)?)),
        Form::NdJson => Writer::NdJson(ndjson::NdJson::open(out, head)),
        Form::Xlsx => Writer::Xlsx(Box::new(xlsx::Xlsx::open(out, head, options)?)),
        Form::Parquet => Writer::Parquet(Box::new(parquet::Parquet::open(out, head, options)?)),
    };
    let columns = head.columns.iter().map(|column| (column.id.clone(), column.kind)).collect();
    Ok(Sheet { columns, rows: 0, writer })
}

impl<W: Write + Send> Sheet<W> {
    /// Writes a row.
    ///
    /// # Errors
    /// When the output cannot be written, or the row does not fit the head: nothing of it is written then.
    pub fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), SheetError> {
        if cells.len() != self.columns.len() {
            return Err(SheetError::Width { cells: cells.len(), columns: self.columns.len() });
        }
        if let Some((cell, (id, kind))) = cells.iter().zip(&self.columns).find(|(cell, (_, kind))| !cell.fits(*kind)) {
            return Err(SheetError::Kind { column: id.clone(), wanted: *kind, cell: format!("{cell:?}") });
        }
        self.rows += 1;
        let cells = cells.iter().zip(&self.columns).map(|(cell, (_, kind))| cell.settled(*kind));
        match &mut self.writer {
            Writer::Csv(csv) => csv.row(cells),
            Writer::NdJson(ndjson) => ndjson.row(cells),
            Writer::Xlsx(xlsx) => xlsx.row(cells),
            Writer::Parquet(parquet) => parquet.row(cells),
        }
    }

    /// How many rows there are so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Ends the table: writes what comes after the rows, and gives the output back, flushed.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn finish(self) -> Result<W, SheetError> {
        let mut out = match self.writer {
            Writer::Csv(csv) => csv.finish(),
            Writer::NdJson(ndjson) => ndjson.finish(),
            Writer::Xlsx(xlsx) => xlsx.finish(),
            Writer::Parquet(parquet) => parquet.finish(),
        }?;
        out.flush()?;
        Ok(out)
    }
}

/// An instant as RFC 3339 in UTC; `None` for what no calendar holds.
fn instant(at_ms: i64) -> Option<String> {
    jiff::Timestamp::from_millisecond(at_ms).ok().map(|at| at.to_string())
}

#[cfg(test)]
mod tests;
