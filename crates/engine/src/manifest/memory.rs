//! The manifest in memory, for simulation: commits survive a crash whole.

use super::{Manifest, ManifestChange, ManifestError, ManifestState};
use crate::storage::memory::MemoryStorage;
use std::sync::{Arc, Mutex, PoisonError};

/// A manifest in memory. Clones share it.
#[derive(Clone, Default)]
pub struct MemoryManifest {
    state: Arc<Mutex<ManifestState>>,
    beside: Option<MemoryStorage>,
}

impl MemoryManifest {
    /// An empty one.
    pub fn new() -> MemoryManifest {
        MemoryManifest::default()
    }
    /// The same content on the machine of a simulated folder: when that has stopped, commits fail. Call it after a
    /// crash with the folder that is left.
    pub fn beside(&self, storage: &MemoryStorage) -> MemoryManifest {
        MemoryManifest { state: Arc::clone(&self.state), beside: Some(storage.clone()) }
    }
}

impl Manifest for MemoryManifest {
    fn load(&self) -> Result<ManifestState, ManifestError> {
        Ok(self.state.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    fn commit(&mut self, change: ManifestChange) -> Result<(), ManifestError> {
        if self.beside.as_ref().is_some_and(MemoryStorage::stopped) {
            return Err(ManifestError::Stopped);
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.segments.retain(|segment| !change.remove.contains(&segment.id));
        for (id, rows) in change.superseded {
            if let Some(segment) = state.segments.iter_mut().find(|segment| segment.id == id) {
                segment.superseded = rows;
            }
        }
        state.segments.extend(change.add);
        state.segments.sort_by_key(|segment| segment.id);
        if let Some(progress) = change.progress {
            state.progress = progress;
        }
        Ok(())
    }
}
