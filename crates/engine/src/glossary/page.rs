//! The glossary as people and programs read it.

use super::{Dimension, Measure};
use serde_json::{Value, json};
use std::fmt::Write;

/// The answer of `/api/v1/metrics`: `{measures: [...], dimensions: [...]}`.
pub fn json() -> Value {
    let measures: Vec<Value> = Measure::ALL
        .iter()
        .map(|m| {
            json!({
                "id": m.name(), "number": m.id(), "label": m.label(), "unit": m.unit().name(), "better": m.better().name(),
                "additive": m.additive(), "kaltura": m.kaltura(), "definition": m.definition(),
                "formula": m.recipe().formula(), "example": m.example(),
            })
        })
        .collect();
    let dimensions: Vec<Value> = Dimension::ALL
        .iter()
        .map(|d| {
            json!({
                "id": d.name(), "number": d.id(), "label": d.label(), "definition": d.definition(),
                "absent": d.absent(), "many_valued": d.many_valued(), "words": d.words(),
            })
        })
        .collect();
    json!({ "measures": measures, "dimensions": dimensions })
}

/// `docs/generated/glossary.md`.
pub fn markdown() -> String {
    let mut out = String::from(
        "# Measures and dimensions\n\nGenerated from `crates/engine/src/glossary/tables.rs`; `UPDATE_EXPECT=1 cargo nextest run -p engine glossary` \
         writes it anew.\n\nMeasures that add up may be summed over days and recordings; all others are reckoned anew for every row, bucket and \
         total. A ratio without anything below its line is null.\n\n## Measures\n",
    );
    for m in Measure::ALL {
        let adds = if m.additive() { "adds up" } else { "does not add up" };
        let kaltura = if m.kaltura().is_empty() { String::new() } else { format!(" Kaltura: `{}`.", m.kaltura()) };
        let _ = write!(
            out,
            "\n### {} `{}`\n\n{}\n\nUnit: {}; better: {}; {adds}.{kaltura} Formula: {}. Example: {}\n",
            m.label(),
            m.name(),
            m.definition(),
            m.unit().name(),
            m.better().name(),
            m.recipe().formula(),
            m.example()
        );
    }
    out.push_str("\n## Dimensions\n\n| Dimension | Label | Meaning |\n|---|---|---|\n");
    for d in Dimension::ALL {
        let words = d.words().map(|w| format!(" Values: {}.", w.join(", "))).unwrap_or_default();
        let _ = writeln!(out, "| `{}` | {} | {}{words} |", d.name(), d.label(), d.definition());
    }
    out
}

/// What `playhead metrics` prints.
pub fn printout() -> String {
    let wide = Measure::ALL
        .iter()
        .map(|m| m.name().len())
        .chain(Dimension::ALL.iter().map(|d| d.name().len()))
        .max()
        .unwrap_or(0);
    let mut out = String::from("Measures\n");
    for m in Measure::ALL {
        let _ = writeln!(out, "  {:wide$}  {} [{}]", m.name(), m.definition(), m.unit().name());
    }
    out.push_str("\nDimensions\n");
    for d in Dimension::ALL {
        let _ = writeln!(out, "  {:wide$}  {}", d.name(), d.definition());
    }
    out
}
