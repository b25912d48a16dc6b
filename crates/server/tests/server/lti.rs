//! Launches from a platform that lives in the test: the good ones, and everything that must be refused with the same
//! bytes and one line in the log.
#![expect(clippy::unwrap_used, reason = "tests")]

use crate::api::{NOW_MS, Server, json_of, problem, text_of};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use engine::catalog::record::{Kind, Record};
use engine::event::AccountId;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde_json::{Value, json};
use server::auth::lti::keys::{self, LIFE_MS, PUBLISHED_MS};
use server::auth::lti::platform::NewPlatform;
use server::config::Settings;
use server::error::Code;
use std::collections::BTreeSet;
use std::io::Write;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};
use url::Url;

const ACCOUNT: AccountId = AccountId(7);
const TOOL: &str = "https://play.example.edu";
/// What the platform gives us to ask it more.
pub(crate) const ACCESS: &str = "the access token of a tool";
const COURSE: &str = "http://purl.imsglobal.org/vocab/lis/v2/membership#";

fn key() -> EncodingKey {
    let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der.as_ref()));
    EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap()
}

fn jwk(key: &EncodingKey, kid: &str) -> Jwk {
    let mut jwk = Jwk::from_encoding_key(key, Algorithm::RS256).unwrap();
    jwk.common.key_id = Some(kid.to_owned());
    jwk
}

/// A platform with one key, `k1`, and what it was asked.
pub(crate) struct Platform {
    key: EncodingKey,
    pub(crate) at: Url,
    pub(crate) asked: Arc<Mutex<Vec<String>>>,
}

impl Platform {
    async fn start() -> Platform {
        let key = key();
        let keys = JwkSet { keys: vec![jwk(&key, "k1")] };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (token_asked, registered, base) = (asked.clone(), asked.clone(), at.clone());
        let next = at.join("/members?page=2").unwrap();
        let about = {
            let base = base.clone();
            move |path: &str| base.join(path).unwrap().to_string()
        };
        let description = json!({
            "issuer": base.origin().ascii_serialization(), "authorization_endpoint": about("/auth"),
            "token_endpoint": about("/token"), "jwks_uri": about("/keys"), "registration_endpoint": about("/register"),
        });
        let routes = Router::new()
            .route("/keys", get(async move || Json(keys.clone())))
            .route(
                "/token",
                post(async move |body: String| {
                    token_asked.lock().unwrap().push(body);
                    Json(json!({ "access_token": ACCESS }))
                }),
            )
            .route(
                "/members",
                get(async move |headers: HeaderMap, query: axum::extract::RawQuery| {
                    assert_eq!(headers[header::AUTHORIZATION], format!("Bearer {ACCESS}"));
                    let student = |id: &str, name: &str| json!({ "user_id": id, "name": name, "roles": ["Learner"] });
                    if query.0.as_deref() == Some("page=2") {
                        let gone =
                            json!({ "user_id": "s9", "name": "Gone", "roles": ["Learner"], "status": "Deleted" });
                        let body = json!({ "members": [student("s3", "Uma"), gone] });
                        return (HeaderMap::new(), Json(body));
                    }
                    let teacher = json!({ "user_id": "t1", "roles": [format!("{COURSE}Instructor")] });
                    let body = json!({ "members": [student("s1", "Sue"), student("s2", "Tim"), teacher] });
                    let link = format!("<{next}>; rel=\"next\"").parse().unwrap();
                    (HeaderMap::from_iter([(header::LINK, link)]), Json(body))
                }),
            )
            .route("/description", get(async move || Json(description.clone())))
            .route(
                "/register",
                post(async move |body: String| {
                    registered.lock().unwrap().push(body);
                    let tool = json!({ "deployment_id": "9" });
                    Json(
                        json!({ "client_id": "given", "https://purl.imsglobal.org/spec/lti-tool-configuration": tool }),
                    )
                }),
            );
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Platform { key, at, asked }
    }

    fn registered(&self) -> NewPlatform {
        NewPlatform {
            name: "Test LMS".into(),
            issuer: "https://lms.example.edu".into(),
            client_id: "client".into(),
            deployments: BTreeSet::from(["1".to_owned()]),
            auth_url: Url::parse("https://lms.example.edu/auth").unwrap(),
            token_url: self.at.join("/token").unwrap(),
            token_audience: Some("audience-of-its-own".into()),
            jwks_url: self.at.join("/keys").unwrap(),
            origins: BTreeSet::from(["https://vanity.example.edu".to_owned()]),
            person: "custom.login".into(),
            course: "custom.canvas_course_id".into(),
            link_custom: false,
        }
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        let header = Header { kid: Some("k1".into()), ..Header::new(Algorithm::RS256) };
        jsonwebtoken::encode(&header, claims, &self.key).unwrap()
    }
}

pub(crate) async fn campus() -> (Server, Platform) {
    let settings = Settings { public_url: Some(Url::parse(TOOL).unwrap()), ..Settings::default() };
    let mut server = Server::with(settings);
    server.cookie = server.welcome("Ada").await;
    for (kind, record) in [
        (Kind::Person, json!({ "id": "tom", "name": "Tom" })),
        (Kind::Person, json!({ "id": "s1", "name": "Sue" })),
        (Kind::Category, json!({ "id": "bio", "name": "Biology", "kind": "course", "lms_course": "177708" })),
        (Kind::Entry, json!({ "id": "1_bio", "name": "Cells", "owner": "zoe" })),
        (Kind::Entry, json!({ "id": "1_other", "name": "Stars", "owner": "zoe" })),
        (Kind::Link, json!({ "id": "l1", "entry": "1_bio", "category": "bio" })),
    ] {
        put(&server, kind, &record);
    }
    let platform = Platform::start().await;
    server.app.vault().lti_put_platform(ACCOUNT, &platform.registered()).unwrap();
    (server, platform)
}

fn put(server: &Server, kind: Kind, record: &Value) {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(100);
    let record = Record::check(kind, record.as_object().unwrap(), None).unwrap();
    server.app.catalog().put(ACCOUNT, &record, NOW_MS, &mut || NEXT.fetch_add(1, Relaxed)).unwrap();
}

/// A launch of the course's own menu by its teacher.
pub(crate) fn claims(nonce: &str) -> Value {
    json!({
        "iss": "https://lms.example.edu", "aud": "client", "sub": "t1", "nonce": nonce, "name": "Tom T.",
        "iat": NOW_MS / 1000, "exp": NOW_MS / 1000 + 300,
        "https://purl.imsglobal.org/spec/lti/claim/version": "1.3.0",
        "https://purl.imsglobal.org/spec/lti/claim/message_type": "LtiResourceLinkRequest",
        "https://purl.imsglobal.org/spec/lti/claim/deployment_id": "1",
        "https://purl.imsglobal.org/spec/lti/claim/target_link_uri": format!("{TOOL}/lti/launch"),
        "https://purl.imsglobal.org/spec/lti/claim/context": { "id": "ctx", "title": "Biology" },
        "https://purl.imsglobal.org/spec/lti/claim/resource_link": { "id": "ctx" },
        "https://purl.imsglobal.org/spec/lti/claim/roles": [format!("{COURSE}Instructor")],
        "https://purl.imsglobal.org/spec/lti/claim/custom":
            { "login": "tom", "canvas_course_id": "177708", "zone": "America/Chicago" },
    })
}

fn lti(name: &str) -> String {
    format!("https://purl.imsglobal.org/spec/lti/claim/{name}")
}

/// A login as a browser sees it: where it goes, and its cookie.
pub(crate) struct Login {
    pub(crate) state: String,
    pub(crate) nonce: String,
    cookie: String,
}

fn form(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

async fn post_form(server: &Server, path: &str, cookie: &str, fields: &[(&str, &str)], own: bool) -> Response {
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", if own { "same-origin" } else { "cross-site" })
        .header(header::COOKIE, cookie);
    server.send(request.body(Body::from(form(fields))).unwrap()).await
}

const ASKED: &[(&str, &str)] = &[
    ("iss", "https://lms.example.edu"),
    ("login_hint", "7"),
    ("target_link_uri", "https://play.example.edu/lti/launch"),
    ("lti_message_hint", "m"),
    ("client_id", "client"),
    ("lti_deployment_id", "1"),
];

pub(crate) async fn login(server: &Server) -> Login {
    let answer = post_form(server, "/lti/login", "", ASKED, false).await;
    assert_eq!(answer.status(), StatusCode::FOUND);
    let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("__Host-") && cookie.contains("HttpOnly; SameSite=None; Secure; Partitioned"));
    let to = Url::parse(answer.headers()[header::LOCATION].to_str().unwrap()).unwrap();
    assert!(to.as_str().starts_with("https://lms.example.edu/auth?"));
    let value = |name: &str| to.query_pairs().find(|(n, _)| n == name).unwrap().1.into_owned();
    for (name, wanted) in [
        ("scope", "openid"),
        ("response_type", "id_token"),
        ("response_mode", "form_post"),
        ("prompt", "none"),
        ("client_id", "client"),
        ("redirect_uri", "https://play.example.edu/lti/launch"),
        ("login_hint", "7"),
        ("lti_message_hint", "m"),
    ] {
        assert_eq!(value(name), wanted);
    }
    Login { state: value("state"), nonce: value("nonce"), cookie: cookie.split(';').next().unwrap().to_owned() }
}

pub(crate) async fn launch(server: &Server, login: &Login, token: &str) -> Response {
    post_form(server, "/lti/launch", &login.cookie, &[("state", &login.state), ("id_token", token)], false).await
}

/// Logs in, launches with claims, and returns what the page starts with.
async fn launched(server: &Server, platform: &Platform, change: impl FnOnce(&mut Value)) -> (Value, HeaderMap) {
    let login = login(server).await;
    let mut claims = claims(&login.nonce);
    change(&mut claims);
    let answer = launch(server, &login, &platform.sign(&claims)).await;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let page = text_of(answer).await;
    assert_eq!(status, StatusCode::OK, "{page}");
    let boot = page.split_once("id=\"boot\">").unwrap().1.split_once("</script>").unwrap().0;
    (serde_json::from_str(boot).unwrap(), headers)
}

pub(crate) async fn call(server: &Server, boot: &Value, method: &str, path: &str, body: Option<Value>) -> Response {
    let request = Request::builder().method(method).uri(format!("/api/v1/{path}"));
    let request = request.header(header::AUTHORIZATION, format!("Bearer {}", boot["token"].as_str().unwrap()));
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    server.send(request.header(header::CONTENT_TYPE, "application/json").body(body).unwrap()).await
}

const BIO: &str = "totals?measures=plays&subject=category:bio";

#[tokio::test]
async fn a_teacher_opens_the_course() {
    let (server, platform) = campus().await;
    let (boot, headers) = launched(&server, &platform, |claims| {
        claims[lti("custom")]["high_contrast"] = json!("true");
        claims[lti("custom")]["message_token"] = json!("$com.instructure.PostMessageToken");
    })
    .await;
    assert_eq!(boot["course"], json!({ "id": "bio", "name": "Biology" }));
    assert_eq!(boot["high_contrast"], json!(true));
    assert_eq!(boot["origins"], json!(["https://lms.example.edu", "https://vanity.example.edu"]));
    assert_eq!(boot["message_token"], Value::Null, "a variable that the platform does not know is absent");
    assert_eq!(
        (&boot["path"], &boot["role"], &boot["zone"]),
        (&json!("/course/bio"), &json!("teacher"), &json!("America/Chicago"))
    );
    let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.contains("frame-ancestors https://lms.example.edu https://vanity.example.edu"), "{policy}");
    assert!(!policy.contains("'none' https") && !headers.contains_key(header::X_FRAME_OPTIONS));
    let cookie = headers.get_all(header::SET_COOKIE).iter().next().unwrap().to_str().unwrap();
    assert!(cookie.starts_with("__Host-playhead-lti=") && cookie.contains("SameSite=None; Secure; Partitioned"));
    assert_eq!(call(&server, &boot, "GET", BIO, None).await.status(), StatusCode::OK);
    problem(call(&server, &boot, "GET", "totals?measures=plays&subject=entry:1_other", None).await, Code::NotFound)
        .await;
    let me = json_of(call(&server, &boot, "GET", "me", None).await).await;
    assert_eq!((&me["data"]["way"], &me["data"]["name"]), (&json!("lti"), &json!("Tom T.")));
    // The page may be opened again inside the frame, by the cookie; nowhere else may it be framed.
    let again = |cookie: &'static str| {
        let token = boot["token"].as_str().unwrap().to_owned();
        Request::get("/")
            .header(header::COOKIE, format!("{cookie}={token}"))
            .header("sec-fetch-dest", "iframe")
            .body(Body::empty())
            .unwrap()
    };
    let policy = |answer: Response| answer.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
    let inside = policy(server.send(again("__Host-playhead-lti")).await);
    assert!(inside.contains("frame-ancestors https://lms.example.edu"), "{inside}");
    assert!(policy(server.send(again("__Host-playhead")).await).contains("frame-ancestors 'none'"));
}

#[tokio::test]
async fn roles_decide_and_last_as_long_as_the_session() {
    let (server, platform) = campus().await;
    let roles = |roles: &[&str]| json!(roles);
    let test_user = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser";
    let admin = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator";
    for (said, role, sees) in [
        (roles(&["http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistant"]), "assistant", true),
        (roles(&[&format!("{COURSE}ContentDeveloper")]), "designer", true),
        (roles(&[&format!("{COURSE}Learner")]), "student", false),
        (roles(&[&format!("{COURSE}Learner"), test_user]), "test_user", false),
        (roles(&[&format!("{COURSE}Mentor")]), "nobody", false),
        (roles(&[admin]), "nobody", false),
    ] {
        let (boot, _) = launched(&server, &platform, |claims| claims[lti("roles")] = said).await;
        assert_eq!(boot["role"], role);
        let status = call(&server, &boot, "GET", BIO, None).await.status();
        assert_eq!(status, if sees { StatusCode::OK } else { StatusCode::NOT_FOUND }, "{role}");
    }
    let teacher = launched(&server, &platform, |_| ()).await.0;
    server.now_ms.fetch_add(31 * 60_000, Relaxed);
    problem(call(&server, &teacher, "GET", BIO, None).await, Code::SignInNeeded).await;
}

#[tokio::test]
async fn custom_fields_of_a_link_name_nobody_else_and_no_other_course() {
    let (server, platform) = campus().await;
    put(&server, Kind::Category, &json!({ "id": "astro", "name": "Astronomy", "lms_course": "99" }));
    // A teacher of some course wrote another course and person into the link's custom fields.
    let forged = |claims: &mut Value| {
        claims[lti("context")] = json!({ "id": "elsewhere" });
        claims[lti("resource_link")] = json!({ "id": "made" });
        claims["sub"] = json!("x");
        claims[lti("custom")] = json!({ "login": "tom", "canvas_course_id": "99", "entry": "1_bio" });
    };
    let (boot, _) = launched(&server, &platform, forged).await;
    assert_eq!((&boot["course"], &boot["path"]), (&Value::Null, &json!("/recording/1_bio")));
    problem(call(&server, &boot, "GET", "totals?measures=plays&subject=category:astro", None).await, Code::NotFound)
        .await;
    let me = json_of(call(&server, &boot, "GET", "me", None).await).await;
    assert_eq!(me["data"]["accounts"][0]["person"], Value::Null);
    // The course's own menu taught which course and person it is; links in it are then known.
    launched(&server, &platform, |_| ()).await;
    let link = |claims: &mut Value| {
        claims[lti("resource_link")] = json!({ "id": "made" });
        claims[lti("custom")] = json!({ "entry": "1_bio" });
    };
    let (boot, _) = launched(&server, &platform, link).await;
    assert_eq!((&boot["course"]["id"], &boot["path"]), (&json!("bio"), &json!("/recording/1_bio")));
    let me = json_of(call(&server, &boot, "GET", "me", None).await).await;
    assert!(me["data"]["accounts"][0]["person"].is_string());
}

/// Lines of the log.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn what_is_wrong_is_refused_with_one_page_and_one_line() {
    let (server, platform) = campus().await;
    let lines = Lines::default();
    let writer = lines.clone();
    let log = tracing_subscriber::fmt().with_writer(move || writer.clone()).with_ansi(false).finish();
    let _log = tracing::subscriber::set_default(log);
    let mut page: Option<String> = None;
    let mut expect = async |name: &str, answer: Response, reason: &str| {
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{name}");
        assert!(!answer.headers().contains_key(header::SET_COOKIE), "{name}");
        let text = text_of(answer).await;
        assert_eq!(*page.get_or_insert_with(|| text.clone()), text, "{name}");
        let logged = String::from_utf8(std::mem::take(&mut *lines.0.lock().unwrap())).unwrap();
        let logged: Vec<&str> = logged.lines().filter(|line| line.contains("refused")).collect();
        assert_eq!(logged.len(), 1, "{name}: {logged:?}");
        assert!(logged[0].contains(reason), "{name}: {logged:?}");
    };

    type Change = fn(&mut Value);
    let changes: &[(&str, Change, &str)] = &[
        ("issuer", |c| c["iss"] = json!("https://evil.example"), "InvalidIssuer"),
        ("audience", |c| c["aud"] = json!(["other"]), "InvalidAudience"),
        (
            "party",
            |c| {
                c["aud"] = json!(["client", "other"]);
                c["azp"] = json!("other")
            },
            "not asked for by us",
        ),
        ("no party", |c| c["aud"] = json!(["client", "other"]), "not asked for by us"),
        ("expired", |c| c["exp"] = json!(NOW_MS / 1000 - 61), "made 0 s ago"),
        ("old", |c| c["iat"] = json!(NOW_MS / 1000 - 361), "made 361 s ago"),
        ("future", |c| c["iat"] = json!(NOW_MS / 1000 + 61), "made -61 s ago"),
        ("nonce", |c| c["nonce"] = json!("other"), "nonce"),
        ("version", |c| c[lti("version")] = json!("1.1"), "version"),
        ("deployment", |c| c[lti("deployment_id")] = json!("2"), "deployment"),
        ("target", |c| c[lti("target_link_uri")] = json!("https://evil.example/lti/launch"), "target_link_uri"),
        ("message", |c| c[lti("message_type")] = json!("LtiSubmissionReviewRequest"), "message type"),
        ("no roles needed but a sub", |c| c["sub"] = json!(""), "sub"),
        (
            "return url",
            |c| {
                c[lti("message_type")] = json!("LtiDeepLinkingRequest");
                c["https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"] =
                    json!({ "deep_link_return_url": "https://evil.example/", "accept_types": ["ltiResourceLink"] });
            },
            "deep_link_return_url",
        ),
        (
            "a student picks",
            |c| {
                c[lti("message_type")] = json!("LtiDeepLinkingRequest");
                c[lti("roles")] = json!([format!("{COURSE}Learner")]);
                c["https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"] =
                    json!({ "deep_link_return_url": "https://lms.example.edu/x", "accept_types": ["ltiResourceLink"] });
            },
            "only the course's staff",
        ),
    ];
    for (name, change, reason) in changes {
        let login = login(&server).await;
        let mut claims = claims(&login.nonce);
        change(&mut claims);
        expect(name, launch(&server, &login, &platform.sign(&claims)).await, reason).await;
    }

    // Signed wrongly.
    let begun = login(&server).await;
    let good = claims(&begun.nonce);
    let public = STANDARD.encode(serde_json::to_vec(&jwk(&platform.key, "k1")).unwrap());
    let with = |algorithm, kid: &str| Header { kid: Some(kid.to_owned()), ..Header::new(algorithm) };
    let hs = jsonwebtoken::encode(&with(Algorithm::HS256, "k1"), &good, &EncodingKey::from_secret(public.as_bytes()));
    let body = URL_SAFE_NO_PAD.encode(good.to_string());
    let none = format!("{}.{body}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none","kid":"k1"}"#));
    let unknown = jsonwebtoken::encode(&with(Algorithm::RS256, "k2"), &good, &platform.key);
    let other = jsonwebtoken::encode(&with(Algorithm::RS256, "k1"), &good, &key());
    let no_kid = jsonwebtoken::encode(&Header::new(Algorithm::RS256), &good, &platform.key);
    for (name, token, reason) in [
        ("HS256", hs.unwrap(), "not signed with RS256"),
        ("none", none, "does not verify"),
        ("unknown key", unknown.unwrap(), "publishes no key"),
        ("another's key", other.unwrap(), "does not verify"),
        ("no key", no_kid.unwrap(), "names no key"),
        ("no token", "nonsense".to_owned(), "does not verify"),
    ] {
        let fresh = login(&server).await;
        // The nonce differs, but the signature is looked at first.
        expect(name, launch(&server, &fresh, &token).await, reason).await;
    }

    // The second use of a state, also after a refusal; a state that nobody knows; one that is too old.
    assert_eq!(launch(&server, &begun, &platform.sign(&good)).await.status(), StatusCode::OK);
    lines.0.lock().unwrap().clear();
    expect("state again", launch(&server, &begun, &platform.sign(&good)).await, "the state").await;
    let replay = login(&server).await;
    expect("nonce again", launch(&server, &replay, &platform.sign(&good)).await, "nonce").await;
    let made_up = Login { state: "s".repeat(43), nonce: String::new(), cookie: String::new() };
    expect("state made up", launch(&server, &made_up, &platform.sign(&good)).await, "the state").await;
    let old = login(&server).await;
    server.now_ms.fetch_add(10 * 60_000, Relaxed);
    expect("state too old", launch(&server, &old, &platform.sign(&good)).await, "the state").await;

    // Logins.
    for (name, field, value, reason) in [
        ("platform", "iss", "https://evil.example", "no platform"),
        ("client", "client_id", "other", "no platform"),
        ("deployment", "lti_deployment_id", "2", "deployment"),
        ("target", "target_link_uri", "https://evil.example/", "target_link_uri"),
        ("hint", "login_hint", "", "login_hint"),
    ] {
        let asked: Vec<_> = ASKED.iter().map(|(n, v)| (*n, if *n == field { value } else { *v })).collect();
        expect(name, post_form(&server, "/lti/login", "", &asked, false).await, reason).await;
    }
}

#[tokio::test]
async fn without_a_cookie_the_platform_keeps_the_proof_or_a_tab_helps() {
    let (server, platform) = campus().await;
    let asked: Vec<_> = ASKED.iter().copied().chain([("lti_storage_target", "post_message_forwarding")]).collect();
    let boot = |page: &str| -> Value {
        let text = page.split_once("id=\"boot\">").unwrap().1.split_once("</script>").unwrap().0;
        serde_json::from_str(text).unwrap()
    };
    let kept = boot(&text_of(post_form(&server, "/lti/login", "", &asked, false).await).await);
    assert_eq!((&kept["do"], &kept["origin"]), (&json!("keep"), &json!("https://lms.example.edu")));
    let state = kept["key"].as_str().unwrap();
    let to = Url::parse(kept["to"].as_str().unwrap()).unwrap();
    let nonce = to.query_pairs().find(|(name, _)| name == "nonce").unwrap().1.into_owned();
    let token = platform.sign(&claims(&nonce));
    let page =
        text_of(post_form(&server, "/lti/launch", "", &[("state", state), ("id_token", &token)], false).await).await;
    let asks = boot(&page);
    assert_eq!((&asks["do"], &asks["key"]), (&json!("prove"), &kept["key"]));
    assert!(page.contains("target=\"_blank\"") && page.contains("/lti/login?client_id=client&amp;iss="), "{page}");
    assert!(!page.contains(kept["value"].as_str().unwrap()), "the proof comes from the platform");
    let proof = kept["value"].as_str().unwrap();
    let fields = |stored: &str| -> Vec<(String, String)> {
        [("state", state), ("id_token", token.as_str()), ("stored", stored)].map(|(n, v)| (n.into(), v.into())).to_vec()
    };
    let send = async |stored: &str, own: bool| {
        let fields = fields(stored);
        let fields: Vec<_> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        post_form(&server, "/lti/launch", "", &fields, own).await.status()
    };
    // A wrong proof, and a right one that another site's page sends.
    assert_eq!(send("guess", true).await, StatusCode::FORBIDDEN);
    assert_eq!(send(proof, false).await, StatusCode::FORBIDDEN);
    assert_eq!(send(proof, true).await, StatusCode::OK);
    assert_eq!(send(proof, true).await, StatusCode::FORBIDDEN);
    // Where a cookie of ours is seen, nothing need be kept.
    let answer = post_form(&server, "/lti/login", "__Host-playhead-lti=x", &asked, false).await;
    assert_eq!(answer.status(), StatusCode::FOUND);
}

#[tokio::test]
async fn a_picked_recording_goes_back_signed() {
    let (server, platform) = campus().await;
    let data = json!("echo me");
    let (boot, headers) = launched(&server, &platform, |claims| {
        claims[lti("message_type")] = json!("LtiDeepLinkingRequest");
        claims.as_object_mut().unwrap().remove(&lti("resource_link"));
        claims["https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"] = json!({
            "deep_link_return_url": "https://vanity.example.edu/return",
            "accept_types": ["link", "ltiResourceLink"],
            "data": data,
        });
    })
    .await;
    assert_eq!(boot["do"], "pick");
    let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.contains("form-action 'self' https://lms.example.edu https://vanity.example.edu"), "{policy}");
    let picked = call(&server, &boot, "POST", "lti/pick", Some(json!({ "entry": "1_bio" }))).await;
    let picked = json_of(picked).await;
    assert_eq!(picked["data"]["to"], "https://vanity.example.edu/return");
    let keys: JwkSet = serde_json::from_value(json_of(server.get("/lti/jwks").await).await).unwrap();
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&["https://lms.example.edu"]);
    validation.set_issuer(&["client"]);
    validation.validate_exp = false;
    let jwt = picked["data"]["jwt"].as_str().unwrap();
    let key = DecodingKey::from_jwk(&keys.keys[0]).unwrap();
    let answer = jsonwebtoken::decode::<Value>(jwt, &key, &validation).unwrap().claims;
    assert_eq!(answer["https://purl.imsglobal.org/spec/lti-dl/claim/data"], data);
    assert_eq!(
        answer["https://purl.imsglobal.org/spec/lti-dl/claim/content_items"],
        json!([{ "type": "ltiResourceLink", "title": "Cells", "url": format!("{TOOL}/lti/launch"), "custom": { "entry": "1_bio" } }])
    );
    for hidden in ["1_other", "1_gone"] {
        problem(call(&server, &boot, "POST", "lti/pick", Some(json!({ "entry": hidden }))).await, Code::NotFound).await;
    }
    // Another session, even an administrator's, is not for picking.
    problem(server.post("lti/pick", json!({ "entry": "1_bio" })).await, Code::NotFound).await;
}

#[tokio::test]
async fn the_roster_is_fetched_shown_to_staff_and_forgotten_with_the_term() {
    let (server, platform) = campus().await;
    let is = NewPlatform { person: "sub".into(), ..platform.registered() };
    server.app.vault().lti_put_platform(ACCOUNT, &is).unwrap();
    put(&server, Kind::Term, &json!({ "id": "f26", "name": "Fall", "from": "2026-09-01", "to": "2026-12-31" }));
    let course = json!({ "id": "bio", "name": "Biology", "lms_course": "177708", "term": "f26" });
    put(&server, Kind::Category, &course);
    let members = platform.at.join("/members").unwrap();
    let with_service = |claims: &mut Value| {
        claims["https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"] =
            json!({ "context_memberships_url": members.as_str(), "service_versions": ["2.0"] });
    };
    let (teacher, _) = launched(&server, &platform, with_service).await;
    let call_roster = "roster?subject=category:bio&entry=1_bio";
    let mut shown = Value::Null;
    for _ in 0..500 {
        shown = json_of(call(&server, &teacher, "GET", call_roster, None).await).await;
        if shown["data"]["students"].as_array().is_some_and(|students| !students.is_empty()) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let students: Vec<(&str, &str)> = shown["data"]["students"]
        .as_array()
        .unwrap_or_else(|| panic!("{shown}"))
        .iter()
        .map(|student| (student["name"].as_str().unwrap(), student["state"].as_str().unwrap()))
        .collect();
    assert_eq!(students, [("Sue", "unknown"), ("Tim", "unknown"), ("Uma", "unknown")]);
    assert!(shown["caveats"].to_string().contains("not proof of attendance"), "{shown}");
    // The token was asked for with our signature, for the audience of its own.
    let asked = platform.asked.lock().unwrap().clone();
    assert_eq!(asked.len(), 1);
    let field = |name: &str| url::form_urlencoded::parse(asked[0].as_bytes()).find(|(n, _)| n == name).unwrap().1;
    assert_eq!(field("grant_type"), "client_credentials");
    let keys = keys::published(server.app.vault(), NOW_MS).unwrap();
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&["audience-of-its-own"]);
    validation.validate_exp = false;
    let key = DecodingKey::from_jwk(&keys.keys[0]).unwrap();
    let said = jsonwebtoken::decode::<Value>(field("client_assertion").as_bytes(), &key, &validation).unwrap().claims;
    assert_eq!((&said["iss"], &said["sub"]), (&json!("client"), &json!("client")));
    // Once a day.
    launched(&server, &platform, with_service).await;
    assert_eq!(platform.asked.lock().unwrap().len(), 1);
    // Not for students, administrators, or other recordings.
    let (student, _) =
        launched(&server, &platform, |claims| claims[lti("roles")] = json!([format!("{COURSE}Learner")])).await;
    problem(call(&server, &student, "GET", call_roster, None).await, Code::NotFound).await;
    problem(server.get(&format!("/api/v1/{call_roster}")).await, Code::NotFound).await;
    problem(call(&server, &teacher, "GET", "roster?subject=category:bio&entry=1_other", None).await, Code::NotFound)
        .await;
    // The term is over.
    put(&server, Kind::Term, &json!({ "id": "f26", "name": "Fall", "from": "2026-09-01", "to": "2026-11-01" }));
    let after = json_of(call(&server, &teacher, "GET", call_roster, None).await).await;
    assert_eq!((&after["data"]["students"], &after["data"]["fetched"]), (&json!([]), &Value::Null));
}

#[tokio::test]
async fn our_keys_are_replaced_and_the_old_one_stays_for_two_days() {
    let (server, _) = campus().await;
    let vault = server.app.vault();
    let ids = |now_ms: i64| -> Vec<String> {
        let keys = keys::published(vault, now_ms).unwrap().keys;
        keys.into_iter().map(|key| key.common.key_id.unwrap()).collect()
    };
    let first = ids(NOW_MS);
    assert_eq!((first.len(), ids(NOW_MS + LIFE_MS - 1)), (1, first.clone()));
    let both = ids(NOW_MS + LIFE_MS);
    assert_eq!((both.len(), &both[1]), (2, &first[0]));
    assert_eq!(ids(NOW_MS + LIFE_MS + PUBLISHED_MS), both[..1]);
}

#[tokio::test]
async fn platforms_are_administered_and_register_themselves_by_one_link() {
    let (server, platform) = campus().await;
    let listed = server.data("platforms").await;
    let id = listed["data"][0]["id"].as_i64().unwrap();
    assert_eq!(listed["data"][0]["token_audience"], "audience-of-its-own");
    let mut wrong = serde_json::to_value(platform.registered()).unwrap();
    for (field, value) in [
        ("name", json!("")),
        ("origins", json!(["https://x.example/path"])),
        ("person", json!("roles")),
        ("course", json!("sub")),
        ("jwks_url", json!("ftp://x.example/")),
    ] {
        let right = std::mem::replace(&mut wrong[field], value);
        let refusal =
            problem(server.call("PUT", "platforms", &server.cookie, Some(wrong.clone())).await, Code::BadParameter);
        assert_eq!(refusal.await["field"], field);
        wrong[field] = right;
    }
    let link = json_of(server.post("platforms/registration", json!({})).await).await;
    let link = link["data"]["link"].as_str().unwrap().strip_prefix(TOOL).unwrap().to_owned();
    let description = platform.at.join("/description").unwrap();
    let call = format!("{link}&{}", form(&[("openid_configuration", description.as_str())]));
    let answer = server.get(&call).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(text_of(answer).await.contains("is registered"));
    let told: Value = serde_json::from_str(&platform.asked.lock().unwrap()[0]).unwrap();
    assert_eq!(told["redirect_uris"], json!([format!("{TOOL}/lti/launch")]));
    assert_eq!(server.get(&call).await.status(), StatusCode::FORBIDDEN);
    let listed = server.data("platforms").await;
    assert_eq!((&listed["data"][1]["client_id"], &listed["data"][1]["deployments"]), (&json!("given"), &json!(["9"])));
    // Gone, and its sessions with it.
    let (boot, _) = launched(&server, &platform, |_| ()).await;
    let removed = server.call("DELETE", &format!("platforms/{id}"), &server.cookie, None).await;
    assert_eq!(removed.status(), StatusCode::NO_CONTENT);
    problem(self::call(&server, &boot, "GET", "me", None).await, Code::SignInNeeded).await;
    problem(server.call("DELETE", &format!("platforms/{id}"), &server.cookie, None).await, Code::NotFound).await;
}
