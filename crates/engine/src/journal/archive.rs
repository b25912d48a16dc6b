//! Journal files whose events are all in segments, compressed to a tenth, with an index from session to block.
//!
//! ```text
//! file    = "PHARCV01" block* index table trailer
//! block   = zstd(column_bytes:u32 * COLUMNS, columns)     events of one stretch of seqs, ordered by session, then seq;
//!                                                         each field against the event before it (see `encode`)
//! index   = (session hash:u64 block:u32)*                 ascending
//! table   = (offset:u64 bytes:u32 crc:u32 next_seq:u64)*                  one a block
//! trailer = index offset:u64 index entries:u32 blocks:u32 next_seq:u64 last_at_ms:i64 crc(index):u32 crc(table):u32
//!           crc(trailer so far):u32 "PHAE"                                                                   48 bytes
//! ```

use super::{FOLDER, JournalError, archive_path, log_path, reader, record};
use crate::event::{Event, EventKind, Measured};
use crate::storage::Storage;
use std::collections::BTreeSet;

const MAGIC: &[u8; 8] = b"PHARCV01";
const END: &[u8; 4] = b"PHAE";
const TRAILER: usize = 48;
const TABLE_ENTRY: usize = 24;
pub(super) const INDEX_ENTRY: usize = 12;
/// Events per block: large enough to compress well, small enough to read one for a late event (some 2 MB decoded).
const BLOCK_EVENTS: usize = 8_192;
const LEVEL: i32 = 6;
const COLUMNS: usize = 11;

/// One block's place.
#[derive(Clone, Copy, Debug)]
pub(super) struct BlockEntry {
    pub(super) offset: u64,
    pub(super) bytes: u32,
    pub(super) crc: u32,
    pub(super) next_seq: u64,
}

/// What an archive's end says about it.
#[derive(Clone, Debug)]
pub struct Footer {
    pub(super) index_offset: u64,
    pub(super) index_entries: u32,
    pub(super) index_crc: u32,
    pub(super) blocks: Vec<BlockEntry>,
    /// The seq after the last event.
    pub next_seq: u64,
    /// The latest instant of any event, ms since 1970.
    pub last_at_ms: i64,
}

/// What identifies a session in the index.
pub(super) fn session_hash(account: u32, entry: &str, session: &str) -> u64 {
    let mut bytes = Vec::with_capacity(entry.len() + session.len() + 5);
    bytes.extend_from_slice(&account.to_le_bytes());
    bytes.extend_from_slice(entry.as_bytes());
    bytes.push(0);
    bytes.extend_from_slice(session.as_bytes());
    xxhash_rust::xxh3::xxh3_64(&bytes)
}

/// Turns a `.log` file into an `.arc`; returns the bytes before and after. The log is removed once the archive is durable.
///
/// # Errors
/// When the storage fails. Damage in the log is left out of the archive; the log is then kept as `damaged/<name>`.
pub(super) fn write(storage: &dyn Storage, first_seq: u64) -> Result<(u64, u64), JournalError> {
    let mut builder = Builder::new(first_seq);
    let mut damaged = false;
    let size = reader::scan(storage, first_seq, &mut |found| -> Result<(), JournalError> {
        match found {
            reader::Found::Record(_, record) => match record::events(&record) {
                Some(events) => (record.first_seq..).zip(events).for_each(|(seq, event)| builder.push(seq, event)),
                None => damaged = true,
            },
            reader::Found::Damage(..) => damaged = true,
        }
        Ok(())
    })?;
    let archive = builder.finish();
    let temporary = format!("{FOLDER}/{first_seq:020}.tmp");
    storage.remove(&temporary)?;
    let mut file = storage.create(&temporary)?;
    file.append(&archive)?;
    file.sync()?;
    storage.rename(&temporary, &archive_path(first_seq))?;
    if damaged {
        storage.rename(&log_path(first_seq), &format!("{FOLDER}/damaged/{first_seq:020}.log"))?;
    } else {
        storage.remove(&log_path(first_seq))?;
    }
    Ok((size, archive.len() as u64))
}

/// An archive in the making: holds one block's events, and what is finished.
pub(super) struct Builder {
    out: Vec<u8>,
    table: Vec<u8>,
    blocks: u32,
    index: BTreeSet<(u64, u32)>,
    chunk: Vec<(u64, Event)>,
    next_seq: u64,
    last_at_ms: i64,
}

impl Builder {
    pub(super) fn new(first_seq: u64) -> Builder {
        Builder {
            out: MAGIC.to_vec(),
            table: Vec::new(),
            blocks: 0,
            index: BTreeSet::new(),
            chunk: Vec::with_capacity(BLOCK_EVENTS),
            next_seq: first_seq,
            last_at_ms: i64::MIN,
        }
    }

    pub(super) fn push(&mut self, seq: u64, event: Event) {
        self.next_seq = seq + 1;
        self.last_at_ms = self.last_at_ms.max(event.at_ms);
        self.chunk.push((seq, event));
        if self.chunk.len() == BLOCK_EVENTS {
            self.end_block();
        }
    }

    fn end_block(&mut self) {
        if self.chunk.is_empty() {
            return;
        }
        let block = zstd::bulk::compress(&encode(&self.chunk), LEVEL).expect("compressing to memory cannot fail");
        self.table.extend_from_slice(&(self.out.len() as u64).to_le_bytes());
        self.table.extend_from_slice(&(block.len() as u32).to_le_bytes());
        self.table.extend_from_slice(&crc32c::crc32c(&block).to_le_bytes());
        self.table.extend_from_slice(&self.next_seq.to_le_bytes());
        self.out.extend_from_slice(&block);
        for (_, event) in self.chunk.drain(..).filter(|(_, event)| !event.session.is_empty()) {
            self.index.insert((session_hash(event.account.0, &event.entry, &event.session), self.blocks));
        }
        self.blocks += 1;
    }

    /// The archive's bytes.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.end_block();
        let Builder { mut out, table, index, next_seq, last_at_ms, blocks, .. } = self;
        let index_offset = out.len() as u64;
        let entries = index.len() as u32;
        let index: Vec<u8> =
            index.iter().flat_map(|(hash, block)| hash.to_le_bytes().into_iter().chain(block.to_le_bytes())).collect();
        out.extend_from_slice(&index);
        out.extend_from_slice(&table);
        let trailer = out.len();
        out.extend_from_slice(&index_offset.to_le_bytes());
        out.extend_from_slice(&entries.to_le_bytes());
        out.extend_from_slice(&blocks.to_le_bytes());
        out.extend_from_slice(&next_seq.to_le_bytes());
        out.extend_from_slice(&last_at_ms.to_le_bytes());
        out.extend_from_slice(&crc32c::crc32c(&index).to_le_bytes());
        out.extend_from_slice(&crc32c::crc32c(&table).to_le_bytes());
        let crc = crc32c::crc32c(&out[trailer..]);
        out.extend_from_slice(&crc.to_le_bytes());
        out.extend_from_slice(END);
        out
    }
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

impl Footer {
    /// Reads an archive's end.
    ///
    /// # Errors
    /// `Damaged` when it is not what was written.
    pub fn read(storage: &dyn Storage, first_seq: u64) -> Result<Footer, JournalError> {
        let path = archive_path(first_seq);
        let size = storage.size(&path)?;
        let at = size.saturating_sub(TRAILER as u64);
        let bad = |offset, what| JournalError::Damaged { path: path.clone(), offset, what };
        let trailer = storage.read_at(&path, at, TRAILER)?;
        if trailer.len() < TRAILER || &trailer[44..] != END || crc32c::crc32c(&trailer[..40]) != u32_at(&trailer, 40) {
            return Err(bad(at, "a trailer"));
        }
        let index_offset = u64_at(&trailer, 0);
        let index_entries = u32_at(&trailer, 8);
        let table_at = index_offset + u64::from(index_entries) * INDEX_ENTRY as u64;
        let table = storage.read_at(&path, table_at, u32_at(&trailer, 12) as usize * TABLE_ENTRY)?;
        if crc32c::crc32c(&table) != u32_at(&trailer, 36) {
            return Err(bad(table_at, "a block table"));
        }
        let blocks = table.chunks_exact(TABLE_ENTRY).map(|entry| BlockEntry {
            offset: u64_at(entry, 0),
            bytes: u32_at(entry, 8),
            crc: u32_at(entry, 12),
            next_seq: u64_at(entry, 16),
        });
        Ok(Footer {
            index_offset,
            index_entries,
            index_crc: u32_at(&trailer, 32),
            blocks: blocks.collect(),
            next_seq: u64_at(&trailer, 16),
            last_at_ms: u64_at(&trailer, 24) as i64,
        })
    }
}

/// The events of a block, by seq.
pub(super) fn read_block(
    storage: &dyn Storage,
    first_seq: u64,
    footer: &Footer,
    block: usize,
) -> Result<Vec<(u64, Event)>, JournalError> {
    let path = archive_path(first_seq);
    let entry = footer.blocks[block];
    let bad = |what| JournalError::Damaged { path: path.clone(), offset: entry.offset, what };
    let bytes = storage.read_at(&path, entry.offset, entry.bytes as usize)?;
    if bytes.len() != entry.bytes as usize || crc32c::crc32c(&bytes) != entry.crc {
        return Err(bad("a block"));
    }
    let raw = zstd::stream::decode_all(&*bytes).map_err(|_| bad("a compressed block"))?;
    decode(&raw).ok_or_else(|| bad("the events of a block"))
}

/// What is written once and then only when it changes: the event without what changes from event to event.
fn rest(event: &Event) -> Event {
    Event {
        at_ms: 0,
        received_ms: 0,
        offset: 0,
        kind: EventKind(0),
        index: None,
        event_id: None,
        position_ms: None,
        target_ms: None,
        play_time_ms: None,
        measured: Measured::default(),
        vars: Vec::new(),
        ..event.clone()
    }
}

fn put(column: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        column.push(n as u8 | 0x80);
        n >>= 7;
    }
    column.push(n as u8);
}

fn zigzag(n: i64) -> u64 {
    ((n << 1) ^ (n >> 63)) as u64
}

fn unzigzag(n: u64) -> i64 {
    (n >> 1) as i64 ^ -((n & 1) as i64)
}

/// 0 for none, else one more than the zigzag difference to the last value.
fn put_option(column: &mut Vec<u8>, value: Option<i64>, last: &mut i64) {
    match value {
        None => put(column, 0),
        Some(value) => {
            put(column, zigzag(value.wrapping_sub(*last)).wrapping_add(1));
            *last = value;
        }
    }
}

/// The last values that differences are taken against.
#[derive(Default)]
struct Last {
    seq: i64,
    at: i64,
    offset: i64,
    index: i64,
    position: i64,
    target: i64,
    play_time: i64,
    measured: Measured,
    rest: Option<Event>,
}

fn encode(events: &[(u64, Event)]) -> Vec<u8> {
    let mut order: Vec<&(u64, Event)> = events.iter().collect();
    order.sort_by(|(sa, a), (sb, b)| (a.account, &a.entry, &a.session, sa).cmp(&(b.account, &b.entry, &b.session, sb)));
    let mut columns: [Vec<u8>; COLUMNS] = Default::default();
    let mut last = Last::default();
    for (seq, event) in order {
        let [seqs, ats, kinds, indexes, positions, targets, play_times, measured, rests, vars, origins] = &mut columns;
        put(seqs, zigzag((*seq as i64).wrapping_sub(last.seq)));
        put(ats, zigzag(event.at_ms.wrapping_sub(last.at)));
        put(ats, zigzag(event.received_ms.wrapping_sub(event.at_ms)));
        (last.seq, last.at) = (*seq as i64, event.at_ms);
        put(kinds, u64::from(event.kind.0));
        put_option(indexes, event.index.map(i64::from), &mut last.index);
        put_option(positions, event.position_ms, &mut last.position);
        put_option(targets, event.target_ms, &mut last.target);
        put_option(play_times, event.play_time_ms.map(|n| n as i64), &mut last.play_time);
        if event.measured == Measured::default() {
            measured.push(0);
        } else if event.measured == last.measured {
            measured.push(1);
        } else {
            measured.push(2);
            extend(measured, &event.measured);
            last.measured = event.measured.clone();
        }
        let rest = rest(event);
        if last.rest.as_ref() == Some(&rest) {
            rests.push(0);
        } else {
            rests.push(1);
            extend(rests, &rest);
            last.rest = Some(rest);
        }
        extend(vars, &event.vars);
        put(origins, zigzag((event.offset as i64).wrapping_sub(last.offset)));
        last.offset = event.offset as i64;
        extend(origins, &event.event_id);
    }
    let mut out: Vec<u8> = columns.iter().flat_map(|column| (column.len() as u32).to_le_bytes()).collect();
    for column in &columns {
        out.extend_from_slice(column);
    }
    out
}

fn extend(column: &mut Vec<u8>, value: &impl serde::Serialize) {
    let bytes = std::mem::take(column);
    *column = postcard::to_extend(value, bytes).expect("a value in memory always encodes");
}

fn get(column: &mut &[u8]) -> Option<u64> {
    let mut n = 0u64;
    for shift in (0..70).step_by(7) {
        let (&byte, rest) = column.split_first()?;
        *column = rest;
        n |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte < 0x80 {
            return Some(n);
        }
    }
    None
}

fn get_option(column: &mut &[u8], last: &mut i64) -> Option<Option<i64>> {
    Some(match get(column)? {
        0 => None,
        n => {
            *last = last.wrapping_add(unzigzag(n.wrapping_sub(1)));
            Some(*last)
        }
    })
}

fn take<T: serde::de::DeserializeOwned>(column: &mut &[u8]) -> Option<T> {
    let (value, rest) = postcard::take_from_bytes(column).ok()?;
    *column = rest;
    Some(value)
}

fn flag(column: &mut &[u8]) -> Option<u8> {
    let (&flag, rest) = column.split_first()?;
    *column = rest;
    Some(flag)
}

fn decode(raw: &[u8]) -> Option<Vec<(u64, Event)>> {
    let mut columns: [&[u8]; COLUMNS] = [&[]; COLUMNS];
    let mut at = COLUMNS * 4;
    for (i, column) in columns.iter_mut().enumerate() {
        let size = u32::from_le_bytes(raw.get(i * 4..i * 4 + 4)?.try_into().ok()?) as usize;
        *column = raw.get(at..at + size)?;
        at += size;
    }
    let [seqs, ats, kinds, indexes, positions, targets, play_times, measured, rests, vars, origins] = &mut columns;
    let mut last = Last::default();
    let mut events = Vec::new();
    while !seqs.is_empty() {
        last.seq = last.seq.wrapping_add(unzigzag(get(seqs)?));
        last.at = last.at.wrapping_add(unzigzag(get(ats)?));
        let received_ms = last.at.wrapping_add(unzigzag(get(ats)?));
        let kind = EventKind(get(kinds)?.try_into().ok()?);
        let index = get_option(indexes, &mut last.index)?.map(|n| n as u32);
        let position_ms = get_option(positions, &mut last.position)?;
        let target_ms = get_option(targets, &mut last.target)?;
        let play_time_ms = get_option(play_times, &mut last.play_time)?.map(|n| n as u64);
        let measured = match flag(measured)? {
            0 => Measured::default(),
            1 => last.measured.clone(),
            _ => {
                last.measured = take(measured)?;
                last.measured.clone()
            }
        };
        if flag(rests)? != 0 {
            last.rest = Some(take(rests)?);
        }
        let rest = last.rest.clone()?;
        let vars = take(vars)?;
        last.offset = last.offset.wrapping_add(unzigzag(get(origins)?));
        let event = Event {
            at_ms: last.at,
            received_ms,
            offset: last.offset as u64,
            kind,
            index,
            event_id: take(origins)?,
            position_ms,
            target_ms,
            play_time_ms,
            measured,
            vars,
            ..rest
        };
        events.push((last.seq as u64, event));
    }
    events.sort_by_key(|(seq, _)| *seq);
    Some(events)
}
