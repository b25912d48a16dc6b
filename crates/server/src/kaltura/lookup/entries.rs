//! Recordings, playlists and tags.

use super::search::Condition;
use super::{Shown, page, shown, words};
use crate::kaltura::Call;
use crate::kaltura::answer::Data;
use crate::kaltura::errors::{Fault, Outcome};
use crate::kaltura::report::table::{media_type, status};
use crate::kaltura::request::{Params, int, object, word};
use crate::kaltura::session::Session;
use engine::catalog::view::{AccountView, EntryView, MediaType, PlaylistView};
use engine::event::Text;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

fn entry(session: &Session, id: &Text, known: &EntryView) -> Data {
    let view = session.view();
    let owner = known.owner.and_then(|owner| view.people.get(&owner)).map_or("", |person| &person.id);
    let tags: Vec<&str> = known.tags.iter().map(|tag| &**tag).collect();
    let ids: Vec<&str> = known.categories.iter().map(|id| &**id).collect();
    let length = known.duration_ms.and_then(|ms| i64::try_from(ms).ok());
    let partner = session.account().0;
    let picture = format!("/p/{partner}/sp/{partner}00/thumbnail/entry_id/{id}");
    let (kind, number) =
        if known.media_type == MediaType::Live { ("KalturaLiveStreamEntry", 7) } else { ("KalturaMediaEntry", 1) };
    let fields = vec![
        ("mediaType", media_type(known).map_or(Data::Null, Data::Int)),
        ("duration", length.map_or(Data::Null, |ms| Data::Int(ms.div_euclid(1000)))),
        ("msDuration", length.map_or(Data::Null, Data::Int)),
        ("id", Data::text(&**id)),
        ("name", Data::text(&*known.name)),
        ("partnerId", Data::Int(partner.into())),
        ("userId", Data::some(owner)),
        ("creatorId", Data::some(owner)),
        ("tags", Data::some(&tags.join(", "))),
        ("categoriesIds", Data::some(&ids.join(","))),
        ("status", Data::Int(status(known))),
        ("type", Data::Int(number)),
        ("createdAt", Data::seconds(known.created_ms)),
        ("updatedAt", Data::seconds(known.published_ms.or(known.created_ms))),
        ("thumbnailUrl", Data::Text(picture)),
    ];
    Data::object(kind, fields)
}

/// `baseEntry.get`, `media.get`.
pub(in crate::kaltura) fn get(call: &Call<'_>) -> Outcome<Data> {
    let (session, shown) = shown(call)?;
    let id = word(call.params, "entryId").ok_or_else(|| Fault::missing("entryId"))?;
    let known = session.view().entries.get_key_value(id.as_str()).filter(|(id, _)| shown.entry(id));
    let (id, known) = known.ok_or_else(|| Fault::no_entry(&id))?;
    Ok(entry(&session, id, known))
}

/// A filter on recordings.
struct Fits<'f> {
    filter: &'f Params,
    text: Option<String>,
    name: Option<String>,
    ids: Option<BTreeSet<Text>>,
    users: Option<BTreeSet<Text>>,
    tags: Option<BTreeSet<Text>>,
    categories: Option<BTreeSet<Text>>,
    types: Option<BTreeSet<Text>>,
    states: Option<BTreeSet<Text>>,
}

impl<'f> Fits<'f> {
    fn of(view: &AccountView, filter: &'f Params) -> Fits<'f> {
        let lower = |name: &str| word(filter, name).map(|text| text.to_lowercase());
        let any = |names: &[&str]| names.iter().find_map(|name| words(filter, name));
        let ancestors = words(filter, "categoryAncestorIdIn");
        let below = ancestors.map(|ids| ids.iter().flat_map(|id| view.subtree(id)).collect());
        Fits {
            filter,
            text: lower("freeText").or_else(|| lower("searchTextMatchOr")).or_else(|| lower("searchTextMatchAnd")),
            name: lower("nameLike").or_else(|| lower("nameMultiLikeOr")),
            ids: any(&["idEqual", "idIn", "redirectFromEntryId"]),
            users: any(&["userIdEqual", "userIdIn", "creatorIdEqual"]),
            tags: any(&["tagsLike", "tagsMultiLikeOr", "tagsNameMultiLikeOr"]),
            categories: any(&["categoriesIdsMatchOr", "categoriesIdsMatchAnd"]).or(below),
            types: any(&["mediaTypeEqual", "mediaTypeIn"]),
            states: any(&["statusEqual", "statusIn"]),
        }
    }

    fn holds(&self, view: &AccountView, id: &Text, known: &EntryView) -> bool {
        let name = known.name.to_lowercase();
        let owner = known.owner.and_then(|owner| view.people.get(&owner)).map_or("", |person| &person.id);
        let tagged = |tag: &str| known.tags.iter().any(|one| one.to_lowercase() == tag.to_lowercase());
        let created = |field: &str| int(self.filter, field);
        let at = known.created_ms.map(|ms| ms.div_euclid(1000));
        self.text.as_ref().is_none_or(|text| {
            name.contains(text.as_str()) || id.to_lowercase().contains(text.as_str()) || tagged(text)
        }) && self.name.as_ref().is_none_or(|text| name.contains(text.as_str()))
            && self.ids.as_ref().is_none_or(|ids| ids.contains(id))
            && self.users.as_ref().is_none_or(|ids| ids.contains(owner))
            && self.tags.as_ref().is_none_or(|tags| tags.iter().any(|tag| tagged(tag)))
            && self.categories.as_ref().is_none_or(|ids| known.categories.iter().any(|id| ids.contains(id)))
            && self
                .types
                .as_ref()
                .is_none_or(|types| media_type(known).is_some_and(|kind| types.contains(kind.to_string().as_str())))
            && match &self.states {
                Some(states) => states.contains(status(known).to_string().as_str()),
                None => !known.deleted,
            }
            && created("createdAtGreaterThanOrEqual").is_none_or(|least| at.is_some_and(|at| at >= least))
            && created("createdAtLessThanOrEqual").is_none_or(|most| at.is_some_and(|at| at <= most))
    }
}

fn listed(
    call: &Call<'_>,
    session: &Session,
    mut found: Vec<(&Text, &EntryView)>,
    order: Option<&str>,
    kind: &'static str,
) -> Data {
    match order {
        Some("+name") => found.sort_by_key(|(_, known)| known.name.to_lowercase()),
        Some("-name") => found.sort_by_key(|(_, known)| Reverse(known.name.to_lowercase())),
        Some("+createdAt") => found.sort_by_key(|(_, known)| known.created_ms),
        Some("+duration") => found.sort_by_key(|(_, known)| known.duration_ms),
        Some("-duration") => found.sort_by_key(|(_, known)| Reverse(known.duration_ms)),
        _ => found.sort_by_key(|(_, known)| Reverse(known.created_ms)),
    }
    let (found, total) = page(call.params, found);
    let objects = found.into_iter().map(|(id, known)| entry(session, id, known)).collect();
    Data::list_response(kind, objects, total)
}

/// `baseEntry.list`, `media.list`.
pub(in crate::kaltura) fn list(call: &Call<'_>) -> Outcome<Data> {
    let (session, shown) = shown(call)?;
    let empty = Params::new();
    let filter = object(call.params, "filter").unwrap_or(&empty);
    let view = session.view();
    let fits = Fits::of(view, filter);
    let found = shown.entries(view).filter(|(id, known)| fits.holds(view, id, known)).collect();
    let kind = if call.service == "media" { "KalturaMediaListResponse" } else { "KalturaBaseEntryListResponse" };
    Ok(listed(call, &session, found, word(filter, "orderBy").as_deref(), kind))
}

/// `eSearch.searchEntry`.
pub(in crate::kaltura) fn search(call: &Call<'_>) -> Outcome<Data> {
    let (session, shown) = shown(call)?;
    let params = object(call.params, "searchParams").ok_or_else(|| Fault::missing("searchParams"))?;
    let condition = object(params, "searchOperator").map(Condition::read).transpose()?;
    let ids =
        word(params, "objectId").map(|id| BTreeSet::from([Text::from(id)])).or_else(|| words(params, "objectIds"));
    let (view, now_ms) = (session.view(), call.source().now_ms);
    let fits = |(id, known): &(&Text, &EntryView)| {
        !known.deleted
            && ids.as_ref().is_none_or(|ids| ids.contains(*id))
            && condition.as_ref().is_none_or(|condition| condition.holds(view, id, known, now_ms))
    };
    let mut found: Vec<(&Text, &EntryView)> = shown.entries(view).filter(fits).collect();
    found.sort_by_key(|(_, known)| Reverse(known.created_ms));
    let (found, total) = page(call.params, found);
    let one = |(id, known): (&Text, &EntryView)| {
        let fields = vec![("object", entry(&session, id, known)), ("itemsData", Data::List(Vec::new()))];
        Data::object("KalturaESearchEntryResult", fields)
    };
    let objects = found.into_iter().map(one).collect();
    Ok(Data::list_response("KalturaESearchEntryResponse", objects, total))
}

fn may_see(session: &Session, shown: &Shown, known: &PlaylistView) -> bool {
    shown.entries.is_none() || (known.owner.is_some() && known.owner == session.person)
}

/// `playlist.get`.
pub(in crate::kaltura) fn playlist(call: &Call<'_>) -> Outcome<Data> {
    let (session, shown) = shown(call)?;
    let id = word(call.params, "id").ok_or_else(|| Fault::missing("id"))?;
    let view = session.view();
    let known = view.playlists.get(id.as_str()).filter(|known| may_see(&session, &shown, known));
    let known = known.ok_or_else(|| Fault::no_entry(&id))?;
    let owner = known.owner.and_then(|owner| view.people.get(&owner)).map_or("", |person| &person.id);
    let entries: Vec<&str> = known.entries.iter().map(|id| &**id).collect();
    let fields = vec![
        // 3: a list of ids.
        ("playlistType", Data::Int(3)),
        ("playlistContent", Data::Text(entries.join(","))),
        ("id", Data::Text(id)),
        ("name", Data::text(&*known.name)),
        ("partnerId", Data::Int(session.account().0.into())),
        ("userId", Data::some(owner)),
        ("creatorId", Data::some(owner)),
        ("status", Data::Int(2)),
        ("type", Data::Int(5)),
        ("createdAt", Data::seconds(known.created_ms)),
        ("updatedAt", Data::seconds(known.created_ms)),
    ];
    Ok(Data::object("KalturaPlaylist", fields))
}

/// `tag.search`: tags of recordings by how they begin.
pub(in crate::kaltura) fn tags(call: &Call<'_>) -> Outcome<Data> {
    let (session, shown) = shown(call)?;
    let filter = object(call.params, "tagFilter").or_else(|| object(call.params, "filter"));
    let start = filter.and_then(|filter| word(filter, "tagStartsWith").or_else(|| word(filter, "tagEqual")));
    let start = start.unwrap_or_default().to_lowercase();
    let mut counts: BTreeMap<&Text, i64> = BTreeMap::new();
    for (_, known) in shown.entries(session.view()).filter(|(_, known)| !known.deleted) {
        for tag in known.tags.iter().filter(|tag| tag.to_lowercase().starts_with(&start)) {
            *counts.entry(tag).or_default() += 1;
        }
    }
    let numbered: Vec<(usize, (&Text, i64))> = counts.into_iter().enumerate().collect();
    let (found, total) = page(call.params, numbered);
    let one = |(number, (tag, count)): (usize, (&Text, i64))| {
        let fields = vec![
            ("id", Data::Text((number + 1).to_string())),
            ("tag", Data::text(&**tag)),
            ("taggedObjectType", Data::text("1")),
            ("partnerId", Data::Int(session.account().0.into())),
            ("instanceCount", Data::Int(count)),
        ];
        Data::object("KalturaTag", fields)
    };
    Ok(Data::list_response("KalturaTagListResponse", found.into_iter().map(one).collect(), total))
}
