//! The little that players and front ends look up beside reports: from the catalog, within what the session may see. What
//! one may not see answers as what does not exist.

pub mod account;
pub mod categories;
pub mod entries;
pub mod people;
pub mod search;

use super::errors::Outcome;
use super::request::{Params, int, object};
use super::session::Session;
use super::{Call, session};
use crate::app::App;
use crate::collect::ks;
use crate::error::ApiError;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use engine::access::{self, Subject, staffed};
use engine::catalog::view::{AccountView, EntryView};
use engine::event::{AccountId, Text};
use std::collections::BTreeSet;

/// Objects on a page unless the call says otherwise, and at most.
const PAGE_OBJECTS: usize = 30;
const PAGE_OBJECTS_MAX: usize = 500;
/// Visibilities of recordings whose picture anybody may see who knows their id.
const OPEN: [&str; 2] = ["public", "unlisted"];

/// A page of a list: which objects, and how many there are in all.
fn page<T>(params: &Params, all: Vec<T>) -> (Vec<T>, usize) {
    let pager = object(params, "pager");
    let number =
        |name: &str| pager.and_then(|pager| int(pager, name)).and_then(|n| usize::try_from(n).ok()).filter(|n| *n > 0);
    let size = number("pageSize").unwrap_or(PAGE_OBJECTS).min(PAGE_OBJECTS_MAX);
    let offset = (number("pageIndex").unwrap_or(1) - 1).saturating_mul(size);
    let total = all.len();
    (all.into_iter().skip(offset).take(size).collect(), total)
}

/// What a session may look up.
struct Shown {
    /// Recordings; `None`: all.
    entries: Option<BTreeSet<Text>>,
    /// Categories; `None`: all.
    categories: Option<BTreeSet<Text>>,
}

impl Shown {
    fn of(call: &Call<'_>, session: &Session) -> Shown {
        if session.looks_everywhere() {
            return Shown { entries: None, categories: None };
        }
        let (view, now_ms) = (session.view(), call.source().now_ms);
        // Entitlement that is switched on takes an administrator for the person.
        let mut caller = session.caller();
        caller.grants.retain(|grant| *grant != engine::access::Grant::Administration);
        let scope = access::scope(&caller, &call.source().catalog, &Subject::Account, now_ms);
        let mut entries = match scope.as_ref().map(access::Scope::listed) {
            Some(None) => return Shown { entries: None, categories: None },
            Some(Some(listed)) => listed,
            None => BTreeSet::new(),
        };
        // A token for an entry shows what the entry is.
        let single =
            session.ks.privileges.iter().filter(|(name, _)| ["sview", "view", "edit"].contains(&name.as_str()));
        entries.extend(single.flat_map(|(_, value)| value.split('/')).filter(|id| *id != "*").map(Text::from));
        let categories = session.person.map(|person| staffed(view, person, now_ms)).unwrap_or_default();
        Shown { entries: Some(entries), categories: Some(categories) }
    }
    fn entry(&self, id: &str) -> bool {
        self.entries.as_ref().is_none_or(|shown| shown.contains(id))
    }
    fn category(&self, id: &str) -> bool {
        self.categories.as_ref().is_none_or(|shown| shown.contains(id))
    }
    /// The recordings, ascending by id.
    fn entries<'v>(&'v self, view: &'v AccountView) -> impl Iterator<Item = (&'v Text, &'v EntryView)> {
        view.entries.iter().filter(|(id, _)| self.entry(id))
    }
}

/// Who asks, and what they may look up.
fn shown(call: &Call<'_>) -> Outcome<(std::rc::Rc<Session>, Shown)> {
    let session = call.session()?;
    let shown = Shown::of(call, &session);
    Ok((session, shown))
}

/// Lists of values in one text.
fn words(params: &Params, name: &str) -> Option<BTreeSet<Text>> {
    let text = super::request::word(params, name)?;
    Some(text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(Text::from).collect())
}

/// `GET /p/PARTNER/sp/PARTNER00/thumbnail/entry_id/ID/...`: sent on to where the picture is. Of a recording that is not open
/// to everybody it needs a session in the address, as players send it.
pub(super) async fn thumbnail(
    State(app): State<App>,
    Path((partner, _, rest)): Path<(String, String, String)>,
) -> Response {
    let pieces: Vec<&str> = rest.split('/').collect();
    let named = |name: &str| pieces.chunks(2).find(|pair| pair[0] == name).and_then(|pair| pair.get(1).copied());
    let found = || {
        let account = AccountId(partner.parse().ok()?);
        let catalog = app.catalog_view();
        let entry = catalog.accounts.get(&account)?.entries.get(named("entry_id")?)?;
        let is_open =
            OPEN.contains(&&*entry.visibility) || named("ks").is_some_and(|text| is_good(&app, account, text));
        entry.thumbnail_url.as_ref().filter(|_| is_open && !entry.deleted).map(ToString::to_string)
    };
    let Some(url) = found().filter(|url| url.starts_with("https://") || url.starts_with("http://")) else {
        return ApiError::not_found().into_response();
    };
    ([(header::CACHE_CONTROL, "private, max-age=3600")], Redirect::temporary(&url)).into_response()
}

/// Whether a session of an account is good, whatever it may see: pictures are shown to everybody who watches.
fn is_good(app: &App, account: AccountId, text: &str) -> bool {
    let Some(secrets) = app.catalog().account(account) else { return false };
    let now_s = app.now_ms().div_euclid(1000);
    let Ok(known) = ks::verify(text, account, &secrets.admin_secrets, now_s) else { return false };
    known.user.is_some() && !app.vault().is_ks_ended(&session::digests(text, &known)).unwrap_or(true)
}
