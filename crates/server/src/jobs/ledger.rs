//! Where jobs are kept: a table in the catalog's SQLite file. `export_version` counts the steps that brought it there;
//! the catalog's own `user_version` is not touched.

use super::{Job, JobSpec, KEPT_PER_OWNER_MAX, State, WAITING_MAX, WAITING_PER_OWNER_MAX};
use crate::sheet::{Form, Names, Options};
use engine::event::AccountId;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Params, Row, TransactionBehavior, params};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The table could not be read or written.
pub type LedgerError = rusqlite::Error;

/// Each step is run once, in this order; a step that was ever released is never changed.
const STEPS: &[&str] = &["
CREATE TABLE export_job (
    -- The order in which they were asked for.
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    account INTEGER NOT NULL,
    title TEXT NOT NULL,
    form TEXT NOT NULL,
    -- JSON: bom, definitions, labels.
    options TEXT NOT NULL,
    -- JSON, opaque.
    spec TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    -- How often it was begun.
    attempts INTEGER NOT NULL DEFAULT 0,
    rows_done INTEGER NOT NULL DEFAULT 0,
    rows_total INTEGER,
    bytes INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    created_ms INTEGER NOT NULL,
    started_ms INTEGER,
    finished_ms INTEGER,
    expires_ms INTEGER
) STRICT;
CREATE INDEX export_job_owner ON export_job (owner);
CREATE INDEX export_job_state ON export_job (state);
"];

const COLUMNS: &str = "id, owner, account, title, form, options, spec, state, rows_done, rows_total, bytes, error, \
                       created_ms, started_ms, finished_ms, expires_ms";

/// The table of jobs.
#[derive(Debug)]
pub struct Ledger {
    connection: Mutex<Connection>,
}

/// How a job has ended.
pub(super) struct Ended<'a> {
    pub(super) state: State,
    pub(super) error: Option<&'a str>,
    pub(super) rows: u64,
    pub(super) rows_total: Option<u64>,
    pub(super) bytes: u64,
    pub(super) finished_ms: i64,
    pub(super) expires_ms: i64,
}

impl Ledger {
    /// The table in the catalog's file; made or brought up to date.
    ///
    /// # Errors
    /// When the file cannot be opened, or a newer program has changed the table.
    pub fn open(file: &Path) -> Result<Ledger, LedgerError> {
        Ledger::prepare(Connection::open(file)?)
    }

    /// A table that forgets, for tests.
    ///
    /// # Errors
    /// When there is no memory.
    pub fn open_in_memory() -> Result<Ledger, LedgerError> {
        Ledger::prepare(Connection::open_in_memory()?)
    }

    fn prepare(mut connection: Connection) -> Result<Ledger, LedgerError> {
        connection.busy_timeout(Duration::from_secs(10))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        let step = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        step.execute_batch("CREATE TABLE IF NOT EXISTS export_version (version INTEGER NOT NULL) STRICT")?;
        let done: Option<u32> =
            step.query_row("SELECT version FROM export_version", [], |row| row.get(0)).optional()?;
        let done = done.unwrap_or(0) as usize;
        if done > STEPS.len() {
            return Err(rusqlite::Error::SqliteFailure(
                rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CANTOPEN),
                Some(format!("the exports are of version {done}; this program knows versions up to {}", STEPS.len())),
            ));
        }
        for sql in &STEPS[done..] {
            step.execute_batch(sql)?;
        }
        step.execute("DELETE FROM export_version", [])?;
        step.execute("INSERT INTO export_version (version) VALUES (?1)", [STEPS.len() as i64])?;
        step.commit()?;
        Ok(Ledger { connection: Mutex::new(connection) })
    }

    /// A thread that panicked inside SQLite leaves no half transaction behind: the lock may be used further.
    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a job that waits, unless a limit is reached: then the sentence that says so.
    pub(super) fn add(&self, job: &Job, now_ms: i64) -> Result<Result<(), String>, LedgerError> {
        let mut connection = self.lock();
        let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let count = |sql: &str, params: &[&dyn rusqlite::ToSql]| -> Result<u32, LedgerError> {
            change.query_row(sql, params, |row| row.get(0))
        };
        let owner = &job.asked.owner;
        let limit = if count("SELECT count(*) FROM export_job WHERE state = 'queued'", &[])? >= WAITING_MAX {
            format!("{WAITING_MAX} exports are waiting, which is all that may; try again later.")
        } else if count("SELECT count(*) FROM export_job WHERE state = 'queued' AND owner = ?1", &[owner])?
            >= WAITING_PER_OWNER_MAX
        {
            format!("{WAITING_PER_OWNER_MAX} of your exports are waiting, which is all that may; wait or cancel one.")
        } else if count(
            "SELECT count(*) FROM export_job WHERE owner = ?1 AND (expires_ms IS NULL OR expires_ms > ?2)",
            &[owner, &now_ms],
        )? >= KEPT_PER_OWNER_MAX
        {
            format!("{KEPT_PER_OWNER_MAX} of your exports are kept, which is all that may; remove one.")
        } else {
            let JobSpec { owner, account, title, form, options, spec } = &job.asked;
            change.execute(
                "INSERT INTO export_job (id, owner, account, title, form, options, spec, state, created_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'queued', ?8)",
                params![
                    job.id,
                    owner,
                    account.0,
                    title,
                    form.word(),
                    options_text(options),
                    spec.to_string(),
                    job.created_ms
                ],
            )?;
            change.commit()?;
            return Ok(Ok(()));
        };
        Ok(Err(limit))
    }

    fn jobs(&self, which: &str, params: impl Params) -> Result<Vec<Job>, LedgerError> {
        let connection = self.lock();
        let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM export_job {which}"))?;
        statement.query_map(params, job)?.collect()
    }

    /// The jobs of an owner, newest first. What has expired is not there, swept or not.
    pub(super) fn list(&self, owner: &str, now_ms: i64) -> Result<Vec<Job>, LedgerError> {
        let which = "WHERE owner = ?1 AND (expires_ms IS NULL OR expires_ms > ?2) ORDER BY seq DESC";
        self.jobs(which, params![owner, now_ms])
    }

    /// A job, unless it has expired.
    pub(super) fn get(&self, id: &str, now_ms: i64) -> Result<Option<Job>, LedgerError> {
        let which = "WHERE id = ?1 AND (expires_ms IS NULL OR expires_ms > ?2)";
        Ok(self.jobs(which, params![id, now_ms])?.pop())
    }

    /// The jobs about an account, whoever's they are.
    pub(super) fn of_account(&self, account: AccountId) -> Result<Vec<Job>, LedgerError> {
        self.jobs("WHERE account = ?1", [account.0])
    }

    /// Jobs that are done.
    pub(super) fn done(&self) -> Result<Vec<Job>, LedgerError> {
        self.jobs("WHERE state = 'done'", [])
    }

    /// Jobs that have expired.
    pub(super) fn expired(&self, now_ms: i64) -> Result<Vec<Job>, LedgerError> {
        self.jobs("WHERE expires_ms <= ?1", [now_ms])
    }

    /// Begins the next job: of the owner who was served longest ago, the first that was asked for.
    pub(super) fn begin(&self, now_ms: i64) -> Result<Option<Job>, LedgerError> {
        let connection = self.lock();
        let sql = format!(
            "UPDATE export_job SET state = 'running', started_ms = ?1, attempts = attempts + 1 WHERE seq = (
                 SELECT seq FROM export_job waiting WHERE state = 'queued' ORDER BY (
                     SELECT max(started_ms) FROM export_job served WHERE served.owner = waiting.owner
                 ) NULLS FIRST, seq LIMIT 1
             ) RETURNING {COLUMNS}"
        );
        connection.prepare_cached(&sql)?.query_row([now_ms], job).optional()
    }

    /// Whether a job is (still) running.
    pub(super) fn is_running(&self, id: &str) -> Result<bool, LedgerError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM export_job WHERE id = ?1 AND state = 'running')";
        self.lock().query_row(sql, [id], |row| row.get(0))
    }

    /// Ends a running job. `false` when it is not running any more.
    pub(super) fn end(&self, id: &str, ended: &Ended<'_>) -> Result<bool, LedgerError> {
        let Ended { state, error, rows, rows_total, bytes, finished_ms, expires_ms } = ended;
        let changed = self.lock().execute(
            "UPDATE export_job SET state = ?2, error = ?3, rows_done = ?4, rows_total = ?5, bytes = ?6,
                 finished_ms = ?7, expires_ms = ?8
             WHERE id = ?1 AND state = 'running'",
            params![
                id,
                state.word(),
                error,
                *rows as i64,
                rows_total.map(|rows| rows as i64),
                *bytes as i64,
                finished_ms,
                expires_ms
            ],
        )?;
        Ok(changed > 0)
    }

    /// Puts a running job back: the server stops, and that is not the job's fault.
    pub(super) fn put_back(&self, id: &str) -> Result<(), LedgerError> {
        let sql = "UPDATE export_job SET state = 'queued', started_ms = NULL, attempts = attempts - 1
                   WHERE id = ?1 AND state = 'running'";
        self.lock().execute(sql, [id]).map(drop)
    }

    /// After a crash: what was running waits again, or has failed when it was begun too often.
    pub(super) fn requeue_interrupted(
        &self,
        attempts_max: u32,
        now_ms: i64,
        expires_ms: i64,
        error: &str,
    ) -> Result<(), LedgerError> {
        let mut connection = self.lock();
        let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        change.execute(
            "UPDATE export_job SET state = 'failed', error = ?1, finished_ms = ?2, expires_ms = ?3
             WHERE state = 'running' AND attempts >= ?4",
            params![error, now_ms, expires_ms, attempts_max],
        )?;
        change.execute("UPDATE export_job SET state = 'queued', started_ms = NULL WHERE state = 'running'", [])?;
        change.commit()
    }

    /// Cancels a job that waits or runs. `false` when it has ended.
    pub(super) fn cancel(&self, id: &str, now_ms: i64, expires_ms: i64) -> Result<bool, LedgerError> {
        let sql = "UPDATE export_job SET state = 'cancelled', finished_ms = ?2, expires_ms = ?3
                   WHERE id = ?1 AND state IN ('queued', 'running')";
        Ok(self.lock().execute(sql, params![id, now_ms, expires_ms])? > 0)
    }

    /// A done job whose file is not there.
    pub(super) fn lose(&self, id: &str, error: &str) -> Result<(), LedgerError> {
        let sql = "UPDATE export_job SET state = 'failed', error = ?2 WHERE id = ?1";
        self.lock().execute(sql, params![id, error]).map(drop)
    }

    /// Forgets a job.
    pub(super) fn remove(&self, id: &str) -> Result<(), LedgerError> {
        self.lock().execute("DELETE FROM export_job WHERE id = ?1", [id]).map(drop)
    }
}

fn job(row: &Row<'_>) -> Result<Job, LedgerError> {
    let count = |at: usize| row.get::<_, Option<i64>>(at).map(|count| count.map(|count| count.max(0).unsigned_abs()));
    Ok(Job {
        id: row.get(0)?,
        asked: JobSpec {
            owner: row.get(1)?,
            account: AccountId(row.get(2)?),
            title: row.get(3)?,
            form: word(row, 4, Form::of)?,
            options: word(row, 5, options_of)?,
            spec: word(row, 6, |text| serde_json::from_str(text).ok())?,
        },
        state: word(row, 7, |word| State::ALL.into_iter().find(|state| state.word() == word))?,
        rows: count(8)?.unwrap_or(0),
        rows_total: count(9)?,
        bytes: count(10)?.unwrap_or(0),
        error: row.get(11)?,
        created_ms: row.get(12)?,
        started_ms: row.get(13)?,
        finished_ms: row.get(14)?,
        expires_ms: row.get(15)?,
    })
}

fn word<T>(row: &Row<'_>, at: usize, read: impl FnOnce(&str) -> Option<T>) -> Result<T, LedgerError> {
    let text: String = row.get(at)?;
    let unknown = || format!("`{text}` is not known here").into();
    read(&text).ok_or_else(|| rusqlite::Error::FromSqlConversionFailure(at, Type::Text, unknown()))
}

fn options_text(options: &Options) -> String {
    let labels = options.names == Names::Labels;
    json!({ "bom": options.bom, "definitions": options.definitions, "labels": labels }).to_string()
}

/// The place of scratch files is the worker's to say.
fn options_of(text: &str) -> Option<Options> {
    let value: Value = serde_json::from_str(text).ok()?;
    let flag = |name: &str| value[name].as_bool();
    let names = if flag("labels")? { Names::Labels } else { Names::Ids };
    Some(Options { bom: flag("bom")?, definitions: flag("definitions")?, names, ..Options::default() })
}
