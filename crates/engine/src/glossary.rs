//! Every measure and dimension, once. Wire names, units, recipes, tooltips, the `metrics` command, the generated page
//! and the property tests all derive from two tables ([`measures`](self) and [`dimensions`](self), in
//! `glossary/tables.rs`); nothing is typed again.
//!
//! A measure is a [`Recipe`] over [`Quantity`]s. A quantity is exact and merges in any order: a whole number that adds,
//! or a set that unites. Only the recipe's last step makes a floating-point number.
//!
//! **A measure over stored columns is one row of the table and one fixture.** Ids and names are forever:
//! `glossary/ids.txt` pins them, and a retired row stays.

mod page;
mod tables;

pub use page::{json, markdown, printout};
pub use tables::{Dimension, Measure};

use crate::period::TimePart;
use crate::row::{SumColumn, TextColumn};
use thiserror::Error;

/// What a value counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A number of things.
    Count,
    /// Minutes, with fractions.
    Minutes,
    /// Milliseconds, with fractions.
    Milliseconds,
    /// A share: 1 is all. May exceed 1 where the definition says so.
    Ratio,
    /// Per cent, 0 to 100 (only where Kaltura's definition is in per cent).
    Percent,
    /// Bits a second.
    BitsPerSecond,
    /// A mark from 0 to 10.
    Score,
    /// An instant: milliseconds since 1970.
    Instant,
}

impl Unit {
    /// The word in the API.
    pub fn name(self) -> &'static str {
        match self {
            Unit::Count => "count",
            Unit::Minutes => "minutes",
            Unit::Milliseconds => "milliseconds",
            Unit::Ratio => "ratio",
            Unit::Percent => "percent",
            Unit::BitsPerSecond => "bits_per_second",
            Unit::Score => "score",
            Unit::Instant => "instant",
        }
    }
}

/// Which way is good news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// More is better.
    Up,
    /// Less is better.
    Down,
    /// Neither.
    Neither,
}

impl Better {
    /// The word in the API.
    pub fn name(self) -> &'static str {
        match self {
            Better::Up => "up",
            Better::Down => "down",
            Better::Neither => "neither",
        }
    }
}

/// Which rows a quantity looks at, by how the medium was played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Played {
    /// All rows.
    Any,
    /// On demand only, as Kaltura's `vod`.
    Vod,
    /// Where positions are places in a recording: on demand and offline.
    Recorded,
    /// Live and behind live.
    Live,
}

/// Sets whose members are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Distinct {
    /// People with a play; for images, with an impression (ruling 38). All anonymous viewers are one.
    Viewers,
    /// The same without the anonymous one.
    KnownViewers,
    /// People with any event, without the anonymous one.
    KnownPeople,
    /// Entries with a play.
    PlayedEntries,
    /// Entries with any event.
    Entries,
    /// Sessions with any event.
    Sessions,
    /// Domains with a play.
    Domains,
    /// Disclosed pages with a play.
    Pages,
    /// Owners of recordings with any event, as the catalog says now.
    Owners,
    /// People who submitted a quiz.
    QuizTakers,
    /// People who answered a question of a quiz.
    QuizRespondents,
}

/// Watched time by what the viewer's attention was; time of which nothing was said is in none but `Said`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attended {
    /// All watched time, said or not.
    All,
    /// Sound and tab both said.
    Said,
    /// Sound on, tab focused.
    Engaged,
    /// Sound on, tab focused, full screen.
    High,
    /// Sound on, tab focused, not known to be full screen.
    Good,
    /// Sound on, tab not focused.
    Fair,
    /// Sound off, tab focused.
    Low,
    /// Sound off, tab not focused.
    None,
    /// Sound said.
    SoundSaid,
    /// Sound on.
    SoundOn,
    /// Tab said.
    TabSaid,
    /// Tab focused.
    TabFocused,
    /// View said.
    ViewSaid,
    /// Player in view.
    InView,
    /// Screen said.
    ScreenSaid,
    /// Full screen.
    FullScreen,
}

impl Attended {
    /// Whether a state of [`crate::row::Attention`] (`sound + 3 tab + 9 view + 27 screen`) belongs.
    pub fn holds(self, state: u8) -> bool {
        let (sound, tab, view, screen) = (state % 3, state / 3 % 3, state / 9 % 3, state / 27 % 3);
        match self {
            Attended::All => true,
            Attended::Said => sound != 0 && tab != 0,
            Attended::Engaged => sound == 2 && tab == 2,
            Attended::High => sound == 2 && tab == 2 && screen == 2,
            Attended::Good => sound == 2 && tab == 2 && screen != 2,
            Attended::Fair => sound == 2 && tab == 1,
            Attended::Low => sound == 1 && tab == 2,
            Attended::None => sound == 1 && tab == 1,
            Attended::SoundSaid => sound != 0,
            Attended::SoundOn => sound == 2,
            Attended::TabSaid => tab != 0,
            Attended::TabFocused => tab == 2,
            Attended::ViewSaid => view != 0,
            Attended::InView => view == 2,
            Attended::ScreenSaid => screen != 0,
            Attended::FullScreen => screen == 2,
        }
    }
}

/// What a scan gathers of rows: exact, and mergeable in any order and grouping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quantity {
    /// Sum of a column over rows played so.
    Sum(SumColumn, Played),
    /// Rows in which a session's coverage of the recording crossed this share of its content, in thousandths. Rows know how
    /// much of the recording was covered before them, not where: what was covered after the end of content counts too.
    Covered(u16),
    /// Share of the recording, up to its end of content, covered for the first time in the session.
    Share,
    /// Plays of recordings whose length is known, where positions are places in it.
    TimedPlays,
    /// Whole hundredths of the recording covered for the first time in the session (on demand).
    Parts,
    /// Reported milestones 25, 50, 75, 100 times the length of the recording, ms.
    MilestoneMs,
    /// Watched milliseconds in these states of attention.
    Attended(Attended),
    /// How often an event of this type came with this variable.
    Marked(u32, &'static str),
    /// How often it came with this value of it.
    MarkedAs(u32, &'static str, &'static str),
    /// Sum of that variable's values, in millionths; values that are no decimal numbers are left out.
    MarkedSum(u32, &'static str),
    /// How many of that variable's values were decimal numbers.
    MarkedNumbers(u32, &'static str),
    /// The largest of that variable's values, in millionths.
    MarkedMost(u32, &'static str),
    /// How often the variable that rows are grouped by had the group's value.
    Occurrences,
    /// How often the variable that confirms it ([`Dimension::confirmed_by`]) had that value.
    Confirmed,
    /// Members of a set.
    Distinct(Distinct),
    /// Milliseconds covered by anybody, over the recordings played.
    UnionMs,
    /// Length of the recordings played whose length is known, ms.
    UnionLengthMs,
    /// First instant, ms since 1970, negated: so that the largest counts.
    First,
    /// Last instant, ms since 1970.
    Last,
    /// Of the recordings that were created in the range, as the catalog says now; no row tells of them.
    Added(Added),
}

/// What is gathered of recordings that were added. Deleted ones were added too; the dimension `deleted` leaves them out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Added {
    /// How many.
    Recordings,
    /// Their lengths, ms; a length that nobody knows is none.
    Ms,
    /// Their owners: members of a set.
    Owners,
}

impl Quantity {
    /// How many units make one.
    pub(crate) fn scale(self) -> f64 {
        match self {
            Quantity::Share => Quantity::SHARE_ONE as f64,
            Quantity::MarkedSum(..) | Quantity::MarkedMost(..) => 1_000_000.0,
            _ => 1.0,
        }
    }

    /// What a whole recording adds to [`Quantity::Share`]. A share is counted as so many times one 2^90th of the length,
    /// rounded down: exact to the last bit of a float for recordings of two days, and 2^37 plays fit into 128 bits.
    pub(crate) const SHARE_ONE: i128 = 1 << 90;

    /// Whether it cannot be reckoned without the recording's length.
    pub(crate) fn needs_length(self) -> bool {
        matches!(
            self,
            Quantity::Covered(_)
                | Quantity::Share
                | Quantity::TimedPlays
                | Quantity::Parts
                | Quantity::MilestoneMs
                | Quantity::UnionMs
                | Quantity::UnionLengthMs
                | Quantity::Added(Added::Ms)
        )
    }

    /// Whether it is a largest value: there is none where there are no rows.
    pub(crate) fn is_extreme(self) -> bool {
        matches!(self, Quantity::MarkedMost(..) | Quantity::First | Quantity::Last)
    }

    /// Whether values of different rows may simply be added.
    pub fn additive(self) -> bool {
        let is_set = matches!(
            self,
            Quantity::Distinct(_) | Quantity::UnionMs | Quantity::UnionLengthMs | Quantity::Added(Added::Owners)
        );
        !is_set && !self.is_extreme()
    }

    fn formula(self) -> String {
        match self {
            Quantity::Sum(column, played) => {
                let played = match played {
                    Played::Any => "",
                    Played::Vod => " of vod",
                    Played::Recorded => " of vod and offline",
                    Played::Live => " of live and dvr",
                };
                format!("{}{played}", column.column())
            }
            Quantity::Covered(permille) => format!("sessions that crossed {} % covered", f64::from(permille) / 10.0),
            Quantity::Share => "share newly covered".into(),
            Quantity::TimedPlays => "plays of known length".into(),
            Quantity::Parts => "hundredths newly covered".into(),
            Quantity::MilestoneMs => "milestones reported x length in ms".into(),
            Quantity::Attended(Attended::All) => "watched ms".into(),
            Quantity::Attended(state) => format!("watched ms {state:?}"),
            Quantity::Marked(kind, name) => format!("events {kind} with {name}"),
            Quantity::MarkedAs(kind, name, value) => format!("events {kind} with {name} = {value}"),
            Quantity::MarkedMost(kind, name) => format!("largest {name} of events {kind}"),
            Quantity::Occurrences => "events with the variable grouped by".into(),
            Quantity::Confirmed => "of them right".into(),
            Quantity::First => "first instant".into(),
            Quantity::Last => "last instant".into(),
            Quantity::MarkedSum(kind, name) => format!("sum of {name} of events {kind}"),
            Quantity::MarkedNumbers(kind, name) => format!("events {kind} with a number as {name}"),
            Quantity::Distinct(set) => format!("distinct {set:?}"),
            Quantity::UnionMs => "ms covered by anybody".into(),
            Quantity::UnionLengthMs => "length in ms of what was played".into(),
            Quantity::Added(Added::Recordings) => "recordings created".into(),
            Quantity::Added(Added::Ms) => "length in ms of recordings created".into(),
            Quantity::Added(Added::Owners) => "distinct owners of recordings created".into(),
        }
    }
}

/// How a measure is reckoned from quantities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipe {
    /// A quantity divided by a constant. Always a number, but for [`Quantity::Added`] where it cannot be told.
    Plain {
        /// Of what.
        of: Quantity,
        /// Units of the quantity in one of the measure.
        per: u32,
    },
    /// Several quantities added up. Always a number.
    Total {
        /// Of what.
        of: &'static [Quantity],
    },
    /// A largest value; null when there is none.
    Extreme {
        /// Of what.
        of: Quantity,
        /// Multiplied by this: -1 makes a least one of negated values.
        times: i8,
    },
    /// A ratio; null when the lower sum is 0 (ruling 25).
    Over {
        /// Added up above.
        top: &'static [Quantity],
        /// Added up below.
        bottom: &'static [Quantity],
        /// The upper sum is multiplied by this.
        times: u32,
        /// The lower sum is multiplied by this.
        per: u32,
        /// The largest value, if there is one.
        cap: Option<u32>,
        /// Fractions are cut off.
        floor: bool,
    },
    /// `5 plays / most plays + 2.5 viewers / most viewers + 2.5 completion`, the most being those of the best row of the
    /// same table. Null outside of tables, and where nothing was played.
    Score {
        /// Completion by Kaltura's definition.
        compatible: bool,
    },
    /// `5 plays / most plays`. Null outside of tables.
    PlaysScore,
}

pub(crate) const SCORE: [Quantity; 4] = [
    Quantity::Sum(SumColumn::Plays, Played::Any),
    Quantity::Distinct(Distinct::Viewers),
    Quantity::Share,
    Quantity::TimedPlays,
];
pub(crate) const COMPATIBLE_SCORE: [Quantity; 3] =
    [Quantity::Sum(SumColumn::Plays, Played::Any), Quantity::Distinct(Distinct::Viewers), Quantity::Parts];
pub(crate) const PLAYS_SCORE: [Quantity; 1] = [Quantity::Sum(SumColumn::Plays, Played::Any)];

impl Recipe {
    /// The quantities it needs.
    pub fn quantities(&self) -> Vec<Quantity> {
        match self {
            Recipe::Plain { of, .. } | Recipe::Extreme { of, .. } => vec![*of],
            Recipe::Total { of } => of.to_vec(),
            Recipe::Over { top, bottom, .. } => top.iter().chain(bottom.iter()).copied().collect(),
            Recipe::Score { compatible: false } => SCORE.to_vec(),
            Recipe::Score { compatible: true } => COMPATIBLE_SCORE.to_vec(),
            Recipe::PlaysScore => PLAYS_SCORE.to_vec(),
        }
    }

    /// The formula as people read it.
    pub fn formula(&self) -> String {
        let sum = |of: &[Quantity]| of.iter().map(|q| q.formula()).collect::<Vec<_>>().join(" + ");
        let wrapped = |of: &[Quantity]| if of.len() > 1 { format!("({})", sum(of)) } else { sum(of) };
        match self {
            Recipe::Plain { of, per: 1 } => of.formula(),
            Recipe::Plain { of, per } => format!("{} / {per}", of.formula()),
            Recipe::Total { of } => sum(of),
            Recipe::Extreme { of, .. } => of.formula(),
            Recipe::Over { top, bottom, times, per, cap, floor } => {
                let mut text = wrapped(top);
                if *times != 1 {
                    text = format!("{times} x {text}");
                }
                text.push_str(" / ");
                if *per != 1 {
                    text = format!("{text}{per} / ");
                }
                text.push_str(&wrapped(bottom));
                if *floor {
                    text.push_str(", cut to a whole number");
                }
                if let Some(cap) = cap {
                    text = format!("{text}, at most {cap}");
                }
                text
            }
            Recipe::Score { compatible: false } => {
                "5 x plays / most plays + 2.5 x viewers / most viewers + 2.5 x completion".into()
            }
            Recipe::Score { compatible: true } => {
                "5 x plays / most plays + 2.5 x viewers / most viewers + 2.5 x compatible_completion / 100".into()
            }
            Recipe::PlaysScore => "5 x plays / most plays".into(),
        }
    }
}

/// Where a dimension's values come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A text column.
    Text(TextColumn),
    /// Two text columns, `family version`; empty when the family is not known.
    Version(TextColumn, TextColumn),
    /// The viewer.
    Person,
    /// One of a few words, from a column.
    Word(Words),
    /// A fact of the entry, from the catalog as it is now.
    Catalog(Fact),
    /// A part of time, in the zone of the question.
    Time(TimePart),
    /// Values of a variable of an event type; a row counts under each it had, and under none if it had none.
    Mark(u32, &'static str),
    /// Where it was played, as seen from the course or channel asked about (ruling 37).
    Placement,
    /// The direct sub-categories of the course or channel asked about through which the entry is in it.
    Subcategory,
}

/// Columns with few values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    /// `vod`, `live`, `dvr`, `offline`.
    Playback,
    /// `none`, `claimed`, `verified`.
    Proof,
    /// `yes`, `no`.
    Staff,
    /// `yes`, `no`.
    Bot,
    /// `yes`, `no`.
    Known,
}

impl Words {
    /// All words, by code.
    pub fn all(self) -> &'static [&'static str] {
        match self {
            Words::Playback => &["vod", "live", "dvr", "offline"],
            Words::Proof => &["none", "claimed", "verified"],
            Words::Staff | Words::Bot | Words::Known => &["no", "yes"],
        }
    }
}

/// Facts of an entry in the catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// `video`, `audio`, `image`, `live`, `quiz`, `youtube`, `unknown`.
    MediaType,
    /// Where it came from.
    Source,
    /// Tags; an entry counts under each.
    Tags,
    /// Owner.
    Owner,
    /// Categories; an entry counts under each.
    Categories,
    /// `yes`, `no`.
    Deleted,
}

/// All media types as the `media_type` dimension spells them, in the order of [`crate::catalog::view::MediaType`].
pub const MEDIA_TYPES: [&str; 7] = ["unknown", "video", "audio", "image", "live", "quiz", "youtube"];

/// The three places where a course's recording is played (ruling 37): on the course's own gallery page, elsewhere in the
/// course, anywhere else.
pub const PLACEMENTS: [&str; 3] = ["gallery", "course", "elsewhere"];

/// A word that the glossary does not have.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("there is no {what} '{word}'; there are: {known}")]
pub struct UnknownWord {
    /// `measure` or `dimension`.
    pub what: &'static str,
    /// The word.
    pub word: String,
    /// What would be right, comma-separated.
    pub known: String,
}

/// Version of all definitions: grows when one of them gives another number for the same rows, which the CHANGELOG says.
pub const VERSION: u32 = 1;

/// Measures of one thing by several rules.
const ALIKE: &[&[Measure]] = &[
    &[Measure::MinutesViewed, Measure::ClockMinutes, Measure::HeartbeatMinutes, Measure::QuartileMinutes],
    &[Measure::VodMinutes, Measure::VodHeartbeatMinutes],
    &[Measure::LiveMinutes, Measure::LiveHeartbeatMinutes],
    &[
        Measure::AverageMinutes,
        Measure::AverageClockMinutes,
        Measure::AverageHeartbeatMinutes,
        Measure::AverageQuartileMinutes,
    ],
    &[Measure::Reached25, Measure::Covered25],
    &[Measure::Reached50, Measure::Covered50],
    &[Measure::Reached75, Measure::Covered75],
    &[Measure::Reached90, Measure::Covered90],
    &[Measure::Reached100, Measure::Covered100],
    &[Measure::Completion, Measure::CompatibleCompletion, Measure::DropOff],
    &[Measure::TotalCompletion, Measure::CompatibleTotalCompletion],
    &[Measure::EngagementScore, Measure::CompatibleEngagementScore],
    &[Measure::BufferingRatio, Measure::CompatibleBufferingRatio],
];

impl Measure {
    /// The measure of this wire name.
    pub fn parse(word: &str) -> Result<Measure, UnknownWord> {
        Measure::ALL.iter().copied().find(|m| m.name() == word).ok_or_else(|| UnknownWord {
            what: "measure",
            word: word.into(),
            known: Measure::ALL.iter().map(|m| m.name()).collect::<Vec<_>>().join(", "),
        })
    }

    /// Measures of the same thing by other rules: Kaltura's beside the exact ones.
    pub fn alike(self) -> Vec<Measure> {
        let family = ALIKE.iter().find(|family| family.contains(&self));
        family.into_iter().flat_map(|family| family.iter().copied()).filter(|other| *other != self).collect()
    }

    /// Whether it is about recordings added, which the catalog tells and no row. Null where filters, groups or the
    /// subject concern views alone.
    pub fn counts_added(self) -> bool {
        self.recipe().quantities().iter().any(|quantity| matches!(quantity, Quantity::Added(_)))
    }

    /// Whether values of rows, buckets and days may be added up.
    pub fn additive(self) -> bool {
        match self.recipe() {
            Recipe::Plain { of, .. } => of.additive(),
            Recipe::Total { of } => of.iter().all(|quantity| quantity.additive()),
            _ => false,
        }
    }
}

impl Dimension {
    /// The dimension of this wire name.
    pub fn parse(word: &str) -> Result<Dimension, UnknownWord> {
        Dimension::ALL.iter().copied().find(|d| d.name() == word).ok_or_else(|| UnknownWord {
            what: "dimension",
            word: word.into(),
            known: Dimension::ALL.iter().map(|d| d.name()).collect::<Vec<_>>().join(", "),
        })
    }

    /// The only values it can have, if they are few and fixed.
    pub fn words(self) -> Option<&'static [&'static str]> {
        match self.source() {
            Source::Word(words) => Some(words.all()),
            Source::Catalog(Fact::MediaType) => Some(&MEDIA_TYPES),
            Source::Catalog(Fact::Deleted) => Some(&["no", "yes"]),
            Source::Placement => Some(&PLACEMENTS),
            _ => None,
        }
    }

    /// Whether an entry may count under several values: rows then do not add up to the total.
    pub fn many_valued(self) -> bool {
        matches!(self.source(), Source::Catalog(Fact::Tags | Fact::Categories) | Source::Subcategory | Source::Mark(..))
    }

    /// Whether a recording has a value of it by itself, at the instant of its creation: without anybody watching.
    pub fn is_of_recordings(self) -> bool {
        let source = self.source();
        matches!(source, Source::Text(TextColumn::Entry) | Source::Catalog(_) | Source::Subcategory | Source::Time(_))
    }

    /// The variable that an event carries beside the dimension's, with the same value, where it was right.
    pub fn confirmed_by(self) -> Option<&'static str> {
        (self == Dimension::QuizQuestion).then_some("correct")
    }

    /// The part of time it is, if it is one.
    pub fn time(self) -> Option<TimePart> {
        match self.source() {
            Source::Time(part) => Some(part),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
