//! What stands out, each as a sentence with its numbers. An insight is read off the answer to one view; where there is
//! nothing to say (no plays, no loss), there is none.

use crate::event::Text;
use crate::glossary::{Dimension, Measure};
use crate::question::{Answer, Page, Sort, TableRow, View};

/// Kinds of insights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InsightKind {
    /// The domain with the most plays.
    TopDomain,
    /// The three countries with the most plays.
    TopPlaces,
    /// The device with the most plays.
    TopDevice,
    /// The day with the most plays, against the mean of all days.
    PeakDay,
    /// The recording with the most plays.
    TopRecording,
    /// Where in the recording most viewers left.
    SteepestLoss,
    /// The second that was seen again most.
    MostRewatched,
}

/// A sentence with its numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Insight {
    /// Which kind.
    pub kind: InsightKind,
    /// In English.
    pub sentence: String,
    /// What the sentence says in numbers: name and value.
    pub numbers: Vec<(&'static str, f64)>,
    /// About which values of which dimension, best first: key and label. For links and filters.
    pub about: Vec<(Dimension, Text, Text)>,
}

/// Between two seconds some viewers left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loss {
    /// Last second before, from 0.
    pub from: u32,
    /// First second after.
    pub to: u32,
    /// Distinct viewers of the second before.
    pub before: u64,
    /// Distinct viewers of the second after.
    pub after: u64,
}

/// Rows of a top list: the best, and enough to tell the total.
const PLACES: usize = 3;
/// A loss is looked for over this share of the recording, but over [`LOSS_SECONDS_MIN`] at least.
const LOSS_SHARE: u32 = 50;
/// Five seconds: less is the noise of who clicked when.
const LOSS_SECONDS_MIN: u32 = 5;

impl InsightKind {
    /// All kinds.
    pub const ALL: [InsightKind; 7] = [
        InsightKind::TopDomain,
        InsightKind::TopPlaces,
        InsightKind::TopDevice,
        InsightKind::PeakDay,
        InsightKind::TopRecording,
        InsightKind::SteepestLoss,
        InsightKind::MostRewatched,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            InsightKind::TopDomain => "top_domain",
            InsightKind::TopPlaces => "top_places",
            InsightKind::TopDevice => "top_device",
            InsightKind::PeakDay => "peak_day",
            InsightKind::TopRecording => "top_recording",
            InsightKind::SteepestLoss => "steepest_loss",
            InsightKind::MostRewatched => "most_rewatched",
        }
    }

    /// What it needs to know; nothing where there is no recording to ask about.
    pub fn view(self, entry: Option<&Text>) -> Option<View> {
        let plays = vec![Measure::Plays];
        let top = |by: Dimension| {
            let sort = Sort { measure: Some(Measure::Plays), descending: true };
            Some(View::Table { by: vec![by], measures: plays.clone(), page: Page::all(sort), coverage: false })
        };
        match self {
            InsightKind::TopDomain => top(Dimension::Domain),
            InsightKind::TopPlaces => top(Dimension::Country),
            InsightKind::TopDevice => top(Dimension::Device),
            InsightKind::TopRecording => top(Dimension::Entry),
            InsightKind::PeakDay => Some(View::Series { by: Dimension::Day, measures: plays }),
            InsightKind::SteepestLoss | InsightKind::MostRewatched => {
                entry.map(|entry| View::Heat { entry: entry.clone() })
            }
        }
    }

    /// What there is to say about the answer to its view.
    pub fn tell(self, answer: &Answer) -> Option<Insight> {
        match (self, answer) {
            (InsightKind::TopDomain, Answer::Table { rows, .. }) => self.top(rows, Dimension::Domain, 1),
            (InsightKind::TopPlaces, Answer::Table { rows, .. }) => self.top(rows, Dimension::Country, PLACES),
            (InsightKind::TopDevice, Answer::Table { rows, .. }) => self.top(rows, Dimension::Device, 1),
            (InsightKind::TopRecording, Answer::Table { rows, .. }) => self.top(rows, Dimension::Entry, 1),
            (InsightKind::PeakDay, Answer::Series(points)) => {
                let plays = |values: &[Option<f64>]| values[0].unwrap_or(0.0);
                let total: f64 = points.iter().map(|point| plays(&point.values)).sum();
                // The first of several days with the most.
                let peak = points.iter().rev().max_by(|a, b| plays(&a.values).total_cmp(&plays(&b.values)))?;
                let (most, mean) = (plays(&peak.values), total / points.len() as f64);
                // One play is no busy day.
                (most > 1.0 && points.len() > 1).then(|| Insight {
                    kind: self,
                    sentence: format!(
                        "{} was the busiest day: {}, against {mean:.1} on a day on average.",
                        peak.label,
                        counted(most as u64, "play")
                    ),
                    numbers: vec![("plays", most), ("mean", mean), ("days", points.len() as f64)],
                    about: vec![(Dimension::Day, peak.key.clone(), peak.label.clone())],
                })
            }
            (InsightKind::SteepestLoss, Answer::Heat { viewers, .. }) => {
                let loss = losses(viewers, 1).into_iter().next()?;
                let lost = loss.before - loss.after;
                Some(Insight {
                    kind: self,
                    sentence: format!(
                        "Between {} and {}, {lost} of {} left ({:.0} %).",
                        clock(loss.from),
                        clock(loss.to),
                        counted(loss.before, "viewer"),
                        lost as f64 * 100.0 / loss.before as f64,
                    ),
                    numbers: vec![
                        ("from_second", f64::from(loss.from)),
                        ("to_second", f64::from(loss.to)),
                        ("before", loss.before as f64),
                        ("after", loss.after as f64),
                    ],
                    about: Vec::new(),
                })
            }
            (InsightKind::MostRewatched, Answer::Heat { views, viewers, unknown, .. }) => {
                // Only known viewers: of the others nobody can say whether one saw it again or another for the first time.
                let views = |second: usize| views[second] - unknown[second];
                let viewers = |second: usize| viewers[second] - u64::from(unknown[second] > 0);
                let again = |second: usize| views(second) - viewers(second);
                let second = (0..unknown.len()).rev().max_by_key(|second| again(*second)).filter(|s| again(*s) > 0)?;
                Some(Insight {
                    kind: self,
                    sentence: format!(
                        "{} was seen again most: {} by {}.",
                        clock(second as u32),
                        counted(views(second), "view"),
                        counted(viewers(second), "known viewer")
                    ),
                    numbers: vec![
                        ("second", second as f64),
                        ("views", views(second) as f64),
                        ("viewers", viewers(second) as f64),
                    ],
                    about: Vec::new(),
                })
            }
            _ => None,
        }
    }

    /// The best rows of a table by plays, all rows of which are here. Rows without a value (unknown) count in the total
    /// and are not the best.
    fn top(self, rows: &[TableRow], dimension: Dimension, count: usize) -> Option<Insight> {
        let plays = |row: &TableRow| row.values[0].unwrap_or(0.0) as u64;
        let total: u64 = rows.iter().map(plays).sum();
        let best: Vec<&TableRow> =
            rows.iter().filter(|row| plays(row) > 0 && !row.keys[0].is_empty()).take(count).collect();
        let first = best.first()?;
        let named: Vec<String> = best.iter().map(|row| format!("{} ({})", row.labels[0], plays(row))).collect();
        let share = plays(first) as f64 / total as f64;
        let of = format!("{} of {}", plays(first), counted(total, "play"));
        let sentence = match self {
            InsightKind::TopPlaces if best.len() > 1 => {
                let (last, others) = named.split_last()?;
                format!("Most plays come from {} and {last}, of {}.", others.join(", "), counted(total, "play"))
            }
            InsightKind::TopPlaces => format!("{:.0} % of plays come from {} ({of}).", share * 100.0, first.labels[0]),
            InsightKind::TopDomain => format!("{:.0} % of plays are on {} ({of}).", share * 100.0, first.labels[0]),
            InsightKind::TopDevice => {
                format!("{} is used most: {:.0} % of plays ({of}).", first.labels[0], share * 100.0)
            }
            _ => format!("{} is played most: {:.0} % of plays ({of}).", first.labels[0], share * 100.0),
        };
        Some(Insight {
            kind: self,
            sentence,
            numbers: vec![("plays", plays(first) as f64), ("of", total as f64), ("share", share)],
            about: best.iter().map(|row| (dimension, row.keys[0].clone(), row.labels[0].clone())).collect(),
        })
    }
}

/// The largest losses of viewers of a recording that do not overlap, largest first. `viewers`: distinct viewers of each
/// second.
pub fn losses(viewers: &[u64], count: usize) -> Vec<Loss> {
    let width = (viewers.len() as u32 / LOSS_SHARE).max(LOSS_SECONDS_MIN);
    let at = |from: u32| Loss {
        from,
        to: from + width,
        before: viewers[from as usize],
        after: viewers[(from + width) as usize],
    };
    let lost = |loss: &Loss| loss.before.saturating_sub(loss.after);
    let mut all: Vec<Loss> = (0..(viewers.len() as u32).saturating_sub(width)).map(at).collect();
    all.retain(|loss| lost(loss) > 0);
    all.sort_by_key(|loss| (std::cmp::Reverse(lost(loss)), loss.from));
    let mut found: Vec<Loss> = Vec::new();
    for loss in all {
        if found.len() == count {
            break;
        }
        if found.iter().all(|other| loss.to <= other.from || other.to <= loss.from) {
            found.push(loss);
        }
    }
    found
}

fn counted(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// A place in a recording as people read it: `6:58`, `1:02:03`.
pub fn clock(second: u32) -> String {
    let (hours, minutes, seconds) = (second / 3600, second / 60 % 60, second % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}
