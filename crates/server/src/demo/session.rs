//! One session, as a real player reports it (Kaltura's version 7 player): heartbeats every ten seconds of playing, the
//! first one second late; milestones by position; counters that start again after a pause of more than 30 seconds;
//! seeks reported with the position already at their target.

use super::campus::{Campus, DEAD_AIR, Entry, LIVE, SHOWCASE, word};
use super::world::{self, DEVICES, PLACES};
use engine::catalog::view::MediaType;
use engine::event::{Event, EventKind, Facts, IdentityRefusal, Playback, Proof, Text, Who};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

const HEARTBEAT_MS: i64 = 10_000;
/// A longer pause starts the counters again.
const RESET_MS: i64 = 30_000;
/// Milestones: event and the share at which the player fires it, in thousandths.
const MILESTONES: [(EventKind, i64); 5] = [
    (EventKind::REACHED_25, 245),
    (EventKind::REACHED_50, 495),
    (EventKind::REACHED_75, 745),
    (EventKind::REACHED_90, 895),
    (EventKind::REACHED_100, 995),
];

/// A player on a page with somebody in front of it.
pub(super) struct Player<'a> {
    rng: &'a mut ChaCha8Rng,
    entry: &'a Entry,
    number: usize,
    /// What all events of the session have in common.
    base: Event,
    events: Vec<Event>,
    at_ms: i64,
    position_ms: i64,
    speed_milli: i64,
    index: u32,
    play_time_ms: i64,
    buffer_sum_ms: i64,
    buffer_ms: i64,
    /// Playing time until the next heartbeat.
    beat_in_ms: i64,
    reached: [bool; 5],
    tab_hidden: bool,
    muted: bool,
    full_screen: bool,
    caption: Option<&'static str>,
}

impl<'a> Player<'a> {
    /// Somebody opens a page at an instant: who, what and where follow from chance and the campus.
    pub(super) fn new(campus: &'a Campus, rng: &'a mut ChaCha8Rng, at_ms: i64) -> Player<'a> {
        let number = campus.pick_entry(rng, at_ms);
        Player::of(campus, rng, number, at_ms)
    }

    /// Somebody opens the page of a recording.
    pub(super) fn of(campus: &'a Campus, rng: &'a mut ChaCha8Rng, number: usize, at_ms: i64) -> Player<'a> {
        let entry = &campus.entries[number];
        let embed = campus.pick_embed(rng, number);
        let person = &campus.people[campus.pick_person(rng, number)];
        let mut who = Who::default();
        if rng.random_range(0..100) < embed.known {
            let proof = if rng.random_bool(0.04) { Proof::Claimed } else { Proof::Verified };
            who = Who { person: person.key, proof, ..who };
        } else if rng.random_bool(0.03) {
            who.refusal = if rng.random_bool(0.6) { IdentityRefusal::Unsigned } else { IdentityRefusal::Invalid };
        }
        // Most of the time at home with the usual device.
        let place = if rng.random_bool(0.88) { person.place } else { world::pick(PLACES, |row| row.3, rng.random()) };
        let (country, region, city, ..) = PLACES[place];
        let (device, os, os_version, browser, browser_version, _) =
            DEVICES[person.devices[usize::from(rng.random_bool(0.25))]];
        let category = entry.category.map(|category| &campus.categories[category]);
        let newer = if rng.random_bool(0.8) { "3.17.95" } else { "3.14.2" };
        let version = if embed.is_old(at_ms) { "2.101" } else { newer };
        let playlist = embed.application == "KMS" && rng.random_bool(0.05);
        let text = |text: &str| Text::from(text);
        let facts = Facts {
            country: text(country),
            region: text(region),
            city: text(city),
            place_source: text(if country.is_empty() { "" } else { "made up" }),
            device: text(device),
            os: text(os),
            os_version: text(os_version),
            browser: text(browser),
            browser_version: text(browser_version),
            domain: embed.page.domain.clone(),
            page: embed.page.page.clone(),
            application: text(embed.application),
            kaltura_application: text(match embed.application {
                "KMC" => "0",
                "KMS" => "1",
                "KAF" => "2",
                _ => "",
            }),
            context: text(category.filter(|_| embed.gallery).map_or("", |category| &category.id)),
            playlist: text(if playlist { &campus.playlist } else { "" }),
            ui_conf: text("45212101"),
            player_version: text(version),
            client_tag: format!("html5:v{version}").into(),
            delivery: text(if entry.media == MediaType::Audio { "url" } else { "hls" }),
            ..Facts::default()
        };
        let session = format!("{}:{}", guid(rng), guid(rng));
        let base = Event {
            account: super::ACCOUNT,
            entry: text(&entry.id),
            session: session.into(),
            who,
            bot: rng.random_bool(0.006),
            playback: if number != LIVE {
                Playback::Vod
            } else if rng.random_bool(0.15) {
                Playback::Dvr
            } else {
                Playback::Live
            },
            duration_ms: u64::try_from(entry.duration_ms).ok().filter(|&duration| duration > 0),
            facts,
            ..Event::default()
        };
        Player {
            muted: rng.random_bool(0.05),
            rng,
            entry,
            number,
            base,
            events: Vec::new(),
            at_ms,
            position_ms: 0,
            speed_milli: 1000,
            index: 0,
            play_time_ms: 0,
            buffer_sum_ms: 0,
            buffer_ms: 0,
            beat_in_ms: 0,
            reached: [false; 5],
            tab_hidden: false,
            full_screen: false,
            caption: None,
        }
    }

    /// Plays it through: the session's events in the order of time.
    pub(super) fn play(mut self) -> Vec<Event> {
        // A browser that blocks reports: only the server knows that the medium was fetched.
        if self.chance(0.03) {
            self.server_event(EventKind::MANIFEST);
            return self.events;
        }
        let load_ms = self.between(120, 1800);
        self.emit(EventKind::IMPRESSION).measured.load_ms = u32::try_from(load_ms).ok();
        if self.chance(0.03) {
            self.app_event(EventKind::PAGE, &[("pageName", "media"), ("pageType", "1"), ("feature", "ui")]);
        }
        if self.chance(0.004) {
            self.server_event(EventKind::API_CALL);
        }
        if self.chance(0.14) {
            if self.chance(0.08) {
                self.error("1002", "3");
            }
            return self.events;
        }
        self.start();
        if self.number == LIVE {
            self.watch_live();
        } else {
            self.watch_recording();
        }
        self.events
    }

    fn start(&mut self) {
        self.wait(400, 15_000);
        self.emit(EventKind::PLAY_REQUEST);
        let join_ms = self.between(250, 2600);
        self.at_ms += join_ms;
        let can_play_ms = self.between(100, 900);
        let bitrate = self.bitrate();
        let measured = &mut self.emit(EventKind::PLAY).measured;
        measured.join_ms = u32::try_from(join_ms).ok();
        measured.can_play_ms = u32::try_from(can_play_ms).ok();
        measured.bitrate_bps = Some(bitrate);
        measured.buffer_ms = Some(0);
        measured.buffer_sum_ms = Some(0);
        self.beat();
        self.beat_in_ms = HEARTBEAT_MS + 1_000;
    }

    fn watch_live(&mut self) {
        let behind = if self.base.playback == Playback::Dvr { self.between(130_000, 900_000) } else { 0 };
        self.position_ms = -behind;
        for _ in 0..self.between(6, 320) {
            self.at_ms += HEARTBEAT_MS;
            if self.chance(0.02) {
                self.stall();
            }
            self.play_time_ms += HEARTBEAT_MS - self.buffer_ms.min(HEARTBEAT_MS);
            self.beat();
            if self.chance(0.02) {
                self.tab_hidden = !self.tab_hidden;
            }
        }
    }

    fn watch_recording(&mut self) {
        let duration = self.entry.duration_ms;
        if self.chance(0.12) {
            self.caption = Some(["en", "es", "so"][self.rng.random_range(0..3)]);
            self.emit(EventKind::CAPTIONS);
        }
        if self.chance(0.22) {
            self.speed_milli = [750, 1250, 1500, 1500, 2000][self.rng.random_range(0..5)];
            self.emit(EventKind::SPEED);
        }
        let mut goal = match self.rng.random_range(0..100) {
            0..35 => (-self.rng.random::<f64>().max(0.001).ln() * 0.12 * duration as f64) as i64,
            35..68 => duration,
            _ => duration * self.between(300, 950) / 1000,
        };
        // Almost nobody stays for the dead air.
        if self.number == DEAD_AIR && !self.chance(0.08) {
            goal = goal.min(self.entry.content_end_ms.unwrap_or(duration) + self.between(0, 20_000));
        }
        let goal = goal.clamp(1_000, duration);
        while self.position_ms < goal {
            let until = (self.position_ms + self.between(20_000, 200_000)).min(goal);
            self.watch(until);
            if self.position_ms < goal && !self.act() {
                return;
            }
        }
        if goal == duration {
            self.end();
        } else if self.chance(0.3) {
            self.emit(EventKind::PAUSE);
        }
    }

    /// What somebody does while watching. False when that was the end.
    fn act(&mut self) -> bool {
        let duration = self.entry.duration_ms;
        match self.rng.random_range(0..1000) {
            0..110 => self.pause(2_000, 25_000),
            110..145 => self.pause(RESET_MS + 2_000, 900_000),
            145..245 => {
                let back = self.between(8_000, 45_000);
                self.seek((self.position_ms - back).max(0));
            }
            245..310 => {
                let ahead = self.between(15_000, 150_000);
                self.seek((self.position_ms + ahead).min(duration - 2_000).max(self.position_ms));
            }
            // The showcase has a passage that many look at again.
            310..370 if self.number == SHOWCASE => self.seek(duration * 2 / 5),
            370..410 => self.tab_hidden = !self.tab_hidden,
            410..440 => {
                self.full_screen = !self.full_screen;
                let kind = if self.full_screen { EventKind::FULLSCREEN_ON } else { EventKind::FULLSCREEN_OFF };
                self.emit(kind);
            }
            440..450 => self.muted = !self.muted,
            450..462 => {
                self.emit(EventKind::SHARE_OPENED);
                self.app_event(
                    EventKind::BUTTON,
                    &[("buttonName", "Share_embed_open"), ("buttonType", "10"), ("feature", "share_embed")],
                );
                if self.chance(0.5) {
                    self.emit(EventKind::SHARED).vars.push(("socialNetwork".into(), "link".into()));
                }
            }
            462..476 if self.entry.downloads => {
                self.emit(EventKind::DOWNLOAD);
                self.app_event(
                    EventKind::BUTTON,
                    &[("buttonName", "Download_video_download"), ("buttonType", "27"), ("feature", "download")],
                );
            }
            476..482 => {
                self.emit(EventKind::INFO);
            }
            482..492 => {
                let bitrate = self.bitrate();
                self.emit(EventKind::SOURCE_SELECTED).measured.bitrate_bps = Some(bitrate);
            }
            492..496 => {
                self.emit(EventKind::AUDIO_SELECTED).vars.push(("language".into(), "es".into()));
            }
            496..500 => {
                self.emit(EventKind::REPORT_OPENED);
                if self.chance(0.5) {
                    self.emit(EventKind::REPORT_SUBMITTED).vars.push(("reportType".into(), "1".into()));
                }
            }
            500..525 => {
                self.speed_milli = [1000, 1250, 1500, 2000][self.rng.random_range(0..4)];
                self.emit(EventKind::SPEED);
            }
            525..531 => {
                self.error(["3016", "1001", "4032"][self.events.len() % 3], "2");
                return false;
            }
            _ => {}
        }
        true
    }

    fn end(&mut self) {
        self.emit(EventKind::PAUSE);
        if self.chance(0.06) {
            self.wait(1_000, 8_000);
            self.emit(EventKind::RELATED_OPENED);
            if self.chance(0.6) {
                self.wait(1_000, 8_000);
                self.emit(EventKind::RELATED_SELECTED);
            }
        }
        if self.chance(0.06) {
            self.wait(1_000, 20_000);
            self.position_ms = 0;
            self.emit(EventKind::SEEK).target_ms = Some(0);
            self.stall();
            self.emit(EventKind::REPLAY);
            self.emit(EventKind::RESUME);
            let until = self.entry.duration_ms * self.between(50, 500) / 1000;
            self.watch(until);
        }
        if self.entry.media == MediaType::Quiz {
            self.wait(2_000, 60_000);
            let right = self.rng.random_range(1..=8u32);
            self.server_event(EventKind::QUIZ_SUBMITTED);
            let score = (right * 100 / 8).to_string();
            let answers: Vec<String> = (0..8).map(|i| format!("{}_{}", i, (i * 7 + right) % 4)).collect();
            if let Some(event) = self.events.last_mut() {
                for (name, value) in [
                    ("score", score.as_str()),
                    ("calculatedScore", &score),
                    ("numOfCorrectAnswers", &right.to_string()),
                    ("numOfQuestions", "8"),
                    ("numOfRelevnatQuestions", "8"),
                    ("version", "1"),
                    ("answerIds", &answers.join(",")),
                ] {
                    event.vars.push((name.into(), value.into()));
                }
            }
        }
    }

    /// Plays to a position.
    fn watch(&mut self, until: i64) {
        let wall = |media: i64, speed: i64| (media * 1000 + speed - 1) / speed;
        while self.position_ms < until {
            let milestone = self.next_milestone();
            let ahead = milestone.map_or(until, |(_, at)| at.min(until));
            let step = wall(ahead - self.position_ms, self.speed_milli).min(self.beat_in_ms).max(1);
            let media = (step * self.speed_milli / 1000).clamp(0, ahead - self.position_ms);
            self.at_ms += step;
            self.position_ms += media;
            self.play_time_ms += media;
            self.beat_in_ms -= step;
            self.fire_milestones();
            if self.beat_in_ms <= 0 {
                self.beat();
                if self.chance(0.006) {
                    self.stall();
                }
                if self.chance(0.012) {
                    let bitrate = self.bitrate();
                    self.emit(EventKind::FLAVOR_SWITCH).measured.bitrate_bps = Some(bitrate);
                }
            }
        }
    }

    /// The next milestone and its position.
    fn next_milestone(&self) -> Option<(usize, i64)> {
        let at = |i: usize| (self.entry.duration_ms * MILESTONES[i].1 + 999) / 1000;
        (0..MILESTONES.len()).filter(|&i| !self.reached[i]).map(|i| (i, at(i))).next()
    }

    fn fire_milestones(&mut self) {
        while let Some((i, at)) = self.next_milestone() {
            if self.position_ms < at {
                return;
            }
            self.reached[i] = true;
            self.emit(MILESTONES[i].0);
        }
    }

    fn seek(&mut self, to: i64) {
        self.position_ms = to;
        self.emit(EventKind::SEEK).target_ms = Some(to);
        self.fire_milestones();
    }

    fn pause(&mut self, least: i64, most: i64) {
        self.emit(EventKind::PAUSE);
        let length = self.between(least, most);
        self.at_ms += length;
        if length > RESET_MS {
            self.index = 0;
            self.play_time_ms = 0;
            self.buffer_sum_ms = 0;
            self.buffer_ms = 0;
            self.beat_in_ms = HEARTBEAT_MS;
        }
        self.emit(EventKind::RESUME);
    }

    fn stall(&mut self) {
        self.emit(EventKind::BUFFER_START);
        let length = self.between(200, 4_000);
        self.at_ms += length;
        self.buffer_ms += length;
        self.buffer_sum_ms += length;
        self.emit(EventKind::BUFFER_END);
    }

    fn error(&mut self, code: &str, place: &str) {
        let vars = &mut self.emit(EventKind::ERROR).vars;
        vars.push(("errorCode".into(), code.into()));
        vars.push(("errorPosition".into(), place.into()));
    }

    fn beat(&mut self) {
        self.beat_in_ms = HEARTBEAT_MS;
        let mode = |on: bool| if on { 2 } else { 1 };
        let modes = [mode(!self.muted), mode(!self.tab_hidden), mode(!self.tab_hidden), mode(self.full_screen)];
        let (play_time, buffer, buffer_sum) = (self.play_time_ms, self.buffer_ms, self.buffer_sum_ms);
        let (bitrate, segment_ms) = (self.bitrate(), self.between(40, 900));
        let event = self.emit(EventKind::VIEW);
        event.play_time_ms = u64::try_from(play_time).ok();
        let measured = &mut event.measured;
        measured.buffer_ms = u32::try_from(buffer).ok();
        measured.buffer_sum_ms = u64::try_from(buffer_sum).ok();
        measured.bitrate_bps = Some(bitrate);
        measured.bandwidth_bps = Some(bitrate * 3);
        measured.segment_ms = u32::try_from(segment_ms).ok();
        [measured.sound, measured.tab, measured.view, measured.screen] = modes;
        self.buffer_ms = 0;
    }

    /// An event of the player itself.
    fn emit(&mut self, kind: EventKind) -> &mut Event {
        self.index += 1;
        let mut event = self.base.clone();
        event.index = Some(self.index);
        event.position_ms = Some(self.position_ms);
        event.speed_milli = u32::try_from(self.speed_milli).ok();
        if let Some(caption) = self.caption {
            event.vars.push(("caption".into(), caption.into()));
        }
        self.push(kind, event)
    }

    /// An event of the page around the player.
    fn app_event(&mut self, kind: EventKind, vars: &[(&str, &str)]) {
        let mut event = self.base.clone();
        event.vars = vars.iter().map(|&(name, value)| (name.into(), value.into())).collect();
        self.push(kind, event);
    }

    /// An event of the media server, which knows the session only when it is told.
    fn server_event(&mut self, kind: EventKind) {
        let event = self.base.clone();
        self.push(kind, event);
    }

    fn push(&mut self, kind: EventKind, mut event: Event) -> &mut Event {
        event.kind = kind;
        event.at_ms = self.at_ms;
        event.received_ms = self.at_ms;
        self.events.push(event);
        self.events.last_mut().expect("one was just pushed")
    }

    fn bitrate(&mut self) -> u64 {
        [600_000, 1_200_000, 2_400_000, 4_800_000][self.rng.random_range(0..4)]
    }
    fn chance(&mut self, share: f64) -> bool {
        self.rng.random_bool(share)
    }
    fn between(&mut self, least: i64, most: i64) -> i64 {
        self.rng.random_range(least..most)
    }
    fn wait(&mut self, least: i64, most: i64) {
        self.at_ms += self.between(least, most);
    }
}

/// A random id in the shape that players make.
fn guid(rng: &mut ChaCha8Rng) -> String {
    [8, 4, 4, 4, 12].map(|length| word(rng, length)).join("-")
}
