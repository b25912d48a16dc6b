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
