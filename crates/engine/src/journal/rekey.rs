//! Exchanging people's keys in files that nobody writes any more. A file is written anew beside the old one and takes its
//! name in one step: a crash leaves one or the other, and doing it again changes nothing.

use super::{Damage, FOLDER, Footer, JournalError, archive, archive_path, files, log_path, reader, record};
use crate::rekey::Rekey;
use crate::storage::Storage;

/// First seqs of the logs that begin below a seq, ascending.
pub(crate) fn logs(storage: &dyn Storage, below: u64) -> Result<Vec<u64>, JournalError> {
    Ok(files(storage, ".log")?.into_iter().filter(|seq| *seq < below).collect())
}

/// First seqs of the archives, ascending.
pub(crate) fn archives(storage: &dyn Storage) -> Result<Vec<u64>, JournalError> {
    Ok(files(storage, ".arc")?)
}

/// Exchanges keys in a finished log; how many events had one. Fresh keys of the old ones' [`crate::rekey::width`] leave
/// every record in its place. Damaged bytes, which may hold anything, become zeros: the same damage as before.
///
/// # Errors
/// When the storage fails; the log is as it was.
pub(crate) fn log(storage: &dyn Storage, first_seq: u64, rekey: &Rekey) -> Result<u64, JournalError> {
    let mut out = record::file_header(first_seq).to_vec();
    let (mut exchanged, mut damaged) = (0, false);
    reader::scan(storage, first_seq, &mut |found| -> Result<(), JournalError> {
        let blank = |out: &mut Vec<u8>, bytes: u64| out.resize(out.len() + bytes as usize, 0);
        match found {
            reader::Found::Damage(0, _) => damaged = true,
            reader::Found::Damage(from, to) => {
                damaged = true;
                blank(&mut out, to - from);
            }
            reader::Found::Record(_, found) => {
                let Some(mut events) = record::events(&found) else {
                    damaged = true;
                    blank(&mut out, found.size() as u64);
                    return Ok(());
                };
                let hits = events.iter_mut().map(|event| u64::from(rekey.apply(event))).sum::<u64>();
                exchanged += hits;
                let mut payload = record::Payload::new();
                for event in &events {
                    if !payload.add(event) {
                        return Err(JournalError::TooLarge {
                            bytes: payload.bytes.len(),
                            max: crate::limits::RECORD_BYTES_MAX,
                        });
                    }
                }
                let at = out.len() as u64;
                record::encode(&mut out, first_seq, at, found.first_seq, &payload);
            }
        }
        Ok(())
    })?;
    if exchanged > 0 || damaged {
        replace(storage, first_seq, &log_path(first_seq), &out)?;
    }
    Ok(exchanged)
}

/// Exchanges keys in an archive; how many events had one. Blocks that are damaged are left out: what cannot be read
/// cannot be vouched for.
///
/// # Errors
/// `Damaged` when the archive's end is not what was written, or the storage fails; the archive is as it was.
pub(crate) fn archive(
    storage: &dyn Storage,
    first_seq: u64,
    rekey: &Rekey,
    damage: &mut Vec<Damage>,
) -> Result<u64, JournalError> {
    let footer = Footer::read(storage, first_seq)?;
    let mut builder = archive::Builder::new(first_seq);
    let (mut exchanged, damaged) = (0, damage.len());
    for (block, entry) in footer.blocks.iter().enumerate() {
        match archive::read_block(storage, first_seq, &footer, block) {
            Ok(events) => {
                for (seq, mut event) in events {
                    exchanged += u64::from(rekey.apply(&mut event));
                    builder.push(seq, event);
                }
            }
            Err(JournalError::Damaged { path, offset, .. }) => {
                let to = entry.offset + u64::from(entry.bytes);
                damage.push(Damage { path, from: offset, to, kept_as: None });
            }
            Err(error) => return Err(error),
        }
    }
    if exchanged > 0 || damage.len() > damaged {
        replace(storage, first_seq, &archive_path(first_seq), &builder.finish())?;
    }
    Ok(exchanged)
}

/// Removes the bytes that were kept aside from damage: nobody can say whose they are. How many files.
///
/// # Errors
/// When the storage fails.
pub(crate) fn damaged(storage: &dyn Storage) -> Result<u64, JournalError> {
    let folder = format!("{FOLDER}/damaged");
    let names = storage.list(&folder)?;
    for name in &names {
        storage.remove(&format!("{folder}/{name}"))?;
    }
    Ok(names.len() as u64)
}

fn replace(storage: &dyn Storage, first_seq: u64, path: &str, bytes: &[u8]) -> Result<(), JournalError> {
    let temporary = format!("{FOLDER}/{first_seq:020}.tmp");
    storage.remove(&temporary)?;
    let mut file = storage.create(&temporary)?;
    file.append(bytes)?;
    file.sync()?;
    storage.rename(&temporary, path)?;
    Ok(())
}
