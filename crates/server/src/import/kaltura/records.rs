//! Kaltura's objects as records of the catalog. What cannot be told from an object is left out, never guessed.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Fields of a record.
pub(super) type Fields = Map<String, Value>;

/// `KalturaEntryStatus::DELETED`.
const ENTRY_DELETED: i64 = 3;
/// `KalturaCategoryStatus::DELETED`.
const CATEGORY_DELETED: i64 = 3;
/// `KalturaCategoryEntryStatus`: waiting for a moderator, and shown.
const LINK_PENDING: i64 = 1;
const LINK_ACTIVE: i64 = 2;
/// `KalturaCategoryUserStatus::ACTIVE`.
const MEMBER_ACTIVE: i64 = 1;

fn text<'a>(object: &'a Value, field: &str) -> Option<&'a str> {
    object.get(field).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
}

/// A number; also one that is written as a string.
fn number(object: &Value, field: &str) -> Option<i64> {
    let value = object.get(field)?;
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// Ids are numbers of categories, texts of all else.
pub(super) fn id(object: &Value, field: &str) -> Option<String> {
    match object.get(field)? {
        Value::Number(number) => Some(number.to_string()),
        _ => text(object, field).map(str::to_owned),
    }
}

/// When an object was made, unix seconds: lists are read in this order.
pub(super) fn created(object: &Value) -> i64 {
    number(object, "createdAt").unwrap_or(0)
}

fn moment(seconds: Option<i64>) -> Option<String> {
    let at = Timestamp::from_second(seconds.filter(|seconds| *seconds > 0)?).ok()?;
    Some(at.to_string())
}

fn list(object: &Value, field: &str) -> Vec<String> {
    let parts = text(object, field).unwrap_or_default().split(',').map(str::trim);
    let mut parts: Vec<String> = parts.filter(|part| !part.is_empty()).map(str::to_owned).collect();
    parts.sort();
    parts.dedup();
    parts
}

/// What is there, under its name.
fn fields(all: impl IntoIterator<Item = (&'static str, Option<Value>)>) -> Fields {
    all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

fn some(text: Option<impl Into<String>>) -> Option<Value> {
    text.map(|text| Value::String(text.into()))
}

/// A `KalturaUser`; none for one without an id.
pub(super) fn person(user: &Value) -> Option<Fields> {
    let parts = [text(user, "firstName"), text(user, "lastName")].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let name = text(user, "fullName").map(str::to_owned).or((!parts.is_empty()).then_some(parts));
    let name = name.or_else(|| text(user, "screenName").map(str::to_owned));
    Some(fields([("id", some(Some(id(user, "id")?))), ("name", some(name)), ("mail", some(text(user, "email")))]))
}

/// A `KalturaBaseEntry` or one of its kinds.
pub(super) fn entry(entry: &Value) -> Option<Fields> {
    let class = text(entry, "objectType").unwrap_or_default();
    let quiz = text(entry, "capabilities").is_some_and(|all| all.split(',').any(|one| one.trim() == "quiz.quiz"));
    let youtube = text(entry, "externalSourceType").is_some_and(|source| source.eq_ignore_ascii_case("youtube"));
    let media_type = match number(entry, "mediaType") {
        _ if youtube => "youtube",
        _ if quiz => "quiz",
        Some(1) => "video",
        Some(2) => "image",
        Some(5) => "audio",
        Some(201..=204) => "live",
        _ if class.contains("LiveStream") => "live",
        _ => "unknown",
    };
    let duration = number(entry, "msDuration").or_else(|| number(entry, "duration").map(|seconds| seconds * 1000));
    let editors = list(entry, "entitledUsersEdit");
    let created = moment(number(entry, "createdAt"));
    let deleted = (number(entry, "status") == Some(ENTRY_DELETED))
        .then(|| moment(number(entry, "updatedAt")).or_else(|| created.clone()))
        .flatten();
    Some(fields([
        ("id", some(Some(id(entry, "id")?))),
        ("name", some(text(entry, "name"))),
        ("media_type", some(Some(media_type))),
        ("duration_ms", duration.filter(|ms| *ms > 0).map(Value::from)),
        ("owner", some(text(entry, "userId"))),
        ("co_editors", (!editors.is_empty()).then(|| Value::from(editors))),
        ("tags", Some(list(entry, "tags")).filter(|tags| !tags.is_empty()).map(Value::from)),
        ("created", some(created)),
        ("published", some(moment(number(entry, "startDate")))),
        ("deleted", some(deleted)),
        ("source", some(source(entry))),
        ("thumbnail_url", some(text(entry, "thumbnailUrl").filter(|url| url.starts_with("https://")))),
        ("youtube_id", some(text(entry, "referenceId").filter(|_| youtube))),
    ]))
}

/// Where a recording came from: its creator leaves a tag, else the kind of upload tells.
fn source(entry: &Value) -> Option<&'static str> {
    let tags = list(entry, "adminTags");
    let tagged = |tag: &str| tags.iter().any(|own| own.eq_ignore_ascii_case(tag));
    if tagged("kalturacapture") || tagged("kalturapersonalcapture") {
        return Some("Kaltura Capture");
    }
    if tagged("expresscapture") {
        return Some("Express Capture");
    }
    if tagged("zoomentry") {
        return Some("Zoom");
    }
    match number(entry, "sourceType") {
        Some(1) => Some("Upload"),
        Some(2) => Some("Webcam"),
        Some(5) => Some("YouTube"),
        _ => None,
    }
}

/// A `KalturaCategory`. Below a name of `courses` (such as `Canvas>site>channels`) it is a course, called in the LMS as
/// it is here; below another `>site>channels` it is a channel.
pub(super) fn category(category: &Value, courses: &[String]) -> Option<Fields> {
    let full = text(category, "fullName").unwrap_or_default();
    let name = text(category, "name");
    let below = full.rsplit_once('>').map_or("", |(above, _)| above);
    let is_course = courses.iter().any(|root| root == below);
    let kind = if is_course {
        Some("course")
    } else {
        (below == "channels" || below.ends_with(">channels")).then_some("channel")
    };
    let parent = id(category, "parentId").filter(|parent| parent != "0");
    let updated = moment(number(category, "updatedAt"));
    let deleted = (number(category, "status") == Some(CATEGORY_DELETED)).then(|| updated.clone()).flatten();
    Some(fields([
        ("id", some(Some(id(category, "id")?))),
        ("name", some(name)),
        ("parent", some(parent)),
        ("kind", some(kind)),
        ("lms_course", some(name.filter(|_| is_course))),
        ("created", some(moment(number(category, "createdAt")))),
        ("updated", some(updated)),
        ("deleted", some(deleted)),
    ]))
}

/// A `KalturaCategoryEntry`; none for one that was taken away or refused.
pub(super) fn link(link: &Value) -> Option<Fields> {
    let status = number(link, "status");
    if status != Some(LINK_PENDING) && status != Some(LINK_ACTIVE) {
        return None;
    }
    let (entry, category) = (id(link, "entryId")?, id(link, "categoryId")?);
    Some(fields([
        ("id", some(Some(format!("{}{entry}", prefix(&category))))),
        ("entry", some(Some(entry))),
        ("category", some(Some(category))),
        ("approved", Some(json!(status == Some(LINK_ACTIVE)))),
        ("from", some(moment(number(link, "createdAt")))),
    ]))
}

/// A `KalturaCategoryUser`; none for one that is not active. In a course managers teach and members study.
pub(super) fn member(member: &Value, is_course: bool) -> Option<Fields> {
    if number(member, "status") != Some(MEMBER_ACTIVE) {
        return None;
    }
    let role = match (number(member, "permissionLevel"), is_course) {
        (Some(0), true) => "teacher",
        (Some(1), true) => "assistant",
        (Some(3), true) => "student",
        (Some(0 | 1), false) => "manager",
        (Some(2), _) => "contributor",
        (Some(3), false) => "member",
        // No permission in it at all.
        _ => return None,
    };
    let (category, person) = (id(member, "categoryId")?, id(member, "userId")?);
    Some(fields([
        ("id", some(Some(format!("{}{person}", prefix(&category))))),
        ("category", some(Some(category))),
        ("person", some(Some(person))),
        ("role", some(Some(role))),
        ("from", some(moment(number(member, "createdAt")))),
    ]))
}

/// How ids of links and memberships from Kaltura begin, by category: so what is no longer there is found again.
pub(super) fn prefix(category: &str) -> String {
    format!("kaltura:{category}:")
}

/// A `KalturaPlaylist`; none for one whose recordings a rule chooses.
pub(super) fn playlist(playlist: &Value) -> Option<Fields> {
    const STATIC_LIST: i64 = 3;
    if number(playlist, "playlistType") != Some(STATIC_LIST) {
        return None;
    }
    let content = text(playlist, "playlistContent").unwrap_or_default();
    let entries: Vec<&str> = content.split(',').map(str::trim).filter(|id| !id.is_empty()).collect();
    Some(fields([
        ("id", some(Some(id(playlist, "id")?))),
        ("name", some(text(playlist, "name"))),
        ("entries", Some(json!(entries))),
        ("owner", some(text(playlist, "userId"))),
        ("created", some(moment(number(playlist, "createdAt")))),
    ]))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_recording_is_told_whole() {
        let given = json!({
            "objectType": "KalturaMediaEntry", "id": "1_ab", "name": " Week 4 ", "mediaType": 1, "msDuration": 61_500,
            "userId": "asmith", "entitledUsersEdit": "bjones, cwu,bjones", "tags": "cells, week 4", "createdAt": 1_760_000_000,
            "status": 2, "adminTags": "kalturacapture", "thumbnailUrl": "https://cdn/x", "capabilities": "",
        });
        let expected = json!({
            "id": "1_ab", "name": "Week 4", "media_type": "video", "duration_ms": 61_500, "owner": "asmith",
            "co_editors": ["bjones", "cwu"], "tags": ["cells", "week 4"], "created": "2025-10-09T08:53:20Z",
            "source": "Kaltura Capture", "thumbnail_url": "https://cdn/x",
        });
        assert_eq!(Value::Object(entry(&given).unwrap()), expected);
    }

    #[test]
    fn kinds_of_recordings() {
        let of = |value: Value| entry(&value).unwrap()["media_type"].clone();
        assert_eq!(of(json!({ "id": "a", "mediaType": 1, "capabilities": "x,quiz.quiz" })), "quiz");
        assert_eq!(of(json!({ "id": "a", "mediaType": 201 })), "live");
        assert_eq!(of(json!({ "id": "a", "mediaType": "5" })), "audio");
        assert_eq!(of(json!({ "id": "a", "externalSourceType": "YouTube", "mediaType": 1 })), "youtube");
        assert_eq!(of(json!({ "id": "a" })), "unknown");
    }

    #[test]
    fn what_was_deleted_says_so() {
        let given = json!({ "id": "a", "status": 3, "createdAt": 10, "updatedAt": 20 });
        assert_eq!(entry(&given).unwrap()["deleted"], "1970-01-01T00:00:20Z");
    }

    #[test]
    fn courses_are_where_the_administrator_says() {
        let given = |full: &str| json!({ "id": 7, "parentId": 3, "name": "101", "fullName": full, "createdAt": 10 });
        let courses = ["Canvas>site>channels".to_owned()];
        let course = category(&given("Canvas>site>channels>101"), &courses).unwrap();
        assert_eq!((course["kind"].as_str(), course["lms_course"].as_str()), (Some("course"), Some("101")));
        assert_eq!((course["id"].as_str(), course["parent"].as_str()), (Some("7"), Some("3")));
        let channel = category(&given("MediaSpace>site>channels>101"), &courses).unwrap();
        assert_eq!((channel["kind"].as_str(), channel.get("lms_course")), (Some("channel"), None));
        let gallery = category(&given("MediaSpace>site>galleries>101"), &courses).unwrap();
        assert_eq!(gallery.get("kind"), None);
        // Something below a course is no course of its own.
        assert_eq!(category(&given("Canvas>site>channels>9>InContext"), &courses).unwrap().get("kind"), None);
    }

    #[test]
    fn roles_by_kind() {
        let given = |level: i64, status: i64| json!({ "categoryId": 7, "userId": "a", "permissionLevel": level, "status": status });
        let role = |level, is_course| member(&given(level, 1), is_course).map(|fields| fields["role"].clone());
        assert_eq!(role(0, true), Some("teacher".into()));
        assert_eq!(role(0, false), Some("manager".into()));
        assert_eq!(role(3, true), Some("student".into()));
        assert_eq!(role(3, false), Some("member".into()));
        assert_eq!(role(4, true), None);
        assert!(member(&given(0, 2), true).is_none(), "pending");
    }

    #[test]
    fn only_links_that_hold() {
        let given = |status: i64| json!({ "entryId": "1_a", "categoryId": 7, "status": status, "createdAt": 10 });
        assert_eq!(link(&given(2)).unwrap()["approved"], true);
        assert_eq!(link(&given(1)).unwrap()["approved"], false);
        assert_eq!(link(&given(2)).unwrap()["id"], "kaltura:7:1_a");
        assert!(link(&given(3)).is_none() && link(&given(4)).is_none());
    }
}
