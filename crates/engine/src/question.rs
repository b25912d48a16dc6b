//! What can be asked, and the shape of answers. One question has many panels and is answered by one scan.

use crate::event::{PersonKey, Text};
use crate::glossary::{Dimension, Measure};
pub use crate::period::Interval;
use crate::row::Span;
use crate::time::Quarter;
use jiff::tz::TimeZone;

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
    /// The measure; `None` sorts by label.
    pub measure: Option<Measure>,
    /// Largest (last) first.
    pub descending: bool,
}

/// One part of a page.
#[derive(Clone, Debug)]
pub enum Panel {
    /// Totals over the range.
    Totals {
        /// Which.
        measures: Vec<Measure>,
    },
    /// Values by time bucket; every bucket of the range is there.
    Series {
        /// Bucket.
        interval: Interval,
        /// Which.
        measures: Vec<Measure>,
    },
    /// A row for each value of a dimension.
    Table {
        /// Dimension.
        dimension: Dimension,
        /// Which.
        measures: Vec<Measure>,
        /// Order; ties by key.
        sort: Sort,
        /// Rows skipped.
        offset: usize,
        /// Rows returned at most.
        limit: usize,
        /// Only rows whose label or key contains this, ignoring case.
        find: Option<Text>,
    },
    /// A row for each viewer, with what they watched. Coverage only when the scope is one entry.
    Viewers {
        /// Which.
        measures: Vec<Measure>,
        /// Order; ties by key.
        sort: Sort,
        /// Rows skipped.
        offset: usize,
        /// Rows returned at most.
        limit: usize,
        /// Only viewers whose name or id contains this, ignoring case.
        find: Option<Text>,
    },
    /// Views and distinct viewers of every second of one entry.
    Heat {
        /// The entry; must be in scope.
        entry: Text,
    },
}

/// A question.
#[derive(Clone, Debug)]
pub struct Question {
    /// First quarter.
    pub from: Quarter,
    /// First quarter after.
    pub to: Quarter,
    /// The zone in which days are counted.
    pub zone: TimeZone,
    /// Filters, all of which must hold. Rows of bots and suspect rows are left out unless a filter names those dimensions.
    pub filters: Vec<Filter>,
    /// What is wanted.
    pub panels: Vec<Panel>,
}

/// A value; `None` is a ratio without denominator (ruling 25).
pub type Value = Option<f64>;

/// A table's row.
#[derive(Clone, Debug, PartialEq)]
pub struct TableRow {
    /// The dimension's value as filters take it.
    pub key: Text,
    /// What people read.
    pub label: Text,
    /// One value a measure asked.
    pub values: Vec<Value>,
}

/// A viewer's row.
#[derive(Clone, Debug, PartialEq)]
pub struct ViewerRow {
    /// The person; `UNKNOWN` gathers all anonymous views.
    pub person: PersonKey,
    /// Name, pseudonym or `Unknown`.
    pub label: Text,
    /// Weakest proof among the rows (0 none, 1 claimed, 2 verified).
    pub proof: u8,
    /// One value a measure asked.
    pub values: Vec<Value>,
    /// Seconds watched, with repeats, when the scope is one entry.
    pub coverage: Vec<Span>,
    /// First event in range, ms since 1970.
    pub first_ms: i64,
    /// Last event in range, ms since 1970.
    pub last_ms: i64,
}

/// A panel's answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Totals.
    Totals(Vec<Value>),
    /// Buckets: start in ms since 1970, label in the zone (`2026-11-23`, `2026-11`, `2026-W48`, ...), values.
    Series(Vec<(i64, Text, Vec<Value>)>),
    /// A table.
    Table {
        /// The rows of the page.
        rows: Vec<TableRow>,
        /// How many rows there are in all.
        total: usize,
    },
    /// Viewers.
    Viewers {
        /// The rows of the page.
        rows: Vec<ViewerRow>,
        /// How many there are in all.
        total: usize,
    },
    /// Heat.
    Heat {
        /// Length in seconds (catalog, else learned, else as far as anybody watched).
        seconds: u32,
        /// Views of each second.
        views: Vec<u64>,
        /// Distinct viewers of each second.
        viewers: Vec<u64>,
    },
}

/// What was left out of an answer, and what its reader must know. Counted over the same scope, range and filters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Rows and events of bots.
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
    /// Plays by anonymous viewers (all one viewer).
    pub unknown_plays: u64,
    /// Plays whose page was not disclosed.
    pub page_unknown_plays: u64,
    /// Plays whose domain or page is beyond the account's limit and counts as `other`.
    pub other_plays: u64,
    /// Downloads: later viewing is never reported.
    pub downloads: u64,
    /// Rows read.
    pub rows: u64,
}
