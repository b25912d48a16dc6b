//! What is known about accounts, recordings, people, categories: SQLite, and the view of it that questions use.
//!
//! [`Catalog`] owns the file's one writing connection. Every change is durable when it returns and appears in the next
//! [`Catalog::view`]: small changes as patches, large ones by building the account anew. Instants and random numbers
//! come in as arguments. What holds "now" (dated co-editors, links, deletions) is decided by the latest instant the
//! catalog was told; [`Catalog::advance`] tells it the time and takes in what other programs wrote to the same file.
//!
//! Left to others: sign-in and the manifest, which keep tables of their own in the file.

mod accounts;
mod build;
mod erase;
mod events;
mod import;
mod objects;
pub mod imported;
pub mod record;
mod schema;
mod seen;
pub mod view;

pub use accounts::{Account, Secret, Site, TokenAlgorithm};
pub use erase::ErasedRecords;
pub use events::KnownEntry;
pub use import::{BadLine, Format, ImportReport};
pub use seen::{Limited, OTHER};

use crate::event::{AccountId, PersonKey, Text};
use build::{Built, Patch, Touched};
use record::{Kind, Record};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use view::{AccountView, CatalogView};

/// More changes than this in one go and the account's view is built anew instead of patched: building reads some
/// 300,000 rows a second, patching looks up each object by itself.
const PATCHES_MAX: usize = 2_000;

/// What can go wrong with the catalog.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// The file cannot be opened or brought up to date.
    #[error("cannot open the catalog {path}")]
    Open {
        /// Which file.
        path: String,
        /// Why.
        source: rusqlite::Error,
    },
    /// Reading or writing failed.
    #[error("the catalog cannot be read or written")]
    Sql(#[from] rusqlite::Error),
    /// There is no such account.
    #[error("there is no account {}", .0.0)]
    NoAccount(AccountId),
    /// There is one already.
    #[error("account {} exists already", .0.0)]
    AccountExists(AccountId),
    /// An import's input cannot be read.
    #[error("the input cannot be read")]
    Input(#[source] std::io::Error),
    /// An export's output cannot be written.
    #[error("the output cannot be written")]
    Output(#[source] std::io::Error),
}

/// Where random numbers come from: the engine has none of its own.
pub type Fresh<'a> = &'a mut dyn FnMut() -> u64;

/// The catalog. `Send + Sync`; share it in an `Arc`.
#[derive(Debug)]
pub struct Catalog {
    writer: Mutex<Connection>,
    /// Reads do not wait for writes; absent in memory, where there is only one connection.
    reader: Option<Mutex<Connection>>,
    shown: Mutex<Shown>,
    live: RwLock<BTreeMap<AccountId, Live>>,
    seen: seen::Seen,
}

/// The view, and what it does not show yet.
#[derive(Debug, Default)]
struct Shown {
    view: Arc<CatalogView>,
    pending: Vec<(AccountId, Patch)>,
    now_ms: i64,
}

/// What collection asks for every event, without waiting for the disk or for a view being copied.
#[derive(Debug, Default)]
struct Live {
    account: Arc<Account>,
    people: BTreeMap<Text, PersonKey>,
    entries: BTreeMap<Text, KnownEntry>,
    unconfirmed_people: u64,
    unconfirmed_entries: u64,
    /// The version of the account that view and indexes hold.
    version: i64,
    /// When something dated next begins or ends.
    boundary_ms: Option<i64>,
}

impl Catalog {
    /// Opens the catalog in a file, making or updating it, and loads it. `now_ms` decides what holds now.
    ///
    /// # Errors
    /// When the file cannot be opened, or was written by a newer program.
    pub fn open(path: &Path, now_ms: i64) -> Result<Catalog, CatalogError> {
        let open = || {
            let mut writer = Connection::open(path)?;
            schema::prepare(&mut writer)?;
            let mut reader = Connection::open(path)?;
            schema::prepare(&mut reader)?;
            reader.pragma_update(None, "query_only", true)?;
            Ok((writer, reader))
        };
        let failed = |source| CatalogError::Open { path: path.display().to_string(), source };
        let (writer, reader) = open().map_err(failed)?;
        Catalog::load(writer, Some(reader), now_ms)
    }

    /// A catalog that forgets, for tests and the demo.
    ///
    /// # Errors
    /// When there is no memory.
    pub fn open_in_memory(now_ms: i64) -> Result<Catalog, CatalogError> {
        let mut writer = Connection::open_in_memory()?;
        schema::prepare(&mut writer)?;
        Catalog::load(writer, None, now_ms)
    }

    fn load(writer: Connection, reader: Option<Connection>, now_ms: i64) -> Result<Catalog, CatalogError> {
        let catalog = Catalog {
            seen: seen::Seen::load(&writer)?,
            writer: Mutex::new(writer),
            reader: reader.map(Mutex::new),
            shown: Mutex::new(Shown { now_ms, ..Shown::default() }),
            live: RwLock::default(),
        };
        catalog.advance(now_ms)?;
        Ok(catalog)
    }

    /// The catalog as it is now. Cheap: patches what changed since the last call.
    pub fn view(&self) -> Arc<CatalogView> {
        let mut shown = self.shown();
        if !shown.pending.is_empty() {
            let Shown { view, pending, .. } = &mut *shown;
            // Copies only if a report still holds the old picture.
            let view = Arc::make_mut(view);
            for (account, patch) in pending.drain(..) {
                patch.apply(Arc::make_mut(view.accounts.entry(account).or_default()));
            }
        }
        shown.view.clone()
    }

    /// Tells the catalog the time, and takes in what other programs changed in the same file. Call it every second or
    /// so; costs a look-up when nothing happened. Returns how many accounts were built anew.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn advance(&self, now_ms: i64) -> Result<usize, CatalogError> {
        let writer = self.writer();
        self.told(now_ms);
        self.write_seen(&writer)?;
        let versions: Vec<(AccountId, i64)> = writer
            .prepare_cached("SELECT id, version FROM account")?
            .query_map([], |row| Ok((AccountId(row.get(0)?), row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        let due: Vec<AccountId> = {
            let live = self.live();
            let current = |(id, version): &(AccountId, i64)| {
                live.get(id).is_some_and(|live| {
                    live.version == *version && live.boundary_ms.is_none_or(|boundary| now_ms < boundary)
                })
            };
            versions.iter().filter(|account| !current(account)).map(|(id, _)| *id).collect()
        };
        for account in &due {
            self.rebuild(&writer, *account)?;
        }
        Ok(due.len())
    }

    /// Creates or replaces an object. Returns whether it is new.
    ///
    /// # Errors
    /// When there is no such account or the file cannot be written; nothing is changed then.
    pub fn put(
        &self,
        account: AccountId,
        record: &Record,
        now_ms: i64,
        fresh: Fresh<'_>,
    ) -> Result<bool, CatalogError> {
        self.change(account, now_ms, |change| change.put(record, fresh))
    }

    /// Sets or unsets where a recording's content ends, ms: what follows is dead air. Says whether there is such a recording.
    ///
    /// # Errors
    /// When there is no such account or the file cannot be written.
    pub fn set_content_end(
        &self,
        account: AccountId,
        entry: &str,
        end_ms: Option<u64>,
        now_ms: i64,
    ) -> Result<bool, CatalogError> {
        self.change(account, now_ms, |change| change.set_content_end(entry, end_ms))
    }

    /// An object.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn get(&self, account: AccountId, kind: Kind, id: &str) -> Result<Option<Record>, CatalogError> {
        Ok(objects::get(&self.reader(), account, kind, id)?)
    }

    /// Up to `limit` objects by ascending id, the first one after `after`; only those whose id or name contains `find`.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn list(
        &self,
        account: AccountId,
        kind: Kind,
        after: Option<&str>,
        find: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Record>, CatalogError> {
        Ok(objects::list(&self.reader(), account, kind, after, find, limit)?)
    }

    /// Takes an object away. Recordings and categories are marked deleted and keep their names; links and memberships
    /// end now; a person's id, name and mail are forgotten, while the key stays and still counts as one person; all
    /// else is removed. Returns whether there was anything to take away.
    ///
    /// # Errors
    /// When there is no such account or the file cannot be written.
    pub fn delete(&self, account: AccountId, kind: Kind, id: &str, now_ms: i64) -> Result<bool, CatalogError> {
        self.change(account, now_ms, |change| change.delete(kind, id))
    }

    /// Runs a change in one durable transaction and shows what it touched.
    fn change<T>(
        &self,
        account: AccountId,
        now_ms: i64,
        work: impl FnOnce(&mut objects::Change<'_>) -> Result<T, rusqlite::Error>,
    ) -> Result<T, CatalogError> {
        let mut writer = self.writer();
        self.told(now_ms);
        let (result, touched) = transact(&mut writer, account, now_ms, work)?;
        self.show(&writer, account, &touched)?;
        Ok(result)
    }

    /// Brings view and indexes up to what a committed change touched.
    fn show(&self, writer: &Connection, account: AccountId, touched: &BTreeSet<Touched>) -> Result<(), CatalogError> {
        let (version, known) = (version(writer, account)?, self.live().get(&account).map_or(0, |live| live.version));
        if touched.len() > PATCHES_MAX || version != known + 1 {
            // Another connection changed the account as well, or patching would take longer.
            return self.rebuild(writer, account);
        }
        let now_ms = self.shown().now_ms;
        let (patches, boundary_ms) = build::patches(writer, account, touched, now_ms)?;
        let mut live = self.live_mut();
        let of_account = live.entry(account).or_default();
        of_account.version = version;
        of_account.boundary_ms = build::earlier(of_account.boundary_ms, boundary_ms);
        for patch in &patches {
            of_account.follow(patch);
        }
        drop(live);
        self.shown().pending.extend(patches.into_iter().map(|patch| (account, patch)));
        Ok(())
    }

    /// Takes note of a committed change of ours that will be shown later.
    fn passed_over(&self, writer: &Connection, account: AccountId) -> Result<(), CatalogError> {
        let version = version(writer, account)?;
        let mut live = self.live_mut();
        if let Some(live) = live.get_mut(&account).filter(|live| live.version + 1 == version) {
            live.version = version;
        }
        Ok(())
    }

    /// Reads an account as a whole.
    fn rebuild(&self, writer: &Connection, id: AccountId) -> Result<(), CatalogError> {
        let now_ms = self.shown().now_ms;
        let Built { view, boundary_ms } = build::account(writer, id, now_ms)?;
        let version = version(writer, id)?;
        let account = Arc::new(accounts::read(writer, id)?.ok_or(CatalogError::NoAccount(id))?);
        let live = Live::of(account, &view, version, boundary_ms);
        self.live_mut().insert(id, live);
        let mut shown = self.shown();
        shown.pending.retain(|(of, _)| *of != id);
        Arc::make_mut(&mut shown.view).accounts.insert(id, Arc::new(view));
        Ok(())
    }

    /// Time only moves forward.
    fn told(&self, now_ms: i64) {
        let mut shown = self.shown();
        shown.now_ms = shown.now_ms.max(now_ms);
    }

    fn writer(&self) -> MutexGuard<'_, Connection> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
    fn reader(&self) -> MutexGuard<'_, Connection> {
        self.reader.as_ref().unwrap_or(&self.writer).lock().unwrap_or_else(PoisonError::into_inner)
    }
    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
    fn live(&self) -> RwLockReadGuard<'_, BTreeMap<AccountId, Live>> {
        self.live.read().unwrap_or_else(PoisonError::into_inner)
    }
    fn live_mut(&self) -> RwLockWriteGuard<'_, BTreeMap<AccountId, Live>> {
        self.live.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Live {
    fn of(account: Arc<Account>, view: &AccountView, version: i64, boundary_ms: Option<i64>) -> Live {
        Live {
            account,
            people: view.person_keys.clone(),
            entries: view.entries.iter().map(|(id, entry)| (id.clone(), KnownEntry::of(entry))).collect(),
            unconfirmed_people: view.people.values().filter(|person| person.unconfirmed).count() as u64,
            unconfirmed_entries: view.entries.values().filter(|entry| entry.unconfirmed).count() as u64,
            version,
            boundary_ms,
        }
    }

    /// Follows a patch of the view.
    fn follow(&mut self, patch: &Patch) {
        match patch {
            Patch::Person(key, person) => {
                // A forgotten person's id leads nowhere any more.
                if person.id.is_empty() {
                    self.people.retain(|_, other| other != key);
                } else {
                    let new = self.people.insert(person.id.clone(), *key).is_none();
                    self.unconfirmed_people += u64::from(new && person.unconfirmed);
                }
            }
            Patch::Entry(id, entry) => {
                let new = self.entries.insert(id.clone(), KnownEntry::of(entry)).is_none();
                self.unconfirmed_entries += u64::from(new && entry.unconfirmed);
            }
            _ => {}
        }
    }
}

/// Runs a change in one transaction and commits it. Returns what it touched.
fn transact<T>(
    writer: &mut Connection,
    account: AccountId,
    now_ms: i64,
    work: impl FnOnce(&mut objects::Change<'_>) -> Result<T, rusqlite::Error>,
) -> Result<(T, BTreeSet<Touched>), CatalogError> {
    let transaction = begin(writer)?;
    let known = transaction.execute("UPDATE account SET version = version + 1 WHERE id = ?1", [account.0])?;
    if known == 0 {
        return Err(CatalogError::NoAccount(account));
    }
    let mut change = objects::Change::new(&transaction, account, now_ms);
    let result = work(&mut change)?;
    let touched = change.touched();
    transaction.commit()?;
    Ok((result, touched))
}

fn begin(writer: &mut Connection) -> Result<Transaction<'_>, rusqlite::Error> {
    // Immediate: a transaction that reads first and then finds another writer could not be repeated.
    writer.transaction_with_behavior(TransactionBehavior::Immediate)
}

fn version(connection: &Connection, account: AccountId) -> Result<i64, CatalogError> {
    let mut statement = connection.prepare_cached("SELECT version FROM account WHERE id = ?1")?;
    let version = statement.query_row([account.0], |row| row.get(0)).optional()?;
    version.ok_or(CatalogError::NoAccount(account))
}

#[cfg(test)]
mod tests;
