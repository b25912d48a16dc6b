//! Kaltura's own figures as a baseline: impressions, plays and minutes of each recording on each day. They are kept apart,
//! never enter an answer about what was collected here, and serve one purpose: to hold the two against each other.

use super::wire::Kaltura;
use crate::cli::Failure;
use crate::progress;
use engine::catalog::Catalog;
use engine::catalog::imported::{ImportedDay, ImportedFigure as Figure};
use engine::event::AccountId;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// `TOP_CONTENT`: the recordings of a day with plays, impressions and minutes.
const REPORT: &str = "1";
/// Rows asked for at once.
const PAGE: usize = 500;
/// Kaltura lists no more rows of one report.
const ROWS_MAX: usize = 12_000;
/// Its tables part cells with this, if asked to; the default, a comma, is in many names.
const DELIMITER: char = '|';
/// Longest stretch of days read in one run: eleven years.
const DAYS_MAX: usize = 4_018;

/// Days to read, both included, and the zone in which they are counted.
#[derive(Clone, Debug)]
pub struct Days {
    /// First.
    pub from: Date,
    /// Last.
    pub to: Date,
    /// IANA name.
    pub zone: String,
}

/// Reads the figures of each day and keeps them. A day that was read before is read again: Kaltura corrects figures later.
///
/// # Errors
/// When Kaltura does not tell or nothing can be written; days read until then stay.
pub fn read(
    kaltura: &mut Kaltura,
    catalog: &Catalog,
    account: AccountId,
    days: &Days,
    now_ms: i64,
) -> Result<(), Failure> {
    let zone = TimeZone::get(&days.zone).map_err(|_| format!("there is no time zone {}", days.zone))?;
    let all: Vec<Date> = days.from.series(jiff::Span::new().days(1)).take_while(|day| *day <= days.to).collect();
    if all.is_empty() || all.len() > DAYS_MAX {
        return Err(format!("--from and --to are 1 to {DAYS_MAX} days apart, --from first").into());
    }
    let bar = progress::count(all.len() as u64, "days");
    let (mut figures, mut cut_days) = (0, Vec::new());
    for day in all {
        let (found, cut) = one_day(kaltura, day, &zone)?;
        let day = ImportedDay { day: day.to_string(), zone: days.zone.clone(), cut };
        catalog.put_imported(account, &day, &found, now_ms)?;
        figures += found.len();
        cut_days.extend(cut.then_some(day.day));
        bar.inc(1);
    }
    bar.finish_and_clear();
    println!("{} to {}: {figures} figures of recordings kept as Kaltura's", days.from, days.to);
    if !cut_days.is_empty() {
        println!("Kaltura lists {ROWS_MAX} recordings at most; more were played on: {}", cut_days.join(", "));
    }
    println!("Hold them against what was collected here: playhead export reconciliation");
    Ok(())
}

/// The figures of one day, and whether Kaltura's list ended before them.
fn one_day(kaltura: &mut Kaltura, day: Date, zone: &TimeZone) -> Result<(Vec<Figure>, bool), Failure> {
    // One offset holds for a whole request: that at noon, which most of the day has.
    let noon = day.at(12, 0, 0, 0).to_zoned_datetime(zone.clone())?;
    let text = day.strftime("%Y%m%d").to_string();
    let kinds = ["vod", "live", "dvr", "offline"].join(&DELIMITER.to_string());
    let filter = json!({
        "objectType": "KalturaEndUserReportInputFilter",
        "fromDay": text, "toDay": text, "timeZoneOffset": -noon.offset().seconds() / 60, "interval": "days",
        // Without it Kaltura leaves live out.
        "playbackTypeIn": kinds,
    });
    let mut found: BTreeMap<String, Figure> = BTreeMap::new();
    for page in 1.. {
        let answer = kaltura.call(
            "report",
            "getTable",
            json!({
                "reportType": REPORT, "reportInputFilter": filter, "order": "-count_plays",
                "pager": { "objectType": "KalturaFilterPager", "pageSize": PAGE, "pageIndex": page },
                "responseOptions": {
                    "objectType": "KalturaReportResponseOptions", "delimiter": DELIMITER, "skipEmptyDates": true,
                },
            }),
        )?;
        let rows = figures(&answer)?;
        let (full, told) = (rows.len() == PAGE, answer.get("totalCount").and_then(Value::as_u64).unwrap_or(0));
        found.extend(rows.into_iter().map(|figure| (figure.entry.clone(), figure)));
        if !full {
            break;
        }
        if page * PAGE >= ROWS_MAX {
            return Ok((found.into_values().collect(), told as usize > ROWS_MAX));
        }
    }
    Ok((found.into_values().collect(), false))
}

/// The rows of a table: columns by their names, rows end with `;`. A day without plays has neither.
fn figures(table: &Value) -> Result<Vec<Figure>, Failure> {
    let text = |field: &str| table.get(field).and_then(Value::as_str).unwrap_or_default();
    let header: Vec<&str> = text("header").split(DELIMITER).collect();
    let column = |name: &str| {
        header.iter().position(|own| *own == name).ok_or_else(|| format!("Kaltura's table has no column {name}"))
    };
    let rows = text("data").split(';').filter(|row| !row.is_empty());
    rows.map(|row| {
        let cells: Vec<&str> = row.split(DELIMITER).collect();
        let cell = |name: &str| {
            let cell = cells.get(column(name)?).copied();
            cell.ok_or_else(|| format!("a row of Kaltura's table has no {name}"))
        };
        let number = |name: &str| {
            let cell = cell(name)?;
            let number: f64 = if cell.is_empty() { Ok(0.0) } else { cell.parse() }
                .map_err(|_| format!("{name} in Kaltura's table is no number"))?;
            Ok::<f64, String>(number.max(0.0))
        };
        Ok(Figure {
            entry: cell("object_id")?.to_owned(),
            impressions: number("count_loads")?.round() as i64,
            plays: number("count_plays")?.round() as i64,
            minutes: number("sum_view_period")?,
        })
    })
    .collect::<Result<Vec<_>, String>>()
    .map_err(Into::into)
}

/// Three figures of a recording, by one of the two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct Sums {
    /// Impressions.
    pub impressions: i64,
    /// Plays.
    pub plays: i64,
    /// Minutes viewed by heartbeats.
    pub minutes: f64,
}

/// Why the two may differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Likely {
    /// They agree, within one part in fifty or two.
    Same,
    /// Nothing came from the days before this: collection here had not begun.
    BeforeCollection,
    /// Nothing of this recording came here: where it is embedded, players send to Kaltura only.
    NotSentHere,
    /// Kaltura's list of a day ends at 12,000 recordings, and this one may lie beyond.
    ListCut,
    /// Kaltura has nothing: players send here only.
    NotSentThere,
    /// Plays agree and minutes do not: heartbeats were lost on one of two ways, or arrived here after a session's end.
    Heartbeats,
    /// More here: Kaltura drops what comes late, and estimates.
    MoreHere,
    /// Less here: robots, floods and repeated events are left out, and players may send here only in part.
    LessHere,
}

impl Likely {
    /// For files: what it means.
    pub fn words(self) -> &'static str {
        match self {
            Likely::Same => "the same, within 2 %",
            Likely::BeforeCollection => "collection here had not begun",
            Likely::NotSentHere => "its players do not send here",
            Likely::ListCut => "Kaltura's list ends at 12,000 recordings",
            Likely::NotSentThere => "its players send here only",
            Likely::Heartbeats => "plays agree, minutes do not: heartbeats were lost on one of the two ways",
            Likely::MoreHere => "more here: Kaltura drops late events and estimates",
            Likely::LessHere => {
                "less here: robots and repeated events are left out, or its players send here only in part"
            }
        }
    }
}

/// What is known of the days, to tell reasons.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// The first event here came after the first of the days began.
    pub began_within: bool,
    /// Kaltura's list of one of the days was cut.
    pub cut: bool,
}

/// The likely reason for a recording's difference.
pub fn likely(kaltura: Sums, ours: Sums, known: Known) -> Likely {
    let near = |a: f64, b: f64| (a - b).abs() <= f64::max(2.0, 0.02 * f64::max(a, b));
    let plays = near(kaltura.plays as f64, ours.plays as f64);
    let impressions = near(kaltura.impressions as f64, ours.impressions as f64);
    let minutes = near(kaltura.minutes, ours.minutes);
    let (none_here, none_there) = (ours.plays + ours.impressions == 0, kaltura.plays + kaltura.impressions == 0);
    if plays && impressions && minutes {
        Likely::Same
    } else if none_there {
        if known.cut { Likely::ListCut } else { Likely::NotSentThere }
    } else if none_here {
        if known.began_within { Likely::BeforeCollection } else { Likely::NotSentHere }
    } else if plays && impressions {
        Likely::Heartbeats
    } else if ours.plays + ours.impressions > kaltura.plays + kaltura.impressions {
        Likely::MoreHere
    } else if known.began_within {
        Likely::BeforeCollection
    } else {
        Likely::LessHere
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn tables_are_read_by_the_names_of_columns() {
        let table = json!({
            "header": "object_id|entry_name|count_plays|sum_view_period|count_loads",
            "data": "1_a|Intro, part 1|7|12.5|9;1_b||0||3;", "totalCount": 2,
        });
        let figure =
            |entry: &str, impressions, plays, minutes| Figure { entry: entry.to_owned(), impressions, plays, minutes };
        assert_eq!(figures(&table).unwrap(), [figure("1_a", 9, 7, 12.5), figure("1_b", 3, 0, 0.0)]);
        assert_eq!(figures(&json!({ "objectType": "KalturaReportTable" })).unwrap(), []);
        let other = json!({ "header": "object_id|count_plays", "data": "1_a|1;" });
        assert_eq!(figures(&other).unwrap_err().to_string(), "Kaltura's table has no column count_loads");
        let bad = json!({ "header": table["header"], "data": "1_a||x|0|0;" });
        assert_eq!(figures(&bad).unwrap_err().to_string(), "count_plays in Kaltura's table is no number");
    }

    #[test]
    fn reasons() {
        let sums = |impressions, plays, minutes| Sums { impressions, plays, minutes };
        let known = |began_within, cut| Known { began_within, cut };
        let plain = known(false, false);
        for (kaltura, ours, given, expected) in [
            (sums(100, 50, 200.0), sums(101, 50, 201.0), plain, Likely::Same),
            (sums(0, 0, 0.0), sums(9, 5, 7.0), plain, Likely::NotSentThere),
            (sums(0, 0, 0.0), sums(9, 5, 7.0), known(false, true), Likely::ListCut),
            (sums(9, 5, 7.0), sums(0, 0, 0.0), plain, Likely::NotSentHere),
            (sums(9, 5, 7.0), sums(0, 0, 0.0), known(true, false), Likely::BeforeCollection),
            (sums(100, 50, 200.0), sums(100, 50, 150.0), plain, Likely::Heartbeats),
            (sums(100, 50, 200.0), sums(130, 70, 260.0), plain, Likely::MoreHere),
            (sums(100, 50, 200.0), sums(60, 30, 100.0), plain, Likely::LessHere),
            (sums(100, 50, 200.0), sums(60, 30, 100.0), known(true, false), Likely::BeforeCollection),
        ] {
            assert_eq!(likely(kaltura, ours, given), expected, "{kaltura:?} {ours:?}");
        }
    }
}
