//! `playhead demo`: a data folder full of made-up data, through the same journal and fold as everything else.
//!
//! The folder is filled under another name and renamed when it is complete: what has the name is whole, and a second
//! run finds it and starts in seconds. A folder that holds anything else is never touched.

use crate::cli::Failure;
use crate::collect::{Clock, EventSink};
use crate::config::Settings;
use crate::demo::{self, GoingOn, Plan};
use crate::machine::{DataFolder, Machine};
use crate::progress;
use engine::catalog::Format;
use jiff::Timestamp;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// In the folder: with which seed and size it was made.
const MARK: &str = "demo.txt";

/// Makes the folder if it is not there; its data end when `clock` says, and `at` is that moment if it is not the present.
/// Returns whether it was made now.
///
/// # Errors
/// When the name is taken by something else, or the data cannot be written.
pub fn make(settings: &Settings, seed: u64, events: u64, at: Option<Timestamp>, clock: Clock) -> Result<bool, Failure> {
    let until = at.map_or_else(String::new, |at| format!(", until {at}"));
    let mark = format!("seed {seed}, {events} events{until}\n");
    if settings.data.exists() {
        return match fs::read_to_string(settings.data.join(MARK)) {
            Ok(made) if made == mark => Ok(false),
            Ok(made) => Err(format!(
                "{} was made with {}; remove it to make another, or name another folder with --data",
                settings.data.display(),
                made.trim()
            )
            .into()),
            Err(_) => Err(format!("{} is not a demo folder; name another with --data", settings.data.display()).into()),
        };
    }
    let part = part_of(&settings.data);
    if part.exists() {
        // Left by a run that was interrupted; nobody else makes folders of this name.
        fs::remove_dir_all(&part)?;
    }
    let unfinished = Settings { data: part.clone(), ..settings.clone() };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(fill(&unfinished, seed, events, clock))?;
    fs::write(part.join(MARK), mark)?;
    fs::rename(&part, &settings.data)?;
    Ok(true)
}

/// How often a campus that goes on tells what happened.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// Lets the campus of a folder that was made with this seed and size go on. The task ends by itself.
///
/// # Errors
/// When the catalog cannot be read.
pub fn go_on(machine: &Machine, seed: u64, events: u64, clock: Clock) -> Result<tokio::task::JoinHandle<()>, Failure> {
    let catalog = machine.catalog.clone();
    // The same campus as in the folder needs the moment at which its year ended.
    let view = catalog.view();
    let begun = view.accounts.get(&demo::ACCOUNT).map_or(clock(), |account| account.created_ms + demo::YEAR_MS);
    let mut plan = Plan::new(seed, begun, events);
    plan.settle(&|id| catalog.known_person(demo::ACCOUNT, id));
    let mut campus = GoingOn::new(plan, clock());
    let writer = machine.writer.clone();
    Ok(tokio::spawn(async move {
        while let Some(batch) = campus.until(clock()) {
            if !batch.is_empty()
                && let Err(error) = writer.submit(batch).await
            {
                tracing::warn!(cause = crate::error::chain(&error), "the made-up campus does not go on");
                return;
            }
            tokio::time::sleep(TELL_EVERY).await;
        }
        tracing::info!("the made-up campus has gone on long enough: nobody comes any more until the next start");
    }))
}

fn part_of(folder: &Path) -> PathBuf {
    let mut name = folder.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    folder.with_file_name(name)
}

async fn fill(settings: &Settings, seed: u64, events: u64, clock: Clock) -> Result<(), Failure> {
    let folder = DataFolder::open(settings)?;
    let now_ms = clock();
    let machine = Machine::open(&folder, settings, clock, &[])?;
    let mut plan = Plan::new(seed, now_ms, events);
    let catalog = &machine.catalog;
    catalog.add_account(demo::ACCOUNT, demo::ACCOUNT_NAME, now_ms - demo::YEAR_MS)?;
    let report = catalog.import(
        demo::ACCOUNT,
        &mut plan.catalog().as_bytes(),
        Format::Ndjson,
        None,
        now_ms,
        &mut plan.fresh(),
        &mut |_| (),
    )?;
    if report.bad > 0 {
        return Err(format!("the made-up catalog has {} bad lines: {:?}", report.bad, report.bad_lines.first()).into());
    }
    plan.settle(&|id| catalog.known_person(demo::ACCOUNT, id));
    let bar = progress::count(events, "demo data");
    // As collection does with the first event from a place.
    let atlas = machine.collect.enrich().atlas();
    for (country, region, city, point) in demo::places() {
        atlas.learn(country, region, city, point);
    }
    for batch in plan.events() {
        bar.inc(batch.len() as u64);
        machine.writer.submit(batch).await?;
    }
    bar.finish_and_clear();
    tokio::task::spawn_blocking(move || machine.stop()).await?;
    Ok(())
}
