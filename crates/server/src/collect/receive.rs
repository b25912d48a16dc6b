//! The rim: requests come in, events and bad rows go out, and only then the answer.

use super::address;
use super::bad_rows::{self, BadRow, BadRows, Raw, Route, Seen};
use super::identity::{self, Credentials, Identity};
use super::kaltura::{self, Draft};
use super::limits::{self, Limits};
use super::pulse::Pulse;
use super::skew::Skews;
use super::wire::{Parameters, Reason, Refusal, Request};
use super::{Account, Directory, Enrich, EventSink, Limited, SinkError, legacy, own};
use crate::config::Network;
use crate::enrich::Hints;
use crate::privacy::page;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use engine::catalog::OTHER;
use engine::event::{AccountId, Event, EventKind, IdentityRefusal, PersonKey, Text, Who};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// Milliseconds since 1970: the server's clock, or a test's.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The wall clock.
pub fn wall_clock() -> Clock {
    Arc::new(|| {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    })
}

/// A clock that shows `at_ms` now and goes on from there.
pub fn clock_from(at_ms: i64) -> Clock {
    let wall = wall_clock();
    let ahead = at_ms - wall();
    Arc::new(move || wall() + ahead)
}

/// What an operator may set.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// Networks whose many viewers share few addresses: not limited by address.
    pub shared_networks: Vec<Network>,
    /// Plain user ids are believed on every account, also on those that do not say so.
    pub unsigned_users: bool,
}

/// What collection is built from.
pub struct Doors {
    /// Where events go.
    pub sink: Arc<dyn EventSink>,
    /// The catalog.
    pub directory: Arc<dyn Directory>,
    /// The enrichment.
    pub enrich: Arc<dyn Enrich>,
    /// Where what is not understood goes.
    pub bad_rows: BadRows,
    /// The clock.
    pub clock: Clock,
    /// Settings.
    pub settings: Settings,
}

/// Numbers since the start, for `/metrics` and the health page. Bad rows have their own ([`BadRows::counts`]).
#[derive(Debug, Default)]
pub struct Counters {
    /// Events made durable.
    pub events: AtomicU64,
    /// Of these, by bots.
    pub bots: AtomicU64,
    /// Of these, flagged as flood.
    pub floods: AtomicU64,
    /// Of these, with a name that came without proof and was refused.
    pub identity_unsigned: AtomicU64,
    /// Of these, with a KS or token that did not verify.
    pub identity_invalid: AtomicU64,
    /// Of these, whose person the catalog had no room for.
    pub people_over_limit: AtomicU64,
    /// Of these, whose domain or page is beyond the account's limit and counts as `other`.
    pub pages_over_limit: AtomicU64,
    /// Entries that could not be noted in the catalog.
    pub entries_not_noted: AtomicU64,
    /// Requests answered 503.
    pub unavailable: AtomicU64,
    /// Own-route requests answered 429.
    pub too_many: AtomicU64,
    /// Instant of the last durable event, ms since 1970; 0 before the first.
    pub last_event_ms: AtomicI64,
}

/// Collection's state, shared by its routes.
pub struct Collect {
    parts: Doors,
    limits: Limits,
    counters: Counters,
    pulse: Pulse,
    skews: Skews,
    noted: quick_cache::sync::Cache<(AccountId, Text), ()>,
    to_note: Mutex<Vec<(AccountId, Text)>>,
    noting: tokio::sync::Mutex<()>,
}

/// Entries remembered as already told to the catalog: 100,000 of some 60 bytes are 6 MB at most.
const NOTED_MAX: usize = 100_000;

/// What is known of a sender: from its headers now, or from a bad row later.
pub(super) enum Sender {
    Live {
        address: Option<IpAddr>,
        user_agent: String,
        mobile: Option<String>,
        form_factors: Option<String>,
    },
    /// A line of an operator's file: not limited in rate, and its plain user ids are the operator's word.
    Imported {
        address: Option<IpAddr>,
        user_agent: String,
    },
    Replayed {
        seen: Seen,
        bot: bool,
        who: Option<Who>,
        flood: bool,
    },
}

/// One arrival of something.
pub(super) struct Arrival {
    pub(super) received_ms: i64,
    pub(super) path: String,
    pub(super) sender: Sender,
    /// `Sec-GPC` or `DNT`.
    pub(super) private: bool,
}

/// What is put aside, and what could be told of it.
pub(super) struct Refused<'a> {
    pub(super) route: Route,
    pub(super) account: Option<AccountId>,
    pub(super) credentials: Credentials,
    pub(super) refusal: &'a Refusal,
    pub(super) raw: Raw<'a>,
    pub(super) sent_ms: Option<i64>,
}

/// What became of one event.
pub(super) enum Outcome {
    Event(Box<Event>),
    Refused(Refusal),
}

impl Collect {
    /// Collection over its parts.
    pub fn new(parts: Doors) -> Collect {
        Collect {
            parts,
            limits: Limits::default(),
            counters: Counters::default(),
            pulse: Pulse::default(),
            skews: Skews::default(),
            noted: quick_cache::sync::Cache::new(NOTED_MAX),
            to_note: Mutex::default(),
            noting: tokio::sync::Mutex::default(),
        }
    }

    /// Numbers since the start.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Events by minute.
    pub fn pulse(&self) -> &Pulse {
        &self.pulse
    }

    /// How far senders' clocks stood from ours.
    pub fn skews(&self) -> &Skews {
        &self.skews
    }

    /// The enrichment.
    pub fn enrich(&self) -> &dyn Enrich {
        &*self.parts.enrich
    }

    /// The bad rows.
    pub fn bad_rows(&self) -> &BadRows {
        &self.parts.bad_rows
    }

    /// Bad rows received since the beginning, by reason.
    pub fn bad_rows_by_reason(&self) -> BTreeMap<String, u64> {
        let mut by_reason = BTreeMap::new();
        for ((_, reason), count) in self.parts.bad_rows.counts() {
            *by_reason.entry(reason.name().to_owned()).or_default() += count.received;
        }
        by_reason
    }

    /// Collection's numbers for operators: name, meaning, value.
    pub fn numbers(&self) -> Vec<(&'static str, &'static str, u64)> {
        let counters = &self.counters;
        let evicted = self.parts.bad_rows.counts().values().map(|count| count.evicted).sum();
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        vec![
            ("playhead_collected_total", "Events understood and handed to the journal.", count(&counters.events)),
            ("playhead_collected_bots_total", "Of these, by bots.", count(&counters.bots)),
            ("playhead_collected_floods_total", "Of these, above a rate limit.", count(&counters.floods)),
            (
                "playhead_identity_unsigned_total",
                "Of these, with a name without proof that was refused.",
                count(&counters.identity_unsigned),
            ),
            (
                "playhead_identity_invalid_total",
                "Of these, with a KS or token that does not verify.",
                count(&counters.identity_invalid),
            ),
            (
                "playhead_people_over_limit_total",
                "Events of people beyond the catalog's limit.",
                count(&counters.people_over_limit),
            ),
            (
                "playhead_pages_over_limit_total",
                "Events whose domain or page is beyond the account's limit and counts as other.",
                count(&counters.pages_over_limit),
            ),
            (
                "playhead_entries_not_noted_total",
                "New recordings the catalog could not note.",
                count(&counters.entries_not_noted),
            ),
            ("playhead_collect_unavailable_total", "Requests answered 503.", count(&counters.unavailable)),
            ("playhead_collect_too_many_total", "Batches answered 429.", count(&counters.too_many)),
            ("playhead_bad_rows_evicted_total", "Bad rows that went by quota or age.", evicted),
        ]
    }

    pub(super) fn now_ms(&self) -> i64 {
        (self.parts.clock)()
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(super) fn arrival(&self, head: &Parts) -> Arrival {
        let text = |name: &str| {
            head.headers.get(name).map(|value| {
                let text = String::from_utf8_lossy(value.as_bytes());
                super::wire::cut(&text, limits::FIELD_BYTES_MAX).to_owned()
            })
        };
        let peer = head.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
        let forwarded = head.headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
        Arrival {
            received_ms: self.now_ms(),
            path: head.uri.path().to_owned(),
            sender: Sender::Live {
                address: address::sender(peer, forwarded, &self.parts.settings.trusted_proxies),
                user_agent: text("user-agent").unwrap_or_default(),
                mobile: text("sec-ch-ua-mobile"),
                form_factors: text("sec-ch-ua-form-factors"),
            },
            private: is_one(&head.headers, "sec-gpc")
                || is_one(&head.headers, "dnt")
                || page::has_opted_out(&head.headers),
        }
    }

    /// Whether one more event is over a limit. Takes from every bucket, so that each limit counts all events.
    fn flood(&self, arrival: &Arrival, event: &Event) -> bool {
        let now_ms = arrival.received_ms;
        let take = |key: (u8, u64, &str), rate| self.limits.take(key, rate, now_ms);
        let account = u64::from(event.account.0);
        let mut within = take((1, account, ""), limits::ACCOUNT_RATE);
        if let Some(key) = self.address_key(arrival) {
            within &= take((2, key, ""), limits::ADDRESS_RATE);
        }
        if !event.session.is_empty() {
            within &= take((3, account, &event.session), limits::SESSION_RATE);
            if event.kind == EventKind::PLAY {
                within &= take((4, account, &event.session), limits::PLAY_RATE);
            }
        }
        !within
    }

    /// The key by which an arrival is limited by address, if it is.
    pub(super) fn address_key(&self, arrival: &Arrival) -> Option<u64> {
        let Sender::Live { address: Some(address), .. } = &arrival.sender else { return None };
        let shared = self.parts.settings.shared_networks.iter().any(|network| network.contains(*address));
        if shared { None } else { limits::address_key(*address) }
    }

    /// A draft becomes an event: account, person, place, device, page.
    pub(super) async fn complete(&self, draft: Draft, arrival: &Arrival) -> Result<Outcome, SinkError> {
        let Draft { mut event, credentials, referrer, whole_page, touch_points } = draft;
        let Some(account) = self.parts.directory.account(event.account) else {
            let refusal = Refusal { reason: Reason::Protocol, detail: "unknown account" };
            return Ok(Outcome::Refused(refusal));
        };
        event.received_ms = arrival.received_ms;
        if event.at_ms == 0 {
            event.at_ms = arrival.received_ms;
        }
        let mut point = None;
        match &arrival.sender {
            Sender::Live { address, user_agent, mobile, form_factors } => {
                let identity = self.identify(event.account, &account, &credentials, arrival);
                event.who = self.who(event.account, &identity).await?;
                if let Some(context) = &identity.context {
                    event.facts.proved_context = text(context);
                }
                if let (true, Some(named)) = (event.facts.virtual_event.is_empty(), &identity.virtual_event) {
                    event.facts.virtual_event = text(named);
                }
                if let Some(address) = address {
                    point = self.parts.enrich.place(*address, &mut event.facts);
                }
                let hints = Hints { mobile: mobile.as_deref(), form_factors: form_factors.as_deref(), touch_points };
                event.bot = self.parts.enrich.agent(user_agent, &hints, &mut event.facts);
                if self.flood(arrival, &event) {
                    event.suspect = "flood".into();
                }
            }
            Sender::Imported { address, user_agent } => {
                let identity = self.identify(event.account, &account, &credentials, arrival);
                event.who = self.who(event.account, &identity).await?;
                if let Some(address) = address {
                    point = self.parts.enrich.place(*address, &mut event.facts);
                }
                event.bot = self.parts.enrich.agent(user_agent, &Hints::default(), &mut event.facts);
            }
            Sender::Replayed { seen, bot, who, flood } => {
                event.who = match who {
                    Some(who) => *who,
                    // The account did not exist then, so nothing was settled; proof was not kept, a plain name was.
                    None => {
                        let claimed = Credentials { user: credentials.user, ..Credentials::default() };
                        let identity = self.identify(event.account, &account, &claimed, arrival);
                        self.who(event.account, &identity).await?
                    }
                };
                seen.fill(&mut event.facts);
                event.bot = *bot;
                if *flood {
                    event.suspect = "flood".into();
                }
            }
        }
        self.parts.enrich.page(&referrer, whole_page, &mut event.facts);
        // Who asks not to be tracked, and is nobody we know, is counted without page and finer place.
        if arrival.private && event.who.person == PersonKey::UNKNOWN {
            event.facts.region = Text::default();
            event.facts.city = Text::default();
            event.facts.page = Text::default();
        }
        if let Some(point) = point {
            let facts = &event.facts;
            self.parts.enrich.atlas().learn(&facts.country, &facts.region, &facts.city, point);
        }
        drop_personal(&account, &mut event);
        self.limit_pages(&mut event);
        let known = self.parts.directory.entry(event.account, &event.entry);
        if let Some(length) = known.and_then(|entry| entry.duration_ms) {
            event.duration_ms = Some(length);
        }
        Ok(Outcome::Event(Box::new(event)))
    }

    /// Domains and pages beyond the account's limit become `other`.
    fn limit_pages(&self, event: &mut Event) {
        let new = !event.bot && event.suspect.is_empty();
        let (account, facts) = (event.account, &mut event.facts);
        let admits = |what, word: &Text| word.is_empty() || self.parts.directory.admits(account, what, word, new);
        if !admits(Limited::Domain, &facts.domain) {
            facts.domain = OTHER.into();
            facts.page = OTHER.into();
        } else if !admits(Limited::Page, &facts.page) {
            facts.page = OTHER.into();
        } else {
            return;
        }
        self.counters.pages_over_limit.fetch_add(1, Ordering::Relaxed);
    }

    fn identify(&self, id: AccountId, account: &Account, credentials: &Credentials, arrival: &Arrival) -> Identity {
        let address = match &arrival.sender {
            Sender::Live { address, .. } => *address,
            // A KS may be bound to an address; the past's need not be the file's.
            Sender::Imported { .. } | Sender::Replayed { .. } => None,
        };
        let now_s = arrival.received_ms.div_euclid(1000);
        let believe = self.parts.settings.unsigned_users || matches!(arrival.sender, Sender::Imported { .. });
        let believing;
        let account = if believe && !account.unsigned_users && credentials.user.is_some() {
            believing = Account { unsigned_users: true, ..account.clone() };
            &believing
        } else {
            account
        };
        identity::decide(id, account, credentials, address, &arrival.path, now_s)
    }

    /// The person's key, made durable if it is new.
    async fn who(&self, account: AccountId, identity: &Identity) -> Result<Who, SinkError> {
        let mut who = Who { refusal: identity.refusal, staff: identity.staff, ..Who::default() };
        let Some(user) = &identity.user else { return Ok(who) };
        let key = match self.parts.directory.known_person(account, user) {
            Some(key) => Some(key),
            None => {
                let (directory, user) = (Arc::clone(&self.parts.directory), user.clone());
                let made = tokio::task::spawn_blocking(move || {
                    // 0 is nobody.
                    directory.person(account, &user, &mut || rand::random::<u64>().max(1))
                });
                match made.await {
                    Ok(Ok(key)) => key,
                    Ok(Err(error)) => {
                        tracing::error!(error = &error as &dyn std::error::Error, "a person could not be noted");
                        return Err(SinkError::Failed);
                    }
                    Err(_) => return Err(SinkError::Failed),
                }
            }
        };
        match key {
            Some(key) => {
                who.person = key;
                who.proof = identity.proof;
            }
            None => {
                self.counters.people_over_limit.fetch_add(1, Ordering::Relaxed);
            }
        }
        Ok(who)
    }

    /// Makes events durable; recordings never seen before appear in the catalog meanwhile.
    pub(super) async fn submit(&self, events: Vec<Event>) -> Result<(), SinkError> {
        if events.is_empty() {
            return Ok(());
        }
        let counters = &self.counters;
        let count = |counter: &AtomicU64, which: &dyn Fn(&&Event) -> bool| {
            counter.fetch_add(events.iter().filter(which).count() as u64, Ordering::Relaxed);
        };
        let last_ms = events.iter().map(|event| event.received_ms).max().unwrap_or_default();
        let unseen: Vec<(AccountId, Text)> = events
            .iter()
            .filter(|event| !event.entry.is_empty() && !event.bot && event.suspect.is_empty())
            .filter(|event| self.parts.directory.entry(event.account, &event.entry).is_none())
            .map(|event| (event.account, event.entry.clone()))
            .filter(|key| self.noted.get(key).is_none())
            .collect();
        count(&counters.events, &|_| true);
        let mut by_account: BTreeMap<AccountId, u64> = BTreeMap::new();
        events.iter().for_each(|event| *by_account.entry(event.account).or_default() += 1);
        count(&counters.bots, &|event| event.bot);
        count(&counters.floods, &|event| !event.suspect.is_empty());
        count(&counters.identity_unsigned, &|event| event.who.refusal == IdentityRefusal::Unsigned);
        count(&counters.identity_invalid, &|event| event.who.refusal == IdentityRefusal::Invalid);
        let durable = if unseen.is_empty() {
            self.parts.sink.submit(events).await
        } else {
            tokio::join!(self.parts.sink.submit(events), self.note(unseen)).0
        };
        match durable {
            Ok(()) => {
                let now_ms = self.now_ms();
                by_account.iter().for_each(|(account, events)| self.pulse.beat(*account, *events, now_ms));
                counters.last_event_ms.fetch_max(last_ms, Ordering::Relaxed)
            }
            Err(_) => i64::try_from(counters.unavailable.fetch_add(1, Ordering::Relaxed)).unwrap_or_default(),
        };
        durable
    }

    /// Tells the catalog about recordings: one write for all that arrived meanwhile. A failure loses no event, and the
    /// recording's next event tells again.
    async fn note(&self, unseen: Vec<(AccountId, Text)>) {
        self.to_note.lock().expect("no code panics while it holds the list").extend(unseen);
        let _turn = self.noting.lock().await;
        let mut batch = std::mem::take(&mut *self.to_note.lock().expect("no code panics while it holds the list"));
        if batch.is_empty() {
            // The one before us took ours along.
            return;
        }
        batch.sort();
        batch.dedup();
        let (directory, told) = (Arc::clone(&self.parts.directory), batch.clone());
        let noted = tokio::task::spawn_blocking(move || {
            told.chunk_by(|one, two| one.0 == two.0).try_for_each(|of_account| {
                let entries: Vec<Text> = of_account.iter().map(|(_, entry)| entry.clone()).collect();
                directory.note_entries(of_account[0].0, &entries)
            })
        });
        match noted.await {
            Ok(Ok(())) => batch.into_iter().for_each(|key| self.noted.insert(key, ())),
            _ => {
                self.counters.entries_not_noted.fetch_add(batch.len() as u64, Ordering::Relaxed);
                tracing::error!(entries = batch.len(), "new recordings could not be noted in the catalog");
            }
        }
    }

    /// A bad row with all that an arrival tells, durable when it returns.
    pub(super) async fn put_aside(&self, arrival: &Arrival, refused: Refused<'_>) -> Result<(), SinkError> {
        let Refused { route, account, credentials, refusal, raw, sent_ms } = refused;
        let found = account.and_then(|id| self.parts.directory.account(id));
        let mut row = bad_rows::row(route, account, found.is_some(), refusal.reason, refusal.detail);
        raw.fill(&mut row);
        row.received_ms = arrival.received_ms;
        row.sent_ms = sent_ms;
        row.private = arrival.private;
        if let Sender::Live { address, user_agent, mobile, form_factors } = &arrival.sender {
            let mut facts = engine::event::Facts::default();
            if let Some(address) = address {
                self.parts.enrich.place(*address, &mut facts);
            }
            let hints = Hints { mobile: mobile.as_deref(), form_factors: form_factors.as_deref(), touch_points: None };
            row.bot = self.parts.enrich.agent(user_agent, &hints, &mut facts);
            row.seen = Seen::of(&facts);
            row.flood = self
                .address_key(arrival)
                .is_some_and(|key| !self.limits.take((2u8, key, ""), limits::ADDRESS_RATE, arrival.received_ms));
        }
        if let (Some(id), Some(account)) = (account, &found) {
            let identity = self.identify(id, account, &credentials, arrival);
            row.who = Some(self.who(id, &identity).await?);
        }
        // As for an event: who asks not to be tracked, and is nobody we know.
        if arrival.private && row.who.is_none_or(|who| who.person == PersonKey::UNKNOWN) {
            row.seen.region = Text::default();
            row.seen.city = Text::default();
        }
        self.parts.bad_rows.put(row).await
    }

    /// Counts a request that is answered 503 although no event was submitted.
    pub(super) fn count_unavailable(&self) {
        self.counters.unavailable.fetch_add(1, Ordering::Relaxed);
    }

    /// Reads a bad row again through today's parser. `Ok(true)`: its event is durable now.
    async fn replay_row(&self, row: &BadRow) -> Result<bool, SinkError> {
        if row.cut {
            return Ok(false);
        }
        let arrival = Arrival {
            received_ms: row.received_ms,
            path: row.path.clone(),
            sender: Sender::Replayed { seen: row.seen.clone(), bot: row.bot, who: row.who, flood: row.flood },
            private: row.private,
        };
        let draft = match row.route {
            Route::Own => serde_json::from_str(&row.body)
                .map_err(|_| Refusal { reason: Reason::Format, detail: "the body is not valid JSON" })
                .and_then(|event| own::parameters(&event))
                .and_then(|from| own::read(from, row.sent_ms, row.received_ms)),
            Route::Kaltura | Route::Legacy => Parameters::of_url(&row.path, &row.query)
                .and_then(|url| read(row.route, url, &row.content_type, row.body.as_bytes())),
        };
        let Ok(draft) = draft else { return Ok(false) };
        match self.complete(draft, &arrival).await? {
            Outcome::Event(event) => self.submit(vec![*event]).await.map(|()| true),
            Outcome::Refused(_) => Ok(false),
        }
    }

    /// Replays all bad rows that were not yet, or those that `wanted` picks. Rows that are understood now become events
    /// and are marked done; the others stay. A crash between the two can leave a row to be replayed again: its event is
    /// then a repeat, left out where events carry an index or an id.
    pub async fn replay(
        &self,
        storage: &dyn engine::storage::Storage,
        wanted: &(dyn Fn(&BadRow) -> bool + Send + Sync),
    ) -> Result<Replayed, ReplayError> {
        let mut replayed = Replayed::default();
        let rows = bad_rows::list(storage)?.into_iter().filter(|listed| !listed.done && wanted(&listed.row));
        let mut done = Vec::new();
        let mut failed = None;
        for listed in rows {
            match self.replay_row(&listed.row).await {
                Ok(true) => done.push(listed.row),
                Ok(false) if listed.row.cut => replayed.cut += 1,
                Ok(false) => replayed.still_bad += 1,
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        replayed.events = done.len() as u64;
        bad_rows::mark_done(storage, &done)?;
        match failed {
            Some(error) => Err(error.into()),
            None => Ok(replayed),
        }
    }
}

/// What a replay did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Rows that became events.
    pub events: u64,
    /// Rows that are still not understood.
    pub still_bad: u64,
    /// Rows of which too little was kept.
    pub cut: u64,
}

/// Why a replay stopped. What was replayed before is marked done.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The bad rows could not be read or marked.
    #[error("cannot read or mark the bad rows")]
    Storage(#[from] engine::storage::StorageError),
    /// Events could not be made durable.
    #[error("cannot keep the events")]
    Sink(#[from] SinkError),
}

/// Reads a request of one of Kaltura's routes: the parameters of its URL, and its body.
pub(super) fn read(route: Route, url: Parameters, content_type: &str, body: &[u8]) -> Result<Draft, Refusal> {
    let mut from = url;
    from.add_body(content_type, body)?;
    match route {
        Route::Legacy => legacy::read(from),
        _ => kaltura::read(from),
    }
}

/// Account and credentials of a request that could not be read, as far as they can be told.
pub(super) fn salvage(request: &Request<'_>) -> (Option<AccountId>, Credentials) {
    let mut from = Parameters::of_url(request.path, request.query).unwrap_or_default();
    let mut whole = from.clone();
    if whole.add_body(request.content_type, request.body).is_ok() {
        from = whole;
    }
    (kaltura::account(&from), kaltura::credentials(&mut from))
}

fn drop_personal(account: &Account, event: &mut Event) {
    if account.personal_vars.is_empty() {
        return;
    }
    let personal = |names: [&str; 2]| names.iter().any(|name| account.personal_vars.contains(*name));
    let facts = &mut event.facts;
    for (names, value) in [
        (["customVar1", "custom_var_1"], &mut facts.custom_var_1),
        (["customVar2", "custom_var_2"], &mut facts.custom_var_2),
        (["customVar3", "custom_var_3"], &mut facts.custom_var_3),
    ] {
        if personal(names) {
            *value = Text::default();
        }
    }
    event.vars.retain(|(name, _)| !account.personal_vars.contains(name));
}

fn text(value: &str) -> Text {
    super::wire::cut(value, engine::limits::TEXT_BYTES_MAX).into()
}

fn is_one(headers: &HeaderMap, name: &str) -> bool {
    headers.get(name).is_some_and(|value| value.as_bytes() == b"1")
}

/// A body, as far as it was read, and its size as far as it was counted.
pub(super) struct Received {
    pub(super) bytes: Vec<u8>,
    pub(super) size: u64,
}

/// Reads a body up to its bound, and counts somewhat further. `None`: the sender broke off.
pub(super) async fn read_body(mut body: Body) -> Option<Received> {
    let mut received = Received { bytes: Vec::new(), size: 0 };
    loop {
        let frame = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await;
        let chunk: Bytes = match frame {
            None => return Some(received),
            Some(Err(_)) => return None,
            Some(Ok(frame)) => match frame.into_data() {
                Ok(chunk) => chunk,
                Err(_) => continue,
            },
        };
        received.size += chunk.len() as u64;
        let room = limits::BODY_BYTES_MAX.saturating_sub(received.bytes.len());
        received.bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if received.size > limits::BODY_BYTES_COUNTED_MAX as u64 {
            return Some(received);
        }
    }
}

/// The content type, as text.
pub(super) fn content_type(headers: &HeaderMap) -> &str {
    headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}
