//! One pass over a part's rows that feeds all panels.
//!
//! Rows are sorted by account, entry and quarter: what depends on the entry alone (scope, catalog filters, catalog
//! groupings) is decided once per run of rows of an entry, and the range is cut out of the run by bisection. Text is
//! tested and grouped by its code in the block, through arrays with a place for each code.

use super::lengths::Length;
use super::partial::{Group, Key, PanelPartial, Partial, Slot, ViewerFacts};
use super::plan::{Grouping, Matcher, Plan, person_text};
use crate::access::Clause;
use crate::block::{Block, Coded, Part, Unreadable};
use crate::catalog::OTHER;
use crate::catalog::view::MediaType;
use crate::event::{AccountId, PersonKey, Playback, Text};
use crate::glossary::{Dimension, Distinct, Played, Quantity, Source, Words};
use crate::row::{SumColumn, TextColumn};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// The runs of rows of one entry, in an account.
pub(super) fn entry_runs(block: &Block, account: AccountId) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = block.account.partition_point(|a| *a < account.0);
    let end = block.account.partition_point(|a| *a <= account.0);
    let codes = &block.text[TextColumn::Entry as usize].codes;
    std::iter::from_fn(move || {
        let start = at;
        if start >= end {
            return None;
        }
        // Galloping: runs are short or very long.
        let (code, mut step) = (codes[start], 1);
        while at + step < end && codes[at + step] == code {
            at += step;
            step *= 2;
        }
        at += codes[at..end.min(at + step)].partition_point(|c| *c == code);
        Some(start..at)
    })
}

/// The rows of a range that are not superseded.
pub(super) fn live(superseded: &[u32], rows: Range<usize>) -> impl Iterator<Item = usize> + '_ {
    let mut next = superseded.partition_point(|row| (*row as usize) < rows.start);
    rows.filter(move |row| {
        let gone = superseded.get(next).is_some_and(|s| *s as usize == *row);
        next += usize::from(gone);
        !gone
    })
}

/// Scans a part. `None` when nothing of it can matter.
pub(super) fn part(plan: &Plan<'_>, part: &Part) -> Result<Option<Partial>, Unreadable> {
    let (extent, question, account) = (&part.extent, plan.question, plan.scope.account);
    let elsewhere = extent.rows == 0 || extent.last.0 < account.0 || extent.first.0 > account.0;
    if elsewhere || extent.quarters.1 < question.from.0 || extent.quarters.0 >= question.to.0 {
        return Ok(None);
    }
    let block = part.block()?;
    let mut scan = Scan::new(plan, &block);
    for run in entry_runs(&block, account) {
        scan.run(run, &part.superseded);
    }
    Ok(Some(scan.partial()))
}

/// What a row's value of a dimension is, in a block.
enum Column<'b> {
    /// By code.
    Coded(Cow<'b, Coded>),
    /// A person.
    Person,
    /// A few words, by code.
    Word(Words),
    /// By entry.
    Catalog(crate::glossary::Fact),
}

impl<'b> Column<'b> {
    fn new(block: &'b Block, dimension: Dimension) -> Column<'b> {
        match dimension.source() {
            Source::Text(column) => Column::Coded(Cow::Borrowed(&block.text[column as usize])),
            Source::Version(family, version) => Column::Coded(Cow::Owned(versions(block, family, version))),
            Source::Person => Column::Person,
            Source::Word(words) => Column::Word(words),
            Source::Catalog(fact) => Column::Catalog(fact),
        }
    }
}

fn word_code(block: &Block, words: Words, row: usize) -> usize {
    match words {
        Words::Playback => block.playback[row] as usize,
        Words::Proof => block.proof[row] as usize,
        Words::Staff => block.staff[row] as usize,
        Words::Bot => block.bot[row] as usize,
    }
}

/// `family version` of each row; empty where the family is not known.
fn versions(block: &Block, family: TextColumn, version: TextColumn) -> Coded {
    let (families, versions) = (&block.text[family as usize], &block.text[version as usize]);
    let mut known = BTreeMap::new();
    let mut coded = Coded::default();
    for (f, v) in families.codes.iter().zip(&versions.codes) {
        let (family, version) = (&families.words[*f as usize], &versions.words[*v as usize]);
        let word = match (family.is_empty(), version.is_empty()) {
            (true, _) => String::new(),
            (false, true) => family.to_string(),
            (false, false) => format!("{family} {version}"),
        };
        let code = *known.entry(word).or_insert_with_key(|word| {
            coded.words.push(word.as_str().into());
            coded.words.len() as u32 - 1
        });
        coded.codes.push(code);
    }
    coded
}

/// A filter on columns, ready for this block.
struct RowTest<'b> {
    column: Column<'b>,
    /// By code: whether the row stays. Empty for people.
    keeps: Vec<bool>,
    people: BTreeMap<u64, bool>,
    matcher: &'b Matcher,
}

impl<'b> RowTest<'b> {
    fn new(plan: &'b Plan<'_>, block: &'b Block, matcher: &'b Matcher) -> RowTest<'b> {
        let column = Column::new(block, matcher.dimension);
        let keep = |word: &Text| matcher.keeps(plan, std::slice::from_ref(word));
        let keeps = match &column {
            Column::Coded(coded) => coded.words.iter().map(keep).collect(),
            Column::Word(words) => words.all().iter().map(|word| keep(&Text::from(*word))).collect(),
            Column::Person | Column::Catalog(_) => Vec::new(),
        };
        RowTest { column, keeps, people: BTreeMap::new(), matcher }
    }
    fn keeps(&mut self, plan: &Plan<'_>, block: &Block, row: usize) -> bool {
        match &self.column {
            Column::Coded(coded) => self.keeps[coded.codes[row] as usize],
            Column::Word(words) => self.keeps[word_code(block, *words, row)],
            Column::Person => {
                let person = block.person[row];
                let matcher = self.matcher;
                *self.people.entry(person).or_insert_with(|| matcher.keeps(plan, &[person_text(PersonKey(person))]))
            }
            Column::Catalog(_) => unreachable!("decided by entry"),
        }
    }
}

/// A clause of the scope, ready for this block.
struct ClauseTest<'b> {
    clause: &'b Clause,
    /// By code of the playback context and of the proved one.
    contexts: Option<(Vec<bool>, Vec<bool>)>,
    /// By code of the playlist.
    playlist: Option<Vec<bool>>,
}

impl<'b> ClauseTest<'b> {
    fn new(block: &Block, clause: &'b Clause) -> ClauseTest<'b> {
        let words = |column: TextColumn| block.text[column as usize].words.iter();
        let contexts = clause.contexts.as_ref().map(|set| {
            let inside = |column| words(column).map(|word| set.contains(word)).collect();
            (inside(TextColumn::Context), inside(TextColumn::ProvedContext))
        });
        let playlist = clause.playlist.as_ref().map(|id| words(TextColumn::Playlist).map(|w| w == id).collect());
        ClauseTest { clause, contexts, playlist }
    }
    fn entry(&self, entry: &str) -> bool {
        self.clause.entries.as_ref().is_none_or(|entries| entries.contains(entry))
    }
    fn row(&self, block: &Block, row: usize) -> bool {
        let code = |column: TextColumn| block.text[column as usize].codes[row] as usize;
        let context = self.contexts.as_ref().is_none_or(|(played, proved)| {
            played[code(TextColumn::Context)] || proved[code(TextColumn::ProvedContext)]
        });
        context
            && self.playlist.as_ref().is_none_or(|inside| inside[code(TextColumn::Playlist)])
            && self.clause.person.is_none_or(|person| person.0 == block.person[row])
    }
}

const NONE: u32 = u32::MAX;

/// A panel's groups in this block.
struct Feed<'b> {
    column: Option<Column<'b>>,
    /// By code, bucket or word: number in `groups`.
    places: Vec<u32>,
    named: BTreeMap<Key, u32>,
    groups: Vec<(Key, Group)>,
    /// Groups of the run's entry, for catalog dimensions.
    of_entry: Vec<u32>,
}

impl Feed<'_> {
    fn open(&mut self, key: Key, quantities: &[Quantity]) -> u32 {
        if let Some(number) = self.named.get(&key) {
            return *number;
        }
        let number = self.groups.len() as u32;
        self.named.insert(key.clone(), number);
        self.groups.push((key, Group::new(quantities)));
        number
    }
}

/// What is the same for all rows of an entry.
struct EntryFacts<'b> {
    name: &'b str,
    length: Option<Length>,
    image: bool,
}

struct Scan<'b> {
    plan: &'b Plan<'b>,
    block: &'b Block,
    clauses: Vec<ClauseTest<'b>>,
    rows: Vec<RowTest<'b>>,
    feeds: Vec<Feed<'b>>,
    partial: Partial,
}

impl<'b> Scan<'b> {
    fn new(plan: &'b Plan<'b>, block: &'b Block) -> Scan<'b> {
        let by_row = |m: &&Matcher| !decided_by_entry(m.dimension);
        let feeds = plan.panels.iter().map(|panel| {
            let column = match &panel.grouping {
                Grouping::By(dimension) => Some(Column::new(block, *dimension)),
                _ => None,
            };
            let places = match (&panel.grouping, &column) {
                (Grouping::Buckets { buckets, .. }, _) => vec![NONE; buckets.len()],
                (_, Some(Column::Coded(coded))) => vec![NONE; coded.words.len()],
                (_, Some(Column::Word(words))) => vec![NONE; words.all().len()],
                _ => vec![NONE; 1],
            };
            Feed { column, places, named: BTreeMap::new(), groups: Vec::new(), of_entry: Vec::new() }
        });
        Scan {
            plan,
            block,
            clauses: plan.scope.clauses.iter().map(|clause| ClauseTest::new(block, clause)).collect(),
            rows: plan.filters.iter().filter(by_row).map(|m| RowTest::new(plan, block, m)).collect(),
            feeds: feeds.collect(),
            partial: Partial::new(plan),
        }
    }

    fn run(&mut self, run: Range<usize>, superseded: &[u32]) {
        let (plan, block) = (self.plan, self.block);
        let name = block.text(TextColumn::Entry, run.start);
        let by_entry = plan.filters.iter().filter(|m| decided_by_entry(m.dimension));
        for matcher in by_entry {
            let keys = match matcher.dimension.source() {
                Source::Catalog(fact) => plan.facts(fact, name),
                _ => vec![name.into()],
            };
            if !matcher.keeps(plan, &keys) {
                return;
            }
        }
        let open: Vec<usize> = (0..self.clauses.len()).filter(|i| self.clauses[*i].entry(name)).collect();
        if open.is_empty() {
            return;
        }
        let quarters = &block.quarter[run.clone()];
        let from = run.start + quarters.partition_point(|q| *q < plan.question.from.0);
        let to = run.start + quarters.partition_point(|q| *q < plan.question.to.0);
        let image = plan.view.entries.get(name).is_some_and(|e| e.media_type == MediaType::Image);
        let facts = EntryFacts { name, length: plan.length(name), image };
        let mut entered = false;
        for row in live(superseded, from..to) {
            let seen = open.iter().any(|i| self.clauses[*i].row(block, row));
            if !seen || !self.rows.iter_mut().all(|test| test.keeps(plan, block, row)) {
                continue;
            }
            if self.left_out(row) {
                continue;
            }
            if !entered {
                self.enter(name);
                entered = true;
            }
            self.feed(&facts, row);
        }
    }

    /// Counts what is left out; true if the whole row is.
    fn left_out(&mut self, row: usize) -> bool {
        let block = self.block;
        let get = |column| block.get(column, row);
        let out = &mut self.partial.left_out;
        if block.bot[row] && !self.plan.with_bots {
            out.bot_rows += 1;
            out.bot_events += get(SumColumn::Events);
            return true;
        }
        if !self.plan.with_suspects && !block.text(TextColumn::Suspect, row).is_empty() {
            out.suspect_rows += 1;
            out.suspect_events += get(SumColumn::Events);
            return true;
        }
        let plays = get(SumColumn::Plays);
        out.rows += 1;
        out.duplicates += get(SumColumn::Duplicates);
        out.late += get(SumColumn::Late);
        out.identity_refused +=
            get(SumColumn::IdentityUnsigned) + get(SumColumn::IdentityInvalid) + get(SumColumn::IdentityOther);
        out.downloads += get(SumColumn::Downloads);
        if block.person[row] == PersonKey::UNKNOWN.0 {
            out.unknown_plays += plays;
        }
        match block.text(TextColumn::Page, row) {
            "" => out.page_unknown_plays += plays,
            OTHER => out.other_plays += plays,
            _ => {}
        }
        false
    }

    /// Opens the groups of an entry in panels that group by the catalog.
    fn enter(&mut self, entry: &str) {
        for (panel, feed) in self.plan.panels.iter().zip(&mut self.feeds) {
            if let Some(Column::Catalog(fact)) = feed.column {
                let keys = self.plan.facts(fact, entry);
                feed.of_entry = keys.into_iter().map(|key| feed.open(Key::Word(key), &panel.quantities)).collect();
            }
        }
    }

    fn feed(&mut self, entry: &EntryFacts<'_>, row: usize) {
        let (plan, block) = (self.plan, self.block);
        for ((panel, feed), whole) in plan.panels.iter().zip(&mut self.feeds).zip(&mut self.partial.panels) {
            if let Grouping::Heat(of) = &panel.grouping {
                if **of == *entry.name {
                    heat(whole, block, row);
                }
                continue;
            }
            if let Some(Column::Catalog(_)) = feed.column {
                for number in feed.of_entry.clone() {
                    gather(&mut feed.groups[number as usize].1, &panel.quantities, block, entry, row);
                }
                continue;
            }
            let place = match (&panel.grouping, &feed.column) {
                (Grouping::Buckets { of_quarter, .. }, _) => {
                    Some(of_quarter[(block.quarter[row] - plan.question.from.0) as usize] as usize)
                }
                (_, Some(Column::Coded(coded))) => Some(coded.codes[row] as usize),
                (_, Some(Column::Word(words))) => Some(word_code(block, *words, row)),
                (Grouping::One, _) => Some(0),
                _ => None,
            };
            let number = match place {
                Some(place) if feed.places[place] != NONE => feed.places[place],
                Some(place) => {
                    let key = match (&panel.grouping, &feed.column) {
                        (Grouping::Buckets { .. }, _) => Key::Bucket(place as u32),
                        (_, Some(Column::Coded(coded))) => Key::Word(coded.words[place].clone()),
                        (_, Some(Column::Word(words))) => Key::Word(words.all()[place].into()),
                        _ => Key::One,
                    };
                    let number = feed.open(key, &panel.quantities);
                    feed.places[place] = number;
                    number
                }
                None => feed.open(Key::Person(block.person[row]), &panel.quantities),
            };
            let group = &mut feed.groups[number as usize].1;
            gather(group, &panel.quantities, block, entry, row);
            if let Grouping::Viewers { coverage } = panel.grouping {
                viewer(group, coverage, block, row);
            }
        }
    }

    fn partial(self) -> Partial {
        let mut partial = self.partial;
        for (feed, whole) in self.feeds.into_iter().zip(&mut partial.panels) {
            whole.groups = feed.groups.into_iter().collect();
        }
        partial
    }
}

fn decided_by_entry(dimension: Dimension) -> bool {
    matches!(dimension.source(), Source::Catalog(_) | Source::Text(TextColumn::Entry))
}

fn viewer(group: &mut Group, coverage: bool, block: &Block, row: usize) {
    let facts = group.viewer.get_or_insert_with(|| Box::new(ViewerFacts::new()));
    facts.first_ms = facts.first_ms.min(block.first_ms[row]);
    facts.last_ms = facts.last_ms.max(block.last_ms[row]);
    facts.proof = facts.proof.min(block.proof[row]);
    if coverage {
        for span in block.coverage.row(row) {
            facts.coverage.add(span.from, span.to, i64::from(span.times));
        }
    }
}

fn heat(whole: &mut PanelPartial, block: &Block, row: usize) {
    for span in block.coverage.row(row) {
        whole.heat.views.add(span.from, span.to, i64::from(span.times));
        whole.heat.people.entry(block.person[row]).or_default().insert(span.from, span.to);
    }
}

fn played_so(playback: u8, played: Played) -> bool {
    let playback = Playback::ALL[playback as usize];
    match played {
        Played::Any => true,
        Played::Vod => playback == Playback::Vod,
        Played::Recorded => playback.has_axis(),
        Played::Live => !playback.has_axis(),
    }
}

/// Adds a row to a group.
fn gather(group: &mut Group, quantities: &[Quantity], block: &Block, entry: &EntryFacts<'_>, row: usize) {
    for (quantity, slot) in quantities.iter().zip(&mut group.slots) {
        match slot {
            Slot::Sum(sum) => *sum += amount(*quantity, block, entry, row),
            Slot::Numbers(numbers) => {
                if let Some(number) = member(*quantity, block, entry, row) {
                    numbers.insert(number);
                }
            }
            Slot::Words(words) => {
                if let Some(word) = word(*quantity, block, entry, row)
                    && !word.is_empty()
                    && !words.contains(word)
                {
                    words.insert(word.into());
                }
            }
            Slot::Union(union) => {
                let spans = block.coverage.row(row);
                let played = block.get(SumColumn::Plays, row) > 0 || !spans.is_empty();
                if entry.length.is_none() || !played || !played_so(block.playback[row], Played::Recorded) {
                    continue;
                }
                if !union.contains_key(entry.name) {
                    union.insert(entry.name.into(), Default::default());
                }
                let ranges = union.get_mut(entry.name).expect("inserted above");
                for span in spans {
                    ranges.insert(span.from, span.to);
                }
            }
        }
    }
}

/// What a row adds to a sum.
fn amount(quantity: Quantity, block: &Block, entry: &EntryFacts<'_>, row: usize) -> i128 {
    let get = |column| i128::from(block.get(column, row));
    let axis = played_so(block.playback[row], Played::Recorded);
    // Covered before and after this row, as far as the recording goes.
    let covered = |length: i128| {
        let before = get(SumColumn::CoveredBefore);
        (before.min(length), (before + get(SumColumn::FreshMs)).min(length))
    };
    let content = entry.length.filter(|_| axis).map(|length| i128::from(length.content_ms));
    match quantity {
        Quantity::Sum(column, played) if played_so(block.playback[row], played) => get(column),
        Quantity::Sum(..) => 0,
        Quantity::Covered(permille) => content.map_or(0, |length| {
            let (before, after) = covered(length);
            let mark = i128::from(permille) * length;
            i128::from(before * 1000 < mark && after * 1000 >= mark)
        }),
        Quantity::Share => content.map_or(0, |length| {
            let (before, after) = covered(length);
            ((after - before) << 64) / length
        }),
        Quantity::TimedPlays => content.map_or(0, |_| get(SumColumn::Plays)),
        Quantity::Parts => entry.length.filter(|_| axis).map_or(0, |length| {
            let length = i128::from(length.duration_ms);
            let (before, after) = covered(length);
            after * 100 / length - before * 100 / length
        }),
        Quantity::MilestoneMs => entry.length.map_or(0, |length| {
            let milestones = get(SumColumn::Reached25)
                + get(SumColumn::Reached50)
                + get(SumColumn::Reached75)
                + get(SumColumn::Reached100);
            milestones * i128::from(length.duration_ms)
        }),
        Quantity::Attended(state) => {
            block.attention.row(row).iter().filter(|a| state.holds(a.state)).map(|a| i128::from(a.ms)).sum()
        }
        Quantity::Marked(kind, name) => marks(block, row, kind, name).map(|(_, count)| count).sum(),
        Quantity::MarkedSum(kind, name) => {
            marks(block, row, kind, name).filter_map(|(value, count)| Some(millionths(value)? * count)).sum()
        }
        Quantity::MarkedNumbers(kind, name) => {
            marks(block, row, kind, name).filter(|(value, _)| millionths(value).is_some()).map(|(_, count)| count).sum()
        }
        Quantity::Distinct(_) | Quantity::UnionMs | Quantity::UnionLengthMs => unreachable!("not a sum"),
    }
}

fn marks<'b>(block: &'b Block, row: usize, kind: u32, name: &'b str) -> impl Iterator<Item = (&'b str, i128)> + 'b {
    let all = block.marks.row(row).iter().filter(move |m| m.kind == kind && *m.name == *name);
    all.map(|m| (&*m.value, i128::from(m.count)))
}

/// A decimal number of at most twelve places before the point, in millionths; further places are cut off.
pub(super) fn millionths(text: &str) -> Option<i128> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 12 || !all_digits(whole) || !all_digits(part) {
        return None;
    }
    let part: String = part.chars().chain("000000".chars()).take(6).collect();
    let value = whole.parse::<i128>().ok()? * 1_000_000 + part.parse::<i128>().ok()?;
    Some(if negative { -value } else { value })
}

fn viewed(block: &Block, entry: &EntryFacts<'_>, row: usize) -> bool {
    block.get(SumColumn::Plays, row) > 0 || (entry.image && block.get(SumColumn::Impressions, row) > 0)
}

/// The number a row adds to a set.
fn member(quantity: Quantity, block: &Block, entry: &EntryFacts<'_>, row: usize) -> Option<u64> {
    let person = block.person[row];
    let known = person != PersonKey::UNKNOWN.0;
    match quantity {
        Quantity::Distinct(Distinct::Viewers) => viewed(block, entry, row).then_some(person),
        Quantity::Distinct(Distinct::KnownViewers) => (known && viewed(block, entry, row)).then_some(person),
        Quantity::Distinct(Distinct::KnownPeople) => known.then_some(person),
        // The same session text on two entries is two sessions.
        Quantity::Distinct(Distinct::Sessions) => Some(xxh3_64_with_seed(entry.name.as_bytes(), block.session[row])),
        _ => unreachable!("not a set of numbers"),
    }
}

/// The word a row adds to a set.
fn word<'b>(quantity: Quantity, block: &'b Block, entry: &EntryFacts<'b>, row: usize) -> Option<&'b str> {
    let played = block.get(SumColumn::Plays, row) > 0;
    match quantity {
        Quantity::Distinct(Distinct::PlayedEntries) => played.then_some(entry.name),
        Quantity::Distinct(Distinct::Entries) => Some(entry.name),
        Quantity::Distinct(Distinct::Domains) => played.then(|| block.text(TextColumn::Domain, row)),
        Quantity::Distinct(Distinct::Pages) => played.then(|| block.text(TextColumn::Page, row)),
        _ => unreachable!("not a set of words"),
    }
}
