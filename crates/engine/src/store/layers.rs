//! The rows that are not sealed: what changed lately as rows, the rest in immutable blocks, so that publishing a
//! snapshot costs the same however many sessions there are.

use crate::block::{Block, Part};
use crate::event::Text;
use crate::row::ViewRow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A session as rows know it: account, entry, hash.
pub(super) type Key = (u32, Text, u64);

/// A block is not merged beyond this: rewriting 16,000 rows takes some 50 ms.
const LAYER_ROWS_MAX: usize = 16_384;

struct Layer {
    block: Arc<Block>,
    gone: Arc<Vec<u32>>,
    part: Part,
}

impl Layer {
    fn new(block: Block) -> Layer {
        let (block, gone) = (Arc::new(block), Arc::new(Vec::new()));
        Layer { part: Part::new(Arc::clone(&block), Arc::clone(&gone)), block, gone }
    }
    fn live(&self) -> usize {
        self.block.rows - self.gone.len()
    }
    fn forget(&mut self, key: &Key) {
        let gone = Arc::make_mut(&mut self.gone);
        gone.extend(self.block.session_rows(key.0, &key.1, key.2));
        gone.sort_unstable();
        gone.dedup();
        self.part.superseded = Arc::clone(&self.gone);
    }
}

/// All rows of some sessions.
pub(super) struct Layers {
    hot: BTreeMap<Key, Vec<ViewRow>>,
    hot_rows: usize,
    hot_rows_max: usize,
    frozen: Vec<(u64, Layer)>,
    homes: BTreeMap<Key, u64>,
    next: u64,
    /// Every value of `suspect` seen since the last clear.
    pub(super) suspects: BTreeSet<Text>,
}

impl Layers {
    pub(super) fn new(hot_rows_max: usize) -> Layers {
        Layers {
            hot: BTreeMap::new(),
            hot_rows: 0,
            hot_rows_max,
            frozen: Vec::new(),
            homes: BTreeMap::new(),
            next: 0,
            suspects: BTreeSet::new(),
        }
    }

    /// Replaces all rows of a session.
    pub(super) fn put(&mut self, key: Key, rows: Vec<ViewRow>) {
        self.remove(&key);
        if rows.is_empty() {
            return;
        }
        for row in &rows {
            let suspect = row.text(crate::row::TextColumn::Suspect);
            if !self.suspects.contains(suspect) {
                self.suspects.insert(suspect.into());
            }
        }
        self.hot_rows += rows.len();
        self.hot.insert(key, rows);
        if self.hot_rows > self.hot_rows_max {
            self.freeze();
        }
    }

    /// Drops all rows of a session.
    pub(super) fn remove(&mut self, key: &Key) {
        if let Some(rows) = self.hot.remove(key) {
            self.hot_rows -= rows.len();
        } else if let Some(home) = self.homes.remove(key)
            && let Some((_, layer)) = self.frozen.iter_mut().find(|(id, _)| *id == home)
        {
            layer.forget(key);
        }
    }

    /// Whether the session has rows here.
    pub(super) fn holds(&self, key: &Key) -> bool {
        self.hot.contains_key(key) || self.homes.contains_key(key)
    }

    /// How many rows there are.
    pub(super) fn rows(&self) -> usize {
        self.hot_rows + self.frozen.iter().map(|(_, layer)| layer.live()).sum::<usize>()
    }

    /// The rows as a snapshot wants them.
    pub(super) fn parts(&self) -> impl Iterator<Item = Part> {
        let hot = (self.hot_rows > 0).then(|| {
            let rows = self.hot.values().flatten().cloned().collect();
            Part::new(Arc::new(Block::from_rows(rows)), Arc::default())
        });
        self.frozen.iter().map(|(_, layer)| layer.part.clone()).chain(hot)
    }

    /// The rows as a segment wants them; nothing is hot afterwards.
    pub(super) fn blocks(&mut self) -> Vec<(Arc<Block>, Arc<Vec<u32>>)> {
        self.freeze();
        let layers = self.frozen.iter().filter(|(_, layer)| layer.live() > 0);
        layers.map(|(_, layer)| (Arc::clone(&layer.block), Arc::clone(&layer.gone))).collect()
    }

    pub(super) fn clear(&mut self) {
        *self = Layers::new(self.hot_rows_max);
    }

    fn freeze(&mut self) {
        let rows: Vec<ViewRow> = std::mem::take(&mut self.hot).into_values().flatten().collect();
        self.hot_rows = 0;
        if !rows.is_empty() {
            self.settle(rows);
        }
        self.frozen.retain(|(_, layer)| layer.live() > 0);
        while let Some(rows) = self.take_mergeable() {
            self.settle(rows);
        }
    }

    fn settle(&mut self, rows: Vec<ViewRow>) {
        self.next += 1;
        for row in &rows {
            self.homes.insert((row.account.0, row.text(crate::row::TextColumn::Entry).into(), row.session), self.next);
        }
        self.frozen.push((self.next, Layer::new(Block::from_rows(rows))));
    }

    /// The rows of the last two layers if they are of like size, or of one that is mostly gone: every row is rewritten
    /// about log2(rows / hot rows) times in all.
    fn take_mergeable(&mut self) -> Option<Vec<ViewRow>> {
        let mostly_gone = self.frozen.iter().position(|(_, layer)| layer.gone.len() > layer.block.rows / 2);
        let taken: Vec<_> = match (mostly_gone, self.frozen.as_slice()) {
            (Some(at), _) => self.frozen.drain(at..=at).collect(),
            (None, [.., (_, a), (_, b)])
                if a.live() <= 2 * b.live() && a.live() + b.live() <= LAYER_ROWS_MAX.max(self.hot_rows_max) =>
            {
                self.frozen.drain(self.frozen.len() - 2..).collect()
            }
            _ => return None,
        };
        let mut rows = Vec::new();
        for (_, layer) in taken {
            let live = (0..layer.block.rows).filter(|row| layer.gone.binary_search(&(*row as u32)).is_err());
            rows.extend(live.map(|row| layer.block.row(row)));
        }
        Some(rows)
    }
}
