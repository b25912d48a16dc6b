//! Reports a person can read: `tests/reports/*.report`, one for each point of the two lists of rough edges that we mean
//! to do better (README.md beside them says which). A file tells a small catalog, a few events, questions, and the
//! answers, which were reckoned by hand from the glossary and the rulings.
//!
//! `UPDATE_EXPECT=1` rewrites the answers; the diff is then to be checked by thinking, not by trusting the program.

mod script;

use engine::access::{Caller, Subject, scope};
use engine::block::{Block, Part, Snapshot};
use engine::event::{AccountId, Event, PersonKey};
use engine::fold::{fold_session, session_key};
use engine::glossary::{Dimension, Measure, Unit};
use engine::period::{Calendar, Compare, Range, compare, resolve};
use engine::query::{Answered, Budget, answer};
use engine::question::{Answer, Filter, LeftOut, Operator, Page, Panel, Question, Sort, Value, View};
use expect_test::expect_file;
use jiff::tz::TimeZone;
use script::{Ask, Script, instant_text};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reports")
}

fn files() -> Vec<PathBuf> {
    let all = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = all.filter(|path| path.extension().is_some_and(|e| e == "report")).collect();
    files.sort();
    files
}

/// Each title begins with its point; the answers in the file are those of the program.
#[test]
fn answers_are_as_reckoned() {
    let files = files();
    assert!(files.len() > 20, "{} reports", files.len());
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(text.starts_with(&format!("{} ", &name[..5])), "{name}: the title begins with the point's number");
        let script = Script::parse(&name, &text);
        let snapshot = fold(&script.events);
        let answers: Vec<String> = script.asks.iter().map(|ask| tell(&script, &snapshot, ask)).collect();
        expect_file![path].assert_eq(&script.with_answers(&answers));
    }
}

/// The page says of each point where it is tested, and every report is on the page.
#[test]
fn every_point_is_accounted_for() {
    let page = std::fs::read_to_string(folder().join("README.md")).unwrap();
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| k") || line.starts_with("| u")).collect();
    let points = (1..=22).map(|n| format!("k7-{n:02}")).chain((1..=15).map(|n| format!("ui-{n:02}")));
    let points: Vec<String> = points.collect();
    let told: Vec<&str> = rows.iter().map(|row| row.split('|').nth(1).unwrap().trim()).collect();
    assert_eq!(told, points);
    for point in &points {
        let row = rows.iter().find(|row| row.contains(point.as_str())).unwrap();
        let file = files().into_iter().find(|path| path.file_name().unwrap().to_string_lossy().starts_with(&**point));
        let named = file.map(|path| path.file_name().unwrap().to_string_lossy().into_owned());
        assert_eq!(row.contains(".report"), named.is_some(), "{row}");
        assert!(named.is_none_or(|name| row.contains(&name)), "{row}");
    }
}

fn fold(events: &[Event]) -> Snapshot {
    let mut sessions: BTreeMap<_, Vec<(u64, Event)>> = BTreeMap::new();
    for (event, seq) in events.iter().zip(1..) {
        sessions.entry(session_key(event, seq)).or_default().push((seq, event.clone()));
    }
    let rows = sessions.values().flat_map(|events| fold_session(events)).collect();
    Snapshot::of(vec![Part::new(Arc::new(Block::from_rows(rows)), Arc::default())])
}

/// The answer as aligned text.
fn tell(script: &Script, snapshot: &Snapshot, ask: &Ask) -> String {
    let zone = TimeZone::get(ask.one("zone").unwrap_or("UTC")).unwrap();
    let view = &*script.catalog.accounts[&AccountId(1)];
    let terms = view.term_list();
    let created_ms = Some(view.created_ms);
    let calendar = Calendar { terms: &terms, created_ms, ..Calendar::new(script.now_ms, &zone) };
    let range = match resolve(ask.one("period").unwrap_or("2026-10-05"), &calendar) {
        Ok(range) => range,
        Err(error) => return format!("error: {error}\n"),
    };
    if ask.shows == "period" {
        let with = ask.one("vs").map(|word| compare(&range, &Compare::parse(word).unwrap(), &calendar).unwrap());
        return period(&zone, &range, with.as_ref());
    }
    let measures: Vec<Measure> = ask.many("measures").iter().map(|word| Measure::parse(word).unwrap()).collect();
    let by: Vec<Dimension> = ask.many("by").iter().map(|word| Dimension::parse(word).unwrap()).collect();
    let view = match ask.shows.as_str() {
        "totals" | "left_out" => View::Totals { measures: measures.clone() },
        "series" => View::Series { by: by[0], measures: measures.clone() },
        "heat" => View::Heat { entry: ask.one("entry").unwrap().into() },
        "table" => {
            View::Table { by: by.clone(), measures: measures.clone(), page: page(ask, &by, &measures), coverage: false }
        }
        other => panic!("{other} cannot be shown"),
    };
    let subject = subject(ask.one("subject").unwrap_or("account"));
    let caller = Caller::administrator(AccountId(1));
    let scope = scope(&caller, &script.catalog, &subject, script.now_ms).unwrap();
    let filters = ask.all("filter").map(|words| filter(words, script)).collect();
    let question = Question { from: range.from, to: range.to, filters, panels: vec![Panel::new(view)] };
    let answered = match answer(snapshot, &script.catalog, &calendar, &scope, &question, &Budget::default()) {
        Ok(answered) => answered,
        Err(error) => return format!("error: {error}\n"),
    };
    let key = ask.has("keys");
    shown(ask, &by, &measures, answered, key)
}

fn shown(ask: &Ask, by: &[Dimension], measures: &[Measure], answered: Answered, with_keys: bool) -> String {
    if ask.shows == "left_out" {
        return left_out(answered.left_out);
    }
    let names = measures.iter().map(|measure| measure.name().to_owned());
    let words = |values: &[Value]| -> Vec<String> {
        measures.iter().zip(values).map(|(measure, value)| number(*measure, *value)).collect()
    };
    let dimensions = by.iter().map(|dimension| dimension.name().to_owned());
    match answered.answers.into_iter().next().unwrap() {
        Answer::Totals(values) => aligned(0, vec![names.collect(), words(&values)]),
        Answer::Series(points) => {
            let head = vec![dimensions.chain(names).collect()];
            let lines = points.iter().map(|point| [vec![point.label.to_string()], words(&point.values)].concat());
            aligned(1, head.into_iter().chain(lines).collect())
        }
        Answer::Table { rows, total } => {
            let key_names = by.iter().filter(|_| with_keys).map(|dimension| format!("key of {}", dimension.name()));
            let head: Vec<String> = dimensions.chain(key_names).chain(names).collect();
            let texts = by.len() * if with_keys { 2 } else { 1 };
            let line = |row: &engine::question::TableRow| {
                let keys = row.keys.iter().filter(|_| with_keys);
                let texts = row.labels.iter().chain(keys).map(|text| text.to_string()).collect();
                [texts, words(&row.values)].concat()
            };
            let (shown, lines) = (rows.len(), rows.iter().map(line));
            let table = aligned(texts, [head].into_iter().chain(lines).collect());
            format!("{table}{shown} of {total} rows\n")
        }
        Answer::Heat { seconds, views, viewers, unknown } => {
            let mut lines = vec![vec![
                "from".to_owned(),
                "to".to_owned(),
                "views".to_owned(),
                "viewers".to_owned(),
                "unknown".to_owned(),
            ]];
            let mut from = 0;
            for second in 1..=seconds as usize {
                let at = |second: usize| (views.get(second), viewers.get(second), unknown.get(second));
                if second == seconds as usize || at(second) != at(from) {
                    let [a, b, c] = [&views, &viewers, &unknown].map(|of| of[from].to_string());
                    lines.push(vec![clock(from), clock(second), a, b, c]);
                    from = second;
                }
            }
            aligned(0, lines)
        }
        Answer::Rows { .. } => panic!("rows are not asked for"),
    }
}

fn clock(seconds: usize) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

fn period(zone: &TimeZone, range: &Range, with: Option<&Range>) -> String {
    let line = |what: &str, range: &Range| {
        let (from, to) = (instant_text(range.from.start_ms(), zone), instant_text(range.to.start_ms(), zone));
        vec![what.to_owned(), from, to, range.days().to_string()]
    };
    let head = ["", "from", "to", "days"].map(str::to_owned).to_vec();
    let lines = [line("asked", range)].into_iter().chain(with.map(|with| line("compared with", with)));
    aligned(3, [head].into_iter().chain(lines).collect())
}

/// What was left out and must be known, where there is any.
fn left_out(counted: LeftOut) -> String {
    let told = format!("{counted:?}");
    let fields = told.trim_start_matches("LeftOut { ").trim_end_matches(" }").split(", ");
    let lines = fields.filter(|field| !field.ends_with(": 0")).map(|field| {
        let (name, count) = field.split_once(": ").unwrap();
        vec![name.to_owned(), count.to_owned()]
    });
    aligned(1, lines.collect())
}

fn number(measure: Measure, value: Value) -> String {
    match value {
        None => "-".to_owned(),
        Some(ms) if measure.unit() == Unit::Instant => instant_text(ms as i64, &TimeZone::UTC),
        Some(value) => {
            let text = format!("{value:.4}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
    }
}

/// Columns two blanks apart: so many texts to the left, numbers to the right.
fn aligned(texts: usize, lines: Vec<Vec<String>>) -> String {
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let length = |text: &String| text.chars().count();
    let width: Vec<usize> = (0..columns)
        .map(|column| lines.iter().filter_map(|line| line.get(column)).map(length).max().unwrap_or(0))
        .collect();
    let mut out = String::new();
    for line in lines {
        let cells = line.iter().enumerate().map(|(column, cell)| {
            let blanks = " ".repeat(width[column] - length(cell));
            if column < texts { format!("{cell}{blanks}") } else { format!("{blanks}{cell}") }
        });
        out.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        out.push('\n');
    }
    out
}

fn page(ask: &Ask, by: &[Dimension], measures: &[Measure]) -> Page {
    let sort = match ask.one("sort") {
        None => engine::report::order(by, measures),
        Some(word) => {
            let (descending, word) = word.strip_prefix('-').map_or((false, word), |word| (true, word));
            let measure = (word != "label").then(|| Measure::parse(word).unwrap());
            Sort { measure, descending }
        }
    };
    let count = |name: &'static str| ask.one(name).map(|word| word.parse::<usize>().unwrap());
    Page {
        sort,
        offset: count("offset").unwrap_or(0),
        limit: count("limit").unwrap_or(usize::MAX),
        find: ask.one("find").map(Into::into),
    }
}

fn subject(words: &str) -> Subject {
    let (kind, id) = words.split_once(':').unwrap_or((words, ""));
    match kind {
        "account" => Subject::Account,
        "category" => Subject::Category { id: id.into(), subtree: false },
        "subtree" => Subject::Category { id: id.into(), subtree: true },
        "playlist" => Subject::Playlist(id.into()),
        other => panic!("no subject {other}"),
    }
}

/// `country is Austria | Germany`; people by their ids.
fn filter(words: &str, script: &Script) -> Filter {
    let (dimension, rest) = words.split_once(' ').unwrap();
    let dimension = Dimension::parse(dimension).unwrap();
    let operators =
        [("is not ", Operator::Not), ("is ", Operator::Is), ("has not ", Operator::HasNot), ("has ", Operator::Has)];
    let (word, operator) = operators.into_iter().find(|(word, _)| rest.starts_with(word)).unwrap();
    let value = |value: &str| match dimension {
        Dimension::Viewer | Dimension::Owner => crate::oracle::answers::person(match value {
            "unknown" => PersonKey::UNKNOWN,
            id => script.person(id),
        }),
        _ => value.into(),
    };
    Filter { dimension, operator, values: rest[word.len()..].split(" | ").map(value).collect() }
}
