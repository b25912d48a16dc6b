//! Collection from request to durable event: Kaltura's contract, hostile input, identity, bad rows, our own batches.
#![expect(clippy::unwrap_used, reason = "tests")]

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use engine::event::{AccountId, Event, EventKind, Facts, IdentityRefusal, PersonKey, Playback, Proof, Text};
use engine::storage::Storage;
use engine::storage::memory::MemoryStorage;
use serde_json::{Value, json};
use server::collect::bad_rows::{self, BadRows};
use server::collect::{
    Account, Collect, Directory, DirectoryError, Doors, Enrich, EventSink, KnownEntry, Secret, Settings, SinkError,
    Site, Submitted, TokenAlgorithm, routes,
};
use server::config::Network;
use server::enrich::{Atlas, Hints, Point};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use tower::ServiceExt;

const NOW: i64 = 1_795_456_862_193;
const UA: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";
const KS: &str = "djJ8MTIzNHzaJnINC3QDyx6uGKzcRLVU8TahEaZGNPb3UEoRX6gXL7B3Vj6h7isZyS-g9S0Vud6d_muXegVSN_36xbd3sPGH3x6TFBq0eN426bqTUxxTrQ==";
const SITE_KEY: &[u8] = b"the site's secret";
const ADDRESS: &str = "203.0.113.77";

#[derive(Default)]
struct World {
    events: Mutex<Vec<Event>>,
    fails: Mutex<Option<SinkError>>,
    accounts: Mutex<BTreeMap<u32, Account>>,
    people: Mutex<BTreeMap<String, u64>>,
    noted: Mutex<Vec<Text>>,
    now_ms: AtomicI64,
}

impl EventSink for World {
    fn submit(&self, events: Vec<Event>) -> Submitted<'_> {
        Box::pin(async move {
            if let Some(error) = *self.fails.lock().unwrap() {
                return Err(error);
            }
            let people = self.people.lock().unwrap();
            for event in &events {
                let known =
                    event.who.person == PersonKey::UNKNOWN || people.values().any(|key| *key == event.who.person.0);
                assert!(known, "a person's key is in the catalog before its first event is durable");
            }
            self.events.lock().unwrap().extend(events);
            Ok(())
        })
    }
}

impl Directory for World {
    fn account(&self, id: AccountId) -> Option<Arc<Account>> {
        self.accounts.lock().unwrap().get(&id.0).cloned().map(Arc::new)
    }
    fn known_person(&self, _: AccountId, user_id: &str) -> Option<PersonKey> {
        self.people.lock().unwrap().get(user_id).copied().map(PersonKey)
    }
    fn person(
        &self,
        _: AccountId,
        user_id: &str,
        fresh: &mut dyn FnMut() -> u64,
    ) -> Result<Option<PersonKey>, DirectoryError> {
        let mut people = self.people.lock().unwrap();
        Ok(Some(PersonKey(*people.entry(user_id.to_owned()).or_insert_with(fresh))))
    }
    fn entry(&self, _: AccountId, entry: &str) -> Option<KnownEntry> {
        (entry == "0_test1234").then_some(KnownEntry { duration_ms: Some(10_000) })
    }
    fn admits(&self, _: AccountId, _: server::collect::Limited, word: &str, _: bool) -> bool {
        !word.contains("beyond")
    }
    fn note_entries(&self, _: AccountId, entries: &[Text]) -> Result<(), DirectoryError> {
        self.noted.lock().unwrap().extend_from_slice(entries);
        Ok(())
    }
}

/// Tells what it was given in words that are not what it was given.
#[derive(Default)]
struct Words(Arc<Atlas>);

impl Enrich for Words {
    fn place(&self, address: IpAddr, facts: &mut Facts) -> Option<Point> {
        if address.is_loopback() {
            return None;
        }
        facts.country = "US".into();
        facts.region = "Minnesota".into();
        facts.city = "Minneapolis".into();
        Point::of(44.98, -93.26)
    }
    fn atlas(&self) -> Arc<Atlas> {
        self.0.clone()
    }
    fn agent(&self, user_agent: &str, hints: &Hints<'_>, facts: &mut Facts) -> bool {
        facts.device = if hints.touch_points.is_some() { "Tablet" } else { "Computer" }.into();
        facts.browser = if user_agent.contains("Chrome") { "Chrome" } else { "" }.into();
        user_agent.contains("bot")
    }
    fn page(&self, referrer: &str, whole: bool, facts: &mut Facts) {
        let Some(rest) = referrer.split("://").nth(1) else { return };
        facts.domain = rest.split('/').next().unwrap_or_default().into();
        facts.page = if whole { format!("whole {referrer}") } else { referrer.to_owned() }.into();
    }
}

struct Site_ {
    world: Arc<World>,
    storage: MemoryStorage,
    collect: Arc<Collect>,
    router: Router,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{} {}", self.status, self.text))
    }
}

fn site() -> Site_ {
    let world = Arc::new(World { now_ms: NOW.into(), ..World::default() });
    let account = Account {
        admin_secrets: vec![Secret(b"0123456789abcdef0123456789abcdef".to_vec())],
        unsigned_users: true,
        personal_vars: ["customVar3".into()].into(),
        sites: vec![Site {
            id: "lms".into(),
            keys: vec![(TokenAlgorithm::Hs256, Secret(SITE_KEY.to_vec()))],
            origins: vec![],
        }],
        ..Account::default()
    };
    let strict = Account { unsigned_users: false, ..account.clone() };
    world.accounts.lock().unwrap().extend([(1234, account), (5, strict)]);
    let storage = MemoryStorage::new();
    let clock = Arc::clone(&world);
    let collect = Arc::new(Collect::new(Doors {
        sink: world.clone(),
        directory: world.clone(),
        enrich: Arc::new(Words::default()),
        bad_rows: BadRows::open(Arc::new(storage.clone()), 14 * 24 * 3_600_000).unwrap(),
        clock: Arc::new(move || clock.now_ms.load(Ordering::Relaxed)),
        settings: Settings { trusted_proxies: vec![Network::parse("10.0.0.0/8").unwrap()], ..Settings::default() },
    }));
    let router = routes(Arc::clone(&collect));
    Site_ { world, storage, collect, router }
}

impl Site_ {
    async fn send(&self, method: Method, uri: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut request = Request::builder().method(method).uri(uri);
        if !headers.iter().any(|(name, _)| *name == "user-agent") {
            request = request.header("user-agent", UA);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::from(body.to_vec())).unwrap();
        let peer: SocketAddr = format!("{ADDRESS}:40000").parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Answer { status: head.status, headers: head.headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
    }
    async fn get(&self, query: &str) -> Answer {
        let uri = format!("/api_v3/index.php?service=analytics&action=trackEvent&{query}");
        self.send(Method::GET, &uri, &[], b"").await
    }
    async fn batch(&self, body: &Value) -> Answer {
        self.send(Method::POST, "/e", &[("content-type", "text/plain")], body.to_string().as_bytes()).await
    }
    fn events(&self) -> Vec<Event> {
        std::mem::take(&mut *self.world.events.lock().unwrap())
    }
    fn event(&self) -> Event {
        let mut events = self.events();
        assert_eq!(events.len(), 1);
        events.pop().unwrap()
    }
    fn bad(&self) -> Vec<String> {
        let rows = bad_rows::list(&self.storage).unwrap();
        rows.iter().map(|listed| format!("{} {}", listed.row.reason.name(), listed.row.detail)).collect()
    }
}

fn is_normal(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(answer.text, r#"{"time":1795456862.193,"viewEventsEnabled":true}"#);
    assert_eq!(answer.headers["access-control-allow-origin"], "*");
    assert_eq!(answer.headers["content-type"], "application/json");
}

/// The sample of the wire reference, as name and value.
const SAMPLE: [(&str, &str); 30] = [
    ("eventType", "3"),
    ("partnerId", "1234"),
    ("entryId", "0_test1234"),
    ("sessionId", "3e23f88d-8254-4f9f-e521-bc039d52ec26:90b53656-25d7-6968-b6d6-9d72f28939ee"),
    ("apiVersion", "3.3.0"),
    ("format", "1"),
    ("bufferTime", "0"),
    ("bufferTimeSum", "0"),
    ("actualBitrate", "292.96875"),
    ("joinTime", "0.059"),
    ("canPlay", "0.067"),
    ("networkConnectionType", "4g"),
    ("eventIndex", "3"),
    ("referrer", "http://host/page.html"),
    ("deliveryType", "url"),
    ("playbackType", "vod"),
    ("clientVer", "3.17.95"),
    ("clientTag", "html5:v3.17.95"),
    ("position", "0"),
    ("playbackSpeed", "1"),
    ("playerSkin", "1"),
    ("sessionStartTime", "1795456862.193"),
    ("ks", KS),
    ("uiConfId", "55"),
    ("customVar1", "cv1"),
    ("playbackContext", "777"),
    ("application", "LMS"),
    ("userId", "eve@example.org"),
    ("hostingKalturaApplication", "LMS"),
    ("hostingKalturaApplicationVersion", "9.1"),
];

fn query(parameters: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
}

fn object(parameters: &[(&str, &str)], numbers: bool) -> String {
    let member = |(name, value): &(&str, &str)| {
        let number = numbers && value.parse::<f64>().is_ok();
        format!("{}:{}", json!(name), if number { (*value).to_owned() } else { json!(value).to_string() })
    };
    format!("{{{}}}", parameters.iter().map(member).collect::<Vec<_>>().join(","))
}

#[tokio::test]
async fn every_sender_form_stores_one_identical_event() {
    let site = site();
    let selector = "service=analytics&action=trackEvent";
    let php = format!("/api_v3/index.php?{selector}");
    let (url, rest) = SAMPLE.split_at(4);
    let whole = query(&SAMPLE);
    let path: String = SAMPLE[..4].iter().map(|pair| format!("/{}", query(&[*pair]).replace('=', "/"))).collect();
    let json_type = [("content-type", "application/json")];
    let form_type = [("content-type", "application/x-www-form-urlencoded; charset=UTF-8")];
    let post = Method::POST;
    let forms: Vec<(&str, Answer)> = vec![
        (
            "split",
            site.send(post.clone(), &format!("{php}&{}", query(url)), &json_type, object(rest, true).as_bytes()).await,
        ),
        (
            "strings",
            site.send(post.clone(), &format!("{php}&{}", query(url)), &json_type, object(rest, false).as_bytes()).await,
        ),
        ("body", site.send(post.clone(), &php, &json_type, object(&SAMPLE, true).as_bytes()).await),
        ("get", site.send(Method::GET, &format!("{php}&{whole}"), &[], b"").await),
        ("beacon", site.send(post.clone(), &format!("{php}&&{whole}"), &[], b"").await),
        ("form", site.send(post.clone(), &php, &form_type, whole.as_bytes()).await),
        (
            "plain",
            site.send(post.clone(), &php, &[("content-type", "text/plain")], object(&SAMPLE, true).as_bytes()).await,
        ),
        (
            "path",
            site.send(
                post.clone(),
                &format!("/api_v3/service/analytics/action/trackEvent{path}"),
                &json_type,
                object(rest, true).as_bytes(),
            )
            .await,
        ),
        (
            "slash",
            site.send(Method::GET, &format!("/api_v3/?service=Analytics&action=TRACKEVENT&{whole}"), &[], b"").await,
        ),
        ("bare", site.send(Method::GET, &format!("/api_v3?{selector}&{whole}"), &[], b"").await),
        (
            "selector in the body",
            site.send(post, "/api_v3/index.php", &form_type, format!("{selector}&{whole}").as_bytes()).await,
        ),
    ];
    for (form, answer) in &forms {
        is_normal(answer);
        assert_eq!(site.bad(), Vec::<String>::new(), "{form}");
    }
    let events = site.events();
    assert_eq!(events.len(), forms.len());
    for (event, (form, _)) in events.iter().zip(&forms) {
        assert_eq!(event, &events[0], "{form}");
    }
    let event = &events[0];
    assert_eq!((event.account, event.kind, event.index), (AccountId(1234), EventKind::PLAY, Some(3)));
    assert_eq!((&*event.entry, event.at_ms, event.duration_ms), ("0_test1234", NOW, Some(10_000)));
    assert_eq!(&*event.session, SAMPLE[3].1);
    assert_eq!((event.position_ms, event.speed_milli, event.playback), (Some(0), Some(1000), Playback::Vod));
    assert_eq!(
        (event.measured.bitrate_bps, event.measured.join_ms, event.measured.can_play_ms),
        (Some(300_000), Some(59), Some(67))
    );
    let facts = &event.facts;
    assert_eq!((&*facts.country, &*facts.browser, &*facts.domain), ("US", "Chrome", "host"));
    assert_eq!((&*facts.context, &*facts.application, &*facts.application_version), ("777", "LMS", "9.1"));
    assert_eq!((&*facts.ui_conf, &*facts.player_version, &*facts.delivery), ("55", "3.17.95", "url"));
    assert_eq!(event.vars, [("networkConnectionType".into(), "4g".into()), ("playerSkin".into(), "1".into())]);
    assert_eq!((event.who.proof, event.who.refusal), (Proof::Verified, IdentityRefusal::No));
    assert_eq!(
        site.world.people.lock().unwrap().keys().collect::<Vec<_>>(),
        ["alice"],
        "the KS, not the userId beside it"
    );
}

#[tokio::test]
async fn preflights_are_answered_without_a_body_and_without_looking() {
    let site = site();
    for uri in ["/api_v3/index.php?service=analytics&action=trackEvent&eventType=3&partnerId=9999", "/e", "/api_v3/x"] {
        let answer = site.send(Method::OPTIONS, uri, &[("access-control-request-method", "POST")], b"").await;
        assert_eq!((answer.status, answer.text.as_str()), (StatusCode::NO_CONTENT, ""));
        assert_eq!(answer.headers["access-control-allow-origin"], "*");
        assert_eq!(answer.headers["access-control-max-age"], "86400");
        assert_eq!(answer.headers["access-control-allow-methods"], "POST, GET, HEAD, OPTIONS");
        assert!(answer.headers["access-control-allow-headers"].to_str().unwrap().starts_with("Content-Type"));
    }
    assert_eq!((site.events().len(), site.bad().len()), (0, 0));
}

#[tokio::test]
async fn identity_is_settled_at_collection() {
    let site = site();
    let base = "eventType=3&entryId=0_a&sessionId=s";
    let altered = format!("{}A=", &KS[..KS.len() - 2]);
    for (query, proof, refusal) in [
        (format!("partnerId=1234&ks={KS}"), Proof::Verified, IdentityRefusal::No),
        (format!("partnerId=1234&ks={altered}&userId=eve"), Proof::None, IdentityRefusal::Invalid),
        ("partnerId=1234&userId=eve".into(), Proof::Claimed, IdentityRefusal::No),
        ("partnerId=5&userId=eve".into(), Proof::None, IdentityRefusal::Unsigned),
        (format!("partnerId=5&ks={KS}"), Proof::None, IdentityRefusal::Invalid),
        ("partnerId=5".into(), Proof::None, IdentityRefusal::No),
    ] {
        is_normal(&site.get(&format!("{base}&{query}")).await);
        let event = site.event();
        assert_eq!((event.who.proof, event.who.refusal), (proof, refusal), "{query}");
        assert_eq!(event.who.person == PersonKey::UNKNOWN, proof == Proof::None, "{query}");
    }
    site.world.now_ms.store(1_900_000_000_000, Ordering::Relaxed);
    site.get(&format!("{base}&partnerId=1234&ks={KS}")).await;
    assert_eq!(site.event().who.refusal, IdentityRefusal::Invalid, "expired");
    let counters = site.collect.counters();
    assert_eq!(counters.identity_invalid.load(Ordering::Relaxed), 3);
    assert_eq!(counters.identity_unsigned.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn hostile_input_is_put_aside_with_its_reason_and_a_normal_answer() {
    let site = site();
    let php = "/api_v3/index.php?service=analytics&action=trackEvent";
    let deep = format!(r#"{{"partnerId":1234,"x":{}1{}}}"#, "[".repeat(20), "]".repeat(20));
    let huge = format!(r#"{{"partnerId":1234,"x":"{}"}}"#, "y".repeat(70_000));
    let many = format!("{php}&{}", (0..300).map(|n| format!("p{n}=1&")).collect::<String>());
    let cases: Vec<(&str, &[u8], &str)> = vec![
        (php, b"{broken", "format the body is not valid JSON"),
        (php, b"[1,2]", "format the body is not a JSON object"),
        (php, b"\xff\xfe\x00{}", "format the body is not a JSON object"),
        (php, b"{\"a\":\"\xff\"}", "format the body is not valid JSON"),
        (php, deep.as_bytes(), "format the JSON is nested too deep"),
        (php, huge.as_bytes(), "size the body is larger than 64 KiB"),
        (&many, b"", "size too many parameters"),
        (php, b"{}", "protocol no account: partnerId is missing or not a number"),
        (
            php,
            br#"{"partnerId":-1,"eventType":3,"entryId":"a"}"#,
            "protocol no account: partnerId is missing or not a number",
        ),
        (php, br#"{"partnerId":777,"eventType":3,"entryId":"a"}"#, "protocol unknown account"),
        (php, br#"{"partnerId":1234,"entryId":"a"}"#, "protocol eventType is missing"),
        (php, br#"{"partnerId":1234,"eventType":3}"#, "protocol entryId is missing"),
        (php, br#"{"partnerId":1234,"eventType":{},"entryId":[]}"#, "protocol eventType is missing"),
    ];
    for (uri, body, expect) in cases {
        let before = site.bad();
        is_normal(&site.send(Method::POST, uri, &[("content-type", "application/json")], body).await);
        let mut after = site.bad();
        for row in &before {
            after.remove(after.iter().position(|known| known == row).unwrap());
        }
        assert_eq!(after, [expect]);
        assert_eq!(site.events().len(), 0, "{expect}");
    }
    let by_reason = site.collect.bad_rows_by_reason();
    assert_eq!(by_reason, [("format".to_owned(), 5), ("protocol".to_owned(), 6), ("size".to_owned(), 2)].into());
    let numbers: BTreeMap<&str, u64> =
        site.collect.numbers().into_iter().map(|(name, _, value)| (name, value)).collect();
    assert_eq!((numbers["playhead_bad_rows_evicted_total"], numbers["playhead_collected_total"]), (0, 0));
}

#[tokio::test]
async fn unknown_event_types_and_parameters_are_kept() {
    let site = site();
    site.get("partnerId=1234&entryId=0_a&eventType=4711&reaction=heart&weird=%F0%9F%98%80").await;
    let event = site.event();
    assert_eq!(event.kind, EventKind(4711));
    assert_eq!(event.vars, [("reaction".into(), "heart".into()), ("weird".into(), "😀".into())]);
    let long = "x".repeat(5000);
    site.get(&format!("partnerId=1234&entryId=0_a&eventType=98&errorDetails={long}&playbackContext={long}")).await;
    let event = site.event();
    assert_eq!((event.vars[0].1.len(), event.facts.context.len()), (2048, 512));
}

#[tokio::test]
async fn pages_beyond_the_limit_are_other() {
    let site = site();
    let from = async |page: &str| {
        site.get(&format!("partnerId=1234&entryId=0_a&eventType=1&referrer={page}")).await;
        let facts = site.event().facts;
        (facts.domain.to_string(), facts.page.to_string())
    };
    let known = ("lms.example".to_owned(), "https://lms.example/a".to_owned());
    assert_eq!(from("https%3A%2F%2Flms.example%2Fa").await, known);
    assert_eq!(from("https%3A%2F%2Flms.example%2Fbeyond").await, ("lms.example".to_owned(), "other".to_owned()));
    assert_eq!(from("https%3A%2F%2Fbeyond.example%2Fa").await, ("other".to_owned(), "other".to_owned()));
}

#[tokio::test]
async fn no_address_agent_or_secret_is_left_anywhere() {
    let site = site();
    let token = jwt("bob");
    let php = "/api_v3/index.php?service=analytics&action=trackEvent";
    let good = format!(
        "{php}&partnerId=1234&entryId=0_a&eventType=100&ks={KS}&clientInternalIp={ADDRESS}&userAgent={0}&note=from+{ADDRESS}&ua={0}&viewerToken={token}&customVar3=birthday",
        query(&[("", UA)]).trim_start_matches('=')
    );
    let bad = good.replace("eventType=100", "eventType=x");
    let body = json!({"ks": KS, "viewerToken": token, "userAgent": UA, "ip": ADDRESS, "customVar1": format!("{UA} {ADDRESS}")});
    let forwarded = [("x-forwarded-for", ADDRESS), ("content-type", "application/json")];
    for uri in [&good, &bad] {
        is_normal(&site.send(Method::POST, uri, &forwarded, body.to_string().as_bytes()).await);
        is_normal(&site.send(Method::GET, uri, &forwarded, b"").await);
    }
    let batch = json!({"account":1234,"token":token,"ks":KS,"events":[
        {"kind":"play","entry":"0_a","agent":UA,"from":ADDRESS}, {"kind":"nonsense","entry":"0_a","agent":UA,"from":ADDRESS}
    ]});
    assert_eq!(site.batch(&batch).await.status, StatusCode::OK);
    let mut all = Vec::new();
    for event in site.events() {
        all.push(format!("{event:?}"));
    }
    assert_eq!(all.len(), 3);
    for name in site.storage.list("bad-rows").unwrap() {
        all.push(String::from_utf8(site.storage.read(&format!("bad-rows/{name}")).unwrap()).unwrap());
    }
    assert_eq!(bad_rows::list(&site.storage).unwrap().len(), 3);
    let signature = token.rsplit('.').next().unwrap();
    for text in &all {
        for secret in [ADDRESS, "Mozilla", "AppleWebKit", "Safari", &KS[..12], &KS[40..60], signature, "birthday\"]"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
    assert!(all[0].contains("Minneapolis") && all[3].contains("Minneapolis"), "what they told is kept");
}

fn jwt(sub: &str) -> String {
    let claims = json!({"iss":"lms","sub":sub,"aud":"collect","exp":NOW / 1000 + 3600,"ctx":"777","role":"teacher"});
    jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims, &jsonwebtoken::EncodingKey::from_secret(SITE_KEY))
        .unwrap()
}

#[tokio::test]
async fn a_viewer_token_proves_person_course_and_staff() {
    let site = site();
    site.get(&format!("partnerId=5&entryId=0_a&eventType=3&viewerToken={}", jwt("bob"))).await;
    let event = site.event();
    assert_eq!((event.who.proof, event.who.staff, &*event.facts.proved_context), (Proof::Verified, true, "777"));
    let bearer = format!("Bearer {}", jwt("bob"));
    let body = json!([{"account":5,"kind":"play","entry":"0_a"}]).to_string();
    site.send(Method::POST, "/e", &[("authorization", &bearer)], body.as_bytes()).await;
    assert_eq!(site.event().who, event.who);
}

#[tokio::test]
async fn a_full_or_failed_disk_is_the_only_503() {
    let site = site();
    let good = "partnerId=1234&entryId=0_a&eventType=3";
    for error in [SinkError::Full, SinkError::Failed] {
        *site.world.fails.lock().unwrap() = Some(error);
        let answer = site.get(good).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.json()["objectType"], "KalturaAPIException");
        assert_eq!(answer.headers["access-control-allow-origin"], "*");
        let answer = site.batch(&json!([{"account":1234,"kind":3,"entry":"e"}])).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(answer.headers.contains_key("retry-after"));
    }
    *site.world.fails.lock().unwrap() = None;
    site.storage.set_room(Some(0));
    assert_eq!(
        site.get("partnerId=1234").await.status,
        StatusCode::SERVICE_UNAVAILABLE,
        "a bad row must be durable too"
    );
    is_normal(&site.get(good).await);
    assert_eq!(site.collect.counters().unavailable.load(Ordering::Relaxed), 5);
}

#[tokio::test]
async fn floods_are_kept_and_flagged() {
    let site = site();
    for n in 0..70 {
        is_normal(&site.get(&format!("partnerId=1234&entryId=0_a&eventType=99&sessionId=s&eventIndex={n}")).await);
    }
    let events = site.events();
    assert_eq!(events.iter().filter(|event| event.suspect.is_empty()).count(), 60, "a playback's burst");
    assert!(events.iter().skip(60).all(|event| &*event.suspect == "flood"));
    for n in 0..200 {
        is_normal(&site.get(&format!("partnerId=1234&entryId=0_a&eventType=1&sessionId=other{n}")).await);
    }
    let counted = site.events().iter().filter(|event| event.suspect.is_empty()).count();
    assert_eq!(counted, 130, "an address's burst, of which 70 were used");
}

#[tokio::test]
async fn who_asks_not_to_be_tracked_is_counted_coarsely() {
    let site = site();
    let uri = "/api_v3/index.php?service=analytics&action=trackEvent&partnerId=1234&entryId=0_a&eventType=3&referrer=https://h/page";
    site.send(Method::GET, uri, &[("sec-gpc", "1")], b"").await;
    let facts = site.event().facts;
    assert_eq!((&*facts.country, &*facts.city, &*facts.domain, &*facts.page), ("US", "", "h", ""));
    let city = || site.collect.enrich().atlas().point("US", "Minnesota", "Minneapolis");
    assert_eq!(city(), None, "their city is not learned either");
    site.send(Method::GET, &format!("{uri}&userId=alice"), &[("dnt", "1")], b"").await;
    let facts = site.event().facts;
    assert_eq!((&*facts.city, &*facts.page), ("Minneapolis", "https://h/page"), "somebody known: unchanged");
    site.send(Method::GET, uri, &[("cookie", "other=2; playhead_opt_out=1")], b"").await;
    let facts = site.event().facts;
    assert_eq!((&*facts.country, &*facts.city, &*facts.page), ("US", "", ""), "who opted out on our page");
    site.send(Method::GET, uri, &[("sec-gpc", "0"), ("cookie", "playhead_opt_out=0")], b"").await;
    assert_eq!(&*site.event().facts.city, "Minneapolis", "a signal that says no is none");
    assert_eq!(city(), Point::of(45.0, -93.3), "to a tenth of a degree");
}

#[tokio::test]
async fn bots_are_flagged_and_only_real_events_make_entries_appear() {
    let site = site();
    let uri = "/api_v3/index.php?service=analytics&action=trackEvent&partnerId=1234&eventType=1&entryId=";
    site.send(Method::GET, &format!("{uri}0_bot"), &[("user-agent", "bot")], b"").await;
    site.send(Method::GET, &format!("{uri}0_new"), &[], b"").await;
    site.send(Method::GET, &format!("{uri}0_new"), &[], b"").await;
    site.send(Method::GET, &format!("{uri}0_test1234"), &[], b"").await;
    assert_eq!(*site.world.noted.lock().unwrap(), ["0_new".into()]);
}

#[tokio::test]
async fn old_players_get_a_boolean() {
    let site = site();
    let uri = "/api_v3/index.php?service=stats&action=collect&event:eventType=3&event:partnerId=1234&event:entryId=0_a";
    let answer = site.send(Method::GET, &format!("{uri}&format=1"), &[], b"").await;
    assert_eq!((answer.status, answer.text.as_str()), (StatusCode::OK, "true"));
    let answer = site.send(Method::GET, &format!("{uri}&format=2&event:userIp=10.0.0.1"), &[], b"").await;
    assert!(answer.text.contains("<result>1</result>"));
    let answer = site.send(Method::GET, "/api_v3/service/stats/action/collect?event:partnerId=1234", &[], b"").await;
    assert_eq!(answer.text, "true");
    assert_eq!(site.events().iter().map(|event| event.kind).collect::<Vec<_>>(), [EventKind::PLAY; 2]);
    assert_eq!(site.bad(), ["protocol event:eventType is missing"]);
}

#[tokio::test]
async fn other_services_get_kalturas_error_object() {
    let site = site();
    for (uri, code) in [
        ("/api_v3/index.php?service=report&action=getTable", "SERVICE_DOES_NOT_EXISTS"),
        ("/api_v3/service/session/action/start", "SERVICE_DOES_NOT_EXISTS"),
        ("/api_v3/", "SERVICE_NOT_SPECIFIED"),
        ("/api_v3/index.php?service=analytics", "ACTION_NOT_SPECIFIED"),
        ("/api_v3/index.php?service=analytics&action=query", "ACTION_DOES_NOT_EXISTS"),
    ] {
        let answer = site.send(Method::POST, uri, &[("content-type", "application/json")], b"{}").await;
        let error = answer.json();
        assert_eq!((answer.status, error["code"].as_str()), (StatusCode::OK, Some(code)));
        assert_eq!((error["objectType"].as_str(), error["args"].clone()), (Some("KalturaAPIException"), json!([])));
    }
    let answer = site.send(Method::GET, "/api_v3/?service=%3Cx%3E&action=y&format=2", &[], b"").await;
    assert!(answer.text.contains("<error><code>SERVICE_DOES_NOT_EXISTS</code>") && !answer.text.contains("<x>"));
    assert_eq!((site.events().len(), site.bad().len()), (0, 0));
}

#[tokio::test]
async fn batches_say_what_was_taken_and_what_was_put_aside() {
    let site = site();
    let sent = NOW - 86_400_000;
    let answer = site
        .batch(&json!({"sent": sent, "account": 1234, "entry": "0_test1234", "session": "s", "events": [
            {"event_id": "a", "kind": "play", "at": sent - 2000, "index": 1, "position_ms": 0, "page": "https://h/p", "touch_points": 5},
            {"event_id": "b", "kind": "view", "at": sent - 8 * 86_400_000, "index": 2},
            {"event_id": "c", "kind": "nonsense"},
            {"event_id": "d", "kind": 99, "account": 777},
            17,
            {"kind": 33, "at": sent, "user": "alice"},
        ]}))
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    let said = answer.json();
    assert_eq!(said["time"], json!(NOW));
    assert_eq!(said["taken"], json!(["a", 5]));
    let aside: Vec<Value> = said["put_aside"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| json!([one["index"], one["event_id"], one["reason"]]))
        .collect();
    assert_eq!(
        aside,
        [json!([1, "b", "late"]), json!([2, "c", "protocol"]), json!([3, "d", "protocol"]), json!([4, null, "format"])]
    );
    assert_eq!(site.bad().len(), 4);
    let events = site.events();
    assert_eq!((events[0].at_ms, events[0].received_ms, events[0].event_id.as_deref()), (NOW - 2000, NOW, Some("a")));
    assert_eq!((&*events[0].facts.page, &*events[0].facts.device), ("whole https://h/p", "Tablet"));
    assert_eq!((events[1].at_ms, events[1].who.proof), (NOW, Proof::Claimed));
}

#[tokio::test]
async fn our_own_route_may_refuse() {
    let site = site();
    let many = json!(vec![json!({"account":1234,"kind":3,"entry":"e"}); 201]);
    assert_eq!(site.batch(&many).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let huge = json!([{"account":1234,"kind":3,"entry":"e","x":"y".repeat(70_000)}]);
    assert_eq!(site.batch(&huge).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(site.batch(&json!("x")).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(site.send(Method::GET, "/e", &[], b"").await.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(site.bad().len(), 3);
    let mut refused = None;
    for _ in 0..300 {
        let answer = site.batch(&json!([])).await;
        if answer.status != StatusCode::OK {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.unwrap();
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers["retry-after"], "10");
    assert_eq!(refused.headers["content-type"], "application/problem+json");
}

#[tokio::test]
async fn bad_rows_are_replayed_once_after_a_fix() {
    let site = site();
    let uri = "/api_v3/index.php?service=analytics&action=trackEvent&partnerId=777&entryId=0_a&eventType=3&eventIndex=1&userId=alice&referrer=https://h/p";
    site.send(Method::GET, uri, &[], b"").await;
    let legacy = "/api_v3/?service=stats&action=collect&event:eventType=4&event:partnerId=777&event:entryId=0_b";
    site.send(Method::GET, legacy, &[("user-agent", "bot")], b"").await;
    site.batch(&json!({"sent": NOW - 5000, "events": [{"account":777,"kind":"seek","entry":"0_c","at":NOW - 6000,"target_ms":80}]})).await;
    site.get("partnerId=777&entryId=0_a&eventType=never").await;
    assert_eq!(site.bad().len(), 4);
    let replay = async || site.collect.replay(&site.storage, &|_| true).await.unwrap();
    let nothing = replay().await;
    assert_eq!((nothing.events, nothing.still_bad), (0, 4));

    // The fix: the account is there now. Hours have passed; the events keep their instants.
    site.world.accounts.lock().unwrap().insert(777, Account { unsigned_users: true, ..Account::default() });
    site.world.now_ms.store(NOW + 3 * 3_600_000, Ordering::Relaxed);
    let replayed = replay().await;
    assert_eq!((replayed.events, replayed.still_bad, replayed.cut), (3, 1, 0));
    let events = site.events();
    let seen: Vec<(u32, i64, bool, Proof)> =
        events.iter().map(|event| (event.kind.0, event.at_ms, event.bot, event.who.proof)).collect();
    assert_eq!(
        seen,
        [(3, NOW, false, Proof::Claimed), (11, NOW, true, Proof::None), (35, NOW - 1000, false, Proof::None)]
    );
    assert_eq!(
        (&*events[0].facts.city, &*events[0].facts.browser, &*events[0].facts.page),
        ("Minneapolis", "Chrome", "https://h/p")
    );
    let again = replay().await;
    assert_eq!((again.events, again.still_bad, site.events().len()), (0, 1, 0));
}

/// The examples of docs/events.md do what the page says.
#[tokio::test]
async fn the_documented_examples_are_taken() {
    let page = include_str!("../../../../docs/events.md");
    let examples: Vec<&str> = page.split("```json\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(examples.len() >= 3);
    let site = site();
    for example in examples.iter().filter(|example| example.contains("\"kind\"")) {
        site.world.now_ms.store(NOW, Ordering::Relaxed);
        let body: Value = serde_json::from_str(example).unwrap();
        let answer = site.batch(&body).await.json();
        assert_eq!(answer["put_aside"], json!([]), "{example}");
        assert!(!answer["taken"].as_array().unwrap().is_empty());
        for event in site.events() {
            assert!(
                event.vars.iter().all(|(name, _)| ["lesson", "answered", "correct", "score"].contains(&&**name)),
                "fields that the page names are known: {:?}",
                event.vars
            );
        }
    }
}
