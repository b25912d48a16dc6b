//! From a player's request to a report, with everything real but the disk.
#![expect(clippy::unwrap_used, reason = "tests")]

use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use engine::catalog::{Account, Catalog, Secret};
use engine::event::AccountId;
use engine::manifest::MemoryManifest;
use engine::storage::memory::MemoryStorage;
use serde_json::{Value, json};
use server::auth::{make_link, vault::Vault};
use server::collect;
use server::config::Settings;
use server::enrich::{self, Enricher};
use server::machine::{Machine, Materials};
use server::router::router;
use server::serve::app;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::time::{Duration, Instant};
use tower::ServiceExt;

/// 2026-11-23T12:00:00Z.
const NOW_MS: i64 = 1_795_435_200_000;

async fn ask(router: &axum::Router, request: Request<Body>) -> (axum::http::HeaderMap, Value) {
    let answer = router.clone().oneshot(request).await.unwrap();
    let (head, body) = answer.into_parts();
    assert!(head.status.is_success(), "{}", head.status);
    let bytes = to_bytes(body, 1 << 24).await.unwrap();
    (head.headers, serde_json::from_slice(&bytes).unwrap_or_default())
}

/// Everything real but the disk.
fn materials(
    storage: &MemoryStorage,
    manifest: &MemoryManifest,
    catalog: &Arc<Catalog>,
    clock: &collect::Clock,
) -> Materials {
    Materials {
        storage: Arc::new(storage.clone()),
        manifest: Box::new(manifest.clone()),
        catalog: catalog.clone(),
        enrich: Arc::new(Enricher::open(&enrich::Settings::default())),
        clock: clock.clone(),
        streams: Vec::new(),
    }
}

#[test]
fn the_page_about_metrics_is_fresh() {
    let storage = MemoryStorage::new();
    let manifest = MemoryManifest::new().beside(&storage);
    let catalog = Arc::new(Catalog::open_in_memory(NOW_MS).unwrap());
    let materials = materials(&storage, &manifest, &catalog, &(Arc::new(|| NOW_MS) as collect::Clock));
    let machine = Machine::start(materials, &Settings::default(), || ()).unwrap();
    let page = server::metrics::page(&machine.collect.numbers());
    expect_test::expect_file!["../../../../docs/generated/metrics.md"].assert_eq(&page);
    machine.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_play_shows_in_the_report_within_a_second_and_after_a_restart() {
    let storage = MemoryStorage::new();
    let manifest = MemoryManifest::new().beside(&storage);
    let catalog = Arc::new(Catalog::open_in_memory(NOW_MS).unwrap());
    catalog.add_account(AccountId(7), "Campus", NOW_MS).unwrap();
    let known = Account::clone(&catalog.account(AccountId(7)).unwrap());
    let account = Account { admin_secrets: vec![Secret(b"secret".to_vec())], unsigned_users: true, ..known };
    catalog.set_account(&account, NOW_MS).unwrap();
    let now = Arc::new(AtomicI64::new(NOW_MS));
    let clock: collect::Clock = {
        let now = now.clone();
        Arc::new(move || now.load(Relaxed))
    };
    let settings = Settings::default();
    let start = || {
        let materials = materials(&storage, &manifest, &catalog, &clock);
        let machine = Machine::start(materials, &settings, || ()).unwrap();
        let app = app(&machine, Vault::open_in_memory().unwrap(), settings.clone(), clock.clone());
        let router = router(&app, collect::routes(machine.collect.clone()));
        let token = make_link(app.vault(), NOW_MS).unwrap();
        (machine, router, token)
    };
    let sign_in = async |router: &axum::Router, token: &str| {
        let body = json!({ "token": token, "name": "Ada", "password": "correct horse battery staple" }).to_string();
        let request = Request::post("/api/v1/welcome").header(header::CONTENT_TYPE, "application/json");
        let (headers, _) = ask(router, request.body(Body::from(body)).unwrap()).await;
        headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned()
    };
    let totals = async |router: &axum::Router, cookie: &str| {
        let path = "/api/v1/totals?subject=entry:1_a&today=1&measures=impressions,plays,viewers,minutes_viewed";
        let request = Request::get(path).header(header::COOKIE, cookie).body(Body::empty()).unwrap();
        ask(router, request).await.1["data"]["values"].clone()
    };

    let (machine, router, token) = start();
    for (seconds, rest) in [
        (0, "eventType=1&eventIndex=1&position=0"),
        (0, "eventType=3&eventIndex=2&position=0"),
        (6, "eventType=33&eventIndex=3&position=6"),
    ] {
        now.fetch_add(seconds * 1000, Relaxed);
        let path = format!(
            "/api_v3/index.php?service=analytics&action=trackEvent&partnerId=7&entryId=1_a&sessionId=s&userId=bob&{rest}"
        );
        let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0";
        let request = Request::get(path).header(header::USER_AGENT, agent).body(Body::empty()).unwrap();
        let (_, answer) = ask(&router, request).await;
        assert_eq!(answer["viewEventsEnabled"], true);
    }
    let cookie = sign_in(&router, &token).await;
    let began = Instant::now();
    let mut shown = totals(&router, &cookie).await;
    while shown["minutes_viewed"]["value"] != 0.1 && began.elapsed() < Duration::from_secs(1) {
        tokio::time::sleep(Duration::from_millis(5)).await;
        shown = totals(&router, &cookie).await;
    }
    for (measure, value) in [("impressions", 1.0), ("plays", 1.0), ("viewers", 1.0), ("minutes_viewed", 0.1)] {
        assert_eq!(shown[measure]["value"], value, "{measure}: {shown}");
    }

    drop(router);
    tokio::task::spawn_blocking(move || machine.stop()).await.unwrap();
    let (machine, router, token) = start();
    let cookie = sign_in(&router, &token).await;
    assert_eq!(totals(&router, &cookie).await, shown);
    tokio::task::spawn_blocking(move || machine.stop()).await.unwrap();
}
