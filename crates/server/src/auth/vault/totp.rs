//! The second factors of local accounts.

use super::{Vault, VaultError, digest};
use rusqlite::{OptionalExtension, params};

/// `secret` makes the codes asked for; `pending` is one that its owner has not shown to have.
pub(super) const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS sign_in_totp (
        user INTEGER PRIMARY KEY REFERENCES sign_in_user (id) ON DELETE CASCADE,
        secret BLOB,
        pending BLOB,
        last_step INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE TABLE IF NOT EXISTS sign_in_recovery (
        user INTEGER NOT NULL REFERENCES sign_in_totp (user) ON DELETE CASCADE,
        code BLOB NOT NULL,
        PRIMARY KEY (user, code)
    ) STRICT, WITHOUT ROWID;";

impl Vault {
    /// The secret of a user's second factor, if there is one.
    pub fn totp(&self, user: i64) -> Result<Option<Vec<u8>>, VaultError> {
        let sql = "SELECT secret FROM sign_in_totp WHERE user = ?1";
        Ok(self.lock().query_row(sql, [user], |row| row.get(0)).optional()?.flatten())
    }

    /// The secret that a user has yet to confirm.
    pub fn pending_totp(&self, user: i64) -> Result<Option<Vec<u8>>, VaultError> {
        let sql = "SELECT pending FROM sign_in_totp WHERE user = ?1";
        Ok(self.lock().query_row(sql, [user], |row| row.get(0)).optional()?.flatten())
    }

    /// Keeps a secret until it is confirmed; the one before stays good until then.
    pub fn begin_totp(&self, user: i64, secret: &[u8]) -> Result<(), VaultError> {
        self.lock().execute(
            "INSERT INTO sign_in_totp (user, pending) VALUES (?1, ?2)
             ON CONFLICT (user) DO UPDATE SET pending = excluded.pending",
            params![user, secret],
        )?;
        Ok(())
    }

    /// Makes the pending secret the one, with new recovery codes. `step` is the code's that confirmed it. `false` when
    /// it is no longer that secret: nothing has changed then.
    pub fn confirm_totp(&self, user: i64, secret: &[u8], step: i64, codes: &[String]) -> Result<bool, VaultError> {
        let mut connection = self.lock();
        let change = connection.transaction()?;
        let confirmed = change.execute(
            "UPDATE sign_in_totp SET secret = pending, pending = NULL, last_step = ?3 WHERE user = ?1 AND pending = ?2",
            params![user, secret, step],
        )?;
        if confirmed == 0 {
            return Ok(false);
        }
        change.execute("DELETE FROM sign_in_recovery WHERE user = ?1", [user])?;
        for code in codes {
            change.execute("INSERT INTO sign_in_recovery (user, code) VALUES (?1, ?2)", params![user, digest(code)])?;
        }
        change.commit()?;
        Ok(true)
    }

    /// Uses a code's step up. `false` when it, or a later one, was used before.
    pub fn use_step(&self, user: i64, step: i64) -> Result<bool, VaultError> {
        let sql = "UPDATE sign_in_totp SET last_step = ?2 WHERE user = ?1 AND last_step < ?2";
        Ok(self.lock().execute(sql, [user, step])? > 0)
    }

    /// Uses a recovery code up. `false` when there is no such code.
    pub fn use_recovery(&self, user: i64, code: &str) -> Result<bool, VaultError> {
        let sql = "DELETE FROM sign_in_recovery WHERE user = ?1 AND code = ?2";
        Ok(self.lock().execute(sql, params![user, digest(code)])? > 0)
    }

    /// Takes a second factor away. Says whether there was one.
    pub fn remove_totp(&self, user: i64) -> Result<bool, VaultError> {
        Ok(self.lock().execute("DELETE FROM sign_in_totp WHERE user = ?1", [user])? > 0)
    }
}
