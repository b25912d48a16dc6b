#![expect(clippy::unwrap_used)]

use super::*;
use crate::enrich::test_data;
use serde::Deserialize;
use std::sync::LazyLock;

static AGENTS: LazyLock<Agents> = LazyLock::new(Agents::new);

fn agent(user_agent: &str) -> Agent {
    AGENTS.agent(user_agent, &Hints::default())
}

const CHROME: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36";
const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.6.1 Mobile/15E148 Safari/604.1";
const MAC: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15";
const ANDROID: &str =
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Mobile Safari/537.36";
const ANDROID_TABLET: &str =
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Safari/537.36";

#[test]
fn families_and_versions() {
    let read = |user_agent: &str| {
        let Agent { device, os, os_version, browser, browser_version, bot } = agent(user_agent);
        assert!(!bot, "{user_agent}");
        format!("{} | {os} {os_version} | {browser} {browser_version}", device.name())
    };
    assert_eq!(read(CHROME), "Computer | Windows 10 | Chrome 120");
    assert_eq!(read(IPHONE), "Mobile | iOS 18 | Mobile Safari 26");
    assert_eq!(read(MAC), "Computer | Mac OS X 10.15 | Safari 17");
    assert_eq!(read(ANDROID), "Mobile | Android 10 | Chrome Mobile 137");
    assert_eq!(read(""), "Unknown |   |  ");
}

#[test]
fn classes() {
    for (user_agent, class) in [
        (ANDROID_TABLET, Device::Tablet),
        (
            "Mozilla/5.0 (iPad; CPU OS 12_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1 Mobile/15E148 Safari/604.1",
            Device::Tablet,
        ),
        (
            "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
            Device::Computer,
        ),
        ("Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; Trident/5.0; Tablet PC 2.0)", Device::Computer),
        (
            "Mozilla/5.0 (PlayStation; PlayStation 5/2.26) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.0 Safari/605.1.15",
            Device::Console,
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; Xbox; Xbox One) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/58.0 Edge/16.16299",
            Device::Console,
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64; SteamDeck) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/102.0 Safari/537.36",
            Device::Console,
        ),
        (
            "Mozilla/5.0 (Linux; Android 4.1.1; ARCHOS GAMEPAD Build/JRO03H) AppleWebKit/535.19 (KHTML, like Gecko) Chrome/18.0 Safari/535.19",
            Device::Console,
        ),
        (
            "Mozilla/5.0 (Linux; Android 7.1; NEXBOX-A95X Build/NHG47L) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/70.0 Safari/537.36",
            Device::Receiver,
        ),
        (
            "Mozilla/5.0 (SMART-TV; LINUX; Tizen 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Version/5.0 TV Safari/537.36",
            Device::Receiver,
        ),
        (
            "Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/79.0 Safari/537.36 WebAppManager",
            Device::Receiver,
        ),
        (
            "Mozilla/5.0 (Linux; Android 7.1.2; AFTMM) AppleWebKit/537.36 (KHTML, like Gecko) Silk/94.3 like Chrome/94.0 Safari/537.36",
            Device::Receiver,
        ),
        (
            "Mozilla/5.0 (Linux; Android 6.0; XT1556 DTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/55.0 Mobile Safari/537.36",
            Device::Mobile,
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; Quest 2) AppleWebKit/537.36 (KHTML, like Gecko) OculusBrowser/18.1 Chrome/95.0 VR Safari/537.36",
            Device::Wearable,
        ),
        (
            "Opera/9.80 (J2ME/MIDP; Opera Mini/9.80 (S60; SymbOS; Opera Mobi/23.348; U; en) Presto/2.5.25 Version/10.54",
            Device::Mobile,
        ),
    ] {
        assert_eq!(agent(user_agent).device, class, "{user_agent}");
    }
}

#[test]
fn bots() {
    for bot in [
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0.0.0 Safari/537.36",
        "curl/8.4.0",
        "python-requests/2.31.0",
        "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/120.0 Safari/537.36 Chrome-Lighthouse",
        "Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)",
        "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
        "Java/1.8.0_161",
    ] {
        assert!(agent(bot).bot, "{bot}");
    }
    for person in [
        CHROME,
        IPHONE,
        MAC,
        ANDROID,
        "",
        "Mozilla/5.0 (Linux; Android 9; CUBOT_X18_Plus) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/87.0 Mobile Safari/537.36",
    ] {
        assert!(!agent(person).bot, "{person}");
    }
}

#[test]
fn hints_beat_the_string() {
    let with = |user_agent: &str, hints: Hints<'_>| AGENTS.agent(user_agent, &hints).device;
    let touch = |points| Hints { touch_points: Some(points), ..Hints::default() };
    assert_eq!(with(MAC, touch(5)), Device::Tablet, "an iPad");
    assert_eq!(with(MAC, touch(0)), Device::Computer);
    assert_eq!(with(CHROME, touch(10)), Device::Computer, "a laptop with a touch screen");
    let form = |form| Hints { form_factors: Some(form), ..Hints::default() };
    assert_eq!(with(CHROME, form("\"Tablet\"")), Device::Tablet);
    assert_eq!(with(ANDROID, form("\"Desktop\"")), Device::Computer);
    assert_eq!(with(ANDROID, form("\"XR\", \"Mobile\"")), Device::Wearable);
    let mobile = |mobile| Hints { mobile: Some(mobile), ..Hints::default() };
    assert_eq!(with(CHROME, mobile("?1")), Device::Mobile);
    assert_eq!(with(CHROME, mobile("?0")), Device::Computer);
    assert_eq!(with(ANDROID, mobile("?0")), Device::Tablet);
}

/// 10,000 user agents of real visitors, with their class.
#[test]
fn real_visitors() {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Case {
        user_agent: String,
        device_category: String,
    }
    let Some(path) = test_data("user-agents.json") else { return };
    let cases: Vec<Case> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let mut wrong = Vec::new();
    for case in &cases {
        let agent = agent(&case.user_agent);
        let class = match agent.device {
            Device::Computer => "desktop",
            Device::Mobile => "mobile",
            Device::Tablet => "tablet",
            _ => "other",
        };
        assert!(!agent.bot, "{}", case.user_agent);
        if class != case.device_category {
            wrong.push((class, &case.device_category, &case.user_agent));
        }
    }
    assert!(cases.len() == 10_000 && wrong.len() <= 50, "{} wrong: {:#?}", wrong.len(), &wrong[..wrong.len().min(20)]);
}

/// uap-core's own cases: our table of patterns is whole and read right.
#[test]
fn uap_cases() {
    #[derive(Deserialize)]
    struct Case {
        user_agent_string: String,
        family: String,
        major: Option<String>,
    }
    let readers = Readers::new();
    for (file, least) in [("uap_ua.json", 1_400), ("uap_os.json", 450)] {
        let Some(path) = test_data(file) else { return };
        let cases: Vec<Case> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        assert!(cases.len() > least);
        for case in cases {
            let want = (case.family.as_str(), case.major.as_deref().unwrap_or_default());
            let text = case.user_agent_string.as_str();
            if file == "uap_ua.json" {
                let found = readers.browsers.extract(text);
                let got = found.as_ref().map_or(("Other", ""), |f| (&f.family, f.major.unwrap_or_default()));
                assert_eq!(got, want, "{text}");
            } else {
                let found = readers.systems.extract(text);
                let got = found.as_ref().map_or(("Other", ""), |f| (&f.os, f.major.as_deref().unwrap_or_default()));
                assert_eq!(got, want, "{text}");
            }
        }
    }
}

/// Matomo's fixtures: odd devices are over-represented.
#[test]
fn matomo_cases() {
    #[derive(Deserialize)]
    struct Case {
        agent: String,
        device: Option<String>,
        os: Option<String>,
    }
    #[derive(Deserialize)]
    struct Cases {
        browsers: Vec<Case>,
        bots: Vec<String>,
    }
    let Some(path) = test_data("matomo.json") else { return };
    let cases: Cases = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let readers = Readers::new();
    let found = cases.bots.iter().filter(|bot| readers.bots.is_bot(bot)).count();
    assert!(cases.bots.len() > 1_300 && found * 1000 >= cases.bots.len() * 990, "{found} of {} bots", cases.bots.len());
    let (mut classes, mut right, mut systems, mut right_systems, mut false_bots) = (0, 0, 0, 0, 0);
    let mut system_misses = std::collections::BTreeMap::<(&str, Text), usize>::new();
    let mut misses = std::collections::BTreeMap::<(String, &str), usize>::new();
    for case in &cases.browsers {
        let agent = readers.agent(&case.agent, &Hints::default());
        false_bots += usize::from(agent.bot);
        if let Some(device) = &case.device {
            let want = match device.as_str() {
                "desktop" => Device::Computer,
                "tablet" => Device::Tablet,
                "tv" | "smart display" => Device::Receiver,
                "console" => Device::Console,
                "wearable" => Device::Wearable,
                "smartphone" | "phablet" | "feature phone" | "portable media player" => Device::Mobile,
                _ => continue, // cars, cameras, peripherals, speakers: classes that we do not have
            };
            classes += 1;
            right += usize::from(agent.device == want);
            if agent.device != want {
                *misses.entry((device.clone(), agent.device.name())).or_default() += 1;
            }
        }
        if let Some(os) = &case.os {
            systems += 1;
            right_systems += usize::from(same_system(os, &agent.os));
            if !same_system(os, &agent.os) {
                *system_misses.entry((os.as_str(), agent.os)).or_default() += 1;
            }
        }
    }
    assert!(classes > 30_000 && right * 100 >= classes * 90, "{right} of {classes} classes; {misses:#?}");
    assert!(
        systems > 30_000 && right_systems * 100 >= systems * 98,
        "{right_systems} of {systems} systems; {system_misses:#?}"
    );
    assert!(false_bots * 100 <= cases.browsers.len() * 2, "{false_bots} people taken for bots");
}

/// Whether two words mean the same system. Both projects name some systems in their own way; what is built on Linux or
/// Android counts as either.
fn same_system(matomo: &str, ours: &str) -> bool {
    let fold = |name: &str| {
        let name = name.to_ascii_lowercase();
        match name.as_str() {
            "mac" | "mac os x" | "macos" => "mac".to_owned(),
            "chrome os" | "chromeos" => "chromeos".to_owned(),
            "gnu/linux" | "linux" | "ubuntu" | "debian" | "fedora" | "arch linux" | "mint" | "linux mint"
            | "gentoo" | "suse" | "red hat" | "centos" | "tizen" | "webos" | "firefox os" | "kaios" | "fire os"
            | "yunos" | "android" | "android tv" | "harmonyos" | "lineage os" | "remix os" | "wear os" | "fydeos"
            | "opensuse" | "kubuntu" | "xubuntu" | "lubuntu" | "mandriva" | "slackware" | "chromecast"
            | "coolita os" | "whale os" | "meego" | "maemo" | "sailfish os" | "plasma mobile" | "web0s" | "vidaa"
            | "opera tv" | "mocordroid" | "cyanogenmod" | "tivo os" | "yaos" | "vizios" | "brightsignos"
            | "smartisan os" | "meta horizon" | "orsay" | "hyperos" | "steamos" | "pico os" => "linux".to_owned(),
            "ipados" | "ios" | "tvos" | "atv os x" | "watchos" => "ios".to_owned(),
            _ if name.starts_with("windows") => "windows".to_owned(),
            _ if name.starts_with("blackberry") => "blackberry".to_owned(),
            _ if name.starts_with("symbian") => "symbian".to_owned(),
            _ => name.replace([' ', '-', '_'], ""),
        }
    };
    fold(matomo) == fold(ours)
}
