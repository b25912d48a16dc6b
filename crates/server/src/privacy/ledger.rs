//! What privacy keeps in the catalog's SQLite file: erasures, keys being exchanged, runs of retention, the installation's
//! signing key. What is to vanish stands here only while the work lasts, so that it survives a restart.

use super::marks::{List, Marked, mark};
use engine::event::{AccountId, PersonKey};
use engine::rekey::{Rekey, Rule};
use engine::scrub::Scrub;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, TransactionBehavior, params};
use serde_json::Value;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The tables could not be read or written.
pub type LedgerError = rusqlite::Error;

const TABLES: &str = "
CREATE TABLE IF NOT EXISTS erasure (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    account INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'sealing', 'done')),
    phase TEXT NOT NULL DEFAULT 'waiting',
    done INTEGER NOT NULL DEFAULT 0,
    total INTEGER NOT NULL DEFAULT 0,
    -- Whom it is about; NULL once they are gone.
    person TEXT,
    old_key INTEGER,
    fresh_key INTEGER,
    words TEXT,
    -- JSON: what was done and checked.
    counts TEXT NOT NULL DEFAULT '{}',
    error TEXT,
    asked_ms INTEGER NOT NULL,
    finished_ms INTEGER,
    -- A signed statement (JWS).
    certificate TEXT
) STRICT;
-- By what an erasure is known again in a backup from before: see `marks`.
CREATE TABLE IF NOT EXISTS erasure_mark (
    erasure TEXT PRIMARY KEY,
    mark TEXT NOT NULL
) STRICT, WITHOUT ROWID;
-- Keys being exchanged by retention; empty when nothing runs.
CREATE TABLE IF NOT EXISTS ageing (
    account INTEGER NOT NULL,
    old_key INTEGER NOT NULL,
    fresh_key INTEGER NOT NULL,
    from_quarter INTEGER NOT NULL,
    to_quarter INTEGER NOT NULL,
    PRIMARY KEY (account, old_key, from_quarter)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS retention_run (
    began_ms INTEGER PRIMARY KEY,
    -- JSON: what went.
    report TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS signing_key (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    -- Ed25519, PKCS #8.
    private BLOB NOT NULL
) STRICT;
";

/// Runs of retention that are kept: a year of days, and some by hand.
const RUNS_KEPT: u32 = 400;

/// How far an erasure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It waits, or is at work.
    Running,
    /// Everything is gone; the certificate is being made.
    Sealing,
    /// It has ended.
    Done,
}

impl State {
    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            State::Running => "running",
            State::Sealing => "sealing",
            State::Done => "done",
        }
    }
}

/// Whom an erasure is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The institution's id.
    pub person: String,
    /// The key that goes.
    pub old: PersonKey,
    /// The key in its place.
    pub fresh: PersonKey,
    /// Id, name and mail: what no file may hold afterwards.
    pub words: Vec<String>,
}

impl Subject {
    /// What is to be taken out of free text.
    pub fn scrub(&self, account: AccountId) -> Scrub {
        Scrub::new(account, [self.old, self.fresh], &self.person, &self.words)
    }
}

/// An erasure.
#[derive(Clone, Debug, PartialEq)]
pub struct Erasure {
    /// Id: 128 random bits.
    pub id: String,
    /// The account.
    pub account: AccountId,
    /// How far it is.
    pub state: State,
    /// What it is doing.
    pub phase: String,
    /// Files looked at in this phase.
    pub done: u64,
    /// Files there are.
    pub total: u64,
    /// Whom it is about, until they are gone.
    pub subject: Option<Subject>,
    /// What was done and checked.
    pub counts: Value,
    /// Why it does not get on; it is tried again.
    pub error: Option<String>,
    /// Asked for at, ms since 1970.
    pub asked_ms: i64,
    /// Ended at.
    pub finished_ms: Option<i64>,
    /// The signed statement.
    pub certificate: Option<String>,
}

const ERASURE: &str = "SELECT id, account, state, phase, done, total, person, old_key, fresh_key, words, counts, error, \
                       asked_ms, finished_ms, certificate FROM erasure";

fn read(row: &Row<'_>) -> Result<Erasure, LedgerError> {
    let json = |column: usize, text: String| {
        serde_json::from_str::<Value>(&text).map_err(|error| {
            LedgerError::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
        })
    };
    let key = |column: usize| Ok::<_, LedgerError>(row.get::<_, Option<i64>>(column)?.map(|key| PersonKey(key as u64)));
    let words: Option<String> = row.get(9)?;
    let subject = match (row.get(6)?, key(7)?, key(8)?, words) {
        (Some(person), Some(old), Some(fresh), Some(words)) => {
            let words = json(9, words)?.as_array().cloned().unwrap_or_default();
            let words = words.iter().filter_map(|word| word.as_str().map(str::to_owned)).collect();
            Some(Subject { person, old, fresh, words })
        }
        _ => None,
    };
    Ok(Erasure {
        id: row.get(0)?,
        account: AccountId(row.get(1)?),
        state: match row.get::<_, String>(2)?.as_str() {
            "done" => State::Done,
            "sealing" => State::Sealing,
            _ => State::Running,
        },
        phase: row.get(3)?,
        done: row.get::<_, i64>(4)?.unsigned_abs(),
        total: row.get::<_, i64>(5)?.unsigned_abs(),
        subject,
        counts: json(10, row.get(10)?)?,
        error: row.get(11)?,
        asked_ms: row.get(12)?,
        finished_ms: row.get(13)?,
        certificate: row.get(14)?,
    })
}

/// The tables of privacy.
#[derive(Debug)]
pub struct Ledger {
    connection: Mutex<Connection>,
}

impl Ledger {
    /// The tables in the catalog's file; made if they are not there.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn open(file: &Path) -> Result<Ledger, LedgerError> {
        Ledger::prepare(Connection::open(file)?)
    }

    /// The tables of a file that somebody else may be using, to read.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn look(file: &Path) -> Result<Ledger, LedgerError> {
        let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        connection.busy_timeout(Duration::from_secs(20))?;
        Ok(Ledger { connection: Mutex::new(connection) })
    }

    /// Tables that forget, for tests.
    ///
    /// # Errors
    /// When there is no memory.
    pub fn open_in_memory() -> Result<Ledger, LedgerError> {
        Ledger::prepare(Connection::open_in_memory()?)
    }

    fn prepare(connection: Connection) -> Result<Ledger, LedgerError> {
        connection.busy_timeout(Duration::from_secs(20))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        // What `VACUUM` copies must not pass through a file elsewhere.
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        connection.execute_batch(TABLES)?;
        Ok(Ledger { connection: Mutex::new(connection) })
    }

    /// A thread that panicked inside SQLite leaves no half transaction behind: the lock may be used further.
    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes an erasure; the one that runs already, if the person has one.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub fn add(&self, id: &str, account: AccountId, subject: &Subject, now_ms: i64) -> Result<Erasure, LedgerError> {
        let mut connection = self.lock();
        let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let sql = format!("{ERASURE} WHERE account = ?1 AND old_key = ?2");
        let old = subject.old.0 as i64;
        if let Some(running) = change.query_row(&sql, params![account.0, old], read).optional()? {
            return Ok(running);
        }
        change.execute(
            "INSERT INTO erasure (id, account, state, person, old_key, fresh_key, words, asked_ms)
             VALUES (?1, ?2, 'running', ?3, ?4, ?5, ?6, ?7)",
            params![
                id,
                account.0,
                subject.person,
                old,
                subject.fresh.0 as i64,
                Value::from(subject.words.clone()).to_string(),
                now_ms
            ],
        )?;
        let added = change.query_row(&format!("{ERASURE} WHERE id = ?1"), [id], read)?;
        change.commit()?;
        Ok(added)
    }

    /// All erasures of an account, the newest first.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn list(&self, account: AccountId) -> Result<Vec<Erasure>, LedgerError> {
        let connection = self.lock();
        let mut statement = connection.prepare(&format!("{ERASURE} WHERE account = ?1 ORDER BY seq DESC"))?;
        statement.query_map([account.0], read)?.collect()
    }

    /// An erasure.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn get(&self, account: AccountId, id: &str) -> Result<Option<Erasure>, LedgerError> {
        let sql = format!("{ERASURE} WHERE account = ?1 AND id = ?2");
        self.lock().query_row(&sql, params![account.0, id], read).optional()
    }

    /// Erasures that have not ended, the oldest first.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn waiting(&self) -> Result<Vec<Erasure>, LedgerError> {
        let connection = self.lock();
        let mut statement = connection.prepare(&format!("{ERASURE} WHERE state <> 'done' ORDER BY seq"))?;
        statement.query_map([], read)?.collect()
    }

    /// Every key that is being exchanged, by erasures and by ageing, and the words that go with them.
    ///
    /// # Errors
    /// When the tables cannot be read.
    pub fn rekey(&self) -> Result<Rekey, LedgerError> {
        let connection = self.lock();
        let mut statement = connection.prepare(
            "SELECT account, old_key, fresh_key, from_quarter, to_quarter FROM ageing UNION ALL
             SELECT account, old_key, fresh_key, ?1, ?2 FROM erasure WHERE old_key IS NOT NULL",
        )?;
        let rule = |row: &Row<'_>| {
            Ok(Rule {
                account: AccountId(row.get(0)?),
                old: PersonKey(row.get::<_, i64>(1)? as u64),
                fresh: PersonKey(row.get::<_, i64>(2)? as u64),
                quarters: row.get(3)?..row.get(4)?,
            })
        };
        let rules = statement.query_map([i32::MIN, i32::MAX], rule)?.collect::<Result<Vec<_>, _>>()?;
        let mut rekey = Rekey::new(rules);
        let mut statement = connection.prepare(&format!("{ERASURE} WHERE old_key IS NOT NULL"))?;
        for erasure in statement.query_map([], read)? {
            let erasure = erasure?;
            if let Some(subject) = &erasure.subject {
                rekey = rekey.scrubbing(&subject.scrub(erasure.account));
            }
        }
        Ok(rekey)
    }

    /// Notes how far an erasure is.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub fn progress(&self, id: &str, phase: &str, done: u64, total: u64) -> Result<(), LedgerError> {
        let numbers = params![id, phase, done.cast_signed(), total.cast_signed()];
        self.lock()
            .execute("UPDATE erasure SET phase = ?2, done = ?3, total = ?4, error = NULL WHERE id = ?1", numbers)?;
        Ok(())
    }

    /// Notes why it does not get on.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub fn trouble(&self, id: &str, error: &str) -> Result<(), LedgerError> {
        self.lock().execute("UPDATE erasure SET error = ?2 WHERE id = ?1", params![id, error])?;
        Ok(())
    }

    /// Notes what was done.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub fn count(&self, id: &str, counts: &Value) -> Result<(), LedgerError> {
        self.lock().execute("UPDATE erasure SET counts = ?2 WHERE id = ?1", params![id, counts.to_string()])?;
        Ok(())
    }

    /// Forgets whom an erasure is about: the last place that knew. Its mark stays.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub fn seal(&self, id: &str) -> Result<(), LedgerError> {
        let mut connection = self.lock();
        let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let known = "SELECT account, old_key FROM erasure WHERE id = ?1 AND old_key IS NOT NULL";
        let known = change.query_row(known, [id], |row| Ok((AccountId(row.get(0)?), row.get::<_, i64>(1)?)));
        if let Some((account, old)) = known.optional()? {
            let mark = mark(id, account, PersonKey(old.cast_unsigned()));
            change.execute("INSERT INTO erasure_mark VALUES (?1, ?2) ON CONFLICT DO NOTHING", [id, &mark])?;
        }
        change.execute(
            "UPDATE erasure SET state = 'sealing', person = NULL, old_key = NULL, fresh_key = NULL, words = NULL
             WHERE id = ?1",
            [id],
        )?;
        change.commit()
    }

    /// The erasures that have sealed, with their marks.
    ///
    /// # Errors
    /// When the tables cannot be read.
    pub fn marked(&self) -> Result<List, LedgerError> {
        let connection = self.lock();
        // A folder from before there were marks, looked at, has no table of them.
        let there = "SELECT count(*) FROM sqlite_schema WHERE name = 'erasure_mark'";
        let mut list = List::default();
        if connection.query_row(there, [], |row| row.get::<_, i64>(0))? == 0 {
            return Ok(list);
        }
        let mut statement = connection.prepare(
            "SELECT id, account, mark, asked_ms, finished_ms, certificate
             FROM erasure JOIN erasure_mark ON erasure = id",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let marked = Marked {
                account: row.get(1)?,
                mark: row.get(2)?,
                asked_ms: row.get(3)?,
                finished_ms: row.get(4)?,
                certificate: row.get(5)?,
            };
            list.erasures.insert(row.get(0)?, marked);
        }
        Ok(list)
    }

    /// Notes an erasure of another folder that concerns nobody here: that it was, and its mark.
    ///
    /// # Errors
    /// When the tables cannot be written.
    pub fn note(&self, id: &str, marked: &Marked) -> Result<(), LedgerError> {
        let mut connection = self.lock();
        let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        change.execute(
            "INSERT INTO erasure (id, account, state, phase, asked_ms, finished_ms, certificate)
             VALUES (?1, ?2, 'done', 'done', ?3, ?4, ?5) ON CONFLICT DO NOTHING",
            params![id, marked.account, marked.asked_ms, marked.finished_ms, marked.certificate],
        )?;
        change.execute("INSERT INTO erasure_mark VALUES (?1, ?2) ON CONFLICT DO NOTHING", [id, &marked.mark])?;
        change.commit()
    }

    /// Ends an erasure.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub fn end(&self, id: &str, certificate: &str, now_ms: i64) -> Result<(), LedgerError> {
        self.lock().execute(
            "UPDATE erasure SET state = 'done', phase = 'done', error = NULL, certificate = ?2, finished_ms = ?3
             WHERE id = ?1",
            params![id, certificate, now_ms],
        )?;
        Ok(())
    }

    /// Notes keys that age, all or none.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub fn age(&self, rules: &[Rule]) -> Result<(), LedgerError> {
        let mut connection = self.lock();
        let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut insert = change.prepare("INSERT INTO ageing VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING")?;
        for Rule { account, old, fresh, quarters } in rules {
            let (old, fresh) = (old.0.cast_signed(), fresh.0.cast_signed());
            insert.execute(params![account.0, old, fresh, quarters.start, quarters.end])?;
        }
        drop(insert);
        change.commit()
    }

    /// How many keys age.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn ageing(&self) -> Result<u64, LedgerError> {
        self.lock().query_row("SELECT count(*) FROM ageing", [], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs)
    }

    /// Notes a run of retention; keys that aged are forgotten.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub fn ran(&self, began_ms: i64, report: &Value) -> Result<(), LedgerError> {
        let mut connection = self.lock();
        let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        change.execute("DELETE FROM ageing", [])?;
        change.execute(
            "INSERT INTO retention_run VALUES (?1, ?2) ON CONFLICT (began_ms) DO UPDATE SET report = excluded.report",
            params![began_ms, report.to_string()],
        )?;
        change.execute(
            "DELETE FROM retention_run WHERE began_ms NOT IN
             (SELECT began_ms FROM retention_run ORDER BY began_ms DESC LIMIT ?1)",
            [RUNS_KEPT],
        )?;
        change.commit()
    }

    /// The last runs of retention, the newest first: when they began, and what went.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn runs(&self) -> Result<Vec<(i64, Value)>, LedgerError> {
        let connection = self.lock();
        let mut statement = connection.prepare("SELECT began_ms, report FROM retention_run ORDER BY began_ms DESC")?;
        let rows = statement.query_map([], |row| {
            let text: String = row.get(1)?;
            Ok((row.get(0)?, serde_json::from_str(&text).unwrap_or(Value::Null)))
        })?;
        rows.collect()
    }

    /// The installation's private key (Ed25519, PKCS #8), made by `fresh` when there is none.
    ///
    /// # Errors
    /// When the table cannot be read or written.
    pub fn signing_key(&self, fresh: &[u8]) -> Result<Vec<u8>, LedgerError> {
        let connection = self.lock();
        connection.execute("INSERT INTO signing_key VALUES (1, ?1) ON CONFLICT DO NOTHING", [fresh])?;
        connection.query_row("SELECT private FROM signing_key", [], |row| row.get(0))
    }

    /// Rewrites the database without what was deleted in it, and empties its log. Whether the log is empty now: a reader
    /// may hold it for a moment.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn scour(&self) -> Result<bool, LedgerError> {
        let connection = self.lock();
        connection.execute_batch("VACUUM")?;
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0)).map(|busy| busy == 0)
    }
}
