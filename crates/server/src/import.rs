//! `playhead import`: files of past events, and (in [`catalog_import`]) of the catalog. Repeating or resuming an import changes nothing: a file
//! of events is a stream known by its content, and how far it was folded is known by the byte. [`kaltura`] reads the catalog of
//! an account elsewhere.

pub mod kaltura;

use crate::catalog_import;
use crate::cli::Failure;
use crate::collect::import::Place;
use crate::collect::wall_clock;
use crate::config::Settings;
use crate::machine::{DataFolder, Machine};
use crate::progress;
use engine::catalog::Catalog;
use engine::catalog::record::Kind;
use engine::event::{AccountId, Event};
use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// Events made durable together.
const BATCH_EVENTS: usize = 4_000;
/// Longest line of events, in bytes: what a live request may have.
const LINE_BYTES_MAX: usize = 64 << 10;
/// Bad lines that are printed for each file; further ones are counted.
const BAD_PRINTED_MAX: u64 = 20;

/// Imports files of events.
///
/// # Errors
/// When a file cannot be read or events cannot be kept; what was imported until then stays, and the same command goes
/// on from there.
pub fn events(settings: &Settings, files: &[PathBuf]) -> Result<(), Failure> {
    let folder = DataFolder::open(settings)?;
    let lock = folder.lock()?;
    let connection = streams(&folder)?;
    let mut known = Vec::new();
    for file in files {
        known.push(stream(&connection, &hash(file)?)?);
    }
    drop((connection, lock));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let machine = Machine::open(&folder, settings, wall_clock(), &known)?;
        let mut outcome = Ok(());
        for (file, stream) in files.iter().zip(&known) {
            outcome = one(&machine, file, *stream).await;
            if outcome.is_err() {
                break;
            }
        }
        tokio::task::spawn_blocking(move || machine.stop()).await?;
        outcome
    })
}

async fn one(machine: &Machine, path: &Path, stream: u32) -> Result<(), Failure> {
    let skip = machine.offsets.get(&stream).copied().unwrap_or(0);
    let named = |error| format!("cannot read {}: {error}", path.display());
    let file = File::open(path).map_err(named)?;
    let bar = progress::bytes(file.metadata()?.len(), &path.display().to_string());
    let mut input = BufReader::with_capacity(1 << 20, file);
    let (mut line, mut offset, mut number) = (Vec::new(), 0, 0_u64);
    let (mut batch, mut kept, mut bad) = (Vec::<Event>::new(), 0_u64, 0_u64);
    loop {
        line.clear();
        let bytes = input.read_until(b'\n', &mut line).map_err(named)?;
        if bytes == 0 || batch.len() >= BATCH_EVENTS {
            kept += batch.len() as u64;
            machine.collect.keep(std::mem::take(&mut batch)).await?;
            bar.set_position(offset);
        }
        if bytes == 0 {
            break;
        }
        offset += bytes as u64;
        number += 1;
        if offset <= skip || line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let refusal = match text(&line) {
            Ok(text) => match machine.collect.imported(text, Place { stream, offset }).await? {
                Ok(event) => {
                    batch.push(event);
                    continue;
                }
                Err(refusal) => refusal.detail,
            },
            Err(why) => why,
        };
        bad += 1;
        if bad <= BAD_PRINTED_MAX {
            bar.suspend(|| eprintln!("{}:{number}: {refusal}", path.display()));
        }
    }
    bar.finish_and_clear();
    let before = if skip > 0 { ", some were there already" } else { "" };
    println!("{}: {kept} events imported{before}, {bad} lines not understood", path.display());
    Ok(())
}

fn text(line: &[u8]) -> Result<&str, &'static str> {
    if line.len() > LINE_BYTES_MAX {
        return Err("the line is too long");
    }
    std::str::from_utf8(line).map_err(|_| "the line is not UTF-8")
}

/// The table that numbers streams. 0 is live collection.
fn streams(folder: &DataFolder) -> Result<Connection, Failure> {
    let connection = Connection::open(folder.catalog_file())?;
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.execute_batch(
        "CREATE TABLE IF NOT EXISTS import_stream (number INTEGER PRIMARY KEY, sha256 BLOB NOT NULL UNIQUE) STRICT;",
    )?;
    Ok(connection)
}

/// The stream of a file's content; the next number if it was never seen.
fn stream(connection: &Connection, sha256: &[u8; 32]) -> Result<u32, Failure> {
    connection.execute("INSERT INTO import_stream (sha256) VALUES (?1) ON CONFLICT DO NOTHING", params![sha256])?;
    let number = connection
        .query_row("SELECT number FROM import_stream WHERE sha256 = ?1", params![sha256], |row| row.get(0))
        .optional()?;
    number.ok_or_else(|| "the stream's number was not kept".into())
}

fn hash(path: &Path) -> Result<[u8; 32], Failure> {
    let named = |error| format!("cannot read {}: {error}", path.display());
    let mut file = File::open(path).map_err(named)?;
    let bar = progress::bytes(file.metadata()?.len(), &format!("{} (recognising)", path.display()));
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let bytes = file.read(&mut buffer).map_err(named)?;
        if bytes == 0 {
            break;
        }
        hasher.update(&buffer[..bytes]);
        bar.inc(bytes as u64);
    }
    bar.finish_and_clear();
    Ok(hasher.finalize().into())
}

/// Imports files of the catalog. Works beside a running server, which takes the changes in within a second.
///
/// # Errors
/// When a file cannot be read, or there is no account to import into.
pub fn catalog(
    settings: &Settings,
    files: &[PathBuf],
    account: Option<u32>,
    kind: Option<Kind>,
) -> Result<(), Failure> {
    let now_ms = wall_clock()();
    let catalog = DataFolder::open(settings)?.catalog(now_ms)?;
    let account = the_account(&catalog, account)?;
    for (name, report) in catalog_import::import(&catalog, account, files, kind, now_ms)? {
        print!("{}", catalog_import::told(&name, &report));
    }
    Ok(())
}

/// The account that a command is about: the one that is named, or the only one there is.
///
/// # Errors
/// When there is none, or several and none is named.
pub fn the_account(catalog: &Catalog, asked: Option<u32>) -> Result<AccountId, Failure> {
    let accounts = catalog.accounts();
    match asked {
        Some(id) => match accounts.iter().find(|account| account.id.0 == id) {
            Some(account) => Ok(account.id),
            None => Err(format!("there is no account {id}; add it with `playhead account add`").into()),
        },
        None => match accounts.as_slice() {
            [account] => Ok(account.id),
            [] => Err("there is no account yet; add one with `playhead account add`".into()),
            _ => Err("there are several accounts; say which with --account".into()),
        },
    }
}
