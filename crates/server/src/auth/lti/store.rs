//! What the vault keeps of LTI: platforms, our keys, registration links, what launches taught, rosters.

use super::platform::{NewPlatform, Platform};
use super::roster::Roster;
use crate::auth::vault::{Vault, VaultError, digest, unreadable};
use engine::event::AccountId;
use rusqlite::{OptionalExtension, Row, params};
use serde::Serialize;

/// The tables. A platform, as registered, is one JSON text: no question is ever asked of its parts.
pub(in crate::auth) const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS lti_platform (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        account INTEGER NOT NULL,
        issuer TEXT NOT NULL,
        client_id TEXT NOT NULL,
        registered TEXT NOT NULL,
        UNIQUE (issuer, client_id)
    ) STRICT;
    CREATE TABLE IF NOT EXISTS lti_key (
        id INTEGER PRIMARY KEY,
        pem TEXT NOT NULL,
        created_ms INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS lti_link (
        token BLOB PRIMARY KEY,
        account INTEGER NOT NULL,
        expires_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS lti_learned (
        platform INTEGER NOT NULL REFERENCES lti_platform (id) ON DELETE CASCADE,
        what TEXT NOT NULL,
        theirs TEXT NOT NULL,
        ours TEXT NOT NULL,
        PRIMARY KEY (platform, what, theirs)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS lti_roster (
        account INTEGER NOT NULL,
        category TEXT NOT NULL,
        platform INTEGER NOT NULL REFERENCES lti_platform (id) ON DELETE CASCADE,
        context TEXT NOT NULL,
        fetched_ms INTEGER NOT NULL,
        roster TEXT NOT NULL,
        PRIMARY KEY (account, category, platform, context)
    ) STRICT, WITHOUT ROWID;";

/// What launches teach about a platform: its id of something, and the catalog's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Learned {
    /// `sub` to the person's id.
    Person,
    /// Deployment and `context.id` to the LMS course id.
    Course,
}

impl Learned {
    const fn name(self) -> &'static str {
        match self {
            Learned::Person => "person",
            Learned::Course => "course",
        }
    }
}

fn json(value: &impl Serialize) -> Result<String, VaultError> {
    serde_json::to_string(value).map_err(|error| VaultError::ToSqlConversionFailure(Box::new(error)))
}

const PLATFORM: &str = "SELECT id, account, registered FROM lti_platform";

fn read_platform(row: &Row<'_>) -> Result<Platform, VaultError> {
    let registered: String = row.get(2)?;
    Ok(Platform {
        id: row.get(0)?,
        account: AccountId(row.get(1)?),
        is: serde_json::from_str(&registered).map_err(|error| unreadable(2, error))?,
    })
}

impl Vault {
    /// Registers a platform; one with the same issuer and client id is replaced and keeps its row. Another account's is
    /// not touched: `None`.
    pub fn lti_put_platform(&self, account: AccountId, is: &NewPlatform) -> Result<Option<i64>, VaultError> {
        self.lock()
            .query_row(
                "INSERT INTO lti_platform (account, issuer, client_id, registered) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (issuer, client_id) DO UPDATE SET registered = excluded.registered
                     WHERE account = excluded.account
                 RETURNING id",
                params![account.0, is.issuer, is.client_id, json(is)?],
                |row| row.get(0),
            )
            .optional()
    }

    /// Takes a platform away, with what it taught and its rosters; sessions launched from it end. Says whether it was
    /// there.
    pub fn lti_remove_platform(&self, account: AccountId, id: i64) -> Result<bool, VaultError> {
        let mut connection = self.lock();
        let change = connection.transaction()?;
        let gone =
            change.execute("DELETE FROM lti_platform WHERE id = ?1 AND account = ?2", params![id, account.0])? > 0;
        if gone {
            change.execute("DELETE FROM session WHERE facts ->> '$.launch.platform' = ?1", [id])?;
        }
        change.commit()?;
        Ok(gone)
    }

    /// The platforms of an account, or all, by row.
    pub fn lti_platforms(&self, account: Option<AccountId>) -> Result<Vec<Platform>, VaultError> {
        let connection = self.lock();
        let mut statement = connection.prepare(&format!("{PLATFORM} WHERE ?1 IS NULL OR account = ?1 ORDER BY id"))?;
        let rows = statement.query_map([account.map(|account| account.0)], read_platform)?;
        rows.collect()
    }

    /// The platforms with an issuer and, if it is given, a client id.
    pub fn lti_platforms_of(&self, issuer: &str, client: Option<&str>) -> Result<Vec<Platform>, VaultError> {
        let connection = self.lock();
        let sql = format!("{PLATFORM} WHERE issuer = ?1 AND (?2 IS NULL OR client_id = ?2)");
        let mut statement = connection.prepare_cached(&sql)?;
        let rows = statement.query_map(params![issuer, client], read_platform)?;
        rows.collect()
    }

    /// A platform by its row.
    pub fn lti_platform(&self, id: i64) -> Result<Option<Platform>, VaultError> {
        self.lock().query_row(&format!("{PLATFORM} WHERE id = ?1"), [id], read_platform).optional()
    }

    /// The newest of our keys, if it was made after `after_ms`.
    pub fn lti_key(&self, after_ms: i64) -> Result<Option<String>, VaultError> {
        let sql = "SELECT pem FROM lti_key WHERE created_ms > ?1 ORDER BY id DESC LIMIT 1";
        self.lock().query_row(sql, [after_ms], |row| row.get(0)).optional()
    }

    /// Keeps a new key, unless another was made after `after_ms` in the meantime. Returns the one that counts.
    pub fn lti_add_key(&self, pem: &str, now_ms: i64, after_ms: i64) -> Result<String, VaultError> {
        self.lock().execute(
            "INSERT INTO lti_key (pem, created_ms)
             SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM lti_key WHERE created_ms > ?3)",
            params![pem, now_ms, after_ms],
        )?;
        Ok(self.lti_key(after_ms)?.unwrap_or_else(|| pem.to_owned()))
    }

    /// Our keys made after `after_ms`, the newest first; older ones are forgotten.
    pub fn lti_keys(&self, after_ms: i64) -> Result<Vec<String>, VaultError> {
        let connection = self.lock();
        connection.execute("DELETE FROM lti_key WHERE created_ms <= ?1", [after_ms])?;
        let mut statement = connection.prepare("SELECT pem FROM lti_key ORDER BY id DESC")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        rows.collect()
    }

    /// Keeps a registration link for an account; those that have expired are forgotten.
    pub fn lti_add_link(
        &self,
        token: &str,
        account: AccountId,
        now_ms: i64,
        expires_ms: i64,
    ) -> Result<(), VaultError> {
        let connection = self.lock();
        connection.execute("DELETE FROM lti_link WHERE expires_ms <= ?1", [now_ms])?;
        connection.execute(
            "INSERT INTO lti_link (token, account, expires_ms) VALUES (?1, ?2, ?3)",
            params![digest(token), account.0, expires_ms],
        )?;
        Ok(())
    }

    /// Uses a registration link up: its account, if it was good.
    pub fn lti_use_link(&self, token: &str, now_ms: i64) -> Result<Option<AccountId>, VaultError> {
        let sql = "DELETE FROM lti_link WHERE token = ?1 AND expires_ms > ?2 RETURNING account";
        self.lock().query_row(sql, params![digest(token), now_ms], |row| row.get(0).map(AccountId)).optional()
    }

    /// Keeps what a launch taught.
    pub fn lti_learn(&self, platform: i64, what: Learned, theirs: &str, ours: &str) -> Result<(), VaultError> {
        self.lock().execute(
            "INSERT INTO lti_learned (platform, what, theirs, ours) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (platform, what, theirs) DO UPDATE SET ours = excluded.ours WHERE ours <> excluded.ours",
            params![platform, what.name(), theirs, ours],
        )?;
        Ok(())
    }

    /// What a launch taught before.
    pub fn lti_learned(&self, platform: i64, what: Learned, theirs: &str) -> Result<Option<String>, VaultError> {
        let sql = "SELECT ours FROM lti_learned WHERE platform = ?1 AND what = ?2 AND theirs = ?3";
        self.lock().query_row(sql, params![platform, what.name(), theirs], |row| row.get(0)).optional()
    }

    /// When a course's roster was last fetched, ms since 1970.
    pub fn lti_roster_ms(
        &self,
        account: AccountId,
        category: &str,
        platform: i64,
        context: &str,
    ) -> Result<Option<i64>, VaultError> {
        let sql = "SELECT fetched_ms FROM lti_roster
                   WHERE account = ?1 AND category = ?2 AND platform = ?3 AND context = ?4";
        self.lock().query_row(sql, params![account.0, category, platform, context], |row| row.get(0)).optional()
    }

    /// Keeps a course's roster.
    pub fn lti_put_roster(&self, account: AccountId, category: &str, roster: &Roster) -> Result<(), VaultError> {
        self.lock().execute(
            "INSERT INTO lti_roster (account, category, platform, context, fetched_ms, roster)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (account, category, platform, context)
                 DO UPDATE SET fetched_ms = excluded.fetched_ms, roster = excluded.roster",
            params![account.0, category, roster.platform, roster.context, roster.fetched_ms, json(roster)?],
        )?;
        Ok(())
    }

    /// The rosters of a category.
    pub fn lti_rosters(&self, account: AccountId, category: &str) -> Result<Vec<Roster>, VaultError> {
        let connection = self.lock();
        let mut statement =
            connection.prepare_cached("SELECT roster FROM lti_roster WHERE account = ?1 AND category = ?2")?;
        let rows = statement.query_map(params![account.0, category], |row| row.get::<_, String>(0))?;
        rows.map(|text| serde_json::from_str(&text?).map_err(|error| unreadable(0, error))).collect()
    }

    /// The categories that have a roster.
    pub fn lti_roster_categories(&self) -> Result<Vec<(AccountId, String)>, VaultError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached("SELECT DISTINCT account, category FROM lti_roster")?;
        let rows = statement.query_map([], |row| Ok((AccountId(row.get(0)?), row.get(1)?)))?;
        rows.collect()
    }

    /// Forgets the rosters of a category that were fetched before an instant, ms since 1970. Says how many.
    pub fn lti_drop_rosters(&self, account: AccountId, category: &str, before_ms: i64) -> Result<u64, VaultError> {
        let old = "DELETE FROM lti_roster WHERE account = ?1 AND category = ?2 AND fetched_ms < ?3";
        Ok(self.lock().execute(old, params![account.0, category, before_ms])? as u64)
    }
}
