//! The second half of a launch: the platform's token, checked against the login that asked for it, becomes a session.

use super::claims::{Claims, CourseRole};
use super::deep::Deep;
use super::login::{Login, is_ours};
use super::platform::Platform;
use super::store::Learned;
use super::{Launch, Refusal};
use crate::app::App;
use crate::auth::jwks::{Expected, TokenError};
use crate::auth::session::NewSession;
use crate::auth::vault::{Facts, Who};
use engine::catalog::view::AccountView;
use engine::event::Text;
use jsonwebtoken::{Algorithm, decode_header};
use serde_json::Value;
use url::Url;

/// A launch that may begin a session.
#[derive(Debug)]
pub struct Launched {
    /// The session.
    pub session: NewSession,
    /// The platform.
    pub platform: Platform,
    /// As what, in the course.
    pub role: CourseRole,
    /// The catalog's category for the course, if there is one.
    pub category: Option<Text>,
    /// The recording that the clicked link is about.
    pub entry: Option<String>,
    /// Where the platform lists the course's members.
    pub members: Option<Url>,
    /// Everything that the token says.
    pub claims: Value,
}

/// Checks the token of a login, whose state has been used up by now.
///
/// # Errors
/// What is wrong with it. It may wait for the platform's keys.
pub fn check(app: &App, login: &Login, token: &str) -> Result<Launched, Refusal> {
    let platform = app.vault().lti_platform(login.platform)?.ok_or(Refusal::Platform)?;
    // Also what is not a token at all, or signed with `none`, ends here.
    let header = decode_header(token).map_err(TokenError::from)?;
    if header.alg != Algorithm::RS256 {
        return Err(Refusal::Algorithm);
    }
    // Platforms name their keys, also where they have one.
    header.kid.ok_or(TokenError::NoKey)?;
    let expected =
        Expected { issuer: &platform.is.issuer, client: &platform.is.client_id, keys: &platform.is.jwks_url };
    let said = app.keys().verify(token, &expected, app.now_ms())?;
    let claims = Claims(&said);
    if claims.plain("nonce") != Some(&login.nonce) {
        return Err(Refusal::Nonce);
    }
    if claims.text("version") != Some("1.3.0") {
        return Err(Refusal::Version);
    }
    let deployment = claims.text("deployment_id").ok_or(Refusal::Missing("deployment_id"))?;
    if !platform.is.deployments.contains(deployment) {
        return Err(Refusal::Deployment(deployment.to_owned()));
    }
    is_ours(app, claims.text("target_link_uri").ok_or(Refusal::Missing("target_link_uri"))?)?;
    let deep = match claims.text("message_type").ok_or(Refusal::Missing("message_type"))? {
        "LtiResourceLinkRequest" => None,
        "LtiDeepLinkingRequest" => Some(Deep::read(&said, &platform.is)?),
        other => return Err(Refusal::MessageType(other.to_owned())),
    };
    let sub = claims.plain("sub").ok_or(Refusal::Missing("sub"))?;
    let role = claims.role();
    let person = person(app, &platform, claims, sub, role)?;
    let context = claims.context().unwrap_or_default();
    let category = category(app, &platform, claims, deployment, context)?;
    let staff = category.iter().filter(|_| role.is_staff()).map(ToString::to_string).collect();
    let members =
        claims.0["https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"]["context_memberships_url"]
            .as_str()
            .and_then(|url| Url::parse(url).ok());
    let launch = Launch { platform: platform.id, deployment: deployment.to_owned(), context: context.to_owned(), deep };
    let session = NewSession {
        who: Who::Person { account: platform.account, id: person },
        name: claims.name().unwrap_or_else(|| platform.is.name.clone()),
        way: "lti",
        facts: Facts { staff, launch: Some(launch), ..Facts::default() },
    };
    let entry = claims.custom("entry").map(str::to_owned);
    Ok(Launched { session, role, category, entry, members, platform, claims: said })
}

/// The catalog's id of whoever launches. Who is not known to it gets an id that no catalog has: course rights need none.
fn person(app: &App, platform: &Platform, claims: Claims<'_>, sub: &str, role: CourseRole) -> Result<String, Refusal> {
    let stranger = || Ok(format!("lti:{}:{sub}", platform.id));
    if role == CourseRole::TestUser {
        return stranger();
    }
    if let Some(id) = claims.person(&platform.is) {
        app.vault().lti_learn(platform.id, Learned::Person, sub, id)?;
        return Ok(id.to_owned());
    }
    match app.vault().lti_learned(platform.id, Learned::Person, sub)? {
        Some(id) => Ok(id),
        None => stranger(),
    }
}

/// The catalog's category for the course of a launch.
fn category(
    app: &App,
    platform: &Platform,
    claims: Claims<'_>,
    deployment: &str,
    context: &str,
) -> Result<Option<Text>, Refusal> {
    if context.is_empty() {
        return Ok(None);
    }
    let theirs = serde_json::to_string(&(deployment, context)).map_err(|error| Refusal::Ours(error.to_string()))?;
    let course = match claims.course(&platform.is) {
        Some(course) => {
            app.vault().lti_learn(platform.id, Learned::Course, &theirs, course)?;
            course.to_owned()
        }
        None => app.vault().lti_learned(platform.id, Learned::Course, &theirs)?.unwrap_or_else(|| context.to_owned()),
    };
    let catalog = app.catalog_view();
    Ok(catalog.accounts.get(&platform.account).and_then(|view| of_course(view, &course)))
}

/// The category of an LMS course: of several the one that changed last, because courses are given again.
fn of_course(view: &AccountView, course: &str) -> Option<Text> {
    let with = view.categories.iter().filter(|(_, category)| !category.deleted && *category.lms_course == *course);
    with.max_by_key(|(id, category)| (category.updated_ms.or(category.created_ms), *id)).map(|(id, _)| id.clone())
}
