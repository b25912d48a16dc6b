//! Exports that take longer than one waits for: asked for here, made one after another, fetched when they are done.
//! One sees only one's own; another's answers as if it did not exist.

use super::answer::instant;
use super::body::Body;
use super::download;
use super::look::deed;
use super::params::Params;
use crate::access_log::{Action, New};
use crate::app::App;
use crate::auth::SignedIn;
use crate::error::{ApiError, ApiResult, Code, Problem};
use crate::exports;
use crate::jobs::{Job, JobSpec, JobsError, State as Stage};
use crate::sheet::{Form, Names, Options};
use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// How the file is to be.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FileOptions {
    /// CSV: begin with a byte order mark, which Excel needs to know UTF-8. Default false.
    bom: bool,
    /// With what was asked and what the columns mean. Default true.
    definitions: bool,
    /// CSV and XLSX: columns are called by their labels, not by their ids. Default false.
    labels: bool,
}

impl Default for FileOptions {
    fn default() -> FileOptions {
        FileOptions { bom: false, definitions: true, labels: false }
    }
}

/// What is to be exported.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewExport {
    /// What you call it: 1 to 200 characters. The file's name derives from it.
    title: String,
    /// `csv`, `ndjson`, `xlsx` or `parquet`.
    form: String,
    /// How the file of a catalog is to be; of a report its query says so.
    options: Option<FileOptions>,
    /// What is in it: `{"kind": "catalog"}`, every record of the account's catalog; or
    /// `{"kind": "report", "name": "reports/overview/recordings", "query": "period=last_month"}`, what `/api/v1/` with this name
    /// and query string gives as a file (`totals`, `series`, `table`, `heat`, `rows`, `reports/REPORT/PANEL`).
    #[schema(value_type = Object)]
    spec: Value,
}

/// An export.
#[derive(Debug, Serialize, ToSchema)]
pub struct Export {
    /// Id.
    id: String,
    /// What its owner calls it.
    title: String,
    /// Partner id of the account it is about.
    account: u32,
    /// `csv`, `ndjson`, `xlsx` or `parquet`.
    form: &'static str,
    /// How the file is.
    options: FileOptions,
    /// What is in it.
    #[schema(value_type = Object)]
    spec: Value,
    /// `queued`, `running`, `done`, `failed` or `cancelled`.
    state: &'static str,
    /// Rows so far.
    rows: u64,
    /// Rows there will be, where that is known.
    rows_total: Option<u64>,
    /// Bytes so far.
    bytes: u64,
    /// Why it failed.
    error: Option<String>,
    /// Asked for at (RFC 3339).
    created_at: String,
    /// Begun at.
    started_at: Option<String>,
    /// Ended at, well or not.
    finished_at: Option<String>,
    /// Gone at, with its file.
    expires_at: Option<String>,
    /// Where the file is, once it is done.
    file: Option<String>,
}

impl From<Job> for Export {
    fn from(job: Job) -> Export {
        let file = (job.state == Stage::Done).then(|| format!("/api/v1/exports/{}/file", job.id));
        let JobSpec { owner: _, account, title, form, options, spec } = job.asked;
        Export {
            id: job.id,
            title,
            account: account.0,
            form: form.word(),
            options: FileOptions {
                bom: options.bom,
                definitions: options.definitions,
                labels: options.names == Names::Labels,
            },
            spec,
            state: job.state.word(),
            rows: job.rows,
            rows_total: job.rows_total,
            bytes: job.bytes,
            error: job.error,
            created_at: instant(job.created_ms),
            started_at: job.started_ms.map(instant),
            finished_at: job.finished_ms.map(instant),
            expires_at: job.expires_ms.map(instant),
            file,
        }
    }
}

/// An export.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportAnswer {
    data: Export,
}

/// Exports.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportRows {
    /// Newest first.
    rows: Vec<Export>,
}

/// Exports.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportsAnswer {
    data: ExportRows,
}

fn failure(error: JobsError) -> ApiError {
    match error {
        JobsError::Refused(refusal) => ApiError::bad(&refusal.field, refusal.problem),
        JobsError::TooMany { limit } => ApiError::new(Code::TooManyExports).detail(limit),
        JobsError::NoFile(state) => ApiError::new(Code::NoFile).detail(format!("It is {}.", state.word())),
        other => ApiError::internal(other),
    }
}

/// Ask for an export
///
/// It is made when its turn comes; ask for it again to see how far it is, and fetch its file when it is done. It survives
/// a restart of the server, and is kept for `exports.keep_hours` after it has ended.
#[utoipa::path(post, path = "/api/v1/exports", tag = "exports", request_body = NewExport,
    params(("account" = Option<u32>, Query, description = "Partner id; default the first.")),
    responses(
        (status = 202, description = "Taken; `Location` says where it is.", body = ExportAnswer),
        (status = 400, description = "A field does not fit.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Not signed in.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such account.", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many are waiting or kept.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn submit(
    who: SignedIn,
    State(app): State<App>,
    RawQuery(query): RawQuery,
    Body(new): Body<NewExport>,
) -> ApiResult<Response> {
    let params = Params::read(query.as_deref(), &[&["account"]])?;
    let account = who.caller(super::ask::account(&params)?)?.account;
    let form = Form::of(&new.form).ok_or_else(|| {
        let words: Vec<&str> = Form::ALL.iter().map(|form| form.word()).collect();
        ApiError::bad("form", format!("It is one of {}.", words.join(", ")))
    })?;
    let given = new.options.map(|given| Options {
        bom: given.bom,
        definitions: given.definitions,
        names: if given.labels { Names::Labels } else { Names::Ids },
        ..Options::default()
    });
    let options = exports::options(form, &new.spec, given).map_err(|refusal| failure(refusal.into()))?;
    let asked = JobSpec { owner: who.owner(), account, title: new.title, form, options, spec: new.spec };
    let worker = app.clone();
    let job = app
        .blocking(move || {
            let deed = deed_of(&worker, &who, Action::ExportAsked, &asked);
            let job = worker.jobs().submit(asked).map_err(failure)?;
            if let Err(error) = worker.vault().access_log().append(&deed) {
                worker.jobs().cancel(&who.owner(), &job.id).map_err(failure)?;
                return Err(ApiError::internal(error));
            }
            Ok(job)
        })
        .await??;
    let location = format!("/api/v1/exports/{}", job.id);
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(ExportAnswer { data: job.into() })).into_response())
}

/// My exports
#[utoipa::path(get, path = "/api/v1/exports", tag = "exports", responses(
    (status = 200, description = "All of them, newest first.", body = ExportsAnswer),
    (status = 401, description = "Not signed in.", body = Problem, content_type = "application/problem+json"),
))]
pub async fn list(who: SignedIn, State(app): State<App>) -> ApiResult<Json<ExportsAnswer>> {
    let worker = app.clone();
    let jobs = app.blocking(move || worker.jobs().list(&who.owner())).await?.map_err(failure)?;
    Ok(Json(ExportsAnswer { data: ExportRows { rows: jobs.into_iter().map(Export::from).collect() } }))
}

/// One export
///
/// How far it is.
#[utoipa::path(get, path = "/api/v1/exports/{id}", tag = "exports",
    params(("id" = String, Path, description = "Id.")),
    responses(
        (status = 200, description = "The export.", body = ExportAnswer),
        (status = 401, description = "Not signed in.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "You have no such export.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn get(who: SignedIn, State(app): State<App>, Path(id): Path<String>) -> ApiResult<Json<ExportAnswer>> {
    let worker = app.clone();
    let job = app.blocking(move || worker.jobs().get(&who.owner(), &id)).await?.map_err(failure)?;
    Ok(Json(ExportAnswer { data: job.ok_or_else(ApiError::not_found)?.into() }))
}

/// Cancel or remove an export
///
/// One that waits or runs is cancelled and stays in the list until it expires; one that has ended goes away at once, with
/// its file.
#[utoipa::path(delete, path = "/api/v1/exports/{id}", tag = "exports",
    params(("id" = String, Path, description = "Id.")),
    responses(
        (status = 204, description = "Done."),
        (status = 401, description = "Not signed in.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "You have no such export.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn cancel(who: SignedIn, State(app): State<App>, Path(id): Path<String>) -> ApiResult<StatusCode> {
    let worker = app.clone();
    let found = app.blocking(move || worker.jobs().cancel(&who.owner(), &id)).await?.map_err(failure)?;
    if found { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::not_found()) }
}

/// The file of an export
#[utoipa::path(get, path = "/api/v1/exports/{id}/file", tag = "exports",
    params(("id" = String, Path, description = "Id.")),
    responses(
        (status = 200, description = "The file.", content(
            (Vec<u8> = "text/csv"), (Vec<u8> = "application/x-ndjson"), (Vec<u8> = "application/vnd.apache.parquet"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        )),
        (status = 401, description = "Not signed in.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "You have no such export.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is not done.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn file(who: SignedIn, State(app): State<App>, Path(id): Path<String>) -> ApiResult<Response> {
    let worker = app.clone();
    let file = app.blocking(move || {
        let (jobs, owner) = (worker.jobs(), who.owner());
        let job = jobs.get(&owner, &id).map_err(failure)?.ok_or_else(ApiError::not_found)?;
        let file = jobs.open_file(&owner, &id).map_err(failure)?.ok_or_else(ApiError::not_found)?;
        let deed = New { rows: job.rows, ..deed_of(&worker, &who, Action::ExportFetched, &job.asked) };
        worker.vault().access_log().append(&deed).map_err(ApiError::internal)?;
        ApiResult::Ok(file)
    });
    Ok(download::file(file.await??))
}

/// An export in the access log.
fn deed_of(app: &App, who: &SignedIn, action: Action, asked: &JobSpec) -> New {
    let (subject, question) = exports::in_words(&app.catalog_view(), asked);
    New { question, ..deed(app, who, Some(asked.account), action, subject) }
}
