//! Launches from a learning platform (LTI 1.3, we are the tool).
//!
//! A person clicks in the LMS. [`login`] sends the browser to the platform with a fresh state and nonce; the platform
//! posts a signed token back, which [`launch`] checks against them. [`claims`] reads what the token says: who, in which
//! course, as what. [`platform`] is what an administrator registered ([`register`]: what the platform told about itself),
//! [`keys`] our own key pair, [`roster`] the course's students as the platform lists them, [`deep`] the answer when
//! somebody picks a recording to put into a course, [`store`] where all that is kept.
//!
//! What goes wrong is a [`Refusal`]: one line in the log, and one page for all of them.

pub mod claims;
pub mod command;
pub mod cookie;
pub mod deep;
pub mod keys;
pub mod launch;
pub mod login;
pub mod platform;
pub mod register;
pub mod roster;
pub mod store;

use super::fetch::FetchError;
use super::jwks::TokenError;
use super::vault::VaultError;
use crate::app::App;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use url::Url;

/// From where a session was launched: kept with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Launch {
    /// The platform's row.
    pub platform: i64,
    /// The deployment of our tool there.
    pub deployment: String,
    /// The course there; empty outside of one.
    pub context: String,
    /// Where a picked recording is sent, when the launch was for picking one.
    pub deep: Option<deep::Deep>,
}

/// Why a login, a launch or a registration is refused. For the log: the person is told only that it is.
#[derive(Debug, Error)]
pub enum Refusal {
    /// Launches need our own https address.
    #[error("setting `public_url` is not set: launches need it")]
    NoAddress,
    /// A field of the protocol is not there.
    #[error("there is no `{0}`")]
    Missing(&'static str),
    /// A field is longer than any platform makes it.
    #[error("`{0}` is too long")]
    TooLong(&'static str),
    /// Nobody registered this platform.
    #[error("no platform is registered with this issuer and client id")]
    Platform,
    /// Several clients of this issuer, and it was not said which.
    #[error("several platforms have this issuer: the login must name the client id")]
    Ambiguous,
    /// Not begun here, used before, or too old.
    #[error("the state is not known, was used before or is too old")]
    State,
    /// Kept by the platform for another browser.
    #[error("the state is not this browser's")]
    Unbound,
    /// Not signed with RS256.
    #[error("the token is not signed with RS256")]
    Algorithm,
    /// Not to be believed.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// Made for another login.
    #[error("the nonce is not that of the login")]
    Nonce,
    /// Another version of LTI.
    #[error("the version is not 1.3.0")]
    Version,
    /// Not a deployment that was registered.
    #[error("deployment {0:?} is not registered")]
    Deployment(String),
    /// For another tool.
    #[error("target_link_uri is not ours")]
    Target,
    /// A message that we do not take.
    #[error("message type {0:?} is not known")]
    MessageType(String),
    /// Students do not put recordings into a course.
    #[error("only the course's staff may pick a recording")]
    NoRight,
    /// Results would go to somebody else.
    #[error("deep_link_return_url is not on the platform's origin")]
    ReturnUrl,
    /// The registration link was used, is too old, or never was.
    #[error("the registration link is not known, was used before or is too old")]
    Link,
    /// What the platform says about itself does not fit together.
    #[error("the platform's configuration: {0}")]
    Configuration(&'static str),
    /// The platform does not answer.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// Our own storage.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// Our own fault.
    #[error("{0}")]
    Ours(String),
}

impl From<crate::error::ApiError> for Refusal {
    fn from(error: crate::error::ApiError) -> Refusal {
        Refusal::Ours(crate::error::chain(&error))
    }
}

/// Our address of a path, from the setting `public_url`.
///
/// # Errors
/// When it is not set.
pub fn ours(app: &App, path: &str) -> Result<Url, Refusal> {
    app.settings().public_url.as_ref().and_then(|url| url.join(path).ok()).ok_or(Refusal::NoAddress)
}
