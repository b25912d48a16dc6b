//! Kaltura sessions: made, read, ended, and turned into what the one who brings them may see.
//!
//! A KS of an administrator administers its account. A KS with a role or a restriction of its own is taken for the person
//! it names, as is every KS of a user: people see by the catalog what they own, co-edit or teach, and by the roles that
//! were granted to them here. What somebody watched themselves belongs to an answer only when they ask for just that.

use super::Call;
use super::answer::Data;
use super::errors::{Fault, Outcome};
use super::request::{int, needed, text, word};
use crate::app::Source;
use crate::auth::kaltura::LESSENING;
use crate::auth::vault::{Facts, Who};
use crate::auth::{self, Rules};
use crate::collect::ks::{self, Ks, KsError};
use crate::collect::limits::ID_BYTES_MAX;
use engine::access::{Caller, Grant};
use engine::catalog::view::AccountView;
use engine::event::{AccountId, PersonKey};
use std::sync::Arc;
use subtle::ConstantTimeEq;

/// How long a session lasts unless its maker says otherwise, seconds.
const EXPIRY_S: i64 = 86_400;
/// The longest that a session made here lasts, seconds: ten years, Kaltura's own limit.
const EXPIRY_MAX_S: i64 = 10 * 366 * 86_400;
/// The longest text of privileges, bytes: category trees come to some 1 KiB.
const PRIVILEGES_BYTES_MAX: usize = 4 << 10;
/// How long it is remembered that sessions of a `sessionid` have ended, seconds: longer than applications make them last.
const GROUP_KEPT_S: i64 = 400 * 86_400;

/// A session that was verified.
pub struct Session {
    /// What it says.
    pub ks: Ks,
    /// As it was sent.
    text: String,
    /// What it may see.
    caller: Caller,
    /// Whether it administers the account.
    pub administrator: bool,
    /// Who it is of, if the catalog knows them.
    pub person: Option<PersonKey>,
    view: Arc<AccountView>,
}

impl Session {
    /// Its account.
    pub fn account(&self) -> AccountId {
        self.ks.account
    }
    /// Its account's part of the catalog.
    pub fn view(&self) -> &AccountView {
        &self.view
    }
    /// A session that was good when a job was asked for, with what its owner may see now.
    ///
    /// # Errors
    /// When sign-in's tables cannot be read.
    pub fn again(
        vault: &auth::vault::Vault,
        rules: &Rules,
        source: &Source,
        account: AccountId,
        user: Option<String>,
        administrator: bool,
    ) -> Result<Option<Session>, auth::vault::VaultError> {
        let Some(view) = source.catalog.accounts.get(&account).cloned() else { return Ok(None) };
        let caller = rights(vault, rules, &source.catalog, account, user.as_deref(), administrator, source.now_ms)?;
        let person = user.as_deref().and_then(|user| view.person_keys.get(user)).copied();
        let ks = Ks { account, kind: 2 * u32::from(administrator), user, expiry: i64::MAX, privileges: Vec::new() };
        Ok(Some(Session { ks, text: String::new(), caller, administrator, person, view }))
    }
    /// As it was sent.
    pub fn text(&self) -> &str {
        &self.text
    }
    /// Who it is, as the access log and jobs have it.
    pub fn owner(&self) -> String {
        owner(self.ks.account, self.ks.user.as_deref())
    }
    /// What it may see, without what its person watched.
    pub fn caller(&self) -> Caller {
        let grants = self.caller.grants.iter().filter(|grant| !matches!(grant, Grant::OwnRecord(_)));
        Caller { grants: grants.cloned().collect(), ..self.caller.clone() }
    }
    /// What it may see of its own person's record.
    pub fn own_record(&self) -> Caller {
        self.caller.clone()
    }
    /// Whether reports are open to it at all.
    pub fn may_report(&self) -> bool {
        !self.caller.grants.is_empty()
    }
    /// Whether it looks up everything in the account. Entitlement that is switched on makes an administrator's look-ups
    /// those of the person.
    pub fn looks_everywhere(&self) -> bool {
        self.administrator && self.ks.privilege("enableentitlement").is_none()
    }
    /// The privilege to take a file.
    pub fn may_take(&self, id: &str) -> bool {
        let mut privileges = self.ks.privileges.iter();
        self.administrator || privileges.any(|(name, value)| name == "download" && value == id)
    }

    /// Counts a call where the session is good for so many only.
    ///
    /// # Errors
    /// When they are used up.
    pub fn count(&self, call: &Call<'_>) -> Outcome<()> {
        let Some(limit) = self.ks.privilege("actionslimit") else { return Ok(()) };
        let limit: i64 = limit.parse().unwrap_or(0);
        let digest = ks::digest(&self.text).unwrap_or_default();
        let used =
            call.app().vault().count_ks(&digest, self.ks.expiry, call.now_s()).map_err(|error| Fault::ours(&error))?;
        if used > limit { Err(Fault::ks(&self.text, KsError::ExceededActionsLimit)) } else { Ok(()) }
    }
}

/// Who a session is of, as the access log and jobs have it.
pub fn owner(account: AccountId, user: Option<&str>) -> String {
    match user {
        Some(user) => Who::Person { account, id: user.to_owned() }.to_string(),
        None => format!("kaltura:{}", account.0),
    }
}

/// What a session's account, person and type make of whoever brings it, now.
///
/// # Errors
/// When sign-in's tables cannot be read.
pub fn rights(
    vault: &auth::vault::Vault,
    rules: &Rules,
    catalog: &engine::catalog::view::CatalogView,
    account: AccountId,
    user: Option<&str>,
    administrator: bool,
    now_ms: i64,
) -> Result<Caller, auth::vault::VaultError> {
    let none = Caller { account, grants: Vec::new(), smallest_group: rules.smallest_group };
    let Some(id) = user.filter(|user| user.len() <= ID_BYTES_MAX) else {
        let grants = administrator.then_some(Grant::Administration).into_iter().collect();
        return Ok(Caller { grants, ..none });
    };
    let who = Who::Person { account, id: id.to_owned() };
    let facts = Facts { administrator, ..Facts::default() };
    let all = auth::rights(vault, rules, catalog, &who, &facts, now_ms)?;
    Ok(all.into_iter().map(|rights| rights.caller).find(|caller| caller.account == account).unwrap_or(none))
}

/// Verifies a session.
///
/// # Errors
/// With Kaltura's numbers.
pub fn verify(call: &Call<'_>, ks: &str, path: &str) -> Outcome<Session> {
    let wrong = |error| Fault::ks(ks, error);
    let opened = open(call, ks)?;
    opened.restricted(call.from(), path).map_err(wrong)?;
    let (account, catalog) = (opened.account, &call.source().catalog);
    let view = catalog.accounts.get(&account).cloned().ok_or_else(|| wrong(KsError::InvalidPartner))?;
    let administrator = opened.kind >= 1 && LESSENING.iter().all(|name| opened.privilege(name).is_none());
    let rules = Rules::of(call.app().settings());
    let user = opened.user.as_deref();
    let caller = rights(call.app().vault(), &rules, catalog, account, user, administrator, call.source().now_ms);
    let caller = caller.map_err(|error| Fault::ours(&error))?;
    let person = user.and_then(|user| view.person_keys.get(user)).copied();
    Ok(Session { text: ks.to_owned(), caller, administrator, person, view, ks: opened })
}

/// A session that verifies and was not ended.
fn open(call: &Call<'_>, text: &str) -> Outcome<Ks> {
    let mut error = KsError::InvalidStr;
    for id in call.source().catalog.accounts.keys() {
        let Some(account) = call.app().catalog().account(*id) else { continue };
        match ks::verify(text, *id, &account.admin_secrets, call.now_s()) {
            Ok(ks) => {
                let ended = call.app().vault().is_ks_ended(&digests(text, &ks)).map_err(|error| Fault::ours(&error))?;
                return if ended { Err(Fault::ks(text, KsError::Logout)) } else { Ok(ks) };
            }
            Err(KsError::InvalidPartner) => {}
            Err(other) => error = other,
        }
    }
    Err(Fault::ks(text, error))
}

/// What is remembered of a session: itself, and the group that it belongs to.
pub fn digests(text: &str, ks: &Ks) -> Vec<[u8; 32]> {
    let group = ks.privilege("sessionid").or_else(|| ks.privilege("sessionkey"));
    ks::digest(text).into_iter().chain(group.map(|group| ks::group_digest(ks.account, group))).collect()
}

/// `session.start`: a session for whoever knows the account's secret.
pub fn start(call: &Call<'_>) -> Outcome<Data> {
    let secret = needed(call.params, "secret")?;
    let partner = text(call.params, "partnerId").unwrap_or_default();
    let refused = || Fault::no_start(&partner);
    let id = AccountId(partner.trim().parse().map_err(|_| refused())?);
    // Guesses are not counted: any session lets whoever has it try secrets at home, so a limit here would only lock out those
    // who know the right one.
    let account = call.app().catalog().account(id).ok_or_else(refused)?;
    let fits = |known: &&ks::Secret| bool::from(known.0.ct_eq(secret.as_bytes()));
    let signing = account.admin_secrets.iter().find(fits).ok_or_else(refused)?;
    let kind = int(call.params, "type").unwrap_or(0);
    let kind = u32::try_from(kind).ok().filter(|kind| [0, 2].contains(kind));
    let kind = kind
        .ok_or_else(|| Fault::not_enum(&word(call.params, "type").unwrap_or_default(), "type", "KalturaSessionType"))?;
    let user = word(call.params, "userId").unwrap_or_default();
    let privileges = word(call.params, "privileges").unwrap_or_default();
    if user.len() > ID_BYTES_MAX || privileges.len() > PRIVILEGES_BYTES_MAX || privileges.contains(';') {
        return Err(Fault::form("privileges"));
    }
    let expiry = call.now_s() + int(call.params, "expiry").unwrap_or(EXPIRY_S).clamp(0, EXPIRY_MAX_S);
    made(signing, id, kind, &user, expiry, &privileges).map(Data::Text)
}

/// Signs a session.
pub fn made(
    secret: &ks::Secret,
    account: AccountId,
    kind: u32,
    user: &str,
    expiry: i64,
    privileges: &str,
) -> Outcome<String> {
    let random = auth::fresh_bytes::<16>().map_err(Fault::from)?;
    Ok(ks::sign(secret, account, kind, user, expiry, privileges, &random))
}

/// `session.startWidgetSession`: what anybody may have, and that opens nothing here.
pub fn start_widget_session(call: &Call<'_>) -> Outcome<Data> {
    let widget = needed(call.params, "widgetId")?;
    let partner = widget.trim().trim_start_matches('_').to_owned();
    let refused = || Fault::no_partner(&partner);
    let id = AccountId(partner.parse().map_err(|_| refused())?);
    let account = call.app().catalog().account(id).ok_or_else(refused)?;
    let secret = account.admin_secrets.first().ok_or_else(refused)?;
    let expiry = call.now_s() + int(call.params, "expiry").unwrap_or(EXPIRY_S).clamp(0, EXPIRY_S);
    let ks = made(secret, id, 0, "0", expiry, "view:*,widget:1")?;
    let fields = vec![("partnerId", Data::Int(id.0.into())), ("ks", Data::Text(ks)), ("userId", Data::text("0"))];
    Ok(Data::object("KalturaStartWidgetSessionResponse", fields))
}

/// `session.get`: what a session says.
pub fn get(call: &Call<'_>) -> Outcome<Data> {
    let asking = call.session()?;
    let other = word(call.params, "session");
    let (text, ks) = match other {
        None => (asking.text.clone(), asking.ks.clone()),
        Some(text) => {
            let ks = open(call, &text)?;
            if ks.account != asking.account() {
                return Err(Fault::ks(&text, KsError::InvalidPartner));
            }
            (text, ks)
        }
    };
    let privilege = |(name, value): &(String, String)| match value.is_empty() {
        true => name.clone(),
        false => format!("{name}:{value}"),
    };
    let fields = vec![
        ("ks", Data::Text(text)),
        ("sessionType", Data::Int(ks.kind.into())),
        ("partnerId", Data::Int(ks.account.0.into())),
        ("userId", Data::Text(ks.user.clone().unwrap_or_default())),
        ("expiry", Data::Int(ks.expiry)),
        ("privileges", Data::Text(ks.privileges.iter().map(privilege).collect::<Vec<_>>().join(","))),
    ];
    Ok(Data::object("KalturaSessionInfo", fields))
}

/// `session.end`: the session is good for nothing any more, nor are others with its `sessionid`.
pub fn end(call: &Call<'_>) -> Outcome<Data> {
    let session = call.session()?;
    let digests = digests(&session.text, &session.ks);
    let until_s =
        if digests.len() > 1 { session.ks.expiry.max(call.now_s() + GROUP_KEPT_S) } else { session.ks.expiry };
    call.app().vault().end_ks(&digests, until_s, call.now_s()).map_err(|error| Fault::ours(&error))?;
    call.door.known.borrow_mut().clear();
    Ok(Data::Null)
}
