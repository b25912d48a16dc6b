#![expect(clippy::unwrap_used, reason = "tests")]
use super::*;

fn look(at_ms: i64, who: &str, subject: &str) -> New {
    New {
        at_ms,
        who: who.to_owned(),
        way: "oidc".to_owned(),
        account: Some(AccountId(7)),
        action: Action::Look,
        subject: subject.to_owned(),
        question: "table?by=viewer".to_owned(),
        rows: 3,
        result: Outcome::Given,
    }
}

fn people(keys: &[u64]) -> BTreeSet<PersonKey> {
    keys.iter().copied().map(PersonKey).collect()
}

fn of(search: Search) -> Search {
    Search { account: Some(AccountId(7)), ..search }
}

#[test]
fn whatever_is_changed_breaks_the_chain_there() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("catalog.sqlite");
    for (tampering, broken_at) in [
        ("UPDATE access_log SET who = 'person:7:eve' WHERE id = 3", Some(3)),
        ("UPDATE access_log SET account = NULL WHERE id = 5", Some(5)),
        ("UPDATE access_log SET at_ms = at_ms + 1 WHERE id = 1", Some(1)),
        ("UPDATE access_log SET rows = 0, people = 1 WHERE id = 2", Some(2)),
        ("UPDATE access_log SET subject = 'entry:1_atable', question = '?by=viewer' WHERE id = 2", Some(2)),
        ("DELETE FROM access_log WHERE id = 2", Some(3)),
        ("DELETE FROM access_log WHERE id = 2; UPDATE access_log SET id = id - 1 WHERE id > 2", Some(2)),
        ("UPDATE access_log SET hash = zeroblob(32) WHERE id = 4", Some(4)),
        // Nothing in the file can tell this: the head that was kept elsewhere does.
        ("DELETE FROM access_log WHERE id = 5", None),
    ] {
        let _ = std::fs::remove_file(&file);
        let log = AccessLog::open(&file).unwrap();
        for at_ms in 0..5 {
            log.append(&look(at_ms, "person:7:tom", "entry:1_a")).unwrap();
        }
        let whole = log.check().unwrap();
        assert_eq!((whole.records, whole.broken_at), (5, None));
        drop(log);
        Connection::open(&file).unwrap().execute_batch(tampering).unwrap();
        let found = check(&Connection::open(&file).unwrap()).unwrap();
        assert_eq!(found.broken_at, broken_at, "{tampering}");
        assert!(broken_at.is_some() || found.head != whole.head, "{tampering}");
    }
}

#[test]
fn a_page_is_one_record_until_it_names_somebody_new() {
    let log = AccessLog::open_in_memory().unwrap();
    let count = || log.check().unwrap().records;
    let tom = look(0, "person:7:tom", "entry:1_a");
    log.look(&tom, &people(&[1, 2]), "tom 1_a").unwrap();
    log.look(&look(59_999, "person:7:tom", "entry:1_a"), &people(&[2]), "tom 1_a").unwrap();
    assert_eq!(count(), 1);
    log.look(&look(59_999, "person:7:tom", "entry:1_a"), &people(&[2, 3]), "tom 1_a").unwrap();
    assert_eq!(count(), 2, "the next page of the table names another");
    log.look(&look(59_999, "person:7:ann", "entry:1_a"), &people(&[1]), "ann 1_a").unwrap();
    assert_eq!(count(), 3);
    log.look(&look(119_999, "person:7:tom", "entry:1_a"), &people(&[1]), "tom 1_a").unwrap();
    assert_eq!(count(), 4, "a minute later it is another look");
}

#[test]
fn what_is_old_goes_and_the_chain_holds() {
    let log = AccessLog::open_in_memory().unwrap();
    for day in 0..10 {
        log.look(&look(day * DAY_MS, "person:7:tom", "entry:1_a"), &people(&[9]), "x").unwrap();
    }
    let head = log.check().unwrap().head;
    assert_eq!(log.sweep(9 * DAY_MS, 5).unwrap(), 4);
    let checked = log.check().unwrap();
    assert_eq!((checked.records, checked.cut, checked.broken_at, checked.head), (6, 4, None, head));
    assert_eq!(log.sweep(9 * DAY_MS + 1, 0).unwrap(), 0, "once a day");
    let named = of(Search { person: Some(PersonKey(9)), ..Search::default() });
    assert_eq!(log.search(&named, 0, 100).unwrap().1, 6);
    // All of it may go; the next record follows from what was.
    assert_eq!(log.sweep(20 * DAY_MS, 1).unwrap(), 6);
    log.append(&look(20 * DAY_MS, "person:7:tom", "entry:1_a")).unwrap();
    let checked = log.check().unwrap();
    assert_eq!((checked.records, checked.cut, checked.broken_at), (1, 10, None));
}

#[test]
fn records_are_found_by_what_they_say() {
    let log = AccessLog::open_in_memory().unwrap();
    log.look(&look(1, "person:7:tom", "entry:1_a"), &people(&[1, 2]), "a").unwrap();
    log.look(&look(2, "person:7:ann", "viewer:00000000000000ff,entry:1_a"), &people(&[255]), "b").unwrap();
    log.append(&New { action: Action::RoleGranted, ..look(3, "local:1", "person:ann") }).unwrap();
    log.append(&New { account: Some(AccountId(8)), ..look(4, "local:1", "entry:1_a") }).unwrap();
    let all: BTreeSet<PersonKey> = (1..=PEOPLE_MAX as u64 + 1).map(PersonKey).collect();
    log.look(&look(5, "person:7:tom", "account"), &all, "c").unwrap();
    let found = |search: Search| -> Vec<i64> {
        let (rows, total) = log.search(&search, 0, 100).unwrap();
        assert_eq!(rows.len() as u64, total);
        rows.into_iter().map(|record| record.id).collect()
    };
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(found(Search::default()), [5, 4, 3, 2, 1]);
    assert_eq!(found(of(Search::default())), [5, 3, 2, 1]);
    assert_eq!(found(of(Search { who: text("person:7:tom"), ..Search::default() })), [5, 1]);
    assert_eq!(found(of(Search { subject: text("entry:1_a"), ..Search::default() })), [2, 1]);
    assert_eq!(found(of(Search { subject: text("entry:1_"), ..Search::default() })), [0; 0]);
    assert_eq!(found(of(Search { action: Some(Action::RoleGranted), ..Search::default() })), [3]);
    assert_eq!(found(of(Search { from_ms: Some(2), to_ms: Some(3), ..Search::default() })), [2]);
    assert_eq!(found(of(Search { before: Some(2), ..Search::default() })), [1]);
    // A list of more people than are kept concerns everybody.
    assert_eq!(found(of(Search { person: Some(PersonKey(1)), ..Search::default() })), [5, 1]);
    assert_eq!(found(of(Search { person: Some(PersonKey(4_000)), ..Search::default() })), [5]);
}

#[test]
fn who_was_erased_is_in_no_record_and_the_chain_holds() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("catalog.sqlite");
    let log = AccessLog::open(&file).unwrap();
    let (key, hex) = (PersonKey(0xdead_beef_0000_0001), "deadbeef00000001");
    log.append(&look(1, "person:7:tom", "entry:1_a")).unwrap();
    log.look(&look(2, "person:7:tom", &format!("viewer:{hex}")), &BTreeSet::from([key]), "page").unwrap();
    let filtered = format!("totals?f=is%2Cviewer%2C{hex}%2Cann&vs=none");
    log.append(&New { question: filtered, ..look(3, "person:7:ann", "person:ann") }).unwrap();
    log.append(&New { account: Some(AccountId(8)), ..look(4, "person:8:ann", "person:ann") }).unwrap();
    let before = log.check().unwrap().head;
    assert_eq!(log.forget(AccountId(7), "ann", key, 5).unwrap(), 2);
    let checked = log.check().unwrap();
    assert_eq!((checked.records, checked.broken_at), (5, None));
    let (records, _) = log.search(&of(Search::default()), 0, 10).unwrap();
    let told: Vec<String> = records.iter().map(|record| format!("{record:?}")).collect();
    assert!(!told.iter().any(|line| line.contains(hex) || line.contains("ann")), "{told:?}");
    assert_eq!((records[0].new.action, &records[0].new.subject), (Action::Erased, &self::hex(&before)));
    assert!(records.iter().any(|record| record.new.subject == "viewer:erased"));
    assert!(records.iter().any(|record| record.new.question == "totals?f=is%2Cviewer%2Cerased%2Cerased&vs=none"));
    // Of the same name in another account nothing has changed.
    let other = Search { account: Some(AccountId(8)), ..Search::default() };
    assert_eq!(log.search(&other, 0, 10).unwrap().0[0].new.who, "person:8:ann");
    assert_eq!(log.forget(AccountId(7), "ann", key, 6).unwrap(), 0);
}
