//! What operators watch: counters, gauges and one histogram, in Prometheus' text form at `/metrics`. One table names
//! them; `docs/generated/metrics.md` derives from it. (Elsewhere these would be called measures; here the word is
//! theirs.)

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// How a value behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only grows, from 0 at start.
    Counter,
    /// Goes up and down.
    Gauge,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
        }
    }
}

macro_rules! numbers {
    ($($field:ident: $kind:ident = $name:literal, $help:literal;)+) => {
        /// The values, one atomic each.
        #[derive(Debug, Default)]
        pub struct Metrics {
            $(#[doc = $help] pub $field: AtomicU64,)+
            /// Duration of journal groups, write and sync.
            pub sync: Histogram,
        }
        /// Name, kind and meaning of each.
        pub const NUMBERS: &[(&str, Kind, &str)] = &[$(($name, Kind::$kind, $help)),+];
        impl Metrics {
            fn numbers(&self) -> Vec<u64> {
                vec![$(self.$field.load(Relaxed)),+]
            }
        }
    };
}

numbers! {
    requests: Counter = "playhead_requests_total", "Requests answered.";
    requests_failed: Counter = "playhead_requests_failed_total", "Requests answered with a status of 500 and above.";
    events: Counter = "playhead_events_total", "Events made durable.";
    groups: Counter = "playhead_journal_groups_total", "Groups of events written and synced together.";
    refused: Counter = "playhead_events_refused_total", "Events refused with 503 because the disk is full or has failed.";
    poisoned: Gauge = "playhead_journal_failed", "1 after a failed write or sync: nothing is accepted until a restart.";
    disk_full: Gauge = "playhead_disk_full", "1 while the floor of free space is reached.";
    fold_lag: Gauge = "playhead_fold_lag_events", "Events durable but not yet visible to reports.";
    folded: Counter = "playhead_events_folded_total", "Events folded into view rows.";
    last_event_ms: Gauge = "playhead_last_event_timestamp_ms", "When the last event was received, ms since 1970.";
    sealed: Counter = "playhead_maintenance_steps_total", "Steps of sealing, merging, archiving and removing.";
    rows: Gauge = "playhead_rows", "View rows that count, sealed and not.";
    segments: Gauge = "playhead_segments", "Sealed segments.";
    segment_bytes: Gauge = "playhead_segment_bytes", "Bytes of the sealed segments.";
    broken_segments: Gauge = "playhead_segments_broken", "Segments that could not be read; reports that need them fail.";
    cached_bytes: Gauge = "playhead_cached_bytes", "Bytes of decoded columns kept between reports.";
    reports: Counter = "playhead_reports_total", "Reports reckoned.";
    reports_refused: Counter = "playhead_reports_refused_total", "Reports refused because too many were waiting.";
    kaltura_ignored: Counter = "playhead_kaltura_filters_ignored_total", "Fields of filters of Kaltura's API that nobody knows and that were ignored.";
    kaltura_us: Counter = "playhead_kaltura_microseconds_total", "Microseconds spent on requests of Kaltura's API, without their wait for a turn.";
    kaltura_reports_us: Counter = "playhead_kaltura_reports_microseconds_total", "Of these, in the reports themselves.";
    memory: Gauge = "playhead_memory_bytes", "Resident memory of the process.";
    started_ms: Gauge = "playhead_start_timestamp_ms", "When the process started, ms since 1970.";
}

/// Upper bounds of the histogram's buckets, in microseconds.
const BOUNDS_US: [u64; 10] = [100, 250, 500, 1_000, 2_500, 5_000, 10_000, 50_000, 250_000, 1_000_000];

/// A histogram of durations.
#[derive(Debug, Default)]
pub struct Histogram {
    buckets: [AtomicU64; BOUNDS_US.len() + 1],
    sum_us: AtomicU64,
}

impl Histogram {
    /// Adds a duration.
    pub fn record(&self, duration: std::time::Duration) {
        let us = duration.as_micros().min(u128::from(u64::MAX)) as u64;
        let bucket = BOUNDS_US.iter().position(|bound| us <= *bound).unwrap_or(BOUNDS_US.len());
        self.buckets[bucket].fetch_add(1, Relaxed);
        self.sum_us.fetch_add(us, Relaxed);
    }

    fn render(&self, name: &str, out: &mut String) {
        let mut total = 0;
        for (i, count) in self.buckets.iter().enumerate() {
            total += count.load(Relaxed);
            let bound = BOUNDS_US.get(i).map_or("+Inf".to_owned(), |us| format!("{}", *us as f64 / 1e6));
            let _ = writeln!(out, "{name}_bucket{{le=\"{bound}\"}} {total}");
        }
        let _ = writeln!(out, "{name}_sum {}\n{name}_count {total}", self.sum_us.load(Relaxed) as f64 / 1e6);
    }
}

const SYNC: (&str, &str) = ("playhead_journal_sync_seconds", "Time to write and sync one group of events.");

impl Metrics {
    /// All values in Prometheus' text form, with what collection counts and the bad rows by reason.
    pub fn render(&self, collection: &[Number], bad_rows: &BTreeMap<String, u64>) -> String {
        self.memory.store(resident_bytes(), Relaxed);
        let mut out = String::new();
        for ((name, kind, help), value) in NUMBERS.iter().zip(self.numbers()) {
            let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {}\n{name} {value}", kind.word());
        }
        let _ = writeln!(out, "# HELP {} {}\n# TYPE {} histogram", SYNC.0, SYNC.1, SYNC.0);
        self.sync.render(SYNC.0, &mut out);
        for (name, help, value) in collection {
            let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} counter\n{name} {value}");
        }
        let (name, help) = BAD_ROWS;
        let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} counter");
        for (reason, value) in bad_rows {
            let _ = writeln!(out, "{name}{{reason=\"{reason}\"}} {value}");
        }
        out
    }
}

/// A counter that another part keeps: name, meaning, value.
pub type Number = (&'static str, &'static str, u64);

const BAD_ROWS: (&str, &str) = ("playhead_bad_rows_total", "Rows that could not be understood, by reason.");

/// Resident memory; 0 where the system does not say.
fn resident_bytes() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm")
        .ok()
        .and_then(|line| line.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()));
    pages.unwrap_or(0) * 4096
}

/// The page of the documentation about `/metrics`; `collection` is what collection counts.
pub fn page(collection: &[Number]) -> String {
    let mut out = String::from(
        "# Metrics for operators\n\n`GET /metrics`, in Prometheus' text form.\n\n| Name | Type | Meaning |\n|---|---|---|\n",
    );
    for (name, kind, help) in NUMBERS {
        let _ = writeln!(out, "| `{name}` | {} | {help} |", kind.word());
    }
    let _ = writeln!(out, "| `{}` | histogram | {} |", SYNC.0, SYNC.1);
    for (name, help, _) in collection {
        let _ = writeln!(out, "| `{name}` | counter | {help} |");
    }
    let _ = writeln!(out, "| `{}{{reason}}` | counter | {} |", BAD_ROWS.0, BAD_ROWS.1);
    out
}
