//! XLSX, by `rust_xlsxwriter` in constant-memory mode: rows wait in a file without a name (some 50 bytes a cell) and are
//! packed at the end. Text is written as strings, never as formulas or links.
//!
//! Excel ends a sheet after 1,048,576 rows: the table goes on in `Data 2`, `Data 3`. It ends a text after 32,767
//! characters: longer ones are cut and end in an ellipsis. It reckons in floating point: whole numbers beyond 2^53 are
//! written as text, so that no digit is lost.

use super::{Cell, Column, Head, Kind, Options, SheetError, instant};
use rust_xlsxwriter::{DocProperties, Format, FormatAlign, Workbook, Worksheet, XlsxError};
use std::io::{BufWriter, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Rows of a sheet.
const ROWS_MAX: u32 = 1 << 20;
/// Rows that are kept free for an empty one and the note.
const NOTE_ROWS: u32 = 2;
/// UTF-16 units of a text.
const TEXT_MAX: usize = 32_767;
/// Whole numbers that floating point holds, either side of nought.
const WHOLE_MAX: u64 = 1 << 53;
/// 1970-01-01 in Excel's days.
const EPOCH_DAYS: f64 = 25_569.0;
/// Excel's dates: 1900-03-01 (before, it counts a day that was not) to the end of 9999.
const DATES_MS: std::ops::Range<i64> = -2_203_891_200_000..253_402_300_800_000;
const DAY_MS: f64 = 86_400_000.0;
/// An instant says its zone in every cell, and is a date all the same.
const INSTANT_FORMAT: &str = "yyyy-mm-dd hh:mm:ss\" UTC\"";
/// Half again as fast as the usual 6, for a file that is seven per cent larger.
const ZIP_LEVEL: u8 = 3;
/// Written at once.
const BUFFER_BYTES: usize = 64 << 10;

pub(super) struct Xlsx<W: Write + Send> {
    out: W,
    book: Workbook,
    /// The sheet of the book that rows go to, and how many there are.
    at: usize,
    sheets: usize,
    /// The next row in it.
    next: u32,
    rows_max: u32,
    names: Vec<String>,
    columns: Vec<Column>,
    note: Option<String>,
}

impl<W: Write + Send> Xlsx<W> {
    pub(super) fn open(out: W, head: &Head, options: &Options) -> Result<Xlsx<W>, SheetError> {
        Xlsx::with_rows(out, head, options, ROWS_MAX)
    }

    /// With another number of rows in a sheet, for tests.
    pub(super) fn with_rows(out: W, head: &Head, options: &Options, rows: u32) -> Result<Xlsx<W>, SheetError> {
        let mut book = Workbook::new();
        book.set_tempdir(&options.scratch).map_err(failed)?;
        book.set_properties(&DocProperties::new().set_title(&head.title));
        book.set_zip_compression_level(ZIP_LEVEL);
        // Sheets may pass 4 GiB before they are packed.
        book.use_zip_large_file(true);
        let note_rows = if head.note.is_some() { NOTE_ROWS } else { 0 };
        let mut xlsx = Xlsx {
            out,
            book,
            at: 0,
            sheets: 0,
            next: 0,
            rows_max: rows - note_rows,
            names: head.columns.iter().map(|column| cut(options.name(column)).into_owned()).collect(),
            columns: head.columns.clone(),
            note: head.note.clone(),
        };
        xlsx.sheet()?;
        if options.definitions {
            guarded(|| about(xlsx.book.add_worksheet(), head))?;
        }
        Ok(xlsx)
    }

    /// Begins the next sheet.
    fn sheet(&mut self) -> Result<(), SheetError> {
        self.at = self.book.worksheets().len();
        self.sheets += 1;
        let name = if self.sheets == 1 { "Data".to_owned() } else { format!("Data {}", self.sheets) };
        let bold = Format::new().set_bold();
        guarded(|| {
            let sheet = self.book.add_worksheet_with_constant_memory()?;
            sheet.set_name(name)?.set_freeze_panes(1, 0)?;
            for ((at, name), column) in (0..).zip(&self.names).zip(&self.columns) {
                sheet.set_column_width(at, width(name, column.kind))?;
                if column.kind == Kind::Instant {
                    sheet.set_column_format(at, &Format::new().set_num_format(INSTANT_FORMAT))?;
                }
                sheet.write_string_with_format(0, at, name, &bold)?;
            }
            Ok(())
        })?;
        self.next = 1;
        Ok(())
    }

    pub(super) fn row<'a>(&mut self, cells: impl Iterator<Item = Cell<'a>>) -> Result<(), SheetError> {
        if self.next >= self.rows_max {
            self.sheet()?;
        }
        let row = self.next;
        guarded(|| {
            let sheet = self.book.worksheet_from_index(self.at)?;
            for (at, cell) in (0..).zip(cells) {
                write(sheet, row, at, &cell)?;
            }
            Ok(())
        })?;
        self.next += 1;
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<W, SheetError> {
        let row = self.next + 1;
        guarded(|| {
            if let Some(note) = &self.note {
                self.book.worksheet_from_index(self.at)?.write_string(row, 0, cut(note))?;
            }
            let mut out = BufWriter::with_capacity(BUFFER_BYTES, &mut self.out);
            self.book.save_to_writer(&mut out)?;
            out.flush().map_err(XlsxError::from)
        })?;
        Ok(self.out)
    }
}

fn write(sheet: &mut Worksheet, row: u32, at: u16, cell: &Cell<'_>) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty => Ok(()),
        Cell::Text(text) => sheet.write_string(row, at, cut(text)).map(drop),
        Cell::Whole(number) if number.unsigned_abs() > WHOLE_MAX => {
            sheet.write_string(row, at, number.to_string()).map(drop)
        }
        Cell::Whole(number) => sheet.write_number(row, at, *number as f64).map(drop),
        Cell::Number(number) => sheet.write_number(row, at, *number).map(drop),
        Cell::Instant(at_ms) if DATES_MS.contains(at_ms) => {
            sheet.write_number(row, at, *at_ms as f64 / DAY_MS + EPOCH_DAYS).map(drop)
        }
        Cell::Instant(at_ms) => sheet.write_string(row, at, instant(*at_ms).unwrap_or_default()).map(drop),
        Cell::Flag(flag) => sheet.write_boolean(row, at, *flag).map(drop),
    }
}

/// What the file is, what was asked, and what each column means.
fn about(sheet: &mut Worksheet, head: &Head) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    sheet.set_name("About")?;
    for (column, width) in [28.0, 40.0, 16.0, 90.0].into_iter().enumerate() {
        sheet.set_column_width(column as u16, width)?;
    }
    let mut row = 0;
    let mut pair = |sheet: &mut Worksheet, name: &str, value: &str| -> Result<(), XlsxError> {
        sheet.write_string_with_format(row, 0, cut(name), &bold)?.write_string(row, 1, cut(value))?;
        row += 1;
        Ok(())
    };
    pair(sheet, "Title", &head.title)?;
    for (name, value) in &head.lines {
        pair(sheet, name, value)?;
    }
    if let Some(note) = &head.note {
        pair(sheet, "Note", note)?;
    }
    row += 1;
    for (at, name) in (0..).zip(["Column", "Name", "Unit", "Meaning"]) {
        sheet.write_string_with_format(row, at, name, &bold)?;
    }
    for (row, column) in (row + 1..).zip(&head.columns) {
        let unit = column.unit.as_deref().unwrap_or(column.kind.name());
        for (at, text) in (0..).zip([&*column.id, &column.label, unit, &column.definition]) {
            sheet.write_string_with_format(row, at, cut(text), &wrapped)?;
        }
    }
    Ok(())
}

fn width(name: &str, kind: Kind) -> f64 {
    let least = match kind {
        Kind::Text => 28,
        Kind::Whole | Kind::Number => 12,
        Kind::Instant => 24,
        Kind::Flag => 8,
    };
    name.chars().count().saturating_add(2).clamp(least, 40) as f64
}

/// As much of a text as a cell holds.
fn cut(text: &str) -> std::borrow::Cow<'_, str> {
    // A character has at least as many bytes as UTF-16 units.
    if text.len() <= TEXT_MAX {
        return text.into();
    }
    let mut units = 0;
    let end = text.char_indices().find(|(_, c)| {
        units += c.len_utf16();
        units >= TEXT_MAX
    });
    match end {
        Some((at, c)) if at + c.len_utf8() < text.len() => format!("{}…", &text[..at]).into(),
        _ => text.into(),
    }
}

/// The library panics when the file of waiting rows cannot be written, as on a full disk: that becomes an error.
pub(super) fn guarded(work: impl FnOnce() -> Result<(), XlsxError>) -> Result<(), SheetError> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(done) => done.map_err(failed),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Err(SheetError::Write(fault(&text.unwrap_or_default())))
        }
    }
}

/// The system's error in the words of a panic: `... Os { code: 28, kind: StorageFull, ... }`.
fn fault(text: &str) -> std::io::Error {
    let digits = text.split_once("code: ").map(|(_, rest)| rest.split(',').next().unwrap_or_default());
    match digits.and_then(|digits| digits.parse().ok()) {
        Some(code) => std::io::Error::from_raw_os_error(code),
        None => std::io::Error::other(text.to_owned()),
    }
}

fn failed(error: XlsxError) -> SheetError {
    match error {
        XlsxError::IoError(source) | XlsxError::TempFileError(_, source) => SheetError::Write(source),
        other => match system(&other) {
            Some(kind) => SheetError::Write(std::io::Error::new(kind, other)),
            None => SheetError::Encode(Box::new(other)),
        },
    }
}

/// What the system said, if it is at the bottom of this.
fn system(error: &dyn std::error::Error) -> Option<std::io::ErrorKind> {
    let source = error.source()?;
    source.downcast_ref::<std::io::Error>().map(std::io::Error::kind).or_else(|| system(source))
}
