//! Keys for programs. A key is 256 random bits after `phk_`, so that scanners for leaked secrets know it by sight; it is
//! shown once, and kept as its SHA-256. It sees one part of one account and never administers anything.

use super::{Vault, VaultError, digest, unreadable};
use engine::access::{Grant, People};
use engine::catalog::view::AccountView;
use engine::event::{AccountId, Text};
use rusqlite::{OptionalExtension, Row, params};

/// What every key begins with.
pub const PREFIX: &str = "phk_";
/// Keys that an account may have at a time: each is a program somebody looks after.
pub const KEYS_MAX: usize = 100;
/// A key's last use is written down at most this often, ms.
const TOUCH_MS: i64 = 60 * 1000;

/// What a key sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The whole account.
    Account,
    /// Plays in a category or below it.
    Category(String),
    /// What a person owns, by the institution's id, as the catalog is then.
    Owner(String),
    /// One recording.
    Entry(String),
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Scope::Account => f.write_str("account"),
            Scope::Category(id) => write!(f, "category:{id}"),
            Scope::Owner(id) => write!(f, "owner:{id}"),
            Scope::Entry(id) => write!(f, "entry:{id}"),
        }
    }
}

impl Scope {
    /// What would be right.
    pub const WANTED: &str = "It is account, category:ID, owner:PERSON or entry:ID.";

    /// Reads what `Display` writes.
    pub fn parse(text: &str) -> Option<Scope> {
        match text.split_once(':') {
            None => (text == "account").then_some(Scope::Account),
            Some((_, "")) => None,
            Some(("category", id)) => Some(Scope::Category(id.to_owned())),
            Some(("owner", id)) => Some(Scope::Owner(id.to_owned())),
            Some(("entry", id)) => Some(Scope::Entry(id.to_owned())),
            Some(_) => None,
        }
    }

    /// Whether there is such a thing in an account.
    pub fn is_known(&self, view: &AccountView) -> bool {
        match self {
            Scope::Account => true,
            Scope::Category(id) => view.categories.contains_key(id.as_str()),
            Scope::Owner(id) => view.person_keys.contains_key(id.as_str()),
            Scope::Entry(id) => view.entries.contains_key(id.as_str()),
        }
    }

    /// The rights it gives now.
    fn grant(&self, view: &AccountView, people: People) -> Grant {
        match self {
            Scope::Account => Grant::Everything { people },
            Scope::Category(id) => Grant::Department { category: id.as_str().into(), people },
            Scope::Entry(id) => Grant::Entries { entries: [Text::from(id.as_str())].into(), people },
            Scope::Owner(id) => {
                let person = view.person_keys.get(id.as_str());
                let theirs =
                    view.entries.iter().filter(|(_, entry)| entry.owner.as_ref() == person && person.is_some());
                Grant::Entries { entries: theirs.map(|(id, _)| id.clone()).collect(), people }
            }
        }
    }
}

/// A key for programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Row id.
    pub id: i64,
    /// The account.
    pub account: AccountId,
    /// What it is called.
    pub name: String,
    /// What it sees.
    pub scope: Scope,
    /// How people appear to it.
    pub people: People,
    /// Made at, ms since 1970.
    pub created_ms: i64,
    /// Good until, ms since 1970.
    pub expires_ms: i64,
    /// Last use (to the minute), ms since 1970.
    pub used_ms: Option<i64>,
}

impl Key {
    /// The rights it gives now.
    pub fn grant(&self, view: &AccountView) -> Grant {
        self.scope.grant(view, self.people)
    }
}

const KEY: &str =
    "SELECT id, account, name, scope, people, created_ms, expires_ms, used_ms FROM api_key WHERE revoked_ms IS NULL";

impl Vault {
    /// Keeps a new key. Returns its number.
    pub fn add_key(&self, token: &str, key: &Key) -> Result<i64, VaultError> {
        let connection = self.lock();
        connection.execute(
            "INSERT INTO api_key (token, account, name, scope, people, created_ms, expires_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                digest(token),
                key.account.0,
                key.name,
                key.scope.to_string(),
                key.people.name(),
                key.created_ms,
                key.expires_ms
            ],
        )?;
        Ok(connection.last_insert_rowid())
    }

    /// The keys of an account that were not revoked, the last made first; also those that have expired.
    pub fn keys(&self, account: AccountId) -> Result<Vec<Key>, VaultError> {
        let connection = self.lock();
        let mut statement = connection.prepare(&format!("{KEY} AND account = ?1 ORDER BY id DESC"))?;
        let rows = statement.query_map([account.0], read)?;
        rows.collect()
    }

    /// A key that is good now, by its number.
    pub fn key(&self, id: i64, now_ms: i64) -> Result<Option<Key>, VaultError> {
        let sql = format!("{KEY} AND id = ?1 AND expires_ms > ?2");
        self.lock().query_row(&sql, [id, now_ms], read).optional()
    }

    /// A key that is good now, by its token; its use is noted.
    pub fn use_key(&self, token: &str, now_ms: i64) -> Result<Option<Key>, VaultError> {
        let connection = self.lock();
        let sql = format!("{KEY} AND token = ?1 AND expires_ms > ?2");
        let key = connection.query_row(&sql, params![digest(token), now_ms], read).optional()?;
        if let Some(key) = &key
            && key.used_ms.is_none_or(|used_ms| now_ms - used_ms >= TOUCH_MS)
        {
            connection.execute("UPDATE api_key SET used_ms = ?2 WHERE id = ?1", [key.id, now_ms])?;
        }
        Ok(key)
    }

    /// Revokes a key; its name stays for the access log. Says whether it was there.
    pub fn revoke_key(&self, account: AccountId, id: i64, now_ms: i64) -> Result<bool, VaultError> {
        let sql = "UPDATE api_key SET revoked_ms = ?3 WHERE account = ?1 AND id = ?2 AND revoked_ms IS NULL";
        Ok(self.lock().execute(sql, params![account.0, id, now_ms])? > 0)
    }
}

fn read(row: &Row<'_>) -> Result<Key, VaultError> {
    let (scope, people): (String, String) = (row.get(3)?, row.get(4)?);
    Ok(Key {
        id: row.get(0)?,
        account: AccountId(row.get(1)?),
        name: row.get(2)?,
        scope: Scope::parse(&scope).ok_or_else(|| unreadable(3, scope))?,
        people: People::of(&people).ok_or_else(|| unreadable(4, people))?,
        created_ms: row.get(5)?,
        expires_ms: row.get(6)?,
        used_ms: row.get(7)?,
    })
}
