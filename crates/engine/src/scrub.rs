//! Free text that names somebody who is erased: pages, domains, applications, custom variables, parameters of players.
//!
//! Of a page's address the parts that name them become [`ERASED`], so that its course can still be told; of everything else
//! the whole value does. Figures stay, but values that differed in the name alone are one then.
//!
//! Texts are compared by their words: letters and digits in lower case, escapes of addresses read, whatever stands between.
//! So `alice.l%40example.edu` names `Alice.L@example.edu`, and `alices` does not name `alice`. What is a whole id or address,
//! or a name of several words, is replaced wherever it stands in the account. Short words, single names and bare numbers may
//! be anything elsewhere: they are replaced in what the person did themselves; numbers there not in addresses, where they are
//! courses and recordings.

use crate::event::{AccountId, Event, Facts, PersonKey, Text};
use std::borrow::Cow;
use std::fmt;

/// What stands in the place of a text that named somebody.
pub const ERASED: &str = "erased";

/// Words of fewer bytes may be anything.
const WORD_BYTES_MIN: usize = 5;
/// Escapes within escapes that are read: an address in an address in an address.
const ESCAPES_MAX: usize = 3;
/// Where an address has its joints.
const JOINTS: [char; 7] = ['/', '?', '&', '=', '#', ';', ','];

/// What kind of text it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The address of a page.
    Page,
    /// Any other.
    Other,
}

/// One person's words.
#[derive(Clone, PartialEq, Eq)]
pub struct Scrub {
    account: AccountId,
    /// The old key and the fresh one.
    people: [PersonKey; 2],
    words: Vec<Word>,
}

/// Whom it is about stays out of logs.
impl fmt::Debug for Scrub {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Scrub({} words in account {})", self.words.len(), self.account.0)
    }
}

#[derive(Clone, PartialEq, Eq)]
struct Word {
    plain: String,
    /// Also in what others did.
    anywhere: bool,
    number: bool,
}

impl Scrub {
    /// Of a person with this id and these further words (name, mail), whose key was or is one of these.
    pub fn new(account: AccountId, people: [PersonKey; 2], id: &str, further: &[String]) -> Scrub {
        let word = |text: &str, is_id: bool| {
            let plain = plain(text);
            let number = plain.chars().all(|letter| letter == ' ' || letter.is_ascii_digit());
            let several = plain.trim().contains(' ');
            let anywhere = plain.trim().len() >= WORD_BYTES_MIN && !number && (is_id || several);
            (!plain.trim().is_empty()).then_some(Word { plain, anywhere, number })
        };
        let others = further.iter().filter(|text| *text != id).map(|text| (text.as_str(), false));
        let words = [(id, true)].into_iter().chain(others).filter_map(|(text, is_id)| word(text, is_id)).collect();
        Scrub { account, people, words }
    }

    fn names(&self, (account, person, kind): (AccountId, PersonKey, Kind), plain: &str) -> bool {
        let own = self.people.contains(&person);
        let counts = |word: &&Word| (word.anywhere || own) && !(word.number && kind == Kind::Page);
        self.account == account && self.words.iter().filter(counts).any(|word| plain.contains(&word.plain))
    }
}

/// The words of everybody who is being erased.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scrubs(Vec<Scrub>);

impl Scrubs {
    /// Adds a person's.
    pub fn add(&mut self, scrub: &Scrub) {
        if !self.0.contains(scrub) {
            self.0.push(scrub.clone());
        }
    }

    /// Adds those of others.
    pub fn join(&mut self, others: &Scrubs) {
        others.0.iter().for_each(|scrub| self.add(scrub));
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is to stand in the place of a text, in a row or an event of this person; `None` if it may stay.
    pub fn clean(&self, account: AccountId, person: PersonKey, kind: Kind, text: &str) -> Option<Text> {
        if self.is_empty() || text.is_empty() {
            return None;
        }
        let names = |text: &str| {
            let plain = plain(text);
            self.0.iter().any(|scrub| scrub.names((account, person, kind), &plain))
        };
        if !names(text) {
            return None;
        }
        let clean = match kind {
            Kind::Page => parts(text, &names),
            Kind::Other => ERASED.to_owned(),
        };
        // A name may be spread over the parts.
        let clean = if names(&clean) { ERASED.to_owned() } else { clean };
        (clean != text).then(|| clean.into())
    }

    /// Whether some row or event may have to lose this text.
    pub fn may_name(&self, kind: Kind, text: &str) -> bool {
        if self.is_empty() || text.is_empty() || text == ERASED {
            return false;
        }
        let plain = plain(text);
        self.0.iter().any(|scrub| scrub.names((scrub.account, scrub.people[0], kind), &plain))
    }

    /// Cleans the free texts of an event; whether there was something to clean.
    pub fn clean_event(&self, event: &mut Event) -> bool {
        if self.is_empty() {
            return false;
        }
        let Event { account, who, facts, vars, .. } = event;
        let cleaned = self.clean_facts(*account, who.person, facts);
        self.clean_vars(*account, who.person, vars) || cleaned
    }

    /// The same of facts.
    pub fn clean_facts(&self, account: AccountId, person: PersonKey, facts: &mut Facts) -> bool {
        let mut cleaned = false;
        for (kind, text) in free(facts) {
            if let Some(clean) = self.clean(account, person, kind, text) {
                *text = clean;
                cleaned = true;
            }
        }
        cleaned
    }

    /// The same of parameters.
    pub fn clean_vars(&self, account: AccountId, person: PersonKey, vars: &mut [(Text, Text)]) -> bool {
        let mut cleaned = false;
        for (_, value) in vars {
            if let Some(clean) = self.clean(account, person, Kind::Other, value) {
                *value = clean;
                cleaned = true;
            }
        }
        cleaned
    }
}

/// The parts of an address, those that name somebody replaced.
fn parts(text: &str, names: &dyn Fn(&str) -> bool) -> String {
    let mut clean = String::with_capacity(text.len());
    for part in text.split_inclusive(JOINTS) {
        let word = part.trim_end_matches(JOINTS);
        clean.push_str(if names(word) { ERASED } else { word });
        clean.push_str(&part[word.len()..]);
    }
    clean
}

/// Facts that players and pages put into words of their own: see [`crate::row::TextColumn::FREE`]. The others are from our
/// tables, or ids that the catalog knows.
fn free(facts: &mut Facts) -> [(Kind, &mut Text); 15] {
    let of = |text| (Kind::Other, text);
    [
        of(&mut facts.domain),
        (Kind::Page, &mut facts.page),
        of(&mut facts.application),
        of(&mut facts.application_version),
        of(&mut facts.kaltura_application),
        of(&mut facts.kaltura_application_version),
        of(&mut facts.ui_conf),
        of(&mut facts.player_version),
        of(&mut facts.client_tag),
        of(&mut facts.custom_var_1),
        of(&mut facts.custom_var_2),
        of(&mut facts.custom_var_3),
        of(&mut facts.node),
        of(&mut facts.virtual_event),
        of(&mut facts.persistent_session),
    ]
}

/// A text's words as they are compared, with a space round each.
fn plain(text: &str) -> String {
    let mut decoded = Cow::Borrowed(text);
    for _ in 0..ESCAPES_MAX {
        if !decoded.contains('%') {
            break;
        }
        decoded = Cow::Owned(unescaped(&decoded));
    }
    let mut plain = String::with_capacity(decoded.len() + 2);
    plain.push(' ');
    for letter in decoded.chars() {
        if letter.is_alphanumeric() {
            plain.extend(letter.to_lowercase());
        } else if !plain.ends_with(' ') {
            plain.push(' ');
        }
    }
    if !plain.ends_with(' ') {
        plain.push(' ');
    }
    plain
}

/// The text with its `%41` read.
pub fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let hex = (byte == b'%').then(|| after.get(..2)).flatten().and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(decoded) => {
                bytes.push(decoded);
                rest = &after[2..];
            }
            None => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: PersonKey = PersonKey(1);
    const OTHER: PersonKey = PersonKey(3);

    fn scrubs(id: &str, further: &[&str]) -> Scrubs {
        let further: Vec<String> = further.iter().map(|word| (*word).to_owned()).collect();
        Scrubs(vec![Scrub::new(AccountId(7), [OLD, PersonKey(2)], id, &further)])
    }

    fn cleaned(scrubs: &Scrubs, person: PersonKey, kind: Kind, text: &str) -> String {
        scrubs.clean(AccountId(7), person, kind, text).map_or_else(|| text.to_owned(), String::from)
    }

    #[test]
    fn whoever_is_named_is_named_no_more_and_the_rest_of_an_address_stays() {
        let scrubs = scrubs("alice-4711", &["Alice Liddellova", "alice.l@example.edu"]);
        for (page, clean) in [
            ("https://lms.example/courses/7/users/alice-4711", "https://lms.example/courses/7/users/erased"),
            ("https://lms.example/u/ALICE%2D4711/x?a=b", "https://lms.example/u/erased/x?a=b"),
            ("https://lms.example/?u=alice.l%2540example.edu&c=7", "https://lms.example/?u=erased&c=7"),
            ("https://lms.example/alice_liddellova", "https://lms.example/erased"),
            ("https://lms.example/Alice/Liddellova/", "erased"),
            ("https://lms.example/alice-47110", "https://lms.example/alice-47110"),
            ("https://lms.example/alice", "https://lms.example/alice"),
            ("", ""),
        ] {
            assert_eq!(cleaned(&scrubs, OTHER, Kind::Page, page), clean, "{page}");
        }
        assert_eq!(cleaned(&scrubs, OTHER, Kind::Other, "seat 3, Alice  Liddellova"), ERASED);
        assert_eq!(cleaned(&scrubs, OTHER, Kind::Other, "seat 3, Alice B. Liddellova"), "seat 3, Alice B. Liddellova");
        assert_eq!(scrubs.clean(AccountId(8), OLD, Kind::Other, "alice-4711"), None, "another account");
    }

    #[test]
    fn what_may_be_anything_goes_only_from_what_the_person_did() {
        let short = scrubs("bob", &["Robert"]);
        for text in ["bob", "Robert", "x/bob"] {
            assert_eq!(cleaned(&short, OLD, Kind::Other, text), ERASED, "{text}");
            assert_eq!(cleaned(&short, OTHER, Kind::Other, text), text);
            assert!(short.may_name(Kind::Other, text), "it depends on the row");
        }
        let number = scrubs("177708", &[]);
        assert_eq!(cleaned(&number, OLD, Kind::Other, "177708"), ERASED);
        assert_eq!(cleaned(&number, OTHER, Kind::Other, "177708"), "177708");
        assert_eq!(cleaned(&number, OLD, Kind::Page, "https://lms/courses/177708"), "https://lms/courses/177708");
        assert!(!number.may_name(Kind::Page, "https://lms/courses/177708"));
    }

    #[test]
    fn cleaning_twice_changes_nothing() {
        let scrubs = scrubs("erased", &[]);
        let once = cleaned(&scrubs, OTHER, Kind::Page, "https://lms/erased/erased");
        assert_eq!(scrubs.clean(AccountId(7), OTHER, Kind::Page, &once), None);
        let mut event = Event { account: AccountId(7), ..Event::default() };
        event.facts.custom_var_2 = "of Erased".into();
        event.vars = vec![("buttonName".into(), "erased?".into())];
        assert!(scrubs.clean_event(&mut event));
        assert_eq!((&*event.facts.custom_var_2, &*event.vars[0].1), (ERASED, ERASED));
        assert!(!scrubs.clean_event(&mut event));
    }

    #[test]
    fn escapes_are_read() {
        assert_eq!(unescaped("a%40b%2"), "a@b%2");
        assert_eq!(unescaped("%C3%A9%zz"), "é%zz");
    }

    #[test]
    fn words_stay_out_of_logs() {
        assert_eq!(format!("{:?}", scrubs("alice-4711", &["Alice"])), "Scrubs([Scrub(2 words in account 7)])");
    }
}
