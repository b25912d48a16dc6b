//! Columns in memory: the one form a scan reads, whether the rows come from a sealed segment or the unsealed tail.
//!
//! A column is as narrow as its values allow (a million plays of 0 or 1 are a megabyte, a column of zeros is nothing),
//! because a scan's speed is the bytes it reads. Text is codes into the words of the column itself; [`Dictionary`] gives
//! each word one code for all columns of its kind, so that groups of different columns meet without comparing text
//! (ruling 22).

use crate::event::Text;
use crate::row::{Attention, Mark, Span, SumColumn, TextColumn};
use hashbrown::HashTable;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use xxhash_rust::xxh3::xxh3_64;

/// Whole numbers, as narrow as they allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ints {
    /// The same number in so many rows.
    Same(u64, usize),
    /// One byte each.
    U8(Box<[u8]>),
    /// Two bytes each.
    U16(Box<[u16]>),
    /// Four bytes each.
    U32(Box<[u32]>),
    /// Eight bytes each.
    U64(Box<[u64]>),
}

/// Numbers that can be had one by one: what [`by_width`] hands to loops.
pub trait At {
    /// The number in a row.
    fn at(&self, row: usize) -> u64;
}

macro_rules! at {
    ($($kind:ty),+) => { $(impl At for [$kind] {
        #[inline]
        fn at(&self, row: usize) -> u64 {
            u64::from(self[row])
        }
    })+ };
}
at!(u8, u16, u32, u64);

/// One number in every row.
#[derive(Clone, Copy, Debug)]
pub struct One(pub u64);

impl At for One {
    #[inline]
    fn at(&self, _: usize) -> u64 {
        self.0
    }
}

/// Runs a loop over numbers in a form made for each width: `by_width!(ints, numbers => loop over numbers.at(row))`.
macro_rules! by_width {
    ($ints:expr, $numbers:ident => $body:expr) => {
        match $ints {
            $crate::column::Ints::Same(value, _) => {
                let $numbers = &$crate::column::One(*value);
                $body
            }
            $crate::column::Ints::U8(values) => {
                let $numbers = &**values;
                $body
            }
            $crate::column::Ints::U16(values) => {
                let $numbers = &**values;
                $body
            }
            $crate::column::Ints::U32(values) => {
                let $numbers = &**values;
                $body
            }
            $crate::column::Ints::U64(values) => {
                let $numbers = &**values;
                $body
            }
        }
    };
}

pub(crate) use by_width;

impl Ints {
    /// The narrowest form of some numbers.
    pub fn new(values: &[u64]) -> Ints {
        let first = values.first().copied().unwrap_or(0);
        let (mut largest, mut same) = (0, true);
        for value in values {
            largest = largest.max(*value);
            same &= *value == first;
        }
        match largest {
            _ if same => Ints::Same(first, values.len()),
            0..=0xff => Ints::U8(values.iter().map(|v| *v as u8).collect()),
            0x100..=0xffff => Ints::U16(values.iter().map(|v| *v as u16).collect()),
            0x1_0000..=0xffff_ffff => Ints::U32(values.iter().map(|v| *v as u32).collect()),
            _ => Ints::U64(values.into()),
        }
    }

    /// How many.
    pub fn len(&self) -> usize {
        match self {
            Ints::Same(_, rows) => *rows,
            Ints::U8(values) => values.len(),
            Ints::U16(values) => values.len(),
            Ints::U32(values) => values.len(),
            Ints::U64(values) => values.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number in a row.
    pub fn get(&self, row: usize) -> u64 {
        by_width!(self, numbers => numbers.at(row))
    }

    /// No number of these widths is larger.
    pub fn ceiling(&self) -> u64 {
        match self {
            Ints::Same(value, _) => *value,
            Ints::U8(_) => u64::from(u8::MAX),
            Ints::U16(_) => u64::from(u16::MAX),
            Ints::U32(_) => u64::from(u32::MAX),
            Ints::U64(_) => u64::MAX,
        }
    }

    /// Whether every number is 0.
    pub fn is_zero(&self) -> bool {
        matches!(self, Ints::Same(0, _))
    }

    fn bytes(&self) -> usize {
        match self {
            Ints::Same(..) => 0,
            Ints::U8(values) => values.len(),
            Ints::U16(values) => values.len() * 2,
            Ints::U32(values) => values.len() * 4,
            Ints::U64(values) => values.len() * 8,
        }
    }
}

/// Text: a code for each row, and what the codes mean in this column.
#[derive(Debug)]
pub struct Words {
    /// One code a row, below `words.len()`.
    pub codes: Ints,
    /// The words; distinct. Their order has no meaning.
    pub words: Box<[Text]>,
    global: OnceLock<Box<[u32]>>,
}

impl Words {
    /// A column of these codes and words.
    pub fn new(codes: Ints, words: Box<[Text]>) -> Words {
        Words { codes, words, global: OnceLock::new() }
    }
    /// The word of a row.
    pub fn get(&self, row: usize) -> &str {
        &self.words[self.codes.get(row) as usize]
    }
    /// The dictionary's code of each word.
    pub fn global(&self, dictionary: &Dictionary) -> &[u32] {
        self.global.get_or_init(|| dictionary.codes(&self.words))
    }
}

/// Which entry the rows belong to: rows are sorted by account and entry, so it is told in runs.
#[derive(Debug)]
pub struct Runs {
    /// First row of each run, then the number of rows.
    pub starts: Box<[u32]>,
    /// Account of each run.
    pub accounts: Box<[u32]>,
    /// Entry of each run.
    pub entries: Box<[Text]>,
    global: OnceLock<Box<[u32]>>,
}

impl Runs {
    /// Runs that begin at these rows; `starts` ends with the number of rows.
    pub fn new(starts: Box<[u32]>, accounts: Box<[u32]>, entries: Box<[Text]>) -> Runs {
        Runs { starts, accounts, entries, global: OnceLock::new() }
    }
    /// How many runs.
    pub fn len(&self) -> usize {
        self.accounts.len()
    }
    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty()
    }
    /// The run that holds a row.
    pub fn of(&self, row: usize) -> usize {
        self.starts.partition_point(|start| *start as usize <= row) - 1
    }
    /// The run of an account's entry.
    pub fn find(&self, account: u32, entry: &str) -> Option<usize> {
        let key = |run: usize| (self.accounts[run], &*self.entries[run]);
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            if key(middle) < (account, entry) { low = middle + 1 } else { high = middle }
        }
        (low < self.len() && key(low) == (account, entry)).then_some(low)
    }
    /// The rows of a run.
    pub fn rows(&self, run: usize) -> std::ops::Range<usize> {
        self.starts[run] as usize..self.starts[run + 1] as usize
    }
    /// The dictionary's code of each run's entry.
    pub fn global(&self, dictionary: &Dictionary) -> &[u32] {
        self.global.get_or_init(|| dictionary.codes(&self.entries))
    }
}

/// Lists: row `i` holds `items[starts[i]..starts[i + 1]]`.
#[derive(Clone, Debug)]
pub struct Lists<T> {
    starts: Box<[u32]>,
    items: Box<[T]>,
}

impl<T> Lists<T> {
    /// Lists that begin at these items; `starts` ends with the number of items.
    pub fn new(starts: Box<[u32]>, items: Box<[T]>) -> Lists<T> {
        Lists { starts, items }
    }
    /// The items of a row.
    #[inline]
    pub fn row(&self, row: usize) -> &[T] {
        &self.items[self.starts[row] as usize..self.starts[row + 1] as usize]
    }
    /// The items of all rows.
    pub fn items(&self) -> &[T] {
        &self.items
    }
    /// Whether every list is empty.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
    /// One list for each row.
    pub fn of<'a>(rows: impl Iterator<Item = &'a [T]>) -> Lists<T>
    where
        T: Clone + 'a,
    {
        let (mut starts, mut items) = (vec![0], Vec::new());
        for row in rows {
            items.extend_from_slice(row);
            starts.push(items.len() as u32);
        }
        Lists { starts: starts.into(), items: items.into() }
    }
    fn bytes(&self) -> usize {
        self.starts.len() * 4 + self.items.len() * size_of::<T>()
    }
}

/// Which column. All are stored but [`Field::Viewer`], which is made of [`Field::Person`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// Account and entry.
    Runs,
    /// Quarter.
    Quarter,
    /// Session hash.
    Session,
    /// Playback code.
    Playback,
    /// Version.
    Version,
    /// Person key.
    Person,
    /// Proof code.
    Proof,
    /// Staff: 0 or 1.
    Staff,
    /// Bot: 0 or 1.
    Bot,
    /// First instant, ms after the quarter's start.
    First,
    /// Last instant, ms after the quarter's start.
    Last,
    /// Coverage.
    Coverage,
    /// First coverage.
    Fresh,
    /// Attention.
    Attention,
    /// Marks.
    Marks,
    /// A text column other than the entry.
    Text(TextColumn),
    /// A number column.
    Sum(SumColumn),
    /// The person's code in [`Dictionaries::people`].
    Viewer,
}

impl Field {
    const SINGLE: [Field; 15] = [
        Field::Runs,
        Field::Quarter,
        Field::Session,
        Field::Playback,
        Field::Version,
        Field::Person,
        Field::Proof,
        Field::Staff,
        Field::Bot,
        Field::First,
        Field::Last,
        Field::Coverage,
        Field::Fresh,
        Field::Attention,
        Field::Marks,
    ];
    /// How many are stored.
    pub const STORED: usize = Field::SINGLE.len() + TextColumn::COUNT + SumColumn::COUNT;

    /// All that are stored, by [`Field::index`].
    pub fn stored() -> impl Iterator<Item = Field> {
        let text = TextColumn::ALL.iter().map(|column| Field::Text(*column));
        let sums = SumColumn::ALL.iter().map(|column| Field::Sum(*column));
        Field::SINGLE.into_iter().chain(text).chain(sums)
    }

    /// Its place in [`Field::stored`]; [`Field::Viewer`] comes after.
    pub fn index(self) -> usize {
        match self {
            Field::Text(column) => Field::SINGLE.len() + column as usize,
            Field::Sum(column) => Field::SINGLE.len() + TextColumn::COUNT + column as usize,
            Field::Viewer => Field::STORED,
            single => Field::SINGLE.iter().position(|field| *field == single).expect("the table lists them all"),
        }
    }
}

/// One column of some rows.
#[derive(Debug)]
pub enum Column {
    /// Account and entry.
    Runs(Runs),
    /// Numbers.
    Ints(Ints),
    /// Quarters: the lowest, and each row's distance from it.
    Quarters(i32, Ints),
    /// Text.
    Words(Words),
    /// Seconds.
    Spans(Lists<Span>),
    /// Attention.
    Attention(Lists<Attention>),
    /// Marks.
    Marks(Lists<Mark>),
}

macro_rules! shape {
    ($($name:ident $variant:ident $kind:ty),+ $(,)?) => { $(
        #[doc = concat!("The column as ", stringify!($variant), ".\n\n# Panics\nWhen it has another shape: the field decides it.")]
        pub fn $name(&self) -> &$kind {
            match self {
                Column::$variant(column) => column,
                other => panic!("a column of {} was asked for, this is {}", stringify!($variant), other.shape()),
            }
        }
    )+ };
}

impl Column {
    shape! {
        runs Runs Runs,
        ints Ints Ints,
        words Words Words,
        spans Spans Lists<Span>,
        attention Attention Lists<Attention>,
        marks Marks Lists<Mark>,
    }

    /// The lowest quarter and each row's distance from it.
    ///
    /// # Panics
    /// When it has another shape.
    pub fn quarters(&self) -> (i32, &Ints) {
        match self {
            Column::Quarters(base, offsets) => (*base, offsets),
            other => panic!("quarters were asked for, this is {}", other.shape()),
        }
    }

    fn shape(&self) -> &'static str {
        match self {
            Column::Runs(_) => "runs",
            Column::Ints(_) => "numbers",
            Column::Quarters(..) => "quarters",
            Column::Words(_) => "words",
            Column::Spans(_) => "spans",
            Column::Attention(_) => "attention",
            Column::Marks(_) => "marks",
        }
    }

    /// Bytes in memory, for budgets.
    pub fn bytes(&self) -> usize {
        // What an allocation and the entry of a cache cost beside the values.
        const FIXED: usize = 96;
        let texts = |texts: &[Text]| texts.iter().map(|text| text.len() + 24).sum::<usize>();
        FIXED
            + match self {
                Column::Runs(runs) => runs.starts.len() * 12 + texts(&runs.entries),
                Column::Ints(ints) | Column::Quarters(_, ints) => ints.bytes(),
                Column::Words(words) => words.codes.bytes() + texts(&words.words) + words.words.len() * 4,
                Column::Spans(lists) => lists.bytes(),
                Column::Attention(lists) => lists.bytes(),
                Column::Marks(lists) => {
                    let text = |mark: &Mark| mark.name.len() + mark.value.len();
                    lists.bytes() + lists.items.iter().map(text).sum::<usize>()
                }
            }
    }
}

/// Words and the codes they were given, for as long as the program runs. Codes are dense and never change.
#[derive(Debug, Default)]
pub struct Dictionary {
    inner: RwLock<Known>,
}

#[derive(Debug, Default)]
struct Known {
    words: Vec<Arc<str>>,
    table: HashTable<u32>,
}

impl Known {
    fn find(&self, word: &str) -> Option<u32> {
        self.table.find(xxh3_64(word.as_bytes()), |code| *self.words[*code as usize] == *word).copied()
    }
    fn code(&mut self, word: &str) -> u32 {
        if let Some(code) = self.find(word) {
            return code;
        }
        let code = self.words.len() as u32;
        self.words.push(word.into());
        let words = &self.words;
        let hash = |code: &u32| xxh3_64(words[*code as usize].as_bytes());
        self.table.insert_unique(xxh3_64(word.as_bytes()), code, hash);
        code
    }
}

impl Dictionary {
    /// The codes of some words; new words get new ones.
    pub fn codes(&self, words: &[Text]) -> Box<[u32]> {
        let known: Vec<Option<u32>> = {
            let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
            words.iter().map(|word| inner.find(word)).collect()
        };
        if known.iter().all(Option::is_some) {
            return known.into_iter().flatten().collect();
        }
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        words.iter().map(|word| inner.code(word)).collect()
    }
    /// The code of a word that was seen; `None` for others.
    pub fn find(&self, word: &str) -> Option<u32> {
        self.inner.read().unwrap_or_else(PoisonError::into_inner).find(word)
    }
    /// The code of a word, new or not.
    pub fn code(&self, word: &str) -> u32 {
        match self.find(word) {
            Some(code) => code,
            None => self.inner.write().unwrap_or_else(PoisonError::into_inner).code(word),
        }
    }
    /// The word of a code.
    pub fn word(&self, code: u32) -> Arc<str> {
        Arc::clone(&self.inner.read().unwrap_or_else(PoisonError::into_inner).words[code as usize])
    }
    /// How many words there are.
    pub fn len(&self) -> usize {
        self.inner.read().unwrap_or_else(PoisonError::into_inner).words.len()
    }
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Person keys and their dense codes.
#[derive(Debug, Default)]
pub struct People {
    inner: RwLock<KnownPeople>,
}

#[derive(Debug, Default)]
struct KnownPeople {
    keys: Vec<u64>,
    table: HashTable<u32>,
}

impl KnownPeople {
    // Keys are random numbers: they are their own hashes.
    fn code(&mut self, key: u64) -> u32 {
        if let Some(code) = self.table.find(key, |code| self.keys[*code as usize] == key) {
            return *code;
        }
        let code = self.keys.len() as u32;
        self.keys.push(key);
        let keys = &self.keys;
        self.table.insert_unique(key, code, |code| keys[*code as usize]);
        code
    }
}

impl People {
    /// The codes of a column of keys.
    pub fn column(&self, keys: &Ints) -> Ints {
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        if let Ints::Same(key, rows) = keys {
            return Ints::Same(u64::from(inner.code(*key)), *rows);
        }
        let codes: Vec<u64> = (0..keys.len()).map(|row| u64::from(inner.code(keys.get(row)))).collect();
        Ints::new(&codes)
    }
    /// The code of a key, new or not.
    pub fn code(&self, key: u64) -> u32 {
        self.inner.write().unwrap_or_else(PoisonError::into_inner).code(key)
    }
    /// The key of a code.
    pub fn key(&self, code: u32) -> u64 {
        self.inner.read().unwrap_or_else(PoisonError::into_inner).keys[code as usize]
    }
    /// How many there are.
    pub fn len(&self) -> usize {
        self.inner.read().unwrap_or_else(PoisonError::into_inner).keys.len()
    }
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The dictionaries of a store: one for each text column, one for people.
#[derive(Debug)]
pub struct Dictionaries {
    text: [Dictionary; TextColumn::COUNT],
    /// People.
    pub people: People,
}

impl Default for Dictionaries {
    fn default() -> Dictionaries {
        Dictionaries { text: std::array::from_fn(|_| Dictionary::default()), people: People::default() }
    }
}

impl Dictionaries {
    /// The dictionary of a text column.
    pub fn text(&self, column: TextColumn) -> &Dictionary {
        &self.text[column as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_narrow_as_they_allow_and_stay_what_they_were() {
        for (values, form) in [
            (vec![], "Same(0, 0)"),
            (vec![7, 7, 7], "Same(7, 3)"),
            (vec![0, 255], "U8"),
            (vec![1, 256], "U16"),
            (vec![1, 65_536], "U32"),
            (vec![1, u64::from(u32::MAX) + 1], "U64"),
        ] {
            let ints = Ints::new(&values);
            assert!(format!("{ints:?}").starts_with(form), "{ints:?}");
            assert_eq!((0..ints.len()).map(|row| ints.get(row)).collect::<Vec<_>>(), values);
            assert!(values.iter().all(|value| *value <= ints.ceiling()));
        }
    }

    #[test]
    fn fields_have_places_of_their_own() {
        let places: Vec<usize> = Field::stored().map(Field::index).collect();
        assert_eq!(places, (0..Field::STORED).collect::<Vec<_>>());
        assert_eq!(Field::Viewer.index(), Field::STORED);
    }

    #[test]
    fn words_keep_their_codes() {
        let dictionary = Dictionary::default();
        let first = dictionary.codes(&["a".into(), "b".into()]);
        let again = dictionary.codes(&["b".into(), "c".into(), "a".into()]);
        assert_eq!((&*first, &*again), (&[0, 1][..], &[1, 2, 0][..]));
        assert_eq!((&*dictionary.word(2), dictionary.find("c"), dictionary.find("d")), ("c", Some(2), None));
    }

    #[test]
    fn people_keep_their_codes() {
        let people = People::default();
        assert_eq!(people.column(&Ints::new(&[5, 9, 5])), Ints::new(&[0, 1, 0]));
        assert_eq!(people.column(&Ints::new(&[9, 9])), Ints::Same(1, 2));
        assert_eq!((people.key(1), people.code(77), people.len()), (9, 2, 3));
    }

    #[test]
    fn a_row_is_found_in_its_run() {
        let runs = Runs::new([0, 2, 5].into(), [1, 1].into(), ["a".into(), "b".into()].into());
        assert_eq!([0, 1, 2, 4].map(|row| runs.of(row)), [0, 0, 1, 1]);
        assert_eq!(runs.rows(1), 2..5);
        let found =
            [(1, "a"), (1, "b"), (1, "c"), (0, "a"), (2, "a")].map(|(account, entry)| runs.find(account, entry));
        assert_eq!(found, [Some(0), Some(1), None, None, None]);
    }
}
