use super::record::{FieldKind, Record};
use super::view::{MediaType, Role};
use super::*;
use serde_json::{Value, json};

mod bulk;
mod changing;
mod files;

const ACCOUNT: AccountId = AccountId(7);
/// 2026-10-01T00:00:00Z.
const NOW: i64 = 1_790_812_800_000;
const DAY: i64 = 86_400_000;

/// Numbers from 1, in place of random ones.
fn counting() -> impl FnMut() -> u64 {
    let mut next = 0;
    move || {
        next += 1;
        next
    }
}

fn catalog() -> Catalog {
    let catalog = Catalog::open_in_memory(NOW).unwrap();
    catalog.add_account(ACCOUNT, "Campus", NOW - 365 * DAY).unwrap();
    catalog
}

fn checked(kind: Kind, object: &Value) -> Record {
    Record::check(kind, object.as_object().unwrap(), None).unwrap()
}

/// Puts an object, with keys counted from a high number so that they never meet.
fn put(catalog: &Catalog, kind: Kind, object: Value) -> bool {
    let mut next = 1000 + catalog.accounts().len() as u64 + catalog.live()[&ACCOUNT].people.len() as u64;
    let mut fresh = || {
        next += 1;
        next
    };
    catalog.put(ACCOUNT, &checked(kind, &object), NOW, &mut fresh).unwrap()
}

fn account_view(catalog: &Catalog) -> Arc<AccountView> {
    catalog.view().accounts[&ACCOUNT].clone()
}

fn person(catalog: &Catalog, id: &str) -> PersonKey {
    account_view(catalog).person_keys[id]
}

/// Patching must show what building anew shows; called at the end of every test that changes something.
fn patches_agree_with_building(catalog: &Catalog) {
    let patched = account_view(catalog);
    let built = build::account(&catalog.writer(), ACCOUNT, catalog.shown().now_ms).unwrap().view;
    let tidy = |view: &AccountView| {
        let mut view = view.clone();
        // An empty set and none at all mean the same.
        view.children.retain(|_, set| !set.is_empty());
        view.category_entries.retain(|_, set| !set.is_empty());
        view
    };
    assert_eq!(tidy(&patched), tidy(&built));
}

#[test]
fn every_field_has_its_column() {
    let catalog = catalog();
    let writer = catalog.writer();
    for kind in Kind::ALL {
        let mut statement = writer.prepare("SELECT name FROM pragma_table_info(?1)").unwrap();
        let columns: BTreeSet<String> =
            statement.query_map([kind.name()], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
        for field in kind.fields() {
            assert!(columns.contains(field.name), "{}.{}", kind.name(), field.name);
        }
    }
}

/// Every fault of a record, as the client reads it.
fn faults(kind: Kind, object: &Value) -> Vec<String> {
    let checked = Record::check(kind, object.as_object().unwrap(), None);
    checked.unwrap_err().iter().map(ToString::to_string).collect()
}

#[test]
fn faults_name_the_field_and_what_would_be_right() {
    let unknown = faults(Kind::Term, &json!({ "id": "w", "from": "2026-10-01", "to": "2027-02-01", "colour": "red" }));
    assert_eq!(
        unknown,
        ["`colour` is not a field of a record of kind `term`; its fields are `id`, `name`, `from`, `to`"]
    );
    let several = faults(Kind::Entry, &json!({ "duration_ms": "long", "media_type": "film", "created": "yesterday" }));
    assert_eq!(
        several,
        [
            "`id` is missing: Entry id, as players send it. text of at most 128 bytes",
            "`media_type` must be one of unknown, video, audio, image, live, quiz, youtube; found \"film\"",
            "`duration_ms` must be a whole number of milliseconds, like 90000; found \"long\"",
            "`created` must be a moment like \"2026-10-01T08:00:00Z\", or a day like \"2026-10-01\"; found \"yesterday\"",
        ]
    );
    let inside = json!({ "id": "a", "co_editors": [{ "person": "p", "role": "boss" }, 3], "downloads": "maybe" });
    assert_eq!(
        faults(Kind::Entry, &inside),
        [
            "`co_editors.role` is not a field of `co_editors`; its fields are `person`, `from`, `to`",
            "`co_editors` must be a list of objects; found 3 in it",
            "`downloads` must be true or false; found \"maybe\"",
        ]
    );
    let order = json!({ "id": "w", "from": "2026-10-02", "to": "2026-10-01" });
    assert_eq!(faults(Kind::Term, &order), ["`to` must be after `from`"]);
    let long = json!({ "id": "x".repeat(129) });
    assert_eq!(faults(Kind::Person, &long), ["`id` must have at most 128 bytes; it has 129"]);
    let both = json!({ "id": "n", "date": "2026-10-01", "text": "t", "entry": "a", "category": "b" });
    assert_eq!(
        faults(Kind::Note, &both),
        ["`category` must be absent when `entry` is there: a note is about one thing"]
    );
}

#[test]
fn the_path_and_the_record_must_agree_on_the_id() {
    let check = |object: Value, id| Record::check(Kind::Person, object.as_object().unwrap(), Some(id));
    assert_eq!(check(json!({ "name": "Ann" }), "a").unwrap().id(), "a");
    assert_eq!(check(json!({ "id": "a" }), "a").unwrap().id(), "a");
    let faults = check(json!({ "id": "b" }), "a").unwrap_err();
    assert_eq!(faults[0].to_string(), "`id` must be \"a\" as in the path, or absent; found \"b\"");
}

#[test]
fn cells_of_csv_mean_what_json_means() {
    let cell = |kind, text| super::record::cell(kind, text);
    assert_eq!(cell(FieldKind::Text(9), ""), Value::Null);
    assert_eq!(cell(FieldKind::Flag, "yes"), json!(true));
    assert_eq!(cell(FieldKind::Flag, "perhaps"), json!("perhaps"));
    assert_eq!(cell(FieldKind::Milliseconds, "90000"), json!(90_000));
    assert_eq!(cell(FieldKind::Milliseconds, "1.5"), json!("1.5"));
    assert_eq!(cell(FieldKind::Texts, "a|b"), json!(["a", "b"]));
    assert_eq!(cell(FieldKind::Objects(&[]), r#"[{"id":"a"}]"#), json!([{ "id": "a" }]));
    assert_eq!(cell(FieldKind::Text(9), "007"), json!("007"), "ids keep their noughts");
}

#[test]
fn secrets_are_never_printed() {
    let catalog = catalog();
    let account = Account {
        id: ACCOUNT,
        admin_secrets: vec![Secret(b"hush-1".to_vec())],
        sites: vec![Site {
            id: "lms".into(),
            keys: vec![(TokenAlgorithm::Hs256, Secret(b"hush-2".to_vec()))],
            origins: vec![],
        }],
        ..Account::default()
    };
    catalog.set_account(&account, NOW).unwrap();
    let printed = format!("{:?} {:?}", catalog.account(ACCOUNT), catalog);
    assert!(printed.contains("Secret(***)"));
    assert!(!printed.contains("hush"), "{printed}");
    let bytes = format!("{:?}", b"hush-1");
    assert!(!printed.contains(&bytes), "nor as numbers");
}

#[test]
fn accounts_keep_settings_secrets_and_sites() {
    let catalog = catalog();
    assert!(matches!(catalog.add_account(ACCOUNT, "Again", NOW), Err(CatalogError::AccountExists(ACCOUNT))));
    let secret = |text: &str| Secret(text.as_bytes().to_vec());
    let mut account = Account {
        id: ACCOUNT,
        name: "Campus".into(),
        created_ms: NOW - 365 * DAY,
        admin_secrets: vec![secret("z-old")],
        unsigned_users: true,
        personal_vars: BTreeSet::from(["customVar2".into()]),
        sites: vec![Site {
            id: "lms".into(),
            keys: vec![(TokenAlgorithm::Es256, secret("pem")), (TokenAlgorithm::Hs256, secret("k"))],
            origins: vec!["https://lms.example.org".into()],
        }],
    };
    catalog.set_account(&account, NOW).unwrap();
    // A second secret: both are good while the first is being replaced, oldest first.
    account.admin_secrets.push(secret("a-new"));
    catalog.set_account(&account, NOW + 1).unwrap();
    assert_eq!(*catalog.account(ACCOUNT).unwrap(), account);
    account.admin_secrets.remove(0);
    account.sites.clear();
    catalog.set_account(&account, NOW + 2).unwrap();
    assert_eq!(*catalog.account(ACCOUNT).unwrap(), account);
    assert_eq!(catalog.account(AccountId(8)), None);
    let nobody = Account { id: AccountId(8), ..Account::default() };
    assert!(matches!(catalog.set_account(&nobody, NOW), Err(CatalogError::NoAccount(AccountId(8)))));
}
