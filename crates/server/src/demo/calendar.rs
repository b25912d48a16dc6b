//! When people watch: terms, weekends, times of day, exams. The campus lives six hours behind UTC, all year.

use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::TimeZone;

/// A day, ms.
pub(super) const DAY_MS: i64 = 24 * 60 * 60 * 1000;
pub(super) const HOUR_MS: i64 = 60 * 60 * 1000;
const ZONE_MS: i64 = -6 * HOUR_MS;
/// Before a main term's end, this is exam time.
const EXAM_MS: i64 = 14 * DAY_MS;
/// Above every weight.
pub(super) const WEIGHT_MAX: f64 = 3.3;

/// How lively an hour of the day is.
const HOURS: [f64; 24] = [
    0.3, 0.15, 0.08, 0.04, 0.03, 0.05, 0.12, 0.3, 0.6, 0.9, 1.1, 1.1, 0.9, 1.0, 1.2, 1.2, 1.1, 1.0, 1.0, 1.2, 1.4, 1.3,
    1.0, 0.6,
];
/// How lively a day of the week is, from Sunday.
const DAYS: [f64; 7] = [0.55, 1.05, 1.1, 1.1, 1.0, 0.8, 0.38];

/// A term.
pub(super) struct Term {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) from_ms: i64,
    pub(super) to_ms: i64,
    /// Fall or spring: courses are held, and end with exams.
    pub(super) main: bool,
}

impl Term {
    pub(super) fn holds(&self, at_ms: i64) -> bool {
        (self.from_ms..self.to_ms).contains(&at_ms)
    }
    pub(super) fn is_exam(&self, at_ms: i64) -> bool {
        self.main && self.holds(at_ms) && at_ms >= self.to_ms - EXAM_MS
    }
}

/// The terms around a stretch of time, ascending.
pub(super) struct Calendar {
    pub(super) terms: Vec<Term>,
}

impl Calendar {
    pub(super) fn new(from_ms: i64, to_ms: i64) -> Calendar {
        let year = |ms: i64| {
            let at = Timestamp::from_millisecond(ms).expect("demo data lies within the years that jiff knows");
            TimeZone::UTC.to_datetime(at).year()
        };
        let mut terms = Vec::new();
        for year in year(from_ms) - 1..=year(to_ms) {
            for (word, from, to) in
                [("Spring", (1, 18), (5, 12)), ("Summer", (6, 5), (7, 31)), ("Fall", (9, 1), (12, 19))]
            {
                let at = |(month, day)| {
                    let midnight = TimeZone::UTC.to_timestamp(date(year, month, day).at(0, 0, 0, 0));
                    midnight.expect("UTC has every midnight").as_millisecond() - ZONE_MS
                };
                terms.push(Term {
                    id: format!("{year}-{}", word.to_lowercase()),
                    name: format!("{word} {year}"),
                    from_ms: at(from),
                    to_ms: at(to),
                    main: word != "Summer",
                });
            }
        }
        terms.retain(|term| term.from_ms < to_ms);
        Calendar { terms }
    }

    pub(super) fn term(&self, at_ms: i64) -> Option<&Term> {
        self.terms.iter().find(|term| term.holds(at_ms))
    }

    /// How much is watched at an instant; an ordinary day of a term averages about 0.75.
    pub(super) fn weight(&self, at_ms: i64) -> f64 {
        let season = match self.term(at_ms) {
            Some(term) if term.is_exam(at_ms) => 2.1,
            Some(term) if term.main && (45..55).contains(&((at_ms - term.from_ms) / DAY_MS)) => 1.4,
            Some(term) if term.main => 1.0,
            Some(_) => 0.35,
            None => 0.1,
        };
        season * DAYS[weekday(at_ms)] * HOURS[hour(at_ms)]
    }
}

/// Day of the week on campus, 0 is Sunday.
pub(super) fn weekday(at_ms: i64) -> usize {
    // 1970-01-01 was a Thursday.
    ((at_ms + ZONE_MS).div_euclid(DAY_MS) + 4).rem_euclid(7) as usize
}

/// Hour of the day on campus.
pub(super) fn hour(at_ms: i64) -> usize {
    ((at_ms + ZONE_MS).rem_euclid(DAY_MS) / HOUR_MS) as usize
}
