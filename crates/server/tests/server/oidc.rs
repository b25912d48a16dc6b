//! Signing in with an identity provider, against a small one of our own on the loopback: what it gets, what is believed.
#![expect(clippy::unwrap_used, reason = "tests")]

use crate::api::{NOW_MS, Server, json_of, problem};
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Form, Json};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use engine::access::{Grant, People};
use engine::event::AccountId;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use server::auth::rules::Rule;
use server::auth::{self, Rules};
use server::config::Settings;
use server::error::Code;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};
use url::Url;

/// Made for these tests.
const KEY: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg3VUF04ceFxpVgwmE
GdTT5BxNmoctV+LKRDYasT8FSaehRANCAATs/zvHLerHWSL7ICFEZOjv1MluU33S
etpHiVeqbmeYmxv5GE2hs5H4D5jyblhqlPKGf56hvHQREjxTMTBzRTaT
-----END PRIVATE KEY-----";
const OTHER_KEY: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgtZ1HWE5+FGDU0PXm
5eCQS7EeOpUjESxUj9ozmMr8owWhRANCAASU6cjgJD9MYgfe5ZoJTODgVJ/Ipakx
ZxhBPn9zFV+E69FS4dGrweCizrm080uG1bQ4o2fi789j+aLUBc9SntRX
-----END PRIVATE KEY-----";
const KID: &str = "k1";
const CLIENT: &str = "playhead";
/// What the provider gives to ask it more.
pub(crate) const ACCESS: &str = "the access token of somebody";

/// The provider: answers with what the test put into it, notes what it was asked.
#[derive(Clone, Default)]
pub(crate) struct Idp(Arc<Mutex<Idea>>);

#[derive(Default)]
struct Idea {
    issuer: String,
    origin: String,
    token: String,
    info: Value,
    asked: Vec<(HashMap<String, String>, Option<String>)>,
    discovered: u32,
}

impl Idp {
    pub(crate) async fn start() -> Idp {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let idp = Idp::default();
        idp.0.lock().unwrap().issuer = origin.clone();
        idp.0.lock().unwrap().origin = origin;
        let routes = axum::Router::new()
            .route("/.well-known/openid-configuration", get(about))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .route("/info", get(info))
            .with_state(idp.clone());
        tokio::spawn(async { axum::serve(listener, routes).await });
        idp
    }

    /// From now on it gives this token.
    pub(crate) fn gives(&self, token: &str) {
        self.0.lock().unwrap().token = token.to_owned();
    }

    /// What it was asked for tokens with: fields, and the header.
    pub(crate) fn asked(&self) -> Vec<(HashMap<String, String>, Option<String>)> {
        self.0.lock().unwrap().asked.clone()
    }

    fn issuer(&self) -> String {
        self.0.lock().unwrap().issuer.clone()
    }
}

async fn about(State(idp): State<Idp>) -> Json<Value> {
    let mut idea = idp.0.lock().unwrap();
    idea.discovered += 1;
    let at = &idea.origin;
    Json(json!({
        "issuer": idea.issuer, "authorization_endpoint": format!("{at}/authorize?theme=dark"),
        "token_endpoint": format!("{at}/token"), "jwks_uri": format!("{at}/keys"),
        "userinfo_endpoint": format!("{at}/info"),
    }))
}

async fn keys() -> Json<Value> {
    let keys = [(OTHER_KEY, "k0"), (KEY, KID)].map(|(pem, kid)| {
        let mut key = Jwk::from_encoding_key(&signer(pem), Algorithm::ES256).unwrap();
        key.common.key_id = Some(kid.to_owned());
        key
    });
    Json(json!({ "keys": keys }))
}

async fn token(State(idp): State<Idp>, headers: HeaderMap, Form(form): Form<HashMap<String, String>>) -> Json<Value> {
    let basic = headers.get(header::AUTHORIZATION).map(|line| line.to_str().unwrap().to_owned());
    let mut idea = idp.0.lock().unwrap();
    idea.asked.push((form, basic));
    Json(json!({ "token_type": "Bearer", "access_token": ACCESS, "id_token": idea.token }))
}

async fn info(State(idp): State<Idp>, headers: HeaderMap) -> Json<Value> {
    assert_eq!(headers[header::AUTHORIZATION], format!("Bearer {ACCESS}"));
    Json(idp.0.lock().unwrap().info.clone())
}

fn signer(pem: &str) -> EncodingKey {
    EncodingKey::from_ec_pem(pem.as_bytes()).unwrap()
}

/// A token as the provider signs it.
pub(crate) fn signed(claims: &Value) -> String {
    let header = Header { kid: Some(KID.to_owned()), ..Header::new(Algorithm::ES256) };
    encode(&header, claims, &signer(KEY)).unwrap()
}

pub(crate) fn settings(idp: &Idp, more: &[(&'static str, &str)]) -> Settings {
    let issuer = idp.issuer();
    let ours =
        [("public_url", "https://media.example.edu/"), ("oidc.issuer", issuer.as_str()), ("oidc.client_id", CLIENT)];
    let flags = ours.iter().chain(more).map(|(key, value)| (*key, (*value).to_owned()));
    Settings::read(&flags.collect::<BTreeMap<_, _>>(), &[], None).unwrap()
}

/// Somebody sent to the provider: where to, and the cookie that came along.
pub(crate) struct Sent {
    to: Url,
    pub(crate) cookie: String,
}

impl Sent {
    pub(crate) fn param(&self, name: &str) -> String {
        self.to.query_pairs().find(|(found, _)| found == name).unwrap().1.into_owned()
    }

    /// The claims of a good token for this sign-in.
    pub(crate) fn claims(&self, idp: &Idp) -> Value {
        let now_s = NOW_MS / 1000;
        json!({
            "iss": idp.issuer(), "aud": CLIENT, "sub": "zed", "nonce": self.param("nonce"),
            "iat": now_s, "exp": now_s + 300, "name": "Zed Zebra",
        })
    }
}

pub(crate) async fn send(server: &Server, return_to: &str) -> Sent {
    let answer = server.get(&format!("/auth/oidc/login?return={return_to}")).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let line = answer.headers()[header::SET_COOKIE].to_str().unwrap().to_owned();
    assert!(line.starts_with("__Host-playhead-oidc=") && line.ends_with("; Secure"), "{line}");
    assert!(line.contains("; HttpOnly; SameSite=Lax; Max-Age=600"), "{line}");
    let to = Url::parse(answer.headers()[header::LOCATION].to_str().unwrap()).unwrap();
    Sent { to, cookie: line.split(';').next().unwrap().to_owned() }
}

pub(crate) async fn back(server: &Server, cookie: &str, query: &str) -> Response {
    let request = Request::get(format!("/auth/oidc/callback?{query}")).header(header::COOKIE, cookie);
    server.send(request.body(Body::empty()).unwrap()).await
}

/// Where the browser is sent, and the session's cookie if one began.
fn outcome(answer: &Response) -> (String, Option<String>) {
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let cookies = answer.headers().get_all(header::SET_COOKIE).iter().map(|line| line.to_str().unwrap());
    let (ours, state): (Vec<&str>, Vec<&str>) = cookies.partition(|line| line.starts_with("__Host-playhead="));
    assert!(state.iter().any(|line| line.starts_with("__Host-playhead-oidc=; ")), "the state's cookie goes");
    let cookie = ours.first().map(|line| line.split(';').next().unwrap().to_owned());
    (answer.headers()[header::LOCATION].to_str().unwrap().to_owned(), cookie)
}

/// A whole sign-in with a token made of the good claims.
async fn sign_in(server: &Server, idp: &Idp, token: impl FnOnce(Value) -> String) -> (String, Option<String>) {
    let sent = send(server, "/").await;
    idp.0.lock().unwrap().token = token(sent.claims(idp));
    let query = format!("code=c&state={}", sent.param("state"));
    outcome(&back(server, &sent.cookie, &query).await)
}

#[tokio::test]
async fn a_person_signs_in_once_from_the_browser_that_began() {
    let idp = Idp::start().await;
    let server = Server::with(settings(&idp, &[("oidc.scopes", "email")]));
    let ways = server.data("login").await;
    assert_eq!(ways["data"], json!({ "oidc": true, "saml": false, "password": true }));
    let sent = send(&server, "/recording/1_a%3Fperiod=7d").await;
    assert!(sent.to.as_str().starts_with(&format!("{}/authorize?theme=dark&", idp.issuer())));
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("redirect_uri", "https://media.example.edu/auth/oidc/callback"),
        ("scope", "openid email"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(sent.param(name), value);
    }
    idp.0.lock().unwrap().token = signed(&sent.claims(&idp));
    let query = format!("code=c%26d&state={}", sent.param("state"));
    // Another browser, and one with the cookie of another sign-in: neither ends this one, nor uses it up.
    let other = send(&server, "/").await;
    for cookie in ["", other.cookie.as_str()] {
        assert_eq!(outcome(&back(&server, cookie, &query).await), ("/login?failed=late".to_owned(), None));
    }
    let (to, cookie) = outcome(&back(&server, &sent.cookie, &query).await);
    assert_eq!(to, "/recording/1_a?period=7d");
    let cookie = cookie.unwrap();
    assert_eq!(outcome(&back(&server, &sent.cookie, &query).await), ("/login?failed=late".to_owned(), None));

    let (form, basic) = idp.0.lock().unwrap().asked.remove(0);
    assert!(idp.0.lock().unwrap().asked.is_empty(), "the code was exchanged once");
    assert_eq!(basic, None);
    assert_eq!((form["client_id"].as_str(), form["code"].as_str()), (CLIENT, "c&d"));
    assert_eq!(form["grant_type"], "authorization_code");
    assert_eq!(form["redirect_uri"], sent.param("redirect_uri"));
    assert_eq!(URL_SAFE_NO_PAD.encode(Sha256::digest(&form["code_verifier"])), sent.param("code_challenge"));

    let me = json_of(server.call("GET", "me", &cookie, None).await).await;
    assert_eq!((&me["data"]["name"], &me["data"]["way"]), (&json!("Zed Zebra"), &json!("oidc")));
    // The catalog does not know Zed: there is nothing to see, and nothing to administer.
    let account = &me["data"]["accounts"][0];
    assert_eq!((&account["person"], &account["everything"]), (&json!(null), &json!(false)));
    problem(server.call("GET", "totals?measures=plays&subject=entry:1_a", &cookie, None).await, Code::NotFound).await;
    problem(server.call("GET", "catalog/people", &cookie, None).await, Code::NotFound).await;
    assert_eq!(idp.0.lock().unwrap().discovered, 1, "what the provider publishes is kept");
}

#[tokio::test]
async fn a_bad_token_of_every_kind_is_refused() {
    let idp = Idp::start().await;
    let server = Server::with(settings(&idp, &[]));
    let now_s = NOW_MS / 1000;
    type Make = Box<dyn Fn(Value) -> String>;
    let with = |name: &'static str, value: Value| -> Make {
        Box::new(move |mut claims| {
            claims[name] = value.clone();
            signed(&claims)
        })
    };
    let headed = |kid: Option<&'static str>, algorithm: Algorithm, key: fn() -> EncodingKey| -> Make {
        Box::new(move |claims| {
            let header = Header { kid: kid.map(str::to_owned), ..Header::new(algorithm) };
            encode(&header, &claims, &key()).unwrap()
        })
    };
    let public = || {
        let key = Jwk::from_encoding_key(&signer(KEY), Algorithm::ES256).unwrap();
        EncodingKey::from_secret(serde_json::to_string(&key).unwrap().as_bytes())
    };
    let none: Make = Box::new(|claims| {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.", part(&json!({ "alg": "none", "kid": KID })), part(&claims))
    });
    let tampered: Make = Box::new(|claims| {
        let token = signed(&claims);
        let mut claims = claims;
        claims["sub"] = json!("admin");
        let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
        parts[1] = URL_SAFE_NO_PAD.encode(claims.to_string());
        parts.join(".")
    });
    let bad: Vec<(&str, Make)> = vec![
        ("wrong audience", with("aud", json!("another"))),
        ("several audiences, for nobody", with("aud", json!([CLIENT, "another"]))),
        ("authorised for another", with("azp", json!("another"))),
        ("wrong issuer", with("iss", json!("https://idp.example.edu"))),
        ("wrong nonce", with("nonce", json!("another"))),
        ("no nonce", with("nonce", json!(null))),
        ("expired", with("exp", json!(now_s - 61))),
        ("old", with("iat", json!(now_s - 400))),
        ("from the future", with("iat", json!(now_s + 120))),
        ("not yet good", with("nbf", json!(now_s + 61))),
        ("nobody", with("sub", json!(null))),
        ("unsigned", none),
        ("tampered with", tampered),
        ("signed with our knowledge of the public key", headed(Some(KID), Algorithm::HS256, public)),
        ("unknown key", headed(Some("k2"), Algorithm::ES256, || signer(OTHER_KEY))),
        ("another key under the name", headed(Some(KID), Algorithm::ES256, || signer(OTHER_KEY))),
        ("no key named, of two", headed(None, Algorithm::ES256, || signer(KEY))),
        ("not a token", Box::new(|_| "x".to_owned())),
    ];
    for (what, make) in bad {
        assert_eq!(sign_in(&server, &idp, make).await, ("/login?failed=provider".to_owned(), None), "{what}");
    }
    let (to, cookie) = sign_in(&server, &idp, |claims| signed(&claims)).await;
    assert!(to == "/" && cookie.is_some(), "and a good one is still believed");
}

#[tokio::test]
async fn failures_end_on_the_sign_in_page_with_a_word() {
    let idp = Idp::start().await;
    let server = Server::with(settings(&idp, &[("oidc.person_claim", "uid")]));
    let failed = |word: &str| (format!("/login?failed={word}"), None);
    let state = |sent: &Sent| sent.param("state");

    let sent = send(&server, "/").await;
    let answer = back(&server, &sent.cookie, &format!("error=access_denied&state={}", state(&sent))).await;
    assert_eq!(outcome(&answer), failed("refused"));

    let sent = send(&server, "/").await;
    let answer = back(&server, &sent.cookie, &format!("code=c&iss=https://x.example&state={}", state(&sent))).await;
    assert_eq!(outcome(&answer), failed("provider"));
    assert!(idp.0.lock().unwrap().asked.is_empty(), "the code of another issuer goes nowhere");

    let sent = send(&server, "/").await;
    idp.0.lock().unwrap().info = json!({ "sub": "zed" });
    assert_eq!(sign_in(&server, &idp, |claims| signed(&claims)).await, failed("person"));

    server.now_ms.fetch_add(10 * 60_000, Relaxed);
    let answer = back(&server, &sent.cookie, &format!("code=c&state={}", state(&sent))).await;
    assert_eq!(outcome(&answer), failed("late"));
    assert_eq!(outcome(&back(&server, "", "").await), failed("late"));

    let elsewhere = Idp::start().await;
    let server = Server::with(settings(&elsewhere, &[]));
    elsewhere.0.lock().unwrap().issuer = "https://idp.example.edu".to_owned();
    for _ in 0..3 {
        assert_eq!(outcome(&server.get("/auth/oidc/login").await), failed("provider"));
    }
    assert_eq!(elsewhere.0.lock().unwrap().discovered, 1, "who failed is left alone for a moment");

    let without = Server::with(Settings::default());
    problem(without.get("/auth/oidc/login").await, Code::NotFound).await;
    problem(without.get("/auth/oidc/callback?code=c&state=s").await, Code::NotFound).await;
    assert_eq!(without.data("login").await["data"]["oidc"], false);
}

#[tokio::test]
async fn the_client_secret_goes_in_the_header() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, "s:e/c~ret\n").unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let idp = Idp::start().await;
    let server = Server::with(settings(&idp, &[("oidc.client_secret_file", file.to_str().unwrap())]));
    sign_in(&server, &idp, |claims| signed(&claims)).await.1.unwrap();
    let (form, basic) = idp.0.lock().unwrap().asked.remove(0);
    assert!(!form.contains_key("client_id") && !form.contains_key("client_secret"));
    assert_eq!(basic.unwrap(), format!("Basic {}", STANDARD.encode("playhead:s%3Ae%2Fc%7Eret")));
}

#[tokio::test]
async fn what_the_token_lacks_is_asked_for_and_must_be_of_the_same_person() {
    let idp = Idp::start().await;
    let roles = ("oidc.roles", "realm.roles=ir:analyst:none");
    let server = Server::with(settings(&idp, &[("oidc.person_claim", "uid"), roles]));
    idp.0.lock().unwrap().info = json!({ "sub": "zed", "uid": 4711, "realm": { "roles": ["x", "ir"] } });
    let cookie = sign_in(&server, &idp, |claims| signed(&claims)).await.1.unwrap();
    let me = json_of(server.call("GET", "me", &cookie, None).await).await;
    assert_eq!(me["data"]["accounts"][0]["everything"], true);
    idp.0.lock().unwrap().info["sub"] = json!("ann");
    assert_eq!(sign_in(&server, &idp, |claims| signed(&claims)).await.0, "/login?failed=provider");

    // Also when all that is missing is what people call somebody: strict providers put names there alone.
    let server = Server::with(settings(&idp, &[]));
    idp.0.lock().unwrap().info = json!({ "sub": "zed", "name": "Zed of the info" });
    let nameless = |mut claims: Value| {
        claims.as_object_mut().unwrap().remove("name");
        signed(&claims)
    };
    let cookie = sign_in(&server, &idp, nameless).await.1.unwrap();
    assert_eq!(json_of(server.call("GET", "me", &cookie, None).await).await["data"]["name"], "Zed of the info");
}

#[tokio::test]
async fn rules_make_roles_of_claims_as_the_settings_are_now() {
    let idp = Idp::start().await;
    let roles = "groups=media-admins:administrator, groups=ir:analyst:pseudonyms, groups=bio:department:42:names";
    let server = Server::with(settings(&idp, &[("oidc.roles", roles)]));
    let sign_in = async |groups: Value| {
        let (_, cookie) = sign_in(&server, &idp, |mut claims| {
            claims["groups"] = groups;
            claims["salary"] = json!("none of our business");
            signed(&claims)
        })
        .await;
        cookie.unwrap()
    };
    for (groups, administrator, everything, departments) in [
        (json!(["media-admins", "x"]), true, true, json!([])),
        (json!("ir"), false, true, json!([])),
        (json!(["bio"]), false, false, json!(["42"])),
        (json!(["Media-Admins"]), false, false, json!([])),
        (json!(null), false, false, json!([])),
    ] {
        let cookie = sign_in(groups.clone()).await;
        let me = json_of(server.call("GET", "me", &cookie, None).await).await;
        let account = &me["data"]["accounts"][0];
        assert_eq!(account["administrator"], administrator, "{groups}");
        assert_eq!(account["everything"], everything, "{groups}");
        assert_eq!(account["departments"], departments, "{groups}");
        let people = server.call("GET", "catalog/people", &cookie, None).await;
        assert_eq!(people.status() == StatusCode::OK, administrator, "{groups}");
    }

    let cookie = sign_in(json!(["ir", "news"])).await;
    let session = server.app.vault().session(cookie.split_once('=').unwrap().1).unwrap().unwrap();
    assert_eq!(session.facts.claims, BTreeMap::from([("groups".to_owned(), vec!["ir".to_owned(), "news".to_owned()])]));
    let grants = |roles: &[&str]| {
        let claimed = roles.iter().map(|rule| Rule::parse(rule).unwrap()).collect();
        let rules = Rules { claimed, ..Rules::of(server.app.settings()) };
        let rights = auth::rights(
            server.app.vault(),
            &rules,
            &server.app.catalog_view(),
            &session.who,
            &session.facts,
            server.app.now_ms(),
        )
        .unwrap();
        rights.into_iter().find(|rights| rights.caller.account == AccountId(7)).unwrap().caller.grants
    };
    assert_eq!(grants(&[]), []);
    assert_eq!(grants(&["groups=news:analyst:none"]), [Grant::Everything { people: People::None }]);

    // Work done while they are not there is theirs as long as a session of theirs lasts.
    let rules = Rules::of(server.app.settings());
    let later = |hours: i64| {
        let (vault, catalog, now_ms) = (server.app.vault(), server.app.catalog_view(), NOW_MS + hours * 3_600_000);
        let owner = session.who.to_string();
        auth::caller_of(vault, &rules, &catalog, &owner, AccountId(7), now_ms).unwrap().map(|caller| caller.grants)
    };
    assert!(later(7).unwrap().contains(&Grant::Everything { people: People::Pseudonyms }));
    assert_eq!(later(8), None);
}
