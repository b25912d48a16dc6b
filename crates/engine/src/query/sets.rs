//! Sets that a scan fills: exact, small while they are small, and unions of each other.

/// Distinct dense codes. Few are a list, many a bit for each code there is.
#[derive(Clone, Debug, Default)]
pub(super) struct Codes {
    few: Vec<u32>,
    /// Length of `few` after repeats were last dropped.
    tidy: usize,
    bits: Vec<u64>,
}

impl Codes {
    /// Lists shorter than this stay lists.
    const FEW: usize = 64;

    /// Adds a code; says by how many bytes the set grew.
    pub(super) fn insert(&mut self, code: u32) -> usize {
        if self.bits.is_empty() && self.few.last() == Some(&code) {
            return 0;
        }
        let before = self.bytes();
        if !self.bits.is_empty() {
            self.set(code);
        } else {
            self.few.push(code);
            if self.few.len() > 2 * self.tidy + Codes::FEW {
                self.tidy();
            }
        }
        self.bytes().saturating_sub(before)
    }

    fn bytes(&self) -> usize {
        self.few.capacity() * 4 + self.bits.len() * 8
    }

    fn set(&mut self, code: u32) {
        let word = code as usize / 64;
        if word >= self.bits.len() {
            self.bits.resize((word + 1).next_multiple_of(64), 0);
        }
        self.bits[word] |= 1 << (code % 64);
    }

    fn tidy(&mut self) {
        self.few.sort_unstable();
        self.few.dedup();
        self.tidy = self.few.len();
        let highest = self.few.last().copied().unwrap_or(0) as usize;
        // As a list 32 bits a code, as bits one for each code up to the highest.
        if self.tidy > Codes::FEW && self.tidy * 32 > highest {
            self.become_bits();
        }
    }

    fn become_bits(&mut self) {
        for code in std::mem::take(&mut self.few) {
            self.set(code);
        }
    }

    pub(super) fn merge(&mut self, other: Codes) {
        if self.bits.is_empty() && !other.bits.is_empty() {
            self.become_bits();
            if self.bits.is_empty() {
                self.bits = other.bits;
                return;
            }
        }
        if self.bits.len() < other.bits.len() {
            self.bits.resize(other.bits.len(), 0);
        }
        for (mine, theirs) in self.bits.iter_mut().zip(&other.bits) {
            *mine |= theirs;
        }
        for code in other.few {
            self.insert(code);
        }
    }

    pub(super) fn count(&mut self) -> usize {
        if self.bits.is_empty() {
            self.few.sort_unstable();
            self.few.dedup();
            return self.few.len();
        }
        self.bits.iter().map(|word| word.count_ones() as usize).sum()
    }
}

/// Distinct numbers. Repeats are dropped when the list has doubled, and when it is read.
#[derive(Clone, Debug, Default)]
pub(super) struct Numbers {
    all: Vec<u64>,
    tidy: usize,
}

impl Numbers {
    /// Adds a number; says by how many bytes the set grew.
    pub(super) fn insert(&mut self, number: u64) -> usize {
        if self.all.last() == Some(&number) {
            return 0;
        }
        let before = self.all.capacity();
        self.all.push(number);
        if self.all.len() > 2 * self.tidy + 64 {
            self.tidy();
        }
        (self.all.capacity() - before) * 8
    }
    fn tidy(&mut self) {
        self.all.sort_unstable();
        self.all.dedup();
        self.tidy = self.all.len();
    }
    pub(super) fn merge(&mut self, other: Numbers) {
        self.all.extend(other.all);
        self.tidy();
    }
    pub(super) fn count(&mut self) -> usize {
        self.tidy();
        self.all.len()
    }
}

/// Distinct seconds of a recording, a bit each.
#[derive(Clone, Debug, Default)]
pub(super) struct Seconds {
    bits: Vec<u64>,
}

impl Seconds {
    /// Adds the seconds `[from, to)`; says by how many bytes the set grew.
    pub(super) fn insert(&mut self, from: u32, to: u32) -> usize {
        if from >= to {
            return 0;
        }
        let (first, last) = (from as usize / 64, (to as usize - 1) / 64);
        let mut grown = 0;
        if last >= self.bits.len() {
            grown = (last + 1 - self.bits.len()) * 8;
            self.bits.resize(last + 1, 0);
        }
        let head = u64::MAX << (from % 64);
        let tail = u64::MAX >> (63 - (to - 1) % 64);
        if first == last {
            self.bits[first] |= head & tail;
        } else {
            self.bits[first] |= head;
            self.bits[first + 1..last].fill(u64::MAX);
            self.bits[last] |= tail;
        }
        grown
    }

    pub(super) fn merge(&mut self, other: Seconds) {
        if self.bits.len() < other.bits.len() {
            self.bits.resize(other.bits.len(), 0);
        }
        for (mine, theirs) in self.bits.iter_mut().zip(other.bits) {
            *mine |= theirs;
        }
    }

    /// Disjoint ranges of seconds, ascending, neighbours joined.
    pub(super) fn ranges(&self) -> Vec<(u32, u32)> {
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        for (number, &word) in self.bits.iter().enumerate() {
            let (base, mut left) = (number as u32 * 64, word);
            while left != 0 {
                let from = left.trailing_zeros();
                let length = (left >> from).trailing_ones();
                let to = from + length;
                match ranges.last_mut() {
                    Some(last) if last.1 == base + from => last.1 = base + to,
                    _ => ranges.push((base + from, base + to)),
                }
                left &= u64::MAX.checked_shl(to).unwrap_or(0);
            }
        }
        ranges
    }

    /// Milliseconds of them that lie before a length.
    pub(super) fn ms_until(&self, length: u64) -> u64 {
        let until = |second: u32| (u64::from(second) * 1000).min(length);
        self.ranges().into_iter().map(|(from, to)| until(to) - until(from)).sum()
    }
}

/// Counts along seconds, as changes: `+n` where a span begins, `-n` where it ends.
#[derive(Clone, Debug, Default)]
pub(super) struct Steps {
    /// By second.
    changes: Vec<i64>,
}

impl Steps {
    pub(super) fn add(&mut self, from: u32, to: u32, times: i64) -> usize {
        let before = self.changes.len();
        if to as usize >= before {
            self.changes.resize(to as usize + 1, 0);
        }
        self.changes[from as usize] += times;
        self.changes[to as usize] -= times;
        (self.changes.len() - before) * 8
    }
    pub(super) fn merge(&mut self, other: Steps) {
        if self.changes.len() < other.changes.len() {
            self.changes.resize(other.changes.len(), 0);
        }
        for (mine, theirs) in self.changes.iter_mut().zip(other.changes) {
            *mine += theirs;
        }
    }
    /// The count of each second.
    pub(super) fn counts(&self) -> impl Iterator<Item = u64> + '_ {
        self.changes.iter().scan(0, |depth, change| {
            *depth += change;
            Some(*depth as u64)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn codes_are_a_set(a in prop::collection::vec(0..3_000u32, 0..400), b in prop::collection::vec(0..900_000u32, 0..400)) {
            let fill = |codes: &[u32]| {
                let mut set = Codes::default();
                codes.iter().for_each(|code| { set.insert(*code); });
                set
            };
            for (x, y) in [(&a, &b), (&b, &a), (&a, &a)] {
                let mut set = fill(x);
                prop_assert_eq!(set.clone().count(), x.iter().collect::<BTreeSet<_>>().len());
                set.merge(fill(y));
                prop_assert_eq!(set.count(), x.iter().chain(y).collect::<BTreeSet<_>>().len());
            }
        }

        #[test]
        fn seconds_are_a_set(spans in prop::collection::vec((0..300u32, 0..100u32), 0..12), length in 0..500_000u64) {
            let (mut seconds, mut plain) = (Seconds::default(), BTreeSet::new());
            for (from, count) in spans {
                seconds.insert(from, from + count);
                plain.extend(from..from + count);
            }
            let ranges = seconds.ranges();
            prop_assert!(ranges.windows(2).all(|pair| pair[0].1 < pair[1].0));
            prop_assert_eq!(ranges.into_iter().flat_map(|(from, to)| from..to).collect::<BTreeSet<_>>(), plain.clone());
            let until = |second: u32| (u64::from(second) * 1000).min(length);
            prop_assert_eq!(seconds.ms_until(length), plain.into_iter().map(|s| until(s + 1) - until(s)).sum::<u64>());
        }
    }

    #[test]
    fn steps_count() {
        let mut steps = Steps::default();
        steps.add(1, 3, 2);
        let mut more = Steps::default();
        more.add(2, 4, 1);
        steps.merge(more);
        assert_eq!(steps.counts().collect::<Vec<_>>(), [0, 2, 3, 1, 0]);
    }
}
