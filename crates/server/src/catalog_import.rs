//! `playhead import catalog` and `playhead account add`: files and secrets in, words out.

use engine::catalog::record::Kind;
use engine::catalog::{Account, Catalog, CatalogError, Format, ImportReport, Secret};
use engine::event::AccountId;
use indicatif::{ProgressBar, ProgressStyle};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// Longest admin secret file, bytes.
const SECRET_BYTES_MAX: u64 = 4096;

/// What these commands can fail with, as told to a person.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A file cannot be opened or read.
    #[error("cannot read {path}")]
    Read {
        /// Which.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// What kind of objects a CSV file holds cannot be told.
    #[error(
        "cannot tell what {path} holds: name the file after its kind (entries.csv, people.csv, ...), \
         add a column `record`, or say --kind"
    )]
    KindUnknown {
        /// Which.
        path: String,
    },
    /// Others may read a secret.
    #[error("{path} can be read by every user of this machine; run: chmod 600 {path}")]
    Exposed {
        /// Which.
        path: String,
    },
    /// A secret is empty, too long, or has several lines.
    #[error("{path} must hold one admin secret on one line, of at most 4096 bytes")]
    NotASecret {
        /// Which.
        path: String,
    },
    /// The catalog refused.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
}

/// The name by which messages call an input.
fn name(path: &Path) -> String {
    if is_stdin(path) { "standard input".to_owned() } else { path.display().to_string() }
}

fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Format and kind of a file, from its name and from what the user said.
///
/// # Errors
/// A CSV file whose kind cannot be told: neither said, nor named so, nor with a `record` column.
fn format_of(path: &Path, said: Option<Kind>, first_line: &[u8]) -> Result<(Format, Option<Kind>), ImportError> {
    let extension = path.extension().and_then(|text| text.to_str()).unwrap_or_default().to_ascii_lowercase();
    // Standard input has no name: a JSON object begins with a brace, a header line never does.
    let first = first_line.trim_ascii_start();
    let first = first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(first);
    let is_csv = extension == "csv" || (extension.is_empty() && !first.is_empty() && first[0] != b'{');
    if !is_csv {
        return Ok((Format::Ndjson, said));
    }
    let stem = path.file_stem().and_then(|text| text.to_str()).unwrap_or_default();
    let kind = said.or_else(|| Kind::of(stem));
    let header = String::from_utf8_lossy(first.split(|byte| *byte == b'\n').next().unwrap_or_default());
    let says_itself = header.split(',').any(|column| column.trim().trim_matches('"') == "record");
    if kind.is_none() && !says_itself {
        return Err(ImportError::KindUnknown { path: name(path) });
    }
    Ok((Format::Csv, kind))
}

/// Imports files of records (NDJSON or CSV; `-` is standard input) into an account, with a progress bar on a terminal.
/// Returns a report for each file, in order.
///
/// # Errors
/// The first file that cannot be read. Bad lines are no error: they are in the report.
pub fn import(
    catalog: &Catalog,
    account: AccountId,
    files: &[PathBuf],
    kind: Option<Kind>,
    now_ms: i64,
) -> Result<Vec<(String, ImportReport)>, ImportError> {
    files.iter().map(|path| Ok((name(path), import_one(catalog, account, path, kind, now_ms)?))).collect()
}

fn import_one(
    catalog: &Catalog,
    account: AccountId,
    path: &Path,
    kind: Option<Kind>,
    now_ms: i64,
) -> Result<ImportReport, ImportError> {
    let unreadable = |source| ImportError::Read { path: name(path), source };
    let (mut input, bytes): (Box<dyn BufRead>, Option<u64>) = if is_stdin(path) {
        (Box::new(io::stdin().lock()), None)
    } else {
        let file = File::open(path).map_err(unreadable)?;
        let bytes = file.metadata().ok().filter(std::fs::Metadata::is_file).map(|metadata| metadata.len());
        (Box::new(BufReader::with_capacity(1 << 16, file)), bytes)
    };
    let first = input.fill_buf().map_err(unreadable)?;
    let (format, kind) = format_of(path, kind, first)?;
    let bar = progress(bytes).with_message(name(path));
    let mut heard = |read| bar.set_position(read);
    let report = catalog
        .import(account, &mut input, format, kind, now_ms, &mut rand::random::<u64>, &mut heard)
        .map_err(|error| match error {
            CatalogError::Input(source) => unreadable(source),
            other => other.into(),
        })?;
    bar.finish_and_clear();
    Ok(report)
}

/// A bar with rate and time left; without a known length, what was read and how fast. Hidden unless on a terminal.
fn progress(bytes: Option<u64>) -> ProgressBar {
    match bytes {
        Some(bytes) => ProgressBar::new(bytes).with_style(
            ProgressStyle::with_template("{msg} {bar:30} {bytes}/{total_bytes} {bytes_per_sec}, {eta} left")
                .expect("the template is a constant that a test draws"),
        ),
        None => ProgressBar::no_length().with_style(
            ProgressStyle::with_template("{msg} {spinner} {bytes} {bytes_per_sec}")
                .expect("the template is a constant that a test draws"),
        ),
    }
}

/// What an import did, for people to read: counts, then each bad line with what would be right.
pub fn told(name: &str, report: &ImportReport) -> String {
    let stored: Vec<String> = report.stored.iter().map(|(kind, count)| format!("{count} {}", kind.plural())).collect();
    let stored = if stored.is_empty() { "nothing".to_owned() } else { stored.join(", ") };
    let mut text = format!("{name}: {stored} stored ({} new), {} bad lines\n", report.created, report.bad);
    for bad in &report.bad_lines {
        for error in &bad.errors {
            let place = if error.field.is_empty() { String::new() } else { format!("`{}` ", error.field) };
            text += &format!("{name}:{}: {place}{}\n", bad.line, error.problem);
        }
    }
    let untold = report.bad - report.bad_lines.len() as u64;
    if untold > 0 {
        text += &format!("{name}: {untold} further bad lines are not listed\n");
    }
    text
}

/// An admin secret from a file (`-`: standard input). Secrets never come by the command line, where every user of the
/// machine and the shell's history would see them.
///
/// # Errors
/// When it cannot be read, when others may read it, or when it is not one line.
pub fn read_secret(path: &Path) -> Result<Secret, ImportError> {
    let unreadable = |source| ImportError::Read { path: name(path), source };
    let mut bytes = Vec::new();
    if is_stdin(path) {
        io::stdin().lock().take(SECRET_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    } else {
        let file = File::open(path).map_err(unreadable)?;
        if is_exposed(&file).map_err(unreadable)? {
            return Err(ImportError::Exposed { path: name(path) });
        }
        file.take(SECRET_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    }
    let secret = bytes.trim_ascii();
    if secret.is_empty() || bytes.len() as u64 > SECRET_BYTES_MAX || secret.contains(&b'\n') {
        return Err(ImportError::NotASecret { path: name(path) });
    }
    Ok(Secret(secret.to_vec()))
}

/// Whether everybody on the machine may read a file.
#[cfg(unix)]
pub(crate) fn is_exposed(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = file.metadata()?;
    // Pipes (`<(pass show ...)`) are nobody else's whatever their mode says.
    Ok(metadata.is_file() && metadata.permissions().mode() & 0o004 != 0)
}
#[cfg(not(unix))]
pub(crate) fn is_exposed(_: &File) -> io::Result<bool> {
    Ok(false)
}

/// Adds an account, or a further secret (and a new name, if given) to one that exists. Returns whether it is new.
///
/// # Errors
/// When the catalog cannot be written.
pub fn add_account(
    catalog: &Catalog,
    id: AccountId,
    account_name: Option<&str>,
    secret: Secret,
    now_ms: i64,
) -> Result<bool, ImportError> {
    let known = catalog.account(id);
    if known.is_none() {
        let number = id.0.to_string();
        catalog.add_account(id, account_name.unwrap_or(&number), now_ms)?;
    }
    let present = catalog.account(id).ok_or(CatalogError::NoAccount(id))?;
    let mut account = Account::clone(&present);
    if let Some(name) = account_name {
        account.name = name.into();
    }
    if !account.admin_secrets.contains(&secret) {
        account.admin_secrets.push(secret);
    }
    catalog.set_account(&account, now_ms)?;
    Ok(known.is_none())
}

#[cfg(test)]
mod tests;
