//! On disk: reopening, older files, two connections.

use super::*;

#[test]
fn what_was_acknowledged_is_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.sqlite");
    let catalog = Catalog::open(&path, NOW).unwrap();
    catalog.add_account(ACCOUNT, "Campus", NOW).unwrap();
    put(&catalog, Kind::Entry, json!({ "id": "e", "owner": "ann" }));
    let ann = person(&catalog, "ann");
    let bob = catalog.person_key(ACCOUNT, "bob", &mut || 4242).unwrap().unwrap();
    catalog.note_entries(ACCOUNT, &["seen".into()]).unwrap();
    let before = account_view(&catalog);
    // No farewell: as after a kill, the log is all there is.
    std::mem::forget(catalog);
    let catalog = Catalog::open(&path, NOW).unwrap();
    assert_eq!(account_view(&catalog), before);
    assert_eq!(catalog.known_person(ACCOUNT, "ann"), Some(ann));
    assert_eq!(catalog.known_person(ACCOUNT, "bob"), Some(bob));
}

#[test]
fn a_file_with_other_tables_is_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.sqlite");
    // Sign-in or the manifest may have been there first.
    let other = Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE manifest (x INTEGER); INSERT INTO manifest VALUES (5)").unwrap();
    let catalog = Catalog::open(&path, NOW).unwrap();
    catalog.add_account(ACCOUNT, "Campus", NOW).unwrap();
    let version: u32 = other.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(version as usize, schema::STEPS.len());
    let kept: i64 = other.query_row("SELECT x FROM manifest", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, 5);
}

#[test]
fn a_newer_file_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.sqlite");
    drop(Catalog::open(&path, NOW).unwrap());
    let other = Connection::open(&path).unwrap();
    other.pragma_update(None, "user_version", 99).unwrap();
    let error = Catalog::open(&path, NOW).unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("version 99"), "{cause}");
    let version: u32 = other.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(version, 99);
}

#[test]
fn the_rules_of_crash_safety_are_set() {
    let folder = tempfile::tempdir().unwrap();
    let catalog = Catalog::open(&folder.path().join("catalog.sqlite"), NOW).unwrap();
    let writer = catalog.writer();
    let text: String = writer.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
    assert_eq!(text, "wal");
    let number = |name| writer.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!((number("synchronous"), number("foreign_keys")), (2, 1));
}

#[test]
fn another_programs_changes_are_taken_in() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.sqlite");
    let serving = Catalog::open(&path, NOW).unwrap();
    serving.add_account(ACCOUNT, "Campus", NOW).unwrap();
    let importing = Catalog::open(&path, NOW).unwrap();
    put(&importing, Kind::Entry, json!({ "id": "e", "name": "From outside", "owner": "ann" }));
    assert_eq!(account_view(&serving).entries.len(), 0);
    assert_eq!(serving.advance(NOW).unwrap(), 1);
    assert_eq!(account_view(&serving).entries["e"].name, "From outside".into());
    assert_eq!(serving.advance(NOW).unwrap(), 0);
    // Both give a person the key that the first of them made, whether or not the other has looked.
    let here = importing.person_key(ACCOUNT, "bob", &mut || 1).unwrap();
    let there = serving.person_key(ACCOUNT, "bob", &mut || 2).unwrap();
    assert_eq!(here, there);
    assert_eq!(serving.known_person(ACCOUNT, "bob"), here);
    importing.add_account(AccountId(8), "Other", NOW).unwrap();
    assert_eq!(serving.advance(NOW).unwrap(), 1);
    assert!(serving.account(AccountId(8)).is_some());
    patches_agree_with_building(&serving);
}

#[test]
fn two_connections_write_in_turns() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.sqlite");
    let one = Catalog::open(&path, NOW).unwrap();
    one.add_account(ACCOUNT, "Campus", NOW).unwrap();
    let two = Catalog::open(&path, NOW).unwrap();
    std::thread::scope(|scope| {
        for (start, catalog) in [(1_u64, &one), (1_000_000, &two)] {
            scope.spawn(move || {
                let mut next = start;
                for i in 0..40 {
                    let mut fresh = || {
                        next += 1;
                        next
                    };
                    catalog.person_key(ACCOUNT, &format!("p{i}"), &mut fresh).unwrap().unwrap();
                }
            });
        }
    });
    one.advance(NOW).unwrap();
    two.advance(NOW).unwrap();
    assert_eq!(account_view(&one).person_keys.len(), 40);
    assert_eq!(account_view(&one), account_view(&two), "each person has one key");
}
