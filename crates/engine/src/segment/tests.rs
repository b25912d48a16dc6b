use super::*;
use crate::block::Block;
use crate::column::Field;
use crate::event::{AccountId, PersonKey, Playback, Proof, Text};
use crate::row::{Attention, Mark, Span, SumColumn, TextColumn, ViewRow};
use crate::storage::Storage;
use crate::storage::memory::MemoryStorage;
use crate::time::Quarter;
use expect_test::expect_file;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use std::sync::Arc;

fn text() -> impl Strategy<Value = Text> {
    prop_oneof![3 => Just(Text::from("")), 2 => "[a-c]{1,2}".prop_map(Text::from), 1 => ".{0,12}".prop_map(Text::from)]
}

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![6 => Just(0), 3 => 0..50u64, 1 => any::<u64>()]
}

fn spans() -> impl Strategy<Value = Vec<Span>> {
    prop::collection::vec((any::<u32>(), any::<u32>(), any::<u32>()), 0..4)
        .prop_map(|spans| spans.into_iter().map(|(from, to, times)| Span { from, to, times }).collect())
}

fn lists() -> impl Strategy<Value = (Vec<Span>, Vec<Span>, Vec<Attention>, Vec<Mark>)> {
    let attention = prop::collection::vec((any::<u8>(), any::<u64>()), 0..3)
        .prop_map(|items| items.into_iter().map(|(state, ms)| Attention { state, ms }).collect());
    let marks = prop::collection::vec((any::<u32>(), text(), text(), any::<u32>()), 0..3).prop_map(|items| {
        items.into_iter().map(|(kind, name, value, count)| Mark { kind, name, value, count }).collect()
    });
    (spans(), spans(), attention, marks)
}

pub(crate) fn row() -> impl Strategy<Value = ViewRow> {
    let texts = prop::collection::vec(text(), TextColumn::COUNT);
    let sums = prop::collection::vec(number(), SumColumn::COUNT);
    let key = (0..3u32, -40_000..2_000_000i32, 0..9u64, 0..4usize, any::<u32>());
    let who = (any::<u64>(), 0..3usize, any::<bool>(), any::<bool>());
    let instant = -10_000_000_000..2_000_000_000_000i64;
    (key, who, (instant.clone(), instant), texts, sums, lists()).prop_map(|(key, who, times, texts, sums, lists)| {
        ViewRow {
            account: AccountId(key.0),
            quarter: Quarter(key.1),
            session: key.2,
            playback: Playback::ALL[key.3],
            version: key.4,
            person: PersonKey(who.0),
            proof: Proof::ALL[who.1],
            staff: who.2,
            bot: who.3,
            first_ms: times.0,
            last_ms: times.1,
            text: texts.try_into().unwrap(),
            sum: sums.try_into().unwrap(),
            coverage: lists.0,
            fresh: lists.1,
            attention: lists.2,
            marks: lists.3,
        }
    })
}

fn rows_of(block: &Block) -> Vec<ViewRow> {
    (0..block.rows).map(|i| block.row(i)).collect()
}

fn sorted(mut rows: Vec<ViewRow>) -> Vec<ViewRow> {
    rows.sort_by(|a, b| a.place().cmp(&b.place()));
    rows
}

fn seal(blocks: &[(Block, Vec<u32>)]) -> Written {
    let blocks: Vec<_> = blocks.iter().map(|(block, gone)| (Arc::new(block.clone()), Arc::new(gone.clone()))).collect();
    write(&blocks).unwrap()
}

fn file(bytes: &[u8], checksums: &[u32]) -> SegmentFile {
    let storage = MemoryStorage::new();
    let path = String::from("segments/7.parquet");
    storage.create(&path).unwrap().append(bytes).unwrap();
    SegmentFile { storage: Arc::new(storage), path, size: bytes.len() as u64, checksums: checksums.into() }
}

fn file_of(written: &Written) -> SegmentFile {
    file(&written.bytes, &written.checksums)
}

/// All rows, of all row groups.
fn open(written: &Written) -> Vec<ViewRow> {
    let file = file_of(written);
    let footer = file.footer().unwrap();
    (0..footer.groups()).flat_map(|group| rows_of(&file.block(&footer, group).unwrap())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases / 8, ..ProptestConfig::default() })]

    #[test]
    fn reading_back_what_was_written_gives_the_same_rows(rows in prop::collection::vec(row(), 0..60)) {
        let block = Block::from_rows(rows.clone());
        prop_assert_eq!(rows_of(&block), sorted(rows.clone()));
        let written = seal(&[(block.clone(), vec![])]);
        let back = open(&written);
        prop_assert_eq!(&back, &sorted(rows.clone()));
        let block = Block::from_rows(back);
        prop_assert_eq!(&written.extent, &block.extent());
        prop_assert!(rows.iter().all(|row| written.filter.may_hold(row.session)));
        prop_assert_eq!(written.groups.iter().map(|group| group.rows).sum::<usize>(), rows.len());
    }

    #[test]
    fn some_columns_are_those_of_all(rows in prop::collection::vec(row(), 1..40), picks in prop::collection::btree_set(0..Field::STORED, 1..12)) {
        let block = Block::from_rows(rows);
        let written = seal(&[(block.clone(), vec![])]);
        let file = file_of(&written);
        let fields: Vec<Field> = Field::stored().enumerate().filter(|(i, _)| picks.contains(i)).map(|(_, f)| f).collect();
        let some = file.columns(&file.footer().unwrap(), 0, &fields).unwrap();
        let all: Vec<_> = Field::stored().map(|field| Arc::clone(block.column(field))).collect();
        let mut mixed = all;
        for (field, column) in fields.iter().zip(some) {
            mixed[field.index()] = Arc::new(column);
        }
        prop_assert_eq!(&Block::new(block.rows, mixed), &block);
    }

    #[test]
    fn merging_keeps_every_live_row_in_order(
        a in prop::collection::vec(row(), 1..30), b in prop::collection::vec(row(), 1..30), gone in 0..30usize
    ) {
        let (a, b) = (Block::from_rows(a), Block::from_rows(b));
        let gone = gone % a.rows;
        let mut expect = rows_of(&a);
        expect.remove(gone);
        expect.extend(rows_of(&b));
        let written = seal(&[(a, vec![gone as u32]), (b, vec![])]);
        prop_assert_eq!(open(&written), sorted(expect));
    }

    #[test]
    fn any_changed_byte_is_found(rows in prop::collection::vec(row(), 1..5), at in any::<prop::sample::Index>()) {
        let written = seal(&[(Block::from_rows(rows), vec![])]);
        let mut bytes = written.bytes.clone();
        let at = at.index(bytes.len());
        bytes[at] ^= 1;
        let bad = verify(&bytes, bytes.len() as u64, &written.checksums);
        prop_assert!(bad.len() == 1 && (bad[0].0..bad[0].1).contains(&(at as u64)));
        bytes[at] ^= 1;
        bytes.truncate(at);
        let size = written.bytes.len() as u64;
        prop_assert_eq!(verify(&bytes, size, &written.checksums).last().map(|range| range.1), Some(size));
    }
}

fn one_row() -> ViewRow {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    row().new_tree(&mut runner).unwrap().current()
}

#[test]
fn what_is_not_a_segment_is_an_error_with_its_name() {
    for bytes in [&b""[..], b"PAR1", b"not parquet at all, but long enough to hold a footer PAR1"] {
        let error = file(bytes, &checksums(bytes)).footer().unwrap_err();
        assert!(error.to_string().starts_with("segments/7.parquet is damaged"), "{error}");
    }
}

#[test]
fn damage_is_found_by_whoever_reads_it_and_by_nobody_else() {
    let row = one_row();
    let session = |i: u64| i.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let rows: Vec<ViewRow> = (0..20_000).map(|i| ViewRow { session: session(i), ..row.clone() }).collect();
    let mut written = seal(&[(Block::from_rows(rows), vec![])]);
    assert!(written.bytes.len() > 2 * CHUNK_BYTES, "{}", written.bytes.len());
    // The session hashes make up nearly all of the file and stand before its middle.
    let middle = written.bytes.len() / 2;
    written.bytes[middle] ^= 1;
    let file = file_of(&written);
    let footer = file.footer().unwrap();
    let read = |field: Field| file.columns(&footer, 0, &[field]).map(|_| ());
    let found = Field::stored().filter(|field| read(*field).is_err()).collect::<Vec<_>>();
    assert!(found.contains(&Field::Session) && !found.contains(&Field::Marks), "{found:?}");
    let error = read(Field::Session).unwrap_err().to_string();
    let from = middle / CHUNK_BYTES * CHUNK_BYTES;
    assert!(error.contains(&format!("bytes {from}..{}", from + CHUNK_BYTES)), "{error}");
}

#[test]
fn the_filter_seldom_errs() {
    let hash = |i: u64| xxhash_rust::xxh3::xxh3_64(&i.to_le_bytes());
    let filter = Filter::new(&(0..10_000).map(hash).collect::<Vec<_>>());
    let filter = Filter::from_bytes(&filter.to_bytes());
    assert!((0..10_000).all(|i| filter.may_hold(hash(i))));
    let wrong = (10_000..110_000).filter(|i| filter.may_hold(hash(*i))).count();
    assert!(wrong < 200, "{wrong} of 100,000");
    assert!(!Filter::default().may_hold(1));
}

#[test]
fn the_columns_of_the_documentation_are_those_of_the_files() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/generated/segment-columns.md");
    expect_file![path].assert_eq(&format!(
        "<!-- Generated by a test of crates/engine/src/segment; UPDATE_EXPECT=1 renews it. -->\n\n{}",
        describe()
    ));
}
