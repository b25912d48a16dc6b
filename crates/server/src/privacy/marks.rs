//! The list of erasures, which outlives the data folder: what tells, when a backup is restored, who is to be erased again.
//!
//! It holds no id, no name and no key. An erasure's **mark** is a SHA-256 over its number (128 random bits), the account
//! and the key that went. Whoever has the key (in a backup from before: whoever has the person anyway) finds the mark
//! again; nobody else learns more from it than that somebody was erased. What the key became is in no list.
//!
//! `playhead backup` brings the list into the folder of the backup; with `privacy.erasure_list` every erasure is written to a
//! second place at once; `playhead erasures` prints it. `playhead restore` reads all that it is shown.

use super::{Ledger, LedgerError};
use crate::machine::DataFolder;
use engine::event::{AccountId, PersonKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Its name in the folder of a backup.
pub const FILE: &str = "erasures.json";
/// The version of the file's form.
const VERSION: u32 = 1;

/// Why a list cannot be read or kept.
#[derive(Debug, Error)]
pub enum ListError {
    /// The file.
    #[error("the list of erasures {path}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is something else.
    #[error("{path} is no list of erasures")]
    Form {
        /// Which.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// Newer than this program.
    #[error("the list of erasures {path} is of version {found}; this program knows 1")]
    Version {
        /// Which.
        path: PathBuf,
        /// Its version.
        found: u32,
    },
    /// The tables of a data folder.
    #[error("the erasures of {path} cannot be read")]
    Ledger {
        /// Which.
        path: PathBuf,
        /// Why.
        source: LedgerError,
    },
}

/// An erasure, as the list tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marked {
    /// Its account.
    pub account: u32,
    /// See [`mark`].
    pub mark: String,
    /// Asked for at, ms since 1970.
    pub asked_ms: i64,
    /// Ended at; absent while the certificate is being made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_ms: Option<i64>,
    /// The signed statement, once there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
}

/// Erasures by their number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct List {
    version: u32,
    /// By number.
    pub erasures: BTreeMap<String, Marked>,
}

impl Default for List {
    fn default() -> List {
        List { version: VERSION, erasures: BTreeMap::new() }
    }
}

/// By what an erasure is known again: hex.
pub fn mark(erasure: &str, account: AccountId, old: PersonKey) -> String {
    let hash = Sha256::new()
        .chain_update(b"playhead erasure ")
        .chain_update(erasure)
        .chain_update(account.0.to_le_bytes())
        .chain_update(old.0.to_le_bytes());
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

impl List {
    /// Takes over what another list has beyond this one: of the same erasure, what has ended.
    pub fn join(&mut self, other: List) {
        for (id, theirs) in other.erasures {
            match self.erasures.get(&id) {
                Some(ours) if ours.certificate.is_some() || theirs.certificate.is_none() => {}
                _ => {
                    self.erasures.insert(id, theirs);
                }
            }
        }
    }

    /// As its file has it.
    ///
    /// # Errors
    /// Never, in fact: it is plain text and numbers.
    pub fn text(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self)
    }

    /// The list at a path: its file, the folder of a backup, or a data folder. `None` if there is nothing.
    ///
    /// # Errors
    /// When it cannot be read, or is something else.
    pub fn at(path: &Path) -> Result<Option<List>, ListError> {
        if path.join("catalog.sqlite").is_file() {
            let failed = |source| ListError::Ledger { path: path.to_owned(), source };
            return Ok(Some(
                Ledger::look(&path.join("catalog.sqlite")).and_then(|ledger| ledger.marked()).map_err(failed)?,
            ));
        }
        let path = if path.is_dir() { path.join(FILE) } else { path.to_owned() };
        let text = match std::fs::read_to_string(&path) {
            Err(source) if source.kind() == ErrorKind::NotFound => return Ok(None),
            text => text.map_err(|source| ListError::File { path: path.clone(), source })?,
        };
        let list: List =
            serde_json::from_str(&text).map_err(|source| ListError::Form { path: path.clone(), source })?;
        match list.version {
            VERSION => Ok(Some(list)),
            found => Err(ListError::Version { path, found }),
        }
    }

    /// Adds this list to the one that a file holds, which appears at once and on disk; for its owner only.
    ///
    /// # Errors
    /// When the file cannot be read or written, or is something else.
    pub fn keep(&self, path: &Path) -> Result<(), ListError> {
        let mut all = List::at(path)?.unwrap_or_default();
        let before = all.clone();
        all.join(self.clone());
        if all == before && path.exists() {
            return Ok(());
        }
        let text = all.text().map_err(|source| ListError::Form { path: path.to_owned(), source })?;
        let mut fresh = path.as_os_str().to_owned();
        fresh.push(".new");
        let write = || {
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut out = options.open(&fresh)?;
            out.write_all(text.as_bytes())?;
            out.sync_all()?;
            std::fs::rename(&fresh, path)?;
            let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
            File::open(folder)?.sync_all()
        };
        write().map_err(|source| ListError::File { path: path.to_owned(), source })
    }
}

/// Prints the list of a data folder, which may be in use.
///
/// # Errors
/// When it cannot be read.
pub fn print(folder: &DataFolder) -> Result<(), crate::cli::Failure> {
    println!("{}", List::at(folder.path())?.unwrap_or_default().text()?);
    Ok(())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn marked(certificate: Option<&str>) -> Marked {
        let certificate = certificate.map(str::to_owned);
        Marked { account: 7, mark: "m".into(), asked_ms: 1, finished_ms: None, certificate }
    }

    fn list(of: &[(&str, Option<&str>)]) -> List {
        let erasures = of.iter().map(|(id, certificate)| ((*id).to_owned(), marked(*certificate))).collect();
        List { erasures, ..List::default() }
    }

    #[test]
    fn a_mark_is_of_one_erasure_account_and_key() {
        let of = |erasure, account, key| mark(erasure, AccountId(account), PersonKey(key));
        let one = of("e", 7, 9);
        assert_eq!((one.len(), &one), (64, &of("e", 7, 9)));
        assert!([of("f", 7, 9), of("e", 8, 9), of("e", 7, 8)].iter().all(|other| *other != one));
    }

    #[test]
    fn a_file_gathers_what_lists_bring_and_loses_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        assert_eq!(List::at(folder.path()).unwrap(), None);
        list(&[("a", None), ("b", Some("old"))]).keep(&path).unwrap();
        list(&[("a", Some("signed")), ("b", None), ("c", None)]).keep(&path).unwrap();
        let all = list(&[("a", Some("signed")), ("b", Some("old")), ("c", None)]);
        assert_eq!(List::at(folder.path()).unwrap(), Some(all.clone()), "by the folder");
        assert_eq!(List::at(&path).unwrap(), Some(all), "and by its name");
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&path.metadata().unwrap().permissions()) & 0o777, 0o600);
        std::fs::write(&path, "{}").unwrap();
        assert!(List::at(&path).unwrap_err().to_string().contains("is no list of erasures"));
        std::fs::write(&path, r#"{"version":2,"erasures":{}}"#).unwrap();
        assert!(matches!(list(&[]).keep(&path), Err(ListError::Version { found: 2, .. })));
    }
}
