//! A backup from before an erasure, restored: the erasure is done again, by a list that names nobody.

use super::erasing::{erase, has_alice, lacks_alice, lived_in, names};
use super::*;
use std::process::{Command, Output, Stdio};

async fn playhead(words: &[&str], paths: &[&Path]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_playhead"));
    command.env_remove("PLAYHEAD_TEST_DATA").env("PLAYHEAD_DISK_FREE_MB", "0");
    command.args(words).args(paths).stdin(Stdio::null());
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

async fn said(words: &[&str], paths: &[&Path]) -> String {
    let output = playhead(words, paths).await;
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Everything that can be exported names Alice nowhere.
async fn exports_lack_alice(house: &House) {
    for spec in
        [json!({ "kind": "catalog" }), json!({ "kind": "report", "name": "rows", "query": "period=all&today=1" })]
    {
        let asked = house.post("/api/v1/exports", &json!({ "title": "All", "form": "ndjson", "spec": spec })).await;
        assert_eq!(asked.status(), StatusCode::ACCEPTED);
        let id = json_of(asked).await["data"]["id"].as_str().unwrap().to_owned();
        house.until(&format!("exports/{id}"), |export| export["state"] == "done").await;
        let told = text(house.get(&format!("/api/v1/exports/{id}/file"), &house.cookie(), "*/*").await).await;
        assert!(told.lines().count() > 5, "{told}");
        assert!(!names(&told) && !told.contains(&format!("{KEY:016x}")), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_erased_since_a_backup_is_erased_again_when_it_is_restored() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let at = |name: &str| elsewhere.path().join(name);
    let clock = Arc::new(AtomicI64::new(NOW_MS));
    let lasting = || Settings { erasure_list: Some(at("lasting.json")), ..settings(folder.path()) };
    lived_in(folder.path(), &clock).await.stop().await;
    let house = House::with(lasting(), &clock).await;
    let before = house.figures().await;
    said(&["backup", "--data"], &[folder.path(), &at("old")]).await;
    let erasure = erase(&house).await;
    assert_eq!(house.figures().await, before);
    said(&["backup", "--data"], &[folder.path(), &at("new")]).await;
    std::fs::write(at("printed.json"), said(&["erasures", "--data"], &[folder.path()]).await).unwrap();
    house.stop().await;

    // Without any list she is back: so what follows says something.
    let told = said(&["restore", "--data"], &[&at("without"), &at("old")]).await;
    assert!(told.contains("of 0 erasures none concerns the backup"), "{told}");
    let hits = privacy::search::search(&at("without"), &[ALICE[0].into()]).unwrap().hits;
    assert!(hits.contains_key("catalog.sqlite"), "{hits:?}");

    // Lists: of the folder that is replaced, of a newer backup, as printed.
    for (name, list) in [("by-folder", folder.path()), ("by-backup", &at("new")), ("by-print", &at("printed.json"))] {
        let told = said(&["restore", "--data"], &[&at(name), &at("old"), Path::new("--erasures"), list]).await;
        assert!(told.contains("erasing 1 people again") && told.contains("no damage"), "{name}: {told}");
        lacks_alice(&at(name));
        let house = House::open(&at(name), &clock).await;
        assert_eq!(house.figures().await, before, "{name}");
        let again = house.ask("erasures").await["rows"][0].clone();
        assert_eq!((&again["id"], &again["state"]), (&erasure["id"], &json!("done")), "{again}");
        exports_lack_alice(&house).await;
        house.stop().await;
        lacks_alice(&at(name));
    }

    // What the settings name is read by itself, and the list of the restored folder goes on: also a backup of a folder
    // that never knew her leads to no one, and neither does a list.
    let mut command = Command::new(env!("CARGO_BIN_EXE_playhead"));
    command.env_remove("PLAYHEAD_TEST_DATA").env("PLAYHEAD_DISK_FREE_MB", "0");
    command.env("PLAYHEAD_PRIVACY_ERASURE_LIST", at("lasting.json"));
    command.args(["restore", "--data"]).args([at("by-settings"), at("old")]);
    assert!(command.output().unwrap().status.success());
    lacks_alice(&at("by-settings"));
    let lists =
        ["lasting.json", "printed.json", "new/erasures.json"].map(|name| std::fs::read_to_string(at(name)).unwrap());
    for list in &lists {
        assert!(list.contains(erasure["id"].as_str().unwrap()) && list.contains("certificate"), "{list}");
        assert!(!ALICE.iter().any(|word| list.contains(word)) && !list.contains(&format!("{KEY:016x}")), "{list}");
        assert!(!list.contains(&KEY.to_string()), "{list}");
    }
    said(&["backup", "--data"], &[&at("by-settings"), &at("old")]).await;
    assert_eq!(std::fs::read_to_string(at("old/erasures.json")).unwrap().matches("\"mark\"").count(), 1);
    let told = said(&["restore", "--data"], &[&at("later"), &at("old")]).await;
    assert!(told.contains("of 1 erasures none concerns the backup"), "{told}");
    lacks_alice(&at("later"));

    for (list, part) in [(at("none"), "holds no list of erasures"), (at("old/backup.json"), "is no list of erasures")] {
        let output =
            playhead(&["restore", "--data"], &[&at("refused"), &at("old"), Path::new("--erasures"), &list]).await;
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && error.contains(part) && !at("refused").exists(), "{error}");
    }
}

/// A server that starts on a folder restored half-way goes on by itself: from its first answer she is not there.
#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_is_killed_brings_nobody_back() {
    let (folder, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let at = |name: &str| elsewhere.path().join(name);
    let clock = Arc::new(AtomicI64::new(NOW_MS));
    let house = lived_in(folder.path(), &clock).await;
    has_alice(folder.path());
    let before = house.figures().await;
    said(&["backup", "--data"], &[folder.path(), &at("old")]).await;
    erase(&house).await;
    house.stop().await;
    let mut half = 0;
    for (number, milliseconds) in [5, 20, 40, 60, 80, 100, 130, 160, 200, 250, 300, 400].into_iter().enumerate() {
        let to = at(&number.to_string());
        let mut command = Command::new(env!("CARGO_BIN_EXE_playhead"));
        command.env_remove("PLAYHEAD_TEST_DATA").env("PLAYHEAD_DISK_FREE_MB", "0").stdout(Stdio::null());
        let mut child = command
            .args(["restore", "--data"])
            .arg(&to)
            .arg(at("old"))
            .arg("--erasures")
            .arg(folder.path())
            .spawn()
            .unwrap();
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        let over = child.try_wait().unwrap().is_some();
        child.kill().unwrap();
        child.wait().unwrap();
        if !to.join("catalog.sqlite").exists() {
            continue;
        }
        half += u32::from(!over);
        let house = House::open(&to, &clock).await;
        let names = house.ask("table?measures=plays&by=viewer&period=all&today=1").await.to_string();
        assert!(!ALICE.iter().any(|word| names.contains(word)), "after {milliseconds} ms: {names}");
        house.until("erasures", |data| data["rows"][0]["state"] == "done").await;
        assert_eq!(house.figures().await, before);
        house.stop().await;
        lacks_alice(&to);
        if over {
            break;
        }
    }
    assert!(half > 0, "no restore was killed while it erased: nothing is shown");
}
