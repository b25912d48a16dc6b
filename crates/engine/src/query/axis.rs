//! How a dimension is read from a part's rows: keys for grouping and testing, and what the keys say.

use super::plan::{Plan, person_text};
use crate::access::{Course, Placement};
use crate::column::{At, Column, Dictionaries, Field, Ints, Lists, Words, by_width};
use crate::event::{PersonKey, Text};
use crate::glossary::{self, Dimension, Fact, Source};
use crate::period::Parts;
use crate::row::{Mark, TextColumn};
use hashbrown::HashMap;
use std::sync::Arc;

/// One value of a dimension: a dense code. Of text the dictionary's, of people theirs, of time the slot, of few words
/// their place; of what is in no column a code that one thread of the scan gives ([`Interned`]).
pub(super) type Key = u32;

/// How often a group's variable was there in a row.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Times {
    /// At all.
    pub(super) seen: u32,
    /// And confirmed by the other variable.
    pub(super) confirmed: u32,
}

impl Times {
    /// Where no variable is looked at: once.
    pub(super) const ONCE: Times = Times { seen: 1, confirmed: 1 };
}

/// How a dimension is read.
#[derive(Clone)]
pub(super) enum Axis {
    /// The entry itself.
    Entry,
    /// A fact of the entry; it may have several values.
    Catalog(Fact),
    /// A text column.
    Text(TextColumn),
    /// Family and version.
    Version(TextColumn, TextColumn),
    /// People.
    Viewer,
    /// Few words, by the code of a column.
    Word(glossary::Words),
    /// Time.
    Time(Arc<Parts>),
    /// Values of an event's variable, and the variable that confirms it; a row may have several.
    Mark(u32, &'static str, Option<&'static str>),
    /// Where it was played, as seen from a course.
    Placement(Option<Arc<Course>>),
    /// The sub-categories of a course; an entry may have several.
    Subcategory(Arc<Course>),
}

impl Axis {
    pub(super) fn of(plan: &Plan<'_>, dimension: Dimension) -> Axis {
        match dimension.source() {
            Source::Text(TextColumn::Entry) => Axis::Entry,
            Source::Text(column) => Axis::Text(column),
            Source::Version(family, version) => Axis::Version(family, version),
            Source::Person => Axis::Viewer,
            Source::Word(words) => Axis::Word(words),
            Source::Catalog(fact) => Axis::Catalog(fact),
            Source::Time(part) => Axis::Time(Arc::clone(plan.time(part))),
            Source::Mark(kind, name) => Axis::Mark(kind, name, dimension.confirmed_by()),
            Source::Placement => Axis::Placement(plan.scope.course.clone()),
            Source::Subcategory => {
                Axis::Subcategory(plan.scope.course.clone().expect("the plan refuses sub-categories of nothing"))
            }
        }
    }

    /// Whether it is the same for all rows of an entry.
    pub(super) fn of_entry(&self) -> bool {
        matches!(self, Axis::Entry | Axis::Catalog(_) | Axis::Subcategory(_))
    }

    /// Whether its keys are of the thread that gave them, and mean something else in another.
    pub(super) fn is_interned(&self) -> bool {
        matches!(self, Axis::Version(..) | Axis::Catalog(_) | Axis::Subcategory(_) | Axis::Mark(..))
    }

    /// Whether a row may have several values.
    pub(super) fn many_valued(&self) -> bool {
        matches!(self, Axis::Catalog(_) | Axis::Subcategory(_) | Axis::Mark(..))
    }

    /// The columns it needs.
    pub(super) fn fields(&self) -> Vec<Field> {
        match self {
            Axis::Entry | Axis::Catalog(_) | Axis::Subcategory(_) => vec![],
            Axis::Text(column) => vec![Field::Text(*column)],
            Axis::Version(family, version) => vec![Field::Text(*family), Field::Text(*version)],
            Axis::Viewer => vec![Field::Viewer],
            Axis::Word(words) => vec![word_field(*words)],
            Axis::Time(_) => vec![Field::Quarter],
            Axis::Mark(..) => vec![Field::Marks],
            Axis::Placement(_) => vec![TextColumn::Context, TextColumn::ProvedContext, TextColumn::Page]
                .into_iter()
                .map(Field::Text)
                .collect(),
        }
    }

    /// The key in words, as filters take it.
    pub(super) fn spell(&self, key: Key, dictionaries: &Dictionaries, interned: &Interned) -> Text {
        let word = |column: TextColumn, code: u32| dictionaries.text(column).word(code);
        match self {
            Axis::Entry => (&*word(TextColumn::Entry, key)).into(),
            Axis::Text(column) => (&*word(*column, key)).into(),
            Axis::Viewer => person_text(PersonKey(dictionaries.people.key(key))),
            Axis::Word(words) => words.all()[key as usize].into(),
            Axis::Time(parts) => parts.slots[key as usize].key.as_str().into(),
            Axis::Version(..) | Axis::Catalog(_) | Axis::Subcategory(_) | Axis::Mark(..) => {
                interned.words[key as usize].clone()
            }
            Axis::Placement(_) => Placement::ALL[key as usize].name().into(),
        }
    }
}

/// The column of few words.
fn word_field(words: glossary::Words) -> Field {
    match words {
        glossary::Words::Playback => Field::Playback,
        glossary::Words::Proof => Field::Proof,
        glossary::Words::Staff => Field::Staff,
        glossary::Words::Bot => Field::Bot,
        glossary::Words::Known => Field::Viewer,
    }
}

fn joined(family: &str, version: &str) -> String {
    match (family.is_empty(), version.is_empty()) {
        (true, _) => String::new(),
        (false, true) => family.to_owned(),
        (false, false) => format!("{family} {version}"),
    }
}

/// Words that are in no column, and the codes that one thread of a scan gave them.
#[derive(Clone, Debug, Default)]
pub(super) struct Interned {
    words: Vec<Text>,
    codes: HashMap<Text, Key>,
}

impl Interned {
    pub(super) fn word(&self, code: Key) -> &str {
        &self.words[code as usize]
    }
    pub(super) fn code(&mut self, word: &str) -> Key {
        if let Some(code) = self.codes.get(word) {
            return *code;
        }
        let code = self.words.len() as Key;
        self.words.push(word.into());
        self.codes.insert(word.into(), code);
        code
    }
}

/// A dimension of a part, ready to be read row by row.
pub(super) enum Reader<'p> {
    /// Told by the run.
    OfEntry,
    /// Words with the dictionary's codes.
    Text(&'p Words, &'p [u32]),
    /// Family and version, and the keys of the pairs met so far.
    Version(&'p Words, &'p Words, HashMap<(u32, u32), Key>),
    /// Numbers that are keys.
    Ints(&'p Ints),
    /// People, and the code of who is not known.
    Known(&'p Ints, u64),
    /// Slots of quarters; the distance of the column's base from the range's first quarter comes first.
    Time(i64, &'p Ints, &'p [u32]),
    /// Marks.
    Marks(&'p Lists<Mark>, u32, &'static str, Option<&'static str>),
    /// Contexts and proved contexts with whether they are the course's, pages with whether they are.
    Placement([(&'p Words, Vec<bool>); 3]),
}

impl<'p> Reader<'p> {
    /// `column` gives the columns that [`Axis::fields`] names.
    pub(super) fn new(plan: &'p Plan<'_>, axis: &'p Axis, column: &dyn Fn(Field) -> &'p Column) -> Reader<'p> {
        let words = |c: TextColumn| column(Field::Text(c)).words();
        match axis {
            Axis::Entry | Axis::Catalog(_) | Axis::Subcategory(_) => Reader::OfEntry,
            Axis::Text(c) => Reader::Text(words(*c), words(*c).global(plan.snapshot.dictionaries.text(*c))),
            Axis::Version(f, v) => Reader::Version(words(*f), words(*v), HashMap::new()),
            Axis::Viewer => Reader::Ints(column(Field::Viewer).ints()),
            Axis::Word(glossary::Words::Known) => Reader::Known(column(Field::Viewer).ints(), plan.unknown.into()),
            Axis::Word(w) => Reader::Ints(column(word_field(*w)).ints()),
            Axis::Time(parts) => {
                let (base, offsets) = column(Field::Quarter).quarters();
                Reader::Time(i64::from(base) - i64::from(plan.question.from.0), offsets, &parts.of_quarter)
            }
            Axis::Mark(kind, name, confirmed) => Reader::Marks(column(Field::Marks).marks(), *kind, name, *confirmed),
            Axis::Placement(course) => {
                let ask = |c: TextColumn, holds: &dyn Fn(&str) -> bool| {
                    let words = words(c);
                    (words, words.words.iter().map(|word| holds(word)).collect())
                };
                let (view, course) = (&plan.view, course.as_deref());
                let category = |word: &str| match course {
                    Some(course) => course.has_category(word),
                    None => view.categories.contains_key(word),
                };
                Reader::Placement([
                    ask(TextColumn::Context, &category),
                    ask(TextColumn::ProvedContext, &category),
                    ask(TextColumn::Page, &|page| course.is_some_and(|course| course.has_page(page))),
                ])
            }
        }
    }

    /// The keys of some rows, one each. Not for what a row may have several of.
    pub(super) fn keys(&mut self, rows: &[u32], interned: &mut Interned, keys: &mut Vec<Key>) {
        keys.clear();
        match self {
            Reader::Text(words, global) => by_width!(&words.codes, codes => {
                keys.extend(rows.iter().map(|row| global[codes.at(*row as usize) as usize]));
            }),
            Reader::Ints(ints) => by_width!(*ints, numbers => {
                keys.extend(rows.iter().map(|row| numbers.at(*row as usize) as Key));
            }),
            Reader::Known(ints, unknown) => by_width!(*ints, numbers => {
                keys.extend(rows.iter().map(|row| Key::from(numbers.at(*row as usize) != *unknown)));
            }),
            Reader::Time(base, offsets, slots) => by_width!(*offsets, numbers => {
                keys.extend(rows.iter().map(|row| slots[(*base + numbers.at(*row as usize) as i64) as usize]));
            }),
            Reader::Version(family, version, known) => {
                let key = |row: &u32| {
                    let row = *row as usize;
                    let pair = (family.codes.get(row) as u32, version.codes.get(row) as u32);
                    *known.entry(pair).or_insert_with(|| interned.code(&joined(family.get(row), version.get(row))))
                };
                keys.extend(rows.iter().map(key));
            }
            Reader::Placement([context, proved, page]) => {
                let holds = |of: &(&Words, Vec<bool>), row: usize| of.1[of.0.codes.get(row) as usize];
                let key = |row: &u32| {
                    let row = *row as usize;
                    let place = match (holds(context, row), holds(proved, row) || holds(page, row)) {
                        (true, _) => Placement::Gallery,
                        (false, true) => Placement::Course,
                        (false, false) => Placement::Elsewhere,
                    };
                    place as Key
                };
                keys.extend(rows.iter().map(key));
            }
            Reader::OfEntry | Reader::Marks(..) => unreachable!("a row may have several"),
        }
    }

    /// The values of a variable that a row's events carried, with how often they did and how often they were confirmed.
    pub(super) fn marks(&self, row: usize) -> impl Iterator<Item = (&'p str, Times)> {
        let Reader::Marks(lists, kind, name, confirmed) = self else {
            unreachable!("only variables have several values")
        };
        let (marks, kind, name, confirmed) = (lists.row(row), *kind, *name, *confirmed);
        let of = move |name: &'static str| marks.iter().filter(move |m| m.kind == kind && *m.name == *name);
        of(name).map(move |mark| {
            let right = confirmed.and_then(|confirmed| of(confirmed).find(|right| right.value == mark.value));
            (&*mark.value, Times { seen: mark.count, confirmed: right.map_or(0, |right| right.count) })
        })
    }
}
