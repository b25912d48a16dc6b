//! Asking a Kaltura API: one call at a time, as JSON, in the form of its own client libraries.

use crate::auth::fetch::{Client, FetchError};
use serde_json::{Map, Value, json};
use std::thread::sleep;
use std::time::Duration;
use thiserror::Error;
use url::Url;

/// Lifetime asked for a session, seconds: a long import renews it by itself.
const SESSION_SECONDS: u32 = 86_400;
/// An administrator's session (`KalturaSessionType`).
const SESSION_ADMIN: u8 = 2;
/// Waits before further tries of a call that got no answer, seconds.
const PAUSES_SECONDS: [u64; 4] = [1, 5, 15, 60];
/// Answers of a call that was made with a session which is over.
const SESSION_OVER: [&str; 2] = ["INVALID_KS", "SESSION_EXPIRED"];

/// Why Kaltura did not tell.
#[derive(Debug, Error)]
pub enum WireError {
    /// No answer, also after further tries.
    #[error("{0}; run the same command again: it goes on where it stopped")]
    Unreachable(FetchError),
    /// It refused, in its own words.
    #[error("Kaltura refuses {call}: {message} ({code})")]
    Refused {
        /// `service.action`.
        call: String,
        /// Its code.
        code: String,
        /// Its message.
        message: String,
    },
    /// Something that is no answer of that API.
    #[error("what {url} answers to {call} is not Kaltura's API; --url is its host, such as https://www.kaltura.com")]
    NotKaltura {
        /// Who was asked.
        url: Url,
        /// `service.action`.
        call: String,
    },
}

/// A Kaltura account that is read.
pub struct Kaltura {
    client: Client,
    url: Url,
    partner: u32,
    secret: String,
    ks: Option<String>,
    pauses: &'static [u64],
}

impl Kaltura {
    /// The account of `partner` behind `url`. Nothing is asked yet.
    pub fn new(url: Url, partner: u32, secret: String) -> Kaltura {
        // Redirects are not followed, so an address without a path must not need one.
        let mut url = url;
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        Kaltura { client: Client::patient(), url, partner, secret, ks: None, pauses: &PAUSES_SECONDS }
    }

    /// Calls `service.action`. The session is made when first needed, and anew when it is over.
    ///
    /// # Errors
    /// See [`WireError`].
    pub fn call(&mut self, service: &str, action: &str, parameters: Value) -> Result<Value, WireError> {
        let mut renewed = false;
        loop {
            let ks = match &self.ks {
                Some(ks) => ks.clone(),
                None => self.session()?,
            };
            let mut body = object(parameters.clone());
            body.insert("ks".to_owned(), ks.into());
            match self.send(service, action, body) {
                Err(WireError::Refused { code, .. }) if !renewed && SESSION_OVER.contains(&code.as_str()) => {
                    renewed = true;
                    self.ks = None;
                }
                answer => return answer,
            }
        }
    }

    fn session(&mut self) -> Result<String, WireError> {
        let body = json!({
            "secret": self.secret, "type": SESSION_ADMIN, "partnerId": self.partner,
            "expiry": SESSION_SECONDS, "privileges": "disableentitlement",
        });
        let answer = self.send("session", "start", object(body))?;
        let ks = answer.as_str().ok_or_else(|| self.not_kaltura("session", "start"))?;
        self.ks = Some(ks.to_owned());
        Ok(ks.to_owned())
    }

    fn not_kaltura(&self, service: &str, action: &str) -> WireError {
        WireError::NotKaltura { url: self.url.clone(), call: format!("{service}.{action}") }
    }

    fn send(&self, service: &str, action: &str, mut body: Map<String, Value>) -> Result<Value, WireError> {
        let path = format!("api_v3/service/{service}/action/{action}");
        let url = self.url.join(&path).map_err(|_| self.not_kaltura(service, action))?;
        body.insert("format".to_owned(), 1.into());
        body.insert("clientTag".to_owned(), concat!("playhead:", env!("CARGO_PKG_VERSION")).into());
        let mut pauses = self.pauses.iter();
        let answer = loop {
            match self.client.post_json(&url, &body, None) {
                Ok(fetched) => break fetched.body,
                Err(error) if !error.may_pass() => return Err(WireError::Unreachable(error)),
                Err(error) => match pauses.next() {
                    Some(seconds) => sleep(Duration::from_secs(*seconds)),
                    None => return Err(WireError::Unreachable(error)),
                },
            }
        };
        let text = |field: &str| answer.get(field).and_then(Value::as_str);
        if text("objectType") == Some("KalturaAPIException") {
            let of = |field| text(field).unwrap_or_default().to_owned();
            return Err(WireError::Refused {
                call: format!("{service}.{action}"),
                code: of("code"),
                message: of("message"),
            });
        }
        Ok(answer)
    }

    /// One page of a list: the objects, in the order asked for.
    ///
    /// # Errors
    /// See [`WireError`].
    pub fn list(&mut self, service: &str, filter: Value, page: u32, size: usize) -> Result<Vec<Value>, WireError> {
        let pager = json!({ "objectType": "KalturaFilterPager", "pageSize": size, "pageIndex": page });
        let mut answer = self.call(service, "list", json!({ "filter": filter, "pager": pager }))?;
        match answer.get_mut("objects").map(Value::take) {
            Some(Value::Array(objects)) => Ok(objects),
            _ => Err(self.not_kaltura(service, "list")),
        }
    }
}

fn object(value: Value) -> Map<String, Value> {
    if let Value::Object(map) = value { map } else { Map::new() }
}
