//! What was added: measures that the catalog tells, sub-categories, the report about contributors.
#![expect(clippy::unwrap_used, reason = "tests")]

use crate::api::{Server, json_of, problem};
use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};
use server::error::Code;

/// Ann and Ben have added three recordings in November, one of them deleted since; `1_a`, of the server, has no date.
/// `faculty` > `bio` > `week`, `faculty` > `lab`.
async fn campus() -> Server {
    let server = Server::signed_in().await;
    let day = |day: u32| format!("2026-11-{day:02}T23:30:00Z");
    for (path, record) in [
        ("people/ann", json!({ "name": "Ann" })),
        ("entries/1_b", json!({ "owner": "ann", "duration_ms": 600_000, "created": day(2), "source": "Upload" })),
        ("entries/1_c", json!({ "owner": "ann", "duration_ms": 300_000, "created": day(2), "source": "Capture" })),
        ("entries/1_d", json!({ "owner": "ben", "created": day(9), "source": "Upload", "deleted": "2026-11-10" })),
        ("entries/1_old", json!({ "owner": "ben", "duration_ms": 60_000, "created": "2020-01-01" })),
        ("categories/faculty", json!({ "name": "Faculty" })),
        ("categories/bio", json!({ "name": "Biology", "parent": "faculty" })),
        ("categories/week", json!({ "name": "Week 1", "parent": "bio" })),
        ("categories/lab", json!({ "name": "Lab", "parent": "faculty" })),
        ("links/1", json!({ "entry": "1_b", "category": "week" })),
        ("links/2", json!({ "entry": "1_b", "category": "lab" })),
        ("links/3", json!({ "entry": "1_c", "category": "faculty" })),
    ] {
        let request = Request::put(format!("/api/v1/catalog/{path}"))
            .header(header::COOKIE, &server.cookie)
            .header(header::CONTENT_TYPE, "application/json");
        let answer = server.send(request.body(Body::from(record.to_string())).unwrap()).await;
        let (is_stored, said) = (answer.status().is_success(), json_of(answer).await);
        assert!(is_stored, "{path}: {said}");
    }
    server
}

/// Keys and values of a table's or a series' rows.
fn rows(answer: &Value, rows: &str, measure: &str) -> Vec<(String, Value)> {
    let rows = answer["data"][rows].as_array().unwrap().iter();
    let key = |row: &Value| row["keys"][0].as_str().or(row["key"].as_str()).unwrap().to_owned();
    rows.map(|row| (key(row), row["values"][measure].clone())).collect()
}

fn caveat(answer: &Value, kind: &str) -> Value {
    let caveats = answer["caveats"].as_array().unwrap();
    caveats.iter().find(|caveat| caveat["kind"] == kind).cloned().unwrap_or_default()
}

const ALL: &str = "measures=added_recordings,added_minutes,contributors,plays";

#[tokio::test]
async fn what_was_added_is_counted_in_totals_series_and_tables() {
    let server = campus().await;
    let totals = |call: String| {
        let server = &server;
        async move {
            let answer = server.data(&format!("totals?{ALL}&{call}")).await;
            let value = |measure: &str| answer["data"]["values"][measure]["value"].clone();
            json!([value("added_recordings"), value("added_minutes"), value("contributors"), value("plays")])
        }
    };
    assert_eq!(totals("period=2026-11-01..2026-11-22".into()).await, json!([3.0, 15.0, 2.0, 0.0]));
    assert_eq!(totals("period=2026-11-01..2026-11-22&f=is,deleted,no".into()).await, json!([2.0, 15.0, 1.0, 0.0]));
    assert_eq!(totals("period=2026-11-01..2026-11-22&f=is,source,Upload".into()).await, json!([2.0, 10.0, 2.0, 0.0]));
    assert_eq!(totals("period=2026-11-01..2026-11-22&subject=owner:ben".into()).await, json!([1.0, 0.0, 1.0, 0.0]));
    assert_eq!(totals("period=2026-11-03..2026-11-22".into()).await, json!([1.0, 0.0, 1.0, 0.0]));
    // In Berlin they were added a day later.
    assert_eq!(totals("period=2026-11-03&zone=Europe/Berlin".into()).await, json!([2.0, 15.0, 1.0, 0.0]));

    let series = server.data("series?measures=added_recordings&by=week&period=2026-11-02..2026-11-15").await;
    assert_eq!(
        rows(&series, "points", "added_recordings"),
        [("2026-W45".into(), 2.0.into()), ("2026-W46".into(), 1.0.into())]
    );
    let sources = server.data("table?by=source&measures=added_recordings&period=2026-11-01..2026-11-22").await;
    assert_eq!(
        rows(&sources, "rows", "added_recordings"),
        [("Upload".into(), 2.0.into()), ("Capture".into(), 1.0.into())]
    );
    let proof = server.data("proof?measure=added_recordings&period=2026-11-01..2026-11-22").await;
    assert_eq!((&proof["data"]["value"], &proof["data"]["rows"]), (&json!(3.0), &json!(0)));
    let behind = proof["data"]["rows_at"].as_str().unwrap().trim_start_matches("/api/v1/");
    assert_eq!(rows(&server.data(behind).await, "rows", "added_recordings").len(), 3, "{behind}");
}

#[tokio::test]
async fn where_something_is_about_views_nothing_is_told_and_the_reason_is() {
    let server = campus().await;
    for (call, because) in [
        ("totals?{}&f=is,device,Mobile", json!(["device"])),
        ("totals?{}&subject=viewer:ann", json!(["subject"])),
        ("totals?{}&subject=viewer:ann&f=not,country,DE&f=not,country,AT", json!(["country", "subject"])),
        ("table?{}&by=owner,country", json!(["country"])),
    ] {
        let answer = server.data(&format!("{}&period=2026-11-01..2026-11-22", call.replace("{}", ALL))).await;
        let told = caveat(&answer, "not_of_recordings");
        assert_eq!(told["because"], because, "{call}: {answer}");
        assert_eq!(told["measures"], json!(["added_recordings", "added_minutes", "contributors"]), "{call}");
        if call.starts_with("totals") {
            let values = &answer["data"]["values"];
            assert_eq!(values["added_recordings"]["value"], Value::Null, "{call}");
            assert_eq!(values["plays"]["value"], 0.0, "{call}");
        }
    }
    let told = server.data("totals?measures=added_recordings").await;
    assert_eq!(caveat(&told, "creation_unknown")["recordings"], 1, "{told}");
    assert_eq!(caveat(&told, "not_of_recordings"), Value::Null);
    assert_eq!(caveat(&server.data("totals?measures=plays").await, "creation_unknown"), Value::Null);
}

#[tokio::test]
async fn sub_categories_are_those_of_the_category_asked_about() {
    let server = campus().await;
    let by = |subject: &str| {
        let call = format!(
            "table?by=subcategory&measures=added_recordings&sort=label&period=2026-11-01..2026-11-22&subject={subject}"
        );
        let server = &server;
        async move { rows(&server.data(&call).await, "rows", "added_recordings") }
    };
    // A recording of two parts counts in both; the one in the faculty itself in the empty one.
    let one = |key: &str| (key.to_owned(), json!(1.0));
    assert_eq!(by("category:faculty&subtree=1").await, [one("bio"), one("lab"), one("")]);
    assert_eq!(by("category:faculty").await, [one("")]);
    assert_eq!(by("category:bio&subtree=1").await, [one("week")]);
    let call = "totals?measures=added_recordings&subject=category:faculty&subtree=1&period=2026-11-01..2026-11-22";
    let answer = server.data(call).await;
    assert_eq!(answer["data"]["values"]["added_recordings"]["value"], 2.0);
    let filtered = server.data(&format!("{call}&f=is,subcategory,lab")).await;
    assert_eq!(filtered["data"]["values"]["added_recordings"]["value"], 1.0);

    for call in ["table?by=subcategory&measures=plays", "totals?measures=plays&f=is,subcategory,bio&subject=entry:1_a"]
    {
        let problem = problem(server.get(&format!("/api/v1/{call}")).await, Code::BadParameter).await;
        assert_eq!(problem["field"], "subject", "{call}: {problem}");
    }
}

#[tokio::test]
async fn the_report_about_contributors_and_the_parts_of_a_category() {
    let server = campus().await;
    let report = server.data("reports/contributors?period=2026-11-01..2026-11-22").await;
    let panels = &report["data"]["panels"];
    assert_eq!(panels["highlights"]["values"]["added_minutes"]["value"], 15.0);
    assert_eq!(panels["over_time"]["points"].as_array().unwrap().len(), 22);
    let top = &panels["contributors"]["rows"];
    assert_eq!((&top[0]["labels"][0], &top[0]["values"]["added_recordings"]), (&json!("Ann"), &json!(2.0)));
    assert_eq!(top[0]["values"]["plays"], 0.0);
    assert_eq!(panels["sources"]["total"], 2);

    let course = server.data("reports/course?subject=category:faculty&subtree=1&period=2026-11-01..2026-11-22").await;
    assert_eq!(course["data"]["panels"]["subcategories"]["total"], 3);
    let account = server.data("reports/course").await;
    assert_eq!(account["data"]["panels"]["subcategories"], Value::Null, "of an account there are none");
    let named = server.get("/api/v1/reports/course?panels=subcategories").await;
    assert_eq!(problem(named, Code::BadParameter).await["field"], "subject");
}
