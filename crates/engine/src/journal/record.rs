//! The bytes of a `.log` file.
//!
//! ```text
//! file   = header record*
//! header = "PHJOUR01"  first_seq:u64  crc32c(header so far):u32  0:u32                              24 bytes
//! record = payload_bytes:u32  crc:u32  first_seq:u64  events:u32  payload                          20 + n bytes
//! payload = format:u8 (1)  event*          (postcard, fields in the order of `Event`)
//! crc    = crc32c(file first_seq, record's offset, payload_bytes, first_seq, events, payload)
//! ```
//!
//! All numbers are little-endian. The checksum binds a record to its place, so that stale blocks never look valid.

use crate::event::Event;
use crate::limits::RECORD_BYTES_MAX;

pub(super) const MAGIC: &[u8; 8] = b"PHJOUR01";
pub(super) const FILE_HEADER: usize = 24;
pub(super) const RECORD_HEADER: usize = 20;
/// Largest record. One event alone may exceed the payload's limit, but never by more than the limit itself.
pub(super) const RECORD_SIZE_MAX: usize = RECORD_HEADER + 2 * RECORD_BYTES_MAX;
/// Events per record: what a group commit of small events comes to; bounds a reader's memory.
pub(super) const RECORD_EVENTS_MAX: u32 = 65_536;
const FORMAT: u8 = 1;

pub(super) fn file_header(first_seq: u64) -> [u8; FILE_HEADER] {
    let mut header = [0; FILE_HEADER];
    header[..8].copy_from_slice(MAGIC);
    header[8..16].copy_from_slice(&first_seq.to_le_bytes());
    let crc = crc32c::crc32c(&header[..16]);
    header[16..20].copy_from_slice(&crc.to_le_bytes());
    header
}

pub(super) fn file_header_is_valid(bytes: &[u8], first_seq: u64) -> bool {
    bytes.len() >= FILE_HEADER && bytes[..FILE_HEADER] == file_header(first_seq)
}

fn crc(file: u64, offset: u64, fields: &[u8], payload: &[u8]) -> u32 {
    let crc = crc32c::crc32c(&file.to_le_bytes());
    let crc = crc32c::crc32c_append(crc, &offset.to_le_bytes());
    let crc = crc32c::crc32c_append(crc, fields);
    crc32c::crc32c_append(crc, payload)
}

/// A payload being filled.
pub(super) struct Payload {
    pub(super) bytes: Vec<u8>,
    pub(super) events: u32,
}

impl Payload {
    pub(super) fn new() -> Payload {
        Payload { bytes: vec![FORMAT], events: 0 }
    }

    /// Adds an event unless the record is full: then returns false and stays as it was.
    pub(super) fn add(&mut self, event: &Event) -> bool {
        let before = self.bytes.len();
        let bytes = std::mem::take(&mut self.bytes);
        self.bytes = postcard::to_extend(event, bytes).expect("an event in memory always encodes");
        if self.events > 0 && (self.bytes.len() > RECORD_BYTES_MAX || self.events == RECORD_EVENTS_MAX) {
            self.bytes.truncate(before);
            return false;
        }
        self.events += 1;
        true
    }
}

/// Appends a record's bytes to `out`, to be written at `offset` of the file.
pub(super) fn encode(out: &mut Vec<u8>, file: u64, offset: u64, first_seq: u64, payload: &Payload) {
    let start = out.len();
    out.extend_from_slice(&(payload.bytes.len() as u32).to_le_bytes());
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&first_seq.to_le_bytes());
    out.extend_from_slice(&payload.events.to_le_bytes());
    let fields = fields(&out[start..]);
    let crc = crc(file, offset, &fields, &payload.bytes);
    out[start + 4..start + 8].copy_from_slice(&crc.to_le_bytes());
    out.extend_from_slice(&payload.bytes);
}

/// The checksummed fields of a record's header: all but the checksum.
fn fields(header: &[u8]) -> [u8; 16] {
    let mut fields = [0; 16];
    fields[..4].copy_from_slice(&header[..4]);
    fields[4..].copy_from_slice(&header[8..RECORD_HEADER]);
    fields
}

/// A record found in a file's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record<'a> {
    pub(super) first_seq: u64,
    pub(super) events: u32,
    pub(super) payload: &'a [u8],
}

impl Record<'_> {
    pub(super) fn size(&self) -> usize {
        RECORD_HEADER + self.payload.len()
    }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

/// The record at the start of `rest`, which stands at `offset` of the file, if a valid one is there.
pub(super) fn decode(rest: &[u8], file: u64, offset: u64) -> Option<Record<'_>> {
    if rest.len() < RECORD_HEADER {
        return None;
    }
    let size = u32_at(rest, 0) as usize;
    let events = u32_at(rest, 16);
    if size == 0 || RECORD_HEADER + size > RECORD_SIZE_MAX || events == 0 || events > RECORD_EVENTS_MAX {
        return None;
    }
    let payload = rest.get(RECORD_HEADER..RECORD_HEADER + size)?;
    if crc(file, offset, &fields(rest), payload) != u32_at(rest, 4) {
        return None;
    }
    let first_seq = u64::from_le_bytes(rest[8..16].try_into().expect("eight bytes"));
    Some(Record { first_seq, events, payload })
}

/// The events of a payload; `None` when it is of a format this version does not know.
pub(super) fn events(record: &Record<'_>) -> Option<Vec<Event>> {
    let (&format, mut rest) = record.payload.split_first()?;
    if format != FORMAT {
        return None;
    }
    let mut events = Vec::with_capacity(record.events.min(4096) as usize);
    for _ in 0..record.events {
        let (event, after) = postcard::take_from_bytes(rest).ok()?;
        events.push(event);
        rest = after;
    }
    rest.is_empty().then_some(events)
}
