//! The columns of a segment: names, types, encodings, meanings. Generated from the tables of [`crate::row`].

use crate::row::{SumColumn, TextColumn};
use arrow_schema::{DataType, Field, Fields, Schema, TimeUnit};
use std::fmt::Write;
use std::sync::Arc;

/// Columns that every row has beside text and sums: name and meaning. `entry` stands in the text table.
pub(super) const FIXED: [(&str, &str); 11] = [
    ("account", "Account (Kaltura: partner id)."),
    ("bucket", "The quarter of an hour, by its first instant."),
    ("session", "Hash of the session id."),
    ("playback", "`vod`, `live`, `dvr` or `offline`."),
    (
        "version",
        "How often the session had been folded when the row was made. Of one (account, entry, session) only the rows of \
         the highest version count.",
    ),
    ("person", "The viewer's random key; 0 is everybody who is not known."),
    ("proof", "How the viewer is known: `none`, `claimed` or `verified`."),
    ("staff", "Course staff, by the token's word."),
    ("bot", "A bot, by its user agent."),
    ("first_at", "First instant of the row's events."),
    ("last_at", "Last instant of the row's events."),
];

/// List columns: name and meaning.
pub(super) const LISTS: [(&str, &str); 4] = [
    ("coverage", "Seconds `[from, to)` of the recording viewed in this row, `times` over; disjoint, ascending."),
    ("fresh", "Of these, the seconds viewed for the first time in the session."),
    ("attention", "Media `ms` watched by `state` = sound + 3 tab + 9 view + 27 screen, each 0 not said, 1 off, 2 on."),
    ("marks", "How often (`count`) an event of type `kind` came with variable `name` = `value`."),
];

pub(super) fn instant() -> DataType {
    DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()))
}

pub(super) fn word() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
}

fn fixed_type(name: &str) -> DataType {
    match name {
        "account" | "version" => DataType::UInt32,
        "session" | "person" => DataType::UInt64,
        "bucket" | "first_at" | "last_at" => instant(),
        "staff" | "bot" => DataType::Boolean,
        _ => word(),
    }
}

/// The fields of a list column's items.
pub(super) fn item_fields(name: &str) -> Fields {
    let field = |name: &str, kind: DataType| Field::new(name, kind, false);
    match name {
        "attention" => vec![field("state", DataType::UInt8), field("ms", DataType::UInt64)].into(),
        "marks" => vec![
            field("kind", DataType::UInt32),
            field("name", DataType::Utf8),
            field("value", DataType::Utf8),
            field("count", DataType::UInt32),
        ]
        .into(),
        _ => ["from", "to", "times"].map(|name| field(name, DataType::UInt32)).into_iter().collect(),
    }
}

/// The item of a list column.
pub(super) fn item(name: &str) -> Arc<Field> {
    Arc::new(Field::new("element", DataType::Struct(item_fields(name)), false))
}

/// The whole schema, in the order of the files.
pub(super) fn schema() -> Schema {
    let fixed = FIXED.iter().map(|(name, _)| Field::new(*name, fixed_type(name), false));
    let text = TextColumn::ALL.iter().map(|column| Field::new(column.column(), word(), false));
    let sums = SumColumn::ALL.iter().map(|column| Field::new(column.column(), DataType::UInt64, false));
    let lists = LISTS.iter().map(|(name, _)| Field::new(*name, DataType::List(item(name)), false));
    Schema::new(fixed.chain(text).chain(sums).chain(lists).collect::<Vec<_>>())
}

fn type_name(kind: &DataType) -> String {
    match kind {
        DataType::Timestamp(..) => "timestamp (ms, UTC)".into(),
        DataType::Dictionary(..) | DataType::Utf8 => "string".into(),
        DataType::List(item) => format!("list of {}", type_name(item.data_type())),
        DataType::Struct(fields) => {
            let fields = fields.iter().map(|field| format!("{} {}", field.name(), type_name(field.data_type())));
            format!("({})", fields.collect::<Vec<_>>().join(", "))
        }
        other => format!("{other:?}").to_lowercase(),
    }
}

/// Every column with its type and meaning, as a Markdown table: the heart of `docs/formats.md`.
pub fn describe() -> String {
    let fixed = FIXED.iter().map(|(_, meaning)| *meaning);
    let text = TextColumn::ALL.iter().map(|column| column.meaning());
    let sums = SumColumn::ALL.iter().map(|column| column.meaning());
    let lists = LISTS.iter().map(|(_, meaning)| *meaning);
    let meanings = fixed.chain(text).chain(sums).chain(lists);
    let mut table = String::from("| Column | Type | Meaning |\n|---|---|---|\n");
    for (field, meaning) in schema().fields().iter().zip(meanings) {
        let _ = writeln!(table, "| `{}` | {} | {meaning} |", field.name(), type_name(field.data_type()));
    }
    table
}
