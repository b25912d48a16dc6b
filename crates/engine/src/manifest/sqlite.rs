//! The manifest in SQLite: the catalog's database file, but its own connection and tables.

use super::{Manifest, ManifestChange, ManifestError, ManifestState, Progress, SegmentMeta};
use crate::block::Extent;
use crate::event::Text;
use crate::segment::Filter;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use std::path::Path;
use std::time::Duration;

/// The catalog owns `user_version`; the manifest numbers its tables itself. One step for each version, for ever.
const MIGRATIONS: &[&str] = &["
    CREATE TABLE segments (
        id INTEGER PRIMARY KEY,
        bytes INTEGER NOT NULL,
        rows INTEGER NOT NULL,
        first_account INTEGER NOT NULL, first_entry TEXT NOT NULL,
        last_account INTEGER NOT NULL, last_entry TEXT NOT NULL,
        first_quarter INTEGER NOT NULL, last_quarter INTEGER NOT NULL,
        groups TEXT NOT NULL,        -- JSON array of row groups: [rows, account, entry, account, entry, quarter, quarter], first and last
        suspects TEXT NOT NULL,      -- JSON array: distinct values of the column
        checksums BLOB NOT NULL,     -- u32 little endian: CRC32C of every 64 KiB
        filter BLOB NOT NULL,        -- Bloom filter of session hashes
        superseded BLOB NOT NULL     -- u32 little endian: row numbers, ascending
    ) STRICT;
    CREATE TABLE store_progress (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        reach INTEGER NOT NULL,      -- first event not accounted for
        as_of_ms INTEGER NOT NULL,
        live BLOB NOT NULL           -- live sessions
    ) STRICT;
"];

/// The manifest in a database file.
pub struct SqliteManifest {
    db: Connection,
}

fn cannot(doing: &'static str) -> impl FnOnce(rusqlite::Error) -> ManifestError {
    move |source| ManifestError::Database { doing, source }
}

impl SqliteManifest {
    /// Opens the manifest in a database file, made if absent, and brings its tables up to date.
    ///
    /// # Errors
    /// When the file cannot be used, or a newer program made it.
    pub fn open(path: &Path) -> Result<SqliteManifest, ManifestError> {
        let db = Connection::open(path).map_err(cannot("open"))?;
        SqliteManifest::over(db)
    }

    fn over(mut db: Connection) -> Result<SqliteManifest, ManifestError> {
        db.busy_timeout(Duration::from_secs(10)).map_err(cannot("open"))?;
        db.pragma_update(None, "journal_mode", "WAL").map_err(cannot("open"))?;
        db.pragma_update(None, "synchronous", "FULL").map_err(cannot("open"))?;
        let transaction = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate);
        migrate(transaction.map_err(cannot("migrate"))?)?;
        Ok(SqliteManifest { db })
    }
}

fn migrate(transaction: Transaction<'_>) -> Result<(), ManifestError> {
    let error = "migrate";
    transaction
        .execute("CREATE TABLE IF NOT EXISTS store_version (version INTEGER NOT NULL) STRICT", [])
        .map_err(cannot(error))?;
    let found: Option<i64> = transaction
        .query_row("SELECT version FROM store_version", [], |row| row.get(0))
        .optional()
        .map_err(cannot(error))?;
    let (found, known) = (found.unwrap_or(0), MIGRATIONS.len() as i64);
    if found > known {
        return Err(ManifestError::Newer { found, known });
    }
    for step in &MIGRATIONS[found as usize..] {
        transaction.execute_batch(step).map_err(cannot(error))?;
    }
    transaction.execute("DELETE FROM store_version", []).map_err(cannot(error))?;
    transaction.execute("INSERT INTO store_version VALUES (?1)", [known]).map_err(cannot(error))?;
    transaction.commit().map_err(cannot(error))
}

fn pack(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

fn unpack(bytes: &[u8]) -> Vec<u32> {
    let (numbers, _) = bytes.as_chunks::<4>();
    numbers.iter().map(|number| u32::from_le_bytes(*number)).collect()
}

/// A row group's extent as the table keeps it: rows, first account and entry, last account and entry, quarters.
type Group = (usize, u32, Text, u32, Text, i32, i32);

fn extent((rows, first, first_entry, last, last_entry, low, high): Group) -> Extent {
    Extent { rows, first: (first, first_entry), last: (last, last_entry), quarters: (low, high) }
}

fn group(extent: &Extent) -> Group {
    let Extent { rows, first, last, quarters } = extent.clone();
    (rows, first.0, first.1, last.0, last.1, quarters.0, quarters.1)
}

fn json<T: serde::de::DeserializeOwned>(text: &str) -> rusqlite::Result<T> {
    serde_json::from_str(text)
        .map_err(|e| rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(e)))
}

fn segment(row: &Row<'_>) -> rusqlite::Result<SegmentMeta> {
    let suspects: String = row.get("suspects")?;
    let suspects: Vec<String> = json(&suspects)?;
    let groups: String = row.get("groups")?;
    let groups: Vec<Group> = json(&groups)?;
    let text = |name| row.get::<_, String>(name).map(Text::from);
    Ok(SegmentMeta {
        id: row.get::<_, i64>("id")? as u64,
        bytes: row.get::<_, i64>("bytes")? as u64,
        extent: Extent {
            rows: row.get::<_, i64>("rows")? as usize,
            first: (row.get("first_account")?, text("first_entry")?),
            last: (row.get("last_account")?, text("last_entry")?),
            quarters: (row.get("first_quarter")?, row.get("last_quarter")?),
        },
        groups: groups.into_iter().map(extent).collect(),
        checksums: unpack(&row.get::<_, Vec<u8>>("checksums")?),
        filter: Filter::from_bytes(&row.get::<_, Vec<u8>>("filter")?),
        suspects: suspects.into_iter().map(Text::from).collect(),
        superseded: unpack(&row.get::<_, Vec<u8>>("superseded")?),
    })
}

fn insert(transaction: &Transaction<'_>, segment: &SegmentMeta) -> rusqlite::Result<()> {
    let extent = &segment.extent;
    transaction.execute(
        "INSERT INTO segments VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        params![
            segment.id as i64,
            segment.bytes as i64,
            extent.rows as i64,
            extent.first.0,
            &*extent.first.1,
            extent.last.0,
            &*extent.last.1,
            extent.quarters.0,
            extent.quarters.1,
            serde_json::json!(segment.groups.iter().map(group).collect::<Vec<_>>()).to_string(),
            serde_json::json!(segment.suspects).to_string(),
            pack(&segment.checksums),
            segment.filter.to_bytes(),
            pack(&segment.superseded),
        ],
    )?;
    Ok(())
}

fn apply(transaction: &Transaction<'_>, change: &ManifestChange) -> rusqlite::Result<()> {
    for id in &change.remove {
        transaction.execute("DELETE FROM segments WHERE id = ?1", [*id as i64])?;
    }
    for (id, rows) in &change.superseded {
        transaction.execute("UPDATE segments SET superseded = ?2 WHERE id = ?1", params![*id as i64, pack(rows)])?;
    }
    for segment in &change.add {
        insert(transaction, segment)?;
    }
    if let Some(progress) = &change.progress {
        transaction.execute(
            "INSERT INTO store_progress VALUES (1, ?1, ?2, ?3)
             ON CONFLICT (one) DO UPDATE SET reach = excluded.reach, as_of_ms = excluded.as_of_ms, live = excluded.live",
            params![progress.reach as i64, progress.as_of_ms, progress.live],
        )?;
    }
    Ok(())
}

impl Manifest for SqliteManifest {
    fn load(&self) -> Result<ManifestState, ManifestError> {
        let read = || -> rusqlite::Result<ManifestState> {
            // Both from one commit, also while another program commits.
            let look = self.db.unchecked_transaction()?;
            let mut query = look.prepare("SELECT * FROM segments ORDER BY id")?;
            let segments = query.query_map([], segment)?.collect::<rusqlite::Result<_>>()?;
            let progress = look.query_row("SELECT reach, as_of_ms, live FROM store_progress", [], |row| {
                Ok(Progress { reach: row.get::<_, i64>(0)? as u64, as_of_ms: row.get(1)?, live: row.get(2)? })
            });
            Ok(ManifestState { segments, progress: progress.optional()?.unwrap_or_default() })
        };
        read().map_err(cannot("read"))
    }

    fn commit(&mut self, change: ManifestChange) -> Result<(), ManifestError> {
        let behavior = rusqlite::TransactionBehavior::Immediate;
        let transaction = self.db.transaction_with_behavior(behavior).map_err(cannot("commit"))?;
        apply(&transaction, &change).map_err(cannot("commit"))?;
        transaction.commit().map_err(cannot("commit"))
    }
}
