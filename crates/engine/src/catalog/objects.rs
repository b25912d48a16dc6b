//! Objects in their tables: records in, records out. The statements derive from the shapes in [`super::record`].

use super::build::Touched;
use super::record::{Field, FieldKind, Kind, Record};
use crate::event::{AccountId, PersonKey, Text};
use rusqlite::types::{Value as Sql, ValueRef};
use rusqlite::{CachedStatement, Connection, OptionalExtension, Row, params, params_from_iter};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// One transaction's changes to one account.
pub(super) struct Change<'a> {
    pub(super) connection: &'a Connection,
    account: AccountId,
    now_ms: i64,
    touched: BTreeSet<Touched>,
}

/// A kind's fields except its id: the columns of its table.
fn columns(kind: Kind) -> impl Iterator<Item = &'static Field> {
    kind.fields().iter().filter(|field| field.name != "id")
}

fn quoted(kind: Kind) -> Vec<String> {
    columns(kind).map(|field| format!("\"{}\"", field.name)).collect()
}

impl<'a> Change<'a> {
    pub(super) fn new(connection: &'a Connection, account: AccountId, now_ms: i64) -> Change<'a> {
        Change { connection, account, now_ms, touched: BTreeSet::new() }
    }

    pub(super) fn touched(self) -> BTreeSet<Touched> {
        self.touched
    }

    pub(super) fn touch(&mut self, what: Touched) {
        self.touched.insert(what);
    }

    /// The key of a person by id; made when there is none.
    pub(super) fn person(&mut self, id: &str, fresh: &mut dyn FnMut() -> u64) -> Result<PersonKey, rusqlite::Error> {
        let account = self.account.0;
        let mut find = self.connection.prepare_cached("SELECT key FROM person WHERE account = ?1 AND id = ?2")?;
        let found: Option<i64> = find.query_row(params![account, id], |row| row.get(0)).optional()?;
        if let Some(key) = found {
            return Ok(PersonKey(key as u64));
        }
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO person (account, key, id, unconfirmed) VALUES (?1, ?2, ?3, 1) ON CONFLICT (account, key) DO NOTHING",
        )?;
        loop {
            let key = fresh();
            // 0 is nobody known; a key that is taken is drawn again.
            if key != PersonKey::UNKNOWN.0 && insert.execute(params![account, key as i64, id])? == 1 {
                self.touch(Touched::Person(PersonKey(key)));
                return Ok(PersonKey(key));
            }
        }
    }

    /// Creates or replaces an object; says whether it is new.
    pub(super) fn put(&mut self, record: &Record, fresh: &mut dyn FnMut() -> u64) -> Result<bool, rusqlite::Error> {
        let kind = record.kind();
        if kind == Kind::Person {
            return self.put_person(record, fresh);
        }
        let before = raw(self.connection, self.account, kind, record.id())?;
        if let Some(before) = &before {
            // An object may leave a category, or a category its parent.
            self.touch_of(kind, record.id(), before);
        }
        let mut values = BTreeMap::new();
        for field in columns(kind) {
            if let Some(value) = record.value(field.name) {
                values.insert(field.name, self.keyed(field.kind, value, fresh)?);
            }
        }
        if kind == Kind::Entry {
            keep_history(before.as_ref(), &mut values, self.now_ms);
        }
        self.write(kind, record.id(), &values)?;
        self.touch_of(kind, record.id(), &values);
        Ok(before.is_none())
    }

    fn put_person(&mut self, record: &Record, fresh: &mut dyn FnMut() -> u64) -> Result<bool, rusqlite::Error> {
        let known = "SELECT unconfirmed FROM person WHERE account = ?1 AND id = ?2";
        let mut known = self.connection.prepare_cached(known)?;
        let unconfirmed: Option<bool> =
            known.query_row(params![self.account.0, record.id()], |row| row.get(0)).optional()?;
        let key = self.person(record.id(), fresh)?;
        let optional = |field| Some(record.text(field)).filter(|text| !text.is_empty());
        self.connection
            .prepare_cached("UPDATE person SET name = ?3, mail = ?4, unconfirmed = 0 WHERE account = ?1 AND key = ?2")?
            .execute(params![self.account.0, key.0 as i64, optional("name"), optional("mail")])?;
        self.touch(Touched::Person(key));
        Ok(unconfirmed.is_none())
    }

    /// Writes a row.
    fn write(&self, kind: Kind, id: &str, values: &BTreeMap<&'static str, Value>) -> Result<(), rusqlite::Error> {
        let names = quoted(kind);
        let marks: Vec<String> = (0..names.len()).map(|i| format!("?{}", i + 3)).collect();
        let mut sets: Vec<String> = names.iter().map(|name| format!("{name} = excluded.{name}")).collect();
        if kind == Kind::Entry {
            sets.push("unconfirmed = 0".to_owned());
        }
        let sql = format!(
            "INSERT INTO {} (account, id, {}) VALUES (?1, ?2, {}) ON CONFLICT (account, id) DO UPDATE SET {}",
            kind.name(),
            names.join(", "),
            marks.join(", "),
            sets.join(", ")
        );
        let keys = [Sql::Integer(self.account.0.into()), Sql::Text(id.to_owned())];
        let row = columns(kind).map(|field| to_sql(values.get(field.name)));
        self.connection.prepare_cached(&sql)?.execute(params_from_iter(keys.into_iter().chain(row)))?;
        Ok(())
    }

    /// A value with keys in the place of people's ids.
    fn keyed(
        &mut self,
        kind: FieldKind,
        value: &Value,
        fresh: &mut dyn FnMut() -> u64,
    ) -> Result<Value, rusqlite::Error> {
        Ok(match (kind, value) {
            (FieldKind::Person, Value::String(id)) => Value::from(self.person(id, fresh)?.0),
            (FieldKind::Objects(shape), Value::Array(items)) => {
                let mut kept = Vec::new();
                for item in items {
                    let mut object = item.as_object().cloned().unwrap_or_default();
                    for field in shape.iter().filter(|field| field.kind == FieldKind::Person) {
                        if let Some(person) = object.get_mut(field.name) {
                            *person = self.keyed(field.kind, person, fresh)?;
                        }
                    }
                    kept.push(Value::Object(object));
                }
                Value::Array(kept)
            }
            _ => value.clone(),
        })
    }

    /// Sets or unsets where a recording's content ends; says whether there is such a recording.
    pub(super) fn set_content_end(&mut self, id: &str, end_ms: Option<u64>) -> Result<bool, rusqlite::Error> {
        let sql = "UPDATE entry SET content_end_ms = ?3 WHERE account = ?1 AND id = ?2";
        let end_ms = end_ms.map(u64::cast_signed);
        let found = self.connection.prepare_cached(sql)?.execute(params![self.account.0, id, end_ms])? > 0;
        if found {
            self.touch(Touched::Entry(id.into()));
        }
        Ok(found)
    }

    /// Marks what shows an object.
    fn touch_of(&mut self, kind: Kind, id: &str, values: &BTreeMap<&'static str, Value>) {
        let text = |field: &str| Text::from(values.get(field).and_then(Value::as_str).unwrap_or_default());
        match kind {
            Kind::Link => {
                self.touch(Touched::Entry(text("entry")));
                self.touch(Touched::Category(text("category")));
            }
            Kind::Member => self.touch(Touched::Category(text("category"))),
            Kind::Entry => self.touch(Touched::Entry(id.into())),
            Kind::Category => self.touch(Touched::Category(id.into())),
            Kind::Playlist => self.touch(Touched::Playlist(id.into())),
            Kind::Term => self.touch(Touched::Term(id.into())),
            Kind::Note => self.touch(Touched::Note(id.into())),
            // People are touched by key.
            Kind::Person => {}
        }
    }

    /// Takes an object away; says whether there was anything to take away.
    pub(super) fn delete(&mut self, kind: Kind, id: &str) -> Result<bool, rusqlite::Error> {
        if kind == Kind::Person {
            return self.forget(id);
        }
        let Some(mut values) = raw(self.connection, self.account, kind, id)? else { return Ok(false) };
        self.touch_of(kind, id, &values);
        let now = Value::from(self.now_ms);
        let is_past = |value: Option<&Value>| value.and_then(Value::as_i64).is_some_and(|ms| ms <= self.now_ms);
        match kind {
            Kind::Entry | Kind::Category => {
                if is_past(values.get("deleted")) {
                    return Ok(false);
                }
                values.insert("deleted", now.clone());
                if kind == Kind::Entry {
                    let log = values.entry("log").or_insert_with(|| json!([]));
                    if let Value::Array(log) = log {
                        log.push(json!({ "at": now, "what": "deleted" }));
                    }
                }
                self.write(kind, id, &values)?;
            }
            Kind::Link | Kind::Member => {
                if is_past(values.get("to")) {
                    return Ok(false);
                }
                let begun = values.get("from").and_then(Value::as_i64).is_none_or(|from| from < self.now_ms);
                if begun {
                    values.insert("to", now);
                    self.write(kind, id, &values)?;
                } else {
                    // It never was.
                    self.remove(kind, id)?;
                }
            }
            _ => self.remove(kind, id)?,
        }
        Ok(true)
    }

    fn remove(&self, kind: Kind, id: &str) -> Result<(), rusqlite::Error> {
        let sql = format!("DELETE FROM {} WHERE account = ?1 AND id = ?2", kind.name());
        self.connection.prepare_cached(&sql)?.execute(params![self.account.0, id])?;
        Ok(())
    }

    /// Forgets who a person is: the key stays, its id, name, mail and memberships go.
    fn forget(&mut self, id: &str) -> Result<bool, rusqlite::Error> {
        let account = self.account.0;
        let mut find = self.connection.prepare_cached("SELECT key FROM person WHERE account = ?1 AND id = ?2")?;
        let Some(key) = find.query_row(params![account, id], |row| row.get::<_, i64>(0)).optional()? else {
            return Ok(false);
        };
        let mut of = self
            .connection
            .prepare_cached("SELECT DISTINCT category FROM member WHERE account = ?1 AND person = ?2")?;
        let categories: Vec<Text> = of.query_map(params![account, key], |row| row.get(0))?.collect::<Result<_, _>>()?;
        for category in categories {
            self.touch(Touched::Category(category));
        }
        self.connection.execute("DELETE FROM member WHERE account = ?1 AND person = ?2", params![account, key])?;
        self.connection.execute(
            "UPDATE person SET id = NULL, name = NULL, mail = NULL WHERE account = ?1 AND key = ?2",
            params![account, key],
        )?;
        self.touch(Touched::Person(PersonKey(key as u64)));
        Ok(true)
    }
}

/// What an entry keeps although a new record does not speak of it (ruling 27): co-editors who are no longer named end
/// now; log and replacements stay unless the record brings its own.
fn keep_history(
    before: Option<&BTreeMap<&'static str, Value>>,
    values: &mut BTreeMap<&'static str, Value>,
    now_ms: i64,
) {
    let Some(before) = before else { return };
    // An owner's mark outlives the nightly import, which does not know of it.
    for field in ["log", "replacements", "content_end_ms"] {
        if let (None, Some(kept)) = (values.get(field), before.get(field)) {
            values.insert(field, kept.clone());
        }
    }
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let (old, mut new) = (list(before.get("co_editors")), list(values.get("co_editors")));
    let is_open = |item: &Value| item.get("to").and_then(Value::as_i64).is_none_or(|to| to > now_ms);
    for item in &mut new {
        // Named without dates: goes on as it was, or begins now.
        if item.get("from").is_none() && item.get("to").is_none() {
            match old.iter().find(|known| known.get("person") == item.get("person") && is_open(known)) {
                Some(known) => *item = known.clone(),
                None => item["from"] = Value::from(now_ms),
            }
        }
    }
    for known in old {
        let told = |item: &Value| item.get("person") == known.get("person") && item.get("from") == known.get("from");
        if !new.iter().any(told) {
            let mut ended = known;
            if is_open(&ended) {
                ended["to"] = Value::from(now_ms);
            }
            new.push(ended);
        }
    }
    if !new.is_empty() {
        values.insert("co_editors", Value::Array(new));
    }
}

fn to_sql(value: Option<&Value>) -> Sql {
    match value {
        None | Some(Value::Null) => Sql::Null,
        Some(Value::Bool(flag)) => Sql::Integer((*flag).into()),
        // Keys of people use all 64 bits.
        Some(Value::Number(number)) => {
            Sql::Integer(number.as_i64().unwrap_or_else(|| number.as_u64().unwrap_or(0) as i64))
        }
        Some(Value::String(text)) => Sql::Text(text.clone()),
        Some(list) => Sql::Text(list.to_string()),
    }
}

/// A column as a record's value, people as keys.
fn from_sql(kind: FieldKind, value: ValueRef<'_>) -> Result<Option<Value>, rusqlite::Error> {
    Ok(match (kind, value) {
        (_, ValueRef::Null) => None,
        (FieldKind::Flag, ValueRef::Integer(flag)) => Some(Value::Bool(flag != 0)),
        (FieldKind::Person, ValueRef::Integer(key)) => Some(Value::from(key as u64)),
        (_, ValueRef::Integer(number)) => Some(Value::from(number)),
        (FieldKind::Texts | FieldKind::Objects(_), text) => serde_json::from_str(text.as_str()?).ok(),
        (_, text) => Some(Value::from(text.as_str()?)),
    })
}

fn values_of(kind: Kind, row: &Row<'_>) -> Result<BTreeMap<&'static str, Value>, rusqlite::Error> {
    let mut values = BTreeMap::new();
    for (i, field) in columns(kind).enumerate() {
        if let Some(value) = from_sql(field.kind, row.get_ref(i + 1)?)? {
            values.insert(field.name, value);
        }
    }
    Ok(values)
}

fn select(kind: Kind, rest: &str) -> String {
    format!("SELECT id, {} FROM {} WHERE account = ?1 AND {rest}", quoted(kind).join(", "), kind.name())
}

/// The values of a row, people as keys.
fn raw(
    connection: &Connection,
    account: AccountId,
    kind: Kind,
    id: &str,
) -> Result<Option<BTreeMap<&'static str, Value>>, rusqlite::Error> {
    let mut statement = connection.prepare_cached(&select(kind, "id = ?2"))?;
    statement.query_row(params![account.0, id], |row| values_of(kind, row)).optional()
}

/// An object as a record.
pub(super) fn get(
    connection: &Connection,
    account: AccountId,
    kind: Kind,
    id: &str,
) -> Result<Option<Record>, rusqlite::Error> {
    let Some(values) = raw(connection, account, kind, id)? else { return Ok(None) };
    let mut names = Names::new(connection, account)?;
    Ok(Some(Record::from_parts(kind, id.into(), names.named_all(kind, values)?)))
}

/// Objects by ascending id.
pub(super) fn list(
    connection: &Connection,
    account: AccountId,
    kind: Kind,
    after: Option<&str>,
    find: Option<&str>,
    limit: usize,
) -> Result<Vec<Record>, rusqlite::Error> {
    let name = if kind.field("name").is_some() { "name" } else { "id" };
    // instr(), because % and _ in what people type are no wild cards.
    let rest = format!(
        "id > ?2 AND (?3 IS NULL OR instr(lower(id), lower(?3)) > 0 OR instr(lower({name}), lower(?3)) > 0)
         ORDER BY id LIMIT ?4"
    );
    let mut statement = connection.prepare_cached(&select(kind, &rest))?;
    let rows = statement.query_map(params![account.0, after.unwrap_or(""), find, limit as i64], |row| {
        Ok((row.get::<_, Text>(0)?, values_of(kind, row)?))
    })?;
    let mut names = Names::new(connection, account)?;
    rows.map(|row| row.and_then(|(id, values)| Ok(Record::from_parts(kind, id, names.named_all(kind, values)?))))
        .collect()
}

/// Ids of the objects that only events know.
pub(super) fn unconfirmed(
    connection: &Connection,
    account: AccountId,
    kind: Kind,
) -> Result<BTreeSet<Text>, rusqlite::Error> {
    if !matches!(kind, Kind::Entry | Kind::Person) {
        return Ok(BTreeSet::new());
    }
    let sql = format!("SELECT id FROM {} WHERE account = ?1 AND unconfirmed AND id IS NOT NULL", kind.name());
    let mut statement = connection.prepare_cached(&sql)?;
    statement.query_map([account.0], |row| row.get(0))?.collect()
}

/// People's ids in the place of their keys.
struct Names<'c> {
    account: AccountId,
    find: CachedStatement<'c>,
}

impl<'c> Names<'c> {
    fn new(connection: &'c Connection, account: AccountId) -> Result<Names<'c>, rusqlite::Error> {
        let find = connection.prepare_cached("SELECT id FROM person WHERE account = ?1 AND key = ?2")?;
        Ok(Names { account, find })
    }

    /// `None` for a person who was forgotten.
    fn id(&mut self, key: &Value) -> Result<Option<Value>, rusqlite::Error> {
        let Some(key) = key.as_u64() else { return Ok(None) };
        let found = self.find.query_row(params![self.account.0, key as i64], |row| row.get::<_, Option<String>>(0));
        Ok(found.optional()?.flatten().map(Value::from))
    }

    fn named_all(
        &mut self,
        kind: Kind,
        values: BTreeMap<&'static str, Value>,
    ) -> Result<BTreeMap<&'static str, Value>, rusqlite::Error> {
        let mut named = BTreeMap::new();
        for (name, value) in values {
            let Some(field) = kind.field(name) else { continue };
            if let Some(value) = self.named(field.kind, value)? {
                named.insert(name, value);
            }
        }
        Ok(named)
    }

    fn named(&mut self, kind: FieldKind, value: Value) -> Result<Option<Value>, rusqlite::Error> {
        match (kind, value) {
            (FieldKind::Person, key) => self.id(&key),
            (FieldKind::Objects(shape), Value::Array(items)) => {
                let mut kept = Vec::new();
                'items: for item in items {
                    let mut object: Map<String, Value> = item.as_object().cloned().unwrap_or_default();
                    for field in shape.iter().filter(|field| field.kind == FieldKind::Person) {
                        let Some(key) = object.remove(field.name) else { continue };
                        match self.id(&key)? {
                            Some(id) => drop(object.insert(field.name.to_owned(), id)),
                            None if field.required => continue 'items,
                            None => {}
                        }
                    }
                    kept.push(Value::Object(object));
                }
                Ok(Some(Value::Array(kept)))
            }
            (_, value) => Ok(Some(value)),
        }
    }
}
