//! Parquet: one file any tool reads, with its definitions in the metadata.

use super::{Cell, Column, Head, Kind, Options, SheetError};
use arrow_array::builder::{
    ArrayBuilder, BooleanBuilder, Float64Builder, Int64Builder, StringBuilder, TimestampMillisecondBuilder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Metadata, Schema, TimeUnit};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use std::io::Write;
use std::sync::Arc;

/// Rows of a row group: what a reader must take in at once, and what we hold.
const GROUP_ROWS: usize = 32 << 10;
/// A row group ends sooner when it is this large: rows with very long texts.
const GROUP_BYTES: usize = 32 << 20;
/// Rows, and bytes of text, that are made columns at once.
const BATCH_ROWS: usize = 8 << 10;
const BATCH_BYTES: usize = 4 << 20;

pub(super) struct Parquet<W: Write + Send> {
    out: ArrowWriter<Lent<W>>,
    schema: Arc<Schema>,
    columns: Vec<Builder>,
    rows: usize,
    text_bytes: usize,
}

enum Builder {
    Text(StringBuilder),
    Whole(Int64Builder),
    Number(Float64Builder),
    Instant(TimestampMillisecondBuilder),
    Flag(BooleanBuilder),
}

impl<W: Write + Send> Parquet<W> {
    pub(super) fn open(out: W, head: &Head, options: &Options) -> Result<Parquet<W>, SheetError> {
        let fields: Vec<Field> = head.columns.iter().map(|column| field(column, options)).collect();
        let schema = Arc::new(Schema::new(fields));
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(3).expect("3 is a level")))
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .set_max_row_group_bytes(Some(GROUP_BYTES))
            // Page statistics stay in memory until the end; those of row groups are enough to skip by.
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_offset_index_disabled(true)
            .set_created_by(concat!("Playhead ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_key_value_metadata(Some(metadata(head, options)))
            .build();
        let out = ArrowWriter::try_new(Lent(Some(out)), schema.clone(), Some(properties)).map_err(failed)?;
        let columns = head.columns.iter().map(|column| Builder::of(column.kind)).collect();
        Ok(Parquet { out, schema, columns, rows: 0, text_bytes: 0 })
    }

    pub(super) fn row<'a>(&mut self, cells: impl Iterator<Item = Cell<'a>>) -> Result<(), SheetError> {
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            if let Cell::Text(text) = &cell {
                self.text_bytes += text.len();
            }
            column.push(&cell);
        }
        self.rows += 1;
        if self.rows >= BATCH_ROWS || self.text_bytes >= BATCH_BYTES { self.batch() } else { Ok(()) }
    }

    fn batch(&mut self) -> Result<(), SheetError> {
        // A table without columns has no rows to speak of.
        if self.rows > 0 && !self.columns.is_empty() {
            let arrays = self.columns.iter_mut().map(Builder::finish).collect();
            let batch = RecordBatch::try_new(self.schema.clone(), arrays).map_err(|error| failed(error.into()))?;
            self.out.write(&batch).map_err(failed)?;
        }
        (self.rows, self.text_bytes) = (0, 0);
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<W, SheetError> {
        self.batch()?;
        // Not `into_inner`: it forgets what the system said.
        self.out.finish().map_err(failed)?;
        Ok(self.out.inner_mut().0.take().expect("it is taken once, here"))
    }
}

/// The output, until it is taken back.
struct Lent<W>(Option<W>);

impl<W: Write> Lent<W> {
    fn out(&mut self) -> &mut W {
        self.0.as_mut().expect("nothing is written after the end")
    }
}

impl<W: Write> Write for Lent<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.out().write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        self.out().flush()
    }
}

impl Builder {
    fn of(kind: Kind) -> Builder {
        match kind {
            Kind::Text => Builder::Text(StringBuilder::new()),
            Kind::Whole => Builder::Whole(Int64Builder::new()),
            Kind::Number => Builder::Number(Float64Builder::new()),
            Kind::Instant => Builder::Instant(TimestampMillisecondBuilder::new().with_timezone("UTC")),
            Kind::Flag => Builder::Flag(BooleanBuilder::new()),
        }
    }

    fn push(&mut self, cell: &Cell<'_>) {
        match (self, cell) {
            (Builder::Text(to), Cell::Text(text)) => to.append_value(text),
            (Builder::Whole(to), Cell::Whole(number)) => to.append_value(*number),
            (Builder::Number(to), Cell::Number(number)) => to.append_value(*number),
            (Builder::Instant(to), Cell::Instant(at_ms)) => to.append_value(*at_ms),
            (Builder::Flag(to), Cell::Flag(flag)) => to.append_value(*flag),
            // The sheet has looked at the kinds: what is left is empty.
            (Builder::Text(to), _) => to.append_null(),
            (Builder::Whole(to), _) => to.append_null(),
            (Builder::Number(to), _) => to.append_null(),
            (Builder::Instant(to), _) => to.append_null(),
            (Builder::Flag(to), _) => to.append_null(),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Builder::Text(column) => ArrayBuilder::finish(column),
            Builder::Whole(column) => ArrayBuilder::finish(column),
            Builder::Number(column) => ArrayBuilder::finish(column),
            Builder::Instant(column) => ArrayBuilder::finish(column),
            Builder::Flag(column) => ArrayBuilder::finish(column),
        }
    }
}

fn field(column: &Column, options: &Options) -> Field {
    let kind = match column.kind {
        Kind::Text => DataType::Utf8,
        Kind::Whole => DataType::Int64,
        Kind::Number => DataType::Float64,
        Kind::Instant => DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
        Kind::Flag => DataType::Boolean,
    };
    let field = Field::new(&column.id, kind, true);
    if !options.definitions {
        return field;
    }
    let told = [
        ("label", Some(&column.label)),
        ("unit", column.unit.as_ref()),
        ("definition", Some(&column.definition).filter(|text| !text.is_empty())),
    ];
    let told = told.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?.clone())));
    field.with_metadata(told.collect::<Metadata>())
}

/// `title`, `note`, and as JSON `about` (what was asked) and `columns` (what they mean): for whoever opens the file.
fn metadata(head: &Head, options: &Options) -> Vec<KeyValue> {
    let mut pairs = Vec::new();
    if options.definitions {
        let column = |column: &Column| {
            serde_json::json!({
                "id": column.id, "label": column.label, "unit": column.unit, "definition": column.definition,
            })
        };
        let about = head.lines.iter().map(|(name, value)| serde_json::json!([name, value]));
        pairs.push(("title", head.title.clone()));
        pairs.push(("about", serde_json::Value::from_iter(about).to_string()));
        pairs.push(("columns", serde_json::Value::from_iter(head.columns.iter().map(column)).to_string()));
    }
    pairs.extend(head.note.clone().map(|note| ("note", note)));
    pairs.into_iter().map(|(name, text)| KeyValue::new(name.to_owned(), text)).collect()
}

fn failed(error: ParquetError) -> SheetError {
    match error {
        ParquetError::External(cause) => match cause.downcast::<std::io::Error>() {
            Ok(source) => SheetError::Write(*source),
            Err(cause) => SheetError::Encode(cause),
        },
        other => SheetError::Encode(Box::new(other)),
    }
}
