//! What people may read: their record, and how privacy is kept.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn everybody_reads_their_own_record_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(AtomicI64::new(NOW_MS));
    let house = House::open(folder.path(), &clock).await;
    house.term().await;
    house.plays(36.0).await;
    let alice = house.sign_in(ALICE[0]);
    let mine = json_of(house.get("/api/v1/me/record?size=5", &alice, "application/json").await).await["data"].clone();
    assert_eq!((&mine["total"], mine["rows"].as_array().unwrap().len()), (&json!(24), 5), "{mine}");
    let row = &mine["rows"][0];
    assert_eq!((&row["recording"], &row["recording_name"]), (&json!("1_a"), &json!("Membranes")));
    assert_eq!((&row["seconds"], &row["page"]), (&json!(30.0), &json!("https://lms.example/courses/1")), "{row}");
    assert!(row["device"].as_str().unwrap().contains("Firefox"), "{row}");
    let about = &mine["about"];
    assert_eq!((&about["name"], &about["mail"]), (&json!(ALICE[1]), &json!(ALICE[2])));
    assert_eq!(
        (&about["owns"], &about["co_edits"], &about["notes"]),
        (&json!(["1_a"]), &json!(["1_b"]), &json!(["an exam"]))
    );
    assert_eq!(about["memberships"][0]["role"], "student");

    let csv = text(house.get("/api/v1/me/record", &alice, "text/csv").await).await;
    assert_eq!(csv.lines().filter(|line| line.starts_with("1_")).count(), 24, "{csv}");
    let theirs = house.ask(&format!("people/{}/record", ALICE[0])).await;
    assert_eq!((&theirs["total"], &theirs["about"]), (&json!(24), about), "what administrators see is the same");

    // Others see themselves, and nobody without a right to it anybody else.
    let bob = house.sign_in("bob-1");
    let other = json_of(house.get("/api/v1/me/record", &bob, "application/json").await).await;
    assert_eq!(other["data"]["total"], 4, "{other}");
    let peek = house.get(&format!("/api/v1/people/{}/record", ALICE[0]), &bob, "application/json").await;
    assert_eq!(peek.status(), StatusCode::NOT_FOUND);
    // A local administrator is nobody of the catalog.
    let local = house.get("/api/v1/me/record", &house.cookie(), "application/json").await;
    assert_eq!(local.status(), StatusCode::NOT_FOUND);
    house.stop().await;

    let settings = Settings { own_record: false, ..settings(folder.path()) };
    let house = House::with(settings, &clock).await;
    let alice = house.sign_in(ALICE[0]);
    let hidden = house.get("/api/v1/me/record", &alice, "application/json").await;
    assert_eq!(hidden.status(), StatusCode::NOT_FOUND, "where the site does not let them");
    house.stop().await;
}

#[test]
fn the_privacy_page_says_what_the_settings_say() {
    let page = |settings: &Settings| privacy::page::page(settings);
    let usual = page(&Settings::default());
    assert!(usual.contains("25 months") && usual.contains("14 days") && usual.contains("region and city"), "{usual}");
    assert!(usual.contains("has named no contact") && !usual.contains("<script") && !usual.contains("style="));
    let other = Settings {
        retention_person_months: server::config::PersonMonths(6),
        retention_bad_rows_days: server::config::BadRowsDays(3),
        geo_precision: server::config::GeoPrecision::Country,
        unsigned_users: server::config::UnsignedUsers::Accept,
        own_record: false,
        privacy_contact: "dpo@example.edu".to_owned(),
        ..Settings::default()
    };
    let other = page(&other);
    assert!(other.contains("6 months") && other.contains("3 days") && !other.contains("25 months"), "{other}");
    assert!(!other.contains("region and city") && other.contains("not verified"));
    assert!(other.contains("<a href=\"mailto:dpo@example.edu\">") && !other.contains("/api/v1/me/record"));
    let hostile = Settings { privacy_contact: "<script>x</script>".to_owned(), ..Settings::default() };
    assert!(!page(&hostile).contains("<script"));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_about_privacy_set_no_cookie_unless_asked() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(AtomicI64::new(NOW_MS));
    let house = House::open(folder.path(), &clock).await;
    for path in ["/privacy", "/opt-out", "/.well-known/gpc.json", "/privacy.css"] {
        let answer = house.get(path, "", "text/html").await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        assert!(answer.headers().get(header::SET_COOKIE).is_none(), "{path}");
        let policy = answer.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        let text = text(answer).await;
        assert!(!text.contains("http://") && !text.contains("https://"), "{path} points elsewhere");
    }
    let gpc = json_of(house.get("/.well-known/gpc.json", "", "application/json").await).await;
    assert_eq!(gpc["gpc"], true);

    let choose = async |choice: &str| {
        let request = Request::post("/opt-out").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        house.send(request.body(Body::from(format!("choice={choice}"))).unwrap()).await
    };
    let out = choose("out").await;
    let cookie = out.headers()[header::SET_COOKIE].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("playhead_opt_out=1; Path=/; Max-Age=31536000; HttpOnly"), "{cookie}");
    let now = text(house.get("/opt-out", "playhead_opt_out=1", "text/html").await).await;
    assert!(now.contains("This browser has opted out."), "{now}");
    let back = choose("in").await;
    assert!(back.headers()[header::SET_COOKIE].to_str().unwrap().contains("Max-Age=0"));
    assert_eq!(choose("maybe").await.status(), StatusCode::BAD_REQUEST);
    house.stop().await;
}
