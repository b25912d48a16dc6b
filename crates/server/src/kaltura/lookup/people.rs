//! People: administrators look up everybody, everybody looks up themselves.

use super::account::role_of;
use super::{page, words};
use crate::kaltura::Call;
use crate::kaltura::answer::Data;
use crate::kaltura::errors::{Fault, Outcome};
use crate::kaltura::request::{object, word};
use crate::kaltura::session::Session;
use engine::catalog::view::PersonView;
use engine::event::PersonKey;

/// `itself`: it is who asks.
fn user(session: &Session, itself: bool, person: &PersonView) -> Data {
    let (first, last) = person.name.split_once(' ').unwrap_or((&person.name, ""));
    let fields = vec![
        ("id", Data::text(&*person.id)),
        ("partnerId", Data::Int(session.account().0.into())),
        ("screenName", Data::text(&*person.name)),
        ("fullName", Data::text(&*person.name)),
        ("firstName", Data::some(first)),
        ("lastName", Data::some(last)),
        ("email", Data::some(&person.mail)),
        ("status", Data::Int(1)),
        ("isAdmin", Data::Bool(itself && session.administrator)),
        ("roleIds", Data::Text(role_of(itself && session.administrator).to_string())),
    ];
    Data::object("KalturaUser", fields)
}

/// `user.get`: somebody, or whoever asks.
pub(in crate::kaltura) fn user_get(call: &Call<'_>) -> Outcome<Data> {
    let session = call.session()?;
    let own = session.ks.user.clone().unwrap_or_default();
    let id = word(call.params, "userId").unwrap_or_else(|| own.clone());
    let refused = || Fault::no_user(&id);
    if id != own && !session.looks_everywhere() {
        return Err(refused());
    }
    let view = session.view();
    let known = view.person_keys.get(id.as_str()).and_then(|key| Some((*key, view.people.get(key)?)));
    match known {
        Some((key, person)) => Ok(user(&session, session.person == Some(key), person)),
        // Who asks exists, also where the catalog has not heard of them.
        None if id == own && !own.is_empty() => {
            let person = PersonView { id: own.as_str().into(), name: own.as_str().into(), ..PersonView::default() };
            Ok(user(&session, true, &person))
        }
        None => Err(refused()),
    }
}

/// `user.list`.
pub(in crate::kaltura) fn user_list(call: &Call<'_>) -> Outcome<Data> {
    let session = call.session()?;
    let view = session.view();
    let empty = crate::kaltura::request::Params::new();
    let filter = object(call.params, "filter").unwrap_or(&empty);
    let starts = word(filter, "idOrScreenNameStartsWith").map(|start| start.to_lowercase());
    let one = word(filter, "idEqual");
    let many = words(filter, "idIn");
    let first = word(filter, "firstNameStartsWith").map(|start| start.to_lowercase());
    let everybody = session.looks_everywhere();
    let fits = |key: PersonKey, person: &PersonView| {
        let begins = |text: &str, start: &str| text.to_lowercase().starts_with(start);
        (everybody || session.person == Some(key))
            && !person.id.is_empty()
            && starts.as_ref().is_none_or(|start| begins(&person.id, start) || begins(&person.name, start))
            && first.as_ref().is_none_or(|start| begins(&person.name, start))
            && one.as_ref().is_none_or(|id| **id == *person.id)
            && many.as_ref().is_none_or(|ids| ids.contains(&person.id))
    };
    let found: Vec<(PersonKey, &PersonView)> = view
        .person_keys
        .values()
        .filter_map(|key| Some((*key, view.people.get(key)?)))
        .filter(|(key, p)| fits(*key, p))
        .collect();
    let (found, total) = page(call.params, found);
    let objects = found.into_iter().map(|(key, person)| user(&session, session.person == Some(key), person)).collect();
    Ok(Data::list_response("KalturaUserListResponse", objects, total))
}
