//! Canaries: secrets, tokens, sessions and addresses go in through every door, and come out of none.

use super::*;
use axum::extract::ConnectInfo;
use server::auth::vault::Who;
use server::collect::bad_rows;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::Mutex;

const ADDRESS: &str = "203.0.113.177";
const FORWARDED: &str = "198.51.100.231";
const KS: &str = "djJ8N3xDQU5BUllzZWNyZXRzZXNzaW9uQ0FOQVJZc2VjcmV0c2Vzc2lvbkNBTkFSWQ";
const PASSWORD: &str = "a canary password of mine";

/// Everything that is logged.
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_comes_out_where_none_belongs() {
    let lines = Lines::default();
    let to = lines.clone();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || to.clone());
    tracing::subscriber::set_global_default(subscriber.finish()).unwrap();
    let campus = Campus::new(Settings::default()).await;
    let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJsbXMiLCJzdWIiOiJjYW5hcnkifQ.Q0FOQVJZc2lnbmF0dXJlQ0FOQVJZ";
    let session = campus.cookie.split_once('=').unwrap().1.to_owned();
    let link = make_link(&campus.vault, campus.app.now_ms()).unwrap();
    let new = json!({ "name": "k", "scope": "account", "people": "names" });
    let made = json_of(campus.post("/api/v1/keys", &new, FIREFOX).await).await;
    let key = made["data"]["key"].as_str().unwrap().to_owned();
    let mut secrets = vec![ADDRESS, FORWARDED, KS, PASSWORD, jwt];
    secrets.extend([&*session, &*link, &*key]);

    let send = |request: axum::http::request::Builder, body: String| {
        let mut request = request
            .header("x-forwarded-for", FORWARDED)
            .header(header::USER_AGENT, FIREFOX)
            .body(Body::from(body))
            .unwrap();
        let peer: SocketAddr = format!("{ADDRESS}:40000").parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
        campus.send(request)
    };
    let mut answers = Vec::new();
    // Collection: what is understood, and what becomes a bad row.
    let kaltura =
        "/api_v3/index.php?service=analytics&action=trackEvent&partnerId=7&entryId=1_a&sessionId=s&eventIndex=1";
    for rest in ["&eventType=3", "&eventType=nothing", "&eventType=3&position=x", ""] {
        answers.push(send(Request::get(format!("{kaltura}{rest}&ks={KS}")), String::new()).await);
        let form = Request::post(kaltura).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        answers.push(send(form, format!("ks={KS}{rest}")).await);
    }
    let unknown = format!("/api_v3/index.php?service=analytics&action=trackEvent&partnerId=8&ks={KS}&userId=u");
    answers.push(send(Request::get(unknown), String::new()).await);
    let now_ms = campus.app.now_ms();
    for (account, kind) in [(7, "play"), (7, "nothing"), (8, "play")] {
        let batch = json!({ "sent": now_ms, "account": account, "entry": "1_a", "session": "s2", "token": jwt, "ks": KS,
                            "events": [{ "kind": kind, "at": now_ms, "index": 1, "event_id": "p" }] });
        answers.push(send(Request::post("/e"), batch.to_string()).await);
    }
    // The API: wrong passwords, used links, keys and sessions where they belong and where they do not.
    let json_post = |path: &str| Request::post(path).header(header::CONTENT_TYPE, "application/json");
    for (name, password) in [("ada", PASSWORD), (PASSWORD, "x")] {
        let body = json!({ "name": name, "password": password }).to_string();
        answers.push(send(json_post("/api/v1/login"), body).await);
    }
    let welcome = json!({ "token": link, "name": "Ida", "password": PASSWORD }).to_string();
    let signed_in = send(json_post("/api/v1/welcome"), welcome.clone()).await;
    let idas = signed_in.headers()[header::SET_COOKIE].to_str().unwrap().split([';', '=']).nth(1).unwrap().to_owned();
    answers.push(send(json_post("/api/v1/welcome"), welcome).await);
    secrets.push(&idas);
    for path in
        ["me", "table?by=viewer&measures=plays", "rows", "keys", "access-log", "totals?measures=nothing", "nothing"]
    {
        for (name, value) in [
            (header::AUTHORIZATION, format!("Bearer {key}")),
            (header::AUTHORIZATION, format!("Bearer {key}x")),
            (header::AUTHORIZATION, format!("Bearer {jwt}")),
            (header::COOKIE, format!("playhead={session}")),
            (header::COOKIE, format!("playhead={idas}")),
        ] {
            for accept in ["application/json", "text/csv"] {
                let request = Request::get(format!("/api/v1/{path}")).header(&name, &value);
                answers.push(send(request.header(header::ACCEPT, accept), String::new()).await);
            }
        }
    }
    let export = json!({ "title": "rows", "form": "csv",
                         "spec": { "kind": "report", "name": "rows", "query": "period=7d" } });
    let asked = json_of(campus.post("/api/v1/exports", &export, FIREFOX).await).await;
    let path = format!("exports/{}", asked["data"]["id"].as_str().unwrap());
    while campus.ask(&path).await["data"]["file"].is_null() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    answers.push(campus.get(&format!("{path}/file"), "*/*").await);

    let mut places: Vec<(String, Vec<u8>)> = Vec::new();
    for (number, answer) in answers.into_iter().enumerate() {
        places.push((format!("headers of answer {number}"), format!("{:?}", answer.headers()).into_bytes()));
        let body = to_bytes(answer.into_body(), 1 << 26).await.unwrap();
        places.push((format!("answer {number}"), body.to_vec()));
    }
    let rows = bad_rows::list(&*campus.machine.storage).unwrap();
    assert!(rows.len() > 3, "there are bad rows to look at");
    for listed in rows {
        places.push(("a bad row".to_owned(), serde_json::to_vec(&listed.row).unwrap()));
    }
    let mut folders = vec![campus.folder.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for file in std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()) {
            if file.is_dir() {
                folders.push(file);
            } else {
                places.push((file.display().to_string(), std::fs::read(&file).unwrap()));
            }
        }
    }
    let logged = lines.0.lock().unwrap().clone();
    assert!(String::from_utf8_lossy(&logged).contains("answered a request"), "the log is captured");
    places.push(("the log".to_owned(), logged));
    for (place, bytes) in places {
        let text = String::from_utf8_lossy(&bytes);
        for secret in &secrets {
            if let Some(at) = text.find(secret) {
                let near: String = text[at..].chars().take(80).collect();
                panic!("{place} holds {near}");
            }
        }
    }
    assert_eq!(campus.vault.name(&Who::Key(1)).unwrap().unwrap(), "k");
}
