//! `playhead platform`: platforms from the command line.

use super::platform::{NewPlatform, course_default, person_default};
use super::register;
use crate::auth::vault::Vault;
use crate::cli::Failure;
use crate::collect::wall_clock;
use crate::config::Settings;
use crate::import::the_account;
use crate::machine::DataFolder;
use crate::serve;
use clap::Args;
use serde_json::json;
use url::Url;

/// A platform to register.
#[derive(Args)]
pub struct New {
    /// What people call it
    #[arg(long)]
    name: String,
    /// `iss` of its tokens
    #[arg(long)]
    issuer: String,
    /// The id that it gave to Playhead
    #[arg(long)]
    client_id: String,
    /// A deployment's id; may be repeated
    #[arg(long, value_name = "ID", required = true)]
    deployment: Vec<String>,
    /// Where people are sent to sign in
    #[arg(long, value_name = "URL")]
    auth_url: Url,
    /// Where tokens for its services are fetched
    #[arg(long, value_name = "URL")]
    token_url: Url,
    /// Audience of those requests, where it is not the token address
    #[arg(long, value_name = "TEXT")]
    token_audience: Option<String>,
    /// Its public keys
    #[arg(long, value_name = "URL")]
    jwks_url: Url,
    /// An origin of its pages, where it differs from issuer and auth-url; may be repeated
    #[arg(long, value_name = "ORIGIN")]
    origin: Vec<String>,
    /// Which claim is the catalog's id of a person: sub, email, lis.person_sourcedid, ext.NAME, custom.NAME
    #[arg(long, value_name = "CLAIM", default_value_t = person_default())]
    person: String,
    /// Which claim is the catalog's LMS course id: context.id, context.label, lis.course_offering_sourcedid, custom.NAME
    #[arg(long, value_name = "CLAIM", default_value_t = course_default())]
    course: String,
    /// Believe custom fields of links that people put into courses; never where teachers can write them
    #[arg(long)]
    link_custom: bool,
}

fn vault(settings: &Settings) -> Result<Vault, Failure> {
    Ok(Vault::open(&DataFolder::open(settings)?.catalog_file())?)
}

/// Registers a platform.
///
/// # Errors
/// When a field does not fit or the vault cannot be written.
pub fn add(settings: &Settings, account: Option<u32>, new: New) -> Result<(), Failure> {
    let catalog = DataFolder::open(settings)?.catalog(wall_clock()())?;
    let account = the_account(&catalog, account)?;
    let is = NewPlatform {
        name: new.name,
        issuer: new.issuer,
        client_id: new.client_id,
        deployments: new.deployment.into_iter().collect(),
        auth_url: new.auth_url,
        token_url: new.token_url,
        token_audience: new.token_audience,
        jwks_url: new.jwks_url,
        origins: new.origin.into_iter().collect(),
        person: new.person,
        course: new.course,
        link_custom: new.link_custom,
    };
    is.check().map_err(|(field, right)| format!("--{}: {right}", field.replace('_', "-")))?;
    let id = vault(settings)?.lti_put_platform(account, &is)?.ok_or("another account has this platform")?;
    println!("platform {id} registered");
    Ok(())
}

/// Prints the platforms.
///
/// # Errors
/// When the vault cannot be read.
pub fn list(settings: &Settings) -> Result<(), Failure> {
    for platform in vault(settings)?.lti_platforms(None)? {
        println!("{}", json!({ "id": platform.id, "account": platform.account.0, "platform": platform.is }));
    }
    Ok(())
}

/// Takes a platform away.
///
/// # Errors
/// When there is none of this number, or the vault cannot be written.
pub fn remove(settings: &Settings, id: i64) -> Result<(), Failure> {
    let vault = vault(settings)?;
    let platform = vault.lti_platform(id)?.ok_or_else(|| format!("there is no platform {id}"))?;
    vault.lti_remove_platform(platform.account, id)?;
    println!("platform {id} ({}) removed", platform.is.name);
    Ok(())
}

/// Prints a registration link.
///
/// # Errors
/// When the server has no public address, or the vault cannot be written.
pub fn link(settings: &Settings, account: Option<u32>) -> Result<(), Failure> {
    if settings.public_url.is_none() {
        return Err("setting `public_url` is not set: the platform must be able to reach it".into());
    }
    let now_ms = wall_clock()();
    let catalog = DataFolder::open(settings)?.catalog(now_ms)?;
    let account = the_account(&catalog, account)?;
    let token = register::make_link(&vault(settings)?, account, now_ms)?;
    println!("{}/lti/register?link={token}", serve::address(settings, settings.listen));
    Ok(())
}
