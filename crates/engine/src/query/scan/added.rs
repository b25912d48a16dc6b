//! Recordings that were added within the range: the catalog tells of them, so they are gathered beside the rows, into the
//! same groups.

use super::{EntryFacts, Scan};
use crate::catalog::view::EntryView;
use crate::event::Text;
use crate::query::QueryError;
use crate::query::axis::{Axis, Key};
use crate::row::TextColumn;
use crate::time::Quarter;

/// Recordings between two looks at the budget: a few milliseconds' work.
const RECORDINGS_AT_A_TIME: usize = 4_096;

impl Scan<'_> {
    /// Gathers the recordings of the scope that were created in the range, for the panels that ask for them. Of all the
    /// threads of a question one does this.
    pub(in crate::query) fn added(&mut self) -> Result<(), QueryError> {
        let plan = self.plan;
        if !plan.panels.iter().any(|panel| panel.counts_added) {
            return Ok(());
        }
        let all = &plan.view.entries;
        let recordings: Box<dyn Iterator<Item = (&Text, &EntryView)>> = match &plan.only {
            Some(only) => Box::new(only.iter().filter_map(|id| all.get_key_value(id))),
            None => Box::new(all.iter()),
        };
        let listed = plan.scope.listed();
        let is_listed = |id: &Text| listed.as_ref().is_none_or(|listed| listed.contains(id));
        for (number, (id, recording)) in recordings.filter(|(id, _)| is_listed(id)).enumerate() {
            if number % RECORDINGS_AT_A_TIME == 0 {
                self.budget.check(self.gathered.bytes())?;
            }
            self.add(id, recording);
        }
        self.budget.check(self.gathered.bytes())
    }

    fn add(&mut self, id: &Text, recording: &EntryView) {
        let (from, to) = (self.plan.question.from, self.plan.question.to);
        let created = recording.created_ms.map(Quarter::of);
        if created.is_some_and(|quarter| quarter < from || quarter >= to) {
            return;
        }
        let code = self.plan.snapshot.dictionaries.text(TextColumn::Entry).code(id);
        let Some(facts) = self.facts(code, id) else { return };
        match created {
            Some(quarter) => self.add_at(&facts, (quarter.0 - from.0) as usize),
            // What only events have shown was not uploaded, as far as anybody knows.
            None => self.left_out.undated += u64::from(!recording.unconfirmed),
        }
    }

    /// Adds a recording that was created in a quarter of the range.
    fn add_at(&mut self, facts: &EntryFacts, quarter: usize) {
        let plan = self.plan;
        let passes = |number: usize| match &self.tests[number] {
            Axis::Time(parts) => {
                let (matcher, slot) = (&plan.filters[number], &parts.slots[parts.of_quarter[quarter] as usize]);
                matcher.keeps([slot.key.as_str()], |key| plan.label(matcher.dimension, key))
            }
            _ => facts.passes[number],
        };
        if !(0..plan.common).all(passes) {
            return;
        }
        let keys = |axis: &usize| -> Vec<Key> {
            match &self.axes[*axis] {
                Axis::Time(parts) => vec![parts.of_quarter[quarter]],
                _ => facts.keys[*axis].clone(),
            }
        };
        for (number, panel) in plan.panels.iter().enumerate() {
            if panel.counts_added && panel.filters.iter().all(|filter| passes(*filter)) {
                let keys: Vec<Vec<Key>> = panel.axes.iter().map(keys).collect();
                self.gathered.add_recording(panel, number, &keys, facts);
            }
        }
    }
}
