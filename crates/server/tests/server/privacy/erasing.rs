//! Nothing in the folder leads to who was erased, and the totals stay.

use super::*;
use engine::event::{Event, PersonKey};
use engine::journal::{self, JournalError};
use engine::manifest::{Manifest, MemoryManifest, SqliteManifest};
use engine::storage::Storage;
use engine::store::{Options, check};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use std::process::{Command, Stdio};

/// No file holds a word of whom, in any form, compressed or not.
pub(super) fn lacks_alice(folder: &Path) {
    let mut words: Vec<Vec<u8>> = ALICE.iter().map(|word| word.as_bytes().to_vec()).collect();
    words.extend(privacy::search::forms(PersonKey(KEY)));
    let found = privacy::search::search(folder, &words).unwrap();
    assert!(found.hits.is_empty() && found.files > 3, "{found:?}");
    let storage: Arc<dyn Storage> = DataFolder::existing(&settings(folder)).unwrap().storage(0).unwrap();
    journal::replay(&*storage, 0, &mut |_, event: Event| -> Result<(), JournalError> {
        assert_ne!(event.who.person.0, KEY, "an event holds the key");
        assert!(!names(&format!("{event:?}")), "an event names her: {event:?}");
        Ok(())
    })
    .unwrap();
    let manifest = SqliteManifest::open(&folder.join("catalog.sqlite")).unwrap();
    check::people(&storage, &manifest, &mut |_, person| assert_ne!(person.0, KEY, "a row holds the key")).unwrap();
    let texts = check::texts(&storage, &manifest, &mut |_, _, _, text| assert!(!names(text), "{text}")).unwrap();
    assert!(texts > 20, "{texts}");
}

/// Whether a text names her, in any way in which [`House::play`] does.
pub(super) fn names(text: &str) -> bool {
    let text = text.to_lowercase().replace("%40", "@");
    ALICE.iter().any(|word| text.contains(&word.to_lowercase())) || text.contains("alice_liddellova")
}

/// Where Alice is, so that a test that finds her nowhere says something.
pub(super) fn has_alice(folder: &Path) {
    let words: Vec<Vec<u8>> = ALICE.iter().map(|word| word.as_bytes().to_vec()).collect();
    let hits = privacy::search::search(folder, &words).unwrap().hits;
    let has = |part: &str| hits.keys().any(|path| path.starts_with(part));
    assert!(has("catalog.sqlite") && has("bad-rows") && has("exports"), "{hits:?}");
    let keys = privacy::search::search(folder, &privacy::search::forms(PersonKey(KEY))).unwrap().hits;
    assert!(keys.keys().any(|path| path.starts_with("journal")), "{keys:?}");
    let storage: Arc<dyn Storage> = DataFolder::existing(&settings(folder)).unwrap().storage(0).unwrap();
    let manifest = SqliteManifest::open(&folder.join("catalog.sqlite")).unwrap();
    let mut named = std::collections::BTreeSet::new();
    check::texts(&storage, &manifest, &mut |_, person, _, text| {
        if names(text) {
            named.insert((person.0 == KEY, text.to_owned()));
        }
    })
    .unwrap();
    assert!(named.len() > 7 && named.iter().any(|(hers, _)| !hers), "in rows of her and of others: {named:?}");
}

/// A folder with Alice everywhere: sealed and not, in archives and logs, in bad rows, exports, sessions and roles.
pub(super) async fn lived_in(folder: &Path, clock: &Arc<AtomicI64>) -> House {
    let house = House::open(folder, clock).await;
    house.term().await;
    house.plays(36.0).await;
    // A restart seals what is closed and begins a new file of the journal.
    house.stop().await;
    clock.fetch_add(DAY_MS, Relaxed);
    let house = House::open(folder, clock).await;
    house.play("1_a", ALICE[0], 2).await;
    house.plays(37.0).await;
    house.stop().await;
    let house = House::open(folder, clock).await;
    house.play("1_a", ALICE[0], 2).await;
    house.play("1_b", "bob-1", 2).await;
    let bad =
        format!("/api_v3/index.php?service=analytics&action=trackEvent&partnerId=7&eventType=x&userId={}", ALICE[0]);
    house.get(&bad, "", "*/*").await;
    let granted = house.send(
        Request::put("/api/v1/roles")
            .header(header::COOKIE, house.cookie())
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(json!({ "person": ALICE[0], "role": "analyst" }).to_string()))
            .unwrap(),
    );
    assert_eq!(granted.await.status(), StatusCode::NO_CONTENT);
    house.sign_in(ALICE[0]);
    // Who looked at her is in the access log.
    house.ask(&format!("totals?measures=plays&subject=viewer:{}", ALICE[0])).await;
    house.ask(&format!("table?by=viewer&measures=plays&f=is,viewer,{}", ALICE[0])).await;
    house.ask("table?by=viewer&measures=plays&period=all").await;
    let export = json!({ "title": "All", "form": "ndjson", "spec": { "kind": "catalog" } });
    assert_eq!(house.post("/api/v1/exports", &export).await.status(), StatusCode::ACCEPTED);
    house.until("exports", |data| data["rows"][0]["state"] == "done").await;
    house.plays(39.0).await;
    house
}

pub(super) async fn erase(house: &House) -> Value {
    let asked = house.post("/api/v1/erasures", &json!({ "person": ALICE[0] })).await;
    assert_eq!(asked.status(), StatusCode::ACCEPTED);
    let at = asked.headers()[header::LOCATION].to_str().unwrap().strip_prefix("/api/v1/").unwrap().to_owned();
    house
        .until(&at, |erasure| {
            assert_eq!(erasure["error"], Value::Null, "{erasure}");
            erasure["state"] == "done"
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_erased_is_in_no_file_and_the_totals_stay() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(AtomicI64::new(NOW_MS));
    let house = lived_in(folder.path(), &clock).await;
    has_alice(folder.path());
    let before = house.figures().await;
    let erasure = erase(&house).await;
    assert_eq!(house.figures().await, before, "totals stay");
    lacks_alice(folder.path());
    let told = house.ask("table?measures=plays&by=viewer&period=all&today=1").await.to_string();
    assert!(told.contains("Forgotten person") && !told.contains("Alice"), "{told}");

    let counts = &erasure["counts"];
    assert_eq!((&counts["catalog_people"], &counts["catalog_notes"]), (&json!(1), &json!(1)), "{counts}");
    assert_eq!((&counts["bad_rows"], &counts["exports"]), (&json!(1), &json!(1)), "{counts}");
    assert_eq!((&counts["sessions_and_roles"], &counts["catalog_recordings"]), (&json!(2), &json!(2)), "{counts}");
    assert_eq!(counts["words_left_in_free_text"], json!({}), "{counts}");
    assert!(counts["events_of_the_person"].as_u64().unwrap() > 50, "{counts}");
    assert!(counts["events_with_texts_replaced"].as_u64().unwrap() > 50, "{counts}");
    assert!(counts["texts_of_rows_checked"].as_u64().unwrap() > 20, "{counts}");
    assert!(counts["free_text_checked"].to_string().contains("custom_var_1"), "{counts}");
    assert_eq!(counts["events_whose_ids_name_the_person"], json!(0), "{counts}");
    for (by, left) in
        [("page", "https://lms.example/courses/1/of/erased"), ("custom_var_3", "erased"), ("application", "kms")]
    {
        let shown = house.ask(&format!("table?measures=plays&by={by}&period=all&today=1")).await.to_string();
        assert!(!names(&shown) && shown.contains(left), "{shown}");
    }
    // Also of what comes from pages that were open meanwhile.
    let total = house.ask("totals?measures=plays&period=all&today=1").await["values"]["plays"]["value"].clone();
    house.play("1_a", "bob-1", 1).await;
    house.plays(total.as_f64().unwrap() + 1.0).await;
    let shown = house.ask("table?measures=plays&by=custom_var_3&period=all&today=1").await.to_string();
    assert!(!names(&shown), "{shown}");
    let before = house.figures().await;

    // The certificate is signed by the key that the installation shows, and does not say who.
    let key = house.ask("erasures").await["key"]["x"].as_str().unwrap().to_owned();
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    let signed = erasure["certificate"].as_str().unwrap();
    let key = DecodingKey::from_ed_components(&key).unwrap();
    let statement = jsonwebtoken::decode::<Value>(signed, &key, &validation).unwrap().claims;
    assert_eq!((&statement["erasure"], &statement["counts"]), (&erasure["id"], counts));
    let mut forged: Vec<char> = signed.chars().collect();
    let middle = forged.len() / 2;
    forged[middle] = if forged[middle] == 'A' { 'B' } else { 'A' };
    assert!(jsonwebtoken::decode::<Value>(forged.into_iter().collect::<String>(), &key, &validation).is_err());

    // Asked again there is nobody; the id is free and whoever comes is new.
    let again = house.post("/api/v1/erasures", &json!({ "person": ALICE[0] })).await;
    assert_eq!(again.status(), StatusCode::NOT_FOUND);
    house.stop().await;
    let house = House::open(folder.path(), &clock).await;
    assert_eq!(house.figures().await, before, "also after a restart");
    let people = before[0]["values"]["viewers"]["value"].as_f64().unwrap();
    house.play("1_a", ALICE[0], 1).await;
    house.plays(41.0).await;
    assert_eq!(house.figures().await[0]["values"]["viewers"]["value"], people + 1.0, "a new person");
    house.stop().await;
    assert!(server::check::check(&DataFolder::existing(&settings(folder.path())).unwrap()).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_brings_nobody_back() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(AtomicI64::new(NOW_MS));
    let house = lived_in(folder.path(), &clock).await;
    erase(&house).await;
    house.stop().await;
    let storage: Arc<dyn Storage> = DataFolder::existing(&settings(folder.path())).unwrap().storage(0).unwrap();
    // Without a manifest everything is folded anew.
    for name in storage.list("segments").unwrap() {
        storage.remove(&format!("segments/{name}")).unwrap();
    }
    let opened = engine::engine::open(storage, Box::new(MemoryManifest::new()), Options::default()).unwrap();
    assert!(opened.report.replayed > 100, "{:?}", opened.report);
    let mut people = std::collections::BTreeMap::new();
    for part in opened.reader.snapshot().parts.iter() {
        let block = part.block().unwrap();
        for row in part.live(0..block.rows) {
            *people.entry(block.row(row).person.0).or_insert(0) += 1;
        }
    }
    assert!(!people.contains_key(&KEY));
    assert_eq!(people.len(), 4, "Unknown, two others and somebody: {people:?}");
}

/// Kills the command at many moments; in the end it is as if nothing had happened.
#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_that_is_killed_again_and_again_ends_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(AtomicI64::new(NOW_MS));
    let house = lived_in(folder.path(), &clock).await;
    let before = house.figures().await;
    house.stop().await;
    let command = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_playhead"));
        command.args(["erase", "--account", "7", "--person", ALICE[0], "--data"]);
        command.env("PLAYHEAD_DISK_FREE_MB", "0").env_remove("PLAYHEAD_TEST_DATA");
        command.arg(folder.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    };
    let mut killed = 0;
    for milliseconds in [3, 8, 20, 40, 60, 90, 120, 150, 180, 220, 260, 320, 400, 500] {
        let mut child = command().spawn().unwrap();
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        if child.try_wait().unwrap().is_some() {
            break;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        killed += 1;
    }
    assert!(killed > 2, "it was over too soon to say anything");
    let output = command().output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    // Over already, or over now.
    assert!(output.status.success() || told.contains("there is no person"), "{told}");
    lacks_alice(folder.path());
    let house = House::open(folder.path(), &clock).await;
    assert_eq!(house.figures().await, before);
    let erasures = house.ask("erasures").await;
    assert_eq!(erasures["rows"].as_array().unwrap().len(), 1, "{erasures}");
    assert_eq!(erasures["rows"][0]["state"], "done", "{erasures}");
    house.stop().await;
    lacks_alice(folder.path());
    assert!(server::check::check(&DataFolder::existing(&settings(folder.path())).unwrap()).unwrap());
}

/// A restart in the middle: the server goes on by itself.
#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_goes_on_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(AtomicI64::new(NOW_MS));
    let house = lived_in(folder.path(), &clock).await;
    let before = house.figures().await;
    // A reader of yesterday's rows keeps the files, so it cannot end.
    let reader = house.machine.reader.snapshot();
    let asked = house.post("/api/v1/erasures", &json!({ "person": ALICE[0] })).await;
    let id = json_of(asked).await["data"]["id"].as_str().unwrap().to_owned();
    house.until(&format!("erasures/{id}"), |erasure| erasure["phase"] == "files").await;
    assert_eq!(house.figures().await, before, "also while it runs");
    house.stop().await;
    drop(reader);
    let house = House::open(folder.path(), &clock).await;
    assert_eq!(house.figures().await, before, "at once");
    house.until(&format!("erasures/{id}"), |erasure| erasure["state"] == "done").await;
    assert_eq!(house.figures().await, before);
    lacks_alice(folder.path());
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_are_too_old_name_nobody_and_keep_their_figures() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(AtomicI64::new(NOW_MS - 60 * DAY_MS));
    let months = server::config::PersonMonths(1);
    let short = || Settings { retention_person_months: months, ..settings(folder.path()) };
    let house = House::with(short(), &clock).await;
    house.term().await;
    house.plays(36.0).await;
    house.stop().await;
    clock.store(NOW_MS, Relaxed);
    // 2026-11-23: rows from before October name nobody. The plays were in the last days of September and in October.
    let old = "measures=plays,viewers,minutes_viewed&period=2026-09-01..2026-09-30";
    let house = House::with(settings(folder.path()), &clock).await;
    let before = house.ask(&format!("totals?{old}")).await;
    assert!(before["values"]["plays"]["value"].as_f64().unwrap() > 3.0, "{before}");
    let later = house.ask("totals?measures=plays,viewers&period=2026-10-01..2026-10-31").await;
    let named = house.ask(&format!("table?{old}&by=viewer")).await.to_string();
    assert!(named.contains(ALICE[1]), "{named}");
    house.stop().await;

    let dry = Command::new(env!("CARGO_BIN_EXE_playhead"))
        .args(["retention", "--dry-run", "--data"])
        .env("PLAYHEAD_RETENTION_PERSON_MONTHS", "1")
        .env_remove("PLAYHEAD_TEST_DATA")
        .arg(folder.path())
        .output()
        .unwrap();
    let told = String::from_utf8(dry.stdout).unwrap();
    assert!(dry.status.success() && told.contains("Nothing is changed"), "{told}");

    // The run of the day before was with other settings; a day later there is one with these.
    clock.fetch_add(DAY_MS + 1, Relaxed);
    let house = House::with(short(), &clock).await;
    let retention =
        house.until("retention", |data| data["runs"][0]["report"]["person_months"].as_u64() > Some(0)).await;
    assert_eq!(retention["named_from"], "2026-10-01T00:00:00Z");
    let after = house.ask(&format!("totals?{old}")).await;
    assert_eq!(after, before, "the month's figures stay");
    let table = house.ask(&format!("table?{old}&by=viewer")).await.to_string();
    assert!(!table.contains("Alice") && !table.contains(ALICE[0]), "{table}");
    assert_eq!(house.ask("totals?measures=plays,viewers&period=2026-10-01..2026-10-31").await, later);
    let october = house.ask("table?measures=plays&by=viewer&period=2026-10-01..2026-10-31").await.to_string();
    assert!(october.contains(ALICE[1]), "who is recent enough is named: {october}");
    let runs = retention["runs"].as_array().unwrap().len();
    // Nothing links the months: the keys drawn are noted nowhere, and a second run finds nothing to do.
    clock.fetch_add(DAY_MS + 1, Relaxed);
    house.stop().await;
    let house = House::with(short(), &clock).await;
    let runs = house.until("retention", |data| data["runs"].as_array().is_some_and(|now| now.len() > runs)).await;
    assert_eq!(runs["runs"][0]["report"]["person_months"], 0, "{runs}");
    house.stop().await;
    let manifest = SqliteManifest::open(&folder.path().join("catalog.sqlite")).unwrap();
    assert!(!manifest.load().unwrap().segments.is_empty());
}
