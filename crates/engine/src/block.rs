//! Rows as columns in memory: the one form a scan reads, whether the rows come from a sealed segment or the unsealed
//! tail. Text is dense codes into a dictionary of the block (ruling 22).

use crate::event::{AccountId, PersonKey, Playback, Proof, Text};
use crate::row::{Attention, Mark, Span, SumColumn, TextColumn, ViewRow};
use crate::time::Quarter;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A text column: a code for each row, and what the codes mean. Code order has no meaning.
#[derive(Clone, Debug, Default)]
pub struct Coded {
    /// One code a row, below `words.len()`.
    pub codes: Vec<u32>,
    /// The words; distinct.
    pub words: Vec<Text>,
}

/// A list column: row `i` holds `items[starts[i]..starts[i + 1]]`.
#[derive(Clone, Debug)]
pub struct Lists<T> {
    /// One more than there are rows.
    pub starts: Vec<u32>,
    /// All items.
    pub items: Vec<T>,
}

impl<T> Default for Lists<T> {
    fn default() -> Self {
        Lists { starts: vec![0], items: Vec::new() }
    }
}

impl<T> Lists<T> {
    /// The items of a row.
    pub fn row(&self, i: usize) -> &[T] {
        &self.items[self.starts[i] as usize..self.starts[i + 1] as usize]
    }
    /// Appends a row.
    pub fn push(&mut self, row: impl IntoIterator<Item = T>) {
        self.items.extend(row);
        self.starts.push(self.items.len() as u32);
    }
}

/// View rows as columns, sorted by account, entry, quarter, session, playback.
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// How many rows.
    pub rows: usize,
    /// Account of each row.
    pub account: Vec<u32>,
    /// Quarter of each row.
    pub quarter: Vec<i32>,
    /// Session hash.
    pub session: Vec<u64>,
    /// Playback code.
    pub playback: Vec<u8>,
    /// Version.
    pub version: Vec<u32>,
    /// Person key.
    pub person: Vec<u64>,
    /// Proof code.
    pub proof: Vec<u8>,
    /// Staff.
    pub staff: Vec<bool>,
    /// Bot.
    pub bot: Vec<bool>,
    /// First instant.
    pub first_ms: Vec<i64>,
    /// Last instant.
    pub last_ms: Vec<i64>,
    /// By [`TextColumn`]; `TextColumn::COUNT` of them.
    pub text: Vec<Coded>,
    /// By [`SumColumn`]; `SumColumn::COUNT` of them. An empty vector is a column of zeros (never decoded or all zero).
    pub sum: Vec<Vec<u64>>,
    /// Coverage.
    pub coverage: Lists<Span>,
    /// First coverage.
    pub fresh: Lists<Span>,
    /// Attention.
    pub attention: Lists<Attention>,
    /// Marks.
    pub marks: Lists<Mark>,
}

impl Block {
    /// The value of a number column in a row.
    pub fn get(&self, column: SumColumn, row: usize) -> u64 {
        self.sum[column as usize].get(row).copied().unwrap_or(0)
    }
    /// The value of a text column in a row.
    pub fn text(&self, column: TextColumn, row: usize) -> &str {
        let coded = &self.text[column as usize];
        &coded.words[coded.codes[row] as usize]
    }
    /// What the rows span.
    pub fn extent(&self) -> Extent {
        let Some(last) = self.rows.checked_sub(1) else { return Extent::default() };
        let key = |row| (self.account[row], Text::from(self.text(TextColumn::Entry, row)));
        let low = self.quarter.iter().copied().min().unwrap_or(0);
        let high = self.quarter.iter().copied().max().unwrap_or(0);
        Extent { rows: self.rows, first: key(0), last: key(last), quarters: (low, high) }
    }
    /// Rows as columns, in the order in which segments keep them. The order of the rows given does not matter.
    pub fn from_rows(mut rows: Vec<ViewRow>) -> Block {
        rows.sort_by(|a, b| a.place().cmp(&b.place()));
        let mut block = Block { rows: rows.len(), ..Block::default() };
        block.text = (0..TextColumn::COUNT).map(|column| coded(rows.iter().map(|row| &row.text[column]))).collect();
        block.sum = (0..SumColumn::COUNT).map(|column| numbers(&rows, column)).collect();
        for row in rows {
            block.push_rest(row);
        }
        block
    }
    fn push_rest(&mut self, row: ViewRow) {
        self.account.push(row.account.0);
        self.quarter.push(row.quarter.0);
        self.session.push(row.session);
        self.playback.push(row.playback as u8);
        self.version.push(row.version);
        self.person.push(row.person.0);
        self.proof.push(row.proof as u8);
        self.staff.push(row.staff);
        self.bot.push(row.bot);
        self.first_ms.push(row.first_ms);
        self.last_ms.push(row.last_ms);
        self.coverage.push(row.coverage);
        self.fresh.push(row.fresh);
        self.attention.push(row.attention);
        self.marks.push(row.marks);
    }
    /// A row as it was before it became columns. All columns must have been decoded.
    pub fn row(&self, i: usize) -> ViewRow {
        ViewRow {
            account: AccountId(self.account[i]),
            quarter: Quarter(self.quarter[i]),
            session: self.session[i],
            playback: Playback::ALL[self.playback[i] as usize],
            version: self.version[i],
            person: PersonKey(self.person[i]),
            proof: Proof::ALL[self.proof[i] as usize],
            staff: self.staff[i],
            bot: self.bot[i],
            first_ms: self.first_ms[i],
            last_ms: self.last_ms[i],
            text: std::array::from_fn(|column| self.text(TextColumn::ALL[column], i).into()),
            sum: std::array::from_fn(|column| self.get(SumColumn::ALL[column], i)),
            coverage: self.coverage.row(i).to_vec(),
            fresh: self.fresh.row(i).to_vec(),
            attention: self.attention.row(i).to_vec(),
            marks: self.marks.row(i).to_vec(),
        }
    }
    /// The rows of a session, ascending.
    pub fn session_rows(&self, account: u32, entry: &str, session: u64) -> Vec<u32> {
        let before = |low: usize, high: usize, is_before: &dyn Fn(usize) -> bool| {
            let (mut low, mut high) = (low, high);
            while low < high {
                let middle = low.midpoint(high);
                if is_before(middle) { low = middle + 1 } else { high = middle }
            }
            low
        };
        let key = |row: usize| (self.account[row], self.text(TextColumn::Entry, row));
        let from = before(0, self.rows, &|row| key(row) < (account, entry));
        let to = before(from, self.rows, &|row| key(row) <= (account, entry));
        (from..to).filter(|row| self.session[*row] == session).map(|row| row as u32).collect()
    }
    /// The order of rows in a block; no two live rows share it.
    pub fn place(&self, i: usize) -> RowPlace<'_> {
        let entry = self.text(TextColumn::Entry, i);
        (self.account[i], entry, self.quarter[i], self.session[i], self.playback[i], self.version[i])
    }
}

/// Account, entry, quarter, session, playback, version: what rows are sorted by.
pub type RowPlace<'a> = (u32, &'a str, i32, u64, u8, u32);

impl ViewRow {
    /// What the row is sorted by.
    pub fn place(&self) -> RowPlace<'_> {
        let entry = self.text(TextColumn::Entry);
        (self.account.0, entry, self.quarter.0, self.session, self.playback as u8, self.version)
    }
}

fn coded<'a>(texts: impl Iterator<Item = &'a Text>) -> Coded {
    let mut known = BTreeMap::new();
    let mut coded = Coded::default();
    for text in texts {
        let next = known.len() as u32;
        let code = *known.entry(text).or_insert_with(|| {
            coded.words.push(text.clone());
            next
        });
        coded.codes.push(code);
    }
    coded
}

fn numbers(rows: &[ViewRow], column: usize) -> Vec<u64> {
    if rows.iter().all(|row| row.sum[column] == 0) {
        return Vec::new();
    }
    rows.iter().map(|row| row.sum[column]).collect()
}

/// What a block spans: enough to pass it over without decoding it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// How many rows.
    pub rows: usize,
    /// Account and entry of the first row.
    pub first: (u32, Text),
    /// Account and entry of the last row.
    pub last: (u32, Text),
    /// The lowest and the highest quarter.
    pub quarters: (i32, i32),
}

impl Extent {
    /// Whether rows of this account and entry may be inside.
    pub fn may_hold(&self, account: u32, entry: &str) -> bool {
        let key = (account, entry);
        self.rows > 0 && (self.first.0, &*self.first.1) <= key && key <= (self.last.0, &*self.last.1)
    }
}

/// A part's rows cannot be had: the segment is damaged or gone.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub Arc<str>);

/// Where a part's rows come from: decoded on first use.
pub trait Rows: Send + Sync {
    /// The rows.
    ///
    /// # Errors
    /// When the bytes are not what was written.
    fn block(&self) -> Result<Arc<Block>, Unreadable>;
}

impl Rows for Arc<Block> {
    fn block(&self) -> Result<Arc<Block>, Unreadable> {
        Ok(Arc::clone(self))
    }
}

/// Some rows, and which of them are superseded.
#[derive(Clone)]
pub struct Part {
    rows: Arc<dyn Rows>,
    /// What the rows span; a question that does not touch it need not ask for the block.
    pub extent: Arc<Extent>,
    /// Row numbers, ascending, that a later version has replaced: a scan skips them.
    pub superseded: Arc<Vec<u32>>,
}

impl Part {
    /// A part that is in memory.
    pub fn new(block: Arc<Block>, superseded: Arc<Vec<u32>>) -> Part {
        Part { extent: Arc::new(block.extent()), rows: Arc::new(block), superseded }
    }
    /// A part that is decoded when first asked for.
    pub fn lazy(rows: Arc<dyn Rows>, extent: Arc<Extent>, superseded: Arc<Vec<u32>>) -> Part {
        Part { rows, extent, superseded }
    }
    /// The rows; keep the block while scanning, the part may forget it.
    ///
    /// # Errors
    /// When the segment's bytes are not what was written.
    pub fn block(&self) -> Result<Arc<Block>, Unreadable> {
        self.rows.block()
    }
}

impl std::fmt::Debug for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Part").field("extent", &self.extent).field("superseded", &self.superseded).finish()
    }
}

/// What a question is asked of: one instant of the store. Cheap to clone; never changes.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Sealed segments, then the unsealed tail.
    pub parts: Vec<Part>,
    /// The latest instant folded on the live stream, ms since 1970; 0 when nothing was.
    pub as_of_ms: i64,
}
