//! The fence: what a caller is answered is what follows from the rows that the caller may see, and from no others. Who may
//! see which row is said again here, row by row, from the table in `engine::access`.

use crate::laws::{NOW_MS, choose, dimensions, filters};
use crate::oracle::answers::Oracle;
use crate::oracle::rows::Row;
use crate::world::{self, Dice};
use engine::access::{Caller, Grant, People, Scope, Subject, elsewhere};
use engine::block::Snapshot;
use engine::catalog::view::{AccountView, CatalogView, Role};
use engine::event::{AccountId, PersonKey, Text};
use engine::glossary::{Dimension, Measure, Unit};
use engine::period::Calendar;
use engine::query::{self, Budget, QueryError, answer};
use engine::question::{Answer, Filter, Page, Panel, Question, Sort, Value, View};
use engine::time::Quarter;
use std::collections::{BTreeMap, BTreeSet};

/// Small worlds have small groups.
const SMALLEST_GROUP: u32 = 3;

/// Somebody with one to three grants.
pub fn caller(dice: &mut Dice, account: AccountId) -> Caller {
    let grant = |dice: &mut Dice| {
        let category = || Text::from("10");
        let person = PersonKey(1 + dice.below(3));
        let people = *dice.pick(&People::ALL);
        match dice.below(9) {
            8 => Grant::Administration,
            0 => Grant::Everything { people },
            1 => Grant::Department { category: category(), people },
            2 => Grant::Staff { category: dice.pick(&["10", "11", "12", "gone"]).to_owned().into() },
            3 => Grant::OwnRecord(person),
            4 => Grant::Entries { entries: [Text::from("1_a"), "1_unseen".into()].into(), people },
            _ => Grant::Person(person),
        }
    };
    let grants = (0..=dice.below(3)).map(|_| grant(dice)).collect();
    Caller { account, grants, smallest_group: SMALLEST_GROUP }
}

fn below(view: &AccountView, category: &str) -> BTreeSet<Text> {
    let children = view.categories.iter().filter(|(_, c)| c.parent.as_deref() == Some(category));
    children.flat_map(|(id, _)| below(view, id)).chain([category.into()]).collect()
}

/// Whether a row is of a recording of the categories, and was played in one of them.
fn played_in(view: &AccountView, categories: &BTreeSet<Text>, row: &Row) -> bool {
    let known: Vec<&Text> = categories.iter().filter(|c| view.categories.contains_key(*c)).collect();
    let held = view.entries.get(&row.entry).is_some_and(|e| known.iter().any(|c| e.categories.contains(*c)));
    let here = known.iter().any(|id| {
        let lms = &view.categories[*id].lms_course;
        let pages = format!("https://lms.example.org/courses/{lms}/");
        row.facts.context == **id
            || row.facts.proved_context == **id
            || (!lms.is_empty() && row.facts.page.starts_with(&pages))
    });
    held && here
}

fn staffed(view: &AccountView, person: PersonKey) -> BTreeSet<Text> {
    let staff = [Role::Teacher, Role::Assistant, Role::Designer, Role::Manager];
    let holds = |to_ms: Option<i64>| to_ms.is_none_or(|to| NOW_MS < to);
    let of = |id: &&Text| {
        let mut members = view.categories[*id].members.iter();
        members.any(|m| m.person == person && staff.contains(&m.role) && holds(m.period.to_ms))
    };
    view.categories.keys().filter(of).cloned().collect()
}

/// How people appear in a row that a grant shows; `None`: it does not show it.
fn shows(view: &AccountView, grant: &Grant, row: &Row) -> Option<People> {
    let names = |yes: bool| yes.then_some(People::Names);
    match grant {
        Grant::Administration => Some(People::Names),
        Grant::Everything { people } => Some(*people),
        Grant::Department { category, people } => played_in(view, &below(view, category), row).then_some(*people),
        Grant::Entries { entries, people } => entries.contains(&row.entry).then_some(*people),
        Grant::Staff { category } => names(played_in(view, &[category.clone()].into(), row)),
        Grant::OwnRecord(person) => names(row.person == *person),
        Grant::Person(person) => {
            let own = view.entries.get(&row.entry);
            let own = own.is_some_and(|e| e.owner == Some(*person) || e.co_editors.contains(person));
            names(own || staffed(view, *person).iter().any(|id| played_in(view, &[id.clone()].into(), row)))
        }
    }
}

fn about_viewer(subject: &Subject) -> bool {
    match subject {
        Subject::Viewer(_) => true,
        Subject::Both(one, other) => about_viewer(one) || about_viewer(other),
        _ => false,
    }
}

/// Whether a caller may see a row, asking about a subject.
pub fn sees(view: &AccountView, caller: &Caller, subject: &Subject, row: &Row) -> bool {
    let least = if about_viewer(subject) { People::Names } else { People::None };
    caller.grants.iter().filter_map(|grant| shows(view, grant, row)).any(|people| people >= least)
}

/// Whether a subject exists for a caller; `covered` are all rows of it.
pub fn exists<'r>(
    view: &AccountView,
    caller: &Caller,
    subject: &Subject,
    covered: impl Iterator<Item = &'r Row>,
) -> bool {
    match known(view, caller, subject) {
        Some(true) => true,
        Some(false) => {
            let mut covered = covered;
            covered.any(|row| sees(view, caller, subject, row))
        }
        None => false,
    }
}

/// Whether a grant names a recording, whether or not it was played.
fn holds(view: &AccountView, grant: &Grant, entry: &str) -> bool {
    let within = |categories: &BTreeSet<Text>| {
        let mut known = categories.iter().filter(|id| view.categories.contains_key(*id));
        view.entries.get(entry).is_some_and(|e| known.any(|id| e.categories.contains(id)))
    };
    match grant {
        Grant::Administration | Grant::Everything { .. } | Grant::OwnRecord(_) => false,
        Grant::Department { category, .. } => within(&below(view, category)),
        Grant::Entries { entries, .. } => entries.contains(entry),
        Grant::Staff { category } => within(&[category.clone()].into()),
        Grant::Person(person) => {
            let own = view.entries.get(entry);
            own.is_some_and(|e| e.owner == Some(*person) || e.co_editors.contains(person))
                || within(&staffed(view, *person))
        }
    }
}

/// Whether a caller may list a recording.
pub fn lists(view: &AccountView, caller: &Caller, entry: &str) -> bool {
    let all = |grant: &Grant| matches!(grant, Grant::Administration | Grant::Everything { .. });
    caller.grants.iter().any(|grant| all(grant) || holds(view, grant, entry))
}

/// `Some(true)`: exists; `Some(false)`: if there are rows; `None`: does not exist.
fn known(view: &AccountView, caller: &Caller, subject: &Subject) -> Option<bool> {
    let grants = &caller.grants;
    let any = |holds: &dyn Fn(&Grant) -> bool| grants.iter().any(holds);
    let everything = any(&|g| matches!(g, Grant::Administration | Grant::Everything { .. }));
    let all_named = any(&|g| [Grant::Administration, Grant::Everything { people: People::Names }].contains(g));
    let is = |person: PersonKey| any(&|g| [Grant::Person(person), Grant::OwnRecord(person)].contains(g));
    let holds = |grant: &Grant, entry: &str| holds(view, grant, entry);
    match subject {
        Subject::Both(one, other) => Some(known(view, caller, one)? & known(view, caller, other)?),
        Subject::Viewer(person) => {
            let named = |g: &Grant| match g {
                Grant::Administration => true,
                Grant::Everything { people } => *people == People::Names,
                Grant::Department { category, people } => {
                    *people == People::Names && view.categories.contains_key(category)
                }
                Grant::Entries { people, .. } => *people == People::Names,
                Grant::Staff { category } => view.categories.contains_key(category),
                Grant::OwnRecord(_) => true,
                Grant::Person(person) => {
                    !staffed(view, *person).is_empty() || view.entries.keys().any(|id| holds(g, id))
                }
            };
            any(&named).then_some(all_named || is(*person))
        }
        _ if everything => Some(true),
        Subject::Account => Some(true),
        Subject::Entry(id) | Subject::Medium { entry: id, .. } => Some(any(&|g| holds(g, id))),
        Subject::Owner { person, .. } => {
            let owned = |id: &&Text| view.entries[*id].owner == Some(*person);
            let department = |g: &Grant| {
                matches!(g, Grant::Department { .. }) && view.entries.keys().filter(owned).any(|id| holds(g, id))
            };
            (is(*person) || any(&department)).then_some(true)
        }
        Subject::Category { id, .. } | Subject::Section { category: id, .. } => {
            let opens = |g: &Grant| match g {
                Grant::Department { category, .. } => below(view, category).contains(id),
                Grant::Staff { category } => category == id,
                Grant::Person(person) => staffed(view, *person).contains(id),
                _ => false,
            };
            any(&opens).then_some(true)
        }
        Subject::Playlist(id) => view.playlists[id].owner.is_some_and(is).then_some(true),
        Subject::Tag(tag) => {
            let tagged = view.entries.iter().filter(|(_, e)| e.tags.contains(tag));
            tagged.into_iter().any(|(id, _)| any(&|g| holds(g, id))).then_some(true)
        }
    }
}

fn people(rows: &[&Row]) -> u64 {
    rows.iter().map(|row| row.person).filter(|person| person.0 != 0).collect::<BTreeSet<_>>().len() as u64
}

fn small(people: u64) -> bool {
    people > 0 && people < u64::from(SMALLEST_GROUP)
}

/// Measures of views: recordings added are about nobody who watched.
fn measures() -> Vec<Measure> {
    let added = [Measure::AddedRecordings, Measure::AddedMinutes, Measure::Contributors];
    crate::laws::measures().into_iter().filter(|measure| !added.contains(measure)).collect()
}

/// Asks for those who may not see names: what is shown is right, and what must be hidden is.
pub fn ask_protected(
    dice: &mut Dice,
    catalog: &CatalogView,
    snapshot: &Snapshot,
    oracle: &Oracle<'_>,
    subject: &Subject,
    (caller, scope): (&Caller, &Scope),
) {
    let first = Quarter::of(world::START_MS).0;
    let asked = |filters: Vec<Filter>, view: &View| {
        let panels = vec![Panel::new(view.clone())];
        Question { from: Quarter(first - 4), to: Quarter(first + 40), filters, panels }
    };
    let answer = |question: &Question| answer(snapshot, catalog, &oracle.calendar, scope, question, &Budget::default());
    let page = || Page::all(Sort { measure: Some(Measure::Plays), descending: true });
    let by: Vec<Dimension> = (0..=dice.below(2)).map(|_| *dice.pick(&dimensions(oracle))).collect();
    let views = [
        View::Totals { measures: measures() },
        View::Series { by: Dimension::Hour, measures: measures() },
        View::Table { by: by.clone(), measures: measures(), page: page(), coverage: true },
        View::Table { by: vec![Dimension::Viewer], measures: measures(), page: page(), coverage: true },
        View::Rows { offset: 0, limit: 10 },
    ];
    for view in &views {
        let question = asked(filters(dice, oracle, &[0, 0, 1, 2]), view);
        let personal = question.filters.iter().any(|f| f.dimension == Dimension::Viewer)
            || match view {
                View::Rows { .. } => true,
                View::Table { by, .. } if by.contains(&Dimension::Viewer) => {
                    scope.people() == People::None || by.len() > 1
                }
                _ => false,
            };
        let answered = match answer(&question) {
            Err(QueryError::NoPeople) if personal => continue,
            answered => answered.unwrap(),
        };
        assert!(!personal, "{question:?} for {caller:?}");
        let rows = choose(oracle, subject, &question).rows;
        // Whom does one filter leave out?
        let differs = (0..question.filters.len()).any(|turned| {
            let mut turned_round = question.clone();
            let filter = &mut turned_round.filters[turned];
            filter.operator = filter.operator.opposite();
            small(people(&choose(oracle, subject, &turned_round).rows))
        });
        let all_hidden = differs || small(people(&rows));
        let about = format!("{subject:?} {question:?} for {caller:?}");
        check(oracle, view, &rows, &answered.answers[0], all_hidden, &about);
    }
}

/// Asks for the total of a recording outside a course: it is for staff of that course, of that recording, and of enough people.
pub fn ask_elsewhere(
    dice: &mut Dice,
    catalog: &CatalogView,
    snapshot: &Snapshot,
    calendar: &Calendar<'_>,
    rows: &[&Row],
    caller: &Caller,
) {
    let view = &*catalog.accounts[&caller.account];
    let category = Text::from(*dice.pick(&["10", "11", "12", "gone"]));
    let entry =
        dice.pick(&[vec!["1_a".into(), "1_gone".into()], view.entries.keys().cloned().collect()].concat()).clone();
    let staff = |grant: &Grant| match grant {
        Grant::Administration | Grant::Everything { .. } => true,
        Grant::Staff { category: of } => *of == category,
        Grant::Person(person) => staffed(view, *person).contains(&category),
        _ => false,
    };
    let held = view.entries.get(&entry).is_some_and(|e| e.categories.contains(&category));
    let known = view.categories.contains_key(&category);
    let about = format!("{entry} outside {category} for {caller:?}");
    let found = elsewhere(caller, catalog, &category, &entry, NOW_MS);
    assert_eq!(found.is_some(), known && held && caller.grants.iter().any(staff), "{about}");
    let Some(of) = found else { return };
    let first = Quarter::of(world::START_MS).0;
    let range = (Quarter(first - 4), Quarter(first + dice.below(40) as i32));
    let told = query::elsewhere(snapshot, catalog, calendar, &of, range, &Budget::default()).unwrap();
    let inside = |row: &&&Row| {
        let counts = !row.bot && row.suspect.is_empty();
        let at = i64::from(range.0.0)..i64::from(range.1.0);
        counts && row.entry == entry && at.contains(&row.quarter) && !played_in(view, &[category.clone()].into(), row)
    };
    let rows: Vec<&Row> = rows.iter().filter(inside).copied().collect();
    // Callers here have groups of different sizes.
    let hidden = (1..u64::from(caller.smallest_group)).contains(&people(&rows));
    assert_eq!(told.is_none(), hidden, "{about}: {told:?}");
    let Some(told) = told else { return };
    let sees = |_: &Row| true;
    let lists = |_: &str| true;
    let (calendar, all) = (*calendar, &rows);
    let oracle =
        Oracle { view, calendar, course: None, category: None, all, sees: &sees, lists: &lists, one_entry: true };
    for (measure, got) in [(Measure::Plays, told.plays), (Measure::MinutesViewed, told.minutes)] {
        let right = oracle.value(measure, &rows, None, None, None);
        assert!(crate::laws::close(Some(got), right), "{} is {got}, not {right:?}: {about}", measure.name());
    }
}

fn check(oracle: &Oracle<'_>, view: &View, rows: &[&Row], answer: &Answer, all_hidden: bool, about: &str) {
    let shown = |measures: &[Measure], got: &[Value], rows: &[&Row]| {
        for (measure, got) in measures.iter().zip(got) {
            // Scores depend on the best row and are a law of their own.
            let scored = measure.name().contains("score");
            let right = oracle.value(*measure, rows, None, None, None).filter(|_| measure.unit() != Unit::Instant);
            assert!(scored || crate::laws::close(*got, right), "{} is {got:?}, not {right:?}: {about}", measure.name());
        }
    };
    let nothing = |got: &[Value]| assert!(got.iter().all(Option::is_none), "shows {got:?}: {about}");
    match (view, answer) {
        (View::Totals { measures }, Answer::Totals(got)) => {
            if all_hidden {
                nothing(got)
            } else {
                shown(measures, got, rows)
            }
        }
        (View::Series { by, measures }, Answer::Series(points)) => {
            let inside = |key: &Text| -> Vec<&Row> {
                rows.iter().filter(|r| oracle.keys(*by, r).contains(key)).copied().collect()
            };
            let mut line = Line::new();
            for point in points {
                let inside = inside(&point.key);
                line.push((people(&inside), point.hidden));
                if point.hidden { nothing(&point.values) } else { shown(measures, &point.values, &inside) }
            }
            check_line(&line, all_hidden, about);
        }
        (View::Table { by, measures, .. }, Answer::Table { rows: got, .. }) => {
            let mut lines: BTreeMap<(usize, Vec<Text>), Line> = BTreeMap::new();
            for row in got {
                let is = |r: &&&Row| by.iter().zip(&row.keys).all(|(d, key)| oracle.keys(*d, r).contains(key));
                let inside: Vec<&Row> = rows.iter().filter(is).copied().collect();
                for dimension in 0..by.len() {
                    let mut line = row.keys.clone();
                    line.remove(dimension);
                    lines.entry((dimension, line)).or_default().push((people(&inside), row.hidden));
                }
                if row.hidden { nothing(&row.values) } else { shown(measures, &row.values, &inside) }
            }
            if by.contains(&Dimension::Viewer) {
                assert!(got.iter().all(|row| row.hidden == all_hidden), "{about}");
                assert!(got.iter().all(|row| &*row.labels[0] == "Unknown" || row.labels[0].starts_with("Viewer ")));
            } else {
                lines.values().for_each(|line| check_line(line, all_hidden, about));
            }
        }
        (view, answer) => panic!("{view:?} was answered {answer:?}"),
    }
}

/// Cells that add up to a total: how many people, and whether it is hidden.
type Line = Vec<(u64, bool)>;

/// Small cells are hidden, and never alone in their line while there is another to hide with them.
fn check_line(line: &[(u64, bool)], all_hidden: bool, about: &str) {
    assert!(line.iter().all(|(people, hidden)| *hidden || !(all_hidden || small(*people))), "{line:?} of {about}");
    let hidden: Vec<u64> = line.iter().filter(|(_, hidden)| *hidden).map(|(people, _)| *people).collect();
    let could_hide_more = line.iter().any(|(people, hidden)| !hidden && *people > 0);
    let enough = hidden.len() >= 2 && hidden.iter().sum::<u64>() >= u64::from(SMALLEST_GROUP);
    assert!(hidden.is_empty() || enough || !could_hide_more, "{line:?} of {about}");
}
