//! `playhead export`, the program itself, beside a server at work on the same folder.

use super::*;
use server::collect::wall_clock;
use std::io::Read;
use std::process::{Command, Output, Stdio};

/// A server at work on a folder, with the real time.
pub(super) async fn at_work() -> Campus {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { data: folder.path().to_owned(), disk_free_mb: 0, ..Settings::default() };
    let clock = Arc::new(AtomicI64::new(wall_clock()()));
    let data = DataFolder::open(&settings).unwrap();
    let machine = Machine::open(&data, &settings, told(&clock), &[]).unwrap();
    let campus = Campus::over(machine, settings, clock, folder).await;
    let now_ms = campus.clock.load(Relaxed);
    for number in 0..40 {
        campus.clock.store(now_ms - 6 * DAY_MS + number * 3 * 60 * MINUTE_MS, Relaxed);
        campus.play(number, ["1_a", "1_b"][(number % 2) as usize], PEOPLE[(number % 5) as usize], 0, 2, FIREFOX).await;
    }
    campus.clock.store(now_ms, Relaxed);
    campus.until("totals?measures=plays&period=7d&today=1", 40.0).await;
    campus
}

fn playhead(campus: &Campus, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_playhead"));
    // It takes any variable of its name for a setting.
    command.env_remove("PLAYHEAD_TEST_DATA");
    command.arg("export").args(words).arg("--data").arg(campus.folder.path()).stdin(Stdio::null());
    command
}

async fn run(campus: &Campus, words: &[&str]) -> Output {
    let mut command = playhead(campus, words);
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

async fn told_by(campus: &Campus, words: &[&str]) -> String {
    let output = run(campus, words).await;
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{words:?}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_tells_what_the_server_tells_at_the_same_moment() {
    let campus = at_work().await;
    let days = ["--period", "7d", "--query", "today=1"];
    for (words, path) in [
        (vec!["report", "reports/overview/recordings"], "reports/overview/recordings?".to_owned()),
        (
            vec!["report", "table", "--by", "viewer", "--measures", "plays,minutes_viewed"],
            "table?by=viewer&measures=plays,minutes_viewed".to_owned(),
        ),
        (
            vec!["report", "totals", "--measures", "plays", "--filter", "is,application,kms", "--account", "7"],
            "totals?measures=plays&f=is,application,kms".to_owned(),
        ),
        (
            vec!["rows", "--subject", "entry:1_a", "--zone", "Europe/Berlin"],
            "rows?subject=entry:1_a&zone=Europe/Berlin".to_owned(),
        ),
    ] {
        let words: Vec<&str> = words.into_iter().chain(days).collect();
        let served = campus.file(&format!("{path}&period=7d&today=1"), Form::Csv).await;
        let served = String::from_utf8(served).unwrap();
        assert!(served.lines().count() > 1, "{path}");
        assert_eq!(told_by(&campus, &words).await, served, "{words:?}");
    }

    // The server goes on taking events, and the next look has them.
    campus.play(900, "1_b", "anna", 0, 1, FIREFOX).await;
    let words: Vec<&str> = ["report", "totals", "--measures", "plays"].into_iter().chain(days).collect();
    assert!(told_by(&campus, &words).await.contains("plays,Plays,count,41"));

    let file = campus.folder.path().join("top.xlsx");
    let out = file.to_str().unwrap();
    let output = run(&campus, &["rows", "--period", "7d", "--out", out]).await;
    assert!(String::from_utf8(output.stderr).unwrap().ends_with("rows\n"));
    assert!(std::fs::read(&file).unwrap().starts_with(b"PK"));
    assert!(!campus.folder.path().join("top.xlsx.part").exists());

    let catalog = told_by(&campus, &["catalog", "--format", "ndjson"]).await;
    assert!(catalog.lines().any(|line| line.starts_with("{\"record\":\"entry\",\"id\":\"1_a\"")), "{catalog}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_writes_of_named_people_is_in_the_access_log() {
    let campus = at_work().await;
    let days = ["--period", "7d", "--query", "today=1"];
    let viewers = ["report", "table", "--by", "viewer", "--measures", "plays"];
    for words in [&["report", "totals", "--measures", "plays"][..], &viewers, &["rows", "--subject", "entry:1_a"]] {
        told_by(&campus, &[words, &days].concat()).await;
    }
    told_by(&campus, &["catalog"]).await;
    let log = campus.ask("access-log?who=command_line").await;
    let said = |row: &Value| {
        let [action, subject, question] = ["action", "subject", "question"].map(|name| row[name].as_str().unwrap());
        assert_eq!(
            (&row["way"], &row["who_label"], &row["account"]),
            (&json!("command_line"), &json!("command_line"), &json!(7))
        );
        (action.to_owned(), subject.to_owned(), question.split('?').next().unwrap().to_owned(), row["people"].clone())
    };
    let made = |subject: &str, question: &str, people: u64| {
        ("export_made".to_owned(), subject.to_owned(), question.to_owned(), json!(people))
    };
    // Totals name nobody.
    assert_eq!(
        rows(&log).iter().map(said).collect::<Vec<_>>(),
        [made("account", "catalog", 5), made("entry:1_a", "rows", 5), made("account", "table", 5)],
        "{log}"
    );
    assert_eq!(campus.ask("access-log/check").await["data"]["broken_at"], Value::Null);
    // Where it cannot be written down, nothing is given.
    let broken = rusqlite::Connection::open(campus.folder.path().join("catalog.sqlite")).unwrap();
    broken.execute_batch("CREATE TRIGGER no BEFORE INSERT ON access_log BEGIN SELECT RAISE(ABORT, 'no'); END").unwrap();
    for words in [&viewers[..], &["catalog"]] {
        let output = run(&campus, words).await;
        assert!(!output.status.success() && output.stdout.is_empty(), "{words:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_words_are_told_and_a_reader_that_leaves_is_no_error() {
    let campus = at_work().await;
    for (words, part) in [
        (vec!["report", "planets"], "reports/REPORT/PANEL"),
        (vec!["report", "totals"], "measures: It is needed"),
        (vec!["rows", "--subject", "entry:1_none"], "no such subject"),
        (vec!["rows", "--period", "31d"], "period: "),
        (vec!["rows", "--query", "perid=7d"], "perid"),
        (vec!["rows", "--account", "8"], "there is no account 8"),
        (vec!["catalog", "--account", "8"], "there is no account 8"),
        (vec!["rows", "--format", "pdf"], "csv, ndjson, xlsx or parquet"),
    ] {
        let output = run(&campus, &words).await;
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && error.contains(part), "{words:?}: {error}");
        assert!(output.stdout.is_empty(), "{words:?}");
    }
    campus.machine.catalog.add_account(AccountId(8), "Other", campus.app.now_ms()).unwrap();
    let several = run(&campus, &["rows"]).await;
    assert!(String::from_utf8(several.stderr).unwrap().contains("say which with --account"));
    let nothing = Command::new(env!("CARGO_BIN_EXE_playhead"))
        .env_remove("PLAYHEAD_TEST_DATA")
        .args(["export", "rows", "--data"])
        .arg(campus.folder.path().join("none"))
        .output()
        .unwrap();
    assert!(String::from_utf8(nothing.stderr).unwrap().contains("there is no data in"));
    assert!(!campus.folder.path().join("none").exists());

    // A table of some hundred kilobytes, of which nobody reads more than some bytes.
    let query = "by=hour&period=12m&measures=plays";
    let mut child = playhead(&campus, &["report", "series", "--account", "7", "--query", query])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 10];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((String::from_utf8(output.stderr).unwrap(), output.status.success()), (String::new(), true));
}
