//! Whether the numbers can be trusted, from collection's own counters.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn what_arrives_and_what_is_put_aside_is_told() {
    let campus = Campus::new(Settings::default()).await;
    campus.play(1, "1_a", "ben", 0, 2, FIREFOX).await;
    campus.clock.fetch_add(2 * MINUTE_MS, Relaxed);
    campus.play(2, "1_a", "ben", 0, 1, FIREFOX).await;
    let now_ms = campus.clock.load(Relaxed);
    let bad = json!({ "sent": now_ms, "account": 7, "entry": "1_a", "session": "s9", "user": "secret-user",
                      "events": [{ "kind": "dance", "at": now_ms, "event_id": "x" }] });
    let taken = json_of(campus.post("/e?trace=secret", &bad, FIREFOX).await).await;
    assert_eq!(taken["put_aside"].as_array().unwrap().len(), 1, "{taken}");
    campus.until("totals?measures=plays&period=today", 2.0).await;
    let answer = campus.ask("quality").await;
    let quality = &answer["data"];
    let beats = quality["events_per_minute"].as_array().unwrap();
    let events: Vec<u64> =
        beats.iter().map(|beat| beat["events"].as_u64().unwrap()).filter(|events| *events > 0).collect();
    assert_eq!((beats.len(), &events[..]), (181, &[4, 3][..]));
    assert_eq!(quality["figures"]["events"], 7.0);
    assert_eq!(quality["installation"]["events_per_minute"].as_array().unwrap().len(), 181);
    let rows = quality["bad_rows"].as_array().unwrap();
    assert_eq!((rows.len(), &rows[0]["received"], &rows[0]["evicted"]), (1, &json!(1), &json!(0)), "{quality}");
    assert!(rows[0]["sample"]["detail"].as_str().unwrap().contains("`kind`"), "{quality}");
    // What it brought is not shown.
    assert!(!answer.to_string().contains("secret"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn senders_clocks_are_counted_by_how_far_they_stand() {
    let campus = Campus::new(Settings::default()).await;
    let now_ms = campus.clock.load(Relaxed);
    let send = async |session: &str, ahead_ms: Option<i64>, agent: &str| {
        let sent_ms = now_ms + ahead_ms.unwrap_or_default();
        let mut batch = json!({ "account": 7, "entry": "1_a", "session": session,
                                "events": [{ "kind": "play", "at": sent_ms, "index": 1 }] });
        if ahead_ms.is_some() {
            batch["sent"] = json!(sent_ms);
        }
        let taken = json_of(campus.post("/e", &batch, agent).await).await;
        assert_eq!(taken["put_aside"], json!([]), "{taken}");
    };
    for (number, ahead_ms) in [0, -1_500, 30_000, -30_000, -40_000, 7_200_000].into_iter().enumerate() {
        send(&format!("s{number}"), Some(ahead_ms), FIREFOX).await;
    }
    // Neither a sender that does not tell its clock nor a robot.
    send("quiet", None, FIREFOX).await;
    send("robot", Some(-90_000), BOT).await;
    let clocks = async || {
        let quality = campus.ask("quality").await;
        let rows = quality["data"]["clocks"].as_array().unwrap().clone();
        let row =
            |row: &Value| (row["direction"].clone(), row["under_seconds"].clone(), row["batches"].as_u64().unwrap());
        rows.iter().map(row).collect::<Vec<_>>()
    };
    let expected = vec![
        (json!("ahead"), Value::Null, 1),
        (json!("ahead"), json!(3_600), 0),
        (json!("ahead"), json!(60), 1),
        (json!("right"), json!(2), 2),
        (json!("behind"), json!(60), 2),
        (json!("behind"), json!(3_600), 0),
        (json!("behind"), Value::Null, 0),
    ];
    assert_eq!(clocks().await, expected);
    // Kept, not counted again; and of other days nothing.
    assert_eq!(clocks().await, expected);
    let days = campus.ask("quality?period=2026-11-01..2026-11-10").await;
    assert!(days["data"]["clocks"].as_array().unwrap().iter().all(|row| row["batches"] == 0), "{days}");
}
