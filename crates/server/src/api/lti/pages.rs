//! The pages around a launch. They are small and need nothing of the dashboard, which a refused or half-begun launch must
//! not load. Their data are JSON in the page; their one script is a file, because the policy allows nothing inline.

use crate::auth::lti::login::{Begun, Login};
use crate::auth::lti::platform::{NewPlatform, Platform};
use axum::http::header;
use axum::response::{Html, IntoResponse};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Whose pages may show this one in a frame.
#[derive(Clone, Debug, Default)]
pub struct Framed {
    /// Origins.
    pub by: BTreeSet<String>,
    /// Forms may be posted there too.
    pub posts: bool,
}

impl Framed {
    /// As a part of an answer; the router makes the policy of it.
    pub fn into_part(self) -> axum::Extension<Framed> {
        axum::Extension(self)
    }

    /// The policy of our own pages, with these origins let in.
    pub fn policy(&self, own: &str) -> String {
        let origins = self.by.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
        let mut policy = own.to_owned();
        if !origins.is_empty() {
            policy = policy.replace("frame-ancestors 'none'", &format!("frame-ancestors {origins}"));
        }
        if self.posts {
            policy = policy.replace("form-action 'self'", &format!("form-action 'self' {origins}"));
        }
        policy
    }
}

/// JSON that may stand in a page: no `<` ends the script.
fn data(value: &Value) -> String {
    format!("<script type=\"application/json\" id=\"boot\">{}</script>", value.to_string().replace('<', "\\u003c"))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A piece of an address.
pub(super) fn percent(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

fn page(title: &str, value: Option<&Value>, body: &str) -> Html<String> {
    let script = value.map_or_else(String::new, |value| {
        format!("{}<script type=\"module\" src=\"/lti/page.js\"></script>", data(value))
    });
    Html(format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">\
         <title>{title} - Playhead</title><link rel=\"stylesheet\" href=\"/lti/page.css\">{script}</head>\
         <body><main><h1>{title}</h1>{body}</main></body></html>\n"
    ))
}

/// What everybody is told whose launch is refused.
pub(super) fn refused() -> Html<String> {
    let body = "<p>Open this page again from your course. If it does not open, tell the people who look after Playhead: \
                the reason is in its log.</p>";
    page("This could not be opened", None, body)
}

/// The platform's frame keeps our proof, then the browser goes on.
pub(super) fn keep(begun: &Begun, frame: &str) -> Html<String> {
    let to = begun.to.as_str();
    let value = json!({
        "do": "keep", "frame": frame, "origin": begun.platform.is.auth_url.origin().ascii_serialization(),
        "key": begun.state, "value": begun.login.proof, "to": to,
    });
    let body = format!("<noscript><p><a href=\"{}\">Go on</a></p></noscript>", escaped(to));
    page("Opening", Some(&value), &body)
}

/// No cookie came back: the platform is asked for the proof; where it has none, a tab of its own helps.
pub(super) fn prove(platform: &Platform, login: &Login, state: &str, token: &str) -> Html<String> {
    let value = json!({
        "do": "prove", "frame": login.storage, "origin": platform.is.auth_url.origin().ascii_serialization(),
        "key": state, "form": { "state": state, "id_token": token },
    });
    let again = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&login.asked).finish();
    let body = format!(
        "<div id=\"tab\"><p>Your browser keeps Playhead from working inside this page.</p><p><a class=\"button\" \
         href=\"/lti/login?{}\" target=\"_blank\" rel=\"noopener\">Open in a new tab</a></p></div>",
        escaped(&again)
    );
    page("Opening", Some(&value), &body)
}

/// A recording is to be picked.
pub(super) fn pick(token: &str) -> Html<String> {
    let body = "<form id=\"find\" role=\"search\"><label for=\"text\">Find by name or id</label> <input id=\"text\" \
                type=\"search\" autocomplete=\"off\"> <button class=\"button\">Find</button></form>\
                <p id=\"status\" role=\"status\"></p><ul id=\"list\"></ul>\
                <p><button class=\"button\" id=\"more\" hidden>Show more</button> \
                <button class=\"button\" id=\"none\">Put nothing into the course</button></p>";
    page("Put a recording into the course", Some(&json!({ "do": "pick", "token": token })), body)
}

/// The platform is registered: its window may close.
pub(super) fn registered(is: &NewPlatform) -> Html<String> {
    let body = format!("<p>{} is registered with Playhead. You may close this window.</p>", escaped(&is.name));
    page("Registered", Some(&json!({ "do": "close", "origins": is.pages() })), &body)
}

/// The dashboard's page with what it starts with.
pub(super) fn app(boot: &Value) -> Option<Html<String>> {
    let page = ui::file("/", false)?.bytes;
    let page = std::str::from_utf8(&page).ok()?;
    let (head, rest) = page.split_once("</head>")?;
    Some(Html(format!("{head}{}</head>{rest}", data(boot))))
}

/// The pages' script.
pub(super) fn script() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], include_str!("page.js"))
}

/// The pages' look.
pub(super) fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("page.css"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_cannot_end_their_script() {
        let text = data(&json!({ "name": "</script><script>alert(1)" }));
        assert_eq!(text.matches("</script>").count(), 1, "{text}");
    }
}
