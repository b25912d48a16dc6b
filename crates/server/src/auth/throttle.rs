//! What guessing costs.

use super::local::NAME_CHARS_MAX;
use crate::error::{ApiError, ApiResult, Code};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Failures of one name from one address that cost nothing.
const NAME_FREE: u32 = 5;
/// Failures from one address, whatever the names, that cost nothing.
const ADDRESS_FREE: u32 = 30;

/// Failed sign-ins, by name and address together and by address alone: after five for one name (thirty for one
/// address) each further failure doubles the wait, up to a quarter of an hour. Nobody can lock somebody else out from
/// another address.
///
/// An attempt counts as failed when it begins, and is taken back when it succeeds: of many at the same moment no more
/// than the free ones reach the password's hash.
#[derive(Debug, Default)]
pub struct Throttle {
    failures: Mutex<BTreeMap<Key, Failures>>,
}

/// Name (empty: any) and address.
type Key = (String, Option<IpAddr>);

#[derive(Clone, Copy, Debug, Default)]
struct Failures {
    count: u32,
    last_ms: i64,
}

impl Throttle {
    /// Names and addresses remembered: 10,000 of some 200 bytes are 2 MB.
    const KEYS_MAX: usize = 10_000;
    const WAIT_MAX_MS: i64 = 15 * 60 * 1000;

    /// What an attempt counts for. Without an address (codes, which are counted wherever they come from) only the name.
    fn keys(name: &str, from: Option<IpAddr>) -> impl Iterator<Item = (Key, u32)> {
        let name: String = name.trim().to_lowercase().chars().take(NAME_CHARS_MAX).collect();
        [((name, from), NAME_FREE)].into_iter().chain(from.map(|from| ((String::new(), Some(from)), ADDRESS_FREE)))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Key, Failures>> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins an attempt.
    ///
    /// # Errors
    /// 429 when there were too many just now.
    pub fn begin(&self, name: &str, from: Option<IpAddr>, now_ms: i64) -> ApiResult<()> {
        let mut failures = self.lock();
        for (key, free) in Throttle::keys(name, from) {
            let Some(failed) = failures.get(&key).filter(|failed| failed.count >= free) else { continue };
            let wait_ms = (1000_i64 << (failed.count - free).min(20)).min(Throttle::WAIT_MAX_MS);
            let left_ms = failed.last_ms + wait_ms - now_ms;
            if left_ms > 0 {
                return Err(ApiError::new(Code::TooMany).retry_after(left_ms.unsigned_abs().div_ceil(1000)));
            }
        }
        failures.retain(|_, failed| now_ms - failed.last_ms < Throttle::WAIT_MAX_MS);
        for (key, _) in Throttle::keys(name, from) {
            if failures.len() >= Throttle::KEYS_MAX && !failures.contains_key(&key) {
                let oldest = failures.iter().min_by_key(|(_, failed)| failed.last_ms).map(|(key, _)| key.clone());
                oldest.map(|key| failures.remove(&key));
            }
            let failed = failures.entry(key).or_default();
            *failed = Failures { count: failed.count.saturating_add(1), last_ms: now_ms };
        }
        Ok(())
    }

    /// An attempt that began has succeeded: the name's failures are forgiven, the address keeps those of other names.
    pub fn succeeded(&self, name: &str, from: Option<IpAddr>) {
        let mut failures = self.lock();
        for (key, _) in Throttle::keys(name, from) {
            if key.0.is_empty() {
                failures.entry(key).and_modify(|failed| failed.count = failed.count.saturating_sub(1));
            } else {
                failures.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    const HERE: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1)));
    const THERE: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2)));

    #[test]
    fn waits_double_up_to_a_quarter_of_an_hour() {
        let throttle = Throttle::default();
        let mut now_ms = 0;
        for _ in 0..5 {
            throttle.begin("ada", HERE, now_ms).unwrap();
        }
        for wait_s in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900] {
            let refusal = throttle.begin(" ADA", HERE, now_ms).unwrap_err();
            assert_eq!(refusal.retry_after, Some(wait_s));
            throttle.begin("ada", THERE, now_ms).unwrap();
            throttle.succeeded("ada", THERE);
            now_ms += wait_s as i64 * 1000 - 1;
            throttle.begin("ada", HERE, now_ms).unwrap_err();
            now_ms += 1;
            throttle.begin("ada", HERE, now_ms).unwrap();
        }
    }

    #[test]
    fn an_address_has_thirty_names_and_a_success_forgives_one() {
        let throttle = Throttle::default();
        for name in 0..30 {
            throttle.begin(&format!("n{name}"), HERE, 0).unwrap();
        }
        throttle.begin("n30", HERE, 0).unwrap_err();
        throttle.succeeded("n0", HERE);
        throttle.begin("n30", HERE, 0).unwrap();
        throttle.begin("n31", HERE, 0).unwrap_err();
    }

    #[test]
    fn of_many_threads_only_the_free_attempts_begin() {
        let throttle = Throttle::default();
        let begun = std::sync::atomic::AtomicU32::new(0);
        std::thread::scope(|scope| {
            for _ in 0..64 {
                scope.spawn(|| {
                    if throttle.begin("ada", HERE, 0).is_ok() {
                        begun.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    }
                });
            }
        });
        assert_eq!(begun.into_inner(), NAME_FREE);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let throttle = Throttle::default();
        for name in 0..Throttle::KEYS_MAX + 100 {
            throttle.begin(&name.to_string(), None, name as i64 / 100).unwrap();
        }
        assert_eq!(throttle.lock().len(), Throttle::KEYS_MAX);
    }
}
