//! Privacy at work: erasing a person, ageing what is older than it may name people, and telling both.
//!
//! [`Privacy`] is what handlers and commands talk to; one thread ([`Worker`]) does the work, one thing after another. What
//! is asked for stands in the [`Ledger`] until it is done, so that it goes on after a restart; every step may be repeated.
//!
//! | Module | Holds |
//! |---|---|
//! | `erasure` | a person goes from everywhere, and a signed certificate says so |
//! | `marks` | the list of erasures, which outlives the folder, so that a restored backup erases again |
//! | `retention` | a daily run: people's keys in rows older than `retention.person_months`, bad rows, journal files |
//! | `search` | every file of the folder, for bytes that must not be there |
//! | `page` | `/privacy`, `/opt-out` and `/.well-known/gpc.json`, from the running settings |

mod certificate;
pub mod command;
mod erasure;
mod ledger;
pub mod marks;
pub mod page;
mod retention;
pub mod search;
mod worker;

pub use certificate::Signer;
pub use ledger::{Erasure, Ledger, LedgerError, State, Subject};
pub use retention::{Due, due, journal_from_ms, named_from_ms};
pub use worker::Worker;

use crate::auth::vault::Vault;
use crate::collect::{Clock, Collect};
use crate::config::Settings;
use crate::jobs::{Jobs, JobsError};
use crate::machine::{DataFolder, ExchangeError, Exchanger, Machine};
use engine::block::Unreadable;
use engine::catalog::view::{AccountView, CatalogView};
use engine::catalog::{Catalog, CatalogError};
use engine::event::{AccountId, PersonKey};
use engine::manifest::{Manifest, ManifestError, SqliteManifest};
use engine::rekey::width;
use engine::storage::{Storage, StorageError};
use engine::store::{Reader, StoreError};
use rand::TryRng;
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use thiserror::Error;

/// Why privacy's work does not get on.
#[derive(Debug, Error)]
pub enum PrivacyError {
    /// Its tables.
    #[error("the tables of privacy cannot be read or written")]
    Ledger(#[from] LedgerError),
    /// The catalog.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// Exchanging keys.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    /// Reading rows.
    #[error("rows cannot be read: {0}")]
    Rows(#[from] Unreadable),
    /// Reading the store's files.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Reading the manifest.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// Reading the journal.
    #[error(transparent)]
    Journal(#[from] engine::journal::JournalError),
    /// Files.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Exports.
    #[error(transparent)]
    Jobs(#[from] JobsError),
    /// The folder cannot be searched, or there is no thread or no randomness.
    #[error("the system refuses what privacy needs")]
    System(#[from] std::io::Error),
    /// The list of erasures.
    #[error(transparent)]
    List(#[from] marks::ListError),
    /// The signing key.
    #[error("certificates cannot be signed: {0}")]
    Key(&'static str),
    /// Files that nobody can read may hold what is to go.
    #[error("{} cannot be read, so nobody can say what is in it; restore it from a backup or remove it", .0.join(", "))]
    Unreadable(Vec<String>),
    /// The key was found after all was done: a fault of ours.
    #[error("the key is still in {0}")]
    Left(String),
    /// A text that names them was found after all was done: a fault of ours.
    #[error("whoever is erased is still named in {0}")]
    Named(String),
    /// Somebody reads the database; tried again.
    #[error("the database cannot be scoured while somebody reads it")]
    Busy,
    /// The server stops.
    #[error("the server stops; it goes on at the next start")]
    Stopped,
}

/// What handlers talk to. Clones are the same.
#[derive(Clone)]
pub struct Privacy {
    ledger: Arc<Ledger>,
    bell: SyncSender<()>,
}

/// What the work is done with.
pub struct Parts {
    ledger: Arc<Ledger>,
    catalog: Arc<Catalog>,
    vault: Arc<Vault>,
    jobs: Jobs,
    collect: Arc<Collect>,
    exchanger: Exchanger,
    reader: Reader,
    storage: Arc<dyn Storage>,
    folder: PathBuf,
    manifest: PathBuf,
    clock: Clock,
    settings: Settings,
}

impl Parts {
    /// Over a machine at work; see [`start`].
    ///
    /// # Errors
    /// As [`start`].
    pub fn open(
        folder: &DataFolder,
        settings: &Settings,
        machine: &Machine,
        vault: Arc<Vault>,
        jobs: Jobs,
        clock: Clock,
    ) -> Result<Parts, PrivacyError> {
        let parts = Parts {
            ledger: Arc::new(Ledger::open(&folder.catalog_file())?),
            catalog: machine.catalog.clone(),
            vault,
            jobs,
            collect: machine.collect.clone(),
            exchanger: machine.exchanger.clone(),
            reader: machine.reader.clone(),
            storage: machine.storage.clone(),
            folder: folder.path().to_owned(),
            manifest: folder.catalog_file(),
            clock,
            settings: settings.clone(),
        };
        // From the first start on, so that a backup has the key by which later certificates are verified.
        Signer::open(&parts.ledger)?;
        parts.keep_list()?;
        let pending = parts.ledger.rekey()?;
        if !pending.is_empty() {
            parts.exchanger.rekey(&pending, i64::MIN)?;
        }
        Ok(parts)
    }

    /// Its tables.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Works an erasure off. `stopped` says when to leave it for the next start.
    ///
    /// # Errors
    /// When it does not get on; doing it again goes on.
    pub fn erase(&self, erasure: &Erasure, stopped: &dyn Fn() -> bool) -> Result<(), PrivacyError> {
        erasure::run(self, erasure, stopped)
    }

    /// Runs retention and notes what went.
    ///
    /// # Errors
    /// As [`Parts::erase`].
    pub fn retain(&self, stopped: &dyn Fn() -> bool) -> Result<(), PrivacyError> {
        retention::run(self, stopped)
    }

    /// Writes the list of erasures where the settings want it to be too.
    fn keep_list(&self) -> Result<(), PrivacyError> {
        match &self.settings.erasure_list {
            Some(path) => Ok(self.ledger.marked()?.keep(path)?),
            None => Ok(()),
        }
    }
    fn manifest(&self) -> Result<Box<dyn Manifest>, PrivacyError> {
        Ok(Box::new(SqliteManifest::open(&self.manifest)?))
    }
    fn now_ms(&self) -> i64 {
        (self.clock)()
    }
}

impl Privacy {
    /// Over its tables, with nobody to do the work: whoever rings is not heard.
    pub fn over(ledger: Ledger) -> Privacy {
        Privacy { ledger: Arc::new(ledger), bell: sync_channel(1).0 }
    }

    /// Its tables.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Asks for a person to be erased, by the institution's id; `None` when there is no such person. Asked again while it
    /// runs, it is the same erasure.
    ///
    /// # Errors
    /// When it cannot be noted.
    pub fn erase(
        &self,
        catalog: &CatalogView,
        account: AccountId,
        person: &str,
        now_ms: i64,
    ) -> Result<Option<Erasure>, PrivacyError> {
        let erasure = self.ledger.ask(catalog, account, person, now_ms)?;
        // Full: it has been rung already.
        let _ = self.bell.try_send(());
        Ok(erasure)
    }
}

/// Puts privacy's work of a machine in operation. Keys that were being exchanged when the last run ended are exchanged
/// when this returns, before anybody can ask.
///
/// # Errors
/// When tables cannot be opened, keys not be exchanged, or there is no thread.
pub fn start(
    folder: &DataFolder,
    settings: &Settings,
    machine: &Machine,
    vault: Arc<Vault>,
    jobs: Jobs,
    clock: Clock,
) -> Result<(Privacy, Worker), PrivacyError> {
    let parts = Parts::open(folder, settings, machine, vault, jobs, clock)?;
    let (bell, rung) = sync_channel(1);
    let privacy = Privacy { ledger: parts.ledger.clone(), bell: bell.clone() };
    Ok((privacy, Worker::start(parts, bell, rung)?))
}

impl Ledger {
    /// Notes that a person is to be erased; see [`Privacy::erase`].
    ///
    /// # Errors
    /// As [`Privacy::erase`].
    pub fn ask(
        &self,
        catalog: &CatalogView,
        account: AccountId,
        person: &str,
        now_ms: i64,
    ) -> Result<Option<Erasure>, PrivacyError> {
        let Some(view) = catalog.accounts.get(&account) else { return Ok(None) };
        let Some(old) = view.person_keys.get(person).copied() else { return Ok(None) };
        let erasure = self.add(&fresh_id()?, account, &subject(view, person, old)?, now_ms)?;
        Ok(Some(erasure))
    }

    /// Notes the erasures of a list: those of people who are here as to be done again, under their numbers; the others
    /// as what was. How many are to be done.
    ///
    /// # Errors
    /// As [`Privacy::erase`].
    pub fn repeat(&self, catalog: &CatalogView, list: &marks::List) -> Result<usize, PrivacyError> {
        let mut repeated = 0;
        for (id, marked) in &list.erasures {
            let account = AccountId(marked.account);
            if self.get(account, id)?.is_some() {
                continue;
            }
            let view = catalog.accounts.get(&account);
            let mut people = view.into_iter().flat_map(|view| view.person_keys.iter().map(move |known| (view, known)));
            match people.find(|(_, (_, key))| marks::mark(id, account, **key) == marked.mark) {
                Some((view, (person, old))) => {
                    self.add(id, account, &subject(view, person, *old)?, marked.asked_ms)?;
                    repeated += 1;
                }
                None => self.note(id, marked)?,
            }
        }
        Ok(repeated)
    }
}

/// What an erasure is about: a person of an account, with a fresh key.
fn subject(view: &AccountView, person: &str, old: PersonKey) -> Result<Subject, PrivacyError> {
    let known = view.people.get(&old);
    let mut words = vec![person.to_owned()];
    words.extend(known.into_iter().flat_map(|known| [known.name.to_string(), known.mail.to_string()]));
    words.retain(|word| !word.is_empty());
    words.sort();
    words.dedup();
    let fresh = fresh_key(old, |key| view.people.contains_key(&key))?;
    Ok(Subject { person: person.to_owned(), old, fresh, words })
}

/// 64 random bits.
fn random() -> Result<u64, PrivacyError> {
    let mut bytes = [0; 8];
    let filled = rand::rngs::SysRng.try_fill_bytes(&mut bytes);
    filled.map_err(|error| std::io::Error::other(error.to_string()))?;
    Ok(u64::from_le_bytes(bytes))
}

/// A key in the place of another: random, not taken, and as wide in the journal, so that records stay where they are.
fn fresh_key(old: PersonKey, taken: impl Fn(PersonKey) -> bool) -> Result<PersonKey, PrivacyError> {
    loop {
        let mut key = random()?;
        if width(old.0) < 9 {
            // Random keys are nine or ten bytes wide; a short one is from a test, and any will do.
            key >>= 64 - 7 * width(old.0).min(9);
        }
        let key = PersonKey(key);
        if key != PersonKey::UNKNOWN && width(key.0) == width(old.0) && !taken(key) {
            return Ok(key);
        }
    }
}

/// 128 random bits.
fn fresh_id() -> Result<String, PrivacyError> {
    Ok(format!("{:016x}{:016x}", random()?, random()?))
}

/// Adds to a number of a JSON object.
fn add(counts: &mut Value, name: &str, more: u64) {
    let before = counts[name].as_u64().unwrap_or(0);
    counts[name] = Value::from(before + more);
}
