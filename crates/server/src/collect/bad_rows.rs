//! Bad rows: what could not be understood, kept to be read and replayed after a fix.
//!
//! One writer thread appends JSON lines to `bad-rows/{account}-{reason}-{first}.ndjson`, syncs, then answers; like the
//! journal it syncs once for all that arrived meanwhile. `first` is the number of the file's first line, counted per
//! account and reason since the beginning: so the names alone tell how many lines were evicted, across restarts and
//! without a scan. Rows of accounts that do not exist share account 0, or a sender could fill the folder with files.
//!
//! A row holds no KS, token, address or user agent: the text is cut by `redact`, and what they told is kept as facts.

use super::redact;
use super::wire::Reason;
use super::{SinkError, limits};
use engine::event::{AccountId, Facts, Text, Who};
use engine::storage::{AppendFile, Storage, StorageError};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use tokio::sync::{mpsc, oneshot};

/// All bad rows together.
pub const BYTES_MAX: u64 = 256 << 20;
/// Those of one account and one reason: 16 noisy pairs fill the store before they touch each other.
pub const GROUP_BYTES_MAX: u64 = 16 << 20;
/// A file is closed at this size: an eighth of a group, so evicting one costs little.
pub const FILE_BYTES_MAX: u64 = 2 << 20;
/// How much of a body is kept.
pub const BODY_BYTES_MAX: usize = 4096;
/// Rows taken in one sync.
const BATCH_ROWS_MAX: usize = 1024;
/// Rows that wait for the writer. 4,096 of some 6 KiB are 24 MiB at most.
const QUEUE_ROWS_MAX: usize = 4096;

const FOLDER: &str = "bad-rows";

/// The route a request came by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Route {
    /// `analytics.trackEvent`.
    Kaltura,
    /// `stats.collect`.
    Legacy,
    /// `/e`.
    Own,
}

/// What enrichment had found out by the time the row was put aside.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "named as in engine::event::Facts")]
pub struct Seen {
    #[serde(skip_serializing_if = "str::is_empty")]
    pub country: Text,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub region: Text,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub city: Text,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub place_source: Text,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub device: Text,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub os: Text,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub os_version: Text,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub browser: Text,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub browser_version: Text,
}

impl Seen {
    /// From an event's facts.
    pub fn of(facts: &Facts) -> Seen {
        Seen {
            country: facts.country.clone(),
            region: facts.region.clone(),
            city: facts.city.clone(),
            place_source: facts.place_source.clone(),
            device: facts.device.clone(),
            os: facts.os.clone(),
            os_version: facts.os_version.clone(),
            browser: facts.browser.clone(),
            browser_version: facts.browser_version.clone(),
        }
    }
    /// Into an event's facts.
    pub fn fill(&self, facts: &mut Facts) {
        facts.country = self.country.clone();
        facts.region = self.region.clone();
        facts.city = self.city.clone();
        facts.place_source = self.place_source.clone();
        facts.device = self.device.clone();
        facts.os = self.os.clone();
        facts.os_version = self.os_version.clone();
        facts.browser = self.browser.clone();
        facts.browser_version = self.browser_version.clone();
    }
}

/// One bad row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BadRow {
    /// Number within account and reason, from 1. Set by the store.
    #[serde(default)]
    pub number: u64,
    /// When it was received, ms since 1970.
    pub received_ms: i64,
    /// The account it claims; 0 when none.
    pub account: u32,
    /// Whether that account existed.
    pub known_account: bool,
    /// Route.
    pub route: Route,
    /// Reason.
    pub reason: Reason,
    /// Reason in a sentence.
    pub detail: String,
    /// Bytes of the body as it came.
    pub size: u64,
    /// SHA-256 of query and body as they came, to tell repeats apart from look-alikes.
    pub sha256: String,
    /// Method.
    pub method: String,
    /// Path.
    pub path: String,
    /// Query, secrets cut.
    pub query: String,
    /// Content type.
    pub content_type: String,
    /// The body's beginning, secrets cut.
    pub body: String,
    /// Something is missing in query or body, so the row cannot be replayed.
    pub cut: bool,
    /// Client's clock at sending (our own batches), ms since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_ms: Option<i64>,
    /// What enrichment found.
    #[serde(default)]
    pub seen: Seen,
    /// A bot.
    #[serde(default)]
    pub bot: bool,
    /// The sender asked not to be tracked.
    #[serde(default)]
    pub private: bool,
    /// Over a rate limit.
    #[serde(default)]
    pub flood: bool,
    /// Who, if that was settled: the proof itself is not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<Who>,
}

/// The raw part of a row: method, path, query, content type, body.
#[derive(Clone, Copy, Debug)]
pub struct Raw<'a> {
    /// Method.
    pub method: &'a str,
    /// Path.
    pub path: &'a str,
    /// Query.
    pub query: &'a str,
    /// Content type.
    pub content_type: &'a str,
    /// Body, as far as it was read.
    pub body: &'a [u8],
    /// Bytes of the whole body.
    pub size: u64,
}

impl Raw<'_> {
    /// Fills the raw fields of a row, secrets cut.
    pub fn fill(&self, row: &mut BadRow) {
        let text = String::from_utf8_lossy(self.body);
        let foreign = matches!(text, std::borrow::Cow::Owned(_));
        let (body, body_cut) = redact::start(&text, BODY_BYTES_MAX);
        let (query, query_cut) = redact::start(self.query, BODY_BYTES_MAX);
        row.sha256 = Sha256::new()
            .chain_update(self.query)
            .chain_update([0])
            .chain_update(self.body)
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        row.size = self.size;
        row.cut = body_cut || query_cut || foreign || self.size > self.body.len() as u64;
        row.method = self.method.to_owned();
        row.path = redact::start(self.path, limits::FIELD_BYTES_MAX).0;
        row.query = query;
        row.content_type = redact::start(self.content_type, 200).0;
        row.body = body;
    }
}

/// An account (0 stands for all that do not exist) and a reason.
pub type Group = (u32, Reason);

/// Numbers of one account and reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// Put aside since the beginning.
    pub received: u64,
    /// Of these, no longer kept: by quota or age.
    pub evicted: u64,
}

struct File {
    path: String,
    first: u64,
    bytes: u64,
    /// Receipt of its last row; 0 when it has none.
    last_ms: i64,
}

/// The files of one group, ascending; the last may be open.
#[derive(Default)]
struct Files {
    next: u64,
    files: Vec<File>,
    open: Option<Box<dyn AppendFile>>,
}

impl Files {
    fn count(&self) -> Count {
        let received = self.next.saturating_sub(1);
        Count { received, evicted: self.files.first().map_or(received, |file| file.first - 1) }
    }
}

enum Job {
    /// A row to keep.
    Put(Box<BadRow>, oneshot::Sender<Result<(), SinkError>>),
    /// Rows to blank, and the time: what is too old goes.
    Blank(Wanted, i64, oneshot::Sender<Result<Blanked, StorageError>>),
}

/// Which rows are meant.
pub type Wanted = Box<dyn Fn(&BadRow) -> bool + Send>;

/// What [`BadRows::blank`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Blanked {
    /// Rows whose content was taken away; they stay counted.
    pub rows: u64,
    /// Rows removed because of their age.
    pub expired: u64,
}

/// The store: a handle to its writer thread.
pub struct BadRows {
    queue: mpsc::Sender<Job>,
    counts: Arc<Mutex<BTreeMap<Group, Count>>>,
    storage: Arc<dyn Storage>,
}

impl BadRows {
    /// Opens the store and starts its writer. The writer ends when the handle is dropped. Rows are kept for `keep_ms`.
    pub fn open(storage: Arc<dyn Storage>, keep_ms: i64) -> Result<BadRows, StorageError> {
        let mut writer = Writer::open(Arc::clone(&storage), keep_ms)?;
        let (queue, mut jobs) = mpsc::channel::<Job>(QUEUE_ROWS_MAX);
        let counts = Arc::new(Mutex::new(writer.counts()));
        let shared = Arc::clone(&counts);
        std::thread::Builder::new()
            .name("bad-rows".into())
            .spawn(move || {
                while let Some(first) = jobs.blocking_recv() {
                    let mut batch = vec![first];
                    while let (true, Ok(next)) = (batch.len() < BATCH_ROWS_MAX, jobs.try_recv()) {
                        batch.push(next);
                    }
                    let (mut rows, mut waiting, mut blanks) = (Vec::new(), Vec::new(), Vec::new());
                    for job in batch {
                        match job {
                            Job::Put(row, done) => {
                                rows.push(*row);
                                waiting.push(done);
                            }
                            Job::Blank(wanted, now_ms, done) => blanks.push((wanted, now_ms, done)),
                        }
                    }
                    let outcome = writer.append(rows);
                    for done in waiting {
                        // A sender that has gone needs no answer.
                        let _ = done.send(outcome);
                    }
                    for (wanted, now_ms, done) in blanks {
                        let _ = done.send(writer.blank(&wanted, now_ms));
                    }
                    *shared.lock().expect("no code panics while it holds the counts") = writer.counts();
                }
            })
            .map_err(|source| StorageError::Io { doing: "start the writer of", path: FOLDER.into(), source })?;
        Ok(BadRows { queue, counts, storage })
    }

    /// Resolves once the row is durable.
    pub async fn put(&self, row: BadRow) -> Result<(), SinkError> {
        let (done, outcome) = oneshot::channel();
        // A full queue makes senders wait: no player is refused because others send rubbish.
        self.queue.send(Job::Put(Box::new(row), done)).await.map_err(|_| SinkError::Failed)?;
        outcome.await.unwrap_or(Err(SinkError::Failed))
    }

    /// Takes the content of rows away, durably, and removes what is too old. Blanked rows stay counted and cannot be
    /// replayed. Blocks: not for async code.
    ///
    /// # Errors
    /// When files cannot be rewritten; doing it again goes on.
    pub fn blank(&self, wanted: Wanted, now_ms: i64) -> Result<Blanked, StorageError> {
        let stopped = || {
            let source = std::io::Error::other("its writer has stopped");
            StorageError::Io { doing: "blank rows of", path: FOLDER.into(), source }
        };
        let (done, outcome) = oneshot::channel();
        self.queue.blocking_send(Job::Blank(wanted, now_ms, done)).map_err(|_| stopped())?;
        outcome.blocking_recv().map_err(|_| stopped())?
    }

    /// The last row of a group that is kept. Reads a file's end: not for async code.
    ///
    /// # Errors
    /// When it cannot be read; not when it has just gone.
    pub fn last(&self, group: Group) -> Result<Option<BadRow>, StorageError> {
        let names = self.storage.list(FOLDER)?;
        let of_group = names.iter().filter_map(|name| group_of(name).map(|(of, first)| (of, first, name)));
        let mut files: Vec<(u64, &String)> =
            of_group.filter(|(of, ..)| *of == group).map(|(_, first, name)| (first, name)).collect();
        files.sort_unstable();
        for (first, name) in files.into_iter().rev() {
            let path = format!("{FOLDER}/{name}");
            let found = self
                .storage
                .size(&path)
                .and_then(|bytes| last_row(&*self.storage, &File { path, first, bytes, last_ms: 0 }));
            match found {
                Ok(None) | Err(StorageError::Missing { .. }) => {}
                found => return found,
            }
        }
        Ok(None)
    }

    /// Numbers by account and reason.
    pub fn counts(&self) -> BTreeMap<Group, Count> {
        self.counts.lock().expect("no code panics while it holds the counts").clone()
    }
}

struct Writer {
    storage: Arc<dyn Storage>,
    keep_ms: i64,
    groups: BTreeMap<Group, Files>,
}

impl Writer {
    fn open(storage: Arc<dyn Storage>, keep_ms: i64) -> Result<Writer, StorageError> {
        // Left by a crash.
        for name in storage.list(FOLDER)?.iter().filter(|name| name.ends_with(".tmp")) {
            storage.remove(&format!("{FOLDER}/{name}"))?;
        }
        let mut groups: BTreeMap<Group, Files> = BTreeMap::new();
        for name in storage.list(FOLDER)? {
            let Some((group, first)) = group_of(&name) else { continue };
            let path = format!("{FOLDER}/{name}");
            let bytes = storage.size(&path)?;
            groups.entry(group).or_default().files.push(File { path, first, bytes, last_ms: 0 });
        }
        for files in groups.values_mut() {
            files.files.sort_by_key(|file| file.first);
            for file in &mut files.files {
                let last = last_row(&*storage, file)?;
                file.last_ms = last.as_ref().map_or(0, |row| row.received_ms);
                files.next = last.map_or(file.first, |row| row.number + 1);
            }
        }
        Ok(Writer { storage, keep_ms, groups })
    }

    fn counts(&self) -> BTreeMap<Group, Count> {
        self.groups.iter().map(|(group, files)| (*group, files.count())).collect()
    }

    /// Appends rows and makes them durable, all or none acknowledged.
    fn append(&mut self, rows: Vec<BadRow>) -> Result<(), SinkError> {
        let mut now_ms = 0;
        let mut touched: BTreeMap<Group, Vec<BadRow>> = BTreeMap::new();
        for row in rows {
            now_ms = now_ms.max(row.received_ms);
            let group = (if row.known_account { row.account } else { 0 }, row.reason);
            touched.entry(group).or_default().push(row);
        }
        for (group, rows) in touched {
            if let Err(error) = self.append_group(group, rows) {
                // A failed write or sync is final for the file; the next row opens a new one.
                if let Some(files) = self.groups.get_mut(&group) {
                    files.open = None;
                }
                tracing::error!(error = &error as &dyn std::error::Error, "bad rows could not be kept");
                return Err(match error {
                    StorageError::Full { .. } => SinkError::Full,
                    _ => SinkError::Failed,
                });
            }
        }
        self.evict(now_ms);
        Ok(())
    }

    fn append_group(&mut self, group: Group, rows: Vec<BadRow>) -> Result<(), StorageError> {
        let files = self.groups.entry(group).or_insert_with(|| Files { next: 1, ..Files::default() });
        let full = files.files.last().is_some_and(|file| file.bytes >= FILE_BYTES_MAX);
        if files.open.is_none() || full {
            files.roll(&*self.storage, group)?;
        }
        let mut lines = Vec::new();
        let mut last_ms = 0;
        let mut number = files.next;
        for mut row in rows {
            row.number = number;
            number += 1;
            last_ms = row.received_ms;
            serde_json::to_writer(&mut lines, &row).expect("a bad row is plain data");
            lines.push(b'\n');
        }
        // Numbers of a failed append are not used again: it may have reached the disk.
        files.next = number;
        let open = files.open.as_mut().expect("opened above");
        open.append(&lines)?;
        open.sync()?;
        let file = files.files.last_mut().expect("the open file is listed");
        file.bytes = open.size();
        file.last_ms = last_ms;
        Ok(())
    }

    /// Rewrites the files that hold wanted rows, without their content; the next row opens a new file.
    fn blank(&mut self, wanted: &Wanted, now_ms: i64) -> Result<Blanked, StorageError> {
        let evicted = |groups: &BTreeMap<Group, Files>| groups.values().map(|files| files.count().evicted).sum::<u64>();
        let before = evicted(&self.groups);
        self.evict(now_ms);
        let mut blanked = Blanked { rows: 0, expired: evicted(&self.groups) - before };
        for files in self.groups.values_mut() {
            for file in files.files.iter_mut().filter(|file| file.bytes > 0) {
                let rows = rows_of(&*self.storage, &file.path)?;
                let hits = rows.iter().filter(|row| wanted(row)).count() as u64;
                if hits == 0 {
                    continue;
                }
                let mut lines = Vec::new();
                for row in rows {
                    let row = if wanted(&row) { blank(row) } else { row };
                    serde_json::to_writer(&mut lines, &row).expect("a bad row is plain data");
                    lines.push(b'\n');
                }
                files.open = None;
                let temporary = format!("{}.tmp", file.path);
                self.storage.remove(&temporary)?;
                let mut rewritten = self.storage.create(&temporary)?;
                rewritten.append(&lines)?;
                rewritten.sync()?;
                self.storage.rename(&temporary, &file.path)?;
                file.bytes = lines.len() as u64;
                blanked.rows += hits;
            }
        }
        Ok(blanked)
    }

    /// Removes what is over the quotas or too old. What cannot be removed now is tried again with the next row.
    fn evict(&mut self, now_ms: i64) {
        loop {
            let total: u64 = self.groups.values().flat_map(|files| &files.files).map(|file| file.bytes).sum();
            let over = self.groups.iter().find_map(|(group, files)| {
                let bytes: u64 = files.files.iter().map(|file| file.bytes).sum();
                let first = files.files.first()?;
                let old = first.last_ms != 0 && first.last_ms < now_ms - self.keep_ms;
                (bytes > GROUP_BYTES_MAX || (old && first.bytes > 0)).then_some(*group)
            });
            let oldest = || {
                let holds = |files: &&File| files.bytes > 0;
                let oldest = |(group, files): (&Group, &Files)| {
                    files.files.iter().find(holds).map(|file| (file.last_ms, *group))
                };
                self.groups.iter().filter_map(oldest).min().map(|(_, group)| group)
            };
            let Some(group) = over.or_else(|| if total > BYTES_MAX { oldest() } else { None }) else { return };
            let files = self.groups.get_mut(&group).expect("found above");
            if let Err(error) = files.remove_first(&*self.storage, group) {
                tracing::warn!(error = &error as &dyn std::error::Error, "old bad rows could not be removed");
                return;
            }
        }
    }
}

impl Files {
    fn roll(&mut self, storage: &dyn Storage, group: Group) -> Result<(), StorageError> {
        self.open = None;
        let path = path_of(group, self.next);
        let first = self.next;
        if self.files.last().is_some_and(|file| file.first == first) {
            // An empty file of that name stands (a crash before its first row): nothing in it can be lost.
            let file = self.files.pop().expect("looked at above");
            storage.remove(&file.path)?;
        }
        self.open = Some(storage.create(&path)?);
        self.files.push(File { path, first, bytes: 0, last_ms: 0 });
        Ok(())
    }

    /// Removes the oldest file. The newest is replaced by an empty one, whose name remembers the count.
    fn remove_first(&mut self, storage: &dyn Storage, group: Group) -> Result<(), StorageError> {
        if self.files.len() == 1 {
            self.roll(storage, group)?;
        }
        storage.remove(&self.files[0].path)?;
        self.files.remove(0);
        Ok(())
    }
}

fn path_of((account, reason): Group, first: u64) -> String {
    format!("{FOLDER}/{account}-{}-{first:012}.ndjson", reason.name())
}

fn group_of(name: &str) -> Option<(Group, u64)> {
    let mut parts = name.strip_suffix(".ndjson")?.split('-');
    let account = parts.next()?.parse().ok()?;
    let reason = parts.next()?;
    let reason = Reason::ALL.into_iter().find(|known| known.name() == reason)?;
    let first = parts.next()?.parse().ok()?;
    Some(((account, reason), first))
}

/// The rows of a file; torn or foreign lines are not rows.
fn rows_of(storage: &dyn Storage, path: &str) -> Result<Vec<BadRow>, StorageError> {
    let bytes = storage.read(path)?;
    Ok(bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect())
}

fn last_row(storage: &dyn Storage, file: &File) -> Result<Option<BadRow>, StorageError> {
    // Twice the longest row: JSON escapes may double query and body.
    const TAIL: u64 = 64 * 1024;
    let from = file.bytes.saturating_sub(TAIL);
    let bytes = storage.read_at(&file.path, from, TAIL as usize)?;
    Ok(bytes.split(|byte| *byte == b'\n').rev().find_map(|line| serde_json::from_slice(line).ok()))
}

/// A row and whether it was replayed.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// The row.
    pub row: BadRow,
    /// Replayed with success.
    pub done: bool,
}

/// All bad rows that are kept, by account and reason, oldest first. Reads only: the server may be running.
pub fn list(storage: &dyn Storage) -> Result<Vec<Listed>, StorageError> {
    let done = done_marks(storage)?;
    let mut listed = Vec::new();
    let mut names: Vec<(Group, u64, String)> = storage
        .list(FOLDER)?
        .into_iter()
        .filter_map(|name| group_of(&name).map(|(group, first)| (group, first, name)))
        .collect();
    names.sort();
    for (group, _, name) in names {
        for row in rows_of(storage, &format!("{FOLDER}/{name}"))? {
            let done = done.contains(&mark(group, row.number));
            listed.push(Listed { row, done });
        }
    }
    Ok(listed)
}

fn mark((account, reason): Group, number: u64) -> String {
    format!("{account}-{}-{number}", reason.name())
}

fn done_marks(storage: &dyn Storage) -> Result<BTreeSet<String>, StorageError> {
    let mut marks = BTreeSet::new();
    for name in storage.list(FOLDER)?.iter().filter(|name| name.ends_with(".done")) {
        let bytes = storage.read(&format!("{FOLDER}/{name}"))?;
        marks.extend(String::from_utf8_lossy(&bytes).lines().map(str::to_owned));
    }
    Ok(marks)
}

/// Remembers that rows were replayed, durably. One file for each call; `done` marks of evicted rows go.
pub fn mark_done(storage: &dyn Storage, rows: &[BadRow]) -> Result<(), StorageError> {
    if rows.is_empty() {
        return Ok(());
    }
    let names = storage.list(FOLDER)?;
    let old: Vec<&String> = names.iter().filter(|name| name.ends_with(".done")).collect();
    let next =
        old.iter().filter_map(|name| name.strip_suffix(".done")?.parse::<u64>().ok()).max().map_or(1, |last| last + 1);
    let kept: BTreeSet<String> =
        list(storage)?.iter().map(|listed| mark(group(&listed.row), listed.row.number)).collect();
    let mut marks: BTreeSet<String> = done_marks(storage)?.intersection(&kept).cloned().collect();
    marks.extend(rows.iter().map(|row| mark(group(row), row.number)));
    let mut file = storage.create(&format!("{FOLDER}/{next:012}.done"))?;
    file.append(marks.into_iter().map(|mark| mark + "\n").collect::<String>().as_bytes())?;
    file.sync()?;
    for name in old {
        storage.remove(&format!("{FOLDER}/{name}"))?;
    }
    Ok(())
}

fn group(row: &BadRow) -> Group {
    (if row.known_account { row.account } else { 0 }, row.reason)
}

/// What stays of a row whose content is taken away: when, on what account, why, how large.
fn blank(row: BadRow) -> BadRow {
    let account = Some(AccountId(row.account));
    let kept = self::row(row.route, account, row.known_account, row.reason, "erased");
    BadRow { number: row.number, received_ms: row.received_ms, size: row.size, cut: true, ..kept }
}

/// A row without its raw part.
pub fn row(route: Route, account: Option<AccountId>, known: bool, reason: Reason, detail: &str) -> BadRow {
    BadRow {
        number: 0,
        received_ms: 0,
        account: account.map_or(0, |account| account.0),
        known_account: known,
        route,
        reason,
        detail: detail.to_owned(),
        size: 0,
        sha256: String::new(),
        method: String::new(),
        path: String::new(),
        query: String::new(),
        content_type: String::new(),
        body: String::new(),
        cut: false,
        sent_ms: None,
        seen: Seen::default(),
        bot: false,
        private: false,
        flood: false,
        who: None,
    }
}

#[cfg(test)]
mod tests;
