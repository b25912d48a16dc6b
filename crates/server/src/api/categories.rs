//! Courses and channels as the catalog knows them: what the head of their page says.

use super::answer::instant;
use super::entries::{Named, seen};
use super::look::Asked;
use super::params::Params;
use crate::app::{App, Source};
use crate::auth::SignedIn;
use crate::error::{ApiError, ApiResult, Problem};
use axum::Json;
use axum::extract::{Path, RawQuery, State};
use engine::access::{Caller, People, Subject};
use engine::catalog::view::{AccountView, Role};
use engine::event::Text;
use serde::Serialize;
use utoipa::ToSchema;

/// When a course is held.
#[derive(Debug, Serialize, ToSchema)]
pub struct TermShown {
    /// Term id; the period `term:ID` is the term.
    id: String,
    /// Name.
    name: String,
    /// Its first moment (RFC 3339).
    from: String,
    /// The first moment after it (RFC 3339).
    to: String,
}

/// A course or channel.
#[derive(Debug, Serialize, ToSchema)]
pub struct CategoryShown {
    /// Id.
    id: String,
    /// Name; the id when none is known.
    name: String,
    /// `course`, `channel`, or empty when the catalog does not say.
    kind: String,
    /// Deleted.
    deleted: bool,
    /// Created (RFC 3339).
    created: Option<String>,
    /// Last changed (RFC 3339).
    updated: Option<String>,
    /// The term in which it is held.
    term: Option<TermShown>,
    /// Sections of the course.
    sections: Vec<Named>,
    /// The category above it.
    parent: Option<Named>,
    /// The same course's last offering.
    previous: Option<Named>,
    /// Direct sub-categories.
    subcategories: Vec<Named>,
    /// Recordings in it now, without sub-categories.
    recordings: usize,
    /// Its students now; absent for those who may not see names.
    students: Option<usize>,
}

/// A course or channel.
#[derive(Debug, Serialize, ToSchema)]
pub struct CategoryAnswer {
    data: CategoryShown,
}

fn told(source: &Source, caller: &Caller, id: &str) -> ApiResult<CategoryShown> {
    let (account, scope) = seen(source, caller, &Subject::Category { id: id.into(), subtree: false })?;
    let category = account.categories.get(id).ok_or_else(ApiError::not_found)?;
    let named = |id: &Text| Named { id: id.to_string(), name: name(&account, id) };
    let term = |id: &Text| {
        let (name, from, to) = account.terms.get(id)?;
        Some(TermShown { id: id.to_string(), name: name.to_string(), from: instant(*from), to: instant(*to) })
    };
    let students = || category.people_at(Role::Student, source.now_ms).len();
    Ok(CategoryShown {
        id: id.to_owned(),
        name: category.name.to_string(),
        kind: category.kind.to_string(),
        deleted: category.deleted,
        created: category.created_ms.map(instant),
        updated: category.updated_ms.map(instant),
        term: category.term.as_ref().and_then(term),
        sections: category
            .sections
            .iter()
            .map(|(id, name)| Named { id: id.to_string(), name: name.to_string() })
            .collect(),
        parent: category.parent.as_ref().map(named),
        previous: category.previous.as_ref().map(named),
        subcategories: account.children.get(id).into_iter().flatten().map(named).collect(),
        recordings: account.category_entries.get(id).map_or(0, std::collections::BTreeSet::len),
        students: (scope.people() == People::Names).then(students),
    })
}

fn name(account: &AccountView, id: &Text) -> String {
    account.categories.get(id).map_or_else(|| id.to_string(), |category| category.name.to_string())
}

/// One course or channel
#[utoipa::path(get, path = "/api/v1/categories/{id}", tag = "catalog",
    params(("id" = String, Path, description = "Category id."), ("account" = Option<u32>, Query, description = "Partner id; default the first.")),
    responses(
        (status = 200, description = "What the catalog knows.", body = CategoryAnswer),
        (status = 404, description = "No such course or channel.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn one(
    who: SignedIn,
    State(app): State<App>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> ApiResult<Json<CategoryAnswer>> {
    let params = Params::read(query.as_deref(), &[&["account"]])?;
    let caller = who.caller(super::ask::account(&params)?)?;
    let worker = app.clone();
    let data = app.report(move |source| {
        let asked = Asked { app: &worker, who: &who, name: "categories", params: &params };
        let subject = format!("category:{}", id.replace('\\', r"\\").replace(',', r"\,"));
        asked.refusal(&source, caller.account, &subject, told(&source, &caller, &id))
    });
    Ok(Json(CategoryAnswer { data: data.await? }))
}
