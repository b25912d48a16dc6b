//! How far senders' clocks stand from ours. Batches of our own format say what the sender's clock showed when they were
//! sent; every event in them is set right by the difference, and here it is counted how large that was. Kaltura's players
//! do not tell their clock. Counts wait in memory for a minute at most before `desk` keeps them.

use engine::event::AccountId;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

const DAY_MS: i64 = 86_400_000;

/// Differences up to here are told apart, ms; what is below the first is the time that sending takes.
const BOUNDS_MS: [i64; 3] = [2_000, 60_000, 3_600_000];

/// A sender's clock against ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skew(i8);

impl Skew {
    /// All, from far ahead to far behind.
    pub const ALL: [Skew; 7] = [Skew(3), Skew(2), Skew(1), Skew(0), Skew(-1), Skew(-2), Skew(-3)];

    /// The difference between what a sender's clock showed and when it was received.
    pub fn of(sent_ms: i64, received_ms: i64) -> Skew {
        let ahead_ms = sent_ms.saturating_sub(received_ms);
        let apart = ahead_ms.unsigned_abs();
        let steps = BOUNDS_MS.iter().filter(|bound| apart >= bound.unsigned_abs()).count() as i8;
        Skew(if ahead_ms < 0 { -steps } else { steps })
    }
    /// As it is kept.
    pub fn number(self) -> i8 {
        self.0
    }
    /// As it was kept; `None` for what this version does not know.
    pub fn of_number(number: i8) -> Option<Skew> {
        Skew::ALL.into_iter().find(|skew| skew.0 == number)
    }
    /// `right`, `ahead`, `behind`.
    pub fn direction(self) -> &'static str {
        match self.0 {
            0 => "right",
            1.. => "ahead",
            _ => "behind",
        }
    }
    /// By fewer seconds than these; open for the largest.
    pub fn under_seconds(self) -> Option<i64> {
        BOUNDS_MS.get(usize::from(self.0.unsigned_abs())).map(|ms| ms / 1_000)
    }
}

/// Batches by account, day (since 1970, UTC) and skew.
pub type Counts = BTreeMap<(AccountId, i64, Skew), u64>;

/// The day of an instant.
pub fn day(at_ms: i64) -> i64 {
    at_ms.div_euclid(DAY_MS)
}

/// Counts that are not kept yet.
#[derive(Debug, Default)]
pub struct Skews(Mutex<Counts>);

impl Skews {
    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// Counts a batch of an account.
    pub fn count(&self, account: AccountId, sent_ms: i64, received_ms: i64) {
        *self.lock().entry((account, day(received_ms), Skew::of(sent_ms, received_ms))).or_default() += 1;
    }
    /// Hands the counts over to `keep`; what it cannot keep stays for the next time.
    ///
    /// # Errors
    /// What `keep` says.
    pub fn hand_over<E>(&self, keep: impl FnOnce(&Counts) -> Result<(), E>) -> Result<(), E> {
        // Not held while something is written: collection counts meanwhile.
        let counts = std::mem::take(&mut *self.lock());
        if counts.is_empty() {
            return Ok(());
        }
        let kept = keep(&counts);
        if kept.is_err() {
            let mut waiting = self.lock();
            counts.into_iter().for_each(|(of, batches)| *waiting.entry(of).or_default() += batches);
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_are_told_apart_by_how_far_and_which_way() {
        let of = |ahead_ms: i64| {
            let skew = Skew::of(1_000_000_000 + ahead_ms, 1_000_000_000);
            (skew.direction(), skew.under_seconds())
        };
        assert_eq!(of(0), ("right", Some(2)));
        assert_eq!((of(1_999), of(-1_999)), (("right", Some(2)), ("right", Some(2))));
        assert_eq!((of(2_000), of(-2_000)), (("ahead", Some(60)), ("behind", Some(60))));
        assert_eq!((of(60_000), of(-3_599_999)), (("ahead", Some(3_600)), ("behind", Some(3_600))));
        assert_eq!((of(3_600_000), of(-86_400_000_000)), (("ahead", None), ("behind", None)));
        assert_eq!(Skew::of(i64::MAX, -1).direction(), "ahead");
        assert!(Skew::ALL.iter().all(|skew| Skew::of_number(skew.number()) == Some(*skew)));
    }

    #[test]
    fn what_cannot_be_kept_stays() {
        let skews = Skews::default();
        skews.count(AccountId(1), 0, 5_000);
        assert!(skews.hand_over(|_| Err("full")).is_err());
        skews.count(AccountId(1), 1_000, 6_000);
        let mut kept = Counts::new();
        let keep = |counts: &Counts| {
            kept = counts.clone();
            Ok::<(), ()>(())
        };
        assert_eq!(skews.hand_over(keep), Ok(()));
        assert_eq!(kept.into_values().collect::<Vec<_>>(), [2]);
        assert_eq!(skews.hand_over(|_| Err("nothing is handed over twice")), Ok(()));
    }
}
