//! Saved views: addresses of the pages under a name, one's own or shared with the account. The address is the state, so
//! that nothing else needs to be kept; whoever opens one sees what they may see themselves.

use super::answer::instant;
use super::body::Body;
use super::params::Params;
use crate::app::App;
use crate::auth::SignedIn;
use crate::auth::vault::Who;
use crate::desk::SavedView;
use crate::embeds::{NAME_BYTES_MAX, broken, short};
use crate::error::{ApiError, ApiResult, Problem};
use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use engine::access::Caller;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Views that one person may have: far more than a menu can show.
const VIEWS_MAX: u64 = 200;
/// Longest address, bytes: what browsers and proxies take without trouble.
const PATH_BYTES_MAX: usize = 2_000;
/// First pieces of addresses that are not pages.
const NOT_PAGES: &[&str] =
    &["api", "auth", "lti", "api_v3", "e", "t.js", "xapi", "caliper", "metrics", "healthz", "readyz"];

/// A saved view, to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewView {
    /// What it is called.
    name: String,
    /// Path and query of one of these pages: `/recording/1_a?period=7d`.
    path: String,
    /// Shown to everybody in the account.
    #[serde(default)]
    shared: bool,
}

/// A saved view.
#[derive(Debug, Serialize, ToSchema)]
pub struct ViewShown {
    /// Its number.
    id: i64,
    /// What it is called.
    name: String,
    /// Path and query.
    path: String,
    /// Shown to everybody in the account.
    shared: bool,
    /// It is the reader's own.
    mine: bool,
    /// The reader may change it.
    may_change: bool,
    /// Who made it, of shared ones.
    by: Option<String>,
    /// Made (RFC 3339).
    created: String,
    /// Changed last (RFC 3339).
    changed: String,
}

/// Saved views.
#[derive(Debug, Serialize, ToSchema)]
pub struct ViewsAnswer {
    data: Vec<ViewShown>,
}

/// A saved view.
#[derive(Debug, Serialize, ToSchema)]
pub struct ViewAnswer {
    data: ViewShown,
}

/// Whose views they are. Programs have none.
fn person(who: &SignedIn, query: Option<&str>) -> ApiResult<Caller> {
    let caller = who.caller(super::ask::account(&Params::read(query, &[&["account"]])?)?)?;
    if matches!(who.who, Who::Key(_)) { Err(ApiError::not_found()) } else { Ok(caller) }
}

fn may_change(view: &SavedView, who: &SignedIn, caller: &Caller) -> bool {
    view.owner == who.owner() || view.shared && caller.is_administrator()
}

fn shown(app: &App, who: &SignedIn, caller: &Caller, view: SavedView) -> ViewShown {
    let mine = view.owner == who.owner();
    let by = view.shared.then(|| name_of(app, &view.owner)).flatten();
    ViewShown {
        may_change: may_change(&view, who, caller),
        id: view.id,
        name: view.name,
        path: view.path,
        shared: view.shared,
        mine,
        by,
        created: instant(view.created_ms),
        changed: instant(view.changed_ms),
    }
}

/// What somebody is called, by what a table keeps of them.
pub(super) fn name_of(app: &App, owner: &str) -> Option<String> {
    let who = Who::parse(owner)?;
    let Who::Person { account, id } = &who else { return app.vault().name(&who).ok().flatten() };
    let catalog = app.catalog_view();
    let account = catalog.accounts.get(account)?;
    let person = account.person_keys.get(id.as_str()).and_then(|key| account.people.get(key));
    Some(person.map_or(id.clone(), |person| person.name.to_string()))
}

fn check(new: &NewView) -> ApiResult<()> {
    if new.name.trim().is_empty() {
        return Err(ApiError::bad("name", "It is what the view is called; it may not be empty."));
    }
    short("name", &new.name, NAME_BYTES_MAX)?;
    short("path", &new.path, PATH_BYTES_MAX)?;
    let wrong = || ApiError::bad("path", "It is path and query of one of these pages: /recording/1_a?period=7d.");
    if !new.path.starts_with('/') || new.path.starts_with("//") || new.path.contains(['\\', '\n']) {
        return Err(wrong());
    }
    // As a browser reads it: dots, escapes and a second slash may lead elsewhere.
    let base = url::Url::parse("https://here.invalid/").map_err(ApiError::internal)?;
    let url = base.join(&new.path).map_err(|_| wrong())?;
    let first = url.path_segments().and_then(|mut pieces| pieces.next()).unwrap_or_default();
    let ours = url.origin() == base.origin() && url.fragment().is_none();
    if ours && !NOT_PAGES.contains(&first) && !url.path().starts_with("//") { Ok(()) } else { Err(wrong()) }
}

/// Saved views
///
/// One's own, and those shared in the account, by name.
#[utoipa::path(get, path = "/api/v1/views", tag = "views",
    params(("account" = Option<u32>, Query, description = "Partner id; default the first.")),
    responses(
        (status = 200, description = "All of them.", body = ViewsAnswer),
        (status = 404, description = "No such account, or a program with a key.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn list(who: SignedIn, State(app): State<App>, RawQuery(query): RawQuery) -> ApiResult<Json<ViewsAnswer>> {
    let caller = person(&who, query.as_deref())?;
    let worker = app.clone();
    let data = app.blocking(move || -> ApiResult<Vec<ViewShown>> {
        let views = worker.vault().desk().views(caller.account, &who.owner()).map_err(broken)?;
        Ok(views.into_iter().map(|view| shown(&worker, &who, &caller, view)).collect())
    });
    Ok(Json(ViewsAnswer { data: data.await?? }))
}

/// Save a view
#[utoipa::path(post, path = "/api/v1/views", tag = "views", request_body = NewView,
    params(("account" = Option<u32>, Query, description = "Partner id; default the first.")),
    responses(
        (status = 201, description = "Saved.", body = ViewAnswer),
        (status = 400, description = "A field does not fit.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such account, or a program with a key.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn add(
    who: SignedIn,
    State(app): State<App>,
    RawQuery(query): RawQuery,
    Body(new): Body<NewView>,
) -> ApiResult<Response> {
    let caller = person(&who, query.as_deref())?;
    check(&new)?;
    let worker = app.clone();
    let data = app.blocking(move || -> ApiResult<ViewShown> {
        let (desk, owner, now_ms) = (worker.vault().desk(), who.owner(), worker.now_ms());
        if desk.view_count(caller.account, &owner).map_err(broken)? >= VIEWS_MAX {
            return Err(ApiError::bad("name", format!("You have {VIEWS_MAX} views; remove one first.")));
        }
        let NewView { name, path, shared } = new;
        let view = SavedView { id: 0, owner, name, path, shared, created_ms: now_ms, changed_ms: now_ms };
        let id = desk.save_view(caller.account, &view, true).map_err(broken)?;
        Ok(shown(&worker, &who, &caller, SavedView { id, ..view }))
    });
    Ok((StatusCode::CREATED, Json(ViewAnswer { data: data.await?? })).into_response())
}

/// A view that somebody may change.
fn changeable(app: &App, who: &SignedIn, caller: &Caller, id: i64) -> ApiResult<SavedView> {
    let view = app.vault().desk().view(caller.account, id).map_err(broken)?;
    view.filter(|view| may_change(view, who, caller)).ok_or_else(ApiError::not_found)
}

/// Change a view
///
/// One's own; administrators also those that others share.
#[utoipa::path(put, path = "/api/v1/views/{id}", tag = "views", request_body = NewView,
    params(
        ("account" = Option<u32>, Query, description = "Partner id; default the first."),
        ("id" = i64, Path, description = "Its number."),
    ),
    responses(
        (status = 200, description = "Changed.", body = ViewAnswer),
        (status = 400, description = "A field does not fit; nothing was changed.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such view, or not theirs to change.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn put(
    who: SignedIn,
    State(app): State<App>,
    Path(id): Path<i64>,
    RawQuery(query): RawQuery,
    Body(new): Body<NewView>,
) -> ApiResult<Json<ViewAnswer>> {
    let caller = person(&who, query.as_deref())?;
    check(&new)?;
    let worker = app.clone();
    let data = app.blocking(move || -> ApiResult<ViewShown> {
        let old = changeable(&worker, &who, &caller, id)?;
        let NewView { name, path, shared } = new;
        let view = SavedView { name, path, shared, changed_ms: worker.now_ms(), ..old };
        worker.vault().desk().save_view(caller.account, &view, false).map_err(broken)?;
        Ok(shown(&worker, &who, &caller, view))
    });
    Ok(Json(ViewAnswer { data: data.await?? }))
}

/// Take a view away
#[utoipa::path(delete, path = "/api/v1/views/{id}", tag = "views",
    params(
        ("account" = Option<u32>, Query, description = "Partner id; default the first."),
        ("id" = i64, Path, description = "Its number."),
    ),
    responses(
        (status = 204, description = "Taken away."),
        (status = 404, description = "No such view, or not theirs to change.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn remove(
    who: SignedIn,
    State(app): State<App>,
    Path(id): Path<i64>,
    RawQuery(query): RawQuery,
) -> ApiResult<StatusCode> {
    let caller = person(&who, query.as_deref())?;
    let worker = app.clone();
    app.blocking(move || {
        changeable(&worker, &who, &caller, id)?;
        worker.vault().desk().remove_view(caller.account, id).map_err(broken)
    })
    .await??;
    Ok(StatusCode::NO_CONTENT)
}
