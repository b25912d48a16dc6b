//! Where cities lie: told with the rows of regions and cities, and of no others.
#![expect(clippy::unwrap_used, reason = "tests")]

use crate::access::{ACCOUNT, campus};
use crate::api::{NOW_MS, Server, json_of, text_of};
use crate::ways::{SECRET, ks};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use engine::block::{Block, Part, Snapshot};
use engine::catalog::{Account, Secret};
use engine::event::{Event, EventKind, Facts, PersonKey, Proof, Who};
use engine::fold::fold_session;
use engine::row::ViewRow;
use serde_json::{Value, json};
use server::auth::vault::Facts as Proved;
use server::config::Settings;
use server::enrich::Point;
use server::machine::{DataFolder, Machine};
use std::sync::Arc;

/// Somebody's play of a recording, an hour ago.
fn play(number: u64, entry: &str, [country, region, city]: [&str; 3]) -> Vec<ViewRow> {
    let event = Event {
        account: ACCOUNT,
        entry: entry.into(),
        session: format!("s{number}").into(),
        who: Who { person: PersonKey(9_000 + number), proof: Proof::Verified, ..Who::default() },
        kind: EventKind::PLAY,
        at_ms: NOW_MS - 3_600_000,
        received_ms: NOW_MS - 3_600_000,
        index: Some(1),
        facts: Facts { country: country.into(), region: region.into(), city: city.into(), ..Facts::default() },
        ..Event::default()
    };
    fold_session(&[(number, event)])
}

/// Ann's recording is watched by twenty in Minneapolis and a dozen in Saint Paul; another's by two in Duluth, one in Ely, which was never seen at
/// collection, and one somewhere in Minnesota.
async fn watched() -> Server {
    let server = campus().await;
    let home = |n| if n < 20 { "Minneapolis" } else { "Saint Paul" };
    let mut rows: Vec<ViewRow> = (0..32).flat_map(|n| play(n, "1_own", ["US", "Minnesota", home(n)])).collect();
    for (number, city) in [(40, "Duluth"), (41, "Duluth"), (42, "Ely"), (43, "")] {
        rows.extend(play(number, "1_bio", ["US", "Minnesota", city]));
    }
    *server.snapshot.lock().unwrap() = Snapshot::of(vec![Part::new(Arc::new(Block::from_rows(rows)), Arc::default())]);
    let atlas = server.app.inside().atlas();
    atlas.learn("US", "Minnesota", "Minneapolis", Point::of(44.98, -93.26).unwrap());
    atlas.learn("US", "Minnesota", "Saint Paul", Point::of(44.94, -93.09).unwrap());
    atlas.learn("US", "Minnesota", "Duluth", Point::of(46.79, -92.1).unwrap());
    atlas.learn("US", "Wisconsin", "Duluth", Point::of(10.0, 10.0).unwrap());
    server
}

const DAYS: &str = "measures=plays&period=7d&today=1&sort=-plays";

async fn rows(server: &Server, cookie: &str, query: &str) -> Vec<Value> {
    let answer = server.call("GET", &format!("table?{DAYS}&{query}"), cookie, None).await;
    assert_eq!(answer.status(), StatusCode::OK, "{query}");
    json_of(answer).await["data"]["rows"].as_array().unwrap().clone()
}

/// Keys, and where they are.
fn told(rows: &[Value]) -> Vec<(String, Value)> {
    let keys =
        |row: &Value| row["keys"].as_array().unwrap().iter().filter_map(Value::as_str).collect::<Vec<_>>().join("/");
    rows.iter().map(|row| (keys(row), row["at"].clone())).collect()
}

fn is(rows: &[(&str, Value)]) -> Vec<(String, Value)> {
    rows.iter().map(|(key, at)| ((*key).to_owned(), at.clone())).collect()
}

#[tokio::test]
async fn regions_and_cities_come_with_where_they_lie() {
    let server = watched().await;
    let ask = |query: &'static str| async { told(&rows(&server, &server.cookie, query).await) };
    let none = Value::Null;
    assert_eq!(ask("by=region&f=is,country,US").await, is(&[("Minnesota", json!([45.6, -92.8]))]));
    let cities = [
        ("Minneapolis", json!([45.0, -93.3])),
        ("Saint Paul", json!([44.9, -93.1])),
        ("Duluth", json!([46.8, -92.1])),
        ("", none.clone()),
        ("Ely", none.clone()),
    ];
    assert_eq!(ask("by=city&f=is,country,US&f=is,region,Minnesota").await, is(&cities));
    let whole = [
        "US/Minnesota/Minneapolis",
        "US/Minnesota/Saint Paul",
        "US/Minnesota/Duluth",
        "US/Minnesota/",
        "US/Minnesota/Ely",
    ];
    let whole: Vec<_> = whole.into_iter().zip(cities).map(|(key, (_, at))| (key, at)).collect();
    assert_eq!(ask("by=country,region,city").await, is(&whole));
    // Of which Duluth nobody says.
    for query in [
        "by=city",
        "by=city&f=is,region,Minnesota",
        "by=city&f=is,country,US",
        "by=country",
        "by=region&f=is,country,US,CA",
        "by=region&f=not,country,CA",
        "by=device&f=is,country,US",
    ] {
        let rows = rows(&server, &server.cookie, query).await;
        assert!(!rows.is_empty() && rows.iter().all(|row| row.get("at").is_none()), "{query}: {rows:?}");
    }
}

#[tokio::test]
async fn who_may_not_see_a_row_is_not_told_where_it_lies() {
    let server = watched().await;
    let ann = server.person("ann", Proved::default()).await;
    let hers = server.call("GET", &format!("table?{DAYS}&by=country,region,city"), &ann, None).await;
    let hers = text_of(hers).await;
    assert!(hers.contains("Minneapolis") && !hers.contains("Duluth") && !hers.contains("46.8"), "{hers}");
    // Four people are too few for who may not see names, and a dozen hide them.
    let sam = server.person("sam", Proved::default()).await;
    let found = rows(&server, &sam, "by=country,region,city").await;
    assert_eq!(found[0]["at"], json!([45.0, -93.3]));
    assert!(
        found.len() > 1 && found[1..].iter().all(|row| row["hidden"] == true && row.get("at").is_none()),
        "{found:?}"
    );
}

#[tokio::test]
async fn kalturas_maps_have_coordinates() {
    let mut server = watched().await;
    // Kaltura's API stands before collection, of which nothing is wanted here.
    let collection = axum::Router::new().route("/api_v3/{*rest}", axum::routing::any(|| async {}));
    server.router = server::router::router(&server.app, collection);
    let known = server.app.catalog().account(ACCOUNT).unwrap();
    let secrets = vec![Secret(SECRET.as_bytes().to_vec())];
    server.app.catalog().set_account(&Account { admin_secrets: secrets, ..Account::clone(&known) }, NOW_MS).unwrap();
    let ks = ks(SECRET, NOW_MS / 1000 + 3_600, 2, "lea", "*,disableentitlement");
    let table = |kind: &'static str| {
        let asked = json!({
            "ks": ks, "format": 1, "reportType": kind, "pager": { "pageIndex": 1, "pageSize": 500 }, "order": "-count_plays",
            "reportInputFilter": { "fromDate": NOW_MS / 1000 - 86_400, "toDate": NOW_MS / 1000, "timeZoneOffset": 0,
                                   "countryIn": "United States", "regionIn": if kind == "30" { "Minnesota" } else { "" } },
            "responseOptions": { "delimiter": "|" },
        });
        let request =
            Request::post("/api_v3/service/report/action/getTable").header(header::CONTENT_TYPE, "application/json");
        let request = request.body(Body::from(asked.to_string())).unwrap();
        async {
            let answer = json_of(server.send(request).await).await;
            let header = answer["header"].as_str().unwrap_or_else(|| panic!("{answer}"));
            let at = header.split('|').position(|name| name == "coordinates").unwrap();
            let rows = answer["data"].as_str().unwrap().split(';').filter(|row| !row.is_empty());
            rows.map(|row| row.split('|').take(at + 1).collect::<Vec<_>>().join("|")).collect::<Vec<_>>()
        }
    };
    assert_eq!(table("36").await, ["US|United States|38/-97"]);
    assert_eq!(table("37").await, ["United States|Minnesota|45.6/-92.8"]);
    let mut cities = table("30").await;
    cities.sort();
    assert_eq!(
        cities,
        [
            "United States|Minnesota|Duluth|46.8/-92.1",
            "United States|Minnesota|Ely|",
            "United States|Minnesota|Minneapolis|45/-93.3",
            "United States|Minnesota|Saint Paul|44.9/-93.1",
            "United States|Minnesota|Unknown|",
        ]
    );
}

#[test]
fn a_server_that_stops_keeps_what_it_learned() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { data: folder.path().to_owned(), disk_free_mb: 0, ..Settings::default() };
    let data = DataFolder::open(&settings).unwrap();
    let open = || Machine::open(&data, &settings, Arc::new(|| NOW_MS), &[]).unwrap();
    let machine = open();
    let minneapolis = Point::of(45.0, -93.3);
    machine.collect.enrich().atlas().learn("US", "Minnesota", "Minneapolis", minneapolis.unwrap());
    machine.stop();
    let machine = open();
    assert_eq!(machine.collect.enrich().atlas().point("US", "Minnesota", "Minneapolis"), minneapolis);
    machine.stop();
}
