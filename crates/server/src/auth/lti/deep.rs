//! Deep linking: somebody picks a recording to put into a course, and the platform gets a signed answer.

use super::claims::Claims;
use super::platform::{NewPlatform, Platform};
use super::{Launch, Refusal, keys, ours};
use crate::app::App;
use crate::auth::fresh_token;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

/// What the platform wants to be answered with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deep {
    /// Where the answer goes: an address of the platform.
    pub return_url: String,
    /// Sent back as it came.
    pub data: Option<Value>,
}

/// How long an answer is good, seconds.
const LIFE_S: i64 = 300;

impl Deep {
    /// Reads the settings of a request.
    ///
    /// # Errors
    /// When the answer would go to somebody else than the platform, or links of recordings are not wanted.
    pub fn read(said: &Value, platform: &NewPlatform) -> Result<Deep, Refusal> {
        let settings = &said["https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"];
        let to = settings["deep_link_return_url"].as_str().ok_or(Refusal::Missing("deep_link_return_url"))?;
        let origin = Url::parse(to).map(|url| url.origin().ascii_serialization()).unwrap_or_default();
        if !platform.pages().contains(&origin) {
            return Err(Refusal::ReturnUrl);
        }
        let takes = settings["accept_types"].as_array().map(Vec::as_slice).unwrap_or_default();
        if !takes.iter().any(|kind| kind == "ltiResourceLink") {
            return Err(Refusal::Missing("accept_types: ltiResourceLink"));
        }
        Ok(Deep { return_url: to.to_owned(), data: settings.get("data").cloned() })
    }
}

/// Whether somebody launched like this may put recordings into the course.
pub fn may_pick(claims: Claims<'_>) -> bool {
    claims.role().is_staff()
}

/// The signed answer: one recording, by id and name; none when nothing was picked.
///
/// # Errors
/// When it cannot be signed.
pub fn answer(
    app: &App,
    platform: &Platform,
    launch: &Launch,
    deep: &Deep,
    picked: Option<(&str, &str)>,
) -> Result<String, Refusal> {
    let now_s = app.now_ms() / 1000;
    let link = ours(app, "/lti/launch")?;
    let items: Vec<Value> = picked
        .iter()
        .map(|(id, name)| {
            json!({ "type": "ltiResourceLink", "title": name, "url": link.as_str(), "custom": { "entry": id } })
        })
        .collect();
    let mut claims = json!({
        "iss": platform.is.client_id,
        "aud": [platform.is.issuer],
        "iat": now_s,
        "exp": now_s + LIFE_S,
        "nonce": fresh_token()?,
        "https://purl.imsglobal.org/spec/lti/claim/deployment_id": launch.deployment,
        "https://purl.imsglobal.org/spec/lti/claim/message_type": "LtiDeepLinkingResponse",
        "https://purl.imsglobal.org/spec/lti/claim/version": "1.3.0",
        "https://purl.imsglobal.org/spec/lti-dl/claim/content_items": items,
    });
    if let Some(data) = &deep.data {
        claims["https://purl.imsglobal.org/spec/lti-dl/claim/data"] = data.clone();
    }
    keys::sign(app.vault(), &claims, app.now_ms())
}
