//! The identity provider: what it publishes about itself, and the exchange of a code for what it knows of a person.

use crate::app::App;
use crate::auth::fetch::{self, Client, FetchError};
use crate::auth::jwks::{Expected, TokenError};
use crate::catalog_import::{ImportError, read_secret};
use serde_json::Value;
use std::sync::Arc;
use subtle::ConstantTimeEq;
use thiserror::Error;
use url::{Url, form_urlencoded};

/// What a provider publishes is read again after this long, ms.
const FRESH_MS: i64 = 60 * 60 * 1000;
/// After a failure it is left alone for this long, ms, however many want to sign in.
const AGAIN_MS: i64 = 5 * 1000;

/// Claims that hold what people call somebody, the first that there is.
pub(super) const NAMES: [&str; 2] = ["name", "preferred_username"];

/// Why the provider, or its answer, cannot be used.
#[derive(Debug, Error)]
pub(super) enum ProviderError {
    /// It does not answer, or not with success.
    #[error("ask the provider")]
    Fetch(#[from] FetchError),
    /// It calls itself something else than the settings do.
    #[error("it calls itself {found:?}, and oidc.issuer is {expected:?}")]
    Issuer {
        /// What it calls itself.
        found: String,
        /// What the settings say.
        expected: String,
    },
    /// Something is missing or no address.
    #[error("{0:?} is missing from its answer, or not what it must be")]
    Field(&'static str),
    /// The file with our secret.
    #[error("read oidc.client_secret_file")]
    Secret(#[from] ImportError),
    /// The token is not believed.
    #[error("believe its token")]
    Token(#[from] TokenError),
    /// The token was made for another sign-in.
    #[error("its token has another nonce")]
    Nonce,
    /// What it says about the person is about somebody else.
    #[error("its user info is about another person than its token")]
    OtherPerson,
    /// It failed a moment ago.
    #[error("it failed a moment ago: {0}")]
    Before(String),
}

/// The provider as it was last read.
#[derive(Debug, Default)]
pub(super) struct Known {
    provider: Option<(Provider, i64)>,
    failed: Option<(String, i64)>,
}

impl Known {
    /// What is known, if that is not too old; an error if it could not be had just now.
    pub(super) fn fresh(&self, now_ms: i64) -> Result<Option<Provider>, ProviderError> {
        if let Some((provider, _)) = self.provider.as_ref().filter(|(_, at_ms)| now_ms - at_ms < FRESH_MS) {
            return Ok(Some(provider.clone()));
        }
        match &self.failed {
            Some((why, at_ms)) if now_ms - at_ms < AGAIN_MS => Err(ProviderError::Before(why.clone())),
            _ => Ok(None),
        }
    }

    /// Keeps what was found.
    pub(super) fn keep(
        &mut self,
        found: Result<Provider, ProviderError>,
        now_ms: i64,
    ) -> Result<Provider, ProviderError> {
        match &found {
            Ok(provider) => *self = Known { provider: Some((provider.clone(), now_ms)), failed: None },
            Err(error) => self.failed = Some((error.to_string(), now_ms)),
        }
        found
    }
}

/// What a provider publishes about itself (OpenID Connect Discovery 1.0).
#[derive(Clone, Debug)]
pub(super) struct Provider {
    issuer: Arc<str>,
    pub(super) authorization: Url,
    token: Url,
    keys: Url,
    user_info: Option<Url>,
}

impl Provider {
    /// Asks it. It waits.
    pub(super) fn discover(client: &Client, issuer: &str) -> Result<Provider, ProviderError> {
        let at = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let at = Url::parse(&at).map_err(|_| ProviderError::Field("issuer"))?;
        let about = client.get(&at, "application/json", None)?.body;
        let address =
            |name| about[name].as_str().and_then(|text| Url::parse(text).ok()).ok_or(ProviderError::Field(name));
        // Else somebody could answer for somebody else.
        let found = about["issuer"].as_str().unwrap_or_default();
        if found != issuer {
            return Err(ProviderError::Issuer { found: found.to_owned(), expected: issuer.to_owned() });
        }
        let authorization = address("authorization_endpoint")?;
        fetch::check(&authorization)?;
        Ok(Provider {
            issuer: issuer.into(),
            authorization,
            token: address("token_endpoint")?,
            keys: address("jwks_uri")?,
            user_info: address("userinfo_endpoint").ok(),
        })
    }

    /// Exchanges a code for what the provider knows of the person. It waits.
    pub(super) fn exchange(
        &self,
        app: &App,
        redirect_uri: &str,
        code: &str,
        verifier: &str,
        nonce: &str,
    ) -> Result<Proved, ProviderError> {
        let (settings, client) = (app.settings(), app.keys().client());
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", verifier),
        ];
        let secret = settings.oidc_client_secret_file.as_deref().map(read_secret).transpose()?;
        // RFC 6749, 2.3.1: both are form-encoded before they are joined.
        let encoded = |bytes: &[u8]| form_urlencoded::byte_serialize(bytes).collect::<String>();
        let basic = secret.map(|secret| (encoded(settings.oidc_client_id.as_bytes()), encoded(&secret.0)));
        if basic.is_none() {
            form.push(("client_id", &settings.oidc_client_id));
        }
        let basic = basic.as_ref().map(|(name, secret)| (name.as_str(), secret.as_str()));
        let answer = client.post_form(&self.token, &form, basic)?.body;
        let token = answer["id_token"].as_str().ok_or(ProviderError::Field("id_token"))?;
        let expected = Expected { issuer: &self.issuer, client: &settings.oidc_client_id, keys: &self.keys };
        let claims = app.keys().verify(token, &expected, app.now_ms())?;
        if !bool::from(claims["nonce"].as_str().unwrap_or_default().as_bytes().ct_eq(nonce.as_bytes())) {
            return Err(ProviderError::Nonce);
        }
        let mut proved = Proved { claims, info: Value::Null };
        let wanted = settings.oidc_roles.iter().map(|rule| &rule.claim).chain([&settings.oidc_person_claim]);
        let nameless = NAMES.iter().all(|claim| proved.claim(claim).is_none());
        let missing = nameless || wanted.into_iter().any(|claim| proved.claim(claim).is_none());
        // Many providers put into the token little more than `sub`.
        if let (true, Some(at), Some(bearer)) = (missing, &self.user_info, answer["access_token"].as_str()) {
            proved.info = client.get(at, "application/json", Some(bearer))?.body;
            if proved.info["sub"] != proved.claims["sub"] {
                return Err(ProviderError::OtherPerson);
            }
        }
        Ok(proved)
    }
}

/// What a provider says of a person.
#[derive(Clone, Debug)]
pub(super) struct Proved {
    claims: Value,
    info: Value,
}

impl Proved {
    /// A claim by its name, or by its path (`realm_access.roles`): the token's, else the user info's.
    pub(super) fn claim(&self, name: &str) -> Option<&Value> {
        let path = format!("/{}", name.replace('.', "/"));
        [&self.claims, &self.info].into_iter().find_map(|all| all.get(name).or_else(|| all.pointer(&path)))
    }
}
