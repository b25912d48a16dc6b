//! Exchanging people's keys, and cleaning texts, in files that nobody writes any more. A file is written anew beside the old one and takes its
//! name in one step: a crash leaves one or the other, and doing it again changes nothing.

use super::{Damage, FOLDER, Footer, JournalError, archive, archive_path, files, log_path, reader, record};
use crate::event::Event;
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

/// Events of a file that were changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changed {
    /// Their keys were exchanged.
    pub(crate) keys: u64,
    /// Their texts were cleaned.
    pub(crate) texts: u64,
}

impl Changed {
    fn apply(&mut self, rekey: &Rekey, event: &mut Event) {
        self.keys += u64::from(rekey.exchange(event));
        self.texts += u64::from(rekey.scrubs().clean_event(event));
    }
    pub(crate) fn any(self) -> bool {
        self != Changed::default()
    }
}

/// Exchanges keys in a finished log, and cleans texts. Fresh keys of the old ones' [`crate::rekey::width`] leave every
/// record in its place; texts do not. Damaged bytes, which may hold anything, become zeros: the same damage as before.
///
/// # Errors
/// When the storage fails; the log is as it was.
pub(crate) fn log(storage: &dyn Storage, first_seq: u64, rekey: &Rekey) -> Result<Changed, JournalError> {
    let mut out = record::file_header(first_seq).to_vec();
    let (mut changed, mut damaged) = (Changed::default(), false);
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
                events.iter_mut().for_each(|event| changed.apply(rekey, event));
                let (mut payload, mut of_seq) = (record::Payload::new(), found.first_seq);
                let put = |out: &mut Vec<u8>, of_seq, payload: &record::Payload| {
                    let at = out.len() as u64;
                    record::encode(out, first_seq, at, of_seq, payload);
                };
                for (seq, event) in (found.first_seq..).zip(&events) {
                    // What stands for a short word is longer: a record that was full goes on in another.
                    if !payload.add(event) {
                        put(&mut out, of_seq, &payload);
                        (payload, of_seq) = (record::Payload::new(), seq);
                        payload.add(event);
                    }
                }
                put(&mut out, of_seq, &payload);
            }
        }
        Ok(())
    })?;
    if changed.any() || damaged {
        replace(storage, first_seq, &log_path(first_seq), &out)?;
    }
    Ok(changed)
}

/// Exchanges keys in an archive, and cleans texts. Blocks that are damaged are left out: what cannot be read
/// cannot be vouched for.
///
/// # Errors
/// `Damaged` when the archive's end is not what was written, or the storage fails; the archive is as it was.
pub(crate) fn archive(
    storage: &dyn Storage,
    first_seq: u64,
    rekey: &Rekey,
    damage: &mut Vec<Damage>,
) -> Result<Changed, JournalError> {
    let footer = Footer::read(storage, first_seq)?;
    let mut builder = archive::Builder::new(first_seq);
    let (mut changed, damaged) = (Changed::default(), damage.len());
    for (block, entry) in footer.blocks.iter().enumerate() {
        match archive::read_block(storage, first_seq, &footer, block) {
            Ok(events) => {
                for (seq, mut event) in events {
                    changed.apply(rekey, &mut event);
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
    if changed.any() || damage.len() > damaged {
        replace(storage, first_seq, &archive_path(first_seq), &builder.finish())?;
    }
    Ok(changed)
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
