//! Laws between answers, over random worlds: how a whole relates to its parts, a wide question to a narrow one, a table
//! to its pages, a store to the same store sealed and merged. They need no oracle, only the glossary's word on how a
//! measure behaves ([`Law::of`]), so they hold for every measure and dimension, those of tomorrow included.

use crate::laws::{NOW_MS, cases, filter, filters, measures, snapshot, subjects};
use crate::oracle::answers::Oracle;
use crate::oracle::rows::{self, Row};
use crate::world::{self, Dice};
use engine::access::{Caller, Subject, Whose, scope};
use engine::block::Snapshot;
use engine::catalog::view::{AccountView, CatalogView};
use engine::engine::open;
use engine::event::{AccountId, Event, Text};
use engine::glossary::{Dimension, Measure, Quantity, Recipe, Source};
use engine::manifest::MemoryManifest;
use engine::period::Calendar;
use engine::query::{Answered, Budget, answer};
use engine::question::{Answer, Filter, LeftOut, Operator, Page, Panel, Question, Sort, TableRow, Value, View};
use engine::row::ViewRow;
use engine::storage::memory::MemoryStorage;
use engine::store::Options;
use engine::time::Quarter;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How a measure of a whole relates to the same measure of its parts.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Law {
    /// It is their sum.
    Adds,
    /// A count of a set: no less than the largest, no more than the sum.
    Unites,
    /// It is the least.
    Least,
    /// It is the largest.
    Largest,
}

impl Law {
    /// Ratios and scores have none: they are reckoned anew.
    fn of(measure: Measure) -> Option<Law> {
        match measure.recipe() {
            _ if measure.additive() => Some(Law::Adds),
            Recipe::Plain { .. } => Some(Law::Unites),
            Recipe::Extreme { times, .. } if times < 0 => Some(Law::Least),
            Recipe::Extreme { .. } => Some(Law::Largest),
            Recipe::Total { .. } | Recipe::Over { .. } | Recipe::Score { .. } | Recipe::PlaysScore => None,
        }
    }
}

/// How parts cover their whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Cover {
    /// Every row is in one.
    Once,
    /// Every row is in one or several.
    Often,
    /// Rows may be in none.
    Partly,
}

impl Cover {
    /// By the values of a dimension.
    fn of(dimension: Dimension) -> Cover {
        match dimension.source() {
            Source::Mark(..) => Cover::Partly,
            _ if dimension.many_valued() => Cover::Often,
            _ => Cover::Once,
        }
    }
}

/// Dimensions of any subject.
fn dimensions() -> Vec<Dimension> {
    Dimension::ALL.iter().copied().filter(|d| *d != Dimension::Subcategory).collect()
}

/// Whether a measure is of recordings that were added, which a split by something about views cannot tell.
fn is_of_recordings(measure: Measure) -> bool {
    measure.recipe().quantities().iter().any(|quantity| matches!(quantity, Quantity::Added(_)))
}

/// Every measure that [`Law::of`] knows something of, over a whole and its parts.
fn check_parts(what: &str, whole: &[Value], parts: &[&[Value]], cover: Cover) {
    for (at, measure) in measures().into_iter().enumerate() {
        let (Some(law), whole) = (Law::of(measure), whole[at]) else { continue };
        let values = || parts.iter().map(|part| part[at]);
        let told = || values().flatten();
        let about =
            || format!("{what}: {} is {whole:?} and its parts {:?}", measure.name(), values().collect::<Vec<_>>());
        match law {
            Law::Adds | Law::Unites => {
                // What cannot be told of the whole or of a part has no law.
                let (Some(whole), true) = (whole, values().all(|value| value.is_some())) else { continue };
                if parts.is_empty() && is_of_recordings(measure) {
                    continue;
                }
                let (sum, most) = (told().sum::<f64>(), told().fold(0.0, f64::max));
                let slack = 1e-9 * sum.max(1.0);
                assert!(most <= whole + slack, "{}", about());
                assert!(cover == Cover::Partly || whole <= sum + slack, "{}", about());
                assert!(law != Law::Adds || cover != Cover::Once || whole + slack >= sum, "{}", about());
            }
            Law::Least | Law::Largest => {
                // With the sign turned, a least value is a largest one.
                let turn = |value: f64| if law == Law::Least { -value } else { value };
                let best = told().map(turn).reduce(f64::max);
                let (whole, exact) = (whole.map(turn), cover != Cover::Partly);
                assert!(if exact { whole == best } else { best <= whole }, "{}", about());
            }
        }
    }
}

/// What a narrower question says is in what the wider one says.
fn check_narrower(what: &str, wide: &[Value], narrow: &[Value]) {
    check_parts(what, wide, &[narrow], Cover::Partly);
}

/// A world with what is asked of it.
struct Asked {
    dice: Dice,
    catalog: CatalogView,
    snapshot: Snapshot,
    account: AccountId,
    zone: TimeZone,
    rows: Vec<Row>,
}

const ZONES: [&str; 4] = ["UTC", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe"];

impl Asked {
    fn of(seed: u64, journal: &[(u64, Event)]) -> Asked {
        let mut dice = Dice(seed ^ 0x1a35);
        let snapshot = snapshot(&mut dice, journal);
        let account = AccountId(if dice.chance(95) { 1 } else { 2 });
        let zone = TimeZone::get(dice.pick::<&str>(&ZONES)).unwrap();
        Asked { dice, catalog: world::catalog(), snapshot, account, zone, rows: rows::rows(journal) }
    }

    fn view(&self) -> Arc<AccountView> {
        Arc::clone(&self.catalog.accounts[&self.account])
    }

    /// Some subject that exists.
    fn subject(&mut self) -> Subject {
        let all = subjects(&self.view());
        let weight = self.dice.chance(40);
        if weight { Subject::Account } else { self.dice.pick(&all).clone() }
    }

    fn range(&mut self) -> (Quarter, Quarter) {
        let first = Quarter::of(world::START_MS).0;
        (Quarter(first - 2 + self.dice.below(6) as i32), Quarter(first + 9 + self.dice.below(20) as i32))
    }

    /// Filters with values that occur. Those on bots and suspect rows let in what is left out otherwise, and those on
    /// placement mean what the subject makes of it, so a law about narrowing leaves them out.
    fn filters(&mut self, counts: &[u64]) -> Vec<Filter> {
        let view = self.view();
        let of_account: Vec<&Row> = self.rows.iter().filter(|row| row.account == self.account).collect();
        let zone = self.zone.clone();
        let calendar = Calendar::new(NOW_MS, &zone);
        let oracle = Oracle {
            view: &view,
            calendar,
            course: None,
            category: None,
            all: &of_account,
            sees: &|_| true,
            lists: &|_| true,
            one_entry: false,
        };
        let mut drawn = filters(&mut self.dice, &oracle, counts);
        let shifts = |f: &Filter| matches!(f.dimension, Dimension::Bot | Dimension::Suspect | Dimension::Placement);
        for one in &mut drawn {
            while shifts(one) {
                *one = filter(&mut self.dice, &oracle);
            }
        }
        drawn
    }

    /// Nothing when the subject holds nothing: [`Subject::Both`] of what has nothing in common.
    fn try_ask(&self, subject: &Subject, question: &Question) -> Option<Answered> {
        let caller = Caller::administrator(self.account);
        let scope = scope(&caller, &self.catalog, subject, NOW_MS)?;
        let view = self.view();
        let terms = view.term_list();
        let calendar = Calendar { terms: &terms, ..Calendar::new(NOW_MS, &self.zone) };
        Some(answer(&self.snapshot, &self.catalog, &calendar, &scope, question, &Budget::default()).unwrap())
    }

    fn ask(&self, subject: &Subject, question: &Question) -> Answered {
        self.try_ask(subject, question).unwrap_or_default()
    }
}

const BY_KEY: Sort = Sort { measure: None, descending: false };

fn table(by: &[Dimension], page: Page) -> View {
    View::Table { by: by.to_vec(), measures: measures(), page, coverage: false }
}

fn all_rows(by: &[Dimension]) -> View {
    table(by, Page::all(BY_KEY))
}

fn totals() -> View {
    View::Totals { measures: measures() }
}

fn panel(view: View, filters: &[Filter]) -> Panel {
    Panel { view, filters: filters.to_vec() }
}

fn total_of(answer: &Answer) -> &[Value] {
    let Answer::Totals(values) = answer else { panic!("{answer:?} is no total") };
    values
}

fn rows_of(answer: &Answer) -> &[TableRow] {
    let Answer::Table { rows, total } = answer else { panic!("{answer:?} is no table") };
    assert_eq!(rows.len(), *total, "all rows were asked for");
    rows
}

fn by_keys(answer: &Answer) -> BTreeMap<&[Text], &[Value]> {
    rows_of(answer).iter().map(|row| (&*row.keys, &*row.values)).collect()
}

fn check_totals(seed: u64, journal: &[(u64, Event)]) {
    let mut asked = Asked::of(seed, journal);
    let subject = asked.subject();
    let (from, to) = asked.range();
    let filters = asked.filters(&[0, 0, 1]);
    let times: Vec<Dimension> = Dimension::ALL.iter().copied().filter(|d| d.time().is_some()).collect();
    let time = *asked.dice.pick(&times);
    let mut by: Vec<Vec<Dimension>> = Vec::new();
    for _ in 0..6 {
        let (first, second) = (*asked.dice.pick(&dimensions()), *asked.dice.pick(&dimensions()));
        by.push(if asked.dice.chance(60) || first == second { vec![first] } else { vec![first, second] });
    }
    let views = [totals(), View::Series { by: time, measures: measures() }].into_iter();
    let panels = views.chain(by.iter().map(|by| all_rows(by))).map(Panel::new).collect();
    let answers = asked.ask(&subject, &Question { from, to, filters: filters.clone(), panels }).answers;
    let Some((whole, rest)) = answers.split_first() else { return };
    let about = |by: &dyn std::fmt::Debug| format!("{subject:?} {from:?}..{to:?} {filters:?} by {by:?}");
    let Answer::Series(points) = &rest[0] else { panic!("{:?} is no series", rest[0]) };
    let parts: Vec<&[Value]> = points.iter().map(|point| &*point.values).collect();
    check_parts(&about(&time), total_of(whole), &parts, Cover::Once);
    for (by, answer) in by.iter().zip(&rest[1..]) {
        let parts: Vec<&[Value]> = rows_of(answer).iter().map(|row| &*row.values).collect();
        let cover = by.iter().map(|dimension| Cover::of(*dimension)).max().unwrap();
        check_parts(&about(by), total_of(whole), &parts, cover);
    }
}

/// The other half of a filter.
fn other(filter: &Filter) -> Filter {
    let operator = match filter.operator {
        Operator::Is => Operator::Not,
        Operator::Not => Operator::Is,
        Operator::Has => Operator::HasNot,
        Operator::HasNot => Operator::Has,
    };
    Filter { operator, ..filter.clone() }
}

fn check_filters(seed: u64, journal: &[(u64, Event)]) {
    let mut asked = Asked::of(seed, journal);
    let subject = asked.subject();
    let (from, to) = asked.range();
    let base = asked.filters(&[0, 0, 1]);
    let more = asked.filters(&[1]).remove(0);
    let fewer = Filter { values: more.values.iter().skip(1).cloned().collect(), ..more.clone() };
    let by = [*asked.dice.pick(&dimensions())];
    let with = |filter: &Filter| [totals(), all_rows(&by)].map(|view| Panel { view, filters: vec![filter.clone()] });
    let panels = [panel(totals(), &[]), panel(all_rows(&by), &[])].into_iter();
    let panels = panels.chain(with(&more)).chain(with(&other(&more))).chain(with(&fewer)).collect();
    let question = Question { from, to, filters: base.clone(), panels };
    let found = asked.ask(&subject, &question).answers;
    let [all, all_by, some, some_by, rest, rest_by, few, few_by] = &found[..] else { return };
    let about = format!("{subject:?} {from:?}..{to:?} {base:?}, then {more:?}");
    check_parts(&about, total_of(all), &[total_of(some), total_of(rest)], Cover::Once);
    let whole = by_keys(all_by);
    for (what, part) in [("passes", some_by), ("does not", rest_by)] {
        for (keys, values) in by_keys(part) {
            let whole = whole.get(keys).unwrap_or_else(|| panic!("{what}: {keys:?} is in no row of {about}"));
            check_narrower(&format!("{about}: {what}: {by:?} {keys:?}"), whole, values);
        }
    }
    // Fewer values: less for what asks for them, more for what excludes them.
    let widens = matches!(more.operator, Operator::Not | Operator::HasNot);
    let (wide, narrow) = if widens { (few, some) } else { (some, few) };
    check_narrower(&format!("{about}: fewer values"), total_of(wide), total_of(narrow));
    let (wide, narrow) = if widens { (few_by, some_by) } else { (some_by, few_by) };
    let (wide, narrow) = (by_keys(wide), by_keys(narrow));
    assert!(narrow.keys().all(|keys| wide.contains_key(keys)), "{about}: fewer values, other rows");
    // Said of the question or of a panel, a filter means the same; so does the order in which filters are said.
    let filters = [&[more], &base[..]].concat();
    let question = Question { from, to, filters, panels: vec![panel(totals(), &[]), panel(all_rows(&by), &[])] };
    let again = asked.ask(&subject, &question).answers;
    assert_eq!((&again[0], &again[1]), (some, some_by), "{about}: as a filter of the question");
}

fn check_splits(seed: u64, journal: &[(u64, Event)]) {
    let mut asked = Asked::of(seed, journal);
    let subject = asked.subject();
    let (from, to) = asked.range();
    let filters = asked.filters(&[0, 0, 1]);
    let by = [*asked.dice.pick(&dimensions())];
    // Every quarter by itself, or a few pieces.
    let cuts: BTreeSet<i32> = match asked.dice.below(3) {
        0 => (from.0..to.0).collect(),
        few => (0..few).map(|_| asked.dice.between(from.0.into(), to.0.into()) as i32).collect(),
    };
    let edges: Vec<i32> = cuts.into_iter().chain([from.0, to.0]).collect::<BTreeSet<_>>().into_iter().collect();
    let panels = vec![panel(totals(), &[]), panel(all_rows(&by), &[])];
    let question = |from, to| Question { from, to, filters: filters.clone(), panels: panels.clone() };
    let Some(whole) = asked.try_ask(&subject, &question(from, to)) else { return };
    let pieces: Vec<Answered> =
        edges.windows(2).map(|edge| asked.ask(&subject, &question(Quarter(edge[0]), Quarter(edge[1])))).collect();
    let about = format!("{subject:?} {filters:?} cut at {edges:?}");
    let parts: Vec<&[Value]> = pieces.iter().map(|piece| total_of(&piece.answers[0])).collect();
    check_parts(&about, total_of(&whole.answers[0]), &parts, Cover::Once);
    let mut left_out = LeftOut::default();
    pieces.iter().for_each(|piece| left_out.add(piece.left_out));
    // What is in no range is outside every piece.
    left_out.undated = whole.left_out.undated;
    assert_eq!(left_out, whole.left_out, "{about}: what is left out adds up");
    let mut by_key: BTreeMap<&[Text], Vec<&[Value]>> = BTreeMap::new();
    for piece in &pieces {
        by_keys(&piece.answers[1]).into_iter().for_each(|(keys, values)| by_key.entry(keys).or_default().push(values));
    }
    let rows = by_keys(&whole.answers[1]);
    // A part of time that a piece holds only a part of is another slot of the piece's calendar, under the same key.
    assert_eq!(rows.keys().collect::<Vec<_>>(), by_key.keys().collect::<Vec<_>>(), "{about}: rows by {by:?}");
    for (keys, parts) in by_key {
        check_parts(&format!("{about}: {by:?} {keys:?}"), rows[keys], &parts, Cover::Once);
    }
}

/// What several laws ask: everything that can be shown.
fn everything(asked: &mut Asked) -> (Subject, Question) {
    let subject = asked.subject();
    let (from, to) = asked.range();
    let filters = asked.filters(&[0, 0, 1]);
    let sort = Sort { measure: Some(*asked.dice.pick(&measures())), descending: asked.dice.chance(50) };
    let mut views = vec![totals(), View::Series { by: Dimension::Hour, measures: measures() }];
    for _ in 0..4 {
        views.push(table(&[*asked.dice.pick(&dimensions())], Page::all(sort)));
    }
    views.push(table(&[Dimension::Viewer, *asked.dice.pick(&dimensions())], Page::all(BY_KEY)));
    views.push(View::Heat { entry: asked.dice.pick(&world::ENTRIES).0.into() });
    (subject, Question { from, to, filters, panels: views.into_iter().map(Panel::new).collect() })
}

fn check_order(seed: u64, journal: &[(u64, Event)]) {
    let mut asked = Asked::of(seed, journal);
    let (subject, question) = everything(&mut asked);
    let expected = asked.try_ask(&subject, &question);
    let mut parts = asked.snapshot.parts.to_vec();
    for _ in 0..3 {
        for last in (1..parts.len()).rev() {
            parts.swap(last, asked.dice.below(last as u64 + 1) as usize);
        }
        // The dictionaries stay: decoded columns hold their codes.
        asked.snapshot = Snapshot { parts: Arc::new(parts.clone()), ..asked.snapshot };
        assert_eq!(asked.try_ask(&subject, &question), expected, "{subject:?} {question:?}");
    }
}

/// Small numbers, so that everything is sealed and merged several times.
fn options(dice: &mut Dice) -> Options {
    Options {
        seal_rows: 1 + dice.below(12) as usize,
        checkpoint_events: 1 + dice.below(40),
        merge_count: 2 + dice.below(3) as usize,
        segment_rows_max: 100,
        hot_rows: 1 + dice.below(9) as usize,
        cache_bytes: 1 << 16,
    }
}

/// The same events through the store: journalled, folded in batches, sealed, merged, opened anew.
fn check_store(seed: u64, journal: &[(u64, Event)]) {
    let mut asked = Asked::of(seed, journal);
    let (subject, mut question) = everything(&mut asked);
    question.panels.push(Panel::new(View::Rows { offset: 0, limit: usize::MAX }));
    let comparable = |answered: Option<Answered>| {
        answered.map(|mut answered| {
            // A row's version counts the batches it took, which is no part of what it says.
            if let Some(Answer::Rows { rows, .. }) = answered.answers.last_mut() {
                rows.iter_mut().for_each(|row: &mut ViewRow| row.version = 0);
            }
            answered
        })
    };
    let storage = MemoryStorage::new();
    let manifest = MemoryManifest::new().beside(&storage);
    let options = options(&mut asked.dice);
    let start = || open(Arc::new(storage.clone()), Box::new(manifest.clone()), options).unwrap();
    let mut opened = start();
    // An id of its own for every seq: sessions without text are named by it, so both must count alike.
    opened.journal.skip_to(1);
    let mut rest = journal;
    while !rest.is_empty() {
        let (batch, later) = rest.split_at((1 + asked.dice.below(20) as usize).min(rest.len()));
        let events: Vec<Event> = batch.iter().map(|(_, event)| event.clone()).collect();
        let first = opened.journal.append(&events).unwrap();
        assert_eq!(first, batch[0].0);
        opened.store.fold(first, events).unwrap();
        if asked.dice.chance(40) {
            opened.journal.roll();
            opened.store.maintain().unwrap();
        }
        if asked.dice.chance(10) {
            opened = start();
        }
        rest = later;
    }
    let expected = comparable(asked.try_ask(&subject, &question));
    for step in ["folded", "sealed", "merged", "opened anew"] {
        match step {
            "sealed" => opened.store.checkpoint().unwrap(),
            "merged" => (0..6).for_each(|_| assert!(opened.store.maintain().is_ok())),
            "opened anew" => opened = start(),
            _ => {}
        }
        asked.snapshot = opened.reader.snapshot();
        assert_eq!(comparable(asked.try_ask(&subject, &question)), expected, "{step}: {subject:?} {question:?}");
    }
}

fn check_pages(seed: u64, journal: &[(u64, Event)]) {
    let mut asked = Asked::of(seed, journal);
    let subject = asked.subject();
    let (from, to) = asked.range();
    let by = [*asked.dice.pick(&dimensions()), *asked.dice.pick(&dimensions())];
    let by = if by[0] == by[1] || asked.dice.chance(60) { &by[..1] } else { &by[..] };
    let measure = asked.dice.chance(80).then(|| *asked.dice.pick(&measures()));
    let sort = Sort { measure, descending: asked.dice.chance(50) };
    let limit = 1 + asked.dice.below(6) as usize;
    let page = |offset: usize| table(by, Page { sort, offset, limit, find: None });
    let found = |find: &str| table(by, Page { find: Some(find.into()), ..Page::all(sort) });
    let view_rows = |offset, limit| View::Rows { offset, limit };
    let views = vec![table(by, Page::all(sort)), view_rows(0, usize::MAX), found("e"), found("")];
    let ask = |asked: &Asked, views: Vec<View>| {
        let panels = views.into_iter().map(Panel::new).collect();
        asked.ask(&subject, &Question { from, to, filters: vec![], panels }).answers
    };
    let whole = ask(&asked, views);
    let [table, Answer::Rows { rows: view_rows_whole, total: rows_total }, with_e, with_all] = &whole[..] else {
        return;
    };
    let about = format!("{subject:?} {from:?}..{to:?} by {by:?} in order of {sort:?}");
    let rows = rows_of(table);
    // One page beyond the last: it is empty.
    let offsets = || (0..=rows.len().div_ceil(limit)).map(|number| number * limit);
    let mut paged: Vec<TableRow> = Vec::new();
    for answer in ask(&asked, offsets().map(page).collect()) {
        let Answer::Table { rows: of_page, total } = answer else { panic!("no table") };
        assert!(of_page.len() <= limit && total == rows.len(), "{about}: {} of {total}", of_page.len());
        paged.extend(of_page);
    }
    assert_eq!(paged, rows, "{about}: pages of {limit}");
    let says = |row: &&TableRow| row.keys.iter().chain(&row.labels).any(|text| text.to_lowercase().contains('e'));
    let expected: BTreeSet<&[Text]> = rows.iter().filter(says).map(|row| &*row.keys).collect();
    let got: BTreeSet<&[Text]> = rows_of(with_e).iter().map(|row| &*row.keys).collect();
    // People are found by their ids too, which no row shows.
    let by_id = by.contains(&Dimension::Viewer);
    assert!(if by_id { expected.is_subset(&got) } else { expected == got }, "{about}: what is found");
    assert_eq!(with_all, table, "{about}: an empty search finds all");
    // In order: the values of the measure rise or fall, and rows without one come last.
    if let Some(measure) = sort.measure {
        let place = measures().iter().position(|known| *known == measure).unwrap();
        for pair in rows.windows(2) {
            let (before, after) = (pair[0].values[place], pair[1].values[place]);
            let in_order = match (before, after) {
                (Some(before), Some(after)) => {
                    if sort.descending {
                        before >= after
                    } else {
                        before <= after
                    }
                }
                (before, after) => before.is_some() || after.is_none(),
            };
            assert!(in_order, "{about}: {before:?} before {after:?}");
        }
    }
    let offsets = (0..=rows_total.div_ceil(limit)).map(|number| number * limit);
    let mut paged: Vec<ViewRow> = Vec::new();
    for answer in ask(&asked, offsets.map(|offset| view_rows(offset, limit)).collect()) {
        let Answer::Rows { rows, total } = answer else { panic!("no rows") };
        assert_eq!(total, *rows_total);
        paged.extend(rows);
    }
    assert_eq!(&paged, view_rows_whole, "{about}: view rows in pages of {limit}");
}

/// A subject and one that covers no more. What the wider one is seen from (its course) is the narrower one's too.
fn nested(asked: &mut Asked) -> (Subject, Subject) {
    let all = subjects(&asked.view());
    let one = asked.dice.pick(&all).clone();
    match asked.dice.below(3) {
        0 => (Subject::Account, one),
        1 => {
            let other = asked.dice.pick(&all).clone();
            (one.clone(), Subject::Both(Box::new(one), Box::new(other)))
        }
        _ => match one {
            Subject::Category { id, .. } => {
                (Subject::Category { id: id.clone(), subtree: true }, Subject::Category { id, subtree: false })
            }
            Subject::Section { category, section } => {
                (Subject::Category { id: category.clone(), subtree: false }, Subject::Section { category, section })
            }
            Subject::Owner { person, whose } => {
                (Subject::Owner { person, whose: Whose::Both }, Subject::Owner { person, whose })
            }
            Subject::Medium { entry, number } => (Subject::Entry(entry.clone()), Subject::Medium { entry, number }),
            one => (Subject::Account, one),
        },
    }
}

fn check_scopes(seed: u64, journal: &[(u64, Event)]) {
    let mut asked = Asked::of(seed, journal);
    let (wide, narrow) = nested(&mut asked);
    let (from, to) = asked.range();
    let filters = asked.filters(&[0, 0, 1]);
    // Where something was played depends on the course from which it is seen.
    let dimensions: Vec<Dimension> = Dimension::ALL
        .iter()
        .copied()
        .filter(|d| ![Dimension::Placement, Dimension::Subcategory].contains(d))
        .collect();
    let by = [*asked.dice.pick(&dimensions)];
    let entry: Text = asked.dice.pick(&world::ENTRIES).0.into();
    let views = [totals(), all_rows(&by), View::Heat { entry }, View::Rows { offset: 0, limit: usize::MAX }];
    let question = Question { from, to, filters, panels: views.into_iter().map(Panel::new).collect() };
    let about = format!("{narrow:?} in {wide:?}, {from:?}..{to:?} {:?}", question.filters);
    let Some(inner) = asked.try_ask(&narrow, &question) else { return };
    let outer = asked.try_ask(&wide, &question).unwrap_or_else(|| panic!("{about}: the wider one does not exist"));
    check_narrower(&about, total_of(&outer.answers[0]), total_of(&inner.answers[0]));
    let rows = by_keys(&outer.answers[1]);
    for (keys, values) in by_keys(&inner.answers[1]) {
        let whole =
            rows.get(keys).unwrap_or_else(|| panic!("{about}: {by:?} {keys:?} is seen in the narrower one only"));
        check_narrower(&format!("{about}: {by:?} {keys:?}"), whole, values);
    }
    let heat = |answered: &Answered| match &answered.answers[2] {
        Answer::Heat { views, viewers, .. } => (views.clone(), viewers.clone()),
        answer => panic!("{answer:?} is no heat"),
    };
    let ((views, viewers), (inner_views, inner_viewers)) = (heat(&outer), heat(&inner));
    let hotter = |wide: &[u64], narrow: &[u64]| {
        (0..narrow.len()).any(|second| narrow[second] > wide.get(second).copied().unwrap_or(0))
    };
    assert!(!hotter(&views, &inner_views) && !hotter(&viewers, &inner_viewers), "{about}: heat");
    let view_rows = |answered: &Answered| match &answered.answers[3] {
        Answer::Rows { rows, .. } => rows.clone(),
        answer => panic!("{answer:?} are no rows"),
    };
    let seen = view_rows(&outer);
    assert!(view_rows(&inner).iter().all(|row| seen.contains(row)), "{about}: rows of the narrower one only");
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn a_whole_is_its_parts_together(seed: u64, sessions in 1_u64..9, steps in 0_u64..14) {
        check_totals(seed, &world::journal(seed, sessions, steps));
    }

    #[test]
    fn a_narrower_filter_never_raises_a_count(seed: u64, sessions in 1_u64..9, steps in 0_u64..14) {
        check_filters(seed, &world::journal(seed, sessions, steps));
    }

    #[test]
    fn a_range_may_be_cut_at_any_quarter(seed: u64, sessions in 1_u64..9, steps in 0_u64..14) {
        check_splits(seed, &world::journal(seed, sessions, steps));
    }

    #[test]
    fn the_order_of_segments_is_irrelevant(seed: u64, sessions in 1_u64..9, steps in 0_u64..14) {
        check_order(seed, &world::journal(seed, sessions, steps));
    }

    #[test]
    fn pages_are_the_table(seed: u64, sessions in 1_u64..9, steps in 0_u64..14) {
        check_pages(seed, &world::journal(seed, sessions, steps));
    }

    #[test]
    fn a_narrower_scope_never_shows_more(seed: u64, sessions in 1_u64..9, steps in 0_u64..14) {
        check_scopes(seed, &world::journal(seed, sessions, steps));
    }
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn sealing_and_merging_change_nothing(seed: u64, sessions in 1_u64..9, steps in 0_u64..14) {
        check_store(seed, &world::journal(seed, sessions, steps));
    }
}

/// The laws are about something: most measures have one.
#[test]
fn most_measures_have_a_law() {
    let of = |law: Law| measures().into_iter().filter(|measure| Law::of(*measure) == Some(law)).count();
    assert!(of(Law::Adds) > 60 && of(Law::Unites) > 9 && of(Law::Least) == 1 && of(Law::Largest) == 2);
}
