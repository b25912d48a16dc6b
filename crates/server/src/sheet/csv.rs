//! CSV: RFC 4180 in UTF-8, lines end in CR LF. Formulas are defused (ASVS 5.0, 1.2.10).

use super::{Cell, Head, Options, SheetError, instant};
use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::Write;

/// Written at once.
const BUFFER_BYTES: usize = 64 << 10;

pub(super) struct Csv<W: Write> {
    out: csv::Writer<W>,
    /// Reused for every number.
    number: String,
    columns: usize,
    /// What the last line says.
    note: Option<String>,
}

impl<W: Write> Csv<W> {
    pub(super) fn open(mut out: W, head: &Head, options: &Options) -> Result<Csv<W>, SheetError> {
        if options.bom {
            out.write_all("\u{feff}".as_bytes())?;
        }
        if options.definitions {
            out.write_all(block(head).as_bytes())?;
        }
        let mut out =
            csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).buffer_capacity(BUFFER_BYTES).from_writer(out);
        out.write_record(head.columns.iter().map(|column| harmless(options.name(column)).into_owned()))
            .map_err(failed)?;
        let note = head.note.clone().filter(|_| !options.definitions);
        Ok(Csv { out, number: String::new(), columns: head.columns.len(), note })
    }

    pub(super) fn row<'a>(&mut self, cells: impl Iterator<Item = Cell<'a>>) -> Result<(), SheetError> {
        for cell in cells {
            self.number.clear();
            let field: Cow<'_, str> = match cell {
                Cell::Empty => "".into(),
                Cell::Text(text) => {
                    self.out.write_field(&*harmless(&text)).map_err(failed)?;
                    continue;
                }
                Cell::Whole(number) => {
                    let _ = write!(self.number, "{number}");
                    (&*self.number).into()
                }
                Cell::Number(number) => {
                    let _ = write!(self.number, "{number}");
                    (&*self.number).into()
                }
                Cell::Instant(at_ms) => instant(at_ms).unwrap_or_default().into(),
                Cell::Flag(flag) => if flag { "true" } else { "false" }.into(),
            };
            self.out.write_field(&*field).map_err(failed)?;
        }
        self.out.write_record(None::<&[u8]>).map_err(failed)
    }

    pub(super) fn finish(mut self) -> Result<W, SheetError> {
        if let Some(note) = &self.note {
            // As wide as the table: strict readers refuse a line of another length.
            let rest = std::iter::repeat_n(String::new(), self.columns.saturating_sub(1));
            self.out.write_record(std::iter::once(comment(note)).chain(rest)).map_err(failed)?;
        }
        self.out.into_inner().map_err(|error| SheetError::Write(error.into_error()))
    }
}

fn failed(error: csv::Error) -> SheetError {
    match error.into_kind() {
        csv::ErrorKind::Io(source) => SheetError::Write(source),
        other => SheetError::Encode(format!("{other:?}").into()),
    }
}

/// The lines before the head.
fn block(head: &Head) -> String {
    let mut block = String::new();
    let mut line = |text: &str| {
        block.push_str(&comment(text));
        block.push_str("\r\n");
    };
    if !head.title.is_empty() {
        line(&head.title);
    }
    for (name, value) in &head.lines {
        line(&format!("{name}: {value}"));
    }
    for column in &head.columns {
        let unit = column.unit.as_deref().unwrap_or(column.kind.name());
        let sentence = if column.definition.is_empty() { String::new() } else { format!(": {}", column.definition) };
        line(&format!("{} = {} ({unit}){sentence}", column.id, column.label));
    }
    if let Some(note) = &head.note {
        line(note);
    }
    block
}

/// A line `# text`. It is not quoted, so that readers know it by its first character; a spreadsheet cuts it at commas
/// (or what its country has for them), and no piece may be a formula.
fn comment(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|c| match c {
            '"' => '\'',
            c if c.is_control() || c == '\u{2028}' || c == '\u{2029}' => ' ',
            c => c,
        })
        .collect();
    format!("# {}", defused(&plain, &[',', ';']))
}

/// Text that no spreadsheet runs: an apostrophe stands before a formula. Excel takes `;` for the comma in half of
/// Europe, and knows nothing of our quotes then: so what follows one, or a new line, is looked at too.
pub(crate) fn harmless(text: &str) -> Cow<'_, str> {
    let starts = text.trim_start_matches(is_skipped).starts_with(is_formula);
    let Some(first) = text.chars().next() else { return Cow::Borrowed(text) };
    let bad_first = starts || matches!(first, '\t' | '\r' | '\n' | '\0');
    let inside = text.contains([';', '\t', '\r', '\n']);
    if !bad_first && !inside {
        return Cow::Borrowed(text);
    }
    let apostrophe = if bad_first { "'" } else { "" };
    Cow::Owned(format!("{apostrophe}{}", defused(text, &[';', '\t', '\r', '\n'])))
}

/// With an apostrophe before every formula that follows a separator.
fn defused(text: &str, separators: &[char]) -> String {
    let mut out = String::with_capacity(text.len() + 1);
    let mut rest = text;
    while let Some(at) = rest.find(separators) {
        let (piece, after) = rest.split_at(at + 1);
        out.push_str(piece);
        let skipped = after.len() - after.trim_start_matches(|c| is_skipped(c) || c == '"').len();
        if after[skipped..].starts_with(is_formula) {
            out.push('\'');
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// What makes a cell a formula, also at full width, as East Asian keyboards write it.
fn is_formula(c: char) -> bool {
    matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠')
}

/// What a spreadsheet may drop before it looks.
fn is_skipped(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}')
}
