//! The sealed rows: segments that are read when first needed.

use super::layers::Key;
use crate::block::{Block, Part, Rows, Unreadable};
use crate::manifest::SegmentMeta;
use crate::segment::{self, Columns, SegmentError};
use crate::storage::Storage;
use bytes::Bytes;
use std::sync::{Arc, Mutex, PoisonError};

/// A segment's rows, decoded once and kept.
pub(super) struct Lazy {
    storage: Arc<dyn Storage>,
    id: u64,
    bytes: u64,
    checksums: Vec<u32>,
    block: Mutex<Option<Arc<Block>>>,
}

impl Rows for Lazy {
    fn block(&self) -> Result<Arc<Block>, Unreadable> {
        let mut block = self.block.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(block) = &*block {
            return Ok(Arc::clone(block));
        }
        let read = load(&*self.storage, self.id, self.bytes, &self.checksums);
        let read = Arc::new(read.map_err(|error| Unreadable(error.to_string().into()))?);
        *block = Some(Arc::clone(&read));
        Ok(read)
    }
}

/// Reads and verifies a segment.
pub(super) fn load(storage: &dyn Storage, id: u64, size: u64, checksums: &[u32]) -> Result<Block, SegmentError> {
    let path = segment::path(id);
    let bytes = storage.read(&path)?;
    if let Some(&(from, to)) = segment::verify(&bytes, size, checksums).first() {
        return Err(SegmentError::Damaged { path, from, to, what: "the checksum differs".into() });
    }
    segment::read(&path, Bytes::from(bytes), &Columns::all())
}

/// A live segment.
pub(super) struct Segment {
    pub(super) meta: SegmentMeta,
    pub(super) lazy: Arc<Lazy>,
    pub(super) superseded: Arc<Vec<u32>>,
    /// Rows were superseded since the last commit.
    pub(super) dirty: bool,
    /// It cannot be read: leave it as it is.
    pub(super) broken: bool,
    extent: Arc<crate::block::Extent>,
}

impl Segment {
    pub(super) fn new(storage: &Arc<dyn Storage>, mut meta: SegmentMeta) -> Segment {
        let superseded = Arc::new(std::mem::take(&mut meta.superseded));
        let lazy = Lazy {
            storage: Arc::clone(storage),
            id: meta.id,
            bytes: meta.bytes,
            checksums: meta.checksums.clone(),
            block: Mutex::new(None),
        };
        let extent = Arc::new(meta.extent.clone());
        Segment { meta, lazy: Arc::new(lazy), superseded, dirty: false, broken: false, extent }
    }

    pub(super) fn part(&self) -> Part {
        let rows: Arc<dyn Rows> = Arc::clone(&self.lazy) as _;
        Part::lazy(rows, Arc::clone(&self.extent), Arc::clone(&self.superseded))
    }

    pub(super) fn live(&self) -> usize {
        self.meta.extent.rows - self.superseded.len()
    }

    /// The rows of a session, also the superseded ones.
    pub(super) fn find(&self, key: &Key) -> Result<Vec<u32>, Unreadable> {
        if !self.meta.extent.may_hold(key.0, &key.1) || !self.meta.filter.may_hold(key.2) {
            return Ok(Vec::new());
        }
        Ok(self.lazy.block()?.session_rows(key.0, &key.1, key.2))
    }

    /// Supersedes rows.
    pub(super) fn supersede(&mut self, rows: Vec<u32>) {
        let before = self.superseded.len();
        let mut all = self.superseded.to_vec();
        all.extend(rows);
        all.sort_unstable();
        all.dedup();
        if all.len() > before {
            self.superseded = Arc::new(all);
            self.dirty = true;
        }
    }
}
