//! Every bound of collection with its arithmetic, and the token buckets that flag floods.
//!
//! A breach never refuses a player (ruling 1): the event is kept and marked `flood`. Only our own route answers 429.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash};
use std::net::IpAddr;
use std::sync::Mutex;

/// Largest body of a request: what a browser can send in a beacon.
pub const BODY_BYTES_MAX: usize = 64 * 1024;
/// How much of a body beyond that is read only to know its size.
pub const BODY_BYTES_COUNTED_MAX: usize = 1024 * 1024;
/// How long a body may take to arrive.
pub const BODY_TIME_MAX: std::time::Duration = std::time::Duration::from_secs(30);
/// Longest value of one parameter; longer ones are cut at a character boundary. Real error details stay below.
pub const FIELD_BYTES_MAX: usize = 2 * 1024;
/// Longest credential (KS or token): privileges with a category tree come to some 1 KiB.
pub const CREDENTIAL_BYTES_MAX: usize = 8 * 1024;
/// Longest id (entry, session, user, client event id). Longer ones are not cut, which could join what is different, but
/// put aside.
pub const ID_BYTES_MAX: usize = 256;
/// Parameters of one request: real players send up to 50.
pub const PARAMETERS_MAX: usize = 200;
/// Depth of JSON.
pub const NESTING_MAX: usize = 16;
/// Events in one batch of our own format.
pub const BATCH_EVENTS_MAX: usize = 200;
/// How old a client's event may be on our own route (ruling 33).
pub const CLIENT_LATE_MS: i64 = 7 * 24 * 60 * 60 * 1000;
/// How far ahead of the server a client's corrected clock may be.
pub const CLIENT_AHEAD_MS: i64 = 5 * 60 * 1000;

/// A bucket's steady rate and how much may come at once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Tokens a second.
    pub per_second: f64,
    /// Tokens that a full bucket holds.
    pub burst: f64,
}

/// Events from one address (IPv6: one /64): ten viewers behind one address with two events a second each.
pub const ADDRESS_RATE: Rate = Rate { per_second: 20.0, burst: 200.0 };
/// Events of one account.
pub const ACCOUNT_RATE: Rate = Rate { per_second: 20_000.0, burst: 100_000.0 };
/// Events of one playback: a start and a seek past all milestones come to some ten at once.
pub const SESSION_RATE: Rate = Rate { per_second: 5.0, burst: 60.0 };
/// Plays (event 3) of one playback: 60 an hour.
pub const PLAY_RATE: Rate = Rate { per_second: 60.0 / 3600.0, burst: 60.0 };

/// Batches of our own format from one address: a tracker sends one every ten seconds.
pub const BATCH_RATE: Rate = Rate { per_second: 20.0, burst: 200.0 };

/// Buckets kept at once, over all shards: 200,000 of some 40 bytes are 8 MB, a campus at its busiest is a tenth.
const BUCKETS_MAX: usize = 200_000;
const SHARDS: usize = 16;

#[derive(Clone, Copy)]
struct Bucket {
    tokens: f64,
    at_ms: i64,
    rate: Rate,
}

impl Bucket {
    fn refill(&mut self, now_ms: i64) {
        // A clock that went back refills nothing and takes nothing away.
        let seconds = (now_ms - self.at_ms).max(0) as f64 / 1000.0;
        self.tokens = (self.tokens + seconds * self.rate.per_second).min(self.rate.burst);
        self.at_ms = now_ms;
    }
}

/// Token buckets by key, bounded and swept.
pub struct Limits {
    hasher: RandomState,
    shards: [Mutex<HashMap<u64, Bucket>>; SHARDS],
}

impl Default for Limits {
    fn default() -> Self {
        Limits { hasher: RandomState::new(), shards: std::array::from_fn(|_| Mutex::default()) }
    }
}

impl Limits {
    /// Takes one token from the bucket of `key`; `false` when it is empty.
    pub fn take(&self, key: impl Hash, rate: Rate, now_ms: i64) -> bool {
        let hash = self.hasher.hash_one(key);
        let mut shard = self.shards[hash as usize % SHARDS].lock().expect("no code panics while it holds a shard");
        if shard.len() >= BUCKETS_MAX / SHARDS && !shard.contains_key(&hash) {
            // A full bucket says nothing that its absence does not say.
            shard.retain(|_, bucket| {
                bucket.refill(now_ms);
                bucket.tokens < bucket.rate.burst
            });
            if shard.len() >= BUCKETS_MAX / SHARDS {
                // Only a flood from very many keys gets here; forgetting them is kinder than refusing newcomers.
                shard.clear();
            }
        }
        let bucket = shard.entry(hash).or_insert(Bucket { tokens: rate.burst, at_ms: now_ms, rate });
        bucket.refill(now_ms);
        let enough = bucket.tokens >= 1.0;
        if enough {
            bucket.tokens -= 1.0;
        }
        enough
    }
}

/// What an address is limited by: itself, or its /64 in IPv6. Loopback is a proxy that does not tell whom it speaks for
/// (or a program on this machine), and is not limited.
pub fn address_key(address: IpAddr) -> Option<u64> {
    match address.to_canonical() {
        address if address.is_loopback() => None,
        IpAddr::V4(v4) => Some(u64::from(u32::from(v4))),
        IpAddr::V6(v6) => Some((u128::from(v6) >> 64) as u64),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_bucket_empties_and_fills_again() {
        let limits = Limits::default();
        let rate = Rate { per_second: 2.0, burst: 3.0 };
        assert!((0..3).all(|_| limits.take("a", rate, 1000)));
        assert!(!limits.take("a", rate, 1000));
        assert!(limits.take("b", rate, 1000), "another key has its own bucket");
        assert!(limits.take("a", rate, 1500));
        assert!(!limits.take("a", rate, 1500));
        assert!(!limits.take("a", rate, 0), "a clock that goes back gives nothing");
    }

    #[test]
    fn the_number_of_buckets_is_bounded() {
        let limits = Limits::default();
        for key in 0..(BUCKETS_MAX * 2) {
            limits.take(key, ADDRESS_RATE, 0);
        }
        let held: usize = limits.shards.iter().map(|shard| shard.lock().unwrap().len()).sum();
        assert!(held <= BUCKETS_MAX);
    }

    #[test]
    fn neighbours_in_ipv6_share_a_bucket() {
        let key = |text: &str| address_key(text.parse().unwrap());
        assert_eq!(key("2001:db8::1"), key("2001:db8::ffff"));
        assert_ne!(key("2001:db8::1"), key("2001:db8:0:1::1"));
        assert_eq!(key("::ffff:10.0.0.1"), key("10.0.0.1"));
        assert_eq!(key("127.0.0.1"), None);
    }
}
