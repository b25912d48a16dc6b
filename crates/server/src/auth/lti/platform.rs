//! Platforms: the learning management systems whose launches are believed.

use super::claims::Claims;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use url::Url;
use utoipa::ToSchema;

/// A platform as an administrator registers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPlatform {
    /// What people call it.
    pub name: String,
    /// `iss` of its tokens: `https://canvas.instructure.com` for all of Canvas's cloud, a site's address for others.
    pub issuer: String,
    /// Our name there.
    pub client_id: String,
    /// Ids of our tool's deployments there; launches of others are refused.
    pub deployments: BTreeSet<String>,
    /// Where people are sent to sign in (OIDC authentication request).
    #[schema(value_type = String)]
    pub auth_url: Url,
    /// Where we fetch tokens for its services.
    #[schema(value_type = String)]
    pub token_url: Url,
    /// `aud` of those requests where it is not the token address (Blackboard, Brightspace).
    #[serde(default)]
    pub token_audience: Option<String>,
    /// Its public keys.
    #[schema(value_type = String)]
    pub jwks_url: Url,
    /// Origins of its pages beside those of `issuer` and `auth_url`: they may frame us, and take picked recordings.
    #[serde(default)]
    pub origins: BTreeSet<String>,
    /// Which claim is the catalog's id of a person: `sub`, `email`, `lis.person_sourcedid`, `ext.NAME`, `custom.NAME`.
    #[serde(default = "person_default")]
    pub person: String,
    /// Which claim is the catalog's LMS course id: `context.id`, `context.label`, `lis.course_offering_sourcedid`,
    /// `custom.NAME`.
    #[serde(default = "course_default")]
    pub course: String,
    /// Believe custom fields also in launches of links that somebody put into a course. Only where teachers cannot write
    /// custom fields of links: who can, could name another person or course.
    #[serde(default)]
    pub link_custom: bool,
}

/// The person's claim unless said otherwise.
pub fn person_default() -> String {
    "custom.login".to_owned()
}

/// The course's claim unless said otherwise.
pub fn course_default() -> String {
    "custom.canvas_course_id".to_owned()
}

/// A platform that is registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Platform {
    /// Row id.
    pub id: i64,
    /// The account whose catalog its courses are in.
    pub account: engine::event::AccountId,
    /// What was registered.
    pub is: NewPlatform,
}

/// Most origins and deployments of a platform: they go into a header of each launch, which proxies limit.
const LISTED_MAX: usize = 100;

impl NewPlatform {
    /// Checks what types do not. Returns the field at fault and what would be right.
    ///
    /// # Errors
    /// The first fault.
    pub fn check(&self) -> Result<(), (&'static str, &'static str)> {
        let web = |url: &Url| matches!(url.scheme(), "https" | "http") && url.host().is_some();
        if self.name.trim().is_empty() {
            return Err(("name", "It is what people call the platform."));
        }
        if self.issuer.is_empty() {
            return Err(("issuer", "It is the `iss` of the platform's tokens."));
        }
        if self.client_id.is_empty() {
            return Err(("client_id", "It is the id that the platform gave to Playhead."));
        }
        for (field, url) in [("auth_url", &self.auth_url), ("token_url", &self.token_url), ("jwks_url", &self.jwks_url)]
        {
            if !web(url) {
                return Err((field, "It is an https address."));
            }
        }
        if self.deployments.len() > LISTED_MAX || self.deployments.iter().any(String::is_empty) {
            return Err(("deployments", "They are the ids of the tool's deployments, at most 100."));
        }
        let is_origin =
            |text: &String| Url::parse(text).is_ok_and(|url| web(&url) && url.origin().ascii_serialization() == *text);
        if self.origins.len() > LISTED_MAX || !self.origins.iter().all(is_origin) {
            return Err(("origins", "They are scheme and host, such as https://canvas.example.edu; at most 100."));
        }
        if !Claims::is_person(&self.person) {
            return Err(("person", "It is sub, email, lis.person_sourcedid, ext.NAME or custom.NAME."));
        }
        if !Claims::is_course(&self.course) {
            return Err(("course", "It is context.id, context.label, lis.course_offering_sourcedid or custom.NAME."));
        }
        Ok(())
    }

    /// The origins of its pages.
    pub fn pages(&self) -> BTreeSet<String> {
        let of = |url: &Url| url.origin().ascii_serialization();
        let issuer = Url::parse(&self.issuer).ok().filter(|url| url.host().is_some());
        let own = issuer.as_ref().map(of).into_iter().chain([of(&self.auth_url)]);
        own.chain(self.origins.iter().cloned()).collect()
    }

    /// Whom a request for a token is addressed to.
    pub fn audience(&self) -> &str {
        self.token_audience.as_deref().unwrap_or(self.token_url.as_str())
    }
}
