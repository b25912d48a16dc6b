//! The threads over a journal that fails when told to.
#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;
use std::sync::atomic::AtomicU64;

/// What the journal and the fold were given, and how the journal behaves.
#[derive(Default)]
struct Script {
    /// 0 well, 1 full, 2 failing.
    mood: AtomicU64,
    appended: Mutex<Vec<Vec<String>>>,
    folded: Mutex<Vec<(u64, usize)>>,
    /// Groups that were folded when it was last shown.
    shown: AtomicU64,
    checkpoints: AtomicU64,
}

struct ScriptedLog(Arc<Script>);
struct ScriptedFolder(Arc<Script>);

fn entries(events: &[Event]) -> Vec<String> {
    events.iter().map(|event| event.entry.to_string()).collect()
}

impl Log for ScriptedLog {
    fn append(&mut self, events: &[Event]) -> Result<u64, JournalError> {
        // Slow, as a sync is, so that groups form.
        std::thread::sleep(Duration::from_millis(2));
        let path = || "journal/1.log".to_owned();
        match self.0.mood.load(Ordering::SeqCst) {
            1 => return Err(StorageError::Full { doing: "append to", path: path() }.into()),
            2 => {
                let source = std::io::Error::other("the disk is gone");
                return Err(StorageError::Io { doing: "sync", path: path(), source }.into());
            }
            _ => {}
        }
        if events.iter().any(|event| &*event.entry == "huge") {
            return Err(JournalError::TooLarge { bytes: 2, max: 1 });
        }
        let mut appended = self.0.appended.lock().unwrap();
        let first = appended.iter().map(Vec::len).sum::<usize>() as u64;
        appended.push(entries(events));
        Ok(first)
    }
}

impl Folder for ScriptedFolder {
    fn fold(&mut self, first_seq: u64, events: Vec<Event>) -> Result<(), String> {
        self.0.folded.lock().unwrap().push((first_seq, events.len()));
        Ok(())
    }
    fn show(&mut self) {
        self.0.shown.store(self.0.folded.lock().unwrap().len() as u64, Ordering::SeqCst);
    }
    fn maintain(&mut self) -> Result<bool, String> {
        Ok(false)
    }
    fn checkpoint(&mut self) -> Result<(), String> {
        self.0.checkpoints.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

fn started() -> (Arc<Script>, Arc<Metrics>, Writer, Threads) {
    let (script, metrics) = (Arc::new(Script::default()), Arc::new(Metrics::default()));
    let (log, folder) = (ScriptedLog(script.clone()), ScriptedFolder(script.clone()));
    let (writer, threads) = start(Box::new(log), Box::new(folder), metrics.clone()).unwrap();
    (script, metrics, writer, threads)
}

fn event(entry: &str) -> Event {
    Event { entry: entry.into(), ..Event::default() }
}

async fn submit(writer: &Writer, entry: &str) -> Result<(), SinkError> {
    writer.submit(vec![event(entry)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_acknowledged_is_durable_and_folded_in_order_when_it_ends() {
    let (script, metrics, writer, threads) = started();
    let senders: Vec<_> = (0..200)
        .map(|i| {
            let writer = writer.clone();
            tokio::spawn(async move { submit(&writer, &i.to_string()).await })
        })
        .collect();
    for sender in senders {
        sender.await.unwrap().unwrap();
    }
    writer.close();
    tokio::task::spawn_blocking(|| threads.join()).await.unwrap();
    let appended = script.appended.lock().unwrap().clone();
    assert_eq!(appended.iter().map(Vec::len).sum::<usize>(), 200);
    assert!(appended.len() < 100, "{} syncs for 200 senders at once: groups do not form", appended.len());
    let folded = script.folded.lock().unwrap().clone();
    let mut next = 0;
    for (first, count) in folded.iter() {
        assert_eq!(*first, next);
        next += *count as u64;
    }
    assert_eq!(next, 200);
    assert_eq!(metrics.fold_lag.load(Ordering::Relaxed), 0);
    assert_eq!(script.checkpoints.load(Ordering::SeqCst), 1);
    assert_eq!(submit(&writer, "late").await, Err(SinkError::Failed), "closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_until_there_is_room() {
    let (script, metrics, writer, _threads) = started();
    script.mood.store(1, Ordering::SeqCst);
    assert_eq!(submit(&writer, "a").await, Err(SinkError::Full));
    assert_eq!(metrics.disk_full.load(Ordering::Relaxed), 1);
    script.mood.store(0, Ordering::SeqCst);
    assert_eq!(submit(&writer, "b").await, Ok(()));
    assert_eq!(metrics.disk_full.load(Ordering::Relaxed), 0);
    assert_eq!(*script.appended.lock().unwrap(), [["b"]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_sync_is_final() {
    let (script, metrics, writer, _threads) = started();
    script.mood.store(2, Ordering::SeqCst);
    assert_eq!(submit(&writer, "a").await, Err(SinkError::Failed));
    script.mood.store(0, Ordering::SeqCst);
    assert_eq!(submit(&writer, "b").await, Err(SinkError::Failed), "a retried sync may claim what the kernel dropped");
    assert!(writer.has_failed());
    assert_eq!(metrics.poisoned.load(Ordering::Relaxed), 1);
    assert!(script.appended.lock().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_impossible_event_does_not_take_its_neighbours_along() {
    let (script, _, writer, _threads) = started();
    let (a, huge, b) = tokio::join!(submit(&writer, "a"), submit(&writer, "huge"), submit(&writer, "b"));
    assert_eq!((a, huge, b), (Ok(()), Err(SinkError::Failed), Ok(())));
    assert!(!writer.has_failed());
    let kept: Vec<String> = script.appended.lock().unwrap().concat();
    assert_eq!(kept, ["a", "b"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_folded_shows_soon_after_the_last_event() {
    let (script, _, writer, _threads) = started();
    for round in 1..=3 {
        submit(&writer, "a").await.unwrap();
        let began = Instant::now();
        while script.shown.load(Ordering::SeqCst) < round && began.elapsed() < Duration::from_secs(1) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(script.shown.load(Ordering::SeqCst), round);
    }
}
