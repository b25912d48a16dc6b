//! The sealed rows: segments whose columns are read when first needed, and forgotten when memory is short.

use super::layers::Key;
use crate::block::{Extent, Part, Rows, Unreadable, rows_of_session};
use crate::column::{Column, Dictionaries, Field, Ints, Lists, Words};
use crate::event::{AccountId, PersonKey, Text};
use crate::manifest::SegmentMeta;
use crate::rekey::Rekey;
use crate::row::{Mark, TextColumn};
use crate::scrub::Kind;
use crate::segment::{self, Footer, SegmentError, SegmentFile};
use crate::storage::Storage;
use hashbrown::HashMap;
use quick_cache::Weighter;
use quick_cache::sync::Cache as Quick;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Decoded columns and footers of all segments, within a budget of bytes.
pub(super) struct Cache {
    columns: Quick<(u64, u32, Field), Arc<Column>, Bytes>,
    footers: Quick<u64, Arc<Footer>, Bytes>,
    /// Keys that the files may still hold.
    rekey: Arc<Rekey>,
}

#[derive(Clone)]
struct Bytes;

impl Weighter<(u64, u32, Field), Arc<Column>> for Bytes {
    fn weight(&self, _: &(u64, u32, Field), column: &Arc<Column>) -> u64 {
        column.bytes() as u64
    }
}

impl Weighter<u64, Arc<Footer>> for Bytes {
    fn weight(&self, _: &u64, footer: &Arc<Footer>) -> u64 {
        footer.bytes() as u64
    }
}

impl Cache {
    /// A cache of about so many bytes: an eighth of them for footers, which decoding needs again and again.
    pub(super) fn new(bytes: u64, rekey: Arc<Rekey>) -> Cache {
        // How many entries to expect only sizes the tables: a column of a row group is some tens of kilobytes.
        let entries = (bytes / (32 << 10)).clamp(64, 1 << 20) as usize;
        Cache {
            columns: Quick::with_weighter(entries, bytes - bytes / 8, Bytes),
            footers: Quick::with_weighter(64, bytes / 8, Bytes),
            rekey,
        }
    }
    /// Bytes held now.
    pub(super) fn bytes(&self) -> u64 {
        self.columns.weight() + self.footers.weight()
    }
}

/// A segment's file and what of it is in memory.
pub(super) struct Sealed {
    id: u64,
    /// Shared by all that see the segment: the file stays for as long as one of them may ask for it.
    pub(super) file: Arc<SegmentFile>,
    cache: Arc<Cache>,
}

impl Sealed {
    fn footer(&self) -> Result<Arc<Footer>, SegmentError> {
        if let Some(footer) = self.cache.footers.get(&self.id) {
            return Ok(footer);
        }
        let footer = Arc::new(self.file.footer()?);
        self.cache.footers.insert(self.id, Arc::clone(&footer));
        Ok(footer)
    }

    /// Columns of a row group, those in memory from there.
    pub(super) fn columns(
        &self,
        group: usize,
        fields: &[Field],
        dictionaries: &Dictionaries,
    ) -> Result<Vec<Arc<Column>>, Unreadable> {
        let key = |field: Field| (self.id, group as u32, field);
        let mut found: Vec<Option<Arc<Column>>> =
            fields.iter().map(|field| self.cache.columns.get(&key(*field))).collect();
        let missing: Vec<usize> = (0..fields.len()).filter(|i| found[*i].is_none()).collect();
        if !missing.is_empty() {
            let stored = |i: &usize| if fields[*i] == Field::Viewer { Field::Person } else { fields[*i] };
            let wanted: Vec<Field> = missing.iter().map(stored).collect();
            let decoded = self.footer().and_then(|footer| self.file.columns(&footer, group, &wanted));
            let decoded = decoded.map_err(|error| Unreadable(error.to_string().into()))?;
            for (i, column) in missing.into_iter().zip(decoded) {
                let fresh = match fields[i] {
                    Field::Viewer => self.fresh(group, Field::Person, &column),
                    field => self.fresh(group, field, &column),
                };
                let column = fresh.map_err(|error| Unreadable(error.to_string().into()))?.unwrap_or(column);
                let column = match fields[i] {
                    Field::Viewer => Column::Ints(dictionaries.people.column(column.ints())),
                    _ => column,
                };
                let column = Arc::new(column);
                self.cache.columns.insert(key(fields[i]), Arc::clone(&column));
                found[i] = Some(column);
            }
        }
        Ok(found.into_iter().flatten().collect())
    }

    /// A row group as a whole, past the cache: for merging, which needs each once.
    pub(super) fn block(&self, group: usize) -> Result<crate::block::Block, SegmentError> {
        let mut block = self.file.block(&*self.footer()?, group)?;
        for field in exchanged_fields() {
            if let Some(fresh) = self.fresh(group, field, block.column(field))? {
                block = block.with(field, fresh);
            }
        }
        Ok(block)
    }

    /// A column of a row group, as the file has it, after the exchange; `None` when it stays.
    fn fresh(&self, group: usize, field: Field, column: &Column) -> Result<Option<Column>, SegmentError> {
        match field {
            Field::Person => Ok(self.people(group, column.ints())?.map(Column::Ints)),
            Field::Text(text) if TextColumn::FREE.contains(&text) => {
                Ok(self.words(group, text.kind(), column.words())?.map(Column::Words))
            }
            Field::Marks => Ok(self.marks(group, column.marks())?.map(Column::Marks)),
            _ => Ok(None),
        }
    }

    /// Account and person of each row, as the file has them.
    fn whose(&self, group: usize) -> Result<Vec<(AccountId, PersonKey)>, SegmentError> {
        let columns = self.file.columns(&*self.footer()?, group, &[Field::Runs, Field::Person])?;
        let (runs, people) = (columns[0].runs(), columns[1].ints());
        let of =
            |run: usize| runs.rows(run).map(move |row| (AccountId(runs.accounts[run]), PersonKey(people.get(row))));
        Ok((0..runs.len()).flat_map(of).collect())
    }

    /// Words without those that name somebody.
    fn words(&self, group: usize, kind: Kind, words: &Words) -> Result<Option<Words>, SegmentError> {
        let scrubs = self.cache.rekey.scrubs();
        let may: Vec<bool> = words.words.iter().map(|word| scrubs.may_name(kind, word)).collect();
        if !may.contains(&true) {
            return Ok(None);
        }
        let mut known: HashMap<Text, u64> = (0..).zip(&words.words).map(|(code, word)| (word.clone(), code)).collect();
        let (mut all, mut codes, mut changed) = (words.words.to_vec(), Vec::new(), false);
        // Few words are of many rows.
        let mut cleaned: HashMap<(u64, AccountId, PersonKey), u64> = HashMap::new();
        for (row, (account, person)) in self.whose(group)?.into_iter().enumerate() {
            let code = words.codes.get(row);
            let clean = || match scrubs.clean(account, person, kind, &words.words[code as usize]) {
                None => code,
                Some(clean) => *known.entry(clean.clone()).or_insert_with(|| {
                    all.push(clean);
                    all.len() as u64 - 1
                }),
            };
            let fresh = match may[code as usize] {
                true => *cleaned.entry((code, account, person)).or_insert_with(clean),
                false => code,
            };
            changed |= fresh != code;
            codes.push(fresh);
        }
        Ok(changed.then(|| only_used(&codes, &all)))
    }

    /// Marks whose values name nobody; those that are the same then are one.
    fn marks(&self, group: usize, marks: &Lists<Mark>) -> Result<Option<Lists<Mark>>, SegmentError> {
        let scrubs = self.cache.rekey.scrubs();
        if scrubs.is_empty() || !marks.items().iter().any(|mark| scrubs.may_name(Kind::Other, &mark.value)) {
            return Ok(None);
        }
        let (mut rows, mut changed) = (Vec::new(), false);
        for (row, (account, person)) in self.whose(group)?.into_iter().enumerate() {
            let mut counts: BTreeMap<(u32, Text, Text), u32> = BTreeMap::new();
            for mark in marks.row(row) {
                let clean = scrubs.clean(account, person, Kind::Other, &mark.value);
                changed |= clean.is_some();
                let value = clean.unwrap_or_else(|| mark.value.clone());
                *counts.entry((mark.kind, mark.name.clone(), value)).or_default() += mark.count;
            }
            let mark = |((kind, name, value), count)| Mark { kind, name, value, count };
            rows.push(counts.into_iter().map(mark).collect::<Vec<_>>());
        }
        Ok(changed.then(|| Lists::of(rows.iter().map(Vec::as_slice))))
    }

    /// The keys of a row group after the exchange; `None` when none of them is exchanged.
    fn people(&self, group: usize, people: &Ints) -> Result<Option<Ints>, SegmentError> {
        let rekey = &self.cache.rekey;
        if rekey.is_empty() || !(0..people.len()).any(|row| rekey.concerns(people.get(row))) {
            return Ok(None);
        }
        let columns = self.file.columns(&*self.footer()?, group, &[Field::Runs, Field::Quarter])?;
        let (runs, (base, offsets)) = (columns[0].runs(), columns[1].quarters());
        let (mut fresh, mut changed) = (Vec::with_capacity(people.len()), false);
        for run in 0..runs.len() {
            for row in runs.rows(run) {
                let old = PersonKey(people.get(row));
                let key = rekey.of(AccountId(runs.accounts[run]), old, base + offsets.get(row) as i32);
                changed |= key != old;
                fresh.push(key.0);
            }
        }
        Ok(changed.then(|| Ints::new(&fresh)))
    }

    /// Whether the file holds a key that is exchanged, or a text that is cleaned.
    pub(super) fn holds_old(&self, groups: usize) -> Result<bool, SegmentError> {
        let scrubs = !self.cache.rekey.scrubs().is_empty();
        let fields: Vec<Field> = exchanged_fields().filter(|field| scrubs || *field == Field::Person).collect();
        for group in 0..groups {
            let columns = self.file.columns(&*self.footer()?, group, &fields)?;
            for (field, column) in fields.iter().zip(&columns) {
                if self.fresh(group, *field, column)?.is_some() {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

/// Columns that an exchange may change.
fn exchanged_fields() -> impl Iterator<Item = Field> {
    [Field::Person, Field::Marks].into_iter().chain(TextColumn::FREE.into_iter().map(Field::Text))
}

/// Words of which each is that of some row.
fn only_used(codes: &[u64], all: &[Text]) -> Words {
    let mut places: HashMap<u64, u64> = HashMap::new();
    let mut words = Vec::new();
    let mut place = |code: u64| {
        *places.entry(code).or_insert_with(|| {
            words.push(all[code as usize].clone());
            words.len() as u64 - 1
        })
    };
    let codes: Vec<u64> = codes.iter().map(|code| place(*code)).collect();
    Words::new(Ints::new(&codes), words.into())
}

/// One row group, as a snapshot's part.
struct Group {
    sealed: Arc<Sealed>,
    number: usize,
}

impl Rows for Group {
    fn columns(&self, fields: &[Field], dictionaries: &Dictionaries) -> Result<Vec<Arc<Column>>, Unreadable> {
        self.sealed.columns(self.number, fields, dictionaries)
    }
}

/// The file of a segment.
pub(super) fn file(storage: &Arc<dyn Storage>, meta: &SegmentMeta) -> SegmentFile {
    SegmentFile {
        storage: Arc::clone(storage),
        path: segment::path(meta.id),
        size: meta.bytes,
        checksums: meta.checksums.clone().into(),
    }
}

/// A live segment.
pub(super) struct Segment {
    pub(super) meta: SegmentMeta,
    pub(super) sealed: Arc<Sealed>,
    pub(super) superseded: Arc<Vec<u32>>,
    /// Rows were superseded since the last commit.
    pub(super) dirty: bool,
    /// It cannot be read: leave it as it is.
    pub(super) broken: bool,
    /// One for each row group.
    parts: Vec<Part>,
}

impl Segment {
    pub(super) fn new(storage: &Arc<dyn Storage>, cache: &Arc<Cache>, meta: SegmentMeta) -> Segment {
        let file = Arc::new(file(storage, &meta));
        Segment::over(file, cache, meta)
    }

    /// The same with other keys: snapshots that are out keep what they see.
    pub(super) fn renewed(&self, cache: &Arc<Cache>) -> Segment {
        let meta = SegmentMeta { superseded: self.superseded.to_vec(), ..self.meta.clone() };
        let renewed = Segment::over(Arc::clone(&self.sealed.file), cache, meta);
        Segment { dirty: self.dirty, broken: self.broken, ..renewed }
    }

    fn over(file: Arc<SegmentFile>, cache: &Arc<Cache>, mut meta: SegmentMeta) -> Segment {
        let superseded = Arc::new(std::mem::take(&mut meta.superseded));
        let sealed = Arc::new(Sealed { id: meta.id, file, cache: Arc::clone(cache) });
        let part = |(number, (from, extent)): (usize, (u32, &Extent))| {
            let rows = Arc::new(Group { sealed: Arc::clone(&sealed), number });
            Part::lazy(rows, Arc::new(extent.clone()), Arc::new(within(&superseded, from, extent.rows)))
        };
        let parts = firsts(&meta).zip(&meta.groups).enumerate().map(part).collect();
        Segment { meta, sealed, superseded, dirty: false, broken: false, parts }
    }

    pub(super) fn parts(&self) -> impl Iterator<Item = Part> + '_ {
        self.parts.iter().cloned()
    }

    pub(super) fn live(&self) -> usize {
        self.meta.extent.rows - self.superseded.len()
    }

    /// The rows of a session, also the superseded ones.
    pub(super) fn find(&self, key: &Key) -> Result<Vec<u32>, Unreadable> {
        if !self.meta.extent.may_hold(key.0, &key.1) || !self.meta.filter.may_hold(key.2) {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        for (number, (first, extent)) in firsts(&self.meta).zip(&self.meta.groups).enumerate() {
            if extent.may_hold(key.0, &key.1) {
                let fields = [Field::Runs, Field::Session];
                let columns = self.sealed.columns(number, &fields, &Dictionaries::default())?;
                let rows = rows_of_session(columns[0].runs(), columns[1].ints(), key.0, &key.1, key.2);
                found.extend(rows.into_iter().map(|row| first + row));
            }
        }
        Ok(found)
    }

    /// Supersedes rows.
    pub(super) fn supersede(&mut self, rows: Vec<u32>) {
        let before = self.superseded.len();
        let mut all = self.superseded.to_vec();
        all.extend(rows);
        all.sort_unstable();
        all.dedup();
        if all.len() == before {
            return;
        }
        for (part, first) in self.parts.iter_mut().zip(firsts(&self.meta)) {
            let gone = within(&all, first, part.extent.rows);
            if gone.len() > part.superseded.len() {
                part.superseded = Arc::new(gone);
            }
        }
        self.superseded = Arc::new(all);
        self.dirty = true;
    }
}

/// The number in the segment of each row group's first row.
pub(super) fn firsts(meta: &SegmentMeta) -> impl Iterator<Item = u32> + '_ {
    meta.groups.iter().scan(0, |next, group| {
        let first = *next;
        *next += group.rows as u32;
        Some(first)
    })
}

/// The rows of a segment that lie in a row group, numbered within it.
pub(super) fn within(rows: &[u32], first: u32, count: usize) -> Vec<u32> {
    let from = rows.partition_point(|row| *row < first);
    let to = rows.partition_point(|row| *row < first + count as u32);
    rows[from..to].iter().map(|row| row - first).collect()
}
