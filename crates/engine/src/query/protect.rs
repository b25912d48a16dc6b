//! Answers for those who may not see names: no figure about fewer known people than [`Scope::smallest_group`], none from
//! which such a figure follows by one subtraction, no exact times, and nothing about a single person.
//!
//! - A total, row or bucket with 1 to k - 1 known people in it is hidden. Unknown viewers are nobody in particular: they
//!   do not make a figure hidden, nor safe.
//! - If a row or bucket is hidden, so are others of its line (the rows that differ from it in one dimension only) until at
//!   least two are, with at least k people between them: otherwise the line's total would tell.
//! - If those whom one of the filters leaves out are 1 to k - 1, all is hidden: the difference to the answer without that
//!   filter would tell.
//!
//! Two questions about overlapping ranges or filters can still be subtracted from each other; that is noted in
//! docs/security.md. The order of hidden rows tells nothing: they come last, by their keys.

use super::{Answered, QueryError};
use crate::access::{People, Scope};
use crate::event::Text;
use crate::glossary::{Dimension, Measure, Unit};
use crate::question::{Answer, Filter, LeftOut, Page, Panel, Point, Question, TableRow, Value, View};
use std::collections::BTreeMap;

type Ask<'a> = &'a dyn Fn(&Question) -> Result<Answered, QueryError>;

/// Answers, with what must not be told left out.
pub(super) fn answer(scope: &Scope, question: &Question, ask: Ask<'_>) -> Result<Answered, QueryError> {
    for panel in &question.panels {
        check(scope.people, &question.filters, panel)?;
    }
    let group = Group(u64::from(scope.smallest_group));
    let counted = question.panels.iter().map(|panel| Panel { view: with_people(&panel.view), ..panel.clone() });
    // Of how many people each panel is as a whole.
    let people = || View::Totals { measures: vec![Measure::KnownPeople] };
    let whole = question.panels.iter().map(|panel| Panel { view: people(), ..panel.clone() });
    // Whom each of a panel's own filters leaves out.
    let own = question.panels.iter().map(|panel| opposites(&panel.filters));
    let own: Vec<Vec<Vec<Filter>>> = own.collect();
    let others = own.iter().flatten().map(|filters| Panel { view: people(), filters: filters.clone() });
    let panels: Vec<Panel> = counted.chain(whole).chain(others).collect();
    let asked = ask(&Question { panels, ..question.clone() })?;
    let count = question.panels.len();
    let mut answers = asked.answers;
    let mut left_over = answers.split_off(2 * count).into_iter().map(|answer| known(&answer));
    let wholes: Vec<u64> = answers.split_off(count).iter().map(known).collect();
    let differs = opposites(&question.filters).into_iter().map(|filters| {
        let alone = Panel::new(people());
        let asked = ask(&Question { filters, panels: vec![alone], ..question.clone() })?;
        Ok(group.is_small(asked.answers.first().map_or(0, known)))
    });
    let all_hidden = differs.collect::<Result<Vec<bool>, QueryError>>()?.contains(&true);
    let mut hidden = Hidden { group, cells: 0 };
    let mut shown = Vec::with_capacity(count);
    for (((panel, answer), people), own) in question.panels.iter().zip(answers).zip(&wholes).zip(&own) {
        let own_differs = left_over.by_ref().take(own.len()).filter(|people| group.is_small(*people)).count() > 0;
        shown.push(hidden.panel(&panel.view, answer, *people, all_hidden || own_differs));
    }
    let telling = !all_hidden && !wholes.iter().any(|people| group.is_small(*people));
    let left_out = if telling { asked.left_out } else { LeftOut::default() };
    Ok(Answered { answers: shown, left_out: LeftOut { hidden: hidden.cells, ..left_out } })
}

/// Refuses what is about single people. Pseudonyms may be listed, but not split or filtered by anything else.
pub(super) fn check(people: People, filters: &[Filter], panel: &Panel) -> Result<(), QueryError> {
    let mut filters = filters.iter().chain(&panel.filters);
    if filters.any(|filter| filter.dimension == Dimension::Viewer) {
        return Err(QueryError::NoPeople);
    }
    match &panel.view {
        View::Rows { .. } => Err(QueryError::NoPeople),
        View::Table { by, .. } if by.contains(&Dimension::Viewer) => {
            if people == People::Pseudonyms && by.len() == 1 {
                Ok(())
            } else {
                Err(QueryError::NoPeople)
            }
        }
        _ => Ok(()),
    }
}

/// For each filter: itself turned round, with all the others as they are.
fn opposites(filters: &[Filter]) -> Vec<Vec<Filter>> {
    let turned = |turned: usize| {
        let mut filters = filters.to_vec();
        filters[turned].operator = filters[turned].operator.opposite();
        filters
    };
    (0..filters.len()).map(turned).collect()
}

/// The view with the number of known people as its last measure; of tables all rows, because what is hidden depends on
/// all.
fn with_people(view: &View) -> View {
    let mut view = view.clone();
    match &mut view {
        View::Totals { measures } | View::Series { measures, .. } => measures.push(Measure::KnownPeople),
        View::Table { measures, page, .. } => {
            measures.push(Measure::KnownPeople);
            *page = Page::all(page.sort);
        }
        View::Heat { .. } | View::Rows { .. } => {}
    }
    view
}

/// The last value, which counts known people.
fn last(values: &[Value]) -> u64 {
    values.last().copied().flatten().unwrap_or(0.0) as u64
}

fn known(answer: &Answer) -> u64 {
    if let Answer::Totals(values) = answer { last(values) } else { 0 }
}

/// How many people a figure must be of.
#[derive(Clone, Copy)]
struct Group(u64);

impl Group {
    fn is_small(self, people: u64) -> bool {
        people > 0 && people < self.0
    }
}

/// One row or bucket: which it is, of how many people, and whether it is hidden.
struct Cell {
    keys: Vec<Text>,
    people: u64,
    hidden: bool,
}

struct Hidden {
    group: Group,
    cells: u64,
}

impl Hidden {
    fn panel(&mut self, view: &View, answer: Answer, people: u64, whole: bool) -> Answer {
        let whole = whole || self.group.is_small(people);
        match (view, answer) {
            (View::Totals { measures }, Answer::Totals(mut values)) => {
                let hide = whole || self.group.is_small(last(&values));
                values.pop();
                Answer::Totals(self.values(measures, values, hide))
            }
            (View::Series { measures, .. }, Answer::Series(points)) => {
                let cell = |p: &Point| Cell { keys: vec![p.key.clone()], people: last(&p.values), hidden: whole };
                let hide = self.cells(points.iter().map(cell).collect());
                let point = |(mut point, hide): (Point, bool)| {
                    point.values.pop();
                    Point { values: self.values(measures, point.values, hide), hidden: hide, ..point }
                };
                Answer::Series(points.into_iter().zip(hide).map(point).collect())
            }
            (View::Table { by, measures, page, .. }, Answer::Table { rows, .. }) => {
                // Of single people there are no groups: the list is hidden as a whole or not at all.
                let single = by.contains(&Dimension::Viewer);
                let cell = |row: &TableRow| Cell {
                    keys: row.keys.clone(),
                    people: if single { 0 } else { last(&row.values) },
                    hidden: whole,
                };
                let hide = self.cells(rows.iter().map(cell).collect());
                let row = |(mut row, hide): (TableRow, bool)| {
                    row.values.pop();
                    let values = self.values(measures, row.values, hide);
                    let coverage = if hide { Vec::new() } else { row.coverage };
                    TableRow { values, coverage, hidden: hide, ..row }
                };
                cut(rows.into_iter().zip(hide).map(row).collect(), page)
            }
            (_, heat) => {
                if !whole {
                    return heat;
                }
                self.cells += 1;
                Answer::Heat { seconds: 0, views: Vec::new(), viewers: Vec::new(), unknown: Vec::new() }
            }
        }
    }

    /// Values without exact times; none at all where they are hidden.
    fn values(&mut self, measures: &[Measure], values: Vec<Value>, hide: bool) -> Vec<Value> {
        self.cells += u64::from(hide);
        let shown = |(measure, value): (&Measure, Value)| value.filter(|_| !hide && measure.unit() != Unit::Instant);
        measures.iter().zip(values).map(shown).collect()
    }

    /// Which of the cells are hidden in the end.
    fn cells(&self, mut cells: Vec<Cell>) -> Vec<bool> {
        for cell in &mut cells {
            cell.hidden |= self.group.is_small(cell.people);
        }
        let dimensions = cells.first().map_or(0, |cell| cell.keys.len());
        // Hiding in one line can lay another open: again until nothing changes. Each round hides at least one more.
        while (0..dimensions).any(|dimension| self.hide_more(&mut cells, dimension)) {}
        cells.into_iter().map(|cell| cell.hidden).collect()
    }

    /// Hides the smallest open cells of each line along a dimension that has hidden ones, until those hide each other.
    fn hide_more(&self, cells: &mut [Cell], dimension: usize) -> bool {
        let mut lines: BTreeMap<Vec<Text>, Vec<usize>> = BTreeMap::new();
        for (number, cell) in cells.iter().enumerate() {
            let mut line = cell.keys.clone();
            line.remove(dimension);
            lines.entry(line).or_default().push(number);
        }
        let mut changed = false;
        for line in lines.values() {
            let hidden = line.iter().filter(|number| cells[**number].hidden);
            let (mut count, mut people) = hidden.fold((0, 0), |(n, sum), number| (n + 1, sum + cells[*number].people));
            if count == 0 {
                continue;
            }
            // Cells of nobody hide nothing.
            let mut open: Vec<usize> =
                line.iter().copied().filter(|n| !cells[*n].hidden && cells[*n].people > 0).collect();
            open.sort_by_key(|number| (cells[*number].people, cells[*number].keys.clone()));
            let mut open = open.into_iter();
            while count < 2 || people < self.group.0 {
                let Some(number) = open.next() else { break };
                cells[number].hidden = true;
                (count, people, changed) = (count + 1, people + cells[number].people, true);
            }
        }
        changed
    }
}

/// Finds and pages rows that are sorted already; hidden ones come last, by their keys.
fn cut(rows: Vec<TableRow>, page: &Page) -> Answer {
    let find = page.find.as_deref().map(str::to_lowercase);
    let found = |row: &TableRow| {
        let mut texts = row.keys.iter().chain(&row.labels);
        find.as_ref().is_none_or(|find| texts.any(|text| text.to_lowercase().contains(find.as_str())))
    };
    let (mut hidden, mut rows): (Vec<TableRow>, Vec<TableRow>) = rows.into_iter().filter(found).partition(|r| r.hidden);
    hidden.sort_by(|a, b| a.keys.cmp(&b.keys));
    rows.extend(hidden);
    let total = rows.len();
    Answer::Table { rows: rows.into_iter().skip(page.offset).take(page.limit).collect(), total }
}
