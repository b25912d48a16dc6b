//! Dynamic registration: the platform's administrator pastes a one-time link of ours, the platform opens it with the
//! address of its own description, and both sides write the other down.

use super::platform::NewPlatform;
use super::{Refusal, ours};
use crate::app::App;
use crate::auth::vault::Vault;
use crate::auth::{fetch::Fetched, fresh_token};
use engine::event::AccountId;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use url::Url;

/// How long a registration link is good, ms.
pub const LINK_MS: i64 = 24 * 3_600_000;
/// Variables that launches ask for; platforms that do not know one send it as it stands.
const CUSTOM: &[(&str, &str)] = &[
    ("login", "$User.username"),
    ("canvas_login", "$Canvas.user.loginId"),
    ("canvas_user_id", "$Canvas.user.id"),
    ("canvas_course_id", "$Canvas.course.id"),
    ("locale", "$Message.locale"),
    ("zone", "$Person.address.timezone"),
    ("term_name", "$Canvas.term.name"),
    ("term_start", "$Canvas.term.startAt"),
    ("term_end", "$Canvas.term.endAt"),
    ("previous_courses", "$Canvas.course.previousCourseIds"),
    ("high_contrast", "$Canvas.user.prefersHighContrast"),
    ("message_token", "$com.instructure.PostMessageToken"),
    ("sections", "$com.instructure.User.sectionNames"),
];

/// A new registration link's token, for an account.
///
/// # Errors
/// When the vault cannot be written.
pub fn make_link(vault: &Vault, account: AccountId, now_ms: i64) -> Result<String, Refusal> {
    let token = fresh_token()?;
    vault.lti_add_link(&token, account, now_ms, now_ms + LINK_MS)?;
    Ok(token)
}

/// Registers with the platform whose description is at `configuration`. The link is used up whatever comes of it. It
/// waits for the platform.
///
/// # Errors
/// When the link is not good, or the platform's answers are not.
pub fn register(app: &App, link: &str, configuration: &str, token: Option<&str>) -> Result<NewPlatform, Refusal> {
    let account = app.vault().lti_use_link(link, app.now_ms())?.ok_or(Refusal::Link)?;
    let at = Url::parse(configuration).map_err(|_| Refusal::Configuration("its address is none"))?;
    let client = app.keys().client();
    let told = client.get(&at, "application/json", None)?.body;
    let url =
        |name: &'static str| told[name].as_str().and_then(|url| Url::parse(url).ok()).ok_or(Refusal::Missing(name));
    let issuer = told["issuer"].as_str().ok_or(Refusal::Missing("issuer"))?;
    // Who describes an issuer must be at its host: or any site could pass for it.
    let host = Url::parse(issuer).ok().map(|url| url.origin());
    if host != Some(at.origin()) {
        return Err(Refusal::Configuration("the issuer is not at the address of its description"));
    }
    let register = url("registration_endpoint")?;
    if register.origin() != at.origin() {
        return Err(Refusal::Configuration("the registration endpoint is not at the issuer's address"));
    }
    let Fetched { body: answer, .. } = client.post_json(&register, &about_us(app)?, token)?;
    let client_id = answer["client_id"].as_str().ok_or(Refusal::Missing("client_id"))?;
    let tool = "https://purl.imsglobal.org/spec/lti-tool-configuration";
    let deployment = answer[tool]["deployment_id"].as_str().map(str::to_owned);
    let product = told["https://purl.imsglobal.org/spec/lti-platform-configuration"]["product_family_code"].as_str();
    let is = NewPlatform {
        name: host.map(|host| host.ascii_serialization()).unwrap_or_default(),
        issuer: issuer.to_owned(),
        client_id: client_id.to_owned(),
        deployments: deployment.into_iter().collect(),
        auth_url: url("authorization_endpoint")?,
        token_url: url("token_endpoint")?,
        token_audience: told["authorization_server"].as_str().map(str::to_owned),
        jwks_url: url("jwks_uri")?,
        origins: BTreeSet::new(),
        person: person_of(product).to_owned(),
        course: if product == Some("canvas") { "custom.canvas_course_id" } else { "context.id" }.to_owned(),
        link_custom: false,
    };
    is.check().map_err(|(field, _)| Refusal::Missing(field))?;
    let registered = app.vault().lti_put_platform(account, &is)?;
    registered.ok_or(Refusal::Configuration("another account has this platform"))?;
    Ok(is)
}

/// Where a product tells people's names for signing in. An administrator can change it.
fn person_of(product: Option<&str>) -> &'static str {
    match product {
        Some("canvas") => "custom.canvas_login",
        Some("moodle") => "ext.user_username",
        _ => "lis.person_sourcedid",
    }
}

/// The description of ourselves.
fn about_us(app: &App) -> Result<Value, Refusal> {
    let at = |path: &str| ours(app, path).map(|url| url.to_string());
    let host = ours(app, "/")?.host_str().unwrap_or_default().to_owned();
    let custom: serde_json::Map<String, Value> =
        CUSTOM.iter().map(|(name, variable)| ((*name).to_owned(), json!(variable))).collect();
    let launch = at("/lti/launch")?;
    Ok(json!({
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["client_credentials", "implicit"],
        "initiate_login_uri": at("/lti/login")?,
        "redirect_uris": [launch],
        "client_name": "Playhead",
        "jwks_uri": at("/lti/jwks")?,
        "logo_uri": at("/icon.svg")?,
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly",
        "https://purl.imsglobal.org/spec/lti-tool-configuration": {
            "domain": host,
            "description": "Who watched what, in this course.",
            "target_link_uri": launch,
            "custom_parameters": custom,
            "claims": ["iss", "sub", "name", "email"],
            "messages": [
                { "type": "LtiResourceLinkRequest", "label": "Playhead", "target_link_uri": launch,
                  "placements": ["course_navigation"] },
                { "type": "LtiDeepLinkingRequest", "label": "Playhead", "target_link_uri": launch,
                  "placements": ["ContentArea", "link_selection"] },
            ],
        },
    }))
}
