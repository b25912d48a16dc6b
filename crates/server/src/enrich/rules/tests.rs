#![expect(clippy::unwrap_used)]

use super::*;
use crate::enrich::{Enricher, Settings};

const CAMPAIGN: &str = "player-upgrade";

/// The institution of the reference table.
fn minnesota() -> Enricher {
    Enricher::open(&Settings { org_domains: vec!["umn.edu".to_owned()], ..Settings::default() })
}

/// Every host of the reference table: class, and what the upgrade campaign says.
#[test]
fn reference_hosts() {
    use Attention::{No, Unknown, Yes};
    let enricher = minnesota();
    for (referrer, class, attention) in [
        ("https://canvas.umn.edu/", Class::Lms, Yes),
        ("https://umn.instructure.com/", Class::Lms, Yes),
        ("https://umn.quiz-lti-iad-prod.instructure.com/", Class::LmsQuiz, Yes),
        ("https://a4356-36346120.cluster79.canvas-user-content.com/", Class::LmsFile, Yes),
        ("https://iad.scorm.canvaslms.com/", Class::Scorm, Yes),
        ("https://dept.umn.edu/", Class::OwnWeb, Yes),
        ("https://1065223623-atari-embeds.googleusercontent.com/", Class::SiteBuilder, Yes),
        ("https://umn.qualtrics.com/", Class::Survey, Yes),
        ("https://umn.yul1.qualtrics.com/", Class::Survey, Yes),
        ("https://umnlms.ca1.qualtrics.com/", Class::Survey, Yes),
        ("https://articulateusercontent.com/", Class::Authoring, Yes),
        ("https://kaf.canvas.umn.edu/", Class::LmsTool, No),
        ("https://mediaspace.umn.edu/", Class::Portal, No),
        ("https://cdnapisec.kaltura.com/", Class::Standalone, No),
        ("https://kmc.kaltura.com/", Class::Console, No),
        ("https://958321-2.kaf.kaltura.com/", Class::LmsToolRetired, No),
        ("https://ay17.kaf.moodle.umn.edu/", Class::LmsToolRetired, No),
        ("", Class::Unknown, Unknown),
        ("file:///C:/Users/j/x.html", Class::LocalFile, No),
        ("file:///Users/j/x.html", Class::LocalFile, No),
        ("file:///var/mobile/x", Class::LocalFile, No),
        ("http://localhost/x", Class::LocalFile, No),
        ("content://com.google.android.gm/x", Class::LocalFile, No),
        (r"C:\x.html", Class::LocalFile, No),
        ("https://elsewhere.example/", Class::Other, Unknown),
    ] {
        let domain = enricher.page(referrer).domain;
        let rules = enricher.rules();
        let verdict = rules.of(&domain);
        assert_eq!((verdict.class, verdict.attention(CAMPAIGN)), (class, attention), "{referrer}");
    }
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
