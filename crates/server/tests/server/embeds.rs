//! Where media are embedded: rules and campaigns, the inventory, and who may decide about a page.
#![expect(clippy::unwrap_used, reason = "tests")]

use crate::access::{ACCOUNT, campus};
use crate::api::{NOW_MS, Server, json_of, problem, text_of};
use axum::http::StatusCode;
use engine::block::{Block, Part, Snapshot};
use engine::event::{Event, EventKind, Facts};
use engine::fold::fold_session;
use serde_json::{Value, json};
use server::auth::vault::Facts as Proved;
use server::error::Code;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

const DAY_MS: i64 = 86_400_000;
const LMS: &str = "https://canvas.campus.example/courses/1/pages/week-4";

/// A play of a recording on a page, with a version of the player.
struct Play(&'static str, &'static str, &'static str, &'static str, i64);

/// Entry, domain, page, player, days ago.
const PLAYS: &[Play] = &[
    Play("1_own", "canvas.campus.example", LMS, "2.101", 40),
    Play("1_own", "canvas.campus.example", LMS, "2.101", 20),
    Play("1_bio", "canvas.campus.example", LMS, "2.101", 20),
    Play("1_own", "canvas.campus.example", LMS, "3.17.95", 2),
    Play("1_shared", "canvas.campus.example", "https://canvas.campus.example/courses/2/x,y", "", 3),
    Play("1_bio", "canvas.campus.example", "", "2.101", 5),
    Play("1_own", "kaf.canvas.campus.example", "https://kaf.canvas.campus.example/media/1", "3.17.95", 1),
    Play("1_own", "Unknown", "", "2.101", 4),
    Play("1_ch", "blog.example", "https://blog.example/post", "2.101", 6),
    Play(
        "1_own",
        "x.cluster79.canvas-user-content.com",
        "https://x.cluster79.canvas-user-content.com/week.html",
        "",
        7,
    ),
];

fn snapshot(plays: &[Play]) -> Snapshot {
    let session = |(number, Play(entry, domain, page, player, days)): (usize, &Play)| {
        let at_ms = NOW_MS - days * DAY_MS;
        let event = Event {
            account: ACCOUNT,
            entry: (*entry).into(),
            session: format!("s{number}").into(),
            kind: EventKind::PLAY,
            at_ms,
            received_ms: at_ms,
            index: Some(1),
            facts: Facts {
                domain: (*domain).into(),
                page: (*page).into(),
                player_version: (*player).into(),
                ..Facts::default()
            },
            ..Event::default()
        };
        fold_session(&[(number as u64 + 1, event)])
    };
    let rows = plays.iter().enumerate().flat_map(session).collect();
    Snapshot::of(vec![Part::new(Arc::new(Block::from_rows(rows)), Arc::default())])
}

async fn embedded() -> Server {
    let server = campus().await;
    *server.snapshot.lock().unwrap() = snapshot(PLAYS);
    server
}

async fn ask(server: &Server, path: &str, cookie: &str) -> Value {
    let answer = server.call("GET", path, cookie, None).await;
    let status = answer.status();
    let answer = json_of(answer).await;
    assert_eq!(status, StatusCode::OK, "{path}: {answer}");
    answer
}

fn rows(answer: &Value) -> &Vec<Value> {
    answer["data"]["rows"].as_array().unwrap()
}

/// The row of a page and a player version.
fn row<'a>(answer: &'a Value, page: &str, player: &str) -> &'a Value {
    let found = rows(answer).iter().find(|row| row["page"] == page && row["player_version"] == player);
    found.unwrap_or_else(|| panic!("{page} {player} is not in {answer}"))
}

#[tokio::test]
async fn the_documented_hunt_is_one_question() {
    let server = embedded().await;
    let answer = ask(&server, "embeds", &server.cookie).await;
    assert_eq!(answer["data"]["campaign"]["id"], "player-upgrade");
    assert_eq!(answer["data"]["campaign"]["date"], "2024-08-01");
    assert_eq!(answer["scope"]["period"], "12m");
    let old = row(&answer, LMS, "2.101");
    assert_eq!((&old["plays"], &old["viewers"], &old["status"]), (&json!(3.0), &json!(1.0), &json!("to_do")));
    assert_eq!((&old["rule"], &old["attention"], &old["openable"]), (&json!("canvas"), &json!("yes"), &json!(true)));
    assert_eq!(old["explain"], "An embed code was pasted into a page of Canvas.");
    assert_eq!(
        (&old["first_seen"], &old["last_seen"]),
        (&json!("2026-10-14T12:00:00Z"), &json!("2026-11-03T12:00:00Z"))
    );
    let ids: Vec<_> =
        old["recordings"].as_array().unwrap().iter().map(|r| (&r["id"], &r["name"], &r["plays"])).collect();
    assert_eq!(ids, [(&json!("1_own"), &json!("Own"), &json!(2.0)), (&json!("1_bio"), &json!("Cells"), &json!(1.0))]);
    // The same page with the new player is not concerned: it was repaired.
    let new = row(&answer, LMS, "3.17.95");
    assert_eq!((&new["attention"], &new["status"]), (&json!("no"), &json!("no_action")));
    assert_eq!(new["recordings_total"], 1);
    for (page, player, status, why) in [
        ("https://x.cluster79.canvas-user-content.com/week.html", "", "cannot_open", Value::Null),
        ("https://kaf.canvas.campus.example/media/1", "3.17.95", "no_action", Value::Null),
        ("https://blog.example/post", "2.101", "to_do", Value::Null),
    ] {
        let row = row(&answer, page, player);
        assert_eq!((&row["status"], &row["undisclosed"]), (&json!(status), &why), "{page}");
    }
    let of = |domain: &str| rows(&answer).iter().find(|row| row["domain"] == domain && row["page"] == "").unwrap();
    let hidden = of("canvas.campus.example");
    assert_eq!((&hidden["undisclosed"], &hidden["status"]), (&json!("origin_only"), &json!("cannot_trace")));
    assert_eq!(hidden["recordings"][0]["id"], "1_bio");
    assert_eq!((&of("Unknown")["undisclosed"], &of("Unknown")["attention"]), (&json!("nothing"), &json!("n/a")));
    assert!(answer["caveats"].to_string().contains("never_opened"));
    let totals = &answer["data"]["totals"];
    assert_eq!((&totals["rows"], &totals["plays"], &totals["domains"]), (&json!(8), &json!(10.0), &json!(5)));
    assert_eq!(
        totals["by_status"],
        json!({ "to_do": 3, "done": 0, "cannot_trace": 1, "cannot_open": 1, "no_action": 3 })
    );
    assert_eq!((&totals["progress"], &totals["recordings_to_do"]), (&json!({ "done": 0, "of": 3 }), &json!(4)));
    // One filter and one export.
    let csv = server.call("GET", "embeds?status=to_do,cannot_open&format=csv", &server.cookie, None).await;
    assert_eq!(csv.headers()["content-type"], "text/csv; charset=utf-8");
    let csv = text_of(csv).await;
    assert_eq!(csv.lines().count(), 1 + 4, "{csv}");
    assert!(csv.lines().nth(1).unwrap().contains("1_own 1_bio"), "{csv}");
}

#[tokio::test]
async fn the_inventory_is_filtered_sorted_and_paged() {
    let server = embedded().await;
    for (query, total) in [
        ("f=is,domain,canvas.campus.example", 4),
        ("f=is,entry,1_bio", 2),
        ("f=is,player_version,2.101", 4),
        ("status=no_action", 3),
        ("rule=none", 2),
        ("rule=canvas,kaltura-lms-tool", 5),
        ("attention=yes,n/a", 5),
        ("find=CELLS", 2),
        ("find=my%20files", 1),
        ("returned=1", 0),
        ("period=7d&today=0", 7),
        ("subject=entry:1_shared", 1),
        ("campaign=player-upgrade&size=2&page=3", 8),
    ] {
        let answer = ask(&server, &format!("embeds?{query}"), &server.cookie).await;
        assert_eq!(answer["data"]["total"], total, "{query}: {answer}");
    }
    let first = |answer: &Value| rows(answer)[0]["page"].clone();
    assert_eq!(first(&ask(&server, "embeds?sort=-plays", &server.cookie).await), LMS);
    let latest = ask(&server, "embeds?sort=-last_seen&size=1", &server.cookie).await;
    assert_eq!((rows(&latest).len(), &rows(&latest)[0]["domain"]), (1, &json!("kaf.canvas.campus.example")));
    let domains = ask(&server, "embeds?by=domain", &server.cookie).await;
    let canvas = &domains["data"]["domains"][0];
    assert_eq!(
        (&canvas["domain"], &canvas["pages"], &canvas["plays"]),
        (&json!("canvas.campus.example"), &json!(2), &json!(6.0))
    );
    assert_eq!((&canvas["by_status"]["to_do"], &canvas["recordings"]), (&json!(2), &json!(3)));
    for (query, field) in [
        ("status=maybe", "status"),
        ("attention=maybe", "attention"),
        ("campaign=none", "campaign"),
        ("sort=-title", "sort"),
        ("by=domain&sort=viewers", "sort"),
        ("by=planet", "by"),
        ("format=pdf", "format"),
        ("returned=yes", "returned"),
    ] {
        let refusal = server.call("GET", &format!("embeds?{query}"), &server.cookie, None).await;
        assert_eq!(problem(refusal, Code::BadParameter).await["field"], field, "{query}");
    }
}

#[tokio::test]
async fn every_figure_is_the_one_of_the_table() {
    let server = embedded().await;
    let inventory = ask(&server, "embeds?sort=domain", &server.cookie).await;
    let table = "table?by=domain,page,player_version&measures=plays,viewers,impressions&period=12m&today=1&size=1000";
    let table = ask(&server, table, &server.cookie).await;
    let told = |row: &Value| {
        let of = |measure: &str| row["values"][measure].clone();
        let of = |measure: &str| if of(measure).is_object() { of(measure)["value"].clone() } else { of(measure) };
        json!([row["keys"], of("plays"), of("viewers"), of("impressions")]).to_string()
    };
    let here = |row: &Value| {
        let keys = json!([row["domain"], row["page"], row["player_version"]]);
        json!([keys, row["plays"], row["viewers"], row["impressions"]]).to_string()
    };
    let mut theirs: Vec<String> = rows(&table).iter().map(told).collect();
    let mut ours: Vec<String> = rows(&inventory).iter().map(here).collect();
    theirs.sort();
    ours.sort();
    assert_eq!(ours, theirs);
    let total = ask(&server, "totals?measures=plays&period=12m&today=1", &server.cookie).await;
    assert_eq!(inventory["data"]["totals"]["plays"], total["data"]["values"]["plays"]["value"]);
}

#[tokio::test]
async fn what_is_done_comes_back_by_itself() {
    let server = embedded().await;
    let done = json!({ "domain": "canvas.campus.example", "page": LMS, "status": "done", "owner": "tom", "note": "By Friday" });
    let marked = server.call("PATCH", "embeds", &server.cookie, Some(done)).await;
    assert_eq!(marked.status(), StatusCode::OK, "{}", text_of(marked).await);
    let answer = ask(&server, "embeds", &server.cookie).await;
    let old = row(&answer, LMS, "2.101");
    assert_eq!((&old["status"], &old["returned"], &old["note"]), (&json!("done"), &Value::Null, &json!("By Friday")));
    assert_eq!((&old["owner"]["id"], &old["changed_by"]), (&json!("tom"), &json!("Ada")));
    assert_eq!(answer["data"]["totals"]["progress"], json!({ "done": 2, "of": 4 }));
    // The new player is seen on it: it stays done. The old one is: it comes back.
    let later = |player: &'static str| {
        let plays: Vec<Play> = PLAYS.iter().map(|Play(e, d, p, v, days)| Play(e, d, p, v, days + 1)).collect();
        snapshot(
            &plays.into_iter().chain([Play("1_own", "canvas.campus.example", LMS, player, -1)]).collect::<Vec<_>>(),
        )
    };
    server.now_ms.fetch_add(2 * DAY_MS, Relaxed);
    let mut server = server;
    server.cookie = server.person("lea", Proved::default()).await;
    *server.snapshot.lock().unwrap() = later("3.17.95");
    let answer = ask(&server, "embeds", &server.cookie).await;
    assert_eq!(row(&answer, LMS, "2.101")["status"], "done");
    *server.snapshot.lock().unwrap() = later("2.101");
    let answer = ask(&server, "embeds?returned=1", &server.cookie).await;
    let back = row(&answer, LMS, "2.101");
    assert_eq!((&back["status"], &answer["data"]["totals"]["returned"]), (&json!("to_do"), &json!(1)));
    assert_eq!(back["returned"], json!({ "done": "2026-11-23T12:00:00Z", "seen": "2026-11-24T12:00:00Z" }));
    // Taking the status back leaves the rest.
    let unset = json!({ "domain": "canvas.campus.example", "page": LMS, "status": null });
    let marked = json_of(server.call("PATCH", "embeds", &server.cookie, Some(unset)).await).await;
    assert_eq!((&marked["data"]["status"], &marked["data"]["owner"]), (&Value::Null, &json!("tom")));
}

#[tokio::test]
async fn owners_see_and_decide_about_pages_with_their_media() {
    let server = embedded().await;
    let ann = server.person("ann", Proved::default()).await;
    let answer = ask(&server, "embeds", &ann).await;
    // What she owns and what she co-edits; nothing of others on the same page.
    assert_eq!((&answer["data"]["total"], &answer["data"]["may_change"]), (&json!(6), &json!(true)));
    assert_eq!(row(&answer, LMS, "2.101")["plays"], 2.0);
    assert_eq!(row(&answer, LMS, "2.101")["recordings_total"], 1);
    assert!(!answer.to_string().contains("1_bio") && !answer.to_string().contains("blog.example"), "{answer}");
    let decide = |domain: &str, page: &str| json!({ "domain": domain, "page": page, "status": "done" });
    let comma = decide("canvas.campus.example", "https://canvas.campus.example/courses/2/x,y");
    assert_eq!(server.call("PATCH", "embeds", &ann, Some(comma)).await.status(), StatusCode::OK);
    for not_hers in [decide("blog.example", "https://blog.example/post"), decide("canvas.campus.example", "")] {
        problem(server.call("PATCH", "embeds", &ann, Some(not_hers)).await, Code::NotFound).await;
    }
    for id in ["sam", "ina"] {
        let analyst = server.person(id, Proved::default()).await;
        let of = decide("blog.example", "https://blog.example/post");
        problem(server.call("PATCH", "embeds", &analyst, Some(of)).await, Code::NotFound).await;
    }
    for (wrong, field) in [
        (json!({ "page": LMS, "status": "done" }), "domain"),
        (json!({ "domain": "blog.example", "status": "perhaps" }), "status"),
        (json!({ "domain": "blog.example", "owner": "nobody" }), "owner"),
        (json!({ "domain": "blog.example", "note": "x".repeat(2_001) }), "note"),
        (json!({ "domain": "blog.example" }), "status"),
        (json!({ "domain": "blog.example", "campaign": "gone", "note": "x" }), "campaign"),
    ] {
        let refusal =
            problem(server.call("PATCH", "embeds", &server.cookie, Some(wrong)).await, Code::BadParameter).await;
        assert_eq!(refusal["field"], field, "{refusal}");
    }
    // Who is erased has decided nothing any more.
    let key = server.app.catalog_view().accounts[&ACCOUNT].person_keys["ann"];
    assert_eq!(server.app.vault().desk().forget(ACCOUNT, "ann", key).unwrap(), 1);
}

#[tokio::test]
async fn administrators_write_rules_and_see_first_what_they_take_in() {
    let server = embedded().await;
    let lea = server.person("lea", Proved::default()).await;
    let ann = server.person("ann", Proved::default()).await;
    let shipped = ask(&server, "domain-rules?hosts=1", &lea).await;
    let canvas = rows(&shipped).iter().find(|rule| rule["id"] == "canvas").unwrap();
    assert_eq!((&canvas["origin"], &canvas["domains"], &canvas["plays"]), (&json!("shipped"), &json!(1), &json!(6.0)));
    assert_eq!(canvas["embed_kind"], "code");
    assert_eq!(shipped["data"]["without"][0]["domain"], "blog.example");
    assert!(rows(&ask(&server, "domain-rules", &ann).await)[0]["domains"].is_null());
    problem(server.call("GET", "domain-rules?hosts=1", &ann, None).await, Code::NotFound).await;

    let rule = json!({ "host": ["*.example"], "class": "own-web", "title": "Ours", "explain": "A blog of ours.", "open": true,
                       "locate": "page", "attention": { "player-upgrade": "no" } });
    let caught = json_of(server.call("POST", "domain-rules/test", &lea, Some(rule.clone())).await).await;
    assert_eq!((&caught["data"]["total"], &caught["data"]["hosts"][0]["domain"]), (&json!(1), &json!("blog.example")));
    let left = caught["data"]["left_to_others"].as_array().unwrap();
    assert_eq!(left.iter().map(|host| &host["rule"]).collect::<Vec<_>>(), ["canvas", "kaltura-lms-tool"]);
    assert!(!ask(&server, "domain-rules", &lea).await.to_string().contains("A blog of ours"), "nothing was saved");

    problem(server.call("PUT", "domain-rules/blogs", &ann, Some(rule.clone())).await, Code::NotFound).await;
    assert_eq!(server.call("PUT", "domain-rules/blogs", &lea, Some(rule.clone())).await.status(), StatusCode::CREATED);
    assert_eq!(server.call("PUT", "domain-rules/blogs", &lea, Some(rule)).await.status(), StatusCode::OK);
    let answer = ask(&server, "embeds?rule=blogs", &lea).await;
    assert_eq!((&answer["data"]["total"], &rows(&answer)[0]["status"]), (&json!(1), &json!("no_action")));
    assert_eq!(rows(&answer)[0]["explain"], "A blog of ours.");
    // A shipped rule is replaced, and comes back.
    let ours = json!({ "host": ["canvas.campus.example"], "class": "lms", "title": "Our Canvas" });
    assert_eq!(server.call("PUT", "domain-rules/canvas", &lea, Some(ours)).await.status(), StatusCode::CREATED);
    let find = |list: &Value| rows(list).iter().find(|rule| rule["id"] == "canvas").unwrap().clone();
    let replaced = find(&ask(&server, "domain-rules", &lea).await);
    assert_eq!((&replaced["origin"], &replaced["replaces"]), (&json!("account"), &json!(true)));
    assert_eq!(server.call("DELETE", "domain-rules/canvas", &lea, None).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(find(&ask(&server, "domain-rules", &lea).await)["origin"], "shipped");
    problem(server.call("DELETE", "domain-rules/canvas", &lea, None).await, Code::NotFound).await;
    for (wrong, field) in [
        (json!({ "host": ["*"], "class": "lms", "title": "All" }), "host"),
        (json!({ "host": ["A.example"], "class": "lms", "title": "A" }), "host"),
        (json!({ "host": [], "class": "lms", "title": "A" }), "host"),
        (json!({ "host": ["a.example"], "class": "lms", "title": " " }), "title"),
        (json!({ "host": ["a.example"], "class": "lms", "title": "A", "query": ["id"] }), "query"),
        (json!({ "host": ["a.example"], "class": "lms", "title": "A", "attention": { "gone": "yes" } }), "attention"),
    ] {
        let refusal = server.call("POST", "domain-rules/test", &lea, Some(wrong)).await;
        assert_eq!(problem(refusal, Code::BadParameter).await["field"], field);
    }
    for (wrong, field) in [
        (json!({ "host": ["a.example"], "class": "shop", "title": "A" }), "class"),
        (json!({ "host": ["a.example"], "class": "lms", "title": "A", "colour": "red" }), "colour"),
        (json!({ "host": "a.example", "class": "lms", "title": "A" }), "host"),
        (json!({ "host": ["a.example"], "class": "lms" }), "title"),
    ] {
        let refusal = server.call("PUT", "domain-rules/a", &lea, Some(wrong)).await;
        assert_eq!(problem(refusal, Code::BadBody).await["field"], field);
    }
    let bad = json!({ "host": ["a.example"], "class": "lms", "title": "A" });
    let refusal = server.call("PUT", "domain-rules/A%20b", &lea, Some(bad)).await;
    assert_eq!(problem(refusal, Code::BadParameter).await["field"], "id");
    let log = ask(&server, "access-log?action=changed", &server.cookie).await;
    assert!(log.to_string().contains("domain_rule:blogs"), "{log}");
}

#[tokio::test]
async fn campaigns_judge_the_same_pages_by_other_conditions() {
    let server = embedded().await;
    let campaign = json!({ "title": "Moving the portal", "date": "2027-01-31", "more": "https://it.campus.example/move",
                           "when": { "kinds": ["tool"] }, "attention": { "lms-tool": "yes", "lms": "no", "*": "unknown" } });
    assert_eq!(
        server.call("PUT", "campaigns/move", &server.cookie, Some(campaign)).await.status(),
        StatusCode::CREATED
    );
    let listed = ask(&server, "campaigns", &server.cookie).await;
    assert_eq!(listed["data"][0]["id"], "player-upgrade");
    assert_eq!((&listed["data"][1]["origin"], &listed["data"][1]["date"]), (&json!("account"), &json!("2027-01-31")));
    let answer = ask(&server, "embeds?campaign=move&attention=yes", &server.cookie).await;
    assert_eq!(rows(&answer)[0]["status"], "cannot_trace");
    assert_eq!(
        (&answer["data"]["total"], &rows(&answer)[0]["domain"]),
        (&json!(1), &json!("kaf.canvas.campus.example"))
    );
    for (wrong, field) in [
        (json!({ "title": "" }), "title"),
        (json!({ "title": "A", "more": "javascript:alert(1)" }), "more"),
        (json!({ "title": "A", "more": "//evil.example" }), "more"),
        (json!({ "title": "A", "attention": { "planet": "yes" } }), "attention"),
    ] {
        let refusal = server.call("PUT", "campaigns/a", &server.cookie, Some(wrong)).await;
        assert_eq!(problem(refusal, Code::BadParameter).await["field"], field);
    }
    let refusal =
        server.call("PUT", "campaigns/a", &server.cookie, Some(json!({ "title": "A", "date": "soon" }))).await;
    assert_eq!(problem(refusal, Code::BadBody).await["field"], "date");
    // A rule that names it keeps it.
    let rule = json!({ "host": ["a.example"], "class": "lms", "title": "A", "attention": { "move": "yes" } });
    assert_eq!(server.call("PUT", "domain-rules/a", &server.cookie, Some(rule)).await.status(), StatusCode::CREATED);
    let refusal = server.call("DELETE", "campaigns/move", &server.cookie, None).await;
    assert_eq!(problem(refusal, Code::BadParameter).await["field"], "id");
    assert_eq!(server.call("DELETE", "domain-rules/a", &server.cookie, None).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(server.call("DELETE", "campaigns/move", &server.cookie, None).await.status(), StatusCode::NO_CONTENT);
    problem(server.call("DELETE", "campaigns/player-upgrade", &server.cookie, None).await, Code::NotFound).await;
}
