//! Answers a question from one snapshot: plan, scan, merge, finish.
//!
//! [`plan`] resolves words against the catalog as it is now; [`scan`] reads each part once and feeds all panels, what it
//! [`gather`]s merges with any other in any order; [`finish`] turns sums and sets into values, sorts and pages. Nothing is
//! rounded before the last step. What is costly in a long table waits until it is known which rows are shown ([`later`]).

mod axis;
mod elsewhere;
mod finish;
mod gather;
mod later;
mod lengths;
pub mod live;
mod plan;
mod protect;
mod scan;
mod sets;
mod values;

pub use elsewhere::{PlayedElsewhere, elsewhere};
pub use lengths::{Length, Lengths};

use crate::access::{People, Scope};
use crate::block::{Snapshot, Unreadable};
use crate::catalog::view::CatalogView;
use crate::limits::GROUPS_BY_MAX;
use crate::period::{Calendar, PeriodError};
use crate::question::{Answer, LeftOut, Panel, Question, View};
use crate::time::Quarter;
use axis::{Axis, Interned};
use plan::Plan;
use scan::{Found, Scan};
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use thiserror::Error;

/// Why a question cannot be answered.
#[derive(Clone, Debug, Error)]
pub enum QueryError {
    /// A filter on a dimension of few words with a word it does not have.
    #[error("{dimension} cannot be '{value}'; it can be: {known}")]
    UnknownValue {
        /// The dimension.
        dimension: &'static str,
        /// The word.
        value: String,
        /// What would be right.
        known: String,
    },
    /// The scope does not name people, and the question is about people.
    #[error("people may not be seen here")]
    NoPeople,
    /// The scope's subject exists only where there are rows of it, and there are none (ruling 30).
    #[error("there is nothing here")]
    Nothing,
    /// A series by something that is not time.
    #[error("'{0}' is no dimension of time")]
    NotTime(&'static str),
    /// A table by nothing, or by too much.
    #[error("a table is by 1 to {GROUPS_BY_MAX} dimensions")]
    GroupsBy,
    /// Occurrences of nothing.
    #[error("'{measure}' is of an event's variable: group by one, such as {such_as}")]
    NoVariable {
        /// The measure.
        measure: &'static str,
        /// A dimension that would be right.
        such_as: &'static str,
    },
    /// Sub-categories of nothing.
    #[error("subcategory is of a category: ask about one")]
    NoCategory,
    /// The time buckets cannot be made.
    #[error(transparent)]
    Period(#[from] PeriodError),
    /// A segment cannot be read: an answer without it would be wrong.
    #[error("read a part of the store")]
    Unreadable(#[from] Unreadable),
    /// The answer needs more memory than it may have.
    #[error(
        "the answer needs more than {} MB of memory (report.memory_mb): ask for a shorter period, filter, or group by less",
        .0 >> 20
    )]
    Memory(usize),
    /// The answer takes more time than it may.
    #[error("the answer takes too long: ask for a shorter period or less at a time")]
    Time,
}

/// What a question may cost.
#[derive(Clone, Copy)]
pub struct Budget<'b> {
    /// Threads that scan together.
    pub threads: usize,
    /// Bytes that may be gathered, over all threads.
    pub memory_bytes: usize,
    /// Whether to give up: asked now and then.
    pub expired: &'b (dyn Fn() -> bool + Sync),
}

impl Default for Budget<'_> {
    /// One thread, a gigabyte, all the time in the world.
    fn default() -> Self {
        Budget { threads: 1, memory_bytes: 1 << 30, expired: &|| false }
    }
}

impl Budget<'_> {
    fn check(&self, bytes: usize) -> Result<(), QueryError> {
        if bytes > self.memory_bytes / self.threads.max(1) {
            return Err(QueryError::Memory(self.memory_bytes));
        }
        if (self.expired)() { Err(QueryError::Time) } else { Ok(()) }
    }
}

/// Answers, and what they leave out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answered {
    /// One for each panel, in order.
    pub answers: Vec<Answer>,
    /// Counted over the same scope, range and filters; zero where the answer itself is hidden.
    pub left_out: LeftOut,
}

/// Rows below which a second thread costs more than it saves: some half a millisecond's work.
const ROWS_FOR_THREADS: usize = 65_536;

/// Answers a question about what `scope` allows, from one snapshot and the catalog as it is now. The calendar says in which
/// zone days are counted.
///
/// # Errors
/// Words that do not exist, subjects that do not exist for the caller, people where none may be seen, endless time series,
/// unreadable segments, answers beyond the budget.
pub fn answer(
    snapshot: &Snapshot,
    catalog: &CatalogView,
    calendar: &Calendar<'_>,
    scope: &Scope,
    question: &Question,
    budget: &Budget<'_>,
) -> Result<Answered, QueryError> {
    let scan = |question: &Question| scanned(snapshot, catalog, calendar, scope, question, budget);
    if scope.if_rows && !has_rows(&scan(&everything())?) {
        return Err(QueryError::Nothing);
    }
    let ask = |question: &Question| in_turn(question, &scan);
    if scope.people == People::Names { ask(question) } else { protect::answer(scope, question, &ask) }
}

/// Answers a question with one scan, and with further ones what is reckoned only of the rows shown.
fn in_turn(
    question: &Question,
    scan: &dyn Fn(&Question) -> Result<Answered, QueryError>,
) -> Result<Answered, QueryError> {
    let (first, later) = later::split(question);
    let mut answered = scan(&first)?;
    for more in later {
        if let Some(question) = more.question(question, &answered.answers) {
            more.complete(&mut answered.answers, &scan(&question)?.answers);
        }
    }
    Ok(answered)
}

/// Whether a scope's subject exists for its caller: by itself, or by its rows.
///
/// # Errors
/// As [`answer`].
pub fn exists(
    snapshot: &Snapshot,
    catalog: &CatalogView,
    calendar: &Calendar<'_>,
    scope: &Scope,
    budget: &Budget<'_>,
) -> Result<bool, QueryError> {
    Ok(!scope.if_rows || has_rows(&scanned(snapshot, catalog, calendar, scope, &everything(), budget)?))
}

/// Whether a panel may be asked in a scope at all: where people are not named, lists of them are [`QueryError::NoPeople`].
pub fn permits(scope: &Scope, panel: &Panel) -> bool {
    scope.people == People::Names || protect::check(scope.people, &[], panel).is_ok()
}

/// A question about all that a scope has ever seen.
fn everything() -> Question {
    let panel = Panel::new(View::Totals { measures: Vec::new() });
    Question { from: Quarter(i32::MIN), to: Quarter(i32::MAX), filters: Vec::new(), panels: vec![panel] }
}

fn has_rows(answered: &Answered) -> bool {
    answered.left_out.rows + answered.left_out.bot_rows + answered.left_out.suspect_rows > 0
}

/// Answers all of a question with one scan, without a look at who may be named.
fn scanned(
    snapshot: &Snapshot,
    catalog: &CatalogView,
    calendar: &Calendar<'_>,
    scope: &Scope,
    question: &Question,
    budget: &Budget<'_>,
) -> Result<Answered, QueryError> {
    let plan = Plan::new(snapshot, catalog, calendar, scope, question)?;
    let axes: Vec<Axis> = plan.axes.iter().map(|dimension| plan.read(*dimension)).collect();
    let tests: Vec<Axis> = plan.filters.iter().map(|filter| plan.read(filter.dimension)).collect();
    let parts = plan.parts();
    let rows: usize = parts.iter().map(|part| snapshot.parts[*part].extent.rows).sum();
    let threads = if rows < ROWS_FOR_THREADS { 1 } else { budget.threads.clamp(1, parts.len().max(1)) };
    let next = AtomicUsize::new(0);
    let work = |is_first: bool| -> Result<Found, QueryError> {
        let mut scan = Scan::new(&plan, budget, &axes, &tests);
        if is_first {
            scan.added()?;
        }
        // Whoever is free takes the next part.
        while let Some(&number) = parts.get(next.fetch_add(1, Ordering::Relaxed)) {
            scan.part(number, &snapshot.parts[number])?;
        }
        Ok(scan.found())
    };
    let mut found = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(|| work(false))).collect();
        let mut all = vec![work(true)];
        all.extend(others.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic))));
        all.into_iter().collect::<Result<Vec<Found>, QueryError>>()
    })?;
    let mut whole = found.swap_remove(0);
    found.into_iter().for_each(|other| whole.merge(&axes, other));
    let left_out = whole.left_out;
    Ok(Answered { answers: finish::answers(&plan, &axes, whole)?, left_out })
}

impl Found {
    /// Takes in what another thread found.
    fn merge(&mut self, axes: &[Axis], other: Found) {
        let Found { gathered, interned, left_out } = other;
        let mine: &mut Vec<Interned> = &mut self.interned;
        self.gathered.merge(gathered, &mut |axis, key| {
            if axes[axis].is_interned() { mine[axis].code(interned[axis].word(key)) } else { key }
        });
        self.left_out.add(left_out);
    }
}
