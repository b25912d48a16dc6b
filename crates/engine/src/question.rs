//! What can be asked, and the shape of answers. One question has many panels and is answered by one scan.

use crate::event::{Proof, Text};
use crate::glossary::{Dimension, Measure};
use crate::row::{Span, ViewRow};
use crate::time::Quarter;

/// How a filter compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// Is one of the values.
    Is,
    /// Is none of the values.
    Not,
    /// Contains one of the values, ignoring case.
    Has,
    /// Contains none of the values, ignoring case.
    HasNot,
}

impl Operator {
    /// What holds where this does not.
    pub const fn opposite(self) -> Operator {
        match self {
            Operator::Is => Operator::Not,
            Operator::Not => Operator::Is,
            Operator::Has => Operator::HasNot,
            Operator::HasNot => Operator::Has,
        }
    }
}

/// One filter. Values are ORed; filters are ANDed. Unknown values match nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Dimension.
    pub dimension: Dimension,
    /// Operator.
    pub operator: Operator,
    /// Values, as the dimension spells them in answers (ids and codes, not labels).
    pub values: Vec<Text>,
}

/// Order of a table: by a measure or by the dimension's label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// The measure; `None` sorts by label, times by time.
    pub measure: Option<Measure>,
    /// Largest (last) first.
    pub descending: bool,
}

/// Which rows of a table are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Order; ties by key.
    pub sort: Sort,
    /// Rows skipped.
    pub offset: usize,
    /// Rows returned at most.
    pub limit: usize,
    /// Only rows of which a label or key contains this, ignoring case.
    pub find: Option<Text>,
}

impl Page {
    /// All rows in an order.
    pub fn all(sort: Sort) -> Page {
        Page { sort, offset: 0, limit: usize::MAX, find: None }
    }
}

/// What a panel shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum View {
    /// Totals over the range.
    Totals {
        /// Which.
        measures: Vec<Measure>,
    },
    /// Values by a dimension of time; every bucket of the range is there, in order.
    Series {
        /// A dimension of time.
        by: Dimension,
        /// Which.
        measures: Vec<Measure>,
    },
    /// A row for each value of a dimension, or for each combination of values of up to [`crate::limits::GROUPS_BY_MAX`].
    Table {
        /// By what.
        by: Vec<Dimension>,
        /// Which.
        measures: Vec<Measure>,
        /// Which rows.
        page: Page,
        /// With the seconds watched, where each row is of one entry: by entry, or when the question leaves one.
        coverage: bool,
    },
    /// Views and distinct viewers of every second of one entry.
    Heat {
        /// The entry.
        entry: Text,
    },
    /// The view rows themselves, by account, entry and time: the proof behind a number.
    Rows {
        /// Rows skipped.
        offset: usize,
        /// Rows returned at most.
        limit: usize,
    },
}

/// One part of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panel {
    /// What it shows.
    pub view: View,
    /// Filters of this panel alone, beside the question's.
    pub filters: Vec<Filter>,
}

impl Panel {
    /// A panel without filters of its own.
    pub fn new(view: View) -> Panel {
        Panel { view, filters: Vec::new() }
    }
}

impl View {
    /// By what it groups.
    pub fn by(&self) -> &[Dimension] {
        match self {
            View::Series { by, .. } => std::slice::from_ref(by),
            View::Table { by, .. } => by,
            _ => &[],
        }
    }
}

/// A question.
#[derive(Clone, Debug)]
pub struct Question {
    /// First quarter.
    pub from: Quarter,
    /// First quarter after.
    pub to: Quarter,
    /// Filters, all of which must hold. Rows of bots and suspect rows are left out unless a filter names those dimensions.
    pub filters: Vec<Filter>,
    /// What is wanted.
    pub panels: Vec<Panel>,
}

impl Question {
    /// The dimensions of views by which a panel filters or groups, each once: recordings have no value of them by
    /// themselves, so [`Measure::counts_added`] cannot be told in it.
    pub fn of_views(&self, panel: &Panel) -> Vec<Dimension> {
        let filters = self.filters.iter().chain(&panel.filters).map(|filter| filter.dimension);
        let mut found: Vec<Dimension> = Vec::new();
        for dimension in filters.chain(panel.view.by().iter().copied()) {
            if !dimension.is_of_recordings() && !found.contains(&dimension) {
                found.push(dimension);
            }
        }
        found
    }
}

/// A value; `None` is a ratio without denominator (ruling 25), or recordings added where that cannot be told.
pub type Value = Option<f64>;

/// A table's row.
#[derive(Clone, Debug, PartialEq)]
pub struct TableRow {
    /// The dimensions' values as filters take them.
    pub keys: Vec<Text>,
    /// What people read.
    pub labels: Vec<Text>,
    /// One value a measure asked.
    pub values: Vec<Value>,
    /// By viewer: how the weakest of the rows is known to be theirs.
    pub proof: Option<Proof>,
    /// The seconds watched, with repeats, if they were asked for.
    pub coverage: Vec<Span>,
    /// Its values are hidden: too few people.
    pub hidden: bool,
}

/// One time bucket.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// The bucket as filters take it.
    pub key: Text,
    /// What people read.
    pub label: Text,
    /// First instant, ms since 1970; absent for hours of the day and weekdays.
    pub start_ms: Option<i64>,
    /// One value a measure asked.
    pub values: Vec<Value>,
    /// Its values are hidden: too few people.
    pub hidden: bool,
}

/// A panel's answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Totals.
    Totals(Vec<Value>),
    /// Buckets in order.
    Series(Vec<Point>),
    /// A table.
    Table {
        /// The rows of the page.
        rows: Vec<TableRow>,
        /// How many rows there are in all.
        total: usize,
    },
    /// Heat.
    Heat {
        /// Length in seconds (catalog, else learned, else as far as anybody watched).
        seconds: u32,
        /// Views of each second.
        views: Vec<u64>,
        /// Distinct viewers of each second; all who are not known count as one.
        viewers: Vec<u64>,
        /// Those of `views` by viewers who are not known: whether somebody among them saw a second again cannot be known.
        unknown: Vec<u64>,
    },
    /// View rows.
    Rows {
        /// The rows of the page.
        rows: Vec<ViewRow>,
        /// How many there are in all.
        total: usize,
    },
}

/// What was left out of an answer, and what its reader must know. Counted over the same scope, range and filters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Rows of bots.
    pub bot_rows: u64,
    /// Events of bots.
    pub bot_events: u64,
    /// Rows kept aside as suspect.
    pub suspect_rows: u64,
    /// Events kept aside as suspect.
    pub suspect_events: u64,
    /// Exact repeats dropped.
    pub duplicates: u64,
    /// Events beyond the lateness horizon.
    pub late: u64,
    /// Events whose name was refused.
    pub identity_refused: u64,
    /// Events that never arrived, by the gaps in the players' counters.
    pub missing: u64,
    /// Plays by anonymous viewers (all one viewer).
    pub unknown_plays: u64,
    /// Plays by course staff.
    pub staff_plays: u64,
    /// Plays whose page was not disclosed.
    pub page_unknown_plays: u64,
    /// Plays whose domain or page is beyond the account's limit and counts as `other`.
    pub other_plays: u64,
    /// Downloads: later viewing is never reported.
    pub downloads: u64,
    /// Rows used.
    pub rows: u64,
    /// Events used.
    pub events: u64,
    /// Figures that are hidden because they are of fewer people than may be told apart, or would give such a figure away.
    pub hidden: u64,
    /// Recordings of which the catalog does not say when they were created, where recordings added are asked for: they
    /// are in no range.
    pub undated: u64,
}

impl LeftOut {
    /// Adds what another part of the scan has left out.
    pub fn add(&mut self, other: LeftOut) {
        // Destructured, so that a new counter cannot be forgotten.
        let LeftOut {
            bot_rows,
            bot_events,
            suspect_rows,
            suspect_events,
            duplicates,
            late,
            identity_refused,
            missing,
            unknown_plays,
            staff_plays,
            page_unknown_plays,
            other_plays,
            downloads,
            rows,
            events,
            hidden,
            undated,
        } = other;
        self.bot_rows += bot_rows;
        self.bot_events += bot_events;
        self.suspect_rows += suspect_rows;
        self.suspect_events += suspect_events;
        self.duplicates += duplicates;
        self.late += late;
        self.identity_refused += identity_refused;
        self.missing += missing;
        self.unknown_plays += unknown_plays;
        self.staff_plays += staff_plays;
        self.page_unknown_plays += page_unknown_plays;
        self.other_plays += other_plays;
        self.downloads += downloads;
        self.rows += rows;
        self.events += events;
        self.hidden += hidden;
        self.undated += undated;
    }
}
