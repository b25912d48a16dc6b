//! Signing in by what a proxy in front says (Shibboleth, mod_auth_mellon, oauth2-proxy): the header `proxy.user_header`,
//! believed at every request, and only when the connection itself comes from `trusted_proxies`.

use super::vault::Who;
use crate::app::App;
use crate::collect::limits::ID_BYTES_MAX;
use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use engine::event::AccountId;
use std::net::SocketAddr;

/// Whom a trusted proxy says a request is from. A header that stands there twice says nothing: one of the two may be
/// the sender's own.
pub(super) fn person(app: &App, parts: &Parts) -> Option<Who> {
    let settings = app.settings();
    let name = settings.proxy_user_header.as_ref()?;
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>()?.0.ip();
    if !settings.trusted_proxies.iter().any(|network| network.contains(peer)) {
        return None;
    }
    let mut values = parts.headers.get_all(name).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let id = std::str::from_utf8(value.as_bytes()).ok()?.trim();
    if id.is_empty() || id.len() > ID_BYTES_MAX || id.chars().any(char::is_control) {
        return None;
    }
    let account = settings.proxy_account.map(AccountId).or_else(|| first_account(app))?;
    Some(Who::Person { account, id: id.to_owned() })
}

/// The account of those who sign in by a way that names none.
pub(super) fn first_account(app: &App) -> Option<AccountId> {
    app.catalog_view().accounts.keys().next().copied()
}
