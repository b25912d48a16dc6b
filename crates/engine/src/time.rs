//! Instants, quarters and days. Instants are milliseconds since 1970-01-01 UTC; buckets are numbered quarters.

use crate::limits::QUARTER_MS;

/// A quarter of an hour, numbered from 1970-01-01T00:00Z. The unit in which rows are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quarter(pub i32);

impl Quarter {
    /// The quarter that holds an instant.
    pub fn of(at_ms: i64) -> Quarter {
        Quarter(at_ms.div_euclid(QUARTER_MS) as i32)
    }
    /// Its first instant, in ms.
    pub fn start_ms(self) -> i64 {
        i64::from(self.0) * QUARTER_MS
    }
    /// The first instant after it, in ms.
    pub fn end_ms(self) -> i64 {
        self.start_ms() + QUARTER_MS
    }
}
