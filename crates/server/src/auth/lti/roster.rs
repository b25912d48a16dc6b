//! The students of a course as the platform lists them (Names and Role Provisioning Services): from them one can tell
//! who has not watched. Fetched at a launch by the course's staff, at most once a day; forgotten when the course's term
//! is over, or when none of its staff has come for half a year.

use super::claims::CourseRole;
use super::platform::{NewPlatform, Platform};
use super::store::Learned;
use super::{Refusal, keys};
use crate::app::App;
use crate::auth::fresh_token;
use crate::auth::vault::{Vault, VaultError};
use engine::catalog::view::CatalogView;
use engine::event::{AccountId, Text};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use url::Url;

/// A roster is fetched again after a day, ms.
const FRESH_MS: i64 = 24 * 3_600_000;
/// A roster that nobody has needed for so long goes, ms: of courses without a term nobody says when they end.
const IDLE_MS: i64 = 183 * 24 * 3_600_000;
/// Pages of one roster at most: a platform that sends us in circles must come to an end.
const PAGES_MAX: usize = 500;
/// Students of one course at most; the largest open courses have fewer, and a roster is one text in memory.
const STUDENTS_MAX: usize = 100_000;
const SCOPE: &str = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly";
const ACCEPT: &str = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json";

/// A course's students at an instant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roster {
    /// The platform's row.
    pub platform: i64,
    /// The course there, with its deployment.
    pub context: String,
    /// When it was fetched, ms since 1970.
    pub fetched_ms: i64,
    /// Who.
    pub students: Vec<Student>,
}

/// A student.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Student {
    /// The platform's id.
    pub sub: String,
    /// The catalog's id, if the roster or a launch told it.
    pub id: Option<String>,
    /// Name, if the platform tells it.
    pub name: Option<String>,
}

/// Where a course's roster is to be fetched.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The platform.
    pub platform: Platform,
    /// Deployment and course there.
    pub context: String,
    /// The catalog's category.
    pub category: Text,
    /// The service.
    pub members: Url,
}

/// Forgets rosters whose course's term is over, then fetches this one if it is not fresh.
///
/// # Errors
/// When the platform does not answer.
pub fn refresh(app: &App, wanted: &Wanted) -> Result<(), Refusal> {
    forget_ended(app.vault(), || app.catalog_view(), app.now_ms())?;
    let (vault, now_ms, account) = (app.vault(), app.now_ms(), wanted.platform.account);
    let last = vault.lti_roster_ms(account, &wanted.category, wanted.platform.id, &wanted.context)?;
    if last.is_some_and(|last_ms| now_ms - last_ms < FRESH_MS)
        || has_ended(&app.catalog_view(), account, &wanted.category, now_ms)
    {
        return Ok(());
    }
    let students = fetch(app, &wanted.platform, &wanted.members)?;
    let roster = Roster { platform: wanted.platform.id, context: wanted.context.clone(), fetched_ms: now_ms, students };
    Ok(vault.lti_put_roster(account, &wanted.category, &roster)?)
}

/// Forgets the rosters of courses that are over. Says how many rosters. The catalog is asked for after the rosters are read: a
/// course that a launch makes meanwhile, with its roster, would look gone in an older one.
///
/// # Errors
/// When the vault cannot be written.
pub fn forget_ended(vault: &Vault, catalog: impl FnOnce() -> Arc<CatalogView>, now_ms: i64) -> Result<u64, VaultError> {
    let rosters = vault.lti_roster_categories()?;
    let (catalog, mut forgotten) = (catalog(), 0);
    for (account, category) in rosters {
        let before_ms = if has_ended(&catalog, account, &category, now_ms) { i64::MAX } else { now_ms - IDLE_MS };
        forgotten += vault.lti_drop_rosters(account, &category, before_ms)?;
    }
    Ok(forgotten)
}

/// Whether a course is over: its term, or it is gone.
fn has_ended(catalog: &CatalogView, account: AccountId, category: &str, now_ms: i64) -> bool {
    let Some(view) = catalog.accounts.get(&account) else { return true };
    let Some(course) = view.categories.get(category) else { return true };
    let term = course.term.as_ref().and_then(|term| view.terms.get(term));
    course.deleted || term.is_some_and(|(_, _, to_ms)| *to_ms <= now_ms)
}

/// A token for the service, asked for with a signed request.
fn token(app: &App, platform: &NewPlatform) -> Result<String, Refusal> {
    let now_s = app.now_ms() / 1000;
    let claims = json!({
        "iss": platform.client_id,
        "sub": platform.client_id,
        "aud": platform.audience(),
        "iat": now_s,
        "exp": now_s + 300,
        "jti": fresh_token()?,
    });
    let assertion = keys::sign(app.vault(), &claims, app.now_ms())?;
    let form = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", &assertion),
        ("scope", SCOPE),
    ];
    let answer = app.keys().client().post_form(&platform.token_url, &form, None)?.body;
    answer["access_token"].as_str().map(str::to_owned).ok_or(Refusal::Missing("access_token"))
}

fn fetch(app: &App, platform: &Platform, members: &Url) -> Result<Vec<Student>, Refusal> {
    let token = token(app, &platform.is)?;
    let mut students = Vec::new();
    let mut next = Some(members.clone());
    for _ in 0..PAGES_MAX {
        let Some(page) = next else { return Ok(students) };
        let fetched = app.keys().client().get(&page, ACCEPT, Some(&token))?;
        for member in fetched.body["members"].as_array().ok_or(Refusal::Missing("members"))? {
            if let Some(student) = student(member, &platform.is) {
                let told = student.id.is_some();
                let learned = match told {
                    true => student.id.clone(),
                    false => app.vault().lti_learned(platform.id, Learned::Person, &student.sub)?,
                };
                students.push(Student { id: learned, ..student });
            }
        }
        if students.len() > STUDENTS_MAX {
            return Err(Refusal::TooLong("members"));
        }
        // The token is this service's: it goes nowhere else.
        next = fetched.link.as_deref().and_then(next_page).and_then(|link| page.join(&link).ok());
        next = next.filter(|next| next.origin() == members.origin());
    }
    Err(Refusal::TooLong("members"))
}

/// A member who takes the course.
fn student(member: &Value, platform: &NewPlatform) -> Option<Student> {
    // Members without a status are active.
    if member["status"].as_str().is_some_and(|status| !status.eq_ignore_ascii_case("active")) {
        return None;
    }
    let roles = member["roles"].as_array()?.iter().filter_map(Value::as_str);
    // In this service roles of the course may be told by their last word.
    let full: Vec<String> = roles
        .map(|role| match role.contains(':') {
            true => role.to_owned(),
            false => format!("http://purl.imsglobal.org/vocab/lis/v2/membership#{role}"),
        })
        .collect();
    if CourseRole::of(full.iter().map(String::as_str)) != CourseRole::Student {
        return None;
    }
    let text = |name: &str| member[name].as_str().filter(|text| !text.is_empty() && !text.starts_with('$'));
    let id = match platform.person.as_str() {
        "sub" => text("user_id"),
        "email" => text("email"),
        "lis.person_sourcedid" => text("lis_person_sourcedid"),
        // Moodle tells `ext.user_username` as `ext_user_username`.
        path => path.strip_prefix("ext.").and_then(|name| text(&format!("ext_{name}"))),
    };
    let name = text("name").map(str::to_owned);
    Some(Student { sub: text("user_id")?.to_owned(), id: id.map(str::to_owned), name })
}

/// The address of `rel="next"` in a `Link` header.
fn next_page(header: &str) -> Option<String> {
    header.split(',').find_map(|link| {
        let (address, rest) = link.trim().strip_prefix('<')?.split_once('>')?;
        let next = rest.split(';').any(|part| part.trim().replace('"', "").eq_ignore_ascii_case("rel=next"));
        next.then(|| address.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_read() {
        let header = r#"<https://a/x?page=1>; rel="current", <https://a/x?page=2>; rel="next""#;
        assert_eq!(next_page(header).as_deref(), Some("https://a/x?page=2"));
        assert_eq!(next_page(r#"<https://a/x>; rel="last""#), None);
        assert_eq!(next_page("<https://a/x>; rel=next").as_deref(), Some("https://a/x"));
    }
}
