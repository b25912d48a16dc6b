//! Notes that people write beside a figure's days: an exam, an outage of the campus network.

use super::{Desk, DeskError};
use engine::event::AccountId;
use jiff::civil::Date;
use rusqlite::types::Type;
use rusqlite::{OptionalExtension, Row, params};

/// A note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Its number.
    pub id: i64,
    /// What it is about, as the access log has subjects: `account`, `entry:ID`, `category:ID`.
    pub subject: String,
    /// First day.
    pub first: Date,
    /// Last day.
    pub last: Date,
    /// What it says.
    pub text: String,
    /// Changed, ms since 1970.
    pub changed_ms: i64,
    /// By whom, as `Who` writes it; empty for somebody who is gone.
    pub changed_by: String,
}

const NOTE: &str = "SELECT id, subject, first_day, last_day, text, changed_ms, changed_by FROM chart_note";

fn read(row: &Row<'_>) -> Result<Note, DeskError> {
    let day = |column: usize| {
        let text: String = row.get(column)?;
        text.parse().map_err(|error| DeskError::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
    };
    Ok(Note {
        id: row.get(0)?,
        subject: row.get(1)?,
        first: day(2)?,
        last: day(3)?,
        text: row.get(4)?,
        changed_ms: row.get(5)?,
        changed_by: row.get(6)?,
    })
}

impl Desk {
    /// The notes about something, by day.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn notes(&self, account: AccountId, subject: &str) -> Result<Vec<Note>, DeskError> {
        let connection = self.lock();
        let sql = format!("{NOTE} WHERE account = ?1 AND subject = ?2 ORDER BY first_day, id");
        connection.prepare_cached(&sql)?.query_map(params![account.0, subject], read)?.collect()
    }

    /// A note.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn note(&self, account: AccountId, id: i64) -> Result<Option<Note>, DeskError> {
        let sql = format!("{NOTE} WHERE account = ?1 AND id = ?2");
        self.lock().query_row(&sql, params![account.0, id], read).optional()
    }

    /// Saves a new note (its `id` is given here) or one that is there; gives its number.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub fn save_note(&self, account: AccountId, note: &Note, new: bool) -> Result<i64, DeskError> {
        let connection = self.lock();
        connection.execute(
            "INSERT OR REPLACE INTO chart_note (id, account, subject, first_day, last_day, text, changed_ms, changed_by)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                (!new).then_some(note.id),
                account.0,
                note.subject,
                note.first.to_string(),
                note.last.to_string(),
                note.text,
                note.changed_ms,
                note.changed_by
            ],
        )?;
        Ok(connection.last_insert_rowid())
    }

    /// Takes a note away.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub fn remove_note(&self, account: AccountId, id: i64) -> Result<bool, DeskError> {
        let sql = "DELETE FROM chart_note WHERE account = ?1 AND id = ?2";
        Ok(self.lock().execute(sql, params![account.0, id])? > 0)
    }
}
