//! The catalog's objects: read, list, put, take away; and many at once. What a record may hold is one table in the
//! engine ([`engine::catalog::record`]); the description here derives from it.

use super::body::Body;
use super::params::Params;
use crate::app::App;
use crate::auth::Administrator;
use crate::error::{ApiError, ApiResult, Code, Problem};
use axum::extract::{DefaultBodyLimit, Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Json, body::Bytes};
use engine::catalog::record::{Field, FieldError, FieldKind, Kind, Record};
use engine::catalog::{CatalogError, Format};
use engine::event::AccountId;
use serde::Serialize;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::BTreeMap;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, KnownFormat, ObjectBuilder, OneOfBuilder, Schema, SchemaFormat, Type,
};
use utoipa::{PartialSchema, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Largest bulk import over HTTP, bytes: some 300,000 recordings. More goes by the command line.
const IMPORT_BYTES_MAX: usize = 64 << 20;
/// Rows on a page at most.
const PAGE_MAX: usize = 1_000;

/// The routes of the catalog.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get, put, delete))
        .merge(OpenApiRouter::new().routes(routes!(import)).layer(DefaultBodyLimit::max(IMPORT_BYTES_MAX)))
}

/// One record of any kind, as the table of shapes in the engine has it.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct CatalogRecord(Value);

impl CatalogRecord {
    fn of(record: &Record) -> CatalogRecord {
        CatalogRecord(serde_json::from_str(&record.to_json(false)).expect("records are written as JSON"))
    }
}

impl ToSchema for CatalogRecord {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("CatalogRecord")
    }
}

impl PartialSchema for CatalogRecord {
    fn schema() -> RefOr<Schema> {
        let one = |all: OneOfBuilder, kind: &Kind| all.item(object(kind.plural(), kind.fields()));
        let description = "A record of one kind; docs/catalog.md explains each.";
        RefOr::T(Kind::ALL.iter().fold(OneOfBuilder::new().description(Some(description)), one).into())
    }
}

fn object(title: &str, fields: &[Field]) -> ObjectBuilder {
    let closed = AdditionalProperties::<Schema>::FreeForm(false);
    let object = ObjectBuilder::new().title(Some(title)).additional_properties(Some(closed));
    fields.iter().fold(object, |object, field| {
        let object = object.property(field.name, value(field));
        if field.required { object.required(field.name) } else { object }
    })
}

fn value(field: &Field) -> RefOr<Schema> {
    let of = |kind: Type| ObjectBuilder::new().schema_type(kind).description(Some(field.meaning));
    RefOr::T(match field.kind {
        FieldKind::Text(max) => of(Type::String).max_length(Some(max)).into(),
        FieldKind::Person => of(Type::String).into(),
        FieldKind::Word(words) => of(Type::String).enum_values(Some(words.iter().copied())).into(),
        FieldKind::Flag => of(Type::Boolean).into(),
        FieldKind::Milliseconds => of(Type::Integer).minimum(Some(0)).into(),
        FieldKind::Instant => of(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime))).into(),
        FieldKind::Day => of(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::Date))).into(),
        FieldKind::Texts => ArrayBuilder::new()
            .items(ObjectBuilder::new().schema_type(Type::String))
            .description(Some(field.meaning))
            .into(),
        FieldKind::Objects(shape) => {
            ArrayBuilder::new().items(object(field.name, shape)).description(Some(field.meaning)).into()
        }
    })
}

/// A record.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordAnswer {
    data: CatalogRecord,
}

/// Records, one page of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordPage {
    /// The records, ascending by id.
    rows: Vec<CatalogRecord>,
    /// What to give as `after` for the next page; absent at the end.
    next: Option<String>,
}

/// Records.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordsAnswer {
    data: RecordPage,
}

/// A line that was not imported.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefusedLine {
    /// Its number, from 1.
    line: u64,
    /// What is wrong with it.
    errors: Vec<RefusedField>,
}

/// A field that does not fit.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefusedField {
    /// The field; empty when the line cannot be read at all.
    field: String,
    /// What is wrong, and what would be right.
    problem: String,
}

/// What an import did.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportDone {
    /// Records stored, by kind.
    stored: BTreeMap<&'static str, u64>,
    /// How many of them are new.
    created: u64,
    /// Lines that were not imported.
    bad: u64,
    /// The first thousand of them.
    bad_lines: Vec<RefusedLine>,
}

/// What an import did.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportAnswer {
    data: ImportDone,
}

/// The kind of a path.
fn kind_of(word: &str) -> ApiResult<Kind> {
    Kind::of(word).filter(|kind| kind.plural() == word).ok_or_else(ApiError::not_found)
}

/// The account that a request is about.
///
/// # Errors
/// 400 when it is not a number, 404 when there is none.
pub(super) fn account_of(who: &Administrator, params: &Params) -> ApiResult<AccountId> {
    let asked = params.one("account")?.map(str::parse).transpose();
    let asked = asked.map_err(|_| ApiError::bad("account", "It is a partner id, a whole number."))?;
    who.account(asked.map(AccountId))
}

/// A record's faults as one problem: the first names the field, all are told.
fn refusal(errors: &[FieldError]) -> ApiError {
    let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
    let mut refusal = ApiError::new(Code::BadBody).detail(told.join("; "));
    refusal.field = errors.first().map(|error| error.field.clone());
    refusal
}

fn failure(error: CatalogError) -> ApiError {
    match error {
        CatalogError::NoAccount(_) => ApiError::not_found(),
        other => ApiError::internal(other),
    }
}

/// Records of a kind
///
/// Ascending by id; `next` of the answer is `after` of the next request.
#[utoipa::path(get, path = "/api/v1/catalog/{kind}", tag = "catalog",
    params(
        ("kind" = String, Path, description = "`people`, `terms`, `categories`, `entries`, `links`, `members`, `playlists` or `notes`."),
        ("account" = Option<u32>, Query, description = "Partner id; default the first."),
        ("find" = Option<String>, Query, description = "Only those whose id or name contains this, in any case."),
        ("after" = Option<String>, Query, description = "Only those after this id."),
        ("size" = Option<usize>, Query, description = "Rows on a page, 1 to 1000; default 100."),
    ),
    responses(
        (status = 200, description = "One page of records.", body = RecordsAnswer),
        (status = 400, description = "A parameter does not fit.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such kind or account.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn list(
    who: Administrator,
    State(app): State<App>,
    Path(kind): Path<String>,
    RawQuery(query): RawQuery,
) -> ApiResult<Json<RecordsAnswer>> {
    let kind = kind_of(&kind)?;
    let params = Params::read(query.as_deref(), &[&["account", "find", "after", "size"]])?;
    let account = account_of(&who, &params)?;
    let size = params.number("size", 1, PAGE_MAX)?.unwrap_or(100);
    let worker = app.clone();
    let data = app
        .blocking(move || -> ApiResult<RecordPage> {
            let (after, find) = (params.one("after")?, params.one("find")?);
            // One more than wanted tells whether there is a next page.
            let mut records = worker.catalog().list(account, kind, after, find, size + 1).map_err(failure)?;
            let more = records.len() > size;
            records.truncate(size);
            let next = records.last().filter(|_| more).map(|last| last.id().to_owned());
            Ok(RecordPage { rows: records.iter().map(CatalogRecord::of).collect(), next })
        })
        .await??;
    Ok(Json(RecordsAnswer { data }))
}

/// One record
#[utoipa::path(get, path = "/api/v1/catalog/{kind}/{id}", tag = "catalog",
    params(
        ("kind" = String, Path, description = "As in the list."),
        ("id" = String, Path, description = "Id."),
        ("account" = Option<u32>, Query, description = "Partner id; default the first."),
    ),
    responses(
        (status = 200, description = "The record.", body = RecordAnswer),
        (status = 404, description = "No such record.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn get(
    who: Administrator,
    State(app): State<App>,
    Path((kind, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> ApiResult<Json<RecordAnswer>> {
    let kind = kind_of(&kind)?;
    let account = account_of(&who, &Params::read(query.as_deref(), &[&["account"]])?)?;
    let worker = app.clone();
    let record = app.blocking(move || worker.catalog().get(account, kind, &id)).await?.map_err(failure)?;
    Ok(Json(RecordAnswer { data: CatalogRecord::of(&record.ok_or_else(ApiError::not_found)?) }))
}

/// Create or replace a record
///
/// What the record does not say is unset; co-editors who are no longer named end now; log, replacements and end of
/// content stay unless given.
#[utoipa::path(put, path = "/api/v1/catalog/{kind}/{id}", tag = "catalog", request_body = CatalogRecord,
    params(
        ("kind" = String, Path, description = "As in the list."),
        ("id" = String, Path, description = "Id."),
        ("account" = Option<u32>, Query, description = "Partner id; default the first."),
    ),
    responses(
        (status = 200, description = "Replaced.", body = RecordAnswer),
        (status = 201, description = "Created.", body = RecordAnswer),
        (status = 400, description = "A field does not fit; nothing was changed.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such kind or account.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn put(
    who: Administrator,
    State(app): State<App>,
    Path((kind, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    Body(fields): Body<Map<String, Value>>,
) -> ApiResult<Response> {
    let kind = kind_of(&kind)?;
    let account = account_of(&who, &Params::read(query.as_deref(), &[&["account"]])?)?;
    let record = Record::check(kind, &fields, Some(&id)).map_err(|errors| refusal(&errors))?;
    let now_ms = app.now_ms();
    let worker = app.clone();
    let work = move || -> Result<(bool, Option<Record>), CatalogError> {
        let created = worker.catalog().put(account, &record, now_ms, &mut rand::random::<u64>)?;
        Ok((created, worker.catalog().get(account, kind, record.id())?))
    };
    let (created, stored) = app.blocking(work).await?.map_err(failure)?;
    let stored = stored.ok_or_else(|| ApiError::internal("a record that was put is not there"))?;
    let status = if created { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(RecordAnswer { data: CatalogRecord::of(&stored) })).into_response())
}

/// Take a record away
///
/// Recordings and categories are marked deleted, links and memberships end now, a person's id, name and mail are
/// forgotten while their views stay those of one person; all else is removed.
#[utoipa::path(delete, path = "/api/v1/catalog/{kind}/{id}", tag = "catalog",
    params(
        ("kind" = String, Path, description = "As in the list."),
        ("id" = String, Path, description = "Id."),
        ("account" = Option<u32>, Query, description = "Partner id; default the first."),
    ),
    responses(
        (status = 204, description = "Done."),
        (status = 404, description = "No such record.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn delete(
    who: Administrator,
    State(app): State<App>,
    Path((kind, id)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> ApiResult<StatusCode> {
    let kind = kind_of(&kind)?;
    let account = account_of(&who, &Params::read(query.as_deref(), &[&["account"]])?)?;
    let now_ms = app.now_ms();
    let worker = app.clone();
    let found = app.blocking(move || worker.catalog().delete(account, kind, &id, now_ms)).await?.map_err(failure)?;
    if found { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::not_found()) }
}

/// Many records at once
///
/// NDJSON, each line a record with its kind in `record`; or CSV (`text/csv`). Good lines are stored also when others
/// are refused; repeating an import changes nothing.
#[utoipa::path(post, path = "/api/v1/catalog/import", tag = "catalog",
    request_body(content(("application/x-ndjson"), ("text/csv"))),
    params(
        ("account" = Option<u32>, Query, description = "Partner id; default the first."),
        ("kind" = Option<String>, Query, description = "The kind of lines that do not say theirs: `entries`, ..."),
    ),
    responses(
        (status = 200, description = "What was stored and what was refused.", body = ImportAnswer),
        (status = 400, description = "A parameter does not fit.", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "More than 64 MiB.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn import(
    who: Administrator,
    State(app): State<App>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> ApiResult<Json<ImportAnswer>> {
    let params = Params::read(query.as_deref(), &[&["account", "kind"]])?;
    let account = account_of(&who, &params)?;
    let kind = params.one("kind")?.map(|word| {
        let words: Vec<&str> = Kind::ALL.iter().map(|kind| kind.plural()).collect();
        Kind::of(word).ok_or_else(|| ApiError::bad("kind", format!("It is one of {}.", words.join(", "))))
    });
    let kind = kind.transpose()?;
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::new(Code::TooLarge),
        _ => ApiError::new(Code::BadBody).detail(rejection.body_text()),
    })?;
    let is_csv = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.split(';').next().is_some_and(|word| word.trim().eq_ignore_ascii_case("text/csv")));
    let format = if is_csv { Format::Csv } else { Format::Ndjson };
    let now_ms = app.now_ms();
    let worker = app.clone();
    let report = app
        .blocking(move || {
            let mut input: &[u8] = &body;
            worker.catalog().import(account, &mut input, format, kind, now_ms, &mut rand::random::<u64>, &mut |_| ())
        })
        .await?
        .map_err(failure)?;
    let field = |error: FieldError| RefusedField { field: error.field, problem: error.problem };
    let data = ImportDone {
        stored: report.stored.into_iter().map(|(kind, count)| (kind.plural(), count)).collect(),
        created: report.created,
        bad: report.bad,
        bad_lines: report
            .bad_lines
            .into_iter()
            .map(|bad| RefusedLine { line: bad.line, errors: bad.errors.into_iter().map(field).collect() })
            .collect(),
    };
    Ok(Json(ImportAnswer { data }))
}
