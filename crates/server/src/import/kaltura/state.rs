//! How far an import from Kaltura came: a table of its own in the catalog's file.

use super::{Step, records};
use engine::event::AccountId;
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::Value;
use std::path::Path;
use std::time::Duration;

const TABLE: &str = "
    CREATE TABLE IF NOT EXISTS kaltura_import (
        account INTEGER NOT NULL, source TEXT NOT NULL,
        step INTEGER NOT NULL, since INTEGER NOT NULL, page INTEGER NOT NULL, category TEXT NOT NULL,
        PRIMARY KEY (account, source)) STRICT;";

/// How far it came: the step, the moment of creation (unix seconds) from which its list is read, the page from there;
/// of steps that go by category, the last one that is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reached {
    pub(super) step: Step,
    pub(super) since: i64,
    pub(super) page: u32,
    pub(super) category: String,
}

impl Default for Reached {
    fn default() -> Reached {
        Reached { step: Step::default(), since: 0, page: 1, category: String::new() }
    }
}

impl Reached {
    /// After a full page: on from its last object's moment, or one page further if all are of one moment.
    pub(super) fn next(&mut self, objects: &[Value]) {
        let last = objects.last().map_or(0, records::created);
        if last > self.since {
            (self.since, self.page) = (last, 1);
        } else {
            self.page += 1;
        }
    }
}

/// The table.
pub(super) struct State(Connection);

impl State {
    /// Opens it in the catalog's file.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(super) fn open(catalog: &Path) -> rusqlite::Result<State> {
        let connection = Connection::open(catalog)?;
        connection.busy_timeout(Duration::from_secs(10))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.execute_batch(TABLE)?;
        Ok(State(connection))
    }

    pub(super) fn reached(&self, account: AccountId, source: &str) -> rusqlite::Result<Reached> {
        let found = self.0.query_row(
            "SELECT step, since, page, category FROM kaltura_import WHERE account = ?1 AND source = ?2",
            params![account.0, source],
            |row| {
                let step: u32 = row.get(0)?;
                Ok(Reached {
                    step: Step::ALL.get(step as usize).copied().unwrap_or_default(),
                    since: row.get(1)?,
                    page: row.get(2)?,
                    category: row.get(3)?,
                })
            },
        );
        Ok(found.optional()?.unwrap_or_default())
    }

    pub(super) fn keep(&self, account: AccountId, source: &str, reached: &Reached) -> rusqlite::Result<()> {
        self.0.execute(
            "INSERT OR REPLACE INTO kaltura_import VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![account.0, source, reached.step as u32, reached.since, reached.page, reached.category],
        )?;
        Ok(())
    }

    pub(super) fn done(&self, account: AccountId, source: &str) -> rusqlite::Result<()> {
        self.0.execute("DELETE FROM kaltura_import WHERE account = ?1 AND source = ?2", params![account.0, source])?;
        Ok(())
    }
}
