//! What every handler may use: settings, catalog, snapshots, the pools in which slow work is done.

#[cfg(feature = "saml")]
use crate::auth::saml;
use crate::auth::{jwks::Keys, lti::login::Logins, oidc::Oidc, throttle::Throttle, vault::Vault};
use crate::collect::Inside;
use crate::config::Settings;
use crate::enrich::Atlas;
use crate::error::{ApiError, ApiResult, Code};
use crate::jobs::Jobs;
use crate::metrics::{Metrics, Number};
use crate::pool::Pool;
use crate::privacy::Privacy;
use engine::block::Snapshot;
use engine::catalog::Catalog;
use engine::catalog::view::CatalogView;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The server's clock: ms since 1970. Tests give a fixed one.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// What the application is made of.
pub struct Parts {
    /// Settings.
    pub settings: Settings,
    /// Sign-in.
    pub vault: Arc<Vault>,
    /// The catalog.
    pub catalog: Arc<Catalog>,
    /// The store's present snapshot.
    pub snapshot: Box<dyn Fn() -> Snapshot + Send + Sync>,
    /// How many rows could not be understood, by reason.
    pub bad_rows: Box<dyn Fn() -> BTreeMap<String, u64> + Send + Sync>,
    /// What collection counts.
    pub collection: Box<dyn Fn() -> Vec<Number> + Send + Sync>,
    /// Collection at work.
    pub inside: Arc<dyn Inside>,
    /// Exports.
    pub jobs: Jobs,
    /// Erasures and retention.
    pub privacy: Privacy,
    /// Operators' numbers.
    pub metrics: Arc<Metrics>,
    /// Clock.
    pub clock: Clock,
}

struct Inner {
    parts: Parts,
    throttle: Throttle,
    keys: Keys,
    logins: Logins,
    oidc: Oidc,
    #[cfg(feature = "saml")]
    saml: saml::SignIns,
    hashing: Semaphore,
    hashing_waiting: Semaphore,
    reports: Arc<Semaphore>,
    pool: Pool,
    waiting: AtomicU64,
    ready: AtomicBool,
}

/// The application, cheap to clone: the state of every handler.
#[derive(Clone)]
pub struct App(Arc<Inner>);

/// Passwords hashed at the same time: 19 MiB and a core each.
const HASHING: usize = 2;
/// Passwords that may wait for their turn: some 30 ms each, so the last waits a second.
const HASHING_WAITING: usize = 64;
/// More threads than any machine this runs on has processors.
const REPORT_THREADS_MAX: u64 = 1024;

impl App {
    /// Puts it together. It is ready at once.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn new(parts: Parts) -> std::io::Result<App> {
        let threads = parts.settings.report_threads.clamp(1, REPORT_THREADS_MAX) as usize;
        Ok(App(Arc::new(Inner {
            parts,
            throttle: Throttle::default(),
            keys: Keys::default(),
            logins: Logins::default(),
            oidc: Oidc::default(),
            #[cfg(feature = "saml")]
            saml: saml::SignIns::default(),
            hashing: Semaphore::new(HASHING),
            hashing_waiting: Semaphore::new(HASHING_WAITING),
            reports: Arc::new(Semaphore::new(threads)),
            pool: Pool::new(threads)?,
            waiting: AtomicU64::new(0),
            ready: AtomicBool::new(true),
        })))
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.0.parts.settings
    }
    /// Sign-in's tables.
    pub fn vault(&self) -> &Vault {
        &self.0.parts.vault
    }
    /// Attempts at signing in.
    pub fn throttle(&self) -> &Throttle {
        &self.0.throttle
    }
    /// The keys of those whose tokens are believed.
    pub fn keys(&self) -> &Keys {
        &self.0.keys
    }
    /// Launches from learning platforms that have begun.
    pub fn logins(&self) -> &Logins {
        &self.0.logins
    }
    /// Sign-ins with the identity provider that are under way.
    pub fn oidc(&self) -> &Oidc {
        &self.0.oidc
    }
    /// Sign-ins with SAML that are under way.
    #[cfg(feature = "saml")]
    pub fn saml(&self) -> &saml::SignIns {
        &self.0.saml
    }
    /// Operators' numbers.
    pub fn metrics(&self) -> &Metrics {
        &self.0.parts.metrics
    }
    /// Now, ms since 1970.
    pub fn now_ms(&self) -> i64 {
        (self.0.parts.clock)()
    }
    /// The catalog, to read records from and to change.
    pub fn catalog(&self) -> &Catalog {
        &self.0.parts.catalog
    }
    /// The catalog as it is now.
    pub fn catalog_view(&self) -> Arc<CatalogView> {
        self.0.parts.catalog.view()
    }
    /// The store as it is now.
    pub fn snapshot(&self) -> Snapshot {
        (self.0.parts.snapshot)()
    }
    /// How many rows could not be understood since the start, by reason.
    pub fn bad_rows(&self) -> BTreeMap<String, u64> {
        (self.0.parts.bad_rows)()
    }
    /// What collection has counted since the start.
    pub fn collection(&self) -> Vec<Number> {
        (self.0.parts.collection)()
    }
    /// Collection at work.
    pub fn inside(&self) -> &dyn Inside {
        &*self.0.parts.inside
    }
    /// Exports, as jobs.
    pub fn jobs(&self) -> &Jobs {
        &self.0.parts.jobs
    }
    /// Takes from the access log what has grown old, once a day. A failure is told and tried again the next day: it keeps
    /// nobody from an answer.
    pub fn sweep_access_log(&self) {
        let log = self.vault().access_log();
        match log.sweep(self.now_ms(), self.settings().access_log_days) {
            Ok(0) => {}
            Ok(records) => tracing::info!(records, "records of the access log have grown old and were removed"),
            Err(error) => tracing::error!(cause = crate::error::chain(&error), "the access log keeps old records"),
        }
    }
    /// Erasures and retention.
    pub fn privacy(&self) -> &Privacy {
        &self.0.parts.privacy
    }
    /// Whether people reach the server by https.
    pub fn is_https(&self) -> bool {
        let settings = self.settings();
        settings.public_url.as_ref().map_or(settings.tls_cert.is_some(), |url| url.scheme() == "https")
    }
    /// Whether requests are welcome.
    pub fn is_ready(&self) -> bool {
        self.0.ready.load(Ordering::Acquire)
    }
    /// Says whether requests are welcome: `false` while stopping, so that a load balancer turns away.
    pub fn set_ready(&self, ready: bool) {
        self.0.ready.store(ready, Ordering::Release);
    }

    /// Does short work that may wait for the disk.
    ///
    /// # Errors
    /// When the work panics.
    pub async fn blocking<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> ApiResult<T> {
        tokio::task::spawn_blocking(work).await.map_err(ApiError::internal)
    }

    /// Does work that hashes a password, few at a time, a bounded number waiting.
    ///
    /// # Errors
    /// 503 when too many wait; the work's own.
    pub async fn hashing<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> ApiResult<T> + Send + 'static,
    ) -> ApiResult<T> {
        let waiting = self.0.hashing_waiting.try_acquire().map_err(|_| ApiError::new(Code::Busy).retry_after(1))?;
        let _turn = self.0.hashing.acquire().await.map_err(ApiError::internal)?;
        drop(waiting);
        self.blocking(work).await?
    }

    /// Reckons a report: a few at a time, a bounded number waiting. Threads that are idle help.
    ///
    /// # Errors
    /// 503 when too many wait; the work's own.
    pub async fn report<T: Send + 'static>(
        &self,
        work: impl FnOnce(Source) -> ApiResult<T> + Send + 'static,
    ) -> ApiResult<T> {
        let waiting = Waiting::join(&self.0.waiting);
        if waiting.before >= self.settings().report_waiting {
            self.metrics().reports_refused.fetch_add(1, Ordering::Relaxed);
            return Err(ApiError::new(Code::Busy).retry_after(1));
        }
        let turn = self.0.reports.clone().acquire_owned().await.map_err(ApiError::internal)?;
        drop(waiting);
        self.metrics().reports.fetch_add(1, Ordering::Relaxed);
        let helping = self.helping();
        let wanted = Wanted::default();
        let source = self.source(1 + helping.len(), wanted.0.clone());
        let work = move || {
            let _turn = (turn, helping);
            work(source)
        };
        self.0.pool.run(work).await.ok_or_else(|| ApiError::internal("a report panicked"))?
    }

    /// The turns that nobody takes, as far as there are processors for them.
    fn helping(&self) -> Vec<OwnedSemaphorePermit> {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        (1..processors).map_while(|_| self.0.reports.clone().try_acquire_owned().ok()).collect()
    }

    /// Store and catalog as they are now, and what one answer from them may cost.
    fn source(&self, threads: usize, given_up: Arc<AtomicBool>) -> Source {
        let settings = self.settings();
        let cost = Cost {
            threads,
            memory_bytes: settings.report_memory_bytes(),
            seconds: settings.report_seconds,
            until: Some(Instant::now() + Duration::from_secs(settings.report_seconds)),
            given_up,
        };
        Source::now(self.snapshot(), self.catalog(), self.inside().atlas(), self.metrics(), self.now_ms(), cost)
    }
}

/// What one answer may cost.
#[derive(Clone, Debug)]
pub struct Cost {
    /// Threads.
    pub threads: usize,
    /// Bytes gathered.
    pub memory_bytes: usize,
    /// Seconds in all.
    pub seconds: u64,
    /// `None`: as long as it takes.
    until: Option<Instant>,
    given_up: Arc<AtomicBool>,
}

impl Cost {
    /// Without an end in time: for what is stopped by raising `given_up`.
    pub fn patient(threads: usize, memory_bytes: usize, given_up: Arc<AtomicBool>) -> Cost {
        Cost { threads, memory_bytes, seconds: 0, until: None, given_up }
    }
    /// The same for rows that go on after the request was answered: whoever reads them decides how long.
    pub fn outliving(self) -> Cost {
        match self.until {
            Some(_) => Cost::patient(self.threads, self.memory_bytes, Arc::default()),
            None => self,
        }
    }
    /// Whether it is not to go on: too long, or nobody waits any more.
    pub fn is_over(&self) -> bool {
        self.given_up.load(Ordering::Relaxed) || self.until.is_some_and(|until| Instant::now() >= until)
    }
}

/// From what answers are made: store and catalog at one instant, and what is known of places.
#[derive(Clone)]
pub struct Source {
    /// The store.
    pub snapshot: Snapshot,
    /// The catalog.
    pub catalog: Arc<CatalogView>,
    /// Where cities lie.
    pub atlas: Arc<Atlas>,
    /// Now, ms since 1970.
    pub now_ms: i64,
    /// Events have been taken that the snapshot does not have yet.
    pub behind: bool,
    /// What an answer may cost.
    pub cost: Cost,
}

impl Source {
    /// Store and catalog as they are now.
    pub fn now(
        snapshot: Snapshot,
        catalog: &Catalog,
        atlas: Arc<Atlas>,
        metrics: &Metrics,
        now_ms: i64,
        cost: Cost,
    ) -> Source {
        let behind = metrics.fold_lag.load(Ordering::Relaxed) > 0;
        Source { snapshot, catalog: catalog.view(), atlas, now_ms, behind, cost }
    }
}

/// Raised when the one who waits for a report goes away.
#[derive(Default)]
struct Wanted(Arc<AtomicBool>);

impl Drop for Wanted {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A place in the queue; given up when the request goes away.
struct Waiting<'a> {
    count: &'a AtomicU64,
    before: u64,
}

impl Waiting<'_> {
    fn join(count: &AtomicU64) -> Waiting<'_> {
        Waiting { count, before: count.fetch_add(1, Ordering::Relaxed) }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::Relaxed);
    }
}
