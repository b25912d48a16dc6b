//! `playhead import kaltura` against a small Kaltura of our own on the loopback, which speaks the wire of the client
//! libraries: sessions that end, lists that are paged by creation, answers that fail in the middle.
#![expect(clippy::unwrap_used, reason = "tests")]

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use engine::catalog::Catalog;
use engine::event::AccountId;
use serde_json::{Value, json};
use server::config::Settings;
use server::import::kaltura::reports::Days;
use server::import::kaltura::{self, Wanted};
use server::machine::DataFolder;
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

const SECRET: &str = "0123456789abcdef0123456789abcdef";
/// When the first object was made, unix seconds.
const BEGAN: i64 = 1_700_000_000;

#[derive(Default)]
struct Told {
    /// Objects by service, in order of creation.
    objects: BTreeMap<&'static str, Vec<Value>>,
    sessions: u32,
    /// Calls that a session is good for.
    calls_left: u32,
    /// Calls after which it refuses, with an error that is no passing one.
    breaks_after: Option<u32>,
    calls: u32,
    secrets_seen: u32,
}

#[derive(Clone, Default)]
struct Kaltura(Arc<Mutex<Told>>);

fn refusal(code: &str) -> Response {
    Json(json!({ "objectType": "KalturaAPIException", "code": code, "message": format!("it says {code}"), "args": [] }))
        .into_response()
}

/// What the filter leaves, as the real thing reads it.
fn fits(object: &Value, filter: &Value) -> bool {
    let set = |field: &str| {
        filter.get(field).and_then(Value::as_str).map(|set| set.split(',').map(str::to_owned).collect::<Vec<_>>())
    };
    let since = filter.get("createdAtGreaterThanOrEqual").and_then(Value::as_i64).unwrap_or(0);
    let status = object["status"].as_i64().map(|status| status.to_string());
    let has_status = set("statusIn").is_none_or(|set| status.is_none_or(|status| set.contains(&status)));
    let equal = filter.get("statusEqual").is_none_or(|wanted| object["status"] == *wanted);
    let category = set("categoryIdIn").is_none_or(|set| set.contains(&object["categoryId"].to_string()));
    object["createdAt"].as_i64().unwrap() >= since && has_status && equal && category
}

async fn call(
    State(kaltura): State<Kaltura>,
    Path((service, action)): Path<(String, String)>,
    Json(body): Json<Value>,
) -> Response {
    let mut told = kaltura.0.lock().unwrap();
    assert_eq!(body["format"], 1);
    if (service.as_str(), action.as_str()) == ("session", "start") {
        told.secrets_seen += 1;
        if body["secret"] != SECRET {
            return refusal("START_SESSION_ERROR");
        }
        told.sessions += 1;
        told.calls_left = 7;
        return Json(json!(format!("ks-{}", told.sessions))).into_response();
    }
    told.calls += 1;
    if told.breaks_after.is_some_and(|calls| told.calls > calls) {
        return StatusCode::FORBIDDEN.into_response();
    }
    if body["ks"] != json!(format!("ks-{}", told.sessions)) || told.calls_left == 0 {
        return refusal("INVALID_KS");
    }
    told.calls_left -= 1;
    if (service.as_str(), action.as_str()) == ("report", "getTable") {
        return report(&body);
    }
    assert_eq!(action, "list");
    let filter = &body["filter"];
    assert_eq!(filter["orderBy"], "+createdAt");
    let Some(objects) = told.objects.get(service.as_str()) else { return refusal("SERVICE_DOES_NOT_EXISTS") };
    let found: Vec<&Value> = objects.iter().filter(|object| fits(object, filter)).collect();
    let (size, page) =
        (body["pager"]["pageSize"].as_u64().unwrap() as usize, body["pager"]["pageIndex"].as_u64().unwrap() as usize);
    assert!(size <= 500 && page * size <= 10_000, "Kaltura refuses such a page");
    let objects: Vec<&Value> = found.iter().skip((page - 1) * size).take(size).copied().collect();
    Json(json!({ "objects": objects, "totalCount": found.len(), "objectType": "KalturaListResponse" })).into_response()
}

/// Two days of figures.
fn report(body: &Value) -> Response {
    let filter = &body["reportInputFilter"];
    assert_eq!(
        (body["responseOptions"]["delimiter"].as_str(), filter["playbackTypeIn"].as_str()),
        (Some("|"), Some("vod|live|dvr|offline"))
    );
    // Chicago is five hours behind in September.
    assert_eq!(filter["timeZoneOffset"], 300);
    if body["pager"]["pageIndex"] != 1 || filter["fromDay"] != "20260901" {
        return Json(json!({ "objectType": "KalturaReportTable" })).into_response();
    }
    let header = "object_id|entry_name|count_plays|sum_time_viewed|count_loads|sum_view_period";
    let data = "1_r0000|First, of all|7|0.5|9|3.25;1_elsewhere|Other|2|0|2|1;";
    Json(json!({ "header": header, "data": data, "totalCount": 2, "objectType": "KalturaReportTable" })).into_response()
}

impl Kaltura {
    async fn start() -> (Kaltura, url::Url) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let kaltura = Kaltura::default();
        kaltura.0.lock().unwrap().objects = objects();
        let routes =
            Router::new().route("/api_v3/service/{service}/action/{action}", post(call)).with_state(kaltura.clone());
        tokio::spawn(async { axum::serve(listener, routes).await });
        (kaltura, url)
    }
}

/// More objects than a page holds; six hundred of them made in one second.
fn objects() -> BTreeMap<&'static str, Vec<Value>> {
    let people = (0..1_300).map(|i: i64| {
        let at = BEGAN + if (300..900).contains(&i) { 300 } else { i };
        json!({ "id": format!("u{i}"), "fullName": format!("Person {i}"), "email": format!("u{i}@example.edu"), "createdAt": at, "status": 1 })
    });
    let entries = (0..700).map(|i: i64| {
        json!({
            "objectType": "KalturaMediaEntry", "id": format!("1_r{i:04}"), "name": format!("Lecture, {i}; a|b"), "mediaType": 1,
            "msDuration": 60_000 + i, "userId": format!("u{}", i % 9), "createdAt": BEGAN + i, "updatedAt": BEGAN + i,
            "status": if i == 5 { 3 } else { 2 },
        })
    });
    let categories = (1..=90).map(|i: i64| {
        json!({
            "id": i, "parentId": 0, "name": format!("{i}"), "fullName": format!("Canvas>site>channels>{i}"), "createdAt": BEGAN + i,
            "updatedAt": BEGAN + i, "status": 2,
        })
    });
    let links = (0..700).map(|i: i64| {
        json!({ "entryId": format!("1_r{i:04}"), "categoryId": 1 + i % 90, "status": 2, "createdAt": BEGAN + i })
    });
    let members = (0..1_300).map(|i: i64| {
        json!({
            "categoryId": 1 + i % 90, "userId": format!("u{i}"), "permissionLevel": if i < 90 { 0 } else { 3 }, "status": 1,
            "createdAt": BEGAN + i,
        })
    });
    let playlists = [
        json!({ "id": "0_list", "name": "Start", "playlistType": 3, "playlistContent": "1_r0001,1_r0002", "userId": "u1", "createdAt": BEGAN }),
        json!({ "id": "0_rule", "name": "Rule", "playlistType": 10, "playlistContent": "<xml/>", "createdAt": BEGAN }),
    ];
    BTreeMap::from([
        ("user", people.collect()),
        ("baseEntry", entries.collect()),
        ("category", categories.collect()),
        ("categoryEntry", links.collect()),
        ("categoryUser", members.collect()),
        ("playlist", playlists.to_vec()),
    ])
}

struct Folder {
    folder: TempDir,
    settings: Settings,
}

impl Folder {
    fn new() -> Folder {
        let folder = TempDir::new().unwrap();
        let settings = Settings { data: folder.path().join("data"), ..Settings::default() };
        DataFolder::open(&settings).unwrap().catalog(0).unwrap().add_account(AccountId(7), "Campus", 0).unwrap();
        std::fs::write(folder.path().join("secret"), SECRET).unwrap();
        let mode = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(folder.path().join("secret"), mode).unwrap();
        Folder { folder, settings }
    }

    fn catalog(&self) -> Arc<Catalog> {
        DataFolder::open(&self.settings).unwrap().catalog(0).unwrap()
    }

    /// All records, without what is random.
    fn records(&self) -> Vec<String> {
        let mut out = Vec::new();
        self.catalog().export(AccountId(7), &mut out).unwrap();
        String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
    }

    async fn import(&self, url: &url::Url, reports: Option<Days>) -> Result<(), String> {
        let wanted = Wanted {
            url: url.clone(),
            partner: 7,
            secret: self.folder.path().join("secret"),
            account: None,
            courses: vec!["Canvas>site>channels".to_owned()],
            reports,
        };
        let settings = self.settings.clone();
        let done =
            tokio::task::spawn_blocking(move || kaltura::run(&settings, wanted).map_err(|error| error.to_string()));
        done.await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_import_goes_on_and_a_repeated_one_changes_nothing() {
    let (kaltura, url) = Kaltura::start().await;
    let whole = Folder::new();
    whole.import(&url, None).await.unwrap();
    let records = whole.records();
    let count = |kind: &str| records.iter().filter(|line| line.contains(&format!("{{\"record\":\"{kind}\""))).count();
    assert_eq!(
        [count("person"), count("entry"), count("category"), count("link"), count("member"), count("playlist")],
        [1_300, 700, 90, 700, 1_300, 1]
    );
    assert!(records.iter().any(|line| line.contains("\"1_r0005\"") && line.contains("\"deleted\":")));
    assert!(records.iter().any(|line| line.contains("\"kind\":\"course\"") && line.contains("\"lms_course\":\"7\"")));
    assert!(kaltura.0.lock().unwrap().sessions > 1, "sessions that ended were made anew");

    // Stopped after every third call, until it comes through.
    let (kaltura, url) = Kaltura::start().await;
    let parts = Folder::new();
    let mut stops = 0;
    loop {
        {
            let mut told = kaltura.0.lock().unwrap();
            told.breaks_after = Some(told.calls + 3);
        }
        match parts.import(&url, None).await {
            Ok(()) => break,
            Err(why) => assert!(why.contains("403"), "{why}"),
        }
        stops += 1;
        assert!(stops < 50, "it never comes to an end");
    }
    assert!(stops > 2);
    assert_eq!(parts.records(), records);

    kaltura.0.lock().unwrap().breaks_after = None;
    parts.import(&url, None).await.unwrap();
    assert_eq!(parts.records(), records);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_gone_ends_and_what_was_set_here_stays() {
    let (kaltura, url) = Kaltura::start().await;
    let folder = Folder::new();
    folder.import(&url, None).await.unwrap();
    let put = |kind: &str, fields: Value| {
        use engine::catalog::record::{Kind, Record};
        let record = Record::check(Kind::of(kind).unwrap(), fields.as_object().unwrap(), None).unwrap();
        folder.catalog().put(AccountId(7), &record, 0, &mut rand::random::<u64>).unwrap();
    };
    put("entry", json!({ "id": "1_r0001", "name": "x", "content_end_ms": 50_000 }));
    put("link", json!({ "entry": "1_r0001", "category": "50" }));
    kaltura.0.lock().unwrap().objects.get_mut("categoryEntry").unwrap().retain(|link| link["entryId"] != "1_r0000");
    folder.import(&url, None).await.unwrap();
    let records = folder.records();
    let of = |part: &str| records.iter().filter(|line| line.contains(part)).cloned().collect::<Vec<_>>();
    let gone = of("\"kaltura:1:1_r0000\"");
    assert!(gone.len() == 1 && gone[0].contains("\"to\":"), "{gone:?}");
    let kept = of("{\"record\":\"entry\",\"id\":\"1_r0001\"");
    assert!(kept[0].contains("\"content_end_ms\":50000") && kept[0].contains("Lecture, 1"), "{kept:?}");
    let ours = of("\"entry\":\"1_r0001\",\"category\":\"50\"");
    assert!(
        ours.len() == 1 && !ours[0].contains("\"to\":"),
        "a link that did not come from Kaltura is not ended: {ours:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_told_in_kalturas_words_and_never_with_the_secret() {
    let (kaltura, url) = Kaltura::start().await;
    let folder = Folder::new();
    std::fs::write(folder.folder.path().join("secret"), "wrong-canary-secret").unwrap();
    let why = folder.import(&url, None).await.unwrap_err();
    assert_eq!(why, "Kaltura refuses session.start: it says START_SESSION_ERROR (START_SESSION_ERROR)");
    assert_eq!(kaltura.0.lock().unwrap().secrets_seen, 1, "a refusal is not tried again");
    let why = folder.import(&"http://example.com".parse().unwrap(), None).await.unwrap_err();
    assert!(why.contains("is not an https address") && !why.contains("canary"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_are_kept_apart_by_day() {
    let (_, url) = Kaltura::start().await;
    let folder = Folder::new();
    let day = |text: &str| text.parse().unwrap();
    let days = Days { from: day("2026-09-01"), to: day("2026-09-02"), zone: "America/Chicago".to_owned() };
    folder.import(&url, Some(days.clone())).await.unwrap();
    folder.import(&url, Some(days)).await.unwrap();
    let catalog = folder.catalog();
    let read = catalog.imported_days(AccountId(7), "2026-08-01", "2026-10-01").unwrap();
    assert_eq!(
        read.iter().map(|day| (&*day.day, &*day.zone, day.cut)).collect::<Vec<_>>(),
        [("2026-09-01", "America/Chicago", false), ("2026-09-02", "America/Chicago", false),]
    );
    let figures = catalog.imported(AccountId(7), "2026-08-01", "2026-10-01").unwrap();
    let told: Vec<_> = figures.iter().map(|f| (&*f.entry, f.impressions, f.plays, f.minutes)).collect();
    assert_eq!(told, [("1_elsewhere", 2, 2, 1.0), ("1_r0000", 9, 7, 3.25)]);
    assert!(folder.records().is_empty(), "figures make no records");
}
