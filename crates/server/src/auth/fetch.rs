//! Requests to others: identity providers and learning platforms that an administrator has named, and nobody else.

use rustls::crypto::aws_lc_rs;
use serde::Serialize;
use serde_json::Value;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, RequestBuilder};
use url::{Host, Url};

/// How long one request may take in all: people wait for it while they sign in.
const TIME_MAX: Duration = Duration::from_secs(10);
/// Largest answer, bytes: keys, tokens and rosters are far smaller.
const BODY_BYTES_MAX: u64 = 4 << 20;
/// The same where nobody waits: imports ask for hundreds of objects at once, of some kilobytes each.
const TIME_MAX_PATIENT: Duration = Duration::from_secs(120);
const BODY_BYTES_MAX_PATIENT: u64 = 64 << 20;

/// Why a request to somebody else failed.
#[derive(Debug, Error)]
pub enum FetchError {
    /// Only https, but for this machine itself.
    #[error("{0} is not an https address")]
    NotHttps(Url),
    /// No answer, or not one that can be read.
    #[error("ask {url}")]
    Failed {
        /// Whom.
        url: Url,
        /// Why.
        source: Box<ureq::Error>,
    },
    /// An answer of another status than success.
    #[error("{url} answered {status}")]
    Refused {
        /// Who.
        url: Url,
        /// The status.
        status: u16,
    },
}

impl FetchError {
    /// Whether the same request may do better later: nobody answered, or a server that has trouble.
    pub fn may_pass(&self) -> bool {
        match self {
            FetchError::NotHttps(_) => false,
            FetchError::Failed { .. } => true,
            FetchError::Refused { status, .. } => *status >= 500 || *status == 429,
        }
    }
}

/// Asks others. Redirects are not followed: an address that was registered is the address that is asked.
#[derive(Clone, Debug)]
pub struct Client {
    agent: Agent,
    body_bytes_max: u64,
}

impl Default for Client {
    fn default() -> Client {
        Client::new(TIME_MAX, BODY_BYTES_MAX)
    }
}

impl Client {
    /// One for work that nobody waits for: it takes longer and larger answers.
    pub fn patient() -> Client {
        Client::new(TIME_MAX_PATIENT, BODY_BYTES_MAX_PATIENT)
    }

    fn new(time_max: Duration, body_bytes_max: u64) -> Client {
        // The machine's own certificates, so that an institution's private authority works.
        let tls = TlsConfig::builder()
            .unversioned_rustls_crypto_provider(Arc::new(aws_lc_rs::default_provider()))
            .root_certs(RootCerts::PlatformVerifier)
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .timeout_global(Some(time_max))
            .max_redirects(0)
            .http_status_as_error(false)
            .user_agent(concat!("Playhead/", env!("CARGO_PKG_VERSION")))
            .build();
        Client { agent: config.new_agent(), body_bytes_max }
    }
}

/// An answer: its body, and the headers asked for.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// As JSON.
    pub body: Value,
    /// The `Link` header, by which lists go on.
    pub link: Option<String>,
}

impl Client {
    /// Fetches JSON, with a bearer token if there is one.
    ///
    /// # Errors
    /// When there is no such answer. It waits: not for the threads that serve requests.
    pub fn get(&self, url: &Url, accept: &str, bearer: Option<&str>) -> Result<Fetched, FetchError> {
        check(url)?;
        let request = self.agent.get(url.as_str()).header("accept", accept);
        self.read(url, with_bearer(request, bearer).call())
    }

    /// Posts a form; `basic` are a name and a secret for the `Authorization` header.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn post_form(
        &self,
        url: &Url,
        form: &[(&str, &str)],
        basic: Option<(&str, &str)>,
    ) -> Result<Fetched, FetchError> {
        check(url)?;
        let mut request = self.agent.post(url.as_str()).header("accept", "application/json");
        if let Some((name, secret)) = basic {
            use base64::Engine as _;
            let line = base64::engine::general_purpose::STANDARD.encode(format!("{name}:{secret}"));
            request = request.header("authorization", format!("Basic {line}"));
        }
        self.read(url, request.send_form(form.iter().copied()))
    }

    /// Posts JSON, with a bearer token if there is one.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn post_json(&self, url: &Url, body: &impl Serialize, bearer: Option<&str>) -> Result<Fetched, FetchError> {
        check(url)?;
        self.read(url, with_bearer(self.agent.post(url.as_str()), bearer).send_json(body))
    }

    fn read(
        &self,
        url: &Url,
        answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> Result<Fetched, FetchError> {
        let failed = |source| FetchError::Failed { url: url.clone(), source: Box::new(source) };
        let mut answer = answer.map_err(failed)?;
        let status = answer.status();
        if !status.is_success() {
            return Err(FetchError::Refused { url: url.clone(), status: status.as_u16() });
        }
        let link = answer.headers().get("link").and_then(|line| line.to_str().ok()).map(str::to_owned);
        let body = answer.body_mut().with_config().limit(self.body_bytes_max).read_json().map_err(failed)?;
        Ok(Fetched { body, link })
    }
}

fn with_bearer<B>(request: RequestBuilder<B>, bearer: Option<&str>) -> RequestBuilder<B> {
    match bearer {
        Some(token) => request.header("authorization", format!("Bearer {token}")),
        None => request,
    }
}

/// Keys and tokens travel encrypted; on this machine itself (tests, a proxy beside us) they need not.
pub(super) fn check(url: &Url) -> Result<(), FetchError> {
    let here = match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    if url.scheme() == "https" || (url.scheme() == "http" && here) {
        return Ok(());
    }
    Err(FetchError::NotHttps(url.clone()))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn others_are_asked_encrypted() {
        for (url, fine) in [
            ("https://idp.example.edu/keys", true),
            ("http://127.0.0.1:9400/keys", true),
            ("http://[::1]/keys", true),
            ("http://localhost:9400/keys", true),
            ("http://idp.example.edu/keys", false),
            ("http://localhost.example.edu/keys", false),
            ("file:///etc/passwd", false),
        ] {
            assert_eq!(check(&Url::parse(url).unwrap()).is_ok(), fine, "{url}");
        }
    }
}
