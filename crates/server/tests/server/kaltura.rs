//! Kaltura's API over data that came in as players send them: shapes, figures, rights, and what a front end asks.
#![expect(clippy::unwrap_used, reason = "tests")]

mod calls;
mod files;
mod figures;
mod fuzz;
mod headers;
mod lookups;
mod rights;
mod sessions;

use crate::api::{NOW_MS, json_of, text_of};
use crate::collected::Campus;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};
use engine::catalog::record::{Kind, Record};
use engine::catalog::{Account, Secret};
use engine::event::AccountId;
use serde_json::{Map, Value, json};
use server::config::Settings;
use std::net::SocketAddr;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

pub(crate) const SECRET: &str = "0123456789abcdef0123456789abcdef";
const OTHER_SECRET: &str = "fedcba9876543210fedcba9876543210";
const DAY_MS: i64 = 86_400_000;
/// A name that breaks tables that do not look.
const ODD: &str = "Weeks 1,2|3;4\nand more";
const AGENTS: [&str; 3] = [
    "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
];
/// In Germany, in the United States, nowhere.
const ADDRESSES: [&str; 3] = ["193.99.144.80:1", "8.8.8.8:1", "10.0.0.1:1"];
const VIEWERS: [&str; 5] = ["anna", "ben", "", "cleo", "dora"];
/// The days that the plays are in, as both APIs write them.
const PERIOD: &str = "period=2026-11-18..2026-11-23";

/// The first midnight of [`PERIOD`], unix seconds.
const FROM_S: i64 = 1_794_960_000;
const TO_S: i64 = FROM_S + 6 * 86_400 - 1;

struct World {
    campus: Campus,
    admin: String,
}

/// A campus whose account has a secret, and nothing played.
async fn empty() -> World {
    with(Settings::default()).await
}

/// The same with other settings.
async fn with(settings: Settings) -> World {
    let campus = Campus::new(settings).await;
    let catalog = campus.app.catalog();
    let secret = |secret: &str| vec![Secret(secret.as_bytes().to_vec())];
    let account = Account::clone(&catalog.account(AccountId(7)).unwrap());
    catalog.set_account(&Account { admin_secrets: secret(SECRET), ..account }, NOW_MS).unwrap();
    catalog.add_account(AccountId(8), "Elsewhere", NOW_MS).unwrap();
    let account = Account::clone(&catalog.account(AccountId(8)).unwrap());
    catalog.set_account(&Account { admin_secrets: secret(OTHER_SECRET), ..account }, NOW_MS).unwrap();
    let records = [
        (Kind::Person, json!({ "id": "olga", "name": "Olga Owner", "mail": "olga@example.org" })),
        (Kind::Person, json!({ "id": "tom", "name": "Tom, Teacher" })),
        (Kind::Person, json!({ "id": "cleo", "name": ODD })),
        (Kind::Category, json!({ "id": "100", "name": "Faculty" })),
        (
            Kind::Category,
            json!({ "id": "101", "name": "Biology", "kind": "course", "parent": "100", "lms_course": "bio-1" }),
        ),
        (Kind::Category, json!({ "id": "102", "name": "Physics", "parent": "100" })),
        (
            Kind::Entry,
            json!({ "id": "1_v", "name": ODD, "owner": "olga", "media_type": "video", "duration_ms": 100_000, "source": "Upload",
                    "tags": ["cells", "week 4"], "created": "2026-11-19T10:00:00Z", "visibility": "public",
                    "thumbnail_url": "https://pictures.example/1_v.jpg" }),
        ),
        (
            Kind::Entry,
            json!({ "id": "1_w", "name": "Waves", "owner": "tom", "media_type": "audio", "duration_ms": 60_000, "source": "Zoom",
                    "tags": ["waves"], "created": "2026-11-20T10:00:00Z", "thumbnail_url": "https://pictures.example/1_w.jpg" }),
        ),
        (
            Kind::Entry,
            json!({ "id": "1_x", "name": "Exam", "owner": "tom", "media_type": "quiz", "duration_ms": 40_000 }),
        ),
        (Kind::Entry, json!({ "id": "1_l", "name": "Live", "owner": "tom", "media_type": "live" })),
        (
            Kind::Entry,
            json!({ "id": "1_p", "name": "Poster", "owner": "olga", "media_type": "image", "created": "2026-11-20T10:00:00Z" }),
        ),
        (
            Kind::Entry,
            json!({ "id": "1_u", "name": "Unseen", "owner": "olga", "media_type": "video", "duration_ms": 5_000,
                              "source": "Upload", "created": "2026-11-21T00:00:00Z" }),
        ),
        (Kind::Link, json!({ "id": "k1", "entry": "1_v", "category": "101" })),
        (Kind::Link, json!({ "id": "k2", "entry": "1_w", "category": "102" })),
        (Kind::Link, json!({ "id": "k3", "entry": "1_x", "category": "101" })),
        (Kind::Member, json!({ "id": "b1", "person": "tom", "category": "101", "role": "teacher" })),
        (Kind::Member, json!({ "id": "b2", "person": "anna", "category": "101", "role": "student" })),
        (Kind::Playlist, json!({ "id": "0_list", "name": "List", "entries": ["1_v", "1_w"], "owner": "olga" })),
    ];
    let mut next = 500;
    for (kind, record) in records {
        let record = Record::check(kind, record.as_object().unwrap(), None)
            .unwrap_or_else(|error| panic!("{record}: {error:?}"));
        let mut fresh = || {
            next += 1;
            next
        };
        catalog.put(AccountId(7), &record, NOW_MS, &mut fresh).unwrap();
    }
    catalog.advance(NOW_MS).unwrap();
    let mut world = World { campus, admin: String::new() };
    world.admin = world.start("root", 2, "").await;
    world
}

/// The same with sixty sessions as players report them, ten of them live, and quizzes.
async fn played() -> World {
    let world = empty().await;
    let first_ms = FROM_S * 1000;
    for number in 0..60_i64 {
        world.campus.clock.store(first_ms + number * 6 * DAY_MS / 60, Relaxed);
        let live = number % 6 == 5;
        let entry = if live { "1_l" } else { ["1_v", "1_v", "1_w", "1_x"][(number % 4) as usize] };
        world.session(number, entry, live).await;
    }
    world.campus.clock.store(NOW_MS, Relaxed);
    let began = Instant::now();
    while world.native(&format!("totals?measures=impressions&{PERIOD}")).await["impressions"] != 60.0 {
        assert!(began.elapsed() < Duration::from_secs(30));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    world
}

impl World {
    /// What a player sends of a session.
    async fn session(&self, number: i64, entry: &str, live: bool) {
        let n = number as usize;
        let start_ms = self.campus.clock.load(Relaxed);
        let mut index = 0;
        let mut events: Vec<Value> = Vec::new();
        let mut event = |kind: i64, position: f64, more: Value| {
            index += 1;
            let mut event = json!({
                "eventType": kind, "partnerId": 7, "entryId": entry, "sessionId": format!("p{number}:m{number}"), "eventIndex": index,
                "playbackType": (if live { "live" } else { "vod" }), "position": position, "clientVer": "3.17.95",
                "referrer": format!("https://lms{}.example.org/course/{}", number % 2, number % 3),
                "playbackContext": (["101", "102", ""][n % 3]), "customVar1": format!("cv{}", number % 2), "application": "LMS",
                "uiConfId": 55, "userId": (VIEWERS[n % 5]), "playlistId": (if number % 4 == 0 { "0_list" } else { "" }),
            });
            event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            events.push(event);
        };
        event(1, 0.0, json!({}));
        if number % 10 != 9 {
            event(2, 0.0, json!({}));
            event(3, 0.0, json!({ "joinTime": 0.5 }));
            let beats = 1 + number % 5;
            for beat in 0..=beats {
                let at = beat as f64 * 10.0;
                let sound = json!({ "playTimeSum": at, "soundMode": 2, "tabMode": 2, "actualBitrate": 1000, "bufferTimeSum": 0.5 });
                event(99, if live { 0.0 } else { at }, sound);
                // A quarter of a hundred seconds is behind us after the third.
                if beat == 3 && entry == "1_v" {
                    event(11, 25.0, json!({}));
                }
            }
            match number % 6 {
                0 => event(21, 10.0, json!({})),
                1 => event(23, 10.0, json!({})),
                2 => event(41, 10.0, json!({ "playbackSpeed": 1.5 })),
                3 => event(25, 10.0, json!({ "reportType": "spam" })),
                4 => event(38, 10.0, json!({ "caption": "en" })),
                _ => event(33, 10.0, json!({})),
            }
            if entry == "1_x" {
                event(30001, 0.0, json!({ "score": 40 + number % 3 * 20, "numOfQuestions": 2, "version": 1 }));
                event(30003, 0.0, json!({ "answered": "q1", "correct": (if number % 8 == 3 { "q1" } else { "" }) }));
                event(30003, 0.0, json!({ "answered": "q2" }));
            }
        }
        for (number, body) in events.into_iter().enumerate() {
            self.campus.clock.store(start_ms + number as i64 * 10_000, Relaxed);
            let peer: SocketAddr = ADDRESSES[n % 3].parse().unwrap();
            let request =
                Request::post("/api_v3/index.php?service=analytics&action=trackEvent").extension(ConnectInfo(peer));
            let request = request
                .header(header::USER_AGENT, AGENTS[(n / 2) % 3])
                .header(header::CONTENT_TYPE, "application/json");
            let answer = self.campus.send(request.body(Body::from(body.to_string())).unwrap()).await;
            assert_eq!(json_of(answer).await["viewEventsEnabled"], true);
        }
    }

    /// `session.start`.
    async fn start(&self, user: &str, kind: u8, privileges: &str) -> String {
        let params =
            json!({ "secret": SECRET, "partnerId": 7, "userId": user, "type": kind, "privileges": privileges });
        let answer = self.call("session", "start", params).await;
        answer.as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    /// A call in JSON, without a session.
    async fn call(&self, service: &str, action: &str, params: Value) -> Value {
        let mut body = json!({ "format": 1 });
        body.as_object_mut().unwrap().extend(params.as_object().unwrap().clone());
        self.post(&format!("/api_v3/service/{service}/action/{action}"), body).await
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
        let answer = self.campus.send(request.body(Body::from(body.to_string())).unwrap()).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
        json_of(answer).await
    }

    /// A call of an administrator.
    async fn admin(&self, service: &str, action: &str, params: Value) -> Value {
        self.with(&self.admin, service, action, params).await
    }

    async fn with(&self, ks: &str, service: &str, action: &str, mut params: Value) -> Value {
        params["ks"] = json!(ks);
        self.call(service, action, params).await
    }

    /// A report of an administrator over the days of the plays, all rows on one page.
    async fn report(&self, action: &str, id: &str, filter: Value, more: Value) -> Value {
        self.admin("report", action, asked(id, filter, more)).await
    }

    /// A table as its rows, by the names of the columns.
    async fn rows(&self, id: &str, filter: Value, more: Value) -> Vec<Map<String, Value>> {
        rows_of(&self.report("getTable", id, filter, more).await)
    }

    /// A total by the names of the columns.
    async fn total(&self, id: &str, filter: Value) -> Map<String, Value> {
        let total = self.report("getTotal", id, filter, json!({})).await;
        named(&total["header"], total["data"].as_str().unwrap())
    }

    /// Values of the native API, by measure.
    async fn native(&self, path: &str) -> Map<String, Value> {
        let answer = self.campus.ask(path).await;
        let values = answer["data"]["values"].as_object().unwrap_or_else(|| panic!("{answer}"));
        values.iter().map(|(name, value)| (name.clone(), value["value"].clone())).collect()
    }

    /// Where something is fetched with GET.
    async fn get(&self, path: &str) -> (StatusCode, String) {
        let answer = self.campus.send(Request::get(path).body(Body::empty()).unwrap()).await;
        let status = answer.status();
        (status, text_of(answer).await)
    }
}

/// The parameters of a report.
fn asked(id: &str, filter: Value, more: Value) -> Value {
    let mut whole = json!({ "objectType": "KalturaEndUserReportInputFilter", "fromDate": FROM_S, "toDate": TO_S,
                            "timeZoneOffset": 0, "interval": "days", "searchInTags": true, "searchInAdminTags": false });
    whole.as_object_mut().unwrap().extend(filter.as_object().unwrap().clone());
    let mut params = json!({ "reportType": id, "reportInputFilter": whole, "pager": { "pageIndex": 1, "pageSize": 500 },
                             "responseOptions": { "delimiter": "|", "skipEmptyDates": false } });
    params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    params
}

/// Cells by the names of their columns: numbers where they are some.
fn named(header: &Value, cells: &str) -> Map<String, Value> {
    let header: Vec<&str> = header.as_str().unwrap().split('|').collect();
    let cells: Vec<&str> = cells.split('|').collect();
    assert_eq!(header.len(), cells.len(), "{header:?} {cells:?}");
    let value = |cell: &str| cell.parse::<f64>().map_or_else(|_| json!(cell), |number| json!(number));
    header.into_iter().zip(cells).map(|(name, cell)| (name.to_owned(), value(cell))).collect()
}

fn rows_of(table: &Value) -> Vec<Map<String, Value>> {
    let data = table["data"].as_str().unwrap_or_else(|| panic!("{table}"));
    let rows: Vec<&str> = data.split(';').collect();
    let (last, rows) = rows.split_last().unwrap();
    assert_eq!(*last, "", "every row ends in ;");
    rows.iter().map(|row| named(&table["header"], row)).collect()
}

fn code(answer: &Value) -> &str {
    assert_eq!(answer["objectType"], "KalturaAPIException", "{answer}");
    answer["code"].as_str().unwrap()
}
