//! Answers as XML, which is what this API speaks unless asked for something else.

use super::answer::{Data, Object};
use std::fmt::Write;

/// A whole answer.
pub(super) fn document(result: &Data, seconds: f64) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?><xml>");
    element(&mut out, "result", result);
    let _ = write!(out, "<executionTime>{seconds}</executionTime></xml>");
    out
}

fn element(out: &mut String, name: &str, data: &Data) {
    let _ = write!(out, "<{name}>");
    match data {
        Data::Null => {}
        Data::Bool(yes) => out.push(if *yes { '1' } else { '0' }),
        Data::Int(number) => drop(write!(out, "{number}")),
        Data::Float(number) => drop(write!(out, "{number}")),
        Data::Text(text) => escaped(out, text),
        Data::List(list) => list.iter().for_each(|one| element(out, "item", one)),
        Data::Map(fields) => fields.iter().for_each(|(name, value)| {
            // Clients read the arguments of an error as a list of names and values.
            out.push_str("<item><objectType>KalturaApiExceptionArg</objectType>");
            element(out, "name", &Data::text(name));
            element(out, "value", value);
            out.push_str("</item>");
        }),
        Data::Object(object) => inside(out, object),
        Data::Fault(fault) => element(out, "error", &fault.data()),
    }
    let _ = write!(out, "</{name}>");
}

fn inside(out: &mut String, object: &Object) {
    let _ = write!(out, "<objectType>{}</objectType>", object.kind);
    object.fields.iter().filter(|(_, value)| *value != Data::Null).for_each(|(name, value)| element(out, name, value));
}

/// A text in XML 1.0, which has no way at all to write most control characters: they become spaces.
fn escaped(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#13;"),
            '\t' | '\n' => out.push(c),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push(' '),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kaltura::errors::Fault;

    #[test]
    fn shapes_are_those_that_clients_parse() {
        let table =
            Data::object("KalturaReportTable", vec![("header", Data::text("a,b")), ("totalCount", Data::Int(2))]);
        assert_eq!(
            document(&table, 0.01),
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><xml><result><objectType>KalturaReportTable</objectType>\
             <header>a,b</header><totalCount>2</totalCount></result><executionTime>0.01</executionTime></xml>"
        );
        let list = document(&Data::List(vec![Data::text("<&>\u{1}"), Data::Bool(true)]), 0.0);
        assert!(list.contains("<result><item>&lt;&amp;&gt; </item><item>1</item></result>"), "{list}");
        let fault = document(&Data::Fault(Fault::no_user("a\"b")), 0.0);
        assert!(
            fault.contains("<result><error><objectType>KalturaAPIException</objectType><code>INVALID_USER_ID</code>")
        );
        assert!(fault.contains("<args><item><objectType>KalturaApiExceptionArg</objectType><name>USER_ID</name>"));
    }
}
