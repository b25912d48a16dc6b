#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;
use std::fs;

const ACCOUNT: AccountId = AccountId(7);
/// 2026-11-23T12:00:00Z.
const NOW_MS: i64 = 1_795_435_200_000;

fn catalog() -> Catalog {
    let catalog = Catalog::open_in_memory(NOW_MS).unwrap();
    catalog.add_account(ACCOUNT, "Campus", NOW_MS).unwrap();
    catalog
}

#[test]
fn files_are_imported_by_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let files = [
        file("people.csv", "id,name\nann,Ann\n"),
        file("all.ndjson", "{\"record\":\"entry\",\"id\":\"1_a\",\"owner\":\"ann\"}\n{\"record\":\"entry\"}\n"),
        file("export.csv", "record,id,entry,category\nlink,,1_a,bio\n"),
    ];
    let catalog = catalog();
    let reports = import(&catalog, ACCOUNT, &files, None, NOW_MS).unwrap();
    let created: Vec<u64> = reports.iter().map(|(_, report)| report.created).collect();
    assert_eq!(created, [1, 1, 1]);
    let (name, report) = &reports[1];
    let text = told(name, report);
    assert!(text.contains("1 entries stored (1 new), 1 bad lines\n"), "{text}");
    assert!(text.contains("all.ndjson:2: `id` is missing"), "{text}");
    let nameless = file("export-2.csv", "id,name\nann,Ann\n");
    let error = import(&catalog, ACCOUNT, std::slice::from_ref(&nameless), None, NOW_MS).unwrap_err();
    assert!(matches!(error, ImportError::KindUnknown { .. }));
    assert!(import(&catalog, ACCOUNT, &[nameless], Some(Kind::Person), NOW_MS).is_ok());
    let error = import(&catalog, ACCOUNT, &[folder.path().join("nothing.csv")], Some(Kind::Person), NOW_MS);
    assert!(error.unwrap_err().to_string().starts_with("cannot read "));
}

#[test]
fn what_comes_without_a_name_is_told_by_its_first_line() {
    let of = |line: &[u8], said| format_of(Path::new("-"), said, line);
    assert_eq!(of(b"{\"record\":\"term\"}", None).unwrap(), (Format::Ndjson, None));
    assert_eq!(of(b"", None).unwrap(), (Format::Ndjson, None));
    assert_eq!(of(b"\xef\xbb\xbfid,\"record\"\n", None).unwrap(), (Format::Csv, None));
    assert_eq!(of(b"id,name\n", Some(Kind::Person)).unwrap(), (Format::Csv, Some(Kind::Person)));
    assert!(of(b"id,name\n", None).is_err());
}

#[test]
fn bars_draw() {
    for bar in [progress(Some(10)), progress(None)] {
        bar.set_position(5);
        bar.finish_and_clear();
    }
}

#[cfg(unix)]
#[test]
fn a_secret_that_others_may_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret.txt");
    let write = |text: &str, mode| {
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    };
    write("hush\n", 0o600);
    assert_eq!(read_secret(&path).unwrap(), Secret(b"hush".to_vec()));
    write("hush\n", 0o640);
    assert!(read_secret(&path).is_ok(), "a group may be meant");
    write("hush\n", 0o644);
    let error = read_secret(&path).unwrap_err().to_string();
    assert!(error.contains("chmod 600") && !error.contains("hush"), "{error}");
    for text in ["", " \n", "two\nlines\n", &"x".repeat(5000)] {
        write(text, 0o600);
        assert!(matches!(read_secret(&path), Err(ImportError::NotASecret { .. })));
    }
}

#[test]
fn accounts_are_added_and_given_further_secrets() {
    let catalog = Catalog::open_in_memory(NOW_MS).unwrap();
    let secret = |text: &str| Secret(text.as_bytes().to_vec());
    assert!(add_account(&catalog, ACCOUNT, Some("Campus"), secret("old"), NOW_MS).unwrap());
    assert!(!add_account(&catalog, ACCOUNT, None, secret("new"), NOW_MS + 1).unwrap());
    assert!(!add_account(&catalog, ACCOUNT, None, secret("new"), NOW_MS + 2).unwrap(), "again changes nothing");
    let account = catalog.account(ACCOUNT).unwrap();
    assert_eq!(account.name, "Campus".into());
    assert_eq!(account.admin_secrets, [secret("old"), secret("new")]);
    assert!(add_account(&catalog, AccountId(8), None, secret("x"), NOW_MS).unwrap());
    assert_eq!(catalog.account(AccountId(8)).unwrap().name, "8".into());
}
