//! `playhead erase` and `playhead retention`: the same work on a folder whose server does not run.

use super::{Erasure, Parts, PrivacyError, due, journal_from_ms, named_from_ms};
use crate::api::answer::instant;
use crate::auth::vault::Vault;
use crate::cli::Failure;
use crate::collect::{bad_rows, wall_clock};
use crate::config::Settings;
use crate::exports::{self, Exports};
use crate::import::the_account;
use crate::machine::{DataFolder, Machine};
use crate::{progress, serve};
use engine::storage::Storage;
use std::sync::Arc;
use std::time::Duration;

/// Between two looks at how far it is.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Puts a folder in operation for some work, and ends it in order.
fn at_work<T>(settings: &Settings, work: impl FnOnce(&Parts) -> Result<T, Failure>) -> Result<T, Failure> {
    serve::log(settings)?;
    let folder = DataFolder::existing(settings)?;
    let clock = wall_clock();
    let machine = Machine::open(&folder, settings, clock.clone(), &[])?;
    let vault = Arc::new(Vault::open(&folder.catalog_file())?);
    let exports = Exports::over(&machine, vault.clone(), settings, clock.clone());
    let (jobs, exporting) = exports::start(&folder, settings, exports, clock.clone())?;
    let worked = Parts::open(&folder, settings, &machine, vault, jobs, clock).map_err(Failure::from);
    let worked = worked.and_then(|parts| work(&parts));
    exporting.stop();
    machine.stop();
    worked
}

/// Erases a person, or goes on with an erasure that was interrupted, and prints the certificate.
///
/// # Errors
/// When there is no such person, the server runs, or it does not get on.
pub fn erase(settings: &Settings, account: Option<u32>, person: &str) -> Result<(), Failure> {
    at_work(settings, |parts| {
        let account = the_account(&parts.catalog, account)?;
        let asked = parts.ledger.ask(&parts.catalog.view(), account, person, parts.now_ms())?;
        // Interrupted ones come first; the catalog may have forgotten the person already.
        let waiting: Vec<_> = parts.ledger.waiting()?.into_iter().filter(|one| one.account == account).collect();
        if asked.is_none() && waiting.is_empty() {
            return Err(format!("there is no person {person} in account {}", account.0).into());
        }
        work_off(parts, &waiting)
    })
}

/// Works off what a restored folder is to do again: see [`super::marks`].
///
/// # Errors
/// When it does not get on; the next start of the server goes on.
pub fn repeat(settings: &Settings) -> Result<(), Failure> {
    at_work(settings, |parts| work_off(parts, &parts.ledger.waiting()?))
}

/// Works erasures off, and prints their certificates.
fn work_off(parts: &Parts, waiting: &[Erasure]) -> Result<(), Failure> {
    for erasure in waiting {
        let bar = progress::counting("erase ");
        let erased = std::thread::scope(|scope| -> Result<Result<(), PrivacyError>, Failure> {
            let work = scope.spawn(|| parts.erase(erasure, &|| false));
            while !work.is_finished() {
                std::thread::sleep(LOOK_EVERY);
                if let Some(now) = parts.ledger.get(erasure.account, &erasure.id)? {
                    progress::expect(&bar, now.total);
                    bar.set_position(now.done);
                    bar.set_message(now.phase);
                }
            }
            work.join().map_err(|_| "the erasure panicked".into())
        });
        bar.finish_and_clear();
        erased??;
        let done = parts.ledger.get(erasure.account, &erasure.id)?.ok_or("the erasure is gone")?;
        println!("Erased. Keep this certificate; it does not say whom it is about.");
        println!("{}", serde_json::to_string_pretty(&done.counts)?);
        println!("{}", done.certificate.unwrap_or_default());
    }
    Ok(())
}

/// Runs retention now, or says what would go.
///
/// # Errors
/// When the folder cannot be read, or the server runs (but not for `dry_run`).
pub fn retention(settings: &Settings, dry_run: bool) -> Result<(), Failure> {
    if !dry_run {
        return at_work(settings, |parts| {
            parts.retain(&|| false)?;
            let runs = parts.ledger.runs()?;
            let (_, report) = runs.first().ok_or("the run was not noted")?;
            println!("{}", serde_json::to_string_pretty(report)?);
            Ok(())
        });
    }
    let (folder, now_ms) = (DataFolder::existing(settings)?, wall_clock()());
    let catalog = folder.catalog(now_ms)?;
    let due = due(settings, &folder.look(settings)?, &catalog.view(), now_ms)?;
    let storage: Arc<dyn Storage> = folder.storage(0)?;
    let old_ms = now_ms - settings.bad_rows_keep_ms();
    let bad_rows = bad_rows::list(&*storage)?.iter().filter(|listed| listed.row.received_ms < old_ms).count();
    let archives = engine::journal::Shelf::new(storage).older(journal_from_ms(now_ms))?.len();
    println!("Nothing is changed. A run now would");
    println!(
        "  take the person out of {} rows from before {} ({} people and months)",
        due.rows,
        instant(named_from_ms(settings, now_ms)),
        due.people.len()
    );
    println!("  remove {bad_rows} bad rows from before {} (whole files at a time)", instant(old_ms));
    println!("  remove {archives} files of the journal from before {}", instant(journal_from_ms(now_ms)));
    Ok(())
}
