//! Verifying every segment: bytes against checksums, pages, order, counts.

use super::StoreError;
use super::sealed;
use crate::block::{Block, Extent};
use crate::column::Field;
use crate::event::{AccountId, PersonKey};
use crate::fold::Fold;
use crate::manifest::{Manifest, ManifestState, SegmentMeta};
use crate::row::TextColumn;
use crate::scrub::Kind;
use crate::segment::{self, SegmentError};
use crate::storage::{Storage, StorageError};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// File.
    pub path: String,
    /// First bad byte.
    pub from: u64,
    /// First byte after.
    pub to: u64,
    /// What was found.
    pub what: String,
}

/// What was looked at, and found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Segments.
    pub segments: u64,
    /// Rows that could be read.
    pub rows: u64,
    /// Bytes.
    pub bytes: u64,
    /// Files in the folder that the manifest does not name: left by a crash, removed at the next start.
    pub orphans: Vec<String>,
    /// All that is wrong.
    pub damage: Vec<Damage>,
}

/// Bytes that [`check`] will read: the length of its progress bar.
///
/// # Errors
/// When the manifest cannot be read.
pub fn bytes(manifest: &dyn Manifest) -> Result<u64, StoreError> {
    Ok(manifest.load()?.segments.iter().map(|segment| segment.bytes).sum())
}

/// Verifies every segment; `progress` is told the bytes of each when it is done.
///
/// # Errors
/// When the manifest or the storage cannot be read at all. What is wrong with the files is in the answer.
pub fn check(
    storage: &Arc<dyn Storage>,
    manifest: &dyn Manifest,
    progress: &mut dyn FnMut(u64),
) -> Result<Checked, StoreError> {
    let state = manifest.load()?;
    let mut checked = Checked { orphans: orphans(&**storage, &state.segments)?, ..Checked::default() };
    for meta in &state.segments {
        checked.segments += 1;
        checked.bytes += meta.bytes;
        check_segment(storage, meta, &mut checked)?;
        progress(meta.bytes);
    }
    Ok(checked)
}

/// Names in the segments' folder that the manifest does not know.
///
/// # Errors
/// When the folder cannot be listed.
pub fn orphans(storage: &dyn Storage, segments: &[SegmentMeta]) -> Result<Vec<String>, StorageError> {
    let known: Vec<String> = segments.iter().map(|meta| segment::path(meta.id)).collect();
    let paths = storage.list(segment::FOLDER)?.into_iter().map(|name| format!("{}/{name}", segment::FOLDER));
    Ok(paths.filter(|path| !known.contains(path)).collect())
}

fn check_segment(storage: &Arc<dyn Storage>, meta: &SegmentMeta, checked: &mut Checked) -> Result<(), StoreError> {
    let path = segment::path(meta.id);
    let bytes = match storage.read(&path) {
        Ok(bytes) => bytes,
        Err(StorageError::Missing { .. }) => {
            checked.damage.push(Damage { path, from: 0, to: meta.bytes, what: "the file is missing".into() });
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    let bad = segment::verify(&bytes, meta.bytes, &meta.checksums);
    if !bad.is_empty() {
        let what = "the bytes are not those that were written";
        let damage = bad.into_iter().map(|(from, to)| Damage { path: path.clone(), from, to, what: what.into() });
        checked.damage.extend(damage);
        return Ok(());
    }
    let file = sealed::file(storage, meta);
    let mut read = || -> Result<(), SegmentError> {
        let footer = file.footer()?;
        let mut wrong =
            (footer.groups() != meta.groups.len()).then_some("the row groups are not those of the manifest");
        for (number, extent) in meta.groups.iter().enumerate().filter(|(number, _)| *number < footer.groups()) {
            let block = file.block(&footer, number)?;
            checked.rows += block.rows as u64;
            wrong = wrong.or_else(|| wrong_in(&block, extent, meta));
        }
        let ends = meta.groups.windows(2).all(|pair| pair[0].last <= pair[1].first);
        wrong = wrong.or((!ends).then_some("the row groups are not in order"));
        if meta.superseded.iter().any(|row| *row as usize >= meta.extent.rows) {
            wrong = wrong.or(Some("the manifest supersedes rows that do not exist"));
        }
        if let Some(what) = wrong {
            checked.damage.push(Damage { path: path.clone(), from: 0, to: meta.bytes, what: what.into() });
        }
        Ok(())
    };
    match read() {
        Err(SegmentError::Damaged { path, from, to, what }) => {
            checked.damage.push(Damage { path, from, to, what });
            Ok(())
        }
        other => Ok(other?),
    }
}

fn wrong_in(block: &Block, extent: &Extent, meta: &SegmentMeta) -> Option<&'static str> {
    if block.extent() != *extent {
        return Some("the rows are not those of the manifest");
    }
    if (1..block.rows).any(|i| block.place(i - 1) >= block.place(i)) {
        return Some("the rows are not in order");
    }
    let sessions = block.column(Field::Session).ints();
    if (0..block.rows).any(|row| !meta.filter.may_hold(sessions.get(row))) {
        return Some("the manifest's filter lacks a session");
    }
    None
}

/// Hands over every person whose key stands in a segment's file or among the live sessions, once a row: as written, with
/// nothing exchanged. Returns how many files were read.
///
/// # Errors
/// When something cannot be read; the manifest may have moved meanwhile, then try again.
pub fn people(
    storage: &Arc<dyn Storage>,
    manifest: &dyn Manifest,
    seen: &mut dyn FnMut(AccountId, PersonKey),
) -> Result<u64, StoreError> {
    let state = manifest.load()?;
    for meta in &state.segments {
        let file = sealed::file(storage, meta);
        let footer = file.footer()?;
        for group in 0..footer.groups() {
            let columns = file.columns(&footer, group, &[Field::Runs, Field::Person])?;
            let (runs, people) = (columns[0].runs(), columns[1].ints());
            for run in 0..runs.len() {
                runs.rows(run).for_each(|row| seen(AccountId(runs.accounts[run]), PersonKey(people.get(row))));
            }
        }
    }
    live(&state, &mut |fold| fold.people(seen))?;
    Ok(state.segments.len() as u64)
}

/// Tells of the live sessions.
fn live(state: &ManifestState, tell: &mut dyn FnMut(&Fold)) -> Result<(), StoreError> {
    if !state.progress.live.is_empty() {
        let live = zstd::decode_all(state.progress.live.as_slice()).map_err(|source| StoreError::Live { source })?;
        tell(&Fold::decode_live(&live)?);
    }
    Ok(())
}

/// Hands over every free text of rows, as written: of segments once for each person whose rows have it, of live sessions
/// each. Returns how many there were.
///
/// # Errors
/// As [`people`].
pub fn texts(
    storage: &Arc<dyn Storage>,
    manifest: &dyn Manifest,
    seen: &mut dyn FnMut(AccountId, PersonKey, Kind, &str),
) -> Result<u64, StoreError> {
    let (state, mut texts) = (manifest.load()?, 0);
    for meta in &state.segments {
        let file = sealed::file(storage, meta);
        let footer = file.footer()?;
        let mut fields = vec![Field::Runs, Field::Person, Field::Marks];
        fields.extend(TextColumn::FREE.map(Field::Text));
        for group in 0..footer.groups() {
            let columns = file.columns(&footer, group, &fields)?;
            let (runs, people, marks) = (columns[0].runs(), columns[1].ints(), columns[2].marks());
            let mut told: BTreeSet<(u32, u64, usize, u64)> = BTreeSet::new();
            for (run, row) in (0..runs.len()).flat_map(|run| runs.rows(run).map(move |row| (run, row))) {
                let (account, person) = (runs.accounts[run], people.get(row));
                let mut tell = |kind, text: &str| {
                    texts += 1;
                    seen(AccountId(account), PersonKey(person), kind, text);
                };
                for (number, (column, text)) in columns[3..].iter().zip(TextColumn::FREE).enumerate() {
                    let words = column.words();
                    if told.insert((account, person, number, words.codes.get(row))) {
                        tell(text.kind(), words.get(row));
                    }
                }
                marks.row(row).iter().for_each(|mark| tell(Kind::Other, &mark.value));
            }
        }
    }
    live(&state, &mut |fold| {
        for row in fold.live_rows() {
            for column in TextColumn::FREE {
                texts += 1;
                seen(row.account, row.person, column.kind(), &row.text[column as usize]);
            }
            for mark in &row.marks {
                texts += 1;
                seen(row.account, row.person, Kind::Other, &mark.value);
            }
        }
    })?;
    Ok(texts)
}
