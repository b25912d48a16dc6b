//! Keys for programs, as administrators make them: from the dashboard, the API or the command line.

pub mod command;

use super::fresh_token;
use super::vault::Vault;
use super::vault::keys::{KEYS_MAX, Key, PREFIX, Scope};
use crate::access_log::{Action, New};
use crate::error::{ApiError, ApiResult};
use engine::access::People;
use engine::catalog::view::CatalogView;
use engine::event::AccountId;

/// Days for which a key is good at most: whoever forgets one forgets it for a year.
pub const DAYS_MAX: u64 = 366;
/// Days for which a key is good unless said otherwise.
pub const DAYS: u64 = 365;
/// Longest name in characters.
const NAME_CHARS_MAX: usize = 100;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A key that is asked for.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// The account.
    pub account: AccountId,
    /// What it is called.
    pub name: String,
    /// `account`, `category:ID`, `owner:PERSON`, `entry:ID`.
    pub scope: String,
    /// `names`, `pseudonyms` or `none`.
    pub people: String,
    /// Days for which it is good.
    pub days: u64,
}

/// Makes a key. `deed` is who makes it, for the access log. Returns the key and its token, which is nowhere else.
///
/// # Errors
/// 400 with the field at fault; when the vault cannot be written.
pub fn add(vault: &Vault, catalog: &CatalogView, new: NewKey, deed: &New) -> ApiResult<(Key, String)> {
    let view = catalog.accounts.get(&new.account).ok_or_else(ApiError::not_found)?;
    let name = new.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || name.chars().any(char::is_control) {
        return Err(ApiError::bad("name", format!("A name of 1 to {NAME_CHARS_MAX} characters is needed.")));
    }
    let scope = Scope::parse(&new.scope).ok_or_else(|| ApiError::bad("scope", Scope::WANTED))?;
    if !scope.is_known(view) {
        return Err(ApiError::bad("scope", "There is no such thing in the catalog."));
    }
    let people = People::of(&new.people).ok_or_else(|| ApiError::bad("people", "It is names, pseudonyms or none."))?;
    if !(1..=DAYS_MAX).contains(&new.days) {
        return Err(ApiError::bad("days", format!("It is a whole number from 1 to {DAYS_MAX}.")));
    }
    if vault.keys(new.account).map_err(ApiError::internal)?.len() >= KEYS_MAX {
        return Err(ApiError::bad("name", format!("There are {KEYS_MAX} keys already: revoke one first.")));
    }
    let token = format!("{PREFIX}{}", fresh_token()?);
    let expires_ms = deed.at_ms + new.days.cast_signed() * DAY_MS;
    let account = new.account;
    let mut key = Key { id: 0, account, name, scope, people, created_ms: deed.at_ms, expires_ms, used_ms: None };
    // Before it can be used: no key goes unrecorded.
    let question = format!("{}, people: {}, {} days", key.scope, people.name(), new.days);
    let deed = New { action: Action::KeyAdded, subject: format!("key:{}", key.name), question, ..deed.clone() };
    vault.access_log().append(&deed).map_err(ApiError::internal)?;
    key.id = vault.add_key(&token, &key).map_err(ApiError::internal)?;
    Ok((key, token))
}

/// Revokes a key: from the next request on it is unknown. `deed` is who does it.
///
/// # Errors
/// 404 when there is no such key; when the vault cannot be written.
pub fn remove(vault: &Vault, account: AccountId, id: i64, deed: &New) -> ApiResult<()> {
    let keys = vault.keys(account).map_err(ApiError::internal)?;
    let key = keys.iter().find(|key| key.id == id).ok_or_else(ApiError::not_found)?;
    let question = format!("{}, people: {}", key.scope, key.people.name());
    let deed = New { action: Action::KeyRemoved, subject: format!("key:{}", key.name), question, ..deed.clone() };
    vault.access_log().append(&deed).map_err(ApiError::internal)?;
    let gone = vault.revoke_key(account, id, deed.at_ms).map_err(ApiError::internal)?;
    if gone { Ok(()) } else { Err(ApiError::not_found()) }
}
