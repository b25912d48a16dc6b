//! Bringing the rows of several blocks into one order.

use crate::block::Block;
use std::sync::Arc;

/// One row of one of several blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pick {
    /// Which block.
    pub block: u32,
    /// Which of its rows.
    pub row: u32,
}

/// The rows of some blocks that are not superseded, in the order of a block.
pub fn order(blocks: &[(Arc<Block>, Arc<Vec<u32>>)]) -> Vec<Pick> {
    let mut picks = Vec::with_capacity(blocks.iter().map(|(block, gone)| block.rows - gone.len()).sum());
    for (number, (block, gone)) in blocks.iter().enumerate() {
        let live = (0..block.rows as u32).filter(|row| gone.binary_search(row).is_err());
        picks.extend(live.map(|row| Pick { block: number as u32, row }));
    }
    // A stable sort of runs that are each sorted already: the standard one merges them in linear time.
    picks.sort_by(|a, b| {
        let place = |pick: &Pick| blocks[pick.block as usize].0.place(pick.row as usize);
        place(a).cmp(&place(b))
    });
    picks
}
