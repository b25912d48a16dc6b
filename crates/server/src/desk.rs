//! What the people of an account keep beside the figures: rules for domains and campaigns of their own, what is to be done
//! about the pages on which media are embedded, saved views, and notes beside charts. In tables of the catalog's SQLite file, beside sign-in.

mod notes;

pub use notes::Note;

use crate::auth::vault::Who;
use crate::collect::skew::{Counts, Skew};
use engine::event::{AccountId, PersonKey};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The tables could not be read or written.
pub type DeskError = rusqlite::Error;

const TABLES: &str = "
-- JSON of `enrich::rules::Rule` and `Campaign`; they stand in for those of the program and the operator of the same id.
CREATE TABLE IF NOT EXISTS domain_rule (
    account INTEGER NOT NULL,
    id TEXT NOT NULL,
    rule TEXT NOT NULL,
    changed_ms INTEGER NOT NULL,
    PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS campaign (
    account INTEGER NOT NULL,
    id TEXT NOT NULL,
    campaign TEXT NOT NULL,
    changed_ms INTEGER NOT NULL,
    PRIMARY KEY (account, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS embed_mark (
    account INTEGER NOT NULL,
    campaign TEXT NOT NULL,
    domain TEXT NOT NULL,
    -- Empty: where the page was not disclosed.
    page TEXT NOT NULL,
    status TEXT,
    -- The institution's id of the person who works on it; may be empty.
    owner TEXT NOT NULL,
    note TEXT NOT NULL,
    -- When the status was set: what is seen later is told.
    status_ms INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    PRIMARY KEY (account, campaign, domain, page)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS saved_view (
    id INTEGER PRIMARY KEY,
    account INTEGER NOT NULL,
    -- Whose it is, as `Who` writes it.
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    path TEXT NOT NULL,
    shared INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS saved_view_account ON saved_view (account, owner);
CREATE TABLE IF NOT EXISTS chart_note (
    id INTEGER PRIMARY KEY,
    account INTEGER NOT NULL,
    -- What it is about: account, entry:ID, category:ID.
    subject TEXT NOT NULL,
    -- Days without a zone: they are those of whoever reads.
    first_day TEXT NOT NULL,
    last_day TEXT NOT NULL,
    text TEXT NOT NULL,
    changed_ms INTEGER NOT NULL,
    -- As `Who` writes it; empty for somebody who is gone.
    changed_by TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS chart_note_subject ON chart_note (account, subject);
-- When the server was at work: what lies between two runs was not collected.
CREATE TABLE IF NOT EXISTS collector_run (
    started_ms INTEGER PRIMARY KEY,
    seen_ms INTEGER NOT NULL,
    stopped INTEGER NOT NULL
) STRICT;
-- Batches that told their sender's clock, by day (since 1970, UTC) and `collect::skew::Skew`.
CREATE TABLE IF NOT EXISTS clock_skew (
    account INTEGER NOT NULL,
    day INTEGER NOT NULL,
    skew INTEGER NOT NULL,
    batches INTEGER NOT NULL,
    PRIMARY KEY (account, day, skew)
) STRICT, WITHOUT ROWID;
";

/// Runs of the server that are kept: a restart a day for three years.
const RUNS_KEPT: u32 = 1_000;

/// A run of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// Began, ms since 1970.
    pub started_ms: i64,
    /// Last known at work, ms since 1970.
    pub seen_ms: i64,
    /// It was stopped in order; else it broke off, or is at work.
    pub stopped: bool,
}

/// What people have decided about a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// The status, if one was set.
    pub status: Option<String>,
    /// The institution's id of the person who works on it; may be empty.
    pub owner: String,
    /// Free text; may be empty.
    pub note: String,
    /// When the status was set, ms since 1970.
    pub status_ms: i64,
    /// When anything of it was changed last, ms since 1970.
    pub changed_ms: i64,
    /// By whom, as `Who` writes it; empty for somebody who is gone.
    pub changed_by: String,
}

/// The place of a mark.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The campaign's id.
    pub campaign: String,
    /// The domain as rows have it.
    pub domain: String,
    /// The page as rows have it; empty where it was not disclosed.
    pub page: String,
}

/// A saved view: a named address of the pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedView {
    /// Its number.
    pub id: i64,
    /// Whose it is, as `Who` writes it.
    pub owner: String,
    /// What it is called.
    pub name: String,
    /// Path and query.
    pub path: String,
    /// Shown to everybody in the account.
    pub shared: bool,
    /// Made, ms since 1970.
    pub created_ms: i64,
    /// Changed, ms since 1970.
    pub changed_ms: i64,
}

/// The tables.
#[derive(Debug)]
pub struct Desk {
    connection: Mutex<Connection>,
}

/// A table of JSON by account and id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    /// Rules for domains.
    Rules,
    /// Campaigns.
    Campaigns,
}

impl Shelf {
    const fn table(self) -> (&'static str, &'static str) {
        match self {
            Shelf::Rules => ("domain_rule", "rule"),
            Shelf::Campaigns => ("campaign", "campaign"),
        }
    }
}

const VIEW: &str = "SELECT id, owner, name, path, shared, created_ms, changed_ms FROM saved_view";

fn read_view(row: &Row<'_>) -> Result<SavedView, DeskError> {
    Ok(SavedView {
        id: row.get(0)?,
        owner: row.get(1)?,
        name: row.get(2)?,
        path: row.get(3)?,
        shared: row.get(4)?,
        created_ms: row.get(5)?,
        changed_ms: row.get(6)?,
    })
}

const MARK: &str = "SELECT status, owner, note, status_ms, changed_ms, changed_by, domain, page FROM embed_mark";

fn read_mark(row: &Row<'_>) -> Result<Mark, DeskError> {
    Ok(Mark {
        status: row.get(0)?,
        owner: row.get(1)?,
        note: row.get(2)?,
        status_ms: row.get(3)?,
        changed_ms: row.get(4)?,
        changed_by: row.get(5)?,
    })
}

impl Desk {
    /// The tables in the catalog's file; made if they are not there.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn open(file: &Path) -> Result<Desk, DeskError> {
        Desk::prepare(Connection::open(file)?)
    }

    /// Tables that forget, for tests.
    ///
    /// # Errors
    /// When there is no memory.
    pub fn open_in_memory() -> Result<Desk, DeskError> {
        Desk::prepare(Connection::open_in_memory()?)
    }

    fn prepare(connection: Connection) -> Result<Desk, DeskError> {
        connection.busy_timeout(Duration::from_secs(10))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.execute_batch(TABLES)?;
        Ok(Desk { connection: Mutex::new(connection) })
    }

    /// A thread that panicked inside SQLite leaves no half transaction behind: the lock may be used further.
    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An account's own rules or campaigns as JSON, by id.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn shelf(&self, shelf: Shelf, account: AccountId) -> Result<Vec<String>, DeskError> {
        let (table, column) = shelf.table();
        let connection = self.lock();
        let sql = format!("SELECT {column} FROM {table} WHERE account = ?1 ORDER BY id");
        connection.prepare_cached(&sql)?.query_map([account.0], |row| row.get(0))?.collect()
    }

    /// Puts a rule or campaign on its shelf; whether its id is new there.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub fn put(&self, shelf: Shelf, account: AccountId, id: &str, json: &str, now_ms: i64) -> Result<bool, DeskError> {
        let (table, column) = shelf.table();
        let mut connection = self.lock();
        let change = connection.transaction()?;
        let known = format!("SELECT EXISTS (SELECT 1 FROM {table} WHERE account = ?1 AND id = ?2)");
        let known: bool = change.query_row(&known, params![account.0, id], |row| row.get(0))?;
        let sql = format!(
            "INSERT INTO {table} (account, id, {column}, changed_ms) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (account, id)
             DO UPDATE SET {column} = excluded.{column}, changed_ms = excluded.changed_ms"
        );
        change.execute(&sql, params![account.0, id, json, now_ms])?;
        change.commit()?;
        Ok(!known)
    }

    /// Takes a rule or campaign from its shelf; whether it was there. Marks of a campaign stay, should it come back.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub fn take(&self, shelf: Shelf, account: AccountId, id: &str) -> Result<bool, DeskError> {
        let sql = format!("DELETE FROM {} WHERE account = ?1 AND id = ?2", shelf.table().0);
        Ok(self.lock().execute(&sql, params![account.0, id])? > 0)
    }

    /// What has been decided about pages in a campaign, by domain and page.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn marks(&self, account: AccountId, campaign: &str) -> Result<BTreeMap<(String, String), Mark>, DeskError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(&format!("{MARK} WHERE account = ?1 AND campaign = ?2"))?;
        let rows = statement
            .query_map(params![account.0, campaign], |row| Ok(((row.get(6)?, row.get(7)?), read_mark(row)?)))?;
        rows.collect()
    }

    /// Changes what was decided about a page: `change` gets what is there.
    ///
    /// # Errors
    /// When the table cannot be read or written.
    pub fn mark(&self, account: AccountId, at: &Place, change: impl FnOnce(&mut Mark)) -> Result<Mark, DeskError> {
        let mut connection = self.lock();
        let transaction = connection.transaction()?;
        let place = params![account.0, at.campaign, at.domain, at.page];
        let sql = format!("{MARK} WHERE account = ?1 AND campaign = ?2 AND domain = ?3 AND page = ?4");
        let mut mark = transaction.query_row(&sql, place, read_mark).optional()?.unwrap_or_default();
        change(&mut mark);
        transaction.execute(
            "INSERT OR REPLACE INTO embed_mark
                 (account, campaign, domain, page, status, owner, note, status_ms, changed_ms, changed_by)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            params![
                account.0,
                at.campaign,
                at.domain,
                at.page,
                mark.status,
                mark.owner,
                mark.note,
                mark.status_ms,
                mark.changed_ms,
                mark.changed_by
            ],
        )?;
        transaction.commit()?;
        Ok(mark)
    }

    /// The views that somebody may use: their own and those that are shared, by name.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn views(&self, account: AccountId, owner: &str) -> Result<Vec<SavedView>, DeskError> {
        let connection = self.lock();
        let sql = format!("{VIEW} WHERE account = ?1 AND (owner = ?2 OR shared = 1) ORDER BY name COLLATE NOCASE, id");
        connection.prepare_cached(&sql)?.query_map(params![account.0, owner], read_view)?.collect()
    }

    /// A view.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn view(&self, account: AccountId, id: i64) -> Result<Option<SavedView>, DeskError> {
        let sql = format!("{VIEW} WHERE account = ?1 AND id = ?2");
        self.lock().query_row(&sql, params![account.0, id], read_view).optional()
    }

    /// How many views somebody has.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn view_count(&self, account: AccountId, owner: &str) -> Result<u64, DeskError> {
        let sql = "SELECT count(*) FROM saved_view WHERE account = ?1 AND owner = ?2";
        self.lock().query_row(sql, params![account.0, owner], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs)
    }

    /// Saves a new view (its `id` is given here) or one that is there; gives its number.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub fn save_view(&self, account: AccountId, view: &SavedView, new: bool) -> Result<i64, DeskError> {
        let connection = self.lock();
        let values = params![
            (!new).then_some(view.id),
            account.0,
            view.owner,
            view.name,
            view.path,
            view.shared,
            view.created_ms,
            view.changed_ms
        ];
        connection.execute(
            "INSERT OR REPLACE INTO saved_view (id, account, owner, name, path, shared, created_ms, changed_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            values,
        )?;
        Ok(connection.last_insert_rowid())
    }

    /// Takes a view away.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub fn remove_view(&self, account: AccountId, id: i64) -> Result<bool, DeskError> {
        let sql = "DELETE FROM saved_view WHERE account = ?1 AND id = ?2";
        Ok(self.lock().execute(sql, params![account.0, id])? > 0)
    }

    /// Notes that the server is at work: a new run, or how far one has come.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub fn running(&self, run: Run) -> Result<(), DeskError> {
        let connection = self.lock();
        connection.execute(
            "INSERT INTO collector_run (started_ms, seen_ms, stopped) VALUES (?1, ?2, ?3) ON CONFLICT (started_ms)
             DO UPDATE SET seen_ms = excluded.seen_ms, stopped = excluded.stopped",
            params![run.started_ms, run.seen_ms, run.stopped],
        )?;
        connection.execute(
            "DELETE FROM collector_run WHERE started_ms NOT IN
             (SELECT started_ms FROM collector_run ORDER BY started_ms DESC LIMIT ?1)",
            [RUNS_KEPT],
        )?;
        Ok(())
    }

    /// The runs of the server that are known, in order.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn runs(&self) -> Result<Vec<Run>, DeskError> {
        let connection = self.lock();
        let mut statement =
            connection.prepare_cached("SELECT started_ms, seen_ms, stopped FROM collector_run ORDER BY started_ms")?;
        let run = |row: &Row<'_>| Ok(Run { started_ms: row.get(0)?, seen_ms: row.get(1)?, stopped: row.get(2)? });
        statement.query_map([], run)?.collect()
    }

    /// Adds how far senders' clocks stood from ours.
    ///
    /// # Errors
    /// When the table cannot be written; nothing is added then.
    pub fn add_skews(&self, counts: &Counts) -> Result<(), DeskError> {
        let mut connection = self.lock();
        let change = connection.transaction()?;
        let sql = "INSERT INTO clock_skew (account, day, skew, batches) VALUES (?1, ?2, ?3, ?4)
                   ON CONFLICT (account, day, skew) DO UPDATE SET batches = batches + excluded.batches";
        for ((account, day, skew), batches) in counts {
            change.prepare_cached(sql)?.execute(params![account.0, day, skew.number(), batches.cast_signed()])?;
        }
        change.commit()
    }

    /// Batches of an account that told their sender's clock, by how far it stood from ours, over days (since 1970, UTC).
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn skews(&self, account: AccountId, from: i64, to: i64) -> Result<BTreeMap<Skew, u64>, DeskError> {
        let connection = self.lock();
        let sql =
            "SELECT skew, sum(batches) FROM clock_skew WHERE account = ?1 AND day BETWEEN ?2 AND ?3 GROUP BY skew";
        let mut statement = connection.prepare_cached(sql)?;
        let row = |row: &Row<'_>| Ok((Skew::of_number(row.get(0)?), row.get::<_, i64>(1)?.unsigned_abs()));
        let rows: Vec<(Option<Skew>, u64)> =
            statement.query_map(params![account.0, from, to], row)?.collect::<Result<_, _>>()?;
        Ok(rows.into_iter().filter_map(|(skew, batches)| Some((skew?, batches))).collect())
    }

    /// Takes somebody who was erased out: their views go, and those of others that lead to them; marks and notes stay without them.
    /// How many rows changed. Words that others wrote into notes are free text, which no erasure reads.
    ///
    /// # Errors
    /// When the tables cannot be written.
    pub fn forget(&self, account: AccountId, person: &str, key: PersonKey) -> Result<u64, DeskError> {
        let who = Who::Person { account, id: person.to_owned() }.to_string();
        let written: String = url::form_urlencoded::byte_serialize(person.as_bytes()).collect();
        let connection = self.lock();
        let views = connection.execute(
            "DELETE FROM saved_view WHERE account = ?1 AND (owner = ?2 OR instr(path, ?3) > 0 OR instr(path, ?4) > 0
             OR instr(path, ?5) > 0)",
            params![account.0, who, format!("{:016x}", key.0), format!(":{person}"), written],
        )?;
        let of = params![account.0, who];
        let by =
            connection.execute("UPDATE embed_mark SET changed_by = '' WHERE account = ?1 AND changed_by = ?2", of)?;
        let of = params![account.0, who];
        let notes =
            connection.execute("UPDATE chart_note SET changed_by = '' WHERE account = ?1 AND changed_by = ?2", of)?;
        let of = params![account.0, person];
        let works = connection.execute("UPDATE embed_mark SET owner = '' WHERE account = ?1 AND owner = ?2", of)?;
        Ok((views + by + notes + works) as u64)
    }
}
