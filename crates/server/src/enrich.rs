//! Enrichment: what an address, a user agent and a referrer say, settled once, at collection.
//!
//! The journal holds place, device and page as values. Addresses, user-agent strings and raw referrers live only in
//! the arguments of these functions: nothing here keeps, prints or logs them, and no type that holds one is `Debug`.

pub mod atlas;
pub mod bot;
pub mod country;
pub mod device;
pub mod page;
pub mod place;
pub mod rules;

use engine::event::{Facts, Text};
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

pub use atlas::{Atlas, Point};
pub use device::{Agent, Hints};
pub use page::Page;
pub use place::{Place, Precision};

/// Where the data for enrichment is, and how fine it may be.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// MMDB files named by the operator: one file, or a v4 and a v6 one. They win over everything else.
    pub geo: Vec<PathBuf>,
    /// The data folder; `geo/*.mmdb` in it (the set-up's download) is used when `geo` is empty.
    pub data: Option<PathBuf>,
    /// The catalog's file, which keeps where cities lie; without it that is forgotten.
    pub atlas: Option<PathBuf>,
    /// How fine a place may be.
    pub precision: Precision,
    /// The operator's domain rules (TOML), read over the built-in ones.
    pub rules: Option<PathBuf>,
    /// The institution's own domains (`example.edu`): they fill `{org}` in the rules.
    pub org_domains: Vec<String>,
}

/// Everything that turns what a request carries into facts. Shared by all collectors; cheap to call.
pub struct Enricher {
    places: place::Places,
    atlas: Arc<Atlas>,
    agents: device::Agents,
    pages: page::Pages,
}

impl Enricher {
    /// Loads the data. A file that is unreadable or wrong is logged and left out: collection always starts.
    pub fn open(settings: &Settings) -> Enricher {
        Enricher {
            places: place::Places::open(settings),
            atlas: Arc::new(settings.atlas.as_deref().map_or_else(Atlas::default, open_atlas)),
            agents: device::Agents::new(),
            pages: page::Pages::open(settings),
        }
    }

    /// Builds what is otherwise built at the first user agent (0.3 s): call it once from a thread that may wait.
    pub fn warm(&self) {
        self.agents.warm();
    }

    /// Where an address is, as fine as the settings allow. Private, documentation and unknown addresses give an empty place.
    pub fn place(&self, ip: IpAddr) -> Place {
        self.places.place(ip)
    }

    /// Where cities lie that were seen.
    pub fn atlas(&self) -> &Arc<Atlas> {
        &self.atlas
    }

    /// What a user agent (and the client hints that came along) says about the device, and whether it is a bot.
    pub fn agent(&self, user_agent: &str, hints: &Hints<'_>) -> Agent {
        self.agents.agent(user_agent, hints)
    }

    /// Domain and canonical page of a referrer as the browser disclosed it (plain; the collector has undone base64).
    /// A bare origin counts as "page not disclosed": the page is empty.
    pub fn page(&self, referrer: &str) -> Page {
        self.pages.page(referrer, false)
    }

    /// The same for an address the sender vouches to be whole (our tracker's `location.href`): `/` stays `/`.
    pub fn whole_page(&self, address: &str) -> Page {
        self.pages.page(address, true)
    }

    /// Looks whether a watched file (place data, domain rules) has changed, and if so checks it and takes it. A bad
    /// file is refused with a warning and the old data stays. What was learned of cities is written down. Call it every few
    /// seconds from one task; it reads and writes files.
    pub fn refresh(&self) {
        self.places.refresh();
        self.pages.refresh();
        save(&self.atlas);
    }

    /// The domain rules in use.
    pub fn rules(&self) -> Arc<rules::Rules> {
        self.pages.rules()
    }

    /// What the place data is, for the health page.
    pub fn place_source(&self) -> place::Source {
        self.places.source()
    }
}

fn open_atlas(file: &std::path::Path) -> Atlas {
    Atlas::open(file).unwrap_or_else(|error| {
        tracing::warn!(cause = crate::error::chain(&error), "where cities lie cannot be read; it is learned anew");
        Atlas::default()
    })
}

/// Writes down what was learned of cities; a failure is logged, and tried again the next time.
pub fn save(atlas: &Atlas) {
    if let Err(error) = atlas.save() {
        tracing::warn!(cause = crate::error::chain(&error), "where cities lie cannot be written down");
    }
}

/// The longest part of a text within `bytes` that ends at a character boundary.
fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

impl Place {
    /// Writes the place into an event's facts.
    pub fn fill(&self, facts: &mut Facts) {
        facts.country = self.country.clone();
        facts.region = self.region.clone();
        facts.city = self.city.clone();
        facts.place_source = self.source.clone();
    }
}

impl Agent {
    /// Writes the agent into an event's facts; the bot flag is the event's own.
    pub fn fill(&self, facts: &mut Facts) {
        facts.device = Text::from(self.device.name());
        facts.os = self.os.clone();
        facts.os_version = self.os_version.clone();
        facts.browser = self.browser.clone();
        facts.browser_version = self.browser_version.clone();
    }
}

impl Page {
    /// Writes the page into an event's facts.
    pub fn fill(&self, facts: &mut Facts) {
        facts.domain = self.domain.clone();
        facts.page = self.page.clone();
    }
}

/// A file that `scripts/fetch-test-data.sh` fetches. None, with a word on standard error, when it was not fetched; with
/// `PLAYHEAD_TEST_DATA` set (as `make test` does) it must be there.
#[cfg(test)]
fn test_data(name: &str) -> Option<PathBuf> {
    let told = std::env::var_os("PLAYHEAD_TEST_DATA").map(PathBuf::from);
    let usual = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/test-data"));
    let path = told.as_ref().unwrap_or(&usual).join(name);
    if path.exists() {
        return Some(path);
    }
    assert!(told.is_none(), "{} is not there: run scripts/fetch-test-data.sh", path.display());
    eprintln!("skipped: {} is not there; scripts/fetch-test-data.sh fetches it", path.display());
    None
}
