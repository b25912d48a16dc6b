//! Erasing a person from the catalog (ruling 31).

use super::{Catalog, CatalogError, transact};
use crate::event::{AccountId, PersonKey};
use rusqlite::{Connection, params};
use serde_json::Value;

/// What was erased of a person, by kind of record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ErasedRecords {
    /// The person's own record: 1, or 0 when it was gone already.
    pub people: u64,
    /// Memberships removed.
    pub memberships: u64,
    /// Recordings that name the person no more: as owner, co-editor or in their log.
    pub entries: u64,
    /// Playlists that belong to nobody now.
    pub playlists: u64,
    /// Notes without an author now.
    pub notes: u64,
}

impl Catalog {
    /// Erases a person: in the place of their record stands one of nobody with the fresh key. What they owned belongs to
    /// nobody, what they wrote is nobody's, memberships go. Safe to repeat. The institution's id is free: should it appear
    /// again, it is a new person.
    ///
    /// # Errors
    /// When there is no such account or the file cannot be written; nothing is changed then.
    pub fn erase(
        &self,
        account: AccountId,
        old: PersonKey,
        fresh: PersonKey,
        now_ms: i64,
    ) -> Result<ErasedRecords, CatalogError> {
        let mut writer = self.writer();
        self.told(now_ms);
        let (erased, _) =
            transact(&mut writer, account, now_ms, |change| erase(change.connection, account, old, fresh))?;
        // It touches what the account's picture is made of everywhere.
        self.rebuild(&writer, account)?;
        Ok(erased)
    }
}

fn erase(
    connection: &Connection,
    account: AccountId,
    old: PersonKey,
    fresh: PersonKey,
) -> Result<ErasedRecords, rusqlite::Error> {
    let ours = params![account.0, old.0 as i64];
    let count = |sql: &str| connection.execute(sql, ours).map(|rows| rows as u64);
    let mut erased = ErasedRecords {
        memberships: count("DELETE FROM member WHERE account = ?1 AND person = ?2")?,
        playlists: count("UPDATE playlist SET owner = NULL WHERE account = ?1 AND owner = ?2")?,
        notes: count("UPDATE note SET author = NULL WHERE account = ?1 AND author = ?2")?,
        people: count("DELETE FROM person WHERE account = ?1 AND key = ?2")?,
        entries: 0,
    };
    if erased.people > 0 {
        connection.execute(
            "INSERT INTO person (account, key) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
            params![account.0, fresh.0 as i64],
        )?;
    }
    let mut find = connection.prepare(
        "SELECT id, owner IS ?2, co_editors, log FROM entry
         WHERE account = ?1 AND (owner = ?2 OR instr(co_editors, ?3) > 0 OR instr(log, ?3) > 0)",
    )?;
    let mut entries = find.query(params![account.0, old.0 as i64, old.0.to_string()])?;
    while let Some(row) = entries.next()? {
        let (id, mut changed): (String, bool) = (row.get(0)?, row.get(1)?);
        let mut co_editors = items(row.get(2)?);
        let before = co_editors.len();
        co_editors.retain(|editor| editor["person"].as_u64() != Some(old.0));
        changed |= co_editors.len() < before;
        let mut log = items(row.get(3)?);
        for event in log.iter_mut().filter(|event| event["by"].as_u64() == Some(old.0)) {
            event.as_object_mut().map(|event| event.remove("by"));
            changed = true;
        }
        if !changed {
            continue;
        }
        connection.execute(
            "UPDATE entry SET owner = CASE WHEN owner = ?3 THEN NULL ELSE owner END, co_editors = ?4, log = ?5
             WHERE account = ?1 AND id = ?2",
            params![account.0, id, old.0 as i64, text(&co_editors), text(&log)],
        )?;
        erased.entries += 1;
    }
    Ok(erased)
}

fn items(json: Option<String>) -> Vec<Value> {
    json.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default()
}

/// None where there are none: as a record without the field.
fn text(items: &[Value]) -> Option<String> {
    (!items.is_empty()).then(|| Value::from(items).to_string())
}
