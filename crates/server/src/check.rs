//! `playhead check`: reads everything, changes nothing, names damage by file and byte range.

use crate::access_log;
use crate::cli::Failure;
use crate::machine::DataFolder;
use crate::progress;
use engine::manifest::Manifest;
use engine::manifest::SqliteManifest;
use engine::storage::Storage;
use std::sync::Arc;

/// Verifies journal, segments and catalog and prints what is found. Whether all is well.
///
/// # Errors
/// When the folder cannot be read at all.
pub fn check(folder: &DataFolder) -> Result<bool, Failure> {
    let storage: Arc<dyn Storage> = folder.storage(0)?;
    let mut well = true;

    let bar = progress::bytes(engine::journal::check::bytes(&*storage)?, "journal ");
    let journal = engine::journal::check::check(&*storage, &mut |bytes| bar.inc(bytes))?;
    bar.finish_and_clear();
    println!("journal: {} events in {} files, {} bytes", journal.events, journal.files, journal.bytes);
    for damage in &journal.damage {
        well = false;
        println!("  damaged: {} bytes {}..{}", damage.path, damage.from, damage.to);
    }

    let manifest = SqliteManifest::open(&folder.catalog_file())?;
    let manifest: &dyn Manifest = &manifest;
    let bar = progress::bytes(engine::store::check::bytes(manifest)?, "segments");
    let segments = engine::store::check::check(&storage, manifest, &mut |bytes| bar.inc(bytes))?;
    bar.finish_and_clear();
    println!("segments: {} rows in {} files, {} bytes", segments.rows, segments.segments, segments.bytes);
    for damage in &segments.damage {
        well = false;
        println!("  damaged: {} bytes {}..{}: {}", damage.path, damage.from, damage.to, damage.what);
    }
    for orphan in &segments.orphans {
        println!("  left by a crash, removed at the next start: {orphan}");
    }

    let log = access_log::check(&rusqlite::Connection::open(folder.catalog_file())?)?;
    println!("access log: {} records after {}, head {}", log.records, log.cut, access_log::hex(&log.head));
    if let Some(record) = log.broken_at {
        well = false;
        println!("  damaged: record {record} does not follow from the one before it");
    }

    let faults = catalog(folder)?;
    well &= faults.is_empty();
    println!("catalog: {}", if faults.is_empty() { "sound" } else { "damaged" });
    faults.iter().for_each(|fault| println!("  {fault}"));
    println!("{}", if well { "no damage" } else { "there is damage, see above" });
    Ok(well)
}

/// SQLite's own check of the file and of references between tables.
fn catalog(folder: &DataFolder) -> Result<Vec<String>, Failure> {
    let connection = rusqlite::Connection::open(folder.catalog_file())?;
    let mut faults = Vec::new();
    let mut statement = connection.prepare("PRAGMA integrity_check")?;
    for line in statement.query_map([], |row| row.get::<_, String>(0))? {
        faults.extend(Some(line?).filter(|line| line != "ok"));
    }
    let mut statement = connection.prepare("PRAGMA foreign_key_check")?;
    for table in statement.query_map([], |row| row.get::<_, String>(0))? {
        faults.push(format!("a row of {} refers to something that is not there", table?));
    }
    Ok(faults)
}
