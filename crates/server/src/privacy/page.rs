//! What anybody may read about privacy, made from the running settings, so that it cannot lie: `/privacy`, `/opt-out` and
//! `/.well-known/gpc.json`. Plain HTML: no scripts, nothing from elsewhere, and no cookie unless the reader asks for one.

use crate::app::App;
use crate::config::{GeoPrecision, Settings, UnsignedUsers};
use axum::Router;
use axum::extract::{RawForm, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use engine::limits::HORIZON_DAYS;
use std::fmt::Write;

/// The cookie of somebody who asked to be counted coarsely. It says nothing but that.
pub const OPT_OUT: &str = "playhead_opt_out";
/// A year, in seconds.
const OPT_OUT_SECONDS: u32 = 365 * 24 * 60 * 60;

/// The routes.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/privacy", get(privacy))
        .route("/opt-out", get(opt_out).post(choose))
        .route("/privacy.css", get(async || ([(header::CONTENT_TYPE, "text/css")], STYLE)))
        .route("/.well-known/gpc.json", get(gpc))
}

const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;\
background:#fff}table{border-collapse:collapse}th,td{text-align:left;vertical-align:top;padding:.25rem 1rem .25rem 0}\
a{color:#0b57d0}@media(prefers-color-scheme:dark){body{color:#e8e8e8;background:#161616}a{color:#8ab4f8}}";

/// Whether a request comes from somebody who asked to be counted coarsely.
pub fn has_opted_out(headers: &HeaderMap) -> bool {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies.flat_map(|cookies| cookies.split(';')).any(|cookie| cookie.trim() == format!("{OPT_OUT}=1"))
}

async fn gpc() -> Response {
    // The date is that of this statement, not of the answer.
    let body = r#"{"gpc":true,"lastUpdate":"2026-11-28"}"#;
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

async fn privacy(State(app): State<App>) -> Html<String> {
    Html(page(app.settings()))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn document(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>{title}</title><link rel=\"stylesheet\" href=\"/privacy.css\"></head>\n\
         <body><main><h1>{title}</h1>\n{body}</main></body></html>\n"
    )
}

/// The contact as a link where it is an address.
fn contact(settings: &Settings) -> String {
    let text = escaped(&settings.privacy_contact);
    match text.as_str() {
        "" => "The institution that runs this server has named no contact here (setting <code>privacy.contact</code>); ask \
               its data protection officer."
            .to_owned(),
        url if url.starts_with("https://") || url.starts_with("http://") => format!("<a href=\"{url}\">{url}</a>"),
        mail if mail.contains('@') && !mail.contains(' ') => format!("<a href=\"mailto:{mail}\">{mail}</a>"),
        name => name.to_owned(),
    }
}

/// `/privacy`, for these settings.
pub fn page(settings: &Settings) -> String {
    let place = match settings.geo_precision {
        GeoPrecision::Country => "country",
        GeoPrecision::Region => "country and region",
        GeoPrecision::City => "country, region and city",
    };
    let months = settings.retention_person_months.0;
    let bad_rows = settings.retention_bad_rows_days.0;
    let unsigned = match settings.unsigned_users {
        UnsignedUsers::Refuse => {
            "Your name is only stored when the site that shows the player proves who you are; a name without proof is \
             not stored, unless an account was set to accept it."
        }
        UnsignedUsers::Accept => {
            "Your user id is stored when the site that shows the player sends it, also without proof; it is then marked as \
             not verified."
        }
    };
    let own = if settings.own_record {
        "sign in and see or download all that is stored about you (<code>/api/v1/me/record</code>)"
    } else {
        "ask for all that is stored about you"
    };
    let mut rows = String::new();
    let mut row = |what: &str, why: &str, long: &str| {
        // A String takes any length.
        let _ = writeln!(rows, "<tr><td>{what}</td><td>{why}</td><td>{long}</td></tr>");
    };
    row(
        "What the player did and when: play, pause, seek, position, errors",
        "To count plays and minutes, and to see which parts are watched",
        &format!("Events {HORIZON_DAYS} days; figures of a quarter of an hour for as long as the server runs"),
    );
    row(
        "Who watched, if known",
        "So that those who are responsible for a recording or a course see who watched it",
        &format!("{months} months; then the rows keep their figures and lose the person"),
    );
    row(
        &format!("Place: {place}, estimated from the network address"),
        "To see where recordings are watched",
        "With the figures. The address itself is never stored and never logged",
    );
    row(
        "Kind of device, operating system and browser, with versions",
        "To find playback problems",
        "With the figures. The browser's identification is never stored",
    );
    row(
        "The page on which the player was, without secrets in its address",
        "To see where recordings are embedded",
        "With the figures",
    );
    row("Messages that could not be understood", "To repair what went wrong", &format!("{bad_rows} days"));
    row("Files that somebody asked for", "To fetch them", &format!("{} hours", settings.exports_keep_hours));
    row(
        "If you sign in here: a cookie that keeps you signed in",
        "Needed for signing in; nothing else uses it",
        &format!("{} hours at most", settings.session_hours),
    );
    row(
        "If you look at who watched, or export it: that you did, when, and what",
        "So that those who were looked at, and the institution, can see who looked",
        &format!("{} days", settings.access_log_days),
    );
    let body = format!(
        "<p>This server counts how video and audio are watched. This page is made from its settings as they are now.</p>\n\
         <h2>What is collected, why, for how long</h2>\n\
         <table><thead><tr><th>What</th><th>Why</th><th>How long</th></tr></thead><tbody>\n{rows}</tbody></table>\n\
         <p>{unsigned}</p>\n\
         <p>Viewers get no cookie, nothing is kept in their browser, and no fingerprint is made. All who are not known are \
         counted together, as one.</p>\n\
         <h2>Who sees it</h2>\n\
         <ul><li>Owners and co-editors of a recording: who watched it.</li>\n\
         <li>Teachers, assistants and designers of a course, managers of a channel: who watched its recordings there.</li>\n\
         <li>Analysts: figures; names only if they were granted, else nothing about fewer than {smallest} people.</li>\n\
         <li>Administrators of the account: everything.</li></ul>\n\
         <p>A view that is missing here proves nothing: players can be blocked, and connections fail. It is not proof of \
         attendance either.</p>\n\
         <h2>Third parties</h2>\n\
         <p>None. Nothing is sold, shared or sent elsewhere; these pages load nothing from other servers; there is no \
         advertising.</p>\n\
         <h2>Signals</h2>\n\
         <p>If your browser sends <code>Sec-GPC: 1</code> or <code>DNT: 1</code> and you are not signed in, you are counted \
         without region, city and page. If you are signed in, for example in a course, you are counted as always: the \
         institution decides on what legal basis. <a href=\"/opt-out\">Opting out</a> without such a signal is possible \
         too.</p>\n\
         <h2>Your rights</h2>\n\
         <p>You may {own}, have it corrected where it comes from (the institution's directory), and ask to be erased: then \
         every file of this server loses you, and the totals stay.</p>\n\
         <h2>Contact</h2>\n<p>{contact}</p>\n",
        smallest = settings.smallest_group.0,
        contact = contact(settings),
    );
    document("Privacy", &body)
}

async fn opt_out(headers: HeaderMap) -> Response {
    choice_page(has_opted_out(&headers), None)
}

/// What the reader chose, kept in their own browser because they asked for it.
async fn choose(State(app): State<App>, RawForm(form): RawForm) -> Response {
    let choice =
        url::form_urlencoded::parse(&form).find(|(name, _)| name == "choice").map(|(_, value)| value.into_owned());
    let out = match choice.as_deref() {
        Some("out") => true,
        Some("in") => false,
        _ => return (StatusCode::BAD_REQUEST, choice_page(false, None)).into_response(),
    };
    let age = if out { OPT_OUT_SECONDS } else { 0 };
    // Players are on other sites' pages: only a cookie for all sites comes along with what they send, and only over https.
    let where_to = if app.is_https() { "SameSite=None; Secure" } else { "SameSite=Lax" };
    choice_page(out, Some(format!("{OPT_OUT}={}; Path=/; Max-Age={age}; HttpOnly; {where_to}", u8::from(out))))
}

fn choice_page(is_out: bool, cookie: Option<String>) -> Response {
    let (now, other, word) = if is_out {
        ("This browser has opted out.", "in", "Count me as others again")
    } else {
        ("This browser has not opted out.", "out", "Opt out in this browser")
    };
    let body = format!(
        "<p><strong>{now}</strong></p>\n\
         <p>Nothing identifies this browser to us, so there is nothing here to delete: viewers get no cookie, and those who \
         are not signed in are counted together, as one. Opting out makes that coarser still: plays are counted without \
         region, city and page, as with the signal <em>Global Privacy Control</em>.</p>\n\
         <p>To remember your choice, this browser must keep one cookie, <code>{OPT_OUT}</code>. It is the same for \
         everybody and says nothing but that. It is only set if you ask for it here. Many browsers hold back such cookies \
         on other sites' pages; there, turn on <em>Global Privacy Control</em> in the browser, which always works.</p>\n\
         <form method=\"post\" action=\"/opt-out\"><button name=\"choice\" value=\"{other}\">{word}</button></form>\n\
         <p>If you are signed in, for example in a course, your views are counted with your name all the same. See \
         <a href=\"/privacy\">what is collected</a>.</p>\n"
    );
    let mut response = Html(document("Opting out", &body)).into_response();
    if let Some(cookie) = cookie.and_then(|cookie| HeaderValue::from_str(&cookie).ok()) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response.headers_mut().insert(HeaderName::from_static("vary"), HeaderValue::from_static("Cookie"));
    response
}
