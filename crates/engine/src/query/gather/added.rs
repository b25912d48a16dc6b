//! A recording that was added, in the groups of a panel.

use super::{Gathered, GroupKey, Slot};
use crate::glossary::{Added, Quantity};
use crate::query::axis::Key;
use crate::query::plan::PanelPlan;
use crate::query::scan::EntryFacts;

impl Gathered {
    /// Counts a recording once in each group it has keys for, where `keys` are those of the panel's axes. A group that no
    /// row has may so come to be.
    pub(in crate::query) fn add_recording(
        &mut self,
        planned: &PanelPlan,
        panel: usize,
        keys: &[Vec<Key>],
        facts: &EntryFacts,
    ) {
        let mut combinations = vec![GroupKey::default()];
        for (place, of_axis) in keys.iter().enumerate() {
            let with = |key: GroupKey, value: Key| {
                let mut key = key;
                key[place] = value;
                key
            };
            combinations =
                combinations.iter().flat_map(|key| of_axis.iter().map(move |value| with(*key, *value))).collect();
        }
        let panel = &mut self.panels[panel];
        let groups = &mut self.groups[panel.grouping];
        for key in combinations {
            let group = if keys.is_empty() { 0 } else { groups.group(key) as usize };
            let count = groups.keys.len();
            panel.rows.resize(count.max(panel.rows.len()), 0);
            panel.rows[group] += 1;
            for (quantity, slot) in planned.quantities.iter().zip(&mut panel.slots) {
                self.bytes += slot.grow(count);
                match (quantity, slot) {
                    (Quantity::Added(Added::Recordings), Slot::Sums(sums)) => sums.add(group, 1),
                    (Quantity::Added(Added::Ms), Slot::Sums(sums)) => {
                        sums.add(group, facts.length.map_or(0, |length| length.duration_ms));
                    }
                    (Quantity::Added(Added::Owners), Slot::Codes(sets)) => {
                        self.bytes += facts.owner.map_or(0, |owner| sets[group].insert(owner));
                    }
                    _ => {}
                }
            }
        }
    }
}
