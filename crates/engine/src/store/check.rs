//! Verifying every segment: bytes against checksums, pages, order, counts.

use super::StoreError;
use super::sealed::load;
use crate::block::Block;
use crate::manifest::{Manifest, SegmentMeta};
use crate::segment::{self, SegmentError};
use crate::storage::{Storage, StorageError};

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
    storage: &dyn Storage,
    manifest: &dyn Manifest,
    progress: &mut dyn FnMut(u64),
) -> Result<Checked, StoreError> {
    let state = manifest.load()?;
    let mut checked = Checked { orphans: orphans(storage, &state.segments)?, ..Checked::default() };
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

fn check_segment(storage: &dyn Storage, meta: &SegmentMeta, checked: &mut Checked) -> Result<(), StoreError> {
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
    match load(storage, meta.id, meta.bytes, &meta.checksums) {
        Ok(block) => {
            checked.rows += block.rows as u64;
            if let Some(what) = wrong(&block, meta) {
                checked.damage.push(Damage { path, from: 0, to: meta.bytes, what: what.into() });
            }
            Ok(())
        }
        Err(SegmentError::Damaged { path, from, to, what }) => {
            checked.damage.push(Damage { path, from, to, what });
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

fn wrong(block: &Block, meta: &SegmentMeta) -> Option<&'static str> {
    if block.extent() != meta.extent {
        return Some("the rows are not those of the manifest");
    }
    if (1..block.rows).any(|i| block.place(i - 1) >= block.place(i)) {
        return Some("the rows are not in order");
    }
    if block.session.iter().any(|session| !meta.filter.may_hold(*session)) {
        return Some("the manifest's filter lacks a session");
    }
    if meta.superseded.iter().any(|row| *row as usize >= block.rows) {
        return Some("the manifest supersedes rows that do not exist");
    }
    None
}
