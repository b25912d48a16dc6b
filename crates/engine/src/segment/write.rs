//! Blocks to Parquet.

use super::schema::{item, item_fields, schema};
use super::{EXTENT_KEY, FORMAT, FORMAT_KEY, Filter, GROUP_ROWS, Pick, SegmentError, checksums, order};
use crate::block::{Block, Extent};
use crate::column::{Column, Field, Ints, Lists, Words};
use crate::event::{Playback, Proof, Text};
use crate::row::{Attention, Mark, Span, SumColumn, TextColumn};
use crate::time::Quarter;
use arrow_array::{
    ArrayRef, BooleanArray, DictionaryArray, Int32Array, ListArray, RecordBatch, StringArray, StructArray,
    TimestampMillisecondArray, UInt8Array, UInt32Array, UInt64Array,
};
use arrow_buffer::OffsetBuffer;
use hashbrown::HashMap;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use std::collections::BTreeSet;
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
    /// What the rows of each row group span.
    pub groups: Vec<Extent>,
    /// Which sessions it may hold.
    pub filter: Filter,
    /// The distinct values of `suspect`: session hashes depend on it.
    pub suspects: Vec<Text>,
}

/// Writes a segment, row group by row group. Rows must come in the order of a block.
pub struct SegmentWriter {
    writer: ArrowWriter<Vec<u8>>,
    groups: Vec<Extent>,
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
        Ok(SegmentWriter { writer, groups: Vec::new(), sessions: Vec::new(), suspects: BTreeSet::new() })
    }

    /// Appends a row group.
    ///
    /// # Errors
    /// When the encoder fails.
    pub fn push(&mut self, blocks: &[&Block], picks: &[Pick]) -> Result<(), SegmentError> {
        if picks.is_empty() {
            return Ok(());
        }
        let at = Gather { blocks, picks };
        self.note(&at);
        let batch = RecordBatch::try_new(Arc::new(schema()), at.columns()).map_err(|e| encode(e.into()))?;
        self.writer.write(&batch).map_err(encode)?;
        self.writer.flush().map_err(encode)
    }

    fn note(&mut self, at: &Gather<'_>) {
        let key = |pick: &Pick| {
            let runs = at.blocks[pick.block as usize].runs();
            let run = runs.of(pick.row as usize);
            (runs.accounts[run], runs.entries[run].clone())
        };
        let quarters = at.quarters();
        let low = quarters.iter().copied().min().unwrap_or(0);
        let high = quarters.iter().copied().max().unwrap_or(0);
        let (first, last) = (key(&at.picks[0]), key(&at.picks[at.picks.len() - 1]));
        self.groups.push(Extent { rows: at.picks.len(), first, last, quarters: (low, high) });
        self.sessions.extend(at.numbers(Field::Session));
        for block in at.blocks {
            let words = block.column(Field::Text(TextColumn::Suspect)).words();
            let known = words.words.iter().filter(|word| !self.suspects.contains(*word)).cloned().collect::<Vec<_>>();
            self.suspects.extend(known);
        }
    }

    /// The file.
    ///
    /// # Errors
    /// When the encoder fails.
    pub fn finish(mut self) -> Result<Written, SegmentError> {
        let extent = whole(&self.groups);
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
        Ok(Written { checksums: checksums(&bytes), bytes, extent, groups: self.groups, filter, suspects })
    }
}

/// What row groups span together.
fn whole(groups: &[Extent]) -> Extent {
    let (Some(first), Some(last)) = (groups.first(), groups.last()) else { return Extent::default() };
    let low = groups.iter().map(|group| group.quarters.0).min().unwrap_or(0);
    let high = groups.iter().map(|group| group.quarters.1).max().unwrap_or(0);
    Extent {
        rows: groups.iter().map(|group| group.rows).sum(),
        first: first.first.clone(),
        last: last.last.clone(),
        quarters: (low, high),
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
    fn columns_of(&self, field: Field) -> Vec<&'a Column> {
        self.blocks.iter().map(|block| &**block.column(field)).collect()
    }

    fn numbers(&self, field: Field) -> Vec<u64> {
        let ints: Vec<&Ints> = self.columns_of(field).into_iter().map(Column::ints).collect();
        self.picks.iter().map(|pick| ints[pick.block as usize].get(pick.row as usize)).collect()
    }

    fn quarters(&self) -> Vec<i32> {
        self.picks.iter().map(|pick| self.blocks[pick.block as usize].quarter(pick.row as usize)).collect()
    }

    fn flags(&self, field: Field) -> ArrayRef {
        Arc::new(BooleanArray::from_iter(self.numbers(field).into_iter().map(|flag| Some(flag == 1))))
    }

    fn codes(&self, field: Field, names: &[&str]) -> ArrayRef {
        words(self.numbers(field).into_iter().map(|code| code as i32).collect(), names)
    }

    /// In the order of the schema.
    fn columns(&self) -> Vec<ArrayRef> {
        let whole = |field| Arc::new(UInt64Array::from(self.numbers(field))) as ArrayRef;
        let quarters = self.quarters();
        let starts: Vec<i64> = quarters.iter().map(|quarter| Quarter(*quarter).start_ms()).collect();
        let since = |field| {
            let offsets = self.numbers(field);
            instants(starts.iter().zip(offsets).map(|(start, ms)| start.wrapping_add(ms as i64)).collect())
        };
        let versions = self.numbers(Field::Version).into_iter().map(|version| version as u32).collect::<Vec<_>>();
        let mut arrays: Vec<ArrayRef> = vec![
            self.accounts(),
            instants(starts.clone()),
            whole(Field::Session),
            self.codes(Field::Playback, &Playback::ALL.map(Playback::name)),
            Arc::new(UInt32Array::from(versions)),
            whole(Field::Person),
            self.codes(Field::Proof, &Proof::ALL.map(Proof::name)),
            self.flags(Field::Staff),
            self.flags(Field::Bot),
            since(Field::First),
            since(Field::Last),
        ];
        arrays.extend(TextColumn::ALL.iter().map(|column| match column {
            TextColumn::Entry => self.entries(),
            other => self.text(*other),
        }));
        arrays.extend(SumColumn::ALL.iter().map(|column| whole(Field::Sum(*column))));
        arrays.push(self.list("coverage", |block| block.column(Field::Coverage).spans(), spans));
        arrays.push(self.list("fresh", |block| block.column(Field::Fresh).spans(), spans));
        arrays.push(self.list("attention", |block| block.column(Field::Attention).attention(), attention));
        arrays.push(self.list("marks", |block| block.column(Field::Marks).marks(), marks));
        arrays
    }

    /// The run of each pick. Picks of one block ascend, so its runs are passed through once.
    fn runs(&self) -> Vec<usize> {
        let mut at = vec![0; self.blocks.len()];
        let run = |pick: &Pick| {
            let runs = self.blocks[pick.block as usize].runs();
            let at = &mut at[pick.block as usize];
            while runs.starts[*at + 1] <= pick.row {
                *at += 1;
            }
            *at
        };
        self.picks.iter().map(run).collect()
    }

    fn accounts(&self) -> ArrayRef {
        let account = |(pick, run): (&Pick, usize)| self.blocks[pick.block as usize].runs().accounts[run];
        Arc::new(UInt32Array::from_iter_values(self.picks.iter().zip(self.runs()).map(account)))
    }

    fn entries(&self) -> ArrayRef {
        let (mut keys, mut all) = (Vec::with_capacity(self.picks.len()), Vec::<&str>::new());
        for (pick, run) in self.picks.iter().zip(self.runs()) {
            let entry = &*self.blocks[pick.block as usize].runs().entries[run];
            // Rows are sorted by account and entry, but two accounts may have an entry of one name.
            if all.last() != Some(&entry) {
                all.push(entry);
            }
            keys.push(all.len() as i32 - 1);
        }
        words(keys, &all)
    }

    fn text(&self, column: TextColumn) -> ArrayRef {
        let coded: Vec<&Words> = self.columns_of(Field::Text(column)).into_iter().map(Column::words).collect();
        let mut known: HashMap<&str, i32> = HashMap::new();
        let mut all: Vec<&str> = Vec::new();
        let mut codes: Vec<Vec<i32>> = coded.iter().map(|coded| vec![-1; coded.words.len()]).collect();
        let keys = self.picks.iter().map(|pick| {
            let block = pick.block as usize;
            let local = coded[block].codes.get(pick.row as usize) as usize;
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
        let lists: Vec<&Lists<T>> = self.blocks.iter().map(|block| lists(block)).collect();
        let rows: Vec<&[T]> = self.picks.iter().map(|pick| lists[pick.block as usize].row(pick.row as usize)).collect();
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
