//! Answers a question from one snapshot: plan, scan, merge, finish.
//!
//! [`plan`] resolves words against the catalog as it is now; [`scan`] reads each part once and feeds all panels, giving a
//! [`partial`] that merges with any other in any order; [`finish`] turns sums and sets into values, sorts and pages.
//! Nothing is rounded before the last step.

mod finish;
mod lengths;
mod partial;
mod plan;
mod scan;

pub use lengths::{Length, Lengths};

use crate::access::Scope;
use crate::block::{Snapshot, Unreadable};
use crate::catalog::view::CatalogView;
use crate::period::PeriodError;
use crate::question::{Answer, LeftOut, Question};
use partial::Partial;
use plan::Plan;
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
    /// The time buckets cannot be made.
    #[error(transparent)]
    Period(#[from] PeriodError),
    /// A segment cannot be read: an answer without it would be wrong.
    #[error("read a part of the store")]
    Unreadable(#[from] Unreadable),
}

/// Answers, and what they leave out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answered {
    /// One for each panel, in order.
    pub answers: Vec<Answer>,
    /// Counted over the same scope, range and filters.
    pub left_out: LeftOut,
}

/// Answers a question about what `scope` allows, from one snapshot and the catalog as it is now.
///
/// # Errors
/// Words that do not exist, people where none may be seen, endless time series, unreadable segments.
pub fn answer(
    snapshot: &Snapshot,
    catalog: &CatalogView,
    scope: &Scope,
    question: &Question,
) -> Result<Answered, QueryError> {
    let plan = Plan::new(snapshot, catalog, scope, question)?;
    let mut whole = Partial::new(&plan);
    for part in &snapshot.parts {
        if let Some(partial) = scan::part(&plan, part)? {
            whole.merge(partial);
        }
    }
    Ok(finish::answered(&plan, whole))
}

#[cfg(test)]
mod tests;
