//! Who may see what, through every route: `docs/generated/access.md` is the table that comes out.
#![expect(clippy::unwrap_used, reason = "tests")]

use crate::api::{NOW_MS, ROUTES, Server, problem, text_of};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use engine::catalog::record::{Kind, Record};
use engine::event::AccountId;
use expect_test::expect_file;
use serde_json::json;
use server::auth::session::{self, NewSession};
use server::auth::vault::{Facts, Who};
use server::config::Settings;
use server::error::Code;
use std::fmt::Write;

pub(crate) const ACCOUNT: AccountId = AccountId(7);

/// Ann owns 1_own and co-edits 1_shared; Tom teaches bio, Max manages the channel, Sue studies bio and watches nothing.
pub(crate) async fn campus() -> Server {
    let mut server = Server::with(Settings::default());
    server.cookie = server.welcome("Ada").await;
    let records = [
        (Kind::Person, json!({ "id": "ann", "name": "Ann" })),
        (Kind::Category, json!({ "id": "faculty", "name": "Faculty" })),
        (Kind::Category, json!({ "id": "bio", "name": "Biology", "kind": "course", "parent": "faculty" })),
        (Kind::Category, json!({ "id": "channel", "name": "Channel", "kind": "channel" })),
        (Kind::Entry, json!({ "id": "1_own", "name": "Own", "owner": "ann" })),
        (
            Kind::Entry,
            json!({ "id": "1_shared", "name": "Shared", "owner": "tom", "co_editors": [{ "person": "ann" }] }),
        ),
        (Kind::Entry, json!({ "id": "1_bio", "name": "Cells", "owner": "zoe", "tags": ["cells"] })),
        (Kind::Entry, json!({ "id": "1_ch", "name": "News", "owner": "zoe" })),
        (Kind::Link, json!({ "id": "l1", "entry": "1_bio", "category": "bio" })),
        (Kind::Link, json!({ "id": "l2", "entry": "1_ch", "category": "channel" })),
        (Kind::Member, json!({ "id": "m1", "person": "tom", "category": "bio", "role": "teacher" })),
        (Kind::Member, json!({ "id": "m2", "person": "max", "category": "channel", "role": "manager" })),
        (Kind::Member, json!({ "id": "m3", "person": "sue", "category": "bio", "role": "student" })),
        (
            Kind::Member,
            json!({ "id": "m4", "person": "old", "category": "bio", "role": "teacher", "to": "2026-01-01" }),
        ),
    ];
    let mut next = 100;
    for (kind, record) in records {
        let record = Record::check(kind, record.as_object().unwrap(), None).unwrap();
        let mut fresh = || {
            next += 1;
            next
        };
        server.app.catalog().put(ACCOUNT, &record, NOW_MS, &mut fresh).unwrap();
    }
    for (person, role, category, people) in [
        ("dee", "department", "faculty", "pseudonyms"),
        ("sam", "analyst", "", "none"),
        ("ina", "analyst", "", "names"),
        ("lea", "administrator", "", "names"),
    ] {
        let asked = json!({ "person": person, "role": role, "category": category, "people": people });
        let answer = server.call("PUT", "roles", &server.cookie, Some(asked)).await;
        assert_eq!(answer.status(), StatusCode::NO_CONTENT, "{}", text_of(answer).await);
    }
    server
}

impl Server {
    /// The cookie of a person of the account.
    pub(crate) async fn person(&self, id: &str, facts: Facts) -> String {
        let who = Who::Person { account: ACCOUNT, id: id.to_owned() };
        let new = NewSession { who, name: id.to_owned(), way: "oidc", facts };
        session::begin(&self.app, new).await.unwrap().split(';').next().unwrap().to_owned()
    }

    pub(crate) async fn call(
        &self,
        method: &str,
        path: &str,
        cookie: &str,
        body: Option<serde_json::Value>,
    ) -> axum::response::Response {
        // What a key is sent as does for one.
        let place = if cookie.starts_with("Bearer ") { header::AUTHORIZATION } else { header::COOKIE };
        let request = Request::builder().method(method).uri(format!("/api/v1/{path}")).header(place, cookie);
        let request = match body {
            Some(body) => request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string())),
            None => request.body(Body::empty()),
        };
        self.send(request.unwrap()).await
    }
}

/// Everybody, and what they are called in the table.
const ROLES: &[(&str, &str)] = &[
    ("", "nobody"),
    ("sue", "student"),
    ("ann", "owner"),
    ("tom", "teacher"),
    ("old", "former teacher"),
    ("max", "channel manager"),
    ("launched", "teacher by launch"),
    ("dee", "department, pseudonyms"),
    ("sam", "analyst, no people"),
    ("ina", "analyst, names"),
    ("lea", "administrator"),
    ("operator", "operator"),
    ("key", "key of bio, pseudonyms"),
];

/// Beside the good call of each route: the same thing of others.
const CALLS: &[&str] = &[
    "totals?measures=plays&subject=account",
    "totals?measures=plays&subject=entry:1_own",
    "totals?measures=plays&subject=entry:1_shared",
    "totals?measures=plays&subject=entry:1_bio",
    "totals?measures=plays&subject=entry:1_ch",
    "totals?measures=plays&subject=entry:1_gone",
    "totals?measures=plays&subject=owner:ann",
    "totals?measures=plays&subject=owner:zoe",
    "totals?measures=plays&subject=category:bio",
    "totals?measures=plays&subject=category:faculty&subtree=1",
    "totals?measures=plays&subject=category:channel",
    "totals?measures=plays&subject=viewer:ann",
    "totals?measures=plays&subject=viewer:sue",
    "table?by=viewer&measures=plays&subject=account",
    "table?by=viewer&measures=plays&subject=entry:1_bio",
    "rows?subject=entry:1_bio",
    "entries/1_own",
    "entries/1_bio",
    "entries/1_gone",
    "entries/1_bio/naming",
    "access-log?subject=entry:1_own",
    "categories/bio",
    "categories/channel",
    "elsewhere?subject=category:bio&entry=1_bio",
    "embeds?subject=account",
    "embeds?subject=owner:zoe",
    "domain-rules?hosts=1",
    "catalog/people",
    "catalog/entries/1_bio",
];

#[tokio::test]
async fn every_route_from_every_role() {
    let server = campus().await;
    let mut cookies = Vec::new();
    for (id, _) in ROLES {
        let facts = Facts { staff: vec!["bio".to_owned()], ..Facts::default() };
        cookies.push(match *id {
            "key" => {
                let asked = json!({ "name": "bio", "scope": "category:bio", "people": "pseudonyms" });
                let made = server.call("POST", "keys", &server.cookie, Some(asked)).await;
                let made: serde_json::Value = serde_json::from_str(&text_of(made).await).unwrap();
                format!("Bearer {}", made["data"]["key"].as_str().unwrap())
            }
            "" => String::new(),
            "operator" => server.cookie.clone(),
            "launched" => server.person(id, facts).await,
            _ => server.person(id, Facts::default()).await,
        });
    }
    let mut page = String::from(
        "# What each role is answered\n\nGenerated from `crates/server/tests/server/access.rs`, which asks every route from \
         every role; `UPDATE_EXPECT=1 cargo nextest run -p server access` renews it.\n\nAnn owns `1_own` and co-edits \
         `1_shared` (Tom's); Tom teaches `bio`, which holds `1_bio`; Max manages `channel`, which holds `1_ch`; Sue studies \
         `bio`; Dee administers the faculty above `bio`, under pseudonyms. Nothing has been watched, so a viewer's page \
         exists only for administrators and for the viewer. 404 is what a thing that does not exist answers.\n\n| Call |",
    );
    ROLES.iter().for_each(|(_, role)| write!(page, " {role} |").unwrap());
    page.push_str("\n|---|");
    ROLES.iter().for_each(|_| page.push_str("---:|"));
    page.push('\n');
    for call in ROUTES.iter().map(|(_, call)| *call).chain(CALLS.iter().copied()) {
        write!(page, "| `{}` |", call.replace('|', "\\|")).unwrap();
        let mut absent = Vec::new();
        for cookie in &cookies {
            let answer = server.call("GET", call, cookie, None).await;
            write!(page, " {} |", answer.status().as_u16()).unwrap();
            if answer.status() == StatusCode::NOT_FOUND {
                absent.push(problem(answer, Code::NotFound).await);
            }
        }
        page.push('\n');
        // What may not be seen is what does not exist, but for the request's own id.
        for mut problem in absent {
            problem.as_object_mut().unwrap().remove("request_id");
            assert_eq!(
                problem,
                json!({ "type": "/errors#not-found", "title": "There is nothing here.", "status": 404 })
            );
        }
    }
    expect_file!["../../../../docs/generated/access.md"].assert_eq(&page);
}

#[tokio::test]
async fn roles_are_granted_by_administrators_and_hold_at_once() {
    let server = campus().await;
    let (sue, lea) = (server.person("sue", Facts::default()).await, server.person("lea", Facts::default()).await);
    let role = json!({ "person": "sue", "role": "analyst", "people": "names" });
    problem(server.call("PUT", "roles", &sue, Some(role.clone())).await, Code::NotFound).await;
    problem(server.call("GET", "totals?measures=plays&subject=entry:1_bio", &sue, None).await, Code::NotFound).await;
    assert_eq!(server.call("PUT", "roles", &lea, Some(role)).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(
        server.call("GET", "totals?measures=plays&subject=entry:1_bio", &sue, None).await.status(),
        StatusCode::OK
    );
    let gone = server.call("DELETE", "roles?person=sue&role=analyst", &lea, None).await;
    assert_eq!(gone.status(), StatusCode::NO_CONTENT);
    problem(server.call("GET", "totals?measures=plays&subject=entry:1_bio", &sue, None).await, Code::NotFound).await;
    problem(server.call("DELETE", "roles?person=sue&role=analyst", &lea, None).await, Code::NotFound).await;
    for (wrong, field) in [
        (json!({ "person": "sue", "role": "king" }), "role"),
        (json!({ "person": "", "role": "analyst" }), "person"),
        (json!({ "person": "sue", "role": "department" }), "category"),
        (json!({ "person": "sue", "role": "department", "category": "gone" }), "category"),
        (json!({ "person": "sue", "role": "analyst", "category": "bio" }), "category"),
        (json!({ "person": "sue", "role": "analyst", "people": "some" }), "people"),
    ] {
        let refusal = problem(server.call("PUT", "roles", &lea, Some(wrong)).await, Code::BadParameter).await;
        assert_eq!(refusal["field"], field);
    }
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let server = campus().await;
    let here = server.person("sue", Facts::default()).await;
    let there = server.person("sue", Facts::default()).await;
    let other = server.person("tom", Facts::default()).await;
    let listed = |cookie: String| {
        let server = &server;
        async move {
            let answer = server.call("GET", "sessions", &cookie, None).await;
            serde_json::from_str::<serde_json::Value>(&text_of(answer).await).unwrap()["data"]
                .as_array()
                .unwrap()
                .clone()
        }
    };
    let mine = listed(here.clone()).await;
    assert_eq!(mine.len(), 2);
    let second = mine.iter().find(|session| session["current"] == false).unwrap()["id"].as_i64().unwrap();
    problem(server.call("DELETE", &format!("sessions/{second}"), &other, None).await, Code::NotFound).await;
    let ended = server.call("DELETE", &format!("sessions/{second}"), &here, None).await;
    assert_eq!(ended.status(), StatusCode::NO_CONTENT);
    problem(server.call("GET", "me", &there, None).await, Code::SignInNeeded).await;
    assert_eq!(server.call("DELETE", "sessions", &here, None).await.status(), StatusCode::NO_CONTENT);
    problem(server.call("GET", "me", &here, None).await, Code::SignInNeeded).await;
    assert_eq!(server.call("GET", "me", &other, None).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_bearer_signs_in_as_a_cookie_does() {
    let server = campus().await;
    let cookie = server.person("ann", Facts::default()).await;
    let token = cookie.split_once('=').unwrap().1.to_owned();
    let request = Request::get("/api/v1/me").header(header::AUTHORIZATION, format!("Bearer {token}"));
    let answer = server.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let me: serde_json::Value = serde_json::from_str(&text_of(answer).await).unwrap();
    let account = &me["data"]["accounts"][0];
    assert_eq!((&account["owner"], &account["administrator"]), (&json!(true), &json!(false)));
}

#[tokio::test]
async fn a_course_tells_of_itself_and_of_its_students_only_to_who_may_see_names() {
    let server = campus().await;
    let (tom, sam) = (server.person("tom", Facts::default()).await, server.person("sam", Facts::default()).await);
    let told = |cookie: String| {
        let server = &server;
        async move {
            let answer = server.call("GET", "categories/bio", &cookie, None).await;
            let answer: serde_json::Value = serde_json::from_str(&text_of(answer).await).unwrap();
            answer["data"].clone()
        }
    };
    let data = told(tom).await;
    assert_eq!((&data["name"], &data["kind"]), (&json!("Biology"), &json!("course")));
    assert_eq!(data["parent"], json!({ "id": "faculty", "name": "Faculty" }));
    assert_eq!((&data["recordings"], &data["students"]), (&json!(1), &json!(1)));
    assert_eq!(told(sam).await["students"], json!(null));
}

#[tokio::test]
async fn recordings_of_a_subject_are_listed_also_if_nobody_opened_them() {
    let server = campus().await;
    let (tom, ann) = (server.person("tom", Facts::default()).await, server.person("ann", Facts::default()).await);
    let names = |cookie: String, query: &'static str| {
        let server = &server;
        async move {
            let answer = server.call("GET", query, &cookie, None).await;
            let answer: serde_json::Value = serde_json::from_str(&text_of(answer).await).unwrap();
            let rows = answer["data"]["rows"].as_array().unwrap().iter();
            rows.map(|row| row["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        }
    };
    assert_eq!(names(tom.clone(), "entries?subject=category:bio").await, ["Cells"]);
    assert_eq!(names(ann.clone(), "entries?subject=owner:ann").await, ["Own"]);
    assert_eq!(names(ann.clone(), "entries?subject=owner:ann&whose=both").await, ["Own", "Shared"]);
    problem(server.call("GET", "entries?subject=category:bio", &ann, None).await, Code::NotFound).await;
    problem(server.call("GET", "entries?subject=owner:ann", &tom, None).await, Code::NotFound).await;
}
