//! Checking records: every fault is found, named by field, and answered with what would be right.

use super::{Field, FieldKind, Kind, Record};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt;

/// Longest list in a record.
const ITEMS_MAX: usize = 10_000;

/// What is wrong with a field, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The field (`co_editors.person` inside lists).
    pub field: String,
    /// A sentence without subject: `must be ...; found ...`.
    pub problem: String,
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.field, self.problem)
    }
}

pub(super) fn record(
    kind: Kind,
    object: &Map<String, Value>,
    id_elsewhere: Option<&str>,
) -> Result<Record, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut object = object.clone();
    match object.remove("record") {
        Some(word) if word.as_str() != Some(kind.name()) => {
            errors.push(error("record", format!("must be \"{}\" here, or absent; found {}", kind.name(), found(&word))))
        }
        _ => {}
    }
    if let Some(id) = id_elsewhere {
        match object.get("id") {
            Some(own) if own.as_str() != Some(id) => {
                errors.push(error("id", format!("must be \"{id}\" as in the path, or absent; found {}", found(own))));
            }
            _ => {
                object.insert("id".to_owned(), Value::from(id));
            }
        }
    }
    let noun = format!("a record of kind `{}`", kind.name());
    let mut values = fields("", &noun, kind.fields(), &object, &mut errors);
    if errors.is_empty() {
        across(kind, &values, &mut errors);
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let id = match values.remove("id") {
        Some(Value::String(id)) => id,
        _ => composed_id(kind, &values),
    };
    Ok(Record { kind, id: id.into(), values })
}

/// The id of a record that brings none: what it connects, and since when if told, so that a second period is a record
/// of its own and a repeated import changes nothing.
fn composed_id(kind: Kind, values: &BTreeMap<&'static str, Value>) -> String {
    let parts: &[&str] = match kind {
        Kind::Member => &["category", "person", "role"],
        _ => &["entry", "category"],
    };
    let mut id: Vec<String> =
        parts.iter().filter_map(|name| values.get(name)).filter_map(Value::as_str).map(str::to_owned).collect();
    id.extend(values.get("from").map(Value::to_string));
    id.join(":")
}

/// Rules between fields.
fn across(kind: Kind, values: &BTreeMap<&'static str, Value>, errors: &mut Vec<FieldError>) {
    let instant = |name: &str| values.get(name).and_then(Value::as_i64);
    for (first, last) in [("from", "to"), ("starts", "ends")] {
        if let (Some(from), Some(to)) = (instant(first), instant(last))
            && to <= from
        {
            errors.push(error(last, format!("must be after `{first}`")));
        }
    }
    if kind == Kind::Note && values.contains_key("entry") && values.contains_key("category") {
        errors.push(error("category", "must be absent when `entry` is there: a note is about one thing".to_owned()));
    }
    if kind == Kind::Category && values.get("parent").is_some() && values.get("parent") == values.get("id") {
        errors.push(error("parent", "must be another category".to_owned()));
    }
}

/// The fields of an object, checked and normalised.
fn fields(
    prefix: &str,
    noun: &str,
    shape: &'static [Field],
    object: &Map<String, Value>,
    errors: &mut Vec<FieldError>,
) -> BTreeMap<&'static str, Value> {
    let mut values = BTreeMap::new();
    for name in object.keys() {
        if !shape.iter().any(|field| field.name == name) {
            let known: Vec<String> = shape.iter().map(|field| format!("`{}`", field.name)).collect();
            let problem = format!("is not a field of {noun}; its fields are {}", known.join(", "));
            errors.push(error(&format!("{prefix}{name}"), problem));
        }
    }
    for field in shape {
        let path = format!("{prefix}{}", field.name);
        match object.get(field.name) {
            None | Some(Value::Null) if field.required => {
                errors.push(error(&path, format!("is missing: {} {}", field.meaning, right(field.kind))));
            }
            None | Some(Value::Null) => {}
            Some(value) => {
                if let Some(value) = checked(&path, field, value, errors) {
                    values.insert(field.name, value);
                }
            }
        }
    }
    values
}

/// A value as it is kept, or an error on the list.
fn checked(path: &str, field: &Field, value: &Value, errors: &mut Vec<FieldError>) -> Option<Value> {
    let kept = match (field.kind, value) {
        (FieldKind::Text(max), Value::String(text)) => return text_of(path, field, max, text, errors),
        (FieldKind::Person, Value::String(text)) => return text_of(path, field, 128, text, errors),
        (FieldKind::Word(words), Value::String(word)) => words.contains(&word.as_str()).then(|| value.clone()),
        (FieldKind::Flag, Value::Bool(_)) => Some(value.clone()),
        (FieldKind::Milliseconds, Value::Number(number)) => {
            // What SQLite's integers hold.
            number.as_u64().filter(|ms| i64::try_from(*ms).is_ok()).map(Value::from)
        }
        (FieldKind::Instant, Value::String(text)) => instant(text).map(Value::from),
        (FieldKind::Day, Value::String(text)) => {
            text.parse::<jiff::civil::Date>().ok().map(|day| day.to_string().into())
        }
        (FieldKind::Texts | FieldKind::Objects(_), Value::Array(items)) if items.len() > ITEMS_MAX => None,
        (FieldKind::Texts, Value::Array(items)) => {
            let short = |item: &Value| item.as_str().is_some_and(|text| !text.is_empty() && text.len() <= 256);
            items.iter().all(short).then(|| value.clone())
        }
        (FieldKind::Objects(shape), Value::Array(items)) => return objects(path, shape, items, errors),
        _ => None,
    };
    if kept.is_none() {
        errors.push(error(path, format!("must be {}; found {}", right(field.kind), found(value))));
    }
    kept
}

fn text_of(path: &str, field: &Field, max: usize, text: &str, errors: &mut Vec<FieldError>) -> Option<Value> {
    if text.len() > max {
        errors.push(error(path, format!("must have at most {max} bytes; it has {}", text.len())));
        return None;
    }
    if text.contains('\0') {
        errors.push(error(path, "must not contain a NUL character".to_owned()));
        return None;
    }
    if text.is_empty() {
        if field.required {
            errors.push(error(path, format!("must not be empty: {}", field.meaning)));
        }
        return None;
    }
    Some(Value::from(text))
}

fn objects(path: &str, shape: &'static [Field], items: &[Value], errors: &mut Vec<FieldError>) -> Option<Value> {
    let mut kept = Vec::new();
    for item in items {
        let object = match item {
            Value::Object(object) => object.clone(),
            Value::String(_) => Map::from_iter([(shape[0].name.to_owned(), item.clone())]),
            _ => {
                errors.push(error(path, format!("must be a list of objects; found {} in it", found(item))));
                continue;
            }
        };
        let values = fields(&format!("{path}."), &format!("`{path}`"), shape, &object, errors);
        kept.push(Value::Object(values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()));
    }
    Some(Value::Array(kept))
}

/// Ms since 1970 of an RFC 3339 instant, or of a day's start in UTC.
fn instant(text: &str) -> Option<i64> {
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        return Some(instant.as_millisecond());
    }
    if text.len() != "2026-10-01".len() {
        return None;
    }
    let day: jiff::civil::Date = text.parse().ok()?;
    jiff::tz::TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok().map(jiff::Timestamp::as_millisecond)
}

/// What would be right, in words.
pub(super) fn right(kind: FieldKind) -> String {
    match kind {
        FieldKind::Text(max) => format!("text of at most {max} bytes"),
        FieldKind::Word(words) => format!("one of {}", words.join(", ")),
        FieldKind::Flag => "true or false".to_owned(),
        FieldKind::Milliseconds => "a whole number of milliseconds, like 90000".to_owned(),
        FieldKind::Instant => "a moment like \"2026-10-01T08:00:00Z\", or a day like \"2026-10-01\"".to_owned(),
        FieldKind::Day => "a day like \"2026-10-01\"".to_owned(),
        FieldKind::Person => "a person's id, as text".to_owned(),
        FieldKind::Texts => format!("a list of at most {ITEMS_MAX} texts of 1 to 256 bytes"),
        FieldKind::Objects(shape) => {
            let names: Vec<&str> = shape.iter().map(|field| field.name).collect();
            format!("a list of at most {ITEMS_MAX} objects with {}", names.join(", "))
        }
    }
}

/// What came instead, cut short.
fn found(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= 60 { text } else { text.chars().take(60).chain("...".chars()).collect() }
}

fn error(field: &str, problem: String) -> FieldError {
    FieldError { field: field.to_owned(), problem }
}

/// A CSV cell as the JSON value that the same field would have: empty is absent, lists are separated by `|` or written
/// as JSON.
pub(in crate::catalog) fn cell(kind: FieldKind, cell: &str) -> Value {
    let text = || Value::from(cell);
    if cell.is_empty() {
        return Value::Null;
    }
    match kind {
        FieldKind::Flag => match cell {
            "true" | "yes" | "1" => Value::Bool(true),
            "false" | "no" | "0" => Value::Bool(false),
            _ => text(),
        },
        FieldKind::Milliseconds => cell.parse::<u64>().map_or_else(|_| text(), Value::from),
        FieldKind::Texts | FieldKind::Objects(_) if cell.starts_with('[') => {
            serde_json::from_str(cell).unwrap_or_else(|_| text())
        }
        FieldKind::Texts | FieldKind::Objects(_) => cell.split('|').map(Value::from).collect(),
        _ => text(),
    }
}
