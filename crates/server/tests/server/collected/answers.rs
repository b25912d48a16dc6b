//! Answers hold together: menus, proofs, pages, comparisons, limits.

use super::*;
use crate::api::problem;
use server::error::Code;
use std::collections::{BTreeMap, BTreeSet};

#[tokio::test(flavor = "multi_thread")]
async fn a_menu_counts_its_values_and_searches_them() {
    let campus = Campus::new(Settings::default()).await;
    campus.term().await;
    let menu = campus.ask(&format!("values?dimension=entry&f=is,application,kms&f=is,entry,1_b&{PERIOD}")).await;
    // Its own filter does not apply: another recording can be chosen.
    let shown: Vec<(&str, f64)> =
        rows(&menu).iter().map(|row| (row["key"].as_str().unwrap(), number(&row["plays"]))).collect();
    let of = |entry: &str| {
        let at = |n: &i64| ["1_a", "1_a", "1_b", "1_c"][(n % 4) as usize] == entry && n % 3 == 0;
        (0..SESSIONS).filter(at).count() as f64
    };
    assert_eq!(shown, [("1_a", of("1_a")), ("1_b", of("1_b")), ("1_c", of("1_c"))]);
    for (key, plays) in &shown {
        let path = format!("totals?measures=plays&f=is,application,kms&f=is,entry,{key}&{PERIOD}");
        assert_eq!(number(&campus.ask(&path).await["data"]["values"]["plays"]["value"]), *plays, "{key}");
    }
    let found = campus.ask(&format!("values?dimension=entry&find=MEMB&{PERIOD}")).await;
    assert_eq!((rows(&found).len(), &rows(&found)[0]["label"]), (1, &json!("Membranes")));
    let second = campus.ask(&format!("values?dimension=entry&page=2&size=2&{PERIOD}")).await;
    assert_eq!((rows(&second).len(), &second["data"]["total"]), (1, &json!(3)));
    let people = campus.ask(&format!("values?dimension=viewer&{PERIOD}")).await;
    assert!(people["caveats"].to_string().contains("not_attendance"));
}

/// All view rows, page by page.
async fn all_rows(campus: &Campus, query: &str, size: usize) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    for page in 1.. {
        let answer = campus.ask(&format!("rows?{query}&page={page}&size={size}")).await;
        let shown = rows(&answer);
        all.extend(shown.iter().cloned());
        if shown.len() < size {
            assert_eq!(answer["data"]["total"], all.len());
            break;
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_reckoned_again_from_the_rows_of_its_proof() {
    let campus = Campus::new(Settings::default()).await;
    campus.term().await;
    for query in [PERIOD.to_owned(), format!("{PERIOD}&subject=entry:1_a&f=not,application,kms")] {
        let rows = all_rows(&campus, &query, 1_000).await;
        let sum = |name: &str| rows.iter().map(|row| row["sums"][name].as_f64().unwrap_or(0.0)).sum::<f64>();
        let viewers: BTreeSet<&str> = rows.iter().map(|row| row["viewer"].as_str().unwrap()).collect();
        for (measure, again) in [
            ("plays", sum("plays")),
            ("minutes_viewed", sum("watched_ms") / 60_000.0),
            ("viewers", viewers.len() as f64),
            ("events", sum("events")),
        ] {
            let proof = campus.ask(&format!("proof?measure={measure}&{query}")).await["data"].clone();
            assert!((number(&proof["value"]) - again).abs() < 1e-9, "{measure} {query}: {again}, {proof}");
            assert!(again > 0.0, "{measure}");
            assert_eq!((&proof["rows"], number(&proof["events"])), (&json!(rows.len()), sum("events")), "{measure}");
            let at = proof["rows_at"].as_str().unwrap().strip_prefix("/api/v1/").unwrap();
            assert_eq!(campus.ask(at).await["data"]["total"], rows.len());
        }
    }
    let proof = campus.ask(&format!("proof?measure=plays&{PERIOD}")).await;
    let left_out: BTreeMap<&str, f64> = proof["data"]["left_out"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (line["reason"].as_str().unwrap(), number(&line["events"])))
        .collect();
    // Ten sessions of a bot with three events each, one of them repeated by every fifth player.
    assert_eq!(left_out["bot"], 30.0, "{proof}");
    assert_eq!(left_out["duplicate"], (SESSIONS / 5) as f64, "{proof}");
    assert_eq!(left_out["suspect"], 0.0, "{proof}");
}

#[tokio::test(flavor = "multi_thread")]
async fn view_rows_page_to_their_end_without_gap_or_repeat() {
    let campus = Campus::new(Settings::default()).await;
    campus.term().await;
    let whole = all_rows(&campus, PERIOD, 1_000).await;
    assert!(whole.len() >= SESSIONS as usize);
    assert_eq!(all_rows(&campus, PERIOD, 37).await, whole);
    let keys: BTreeSet<String> =
        whole.iter().map(|row| format!("{} {} {}", row["entry"], row["session"], row["bucket"])).collect();
    assert_eq!(keys.len(), whole.len());
    let beyond = campus.ask(&format!("rows?{PERIOD}&page=1000&size=1000")).await;
    assert_eq!((rows(&beyond).len(), &beyond["data"]["total"]), (0, &json!(whole.len())));
}

#[tokio::test(flavor = "multi_thread")]
async fn comparisons_find_their_row_by_key_on_whatever_page() {
    let campus = Campus::new(Settings::default()).await;
    campus.term().await;
    let table = "table?by=entry&measures=plays,minutes_viewed&sort=label";
    for (vs, days) in [("previous", "period=2026-11-12..2026-11-17"), ("year", "period=2025-11-18..2025-11-23")] {
        let before = campus.ask(&format!("{table}&{days}")).await;
        let before: BTreeMap<String, &Value> =
            rows(&before).iter().map(|row| (row["keys"].to_string(), &row["values"])).collect();
        assert!(!before.is_empty(), "{vs}");
        let mut compared = 0;
        for page in 1..=3 {
            let answer = campus.ask(&format!("{table}&{PERIOD}&vs={vs}&page={page}&size=1")).await;
            let row = &rows(&answer)[0];
            assert_eq!(row.get("previous"), before.get(&row["keys"].to_string()).copied(), "{vs}: {row}");
            compared += usize::from(row.get("previous").is_some());
        }
        assert_eq!(compared, before.len(), "{vs}");
        let path = |days: &str| format!("totals?measures=plays&{days}");
        let now = campus.ask(&format!("{}&vs={vs}", path(PERIOD))).await["data"]["values"]["plays"].clone();
        let then = campus.ask(&path(days)).await["data"]["values"]["plays"].clone();
        assert_eq!(now["previous"], then["value"], "{vs}");
        assert_eq!(number(&now["difference"]), number(&now["value"]) - number(&then["value"]), "{vs}");
    }
    // Week by week: the 18th is day 18 of both terms.
    let course = campus.ask(&format!("totals?measures=plays&subject=category:26&{PERIOD}&vs=offering")).await;
    assert_eq!(course["scope"]["compared"]["label"], "Biology 2025");
    let (from, to) = (&course["scope"]["compared"]["from"], &course["scope"]["compared"]["to"]);
    let days = format!("period={}..{}", from.as_str().unwrap(), to.as_str().unwrap());
    let then = campus.ask(&format!("totals?measures=plays&subject=category:25&{days}")).await;
    assert_eq!(course["data"]["values"]["plays"]["previous"], then["data"]["values"]["plays"]["value"]);
    assert!(number(&then["data"]["values"]["plays"]["value"]) > 0.0, "{then}");
}

#[tokio::test(flavor = "multi_thread")]
async fn heat_is_held_against_another_group() {
    let campus = Campus::new(Settings::default()).await;
    campus.term().await;
    let heat = campus.ask(&format!("heat?subject=entry:1_a&{PERIOD}&against=is,application,kms")).await["data"].clone();
    let kms = campus.ask(&format!("heat?subject=entry:1_a&{PERIOD}&f=is,application,kms")).await["data"].clone();
    let rest = campus.ask(&format!("heat?subject=entry:1_a&{PERIOD}&f=not,application,kms")).await["data"].clone();
    assert_eq!((&heat["against"]["views"], &heat["against"]["viewers"]), (&kms["views"], &kms["viewers"]));
    let numbers = |of: &Value| of.as_array().unwrap().iter().map(number).collect::<Vec<f64>>();
    let (all, kms, rest) = (numbers(&heat["views"]), numbers(&kms["views"]), numbers(&rest["views"]));
    assert_eq!(all.len(), 60);
    for second in 0..60 {
        assert_eq!(all[second], kms[second] + rest[second], "second {second}");
    }
    assert!(kms[5] > 0.0 && rest[15] > 0.0 && all[55] == 0.0, "{all:?}");
    let file = String::from_utf8(
        campus.file(&format!("heat?subject=entry:1_a&{PERIOD}&against=is,application,kms"), Form::Csv).await,
    );
    assert_eq!(file.unwrap().lines().nth(6).unwrap().split(',').nth(4).unwrap(), kms[5].to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_too_much_names_the_setting_and_says_how_to_narrow() {
    let campus = Campus::new(Settings::default()).await;
    campus.term().await;
    let path = format!("/api/v1/table?by=viewer,page,entry&measures=plays,viewers&{PERIOD}");
    for (settings, code, setting) in [
        (Settings { report_memory_mb: 0, ..Settings::default() }, Code::TooMuch, "report.memory_mb"),
        (Settings { report_seconds: 0, ..Settings::default() }, Code::TooLong, "report.seconds"),
    ] {
        let router = campus.with(settings);
        for accept in ["application/json", "text/csv"] {
            let request = Request::get(&path).header(header::COOKIE, &campus.cookie).header(header::ACCEPT, accept);
            let answer = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
            let detail = problem(answer, code).await["detail"].as_str().unwrap().to_owned();
            assert!(detail.contains(setting) && detail.contains("shorter period"), "{detail}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_taken_promptly_while_many_pages_are_asked_for() {
    let campus = Arc::new(Campus::new(Settings { report_waiting: 1_000, ..Settings::default() }).await);
    campus.term().await;
    let pages: Vec<String> = ["overview", "places", "recording"]
        .into_iter()
        .map(|name| {
            format!(
                "reports/{name}?period=2026-11-18..2026-11-22{}",
                if name == "recording" { "&subject=entry:1_a" } else { "" }
            )
        })
        .collect();
    let mut alone = Vec::new();
    for page in &pages {
        alone.push(campus.ask(page).await["data"].clone());
    }
    let asked: Vec<_> = (0..32)
        .map(|number| {
            let (campus, page) = (campus.clone(), pages[number % pages.len()].clone());
            tokio::spawn(async move { campus.ask(&page).await["data"].clone() })
        })
        .collect();
    let mut slowest = Duration::ZERO;
    for number in 0..100 {
        let began = Instant::now();
        // Later than the period, so that its answers stay what they are.
        campus.clock.store(NOW_MS + number * 1_000, Relaxed);
        campus.play(50_000 + number, "1_a", "anna", 0, 2, FIREFOX).await;
        slowest = slowest.max(began.elapsed());
    }
    for (number, answer) in asked.into_iter().enumerate() {
        assert_eq!(answer.await.unwrap(), alone[number % pages.len()], "{}", pages[number % pages.len()]);
    }
    // Some tens of milliseconds, on a machine that does nothing else.
    assert!(slowest < Duration::from_secs(5), "an event waited {slowest:?}");
    campus.until("totals?measures=plays&period=2026-11-23..2026-11-23&today=1", 100.0).await;
}
