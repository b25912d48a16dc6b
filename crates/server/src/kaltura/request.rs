//! What comes in: path, query, form and JSON body become one tree of named values, whoever wrote them down how.
//!
//! `filter:fromDay=1` and `filter[fromDay]=1` are nested, `list:-=` is an empty list, `name__null` is nothing. What stands
//! later wins: query, body, path.

use super::errors::{Fault, Outcome};
use crate::collect::limits::NESTING_MAX;
use crate::collect::wire::nesting;
use serde_json::{Map, Value};
use url::form_urlencoded;

/// Named values.
pub type Params = Map<String, Value>;

/// Largest body, bytes: a multirequest of a whole page has some 20 KiB, an export's filters may name thousands of ids.
pub const BODY_BYTES_MAX: usize = 1 << 20;
/// Names and values of one request: a multirequest of fifty reports with thirty fields each.
const PAIRS_MAX: usize = 10_000;

/// How an answer is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Format {
    /// JSON.
    Json,
    /// XML, the default.
    Xml,
    /// JSON in a call of this function.
    JsonP(String),
    /// Something that is not spoken here: the refusal is XML.
    Unknown(String),
}

/// A request, read.
#[derive(Clone, Debug)]
pub struct Request {
    /// All of it.
    pub params: Params,
    /// How the answer is to be.
    pub format: Format,
}

/// Longest name of a JSONP function.
const CALLBACK_BYTES_MAX: usize = 128;

impl Request {
    /// Reads a request.
    ///
    /// # Errors
    /// What cannot be read, with how the answer is to be as far as the address tells.
    pub fn read(path: &str, query: &str, content_type: &str, body: &[u8]) -> Result<Request, (Fault, Format)> {
        let mut params = Params::new();
        let mut left = PAIRS_MAX;
        let read = form(&mut params, query.as_bytes(), &mut left)
            .and_then(|()| add_body(&mut params, content_type, body, &mut left))
            .and_then(|()| add_path(&mut params, path, &mut left));
        let format = format_of(&params);
        match read {
            Ok(()) => Ok(Request { params, format }),
            Err(fault) => Err((fault, format)),
        }
    }
}

fn format_of(params: &Params) -> Format {
    match text(params, "format").unwrap_or_default().as_str() {
        "1" | "json" => Format::Json,
        "" | "2" | "xml" => Format::Xml,
        "9" | "jsonp" => {
            let name = text(params, "callback").unwrap_or_default();
            // It stands in a script: nothing but a name may come through.
            let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '.');
            let is_name = !name.is_empty() && name.len() <= CALLBACK_BYTES_MAX && name.chars().all(fine);
            if is_name { Format::JsonP(name) } else { Format::Unknown("9 without a callback".to_owned()) }
        }
        other => Format::Unknown(other.chars().take(16).collect()),
    }
}

/// The names and values that follow `/api_v3/[index.php/]` in the path.
fn add_path(params: &mut Params, path: &str, left: &mut usize) -> Outcome<()> {
    let rest = path.strip_prefix("/api_v3").unwrap_or(path).trim_start_matches('/');
    let rest = rest.strip_prefix("index.php").unwrap_or(rest);
    let mut pieces = rest.split('/').filter(|piece| !piece.is_empty());
    while let (Some(name), Some(value)) = (pieces.next(), pieces.next()) {
        // A path has no `+` for space; give the form decoder what it cannot mistake.
        let decode = |text: &str| {
            let text = text.replace('+', "%2B");
            let decoded =
                form_urlencoded::parse(format!("={text}").as_bytes()).next().map(|(_, value)| value.into_owned());
            decoded.unwrap_or_default()
        };
        put(params, &decode(name), decode(value), left)?;
    }
    Ok(())
}

fn add_body(params: &mut Params, content_type: &str, body: &[u8], left: &mut usize) -> Outcome<()> {
    let Some(first) = body.iter().find(|byte| !byte.is_ascii_whitespace()) else { return Ok(()) };
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match kind.as_str() {
        "application/x-www-form-urlencoded" => form(params, body, left),
        "multipart/form-data" => Err(Fault::unreadable("multipart bodies are not taken here; send a form or JSON")),
        "application/json" | "text/json" => json(params, body, left),
        _ if *first == b'{' => json(params, body, left),
        _ => form(params, body, left),
    }
}

fn form(params: &mut Params, bytes: &[u8], left: &mut usize) -> Outcome<()> {
    form_urlencoded::parse(bytes).try_for_each(|(name, value)| put(params, &name, value.into_owned(), left))
}

fn json(params: &mut Params, body: &[u8], left: &mut usize) -> Outcome<()> {
    if nesting(body) > NESTING_MAX {
        return Err(Fault::unreadable("the JSON is nested too deep"));
    }
    let Ok(Value::Object(object)) = serde_json::from_slice(body) else {
        return Err(Fault::unreadable("the body is not a JSON object"));
    };
    for (name, value) in settled(object) {
        count(left)?;
        match value {
            // Names with a colon nest in JSON too.
            value if name.contains([':', '[']) => place(params, &steps(&name), value),
            value => drop(params.insert(name, value)),
        }
    }
    Ok(())
}

/// With `name__null` taken for what it means.
fn settled(object: Params) -> Params {
    let one = |(name, value): (String, Value)| match (name.strip_suffix("__null"), value) {
        (Some(name), _) => (name.to_owned(), Value::Null),
        (None, Value::Object(inner)) => (name, Value::Object(settled(inner))),
        (None, Value::Array(list)) => {
            let inner = |value| if let Value::Object(inner) = value { Value::Object(settled(inner)) } else { value };
            (name, Value::Array(list.into_iter().map(inner).collect()))
        }
        (None, value) => (name, value),
    };
    object.into_iter().map(one).collect()
}

fn count(left: &mut usize) -> Outcome<()> {
    *left = left.checked_sub(1).ok_or_else(|| Fault::unreadable("it has too many parameters"))?;
    Ok(())
}

fn put(params: &mut Params, name: &str, value: String, left: &mut usize) -> Outcome<()> {
    count(left)?;
    let mut steps = steps(name);
    if steps.len() > NESTING_MAX {
        return Err(Fault::unreadable("a name is nested too deep"));
    }
    let mut value = Value::String(value);
    if let Some(last) = steps.last_mut()
        && let Some(short) = last.strip_suffix("__null")
    {
        (*last, value) = (short, Value::Null);
    }
    if steps.len() > 1 && steps.last() == Some(&"-") {
        steps.pop();
        value = Value::Array(Vec::new());
    }
    place(params, &steps, value);
    Ok(())
}

/// `a:b`, `a[b]` as `a`, `b`.
fn steps(name: &str) -> Vec<&str> {
    name.split([':', '[']).map(|step| step.strip_suffix(']').unwrap_or(step)).filter(|step| !step.is_empty()).collect()
}

fn place(params: &mut Params, steps: &[&str], value: Value) {
    match steps {
        [] => {}
        [last] => drop(params.insert((*last).to_owned(), value)),
        [first, rest @ ..] => {
            let inner = params.entry((*first).to_owned()).or_insert_with(|| Value::Object(Params::new()));
            if !inner.is_object() {
                *inner = Value::Object(Params::new());
            }
            if let Value::Object(inner) = inner {
                place(inner, rest, value);
            }
        }
    }
}

/// A value as text; `None` where it is absent, null or not one value.
pub fn text(params: &Params, name: &str) -> Option<String> {
    match params.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(match number.as_f64() {
            // JSON may write 1.0 where a form writes 1.
            Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < 9e15 => (float as i64).to_string(),
            _ => number.to_string(),
        }),
        Value::Bool(yes) => Some(u8::from(*yes).to_string()),
        _ => None,
    }
}

/// A value that says something: absent where it is empty.
pub fn word(params: &Params, name: &str) -> Option<String> {
    text(params, name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// A value that must be there.
///
/// # Errors
/// When it is not.
pub fn needed(params: &Params, name: &str) -> Outcome<String> {
    text(params, name).ok_or_else(|| Fault::missing(name))
}

/// A whole number; what is none counts as absent.
pub fn int(params: &Params, name: &str) -> Option<i64> {
    let text = word(params, name)?;
    text.parse().ok().or_else(|| text.parse::<f64>().ok().filter(|n| n.is_finite()).map(|n| n as i64))
}

/// A switch: `false` in any case, 0 and nothing are no, everything else is yes.
pub fn switch(params: &Params, name: &str) -> Option<bool> {
    let text = word(params, name)?;
    Some(!text.eq_ignore_ascii_case("false") && text != "0")
}

/// An object; empty where it is absent.
pub fn object<'p>(params: &'p Params, name: &str) -> Option<&'p Params> {
    params.get(name).and_then(Value::as_object)
}

/// A list, written as one or as an object with numbers for names.
pub fn list<'p>(params: &'p Params, name: &str) -> Vec<&'p Value> {
    match params.get(name) {
        Some(Value::Array(list)) => list.iter().collect(),
        Some(Value::Object(object)) => {
            let mut numbered: Vec<(usize, &Value)> =
                object.iter().filter_map(|(name, value)| Some((name.parse().ok()?, value))).collect();
            numbered.sort_by_key(|(number, _)| *number);
            numbered.into_iter().map(|(_, value)| value).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn read(path: &str, query: &str, kind: &str, body: &str) -> Params {
        Request::read(path, query, kind, body.as_bytes()).unwrap().params
    }

    #[test]
    fn one_call_in_every_form_is_one_tree() {
        let wanted = json!({ "service": "report", "action": "getTable", "format": "1", "reportType": "1",
                             "reportInputFilter": { "fromDay": "20240101", "categories": null }, "pager": { "pageSize": "25" } });
        let form =
            "reportType=1&reportInputFilter:fromDay=20240101&reportInputFilter[categories__null]=&pager:pageSize=25";
        let kind = "application/x-www-form-urlencoded";
        let selector = "service=report&action=getTable&format=1";
        let tree = |params: Params| Value::Object(params);
        assert_eq!(tree(read("/api_v3/index.php", &format!("{selector}&{form}"), "", "")), wanted);
        assert_eq!(tree(read("/api_v3/", selector, kind, form)), wanted);
        assert_eq!(tree(read("/api_v3/service/report/action/getTable/format/1", "", kind, form)), wanted);
        let body = json!({ "format": "1", "reportType": "1", "pager": { "pageSize": "25" },
                           "reportInputFilter": { "fromDay": "20240101", "categories__null": "" } });
        let path = "/api_v3/service/report/action/getTable";
        assert_eq!(tree(read(path, "", "application/json", &body.to_string())), wanted);
    }

    #[test]
    fn values_are_read_however_they_are_typed() {
        let params = read("", "a=False&b=1&c=&d=x&e:-=&f:1=y&f:0=x", "", "");
        assert_eq!(["a", "b", "c", "d"].map(|name| switch(&params, name)), [Some(false), Some(true), None, Some(true)]);
        assert_eq!(list(&params, "e").len(), 0);
        assert_eq!(list(&params, "f"), [&json!("x"), &json!("y")]);
        let params = read("", "", "application/json", r#"{"n":1.0,"t":true,"x":[1],"y":null}"#);
        assert_eq!(text(&params, "n").as_deref(), Some("1"));
        assert_eq!((switch(&params, "t"), text(&params, "x"), text(&params, "y")), (Some(true), None, None));
    }

    #[test]
    fn what_cannot_be_read_is_told_in_the_format_asked_for() {
        let (fault, format) = Request::read("", "format=1", "application/json", b"[1]").unwrap_err();
        assert_eq!((fault.code, format), ("INVALID_PARAMETER_CHAR", Format::Json));
        assert_eq!(Request::read("", "format=3", "", b"").unwrap().format, Format::Unknown("3".to_owned()));
        assert_eq!(
            Request::read("", "format=9&callback=a.b", "", b"").unwrap().format,
            Format::JsonP("a.b".to_owned())
        );
        let script = Request::read("", "format=9&callback=alert(1)//", "", b"").unwrap();
        assert!(matches!(script.format, Format::Unknown(_)));
        let many = "a=1&".repeat(PAIRS_MAX + 1);
        assert!(Request::read("", &many, "", b"").is_err());
    }

    proptest! {
        #[test]
        fn nothing_that_is_sent_panics(path in ".{0,80}", query in ".{0,200}", kind in "(application/json|a|)", body in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Request::read(&path, &query, &kind, &body);
        }
    }
}
