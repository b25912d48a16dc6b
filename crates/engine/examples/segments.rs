//! Writes a small data folder and says what its segments mean, for `scripts/test_duckdb.py`: sessions, some of which
//! come back after they were sealed, so that rows are superseded.
//!
//! `cargo run -p engine --example segments -- FOLDER`

use engine::engine::open;
use engine::event::{AccountId, Event, EventKind};
use engine::manifest::SqliteManifest;
use engine::row::{SumColumn, TextColumn};
use engine::storage::files::FileStorage;
use engine::store::Options;
use std::collections::BTreeMap;
use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

/// Monday, 5 October 2026, 08:00 UTC.
const START_MS: i64 = 1_791_187_200_000;
const HOUR_MS: i64 = 3_600_000;

fn event(session: i64, kind: EventKind, at_ms: i64) -> Event {
    let mut event = Event { account: AccountId(1), kind, at_ms, received_ms: at_ms, ..Event::default() };
    event.entry = format!("1_{}", session % 5).into();
    event.session = format!("session {session}").into();
    event.facts.country = ["AT", "DE", ""][session as usize % 3].into();
    event.facts.city = "Wien".into();
    event
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("usage: segments FOLDER")?);
    let storage = Arc::new(FileStorage::open(&folder, 0)?);
    let manifest = Box::new(SqliteManifest::open(&folder.join("catalog.db"))?);
    let mut opened = open(storage, manifest, Options::default())?;
    // Three mornings; every third session is there on each of them, long after it was closed and sealed.
    for day in 0..3 {
        let batch = (0..300).filter(|session| day == 0 || session % 3 == 0).flat_map(|session| {
            let at_ms = START_MS + day * 24 * HOUR_MS + session * 1_000;
            [EventKind::IMPRESSION, EventKind::PLAY].map(|kind| event(session, kind, at_ms))
        });
        let end = event(1_000 + day, EventKind::IMPRESSION, START_MS + (day * 24 + 12) * HOUR_MS);
        let events: Vec<Event> = batch.chain([end]).collect();
        let first = opened.journal.append(&events)?;
        opened.store.fold(first, events)?;
        opened.store.checkpoint()?;
    }
    let mut plays: BTreeMap<String, u64> = BTreeMap::new();
    let (mut rows, mut sealed, mut superseded) = (0, 0, 0);
    let snapshot = opened.reader.snapshot();
    // Sealed row groups come first; with so few rows each segment is one.
    for part in snapshot.parts.iter().take(opened.store.figures().segments as usize) {
        let block = part.block()?;
        sealed += block.rows;
        superseded += part.superseded.len();
        for row in part.live(0..block.rows) {
            rows += 1;
            *plays.entry(block.text(TextColumn::Country, row).into()).or_default() += block.get(SumColumn::Plays, row);
        }
    }
    let said = serde_json::json!({ "rows": rows, "sealed": sealed, "superseded": superseded, "plays": plays });
    println!("{said}");
    Ok(())
}
