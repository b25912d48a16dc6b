//! Reading `.log` files back: records, and the damage between them.

use super::record::{self, FILE_HEADER, Record};
use super::{Damage, FOLDER, JournalError, archive, archive_path, files, live_logs, log_path};
use crate::event::Event;
use crate::storage::Storage;

/// Bytes of a file held at once: some records of the largest size.
pub(super) const WINDOW: usize = 4 * record::RECORD_SIZE_MAX;

/// What stands in a file, from its start.
pub(super) enum Found<'a> {
    /// A record, and where it begins.
    Record(u64, Record<'a>),
    /// Bytes `from..to` that hold no valid record, between records or at the end.
    Damage(u64, u64),
}

/// Hands over all records of a file, and the damage between them. After a bad record the next valid one is searched byte
/// by byte: the checksum binds a record to its offset, so nothing else passes for one. Returns the file's size.
pub(super) fn scan<E: From<JournalError>>(
    storage: &dyn Storage,
    file: u64,
    f: &mut dyn FnMut(Found<'_>) -> Result<(), E>,
) -> Result<u64, E> {
    let path = log_path(file);
    let size = storage.size(&path).map_err(JournalError::from)?;
    let (mut window, mut base) = (storage.read_at(&path, 0, WINDOW).map_err(JournalError::from)?, 0);
    let mut at = size.min(FILE_HEADER as u64);
    if !record::file_header_is_valid(&window, file) {
        f(Found::Damage(0, at))?;
    }
    let mut damaged_from = None;
    while at < size {
        let needed = (size - at).min(record::RECORD_SIZE_MAX as u64);
        if at + needed > base + window.len() as u64 {
            (window, base) = (storage.read_at(&path, at, WINDOW).map_err(JournalError::from)?, at);
        }
        match record::decode(&window[(at - base) as usize..], file, at) {
            Some(found) => {
                if let Some(from) = damaged_from.take() {
                    f(Found::Damage(from, at))?;
                }
                let next = at + found.size() as u64;
                f(Found::Record(at, found))?;
                at = next;
            }
            None => {
                damaged_from.get_or_insert(at);
                at += 1;
            }
        }
    }
    if let Some(from) = damaged_from {
        f(Found::Damage(from, size))?;
    }
    Ok(size)
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
    let mut end = End { records: 0, next_seq: first_seq };
    let mut bad: Vec<(u64, u64)> = Vec::new();
    let size = scan(storage, first_seq, &mut |found| -> Result<(), JournalError> {
        match found {
            Found::Record(_, record) => {
                end.records += 1;
                end.next_seq = end.next_seq.max(record.first_seq + u64::from(record.events));
            }
            Found::Damage(from, to) => bad.push((from, to)),
        }
        Ok(())
    })?;
    for (from, to) in bad {
        let is_tail = is_last && to == size;
        let kept_as = if is_tail { Some(cut(storage, &path, first_seq, from, size)?) } else { None };
        damage.push(Damage { path: path.clone(), from, to, kept_as });
    }
    Ok(end)
}

/// Cuts a torn tail after a durable copy of it was made.
fn cut(storage: &dyn Storage, path: &str, first_seq: u64, from: u64, size: u64) -> Result<String, JournalError> {
    let aside = format!("{FOLDER}/damaged/{first_seq:020}.{from}.bin");
    storage.remove(&aside)?;
    let mut copy = storage.create(&aside)?;
    let mut at = from;
    while at < size {
        let piece = storage.read_at(path, at, WINDOW)?;
        copy.append(&piece)?;
        at += piece.len().max(1) as u64;
    }
    copy.sync()?;
    storage.truncate(path, from)?;
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
    scan(storage, first_seq, &mut |found| -> Result<(), E> {
        match found {
            Found::Damage(from, to) => damage.push(Damage { path: path.clone(), from, to, kept_as: None }),
            Found::Record(_, record) if record.first_seq + u64::from(record.events) <= from_seq => {}
            Found::Record(at, record) => match record::events(&record) {
                Some(events) => {
                    for (seq, event) in (record.first_seq..).zip(events) {
                        if seq >= from_seq {
                            f(seq, event)?;
                        }
                    }
                }
                None => {
                    let to = at + record.size() as u64;
                    damage.push(Damage { path: path.clone(), from: at, to, kept_as: None });
                }
            },
        }
        Ok(())
    })?;
    Ok(())
}
