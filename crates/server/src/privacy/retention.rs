//! What goes by age, once a day: the person in rows older than `retention.person_months` (ruling 31), bad rows, journal
//! files beyond the horizon, and rosters of courses that are over.
//!
//! Rows age by whole calendar months (UTC), and in each month a person gets a key of that month alone: the month's figures
//! stay to the bit, and nothing links one month of a person to another. So a range over several aged months counts a person
//! once a month.

use super::erasure::{scour, wait};
use super::{Parts, PrivacyError, fresh_key};
use crate::auth::lti::roster::forget_ended;
use crate::config::Settings;
use engine::block::Snapshot;
use engine::catalog::view::CatalogView;
use engine::column::{Dictionaries, Field};
use engine::event::{AccountId, PersonKey};
use engine::limits::HORIZON_DAYS;
use engine::rekey::Rule;
use engine::time::Quarter;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// The first moment from which rows tell who watched: the first day of a month, UTC.
pub fn named_from_ms(settings: &Settings, now_ms: i64) -> i64 {
    let today = date(now_ms);
    let kept = today.first_of_month().checked_sub(i64::from(settings.retention_person_months.0).months());
    kept.map_or(i64::MIN, start_ms)
}

/// Archives of the journal whose last event is older than this go.
pub fn journal_from_ms(now_ms: i64) -> i64 {
    now_ms - HORIZON_DAYS * DAY_MS
}

fn date(at_ms: i64) -> Date {
    TimeZone::UTC.to_datetime(Timestamp::from_millisecond(at_ms).unwrap_or_default()).date()
}

fn start_ms(date: Date) -> i64 {
    TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).map_or(i64::MIN, Timestamp::as_millisecond)
}

/// The quarters of the calendar month that holds a quarter.
fn month(quarter: i32) -> Range<i32> {
    let first = date(Quarter(quarter).start_ms()).first_of_month();
    let next = first.checked_add(1.month()).unwrap_or(Date::MAX);
    Quarter::of(start_ms(first)).0..Quarter::of(start_ms(next)).0
}

/// Whose rows are due: people by month, and how many rows that is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// Account, person, first quarter of the month.
    pub people: BTreeSet<(AccountId, PersonKey, i32)>,
    /// Rows.
    pub rows: u64,
}

/// Looks for rows from before `named_from_ms` that lead to somebody in the catalog.
///
/// # Errors
/// When rows cannot be read.
pub fn due(settings: &Settings, snapshot: &Snapshot, catalog: &CatalogView, now_ms: i64) -> Result<Due, PrivacyError> {
    let before = Quarter::of(named_from_ms(settings, now_ms)).0;
    let mut due = Due::default();
    let mut months: BTreeMap<i32, i32> = BTreeMap::new();
    for part in snapshot.parts.iter().filter(|part| part.extent.quarters.0 < before) {
        let columns = part.columns(&[Field::Runs, Field::Quarter, Field::Person], &Dictionaries::default())?;
        let (runs, (base, offsets), people) = (columns[0].runs(), columns[1].quarters(), columns[2].ints());
        for run in 0..runs.len() {
            let account = AccountId(runs.accounts[run]);
            let Some(view) = catalog.accounts.get(&account) else { continue };
            for row in part.live(runs.rows(run)) {
                let (quarter, person) = (base + offsets.get(row) as i32, PersonKey(people.get(row)));
                // Who has aged leads to nobody in the catalog.
                if quarter < before && view.people.contains_key(&person) {
                    let first = *months.entry(quarter).or_insert_with(|| month(quarter).start);
                    due.people.insert((account, person, first));
                    due.rows += 1;
                }
            }
        }
    }
    Ok(due)
}

/// Runs retention and notes what went.
///
/// # Errors
/// When it does not get on; doing it again goes on.
pub(super) fn run(parts: &Parts, stopped: &dyn Fn() -> bool) -> Result<(), PrivacyError> {
    let Parts { ledger, catalog, settings, .. } = parts;
    let began_ms = parts.now_ms();
    let view = catalog.view();
    let mut rows = 0;
    // Keys drawn before a crash go on: else a person would be two in that month.
    if ledger.ageing()? == 0 {
        let due = due(settings, &parts.reader.snapshot(), &view, began_ms)?;
        rows = due.rows;
        let mut rules = Vec::with_capacity(due.people.len());
        for (account, old, first) in due.people {
            let taken = |key| view.accounts.get(&account).is_some_and(|view| view.people.contains_key(&key));
            rules.push(Rule { account, old, fresh: fresh_key(old, taken)?, quarters: month(first) });
        }
        ledger.age(&rules)?;
    }
    let people = ledger.ageing()?;
    let rekey = ledger.rekey()?;
    parts.exchanger.rekey(&rekey, journal_from_ms(began_ms))?;
    let did = wait(parts, stopped, &mut |_| Ok(()))?;
    let blanked = parts.collect.bad_rows().blank(Box::new(|_| false), began_ms)?;
    let rosters = forget_ended(&parts.vault, || catalog.view(), began_ms)?;
    let report = json!({
        "named_from": crate::api::answer::instant(named_from_ms(settings, began_ms)),
        "person_months": people,
        "rows": rows,
        "segments_rewritten": did.segments,
        "journal_events": did.events,
        "journal_files_removed": did.expired,
        "damaged_leftovers_removed": did.damaged,
        "bad_rows_removed": blanked.expired,
        "rosters_removed": rosters,
        "seconds": (parts.now_ms() - began_ms) / 1000,
    });
    ledger.ran(began_ms, &report)?;
    if people + rosters > 0 {
        scour(parts)?;
    }
    tracing::info!(people, rows, journal_files = did.expired, bad_rows = blanked.expired, "retention has run");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_months_are_kept() {
        // 2026-11-23T12:00:00Z
        let kept = |months| {
            let settings =
                Settings { retention_person_months: crate::config::PersonMonths(months), ..Settings::default() };
            crate::api::answer::instant(named_from_ms(&settings, 1_795_435_200_000))
        };
        assert_eq!([kept(25), kept(1)], ["2024-10-01T00:00:00Z", "2026-10-01T00:00:00Z"]);
        let november = month(Quarter::of(1_795_435_200_000).0);
        assert_eq!(november.len(), 30 * 96);
        assert_eq!(crate::api::answer::instant(Quarter(november.start).start_ms()), "2026-11-01T00:00:00Z");
    }
}
