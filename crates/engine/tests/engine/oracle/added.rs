//! Recordings added, said again: each is a row of its own, at the instant of its creation, in which nobody did anything.

use super::rows::Row;
use engine::access::Subject;
use engine::catalog::view::AccountView;
use engine::glossary::Dimension;
use engine::limits::QUARTER_MS;
use engine::question::{Panel, Question, View};

/// All recordings of which the catalog knows when they were created.
pub fn recordings(view: &AccountView) -> Vec<Row> {
    let dated = view.entries.iter().filter_map(|(id, entry)| Some((id, entry.created_ms?)));
    dated.map(|(id, created_ms)| at(id, created_ms)).collect()
}

/// All recordings of which it does not, though it knows them.
pub fn undated(view: &AccountView) -> Vec<Row> {
    let undated = view.entries.iter().filter(|(_, entry)| entry.created_ms.is_none() && !entry.unconfirmed);
    undated.map(|(id, _)| at(id, 0)).collect()
}

fn at(id: &str, created_ms: i64) -> Row {
    Row { entry: id.into(), quarter: created_ms.div_euclid(QUARTER_MS), first_ms: created_ms, ..Row::default() }
}

/// Whether a panel can tell of them: only if nothing in it is about views.
pub fn are_told(subject: &Subject, question: &Question, panel: &Panel) -> bool {
    let by: Vec<Dimension> = match &panel.view {
        View::Series { by, .. } => vec![*by],
        View::Table { by, .. } => by.clone(),
        _ => vec![],
    };
    let filters = question.filters.iter().chain(&panel.filters).map(|filter| filter.dimension);
    filters.chain(by).all(is_of_recordings) && subject_is_of_recordings(subject)
}

fn is_of_recordings(dimension: Dimension) -> bool {
    use Dimension as D;
    [D::Entry, D::MediaType, D::EntrySource, D::Tag, D::Owner, D::Category, D::Subcategory, D::Deleted]
        .contains(&dimension)
        || [D::Quarter, D::Hour, D::Day, D::Week, D::SundayWeek, D::Month].contains(&dimension)
        || [D::Term, D::Year, D::HourOfDay, D::Weekday].contains(&dimension)
}

fn subject_is_of_recordings(subject: &Subject) -> bool {
    match subject {
        Subject::Account | Subject::Entry(_) | Subject::Owner { .. } | Subject::Category { .. } | Subject::Tag(_) => {
            true
        }
        Subject::Medium { .. } | Subject::Section { .. } | Subject::Playlist(_) | Subject::Viewer(_) => false,
        Subject::Both(one, other) => subject_is_of_recordings(one) && subject_is_of_recordings(other),
    }
}
