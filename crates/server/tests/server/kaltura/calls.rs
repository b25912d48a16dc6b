//! Calls in every form, many at once, and what a front end asks when it opens its pages.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn one_call_in_every_form_has_one_answer() {
    let world = played().await;
    let ks = &world.admin;
    let form = format!(
        "reportType=1&reportInputFilter:objectType=KalturaEndUserReportInputFilter&reportInputFilter:fromDate={FROM_S}&reportInputFilter[toDate]={TO_S}\
         &pager:pageSize=25&order=-count_plays&responseOptions:delimiter=|&clientTag=x&kalsig=y&ks={ks}"
    );
    let selector = "service=report&action=getTable&format=1";
    let wanted = world.report("getTable", "1", json!({}), json!({ "order": "-count_plays" })).await;
    let (_, get) = world.get(&format!("/api_v3/index.php?{selector}&{}", form.replace('|', "%7C"))).await;
    assert_eq!(serde_json::from_str::<Value>(&get).unwrap(), wanted);
    let posted = |path: String, body: String| {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        request.body(Body::from(body)).unwrap()
    };
    for (path, body) in [
        (format!("/api_v3/?{selector}"), form.clone()),
        ("/api_v3/service/report/action/getTable/format/1".to_owned(), form.clone()),
        ("/api_v3/index.php".to_owned(), format!("{selector}&{form}")),
        ("/api_v3/service/REPORT/action/GETTABLE?format=1".to_owned(), form.clone()),
    ] {
        let answer = world.campus.send(posted(path.clone(), body)).await;
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/json");
        assert_eq!(json_of(answer).await, wanted, "{path}");
    }
    // XML unless something else is asked for.
    let answer = world.campus.send(posted("/api_v3/service/report/action/getTable".to_owned(), form.clone())).await;
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/xml");
    let xml = text_of(answer).await;
    let start = "<?xml version=\"1.0\" encoding=\"utf-8\"?><xml><result><objectType>KalturaReportTable</objectType><header>object_id|entry_name|count_plays";
    assert!(xml.starts_with(start) && xml.contains("</result><executionTime>"), "{xml}");
    assert!(xml.contains(&format!("<data>{}</data>", wanted["data"].as_str().unwrap())));
    let (_, script) = world.get("/api_v3/service/session/action/get?format=9&callback=got").await;
    assert!(script.starts_with("got({\"code\":\"MISSING_KS\""), "{script}");
    for (query, code) in [
        ("format=3&service=session&action=get", "INVALID_ENUM_VALUE"),
        ("format=9&callback=a(b)&service=session&action=get", "INVALID_ENUM_VALUE"),
        ("service=planet&action=get", "SERVICE_DOES_NOT_EXISTS"),
        ("service=report&action=gettotals", "ACTION_DOES_NOT_EXISTS"),
        ("service=report", "ACTION_NOT_SPECIFIED"),
        ("format=2", "SERVICE_NOT_SPECIFIED"),
    ] {
        let (status, text) = world.get(&format!("/api_v3/index.php?{query}")).await;
        assert_eq!(status, StatusCode::OK);
        assert!(
            text.contains(&format!("<error><objectType>KalturaAPIException</objectType><code>{code}</code>")),
            "{query}: {text}"
        );
    }
    // A preflight, and a body that is no JSON.
    let preflight = Request::options("/api_v3/service/multirequest").body(Body::empty()).unwrap();
    let answer = world.campus.send(preflight).await;
    assert_eq!(
        (answer.status(), &answer.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN]),
        (StatusCode::NO_CONTENT, &header::HeaderValue::from_static("*"))
    );
    let broken =
        Request::post("/api_v3/service/session/action/get?format=1").header(header::CONTENT_TYPE, "application/json");
    let answer = world.campus.send(broken.body(Body::from("{")).unwrap()).await;
    assert_eq!(code(&json_of(answer).await), "INVALID_PARAMETER_CHAR");
    let large =
        Request::post("/api_v3/service/session/action/get").body(Body::from(vec![b'a'; (1 << 20) + 1])).unwrap();
    assert!(text_of(world.campus.send(large).await).await.contains("INVALID_PARAMETER_CHAR"));
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_that_are_missing_or_wrong_are_named() {
    let world = empty().await;
    for (change, wanted) in [
        (json!({ "reportType": null }), "MISSING_MANDATORY_PARAMETER"),
        (json!({ "reportInputFilter": null }), "MISSING_MANDATORY_PARAMETER"),
        (json!({ "reportType": "9999" }), "REPORT_NOT_FOUND"),
        (json!({ "responseOptions": { "delimiter": ";" } }), "PROPERTY_VALIDATION_WRONG_FORMAT"),
        (json!({ "ks": "" }), "MISSING_KS"),
    ] {
        let mut params = asked("1", json!({}), json!({ "ks": world.admin }));
        params.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        assert_eq!(code(&world.call("report", "getTable", params).await), wanted, "{change}");
    }
    let mut params = asked("1", json!({}), json!({ "ks": world.admin }));
    params.as_object_mut().unwrap().remove("pager");
    assert_eq!(code(&world.call("report", "getTable", params.clone()).await), "MISSING_MANDATORY_PARAMETER");
    assert_eq!(world.call("report", "getTotal", params).await["objectType"], "KalturaReportTotal");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_calls_share_refer_and_fail_alone() {
    let world = played().await;
    for first in [0, 1] {
        let key = |number: usize| (first + number).to_string();
        let mut body = json!({ "format": 1, "ks": world.admin, "clientTag": "x" });
        let calls = [
            json!({ "service": "user", "action": "get", "userId": "olga" }),
            json!({ "service": "report", "action": "getTotal", "reportType": "nonsense" }),
            json!({ "service": "user", "action": "get", "userId": "{1:result:id}", "responseProfile": { "type": 1, "fields": "email,id" } }),
            json!({ "service": "baseentry", "action": "list", "filter": { "userIdEqual": "{1:result:id}", "orderBy": "+name" } }),
            json!({ "service": "baseentry", "action": "get", "entryId": "{4:result:objects:0:id}" }),
            json!({ "service": "report", "action": "getGraphs", "reportType": "43", "reportInputFilter": { "entryIdIn": "1_v" } }),
            json!({ "service": "session", "action": "get", "ks": "other" }),
        ];
        for (number, call) in calls.into_iter().enumerate() {
            body[key(number)] = call;
        }
        let answers = world.post("/api_v3/service/multirequest?format=1", body).await;
        let answers = answers.as_array().unwrap();
        assert_eq!(answers.len(), 7);
        assert_eq!(code(&answers[1]), "REPORT_NOT_FOUND");
        assert_eq!(answers[2], json!({ "id": "olga", "email": "olga@example.org", "objectType": "KalturaUser" }));
        assert_eq!((&answers[3]["totalCount"], &answers[4]["id"]), (&json!(3), &json!("1_p")));
        assert_eq!(answers[5], json!([]), "no graphs are no error among others");
        assert_eq!(code(&answers[6]), "INVALID_KS");
    }
    let form = format!("1:service=session&1:action=get&2:service=user&2:action=get&ks={}", world.admin);
    let (_, xml) = world.get(&format!("/api_v3/?service=multirequest&{form}")).await;
    assert!(
        xml.contains("<result><item><objectType>KalturaSessionInfo</objectType>")
            && xml.contains("</item><item><objectType>KalturaUser</objectType>"),
        "{xml}"
    );
    let none = world.post("/api_v3/service/multirequest", json!({ "format": 1 })).await;
    assert_eq!(none, json!([]));
}

/// A widget's request as the front end writes it: one multirequest, numbered from 0, with what is absent as `__null`.
fn widget(calls: &[(&str, &str, Value, Value)]) -> Value {
    let mut body = json!({ "format": 1, "clientTag": "kmcng", "apiVersion": "21.0.0" });
    for (number, (action, id, filter, more)) in calls.iter().enumerate() {
        let mut call =
            asked(id, filter.clone(), json!({ "service": "report", "action": action, "objectIds__null": "" }));
        if *action != "getTable" {
            call.as_object_mut().unwrap().remove("pager");
        }
        call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body[number.to_string()] = call;
    }
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn a_front_end_boots_and_opens_its_pages() {
    let world = played().await;
    let boot = |ks: &str| {
        json!({ "format": 1, "ks": ks,
            "0": { "service": "user", "action": "get", "responseProfile": { "objectType": "KalturaDetachedResponseProfile", "type": 1, "fields": "roleIds,email" } },
            "1": { "service": "userrole", "action": "get", "userRoleId": "{1:result:roleIds}" },
            "2": { "service": "permission", "action": "list", "filter": { "statusEqual": 1, "typeIn": "2,3" }, "pager": { "pageSize": 500 } },
            "3": { "service": "permission", "action": "getCurrentPermissions" },
            "4": { "service": "partner", "action": "get", "responseProfile": { "type": 1, "fields": "createdAt" } },
            "5": { "service": "uiconf", "action": "listTemplates" } })
    };
    let answers = world.post("/api_v3/service/multirequest", boot(&world.admin)).await;
    let kinds: Vec<&str> =
        answers.as_array().unwrap().iter().map(|one| one["objectType"].as_str().unwrap_or("text")).collect();
    assert_eq!(
        kinds,
        [
            "KalturaUser",
            "KalturaUserRole",
            "KalturaPermissionListResponse",
            "text",
            "KalturaPartner",
            "KalturaUiConfListResponse"
        ]
    );
    assert!(answers[3].as_str().unwrap().contains("ANALYTICS_BASE") && answers[4]["createdAt"].is_i64());
    // A portal's token: forbidden, so that the front end falls back on the current permissions alone.
    let weak = world.start("olga", 0, "").await;
    let answers = world.post("/api_v3/service/multirequest", boot(&weak)).await;
    for slot in [1, 2, 4] {
        assert_eq!(code(&answers[slot]), "SERVICE_FORBIDDEN");
    }
    assert!(answers[3].as_str().unwrap().contains("ANALYTICS_BASE"));

    let entry = json!({ "entryIdIn": "1_v" });
    let pages: Vec<Vec<(&str, &str, Value, Value)>> = vec![
        // Engagement.
        vec![
            ("getGraphs", "34", json!({}), json!({})),
            ("getTotal", "34", json!({}), json!({})),
            ("getTable", "34", json!({}), json!({ "order": "-date_id" })),
        ],
        vec![("getTable", "38", json!({}), json!({ "order": "-engagement_ranking", "pager": { "pageSize": 50 } }))],
        vec![("getTable", "34", json!({}), json!({ "order": "-count_plays", "pager": { "pageSize": 1 } }))],
        vec![
            ("getTable", "6", json!({}), json!({ "order": "-count_loads", "pager": { "pageSize": 5 } })),
            ("getGraphs", "6", json!({}), json!({})),
            ("getTotal", "6", json!({}), json!({})),
        ],
        vec![("getTotal", "2", json!({}), json!({}))],
        // A recording.
        vec![
            ("getTotal", "13", entry.clone(), json!({})),
            ("getTable", "13", entry.clone(), json!({ "order": "-count_plays" })),
            ("getGraphs", "13", entry.clone(), json!({})),
        ],
        vec![
            ("getTable", "43", entry.clone(), json!({})),
            ("getTable", "36", entry.clone(), json!({})),
            ("getTotal", "36", entry.clone(), json!({})),
            ("getTable", "21", entry.clone(), json!({})),
            ("getTotal", "21", entry, json!({})),
        ],
        // A course, its page, its sub-categories.
        vec![
            ("getTotal", "52", json!({ "categoriesIdsIn": "101" }), json!({})),
            ("getTotal", "52", json!({ "playbackContextIdsIn": "101" }), json!({})),
            ("getTable", "53", json!({ "categoriesAncestorIdIn": "100" }), json!({})),
        ],
        // A user, contributors, technology, live.
        vec![
            ("getTable", "47", json!({ "userIds": "anna" }), json!({})),
            ("getTotal", "48", json!({ "userIds": "anna" }), json!({})),
            ("getTable", "51", json!({ "userIds": "anna" }), json!({ "order": "-count_plays" })),
            ("getTable", "39", json!({ "ownerIdsIn": "olga" }), json!({})),
            ("getTable", "41", json!({}), json!({})),
        ],
        vec![
            ("getTable", "32", json!({}), json!({})),
            ("getTable", "23", json!({ "browserFamilyIn": "Firefox" }), json!({})),
            ("getTable", "45", json!({}), json!({ "order": "-count_viral" })),
            ("getTable", "46", json!({}), json!({})),
            ("getTable", "44", json!({}), json!({})),
        ],
        vec![
            ("getGraphs", "10005", json!({ "interval": "ten_seconds" }), json!({})),
            ("getTable", "10001", json!({}), json!({})),
            ("getTotal", "10007", json!({}), json!({})),
        ],
    ];
    for page in pages {
        let mut body = widget(&page);
        body["ks"] = json!(world.admin);
        let answers = world.post("/api_v3/service/multirequest?format=1&clientTag=kmcng", body).await;
        let answers = answers.as_array().unwrap();
        assert_eq!(answers.len(), page.len());
        for ((action, id, ..), answer) in page.iter().zip(answers) {
            match *action {
                // Never without a header and data.
                "getTotal" => assert!(answer["header"].is_string() && answer["data"].is_string(), "{id}: {answer}"),
                "getGraphs" => {
                    assert!(answer.as_array().unwrap().iter().all(|graph| graph["data"].is_string()), "{id}: {answer}")
                }
                _ => drop(rows_of(answer)),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_front_end_steps_into_no_trap() {
    let world = played().await;
    // The funnel is read by position.
    let funnel = world.report("getTotal", "2", json!({}), json!({})).await;
    assert_eq!(
        funnel["header"],
        "count_plays|count_plays_25|count_plays_50|count_plays_75|count_plays_100|play_through_ratio|count_loads"
    );
    // Rows are found again by their first column.
    for (id, first) in [
        ("13", "name"),
        ("38", "object_id"),
        ("47", "object_id"),
        ("25", "object_id"),
        ("6", "object_id"),
        ("36", "object_id"),
    ] {
        let table = world.report("getTable", id, json!({}), json!({})).await;
        assert!(table["header"].as_str().unwrap().starts_with(&format!("{first}|")), "{table}");
    }
    // Maps know countries by name and point.
    let countries = world.rows("36", json!({}), json!({ "order": "+country" })).await;
    let told: Vec<_> = countries
        .iter()
        .map(|row| {
            (row["object_id"].as_str().unwrap(), row["country"].as_str().unwrap(), row["coordinates"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        told,
        [("DE", "Germany", "51/9"), ("US", "United States", "38/-97"), ("", "Unknown", "")]
            .map(|(code, name, at)| (code, name, at))
    );
    let regions = world.rows("37", json!({ "countryIn": "Germany" }), json!({})).await;
    assert!(regions.iter().all(|row| row["country"] == "Germany"));
    // 101 percentiles, so that the first is dropped.
    let heat =
        world.report("getTable", "43", json!({ "entryIdIn": "1_v" }), json!({ "pager": { "pageSize": 500 } })).await;
    assert_eq!(heat["totalCount"], 101);
    // Unknown viewers are one row with that word, and a search for them is too.
    assert_eq!(world.rows("13", json!({ "userIds": "Unknown" }), json!({})).await[0]["name"], "Unknown");
    // Units: minutes, shares of 1, percent, scores of 10, seconds and ms.
    let row = &world.rows("38", json!({ "entryIdIn": "1_v" }), json!({})).await[0];
    assert_eq!(
        (&row["duration_msecs"], &row["status"], &row["media_type"], &row["created_at"]),
        (&json!(100_000.0), &json!(2.0), &json!(1.0), &json!(1_795_082_400.0))
    );
    let number = |name: &str| row[name].as_f64().unwrap();
    assert!(
        number("load_play_ratio") <= 1.0 && number("avg_completion_rate") > 1.0 && number("engagement_ranking") <= 10.0
    );
    // Answers are of the type's class, and a long list of months is a list of months.
    let months = world.report("getGraphs", "34", json!({ "interval": "months" }), json!({})).await;
    assert!(months[0]["data"].as_str().unwrap().starts_with("202611|"));
}
