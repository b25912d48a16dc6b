//! Roles that administrators grant to people of their account. What people own and where they teach is in the catalog.

use super::body::Body;
use super::catalog::account_of;
use super::look::deed;
use super::params::Params;
use crate::access_log::{Action, New};
use crate::app::App;
use crate::auth::Administrator;
use crate::auth::vault::{Granted, Role};
use crate::error::{ApiError, ApiResult, Problem};
use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use engine::access::People;
use engine::event::AccountId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A role of a person.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleOf {
    /// The institution's id of the person.
    person: String,
    /// `administrator` (all of the account, its settings), `analyst` (all of the account's figures) or `department` (a
    /// category and all below it).
    role: String,
    /// The department's category id; none for the other roles.
    #[serde(default)]
    category: String,
    /// How people appear: `names`, `pseudonyms` or `none`. Administrators always see names.
    #[serde(default)]
    people: Option<String>,
}

/// The roles granted in an account.
#[derive(Debug, Serialize, ToSchema)]
pub struct RolesAnswer {
    data: Vec<RoleOf>,
}

/// Roles
///
/// Those granted in the account, by person.
#[utoipa::path(get, path = "/api/v1/roles", tag = "access",
    params(("account" = Option<u32>, Query, description = "Partner id; default the first.")),
    responses(
        (status = 200, description = "All of them.", body = RolesAnswer),
        (status = 404, description = "Not an administrator there.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn list(
    who: Administrator,
    State(app): State<App>,
    RawQuery(query): RawQuery,
) -> ApiResult<Json<RolesAnswer>> {
    let account = account_of(&who, &Params::read(query.as_deref(), &[&["account"]])?)?;
    let worker = app.clone();
    let roles = app.blocking(move || worker.vault().all_roles(account)).await?.map_err(ApiError::internal)?;
    let shown = |(person, granted): (String, Granted)| RoleOf {
        person,
        role: granted.role.name().to_owned(),
        category: granted.category,
        people: Some(granted.people.name().to_owned()),
    };
    Ok(Json(RolesAnswer { data: roles.into_iter().map(shown).collect() }))
}

/// Grant a role
///
/// Holds from the person's next request on. One that is there changes how people appear.
#[utoipa::path(put, path = "/api/v1/roles", tag = "access", request_body = RoleOf,
    params(("account" = Option<u32>, Query, description = "Partner id; default the first.")),
    responses(
        (status = 204, description = "Granted."),
        (status = 400, description = "A field does not fit.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Not an administrator there.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn grant(
    who: Administrator,
    State(app): State<App>,
    RawQuery(query): RawQuery,
    Body(asked): Body<RoleOf>,
) -> ApiResult<StatusCode> {
    let account = account_of(&who, &Params::read(query.as_deref(), &[&["account"]])?)?;
    let catalog = app.catalog_view();
    let known = |category: &str| catalog.accounts.get(&account).is_some_and(|a| a.categories.contains_key(category));
    let role = role_of(&asked.role)?;
    if asked.person.is_empty() {
        return Err(ApiError::bad("person", "It is the institution's id of a person."));
    }
    match role {
        Role::Department if !known(&asked.category) => {
            return Err(ApiError::bad("category", "A department is a category of the catalog: its id is needed."));
        }
        Role::Administrator | Role::Analyst if !asked.category.is_empty() => {
            return Err(ApiError::bad("category", "Only a department has one."));
        }
        _ => {}
    }
    let people = match asked.people.as_deref() {
        _ if role == Role::Administrator => People::Names,
        // Names are granted in so many words, or not at all.
        None => People::Pseudonyms,
        Some(word) => People::of(word).ok_or_else(|| ApiError::bad("people", "It is names, pseudonyms or none."))?,
    };
    let worker = app.clone();
    let granted = Granted { role, category: asked.category, people };
    app.blocking(move || {
        let deed = of(&worker, &who, account, Action::RoleGranted, &asked.person, &granted);
        worker.vault().access_log().append(&deed)?;
        worker.vault().grant(account, &asked.person, &granted)
    })
    .await?
    .map_err(ApiError::internal)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take a role away
///
/// From the person's next request on.
#[utoipa::path(delete, path = "/api/v1/roles", tag = "access",
    params(
        ("account" = Option<u32>, Query, description = "Partner id; default the first."),
        ("person" = String, Query, description = "The institution's id of the person."),
        ("role" = String, Query, description = "`administrator`, `analyst` or `department`."),
        ("category" = Option<String>, Query, description = "The department's category."),
    ),
    responses(
        (status = 204, description = "Taken away."),
        (status = 404, description = "No such role, or not an administrator there.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn revoke(who: Administrator, State(app): State<App>, RawQuery(query): RawQuery) -> ApiResult<StatusCode> {
    let params = Params::read(query.as_deref(), &[&["account", "person", "role", "category"]])?;
    let account = account_of(&who, &params)?;
    let role = role_of(params.needed("role", "administrator, analyst or department")?)?;
    let person = params.needed("person", "the institution's id of a person")?.to_owned();
    let category = params.one("category")?.unwrap_or_default().to_owned();
    let worker = app.clone();
    let gone = app.blocking(move || {
        let theirs = worker.vault().roles(account, &person)?;
        let Some(granted) = theirs.iter().find(|granted| granted.role == role && granted.category == category) else {
            return Ok(false);
        };
        let deed = of(&worker, &who, account, Action::RoleRevoked, &person, granted);
        worker.vault().access_log().append(&deed)?;
        worker.vault().revoke(account, &person, role, &category)
    });
    if gone.await?.map_err(ApiError::internal)? { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::not_found()) }
}

/// A change of roles in the access log, written before it: no change goes unrecorded.
fn of(app: &App, who: &Administrator, account: AccountId, action: Action, person: &str, role: &Granted) -> New {
    let deed = deed(app, who.signed_in(), Some(account), action, format!("person:{person}"));
    let category = if role.category.is_empty() { String::new() } else { format!(" of {}", role.category) };
    New { question: format!("{}{category}, people: {}", role.role.name(), role.people.name()), ..deed }
}

fn role_of(word: &str) -> ApiResult<Role> {
    Role::of(word).ok_or_else(|| ApiError::bad("role", "It is administrator, analyst or department."))
}
