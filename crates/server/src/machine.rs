//! A data folder in operation: catalog, journal, fold and store at work, with collection in front. `serve`, `import`,
//! `demo` and the replay of bad rows all run the same machine; only one may run on a folder at a time.

mod exchange;

pub use exchange::{ExchangeError, Exchanger};

use crate::collect::bad_rows::BadRows;
use crate::collect::{self, Clock, Collect, Doors, Enrich};
use crate::config::{GeoPrecision, Settings, UnsignedUsers};
use crate::enrich::{self, Enricher};
use crate::error::chain;
use crate::metrics::Metrics;
use crate::writer::{self, Folder, Threads, Writer};
use engine::block::Snapshot;
use engine::catalog::Catalog;
use engine::engine::Opened;
use engine::event::Event;
use engine::manifest::Manifest;
use engine::manifest::SqliteManifest;
use engine::storage::Storage;
use engine::storage::files::FileStorage;
use engine::store::{Maintained, Options, Reader, Store};
use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;
use thiserror::Error;

/// Why a folder cannot be put in operation.
#[derive(Debug, Error)]
pub enum MachineError {
    /// The folder cannot be made or entered.
    #[error("cannot use the data folder {path}")]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// There is nothing to look at.
    #[error("there is no data in {path}; say with --data where it is")]
    Absent {
        /// Which.
        path: PathBuf,
    },
    /// Another program works on it.
    #[error("another playhead works on {path}; stop it first")]
    Locked {
        /// Which.
        path: PathBuf,
    },
    /// Storage.
    #[error(transparent)]
    Storage(#[from] engine::storage::StorageError),
    /// Catalog.
    #[error(transparent)]
    Catalog(#[from] engine::catalog::CatalogError),
    /// Manifest.
    #[error(transparent)]
    Manifest(#[from] engine::manifest::ManifestError),
    /// Engine.
    #[error(transparent)]
    Engine(#[from] engine::engine::EngineError),
    /// Threads.
    #[error("the system gives no thread")]
    Thread(#[from] std::io::Error),
}

/// A data folder: where its parts are. Looking takes no lock, so that `link`, `account` and `check` work beside a server.
#[derive(Clone, Debug)]
pub struct DataFolder(PathBuf);

impl DataFolder {
    /// The folder of the settings; made, for its owner only, if it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(settings: &Settings) -> Result<DataFolder, MachineError> {
        let path = settings.data.clone();
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.recursive(true).create(&path).map_err(|source| MachineError::Folder { path: path.clone(), source })?;
        Ok(DataFolder(path))
    }
    /// The folder of the settings, if there are data in it: for commands that only look.
    ///
    /// # Errors
    /// When there are none.
    pub fn existing(settings: &Settings) -> Result<DataFolder, MachineError> {
        let folder = DataFolder(settings.data.clone());
        match folder.catalog_file().exists() {
            true => Ok(folder),
            false => Err(MachineError::Absent { path: folder.0 }),
        }
    }
    /// Its store as it is now, also while another program works on it; damage is logged.
    ///
    /// # Errors
    /// When something of it cannot be read, or it never holds still.
    pub fn look(&self, settings: &Settings) -> Result<Snapshot, MachineError> {
        let manifest = SqliteManifest::open(&self.catalog_file())?;
        let (snapshot, report) = engine::engine::look(&FileStorage::open(&self.0, 0)?, &manifest, options(settings))?;
        tell(&report);
        Ok(snapshot)
    }
    /// The folder.
    pub fn path(&self) -> &Path {
        &self.0
    }
    /// The SQLite file: catalog, sign-in, manifest.
    pub fn catalog_file(&self) -> PathBuf {
        self.0.join("catalog.sqlite")
    }
    /// Its files; refuses to write below a floor of free bytes.
    ///
    /// # Errors
    /// When the folder cannot be entered.
    pub fn storage(&self, floor_bytes: u64) -> Result<Arc<FileStorage>, MachineError> {
        Ok(Arc::new(FileStorage::open(&self.0, floor_bytes)?))
    }
    /// Its catalog.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn catalog(&self, now_ms: i64) -> Result<Arc<Catalog>, MachineError> {
        Ok(Arc::new(Catalog::open(&self.catalog_file(), now_ms)?))
    }
    /// The right to work on it; given up when dropped, and by the system when the program dies.
    ///
    /// # Errors
    /// When somebody else has it.
    pub fn lock(&self) -> Result<File, MachineError> {
        let failed = |source| MachineError::Folder { path: self.0.clone(), source };
        let file = File::options().create(true).append(true).open(self.0.join("lock")).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(MachineError::Locked { path: self.0.clone() }),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}

/// What a machine is made of.
pub struct Materials {
    /// Journal, segments, bad rows.
    pub storage: Arc<dyn Storage>,
    /// The manifest.
    pub manifest: Box<dyn Manifest>,
    /// The catalog.
    pub catalog: Arc<Catalog>,
    /// The enrichment.
    pub enrich: Arc<dyn Enrich>,
    /// The clock.
    pub clock: Clock,
    /// Streams of imports whose progress is wanted.
    pub streams: Vec<u32>,
}

/// A machine at work.
pub struct Machine {
    /// The catalog.
    pub catalog: Arc<Catalog>,
    /// Snapshots for reports.
    pub reader: Reader,
    /// Operators' numbers.
    pub metrics: Arc<Metrics>,
    /// Collection.
    pub collect: Arc<Collect>,
    /// Where events go.
    pub writer: Writer,
    /// Exchanges people's keys.
    pub exchanger: Exchanger,
    /// The files.
    pub storage: Arc<dyn Storage>,
    /// How far each asked stream was folded, in bytes of its file.
    pub offsets: BTreeMap<u32, u64>,
    threads: Threads,
    /// Dropped to end the thread that keeps time.
    _ticks: Sender<()>,
    _lock: Option<File>,
}

impl Machine {
    /// Puts a folder in operation. `streams` are those of imports whose progress is wanted.
    ///
    /// # Errors
    /// When somebody else works on it or a part does not open. Damage does not stop it; it is logged.
    pub fn open(
        folder: &DataFolder,
        settings: &Settings,
        clock: Clock,
        streams: &[u32],
    ) -> Result<Machine, MachineError> {
        let lock = folder.lock()?;
        let storage = folder.storage(settings.disk_free_mb.saturating_mul(1 << 20))?;
        let catalog = folder.catalog(clock())?;
        let manifest = Box::new(SqliteManifest::open(&folder.catalog_file())?);
        let enricher = Arc::new(Enricher::open(&enrich_settings(folder, settings)));
        let warm = enricher.clone();
        writer::spawn("warm", move || warm.warm())?;
        let refresh = enricher.clone();
        let materials = Materials { storage, manifest, catalog, enrich: enricher, clock, streams: streams.to_vec() };
        let mut machine = Machine::start(materials, settings, move || refresh.refresh())?;
        machine._lock = Some(lock);
        Ok(machine)
    }

    /// Puts parts in operation; `refresh` is called every few seconds.
    ///
    /// # Errors
    /// When a part does not open.
    pub fn start(
        materials: Materials,
        settings: &Settings,
        refresh: impl Fn() + Send + 'static,
    ) -> Result<Machine, MachineError> {
        let Materials { storage, manifest, catalog, enrich, clock, streams } = materials;
        let Opened { journal, store, reader, report } =
            engine::engine::open(storage.clone(), manifest, options(settings))?;
        tell(&report);
        if report.replayed > 0 {
            tracing::info!(events = report.replayed, "replayed the journal since the last checkpoint");
        }
        let offsets = streams.iter().map(|stream| (*stream, store.stream_offset(*stream))).collect();
        let metrics = Arc::new(Metrics::default());
        metrics.started_ms.store(clock().max(0).unsigned_abs(), Relaxed);
        let (exchanger, log, orders) = exchange::over(journal);
        let folder = Box::new(StoreFolder { store, orders: Some(orders), metrics: metrics.clone() });
        let (writer, threads) = writer::start(Box::new(log), folder, metrics.clone())?;
        let collect = Arc::new(Collect::new(Doors {
            sink: Arc::new(writer.clone()),
            directory: catalog.clone(),
            enrich,
            bad_rows: BadRows::open(storage.clone(), settings.bad_rows_keep_ms())?,
            clock: clock.clone(),
            settings: collect::Settings {
                trusted_proxies: settings.trusted_proxies.clone(),
                shared_networks: settings.shared_networks.clone(),
                unsigned_users: settings.unsigned_users == UnsignedUsers::Accept,
            },
        }));
        let ticks = keep_time(catalog.clone(), clock, refresh)?;
        Ok(Machine {
            catalog,
            reader,
            metrics,
            collect,
            writer,
            exchanger,
            storage,
            offsets,
            threads,
            _ticks: ticks,
            _lock: None,
        })
    }

    /// Ends it in order: what was accepted becomes durable, folded and written down. Blocks.
    pub fn stop(self) {
        self.writer.close();
        self.threads.join();
        enrich::save(&self.collect.enrich().atlas());
    }
}

fn options(settings: &Settings) -> Options {
    let cache_bytes = settings.store_cache_mb.saturating_mul(1 << 20);
    Options { cache_bytes, ..Options::default() }
}

fn enrich_settings(folder: &DataFolder, settings: &Settings) -> enrich::Settings {
    enrich::Settings {
        geo: settings.geo_path.clone(),
        data: Some(folder.path().to_owned()),
        atlas: Some(folder.catalog_file()),
        precision: match settings.geo_precision {
            GeoPrecision::Country => enrich::Precision::Country,
            GeoPrecision::Region => enrich::Precision::Region,
            GeoPrecision::City => enrich::Precision::City,
        },
        rules: settings.domain_rules.clone(),
        org_domains: settings.org_domains.clone(),
    }
}

fn tell(report: &engine::engine::Report) {
    for damage in &report.damage {
        tracing::warn!(
            file = damage.path,
            from = damage.from,
            to = damage.to,
            kept_as = damage.kept_as,
            "the journal is damaged"
        );
    }
    for segment in &report.broken_segments {
        tracing::error!(file = segment, "a segment is missing or has another size: reports that need it fail");
    }
}

/// Tells the catalog the time every second, and lets `refresh` look after its files every few seconds.
fn keep_time(catalog: Arc<Catalog>, clock: Clock, refresh: impl Fn() + Send + 'static) -> std::io::Result<Sender<()>> {
    let (alive, ticks) = channel::<()>();
    writer::spawn("time", move || {
        let mut second = 0_u64;
        while ticks.recv_timeout(Duration::from_secs(1)) == Err(RecvTimeoutError::Timeout) {
            if let Err(error) = catalog.advance(clock()) {
                tracing::warn!(cause = chain(&error), "the catalog cannot be read; it will be tried again");
            }
            second += 1;
            if second.is_multiple_of(5) {
                refresh();
            }
        }
    })?;
    Ok(alive)
}

/// The store, as the fold thread sees it.
struct StoreFolder {
    store: Store,
    /// Taken out while one is followed.
    orders: Option<exchange::Orders>,
    metrics: Arc<Metrics>,
}

impl Folder for StoreFolder {
    fn fold(&mut self, first_seq: u64, events: Vec<Event>) -> Result<(), String> {
        for (seq, event) in (first_seq..).zip(events) {
            self.store.apply(seq, event).map_err(|error| chain(&error))?;
        }
        Ok(())
    }
    fn show(&mut self) {
        self.store.settle();
        self.store.publish();
    }
    fn maintain(&mut self) -> Result<bool, String> {
        let orders = self.orders.take();
        let told = orders.as_ref().is_some_and(|orders| orders.follow(self));
        let done = self.store.maintain().map_err(|error| chain(&error));
        if let Some(orders) = &orders {
            orders.tell(self);
        }
        self.orders = orders;
        let figures = self.store.figures();
        self.metrics.rows.store(figures.sealed_rows - figures.superseded_rows + figures.tail_rows, Relaxed);
        self.metrics.segments.store(figures.segments, Relaxed);
        self.metrics.segment_bytes.store(figures.sealed_bytes, Relaxed);
        self.metrics.broken_segments.store(figures.broken_segments, Relaxed);
        self.metrics.cached_bytes.store(figures.cached_bytes, Relaxed);
        done.map(|done| told || done != Maintained::Nothing)
    }
    fn checkpoint(&mut self) -> Result<(), String> {
        self.store.checkpoint().map_err(|error| chain(&error))
    }
}
