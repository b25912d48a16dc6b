//! Blocks to Parquet.

use super::schema::{item, item_fields, schema};
use super::{EXTENT_KEY, FORMAT, FORMAT_KEY, Filter, GROUP_ROWS, Pick, SegmentError, checksums, order};
use crate::block::{Block, Coded, Extent, Lists};
use crate::event::{Playback, Proof, Text};
use crate::row::{Attention, Mark, Span, SumColumn, TextColumn};
use crate::time::Quarter;
use arrow_array::{
    ArrayRef, BooleanArray, DictionaryArray, Int32Array, ListArray, RecordBatch, StringArray, StructArray,
    TimestampMillisecondArray, UInt8Array, UInt32Array, UInt64Array,
};
use arrow_buffer::OffsetBuffer;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A finished segment and what the manifest keeps of it.
#[derive(Clone, Debug)]
pub struct Written {
    /// The file.
    pub bytes: Vec<u8>,
    /// Its checksums.
    pub checksums: Vec<u32>,
    /// What its rows span.
    pub extent: Extent,
    /// Which sessions it may hold.
    pub filter: Filter,
    /// The distinct values of `suspect`: session hashes depend on it.
    pub suspects: Vec<Text>,
}

/// Writes a segment, row group by row group. Rows must come in the order of a block.
pub struct SegmentWriter {
    writer: ArrowWriter<Vec<u8>>,
    extent: Extent,
    sessions: Vec<u64>,
    suspects: BTreeSet<Text>,
}

/// Writes the rows of some blocks, without the superseded ones, as one segment.
///
/// # Errors
/// When the encoder fails.
pub fn write(blocks: &[(Arc<Block>, Arc<Vec<u32>>)]) -> Result<Written, SegmentError> {
    let picks = order(blocks);
    let blocks: Vec<&Block> = blocks.iter().map(|(block, _)| &**block).collect();
    let mut writer = SegmentWriter::new()?;
    for group in picks.chunks(GROUP_ROWS) {
        writer.push(&blocks, group)?;
    }
    writer.finish()
}

impl SegmentWriter {
    /// An empty segment.
    ///
    /// # Errors
    /// When the encoder fails.
    pub fn new() -> Result<SegmentWriter, SegmentError> {
        let writer = ArrowWriter::try_new(Vec::new(), Arc::new(schema()), Some(properties())).map_err(encode)?;
        Ok(SegmentWriter { writer, extent: Extent::default(), sessions: Vec::new(), suspects: BTreeSet::new() })
    }

    /// Appends a row group.
    ///
    /// # Errors
    /// When the encoder fails.
    pub fn push(&mut self, blocks: &[&Block], picks: &[Pick]) -> Result<(), SegmentError> {
        let (Some(&first), Some(&last)) = (picks.first(), picks.last()) else { return Ok(()) };
        let at = Gather { blocks, picks };
        self.note(&at, first, last);
        let batch = RecordBatch::try_new(Arc::new(schema()), at.columns()).map_err(|e| encode(e.into()))?;
        self.writer.write(&batch).map_err(encode)?;
        self.writer.flush().map_err(encode)
    }

    fn note(&mut self, at: &Gather<'_>, first: Pick, last: Pick) {
        let key = |pick: Pick| {
            let block = at.blocks[pick.block as usize];
            let row = pick.row as usize;
            (block.account[row], Text::from(block.text(TextColumn::Entry, row)))
        };
        if self.extent.rows == 0 {
            self.extent.first = key(first);
            self.extent.quarters = (i32::MAX, i32::MIN);
        }
        self.extent.last = key(last);
        self.extent.rows += at.picks.len();
        for (block, row) in at.rows() {
            let quarter = block.quarter[row];
            let (low, high) = self.extent.quarters;
            self.extent.quarters = (low.min(quarter), high.max(quarter));
            self.sessions.push(block.session[row]);
            let suspect = block.text(TextColumn::Suspect, row);
            if !self.suspects.contains(suspect) {
                self.suspects.insert(suspect.into());
            }
        }
    }

    /// The file.
    ///
    /// # Errors
    /// When the encoder fails.
    pub fn finish(mut self) -> Result<Written, SegmentError> {
        let extent = self.extent;
        let range = serde_json::json!({
            "rows": extent.rows,
            "first": [extent.first.0, extent.first.1],
            "last": [extent.last.0, extent.last.1],
            "from_ms": Quarter(extent.quarters.0).start_ms(),
            "to_ms": Quarter(extent.quarters.1).end_ms(),
        });
        self.writer.append_key_value_metadata(KeyValue::new(FORMAT_KEY.into(), FORMAT.to_string()));
        self.writer.append_key_value_metadata(KeyValue::new(EXTENT_KEY.into(), range.to_string()));
        let bytes = self.writer.into_inner().map_err(encode)?;
        self.sessions.sort_unstable();
        self.sessions.dedup();
        let filter = Filter::new(&self.sessions);
        let suspects = self.suspects.into_iter().collect();
        Ok(Written { checksums: checksums(&bytes), bytes, extent, filter, suspects })
    }
}

fn encode(source: ParquetError) -> SegmentError {
    SegmentError::Encode { source }
}

/// Dictionaries for what repeats (the default), deltas for what ascends, plain for hashes.
fn properties() -> WriterProperties {
    let level = ZstdLevel::try_new(6).expect("6 is a zstd level");
    let mut properties = WriterProperties::builder()
        .set_created_by(concat!("playhead ", env!("CARGO_PKG_VERSION")).into())
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .set_data_page_row_count_limit(GROUP_ROWS)
        .set_write_batch_size(GROUP_ROWS)
        .set_offset_index_disabled(true)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_statistics_truncate_length(Some(32));
    for name in ["bucket", "first_at", "last_at"] {
        properties = properties
            .set_column_dictionary_enabled(name.into(), false)
            .set_column_encoding(name.into(), Encoding::DELTA_BINARY_PACKED);
    }
    for column in SumColumn::ALL {
        // Counters repeat; times do not, and fall back to deltas once 4,000 different ones have been seen.
        properties = properties
            .set_column_dictionary_page_size_limit(column.column().into(), 32 << 10)
            .set_column_encoding(column.column().into(), Encoding::DELTA_BINARY_PACKED);
    }
    properties.set_column_dictionary_enabled("session".into(), false).build()
}

/// Some rows of some blocks, as Arrow arrays.
struct Gather<'a> {
    blocks: &'a [&'a Block],
    picks: &'a [Pick],
}

impl<'a> Gather<'a> {
    fn rows(&self) -> impl Iterator<Item = (&'a Block, usize)> {
        self.picks.iter().map(|pick| (self.blocks[pick.block as usize], pick.row as usize))
    }

    fn map<T>(&self, f: impl Fn(&'a Block, usize) -> T) -> Vec<T> {
        self.rows().map(|(block, row)| f(block, row)).collect()
    }

    /// In the order of the schema.
    fn columns(&self) -> Vec<ArrayRef> {
        let mut arrays: Vec<ArrayRef> = vec![
            Arc::new(UInt32Array::from(self.map(|b, i| b.account[i]))),
            instants(self.map(|b, i| Quarter(b.quarter[i]).start_ms())),
            Arc::new(UInt64Array::from(self.map(|b, i| b.session[i]))),
            words(self.map(|b, i| i32::from(b.playback[i])), &Playback::ALL.map(Playback::name)),
            Arc::new(UInt32Array::from(self.map(|b, i| b.version[i]))),
            Arc::new(UInt64Array::from(self.map(|b, i| b.person[i]))),
            words(self.map(|b, i| i32::from(b.proof[i])), &Proof::ALL.map(Proof::name)),
            Arc::new(BooleanArray::from(self.map(|b, i| b.staff[i]))),
            Arc::new(BooleanArray::from(self.map(|b, i| b.bot[i]))),
            instants(self.map(|b, i| b.first_ms[i])),
            instants(self.map(|b, i| b.last_ms[i])),
        ];
        arrays.extend((0..TextColumn::COUNT).map(|column| self.text(column)));
        let sum = |column: &SumColumn| Arc::new(UInt64Array::from(self.map(|b, i| b.get(*column, i)))) as ArrayRef;
        arrays.extend(SumColumn::ALL.iter().map(sum));
        arrays.push(self.list("coverage", |block| &block.coverage, spans));
        arrays.push(self.list("fresh", |block| &block.fresh, spans));
        arrays.push(self.list("attention", |block| &block.attention, attention));
        arrays.push(self.list("marks", |block| &block.marks, marks));
        arrays
    }

    fn text(&self, column: usize) -> ArrayRef {
        let coded: Vec<&Coded> = self.blocks.iter().map(|block| &block.text[column]).collect();
        let mut known: BTreeMap<&str, i32> = BTreeMap::new();
        let mut all: Vec<&str> = Vec::new();
        let mut codes: Vec<Vec<i32>> = coded.iter().map(|coded| vec![-1; coded.words.len()]).collect();
        let keys = self.picks.iter().map(|pick| {
            let block = pick.block as usize;
            let local = coded[block].codes[pick.row as usize] as usize;
            if codes[block][local] < 0 {
                let word = &*coded[block].words[local];
                codes[block][local] = *known.entry(word).or_insert_with(|| {
                    all.push(word);
                    all.len() as i32 - 1
                });
            }
            codes[block][local]
        });
        let keys = keys.collect();
        words(keys, &all)
    }

    fn list<T: Clone + 'a>(
        &self,
        name: &str,
        lists: impl Fn(&'a Block) -> &'a Lists<T>,
        columns: impl Fn(&[T]) -> Vec<ArrayRef>,
    ) -> ArrayRef {
        let rows: Vec<&[T]> = self.rows().map(|(block, row)| lists(block).row(row)).collect();
        let offsets = OffsetBuffer::from_lengths(rows.iter().map(|row| row.len()));
        let items: Vec<T> = rows.concat();
        let items = StructArray::new(item_fields(name), columns(&items), None);
        Arc::new(ListArray::new(item(name), offsets, Arc::new(items), None))
    }
}

fn instants(ms: Vec<i64>) -> ArrayRef {
    Arc::new(TimestampMillisecondArray::from(ms).with_timezone("UTC"))
}

fn words(keys: Vec<i32>, words: &[&str]) -> ArrayRef {
    let values = StringArray::from_iter_values(words);
    Arc::new(DictionaryArray::new(Int32Array::from(keys), Arc::new(values)))
}

fn spans(items: &[Span]) -> Vec<ArrayRef> {
    let column = |f: fn(&Span) -> u32| Arc::new(UInt32Array::from_iter_values(items.iter().map(f))) as ArrayRef;
    vec![column(|span| span.from), column(|span| span.to), column(|span| span.times)]
}

fn attention(items: &[Attention]) -> Vec<ArrayRef> {
    let state = UInt8Array::from_iter_values(items.iter().map(|item| item.state));
    let ms = UInt64Array::from_iter_values(items.iter().map(|item| item.ms));
    vec![Arc::new(state), Arc::new(ms)]
}

fn marks(items: &[Mark]) -> Vec<ArrayRef> {
    let number = |f: fn(&Mark) -> u32| Arc::new(UInt32Array::from_iter_values(items.iter().map(f))) as ArrayRef;
    let text = |f: fn(&Mark) -> &Text| Arc::new(StringArray::from_iter_values(items.iter().map(f))) as ArrayRef;
    vec![number(|m| m.kind), text(|m| &m.name), text(|m| &m.value), number(|m| m.count)]
}
