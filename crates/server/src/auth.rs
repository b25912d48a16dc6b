//! Who is asking. A session becomes somebody [`SignedIn`], and only that makes a [`Caller`] for the engine.
//!
//! - [`local`]: administrators with a password, the first by a one-time link that `playhead serve` prints;
//!   [`totp`] is a second factor for them, [`throttle`] what guessing costs;
//! - [`oidc`]: the institution's identity provider, with [`rules`] that make roles of its claims;
//! - [`kaltura`]: a Kaltura session; [`proxy`]: a header that a proxy in front sets;
//! - [`session`]: what all ways of signing in end in;
//! - [`lti`]: launches from a learning platform;
//! - [`keys`] for programs;
//! - [`vault`]: where sign-in is kept;
//! - [`jwks`], [`fetch`]: tokens that others sign, and their keys.
//!
//! What somebody may see is read anew at each request ([`rights`]): from the catalog (what they own, where they teach),
//! from the roles that administrators granted, from what their sign-in proved. Nothing of it is kept in the session but
//! the proof.

pub mod fetch;
pub mod jwks;
pub mod kaltura;
pub mod keys;
pub mod local;
pub mod lti;
pub mod oidc;
mod proxy;
pub mod rules;
#[cfg(feature = "saml")]
pub mod saml;
pub mod session;
pub mod throttle;
pub mod totp;
pub mod vault;

use crate::app::App;
use crate::collect::address;
use crate::config::Settings;
use crate::error::{ApiError, ApiResult, Code};
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use base64::Engine as _;
use engine::access::{Caller, Grant};
use engine::catalog::view::CatalogView;
use engine::event::AccountId;
use rand::TryRng;
use rules::Rule;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use vault::keys::PREFIX;
use vault::{Facts, Role, Vault, VaultError, Who};

/// A fresh token: 256 random bits, URL-safe.
///
/// # Errors
/// When the system has no randomness to give.
pub fn fresh_token() -> Result<String, ApiError> {
    Ok(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(fresh_bytes::<32>()?))
}

/// Random bytes.
pub(crate) fn fresh_bytes<const N: usize>() -> Result<[u8; N], ApiError> {
    let mut bytes = [0_u8; N];
    rand::rngs::SysRng.try_fill_bytes(&mut bytes).map_err(|error| ApiError::internal(error.to_string()))?;
    Ok(bytes)
}

/// Somebody signed in, and what they may see.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Who.
    pub who: Who,
    /// What people call them.
    pub name: String,
    /// How they signed in: `password`, `oidc`, `lti`, ...
    pub way: String,
    /// The session's row; absent for programs with a key.
    pub session: Option<i64>,
    /// When the session ends, however busy it is, ms since 1970; absent where there is none.
    pub ends_ms: Option<i64>,
    /// The launch from an LMS that began the session, if one did.
    pub launch: Option<lti::Launch>,
    /// The accounts in which they may see anything, ascending by id; never empty for administrators.
    pub accounts: Vec<Rights>,
}

/// What somebody may see in an account.
#[derive(Clone, Debug)]
pub struct Rights {
    /// The account's name.
    pub name: String,
    /// For the engine.
    pub caller: Caller,
}

impl SignedIn {
    /// Whose what they make is.
    pub fn owner(&self) -> String {
        self.who.to_string()
    }

    /// The caller for the engine, in an account (the first one when none is named).
    ///
    /// # Errors
    /// 404 when there is no such account, or nothing in it to be seen.
    pub fn caller(&self, account: Option<AccountId>) -> ApiResult<Caller> {
        let mut accounts = self.accounts.iter().map(|rights| &rights.caller);
        let found = match account {
            Some(asked) => accounts.find(|caller| caller.account == asked),
            None => accounts.next(),
        };
        found.cloned().ok_or_else(ApiError::not_found)
    }

    /// Whether they look after the installation: local administrators.
    pub fn is_operator(&self) -> bool {
        matches!(self.who, Who::Local(_))
    }
}

/// What the settings say of rights.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Fewest people of whom something is shown to those who may not see names.
    pub smallest_group: u32,
    /// Everybody sees what they watched themselves.
    pub own_record: bool,
    /// Roles by what the identity provider claims.
    pub claimed: Arc<[Rule]>,
    /// How long a session lasts at most, ms.
    pub session_ms: i64,
}

impl Rules {
    /// Reads them.
    pub fn of(settings: &Settings) -> Rules {
        Rules {
            smallest_group: settings.smallest_group.0,
            own_record: settings.own_record,
            // An installation has one identity provider: the other's rules are none.
            claimed: match settings.saml_idp_metadata {
                Some(_) => settings.saml_roles.clone(),
                None => settings.oidc_roles.clone(),
            },
            session_ms: session::longest_ms(settings),
        }
    }
}

/// What somebody may see, account by account.
///
/// # Errors
/// When the vault cannot be read.
pub fn rights(
    vault: &Vault,
    rules: &Rules,
    catalog: &CatalogView,
    who: &Who,
    facts: &Facts,
    now_ms: i64,
) -> Result<Vec<Rights>, VaultError> {
    let key = if let Who::Key(key) = who { vault.key(*key, now_ms)? } else { None };
    let mut found = Vec::new();
    for (id, account) in &catalog.accounts {
        let grants = match who {
            // Local administrators look after all accounts.
            Who::Local(_) => vec![Grant::Administration],
            Who::Person { account, id: person } if account == id => {
                let mut grants = of_person(vault, rules, catalog, *id, person)?;
                grants.extend(facts.administrator.then_some(Grant::Administration));
                grants.extend(rules::granted(&rules.claimed, &facts.claims).map(Grant::from));
                grants.extend(facts.staff.iter().map(|category| Grant::Staff { category: category.as_str().into() }));
                grants
            }
            Who::Person { .. } => continue,
            Who::Key(_) => match &key {
                Some(key) if key.account == *id => vec![key.grant(account)],
                _ => continue,
            },
        };
        let caller = Caller { account: *id, grants, smallest_group: rules.smallest_group };
        found.push(Rights { name: account.name.to_string(), caller });
    }
    Ok(found)
}

/// What a person may see: by the roles granted, and by the catalog.
fn of_person(
    vault: &Vault,
    rules: &Rules,
    catalog: &CatalogView,
    account: AccountId,
    person: &str,
) -> Result<Vec<Grant>, VaultError> {
    let granted = vault.roles(account, person)?;
    let mut grants: Vec<Grant> = granted.into_iter().map(Grant::from).collect();
    let key = catalog.accounts.get(&account).and_then(|account| account.person_keys.get(person)).copied();
    if let Some(key) = key {
        grants.push(Grant::Person(key));
        grants.extend(rules.own_record.then_some(Grant::OwnRecord(key)));
    }
    Ok(grants)
}

/// The caller that an owner ([`SignedIn::owner`]) is now, for work done when they are not there; `None` when they have no
/// rights any more. What their sign-ins proved counts as long as one of those sessions lasts.
///
/// # Errors
/// When the vault cannot be read.
pub fn caller_of(
    vault: &Vault,
    rules: &Rules,
    catalog: &CatalogView,
    owner: &str,
    account: AccountId,
    now_ms: i64,
) -> Result<Option<Caller>, VaultError> {
    let Some(who) = Who::parse(owner) else { return Ok(None) };
    if let Who::Local(user) = who
        && !vault.has_user(user)?
    {
        return Ok(None);
    }
    let lasting = vault.sessions(&who)?.into_iter().filter(|session| session.lasts(rules.session_ms, now_ms));
    let facts = lasting.fold(Facts::default(), |facts, session| facts.join(session.facts));
    let all = rights(vault, rules, catalog, &who, &facts, now_ms)?;
    Ok(all
        .into_iter()
        .map(|rights| rights.caller)
        .find(|caller| caller.account == account && !caller.grants.is_empty()))
}

/// The caller of the command line: who reads the data folder sees everything in it.
pub fn command_line(account: AccountId) -> Caller {
    Caller::administrator(account)
}

impl From<vault::Granted> for Grant {
    fn from(granted: vault::Granted) -> Grant {
        match granted.role {
            Role::Administrator => Grant::Administration,
            Role::Analyst => Grant::Everything { people: granted.people },
            Role::Department => Grant::Department { category: granted.category.into(), people: granted.people },
        }
    }
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let worker = app.clone();
        // A program's token is its own word; a browser's cookie may be of the one who sat here before.
        let by_proxy = proxy::person(app, parts).filter(|_| session::bearer(&parts.headers).is_none());
        if let Some(who) = by_proxy {
            return app.blocking(move || brought(&worker, who)).await?;
        }
        let token = session::token(&parts.headers, app).ok_or_else(|| ApiError::new(Code::SignInNeeded))?.to_owned();
        app.blocking(move || signed_in(&worker, &token)).await?
    }
}

fn signed_in(app: &App, token: &str) -> ApiResult<SignedIn> {
    if token.starts_with(PREFIX) {
        let key = app.vault().use_key(token, app.now_ms()).map_err(ApiError::internal)?;
        let key = key.ok_or_else(|| ApiError::new(Code::SignInNeeded))?;
        let who = Who::Key(key.id);
        let accounts = rights_now(app, &who, &Facts::default())?;
        return Ok(SignedIn {
            who,
            name: key.name,
            way: "key".to_owned(),
            session: None,
            ends_ms: None,
            launch: None,
            accounts,
        });
    }
    let session = session::find(app, token)?;
    let accounts = rights_now(app, &session.who, &session.facts)?;
    let ends_ms = session.ends_ms(session::session_ms(app));
    Ok(SignedIn {
        ends_ms: Some(ends_ms),
        who: session.who,
        name: session.name,
        way: session.way,
        session: Some(session.id),
        launch: session.facts.launch,
        accounts,
    })
}

/// A person whom the proxy in front brings, for this request.
fn brought(app: &App, who: Who) -> ApiResult<SignedIn> {
    let accounts = rights_now(app, &who, &Facts::default())?;
    let name = if let Who::Person { id, .. } = &who { id.clone() } else { who.to_string() };
    Ok(SignedIn { who, name, way: "proxy".to_owned(), session: None, ends_ms: None, launch: None, accounts })
}

fn rights_now(app: &App, who: &Who, facts: &Facts) -> ApiResult<Vec<Rights>> {
    let (rules, catalog) = (Rules::of(app.settings()), app.catalog_view());
    rights(app.vault(), &rules, &catalog, who, facts, app.now_ms()).map_err(ApiError::internal)
}

/// Somebody who administers at least one account: settings, the catalog, roles. To others its routes do not exist.
#[derive(Clone, Debug)]
pub struct Administrator(SignedIn);

impl Administrator {
    /// Who it is.
    pub fn signed_in(&self) -> &SignedIn {
        &self.0
    }

    /// The account to administer (the first one when none is named).
    ///
    /// # Errors
    /// 404 when there is no such account, or it is not theirs to administer.
    pub fn account(&self, asked: Option<AccountId>) -> ApiResult<AccountId> {
        let mut theirs = self.0.accounts.iter().filter(|rights| rights.caller.is_administrator());
        let found = theirs.find(|rights| asked.is_none_or(|asked| rights.caller.account == asked));
        found.map(|rights| rights.caller.account).ok_or_else(ApiError::not_found)
    }
}

impl FromRequestParts<App> for Administrator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let signed_in = SignedIn::from_request_parts(parts, app).await?;
        let administers = signed_in.accounts.iter().any(|rights| rights.caller.is_administrator());
        // Before there is an account there is nothing to administer but the installation.
        if administers || signed_in.is_operator() { Ok(Administrator(signed_in)) } else { Err(ApiError::not_found()) }
    }
}

/// Somebody who looks after the installation. To others its routes do not exist.
#[derive(Clone, Debug)]
pub struct Operator(SignedIn);

impl Operator {
    /// Who it is.
    pub fn signed_in(&self) -> &SignedIn {
        &self.0
    }
}

impl FromRequestParts<App> for Operator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let signed_in = SignedIn::from_request_parts(parts, app).await?;
        if signed_in.is_operator() { Ok(Operator(signed_in)) } else { Err(ApiError::not_found()) }
    }
}

/// The address that a request comes from, past trusted proxies: behind one, attempts of different people must not count
/// as those of one. Tests in process have none.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub Option<IpAddr>);

impl FromRequestParts<App> for Peer {
    type Rejection = std::convert::Infallible;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let forwarded = parts.headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
        Ok(Peer(address::sender(peer, forwarded, &app.settings().trusted_proxies)))
    }
}
