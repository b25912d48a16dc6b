//! Where sign-in is kept: local accounts, their sessions and one-time links, in tables of the catalog's SQLite file.
//! Tokens are random and 256 bits long, so their plain SHA-256 is kept: who reads the file cannot sign in with it.

use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The vault's file could not be read or written.
pub type VaultError = rusqlite::Error;

/// A local account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Row id.
    pub id: i64,
    /// Sign-in name, as its owner wrote it.
    pub name: String,
    /// Argon2id, in PHC form.
    pub password: String,
}

/// A session of somebody signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Row id of whose it is.
    pub user: i64,
    /// Who.
    pub name: String,
    /// Signed in at, ms since 1970.
    pub created_ms: i64,
    /// Last request (to the minute), ms since 1970.
    pub seen_ms: i64,
}

/// The tables of sign-in.
#[derive(Debug)]
pub struct Vault {
    connection: Mutex<Connection>,
}

/// The form in which a token is kept.
pub fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

impl Vault {
    /// The vault in the catalog's file; its tables are made if they are not there.
    pub fn open(file: &Path) -> Result<Vault, VaultError> {
        Vault::prepare(Connection::open(file)?)
    }

    /// A vault that forgets, for tests.
    pub fn open_in_memory() -> Result<Vault, VaultError> {
        Vault::prepare(Connection::open_in_memory()?)
    }

    fn prepare(connection: Connection) -> Result<Vault, VaultError> {
        connection.busy_timeout(Duration::from_secs(10))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", "ON")?;
        connection.execute_batch(
            "CREATE TABLE IF NOT EXISTS sign_in_user (
                 id INTEGER PRIMARY KEY,
                 name TEXT NOT NULL COLLATE NOCASE UNIQUE,
                 password TEXT NOT NULL,
                 created_ms INTEGER NOT NULL
             ) STRICT;
             CREATE TABLE IF NOT EXISTS sign_in_session (
                 token BLOB PRIMARY KEY,
                 user INTEGER NOT NULL REFERENCES sign_in_user (id) ON DELETE CASCADE,
                 created_ms INTEGER NOT NULL,
                 seen_ms INTEGER NOT NULL
             ) STRICT, WITHOUT ROWID;
             CREATE TABLE IF NOT EXISTS sign_in_link (
                 token BLOB PRIMARY KEY,
                 expires_ms INTEGER NOT NULL
             ) STRICT, WITHOUT ROWID;",
        )?;
        Ok(Vault { connection: Mutex::new(connection) })
    }

    /// A thread that panicked inside SQLite leaves no half transaction behind: the lock may be used further.
    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether anybody can sign in.
    pub fn has_users(&self) -> Result<bool, VaultError> {
        self.lock().query_row("SELECT EXISTS (SELECT 1 FROM sign_in_user)", [], |row| row.get(0))
    }

    /// Keeps a one-time link; links that have expired are forgotten.
    pub fn add_link(&self, token: &str, now_ms: i64, expires_ms: i64) -> Result<(), VaultError> {
        let connection = self.lock();
        connection.execute("DELETE FROM sign_in_link WHERE expires_ms <= ?1", [now_ms])?;
        connection.execute(
            "INSERT INTO sign_in_link (token, expires_ms) VALUES (?1, ?2)",
            params![digest(token), expires_ms],
        )?;
        Ok(())
    }

    /// Whether a link could be used now. Nothing is used up.
    pub fn link_is_good(&self, token: &str, now_ms: i64) -> Result<bool, VaultError> {
        self.lock().query_row(
            "SELECT EXISTS (SELECT 1 FROM sign_in_link WHERE token = ?1 AND expires_ms > ?2)",
            params![digest(token), now_ms],
            |row| row.get(0),
        )
    }

    /// Uses a link up and makes (or gives a new password to) the account `name`, in one transaction. `false` when the
    /// link is not good: nothing has changed then. The account's sessions end.
    pub fn use_link(&self, token: &str, name: &str, password: &str, now_ms: i64) -> Result<bool, VaultError> {
        let mut connection = self.lock();
        let change = connection.transaction()?;
        let used = change
            .execute("DELETE FROM sign_in_link WHERE token = ?1 AND expires_ms > ?2", params![digest(token), now_ms])?;
        if used == 0 {
            return Ok(false);
        }
        change.execute(
            "INSERT INTO sign_in_user (name, password, created_ms) VALUES (?1, ?2, ?3)
             ON CONFLICT (name) DO UPDATE SET password = excluded.password",
            params![name, password, now_ms],
        )?;
        change.execute(
            "DELETE FROM sign_in_session WHERE user = (SELECT id FROM sign_in_user WHERE name = ?1)",
            params![name],
        )?;
        change.commit()?;
        Ok(true)
    }

    /// An account by its name, in any case.
    pub fn user(&self, name: &str) -> Result<Option<User>, VaultError> {
        self.lock()
            .query_row("SELECT id, name, password FROM sign_in_user WHERE name = ?1", [name], |row| {
                Ok(User { id: row.get(0)?, name: row.get(1)?, password: row.get(2)? })
            })
            .optional()
    }

    /// Whether somebody can still sign in, by row id.
    pub fn has_user(&self, id: i64) -> Result<bool, VaultError> {
        self.lock().query_row("SELECT EXISTS (SELECT 1 FROM sign_in_user WHERE id = ?1)", [id], |row| row.get(0))
    }

    /// Begins a session; sessions created before `dead_ms` are forgotten.
    pub fn add_session(&self, token: &str, user: i64, now_ms: i64, dead_ms: i64) -> Result<(), VaultError> {
        let connection = self.lock();
        connection.execute("DELETE FROM sign_in_session WHERE created_ms <= ?1", [dead_ms])?;
        connection.execute(
            "INSERT INTO sign_in_session (token, user, created_ms, seen_ms) VALUES (?1, ?2, ?3, ?3)",
            params![digest(token), user, now_ms],
        )?;
        Ok(())
    }

    /// A session by its token.
    pub fn session(&self, token: &str) -> Result<Option<Session>, VaultError> {
        self.lock()
            .query_row(
                "SELECT u.id, name, s.created_ms, s.seen_ms FROM sign_in_session s JOIN sign_in_user u ON u.id = s.user
                 WHERE token = ?1",
                params![digest(token)],
                |row| {
                    Ok(Session { user: row.get(0)?, name: row.get(1)?, created_ms: row.get(2)?, seen_ms: row.get(3)? })
                },
            )
            .optional()
    }

    /// Notes that a session was used.
    pub fn touch_session(&self, token: &str, now_ms: i64) -> Result<(), VaultError> {
        self.lock()
            .execute("UPDATE sign_in_session SET seen_ms = ?2 WHERE token = ?1", params![digest(token), now_ms])?;
        Ok(())
    }

    /// Ends a session.
    pub fn end_session(&self, token: &str) -> Result<(), VaultError> {
        self.lock().execute("DELETE FROM sign_in_session WHERE token = ?1", params![digest(token)])?;
        Ok(())
    }
}
