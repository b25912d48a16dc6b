//! Is it a bot, by its user agent: the patterns of isbot (`data/bots.txt`). Headless browsers and monitors count as bots.

use regex::{RegexSet, RegexSetBuilder};

const PATTERNS: &str = include_str!("../../data/bots.txt");

/// Finds bots.
pub(super) struct Bots {
    /// Almost all patterns, in one pass.
    plain: RegexSet,
    /// Those that look around; the linear engine does not.
    fancy: Vec<fancy_regex::Regex>,
}

impl Bots {
    pub(super) fn new() -> Bots {
        let mut plain = Vec::new();
        let mut fancy = Vec::new();
        for pattern in PATTERNS.lines() {
            // JavaScript reads `\d-.` in a class as a class, a dash and a dot.
            let pattern = pattern.replace(r"[\w\d-.]", r"[\w.\-]");
            if ["(?!", "(?<!", "(?=", "(?<="].iter().any(|look| pattern.contains(look)) {
                let any_case = format!("(?i){pattern}");
                fancy.push(
                    fancy_regex::Regex::new(&any_case).expect("the embedded patterns compile: a test builds them"),
                );
            } else {
                plain.push(pattern);
            }
        }
        let plain = RegexSetBuilder::new(plain).case_insensitive(true).build();
        Bots { plain: plain.expect("the embedded patterns compile: a test builds them"), fancy }
    }

    /// Whether a user agent names a bot. An empty one does not.
    pub(super) fn is_bot(&self, user_agent: &str) -> bool {
        self.plain.is_match(user_agent)
            // A pattern that runs into its backtracking limit says nothing.
            || self.fancy.iter().any(|pattern| pattern.is_match(user_agent).unwrap_or(false))
    }
}
