//! The catalog as questions see it: one immutable picture in memory, replaced after every change.

use crate::event::{AccountId, PersonKey, Text};
use std::collections::{BTreeMap, BTreeSet};

/// What kind of medium an entry is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MediaType {
    /// Not known: first seen in events.
    #[default]
    Unknown,
    /// Video.
    Video,
    /// Audio.
    Audio,
    /// Image.
    Image,
    /// Live stream.
    Live,
    /// Video quiz.
    Quiz,
    /// YouTube link.
    YouTube,
}

/// A recording.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EntryView {
    /// Name; the id when none is known.
    pub name: Text,
    /// Type.
    pub media_type: MediaType,
    /// Length, ms.
    pub duration_ms: Option<u64>,
    /// The length was learned from events, not told by the catalog.
    pub duration_learned: bool,
    /// End of content (dead air after it), ms.
    pub content_end_ms: Option<u64>,
    /// Owner.
    pub owner: Option<PersonKey>,
    /// Co-editors.
    pub co_editors: BTreeSet<PersonKey>,
    /// Tags.
    pub tags: BTreeSet<Text>,
    /// Where it came from (`Upload`, `Kaltura Capture`, ...).
    pub source: Text,
    /// Created, ms since 1970.
    pub created_ms: Option<i64>,
    /// Published, ms since 1970.
    pub published_ms: Option<i64>,
    /// Deleted: its last known name is kept.
    pub deleted: bool,
    /// First seen in events, not confirmed by a catalog.
    pub unconfirmed: bool,
    /// Thumbnail.
    pub thumbnail_url: Option<Text>,
    /// YouTube id.
    pub youtube_id: Option<Text>,
    /// Categories it is in now (approved links).
    pub categories: BTreeSet<Text>,
}

/// A person.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PersonView {
    /// The institution's id.
    pub id: Text,
    /// Full name; the id when none is known.
    pub name: Text,
    /// Mail address.
    pub mail: Text,
    /// First seen in events, not confirmed by a catalog.
    pub unconfirmed: bool,
}

/// A course gallery or a channel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CategoryView {
    /// Name.
    pub name: Text,
    /// Parent.
    pub parent: Option<Text>,
    /// `course`, `channel`, or empty.
    pub kind: Text,
    /// LMS course id.
    pub lms_course: Text,
    /// Term.
    pub term: Option<Text>,
}

/// One account.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AccountView {
    /// Name.
    pub name: Text,
    /// Entries by id.
    pub entries: BTreeMap<Text, EntryView>,
    /// People by key.
    pub people: BTreeMap<PersonKey, PersonView>,
    /// Keys by the institution's id.
    pub person_keys: BTreeMap<Text, PersonKey>,
    /// Categories by id.
    pub categories: BTreeMap<Text, CategoryView>,
    /// Playlists: id to name.
    pub playlists: BTreeMap<Text, Text>,
    /// Terms: id to (name, from ms, to ms).
    pub terms: BTreeMap<Text, (Text, i64, i64)>,
}

/// Everything. Cloned cheaply: accounts are shared.
#[derive(Clone, Debug, Default)]
pub struct CatalogView {
    /// By account.
    pub accounts: BTreeMap<AccountId, std::sync::Arc<AccountView>>,
}
