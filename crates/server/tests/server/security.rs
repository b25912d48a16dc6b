//! What an attacker may learn: nothing from refusals, nothing from headers.
#![expect(clippy::unwrap_used, reason = "tests")]

use crate::access::campus;
use crate::api::{Server, json_of, problem, text_of};
use axum::http::{StatusCode, header};
use axum::response::Response;
use serde_json::json;
use server::auth::vault::Facts;
use server::config::Settings;
use server::error::Code;

/// An answer as it goes over the wire, without what is of this one request: its id and the date.
async fn bytes(answer: Response) -> (u16, Vec<(String, String)>, String) {
    let status = answer.status().as_u16();
    let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    let headers = answer.headers().iter().filter(|(name, _)| !["x-request-id", "date"].contains(&name.as_str()));
    let headers = headers.map(|(name, value)| match (name.to_string(), value.to_str().unwrap().to_owned()) {
        // The id is in the body, and grows by a digit now and then.
        (name, value) if name == "content-length" => {
            let rest = value.parse::<usize>().unwrap() - id.len();
            (name, rest.to_string())
        }
        other => other,
    });
    let mut headers: Vec<_> = headers.collect();
    headers.sort();
    (status, headers, text_of(answer).await.replace(&id, ""))
}

#[tokio::test]
async fn refused_and_absent_are_the_same_bytes() {
    let server = campus().await;
    let sue = server.person("sue", Facts::default()).await;
    let kinds = [
        ("entry:1_bio", "entry:1_gone"),
        ("entry:1_own", "entry:gone"),
        ("entry:1_bio@0", "entry:1_bio@9"),
        ("owner:ann", "owner:gone"),
        ("category:bio", "category:gone"),
        ("category:channel", "category:x"),
        ("tag:cells", "tag:gone"),
        ("viewer:ann", "viewer:gone"),
        ("viewer:tom,entry:1_bio", "viewer:tom,entry:1_gone"),
    ];
    let calls = [
        "totals?measures=plays&",
        "series?measures=plays&",
        "table?by=country&measures=plays&",
        "table?by=viewer&measures=plays&",
        "rows?",
        "values?dimension=country&",
        "proof?measure=plays&",
        "reports/overview?",
        "reports/overview/highlights?",
        "access-log?",
    ];
    let mut seen = Vec::new();
    for (refused, absent) in kinds {
        for call in calls {
            for subject in [refused, absent] {
                for accept in ["application/json", "text/csv"] {
                    let request = axum::http::Request::get(format!("/api/v1/{call}subject={subject}"))
                        .header(header::COOKIE, &sue)
                        .header(header::ACCEPT, accept);
                    let answer = server.send(request.body(axum::body::Body::empty()).unwrap()).await;
                    seen.push((format!("{call}{subject}"), bytes(answer).await));
                }
            }
        }
    }
    let export =
        json!({ "title": "Hers", "form": "csv", "spec": { "kind": "report", "name": "rows", "query": "period=7d" } });
    let export = json_of(server.post("exports", export).await).await["data"]["id"].as_str().unwrap().to_owned();
    let [export, file] = [format!("exports/{export}"), format!("exports/{export}/file")];
    for path in [
        "entries/1_own",
        "entries/1_gone",
        "elsewhere?subject=category:bio&entry=1_bio",
        "catalog/entries/1_bio",
        "catalog/entries/1_gone",
        "people/ann/record",
        "people/gone/record",
        "roster?subject=category:bio&entry=1_bio",
        "roster?subject=category:gone&entry=1_gone",
        &export,
        "exports/0123456789abcdef0123456789abcdef",
        &file,
        "exports/0123456789abcdef0123456789abcdef/file",
    ] {
        seen.push((path.to_owned(), bytes(server.call("GET", path, &sue, None).await).await));
    }
    let first = &seen[0].1;
    assert_eq!(first.0, 404);
    for (call, answer) in &seen {
        assert_eq!(answer, first, "{call}");
    }
}

#[tokio::test]
async fn every_kind_of_page_has_its_headers() {
    let public_url = "https://media.example.edu".parse().ok();
    let mut server = Server::with(Settings { public_url, ..Settings::default() });
    server.cookie = server.welcome("Ada").await;
    for path in ["/", "/entries/1_a", "/api/v1/me", "/api/v1/nothing", "/healthz", "/metrics", "/no.js"] {
        let answer = server.get(path).await;
        let head = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let policy = head("content-security-policy").unwrap();
        for rule in ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "script-src 'self'"] {
            assert!(policy.contains(rule), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        for (name, value) in [
            ("strict-transport-security", "max-age=31536000"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("x-frame-options", "DENY"),
        ] {
            assert_eq!(head(name).as_deref(), Some(value), "{path}: {name}");
        }
        if path.starts_with("/api/") {
            assert_eq!(head("cache-control").as_deref(), Some("no-store"), "{path}");
        }
        assert_eq!(head("access-control-allow-origin"), None, "{path}");
    }
}

#[tokio::test]
async fn security_txt_is_there_when_there_is_a_contact() {
    let server = Server::with(Settings::default());
    problem(server.get("/.well-known/security.txt").await, Code::NotFound).await;
    let server =
        Server::with(Settings { security_contact: "mailto:security@example.edu".to_owned(), ..Settings::default() });
    let answer = server.get("/.well-known/security.txt").await;
    assert_eq!(
        (answer.status(), &answer.headers()[header::CONTENT_TYPE]),
        (StatusCode::OK, &"text/plain; charset=utf-8".parse().unwrap())
    );
    let text = text_of(answer).await;
    assert!(text.starts_with("Contact: mailto:security@example.edu\nExpires: 2027-05-22T12:00:00Z\n"), "{text}");
}
