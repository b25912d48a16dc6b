#![expect(clippy::unwrap_used, reason = "tests")]
use super::work::LOOK_ROWS;
use super::*;
use engine::storage::files::FileStorage;
use engine::storage::memory::MemoryStorage;
use serde_json::json;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::AtomicI64;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

const NOW_MS: i64 = 1_795_435_200_000;
const HOUR_MS: i64 = 3_600_000;

/// Does what the spec says: `rows` lines, one for each word that comes through the gate if there is one.
struct Steps {
    gate: Option<Mutex<Receiver<()>>>,
}

impl Work for Steps {
    fn check(&self, asked: &JobSpec) -> Result<(), Refusal> {
        match asked.spec["rows"].as_u64() {
            Some(_) => Ok(()),
            None => Err(Refusal { field: "spec.rows".to_owned(), problem: "It is a number.".to_owned() }),
        }
    }
    fn run(&self, asked: &JobSpec, progress: &Progress, out: &mut (dyn Write + Send)) -> Result<(), WorkError> {
        let rows = asked.spec["rows"].as_u64().unwrap();
        progress.expect(rows);
        for row in 0..rows {
            while let Some(gate) = &self.gate {
                if gate.lock().unwrap().recv_timeout(Duration::from_millis(1)).is_ok() {
                    break;
                }
                progress.advance(0)?;
            }
            if asked.spec["panic"].as_u64() == Some(row) {
                panic!("a fault in row {row}");
            }
            if asked.spec["refuse"].as_u64() == Some(row) {
                return Err(WorkError::Refused("The recording is gone.".to_owned()));
            }
            writeln!(out, "{row} {}", "x".repeat(100))?;
            progress.advance(1)?;
        }
        Ok(())
    }
}

struct Bench {
    jobs: Jobs,
    worker: Option<Worker>,
    now_ms: Arc<AtomicI64>,
    gate: Sender<()>,
}

impl Bench {
    fn over(ledger: Ledger, storage: Arc<dyn Storage>, gated: bool, floor_bytes: u64) -> Bench {
        let now_ms = Arc::new(AtomicI64::new(NOW_MS));
        let told = now_ms.clone();
        let (gate, through) = channel();
        let parts = Parts {
            ledger,
            storage,
            work: Arc::new(Steps { gate: gated.then(|| Mutex::new(through)) }),
            clock: Arc::new(move || told.load(Relaxed)),
            keep_ms: HOUR_MS,
            floor_bytes,
            scratch: std::env::temp_dir(),
        };
        let (jobs, worker) = Jobs::start(parts).unwrap();
        Bench { jobs, worker: Some(worker), now_ms, gate }
    }

    fn in_memory(gated: bool) -> Bench {
        Bench::over(Ledger::open_in_memory().unwrap(), Arc::new(MemoryStorage::new()), gated, 0)
    }

    fn in_folder(folder: &Path, gated: bool) -> Bench {
        let ledger = Ledger::open(&folder.join("catalog.sqlite")).unwrap();
        Bench::over(ledger, Arc::new(FileStorage::open(folder, 0).unwrap()), gated, 0)
    }

    fn try_submit(&self, owner: &str, spec: Value) -> Result<Job, JobsError> {
        self.jobs.submit(JobSpec {
            owner: owner.to_owned(),
            account: AccountId(7),
            title: "Numbers".to_owned(),
            form: Form::NdJson,
            options: Options::default(),
            spec,
        })
    }

    fn submit(&self, owner: &str, spec: Value) -> String {
        self.try_submit(owner, spec).unwrap().id
    }

    fn get(&self, id: &str) -> Job {
        self.jobs.get("ada", id).unwrap().unwrap()
    }

    /// The job, once `done` holds.
    fn wait(&self, id: &str, done: impl Fn(&Job) -> bool) -> Job {
        let began = Instant::now();
        loop {
            let job = self.get(id);
            if done(&job) {
                return job;
            }
            assert!(began.elapsed() < Duration::from_secs(20), "it stays {job:?}");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn ended(&self, id: &str) -> Job {
        self.wait(id, |job| !matches!(job.state, State::Queued | State::Running))
    }

    fn open(&self, rows: usize) {
        for _ in 0..rows {
            self.gate.send(()).unwrap();
        }
    }

    fn content(&self, id: &str) -> String {
        let file = self.jobs.open_file("ada", id).unwrap().unwrap();
        String::from_utf8(file.read_at(0, file.bytes as usize).unwrap()).unwrap()
    }

    fn files(&self) -> Vec<String> {
        self.jobs.inner.parts.storage.list(FOLDER).unwrap()
    }

    fn stop(&mut self) {
        self.worker.take().unwrap().stop();
    }
}

#[test]
fn a_job_says_how_far_it_is_and_ends_in_a_file() {
    let bench = Bench::in_memory(true);
    let id = bench.submit("ada", json!({ "rows": 3 }));
    let second = bench.submit("ada", json!({ "rows": 0 }));
    bench.open(1);
    let half = bench.wait(&id, |job| job.rows == 1);
    assert_eq!((half.state, half.rows_total, half.started_ms), (State::Running, Some(3), Some(NOW_MS)));
    assert_eq!(bench.get(&second).state, State::Queued);
    let early = bench.jobs.open_file("ada", &id);
    assert!(matches!(early, Err(JobsError::NoFile(State::Running))));
    bench.open(2);
    let done = bench.ended(&id);
    assert_eq!((done.state, done.rows, done.error.as_deref()), (State::Done, 3, None));
    assert_eq!(done.expires_ms, Some(NOW_MS + HOUR_MS));
    let content = bench.content(&id);
    assert_eq!((content.lines().count(), content.len() as u64), (3, done.bytes));
    assert_eq!(bench.ended(&second).state, State::Done, "the next one's turn has come");
    let list: Vec<String> = bench.jobs.list("ada").unwrap().into_iter().map(|job| job.id).collect();
    assert_eq!(list, [second, id]);
    assert_eq!(bench.jobs.list("grace").unwrap(), []);
}

#[test]
fn nobody_sees_the_job_of_another() {
    let bench = Bench::in_memory(false);
    let id = bench.submit("ada", json!({ "rows": 1 }));
    bench.ended(&id);
    assert_eq!(bench.jobs.get("grace", &id).unwrap(), None);
    assert!(bench.jobs.open_file("grace", &id).unwrap().is_none());
    assert!(!bench.jobs.cancel("grace", &id).unwrap());
    assert_eq!(bench.get(&id).state, State::Done);
    assert_eq!(id.len(), 32);
}

#[test]
fn a_cancelled_job_leaves_nothing_behind() {
    let bench = Bench::in_memory(true);
    let (running, waiting) = (bench.submit("ada", json!({ "rows": 9 })), bench.submit("ada", json!({ "rows": 9 })));
    bench.open(1);
    bench.wait(&running, |job| job.rows == 1);
    assert!(bench.jobs.cancel("ada", &waiting).unwrap());
    assert!(bench.jobs.cancel("ada", &running).unwrap());
    assert_eq!(bench.get(&running).state, State::Cancelled, "at once");
    let next = bench.submit("ada", json!({ "rows": 1 }));
    bench.wait(&next, |job| job.state == State::Running);
    bench.open(1);
    assert_eq!(bench.ended(&next).state, State::Done);
    assert_eq!(bench.get(&running).state, State::Cancelled);
    assert_eq!(bench.get(&waiting).state, State::Cancelled);
    assert_eq!(bench.files(), [format!("{next}.ndjson")]);
    // A second time takes it away, and so the file of one that is done.
    assert!(bench.jobs.cancel("ada", &running).unwrap());
    assert!(bench.jobs.cancel("ada", &next).unwrap());
    assert!(!bench.jobs.cancel("ada", &next).unwrap());
    assert_eq!(bench.jobs.list("ada").unwrap().len(), 1);
    assert_eq!(bench.files(), Vec::<String>::new());
}

#[test]
fn what_goes_wrong_fails_the_job_and_not_the_next() {
    let bench = Bench::in_memory(false);
    let panics = bench.submit("ada", json!({ "rows": 5, "panic": 3 }));
    let refuses = bench.submit("ada", json!({ "rows": 5, "refuse": 2 }));
    let fine = bench.submit("ada", json!({ "rows": 5 }));
    let failed = bench.ended(&panics);
    assert_eq!((failed.state, failed.rows), (State::Failed, 3));
    let error = failed.error.unwrap();
    assert!(error.contains("fault of the server") && !error.contains("row 3"), "causes are not told: {error}");
    assert_eq!(bench.ended(&refuses).error.as_deref(), Some("The recording is gone."));
    assert_eq!(bench.ended(&fine).state, State::Done);
    assert_eq!(bench.files(), [format!("{fine}.ndjson")]);
}

#[test]
fn a_full_disk_is_called_one() {
    let storage = MemoryStorage::new();
    storage.set_room(Some(300 << 10));
    let bench = Bench::over(Ledger::open_in_memory().unwrap(), Arc::new(storage.clone()), false, 0);
    let id = bench.submit("ada", json!({ "rows": 10_000 }));
    let failed = bench.ended(&id);
    assert_eq!(failed.error.as_deref(), Some("There is no room on the server's disk for this export."));
    assert_eq!(bench.files(), Vec::<String>::new());
    storage.set_room(None);
    let again = bench.submit("ada", json!({ "rows": 10_000 }));
    assert_eq!(bench.ended(&again).state, State::Done);
    // Below the floor nothing is begun that writes past us.
    let folder = tempfile::tempdir().unwrap();
    let files = Arc::new(FileStorage::open(folder.path(), 0).unwrap());
    let bench = Bench::over(Ledger::open_in_memory().unwrap(), files, false, u64::MAX);
    let id = bench.submit("ada", json!({ "rows": 2 * LOOK_ROWS }));
    let failed = bench.ended(&id);
    assert_eq!((failed.state, failed.rows), (State::Failed, LOOK_ROWS));
}

#[test]
fn a_stopped_server_goes_on_with_its_jobs() {
    let folder = tempfile::tempdir().unwrap();
    let mut bench = Bench::in_folder(folder.path(), true);
    let (done, running) = (bench.submit("ada", json!({ "rows": 1 })), bench.submit("ada", json!({ "rows": 4 })));
    let waiting = bench.submit("ada", json!({ "rows": 1 }));
    bench.open(3);
    bench.wait(&running, |job| job.rows == 2);
    bench.stop();
    assert_eq!(bench.get(&running).state, State::Queued);
    assert_eq!(bench.files(), [format!("{done}.ndjson")]);

    let bench = Bench::in_folder(folder.path(), false);
    assert_eq!(bench.ended(&running).rows, 4);
    assert_eq!(bench.ended(&waiting).state, State::Done);
    assert_eq!(bench.content(&running).lines().count(), 4);
    assert_eq!(bench.content(&done).lines().count(), 1);
}

#[test]
fn a_killed_server_goes_on_with_its_jobs_but_not_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let id = {
        let first = Bench::in_folder(folder.path(), true);
        let id = first.submit("ada", json!({ "rows": 4 }));
        first.open(2);
        first.wait(&id, |job| job.rows == 2);
        // Its thread gets no further, as a process does that is no more.
        std::mem::forget(first);
        id
    };
    std::fs::write(folder.path().join("exports/leftover.csv"), "half").unwrap();
    let second = Bench::in_folder(folder.path(), true);
    assert!(!second.files().contains(&"leftover.csv".to_owned()));
    second.wait(&id, |job| job.rows_total.is_some());
    std::mem::forget(second);
    let third = Bench::in_folder(folder.path(), true);
    third.wait(&id, |job| job.rows_total.is_some());
    std::mem::forget(third);
    let fourth = Bench::in_folder(folder.path(), false);
    let failed = fourth.ended(&id);
    assert_eq!(failed.error.as_deref(), Some("The server ended several times while it made this export."));
    assert_eq!(fourth.files(), Vec::<String>::new());
}

#[test]
fn a_done_job_whose_file_is_gone_says_so_after_a_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut bench = Bench::in_folder(folder.path(), false);
    let id = bench.submit("ada", json!({ "rows": 1 }));
    bench.ended(&id);
    bench.stop();
    std::fs::remove_file(folder.path().join(format!("exports/{id}.ndjson"))).unwrap();
    let bench = Bench::in_folder(folder.path(), false);
    assert_eq!(bench.get(&id).error.as_deref(), Some("The file of this export is gone."));
}

#[test]
fn what_has_expired_is_gone() {
    let bench = Bench::in_memory(false);
    let id = bench.submit("ada", json!({ "rows": 1 }));
    bench.ended(&id);
    bench.now_ms.store(NOW_MS + HOUR_MS - 1, Relaxed);
    bench.jobs.sweep(NOW_MS + HOUR_MS - 1).unwrap();
    assert_eq!(bench.get(&id).state, State::Done);
    // Also before it is swept.
    bench.now_ms.store(NOW_MS + HOUR_MS, Relaxed);
    assert_eq!(bench.jobs.get("ada", &id).unwrap(), None);
    assert_eq!(bench.jobs.list("ada").unwrap(), []);
    assert_eq!(bench.files().len(), 1);
    bench.jobs.sweep(NOW_MS + HOUR_MS).unwrap();
    assert_eq!(bench.files(), Vec::<String>::new());
}

#[test]
fn limits_are_named() {
    let bench = Bench::in_memory(true);
    let running = bench.submit("ada", json!({ "rows": 1 }));
    bench.wait(&running, |job| job.state == State::Running);
    let limit = |owner: &str| match bench.try_submit(owner, json!({ "rows": 1 })) {
        Err(JobsError::TooMany { limit }) => limit,
        other => panic!("{other:?}"),
    };
    for _ in 0..WAITING_PER_OWNER_MAX {
        bench.submit("ada", json!({ "rows": 1 }));
    }
    assert!(limit("ada").starts_with("5 of your exports are waiting"));
    for owner in 0..(WAITING_MAX - WAITING_PER_OWNER_MAX) {
        bench.submit(&format!("owner {owner}"), json!({ "rows": 1 }));
    }
    assert!(limit("grace").starts_with("50 exports are waiting"));

    let bench = Bench::in_memory(false);
    for _ in 0..KEPT_PER_OWNER_MAX {
        let id = bench.submit("ada", json!({ "rows": 0 }));
        bench.ended(&id);
    }
    match bench.try_submit("ada", json!({ "rows": 1 })) {
        Err(JobsError::TooMany { limit }) => assert!(limit.starts_with("50 of your exports are kept"), "{limit}"),
        other => panic!("{other:?}"),
    }
    bench.now_ms.store(NOW_MS + HOUR_MS, Relaxed);
    bench.submit("ada", json!({ "rows": 1 }));

    for (title, spec, field) in [
        ("", json!({ "rows": 1 }), "title"),
        ("a\nb", json!({ "rows": 1 }), "title"),
        (&*"x".repeat(TITLE_CHARS_MAX + 1), json!({ "rows": 1 }), "title"),
        ("a", json!({ "rows": 1, "x": "x".repeat(SPEC_BYTES_MAX) }), "spec"),
        ("a", json!({}), "spec.rows"),
    ] {
        let asked = JobSpec {
            owner: "ada".to_owned(),
            account: AccountId(7),
            title: title.to_owned(),
            form: Form::Csv,
            options: Options::default(),
            spec,
        };
        match bench.jobs.submit(asked) {
            Err(JobsError::Refused(refusal)) => assert_eq!(refusal.field, field),
            other => panic!("{field}: {other:?}"),
        }
    }
}

#[test]
fn owners_take_turns() {
    let bench = Bench::in_memory(true);
    let first = bench.submit("ada", json!({ "rows": 1 }));
    bench.wait(&first, |job| job.state == State::Running);
    let second = bench.submit("ada", json!({ "rows": 1 }));
    let other = bench.try_submit("grace", json!({ "rows": 1 })).unwrap().id;
    bench.open(1);
    bench.ended(&first);
    bench.open(1);
    let began = Instant::now();
    while bench.jobs.get("grace", &other).unwrap().unwrap().state != State::Done {
        assert!(began.elapsed() < Duration::from_secs(20));
        std::thread::sleep(Duration::from_millis(2));
    }
    assert_ne!(bench.get(&second).state, State::Done);
}

#[test]
fn a_table_of_a_newer_program_is_refused_and_ours_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("catalog.sqlite");
    drop(Ledger::open(&file).unwrap());
    drop(Ledger::open(&file).unwrap());
    let connection = rusqlite::Connection::open(&file).unwrap();
    let version: u32 = connection.query_row("SELECT version FROM export_version", [], |row| row.get(0)).unwrap();
    assert_eq!(version, 1);
    assert_eq!(connection.pragma_query_value(None, "user_version", |row| row.get::<_, u32>(0)).unwrap(), 0);
    connection.execute("UPDATE export_version SET version = 99", []).unwrap();
    assert!(Ledger::open(&file).unwrap_err().to_string().contains("version 99"));
}
