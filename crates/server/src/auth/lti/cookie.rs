//! Cookies inside an LMS's frame. Browsers that block third-party cookies keep those that are `Partitioned`: one jar for
//! each pair of LMS and us. Without https (a laptop) they are ordinary ones.

use crate::app::App;
use axum::http::{HeaderMap, header};

/// The session's cookie of a launch. Not the ordinary session's: neither replaces the other.
pub const SESSION: &str = "playhead-lti";

fn full(app: &App, name: &str) -> String {
    if app.is_https() { format!("__Host-{name}") } else { name.to_owned() }
}

/// The cookie that binds a login to the browser. One for each login: several frames of one page may log in at once.
pub fn of_state(state: &str) -> String {
    format!("{SESSION}-{}", state.get(..12).unwrap_or_default())
}

/// The `Set-Cookie` line.
pub fn set(app: &App, name: &str, value: &str, age_seconds: i64) -> String {
    let way = if app.is_https() { "SameSite=None; Secure; Partitioned" } else { "SameSite=Lax" };
    format!("{}={value}; Path=/; HttpOnly; {way}; Max-Age={age_seconds}", full(app, name))
}

/// A request's cookie.
pub fn get<'a>(app: &App, headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let name = full(app, name);
    crate::auth::session::cookies(headers).find_map(|(given, value)| (given == name).then_some(value))
}

/// Whether the browser sends any of our cookies in this place.
pub fn any(app: &App, headers: &HeaderMap) -> bool {
    let start = full(app, SESSION);
    headers.contains_key(header::COOKIE)
        && crate::auth::session::cookies(headers).any(|(name, _)| name.starts_with(&start))
}
