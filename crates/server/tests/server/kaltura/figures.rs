//! Figures are those of the native API, whatever the type, the order, the page or the shape.

use super::*;
use engine::glossary::Measure;
use server::kaltura::report::types::{Column, From, Plays, Rows, TYPES, Type};
use std::collections::BTreeSet;

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1.0)
}

fn plain(columns: &'static [Column]) -> impl Iterator<Item = (&'static str, Measure, f64)> {
    columns.iter().filter_map(|column| match column.from {
        From::Measure(measure, times) => Some((column.name, measure, times)),
        _ => None,
    })
}

fn filter_of(of: &Type) -> &'static str {
    match of.plays {
        Plays::Vod => "&f=is,playback_type,vod",
        Plays::Live => "&f=is,playback_type,live,dvr",
        Plays::All => "",
    }
}

fn measures(columns: &'static [Column]) -> String {
    let names: BTreeSet<&str> = plain(columns).map(|(_, measure, _)| measure.name()).collect();
    names.into_iter().collect::<Vec<_>>().join(",")
}

fn value(values: &Map<String, Value>, measure: Measure, times: f64) -> f64 {
    values[measure.name()].as_f64().unwrap_or(0.0) * times
}

/// What nothing is reported of prints 0 everywhere.
fn is_told(of: &Type) -> bool {
    plain(of.total).next().is_some()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_type_agrees_with_the_native_api() {
    let world = played().await;
    let mut told = 0;
    for of in TYPES.iter().filter(|of| is_told(of)) {
        let filter = if of.id == "43" { json!({ "entryIdIn": "1_v" }) } else { json!({}) };
        let with = if of.id == "43" { "&f=is,entry,1_v" } else { "" };
        let (vod, total) = (filter_of(of), world.total(of.id, filter.clone()).await);
        let native = world.native(&format!("totals?measures={}&{PERIOD}{vod}{with}", measures(of.total))).await;
        for (name, measure, times) in plain(of.total) {
            let wanted = value(&native, measure, times);
            let found = total[name].as_f64().unwrap_or(0.0);
            assert!(near(found, wanted), "total of {} {name}: {found}, not {wanted}", of.id);
        }
        let by = match of.rows {
            Rows::By(by) => by.iter().map(|dimension| dimension.name()).collect::<Vec<_>>().join(","),
            Rows::Dates => "day".to_owned(),
            Rows::Own(_) => continue,
        };
        if of.table.is_empty() {
            continue;
        }
        told += 1;
        let rows = world.rows(of.id, filter, json!({})).await;
        let path = if by == "day" { "series?by=day" } else { "table?size=500" };
        let native = world
            .campus
            .ask(
                &format!("{path}&by={by}&measures={}&{PERIOD}{vod}", measures(of.table))
                    .replace("by=day&by=day", "by=day"),
            )
            .await;
        let list = native["data"]["rows"].as_array().or(native["data"]["points"].as_array()).unwrap();
        assert_eq!(rows.len(), list.len(), "rows of {}: {rows:?}", of.id);
        let figures = |of_row: &dyn Fn(&str, Measure, f64) -> f64| {
            plain(of.table).map(|(n, m, t)| of_row(n, m, t)).collect::<Vec<f64>>()
        };
        let mut found: Vec<Vec<f64>> =
            rows.iter().map(|row| figures(&|name, _, _| row[name].as_f64().unwrap())).collect();
        let mut wanted: Vec<Vec<f64>> = list
            .iter()
            .map(|row| figures(&|_, measure, times| value(row["values"].as_object().unwrap(), measure, times)))
            .collect();
        let order = |a: &Vec<f64>, b: &Vec<f64>| {
            a.iter().zip(b).map(|(a, b)| a.total_cmp(b)).find(|o| o.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
        };
        found.sort_by(order);
        wanted.sort_by(order);
        for (found, wanted) in found.iter().zip(&wanted) {
            assert!(found.iter().zip(wanted).all(|(a, b)| near(*a, *b)), "{}: {found:?} not {wanted:?}", of.id);
        }
    }
    assert!(told > 50, "{told}");
    // The world is one in which figures differ.
    let total = world.total("1", json!({})).await;
    for name in [
        "count_plays",
        "sum_time_viewed",
        "count_loads",
        "unique_known_users",
        "sum_view_period",
        "avg_completion_rate",
    ] {
        assert!(total[name].as_f64().unwrap() > 1.0, "{name}: {total:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_sort_page_and_keep_cells_whole() {
    let world = played().await;
    // A name with all that clients split by: same number of cells, and still there.
    for delimiter in ["|", ","] {
        let more = json!({ "responseOptions": { "delimiter": delimiter }, "order": "-count_plays" });
        let table = world.report("getTable", "38", json!({}), more).await;
        let columns = table["header"].as_str().unwrap().split(delimiter).count();
        for row in table["data"].as_str().unwrap().split_terminator(';') {
            assert_eq!(row.split(delimiter).count(), columns, "{row}");
        }
        let name = if delimiter == "|" { "Weeks 1,2 3 4 and more" } else { "Weeks 1 2|3 4 and more" };
        assert!(table["data"].as_str().unwrap().contains(name), "{table}");
    }
    // By every figure, both ways, and by names: everything is sorted, not the page.
    for (order, name) in [
        ("-count_plays", "count_plays"),
        ("+count_plays", "count_plays"),
        ("-avg_completion_rate", "avg_completion_rate"),
        ("+sum_view_period", "sum_view_period"),
    ] {
        let rows = world.rows("13", json!({}), json!({ "order": order })).await;
        let values: Vec<f64> = rows.iter().map(|row| row[name].as_f64().unwrap()).collect();
        let sorted = if order.starts_with('-') { values.is_sorted_by(|a, b| a >= b) } else { values.is_sorted() };
        assert!(sorted && values.len() == 5, "{order}: {values:?}");
    }
    let names = |rows: Vec<Map<String, Value>>| {
        rows.iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        names(world.rows("13", json!({}), json!({ "order": "+name" })).await),
        ["anna", "ben", "cleo", "dora", "Unknown"]
    );
    assert_eq!(
        names(world.rows("13", json!({}), json!({ "order": "-name" })).await),
        ["Unknown", "dora", "cleo", "ben", "anna"]
    );
    let bare = names(world.rows("13", json!({}), json!({ "order": "count_plays" })).await);
    assert_eq!(
        bare,
        names(world.rows("13", json!({}), json!({ "order": "-count_plays" })).await),
        "a bare name is descending"
    );
    assert_eq!(
        bare,
        names(world.rows("13", json!({}), json!({ "order": "-planet" })).await),
        "an unknown one is the default"
    );
    // To the end, every row once, and the count is right.
    for (id, order) in [("13", "-count_plays"), ("13", "+name"), ("39", "-count_plays"), ("34", "-date_id")] {
        let whole = world.report("getTable", id, json!({}), json!({ "order": order })).await;
        let mut pieces = String::new();
        let total = whole["totalCount"].as_u64().unwrap();
        for page in 1..=total.div_ceil(2) + 1 {
            let more = json!({ "order": order, "pager": { "pageIndex": page, "pageSize": 2 } });
            let piece = world.report("getTable", id, json!({}), more).await;
            assert_eq!(piece["totalCount"], total);
            pieces.push_str(piece["data"].as_str().unwrap());
        }
        assert_eq!(whole["data"], pieces, "{id} {order}");
        assert_eq!(rows_of(&whole).len() as u64, total);
    }
    // Ten rows unless the call says otherwise.
    let days = world
        .admin("report", "getTable", asked("34", json!({ "fromDate": FROM_S - 30 * 86_400 }), json!({ "pager": {} })))
        .await;
    assert_eq!((rows_of_len(&days), &days["totalCount"]), (10, &json!(36)));
}

fn rows_of_len(table: &Value) -> usize {
    rows_of(table).len()
}

#[tokio::test(flavor = "multi_thread")]
async fn graphs_have_their_shapes() {
    let world = played().await;
    let graph = |graphs: &Value, id: &str| {
        let found = graphs
            .as_array()
            .unwrap()
            .iter()
            .find(|graph| graph["id"] == id)
            .unwrap_or_else(|| panic!("{id}: {graphs}"));
        found["data"].as_str().unwrap().to_owned()
    };
    // Every day is there; without empty ones only those with something.
    let wide = json!({ "fromDate": FROM_S - 2 * 86_400, "toDate": TO_S });
    let all = graph(&world.report("getGraphs", "34", wide.clone(), json!({})).await, "count_plays");
    assert!(all.starts_with("20261116|0;20261117|0;20261118|"), "{all}");
    assert_eq!(all.matches(';').count(), 8);
    let some = json!({ "responseOptions": { "delimiter": "|", "skipEmptyDates": true } });
    let some = graph(&world.report("getGraphs", "34", wide, some).await, "count_plays");
    assert_eq!(all, format!("20261116|0;20261117|0;{some}"));
    let sum: f64 =
        some.split_terminator(';').map(|point| point.split('|').nth(1).unwrap().parse::<f64>().unwrap()).sum();
    assert_eq!(json!(sum), world.total("34", json!({})).await["count_plays"]);
    // Coarser and finer.
    for (interval, first) in
        [("months", "202611|"), ("years", "2026|"), ("hours", "2026111800|"), ("minutes", "1794960000|")]
    {
        let data =
            graph(&world.report("getGraphs", "1", json!({ "interval": interval }), json!({})).await, "count_loads");
        assert!(data.starts_with(first), "{interval}: {data}");
        let total: f64 =
            data.split_terminator(';').map(|point| point.split('|').nth(1).unwrap().parse::<f64>().unwrap()).sum();
        assert_eq!(json!(total), world.total("1", json!({})).await["count_loads"], "{interval}");
    }
    // In half an hour's zone days begin elsewhere, and a table of dates has the column of its interval.
    let india = json!({ "timeZoneOffset": -330, "fromDay": "20261118", "toDay": "20261124" });
    let data = graph(&world.report("getGraphs", "34", india, json!({})).await, "count_loads");
    let native = world
        .campus
        .ask(
            "series?by=day&measures=impressions&period=2026-11-18..2026-11-24&zone=Asia/Kolkata&f=is,playback_type,vod",
        )
        .await;
    let points = native["data"]["points"].as_array().unwrap().iter();
    let wanted: String = points
        .map(|point| {
            format!(
                "{}|{};",
                point["key"].as_str().unwrap().replace('-', ""),
                point["values"]["impressions"].as_f64().unwrap()
            )
        })
        .collect();
    assert_eq!(data, wanted);
    let table = world.report("getTable", "34", json!({ "interval": "months" }), json!({})).await;
    assert!(table["header"].as_str().unwrap().starts_with("month_id|"), "{table}");
    // By name, and many by date.
    let funnel = world.report("getGraphs", "2", json!({}), json!({})).await;
    assert!(graph(&funnel, "content_dropoff").starts_with("count_plays|46;count_plays_25|"), "{funnel}");
    let devices = graph(&world.report("getGraphs", "21", json!({}), json!({})).await, "count_plays");
    let pairs: f64 = devices
        .split_terminator(';')
        .flat_map(|point| point.split('|').nth(1).unwrap().split(','))
        .map(|pair| pair.split(':').nth(1).unwrap().parse::<f64>().unwrap())
        .sum();
    assert_eq!(json!(pairs), world.total("21", json!({})).await["count_plays"]);
    assert!(devices.starts_with("20261118|Computer:"), "{devices}");
    let systems = graph(&world.report("getGraphs", "32", json!({}), json!({})).await, "count_plays");
    assert!(systems.contains("Windows|") && systems.contains("iOS|"), "{systems}");
}

/// A field of a filter, its value, and the same filter of the native API.
const FILTERS: &[(&str, &str, &str)] = &[
    ("entryIdIn", "1_v|1_w", "is,entry,1_v,1_w"),
    ("categoriesIdsIn", "101", "is,category,101"),
    ("categories", "Faculty>Biology", "is,category,101"),
    ("categoriesAncestorIdIn", "100", "is,category,101,102"),
    ("playbackContextIdsIn", "101", "is,playback_context,101"),
    ("playbackContext", "Faculty>Biology", "is,playback_context,101"),
    ("ancestorPlaybackContext", "Faculty", "is,playback_context,101,102"),
    ("playlistIdIn", "0_list", "is,playlist,0_list"),
    ("mediaTypeIn", "Video", "is,media_type,video,quiz,youtube"),
    ("mediaTypeIn", "Audio", "is,media_type,audio"),
    ("sourceTypeIn", "Zoom", "is,source,Zoom"),
    ("countryIn", "Germany", "is,country,DE"),
    ("countryIn", "United States|Germany", "is,country,DE,US"),
    ("countryIn", "Unknown", "is,country,"),
    ("deviceIn", "Mobile", "is,device,Mobile"),
    ("operatingSystemFamilyIn", "Windows", "is,os,Windows"),
    ("browserFamilyIn", "Firefox", "is,browser,Firefox"),
    ("domainIn", "lms0.example.org", "is,domain,lms0.example.org"),
    ("uiConfIdIn", "55", "is,ui_conf,55"),
    ("uiConfIdIn", "56", "is,ui_conf,56"),
    ("playerVersionIn", "3.17.95", "is,player_version,3.17.95"),
    ("customVar1In", "cv1", "is,custom_var_1,cv1"),
    ("customVar2In", "cv1", "is,custom_var_2,cv1"),
    ("application", "LMS", "is,application,LMS"),
    ("keywords", "weeks", "is,entry,1_v"),
    ("keywords", "waves", "is,entry,1_w"),
    ("entryCreatedAtLessThanOrEqual", "1795100000", "is,entry,1_v"),
    ("ispIn", "Any", "is,entry,nothing"),
    ("userIds", "nobody", "is,entry,nothing"),
    ("entryIdIn", "", "not,entry,nothing"),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_filter_leaves_what_the_native_one_leaves() {
    let world = played().await;
    let all = world.total("1", json!({})).await["count_loads"].as_f64().unwrap();
    let mut counts = BTreeSet::new();
    for (field, text, native) in FILTERS {
        let found = world.total("1", json!({ *field: text })).await["count_loads"].as_f64().unwrap_or(0.0);
        let native = world
            .native(&format!(
                "totals?measures=impressions&{PERIOD}&f=is,playback_type,vod&f={}",
                native.replace(' ', "%20")
            ))
            .await;
        assert_eq!(native["impressions"].as_f64(), Some(found), "{field}={text}");
        assert!(
            found < all || text.is_empty() || ["55", "3.17.95", "LMS", "100"].contains(text),
            "{field}={text} left everything"
        );
        counts.insert(found as i64);
    }
    assert!(counts.len() > 8, "{counts:?}");
    // Live is there only when it is asked for.
    let live = world.total("1", json!({ "playbackTypeIn": "live|dvr" })).await;
    assert_eq!(live["count_loads"], 10.0);
    assert_eq!(
        world.total("1", json!({ "playbackTypeIn": "vod|live" })).await["count_loads"].as_f64(),
        Some(all + 10.0)
    );
    assert_eq!(world.total("10007", json!({})).await["view_unique_audience"].as_f64().map(|n| n > 0.0), Some(true));
    // Pages go without their scheme; users by their ids, the unknown too; operators of eSearch.
    let pages = world.rows("6", json!({}), json!({ "objectIds": "lms0.example.org", "order": "-count_plays" })).await;
    let page = pages[0]["referrer"].as_str().unwrap();
    assert!(page.starts_with("lms0.example.org/course/"), "{page}");
    let on_page = world.total("1", json!({ "canonicalUrlIn": page })).await;
    assert_eq!(on_page["count_plays"], pages[0]["count_plays"]);
    for user in ["anna", "Unknown", "anna|ben"] {
        let rows = world.rows("13", json!({ "userIds": user }), json!({ "order": "+name" })).await;
        let names: Vec<&str> = rows.iter().map(|row| row["name"].as_str().unwrap()).collect();
        assert_eq!(names, user.split('|').collect::<Vec<_>>());
    }
    let tags = json!({ "entryOperator": { "objectType": "KalturaESearchEntryOperator", "operator": 2, "searchItems": [
        { "objectType": "KalturaESearchEntryItem", "itemType": 1, "fieldName": "tags", "searchTerm": "cells" }] } });
    assert_eq!(world.total("1", tags).await, world.total("1", json!({ "entryIdIn": "1_v" })).await);
    let both = json!({ "entryIdIn": "1_v", "objectIds__null": "" });
    assert_eq!(
        world.rows("38", both, json!({ "objectIds": "1_w" })).await.len(),
        0,
        "two filters on one thing leave what both leave"
    );
    // Unknown fields are ignored and counted.
    let before = world.campus.app.metrics().kaltura_ignored.load(Relaxed);
    assert_eq!(world.total("1", json!({ "planetIn": "x" })).await["count_loads"].as_f64(), Some(all));
    assert!(world.campus.app.metrics().kaltura_ignored.load(Relaxed) > before);
    for (field, text) in
        [("mediaTypeIn", "Vdeo"), ("playbackTypeIn", "vod,live"), ("fromDay", "2026"), ("interval", "weeks")]
    {
        let refused = world.report("getTotal", "1", json!({ field: text }), json!({})).await;
        assert!(["INVALID_ENUM_VALUE", "PROPERTY_VALIDATION_WRONG_FORMAT"].contains(&code(&refused)), "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_with_rows_of_their_own() {
    let world = played().await;
    // Percentiles: 101 rows, as the native heat has it.
    let rows = world.rows("43", json!({ "entryIdIn": "1_v" }), json!({})).await;
    assert_eq!(rows.len(), 101);
    let heat = world.campus.ask(&format!("heat?subject=entry:1_v&{PERIOD}&f=is,playback_type,vod")).await;
    for percentile in [0_usize, 5, 25, 60, 100] {
        let second = percentile.min(99);
        assert_eq!(rows[percentile]["percentile"], percentile as f64);
        assert_eq!(rows[percentile]["count_viewers"].as_f64(), heat["data"]["views"][second].as_f64());
        assert_eq!(rows[percentile]["unique_known_users"].as_f64(), heat["data"]["viewers"][second].as_f64());
    }
    assert!(rows[5]["count_viewers"].as_f64().unwrap() > 3.0);
    let one = world.rows("43", json!({ "entryIdIn": "1_v", "userIds": "anna" }), json!({})).await;
    assert!(one[0]["count_viewers"].as_f64().unwrap() < rows[0]["count_viewers"].as_f64().unwrap());
    assert_eq!(code(&world.report("getTable", "43", json!({}), json!({})).await), "SEARCH_TOO_GENERAL");
    // Who added what: the catalog's recordings, joined with plays of what one owns.
    let contributors = world.rows("39", json!({}), json!({})).await;
    let olga = contributors.iter().find(|row| row["user_id"] == "olga").unwrap();
    assert_eq!((&olga["added_entries"], &olga["added_msecs"]), (&json!(2.0), &json!(105_000.0)), "a poster is none");
    let native =
        world.native(&format!("totals?measures=plays&subject=owner:olga&{PERIOD}&f=is,playback_type,vod")).await;
    assert_eq!(olga["count_plays"].as_f64(), native["plays"].as_f64());
    let best = contributors.iter().map(|row| row["contributor_ranking"].as_f64().unwrap()).fold(0.0, f64::max);
    assert!(best > 5.0 && best <= 10.0);
    let total = world.total("39", json!({})).await;
    assert_eq!((&total["added_entries"], &total["unique_contributors"]), (&json!(3.0), &json!(2.0)));
    let sources = world.rows("41", json!({}), json!({ "order": "+source" })).await;
    let sources: Vec<_> =
        sources.iter().map(|row| (row["source"].as_str().unwrap(), row["added_entries"].as_f64().unwrap())).collect();
    assert_eq!(sources, [("Upload", 2.0), ("Zoom", 1.0)]);
    let kinds = world.rows("5", json!({}), json!({})).await;
    let olga = kinds.iter().find(|row| row["object_id"] == "olga").unwrap();
    assert_eq!(
        ["count_total", "count_video", "count_audio", "count_image"].map(|name| olga[name].as_f64().unwrap()),
        [3.0, 2.0, 0.0, 1.0]
    );
    let usage = world.rows("17", json!({}), json!({})).await;
    let olga = usage.iter().find(|row| row["name"] == "olga").unwrap();
    assert_eq!(
        (&olga["added_entries"], &olga["total_entries"], &olga["total_msecs"]),
        (&json!(3.0), &json!(3.0), &json!(105_000.0))
    );
    let by_date = world.rows("18", json!({}), json!({ "order": "+date_id" })).await;
    assert_eq!(by_date.iter().map(|row| row["added_entries"].as_f64().unwrap()).sum::<f64>(), 4.0);
    let base =
        world.report("getBaseTotal", "17", json!({ "fromDay": "20261120", "toDay": "20261121" }), json!({})).await;
    assert_eq!(base[0], json!({ "id": "total_entries", "data": "1", "objectType": "KalturaReportBaseTotal" }));
    assert_eq!(code(&world.report("getBaseTotal", "1", json!({}), json!({})).await), "INTERNAL_SERVERL_ERROR");
    // Sub-categories: exactly those below.
    let below = world.rows("53", json!({ "categoriesAncestorIdIn": "100" }), json!({ "order": "+name" })).await;
    let names: Vec<_> = below
        .iter()
        .map(|row| {
            (
                row["name"].as_str().unwrap(),
                row["entries_count"].as_f64().unwrap(),
                row["parent_name"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(names, [("Biology", 2.0, "Faculty"), ("Physics", 1.0, "Faculty")]);
    // Plays one by one, newest first.
    let latest = world.rows("51", json!({ "userIds": "anna" }), json!({})).await;
    let times: Vec<f64> = latest.iter().map(|row| row["extract_time"].as_f64().unwrap()).collect();
    assert!(times.is_sorted_by(|a, b| a > b) && times.len() > 5, "{times:?}");
    let plays: f64 = latest.iter().map(|row| row["count_plays"].as_f64().unwrap()).sum();
    assert_eq!(json!(plays), world.total("51", json!({ "userIds": "anna" })).await["count_plays"]);
    assert!(latest.iter().any(|row| row["entry_name"] == "Waves"), "{latest:?}");
    // Values of the last days, whatever the filter.
    assert_eq!(world.rows("16", json!({ "entryIdIn": "nothing" }), json!({})).await[0]["name"], "LMS");
    // Highlights of a person: watched and added.
    let olga = world.rows("48", json!({ "userIds": "olga" }), json!({})).await;
    assert_eq!((olga.len(), &olga[0]["name"], &olga[0]["added_entries"]), (1, &json!("olga"), &json!(2.0)), "{olga:?}");
    // Interactions, speeds, reasons.
    assert_eq!(world.rows("46", json!({}), json!({})).await[0]["playback_rate"], 1.5);
    assert_eq!(world.rows("44", json!({}), json!({})).await[0]["reason"], "spam");
    // Drill-downs switch the grouping.
    let systems = world.rows("21", json!({}), json!({ "objectIds": "Mobile" })).await;
    assert!(systems[0]["os"].as_str().unwrap().starts_with("iOS"), "{systems:?}");
    let browsers = world.rows("22", json!({}), json!({ "objectIds": systems[0]["os"] })).await;
    assert!(browsers[0]["browser"].as_str().unwrap().contains("Safari"), "{browsers:?}");
    let regions = world.report("getTable", "4", json!({}), json!({ "objectIds": "Germany" })).await;
    assert!(regions["header"].as_str().unwrap().starts_with("object_id|location_name|"));
}

#[tokio::test(flavor = "multi_thread")]
async fn quizzes_sort_and_page_as_they_say() {
    let world = played().await;
    let questions = world.rows("quiz.QUIZ", json!({}), json!({ "objectIds": "1_x", "order": "+percentage" })).await;
    assert_eq!(questions.len(), 2, "{questions:?}");
    assert_eq!(
        (&questions[0]["question_id"], &questions[0]["percentage"]),
        (&json!("q2"), &json!(0.0)),
        "ascending is ascending"
    );
    let (right, wrong) = (
        questions[1]["num_of_correct_answers"].as_f64().unwrap(),
        questions[1]["num_of_wrong_answers"].as_f64().unwrap(),
    );
    assert!(questions[1]["question_id"] == "q1" && right + wrong > 0.0);
    let second = world
        .rows(
            "quiz.QUIZ",
            json!({}),
            json!({ "objectIds": "1_x", "order": "+percentage", "pager": { "pageIndex": 2, "pageSize": 1 } }),
        )
        .await;
    assert_eq!(second, questions[1..], "the last page is a page");
    let third = world
        .rows("quiz.QUIZ", json!({}), json!({ "objectIds": "1_x", "pager": { "pageIndex": 3, "pageSize": 1 } }))
        .await;
    assert!(third.is_empty());
    let people = world.rows("quiz.QUIZ_USER_PERCENTAGE", json!({}), json!({ "objectIds": "1_x" })).await;
    let answered: f64 = people
        .iter()
        .map(|row| row["num_of_correct_answers"].as_f64().unwrap() + row["num_of_wrong_answers"].as_f64().unwrap())
        .sum();
    let native = world.native(&format!("totals?measures=quiz_answers,quiz_score&subject=entry:1_x&{PERIOD}")).await;
    assert_eq!(Some(answered), native["quiz_answers"].as_f64());
    let total = world.admin("report", "getTotal", asked("quiz.QUIZ", json!({}), json!({ "objectIds": "1_x" }))).await;
    assert_eq!(total["header"], "average");
    let average: f64 = total["data"].as_str().unwrap().parse().unwrap();
    assert!(near(average, native["quiz_score"].as_f64().unwrap() / 100.0) && average > 0.3);
    let one = world.rows("quiz.QUIZ_AGGREGATE_BY_QUESTION", json!({}), json!({ "objectIds": "q1" })).await;
    assert_eq!(one.iter().map(|row| row["question_id"].as_str().unwrap()).collect::<Vec<_>>(), ["q1"]);
}
