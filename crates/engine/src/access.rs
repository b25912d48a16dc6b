//! Who may see what, decided in one place. A [`Scope`] can only be made here, and every question to the engine takes
//! one; filters narrow it, nothing widens it.

use crate::catalog::view::CatalogView;
use crate::event::{AccountId, PersonKey, Text};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Rows that one clause of a scope allows: all conditions that are set must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Clause {
    /// Only these entries.
    pub(crate) entries: Option<Arc<BTreeSet<Text>>>,
    /// Only plays in one of these contexts.
    pub(crate) contexts: Option<Arc<BTreeSet<Text>>>,
    /// Only plays in this playlist.
    pub(crate) playlist: Option<Text>,
    /// Only plays by this person.
    pub(crate) person: Option<PersonKey>,
}

/// Whether people are named in answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum People {
    /// With names.
    Names,
    /// Under pseudonyms, small groups suppressed.
    Pseudonyms,
    /// Not at all.
    None,
}

/// What a question may see. No constructor outside this module, no `Default`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    pub(crate) account: AccountId,
    /// Any of these; empty sees nothing.
    pub(crate) clauses: Vec<Clause>,
    pub(crate) people: People,
}

/// What the caller asks to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The whole account.
    Account,
    /// One recording.
    Entry(Text),
    /// All that a person owns (and co-edits, when `co_edited`).
    Owner {
        /// The person.
        person: PersonKey,
        /// Also what the person co-edits.
        co_edited: bool,
    },
    /// The recordings of a category.
    Category {
        /// Category id.
        id: Text,
        /// With all sub-categories.
        subtree: bool,
    },
    /// Plays inside a playlist.
    Playlist(Text),
    /// One viewer.
    Viewer(PersonKey),
}

/// Who is asking, proved by the server's sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// An administrator of an account.
    Administrator {
        /// The account.
        account: AccountId,
    },
}

/// The scope in which `caller` may look at `subject` now; `None` when the subject does not exist or may not be seen:
/// callers cannot tell which.
pub fn scope(_caller: &Caller, _catalog: &CatalogView, _subject: &Subject) -> Option<Scope> {
    None
}
