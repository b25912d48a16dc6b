//! Reading `.log` files back: records, and the damage between them.

use super::record::{self, FILE_HEADER, Record};
use super::{Damage, FOLDER, JournalError, archive, archive_path, files, live_logs, log_path};
use crate::event::Event;
use crate::storage::Storage;

/// What stands in a file, from its start.
pub(super) enum Found<'a> {
    Record(Record<'a>),
    /// Bytes that hold no valid record, between records or at the end.
    Damage {
        from: usize,
        to: usize,
    },
}

/// All records of a file's bytes, and the damage between them. After a bad record the next valid one is searched byte
/// by byte: the checksum binds a record to its offset, so nothing else passes for one.
pub(super) fn scan(bytes: &[u8], file: u64) -> Vec<Found<'_>> {
    let mut found = Vec::new();
    let mut at = FILE_HEADER.min(bytes.len());
    if !record::file_header_is_valid(bytes, file) {
        found.push(Found::Damage { from: 0, to: at });
    }
    while at < bytes.len() {
        if let Some(record) = record::decode(bytes, file, at) {
            at += record.size();
            found.push(Found::Record(record));
            continue;
        }
        let from = at;
        at = (from + 1..bytes.len()).find(|&next| record::decode(bytes, file, next).is_some()).unwrap_or(bytes.len());
        found.push(Found::Damage { from, to: at });
    }
    found
}

/// Where a file ends.
pub(super) struct End {
    pub(super) records: usize,
    pub(super) next_seq: u64,
}

/// Reads a file to its end. In the last file of the journal a tail without any valid record is cut and kept aside.
pub(super) fn settle(
    storage: &dyn Storage,
    first_seq: u64,
    is_last: bool,
    damage: &mut Vec<Damage>,
) -> Result<End, JournalError> {
    let path = log_path(first_seq);
    let bytes = storage.read(&path)?;
    let found = scan(&bytes, first_seq);
    let mut end = End { records: 0, next_seq: first_seq };
    for (i, item) in found.iter().enumerate() {
        match *item {
            Found::Record(record) => {
                end.records += 1;
                end.next_seq = end.next_seq.max(record.first_seq + u64::from(record.events));
            }
            Found::Damage { from, to } => {
                let is_tail = is_last && i + 1 == found.len();
                let kept_as = if is_tail { Some(cut(storage, &path, first_seq, from, &bytes[from..])?) } else { None };
                damage.push(Damage { path: path.clone(), from: from as u64, to: to as u64, kept_as });
            }
        }
    }
    Ok(end)
}

/// Cuts a torn tail after a durable copy of it was made.
fn cut(storage: &dyn Storage, path: &str, first_seq: u64, from: usize, tail: &[u8]) -> Result<String, JournalError> {
    let aside = format!("{FOLDER}/damaged/{first_seq:020}.{from}.bin");
    storage.remove(&aside)?;
    let mut copy = storage.create(&aside)?;
    copy.append(tail)?;
    copy.sync()?;
    storage.truncate(path, from as u64)?;
    Ok(aside)
}

/// Hands over all events from `from_seq` on, in order, from archives and live files alike. Damage is skipped and
/// reported.
///
/// # Errors
/// When the storage fails, or `f` does.
pub fn replay<E: From<JournalError>>(
    storage: &dyn Storage,
    from_seq: u64,
    f: &mut dyn FnMut(u64, Event) -> Result<(), E>,
) -> Result<Vec<Damage>, E> {
    let mut damage = Vec::new();
    for first_seq in files(storage, ".arc").map_err(JournalError::from)? {
        replay_archive(storage, first_seq, from_seq, f, &mut damage)?;
    }
    let logs = live_logs(storage).map_err(JournalError::from)?;
    for (i, &first_seq) in logs.iter().enumerate() {
        if logs.get(i + 1).is_some_and(|&next| next <= from_seq) {
            continue;
        }
        replay_file(storage, first_seq, from_seq, f, &mut damage)?;
    }
    Ok(damage)
}

fn replay_archive<E: From<JournalError>>(
    storage: &dyn Storage,
    first_seq: u64,
    from_seq: u64,
    f: &mut dyn FnMut(u64, Event) -> Result<(), E>,
    damage: &mut Vec<Damage>,
) -> Result<(), E> {
    let path = archive_path(first_seq);
    let footer = match archive::Footer::read(storage, first_seq) {
        Ok(footer) => footer,
        Err(JournalError::Damaged { offset, .. }) => {
            let to = storage.size(&path).map_err(JournalError::from)?;
            damage.push(Damage { path, from: offset, to, kept_as: None });
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    for (number, block) in footer.blocks.iter().enumerate().filter(|(_, block)| block.next_seq > from_seq) {
        match archive::read_block(storage, first_seq, &footer, number) {
            Ok(events) => events.into_iter().filter(|(seq, _)| *seq >= from_seq).try_for_each(|(seq, e)| f(seq, e))?,
            Err(JournalError::Damaged { offset, .. }) => {
                let to = block.offset + u64::from(block.bytes);
                damage.push(Damage { path: path.clone(), from: offset, to, kept_as: None });
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn replay_file<E: From<JournalError>>(
    storage: &dyn Storage,
    first_seq: u64,
    from_seq: u64,
    f: &mut dyn FnMut(u64, Event) -> Result<(), E>,
    damage: &mut Vec<Damage>,
) -> Result<(), E> {
    let path = log_path(first_seq);
    let bytes = storage.read(&path).map_err(JournalError::from)?;
    for item in scan(&bytes, first_seq) {
        match item {
            Found::Damage { from, to } => {
                damage.push(Damage { path: path.clone(), from: from as u64, to: to as u64, kept_as: None });
            }
            Found::Record(record) if record.first_seq + u64::from(record.events) <= from_seq => {}
            Found::Record(record) => match record::events(&record) {
                Some(events) => {
                    for (seq, event) in (record.first_seq..).zip(events) {
                        if seq >= from_seq {
                            f(seq, event)?;
                        }
                    }
                }
                None => {
                    let from = record.payload.as_ptr() as usize - bytes.as_ptr() as usize;
                    let to = (from + record.payload.len()) as u64;
                    damage.push(Damage { path: path.clone(), from: from as u64, to, kept_as: None });
                }
            },
        }
    }
    Ok(())
}
