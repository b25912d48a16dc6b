//! Merging segments in bounded steps: read one, order all, write one row group at a time, swap in the manifest.

use super::sealed::Segment;
use crate::block::{Block, Rows};
use crate::segment::{GROUP_ROWS, Pick, SegmentError, SegmentWriter, Written, order};
use std::sync::Arc;

/// A merge under way.
pub(super) struct Merge {
    /// The segments that it replaces.
    pub(super) inputs: Vec<u64>,
    /// Rows of each that the manifest knows as superseded: only these are dropped. A row superseded since must stay,
    /// for if its replacement is lost in a crash, the replay finds by that row that its session was there before.
    committed: Vec<Arc<Vec<u32>>>,
    blocks: Vec<(Arc<Block>, Arc<Vec<u32>>)>,
    picks: Option<Vec<Pick>>,
    done: usize,
    writer: Option<SegmentWriter>,
}

/// What a step led to.
pub(super) enum Step {
    /// More to do.
    More,
    /// This segment could not be read: the merge is off.
    Unreadable(u64),
    /// The new segment is written, and where its rows came from.
    Done(Box<Written>, Vec<Pick>),
}

/// Which segments to merge now: `count` of like size (within a factor of `count`), or one that is a quarter superseded.
/// Oldest first, so that a schedule repeats.
pub(super) fn plan(segments: &[Segment], count: usize, rows_max: usize) -> Option<Vec<u64>> {
    let level = |segment: &Segment| segment.live().max(1).ilog(count.max(2));
    for target in 0..=rows_max.max(1).ilog(count.max(2)) {
        let alike: Vec<&Segment> = segments.iter().filter(|s| !s.broken && level(s) == target).take(count).collect();
        let rows: usize = alike.iter().map(|segment| segment.live()).sum();
        if alike.len() == count && count > 1 && rows <= rows_max {
            return Some(alike.iter().map(|segment| segment.meta.id).collect());
        }
    }
    let holed = segments.iter().find(|s| !s.broken && s.superseded.len() * 4 > s.meta.extent.rows);
    holed.map(|segment| vec![segment.meta.id])
}

impl Merge {
    /// Begins a merge. Nothing of the inputs may be superseded that is not committed.
    pub(super) fn new(segments: &[Segment], inputs: Vec<u64>) -> Merge {
        let input = |id: &u64| segments.iter().find(|segment| segment.meta.id == *id);
        let committed = inputs.iter().filter_map(input).map(|segment| Arc::clone(&segment.superseded)).collect();
        Merge { inputs, committed, blocks: Vec::new(), picks: None, done: 0, writer: None }
    }

    /// One bounded piece of work.
    pub(super) fn step(&mut self, segments: &[Segment]) -> Result<Step, SegmentError> {
        if let Some(id) = self.inputs.get(self.blocks.len()) {
            let segment = segments.iter().find(|s| s.meta.id == *id).expect("only a merge removes segments");
            match segment.lazy.block() {
                Ok(block) => self.blocks.push((block, Arc::clone(&self.committed[self.blocks.len()]))),
                Err(_) => return Ok(Step::Unreadable(*id)),
            }
            return Ok(Step::More);
        }
        let Some(picks) = &self.picks else {
            self.picks = Some(order(&self.blocks));
            return Ok(Step::More);
        };
        let mut writer = match self.writer.take() {
            Some(writer) => writer,
            None => SegmentWriter::new()?,
        };
        let end = picks.len().min(self.done + GROUP_ROWS);
        let blocks: Vec<&Block> = self.blocks.iter().map(|(block, _)| &**block).collect();
        writer.push(&blocks, &picks[self.done..end])?;
        self.done = end;
        if self.done < picks.len() {
            self.writer = Some(writer);
            return Ok(Step::More);
        }
        Ok(Step::Done(Box::new(writer.finish()?), self.picks.take().unwrap_or_default()))
    }
}
