//! A folder in memory that behaves as badly as disks do: it forgets what was not synced, tears writes, fails and fills
//! up, at an operation of the test's choosing.

use super::{AppendFile, Storage, StorageError};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[derive(Clone, Debug, Default)]
struct Content {
    bytes: Vec<u8>,
    /// This much survives a crash for certain.
    synced: usize,
}

#[derive(Debug, Default)]
struct State {
    files: BTreeMap<String, Content>,
    operations: u64,
    stop_at: Option<u64>,
    fail_sync_at: Option<u64>,
    room: Option<usize>,
    stopped: bool,
}

/// A folder in memory. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct MemoryStorage {
    state: Arc<Mutex<State>>,
}

impl MemoryStorage {
    /// An empty folder without faults.
    pub fn new() -> MemoryStorage {
        MemoryStorage::default()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Operations that change files, so far.
    pub fn operations(&self) -> u64 {
        self.lock().operations
    }

    /// The machine stops at this operation: it and all later ones fail.
    pub fn stop_at(&self, operation: u64) {
        self.lock().stop_at = Some(operation);
    }

    /// The sync that is this operation fails once, and what it should have made durable stays in doubt.
    pub fn fail_sync_at(&self, operation: u64) {
        self.lock().fail_sync_at = Some(operation);
    }

    /// Room for this many more bytes; `None` is no limit.
    pub fn set_room(&self, bytes: Option<usize>) {
        self.lock().room = bytes;
    }

    /// Whether the machine has stopped.
    pub fn stopped(&self) -> bool {
        self.lock().stopped
    }

    /// What is left after the machine lost power: of every file the synced part and as much of the rest as `choose(n)`
    /// says (0..=n bytes); one time in four (by `choose`) a byte of that rest is wrong. Faults are cleared.
    pub fn crash(&self, choose: &mut dyn FnMut(usize) -> usize) -> MemoryStorage {
        let state = self.lock();
        let mut files = BTreeMap::new();
        for (path, content) in &state.files {
            let unsure = content.bytes.len() - content.synced;
            let kept = content.synced + choose(unsure);
            let mut bytes = content.bytes[..kept].to_vec();
            if kept > content.synced && choose(3) == 0 {
                let at = content.synced + choose(kept - content.synced - 1);
                bytes[at] ^= 0x5a;
            }
            let synced = bytes.len();
            files.insert(path.clone(), Content { bytes, synced });
        }
        MemoryStorage { state: Arc::new(Mutex::new(State { files, ..State::default() })) }
    }

    /// Changes a byte of a file, as a bad disk does.
    pub fn damage(&self, path: &str, offset: usize) {
        if let Some(content) = self.lock().files.get_mut(path)
            && let Some(byte) = content.bytes.get_mut(offset)
        {
            *byte ^= 0x5a;
        }
    }
}

fn stopped(doing: &'static str, path: &str) -> StorageError {
    StorageError::Io { doing, path: path.into(), source: std::io::Error::other("the machine has stopped") }
}

impl State {
    /// Counts an operation that changes something, and stops the machine where the test wants it.
    fn operate(&mut self, doing: &'static str, path: &str) -> Result<u64, StorageError> {
        let number = self.operations;
        if self.stopped || self.stop_at.is_some_and(|at| number >= at) {
            self.stopped = true;
            return Err(stopped(doing, path));
        }
        self.operations += 1;
        Ok(number)
    }

    fn file(&self, path: &str) -> Result<&Content, StorageError> {
        if self.stopped {
            return Err(stopped("read", path));
        }
        self.files.get(path).ok_or_else(|| StorageError::Missing { path: path.into() })
    }
}

struct MemoryFile {
    storage: MemoryStorage,
    path: String,
    size: u64,
}

impl AppendFile for MemoryFile {
    fn append(&mut self, bytes: &[u8]) -> Result<(), StorageError> {
        let mut state = self.storage.lock();
        let stops = state.stop_at == Some(state.operations);
        let outcome = state.operate("append to", &self.path);
        let mut fits = bytes.len();
        if let Some(room) = state.room.as_mut() {
            fits = fits.min(*room);
            *room -= fits;
        }
        // A stop in the middle of a write may leave any part of it: all is there, unsynced, for `crash` to tear.
        if (outcome.is_ok() || stops)
            && let Some(content) = state.files.get_mut(&self.path)
        {
            content.bytes.extend_from_slice(&bytes[..fits]);
        }
        outcome?;
        self.size += fits as u64;
        if fits < bytes.len() {
            return Err(StorageError::Full { doing: "append to", path: self.path.clone() });
        }
        Ok(())
    }

    fn sync(&mut self) -> Result<(), StorageError> {
        let mut state = self.storage.lock();
        let number = state.operate("sync", &self.path)?;
        if state.fail_sync_at == Some(number) {
            state.fail_sync_at = None;
            return Err(StorageError::Io {
                doing: "sync",
                path: self.path.clone(),
                source: std::io::Error::other("the disk failed"),
            });
        }
        if let Some(content) = state.files.get_mut(&self.path) {
            content.synced = content.bytes.len();
        }
        Ok(())
    }

    fn size(&self) -> u64 {
        self.size
    }
}

impl Storage for MemoryStorage {
    fn create(&self, path: &str) -> Result<Box<dyn AppendFile>, StorageError> {
        let mut state = self.lock();
        state.operate("create", path)?;
        if state.files.contains_key(path) {
            let source = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
            return Err(StorageError::Io { doing: "create", path: path.into(), source });
        }
        state.files.insert(path.into(), Content::default());
        Ok(Box::new(MemoryFile { storage: self.clone(), path: path.into(), size: 0 }))
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, StorageError> {
        Ok(self.lock().file(path)?.bytes.clone())
    }

    fn read_at(&self, path: &str, offset: u64, size: usize) -> Result<Vec<u8>, StorageError> {
        let state = self.lock();
        let bytes = &state.file(path)?.bytes;
        let from = (offset as usize).min(bytes.len());
        Ok(bytes[from..(from + size).min(bytes.len())].to_vec())
    }

    fn size(&self, path: &str) -> Result<u64, StorageError> {
        Ok(self.lock().file(path)?.bytes.len() as u64)
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, StorageError> {
        let prefix = format!("{folder}/");
        let state = self.lock();
        let names = state.files.keys().filter_map(|path| path.strip_prefix(&prefix));
        Ok(names.filter(|name| !name.contains('/')).map(String::from).collect())
    }

    fn remove(&self, path: &str) -> Result<(), StorageError> {
        let mut state = self.lock();
        state.operate("remove", path)?;
        state.files.remove(path);
        Ok(())
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), StorageError> {
        let mut state = self.lock();
        state.operate("rename", from)?;
        let content = state.files.remove(from).ok_or_else(|| StorageError::Missing { path: from.into() })?;
        state.files.insert(to.into(), content);
        Ok(())
    }

    fn truncate(&self, path: &str, size: u64) -> Result<(), StorageError> {
        let mut state = self.lock();
        state.operate("truncate", path)?;
        let content = state.files.get_mut(path).ok_or_else(|| StorageError::Missing { path: path.into() })?;
        content.bytes.truncate(size as usize);
        content.synced = content.bytes.len();
        Ok(())
    }

    fn free(&self) -> Result<u64, StorageError> {
        Ok(self.lock().room.map_or(u64::MAX, |room| room as u64))
    }
}
