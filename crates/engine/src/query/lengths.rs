//! How long recordings are, at question time: as the catalog says, else as the rows teach.

use crate::block::Snapshot;
use crate::block::Unreadable;
use crate::catalog::view::AccountView;
use crate::event::{AccountId, Text};
use crate::query::scan;
use crate::row::{SumColumn, TextColumn};
use std::collections::{BTreeMap, BTreeSet};

/// A recording's length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length {
    /// All of it, ms; above 0.
    pub duration_ms: u64,
    /// Up to the end of content, where one is set before the end: what completion is measured against, ms; above 0.
    pub content_ms: u64,
    /// Learned from what players reported, not told by the catalog.
    pub learned: bool,
}

/// Lengths of the recordings of an account.
#[derive(Debug, Default)]
pub struct Lengths {
    learned: BTreeMap<Text, u64>,
}

/// What rows teach of an entry: the highest share seen and the lengths it taught.
#[derive(Default)]
struct Lesson {
    percent: u64,
    taught: Vec<u64>,
}

impl Lengths {
    /// Learns the lengths of all recordings of the account that the catalog has none for; `only` these, if given.
    ///
    /// Of an entry's rows those count whose milestone stands for the largest share; of their lengths the middle one is
    /// taken (the lower of two), so that neither a late report nor a liar decides. Bots and suspects teach nothing.
    ///
    /// # Errors
    /// When a segment cannot be read.
    pub fn learn(
        snapshot: &Snapshot,
        account: AccountId,
        view: &AccountView,
        only: Option<&BTreeSet<Text>>,
    ) -> Result<Lengths, Unreadable> {
        let told = |entry: &str| view.entries.get(entry).is_some_and(|e| e.duration_ms.is_some_and(|ms| ms > 0));
        if only.is_some_and(|only| only.iter().all(|entry| told(entry))) {
            return Ok(Lengths::default());
        }
        let wanted = |entry: &str| only.is_none_or(|only| only.contains(entry)) && !told(entry);
        let mut lessons: BTreeMap<Text, Lesson> = BTreeMap::new();
        for part in &snapshot.parts {
            let may_hold = |only: &BTreeSet<Text>| only.iter().any(|entry| part.extent.may_hold(account.0, entry));
            if part.extent.rows == 0 || only.is_some_and(|only| !may_hold(only)) {
                continue;
            }
            let block = part.block()?;
            for run in scan::entry_runs(&block, account) {
                let entry = block.text(TextColumn::Entry, run.start);
                if !wanted(entry) {
                    continue;
                }
                for row in scan::live(&part.superseded, run.clone()) {
                    let percent = block.get(SumColumn::LearnedFrom, row);
                    let ms = block.get(SumColumn::LearnedDuration, row);
                    if percent == 0 || ms == 0 || block.bot[row] || !block.text(TextColumn::Suspect, row).is_empty() {
                        continue;
                    }
                    if !lessons.contains_key(entry) {
                        lessons.insert(entry.into(), Lesson::default());
                    }
                    let lesson = lessons.get_mut(entry).expect("inserted above");
                    if percent > lesson.percent {
                        *lesson = Lesson { percent, taught: Vec::new() };
                    }
                    if percent == lesson.percent {
                        lesson.taught.push(ms);
                    }
                }
            }
        }
        let learned = lessons.into_iter().map(|(entry, mut lesson)| {
            lesson.taught.sort_unstable();
            (entry, lesson.taught[(lesson.taught.len() - 1) / 2])
        });
        Ok(Lengths { learned: learned.collect() })
    }

    /// The length of an entry, if anybody knows it.
    pub fn of(&self, view: &AccountView, entry: &str) -> Option<Length> {
        let known = view.entries.get(entry);
        let told = known.and_then(|e| e.duration_ms).filter(|ms| *ms > 0).map(|ms| (ms, false));
        let (duration_ms, learned) = told.or_else(|| self.learned.get(entry).map(|ms| (*ms, true)))?;
        let end = known.and_then(|e| e.content_end_ms).filter(|end| *end > 0);
        Some(Length { duration_ms, content_ms: end.map_or(duration_ms, |end| end.min(duration_ms)), learned })
    }
}
