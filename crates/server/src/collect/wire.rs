//! Requests as they come: path, query, form and JSON merged into one list of parameters. Bounded, and tolerant of how
//! senders write things down.

use super::limits::{FIELD_BYTES_MAX, NESTING_MAX, PARAMETERS_MAX};
use super::redact;
use engine::event::Text;
use engine::limits::TEXT_BYTES_MAX;
use serde::{Deserialize, Serialize};
use std::fmt;
use url::form_urlencoded;

/// Why something was put aside (after Snowplow's families of failures).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reason {
    /// Too large: body, parameters, ids.
    Size,
    /// Not JSON, not a form, too deep.
    Format,
    /// Well formed, but not what the protocol asks for: no account, no entry, no event type.
    Protocol,
    /// Identity that the route cannot do without.
    Identity,
    /// The client's time is too old or too far ahead.
    Late,
    /// Already there.
    Duplicate,
    /// Over a limit of an account.
    Limit,
    /// Our own fault.
    Internal,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Reason; 8] = [
        Reason::Size,
        Reason::Format,
        Reason::Protocol,
        Reason::Identity,
        Reason::Late,
        Reason::Duplicate,
        Reason::Limit,
        Reason::Internal,
    ];
    /// Its name on disk, in lists and in metrics.
    pub fn name(self) -> &'static str {
        match self {
            Reason::Size => "size",
            Reason::Format => "format",
            Reason::Protocol => "protocol",
            Reason::Identity => "identity",
            Reason::Late => "late",
            Reason::Duplicate => "duplicate",
            Reason::Limit => "limit",
            Reason::Internal => "internal",
        }
    }
}

/// What could not be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The family.
    pub reason: Reason,
    /// One sentence for the operator; never holds what the sender wrote.
    pub detail: &'static str,
}

/// Shorthand.
pub fn refuse<T>(reason: Reason, detail: &'static str) -> Result<T, Refusal> {
    Err(Refusal { reason, detail })
}

/// A request without its headers.
#[derive(Clone, Debug, Default)]
pub struct Request<'a> {
    /// Path, as sent.
    pub path: &'a str,
    /// Query, without the question mark.
    pub query: &'a str,
    /// `Content-Type`, as sent; empty when absent.
    pub content_type: &'a str,
    /// Body.
    pub body: &'a [u8],
}

/// Parameters in the order in which they came; a name stands once, with the value that came last.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads the selector and other pairs in the path (`/api_v3/service/analytics/action/trackEvent`), then the query.
    pub fn of_url(path: &str, query: &str) -> Result<Parameters, Refusal> {
        let mut found = Parameters::default();
        let rest = path.strip_prefix("/api_v3").unwrap_or(path);
        let rest = rest.trim_start_matches('/');
        let rest = rest.strip_prefix("index.php").unwrap_or(rest);
        let mut pieces = rest.split('/').filter(|piece| !piece.is_empty());
        while let (Some(name), Some(value)) = (pieces.next(), pieces.next()) {
            let decoded = |text: &str| -> String {
                // A path has no `+` for space; give the form decoder what it cannot mistake.
                let text = text.replace('+', "%2B");
                form_urlencoded::parse(format!("={text}").as_bytes())
                    .next()
                    .map(|(_, value)| value.into_owned())
                    .unwrap_or_default()
            };
            found.put(&decoded(name), decoded(value))?;
        }
        found.put_form(query.as_bytes())?;
        Ok(found)
    }

    /// Adds what the body says: a form or a JSON object, by its content type or, failing that, by its first character.
    pub fn add_body(&mut self, content_type: &str, body: &[u8]) -> Result<(), Refusal> {
        let Some(first) = body.iter().find(|byte| !byte.is_ascii_whitespace()) else { return Ok(()) };
        let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match kind.as_str() {
            "application/x-www-form-urlencoded" => self.put_form(body),
            "multipart/form-data" => refuse(Reason::Format, "multipart bodies are not part of the protocol"),
            _ if *first == b'{' => self.put_json(body),
            "application/json" | "text/json" => refuse(Reason::Format, "the body is not a JSON object"),
            _ => self.put_form(body),
        }
    }

    fn put_form(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        for (name, value) in form_urlencoded::parse(bytes) {
            self.put(&name, value.into_owned())?;
        }
        Ok(())
    }

    fn put_json(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        if nesting(bytes) > NESTING_MAX {
            return refuse(Reason::Format, "the JSON is nested too deep");
        }
        match serde_json::from_slice::<Object>(bytes) {
            Ok(object) => self.put_object(object),
            Err(_) => refuse(Reason::Format, "the body is not valid JSON"),
        }
    }

    /// Adds an object's members. Objects inside are flattened once, as `name:member`, which is how Kaltura writes them in
    /// forms; what is deeper stays JSON text.
    pub fn put_object(&mut self, object: Object) -> Result<(), Refusal> {
        for (name, value) in object.0 {
            match value {
                serde_json::Value::Null => {}
                serde_json::Value::Object(members) => {
                    for (member, value) in members {
                        if let Some(text) = text_of(value) {
                            self.put(&format!("{name}:{member}"), text)?;
                        }
                    }
                }
                value => {
                    if let Some(text) = text_of(value) {
                        self.put(&name, text)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn put(&mut self, name: &str, value: String) -> Result<(), Refusal> {
        if name.is_empty() {
            return Ok(());
        }
        if name.len() > TEXT_BYTES_MAX {
            return refuse(Reason::Size, "the name of a parameter is too long");
        }
        // `event[entryId]` and `event:entryId` are two ways to write one thing.
        let name = match name.split_once('[').and_then(|(outer, rest)| Some((outer, rest.strip_suffix(']')?))) {
            Some((outer, inner)) if !outer.is_empty() && !inner.is_empty() => format!("{outer}:{inner}"),
            _ => name.to_owned(),
        };
        if let Some(place) = self.0.iter_mut().find(|(known, _)| *known == name) {
            place.1 = value;
        } else if self.0.len() >= PARAMETERS_MAX {
            return refuse(Reason::Size, "too many parameters");
        } else {
            self.0.push((name, value));
        }
        Ok(())
    }

    /// A parameter, left in place.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Takes a parameter out; blank counts as absent.
    pub fn take(&mut self, name: &str) -> Option<String> {
        let at = self.0.iter().position(|(known, _)| known == name)?;
        let value = self.0.remove(at).1;
        if value.trim().is_empty() { None } else { Some(value) }
    }

    /// Takes a dimension's value: secrets, addresses and user agents cut, bounded.
    pub fn text(&mut self, name: &str) -> Text {
        self.take(name).map(|value| redact::start(value.trim(), TEXT_BYTES_MAX).0.into()).unwrap_or_default()
    }

    /// The same for a version: its four numbers are no address.
    pub fn version(&mut self, name: &str) -> Text {
        let plain = |value: &str| value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        match self.get(name).map(str::trim) {
            Some(value) if plain(value) && value.len() <= TEXT_BYTES_MAX => {
                let version = Text::from(value);
                self.take(name);
                version
            }
            _ => self.text(name),
        }
    }

    /// Takes a number if it is one; else leaves it, to be kept among the variables.
    pub fn number(&mut self, name: &str) -> Option<f64> {
        let number = self.get(name)?.trim().parse::<f64>().ok().filter(|number| number.is_finite())?;
        self.take(name);
        Some(number)
    }

    /// Takes seconds as milliseconds; times beyond ten thousand years are not times.
    pub fn seconds(&mut self, name: &str) -> Option<i64> {
        self.number(name).and_then(|seconds| rounded(seconds * 1000.0))
    }

    /// Takes a whole number from zero; negative (Kaltura's "unknown") is absent.
    pub fn amount(&mut self, name: &str, factor: f64) -> Option<u64> {
        let value = rounded(self.number(name)? * factor)?;
        u64::try_from(value).ok()
    }

    /// The same in 32 bits; larger is absent.
    pub fn small(&mut self, name: &str, factor: f64) -> Option<u32> {
        self.amount(name, factor).and_then(|value| u32::try_from(value).ok())
    }

    /// Keeps only members written `prefix:name`, under `name`, and the rest as it was where no such member stands.
    pub fn unwrap(&mut self, prefix: &str) {
        let mut inner = Vec::new();
        let mut outer = Vec::new();
        for (name, value) in std::mem::take(&mut self.0) {
            match name.strip_prefix(prefix).and_then(|rest| rest.strip_prefix(':')) {
                Some(member) => inner.push((member.to_owned(), value)),
                None => outer.push((name, value)),
            }
        }
        outer.retain(|(name, _)| !inner.iter().any(|(known, _)| known == name));
        outer.append(&mut inner);
        self.0 = outer;
    }

    /// Sets a parameter that is absent.
    pub fn default_to(&mut self, name: &str, value: &str) {
        if self.get(name).is_none() && self.0.len() < PARAMETERS_MAX {
            self.0.push((name.to_owned(), value.to_owned()));
        }
    }

    /// Sets a parameter, in place.
    pub fn set(&mut self, name: &str, value: String) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some(place) => place.1 = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    /// Gives a parameter another name, unless that one is taken.
    pub fn rename(&mut self, from: &str, to: &str) {
        if self.get(to).is_none()
            && let Some(place) = self.0.iter_mut().find(|(known, _)| known == from)
        {
            place.0 = to.to_owned();
        }
    }

    /// Everything that is left, as an event keeps it: secrets, addresses and user agents cut, bounded.
    pub fn into_vars(self) -> Vec<(Text, Text)> {
        self.0
            .into_iter()
            .filter(|(name, value)| !value.trim().is_empty() && !redact::is_private_name(name))
            .map(|(name, value)| (redact::text(&name).as_ref().into(), redact::start(&value, FIELD_BYTES_MAX).0.into()))
            .collect()
    }
}

/// Rounds to a whole number within what a time or an amount can be.
pub fn rounded(number: f64) -> Option<i64> {
    let whole = number.round();
    (whole.abs() < 9e15).then_some(whole as i64)
}

/// The start of a text, at most `bytes` long, ending at a character.
pub fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

fn text_of(value: serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(text),
        // JSON may write 1.0 where a query writes 1: one event, one form.
        serde_json::Value::Number(number) => Some(match number.as_f64() {
            Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < 9e15 => (float as i64).to_string(),
            _ => number.to_string(),
        }),
        other => Some(other.to_string()),
    }
}

/// How deep the brackets of a JSON text go. Looks at nothing else, so any bytes will do.
pub fn nesting(bytes: &[u8]) -> usize {
    let (mut depth, mut deepest, mut quoted, mut escaped) = (0usize, 0usize, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// A JSON object whose members keep their order (serde_json's own map sorts them).
#[derive(Clone, Debug, Default)]
pub struct Object(pub Vec<(String, serde_json::Value)>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> serde::de::Visitor<'de> for Members {
            type Value = Object;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Object(members))
            }
        }
        from.deserialize_map(Members)
    }
}
