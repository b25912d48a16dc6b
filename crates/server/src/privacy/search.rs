//! Looking through every file of the data folder for bytes that must not be there.

use engine::event::PersonKey;
use regex::bytes::Regex;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Read at a time.
const PIECE_BYTES: usize = 1 << 20;
/// Longest word searched for; pieces overlap by this.
const WORD_BYTES_MAX: usize = 2048;
/// Shorter words are everywhere by chance.
pub const WORD_BYTES_MIN: usize = 5;

/// What was found, by file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Files read.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// How often something was found, by path below the folder.
    pub hits: BTreeMap<String, u64>,
}

/// All forms in which a key may be written: hex, decimal with and without sign, bytes in both orders, as in the journal.
pub fn forms(key: PersonKey) -> Vec<Vec<u8>> {
    let mut varint = Vec::new();
    let mut rest = key.0;
    while rest >= 0x80 {
        varint.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    varint.push(rest as u8);
    let mut forms = vec![
        format!("{:016x}", key.0).into_bytes(),
        format!("{:016X}", key.0).into_bytes(),
        key.0.to_string().into_bytes(),
        key.0.cast_signed().to_string().into_bytes(),
        key.0.to_le_bytes().to_vec(),
        key.0.to_be_bytes().to_vec(),
        varint,
    ];
    // A key is drawn at random: short forms are as likely as winning a lottery, and would be found everywhere.
    forms.retain(|form| form.len() >= WORD_BYTES_MIN);
    forms
}

/// The words among these that are long enough to be searched for.
pub fn searchable(words: &[String]) -> Vec<Vec<u8>> {
    let fits = |word: &&String| (WORD_BYTES_MIN..=WORD_BYTES_MAX).contains(&word.len());
    words.iter().filter(fits).map(|word| word.clone().into_bytes()).collect()
}

/// Searches every file below a folder. Files that vanish meanwhile are no files.
///
/// # Errors
/// When a file cannot be read.
pub fn search(folder: &Path, words: &[Vec<u8>]) -> io::Result<Found> {
    let mut found = Found::default();
    if words.is_empty() {
        return Ok(found);
    }
    let escaped: Vec<String> = words.iter().map(|word| word.iter().map(|b| format!("\\x{b:02x}")).collect()).collect();
    let pattern = Regex::new(&format!("(?-u){}", escaped.join("|"))).map_err(io::Error::other)?;
    let mut folders: Vec<PathBuf> = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            match in_file(&path, &pattern) {
                Ok((bytes, hits)) => {
                    found.files += 1;
                    found.bytes += bytes;
                    if hits > 0 {
                        let name = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
                        found.hits.insert(name, hits);
                    }
                }
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(found)
}

/// A file on which SQLite has locks, from some byte on.
struct Held {
    file: &'static File,
    at: u64,
}

impl Read for Held {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

/// A file of a database: itself, its log, its shared memory. Whoever closes a handle of a file ends all locks that their
/// process has on it (POSIX), also those of SQLite's connections; the next program that looks at the database then takes
/// itself for the only one, and removes the log under the server. So these are opened once and never closed: one handle
/// for each log that the process has seen.
fn held(path: &Path) -> io::Result<Held> {
    static HELD: Mutex<BTreeMap<(u64, u64), &'static File>> = Mutex::new(BTreeMap::new());
    let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
    let about = std::fs::metadata(path)?;
    if let Some(file) = held.get(&(about.dev(), about.ino())) {
        return Ok(Held { file, at: 0 });
    }
    let file: &'static File = Box::leak(Box::new(File::open(path)?));
    // It may have been made anew since.
    let about = file.metadata()?;
    held.insert((about.dev(), about.ino()), file);
    Ok(Held { file, at: 0 })
}

/// Bytes of a file, and how often the pattern is found in it.
fn in_file(path: &Path, pattern: &Regex) -> io::Result<(u64, u64)> {
    let is_database = path.file_name().is_some_and(|name| name.to_string_lossy().contains(".sqlite"));
    let mut file: Box<dyn Read> = if is_database { Box::new(held(path)?) } else { Box::new(File::open(path)?) };
    let (mut window, mut total, mut hits) = (Vec::new(), 0, 0);
    loop {
        let kept = window.len();
        let read = (&mut *file).take(PIECE_BYTES as u64).read_to_end(&mut window)?;
        total += read as u64;
        let last = read == 0;
        // What begins in the overlap is found with the next piece.
        let edge = if last { window.len() } else { window.len().saturating_sub(WORD_BYTES_MAX) };
        hits += pattern.find_iter(&window).filter(|found| found.start() < edge).count() as u64;
        if last {
            return Ok((total, hits));
        }
        debug_assert!(window.len() >= kept);
        window.drain(..edge);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The server goes on after its folder was searched: another program does not take its log away.
    #[test]
    fn a_database_in_use_keeps_its_locks() {
        let folder = tempfile::tempdir().expect("a folder of the test");
        let file = folder.path().join("catalog.sqlite");
        let ours = rusqlite::Connection::open(&file).expect("a database");
        ours.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (x); INSERT INTO t VALUES ('something')")
            .expect("a database");
        for _ in 0..2 {
            let found = search(folder.path(), &[b"something".to_vec()]).expect("a folder of the test");
            assert_eq!(found.files, 3, "{found:?}");
        }
        let python =
            "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT x FROM t').fetchall(); c.close()";
        let other = std::process::Command::new("python3").args(["-c", python]).arg(&file).status();
        assert!(other.expect("python3").success());
        assert!(folder.path().join("catalog.sqlite-wal").exists(), "the log is still there");
        ours.execute_batch("INSERT INTO t VALUES ('more')").expect("the log is ours");
    }

    #[test]
    fn words_are_found_across_pieces_and_in_every_form() {
        let folder = tempfile::tempdir().expect("a folder of the test");
        let write =
            |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).expect("a folder of the test");
        let mut long = vec![b'.'; PIECE_BYTES - 3];
        long.extend_from_slice(b"alice@example.edu and alice@example.edu");
        std::fs::create_dir(folder.path().join("below")).expect("a folder of the test");
        write("below/long", &long);
        write("none", b"alic@example.edu");
        let key = PersonKey(0x9d3a_51c7_44e2_b602);
        for (n, form) in forms(key).iter().enumerate() {
            write(&format!("form{n}"), &[b"xx", form.as_slice(), b"yy"].concat());
        }
        let words = searchable(&["alice@example.edu".into(), "al".into()]);
        let found = search(folder.path(), &words).expect("a folder of the test");
        assert_eq!(found.hits, BTreeMap::from([("below/long".to_owned(), 2)]));
        let found = search(folder.path(), &forms(key)).expect("a folder of the test");
        assert_eq!(found.hits.len(), forms(key).len(), "{found:?}");
    }
}
