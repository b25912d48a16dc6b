//! Which sessions were closed: so that the journal is only searched for those that really come back.
//!
//! Fingerprints of 32 bits by day of closing. A false match (one in thousands at a million sessions) costs one look into
//! the journal and changes nothing.

use crate::limits::HORIZON_DAYS;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Closed {
    days: BTreeMap<i64, Vec<u32>>,
    #[serde(skip)]
    known: hashbrown::HashMap<u32, i64>,
}

impl Closed {
    /// Notes that a session was closed at an instant of the arrival clock; forgets what is beyond the horizon.
    pub(super) fn note(&mut self, hash: u64, now_ms: i64) {
        let day = now_ms.div_euclid(DAY_MS);
        let print = hash as u32;
        if self.known.insert(print, day) != Some(day) {
            self.days.entry(day).or_default().push(print);
        }
        while let Some(oldest) = self.days.first_entry().filter(|oldest| *oldest.key() < day - HORIZON_DAYS) {
            let (oldest, prints) = oldest.remove_entry();
            for print in prints {
                if self.known.get(&print) == Some(&oldest) {
                    self.known.remove(&print);
                }
            }
        }
    }

    /// Whether a session may have been closed before.
    pub(super) fn may_have(&self, hash: u64) -> bool {
        self.known.contains_key(&(hash as u32))
    }

    /// Makes the look-up table anew after loading.
    pub(super) fn index(&mut self) {
        self.known =
            self.days.iter().flat_map(|(&day, prints)| prints.iter().map(move |&print| (print, day))).collect();
    }
}
