#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;
use engine::storage::memory::MemoryStorage;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

fn bad(account: u32, known: bool, received_ms: i64, body: &str) -> BadRow {
    let mut row = row(Route::Kaltura, Some(AccountId(account)), known, Reason::Protocol, "why");
    let raw = Raw {
        method: "POST",
        path: "/api_v3/index.php",
        query: "ks=secret&a=1",
        content_type: "application/json",
        body: body.as_bytes(),
        size: body.len() as u64,
    };
    raw.fill(&mut row);
    row.received_ms = received_ms;
    row
}

fn writer(storage: &MemoryStorage) -> Writer {
    Writer::open(Arc::new(storage.clone()), 14 * DAY_MS).unwrap()
}

#[test]
fn rows_come_back_without_their_secrets_after_a_crash() {
    let storage = MemoryStorage::new();
    let mut store = writer(&storage);
    store.append(vec![bad(7, true, 1, r#"{"ks":"abc","x":"10.0.0.1"}"#), bad(8, true, 2, "b")]).unwrap();
    store.append(vec![bad(7, true, 3, "c")]).unwrap();
    let crashed = storage.crash(&mut |_| 0);
    let rows = list(&crashed).unwrap();
    let seen: Vec<(u32, u64, &str)> =
        rows.iter().map(|listed| (listed.row.account, listed.row.number, listed.row.body.as_str())).collect();
    assert_eq!(seen, [(7, 1, r#"{"ks":"-","x":"-"}"#), (7, 2, "c"), (8, 1, "b")]);
    assert_eq!(rows[0].row.query, "ks=-&a=1");
    assert_eq!(rows[0].row.sha256.len(), 64);
    // A restart continues to count.
    let mut store = writer(&crashed);
    assert_eq!(store.counts()[&(7, Reason::Protocol)], Count { received: 2, evicted: 0 });
    store.append(vec![bad(7, true, 4, "d")]).unwrap();
    assert_eq!(list(&crashed).unwrap()[2].row.number, 3);
}

#[test]
fn a_group_over_its_quota_loses_its_oldest_and_says_how_many() {
    let storage = MemoryStorage::new();
    let mut store = writer(&storage);
    let body = "x".repeat(4000);
    let rows: Vec<BadRow> = (0..100).map(|n| bad(7, true, n, &body)).collect();
    store.append(vec![bad(8, true, 0, "other")]).unwrap();
    for _ in 0..60 {
        store.append(rows.clone()).unwrap();
    }
    let Count { received, evicted } = store.counts()[&(7, Reason::Protocol)];
    let kept = list(&storage).unwrap().iter().filter(|listed| listed.row.account == 7).count() as u64;
    assert_eq!((received, evicted + kept), (6000, 6000));
    assert!(evicted > 0 && kept > 2000, "{evicted} {kept}");
    let bytes: u64 = store.groups[&(7, Reason::Protocol)].files.iter().map(|file| file.bytes).sum();
    assert!(bytes <= GROUP_BYTES_MAX);
    assert_eq!(store.counts()[&(8, Reason::Protocol)], Count { received: 1, evicted: 0 }, "others lose nothing");
    assert_eq!(writer(&storage).counts(), store.counts(), "a restart knows the same");
}

#[test]
fn what_is_too_old_goes_and_stays_counted() {
    let storage = MemoryStorage::new();
    let mut store = writer(&storage);
    store.append(vec![bad(7, true, DAY_MS, "old"), bad(7, true, DAY_MS, "old")]).unwrap();
    store.append(vec![bad(8, true, 20 * DAY_MS, "new")]).unwrap();
    assert_eq!(list(&storage).unwrap().len(), 1);
    let expect = Count { received: 2, evicted: 2 };
    assert_eq!(store.counts()[&(7, Reason::Protocol)], expect);
    assert_eq!(writer(&storage).counts()[&(7, Reason::Protocol)], expect);
    let mut store = writer(&storage);
    store.append(vec![bad(7, true, 20 * DAY_MS, "again")]).unwrap();
    assert_eq!(list(&storage).unwrap()[0].row.number, 3);
}

#[test]
fn accounts_that_do_not_exist_share_one_group() {
    let storage = MemoryStorage::new();
    let mut store = writer(&storage);
    store.append((0..50).map(|n| bad(1000 + n, false, 1, "x")).collect()).unwrap();
    assert_eq!(storage.list(FOLDER).unwrap().len(), 1);
    assert_eq!(store.counts()[&(0, Reason::Protocol)].received, 50);
}

#[test]
fn marks_survive_and_go_with_their_rows() {
    let storage = MemoryStorage::new();
    let mut store = writer(&storage);
    store.append(vec![bad(7, true, DAY_MS, "a"), bad(8, true, DAY_MS, "b")]).unwrap();
    let done =
        |storage: &MemoryStorage| -> Vec<bool> { list(storage).unwrap().iter().map(|listed| listed.done).collect() };
    let rows: Vec<BadRow> = list(&storage).unwrap().into_iter().map(|listed| listed.row).collect();
    mark_done(&storage, &rows[1..]).unwrap();
    assert_eq!(done(&storage), [false, true]);
    mark_done(&storage, &rows[..1]).unwrap();
    assert_eq!(done(&storage.crash(&mut |_| 0)), [true, true]);
    assert_eq!(storage.list(FOLDER).unwrap().iter().filter(|name| name.ends_with(".done")).count(), 1);
}

#[test]
fn a_full_disk_is_told_and_the_next_row_finds_a_way() {
    let storage = MemoryStorage::new();
    let mut store = writer(&storage);
    store.append(vec![bad(7, true, 1, "a")]).unwrap();
    storage.set_room(Some(0));
    assert_eq!(store.append(vec![bad(7, true, 2, "b")]), Err(SinkError::Full));
    storage.set_room(None);
    store.append(vec![bad(7, true, 3, "c")]).unwrap();
    let bodies: Vec<String> = list(&storage).unwrap().into_iter().map(|listed| listed.row.body).collect();
    assert_eq!(bodies, ["a", "c"]);
}

#[test]
fn long_bodies_are_cut_after_their_secrets() {
    let long = format!("{}{}", "y".repeat(BODY_BYTES_MAX - 20), "ks=djJ8MTIzNHzaJnINC3QDyx6uGKzcRLVU8TahEaZGNPb3UEo");
    let row = bad(7, true, 1, &long);
    assert!(!row.body.contains("djJ8") && !row.cut);
    assert!(bad(7, true, 1, &"z ".repeat(BODY_BYTES_MAX)).cut);
}

#[test]
fn blanked_rows_stay_counted_and_say_nothing() {
    let storage = MemoryStorage::new();
    let mut store = writer(&storage);
    store
        .append(vec![bad(7, true, 1, "userId=alice"), bad(7, true, 2, "userId=bob"), bad(8, true, 3, "alice")])
        .unwrap();
    let wanted: Wanted = Box::new(|row| row.account == 7 && row.body.contains("alice"));
    assert_eq!(store.blank(&wanted, 4).unwrap(), Blanked { rows: 1, expired: 0 });
    assert_eq!(store.blank(&wanted, 4).unwrap(), Blanked::default(), "nothing is left to do");
    let rows = list(&storage).unwrap();
    let shown: Vec<_> = rows.iter().map(|listed| (listed.row.number, &*listed.row.detail, &*listed.row.body)).collect();
    assert_eq!(shown, [(1, "erased", ""), (2, "why", "userId=bob"), (1, "why", "alice")]);
    assert!(rows[0].row.cut && rows[0].row.sha256.is_empty() && rows[0].row.query.is_empty());
    let before = store.counts();
    store.append(vec![bad(7, true, 5, "more")]).unwrap();
    let mut store = writer(&storage);
    assert_eq!(store.counts()[&(7, Reason::Protocol)].received, before[&(7, Reason::Protocol)].received + 1);
    let none: Wanted = Box::new(|_| false);
    let later = store.blank(&none, 6 + 14 * DAY_MS).unwrap();
    assert_eq!(later, Blanked { rows: 0, expired: 4 }, "age is looked at without new rows");
}
