//! What is looked up beside reports, and who may.

use super::*;

fn ids(list: &Value) -> Vec<String> {
    list["objects"]
        .as_array()
        .unwrap_or_else(|| panic!("{list}"))
        .iter()
        .map(|one| one["id"].as_str().map_or_else(|| one["id"].to_string(), str::to_owned))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_look_up_everything() {
    let world = empty().await;
    let entry = world.admin("media", "get", json!({ "entryId": "1_v" })).await;
    assert_eq!(entry["objectType"], "KalturaMediaEntry");
    assert_eq!(
        (&entry["name"], &entry["userId"], &entry["msDuration"], &entry["tags"]),
        (&json!(ODD), &json!("olga"), &json!(100_000), &json!("cells, week 4"))
    );
    for (filter, wanted) in [
        (json!({ "idIn": "1_v,1_w,1_gone", "orderBy": "+name" }), vec!["1_w", "1_v"]),
        (json!({ "nameLike": "wav" }), vec!["1_w"]),
        (json!({ "freeText": "WEEK 4" }), vec!["1_v"]),
        (json!({ "userIdEqual": "tom", "orderBy": "+name" }), vec!["1_x", "1_l", "1_w"]),
        (json!({ "categoriesIdsMatchOr": "101", "orderBy": "+name" }), vec!["1_x", "1_v"]),
        (json!({ "categoryAncestorIdIn": "100", "mediaTypeEqual": 5 }), vec!["1_w"]),
        (json!({ "tagsLike": "waves" }), vec!["1_w"]),
        (json!({ "statusEqual": 3 }), vec![]),
    ] {
        let found = world.admin("baseEntry", "list", json!({ "filter": filter })).await;
        assert_eq!(ids(&found), wanted, "{filter}");
        assert_eq!(found["totalCount"], wanted.len());
    }
    let page = json!({ "filter": { "orderBy": "+name" }, "pager": { "pageSize": 2, "pageIndex": 2 }, "responseProfile": { "type": 1, "fields": "id" } });
    let page = world.admin("media", "list", page).await;
    assert_eq!((ids(&page).len(), page["objects"][0].as_object().unwrap().len()), (2, 2), "{page}");
    let search = json!({ "searchParams": { "searchOperator": { "operator": 1, "searchItems": [
        { "objectType": "KalturaESearchUnifiedItem", "itemType": 2, "searchTerm": "weeks" },
        { "objectType": "KalturaESearchCategoryEntryNameItem", "itemType": 1, "fieldName": "ancestor_id", "searchTerm": "100" }] } } });
    let found = world.admin("elasticsearch_esearch", "searchEntry", search).await;
    assert_eq!((&found["objects"][0]["object"]["id"], &found["totalCount"]), (&json!("1_v"), &json!(1)), "{found}");
    let category = world.admin("category", "get", json!({ "id": 101 })).await;
    assert_eq!(
        (&category["fullName"], &category["parentId"], &category["entriesCount"], &category["membersCount"]),
        (&json!("Faculty>Biology"), &json!(100), &json!(2), &json!(2))
    );
    for (filter, wanted) in [
        (json!({ "nameOrReferenceIdStartsWith": "bio-" }), vec!["101"]),
        (json!({ "parentIdEqual": 100, "orderBy": "+name" }), vec!["101", "102"]),
        (json!({ "ancestorIdIn": "100" }), vec!["101", "102"]),
        (json!({ "fullNameStartsWith": "faculty>p" }), vec!["102"]),
    ] {
        assert_eq!(ids(&world.admin("category", "list", json!({ "filter": filter })).await), wanted, "{filter}");
    }
    let links = world.admin("categoryEntry", "list", json!({ "filter": { "categoryIdEqual": 101 } })).await;
    assert_eq!((&links["totalCount"], &links["objects"][0]["entryId"]), (&json!(2), &json!("1_v")));
    let members =
        world.admin("categoryUser", "list", json!({ "filter": { "categoryIdEqual": 101, "userIdIn": "tom" } })).await;
    assert_eq!((&members["totalCount"], &members["objects"][0]["permissionLevel"]), (&json!(1), &json!(0)));
    assert_eq!(world.admin("playlist", "get", json!({ "id": "0_list" })).await["playlistContent"], "1_v,1_w");
    let users = world.admin("user", "list", json!({ "filter": { "idOrScreenNameStartsWith": "ol" } })).await;
    assert_eq!((ids(&users), &users["objects"][0]["email"]), (vec!["olga".to_owned()], &json!("olga@example.org")));
    let tags = world.admin("tagsearch_tag", "search", json!({ "tagFilter": { "tagStartsWith": "WEEK" } })).await;
    assert_eq!((&tags["objects"][0]["tag"], &tags["totalCount"]), (&json!("week 4"), &json!(1)));
    for (service, kind) in [
        ("like_like", "KalturaLikeListResponse"),
        ("metadata_metadata", "KalturaMetadataListResponse"),
        ("cuepoint_cuepoint", "KalturaCuePointListResponse"),
    ] {
        assert_eq!(
            world.admin(service, "list", json!({})).await,
            json!({ "objects": [], "totalCount": 0, "objectType": kind })
        );
    }
    assert_eq!(world.admin("partner", "getInfo", json!({})).await["name"], "Campus");
    for (service, params, wanted) in [
        ("media", json!({ "entryId": "1_gone" }), "ENTRY_ID_NOT_FOUND"),
        ("category", json!({ "id": 9 }), "CATEGORY_NOT_FOUND"),
        ("user", json!({ "userId": "gone" }), "INVALID_USER_ID"),
        ("partner", json!({ "id": 8 }), "INVALID_PARTNER_ID"),
        ("playlist", json!({ "id": "0_gone" }), "ENTRY_ID_NOT_FOUND"),
    ] {
        assert_eq!(code(&world.admin(service, "get", params).await), wanted);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_else_looks_up_what_is_theirs() {
    let world = empty().await;
    let olga = world.start("olga", 0, "").await;
    assert_eq!(world.with(&olga, "user", "get", json!({})).await["id"], "olga");
    let theirs = world.with(&olga, "media", "list", json!({ "filter": { "orderBy": "+name" } })).await;
    assert_eq!(ids(&theirs), ["1_p", "1_u", "1_v"]);
    let absent = world.with(&olga, "media", "get", json!({ "entryId": "1_w" })).await;
    let never = world.with(&olga, "media", "get", json!({ "entryId": "1_z" })).await;
    assert_eq!(absent.to_string().replace("1_w", ""), never.to_string().replace("1_z", ""), "hidden is as absent");
    assert_eq!(code(&world.with(&olga, "user", "get", json!({ "userId": "tom" })).await), "INVALID_USER_ID");
    assert_eq!(ids(&world.with(&olga, "user", "list", json!({})).await), ["olga"]);
    assert_eq!(world.with(&olga, "category", "list", json!({})).await["totalCount"], 0);
    assert_eq!(world.with(&olga, "playlist", "get", json!({ "id": "0_list" })).await["name"], "List");
    for (service, action) in [("partner", "get"), ("permission", "list"), ("userRole", "get")] {
        assert_eq!(code(&world.with(&olga, service, action, json!({})).await), "SERVICE_FORBIDDEN");
    }
    // A teacher sees his course, its recordings and its people.
    let tom = world.start("tom", 0, "").await;
    assert_eq!(ids(&world.with(&tom, "category", "list", json!({})).await), ["101"]);
    assert_eq!(world.with(&tom, "categoryUser", "list", json!({})).await["totalCount"], 2);
    assert_eq!(code(&world.with(&tom, "playlist", "get", json!({ "id": "0_list" })).await), "ENTRY_ID_NOT_FOUND");
    // A token for one recording shows that one.
    let token = world.start("", 0, "sview:1_w").await;
    assert_eq!(ids(&world.with(&token, "media", "list", json!({})).await), ["1_w"]);
    let widget = world.call("session", "startWidgetSession", json!({ "widgetId": "_7" })).await;
    assert_eq!(world.with(widget["ks"].as_str().unwrap(), "media", "list", json!({})).await["totalCount"], 0);
    // Entitlement that is switched on makes an administrator the person.
    let entitled = world.start("olga", 2, "enableentitlement,privacycontext:site").await;
    assert_eq!(world.with(&entitled, "media", "list", json!({})).await["totalCount"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_are_sent_on_to_those_who_may_see_them() {
    let world = empty().await;
    let picture = async |path: &str| {
        let answer = world.campus.send(Request::get(path).body(Body::empty()).unwrap()).await;
        let to = answer.headers().get(header::LOCATION).map(|to| to.to_str().unwrap().to_owned());
        (answer.status().as_u16(), to)
    };
    let open = picture("/p/7/sp/700/thumbnail/entry_id/1_v/width/120/height/90").await;
    assert_eq!(open, (307, Some("https://pictures.example/1_v.jpg".to_owned())));
    assert_eq!(picture("/p/7/sp/700/thumbnail/entry_id/1_w/width/120").await.0, 404, "not open to everybody");
    let ks = world.start("ben", 0, "").await;
    assert_eq!(picture(&format!("/p/7/sp/700/thumbnail/entry_id/1_w/ks/{ks}")).await.0, 307);
    assert_eq!(picture("/p/7/sp/700/thumbnail/entry_id/1_gone").await.0, 404);
    assert_eq!(picture("/p/8/sp/800/thumbnail/entry_id/1_v").await.0, 404);
}
