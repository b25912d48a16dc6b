#![expect(clippy::unwrap_used)]

use super::*;
use proptest::prelude::*;

fn pages() -> Pages {
    Pages::open(&Settings { org_domains: vec!["umn.edu".to_owned()], ..Settings::default() })
}

fn page(referrer: &str) -> (String, String) {
    let page = pages().page(referrer, false);
    (page.domain.into(), page.page.into())
}

#[track_caller]
fn check(referrer: &str, domain: &str, canonical: &str) {
    assert_eq!(page(referrer), (domain.to_owned(), canonical.to_owned()), "{referrer}");
}

#[test]
fn reference_vectors() {
    check(
        "https://Canvas.UMN.edu:443/courses/177708/pages/example-page?module_item_id=12&ks=djJ8&utm_source=x#f",
        "canvas.umn.edu",
        "https://canvas.umn.edu/courses/177708/pages/example-page",
    );
    check("https://user:pw@host.example/a/../b", "host.example", "https://host.example/b");
    check("https://host.example/a/.;x/..;/b", "host.example", "https://host.example/a/-/-/b");
    check("https://example.com./x", "example.com", "https://example.com/x");
    check("//cdn/x", "Unknown", "");
    check(
        "https://kaf.canvas.umn.edu/hosted/index/ks/djJ8MTIz/x",
        "kaf.canvas.umn.edu",
        "https://kaf.canvas.umn.edu/hosted/index/ks/-/x",
    );
}

#[test]
fn what_is_not_on_the_web_keeps_nothing() {
    for referrer in [
        "file:///C:/Users/j/x.html",
        "file:///Users/j/x.html",
        "file:///var/mobile/x",
        "content://com.google.android.gm/x",
        r"C:\x.html",
        "data:text/html,hello",
        "blob:https://example.com/1",
        "about:srcdoc",
        "capacitor://localhost/",
    ] {
        check(referrer, "Local file", "");
    }
    check("", "Unknown", "");
    check("   ", "Unknown", "");
    check("not a url", "Unknown", "");
    check("http://", "Unknown", "");
    check("https://./x", "Unknown", "");
}

#[test]
fn a_bare_origin_is_not_a_page() {
    check("https://canvas.example/", "canvas.example", "");
    check("https://canvas.example", "canvas.example", "");
    // A query shows that the browser disclosed the page, even if none of it is kept.
    check("https://canvas.example/?x=1", "canvas.example", "https://canvas.example/");
    assert_eq!(&*pages().page("https://canvas.example/", true).page, "https://canvas.example/");
}

#[test]
fn hosts() {
    check("http://localhost:3000/x", "localhost", "http://localhost:3000/x");
    check("https://[2001:DB8::1]:8443/x", "[2001:db8::1]", "https://[2001:db8::1]:8443/x");
    check("https://bücher.example/a", "bücher.example", "https://xn--bcher-kva.example/a");
    check("https://xn--bcher-kva.example/a", "bücher.example", "https://xn--bcher-kva.example/a");
    check("HTTP://Example.com:80/A", "example.com", "http://example.com/A");
}

#[test]
fn query_names_that_make_the_page() {
    check(
        "https://moodle.umn.edu/mod/page/view.php?id=77&forceview=1",
        "moodle.umn.edu",
        "https://moodle.umn.edu/mod/page/view.php?id=77",
    );
    check(
        "https://x.blackboard.com/p?content_id=_9_1&course_id=_12_1&token=abc",
        "x.blackboard.com",
        "https://x.blackboard.com/p?course_id=_12_1&content_id=_9_1",
    );
    check("https://x.brightspace.com/d2l/le?ou=6606", "x.brightspace.com", "https://x.brightspace.com/d2l/le?ou=6606");
    check("https://canvas.umn.edu/x?id=7", "canvas.umn.edu", "https://canvas.umn.edu/x");
    // A value that is no id is dropped although its name is kept.
    check("https://moodle.umn.edu/v?id=eyJhbGciOi.J9.x", "moodle.umn.edu", "https://moodle.umn.edu/v");
    check("https://moodle.umn.edu/v?id=a%20person", "moodle.umn.edu", "https://moodle.umn.edu/v");
}

#[test]
fn secrets_in_paths() {
    let h = "https://h.example";
    for (path, clean) in [
        ("/a/KS/abc/b", "/a/KS/-/b"),
        ("/a/%6bs/abc", "/a/%6bs/-"),
        ("/a/%256bs/abc", "/a/%256bs/-"),
        ("/a/ks%2Fabc/b", "/a/-/b"),
        ("/token/9f8b7c6d-1234-4abc-8def-0123456789ab", "/token/-"),
        ("/item/9f8b7c6d-1234-4abc-8def-0123456789ab", "/item/9f8b7c6d-1234-4abc-8def-0123456789ab"),
        ("/s/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_1", "/s/-"),
        ("/s/QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY/x", "/s/-/x"),
        ("/s/djJ8MTIzNDV8", "/s/-"),
        ("/s/djJ8MTIz%3D%3D", "/s/-"),
        ("/a;jsessionid=12AB/b;x=1", "/a/b"),
        (
            "/pages/week-4-lecture-notes-and-homework-of-the-group",
            "/pages/week-4-lecture-notes-and-homework-of-the-group",
        ),
    ] {
        check(&format!("{h}{path}"), "h.example", &format!("{h}{clean}"));
    }
}

#[test]
fn long_paths_are_cut_and_marked() {
    let long = format!("https://h.example/{}", "ab/".repeat(400));
    let (_, page) = page(&long);
    assert_eq!(page.len(), 512);
    assert!(page.ends_with("..."));
    let (_, page) = super::tests::page(&format!("https://h.example/{}", "%C3%A9/".repeat(200)));
    assert!(page.len() <= 512 && !page.contains("%..") && !page.contains("%C..") && !page.contains("%A.."), "{page}");
}

#[test]
fn a_bad_rules_file_leaves_the_old_ones() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rules.toml");
    let write = |text: &str| std::fs::write(&path, text).unwrap();
    let rule = |query: &str| {
        format!(
            "format = 1\n[[rule]]\nid = \"wiki\"\nhost = [\"wiki.example\"]\nclass = \"own-web\"\ntitle = \"Wiki\"\nquery = [{query}]\n"
        )
    };
    write(&rule("\"page\""));
    let pages = Pages::open(&Settings { rules: Some(path.clone()), ..Settings::default() });
    let kept = |pages: &Pages| String::from(pages.page("https://wiki.example/v?page=3&rev=4", false).page);
    assert_eq!(kept(&pages), "https://wiki.example/v?page=3");
    write("format = 1\n[[rule]]\nid = \"half\"");
    pages.refresh();
    assert_eq!(kept(&pages), "https://wiki.example/v?page=3");
    write(&rule("\"page\", \"rev\""));
    pages.refresh();
    assert_eq!(kept(&pages), "https://wiki.example/v?page=3&rev=4");
}

/// Pieces of paths that are harmless.
fn harmless() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9._~%+-]{0,24}"
}

/// A secret, and the way in which it gets into a URL: whole path text with the secret inside.
fn secret() -> impl Strategy<Value = (String, String)> {
    let long = "[A-Z][A-Za-z0-9_-]{20}[A-Z][A-Za-z0-9_-]{20,80}";
    let uuid = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";
    prop_oneof![
        long.prop_map(|s| (s.clone(), s)),
        "[A-Za-z0-9_-]{12,200}".prop_map(|s| (s.clone(), format!("ks/{s}"))),
        "[A-Za-z0-9_-]{12,200}".prop_map(|s| (s.clone(), format!("KS/{s}"))),
        uuid.prop_map(|s| (s.clone(), format!("token/{s}"))),
        "eyJ[A-Za-z0-9_-]{10,40}\\.[A-Za-z0-9_-]{10,40}\\.[A-Za-z0-9_-]{10,40}".prop_map(|s| (s.clone(), s)),
        "[A-Za-z0-9]{12,40}".prop_map(|s| (s.clone(), format!("a;jsessionid={s}"))),
    ]
}

proptest! {
    /// A canonical page is its own canonical page.
    #[test]
    fn idempotent(
        host in "[a-z]{1,10}\\.(umn\\.edu|example|blackboard\\.com)|moodle\\.umn\\.edu|bücher\\.de",
        path in "(/[^\\pC]{0,30}){0,30}",
        query in "([a-z_]{1,10}=[^\\pC]{0,40}&){0,4}(id=[0-9]{0,40})?",
    ) {
        let pages = pages();
        let once = pages.page(&format!("https://{host}{path}?{query}"), false);
        prop_assert!(once.page.len() <= 512);
        if !once.page.is_empty() {
            let twice = pages.page(&once.page, true);
            prop_assert_eq!(twice, once);
        }
    }

    /// Whatever is thrown at it, it answers, within bounds, and idempotently.
    #[test]
    fn any_text(text in "(https?://|//|file:|)\\PC{0,700}") {
        let pages = pages();
        let once = pages.page(&text, false);
        prop_assert!(once.page.len() <= 512 && !once.domain.is_empty());
        if !once.page.is_empty() {
            prop_assert_eq!(pages.page(&once.page, true), once);
        }
    }

    /// No secret survives, wherever it stands.
    #[test]
    fn never_a_secret(
        (secret, piece) in secret(),
        before in prop::collection::vec(harmless(), 0..4),
        after in prop::collection::vec(harmless(), 0..3),
        place in 0..4,
    ) {
        let head: String = before.iter().map(|p| format!("/{p}")).collect();
        let tail: String = after.iter().map(|p| format!("/{p}")).collect();
        let url = match place {
            0 => format!("https://moodle.umn.edu{head}?id={secret}&ks={secret}"),
            1 => format!("https://{secret}:{secret}@h.example{head}/x#{secret}"),
            2 => format!("file:///home/{secret}"),
            _ => format!("https://h.example{head}/{piece}{tail}"),
        };
        let page = pages().page(&url, false);
        // Moodle's `id` may be any short id: what is longer than one is a secret.
        if place == 0 && secret.len() <= VALUE_BYTES_MAX {
            return Ok(());
        }
        prop_assert!(!page.page.contains(&secret), "{url} -> {}", page.page);
        prop_assert!(!page.domain.contains(&secret));
    }
}
