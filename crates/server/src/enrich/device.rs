//! What somebody watches on.

use engine::event::Text;

/// Device class: the stored words are Kaltura's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Device {
    /// Nothing was said.
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
#[derive(Clone, Copy, Default)]
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
    /// Operating system version.
    pub os_version: Text,
    /// Browser family.
    pub browser: Text,
    /// Browser version (major).
    pub browser_version: Text,
    /// A bot, headless browser or monitor.
    pub bot: bool,
}

/// Reads user agents, with a cache.
pub(super) struct Agents {}

impl Agents {
    pub(super) fn new() -> Agents {
        Agents {}
    }
    pub(super) fn agent(&self, _user_agent: &str, _hints: &Hints<'_>) -> Agent {
        Agent::default()
    }
}
