//! Events by minute over the last hours, in memory: how collection beats now. Lost at a restart, which the page that shows
//! it says.

use engine::event::AccountId;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

/// Minutes that are kept: three hours, and the one that has just begun.
pub const MINUTES: usize = 181;
/// Accounts that are told apart in one minute. More share the last place: an installation has a handful.
const ACCOUNTS_MAX: usize = 1_000;
const MINUTE_MS: i64 = 60_000;

/// Events by minute and account.
#[derive(Debug, Default)]
pub struct Pulse {
    /// Minute since 1970 and events by account, ascending.
    minutes: Mutex<VecDeque<(i64, BTreeMap<AccountId, u64>)>>,
}

impl Pulse {
    /// Counts events of an account.
    pub fn beat(&self, account: AccountId, events: u64, now_ms: i64) {
        let minute = now_ms.div_euclid(MINUTE_MS);
        let mut minutes = self.minutes.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back goes on in the minute that is there.
        if minutes.back().is_none_or(|(last, _)| *last < minute) {
            minutes.push_back((minute, BTreeMap::new()));
            while minutes.front().is_some_and(|(first, _)| *first <= minute - MINUTES as i64) {
                minutes.pop_front();
            }
        }
        let Some((_, counts)) = minutes.back_mut() else { return };
        let full = counts.len() >= ACCOUNTS_MAX && !counts.contains_key(&account);
        *counts.entry(if full { AccountId(0) } else { account }).or_default() += events;
    }

    /// Events of an account (of all: `None`) by minute: the first instant and how many, every minute of the last hours.
    pub fn told(&self, account: Option<AccountId>, now_ms: i64) -> Vec<(i64, u64)> {
        let minutes = self.minutes.lock().unwrap_or_else(PoisonError::into_inner);
        let known: BTreeMap<i64, u64> = minutes
            .iter()
            .map(|(minute, counts)| {
                let of_account = |account: AccountId| counts.get(&account).copied().unwrap_or_default();
                (*minute, account.map_or_else(|| counts.values().sum(), of_account))
            })
            .collect();
        let last = now_ms.div_euclid(MINUTE_MS);
        let first = last + 1 - MINUTES as i64;
        (first..=last).map(|minute| (minute * MINUTE_MS, known.get(&minute).copied().unwrap_or_default())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_are_told_apart_and_grow_old() {
        let pulse = Pulse::default();
        let (one, other) = (AccountId(1), AccountId(2));
        for (account, events, at_ms) in [(one, 2, 0), (other, 3, 59_999), (one, 5, 60_000), (one, 7, 59_000)] {
            pulse.beat(account, events, at_ms);
        }
        let told = pulse.told(Some(one), 60_000);
        assert_eq!(told.len(), MINUTES);
        assert_eq!(told[MINUTES - 2..], [(0, 2), (60_000, 12)], "a clock set back goes on where it was");
        assert_eq!(pulse.told(None, 60_000)[MINUTES - 2], (0, 5));
        pulse.beat(one, 1, 60_000 * MINUTES as i64);
        let later = pulse.told(None, 60_000 * MINUTES as i64);
        assert_eq!(later[0], (60_000, 12));
        assert_eq!(later.iter().map(|(_, events)| events).sum::<u64>(), 13, "the first minute has gone");
    }
}
