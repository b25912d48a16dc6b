#![expect(clippy::unwrap_used)]

use super::*;
use crate::enrich::{Enricher, Settings};

const CAMPAIGN: &str = "player-upgrade";

#[derive(Deserialize)]
struct Documented {
    host: Vec<Host>,
}

/// A host of the reference table, and what is to be said of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Host {
    referrer: String,
    rule: Option<String>,
    class: Option<Class>,
    attention: Attention,
    explain: Option<String>,
    /// A part of what is to be done.
    note: Option<String>,
    #[serde(default)]
    open: bool,
}

/// Every host of the reference table: explanation, what to do, whether its pages open, what the upgrade means for it.
#[test]
fn reference_hosts() {
    let documented: Documented = toml::from_str(include_str!("documented.toml")).unwrap();
    // The institution of the reference table.
    let enricher = Enricher::open(&Settings { org_domains: vec!["umn.edu".to_owned()], ..Settings::default() });
    let rules = enricher.rules();
    let campaign = rules.campaign(CAMPAIGN).unwrap();
    assert_eq!(campaign.date, Some("2024-08-01".parse().unwrap()));
    for host in documented.host {
        let domain = enricher.page(&host.referrer).domain;
        let verdict = rules.of(&domain);
        let told = verdict.rule.map(|rule| rule.id.clone());
        assert_eq!((told, verdict.of_site(campaign)), (host.rule, host.attention), "{}", host.referrer);
        if let Some(class) = host.class {
            assert_eq!(verdict.class, class, "{}", host.referrer);
        }
        let rule = verdict.rule;
        assert_eq!(rule.map(|rule| rule.explain.clone()), host.explain, "{}", host.referrer);
        assert_eq!(rule.is_some_and(|rule| rule.open), host.open, "{}", host.referrer);
        if let Some(note) = host.note {
            assert!(rule.unwrap().action.contains(&note), "{}: {}", host.referrer, rule.unwrap().action);
        }
    }
}

#[test]
fn a_campaign_looks_at_how_something_was_played() {
    let rules = Rules::built_in(&["umn.edu".to_owned()]);
    let campaign = rules.campaign(CAMPAIGN).unwrap();
    let of = |domain: &str, player: &str| rules.of(domain).attention(campaign, player);
    for (domain, player, attention) in [
        ("canvas.umn.edu", "2.101", Attention::Yes),
        ("canvas.umn.edu", "", Attention::Yes),
        ("canvas.umn.edu", "3.17.95", Attention::No),
        ("elsewhere.example", "2.101", Attention::Unknown),
        ("elsewhere.example", "3.17.95", Attention::No),
        ("kaf.canvas.umn.edu", "2.101", Attention::No),
        ("cdnapisec.kaltura.com", "2.101", Attention::WorksButReplace),
        ("Local file", "3.17.95", Attention::NotApplicable),
        ("Unknown", "2.101", Attention::NotApplicable),
    ] {
        assert_eq!(of(domain, player), attention, "{domain} {player}");
    }
}

#[test]
fn an_account_has_rules_and_campaigns_of_its_own() {
    let site = Rules::built_in(&[]);
    let rule = |id: &str, host: &str| Rule {
        host: vec![host.to_owned()],
        scheme: Vec::new(),
        ..toml::from_str(&RULE.replace("[[rule]]", "").replace("\"x\"", &format!("{id:?}"))).unwrap()
    };
    let campaign = |text: &str| -> Campaign { serde_json::from_str(text).unwrap() };
    let move_away = campaign(
        r#"{ "id": "move", "title": "Move", "date": "2027-01-31", "when": { "kinds": ["code"] },
             "attention": { "vet": "no", "portal": "yes", "survey": "yes", "*": "yes" } }"#,
    );
    let ours = site.with(vec![rule("vet", "vet.lms.example"), rule("canvas", "c.example")], vec![move_away]).unwrap();
    let made: Vec<_> = ours.all().filter(|made| made.origin == Origin::Account).collect();
    assert_eq!(
        made.iter().map(|made| (&*made.it.id, made.replaces)).collect::<Vec<_>>(),
        [("vet", false), ("canvas", true)]
    );
    assert_eq!(ours.of("a.instructure.com").class, Class::Other, "the shipped rule is replaced");
    assert!(ours.catches("vet", "vet.lms.example") && !ours.catches("vet", "lms.example"));
    let campaign = ours.campaign("move").unwrap();
    let of = |domain: &str| ours.of(domain).attention(campaign, "");
    // By its own rule's id, by class, by `*`; a portal's pages hold no embed codes.
    assert_eq!(of("vet.lms.example"), Attention::No);
    assert_eq!(of("x.qualtrics.com"), Attention::Yes);
    assert_eq!(of("nobody.example"), Attention::Yes);
    assert_eq!(of("mediaspace.example"), Attention::No);
    let twice = site.with(vec![rule("a", "a.example"), rule("a", "b.example")], Vec::new()).unwrap_err();
    assert!(twice.contains("twice"), "{twice}");
    // Readable names are matched in the form of the wire.
    let wide = site.with(vec![rule("wide", "*.xn--bcher-kva.example")], Vec::new()).unwrap();
    assert_eq!(wide.of("www.bücher.example").rule.unwrap().id, "wide");
}

#[test]
fn patterns() {
    for (pattern, host, want) in [
        ("a.b", "a.b", true),
        ("a.b", "xa.b", false),
        ("*.a.b", "x.a.b", true),
        ("*.a.b", "x.y.a.b", true),
        ("*.a.b", "a.b", false),
        ("*.a.b", "x.a.b.c", false),
        ("kaf.*", "kaf.x.y", true),
        ("*.q-*.i.com", "u.q-iad.i.com", true),
        ("*.q-*.i.com", "u.q.i.com", false),
        ("a*a", "a", false),
        ("a*a", "aa", true),
        ("a*b*c", "a-b-b-c", true),
    ] {
        assert_eq!(matches(pattern, host), want, "{pattern} {host}");
    }
}

const RULE: &str = "[[rule]]\nid = \"x\"\nhost = [\"X\"]\nclass = \"portal\"\ntitle = \"X\"\n";

#[test]
fn the_most_specific_wins_whatever_the_order() {
    let rule =
        |id: &str, host: &str| RULE.replace("\"x\"", &format!("{id:?}")).replace("[\"X\"]", &format!("[{host:?}]"));
    let rules = [rule("any", "*.site.example"), rule("exact", "a.site.example"), rule("longer", "*.b.site.example")];
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let text: String = order.iter().map(|&i| rules[i].as_str()).collect();
        let rules = Rules::read(Some(&format!("format = 1\n{text}")), &[]).unwrap();
        let id = |host: &str| rules.rule(host).map(|rule| rule.id.clone());
        assert_eq!(id("a.site.example").as_deref(), Some("exact"));
        assert_eq!(id("x.b.site.example").as_deref(), Some("longer"));
        assert_eq!(id("c.site.example").as_deref(), Some("any"));
        assert_eq!(id("site.example"), None);
    }
}

#[test]
fn an_operator_overrides_and_is_told_of_faults() {
    let read = |text: &str| Rules::read(Some(text), &["uni.example".to_owned()]);
    let ours = read("format = 1\n[[rule]]\nid = \"qualtrics\"\nhost = [\"*.qualtrics.com\"]\nclass = \"own-web\"\ntitle = \"Ours\"\n").unwrap();
    assert_eq!(ours.of("a.qualtrics.com").class, Class::OwnWeb);
    assert_eq!(ours.of("lib.uni.example").class, Class::OwnWeb);
    let with =
        |from: &str, to: &str| format!("format = 1\n{}", RULE.replace("[\"X\"]", "[\"x.example\"]").replace(from, to));
    assert!(read(&with("portal", "portal")).is_ok());
    for (text, why) in [
        (with("portal", "shop"), "shop"),
        (with("title", "titel"), "titel"),
        (with("x.example", "X.example"), "lower case"),
        (with("x.example", "*"), "every host"),
        (with("host", "scheme = [\"file\"]\nhost"), "either host or scheme"),
        (with("title = \"X\"", "title = \"X\"\nattention = { nobody = \"yes\" }"), "nobody"),
        ("format = 2".to_owned(), "format"),
        (format!("format = 1\n{r}{r}", r = RULE.replace("\"X\"]", "\"x.y\"]")), "twice"),
    ] {
        let error = read(&text).unwrap_err();
        assert!(error.contains(why), "{error}");
    }
}
