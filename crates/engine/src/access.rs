//! Who may see what, decided in one place. A [`Scope`] can only be made here, and every question to the engine takes
//! one; filters narrow it, nothing widens it.
//!
//! Two things make a scope: what the *subject* covers (an entry, all that a person owns, a category, ...), as the
//! catalog is now, so that moving or sharing a recording moves its history; and the *reach* of the caller: what that
//! caller's roles let them see at all. Both are sets of clauses (any of them), and a scope is their intersection. Roles
//! are read in [`reach`] and nowhere else: course staff, owners and viewers get their clauses there.

mod clause;
mod course;
mod elsewhere;
mod reach;

pub(crate) use clause::Clause;
pub use course::{Course, Placement};
pub use elsewhere::{Elsewhere, elsewhere};
pub use reach::{Caller, Grant, SMALLEST_GROUP, staffed};

use crate::catalog::view::{AccountView, CatalogView};
use crate::event::{AccountId, PersonKey, Text};
use reach::{Allowed, Reach, Seen};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How people appear in answers. Ordered: more to the right shows more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum People {
    /// Not at all; small groups are hidden.
    None,
    /// Under pseudonyms; small groups are hidden.
    Pseudonyms,
    /// With names.
    Names,
}

impl People {
    /// All levels, the least first.
    pub const ALL: [People; 3] = [People::None, People::Pseudonyms, People::Names];
    /// The word in settings and answers.
    pub const fn name(self) -> &'static str {
        match self {
            People::None => "none",
            People::Pseudonyms => "pseudonyms",
            People::Names => "names",
        }
    }
    /// The level of a word.
    pub fn of(name: &str) -> Option<People> {
        People::ALL.into_iter().find(|people| people.name() == name)
    }
}

/// What a question may see. No constructor outside this module, no `Default`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    pub(crate) account: AccountId,
    /// Any of these; empty sees nothing.
    pub(crate) clauses: Vec<Clause>,
    pub(crate) people: People,
    /// The course or channel asked about, if it is one: placements are as seen from it.
    pub(crate) course: Option<Arc<Course>>,
    /// Fewest known people of whom something is shown where they are not named.
    pub(crate) smallest_group: u32,
    /// Its subject exists for the caller only if it has rows (ruling 30): [`crate::query::answer`] looks.
    pub(crate) if_rows: bool,
    of_views: bool,
}

impl Scope {
    /// The account whose rows are seen; never another's.
    pub fn account(&self) -> AccountId {
        self.account
    }
    /// Fewest known people of whom something is shown where they are not named.
    pub fn smallest_group(&self) -> u32 {
        self.smallest_group
    }
    /// How people appear.
    pub fn people(&self) -> People {
        self.people
    }
    /// The recordings that may be listed, played or not; `None`: all of the account.
    pub fn listed(&self) -> Option<BTreeSet<Text>> {
        if self.clauses.iter().any(|clause| *clause == Clause::default()) {
            return None;
        }
        // What somebody watched is not thereby theirs to list.
        let of_recordings = self.clauses.iter().filter(|clause| clause.people.is_none());
        Some(of_recordings.filter_map(|clause| clause.entries.as_deref()).flatten().cloned().collect())
    }
    /// Whether its subject is some views of a recording and not others: one viewer's, those in a playlist, of one medium.
    pub fn is_of_views(&self) -> bool {
        self.of_views
    }
    /// Whether it is about a course or channel, whose sub-categories can be told.
    pub fn is_of_category(&self) -> bool {
        self.course.is_some()
    }
    /// The entries it is restricted to; `None` when any may be inside.
    pub fn entries(&self) -> Option<BTreeSet<Text>> {
        let mut all = BTreeSet::new();
        for clause in &self.clauses {
            all.extend(clause.entries.as_deref()?.iter().cloned());
        }
        Some(all)
    }
}

/// Which media of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// What the person owns.
    Owned,
    /// What the person co-edits and somebody else owns.
    CoEdited,
    /// Both.
    Both,
}

/// What the caller asks to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The whole account.
    Account,
    /// One recording.
    Entry(Text),
    /// One recording from one replacement of its medium to the next: 0 is the first medium. A view belongs to the medium
    /// that was current when its row began.
    Medium {
        /// The recording.
        entry: Text,
        /// Which of its media, from 0.
        number: usize,
    },
    /// The media of a person.
    Owner {
        /// The person.
        person: PersonKey,
        /// Which.
        whose: Whose,
    },
    /// The recordings of a category.
    Category {
        /// Category id.
        id: Text,
        /// With all sub-categories.
        subtree: bool,
    },
    /// The recordings of a course as the people of one of its sections watch them.
    Section {
        /// Category id.
        category: Text,
        /// Section id.
        section: Text,
    },
    /// Plays inside a playlist.
    Playlist(Text),
    /// Recordings with a tag.
    Tag(Text),
    /// One viewer.
    Viewer(PersonKey),
    /// What two subjects have in common: a viewer in a recording.
    Both(Box<Subject>, Box<Subject>),
}

/// The scope in which `caller` may look at `subject` now (`now_ms`: whose memberships hold); `None` when the subject does
/// not exist or may not be seen: callers cannot tell which (ruling 30).
///
/// A category's scope is its recordings wherever they are played; a playlist's is plays inside it, of any recording
/// (ruling 26). A person without recordings, or an empty category, exists and has an empty scope.
pub fn scope(caller: &Caller, catalog: &CatalogView, subject: &Subject, now_ms: i64) -> Option<Scope> {
    let account = caller.account;
    let view = catalog.accounts.get(&account)?;
    let reach = Reach::of(caller, view, now_ms);
    let seen = reach.sees(subject);
    if seen == Seen::Never {
        return None;
    }
    let wanted = covered(view, subject, now_ms)?;
    // A person's page shows what its reader may see with names.
    let shown = |allowed: &&Allowed| !is_of_viewer(subject) || allowed.people == People::Names;
    let allowed = reach.allowed.iter().filter(shown).filter_map(|allowed| allowed.and(&wanted)).collect();
    let allowed = reach::without_covered(allowed);
    Some(Scope {
        account,
        people: allowed.iter().map(|allowed| allowed.people).min().unwrap_or(People::None),
        clauses: allowed.into_iter().map(|allowed| allowed.clause).collect(),
        course: course(view, subject).map(Arc::new),
        smallest_group: caller.smallest_group,
        if_rows: seen == Seen::IfRows,
        of_views: !wanted.is_whole(),
    })
}

fn is_of_viewer(subject: &Subject) -> bool {
    match subject {
        Subject::Viewer(_) => true,
        Subject::Both(one, other) => is_of_viewer(one) || is_of_viewer(other),
        _ => false,
    }
}

/// The rows that a subject covers; `None` when it does not exist.
fn covered(view: &AccountView, subject: &Subject, now_ms: i64) -> Option<Clause> {
    let entries = |set: BTreeSet<Text>| Clause { entries: Some(Arc::new(set)), ..Clause::default() };
    let person = |person: PersonKey| Clause { people: Some(Arc::new(BTreeSet::from([person]))), ..Clause::default() };
    Some(match subject {
        Subject::Account => Clause::default(),
        Subject::Entry(id) => {
            view.entries.get(id)?;
            entries(BTreeSet::from([id.clone()]))
        }
        Subject::Medium { entry, number } => {
            let instants: Vec<i64> = view.entries.get(entry)?.replacements.iter().map(|(at_ms, _)| *at_ms).collect();
            (*number <= instants.len()).then_some(())?;
            let from = number.checked_sub(1).map_or(i64::MIN, |before| instants[before]);
            let to = instants.get(*number).copied().unwrap_or(i64::MAX);
            Clause { began: Some((from, to)), ..entries(BTreeSet::from([entry.clone()])) }
        }
        Subject::Owner { person, whose } => {
            view.people.get(person)?;
            let of_person = view.entries.iter().filter(|(_, entry)| {
                let owned = entry.owner == Some(*person);
                let edited = entry.co_editors.contains(person);
                match whose {
                    Whose::Owned => owned,
                    Whose::CoEdited => edited && !owned,
                    Whose::Both => owned || edited,
                }
            });
            entries(of_person.map(|(id, _)| id.clone()).collect())
        }
        Subject::Category { id, subtree } => {
            view.categories.get(id)?;
            let within = if *subtree { view.subtree(id) } else { BTreeSet::from([id.clone()]) };
            let held = within.iter().filter_map(|category| view.category_entries.get(category));
            entries(held.flatten().cloned().collect())
        }
        Subject::Section { category, section } => {
            let course = view.categories.get(category)?;
            course.sections.iter().find(|(id, _)| id == section)?;
            let here = course.members.iter().filter(|member| member.section == *section && member.period.holds(now_ms));
            let people = here.map(|member| member.person).collect();
            let whole = covered(view, &Subject::Category { id: category.clone(), subtree: false }, now_ms)?;
            Clause { people: Some(Arc::new(people)), ..whole }
        }
        Subject::Playlist(id) => {
            view.playlists.get(id)?;
            Clause { playlist: Some(id.clone()), ..Clause::default() }
        }
        Subject::Tag(tag) => {
            let tagged = view.entries.iter().filter(|(_, entry)| entry.tags.contains(tag));
            let tagged: BTreeSet<Text> = tagged.map(|(id, _)| id.clone()).collect();
            (!tagged.is_empty()).then(|| entries(tagged))?
        }
        Subject::Viewer(key) => {
            // The one viewer Unknown always exists.
            if *key != PersonKey::UNKNOWN {
                view.people.get(key)?;
            }
            person(*key)
        }
        Subject::Both(one, other) => covered(view, one, now_ms)?.and(&covered(view, other, now_ms)?)?,
    })
}

/// The course or channel that a subject is about.
fn course(view: &AccountView, subject: &Subject) -> Option<Course> {
    match subject {
        Subject::Category { id, subtree } => Some(Course::of(view, id, *subtree)),
        Subject::Section { category, .. } => Some(Course::of(view, category, false)),
        Subject::Both(one, other) => course(view, one).or_else(|| course(view, other)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
