//! The live sessions: closing, coming back, checkpoints.

use super::*;
use crate::event::Event;
use script::TEN;

/// A journal in memory.
#[derive(Default)]
pub(super) struct Kept(pub(super) Vec<(u64, Event)>);

impl History for Kept {
    fn events(
        &self,
        account: AccountId,
        entry: &str,
        session: &str,
        before_seq: u64,
    ) -> Result<Vec<(u64, Event)>, HistoryError> {
        let is_its = |event: &Event| event.account == account && &*event.entry == entry && &*event.session == session;
        Ok(self.0.iter().filter(|(seq, event)| *seq < before_seq && is_its(event)).cloned().collect())
    }
}

fn apply(fold: &mut Fold, kept: &mut Kept, text: &str) {
    for (_, event) in script(text) {
        let seq = kept.0.len() as u64 + 1;
        fold.apply(seq, event.clone(), kept).unwrap();
        kept.0.push((seq, event));
    }
}

/// Something else happens at a wall time, in seconds after ten.
fn elsewhere(fold: &mut Fold, kept: &mut Kept, seconds: i64) {
    let event = Event {
        session: "other".into(),
        at_ms: TEN + seconds * 1000,
        received_ms: TEN + seconds * 1000,
        ..Event::default()
    };
    let seq = kept.0.len() as u64 + 1;
    fold.apply(seq, event.clone(), kept).unwrap();
    kept.0.push((seq, event));
}

#[test]
fn a_closed_session_comes_back_whole_with_a_higher_version() {
    let (mut fold, mut kept) = (Fold::new(), Kept::default());
    apply(&mut fold, &mut kept, "play@0:0x1 view@0:0+0x1 pause@5:5x1");
    let first = fold.take_changed();
    assert_eq!((first.len(), first[0].version, first[0].replaces_sealed), (1, 3, false));
    assert!(fold.take_closed().is_empty() && fold.take_changed().is_empty());
    elsewhere(&mut fold, &mut kept, 7205);
    let closed = fold.take_closed();
    assert_eq!(closed, first, "nothing changed meanwhile");
    assert_eq!(fold.live(), 1);

    apply(&mut fold, &mut kept, "resume@7300:5x1#1 pause@7310:15x1#2");
    let back = fold.take_changed();
    let back = back.iter().find(|session| &*session.key.session == "page:media").unwrap();
    assert_eq!((back.version, back.replaces_sealed), (5, true));
    let all = kept.0.iter().filter(|(_, event)| &*event.session == "page:media").cloned().collect::<Vec<_>>();
    let mut expected = fold_session(&all);
    expected.iter_mut().for_each(|row| row.version = 5);
    assert_eq!(back.rows, expected);
    assert_eq!(total(&back.rows, SumColumn::WatchedMs), 15_000);
}

#[test]
fn history_is_not_asked_for_new_sessions() {
    struct Never;
    impl History for Never {
        fn events(&self, _: AccountId, _: &str, _: &str, _: u64) -> Result<Vec<(u64, Event)>, HistoryError> {
            panic!("asked")
        }
    }
    let mut fold = Fold::new();
    for (seq, event) in script("show@0 play@1:0") {
        fold.apply(seq, event, &Never).unwrap();
    }
}

#[test]
fn a_failed_look_back_changes_nothing() {
    struct Broken;
    impl History for Broken {
        fn events(&self, _: AccountId, _: &str, _: &str, _: u64) -> Result<Vec<(u64, Event)>, HistoryError> {
            Err("damaged".into())
        }
    }
    let (mut fold, mut kept) = (Fold::new(), Kept::default());
    apply(&mut fold, &mut kept, "show@0");
    elsewhere(&mut fold, &mut kept, 8000);
    fold.take_closed();
    let before = fold.encode_live();
    let (_, event) = script("play@8001:0").remove(0);
    assert!(matches!(fold.apply(9, event, &Broken), Err(FoldError::History { .. })));
    assert_eq!(fold.encode_live(), before);
}

#[test]
fn a_checkpoint_remembers_what_was_closed() {
    let (mut fold, mut kept) = (Fold::new(), Kept::default());
    apply(&mut fold, &mut kept, "show@0");
    elsewhere(&mut fold, &mut kept, 8000);
    fold.take_closed();
    let mut fold = Fold::decode_live(&fold.encode_live()).unwrap();
    apply(&mut fold, &mut kept, "play@8001:0#2");
    assert!(fold.take_changed().iter().any(|session| session.replaces_sealed && session.version == 2));
}

#[test]
fn damaged_checkpoints_are_errors() {
    let (mut fold, mut kept) = (Fold::new(), Kept::default());
    apply(&mut fold, &mut kept, "show@0 play@1:0 view@1:0+0*2222");
    let bytes = fold.encode_live();
    assert!(Fold::decode_live(&bytes[..bytes.len() - 1]).is_err());
    let mut other = bytes.clone();
    other[0] = 99;
    assert!(Fold::decode_live(&other).is_err());
}

#[test]
fn sessions_without_a_name_stand_alone_and_close_at_once() {
    let mut fold = Fold::new();
    for (seq, mut event) in script("button@0#- button@1#-") {
        event.session = "".into();
        fold.apply(seq, event, &NoHistory).unwrap();
    }
    assert_eq!(fold.take_changed().len(), 2);
    let closed = fold.take_closed();
    assert_eq!(closed.len(), 2);
    assert_ne!(closed[0].hash, closed[1].hash);
    assert_eq!(fold.live(), 0);
}

#[test]
fn suspect_events_have_rows_of_their_own() {
    let mut fold = Fold::new();
    for (seq, mut event) in script("show@0 play@1:0") {
        if seq == 2 {
            event.suspect = "flood".into();
        }
        fold.apply(seq, event, &NoHistory).unwrap();
    }
    let changed = fold.take_changed();
    assert_eq!(changed.len(), 2);
    assert_ne!(changed[0].hash, changed[1].hash);
    assert_eq!(changed[1].rows[0].text(crate::row::TextColumn::Suspect), "flood");
}

#[test]
fn imports_close_by_their_own_clock() {
    let mut fold = Fold::new();
    let give = |seq: u64, session: &str, seconds: i64, fold: &mut Fold| {
        let (_, mut event) = script(&format!("show@{seconds}&900000")).remove(0);
        (event.stream, event.session, event.offset) = (4, session.into(), seq * 100);
        fold.apply(seq, event, &NoHistory).unwrap();
    };
    give(1, "a", 0, &mut fold);
    give(2, "b", 7200, &mut fold);
    assert_eq!(fold.take_closed().len(), 1);
    assert_eq!(fold.stream_offset(4), 200);
    assert_eq!(fold.stream_offset(5), 0);
    fold.end_stream(4);
    assert_eq!(fold.take_closed().len(), 1);
    assert_eq!(fold.live(), 0);
}

#[test]
fn two_tabs_are_two_sessions() {
    let mut fold = Fold::new();
    for (seq, mut event) in script("play@0:0x1 play@0:0x1#1 pause@5:5x1#2 pause@6:6x1#2") {
        if seq % 2 == 0 {
            event.session = "other:tab".into();
        }
        fold.apply(seq, event, &NoHistory).unwrap();
    }
    let watched =
        fold.take_changed().iter().map(|session| total(&session.rows, SumColumn::WatchedMs)).collect::<Vec<_>>();
    assert_eq!(watched, [5000, 6000]);
}
