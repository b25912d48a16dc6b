//! Many calls in one request. Form clients number them from 1, JSON clients from 0; what stands beside them is meant for
//! each of them that does not say otherwise; `{1:result:objects:0:id}` is a value of the first call's answer, counted from
//! 1 whatever the numbers are.

use super::answer::Data;
use super::errors::{Fault, Outcome};
use super::request::{Params, word};
use serde_json::Value;

/// Calls in one request: a whole page of the front end has some twenty.
const CALLS_MAX: usize = 100;
/// What calls have in common.
const SHARED: [&str; 8] = ["ks", "clientTag", "apiVersion", "partnerId", "p", "format", "language", "responseProfile"];
/// Longest text that references may make, bytes.
const FILLED_BYTES_MAX: usize = 64 << 10;

/// What is asked for.
pub(super) struct Asked {
    /// The answers are a list, also of one.
    pub(super) many: bool,
    /// The calls.
    pub(super) calls: Vec<Params>,
}

/// Takes a request apart.
///
/// # Errors
/// Too many calls.
pub(super) fn split(mut params: Params) -> Outcome<Asked> {
    if !word(&params, "service").is_some_and(|service| service.eq_ignore_ascii_case("multirequest")) {
        return Ok(Asked { many: false, calls: vec![params] });
    }
    let first = usize::from(!params.contains_key("0"));
    let mut calls = Vec::new();
    for number in first.. {
        let Some(Value::Object(mut call)) = params.remove(&number.to_string()) else { break };
        if word(&call, "service").is_none() && word(&call, "action").is_none() {
            break;
        }
        if calls.len() >= CALLS_MAX {
            return Err(Fault::internal(&format!("a multirequest has at most {CALLS_MAX} calls")));
        }
        for name in SHARED {
            if !call.contains_key(name)
                && let Some(value) = params.get(name)
            {
                call.insert(name.to_owned(), value.clone());
            }
        }
        calls.push(call);
    }
    Ok(Asked { many: true, calls })
}

/// A call with references to the answers before it filled in.
pub(super) fn filled(call: &Params, results: &[Data]) -> Params {
    call.iter().map(|(name, value)| (name.clone(), fill(value, results))).collect()
}

fn fill(value: &Value, results: &[Data]) -> Value {
    match value {
        Value::String(text) if text.contains(":result") => Value::String(fill_text(text, results)),
        Value::Array(list) => Value::Array(list.iter().map(|one| fill(one, results)).collect()),
        Value::Object(object) => Value::Object(filled(object, results)),
        other => other.clone(),
    }
}

/// What refers to nothing becomes nothing.
fn fill_text(text: &str, results: &[Data]) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let reference = after.split_once('}').and_then(|(inner, rest)| Some((referred(inner, results)?, rest)));
        match reference {
            Some((value, after)) => {
                out.push_str(&value);
                rest = after;
            }
            None => {
                out.push('{');
                rest = after;
            }
        }
        if out.len() > FILLED_BYTES_MAX {
            break;
        }
    }
    out.push_str(rest);
    out
}

/// The value of `1:result:objects:0:id`; `None` when it is no reference at all.
fn referred(inner: &str, results: &[Data]) -> Option<String> {
    let (number, path) = inner.split_once(":result")?;
    let number: usize = number.parse().ok()?;
    let found = number.checked_sub(1).and_then(|index| results.get(index)?.at(path));
    Some(found.map(Data::in_words).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::kaltura::request::Request;
    use serde_json::json;

    fn asked(query: &str) -> Asked {
        split(Request::read("/api_v3/service/multirequest", query, "", b"").unwrap().params).unwrap()
    }

    #[test]
    fn calls_are_numbered_from_0_or_1_and_share() {
        for first in [0, 1] {
            let query =
                format!("ks=K&format=1&{first}:service=a&{first}:action=b&{}:service=c&{}:ks=L", first + 1, first + 1);
            let asked = asked(&query);
            assert!(asked.many);
            let calls: Vec<Value> = asked.calls.into_iter().map(Value::Object).collect();
            let wanted = [
                json!({ "service": "a", "action": "b", "ks": "K", "format": "1" }),
                json!({ "service": "c", "ks": "L", "format": "1" }),
            ];
            assert_eq!(calls, wanted);
        }
        assert_eq!(asked("1:service=a&3:service=b").calls.len(), 1, "it ends at the first gap");
        let many: String = (1..=CALLS_MAX + 1).map(|n| format!("{n}:service=a&")).collect();
        let params = Request::read("/api_v3/service/multirequest", &many, "", b"").unwrap().params;
        assert!(split(params).is_err());
    }

    #[test]
    fn references_are_filled_in_wherever_they_stand() {
        let results = [Data::object("KalturaUser", vec![("id", Data::text("a")), ("n", Data::Int(7))])];
        let call =
            json!({ "id": "{1:result:id}", "filter": { "idIn": ["x{1:result:n}y", "{2:result:id}", "{1:x", "{a}"] } });
        let wanted = json!({ "id": "a", "filter": { "idIn": ["x7y", "", "{1:x", "{a}"] } });
        assert_eq!(Value::Object(filled(call.as_object().unwrap(), &results)), wanted);
        let whole = json!({ "ks": "{1:result}" });
        let filled = filled(whole.as_object().unwrap(), &[Data::text("KS")]);
        assert_eq!(filled["ks"], "KS");
    }
}
