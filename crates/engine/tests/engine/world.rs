//! Random worlds from a seed: accounts, recordings, people, and players that behave like players, until the net and the
//! clocks have had their way with what they send.

use engine::catalog::view::{
    AccountView, CatalogView, CategoryView, EntryView, MediaType, MemberView, Period, PersonView, PlaylistView, Role,
};
use engine::event::{AccountId, Event, EventKind, IdentityRefusal, PersonKey, Playback, Proof, Text, Who};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A small generator of our own (splitmix64), so that seeds mean the same for ever.
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }
    pub fn between(&mut self, from: i64, to: i64) -> i64 {
        from + self.below((to - from + 1) as u64) as i64
    }
    /// True so many times in a hundred.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len() as u64) as usize]
    }
}

/// 2026-10-24T21:30Z: half an hour before midnight in Berlin, on the eve of the day that has 25 hours.
pub const START_MS: i64 = 1_792_877_400_000;

/// Entries: id, true length in ms.
pub const ENTRIES: [(&str, i64); 7] = [
    ("1_a", 61_000),
    ("1_b", 95_500),
    ("1_c", 40_000),
    ("1_d", 120_000),
    ("1_img", 0),
    ("1_live", 0),
    ("1_unseen", 30_000),
];

pub fn catalog() -> CatalogView {
    let entry =
        |name: &str, media_type, duration_ms: Option<u64>, owner: u64, tags: &[&str], categories: &[&str]| EntryView {
            name: name.into(),
            media_type,
            duration_ms,
            owner: (owner > 0).then_some(PersonKey(owner)),
            tags: tags.iter().map(|t| Text::from(*t)).collect(),
            categories: categories.iter().map(|c| Text::from(*c)).collect(),
            source: if owner == 1 { "Upload".into() } else { Text::default() },
            ..EntryView::default()
        };
    let mut entries: BTreeMap<Text, EntryView> = BTreeMap::new();
    entries.insert("1_a".into(), entry("Alpha", MediaType::Video, Some(61_000), 1, &["x", "y"], &["10", "11", "14"]));
    entries.insert("1_b".into(), entry("Beta", MediaType::Audio, None, 1, &[], &["11", "13"]));
    entries.insert("1_c".into(), entry("1_c", MediaType::Unknown, None, 0, &["y"], &[]));
    let dead_air =
        EntryView { content_end_ms: Some(90_000), ..entry("Delta", MediaType::Quiz, Some(120_000), 2, &[], &["12"]) };
    entries.insert("1_d".into(), dead_air);
    entries.get_mut("1_a").unwrap().replacements =
        vec![(START_MS + 3_600_000, None), (START_MS + 7_000_000, Some(61_000))];
    entries.get_mut("1_c").unwrap().deleted = true;
    entries.get_mut("1_b").unwrap().co_editors = [PersonKey(3)].into();
    entries.insert("1_img".into(), entry("Image", MediaType::Image, None, 2, &["x"], &["10"]));
    entries.insert("1_live".into(), entry("Live", MediaType::Live, None, 2, &[], &[]));
    // Nobody watches it; nobody knows how long it is.
    entries.insert("1_new".into(), entry("New", MediaType::Video, None, 3, &["y"], &["12", "13"]));
    for (id, minutes) in [("1_a", 10), ("1_b", 40), ("1_c", 120), ("1_d", -14_400), ("1_img", 10), ("1_new", 90)] {
        entries.get_mut(id).unwrap().created_ms = Some(START_MS + minutes * 60_000);
    }
    let mut view = AccountView { name: "One".into(), entries, ..AccountView::default() };
    for (id, name) in [(1, "Anna"), (2, "Ben"), (3, "Cleo")] {
        let person = PersonView { id: name.to_lowercase().into(), name: name.into(), ..PersonView::default() };
        view.people.insert(PersonKey(id), person);
    }
    for (id, parent) in [("10", None), ("11", Some("10")), ("12", None), ("13", Some("11")), ("14", Some("10"))] {
        let member = |person, section: &str, to_ms| MemberView {
            person: PersonKey(person),
            role: Role::Student,
            section: section.into(),
            period: Period { from_ms: None, to_ms },
        };
        let category = CategoryView {
            name: format!("Course {id}").into(),
            parent: parent.map(Text::from),
            lms_course: if id == "12" { Text::default() } else { format!("7{id}").into() },
            sections: vec![("s1".into(), "Section 1".into())],
            members: [
                vec![member(1, "s1", None), member(2, "s1", Some(START_MS)), member(3, "", None)],
                staff(id).map(|member| vec![member]).unwrap_or_default(),
            ]
            .concat(),
            ..CategoryView::default()
        };
        view.categories.insert(id.into(), category);
        let held = view.entries.iter().filter(|(_, e)| e.categories.contains(id)).map(|(id, _)| id.clone());
        view.category_entries.insert(id.into(), held.collect());
    }
    view.children.insert("10".into(), ["11".into(), "14".into()].into());
    view.children.insert("11".into(), ["13".into()].into());
    view.playlists.insert(
        "pl1".into(),
        PlaylistView { name: "List".into(), owner: Some(PersonKey(2)), ..PlaylistView::default() },
    );
    // Autumn ends and the break begins at midnight in Berlin.
    view.terms.insert("autumn".into(), ("Autumn".into(), START_MS - 90 * 86_400_000, START_MS + 1_800_000));
    let second = AccountView { name: "Two".into(), ..AccountView::default() };
    CatalogView { accounts: BTreeMap::from([(AccountId(1), Arc::new(view)), (AccountId(2), Arc::new(second))]) }
}

/// Ben teaches 10, Cleo assisted in 11 until before the world began, Anna manages 12.
fn staff(category: &str) -> Option<MemberView> {
    let (person, role, to_ms) = match category {
        "10" => (2, Role::Teacher, None),
        "11" => (3, Role::Assistant, Some(START_MS)),
        "12" => (1, Role::Manager, None),
        _ => return None,
    };
    let period = Period { from_ms: None, to_ms };
    Some(MemberView { person: PersonKey(person), role, section: Text::default(), period })
}

/// A player on a page.
struct Player<'d> {
    dice: &'d mut Dice,
    base: Event,
    sent: Vec<Event>,
    now: i64,
    length: i64,
    position: i64,
    speed: i64,
    tells_speed: bool,
    indexed: bool,
    index: u32,
    play_time: i64,
    tells_play_time: bool,
    buffer: u64,
    milestones: u8,
    ids: bool,
}

impl Player<'_> {
    fn send(&mut self, kind: EventKind) -> &mut Event {
        self.index += 1;
        let mut e = self.base.clone();
        e.kind = kind;
        e.at_ms = self.now;
        e.received_ms = self.now;
        if self.dice.chance(3) {
            // Late: the server's clock does not run ahead and return.
            e.at_ms -= 91 * 86_400_000;
        }
        e.index = self.indexed.then_some(self.index);
        e.event_id = self.ids.then(|| format!("e{}", self.sent.len()).into());
        e.position_ms = if self.dice.chance(4) { None } else { Some(self.position) };
        e.speed_milli = self.tells_speed.then_some(self.speed as u32);
        if !e.playback.has_axis() {
            e.position_ms = Some(-self.dice.between(0, 9_000));
        }
        if self.dice.chance(6) {
            e.facts.city = (*self.dice.pick(&["Ulm", "Bonn"])).into();
        }
        self.sent.push(e);
        self.sent.last_mut().unwrap()
    }

    fn heartbeat(&mut self) {
        let (sound, tab, view, screen) =
            (self.dice.below(3) as u8, self.dice.below(3) as u8, self.dice.below(3) as u8, self.dice.below(3) as u8);
        let stalled = if self.dice.chance(20) { self.dice.below(3_000) } else { 0 };
        self.buffer += stalled;
        let (sum, tells) = (self.buffer, self.dice.chance(60));
        let play_time = self.tells_play_time.then_some(self.play_time as u64);
        let numbers: Vec<u64> = (0..4).map(|_| self.dice.below(5_000)).collect();
        let network = (*self.dice.pick(&["wifi", "4g"])).into();
        let tells_mode = self.dice.chance(30);
        let e = self.send(EventKind::VIEW);
        e.play_time_ms = play_time;
        let m = &mut e.measured;
        (m.sound, m.tab, m.view, m.screen) = (sound, tab, view, screen);
        m.buffer_ms = Some(stalled as u32);
        m.buffer_sum_ms = tells.then_some(sum);
        m.bitrate_bps = tells.then_some(numbers[0] * 1024);
        m.bandwidth_bps = Some(numbers[1] * 1000);
        m.dropped_ppm = tells.then_some(numbers[2] as u32);
        m.segment_ms = Some(numbers[3] as u32);
        m.manifest_ms = tells.then_some(numbers[0] as u32);
        if tells_mode {
            e.vars.push(("networkConnectionType".into(), network));
            e.vars.push(("averageBitrate".into(), "7".into()));
        }
    }

    /// Plays on for some wall time, with a heartbeat every ten seconds.
    fn play(&mut self, wall_ms: i64) {
        let mut left = wall_ms;
        while left > 0 {
            let step = left.min(10_000 - self.play_time % 10_000).max(1);
            left -= step;
            let media = step * self.speed / 1000;
            self.now += step;
            let axis = self.base.playback.has_axis();
            let media = if axis { media.min(self.length - self.position).max(0) } else { step };
            self.play_time += media;
            if axis {
                self.position += media;
                self.reached();
            }
            if step == 10_000 || self.play_time % 10_000 == 0 || self.dice.chance(5) {
                self.heartbeat();
            }
            if axis && self.position >= self.length {
                self.send(EventKind::PAUSE);
                return;
            }
        }
    }

    fn reached(&mut self) {
        let marks = [
            (25, EventKind::REACHED_25),
            (50, EventKind::REACHED_50),
            (75, EventKind::REACHED_75),
            (90, EventKind::REACHED_90),
            (100, EventKind::REACHED_100),
        ];
        for (bit, (share, kind)) in marks.into_iter().enumerate() {
            if self.length > 0
                && self.position * 200 >= self.length * (2 * share - 1)
                && self.milestones & (1 << bit) == 0
            {
                self.milestones |= 1 << bit;
                self.send(kind);
            }
        }
    }

    fn reset(&mut self) {
        self.index = 0;
        self.play_time = 0;
        self.buffer = 0;
    }

    fn act(&mut self) {
        match self.dice.below(15) {
            0..=4 => {
                let wall = *self.dice.pick(&[300, 1_000, 4_500, 9_999, 10_000, 23_000, 61_000]);
                self.play(wall);
            }
            5 => {
                // A pause; a long one resets the counters.
                self.send(EventKind::PAUSE);
                let wall = *self.dice.pick(&[2_000, 29_000, 30_001, 31_000, 900_000]);
                self.now += wall;
                if wall > 30_000 {
                    self.reset();
                }
                self.send(EventKind::RESUME);
            }
            6 | 7 => {
                let (from, to) = (self.position, self.dice.between(0, self.length.max(1)));
                let at_target = self.dice.chance(60);
                let tells_target = self.dice.chance(70);
                if at_target {
                    self.position = to;
                }
                let sent = self.send(EventKind::SEEK);
                sent.target_ms = tells_target.then_some(to);
                if !at_target && sent.position_ms.is_some() {
                    sent.position_ms = Some(from);
                }
                self.position = to;
                self.now += 50;
                self.reached();
            }
            8 => {
                self.speed = *self.dice.pick(&[250, 500, 1_000, 1_500, 2_000]);
                self.send(EventKind::SPEED);
            }
            9 => {
                self.send(EventKind::ERROR).vars.push(("errorCode".into(), "1002".into()));
                self.now += 500;
                self.reset();
                if self.dice.chance(70) {
                    self.send(EventKind::RESUME);
                }
            }
            10 => {
                self.position = 0;
                self.send(EventKind::REPLAY);
            }
            11 => {
                let score = (*self.dice.pick(&["80", "62.5", "none"])).into();
                let (question, right) = (Text::from(*self.dice.pick(&["q1", "q2"])), self.dice.chance(50));
                match self.dice.below(4) {
                    0 => drop(self.send(EventKind(30_002))),
                    1 => {
                        let answer = self.send(EventKind(30_003));
                        answer.vars.push(("answered".into(), question.clone()));
                        if right {
                            answer.vars.push(("correct".into(), question));
                        }
                    }
                    2 => self.send(EventKind::BUTTON).vars.push(("buttonName".into(), "Quiz_start".into())),
                    _ => self.send(EventKind::QUIZ_SUBMITTED).vars.push(("score".into(), score)),
                }
            }
            12 => {
                let kind =
                    *self.dice.pick(&[21, 22, 23, 24, 25, 31, 32, 36, 37, 38, 39, 40, 42, 43, 45, 46, 100, 4711]);
                let sent = self.send(EventKind(kind));
                sent.vars.push(("caption".into(), "en".into()));
                if kind == 25 {
                    sent.vars.push(("reportType".into(), "spam".into()));
                }
            }
            13 => {
                // A live stream drifts behind its edge; a download takes over; rarely, live and recorded mix.
                self.base.playback = match self.base.playback {
                    _ if self.dice.chance(10) => *self.dice.pick(&Playback::ALL),
                    Playback::Live => Playback::Dvr,
                    Playback::Dvr => Playback::Live,
                    Playback::Vod => Playback::Offline,
                    Playback::Offline => Playback::Vod,
                };
            }
            _ => {
                // Somebody else takes the seat, or a name that is not believed.
                let who = who(self.dice);
                self.base.who = who;
                self.now += 100;
            }
        }
    }
}

fn who(dice: &mut Dice) -> Who {
    let person = PersonKey(dice.below(5));
    let proof = if person == PersonKey::UNKNOWN { Proof::None } else { *dice.pick(&[Proof::Claimed, Proof::Verified]) };
    let refusal = match dice.below(12) {
        0 if person == PersonKey::UNKNOWN => IdentityRefusal::Unsigned,
        1 if person == PersonKey::UNKNOWN => IdentityRefusal::Invalid,
        _ => IdentityRefusal::No,
    };
    Who { person, proof, refusal, staff: dice.chance(10) }
}

/// What one session sends, in the order of sending.
pub fn session(dice: &mut Dice, number: u64, steps: u64) -> Vec<Event> {
    let (entry, length) = *dice.pick(&ENTRIES);
    let playback = match entry {
        "1_live" => *dice.pick(&[Playback::Live, Playback::Dvr]),
        _ => *dice.pick(&[Playback::Vod, Playback::Vod, Playback::Vod, Playback::Offline]),
    };
    let mut base = Event {
        account: AccountId(if dice.chance(8) { 2 } else { 1 }),
        stream: if dice.chance(10) { 7 } else { 0 },
        entry: entry.into(),
        session: format!("s{number}").into(),
        playback,
        who: who(dice),
        bot: dice.chance(6),
        duration_ms: (dice.chance(40) && length > 0).then_some(length as u64),
        ..Event::default()
    };
    let word = |dice: &mut Dice, of: &[&str]| Text::from(*dice.pick(of));
    let f = &mut base.facts;
    f.country = word(dice, &["DE", "US", ""]);
    f.region = word(dice, &["Bavaria", ""]);
    f.device = word(dice, &["Computer", "Mobile"]);
    f.os = word(dice, &["Windows", "Linux", ""]);
    f.os_version = word(dice, &["10", ""]);
    f.browser = word(dice, &["Firefox", "Chrome"]);
    f.browser_version = word(dice, &["140", "141", ""]);
    f.domain = word(dice, &["lms.example.org", "Blog.example.org", ""]);
    f.page = word(dice, &["https://lms.example.org/c/7", "https://lms.example.org/courses/711/pages/a", "other", ""]);
    f.application = word(dice, &["LMS", ""]);
    f.context = word(dice, &["10", "11", ""]);
    f.proved_context = word(dice, &["11", "", ""]);
    f.playlist = word(dice, &["pl1", "", ""]);
    f.player_version = word(dice, &["3.17.95", "0.15.1"]);
    f.custom_var_1 = word(dice, &["red", "Reddish", ""]);
    f.custom_var_3 = word(dice, &["z", ""]);
    f.delivery = word(dice, &["hls", "dash"]);
    f.virtual_event = word(dice, &["ve", ""]);
    let now = START_MS + dice.between(0, 3 * 3_600_000);
    let (indexed, tells_speed, tells_play_time, ids) =
        (dice.chance(85), dice.chance(70), dice.chance(90), dice.chance(15));
    let mut player = Player {
        dice,
        base,
        sent: Vec::new(),
        now,
        length,
        position: 0,
        speed: 1000,
        tells_speed,
        indexed,
        index: 0,
        play_time: 0,
        tells_play_time,
        buffer: 0,
        milestones: 0,
        ids,
    };
    player.send(EventKind::IMPRESSION).measured.load_ms = Some(120);
    if player.dice.chance(85) {
        player.now += player.dice.between(0, 5_000);
        player.send(EventKind::PLAY_REQUEST);
        player.now += 700;
        let join = player.dice.chance(80).then_some(700);
        let first = player.send(EventKind::PLAY);
        first.measured.join_ms = join;
        first.measured.can_play_ms = join.map(|ms| ms / 2);
        for _ in 0..steps {
            player.act();
        }
    }
    let mut sent = player.sent;
    if dice.chance(5) {
        // A flood was noticed in its middle.
        let from = dice.below(sent.len() as u64) as usize;
        sent[from..].iter_mut().for_each(|e| e.suspect = "flood".into());
    }
    if dice.chance(4) {
        // A sender without sessions.
        sent.iter_mut().for_each(|e| e.session = "".into());
    }
    sent
}

/// What becomes of them on the way: lost, doubled, overtaken, held back.
pub fn journey(dice: &mut Dice, sent: Vec<Event>) -> Vec<(i64, Event)> {
    let trouble = if dice.chance(50) { 0 } else { dice.below(12) };
    let mut out = Vec::new();
    for e in sent {
        let mut arrival = e.at_ms;
        if dice.chance(trouble) {
            continue;
        }
        if dice.chance(trouble) {
            arrival += dice.between(0, 40_000);
        }
        if dice.chance(trouble / 3) {
            // Held back for hours, past the session's end.
            arrival += 4 * 3_600_000;
        }
        let mut e = e;
        if dice.chance(50) {
            // Kaltura's routes know only arrival.
            e.at_ms = if arrival - e.at_ms < 60_000 { arrival } else { e.at_ms };
        }
        if dice.chance(trouble) {
            out.push((arrival + dice.between(0, 20_000), e.clone()));
        }
        out.push((arrival, e));
    }
    out
}

/// A journal of several sessions, in the order of arrival.
pub fn journal(seed: u64, sessions: u64, steps: u64) -> Vec<(u64, Event)> {
    let mut dice = Dice(seed);
    let mut arrived = Vec::new();
    for number in 0..sessions {
        let steps = dice.below(steps + 1);
        let sent = session(&mut dice, number, steps);
        arrived.extend(journey(&mut dice, sent));
    }
    // Stable: what arrives at once keeps its order.
    arrived.sort_by_key(|(arrival, _)| *arrival);
    arrived.into_iter().enumerate().map(|(seq, (_, event))| (seq as u64 + 1, event)).collect()
}
