//! Cuts what must never reach the disk out of free text: sessions (KS), tokens, addresses, user agents.

use super::wire;
use base64::Engine as _;
use regex::{Captures, Regex};
use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::LazyLock;

/// What stands in the place of what was cut.
pub const CUT: &str = "-";

static PATTERN: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = [
        // A named secret in a query, a path, a form or JSON (also JSON inside JSON, with its quotes escaped).
        r#"(?P<name>(?i:(?:\b|%2f|%3f|%26)(?:ks|token|viewer_?token|access_?token|id_?token|jwt|secret|admin_?secret|password|passwd|authorization|api_?key|signature|sig))\\*"?\s*(?:=|:|/|%3[dD]|%2[fF]|%3[aA])\s*\\*"?(?:(?i:bearer|basic)\s+)?)(?P<value>[^\s"'\\&,;}/<>]+)"#,
        // A parameter that holds an address or a user agent by its name.
        r#"(?P<private>(?i:\b(?:user_?agent|ua|user_?ip|client_?ip|client_?internal_?ip|client_?external_?ip|remote_?addr(?:ess)?|ip_?address|ip|x_forwarded_for))\\*"?\s*(?:=|:)\s*)(?P<quoted>\\*"[^"]*"?|[^&\s]*)"#,
        r"(?P<jwt>\beyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)?)",
        r"(?P<agent>\b(?:Mozilla|Opera|Dalvik|okhttp|curl|Wget|VLC|AppleCoreMedia)(?:/|%2[fF])\d[^\x22\x00-\x1f&]*)",
        r"(?P<v6>(?i)[0-9a-f:.]*(?::|%3a)[0-9a-f:.%]*:[0-9a-f:.]*)",
        r"(?P<v4>\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b)",
        r"(?P<long>[A-Za-z0-9+/_-]{40,}=*)",
    ];
    Regex::new(&pattern.join("|")).expect("the pattern is constant and tested")
});

/// Parameters that are not kept at all, whatever they hold.
pub fn is_private_name(name: &str) -> bool {
    let plain: String = name
        .rsplit(':')
        .next()
        .unwrap_or_default()
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .collect();
    matches!(
        plain.as_str(),
        "ks" | "token"
            | "viewertoken"
            | "accesstoken"
            | "idtoken"
            | "jwt"
            | "secret"
            | "adminsecret"
            | "password"
            | "authorization"
            | "apikey"
            | "userid"
            | "puserid"
            | "useragent"
            | "ua"
            | "userip"
            | "clientip"
            | "clientinternalip"
            | "clientexternalip"
            | "remoteaddr"
            | "remoteaddress"
            | "ipaddress"
            | "ip"
            | "xforwardedfor"
            | "uniqueviewer"
            | "referrer"
            | "referer"
    )
}

/// The text without secrets, addresses and user agents.
pub fn text(text: &str) -> Cow<'_, str> {
    // Most values are short words; everything that is cut has one of these characters or is long.
    if text.len() < 40 && !text.bytes().any(|byte| b".:=/%".contains(&byte)) {
        return Cow::Borrowed(text);
    }
    PATTERN.replace_all(text, |found: &Captures<'_>| {
        let whole = &found[0];
        if let Some(name) = found.name("name") {
            format!("{}{CUT}", name.as_str())
        } else if let Some(name) = found.name("private") {
            let quote = if found["quoted"].starts_with('"') { "\"" } else { "" };
            format!("{}{quote}{CUT}{quote}", name.as_str())
        } else if found.name("v4").is_some() {
            if whole.parse::<IpAddr>().is_ok() { CUT.into() } else { whole.into() }
        } else if found.name("v6").is_some() {
            let plain = whole.replace("%3A", ":").replace("%3a", ":");
            let plain = plain.trim_matches('.');
            if plain.len() > 2 && plain.parse::<IpAddr>().is_ok() { CUT.into() } else { whole.into() }
        } else if found.name("long").is_some() {
            if is_ks(whole) { CUT.into() } else { whole.into() }
        } else {
            CUT.into()
        }
    })
}

/// The start of the text without secrets, addresses and user agents, at most `bytes_max` long; and whether something is
/// missing at its end. Looks at little more than it gives: a hostile text costs no more than a long one.
pub fn start(sent: &str, bytes_max: usize) -> (String, bool) {
    let looked_at = wire::cut(sent, 4 * bytes_max);
    let clean = text(looked_at);
    let mut kept = wire::cut(&clean, bytes_max);
    if looked_at.len() < sent.len() && clean.len() <= bytes_max {
        // So much was cut that the end of what was looked at is kept: it may be half a secret, not recognised as one.
        kept = kept.trim_end_matches(|letter: char| !letter.is_whitespace() && !"\"'&,;{}".contains(letter));
    }
    (kept.to_owned(), kept.len() < clean.len() || looked_at.len() < sent.len())
}

/// Whether a long run of base64 decodes to a KS: `v2|...`, or forty hexadecimal digits and `|`.
fn is_ks(run: &str) -> bool {
    let run: String = run.trim_end_matches('=').replace('-', "+").replace('_', "/");
    // Whole groups of four decode on their own; a run may have a cut end.
    let whole = &run[..run.len() / 4 * 4];
    let Ok(bytes) = base64::engine::general_purpose::STANDARD.decode(whole) else { return false };
    bytes.starts_with(b"v2|")
        || (bytes.len() > 40 && bytes[..40].iter().all(u8::is_ascii_hexdigit) && bytes[40] == b'|')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(from: &str, expect: &str) {
        assert_eq!(text(from), expect);
        assert_eq!(text(expect), expect, "cutting twice changes nothing more");
    }

    #[test]
    fn secrets_addresses_and_agents_are_cut() {
        check("a=1&ks=djJ8MTIz&b=2", "a=1&ks=-&b=2");
        check(r#"{"ks":"djJ8MTIz","a":1}"#, r#"{"ks":"-","a":1}"#);
        check(r#"{\"ks\":\"djJ8MTIz\"}"#, r#"{\"ks\":\"-\"}"#);
        check("https://h/index/ks/djJ8MTIz/x", "https://h/index/ks/-/x");
        check("https%3A%2F%2Fh%2Fks%2Fabc", "https%3A%2F%2Fh%2Fks%2F-");
        check("Authorization: Bearer abc.def", "Authorization: Bearer -");
        check("x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln y", "x - y");
        check("from 128.101.101.101 to", "from - to");
        check("from 2607:ea00:101::1 to", "from - to");
        check("at 10:20:30", "at 10:20:30");
        check("version 999.1.2.3", "version 999.1.2.3");
        check("Mozilla/5.0 (X11; Linux x86_64) Chrome/120", "-");
        check(r#"{"userAgent":"My Player 1","x":"y"}"#, r#"{"userAgent":"-","x":"y"}"#);
        check("userIp=whatever&x=y", "userIp=-&x=y");
        check(
            "k YTU3ZWZiMjk5YzQ2Y2I5ZTY3ZjhhNGQ2ZDViOTgzYTFjM2U4ZjFlOHwxMjM0OzEyMzQ7MTkwMDAwMDAwMDsyOzEyMzQ1O2FsaWNlOyo= z",
            "k - z",
        );
        check(
            "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
            "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
        );
    }

    #[test]
    fn the_start_of_a_text_never_ends_in_half_a_secret() {
        let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl";
        for spaces in 0..200 {
            let text = format!("{}{} {jwt}", "10.0.0.1 ".repeat(6), " ".repeat(spaces));
            let (kept, missing) = start(&text, 40);
            assert!(kept.len() <= 40 && !kept.contains("eyJ") && !kept.contains("10.0"), "{kept}");
            assert_eq!(missing, kept != super::text(&text), "{kept}");
        }
        assert_eq!(start("short", 40), ("short".to_owned(), false));
    }

    #[test]
    fn names_of_private_parameters() {
        assert!(is_private_name("ks") && is_private_name("event:userIp") && is_private_name("User-Agent"));
        assert!(!is_private_name("clientVer") && !is_private_name("caption"));
    }
}
