//! Kaltura's own figures (`playhead import kaltura --from --to`) held against what was collected here, recording by recording.
//! The one place where imported figures appear, always beside ours and never added to them.

use super::answer::{Answer, FILE, Rows, file, json, wanted};
use super::ask::{Ask, Words};
use super::look::Asked;
use super::params::Params;
use super::reports::FileParams;
use super::shape::unexpected;
use crate::access_log::Action;
use crate::app::{App, Source};
use crate::auth::SignedIn;
use crate::error::{ApiError, ApiResult, Problem};
use crate::import::kaltura::reports::{Known, Likely, Sums, likely};
use crate::sheet::{Cell, Column, Kind};
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use engine::access::Caller;
use engine::catalog::Catalog;
use engine::catalog::imported::ImportedFigure;
use engine::event::{AccountId, Text};
use engine::glossary::{Dimension, Measure};
use engine::question::{Answer as Told, Page, Panel, Sort, View};
use jiff::civil::Date;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Parameters beside those of files.
const OWN: &[&str] = &["account", "period", "today", "week"];

/// A recording by both.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Reconciled {
    /// Its id.
    pub entry: String,
    /// Its title.
    pub name: String,
    /// As Kaltura tells.
    pub kaltura: Sums,
    /// As collected here, over the same days.
    pub ours: Sums,
    /// Why they may differ.
    pub likely: Likely,
}

/// All of it.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct Reconciliation {
    /// The days that were read from Kaltura and are compared.
    pub days: Vec<String>,
    /// The zone in which they are counted; empty when there are none.
    pub zone: String,
    /// Days on which Kaltura's list was cut at 12,000 recordings.
    pub cut: Vec<String>,
    /// Kaltura's figures, added.
    pub kaltura: Sums,
    /// Ours, added.
    pub ours: Sums,
    /// Every recording that either of the two has, most plays of both first.
    pub rows: Vec<Reconciled>,
}

impl Reconciliation {
    /// As a file: a row for each recording.
    pub fn into_file(self) -> Rows {
        let whole = |id: &str, label: &str, whose: &str| {
            Column::new(id, label, Kind::Whole).definition(format!("{label}, {whose}."))
        };
        let minutes = |id: &str, label: &str, whose: &str| {
            Column::new(id, label, Kind::Number).unit("minutes").definition(format!("{label}, {whose}."))
        };
        let (theirs, here) = ("as Kaltura tells", "as collected here");
        let columns = vec![
            Column::new("entry", "Recording id", Kind::Text),
            Column::new("name", "Recording", Kind::Text),
            whole("kaltura_impressions", "Impressions (Kaltura)", theirs),
            whole("impressions", "Impressions", here),
            whole("kaltura_plays", "Plays (Kaltura)", theirs),
            whole("plays", "Plays", here),
            Column::new("plays_difference", "Plays, difference", Kind::Whole).definition("Ours less Kaltura's."),
            minutes("kaltura_minutes", "Minutes viewed by heartbeats (Kaltura)", theirs),
            minutes("minutes", "Minutes viewed by heartbeats", here),
            Column::new("likely", "Likely reason", Kind::Text).definition("Why the two may differ."),
        ];
        let rows = self.rows.into_iter().map(move |row| {
            let Reconciled { entry, name, kaltura, ours, likely } = row;
            Ok(vec![
                Cell::Text(entry.into()),
                Cell::Text(name.into()),
                Cell::Whole(kaltura.impressions),
                Cell::Whole(ours.impressions),
                Cell::Whole(kaltura.plays),
                Cell::Whole(ours.plays),
                Cell::Whole(ours.plays - kaltura.plays),
                Cell::Number(kaltura.minutes),
                Cell::Number(ours.minutes),
                Cell::Text(likely.words().into()),
            ])
        });
        Rows { title: "Kaltura's figures and ours", columns, rows: Box::new(rows), note: None }
    }
}

/// Reconciliation
///
/// For administrators: what Kaltura told of past days, beside what was collected here on the same days, with the likely
/// reason for each difference. As a file (CSV, NDJSON, XLSX, Parquet) by `Accept`. Only days that were read (`playhead import kaltura --from --to`) are compared.
#[utoipa::path(get, path = "/api/v1/reconciliation", tag = "reports",
    params(FileParams,
        ("account" = Option<u32>, Query, description = "Partner id; default the first."),
        ("period" = Option<String>, Query, description = "Default `30d`. All words: docs/periods.md."),
        ("today" = Option<u8>, Query, description = "1: presets include today."),
        ("week" = Option<String>, Query, description = "Weeks of presets begin on `monday` (default) or `sunday`."),
    ),
    responses(
        (status = 200, description = "Both, recording by recording.", body = Answer<Reconciliation>),
        (status = 400, description = "A parameter does not fit.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Not an administrator of the account.", body = Problem, content_type = "application/problem+json"),
    ))]
pub async fn reconciliation(
    who: SignedIn,
    State(app): State<App>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> ApiResult<Response> {
    let form = wanted(&headers);
    let params = Params::read(query.as_deref(), &[OWN, FILE])?;
    let words = Words::read(&params)?;
    let caller = who.caller(words.account())?;
    if !caller.is_administrator() {
        return Err(ApiError::not_found());
    }
    let worker = app.clone();
    app.report(move |source| {
        let (ask, data) = reconciled(worker.catalog(), &source, &caller, &params)?;
        let asked = Asked { app: &worker, who: &who, name: "reconciliation", params: &params };
        if let Some(form) = form {
            return file(&asked, form, &ask, &[], data.into_file());
        }
        let logged = asked.look(&ask, Action::Look, None)?;
        Ok(json(Answer::new(&ask, data, Vec::new(), logged)))
    })
    .await
}

/// Holds the two against each other over the days of a period that were read.
///
/// # Errors
/// When days of several zones are in it, and what the engine refuses.
pub fn reconciled(
    catalog: &Catalog,
    source: &Source,
    caller: &Caller,
    params: &Params,
) -> ApiResult<(Ask, Reconciliation)> {
    let ask = Ask::new(source.clone(), caller, Words::read(params)?)?;
    let (from, to) = (ask.range.first.to_string(), ask.range.last.to_string());
    let days = catalog.imported_days(caller.account, &from, &to).map_err(ApiError::internal)?;
    let zones: std::collections::BTreeSet<&str> = days.iter().map(|day| day.zone.as_str()).collect();
    if zones.len() > 1 {
        let zones: Vec<&str> = zones.into_iter().collect();
        return Err(ApiError::bad(
            "period",
            format!(
                "Its days were read in several zones ({}): take a shorter one, or read them again.",
                zones.join(", ")
            ),
        ));
    }
    let Some(zone) = zones.first().map(|zone| (*zone).to_owned()) else {
        return Ok((ask, Reconciliation::default()));
    };
    let mut rows: BTreeMap<Text, (Sums, Sums)> = BTreeMap::new();
    let mut began_within = false;
    for (first, last) in stretches(days.iter().map(|day| day.day.as_str())) {
        let figures = catalog.imported(caller.account, &first, &last).map_err(ApiError::internal)?;
        for ImportedFigure { entry, impressions, plays, minutes } in figures {
            let sums = &mut rows.entry(entry.as_str().into()).or_default().0;
            add(sums, Sums { impressions, plays, minutes });
        }
        let ours = ours(source, caller, &first, &last, &zone)?;
        began_within |= ours.began_within;
        for (entry, found) in ours.sums {
            add(&mut rows.entry(entry).or_default().1, found);
        }
    }
    let cut: Vec<String> = days.iter().filter(|day| day.cut).map(|day| day.day.clone()).collect();
    let known = Known { began_within, cut: !cut.is_empty() };
    let account = source.catalog.accounts.get(&caller.account);
    let mut found =
        Reconciliation { days: days.into_iter().map(|day| day.day).collect(), zone, cut, ..Reconciliation::default() };
    for (entry, (kaltura, ours)) in rows {
        add(&mut found.kaltura, kaltura);
        add(&mut found.ours, ours);
        let name = account.and_then(|view| view.entries.get(&entry)).map_or(&entry, |view| &view.name).to_string();
        let likely = likely(kaltura, ours, known);
        found.rows.push(Reconciled { entry: entry.to_string(), name, kaltura, ours, likely });
    }
    found.rows.sort_by(|a, b| {
        let plays = |row: &Reconciled| row.kaltura.plays.max(row.ours.plays);
        plays(b).cmp(&plays(a)).then_with(|| a.entry.cmp(&b.entry))
    });
    Ok((ask, found))
}

fn add(sum: &mut Sums, more: Sums) {
    sum.impressions += more.impressions;
    sum.plays += more.plays;
    sum.minutes += more.minutes;
}

struct Ours {
    sums: BTreeMap<Text, Sums>,
    began_within: bool,
}

/// Our figures of a stretch of days, with the definitions that Kaltura's have.
fn ours(source: &Source, caller: &Caller, first: &str, last: &str, zone: &str) -> ApiResult<Ours> {
    let asked = |period: &str| {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("account", &caller.account.0.to_string())
            .append_pair("period", period)
            .append_pair("zone", zone)
            .finish();
        let params = Params::read(Some(&query), &[&["account", "period", "zone"]])?;
        Ask::new(source.clone(), caller, Words::read(&params)?)
    };
    let ask = asked(&format!("{first}..{last}"))?;
    let view = View::Table {
        by: vec![Dimension::Entry],
        measures: vec![Measure::Impressions, Measure::Plays, Measure::HeartbeatMinutes],
        page: Page::all(Sort { measure: None, descending: false }),
        coverage: false,
    };
    let mut answered = ask.answer_now(vec![Panel::new(view)])?.answers.into_iter();
    let Some(Told::Table { rows, .. }) = answered.next() else { return Err(unexpected()) };
    let sums = rows.into_iter().filter_map(|row| {
        let value = |i: usize| row.values.get(i).copied().flatten().unwrap_or(0.0);
        let sums = Sums { impressions: value(0) as i64, plays: value(1) as i64, minutes: value(2) };
        Some((row.keys.into_iter().next()?, sums))
    });
    let sums = sums.collect();
    // Whether anything had come before these days.
    let began_within = match asked("all") {
        Ok(all) => {
            let view = View::Totals { measures: vec![Measure::FirstSeen] };
            let mut answered = all.answer_now(vec![Panel::new(view)])?.answers.into_iter();
            let Some(Told::Totals(values)) = answered.next() else { return Err(unexpected()) };
            let seen = values.first().copied().flatten();
            seen.is_none_or(|at| at > ask.range.from.start_ms() as f64)
        }
        Err(_) => false,
    };
    Ok(Ours { sums, began_within })
}

/// Days in a row, as first and last. Days are given in order, as `2026-10-01`.
fn stretches<'a>(days: impl Iterator<Item = &'a str>) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for day in days {
        let follows = |last: &str| {
            let next = last.parse::<Date>().ok().and_then(|last| last.tomorrow().ok());
            next.is_some_and(|next| next.to_string() == day)
        };
        match found.last_mut() {
            Some((_, last)) if follows(last) => *last = day.to_owned(),
            _ => found.push((day.to_owned(), day.to_owned())),
        }
    }
    found
}

/// The account, for the command line.
pub fn of_account(account: AccountId, period: &str) -> ApiResult<Params> {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("account", &account.0.to_string())
        .append_pair("period", period)
        .finish();
    Params::read(Some(&query), &[OWN])
}

#[cfg(test)]
mod tests {
    use super::stretches;

    #[test]
    fn days_in_a_row_are_one_stretch() {
        let given = ["2026-02-27", "2026-02-28", "2026-03-01", "2026-03-05"];
        let stretch = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        let expected = [stretch("2026-02-27", "2026-03-01"), stretch("2026-03-05", "2026-03-05")];
        assert_eq!(stretches(given.into_iter()), expected);
        assert!(stretches(std::iter::empty()).is_empty());
    }
}
