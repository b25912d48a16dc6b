//! Where sign-in is kept: local accounts, sessions, one-time links and granted roles, in tables of the catalog's SQLite
//! file. Tokens are random and 256 bits long, so their plain SHA-256 is kept: who reads the file cannot sign in with it.

pub mod keys;
mod ks;
mod totp;

use super::lti::Launch;
use super::session::NewSession;
use crate::access_log::AccessLog;
use crate::desk::Desk;
use engine::access::People;
use engine::event::AccountId;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The vault's file could not be read or written.
pub type VaultError = rusqlite::Error;

/// A local account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Row id.
    pub id: i64,
    /// Sign-in name, as its owner wrote it.
    pub name: String,
    /// Argon2id, in PHC form.
    pub password: String,
}

/// Who signed in. The first word of its text says who knows them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// A local administrator, by row id: it stays when the name changes.
    Local(i64),
    /// A program with a key, by row id.
    Key(i64),
    /// A person of an account, by the institution's id.
    Person {
        /// The account.
        account: AccountId,
        /// The id.
        id: String,
    },
}

impl Default for Who {
    /// Nobody: no row has this id.
    fn default() -> Who {
        Who::Local(0)
    }
}

impl std::fmt::Display for Who {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Who::Local(id) => write!(f, "local:{id}"),
            Who::Key(id) => write!(f, "key:{id}"),
            Who::Person { account, id } => write!(f, "person:{}:{id}", account.0),
        }
    }
}

impl Who {
    /// Reads what `Display` writes.
    pub fn parse(text: &str) -> Option<Who> {
        let (kind, rest) = text.split_once(':')?;
        match kind {
            "local" => rest.parse().ok().map(Who::Local),
            "key" => rest.parse().ok().map(Who::Key),
            "person" => {
                let (account, id) = rest.split_once(':')?;
                Some(Who::Person { account: AccountId(account.parse().ok()?), id: id.to_owned() })
            }
            _ => None,
        }
    }
}

/// What a sign-in proved beside who it is. Lasts as long as the session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// Courses (category ids) whose staff a launch from the LMS says they are.
    pub staff: Vec<String>,
    /// Claims of a sign-in, by name: rules make roles of them.
    pub claims: BTreeMap<String, Vec<String>>,
    /// The launch from an LMS that began the session, if one did.
    pub launch: Option<Launch>,
    /// Administers the account, as the one who signed it said.
    pub administrator: bool,
    /// When what was proved ends, ms since 1970.
    pub until_ms: Option<i64>,
}

impl Facts {
    /// What two sign-ins of the same person proved together.
    pub fn join(mut self, other: Facts) -> Facts {
        self.staff.extend(other.staff);
        for (claim, values) in other.claims {
            self.claims.entry(claim).or_default().extend(values);
        }
        Facts { administrator: self.administrator || other.administrator, launch: self.launch.or(other.launch), ..self }
    }
}

/// A session of somebody signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Row id.
    pub id: i64,
    /// Who.
    pub who: Who,
    /// What people call them.
    pub name: String,
    /// How they signed in.
    pub way: String,
    /// What that proved.
    pub facts: Facts,
    /// Signed in at, ms since 1970.
    pub created_ms: i64,
    /// Last request (to the minute), ms since 1970.
    pub seen_ms: i64,
}

impl Session {
    /// Whether it is younger than it may become, and what began it is still good.
    pub fn lasts(&self, longest_ms: i64, now_ms: i64) -> bool {
        now_ms < self.ends_ms(longest_ms)
    }

    /// When it ends, however busy it is, ms since 1970.
    pub fn ends_ms(&self, longest_ms: i64) -> i64 {
        let aged_ms = self.created_ms + longest_ms;
        self.facts.until_ms.map_or(aged_ms, |until_ms| until_ms.min(aged_ms))
    }
}

/// A role that an administrator grants to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// All of the account, its settings and its access log.
    Administrator,
    /// All of the account's figures.
    Analyst,
    /// A category and all below it.
    Department,
}

impl Role {
    /// All roles.
    pub const ALL: [Role; 3] = [Role::Administrator, Role::Analyst, Role::Department];
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Role::Administrator => "administrator",
            Role::Analyst => "analyst",
            Role::Department => "department",
        }
    }
    /// The role of a word.
    pub fn of(name: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// A role of a person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Granted {
    /// Which.
    pub role: Role,
    /// The department's category; else empty.
    pub category: String,
    /// How people appear.
    pub people: People,
}

/// The tables of sign-in.
#[derive(Debug)]
pub struct Vault {
    connection: Mutex<Connection>,
    access_log: AccessLog,
    desk: Desk,
}

/// The form in which a token is kept.
pub fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

impl Vault {
    /// The vault in the catalog's file; its tables are made if they are not there.
    pub fn open(file: &Path) -> Result<Vault, VaultError> {
        Vault::prepare(Connection::open(file)?, AccessLog::open(file)?, Desk::open(file)?)
    }

    /// A vault that forgets, for tests.
    pub fn open_in_memory() -> Result<Vault, VaultError> {
        Vault::prepare(Connection::open_in_memory()?, AccessLog::open_in_memory()?, Desk::open_in_memory()?)
    }

    fn prepare(connection: Connection, access_log: AccessLog, desk: Desk) -> Result<Vault, VaultError> {
        connection.busy_timeout(Duration::from_secs(10))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", "ON")?;
        connection.execute_batch(
            "CREATE TABLE IF NOT EXISTS sign_in_user (
                 id INTEGER PRIMARY KEY,
                 name TEXT NOT NULL COLLATE NOCASE UNIQUE,
                 password TEXT NOT NULL,
                 created_ms INTEGER NOT NULL
             ) STRICT;
             DROP TABLE IF EXISTS sign_in_session;
             CREATE TABLE IF NOT EXISTS session (
                 id INTEGER PRIMARY KEY,
                 token BLOB NOT NULL UNIQUE,
                 who TEXT NOT NULL,
                 name TEXT NOT NULL,
                 way TEXT NOT NULL,
                 facts TEXT NOT NULL,
                 created_ms INTEGER NOT NULL,
                 seen_ms INTEGER NOT NULL
             ) STRICT;
             CREATE INDEX IF NOT EXISTS session_who ON session (who);
             CREATE TABLE IF NOT EXISTS granted (
                 account INTEGER NOT NULL,
                 person TEXT NOT NULL,
                 role TEXT NOT NULL,
                 category TEXT NOT NULL,
                 people TEXT NOT NULL,
                 PRIMARY KEY (account, person, role, category)
             ) STRICT, WITHOUT ROWID;
             CREATE TABLE IF NOT EXISTS api_key (
                 id INTEGER PRIMARY KEY,
                 token BLOB NOT NULL UNIQUE,
                 account INTEGER NOT NULL,
                 name TEXT NOT NULL,
                 scope TEXT NOT NULL,
                 people TEXT NOT NULL,
                 created_ms INTEGER NOT NULL,
                 expires_ms INTEGER NOT NULL,
                 used_ms INTEGER,
                 revoked_ms INTEGER
             ) STRICT;
             CREATE TABLE IF NOT EXISTS sign_in_link (
                 token BLOB PRIMARY KEY,
                 expires_ms INTEGER NOT NULL
             ) STRICT, WITHOUT ROWID;",
        )?;
        connection.execute_batch(super::lti::store::TABLES)?;
        connection.execute_batch(totp::TABLES)?;
        connection.execute_batch(ks::TABLES)?;
        Ok(Vault { connection: Mutex::new(connection), access_log, desk })
    }

    /// A thread that panicked inside SQLite leaves no half transaction behind: the lock may be used further.
    pub(super) fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who looked at what, in the same file.
    pub fn access_log(&self) -> &AccessLog {
        &self.access_log
    }

    /// What people keep beside the figures, in the same file.
    pub fn desk(&self) -> &Desk {
        &self.desk
    }

    /// Whether anybody can sign in.
    pub fn has_users(&self) -> Result<bool, VaultError> {
        self.lock().query_row("SELECT EXISTS (SELECT 1 FROM sign_in_user)", [], |row| row.get(0))
    }

    /// Keeps a one-time link; links that have expired are forgotten.
    pub fn add_link(&self, token: &str, now_ms: i64, expires_ms: i64) -> Result<(), VaultError> {
        let connection = self.lock();
        connection.execute("DELETE FROM sign_in_link WHERE expires_ms <= ?1", [now_ms])?;
        connection.execute(
            "INSERT INTO sign_in_link (token, expires_ms) VALUES (?1, ?2)",
            params![digest(token), expires_ms],
        )?;
        Ok(())
    }

    /// Whether a link could be used now. Nothing is used up.
    pub fn link_is_good(&self, token: &str, now_ms: i64) -> Result<bool, VaultError> {
        self.lock().query_row(
            "SELECT EXISTS (SELECT 1 FROM sign_in_link WHERE token = ?1 AND expires_ms > ?2)",
            params![digest(token), now_ms],
            |row| row.get(0),
        )
    }

    /// Uses a link up and makes (or gives a new password to) the account `name`, in one transaction. `false` when the
    /// link is not good: nothing has changed then. The account's sessions end, and its second factor is taken away: whoever
    /// makes links has the machine.
    pub fn use_link(&self, token: &str, name: &str, password: &str, now_ms: i64) -> Result<bool, VaultError> {
        let mut connection = self.lock();
        let change = connection.transaction()?;
        let used = change
            .execute("DELETE FROM sign_in_link WHERE token = ?1 AND expires_ms > ?2", params![digest(token), now_ms])?;
        if used == 0 {
            return Ok(false);
        }
        change.execute(
            "INSERT INTO sign_in_user (name, password, created_ms) VALUES (?1, ?2, ?3)
             ON CONFLICT (name) DO UPDATE SET password = excluded.password",
            params![name, password, now_ms],
        )?;
        change.execute(
            "DELETE FROM session WHERE who = (SELECT 'local:' || id FROM sign_in_user WHERE name = ?1)",
            params![name],
        )?;
        change.execute(
            "DELETE FROM sign_in_totp WHERE user = (SELECT id FROM sign_in_user WHERE name = ?1)",
            params![name],
        )?;
        change.commit()?;
        Ok(true)
    }

    /// An account by its name, in any case.
    pub fn user(&self, name: &str) -> Result<Option<User>, VaultError> {
        self.lock()
            .query_row("SELECT id, name, password FROM sign_in_user WHERE name = ?1", [name], |row| {
                Ok(User { id: row.get(0)?, name: row.get(1)?, password: row.get(2)? })
            })
            .optional()
    }

    /// What people call a local administrator or a key; those of people are in the catalog.
    pub fn name(&self, who: &Who) -> Result<Option<String>, VaultError> {
        let (sql, id) = match who {
            Who::Local(id) => ("SELECT name FROM sign_in_user WHERE id = ?1", id),
            Who::Key(id) => ("SELECT name FROM api_key WHERE id = ?1", id),
            Who::Person { .. } => return Ok(None),
        };
        self.lock().query_row(sql, [id], |row| row.get(0)).optional()
    }

    /// Whether somebody can still sign in, by row id.
    pub fn has_user(&self, id: i64) -> Result<bool, VaultError> {
        self.lock().query_row("SELECT EXISTS (SELECT 1 FROM sign_in_user WHERE id = ?1)", [id], |row| row.get(0))
    }

    /// Begins a session; sessions created before `dead_ms` are forgotten.
    pub fn add_session(&self, token: &str, new: &NewSession, now_ms: i64, dead_ms: i64) -> Result<(), VaultError> {
        let facts = serde_json::to_string(&new.facts).map_err(|e| VaultError::ToSqlConversionFailure(Box::new(e)))?;
        let connection = self.lock();
        connection.execute("DELETE FROM session WHERE created_ms <= ?1", [dead_ms])?;
        connection.execute(
            "INSERT INTO session (token, who, name, way, facts, created_ms, seen_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)",
            params![digest(token), new.who.to_string(), new.name, new.way, facts, now_ms],
        )?;
        Ok(())
    }

    /// A session by its token. One of a local administrator ends with the account.
    pub fn session(&self, token: &str) -> Result<Option<Session>, VaultError> {
        let sql = format!(
            "{SESSION} WHERE token = ?1
             AND (who NOT LIKE 'local:%' OR EXISTS (SELECT 1 FROM sign_in_user WHERE 'local:' || id = who))"
        );
        self.lock().query_row(&sql, [digest(token)], read_session).optional()
    }

    /// Somebody's sessions, the last used first.
    pub fn sessions(&self, who: &Who) -> Result<Vec<Session>, VaultError> {
        let connection = self.lock();
        let mut statement = connection.prepare(&format!("{SESSION} WHERE who = ?1 ORDER BY seen_ms DESC, id DESC"))?;
        let rows = statement.query_map([who.to_string()], read_session)?;
        rows.collect()
    }

    /// Notes that a session was used.
    pub fn touch_session(&self, token: &str, now_ms: i64) -> Result<(), VaultError> {
        self.lock().execute("UPDATE session SET seen_ms = ?2 WHERE token = ?1", params![digest(token), now_ms])?;
        Ok(())
    }

    /// Ends a session.
    pub fn end_session(&self, token: &str) -> Result<(), VaultError> {
        self.lock().execute("DELETE FROM session WHERE token = ?1", params![digest(token)])?;
        Ok(())
    }

    /// Ends one of somebody's sessions, or all of them. Says how many.
    pub fn end_sessions(&self, who: &Who, session: Option<i64>) -> Result<usize, VaultError> {
        self.lock().execute(
            "DELETE FROM session WHERE who = ?1 AND (?2 IS NULL OR id = ?2)",
            params![who.to_string(), session],
        )
    }

    /// Forgets a person: sessions and granted roles, what launches taught of them, rosters of the account (the next launch
    /// fetches them). How many of all.
    pub fn forget(&self, account: AccountId, person: &str) -> Result<u64, VaultError> {
        let connection = self.lock();
        let learned = connection.execute(
            "DELETE FROM lti_learned WHERE ours = ?2 AND platform IN (SELECT id FROM lti_platform WHERE account = ?1)",
            params![account.0, person],
        )?;
        let rosters = connection.execute("DELETE FROM lti_roster WHERE account = ?1", [account.0])?;
        let who = Who::Person { account, id: person.to_owned() }.to_string();
        let sessions = connection.execute("DELETE FROM session WHERE who = ?1", [who])?;
        let roles =
            connection.execute("DELETE FROM granted WHERE account = ?1 AND person = ?2", params![account.0, person])?;
        Ok((sessions + roles + learned + rosters) as u64)
    }

    /// The roles granted to a person.
    pub fn roles(&self, account: AccountId, person: &str) -> Result<Vec<Granted>, VaultError> {
        let connection = self.lock();
        let mut statement = connection
            .prepare_cached("SELECT role, category, people FROM granted WHERE account = ?1 AND person = ?2")?;
        let rows = statement.query_map(params![account.0, person], |row| read_granted(row, 0))?;
        rows.collect()
    }

    /// All roles granted in an account, by person.
    pub fn all_roles(&self, account: AccountId) -> Result<Vec<(String, Granted)>, VaultError> {
        let connection = self.lock();
        let mut statement = connection.prepare(
            "SELECT person, role, category, people FROM granted WHERE account = ?1 ORDER BY person, role, category",
        )?;
        let rows = statement.query_map([account.0], |row| Ok((row.get(0)?, read_granted(row, 1)?)))?;
        rows.collect()
    }

    /// Grants a role; one that is there changes how people appear.
    pub fn grant(&self, account: AccountId, person: &str, granted: &Granted) -> Result<(), VaultError> {
        self.lock().execute(
            "INSERT INTO granted (account, person, role, category, people) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (account, person, role, category) DO UPDATE SET people = excluded.people",
            params![account.0, person, granted.role.name(), granted.category, granted.people.name()],
        )?;
        Ok(())
    }

    /// Takes a role away. Says whether it was there.
    pub fn revoke(&self, account: AccountId, person: &str, role: Role, category: &str) -> Result<bool, VaultError> {
        let gone = self.lock().execute(
            "DELETE FROM granted WHERE account = ?1 AND person = ?2 AND role = ?3 AND category = ?4",
            params![account.0, person, role.name(), category],
        )?;
        Ok(gone > 0)
    }
}

const SESSION: &str = "SELECT id, who, name, way, facts, created_ms, seen_ms FROM session";

pub(super) fn unreadable(column: usize, what: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> VaultError {
    VaultError::FromSqlConversionFailure(column, Type::Text, what.into())
}

fn read_session(row: &Row<'_>) -> Result<Session, VaultError> {
    let (who, facts): (String, String) = (row.get(1)?, row.get(4)?);
    Ok(Session {
        id: row.get(0)?,
        who: Who::parse(&who).ok_or_else(|| unreadable(1, who))?,
        name: row.get(2)?,
        way: row.get(3)?,
        facts: serde_json::from_str(&facts).map_err(|error| unreadable(4, error))?,
        created_ms: row.get(5)?,
        seen_ms: row.get(6)?,
    })
}

fn read_granted(row: &Row<'_>, from: usize) -> Result<Granted, VaultError> {
    let (role, people): (String, String) = (row.get(from)?, row.get(from + 2)?);
    Ok(Granted {
        role: Role::of(&role).ok_or_else(|| unreadable(from, role))?,
        category: row.get(from + 1)?,
        people: People::of(&people).ok_or_else(|| unreadable(from + 2, people))?,
    })
}
