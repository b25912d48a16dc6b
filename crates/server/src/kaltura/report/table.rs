//! Tables: texts, then figures; sorted, paged, and written as a header and one long text.

use super::filter::UNKNOWN;
use super::graph::by_date;
use super::own;
use super::total::Needed;
use super::types::{From, Label, Rows, Text};
use super::{Ask, cell, number, unexpected};
use crate::kaltura::answer::Data;
use crate::kaltura::countries;
use crate::kaltura::errors::Outcome;
use engine::access::People;
use engine::catalog::view::{EntryView, MediaType, PersonView};
use engine::event::PersonKey;
use engine::glossary::{Dimension, Measure};
use engine::query::Lengths;
use engine::question::{Answer, Page, Sort, TableRow, View};
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// A page of a table.
pub struct Table {
    /// Names of the columns.
    pub header: Vec<&'static str>,
    /// Cells, as they are.
    pub rows: Vec<Vec<String>>,
    /// Rows on all pages.
    pub total: usize,
}

impl Table {
    /// In Kaltura's shape.
    pub(super) fn data(&self, ask: &Ask<'_>) -> Data {
        let mut data = String::new();
        for row in &self.rows {
            let cells: Vec<String> = row.iter().map(|text| cell(text, &ask.delimiter)).collect();
            data.push_str(&cells.join(&ask.delimiter));
            data.push(';');
        }
        let total = Data::Int(i64::try_from(self.total).unwrap_or(i64::MAX));
        let header = Data::Text(self.header.join(&ask.delimiter));
        Data::object("KalturaReportTable", vec![("header", header), ("data", Data::Text(data)), ("totalCount", total)])
    }
}

/// A row in the making: what it is of, and its figures.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// Values of the dimensions, as filters take them.
    pub(super) keys: Vec<String>,
    /// What people read for them.
    pub(super) names: Vec<String>,
    /// Figures; all `None` where they may not be told.
    pub(super) values: Vec<Option<f64>>,
    /// They may not be told.
    pub(super) hidden: bool,
}

/// What a table is sorted by.
enum Order {
    Figure(usize),
    Text(usize),
}

/// Answers a table.
pub(super) fn table(ask: &Ask<'_>) -> Outcome<Table> {
    let (labels, columns) = (labels(ask), ask.of.table);
    let date = matches!(ask.of.rows, Rows::Dates | Rows::Own(super::types::Own::UsageByDate));
    let mut header: Vec<&str> = if date { vec![ask.time.interval.column()] } else { Vec::new() };
    header.extend(labels.iter().map(|label| label.name));
    let texts = header.len();
    header.extend(columns.iter().map(|column| column.name));
    let (order, descending) = order(ask, &header, texts);
    if date {
        let dated = by_date(ask, columns)?;
        let shown = dated.into_iter().filter(|date| !ask.skip_empty || date.values.is_some());
        let rows = shown.map(|date| Row {
            keys: vec![date.x.clone()],
            names: vec![date.x],
            values: date.values.unwrap_or_else(|| vec![Some(0.0); columns.len()]),
            hidden: false,
        });
        return finished(ask, header, &[Label { name: "", text: Text::Own(0) }], rows.collect(), &order, descending);
    }
    let (by, engine_pages) = match ask.of.rows {
        Rows::Own(kind) => {
            let rows = own::rows(ask, kind)?;
            return finished(ask, header, labels, rows, &order, descending);
        }
        Rows::By(by) => (drilled(ask).map_or(by, |drill| drill.by), true),
        Rows::Dates => return Err(unexpected()),
    };
    let needed = Needed::of(columns);
    let measure = match &order {
        Order::Figure(index) => match columns[*index].from {
            From::Measure(measure, _) => Some(measure),
            _ => None,
        },
        Order::Text(_) => None,
    };
    // The engine sorts by measures and by the first dimension's names; all else is sorted here.
    let by_name = matches!(order, Order::Text(0)) && by.len() == 1 && names_are_labels(labels[0].text);
    let here = !(engine_pages && needed.sides.is_empty() && (measure.is_some() || by_name));
    let sort = Sort { measure, descending };
    let page = match here {
        true => Page::all(Sort { measure: needed.measures.first().copied(), descending: true }),
        false => Page { sort, offset: ask.page.0.saturating_mul(ask.page.1), limit: ask.page.1, find: None },
    };
    let view = |measures: Vec<Measure>| View::Table { by: by.to_vec(), measures, page: page.clone(), coverage: false };
    let mut answers = ask.answer(needed.panels(view))?.into_iter();
    let mut next = || match answers.next() {
        Some(Answer::Table { rows, total }) => Ok((rows, total)),
        _ => Err(unexpected()),
    };
    let (plain, total) = next()?;
    let sides = needed.sides.iter().map(|_| Ok(next()?.0)).collect::<Outcome<Vec<Vec<TableRow>>>>()?;
    let row = |row: TableRow| {
        let side =
            |rows: &Vec<TableRow>| rows.iter().find(|other| other.keys == row.keys).and_then(|other| other.values[0]);
        let side: Vec<Option<f64>> = sides.iter().map(side).collect();
        Row {
            values: needed.values(&row.values, &side),
            keys: row.keys.iter().map(ToString::to_string).collect(),
            names: row.labels.iter().map(ToString::to_string).collect(),
            hidden: row.hidden,
        }
    };
    let rows: Vec<Row> = plain.into_iter().map(row).collect();
    if here {
        return finished(ask, header, labels, rows, &order, descending);
    }
    let texts = Texts::of(ask, labels, &rows)?;
    Ok(Table { header, rows: rows.iter().map(|row| texts.row(row)).collect(), total })
}

/// Whether the engine's name of a row is what the column prints.
fn names_are_labels(text: Text) -> bool {
    matches!(text, Text::EntryName | Text::PersonName | Text::CategoryName)
}

fn drilled(ask: &Ask<'_>) -> Option<super::types::Drill> {
    ask.of.drill.filter(|_| ask.drilled)
}

fn labels(ask: &Ask<'_>) -> &'static [Label] {
    drilled(ask).map_or(ask.of.labels, |drill| drill.labels)
}

/// The order asked for; where there is none or an unknown one, plays or the first figure, the largest first.
fn order(ask: &Ask<'_>, header: &[&str], texts: usize) -> (Order, bool) {
    let asked = ask.order.as_deref().map(|text| match text.strip_prefix('+') {
        Some(name) => (name, false),
        None => (text.strip_prefix('-').unwrap_or(text), true),
    });
    let found = asked.and_then(|(name, descending)| {
        let place = header.iter().position(|known| known.eq_ignore_ascii_case(name.trim()))?;
        Some((if place < texts { Order::Text(place) } else { Order::Figure(place - texts) }, descending))
    });
    found.unwrap_or_else(|| match ask.of.rows {
        // By themselves they have an order: of dates, of percentiles, of time.
        Rows::Own(kind) if own::is_ordered(kind) => (Order::Text(0), own::is_newest_first(kind)),
        _ if ask.of.table.is_empty() => (Order::Text(0), false),
        _ => (Order::Figure(ask.of.table.iter().position(|column| column.name == "count_plays").unwrap_or(0)), true),
    })
}

/// Rows that are all here: sorted, cut to the page, written.
fn finished(
    ask: &Ask<'_>,
    header: Vec<&'static str>,
    labels: &[Label],
    rows: Vec<Row>,
    order: &Order,
    descending: bool,
) -> Outcome<Table> {
    let total = rows.len();
    let texts = Texts::of(ask, labels, &rows)?;
    let way = |order: Ordering| if descending { order.reverse() } else { order };
    let mut rows: Vec<(Row, Vec<String>)> = rows
        .into_iter()
        .map(|row| {
            let cells = texts.labels(&row);
            (row, cells)
        })
        .collect();
    rows.sort_by(|(a, a_texts), (b, b_texts)| {
        let by = match order {
            Order::Figure(index) => {
                let value = |row: &Row| row.values.get(*index).copied().flatten();
                match (value(a), value(b)) {
                    (Some(a), Some(b)) => way(a.total_cmp(&b)),
                    (a, b) => b.is_some().cmp(&a.is_some()),
                }
            }
            Order::Text(index) => way(compare(&a_texts[*index], &b_texts[*index])),
        };
        by.then_with(|| a.keys.cmp(&b.keys))
    });
    let offset = ask.page.0.saturating_mul(ask.page.1);
    let page = rows.into_iter().skip(offset).take(ask.page.1);
    let rows = page.map(|(row, mut cells)| {
        cells.extend(figures(&row));
        cells
    });
    Ok(Table { header, rows: rows.collect(), total })
}

/// Numbers by size, all else by its letters.
fn compare(a: &str, b: &str) -> Ordering {
    match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) => a.total_cmp(&b),
        _ => a.to_lowercase().cmp(&b.to_lowercase()),
    }
}

/// Figures as cells; empty where they may not be told.
fn figures(row: &Row) -> Vec<String> {
    row.values.iter().map(|value| if row.hidden { String::new() } else { number(*value) }).collect()
}

/// What columns of texts are made from.
struct Texts<'a> {
    ask: &'a Ask<'a>,
    labels: &'a [Label],
    lengths: Lengths,
}

impl<'a> Texts<'a> {
    fn of(ask: &'a Ask<'_>, labels: &'a [Label], rows: &[Row]) -> Outcome<Texts<'a>> {
        let needs_lengths = labels.iter().any(|label| label.text == Text::Duration);
        let entries: BTreeSet<_> =
            if needs_lengths { rows.iter().map(|row| row.keys[0].as_str().into()).collect() } else { BTreeSet::new() };
        Ok(Texts { ask, labels, lengths: ask.lengths(&entries)? })
    }

    fn row(&self, row: &Row) -> Vec<String> {
        let mut cells = self.labels(row);
        cells.extend(figures(row));
        cells
    }

    fn labels(&self, row: &Row) -> Vec<String> {
        self.labels.iter().map(|label| self.text(label.text, row)).collect()
    }

    fn text(&self, text: Text, row: &Row) -> String {
        let view = self.ask.view();
        let key = |index: usize| row.keys.get(index).map_or("", String::as_str);
        let or_unknown = |text: &str| if text.is_empty() { UNKNOWN.to_owned() } else { text.to_owned() };
        // Plays one by one have the time first.
        let entry_id = || if matches!(self.labels[0].text, Text::Own(_)) { key(1) } else { key(0) };
        let entry = || view.entries.get(entry_id());
        let category = || view.categories.get(key(0));
        let seconds = |ms: Option<i64>| ms.map(|ms| ms.div_euclid(1000).to_string()).unwrap_or_default();
        match text {
            Text::Key(index) => or_unknown(key(index)),
            Text::Own(index) => row.names.get(index).cloned().unwrap_or_default(),
            Text::EntryName => entry().map(|entry| entry.name.to_string()).unwrap_or_else(|| entry_id().to_owned()),
            Text::CreatorName => {
                let owner = entry().and_then(|entry| view.people.get(&entry.owner?));
                owner.map(name_or_id).unwrap_or_default()
            }
            Text::CreatedAt => seconds(entry().and_then(|entry| entry.created_ms)),
            Text::Status => entry().map_or_else(String::new, |entry| status(entry).to_string()),
            Text::MediaType => {
                entry().map_or_else(String::new, |entry| media_type(entry).map_or_else(String::new, |n| n.to_string()))
            }
            Text::Duration => {
                self.lengths.of(view, entry_id()).map_or_else(String::new, |length| length.duration_ms.to_string())
            }
            Text::EntrySource => entry().map(|entry| entry.source.to_string()).unwrap_or_default(),
            Text::PersonId => match person(key(0)) {
                None | Some(PersonKey::UNKNOWN) => UNKNOWN.to_owned(),
                Some(person) if self.named() => {
                    view.people.get(&person).map_or_else(String::new, |known| known.id.to_string())
                }
                // A pseudonym.
                Some(_) => row.names.first().cloned().unwrap_or_default(),
            },
            Text::PersonName => match person(key(0)) {
                Some(person) if self.named() => view.people.get(&person).map_or_else(String::new, name_or_id),
                _ => String::new(),
            },
            Text::PersonSince => {
                let owner = person(key(0));
                let theirs = view.entries.values().filter(|entry| entry.owner.is_some() && entry.owner == owner);
                seconds(theirs.filter_map(|entry| entry.created_ms).min())
            }
            Text::CountryName(index) => countries::name(key(index)).to_owned(),
            Text::CountryCode(index) => key(index).to_owned(),
            Text::Coordinates(0) => countries::coordinates(key(0)).unwrap_or_default(),
            Text::Coordinates(_) if row.hidden => String::new(),
            Text::Coordinates(finest) if key(finest).is_empty() => String::new(),
            Text::Coordinates(_) => {
                let point = self.ask.source().atlas.point(key(0), key(1), key(2));
                point.map_or_else(String::new, |point| point.to_string())
            }
            Text::CategoryName => category().map(|category| category.name.to_string()).unwrap_or_default(),
            Text::CategoryEntries => view.category_entries.get(key(0)).map_or(0, BTreeSet::len).to_string(),
            Text::CategoryChildren => view.children.get(key(0)).map_or(0, BTreeSet::len).to_string(),
            Text::CategoryParent => {
                let parent = category().and_then(|category| view.categories.get(category.parent.as_ref()?));
                parent.map(|parent| parent.name.to_string()).unwrap_or_default()
            }
            Text::Page(index) => {
                let page = key(index);
                or_unknown(page.split_once("://").map_or(page, |(_, rest)| rest))
            }
            Text::Partner => self.ask.account().0.to_string(),
        }
    }

    /// Owners are named wherever their recordings are; viewers where the scope names people.
    fn named(&self) -> bool {
        let of_owners = matches!(self.ask.of.objects, Dimension::Owner);
        of_owners || self.ask.scope().people() == People::Names
    }
}

/// A person of a key.
pub(super) fn person(key: &str) -> Option<PersonKey> {
    if key == "unknown" { Some(PersonKey::UNKNOWN) } else { crate::api::look::person(key) }
}

fn name_or_id(person: &PersonView) -> String {
    if person.name.is_empty() { person.id.to_string() } else { person.name.to_string() }
}

/// Kaltura's status of a recording.
pub fn status(entry: &EntryView) -> i64 {
    if entry.deleted { 3 } else { 2 }
}

/// Kaltura's type of its medium; `None` where nobody has told.
pub fn media_type(entry: &EntryView) -> Option<i64> {
    Some(match entry.media_type {
        MediaType::Unknown => return None,
        MediaType::Video | MediaType::Quiz | MediaType::YouTube => 1,
        MediaType::Image => 2,
        MediaType::Audio => 5,
        MediaType::Live => 201,
    })
}
