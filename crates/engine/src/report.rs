//! The named reports: what the pages of the dashboard show, as data. A report is a list of panels, each of them a view
//! over measures and dimensions of the glossary; all panels of a report are answered by one scan.
//!
//! To add a report, add a row to [`REPORTS`]. What needs more than a view (sentences about an answer) is an [`Insight`].

mod dead_air;
mod insight;
mod tables;

pub use dead_air::{DeadAir, dead_air};
pub use insight::{Insight, InsightKind, Loss, clock, losses};
pub use tables::REPORTS;

use crate::event::Text;
use crate::glossary::{Dimension, Measure};
use crate::question::{Page, Sort, View};
use std::fmt::Write;
use thiserror::Error;

/// What is about what: which subjects a report makes sense for. Any subject can be asked; a report about one recording
/// needs one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// Any subject.
    Anything,
    /// One recording.
    Recording,
}

/// A report.
#[derive(Debug)]
pub struct Report {
    /// Its name in addresses and on the command line, for ever.
    pub name: &'static str,
    /// What people read.
    pub label: &'static str,
    /// What it answers, one sentence.
    pub definition: &'static str,
    /// For what it makes sense.
    pub about: About,
    /// Its panels, in the order of reading.
    pub panels: &'static [Panel],
}

/// One panel of a report.
#[derive(Debug)]
pub struct Panel {
    /// Its name within the report, for ever.
    pub name: &'static str,
    /// What people read.
    pub label: &'static str,
    /// What it shows.
    pub shows: Shows,
}

/// What a panel shows.
#[derive(Debug)]
pub enum Shows {
    /// Totals, with what they are compared with.
    Totals(&'static [Measure]),
    /// A time series.
    Series(Dimension, &'static [Measure]),
    /// A table, largest first by its first measure, in the order of time if it is by time.
    Table {
        /// By what.
        by: &'static [Dimension],
        /// Which.
        measures: &'static [Measure],
        /// Rows on its first page.
        rows: usize,
        /// With the seconds watched.
        coverage: bool,
    },
    /// Views and viewers of each second of the recording.
    Heat,
    /// Sentences.
    Insights(&'static [InsightKind]),
}

/// No such report or panel.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReportError {
    /// No such report.
    #[error("there is no report '{name}'; there are: {known}")]
    Unknown {
        /// As asked.
        name: String,
        /// Names there are.
        known: String,
    },
    /// No such panel.
    #[error("the report '{report}' has no panel '{name}'; it has: {known}")]
    UnknownPanel {
        /// The report.
        report: &'static str,
        /// As asked.
        name: String,
        /// Names there are.
        known: String,
    },
}

impl Report {
    /// The report of a name.
    ///
    /// # Errors
    /// When there is none.
    pub fn parse(name: &str) -> Result<&'static Report, ReportError> {
        let known = || REPORTS.iter().map(|report| report.name).collect::<Vec<_>>().join(", ");
        let found = REPORTS.iter().find(|report| report.name == name);
        found.ok_or_else(|| ReportError::Unknown { name: name.to_owned(), known: known() })
    }
    /// The panel of a name.
    ///
    /// # Errors
    /// When there is none.
    pub fn panel(&self, name: &str) -> Result<&'static Panel, ReportError> {
        let known = || self.panels.iter().map(|panel| panel.name).collect::<Vec<_>>().join(", ");
        let found = self.panels.iter().find(|panel| panel.name == name);
        let unknown = || ReportError::UnknownPanel { report: self.name, name: name.to_owned(), known: known() };
        found.ok_or_else(unknown)
    }
}

impl Panel {
    /// Whether its subject must be a category. A report leaves such a panel out for other subjects.
    pub fn needs_category(&self) -> bool {
        matches!(&self.shows, Shows::Table { by, .. } if by.contains(&Dimension::Subcategory))
    }
    /// What it asks of the engine; `entry` is the recording that the report is about. Nothing where it needs one that
    /// is not there. Insights ask for several views.
    pub fn views(&self, entry: Option<&Text>) -> Vec<View> {
        match &self.shows {
            Shows::Totals(measures) => vec![View::Totals { measures: measures.to_vec() }],
            Shows::Series(by, measures) => vec![View::Series { by: *by, measures: measures.to_vec() }],
            Shows::Table { by, measures, rows, coverage } => {
                let page = Page { limit: *rows, ..Page::all(order(by, measures)) };
                let (by, measures) = (by.to_vec(), measures.to_vec());
                vec![View::Table { by, measures, page, coverage: *coverage }]
            }
            Shows::Heat => entry.map(|entry| View::Heat { entry: entry.clone() }).into_iter().collect(),
            Shows::Insights(kinds) => kinds.iter().filter_map(|kind| kind.view(entry)).collect(),
        }
    }
}

/// The order of a table of which nothing else is said.
pub fn order(by: &[Dimension], measures: &[Measure]) -> Sort {
    let by_time = by.iter().any(|dimension| dimension.time().is_some());
    Sort { measure: measures.first().copied().filter(|_| !by_time), descending: !by_time }
}

/// The page of the documentation about reports.
pub fn page() -> String {
    let mut out = String::from(
        "# Reports\n\nNamed reports of the API (`/api/v1/reports/NAME`) and of `playhead export report`. All panels of \
         a report are answered by one scan; one panel alone is `/api/v1/reports/NAME/PANEL`, paged, or as a file by \
         `Accept`. The words are those of [glossary.md](glossary.md).\n",
    );
    for report in REPORTS {
        let _ = write!(out, "\n## `{}`: {}\n\n{}", report.name, report.label, report.definition);
        if report.about == About::Recording {
            out.push_str(" Its subject is one recording.");
        }
        out.push_str("\n\n| Panel | | By | Measures |\n|---|---|---|---|\n");
        for panel in report.panels {
            let names = |measures: &[Measure]| measures.iter().map(|m| m.name()).collect::<Vec<_>>().join(", ");
            let (by, shows) = match &panel.shows {
                Shows::Totals(measures) => ("totals".to_owned(), names(measures)),
                Shows::Series(by, measures) => (format!("{}, every one", by.name()), names(measures)),
                Shows::Table { by, measures, coverage, .. } => {
                    let by = by.iter().map(|d| d.name()).collect::<Vec<_>>().join(", ");
                    (by, format!("{}{}", names(measures), if *coverage { ", seconds watched" } else { "" }))
                }
                Shows::Heat => ("second".to_owned(), "views and viewers".to_owned()),
                Shows::Insights(kinds) => {
                    ("sentences".to_owned(), kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", "))
                }
            };
            let needs = if panel.needs_category() { " (of a category)" } else { "" };
            let _ = writeln!(out, "| `{}` | {}{needs} | {by} | {shows} |", panel.name, panel.label);
        }
    }
    out
}

#[cfg(test)]
mod tests;
