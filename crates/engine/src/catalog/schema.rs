//! The catalog's tables and how older files are brought up to date.
//!
//! `user_version` counts the steps below and belongs to the catalog alone; sign-in and the manifest keep tables of
//! their own in the same file. Columns carry the names of record fields ([`super::record`]): instants are ms since
//! 1970, lists are JSON, people are their random keys (SQLite's integers are signed: the same 64 bits).

use rusqlite::{Connection, TransactionBehavior};
use std::time::Duration;

/// How long a writer waits for another connection's transaction. The manifest commits in milliseconds, an import's
/// transaction takes a fraction of a second.
const BUSY: Duration = Duration::from_secs(20);

/// Each step is run once, in a transaction, in this order; a step that was ever released is never changed.
pub(super) const STEPS: &[&str] = &[
    "
CREATE TABLE account (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    unsigned_users INTEGER NOT NULL DEFAULT 0,
    personal_vars TEXT NOT NULL DEFAULT '[]',
    -- Counts every change, so that other connections see that their picture is old.
    version INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE account_secret (
    account INTEGER NOT NULL REFERENCES account (id),
    secret BLOB NOT NULL,
    added_ms INTEGER NOT NULL,
    PRIMARY KEY (account, secret)
) STRICT, WITHOUT ROWID;
CREATE TABLE site (
    account INTEGER NOT NULL REFERENCES account (id),
    id TEXT NOT NULL,
    origins TEXT NOT NULL DEFAULT '[]',
    PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE site_key (
    account INTEGER NOT NULL,
    site TEXT NOT NULL,
    algorithm TEXT NOT NULL,
    key BLOB NOT NULL,
    PRIMARY KEY (account, site, algorithm, key),
    FOREIGN KEY (account, site) REFERENCES site (account, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE TABLE person (
    account INTEGER NOT NULL REFERENCES account (id),
    key INTEGER NOT NULL,
    -- Absent once the person was forgotten: the key stays and still counts as one person.
    id TEXT,
    name TEXT,
    mail TEXT,
    unconfirmed INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account, key),
    UNIQUE (account, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE entry (
    account INTEGER NOT NULL REFERENCES account (id),
    id TEXT NOT NULL,
    name TEXT,
    media_type TEXT,
    duration_ms INTEGER,
    replacements TEXT,
    content_end_ms INTEGER,
    owner INTEGER,
    co_editors TEXT,
    tags TEXT,
    created INTEGER,
    published INTEGER,
    deleted INTEGER,
    visibility TEXT,
    downloads INTEGER,
    source TEXT,
    thumbnail_url TEXT,
    youtube_id TEXT,
    log TEXT,
    unconfirmed INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE category (
    account INTEGER NOT NULL REFERENCES account (id),
    id TEXT NOT NULL,
    name TEXT,
    parent TEXT,
    kind TEXT,
    lms_course TEXT,
    created INTEGER,
    updated INTEGER,
    deleted INTEGER,
    term TEXT,
    sections TEXT,
    previous TEXT,
    PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE link (
    account INTEGER NOT NULL REFERENCES account (id),
    id TEXT NOT NULL,
    entry TEXT NOT NULL,
    category TEXT NOT NULL,
    approved INTEGER,
    \"from\" INTEGER,
    \"to\" INTEGER,
    PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX link_entry ON link (account, entry);
CREATE INDEX link_category ON link (account, category);
CREATE TABLE member (
    account INTEGER NOT NULL REFERENCES account (id),
    id TEXT NOT NULL,
    category TEXT NOT NULL,
    person INTEGER NOT NULL,
    role TEXT NOT NULL,
    section TEXT,
    \"from\" INTEGER,
    \"to\" INTEGER,
    PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX member_category ON member (account, category);
CREATE INDEX member_person ON member (account, person);
CREATE TABLE playlist (
    account INTEGER NOT NULL REFERENCES account (id),
    id TEXT NOT NULL,
    name TEXT,
    entries TEXT,
    owner INTEGER,
    created INTEGER,
    PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE term (
    account INTEGER NOT NULL REFERENCES account (id),
    id TEXT NOT NULL,
    name TEXT,
    \"from\" INTEGER NOT NULL,
    \"to\" INTEGER NOT NULL,
    PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;
-- Hashes of domains (kind 1) and pages (2) that have a place of their own.
CREATE TABLE seen (
    account INTEGER NOT NULL REFERENCES account (id),
    kind INTEGER NOT NULL,
    hash INTEGER NOT NULL,
    PRIMARY KEY (account, kind, hash)
) STRICT, WITHOUT ROWID;
CREATE TABLE note (
    account INTEGER NOT NULL REFERENCES account (id),
    id TEXT NOT NULL,
    date TEXT NOT NULL,
    text TEXT NOT NULL,
    entry TEXT,
    category TEXT,
    author INTEGER,
    PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;
",
    "
-- Figures that another system tells of past days.
CREATE TABLE imported_day (
    account INTEGER NOT NULL REFERENCES account (id),
    day TEXT NOT NULL,
    zone TEXT NOT NULL,
    cut INTEGER NOT NULL,
    read_ms INTEGER NOT NULL,
    PRIMARY KEY (account, day)
) STRICT, WITHOUT ROWID;
CREATE TABLE imported_figure (
    account INTEGER NOT NULL REFERENCES account (id),
    day TEXT NOT NULL,
    entry TEXT NOT NULL,
    impressions INTEGER NOT NULL,
    plays INTEGER NOT NULL,
    minutes REAL NOT NULL,
    PRIMARY KEY (account, day, entry)
) STRICT, WITHOUT ROWID;
",
    "
-- When a live stream is planned.
ALTER TABLE entry ADD COLUMN starts INTEGER;
ALTER TABLE entry ADD COLUMN ends INTEGER;
",
];

/// Sets a connection up and brings the file up to date.
pub(super) fn prepare(connection: &mut Connection) -> Result<(), rusqlite::Error> {
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    connection.set_prepared_statement_cache_capacity(64);
    let step = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Read inside the transaction: two programs may open a new file at the same time.
    let done: u32 = step.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if done as usize > STEPS.len() {
        return Err(rusqlite::Error::SqliteFailure(
            rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CANTOPEN),
            Some(format!("the catalog is of version {done}; this program knows versions up to {}", STEPS.len())),
        ));
    }
    for (number, sql) in STEPS.iter().enumerate().skip(done as usize) {
        step.execute_batch(sql)?;
        step.pragma_update(None, "user_version", number as u32 + 1)?;
    }
    step.commit()
}
