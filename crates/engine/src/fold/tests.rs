//! One line a rule: a session as a short script, and the columns it must give.

mod cases;
mod laws;
mod live;
pub(super) mod script;

use super::*;
use crate::row::{Span, SumColumn};
use script::script;

/// The rows of a script.
fn fold(text: &str) -> Vec<ViewRow> {
    fold_session(&script(text))
}

fn total(rows: &[ViewRow], column: SumColumn) -> u64 {
    rows.iter().map(|row| row.get(column)).sum()
}

/// Spans as `0-10 12-14x2`.
fn spans(spans: &[Span]) -> String {
    let one = |span: &Span| match span.times {
        1 => format!("{}-{}", span.from, span.to),
        times => format!("{}-{}x{times}", span.from, span.to),
    };
    spans.iter().map(one).collect::<Vec<_>>().join(" ")
}

/// Folds a script and compares what is named: `column=sum over rows`, `rows=`, `coverage=`/`fresh=` (of all rows, rows
/// parted by `|`), `attention=state:ms`, or `column=a|b` row by row.
#[track_caller]
fn check(text: &str, expected: &str) {
    let rows = fold(text);
    for item in expected.split(", ") {
        let (name, value) = item.split_once('=').unwrap();
        let by_row = |show: &dyn Fn(&ViewRow) -> String| rows.iter().map(show).collect::<Vec<_>>().join("|");
        let got = match name {
            "rows" => rows.len().to_string(),
            "coverage" => by_row(&|row| spans(&row.coverage)),
            "fresh" => by_row(&|row| spans(&row.fresh)),
            "person" => by_row(&|row| format!("{}/{}", row.person.0, row.proof as u8)),
            "attention" => by_row(&|row| {
                let one = |a: &crate::row::Attention| format!("{}:{}", a.state, a.ms);
                row.attention.iter().map(one).collect::<Vec<_>>().join(" ")
            }),
            "marks" => by_row(&|row| {
                let one = |m: &crate::row::Mark| format!("{}.{}={}x{}", m.kind, m.name, m.value, m.count);
                row.marks.iter().map(one).collect::<Vec<_>>().join(" ")
            }),
            name => {
                let column = SumColumn::ALL.iter().copied().find(|column| column.column() == name);
                let column = column.unwrap_or_else(|| panic!("no column {name}"));
                if value.contains('|') {
                    by_row(&|row| row.get(column).to_string())
                } else {
                    total(&rows, column).to_string()
                }
            }
        };
        assert_eq!(got, value, "{name} of {text}");
    }
}
