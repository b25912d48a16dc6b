//! A report's filter: which days in which zone, and which conditions on rows.

use super::Ground;
use super::types::{Plays, Type};
use crate::kaltura::countries;
use crate::kaltura::errors::{Fault, Outcome};
use crate::kaltura::lookup::search;
use crate::kaltura::request::{Params, int, object, switch, word};
use crate::kaltura::session::Session;
use engine::catalog::view::{AccountView, CategoryView};
use engine::event::{PersonKey, Text};
use engine::glossary::Dimension;
use engine::period::TimePart;
use engine::question::{Filter, Operator};
use engine::time::Quarter;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan};
use std::collections::BTreeSet;
use std::sync::atomic::Ordering::Relaxed;

/// Instants whose number is smaller are relative to now, seconds.
const RELATIVE_S: u64 = 315_360_000;
/// Farthest that clocks anywhere are from UTC, minutes.
const OFFSET_MAX: i64 = 14 * 60;
/// Values of one field: a page of ids.
const VALUES_MAX: usize = 10_000;
/// What no row has: a filter whose values do not exist must leave nothing.
const NO_VALUE: &str = "\u{1}";
/// The last instant that a question may be about, ms: in the year 2199.
const LATEST_MS: i64 = 7_258_000_000_000;
const MINUTE_MS: i64 = 60_000;
const QUARTER_MS: i64 = 15 * MINUTE_MS;

/// Into what time is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interval {
    /// Years.
    Years,
    /// Months.
    Months,
    /// Days.
    Days,
    /// Hours.
    Hours,
    /// Anything finer: rows are of quarters of an hour.
    Quarters,
}

impl Interval {
    fn of(word: &str) -> Option<Interval> {
        Some(match word {
            "years" => Interval::Years,
            "months" => Interval::Months,
            "days" => Interval::Days,
            "hours" => Interval::Hours,
            "minutes" | "ten_minutes" | "ten_seconds" => Interval::Quarters,
            _ => return None,
        })
    }
    /// As a dimension.
    pub fn dimension(self) -> Dimension {
        match self {
            Interval::Years => Dimension::Year,
            Interval::Months => Dimension::Month,
            Interval::Days => Dimension::Day,
            Interval::Hours => Dimension::Hour,
            Interval::Quarters => Dimension::Quarter,
        }
    }
    /// As a part of time.
    pub fn part(self) -> TimePart {
        match self {
            Interval::Years => TimePart::Year,
            Interval::Months => TimePart::Month,
            Interval::Days => TimePart::Day,
            Interval::Hours => TimePart::Hour,
            Interval::Quarters => TimePart::Quarter,
        }
    }
    /// The column of dates in tables.
    pub fn column(self) -> &'static str {
        match self {
            Interval::Years => "year_id",
            Interval::Months => "month_id",
            _ => "date_id",
        }
    }
}

/// Which time, cut into what.
#[derive(Clone, Debug)]
pub struct Time {
    /// First quarter.
    pub from: Quarter,
    /// First quarter after.
    pub to: Quarter,
    /// The zone, a fixed offset.
    pub zone: TimeZone,
    /// What local time is ahead of UTC, ms.
    pub ahead_ms: i64,
    /// Into what it is cut.
    pub interval: Interval,
}

impl Time {
    /// Reads it.
    ///
    /// # Errors
    /// Days that are none, an unknown interval.
    pub fn read(filter: &Params, now_ms: i64, earliest_ms: i64) -> Outcome<Time> {
        let ahead_ms = ahead(int(filter, "timeZoneOffset").unwrap_or(0)) * MINUTE_MS;
        let zone = TimeZone::fixed(Offset::from_seconds((ahead_ms / 1000) as i32).unwrap_or(Offset::UTC));
        let interval = match word(filter, "interval") {
            None => Interval::Days,
            Some(text) => {
                Interval::of(&text).ok_or_else(|| Fault::not_enum(&text, "interval", "KalturaReportInterval"))?
            }
        };
        let from_day = day(filter, "fromDay")?;
        let to_day = day(filter, "toDay")?;
        let start = |date: Date| {
            let midnight = date.at(0, 0, 0, 0).to_zoned_datetime(zone.clone());
            midnight.map(|at| at.timestamp().as_millisecond()).map_err(|_| Fault::form("fromDay"))
        };
        let at = |name: &str| {
            int(filter, name)
                .map(|s| if s.unsigned_abs() <= RELATIVE_S { now_ms + s * 1000 } else { s.saturating_mul(1000) })
        };
        let mut from_ms = match from_day {
            Some(date) => start(date)?,
            None => at("fromDate").unwrap_or(earliest_ms),
        };
        let mut to_ms = match to_day {
            Some(date) => start(date.tomorrow().map_err(|_| Fault::form("toDay"))?)?,
            None => at("toDate").unwrap_or(now_ms),
        };
        (from_ms, to_ms) = (from_ms.clamp(0, LATEST_MS), to_ms.clamp(0, LATEST_MS));
        if from_ms >= to_ms {
            let date = |ms: i64| {
                let at = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH);
                at.to_zoned_datetime(zone.clone()).date()
            };
            let first = date(from_ms.min(to_ms));
            (from_ms, to_ms) = (start(first)?, start(date(to_ms.max(from_ms)).saturating_add(1.day()))?);
        }
        let quarter = |number: i64| Quarter(i32::try_from(number).unwrap_or(i32::MAX));
        let from = quarter(from_ms.div_euclid(QUARTER_MS));
        // Seconds that belong to a quarter belong to it whole: 23:59:59 and 00:00:00 are one end.
        let to = quarter((to_ms + QUARTER_MS - 1).div_euclid(QUARTER_MS));
        Ok(Time { from, to: to.max(from), zone, ahead_ms, interval })
    }
}

/// Minutes that local time is ahead, of minutes that UTC is: as sent where clocks anywhere may show it, else to the hour.
fn ahead(offset: i64) -> i64 {
    let offset = offset.clamp(-OFFSET_MAX, OFFSET_MAX);
    let rounded = |offset: i64| (offset as f64 / 60.0).round() as i64 * 60;
    -(if offset % 15 == 0 { offset } else { rounded(offset) })
}

/// `YYYYMMDD`.
fn day(filter: &Params, name: &str) -> Outcome<Option<Date>> {
    let Some(text) = word(filter, name) else { return Ok(None) };
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let date = (digits.len() == 8 && text.len() <= 10).then(|| Date::strptime("%Y%m%d", &digits).ok()).flatten();
    date.filter(|date| date.year() >= 1970).map(Some).ok_or_else(|| Fault::form(name))
}

/// Conditions on rows.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    /// All that must hold, but for the playback type.
    pub filters: Vec<Filter>,
    /// Of these playback types.
    pub playback: Option<Filter>,
    /// The people it is about, if it is.
    pub people: Option<BTreeSet<PersonKey>>,
    /// It is about the session's own person and nobody else.
    pub own: bool,
    /// The parents whose sub-categories are asked for.
    pub ancestors: Vec<Text>,
}

impl Conditions {
    /// Everything, for what is about plays.
    pub fn all(&self) -> Vec<Filter> {
        self.filters.iter().chain(&self.playback).cloned().collect()
    }
    /// The values that a dimension may have, if it is filtered.
    pub fn values(&self, dimension: Dimension) -> Option<BTreeSet<Text>> {
        let of = self.filters.iter().filter(|filter| filter.dimension == dimension && filter.operator == Operator::Is);
        of.map(|filter| filter.values.iter().cloned().collect()).reduce(|a: BTreeSet<Text>, b| &a & &b)
    }
    fn is(&mut self, dimension: Dimension, values: impl IntoIterator<Item = Text>) {
        let mut values: Vec<Text> = values.into_iter().collect();
        if values.is_empty() {
            values.push(NO_VALUE.into());
        }
        self.filters.push(Filter { dimension, operator: Operator::Is, values });
    }
    /// Leaves nothing.
    fn none(&mut self) {
        self.is(Dimension::Entry, []);
    }
}

/// Fields with values of a dimension, as filters take them.
const PLAIN: &[(&str, Dimension)] = &[
    ("entryIdIn", Dimension::Entry),
    ("rootEntryIdIn", Dimension::RootEntry),
    ("nodeIdsIn", Dimension::Node),
    ("categoriesIdsIn", Dimension::Category),
    ("playbackContextIdsIn", Dimension::PlaybackContext),
    ("playlistIdIn", Dimension::Playlist),
    ("virtualEventIdIn", Dimension::VirtualEvent),
    ("sourceTypeIn", Dimension::EntrySource),
    ("regionIn", Dimension::Region),
    ("citiesIn", Dimension::City),
    ("deviceIn", Dimension::Device),
    ("operatingSystemIn", Dimension::OsVersion),
    ("operatingSystemFamilyIn", Dimension::Os),
    ("browserIn", Dimension::BrowserVersion),
    ("browserFamilyIn", Dimension::Browser),
    ("domainIn", Dimension::Domain),
    ("uiConfIdIn", Dimension::UiConf),
    ("playerVersionIn", Dimension::PlayerVersion),
    ("applicationVersionIn", Dimension::ApplicationVersion),
    ("customVar1In", Dimension::CustomVar1),
    ("customVar2In", Dimension::CustomVar2),
    ("customVar3In", Dimension::CustomVar3),
    ("errorCodeIn", Dimension::ErrorCode),
];
/// Fields about what never reaches us: nothing has a value of them.
const UNTOLD: &[&str] = &[
    "ispIn",
    "playbackModeIn",
    "hotspotIdIn",
    "cuePointIdIn",
    "contextIdIn",
    "eventSessionContextIdIn",
    "originIn",
    "roleIn",
    "industryIn",
    "companyIn",
    "crmIdIn",
    "videoCodecIn",
    "agentIdIn",
    "genieIdIn",
    "reachProfileIdIn",
];
/// Fields that are read elsewhere, or say nothing about rows.
const OTHERS: &[&str] = &[
    "objectType",
    "fromDate",
    "toDate",
    "fromDay",
    "toDay",
    "timeZoneOffset",
    "interval",
    "searchInTags",
    "searchInAdminTags",
    "relatedObjects",
    "orderBy",
    "isPreview",
    "keywords",
    "mediaTypeIn",
    "ownerIdsIn",
    "entryCreatedAtGreaterThanOrEqual",
    "entryCreatedAtLessThanOrEqual",
    "entryOperator",
    "countryIn",
    "canonicalUrlIn",
    "playbackTypeIn",
    "categories",
    "categoriesAncestorIdIn",
    "userIds",
    "application",
    "playbackContext",
    "ancestorPlaybackContext",
];
/// What tables print where there is no value.
pub const UNKNOWN: &str = "Unknown";

/// Reads a filter for a type of report. Values are parted by `delimiter`.
///
/// # Errors
/// Words that media and playback types do not have.
pub fn conditions(
    ground: &Ground<'_>,
    session: &Session,
    of: &Type,
    filter: &Params,
    objects: Option<&str>,
    delimiter: &str,
) -> Outcome<Conditions> {
    let view = session.view();
    let mut found = Conditions::default();
    let of_field = |name: &str| word(filter, name).map(|text| split(&text, delimiter));
    for (name, dimension) in PLAIN {
        if let Some(values) = of_field(name) {
            found.is(*dimension, values.into_iter().flat_map(|value| known(*dimension, value)));
        }
    }
    if UNTOLD.iter().any(|name| word(filter, name).is_some()) {
        found.none();
    }
    if let Some(codes) = of_field("countryIn") {
        found.is(Dimension::Country, codes.iter().map(|name| countries::code(name)));
    }
    if let Some(pages) = of_field("canonicalUrlIn") {
        found.is(Dimension::Page, pages.iter().flat_map(|page| with_scheme(page)));
    }
    if let Some(words) = of_field("mediaTypeIn") {
        let types = words.iter().map(|word| media_types(word)).collect::<Outcome<Vec<_>>>()?;
        found.is(Dimension::MediaType, types.into_iter().flatten().map(|word| Text::from(*word)));
    }
    found.playback = match (of_field("playbackTypeIn"), of.plays) {
        (_, Plays::All) => None,
        (None, Plays::Vod) => Some(vec!["vod".into()]),
        (None, Plays::Live) => Some(vec!["live".into(), "dvr".into()]),
        (Some(words), _) => Some(words.iter().map(|word| playback(word)).collect::<Outcome<Vec<_>>>()?),
    }
    .map(|values| Filter { dimension: Dimension::PlaybackType, operator: Operator::Is, values });
    if let Some(ids) = of_field("ownerIdsIn") {
        found.is(Dimension::Owner, ids.iter().filter_map(|id| view.person_keys.get(id)).map(|key| key_text(*key)));
    }
    entries(ground, session, filter, &mut found)?;
    categories(view, &of_field, &mut found);
    people(session, of_field("userIds"), &mut found);
    if let Some(applications) = word(filter, "application") {
        found.is(Dimension::Application, split(&applications, ","));
    }
    if let Some(ids) = objects.map(|text| split(text, delimiter)).filter(|ids| !ids.is_empty()) {
        let values = ids.into_iter().flat_map(|value| match of.objects {
            Dimension::Country => vec![countries::code(&value)],
            Dimension::Owner | Dimension::Viewer => {
                view.person_keys.get(&value).map(|key| key_text(*key)).into_iter().collect()
            }
            dimension => known(dimension, value),
        });
        found.is(of.objects, values);
    }
    let ignored = filter.keys().filter(|name| {
        let known = PLAIN.iter().any(|(plain, _)| *plain == name.as_str());
        !known && !UNTOLD.contains(&name.as_str()) && !OTHERS.contains(&name.as_str())
    });
    ground.metrics.kaltura_ignored.fetch_add(ignored.count() as u64, Relaxed);
    Ok(found)
}

/// A person as filters spell them.
pub fn key_text(key: PersonKey) -> Text {
    if key == PersonKey::UNKNOWN { "unknown".into() } else { format!("{:016x}", key.0).into() }
}

fn split(text: &str, delimiter: &str) -> Vec<Text> {
    text.split(delimiter).map(str::trim).filter(|value| !value.is_empty()).take(VALUES_MAX).map(Text::from).collect()
}

/// A value as rows have it: what tables print as unknown is empty in rows, or the word itself.
fn known(dimension: Dimension, value: Text) -> Vec<Text> {
    let is_of_entries = matches!(dimension, Dimension::Entry | Dimension::Category);
    if &*value == UNKNOWN && !is_of_entries { vec![Text::default(), value] } else { vec![value] }
}

/// A page with the schemes that rows may have.
fn with_scheme(page: &str) -> Vec<Text> {
    match page {
        UNKNOWN => vec![Text::default()],
        page if page.contains("://") => vec![page.into()],
        page => vec![format!("https://{page}").into(), format!("http://{page}").into()],
    }
}

/// Our types of media for one of Kaltura's.
fn media_types(word: &str) -> Outcome<&'static [&'static str]> {
    Ok(match word.to_ascii_lowercase().as_str() {
        // A quiz and a YouTube link are videos to Kaltura.
        "video" => &["video", "quiz", "youtube"],
        "audio" => &["audio"],
        "image" => &["image"],
        "show" => &[],
        "unknown" => &["unknown"],
        live if live.starts_with("live stream") => &["live"],
        _ => return Err(Fault::not_enum(word, "mediaTypeIn", "media type")),
    })
}

fn playback(word: &str) -> Outcome<Text> {
    let known = ["vod", "live", "dvr", "offline"].into_iter().find(|known| known.eq_ignore_ascii_case(word));
    known.map(Text::from).ok_or_else(|| Fault::not_enum(word, "playbackTypeIn", "KalturaPlaybackType"))
}

/// Conditions that the catalog resolves to recordings first.
fn entries(ground: &Ground<'_>, session: &Session, filter: &Params, found: &mut Conditions) -> Outcome<()> {
    let view = session.view();
    let since = |name: &str| int(filter, name).map(|s| s.saturating_mul(1000));
    let (least, most) = (since("entryCreatedAtGreaterThanOrEqual"), since("entryCreatedAtLessThanOrEqual"));
    if least.is_some() || most.is_some() {
        let fits = |ms: i64| least.is_none_or(|least| ms >= least) && most.is_none_or(|most| ms <= most);
        let created = view.entries.iter().filter(|(_, entry)| entry.created_ms.is_some_and(fits));
        found.is(Dimension::Entry, created.map(|(id, _)| id.clone()));
    }
    if let Some(words) = word(filter, "keywords") {
        let in_tags =
            switch(filter, "searchInTags").unwrap_or(true) || switch(filter, "searchInAdminTags").unwrap_or(false);
        let words = words.to_lowercase();
        let hit = |text: &str| text.to_lowercase().contains(&words);
        let fits = view
            .entries
            .iter()
            .filter(|(id, entry)| hit(&entry.name) || hit(id) || (in_tags && entry.tags.iter().any(|tag| hit(tag))));
        found.is(Dimension::Entry, fits.map(|(id, _)| id.clone()));
    }
    if let Some(operator) = object(filter, "entryOperator") {
        let condition = search::Condition::read(operator)?;
        let fits = view.entries.iter().filter(|(id, entry)| condition.holds(view, id, entry, ground.source.now_ms));
        found.is(Dimension::Entry, fits.map(|(id, _)| id.clone()));
    }
    Ok(())
}

/// Categories by their full names, and below others.
fn categories(view: &AccountView, of_field: &dyn Fn(&str) -> Option<Vec<Text>>, found: &mut Conditions) {
    let named = |names: &[Text]| -> Vec<Text> {
        let fits = |(id, category): (&Text, &CategoryView)| {
            names.contains(&full_name(view, id, category).into_boxed_str()).then(|| id.clone())
        };
        view.categories.iter().filter_map(fits).collect()
    };
    let children =
        |ids: &[Text]| -> Vec<Text> { ids.iter().filter_map(|id| view.children.get(id)).flatten().cloned().collect() };
    if let Some(names) = of_field("categories") {
        found.is(Dimension::Category, named(&names));
    }
    if let Some(ids) = of_field("categoriesAncestorIdIn") {
        found.is(Dimension::Category, children(&ids));
        found.ancestors = ids;
    }
    let (context, ancestor) = (of_field("playbackContext"), of_field("ancestorPlaybackContext"));
    if let Some(names) = &context {
        found.is(Dimension::PlaybackContext, named(names));
    }
    if let Some(names) = &ancestor {
        found.is(Dimension::PlaybackContext, children(&named(names)));
    }
    // Both at once mean nothing in Kaltura.
    if context.is_some() && ancestor.is_some() {
        found.none();
    }
}

/// A category with all that it is in: `site>channels>biology`.
pub fn full_name(view: &AccountView, id: &Text, category: &CategoryView) -> String {
    let mut names = vec![category.name.to_string()];
    let (mut at, mut seen) = (category.parent.clone(), BTreeSet::from([id.clone()]));
    while let Some(parent) = at.take() {
        // Trees that loop end here.
        if !seen.insert(parent.clone()) {
            break;
        }
        let Some(known) = view.categories.get(&parent) else { break };
        names.push(known.name.to_string());
        at = known.parent.clone();
    }
    names.reverse();
    names.join(">")
}

fn people(session: &Session, ids: Option<Vec<Text>>, found: &mut Conditions) {
    let Some(ids) = ids else { return };
    let view = session.view();
    let key = |id: &Text| match &**id {
        "Unknown" | "0" => Some(PersonKey::UNKNOWN),
        id => view.person_keys.get(id).copied(),
    };
    let keys: BTreeSet<PersonKey> = ids.iter().filter_map(key).collect();
    found.is(Dimension::Viewer, keys.iter().map(|key| key_text(*key)));
    found.own = session.person.is_some_and(|person| keys == BTreeSet::from([person]));
    found.people = Some(keys);
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use serde_json::json;

    const NOW_MS: i64 = 1_795_435_200_000;

    fn time(filter: serde_json::Value) -> Outcome<Time> {
        Time::read(filter.as_object().unwrap(), NOW_MS, NOW_MS - 86_400_000)
    }
    fn bounds(filter: serde_json::Value) -> (i64, i64) {
        let time = time(filter).unwrap();
        (time.from.start_ms() / 1000, time.to.start_ms() / 1000)
    }

    #[test]
    fn days_are_whole_and_win_over_instants() {
        let midnight = 1_704_067_200; // 2024-01-01T00:00:00Z
        let days = json!({ "fromDay": "20240101", "toDay": 20_240_131, "fromDate": "5", "timeZoneOffset": "-120" });
        assert_eq!(bounds(days), (midnight - 7200, midnight + 31 * 86_400 - 7200));
        let seconds = json!({ "fromDate": midnight, "toDate": midnight + 86_399 });
        assert_eq!(bounds(seconds), (midnight, midnight + 86_400));
        let exclusive = json!({ "fromDate": midnight, "toDate": midnight + 86_400 });
        assert_eq!(bounds(exclusive), (midnight, midnight + 86_400));
        let relative = json!({ "fromDate": -86_400, "toDate": 0 });
        assert_eq!(bounds(relative), (NOW_MS / 1000 - 86_400, NOW_MS / 1000));
        assert_eq!(bounds(json!({})), (NOW_MS / 1000 - 86_400, NOW_MS / 1000));
        let swapped = json!({ "fromDate": midnight + 3600, "toDate": midnight + 3600 });
        assert_eq!(bounds(swapped), (midnight, midnight + 86_400));
        for wrong in [json!({ "fromDay": "2024" }), json!({ "toDay": "20241301" }), json!({ "interval": "weeks" })] {
            assert!(time(wrong).is_err());
        }
        let huge = json!({ "fromDate": i64::MIN, "toDate": i64::MAX });
        assert!(bounds(huge).0 >= 0);
    }

    #[test]
    fn offsets_are_used_as_sent_where_clocks_show_them() {
        for (sent, ahead_min) in
            [(-120, 120), (-330, 330), (-345, 345), (300, -300), (100, -120), (-100, 120), (9999, -840)]
        {
            assert_eq!(time(json!({ "timeZoneOffset": sent })).unwrap().ahead_ms, ahead_min * MINUTE_MS, "{sent}");
        }
    }
}
