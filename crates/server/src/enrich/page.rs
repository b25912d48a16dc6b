//! Which page holds the media: a referrer becomes a domain and a canonical page URL, and nothing else of it is kept.
//!
//! The page is scheme, host, port and path, with those query names that the host's rule keeps. User, password,
//! fragment, other query names and path pieces that are secrets are dropped. The same page is always the same string.

use super::Settings;
use super::rules::Rules;
use engine::event::Text;
use engine::limits::TEXT_BYTES_MAX;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::SystemTime;
use url::Url;

/// The domain when nothing was disclosed.
pub const UNKNOWN: &str = "Unknown";
/// The domain of pages that are not on the web: paths there hold user names, so nothing else is kept.
pub const LOCAL_FILE: &str = "Local file";
/// Stands for a dropped piece of a path.
const DROPPED: &str = "-";
/// Ends a path that was too long.
const CUT: &str = "...";
/// A path piece of so many characters of base64url is taken for a secret.
const SECRET_CHARS: usize = 40;
/// Longest value of a query name that is kept: ids of learning platforms are short.
const VALUE_BYTES_MAX: usize = 32;

/// A referrer, cleaned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Full host, readable (no punycode); `Unknown` or `Local file`.
    pub domain: Text,
    /// Canonical page URL with scheme and without secrets; empty when only the origin was disclosed.
    pub page: Text,
}

impl Page {
    /// The domain alone: for visitors who signal that they do not want more.
    #[must_use]
    pub fn domain_only(self) -> Page {
        Page { domain: self.domain, page: Text::default() }
    }

    fn only(domain: &str) -> Page {
        Page { domain: domain.into(), page: Text::default() }
    }
}

/// Cleans referrers by the domain rules in use.
pub(super) struct Pages {
    settings: Settings,
    rules: RwLock<Arc<Rules>>,
    /// What the operator's file looked like when it was last read, good or bad.
    seen: Mutex<Option<(u64, Option<SystemTime>)>>,
}

impl Pages {
    pub(super) fn open(settings: &Settings) -> Pages {
        let rules = Rules::read(None, &settings.org_domains).unwrap_or_else(|why| {
            tracing::warn!(%why, "Setting org_domains refused: hosts of the institution are not recognised.");
            Rules::built_in(&[])
        });
        let pages = Pages { settings: settings.clone(), rules: RwLock::new(Arc::new(rules)), seen: Mutex::default() };
        pages.refresh();
        pages
    }

    pub(super) fn rules(&self) -> Arc<Rules> {
        self.rules.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes a changed rules file, if it is good.
    pub(super) fn refresh(&self) {
        let Some(path) = &self.settings.rules else { return };
        let meta = std::fs::metadata(path).ok();
        let stamp = Some((meta.as_ref().map_or(0, std::fs::Metadata::len), meta.and_then(|m| m.modified().ok())));
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if *seen == stamp {
            return;
        }
        *seen = stamp;
        match self.read(path) {
            Ok(rules) => {
                tracing::info!(path = %path.display(), "Domain rules taken.");
                *self.rules.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rules);
            }
            Err(why) => {
                tracing::warn!(path = %path.display(), %why, "Domain rules refused as a whole: the old ones stay.")
            }
        }
    }

    fn read(&self, path: &Path) -> Result<Rules, String> {
        let text = std::fs::read_to_string(path).map_err(|e| e.to_string())?;
        Rules::read(Some(&text), &self.settings.org_domains)
    }

    pub(super) fn page(&self, referrer: &str, whole: bool) -> Page {
        let Ok(url) = Url::parse(referrer.trim()) else { return Page::only(UNKNOWN) };
        if !matches!(url.scheme(), "http" | "https") {
            return Page::only(LOCAL_FILE);
        }
        let Some(host) = url.host_str().map(|host| host.trim_end_matches('.')).filter(|host| !host.is_empty()) else {
            return Page::only(UNKNOWN);
        };
        // A name has at most 253 bytes; what is longer is no host, and would leave no room for a path.
        if host.len() > 253 {
            return Page::only(UNKNOWN);
        }
        let mut page = Page::only(&url::quirks::domain_to_unicode(host));
        if page.domain.is_empty() {
            page.domain = host.into(); // an address, or punycode that means nothing
        }
        let disclosed = whole || url.path() != "/" || url.query().is_some();
        if disclosed {
            page.page = canonical(&url, host, &self.rules()).into();
        }
        page
    }
}

/// The canonical URL of an http(s) page.
fn canonical(url: &Url, host: &str, rules: &Rules) -> String {
    let mut page = format!("{}://{host}", url.scheme());
    if let Some(port) = url.port() {
        page.push_str(&format!(":{port}"));
    }
    let keep = rules.rule(host).map_or(&[][..], |rule| &rule.query);
    let query = kept_query(url, keep);
    let path = clean_path(url.path());
    let room = TEXT_BYTES_MAX - page.len() - query.len();
    if path.len() <= room {
        page.push_str(&path);
    } else {
        let mut end = room - CUT.len();
        // Not in the middle of an escape.
        if let Some(at) = path[..end].rfind('%').filter(|at| at + 3 > end) {
            end = at;
        }
        page.push_str(&path[..end]);
        page.push_str(CUT);
    }
    page.push_str(&query);
    page
}

/// `?id=3`: the names that make the page, in the rule's order, if their values look like ids.
fn kept_query(url: &Url, keep: &[String]) -> String {
    let mut query = String::new();
    for name in keep {
        let Some((_, value)) = url.query_pairs().find(|(key, _)| key == name.as_str()) else { continue };
        let id = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        if value.is_empty() || value.len() > VALUE_BYTES_MAX || !value.bytes().all(id) || is_secret(&value) {
            continue;
        }
        query.push(if query.is_empty() { '?' } else { '&' });
        query.push_str(name);
        query.push('=');
        query.push_str(&value);
    }
    query
}

/// The path with secrets dropped.
fn clean_path(path: &str) -> String {
    let mut clean = String::with_capacity(path.len());
    let mut before = String::new();
    for piece in path.split('/').skip(1) {
        // `;jsessionid=...` and its like are parameters, not the path.
        let piece = piece.split(';').next().unwrap_or_default();
        let plain = decoded(piece);
        clean.push('/');
        // `.;` is no dot of the URL's own, but what is left of it would be one for whoever reads the page again.
        let dots = matches!(plain.as_str(), "." | "..");
        let secret = dots
            || drops_next(&before, &plain)
            || plain.split(['/', ';']).any(is_secret)
            || plain.split('/').zip(plain.split('/').skip(1)).any(|(a, b)| drops_next(&a.to_ascii_lowercase(), b));
        clean.push_str(if secret && !piece.is_empty() { DROPPED } else { piece });
        before = plain.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    }
    clean
}

/// Whether the piece before (lower case) says that this one is a secret.
fn drops_next(before: &str, piece: &str) -> bool {
    before == "ks" || (before == "token" && is_uuid4(piece))
}

/// Undoes percent escapes, also those of escapes.
fn decoded(piece: &str) -> String {
    let mut text = piece.to_owned();
    while text.contains('%') {
        let next = percent(&text);
        if next == text {
            break;
        }
        text = next;
    }
    text
}

fn percent(text: &str) -> String {
    let bytes = text.as_bytes();
    let hex = |b: u8| char::from(b).to_digit(16);
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let pair = match bytes[i..] {
            [b'%', a, b, ..] => hex(a).zip(hex(b)),
            _ => None,
        };
        if let Some((a, b)) = pair {
            out.push((a * 16 + b) as u8);
            i += 3;
        } else {
            out.push(bytes[i]);
            i += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Whether a path piece (without escapes) must not be kept: a JWT, a KS, a long run of base64url.
fn is_secret(piece: &str) -> bool {
    let base64 = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'=' | b'+');
    let jwt = piece.starts_with("eyJ")
        && piece.split('.').count() == 3
        && piece.split('.').all(|part| part.bytes().all(base64));
    // A KS of version 2 begins with `v2|`.
    let ks = piece.starts_with("djJ8");
    let long = piece.len() >= SECRET_CHARS && piece.bytes().all(base64) && !is_title(piece);
    jwt || ks || long
}

/// Whether a long piece is a title made of words (`week-4-lecture-notes-and-homework-of-the-group`), which is how Canvas
/// and most web sites name pages: lower-case words and short numbers. Forty random characters of base64url look like
/// that less than once in 10^9.
fn is_title(piece: &str) -> bool {
    let word = |word: &str| {
        (word.len() <= 20 && word.bytes().all(|b| b.is_ascii_lowercase()))
            || (word.len() <= 4 && word.bytes().all(|b| b.is_ascii_digit()))
    };
    piece.split(['-', '_']).all(word)
}

/// `xxxxxxxx-xxxx-4xxx-[89ab]xxx-xxxxxxxxxxxx`.
fn is_uuid4(piece: &str) -> bool {
    let bytes = piece.as_bytes();
    bytes.len() == 36
        && bytes[14] == b'4'
        && matches!(bytes[19].to_ascii_lowercase(), b'8' | b'9' | b'a' | b'b')
        && bytes.iter().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests;
