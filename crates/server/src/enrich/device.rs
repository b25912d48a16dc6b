//! What somebody watches on: device class by our own ordered rules, operating system and browser by uap-core's
//! patterns, bots by isbot's. Results are cached by the hash of the user agent; the string itself is not kept.

use super::bot::Bots;
use engine::event::Text;
use quick_cache::sync::Cache;
use regex::{Regex, RegexBuilder};
use std::sync::OnceLock;
use ua_parser::Regexes;
use xxhash_rust::xxh3::Xxh3;

/// uap-core's browser and system patterns.
const PATTERNS: &str = include_str!("../../data/uap.json");
/// Results kept. A campus has a few thousand distinct user agents.
const CACHE_ITEMS: usize = 10_000;
/// Longer user agents are read only so far: real ones stay under 400 bytes.
const AGENT_BYTES_MAX: usize = 1024;
/// Longest family or version: uap-core's own names stay under 40 bytes.
const NAME_BYTES_MAX: usize = 48;

/// Device class: the stored words are Kaltura's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Device {
    /// Nothing was said, or nothing that we know.
    #[default]
    Unknown,
    /// Desktop or laptop.
    Computer,
    /// Phone, phablet, music player.
    Mobile,
    /// Tablet.
    Tablet,
    /// Game console.
    Console,
    /// Smart TV, stick, box, smart display.
    Receiver,
    /// Watch, headset.
    Wearable,
}

impl Device {
    /// The stored word.
    pub fn name(self) -> &'static str {
        match self {
            Device::Unknown => "Unknown",
            Device::Computer => "Computer",
            Device::Mobile => "Mobile",
            Device::Tablet => "Tablet",
            Device::Console => "Game console",
            Device::Receiver => "Digital media receiver",
            Device::Wearable => "Wearable",
        }
    }
}

/// What came along with the user agent and says more than it. All optional.
#[derive(Clone, Copy, Default, Hash)]
pub struct Hints<'a> {
    /// `Sec-CH-UA-Mobile` as sent (`?1`, `?0`).
    pub mobile: Option<&'a str>,
    /// `Sec-CH-UA-Form-Factors` as sent (`"Tablet"`).
    pub form_factors: Option<&'a str>,
    /// `navigator.maxTouchPoints`, from our tracker.
    pub touch_points: Option<u32>,
}

/// What a user agent says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agent {
    /// Device class.
    pub device: Device,
    /// Operating system family; empty when not known.
    pub os: Text,
    /// Its version: the first number, for `Mac OS X` the first two.
    pub os_version: Text,
    /// Browser family; empty when not known.
    pub browser: Text,
    /// Its version: the first number.
    pub browser_version: Text,
    /// A bot, headless browser or monitor.
    pub bot: bool,
}

/// Reads user agents, with a cache.
pub(super) struct Agents {
    cache: Cache<u128, Agent>,
    /// 0.3 s to build and 28 MB: built when first needed, or by `warm`.
    readers: OnceLock<Readers>,
}

impl Agents {
    pub(super) fn new() -> Agents {
        Agents { cache: Cache::new(CACHE_ITEMS), readers: OnceLock::new() }
    }

    /// Builds the readers now.
    pub(super) fn warm(&self) {
        self.readers.get_or_init(Readers::new);
    }

    pub(super) fn agent(&self, user_agent: &str, hints: &Hints<'_>) -> Agent {
        let user_agent = crate::enrich::cut(user_agent.trim(), AGENT_BYTES_MAX);
        let mut hash = Xxh3::new();
        std::hash::Hash::hash(&(user_agent, hints), &mut hash);
        let key = hash.digest128();
        if let Some(agent) = self.cache.get(&key) {
            return agent;
        }
        let agent = self.readers.get_or_init(Readers::new).agent(user_agent, hints);
        self.cache.insert(key, agent.clone());
        agent
    }
}

struct Readers {
    browsers: ua_parser::user_agent::Extractor<'static>,
    systems: ua_parser::os::Extractor<'static>,
    classes: Vec<Class>,
    bots: Bots,
}

impl Readers {
    fn new() -> Readers {
        const WHOLE: &str = "the embedded patterns compile: a test builds them";
        let patterns: Regexes<'static> = serde_json::from_str(PATTERNS).expect(WHOLE);
        let all = ua_parser::Extractor::try_from(patterns).expect(WHOLE);
        Readers { browsers: all.ua, systems: all.os, classes: classes(), bots: Bots::new() }
    }

    fn agent(&self, user_agent: &str, hints: &Hints<'_>) -> Agent {
        let mut agent = Agent {
            device: hinted(self.device(user_agent), user_agent, hints),
            bot: self.bots.is_bot(user_agent),
            ..Agent::default()
        };
        // uap's word for what it does not know is `Other`: not a family.
        if let Some(browser) = self.browsers.extract(user_agent).filter(|found| found.family != "Other") {
            agent.browser = short(&browser.family);
            agent.browser_version = short(browser.major.unwrap_or_default());
        }
        if let Some(os) = self.systems.extract(user_agent).filter(|found| found.os != "Other") {
            let major = os.major.unwrap_or_default();
            agent.os_version = match os.minor {
                Some(minor) if os.os == "Mac OS X" => short(&format!("{major}.{minor}")),
                _ => short(&major),
            };
            agent.os = short(&os.os);
        }
        agent
    }

    fn device(&self, user_agent: &str) -> Device {
        if user_agent.is_empty() {
            return Device::Unknown;
        }
        self.classes.iter().find(|class| class.takes(user_agent)).map_or(Device::Unknown, |class| class.device)
    }
}

/// Some families are taken from the string itself: no more of it is kept than a name needs.
fn short(name: &str) -> Text {
    crate::enrich::cut(name, NAME_BYTES_MAX).into()
}

/// Client hints beat the string where they disagree on the class.
fn hinted(device: Device, user_agent: &str, hints: &Hints<'_>) -> Device {
    let form = hints.form_factors.unwrap_or_default();
    let factor = |name: &str| form.contains(&format!("\"{name}\""));
    if factor("XR") || factor("Watch") {
        return Device::Wearable;
    }
    if factor("Tablet") || factor("EInk") {
        return Device::Tablet;
    }
    if factor("Mobile") {
        return Device::Mobile;
    }
    if factor("Desktop") {
        return Device::Computer;
    }
    match (device, hints.mobile) {
        (Device::Computer | Device::Unknown, Some("?1")) => Device::Mobile,
        // A phone's string on something that says it is no phone: a tablet.
        (Device::Mobile, Some("?0")) if user_agent.contains("Android") => Device::Tablet,
        // Safari on an iPad calls itself Macintosh; no Macintosh has a touch screen.
        (Device::Computer, _) if user_agent.contains("Macintosh") && hints.touch_points > Some(1) => Device::Tablet,
        _ => device,
    }
}

/// One rule: the first whose `yes` matches and whose `no` does not gives the class.
struct Class {
    device: Device,
    yes: Regex,
    no: Option<Regex>,
}

impl Class {
    fn takes(&self, user_agent: &str) -> bool {
        self.yes.is_match(user_agent) && !self.no.as_ref().is_some_and(|no| no.is_match(user_agent))
    }
}

/// The rules, in order.
fn classes() -> Vec<Class> {
    // (class, what it must hold, what it must not hold)
    let rules: [(Device, &str, &str); 8] = [
        (
            Device::Console,
            r"\b(?:playstation|nintendo|xbox|steam ?deck|gamepad|new nintendo|ouya|nvidia shield portable)",
            "",
        ),
        (
            Device::Receiver,
            r"smart-?tv|smart_tv|hbbtv|apple ?tv|google ?tv|android ?tv|\btv\b|\bce-html|crkey|chromecast|\broku|\baft[a-z0-9]{1,6}\b|fire ?tv|bravia|web0s|netcast|viera|aquos|smarthub|net-?tv|dlnadoc|large screen|nexbox|\bmi ?box|\bmitv|tv ?box|\bstb\b|set-?top|opera tv|espial|philipstv|vizio|echo show|nest hub|\bdtv|_tv\b|_tv_|\btv_|tv\d|smart ?box|link ?box|[a-z0-9]box\b|a95x|\bx96|\bh96|\bt95|\btx\d|zidoo|beelink|mecool|minix|\bneo-[xu]\d|\b[a-z]*-?led-?\d|android [\d.]+; \d\d[a-z]{1,3}\d{3}|\bmtv\b|vestel|hisense.*vidaa|sw-led",
            r"\bmobile (?:safari|dtv)|\bphone\b|\bdtv\b.*\bmobile\b",
        ),
        (
            Device::Wearable,
            r"\bwatch|wear ?os|oculus|\bquest\b|\bvr\b|\bpico (?:neo|4|g\d)|hololens|vive\b|glass \d",
            "",
        ),
        (
            Device::Tablet,
            r"ipad|tablet|kindle|playbook|silk-accelerated|\bkf[a-z]{2,5}\b|nexus (?:7|9|10)\b|\bsm-[tpx]\d{3}|\bgt-[pn]\d{4}|\bxoom\b|\blenovo tb|\btouchpad\b|\bmediapad\b|\bmi ?pad\b|(?:\b|_)tab(?:\b|_|\d)|\bmid\d|[a-z]tab\b|\b(?:bah|ags|mrx|scmr|dby|kob)\d?-[lw]\d\d",
            r"tablet pc|\bgt-n7[01]0[05]|windows nt.*\btablet\b.*touch",
        ),
        (
            Device::Tablet,
            r"android",
            r"mobi|\bopera mini|\bphone\b|\bwindows nt|\bx11; linux x86_64\) .*\bchrome/[\d.]+ safari/[\d.]+ android",
        ),
        (
            Device::Mobile,
            r"mobi|iphone|ipod|android|phone|blackberry|\bbb10\b|opera mini|symb(?:ian|os)|series ?[3-6]0|nokia|midp|j2me|up\.browser|up\.link|kaios|\bbrew\b|samsung|sonyericsson|palm|webos|maemo|meego|tizen|bada|ucweb|docomo|kddi|\bmot-|\blg[-e/]|sailfish|netfront|obigo|teleca|alcatel|\bzte\b|walkman|\bcldc",
            r"\bwindows nt.*\btouch\b.*\btrident",
        ),
        (
            Device::Computer,
            r"windows|\bwin ?(?:32|64|95|98|9x|nt|ce)|macintosh|mac os|mac_powerpc|darwin|linux|x11|cros\b|\b\w*bsd\b|sunos|solaris|os/2|haiku|beos|amiga|morphos|aros|irix|hp-ux|aix|risc ?os|ubuntu|fedora|debian|fuchsia|syllable|electron|inferno|plan 9",
            "",
        ),
        (Device::Receiver, r"kodi|xbmc|\bvlc\b.*\btv|libmpv|crosswalk.*tv", ""),
    ];
    let build = |pattern: &str| {
        let built = RegexBuilder::new(pattern).case_insensitive(true).build();
        built.expect("the embedded patterns compile: a test builds them")
    };
    rules
        .into_iter()
        .map(|(device, yes, no)| Class { device, yes: build(yes), no: (!no.is_empty()).then(|| build(no)) })
        .collect()
}

#[cfg(test)]
mod tests;
