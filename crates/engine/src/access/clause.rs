//! Rows that a scope allows, as conditions on their columns.

use super::course::Course;
use crate::column::{Column, Dictionaries, Field, Ints, Words};
use crate::event::{PersonKey, Text};
use crate::row::TextColumn;
use crate::time::Quarter;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Rows that one clause of a scope allows: all conditions that are set must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Clause {
    /// Only these entries.
    pub(crate) entries: Option<Arc<BTreeSet<Text>>>,
    /// Only plays in each of these courses: on their gallery pages or proved to be in them.
    pub(crate) courses: Vec<Arc<Course>>,
    /// Only plays in this playlist.
    pub(crate) playlist: Option<Text>,
    /// Only plays by these people.
    pub(crate) people: Option<Arc<BTreeSet<PersonKey>>>,
    /// Only rows that began in `[from, to)`, ms since 1970.
    pub(crate) began: Option<(i64, i64)>,
}

impl Clause {
    /// The rows that both allow; `None` when that is nothing.
    pub(super) fn and(&self, other: &Clause) -> Option<Clause> {
        let mut courses = self.courses.clone();
        courses.extend(other.courses.iter().filter(|course| !self.courses.contains(course)).cloned());
        Some(Clause {
            entries: common(&self.entries, &other.entries)?,
            courses,
            playlist: same(&self.playlist, &other.playlist)?,
            people: common(&self.people, &other.people)?,
            began: overlap(self.began, other.began)?,
        })
    }

    /// Whether all rows that it allows are allowed by another. Told from the conditions alone: `false` may be too careful.
    pub(super) fn is_within(&self, other: &Clause) -> bool {
        fn within<T: Ord>(one: &Among<T>, other: &Among<T>) -> bool {
            other.as_ref().is_none_or(|other| one.as_ref().is_some_and(|one| one.is_subset(other)))
        }
        let later = |(from, to): (i64, i64)| self.began.is_some_and(|own| from <= own.0 && own.1 <= to);
        within(&self.entries, &other.entries)
            && within(&self.people, &other.people)
            && other.courses.iter().all(|course| self.courses.contains(course))
            && other.playlist.as_ref().is_none_or(|playlist| self.playlist.as_ref() == Some(playlist))
            && other.began.is_none_or(later)
    }

    /// Whether it allows all rows of its entries.
    pub(crate) fn is_whole(&self) -> bool {
        self.courses.is_empty() && self.playlist.is_none() && self.people.is_none() && self.began.is_none()
    }

    /// The columns its test needs.
    pub(crate) fn fields(&self) -> Vec<Field> {
        let mut fields = Vec::new();
        if !self.courses.is_empty() {
            let columns = [TextColumn::Context, TextColumn::ProvedContext, TextColumn::Page];
            fields.extend(columns.map(Field::Text));
        }
        fields.extend(self.playlist.as_ref().map(|_| Field::Text(TextColumn::Playlist)));
        fields.extend(self.people.as_ref().map(|_| Field::Viewer));
        if self.began.is_some() {
            fields.extend([Field::Quarter, Field::First]);
        }
        fields
    }

    /// The clause ready for a part's rows. Entries are not its business: they are decided by run.
    pub(crate) fn test<'p>(&self, column: &dyn Fn(Field) -> &'p Column, dictionaries: &Dictionaries) -> ClauseTest<'p> {
        let words = |c: TextColumn, holds: &dyn Fn(&str) -> bool| {
            let words = column(Field::Text(c)).words();
            (words, words.words.iter().map(|word| holds(word)).collect::<Vec<bool>>())
        };
        let course = |course: &Arc<Course>| {
            let category = |word: &str| course.has_category(word);
            [
                words(TextColumn::Context, &category),
                words(TextColumn::ProvedContext, &category),
                words(TextColumn::Page, &|page| course.has_page(page)),
            ]
        };
        ClauseTest {
            courses: self.courses.iter().map(course).collect(),
            playlist: self.playlist.as_ref().map(|id| words(TextColumn::Playlist, &|word| *word == **id)),
            people: self.people.as_ref().map(|people| {
                let mut codes: Vec<u64> =
                    people.iter().map(|person| u64::from(dictionaries.people.code(person.0))).collect();
                codes.sort_unstable();
                (column(Field::Viewer).ints(), codes)
            }),
            began: self.began.map(|range| {
                let (base, quarters) = column(Field::Quarter).quarters();
                (base, quarters, column(Field::First).ints(), range)
            }),
        }
    }
}

/// Words and which of them pass.
type Pass<'p> = (&'p Words, Vec<bool>);

/// A clause ready for a part's rows.
pub(crate) struct ClauseTest<'p> {
    courses: Vec<[Pass<'p>; 3]>,
    playlist: Option<Pass<'p>>,
    people: Option<(&'p Ints, Vec<u64>)>,
    began: Option<(i32, &'p Ints, &'p Ints, (i64, i64))>,
}

impl ClauseTest<'_> {
    /// Whether a row passes.
    pub(crate) fn holds(&self, row: usize) -> bool {
        let passes = |(words, pass): &Pass<'_>| pass[words.codes.get(row) as usize];
        self.courses.iter().all(|ways| ways.iter().any(passes))
            && self.playlist.as_ref().is_none_or(passes)
            && self.people.as_ref().is_none_or(|(ints, codes)| codes.binary_search(&ints.get(row)).is_ok())
            && self.began.as_ref().is_none_or(|(base, quarters, first, (from, to))| {
                let start = Quarter(base + quarters.get(row) as i32).start_ms();
                (*from..*to).contains(&start.wrapping_add(first.get(row) as i64))
            })
    }
}

type Among<T> = Option<Arc<BTreeSet<T>>>;

/// What is in both sets, where an absent set is everything; `None` when nothing is.
fn common<T: Clone + Ord>(a: &Among<T>, b: &Among<T>) -> Option<Among<T>> {
    match (a, b) {
        (None, one) | (one, None) => Some(one.clone()),
        (Some(a), Some(b)) => {
            let both: BTreeSet<T> = a.intersection(b).cloned().collect();
            (!both.is_empty()).then(|| Some(Arc::new(both)))
        }
    }
}

/// The value both demand, where an absent value demands none; `None` when they contradict each other.
fn same<T: Clone + PartialEq>(a: &Option<T>, b: &Option<T>) -> Option<Option<T>> {
    match (a, b) {
        (None, one) | (one, None) => Some(one.clone()),
        (Some(x), Some(y)) => (x == y).then(|| Some(x.clone())),
    }
}

/// What lies in both ranges; `None` when nothing does.
fn overlap(a: Option<(i64, i64)>, b: Option<(i64, i64)>) -> Option<Option<(i64, i64)>> {
    match (a, b) {
        (None, one) | (one, None) => Some(one),
        (Some(a), Some(b)) => {
            let both = (a.0.max(b.0), a.1.min(b.1));
            (both.0 < both.1).then_some(Some(both))
        }
    }
}
