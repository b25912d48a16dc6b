//! The other ways to sign in: a Kaltura session, a proxy's header, a second factor; and what guessing costs.
#![expect(clippy::unwrap_used, reason = "tests")]

use crate::api::{NOW_MS, PASSWORD, Server, cookie_of, json_of, problem};
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use engine::catalog::{Account, Secret};
use engine::event::AccountId;
use serde_json::{Value, json};
use server::config::Settings;
use server::error::Code;
use sha1::{Digest, Sha1};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

pub(crate) const SECRET: &str = "0123456789abcdef0123456789abcdef";
const NOW_S: i64 = NOW_MS / 1000;

/// A session in Kaltura's first form.
pub(crate) fn ks(secret: &str, expiry: i64, kind: u32, user: &str, privileges: &str) -> String {
    let info = format!("7;7;{expiry};{kind};12345;{user};{privileges}");
    let signature: String = Sha1::digest(format!("{secret}{info}")).iter().map(|byte| format!("{byte:02x}")).collect();
    STANDARD.encode(format!("{signature}|{info}"))
}

pub(crate) fn with_secret(settings: Settings) -> Server {
    let server = Server::with(settings);
    let admin_secrets = vec![Secret(SECRET.as_bytes().to_vec())];
    let account = Account { id: AccountId(7), name: "Campus".into(), admin_secrets, ..Account::default() };
    server.app.catalog().set_account(&account, NOW_MS).unwrap();
    server
}

async fn me(server: &Server, cookie: &str) -> Value {
    json_of(server.call("GET", "me", cookie, None).await).await["data"].clone()
}

#[tokio::test]
async fn a_kaltura_session_signs_in_whom_it_names() {
    let server = with_secret(Settings::default());
    let login = |ks: String| server.post("login/kaltura", json!({ "ks": ks }));
    for (kind, privileges, administrator) in
        [(0, "*", false), (2, "*", true), (1, "", true), (2, "setrole:5", false), (2, "limitentry:1_a", false)]
    {
        let answer = login(ks(SECRET, NOW_S + 3600, kind, "ann", privileges)).await;
        assert_eq!(answer.status(), StatusCode::NO_CONTENT);
        let me = me(&server, &cookie_of(&answer)).await;
        assert_eq!((&me["name"], &me["way"]), (&json!("ann"), &json!("kaltura")));
        assert_eq!(me["accounts"][0]["administrator"], administrator, "{kind} {privileges}");
        assert_eq!(me["operator"], false);
    }
}

#[tokio::test]
async fn a_kaltura_session_that_is_not_good_is_refused_in_one_way() {
    let server = with_secret(Settings::default());
    let far = NOW_S + 3600;
    let mut told = Vec::new();
    for (what, body) in [
        ("another secret", json!({ "ks": ks("another", far, 2, "ann", "*") })),
        ("expired", json!({ "ks": ks(SECRET, NOW_S, 2, "ann", "*") })),
        ("other address", json!({ "ks": ks(SECRET, far, 2, "ann", "iprestrict:192.0.2.1") })),
        ("other route", json!({ "ks": ks(SECRET, far, 2, "ann", "urirestrict:/api_v3/*") })),
        ("counted", json!({ "ks": ks(SECRET, far, 2, "ann", "actionslimit:5") })),
        ("nobody", json!({ "ks": ks(SECRET, far, 2, "", "*") })),
        ("nobody in a widget", json!({ "ks": ks(SECRET, far, 0, "0", "view:*,widget:1") })),
        ("other account", json!({ "ks": ks(SECRET, far, 2, "ann", "*"), "account": 8 })),
        ("nonsense", json!({ "ks": "x" })),
        ("nothing", json!({ "ks": "" })),
        ("too long", json!({ "ks": "A".repeat(20_000) })),
    ] {
        let mut refusal = problem(server.post("login/kaltura", body).await, Code::NotBelieved).await;
        refusal.as_object_mut().unwrap().remove("request_id");
        told.push((what, refusal));
    }
    assert!(told.iter().all(|(_, refusal)| *refusal == told[0].1), "{told:?}");
    let good = json!({ "ks": ks(SECRET, far, 2, "ann", "urirestrict:/api/v1/*"), "account": 7 });
    assert_eq!(server.post("login/kaltura", good).await.status(), StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_session_ends_with_the_kaltura_session_that_began_it() {
    let server = with_secret(Settings::default());
    let answer = server.post("login/kaltura", json!({ "ks": ks(SECRET, NOW_S + 120, 2, "ann", "*") })).await;
    let cookie = cookie_of(&answer);
    server.now_ms.fetch_add(119_999, Relaxed);
    assert_eq!(server.call("GET", "me", &cookie, None).await.status(), StatusCode::OK);
    server.now_ms.fetch_add(1, Relaxed);
    problem(server.call("GET", "me", &cookie, None).await, Code::SignInNeeded).await;
}

/// A request from an address, with headers.
async fn from(server: &Server, peer: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = Request::get("/api/v1/me");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(Body::empty()).unwrap();
    request.extensions_mut().insert(ConnectInfo(format!("{peer}:5000").parse::<SocketAddr>().unwrap()));
    server.send(request).await
}

#[tokio::test]
async fn a_header_is_believed_from_a_trusted_proxy_and_nobody_else() {
    let flags = [("proxy.user_header", "X-Remote-User"), ("trusted_proxies", "10.0.0.0/8")];
    let flags: BTreeMap<_, _> = flags.into_iter().map(|(key, value)| (key, value.to_owned())).collect();
    let mut server = Server::with(Settings::read(&flags, &[], None).unwrap());
    let ann = ("x-remote-user", "ann@example.edu");
    let answer = from(&server, "10.1.2.3", &[ann]).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let me = json_of(answer).await["data"].clone();
    assert_eq!((&me["name"], &me["way"], &me["operator"]), (&json!("ann@example.edu"), &json!("proxy"), &json!(false)));

    problem(from(&server, "192.0.2.1", &[ann]).await, Code::SignInNeeded).await;
    problem(from(&server, "192.0.2.1", &[ann, ("x-forwarded-for", "10.1.2.3")]).await, Code::SignInNeeded).await;
    problem(from(&server, "10.1.2.3", &[]).await, Code::SignInNeeded).await;
    problem(from(&server, "10.1.2.3", &[("x-remote-user", " ")]).await, Code::SignInNeeded).await;
    problem(from(&server, "10.1.2.3", &[ann, ("x-remote-user", "root")]).await, Code::SignInNeeded).await;
    problem(server.get("/api/v1/me").await, Code::SignInNeeded).await;

    // The header, not who sat here before; but a program's own token.
    server.cookie = server.welcome("Ada").await;
    let cookie = server.cookie.clone();
    let token = format!("Bearer {}", cookie.split_once('=').unwrap().1);
    let name = async |headers: &[(&str, &str)]| {
        json_of(from(&server, "10.1.2.3", headers).await).await["data"]["name"].clone()
    };
    assert_eq!(name(&[ann, ("cookie", &cookie)]).await, "ann@example.edu");
    assert_eq!(name(&[("cookie", &cookie)]).await, "Ada");
    assert_eq!(name(&[ann, ("authorization", &token)]).await, "Ada");

    let unset = Server::with(Settings::default());
    problem(from(&unset, "127.0.0.1", &[ann]).await, Code::SignInNeeded).await;
}

/// The code of an authenticator app, made as the standard's own program makes it.
pub(crate) fn code(secret: &str, now_ms: i64) -> String {
    const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits: String = secret.chars().map(|c| format!("{:05b}", LETTERS.find(c).unwrap())).collect();
    let key: Vec<u8> =
        (0..bits.len() / 8).map(|byte| u8::from_str_radix(&bits[8 * byte..8 * byte + 8], 2).unwrap()).collect();
    let mut block = [0_u8; 64];
    block[..key.len()].copy_from_slice(&key);
    let pad = |with: u8| block.iter().map(|byte| byte ^ with).collect::<Vec<u8>>();
    let step = (now_ms as u64 / 30_000).to_be_bytes();
    let inner = Sha1::digest([pad(0x36), step.to_vec()].concat());
    let hash = Sha1::digest([pad(0x5c), inner.to_vec()].concat());
    let at = usize::from(hash[19] & 15);
    let number = hash[at..at + 4].iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte)) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

#[tokio::test]
async fn a_second_factor_is_asked_for_once_it_is_confirmed() {
    let server = Server::signed_in().await;
    let login = |code: Option<String>| {
        let mut body = json!({ "name": "ada", "password": PASSWORD });
        code.into_iter().for_each(|code| body["code"] = json!(code));
        server.post("login", body)
    };
    let call = |method: &'static str, body: Value| server.call(method, "totp", &server.cookie, Some(body));
    problem(call("PUT", json!({ "code": "123456" })).await, Code::NotFound).await;
    problem(call("POST", json!({ "password": "wrong password" })).await, Code::WrongPassword).await;
    let made = json_of(call("POST", json!({ "password": PASSWORD })).await).await["data"].clone();
    let secret = made["secret"].as_str().unwrap();
    assert_eq!(made["uri"], format!("otpauth://totp/Playhead:Ada?secret={secret}&issuer=Playhead"));
    assert_eq!(login(None).await.status(), StatusCode::NO_CONTENT, "not confirmed: not asked for");

    let wrong = if code(secret, NOW_MS) == "000000" { "000001" } else { "000000" };
    problem(call("PUT", json!({ "code": wrong })).await, Code::WrongCode).await;
    let confirmed = json_of(call("PUT", json!({ "code": code(secret, NOW_MS) })).await).await["data"].clone();
    let recovery: Vec<String> = serde_json::from_value(confirmed["recovery_codes"].clone()).unwrap();
    assert_eq!(recovery.len(), 10);

    problem(login(None).await, Code::CodeNeeded).await;
    problem(login(Some(code(secret, NOW_MS))).await, Code::WrongCode).await; // used up by the confirmation
    server.now_ms.fetch_add(30_000, Relaxed);
    let now = code(secret, server.now_ms.load(Relaxed));
    assert_eq!(login(Some(format!("{} {}", &now[..3], &now[3..]))).await.status(), StatusCode::NO_CONTENT);
    problem(login(Some(now)).await, Code::WrongCode).await;
    server.now_ms.fetch_add(60_000, Relaxed);
    let early = code(secret, server.now_ms.load(Relaxed) + 30_000);
    assert_eq!(login(Some(early)).await.status(), StatusCode::NO_CONTENT, "a clock that is fast");
    let now = code(secret, server.now_ms.load(Relaxed));
    problem(login(Some(now)).await, Code::WrongCode).await; // older than one that was used

    assert_eq!(login(Some(recovery[3].to_lowercase())).await.status(), StatusCode::NO_CONTENT);
    problem(login(Some(recovery[3].clone())).await, Code::WrongCode).await;
    let wrong_password = json!({ "name": "ada", "password": "wrong password", "code": recovery[4] });
    problem(server.post("login", wrong_password).await, Code::WrongPassword).await;
    assert_eq!(login(Some(recovery[4].clone())).await.status(), StatusCode::NO_CONTENT, "not used up by that");

    problem(call("DELETE", json!({ "password": "wrong password" })).await, Code::WrongPassword).await;
    assert_eq!(call("DELETE", json!({ "password": PASSWORD })).await.status(), StatusCode::NO_CONTENT);
    problem(call("DELETE", json!({ "password": PASSWORD })).await, Code::NotFound).await;
    assert_eq!(login(None).await.status(), StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn guessing_codes_gets_slow_from_wherever_and_a_new_link_takes_the_factor_away() {
    let server = Server::signed_in().await;
    let call = |method: &'static str, body: Value| server.call(method, "totp", &server.cookie, Some(body));
    let made = json_of(call("POST", json!({ "password": PASSWORD })).await).await["data"].clone();
    let secret = made["secret"].as_str().unwrap().to_owned();
    assert_eq!(call("PUT", json!({ "code": code(&secret, NOW_MS) })).await.status(), StatusCode::OK);
    server.now_ms.fetch_add(30_000, Relaxed);
    let login = async |peer: u8, code: &str| {
        let body = json!({ "name": "ada", "password": PASSWORD, "code": code });
        let request = Request::post("/api/v1/login").header(header::CONTENT_TYPE, "application/json");
        let mut request = request.body(Body::from(body.to_string())).unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([192, 0, 2, peer], 5000))));
        server.send(request).await
    };
    for peer in 0..5 {
        problem(login(peer, "not a code").await, Code::WrongCode).await;
    }
    let now = code(&secret, server.now_ms.load(Relaxed));
    problem(login(9, &now).await, Code::TooMany).await;
    server.now_ms.fetch_add(1_000, Relaxed);
    assert_eq!(login(9, &now).await.status(), StatusCode::NO_CONTENT, "the refused attempt did not use the code up");

    server.welcome("Ada").await;
    let body = json!({ "name": "ada", "password": PASSWORD });
    assert_eq!(server.post("login", body).await.status(), StatusCode::NO_CONTENT);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_wrong_passwords_at_once_cost_five_hashes() {
    let server = std::sync::Arc::new(Server::signed_in().await);
    let attempts = (0..100).map(|_| {
        let server = server.clone();
        tokio::spawn(async move {
            let body = json!({ "name": "ada", "password": "wrong password" });
            server.post("login", body).await.status()
        })
    });
    let mut counted: BTreeMap<u16, u32> = BTreeMap::new();
    for attempt in attempts.collect::<Vec<_>>() {
        let status = tokio::time::timeout(Duration::from_secs(60), attempt).await.unwrap().unwrap();
        *counted.entry(status.as_u16()).or_default() += 1;
    }
    // A wrong password is told only after hashing; all others were refused before, and the five all count.
    assert_eq!(counted, BTreeMap::from([(401, 5), (429, 95)]));
    let right = json!({ "name": "ada", "password": PASSWORD });
    problem(server.post("login", right.clone()).await, Code::TooMany).await;
    server.now_ms.fetch_add(1_000, Relaxed);
    assert_eq!(server.post("login", right).await.status(), StatusCode::NO_CONTENT);
}

/// Many names from one address, many addresses for one name, and somebody who knows their password: all at once.
#[tokio::test(flavor = "multi_thread")]
async fn an_attack_from_many_sides_is_slowed_and_keeps_nobody_out_who_sits_elsewhere() {
    let server = std::sync::Arc::new(Server::signed_in().await);
    let login = |peer: [u8; 4], name: String, password: &'static str| {
        let server = server.clone();
        tokio::spawn(async move {
            let body = json!({ "name": name, "password": password }).to_string();
            let request = Request::post("/api/v1/login").header(header::CONTENT_TYPE, "application/json");
            let mut request = request.body(Body::from(body)).unwrap();
            request.extensions_mut().insert(ConnectInfo(SocketAddr::from((peer, 5000))));
            let answer = server.send(request).await;
            let status = answer.status().as_u16();
            // Whether there is such a name is not told: without the id of the request all refusals are alike.
            let mut told = if status == 401 { json_of(answer).await } else { Value::Null };
            told.as_object_mut().map(|told| told.remove("request_id"));
            (status, told)
        })
    };
    const ATTACKER: [u8; 4] = [198, 51, 100, 7];
    let names = (0..60).map(|n| if n % 2 == 0 { format!("name {n}") } else { "ada".to_owned() });
    let from_one: Vec<_> = names.map(|name| login(ATTACKER, name, "wrong password")).collect();
    let from_many: Vec<_> = (0..20).map(|n| login([203, 0, 113, n], "ada".to_owned(), "wrong password")).collect();
    let hers: Vec<_> = (0..4).map(|_| login([192, 0, 2, 1], "ada".to_owned(), PASSWORD)).collect();
    let mut told = Vec::new();
    let mut counted = async |attempts: Vec<tokio::task::JoinHandle<(u16, Value)>>| {
        let mut counted: BTreeMap<u16, u32> = BTreeMap::new();
        for attempt in attempts {
            let (status, what) = attempt.await.unwrap();
            *counted.entry(status).or_default() += 1;
            told.extend((status == 401).then_some(what));
        }
        counted
    };
    let of_one = counted(from_one).await;
    // Thirty free ones of the address at most, of which five of each name.
    assert!(of_one[&401] <= 30 && of_one[&401] >= 5 && of_one[&401] + of_one[&429] == 60, "{of_one:?}");
    assert_eq!(counted(from_many).await, BTreeMap::from([(401, 20)]), "each address has its own");
    assert_eq!(counted(hers).await, BTreeMap::from([(204, 4)]), "who knows it gets in from elsewhere");
    assert!(told.iter().all(|one| *one == told[0]), "{told:?}");
}
