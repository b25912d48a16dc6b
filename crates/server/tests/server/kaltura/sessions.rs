//! Sessions: made, read, ended, limited.

use super::*;
use server::collect::ks;

impl World {
    async fn info(&self, ks: &str) -> Value {
        self.with(ks, "session", "get", json!({})).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_made_and_read() {
    let world = empty().await;
    let ks = world.start("tom", 0, "edit:1_v,privacycontext:site>x,list:*").await;
    let info = world.info(&ks).await;
    assert_eq!(info["objectType"], "KalturaSessionInfo");
    assert_eq!(
        (&info["ks"], &info["partnerId"], &info["userId"], &info["sessionType"]),
        (&json!(ks), &json!(7), &json!("tom"), &json!(0))
    );
    assert_eq!(
        (&info["privileges"], &info["expiry"]),
        (&json!("edit:1_v,privacycontext:site>x,list:*"), &json!(NOW_MS / 1000 + 86_400))
    );
    let root = world.start("root", 2, "*,disableentitlement").await;
    let other = world.with(&root, "session", "get", json!({ "session": ks })).await;
    assert_eq!((&other["userId"], &other["ks"]), (&json!("tom"), &json!(ks)));
    assert_eq!(world.info(&root).await["privileges"], "*,disableentitlement");
    // Of version 1, as scripts make them.
    let info = format!("7;7;{};2;1;root;*;;", NOW_MS / 1000 + 60);
    let digest = {
        use sha1::Digest;
        sha1::Sha1::digest(format!("{SECRET}{info}"))
    };
    let signature: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let first = {
        use base64::Engine;
        base64::engine::general_purpose::STANDARD.encode(format!("{signature}|{info}"))
    };
    assert_eq!(world.info(&first).await["sessionType"], 2);
    // Not by those who do not know the secret, nor of what there is not.
    for wrong in [
        json!({ "secret": "x", "partnerId": 7 }),
        json!({ "secret": SECRET, "partnerId": 8 }),
        json!({ "secret": SECRET, "partnerId": 9 }),
        json!({ "secret": SECRET, "partnerId": "all" }),
    ] {
        assert_eq!(code(&world.call("session", "start", wrong).await), "START_SESSION_ERROR");
    }
    assert_eq!(code(&world.call("session", "start", json!({ "partnerId": 7 })).await), "MISSING_MANDATORY_PARAMETER");
    let odd = json!({ "secret": SECRET, "partnerId": 7, "type": 3 });
    assert_eq!(code(&world.call("session", "start", odd).await), "INVALID_ENUM_VALUE");
    assert_eq!(
        code(&world.call("session", "startWidgetSession", json!({ "widgetId": "_9" })).await),
        "INVALID_PARTNER_ID"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_sessions_are_told_by_number() {
    let world = empty().await;
    let ks = world.start("tom", 2, "").await;
    let last = if &ks[40..41] == "A" { "B" } else { "A" };
    let altered = format!("{}{last}{}", &ks[..40], &ks[41..]);
    for (wrong, number) in [("nonsense".to_owned(), "-1"), (altered, "-1")] {
        let refused = world.info(&wrong).await;
        assert_eq!(code(&refused), "INVALID_KS");
        assert_eq!(refused["args"]["ERR_CODE"], number);
        assert_eq!(refused["message"], format!("Invalid KS \"{wrong}\", Error \"-1,INVALID_STR\""));
    }
    assert_eq!(code(&world.call("session", "get", json!({})).await), "MISSING_KS");
    let limited = world.start("tom", 2, "actionslimit:2").await;
    assert_eq!(world.info(&limited).await["userId"], "tom");
    assert_eq!(world.info(&limited).await["userId"], "tom");
    assert_eq!(world.info(&limited).await["args"]["ERR_CODE"], "-8");
    let elsewhere = world.start("tom", 2, "urirestrict:/api_v3/service/report/*").await;
    assert_eq!(world.info(&elsewhere).await["args"]["ERR_CODE"], "-11");
    assert_eq!(
        world.with(&elsewhere, "report", "getTotal", asked("1", json!({}), json!({}))).await["objectType"],
        "KalturaReportTotal"
    );
    let from = world.start("tom", 2, "iprestrict:192.0.2.1").await;
    assert_eq!(world.info(&from).await["args"]["ERR_CODE"], "-9");
    world.campus.clock.store(NOW_MS + 86_400_000, Relaxed);
    assert_eq!(world.info(&ks).await["args"]["ERR_CODE"], "-5");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_ended_stays_ended() {
    let world = empty().await;
    let (one, other) = (world.start("tom", 2, "").await, world.start("tom", 2, "").await);
    assert_eq!(world.with(&one, "session", "end", json!({})).await, Value::Null);
    let spelt_otherwise = one.replace('-', "+").replace('_', "/").trim_end_matches('=').to_owned();
    for ks in [&one, &spelt_otherwise] {
        assert_eq!(world.info(ks).await["args"]["ERR_CODE"], "-6");
    }
    assert_eq!(world.info(&other).await["userId"], "tom");
    // A group ends together, those made later too.
    let group: Vec<String> =
        [world.start("tom", 2, "sessionid:x").await, world.start("anna", 0, "sessionid:x").await].into();
    world.with(&group[0], "session", "end", json!({})).await;
    for ks in [&group[0], &group[1], &world.start("ben", 0, "sessionid:x").await] {
        assert_eq!(world.info(ks).await["args"]["ERR_CODE"], "-6");
    }
    assert_eq!(world.info(&world.start("ben", 0, "sessionid:y").await).await["userId"], "ben");
    // Signing in to the dashboard with it is over as well.
    let sign_in = json!({ "ks": one });
    let request = Request::post("/api/v1/login/kaltura").header(header::CONTENT_TYPE, "application/json");
    let answer = world.campus.send(request.body(Body::from(sign_in.to_string())).unwrap()).await;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    // In one request: ended is ended.
    let calls = json!({ "format": 1, "ks": other, "1": { "service": "session", "action": "end" }, "2": { "service": "session", "action": "get" } });
    let both = world.post("/api_v3/service/multirequest", calls).await;
    assert_eq!(both[1]["args"]["ERR_CODE"], "-6", "{both}");
}

#[test]
fn signing_is_what_clients_do() {
    let random: [u8; 16] = std::array::from_fn(|index| index as u8);
    let secret = Secret(SECRET.as_bytes().to_vec());
    let ks = ks::sign(&secret, AccountId(1234), 2, "alice", 1_900_000_000, "*", &random);
    assert_eq!(
        ks,
        "djJ8MTIzNHzaJnINC3QDyx6uGKzcRLVU8TahEaZGNPb3UEoRX6gXL7B3Vj6h7isZyS-g9S0Vud6d_muXegVSN_36xbd3sPGH3x6TFBq0eN426bqTUxxTrQ=="
    );
    let ks = ks::sign(
        &secret,
        AccountId(1234),
        0,
        "bob@example.org",
        1_900_000_000,
        "sview:0_abc,virtualeventid:77",
        &random,
    );
    assert_eq!(
        ks,
        "djJ8MTIzNHyGM28-vpRodUAYJUQZD9Q6SYEVfDFG-F2FDon1SYbrDy-oIHtHNSdaTHRXkH8peHrx-55hvnF02RYS0WJoj-T_jTaSm1fELXYWN1WK_Mzi9gSF37T-JUqrRjFtSIcphgcFiJUWsD7o-Zc2ACw9MIVL"
    );
}
