//! What a reader must know about a number, computed for this very answer. A tagged union: pages have words for each kind,
//! `detail` says it in English for everybody else.

use super::ask::Ask;
use engine::glossary::Measure;
use engine::question::LeftOut;
use serde::Serialize;
use utoipa::ToSchema;

/// The sentence that travels wherever people are named (ruling 42).
pub const NOT_ATTENDANCE: &str = "This is not proof of attendance, and absence from it proves nothing: blocked, offline \
                                  and downloaded viewing is not reported.";

/// What a reader must know, and what it says in English.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Caveat {
    /// Which, with its numbers.
    #[serde(flatten)]
    pub kind: Kind,
    /// In English.
    pub detail: String,
}

/// Kinds of caveats, with their numbers.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    /// Plays without sign-in count as one viewer.
    UnknownViewers {
        /// How many.
        plays: u64,
    },
    /// The range holds today.
    TodayOpen,
    /// Events of robots are left out.
    Bots {
        /// How many.
        events: u64,
    },
    /// Events kept aside as suspect are left out.
    Suspect {
        /// How many.
        events: u64,
    },
    /// Repeats were counted once.
    Duplicates {
        /// How many.
        events: u64,
    },
    /// Events that never arrived, by the gaps in what players count.
    Missing {
        /// How many.
        events: u64,
    },
    /// Events that came later than the horizon are included.
    Late {
        /// How many.
        events: u64,
    },
    /// Names without proof were not believed.
    IdentityRefused {
        /// How many events had one.
        events: u64,
    },
    /// Pages that browsers did not disclose.
    PageUnknown {
        /// How many plays.
        plays: u64,
    },
    /// Domains and pages beyond the account's limit.
    BeyondLimit {
        /// How many plays.
        plays: u64,
    },
    /// Downloads: later viewing is never reported.
    Downloads {
        /// How many.
        downloads: u64,
    },
    /// Lengths learned from events.
    DurationLearned {
        /// How many recordings of the answer.
        entries: u64,
    },
    /// Days are counted in a zone that may not be the reader's.
    TimeZone {
        /// Its name.
        zone: String,
    },
    /// Values of rows do not add up to the total.
    NotAdditive {
        /// Which measures.
        measures: Vec<String>,
    },
    /// Higher is better.
    DropOff,
    /// Named people: not proof of attendance.
    NotAttendance,
}

impl Kind {
    fn say(self) -> Caveat {
        let detail = match &self {
            Kind::UnknownViewers { plays } => format!("{plays} plays without sign-in count as one viewer, Unknown."),
            Kind::TodayOpen => "Today is not over: its numbers still grow.".to_owned(),
            Kind::Bots { events } => format!("{events} events of robots are left out."),
            Kind::Suspect { events } => format!("{events} events came in a flood or were forged and are left out."),
            Kind::Duplicates { events } => format!("{events} events reported twice were counted once."),
            Kind::Missing { events } => {
                format!("{events} events never arrived, by the gaps in what players count: true numbers are higher.")
            }
            Kind::Late { events } => format!("{events} events arrived very late and are included."),
            Kind::IdentityRefused { events } => {
                format!("{events} events named a person without proof; they are counted as unknown.")
            }
            Kind::PageUnknown { plays } => format!("{plays} plays came from pages that the browser did not disclose."),
            Kind::BeyondLimit { plays } => {
                format!("{plays} plays came from domains or pages beyond the account's limit; they are shown as other.")
            }
            Kind::Downloads { downloads } => {
                format!("{downloads} downloads: later viewing of a downloaded file is never reported.")
            }
            Kind::DurationLearned { entries } => format!(
                "The length of {entries} recordings is not in the catalog and was learned from what players reported."
            ),
            Kind::TimeZone { zone } => format!("Days are counted in {zone}."),
            Kind::NotAdditive { measures } => {
                format!("{} of rows and days do not add up to the total.", measures.join(", "))
            }
            Kind::DropOff => "Drop-off is the mean share reached per play: higher is better.".to_owned(),
            Kind::NotAttendance => NOT_ATTENDANCE.to_owned(),
        };
        Caveat { kind: self, detail }
    }
}

/// The caveats of an answer. `parts`: it shows rows or days beside (or instead of) the total.
pub fn caveats(ask: &Ask, left_out: &LeftOut, measures: &[Measure], parts: bool) -> Vec<Caveat> {
    let mut found = Vec::new();
    let mut note = |holds: bool, kind: Kind| {
        if holds {
            found.push(kind.say());
        }
    };
    let named = |name: &str| measures.iter().any(|measure| measure.name() == name);
    note(ask.is_open(), Kind::TodayOpen);
    note(left_out.unknown_plays > 0, Kind::UnknownViewers { plays: left_out.unknown_plays });
    note(left_out.bot_events > 0, Kind::Bots { events: left_out.bot_events });
    note(left_out.suspect_events > 0, Kind::Suspect { events: left_out.suspect_events });
    note(left_out.duplicates > 0, Kind::Duplicates { events: left_out.duplicates });
    note(left_out.missing > 0, Kind::Missing { events: left_out.missing });
    note(left_out.late > 0, Kind::Late { events: left_out.late });
    note(left_out.identity_refused > 0, Kind::IdentityRefused { events: left_out.identity_refused });
    note(left_out.page_unknown_plays > 0, Kind::PageUnknown { plays: left_out.page_unknown_plays });
    note(left_out.other_plays > 0, Kind::BeyondLimit { plays: left_out.other_plays });
    note(left_out.downloads > 0, Kind::Downloads { downloads: left_out.downloads });
    note(ask.is_about_a_viewer(), Kind::NotAttendance);
    note(named("drop_off"), Kind::DropOff);
    let not_additive: Vec<String> =
        measures.iter().filter(|measure| !measure.additive()).map(|measure| measure.name().to_owned()).collect();
    note(parts && !not_additive.is_empty(), Kind::NotAdditive { measures: not_additive });
    note(true, Kind::TimeZone { zone: ask.zone_name.clone() });
    found
}

/// Adds a caveat to those of other panels of a page: one of each kind.
pub fn add(found: &mut Vec<Caveat>, caveat: Caveat) {
    let same = |known: &&mut Caveat| std::mem::discriminant(&known.kind) == std::mem::discriminant(&caveat.kind);
    let Some(known) = found.iter_mut().find(same) else { return found.push(caveat) };
    let both = match (&known.kind, &caveat.kind) {
        (Kind::NotAdditive { measures }, Kind::NotAdditive { measures: more }) => {
            let mut measures = measures.clone();
            measures.extend(more.iter().filter(|measure| !measures.contains(measure)).cloned().collect::<Vec<_>>());
            Kind::NotAdditive { measures }
        }
        (Kind::DurationLearned { entries }, Kind::DurationLearned { entries: more }) => {
            Kind::DurationLearned { entries: (*entries).max(*more) }
        }
        // All others are about the whole question, which the panels share.
        _ => return,
    };
    *known = both.say();
}

/// The caveat of lengths that were learned.
pub fn learned(entries: u64) -> Option<Caveat> {
    (entries > 0).then(|| Kind::DurationLearned { entries }.say())
}

/// The caveat of named people.
pub fn not_attendance() -> Caveat {
    Kind::NotAttendance.say()
}
