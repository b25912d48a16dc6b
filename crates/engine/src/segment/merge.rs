//! Bringing the rows of several blocks into one order.

use crate::block::{Block, RowPlace};
use std::sync::Arc;

/// One row of one of several blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pick {
    /// Which block.
    pub block: u32,
    /// Which of its rows.
    pub row: u32,
}

/// A place in a block's rows that are not superseded.
pub struct Cursor {
    block: Arc<Block>,
    gone: Arc<Vec<u32>>,
    row: usize,
    run: usize,
    next_gone: usize,
}

impl Cursor {
    /// At the first row.
    pub fn new(block: Arc<Block>, gone: Arc<Vec<u32>>) -> Cursor {
        let mut cursor = Cursor { block, gone, row: 0, run: 0, next_gone: 0 };
        cursor.settle();
        cursor
    }
    /// The row it stands at; `None` behind the last one.
    pub fn row(&self) -> Option<usize> {
        (self.row < self.block.rows).then_some(self.row)
    }
    /// What that row is sorted by.
    pub fn place(&self) -> Option<RowPlace<'_>> {
        Some(self.block.place_in(self.run, self.row()?))
    }
    /// To the next row.
    pub fn advance(&mut self) {
        self.row += 1;
        self.settle();
    }
    /// The block.
    pub fn block(&self) -> &Arc<Block> {
        &self.block
    }

    fn settle(&mut self) {
        while self.gone.get(self.next_gone).is_some_and(|gone| *gone as usize == self.row) {
            self.next_gone += 1;
            self.row += 1;
        }
        let runs = self.block.runs();
        while self.row < self.block.rows && runs.starts[self.run + 1] as usize <= self.row {
            self.run += 1;
        }
    }
}

/// The rows of some blocks that are not superseded, in the order of a block.
pub fn order(blocks: &[(Arc<Block>, Arc<Vec<u32>>)]) -> Vec<Pick> {
    let mut picks = Vec::with_capacity(blocks.iter().map(|(block, gone)| block.rows - gone.len()).sum());
    let cursor = |(block, gone): &(Arc<Block>, Arc<Vec<u32>>)| Cursor::new(Arc::clone(block), Arc::clone(gone));
    let mut cursors: Vec<Cursor> = blocks.iter().map(cursor).collect();
    // There are a dozen at most: a look at each costs less than keeping them in order.
    let least = |cursors: &[Cursor]| {
        let places = cursors.iter().enumerate().filter_map(|(number, cursor)| Some((cursor.place()?, number)));
        places.min().map(|(_, number)| number)
    };
    while let Some(block) = least(&cursors) {
        let row = cursors[block].row().expect("the least one stands at a row") as u32;
        picks.push(Pick { block: block as u32, row });
        cursors[block].advance();
    }
    picks
}
