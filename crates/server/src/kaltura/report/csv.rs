//! A report as a CSV file: `getUrlForReportAsCsv` gives an address that is good for an hour, `serve` the file behind it.
//! The file is made when it is fetched, with the rights that the one who asked for it has then.

use super::{Ask, FILE_ROWS_MAX, graph, table, total};
use crate::access_log::{Action, New, Outcome as Ended};
use crate::auth;
use crate::jobs::State;
use crate::kaltura::answer::{Data, Object};
use crate::kaltura::errors::{Fault, Outcome};
use crate::kaltura::request::{Params, needed, word};
use crate::kaltura::session;
use crate::kaltura::{Call, Reply};
use crate::sheet::csv::harmless;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use engine::catalog::Secret;
use engine::event::AccountId;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How long an address is good, seconds.
const GOOD_S: i64 = 3_600;
/// Addresses that wait to be fetched. One too many takes the oldest away.
const WAITING_MAX: usize = 1_000;
/// Bytes of the parameters of one: filters may name thousands of ids. A thousand of them are 64 MB.
const PARAMS_BYTES_MAX: usize = 64 << 10;
/// What Excel needs to know UTF-8.
pub(super) const BOM: &str = "\u{feff}";

/// A file, ready.
pub struct File {
    name: &'static str,
    bytes: Vec<u8>,
}

impl IntoResponse for File {
    fn into_response(self) -> Response {
        let disposition = format!("attachment; filename=\"{}\"", self.name);
        let headers = [
            (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
            (header::CONTENT_DISPOSITION, disposition),
            (header::CACHE_CONTROL, "no-store".to_owned()),
            (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*".to_owned()),
        ];
        (headers, self.bytes).into_response()
    }
}

/// Tables that were asked for as files and not fetched yet. They live in memory, with the sessions that asked for them.
#[derive(Default)]
pub struct Waiting(Mutex<BTreeMap<String, Asked>>);

#[derive(Clone)]
struct Asked {
    params: Params,
    ks: String,
    until_s: i64,
}

impl Waiting {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Asked>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
    fn keep(&self, id: String, asked: Asked, now_s: i64) {
        let mut waiting = self.lock();
        waiting.retain(|_, asked| asked.until_s > now_s);
        if waiting.len() >= WAITING_MAX
            && let Some(oldest) = waiting.iter().min_by_key(|(_, asked)| asked.until_s).map(|(id, _)| id.clone())
        {
            waiting.remove(&oldest);
        }
        waiting.insert(id, asked);
    }
    fn find(&self, id: &str, now_s: i64) -> Option<Asked> {
        self.lock().get(id).filter(|asked| asked.until_s > now_s).cloned()
    }
}

/// `report.getUrlForReportAsCsv`.
pub(in crate::kaltura) fn get_url(call: &Call<'_>) -> Outcome<Data> {
    for name in ["reportTitle", "reportText", "headers"] {
        needed(call.params, name)?;
    }
    // What is wrong is told now, not to whoever fetches the file.
    Ask::read(call)?;
    let session = call.session()?;
    let mut params = call.params.clone();
    params.remove("ks");
    if serde_json::to_string(&params).is_ok_and(|text| text.len() > PARAMS_BYTES_MAX) {
        return Err(Fault::too_general());
    }
    let id = auth::fresh_token().map_err(Fault::from)?;
    let until_s = call.now_s() + GOOD_S;
    let url = url(call, &session, &id, until_s)?;
    call.files().keep(id, Asked { params, ks: session.text().to_owned(), until_s }, call.now_s());
    Ok(Data::Text(url))
}

/// The address of a file: its own key is in it, and opens nothing else.
pub(super) fn url(call: &Call<'_>, session: &session::Session, id: &str, until_s: i64) -> Outcome<String> {
    let account = call.app().catalog().account(session.account()).ok_or_else(|| call.forbidden())?;
    let secret = account.admin_secrets.first().ok_or_else(|| call.forbidden())?;
    address(call.origin(), secret, session.account(), session.ks.user.as_deref(), id, until_s)
}

/// The same below an origin.
pub(super) fn address(
    origin: &str,
    secret: &Secret,
    account: AccountId,
    user: Option<&str>,
    id: &str,
    until_s: i64,
) -> Outcome<String> {
    let ks = session::made(secret, account, 0, user.unwrap_or(""), until_s, &format!("download:{id}"))?;
    Ok(format!("{origin}/api_v3/index.php/service/report/action/serve/ks/{ks}/id/{id}/report.csv"))
}

/// `report.serve`: the file of an address, or of an export.
pub(in crate::kaltura) fn serve(call: &Call<'_>) -> Outcome<Reply> {
    let session = call.session()?;
    let id = needed(call.params, "id")?;
    if !session.may_take(&id) {
        return Err(call.forbidden());
    }
    let gone = || Fault::no_report(&id);
    let Some(asked) = call.files().find(&id, call.now_s()) else {
        return export(call, &session, &id)?.map(Reply::Export).ok_or_else(gone);
    };
    let asking = Rc::new(session::verify(call, &asked.ks, call.path())?);
    if asking.account() != session.account() {
        return Err(gone());
    }
    let ground = call.ground();
    let mut ask = Ask::with(&ground, asking, &asked.params, "reportInputFilter")?;
    ask.page = (0, FILE_ROWS_MAX);
    let bytes = file(&ask, &asked.params)?;
    ask.look(call, Action::File)?;
    Ok(Reply::Csv(File { name: "report.csv", bytes }))
}

/// The file of an export by its number: the first digits of its id.
fn export(call: &Call<'_>, session: &session::Session, id: &str) -> Outcome<Option<crate::jobs::ExportFile>> {
    let Ok(number) = id.parse::<u64>() else { return Ok(None) };
    let (jobs, owner) = (call.app().jobs(), session.owner());
    let all = jobs.list(&owner).map_err(|error| Fault::ours(&error))?;
    let Some(job) = all.into_iter().find(|job| super::export::number(&job.asked.spec) == Some(number)) else {
        return Ok(None);
    };
    if job.state != State::Done {
        return Err(Fault::internal(&format!("the export is {}", job.state.word())));
    }
    let new = New {
        at_ms: call.source().now_ms,
        who: owner.clone(),
        way: "kaltura".to_owned(),
        account: Some(session.account()),
        action: Action::ExportFetched,
        subject: "account".to_owned(),
        question: "report.exportToCsv".to_owned(),
        rows: job.rows,
        result: Ended::Given,
    };
    call.app().vault().access_log().append(&new).map_err(|error| Fault::ours(&error))?;
    jobs.open_file(&owner, &job.id).map_err(|error| Fault::ours(&error))
}

/// The days of a report as people read them.
pub(super) fn dates(ask: &Ask<'_>) -> String {
    let day = |ms: i64| {
        let at = jiff::Timestamp::from_millisecond(ms).map(|at| at.to_zoned_datetime(ask.time.zone.clone()).date());
        at.map(|day| day.strftime("%b %-d, %Y").to_string()).unwrap_or_default()
    };
    let hours = ask.time.ahead_ms as f64 / 3_600_000.0;
    let zone = if hours == 0.0 { "GMT".to_owned() } else { format!("GMT{hours:+}") };
    format!("{} - {} ({zone})", day(ask.time.from.start_ms()), day(ask.time.to.start_ms() - 1))
}

/// A line of cells, each quoted. What a spreadsheet would run as a formula is defused.
pub(super) fn line<'c>(out: &mut Vec<u8>, cells: impl IntoIterator<Item = &'c str>) {
    for (number, cell) in cells.into_iter().enumerate() {
        if number > 0 {
            out.push(b',');
        }
        out.push(b'"');
        let number_like = cell.parse::<f64>().is_ok();
        let harmless = if number_like { cell.into() } else { harmless(cell) };
        out.extend_from_slice(harmless.replace('"', "\"\"").as_bytes());
        out.push(b'"');
    }
    out.extend_from_slice(b"\r\n");
}

/// The whole file: title, text, days, then graphs, total and table.
fn file(ask: &Ask<'_>, params: &Params) -> Outcome<Vec<u8>> {
    let text = |name: &str| word(params, name).unwrap_or_default();
    let mut out = BOM.as_bytes().to_vec();
    line(&mut out, [text("reportTitle").as_str()]);
    line(&mut out, [text("reportText").as_str()]);
    line(&mut out, [dates(ask).as_str()]);
    let headers = text("headers");
    let mut headers =
        headers.split(';').map(|part| part.split(',').map(|name| name.trim().to_owned()).collect::<Vec<_>>());
    let (total_names, table_names) = (headers.next().unwrap_or_default(), headers.next().unwrap_or_default());
    line(&mut out, ["# Graph"]);
    for (id, points) in graphs(ask)? {
        line(&mut out, [id.as_str()]);
        for point in points {
            line(&mut out, point.iter().map(String::as_str));
        }
    }
    line(&mut out, ["# Total"]);
    let (header, cells) = totals(ask)?;
    line(&mut out, named(&total_names, &header));
    line(&mut out, cells.iter().map(String::as_str));
    line(&mut out, ["# Table"]);
    let found = table::table(ask)?;
    line(&mut out, named(&table_names, &found.header));
    for row in &found.rows {
        line(&mut out, row.iter().map(String::as_str));
    }
    Ok(out)
}

/// The names that a client gave, where they fit; ours else.
fn named<'n>(given: &'n [String], ours: &'n [&'static str]) -> Vec<&'n str> {
    if given.len() == ours.len() { given.iter().map(String::as_str).collect() } else { ours.to_vec() }
}

/// A total as header and cells.
pub(super) fn totals(ask: &Ask<'_>) -> Outcome<(Vec<&'static str>, Vec<String>)> {
    let header = ask.of.total.iter().map(|column| column.name).collect();
    Ok((header, total::values(ask)?.into_iter().map(super::number).collect()))
}

/// Graphs as ids and points of cells.
pub(super) fn graphs(ask: &Ask<'_>) -> Outcome<Vec<(String, Vec<Vec<String>>)>> {
    let one = |data: Data| {
        let Data::Object(Object { fields, .. }) = data else { return (String::new(), Vec::new()) };
        let text = |index: usize| match &fields[index].1 {
            Data::Text(text) => text.clone(),
            _ => String::new(),
        };
        let points = text(1);
        let points = points
            .split(';')
            .filter(|point| !point.is_empty())
            .map(|point| point.split(&ask.delimiter).map(str::to_owned).collect());
        (text(0), points.collect())
    };
    Ok(graph::graphs(ask)?.into_iter().map(one).collect())
}
