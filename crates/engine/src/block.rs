//! Rows as columns in memory: the one form a scan reads, whether the rows come from a sealed segment or the unsealed
//! tail. Text is dense codes into a dictionary of the block (ruling 22).

use crate::event::Text;
use crate::row::{Attention, Mark, Span, SumColumn, TextColumn};
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
}

/// A block and which of its rows are superseded.
#[derive(Clone, Debug)]
pub struct Part {
    /// The rows.
    pub block: Arc<Block>,
    /// Row numbers, ascending, that a later version has replaced: a scan skips them.
    pub superseded: Arc<Vec<u32>>,
}

/// What a question is asked of: one instant of the store. Cheap to clone; never changes.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Sealed segments, then the unsealed tail.
    pub parts: Vec<Part>,
    /// The latest instant folded on the live stream, ms since 1970; 0 when nothing was.
    pub as_of_ms: i64,
}
