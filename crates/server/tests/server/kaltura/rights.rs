//! Who sees what through this API: what the session's person sees anywhere else, and never more.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn people_see_their_own_and_others_nothing() {
    let world = played().await;
    let plays =
        |total: Value| named(&total["header"], total["data"].as_str().unwrap())["count_plays"].as_f64().unwrap_or(0.0);
    let (olga, tom, anna) =
        (world.start("olga", 0, "").await, world.start("tom", 0, "").await, world.start("anna", 0, "").await);
    // An owner: what she owns, wherever it is played.
    let native =
        world.native(&format!("totals?measures=plays&subject=owner:olga&{PERIOD}&f=is,playback_type,vod")).await;
    let total = world.with(&olga, "report", "getTotal", asked("1", json!({}), json!({}))).await;
    assert_eq!(Some(plays(total)), native["plays"].as_f64());
    let rows = rows_of(&world.with(&olga, "report", "getTable", asked("38", json!({}), json!({}))).await);
    assert_eq!(rows.iter().map(|row| row["object_id"].as_str().unwrap()).collect::<Vec<_>>(), ["1_v"]);
    // With names of who watched it.
    let viewers = rows_of(&world.with(&olga, "report", "getTable", asked("13", json!({}), json!({}))).await);
    assert!(viewers.iter().any(|row| row["name"] == "anna"));
    // A teacher: what he owns, and his course's recordings as they are played in the course.
    let own = world.with(&tom, "report", "getTotal", asked("1", json!({ "ownerIdsIn": "tom" }), json!({}))).await;
    let native =
        world.native(&format!("totals?measures=plays&subject=owner:tom&{PERIOD}&f=is,playback_type,vod")).await;
    assert_eq!(Some(plays(own)), native["plays"].as_f64());
    let course = world.with(&tom, "report", "getTotal", asked("1", json!({ "entryIdIn": "1_v" }), json!({}))).await;
    let native = world.native(&format!("totals?measures=plays&subject=category:101&{PERIOD}&f=is,playback_type,vod&f=is,entry,1_v&f=is,placement,gallery,course")).await;
    assert_eq!(Some(plays(course.clone())), native["plays"].as_f64());
    assert!(plays(course) > 0.0);
    // A student: nothing of others, not even that it is there; of herself what she watched.
    let forbidden = asked("1", json!({}), json!({}));
    let others = world.with(&anna, "report", "getTotal", forbidden).await;
    assert_eq!(others["data"], "|||||||||", "{others}");
    let hers = world.with(&anna, "report", "getTotal", asked("1", json!({ "userIds": "anna" }), json!({}))).await;
    let native =
        world.native(&format!("totals?measures=plays&subject=viewer:anna&{PERIOD}&f=is,playback_type,vod")).await;
    assert_eq!(Some(plays(hers)), native["plays"].as_f64());
    let bens = world.with(&anna, "report", "getTotal", asked("1", json!({ "userIds": "ben" }), json!({}))).await;
    assert_eq!(code(&bens), "SERVICE_FORBIDDEN");
    let both = world.with(&anna, "report", "getTable", asked("13", json!({ "userIds": "anna|ben" }), json!({}))).await;
    assert_eq!(code(&both), "SERVICE_FORBIDDEN");
    // Nobody in particular.
    for ks in [world.start("", 0, "").await, world.start("stranger", 0, "").await, world.widget().await] {
        for action in ["getTotal", "getTable", "getGraphs"] {
            let refused = world.with(&ks, "report", action, asked("1", json!({}), json!({}))).await;
            assert_eq!(code(&refused), "SERVICE_FORBIDDEN");
            assert_eq!(refused["message"], format!("The access to service [report->{action}] is forbidden"));
        }
    }
    // An administrator's session with a restriction is the person's.
    for privilege in ["setrole:5", "limitentry:1_v", "restrictingrole:2"] {
        let lessened = world.start("olga", 2, privilege).await;
        let rows = rows_of(&world.with(&lessened, "report", "getTable", asked("38", json!({}), json!({}))).await);
        assert_eq!(rows.len(), 1, "{privilege}");
    }
    // Another account's administrator.
    let start = json!({ "secret": OTHER_SECRET, "partnerId": 8, "type": 2 });
    let other = world.call("session", "start", start).await.as_str().unwrap().to_owned();
    let total = world.with(&other, "report", "getTotal", asked("1", json!({}), json!({}))).await;
    assert_eq!(total["data"], "|||||||||");
    let foreign = world.with(&other, "report", "getTotal", asked("1", json!({}), json!({ "partnerId": 7 }))).await;
    assert_eq!(code(&foreign), "PARTNER_ACCESS_FORBIDDEN");
}

impl World {
    async fn widget(&self) -> String {
        let answer = self.call("session", "startWidgetSession", json!({ "widgetId": "_7" })).await;
        assert_eq!((&answer["partnerId"], &answer["userId"]), (&json!(7), &json!("0")));
        answer["ks"].as_str().unwrap().to_owned()
    }
    async fn role(&self, person: &str, people: &str) {
        let asked = json!({ "person": person, "role": "analyst", "people": people });
        let request = Request::put("/api/v1/roles").header(header::COOKIE, &self.campus.cookie);
        let request = request.header(header::CONTENT_TYPE, "application/json").body(Body::from(asked.to_string()));
        let answer = self.campus.send(request.unwrap()).await;
        assert_eq!(answer.status(), StatusCode::NO_CONTENT, "{}", text_of(answer).await);
    }
    async fn looks(&self) -> Vec<Value> {
        let log = self.campus.ask("access-log?account=7&action=look").await;
        log["data"]["rows"].as_array().unwrap().clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_see_names_sees_none_and_no_small_groups() {
    let world = played().await;
    world.role("ina", "none").await;
    let ina = world.start("ina", 0, "").await;
    // Four known people watch: fewer than ten are told to nobody who may not see names.
    let total = world.with(&ina, "report", "getTotal", asked("1", json!({}), json!({}))).await;
    assert_eq!(total["data"], "|||||||||", "{total}");
    let table = world.with(&ina, "report", "getTable", asked("38", json!({}), json!({}))).await;
    for row in rows_of(&table) {
        assert_eq!((&row["count_plays"], &row["unique_viewers"]), (&json!(""), &json!("")));
    }
    for (id, filter) in [
        ("13", json!({})),
        ("51", json!({ "userIds": "anna" })),
        ("1", json!({ "userIds": "anna" })),
        ("48", json!({})),
        ("10008", json!({})),
    ] {
        let refused = world.with(&ina, "report", "getTable", asked(id, filter, json!({}))).await;
        assert_eq!(code(&refused), "SERVICE_FORBIDDEN", "{id}");
    }
    let graphs = world.with(&ina, "report", "getGraphs", asked("34", json!({}), json!({}))).await;
    assert!(graphs[0]["data"].as_str().unwrap().split_terminator(';').all(|point| point.ends_with("|0")), "{graphs}");
    assert!(!format!("{total}{table}{graphs}").contains("anna"));
}

#[tokio::test(flavor = "multi_thread")]
async fn looks_at_people_are_written_down() {
    let world = played().await;
    let before = world.looks().await.len();
    world.report("getTotal", "1", json!({}), json!({})).await;
    world.report("getTable", "38", json!({}), json!({})).await;
    assert_eq!(world.looks().await.len(), before, "figures of nobody in particular are no look");
    world.report("getTable", "13", json!({ "entryIdIn": "1_v" }), json!({})).await;
    world.report("getTotal", "1", json!({ "userIds": "ben" }), json!({})).await;
    let olga = world.start("olga", 0, "").await;
    world.with(&olga, "report", "getTable", asked("13", json!({}), json!({}))).await;
    let looks = world.looks().await;
    let told: Vec<_> = looks
        .iter()
        .map(|row| {
            (
                row["who"].as_str().unwrap(),
                row["subject"].as_str().unwrap().split(':').next().unwrap(),
                row["way"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("person:7:olga", "account", "kaltura"),
            ("person:7:root", "viewer", "kaltura"),
            ("person:7:root", "entry", "kaltura")
        ]
    );
    // What one sees of oneself is nobody else's business.
    let anna = world.start("anna", 0, "").await;
    world.with(&anna, "report", "getTotal", asked("1", json!({ "userIds": "anna" }), json!({}))).await;
    assert_eq!(world.looks().await.len(), looks.len());
    // An administrator without a name.
    let nameless = world.start("", 2, "").await;
    world.with(&nameless, "report", "getTable", asked("13", json!({}), json!({}))).await;
    assert_eq!(world.looks().await[0]["who"], "kaltura:7");
    assert!(!format!("{:?}", world.looks().await).contains(&nameless));
}
