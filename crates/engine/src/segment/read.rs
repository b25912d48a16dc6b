//! Parquet to columns: a segment's footer, then just the columns of just the row groups that somebody asks for.

use super::schema::schema;
use super::{CHUNK_BYTES, FORMAT, FORMAT_KEY, SegmentError};
use crate::block::{Block, quarters, runs_of};
use crate::column::{Column, Field, Ints, Lists, Words};
use crate::event::{Playback, Proof, Text};
use crate::row::{Attention, Mark, Span, TextColumn};
use crate::storage::Storage;
use crate::time::Quarter;
use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, TimestampMillisecondType, UInt8Type, UInt32Type, UInt64Type};
use arrow_array::{Array, ArrayRef, RecordBatch, StructArray};
use bytes::{Buf, Bytes};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::statistics::Statistics;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// A segment's file, as the manifest knows it.
#[derive(Clone)]
pub struct SegmentFile {
    /// Where it is.
    pub storage: Arc<dyn Storage>,
    /// Its path.
    pub path: String,
    /// Its bytes.
    pub size: u64,
    /// Its checksums.
    pub checksums: Arc<[u32]>,
}

/// What a segment's end says: where its columns are.
#[derive(Clone, Debug)]
pub struct Footer(ArrowReaderMetadata);

impl Footer {
    /// Bytes in memory, for budgets.
    pub fn bytes(&self) -> usize {
        self.0.metadata().memory_size()
    }
    /// How many row groups.
    pub fn groups(&self) -> usize {
        self.0.metadata().num_row_groups()
    }
}

/// Compares a file with its size and checksums. Byte ranges that differ, joined; empty when all is well.
pub fn verify(bytes: &[u8], size: u64, checksums: &[u32]) -> Vec<(u64, u64)> {
    let mut bad: Vec<(u64, u64)> = Vec::new();
    let chunks = bytes.chunks(CHUNK_BYTES).map(crc32c::crc32c);
    for (i, sum) in chunks.enumerate() {
        let from = (i * CHUNK_BYTES) as u64;
        let to = (from + CHUNK_BYTES as u64).min(bytes.len() as u64);
        if checksums.get(i) == Some(&sum) {
            continue;
        }
        match bad.last_mut() {
            Some(last) if last.1 == from => last.1 = to,
            _ => bad.push((from, to)),
        }
    }
    if (bytes.len() as u64) < size {
        bad.push((bytes.len() as u64, size));
    }
    bad
}

impl SegmentFile {
    fn damaged(&self, what: String) -> SegmentError {
        SegmentError::Damaged { path: self.path.clone(), from: 0, to: self.size, what }
    }

    /// Verified bytes that hold a range: whole pieces under a checksum. Also where they begin.
    fn read(&self, range: Range<u64>) -> Result<(u64, Bytes), SegmentError> {
        let piece = CHUNK_BYTES as u64;
        let from = range.start / piece * piece;
        let to = range.end.div_ceil(piece).saturating_mul(piece).min(self.size);
        let bytes = self.storage.read_at(&self.path, from, (to - from) as usize)?;
        let sums = &self.checksums[(from / piece) as usize..];
        if let Some(&(bad_from, bad_to)) = verify(&bytes, to - from, sums).first() {
            return Err(SegmentError::Damaged {
                path: self.path.clone(),
                from: from + bad_from,
                to: from + bad_to,
                what: "the checksum differs".into(),
            });
        }
        Ok((from, Bytes::from(bytes)))
    }

    /// Reads the footer.
    ///
    /// # Errors
    /// `Damaged` when the bytes are not what was written, or not a segment of this format.
    pub fn footer(&self) -> Result<Footer, SegmentError> {
        const TAIL: u64 = 8;
        let too_short = || self.damaged("not a segment: too short".into());
        let at = self.size.checked_sub(TAIL).ok_or_else(too_short)?;
        let (from, bytes) = self.read(at..self.size)?;
        let length = u64::from(u32::from_le_bytes(
            bytes
                .get((at - from) as usize..(at - from) as usize + 4)
                .and_then(|b| b.try_into().ok())
                .ok_or_else(too_short)?,
        ));
        let begin = at.checked_sub(length).ok_or_else(|| self.damaged("not a segment: no footer".into()))?;
        let (from, bytes) = self.read(begin..at)?;
        let footer = bytes.slice((begin - from) as usize..(at - from) as usize);
        let read = || -> Result<Footer, String> {
            let metadata = ParquetMetaDataReader::decode_metadata(&footer).map_err(|e| e.to_string())?;
            check_format(&metadata)?;
            let metadata = ArrowReaderMetadata::try_new(Arc::new(metadata), ArrowReaderOptions::new());
            let metadata = metadata.map_err(|e| e.to_string())?;
            if **metadata.schema() != schema().with_metadata(metadata.schema().metadata().clone()) {
                return Err("the columns are not those of this format".into());
            }
            Ok(Footer(metadata))
        };
        read().map_err(|what| self.damaged(what))
    }

    /// Decodes columns of a row group, in the order asked for.
    ///
    /// # Errors
    /// `Damaged` when the bytes are not what was written.
    pub fn columns(&self, footer: &Footer, group: usize, fields: &[Field]) -> Result<Vec<Column>, SegmentError> {
        let metadata = footer.0.metadata();
        let rows = metadata.row_group(group).num_rows() as usize;
        let same: Vec<Option<u64>> = fields.iter().map(|field| constant(metadata, group, *field)).collect();
        let mut names: Vec<&str> = Vec::new();
        for (field, same) in fields.iter().zip(&same) {
            if same.is_none() {
                names.extend(parquet_names(*field).iter().filter(|name| !names.contains(*name)).collect::<Vec<_>>());
            }
        }
        let batch = if names.is_empty() { None } else { Some(self.batch(footer, group, &names)?) };
        let mut columns = Vec::with_capacity(fields.len());
        for (field, same) in fields.iter().zip(same) {
            columns.push(match (same, &batch) {
                (Some(value), _) => Column::Ints(Ints::Same(value, rows)),
                (None, Some(batch)) => column(batch, *field).map_err(|what| self.damaged(what))?,
                (None, None) => unreachable!("some column was not constant"),
            });
        }
        Ok(columns)
    }

    /// Decodes a row group.
    ///
    /// # Errors
    /// As [`SegmentFile::columns`].
    pub fn block(&self, footer: &Footer, group: usize) -> Result<Block, SegmentError> {
        let fields: Vec<Field> = Field::stored().collect();
        let columns = self.columns(footer, group, &fields)?.into_iter().map(Arc::new).collect();
        Ok(Block::new(footer.0.metadata().row_group(group).num_rows() as usize, columns))
    }

    fn batch(&self, footer: &Footer, group: usize, names: &[&str]) -> Result<RecordBatch, SegmentError> {
        let metadata = footer.0.metadata();
        let mask = ProjectionMask::columns(footer.0.parquet_schema(), names.iter().copied());
        let row_group = metadata.row_group(group);
        let mut ranges: Vec<Range<u64>> = Vec::new();
        for (leaf, chunk) in row_group.columns().iter().enumerate() {
            if mask.leaf_included(leaf) {
                let (start, length) = chunk.byte_range();
                ranges.push(start..start + length);
            }
        }
        let pieces = self.pieces(ranges)?;
        let rows = row_group.num_rows() as usize;
        let read = || -> Result<RecordBatch, String> {
            let mut reader = ParquetRecordBatchReaderBuilder::new_with_metadata(pieces, footer.0.clone())
                .with_projection(mask)
                .with_row_groups(vec![group])
                .with_batch_size(rows)
                .build()
                .map_err(|e| e.to_string())?;
            let batch = reader.next().ok_or("a row group without rows")?.map_err(|e| e.to_string())?;
            if batch.num_rows() != rows || reader.next().is_some() {
                return Err("the footer counts other rows than there are".into());
            }
            Ok(batch)
        };
        read().map_err(|what| self.damaged(what))
    }

    /// Reads ranges; neighbours less than a piece apart in one go.
    fn pieces(&self, ranges: Vec<Range<u64>>) -> Result<Pieces, SegmentError> {
        let mut joined: Vec<Range<u64>> = Vec::new();
        for range in ranges {
            match joined.last_mut() {
                Some(last) if range.start <= last.end + CHUNK_BYTES as u64 => last.end = last.end.max(range.end),
                _ => joined.push(range),
            }
        }
        let pieces = joined.into_iter().map(|range| self.read(range)).collect::<Result<Vec<_>, _>>()?;
        Ok(Pieces { size: self.size, pieces })
    }
}

/// Parts of a file, as the decoder's file.
struct Pieces {
    size: u64,
    /// Where each begins, ascending.
    pieces: Vec<(u64, Bytes)>,
}

impl Pieces {
    fn from(&self, start: u64) -> Result<Bytes, ParquetError> {
        let at = self.pieces.partition_point(|(from, _)| *from <= start);
        let piece = at.checked_sub(1).map(|at| &self.pieces[at]);
        let found = piece.filter(|(from, bytes)| start < from + bytes.len() as u64);
        let (from, bytes) = found.ok_or_else(|| ParquetError::General("bytes beside the columns asked for".into()))?;
        Ok(bytes.slice((start - from) as usize..))
    }
}

impl Length for Pieces {
    fn len(&self) -> u64 {
        self.size
    }
}

impl ChunkReader for Pieces {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        Ok(self.from(start)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        let bytes = self.from(start)?;
        if bytes.len() < length {
            return Err(ParquetError::EOF("bytes beyond the columns asked for".into()));
        }
        Ok(bytes.slice(..length))
    }
}

type Decoded<T> = Result<T, String>;

fn check_format(metadata: &ParquetMetaData) -> Decoded<()> {
    let pairs = metadata.file_metadata().key_value_metadata();
    let format = pairs.into_iter().flatten().find(|pair| pair.key == FORMAT_KEY).and_then(|pair| pair.value.as_deref());
    match format {
        Some(version) if version == FORMAT.to_string() => Ok(()),
        Some(version) => Err(format!("format {version}, this program reads {FORMAT}")),
        None => Err("not a segment: no format in the footer".into()),
    }
}

/// The columns of the file that a field is made of.
fn parquet_names(field: Field) -> &'static [&'static str] {
    const TEXT: [[&str; 1]; TextColumn::COUNT] = {
        let mut names = [[""]; TextColumn::COUNT];
        let mut i = 0;
        while i < names.len() {
            names[i] = [TextColumn::ALL[i].column()];
            i += 1;
        }
        names
    };
    const SUMS: [[&str; 1]; crate::row::SumColumn::COUNT] = {
        let mut names = [[""]; crate::row::SumColumn::COUNT];
        let mut i = 0;
        while i < names.len() {
            names[i] = [crate::row::SumColumn::ALL[i].column()];
            i += 1;
        }
        names
    };
    match field {
        Field::Runs => &["account", "entry"],
        Field::Quarter => &["bucket"],
        Field::Session => &["session"],
        Field::Playback => &["playback"],
        Field::Version => &["version"],
        Field::Person => &["person"],
        Field::Proof => &["proof"],
        Field::Staff => &["staff"],
        Field::Bot => &["bot"],
        Field::First => &["bucket", "first_at"],
        Field::Last => &["bucket", "last_at"],
        Field::Coverage => &["coverage"],
        Field::Fresh => &["fresh"],
        Field::Attention => &["attention"],
        Field::Marks => &["marks"],
        Field::Text(column) => &TEXT[column as usize],
        Field::Sum(column) => &SUMS[column as usize],
        Field::Viewer => unreachable!("not stored"),
    }
}

/// The one value of a number column in a row group, by the footer's statistics.
fn constant(metadata: &ParquetMetaData, group: usize, field: Field) -> Option<u64> {
    let Field::Sum(column) = field else { return None };
    let chunks = metadata.row_group(group).columns();
    let chunk = chunks.iter().find(|chunk| chunk.column_path().string() == column.column())?;
    match chunk.statistics()? {
        Statistics::Int64(s) if s.min_opt() == s.max_opt() => s.min_opt().map(|value| *value as u64),
        _ => None,
    }
}

fn column(batch: &RecordBatch, field: Field) -> Decoded<Column> {
    let array = |name: &str| batch.column_by_name(name).ok_or_else(|| format!("no column {name}"));
    let only = || array(parquet_names(field)[0]);
    let whole = |values: Vec<u64>| Ok(Column::Ints(Ints::new(&values)));
    match field {
        Field::Runs => {
            let accounts = numbers::<UInt32Type>(array("account")?)?;
            let entries = words(array("entry")?)?;
            let (keys, words) = entries;
            let words: Vec<Text> = words.into_iter().map(Text::from).collect();
            let key = |(account, key): (&u32, &i32)| {
                words.get(*key as usize).map(|word| (*account, word)).ok_or("a code without a word")
            };
            let keys = accounts.iter().zip(keys).map(key).collect::<Result<Vec<_>, _>>()?;
            Ok(Column::Runs(runs_of(keys.into_iter())))
        }
        Field::Quarter => Ok(quarters(&starts(only()?)?)),
        Field::First | Field::Last => {
            let starts = starts(array("bucket")?)?;
            let instants = numbers::<TimestampMillisecondType>(array(parquet_names(field)[1])?)?;
            let since = |(quarter, ms): (&i32, &i64)| ms.wrapping_sub(Quarter(*quarter).start_ms()) as u64;
            whole(starts.iter().zip(instants).map(since).collect())
        }
        Field::Session | Field::Person | Field::Sum(_) => whole(numbers::<UInt64Type>(only()?)?.to_vec()),
        Field::Version => whole(numbers::<UInt32Type>(only()?)?.iter().map(|v| u64::from(*v)).collect()),
        Field::Playback => whole(named(only()?, &Playback::ALL.map(Playback::name))?),
        Field::Proof => whole(named(only()?, &Proof::ALL.map(Proof::name))?),
        Field::Staff | Field::Bot => {
            let flags = only()?.as_boolean_opt().ok_or("not booleans")?;
            whole(flags.values().iter().map(u64::from).collect())
        }
        Field::Text(_) => Ok(Column::Words(text(only()?)?)),
        Field::Coverage | Field::Fresh => Ok(Column::Spans(list(only()?, span)?)),
        Field::Attention => Ok(Column::Attention(list(only()?, attention)?)),
        Field::Marks => Ok(Column::Marks(list(only()?, mark)?)),
        Field::Viewer => unreachable!("not stored"),
    }
}

fn starts(array: &ArrayRef) -> Decoded<Vec<i32>> {
    Ok(numbers::<TimestampMillisecondType>(array)?.iter().map(|ms| Quarter::of(*ms).0).collect())
}

fn numbers<T: arrow_array::ArrowPrimitiveType>(array: &ArrayRef) -> Decoded<&[T::Native]> {
    Ok(array.as_primitive_opt::<T>().ok_or("numbers of another type")?.values())
}

/// The codes of a dictionary column and its words.
fn words(array: &ArrayRef) -> Decoded<(&[i32], Vec<&str>)> {
    let array = array.as_dictionary_opt::<Int32Type>().ok_or("not a dictionary")?;
    let values = array.values().as_string_opt::<i32>().ok_or("not a dictionary of strings")?;
    Ok((array.keys().values(), values.iter().map(|word| word.unwrap_or("")).collect()))
}

/// A text column with distinct words: a decoder may give a word two codes.
fn text(array: &ArrayRef) -> Decoded<Words> {
    let (keys, all) = words(array)?;
    let (mut known, mut distinct): (BTreeMap<&str, u64>, Vec<Text>) = (BTreeMap::new(), Vec::new());
    let codes = all.into_iter().map(|word| {
        *known.entry(word).or_insert_with(|| {
            distinct.push(word.into());
            distinct.len() as u64 - 1
        })
    });
    let codes: Vec<u64> = codes.collect();
    let code = |key: &i32| codes.get(*key as usize).copied().ok_or("a code without a word");
    let codes = keys.iter().map(code).collect::<Result<Vec<u64>, _>>()?;
    Ok(Words::new(Ints::new(&codes), distinct.into()))
}

fn named(array: &ArrayRef, names: &[&str]) -> Decoded<Vec<u64>> {
    let (keys, words) = words(array)?;
    let code = |word: &&str| names.iter().position(|name| name == word).map(|code| code as u64);
    let codes: Vec<Option<u64>> = words.iter().map(code).collect();
    keys.iter().map(|key| codes.get(*key as usize).copied().flatten().ok_or_else(|| "an unknown word".into())).collect()
}

fn list<T>(array: &ArrayRef, items: fn(&StructArray) -> Decoded<Vec<T>>) -> Decoded<Lists<T>> {
    let list = array.as_list_opt::<i32>().ok_or("not a list")?;
    let values = list.values().as_struct_opt().ok_or("not a list of records")?;
    let offsets = list.offsets();
    let first = offsets.first();
    let starts: Box<[u32]> = offsets.iter().map(|at| (at - first) as u32).collect();
    let used = (offsets.last() - first) as usize;
    Ok(Lists::new(starts, items(&values.slice(first as usize, used))?.into()))
}

fn span(array: &StructArray) -> Decoded<Vec<Span>> {
    let [from, to, times] = [0, 1, 2].map(|i| numbers::<UInt32Type>(array.column(i)));
    let (from, to, times) = (from?, to?, times?);
    Ok((0..array.len()).map(|i| Span { from: from[i], to: to[i], times: times[i] }).collect())
}

fn attention(array: &StructArray) -> Decoded<Vec<Attention>> {
    let state = numbers::<UInt8Type>(array.column(0))?;
    let ms = numbers::<UInt64Type>(array.column(1))?;
    Ok((0..array.len()).map(|i| Attention { state: state[i], ms: ms[i] }).collect())
}

fn mark(array: &StructArray) -> Decoded<Vec<Mark>> {
    let kind = numbers::<UInt32Type>(array.column(0))?;
    let name = array.column(1).as_string_opt::<i32>().ok_or("not strings")?;
    let value = array.column(2).as_string_opt::<i32>().ok_or("not strings")?;
    let count = numbers::<UInt32Type>(array.column(3))?;
    let item =
        |i: usize| Mark { kind: kind[i], name: name.value(i).into(), value: value.value(i).into(), count: count[i] };
    Ok((0..array.len()).map(item).collect())
}
