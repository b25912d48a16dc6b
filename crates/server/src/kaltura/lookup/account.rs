//! The account, its permissions, and lists that are always empty because nothing of them reaches us.

use crate::kaltura::Call;
use crate::kaltura::answer::Data;
use crate::kaltura::errors::{Fault, Outcome};
use crate::kaltura::request::word;

/// What administrators may, in words that front ends look for.
const PERMISSIONS: [&str; 5] =
    ["ANALYTICS_BASE", "BASE_USER_SESSION_PERMISSION", "CONTENT_MANAGE_BASE", "FEATURE_ANALYTICS_TAB", "ADMIN_BASE"];
/// The role of administrators.
const ADMINISTRATORS: i64 = 1;
/// The role of everybody else.
const VIEWERS: i64 = 2;

/// The role that a session has, for front ends that ask by number.
pub(super) fn role_of(administrator: bool) -> i64 {
    if administrator { ADMINISTRATORS } else { VIEWERS }
}

/// `userRole.get`.
pub(in crate::kaltura) fn role_get(call: &Call<'_>) -> Outcome<Data> {
    let session = call.session()?;
    if !session.administrator {
        return Err(call.forbidden());
    }
    let asked = word(call.params, "userRoleId").unwrap_or_default();
    let (id, name) = match asked.parse() {
        Ok(ADMINISTRATORS) => (ADMINISTRATORS, "Administrator"),
        Ok(VIEWERS) => (VIEWERS, "Viewer"),
        _ => return Err(Fault::no_object(&asked)),
    };
    let permissions = if id == ADMINISTRATORS { PERMISSIONS.join(",") } else { String::new() };
    let fields = vec![
        ("id", Data::Int(id)),
        ("name", Data::text(name)),
        ("status", Data::Int(1)),
        ("partnerId", Data::Int(session.account().0.into())),
        ("permissionNames", Data::Text(permissions)),
    ];
    Ok(Data::object("KalturaUserRole", fields))
}

/// `permission.list`.
pub(in crate::kaltura) fn permission_list(call: &Call<'_>) -> Outcome<Data> {
    let session = call.session()?;
    if !session.administrator {
        return Err(call.forbidden());
    }
    let one = |(number, name): (usize, &&str)| {
        let fields = vec![
            ("id", Data::Int(number as i64 + 1)),
            ("type", Data::Int(2)),
            ("name", Data::text(name)),
            ("status", Data::Int(1)),
            ("partnerId", Data::Int(session.account().0.into())),
        ];
        Data::object("KalturaPermission", fields)
    };
    let all: Vec<Data> = PERMISSIONS.iter().enumerate().map(one).collect();
    let (objects, total) = super::page(call.params, all);
    Ok(Data::list_response("KalturaPermissionListResponse", objects, total))
}

/// `permission.getCurrentPermissions`: one text.
pub(in crate::kaltura) fn current_permissions(call: &Call<'_>) -> Outcome<Data> {
    let session = call.session()?;
    let known: &[&str] = match (session.administrator, session.may_report()) {
        (true, _) => &PERMISSIONS,
        (false, true) => &PERMISSIONS[..2],
        (false, false) => &PERMISSIONS[1..2],
    };
    Ok(Data::Text(known.join(",")))
}

fn partner(call: &Call<'_>) -> Outcome<Data> {
    let session = call.session()?;
    if !session.administrator {
        return Err(call.forbidden());
    }
    let own = session.account().0.to_string();
    let asked = word(call.params, "id").filter(|id| *id != "-2").unwrap_or_else(|| own.clone());
    if asked != own {
        return Err(Fault::no_partner(&asked));
    }
    let view = session.view();
    let fields = vec![
        ("id", Data::Int(session.account().0.into())),
        ("name", Data::text(&*view.name)),
        ("createdAt", Data::seconds(Some(view.created_ms))),
        ("status", Data::Int(1)),
        ("adultContent", Data::Bool(false)),
        ("partnerPackage", Data::Int(1)),
    ];
    Ok(Data::object("KalturaPartner", fields))
}

/// `partner.get`.
pub(in crate::kaltura) fn partner_get(call: &Call<'_>) -> Outcome<Data> {
    partner(call)
}

/// `partner.getInfo`.
pub(in crate::kaltura) fn partner_info(call: &Call<'_>) -> Outcome<Data> {
    partner(call)
}

fn nothing(call: &Call<'_>, kind: &'static str) -> Outcome<Data> {
    call.session()?;
    Ok(Data::list_response(kind, Vec::new(), 0))
}

/// `uiConf.listTemplates`: players are not kept here.
pub(in crate::kaltura) fn ui_conf_templates(call: &Call<'_>) -> Outcome<Data> {
    nothing(call, "KalturaUiConfListResponse")
}
/// `like.list`: likes do not reach us.
pub(in crate::kaltura) fn likes(call: &Call<'_>) -> Outcome<Data> {
    nothing(call, "KalturaLikeListResponse")
}
/// `metadata.list`.
pub(in crate::kaltura) fn metadata(call: &Call<'_>) -> Outcome<Data> {
    nothing(call, "KalturaMetadataListResponse")
}
/// `cuePoint.list`.
pub(in crate::kaltura) fn cue_points(call: &Call<'_>) -> Outcome<Data> {
    nothing(call, "KalturaCuePointListResponse")
}
