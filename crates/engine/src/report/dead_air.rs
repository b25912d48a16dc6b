//! Where a recording seems to go on without content: almost all who are there leave within seconds, and nobody returns.

/// What viewers' leaving says of the end of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeadAir {
    /// First second of it, from 0.
    pub from: u32,
    /// Distinct viewers of the second that most have seen.
    pub most: u64,
    /// Distinct viewers shortly before it.
    pub before: u64,
    /// The most distinct viewers of any second in it.
    pub after: u64,
}

/// It is looked for in the last quarter: what is lost before is a matter of the content.
const SHARE_BEFORE: (usize, usize) = (3, 4);
/// Those who leave do so within these seconds: a talk that loses its audience slowly has no dead air.
const LEAVING_SECONDS: usize = 10;
/// Shorter ends are the player's, which stops reporting just before the last second.
const SECONDS_MIN: usize = 10;
/// Fewer viewers leave together by chance.
const VIEWERS_MIN: u64 = 5;

/// Looks for dead air in the distinct viewers of each second: the first second in the last quarter from which on at most
/// half of those are left who were there ten seconds before.
pub fn dead_air(viewers: &[u64]) -> Option<DeadAir> {
    let first = (viewers.len() * SHARE_BEFORE.0 / SHARE_BEFORE.1).max(LEAVING_SECONDS);
    let last = viewers.len().checked_sub(SECONDS_MIN)?;
    let most = viewers.iter().copied().max()?;
    // The most viewers of any second from each second on.
    let mut rest = viewers.to_vec();
    for second in (1..rest.len()).rev() {
        rest[second - 1] = rest[second - 1].max(rest[second]);
    }
    (first..=last).find_map(|second| {
        let (before, after) = (viewers[second - LEAVING_SECONDS], rest[second]);
        let is_dead = before >= VIEWERS_MIN && after * 2 <= before;
        is_dead.then_some(DeadAir { from: second as u32, most, before, after })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(stretches: &[(usize, u64)]) -> Vec<u64> {
        stretches.iter().flat_map(|(seconds, viewers)| vec![*viewers; *seconds]).collect()
    }

    #[test]
    fn a_common_leaving_near_the_end_is_dead_air() {
        let found = dead_air(&curve(&[(300, 20), (90, 12), (60, 2)])).unwrap();
        assert_eq!(found, DeadAir { from: 390, most: 20, before: 12, after: 2 });
    }

    #[test]
    fn other_ends_are_not() {
        for (why, viewers) in [
            ("too early", curve(&[(200, 20), (250, 2)])),
            ("somebody returns", curve(&[(400, 20), (40, 2), (10, 15)])),
            ("the player's last seconds", curve(&[(444, 20), (6, 0)])),
            ("too few", curve(&[(400, 4), (50, 0)])),
            ("slowly", (0..450).map(|second| 1_000 - second).collect()),
            ("nothing", vec![]),
        ] {
            assert_eq!(dead_air(&viewers), None, "{why}");
        }
    }
}
