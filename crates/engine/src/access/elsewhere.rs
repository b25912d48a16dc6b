//! What course staff may know of a recording outside their course (ruling 28): one total. The type can ask nothing else.

use super::course::Course;
use super::reach::Reach;
use super::{Caller, Clause, People, Scope};
use crate::catalog::view::CatalogView;
use crate::event::Text;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The plays of one recording outside one course, as a single total: [`crate::query::elsewhere`] takes nothing else and
/// gives nothing else, so it cannot be filtered, split or listed.
#[derive(Clone, Debug)]
pub struct Elsewhere(Scope);

impl Elsewhere {
    pub(crate) fn scope(&self) -> &Scope {
        &self.0
    }

    /// Fewest known people of whom the total is shown.
    pub fn smallest_group(&self) -> u32 {
        self.0.smallest_group
    }
}

/// The total of `entry` outside `category`, for staff of that category and for those who see everything anyway; `None` when
/// either does not exist, the one is not in the other, or the caller is neither (ruling 30).
pub fn elsewhere(
    caller: &Caller,
    catalog: &CatalogView,
    category: &str,
    entry: &str,
    now_ms: i64,
) -> Option<Elsewhere> {
    let view = catalog.accounts.get(&caller.account)?;
    let held = view.category_entries.get(category)?.contains(entry) && view.categories.contains_key(category);
    let allowed = held && Reach::of(caller, view, now_ms).is_staff(category);
    let only = Some(Arc::new(BTreeSet::from([Text::from(entry)])));
    allowed.then(|| {
        Elsewhere(Scope {
            account: caller.account,
            clauses: vec![Clause { entries: only, ..Clause::default() }],
            // Nobody can be named by a total; whether it is of too few is looked at where it is made.
            people: People::Names,
            course: Some(Arc::new(Course::of(view, category, false))),
            smallest_group: caller.smallest_group,
            if_rows: false,
            of_views: false,
        })
    })
}
