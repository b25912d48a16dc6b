//! Costly measures of long tables, reckoned for the rows that are shown and no others. A share covered by anybody takes the
//! seconds of every recording in every row: of a year's viewers far more than all else on a page. So such a table is first
//! sorted and cut without it, and a second scan reads the seconds of the rows that are left.

use crate::glossary::{Measure, Quantity};
use crate::question::{Answer, Filter, Operator, Page, Panel, Question, Sort, Value, View};
use hashbrown::HashMap;

/// A page of more rows is reckoned at once: a filter's values are looked up row by row.
const ROWS_MAX: usize = 1_000;

/// What one panel still lacks.
pub(super) struct Later {
    /// The panel's number.
    panel: usize,
    /// Its measures as asked.
    measures: Vec<Measure>,
}

fn is_costly(measure: Measure) -> bool {
    measure.recipe().quantities().iter().any(|q| matches!(q, Quantity::UnionMs | Quantity::UnionLengthMs))
}

/// The question without what can wait, and what that is.
pub(super) fn split(question: &Question) -> (Question, Vec<Later>) {
    let (mut first, mut later) = (question.clone(), Vec::new());
    for (panel, asked) in first.panels.iter_mut().enumerate() {
        if let View::Table { by, measures, page, .. } = &mut asked.view
            && by.len() == 1
            && page.limit <= ROWS_MAX
            && measures.iter().any(|measure| is_costly(*measure))
            && !page.sort.measure.is_some_and(is_costly)
        {
            later.push(Later { panel, measures: measures.clone() });
            measures.retain(|measure| !is_costly(*measure));
        }
    }
    (first, later)
}

impl Later {
    /// The question for the rows that the first answers show; nothing where there are none.
    pub(super) fn question(&self, asked: &Question, answers: &[Answer]) -> Option<Question> {
        let Panel { view: View::Table { by, .. }, filters } = &asked.panels[self.panel] else { return None };
        let Answer::Table { rows, .. } = &answers[self.panel] else { return None };
        let values: Vec<_> = rows.iter().map(|row| row.keys[0].clone()).collect();
        let shown = (!values.is_empty()).then(|| Filter { dimension: by[0], operator: Operator::Is, values })?;
        let measures = self.measures.iter().copied().filter(|measure| is_costly(*measure)).collect();
        let page = Page::all(Sort { measure: None, descending: false });
        let view = View::Table { by: by.clone(), measures, page, coverage: false };
        // With the question's filters, so that rows which are not shown are passed over at once.
        let panels = vec![Panel { view, filters: filters.clone() }];
        let filters = asked.filters.iter().cloned().chain([shown]).collect();
        Some(Question { filters, panels, ..asked.clone() })
    }

    /// Puts what the second scan found where it was asked for.
    pub(super) fn complete(&self, answers: &mut [Answer], found: &[Answer]) {
        let Some(Answer::Table { rows: found, .. }) = found.first() else { return };
        let Answer::Table { rows, .. } = &mut answers[self.panel] else { return };
        let by_key: HashMap<_, _> = found.iter().map(|row| (&row.keys, &row.values)).collect();
        for row in rows {
            let mut cheap = std::mem::take(&mut row.values).into_iter();
            let mut costly = by_key.get(&row.keys).into_iter().flat_map(|values| values.iter().copied());
            let value = |measure: &Measure| -> Value {
                if is_costly(*measure) { costly.next() } else { cheap.next() }.flatten()
            };
            row.values = self.measures.iter().map(value).collect();
        }
    }
}
