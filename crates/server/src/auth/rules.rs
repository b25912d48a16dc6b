//! Rules of the settings that make roles of what a sign-in claims: `groups=media-admins:administrator`.

use super::vault::{Granted, Role};
use engine::access::People;
use std::collections::BTreeMap;

/// One rule: who has this value in this claim has this role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The claim's name.
    pub claim: String,
    /// The value, all of it.
    pub value: String,
    /// The role.
    pub granted: Granted,
}

impl Rule {
    /// Reads `CLAIM=VALUE:administrator`, `CLAIM=VALUE:analyst[:PEOPLE]` or
    /// `CLAIM=VALUE:department:CATEGORY[:PEOPLE]`. The value may hold colons itself; people are pseudonyms when nothing
    /// is said, as where roles are granted by hand.
    pub fn parse(text: &str) -> Option<Rule> {
        let (claim, rest) = text.split_once('=')?;
        let pieces: Vec<&str> = rest.split(':').map(str::trim).collect();
        let (value, role, category, people) = match pieces.as_slice() {
            [value @ .., "department", category, people] if People::of(people).is_some() => {
                (value, Role::Department, *category, People::of(people)?)
            }
            [value @ .., "department", category] => (value, Role::Department, *category, People::Pseudonyms),
            [value @ .., "analyst", people] => (value, Role::Analyst, "", People::of(people)?),
            [value @ .., "analyst"] => (value, Role::Analyst, "", People::Pseudonyms),
            [value @ .., "administrator"] => (value, Role::Administrator, "", People::Names),
            _ => return None,
        };
        let (claim, value) = (claim.trim().to_owned(), value.join(":"));
        let whole = !claim.is_empty() && !value.is_empty() && (role != Role::Department || !category.is_empty());
        whole.then(|| Rule { claim, value, granted: Granted { role, category: category.to_owned(), people } })
    }
}

/// The roles that the rules make of claims.
pub fn granted(rules: &[Rule], claims: &BTreeMap<String, Vec<String>>) -> impl Iterator<Item = Granted> {
    let holds = |rule: &&Rule| claims.get(&rule.claim).is_some_and(|values| values.contains(&rule.value));
    rules.iter().filter(holds).map(|rule| rule.granted.clone())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn rules_are_read_whole_or_not_at_all() {
        for (text, claim, value, role, category, people) in [
            ("groups=media-admins:administrator", "groups", "media-admins", Role::Administrator, "", People::Names),
            ("groups=ir:analyst", "groups", "ir", Role::Analyst, "", People::Pseudonyms),
            (" groups = ir : analyst : none ", "groups", "ir", Role::Analyst, "", People::None),
            ("groups=bio:department:42:names", "groups", "bio", Role::Department, "42", People::Names),
            ("groups=bio:department:42", "groups", "bio", Role::Department, "42", People::Pseudonyms),
            (
                "https://x.example/roles=urn:mace:x:ir:analyst",
                "https://x.example/roles",
                "urn:mace:x:ir",
                Role::Analyst,
                "",
                People::Pseudonyms,
            ),
        ] {
            let granted = Granted { role, category: category.to_owned(), people };
            let expect = Rule { claim: claim.to_owned(), value: value.to_owned(), granted };
            assert_eq!(Rule::parse(text).unwrap(), expect, "{text}");
        }
        for text in [
            "",
            "groups",
            "groups=ir",
            "groups=:analyst",
            "=ir:analyst",
            "groups=ir:king",
            "groups=ir:analyst:all",
            "groups=bio:department",
            "groups=bio:department:",
            "groups=ir:administrator:names",
        ] {
            assert_eq!(Rule::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_claim_must_have_the_very_value() {
        let rules = ["groups=ir:analyst", "groups=bio:department:42"].map(|text| Rule::parse(text).unwrap());
        let of = |claim: &str, values: &[&str]| {
            let values = values.iter().map(|value| (*value).to_owned()).collect();
            granted(&rules, &BTreeMap::from([(claim.to_owned(), values)]))
                .map(|granted| granted.role)
                .collect::<Vec<_>>()
        };
        assert_eq!(of("groups", &["x", "ir", "bio"]), [Role::Analyst, Role::Department]);
        assert_eq!(of("groups", &["IR", "ir2", "i"]), []);
        assert_eq!(of("roles", &["ir"]), []);
    }
}
