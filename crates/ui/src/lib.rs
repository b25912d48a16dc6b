//! The built dashboard, embedded. Debug builds read the files from disk, so a rebuilt page shows at once.

use rust_embed::RustEmbed;
use std::borrow::Cow;

include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// A file of the dashboard, ready to send.
#[derive(Debug)]
pub struct File {
    /// Its bytes, compressed when `brotli`.
    pub bytes: Cow<'static, [u8]>,
    /// `Content-Type`.
    pub content_type: &'static str,
    /// `Cache-Control`.
    pub cache: &'static str,
    /// Whether the bytes are compressed with Brotli.
    pub brotli: bool,
}

/// The file at a path of the site; the one page for every path that is not a file, because the page has its own routes.
/// `None` for assets that do not exist.
pub fn file(path: &str, brotli: bool) -> Option<File> {
    let path = path.trim_start_matches('/');
    let name = if path.is_empty() || path.ends_with(".br") { "index.html" } else { path };
    read(name, brotli).or_else(|| {
        let is_asset = path.starts_with("assets/") || path.starts_with("api/");
        (!is_asset).then(|| read("index.html", brotli)).flatten()
    })
}

fn read(name: &str, brotli: bool) -> Option<File> {
    let compressed = if brotli { Files::get(&format!("{name}.br")) } else { None };
    let brotli = compressed.is_some();
    let bytes = compressed.or_else(|| Files::get(name))?.data;
    // Names of assets hold a hash of their content.
    let cache = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    Some(File { bytes, content_type: content_type(name), cache, brotli })
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Whether an `Accept-Encoding` header takes Brotli.
pub fn takes_brotli(accept: &str) -> bool {
    accept.split(',').any(|one| {
        let mut parts = one.split(';').map(str::trim);
        let refused = |quality: &str| quality.strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()) == Some(0.0);
        parts.next() == Some("br") && !parts.any(refused)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_of_the_page_is_the_page_and_a_missing_asset_is_not() {
        let page = file("/", false).expect("there is a page");
        assert_eq!((page.content_type, page.cache), ("text/html; charset=utf-8", "no-cache"));
        assert_eq!(file("/recording/1_abc", false).expect("the page's own route").bytes, page.bytes);
        assert!(file("/assets/gone-123.js", false).is_none());
    }

    #[test]
    fn brotli_is_sent_to_those_who_take_it() {
        assert!(takes_brotli("gzip, deflate, br"));
        assert!(takes_brotli("br;q=0.5"));
        assert!(!takes_brotli("gzip, br;q=0"));
        assert!(!takes_brotli("brx"));
    }
}
