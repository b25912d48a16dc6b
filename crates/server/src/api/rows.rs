//! The view rows behind a number: page by page, or all of them as a file. Files are made some recordings at a time, so that
//! they take the same little memory however many rows there are.

use super::answer::{Rows, instant};
use super::ask::{Ask, Page};
use super::caveat::{self, Caveat, caveats};
use super::entries::person_id;
use super::shape::unexpected;
use crate::error::{ApiError, ApiResult};
use crate::sheet::{Cell, Column, Kind};
use engine::access::People;
use engine::event::{PersonKey, Text};
use engine::glossary::{Dimension, Measure};
use engine::question::{Answer, Filter, Operator, Page as EnginePage, Panel, Sort, View};
use engine::row::{Mark, Span, SumColumn, TextColumn, ViewRow};
use serde::Serialize;
use std::collections::{BTreeMap, VecDeque};
use utoipa::ToSchema;

/// A view row: what a session did to a recording within one quarter of an hour.
#[derive(Debug, Serialize, ToSchema)]
pub struct ViewRowShown {
    /// Entry id.
    entry: String,
    /// The quarter of an hour, by its first instant (RFC 3339).
    bucket: String,
    /// Hash of the session id, 16 hex digits.
    session: String,
    /// `vod`, `live`, `dvr` or `offline`.
    playback: &'static str,
    /// The viewer's key; `unknown` is everybody who is not known.
    viewer: String,
    /// Their name, as far as it may be seen.
    viewer_label: String,
    /// How we know: `none`, `claimed`, `verified`.
    viewer_proof: &'static str,
    /// Course staff.
    staff: bool,
    /// A bot.
    bot: bool,
    /// First event (RFC 3339).
    first_at: String,
    /// Last event (RFC 3339).
    last_at: String,
    /// What is known of place, device and page; what is not known is not there.
    facts: BTreeMap<&'static str, String>,
    /// Counts and sums that are not zero.
    sums: BTreeMap<&'static str, u64>,
    /// Seconds watched, `[from, to, times]`.
    coverage: Vec<[u32; 3]>,
    /// Everything else: event type, variable, value, how often.
    marks: Vec<(u32, String, String, u32)>,
}

/// One page of view rows.
#[derive(Debug, Serialize, ToSchema)]
pub struct ViewRows {
    /// By recording and time.
    rows: Vec<ViewRowShown>,
    /// How many there are in all.
    total: usize,
    /// Which page, from 1.
    page: usize,
    /// Rows on a page.
    size: usize,
}

/// Who is in a row, as far as the scope lets it be seen: key and name.
fn viewer(ask: &Ask, person: PersonKey) -> (String, String) {
    let key = person_id(person);
    if person == PersonKey::UNKNOWN {
        return (key, "Unknown".to_owned());
    }
    if ask.scope().people() != People::Names {
        let short = format!("Viewer {}", &key[..6]);
        return (short.clone(), short);
    }
    let name = ask.account().people.get(&person).map(|person| person.name.to_string());
    (key.clone(), name.filter(|name| !name.is_empty()).unwrap_or(key))
}

/// One page of rows.
///
/// # Errors
/// What the engine refuses.
pub fn page(ask: &Ask, page: Page) -> ApiResult<(ViewRows, Vec<Caveat>)> {
    let panel = Panel::new(View::Rows { offset: page.offset(), limit: page.size });
    let mut answered = ask.answer(vec![panel])?.now;
    let Some(Answer::Rows { rows, total }) = answered.answers.pop() else { return Err(unexpected()) };
    let rows = rows.iter().map(|row| shown(ask, row)).collect();
    let mut caveats = caveats(ask, &answered.left_out, &[], false);
    caveat::add(&mut caveats, caveat::not_attendance());
    Ok((ViewRows { rows, total, page: page.page, size: page.size }, caveats))
}

fn shown(ask: &Ask, row: &ViewRow) -> ViewRowShown {
    let (viewer, viewer_label) = viewer(ask, row.person);
    let facts = TextColumn::ALL.iter().filter(|column| **column != TextColumn::Entry);
    let facts =
        facts.map(|column| (column.column(), row.text(*column).to_owned())).filter(|(_, text)| !text.is_empty());
    let sums = SumColumn::ALL.iter().map(|column| (column.column(), row.get(*column))).filter(|(_, sum)| *sum > 0);
    let mark = |mark: &Mark| (mark.kind, mark.name.to_string(), mark.value.to_string(), mark.count);
    ViewRowShown {
        entry: row.text(TextColumn::Entry).to_owned(),
        bucket: instant(row.quarter.start_ms()),
        session: format!("{:016x}", row.session),
        playback: row.playback.name(),
        viewer,
        viewer_label,
        viewer_proof: row.proof.name(),
        staff: row.staff,
        bot: row.bot,
        first_at: instant(row.first_ms),
        last_at: instant(row.last_ms),
        facts: facts.collect(),
        sums: sums.collect(),
        coverage: row.coverage.iter().map(|span| [span.from, span.to, span.times]).collect(),
        marks: row.marks.iter().map(mark).collect(),
    }
}

/// Rows read for a file at a time, about: some tens of megabytes. A recording with more is read at once.
const ROWS_AT_A_TIME: f64 = 100_000.0;

/// All rows (or those of a page) as a file.
///
/// # Errors
/// What the engine refuses.
pub fn file(mut ask: Ask, page: Page) -> ApiResult<(Ask, Rows, Vec<Caveat>)> {
    let sort = Sort { measure: None, descending: false };
    let (by, measures) = (vec![Dimension::Entry], vec![Measure::Events]);
    let recordings = Panel::new(View::Table { by, measures, page: EnginePage::all(sort), coverage: false });
    // Whom the rows are of is known (and in the access log) before the first of them is read.
    let (by, measures) = (vec![Dimension::Viewer], vec![Measure::Events]);
    let viewers = Panel::new(View::Table { by, measures, page: EnginePage::all(sort), coverage: false });
    if !ask.permits(&Panel::new(View::Rows { offset: 0, limit: page.size })) {
        return Err(ApiError::not_found());
    }
    let mut answered = ask.answer(vec![viewers, recordings])?.now;
    let Some(Answer::Table { rows, .. }) = answered.answers.pop() else { return Err(unexpected()) };
    let mut caveats = caveats(&ask, &answered.left_out, &[], false);
    caveat::add(&mut caveats, caveat::not_attendance());
    // A row has an event at least.
    let mut recordings: Vec<(Text, f64)> =
        rows.into_iter().map(|row| (row.keys[0].clone(), row.values[0].unwrap_or(0.0))).collect();
    recordings.sort_by(|a, b| a.0.cmp(&b.0));
    let mut waiting: VecDeque<Vec<Text>> = VecDeque::new();
    let mut rows = f64::INFINITY;
    for (entry, events) in recordings {
        if rows + events > ROWS_AT_A_TIME {
            waiting.push_back(Vec::new());
            rows = 0.0;
        }
        rows += events;
        waiting.back_mut().expect("it was just pushed").push(entry);
    }
    ask.source.cost = ask.source.cost.outliving();
    let left = usize::try_from(answered.left_out.rows).unwrap_or(usize::MAX);
    let reader = Reader { ask: ask.clone(), waiting, ready: VecDeque::new(), left };
    let rows = Rows {
        title: "Views",
        columns: columns(),
        rows: Box::new(reader.skip(page.offset()).take(page.size)),
        note: Some(caveat::NOT_ATTENDANCE),
    };
    Ok((ask, rows, caveats))
}

/// Reads the rows of some recordings, and then those of the next.
struct Reader {
    ask: Ask,
    waiting: VecDeque<Vec<Text>>,
    ready: VecDeque<ViewRow>,
    /// Rows to come, in all.
    left: usize,
}

impl Iterator for Reader {
    type Item = ApiResult<Vec<Cell<'static>>>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.is_empty() {
            let values = self.waiting.pop_front()?;
            let filters = vec![Filter { dimension: Dimension::Entry, operator: Operator::Is, values }];
            let panel = Panel { view: View::Rows { offset: 0, limit: usize::MAX }, filters };
            match self.ask.answer_now(vec![panel]) {
                Ok(mut answered) => match answered.answers.pop() {
                    Some(Answer::Rows { rows, .. }) => self.ready = rows.into(),
                    _ => return Some(Err(unexpected())),
                },
                Err(error) => return Some(Err(error)),
            }
        }
        self.left = self.left.saturating_sub(1);
        self.ready.pop_front().map(|row| Ok(cells(&self.ask, row)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

fn columns() -> Vec<Column> {
    let text = |id: &str, label: &str, definition: &str| Column::new(id, label, Kind::Text).definition(definition);
    let mut columns = vec![
        text("entry", "Recording", "Entry id."),
        Column::new("bucket", "Quarter of an hour", Kind::Instant).definition("By its first instant."),
        text("session", "Session", "Hash of the session id, 16 hex digits."),
        text("playback", "Playback", "vod, live, dvr or offline."),
        text("viewer", "Viewer", "The viewer's key; unknown is everybody who is not known."),
        text("viewer_label", "Viewer, name", "Their name."),
        text("viewer_proof", "How we know", "none, claimed or verified."),
        Column::new("staff", "Staff", Kind::Flag).definition("Course staff."),
        Column::new("bot", "Bot", Kind::Flag).definition("A bot, by its user agent."),
        Column::new("first_at", "First event", Kind::Instant),
        Column::new("last_at", "Last event", Kind::Instant),
    ];
    let texts = TextColumn::ALL.iter().filter(|column| **column != TextColumn::Entry);
    columns.extend(texts.map(|column| text(column.column(), column.column(), column.meaning())));
    let sum =
        |column: &SumColumn| Column::new(column.column(), column.column(), Kind::Whole).definition(column.meaning());
    columns.extend(SumColumn::ALL.iter().map(sum));
    columns.extend([
        text("coverage", "Seconds watched", "From-to and how often: 0-30x1 45-60x2."),
        text("fresh", "Seconds watched for the first time", "From-to, the first time in the session."),
        text(
            "attention",
            "Attention",
            "State and milliseconds: sound + 3 tab + 9 view + 27 screen, each 0 not said, 1 off, 2 on.",
        ),
        text("marks", "Everything else", "JSON: event type, variable, value, how often."),
    ]);
    columns
}

fn cells(ask: &Ask, row: ViewRow) -> Vec<Cell<'static>> {
    let text = |text: &str| Cell::Text(text.to_owned().into());
    let (key, name) = viewer(ask, row.person);
    let mut cells = vec![
        text(row.text(TextColumn::Entry)),
        Cell::Instant(row.quarter.start_ms()),
        Cell::Text(format!("{:016x}", row.session).into()),
        text(row.playback.name()),
        Cell::Text(key.into()),
        Cell::Text(name.into()),
        text(row.proof.name()),
        Cell::Flag(row.staff),
        Cell::Flag(row.bot),
        Cell::Instant(row.first_ms),
        Cell::Instant(row.last_ms),
    ];
    let texts = TextColumn::ALL.iter().filter(|column| **column != TextColumn::Entry);
    cells.extend(texts.map(|column| text(row.text(*column))));
    cells.extend(SumColumn::ALL.iter().map(|column| Cell::Whole(row.get(*column) as i64)));
    let spans = |spans: &[Span]| spans.iter().map(|s| format!("{}-{}x{}", s.from, s.to, s.times)).collect::<Vec<_>>();
    let fresh: Vec<String> = row.fresh.iter().map(|s| format!("{}-{}", s.from, s.to)).collect();
    let attention: Vec<String> = row.attention.iter().map(|a| format!("{}={}", a.state, a.ms)).collect();
    let marks: Vec<_> = row.marks.iter().map(|m| (m.kind, &*m.name, &*m.value, m.count)).collect();
    let marks = if marks.is_empty() { String::new() } else { serde_json::to_string(&marks).unwrap_or_default() };
    cells.extend(
        [spans(&row.coverage).join(" "), fresh.join(" "), attention.join(" "), marks].map(|t| Cell::Text(t.into())),
    );
    cells
}
