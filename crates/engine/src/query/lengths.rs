//! How long recordings are, at question time: as the catalog says, else as the rows teach.

use crate::block::{Part, Snapshot, Unreadable};
use crate::catalog::view::AccountView;
use crate::column::Field;
use crate::event::{AccountId, Text};
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

impl Length {
    /// Whether the content ends before the recording does.
    pub(super) fn ends_early(self) -> bool {
        self.content_ms < self.duration_ms
    }
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
    /// Learns the lengths of some recordings that the catalog has none for.
    ///
    /// # Errors
    /// When a segment cannot be read.
    pub fn learn(
        snapshot: &Snapshot,
        account: AccountId,
        view: &AccountView,
        of: &BTreeSet<Text>,
    ) -> Result<Lengths, Unreadable> {
        Lengths::learn_for(snapshot, account, view, Some(of))
    }

    /// Learns the lengths of the recordings that the catalog has none for: of these, or of all.
    ///
    /// Of an entry's rows those count whose milestone stands for the largest share; of their lengths the middle one is
    /// taken (the lower of two), so that neither a late report nor a liar decides. Bots and suspects teach nothing.
    pub(super) fn learn_for(
        snapshot: &Snapshot,
        account: AccountId,
        view: &AccountView,
        only: Option<&BTreeSet<Text>>,
    ) -> Result<Lengths, Unreadable> {
        let only: Option<Vec<&Text>> =
            only.map(|only| only.iter().filter(|entry| told(view, entry).is_none()).collect());
        if only.as_ref().is_some_and(Vec::is_empty) {
            return Ok(Lengths::default());
        }
        let mut lessons: BTreeMap<Text, Lesson> = BTreeMap::new();
        // By code of the entry: 0 not looked up yet, 1 told, 2 not told.
        let mut looked_up: Vec<u8> = Vec::new();
        let entries = snapshot.dictionaries.text(TextColumn::Entry);
        for part in snapshot.parts.iter().filter(|part| part.extent.may_hold_account(account.0)) {
            let may_hold = |only: &Vec<&Text>| only.iter().any(|entry| part.extent.may_hold(account.0, entry));
            if only.as_ref().is_some_and(|only| !may_hold(only)) {
                continue;
            }
            let columns = part.columns(&[Field::Runs], &snapshot.dictionaries)?;
            let runs = columns[0].runs();
            let open: Vec<usize> = match &only {
                Some(only) => only.iter().filter_map(|entry| runs.find(account.0, entry)).collect(),
                None => {
                    let codes = runs.global(entries);
                    looked_up.resize(looked_up.len().max(entries.len()), 0);
                    let untold = |run: &usize| {
                        let known = &mut looked_up[codes[*run] as usize];
                        if *known == 0 {
                            *known = 1 + u8::from(told(view, &runs.entries[*run]).is_none());
                        }
                        runs.accounts[*run] == account.0 && *known == 2
                    };
                    (0..runs.len()).filter(untold).collect()
                }
            };
            if !open.is_empty() {
                let open = open.into_iter().map(|run| (&runs.entries[run], runs.rows(run)));
                teach(part, snapshot, open, &mut lessons)?;
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
        let told = told(view, entry).map(|ms| (ms, false));
        let (duration_ms, learned) = told.or_else(|| self.learned.get(entry).map(|ms| (*ms, true)))?;
        let end = view.entries.get(entry).and_then(|e| e.content_end_ms).filter(|end| *end > 0);
        Some(Length { duration_ms, content_ms: end.map_or(duration_ms, |end| end.min(duration_ms)), learned })
    }
}

fn told(view: &AccountView, entry: &str) -> Option<u64> {
    view.entries.get(entry).and_then(|e| e.duration_ms).filter(|ms| *ms > 0)
}

fn teach<'r>(
    part: &Part,
    snapshot: &Snapshot,
    open: impl Iterator<Item = (&'r Text, std::ops::Range<usize>)>,
    lessons: &mut BTreeMap<Text, Lesson>,
) -> Result<(), Unreadable> {
    let fields = [
        Field::Sum(SumColumn::LearnedFrom),
        Field::Sum(SumColumn::LearnedDuration),
        Field::Bot,
        Field::Text(TextColumn::Suspect),
    ];
    let columns = part.columns(&fields, &snapshot.dictionaries)?;
    let (percents, lengths, bots) = (columns[0].ints(), columns[1].ints(), columns[2].ints());
    let suspects = columns[3].words();
    if percents.is_zero() {
        return Ok(());
    }
    for (entry, rows) in open {
        for row in part.live(rows) {
            let (percent, ms) = (percents.get(row), lengths.get(row));
            if percent == 0 || ms == 0 || bots.get(row) == 1 || !suspects.get(row).is_empty() {
                continue;
            }
            if !lessons.contains_key(entry) {
                lessons.insert(entry.clone(), Lesson::default());
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
    Ok(())
}
