//! `playhead backup` beside a server at work, and `playhead restore`.

use super::command::at_work;
use super::*;
use std::path::Path;
use std::process::{Command, Output, Stdio};

async fn run(words: &[&str], data: &Path, backup: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_playhead"));
    command.env_remove("PLAYHEAD_TEST_DATA");
    command.args(words).arg("--data").arg(data).arg(backup).stdin(Stdio::null());
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

async fn said(words: &[&str], data: &Path, backup: &Path) -> String {
    let output = run(words, data, backup).await;
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// View rows of the last days, as the command line tells them.
async fn rows(data: &Path) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_playhead"));
    command.env_remove("PLAYHEAD_TEST_DATA");
    command.args(["export", "rows", "--period", "7d", "--query", "today=1", "--data"]).arg(data);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_backup_tells_what_the_server_told() {
    let campus = at_work().await;
    let (data, elsewhere) = (campus.folder.path(), tempfile::tempdir().unwrap());
    let backup = elsewhere.path().join("backup");
    assert!(said(&["backup"], data, &backup).await.contains("all verified"));
    let before = rows(data).await;
    assert!(before.lines().count() > 40);

    // What came in since is not in it; a second time it is, and little is copied.
    campus.play(900, "1_b", "anna", 0, 1, FIREFOX).await;
    campus.until("totals?measures=plays&period=7d&today=1", 41.0).await;
    let first = elsewhere.path().join("first");
    assert!(said(&["restore"], &first, &backup).await.contains("no damage"));
    assert_eq!(rows(&first).await, before);
    said(&["backup"], data, &backup).await;
    let second = elsewhere.path().join("second");
    said(&["restore"], &second, &backup).await;
    let after = rows(data).await;
    assert_eq!(rows(&second).await, after);
    assert!(after.lines().count() > before.lines().count());
    let catalogs = std::fs::read_dir(&backup).unwrap().flatten();
    assert_eq!(catalogs.filter(|entry| entry.file_name().to_string_lossy().starts_with("catalog-")).count(), 1);

    // Nothing new: only the catalog's file is made again.
    assert!(said(&["backup"], data, &backup).await.contains(" 0 newly copied"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_over_and_damage_is_named() {
    let campus = at_work().await;
    let (data, elsewhere) = (campus.folder.path(), tempfile::tempdir().unwrap());
    let refused = |output: Output, part: &str| {
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && error.contains(part), "{error}");
    };
    refused(run(&["backup"], data, data).await, "holds no backup");
    refused(run(&["restore"], &elsewhere.path().join("x"), data).await, "there is no backup.json");
    let backup = elsewhere.path().join("backup");
    said(&["backup"], data, &backup).await;
    refused(run(&["restore"], data, &backup).await, "is not empty");

    let journal = std::fs::read_dir(backup.join("files/journal")).unwrap().flatten().next().unwrap().path();
    let mut bytes = std::fs::read(&journal).unwrap();
    bytes[100] ^= 1;
    std::fs::write(&journal, bytes).unwrap();
    let target = elsewhere.path().join("y");
    refused(run(&["restore"], &target, &backup).await, &format!("{} is damaged", journal.display()));
    assert!(!target.join("catalog.sqlite").exists(), "half a restore is nobody's data");
}
