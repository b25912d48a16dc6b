//! The command line: words to one call. What a command does lives with its noun.

use crate::config::{self, SETTINGS, Setting, Settings};
use crate::error::chain;
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches, Parser, Subcommand};
use std::collections::BTreeMap;
use std::error::Error;
use std::path::PathBuf;
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
    /// Print every measure and dimension with its definition
    Metrics,
    /// Print the settings file with every setting, its default and its meaning
    Config,
    /// What collection could not understand: list it, or read it again after a fix
    #[command(name = "bad-rows", subcommand)]
    BadRows(BadRows),
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
}

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
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("playhead: {}", chain(failure.as_ref()));
            ExitCode::FAILURE
        }
    }
}

fn run(command: Do) -> Result<(), Failure> {
    match command {
        Do::Metrics => print!("{}", engine::glossary::printout()),
        Do::Config => print!("{}", config::sample()),
        Do::BadRows(BadRows::List { flags, json }) => bad_rows(&flags.settings()?, json)?,
    }
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
