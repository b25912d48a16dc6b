//! Import and export.

use super::*;

fn import_as(catalog: &Catalog, text: &str, format: Format, kind: Option<Kind>) -> ImportReport {
    let mut last = 0;
    let mut progress = |bytes| {
        assert!(bytes >= last, "progress never goes back");
        last = bytes;
    };
    let mut fresh = counting();
    let report = catalog.import(ACCOUNT, &mut text.as_bytes(), format, kind, NOW, &mut fresh, &mut progress).unwrap();
    assert_eq!(last, report.bytes);
    report
}

fn import(catalog: &Catalog, text: &str) -> ImportReport {
    import_as(catalog, text, Format::Ndjson, None)
}

fn bad(report: &ImportReport) -> Vec<String> {
    let line = |bad: &BadLine| {
        let errors: Vec<String> = bad.errors.iter().map(ToString::to_string).collect();
        format!("{}: {}", bad.line, errors.join("; "))
    };
    report.bad_lines.iter().map(line).collect()
}

/// One of each kind, every field set.
const FULL: &str = r#"{"record":"person","id":"ann","name":"Ann","mail":"ann@example.org"}
{"record":"term","id":"w26","name":"Winter","from":"2026-10-01T00:00:00Z","to":"2027-04-01T00:00:00Z"}
{"record":"category","id":"bio","name":"Biology","parent":"science","kind":"course","lms_course":"42","created":"2026-09-01T00:00:00Z","updated":"2026-09-02T00:00:00Z","term":"w26","sections":[{"id":"s1","name":"One"}],"previous":"bio25"}
{"record":"entry","id":"1_a","name":"Cells","media_type":"video","duration_ms":60000,"replacements":[{"at":"2026-09-03T00:00:00Z","duration_ms":50000}],"content_end_ms":59000,"owner":"ann","co_editors":[{"from":"2026-09-01T00:00:00Z","person":"bob"}],"tags":["x","y"],"created":"2026-09-01T10:30:00.125Z","published":"2026-09-02T00:00:00Z","deleted":"2027-09-02T00:00:00Z","starts":"2026-12-01T15:00:00Z","ends":"2026-12-01T16:00:00Z","visibility":"public","downloads":true,"source":"Upload","thumbnail_url":"https://example.org/t.jpg","youtube_id":"abc","log":[{"at":"2026-09-01T10:30:00Z","by":"ann","what":"uploaded"}]}
{"record":"link","id":"1_a:bio","entry":"1_a","category":"bio","approved":false,"from":"2026-09-01T00:00:00Z","to":"2027-09-01T00:00:00Z"}
{"record":"member","id":"bio:ann:teacher","category":"bio","person":"ann","role":"teacher","section":"s1","from":"2026-09-01T00:00:00Z"}
{"record":"playlist","id":"p","name":"List","entries":["1_a"],"owner":"ann","created":"2026-09-01T00:00:00Z"}
{"record":"note","id":"n","date":"2026-10-01","text":"Start of term","category":"bio","author":"ann"}
"#;

#[test]
fn an_export_is_the_import_that_made_it() {
    let catalog = catalog();
    let report = import(&catalog, FULL);
    assert_eq!(bad(&report), [""; 0]);
    assert_eq!((report.stored.len(), report.created), (8, 8));
    // Not told by a catalog.
    catalog.note_entries(ACCOUNT, &["seen".into()]).unwrap();
    let mut exported = Vec::new();
    let count = catalog.export(ACCOUNT, &mut exported).unwrap();
    let exported = String::from_utf8(exported).unwrap();
    assert_eq!(count, 8);
    assert_eq!(exported, FULL);
    let again = import(&catalog, &exported);
    assert_eq!((again.bad, again.created), (0, 0), "repeating changes nothing");
    let mut twice = Vec::new();
    catalog.export(ACCOUNT, &mut twice).unwrap();
    assert_eq!(String::from_utf8(twice).unwrap(), FULL);
    patches_agree_with_building(&catalog);
}

#[test]
fn bad_lines_are_reported_and_good_ones_imported() {
    let catalog = catalog();
    let report = import(
        &catalog,
        "\u{feff}{\"record\":\"entry\",\"id\":\"good\"}\n\
         {\"record\":\"entry\",\"id\":\"bad\",\"titel\":\"x\"}\n\
         \n\
         not json\r\n\
         {\"id\":\"kindless\"}\n\
         {\"record\":\"entries\",\"id\":\"plural\"}\n\
         [1]\n\
         {\"record\":\"person\",\"id\":\"ann\"}",
    );
    assert_eq!((report.bad, report.created), (5, 2));
    let bad = bad(&report);
    assert!(bad[0].starts_with("2: `titel` is not a field of a record of kind `entry`; its fields are `id`, `name`"));
    assert!(bad[1].starts_with("4: `` must be one JSON object: expected ident"), "{}", bad[1]);
    let kinds = "`record` must be one of person, term, category, entry, link, member, playlist, note";
    assert_eq!(bad[2], format!("5: {kinds}"));
    assert_eq!(bad[3], format!("6: {kinds}"));
    assert!(bad[4].starts_with("7: `` must be one JSON object"));
    assert!(account_view(&catalog).entries.contains_key("good"));
    assert!(account_view(&catalog).person_keys.contains_key("ann"));
}

#[test]
fn csv_brings_the_same_objects() {
    let catalog = catalog();
    let csv = "id,name,duration_ms,tags,co_editors,downloads,created\r\n\
               1_a,\"Cells, part 1\",60000,bio|cells,bob|cy,yes,2026-09-01\r\n\
               1_b,\"two\nlines\",,,,,\r\n\
               1_c,Bad,long,,,,\r\n\
               1_d,Too,1,2,3,true,2026-09-01,8\r\n";
    let report = import_as(&catalog, csv, Format::Csv, Some(Kind::Entry));
    assert_eq!(
        bad(&report),
        [
            "5: `duration_ms` must be a whole number of milliseconds, like 90000; found \"long\"",
            "6: `` must have 7 cells; it has 8",
        ]
    );
    let view = account_view(&catalog);
    assert_eq!(view.entries["1_a"].name, "Cells, part 1".into());
    assert_eq!(view.entries["1_a"].co_editors.len(), 2);
    assert_eq!((view.entries["1_a"].duration_ms, view.entries["1_a"].downloads), (Some(60_000), Some(true)));
    assert_eq!(view.entries["1_b"].name, "two\nlines".into());
    assert_eq!(report.bytes, csv.len() as u64);
}

#[test]
fn csv_may_mix_kinds_and_refuses_unknown_columns_once() {
    let mixed = catalog();
    let csv = "record,id,name,entry,category\nperson,ann,Ann,,\nlink,,,e,c\nentry,e,E,,c\nbird,b,,,\n";
    let report = import_as(&mixed, csv, Format::Csv, None);
    assert_eq!(report.created, 2);
    let bad_lines = bad(&report);
    assert!(bad_lines[0].starts_with("4: `category` is not a field of a record of kind `entry`"), "{bad_lines:?}");
    assert!(bad_lines[1].starts_with("5: `record` must be one of"), "{bad_lines:?}");
    let columns = import_as(&mixed, "id,titel\na,x\nb,y\n", Format::Csv, Some(Kind::Person));
    assert_eq!(bad(&columns), ["1: `titel` is not a field; the fields are id, name, mail"]);
    let kindless = import_as(&mixed, "id,name\na,x\n", Format::Csv, None);
    assert_eq!(bad(&kindless), ["1: `` must name a column `record`, or the kind must be told otherwise"]);
}

#[test]
fn an_import_of_many_is_shown_at_the_end_and_found_by_collection() {
    let catalog = catalog();
    let mut text = String::new();
    for i in 0..9_000 {
        text += &format!("{{\"record\":\"entry\",\"id\":\"e{i}\",\"owner\":\"p{}\"}}\n", i % 100);
    }
    let report = import(&catalog, &text);
    assert_eq!((report.stored[&Kind::Entry], report.created), (9_000, 9_000));
    assert_eq!(account_view(&catalog).entries.len(), 9_000);
    assert!(catalog.known_person(ACCOUNT, "p99").is_some());
    assert!(catalog.known_entry(ACCOUNT, "e8999").is_some());
    assert_eq!(catalog.advance(NOW).unwrap(), 0, "the view is up to date");
    patches_agree_with_building(&catalog);
}

#[test]
fn endless_lines_are_passed_over() {
    let catalog = catalog();
    let text = format!("{{\"a\":\"{}\"}}\n{{\"record\":\"person\",\"id\":\"ann\"}}\n", "x".repeat(5 << 20));
    let report = import(&catalog, &text);
    assert_eq!((report.bad_lines[0].line, report.created), (1, 1));
    assert_eq!(report.bytes, text.len() as u64);
}

#[test]
fn an_unknown_account_imports_nothing() {
    let catalog = catalog();
    let mut input = FULL.as_bytes();
    let result = catalog.import(AccountId(8), &mut input, Format::Ndjson, None, NOW, &mut counting(), &mut |_| ());
    assert!(matches!(result, Err(CatalogError::NoAccount(AccountId(8)))));
}
