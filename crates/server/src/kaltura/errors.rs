//! What is refused, in Kaltura's words: status 200, an object with a code that clients compare and a message that people
//! read. Misspelt codes are spelt as Kaltura spells them.

use super::answer::{Data, Object};
use crate::collect::ks::KsError;
use crate::error::{ApiError, Code};
use std::error::Error;

/// A refusal.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// What clients compare.
    pub code: &'static str,
    /// What people read.
    pub message: String,
    /// Named parts of the message.
    pub args: Vec<(&'static str, String)>,
}

/// What handlers return.
pub type Outcome<T> = Result<T, Fault>;

impl Fault {
    fn new(code: &'static str, message: impl Into<String>) -> Fault {
        Fault { code, message: message.into(), args: Vec::new() }
    }
    fn with(code: &'static str, message: impl Into<String>, args: &[(&'static str, &str)]) -> Fault {
        let args = args.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Fault { code, message: message.into(), args }
    }

    /// No service was named.
    pub fn no_service() -> Fault {
        Fault::new("SERVICE_NOT_SPECIFIED", "Service not specified")
    }
    /// There is no such service here.
    pub fn unknown_service(service: &str) -> Fault {
        let message = format!("Service \"{service}\" does not exists");
        Fault::with("SERVICE_DOES_NOT_EXISTS", message, &[("SERVICE", service)])
    }
    /// No action was named.
    pub fn no_action() -> Fault {
        Fault::new("ACTION_NOT_SPECIFIED", "Action not specified")
    }
    /// The service has no such action here.
    pub fn unknown_action(service: &str, action: &str) -> Fault {
        let message = format!("Action \"{action}\" does not exists for service \"{service}\"");
        Fault::with("ACTION_DOES_NOT_EXISTS", message, &[("ACTION", action), ("SERVICE", service)])
    }
    /// No session came with the call.
    pub fn no_ks() -> Fault {
        Fault::new("MISSING_KS", "Missing KS, session not established")
    }
    /// A session that is not good. The KS is in the message, as clients expect; it is their own.
    pub fn ks(ks: &str, error: KsError) -> Fault {
        let number = error.number().to_string();
        let message = format!("Invalid KS \"{ks}\", Error \"{number},{}\"", error.text());
        Fault::with("INVALID_KS", message, &[("KSID", ks), ("ERR_CODE", &number), ("ERR_DESC", error.text())])
    }
    /// The session may not do this.
    pub fn forbidden(service: &str, action: &str) -> Fault {
        let name = format!("{service}->{action}");
        let message = format!("The access to service [{name}] is forbidden");
        Fault::with("SERVICE_FORBIDDEN", message, &[("SERVICE", &name)])
    }
    /// The session is another account's.
    pub fn foreign(partner: &str) -> Fault {
        let message = format!("The session is not of partner [{partner}]");
        Fault::with("PARTNER_ACCESS_FORBIDDEN", message, &[("PARTNER", partner)])
    }
    /// A session cannot be made.
    pub fn no_start(partner: &str) -> Fault {
        let message = format!("Error while starting session for partner [{partner}]");
        Fault::with("START_SESSION_ERROR", message, &[("PARTNER", partner)])
    }
    /// There is no such account.
    pub fn no_partner(partner: &str) -> Fault {
        Fault::with("INVALID_PARTNER_ID", format!("Invalid partner id \"{partner}\""), &[("PARTNER_ID", partner)])
    }
    /// A parameter is missing.
    pub fn missing(name: &str) -> Fault {
        let message = format!("Missing parameter \"{name}\"");
        Fault::with("MISSING_MANDATORY_PARAMETER", message, &[("PARAM_NAME", name)])
    }
    /// A word that is none of those a parameter may have.
    pub fn not_enum(value: &str, name: &str, kind: &str) -> Fault {
        let message = format!(
            "Invalid enumeration value \"{value}\" for parameter \"{name}\", expecting enumeration type \"{kind}\""
        );
        Fault::with("INVALID_ENUM_VALUE", message, &[("VALUE", value), ("PARAM_NAME", name), ("ENUM_TYPE", kind)])
    }
    /// A property's text has the wrong form.
    pub fn form(name: &str) -> Fault {
        let message = format!("The format of \"{name}\" is wrong");
        Fault::with("PROPERTY_VALIDATION_WRONG_FORMAT", message, &[("PROP_NAME", name)])
    }
    /// A request that cannot be read.
    pub fn unreadable(what: &str) -> Fault {
        Fault::with("INVALID_PARAMETER_CHAR", format!("The request cannot be read: {what}"), &[("REASON", what)])
    }
    /// A report type that there is not.
    pub fn no_report(report: &str) -> Fault {
        Fault::with("REPORT_NOT_FOUND", format!("Report \"{report}\" not found"), &[("REPORT_ID", report)])
    }
    /// An answer larger than may be.
    pub fn too_general() -> Fault {
        Fault::new("SEARCH_TOO_GENERAL", "Unable to create report. Query produced too many results")
    }
    /// An answer that takes too long.
    pub fn too_long() -> Fault {
        Fault::new("DRUID_QUERY_TIMED_OUT", "Query timed out")
    }
    /// A name for a group of items that cannot be.
    pub fn items_group(group: &str) -> Fault {
        let message = format!("Invalid report items group \"{group}\"");
        Fault::with("INVALID_REPORT_ITEMS_GROUP", message, &[("GROUP", group)])
    }
    /// A recording that is not there, or may not be seen.
    pub fn no_entry(id: &str) -> Fault {
        Fault::with("ENTRY_ID_NOT_FOUND", format!("Entry id \"{id}\" not found"), &[("ENTRY_ID", id)])
    }
    /// A category that is not there, or may not be seen.
    pub fn no_category(id: &str) -> Fault {
        Fault::with("CATEGORY_NOT_FOUND", format!("Category id \"{id}\" not found"), &[("CATEGORY_ID", id)])
    }
    /// A person who is not there, or may not be seen.
    pub fn no_user(id: &str) -> Fault {
        Fault::with("INVALID_USER_ID", format!("Invalid user id \"{id}\""), &[("USER_ID", id)])
    }
    /// Another object that is not there.
    pub fn no_object(id: &str) -> Fault {
        Fault::with("INVALID_OBJECT_ID", format!("Invalid object id [{id}]"), &[("OBJECT_ID", id)])
    }
    /// Everything else; `why` is for people.
    pub fn internal(why: &str) -> Fault {
        Fault::new("INTERNAL_SERVERL_ERROR", format!("Internal server error occurred: {why}"))
    }
    /// A fault of ours: logged with its causes, told without.
    pub fn ours(cause: &(dyn Error + 'static)) -> Fault {
        tracing::error!(cause = crate::error::chain(cause), "a call of Kaltura's API failed");
        Fault::new("INTERNAL_SERVERL_ERROR", "Internal server error occurred")
    }

    /// As an answer.
    pub fn data(&self) -> Data {
        let args = match self.args.is_empty() {
            true => Data::List(Vec::new()),
            false => Data::Map(self.args.iter().map(|(name, value)| (*name, Data::text(value))).collect()),
        };
        let fields = vec![("code", Data::text(self.code)), ("message", Data::text(&self.message)), ("args", args)];
        Data::Object(Object { kind: "KalturaAPIException", fields })
    }
}

impl From<ApiError> for Fault {
    fn from(error: ApiError) -> Fault {
        match error.code {
            Code::TooMuch => Fault::too_general(),
            Code::TooLong => Fault::too_long(),
            Code::Busy => Fault::internal("the server is busy, try again"),
            Code::BadParameter => Fault::internal(&error.detail),
            _ => Fault::ours(&error),
        }
    }
}
