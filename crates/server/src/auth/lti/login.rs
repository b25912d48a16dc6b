//! The first half of a launch: the platform sends the browser here, we send it on with a state and a nonce. Logins that
//! have begun are kept in memory; a restart in between costs one click.

use super::platform::Platform;
use super::{Refusal, ours};
use crate::app::App;
use crate::auth::fresh_token;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use url::Url;

/// How long a state is good, ms.
pub const STATE_MS: i64 = 10 * 60 * 1000;
/// Logins kept at the same time; the oldest go first. Far more than people click in ten minutes, and with [`TEXT_MAX`] a
/// bound for memory.
const LOGINS_MAX: usize = 20_000;
/// Longest value of a login's field, bytes: hints are signed tokens in Canvas, about 1 KB.
const TEXT_MAX: usize = 4096;

/// The fields of a request, by name.
pub type Fields = BTreeMap<String, String>;

/// A login that has begun.
#[derive(Clone, Debug)]
pub struct Login {
    /// The platform's row.
    pub platform: i64,
    /// The token must carry it.
    pub nonce: String,
    /// Frame of the platform that keeps the state where cookies do not.
    pub storage: Option<String>,
    /// As what the platform keeps it there: only this browser has it.
    pub proof: String,
    /// What the platform sent, to begin again in a tab.
    pub asked: Fields,
    began_ms: i64,
}

/// The logins that have begun.
#[derive(Debug, Default)]
pub struct Logins(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    by_state: HashMap<String, Login>,
    /// The oldest first.
    order: VecDeque<String>,
}

impl Logins {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, state: String, login: Login) {
        let mut kept = self.kept();
        let dead_ms = login.began_ms - STATE_MS;
        while let Some(oldest) = kept.order.front().cloned() {
            let dead = kept.by_state.get(&oldest).is_none_or(|login| login.began_ms <= dead_ms);
            if !dead && kept.order.len() < LOGINS_MAX {
                break;
            }
            kept.order.pop_front();
            kept.by_state.remove(&oldest);
        }
        kept.order.push_back(state.clone());
        kept.by_state.insert(state, login);
    }

    /// The login of a state, if it is still good.
    pub fn get(&self, state: &str, now_ms: i64) -> Option<Login> {
        self.kept().by_state.get(state).filter(|login| now_ms - login.began_ms < STATE_MS).cloned()
    }

    /// Uses a state up.
    pub fn take(&self, state: &str, now_ms: i64) -> Option<Login> {
        self.kept().by_state.remove(state).filter(|login| now_ms - login.began_ms < STATE_MS)
    }
}

/// A login's way on.
#[derive(Clone, Debug)]
pub struct Begun {
    /// Its state.
    pub state: String,
    /// The login.
    pub login: Login,
    /// Where the browser goes: the platform, with our request.
    pub to: Url,
    /// The platform.
    pub platform: Platform,
}

/// A field that must be there.
pub(super) fn needed<'f>(fields: &'f Fields, name: &'static str) -> Result<&'f str, Refusal> {
    let value = fields.get(name).map(String::as_str).filter(|value| !value.is_empty());
    value.ok_or(Refusal::Missing(name))
}

/// Begins a login.
///
/// # Errors
/// When the platform is not registered or a field is missing.
pub fn begin(app: &App, fields: Fields) -> Result<Begun, Refusal> {
    for name in [
        "iss",
        "login_hint",
        "target_link_uri",
        "lti_message_hint",
        "client_id",
        "lti_deployment_id",
        "lti_storage_target",
    ] {
        if fields.get(name).is_some_and(|value| value.len() > TEXT_MAX) {
            return Err(Refusal::TooLong(name));
        }
    }
    let field = |name: &str| fields.get(name).map(String::as_str).filter(|value| !value.is_empty());
    let platform = platform(app, needed(&fields, "iss")?, field("client_id"))?;
    let hint = needed(&fields, "login_hint")?;
    if let Some(deployment) = field("lti_deployment_id")
        && !platform.is.deployments.contains(deployment)
    {
        return Err(Refusal::Deployment(deployment.to_owned()));
    }
    is_ours(app, needed(&fields, "target_link_uri")?)?;
    let (state, nonce, proof) = (fresh_token()?, fresh_token()?, fresh_token()?);
    let mut to = platform.is.auth_url.clone();
    to.query_pairs_mut()
        .append_pair("scope", "openid")
        .append_pair("response_type", "id_token")
        .append_pair("response_mode", "form_post")
        .append_pair("prompt", "none")
        .append_pair("client_id", &platform.is.client_id)
        .append_pair("redirect_uri", ours(app, "/lti/launch")?.as_str())
        .append_pair("state", &state)
        .append_pair("nonce", &nonce)
        .append_pair("login_hint", hint)
        .extend_pairs(field("lti_message_hint").map(|hint| ("lti_message_hint", hint)));
    let asked = fields.clone().into_iter().filter(|(name, _)| name != "lti_storage_target").collect();
    let storage = field("lti_storage_target").map(str::to_owned);
    let login = Login { platform: platform.id, nonce, storage, proof, asked, began_ms: app.now_ms() };
    app.logins().add(state.clone(), login.clone());
    Ok(Begun { state, login, to, platform })
}

fn platform(app: &App, issuer: &str, client: Option<&str>) -> Result<Platform, Refusal> {
    let mut found = app.vault().lti_platforms_of(issuer, client)?;
    match (found.pop(), found.is_empty()) {
        (Some(platform), true) => Ok(platform),
        (Some(_), false) => Err(Refusal::Ambiguous),
        (None, _) => Err(Refusal::Platform),
    }
}

/// Whether an address is one of this installation.
pub(super) fn is_ours(app: &App, target: &str) -> Result<(), Refusal> {
    let ours = ours(app, "/")?;
    match Url::parse(target) {
        Ok(target) if target.origin() == ours.origin() => Ok(()),
        _ => Err(Refusal::Target),
    }
}
