//! Saved views, and the end of content that owners mark.
#![expect(clippy::unwrap_used, reason = "tests")]

use crate::access::{ACCOUNT, campus};
use crate::api::{Server, json_of, problem, text_of};
use axum::http::StatusCode;
use serde_json::{Value, json};
use server::auth::vault::Facts;
use server::error::Code;

async fn list(server: &Server, cookie: &str) -> Vec<Value> {
    let answer = json_of(server.call("GET", "views", cookie, None).await).await;
    answer["data"].as_array().unwrap_or_else(|| panic!("{answer}")).clone()
}

#[tokio::test]
async fn views_are_ones_own_or_shared() {
    let server = campus().await;
    let (ann, tom) = (server.person("ann", Facts::default()).await, server.person("tom", Facts::default()).await);
    let new =
        |name: &str, shared: bool| json!({ "name": name, "path": "/recording/1_own?period=7d", "shared": shared });
    let made = server.call("POST", "views", &ann, Some(new("Weekly", false))).await;
    assert_eq!(made.status(), StatusCode::CREATED);
    let made = json_of(made).await;
    assert_eq!((&made["data"]["mine"], &made["data"]["path"]), (&json!(true), &json!("/recording/1_own?period=7d")));
    let id = made["data"]["id"].as_i64().unwrap();
    assert!(list(&server, &tom).await.is_empty());
    problem(server.call("PUT", &format!("views/{id}"), &tom, Some(new("Mine", true))).await, Code::NotFound).await;
    problem(server.call("DELETE", &format!("views/{id}"), &tom, None).await, Code::NotFound).await;
    // What is shared everybody sees, and administrators may take away.
    let shared = server.call("PUT", &format!("views/{id}"), &ann, Some(new("Weekly", true))).await;
    assert_eq!(shared.status(), StatusCode::OK, "{}", text_of(shared).await);
    let seen = list(&server, &tom).await;
    assert_eq!(
        (&seen[0]["by"], &seen[0]["mine"], &seen[0]["may_change"]),
        (&json!("Ann"), &json!(false), &json!(false))
    );
    problem(server.call("DELETE", &format!("views/{id}"), &tom, None).await, Code::NotFound).await;
    assert_eq!(list(&server, &server.cookie).await[0]["may_change"], true);
    assert_eq!(
        server.call("DELETE", &format!("views/{id}"), &server.cookie, None).await.status(),
        StatusCode::NO_CONTENT
    );
    assert!(list(&server, &ann).await.is_empty());
}

#[tokio::test]
async fn a_view_leads_to_a_page_of_ours_and_there_are_not_too_many() {
    let server = campus().await;
    let ann = server.person("ann", Facts::default()).await;
    for (path, good) in [
        ("/", true),
        ("/embeds?status=to_do", true),
        ("/course/bio?f=is,page,https://x.example/y", true),
        ("recording/1_a", false),
        ("//evil.example/x", false),
        ("https://evil.example/", false),
        ("/\\evil.example", false),
        ("/a/..//evil.example", false),
        ("/api/v1/me", false),
        ("/x/../api/v1/me", false),
        ("/%2e%2e/auth/oidc/login", false),
        ("/page#x", false),
    ] {
        let made = server.call("POST", "views", &ann, Some(json!({ "name": "A", "path": path }))).await;
        match good {
            true => assert_eq!(made.status(), StatusCode::CREATED, "{path}"),
            false => assert_eq!(problem(made, Code::BadParameter).await["field"], "path", "{path}"),
        }
    }
    for (new, field) in [
        (json!({ "name": " ", "path": "/" }), "name"),
        (json!({ "name": "x".repeat(201), "path": "/" }), "name"),
        (json!({ "name": "x", "path": format!("/{}", "x".repeat(2_000)) }), "path"),
    ] {
        assert_eq!(
            problem(server.call("POST", "views", &ann, Some(new)).await, Code::BadParameter).await["field"],
            field
        );
    }
    for _ in 0..197 {
        server.call("POST", "views", &ann, Some(json!({ "name": "A", "path": "/" }))).await;
    }
    let full = server.call("POST", "views", &ann, Some(json!({ "name": "A", "path": "/" }))).await;
    assert_eq!(problem(full, Code::BadParameter).await["field"], "name");
    // Who is erased leaves no view, and none of others that leads to them.
    let tom = server.person("tom", Facts::default()).await;
    server.call("POST", "views", &tom, Some(json!({ "name": "Her", "path": "/viewer?subject=viewer:ann" }))).await;
    server.call("POST", "views", &tom, Some(json!({ "name": "Else", "path": "/viewer?subject=viewer:sue" }))).await;
    let key = server.app.catalog_view().accounts[&ACCOUNT].person_keys["ann"];
    assert_eq!(server.app.vault().desk().forget(ACCOUNT, "ann", key).unwrap(), 201);
    assert!(list(&server, &ann).await.is_empty());
    assert_eq!(list(&server, &tom).await.len(), 1);
}

#[tokio::test]
async fn owners_mark_the_end_of_content() {
    let server = campus().await;
    let ann = server.person("ann", Facts::default()).await;
    let tom = server.person("tom", Facts::default()).await;
    let end = |ms: Value| Some(json!({ "content_end_ms": ms }));
    let entry = |cookie: String| {
        let server = &server;
        async move { json_of(server.call("GET", "entries/1_a", &cookie, None).await).await["data"].clone() }
    };
    assert_eq!(entry(server.cookie.clone()).await["may_edit"], true);
    // 1_a lasts a minute.
    let marked = json_of(server.call("PATCH", "entries/1_a", &server.cookie, end(json!(45_000))).await).await;
    assert_eq!(marked["data"]["content_end_ms"], 45_000, "{marked}");
    assert_eq!(entry(server.cookie.clone()).await["content_end_ms"], 45_000);
    // What the next import does not say stays.
    let again = json!({ "name": "Week 4" });
    server.call("PUT", "catalog/entries/1_a", &server.cookie, Some(again)).await;
    assert_eq!(entry(server.cookie.clone()).await["content_end_ms"], 45_000);
    assert_eq!(
        json_of(server.call("PATCH", "entries/1_a", &server.cookie, end(Value::Null)).await).await["data"]["content_end_ms"],
        Value::Null
    );
    for (wrong, field) in [
        (json!({ "content_end_ms": 0 }), "content_end_ms"),
        (json!({ "content_end_ms": 1_000_000_000 }), "content_end_ms"),
        (json!({ "content_end_ms": "1:00" }), "content_end_ms"),
        (json!({}), "content_end_ms"),
    ] {
        let refusal = server.call("PATCH", "entries/1_a", &server.cookie, Some(wrong)).await;
        assert_eq!(problem(refusal, Code::BadParameter).await["field"], field);
    }
    // The owner and co-editors may; course staff, analysts and those who do not see it may not.
    assert_eq!(server.call("PATCH", "entries/1_own", &ann, end(json!(1_000))).await.status(), StatusCode::OK);
    assert_eq!(server.call("PATCH", "entries/1_shared", &ann, end(json!(1_000))).await.status(), StatusCode::OK);
    problem(server.call("PATCH", "entries/1_bio", &tom, end(json!(1_000))).await, Code::NotFound).await;
    problem(server.call("PATCH", "entries/1_bio", &ann, end(json!(1_000))).await, Code::NotFound).await;
    let ina = server.person("ina", Facts::default()).await;
    problem(server.call("PATCH", "entries/1_own", &ina, end(json!(1_000))).await, Code::NotFound).await;
    let log = json_of(server.call("GET", "access-log?action=changed", &server.cookie, None).await).await;
    assert!(log.to_string().contains("content_end_ms=1000"), "{log}");
}
