//! A `.report` file as words. Its parts begin at the margin, their lines are indented; `tests/reports/README.md` says
//! what each may hold.

use engine::catalog::view::{AccountView, CatalogView, CategoryView, EntryView, MediaType, PersonView, PlaylistView};
use engine::event::{AccountId, Event, EventKind, Facts, PersonKey, Playback, Proof, Text, Who};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A file, read.
pub struct Script {
    pub catalog: CatalogView,
    /// In the order of their arrival.
    pub events: Vec<Event>,
    pub asks: Vec<Ask>,
    /// When the questions are asked.
    pub now_ms: i64,
    people: BTreeMap<String, PersonKey>,
    /// The text before each answer.
    before: Vec<String>,
}

/// A question: what it shows, and lines of a word and what it says.
pub struct Ask {
    pub shows: String,
    lines: Vec<(String, String)>,
}

impl Ask {
    pub fn all<'a>(&'a self, name: &'static str) -> impl Iterator<Item = &'a str> {
        self.lines.iter().filter(move |(known, _)| known == name).map(|(_, said)| said.as_str())
    }
    pub fn one(&self, name: &'static str) -> Option<&str> {
        self.all(name).next()
    }
    pub fn many(&self, name: &'static str) -> Vec<&str> {
        self.one(name).into_iter().flat_map(|said| said.split(", ")).collect()
    }
    pub fn has(&self, name: &'static str) -> bool {
        self.one(name).is_some()
    }
}

/// Words apart by blanks; quotes hold a text together.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ' ' if !quoted => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            c => word.push(c),
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

/// `1:02:03`, `2:03` or `3`, in ms.
fn length_ms(text: &str) -> i64 {
    let parts = text.split(':').map(|part| part.parse::<f64>().unwrap_or_else(|_| panic!("no time: {text}")));
    (parts.fold(0.0, |sum, part| sum * 60.0 + part) * 1000.0).round() as i64
}

/// An instant on the wall of a zone.
pub fn instant_text(at_ms: i64, zone: &TimeZone) -> String {
    zone.to_datetime(Timestamp::from_millisecond(at_ms).unwrap()).to_string().replace('T', " ")
}

fn instant_ms(text: &str) -> i64 {
    TimeZone::UTC.to_timestamp(text.parse::<DateTime>().unwrap()).unwrap().as_millisecond()
}

impl Script {
    pub fn parse(name: &str, text: &str) -> Script {
        let mut script = Script {
            catalog: CatalogView::default(),
            events: Vec::new(),
            asks: Vec::new(),
            now_ms: instant_ms("2026-11-01T12:00:00"),
            people: BTreeMap::new(),
            before: vec![String::new()],
        };
        let mut account = AccountView {
            name: "Campus".into(),
            created_ms: instant_ms("2026-09-01T00:00:00"),
            ..AccountView::default()
        };
        let mut sender = Sender { day: "2026-10-05".parse().unwrap(), base: Event::default(), index: 0 };
        let mut part = "";
        for line in text.lines() {
            let indented = line.starts_with(' ');
            if line == "----" {
                script.before.last_mut().unwrap().push_str("----\n");
                script.before.push(String::new());
                part = "answer";
                continue;
            }
            if part == "answer" && !line.is_empty() {
                continue;
            }
            if part == "answer" {
                part = "";
            }
            script.before.last_mut().unwrap().push_str(&format!("{line}\n"));
            let said = line.trim();
            if said.is_empty() || said.starts_with('#') {
                continue;
            }
            match (indented, words(said).first().map(String::as_str)) {
                (false, Some("catalog")) => part = "catalog",
                (false, Some("events")) => part = "events",
                (false, Some("ask")) => {
                    part = "ask";
                    script.asks.push(Ask { shows: words(said)[1].clone(), lines: Vec::new() });
                }
                (false, _) => part = "",
                (true, _) => match part {
                    "catalog" => script.record(&mut account, &words(said)),
                    "events" => script.event(&account, &mut sender, said),
                    "ask" => {
                        let (word, rest) = said.split_once(' ').unwrap_or((said, ""));
                        let line = (word.to_owned(), rest.trim().to_owned());
                        script.asks.last_mut().unwrap().lines.push(line);
                    }
                    _ => panic!("{name}: a line of nothing: {line}"),
                },
            }
        }
        assert_eq!(script.asks.len() + 1, script.before.len(), "{name}: every question is followed by ----");
        assert!(!script.asks.is_empty(), "{name}: nothing is asked");
        script.events.sort_by_key(|event| event.at_ms);
        for (id, key) in &script.people {
            let known = account.person_keys.insert(id.as_str().into(), *key);
            assert!(known.is_none_or(|known| known == *key));
            let unconfirmed =
                || PersonView { id: id.as_str().into(), name: id.as_str().into(), ..PersonView::default() };
            account.people.entry(*key).or_insert_with(unconfirmed);
        }
        for (id, entry) in &account.entries {
            for category in &entry.categories {
                account.category_entries.entry(category.clone()).or_default().insert(id.clone());
            }
        }
        script.catalog.accounts.insert(AccountId(1), Arc::new(account));
        script
    }

    /// The file with these answers in place of its own.
    pub fn with_answers(&self, answers: &[String]) -> String {
        let mut out = String::new();
        for (at, before) in self.before.iter().enumerate() {
            out.push_str(before);
            out.push_str(answers.get(at).map_or("", String::as_str));
        }
        out
    }

    /// The key of a person, made when first named.
    fn key(&mut self, id: &str) -> PersonKey {
        let next = PersonKey(self.people.len() as u64 + 1);
        *self.people.entry(id.to_owned()).or_insert(next)
    }

    pub fn person(&self, id: &str) -> PersonKey {
        *self.people.get(id).unwrap_or_else(|| panic!("nobody is {id}"))
    }

    fn record(&mut self, account: &mut AccountView, words: &[String]) {
        let id = Text::from(words[1].as_str());
        let name: Text = words.get(2).map_or("", String::as_str).into();
        let said = |word: &str| words.iter().find_map(|said| said.strip_prefix(&format!("{word}=")));
        let list = |word: &str| said(word).into_iter().flat_map(|said| said.split(',')).map(Text::from).collect();
        match words[0].as_str() {
            "now" => self.now_ms = instant_ms(&words[1]),
            "created" => account.created_ms = instant_ms(&words[1]),
            "person" => {
                let key = self.key(&id);
                account.people.insert(key, PersonView { id, name, ..PersonView::default() });
            }
            "playlist" => drop(account.playlists.insert(id, PlaylistView { name, ..PlaylistView::default() })),
            "category" => {
                let parent = said("below").map(Text::from);
                if let Some(parent) = &parent {
                    account.children.entry(parent.clone()).or_default().insert(id.clone());
                }
                let lms_course = said("lms").unwrap_or("").into();
                account.categories.insert(id, CategoryView { name, parent, lms_course, ..CategoryView::default() });
            }
            "entry" => {
                let media_type = match said("type").unwrap_or("video") {
                    "video" => MediaType::Video,
                    "live" => MediaType::Live,
                    "quiz" => MediaType::Quiz,
                    other => panic!("no type {other}"),
                };
                let entry = EntryView {
                    name,
                    media_type,
                    duration_ms: said("length").map(|text| length_ms(text) as u64),
                    categories: list("in"),
                    deleted: words.iter().any(|word| word == "deleted"),
                    ..EntryView::default()
                };
                account.entries.insert(id, entry);
            }
            other => panic!("no record {other}"),
        }
    }

    fn event(&mut self, account: &AccountView, sender: &mut Sender, line: &str) {
        let said = words(line);
        match said[0].as_str() {
            "day" => sender.day = said[1].parse().unwrap(),
            "session" => {
                let who = match said[3].trim_end_matches('?') {
                    "unknown" => Who::default(),
                    id => {
                        let proof = if said[3].ends_with('?') { Proof::Claimed } else { Proof::Verified };
                        Who { person: self.key(id), proof, ..Who::default() }
                    }
                };
                let entry = Text::from(said[2].as_str());
                sender.index = 0;
                sender.base = Event {
                    account: AccountId(1),
                    duration_ms: account.entries.get(&entry).and_then(|entry| entry.duration_ms),
                    entry,
                    session: said[1].as_str().into(),
                    who,
                    ..Event::default()
                };
                said[4..].iter().for_each(|fact| sender.fact(fact));
            }
            _ => line.split(';').for_each(|one| self.events.extend(sender.send(&words(one)))),
        }
    }
}

/// A player: what its session's events have in common.
struct Sender {
    day: Date,
    base: Event,
    index: u32,
}

impl Sender {
    fn fact(&mut self, said: &str) {
        let (name, value) = said.split_once('=').unwrap_or((said, ""));
        let Facts {
            country, region, city, device, domain, page, application, context, proved_context, playlist, ..
        } = &mut self.base.facts;
        let fact = match name {
            "bot" => return self.base.bot = true,
            "staff" => return self.base.who.staff = true,
            "playback" => {
                self.base.playback = *Playback::ALL.iter().find(|playback| playback.name() == value).unwrap();
                return;
            }
            "page" => {
                // As at collection: a page tells its domain.
                *domain = value.split('/').nth(2).unwrap().into();
                page
            }
            "country" => country,
            "region" => region,
            "city" => city,
            "device" => device,
            "domain" => domain,
            "application" => application,
            "context" => context,
            "proved_context" => proved_context,
            "playlist" => playlist,
            other => panic!("no fact {other}"),
        };
        *fact = value.into();
    }

    /// `09:00:10 view at 0:10 sum 0:10`; `lost` is an event that never arrived.
    fn send(&mut self, said: &[String]) -> Option<Event> {
        let mut event = self.base.clone();
        if said[0] == "lost" {
            self.index += 1;
            return None;
        }
        event.at_ms = instant_ms(&format!("{}T00:00:00", self.day)) + length_ms(&with_seconds(&said[0]));
        event.received_ms = event.at_ms;
        event.kind = kind(&said[1]);
        // Applications and quizzes do not count their events.
        if event.kind.0 < 10_000 {
            self.index += 1;
            event.index = Some(self.index);
        }
        let mut rest = said[2..].iter();
        while let Some(word) = rest.next() {
            let mut next = || rest.next().unwrap_or_else(|| panic!("{word} says nothing"));
            match word.as_str() {
                "at" => event.position_ms = Some(length_ms(next())),
                "to" => event.target_ms = Some(length_ms(next())),
                "sum" => event.play_time_ms = Some(length_ms(next()) as u64),
                "speed" => event.speed_milli = Some(length_ms(next()) as u32),
                // An answer as collection makes it of `question` and `correct`.
                "right" | "wrong" => {
                    let question = next().as_str();
                    event.vars.push(("answered".into(), question.into()));
                    if word == "right" {
                        event.vars.push(("correct".into(), question.into()));
                    }
                }
                other => {
                    let (name, value) = other.split_once('=').unwrap_or_else(|| panic!("what is {other}?"));
                    event.vars.push((name.into(), value.into()));
                }
            }
        }
        Some(event)
    }
}

/// `09:00` is `09:00:00`.
fn with_seconds(time: &str) -> String {
    if time.matches(':').count() == 1 { format!("{time}:00") } else { time.to_owned() }
}

fn kind(word: &str) -> EventKind {
    match word {
        "shown" => EventKind::IMPRESSION,
        "play" => EventKind::PLAY,
        "pause" => EventKind::PAUSE,
        "seek" => EventKind::SEEK,
        "view" => EventKind::VIEW,
        "25%" => EventKind::REACHED_25,
        "50%" => EventKind::REACHED_50,
        "75%" => EventKind::REACHED_75,
        "100%" => EventKind::REACHED_100,
        "quiz_started" => EventKind::QUIZ_STARTED,
        "quiz_answered" => EventKind::QUIZ_ANSWERED,
        "quiz_submitted" => EventKind::QUIZ_SUBMITTED,
        number => EventKind(number.parse().unwrap_or_else(|_| panic!("no event {number}"))),
    }
}
