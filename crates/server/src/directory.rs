//! The engine's catalog as collection sees it.

use crate::collect::{Account, Directory, DirectoryError, KnownEntry};
use engine::catalog::{Catalog, Limited};
use engine::event::{AccountId, PersonKey, Text};
use std::sync::Arc;

impl Directory for Catalog {
    fn account(&self, id: AccountId) -> Option<Arc<Account>> {
        Catalog::account(self, id)
    }
    fn known_person(&self, account: AccountId, user_id: &str) -> Option<PersonKey> {
        Catalog::known_person(self, account, user_id)
    }
    fn person(
        &self,
        account: AccountId,
        user_id: &str,
        fresh: &mut dyn FnMut() -> u64,
    ) -> Result<Option<PersonKey>, DirectoryError> {
        self.person_key(account, user_id, fresh).map_err(|error| DirectoryError(Box::new(error)))
    }
    fn entry(&self, account: AccountId, entry: &str) -> Option<KnownEntry> {
        self.known_entry(account, entry)
    }
    fn admits(&self, account: AccountId, what: Limited, word: &str, new: bool) -> bool {
        Catalog::admits(self, account, what, word, new)
    }
    fn note_entries(&self, account: AccountId, entries: &[Text]) -> Result<(), DirectoryError> {
        Catalog::note_entries(self, account, entries).map(|_| ()).map_err(|error| DirectoryError(Box::new(error)))
    }
}
