//! Whatever is sent: an answer, in time, in the format asked for, and nothing of another account.

use super::*;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

fn word() -> impl Strategy<Value = Value> {
    prop_oneof![
        ".{0,12}".prop_map(|text| json!(text)),
        any::<i64>().prop_map(|number| json!(number)),
        any::<bool>().prop_map(|yes| json!(yes)),
        Just(Value::Null),
        Just(json!([])),
        Just(json!({ "a": { "b": ["c", 1] } })),
        prop::sample::select(vec![
            "1_v",
            "101",
            "anna",
            "Unknown",
            "vod",
            "|",
            ";",
            "-1",
            "{1:result:id}",
            "{0:result}",
            "20261118",
            "days",
            "99999999999999999999"
        ])
        .prop_map(|text| json!(text)),
    ]
}

fn call() -> impl Strategy<Value = Value> {
    let service = prop::sample::select(vec![
        "report",
        "report",
        "report",
        "session",
        "user",
        "baseEntry",
        "category",
        "esearch",
        "tag",
        "multirequest",
        "x",
    ]);
    let action = prop::sample::select(vec![
        "getTotal",
        "getTable",
        "getGraphs",
        "getBaseTotal",
        "getUrlForReportAsCsv",
        "serve",
        "exportToCsv",
        "get",
        "list",
        "searchEntry",
        "search",
        "end",
    ]);
    let field = prop::sample::select(vec![
        "fromDate",
        "toDate",
        "fromDay",
        "toDay",
        "timeZoneOffset",
        "interval",
        "entryIdIn",
        "userIds",
        "countryIn",
        "mediaTypeIn",
        "playbackTypeIn",
        "keywords",
        "entryOperator",
        "categoriesAncestorIdIn",
        "canonicalUrlIn",
        "objectType",
    ]);
    let other = prop::sample::select(vec![
        "reportType",
        "objectIds",
        "order",
        "pager",
        "responseOptions",
        "id",
        "filter",
        "params",
        "searchParams",
        "responseProfile",
        "partnerId",
        "headers",
        "reportTitle",
        "entryId",
    ]);
    let kinds: Vec<&'static str> = server::kaltura::report::types::TYPES.iter().map(|of| of.id).collect();
    let id = prop::sample::select(kinds);
    (service, action, id, prop::collection::vec((field, word()), 0..4), prop::collection::vec((other, word()), 0..4)).prop_map(|(service, action, id, fields, others)| {
        let filter: Map<String, Value> = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let mut call = json!({ "service": service, "action": action, "reportType": id, "reportInputFilter": filter, "pager": { "pageSize": 5 } });
        for (name, value) in others {
            call[name] = value;
        }
        call
    })
}

#[test]
fn nothing_that_is_sent_breaks_or_leaks() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (world, other) = runtime.block_on(async {
        let world = played().await;
        let start = json!({ "secret": OTHER_SECRET, "partnerId": 8, "type": 2, "userId": "eve" });
        let other = world.call("session", "start", start).await.as_str().unwrap().to_owned();
        (world, other)
    });
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let calls = prop::collection::vec(call(), 1..4);
    let run = runner.run(&calls, |calls| {
        for ks in [&world.admin, &other] {
            let mut body = json!({ "format": 1, "ks": ks });
            for (number, call) in calls.iter().enumerate() {
                body[number.to_string()] = call.clone();
            }
            // Ending the session that asks would make the rest of the test one of refusals.
            if body.to_string().contains("\"end\"") {
                continue;
            }
            let began = Instant::now();
            let text = runtime.block_on(async {
                let request =
                    Request::post("/api_v3/service/multirequest").header(header::CONTENT_TYPE, "application/json");
                let answer = world.campus.send(request.body(Body::from(body.to_string())).unwrap()).await;
                assert_eq!(answer.status(), StatusCode::OK);
                text_of(answer).await
            });
            prop_assert!(began.elapsed() < Duration::from_secs(20), "{body}");
            prop_assert!(serde_json::from_str::<Value>(&text).is_ok(), "{text}");
            prop_assert!(!text.contains("panicked"), "{text}");
            if ks == &other {
                for name in ["Weeks 1", "Waves", "Olga", "Biology", "lms0.example.org", "pictures.example"] {
                    prop_assert!(!text.contains(name), "{body}: {text}");
                }
            }
        }
        Ok(())
    });
    run.unwrap_or_else(|error| panic!("{error}"));
}
