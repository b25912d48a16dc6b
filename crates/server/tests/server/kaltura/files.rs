//! Reports as files: by an address, and as an export.

use super::*;

fn path(url: &str) -> &str {
    url.strip_prefix("http://localhost").unwrap_or_else(|| panic!("{url}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_serves_a_table_for_an_hour() {
    let world = played().await;
    let words = json!({ "reportTitle": "Top", "reportText": "All of it", "headers": "a;b", "order": "-count_plays" });
    let url = world.report("getUrlForReportAsCsv", "1", json!({}), words.clone()).await;
    let url = url.as_str().unwrap_or_else(|| panic!("{url}")).to_owned();
    assert!(url.contains("/api_v3/index.php/service/report/action/serve/ks/") && url.ends_with("/report.csv"), "{url}");
    let answer = world.campus.send(Request::get(path(&url)).body(Body::empty()).unwrap()).await;
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/csv; charset=utf-8");
    let text = text_of(answer).await;
    assert!(
        text.starts_with(
            "\u{feff}\"Top\"\r\n\"All of it\"\r\n\"Nov 18, 2026 - Nov 23, 2026 (GMT)\"\r\n\"# Graph\"\r\n"
        ),
        "{text}"
    );
    let table = text.split("\"# Table\"\r\n").nth(1).unwrap();
    let mut csv = csv::Reader::from_reader(table.as_bytes());
    assert_eq!(&csv.headers().unwrap()[2], "count_plays");
    let rows: Vec<csv::StringRecord> = csv.records().collect::<Result<_, _>>().unwrap();
    let told = world.rows("1", json!({}), json!({ "order": "-count_plays" })).await;
    assert_eq!(rows.len(), told.len());
    assert!(rows.iter().any(|row| &row[1] == ODD), "cells are whole in a file");
    for (row, told) in rows.iter().zip(&told) {
        assert_eq!(row[2].parse::<f64>().ok(), told["count_plays"].as_f64());
    }
    // The key in it opens nothing else, and the file not with another key.
    let ks = url.split("/ks/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    let id = url.split("/id/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    assert_eq!(code(&world.with(&ks, "report", "serve", json!({ "id": format!("{id}x") })).await), "SERVICE_FORBIDDEN");
    let anna = world.start("anna", 0, "").await;
    assert_eq!(code(&world.with(&anna, "report", "serve", json!({ "id": id })).await), "SERVICE_FORBIDDEN");
    assert_eq!(code(&world.admin("report", "serve", json!({ "id": "gone" })).await), "REPORT_NOT_FOUND");
    // A report of people is written down when it is fetched.
    let people = world.report("getUrlForReportAsCsv", "13", json!({}), words.clone()).await;
    let before = world.files().await;
    world.get(path(people.as_str().unwrap())).await;
    assert_eq!(world.files().await, before + 1);
    // Wrong ones are refused at once; good ones end.
    assert_eq!(
        code(&world.report("getUrlForReportAsCsv", "1", json!({ "interval": "x" }), words).await),
        "INVALID_ENUM_VALUE"
    );
    assert_eq!(
        code(&world.report("getUrlForReportAsCsv", "1", json!({}), json!({})).await),
        "MISSING_MANDATORY_PARAMETER"
    );
    world.campus.clock.store(NOW_MS + 3_601_000, Relaxed);
    let (_, late) = world.get(path(&url)).await;
    assert!(late.contains("INVALID_KS"), "{late}");
}

impl World {
    /// The file at an address, once it is made.
    async fn until_served(&self, path: &str) -> String {
        let began = Instant::now();
        loop {
            let (_, text) = self.get(path).await;
            if !text.starts_with("<?xml") {
                return text;
            }
            assert!(began.elapsed() < Duration::from_secs(20), "{text}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    async fn files(&self) -> usize {
        self.campus.ask("access-log?account=7&action=file").await["data"]["rows"].as_array().unwrap().len()
    }
}

/// A mail server that takes one mail and gives it back.
fn taking() -> (u16, std::thread::JoinHandle<String>) {
    use std::io::{BufRead, BufReader, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
        stream.write_all(b"220 mail\r\n").unwrap();
        let mut mail = String::new();
        while let Some(Ok(line)) = lines.next() {
            if line == "DATA" {
                stream.write_all(b"354 go on\r\n").unwrap();
                let text = lines.by_ref().map_while(Result::ok).take_while(|line| line != ".");
                mail.extend(text.map(|line| line + "\n"));
            }
            if line == "QUIT" {
                break;
            }
            stream.write_all(b"250 fine\r\n").unwrap();
        }
        mail
    });
    (port, thread)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_tells_where_an_export_is() {
    let (port, taken) = taking();
    let settings = Settings {
        mail_server: format!("smtp://127.0.0.1:{port}"),
        mail_from: "Playhead <playhead@example.edu>".to_owned(),
        public_url: Some("http://localhost".parse().unwrap()),
        ..Settings::default()
    };
    let world = with(settings).await;
    let item = json!({ "reportTitle": "Videos", "action": 1, "reportType": "38", "filter": asked("1", json!({}), json!({}))["reportInputFilter"] });
    let olga = world.start("olga", 0, "").await;
    // Without a recipient it goes to whoever asks.
    let told = world.with(&olga, "report", "exportToCsv", json!({ "params": { "reportItems": [item] } })).await;
    assert_eq!(told["reportEmail"], "olga@example.org");
    let mail = tokio::task::spawn_blocking(move || taken.join().unwrap()).await.unwrap();
    assert!(mail.contains("To: olga@example.org") && mail.contains("Subject: Your report is ready: Report"), "{mail}");
    // Long lines are folded on their way.
    let whole = mail.replace("=\n", "").replace("=3D", "=");
    let url = whole.lines().find(|line| line.starts_with("http://localhost/")).unwrap_or_else(|| panic!("{mail}"));
    let text = world.until_served(path(url.trim())).await;
    assert!(text.starts_with("\u{feff}\"Report: Videos\""), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_made_and_fetched_by_its_number() {
    let world = played().await;
    let filter = asked("1", json!({}), json!({}))["reportInputFilter"].clone();
    let item = |title: &str, action: i64, id: &str| {
        json!({ "objectType": "KalturaReportExportItem", "reportTitle": title, "action": action, "reportType": id, "filter": filter,
                "order": "-count_plays", "responseOptions": { "delimiter": "|", "useFriendlyHeadersNames": true } })
    };
    let params = |group: &str, items: Value| json!({ "params": { "recipientEmail": "olga@example.org", "reportsItemsGroup": group, "reportItems": items, "baseUrl": "x" } });
    let items = json!([item("Videos", 1, "38"), item("All", 2, "34"), item("Days", 3, "34"), item("People", 1, "13")]);
    let asked = world.admin("report", "exportToCsv", params("My page", items)).await;
    assert_eq!(
        (&asked["objectType"], &asked["reportEmail"]),
        (&json!("KalturaReportExportResponse"), &json!("olga@example.org"))
    );
    let number = asked["referenceJobId"].as_i64().unwrap();
    let text = world.until_served(&format!("/api_v3/service/report/action/serve?ks={}&id={number}", world.admin)).await;
    assert!(text.starts_with("\u{feff}\"Report: Videos\"\r\n\"Filtered dates: Nov 18, 2026 - Nov 23, 2026 (GMT)\"\r\n\"ID\",\"Entry Name\","), "{text}");
    assert!(
        text.contains("\"Report: All\"\r\n")
            && text.contains("\"Total Plays Count\"")
            && text.contains("\"date_id\",\"Total Plays Count\"\r\n\"20261118\",")
    );
    assert!(text.contains("\"Unknown\"") && text.contains("\"anna\""));
    // By the address in the answer too, without a session of one's own.
    let (status, again) = world.get(path(asked["url"].as_str().unwrap())).await;
    assert_eq!((status, again), (StatusCode::OK, text));
    let made = world.campus.ask("access-log?account=7&action=export_made").await;
    assert_eq!(made["data"]["rows"][0]["who"], "person:7:root", "{made}");
    // Another person's export is not there.
    let olga = world.start("olga", 2, "").await;
    assert_eq!(
        code(&world.with(&olga, "report", "serve", json!({ "id": number.to_string() })).await),
        "REPORT_NOT_FOUND"
    );
    for (group, items, wanted) in [
        ("a;b", json!([item("x", 1, "1")]), "INVALID_REPORT_ITEMS_GROUP"),
        ("a", json!([]), "MISSING_MANDATORY_PARAMETER"),
        ("a", json!([item("x", 4, "1")]), "INVALID_ENUM_VALUE"),
        ("a", json!([item("x", 1, "9999")]), "REPORT_NOT_FOUND"),
    ] {
        assert_eq!(code(&world.admin("report", "exportToCsv", params(group, items)).await), wanted);
    }
    // Nobody gives themselves an administrator's export through the native API.
    let spec = json!({ "title": "x", "form": "csv", "spec": { "kind": "kaltura", "user": "root", "administrator_until": 9_999_999_999_i64, "items": [], "mail": null } });
    let request = Request::post("/api/v1/exports")
        .header(header::COOKIE, &world.campus.cookie)
        .header(header::CONTENT_TYPE, "application/json");
    let answer = world.campus.send(request.body(Body::from(spec.to_string())).unwrap()).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
}
