//! `docs/fold.md`, read a second time: media are arrays with a place for each millisecond, and nothing is incremental.

use engine::event::{AccountId, Event, EventKind, Facts, PersonKey, Playback, Proof, Text};
use engine::limits::{
    HORIZON_DAYS, MEDIA_MS_MAX, QUARTER_MS, RUN_PAUSE_MS, SESSION_EVENTS_MAX, WATCH_TOLERANCE_MS,
    WATCH_TOLERANCE_PERCENT,
};
use engine::row::SumColumn;
use std::collections::{BTreeMap, BTreeSet};

/// Section 1: what a session is. The number is (stream, seq) of an event without session text.
pub type SessionId = (AccountId, Text, Text, Text, Option<(u32, u64)>);

/// What a session did within a quarter, in one way of playing.
#[derive(Clone, Debug, Default)]
pub struct Row {
    pub session: Option<SessionId>,
    pub account: AccountId,
    pub entry: Text,
    pub suspect: Text,
    pub quarter: i64,
    pub playback: Playback,
    pub person: PersonKey,
    pub proof: Proof,
    pub staff: bool,
    pub bot: bool,
    pub first_ms: i64,
    pub last_ms: i64,
    pub facts: Facts,
    pub sums: BTreeMap<SumColumn, u64>,
    /// Views of each second.
    pub coverage: BTreeMap<u32, u32>,
    /// Seconds viewed for the first time.
    pub fresh: BTreeSet<u32>,
    pub attention: BTreeMap<u8, u64>,
    pub marks: BTreeMap<(u32, String, String), u32>,
}

impl Row {
    pub fn get(&self, column: SumColumn) -> u64 {
        self.sums.get(&column).copied().unwrap_or(0)
    }
}

/// All rows of a journal.
pub fn rows(journal: &[(u64, Event)]) -> Vec<Row> {
    let mut sessions: BTreeMap<SessionId, Vec<&(u64, Event)>> = BTreeMap::new();
    for event in journal {
        let (seq, e) = event;
        let place = e.session.is_empty().then_some((e.stream, *seq));
        let id = (e.account, e.entry.clone(), e.session.clone(), e.suspect.clone(), place);
        sessions.entry(id).or_default().push(event);
    }
    sessions.into_iter().flat_map(|(id, events)| session(id, &events)).collect()
}

/// An event that was folded.
struct Folded<'e> {
    event: &'e Event,
    seq: u64,
    /// Its place in its run.
    place: u32,
}

struct Run<'e> {
    events: Vec<Folded<'e>>,
    /// Where the counting of missing indexes starts.
    index_before: u32,
}

/// A stretch of playback, whole: `media` ms from the place `from`, over the wall time from `wall`.
#[derive(Clone, Copy)]
struct Claim {
    from: i64,
    media: i64,
    /// Length of the claim as it was made: what the wall time belongs to.
    whole: i64,
    wall: i64,
    wall_ms: i64,
    speed: Option<i64>,
    playback: Playback,
    /// Row of the event that made it.
    row: Key,
}

type Key = (i64, Playback);

/// A part of a stretch that lies in one quarter.
struct Portion {
    key: Key,
    from: i64,
    media: i64,
    clock: i64,
    /// First and last instant.
    wall: (i64, i64),
}

#[derive(Default)]
struct Session {
    rows: BTreeMap<Key, Row>,
    /// Pieces covered, by row: from, to (ms).
    pieces: BTreeMap<Key, Vec<(i64, i64)>>,
    /// Rows that have something else than what was left out.
    solid: BTreeSet<Key>,
    /// Furthest position, by row.
    reach: BTreeMap<Key, i64>,
    /// What was learned, by row, in order: (rank, per cent, ms). Rank 101 is exact.
    lessons: BTreeMap<Key, Vec<(u64, u64, i64)>>,
}

fn quarter(at_ms: i64) -> i64 {
    at_ms.div_euclid(QUARTER_MS)
}

fn key(event: &Event) -> Key {
    (quarter(event.at_ms), event.playback)
}

impl Session {
    fn row(&mut self, key: Key) -> &mut Row {
        self.rows.entry(key).or_default()
    }
    fn add(&mut self, key: Key, column: SumColumn, n: u64) {
        if n > 0 {
            *self.row(key).sums.entry(column).or_default() += n;
        }
    }
    /// An instant of something that makes a row.
    fn solid_at(&mut self, key: Key, first: i64, last: i64) {
        let new = self.solid.insert(key);
        let row = self.row(key);
        if new {
            (row.first_ms, row.last_ms) = (first, last);
        }
        row.first_ms = row.first_ms.min(first);
        row.last_ms = row.last_ms.max(last);
    }
    fn left_out(&mut self, event: &Event, column: SumColumn) {
        let key = key(event);
        let is_new = !self.rows.contains_key(&key);
        self.add(key, column, 1);
        if self.solid.contains(&key) {
            return;
        }
        let row = self.row(key);
        if is_new {
            (row.first_ms, row.last_ms) = (event.at_ms, event.at_ms);
        }
        row.first_ms = row.first_ms.min(event.at_ms);
        row.last_ms = row.last_ms.max(event.at_ms);
    }
}

fn highest_index(run: &Run<'_>) -> Option<u32> {
    run.events.iter().filter_map(|f| f.event.index).max()
}

fn highest_play_time(run: &Run<'_>) -> Option<u64> {
    run.events.iter().filter_map(|f| f.event.play_time_ms).max()
}

/// One session.
fn session(id: SessionId, events: &[&(u64, Event)]) -> Vec<Row> {
    let mut s = Session::default();
    // Section 2.
    let mut runs: Vec<Run<'_>> = Vec::new();
    let mut folded = 0;
    let mut ids = BTreeSet::new();
    let mut winner = (PersonKey::UNKNOWN, Proof::None);
    let (mut staff, mut bot, mut duration) = (false, false, None);
    let mut facts = Facts::default();
    for (seq, e) in events.iter().copied() {
        if folded >= SESSION_EVENTS_MAX {
            s.left_out(e, SumColumn::Overflow);
            continue;
        }
        let repeated_id = e.event_id.as_ref().is_some_and(|id| !ids.insert(id));
        let same_place = |f: &Folded<'_>| {
            e.index.is_some()
                && f.event.index == e.index
                && f.event.kind == e.kind
                && f.event.position_ms == e.position_ms
        };
        if repeated_id || runs.last().is_some_and(|run| run.events.iter().any(same_place)) {
            s.left_out(e, SumColumn::Duplicates);
            continue;
        }
        folded += 1;
        let at = key(e);
        s.solid_at(at, e.at_ms, e.at_ms);
        if let Some(run) = runs.last() {
            let low = |new: Option<u64>, high: Option<u64>, or_equal: bool| match (new, high) {
                (Some(new), Some(high)) => new < high || (or_equal && new == high),
                _ => false,
            };
            let index_falls = low(e.index.map(u64::from), highest_index(run).map(u64::from), true);
            let falls = index_falls || low(e.play_time_ms, highest_play_time(run), false);
            let played =
                |f: &&Folded<'_>| matches!(f.event.kind, EventKind::PLAY | EventKind::RESUME | EventKind::VIEW);
            let since = run.events.iter().filter(played).map(|f| f.event.at_ms).max();
            let since = since.unwrap_or(run.events[0].event.at_ms);
            let after_error = run.events[run.events.len() - 1].event.kind == EventKind::ERROR;
            if falls && (after_error || e.at_ms - since >= RUN_PAUSE_MS) {
                let index_before = if index_falls { 0 } else { highest_index(run).unwrap_or(0) };
                let index_before = if e.index.is_some() { index_before } else { 0 };
                runs.push(Run { events: Vec::new(), index_before });
            } else if falls {
                s.add(at, SumColumn::Reordered, 1);
            }
        } else {
            runs.push(Run { events: Vec::new(), index_before: 0 });
        }
        let run = runs.last_mut().unwrap();
        let place = e.index.unwrap_or_else(|| highest_index(run).unwrap_or(0));
        run.events.push(Folded { event: e, seq: *seq, place });

        // Session facts.
        first_known(&mut facts, &e.facts);
        let who = e.who;
        let mut refused = false;
        if who.person != PersonKey::UNKNOWN {
            let wins = matches!(
                (who.proof, winner.1),
                (Proof::Verified, Proof::None | Proof::Claimed) | (Proof::Claimed, Proof::None)
            );
            if wins {
                winner = (who.person, who.proof);
            } else if who.person != winner.0 {
                refused = true;
                s.add(at, SumColumn::IdentityOther, 1);
            }
        }
        staff |= who.staff && !refused;
        bot |= e.bot;
        duration = e.duration_ms.filter(|ms| *ms > 0).or(duration);
        match who.refusal {
            engine::event::IdentityRefusal::No => {}
            engine::event::IdentityRefusal::Unsigned => s.add(at, SumColumn::IdentityUnsigned, 1),
            engine::event::IdentityRefusal::Invalid => s.add(at, SumColumn::IdentityInvalid, 1),
        }
        if e.stream == 0 && e.received_ms - e.at_ms > HORIZON_DAYS * 86_400_000 {
            s.add(at, SumColumn::Late, 1);
        }
    }
    for run in &mut runs {
        run.events.sort_by_key(|f| (f.place, f.seq));
        count(&mut s, run);
        watch(&mut s, run);
    }
    finish(&mut s, duration);
    let made = s.rows.into_iter().map(|((quarter, playback), row)| Row {
        session: Some(id.clone()),
        account: id.0,
        entry: id.1.clone(),
        suspect: id.3.clone(),
        quarter,
        playback,
        person: winner.0,
        proof: winner.1,
        staff,
        bot,
        facts: facts.clone(),
        ..row
    });
    made.collect()
}

fn first_known(facts: &mut Facts, new: &Facts) {
    macro_rules! fields { ($($field:ident)+) => { $(if facts.$field.is_empty() { facts.$field = new.$field.clone(); })+ }; }
    fields! {
        country region city place_source device os os_version browser browser_version domain page application
        application_version kaltura_application kaltura_application_version context proved_context playlist ui_conf
        player_version client_tag delivery custom_var_1 custom_var_2 custom_var_3 root_entry node virtual_event
        persistent_session
    }
}

fn column_of(kind: EventKind) -> SumColumn {
    use SumColumn as C;
    match kind.0 {
        1 => C::Impressions,
        2 => C::PlayRequests,
        3 => C::Plays,
        4 => C::Resumes,
        11 => C::Reached25,
        12 => C::Reached50,
        13 => C::Reached75,
        14 => C::Reached100,
        15 => C::Reached90,
        21 => C::SharesOpened,
        22 => C::Shares,
        23 => C::Downloads,
        24 => C::ReportsOpened,
        25 => C::ReportsSubmitted,
        31 => C::FullscreenOn,
        32 => C::FullscreenOff,
        33 => C::Pauses,
        34 => C::Replays,
        35 => C::Seeks,
        36 => C::RelatedOpened,
        37 => C::RelatedSelected,
        38 => C::Captions,
        39 => C::SourcesSelected,
        40 => C::Infos,
        41 => C::Speeds,
        42 => C::AudiosSelected,
        43 => C::FlavorSwitches,
        45 => C::BufferStarts,
        46 => C::BufferEnds,
        98 => C::Errors,
        99 => C::Heartbeats,
        100 => C::Manifests,
        10002 => C::Buttons,
        10003 => C::Pages,
        10005 => C::ApiCalls,
        30001 => C::Quizzes,
        _ => C::Others,
    }
}

/// Sections 3, 4 and 8.
fn count(s: &mut Session, run: &Run<'_>) {
    use SumColumn as C;
    let (mut index, mut buffer, mut play_time) = (run.index_before, 0, 0);
    for f in &run.events {
        let (e, at) = (f.event, key(f.event));
        s.add(at, C::Events, 1);
        s.add(at, column_of(e.kind), 1);
        if let Some(now) = e.index {
            s.add(
                at,
                C::Missing,
                u64::from(now.saturating_sub(index).saturating_sub(1)).min(SESSION_EVENTS_MAX as u64),
            );
            index = index.max(now);
        }
        let m = &e.measured;
        match (m.buffer_sum_ms, m.buffer_ms) {
            (Some(sum), _) => {
                s.add(at, C::BufferMs, sum.saturating_sub(buffer));
                buffer = buffer.max(sum);
            }
            (None, Some(ms)) if e.kind == EventKind::VIEW => s.add(at, C::BufferMs, u64::from(ms)),
            _ => {}
        }
        let mut mean = |value: Option<u64>, sum, n| {
            if let Some(value) = value {
                s.add(at, sum, value);
                s.add(at, n, 1);
            }
        };
        mean(m.join_ms.map(u64::from), C::JoinMs, C::Joins);
        mean(m.can_play_ms.map(u64::from), C::CanPlayMs, C::CanPlays);
        mean(m.load_ms.map(u64::from), C::LoadMs, C::Loads);
        if e.kind == EventKind::VIEW {
            mean(m.bitrate_bps, C::BitrateBps, C::Bitrates);
            mean(m.bandwidth_bps, C::BandwidthBps, C::Bandwidths);
            mean(m.dropped_ppm.map(u64::from), C::DroppedPpm, C::Droppeds);
            mean(m.segment_ms.map(u64::from), C::SegmentMs, C::SegmentTimes);
            mean(m.manifest_ms.map(u64::from), C::ManifestMs, C::ManifestTimes);
        }
        if let Some(sum) = e.play_time_ms
            && sum > play_time
        {
            s.add(at, C::HeartbeatMs, sum - play_time);
            play_time = sum;
        }
        for (name, value) in &e.vars {
            let skipped = engine::fold::marks::SKIPPED.contains(&&**name);
            let short = engine::fold::marks::ON_VIEW.contains(&&**name);
            let kept = match e.kind {
                EventKind::VIEW => short,
                EventKind::CAPTIONS => !skipped,
                _ => !skipped && **name != *"caption",
            };
            if kept {
                mark(s, at, e.kind.0, name, value);
            }
        }
        if let (EventKind::SPEED, Some(speed)) = (e.kind, e.speed_milli) {
            mark(s, at, e.kind.0, "playbackSpeed", &format!("{}", f64::from(speed) / 1000.0));
        }
        if column_of(e.kind) == C::Others {
            mark(s, at, e.kind.0, "", "");
        }
    }
}

fn mark(s: &mut Session, at: Key, kind: u32, name: &str, value: &str) {
    *s.row(at).marks.entry((kind, name.into(), value.into())).or_default() += 1;
}

fn milestone(kind: EventKind) -> Option<i64> {
    match kind {
        EventKind::REACHED_25 => Some(25),
        EventKind::REACHED_50 => Some(50),
        EventKind::REACHED_75 => Some(75),
        EventKind::REACHED_90 => Some(90),
        EventKind::REACHED_100 => Some(100),
        _ => None,
    }
}

/// 1/100,000 ms: what the bound is kept in.
const FINE: i128 = 100_000;

/// Sections 5 and 6.
fn watch(s: &mut Session, run: &Run<'_>) {
    let valid = |ms: Option<i64>| ms.filter(|ms| (0..=MEDIA_MS_MAX).contains(ms));
    let mut t = i64::MIN;
    let (mut speed, mut playing) = (None::<i64>, false);
    let mut anchor = None::<(i64, i64)>;
    let (mut gap, mut index) = (false, run.index_before);
    let tolerance = i128::from(WATCH_TOLERANCE_MS) * FINE;
    let mut bound = tolerance;
    // The window.
    let (mut credited, mut open, mut pending) = (0_i64, Vec::<Claim>::new(), Vec::<(Claim, i64)>::new());
    let mut play_time = 0_u64;
    // Portions since the last VIEW.
    let mut unsaid: Vec<Portion> = Vec::new();
    let mut flow = 0_i64;
    let mut play_time_t = None::<i64>;
    // Position of a 100 % milestone that taught something, until the next position.
    let mut exact_next = None::<i64>;

    for f in &run.events {
        let e = f.event;
        let at = key(e);
        t = t.max(e.at_ms);
        let first_t = *play_time_t.get_or_insert(t);
        if let Some(now) = e.index {
            gap |= now.saturating_sub(index) > 1;
            index = index.max(now);
        }
        let rise = e.play_time_ms.map(|sum| {
            let rise = sum.saturating_sub(play_time);
            play_time = play_time.max(sum);
            rise as i64
        });
        let own_speed = e.speed_milli.filter(|s| (1..=16_000).contains(s)).map(i64::from);

        if !e.playback.has_axis() {
            anchor = None;
            for claim in open.drain(..) {
                s.add(claim.row, SumColumn::UnprovedMs, claim.media as u64);
            }
            credited = 0;
            pending.clear();
            if let Some(rise) = rise {
                if rise > 0 {
                    let start = first_t.max(t - rise);
                    let portions = split(0, rise, rise, start, t - start, e.playback);
                    book(s, &portions, false, &mut unsaid);
                }
                play_time_t = Some(t);
            }
        } else {
            let position = valid(e.position_ms);
            let seek = e.kind == EventKind::SEEK;
            let before = speed;
            if let (Some((_, ta)), true, true) = (anchor, playing, position.is_some() || seek) {
                bound +=
                    i128::from(t - ta) * i128::from(before.unwrap_or(2000)) * i128::from(100 + WATCH_TOLERANCE_PERCENT);
            }
            let allowed = |bound: i128| (bound / FINE) as i64;
            let claim = |anchor: Option<(i64, i64)>, media: i64| {
                let (from, ta) = anchor?;
                let (wall, wall_ms, playback, row) = (ta, t - ta, e.playback, at);
                Some(Claim { from, media, whole: media, wall, wall_ms, speed: before, playback, row })
            };
            let mut mine: Option<Claim> = None;
            if seek {
                if let (Some((a, ta)), true) = (anchor, playing) {
                    let started = match (position, valid(e.target_ms)) {
                        (Some(p), Some(target)) => {
                            ((target - p).abs() > 1000 && p >= a && p - a <= allowed(bound)).then_some(p)
                        }
                        _ => None,
                    };
                    if let Some(p) = started {
                        let d = p - a;
                        let claim = claim(anchor, d).unwrap();
                        if d > 0 && !gap {
                            let c = d.min(allowed(bound));
                            bound -= i128::from(c) * FINE;
                            credited += c;
                            book(s, &pieces(&claim, 0, c), true, &mut unsaid);
                            owe(&mut open, &claim, c);
                        } else if d > 0 {
                            open.push(claim);
                        }
                    } else if !gap {
                        let capacity = ((t - ta) * before.unwrap_or(2000) / 1000).min(MEDIA_MS_MAX);
                        pending.push((claim(anchor, capacity).unwrap(), capacity));
                    }
                }
                flow = 0;
            } else if let (Some((a, _)), Some(p)) = (anchor, position)
                && p > a
                && (playing || rise.is_some_and(|rise| rise > 0))
            {
                mine = claim(anchor, p - a);
            }
            let adjacent = playing && !gap && mine.is_some();
            let mut in_full = false;
            if let Some(rise) = rise {
                let r = (rise - credited).max(0);
                let d = mine.map_or(0, |claim| claim.media);
                let u = open.iter().map(|claim| claim.media).sum::<i64>() + d;
                let p = pending.iter().map(|(_, capacity)| capacity).sum::<i64>();
                let tol = WATCH_TOLERANCE_MS + rise * WATCH_TOLERANCE_PERCENT / 100;
                let mut left;
                if u > 0 && u <= r + tol && u + p + tol >= r {
                    for claim in &open {
                        book(s, &pieces_of(claim), true, &mut unsaid);
                    }
                    if let Some(claim) = &mine {
                        book(s, &pieces(claim, 0, claim.media), true, &mut unsaid);
                    }
                    left = r - u;
                    bound = tolerance;
                    in_full = true;
                } else {
                    let c = if adjacent { d.min(allowed(bound)).min(r) } else { 0 };
                    bound -= i128::from(c) * FINE;
                    if let Some(claim) = &mine {
                        book(s, &pieces(claim, 0, c), true, &mut unsaid);
                        s.add(claim.row, SumColumn::UnprovedMs, (d - c) as u64);
                    }
                    for claim in &open {
                        s.add(claim.row, SumColumn::UnprovedMs, claim.media as u64);
                    }
                    left = r - c;
                    in_full = mine.is_some() && c == d;
                }
                for (claim, capacity) in &pending {
                    let got = left.clamp(0, *capacity);
                    left -= got;
                    let claim = Claim { media: got, whole: got, ..*claim };
                    book(s, &pieces(&claim, 0, got), true, &mut unsaid);
                }
                credited = 0;
                open.clear();
                pending.clear();
                play_time_t = Some(t);
            } else if let Some(claim) = &mine {
                let c = if adjacent { claim.media.min(allowed(bound)) } else { 0 };
                bound -= i128::from(c) * FINE;
                credited += c;
                book(s, &pieces(claim, 0, c), true, &mut unsaid);
                owe(&mut open, claim, c);
                in_full = c == claim.media;
            }
            if let Some(claim) = &mine {
                flow = if adjacent && in_full { flow + claim.media } else { 0 };
            }
            // What it teaches of the length, and how far it went.
            if let (Some(taught), true) = (exact_next, position.is_some() || seek) {
                exact_next = None;
                if let (EventKind::PAUSE, Some(p)) = (e.kind, position)
                    && p >= taught
                {
                    s.lessons.entry(at).or_default().push((101, 100, p));
                }
            }
            if let (Some(share), Some(p)) = (milestone(e.kind), position)
                && flow >= 2_000
            {
                s.lessons.entry(at).or_default().push((share as u64, share as u64, p * 200 / (2 * share - 1)));
                exact_next = (share == 100).then_some(p);
            }
            let plays = matches!(e.kind, EventKind::PLAY | EventKind::RESUME | EventKind::VIEW | EventKind::PAUSE);
            if let (true, Some(p)) = (plays || milestone(e.kind).is_some(), position) {
                let reach = s.reach.entry(at).or_default();
                *reach = (*reach).max(p);
            }
            // The next anchor.
            let place = if seek { valid(e.target_ms).or(position) } else { position };
            if let Some(place) = place {
                anchor = Some((place, t));
                gap = false;
            } else if seek {
                anchor = None;
            }
        }
        speed = own_speed.or(speed);
        match e.kind {
            EventKind::PLAY | EventKind::RESUME | EventKind::REPLAY | EventKind::VIEW => playing = true,
            EventKind::PAUSE | EventKind::ERROR => playing = false,
            _ => {}
        }
        if e.kind == EventKind::VIEW {
            say(s, &mut unsaid, modes(e));
        }
    }
    for claim in &open {
        s.add(claim.row, SumColumn::UnprovedMs, claim.media as u64);
    }
    say(s, &mut unsaid, 0);
}

/// The rest of a claim stays open.
fn owe(open: &mut Vec<Claim>, claim: &Claim, credited: i64) {
    if claim.media > credited {
        open.push(Claim { from: claim.from + credited, media: claim.media - credited, ..*claim });
    }
}

fn pieces_of(claim: &Claim) -> Vec<Portion> {
    pieces(claim, 0, claim.media)
}

/// A credited piece of `c` ms of a claim.
fn pieces(claim: &Claim, skip: i64, c: i64) -> Vec<Portion> {
    if c == 0 {
        return Vec::new();
    }
    let clock = match claim.speed {
        Some(speed) => c * 1000 / speed,
        None => (claim.wall_ms * c / claim.whole).clamp(c / 2, 4 * c),
    };
    split(claim.from + skip, c, clock, claim.wall, claim.wall_ms, claim.playback)
}

/// Splits a piece at quarter edges.
fn split(from: i64, media: i64, clock: i64, wall: i64, wall_ms: i64, playback: Playback) -> Vec<Portion> {
    let length = wall_ms.min(clock);
    if length == 0 {
        return vec![Portion { key: (quarter(wall), playback), from, media, clock, wall: (wall, wall) }];
    }
    let mut out = Vec::new();
    let (mut media_done, mut clock_done) = (0, 0);
    let mut q = quarter(wall);
    while media_done < media || clock_done < clock {
        let edge = ((q + 1) * QUARTER_MS - wall).min(length);
        let part = |whole: i64| (i128::from(whole) * i128::from(edge) / i128::from(length)) as i64;
        let (m, c) = (part(media) - media_done, part(clock) - clock_done);
        if m > 0 || c > 0 {
            let end = if edge == length { wall + length } else { wall + edge - 1 };
            let end = if (wall + edge) % QUARTER_MS == 0 { wall + edge - 1 } else { end };
            let first = wall.max(q * QUARTER_MS);
            out.push(Portion { key: (q, playback), from: from + media_done, media: m, clock: c, wall: (first, end) });
        }
        (media_done, clock_done) = (media_done + m, clock_done + c);
        if edge == length {
            break;
        }
        q += 1;
    }
    out
}

fn book(s: &mut Session, portions: &[Portion], axis: bool, unsaid: &mut Vec<Portion>) {
    for p in portions {
        s.add(p.key, SumColumn::WatchedMs, p.media as u64);
        s.add(p.key, SumColumn::ClockMs, p.clock as u64);
        if axis && p.media > 0 {
            s.pieces.entry(p.key).or_default().push((p.from, p.from + p.media));
        }
        s.solid_at(p.key, p.wall.0, p.wall.1);
        unsaid.push(Portion { ..*p });
    }
}

fn modes(e: &Event) -> u8 {
    let m = &e.measured;
    m.sound + 3 * m.tab + 9 * m.view + 27 * m.screen
}

fn say(s: &mut Session, unsaid: &mut Vec<Portion>, state: u8) {
    for p in unsaid.drain(..) {
        if p.media > 0 {
            *s.row(p.key).attention.entry(state).or_default() += p.media as u64;
        }
    }
}

/// Section 7.
fn finish(s: &mut Session, duration: Option<u64>) {
    use SumColumn as C;
    let exact = s.lessons.values().flatten().find(|l| l.0 == 101).map(|l| l.2);
    let end = duration.map(|ms| ms as i64).or(exact);
    let cut = |ms: i64| end.map_or(ms, |end| ms.min(end));
    let furthest = s.pieces.values().flatten().map(|(_, to)| cut(*to)).max().unwrap_or(0);
    let mut depth = vec![0_u32; furthest as usize];
    let seconds = ((furthest + 999) / 1000) as u32;
    let (mut clock, mut reach, mut best) = (0, 0, (0, 0, 0));
    let keys: Vec<Key> = s.rows.keys().copied().collect();
    for key in keys {
        clock += s.rows[&key].get(C::ClockMs);
        let before_clock = clock - s.rows[&key].get(C::ClockMs);
        let plays = if key.1.has_axis() { s.rows[&key].get(C::Plays) } else { 0 };
        s.add(key, C::HeartbeatsExpected, clock / 10_000 - before_clock / 10_000 + plays);

        let covered = |depth: &[u32]| depth.iter().filter(|d| **d > 0).count() as u64;
        let viewed = |depth: &[u32]| -> Vec<u32> { (0..seconds).map(|second| views(depth, second, end)).collect() };
        let before = covered(&depth);
        let viewed_before = viewed(&depth);
        for (from, to) in s.pieces.get(&key).into_iter().flatten() {
            for ms in cut(*from)..cut(*to) {
                depth[ms as usize] += 1;
            }
        }
        if key.1.has_axis() {
            s.add(key, C::CoveredBefore, before);
            s.add(key, C::FreshMs, covered(&depth) - before);
        }
        for (second, (old, new)) in viewed_before.into_iter().zip(viewed(&depth)).enumerate() {
            let row = s.row(key);
            if new > old {
                row.coverage.insert(second as u32, new - old);
            }
            if old == 0 && new > 0 {
                row.fresh.insert(second as u32);
            }
        }
        reach = reach.max(cut(s.reach.get(&key).copied().unwrap_or(0)));
        s.add(key, C::Reach, reach as u64);
        for lesson in s.lessons.get(&key).into_iter().flatten() {
            if lesson.0 > best.0 {
                best = *lesson;
            }
        }
        s.add(key, C::LearnedDuration, best.2 as u64);
        s.add(key, C::LearnedFrom, best.1);
    }
}

/// How often a second was viewed: the greatest `k` for which more than half of its existing milliseconds were covered
/// `k` times or more.
fn views(depth: &[u32], second: u32, end: Option<i64>) -> u32 {
    let from = i64::from(second) * 1000;
    let to = end.map_or(from + 1000, |end| end.min(from + 1000));
    let of = |ms: i64| depth.get(ms as usize).copied().unwrap_or(0);
    let most = (from..to).map(of).max().unwrap_or(0);
    let enough = |k: &u32| (from..to).filter(|ms| of(*ms) >= *k).count() as i64 * 2 > to - from;
    (1..=most).rev().find(enough).unwrap_or(0)
}
