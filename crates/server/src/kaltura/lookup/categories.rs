//! Categories, the recordings in them and the people of them.

use super::{page, shown, words};
use crate::kaltura::Call;
use crate::kaltura::answer::Data;
use crate::kaltura::errors::{Fault, Outcome};
use crate::kaltura::report::filter::full_name;
use crate::kaltura::request::{Params, object, word};
use engine::catalog::view::{AccountView, CategoryView, Role};
use engine::event::Text;
use std::collections::BTreeSet;

fn category(view: &AccountView, id: &Text, known: &CategoryView, now_ms: i64) -> Data {
    let count = |number: usize| Data::Int(i64::try_from(number).unwrap_or(i64::MAX));
    let members: BTreeSet<_> =
        known.members.iter().filter(|member| member.period.holds(now_ms)).map(|member| member.person).collect();
    let fields = vec![
        ("id", Data::id(id)),
        ("parentId", known.parent.as_ref().map_or(Data::Int(0), |parent| Data::id(parent))),
        ("name", Data::text(&*known.name)),
        ("fullName", Data::Text(full_name(view, id, known))),
        ("entriesCount", count(view.category_entries.get(id).map_or(0, BTreeSet::len))),
        ("directEntriesCount", count(view.category_entries.get(id).map_or(0, BTreeSet::len))),
        ("directSubCategoriesCount", count(view.children.get(id).map_or(0, BTreeSet::len))),
        ("membersCount", count(members.len())),
        ("referenceId", Data::some(&known.lms_course)),
        ("createdAt", Data::seconds(known.created_ms)),
        ("updatedAt", Data::seconds(known.updated_ms.or(known.created_ms))),
        ("status", Data::Int(if known.deleted { 3 } else { 2 })),
    ];
    Data::object("KalturaCategory", fields)
}

/// `category.get`.
pub(in crate::kaltura) fn get(call: &Call<'_>) -> Outcome<Data> {
    let (session, shown) = shown(call)?;
    let id = word(call.params, "id").ok_or_else(|| Fault::missing("id"))?;
    let view = session.view();
    let known = view.categories.get_key_value(id.as_str()).filter(|(id, _)| shown.category(id));
    let (id, known) = known.ok_or_else(|| Fault::no_category(&id))?;
    Ok(category(view, id, known, call.source().now_ms))
}

/// `category.list`.
pub(in crate::kaltura) fn list(call: &Call<'_>) -> Outcome<Data> {
    let (session, shown) = shown(call)?;
    let view = session.view();
    let empty = Params::new();
    let filter = object(call.params, "filter").unwrap_or(&empty);
    let text = |name: &str| word(filter, name);
    let lower = |name: &str| text(name).map(|text| text.to_lowercase());
    let starts = lower("nameOrReferenceIdStartsWith");
    let free = lower("freeText").or_else(|| lower("nameLike"));
    let full = lower("fullNameStartsWith");
    let (parent, ids, one) = (text("parentIdEqual"), words(filter, "idIn"), text("idEqual"));
    let parents = words(filter, "parentIdIn");
    let ancestor = text("ancestorIdIn").or_else(|| text("ancestorIdEqual"));
    let below: Option<BTreeSet<Text>> = ancestor.map(|ids| {
        let roots: Vec<&str> = ids.split(',').map(str::trim).collect();
        roots.iter().flat_map(|root| view.subtree(root)).filter(|id| !roots.contains(&&**id)).collect()
    });
    let fits = |(id, known): &(&Text, &CategoryView)| {
        let name = known.name.to_lowercase();
        let at_top = known.parent.is_none();
        shown.category(id)
            && !known.deleted
            && starts.as_ref().is_none_or(|start| {
                name.starts_with(start.as_str()) || known.lms_course.to_lowercase().starts_with(start.as_str())
            })
            && free.as_ref().is_none_or(|free| name.contains(free.as_str()))
            && full.as_ref().is_none_or(|start| full_name(view, id, known).to_lowercase().starts_with(start.as_str()))
            && parent.as_ref().is_none_or(|parent| match parent.as_str() {
                "0" => at_top,
                parent => known.parent.as_deref() == Some(parent),
            })
            && parents.as_ref().is_none_or(|parents| {
                known.parent.as_ref().is_some_and(|parent| parents.contains(parent))
                    || (at_top && parents.contains("0"))
            })
            && ids.as_ref().is_none_or(|ids| ids.contains(*id))
            && one.as_ref().is_none_or(|one| **one == ***id)
            && below.as_ref().is_none_or(|below| below.contains(*id))
    };
    let mut found: Vec<(&Text, &CategoryView)> = view.categories.iter().filter(fits).collect();
    match word(filter, "orderBy").as_deref() {
        Some("+name") => found.sort_by_key(|(_, known)| known.name.to_lowercase()),
        Some("-createdAt") => found.sort_by_key(|(_, known)| std::cmp::Reverse(known.created_ms)),
        Some("+createdAt") => found.sort_by_key(|(_, known)| known.created_ms),
        _ => found.sort_by_key(|(id, known)| full_name(view, id, known).to_lowercase()),
    }
    let (found, total) = page(call.params, found);
    let objects = found.into_iter().map(|(id, known)| category(view, id, known, call.source().now_ms)).collect();
    Ok(Data::list_response("KalturaCategoryListResponse", objects, total))
}

/// `categoryEntry.list`: which recordings are in which categories now.
pub(in crate::kaltura) fn entries(call: &Call<'_>) -> Outcome<Data> {
    let (session, shown) = shown(call)?;
    let view = session.view();
    let empty = Params::new();
    let filter = object(call.params, "filter").unwrap_or(&empty);
    let any = |one: &str, many: &str| {
        words(filter, many).or_else(|| word(filter, one).map(|id| BTreeSet::from([id.as_str().into()])))
    };
    let categories = any("categoryIdEqual", "categoryIdIn");
    let entries = any("entryIdEqual", "entryIdIn");
    let pairs =
        view.category_entries.iter().flat_map(|(category, held)| held.iter().map(move |entry| (category, entry)));
    let fits = |(category, entry): &(&Text, &Text)| {
        (shown.category(category) || shown.entry(entry))
            && shown.entry(entry)
            && categories.as_ref().is_none_or(|ids| ids.contains(*category))
            && entries.as_ref().is_none_or(|ids| ids.contains(*entry))
    };
    let (found, total) = page(call.params, pairs.filter(fits).collect());
    let one = |(category, entry): (&Text, &Text)| {
        let since = view.categories.get(category).and_then(|known| {
            let link =
                known.links.iter().find(|link| link.entry == *entry && link.period.holds(call.source().now_ms))?;
            link.period.from_ms
        });
        let fields = vec![
            ("categoryId", Data::id(category)),
            ("entryId", Data::text(&**entry)),
            ("createdAt", Data::seconds(since)),
            ("status", Data::Int(2)),
        ];
        Data::object("KalturaCategoryEntry", fields)
    };
    let objects = found.into_iter().map(one).collect();
    Ok(Data::list_response("KalturaCategoryEntryListResponse", objects, total))
}

/// Kaltura's levels: 0 manager, 1 moderator, 2 contributor, 3 member.
fn level(role: Role) -> i64 {
    match role {
        Role::Teacher | Role::Designer | Role::Manager => 0,
        Role::Assistant => 1,
        Role::Contributor => 2,
        Role::Student | Role::Observer | Role::Member => 3,
    }
}

/// `categoryUser.list`: who belongs to categories now. For those who may see the category.
pub(in crate::kaltura) fn users(call: &Call<'_>) -> Outcome<Data> {
    let (session, shown) = shown(call)?;
    let view = session.view();
    let empty = Params::new();
    let filter = object(call.params, "filter").unwrap_or(&empty);
    let any = |one: &str, many: &str| {
        words(filter, many).or_else(|| word(filter, one).map(|id| BTreeSet::from([id.as_str().into()])))
    };
    let (categories, users) = (any("categoryIdEqual", "categoryIdIn"), any("userIdEqual", "userIdIn"));
    let mut found = Vec::new();
    for (id, known) in view.categories.iter().filter(|(id, _)| shown.category(id)) {
        if categories.as_ref().is_some_and(|ids| !ids.contains(id)) {
            continue;
        }
        for member in known.members.iter().filter(|member| member.period.holds(call.source().now_ms)) {
            let Some(person) = view.people.get(&member.person) else { continue };
            if users.as_ref().is_none_or(|ids| ids.contains(&person.id)) {
                found.push((id, &person.id, level(member.role), member.period.from_ms));
            }
        }
    }
    let (found, total) = page(call.params, found);
    let one = |(category, user, level, since): (&Text, &Text, i64, Option<i64>)| {
        let fields = vec![
            ("categoryId", Data::id(category)),
            ("userId", Data::text(&**user)),
            ("partnerId", Data::Int(session.account().0.into())),
            ("permissionLevel", Data::Int(level)),
            ("status", Data::Int(1)),
            ("createdAt", Data::seconds(since)),
        ];
        Data::object("KalturaCategoryUser", fields)
    };
    let objects = found.into_iter().map(one).collect();
    Ok(Data::list_response("KalturaCategoryUserListResponse", objects, total))
}
