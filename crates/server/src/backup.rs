//! `playhead backup` and `playhead restore`: a copy of the data folder made while the server works on it, and back.
//!
//! A backup is a folder: `files/` holds copies under the names they have in the data folder, `catalog-N.sqlite` the SQLite
//! file as it was in one instant, and `backup.json`, written last, names every file with its length and SHA-256. Segments never
//! change and journal files only grow, but where a person is erased; so a second backup into the same folder copies what has
//! another length or time. Until the new `backup.json` is in place the old one holds: of a file that has grown it counts the
//! bytes it names.
//!
//! Who was erased since a backup was made is in it. So every backup brings the list of erasures into its folder
//! (`erasures.json`, [`marks`]), and a restore erases again whom any list names that it is shown.
//!
//! The order makes it whole: the catalog first, with the list of live segments and how far they reach into the journal; then
//! the files. What has come in meanwhile is more journal, which a start replays. If a file that the catalog needs has been
//! merged or archived away by then, all begins again with a newer catalog.

use crate::check;
use crate::cli::Failure;
use crate::collect::wall_clock;
use crate::config::Settings;
use crate::machine::DataFolder;
use crate::privacy::{self, Ledger, PrivacyError, marks};
use crate::progress;
use engine::manifest::{Manifest, SqliteManifest};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use thiserror::Error;

/// Folders of the data folder that are copied. Exports can be asked for again.
const FOLDERS: [&str; 3] = ["journal", "segments", "bad-rows"];
/// Beginnings again before giving up: merging is far slower than copying.
const ATTEMPTS_MAX: u32 = 8;
/// Bytes copied at a time.
const PIECE_BYTES: usize = 1 << 20;
const LIST: &str = "backup.json";
const CATALOG: &str = "catalog.sqlite";
/// The catalog of a folder that is not yet whole.
const UNNAMED: &str = "catalog.restoring";

/// What can go wrong, said to a person.
#[derive(Debug, Error)]
pub enum BackupError {
    /// A file or folder.
    #[error("{path}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The folder holds something else.
    #[error("{0} is not empty and holds no backup: give an empty folder, or that of an earlier backup")]
    NotABackup(PathBuf),
    /// Nothing to restore.
    #[error("{0} holds no backup: there is no backup.json in it")]
    NoBackup(PathBuf),
    /// There is no list of erasures.
    #[error(
        "{0} holds no list of erasures: it is a data folder, the folder of a backup, or what `playhead erasures` prints"
    )]
    NoErasures(PathBuf),
    /// A restore never writes over data.
    #[error("{0} is not empty: restore into a new folder")]
    NotEmpty(PathBuf),
    /// A file that is not what was backed up.
    #[error("{path} is damaged: it is not what backup.json says")]
    Damaged {
        /// Which.
        path: PathBuf,
    },
    /// The server merges faster than we copy.
    #[error("the data changed under every one of {ATTEMPTS_MAX} attempts: try again when less is going on")]
    Restless,
    /// Newer than this program.
    #[error("the backup is of version {0}; this program knows 1")]
    Version(u32),
}

/// `backup.json`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct List {
    version: u32,
    /// When it was made (RFC 3339).
    made: String,
    /// The catalog's file here.
    catalog: String,
    /// By name in the data folder.
    files: BTreeMap<String, Copied>,
}

/// A file that was copied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Copied {
    bytes: u64,
    /// SHA-256 of these bytes, hex.
    sha256: String,
    /// When the file was last written there, ns since 1970: text, because JSON's numbers are too short.
    #[serde(default)]
    written: String,
}

impl Copied {
    fn is_same(&self, other: &Copied) -> bool {
        (self.bytes, &self.sha256) == (other.bytes, &other.sha256)
    }
}

/// A file to be copied.
#[derive(Clone, Debug)]
struct Found {
    bytes: u64,
    written: String,
}

/// What a backup did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Files in it.
    pub files: u64,
    /// Bytes in it.
    pub bytes: u64,
    /// Of them newly copied.
    pub copied: u64,
}

/// Copies a data folder into `to`, and verifies the copy. The server may be running.
///
/// # Errors
/// What cannot be read or written; a folder that holds something else; a copy that does not verify.
pub fn backup(folder: &DataFolder, to: &Path, now: &str) -> Result<Done, Failure> {
    make_folder(to)?;
    let before = read_list(to)?;
    if before.is_none() && !is_empty(to)? {
        return Err(BackupError::NotABackup(to.to_owned()).into());
    }
    // At once, whatever becomes of the rest, for the backup that is there already; and at the end, for what was erased
    // meanwhile.
    let keep_list = || marks::List::at(folder.path())?.unwrap_or_default().keep(&to.join(marks::FILE));
    keep_list()?;
    let number = before.as_ref().map_or(0, |list| number_of(&list.catalog)) + 1;
    let catalog = format!("catalog-{number}.sqlite");
    for _ in 0..ATTEMPTS_MAX {
        let needed = copy_catalog(folder, &to.join(&catalog))?;
        let Some(Fresh { files, bytes: copied }) = copy_files(folder, to, before.as_ref(), &needed.segments)? else {
            continue;
        };
        if !reaches(&files, needed.reach) {
            continue;
        }
        let mut list = List { version: 1, made: now.to_owned(), catalog: catalog.clone(), files };
        let (bytes, sha256) = digest(&to.join(&catalog), u64::MAX)?;
        list.files.insert(CATALOG.to_owned(), Copied { bytes, sha256, written: String::new() });
        write_list(to, &list)?;
        remove_what_is_not_in(to, &list)?;
        keep_list()?;
        let bytes = list.files.values().map(|file| file.bytes).sum();
        return Ok(Done { files: list.files.len() as u64, bytes, copied });
    }
    Err(BackupError::Restless.into())
}

/// Makes a data folder of a backup, erases again whom the lists of erasures name (those of the backup, of the settings and
/// of `lists`: see [`marks::List::at`]), and checks it. Says whether it is sound.
///
/// # Errors
/// No backup, a damaged one, a folder with something in it, a list that is none, an erasure that does not get on.
pub fn restore(from: &Path, settings: &Settings, lists: &[PathBuf]) -> Result<bool, Failure> {
    let list = read_list(from)?.ok_or_else(|| BackupError::NoBackup(from.to_owned()))?;
    let mut erasures = marks::List::at(&from.join(marks::FILE))?.unwrap_or_default();
    for path in lists {
        erasures.join(marks::List::at(path)?.ok_or_else(|| BackupError::NoErasures(path.clone()))?);
    }
    if let Some(path) = &settings.erasure_list {
        erasures.join(marks::List::at(path)?.unwrap_or_default());
    }
    let to = &DataFolder::open(settings)?;
    if !is_empty(to.path())? {
        return Err(BackupError::NotEmpty(to.path().to_owned()).into());
    }
    let bar = progress::bytes(list.files.values().map(|file| file.bytes).sum(), "restore");
    for (name, wanted) in &list.files {
        // The catalog gets its name last: a folder without one is nobody's data yet.
        let (source, target) = match name.as_str() {
            CATALOG => (from.join(&list.catalog), to.path().join(UNNAMED)),
            name => (stored(from, name), to.path().join(name)),
        };
        make_folder(target.parent().unwrap_or(to.path()))?;
        let copied = copy(&source, &target, wanted.bytes)?.ok_or_else(|| damaged(&source))?;
        if !copied.is_same(wanted) {
            std::fs::remove_file(&target).map_err(|source| file(&target, source))?;
            return Err(damaged(&source).into());
        }
        bar.inc(wanted.bytes);
    }
    bar.finish_and_clear();
    let unnamed = to.path().join(UNNAMED);
    note_erasures(&unnamed, &erasures)?;
    std::fs::rename(&unnamed, to.catalog_file()).map_err(|source| file(&unnamed, source))?;
    File::open(to.path()).and_then(|folder| folder.sync_all()).map_err(|source| file(to.path(), source))?;
    println!("restored {} files of {}", list.files.len(), list.made);
    // Also those that were under way when the backup was made.
    if !Ledger::open(&to.catalog_file())?.waiting()?.is_empty() {
        privacy::command::repeat(settings)?;
    }
    check::check(to)
}

/// Notes in a catalog that has no name yet who is to be erased again. So there is no moment in which a start of the server
/// would not know of it.
fn note_erasures(catalog: &Path, erasures: &marks::List) -> Result<(), Failure> {
    let known = engine::catalog::Catalog::open(catalog, wall_clock()())?.view();
    let ledger = Ledger::open(catalog).map_err(PrivacyError::from)?;
    match ledger.repeat(&known, erasures)? {
        0 => println!("of {} erasures none concerns the backup", erasures.erasures.len()),
        repeated => println!("erasing {repeated} people again who were erased since the backup"),
    }
    Ok(())
}

fn damaged(path: &Path) -> BackupError {
    BackupError::Damaged { path: path.to_owned() }
}

fn file(path: &Path, source: std::io::Error) -> BackupError {
    BackupError::File { path: path.to_owned(), source }
}

fn stored(backup: &Path, name: &str) -> PathBuf {
    backup.join("files").join(name)
}

fn number_of(catalog: &str) -> u64 {
    let digits: String = catalog.chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(0)
}

fn make_folder(path: &Path) -> Result<(), BackupError> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path).map_err(|source| file(path, source))
}

fn is_empty(path: &Path) -> Result<bool, BackupError> {
    let mut entries = std::fs::read_dir(path).map_err(|source| file(path, source))?;
    Ok(entries.next().is_none())
}

/// What a catalog needs beside itself.
struct Needed {
    segments: BTreeSet<String>,
    /// The first event that it needs of the journal.
    reach: u64,
}

/// Whether the journal files hold all from an event on. What is wholly below the live catalog's reach goes into archives, and
/// that reach may have moved since ours was copied.
fn reaches(files: &BTreeMap<String, Copied>, reach: u64) -> bool {
    let starts =
        files.keys().filter_map(|name| name.strip_prefix("journal/")?.strip_suffix(".log")?.parse::<u64>().ok());
    starts.min().is_none_or(|first| first <= reach)
}

/// The catalog in one instant, compacted, and what it needs.
fn copy_catalog(folder: &DataFolder, to: &Path) -> Result<Needed, Failure> {
    match std::fs::remove_file(to) {
        Err(source) if source.kind() != ErrorKind::NotFound => return Err(file(to, source).into()),
        _ => {}
    }
    let connection = rusqlite::Connection::open(folder.catalog_file())?;
    connection.busy_timeout(std::time::Duration::from_secs(30))?;
    let text = to.to_str().ok_or_else(|| file(to, ErrorKind::InvalidFilename.into()))?;
    connection.execute("VACUUM INTO ?1", [text])?;
    File::open(to).and_then(|copy| copy.sync_all()).map_err(|source| file(to, source))?;
    let state = SqliteManifest::open(to)?.load()?;
    let segments = state.segments.iter().map(|segment| engine::segment::path(segment.id)).collect();
    Ok(Needed { segments, reach: state.progress.reach })
}

/// Files of a backup.
struct Fresh {
    files: BTreeMap<String, Copied>,
    /// Bytes newly copied.
    bytes: u64,
}

/// Copies what is new. `None` if a segment that the catalog needs is gone, or a journal file went while it was read.
fn copy_files(
    folder: &DataFolder,
    to: &Path,
    before: Option<&List>,
    needed: &BTreeSet<String>,
) -> Result<Option<Fresh>, BackupError> {
    let names = names(folder, needed)?;
    if names.iter().filter(|(name, _)| needed.contains(*name)).count() < needed.len() {
        return Ok(None);
    }
    let (mut files, mut fresh) = (BTreeMap::new(), 0);
    let bar = progress::bytes(names.values().map(|found| found.bytes).sum(), "backup ");
    for (name, Found { bytes, written }) in names {
        let known = before.and_then(|list| list.files.get(&name));
        let known = known.filter(|known| known.bytes == bytes && known.written == written);
        let there = std::fs::metadata(stored(to, &name)).is_ok_and(|there| there.len() == bytes);
        let copied = match known.filter(|_| there) {
            Some(known) => known.clone(),
            None => {
                let target = stored(to, &name);
                make_folder(target.parent().unwrap_or(to))?;
                let Some(copied) = copy(&folder.path().join(&name), &target, bytes)? else { return Ok(None) };
                fresh += copied.bytes;
                Copied { written, ..copied }
            }
        };
        bar.inc(bytes);
        files.insert(name, copied);
    }
    bar.finish_and_clear();
    Ok(Some(Fresh { files, bytes: fresh }))
}

/// Files to be copied, with the bytes they have now. Of segments those that the catalog names.
fn names(folder: &DataFolder, needed: &BTreeSet<String>) -> Result<BTreeMap<String, Found>, BackupError> {
    let mut found = BTreeMap::new();
    for name in FOLDERS {
        let mut waiting = vec![folder.path().join(name)];
        while let Some(path) = waiting.pop() {
            let entries = match std::fs::read_dir(&path) {
                Err(source) if source.kind() == ErrorKind::NotFound => continue,
                entries => entries.map_err(|source| file(&path, source))?,
            };
            for entry in entries {
                let entry = entry.map_err(|source| file(&path, source))?;
                let Ok(about) = entry.metadata() else { continue };
                if about.is_dir() {
                    waiting.push(entry.path());
                } else if let Some(name) = relative(folder, &entry.path())
                    && (!name.starts_with("segments/") || needed.contains(&name))
                {
                    let since = about.modified().ok().and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok());
                    let written = since.map(|since| since.as_nanos().to_string()).unwrap_or_default();
                    found.insert(name, Found { bytes: about.len(), written });
                }
            }
        }
    }
    Ok(found)
}

fn relative(folder: &DataFolder, path: &Path) -> Option<String> {
    path.strip_prefix(folder.path()).ok()?.to_str().map(str::to_owned)
}

/// Copies the first bytes of a file, with their digest; the copy is synced. `None` if it is gone or shorter.
fn copy(from: &Path, to: &Path, bytes: u64) -> Result<Option<Copied>, BackupError> {
    let source = match File::open(from) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        source => source.map_err(|source| file(from, source))?,
    };
    let mut target = File::create(to).map_err(|source| file(to, source))?;
    let mut write = |piece: &[u8]| target.write_all(piece).map_err(|source| file(to, source));
    let (read, sha256) = pieces(source.take(bytes), from, &mut write)?;
    target.sync_all().map_err(|source| file(to, source))?;
    Ok((read == bytes).then_some(Copied { bytes, sha256, written: String::new() }))
}

/// Length and digest of a file's first bytes.
fn digest(path: &Path, bytes: u64) -> Result<(u64, String), BackupError> {
    let source = File::open(path).map_err(|source| file(path, source))?;
    pieces(source.take(bytes), path, &mut |_| Ok(()))
}

fn pieces(
    mut source: impl Read,
    path: &Path,
    each: &mut dyn FnMut(&[u8]) -> Result<(), BackupError>,
) -> Result<(u64, String), BackupError> {
    let (mut hash, mut read, mut piece) = (Sha256::new(), 0, vec![0; PIECE_BYTES]);
    loop {
        let length = source.read(&mut piece).map_err(|source| file(path, source))?;
        if length == 0 {
            let hex = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
            return Ok((read, hex));
        }
        hash.update(&piece[..length]);
        each(&piece[..length])?;
        read += length as u64;
    }
}

fn read_list(backup: &Path) -> Result<Option<List>, Failure> {
    let path = backup.join(LIST);
    let text = match std::fs::read_to_string(&path) {
        Err(source) if source.kind() == ErrorKind::NotFound => return Ok(None),
        text => text.map_err(|source| file(&path, source))?,
    };
    let list: List = serde_json::from_str(&text)?;
    // A name that leads out of the folder is not one of ours.
    let leads_out = |name: &String| Path::new(name).components().any(|c| !matches!(c, std::path::Component::Normal(_)));
    match list {
        list if list.version != 1 => Err(BackupError::Version(list.version).into()),
        list if list.files.keys().chain([&list.catalog]).any(leads_out) => Err(damaged(&path).into()),
        list => Ok(Some(list)),
    }
}

/// Puts the list in place at once, on disk.
fn write_list(backup: &Path, list: &List) -> Result<(), Failure> {
    let (path, fresh) = (backup.join(LIST), backup.join("backup.json.new"));
    let text = serde_json::to_vec_pretty(list)?;
    let write = || {
        let mut out = File::create(&fresh)?;
        out.write_all(&text)?;
        out.sync_all()?;
        std::fs::rename(&fresh, &path)?;
        File::open(backup)?.sync_all()
    };
    Ok(write().map_err(|source| file(&path, source))?)
}

/// Removes what an earlier backup needed.
fn remove_what_is_not_in(backup: &Path, list: &List) -> Result<(), BackupError> {
    let remove = |path: &Path| std::fs::remove_file(path).map_err(|source| file(path, source));
    let mut waiting = vec![backup.join("files")];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = path.strip_prefix(backup.join("files")).ok().and_then(Path::to_str);
            if path.is_dir() {
                waiting.push(path);
            } else if name.is_some_and(|name| !list.files.contains_key(name)) {
                remove(&path)?;
            }
        }
    }
    for entry in std::fs::read_dir(backup).into_iter().flatten().flatten() {
        let name = entry.file_name().into_string().unwrap_or_default();
        if name.starts_with("catalog-") && name != list.catalog {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

/// Reads a backup again and compares. Names the first file that is not what it was.
///
/// # Errors
/// As [`restore`].
pub fn verify(backup: &Path) -> Result<u64, Failure> {
    let list = read_list(backup)?.ok_or_else(|| BackupError::NoBackup(backup.to_owned()))?;
    let bar = progress::bytes(list.files.values().map(|file| file.bytes).sum(), "verify ");
    for (name, wanted) in &list.files {
        let path = if name == CATALOG { backup.join(&list.catalog) } else { stored(backup, name) };
        let (bytes, sha256) = digest(&path, wanted.bytes)?;
        if !(Copied { bytes, sha256, written: String::new() }).is_same(wanted) {
            return Err(damaged(&path).into());
        }
        bar.inc(wanted.bytes);
    }
    bar.finish_and_clear();
    Ok(list.files.len() as u64)
}
