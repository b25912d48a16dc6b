//! What goes out: values with their fields in order, written as JSON here and as XML in [`super::xml`].

use super::errors::Fault;
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

/// A value on its way out. Nulls in objects are left out.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// Nothing.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Another number.
    Float(f64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Data>),
    /// Named values without a class: the arguments of an error.
    Map(Vec<(&'static str, Data)>),
    /// An object of one of Kaltura's classes.
    Object(Object),
    /// A refusal in the place of a value.
    Fault(Fault),
}

/// An object of one of Kaltura's classes.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// Its class: `KalturaReportTable`.
    pub kind: &'static str,
    /// Its fields, in order.
    pub fields: Vec<(&'static str, Data)>,
}

impl Data {
    /// A text.
    pub fn text(text: impl AsRef<str>) -> Data {
        Data::Text(text.as_ref().to_owned())
    }
    /// A text, or nothing where it is empty.
    pub fn some(text: &str) -> Data {
        if text.is_empty() { Data::Null } else { Data::text(text) }
    }
    /// A number where the text is one: ids that Kaltura counts.
    pub fn id(text: &str) -> Data {
        text.parse().map_or_else(|_| Data::text(text), Data::Int)
    }
    /// An instant in whole seconds, or nothing.
    pub fn seconds(at_ms: Option<i64>) -> Data {
        at_ms.map_or(Data::Null, |ms| Data::Int(ms.div_euclid(1000)))
    }
    /// An object.
    pub fn object(kind: &'static str, fields: Vec<(&'static str, Data)>) -> Data {
        Data::Object(Object { kind, fields })
    }
    /// A page of a list.
    pub fn list_response(kind: &'static str, objects: Vec<Data>, total: usize) -> Data {
        let total = Data::Int(i64::try_from(total).unwrap_or(i64::MAX));
        Data::object(kind, vec![("objects", Data::List(objects)), ("totalCount", total)])
    }

    /// What stands at a path into it: `objects:0:id`; of lists the numbers count from 0.
    pub fn at(&self, path: &str) -> Option<&Data> {
        path.split(':').filter(|step| !step.is_empty()).try_fold(self, |here, step| match here {
            Data::List(list) => list.get(step.parse::<usize>().ok()?),
            Data::Map(fields) | Data::Object(Object { fields, .. }) => {
                fields.iter().find(|(name, _)| *name == step).map(|(_, value)| value)
            }
            _ => None,
        })
    }

    /// As it stands in a parameter that refers to it.
    pub fn in_words(&self) -> String {
        match self {
            Data::Bool(yes) => u8::from(*yes).to_string(),
            Data::Int(number) => number.to_string(),
            Data::Float(number) => number.to_string(),
            Data::Text(text) => text.clone(),
            _ => String::new(),
        }
    }
}

struct Fields<'a>(&'a [(&'static str, Data)], Option<&'static str>);

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        for (name, value) in self.0.iter().filter(|(_, value)| *value != Data::Null) {
            map.serialize_entry(name, value)?;
        }
        if let Some(kind) = self.1 {
            map.serialize_entry("objectType", kind)?;
        }
        map.end()
    }
}

impl Serialize for Data {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Data::Null => to.serialize_unit(),
            Data::Bool(yes) => to.serialize_bool(*yes),
            Data::Int(number) => to.serialize_i64(*number),
            Data::Float(number) => to.serialize_f64(*number),
            Data::Text(text) => to.serialize_str(text),
            Data::List(list) => {
                let mut out = to.serialize_seq(Some(list.len()))?;
                list.iter().try_for_each(|one| out.serialize_element(one))?;
                out.end()
            }
            Data::Map(fields) => Fields(fields, None).serialize(to),
            Data::Object(object) => Fields(&object.fields, Some(object.kind)).serialize(to),
            Data::Fault(fault) => fault.data().serialize(to),
        }
    }
}

/// A value as JSON.
pub fn json(data: &Data) -> String {
    serde_json::to_string(data).expect("strings and numbers always serialise")
}

/// Takes from an answer's objects what a response profile leaves out. In a page of a list the profile is about the
/// list's objects. `include`: only these fields, else all but these.
pub fn profiled(data: Data, include: bool, fields: &[&str]) -> Data {
    let Data::Object(mut object) = data else { return data };
    if let Some((_, Data::List(objects))) = object.fields.iter_mut().find(|(name, _)| *name == "objects") {
        for one in objects {
            *one = profiled(std::mem::replace(one, Data::Null), include, fields);
        }
    } else if object.kind != "KalturaAPIException" {
        object.fields.retain(|(name, _)| fields.contains(name) == include);
    }
    Data::Object(object)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Data {
        Data::object("KalturaMediaEntry", vec![("id", Data::text("1_a")), ("name", Data::text("A")), ("x", Data::Null)])
    }

    #[test]
    fn nulls_are_left_out_and_the_class_is_told() {
        assert_eq!(json(&entry()), r#"{"id":"1_a","name":"A","objectType":"KalturaMediaEntry"}"#);
        assert_eq!(json(&Data::List(vec![Data::Null, Data::Float(0.5)])), "[null,0.5]");
        let fault = json(&Data::Fault(Fault::no_ks()));
        assert_eq!(
            fault,
            r#"{"code":"MISSING_KS","message":"Missing KS, session not established","args":[],"objectType":"KalturaAPIException"}"#
        );
    }

    #[test]
    fn paths_lead_into_answers() {
        let page = Data::list_response("KalturaMediaListResponse", vec![entry()], 1);
        assert_eq!(page.at("objects:0:id").map(Data::in_words).as_deref(), Some("1_a"));
        assert_eq!(page.at("objects:1:id"), None);
        assert_eq!(Data::text("ks").at(""), Some(&Data::text("ks")));
    }

    #[test]
    fn profiles_take_fields_away() {
        let page = Data::list_response("KalturaMediaListResponse", vec![entry()], 1);
        let only = json(&profiled(page, true, &["name"]));
        assert!(only.contains(r#"[{"name":"A","objectType":"KalturaMediaEntry"}]"#) && only.contains("totalCount"));
        assert_eq!(json(&profiled(entry(), false, &["name"])), r#"{"id":"1_a","objectType":"KalturaMediaEntry"}"#);
    }
}
