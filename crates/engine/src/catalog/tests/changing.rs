//! Single objects: what is put is shown, history is kept.

use super::*;

#[test]
fn an_entry_is_shown_as_it_was_put() {
    let catalog = catalog();
    let new = put(
        &catalog,
        Kind::Entry,
        json!({
            "id": "1_a", "name": "Cells", "media_type": "video", "duration_ms": 600_000, "owner": "ann",
            "co_editors": ["bob", { "person": "cy", "to": "2026-09-01" }], "tags": ["bio", "week 1"],
            "created": "2026-09-01T08:00:00Z", "visibility": "private", "downloads": false, "source": "Upload",
            "replacements": [{ "at": "2026-09-05", "duration_ms": 500_000 }], "content_end_ms": 550_000,
        }),
    );
    assert!(new);
    let view = account_view(&catalog);
    let entry = &view.entries["1_a"];
    assert_eq!((&*entry.name, entry.media_type, entry.duration_ms), ("Cells", MediaType::Video, Some(600_000)));
    assert_eq!(entry.owner, Some(person(&catalog, "ann")));
    assert_eq!(entry.co_editors, BTreeSet::from([person(&catalog, "bob")]), "cy's time is over");
    assert_eq!(entry.tags, BTreeSet::from(["bio".into(), "week 1".into()]));
    assert_eq!(entry.created_ms, Some(NOW - 30 * DAY + 8 * 3_600_000));
    assert_eq!(entry.replacements, [(NOW - 26 * DAY, Some(500_000))]);
    assert_eq!((entry.downloads, entry.deleted, entry.unconfirmed), (Some(false), false, false));
    assert_eq!(view.people[&person(&catalog, "ann")].name, "ann".into(), "no name is known: the id");
    assert!(view.people[&person(&catalog, "ann")].unconfirmed);
    assert!(!put(&catalog, Kind::Entry, json!({ "id": "1_a", "name": "Cells 2" })));
    let view = account_view(&catalog);
    assert_eq!((&*view.entries["1_a"].name, view.entries["1_a"].duration_ms), ("Cells 2", None), "a record replaces");
    assert_eq!(view.entries["1_a"].replacements.len(), 1, "history stays");
    patches_agree_with_building(&catalog);
}

#[test]
fn co_editors_who_are_no_longer_named_end_now() {
    let catalog = catalog();
    put(&catalog, Kind::Entry, json!({ "id": "e", "co_editors": ["ann", "bob"] }));
    put(&catalog, Kind::Entry, json!({ "id": "e", "co_editors": ["bob", "cy"] }));
    let once = catalog.get(ACCOUNT, Kind::Entry, "e").unwrap().unwrap().to_json(false);
    assert_eq!(
        once,
        r#"{"id":"e","co_editors":[{"person":"bob"},{"from":"2026-10-01T00:00:00Z","person":"cy"},{"person":"ann","to":"2026-10-01T00:00:00Z"}]}"#
    );
    put(&catalog, Kind::Entry, json!({ "id": "e", "co_editors": ["bob", "cy"] }));
    assert_eq!(
        catalog.get(ACCOUNT, Kind::Entry, "e").unwrap().unwrap().to_json(false),
        once,
        "repeating changes nothing"
    );
    let now = BTreeSet::from([person(&catalog, "bob"), person(&catalog, "cy")]);
    assert_eq!(account_view(&catalog).entries["e"].co_editors, now);
    patches_agree_with_building(&catalog);
}

#[test]
fn categories_hold_members_and_recordings_through_time() {
    let catalog = catalog();
    put(&catalog, Kind::Entry, json!({ "id": "e" }));
    put(
        &catalog,
        Kind::Category,
        json!({ "id": "bio", "kind": "course", "sections": ["s1", { "id": "s2", "name": "B" }] }),
    );
    put(&catalog, Kind::Category, json!({ "id": "lab", "parent": "bio", "previous": "lab-2025" }));
    put(&catalog, Kind::Link, json!({ "entry": "e", "category": "bio" }));
    put(&catalog, Kind::Link, json!({ "entry": "old", "category": "bio", "to": "2026-01-01" }));
    put(&catalog, Kind::Link, json!({ "entry": "waiting", "category": "bio", "approved": false }));
    put(&catalog, Kind::Member, json!({ "category": "bio", "person": "ann", "role": "teacher", "to": "2026-06-01" }));
    put(&catalog, Kind::Member, json!({ "category": "bio", "person": "bob", "role": "student", "section": "s1" }));
    let view = account_view(&catalog);
    let bio = &view.categories["bio"];
    assert_eq!(bio.sections, [("s1".into(), "s1".into()), ("s2".into(), "B".into())]);
    assert_eq!(view.category_entries["bio"], BTreeSet::from(["e".into()]));
    assert_eq!(view.entries["e"].categories, BTreeSet::from(["bio".into()]));
    assert_eq!(bio.entries_at(NOW - 365 * DAY), BTreeSet::from(["e".into(), "old".into()]));
    assert_eq!(bio.people_at(Role::Teacher, NOW), BTreeSet::new());
    assert_eq!(bio.people_at(Role::Teacher, NOW - 200 * DAY), BTreeSet::from([person(&catalog, "ann")]));
    assert_eq!(bio.people_at(Role::Student, NOW), BTreeSet::from([person(&catalog, "bob")]));
    assert_eq!(view.subtree("bio"), BTreeSet::from(["bio".into(), "lab".into()]));
    assert_eq!(view.categories["lab"].previous, Some("lab-2025".into()));

    // The laboratory moves away; the recording leaves the course, but was there.
    put(&catalog, Kind::Category, json!({ "id": "lab" }));
    assert!(catalog.delete(ACCOUNT, Kind::Link, "e:bio", NOW).unwrap());
    assert!(!catalog.delete(ACCOUNT, Kind::Link, "e:bio", NOW).unwrap(), "it has ended already");
    let view = account_view(&catalog);
    assert_eq!(view.subtree("bio"), BTreeSet::from(["bio".into()]));
    assert!(view.category_entries["bio"].is_empty());
    assert!(view.entries["e"].categories.is_empty());
    assert!(view.categories["bio"].entries_at(NOW - DAY).contains("e"));
    patches_agree_with_building(&catalog);
}

#[test]
fn a_link_that_moves_leaves_where_it_was() {
    let catalog = catalog();
    put(&catalog, Kind::Entry, json!({ "id": "e" }));
    put(&catalog, Kind::Link, json!({ "id": "l", "entry": "e", "category": "a" }));
    put(&catalog, Kind::Link, json!({ "id": "l", "entry": "e", "category": "b" }));
    let view = account_view(&catalog);
    assert_eq!(view.entries["e"].categories, BTreeSet::from(["b".into()]));
    assert!(view.category_entries["a"].is_empty());
    patches_agree_with_building(&catalog);
}

#[test]
fn dates_come_into_force_when_the_time_is_told() {
    let catalog = catalog();
    put(&catalog, Kind::Entry, json!({ "id": "e", "deleted": "2026-10-05" }));
    put(&catalog, Kind::Link, json!({ "entry": "e", "category": "c", "from": "2026-10-02", "to": "2026-10-04" }));
    let is_in = |at| {
        catalog.advance(at).unwrap();
        !account_view(&catalog).entries["e"].categories.is_empty()
    };
    assert!(!is_in(NOW));
    assert!(is_in(NOW + DAY));
    assert_eq!(catalog.advance(NOW + DAY + 1).unwrap(), 0, "nothing to do between dates");
    assert!(!is_in(NOW + 3 * DAY));
    assert!(!account_view(&catalog).entries["e"].deleted);
    assert_eq!(catalog.advance(NOW + 4 * DAY).unwrap(), 1);
    assert!(account_view(&catalog).entries["e"].deleted);
    patches_agree_with_building(&catalog);
}

#[test]
fn deleting_keeps_what_reports_need() {
    let catalog = catalog();
    put(&catalog, Kind::Entry, json!({ "id": "e", "name": "Cells" }));
    put(&catalog, Kind::Category, json!({ "id": "c", "name": "Biology" }));
    put(&catalog, Kind::Playlist, json!({ "id": "p", "entries": ["e"] }));
    put(&catalog, Kind::Term, json!({ "id": "t", "from": "2026-10-01", "to": "2027-03-01" }));
    put(&catalog, Kind::Note, json!({ "id": "n", "date": "2026-10-01", "text": "Start", "author": "ann" }));
    let view = account_view(&catalog);
    assert_eq!(view.playlists["p"].entries, ["e".into()]);
    assert_eq!(view.notes["n"].author, Some(person(&catalog, "ann")));
    assert_eq!(view.terms["t"].1, NOW);
    for (kind, id) in
        [(Kind::Entry, "e"), (Kind::Category, "c"), (Kind::Playlist, "p"), (Kind::Term, "t"), (Kind::Note, "n")]
    {
        assert!(catalog.delete(ACCOUNT, kind, id, NOW).unwrap(), "{kind:?}");
        assert!(!catalog.delete(ACCOUNT, kind, id, NOW).unwrap(), "{kind:?} twice");
    }
    let view = account_view(&catalog);
    assert!(view.entries["e"].deleted && view.entries["e"].name == "Cells".into());
    assert!(view.categories["c"].deleted && view.categories["c"].name == "Biology".into());
    assert!(view.playlists.is_empty() && view.terms.is_empty() && view.notes.is_empty());
    let log = catalog.get(ACCOUNT, Kind::Entry, "e").unwrap().unwrap().to_json(false);
    assert!(log.contains(r#""log":[{"at":"2026-10-01T00:00:00Z","what":"deleted"}]"#), "{log}");
    patches_agree_with_building(&catalog);
}

#[test]
fn a_forgotten_person_stays_one_person_without_a_name() {
    let catalog = catalog();
    put(&catalog, Kind::Person, json!({ "id": "ann", "name": "Ann Smith", "mail": "ann@example.org" }));
    put(&catalog, Kind::Entry, json!({ "id": "e", "owner": "ann" }));
    put(&catalog, Kind::Category, json!({ "id": "c" }));
    put(&catalog, Kind::Member, json!({ "category": "c", "person": "ann", "role": "student" }));
    let key = person(&catalog, "ann");
    assert!(catalog.delete(ACCOUNT, Kind::Person, "ann", NOW).unwrap());
    assert!(!catalog.delete(ACCOUNT, Kind::Person, "ann", NOW).unwrap());
    let view = account_view(&catalog);
    assert_eq!((&*view.people[&key].id, &*view.people[&key].mail), ("", ""));
    assert!(!view.person_keys.contains_key("ann"));
    assert!(view.categories["c"].members.is_empty());
    assert_eq!(catalog.known_person(ACCOUNT, "ann"), None);
    let mut exported = Vec::new();
    catalog.export(ACCOUNT, &mut exported).unwrap();
    assert!(!String::from_utf8(exported).unwrap().to_lowercase().contains("ann"));
    // Coming back, she is somebody new.
    let mut fresh = || 77_777;
    assert_eq!(catalog.person_key(ACCOUNT, "ann", &mut fresh).unwrap(), Some(PersonKey(77_777)));
    patches_agree_with_building(&catalog);
}

#[test]
fn people_appear_by_themselves_once() {
    let catalog = catalog();
    let mut fresh = counting();
    assert_eq!(catalog.known_person(ACCOUNT, "ann"), None);
    let ann = catalog.person_key(ACCOUNT, "ann", &mut fresh).unwrap().unwrap();
    assert_eq!(catalog.person_key(ACCOUNT, "ann", &mut fresh).unwrap(), Some(ann));
    assert_eq!(catalog.known_person(ACCOUNT, "ann"), Some(ann));
    assert!(account_view(&catalog).people[&ann].unconfirmed);
    // 0 is nobody, and a key in use is drawn again.
    let mut drawn = [0, ann.0, 9].into_iter();
    let bob = catalog.person_key(ACCOUNT, "bob", &mut || drawn.next().unwrap()).unwrap();
    assert_eq!(bob, Some(PersonKey(9)));
    assert_eq!(catalog.person_key(ACCOUNT, "", &mut fresh).unwrap(), None);
    assert!(matches!(catalog.person_key(AccountId(8), "x", &mut fresh), Err(CatalogError::NoAccount(_))));
    // The highest bit is not lost on the way through the file's signed integers.
    let high = catalog.person_key(ACCOUNT, "cy", &mut || u64::MAX).unwrap();
    assert_eq!(high, Some(PersonKey(u64::MAX)));
    put(&catalog, Kind::Entry, json!({ "id": "e", "owner": "cy", "co_editors": ["cy"] }));
    let entry = account_view(&catalog).entries["e"].clone();
    assert_eq!((entry.owner, entry.co_editors), (high, BTreeSet::from([PersonKey(u64::MAX)])));
    put(&catalog, Kind::Person, json!({ "id": "ann", "name": "Ann" }));
    assert_eq!(person(&catalog, "ann"), ann, "a record confirms, the key stays");
    assert!(!account_view(&catalog).people[&ann].unconfirmed);
    patches_agree_with_building(&catalog);
}

#[test]
fn beyond_the_limit_people_and_entries_need_the_catalog() {
    let catalog = catalog();
    let mut fresh = counting();
    {
        let mut live = catalog.live_mut();
        let live = live.get_mut(&ACCOUNT).unwrap();
        live.unconfirmed_people = crate::limits::UNCONFIRMED_PEOPLE_MAX - 1;
        live.unconfirmed_entries = crate::limits::UNCONFIRMED_ENTRIES_MAX - 1;
    }
    assert!(catalog.person_key(ACCOUNT, "last", &mut fresh).unwrap().is_some());
    assert_eq!(catalog.person_key(ACCOUNT, "one more", &mut fresh).unwrap(), None);
    assert!(catalog.person_key(ACCOUNT, "last", &mut fresh).unwrap().is_some(), "known ones stay known");
    assert_eq!(catalog.note_entries(ACCOUNT, &["last".into(), "one more".into()]).unwrap(), 1);
    assert_eq!(catalog.known_entry(ACCOUNT, "one more"), None);
}

#[test]
fn entries_appear_by_themselves_and_are_confirmed_by_a_record() {
    let catalog = catalog();
    put(&catalog, Kind::Entry, json!({ "id": "told", "duration_ms": 5 }));
    put(&catalog, Kind::Link, json!({ "entry": "seen", "category": "c" }));
    let seen: [Text; 4] = ["told".into(), "seen".into(), "seen".into(), "".into()];
    assert_eq!(catalog.note_entries(ACCOUNT, &seen).unwrap(), 1);
    assert_eq!(catalog.note_entries(ACCOUNT, &seen).unwrap(), 0);
    let view = account_view(&catalog);
    assert!(view.entries["seen"].unconfirmed && view.entries["seen"].name == "seen".into());
    assert_eq!(view.entries["seen"].categories, BTreeSet::from(["c".into()]));
    assert_eq!(catalog.known_entry(ACCOUNT, "told"), Some(KnownEntry { duration_ms: Some(5) }));
    assert_eq!(catalog.known_entry(ACCOUNT, "seen"), Some(KnownEntry { duration_ms: None }));
    put(&catalog, Kind::Entry, json!({ "id": "seen", "name": "Seen" }));
    assert!(!account_view(&catalog).entries["seen"].unconfirmed);
    patches_agree_with_building(&catalog);
}

#[test]
fn a_view_that_is_held_does_not_change() {
    let catalog = catalog();
    put(&catalog, Kind::Entry, json!({ "id": "e", "name": "before" }));
    let held = catalog.view();
    put(&catalog, Kind::Entry, json!({ "id": "e", "name": "after" }));
    assert_eq!(held.accounts[&ACCOUNT].entries["e"].name, "before".into());
    assert_eq!(account_view(&catalog).entries["e"].name, "after".into());
}

#[test]
fn lists_page_by_id_and_find_by_name() {
    let catalog = catalog();
    for (id, name) in [("a", "Alpha 100%"), ("b", "Beta"), ("c", "Gamma"), ("d", "beta again")] {
        put(&catalog, Kind::Entry, json!({ "id": id, "name": name }));
    }
    let ids = |after, find, limit| -> Vec<String> {
        let page = catalog.list(ACCOUNT, Kind::Entry, after, find, limit).unwrap();
        page.iter().map(|record| record.id().to_owned()).collect()
    };
    assert_eq!(ids(None, None, 2), ["a", "b"]);
    assert_eq!(ids(Some("b"), None, 2), ["c", "d"]);
    assert_eq!(ids(Some("d"), None, 2), [""; 0]);
    assert_eq!(ids(None, Some("BETA"), 9), ["b", "d"]);
    assert_eq!(ids(None, Some("%"), 9), ["a"], "no wild cards");
    put(&catalog, Kind::Note, json!({ "id": "n", "date": "2026-10-01", "text": "x" }));
    assert_eq!(catalog.list(ACCOUNT, Kind::Note, None, Some("n"), 9).unwrap().len(), 1, "kinds without names too");
    assert_eq!(catalog.get(ACCOUNT, Kind::Entry, "zzz").unwrap(), None);
    assert_eq!(catalog.get(AccountId(8), Kind::Entry, "a").unwrap(), None, "accounts are apart");
}

#[test]
fn an_erased_person_is_named_nowhere_and_their_id_is_free() {
    let catalog = catalog();
    for id in ["ada", "bob"] {
        put(
            &catalog,
            Kind::Person,
            json!({ "id": id, "name": format!("Name of {id}"), "mail": format!("{id}@example.edu") }),
        );
    }
    put(&catalog, Kind::Category, json!({ "id": "c" }));
    put(&catalog, Kind::Member, json!({ "category": "c", "person": "ada", "role": "teacher" }));
    let at = "2026-09-01T00:00:00Z";
    let log = json!([{ "at": at, "what": "uploaded", "by": "ada" }]);
    put(&catalog, Kind::Entry, json!({ "id": "1_a", "owner": "ada", "co_editors": [{ "person": "bob" }], "log": log }));
    put(&catalog, Kind::Entry, json!({ "id": "1_b", "owner": "bob", "co_editors": [{ "person": "ada" }] }));
    put(&catalog, Kind::Playlist, json!({ "id": "p", "owner": "ada" }));
    put(&catalog, Kind::Note, json!({ "id": "n", "date": "2026-09-01", "text": "t", "author": "ada" }));
    let (old, fresh) = (person(&catalog, "ada"), PersonKey(77));
    let erased = catalog.erase(ACCOUNT, old, fresh, NOW).unwrap();
    assert_eq!(erased, ErasedRecords { people: 1, memberships: 1, entries: 2, playlists: 1, notes: 1 });
    let again = catalog.erase(ACCOUNT, old, fresh, NOW).unwrap();
    assert_eq!(again, ErasedRecords::default(), "nothing is left to do");
    patches_agree_with_building(&catalog);
    let view = account_view(&catalog);
    assert!(!view.people.contains_key(&old) && !view.person_keys.contains_key("ada"));
    assert_eq!((&*view.people[&fresh].name, &*view.people[&fresh].id), ("Forgotten person", ""));
    assert_eq!((view.entries["1_a"].owner, view.entries["1_b"].co_editors.len()), (None, 0));
    assert_eq!(view.entries["1_a"].co_editors.len(), 1, "others stay");
    for kind in Kind::ALL {
        for record in catalog.list(ACCOUNT, kind, None, None, 100).unwrap() {
            let text = record.to_json(true);
            assert!(!text.contains("ada") && !text.contains(&old.0.to_string()), "{text}");
        }
    }
    assert_eq!(catalog.known_person(ACCOUNT, "ada"), None);
    let new = catalog.person_key(ACCOUNT, "ada", &mut || 99).unwrap();
    assert_eq!(new, Some(PersonKey(99)), "a new person");
}
