//! Records: the one shape in which objects of the catalog are imported, exported and put through the API.
//!
//! A shape is a table of fields, and everything derives from it: what is accepted and refused and with which words,
//! the columns in the database, the export, the OpenAPI document and the tables in `docs/catalog.md`. People appear in
//! records under their institution's id; in the database they are random keys.

use crate::catalog::view::{MediaType, Role};
use crate::event::Text;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt::Write as _;

mod check;

pub use check::FieldError;
pub(super) use check::cell;

/// A kind of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A recording.
    Entry,
    /// A person.
    Person,
    /// A course or channel.
    Category,
    /// A recording in a category.
    Link,
    /// A person's role in a category.
    Member,
    /// A playlist.
    Playlist,
    /// A term.
    Term,
    /// A note on a date.
    Note,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Text of at most so many bytes.
    Text(usize),
    /// One of these words.
    Word(&'static [&'static str]),
    /// True or false.
    Flag,
    /// A whole number of milliseconds.
    Milliseconds,
    /// A moment: RFC 3339, or a day (its start in UTC). Kept as ms since 1970.
    Instant,
    /// A day, `2026-10-01`.
    Day,
    /// A person, by the institution's id.
    Person,
    /// A list of short texts.
    Texts,
    /// A list of objects with these fields. A text alone stands for an object with just the first field.
    Objects(&'static [Field]),
}

/// A field of a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name, on the wire and in the database.
    pub name: &'static str,
    /// What it holds.
    pub kind: FieldKind,
    /// A record without it is refused.
    pub required: bool,
    /// One sentence.
    pub meaning: &'static str,
}

/// Bytes of an id.
const ID: FieldKind = FieldKind::Text(128);
/// Bytes of a name or address.
const NAME: FieldKind = FieldKind::Text(1024);

const fn must(name: &'static str, kind: FieldKind, meaning: &'static str) -> Field {
    Field { name, kind, required: true, meaning }
}
const fn may(name: &'static str, kind: FieldKind, meaning: &'static str) -> Field {
    Field { name, kind, required: false, meaning }
}

const MEDIA_TYPES: [&str; 7] = {
    let mut names = [""; 7];
    let mut i = 0;
    while i < names.len() {
        names[i] = MediaType::ALL[i].name();
        i += 1;
    }
    names
};
const ROLES: [&str; 8] = {
    let mut names = [""; 8];
    let mut i = 0;
    while i < names.len() {
        names[i] = Role::ALL[i].name();
        i += 1;
    }
    names
};

const FROM: Field = may("from", FieldKind::Instant, "Since when; absent: since ever.");
const TO: Field = may("to", FieldKind::Instant, "Until before when; absent: until further notice.");

const CO_EDITOR: &[Field] = &[must("person", FieldKind::Person, "Who."), FROM, TO];
const REPLACEMENT: &[Field] = &[
    must("at", FieldKind::Instant, "When the medium was replaced."),
    may("duration_ms", FieldKind::Milliseconds, "Its length from then on."),
];
const LOG: &[Field] = &[
    must("at", FieldKind::Instant, "When."),
    must("what", FieldKind::Word(&["uploaded", "replaced", "published", "deleted", "restored"]), "What happened."),
    may("by", FieldKind::Person, "Who did it."),
];
const SECTION: &[Field] = &[must("id", ID, "Section id."), may("name", NAME, "Section name.")];

const ENTRY: &[Field] = &[
    must("id", ID, "Entry id, as players send it."),
    may("name", NAME, "Title; the id is shown without it."),
    may("media_type", FieldKind::Word(&MEDIA_TYPES), "Type of medium."),
    may("duration_ms", FieldKind::Milliseconds, "Length. Learned from events when not told."),
    may("replacements", FieldKind::Objects(REPLACEMENT), "When the medium was replaced."),
    may("content_end_ms", FieldKind::Milliseconds, "Where the content ends, when dead air follows."),
    may("owner", FieldKind::Person, "Who owns it."),
    may("co_editors", FieldKind::Objects(CO_EDITOR), "Who may edit it, dated."),
    may("tags", FieldKind::Texts, "Tags."),
    may("created", FieldKind::Instant, "When it was made."),
    may("published", FieldKind::Instant, "When it was published."),
    may("deleted", FieldKind::Instant, "When it was deleted. Its name and its figures stay."),
    may("starts", FieldKind::Instant, "When a live stream is planned to begin."),
    may("ends", FieldKind::Instant, "When it is planned to end."),
    may("visibility", FieldKind::Word(&["public", "unlisted", "restricted", "private"]), "Who may find it."),
    may("downloads", FieldKind::Flag, "Viewers may download it."),
    may("source", NAME, "Where it came from (`Upload`, `Kaltura Capture`, ...)."),
    may("thumbnail_url", NAME, "Address of a picture."),
    may("youtube_id", ID, "YouTube id, for YouTube links."),
    may("log", FieldKind::Objects(LOG), "Uploads, replacements, deletions."),
];
const PERSON: &[Field] = &[
    must("id", ID, "The institution's id, as players and sign-in send it."),
    may("name", NAME, "Full name; the id is shown without it."),
    may("mail", NAME, "Mail address."),
];
const CATEGORY: &[Field] = &[
    must("id", ID, "Category id, as players send it (`playbackContext`)."),
    may("name", NAME, "Name; the id is shown without it."),
    may("parent", ID, "Category above it."),
    may("kind", FieldKind::Word(&["course", "channel"]), "Course or channel."),
    may("lms_course", ID, "Id of the course in the LMS."),
    may("created", FieldKind::Instant, "When it was made."),
    may("updated", FieldKind::Instant, "When it was last changed."),
    may("deleted", FieldKind::Instant, "When it was deleted. Its name and its figures stay."),
    may("term", ID, "The term in which the course is held."),
    may("sections", FieldKind::Objects(SECTION), "Sections of the course."),
    may("previous", ID, "The course's previous offering: a category."),
];
const LINK: &[Field] = &[
    may("id", FieldKind::Text(512), "Made of entry, category and `from` when absent."),
    must("entry", ID, "The recording."),
    must("category", ID, "The category."),
    may("approved", FieldKind::Flag, "Shown there (the default), or waiting for a moderator."),
    FROM,
    TO,
];
const MEMBER: &[Field] = &[
    may("id", FieldKind::Text(512), "Made of category, person, role and `from` when absent."),
    must("category", ID, "The category."),
    must("person", FieldKind::Person, "Who."),
    must("role", FieldKind::Word(&ROLES), "As what. The students are the roster."),
    may("section", ID, "Section of the course; absent: all of it."),
    FROM,
    TO,
];
const PLAYLIST: &[Field] = &[
    must("id", ID, "Playlist id, as players send it."),
    may("name", NAME, "Name; the id is shown without it."),
    may("entries", FieldKind::Texts, "Its recordings, in order."),
    may("owner", FieldKind::Person, "Who owns it."),
    may("created", FieldKind::Instant, "When it was made."),
];
const TERM: &[Field] = &[
    must("id", ID, "Term id."),
    may("name", NAME, "Name; the id is shown without it."),
    must("from", FieldKind::Instant, "Its first moment."),
    must("to", FieldKind::Instant, "The first moment after it."),
];
const NOTE: &[Field] = &[
    must("id", ID, "Note id."),
    must("date", FieldKind::Day, "The day it is about."),
    must("text", FieldKind::Text(4096), "What is written."),
    may("entry", ID, "About this recording; without it and `category`: about the account."),
    may("category", ID, "About this category."),
    may("author", FieldKind::Person, "Who wrote it."),
];

impl Kind {
    /// All kinds, in the order of exports: people before what names them.
    pub const ALL: [Kind; 8] =
        [Kind::Person, Kind::Term, Kind::Category, Kind::Entry, Kind::Link, Kind::Member, Kind::Playlist, Kind::Note];
    /// The word in a record's `record` field; also its table in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Entry => "entry",
            Kind::Person => "person",
            Kind::Category => "category",
            Kind::Link => "link",
            Kind::Member => "member",
            Kind::Playlist => "playlist",
            Kind::Term => "term",
            Kind::Note => "note",
        }
    }
    /// The word in paths and file names.
    pub const fn plural(self) -> &'static str {
        match self {
            Kind::Entry => "entries",
            Kind::Person => "people",
            Kind::Category => "categories",
            Kind::Link => "links",
            Kind::Member => "members",
            Kind::Playlist => "playlists",
            Kind::Term => "terms",
            Kind::Note => "notes",
        }
    }
    /// The kind of a word, singular or plural.
    pub fn of(word: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == word || kind.plural() == word)
    }
    /// Its fields.
    pub const fn fields(self) -> &'static [Field] {
        match self {
            Kind::Entry => ENTRY,
            Kind::Person => PERSON,
            Kind::Category => CATEGORY,
            Kind::Link => LINK,
            Kind::Member => MEMBER,
            Kind::Playlist => PLAYLIST,
            Kind::Term => TERM,
            Kind::Note => NOTE,
        }
    }
    /// A field by name.
    pub fn field(self, name: &str) -> Option<&'static Field> {
        self.fields().iter().find(|field| field.name == name)
    }
}

/// A record whose every field has been checked. Instants are numbers (ms since 1970), objects in lists are objects.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    kind: Kind,
    id: Text,
    /// Without `id`. Absent fields are absent, never null.
    values: BTreeMap<&'static str, Value>,
}

impl Record {
    /// Checks the fields of an object; the word `record` may be among them and must then fit. `id` is what the caller
    /// knows from elsewhere (the path): it must agree with the record's own.
    ///
    /// # Errors
    /// Every field that is wrong, with what would be right.
    pub fn check(kind: Kind, fields: &Map<String, Value>, id: Option<&str>) -> Result<Record, Vec<FieldError>> {
        check::record(kind, fields, id)
    }

    /// The record of a row: the caller vouches for the values.
    pub(super) fn from_parts(kind: Kind, id: Text, values: BTreeMap<&'static str, Value>) -> Record {
        Record { kind, id, values }
    }

    /// Its kind.
    pub fn kind(&self) -> Kind {
        self.kind
    }
    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }
    pub(super) fn value(&self, field: &str) -> Option<&Value> {
        self.values.get(field)
    }
    pub(super) fn text(&self, field: &str) -> &str {
        self.value(field).and_then(Value::as_str).unwrap_or_default()
    }

    /// As JSON, fields in the order of the shape, instants as RFC 3339. With `record`, as a line of an import.
    pub fn to_json(&self, with_kind: bool) -> String {
        let mut out = String::from("{");
        let mut put = |name: &str, value: &Value| {
            let comma = if out.len() > 1 { "," } else { "" };
            write!(out, "{comma}\"{name}\":{value}").expect("writing to a String cannot fail");
        };
        if with_kind {
            put("record", &Value::from(self.kind.name()));
        }
        put("id", &Value::from(&*self.id));
        for field in self.kind.fields() {
            if let Some(value) = self.values.get(field.name) {
                put(field.name, &shown(field.kind, value));
            }
        }
        out.push('}');
        out
    }
}

/// A kept value as records write it.
fn shown(kind: FieldKind, value: &Value) -> Value {
    match (kind, value) {
        (FieldKind::Instant, Value::Number(number)) => {
            let instant = number.as_i64().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
            instant.map_or_else(|| value.clone(), |instant| Value::from(instant.to_string()))
        }
        (FieldKind::Objects(fields), Value::Array(items)) => {
            let item = |item: &Value| {
                let object = item.as_object().into_iter().flatten();
                let shown = object.map(|(name, value)| {
                    let kind = fields.iter().find(|field| field.name == name).map_or(ID, |field| field.kind);
                    (name.clone(), shown(kind, value))
                });
                Value::Object(shown.collect())
            };
            Value::Array(items.iter().map(item).collect())
        }
        _ => value.clone(),
    }
}
