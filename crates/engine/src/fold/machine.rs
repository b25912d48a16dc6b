//! The second layer: steps in run order. Counts, and measures what was watched (`docs/fold.md`, sections 3 to 6).

use super::arrival::{Step, noted};
use super::marks;
use crate::event::{EventKind, Measured, Playback};
use crate::limits::{MEDIA_MS_MAX, SESSION_EVENTS_MAX, WATCH_TOLERANCE_MS, WATCH_TOLERANCE_PERCENT};
use crate::row::{Mark, SumColumn, SumColumn as C};
use crate::time::Quarter;

/// Highest speed believed, in thousandths: what browsers allow.
const SPEED_MILLI_MAX: u32 = 16_000;
/// What the clock lets pass when the speed is not known: players without a word on speed offer up to double.
const SPEED_MILLI_UNKNOWN: u32 = 2_000;
/// A seek whose position is this near its target has reported the target.
const SEEK_NEAR_MS: i64 = 1_000;
/// Milestones teach a length only after this much continuous playback: jumps fire them too.
const FLOW_MS_MIN: i64 = 2_000;
/// [`RunState::bound`] counts in 1/100,000 ms: speed in thousandths times per cent.
const BOUND_UNIT: i128 = 100_000;
const BOUND_START: i128 = WATCH_TOLERANCE_MS as i128 * BOUND_UNIT;

/// What a session did in one quarter and playback type, before it is put among its neighbours.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) key: (i32, u8),
    pub(super) sum: [u64; SumColumn::COUNT],
    pub(super) first_ms: i64,
    pub(super) last_ms: i64,
    /// Media played, `[from, to)` in ms, in the order of playing; neighbours joined.
    pub(super) pieces: Vec<(i64, i64)>,
    /// Watched ms by state of attention, ascending.
    pub(super) attention: Vec<(u8, u64)>,
    pub(super) marks: Vec<Mark>,
    pub(super) reach_ms: i64,
    pub(super) learned: Learned,
}

/// A recording's length as a session lets us learn it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Learned {
    pub(super) percent: u8,
    /// The place where playback ended by itself, not computed from a share.
    pub(super) exact: bool,
    pub(super) duration_ms: u64,
}

impl Learned {
    pub(super) fn better(self, than: Learned) -> bool {
        (self.percent, self.exact) > (than.percent, than.exact)
    }
}

#[derive(Clone, Copy, Debug)]
struct Anchor {
    place: i64,
    t: i64,
}

/// Media that positions claim was played.
#[derive(Clone, Copy, Debug)]
struct Claim {
    from: i64,
    to: i64,
    /// All that was claimed over the wall time, also what of it is credited already.
    length: i64,
    t: i64,
    wall: i64,
    speed: Option<u32>,
    /// The row of the event that made it, where its unproved part is counted.
    row: (i32, u8),
}

/// A stretch that a seek ended we do not know where.
#[derive(Clone, Copy, Debug)]
struct Pending {
    claim: Claim,
    capacity: i64,
}

#[derive(Debug, Default)]
struct RunState {
    t: i64,
    first_t: i64,
    index: u32,
    playing: bool,
    speed: Option<u32>,
    anchor: Option<Anchor>,
    gap: bool,
    play_time: u64,
    play_time_t: Option<i64>,
    buffer_sum: u64,
    bound: i128,
    credited: i64,
    open: Vec<Claim>,
    pending: Vec<Pending>,
    /// Watched portions since the last VIEW, whose attention is not known yet.
    unattended: Vec<((i32, u8), u64)>,
    flow: i64,
    /// Position of a teaching 100 % milestone, until the next position.
    end_from: Option<i64>,
}

/// The rows of a session so far, and where its run stands.
#[derive(Debug, Default)]
pub(super) struct Machine {
    run_number: Option<u32>,
    run: RunState,
    /// By key.
    pub(super) rows: Vec<Row>,
}

impl Machine {
    /// Takes the next event in run order. `bases`: of each run, the index its count begins above.
    pub(super) fn step(&mut self, step: &Step, bases: &[u32]) {
        if self.run_number != Some(step.run) {
            self.run_number = Some(step.run);
            self.run = RunState {
                t: step.at_ms,
                first_t: step.at_ms,
                index: bases[step.run as usize],
                bound: BOUND_START,
                ..RunState::default()
            };
        }
        let key = (Quarter::of(step.at_ms).0, step.playback as u8);
        self.run.t = self.run.t.max(step.at_ms);
        self.count(step, key);
        let rise = self.rise(step, key);
        if step.playback.has_axis() {
            self.watch(step, key, rise);
        } else {
            self.watch_live(key, rise);
        }
        if rise.is_some() {
            self.run.play_time_t = Some(self.run.t);
        }
        if step.kind == EventKind::VIEW {
            self.attend(step);
        }
        match step.kind {
            EventKind::PLAY | EventKind::RESUME | EventKind::REPLAY | EventKind::VIEW => self.run.playing = true,
            EventKind::PAUSE | EventKind::ERROR => self.run.playing = false,
            _ => {}
        }
        self.run.speed = step.speed.filter(|speed| (1..=SPEED_MILLI_MAX).contains(speed)).or(self.run.speed);
    }

    fn row(&mut self, key: (i32, u8)) -> &mut Row {
        let at = match self.rows.last() {
            Some(last) if last.key == key => self.rows.len() - 1,
            _ => match self.rows.binary_search_by_key(&key, |row| row.key) {
                Ok(at) => at,
                Err(at) => {
                    self.rows.insert(at, Row::new(key));
                    at
                }
            },
        };
        &mut self.rows[at]
    }

    fn count(&mut self, step: &Step, key: (i32, u8)) {
        let mut missing = 0;
        if let Some(index) = step.index {
            missing = u64::from(index.saturating_sub(self.run.index).saturating_sub(1)).min(SESSION_EVENTS_MAX as u64);
            self.run.index = self.run.index.max(index);
            self.run.gap |= missing > 0;
        }
        let buffered = self.buffered(step);
        let row = self.row(key);
        row.extend(step.at_ms, step.at_ms);
        row.add(C::Events, 1);
        row.add(column(step.kind), 1);
        row.add(C::Missing, missing);
        row.add(C::BufferMs, buffered);
        for (bit, column) in [
            (noted::REORDERED, C::Reordered),
            (noted::LATE, C::Late),
            (noted::UNSIGNED, C::IdentityUnsigned),
            (noted::INVALID, C::IdentityInvalid),
            (noted::OTHER, C::IdentityOther),
        ] {
            row.add(column, u64::from(step.noted & bit != 0));
        }
        if let Some(measured) = &step.measured {
            row.measure(step.kind, measured);
        }
        if column(step.kind) == C::Others {
            marks::count(&mut row.marks, step.kind, "", "");
        }
        if let (EventKind::SPEED, Some(milli)) = (step.kind, step.speed) {
            marks::count(&mut row.marks, step.kind, "playbackSpeed", &marks::speed(milli));
        }
        for (name, value) in &step.vars {
            marks::count(&mut row.marks, step.kind, name, value);
        }
    }

    fn buffered(&mut self, step: &Step) -> u64 {
        let Some(measured) = &step.measured else { return 0 };
        match (measured.buffer_sum_ms, measured.buffer_ms) {
            (Some(sum), _) => {
                let rise = sum.saturating_sub(self.run.buffer_sum);
                if rise > MEDIA_MS_MAX as u64 {
                    return 0;
                }
                self.run.buffer_sum += rise;
                rise
            }
            (None, Some(ms)) if step.kind == EventKind::VIEW => u64::from(ms),
            _ => 0,
        }
    }

    /// The rise of play time, if the event carries one.
    fn rise(&mut self, step: &Step, key: (i32, u8)) -> Option<i64> {
        let rise = step.play_time?.saturating_sub(self.run.play_time);
        if rise > MEDIA_MS_MAX as u64 {
            return None;
        }
        self.run.play_time += rise;
        self.row(key).add(C::HeartbeatMs, rise);
        Some(rise as i64)
    }

    fn watch_live(&mut self, key: (i32, u8), rise: Option<i64>) {
        self.run.anchor = None;
        self.run.open.clear();
        self.run.pending.clear();
        self.run.credited = 0;
        let Some(rise) = rise.filter(|&rise| rise > 0) else { return };
        let before = self.run.play_time_t.unwrap_or(self.run.first_t);
        let from = before.max(self.run.t.saturating_sub(rise));
        self.portions(None, rise, rise, (from, self.run.t), key.1);
    }

    fn watch(&mut self, step: &Step, key: (i32, u8), rise: Option<i64>) {
        let on_axis = |ms: &i64| (0..=MEDIA_MS_MAX).contains(ms);
        let position = step.position.filter(on_axis);
        let is_seek = step.kind == EventKind::SEEK;
        let (playing, speed, t) = (self.run.playing, self.run.speed, self.run.t);
        let wall = self.run.anchor.map_or(0, |anchor| t.saturating_sub(anchor.t));
        if playing && (position.is_some() || is_seek) {
            let speed = speed.unwrap_or(SPEED_MILLI_UNKNOWN);
            self.run.bound += i128::from(wall) * i128::from(speed) * i128::from(100 + WATCH_TOLERANCE_PERCENT);
        }
        let claim_to = |to: i64, anchor: Anchor| {
            let (from, t) = (anchor.place, anchor.t);
            Claim { from, to, length: to - from, t, wall, speed, row: key }
        };
        let adjacent = playing && !self.run.gap;
        let next = if is_seek {
            let target = step.target.filter(on_axis);
            if let (true, Some(anchor)) = (playing, self.run.anchor) {
                let source = position.filter(|&p| {
                    target.is_some_and(|target| (p - target).abs() > SEEK_NEAR_MS)
                        && (0..=self.bound_ms()).contains(&(p - anchor.place))
                });
                match source {
                    Some(p) if p > anchor.place => self.claim(claim_to(p, anchor), adjacent),
                    Some(_) => {}
                    None if adjacent => {
                        let played = wall.saturating_mul(i64::from(speed.unwrap_or(SPEED_MILLI_UNKNOWN))) / 1000;
                        let capacity = played.min(MEDIA_MS_MAX - anchor.place);
                        self.run.pending.push(Pending { claim: claim_to(anchor.place, anchor), capacity });
                    }
                    None => {}
                }
            }
            if let Some(rise) = rise {
                self.settle(None, false, rise);
            }
            self.run.flow = 0;
            self.run.end_from = None;
            self.run.anchor = None;
            target.or(position)
        } else {
            let claim = match (self.run.anchor, position) {
                (Some(anchor), Some(p)) if p > anchor.place && (playing || rise.is_some_and(|rise| rise > 0)) => {
                    Some(claim_to(p, anchor))
                }
                _ => None,
            };
            match (rise, claim) {
                (Some(rise), claim) => self.settle(claim, adjacent, rise),
                (None, Some(claim)) => self.claim(claim, adjacent),
                (None, None) => {}
            }
            if let Some(p) = position {
                self.place(step.kind, key, p);
            }
            position
        };
        if let Some(place) = next {
            self.run.anchor = Some(Anchor { place, t });
            self.run.gap = false;
        }
    }

    /// A claim at an event without play time: the clock alone decides for now.
    fn claim(&mut self, claim: Claim, adjacent: bool) {
        let length = claim.to - claim.from;
        let proved = if adjacent { length.min(self.bound_ms()) } else { 0 };
        self.credit(&claim, claim.from, proved);
        self.run.bound -= i128::from(proved) * BOUND_UNIT;
        self.flow(adjacent, length, proved);
        if proved < length {
            self.row(claim.row).add(C::UnprovedMs, (length - proved) as u64);
            self.run.open.push(Claim { from: claim.from + proved, ..claim });
        }
    }

    /// An event with a play time: its rise says how much was played since the one before.
    fn settle(&mut self, claim: Option<Claim>, adjacent: bool, rise: i64) {
        let window = (rise - self.run.credited).max(0);
        let length = claim.map_or(0, |claim| claim.to - claim.from);
        let claimed = length + self.run.open.iter().map(|claim| claim.to - claim.from).sum::<i64>();
        let capacity = self.run.pending.iter().map(|pending| pending.capacity).sum::<i64>();
        let tolerance = WATCH_TOLERANCE_MS + rise * WATCH_TOLERANCE_PERCENT / 100;
        let matches = claimed > 0 && claimed <= window + tolerance && claimed + capacity + tolerance >= window;
        let mut left;
        if matches {
            for open in std::mem::take(&mut self.run.open) {
                let length = open.to - open.from;
                self.row(open.row).sum[C::UnprovedMs as usize] -= length as u64;
                self.credit(&open, open.from, length);
            }
            if let Some(claim) = claim {
                self.credit(&claim, claim.from, length);
                self.flow(adjacent, length, length);
            }
            left = (window - claimed).max(0);
            self.run.bound = BOUND_START;
        } else {
            let proved = if adjacent { length.min(self.bound_ms()).min(window) } else { 0 };
            if let Some(claim) = claim {
                self.credit(&claim, claim.from, proved);
                self.row(claim.row).add(C::UnprovedMs, (length - proved) as u64);
                self.run.bound -= i128::from(proved) * BOUND_UNIT;
                self.flow(adjacent, length, proved);
            }
            left = window - proved;
        }
        for Pending { claim, capacity } in std::mem::take(&mut self.run.pending) {
            let played = left.min(capacity);
            left -= played;
            self.credit(&Claim { length: played, ..claim }, claim.from, played);
        }
        self.run.open.clear();
        self.run.credited = 0;
    }

    fn bound_ms(&self) -> i64 {
        i64::try_from(self.run.bound / BOUND_UNIT).unwrap_or(i64::MAX)
    }

    fn flow(&mut self, adjacent: bool, length: i64, proved: i64) {
        self.run.flow = if adjacent && proved == length { self.run.flow + length } else { 0 };
    }

    /// Counts `amount` ms of media from a place as watched, over its share of the claim's wall time.
    fn credit(&mut self, claim: &Claim, from: i64, amount: i64) {
        if amount <= 0 {
            return;
        }
        self.run.credited += amount;
        let clock = match claim.speed {
            Some(speed) => amount * 1000 / i64::from(speed),
            None => {
                let shared = i128::from(claim.wall) * i128::from(amount) / i128::from(claim.length);
                i64::try_from(shared).unwrap_or(i64::MAX).clamp(amount / 2, amount * 4)
            }
        };
        let until = claim.t.saturating_add(claim.wall.min(clock));
        self.portions(Some(from), amount, clock, (claim.t, until), claim.row.1);
    }

    /// Spreads watched time over the quarters of a wall interval. `place`: where on the axis it began.
    fn portions(&mut self, place: Option<i64>, media: i64, clock: i64, (from, until): (i64, i64), playback: u8) {
        let span = i128::from(until - from);
        let share = |whole: i64, x: i64| (i128::from(whole) * i128::from(x - from) / span) as i64;
        let (mut x, mut media_done, mut clock_done) = (from, 0, 0);
        loop {
            let quarter = Quarter::of(x);
            let last = until <= quarter.end_ms();
            let to = if last { until } else { quarter.end_ms() };
            let (media_to, clock_to) = if last { (media, clock) } else { (share(media, to), share(clock, to)) };
            if media_to > media_done || clock_to > clock_done {
                let watched = (media_to - media_done) as u64;
                let key = (quarter.0, playback);
                let row = self.row(key);
                row.extend(x, to.min(quarter.end_ms() - 1));
                row.add(C::WatchedMs, watched);
                row.add(C::ClockMs, (clock_to - clock_done) as u64);
                row.attend(0, watched);
                if let Some(place) = place {
                    row.cover(place + media_done, place + media_to);
                }
                match self.run.unattended.last_mut() {
                    Some((last, ms)) if *last == key => *ms += watched,
                    _ => self.run.unattended.push((key, watched)),
                }
            }
            if last {
                return;
            }
            (x, media_done, clock_done) = (to, media_to, clock_to);
        }
    }

    /// What a position, reached without a seek, says of the recording.
    fn place(&mut self, kind: EventKind, key: (i32, u8), p: i64) {
        let percent = milestone(kind);
        if percent > 0 || matches!(kind, EventKind::PLAY | EventKind::RESUME | EventKind::VIEW | EventKind::PAUSE) {
            let row = self.row(key);
            row.reach_ms = row.reach_ms.max(p);
        }
        let end_from = self.run.end_from.take();
        let mut learned = Learned::default();
        if percent > 0 && p > 0 && self.run.flow >= FLOW_MS_MIN {
            learned = Learned { percent, exact: false, duration_ms: p as u64 * 200 / (2 * u64::from(percent) - 1) };
            self.run.end_from = Some(p).filter(|_| percent == 100);
        } else if kind == EventKind::PAUSE && end_from.is_some_and(|from| p >= from) {
            learned = Learned { percent: 100, exact: true, duration_ms: p as u64 };
        }
        let row = self.row(key);
        if learned.better(row.learned) {
            row.learned = learned;
        }
    }

    /// A heartbeat's modes hold for what was watched since the one before.
    fn attend(&mut self, step: &Step) {
        let unattended = std::mem::take(&mut self.run.unattended);
        let state = step.measured.as_ref().map_or(0, |m| {
            let mode = |mode: u8| if mode > 2 { 0 } else { mode };
            mode(m.sound) + 3 * mode(m.tab) + 9 * mode(m.view) + 27 * mode(m.screen)
        });
        if state > 0 {
            for (key, ms) in unattended {
                let row = self.row(key);
                row.attention[0].1 -= ms;
                row.attend(state, ms);
            }
        }
    }
}

impl Row {
    fn new(key: (i32, u8)) -> Row {
        Row {
            key,
            sum: [0; SumColumn::COUNT],
            first_ms: i64::MAX,
            last_ms: i64::MIN,
            pieces: Vec::new(),
            attention: vec![(0, 0)],
            marks: Vec::new(),
            reach_ms: 0,
            learned: Learned::default(),
        }
    }

    fn add(&mut self, column: SumColumn, n: u64) {
        let sum = &mut self.sum[column as usize];
        *sum = sum.saturating_add(n);
    }

    fn extend(&mut self, from: i64, to: i64) {
        self.first_ms = self.first_ms.min(from);
        self.last_ms = self.last_ms.max(to);
    }

    fn attend(&mut self, state: u8, ms: u64) {
        match self.attention.binary_search_by_key(&state, |&(state, _)| state) {
            Ok(at) => self.attention[at].1 += ms,
            Err(at) => self.attention.insert(at, (state, ms)),
        }
    }

    fn cover(&mut self, from: i64, to: i64) {
        if from == to {
            return;
        }
        match self.pieces.last_mut() {
            Some(last) if last.1 == from => last.1 = to,
            _ => self.pieces.push((from, to)),
        }
    }

    fn measure(&mut self, kind: EventKind, measured: &Measured) {
        let mut sample = |sum: SumColumn, count: SumColumn, value: Option<u64>| {
            if let Some(value) = value {
                self.add(sum, value);
                self.add(count, 1);
            }
        };
        sample(C::JoinMs, C::Joins, measured.join_ms.map(u64::from));
        sample(C::CanPlayMs, C::CanPlays, measured.can_play_ms.map(u64::from));
        sample(C::LoadMs, C::Loads, measured.load_ms.map(u64::from));
        if kind == EventKind::VIEW {
            sample(C::BitrateBps, C::Bitrates, measured.bitrate_bps);
            sample(C::BandwidthBps, C::Bandwidths, measured.bandwidth_bps);
            sample(C::DroppedPpm, C::Droppeds, measured.dropped_ppm.map(u64::from));
            sample(C::SegmentMs, C::SegmentTimes, measured.segment_ms.map(u64::from));
            sample(C::ManifestMs, C::ManifestTimes, measured.manifest_ms.map(u64::from));
        }
    }
}

/// The share of a milestone, in per cent; 0 for other events.
fn milestone(kind: EventKind) -> u8 {
    match kind {
        EventKind::REACHED_25 => 25,
        EventKind::REACHED_50 => 50,
        EventKind::REACHED_75 => 75,
        EventKind::REACHED_90 => 90,
        EventKind::REACHED_100 => 100,
        _ => 0,
    }
}

/// The column that counts a type of event.
pub(super) fn column(kind: EventKind) -> SumColumn {
    match kind {
        EventKind::IMPRESSION => C::Impressions,
        EventKind::PLAY_REQUEST => C::PlayRequests,
        EventKind::PLAY => C::Plays,
        EventKind::RESUME => C::Resumes,
        EventKind::REACHED_25 => C::Reached25,
        EventKind::REACHED_50 => C::Reached50,
        EventKind::REACHED_75 => C::Reached75,
        EventKind::REACHED_90 => C::Reached90,
        EventKind::REACHED_100 => C::Reached100,
        EventKind::PAUSE => C::Pauses,
        EventKind::REPLAY => C::Replays,
        EventKind::SEEK => C::Seeks,
        EventKind::SHARE_OPENED => C::SharesOpened,
        EventKind::SHARED => C::Shares,
        EventKind::DOWNLOAD => C::Downloads,
        EventKind::REPORT_OPENED => C::ReportsOpened,
        EventKind::REPORT_SUBMITTED => C::ReportsSubmitted,
        EventKind::FULLSCREEN_ON => C::FullscreenOn,
        EventKind::FULLSCREEN_OFF => C::FullscreenOff,
        EventKind::RELATED_OPENED => C::RelatedOpened,
        EventKind::RELATED_SELECTED => C::RelatedSelected,
        EventKind::CAPTIONS => C::Captions,
        EventKind::SOURCE_SELECTED => C::SourcesSelected,
        EventKind::INFO => C::Infos,
        EventKind::SPEED => C::Speeds,
        EventKind::AUDIO_SELECTED => C::AudiosSelected,
        EventKind::FLAVOR_SWITCH => C::FlavorSwitches,
        EventKind::BUFFER_START => C::BufferStarts,
        EventKind::BUFFER_END => C::BufferEnds,
        EventKind::ERROR => C::Errors,
        EventKind::VIEW => C::Heartbeats,
        EventKind::MANIFEST => C::Manifests,
        EventKind::BUTTON => C::Buttons,
        EventKind::PAGE => C::Pages,
        EventKind::API_CALL => C::ApiCalls,
        EventKind::QUIZ_SUBMITTED => C::Quizzes,
        _ => C::Others,
    }
}

/// Playback types by code.
pub(super) fn playback(code: u8) -> Playback {
    Playback::ALL[usize::from(code)]
}

/// The row of an event left out.
pub(super) fn empty_row(key: (i32, u8)) -> Row {
    Row::new(key)
}
