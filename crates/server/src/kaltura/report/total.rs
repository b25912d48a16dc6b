//! Totals: the whole range in one row, asked for by itself and never added up.

use super::own;
use super::types::{Column, From, Own, Rows};
use super::{Ask, number, unexpected};
use crate::kaltura::answer::Data;
use crate::kaltura::errors::{Fault, Outcome};
use engine::glossary::{Dimension, Measure};
use engine::question::{Answer, Filter, Operator, Panel, View};

/// The panels that columns need, with where each column finds its value in them. The first panel is that of plain
/// measures; the others are the same view of fewer rows.
pub(super) struct Needed {
    /// Plain measures.
    pub(super) measures: Vec<Measure>,
    /// Filters of the further panels, each of one measure.
    pub(super) sides: Vec<(Measure, Filter)>,
    places: Vec<Place>,
}

enum Place {
    Plain(usize, f64),
    /// People known, and whether the side panel has anything.
    Audience(usize, usize),
    /// The side panel's value, times a number, over a plain one if it is a share.
    Side(usize, f64, Option<usize>),
    Nothing,
}

impl Needed {
    pub(super) fn of(columns: &[Column]) -> Needed {
        let mut needed = Needed { measures: Vec::new(), sides: Vec::new(), places: Vec::new() };
        for column in columns {
            let place = match column.from {
                From::Measure(measure, times) => Place::Plain(needed.plain(measure), times),
                From::Audience => {
                    let known = needed.plain(Measure::KnownPeople);
                    Place::Audience(known, needed.side(Measure::Events, Dimension::Known, &["no"]))
                }
                From::AudienceOf(types) => {
                    Place::Side(needed.side(Measure::KnownPeople, Dimension::PlaybackType, types), 1.0, None)
                }
                From::Beats { of, share } => {
                    let all = share.then(|| needed.plain(Measure::Heartbeats));
                    let times = if share { 1.0 } else { 10.0 };
                    Place::Side(needed.side(Measure::Heartbeats, Dimension::PlaybackType, of), times, all)
                }
                From::Own | From::Nothing => Place::Nothing,
            };
            needed.places.push(place);
        }
        needed
    }

    fn plain(&mut self, measure: Measure) -> usize {
        self.measures.iter().position(|known| *known == measure).unwrap_or_else(|| {
            self.measures.push(measure);
            self.measures.len() - 1
        })
    }
    fn side(&mut self, measure: Measure, dimension: Dimension, values: &[&str]) -> usize {
        let filter = Filter { dimension, operator: Operator::Is, values: values.iter().map(|v| (*v).into()).collect() };
        self.sides.push((measure, filter));
        self.sides.len() - 1
    }

    /// The panels: `view` makes one of measures.
    pub(super) fn panels(&self, view: impl Fn(Vec<Measure>) -> View) -> Vec<Panel> {
        let first = Panel::new(view(self.measures.clone()));
        let sides = self
            .sides
            .iter()
            .map(|(measure, filter)| Panel { view: view(vec![*measure]), filters: vec![filter.clone()] });
        [first].into_iter().chain(sides).collect()
    }

    /// The columns' values of plain values and those of the sides.
    pub(super) fn values(&self, plain: &[Option<f64>], sides: &[Option<f64>]) -> Vec<Option<f64>> {
        let side = |index: usize| sides.get(index).copied().flatten();
        let of = |place: &Place| match place {
            Place::Plain(index, times) => plain.get(*index).copied().flatten().map(|value| value * times),
            Place::Audience(known, unknown) => {
                let known = plain.get(*known).copied().flatten()?;
                Some(known + f64::from(u8::from(side(*unknown).is_some_and(|events| events > 0.0))))
            }
            Place::Side(index, times, None) => side(*index).map(|value| value * times),
            Place::Side(index, _, Some(all)) => {
                let all = plain.get(*all).copied().flatten().filter(|all| *all > 0.0)?;
                Some(side(*index)? / all)
            }
            Place::Nothing => Some(0.0),
        };
        self.places.iter().map(of).collect()
    }
}

/// Totals of columns over the whole range.
pub(super) fn of_columns(ask: &Ask<'_>, columns: &[Column]) -> Outcome<Vec<Option<f64>>> {
    let needed = Needed::of(columns);
    let mut answers = ask.answer(needed.panels(|measures| View::Totals { measures }))?.into_iter();
    let mut next = || match answers.next() {
        Some(Answer::Totals(values)) => Ok(values),
        _ => Err(unexpected()),
    };
    let plain = next()?;
    let sides = needed.sides.iter().map(|_| Ok(next()?.first().copied().flatten())).collect::<Outcome<Vec<_>>>()?;
    Ok(needed.values(&plain, &sides))
}

/// The total of a report: its header, and cells that are empty where there is nothing at all, or nothing to be shown.
pub(super) fn total(ask: &Ask<'_>) -> Outcome<Data> {
    let values = values(ask)?;
    let header: Vec<&str> = ask.of.total.iter().map(|column| column.name).collect();
    let is_empty = values.iter().all(|value| value.is_none_or(|value| value == 0.0));
    let text = |value: &Option<f64>| if is_empty { String::new() } else { number(*value) };
    let cells: Vec<String> = values.iter().map(text).collect();
    let fields =
        vec![("header", Data::Text(header.join(&ask.delimiter))), ("data", Data::Text(cells.join(&ask.delimiter)))];
    Ok(Data::object("KalturaReportTotal", fields))
}

/// The values of a report's total.
pub(super) fn values(ask: &Ask<'_>) -> Outcome<Vec<Option<f64>>> {
    let mut values = of_columns(ask, ask.of.total)?;
    if let Rows::Own(kind) = ask.of.rows {
        own::total(ask, kind, &mut values)?;
    }
    Ok(values)
}

/// With what running totals begin.
pub(super) fn base(ask: &Ask<'_>) -> Outcome<Data> {
    if !matches!(ask.of.rows, Rows::Own(Own::Usage | Own::UsageByDate)) {
        return Err(Fault::internal("this report has no base total"));
    }
    let base = own::usage_before(ask);
    let one = |(id, value): (&'static str, f64)| {
        let fields = vec![("id", Data::text(id)), ("data", Data::Text(number(Some(value))))];
        Data::object("KalturaReportBaseTotal", fields)
    };
    Ok(Data::List(base.into_iter().map(one).collect()))
}
