//! Who is asking, and what of an account they may see at all: the one place where a role becomes rights.
//!
//! | Who | Media | Plays | Names |
//! |---|---|---|---|
//! | owner, co-editor | their recordings | wherever played | yes |
//! | teacher, assistant, designer; manager of a channel | the category's recordings | those in the category: on its pages, or proved to be in the course | yes |
//! | department administrator | the recordings of a category and of all below it | those in there | as granted |
//! | analyst | all | all | as granted |
//! | administrator | all | all | yes |
//! | everybody, where the site lets them | - | their own | their own |
//!
//! Roles are read from the catalog as it is now, at each question: who loses a role loses what it showed at once.

use super::clause::Clause;
use super::course::Course;
use super::{People, Subject};
use crate::catalog::view::{AccountView, CategoryView, EntryView, Role};
use crate::event::{AccountId, PersonKey, Text};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Fewest people of whom something is shown to those who may not see names, unless a site says otherwise.
pub const SMALLEST_GROUP: u32 = 10;

/// Who is asking, as the server's sign-in proved it: all that they were granted. Without grants nothing is seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The account in which they ask.
    pub account: AccountId,
    /// What they were granted.
    pub grants: Vec<Grant>,
    /// Fewest known people of whom something is shown where they are not named.
    pub smallest_group: u32,
}

/// Something that a caller was granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grant {
    /// The whole account with names, its settings, roles and access log.
    Administration,
    /// The whole account: figures only.
    Everything {
        /// How people appear.
        people: People,
    },
    /// A department: plays in a category or below it, of the recordings in there.
    Department {
        /// The category.
        category: Text,
        /// How people appear.
        people: People,
    },
    /// Some recordings, wherever they are played.
    Entries {
        /// Which.
        entries: BTreeSet<Text>,
        /// How people appear.
        people: People,
    },
    /// What a person sees by the catalog: what they own or co-edit, and courses and channels whose staff they are.
    Person(PersonKey),
    /// What a person watched themselves.
    OwnRecord(PersonKey),
    /// Staff of a course for this sign-in, as a launch from the LMS says.
    Staff {
        /// The course's category.
        category: Text,
    },
}

impl Caller {
    /// An administrator of an account.
    pub fn administrator(account: AccountId) -> Caller {
        Caller { account, grants: vec![Grant::Administration], smallest_group: SMALLEST_GROUP }
    }

    /// Whether settings and other administration are open to them. Seeing everything is not enough for that: analysts may
    /// have been granted names.
    pub fn is_administrator(&self) -> bool {
        self.grants.contains(&Grant::Administration)
    }
}

/// Rows that a caller may see, and how people appear in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Allowed {
    pub(super) clause: Clause,
    pub(super) people: People,
}

impl Allowed {
    /// What of `wanted` it allows.
    pub(super) fn and(&self, wanted: &Clause) -> Option<Allowed> {
        Some(Allowed { clause: self.clause.and(wanted)?, people: self.people })
    }
}

/// Leaves out what another clause shows as well or better: an owner who is also an analyst without names sees the names
/// of those who watched their own recording.
pub(super) fn without_covered(allowed: Vec<Allowed>) -> Vec<Allowed> {
    let mut kept: Vec<Allowed> = Vec::new();
    for one in allowed {
        let covers = |a: &Allowed, b: &Allowed| a.people >= b.people && b.clause.is_within(&a.clause);
        if kept.iter().any(|other| covers(other, &one)) {
            continue;
        }
        kept.retain(|other| !covers(&one, other));
        kept.push(one);
    }
    kept
}

/// Whether a subject exists for a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Seen {
    /// It does not.
    Never,
    /// It does if there are rows of it that may be seen.
    IfRows,
    /// It does.
    Always,
}

/// What a caller may see at all.
pub(super) struct Reach<'v> {
    view: &'v AccountView,
    /// Any of these.
    pub(super) allowed: Vec<Allowed>,
    everything: bool,
    /// Courses and channels whose staff they are.
    staff: BTreeSet<Text>,
    /// Categories whose pages they may open.
    categories: BTreeSet<Text>,
    /// Recordings of departments, whose owners' pages they may open.
    departments: BTreeSet<Text>,
    /// Who they are.
    people: BTreeSet<PersonKey>,
}

impl<'v> Reach<'v> {
    /// Reads a caller's grants.
    pub(super) fn of(caller: &Caller, view: &'v AccountView, now_ms: i64) -> Reach<'v> {
        let mut reach = Reach {
            view,
            allowed: Vec::new(),
            everything: false,
            staff: BTreeSet::new(),
            categories: BTreeSet::new(),
            departments: BTreeSet::new(),
            people: BTreeSet::new(),
        };
        for grant in &caller.grants {
            match grant {
                Grant::Administration => {
                    reach.everything = true;
                    reach.allow(Clause::default(), People::Names);
                }
                Grant::Everything { people } => {
                    reach.everything = true;
                    reach.allow(Clause::default(), *people);
                }
                Grant::Department { category, people } => reach.category(category, true, *people),
                Grant::Entries { entries, people } => reach.entries(entries.clone(), *people),
                Grant::Staff { category } => reach.category(category, false, People::Names),
                Grant::Person(person) => reach.person(*person, now_ms),
                Grant::OwnRecord(person) => {
                    reach.people.insert(*person);
                    let own = Clause { people: Some(Arc::new(BTreeSet::from([*person]))), ..Clause::default() };
                    reach.allow(own, People::Names);
                }
            }
        }
        reach
    }

    fn allow(&mut self, clause: Clause, people: People) {
        self.allowed.push(Allowed { clause, people });
    }

    fn entries(&mut self, entries: BTreeSet<Text>, people: People) {
        if !entries.is_empty() {
            self.allow(Clause { entries: Some(Arc::new(entries)), ..Clause::default() }, people);
        }
    }

    /// Plays in a category, of its recordings. Media that was merely played in it is not among them, because contexts
    /// are unsigned (ruling 28).
    fn category(&mut self, id: &Text, subtree: bool, people: People) {
        if !self.view.categories.contains_key(id) {
            return;
        }
        let within = if subtree { self.view.subtree(id) } else { BTreeSet::from([id.clone()]) };
        let held = within.iter().filter_map(|category| self.view.category_entries.get(category));
        let entries: BTreeSet<Text> = held.flatten().cloned().collect();
        let course = Arc::new(Course::of(self.view, id, subtree));
        self.categories.extend(within);
        if subtree {
            self.departments.extend(entries.iter().cloned());
        } else {
            self.staff.insert(id.clone());
        }
        self.allow(Clause { entries: Some(Arc::new(entries)), courses: vec![course], ..Clause::default() }, people);
    }

    fn person(&mut self, person: PersonKey, now_ms: i64) {
        self.people.insert(person);
        let theirs = self.view.entries.iter();
        let theirs = theirs.filter(|(_, e)| e.owner == Some(person) || e.co_editors.contains(&person));
        self.entries(theirs.map(|(id, _)| id.clone()).collect(), People::Names);
        for id in staffed(self.view, person, now_ms) {
            self.category(&id, false, People::Names);
        }
    }

    /// Whether a subject exists for the caller. Its rows are another matter: they are the intersection in any case.
    pub(super) fn sees(&self, subject: &Subject) -> Seen {
        let always = |yes: bool| if yes { Seen::Always } else { Seen::Never };
        match subject {
            Subject::Both(one, other) => self.sees(one).min(self.sees(other)),
            Subject::Viewer(person) => self.names(*person),
            _ if self.everything => Seen::Always,
            Subject::Account => Seen::Always,
            Subject::Entry(id) | Subject::Medium { entry: id, .. } => self.entry(id),
            // Course staff do not see a colleague's page.
            Subject::Owner { person, .. } => always(
                self.people.contains(person) || self.has(&self.departments, &|entry| entry.owner == Some(*person)),
            ),
            Subject::Category { id, .. } | Subject::Section { category: id, .. } => {
                always(self.categories.contains(id))
            }
            Subject::Playlist(id) => {
                let owner = self.view.playlists.get(id).and_then(|playlist| playlist.owner);
                always(owner.is_some_and(|owner| self.people.contains(&owner)))
            }
            Subject::Tag(tag) => {
                let mut sets = self.allowed.iter().filter_map(|allowed| allowed.clause.entries.as_deref());
                always(sets.any(|entries| self.has(entries, &|entry| entry.tags.contains(tag))))
            }
        }
    }

    /// Whether they are staff of a course or channel, or see everything.
    pub(super) fn is_staff(&self, category: &str) -> bool {
        self.everything || self.staff.contains(category)
    }

    fn entry(&self, id: &Text) -> Seen {
        let holds = |allowed: &Allowed| allowed.clause.entries.as_ref().is_some_and(|entries| entries.contains(id));
        if self.allowed.iter().any(holds) { Seen::Always } else { Seen::IfRows }
    }

    /// A person's page needs names; whose page it is, sees it; others see it if they see something of that person.
    fn names(&self, person: PersonKey) -> Seen {
        let named = self.allowed.iter().any(|allowed| allowed.people == People::Names);
        let all = self.allowed.iter().any(|a| a.people == People::Names && a.clause == Clause::default());
        match named {
            false => Seen::Never,
            true if all || self.people.contains(&person) => Seen::Always,
            true => Seen::IfRows,
        }
    }

    fn has(&self, entries: &BTreeSet<Text>, holds: &dyn Fn(&EntryView) -> bool) -> bool {
        entries.iter().any(|id| self.view.entries.get(id).is_some_and(holds))
    }
}

/// The courses and channels of which a person is staff now: teaches, assists in, designs or manages.
pub fn staffed(view: &AccountView, person: PersonKey, now_ms: i64) -> BTreeSet<Text> {
    let staff = [Role::Teacher, Role::Assistant, Role::Designer, Role::Manager];
    let is_staff = |category: &CategoryView| {
        let mut members = category.members.iter();
        members.any(|m| m.person == person && staff.contains(&m.role) && m.period.holds(now_ms))
    };
    view.categories.iter().filter(|(_, category)| is_staff(category)).map(|(id, _)| id.clone()).collect()
}
