//! Parquet to blocks.

use super::schema::{LISTS, schema};
use super::{CHUNK_BYTES, FORMAT, FORMAT_KEY, SegmentError};
use crate::block::{Block, Coded, Lists};
use crate::event::{Playback, Proof, Text};
use crate::row::{Attention, Mark, Span, SumColumn, TextColumn};
use crate::time::Quarter;
use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, TimestampMillisecondType, UInt8Type, UInt32Type, UInt64Type};
use arrow_array::{Array, ArrayRef, RecordBatch, StructArray};
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::file::metadata::ParquetMetaData;
use parquet::file::statistics::Statistics;
use std::collections::BTreeMap;

/// Which columns to decode. Fixed columns always are; what is left out is empty: no words, zeros, no items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    /// Text columns.
    pub text: Vec<TextColumn>,
    /// Number columns.
    pub sum: Vec<SumColumn>,
    /// Coverage, fresh, attention, marks.
    pub lists: [bool; 4],
}

impl Columns {
    /// Everything.
    pub fn all() -> Columns {
        Columns { text: TextColumn::ALL.to_vec(), sum: SumColumn::ALL.to_vec(), lists: [true; 4] }
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

/// Decodes a segment whose bytes have been verified.
///
/// # Errors
/// `Damaged` when the bytes are not a segment of this format.
pub fn read(path: &str, bytes: Bytes, columns: &Columns) -> Result<Block, SegmentError> {
    let size = bytes.len() as u64;
    let damaged = |what: String| SegmentError::Damaged { path: path.into(), from: 0, to: size, what };
    decode(bytes, columns).map_err(damaged)
}

type Decoded<T> = Result<T, String>;

fn decode(bytes: Bytes, columns: &Columns) -> Decoded<Block> {
    let options = ArrowReaderOptions::new();
    let metadata = ArrowReaderMetadata::load(&bytes, options).map_err(|e| e.to_string())?;
    check_format(metadata.metadata())?;
    if **metadata.schema() != schema().with_metadata(metadata.schema().metadata().clone()) {
        return Err("the columns are not those of this format".into());
    }
    let mut block = Block {
        text: vec![Coded::default(); TextColumn::COUNT],
        sum: vec![Vec::new(); SumColumn::COUNT],
        ..Block::default()
    };
    let sums = live_sums(metadata.metadata(), columns);
    let names = names(columns, &sums);
    let mask = ProjectionMask::columns(metadata.parquet_schema(), names.iter().copied());
    let mut known = vec![BTreeMap::new(); TextColumn::COUNT];
    for group in 0..metadata.metadata().num_row_groups() {
        let rows = metadata.metadata().row_group(group).num_rows().max(1) as usize;
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(bytes.clone(), metadata.clone())
            .with_projection(mask.clone())
            .with_row_groups(vec![group])
            .with_batch_size(rows)
            .build()
            .map_err(|e| e.to_string())?;
        for batch in reader {
            push(&mut block, &mut known, &batch.map_err(|e| e.to_string())?, columns, &sums)?;
        }
    }
    if block.rows as i64 != metadata.metadata().file_metadata().num_rows() {
        return Err("the footer counts other rows than there are".into());
    }
    fill_lists(&mut block, columns);
    Ok(block)
}

fn check_format(metadata: &ParquetMetaData) -> Decoded<()> {
    let pairs = metadata.file_metadata().key_value_metadata();
    let format = pairs.into_iter().flatten().find(|pair| pair.key == FORMAT_KEY).and_then(|pair| pair.value.as_deref());
    match format {
        Some(version) if version == FORMAT.to_string() => Ok(()),
        Some(version) => Err(format!("format {version}, this program reads {FORMAT}")),
        None => Err("not a segment: no format in the footer".into()),
    }
}

/// The asked number columns that are not zero all over, by the statistics in the footer.
fn live_sums(metadata: &ParquetMetaData, columns: &Columns) -> Vec<SumColumn> {
    let zero = |column: &SumColumn| {
        metadata.row_groups().iter().all(|group| {
            let chunk = group.columns().iter().find(|chunk| chunk.column_path().string() == column.column());
            let statistics = chunk.and_then(|chunk| chunk.statistics());
            matches!(statistics, Some(Statistics::Int64(s)) if s.min_opt() == Some(&0) && s.max_opt() == Some(&0))
        })
    };
    columns.sum.iter().copied().filter(|column| !zero(column)).collect()
}

fn names<'a>(columns: &Columns, sums: &[SumColumn]) -> Vec<&'a str> {
    let fixed = super::schema::FIXED.iter().map(|(name, _)| *name);
    let text = columns.text.iter().map(|column| column.column());
    let sums = sums.iter().map(|column| column.column());
    let lists = LISTS.iter().zip(columns.lists).filter(|(_, wanted)| *wanted).map(|((name, _), _)| *name);
    fixed.chain(text).chain(sums).chain(lists).collect()
}

fn push(
    block: &mut Block,
    known: &mut [BTreeMap<Text, u32>],
    batch: &RecordBatch,
    columns: &Columns,
    sums: &[SumColumn],
) -> Decoded<()> {
    push_fixed(block, batch)?;
    for &column in &columns.text {
        push_words(&mut block.text[column as usize], &mut known[column as usize], at(batch, column.column())?)?;
    }
    for &column in sums {
        block.sum[column as usize].extend_from_slice(numbers::<UInt64Type>(at(batch, column.column())?)?);
    }
    let [coverage, fresh, attention, marks] = columns.lists;
    if coverage {
        push_list(&mut block.coverage, at(batch, "coverage")?, span)?;
    }
    if fresh {
        push_list(&mut block.fresh, at(batch, "fresh")?, span)?;
    }
    if attention {
        push_list(&mut block.attention, at(batch, "attention")?, attention_item)?;
    }
    if marks {
        push_list(&mut block.marks, at(batch, "marks")?, mark)?;
    }
    block.rows += batch.num_rows();
    Ok(())
}

fn push_fixed(block: &mut Block, batch: &RecordBatch) -> Decoded<()> {
    let instants = |name| numbers::<TimestampMillisecondType>(at(batch, name)?);
    block.account.extend_from_slice(numbers::<UInt32Type>(at(batch, "account")?)?);
    block.quarter.extend(instants("bucket")?.iter().map(|ms| Quarter::of(*ms).0));
    block.session.extend_from_slice(numbers::<UInt64Type>(at(batch, "session")?)?);
    block.version.extend_from_slice(numbers::<UInt32Type>(at(batch, "version")?)?);
    block.person.extend_from_slice(numbers::<UInt64Type>(at(batch, "person")?)?);
    block.first_ms.extend_from_slice(instants("first_at")?);
    block.last_ms.extend_from_slice(instants("last_at")?);
    push_named(&mut block.playback, at(batch, "playback")?, &Playback::ALL.map(Playback::name))?;
    push_named(&mut block.proof, at(batch, "proof")?, &Proof::ALL.map(Proof::name))?;
    for (name, to) in [("staff", &mut block.staff), ("bot", &mut block.bot)] {
        let array = at(batch, name)?.as_boolean_opt().ok_or("not booleans")?;
        to.extend(array.values().iter());
    }
    Ok(())
}

fn at<'a>(batch: &'a RecordBatch, name: &str) -> Decoded<&'a ArrayRef> {
    batch.column_by_name(name).ok_or_else(|| format!("no column {name}"))
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

fn push_words(to: &mut Coded, known: &mut BTreeMap<Text, u32>, array: &ArrayRef) -> Decoded<()> {
    let (keys, words) = words(array)?;
    let mut codes = Vec::with_capacity(words.len());
    for word in words {
        let code = known.get(word).copied().unwrap_or_else(|| {
            let code = to.words.len() as u32;
            to.words.push(word.into());
            known.insert(word.into(), code);
            code
        });
        codes.push(code);
    }
    for &key in keys {
        to.codes.push(*codes.get(key as usize).ok_or("a code without a word")?);
    }
    Ok(())
}

fn push_named(to: &mut Vec<u8>, array: &ArrayRef, names: &[&str]) -> Decoded<()> {
    let (keys, words) = words(array)?;
    let code = |word: &&str| names.iter().position(|name| name == word).map(|code| code as u8);
    let codes: Vec<Option<u8>> = words.iter().map(code).collect();
    for &key in keys {
        to.push(codes.get(key as usize).copied().flatten().ok_or("an unknown word")?);
    }
    Ok(())
}

fn push_list<T>(to: &mut Lists<T>, array: &ArrayRef, items: fn(&StructArray) -> Decoded<Vec<T>>) -> Decoded<()> {
    let list = array.as_list_opt::<i32>().ok_or("not a list")?;
    let values = list.values().as_struct_opt().ok_or("not a list of records")?;
    let offsets = list.offsets();
    let first = offsets.first();
    let base = to.items.len() as u32;
    to.starts.extend(offsets.iter().skip(1).map(|end| base + (end - first) as u32));
    let used = (offsets.last() - first) as usize;
    to.items.extend(items(&values.slice(first as usize, used))?);
    Ok(())
}

fn span(array: &StructArray) -> Decoded<Vec<Span>> {
    let [from, to, times] = [0, 1, 2].map(|i| numbers::<UInt32Type>(array.column(i)));
    let (from, to, times) = (from?, to?, times?);
    Ok((0..array.len()).map(|i| Span { from: from[i], to: to[i], times: times[i] }).collect())
}

fn attention_item(array: &StructArray) -> Decoded<Vec<Attention>> {
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

/// Lists that were not asked for are empty in every row, and text is the empty word.
fn fill_lists(block: &mut Block, columns: &Columns) {
    let starts = vec![0; block.rows + 1];
    let [coverage, fresh, attention, marks] = columns.lists;
    if !coverage {
        block.coverage.starts.clone_from(&starts);
    }
    if !fresh {
        block.fresh.starts.clone_from(&starts);
    }
    if !attention {
        block.attention.starts.clone_from(&starts);
    }
    if !marks {
        block.marks.starts = starts;
    }
    for &column in TextColumn::ALL.iter().filter(|column| !columns.text.contains(column)) {
        block.text[column as usize] = Coded { codes: vec![0; block.rows], words: vec![Text::from("")] };
    }
}
