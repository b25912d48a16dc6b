//! Conditions on recordings as eSearch writes them: of a search, and of a report's `entryOperator`.

use crate::kaltura::errors::{Fault, Outcome};
use crate::kaltura::report::table::{media_type, status};
use crate::kaltura::request::{Params, int, list, object, word};
use engine::catalog::view::{AccountView, EntryView};
use serde_json::Value;

/// How deep conditions may stand in one another.
const DEPTH_MAX: usize = 8;

/// How a text is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Match {
    Exact,
    Part,
    Start,
    Exists,
}

/// A condition on a recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition(Node);

#[derive(Clone, Debug, PartialEq)]
enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    None(Vec<Node>),
    Field { field: String, how: Match, term: String, from: Option<i64>, to: Option<i64> },
    Category { field: String, term: String },
    Anywhere { how: Match, term: String },
}

impl Condition {
    /// Reads an operator (`{operator, searchItems}`) or a single item.
    ///
    /// # Errors
    /// Kinds of conditions that there are not here: ignoring them would give more than was asked for.
    pub fn read(params: &Params) -> Outcome<Condition> {
        node(params, 0).map(Condition)
    }

    /// Whether a recording fulfils it.
    pub fn holds(&self, view: &AccountView, id: &str, entry: &EntryView, now_ms: i64) -> bool {
        holds(&self.0, &Of { view, id, entry, now_ms })
    }
}

fn node(params: &Params, depth: usize) -> Outcome<Node> {
    if depth > DEPTH_MAX {
        return Err(Fault::too_general());
    }
    let kind = word(params, "objectType").unwrap_or_default();
    let items = list(params, "searchItems");
    if !items.is_empty() || kind.ends_with("Operator") || params.contains_key("searchItems") {
        let nodes = items.into_iter().filter_map(Value::as_object).map(|item| node(item, depth + 1));
        let nodes = nodes.collect::<Outcome<Vec<Node>>>()?;
        return Ok(match int(params, "operator") {
            Some(2) => Node::Any(nodes),
            Some(3) => Node::None(nodes),
            _ => Node::All(nodes),
        });
    }
    let how = match int(params, "itemType") {
        Some(2) => Match::Part,
        Some(3) => Match::Start,
        Some(4) => Match::Exists,
        _ => Match::Exact,
    };
    let term = word(params, "searchTerm").unwrap_or_default().to_lowercase();
    let field = word(params, "fieldName").unwrap_or_default().to_ascii_lowercase();
    if kind.contains("CategoryEntry") {
        return Ok(Node::Category { field, term });
    }
    if kind.contains("Unified") || (kind.is_empty() && field.is_empty()) {
        return Ok(Node::Anywhere { how, term });
    }
    if !kind.is_empty() && !kind.contains("EntryItem") {
        return Err(Fault::not_enum(&kind, "objectType", "KalturaESearchEntryBaseItem"));
    }
    if !FIELDS.contains(&field.as_str()) {
        return Err(Fault::not_enum(&field, "fieldName", "KalturaESearchEntryFieldName"));
    }
    let range = object(params, "range");
    let bound = |names: [&str; 2]| range.and_then(|range| names.iter().find_map(|name| int(range, name)));
    let from = bound(["greaterThanOrEqual", "greaterThan"]);
    let to = bound(["lessThanOrEqual", "lessThan"]);
    Ok(Node::Field { field, how, term, from, to })
}

/// The fields of recordings that the catalog knows.
const FIELDS: [&str; 12] = [
    "id",
    "_id",
    "name",
    "tags",
    "user_id",
    "creator_id",
    "media_type",
    "created_at",
    "updated_at",
    "length_in_msecs",
    "status",
    "external_source_type",
];

struct Of<'a> {
    view: &'a AccountView,
    id: &'a str,
    entry: &'a EntryView,
    now_ms: i64,
}

fn holds(node: &Node, of: &Of<'_>) -> bool {
    match node {
        Node::All(nodes) => nodes.iter().all(|node| holds(node, of)),
        Node::Any(nodes) => nodes.iter().any(|node| holds(node, of)),
        Node::None(nodes) => !nodes.iter().any(|node| holds(node, of)),
        Node::Anywhere { how, term } => {
            ["name", "tags", "id"].iter().any(|field| texts(field, of).iter().any(|text| fits(*how, text, term)))
        }
        Node::Category { field, term } => category(field, term, of),
        Node::Field { field, how, term, from, to } => match field.as_str() {
            "created_at" | "updated_at" => {
                within(of.entry.created_ms.map(|ms| ms.div_euclid(1000)), *from, *to, of.now_ms / 1000)
            }
            "length_in_msecs" => within(of.entry.duration_ms.and_then(|ms| i64::try_from(ms).ok()), *from, *to, 0),
            field => texts(field, of).iter().any(|text| fits(*how, text, term)),
        },
    }
}

/// Negative bounds of instants are relative to now.
fn within(value: Option<i64>, from: Option<i64>, to: Option<i64>, now: i64) -> bool {
    let bound = |bound: i64| if bound < 0 { now.saturating_add(bound) } else { bound };
    value.is_some_and(|value| from.is_none_or(|from| value >= bound(from)) && to.is_none_or(|to| value <= bound(to)))
}

fn texts(field: &str, of: &Of<'_>) -> Vec<String> {
    let owner = || of.entry.owner.and_then(|owner| of.view.people.get(&owner)).map(|person| person.id.to_string());
    match field {
        "id" | "_id" => vec![of.id.to_owned()],
        "name" => vec![of.entry.name.to_string()],
        "tags" => of.entry.tags.iter().map(ToString::to_string).collect(),
        "user_id" | "creator_id" => owner().into_iter().collect(),
        "media_type" => media_type(of.entry).map(|kind| kind.to_string()).into_iter().collect(),
        "status" => vec![status(of.entry).to_string()],
        "external_source_type" => of.entry.youtube_id.iter().map(|_| "YouTube".to_owned()).collect(),
        _ => Vec::new(),
    }
}

fn fits(how: Match, text: &str, term: &str) -> bool {
    let text = text.to_lowercase();
    match how {
        Match::Exact => text == term,
        Match::Part => text.contains(term),
        Match::Start => text.starts_with(term),
        Match::Exists => !text.is_empty(),
    }
}

/// In a category: itself (`id`), or anywhere below it too.
fn category(field: &str, term: &str, of: &Of<'_>) -> bool {
    let below = ["ancestor_id", "full_ids", "full_name"].contains(&field);
    of.entry.categories.iter().any(|id| {
        let named =
            of.view.categories.get(id).is_some_and(|known| field.contains("name") && known.name.to_lowercase() == term);
        named || **id == *term || (below && of.view.subtree(term).contains(id))
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use serde_json::json;

    #[test]
    fn conditions_are_read_and_hold() {
        let view = AccountView::default();
        let entry = EntryView {
            name: "Membranes".into(),
            tags: ["bio".into(), "week 4".into()].into(),
            created_ms: Some(1_700_000_000_000),
            ..EntryView::default()
        };
        let holds = |condition: Value| {
            Condition::read(condition.as_object().unwrap()).unwrap().holds(&view, "1_a", &entry, 1_700_000_100_000)
        };
        let item = |field: &str, how: i64, term: &str| json!({ "objectType": "KalturaESearchEntryItem", "fieldName": field, "itemType": how, "searchTerm": term });
        assert!(holds(json!({ "operator": 2, "searchItems": [item("tags", 1, "BIO"), item("tags", 1, "x")] })));
        assert!(!holds(
            json!({ "operator": 1, "searchItems": { "1": item("tags", 1, "x"), "0": item("tags", 1, "bio") } })
        ));
        assert!(holds(json!({ "operator": 3, "searchItems": [item("name", 3, "x")] })));
        assert!(holds(json!({ "objectType": "KalturaESearchUnifiedItem", "itemType": 2, "searchTerm": "brane" })));
        let created = |range: Value| json!({ "fieldName": "created_at", "range": range });
        assert!(holds(created(json!({ "greaterThanOrEqual": -200 }))) && !holds(created(json!({ "lessThan": -200 }))));
        for wrong in [json!({ "objectType": "KalturaESearchCaptionItem" }), item("planet", 1, "x")] {
            assert!(Condition::read(wrong.as_object().unwrap()).is_err());
        }
    }
}
