//! Segments: bytes a row, rows sealed and decoded a second. `cargo bench -p engine --bench store`.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use engine::block::Block;
use engine::column::Field;
use engine::event::{AccountId, PersonKey, Playback, Proof, Text};
use engine::row::{Span, SumColumn, TextColumn, ViewRow};
use engine::segment::{GROUP_ROWS, SegmentFile, write};
use engine::storage::Storage;
use engine::storage::memory::MemoryStorage;
use engine::time::Quarter;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::hint::black_box;
use std::sync::Arc;

/// Events folded into a row of the demo campus, on average.
const EVENTS_A_ROW: f64 = 34.0;

/// A campus' rows: 300 recordings, 4,000 people, a few weeks.
fn rows(count: usize) -> Vec<ViewRow> {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    (0..count).map(|_| row(&mut random)).collect()
}

fn row(random: &mut ChaCha8Rng) -> ViewRow {
    let mut text: [Text; TextColumn::COUNT] = std::array::from_fn(|_| Text::default());
    let mut sum = [0; SumColumn::COUNT];
    // Popular recordings are watched more: the square of an even draw.
    let entry = (300.0 * random.random::<f64>().powi(2)) as u32;
    let person = (4_000.0 * random.random::<f64>().powi(2)) as u64;
    let quarter = 1_990_208 + random.random_range(0..96 * 28);
    text[TextColumn::Entry as usize] = format!("1_e{entry:06}").into();
    for (column, kinds) in [
        (TextColumn::Country, 6),
        (TextColumn::Region, 20),
        (TextColumn::City, 60),
        (TextColumn::PlaceSource, 1),
        (TextColumn::Device, 3),
        (TextColumn::Os, 5),
        (TextColumn::OsVersion, 12),
        (TextColumn::Browser, 6),
        (TextColumn::BrowserVersion, 30),
        (TextColumn::Domain, 40),
        (TextColumn::Page, 900),
        (TextColumn::Application, 3),
        (TextColumn::Context, 30),
        (TextColumn::UiConf, 4),
        (TextColumn::ClientTag, 4),
        (TextColumn::Delivery, 3),
    ] {
        let word = (f64::from(kinds) * random.random::<f64>().powi(2)) as u32;
        text[column as usize] = format!("{} {word}", column.column()).into();
    }
    let watched = random.random_range(5_000..900_000u64);
    let from = random.random_range(0..3_000u32);
    let to = from + (watched / 1_000) as u32;
    for (column, value) in [
        (SumColumn::Events, watched / 10_000 + random.random_range(3..12)),
        (SumColumn::Impressions, 1),
        (SumColumn::Plays, random.random_range(0..2)),
        (SumColumn::Heartbeats, watched / 10_000),
        (SumColumn::HeartbeatsExpected, watched / 10_000),
        (SumColumn::Pauses, random.random_range(0..3)),
        (SumColumn::Seeks, random.random_range(0..4)),
        (SumColumn::Reached25, random.random_range(0..2)),
        (SumColumn::HeartbeatMs, watched / 10_000 * 10_000),
        (SumColumn::WatchedMs, watched),
        (SumColumn::ClockMs, watched),
        (SumColumn::FreshMs, watched),
        (SumColumn::Reach, u64::from(to) * 1_000),
        (SumColumn::JoinMs, random.random_range(200..3_000)),
        (SumColumn::Joins, 1),
        (SumColumn::BitrateBps, random.random_range(1..60) * 1_024 * 100),
        (SumColumn::Bitrates, watched / 10_000),
    ] {
        sum[column as usize] = value;
    }
    let first_ms = Quarter(quarter).start_ms() + random.random_range(0..400_000);
    let span = Span { from, to, times: 1 };
    ViewRow {
        account: AccountId(1),
        quarter: Quarter(quarter),
        session: random.random(),
        playback: Playback::Vod,
        version: random.random_range(4..90),
        person: PersonKey(person.wrapping_mul(0x9e37_79b9_7f4a_7c15)),
        proof: if person == 0 { Proof::None } else { Proof::Verified },
        staff: false,
        bot: false,
        first_ms,
        last_ms: first_ms + watched as i64,
        text,
        sum,
        coverage: vec![span],
        fresh: vec![span],
        attention: vec![engine::row::Attention { state: 80, ms: watched }],
        marks: Vec::new(),
    }
}

fn store(criterion: &mut Criterion) {
    let rows = rows(3 * GROUP_ROWS);
    let count = rows.len();
    let block = Arc::new(Block::from_rows(rows));
    let parts = [(block, Arc::new(Vec::new()))];
    let written = write(&parts).expect("rows encode");
    let a_row = written.bytes.len() as f64 / count as f64;
    println!("segment: {a_row:.1} bytes/row, {:.2} bytes/event at {EVENTS_A_ROW} events a row", a_row / EVENTS_A_ROW);
    let storage = MemoryStorage::new();
    let path = String::from("bench.parquet");
    storage.create(&path).and_then(|mut file| file.append(&written.bytes)).expect("memory takes everything");
    let size = written.bytes.len() as u64;
    let file = SegmentFile { storage: Arc::new(storage), path, size, checksums: written.checksums.into() };
    let footer = file.footer().expect("bytes decode");
    let mut group = criterion.benchmark_group("segment");
    group.sample_size(10).throughput(Throughput::Elements(count as u64));
    group.bench_function("seal", |bench| bench.iter(|| black_box(write(&parts).expect("rows encode"))));
    let decode = |fields: Vec<Field>| {
        let (file, footer) = (&file, &footer);
        move || {
            for group in 0..footer.groups() {
                black_box(file.columns(footer, group, &fields).expect("bytes decode"));
            }
        }
    };
    let all = decode(Field::stored().collect());
    group.bench_function("decode", |bench| bench.iter(&all));
    let text = Field::Text(TextColumn::Country);
    let few = decode(vec![Field::Runs, text, Field::Sum(SumColumn::Plays), Field::Sum(SumColumn::WatchedMs)]);
    group.bench_function("decode few columns", |bench| bench.iter(&few));
    group.bench_function("footer", |bench| bench.iter(|| black_box(file.footer().expect("bytes decode"))));
    let rows: Vec<ViewRow> = (0..1_000).map(|i| parts[0].0.row(i)).collect();
    group.throughput(Throughput::Elements(1_000));
    group.bench_function("rows to block", |bench| {
        bench.iter_batched(|| rows.clone(), |rows| black_box(Block::from_rows(rows)), BatchSize::LargeInput)
    });
    group.finish();
}

criterion_group!(benches, store);
criterion_main!(benches);
