//! `playhead serve`: a machine with HTTP in front.

pub mod tls;

use crate::app::{App, Parts};
use crate::auth::{local, vault::Vault};
use crate::catalog_import::read_secret;
use crate::cli::Failure;
use crate::collect::{self, Clock, Collect};
use crate::config::{LogFormat, Settings};
use crate::desk::Run;
use crate::exports::{self, Exports};
use crate::jobs::Jobs;
use crate::machine::{DataFolder, Machine};
use crate::privacy::{self, Privacy};
use crate::router::router;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tls::{Files, Tls};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

/// How long requests may take to end once the server is told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// Sets up the log. Lines go to standard error; standard output is for what a person asked for.
///
/// # Errors
/// When `log.level` is not a filter.
pub fn log(settings: &Settings) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(&settings.log_level).map_err(|error| format!("setting `log.level`: {error}"))?;
    let colours = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colours);
    // A second call in one process (tests) keeps the first.
    let _ = match settings.log_format {
        LogFormat::Text => lines.with_target(false).try_init(),
        LogFormat::Json => lines.json().try_init(),
    };
    Ok(())
}

/// The application over a machine.
pub fn app(
    machine: &Machine,
    vault: Arc<Vault>,
    jobs: Jobs,
    privacy: Privacy,
    settings: Settings,
    clock: Clock,
) -> std::io::Result<App> {
    let (reader, collect, counted) = (machine.reader.clone(), machine.collect.clone(), machine.collect.clone());
    App::new(Parts {
        settings,
        vault,
        catalog: machine.catalog.clone(),
        snapshot: Box::new(move || reader.snapshot()),
        bad_rows: Box::new(move || collect.bad_rows_by_reason()),
        collection: Box::new(move || counted.numbers()),
        inside: machine.collect.clone(),
        jobs,
        privacy,
        metrics: machine.metrics.clone(),
        clock,
    })
}

/// Which one-time links are printed at the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Links {
    /// One as long as nobody can sign in.
    First,
    /// One each time: made-up data are nobody's secret.
    Always,
}

/// Serves until it is told to stop. Prints the address once people can come in. `clock` says what time it is: the machine's
/// own, but for made-up data of another day.
///
/// # Errors
/// When the address is taken or the folder does not open.
pub fn serve(settings: Settings, links: Links, clock: Clock) -> Result<(), Failure> {
    log(&settings)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run(settings, links, clock))
}

async fn run(settings: Settings, links: Links, clock: Clock) -> Result<(), Failure> {
    // First, because it is the likeliest to fail; who connects now waits until the folder is open.
    let listener = TcpListener::bind(settings.listen)
        .await
        .map_err(|error| format!("cannot listen on {}: {error}", settings.listen))?;
    if let Some(file) = &settings.oidc_client_secret_file {
        // Read again at each sign-in, so that it can be changed; here so that a wrong path is not found out by others.
        read_secret(file)?;
    }
    #[cfg(feature = "saml")]
    crate::auth::saml::check(&settings)?;
    let files = Files::of(settings.tls_cert.as_deref(), settings.tls_key.as_deref())?;
    let tls = files.map(Tls::open).transpose()?;
    let folder = DataFolder::open(&settings)?;
    let machine = Machine::open(&folder, &settings, clock.clone(), &[])?;
    let vault = Arc::new(Vault::open(&folder.catalog_file())?);
    let address = address(&settings, listener.local_addr()?);
    println!("Playhead is at {address}");
    if links == Links::Always || !vault.has_users()? {
        println!(
            "Sign in as administrator with this link (once, within 24 hours):\n  {}",
            link(&vault, &address, clock())?
        );
    }
    let run = Attendance::begin(vault.clone(), machine.collect.clone(), clock.clone())?;
    let exports = Exports::over(&machine, vault.clone(), &settings, clock.clone());
    let (jobs, worker) = exports::start(&folder, &settings, exports, clock.clone())?;
    let (privacy, guard) = privacy::start(&folder, &settings, &machine, vault.clone(), jobs.clone(), clock.clone())?;
    let app = app(&machine, vault, jobs, privacy, settings, clock)?;
    let collection = collect::routes(machine.collect.clone());
    let service = router(&app, collection).into_make_service_with_connect_info::<SocketAddr>();
    let stopping = Arc::new(tokio::sync::Notify::new());
    let asked = {
        let (app, stopping) = (app.clone(), stopping.clone());
        async move {
            stop_signal().await;
            tracing::info!("stopping: no new requests, everything accepted becomes durable");
            app.set_ready(false);
            stopping.notify_one();
        }
    };
    tracing::info!(address, "serving");
    let served = async move {
        let Some(tls) = tls else { return axum::serve(listener, service).with_graceful_shutdown(asked).await };
        let (handle, listener) = (axum_server::Handle::new(), listener.into_std()?);
        let server = axum_server::from_tcp_rustls(listener, tls.config.clone())?.handle(handle.clone());
        tokio::spawn(tls.watch());
        tokio::spawn(async move {
            asked.await;
            handle.graceful_shutdown(None);
        });
        server.serve(service).await
    };
    tokio::select! {
        served = served => served?,
        () = async { stopping.notified().await; tokio::time::sleep(GRACE).await } => {
            tracing::warn!("some requests did not end in time and were cut off");
        }
    }
    let stop = move || {
        guard.stop();
        worker.stop();
        machine.stop();
        run.end();
    };
    tokio::task::spawn_blocking(stop).await?;
    tracing::info!("stopped");
    Ok(())
}

/// How often a server notes that it is at work: after a crash it is known to the minute when it stopped.
const SEEN_EVERY: Duration = Duration::from_secs(60);

/// Notes when the server is at work, so that times in which nothing was collected can be told, and what collection counts
/// of senders' clocks.
struct Attendance {
    vault: Arc<Vault>,
    collect: Arc<Collect>,
    clock: collect::Clock,
    started_ms: i64,
    /// Dropped to end the task that notes it.
    noting: tokio::task::JoinHandle<()>,
}

impl Attendance {
    fn begin(vault: Arc<Vault>, collect: Arc<Collect>, clock: collect::Clock) -> Result<Attendance, Failure> {
        let started_ms = clock();
        vault.desk().running(Run { started_ms, seen_ms: started_ms, stopped: false })?;
        let (desk, counting, now) = (vault.clone(), collect.clone(), clock.clone());
        let noting = tokio::spawn(async move {
            loop {
                tokio::time::sleep(SEEN_EVERY).await;
                let (desk, counting) = (desk.clone(), counting.clone());
                let run = Run { started_ms, seen_ms: now(), stopped: false };
                let note = move || {
                    desk.desk().running(run)?;
                    counting.skews().hand_over(|counts| desk.desk().add_skews(counts))
                };
                let noted = tokio::task::spawn_blocking(note).await;
                if let Ok(Err(error)) = noted {
                    tracing::warn!(
                        cause = crate::error::chain(&error),
                        "it cannot be noted that the server is at work"
                    );
                }
            }
        });
        Ok(Attendance { vault, collect, clock, started_ms, noting })
    }

    fn end(self) {
        self.noting.abort();
        let run = Run { started_ms: self.started_ms, seen_ms: (self.clock)(), stopped: true };
        let desk = self.vault.desk();
        let kept = self.collect.skews().hand_over(|counts| desk.add_skews(counts));
        if let Err(error) = kept.and_then(|()| desk.running(run)) {
            tracing::warn!(cause = crate::error::chain(&error), "it cannot be noted that the server was stopped");
        }
    }
}

/// Where people reach the server.
pub fn address(settings: &Settings, listening: SocketAddr) -> String {
    match &settings.public_url {
        Some(url) => url.as_str().trim_end_matches('/').to_owned(),
        None if settings.tls_cert.is_some() => format!("https://{listening}"),
        None => format!("http://{listening}"),
    }
}

/// A new one-time administrator link.
///
/// # Errors
/// When the vault cannot be written.
pub fn link(vault: &Vault, address: &str, now_ms: i64) -> Result<String, Failure> {
    let token = local::make_link(vault, now_ms)?;
    Ok(format!("{address}/welcome?token={token}"))
}

/// Resolves at SIGTERM or Ctrl-C.
async fn stop_signal() {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                () = interrupted => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    interrupted.await;
}
