use super::*;
use crate::catalog::view::{CategoryView, EntryView, PersonView, PlaylistView};
use proptest::prelude::*;

const ACCOUNT: AccountId = AccountId(1);
const NOW_MS: i64 = 1_790_000_000_000;
fn administrator() -> Caller {
    Caller::administrator(ACCOUNT)
}

fn set(ids: &[&str]) -> BTreeSet<Text> {
    ids.iter().map(|id| Text::from(*id)).collect()
}

/// Person 7 owns `own` and co-edits `shared`; category `faculty` > `course` > `week`; `seen` is known from events only.
fn catalog() -> CatalogView {
    let mut view = AccountView::default();
    let entry = |owner: Option<u64>, co_editors: &[u64]| EntryView {
        owner: owner.map(PersonKey),
        co_editors: co_editors.iter().map(|key| PersonKey(*key)).collect(),
        ..EntryView::default()
    };
    view.entries.insert("own".into(), entry(Some(7), &[]));
    view.entries.insert("shared".into(), entry(Some(8), &[7]));
    view.entries.insert("seen".into(), EntryView { unconfirmed: true, ..EntryView::default() });
    for person in [7, 8, 9] {
        view.people.insert(PersonKey(person), PersonView::default());
    }
    for (id, parent) in [("faculty", None), ("course", Some("faculty")), ("week", Some("course"))] {
        let parent: Option<Text> = parent.map(Text::from);
        if let Some(parent) = &parent {
            view.children.entry(parent.clone()).or_default().insert(id.into());
        }
        view.categories.insert(id.into(), CategoryView { parent, ..CategoryView::default() });
    }
    view.category_entries.insert("course".into(), set(&["own"]));
    view.category_entries.insert("week".into(), set(&["shared"]));
    view.playlists.insert("list".into(), PlaylistView::default());
    let mut catalog = CatalogView::default();
    catalog.accounts.insert(ACCOUNT, Arc::new(view));
    catalog
}

/// The entries an administrator sees under a subject.
fn entries(subject: &Subject) -> Option<BTreeSet<Text>> {
    let scope = scope(&administrator(), &catalog(), subject, NOW_MS)?;
    assert_eq!((scope.account(), scope.people()), (ACCOUNT, People::Names));
    let [clause] = scope.clauses.as_slice() else { panic!("an administrator's scope has one clause") };
    Some((**clause.entries.as_ref().unwrap()).clone())
}

#[test]
fn an_entry_is_itself_even_when_only_events_know_it() {
    assert_eq!(entries(&Subject::Entry("own".into())), Some(set(&["own"])));
    assert_eq!(entries(&Subject::Entry("seen".into())), Some(set(&["seen"])));
    assert_eq!(entries(&Subject::Entry("nowhere".into())), None);
}

#[test]
fn an_owner_sees_what_is_owned_and_on_request_what_is_co_edited() {
    let of = |person, whose| entries(&Subject::Owner { person: PersonKey(person), whose });
    assert_eq!(of(7, Whose::Owned), Some(set(&["own"])));
    assert_eq!(of(7, Whose::CoEdited), Some(set(&["shared"])));
    assert_eq!(of(7, Whose::Both), Some(set(&["own", "shared"])));
    assert_eq!(of(9, Whose::Both), Some(set(&[])), "exists and owns nothing");
    assert_eq!(of(99, Whose::Both), None);
}

#[test]
fn a_category_is_its_own_entries_or_its_whole_subtree() {
    let of = |id: &str, subtree| entries(&Subject::Category { id: id.into(), subtree });
    assert_eq!(of("course", false), Some(set(&["own"])));
    assert_eq!(of("course", true), Some(set(&["own", "shared"])));
    assert_eq!(of("faculty", false), Some(set(&[])));
    assert_eq!(of("faculty", true), Some(set(&["own", "shared"])));
    assert_eq!(of("nowhere", true), None);
}

#[test]
fn a_tree_that_loops_ends() {
    let mut view = AccountView::default();
    view.children.insert("a".into(), set(&["b"]));
    view.children.insert("b".into(), set(&["a"]));
    assert_eq!(view.subtree("a"), set(&["a", "b"]));
}

#[test]
fn playlists_and_viewers_restrict_rows_not_entries() {
    let one = |subject| scope(&administrator(), &catalog(), &subject, NOW_MS).map(|scope| scope.clauses);
    let playlist = Clause { playlist: Some("list".into()), ..Clause::default() };
    assert_eq!(one(Subject::Playlist("list".into())), Some(vec![playlist]));
    assert_eq!(one(Subject::Playlist("nowhere".into())), None);
    let viewer = |key| Clause { people: Some(Arc::new(BTreeSet::from([PersonKey(key)]))), ..Clause::default() };
    assert_eq!(one(Subject::Viewer(PersonKey(8))), Some(vec![viewer(8)]));
    assert_eq!(one(Subject::Viewer(PersonKey::UNKNOWN)), Some(vec![viewer(0)]));
    assert_eq!(one(Subject::Viewer(PersonKey(99))), None);
    assert_eq!(one(Subject::Account), Some(vec![Clause::default()]));
}

#[test]
fn an_unknown_account_has_nothing_to_see() {
    let stranger = Caller::administrator(AccountId(2));
    assert_eq!(scope(&stranger, &catalog(), &Subject::Account, NOW_MS), None);
}

#[test]
fn a_narrower_reach_only_narrows() {
    let reach = Clause {
        entries: Some(Arc::new(set(&["own", "shared"]))),
        courses: vec![Arc::new(Course::of(&AccountView::default(), "course", false))],
        ..Clause::default()
    };
    let wanted = Clause { entries: Some(Arc::new(set(&["own", "seen"]))), ..Clause::default() };
    let both = reach.and(&wanted).unwrap();
    assert_eq!(both.entries.as_deref(), Some(&set(&["own"])));
    assert_eq!(both.courses, reach.courses);
    let outside = Clause { entries: Some(Arc::new(set(&["seen"]))), ..Clause::default() };
    assert_eq!(reach.and(&outside), None);
    let only = |key| Clause { people: Some(Arc::new(BTreeSet::from([PersonKey(key)]))), ..Clause::default() };
    let me = only(7);
    let other = only(8);
    assert_eq!(me.and(&other), None);
    assert_eq!(me.and(&me).as_ref(), Some(&me));
}

#[test]
fn media_sections_tags_and_what_subjects_have_in_common() {
    let mut view = (*catalog().accounts[&ACCOUNT]).clone();
    view.entries.get_mut("own").unwrap().replacements = vec![(100, None), (200, None)];
    view.entries.get_mut("own").unwrap().tags = set(&["lab"]);
    let course = view.categories.get_mut("course").unwrap();
    course.sections = vec![("s1".into(), "Section 1".into())];
    let member = |person, section: &str, to_ms| crate::catalog::view::MemberView {
        person: PersonKey(person),
        role: crate::catalog::view::Role::Student,
        section: section.into(),
        period: crate::catalog::view::Period { from_ms: None, to_ms },
    };
    course.members = vec![member(7, "s1", None), member(8, "s1", Some(NOW_MS)), member(9, "", None)];
    let mut catalog = CatalogView::default();
    catalog.accounts.insert(ACCOUNT, Arc::new(view));
    let clause = |subject: Subject| {
        let mut clauses = scope(&administrator(), &catalog, &subject, NOW_MS)?.clauses;
        assert_eq!(clauses.len(), 1);
        clauses.pop()
    };
    let medium = |number| clause(Subject::Medium { entry: "own".into(), number }).map(|clause| clause.began.unwrap());
    assert_eq!(medium(0), Some((i64::MIN, 100)));
    assert_eq!(medium(1), Some((100, 200)));
    assert_eq!(medium(2), Some((200, i64::MAX)));
    assert_eq!(medium(3), None, "there is no such medium");

    let section = clause(Subject::Section { category: "course".into(), section: "s1".into() }).unwrap();
    assert_eq!(section.people.as_deref(), Some(&BTreeSet::from([PersonKey(7)])), "who left is not in it any more");
    assert_eq!(section.entries.as_deref(), Some(&set(&["own"])));
    assert_eq!(clause(Subject::Section { category: "course".into(), section: "s2".into() }), None);

    assert_eq!(clause(Subject::Tag("lab".into())).unwrap().entries.as_deref(), Some(&set(&["own"])));
    assert_eq!(clause(Subject::Tag("lecture".into())), None);

    let both = |a: Subject, b: Subject| clause(Subject::Both(Box::new(a), Box::new(b)));
    let viewed = both(Subject::Viewer(PersonKey(8)), Subject::Entry("own".into())).unwrap();
    assert_eq!(viewed.people.as_deref(), Some(&BTreeSet::from([PersonKey(8)])));
    assert_eq!(viewed.entries.as_deref(), Some(&set(&["own"])));
    assert_eq!(both(Subject::Entry("own".into()), Subject::Entry("shared".into())), None);
    assert_eq!(both(Subject::Viewer(PersonKey(99)), Subject::Entry("own".into())), None);
}

/// Entries `0..n` of an account, spelled so that no two accounts share any; owners, editors and categories at random.
fn an_account(prefix: &'static str) -> impl Strategy<Value = AccountView> {
    prop::collection::vec((0u64..5, prop::collection::btree_set(0u64..5, 0..3), 0u8..4), 0..20).prop_map(move |all| {
        let mut view = AccountView::default();
        for person in 0..5 {
            view.people.insert(PersonKey(person), PersonView::default());
        }
        for category in 0..4u8 {
            // A chain: 0 > 1 > 2 > 3.
            view.categories.insert(category.to_string().into(), CategoryView::default());
            if category > 0 {
                let parent = (category - 1).to_string().into();
                view.children.entry(parent).or_default().insert(category.to_string().into());
            }
        }
        for (i, (owner, co_editors, category)) in all.into_iter().enumerate() {
            let id: Text = format!("{prefix}{i}").into();
            let co_editors = co_editors.into_iter().map(PersonKey).collect();
            let entry = EntryView { owner: Some(PersonKey(owner)), co_editors, ..EntryView::default() };
            view.entries.insert(id.clone(), entry);
            view.category_entries.entry(category.to_string().into()).or_default().insert(id);
        }
        view
    })
}

proptest! {
    #[test]
    fn a_scope_never_holds_another_accounts_entries(
        mine in an_account("mine"),
        theirs in an_account("theirs"),
        number in 0u64..6,
        flag: bool,
    ) {
        let mut catalog = CatalogView::default();
        catalog.accounts.insert(ACCOUNT, Arc::new(mine.clone()));
        catalog.accounts.insert(AccountId(2), Arc::new(theirs));
        let subjects = [
            Subject::Account,
            Subject::Entry(format!("mine{number}").into()),
            Subject::Owner { person: PersonKey(number), whose: if flag { Whose::Both } else { Whose::Owned } },
            Subject::Category { id: number.to_string().into(), subtree: flag },
            Subject::Viewer(PersonKey(number)),
        ];
        for subject in subjects {
            let Some(scope) = scope(&administrator(), &catalog, &subject, NOW_MS) else { continue };
            prop_assert_eq!(scope.account(), ACCOUNT);
            for entry in scope.clauses.iter().filter_map(|clause| clause.entries.as_deref()).flatten() {
                prop_assert!(mine.entries.contains_key(entry), "{} is not in the account", entry);
            }
        }
        let foreign = Subject::Entry(format!("theirs{number}").into());
        prop_assert_eq!(super::scope(&administrator(), &catalog, &foreign, NOW_MS), None);
    }
}
