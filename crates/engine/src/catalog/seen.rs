//! Domains and pages seen in events: so many per account, then no more (ruling 2), so that a sender of random addresses
//! fills neither memory nor reports. Only hashes are kept; what the words were is in the rows.
//!
//! Asked for every event, so the answer comes from memory; new ones are written down by [`Catalog::advance`], in one go.
//! A crash forgets at most a second's: their words then take a place once more.

use super::{Catalog, CatalogError};
use crate::event::AccountId;
use crate::limits::{DOMAINS_MAX, PAGES_MAX};
use hashbrown::HashSet;
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError, RwLock};
use xxhash_rust::xxh3::xxh3_64;

/// What stands for a word beyond the limit.
pub const OTHER: &str = "other";

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Limited {
    /// Domains.
    Domain,
    /// Pages.
    Page,
}

impl Limited {
    const fn code(self) -> u8 {
        match self {
            Limited::Domain => 1,
            Limited::Page => 2,
        }
    }
    const fn max(self) -> usize {
        match self {
            Limited::Domain => DOMAINS_MAX,
            Limited::Page => PAGES_MAX,
        }
    }
}

/// Hashes of what was seen, and those not yet written down.
#[derive(Debug, Default)]
pub(super) struct Seen {
    sets: RwLock<BTreeMap<(AccountId, u8), HashSet<u64>>>,
    pending: Mutex<Vec<(AccountId, u8, u64)>>,
}

impl Seen {
    pub(super) fn load(connection: &Connection) -> Result<Seen, rusqlite::Error> {
        let mut sets: BTreeMap<(AccountId, u8), HashSet<u64>> = BTreeMap::new();
        let mut statement = connection.prepare("SELECT account, kind, hash FROM seen")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let hash = row.get::<_, i64>(2)? as u64;
            sets.entry((AccountId(row.get(0)?), row.get(1)?)).or_default().insert(hash);
        }
        Ok(Seen { sets: RwLock::new(sets), pending: Mutex::default() })
    }

    fn admit(&self, account: AccountId, what: Limited, word: &str, new: bool, max: usize) -> bool {
        let (key, hash) = ((account, what.code()), xxh3_64(word.as_bytes()));
        if self.sets.read().unwrap_or_else(PoisonError::into_inner).get(&key).is_some_and(|set| set.contains(&hash)) {
            return true;
        }
        if !new {
            return false;
        }
        let mut sets = self.sets.write().unwrap_or_else(PoisonError::into_inner);
        let set = sets.entry(key).or_default();
        if set.len() >= max && !set.contains(&hash) {
            return false;
        }
        if set.insert(hash) {
            self.pending.lock().unwrap_or_else(PoisonError::into_inner).push((account, what.code(), hash));
        }
        true
    }

    /// Writes down what is new.
    pub(super) fn write(&self, writer: &Connection) -> Result<(), rusqlite::Error> {
        let pending = std::mem::take(&mut *self.pending.lock().unwrap_or_else(PoisonError::into_inner));
        if pending.is_empty() {
            return Ok(());
        }
        let write = || {
            let transaction = writer.unchecked_transaction()?;
            let mut insert = transaction
                .prepare_cached("INSERT INTO seen (account, kind, hash) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?;
            for (account, kind, hash) in &pending {
                insert.execute((account.0, kind, *hash as i64))?;
            }
            drop(insert);
            transaction.commit()
        };
        write().inspect_err(|_| self.pending.lock().unwrap_or_else(PoisonError::into_inner).extend(&pending))
    }
}

impl Catalog {
    /// Whether a word may stand in rows as it is; otherwise [`OTHER`] does. `new`: it may take a place of its own if there
    /// is one left (robots and floods may not). Does not touch the disk.
    pub fn admits(&self, account: AccountId, what: Limited, word: &str, new: bool) -> bool {
        self.seen.admit(account, what, word, new, what.max())
    }

    /// Writes down what [`Catalog::admits`] has let in.
    ///
    /// # Errors
    /// When the file cannot be written; it is tried again the next time.
    pub(super) fn write_seen(&self, writer: &Connection) -> Result<(), CatalogError> {
        Ok(self.seen.write(writer)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_words_and_no_more() {
        let (seen, one, two) = (Seen::default(), AccountId(1), AccountId(2));
        let admit = |account, word, new| seen.admit(account, Limited::Page, word, new, 2);
        assert!(!admit(one, "a", false), "a robot takes no place");
        assert!(admit(one, "a", true) && admit(one, "b", true) && admit(one, "a", true));
        assert!(!admit(one, "c", true), "full");
        assert!(admit(one, "b", false), "known ones stay");
        assert!(admit(two, "c", true), "accounts are apart");
        assert!(seen.admit(one, Limited::Domain, "c", true, 2), "and so are kinds");
    }

    #[test]
    fn what_was_let_in_is_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("catalog.sqlite");
        let catalog = Catalog::open(&path, 0).unwrap();
        catalog.add_account(AccountId(1), "One", 0).unwrap();
        assert!(catalog.admits(AccountId(1), Limited::Domain, "a.example", true));
        catalog.advance(1).unwrap();
        drop(catalog);
        let catalog = Catalog::open(&path, 2).unwrap();
        assert!(catalog.admits(AccountId(1), Limited::Domain, "a.example", false));
        assert!(!catalog.admits(AccountId(1), Limited::Domain, "b.example", false));
    }
}
