//! Every bound of the engine, and why it has that value.

/// Length of a bucket, in milliseconds. Every time zone on earth is a whole number of quarters from UTC, so days, weeks
/// and months are exact in all of them when rows never cross a quarter of an hour.
pub const QUARTER_MS: i64 = 15 * 60 * 1000;

/// A session without an event for this long, on its stream's own time line, is closed: its fold state is dropped and
/// its rows may be sealed. A later event reopens it from the journal. Two hours outlast a lecture's pause for lunch and
/// hold at most a few thousand sessions on a busy campus (4,000 people, one in three active: a few megabytes).
pub const SESSION_IDLE_MS: i64 = 2 * 60 * 60 * 1000;

/// Only after this long without playback (or after an error) may a fall of index or play time open a new run; any other
/// fall is reordering. Real players reset on the 31st second of a pause.
pub const RUN_PAUSE_MS: i64 = 30 * 1000;

/// Watched time a run may claim beyond its wall time times speed: a fixed part for clock and network jitter.
pub const WATCH_TOLERANCE_MS: i64 = 2_000;
/// And a share of it, in per cent.
pub const WATCH_TOLERANCE_PERCENT: i64 = 5;

/// Events one session may hold in memory: 24 hours of heartbeats are 8,640; ten times that is abuse. Further events are
/// counted (`suspect`), not folded.
pub const SESSION_EVENTS_MAX: usize = 100_000;

/// Days an event may be late and still be folded exactly; also how long the journal is kept. Rulings 10.
pub const HORIZON_DAYS: i64 = 90;

/// Largest journal record payload. A batch of 200 events of 64 KiB in all fits many times over.
pub const RECORD_BYTES_MAX: usize = 1 << 20;

/// Longest text of one dimension value, in bytes; longer ones are cut at a character boundary.
pub const TEXT_BYTES_MAX: usize = 512;

/// Entries that events alone may create in an account before further ones need the catalog. A university has some
/// 100,000 recordings; ten times that keeps a scanner from filling the catalog.
pub const UNCONFIRMED_ENTRIES_MAX: u64 = 1_000_000;
/// The same for people.
pub const UNCONFIRMED_PEOPLE_MAX: u64 = 1_000_000;
/// Distinct domains an account may have before further ones are shown as `other`.
pub const DOMAINS_MAX: usize = 20_000;
/// Distinct pages an account may have before further ones are shown as `other`.
pub const PAGES_MAX: usize = 500_000;

/// Longest recording the fold accepts a position in: 48 hours. Positions beyond it are not covered.
pub const MEDIA_MS_MAX: i64 = 48 * 60 * 60 * 1000;

/// Dimensions one table may be grouped by: domains, pages and recordings are three.
pub const GROUPS_BY_MAX: usize = 3;

/// Quarters a period may have: a hundred years, and a day for the clocks. The slot of each is a number of four bytes, so
/// the longest question takes 14 MB.
pub const RANGE_QUARTERS_MAX: i64 = 36_526 * 24 * 4;

/// Buckets a time series may have: a year of quarters is 35,136.
pub const SERIES_BUCKETS_MAX: usize = 40_000;
