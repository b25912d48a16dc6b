//! Every setting, once. From the one table below derive the flags and their help, the environment's names, the settings
//! file and its sample, and `docs/generated/settings.md`. A flag wins over the environment, the environment over the
//! file, the file over the default; a name that is not in the table is refused, with the name.
//!
//! Nothing below `main` reads the environment: it is handed to [`Settings::read`].

use crate::auth::rules::Rule;
use crate::player::{Site, Template};
use axum::http::HeaderName;
use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use thiserror::Error;

/// What is wrong with the settings.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The settings file cannot be read.
    #[error("cannot read the settings file {path}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The settings file is not TOML.
    #[error("the settings file {path} is not TOML")]
    Syntax {
        /// Which.
        path: PathBuf,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
    /// A name nobody knows.
    #[error("unknown setting `{name}` in {place}; `playhead config` prints all settings")]
    Unknown {
        /// As written.
        name: String,
        /// The file or the environment.
        place: String,
    },
    /// A value that does not fit.
    #[error("setting `{key}`: `{value}` is not {wanted}")]
    Value {
        /// Which setting.
        key: &'static str,
        /// As written.
        value: String,
        /// What would be right.
        wanted: &'static str,
    },
    /// Settings that do not go together.
    #[error("setting `{key}` {needs}")]
    Together {
        /// Which.
        key: &'static str,
        /// What else there must be, and why.
        needs: &'static str,
    },
}

/// A value that can be read from text, as flags, environment and file give it.
trait Parse: Sized {
    /// What would be right, to complete the sentence "... is not".
    const WANTED: &'static str;
    fn parse(text: &str) -> Option<Self>;
}

impl Parse for PathBuf {
    const WANTED: &'static str = "a path";
    fn parse(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| PathBuf::from(text))
    }
}
impl Parse for Vec<PathBuf> {
    const WANTED: &'static str = "a list of paths";
    fn parse(text: &str) -> Option<Self> {
        Some(text.split(',').map(str::trim).filter(|path| !path.is_empty()).map(PathBuf::from).collect())
    }
}
impl Parse for Option<PathBuf> {
    const WANTED: &'static str = "a path";
    fn parse(text: &str) -> Option<Self> {
        Some((!text.is_empty()).then(|| PathBuf::from(text)))
    }
}
impl Parse for SocketAddr {
    const WANTED: &'static str = "an address with a port, such as 127.0.0.1:8080";
    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}
impl Parse for u64 {
    const WANTED: &'static str = "a whole number";
    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}
impl Parse for bool {
    const WANTED: &'static str = "yes or no";
    fn parse(text: &str) -> Option<Self> {
        match text {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        }
    }
}
impl Parse for Option<Template> {
    const WANTED: &'static str = "an https address that has {entry} after its host";
    fn parse(text: &str) -> Option<Self> {
        if text.is_empty() { Some(None) } else { Template::read(text).map(Some) }
    }
}
impl Parse for Vec<Site> {
    const WANTED: &'static str = "a list of sites, such as https://cdn.example.com, https://*.example.net";
    fn parse(text: &str) -> Option<Self> {
        text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(Site::read).collect()
    }
}
/// Fewest people of whom something is shown to those who may not see names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SmallestGroup(pub u32);

impl Parse for SmallestGroup {
    const WANTED: &'static str = "a whole number from 5 to 20";
    fn parse(text: &str) -> Option<Self> {
        text.parse().ok().filter(|people| (5..=20).contains(people)).map(SmallestGroup)
    }
}
/// Whole months for which rows tell who watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PersonMonths(pub u32);

impl Parse for PersonMonths {
    const WANTED: &'static str = "a whole number from 1 to 120";
    fn parse(text: &str) -> Option<Self> {
        text.parse().ok().filter(|months| (1..=120).contains(months)).map(PersonMonths)
    }
}
/// Days for which bad rows are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadRowsDays(pub u32);

impl Parse for BadRowsDays {
    const WANTED: &'static str = "a whole number from 1 to 365";
    fn parse(text: &str) -> Option<Self> {
        text.parse().ok().filter(|days| (1..=365).contains(days)).map(BadRowsDays)
    }
}
impl Parse for Option<url::Url> {
    const WANTED: &'static str = "an http or https address, such as https://media.example.edu";
    fn parse(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(None);
        }
        let url = url::Url::parse(text).ok()?;
        matches!(url.scheme(), "http" | "https").then_some(Some(url))
    }
}
impl Parse for Vec<String> {
    const WANTED: &'static str = "a list of words";
    fn parse(text: &str) -> Option<Self> {
        Some(text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect())
    }
}
impl Parse for Option<u32> {
    const WANTED: &'static str = "a partner id";
    fn parse(text: &str) -> Option<Self> {
        if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) }
    }
}
impl Parse for Option<HeaderName> {
    const WANTED: &'static str = "a header's name, such as X-Remote-User";
    fn parse(text: &str) -> Option<Self> {
        if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) }
    }
}
impl Parse for Arc<[Rule]> {
    const WANTED: &'static str = "a list of rules, such as groups=media-admins:administrator, groups=ir:analyst:pseudonyms, \
                                  groups=biology:department:CATEGORY:names";
    fn parse(text: &str) -> Option<Self> {
        text.split(',').map(str::trim).filter(|rule| !rule.is_empty()).map(Rule::parse).collect()
    }
}
impl Parse for Vec<Network> {
    const WANTED: &'static str = "a list of networks, such as 10.0.0.0/8, fd00::/8";
    fn parse(text: &str) -> Option<Self> {
        text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(Network::parse).collect()
    }
}

macro_rules! choices {
    ($(#[$doc:meta])* $name:ident, $wanted:literal { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$variant_doc])* $variant),+ }
        impl Parse for $name {
            const WANTED: &'static str = $wanted;
            fn parse(text: &str) -> Option<Self> {
                match text { $($word => Some($name::$variant),)+ _ => None }
            }
        }
    };
}

choices! {
    /// How log lines look.
    LogFormat, "one of text, json" {
        /// For people.
        Text = "text",
        /// One JSON object a line.
        Json = "json",
    }
}
choices! {
    /// Whether names without proof are believed.
    UnsignedUsers, "one of refuse, accept" {
        /// They count as unknown.
        Refuse = "refuse",
        /// They are believed and marked.
        Accept = "accept",
    }
}
choices! {
    /// How exactly a viewer's place is kept.
    GeoPrecision, "one of country, region, city" {
        /// The country only.
        Country = "country",
        /// Country and region.
        Region = "region",
        /// Country, region and city.
        City = "city",
    }
}

/// A network in CIDR notation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// Any address of it.
    pub address: IpAddr,
    /// Leading bits that its addresses share.
    pub prefix: u8,
}

impl Network {
    /// Reads `10.0.0.0/8`, or a single address.
    pub fn parse(text: &str) -> Option<Network> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address.parse().ok()?, prefix.parse().ok()?),
            None => {
                let address: IpAddr = text.parse().ok()?;
                (address, if address.is_ipv4() { 32 } else { 128 })
            }
        };
        (prefix <= if address.is_ipv4() { 32 } else { 128 }).then_some(Network { address, prefix })
    }
    /// Whether an address belongs to it. An IPv4 address written as IPv6 counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(a), IpAddr::V4(b)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0);
                u32::from(a) & mask == u32::from(b) & mask
            }
            (IpAddr::V6(a), IpAddr::V6(b)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or(0);
                u128::from(a) & mask == u128::from(b) & mask
            }
            _ => false,
        }
    }
}

/// One row of the table of settings.
#[derive(Debug)]
pub struct Setting {
    /// Key in the settings file, `geo.path`; flag and environment name derive from it.
    pub key: &'static str,
    /// Default, as one would write it.
    pub default: &'static str,
    /// What would be right, to complete "is not".
    pub wanted: &'static str,
    /// One sentence.
    pub help: &'static str,
}

impl Setting {
    /// `--geo-path`, without the dashes.
    pub fn flag(&self) -> String {
        self.key.replace(['.', '_'], "-")
    }
    /// `PLAYHEAD_GEO_PATH`.
    pub fn variable(&self) -> String {
        format!("PLAYHEAD_{}", self.key.replace('.', "_").to_uppercase())
    }
}

macro_rules! settings {
    ($($field:ident: $type:ty = $key:literal, $default:literal, $help:literal;)+) => {
        /// The settings, parsed.
        #[derive(Clone, Debug)]
        pub struct Settings {
            $(#[doc = $help] pub $field: $type,)+
        }
        /// The table, in the order of the settings file.
        pub const SETTINGS: &[Setting] = &[
            $(Setting { key: $key, default: $default, wanted: <$type as Parse>::WANTED, help: $help },)+
        ];
        impl Settings {
            fn from_texts(texts: &BTreeMap<&'static str, String>) -> Result<Settings, ConfigError> {
                Ok(Settings {
                    $($field: {
                        let text = texts.get($key).map_or($default, String::as_str);
                        <$type as Parse>::parse(text).ok_or_else(|| ConfigError::Value {
                            key: $key,
                            value: text.to_owned(),
                            wanted: <$type as Parse>::WANTED,
                        })?
                    },)+
                })
            }
        }
    };
}

settings! {
    data: PathBuf = "data", "playhead-data", "Folder that holds everything; made if it is not there.";
    listen: SocketAddr = "listen", "127.0.0.1:8080", "Address and port to listen on.";
    public_url: Option<url::Url> = "public_url", "", "Address under which people reach the server; needed behind a proxy. With https, cookies are marked secure.";
    tls_cert: Option<PathBuf> = "tls.cert", "", "PEM file with the certificate chain, to serve https without a proxy; with tls.key. Taken anew when it changes.";
    tls_key: Option<PathBuf> = "tls.key", "", "PEM file with the certificate's private key, readable by you only (chmod 600).";
    security_contact: String = "security.contact", "", "Where people tell of weaknesses, such as mailto:security@example.edu: served as /.well-known/security.txt.";
    trusted_proxies: Vec<Network> = "trusted_proxies", "127.0.0.0/8,::1", "Networks of reverse proxies whose X-Forwarded-For is believed.";
    shared_networks: Vec<Network> = "shared_networks", "", "Networks where many viewers share few addresses (classrooms, dormitories): never taken for a flood.";
    unsigned_users: UnsignedUsers = "unsigned_users", "refuse", "Whether a plain userId is believed on accounts that do not say: refuse or accept. Accepted ones are marked as claimed.";
    org_domains: Vec<String> = "org_domains", "", "The institution's own domains; pages on other domains count as embedded elsewhere.";
    domain_rules: Option<PathBuf> = "domain_rules", "", "TOML file with rules for domains, read over the built-in ones.";
    geo_path: Vec<PathBuf> = "geo.path", "", "MMDB file (or two, for IPv4 and IPv6) that tells the place of an address; without it the built-in table tells the country.";
    geo_precision: GeoPrecision = "geo.precision", "city", "How exactly a viewer's place is kept: country, region or city.";
    log_format: LogFormat = "log.format", "text", "Log lines for people (text) or for programs (json).";
    log_level: String = "log.level", "info", "What is logged: error, warn, info, debug, or a filter such as server=debug.";
    disk_free_mb: u64 = "disk.free_mb", "1024", "Below this many free megabytes nothing is accepted any more (503), so that the disk never fills up.";
    report_threads: u64 = "report.threads", "2", "Threads that reckon reports, together; as many reports are reckoned at the same time.";
    report_memory_mb: u64 = "report.memory_mb", "512", "Megabytes that one report may gather; one that needs more is refused, with how to narrow it.";
    report_seconds: u64 = "report.seconds", "60", "Seconds after which a report is given up.";
    report_waiting: u64 = "report.waiting", "64", "Reports that may wait for their turn; further ones are refused (503).";
    exports_keep_hours: u64 = "exports.keep_hours", "24", "Hours for which an export is kept after it has ended; its file goes with it.";
    store_cache_mb: u64 = "store.cache_mb", "256", "Megabytes of decoded columns kept in memory between reports.";
    smallest_group: SmallestGroup = "privacy.smallest_group", "10", "Fewest people of whom a figure is shown to those who may not see names: 5 to 20.";
    own_record: bool = "privacy.own_record", "yes", "Whether everybody who signs in sees what they watched themselves.";
    player_media: Option<Template> = "player.media", "", "Address of a recording's media file (MP4, WebM, MP3; not HLS), with {entry} for its id, to play it in the browser's own player on its page here: such plays are exact, followed, and not counted. It goes before player.embed.";
    player_media_sites: Vec<Site> = "player.media_sites", "", "Further sites to which player.media redirects, with their scheme (https), and *. for any site below one; browsers refuse a file from any other.";
    player_captions: Option<Template> = "player.captions", "", "Address of a recording's captions (WebVTT), with {entry} for its id, shown with player.media. Both sites must then allow other origins (CORS).";
    player_embed: Option<Template> = "player.embed", "", "Address of a page that plays a recording in a frame on its own page here, with {entry} for its id and {start} for the second to begin at; without one and without player.media there is no player. Use a player configuration that sends no analytics, or such plays count.";
    player_youtube: bool = "player.youtube", "no", "Whether YouTube links are played on their page here, by www.youtube-nocookie.com.";
    privacy_contact: String = "privacy.contact", "", "Whom to ask about privacy: a mail address, a web address or a name; shown on /privacy.";
    erasure_list: Option<PathBuf> = "privacy.erasure_list", "", "File outside the data folder to which every erasure is added at once, so that a restored backup from before erases again; it names nobody.";
    retention_person_months: PersonMonths = "retention.person_months", "25", "Whole months for which rows tell who watched: 1 to 120. Older rows keep their figures and lose the person.";
    retention_bad_rows_days: BadRowsDays = "retention.bad_rows_days", "14", "Days for which what could not be understood is kept: 1 to 365.";
    access_log_days: u64 = "retention.access_log_days", "400", "Days for which the access log is kept: who looked at named viewers, exported, changed roles, signed in.";
    mail_server: String = "mail.server", "", "Mail server that tells people of exports asked for through Kaltura's API: smtps://mail.example.edu, smtp://mail.example.edu:587?tls=required; smtp://127.0.0.1:25 without TLS.";
    mail_user: String = "mail.user", "", "Our name with the mail server, if it wants one; with mail.password_file.";
    mail_password_file: Option<PathBuf> = "mail.password_file", "", "File with our password there, readable by you only (chmod 600).";
    mail_from: String = "mail.from", "", "Whom mails are from, such as Playhead <playhead@example.edu>; needed with mail.server, as is public_url.";
    session_hours: u64 = "session.hours", "8", "Hours after which a signed-in person must sign in again.";
    session_idle_minutes: u64 = "session.idle_minutes", "30", "Minutes without a request after which a signed-in person must sign in again.";
    oidc_issuer: String = "oidc.issuer", "", "Identity provider (OpenID Connect) with which people sign in: its issuer, exactly as it writes it; needs public_url.";
    oidc_client_id: String = "oidc.client_id", "", "Our name with the identity provider.";
    oidc_client_secret_file: Option<PathBuf> = "oidc.client_secret_file", "", "File with our secret there, which only we can read; without one we are a public client.";
    oidc_person_claim: String = "oidc.person_claim", "sub", "Claim that holds the institution's id of a person, as the catalog has it.";
    oidc_account: Option<u32> = "oidc.account", "", "Partner id of the account to which those people belong; without it the first one.";
    oidc_scopes: Vec<String> = "oidc.scopes", "openid,profile", "Scopes asked of the identity provider; openid always is.";
    oidc_roles: Arc<[Rule]> = "oidc.roles", "", "Rules that make roles of claims: CLAIM=VALUE:administrator, CLAIM=VALUE:analyst:PEOPLE or CLAIM=VALUE:department:CATEGORY:PEOPLE, where PEOPLE is names, pseudonyms (also if it is left out) or none.";
    saml_idp_metadata: Option<PathBuf> = "saml.idp_metadata", "", "File with the metadata of a SAML identity provider with which people sign in, as you have it from a source you trust; needs public_url, and a program built with the feature saml.";
    saml_entity_id: String = "saml.entity_id", "", "Our name with that provider; without it the address of our metadata, /auth/saml/metadata.";
    saml_person_attribute: String = "saml.person_attribute", "", "Attribute that holds the institution's id of a person, as the catalog has it; without it the NameID.";
    saml_name_attribute: String = "saml.name_attribute", "urn:oid:2.16.840.1.113730.3.1.241", "Attribute that holds what people are called; the default is displayName.";
    saml_account: Option<u32> = "saml.account", "", "Partner id of the account to which those people belong; without it the first one.";
    saml_roles: Arc<[Rule]> = "saml.roles", "", "Rules that make roles of attributes, as oidc.roles does of claims.";
    proxy_user_header: Option<HeaderName> = "proxy.user_header", "", "Header in which a trusted proxy says who is signed in, such as X-Remote-User; believed only from trusted_proxies, which then must remove it from what comes in.";
    proxy_account: Option<u32> = "proxy.account", "", "Partner id of the account to which those people belong; without it the first one.";
}

impl Parse for String {
    const WANTED: &'static str = "a word";
    fn parse(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

/// The variable that names the settings file.
const FILE_VARIABLE: &str = "PLAYHEAD_CONFIG";

impl Settings {
    /// The settings from flags (by key), the environment's variables and the settings file. `file` is the flag's word
    /// for it; without one the environment's `PLAYHEAD_CONFIG` counts, without that there is none.
    pub fn read(
        flags: &BTreeMap<&'static str, String>,
        environment: &[(String, String)],
        file: Option<&Path>,
    ) -> Result<Settings, ConfigError> {
        let mut texts = BTreeMap::new();
        let named = environment.iter().find(|(name, _)| name == FILE_VARIABLE).map(|(_, path)| PathBuf::from(path));
        if let Some(path) = file.map(Path::to_owned).or(named) {
            let content =
                std::fs::read_to_string(&path).map_err(|source| ConfigError::Read { path: path.clone(), source })?;
            texts.extend(file_texts(&content, &path)?);
        }
        texts.extend(environment_texts(environment)?);
        texts.extend(flags.iter().map(|(key, value)| (*key, value.clone())));
        let settings = Settings::from_texts(&texts)?;
        settings.check()?;
        Ok(settings)
    }

    /// What no setting can say alone.
    fn check(&self) -> Result<(), ConfigError> {
        let together = |key, fine: bool, needs| if fine { Ok(()) } else { Err(ConfigError::Together { key, needs }) };
        let media = self.player_media.is_some();
        together("player.media_sites", media || self.player_media_sites.is_empty(), "needs `player.media`")?;
        together("player.captions", media || self.player_captions.is_none(), "needs `player.media`")?;
        let oidc = !self.oidc_issuer.is_empty();
        together(
            "oidc.issuer",
            !oidc || (self.public_url.is_some() && !self.oidc_client_id.is_empty()),
            "needs `public_url`, to which the provider sends people back, and `oidc.client_id`",
        )?;
        together(
            "oidc.roles",
            oidc || self.oidc_roles.is_empty(),
            "needs `oidc.issuer`: nobody else makes the claims",
        )?;
        let saml = self.saml_idp_metadata.is_some();
        together(
            "saml.idp_metadata",
            !saml || cfg!(feature = "saml"),
            "needs a program that was built with `--features saml`",
        )?;
        together(
            "saml.idp_metadata",
            !saml || self.public_url.is_some(),
            "needs `public_url`, to which the provider sends people back",
        )?;
        together(
            "saml.idp_metadata",
            !(saml && oidc),
            "goes without `oidc.issuer`: an installation has one identity provider",
        )?;
        together(
            "saml.roles",
            saml || self.saml_roles.is_empty(),
            "needs `saml.idp_metadata`: nobody else makes the attributes",
        )?;
        let mail = !self.mail_server.is_empty();
        let told = !self.mail_from.is_empty() && self.public_url.is_some();
        together(
            "mail.server",
            !mail || told,
            "needs `mail.from`, whom mails are from, and `public_url`, where they lead",
        )?;
        together(
            "mail.user",
            self.mail_user.is_empty() == self.mail_password_file.is_none(),
            "goes with `mail.password_file`",
        )?;
        let proxies = &self.trusted_proxies;
        together(
            "proxy.user_header",
            self.proxy_user_header.is_none() || (!proxies.is_empty() && proxies.iter().all(|net| net.prefix > 0)),
            "needs `trusted_proxies`, and not all addresses there are: whoever connects from them can say to be anybody",
        )
    }
}

impl Settings {
    /// `retention.bad_rows_days` in ms.
    pub fn bad_rows_keep_ms(&self) -> i64 {
        i64::from(self.retention_bad_rows_days.0) * 24 * 60 * 60 * 1000
    }
    /// `report.memory_mb` in bytes.
    pub fn report_memory_bytes(&self) -> usize {
        usize::try_from(self.report_memory_mb).unwrap_or(usize::MAX).saturating_mul(1 << 20)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Settings::from_texts(&BTreeMap::new()).expect("the defaults are of their own types (a test reads them)")
    }
}

fn environment_texts(environment: &[(String, String)]) -> Result<BTreeMap<&'static str, String>, ConfigError> {
    let mut texts = BTreeMap::new();
    for (name, value) in environment {
        if !name.starts_with("PLAYHEAD_") || name == FILE_VARIABLE {
            continue;
        }
        let row = SETTINGS
            .iter()
            .find(|row| row.variable() == *name)
            .ok_or_else(|| ConfigError::Unknown { name: name.clone(), place: "the environment".to_owned() })?;
        texts.insert(row.key, value.clone());
    }
    Ok(texts)
}

fn file_texts(content: &str, path: &Path) -> Result<BTreeMap<&'static str, String>, ConfigError> {
    let table: toml::Table =
        content.parse().map_err(|source| ConfigError::Syntax { path: path.to_owned(), source: Box::new(source) })?;
    let mut texts = BTreeMap::new();
    flatten("", table, &mut |key, value| {
        let row = SETTINGS
            .iter()
            .find(|row| row.key == key)
            .ok_or_else(|| ConfigError::Unknown { name: key.to_owned(), place: path.display().to_string() })?;
        let text = text_of(&value).ok_or_else(|| ConfigError::Value {
            key: row.key,
            value: value.to_string(),
            wanted: row.wanted,
        })?;
        texts.insert(row.key, text);
        Ok(())
    })?;
    Ok(texts)
}

fn flatten(
    prefix: &str,
    table: toml::Table,
    found: &mut dyn FnMut(&str, toml::Value) -> Result<(), ConfigError>,
) -> Result<(), ConfigError> {
    for (name, value) in table {
        let key = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
        match value {
            toml::Value::Table(inner) => flatten(&key, inner, found)?,
            value => found(&key, value)?,
        }
    }
    Ok(())
}

fn text_of(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Array(items) => Some(items.iter().map(text_of).collect::<Option<Vec<_>>>()?.join(",")),
        _ => None,
    }
}

/// The settings file with every setting, its default and its meaning: what `playhead config` prints.
pub fn sample() -> String {
    use fmt::Write;
    let mut out = String::from(
        "# Playhead's settings. Every line shows a default; take the `#` away to change it.\n\
         # A flag wins over the environment, the environment over this file.\n",
    );
    for row in SETTINGS {
        let _ = write!(out, "\n# {}\n# Flag --{}, environment {}.\n", row.help, row.flag(), row.variable());
        let value = match row.default.parse::<u64>() {
            Ok(number) => number.to_string(),
            Err(_) => format!("{:?}", row.default),
        };
        let _ = writeln!(out, "#{} = {value}", row.key);
    }
    out
}

/// The page of the documentation about settings.
pub fn page() -> String {
    use fmt::Write;
    let mut out = String::from(
        "# Settings\n\nA flag wins over the environment, the environment over the settings file (`--config FILE` or \
         `PLAYHEAD_CONFIG`), the file over the default. Lists are separated by commas; in the file they may also be \
         arrays. Unknown names are refused.\n\n\
         | Key in the file | Flag | Environment | Default | Meaning |\n|---|---|---|---|---|\n",
    );
    for row in SETTINGS {
        let default = if row.default.is_empty() { "none".to_owned() } else { format!("`{}`", row.default) };
        let _ =
            writeln!(out, "| `{}` | `--{}` | `{}` | {default} | {} |", row.key, row.flag(), row.variable(), row.help);
    }
    out
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn env(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_flag_wins_over_the_environment_over_the_file_over_the_default() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("playhead.toml");
        std::fs::write(&file, "listen = \"127.0.0.1:1\"\n[geo]\nprecision = \"country\"\n[report]\nthreads = 7\n")
            .unwrap();
        let environment = env(&[("PLAYHEAD_LISTEN", "127.0.0.1:2"), ("PLAYHEAD_GEO_PRECISION", "region")]);
        let flags = BTreeMap::from([("listen", "127.0.0.1:3".to_owned())]);
        let settings = Settings::read(&flags, &environment, Some(&file)).unwrap();
        assert_eq!(settings.listen.port(), 3);
        assert_eq!(settings.geo_precision, GeoPrecision::Region);
        assert_eq!(settings.report_threads, 7);
        assert_eq!(settings.session_hours, 8);
    }

    #[test]
    fn unknown_names_are_refused_by_name() {
        let error = Settings::read(&BTreeMap::new(), &env(&[("PLAYHEAD_LISTN", "x")]), None).unwrap_err();
        assert!(error.to_string().contains("`PLAYHEAD_LISTN`"), "{error}");
        let error = file_texts("[geo]\npaht = \"x\"", Path::new("p.toml")).unwrap_err();
        assert!(error.to_string().contains("`geo.paht` in p.toml"), "{error}");
    }

    #[test]
    fn a_wrong_value_says_what_would_be_right() {
        let error = Settings::read(&BTreeMap::from([("listen", "8080".to_owned())]), &[], None).unwrap_err();
        assert!(error.to_string().contains("an address with a port"), "{error}");
    }

    #[test]
    fn settings_that_need_others_say_which() {
        let read = |flags: &[(&'static str, &str)]| {
            let flags = flags.iter().map(|(key, value)| (*key, (*value).to_owned())).collect();
            Settings::read(&flags, &[], None).map_err(|error| error.to_string())
        };
        let issuer = ("oidc.issuer", "https://idp.example.edu");
        let (client, url) = (("oidc.client_id", "playhead"), ("public_url", "https://media.example.edu"));
        assert!(read(&[issuer, client]).unwrap_err().contains("`public_url`"));
        assert!(read(&[issuer, url]).unwrap_err().contains("`oidc.client_id`"));
        assert!(read(&[("oidc.roles", "groups=ir:analyst")]).unwrap_err().contains("`oidc.issuer`"));
        let saml = ("saml.idp_metadata", "idp.xml");
        assert!(read(&[("saml.roles", "groups=ir:analyst")]).unwrap_err().contains("`saml.idp_metadata`"));
        if cfg!(feature = "saml") {
            assert!(read(&[saml]).unwrap_err().contains("`public_url`"));
            assert!(read(&[saml, issuer, client, url]).unwrap_err().contains("one identity provider"));
            assert!(read(&[saml, url]).is_ok());
        } else {
            assert!(read(&[saml, url]).unwrap_err().contains("--features saml"), "not silently ignored");
        }
        let settings =
            read(&[issuer, client, url, ("oidc.roles", "groups=ir:analyst, groups=a:administrator")]).unwrap();
        assert_eq!(settings.oidc_roles.len(), 2);
        assert!(
            read(&[issuer, client, url, ("oidc.roles", "groups=ir:king")]).unwrap_err().contains("a list of rules")
        );
        let sites = ("player.media_sites", "https://cdn.example.com, https://*.example.net");
        let media = ("player.media", "https://media.example.edu/{entry}.mp4");
        assert!(read(&[sites]).unwrap_err().contains("`player.media`"));
        assert!(read(&[("player.captions", media.1)]).unwrap_err().contains("`player.media`"));
        assert_eq!(read(&[sites, media]).unwrap().player_media_sites.len(), 2);
        assert!(read(&[media, ("player.media_sites", "*")]).unwrap_err().contains("a list of sites"));
        assert!(read(&[("player.media", "https://media.example.edu/")]).unwrap_err().contains("{entry}"));
        let header = ("proxy.user_header", "X-Remote-User");
        assert!(read(&[header]).is_ok());
        assert!(read(&[header, ("trusted_proxies", "")]).unwrap_err().contains("`trusted_proxies`"));
        assert!(read(&[header, ("trusted_proxies", "10.0.0.0/8, 0.0.0.0/0")]).unwrap_err().contains("all addresses"));
        assert!(read(&[("proxy.user_header", "X Remote")]).unwrap_err().contains("a header's name"));
    }

    #[test]
    fn the_sample_without_its_marks_reads_as_the_defaults() {
        let plain: String = sample()
            .lines()
            .filter_map(|line| line.strip_prefix('#'))
            .filter(|line| !line.starts_with(' '))
            .fold(String::new(), |all, line| all + line + "\n");
        let texts = file_texts(&plain, Path::new("sample")).unwrap();
        assert_eq!(texts.len(), SETTINGS.len());
        for row in SETTINGS {
            assert_eq!(texts[row.key], row.default, "{}", row.key);
        }
        Settings::from_texts(&texts).unwrap();
    }

    #[test]
    fn networks_hold_their_addresses_and_no_others() {
        let net = Network::parse("10.1.0.0/16").unwrap();
        assert!(net.contains("10.1.255.3".parse().unwrap()));
        assert!(net.contains("::ffff:10.1.2.3".parse().unwrap()));
        assert!(!net.contains("10.2.0.0".parse().unwrap()));
        assert!(Network::parse("0.0.0.0/0").unwrap().contains("9.9.9.9".parse().unwrap()));
        assert!(Network::parse("fd00::/8").unwrap().contains("fd12::1".parse().unwrap()));
        assert!(Network::parse("10.0.0.0/33").is_none());
    }
}
