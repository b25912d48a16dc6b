//! Ruling 31: seen at once, on disk in the end, whatever happens in between.

use super::*;
use crate::rekey::{ALWAYS, Rule};
use crate::row::TextColumn;
use crate::scrub::{ERASED, Scrub};

const OLD: PersonKey = PersonKey(PEOPLE + 2);
const FRESH: PersonKey = PersonKey(PEOPLE + 0x77);

fn erased() -> Rekey {
    Rekey::new([Rule { account: AccountId(7), old: OLD, fresh: FRESH, quarters: ALWAYS }])
}

/// Also from free text.
fn scrubbed() -> Rekey {
    erased().scrubbing(&Scrub::new(AccountId(7), [OLD, FRESH], NAMED, &["Al".to_owned()]))
}

impl World {
    /// As the server tells it: the journal gets no old key any more, then the store is told.
    fn rekey(&mut self, rekey: &Rekey) -> Result<(), StoreError> {
        let opened = self.opened.as_mut().unwrap();
        opened.journal.roll();
        let below = opened.journal.next_seq();
        opened.store.rekey(rekey, below, i64::MIN)
    }

    /// Until it is done, comparing at every step.
    fn finish(&mut self, rekey: &Rekey) -> Exchanged {
        for _ in 0..1_000 {
            let store = &mut self.opened.as_mut().unwrap().store;
            store.maintain().unwrap();
            let did = store.exchanged().unwrap().clone();
            same(seen(&self.opened.as_ref().unwrap().reader.snapshot()), meant_after(&self.storage, rekey));
            if did.done {
                assert_eq!(did.unreadable, Vec::<String>::new());
                return did;
            }
        }
        panic!("it does not end");
    }

    /// Nothing in the folder holds a key, in any form in which one is written.
    fn lacks(&self, key: PersonKey) {
        let mut places: Vec<(String, Vec<u8>)> = Vec::new();
        for folder in [journal::FOLDER, "journal/damaged", segment::FOLDER] {
            for name in self.storage.list(folder).unwrap() {
                let path = format!("{folder}/{name}");
                places.push((path.clone(), self.storage.read(&path).unwrap()));
            }
        }
        let live = self.manifest.load().unwrap().progress.live;
        places.push(("the live sessions".into(), zstd::decode_all(live.as_slice()).unwrap()));
        let forms = [key.0.to_le_bytes().to_vec(), key.0.to_be_bytes().to_vec(), postcard::to_stdvec(&key).unwrap()];
        for (path, bytes) in places {
            let found = forms.iter().any(|form| bytes.windows(form.len()).any(|window| window == form));
            assert!(!found, "{path} holds the key");
        }
        // What is compressed, read through its own door.
        journal::replay(&self.storage, 0, &mut |_, event: Event| -> Result<(), JournalError> {
            assert_ne!(event.who.person, key, "an event holds the key");
            Ok(())
        })
        .unwrap();
        let mut reopened = open(Arc::new(self.storage.clone()), Box::new(self.manifest.clone()), OPTIONS).unwrap();
        reopened.store.settle();
        assert!(seen(&reopened.reader.snapshot()).iter().all(|row| row.person != key), "a row holds the key");
    }
}

#[test]
fn an_erased_key_is_gone_from_every_file_and_the_rows_stay() {
    let mut world = sealed_world();
    world.act(&Act::Maintain(3));
    let draft = |session| Draft { session, kind: 2, later_ms: 10_000, held_ms: 0, position_s: 3 };
    world.act(&Act::Batch(vec![draft(2), draft(7), draft(3)]));
    let before: Vec<ViewRow> = meant(&world.storage);
    assert!(before.iter().any(|row| row.person == OLD));
    let sizes = |world: &World| {
        let names = world.storage.list(journal::FOLDER).unwrap();
        let logs = names.into_iter().filter(|name| name.ends_with(".log"));
        logs.map(|name| (world.storage.size(&format!("journal/{name}")).unwrap(), name)).collect::<Vec<_>>()
    };
    let logs = sizes(&world);
    world.rekey(&erased()).unwrap();
    let did = world.finish(&erased());
    assert!(did.events > 0 && did.segments > 0 && did.journal_files > 0, "{did:?}");
    assert!(sizes(&world).iter().all(|log| logs.contains(log)), "every record stays where it was");
    world.check();
    world.lacks(OLD);
    let after = meant(&world.storage);
    let renamed = |row: &ViewRow| {
        let person = if row.person == OLD { FRESH } else { row.person };
        ViewRow { person, ..row.clone() }
    };
    assert_eq!(after, before.iter().map(renamed).collect::<Vec<_>>());
}

impl World {
    /// Nothing in the folder names somebody, and what may be anything is nowhere in rows of the erased.
    fn names_nobody(&self) {
        for folder in [journal::FOLDER, segment::FOLDER] {
            for name in self.storage.list(folder).unwrap() {
                let bytes = self.storage.read(&format!("{folder}/{name}")).unwrap();
                let found = bytes.windows(NAMED.len()).any(|window| window.eq_ignore_ascii_case(NAMED.as_bytes()));
                assert!(!found, "{folder}/{name} names somebody");
            }
        }
        let lacks = |text: &str| assert!(!text.to_lowercase().contains("4711"), "{text}");
        journal::replay(&self.storage, 0, &mut |_, event: Event| -> Result<(), JournalError> {
            lacks(&format!("{:?} {:?}", event.facts, event.vars));
            assert_eq!(&*event.facts.custom_var_2, if event.who.person == FRESH { ERASED } else { "al" });
            Ok(())
        })
        .unwrap();
        let mut reopened = open(Arc::new(self.storage.clone()), Box::new(self.manifest.clone()), OPTIONS).unwrap();
        reopened.store.settle();
        reopened.store.publish();
        let rows = seen(&reopened.reader.snapshot());
        assert!(rows.iter().any(|row| row.person == FRESH) && rows.iter().any(|row| row.person != FRESH));
        for row in &rows {
            lacks(&format!("{:?} {:?}", row.text, row.marks));
            let var = &*row.text[TextColumn::CustomVar2 as usize];
            assert_eq!(var, if row.person == FRESH { ERASED } else { "al" });
            let page = &*row.text[TextColumn::Page as usize];
            assert!(page.is_empty() || page.starts_with("https://lms.example/users/erased/"), "{page}");
        }
        let files = Arc::new(self.storage.clone()) as Arc<dyn Storage>;
        check::texts(&files, &self.manifest, &mut |_, _, _, text| lacks(text)).unwrap();
    }
}

/// Figures of rows, without what was replaced.
fn figures(rows: Vec<ViewRow>) -> Vec<ViewRow> {
    let plain = |row: ViewRow| ViewRow {
        person: if row.person == OLD { FRESH } else { row.person },
        text: std::array::from_fn(|_| Text::default()),
        marks: Vec::new(),
        ..row
    };
    rows.into_iter().map(plain).collect()
}

#[test]
fn free_text_that_names_the_erased_goes_from_every_file_and_the_figures_stay() {
    let mut world = sealed_world();
    world.act(&Act::Maintain(3));
    let draft = |session| Draft { session, kind: 2, later_ms: 10_000, held_ms: 0, position_s: 3 };
    world.act(&Act::Batch(vec![draft(2), draft(7), draft(3), draft(4)]));
    let before = meant(&world.storage);
    assert!(before.iter().any(|row| row.marks.iter().any(|mark| &*mark.value == NAMED)));
    world.rekey(&scrubbed()).unwrap();
    same(seen(&world.opened.as_ref().unwrap().reader.snapshot()), meant_after(&world.storage, &scrubbed()));
    let did = world.finish(&scrubbed());
    assert!(did.texts > did.events && did.segments > 0, "also events of others: {did:?}");
    world.check();
    world.lacks(OLD);
    world.names_nobody();
    assert_eq!(figures(meant(&world.storage)), figures(before));

    // Late events of theirs and of others refold their sessions, cleaned.
    let opened = world.opened.as_mut().unwrap();
    for session in [2, 4] {
        let came = event(&draft(session), &mut world.now_ms);
        let mut journaled = came.clone();
        assert!(scrubbed().apply(&mut journaled));
        let first = opened.journal.append(&[journaled]).unwrap();
        opened.store.fold(first, vec![came]).unwrap();
    }
    world.compare();
    world.act(&Act::Checkpoint);
    world.names_nobody();
}

#[test]
fn events_on_their_way_bring_no_old_key_back() {
    let mut world = sealed_world();
    world.rekey(&erased()).unwrap();
    world.finish(&erased());
    let opened = world.opened.as_mut().unwrap();
    let draft = Draft { session: 2, kind: 2, later_ms: 10_000, held_ms: 0, position_s: 3 };
    let mut late = event(&draft, &mut world.now_ms);
    // The server exchanges it before the journal; the fold gets it as it came.
    let came = late.clone();
    assert!(erased().apply(&mut late));
    let first = opened.journal.append(&[late]).unwrap();
    opened.store.fold(first, vec![came]).unwrap();
    world.compare();
    world.act(&Act::Checkpoint);
    world.lacks(OLD);
}

#[test]
fn an_older_snapshot_sees_what_it_saw_and_holds_the_end_up() {
    let mut world = sealed_world();
    let (before, rows) = (world.opened.as_ref().unwrap().reader.snapshot(), meant(&world.storage));
    world.rekey(&erased()).unwrap();
    for _ in 0..200 {
        world.opened.as_mut().unwrap().store.maintain().unwrap();
    }
    assert!(!world.opened.as_ref().unwrap().store.exchanged().unwrap().done, "its files are still there");
    same(seen(&before), rows);
    drop(before);
    world.finish(&erased());
    world.lacks(OLD);
}

#[test]
fn damage_is_not_carried_along() {
    let mut world = sealed_world();
    let name = world.storage.list(journal::FOLDER).unwrap().pop().unwrap();
    world.storage.damage(&format!("journal/{name}"), 60);
    world.open();
    let mut aside = world.storage.create("journal/damaged/1.bin").unwrap();
    aside.append(&OLD.0.to_le_bytes()).unwrap();
    drop(aside);
    world.rekey(&erased()).unwrap();
    for _ in 0..200 {
        world.opened.as_mut().unwrap().store.maintain().unwrap();
    }
    let did = world.opened.as_ref().unwrap().store.exchanged().unwrap().clone();
    assert!(did.done && did.damaged == 1, "{did:?}");
    world.lacks(OLD);
    let damage = journal::check::check(&world.storage, &mut |_| ()).unwrap().damage;
    assert!(!damage.is_empty(), "what is lost stays told");
}

#[test]
fn aged_rows_take_their_keys_month_by_month() {
    let mut world = sealed_world();
    let rows = meant(&world.storage);
    let quarters: Vec<i32> = rows.iter().filter(|row| row.person == OLD).map(|row| row.quarter.0).collect();
    let middle = *quarters.iter().max().unwrap();
    assert!(quarters.iter().any(|quarter| *quarter < middle));
    let rekey = Rekey::new([Rule { account: AccountId(7), old: OLD, fresh: FRESH, quarters: i32::MIN..middle }]);
    let opened = world.opened.as_mut().unwrap();
    opened.journal.roll();
    opened.store.rekey(&rekey, opened.journal.next_seq(), i64::MAX).unwrap();
    for _ in 0..200 {
        world.opened.as_mut().unwrap().store.maintain().unwrap();
    }
    let did = world.opened.as_ref().unwrap().store.exchanged().unwrap().clone();
    assert!(did.done && did.segments > 0, "{did:?}");
    let after = seen(&world.opened.as_ref().unwrap().reader.snapshot());
    let kept = after.iter().filter(|row| row.person == OLD).all(|row| row.quarter.0 >= middle);
    let aged = after.iter().filter(|row| row.person == FRESH).all(|row| row.quarter.0 < middle);
    assert!(kept && aged);
    assert_eq!(after.len(), rows.len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases / 8, ..ProptestConfig::default() })]

    #[test]
    fn a_stop_at_any_operation_of_an_exchange_ends_the_same(
        acts in prop::collection::vec(act(), 1..30), stop in 0..60u64, seed in any::<u8>()
    ) {
        let mut world = World::new();
        for act in &acts {
            world.act(act);
        }
        world.storage.stop_at(world.storage.operations() + stop);
        if world.rekey(&scrubbed()).is_ok() {
            for _ in 0..30 {
                if world.opened.as_mut().unwrap().store.maintain().is_err() {
                    break;
                }
            }
        }
        world.crash(seed);
        // The server tells it again, before anybody can ask.
        world.rekey(&scrubbed()).unwrap();
        same(seen(&world.opened.as_ref().unwrap().reader.snapshot()), meant_after(&world.storage, &scrubbed()));
        world.finish(&scrubbed());
        world.lacks(OLD);
        world.check();
        world.rekey(&scrubbed()).unwrap();
        let again = world.finish(&scrubbed());
        prop_assert_eq!((again.texts, again.events, again.segments), (0, 0, 0), "nothing is left to do");
    }
}
