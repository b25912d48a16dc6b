//! Kaltura sessions that have ended before their time, and how often those with a limit were used. A session is known by
//! the hash of what it is signed over, so who reads the file has no session.

use super::{Vault, VaultError};
use rusqlite::params;

/// `until_s`: when the session would have ended by itself, and the row goes.
pub(super) const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS kaltura_session (
        digest BLOB PRIMARY KEY,
        uses INTEGER NOT NULL DEFAULT 0,
        ended INTEGER NOT NULL DEFAULT 0,
        until_s INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;";

impl Vault {
    /// Counts a use of a session; says which it is.
    pub fn count_ks(&self, digest: &[u8; 32], until_s: i64, now_s: i64) -> Result<i64, VaultError> {
        let connection = self.lock();
        connection.execute("DELETE FROM kaltura_session WHERE until_s < ?1", [now_s])?;
        connection.query_row(
            "INSERT INTO kaltura_session (digest, uses, until_s) VALUES (?1, 1, ?2)
             ON CONFLICT (digest) DO UPDATE SET uses = uses + 1 RETURNING uses",
            params![digest.as_slice(), until_s],
            |row| row.get(0),
        )
    }

    /// Ends a session, and the group of sessions that it belongs to.
    pub fn end_ks(&self, digests: &[[u8; 32]], until_s: i64, now_s: i64) -> Result<(), VaultError> {
        let mut connection = self.lock();
        let change = connection.transaction()?;
        change.execute("DELETE FROM kaltura_session WHERE until_s < ?1", [now_s])?;
        for digest in digests {
            change.execute(
                "INSERT INTO kaltura_session (digest, ended, until_s) VALUES (?1, 1, ?2)
                 ON CONFLICT (digest) DO UPDATE SET ended = 1, until_s = max(until_s, excluded.until_s)",
                params![digest.as_slice(), until_s],
            )?;
        }
        change.commit()
    }

    /// Whether a session, or its group, has been ended.
    pub fn is_ks_ended(&self, digests: &[[u8; 32]]) -> Result<bool, VaultError> {
        let connection = self.lock();
        let mut ended = connection.prepare_cached("SELECT 1 FROM kaltura_session WHERE digest = ?1 AND ended = 1")?;
        for digest in digests {
            if ended.exists([digest.as_slice()])? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
