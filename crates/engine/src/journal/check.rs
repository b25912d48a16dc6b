//! Reading all of the journal to find damage, for `playhead check`.

use super::archive::{self, Footer};
use super::{Damage, JournalError, archive_path, files, live_logs, log_path, reader, record};
use crate::storage::Storage;

/// What a check read and found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Files read.
    pub files: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Events that decode.
    pub events: u64,
    /// Damage, by byte range.
    pub damage: Vec<Damage>,
}

/// Bytes a check will read.
///
/// # Errors
/// When the storage fails.
pub fn bytes(storage: &dyn Storage) -> Result<u64, JournalError> {
    let mut sum = 0;
    for path in paths(storage)? {
        sum += storage.size(&path.1)?;
    }
    Ok(sum)
}

/// (first seq, path, is an archive) of every file.
fn paths(storage: &dyn Storage) -> Result<Vec<(u64, String, bool)>, JournalError> {
    let mut paths: Vec<_> = files(storage, ".arc")?.into_iter().map(|seq| (seq, archive_path(seq), true)).collect();
    paths.extend(live_logs(storage)?.into_iter().map(|seq| (seq, log_path(seq), false)));
    Ok(paths)
}

/// Reads every file; calls `progress` with the bytes of each.
///
/// # Errors
/// When the storage fails; damage is no error but a finding.
pub fn check(storage: &dyn Storage, progress: &mut dyn FnMut(u64)) -> Result<Checked, JournalError> {
    let mut checked = Checked::default();
    for (first_seq, path, is_archive) in paths(storage)? {
        let size = storage.size(&path)?;
        if is_archive {
            check_archive(storage, first_seq, &path, size, &mut checked)?;
        } else {
            check_log(storage, first_seq, &path, &mut checked)?;
        }
        checked.files += 1;
        checked.bytes += size;
        progress(size);
    }
    Ok(checked)
}

fn check_log(storage: &dyn Storage, first_seq: u64, path: &str, checked: &mut Checked) -> Result<(), JournalError> {
    reader::scan(storage, first_seq, &mut |found| -> Result<(), JournalError> {
        let (from, to) = match found {
            reader::Found::Damage(from, to) => (from, to),
            reader::Found::Record(at, record) => match record::events(&record) {
                Some(events) => {
                    checked.events += events.len() as u64;
                    return Ok(());
                }
                None => (at, at + record.size() as u64),
            },
        };
        checked.damage.push(Damage { path: path.into(), from, to, kept_as: None });
        Ok(())
    })?;
    Ok(())
}

fn check_archive(
    storage: &dyn Storage,
    first_seq: u64,
    path: &str,
    size: u64,
    checked: &mut Checked,
) -> Result<(), JournalError> {
    let footer = match Footer::read(storage, first_seq) {
        Ok(footer) => footer,
        Err(JournalError::Damaged { offset, .. }) => {
            checked.damage.push(Damage { path: path.into(), from: offset, to: size, kept_as: None });
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    for (number, entry) in footer.blocks.iter().enumerate() {
        match archive::read_block(storage, first_seq, &footer, number) {
            Ok(events) => checked.events += events.len() as u64,
            Err(JournalError::Damaged { offset, .. }) => {
                let to = entry.offset + u64::from(entry.bytes);
                checked.damage.push(Damage { path: path.into(), from: offset, to, kept_as: None });
            }
            Err(error) => return Err(error),
        }
    }
    let index_bytes = footer.index_entries as usize * archive::INDEX_ENTRY;
    let index = storage.read_at(path, footer.index_offset, index_bytes)?;
    if crc32c::crc32c(&index) != footer.index_crc {
        let to = footer.index_offset + index_bytes as u64;
        checked.damage.push(Damage { path: path.into(), from: footer.index_offset, to, kept_as: None });
    }
    Ok(())
}
