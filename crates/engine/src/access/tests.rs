use super::*;
use crate::catalog::view::{CategoryView, EntryView, PersonView, PlaylistView};
use proptest::prelude::*;

const ACCOUNT: AccountId = AccountId(1);
const ADMINISTRATOR: Caller = Caller::Administrator { account: ACCOUNT };

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
    let scope = scope(&ADMINISTRATOR, &catalog(), subject)?;
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
    let of = |person, co_edited| entries(&Subject::Owner { person: PersonKey(person), co_edited });
    assert_eq!(of(7, false), Some(set(&["own"])));
    assert_eq!(of(7, true), Some(set(&["own", "shared"])));
    assert_eq!(of(9, true), Some(set(&[])), "exists and owns nothing");
    assert_eq!(of(99, true), None);
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
    let one = |subject| scope(&ADMINISTRATOR, &catalog(), &subject).map(|scope| scope.clauses);
    let playlist = Clause { playlist: Some("list".into()), ..Clause::default() };
    assert_eq!(one(Subject::Playlist("list".into())), Some(vec![playlist]));
    assert_eq!(one(Subject::Playlist("nowhere".into())), None);
    let viewer = |key| Clause { person: Some(PersonKey(key)), ..Clause::default() };
    assert_eq!(one(Subject::Viewer(PersonKey(8))), Some(vec![viewer(8)]));
    assert_eq!(one(Subject::Viewer(PersonKey::UNKNOWN)), Some(vec![viewer(0)]));
    assert_eq!(one(Subject::Viewer(PersonKey(99))), None);
    assert_eq!(one(Subject::Account), Some(vec![Clause::default()]));
}

#[test]
fn an_unknown_account_has_nothing_to_see() {
    let stranger = Caller::Administrator { account: AccountId(2) };
    assert_eq!(scope(&stranger, &catalog(), &Subject::Account), None);
}

#[test]
fn a_narrower_reach_only_narrows() {
    let reach = Clause {
        entries: Some(Arc::new(set(&["own", "shared"]))),
        contexts: Some(Arc::new(set(&["course"]))),
        ..Clause::default()
    };
    let wanted = Clause { entries: Some(Arc::new(set(&["own", "seen"]))), ..Clause::default() };
    let both = reach.and(&wanted).unwrap();
    assert_eq!(both.entries.as_deref(), Some(&set(&["own"])));
    assert_eq!(both.contexts, reach.contexts);
    let outside = Clause { entries: Some(Arc::new(set(&["seen"]))), ..Clause::default() };
    assert_eq!(reach.and(&outside), None);
    let me = Clause { person: Some(PersonKey(7)), ..Clause::default() };
    let other = Clause { person: Some(PersonKey(8)), ..Clause::default() };
    assert_eq!(me.and(&other), None);
    assert_eq!(me.and(&me).as_ref(), Some(&me));
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
            Subject::Owner { person: PersonKey(number), co_edited: flag },
            Subject::Category { id: number.to_string().into(), subtree: flag },
            Subject::Viewer(PersonKey(number)),
        ];
        for subject in subjects {
            let Some(scope) = scope(&ADMINISTRATOR, &catalog, &subject) else { continue };
            prop_assert_eq!(scope.account(), ACCOUNT);
            for entry in scope.clauses.iter().filter_map(|clause| clause.entries.as_deref()).flatten() {
                prop_assert!(mine.entries.contains_key(entry), "{} is not in the account", entry);
            }
        }
        let foreign = Subject::Entry(format!("theirs{number}").into());
        prop_assert_eq!(super::scope(&ADMINISTRATOR, &catalog, &foreign), None);
    }
}
