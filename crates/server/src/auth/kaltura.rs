//! Signing in with a Kaltura session (KS): who can have one made by the account's applications is believed.

use super::session::{self, NewSession};
use super::vault::{Facts, Who};
use crate::app::App;
use crate::collect::ks::{self, Ks};
use crate::collect::limits::ID_BYTES_MAX;
use crate::error::{ApiError, ApiResult, Code};
use crate::kaltura::session::digests;
use engine::event::AccountId;
use std::net::IpAddr;

/// Privileges that make less of an administrator's KS than the type says; such a KS is taken for the person alone.
pub(crate) const LESSENING: [&str; 3] = ["setrole", "restrictingrole", "limitentry"];

/// Verifies a KS (of an account, or of whichever it fits) and begins a session that ends with it. Returns the
/// `Set-Cookie` line. A KS of an administrator makes one of the account, for the session.
///
/// `path` is the route's: a KS may be restricted to others.
///
/// # Errors
/// 401, one for all that can be wrong with it: it does not verify, has expired, is restricted, names nobody.
pub async fn sign_in(
    app: &App,
    from: Option<IpAddr>,
    path: &'static str,
    text: String,
    account: Option<AccountId>,
) -> ApiResult<String> {
    let verified = verify(app, from, path, &text, account).ok_or_else(|| ApiError::new(Code::NotBelieved))?;
    session::begin(app, verified).await
}

fn verify(app: &App, from: Option<IpAddr>, path: &str, text: &str, account: Option<AccountId>) -> Option<NewSession> {
    let now_s = app.now_ms().div_euclid(1000);
    let accounts = app.catalog_view().accounts.keys().copied().collect::<Vec<_>>();
    let ks = accounts.into_iter().filter(|id| account.is_none_or(|account| account == *id)).find_map(|id| {
        let secrets = app.catalog().account(id)?;
        ks::verify(text, id, &secrets.admin_secrets, now_s).ok()
    })?;
    ks.restricted(from, path).ok()?;
    // Ended is ended, also for signing in.
    if app.vault().is_ks_ended(&digests(text, &ks)).unwrap_or(true) {
        return None;
    }
    // Counting its uses would need all who accept it to count together.
    if ks.privilege("actionslimit").is_some() {
        return None;
    }
    let administrator = ks.kind >= 1 && LESSENING.iter().all(|name| ks.privilege(name).is_none());
    let Ks { account, user, expiry, .. } = ks;
    let id = user.filter(|user| user.len() <= ID_BYTES_MAX)?;
    let facts = Facts { administrator, until_ms: Some(expiry.saturating_mul(1000)), ..Facts::default() };
    Some(NewSession { name: id.clone(), who: Who::Person { account, id }, way: "kaltura", facts })
}
