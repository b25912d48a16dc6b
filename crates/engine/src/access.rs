//! Who may see what, decided in one place. A [`Scope`] can only be made here, and every question to the engine takes
//! one; filters narrow it, nothing widens it.
//!
//! Two things make a scope: what the *subject* covers (an entry, all that a person owns, a category, ...), as the
//! catalog is now, so that moving or sharing a recording moves its history; and the *reach* of the caller: what that
//! caller's roles let them see at all. Both are sets of clauses (any of them), and a scope is their intersection. Roles
//! are read in [`reach`] and nowhere else: course staff, owners and viewers get their clauses there.

use crate::catalog::view::{AccountView, CatalogView};
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

impl Clause {
    /// The rows that both allow; `None` when that is nothing.
    fn and(&self, other: &Clause) -> Option<Clause> {
        Some(Clause {
            entries: common(&self.entries, &other.entries)?,
            contexts: common(&self.contexts, &other.contexts)?,
            playlist: same(&self.playlist, &other.playlist)?,
            person: same(&self.person, &other.person)?,
        })
    }
}

type Among = Option<Arc<BTreeSet<Text>>>;

/// What is in both sets, where an absent set is everything; `None` when nothing is.
fn common(a: &Among, b: &Among) -> Option<Among> {
    match (a, b) {
        (None, one) | (one, None) => Some(one.clone()),
        (Some(a), Some(b)) => {
            let both: BTreeSet<Text> = a.intersection(b).cloned().collect();
            (!both.is_empty()).then(|| Some(Arc::new(both)))
        }
    }
}

/// The value both demand, where an absent value demands none; `None` when they contradict each other.
fn same<T: Clone + PartialEq>(a: &Option<T>, b: &Option<T>) -> Option<Option<T>> {
    match (a, b) {
        (None, one) | (one, None) => Some(one.clone()),
        (Some(x), Some(y)) => (x == y).then(|| Some(x.clone())),
    }
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

impl Scope {
    /// The account whose rows are seen; never another's.
    pub fn account(&self) -> AccountId {
        self.account
    }
    /// Whether people are named.
    pub fn people(&self) -> People {
        self.people
    }
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
/// callers cannot tell which (ruling 30).
///
/// A category's scope is its recordings wherever they are played; a playlist's is plays inside it, of any recording
/// (ruling 26). A person without recordings, or an empty category, exists and has an empty scope.
pub fn scope(caller: &Caller, catalog: &CatalogView, subject: &Subject) -> Option<Scope> {
    let Reach { account, clauses: reach, people } = reach(caller);
    let view = catalog.accounts.get(&account)?;
    let wanted = covered(view, subject)?;
    let clauses: Vec<Clause> = reach.iter().filter_map(|allowed| allowed.and(&wanted)).collect();
    // The subject exists, but lies wholly outside what the caller may see: as if it did not.
    (!clauses.is_empty()).then_some(Scope { account, clauses, people })
}

/// What a caller may see at all.
struct Reach {
    account: AccountId,
    /// Any of these.
    clauses: Vec<Clause>,
    people: People,
}

/// The one place where a role becomes rights.
fn reach(caller: &Caller) -> Reach {
    match caller {
        // Everything of the account, with names.
        Caller::Administrator { account } => {
            Reach { account: *account, clauses: vec![Clause::default()], people: People::Names }
        }
    }
}

/// The rows that a subject covers; `None` when it does not exist.
fn covered(view: &AccountView, subject: &Subject) -> Option<Clause> {
    let entries = |set: BTreeSet<Text>| Clause { entries: Some(Arc::new(set)), ..Clause::default() };
    Some(match subject {
        Subject::Account => Clause::default(),
        Subject::Entry(id) => {
            view.entries.get(id)?;
            entries(BTreeSet::from([id.clone()]))
        }
        Subject::Owner { person, co_edited } => {
            view.people.get(person)?;
            let of_person = view
                .entries
                .iter()
                .filter(|(_, entry)| entry.owner == Some(*person) || (*co_edited && entry.co_editors.contains(person)));
            entries(of_person.map(|(id, _)| id.clone()).collect())
        }
        Subject::Category { id, subtree } => {
            view.categories.get(id)?;
            let within = if *subtree { view.subtree(id) } else { BTreeSet::from([id.clone()]) };
            let held = within.iter().filter_map(|category| view.category_entries.get(category));
            entries(held.flatten().cloned().collect())
        }
        Subject::Playlist(id) => {
            view.playlists.get(id)?;
            Clause { playlist: Some(id.clone()), ..Clause::default() }
        }
        Subject::Viewer(person) => {
            // The one viewer Unknown always exists.
            if *person != PersonKey::UNKNOWN {
                view.people.get(person)?;
            }
            Clause { person: Some(*person), ..Clause::default() }
        }
    })
}

#[cfg(test)]
mod tests;
