//! What a reader must know about a number, computed for this very answer. A tagged union: pages have words for each kind,
//! `detail` says it in English for everybody else.

use super::ask::Ask;
use crate::collect::limits::CLIENT_LATE_MS;
use engine::glossary::{Measure, Unit};
use engine::question::{LeftOut, Panel};
use engine::report;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The sentence that travels wherever people are named (ruling 42).
pub const NOT_ATTENDANCE: &str = "This is not proof of attendance, and absence from it proves nothing: blocked, offline \
                                  and downloaded viewing is not reported.";

const DAY_MS: u64 = 86_400_000;
/// Values this near are the same to a reader: half a per cent.
const SAME: f64 = 0.005;

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
    /// Figures hidden from who may not see names, because they are of too few people.
    SmallGroups {
        /// How many.
        figures: u64,
        /// Fewest people of whom something is shown.
        people: u32,
    },
    /// Recordings added cannot be told where something is about views alone; the values are empty.
    NotOfRecordings {
        /// Which measures.
        measures: Vec<String>,
        /// The dimensions at fault, or `subject`.
        because: Vec<String>,
    },
    /// Recordings of which the catalog does not say when they were created: they are in no period.
    CreationUnknown {
        /// How many.
        recordings: u64,
    },
    /// Viewing that trackers and apps hold back while offline may still arrive.
    LateEvents {
        /// For so many days.
        days: u64,
    },
    /// Pages with embeds that nobody has opened in the period cannot be found.
    NeverOpened,
    /// Almost all leave together before the end: what follows may be without content.
    DeadAir {
        /// Distinct viewers of the second that most have seen.
        viewers: u64,
        /// Distinct viewers shortly before it.
        before: u64,
        /// The most distinct viewers of any second in it.
        after: u64,
        /// Where it begins, from 0, as people read it: `18:35`.
        from: String,
        /// How long it is: `1:25`.
        length: String,
        /// Where it begins, seconds.
        second: u32,
    },
    /// A measure gives another number by Kaltura's rule: of those asked for the one that differs most.
    CountedLike {
        /// The measure.
        measure: &'static str,
        /// What people call it.
        label: &'static str,
        /// What both values count in.
        unit: &'static str,
        /// Its value.
        value: f64,
        /// The measure by Kaltura's rule.
        like: &'static str,
        /// What people call that.
        like_label: &'static str,
        /// Its value, in the unit of the first.
        like_value: f64,
    },
    /// A mean per play is not what all plays together have covered.
    AverageOf {
        /// Mean share covered per play.
        completion: f64,
        /// Share that all plays together have covered.
        total_completion: f64,
    },
    /// Higher is better.
    DropOff,
    /// Named people: not proof of attendance.
    NotAttendance,
    /// Panels that list people are left out, because the reader may not see them.
    WithoutPeople {
        /// Which.
        panels: Vec<&'static str>,
    },
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
            Kind::SmallGroups { figures, people } => {
                format!(
                    "{figures} figures are hidden: they are of fewer than {people} people, or would tell one that is."
                )
            }
            Kind::NotOfRecordings { measures, because } => format!(
                "{} cannot be told by {}: a recording that was added has no such value.",
                measures.join(", "),
                because.join(", ")
            ),
            Kind::CreationUnknown { recordings } => format!(
                "{recordings} recordings are in no period, because the catalog does not say when they were created."
            ),
            Kind::LateEvents { days } => {
                format!("Viewing that players hold back while offline may still arrive, for up to {days} days.")
            }
            Kind::DeadAir { viewers, before, after, from, length, .. } => format!(
                "Of {viewers} viewers {before} are there shortly before {from}, and {after} at most from there on: the \
                 last {length} may be without content. Completion counts up to the end of content, once it is set."
            ),
            Kind::CountedLike { label, unit, value, like_label, like_value, .. } => {
                let (value, like_value) = (told(*value, unit), told(*like_value, unit));
                format!("{label} is {value} here; by Kaltura's rule ({like_label}) it is {like_value}.")
            }
            Kind::AverageOf { completion, total_completion } => format!(
                "A play covers {} of the recording on average; all plays together cover {}.",
                told(*completion, "ratio"),
                told(*total_completion, "ratio")
            ),
            Kind::DropOff => "Drop-off is the mean share reached per play: higher is better.".to_owned(),
            Kind::NeverOpened => {
                "Pages that nobody has opened in the period cannot be found: no player was shown there to \
                                  report them."
                    .to_owned()
            }
            Kind::NotAttendance => NOT_ATTENDANCE.to_owned(),
            Kind::WithoutPeople { panels } => {
                format!("What lists people is left out, because you may not see them: {}.", panels.join(", "))
            }
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
    note(days_of_late(ask) > 0, Kind::LateEvents { days: days_of_late(ask) });
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
    let people = ask.scope().smallest_group();
    note(left_out.hidden > 0, Kind::SmallGroups { figures: left_out.hidden, people });
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
            Kind::NotAdditive { measures: united(measures, more) }
        }
        (
            Kind::NotOfRecordings { measures, because },
            Kind::NotOfRecordings { measures: more, because: more_because },
        ) => Kind::NotOfRecordings { measures: united(measures, more), because: united(because, more_because) },
        (Kind::DurationLearned { entries }, Kind::DurationLearned { entries: more }) => {
            Kind::DurationLearned { entries: (*entries).max(*more) }
        }
        (Kind::SmallGroups { figures, people }, Kind::SmallGroups { figures: more, .. }) => {
            Kind::SmallGroups { figures: *figures.max(more), people: *people }
        }
        // All others are about the whole question, which the panels share; of what is counted like something else the
        // first panel's is told.
        _ => return,
    };
    *known = both.say();
}

/// For how many days more events of the range may arrive: our own routes take what is so late (ruling 33).
fn days_of_late(ask: &Ask) -> u64 {
    let now_ms = ask.source.now_ms;
    let end_ms = ask.range.to.start_ms().min(now_ms);
    let left_ms = (end_ms + CLIENT_LATE_MS - now_ms).max(0).cast_unsigned();
    left_ms.div_ceil(DAY_MS)
}

/// A value in words.
fn told(value: f64, unit: &str) -> String {
    match unit {
        "ratio" => format!("{:.1} %", value * 100.0),
        "percent" => format!("{value:.1} %"),
        "count" => format!("{value:.0}"),
        _ => format!("{value:.1} {unit}"),
    }
}

/// The measures that [`compared`] wants beside those asked for.
pub fn beside(measures: &[Measure], about_one: bool) -> Vec<Measure> {
    let mut wanted: Vec<Measure> = measures.iter().flat_map(|measure| likes(*measure)).collect();
    // Over many recordings it would take the memory of every second of each.
    wanted.extend((about_one && measures.contains(&Measure::Completion)).then_some(Measure::TotalCompletion));
    wanted.retain(|measure| !measures.contains(measure));
    wanted.sort_unstable();
    wanted.dedup();
    wanted
}

/// Kaltura's ways to count a measure that counts in a way of its own; in a unit that can be compared.
fn likes(measure: Measure) -> Vec<Measure> {
    if !measure.kaltura().is_empty() {
        return Vec::new();
    }
    let comparable = |like: &Measure| {
        !like.kaltura().is_empty() && *like != Measure::DropOff && in_unit(*like, 0.0, measure).is_some()
    };
    measure.alike().into_iter().filter(comparable).collect()
}

/// A measure's value in the unit of another.
fn in_unit(like: Measure, value: f64, measure: Measure) -> Option<f64> {
    match (like.unit(), measure.unit()) {
        (Unit::Percent, Unit::Ratio) => Some(value / 100.0),
        (like, unit) => (like == unit).then_some(value),
    }
}

/// The caveats of totals that would read otherwise by another rule. `values` has all measures that were asked for, and
/// those of [`beside`].
pub fn compared(measures: &[Measure], values: &BTreeMap<Measure, f64>) -> Vec<Caveat> {
    let pairs = measures.iter().flat_map(|measure| likes(*measure).into_iter().map(move |like| (*measure, like)));
    let differing = pairs.filter_map(|(measure, like)| {
        let value = *values.get(&measure)?;
        let like_value = in_unit(like, *values.get(&like)?, measure)?;
        let most = value.abs().max(like_value.abs());
        let by = (value - like_value).abs() / most;
        let kind = Kind::CountedLike {
            measure: measure.name(),
            label: measure.label(),
            unit: measure.unit().name(),
            value,
            like: like.name(),
            like_label: like.label(),
            like_value,
        };
        (by > SAME).then_some((by, kind))
    });
    let like = differing.max_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, kind)| kind);
    let value = |measure: Measure| values.get(&measure).copied();
    let average = measures.contains(&Measure::Completion).then_some(()).and_then(|()| {
        let (completion, total_completion) = (value(Measure::Completion)?, value(Measure::TotalCompletion)?);
        ((completion - total_completion).abs() > SAME).then_some(Kind::AverageOf { completion, total_completion })
    });
    like.into_iter().chain(average).map(Kind::say).collect()
}

/// The caveat of a recording that seems to go on without content; `viewers`: of each second. Where the end of content is
/// set, it has been seen to.
pub fn dead_air(viewers: &[u64], content_end_ms: Option<u64>) -> Option<Caveat> {
    if content_end_ms.is_some() {
        return None;
    }
    let found = report::dead_air(viewers)?;
    let kind = Kind::DeadAir {
        viewers: found.most,
        before: found.before,
        after: found.after,
        from: report::clock(found.from),
        length: report::clock(viewers.len() as u32 - found.from),
        second: found.from,
    };
    Some(kind.say())
}

fn united(some: &[String], more: &[String]) -> Vec<String> {
    some.iter().chain(more.iter().filter(|word| !some.contains(word))).cloned().collect()
}

/// The caveats of recordings added: why they cannot be told in a panel, or which are in no period.
pub fn added(ask: &Ask, left_out: &LeftOut, measures: &[Measure], panel: &Panel) -> Option<Caveat> {
    let counted = measures.iter().filter(|measure| measure.counts_added());
    let counted: Vec<String> = counted.map(|measure| measure.name().to_owned()).collect();
    if counted.is_empty() {
        return None;
    }
    let of_views = ask.question(Vec::new()).of_views(panel);
    let mut because: Vec<String> = of_views.into_iter().map(|dimension| dimension.name().to_owned()).collect();
    because.extend(ask.scope().is_of_views().then(|| "subject".to_owned()));
    if !because.is_empty() {
        return Some(Kind::NotOfRecordings { measures: counted, because }.say());
    }
    (left_out.undated > 0).then(|| Kind::CreationUnknown { recordings: left_out.undated }.say())
}

/// The caveat of lengths that were learned.
pub fn learned(entries: u64) -> Option<Caveat> {
    (entries > 0).then(|| Kind::DurationLearned { entries }.say())
}

/// The caveat of figures of too few people.
pub fn hidden(figures: u64, people: u32) -> Caveat {
    Kind::SmallGroups { figures, people }.say()
}

/// The caveat of panels left out.
pub fn without_people(panels: Vec<&'static str>) -> Option<Caveat> {
    (!panels.is_empty()).then(|| Kind::WithoutPeople { panels }.say())
}

/// The caveat of an inventory of embeds.
pub fn never_opened() -> Caveat {
    Kind::NeverOpened.say()
}

/// The caveat of named people.
pub fn not_attendance() -> Caveat {
    Kind::NotAttendance.say()
}
