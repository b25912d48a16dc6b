//! NDJSON: an object a line, members in the order of the columns.

use super::{Cell, Head, SheetError, instant};
use std::io::{BufWriter, Write};

/// Written at once.
const BUFFER_BYTES: usize = 64 << 10;

pub(super) struct NdJson<W: Write> {
    out: BufWriter<W>,
    /// What stands before each cell: `{"id":`, then `,"id":`.
    before: Vec<String>,
    note: Option<String>,
}

impl<W: Write> NdJson<W> {
    pub(super) fn open(out: W, head: &Head) -> NdJson<W> {
        let before = head.columns.iter().enumerate().map(|(i, column)| {
            let mark = if i == 0 { '{' } else { ',' };
            format!("{mark}{}:", serde_json::Value::from(&*column.id))
        });
        NdJson { out: BufWriter::with_capacity(BUFFER_BYTES, out), before: before.collect(), note: head.note.clone() }
    }

    pub(super) fn row<'a>(&mut self, cells: impl Iterator<Item = Cell<'a>>) -> Result<(), SheetError> {
        if self.before.is_empty() {
            self.out.write_all(b"{")?;
        }
        for (before, cell) in self.before.iter().zip(cells) {
            self.out.write_all(before.as_bytes())?;
            match cell {
                Cell::Empty => self.out.write_all(b"null")?,
                Cell::Text(text) => json(&mut self.out, &text)?,
                Cell::Whole(number) => write!(self.out, "{number}")?,
                Cell::Number(number) => json(&mut self.out, &number)?,
                Cell::Instant(at_ms) => json(&mut self.out, &instant(at_ms))?,
                Cell::Flag(flag) => write!(self.out, "{flag}")?,
            }
        }
        Ok(self.out.write_all(b"}\n")?)
    }

    pub(super) fn finish(mut self) -> Result<W, SheetError> {
        if let Some(note) = &self.note {
            writeln!(self.out, "{}", serde_json::json!({ "note": note }))?;
        }
        self.out.into_inner().map_err(|error| SheetError::Write(error.into_error()))
    }
}

fn json(out: &mut impl Write, value: &impl serde::Serialize) -> std::io::Result<()> {
    // Values here always serialise: what fails is the output.
    serde_json::to_writer(out, value).map_err(std::io::Error::from)
}
