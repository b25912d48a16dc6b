//! `playhead key`: the same from the command line, with the rights of who can write the data folder.

use super::{NewKey, add as add_key, remove as remove_key};
use crate::access_log::{Action, COMMAND_LINE, New, Outcome};
use crate::api::answer::instant;
use crate::auth::vault::Vault;
use crate::cli::Failure;
use crate::collect::wall_clock;
use crate::config::Settings;
use crate::exports::command::Which;
use crate::exports::file::sentence;
use crate::import::the_account;
use crate::machine::DataFolder;
use engine::catalog::Catalog;
use engine::event::AccountId;
use std::sync::Arc;

fn open(settings: &Settings, which: &Which, now_ms: i64) -> Result<(Vault, Arc<Catalog>, AccountId), Failure> {
    let folder = DataFolder::existing(settings)?;
    let catalog = folder.catalog(now_ms)?;
    let account = the_account(&catalog, which.account)?;
    Ok((Vault::open(&folder.catalog_file())?, catalog, account))
}

fn deed(account: AccountId, now_ms: i64, action: Action) -> New {
    let nobody = New::sign_in(now_ms, COMMAND_LINE, COMMAND_LINE, Outcome::Given);
    New { account: Some(account), action, ..nobody }
}

/// Makes a key and prints it.
///
/// # Errors
/// When a word does not fit, or the folder cannot be written.
pub fn add(
    settings: &Settings,
    which: &Which,
    name: String,
    scope: String,
    people: String,
    days: u64,
) -> Result<(), Failure> {
    let now_ms = wall_clock()();
    let (vault, catalog, account) = open(settings, which, now_ms)?;
    let new = NewKey { account, name, scope, people, days };
    let made = add_key(&vault, &catalog.view(), new, &deed(account, now_ms, Action::KeyAdded));
    let (key, token) = made.map_err(|error| sentence(&error))?;
    eprintln!("key {} is good until {}; this is the only time it is shown:", key.id, instant(key.expires_ms));
    println!("{token}");
    Ok(())
}

/// Lists the keys.
///
/// # Errors
/// When the folder cannot be read.
pub fn list(settings: &Settings, which: &Which) -> Result<(), Failure> {
    let now_ms = wall_clock()();
    let (vault, _, account) = open(settings, which, now_ms)?;
    let keys = vault.keys(account)?;
    if keys.is_empty() {
        println!("no keys");
    }
    for key in keys {
        let ends = if key.expires_ms > now_ms { "until" } else { "expired" };
        let used = key.used_ms.map_or_else(|| "never used".to_owned(), |at_ms| format!("used {}", instant(at_ms)));
        let (people, expires) = (key.people.name(), instant(key.expires_ms));
        println!("{} {:?}: {}, people: {people}, {ends} {expires}, {used}", key.id, key.name, key.scope);
    }
    Ok(())
}

/// Revokes a key.
///
/// # Errors
/// When there is no such key, or the folder cannot be written.
pub fn remove(settings: &Settings, which: &Which, id: i64) -> Result<(), Failure> {
    let now_ms = wall_clock()();
    let (vault, _, account) = open(settings, which, now_ms)?;
    let removed = remove_key(&vault, account, id, &deed(account, now_ms, Action::KeyRemoved));
    removed.map_err(|_| format!("there is no key {id}; `playhead key list` shows them"))?;
    println!("key {id} revoked");
    Ok(())
}
