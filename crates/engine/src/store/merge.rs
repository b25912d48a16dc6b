//! Merging segments in bounded steps: each brings one row group of the new segment into order and writes it, with one row
//! group of each input in memory.

use super::sealed::{Sealed, Segment, firsts, within};
use crate::block::Block;
use crate::segment::{Cursor, GROUP_ROWS, Pick, SegmentError, SegmentWriter, Written};
use std::sync::Arc;

/// A merge under way.
pub(super) struct Merge {
    /// The segments that it replaces.
    pub(super) inputs: Vec<u64>,
    sources: Vec<Source>,
    /// Where each row of the new segment comes from: input and row.
    picks: Vec<Pick>,
    writer: Option<SegmentWriter>,
}

/// An input and where it stands.
struct Source {
    id: u64,
    sealed: Arc<Sealed>,
    /// First row and rows of each row group, and the superseded ones of it that the manifest knows: only these are
    /// dropped. A row superseded since must stay, for if its replacement is lost in a crash, the replay finds by that row
    /// that its session was there before.
    groups: Vec<(u32, Arc<Vec<u32>>)>,
    next: usize,
    cursor: Option<Cursor>,
}

impl Source {
    fn new(segment: &Segment) -> Source {
        let group = |(first, extent): (u32, &crate::block::Extent)| {
            (first, Arc::new(within(&segment.superseded, first, extent.rows)))
        };
        Source {
            id: segment.meta.id,
            sealed: Arc::clone(&segment.sealed),
            groups: firsts(&segment.meta).zip(&segment.meta.groups).map(group).collect(),
            next: 0,
            cursor: None,
        }
    }

    /// Loads row groups until there is a row to stand at, or no more of them.
    fn settle(&mut self) -> Result<(), SegmentError> {
        while self.cursor.as_ref().is_none_or(|cursor| cursor.row().is_none()) {
            let Some((_, gone)) = self.groups.get(self.next) else {
                self.cursor = None;
                return Ok(());
            };
            self.cursor = Some(Cursor::new(Arc::new(self.sealed.block(self.next)?), Arc::clone(gone)));
            self.next += 1;
        }
        Ok(())
    }
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
        let sources = inputs.iter().filter_map(input).map(Source::new).collect();
        Merge { inputs, sources, picks: Vec::new(), writer: None }
    }

    /// One bounded piece of work.
    pub(super) fn step(&mut self) -> Result<Step, SegmentError> {
        let mut writer = match self.writer.take() {
            Some(writer) => writer,
            None => SegmentWriter::new()?,
        };
        // Blocks of this step, and rows of them in order.
        let (mut blocks, mut rows) = (Vec::<Arc<Block>>::new(), Vec::new());
        while rows.len() < GROUP_ROWS {
            for source in &mut self.sources {
                if source.settle().is_err() {
                    return Ok(Step::Unreadable(source.id));
                }
            }
            let places = self.sources.iter().enumerate().filter_map(|(n, s)| Some((s.cursor.as_ref()?.place()?, n)));
            let Some((_, number)) = places.min() else { break };
            self.take(number, &mut blocks, &mut rows);
        }
        let more = rows.len() == GROUP_ROWS;
        let blocks: Vec<&Block> = blocks.iter().map(|block| &**block).collect();
        writer.push(&blocks, &rows)?;
        if more {
            self.writer = Some(writer);
            return Ok(Step::More);
        }
        Ok(Step::Done(Box::new(writer.finish()?), std::mem::take(&mut self.picks)))
    }

    /// Takes the row at which a source stands.
    fn take(&mut self, number: usize, blocks: &mut Vec<Arc<Block>>, rows: &mut Vec<Pick>) {
        let source = &mut self.sources[number];
        let first = source.groups[source.next - 1].0;
        let cursor = source.cursor.as_mut().expect("a source that stands has a cursor");
        let row = cursor.row().expect("it stands at a row") as u32;
        let block = blocks.iter().rposition(|block| Arc::ptr_eq(block, cursor.block())).unwrap_or_else(|| {
            blocks.push(Arc::clone(cursor.block()));
            blocks.len() - 1
        });
        rows.push(Pick { block: block as u32, row });
        self.picks.push(Pick { block: number as u32, row: first + row });
        cursor.advance();
    }
}
