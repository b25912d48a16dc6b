//! A question with all its words resolved: what the scan tests, groups by and gathers.

use super::axis::Axis;
use super::lengths::Lengths;
use super::{QueryError, values};
use crate::access::{Course, People, Scope};
use crate::block::{Part, Snapshot};
use crate::catalog::view::{AccountView, CatalogView};
use crate::column::Field;
use crate::event::{PersonKey, Text};
use crate::glossary::{Dimension, Fact, MEDIA_TYPES, Measure, Quantity, Source};
use crate::limits::GROUPS_BY_MAX;
use crate::period::{self, Calendar, Parts, TimePart};
use crate::question::{Filter, Operator, Panel, Question, View};
use crate::row::TextColumn;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How the key of [`PersonKey::UNKNOWN`] reads.
pub(super) const UNKNOWN: &str = "unknown";

/// A filter whose values are ready to compare.
#[derive(Clone, Debug)]
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

    /// Whether a row that has these keys stays. `label` says what people read for a key.
    pub(super) fn keeps<'k>(&self, keys: impl IntoIterator<Item = &'k str>, label: impl Fn(&str) -> Text) -> bool {
        let hit = keys.into_iter().any(|key| {
            if !self.part {
                return self.values.contains(key);
            }
            let (low, label) = (key.to_lowercase(), label(key).to_lowercase());
            self.values.iter().any(|value| low.contains(&**value) || label.contains(&**value))
        });
        hit != self.negative
    }
}

/// A panel: which rows, how grouped, what is gathered of each group.
pub(super) struct PanelPlan {
    /// Numbers of the panel's own filters in [`Plan::filters`]; those of the question come before and hold for all.
    pub(super) filters: Vec<usize>,
    /// Numbers in [`Plan::axes`] by which rows are grouped; none: all together.
    pub(super) axes: Vec<usize>,
    /// Ascending.
    pub(super) quantities: Vec<Quantity>,
    pub(super) also: Also,
    /// Recordings added are asked for and can be told.
    pub(super) counts_added: bool,
}

/// What a panel gathers beside quantities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Also {
    /// Nothing.
    Nothing,
    /// The weakest proof of each group, the seconds watched of each: what is wanted of them.
    Of { proof: bool, coverage: bool },
    /// Views and people of each second of an entry.
    Heat(u32),
    /// Which rows there are.
    Rows,
}

pub(super) struct Plan<'a> {
    pub(super) question: &'a Question,
    pub(super) scope: &'a Scope,
    pub(super) snapshot: &'a Snapshot,
    pub(super) view: Arc<AccountView>,
    /// The question's, then the panels' own.
    pub(super) filters: Vec<Matcher>,
    /// How many of them are the question's.
    pub(super) common: usize,
    pub(super) with_bots: bool,
    pub(super) with_suspects: bool,
    /// Dimensions by which panels group.
    pub(super) axes: Vec<Dimension>,
    pub(super) panels: Vec<PanelPlan>,
    pub(super) lengths: Lengths,
    /// All that panels gather, ascending.
    pub(super) quantities: Vec<Quantity>,
    /// The columns that gathering needs beside those of axes and filters.
    pub(super) fields: Vec<Field>,
    /// The entries that the scope or a filter leaves, if they are told.
    pub(super) only: Option<BTreeSet<Text>>,
    /// The code of who is not known.
    pub(super) unknown: u32,
    /// The code of events without a recording.
    pub(super) no_entry: Option<u32>,
    times: BTreeMap<TimePart, Arc<Parts>>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(
        snapshot: &'a Snapshot,
        catalog: &CatalogView,
        calendar: &Calendar<'_>,
        scope: &'a Scope,
        question: &'a Question,
    ) -> Result<Plan<'a>, QueryError> {
        let view = catalog.accounts.get(&scope.account).cloned().unwrap_or_default();
        let own = question.panels.iter().flat_map(|panel| &panel.filters);
        let filters = question.filters.iter().chain(own).map(Matcher::new).collect::<Result<Vec<_>, _>>()?;
        let common = question.filters.len();
        let named = |d| filters[..common].iter().any(|f| f.dimension == d);
        let (with_bots, with_suspects) = (named(Dimension::Bot), named(Dimension::Suspect));
        let mut plan = Plan {
            question,
            scope,
            snapshot,
            view,
            filters,
            common,
            with_bots,
            with_suspects,
            axes: Vec::new(),
            panels: Vec::new(),
            lengths: Lengths::default(),
            quantities: Vec::new(),
            fields: Vec::new(),
            only: match only_entry(scope, question) {
                Some(entry) => Some(BTreeSet::from([entry])),
                None => scope.entries(),
            },
            unknown: snapshot.dictionaries.people.code(PersonKey::UNKNOWN.0),
            no_entry: snapshot.dictionaries.text(TextColumn::Entry).find(""),
            times: BTreeMap::new(),
        };
        let mut next = common;
        for panel in &question.panels {
            let own = next..next + panel.filters.len();
            next = own.end;
            let planned = plan.panel(panel, own.collect())?;
            plan.panels.push(planned);
        }
        let mut named = plan.axes.iter().copied().chain(plan.filters.iter().map(|filter| filter.dimension));
        if scope.course.is_none() && named.any(|dimension| dimension.source() == Source::Subcategory) {
            return Err(QueryError::NoCategory);
        }
        plan.resolve_times(calendar)?;
        plan.quantities = quantities_of(&plan.panels);
        plan.fields = plan.needed_fields();
        if plan.quantities.iter().any(|quantity| quantity.needs_length()) || plan.panels.iter().any(PanelPlan::is_heat)
        {
            plan.lengths = Lengths::learn_for(snapshot, scope.account, &plan.view, plan.only.as_ref())?;
        }
        Ok(plan)
    }

    fn panel(&mut self, panel: &Panel, filters: Vec<usize>) -> Result<PanelPlan, QueryError> {
        let plain = |measures: &[Measure]| quantities(measures.iter().copied());
        let sorted = |measures: &[Measure], sort: Option<Measure>| quantities(measures.iter().copied().chain(sort));
        let (axes, quantities, also) = match &panel.view {
            View::Totals { measures } => (vec![], plain(measures), Also::Nothing),
            View::Series { by, measures } => {
                if by.time().is_none() {
                    return Err(QueryError::NotTime(by.name()));
                }
                (vec![*by], plain(measures), Also::Nothing)
            }
            View::Table { by, measures, page, coverage } => {
                if by.is_empty() || by.len() > GROUPS_BY_MAX {
                    return Err(QueryError::GroupsBy);
                }
                measures.iter().chain(&page.sort.measure).try_for_each(|measure| variable(*measure, by))?;
                let of_one = by.contains(&Dimension::Entry) || only_entry(self.scope, self.question).is_some();
                let also = Also::Of { proof: by.contains(&Dimension::Viewer), coverage: *coverage && of_one };
                (by.clone(), sorted(measures, page.sort.measure), also)
            }
            View::Heat { entry } => {
                let code = self.snapshot.dictionaries.text(TextColumn::Entry).code(entry);
                (vec![], vec![], Also::Heat(code))
            }
            View::Rows { .. } => (vec![], vec![], Also::Rows),
        };
        let axes = axes.into_iter().map(|dimension| self.axis(dimension)).collect();
        let counts_added = quantities.iter().any(|quantity| matches!(quantity, Quantity::Added(_)))
            && !self.scope.is_of_views()
            && self.question.of_views(panel).is_empty();
        Ok(PanelPlan { filters, axes, quantities, also, counts_added })
    }

    /// The parts of the snapshot that can matter.
    pub(super) fn parts(&self) -> Vec<usize> {
        let (account, question) = (self.scope.account.0, self.question);
        let may_matter = |part: &Part| {
            let (low, high) = part.extent.quarters;
            let holds = |only: &BTreeSet<Text>| only.iter().any(|entry| part.extent.may_hold(account, entry));
            part.extent.may_hold_account(account)
                && high >= question.from.0
                && low < question.to.0
                && self.only.as_ref().is_none_or(holds)
        };
        let parts = self.snapshot.parts.iter().enumerate();
        parts.filter(|(_, part)| may_matter(part)).map(|(number, _)| number).collect()
    }

    fn needed_fields(&self) -> Vec<Field> {
        let of_quantities = self.quantities.iter().flat_map(|quantity| values::fields(*quantity));
        let also = self.panels.iter().flat_map(|panel| match panel.also {
            Also::Nothing => vec![],
            Also::Of { proof, coverage } => {
                let fields = [(proof, Field::Proof), (coverage, Field::Coverage)];
                fields.into_iter().filter(|(wanted, _)| *wanted).map(|(_, field)| field).collect()
            }
            Also::Heat(_) => vec![Field::Coverage],
            Also::Rows => vec![Field::Session, Field::Playback],
        });
        let fields: BTreeSet<Field> = of_quantities.chain(also).collect();
        fields.into_iter().collect()
    }

    /// The place of a quantity in [`Plan::quantities`].
    pub(super) fn place(&self, quantity: Quantity) -> usize {
        self.quantities.binary_search(&quantity).expect("the plan gathers what its panels need")
    }

    fn axis(&mut self, dimension: Dimension) -> usize {
        if let Some(number) = self.axes.iter().position(|known| *known == dimension) {
            return number;
        }
        self.axes.push(dimension);
        self.axes.len() - 1
    }

    fn resolve_times(&mut self, calendar: &Calendar<'_>) -> Result<(), QueryError> {
        let filtered = self.filters.iter().map(|filter| filter.dimension);
        let parts: BTreeSet<TimePart> = self.axes.iter().copied().chain(filtered).filter_map(Dimension::time).collect();
        for part in parts {
            let cut = period::parts(self.question.from, self.question.to, calendar, part)?;
            self.times.insert(part, Arc::new(cut));
        }
        Ok(())
    }

    /// The range cut into parts of time.
    pub(super) fn time(&self, part: TimePart) -> &Arc<Parts> {
        &self.times[&part]
    }

    /// How a dimension is read.
    pub(super) fn read(&self, dimension: Dimension) -> Axis {
        Axis::of(self, dimension)
    }

    /// The values that an entry has of a catalog dimension; never empty.
    pub(super) fn facts(&self, fact: Fact, entry: &str) -> Vec<Text> {
        let Some(known) = self.view.entries.get(entry) else {
            return vec![match fact {
                Fact::MediaType => MEDIA_TYPES[0].into(),
                Fact::Deleted => "no".into(),
                Fact::Source | Fact::Owner | Fact::Tags | Fact::Categories => Text::default(),
            }];
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
            Fact::Deleted => vec![if known.deleted { "yes" } else { "no" }.into()],
        }
    }

    /// The sub-categories of a course through which an entry is in it; never empty.
    pub(super) fn subcategories(&self, course: &Course, entry: &str) -> BTreeSet<Text> {
        let none = BTreeSet::new();
        course.through(self.view.entries.get(entry).map_or(&none, |known| &known.categories))
    }

    /// What people read for a value of a dimension.
    pub(super) fn label(&self, dimension: Dimension, key: &str) -> Text {
        if let Some(part) = dimension.time() {
            let slots = &self.time(part).slots;
            return slots
                .iter()
                .find(|slot| *slot.key == *key)
                .map_or_else(|| key.into(), |slot| slot.label.as_str().into());
        }
        if key.is_empty() {
            return dimension.absent().into();
        }
        let name = match dimension {
            Dimension::Entry | Dimension::RootEntry => self.view.entries.get(key).map(|e| e.name.clone()),
            Dimension::Category | Dimension::Subcategory | Dimension::PlaybackContext | Dimension::ProvedContext => {
                self.view.categories.get(key).map(|c| c.name.clone())
            }
            Dimension::Playlist => self.view.playlists.get(key).map(|p| p.name.clone()),
            Dimension::Viewer => Some(self.person_label(person_key(key), self.scope.people)),
            // Who published a recording is said wherever the recording is.
            Dimension::Owner => Some(self.person_label(person_key(key), People::Names)),
            _ => None,
        };
        name.filter(|name| !name.is_empty()).unwrap_or_else(|| key.into())
    }

    /// A person's name, or a pseudonym.
    fn person_label(&self, person: PersonKey, shown: People) -> Text {
        if person == PersonKey::UNKNOWN {
            return "Unknown".into();
        }
        let text = person_text(person);
        if shown != People::Names {
            return format!("Viewer {}", &text[..6]).into();
        }
        match self.view.people.get(&person) {
            Some(known) if !known.name.is_empty() => known.name.clone(),
            Some(known) if !known.id.is_empty() => known.id.clone(),
            _ => text,
        }
    }
}

impl PanelPlan {
    fn is_heat(&self) -> bool {
        matches!(self.also, Also::Heat(_))
    }
}

/// A person as keys spell it: 16 hex digits, or `unknown`.
pub(super) fn person_text(person: PersonKey) -> Text {
    if person == PersonKey::UNKNOWN { UNKNOWN.into() } else { format!("{:016x}", person.0).into() }
}

/// The person of a key; who is not known for anything else.
pub(super) fn person_key(text: &str) -> PersonKey {
    PersonKey(u64::from_str_radix(text, 16).unwrap_or(0))
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

fn quantities_of(panels: &[PanelPlan]) -> Vec<Quantity> {
    let set: BTreeSet<Quantity> = panels.iter().flat_map(|panel| panel.quantities.iter().copied()).collect();
    set.into_iter().collect()
}

/// Refuses a measure of an event's variable where rows are not grouped by one.
fn variable(measure: Measure, by: &[Dimension]) -> Result<(), QueryError> {
    let quantities = measure.recipe().quantities();
    let lacks = |such_as: Dimension| QueryError::NoVariable { measure: measure.name(), such_as: such_as.name() };
    if quantities.contains(&Quantity::Confirmed) && !by.iter().any(|d| d.confirmed_by().is_some()) {
        return Err(lacks(Dimension::QuizQuestion));
    }
    if quantities.contains(&Quantity::Occurrences) && !by.iter().any(|d| matches!(d.source(), Source::Mark(..))) {
        return Err(lacks(Dimension::ErrorCode));
    }
    Ok(())
}

fn quantities(measures: impl Iterator<Item = Measure>) -> Vec<Quantity> {
    let set: BTreeSet<Quantity> = measures.flat_map(|m| m.recipe().quantities()).collect();
    set.into_iter().collect()
}
