//! Graphs: a text for each column, `x|value;x|value;`.

use super::filter::{Interval, UNKNOWN};
use super::own;
use super::total::{Needed, of_columns};
use super::types::{Column, Graph, Rows};
use super::{Ask, cell, number, unexpected};
use crate::kaltura::answer::Data;
use crate::kaltura::errors::Outcome;
use engine::glossary::{Dimension, Measure};
use engine::period::{Calendar, parts};
use engine::question::{Answer, Page, Panel, Point, Sort, TableRow, View};
use std::collections::BTreeMap;

/// A date as graphs and tables of dates have it, and its columns' values; `None` where there is nothing or nothing to be
/// shown.
pub(super) struct Dated {
    pub(super) x: String,
    pub(super) values: Option<Vec<Option<f64>>>,
}

/// Columns by date, every date of the range in order.
pub(super) fn by_date(ask: &Ask<'_>, columns: &[Column]) -> Outcome<Vec<Dated>> {
    let needed = Needed::of(columns);
    let by = ask.time.interval.dimension();
    let mut answers = ask.answer(needed.panels(|measures| View::Series { by, measures }))?.into_iter();
    let mut next = || match answers.next() {
        Some(Answer::Series(points)) => Ok(points),
        _ => Err(unexpected()),
    };
    let plain = next()?;
    let sides = needed.sides.iter().map(|_| next()).collect::<Outcome<Vec<Vec<Point>>>>()?;
    let mut dated = Vec::with_capacity(plain.len());
    for (number, point) in plain.iter().enumerate() {
        let side: Vec<Option<f64>> = sides
            .iter()
            .map(|points| points.get(number).and_then(|point| point.values.first().copied().flatten()))
            .collect();
        let values = needed.values(&point.values, &side);
        dated.push(Dated { x: x(ask, point.start_ms, &point.key), values: Some(values).filter(|_| !point.hidden) });
    }
    if let Rows::Own(kind) = ask.of.rows {
        own::by_date(ask, kind, columns, &mut dated)?;
    }
    for date in &mut dated {
        date.values = date.values.take().filter(|values| values.iter().flatten().any(|value| *value != 0.0));
    }
    Ok(dated)
}

/// A date on the axis.
fn x(ask: &Ask<'_>, start_ms: Option<i64>, key: &str) -> String {
    let start_ms = start_ms.unwrap_or_default();
    let unix = || start_ms.div_euclid(1000).to_string();
    match ask.time.interval {
        Interval::Quarters => unix(),
        Interval::Hours | Interval::Days if ask.of.is_realtime() => unix(),
        Interval::Hours => {
            let wall =
                jiff::Timestamp::from_millisecond(start_ms).map(|at| at.to_zoned_datetime(ask.time.zone.clone()));
            wall.map(|wall| wall.strftime("%Y%m%d%H").to_string()).unwrap_or_default()
        }
        _ => key.replace('-', ""),
    }
}

/// The dates of the range: key and first instant, as [`by_date`] has them.
pub(super) fn dates(ask: &Ask<'_>) -> Outcome<Vec<(String, i64, i64)>> {
    let calendar = Calendar::new(ask.source().now_ms, &ask.time.zone);
    let cut = parts(ask.time.from, ask.time.to, &calendar, ask.time.interval.part());
    let cut = cut.map_err(|_| crate::kaltura::errors::Fault::too_general())?;
    let span = |slot: &engine::period::Slot| {
        let (from, to) = slot.span.unwrap_or((ask.time.from, ask.time.to));
        (x(ask, Some(from.start_ms()), &slot.key), from.start_ms(), to.start_ms())
    };
    Ok(cut.slots.iter().map(span).collect())
}

fn graph(id: &str, data: String) -> Data {
    Data::object("KalturaReportGraph", vec![("id", Data::text(id)), ("data", Data::Text(data))])
}

/// The graphs of a report; none where it has none.
pub(super) fn graphs(ask: &Ask<'_>) -> Outcome<Vec<Data>> {
    match ask.of.graph {
        Graph::None => Ok(Vec::new()),
        Graph::Dates(columns) => {
            let dated = by_date(ask, columns)?;
            let one = |(index, column): (usize, &Column)| {
                let shown = dated.iter().filter(|date| !ask.skip_empty || date.values.is_some());
                let point = |date: &Dated| {
                    let value = date.values.as_ref().and_then(|values| values[index]);
                    format!("{}{}{};", date.x, ask.delimiter, number(value))
                };
                graph(column.name, shown.map(point).collect())
            };
            Ok(columns.iter().enumerate().map(one).collect())
        }
        Graph::Columns(id, columns) => {
            let values = of_columns(ask, columns)?;
            let point = |(column, value): (&Column, &Option<f64>)| {
                format!("{}{}{};", column.name, ask.delimiter, number(*value))
            };
            let is_empty = values.iter().all(|value| value.is_none_or(|value| value == 0.0));
            let data = if is_empty { String::new() } else { columns.iter().zip(&values).map(point).collect() };
            Ok(vec![graph(id, data)])
        }
        Graph::Many(columns) => many(ask, columns),
        Graph::Names(columns) => names(ask, columns),
    }
}

/// The dimension of the report's rows.
fn dimension(ask: &Ask<'_>) -> Outcome<Dimension> {
    let by = match (ask.drilled, ask.of.drill, ask.of.rows) {
        (true, Some(drill), _) => drill.by,
        (_, _, Rows::By(by)) => by,
        _ => return Err(unexpected()),
    };
    by.first().copied().ok_or_else(unexpected)
}

fn rows(ask: &Ask<'_>, by: Vec<Dimension>, columns: &[Column]) -> Outcome<(Needed, Vec<TableRow>)> {
    let needed = Needed::of(columns);
    // The most played first, as in the table.
    let sort = Sort { measure: Some(Measure::Plays), descending: true };
    let view = View::Table { by, measures: needed.measures.clone(), page: Page::all(sort), coverage: false };
    match ask.answer(vec![Panel::new(view)])?.pop() {
        Some(Answer::Table { rows, .. }) => Ok((needed, rows)),
        _ => Err(unexpected()),
    }
}

fn name(ask: &Ask<'_>, row: &TableRow) -> String {
    let name = if row.keys[0].is_empty() { UNKNOWN } else { &row.keys[0] };
    cell(name, &ask.delimiter)
}

/// By the report's dimension.
fn names(ask: &Ask<'_>, columns: &[Column]) -> Outcome<Vec<Data>> {
    let (needed, rows) = rows(ask, vec![dimension(ask)?], columns)?;
    let rows: Vec<(String, Vec<Option<f64>>)> =
        rows.iter().map(|row| (name(ask, row), needed.values(&row.values, &[]))).collect();
    let one = |(index, column): (usize, &Column)| {
        let point =
            |(name, values): &(String, Vec<Option<f64>>)| format!("{name}{}{};", ask.delimiter, number(values[index]));
        graph(column.name, rows.iter().map(point).collect())
    };
    Ok(columns.iter().enumerate().map(one).collect())
}

/// By date and, at each, by the report's dimension: `20240101|Computer:5,Mobile:2;`.
fn many(ask: &Ask<'_>, columns: &[Column]) -> Outcome<Vec<Data>> {
    let interval = ask.time.interval.dimension();
    let (needed, rows) = rows(ask, vec![dimension(ask)?, interval], columns)?;
    let pair = |text: &str| text.replace([',', ':'], " ");
    let mut all: Vec<String> = Vec::new();
    let mut found: BTreeMap<String, BTreeMap<String, Vec<Option<f64>>>> = BTreeMap::new();
    for row in &rows {
        let name = pair(&name(ask, row));
        if !all.contains(&name) {
            all.push(name.clone());
        }
        let start_ms = row.keys[1].parse::<jiff::Timestamp>().ok().map(|at| at.as_millisecond());
        let values = needed.values(&row.values, &[]);
        found.entry(x(ask, start_ms, &row.keys[1])).or_default().insert(name, values);
    }
    let dates = dates(ask)?;
    let one = |(index, column): (usize, &Column)| {
        let point = |(x, _, _): &(String, i64, i64)| {
            let here = found.get(x);
            if here.is_none() && ask.skip_empty {
                return String::new();
            }
            let value = |name: &String| here.and_then(|here| here.get(name)).and_then(|values| values[index]);
            let shown = all.iter().filter(|name| !ask.skip_empty || here.is_some_and(|here| here.contains_key(*name)));
            let pairs: Vec<String> = shown.map(|name| format!("{name}:{}", number(value(name)))).collect();
            format!("{x}{}{};", ask.delimiter, pairs.join(","))
        };
        graph(column.name, dates.iter().map(point).collect())
    };
    Ok(columns.iter().enumerate().map(one).collect())
}
