//! Which sessions a segment may hold: a Bloom filter, so that the question "was this session ever sealed?", asked for
//! every session that begins, is answered from memory.

/// Bits for each session. 16 bits and 8 probes are wrong once in some 1,700 questions; then the segment itself is asked.
const BITS: usize = 16;
const PROBES: u64 = 8;

/// A set of session hashes that may say yes wrongly, never no.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    words: Vec<u64>,
}

impl Filter {
    /// The filter of some session hashes.
    pub fn new(sessions: &[u64]) -> Filter {
        let words = (sessions.len() * BITS).div_ceil(64).max(1);
        let mut filter = Filter { words: vec![0; words] };
        for &session in sessions {
            for bit in filter.bits(session) {
                filter.words[bit / 64] |= 1 << (bit % 64);
            }
        }
        filter
    }
    /// Whether the session may be inside.
    pub fn may_hold(&self, session: u64) -> bool {
        !self.words.is_empty() && self.bits(session).all(|bit| self.words[bit / 64] >> (bit % 64) & 1 == 1)
    }
    /// As bytes, for the manifest.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }
    /// Back from bytes.
    pub fn from_bytes(bytes: &[u8]) -> Filter {
        let (words, _) = bytes.as_chunks::<8>();
        Filter { words: words.iter().map(|word| u64::from_le_bytes(*word)).collect() }
    }
    fn bits(&self, session: u64) -> impl Iterator<Item = usize> + use<> {
        let size = self.words.len() as u64 * 64;
        // Session hashes are already mixed; the second hash only has to be odd and different.
        let step = session.rotate_left(32).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        (0..PROBES).map(move |i| (session.wrapping_add(i.wrapping_mul(step)) % size) as usize)
    }
}
