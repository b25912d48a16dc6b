//! Accounts: the secrets that sign sessions, the sites that sign viewer tokens, what is believed and what is personal.

use super::{Catalog, CatalogError, begin};
use crate::event::{AccountId, Text};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// A secret: never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub Vec<u8>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// How a host site signs its viewer tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenAlgorithm {
    /// HMAC with a shared secret.
    Hs256,
    /// RSA; the key is a public key in PEM.
    Rs256,
    /// Elliptic curve P-256; the key is a public key in PEM.
    Es256,
}

impl TokenAlgorithm {
    /// All of them.
    pub const ALL: [TokenAlgorithm; 3] = [TokenAlgorithm::Hs256, TokenAlgorithm::Rs256, TokenAlgorithm::Es256];
    /// The word of JWT headers.
    pub const fn name(self) -> &'static str {
        match self {
            TokenAlgorithm::Hs256 => "HS256",
            TokenAlgorithm::Rs256 => "RS256",
            TokenAlgorithm::Es256 => "ES256",
        }
    }
    /// The algorithm of a word.
    pub fn of(name: &str) -> Option<TokenAlgorithm> {
        TokenAlgorithm::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }
}

/// A host site that may name viewers by signed tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The token's `iss`.
    pub id: Text,
    /// The algorithms allowed, each with its key. Several of one kind allow rotation.
    pub keys: Vec<(TokenAlgorithm, Secret)>,
    /// Origins (`https://lms.example.org`) whose pages may use its tokens; empty: any.
    pub origins: Vec<Text>,
}

/// One tenant. Kaltura: partner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Its number.
    pub id: AccountId,
    /// Its name.
    pub name: Text,
    /// Created, ms since 1970.
    pub created_ms: i64,
    /// Admin secrets that sign KS, oldest first; each is tried.
    pub admin_secrets: Vec<Secret>,
    /// Whether a plain `userId` is believed (and marked as claimed).
    pub unsigned_users: bool,
    /// Parameters that hold personal data and are not kept (`customVar2`, ...).
    pub personal_vars: BTreeSet<Text>,
    /// Sites that sign viewer tokens.
    pub sites: Vec<Site>,
}

impl Catalog {
    /// An account, with its secrets. Does not touch the disk.
    pub fn account(&self, id: AccountId) -> Option<Arc<Account>> {
        self.live().get(&id).map(|live| live.account.clone())
    }

    /// All accounts, ascending by id. Does not touch the disk.
    pub fn accounts(&self) -> Vec<Arc<Account>> {
        self.live().values().map(|live| live.account.clone()).collect()
    }

    /// A new account.
    ///
    /// # Errors
    /// When it exists already, or the file cannot be written.
    pub fn add_account(&self, id: AccountId, name: &str, created_ms: i64) -> Result<(), CatalogError> {
        let writer = self.writer();
        let added = writer.execute(
            "INSERT INTO account (id, name, created_ms) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            params![id.0, name, created_ms],
        )?;
        if added == 0 {
            return Err(CatalogError::AccountExists(id));
        }
        self.rebuild(&writer, id)
    }

    /// Replaces an account's name, settings, secrets and sites with those given.
    ///
    /// # Errors
    /// When there is no such account, or the file cannot be written; nothing is changed then.
    pub fn set_account(&self, account: &Account, now_ms: i64) -> Result<(), CatalogError> {
        let mut writer = self.writer();
        let transaction = begin(&mut writer)?;
        let id = account.id.0;
        let changed = transaction.execute(
            "UPDATE account SET name = ?2, unsigned_users = ?3, personal_vars = ?4, version = version + 1 WHERE id = ?1",
            params![id, &*account.name, account.unsigned_users, json(&account.personal_vars)],
        )?;
        if changed == 0 {
            return Err(CatalogError::NoAccount(account.id));
        }
        // A secret that stays keeps its date, and with it its place.
        let mut stays = transaction.prepare("SELECT secret FROM account_secret WHERE account = ?1")?;
        let before: Vec<Vec<u8>> = stays.query_map([id], |row| row.get(0))?.collect::<Result<_, _>>()?;
        drop(stays);
        for gone in before.iter().filter(|secret| !account.admin_secrets.iter().any(|kept| kept.0 == **secret)) {
            transaction.execute("DELETE FROM account_secret WHERE account = ?1 AND secret = ?2", params![id, gone])?;
        }
        for secret in &account.admin_secrets {
            transaction.execute(
                "INSERT INTO account_secret (account, secret, added_ms) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                params![id, secret.0, now_ms],
            )?;
        }
        transaction.execute("DELETE FROM site WHERE account = ?1", [id])?;
        for site in &account.sites {
            transaction.execute(
                "INSERT INTO site (account, id, origins) VALUES (?1, ?2, ?3)",
                params![id, &*site.id, json(&site.origins)],
            )?;
            for (algorithm, key) in &site.keys {
                transaction.execute(
                    "INSERT INTO site_key (account, site, algorithm, key) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
                    params![id, &*site.id, algorithm.name(), key.0],
                )?;
            }
        }
        transaction.commit()?;
        self.rebuild(&writer, account.id)
    }
}

fn json<'a>(texts: impl IntoIterator<Item = &'a Text>) -> String {
    serde_json::Value::from_iter(texts.into_iter().map(|text| &**text)).to_string()
}

fn texts<C: FromIterator<Text>>(json: &str) -> C {
    serde_json::from_str::<Vec<String>>(json).unwrap_or_default().into_iter().map(Text::from).collect()
}

/// An account from its tables.
pub(super) fn read(connection: &Connection, id: AccountId) -> Result<Option<Account>, rusqlite::Error> {
    let account = connection
        .query_row("SELECT name, created_ms, unsigned_users, personal_vars FROM account WHERE id = ?1", [id.0], |row| {
            Ok(Account {
                id,
                name: row.get(0)?,
                created_ms: row.get(1)?,
                unsigned_users: row.get(2)?,
                personal_vars: texts(&row.get::<_, String>(3)?),
                ..Account::default()
            })
        })
        .optional()?;
    let Some(mut account) = account else { return Ok(None) };
    let mut secrets =
        connection.prepare("SELECT secret FROM account_secret WHERE account = ?1 ORDER BY added_ms, secret")?;
    account.admin_secrets = secrets.query_map([id.0], |row| row.get(0).map(Secret))?.collect::<Result<_, _>>()?;
    let mut sites = connection.prepare("SELECT id, origins FROM site WHERE account = ?1 ORDER BY id")?;
    let mut keys = connection
        .prepare("SELECT algorithm, key FROM site_key WHERE account = ?1 AND site = ?2 ORDER BY algorithm, key")?;
    let found: Vec<(Text, String)> =
        sites.query_map([id.0], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    for (site, origins) in found {
        let rows: Vec<(String, Vec<u8>)> =
            keys.query_map(params![id.0, &*site], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        let known = |(name, key): (String, Vec<u8>)| Some((TokenAlgorithm::of(&name)?, Secret(key)));
        let keys = rows.into_iter().filter_map(known).collect();
        account.sites.push(Site { id: site, keys, origins: texts(&origins) });
    }
    Ok(Some(account))
}
