//! Tables as CSV and NDJSON.

use serde_json::{Map, Value};

/// Columns and rows; cells are JSON values.
#[derive(Debug)]
pub struct Sheet {
    /// Column names.
    pub columns: Vec<String>,
    /// Rows, as long as `columns`.
    pub rows: Vec<Vec<Value>>,
    /// A sentence that must travel along, as the last row.
    pub note: Option<&'static str>,
}

impl Sheet {
    /// As CSV. Text that a spreadsheet would run as a formula gets an apostrophe before it (ASVS 5.0, 1.2.10).
    pub fn csv(&self) -> String {
        let mut out = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        let note = self.note.map(|note| vec![Value::from(note)]);
        let mut write = |row: Vec<String>| out.write_record(row).expect("memory takes everything");
        write(self.columns.iter().map(|name| harmless(name)).collect());
        for row in self.rows.iter().chain(&note) {
            write(row.iter().map(cell).collect());
        }
        let bytes = out.into_inner().expect("memory takes everything");
        String::from_utf8(bytes).expect("it was written as text")
    }

    /// As one JSON object a row.
    pub fn ndjson(&self) -> String {
        let mut out = String::new();
        for row in &self.rows {
            let object: Map<String, Value> = self.columns.iter().cloned().zip(row.iter().cloned()).collect();
            out.push_str(&Value::Object(object).to_string());
            out.push('\n');
        }
        if let Some(note) = self.note {
            out.push_str(&serde_json::json!({ "note": note }).to_string());
            out.push('\n');
        }
        out
    }
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => harmless(text),
        other => other.to_string(),
    }
}

fn harmless(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if formula { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_defused_and_numbers_are_not() {
        let sheet = Sheet {
            columns: vec!["label".to_owned(), "change".to_owned()],
            rows: vec![
                vec![Value::from("=HYPERLINK(\"x\")"), Value::from(-1.5)],
                vec![Value::from("a,b"), Value::Null],
            ],
            note: None,
        };
        assert_eq!(sheet.csv(), "label,change\n\"'=HYPERLINK(\"\"x\"\")\",-1.5\n\"a,b\",\n");
        assert_eq!(sheet.ndjson().lines().count(), 2);
    }
}
