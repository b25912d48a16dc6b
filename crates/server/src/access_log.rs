//! The access log: who looked at named viewers, who exported, who was refused, who changed roles and keys, who signed in.
//!
//! Records are only ever added. Each carries a SHA-256 over itself and the hash before it, so that whoever changes, removes
//! or inserts one in the middle breaks the chain there ([`AccessLog::check`]). Records taken off the end leave a chain that
//! holds: who must prove more keeps the head that a check prints somewhere else. Records grow old
//! (`retention.access_log_days`); the cut keeps the hash from which the rest goes on.
//!
//! A record of a look is written before the answer leaves: a look that cannot be written down is not given. Which people an
//! answer named is kept beside the chain, so that they can be told who looked at them, and so that erasing a person can
//! take them out of it; the chain itself knows people by their keys, which erasure makes meaningless. No record holds an
//! address of the network, a secret, or a word that somebody searched for.

use crate::auth::vault::VaultError;
use engine::event::{AccountId, PersonKey};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Looks at the same subject, days and filters within a minute are one record, as long as they name nobody new: a page
/// asks for ten things at once.
const TOGETHER_MS: i64 = 60_000;
/// Looks remembered to put others together with. One too many begins anew, which costs a record.
const TOGETHER_MAX: usize = 1_000;
/// People of one record that are kept by key: a page of a table. A list of more concerns everybody in the account.
pub const PEOPLE_MAX: usize = 1_000;
/// Longest question kept, bytes: filters may have a thousand values each.
const QUESTION_BYTES_MAX: usize = 2_048;
/// Old records are looked for once a day.
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// Who and by what way it was, when it was the command line.
pub const COMMAND_LINE: &str = "command_line";

/// A hash of the chain.
pub type Hash = [u8; 32];

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[$variant_doc])* $variant),+ }
        impl $name {
            /// All of them.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];
            /// The word for it.
            pub const fn name(self) -> &'static str { match self { $($name::$variant => $word),+ } }
            /// What a word means.
            pub fn of(word: &str) -> Option<$name> { match word { $($word => Some($name::$variant),)+ _ => None } }
        }
    };
}

words! {
    /// What somebody did.
    Action {
        /// Was shown named viewers.
        Look = "look",
        /// Was given named viewers as a file.
        File = "file",
        /// Asked for an export.
        ExportAsked = "export_asked",
        /// An export of named viewers was made for them.
        ExportMade = "export_made",
        /// Fetched an export's file.
        ExportFetched = "export_fetched",
        /// Granted a role.
        RoleGranted = "role_granted",
        /// Took a role away.
        RoleRevoked = "role_revoked",
        /// Made a key for programs.
        KeyAdded = "key_added",
        /// Took a key for programs away.
        KeyRemoved = "key_removed",
        /// Changed what figures mean or what is said of them: a domain rule, a campaign, an end of content.
        Changed = "changed",
        /// Signed in.
        SignIn = "sign_in",
        /// Somebody was erased from the log, which made the chain anew: the subject is the head that it had before.
        Erased = "erased",
    }
}

words! {
    /// How it ended.
    Outcome {
        /// They had it.
        Given = "given",
        /// It is there, and they may not see it.
        Refused = "refused",
        /// There is no such thing.
        Absent = "absent",
    }
}

/// What is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct New {
    /// When, ms since 1970.
    pub at_ms: i64,
    /// Who: `person:7:ann`, `local:1`, `key:3`; `command_line`; empty for somebody who did not sign in.
    pub who: String,
    /// How they signed in.
    pub way: String,
    /// In which account; none concerns the installation.
    pub account: Option<AccountId>,
    /// What they did.
    pub action: Action,
    /// Whom or what it was about: `entry:1_a`, `viewer:KEY`, `person:ann`, `key:3`.
    pub subject: String,
    /// What exactly was asked for.
    pub question: String,
    /// Rows returned.
    pub rows: u64,
    /// How it ended.
    pub result: Outcome,
}

impl New {
    /// An attempt to sign in.
    pub fn sign_in(at_ms: i64, who: &str, way: &str, result: Outcome) -> New {
        New {
            at_ms,
            who: who.to_owned(),
            way: way.to_owned(),
            account: None,
            action: Action::SignIn,
            subject: String::new(),
            question: String::new(),
            rows: 0,
            result,
        }
    }
}

/// A record of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its number: they have no gaps.
    pub id: i64,
    /// What it says.
    pub new: New,
    /// How many people were named.
    pub people: u64,
}

/// What to look for. Everything that is set must hold.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Of these accounts; `None`: of all, and of the installation.
    pub account: Option<AccountId>,
    /// By whom.
    pub who: Option<String>,
    /// About what: the subject or a part of it.
    pub subject: Option<String>,
    /// What they did.
    pub action: Option<Action>,
    /// At or after, ms.
    pub from_ms: Option<i64>,
    /// Before, ms.
    pub to_ms: Option<i64>,
    /// Naming this person.
    pub person: Option<PersonKey>,
    /// Before this record: how a long list is read piece by piece.
    pub before: Option<i64>,
}

/// What a check of the chain found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Records.
    pub records: u64,
    /// Records before that have grown old.
    pub cut: i64,
    /// The last hash. Who keeps it elsewhere can tell later whether records were taken off the end.
    pub head: Hash,
    /// The first record that does not follow from the one before it.
    pub broken_at: Option<i64>,
}

/// The access log of a data folder.
#[derive(Debug)]
pub struct AccessLog {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    connection: Connection,
    /// Lately written, by [`AccessLog::look`]'s key.
    recent: BTreeMap<String, (i64, BTreeSet<PersonKey>)>,
    swept_ms: i64,
}

impl AccessLog {
    /// The log in the catalog's file; its tables are made if they are not there.
    pub fn open(file: &Path) -> Result<AccessLog, VaultError> {
        AccessLog::prepare(Connection::open(file)?)
    }

    /// A log that forgets, for tests.
    pub fn open_in_memory() -> Result<AccessLog, VaultError> {
        AccessLog::prepare(Connection::open_in_memory()?)
    }

    fn prepare(connection: Connection) -> Result<AccessLog, VaultError> {
        connection.busy_timeout(Duration::from_secs(10))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.execute_batch(
            "CREATE TABLE IF NOT EXISTS access_log (
                 id INTEGER PRIMARY KEY,
                 at_ms INTEGER NOT NULL,
                 who TEXT NOT NULL,
                 way TEXT NOT NULL,
                 account INTEGER,
                 action TEXT NOT NULL,
                 subject TEXT NOT NULL,
                 question TEXT NOT NULL,
                 rows INTEGER NOT NULL,
                 people INTEGER NOT NULL,
                 result TEXT NOT NULL,
                 hash BLOB NOT NULL
             ) STRICT;
             CREATE INDEX IF NOT EXISTS access_log_account ON access_log (account, id);
             CREATE TABLE IF NOT EXISTS access_log_person (
                 person INTEGER NOT NULL,
                 record INTEGER NOT NULL,
                 PRIMARY KEY (person, record)
             ) STRICT, WITHOUT ROWID;
             CREATE TABLE IF NOT EXISTS access_log_cut (
                 one INTEGER PRIMARY KEY CHECK (one = 1),
                 id INTEGER NOT NULL,
                 hash BLOB NOT NULL
             ) STRICT;",
        )?;
        Ok(AccessLog { state: Mutex::new(State { connection, recent: BTreeMap::new(), swept_ms: i64::MIN }) })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a record.
    pub fn append(&self, new: &New) -> Result<(), VaultError> {
        self.lock().append(new, &BTreeSet::new())
    }

    /// Adds a look at people, unless it belongs to one that was written within the last minute: the same `together`, and
    /// nobody new.
    pub fn look(&self, new: &New, people: &BTreeSet<PersonKey>, together: &str) -> Result<(), VaultError> {
        let mut state = self.lock();
        state.recent.retain(|_, (at_ms, _)| (0..TOGETHER_MS).contains(&(new.at_ms - *at_ms)));
        if state.recent.get(together).is_some_and(|(_, known)| people.is_subset(known)) {
            return Ok(());
        }
        state.append(new, people)?;
        if state.recent.len() >= TOGETHER_MAX {
            state.recent.clear();
        }
        let known = state.recent.entry(together.to_owned()).or_insert((new.at_ms, BTreeSet::new()));
        known.0 = new.at_ms;
        known.1.extend(people);
        Ok(())
    }

    /// Takes away what is older than so many days, at most once a day. Says how many records.
    pub fn sweep(&self, now_ms: i64, keep_days: u64) -> Result<usize, VaultError> {
        let mut state = self.lock();
        if now_ms.saturating_sub(state.swept_ms) < DAY_MS {
            return Ok(0);
        }
        state.swept_ms = now_ms;
        let keep_ms = i64::try_from(keep_days).unwrap_or(i64::MAX).saturating_mul(DAY_MS);
        let horizon_ms = now_ms.saturating_sub(keep_ms);
        let change = state.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Up to the first that is young enough: the chain stays whole even if the clock has gone back.
        let (last, _) = end(&change)?;
        let young = "SELECT min(id) FROM access_log WHERE at_ms >= ?1";
        let young: Option<i64> = change.query_row(young, [horizon_ms], |row| row.get(0))?;
        let upto = young.map_or(last, |id| id - 1);
        let cut = "INSERT INTO access_log_cut (one, id, hash) SELECT 1, id, hash FROM access_log WHERE id = ?1
                   ON CONFLICT (one) DO UPDATE SET id = excluded.id, hash = excluded.hash";
        change.execute(cut, [upto])?;
        let gone = change.execute("DELETE FROM access_log WHERE id <= ?1", [upto])?;
        if gone > 0 {
            change.execute("DELETE FROM access_log_person WHERE record <= ?1", [upto])?;
        }
        change.commit()?;
        Ok(gone)
    }

    /// Some of the records that are wanted, newest first, and how many there are in all.
    pub fn search(&self, search: &Search, offset: usize, limit: usize) -> Result<(Vec<Record>, u64), VaultError> {
        let wanted = "(?1 IS NULL OR account = ?1) AND (?2 IS NULL OR who = ?2)
             AND (?3 IS NULL OR instr(',' || subject || ',', ',' || ?3 || ',') > 0)
             AND (?4 IS NULL OR action = ?4) AND (?5 IS NULL OR at_ms >= ?5) AND (?6 IS NULL OR at_ms < ?6)
             AND (?7 IS NULL OR people > ?8 OR id IN (SELECT record FROM access_log_person WHERE person = ?7))
             AND (?9 IS NULL OR id < ?9)";
        let state = self.lock();
        let given = params![
            search.account.map(|account| account.0),
            search.who,
            search.subject,
            search.action.map(Action::name),
            search.from_ms,
            search.to_ms,
            search.person.map(|person| person.0.cast_signed()),
            PEOPLE_MAX as i64,
            search.before,
        ];
        let count = format!("SELECT count(*) FROM access_log WHERE {wanted}");
        let total: i64 = state.connection.query_row(&count, given, |row| row.get(0))?;
        let page = i64::try_from(limit).unwrap_or(i64::MAX);
        let sql = format!("{RECORD} WHERE {wanted} ORDER BY id DESC LIMIT {page} OFFSET {offset}");
        let mut statement = state.connection.prepare(&sql)?;
        let rows = statement.query_map(given, |row| Ok(read(row)?.0))?;
        Ok((rows.collect::<Result<_, _>>()?, total.unsigned_abs()))
    }

    /// Takes somebody who was erased out of an account's records: who they were, and what names them. The records stay, in a
    /// chain that is made anew; a last one says so. How many changed.
    pub fn forget(&self, account: AccountId, person: &str, key: PersonKey, now_ms: i64) -> Result<u64, VaultError> {
        let mut state = self.lock();
        state.recent.clear();
        state.forget(account, person, key, now_ms)
    }

    /// Reads the whole chain.
    pub fn check(&self) -> Result<Checked, VaultError> {
        check(&self.lock().connection)
    }
}

impl State {
    fn append(&mut self, new: &New, people: &BTreeSet<PersonKey>) -> Result<(), VaultError> {
        let change = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let (last, before) = end(&change)?;
        let mut question = new.question.clone();
        question.truncate(question.floor_char_boundary(QUESTION_BYTES_MAX));
        let new = New { question, ..new.clone() };
        let record = Record { id: last + 1, people: people.len() as u64, new };
        let hash = follow(&before, &record);
        let Record { id, new, people: count } = &record;
        change
            .prepare_cached(
                "INSERT INTO access_log (id, at_ms, who, way, account, action, subject, question, rows, people, result, hash)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            )?
            .execute(params![
                id,
                new.at_ms,
                new.who,
                new.way,
                new.account.map(|account| account.0),
                new.action.name(),
                new.subject,
                new.question,
                new.rows.cast_signed(),
                count.cast_signed(),
                new.result.name(),
                hash,
            ])?;
        if people.len() <= PEOPLE_MAX {
            let mut named = change.prepare_cached("INSERT INTO access_log_person (person, record) VALUES (?1, ?2)")?;
            for person in people {
                named.execute(params![person.0.cast_signed(), id])?;
            }
        }
        change.commit()
    }
}

/// What stands for somebody who was erased.
const ERASED: &str = "erased";

impl State {
    fn forget(&mut self, account: AccountId, person: &str, key: PersonKey, now_ms: i64) -> Result<u64, VaultError> {
        let who = format!("person:{}:{person}", account.0);
        let hex = format!("{:016x}", key.0);
        let change = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        change.execute("DELETE FROM access_log_person WHERE person = ?1", [key.0.cast_signed()])?;
        let (_, before) = end(&change)?;
        let (_, mut head) = cut(&change)?;
        let mut changed = 0;
        {
            let mut statement = change.prepare(&format!("{RECORD} ORDER BY id"))?;
            let mut put = change
                .prepare("UPDATE access_log SET who = ?2, subject = ?3, question = ?4, hash = ?5 WHERE id = ?1")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let (mut record, hash) = read(row)?;
                if record.new.account.is_none_or(|of| of == account) {
                    let clean = without(&record.new, &who, person, &hex);
                    changed += u64::from(clean != record.new);
                    record.new = clean;
                }
                head = if changed > 0 { follow(&head, &record) } else { hash };
                if changed > 0 {
                    put.execute(params![record.id, record.new.who, record.new.subject, record.new.question, head])?;
                }
            }
        }
        change.commit()?;
        if changed > 0 {
            let new = New {
                account: Some(account),
                action: Action::Erased,
                subject: self::hex(&before),
                ..New::sign_in(now_ms, "erasure", "erasure", Outcome::Given)
            };
            self.append(&new, &BTreeSet::new())?;
        }
        Ok(changed)
    }
}

/// A record without somebody: `who` as a reader, `person` and `hex` as one looked at.
fn without(new: &New, who: &str, person: &str, hex: &str) -> New {
    // What a word is about comes after its colon: `viewer:KEY`, `person:ann`. Of lists each word counts by itself.
    let word = |word: &str| match word.split_once(':') {
        Some((kind, about)) if about == person || about == hex => format!("{kind}:{ERASED}"),
        None if word == person || word == hex => ERASED.to_owned(),
        _ => word.to_owned(),
    };
    let words = |text: &str| text.split(',').map(word).collect::<Vec<_>>().join(",");
    let question = match new.question.split_once('?') {
        Some((name, query)) => {
            let pairs = url::form_urlencoded::parse(query.as_bytes()).map(|(name, value)| (name, words(&value)));
            let mut clean = url::form_urlencoded::Serializer::new(String::new());
            format!("{name}?{}", clean.extend_pairs(pairs).finish())
        }
        None => new.question.clone(),
    };
    let told = if new.who == who { ERASED.to_owned() } else { new.who.clone() };
    New { who: told, subject: words(&new.subject), question, ..new.clone() }
}

/// The last record's number and hash; where there is none, those of the cut.
fn end(connection: &Connection) -> Result<(i64, Hash), VaultError> {
    let last = "SELECT id, hash FROM access_log ORDER BY id DESC LIMIT 1";
    let found = connection.query_row(last, [], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    found.map_or_else(|| cut(connection), Ok)
}

/// Where the chain begins: number and hash of the last record that has grown old.
fn cut(connection: &Connection) -> Result<(i64, Hash), VaultError> {
    let cut = "SELECT id, hash FROM access_log_cut";
    let found = connection.query_row(cut, [], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    Ok(found.unwrap_or((0, Hash::default())))
}

/// The hash of a record that follows one with the hash `before`.
fn follow(before: &Hash, record: &Record) -> Hash {
    let Record { id, new, people } = record;
    let account = new.account.map(|account| account.0);
    let texts = [&new.who, &new.way, new.action.name(), &new.subject, &new.question, new.result.name()];
    // As JSON, so that no text can pass for the end of one and the beginning of the next.
    let line = serde_json::json!([id, new.at_ms, account, texts, new.rows, people]);
    Sha256::new().chain_update(before).chain_update(line.to_string()).finalize().into()
}

/// Reads the whole chain of a catalog's file.
pub fn check(connection: &Connection) -> Result<Checked, VaultError> {
    let (cut, hash) = cut(connection)?;
    let mut checked = Checked { records: 0, cut, head: hash, broken_at: None };
    let mut statement = connection.prepare(&format!("{RECORD} ORDER BY id"))?;
    let mut rows = statement.query([])?;
    let mut last = cut;
    while let Some(row) = rows.next()? {
        let (record, hash) = read(row)?;
        let sound = record.id == last + 1 && follow(&checked.head, &record) == hash;
        if !sound && checked.broken_at.is_none() {
            checked.broken_at = Some(record.id);
        }
        (last, checked.head, checked.records) = (record.id, hash, checked.records + 1);
    }
    Ok(checked)
}

const RECORD: &str = "SELECT id, at_ms, who, way, account, action, subject, question, rows, people, result, hash
                      FROM access_log";

fn read(row: &Row<'_>) -> Result<(Record, Hash), VaultError> {
    let (action, result): (String, String) = (row.get(5)?, row.get(10)?);
    let unknown = |column: usize, word: &str| {
        VaultError::FromSqlConversionFailure(column, Type::Text, format!("`{word}` is unknown").into())
    };
    let new = New {
        at_ms: row.get(1)?,
        who: row.get(2)?,
        way: row.get(3)?,
        account: row.get::<_, Option<u32>>(4)?.map(AccountId),
        action: Action::of(&action).ok_or_else(|| unknown(5, &action))?,
        subject: row.get(6)?,
        question: row.get(7)?,
        rows: row.get::<_, i64>(8)?.cast_unsigned(),
        result: Outcome::of(&result).ok_or_else(|| unknown(10, &result))?,
    };
    Ok((Record { id: row.get(0)?, new, people: row.get::<_, i64>(9)?.cast_unsigned() }, row.get(11)?))
}

/// A hash as people write it down.
pub fn hex(hash: &Hash) -> String {
    hash.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests;
