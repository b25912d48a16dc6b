//! `report.exportToCsv`: several reports in one file, made as a job when its turn comes. Whoever asked fetches it with
//! `report.serve` and the number that they were given, or finds it among their exports; where a mail server is set they are
//! told by mail.

use super::csv::{BOM, address, dates, graphs, line, totals, url};
use super::{Ask, FILE_ROWS_MAX, Ground, table};
use crate::access_log::{Action, New, Outcome as Ended};
use crate::app::Source;
use crate::auth::vault::Vault;
use crate::auth::{self, Rules};
use crate::jobs::{JobSpec, JobsError, Progress, Refusal, WorkError};
use crate::kaltura::Call;
use crate::kaltura::answer::Data;
use crate::kaltura::errors::{Fault, Outcome};
use crate::kaltura::request::{Params, int, list, object, switch, word};
use crate::kaltura::session::Session;
use crate::mail::MailServer;
use crate::metrics::Metrics;
use crate::sheet::{Form, Options};
use engine::catalog::Catalog;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::io::Write;
use std::rc::Rc;

/// The kind of a spec.
pub const KIND: &str = "kaltura";
/// Reports in one export: a page of the front end has ten.
const ITEMS_MAX: usize = 50;
/// Longest title of a group, characters.
const GROUP_CHARS_MAX: usize = 100;
/// How long the address in a mail is good, seconds: as long as exports are kept unless a site says otherwise.
const GOOD_S: i64 = 24 * 3_600;

/// Bits of the number by which clients know an export: they take it for an integer that fits into a float.
const NUMBER_BITS: u32 = 52;

/// The number of an export of this kind.
pub(super) fn number(spec: &Value) -> Option<u64> {
    if spec.get("kind")? == KIND { spec.get("number")?.as_u64() } else { None }
}

/// What an export holds.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    kind: String,
    /// By which clients know it.
    number: u64,
    /// Of whom the session was.
    user: Option<String>,
    /// It was an administrator's, and is until then (unix seconds).
    administrator_until: Option<i64>,
    items: Vec<Item>,
    /// To whom a mail goes.
    mail: Option<String>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Item {
    title: String,
    /// 1 table, 2 total, 3 graph.
    action: i64,
    params: Params,
}

impl Spec {
    /// Reads a spec.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(spec: &Value) -> Result<Spec, Refusal> {
        serde_json::from_value(spec.clone())
            .map_err(|error| Refusal { field: "spec".to_owned(), problem: error.to_string() })
    }
    /// Writes the file.
    ///
    /// # Errors
    /// Who may not see it any more, a stop, a disk that is full.
    pub fn write(
        &self,
        (vault, rules, source): (&Vault, &Rules, &Source),
        asked: &JobSpec,
        progress: &Progress,
        out: &mut (dyn Write + Send),
    ) -> Result<(), WorkError> {
        let administrator = self.administrator_until.is_some_and(|until_s| source.now_ms.div_euclid(1000) < until_s);
        let session = Session::again(vault, rules, source, asked.account, self.user.clone(), administrator);
        let refused = |fault: Fault| WorkError::Refused(fault.message);
        let session = session.map_err(WorkError::failed)?;
        let session = Rc::new(session.ok_or_else(|| WorkError::Refused("The account is gone.".to_owned()))?);
        out.write_all(BOM.as_bytes())?;
        let metrics = Metrics::default();
        for item in &self.items {
            let ground = Ground { source, metrics: &metrics, service: "report", action: "exportToCsv" };
            let mut ask = Ask::with(&ground, session.clone(), &item.params, "filter").map_err(refused)?;
            ask.page = (0, FILE_ROWS_MAX);
            let friendly = object(&item.params, "responseOptions")
                .and_then(|of| switch(of, "useFriendlyHeadersNames"))
                .unwrap_or(false);
            let mut text = Vec::new();
            let title = format!("Report: {}", item.title);
            line(&mut text, [title.as_str()]);
            line(&mut text, [format!("Filtered dates: {}", dates(&ask)).as_str()]);
            let rows = item.write(&ask, friendly, &mut text).map_err(refused)?;
            text.extend_from_slice(b"\r\n");
            // Whom it names is written down before it is handed out.
            ask.look_into(vault.access_log(), Action::ExportMade, "export").map_err(WorkError::failed)?;
            out.write_all(&text)?;
            progress.advance(rows)?;
        }
        Ok(())
    }
}

impl Spec {
    /// Tells by mail where the file is, if somebody is to be told and a mail server is set. A mail that cannot be sent is
    /// logged: the file is there all the same.
    pub fn tell(&self, server: &MailServer, catalog: &Catalog, asked: &JobSpec, now_ms: i64) {
        let (Some(to), Some(origin)) = (&self.mail, server.origin()) else { return };
        let secret = catalog.account(asked.account).and_then(|account| account.admin_secrets.first().cloned());
        let Some(secret) = secret else { return };
        let until_s = now_ms.div_euclid(1000) + GOOD_S;
        let id = self.number.to_string();
        let Ok(url) = address(origin, &secret, asked.account, self.user.as_deref(), &id, until_s) else { return };
        let text = format!(
            "The report \"{}\" is ready.\r\n\r\n{url}\r\n\r\nThe address is good for a day. Whoever has it can fetch the file.\r\n",
            asked.title
        );
        let subject = format!("Your report is ready: {}", asked.title);
        if let Err(error) = server.send(to, &subject, text) {
            tracing::warn!(cause = crate::error::chain(&error), "a mail about an export could not be sent");
        }
    }
}

impl Item {
    fn write(&self, ask: &Ask<'_>, friendly: bool, out: &mut Vec<u8>) -> Outcome<u64> {
        let header = |out: &mut Vec<u8>, names: &[&'static str]| {
            let names: Vec<String> =
                names.iter().map(|name| if friendly { readable(name) } else { (*name).to_owned() }).collect();
            line(out, names.iter().map(String::as_str));
        };
        match self.action {
            2 => {
                let (names, cells) = totals(ask)?;
                header(out, &names);
                line(out, cells.iter().map(String::as_str));
                Ok(1)
            }
            3 => {
                let mut rows = 0;
                for (id, points) in graphs(ask)? {
                    let name = if friendly { readable(&id) } else { id };
                    line(out, [ask.time.interval.column(), name.as_str()]);
                    rows += points.len() as u64;
                    points.iter().for_each(|point| line(out, point.iter().map(String::as_str)));
                }
                Ok(rows)
            }
            _ => {
                let found = table::table(ask)?;
                header(out, &found.header);
                found.rows.iter().for_each(|row| line(out, row.iter().map(String::as_str)));
                Ok(found.rows.len() as u64)
            }
        }
    }
}

/// Names of columns that are read otherwise than word by word.
const READABLE: &[(&str, &str)] = &[
    ("count_plays", "Total Plays Count"),
    ("count_loads", "Player Impressions"),
    ("avg_view_drop_off", "Average Drop-off Rate (Quartile Based)"),
    ("sum_view_period", "Total Minutes Viewed (Interval-Based)"),
    ("sum_time_viewed", "Total Minutes Viewed (Quartile-Based)"),
    ("avg_view_period_time", "Average Minutes Viewed (Interval-Based)"),
    ("avg_time_viewed", "Average Minutes Viewed (Quartile-Based)"),
    ("unique_known_users", "Unique Users Count"),
    ("engagement_ranking", "Engagement Ranking (1-10)"),
    ("object_id", "ID"),
];

/// A column's name for people.
fn readable(name: &str) -> String {
    if let Some((_, readable)) = READABLE.iter().find(|(known, _)| *known == name) {
        return (*readable).to_owned();
    }
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default()
    };
    name.split('_').map(word).collect::<Vec<_>>().join(" ")
}

/// `report.exportToCsv`.
pub(in crate::kaltura) fn export_to_csv(call: &Call<'_>) -> Outcome<Data> {
    let session = call.session()?;
    if !session.may_report() {
        return Err(call.forbidden());
    }
    let params = object(call.params, "params").ok_or_else(|| Fault::missing("params"))?;
    let group = word(params, "reportsItemsGroup").unwrap_or_default();
    let in_words = |c: char| c.is_alphanumeric() || c == '_' || c == ' ';
    if !group.chars().all(in_words) || group.starts_with(' ') {
        return Err(Fault::items_group(&group));
    }
    let title: String = group.chars().take(GROUP_CHARS_MAX).collect();
    let given = list(params, "reportItems");
    if given.is_empty() || given.len() > ITEMS_MAX {
        return Err(Fault::missing("params:reportItems"));
    }
    let ground = call.ground();
    let mut items = Vec::new();
    for item in given.into_iter().filter_map(Value::as_object) {
        let action = int(item, "action").unwrap_or(1);
        if ![1, 2, 3].contains(&action) {
            return Err(Fault::not_enum(&action.to_string(), "action", "KalturaReportExportItemType"));
        }
        let mut item = item.clone();
        item.remove("ks");
        // What is wrong is told now, not when nobody waits any more.
        Ask::with(&ground, session.clone(), &item, "filter")?;
        items.push(Item { title: word(&item, "reportTitle").unwrap_or_default(), action, params: item });
    }
    let view = session.view();
    let own = session.person.and_then(|person| view.people.get(&person)).map_or("", |person| &person.mail);
    let to = word(params, "recipientEmail").unwrap_or_else(|| own.to_owned());
    let mail = (!to.is_empty()).then(|| to.clone());
    let random = auth::fresh_bytes::<8>().map_err(Fault::from)?;
    let number = u64::from_be_bytes(random) >> (64 - NUMBER_BITS);
    let spec = Spec {
        kind: KIND.to_owned(),
        number,
        user: session.ks.user.clone(),
        administrator_until: session.administrator.then_some(session.ks.expiry),
        items,
        mail,
    };
    let spec = serde_json::to_value(&spec).map_err(|error| Fault::ours(&error))?;
    let asked = JobSpec {
        owner: session.owner(),
        account: session.account(),
        title: if title.is_empty() { "Report".to_owned() } else { title },
        form: Form::Csv,
        options: Options::default(),
        spec,
    };
    let job = call.app().jobs().submit(asked).map_err(|error| match error {
        JobsError::Refused(refusal) => Fault::internal(&refusal.to_string()),
        JobsError::TooMany { limit } => Fault::internal(&limit),
        other => Fault::ours(&other),
    })?;
    let new = New {
        at_ms: call.source().now_ms,
        who: session.owner(),
        way: "kaltura".to_owned(),
        account: Some(session.account()),
        action: Action::ExportAsked,
        subject: "account".to_owned(),
        question: "report.exportToCsv".to_owned(),
        rows: 0,
        result: Ended::Given,
    };
    if let Err(error) = call.app().vault().access_log().append(&new) {
        let _ = call.app().jobs().cancel(&session.owner(), &job.id);
        return Err(Fault::ours(&error));
    }
    let until_s = call.now_s() + GOOD_S;
    let fields = vec![
        ("referenceJobId", Data::Int(number.cast_signed())),
        ("reportEmail", Data::some(&to)),
        ("url", Data::Text(url(call, &session, &number.to_string(), until_s)?)),
    ];
    Ok(Data::object("KalturaReportExportResponse", fields))
}
