//! A folder as somebody sees it who only looks: nothing can be written through it, and files taken hold of stay readable
//! after their owner has removed them.

use super::files::FileStorage;
use super::{AppendFile, Storage, StorageError};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Error, ErrorKind};
use std::os::unix::fs::FileExt;

/// A folder to look at.
#[derive(Debug)]
pub struct HeldStorage {
    folder: FileStorage,
    held: BTreeMap<String, File>,
}

impl HeldStorage {
    /// Takes hold of files that never change. Each costs an open file; segments are some dozens.
    ///
    /// # Errors
    /// When one of them cannot be opened.
    pub fn open(folder: FileStorage, paths: impl IntoIterator<Item = String>) -> Result<HeldStorage, StorageError> {
        let held = paths.into_iter().map(|path| folder.open_file(&path).map(|file| (path, file)));
        Ok(HeldStorage { held: held.collect::<Result<_, _>>()?, folder })
    }
}

fn refused(doing: &'static str, path: &str) -> StorageError {
    let source = Error::new(ErrorKind::ReadOnlyFilesystem, "this is only a look at the folder");
    StorageError::Io { doing, path: path.into(), source }
}

impl Storage for HeldStorage {
    fn create(&self, path: &str) -> Result<Box<dyn AppendFile>, StorageError> {
        Err(refused("create", path))
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, StorageError> {
        match self.held.contains_key(path) {
            true => self.read_at(path, 0, self.size(path)? as usize),
            false => self.folder.read(path),
        }
    }

    fn read_at(&self, path: &str, offset: u64, size: usize) -> Result<Vec<u8>, StorageError> {
        let Some(file) = self.held.get(path) else { return self.folder.read_at(path, offset, size) };
        let (mut bytes, mut filled) = (vec![0; size], 0);
        while filled < size {
            match file.read_at(&mut bytes[filled..], offset + filled as u64) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(source) => return Err(StorageError::Io { doing: "read", path: path.into(), source }),
            }
        }
        bytes.truncate(filled);
        Ok(bytes)
    }

    fn size(&self, path: &str) -> Result<u64, StorageError> {
        let Some(file) = self.held.get(path) else { return self.folder.size(path) };
        let failed = |source| StorageError::Io { doing: "measure", path: path.into(), source };
        Ok(file.metadata().map_err(failed)?.len())
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, StorageError> {
        self.folder.list(folder)
    }

    fn remove(&self, path: &str) -> Result<(), StorageError> {
        Err(refused("remove", path))
    }

    fn rename(&self, from: &str, _to: &str) -> Result<(), StorageError> {
        Err(refused("rename", from))
    }

    fn truncate(&self, path: &str, _size: u64) -> Result<(), StorageError> {
        Err(refused("truncate", path))
    }

    fn free(&self) -> Result<u64, StorageError> {
        self.folder.free()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn held_files_outlive_their_removal_and_nothing_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let files = FileStorage::open(folder.path(), 0).unwrap();
        for name in ["a/held", "a/other"] {
            files.create(name).unwrap().append(b"0123456789").unwrap();
        }
        let missing = HeldStorage::open(files.clone(), ["a/none".to_owned()]).unwrap_err();
        assert!(matches!(missing, StorageError::Missing { .. }), "{missing}");
        let held = HeldStorage::open(files.clone(), ["a/held".to_owned()]).unwrap();
        for name in ["a/held", "a/other"] {
            files.remove(name).unwrap();
        }
        assert_eq!(held.read("a/held").unwrap(), b"0123456789");
        assert_eq!(held.read_at("a/held", 8, 5).unwrap(), b"89");
        assert_eq!(held.size("a/held").unwrap(), 10);
        assert!(matches!(held.read("a/other"), Err(StorageError::Missing { .. })));
        assert!(held.create("a/new").is_err() && held.remove("a/held").is_err());
        assert!(held.rename("a/held", "a/b").is_err() && held.truncate("a/held", 0).is_err());
        assert!(held.list("a").unwrap().is_empty());
    }
}
