//! What the rows of a batch add: each quantity once, for all panels that gather it.

use super::lengths::Length;
use super::plan::Plan;
use super::scan::{EntryFacts, Loaded};
use crate::column::{At, Field, Ints, by_width};
use crate::event::{EventKind, Playback};
use crate::glossary::{Attended, Distinct, Played, Quantity};
use crate::row::{Mark, Span, SumColumn, TextColumn};
use crate::time::Quarter;
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Some selected rows of a part.
pub(super) struct Batch<'b> {
    /// The part's place in the snapshot.
    pub(super) part: u32,
    pub(super) rows: &'b [u32],
    /// For each row a number in `facts`.
    pub(super) of: &'b [u32],
    pub(super) facts: &'b [Arc<EntryFacts>],
    pub(super) loaded: &'b Loaded,
}

impl Batch<'_> {
    pub(super) fn facts(&self, i: usize) -> &EntryFacts {
        &self.facts[self.of[i] as usize]
    }

    /// A number column's values of the rows.
    fn take(&self, ints: &Ints) -> Value {
        let values: Vec<u64> =
            by_width!(ints, numbers => self.rows.iter().map(|row| numbers.at(*row as usize)).collect());
        let ceiling = match ints {
            Ints::U64(_) => values.iter().copied().max().unwrap_or(0),
            narrow => narrow.ceiling(),
        };
        Value::Sum(values, ceiling)
    }

    /// Numbers made of each row.
    fn map(&self, value: impl Fn(usize, usize) -> u64) -> Value {
        let mut ceiling = 0;
        let values = self.rows.iter().enumerate().map(|(i, row)| {
            let value = value(i, *row as usize);
            ceiling = ceiling.max(value);
            value
        });
        let values: Vec<u64> = values.collect();
        if ceiling == 0 { Value::Zero } else { Value::Sum(values, ceiling) }
    }
}

/// What the rows of a batch add to one quantity.
pub(super) enum Value {
    /// Nothing.
    Zero,
    /// Numbers to add, none larger than the last.
    Sum(Vec<u64>, u64),
    /// Numbers to add.
    Wide(Vec<i128>),
    /// Members of a set of codes.
    Members(Vec<Option<u32>>),
    /// Members of a set of numbers.
    Numbers(Vec<u64>),
    /// Whether the row's seconds count, with the recording's code.
    Seconds(Vec<Option<u32>>),
    /// Numbers of which the largest counts.
    Largest(Vec<Option<i128>>),
    /// How often the grouped variable was there, or confirmed: told with the group.
    Occurrences { confirmed: bool },
}

/// By quantity of the plan.
pub(super) struct Values(pub(super) Vec<Value>);

impl Values {
    pub(super) fn of(plan: &Plan<'_>, batch: &Batch<'_>) -> Values {
        Values(plan.quantities.iter().map(|quantity| value(plan, *quantity, batch)).collect())
    }
}

fn played_so(code: u64, played: Played) -> bool {
    let playback = Playback::ALL[code as usize];
    match played {
        Played::Any => true,
        Played::Vod => playback == Playback::Vod,
        Played::Recorded => playback.has_axis(),
        Played::Live => !playback.has_axis(),
    }
}

/// The columns that a quantity needs.
pub(super) fn fields(quantity: Quantity) -> Vec<Field> {
    use SumColumn as C;
    let sums = |columns: &[SumColumn]| columns.iter().map(|column| Field::Sum(*column)).collect::<Vec<_>>();
    let with = |mut fields: Vec<Field>, more: &[Field]| {
        fields.extend_from_slice(more);
        fields
    };
    match quantity {
        Quantity::Sum(column, _) => with(sums(&[column]), &[Field::Playback]),
        Quantity::Covered(_) | Quantity::Share | Quantity::Parts => {
            with(sums(&[C::CoveredBefore, C::FreshMs]), &[Field::Playback])
        }
        Quantity::TimedPlays => with(sums(&[C::Plays]), &[Field::Playback]),
        Quantity::MilestoneMs => sums(&[C::Reached25, C::Reached50, C::Reached75, C::Reached100]),
        Quantity::Attended(_) => vec![Field::Attention],
        Quantity::Marked(..)
        | Quantity::MarkedAs(..)
        | Quantity::MarkedSum(..)
        | Quantity::MarkedNumbers(..)
        | Quantity::MarkedMost(..)
        | Quantity::Occurrences
        | Quantity::Confirmed => vec![Field::Marks],
        Quantity::Distinct(Distinct::Viewers | Distinct::KnownViewers) => {
            with(sums(&[C::Plays, C::Impressions]), &[Field::Viewer])
        }
        Quantity::Distinct(Distinct::KnownPeople) => vec![Field::Viewer],
        Quantity::Distinct(Distinct::PlayedEntries) => sums(&[C::Plays]),
        Quantity::Distinct(Distinct::Entries | Distinct::Owners) => vec![],
        Quantity::Distinct(Distinct::QuizTakers) => with(sums(&[C::Quizzes]), &[Field::Viewer]),
        Quantity::Distinct(Distinct::QuizRespondents) => vec![Field::Viewer, Field::Marks],
        Quantity::Distinct(Distinct::Sessions) => vec![Field::Session],
        Quantity::Distinct(Distinct::Domains) => with(sums(&[C::Plays]), &[Field::Text(TextColumn::Domain)]),
        Quantity::Distinct(Distinct::Pages) => with(sums(&[C::Plays]), &[Field::Text(TextColumn::Page)]),
        Quantity::UnionMs | Quantity::UnionLengthMs => with(sums(&[C::Plays]), &[Field::Playback, Field::Coverage]),
        Quantity::Added(_) => vec![],
        Quantity::First => vec![Field::Quarter, Field::First],
        Quantity::Last => vec![Field::Quarter, Field::Last],
    }
}

fn value(plan: &Plan<'_>, quantity: Quantity, batch: &Batch<'_>) -> Value {
    let loaded = batch.loaded;
    let sum = |column: SumColumn| loaded.sum(column);
    let playback = |row: usize| loaded.ints(Field::Playback).get(row);
    let axis = |row: usize| played_so(playback(row), Played::Recorded);
    let content = |i: usize| batch.facts(i).length.map(|length| length.content_ms);
    match quantity {
        Quantity::Sum(column, _) if sum(column).is_zero() => Value::Zero,
        Quantity::Sum(column, Played::Any) => batch.take(sum(column)),
        Quantity::Sum(column, played) => {
            let ints = sum(column);
            batch.map(|_, row| if played_so(playback(row), played) { ints.get(row) } else { 0 })
        }
        Quantity::Covered(permille) => {
            let (before, fresh) = (sum(SumColumn::CoveredBefore), sum(SumColumn::FreshMs));
            batch.map(|i, row| match content(i).filter(|_| axis(row)) {
                Some(length) => {
                    let (before, after) = covered(before.get(row), fresh.get(row), length);
                    let mark = u64::from(permille) * length;
                    u64::from(before * 1000 < mark && after * 1000 >= mark)
                }
                None => 0,
            })
        }
        Quantity::Share => {
            let (before, fresh) = (sum(SumColumn::CoveredBefore), sum(SumColumn::FreshMs));
            if fresh.is_zero() {
                return Value::Zero;
            }
            let share = |i: usize, row: usize| {
                let Some(length) = batch.facts(i).length.filter(|_| axis(row)) else { return 0 };
                let newly = if length.ends_early() {
                    // What was covered after the end of content is no part of it.
                    ms_until(loaded.get(Field::Fresh).spans().row(row), length.content_ms)
                } else {
                    let (before, after) = covered(before.get(row), fresh.get(row), length.content_ms);
                    after - before
                };
                i128::from(newly) * (Quantity::SHARE_ONE / i128::from(length.content_ms))
            };
            Value::Wide(batch.rows.iter().enumerate().map(|(i, row)| share(i, *row as usize)).collect())
        }
        Quantity::TimedPlays => {
            let plays = sum(SumColumn::Plays);
            batch.map(|i, row| if content(i).is_some() && axis(row) { plays.get(row) } else { 0 })
        }
        Quantity::Parts => {
            let (before, fresh) = (sum(SumColumn::CoveredBefore), sum(SumColumn::FreshMs));
            let length = |i: usize| batch.facts(i).length.map(|Length { duration_ms, .. }| duration_ms);
            batch.map(|i, row| match length(i).filter(|_| axis(row)) {
                Some(length) => {
                    let (before, after) = covered(before.get(row), fresh.get(row), length);
                    after * 100 / length - before * 100 / length
                }
                None => 0,
            })
        }
        Quantity::MilestoneMs => {
            let reached =
                [SumColumn::Reached25, SumColumn::Reached50, SumColumn::Reached75, SumColumn::Reached100].map(sum);
            batch.map(|i, row| match batch.facts(i).length {
                Some(length) => {
                    let milestones: u64 = reached.iter().map(|column| column.get(row)).sum();
                    milestones.saturating_mul(length.duration_ms)
                }
                None => 0,
            })
        }
        Quantity::Attended(state) => attended(state, batch),
        Quantity::Marked(kind, name) => {
            batch.map(|_, row| marks(batch, row, kind, name).map(|mark| u64::from(mark.count)).sum())
        }
        Quantity::MarkedAs(kind, name, value) => batch.map(|_, row| {
            let same = marks(batch, row, kind, name).filter(|mark| *mark.value == *value);
            same.map(|mark| u64::from(mark.count)).sum()
        }),
        Quantity::MarkedNumbers(kind, name) => batch.map(|_, row| {
            let numbers = marks(batch, row, kind, name).filter(|mark| millionths(&mark.value).is_some());
            numbers.map(|mark| u64::from(mark.count)).sum()
        }),
        Quantity::MarkedSum(kind, name) => {
            let of_row = |row: &u32| {
                let numbers = marks(batch, *row as usize, kind, name);
                numbers.filter_map(|mark| Some(millionths(&mark.value)? * i128::from(mark.count))).sum()
            };
            Value::Wide(batch.rows.iter().map(of_row).collect())
        }
        Quantity::MarkedMost(kind, name) => {
            let of_row = |row: &u32| marks(batch, *row as usize, kind, name).filter_map(|m| millionths(&m.value)).max();
            Value::Largest(batch.rows.iter().map(of_row).collect())
        }
        Quantity::Occurrences => Value::Occurrences { confirmed: false },
        Quantity::Confirmed => Value::Occurrences { confirmed: true },
        // The catalog tells, not the rows: see `scan/added.rs`.
        Quantity::Added(_) => Value::Zero,
        Quantity::Distinct(set) => members(plan, set, batch),
        Quantity::UnionMs | Quantity::UnionLengthMs => {
            let (plays, coverage) = (sum(SumColumn::Plays), loaded.get(Field::Coverage).spans());
            let counts = |(i, row): (usize, &u32)| {
                let row = *row as usize;
                let played = plays.get(row) > 0 || !coverage.row(row).is_empty();
                (played && batch.facts(i).length.is_some() && axis(row)).then(|| batch.facts(i).code)
            };
            Value::Seconds(batch.rows.iter().enumerate().map(counts).collect())
        }
        Quantity::First | Quantity::Last => {
            let (base, offsets) = loaded.get(Field::Quarter).quarters();
            let first = quantity == Quantity::First;
            let since = loaded.ints(if first { Field::First } else { Field::Last });
            let instant = |row: &u32| {
                let row = *row as usize;
                let start = Quarter(base + offsets.get(row) as i32).start_ms();
                let at = i128::from(start.wrapping_add(since.get(row) as i64));
                // The least of instants is the largest of their negatives.
                Some(if first { -at } else { at })
            };
            Value::Largest(batch.rows.iter().map(instant).collect())
        }
    }
}

/// Milliseconds covered before and after a row, as far as the recording goes.
fn covered(before: u64, fresh: u64, length: u64) -> (u64, u64) {
    (before.min(length), before.saturating_add(fresh).min(length))
}

/// Milliseconds of disjoint spans of seconds before an end.
fn ms_until(spans: &[Span], end_ms: u64) -> u64 {
    let until = |second: u32| (u64::from(second) * 1000).min(end_ms);
    spans.iter().map(|span| until(span.to) - until(span.from)).sum()
}

fn attended(state: Attended, batch: &Batch<'_>) -> Value {
    let lists = batch.loaded.get(Field::Attention).attention();
    batch.map(|_, row| lists.row(row).iter().filter(|a| state.holds(a.state)).map(|a| a.ms).sum())
}

fn marks<'b>(batch: &'b Batch<'_>, row: usize, kind: u32, name: &'b str) -> impl Iterator<Item = &'b Mark> {
    let all = batch.loaded.get(Field::Marks).marks().row(row).iter();
    all.filter(move |mark| mark.kind == kind && *mark.name == *name)
}

fn members(plan: &Plan<'_>, set: Distinct, batch: &Batch<'_>) -> Value {
    let loaded = batch.loaded;
    let plays = |row: usize| loaded.sum(SumColumn::Plays).get(row) > 0;
    let viewed =
        |i: usize, row: usize| plays(row) || batch.facts(i).image && loaded.sum(SumColumn::Impressions).get(row) > 0;
    let person = |row: usize| loaded.ints(Field::Viewer).get(row) as u32;
    let known = |row: usize| Some(person(row)).filter(|person| *person != plan.unknown);
    let word = |column: TextColumn, row: usize| {
        let words = loaded.words(column);
        let code = words.codes.get(row) as usize;
        (!words.words[code].is_empty()).then(|| words.global(plan.snapshot.dictionaries.text(column))[code])
    };
    let all = |member: &dyn Fn(usize, usize) -> Option<u32>| {
        Value::Members(batch.rows.iter().enumerate().map(|(i, row)| member(i, *row as usize)).collect())
    };
    // The empty entry is of events that belong to no recording.
    let entry = |i: usize| Some(batch.facts(i).code).filter(|code| Some(*code) != plan.no_entry);
    match set {
        Distinct::Viewers => all(&|i, row| viewed(i, row).then(|| person(row))),
        Distinct::KnownViewers => all(&|i, row| known(row).filter(|_| viewed(i, row))),
        Distinct::KnownPeople => all(&|_, row| known(row)),
        Distinct::PlayedEntries => all(&|i, row| entry(i).filter(|_| plays(row))),
        Distinct::Entries => all(&|i, _| entry(i)),
        Distinct::Owners => all(&|i, _| batch.facts(i).owner),
        Distinct::QuizTakers => all(&|_, row| (loaded.sum(SumColumn::Quizzes).get(row) > 0).then(|| person(row))),
        Distinct::QuizRespondents => all(&|_, row| {
            let answered = marks(batch, row, EventKind::QUIZ_ANSWERED.0, "answered").next().is_some();
            answered.then(|| person(row))
        }),
        Distinct::Domains => all(&|_, row| word(TextColumn::Domain, row).filter(|_| plays(row))),
        Distinct::Pages => all(&|_, row| word(TextColumn::Page, row).filter(|_| plays(row))),
        Distinct::Sessions => {
            let sessions = loaded.ints(Field::Session);
            // The same session text on two entries is two sessions.
            let number = |(i, row): (usize, &u32)| {
                xxh3_64_with_seed(&batch.facts(i).code.to_le_bytes(), sessions.get(*row as usize))
            };
            Value::Numbers(batch.rows.iter().enumerate().map(number).collect())
        }
    }
}

/// A decimal number of at most twelve places before the point, in millionths; further places are cut off.
fn millionths(text: &str) -> Option<i128> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 12 || !all_digits(whole) || !all_digits(part) {
        return None;
    }
    let part: String = part.chars().chain("000000".chars()).take(6).collect();
    let value = whole.parse::<i128>().ok()? * 1_000_000 + part.parse::<i128>().ok()?;
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::millionths;

    #[test]
    fn decimal_numbers_are_read_exactly() {
        assert_eq!(millionths("85"), Some(85_000_000));
        assert_eq!(millionths("85.5"), Some(85_500_000));
        assert_eq!(millionths("-0.0000019"), Some(-1));
        assert_eq!(millionths("1e3"), None);
        assert_eq!(millionths(""), None);
        assert_eq!(millionths("."), None);
    }
}
