//! A question with all its words resolved: what the scan tests and gathers.

use super::QueryError;
use super::lengths::{Length, Lengths};
use crate::access::{People, Scope};
use crate::block::Snapshot;
use crate::catalog::view::{AccountView, CatalogView};
use crate::event::{PersonKey, Text};
use crate::glossary::{Dimension, Fact, MEDIA_TYPES, Measure, Quantity};
use crate::period::{self, Bucket};
use crate::question::{Filter, Operator, Panel, Question};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How the key of [`PersonKey::UNKNOWN`] reads.
pub(super) const UNKNOWN: &str = "unknown";

/// A filter whose values are ready to compare.
pub(super) struct Matcher {
    pub(super) dimension: Dimension,
    negative: bool,
    part: bool,
    values: BTreeSet<Text>,
}

impl Matcher {
    fn new(filter: &Filter) -> Result<Matcher, QueryError> {
        let part = matches!(filter.operator, Operator::Has | Operator::HasNot);
        if let (Some(words), false) = (filter.dimension.words(), part)
            && let Some(value) = filter.values.iter().find(|value| !words.contains(&&***value))
        {
            let (dimension, known) = (filter.dimension.name(), words.join(", "));
            return Err(QueryError::UnknownValue { dimension, value: value.to_string(), known });
        }
        let value = |value: &Text| if part { Text::from(value.to_lowercase()) } else { value.clone() };
        Ok(Matcher {
            dimension: filter.dimension,
            negative: matches!(filter.operator, Operator::Not | Operator::HasNot),
            part,
            values: filter.values.iter().map(value).collect(),
        })
    }

    /// Whether a row that has these keys stays.
    pub(super) fn keeps(&self, plan: &Plan<'_>, keys: &[Text]) -> bool {
        let hit = keys.iter().any(|key| {
            if !self.part {
                return self.values.contains(key);
            }
            let (low, label) = (key.to_lowercase(), plan.label(self.dimension, key).to_lowercase());
            self.values.iter().any(|value| low.contains(&**value) || label.contains(&**value))
        });
        hit != self.negative
    }
}

/// A panel: what it gathers for each of its groups.
pub(super) struct PanelPlan {
    pub(super) quantities: Vec<Quantity>,
    pub(super) grouping: Grouping,
}

/// How a panel groups rows.
pub(super) enum Grouping {
    /// All together.
    One,
    /// By time bucket: of each quarter of the range.
    Buckets { of_quarter: Vec<u32>, buckets: Vec<Bucket> },
    /// By a dimension.
    By(Dimension),
    /// By viewer, with coverage if wanted.
    Viewers { coverage: bool },
    /// Seconds of one entry.
    Heat(Text),
}

pub(super) struct Plan<'a> {
    pub(super) question: &'a Question,
    pub(super) scope: &'a Scope,
    pub(super) view: Arc<AccountView>,
    pub(super) filters: Vec<Matcher>,
    pub(super) with_bots: bool,
    pub(super) with_suspects: bool,
    pub(super) panels: Vec<PanelPlan>,
    lengths: Lengths,
}

impl<'a> Plan<'a> {
    pub(super) fn new(
        snapshot: &Snapshot,
        catalog: &CatalogView,
        scope: &'a Scope,
        question: &'a Question,
    ) -> Result<Plan<'a>, QueryError> {
        let names_people = |d: Dimension| d == Dimension::Viewer;
        let about_people = question.filters.iter().any(|f| names_people(f.dimension))
            || question.panels.iter().any(|panel| match panel {
                Panel::Viewers { .. } => true,
                Panel::Table { dimension, .. } => names_people(*dimension),
                _ => false,
            });
        if about_people && scope.people == People::None {
            return Err(QueryError::NoPeople);
        }
        let view = catalog.accounts.get(&scope.account).cloned().unwrap_or_default();
        let filters = question.filters.iter().map(Matcher::new).collect::<Result<Vec<_>, _>>()?;
        let panels = question.panels.iter().map(|p| panel(scope, question, p)).collect::<Result<Vec<_>, _>>()?;
        let lengths = if panels.iter().any(needs_length) {
            let only = only_entry(scope, question).map(|entry| BTreeSet::from([entry]));
            Lengths::learn(snapshot, scope.account, &view, only.as_ref())?
        } else {
            Lengths::default()
        };
        let named = |d| question.filters.iter().any(|f| f.dimension == d);
        let (with_bots, with_suspects) = (named(Dimension::Bot), named(Dimension::Suspect));
        Ok(Plan { question, scope, view, filters, with_bots, with_suspects, panels, lengths })
    }

    /// The length of an entry, if known (and if some panel needs it).
    pub(super) fn length(&self, entry: &str) -> Option<Length> {
        self.lengths.of(&self.view, entry)
    }

    /// The values that an entry has of a catalog dimension; never empty.
    pub(super) fn facts(&self, fact: Fact, entry: &str) -> Vec<Text> {
        let Some(known) = self.view.entries.get(entry) else {
            return vec![if fact == Fact::MediaType { MEDIA_TYPES[0].into() } else { Text::default() }];
        };
        let many = |set: &BTreeSet<Text>| {
            if set.is_empty() { vec![Text::default()] } else { set.iter().cloned().collect() }
        };
        match fact {
            Fact::MediaType => vec![MEDIA_TYPES[known.media_type as usize].into()],
            Fact::Source => vec![known.source.clone()],
            Fact::Owner => vec![known.owner.map(person_text).unwrap_or_default()],
            Fact::Tags => many(&known.tags),
            Fact::Categories => many(&known.categories),
        }
    }

    /// What people read for a value of a dimension.
    pub(super) fn label(&self, dimension: Dimension, key: &str) -> Text {
        if key.is_empty() {
            return dimension.absent().into();
        }
        let name = match dimension {
            Dimension::Entry | Dimension::RootEntry => self.view.entries.get(key).map(|e| e.name.clone()),
            Dimension::Category | Dimension::PlaybackContext | Dimension::ProvedContext => {
                self.view.categories.get(key).map(|c| c.name.clone())
            }
            Dimension::Playlist => self.view.playlists.get(key).map(|p| p.name.clone()),
            Dimension::Viewer | Dimension::Owner => Some(self.person_label(person_key(key))),
            _ => None,
        };
        name.filter(|name| !name.is_empty()).unwrap_or_else(|| key.into())
    }

    /// A person's name, as far as the scope lets it be seen.
    pub(super) fn person_label(&self, person: PersonKey) -> Text {
        if person == PersonKey::UNKNOWN {
            return "Unknown".into();
        }
        let text = person_text(person);
        if self.scope.people != People::Names {
            return format!("Viewer {}", &text[..6]).into();
        }
        match self.view.people.get(&person) {
            Some(known) if !known.name.is_empty() => known.name.clone(),
            Some(known) if !known.id.is_empty() => known.id.clone(),
            _ => text,
        }
    }
}

/// A person as keys spell it: 16 hex digits, or `unknown`.
pub(super) fn person_text(person: PersonKey) -> Text {
    if person == PersonKey::UNKNOWN { UNKNOWN.into() } else { format!("{:016x}", person.0).into() }
}

fn person_key(text: &str) -> PersonKey {
    PersonKey(u64::from_str_radix(text, 16).unwrap_or(0))
}

fn needs_length(panel: &PanelPlan) -> bool {
    matches!(panel.grouping, Grouping::Heat(_))
        || panel.quantities.iter().any(|q| {
            matches!(
                q,
                Quantity::Covered(_)
                    | Quantity::Share
                    | Quantity::TimedPlays
                    | Quantity::Parts
                    | Quantity::MilestoneMs
                    | Quantity::UnionMs
                    | Quantity::UnionLengthMs
            )
        })
}

/// The one entry that the scope or a filter leaves, if it is one.
fn only_entry(scope: &Scope, question: &Question) -> Option<Text> {
    let filtered = question
        .filters
        .iter()
        .find(|f| f.dimension == Dimension::Entry && f.operator == Operator::Is && f.values.len() == 1);
    if let Some(filter) = filtered {
        return Some(filter.values[0].clone());
    }
    let mut one: Option<&Text> = None;
    for clause in &scope.clauses {
        let entries = clause.entries.as_deref()?;
        let entry = entries.first().filter(|_| entries.len() == 1)?;
        if one.is_some_and(|one| one != entry) {
            return None;
        }
        one = Some(entry);
    }
    one.cloned()
}

fn quantities(measures: &[Measure]) -> Vec<Quantity> {
    let set: BTreeSet<Quantity> = measures.iter().flat_map(|m| m.recipe().quantities()).collect();
    set.into_iter().collect()
}

fn panel(scope: &Scope, question: &Question, panel: &Panel) -> Result<PanelPlan, QueryError> {
    Ok(match panel {
        Panel::Totals { measures } => PanelPlan { quantities: quantities(measures), grouping: Grouping::One },
        Panel::Series { interval, measures } => {
            let buckets = period::buckets(question.from, question.to, &question.zone, *interval)?;
            let mut of_quarter = Vec::new();
            for (number, bucket) in buckets.iter().enumerate() {
                of_quarter.resize((bucket.to.0 - question.from.0) as usize, number as u32);
            }
            PanelPlan { quantities: quantities(measures), grouping: Grouping::Buckets { of_quarter, buckets } }
        }
        Panel::Table { dimension, measures, sort, .. } => {
            let all: Vec<Measure> = measures.iter().copied().chain(sort.measure).collect();
            PanelPlan { quantities: quantities(&all), grouping: Grouping::By(*dimension) }
        }
        Panel::Viewers { measures, sort, .. } => {
            let all: Vec<Measure> = measures.iter().copied().chain(sort.measure).collect();
            let coverage = only_entry(scope, question).is_some();
            PanelPlan { quantities: quantities(&all), grouping: Grouping::Viewers { coverage } }
        }
        Panel::Heat { entry } => PanelPlan { quantities: Vec::new(), grouping: Grouping::Heat(entry.clone()) },
    })
}
