//! Collection: what players send becomes events, durable before they are acknowledged.
//!
//! The way of a request: `wire` merges path, query and body into parameters; `kaltura`, `legacy` or `own` read
//! them into a draft event; `identity` decides who is watching; enrichment turns address, user agent and page address
//! into values; the [`EventSink`] makes the event durable; only then comes the answer. What cannot be understood goes to
//! `bad_rows`, just as durable. Everything but the rim (this file and the three handlers) is plain functions.
//!
//! Addresses, user agents, sessions (KS) and tokens live in memory for the length of one request and no longer.

pub mod address;
pub mod bad_rows;
pub mod identity;
pub mod import;
pub mod kaltura;
pub mod ks;
pub mod legacy;
pub mod limits;
pub mod own;
pub mod receive;
pub mod pulse;
pub mod redact;
pub mod routes;
pub mod skew;
pub mod token;
pub mod wire;

pub use receive::{Clock, Collect, Doors, Settings, clock_from, wall_clock};
pub use routes::routes;

use crate::enrich::rules::Rules;
use crate::enrich::{Atlas, Enricher, Hints, Point, place};
pub use engine::catalog::{Account, KnownEntry, Limited, Secret, Site, TokenAlgorithm};

use bad_rows::{BadRow, Count, Group};
use engine::event::{AccountId, Event, Facts, PersonKey, Text};
use skew::Skews;
use std::collections::BTreeMap;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use wire::Reason;

/// The outcome of [`EventSink::submit`], in the future.
pub type Submitted<'a> = Pin<Box<dyn Future<Output = Result<(), SinkError>> + Send + 'a>>;

/// Why something could not be made durable. Both are answered 503; nothing else ever is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SinkError {
    /// The disk is full, or its floor of free space is reached.
    #[error("the disk is full")]
    Full,
    /// Writing or syncing has failed.
    #[error("the events could not be made durable")]
    Failed,
}

/// Where understood events go.
pub trait EventSink: Send + Sync {
    /// Resolves once all of `events` are durable, or none of them is acknowledged.
    fn submit(&self, events: Vec<Event>) -> Submitted<'_>;
}

/// The catalog could not make something durable.
#[derive(Debug, thiserror::Error)]
#[error("the catalog could not be written")]
pub struct DirectoryError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// The catalog as collection sees it. Implemented for the engine's catalog.
pub trait Directory: Send + Sync {
    /// An account, if it exists. Called for every event: must not touch the disk.
    fn account(&self, id: AccountId) -> Option<Arc<Account>>;
    /// The key of a person who has one. Must not touch the disk.
    fn known_person(&self, account: AccountId, user_id: &str) -> Option<PersonKey>;
    /// The key of a person, made from `fresh` if there is none; durable when it returns. `None` beyond the limit of
    /// people. May block.
    fn person(
        &self,
        account: AccountId,
        user_id: &str,
        fresh: &mut dyn FnMut() -> u64,
    ) -> Result<Option<PersonKey>, DirectoryError>;
    /// A recording, if the catalog has it. Must not touch the disk.
    fn entry(&self, account: AccountId, entry: &str) -> Option<KnownEntry>;
    /// Whether a domain or page may stand in rows as it is; beyond the account's limit only known ones may. `new`: it may
    /// take a place. Must not touch the disk.
    fn admits(&self, account: AccountId, what: Limited, word: &str, new: bool) -> bool;
    /// Recordings first seen in events: they appear unconfirmed, within the account's limit. May block.
    fn note_entries(&self, account: AccountId, entries: &[Text]) -> Result<(), DirectoryError>;
}

/// Turns what must not be kept into values that may. Implemented for `crate::enrich`'s enricher.
pub trait Enrich: Send + Sync {
    /// Sets country, region, city and the source of the place; where the city lies.
    fn place(&self, address: IpAddr, facts: &mut Facts) -> Option<Point>;
    /// Sets device, operating system and browser; tells whether it is a bot.
    fn agent(&self, user_agent: &str, hints: &Hints<'_>, facts: &mut Facts) -> bool;
    /// Sets domain and page from the page's address (plain text; empty when the sender gave none). `whole`: the sender
    /// vouches that it is the page's whole address, not cut to its origin by the browser.
    fn page(&self, referrer: &str, whole: bool, facts: &mut Facts);
    /// The domain rules by which pages are cleaned.
    fn rules(&self) -> Arc<Rules> {
        Arc::new(Rules::built_in(&[]))
    }
    /// What the place data is; `None`: there is none.
    fn place_source(&self) -> Option<place::Source> {
        None
    }
    /// Where cities lie; collection teaches it.
    fn atlas(&self) -> Arc<Atlas> {
        Arc::default()
    }
}

impl Enrich for Enricher {
    fn place(&self, address: IpAddr, facts: &mut Facts) -> Option<Point> {
        let place = Enricher::place(self, address);
        place.fill(facts);
        place.point
    }
    fn agent(&self, user_agent: &str, hints: &Hints<'_>, facts: &mut Facts) -> bool {
        let agent = Enricher::agent(self, user_agent, hints);
        agent.fill(facts);
        agent.bot
    }
    fn page(&self, referrer: &str, whole: bool, facts: &mut Facts) {
        let page = if whole { self.whole_page(referrer) } else { Enricher::page(self, referrer) };
        page.fill(facts);
    }
    fn rules(&self) -> Arc<Rules> {
        Enricher::rules(self)
    }
    fn place_source(&self) -> Option<place::Source> {
        Some(Enricher::place_source(self))
    }
    fn atlas(&self) -> Arc<Atlas> {
        Enricher::atlas(self).clone()
    }
}

/// What reports ask of collection at work.
pub trait Inside: Send + Sync {
    /// The domain rules of the installation.
    fn rules(&self) -> Arc<Rules>;
    /// What the place data is.
    fn place_source(&self) -> Option<place::Source>;
    /// Where cities lie.
    fn atlas(&self) -> Arc<Atlas>;
    /// Events of an account (of all: `None`) by minute over the last hours: first instant and how many.
    fn pulse(&self, account: Option<AccountId>, now_ms: i64) -> Vec<(i64, u64)>;
    /// Rows that could not be understood, by account (0: none that exists) and reason.
    fn bad_rows(&self) -> BTreeMap<Group, Count>;
    /// The last row of an account and reason that is kept.
    fn bad_row(&self, account: AccountId, reason: Reason) -> Option<BadRow>;
    /// How far senders' clocks stood from ours, as far as that is not kept yet.
    fn skews(&self) -> &Skews;
}

impl Inside for Collect {
    fn rules(&self) -> Arc<Rules> {
        self.enrich().rules()
    }
    fn place_source(&self) -> Option<place::Source> {
        self.enrich().place_source()
    }
    fn atlas(&self) -> Arc<Atlas> {
        self.enrich().atlas()
    }
    fn pulse(&self, account: Option<AccountId>, now_ms: i64) -> Vec<(i64, u64)> {
        Collect::pulse(self).told(account, now_ms)
    }
    fn bad_rows(&self) -> BTreeMap<Group, Count> {
        Collect::bad_rows(self).counts()
    }
    fn bad_row(&self, account: AccountId, reason: Reason) -> Option<BadRow> {
        Collect::bad_rows(self).last((account.0, reason)).unwrap_or_else(|error| {
            tracing::warn!(cause = crate::error::chain(&error), "a bad row cannot be read");
            None
        })
    }
    fn skews(&self) -> &Skews {
        Collect::skews(self)
    }
}
