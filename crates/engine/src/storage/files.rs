//! The real folder.

use super::{AppendFile, Storage, StorageError};
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Files below one folder.
#[derive(Clone, Debug)]
pub struct FileStorage {
    root: PathBuf,
    /// Writes are refused when less than this is free, so that the catalog can still commit and an operator can act.
    floor_bytes: u64,
}

impl FileStorage {
    /// Opens a folder, making it if it is absent.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(root: impl Into<PathBuf>, floor_bytes: u64) -> Result<FileStorage, StorageError> {
        let root = root.into();
        fs::create_dir_all(&root).map_err(|e| failed("make folder", &root.display().to_string(), e))?;
        Ok(FileStorage { root, floor_bytes })
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Opens a file for reading.
    pub(super) fn open_file(&self, path: &str) -> Result<File, StorageError> {
        File::open(self.path(path)).map_err(|e| failed("open", path, e))
    }

    fn sync_folder_of(&self, path: &str) -> Result<(), StorageError> {
        let full = self.path(path);
        let folder = full.parent().unwrap_or(&self.root);
        File::open(folder).and_then(|f| f.sync_all()).map_err(|e| failed("sync folder of", path, e))
    }
}

fn failed(doing: &'static str, path: &str, source: std::io::Error) -> StorageError {
    match source.kind() {
        ErrorKind::NotFound => StorageError::Missing { path: path.into() },
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StorageError::Full { doing, path: path.into() },
        _ => StorageError::Io { doing, path: path.into(), source },
    }
}

struct RealFile {
    file: File,
    path: String,
    size: u64,
    folder: PathBuf,
    floor_bytes: u64,
}

impl AppendFile for RealFile {
    fn append(&mut self, bytes: &[u8]) -> Result<(), StorageError> {
        if self.floor_bytes > 0 && free_bytes(&self.folder, &self.path)? < self.floor_bytes {
            return Err(StorageError::Full { doing: "append to", path: self.path.clone() });
        }
        self.file.write_all(bytes).map_err(|e| failed("append to", &self.path, e))?;
        self.size += bytes.len() as u64;
        Ok(())
    }
    fn sync(&mut self) -> Result<(), StorageError> {
        self.file.sync_data().map_err(|e| failed("sync", &self.path, e))
    }
    fn size(&self) -> u64 {
        self.size
    }
}

fn free_bytes(folder: &Path, path: &str) -> Result<u64, StorageError> {
    let stat = rustix::fs::statvfs(folder).map_err(|e| failed("ask free space for", path, e.into()))?;
    Ok(stat.f_bavail * stat.f_frsize)
}

impl Storage for FileStorage {
    fn create(&self, path: &str) -> Result<Box<dyn AppendFile>, StorageError> {
        let full = self.path(path);
        let folder = full.parent().unwrap_or(&self.root).to_path_buf();
        if !folder.exists() {
            fs::create_dir_all(&folder).map_err(|e| failed("make folder of", path, e))?;
            if let Some(above) = folder.parent() {
                File::open(above).and_then(|f| f.sync_all()).map_err(|e| failed("sync folder above", path, e))?;
            }
        }
        let file =
            OpenOptions::new().append(true).create_new(true).open(&full).map_err(|e| failed("create", path, e))?;
        self.sync_folder_of(path)?;
        Ok(Box::new(RealFile { file, path: path.into(), size: 0, folder, floor_bytes: self.floor_bytes }))
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, StorageError> {
        fs::read(self.path(path)).map_err(|e| failed("read", path, e))
    }

    fn read_at(&self, path: &str, offset: u64, size: usize) -> Result<Vec<u8>, StorageError> {
        let mut file = self.open_file(path)?;
        file.seek(SeekFrom::Start(offset)).map_err(|e| failed("seek in", path, e))?;
        let mut bytes = Vec::with_capacity(size);
        file.take(size as u64).read_to_end(&mut bytes).map_err(|e| failed("read", path, e))?;
        Ok(bytes)
    }

    fn size(&self, path: &str) -> Result<u64, StorageError> {
        Ok(fs::metadata(self.path(path)).map_err(|e| failed("measure", path, e))?.len())
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, StorageError> {
        let entries = match fs::read_dir(self.path(folder)) {
            Ok(entries) => entries,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(failed("list", folder, e)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|e| failed("list", folder, e))?;
            if entry.file_type().map_err(|e| failed("list", folder, e))?.is_file() {
                names.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    fn remove(&self, path: &str) -> Result<(), StorageError> {
        match fs::remove_file(self.path(path)) {
            Ok(()) => self.sync_folder_of(path),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
            Err(e) => Err(failed("remove", path, e)),
        }
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), StorageError> {
        fs::rename(self.path(from), self.path(to)).map_err(|e| failed("rename", from, e))?;
        self.sync_folder_of(to)
    }

    fn truncate(&self, path: &str, size: u64) -> Result<(), StorageError> {
        let file = OpenOptions::new().write(true).open(self.path(path)).map_err(|e| failed("open", path, e))?;
        file.set_len(size).and_then(|()| file.sync_all()).map_err(|e| failed("truncate", path, e))
    }

    fn free(&self) -> Result<u64, StorageError> {
        free_bytes(&self.root, ".")
    }
}
