//! Properties of any sessions whatever.

use super::live::Kept;
use super::*;
use crate::event::{EventKind, PersonKey, Playback, Proof};
use proptest::prelude::*;
use script::TEN;

/// Any player, well-behaved or not: times mostly go on, indexes mostly count.
fn any_event() -> impl Strategy<Value = Event> {
    let kind =
        prop::sample::select(vec![1, 2, 3, 4, 11, 14, 33, 33, 34, 35, 35, 41, 45, 98, 99, 99, 99, 99, 10002, 777]);
    let place = (prop::option::weighted(0.9, 0..200_000_i64), prop::option::weighted(0.5, 0..200_000_i64));
    let time = (
        prop::option::weighted(0.7, 0..120_000_u64),
        prop::option::weighted(0.6, prop::sample::select(vec![250, 1000, 1500, 2000])),
    );
    let order = (prop::option::weighted(0.85, 1..12_u32), 0..2_000_000_i64);
    let who = (0..4_u64, 0..3_u8, prop::bool::weighted(0.1), 0..3_u8);
    (kind, place, time, order, who).prop_map(
        |(
            kind,
            (position_ms, target_ms),
            (play_time_ms, speed_milli),
            (index, late_ms),
            (person, proof, live, mode),
        )| {
            let mut event = Event {
                kind: EventKind(kind),
                entry: "0_entry".into(),
                session: "page:media".into(),
                at_ms: late_ms,
                index,
                position_ms,
                target_ms,
                play_time_ms: play_time_ms.filter(|_| kind == 99),
                speed_milli,
                playback: if live { Playback::Live } else { Playback::Vod },
                ..Event::default()
            };
            event.who.person = PersonKey(if proof == 0 { 0 } else { person });
            event.who.proof = [Proof::None, Proof::Claimed, Proof::Verified][usize::from(proof)];
            (event.measured.sound, event.measured.tab) = (mode, mode);
            if kind == 41 {
                event.vars.push(("caption".into(), "en".into()));
            }
            event
        },
    )
}

/// A session in journal order, a second or so apart, now and then half a minute.
fn any_session() -> impl Strategy<Value = Vec<(u64, Event)>> {
    prop::collection::vec(
        (any_event(), prop::sample::select(vec![10, 500, 1000, 5000, 10_000, 40_000, 400_000])),
        1..40,
    )
    .prop_map(|events| {
        let mut at_ms = TEN;
        let mut all = Vec::new();
        for (seq, (mut event, gap)) in events.into_iter().enumerate() {
            at_ms += gap;
            // One in ten reports a client time of its own.
            let back = if event.at_ms < 200_000 { event.at_ms } else { 0 };
            (event.at_ms, event.received_ms) = (at_ms - back, at_ms);
            all.push((seq as u64 + 1, event));
        }
        all
    })
}

/// A player that plays: watched time and heartbeats agree, positions follow the clock.
fn honest_session() -> impl Strategy<Value = Vec<(u64, Event)>> {
    let act = (0..6_u8, 200..30_000_i64, 0..300_000_i64);
    (prop::sample::select(vec![250_i64, 1000, 1500, 2000]), prop::collection::vec(act, 1..25)).prop_map(
        |(speed, acts)| {
            let (mut at_ms, mut position, mut played, mut index) = (TEN, 0_i64, 0_i64, 0);
            let mut all: Vec<(u64, Event)> = Vec::new();
            let mut send = |kind: EventKind, at_ms: i64, position: i64, target: Option<i64>, played: Option<i64>| {
                index += 1;
                let event = Event {
                    kind,
                    entry: "0_entry".into(),
                    session: "page:media".into(),
                    at_ms,
                    received_ms: at_ms,
                    index: Some(index),
                    position_ms: Some(position),
                    target_ms: target,
                    play_time_ms: played.map(|ms| ms as u64),
                    speed_milli: Some(speed as u32),
                    ..Event::default()
                };
                all.push((u64::from(index), event));
            };
            send(EventKind::PLAY, at_ms, 0, None, None);
            for (act, wall, target) in acts {
                let wall = wall / 4 * 4;
                at_ms += wall;
                position += wall * speed / 1000;
                played += wall * speed / 1000;
                match act {
                    0 => {
                        send(EventKind::PAUSE, at_ms, position, None, None);
                        at_ms += 10_000;
                        send(EventKind::RESUME, at_ms, position, None, None);
                    }
                    1 => {
                        send(EventKind::SEEK, at_ms, target, Some(target), None);
                        position = target;
                    }
                    _ => {}
                }
                send(EventKind::VIEW, at_ms, position, None, Some(played));
            }
            all
        },
    )
}

fn unversioned(mut rows: Vec<ViewRow>) -> Vec<ViewRow> {
    rows.iter_mut().for_each(|row| row.version = 0);
    rows
}

/// What must hold of any rows.
fn sound(rows: &[ViewRow]) {
    use SumColumn::*;
    let keys = rows.iter().map(|row| (row.quarter, row.playback)).collect::<Vec<_>>();
    assert!(keys.is_sorted() && keys.windows(2).all(|pair| pair[0] != pair[1]), "one row a key, in order");
    let mut covered = 0;
    for row in rows {
        assert!(row.first_ms <= row.last_ms);
        assert!(row.quarter.start_ms() <= row.first_ms && row.last_ms < row.quarter.end_ms(), "{row:#?}");
        assert!(row.get(FreshMs) <= row.get(WatchedMs));
        assert_eq!(row.attention.iter().map(|a| a.ms).sum::<u64>(), row.get(WatchedMs));
        if row.playback.has_axis() {
            assert_eq!(row.get(CoveredBefore), covered);
            covered += row.get(FreshMs);
        }
        for list in [&row.coverage, &row.fresh] {
            assert!(list.iter().all(|span| span.from < span.to && span.times > 0));
            assert!(list.windows(2).all(|pair| pair[0].to <= pair[1].from));
        }
        assert!(row.marks.is_sorted());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn one_by_one_in_batches_and_over_restarts_is_the_same(
        events in any_session(),
        cuts in prop::collection::vec(0..4_u8, 40),
    ) {
        let expected = fold_session(&events);
        sound(&expected);
        let (mut fold, mut kept) = (Fold::new(), Kept::default());
        let mut last: Option<SessionRows> = None;
        let mut note = |taken: Vec<SessionRows>| {
            for session in taken.into_iter().filter(|session| &*session.key.session == "page:media") {
                assert!(last.as_ref().is_none_or(|last| last.version <= session.version));
                last = Some(session);
            }
        };
        for ((seq, event), cut) in events.iter().zip(cuts) {
            fold.apply(*seq, event.clone(), &kept).unwrap();
            kept.0.push((*seq, event.clone()));
            match cut {
                0 => note(fold.take_changed()),
                1 => fold = Fold::decode_live(&fold.encode_live()).unwrap(),
                2 => {
                    // Hours pass elsewhere: this session is closed, and comes back from the journal.
                    let received_ms = event.received_ms + SESSION_IDLE_MS;
                    let other = Event { session: "other".into(), received_ms, ..Event::default() };
                    fold.apply(*seq, other, &kept).unwrap();
                    note(fold.take_closed());
                }
                _ => {}
            }
        }
        note(fold.take_changed());
        let last = last.unwrap();
        prop_assert_eq!(last.version as usize, events.len());
        prop_assert_eq!(unversioned(last.rows), expected);
    }

    #[test]
    fn honest_players_are_believed(events in honest_session()) {
        let rows = fold_session(&events);
        sound(&rows);
        let played = events.iter().filter_map(|(_, event)| event.play_time_ms).max().unwrap();
        prop_assert_eq!(total(&rows, SumColumn::HeartbeatMs), played);
        prop_assert_eq!(total(&rows, SumColumn::WatchedMs), played);
        prop_assert_eq!(total(&rows, SumColumn::UnprovedMs), 0);
    }

    #[test]
    fn repeats_change_only_their_counter(events in honest_session(), at in 0..25_usize) {
        let mut repeated = events.clone();
        let at = at % events.len();
        repeated.insert(at + 1, events[at].clone());
        let repeated = repeated.into_iter().zip(1..).map(|((_, event), seq)| (seq, event)).collect::<Vec<_>>();
        let mut rows = fold_session(&repeated);
        prop_assert_eq!(total(&rows, SumColumn::Duplicates), 1);
        rows.iter_mut().for_each(|row| row.sum[SumColumn::Duplicates as usize] = 0);
        prop_assert_eq!(rows, fold_session(&events));
    }

    #[test]
    fn neighbours_in_the_wrong_order_change_only_their_counter(events in honest_session(), at in 0..25_usize) {
        let mut swapped = events.clone();
        let at = at % events.len();
        if at + 1 < swapped.len() {
            swapped.swap(at, at + 1);
        }
        let swapped = swapped.into_iter().zip(1..).map(|((_, event), seq)| (seq, event)).collect::<Vec<_>>();
        let mut rows = fold_session(&swapped);
        rows.iter_mut().for_each(|row| row.sum[SumColumn::Reordered as usize] = 0);
        prop_assert_eq!(rows, fold_session(&events));
    }
}
