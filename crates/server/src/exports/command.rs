//! `playhead export`: reports, view rows and the catalog as files, with the rights of who can read the data folder. It only
//! looks ([`DataFolder::look`]): the server may be running, and the figures are those that it answers at the same moment.
//! All that it writes is the access log, as every export that names people: as `command_line`.

use super::file::{self, ReportFile, Told, sentence};
use crate::access_log::{AccessLog, COMMAND_LINE};
use crate::api::answer::head;
use crate::api::ask::Ask;
use crate::api::reconciliation;
use crate::app::{Cost, Source};
use crate::auth;
use crate::cli::Failure;
use crate::collect::wall_clock;
use crate::config::Settings;
use crate::import::the_account;
use crate::jobs::WorkError;
use crate::machine::DataFolder;
use crate::metrics::Metrics;
use crate::sheet::{self, Form, Options};
use crate::{pool, progress, serve};
use clap::Args;
use engine::catalog::Catalog;
use engine::event::AccountId;
use engine::event::PersonKey;
use indicatif::ProgressBar;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use url::form_urlencoded::Serializer;

/// Which account.
#[derive(Args)]
pub struct Which {
    /// The account; needed when there are several
    #[arg(long, value_name = "PARTNER_ID")]
    pub account: Option<u32>,
}

/// What every report is asked with; anything else of the API goes into `--query`.
#[derive(Args)]
pub struct Question {
    #[command(flatten)]
    which: Which,
    /// What it is about: account, entry:ID, owner:PERSON, category:ID, ... [default: account]
    #[arg(long)]
    subject: Option<String>,
    /// Which days: 30d, last_month, 2026-10-01..2026-10-31, ... [default: 30d]
    #[arg(long)]
    period: Option<String>,
    /// IANA time zone in which days are counted [default: UTC]
    #[arg(long)]
    zone: Option<String>,
    /// Filter such as is,country,DE,FR; all that are given must hold
    #[arg(long, value_name = "OP,DIMENSION,VALUE")]
    filter: Vec<String>,
    /// Further parameters, as in the API: 'vs=previous&sort=-plays&definitions=1'
    #[arg(long, value_name = "QUERY")]
    query: Option<String>,
}

impl Question {
    /// The same as a query string.
    fn query(&self, own: &[(&str, &Option<String>)]) -> String {
        let given = self.query.as_deref().unwrap_or_default().trim_start_matches('?');
        let mut query = Serializer::new(given.to_owned());
        let account = self.which.account.map(|account| account.to_string());
        let ours = [("account", &account), ("subject", &self.subject), ("period", &self.period), ("zone", &self.zone)];
        query.extend_pairs(ours.iter().chain(own).filter_map(|(name, value)| Some((name, value.as_ref()?))));
        query.extend_pairs(self.filter.iter().map(|filter| ("f", filter)));
        query.finish()
    }
}

/// Where the file goes.
#[derive(Args)]
pub struct To {
    /// csv, ndjson, xlsx or parquet [default: what the file's name ends in, else csv]
    #[arg(long, value_parser = form)]
    format: Option<Form>,
    /// The file; it has this name once it is whole. - is standard output
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,
}

fn form(word: &str) -> Result<Form, String> {
    Form::of(word).ok_or_else(|| "it is csv, ndjson, xlsx or parquet".to_owned())
}

impl To {
    fn form(&self) -> Form {
        let ending = self.out.extension().and_then(|ending| Form::of(ending.to_str()?));
        self.format.or(ending).unwrap_or(Form::Csv)
    }

    /// Lets a file be written. Whoever reads standard output only to some line (`head`) ends it quietly.
    fn write(
        &self,
        make: impl FnOnce(&dyn Told, &mut (dyn Write + Send)) -> Result<(), WorkError>,
    ) -> Result<(), Failure> {
        let rows = Rows { bar: progress::counting("rows"), count: AtomicU64::new(0) };
        if self.out == Path::new("-") {
            if matches!(self.form(), Form::Xlsx | Form::Parquet) && io::stdout().is_terminal() {
                return Err("this format is not for a terminal; name a file with --out".into());
            }
            let mut out = Pipe { out: io::stdout(), gone: false };
            let mut buffered = BufWriter::with_capacity(BUFFER_BYTES, &mut out);
            let made = make(&rows, &mut buffered).and_then(|()| Ok(buffered.flush()?));
            // What could not be written is not tried again.
            drop(buffered.into_parts());
            rows.bar.finish_and_clear();
            return if out.gone { Ok(()) } else { Ok(made?) };
        }
        let mut part = OsString::from(&self.out);
        part.push(".part");
        let named = |error| format!("cannot write {}: {error}", self.out.display());
        let file = File::create(&part).map_err(named)?;
        let mut out = BufWriter::with_capacity(BUFFER_BYTES, file);
        let made = make(&rows, &mut out).and_then(|()| Ok(out.flush().and_then(|()| out.get_ref().sync_all())?));
        rows.bar.finish_and_clear();
        if let Err(error) = made {
            drop(out.into_parts());
            let _ = fs::remove_file(&part);
            return Err(error.into());
        }
        fs::rename(&part, &self.out).map_err(named)?;
        eprintln!("{}: {} rows", self.out.display(), rows.count.load(Relaxed));
        Ok(())
    }
}

/// Written at once.
const BUFFER_BYTES: usize = 64 << 10;

/// How far the file is, on a terminal.
struct Rows {
    bar: ProgressBar,
    count: AtomicU64,
}

impl Told for Rows {
    fn expect(&self, rows: u64) {
        progress::expect(&self.bar, rows);
    }
    fn row(&self) -> Result<(), WorkError> {
        self.count.fetch_add(1, Relaxed);
        self.bar.inc(1);
        Ok(())
    }
}

/// Standard output, and whether its reader has gone away.
struct Pipe {
    out: io::Stdout,
    gone: bool,
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes).inspect_err(|error| self.gone |= error.kind() == ErrorKind::BrokenPipe)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.out.flush().inspect_err(|error| self.gone |= error.kind() == ErrorKind::BrokenPipe)
    }
}

/// Writes a report: by its name and parameters of its own beside the common ones.
///
/// # Errors
/// When the words are wrong, the folder cannot be read or the file not be written.
pub fn report(
    settings: &Settings,
    name: &str,
    question: &Question,
    own: &[(&str, &Option<String>)],
    to: &To,
) -> Result<(), Failure> {
    serve::log(settings)?;
    pool::yield_to_others();
    let report = ReportFile::read(name, &question.query(own)).map_err(|error| sentence(&error))?;
    let options = report.options(to.form()).map_err(|error| sentence(&error))?;
    let (source, _, account) = source(settings, report.account().map(|account| account.0))?;
    let caller = auth::command_line(account);
    let log = AccessLog::open(&DataFolder::existing(settings)?.catalog_file())?;
    let now_ms = source.now_ms;
    let (_, question) = report.in_words(None);
    let made = |ask: &Ask, rows: u64| {
        let (seen, subject) = (ask.seen(), ask.subject_word());
        if !seen.looked {
            return Ok(());
        }
        log.look(
            &super::made((COMMAND_LINE, COMMAND_LINE), account, subject, question.clone(), rows, now_ms),
            &seen.people,
            "",
        )
    };
    to.write(|told, out| report.write((source, &caller), to.form(), &options, told, &made, out))
}

/// Store and catalog as they are now, and the account that is asked about.
fn source(settings: &Settings, account: Option<u32>) -> Result<(Source, Arc<Catalog>, AccountId), Failure> {
    let folder = DataFolder::existing(settings)?;
    let snapshot = folder.look(settings)?;
    // After the store: what it has was known before.
    let now_ms = wall_clock()();
    let catalog = folder.catalog(now_ms)?;
    let account = the_account(&catalog, account)?;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let cost = Cost::patient(threads, settings.report_memory_bytes(), Arc::default());
    let source = Source::now(snapshot, &catalog, Arc::default(), &Metrics::default(), now_ms, cost);
    Ok((source, catalog, account))
}

/// Writes Kaltura's own figures beside ours.
///
/// # Errors
/// When the words are wrong, the folder cannot be read or the file not be written.
pub fn reconciliation(settings: &Settings, which: &Which, period: &str, to: &To) -> Result<(), Failure> {
    serve::log(settings)?;
    let (source, catalog, account) = source(settings, which.account)?;
    let params = reconciliation::of_account(account, period).map_err(|error| sentence(&error))?;
    let caller = auth::command_line(account);
    let found = reconciliation::reconciled(&catalog, &source, &caller, &params);
    let (ask, found) = found.map_err(|error| sentence(&error))?;
    if found.days.is_empty() {
        return Err("no day of this period was read from Kaltura; read some: playhead import kaltura --reports".into());
    }
    to.write(|told, out| {
        let rows = found.into_file();
        let head = head(&ask, &[], &rows);
        let mut sheet = sheet::open(to.form(), out, &head, &Options::default())?;
        for row in rows.rows {
            sheet.row(&row.map_err(file::failed)?)?;
            told.row()?;
        }
        sheet.finish()?;
        Ok(())
    })
}

/// Writes the catalog.
///
/// # Errors
/// When there is no such account, the folder cannot be read or the file not be written.
pub fn catalog(settings: &Settings, which: &Which, to: &To) -> Result<(), Failure> {
    serve::log(settings)?;
    let (folder, now_ms) = (DataFolder::existing(settings)?, wall_clock()());
    let catalog = folder.catalog(now_ms)?;
    let account = the_account(&catalog, which.account)?;
    let view = catalog.view();
    let people: BTreeSet<PersonKey> =
        view.accounts.get(&account).into_iter().flat_map(|view| view.people.keys().copied()).collect();
    let (subject, question) = ("account".to_owned(), "catalog".to_owned());
    let new = super::made((COMMAND_LINE, COMMAND_LINE), account, subject, question, people.len() as u64, now_ms);
    AccessLog::open(&folder.catalog_file())?.look(&new, &people, "")?;
    let title = format!("Catalog of {}", account.0);
    to.write(|told, out| file::catalog(&catalog, account, &title, to.form(), &Default::default(), told, out))
}
