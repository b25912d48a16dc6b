//! A file is what the screen shows, in every form; a job makes the same file; a formula stays text.

use super::*;
use calamine::{Data, Reader, Xlsx};
use std::io::Cursor;

/// Tables as texts: empty for nothing, numbers as Rust writes them.
type Cells = Vec<Vec<String>>;

fn csv_cells(bytes: &[u8]) -> Cells {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

fn ndjson_cells(bytes: &[u8], columns: &[String]) -> Cells {
    let text = std::str::from_utf8(bytes).unwrap();
    let row = |line: &str| {
        let row: Value = serde_json::from_str(line).unwrap();
        columns.iter().map(|column| plain(&row[column])).collect()
    };
    text.lines().filter(|line| !line.starts_with("{\"note\"")).map(row).collect()
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.as_f64().map_or(other.to_string(), |number| number.to_string()),
    }
}

fn xlsx_cells(bytes: Vec<u8>) -> Cells {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    let cell = |cell: &Data| match cell {
        Data::Float(number) => number.to_string(),
        Data::Int(number) => number.to_string(),
        other => other.to_string(),
    };
    sheet.rows().map(|row| row.iter().map(cell).collect()).collect()
}

fn parquet_cells(bytes: Vec<u8>) -> Cells {
    use parquet::record::Field;
    let reader = parquet::file::reader::SerializedFileReader::new(bytes::Bytes::from(bytes)).unwrap();
    let cell = |field: &Field| match field {
        Field::Null => String::new(),
        Field::Str(text) => text.clone(),
        Field::Double(number) => number.to_string(),
        Field::Long(number) => number.to_string(),
        other => panic!("{other:?}"),
    };
    let rows = parquet::file::reader::FileReader::get_row_iter(&reader, None).unwrap();
    rows.map(|row| row.unwrap().get_column_iter().map(|(_, field)| cell(field)).collect()).collect()
}

/// What the screen shows of a table by one dimension, in a file's columns.
fn screen(answer: &Value, measures: &[&str]) -> Cells {
    let row = |row: &Value| {
        let mut cells = vec![plain(&row["keys"][0]), plain(&row["labels"][0])];
        cells.extend(row.get("proof").map(plain));
        cells.extend(measures.iter().map(|measure| plain(&row["values"][measure])));
        cells.extend(measures.iter().map(|measure| row.get("previous").map_or(String::new(), |p| plain(&p[measure]))));
        cells
    };
    rows(answer).iter().map(row).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_what_the_screen_shows_with_filters_and_sort() {
    let campus = Campus::new(Settings::default()).await;
    campus.term().await;
    let measures = ["plays", "minutes_viewed", "completion"];
    for (by, rest) in [
        ("viewer", "&sort=-minutes_viewed&f=not,application,kms&f=has,page,courses"),
        ("entry", "&sort=label&f=is,viewer,unknown"),
        ("page", "&sort=plays&find=courses/1"),
        ("entry", "&sort=-label&page=2&size=2"),
    ] {
        let path = format!("table?by={by}&measures={}&{PERIOD}&vs=previous{rest}", measures.join(","));
        let answer = campus.ask(&path).await;
        let expected = screen(&answer, &measures);
        assert!(!expected.is_empty(), "{path}");
        let guarded: Cells = expected.iter().map(|row| row.iter().map(|cell| guarded(cell)).collect()).collect();
        let csv = csv_cells(&campus.file(&path, Form::Csv).await);
        let columns = csv[0].clone();
        let named = by == "viewer" || rest.contains("viewer");
        assert_eq!(csv[1..=expected.len()], guarded, "{path}");
        assert_eq!(csv.len(), 1 + expected.len() + usize::from(named), "{path}: {csv:?}");
        assert_eq!(ndjson_cells(&campus.file(&path, Form::NdJson).await, &columns), expected, "{path}");
        let xlsx = xlsx_cells(campus.file(&path, Form::Xlsx).await);
        let empty = |row: &Vec<String>| row.iter().all(String::is_empty);
        let xlsx: Cells = xlsx.into_iter().skip(1).take(expected.len()).filter(|row| !empty(row)).collect();
        assert_eq!(xlsx, expected, "{path}");
        assert_eq!(parquet_cells(campus.file(&path, Form::Parquet).await), expected, "{path}");
        let ndjson = String::from_utf8(campus.file(&path, Form::NdJson).await).unwrap();
        assert_eq!(ndjson.contains("not proof of attendance"), named, "{path}");
        assert_eq!(answer["caveats"].to_string().contains("not_attendance"), named, "{path}");
    }
}

/// As CSV writes text that a spreadsheet would run; numbers are no text.
fn guarded(cell: &str) -> String {
    let runs = cell.starts_with(['=', '+', '-', '@']) && cell.parse::<f64>().is_err();
    if runs { format!("'{cell}") } else { cell.to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_formula_from_outside_stays_text() {
    let campus = Campus::new(Settings::default()).await;
    campus.term().await;
    for (path, text) in [
        (format!("table?by=viewer&measures=plays&{PERIOD}"), FORMULA),
        (format!("table?by=entry&measures=plays&{PERIOD}"), "@SUM(A1)"),
        (format!("table?by=application&measures=plays&{PERIOD}"), "-1+1"),
        (format!("rows?{PERIOD}&size=5"), "-1+1"),
    ] {
        let csv = csv_cells(&campus.file(&path, Form::Csv).await);
        let cells: Vec<&String> = csv.iter().flatten().collect();
        assert!(cells.iter().any(|cell| **cell == format!("'{text}")), "{path}: {csv:?}");
        assert!(!cells.iter().any(|cell| **cell == text), "{path}");
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(campus.file(&path, Form::Xlsx).await)).unwrap();
        let name = book.sheet_names()[0].clone();
        let formulas = book.worksheet_formula(&name).unwrap();
        assert!(formulas.rows().flatten().all(String::is_empty), "{path}");
        let sheet = book.worksheet_range(&name).unwrap();
        assert!(sheet.rows().flatten().any(|cell| *cell == Data::String(text.to_owned())), "{path}");
    }
}

impl Campus {
    async fn export(&self, form: Form, spec: Value) -> Value {
        let asked = json!({ "title": "Mine", "form": form.word(), "spec": spec });
        let answer = self.post("/api/v1/exports", &asked, FIREFOX).await;
        let status = answer.status();
        let job = json_of(answer).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{job}");
        job["data"].clone()
    }

    async fn ended(&self, job: &Value) -> Value {
        let began = Instant::now();
        loop {
            let job = self.ask(&format!("exports/{}", job["id"].as_str().unwrap())).await["data"].clone();
            if !job["finished_at"].is_null() {
                return job;
            }
            assert!(began.elapsed() < Duration::from_secs(30), "it stays {job}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn fetched(&self, job: &Value) -> Vec<u8> {
        let path = job["file"].as_str().unwrap_or_else(|| panic!("{job}")).strip_prefix("/api/v1/").unwrap();
        to_bytes(self.get(path, "*/*").await.into_body(), 1 << 26).await.unwrap().to_vec()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_makes_the_file_that_a_download_gives() {
    let campus = Campus::new(Settings::default()).await;
    campus.term().await;
    for (name, query, rows) in [
        ("reports/overview/recordings", "sort=-plays", Some(3)),
        ("table", "by=viewer&measures=plays,minutes_viewed&definitions=1&bom=1&labels=1", Some(6)),
        ("series", "measures=plays&by=day&vs=previous", Some(6)),
        ("totals", "measures=plays,viewers&subject=viewer:anna", Some(2)),
        ("heat", "subject=entry:1_a&against=is,application,kms", Some(60)),
        ("reports/overview/highlights", "", None),
        ("rows", "f=is,application,kms", None),
        ("rows", "page=2&size=10", Some(10)),
    ] {
        let query = format!("{query}&{PERIOD}");
        for form in Form::ALL {
            let job = campus.export(form, json!({ "kind": "report", "name": name, "query": query })).await;
            let done = campus.ended(&job).await;
            assert_eq!(done["state"], "done", "{name} {done}");
            assert_eq!(done["rows_total"], done["rows"], "{name}");
            rows.inspect(|rows| assert_eq!(done["rows"], *rows, "{name}"));
            let download = campus.file(&format!("{name}?{query}"), form).await;
            let made = campus.fetched(&done).await;
            if form == Form::Xlsx {
                // A workbook holds the time at which it was made.
                assert_eq!(xlsx_cells(made), xlsx_cells(download), "{name}");
            } else {
                assert!(made == download, "{name} {form:?}");
            }
        }
    }
    let options =
        campus.export(Form::Csv, json!({ "kind": "report", "name": "totals", "query": "measures=plays&bom=1" }));
    assert_eq!(options.await["options"], json!({ "bom": true, "definitions": false, "labels": false }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_cannot_be_made_is_refused_by_field_when_it_is_asked_for() {
    let campus = Campus::new(Settings::default()).await;
    campus.term().await;
    let report = |name: &str, query: &str| json!({ "kind": "report", "name": name, "query": query });
    for (spec, field, words) in [
        (json!({ "kind": "report" }), "spec.name", "totals, series"),
        (json!({ "kind": "report", "name": 3 }), "spec.name", "totals, series"),
        (json!({ "kind": "report", "name": "rows", "query": 3 }), "spec.query", "query string"),
        (json!({ "kind": "report", "name": "rows", "of": "x" }), "spec.of", "no such field"),
        (report("planets", ""), "spec.name", "totals, series"),
        (report("reports/overview/planets", ""), "spec.name", "planets"),
        (report("totals", "measures=playz"), "spec.query", "measures: "),
        (report("totals", "measures=plays&perid=7d"), "spec.query", "perid: "),
        (report("totals", "measures=plays&period=31d"), "spec.query", "period: "),
        (report("totals", "measures=plays&subject=entry:1_none"), "spec.query", "no such subject"),
        (report("totals", "measures=plays&account=8"), "spec.query", "account: "),
        (report("table", "by=country&measures=occurrences"), "spec.query", "measures: "),
        (report("series", "measures=plays&by=quarter&period=2016-01-01..2026-10-31"), "spec.query", "by: "),
        (report("heat", ""), "spec.query", "subject: "),
        (report("table", "by=country&measures=plays&bom=2"), "spec.query", "bom: "),
    ] {
        let asked = json!({ "title": "Mine", "form": "csv", "spec": spec });
        let answer = campus.post("/api/v1/exports", &asked, FIREFOX).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{spec}");
        let problem = json_of(answer).await;
        assert_eq!(problem["field"], field, "{spec}: {problem}");
        assert!(problem["detail"].as_str().unwrap().contains(words), "{spec}: {problem}");
    }
    let asked = json!({ "title": "Mine", "form": "csv", "options": {}, "spec": report("rows", "") });
    let problem = json_of(campus.post("/api/v1/exports", &asked, FIREFOX).await).await;
    assert_eq!(problem["field"], "options", "{problem}");
    assert_eq!(rows(&campus.ask("exports").await).len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_rights_any_more_gets_a_refusal_and_no_file() {
    let mut campus = Campus::new(Settings::default()).await;
    campus.term().await;
    let grace = campus.welcome("Grace").await;
    let ada = std::mem::replace(&mut campus.cookie, grace);
    // The thread that makes exports has ended: what is asked for now waits for the next one.
    let worker = campus.worker.take().unwrap();
    tokio::task::spawn_blocking(move || worker.stop()).await.unwrap();
    let spec = json!({ "kind": "report", "name": "rows", "query": PERIOD });
    let hers = campus.export(Form::Csv, spec.clone()).await;
    let catalog = campus.export(Form::Csv, json!({ "kind": "catalog" })).await;
    let grace = std::mem::replace(&mut campus.cookie, ada);
    let mine = campus.export(Form::Csv, spec).await;

    let database = rusqlite::Connection::open(campus.folder.path().join("catalog.sqlite")).unwrap();
    database.execute_batch("PRAGMA foreign_keys = OFF; DELETE FROM sign_in_user WHERE name = 'Grace'").unwrap();
    let data = DataFolder::open(campus.app.settings()).unwrap();
    let (jobs, _worker) = jobs(&campus.machine, &data, &campus.vault, campus.app.settings(), &campus.clock);
    assert_eq!(campus.ended(&mine).await["state"], "done");
    for job in [hers, catalog] {
        let id = job["id"].as_str().unwrap();
        let began = Instant::now();
        let job = loop {
            let job = jobs.get("local:2", id).unwrap().unwrap();
            if job.finished_ms.is_some() {
                break job;
            }
            assert!(began.elapsed() < Duration::from_secs(30), "it stays {job:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        assert_eq!(job.state.word(), "failed");
        assert_eq!(job.error.unwrap(), "Whoever asked for this export may not see it any more.");
    }
    let files = std::fs::read_dir(campus.folder.path().join("exports")).unwrap().count();
    assert_eq!(files, 1);
    campus.cookie = grace;
    assert_eq!(campus.get("exports", "*/*").await.status(), StatusCode::UNAUTHORIZED);
}
