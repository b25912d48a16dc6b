//! The one total of a recording outside a course (ruling 28).

use super::{Budget, QueryError, scanned};
use crate::access::{Elsewhere, Placement};
use crate::block::Snapshot;
use crate::catalog::view::CatalogView;
use crate::glossary::{Dimension, Measure};
use crate::period::Calendar;
use crate::question::{Answer, Filter, Operator, Panel, Question, View};
use crate::time::Quarter;

/// What was played elsewhere.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlayedElsewhere {
    /// Plays.
    pub plays: f64,
    /// Minutes viewed.
    pub minutes: f64,
}

/// Plays and minutes outside the course in `[from, to)`; `None` when they are of 1 to k - 1 known people. Those who are not
/// known neither hide it nor make it safe.
///
/// # Errors
/// Unreadable segments, answers beyond the budget.
pub fn elsewhere(
    snapshot: &Snapshot,
    catalog: &CatalogView,
    calendar: &Calendar<'_>,
    of: &Elsewhere,
    (from, to): (Quarter, Quarter),
    budget: &Budget<'_>,
) -> Result<Option<PlayedElsewhere>, QueryError> {
    let values = vec![Placement::Elsewhere.name().into()];
    let filters = vec![Filter { dimension: Dimension::Placement, operator: Operator::Is, values }];
    let measures = vec![Measure::Plays, Measure::MinutesViewed, Measure::KnownPeople];
    let question = Question { from, to, filters, panels: vec![Panel::new(View::Totals { measures })] };
    let answered = scanned(snapshot, catalog, calendar, of.scope(), &question, budget)?;
    let Some(Answer::Totals(values)) = answered.answers.first() else { return Ok(None) };
    let value = |number: usize| values.get(number).copied().flatten().unwrap_or(0.0);
    let people = value(2);
    let hidden = people > 0.0 && people < f64::from(of.smallest_group());
    Ok((!hidden).then(|| PlayedElsewhere { plays: value(0), minutes: value(1) }))
}
