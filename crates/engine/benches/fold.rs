//! How fast one core folds, and how much a live session weighs.
//!
//! Sessions are made here from a seed: lectures of some 40 minutes with pauses, seeks and heartbeats, sent by players as
//! Kaltura's do, many at a time. `ordered` is what collection gives; `reordered` has one event in twenty arrive after its
//! successor, which makes its session fold anew when its rows are next asked for.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use engine::event::{AccountId, Event, EventKind, Facts, PersonKey, Proof, Who};
use engine::fold::{Fold, NoHistory};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::hint::black_box;

const SESSIONS: u64 = 300;
/// Events that collection hands over at once.
const BATCH: usize = 100;

/// One lecture's events, at their instants.
fn lecture(rng: &mut ChaCha8Rng, number: u64) -> Vec<Event> {
    let facts = Facts {
        country: "US".into(),
        region: "Minnesota".into(),
        city: "Minneapolis".into(),
        device: "Computer".into(),
        os: "Mac OS X".into(),
        browser: "Chrome".into(),
        domain: "canvas.example.edu".into(),
        page: format!("https://canvas.example.edu/courses/{}/pages/lecture", number % 40).into(),
        application: "LMS".into(),
        context: "777".into(),
        player_version: "3.17.95".into(),
        client_tag: "html5:v3.17.95".into(),
        ..Facts::default()
    };
    let base = Event {
        account: AccountId(1234),
        entry: format!("1_entry{:04}", number % 200).into(),
        session: format!("3e23f88d-8254-4f9f-e521-{number:012x}:90b53656-25d7-6968-b6d6-{number:012x}").into(),
        who: Who { person: PersonKey(number % 150 + 1), proof: Proof::Verified, ..Who::default() },
        duration_ms: Some(3_000_000),
        facts,
        ..Event::default()
    };
    let mut at_ms = 1_791_194_400_000 + rng.random_range(0..3_600_000_i64);
    let (mut position, mut played, mut index) = (0_i64, 0_i64, 0_u32);
    let mut events = Vec::new();
    let mut send = |kind: EventKind, at_ms: i64, position: i64, played: Option<i64>, index: &mut u32| {
        *index += 1;
        let mut event = Event {
            kind,
            at_ms,
            received_ms: at_ms,
            index: Some(*index),
            position_ms: Some(position),
            target_ms: (kind == EventKind::SEEK).then_some(position),
            speed_milli: Some(1000),
            play_time_ms: played.map(|ms| ms as u64),
            ..base.clone()
        };
        if played.is_some() {
            event.measured.bitrate_bps = Some(1_500_000);
            event.measured.buffer_sum_ms = Some(u64::from(*index) * 3);
            (event.measured.sound, event.measured.tab) = (2, 2);
            (event.measured.view, event.measured.screen) = (2, 1);
        }
        events.push(event);
    };
    for kind in [EventKind::IMPRESSION, EventKind::PLAY_REQUEST, EventKind::PLAY] {
        send(kind, at_ms, 0, None, &mut index);
    }
    send(EventKind::VIEW, at_ms, 0, Some(0), &mut index);
    for _ in 0..rng.random_range(100..380) {
        at_ms += 10_000;
        position += 10_000;
        played += 10_000;
        send(EventKind::VIEW, at_ms, position, Some(played), &mut index);
        match rng.random_range(0..40) {
            0 => {
                send(EventKind::PAUSE, at_ms + 3000, position + 3000, None, &mut index);
                at_ms += 20_000;
                position += 3000;
                played += 3000;
                send(EventKind::RESUME, at_ms, position, None, &mut index);
            }
            1 => {
                position = rng.random_range(0..2_500_000);
                at_ms += 2000;
                played += 2000;
                send(EventKind::SEEK, at_ms, position, None, &mut index);
            }
            _ => {}
        }
    }
    events
}

fn campus(reordered: bool) -> Vec<Event> {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let mut events = (0..SESSIONS).flat_map(|number| lecture(&mut rng, number)).collect::<Vec<_>>();
    if reordered {
        // Before sorting, neighbours are events of one session: exchange their instants of arrival.
        for at in 0..events.len() - 1 {
            if rng.random_range(0..20) == 0 {
                let (one, two) = events.split_at_mut(at + 1);
                std::mem::swap(&mut one[at].received_ms, &mut two[0].received_ms);
            }
        }
    }
    events.sort_by_key(|event| event.received_ms);
    events
}

fn fold(events: Vec<Event>) -> Fold {
    let mut fold = Fold::new();
    for (seq, event) in (1..).zip(events) {
        fold.apply(seq, event, &NoHistory).expect("no history, no error");
        if seq % BATCH as u64 == 0 {
            black_box(fold.take_changed());
            black_box(fold.take_closed());
        }
    }
    fold
}

fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("fold");
    group.sample_size(10);
    for (name, reordered) in [("ordered", false), ("reordered", true)] {
        let events = campus(reordered);
        group.throughput(Throughput::Elements(events.len() as u64));
        group.bench_function(name, |b| b.iter_batched(|| events.clone(), fold, BatchSize::LargeInput));
    }
    let events = campus(false);
    group.throughput(Throughput::Elements(events.len() as u64));
    group.bench_function("apply only", |b| {
        let apply = |events: Vec<Event>| {
            let mut fold = Fold::new();
            for (seq, event) in (1..).zip(events) {
                fold.apply(seq, event, &NoHistory).expect("no history, no error");
            }
            fold
        };
        b.iter_batched(|| events.clone(), apply, BatchSize::LargeInput);
    });
    group.finish();
    let live = {
        let mut fold = Fold::new();
        for (seq, event) in (1..).zip(events.iter().cloned()) {
            fold.apply(seq, event, &NoHistory).expect("no history, no error");
        }
        fold.encode_live().len()
    };
    println!("live state: {:.1} bytes an event of {} sessions", live as f64 / events.len() as f64, SESSIONS);
}

criterion_group!(benches, bench);
criterion_main!(benches);
