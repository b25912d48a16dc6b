//! What events alone teach the catalog: people and recordings nobody has told it about.

use super::build::Touched;
use super::view::EntryView;
use super::{Catalog, CatalogError, Fresh, transact};
use crate::event::{AccountId, PersonKey, Text};
use crate::limits::{UNCONFIRMED_ENTRIES_MAX, UNCONFIRMED_PEOPLE_MAX};

/// A recording as far as collection cares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KnownEntry {
    /// Its length as told, ms.
    pub duration_ms: Option<u64>,
}

impl KnownEntry {
    pub(super) fn of(entry: &EntryView) -> KnownEntry {
        KnownEntry { duration_ms: entry.duration_ms }
    }
}

impl Catalog {
    /// The key of a person who has one. Does not touch the disk.
    pub fn known_person(&self, account: AccountId, user_id: &str) -> Option<PersonKey> {
        self.live().get(&account)?.people.get(user_id).copied()
    }

    /// A recording, if the catalog has it. Does not touch the disk.
    pub fn known_entry(&self, account: AccountId, entry: &str) -> Option<KnownEntry> {
        self.live().get(&account)?.entries.get(entry).copied()
    }

    /// The key of a person, who is made if there is none: a random number from `fresh`, durable when this returns.
    /// `None` beyond [`UNCONFIRMED_PEOPLE_MAX`], and for an empty id.
    ///
    /// # Errors
    /// When there is no such account, or the file cannot be written: no key was given out then.
    pub fn person_key(
        &self,
        account: AccountId,
        user_id: &str,
        fresh: Fresh<'_>,
    ) -> Result<Option<PersonKey>, CatalogError> {
        if user_id.is_empty() {
            return Ok(None);
        }
        if let Some(key) = self.known_person(account, user_id) {
            return Ok(Some(key));
        }
        let mut writer = self.writer();
        // Somebody else may have made it while this call waited.
        if let Some(key) = self.known_person(account, user_id) {
            return Ok(Some(key));
        }
        if self.live().get(&account).is_some_and(|live| live.unconfirmed_people >= UNCONFIRMED_PEOPLE_MAX) {
            return Ok(None);
        }
        let now_ms = self.shown().now_ms;
        let (key, touched) = transact(&mut writer, account, now_ms, |change| change.person(user_id, fresh))?;
        self.show(&writer, account, &touched)?;
        Ok(Some(key))
    }

    /// Recordings first seen in events: those that the catalog does not have appear, unconfirmed and with their ids as
    /// names, as long as there are fewer than [`UNCONFIRMED_ENTRIES_MAX`] of that kind. Returns how many are new. One
    /// transaction, and none at all when nothing is new.
    ///
    /// # Errors
    /// When there is no such account, or the file cannot be written.
    pub fn note_entries(&self, account: AccountId, entries: &[Text]) -> Result<usize, CatalogError> {
        let unknown: Vec<&Text> = {
            let live = self.live();
            let Some(live) = live.get(&account) else { return Err(CatalogError::NoAccount(account)) };
            let room = UNCONFIRMED_ENTRIES_MAX.saturating_sub(live.unconfirmed_entries) as usize;
            let new = |id: &&Text| !id.is_empty() && !live.entries.contains_key(*id);
            entries.iter().filter(new).take(room).collect()
        };
        if unknown.is_empty() {
            return Ok(0);
        }
        let mut writer = self.writer();
        let now_ms = self.shown().now_ms;
        let (new, touched) = transact(&mut writer, account, now_ms, |change| {
            let mut insert = change.connection.prepare_cached(
                "INSERT INTO entry (account, id, unconfirmed) VALUES (?1, ?2, 1) ON CONFLICT DO NOTHING",
            )?;
            let mut new = 0;
            for id in unknown {
                if insert.execute((account.0, &**id))? == 1 {
                    new += 1;
                    change.touch(Touched::Entry(id.clone()));
                }
            }
            Ok(new)
        })?;
        self.show(&writer, account, &touched)?;
        Ok(new)
    }
}
