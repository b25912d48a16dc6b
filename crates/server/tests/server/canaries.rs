//! Canaries at the doors by which people come in: what is secret there stands in no log line, at any level, and in no answer
//! but the one that it is for. Collection, files and keys: `collected::secrets`.
#![expect(clippy::unwrap_used, reason = "tests")]

use crate::api::{NOW_MS, PASSWORD, Server, cookie_of, json_of, text_of};
use crate::{lti, oidc, ways};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};
use server::config::Settings;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};

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

/// Secrets, and all places where none belongs.
struct Watch {
    lines: Lines,
    secrets: Vec<(&'static str, String)>,
    places: Vec<(String, String)>,
}

impl Watch {
    /// From now on everything is logged, of every library too.
    fn start() -> Watch {
        let lines = Lines::default();
        let to = lines.clone();
        let log = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || to.clone());
        tracing::subscriber::set_global_default(log.finish()).unwrap();
        Watch { lines, secrets: Vec::new(), places: Vec::new() }
    }

    fn secret(&mut self, what: &'static str, secret: &str) {
        assert!(secret.len() > 5, "{what} would be found by chance");
        self.secrets.push((what, secret.to_owned()));
    }

    /// An answer that holds nothing secret but, in `Set-Cookie`, the session that it begins.
    async fn answer(&mut self, what: &str, answer: Response) {
        let session = |line: &str| {
            let (name, rest) = line.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            (!name.ends_with("oidc") && value.len() > 20).then(|| value.to_owned())
        };
        for (name, value) in answer.headers() {
            let value = value.to_str().unwrap();
            match name == header::SET_COOKIE {
                true => session(value).into_iter().for_each(|session| self.secret("a session", &session)),
                false => self.places.push((format!("{name} of {what}"), value.to_owned())),
            }
        }
        let text = text_of(answer).await;
        self.places.push((what.to_owned(), text));
    }

    /// Looks everywhere.
    fn end(mut self, least: usize) {
        let logged = String::from_utf8_lossy(&self.lines.0.lock().unwrap()).into_owned();
        assert!(logged.matches("answered a request").count() >= least, "the log is captured: {logged}");
        self.places.push(("the log".to_owned(), logged));
        for (place, text) in &self.places {
            for (what, secret) in &self.secrets {
                if let Some(at) = text.find(secret.as_str()) {
                    let from = text.floor_char_boundary(at.saturating_sub(200));
                    panic!("{what} stands in {place}: {}", &text[from..text.ceil_char_boundary(at + 20)]);
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_identity_provider_s_secrets_stay_between_it_and_us() {
    let mut watch = Watch::start();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, "our own canary with the provider").unwrap();
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    watch.secret("our secret", "our own canary");
    watch.secret("an access token", oidc::ACCESS);
    watch.secret("a code", "code-of-a-canary");
    let idp = oidc::Idp::start().await;
    let server = Server::with(oidc::settings(&idp, &[("oidc.client_secret_file", file.to_str().unwrap())]));
    // A good sign-in; tokens that are not believed; a person that cannot be told, which asks the provider for more.
    type Change = fn(&mut Value);
    let changes: [Change; 5] = [
        |_| (),
        |claims| claims["aud"] = json!("another"),
        |claims| claims["nonce"] = json!("another"),
        |claims| claims["exp"] = json!(1),
        |claims| claims["sub"] = json!(null),
    ];
    for change in changes {
        let sent = oidc::send(&server, "/").await;
        let mut claims = sent.claims(&idp);
        change(&mut claims);
        let token = oidc::signed(&claims);
        watch.secret("a token", &token);
        watch.secret("a token's signature", token.rsplit('.').next().unwrap());
        watch.secret("a browser's proof", sent.cookie.split_once('=').unwrap().1);
        idp.gives(&token);
        let query = format!("code=code-of-a-canary&state={}", sent.param("state"));
        watch.answer("the way back", oidc::back(&server, &sent.cookie, &query).await).await;
        watch.answer("the way back, again", oidc::back(&server, &sent.cookie, &query).await).await;
    }
    // The provider answers with something else, and the browser comes with a code of another.
    idp.gives("not a token but a canary");
    watch.secret("what is no token", "not a token but a canary");
    let sent = oidc::send(&server, "/").await;
    let query = format!("code=code-of-a-canary&state={}", sent.param("state"));
    watch.answer("the way back with nonsense", oidc::back(&server, &sent.cookie, &query).await).await;
    watch.answer("nobody's way back", oidc::back(&server, "", &query).await).await;
    let asked = idp.asked();
    assert_eq!(asked.len(), 6, "it was asked for tokens");
    for (form, basic) in asked {
        watch.secret("a verifier", &form["code_verifier"]);
        watch.secret("our secret, as it is sent", basic.unwrap().strip_prefix("Basic ").unwrap());
    }
    watch.end(12);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_learning_platform_s_secrets_stay_between_it_and_us() {
    let mut watch = Watch::start();
    watch.secret("an access token", lti::ACCESS);
    let (server, platform) = lti::campus().await;
    let members = platform.at.join("/members").unwrap();
    type Change = fn(&mut Value);
    let changes: [(bool, Change); 5] = [
        (true, |_| ()),
        (false, |claims| claims["aud"] = json!(["other"])),
        (false, |claims| claims["nonce"] = json!("another")),
        (false, |claims| claims["exp"] = json!(1)),
        (false, |claims| claims["sub"] = json!("")),
    ];
    for (good, change) in changes {
        let login = lti::login(&server).await;
        let mut claims = lti::claims(&login.nonce);
        claims["https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"] =
            json!({ "context_memberships_url": members.as_str(), "service_versions": ["2.0"] });
        change(&mut claims);
        let token = platform.sign(&claims);
        watch.secret("a token", &token);
        watch.secret("a token's signature", token.rsplit('.').next().unwrap());
        let answer = lti::launch(&server, &login, &token).await;
        assert_eq!(answer.status() == StatusCode::OK, good);
        if !good {
            watch.answer("a refused launch", answer).await;
            watch.answer("a refused launch, again", lti::launch(&server, &login, &format!("{token}x")).await).await;
            continue;
        }
        // The page has the session's token, and nothing else of ours.
        let page = text_of(answer).await;
        let boot = page.split_once("id=\"boot\">").unwrap().1.split_once("</script>").unwrap().0;
        let boot: Value = serde_json::from_str(boot).unwrap();
        let session = boot["token"].as_str().unwrap();
        watch.places.push(("the page of a launch".to_owned(), page.replace(session, "")));
        watch.secret("a session", session);
        for path in
            ["me", "totals?measures=plays&subject=category:bio", "roster?subject=category:bio&entry=1_bio", "nothing"]
        {
            watch.answer(path, lti::call(&server, &boot, "GET", path, None).await).await;
        }
    }
    // The roster was fetched with a token of the platform, for which we signed.
    let mut tries = 0;
    while server.app.vault().lti_roster_categories().unwrap().is_empty() {
        tries += 1;
        assert!(tries < 500, "the roster does not come");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let asked = platform.asked.lock().unwrap().clone();
    let assertion = url::form_urlencoded::parse(asked[0].as_bytes()).find(|(name, _)| name == "client_assertion");
    watch.secret("our assertion", &assertion.unwrap().1);
    watch.end(12);
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_codes_and_sessions_of_kaltura_come_out_nowhere() {
    let mut watch = Watch::start();
    let mut server = ways::with_secret(Settings::default());
    watch.secret("an admin secret", ways::SECRET);
    watch.secret("a password", PASSWORD);
    server.cookie = server.welcome("Ada").await;
    let session = server.cookie.split_once('=').unwrap().1.to_owned();
    watch.secret("a session", &session);
    let far = NOW_MS / 1000 + 3600;
    for (secret, until, user) in
        [(ways::SECRET, far, "ann"), ("another", far, "ann"), (ways::SECRET, 1, "ann"), (ways::SECRET, far, "")]
    {
        let ks = ways::ks(secret, until, 2, user, "*");
        watch.secret("a Kaltura session", &ks);
        watch.answer("a Kaltura session", server.post("login/kaltura", json!({ "ks": ks })).await).await;
        // Also where it does not belong: in an address, in a field of another call, in a header.
        for path in [format!("me?ks={ks}"), format!("totals?measures=plays&ks={}", ks.replace('+', "%2B"))] {
            watch.answer("a call with it", server.get(&format!("/api/v1/{path}")).await).await;
        }
        watch
            .answer("a password that it is", server.post("login", json!({ "name": "ada", "password": ks })).await)
            .await;
        let bearer = Request::get("/api/v1/me").header(header::AUTHORIZATION, format!("Bearer {ks}"));
        watch.answer("a token that it is", server.send(bearer.body(Body::empty()).unwrap()).await).await;
    }
    // The second factor: its secret and the codes for a bad day are told once, to whom they belong.
    let totp = async |method: &str, body: Value| server.call(method, "totp", &server.cookie, Some(body)).await;
    watch.answer("a wrong password", totp("POST", json!({ "password": "wrong canary password" })).await).await;
    watch.secret("a wrong password", "wrong canary password");
    // So many wrong passwords cost a moment.
    server.now_ms.fetch_add(60_000, Relaxed);
    let made = json_of(totp("POST", json!({ "password": PASSWORD })).await).await["data"].clone();
    let secret = made["secret"].as_str().unwrap();
    watch.secret("the secret of a second factor", secret);
    let confirmed =
        json_of(totp("PUT", json!({ "code": ways::code(secret, NOW_MS + 60_000) })).await).await["data"].clone();
    let codes: Vec<String> = serde_json::from_value(confirmed["recovery_codes"].clone()).unwrap();
    codes.iter().for_each(|code| watch.secret("a recovery code", code));
    server.now_ms.fetch_add(30_000, Relaxed);
    let login =
        async |code: &str| server.post("login", json!({ "name": "ada", "password": PASSWORD, "code": code })).await;
    for code in [codes[0].as_str(), codes[0].as_str(), "canary code"] {
        watch.answer("a sign-in with a code", login(code).await).await;
    }
    watch.secret("a wrong code", "canary code");
    let signed_in = login(&codes[1]).await;
    watch.secret("a session", cookie_of(&signed_in).split_once('=').unwrap().1);
    for path in ["sessions", "access-log", "me", "keys", "roles", "health"] {
        watch.answer(path, server.get(&format!("/api/v1/{path}")).await).await;
    }
    watch.end(12);
}

/// What commands say, also when a file of secrets is not as it should be.
#[test]
fn commands_tell_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let mut told = String::new();
    let mut run = |words: &[&str], file: Option<(&str, u32)>| {
        if let Some((content, mode)) = file {
            std::fs::write(at("secret"), content).unwrap();
            std::fs::set_permissions(at("secret"), std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
        }
        let mut command = Command::new(env!("CARGO_BIN_EXE_playhead"));
        command.env_remove("PLAYHEAD_TEST_DATA").env("PLAYHEAD_LOG_LEVEL", "trace").stdin(Stdio::null());
        let output = command.args(words).arg("--data").arg(at("data")).output().unwrap();
        told += &String::from_utf8_lossy(&output.stdout);
        told += &String::from_utf8_lossy(&output.stderr);
        output.status.success()
    };
    let secret = at("secret");
    let add = ["account", "add", "--partner-id", "7", "--admin-secret-file", secret.to_str().unwrap()];
    assert!(run(&add, Some(("a canary of an account", 0o600))));
    assert!(!run(&add, Some(("a canary of an account", 0o644))), "everybody may read it");
    assert!(!run(&add, Some(("a canary of an account\nand another line", 0o600))));
    assert!(!run(&add, Some((&"a canary of an account".repeat(1_000), 0o600))));
    assert!(run(&["key", "list"], None) && run(&["check"], None) && run(&["export", "catalog"], None));
    let serve = [
        "serve",
        "--public-url",
        "https://play.example.edu",
        "--oidc-issuer",
        "http://127.0.0.1:9",
        "--oidc-client-id",
        "x",
        "--oidc-client-secret-file",
        secret.to_str().unwrap(),
        "--listen",
        "127.0.0.1:0",
    ];
    assert!(!run(&serve, Some(("a canary of an account", 0o644))), "a secret of everybody is refused at the start");
    assert!(told.lines().count() > 10, "{told}");
    assert!(!told.contains("a canary"), "{told}");
}
