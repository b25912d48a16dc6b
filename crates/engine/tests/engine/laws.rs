//! The engine equals the oracle.

use crate::oracle::answers::{Oracle, person};
use crate::oracle::rows::{self, Row};
use crate::world::{self, Dice};
use engine::access::{Caller, Scope, Subject, scope};
use engine::block::{Block, Part, Snapshot};
use engine::catalog::view::{AccountView, CatalogView};
use engine::event::{AccountId, Event, PersonKey, Text};
use engine::fold::{Fold, History, HistoryError, fold_session, session_key};
use engine::glossary::{Dimension, Measure};
use engine::period::{Interval, buckets};
use engine::query::answer;
use engine::question::{Answer, Filter, LeftOut, Operator, Panel, Question, Sort, Value};
use engine::row::{SumColumn, TextColumn, ViewRow};
use engine::time::Quarter;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;

/// A row of either side in words, so that a difference can be read.
fn describe(row: &Row) -> String {
    let mut out = format!(
        "{} {} {:?} q{} {:?} {:?} {:?} staff={} bot={} {}..{}\n",
        row.account.0,
        row.entry,
        row.suspect,
        row.quarter,
        row.playback,
        row.person,
        row.proof,
        row.staff,
        row.bot,
        row.first_ms,
        row.last_ms
    );
    for column in SumColumn::ALL.iter().filter(|c| row.get(**c) > 0) {
        writeln!(out, "  {} = {}", column.column(), row.get(*column)).unwrap();
    }
    writeln!(
        out,
        "  coverage {:?}\n  fresh {:?}\n  attention {:?}\n  marks {:?}\n  {:?}",
        row.coverage, row.fresh, row.attention, row.marks, row.facts
    )
    .unwrap();
    out
}

/// The engine's row in the oracle's form.
fn plain(row: &ViewRow) -> Row {
    let t = |c: TextColumn| Text::from(row.text(c));
    use TextColumn as T;
    let facts = engine::event::Facts {
        country: t(T::Country),
        region: t(T::Region),
        city: t(T::City),
        place_source: t(T::PlaceSource),
        device: t(T::Device),
        os: t(T::Os),
        os_version: t(T::OsVersion),
        browser: t(T::Browser),
        browser_version: t(T::BrowserVersion),
        domain: t(T::Domain),
        page: t(T::Page),
        application: t(T::Application),
        application_version: t(T::ApplicationVersion),
        kaltura_application: t(T::KalturaApplication),
        kaltura_application_version: t(T::KalturaApplicationVersion),
        context: t(T::Context),
        proved_context: t(T::ProvedContext),
        playlist: t(T::Playlist),
        ui_conf: t(T::UiConf),
        player_version: t(T::PlayerVersion),
        client_tag: t(T::ClientTag),
        delivery: t(T::Delivery),
        custom_var_1: t(T::CustomVar1),
        custom_var_2: t(T::CustomVar2),
        custom_var_3: t(T::CustomVar3),
        root_entry: t(T::RootEntry),
        node: t(T::Node),
        virtual_event: t(T::VirtualEvent),
        persistent_session: t(T::PersistentSession),
    };
    let seconds = |spans: &[engine::row::Span]| {
        spans.iter().flat_map(|s| (s.from..s.to).map(|second| (second, s.times))).collect::<BTreeMap<_, _>>()
    };
    Row {
        session: None,
        account: row.account,
        entry: t(T::Entry),
        suspect: t(T::Suspect),
        quarter: i64::from(row.quarter.0),
        playback: row.playback,
        person: row.person,
        proof: row.proof,
        staff: row.staff,
        bot: row.bot,
        first_ms: row.first_ms,
        last_ms: row.last_ms,
        facts,
        sums: SumColumn::ALL.iter().map(|c| (*c, row.get(*c))).filter(|(_, n)| *n > 0).collect(),
        coverage: seconds(&row.coverage),
        fresh: seconds(&row.fresh).into_keys().collect(),
        attention: row.attention.iter().map(|a| (a.state, a.ms)).collect(),
        marks: row.marks.iter().map(|m| ((m.kind, m.name.to_string(), m.value.to_string()), m.count)).collect(),
    }
}

/// Events in words.
fn tell(events: &[(u64, Event)]) -> String {
    let mut told = String::new();
    for (seq, e) in events {
        writeln!(
            told,
            "{seq} {:?} at {} {:?} index {:?} position {:?} target {:?} speed {:?} play time {:?} {:?} id {:?}",
            e.session,
            e.at_ms,
            e.kind,
            e.index,
            e.position_ms,
            e.target_ms,
            e.speed_milli,
            e.play_time_ms,
            e.playback,
            e.event_id
        )
        .unwrap();
    }
    told
}

/// Each session by itself: the fold's rows are the oracle's.
fn check_rows(journal: &[(u64, Event)]) {
    let mut sessions: BTreeMap<_, Vec<(u64, Event)>> = BTreeMap::new();
    for (seq, event) in journal {
        sessions.entry(session_key(event, *seq)).or_default().push((*seq, event.clone()));
    }
    for events in sessions.values() {
        let folded: Vec<String> = fold_session(events).iter().map(|row| describe(&plain(row))).collect();
        let expected: Vec<String> = rows::rows(events).iter().map(describe).collect();
        if folded != expected {
            let told = tell(events);
            panic!("events\n{told}\nengine\n{}\noracle\n{}", folded.join(""), expected.join(""));
        }
    }
}

/// The whole journal, as history.
struct Whole(Vec<(u64, Event)>);

impl History for Whole {
    fn events(
        &self,
        account: AccountId,
        entry: &str,
        session: &str,
        before_seq: u64,
    ) -> Result<Vec<(u64, Event)>, HistoryError> {
        let of = |(seq, e): &&(u64, Event)| {
            *seq < before_seq && e.account == account && *e.entry == *entry && *e.session == *session
        };
        Ok(self.0.iter().filter(of).cloned().collect())
    }
}

/// The rows that are not superseded are the oracle's, however the fold came to them.
fn check_live_rows(snapshot: &Snapshot, all: &[Row], journal: &[(u64, Event)]) {
    let mut live: Vec<String> = Vec::new();
    for part in &snapshot.parts {
        let block = part.block().unwrap();
        let rows = (0..block.rows).filter(|row| !part.superseded.contains(&(*row as u32)));
        live.extend(rows.map(|row| describe(&plain(&block.row(row)))));
    }
    let mut expected: Vec<String> = all.iter().map(describe).collect();
    live.sort();
    expected.sort();
    if live != expected {
        let extra: String = live.iter().filter(|row| !expected.contains(row)).map(String::as_str).collect();
        let lacking: String = expected.iter().filter(|row| !live.contains(row)).map(String::as_str).collect();
        panic!("events\n{}\nengine\n{extra}\noracle\n{lacking}", tell(journal));
    }
}

/// Events through the fold into parts, in batches, with later versions superseding earlier ones.
fn snapshot(dice: &mut Dice, journal: &[(u64, Event)]) -> Snapshot {
    let whole = Whole(journal.to_vec());
    let mut fold = Fold::new();
    let mut parts: Vec<(Arc<Block>, Vec<u32>)> = Vec::new();
    let take = |fold: &mut Fold, parts: &mut Vec<(Arc<Block>, Vec<u32>)>| {
        let changed = fold.take_changed();
        for (block, superseded) in parts.iter_mut() {
            for session in &changed {
                let same = |row: &usize| {
                    block.account[*row] == session.key.account.0
                        && block.session[*row] == session.hash
                        && block.text(TextColumn::Entry, *row) == &*session.key.entry
                };
                superseded.extend((0..block.rows).filter(same).map(|row| row as u32));
            }
            superseded.sort_unstable();
            superseded.dedup();
        }
        let rows: Vec<ViewRow> = changed.into_iter().flat_map(|session| session.rows).collect();
        parts.push((Arc::new(Block::from_rows(rows)), Vec::new()));
    };
    for (seq, event) in journal {
        fold.apply(*seq, event.clone(), &whole).unwrap();
        if dice.chance(5) {
            take(&mut fold, &mut parts);
            fold.take_closed();
        }
    }
    take(&mut fold, &mut parts);
    let parts = parts.into_iter().map(|(block, superseded)| Part::new(block, Arc::new(superseded))).collect();
    Snapshot { parts, as_of_ms: 0 }
}

fn close(a: Value, b: Value) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * a.abs().max(1.0),
        (a, b) => a == b,
    }
}

fn check_values(what: &str, got: &[Value], expected: &[Value]) {
    for (measure, (got, expected)) in Measure::ALL.iter().zip(got.iter().zip(expected)) {
        assert!(close(*got, *expected), "{what}: {} is {got:?}, should be {expected:?}", measure.name());
    }
}

/// Subjects, and the rows each covers, said again.
fn subjects(view: &AccountView) -> Vec<Subject> {
    let mut out = vec![Subject::Account, Subject::Viewer(PersonKey::UNKNOWN)];
    out.extend(view.playlists.keys().map(|id| Subject::Playlist(id.clone())));
    out.extend(view.entries.keys().map(|id| Subject::Entry(id.clone())));
    out.extend(view.people.keys().map(|p| Subject::Owner { person: *p, co_edited: false }));
    out.extend(view.people.keys().map(|p| Subject::Viewer(*p)));
    for id in view.categories.keys() {
        out.extend([true, false].map(|subtree| Subject::Category { id: id.clone(), subtree }));
    }
    out
}

fn covers(view: &AccountView, subject: &Subject, row: &Row) -> bool {
    let entry = view.entries.get(&row.entry);
    match subject {
        Subject::Account => true,
        Subject::Entry(id) => row.entry == *id,
        Subject::Owner { person, .. } => entry.is_some_and(|e| e.owner == Some(*person)),
        Subject::Category { id, subtree } => entry.is_some_and(|e| {
            let below = |c: &Text| *subtree && view.categories.get(c).is_some_and(|c| c.parent.as_ref() == Some(id));
            e.categories.iter().any(|c| c == id || below(c))
        }),
        Subject::Playlist(id) => row.facts.playlist == *id,
        Subject::Viewer(person) => row.person == *person,
    }
}

fn filters(dice: &mut Dice, oracle: &Oracle<'_>) -> Vec<Filter> {
    let mut out = Vec::new();
    let count = *dice.pick(&[0, 0, 1, 1, 2]);
    for _ in 0..count {
        let dimension = *dice.pick(Dimension::ALL);
        let mut values = Vec::new();
        for _ in 0..=dice.below(2) {
            if !oracle.all.is_empty() {
                let row = *dice.pick(oracle.all);
                values.push(dice.pick(&oracle.keys(dimension, row)).clone());
            }
        }
        if dimension.words().is_none() && dice.chance(10) {
            values.push("nonsense".into());
        }
        // Labels differ from keys in these; their texts are tested by example.
        let labelled = matches!(
            dimension,
            Dimension::Entry
                | Dimension::RootEntry
                | Dimension::Category
                | Dimension::PlaybackContext
                | Dimension::ProvedContext
                | Dimension::Playlist
                | Dimension::Viewer
                | Dimension::Owner
        );
        let operators = if labelled || values.iter().any(|v| v.is_empty()) { 2 } else { 4 };
        let operator = [Operator::Is, Operator::Not, Operator::Has, Operator::HasNot][dice.below(operators) as usize];
        out.push(Filter { dimension, operator, values });
    }
    out
}

fn check_answers(seed: u64, journal: &[(u64, Event)]) {
    let mut dice = Dice(seed ^ 0xa5a5);
    let catalog = world::catalog();
    let snapshot = snapshot(&mut dice, journal);
    let all = rows::rows(journal);
    check_live_rows(&snapshot, &all, journal);
    let account = AccountId(if dice.chance(90) { 1 } else { 2 });
    let view = &*catalog.accounts[&account];
    let of_account: Vec<&Row> = all.iter().filter(|r| r.account == account).collect();
    let oracle = Oracle { view, all: &of_account };
    for _ in 0..2 {
        let subject = dice.pick(&subjects(view)).clone();
        let scope = scope(&Caller::Administrator { account }, &catalog, &subject).unwrap();
        ask(&mut dice, &catalog, &snapshot, &oracle, &subject, &scope);
    }
}

fn ask(
    dice: &mut Dice,
    catalog: &CatalogView,
    snapshot: &Snapshot,
    oracle: &Oracle<'_>,
    subject: &Subject,
    scope: &Scope,
) {
    let view = oracle.view;
    let first = Quarter::of(world::START_MS).0;
    let (from, to) = match dice.below(4) {
        0 => (Quarter(first + dice.between(-2, 8) as i32), Quarter(first + dice.between(9, 20) as i32)),
        _ => (Quarter(first - 4), Quarter(first + 40)),
    };
    let zones =
        ["UTC", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Chicago", "America/St_Johns"];
    let zone = TimeZone::get(dice.pick::<&str>(&zones)).unwrap();
    let filters = filters(dice, oracle);
    let interval = dice.pick(&Interval::ALL).1;
    let measures = Measure::ALL.to_vec();
    let key_order = Sort { measure: None, descending: false };
    let mut panels = vec![
        Panel::Totals { measures: measures.clone() },
        Panel::Series { interval, measures: measures.clone() },
        Panel::Viewers { measures: measures.clone(), sort: key_order, offset: 0, limit: usize::MAX, find: None },
    ];
    let heat_of = dice.pick(&world::ENTRIES).0;
    panels.push(Panel::Heat { entry: heat_of.into() });
    let tables: Vec<Dimension> = (0..8).map(|_| *dice.pick(Dimension::ALL)).collect();
    for dimension in &tables {
        let measures = measures.clone();
        panels.push(Panel::Table {
            dimension: *dimension,
            measures,
            sort: key_order,
            offset: 0,
            limit: usize::MAX,
            find: None,
        });
    }
    let question = Question { from, to, zone: zone.clone(), filters, panels };
    let answered = answer(snapshot, catalog, scope, &question).unwrap();

    let in_range = |r: &&&Row| r.quarter >= i64::from(from.0) && r.quarter < i64::from(to.0);
    let covered = |r: &&&Row| covers(view, subject, r) && question.filters.iter().all(|f| oracle.passes(f, r));
    let names = |d: Dimension| question.filters.iter().any(|f| f.dimension == d);
    let chosen: Vec<&Row> = oracle.all.iter().filter(in_range).filter(covered).copied().collect();
    let is_bot = |r: &&&Row| r.bot && !names(Dimension::Bot);
    let is_suspect = |r: &&&Row| !is_bot(r) && !r.suspect.is_empty() && !names(Dimension::Suspect);
    let rows: Vec<&Row> = chosen.iter().filter(|r| !is_bot(r) && !is_suspect(r)).copied().collect();
    let values = |rows: &[&Row], best| measures.iter().map(|m| oracle.value(*m, rows, best)).collect::<Vec<_>>();

    // Left out.
    let sum = |rows: &mut dyn Iterator<Item = &&Row>, column| rows.map(|r| r.get(column)).sum::<u64>();
    let all = |column| sum(&mut rows.iter(), column);
    let left_out = LeftOut {
        bot_rows: chosen.iter().filter(is_bot).count() as u64,
        bot_events: sum(&mut chosen.iter().filter(is_bot), SumColumn::Events),
        suspect_rows: chosen.iter().filter(is_suspect).count() as u64,
        suspect_events: sum(&mut chosen.iter().filter(is_suspect), SumColumn::Events),
        duplicates: all(SumColumn::Duplicates),
        late: all(SumColumn::Late),
        identity_refused: all(SumColumn::IdentityUnsigned)
            + all(SumColumn::IdentityInvalid)
            + all(SumColumn::IdentityOther),
        unknown_plays: sum(&mut rows.iter().filter(|r| r.person == PersonKey::UNKNOWN), SumColumn::Plays),
        page_unknown_plays: sum(&mut rows.iter().filter(|r| r.facts.page.is_empty()), SumColumn::Plays),
        other_plays: sum(&mut rows.iter().filter(|r| &*r.facts.page == "other"), SumColumn::Plays),
        downloads: all(SumColumn::Downloads),
        rows: rows.len() as u64,
    };
    assert_eq!(answered.left_out, left_out, "{question:?}");

    let about = format!("{subject:?} {:?}..{:?} {:?}", from, to, question.filters);
    let mut answers = answered.answers.into_iter();
    let Some(Answer::Totals(totals)) = answers.next() else { panic!("totals") };
    check_values(&format!("total of {about}"), &totals, &values(&rows, None));

    let Some(Answer::Series(series)) = answers.next() else { panic!("series") };
    let cut = buckets(from, to, &zone, interval).unwrap();
    assert_eq!(series.len(), cut.len());
    for ((start, label, got), bucket) in series.into_iter().zip(cut) {
        assert_eq!((start, &*label), (bucket.from.start_ms(), &*bucket.label));
        let inside = |r: &&&Row| r.quarter >= i64::from(bucket.from.0) && r.quarter < i64::from(bucket.to.0);
        let inside: Vec<&Row> = rows.iter().filter(inside).copied().collect();
        check_values(&format!("{label} of {about}"), &got, &values(&inside, None));
    }

    let by = |keys: &dyn Fn(&Row) -> Vec<Text>| {
        let mut groups: BTreeMap<Text, Vec<&Row>> = BTreeMap::new();
        for row in &rows {
            for key in keys(row) {
                groups.entry(key).or_default().push(row);
            }
        }
        groups
    };
    let best_of = |groups: &BTreeMap<Text, Vec<&Row>>| {
        let most = |m: Measure| groups.values().filter_map(|rows| oracle.value(m, rows, None)).fold(0.0, f64::max);
        Some((most(Measure::Plays), most(Measure::Viewers)))
    };

    let Some(Answer::Viewers { rows: got, total }) = answers.next() else { panic!("viewers") };
    let groups = by(&|row| vec![person(row.person)]);
    let best = best_of(&groups);
    assert_eq!((got.len(), total), (groups.len(), groups.len()));
    for viewer in got {
        let rows = &groups[&person(viewer.person)];
        check_values(&format!("viewer {} of {about}", viewer.label), &viewer.values, &values(rows, best));
        assert_eq!(viewer.first_ms, rows.iter().map(|r| r.first_ms).min().unwrap());
        assert_eq!(viewer.last_ms, rows.iter().map(|r| r.last_ms).max().unwrap());
        assert_eq!(viewer.proof, rows.iter().map(|r| r.proof as u8).min().unwrap());
        if let Subject::Entry(_) = subject {
            let mut seconds: BTreeMap<u32, u32> = BTreeMap::new();
            for (second, times) in rows.iter().flat_map(|r| &r.coverage) {
                *seconds.entry(*second).or_default() += times;
            }
            let got: BTreeMap<u32, u32> =
                viewer.coverage.iter().flat_map(|s| (s.from..s.to).map(|second| (second, s.times))).collect();
            assert_eq!(got, seconds, "coverage of {} in {about}", viewer.label);
            let joined = viewer.coverage.windows(2).all(|w| w[0].to < w[1].from || w[0].times != w[1].times);
            assert!(joined, "{:?}", viewer.coverage);
        }
    }

    let Some(Answer::Heat { seconds, views, viewers }) = answers.next() else { panic!("heat") };
    let of_entry: Vec<&Row> = rows.iter().filter(|r| *r.entry == *heat_of).copied().collect();
    let known = oracle.length(heat_of).map(|ms| ms.div_ceil(1000) as u32);
    let furthest = of_entry.iter().flat_map(|r| r.coverage.keys()).max().map_or(0, |second| second + 1);
    let scoped = match subject {
        Subject::Entry(id) => **id == *heat_of,
        Subject::Owner { .. } | Subject::Category { .. } => view
            .entries
            .get(heat_of)
            .is_some_and(|_| covers(view, subject, &Row { entry: heat_of.into(), ..Row::default() })),
        _ => true,
    };
    let one_entry_elsewhere = question.filters.iter().any(|f| f.dimension == Dimension::Entry);
    if !one_entry_elsewhere {
        assert_eq!(seconds, known.filter(|_| scoped).unwrap_or(furthest), "seconds of {heat_of} in {about}");
    }
    for second in 0..seconds {
        let all: u64 = of_entry.iter().filter_map(|r| r.coverage.get(&second)).map(|n| u64::from(*n)).sum();
        let who: BTreeSet<_> = of_entry.iter().filter(|r| r.coverage.contains_key(&second)).map(|r| r.person).collect();
        assert_eq!((views[second as usize], viewers[second as usize]), (all, who.len() as u64), "second {second}");
    }

    for dimension in tables {
        let Some(Answer::Table { rows: got, total }) = answers.next() else { panic!("table") };
        let groups = by(&|row| oracle.keys(dimension, row));
        let best = best_of(&groups);
        let keys: BTreeSet<Text> = got.iter().map(|row| row.key.clone()).collect();
        assert_eq!(keys, groups.keys().cloned().collect(), "keys by {dimension:?} of {about}");
        assert_eq!((total, got.len()), (groups.len(), groups.len()));
        for row in got {
            let what = format!("{dimension:?} {:?} of {about}", row.key);
            check_values(&what, &row.values, &values(&groups[&row.key], best));
        }
    }
}

/// The default keeps the whole test under a minute; `PROPTEST_CASES`, which proptest reads, is 256 without and scales all.
fn cases(n: u32) -> ProptestConfig {
    let standard = ProptestConfig::default();
    ProptestConfig { cases: (n * standard.cases / 256).max(1), failure_persistence: None, ..standard }
}

proptest! {
    #![proptest_config(cases(300))]
    #[test]
    fn the_fold_equals_the_oracle(seed: u64, steps in 0_u64..30) {
        check_rows(&world::journal(seed, 1, steps));
    }
}

proptest! {
    #![proptest_config(cases(40))]
    #[test]
    fn answers_equal_the_oracle(seed: u64, sessions in 1_u64..9, steps in 0_u64..14) {
        check_answers(seed, &world::journal(seed, sessions, steps));
    }
}

proptest! {
    #![proptest_config(cases(20))]
    /// Ruling 23: parts may be cut and ordered as they like.
    #[test]
    fn answers_do_not_depend_on_how_rows_lie_in_parts(seed: u64) {
        let journal = world::journal(seed, 8, 10);
        let mut dice = Dice(seed);
        let mut rows: Vec<ViewRow> = Vec::new();
        let mut sessions: BTreeMap<_, Vec<(u64, Event)>> = BTreeMap::new();
        for (seq, event) in journal {
            sessions.entry(session_key(&event, seq)).or_default().push((seq, event));
        }
        sessions.values().for_each(|events| rows.extend(fold_session(events)));
        let catalog = world::catalog();
        let scope = scope(&Caller::Administrator { account: AccountId(1) }, &catalog, &Subject::Account).unwrap();
        let first = Quarter::of(world::START_MS).0;
        let sort = Sort { measure: Some(Measure::MinutesViewed), descending: true };
        let measures = Measure::ALL.to_vec();
        let mut panels: Vec<Panel> = Dimension::ALL
            .iter()
            .map(|d| Panel::Table { dimension: *d, measures: measures.clone(), sort, offset: 0, limit: 1000, find: None })
            .collect();
        panels.push(Panel::Series { interval: Interval::Hour, measures: measures.clone() });
        panels.push(Panel::Heat { entry: "1_a".into() });
        let question = Question { from: Quarter(first - 4), to: Quarter(first + 40), zone: TimeZone::UTC, filters: vec![], panels };
        let one = Snapshot { parts: vec![Part::new(Arc::new(Block::from_rows(rows.clone())), Arc::default())], as_of_ms: 0 };
        let mut piles: Vec<Vec<ViewRow>> = vec![Vec::new(); 5];
        for row in rows {
            piles[dice.below(5) as usize].push(row);
        }
        let parts = piles.into_iter().map(|rows| Part::new(Arc::new(Block::from_rows(rows)), Arc::default())).collect();
        let many = Snapshot { parts, as_of_ms: 0 };
        prop_assert_eq!(answer(&one, &catalog, &scope, &question).unwrap(), answer(&many, &catalog, &scope, &question).unwrap());
    }
}

/// Seeds that found something.
#[test]
fn seeds_that_found_something() {
    check_rows(&world::journal(6_202_378_489_497_192_440, 1, 4));
    check_answers(6_202_378_489_497_192_440, &world::journal(6_202_378_489_497_192_440, 1, 4));
    check_rows(&world::journal(17_851_033_699_044_017_558, 1, 20));
}
