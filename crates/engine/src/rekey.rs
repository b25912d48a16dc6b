//! Exchange of people's keys (ruling 31): whoever is erased, and whoever's rows have aged, gets a fresh random key in the
//! place of the old one. It still counts as one person, and leads to nobody. Free text that names whoever is erased goes
//! with the key ([`crate::scrub`]).
//!
//! A [`Rekey`] says which key becomes which, for events of which time. The store answers with the fresh keys from the
//! moment it is told, and rewrites what is on disk behind that ([`crate::store::Store::rekey`]).

use crate::event::{AccountId, Event, PersonKey};
use crate::scrub::{Scrub, Scrubs};
use crate::time::Quarter;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// All of time.
pub const ALWAYS: Range<i32> = i32::MIN..i32::MAX;

/// One key's exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The account.
    pub account: AccountId,
    /// The key that goes.
    pub old: PersonKey,
    /// The key in its place.
    pub fresh: PersonKey,
    /// Quarters of an hour since 1970 in which it goes; [`ALWAYS`] for an erasure.
    pub quarters: Range<i32>,
}

/// In which quarters, and for what.
type Place = (Range<i32>, PersonKey);

/// Which keys are exchanged for which.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rekey {
    rules: BTreeMap<(AccountId, PersonKey), Vec<Place>>,
    /// The old keys of any account: what nearly every key is looked up in.
    old: BTreeSet<u64>,
    scrubs: Scrubs,
}

impl Rekey {
    /// These rules.
    pub fn new(rules: impl IntoIterator<Item = Rule>) -> Rekey {
        let mut rekey = Rekey::default();
        rules.into_iter().for_each(|rule| rekey.add(rule));
        rekey
    }

    /// With a person's words to be taken out of free text.
    #[must_use]
    pub fn scrubbing(mut self, scrub: &Scrub) -> Rekey {
        self.scrubs.add(scrub);
        self
    }

    /// The words to be taken out of free text.
    pub fn scrubs(&self) -> &Scrubs {
        &self.scrubs
    }

    fn add(&mut self, Rule { account, old, fresh, quarters }: Rule) {
        self.old.insert(old.0);
        let rules = self.rules.entry((account, old)).or_default();
        if !rules.contains(&(quarters.clone(), fresh)) {
            rules.push((quarters, fresh));
        }
    }

    /// These and those of another. A key that was exchanged by one and then by the other goes through both.
    pub fn and(&self, later: &Rekey) -> Rekey {
        let mut both = self.clone();
        for (&(account, old), rules) in &later.rules {
            for (quarters, fresh) in rules {
                both.add(Rule { account, old, fresh: *fresh, quarters: quarters.clone() });
            }
        }
        both.scrubs.join(&later.scrubs);
        both
    }

    /// Whether nothing is exchanged.
    pub fn is_empty(&self) -> bool {
        self.old.is_empty() && self.scrubs.is_empty()
    }

    /// Whether a key may be exchanged in some account at some time.
    pub fn concerns(&self, key: u64) -> bool {
        self.old.contains(&key)
    }

    /// The key in the place of this one.
    pub fn of(&self, account: AccountId, key: PersonKey, quarter: i32) -> PersonKey {
        let mut key = key;
        // Each exchange leads to a key drawn later: there is no circle.
        while self.concerns(key.0)
            && let Some(rules) = self.rules.get(&(account, key))
            && let Some((_, fresh)) = rules.iter().find(|(quarters, _)| quarters.contains(&quarter))
        {
            key = *fresh;
        }
        key
    }

    /// Exchanges the key of an event and cleans its texts; whether it was changed.
    pub fn apply(&self, event: &mut Event) -> bool {
        let exchanged = self.exchange(event);
        self.scrubs.clean_event(event) || exchanged
    }

    /// Exchanges the key of an event; whether it had one to exchange.
    pub fn exchange(&self, event: &mut Event) -> bool {
        let old = event.who.person;
        if self.concerns(old.0) {
            event.who.person = self.of(event.account, old, Quarter::of(event.at_ms).0);
        }
        event.who.person != old
    }
}

/// Bytes that a key takes in the journal. A fresh key that takes as many leaves every record where it was.
pub fn width(key: u64) -> u32 {
    (u64::BITS - key.leading_zeros()).div_ceil(7).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(old: u64, fresh: u64, quarters: Range<i32>) -> Rule {
        Rule { account: AccountId(7), old: PersonKey(old), fresh: PersonKey(fresh), quarters }
    }

    #[test]
    fn a_key_goes_in_its_account_and_its_time() {
        let rekey = Rekey::new([rule(1, 10, 5..9), rule(1, 11, 9..12), rule(2, 20, ALWAYS)]);
        let of = |account, key, quarter| rekey.of(AccountId(account), PersonKey(key), quarter).0;
        assert_eq!([of(7, 1, 4), of(7, 1, 5), of(7, 1, 9), of(7, 1, 12)], [1, 10, 11, 1]);
        assert_eq!([of(7, 2, -1), of(8, 2, 0), of(7, 3, 0)], [20, 2, 3]);
        let later = rekey.and(&Rekey::new([rule(20, 30, 0..1)]));
        assert_eq!(later.of(AccountId(7), PersonKey(2), 0).0, 30, "through both");
        assert_eq!(later.of(AccountId(7), PersonKey(2), 1).0, 20);
    }

    #[test]
    fn widths_are_those_of_the_journal() {
        for key in [0, 1, 127, 128, 1 << 62, (1 << 63) - 1, 1 << 63, u64::MAX] {
            let bytes = postcard::to_stdvec(&PersonKey(key)).expect("a number encodes");
            assert_eq!(width(key) as usize, bytes.len(), "{key}");
        }
    }
}
