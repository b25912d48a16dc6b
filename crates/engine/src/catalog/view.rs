//! The catalog as questions see it: one immutable picture in memory, replaced after every change.

use crate::event::{AccountId, PersonKey, Text};
use crate::period::Term;
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

impl MediaType {
    /// All types, the unknown first.
    pub const ALL: [MediaType; 7] = [
        MediaType::Unknown,
        MediaType::Video,
        MediaType::Audio,
        MediaType::Image,
        MediaType::Live,
        MediaType::Quiz,
        MediaType::YouTube,
    ];
    /// The word in catalog records, answers and filters.
    pub const fn name(self) -> &'static str {
        match self {
            MediaType::Unknown => "unknown",
            MediaType::Video => "video",
            MediaType::Audio => "audio",
            MediaType::Image => "image",
            MediaType::Live => "live",
            MediaType::Quiz => "quiz",
            MediaType::YouTube => "youtube",
        }
    }
    /// The type of a word; unknown words are [`MediaType::Unknown`].
    pub fn of(name: &str) -> MediaType {
        MediaType::ALL.into_iter().find(|kind| kind.name() == name).unwrap_or_default()
    }
}

/// What a person is in a category (`trust.md` 5 says what each may see).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Teaches the course.
    Teacher,
    /// Teaching assistant.
    Assistant,
    /// Designs the course.
    Designer,
    /// Manages the channel.
    Manager,
    /// Contributes media.
    Contributor,
    /// Takes the course: the roster.
    Student,
    /// Looks on.
    Observer,
    /// Belongs to the channel.
    Member,
}

impl Role {
    /// All roles.
    pub const ALL: [Role; 8] = [
        Role::Teacher,
        Role::Assistant,
        Role::Designer,
        Role::Manager,
        Role::Contributor,
        Role::Student,
        Role::Observer,
        Role::Member,
    ];
    /// The word in catalog records.
    pub const fn name(self) -> &'static str {
        match self {
            Role::Teacher => "teacher",
            Role::Assistant => "assistant",
            Role::Designer => "designer",
            Role::Manager => "manager",
            Role::Contributor => "contributor",
            Role::Student => "student",
            Role::Observer => "observer",
            Role::Member => "member",
        }
    }
    /// The role of a word.
    pub fn of(name: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// When a membership, a role or a link holds: from `from_ms` until before `to_ms`, ms since 1970; open where absent
/// (ruling 27).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period {
    /// First instant; absent: since ever.
    pub from_ms: Option<i64>,
    /// First instant after; absent: until further notice.
    pub to_ms: Option<i64>,
}

impl Period {
    /// Whether it holds at an instant.
    pub fn holds(self, at_ms: i64) -> bool {
        self.from_ms.is_none_or(|from| from <= at_ms) && self.to_ms.is_none_or(|to| at_ms < to)
    }
}

/// A recording.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EntryView {
    /// Name; the id when none is known.
    pub name: Text,
    /// Type.
    pub media_type: MediaType,
    /// Length as told, ms. What is not told is learned from rows: see [`crate::query::Length`].
    pub duration_ms: Option<u64>,
    /// End of content (dead air after it), ms.
    pub content_end_ms: Option<u64>,
    /// Owner.
    pub owner: Option<PersonKey>,
    /// Co-editors now.
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
    /// When it was deleted, ms since 1970.
    pub deleted_ms: Option<i64>,
    /// A live stream is planned to begin, ms since 1970.
    pub starts_ms: Option<i64>,
    /// It is planned to end, ms since 1970.
    pub ends_ms: Option<i64>,
    /// Its medium was replaced at these instants (ms since 1970), ascending, with the length from then on where told.
    pub replacements: Vec<(i64, Option<u64>)>,
    /// Who may find it: `public`, `unlisted`, `restricted`, `private`, or empty.
    pub visibility: Text,
    /// Viewers may download it; absent when not told.
    pub downloads: Option<bool>,
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

/// A person's role in a category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberView {
    /// Who.
    pub person: PersonKey,
    /// As what.
    pub role: Role,
    /// Section of the course; empty: all of it.
    pub section: Text,
    /// When.
    pub period: Period,
}

/// A recording in a category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkView {
    /// The recording.
    pub entry: Text,
    /// Shown there; otherwise it waits for a moderator.
    pub approved: bool,
    /// When.
    pub period: Period,
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
    /// Sections: id and name.
    pub sections: Vec<(Text, Text)>,
    /// The same course's previous offering: a category id.
    pub previous: Option<Text>,
    /// Created, ms since 1970.
    pub created_ms: Option<i64>,
    /// Last changed, ms since 1970.
    pub updated_ms: Option<i64>,
    /// Deleted: its last known name is kept.
    pub deleted: bool,
    /// Members of all times, with their roles.
    pub members: Vec<MemberView>,
    /// Recordings of all times.
    pub links: Vec<LinkView>,
}

impl CategoryView {
    /// The recordings that were in it at an instant (approved links), ascending.
    pub fn entries_at(&self, at_ms: i64) -> BTreeSet<Text> {
        let held = self.links.iter().filter(|link| link.approved && link.period.holds(at_ms));
        held.map(|link| link.entry.clone()).collect()
    }
    /// The people who had a role in it at an instant.
    pub fn people_at(&self, role: Role, at_ms: i64) -> BTreeSet<PersonKey> {
        let held = self.members.iter().filter(|member| member.role == role && member.period.holds(at_ms));
        held.map(|member| member.person).collect()
    }
}

/// A playlist.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlaylistView {
    /// Name.
    pub name: Text,
    /// Its recordings, in order.
    pub entries: Vec<Text>,
    /// Owner.
    pub owner: Option<PersonKey>,
    /// Created, ms since 1970.
    pub created_ms: Option<i64>,
}

/// What somebody wrote at a date, shown in charts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NoteView {
    /// The day, `2026-10-01`.
    pub date: Text,
    /// What is written.
    pub text: Text,
    /// About this recording; absent with `category`: about the account.
    pub entry: Option<Text>,
    /// About this category.
    pub category: Option<Text>,
    /// Who wrote it.
    pub author: Option<PersonKey>,
}

/// One account.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AccountView {
    /// Name.
    pub name: Text,
    /// Created, ms since 1970.
    pub created_ms: i64,
    /// Entries by id.
    pub entries: BTreeMap<Text, EntryView>,
    /// People by key.
    pub people: BTreeMap<PersonKey, PersonView>,
    /// Keys by the institution's id.
    pub person_keys: BTreeMap<Text, PersonKey>,
    /// Categories by id.
    pub categories: BTreeMap<Text, CategoryView>,
    /// Direct sub-categories of each category that has any.
    pub children: BTreeMap<Text, BTreeSet<Text>>,
    /// Recordings in each category now, without its sub-categories.
    pub category_entries: BTreeMap<Text, BTreeSet<Text>>,
    /// Playlists by id.
    pub playlists: BTreeMap<Text, PlaylistView>,
    /// Terms: id to (name, from ms, to ms).
    pub terms: BTreeMap<Text, (Text, i64, i64)>,
    /// Notes on dates, by id.
    pub notes: BTreeMap<Text, NoteView>,
}

impl AccountView {
    /// A category and all below it, ascending; just itself when it has no sub-categories or is not known. Ends on trees
    /// that loop.
    pub fn subtree(&self, category: &str) -> BTreeSet<Text> {
        let mut found = BTreeSet::new();
        let mut waiting: Vec<&str> = vec![category];
        while let Some(id) = waiting.pop() {
            if found.insert(Text::from(id)) {
                waiting.extend(self.children.get(id).into_iter().flatten().map(|child| &**child));
            }
        }
        found
    }
    /// The terms, as periods take them.
    pub fn term_list(&self) -> Vec<Term> {
        let term = |(id, (name, from_ms, to_ms)): (&Text, &(Text, i64, i64))| Term {
            id: id.clone(),
            name: name.clone(),
            from_ms: *from_ms,
            to_ms: *to_ms,
        };
        self.terms.iter().map(term).collect()
    }
}

/// Everything. Cloned cheaply: accounts are shared.
#[derive(Clone, Debug, Default)]
pub struct CatalogView {
    /// By account.
    pub accounts: BTreeMap<AccountId, std::sync::Arc<AccountView>>,
}
