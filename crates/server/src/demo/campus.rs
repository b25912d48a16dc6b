//! Who and what is there: people, courses, channels, recordings, and the pages that hold them.

use super::calendar::{Calendar, DAY_MS, HOUR_MS, Term, hour, weekday};
use super::world::{self, CHANNELS, DEVICES, FAMILY, GIVEN, LMS_TOOL, PLACES, PORTAL, SITES, SUBJECTS, Site};
use crate::enrich::{Enricher, Page, Settings};
use engine::catalog::view::MediaType;
use engine::event::PersonKey;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

const PEOPLE: usize = 4_000;
/// The rest of the people work there.
const STUDENTS: usize = 3_500;
const LECTURES: usize = 9;
const CHANNEL_ENTRIES: usize = 8;
const OTHER_ENTRIES: usize = 35;

/// Recordings that show something, by their place in the list: much watched; never played; with dead air at its end;
/// unlisted, so that nobody is signed in; live.
pub(super) const SHOWCASE: usize = 0;
pub(super) const NEVER_PLAYED: usize = 1;
pub(super) const DEAD_AIR: usize = 2;
pub(super) const UNLISTED: usize = 3;
pub(super) const LIVE: usize = 4;

pub(super) struct Person {
    pub(super) id: String,
    name: String,
    pub(super) key: PersonKey,
    /// Place in [`PLACES`].
    pub(super) place: usize,
    /// Places in [`DEVICES`]: the usual one and another.
    pub(super) devices: [usize; 2],
}

pub(super) struct Category {
    pub(super) id: String,
    name: String,
    /// For courses: place in the calendar's terms.
    term: Option<usize>,
    lms_course: String,
    previous: Option<usize>,
    created_ms: i64,
    /// Teacher or manager, then assistants or contributors.
    leaders: Vec<usize>,
    /// Students or members.
    pub(super) members: Vec<usize>,
}

/// A page that holds a recording.
pub(super) struct Embed {
    pub(super) page: Page,
    /// The gallery itself: the playback context is the category.
    pub(super) gallery: bool,
    /// Of a hundred viewers, how many are signed in.
    pub(super) known: u32,
    pub(super) application: &'static str,
    weight: u32,
    /// Until then it holds an embed code of the old player.
    old_until_ms: i64,
}

impl Embed {
    /// Whether the old player is on it at an instant.
    pub(super) fn is_old(&self, at_ms: i64) -> bool {
        at_ms < self.old_until_ms
    }
}

/// Of three pages with a pasted embed code one never had the old player, one has it still, one was repaired two months ago.
fn old_until_ms(site: &Site, page: &Page, now_ms: i64) -> i64 {
    if !site.application.is_empty() {
        return i64::MIN;
    }
    match (page.domain.len() + page.page.len() + usize::from(page.page.bytes().last().unwrap_or_default())) % 3 {
        0 => i64::MIN,
        1 => i64::MAX,
        _ => now_ms - 60 * DAY_MS,
    }
}

pub(super) struct Entry {
    pub(super) id: String,
    name: String,
    pub(super) media: MediaType,
    pub(super) duration_ms: i64,
    pub(super) content_end_ms: Option<i64>,
    owner: usize,
    co_editors: Vec<usize>,
    tags: Vec<&'static str>,
    created_ms: i64,
    pub(super) downloads: bool,
    /// Place in the categories.
    pub(super) category: Option<usize>,
    popularity: f64,
    pub(super) embeds: Vec<Embed>,
}

pub(super) struct Campus {
    pub(super) calendar: Calendar,
    pub(super) people: Vec<Person>,
    pub(super) categories: Vec<Category>,
    pub(super) entries: Vec<Entry>,
    pub(super) playlist: String,
    /// The seminar is next live.
    next_live_ms: i64,
}

/// Seminars are live on Wednesdays at this hour, and for one.
fn is_seminar(at_ms: i64) -> bool {
    weekday(at_ms) == 3 && hour(at_ms) == 15
}

impl Campus {
    pub(super) fn new(seed: u64, now_ms: i64) -> Campus {
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x6361_6D70);
        let calendar = Calendar::new(now_ms - super::YEAR_MS, now_ms);
        let people = (0..PEOPLE).map(|i| person(i, &mut rng)).collect();
        let mut campus = Campus {
            calendar,
            people,
            categories: Vec::new(),
            entries: Vec::new(),
            playlist: "1_playlist1".to_owned(),
            next_live_ms: (now_ms / HOUR_MS + 1..)
                .map(|hour| hour * HOUR_MS)
                .find(|at| is_seminar(*at))
                .unwrap_or(now_ms),
        };
        campus.add_categories(&mut rng, now_ms);
        campus.add_entries(&mut rng, now_ms);
        campus.add_embeds(&mut rng, now_ms);
        campus
    }

    fn add_categories(&mut self, rng: &mut ChaCha8Rng, now_ms: i64) {
        let main: Vec<usize> = (0..self.calendar.terms.len())
            .filter(|&i| self.calendar.terms[i].main && self.calendar.terms[i].from_ms < now_ms)
            .collect();
        for &term in &main[main.len() - 2..] {
            for (i, (code, name, _)) in SUBJECTS.iter().enumerate() {
                let number = self.categories.len();
                let Term { name: term_name, from_ms, .. } = &self.calendar.terms[term];
                self.categories.push(Category {
                    id: (100_200 + number).to_string(),
                    name: format!("{code} {name} ({term_name})"),
                    term: Some(term),
                    lms_course: (177_700 + number).to_string(),
                    previous: number.checked_sub(SUBJECTS.len()),
                    created_ms: from_ms - 20 * DAY_MS,
                    leaders: (0..3).map(|k| STUDENTS + i * 7 + k).collect(),
                    members: (0..180).map(|_| rng.random_range(0..STUDENTS)).collect(),
                });
            }
        }
        for (i, name) in CHANNELS.iter().enumerate() {
            self.categories.push(Category {
                id: (100_300 + i).to_string(),
                name: (*name).to_owned(),
                term: None,
                lms_course: String::new(),
                previous: None,
                created_ms: now_ms - rng.random_range(400..1500) * DAY_MS,
                leaders: (0..4).map(|k| STUDENTS + 100 + i * 9 + k).collect(),
                members: (0..40).map(|_| rng.random_range(0..PEOPLE)).collect(),
            });
        }
        for category in &mut self.categories {
            category.members.sort_unstable();
            category.members.dedup();
        }
    }

    fn add_entries(&mut self, rng: &mut ChaCha8Rng, now_ms: i64) {
        let years_ago = now_ms - super::YEAR_MS - 60 * DAY_MS;
        let minutes = |n: i64| n * 60_000;
        let channel = SUBJECTS.len() * 2;
        for (name, media, duration_ms, category) in [
            ("Welcome week: how to find everything", MediaType::Video, minutes(9) + 20_000, Some(channel + 2)),
            ("Draft: do not share yet", MediaType::Video, minutes(4), None),
            ("Guest lecture, recorder left running", MediaType::Video, minutes(38), Some(channel + 4)),
            ("Admissions interview, unlisted", MediaType::Video, minutes(12), None),
            ("Wednesday seminar, live", MediaType::Live, 0, Some(channel + 1)),
        ] {
            let owner = STUDENTS + self.entries.len() * 3;
            self.add_entry(rng, name.to_owned(), media, duration_ms, owner, years_ago, category);
        }
        self.entries[SHOWCASE].popularity = 5.0;
        self.entries[SHOWCASE].downloads = true;
        self.entries[DEAD_AIR].content_end_ms = Some(minutes(24));
        self.entries[DEAD_AIR].popularity = 1.5;
        self.entries[UNLISTED].popularity = 1.2;
        for course in 0..channel {
            let (code, _, topics) = &SUBJECTS[course % SUBJECTS.len()];
            for week in 0..LECTURES {
                let (media, kind, length) = match week {
                    4 | 8 => (MediaType::Quiz, "Quiz", 5..12),
                    3 => (MediaType::Audio, "Podcast", 10..25),
                    _ => (MediaType::Video, "Lecture", 7..32),
                };
                let name = format!("{code} {kind} {}: {}", week + 1, topics[week % topics.len()]);
                let duration_ms = minutes(rng.random_range(length)) + rng.random_range(0..60_000);
                let term = &self.calendar.terms[self.categories[course].term.unwrap_or_default()];
                let created = (term.from_ms + week as i64 * 10 * DAY_MS).min(now_ms - 3 * DAY_MS);
                let owner = self.categories[course].leaders[week % 2];
                self.add_entry(rng, name, media, duration_ms, owner, created, Some(course));
            }
        }
        for (i, channel_name) in CHANNELS.iter().enumerate() {
            for k in 0..CHANNEL_ENTRIES {
                let media = if i == 6 || k == 5 { MediaType::Audio } else { MediaType::Video };
                let created = now_ms - rng.random_range(5..800) * DAY_MS;
                let duration_ms = minutes(rng.random_range(2..14)) + rng.random_range(0..60_000);
                let owner = self.categories[channel + i].leaders[k % 4];
                self.add_entry(
                    rng,
                    format!("{channel_name}, part {}", k + 1),
                    media,
                    duration_ms,
                    owner,
                    created,
                    Some(channel + i),
                );
            }
        }
        for i in 0..OTHER_ENTRIES {
            let (media, name) = if i % 3 == 0 {
                (MediaType::YouTube, format!("From YouTube: experiment {}", i + 1))
            } else {
                (MediaType::Video, format!("Screen recording {}", i + 1))
            };
            let created = now_ms - rng.random_range(10..600) * DAY_MS;
            let duration_ms = minutes(rng.random_range(1..15)) + rng.random_range(0..60_000);
            let owner = rng.random_range(STUDENTS..PEOPLE);
            self.add_entry(rng, name, media, duration_ms, owner, created, None);
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "a recording has so many facts, and this is where they come together"
    )]
    fn add_entry(
        &mut self,
        rng: &mut ChaCha8Rng,
        name: String,
        media: MediaType,
        duration_ms: i64,
        owner: usize,
        created_ms: i64,
        category: Option<usize>,
    ) {
        const TAGS: [&str; 8] = ["lecture", "lab", "intro", "review", "accessible", "guest", "how-to", "archive"];
        let mut tags: Vec<&'static str> =
            (0..rng.random_range(0..4)).map(|_| TAGS[rng.random_range(0..TAGS.len())]).collect();
        tags.sort_unstable();
        tags.dedup();
        let co_editors = (0..rng.random_range(0..3)).map(|_| rng.random_range(STUDENTS..PEOPLE)).collect();
        self.entries.push(Entry {
            id: format!("1_{}", word(rng, 8)),
            name,
            media,
            duration_ms,
            content_end_ms: None,
            owner,
            co_editors,
            tags,
            created_ms,
            downloads: rng.random_bool(0.2),
            category,
            popularity: f64::from(rng.random_range(1..60)).powf(-0.5),
            embeds: Vec::new(),
        });
    }

    /// Where recordings are embedded: each kind of site holds several.
    fn add_embeds(&mut self, rng: &mut ChaCha8Rng, now_ms: i64) {
        let enricher =
            Enricher::open(&Settings { org_domains: vec![super::ORG_DOMAIN.to_owned()], ..Settings::default() });
        let channel = SUBJECTS.len() * 2;
        for (i, entry) in self.entries.iter_mut().enumerate() {
            let number = rng.random_range(10_000..99_999u32).to_string();
            let embed = |site: &Site, gallery: bool, weight: u32| {
                let page = enricher.page(&site.referrer.replace("{n}", &number));
                Embed {
                    old_until_ms: old_until_ms(site, &page, now_ms),
                    page,
                    gallery,
                    known: if i == UNLISTED { 0 } else { site.known },
                    application: site.application,
                    weight,
                }
            };
            let mut embeds = Vec::new();
            match entry.category {
                Some(course) if course < channel => {
                    embeds.push(embed(&LMS_TOOL, true, 50));
                    embeds.push(embed(&LMS_TOOL, false, 25));
                }
                Some(_) => {
                    embeds.push(embed(&PORTAL, true, 40));
                    embeds.push(embed(&PORTAL, false, 25));
                }
                None => embeds.push(embed(&PORTAL, false, 50)),
            }
            let kinds = if i == SHOWCASE { SITES.len() } else { 3 };
            embeds.extend((0..kinds).map(|k| embed(&SITES[(i * 5 + k) % SITES.len()], false, 8)));
            entry.embeds = embeds;
        }
    }

    /// How much a recording is watched at an instant, against others.
    fn weight(&self, number: usize, at_ms: i64) -> f64 {
        let entry = &self.entries[number];
        if entry.created_ms > at_ms || number == NEVER_PLAYED || number == LIVE {
            return 0.0;
        }
        if number == SHOWCASE {
            return entry.popularity;
        }
        let age_days = (at_ms - entry.created_ms) as f64 / DAY_MS as f64;
        let newness = 0.2 + 1.6 * (-age_days / 12.0).exp();
        let term = entry.category.and_then(|c| self.categories[c].term).map(|t| &self.calendar.terms[t]);
        let season = match term {
            Some(term) if term.is_exam(at_ms) => 2.5,
            Some(term) if term.holds(at_ms) => 1.0,
            Some(_) => 0.05,
            None => 0.6,
        };
        entry.popularity * newness * season
    }

    /// Which recording somebody plays at an instant.
    pub(super) fn pick_entry(&self, rng: &mut ChaCha8Rng, at_ms: i64) -> usize {
        let term = self.calendar.term(at_ms).is_some_and(|term| term.main);
        if term && is_seminar(at_ms) && rng.random_bool(0.3) {
            return LIVE;
        }
        let weights: Vec<f64> = (0..self.entries.len()).map(|i| self.weight(i, at_ms)).collect();
        let mut left = rng.random::<f64>() * weights.iter().sum::<f64>();
        for (i, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return i;
            }
        }
        SHOWCASE
    }

    /// On which page.
    pub(super) fn pick_embed(&self, rng: &mut ChaCha8Rng, entry: usize) -> &Embed {
        let embeds = &self.entries[entry].embeds;
        &embeds[world::pick(embeds, |embed| embed.weight, rng.random())]
    }

    /// Who. Some people watch far more than others.
    pub(super) fn pick_person(&self, rng: &mut ChaCha8Rng, entry: usize) -> usize {
        let keen = rng.random::<f64>().powf(1.7);
        match self.entries[entry].category {
            Some(category) if self.categories[category].term.is_some() => {
                let Category { members, leaders, .. } = &self.categories[category];
                if rng.random_bool(0.03) {
                    return leaders[rng.random_range(0..leaders.len())];
                }
                members[(keen * members.len() as f64) as usize]
            }
            _ => (keen * PEOPLE as f64) as usize,
        }
    }

    /// Everything as lines of an import.
    pub(super) fn catalog(&self) -> String {
        let mut lines: Vec<Value> = Vec::new();
        let id = |person: usize| self.people[person].id.as_str();
        for person in &self.people {
            let mail = format!("{}@{}", person.id, super::ORG_DOMAIN);
            lines.push(json!({"record": "person", "id": person.id, "name": person.name, "mail": mail}));
        }
        for Term { id, name, from_ms, to_ms, .. } in &self.calendar.terms {
            lines.push(
                json!({"record": "term", "id": id, "name": name, "from": instant(*from_ms), "to": instant(*to_ms)}),
            );
        }
        for (id, name) in [("100100", "Courses"), ("100101", "Channels")] {
            lines.push(json!({"record": "category", "id": id, "name": name}));
        }
        for category in &self.categories {
            let Category { id, name, lms_course, created_ms, .. } = category;
            let mut line = json!({"record": "category", "id": id, "name": name, "created": instant(*created_ms)});
            if let Some(term) = category.term {
                line["kind"] = json!("course");
                line["parent"] = json!("100100");
                line["lms_course"] = json!(lms_course);
                line["term"] = json!(self.calendar.terms[term].id);
            } else {
                line["kind"] = json!("channel");
                line["parent"] = json!("100101");
            }
            if let Some(previous) = category.previous {
                line["previous"] = json!(self.categories[previous].id);
            }
            lines.push(line);
        }
        for (number, entry) in self.entries.iter().enumerate() {
            lines.push(self.entry_line(number, entry));
        }
        for entry in &self.entries {
            if let Some(category) = entry.category {
                let from = instant(entry.created_ms);
                lines.push(json!({"record": "link", "entry": entry.id, "category": self.categories[category].id, "from": from}));
            }
        }
        for category in &self.categories {
            let (first, others, many) = match category.term {
                Some(_) => ("teacher", "assistant", "student"),
                None => ("manager", "contributor", "member"),
            };
            let leader = |k: usize| if k == 0 { first } else { others };
            let leaders = category.leaders.iter().enumerate().map(|(k, &person)| (person, leader(k)));
            let members = category.members.iter().map(|&person| (person, many));
            for (person, role) in leaders.chain(members) {
                lines.push(json!({"record": "member", "category": category.id, "person": id(person), "role": role}));
            }
        }
        let listed: Vec<&str> = self.entries[40..48].iter().map(|entry| entry.id.as_str()).collect();
        lines.push(json!({"record": "playlist", "id": self.playlist, "name": "Best of the year", "entries": listed, "owner": id(STUDENTS)}));
        for term in self.calendar.terms.iter().filter(|term| term.main) {
            let date = instant(term.to_ms - 14 * DAY_MS);
            let text = format!("Exams of {} begin", term.name);
            lines
                .push(json!({"record": "note", "id": format!("exams-{}", term.id), "date": &date[..10], "text": text}));
        }
        lines.iter().map(|line| format!("{line}\n")).collect()
    }

    fn entry_line(&self, number: usize, entry: &Entry) -> Value {
        let id = |person: usize| self.people[person].id.as_str();
        const SOURCES: [&str; 5] = ["Upload", "Kaltura Capture", "Classroom Capture", "Zoom", "Express Recorder"];
        // A picture that needs no other server: two colours and a letter.
        let hue = number * 47 % 360;
        let letter = entry.name.chars().next().unwrap_or('?');
        let picture = format!(
            "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 160 90'%3E%3Crect width='160' height='90' fill='hsl({hue} 45%25 42%25)'/%3E%3Ccircle cx='122' cy='24' r='44' fill='hsl({} 55%25 58%25)'/%3E%3Ctext x='12' y='74' font-family='sans-serif' font-size='40' fill='white'%3E{letter}%3C/text%3E%3C/svg%3E",
            (hue + 40) % 360
        );
        let co_editors: Vec<Value> = entry.co_editors.iter().map(|&person| json!({"person": id(person)})).collect();
        let mut line = json!({
            "record": "entry", "id": entry.id, "name": entry.name, "media_type": entry.media.name(), "owner": id(entry.owner),
            "co_editors": co_editors, "tags": entry.tags, "created": instant(entry.created_ms), "published": instant(entry.created_ms),
            "downloads": entry.downloads, "source": SOURCES[number % SOURCES.len()], "thumbnail_url": picture,
            "visibility": if number == UNLISTED { "unlisted" } else if number == NEVER_PLAYED { "private" } else { "restricted" },
            "log": [{"at": instant(entry.created_ms), "what": "uploaded", "by": id(entry.owner)}],
        });
        if entry.duration_ms > 0 {
            line["duration_ms"] = json!(entry.duration_ms);
        }
        if let Some(end) = entry.content_end_ms {
            line["content_end_ms"] = json!(end);
        }
        match entry.media {
            MediaType::YouTube => {
                line["youtube_id"] = json!(format!("demo{number:07}"));
                line["source"] = json!("Youtube");
            }
            MediaType::Live => {
                line["source"] = json!("Kaltura Webcast");
                line["starts"] = json!(instant(self.next_live_ms));
                line["ends"] = json!(instant(self.next_live_ms + HOUR_MS));
            }
            _ => {}
        }
        line
    }
}

fn instant(at_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(at_ms).map(|at| at.to_string()).unwrap_or_default()
}

fn person(number: usize, rng: &mut ChaCha8Rng) -> Person {
    let (given, family) = (GIVEN[rng.random_range(0..GIVEN.len())], FAMILY[rng.random_range(0..FAMILY.len())]);
    let stem: String = family.chars().filter(char::is_ascii_alphabetic).take(5).collect::<String>().to_lowercase();
    let device = |rng: &mut ChaCha8Rng| world::pick(DEVICES, |row| row.5, rng.random());
    Person {
        id: format!("{stem}{number:04}"),
        name: format!("{given} {family}"),
        key: PersonKey::UNKNOWN,
        place: world::pick(PLACES, |row| row.3, rng.random()),
        devices: [device(rng), device(rng)],
    }
}

/// Random letters and digits.
pub(super) fn word(rng: &mut ChaCha8Rng, length: usize) -> String {
    const LETTERS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    (0..length).map(|_| char::from(LETTERS[rng.random_range(0..LETTERS.len())])).collect()
}
