//! `playhead import kaltura`: reads people, recordings, categories, who and what belongs to them, and playlists from a
//! Kaltura account into the catalog.
//!
//! Lists are read by the moment of creation, from the last one seen, because Kaltura ends a list of pages at ten
//! thousand objects. How far it came is written down after every page, so an interrupted import goes on; a finished one
//! begins anew, and finds the same. Nothing is asked that changes anything over there.

mod records;
pub mod reports;
mod state;
pub mod wire;

use crate::catalog_import;
use crate::cli::Failure;
use crate::collect::wall_clock;
use crate::config::Settings;
use crate::import::the_account;
use crate::machine::DataFolder;
use crate::progress;
use engine::catalog::record::Kind;
use engine::catalog::{Catalog, Format, ImportReport};
use engine::event::AccountId;
use indicatif::ProgressBar;
use records::Fields;
use serde_json::{Value, json};
use state::{Reached, State};
use std::collections::BTreeSet;
use std::path::PathBuf;
use url::Url;
use wire::Kaltura;

/// Objects asked for at once: the most that Kaltura gives.
const PAGE: usize = 500;
/// Categories whose links or members are asked for at once: the address of a filter stays short.
const CATEGORIES: usize = 40;
/// Bad objects that are printed; further ones are counted.
const BAD_PRINTED_MAX: usize = 20;

/// What a run is told.
pub struct Wanted {
    /// The API's host.
    pub url: Url,
    /// The account there, and here unless `account` says another.
    pub partner: u32,
    /// File with its administrator secret.
    pub secret: PathBuf,
    /// The account here.
    pub account: Option<u32>,
    /// Full names of the categories whose children are courses, such as `Canvas>site>channels`.
    pub courses: Vec<String>,
    /// Read the figures of these days instead of the catalog.
    pub reports: Option<reports::Days>,
}

/// Reads what is wanted from Kaltura. Works beside a running server.
///
/// # Errors
/// When Kaltura does not tell or nothing can be written; what was read until then stays, and the same command goes on.
pub fn run(settings: &Settings, wanted: Wanted) -> Result<(), Failure> {
    let now_ms = wall_clock()();
    let folder = DataFolder::open(settings)?;
    let catalog = folder.catalog(now_ms)?;
    let account = the_account(&catalog, wanted.account.or(Some(wanted.partner)))?;
    let secret = catalog_import::read_secret(&wanted.secret)?;
    let secret = String::from_utf8(secret.0).map_err(|_| "the secret is not text")?;
    let mut kaltura = Kaltura::new(wanted.url.clone(), wanted.partner, secret);
    if let Some(days) = &wanted.reports {
        return reports::read(&mut kaltura, &catalog, account, days, now_ms);
    }
    let state = State::open(&folder.catalog_file())?;
    let mut import = Import {
        catalog: &catalog,
        account,
        courses: &wanted.courses,
        source: wanted.url.to_string(),
        now_ms,
        report: ImportReport::default(),
        ended: 0,
    };
    let reached = state.reached(account, &import.source)?;
    if reached != Reached::default() {
        println!("going on with {}", reached.step.words());
    }
    let outcome = import.all(&mut kaltura, &state, reached);
    print!("{}", told(&import));
    outcome
}

fn told(import: &Import<'_>) -> String {
    let mut shown = import.report.clone();
    let unlisted = shown.bad_lines.split_off(shown.bad_lines.len().min(BAD_PRINTED_MAX));
    let mut text = catalog_import::told("kaltura", &shown);
    if import.ended > 0 {
        text += &format!("kaltura: {} links and memberships are no longer there and end now\n", import.ended);
    }
    drop(unlisted);
    text
}

/// The lists that are read, in this order: what others name comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Step {
    /// Users.
    #[default]
    People,
    /// Recordings of all kinds.
    Entries,
    /// Courses, channels and all else.
    Categories,
    /// What is in the categories.
    Links,
    /// Who is in the categories.
    Members,
    /// Playlists with a fixed list.
    Playlists,
}

impl Step {
    const ALL: [Step; 6] = [Step::People, Step::Entries, Step::Categories, Step::Links, Step::Members, Step::Playlists];

    /// What it reads, for people.
    fn words(self) -> &'static str {
        match self {
            Step::People => "people",
            Step::Entries => "recordings",
            Step::Categories => "categories",
            Step::Links => "recordings of categories",
            Step::Members => "members of categories",
            Step::Playlists => "playlists",
        }
    }

    fn kind(self) -> Kind {
        match self {
            Step::People => Kind::Person,
            Step::Entries => Kind::Entry,
            Step::Categories => Kind::Category,
            Step::Links => Kind::Link,
            Step::Members => Kind::Member,
            Step::Playlists => Kind::Playlist,
        }
    }

    fn service(self) -> &'static str {
        match self {
            Step::People => "user",
            Step::Entries => "baseEntry",
            Step::Categories => "category",
            Step::Links => "categoryEntry",
            Step::Members => "categoryUser",
            Step::Playlists => "playlist",
        }
    }

    /// Everything of the list, from a moment of creation on, oldest first. Statuses that lists leave out are named.
    fn filter(self, since: i64) -> Value {
        let (class, more) = match self {
            Step::People => ("KalturaUserFilter", json!({ "statusIn": "0,1" })),
            Step::Entries => ("KalturaBaseEntryFilter", json!({ "statusIn": "-2,-1,0,1,2,3,4,5,6,7" })),
            Step::Categories => ("KalturaCategoryFilter", json!({ "statusIn": "1,2,3" })),
            Step::Links => ("KalturaCategoryEntryFilter", json!({ "statusIn": "1,2" })),
            Step::Members => ("KalturaCategoryUserFilter", json!({ "statusEqual": 1 })),
            Step::Playlists => ("KalturaPlaylistFilter", json!({})),
        };
        let mut filter = more;
        filter["objectType"] = class.into();
        filter["orderBy"] = "+createdAt".into();
        if since > 0 {
            filter["createdAtGreaterThanOrEqual"] = since.into();
        }
        filter
    }
}

struct Import<'a> {
    catalog: &'a Catalog,
    account: AccountId,
    courses: &'a [String],
    source: String,
    now_ms: i64,
    report: ImportReport,
    /// Links and memberships that are gone over there.
    ended: u64,
}

impl Import<'_> {
    fn all(&mut self, kaltura: &mut Kaltura, state: &State, mut reached: Reached) -> Result<(), Failure> {
        let begin = Step::ALL.into_iter().position(|step| step == reached.step).unwrap_or(0);
        for step in &Step::ALL[begin..] {
            if *step != reached.step {
                reached = Reached { step: *step, ..Reached::default() };
            }
            let bar = progress::counting(step.words());
            match step {
                Step::Links | Step::Members => self.of_categories(kaltura, state, *step, &mut reached, &bar)?,
                _ => self.list(kaltura, state, *step, &mut reached, &bar)?,
            }
            bar.finish_and_clear();
        }
        state.done(self.account, &self.source)?;
        Ok(())
    }

    /// A whole list, written down page by page.
    fn list(
        &mut self,
        kaltura: &mut Kaltura,
        state: &State,
        step: Step,
        reached: &mut Reached,
        bar: &ProgressBar,
    ) -> Result<(), Failure> {
        loop {
            let objects = kaltura.list(step.service(), step.filter(reached.since), reached.page, PAGE)?;
            let found = objects.iter().filter_map(|object| match step {
                Step::People => records::person(object),
                Step::Entries => records::entry(object),
                Step::Categories => records::category(object, self.courses),
                _ => records::playlist(object),
            });
            let found: Vec<Fields> = found.collect();
            self.store(step.kind(), found)?;
            bar.inc(objects.len() as u64);
            if objects.len() < PAGE {
                return Ok(());
            }
            reached.next(&objects);
            state.keep(self.account, &self.source, reached)?;
        }
    }

    /// What belongs to categories: a few categories at once. What is no longer there ends.
    fn of_categories(
        &mut self,
        kaltura: &mut Kaltura,
        state: &State,
        step: Step,
        reached: &mut Reached,
        bar: &ProgressBar,
    ) -> Result<(), Failure> {
        loop {
            let after = (!reached.category.is_empty()).then_some(reached.category.as_str());
            let records = self.catalog.list(self.account, Kind::Category, after, None, CATEGORIES)?;
            let Some(last) = records.last() else { return Ok(()) };
            let ids: Vec<String> = records.iter().map(|record| record.id().to_owned()).collect();
            let courses: BTreeSet<&str> = {
                let told = records.iter().filter(|record| record.to_json(false).contains("\"kind\":\"course\""));
                told.map(engine::catalog::record::Record::id).collect()
            };
            let next = last.id().to_owned();
            // Only numbers are categories of Kaltura; others came by other ways.
            let asked: Vec<&str> =
                ids.iter().map(String::as_str).filter(|id| id.bytes().all(|byte| byte.is_ascii_digit())).collect();
            if !asked.is_empty() {
                let mut there = BTreeSet::new();
                let (mut within, mut found) = (Reached::default(), Vec::new());
                loop {
                    let mut filter = step.filter(within.since);
                    filter["categoryIdIn"] = asked.join(",").into();
                    let objects = kaltura.list(step.service(), filter, within.page, PAGE)?;
                    for object in &objects {
                        let category = records::id(object, "categoryId").unwrap_or_default();
                        let fields = match step {
                            Step::Links => records::link(object),
                            _ => records::member(object, courses.contains(category.as_str())),
                        };
                        found.extend(fields.filter(|fields| there.insert(fields["id"].to_string())));
                    }
                    bar.inc(objects.len() as u64);
                    if objects.len() < PAGE {
                        break;
                    }
                    within.next(&objects);
                }
                self.store(step.kind(), found)?;
                for category in asked {
                    self.end(step.kind(), category, &there)?;
                }
            }
            reached.category = next;
            state.keep(self.account, &self.source, reached)?;
        }
    }

    /// Ends what came from Kaltura into a category and is no longer there.
    fn end(&mut self, kind: Kind, category: &str, there: &BTreeSet<String>) -> Result<(), Failure> {
        let prefix = records::prefix(category);
        let mut after = prefix.clone();
        loop {
            let records = self.catalog.list(self.account, kind, Some(&after), None, PAGE)?;
            for record in &records {
                if !record.id().starts_with(&prefix) {
                    return Ok(());
                }
                let holds = !record.to_json(false).contains("\"to\":");
                if holds && !there.contains(&Value::from(record.id()).to_string()) {
                    self.catalog.delete(self.account, kind, record.id(), self.now_ms)?;
                    self.ended += 1;
                }
            }
            match records.last() {
                Some(last) if records.len() == PAGE => after = last.id().to_owned(),
                _ => return Ok(()),
            }
        }
    }

    fn store(&mut self, kind: Kind, found: Vec<Fields>) -> Result<(), Failure> {
        let mut lines = String::new();
        for mut fields in found {
            self.keep_ours(kind, &mut fields)?;
            fields.insert("record".to_owned(), kind.name().into());
            lines += &Value::Object(fields).to_string();
            lines.push('\n');
        }
        let (mut input, mut fresh) = (lines.as_bytes(), rand::random::<u64>);
        let report = self.catalog.import(
            self.account,
            &mut input,
            Format::Ndjson,
            None,
            self.now_ms,
            &mut fresh,
            &mut |_| {},
        )?;
        let all = &mut self.report;
        for (kind, count) in report.stored {
            *all.stored.entry(kind).or_default() += count;
        }
        all.created += report.created;
        all.bad += report.bad;
        all.bad_lines.extend(report.bad_lines);
        all.bad_lines.truncate(BAD_PRINTED_MAX);
        Ok(())
    }

    /// A record replaces the one before it: what Kaltura knows nothing of, and was set here, stays.
    fn keep_ours(&self, kind: Kind, fields: &mut Fields) -> Result<(), Failure> {
        let ours: &[&str] = match kind {
            Kind::Entry => &["content_end_ms", "visibility", "downloads", "published", "starts", "ends"],
            Kind::Category => &["kind", "lms_course", "term", "sections", "previous"],
            Kind::Member => &["section"],
            _ => return Ok(()),
        };
        let id = fields.get("id").and_then(Value::as_str).unwrap_or_default();
        let Some(known) = self.catalog.get(self.account, kind, id)? else { return Ok(()) };
        let known: Fields = serde_json::from_str(&known.to_json(false))?;
        for field in ours {
            if let (false, Some(value)) = (fields.contains_key(*field), known.get(*field)) {
                fields.insert((*field).to_owned(), value.clone());
            }
        }
        Ok(())
    }
}
