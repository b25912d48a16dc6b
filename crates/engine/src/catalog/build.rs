//! Tables become the view: an account as a whole, or patches for what a change touched.

use super::CatalogError;
use super::view::{
    AccountView, CategoryView, EntryView, LinkView, MediaType, MemberView, NoteView, Period, PersonView, PlaylistView,
    Role,
};
use crate::event::{AccountId, PersonKey, Text};
use rusqlite::{Connection, OptionalExtension, Params, Row, params};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// What a change touched, as the view names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Touched {
    Entry(Text),
    Person(PersonKey),
    Category(Text),
    Playlist(Text),
    Term(Text),
    Note(Text),
}

/// A change to an account's view. Absent: removed.
#[derive(Debug)]
pub(super) enum Patch {
    Entry(Text, Box<EntryView>),
    Person(PersonKey, PersonView),
    /// With the recordings in it now; a category may have recordings without being known itself.
    Category(Text, Option<Box<CategoryView>>, BTreeSet<Text>),
    Playlist(Text, Option<PlaylistView>),
    Term(Text, Option<(Text, i64, i64)>),
    Note(Text, Option<NoteView>),
}

/// An account's view, and when something dated in it next begins or ends.
pub(super) struct Built {
    pub(super) view: AccountView,
    pub(super) boundary_ms: Option<i64>,
}

pub(super) fn earlier(a: Option<i64>, b: Option<i64>) -> Option<i64> {
    a.into_iter().chain(b).min()
}

impl Patch {
    pub(super) fn apply(self, view: &mut AccountView) {
        match self {
            Patch::Entry(id, entry) => drop(view.entries.insert(id, *entry)),
            Patch::Person(key, person) => {
                if let Some(known) = view.people.get(&key) {
                    view.person_keys.remove(&known.id);
                }
                if !person.id.is_empty() {
                    view.person_keys.insert(person.id.clone(), key);
                }
                view.people.insert(key, person);
            }
            Patch::Category(id, category, entries) => {
                let parent_of = |view: &AccountView| view.categories.get(&id).and_then(|known| known.parent.clone());
                if let Some(siblings) = parent_of(view).and_then(|parent| view.children.get_mut(&parent)) {
                    siblings.remove(&id);
                }
                if let Some(category) = category {
                    if let Some(parent) = &category.parent {
                        view.children.entry(parent.clone()).or_default().insert(id.clone());
                    }
                    view.categories.insert(id.clone(), *category);
                }
                view.category_entries.insert(id, entries);
            }
            Patch::Playlist(id, playlist) => set(&mut view.playlists, id, playlist),
            Patch::Term(id, term) => set(&mut view.terms, id, term),
            Patch::Note(id, note) => set(&mut view.notes, id, note),
        }
    }
}

fn set<T>(map: &mut BTreeMap<Text, T>, id: Text, value: Option<T>) {
    match value {
        Some(value) => drop(map.insert(id, value)),
        None => drop(map.remove(&id)),
    }
}

/// Reads rows at an instant, and remembers which later instant would give another picture.
struct Reading<'c> {
    connection: &'c Connection,
    account: AccountId,
    now_ms: i64,
    boundary_ms: Option<i64>,
}

#[derive(Deserialize)]
struct CoEditor {
    person: u64,
    from: Option<i64>,
    to: Option<i64>,
}

#[derive(Deserialize)]
struct Replacement {
    at: i64,
    duration_ms: Option<u64>,
}

#[derive(Deserialize)]
struct Section {
    id: Text,
    name: Option<Text>,
}

/// Columns in the order in which they are read. Looking a column up by its name in every row costs more than all else
/// that reading a row does; here the place is known when this is compiled.
const ENTRY: &[&str] = &[
    "id",
    "name",
    "media_type",
    "duration_ms",
    "replacements",
    "content_end_ms",
    "owner",
    "co_editors",
    "tags",
    "created",
    "published",
    "deleted",
    "starts",
    "ends",
    "visibility",
    "downloads",
    "source",
    "thumbnail_url",
    "youtube_id",
    "unconfirmed",
];
const PERSON: &[&str] = &["id", "name", "key", "mail", "unconfirmed"];
const CATEGORY: &[&str] =
    &["id", "name", "parent", "kind", "lms_course", "created", "updated", "deleted", "term", "sections", "previous"];
const LINK: &[&str] = &["id", "entry", "category", "approved", "from", "to"];
const MEMBER: &[&str] = &["id", "category", "person", "role", "section", "from", "to"];
const PLAYLIST: &[&str] = &["id", "name", "entries", "owner", "created"];
const TERM: &[&str] = &["id", "name", "from", "to"];
const NOTE: &[&str] = &["id", "date", "text", "entry", "category", "author"];

/// The place of a column; a name that is not there does not compile.
const fn place(columns: &[&str], name: &str) -> usize {
    let name = name.as_bytes();
    let mut i = 0;
    while i < columns.len() {
        let column = columns[i].as_bytes();
        let mut same = 0;
        while same < name.len() && same < column.len() && column[same] == name[same] {
            same += 1;
        }
        if same == name.len() && same == column.len() {
            return i;
        }
        i += 1;
    }
    panic!("no such column")
}

macro_rules! at {
    ($columns:ident, $name:literal) => {
        const { place($columns, $name) }
    };
}

fn select(columns: &[&str], table: &str) -> String {
    let columns: Vec<String> = columns.iter().map(|name| format!("\"{name}\"")).collect();
    format!("SELECT {} FROM {table} WHERE account = ?1", columns.join(", "))
}

/// A list in a JSON column; the column was checked when it was written.
fn items<T: for<'de> Deserialize<'de>>(row: &Row<'_>, column: usize) -> Result<Vec<T>, rusqlite::Error> {
    let Some(json) = row.get_ref(column)?.as_str_or_null().map_err(rusqlite::Error::from)? else {
        return Ok(Vec::new());
    };
    serde_json::from_str(json).map_err(|source| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(source))
    })
}

fn text(row: &Row<'_>, column: usize) -> Result<Text, rusqlite::Error> {
    Ok(row.get::<_, Option<Text>>(column)?.unwrap_or_default())
}

/// A name; the id where there is none. They are the first two columns of whatever has names.
fn name(row: &Row<'_>) -> Result<Text, rusqlite::Error> {
    match row.get(1)? {
        Some(name) => Ok(name),
        None => text(row, 0),
    }
}

fn person(row: &Row<'_>, column: usize) -> Result<Option<PersonKey>, rusqlite::Error> {
    Ok(row.get::<_, Option<i64>>(column)?.map(|key| PersonKey(key as u64)))
}

/// A period whose two ends follow each other.
fn period(row: &Row<'_>, from: usize) -> Result<Period, rusqlite::Error> {
    Ok(Period { from_ms: row.get(from)?, to_ms: row.get(from + 1)? })
}

impl Reading<'_> {
    /// Whether a period holds now; its ends to come are remembered.
    fn holds(&mut self, period: Period) -> bool {
        let ends = period.from_ms.into_iter().chain(period.to_ms).filter(|ms| *ms > self.now_ms);
        self.boundary_ms = earlier(self.boundary_ms, ends.min());
        period.holds(self.now_ms)
    }

    /// Whether an instant has come.
    fn has_come(&mut self, instant_ms: Option<i64>) -> bool {
        instant_ms.is_some_and(|from| self.holds(Period { from_ms: Some(from), to_ms: None }))
    }

    /// Rows of a table, by id; all of the account's or those of a condition.
    fn rows<T>(
        &mut self,
        table: &str,
        columns: &[&str],
        condition: &str,
        arguments: impl Params,
        mut read: impl FnMut(&mut Self, &Row<'_>) -> Result<T, rusqlite::Error>,
    ) -> Result<Vec<T>, rusqlite::Error> {
        let sql = format!("{}{condition} ORDER BY account, id", select(columns, table));
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(arguments)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(read(self, row)?);
        }
        Ok(found)
    }

    fn entry(&mut self, row: &Row<'_>) -> Result<(Text, EntryView), rusqlite::Error> {
        let mut co_editors = BTreeSet::new();
        for CoEditor { person, from, to } in items(row, at!(ENTRY, "co_editors"))? {
            if self.holds(Period { from_ms: from, to_ms: to }) {
                co_editors.insert(PersonKey(person));
            }
        }
        let replacements = items(row, at!(ENTRY, "replacements"))?;
        let mut replacements: Vec<(i64, Option<u64>)> =
            replacements.into_iter().map(|Replacement { at, duration_ms }| (at, duration_ms)).collect();
        replacements.sort_unstable();
        let milliseconds = |column: usize| -> Result<Option<u64>, rusqlite::Error> {
            Ok(row.get::<_, Option<i64>>(column)?.map(i64::unsigned_abs))
        };
        let media_type: Option<Text> = row.get(at!(ENTRY, "media_type"))?;
        let deleted_ms = row.get(at!(ENTRY, "deleted"))?;
        let view = EntryView {
            name: name(row)?,
            media_type: media_type.map_or(MediaType::Unknown, |word| MediaType::of(&word)),
            duration_ms: milliseconds(at!(ENTRY, "duration_ms"))?,
            content_end_ms: milliseconds(at!(ENTRY, "content_end_ms"))?,
            owner: person(row, at!(ENTRY, "owner"))?,
            co_editors,
            tags: items(row, at!(ENTRY, "tags"))?.into_iter().collect(),
            source: text(row, at!(ENTRY, "source"))?,
            created_ms: row.get(at!(ENTRY, "created"))?,
            published_ms: row.get(at!(ENTRY, "published"))?,
            deleted: self.has_come(deleted_ms),
            deleted_ms,
            starts_ms: row.get(at!(ENTRY, "starts"))?,
            ends_ms: row.get(at!(ENTRY, "ends"))?,
            replacements,
            visibility: text(row, at!(ENTRY, "visibility"))?,
            downloads: row.get(at!(ENTRY, "downloads"))?,
            unconfirmed: row.get(at!(ENTRY, "unconfirmed"))?,
            thumbnail_url: row.get(at!(ENTRY, "thumbnail_url"))?,
            youtube_id: row.get(at!(ENTRY, "youtube_id"))?,
            categories: BTreeSet::new(),
        };
        Ok((row.get(at!(ENTRY, "id"))?, view))
    }

    fn person(&mut self, row: &Row<'_>) -> Result<(PersonKey, PersonView), rusqlite::Error> {
        let key = PersonKey(row.get::<_, i64>(at!(PERSON, "key"))? as u64);
        let id = text(row, at!(PERSON, "id"))?;
        let name = if id.is_empty() { "Forgotten person".into() } else { name(row)? };
        Ok((
            key,
            PersonView {
                id,
                name,
                mail: text(row, at!(PERSON, "mail"))?,
                unconfirmed: row.get(at!(PERSON, "unconfirmed"))?,
            },
        ))
    }

    fn category(&mut self, row: &Row<'_>) -> Result<(Text, CategoryView), rusqlite::Error> {
        let sections = items(row, at!(CATEGORY, "sections"))?;
        let section = |Section { id, name }: Section| {
            let name = name.unwrap_or_else(|| id.clone());
            (id, name)
        };
        let deleted = row.get(at!(CATEGORY, "deleted"))?;
        let view = CategoryView {
            name: name(row)?,
            parent: row.get(at!(CATEGORY, "parent"))?,
            kind: text(row, at!(CATEGORY, "kind"))?,
            lms_course: text(row, at!(CATEGORY, "lms_course"))?,
            term: row.get(at!(CATEGORY, "term"))?,
            sections: sections.into_iter().map(section).collect(),
            previous: row.get(at!(CATEGORY, "previous"))?,
            created_ms: row.get(at!(CATEGORY, "created"))?,
            updated_ms: row.get(at!(CATEGORY, "updated"))?,
            deleted: self.has_come(deleted),
            members: Vec::new(),
            links: Vec::new(),
        };
        Ok((row.get(at!(CATEGORY, "id"))?, view))
    }

    fn playlist(&mut self, row: &Row<'_>) -> Result<(Text, PlaylistView), rusqlite::Error> {
        let view = PlaylistView {
            name: name(row)?,
            entries: items(row, at!(PLAYLIST, "entries"))?,
            owner: person(row, at!(PLAYLIST, "owner"))?,
            created_ms: row.get(at!(PLAYLIST, "created"))?,
        };
        Ok((row.get(at!(PLAYLIST, "id"))?, view))
    }

    fn term(&mut self, row: &Row<'_>) -> Result<(Text, (Text, i64, i64)), rusqlite::Error> {
        Ok((row.get(at!(TERM, "id"))?, (name(row)?, row.get(at!(TERM, "from"))?, row.get(at!(TERM, "to"))?)))
    }

    fn note(&mut self, row: &Row<'_>) -> Result<(Text, NoteView), rusqlite::Error> {
        let view = NoteView {
            date: text(row, at!(NOTE, "date"))?,
            text: text(row, at!(NOTE, "text"))?,
            entry: row.get(at!(NOTE, "entry"))?,
            category: row.get(at!(NOTE, "category"))?,
            author: person(row, at!(NOTE, "author"))?,
        };
        Ok((row.get(at!(NOTE, "id"))?, view))
    }

    /// The category, and the link as the category has it; the flag says whether it holds now.
    fn link(&mut self, row: &Row<'_>) -> Result<(Text, LinkView, bool), rusqlite::Error> {
        let approved = row.get::<_, Option<bool>>(at!(LINK, "approved"))?.unwrap_or(true);
        let link = LinkView { entry: row.get(at!(LINK, "entry"))?, approved, period: period(row, at!(LINK, "from"))? };
        let holds = self.holds(link.period) && approved;
        Ok((row.get(at!(LINK, "category"))?, link, holds))
    }

    /// The category and the membership. A role that a later version knows and this one does not is passed over.
    fn member(&mut self, row: &Row<'_>) -> Result<Option<(Text, MemberView)>, rusqlite::Error> {
        let Some(role) = Role::of(&text(row, at!(MEMBER, "role"))?) else { return Ok(None) };
        let person = PersonKey(row.get::<_, i64>(at!(MEMBER, "person"))? as u64);
        let member = MemberView {
            person,
            role,
            section: text(row, at!(MEMBER, "section"))?,
            period: period(row, at!(MEMBER, "from"))?,
        };
        Ok(Some((row.get(at!(MEMBER, "category"))?, member)))
    }

    /// What an entry's links say about it now.
    fn categories_of(&mut self, entry: &str) -> Result<BTreeSet<Text>, rusqlite::Error> {
        let account = self.account.0;
        let of = params![account, entry];
        let links = self.rows("link", LINK, " AND entry = ?2", of, Self::link)?;
        Ok(links.into_iter().filter(|(_, _, holds)| *holds).map(|(category, _, _)| category).collect())
    }

    /// One object by id.
    fn one<T>(
        &mut self,
        table: &str,
        columns: &[&str],
        id: &str,
        read: impl FnOnce(&mut Self, &Row<'_>) -> Result<(Text, T), rusqlite::Error>,
    ) -> Result<Option<T>, rusqlite::Error> {
        let account = self.account.0;
        let sql = format!("{} AND id = ?2", select(columns, table));
        let mut statement = self.connection.prepare_cached(&sql)?;
        statement
            .query_row(params![account, id], |row| read(self, row))
            .optional()
            .map(|found| found.map(|(_, value)| value))
    }

    fn patch(&mut self, touched: &Touched) -> Result<Option<Patch>, rusqlite::Error> {
        let account = self.account.0;
        Ok(Some(match touched {
            Touched::Entry(id) => {
                // A link may name a recording that nobody has told us of yet.
                let Some(mut entry) = self.one("entry", ENTRY, id, Self::entry)? else { return Ok(None) };
                entry.categories = self.categories_of(id)?;
                Patch::Entry(id.clone(), Box::new(entry))
            }
            Touched::Person(key) => {
                let sql = format!("{} AND key = ?2", select(PERSON, "person"));
                let mut statement = self.connection.prepare_cached(&sql)?;
                let (key, person) = statement.query_row(params![account, key.0 as i64], |row| self.person(row))?;
                Patch::Person(key, person)
            }
            Touched::Category(id) => {
                let of = params![account, &**id];
                let links = self.rows("link", LINK, " AND category = ?2", of, Self::link)?;
                let held = links.iter().filter(|(_, _, holds)| *holds);
                let entries = held.map(|(_, link, _)| link.entry.clone()).collect();
                let mut category = self.one("category", CATEGORY, id, Self::category)?.map(Box::new);
                if let Some(category) = &mut category {
                    category.links = links.into_iter().map(|(_, link, _)| link).collect();
                    let members = self.rows("member", MEMBER, " AND category = ?2", of, Self::member)?;
                    category.members = members.into_iter().flatten().map(|(_, member)| member).collect();
                }
                Patch::Category(id.clone(), category, entries)
            }
            Touched::Playlist(id) => Patch::Playlist(id.clone(), self.one("playlist", PLAYLIST, id, Self::playlist)?),
            Touched::Term(id) => Patch::Term(id.clone(), self.one("term", TERM, id, Self::term)?),
            Touched::Note(id) => Patch::Note(id.clone(), self.one("note", NOTE, id, Self::note)?),
        }))
    }
}

/// Patches for what a change touched.
pub(super) fn patches(
    connection: &Connection,
    account: AccountId,
    touched: &BTreeSet<Touched>,
    now_ms: i64,
) -> Result<(Vec<Patch>, Option<i64>), CatalogError> {
    let mut reading = Reading { connection, account, now_ms, boundary_ms: None };
    let mut patches = Vec::new();
    for touched in touched {
        patches.extend(reading.patch(touched)?);
    }
    Ok((patches, reading.boundary_ms))
}

/// An account as a whole.
pub(super) fn account(connection: &Connection, account: AccountId, now_ms: i64) -> Result<Built, CatalogError> {
    let mut reading = Reading { connection, account, now_ms, boundary_ms: None };
    let all = params![account.0];
    let mut view = AccountView::default();
    let head = "SELECT name, created_ms FROM account WHERE id = ?1";
    let head = connection.query_row(head, all, |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    (view.name, view.created_ms) = head.ok_or(CatalogError::NoAccount(account))?;
    view.entries = reading.rows("entry", ENTRY, "", all, Reading::entry)?.into_iter().collect();
    view.people = reading.rows("person", PERSON, "", all, Reading::person)?.into_iter().collect();
    let named = view.people.iter().filter(|(_, person)| !person.id.is_empty());
    view.person_keys = named.map(|(key, person)| (person.id.clone(), *key)).collect();
    view.categories = reading.rows("category", CATEGORY, "", all, Reading::category)?.into_iter().collect();
    for (id, category) in &view.categories {
        if let Some(parent) = &category.parent {
            view.children.entry(parent.clone()).or_default().insert(id.clone());
        }
    }
    for (category, link, holds) in reading.rows("link", LINK, "", all, Reading::link)? {
        if holds {
            view.category_entries.entry(category.clone()).or_default().insert(link.entry.clone());
            if let Some(entry) = view.entries.get_mut(&link.entry) {
                entry.categories.insert(category.clone());
            }
        }
        if let Some(category) = view.categories.get_mut(&category) {
            category.links.push(link);
        }
    }
    for (category, member) in reading.rows("member", MEMBER, "", all, Reading::member)?.into_iter().flatten() {
        if let Some(category) = view.categories.get_mut(&category) {
            category.members.push(member);
        }
    }
    view.playlists = reading.rows("playlist", PLAYLIST, "", all, Reading::playlist)?.into_iter().collect();
    view.terms = reading.rows("term", TERM, "", all, Reading::term)?.into_iter().collect();
    view.notes = reading.rows("note", NOTE, "", all, Reading::note)?.into_iter().collect();
    Ok(Built { view, boundary_ms: reading.boundary_ms })
}
