//! Who has not watched: a roster held against real plays, in all three states; and its end.

use super::*;
use server::auth::lti::platform::NewPlatform;
use server::auth::lti::roster::{Roster, Student};
use url::Url;

/// A course with a term of the catalog, two recordings in it, and a teacher.
fn course(house: &House) {
    let start_ms = NOW_MS - 300 * DAY_MS;
    let records = [
        (Kind::Term, json!({ "id": "f26", "name": "Fall", "from": "2026-09-01", "to": "2026-12-31" })),
        (Kind::Category, json!({ "id": "26", "name": "Biology", "term": "f26" })),
        (Kind::Category, json!({ "id": "27", "name": "Without a term" })),
        (Kind::Link, json!({ "entry": "1_a", "category": "26", "from": "2026-01-01" })),
        (Kind::Link, json!({ "entry": "1_b", "category": "26", "from": "2026-01-01" })),
        (Kind::Person, json!({ "id": "tess", "name": "Tess" })),
        (Kind::Member, json!({ "category": "26", "person": "tess", "role": "teacher" })),
    ];
    for (number, (kind, record)) in (0..).zip(records) {
        let record = Record::check(kind, record.as_object().unwrap(), None).unwrap();
        house.machine.catalog.put(ACCOUNT, &record, start_ms, &mut || KEY + 100 + number).unwrap();
    }
}

/// What a launch brought: students by the catalog's id, where the platform tells it.
fn roster(house: &House, category: &str) {
    let student = |sub: &str, id: Option<&str>, name: &str| Student {
        sub: sub.to_owned(),
        id: id.map(str::to_owned),
        name: Some(name.to_owned()),
    };
    let students = vec![
        student("s1", Some(ALICE[0]), "Alice"),
        student("s2", Some("bob-1"), "Bob"),
        student("s3", Some("carl-9"), "Carl"),
        student("s4", Some("dora-2"), "Dora"),
        student("s5", None, "Emil"),
    ];
    let at = |path: &str| Url::parse(&format!("https://lms.example{path}")).unwrap();
    let platform = NewPlatform {
        name: "LMS".to_owned(),
        issuer: "https://lms.example".to_owned(),
        client_id: "client".to_owned(),
        deployments: ["1".to_owned()].into(),
        auth_url: at("/auth"),
        token_url: at("/token"),
        token_audience: None,
        jwks_url: at("/keys"),
        origins: [].into(),
        person: "sub".to_owned(),
        course: "context.id".to_owned(),
        link_custom: false,
    };
    house.vault.lti_put_platform(ACCOUNT, &platform).unwrap();
    let roster = Roster { platform: 1, context: "1 ctx".to_owned(), fetched_ms: house.now_ms(), students };
    house.vault.lti_put_roster(ACCOUNT, category, &roster).unwrap();
}

async fn states(house: &House, teacher: &str, entry: &str) -> Vec<(String, String)> {
    let path = format!("/api/v1/roster?subject=category:26&entry={entry}");
    let shown = json_of(house.get(&path, teacher, "application/json").await).await;
    let text = |student: &Value, name: &str| student[name].as_str().unwrap().to_owned();
    let students = shown["data"]["students"].as_array().unwrap_or_else(|| panic!("{shown}"));
    students.iter().map(|student| (text(student, "name"), text(student, "state"))).collect()
}

fn named(states: &[(&str, &str)]) -> Vec<(String, String)> {
    states.iter().map(|(name, state)| ((*name).to_owned(), (*state).to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_roster_is_held_against_what_was_played_in_the_course() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(AtomicI64::new(NOW_MS));
    let house = House::open(folder.path(), &clock).await;
    course(&house);
    roster(&house, "26");
    let teacher = house.sign_in("tess");
    let none =
        [("Alice", "unknown"), ("Bob", "unknown"), ("Carl", "unknown"), ("Dora", "unknown"), ("Emil", "unknown")];
    assert_eq!(states(&house, &teacher, "1_a").await, named(&none), "nothing was seen of anybody");

    // Alice watched it in the course, by a Kaltura player and by ours; Bob another recording of the course; Carl this one, but
    // elsewhere; Dora was shown the player and did not start it; Emil is somebody whom the catalog does not know.
    let kaltura = format!(
        "/api_v3/index.php?service=analytics&action=trackEvent&partnerId=7&entryId=1_a&sessionId=k1&eventIndex=1&eventType=3\
         &position=0&userId={}&playbackContext=26",
        ALICE[0]
    );
    assert_eq!(house.get(&kaltura, "", "*/*").await.status(), StatusCode::OK);
    house.play_in("26", "1_b", "bob-1", 2).await;
    house.play("1_a", "carl-9", 2).await;
    let shown = json!({ "sent": house.now_ms(), "account": 7, "entry": "1_a", "session": "d1", "user": "dora-2", "context": "26",
                        "events": [{ "kind": "impression", "at": house.now_ms(), "event_id": "i" }] });
    assert_eq!(house.post("/e", &shown).await.status(), StatusCode::OK);
    house.play_in("26", "1_a", "", 2).await;
    house.plays(4.0).await;
    let of_a =
        [("Alice", "watched"), ("Bob", "not_watched"), ("Carl", "unknown"), ("Dora", "unknown"), ("Emil", "unknown")];
    assert_eq!(states(&house, &teacher, "1_a").await, named(&of_a));
    let of_b =
        [("Alice", "not_watched"), ("Bob", "watched"), ("Carl", "unknown"), ("Dora", "unknown"), ("Emil", "unknown")];
    assert_eq!(states(&house, &teacher, "1_b").await, named(&of_b));

    // Bob watches it as well: the next look has it.
    house.play_in("26", "1_a", "bob-1", 1).await;
    house.plays(5.0).await;
    assert_eq!(states(&house, &teacher, "1_a").await[1], ("Bob".to_owned(), "watched".to_owned()));
    // The look at named people is in the access log.
    let log = house.ask("access-log?action=look&who=tess").await;
    assert!(log["rows"].to_string().contains("roster?entry=1_a"), "{log}");
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_roster_goes_with_the_course_though_nobody_comes() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(AtomicI64::new(NOW_MS));
    let house = House::open(folder.path(), &clock).await;
    course(&house);
    roster(&house, "26");
    roster(&house, "27");
    let left = |house: &House| {
        let categories = house.vault.lti_roster_categories().unwrap().into_iter();
        categories.map(|(_, category)| category).collect::<Vec<_>>()
    };
    house.stop().await;
    // Of the term's last day, of the day after, and half a year later: the daily run is all that happens.
    for (at_ms, kept, gone) in [
        (NOW_MS + 30 * DAY_MS, &["26", "27"][..], 0),
        (NOW_MS + 60 * DAY_MS, &["27"][..], 1),
        (NOW_MS + 200 * DAY_MS, &[][..], 1),
    ] {
        clock.store(at_ms, Relaxed);
        let house = House::open(folder.path(), &clock).await;
        let began = server::api::answer::instant(at_ms);
        let run = house.until("retention", |data| data["runs"][0]["began_at"] == began).await;
        assert_eq!(run["runs"][0]["report"]["rosters_removed"], gone, "{run}");
        assert_eq!(left(&house), kept);
        house.stop().await;
    }
    let found = privacy::search::search(folder.path(), &[b"dora-2".to_vec()]).unwrap();
    assert!(found.files > 1 && found.hits.is_empty(), "{found:?}");
}
