//! The glossary's sentences, reckoned row by row with plain loops.

use super::rows::Row;
use engine::catalog::view::{AccountView, MediaType};
use engine::event::{PersonKey, Playback, Text};
use engine::glossary::{Dimension, Measure, Source};
use engine::period::{Calendar, parts};
use engine::question::{Filter, Operator, Value};
use engine::row::SumColumn as C;
use engine::time::Quarter;
use std::collections::{BTreeMap, BTreeSet};

pub struct Oracle<'a> {
    pub view: &'a AccountView,
    pub calendar: Calendar<'a>,
    /// The category asked about, and those below it if they belong to it.
    pub course: Option<BTreeSet<Text>>,
    /// The category asked about.
    pub category: Option<Text>,
    /// All rows of the account: lengths are learned from them.
    pub all: &'a [&'a Row],
    /// The rows that the caller may see.
    pub sees: &'a dyn Fn(&Row) -> bool,
    /// The recordings that the caller may list, played or not.
    pub lists: &'a dyn Fn(&str) -> bool,
    /// That is one recording.
    pub one_entry: bool,
}

impl Oracle<'_> {
    /// Length of a recording: the catalog's, else the middle one of those taught by the largest share.
    pub fn length(&self, entry: &str) -> Option<u64> {
        if let Some(ms) = self.view.entries.get(entry).and_then(|e| e.duration_ms)
            && ms > 0
        {
            return Some(ms);
        }
        let honest = self.all.iter().filter(|r| *r.entry == *entry && !r.bot && r.suspect.is_empty());
        let taught: Vec<(u64, u64)> = honest
            .map(|r| (r.get(C::LearnedFrom), r.get(C::LearnedDuration)))
            .filter(|(s, ms)| *s > 0 && *ms > 0)
            .collect();
        let best = taught.iter().map(|(share, _)| *share).max()?;
        let mut taught: Vec<u64> = taught.into_iter().filter(|(share, _)| *share == best).map(|(_, ms)| ms).collect();
        taught.sort();
        Some(taught[(taught.len() - 1) / 2])
    }

    /// Length up to the end of content.
    fn content(&self, entry: &str) -> Option<u64> {
        let length = self.length(entry)?;
        let end = self.view.entries.get(entry).and_then(|e| e.content_end_ms).filter(|end| *end > 0);
        Some(end.map_or(length, |end| end.min(length)))
    }

    /// Values of a dimension, as filters spell them.
    pub fn keys(&self, dimension: Dimension, row: &Row) -> Vec<Text> {
        let yes_no = |yes: bool| vec![Text::from(if yes { "yes" } else { "no" })];
        let entry = self.view.entries.get(&row.entry);
        let f = &row.facts;
        let version = |family: &Text, version: &Text| {
            if family.is_empty() { "".into() } else { Text::from(format!("{family} {version}").trim_end()) }
        };
        let many = |set: Option<&BTreeSet<Text>>| match set {
            Some(set) if !set.is_empty() => set.iter().cloned().collect(),
            _ => vec!["".into()],
        };
        match dimension {
            Dimension::Entry => vec![row.entry.clone()],
            Dimension::MediaType => vec![
                match entry.map(|e| e.media_type).unwrap_or_default() {
                    MediaType::Unknown => "unknown",
                    MediaType::Video => "video",
                    MediaType::Audio => "audio",
                    MediaType::Image => "image",
                    MediaType::Live => "live",
                    MediaType::Quiz => "quiz",
                    MediaType::YouTube => "youtube",
                }
                .into(),
            ],
            Dimension::EntrySource => vec![entry.map(|e| e.source.clone()).unwrap_or_default()],
            Dimension::Tag => many(entry.map(|e| &e.tags)),
            Dimension::Owner => vec![entry.and_then(|e| e.owner).map(person).unwrap_or_default()],
            Dimension::Category => many(entry.map(|e| &e.categories)),
            Dimension::Subcategory => self.subcategories(row),
            Dimension::PlaybackContext => vec![f.context.clone()],
            Dimension::ProvedContext => vec![f.proved_context.clone()],
            Dimension::Playlist => vec![f.playlist.clone()],
            Dimension::Viewer => vec![person(row.person)],
            Dimension::Proof => vec![["none", "claimed", "verified"][row.proof as usize].into()],
            Dimension::Country => vec![f.country.clone()],
            Dimension::Region => vec![f.region.clone()],
            Dimension::City => vec![f.city.clone()],
            Dimension::Device => vec![f.device.clone()],
            Dimension::Os => vec![f.os.clone()],
            Dimension::OsVersion => vec![version(&f.os, &f.os_version)],
            Dimension::Browser => vec![f.browser.clone()],
            Dimension::BrowserVersion => vec![version(&f.browser, &f.browser_version)],
            Dimension::Domain => vec![f.domain.clone()],
            Dimension::Page => vec![f.page.clone()],
            Dimension::Application => vec![f.application.clone()],
            Dimension::ApplicationVersion => vec![f.application_version.clone()],
            Dimension::KalturaApplication => vec![f.kaltura_application.clone()],
            Dimension::KalturaApplicationVersion => vec![f.kaltura_application_version.clone()],
            Dimension::PlaybackType => vec![row.playback.name().into()],
            Dimension::PlayerVersion => vec![f.player_version.clone()],
            Dimension::ClientTag => vec![f.client_tag.clone()],
            Dimension::UiConf => vec![f.ui_conf.clone()],
            Dimension::Delivery => vec![f.delivery.clone()],
            Dimension::CustomVar1 => vec![f.custom_var_1.clone()],
            Dimension::CustomVar2 => vec![f.custom_var_2.clone()],
            Dimension::CustomVar3 => vec![f.custom_var_3.clone()],
            Dimension::RootEntry => vec![f.root_entry.clone()],
            Dimension::Node => vec![f.node.clone()],
            Dimension::VirtualEvent => vec![f.virtual_event.clone()],
            Dimension::Staff => yes_no(row.staff),
            Dimension::Bot => yes_no(row.bot),
            Dimension::Suspect => vec![row.suspect.clone()],
            Dimension::PlaceSource => vec![f.place_source.clone()],
            Dimension::Known => yes_no(row.person.0 != 0),
            Dimension::Deleted => yes_no(entry.is_some_and(|e| e.deleted)),
            Dimension::Placement => vec![self.placement(row).into()],
            Dimension::Quarter
            | Dimension::Hour
            | Dimension::Day
            | Dimension::Week
            | Dimension::SundayWeek
            | Dimension::Month
            | Dimension::Term
            | Dimension::Year
            | Dimension::HourOfDay
            | Dimension::Weekday => {
                // Of one quarter; how ranges are cut has a law of its own.
                let at = Quarter(row.quarter as i32);
                let parts = parts(at, Quarter(at.0 + 1), &self.calendar, dimension.time().unwrap()).unwrap();
                vec![parts.slots[parts.of_quarter[0] as usize].key.as_str().into()]
            }
            Dimension::PlaybackRate => marked(row, 41, "playbackSpeed"),
            Dimension::ErrorCode => marked(row, 98, "errorCode"),
            Dimension::ReportReason => marked(row, 25, "reportType"),
            Dimension::CaptionChosen => marked(row, 38, "caption"),
            Dimension::CaptionShown => marked(row, 99, "caption"),
            Dimension::AudioChosen => marked(row, 42, "language"),
            Dimension::AudioHeard => marked(row, 99, "audioLanguage"),
            Dimension::Network => marked(row, 99, "networkConnectionType"),
            Dimension::ShareNetwork => marked(row, 22, "socialNetwork"),
            Dimension::Button => marked(row, 10002, "buttonName"),
            Dimension::PageName => marked(row, 10003, "pageName"),
            Dimension::QuizQuestion => marked(row, 30003, "answered"),
            Dimension::QuizQuestionCorrect => marked(row, 30003, "correct"),
        }
    }

    /// From each of the recording's categories that count, up to the one below the category asked about.
    fn subcategories(&self, row: &Row) -> Vec<Text> {
        let (Some(course), Some(asked)) = (&self.course, &self.category) else { return vec![] };
        let mut through = BTreeSet::new();
        for id in self.view.entries.get(&row.entry).iter().flat_map(|e| &e.categories).filter(|id| course.contains(*id))
        {
            let mut at = (id, &Text::default());
            while at.0 != asked {
                at = (self.view.categories[at.0].parent.as_ref().unwrap(), at.0);
            }
            through.insert(at.1.clone());
        }
        if through.is_empty() { vec!["".into()] } else { through.into_iter().collect() }
    }

    /// Ruling 37, for the category asked about; for all else any category and any proof will do.
    fn placement(&self, row: &Row) -> &'static str {
        let (context, proved, page) = (&row.facts.context, &row.facts.proved_context, &row.facts.page);
        let Some(course) = &self.course else {
            let gallery = self.view.categories.contains_key(context);
            let proved = self.view.categories.contains_key(proved);
            return if gallery {
                "gallery"
            } else if proved {
                "course"
            } else {
                "elsewhere"
            };
        };
        let of_page = course.iter().any(|id| {
            let lms = &self.view.categories[id].lms_course;
            !lms.is_empty() && page.contains(&format!("/courses/{lms}/"))
        });
        if course.contains(context) {
            "gallery"
        } else if course.contains(proved) || of_page {
            "course"
        } else {
            "elsewhere"
        }
    }

    /// Whether a row passes a filter; a row without a variable has its empty value. Only `is` and `is not`, and `has` on texts that are their own labels.
    pub fn passes(&self, filter: &Filter, row: &Row) -> bool {
        let mut keys = self.keys(filter.dimension, row);
        if keys.is_empty() {
            keys.push("".into());
        }
        let is = keys.iter().any(|key| filter.values.contains(key));
        let has = || {
            let contains = |key: &Text, value: &Text| key.to_lowercase().contains(&value.to_lowercase());
            keys.iter().any(|key| filter.values.iter().any(|value| contains(key, value)))
        };
        match filter.operator {
            Operator::Is => is,
            Operator::Not => !is,
            Operator::Has => has(),
            Operator::HasNot => !has(),
        }
    }

    /// A measure over some rows, and recordings added where they can be told; `best` is plays and viewers of the best row of the table, `of` the dimension and value by
    /// which they are grouped.
    pub fn value(
        &self,
        measure: Measure,
        rows: &[&Row],
        added: Option<&[&Row]>,
        best: Option<(f64, f64)>,
        of: Option<(Dimension, &str)>,
    ) -> Value {
        let sum = |c: C| rows.iter().map(|r| r.get(c) as f64).sum::<f64>();
        let sum_if = |c: C, playbacks: &[Playback]| {
            rows.iter().filter(|r| playbacks.contains(&r.playback)).map(|r| r.get(c) as f64).sum::<f64>()
        };
        let plays = sum(C::Plays);
        let minutes = |ms: f64| Some(ms / 60_000.0);
        let ratio = |a: f64, b: f64| if b == 0.0 { None } else { Some(a / b) };
        let mean = |c: C, n: C| ratio(sum(c), sum(n));
        let axis = |r: &&&Row| matches!(r.playback, Playback::Vod | Playback::Offline);
        let live = [Playback::Live, Playback::Dvr];
        let recorded = [Playback::Vod, Playback::Offline];
        let image = |r: &Row| self.view.entries.get(&r.entry).is_some_and(|e| e.media_type == MediaType::Image);
        let watched_it = |r: &&&Row| r.get(C::Plays) > 0 || (image(r) && r.get(C::Impressions) > 0);
        let count = |set: BTreeSet<String>| set.len() as f64;
        let viewers = || rows.iter().filter(watched_it).map(|r| r.person).collect::<BTreeSet<_>>().len() as f64;
        let played = || rows.iter().filter(|r| r.get(C::Plays) > 0);
        let attended = |holds: &dyn Fn(u8, u8, u8, u8) -> bool| {
            let states = rows.iter().flat_map(|r| &r.attention);
            states
                .filter(|(s, _)| holds(*s % 3, *s / 3 % 3, *s / 9 % 3, *s / 27 % 3))
                .map(|(_, ms)| *ms as f64)
                .sum::<f64>()
        };
        let said = || attended(&|sound, tab, _, _| sound > 0 && tab > 0);
        // Of rows whose recording's length is known: covered before and after, and the length.
        let timed = |content: bool| {
            rows.iter().filter(axis).filter_map(move |r| {
                let length = if content { self.content(&r.entry)? } else { self.length(&r.entry)? } as f64;
                let before = r.get(C::CoveredBefore) as f64;
                Some((r, before.min(length), (before + r.get(C::FreshMs) as f64).min(length), length))
            })
        };
        let crossed = |share: f64| timed(true).filter(|(_, a, b, l)| *a / l < share && *b / l >= share).count() as f64;
        let timed_plays = || timed(true).map(|(r, ..)| r.get(C::Plays) as f64).sum::<f64>();
        let completion = || {
            // Where content ends before the recording does: the seconds of it that were seen for the first time.
            let newly = |r: &Row, a: f64, b: f64, l: f64| {
                let until = |second: u32| (f64::from(second) * 1000.0).min(l);
                let ends_early = self.length(&r.entry).is_some_and(|all| l < all as f64);
                if ends_early { r.fresh.iter().map(|s| until(s + 1) - until(*s)).sum() } else { b - a }
            };
            let share = timed(true).map(|(r, a, b, l)| newly(r, a, b, l) / l).sum::<f64>();
            ratio(share, timed_plays()).map(|v| v.min(1.0))
        };
        let parts = || timed(false).map(|(_, a, b, l)| (b * 100.0 / l).floor() - (a * 100.0 / l).floor()).sum::<f64>();
        let milestones_ms = || {
            let of = |r: &&Row| {
                let n = [C::Reached25, C::Reached50, C::Reached75, C::Reached100].map(|c| r.get(c)).iter().sum::<u64>();
                n as f64 * self.length(&r.entry).unwrap_or(0) as f64
            };
            rows.iter().map(of).sum::<f64>()
        };
        let marks = |kind: u32, name: &str| -> Vec<(String, f64)> {
            let all = rows.iter().flat_map(|r| &r.marks).filter(|((k, n, _), _)| *k == kind && n == name);
            all.map(|((_, _, value), n)| (value.clone(), f64::from(*n))).collect()
        };
        // Per recording: the seconds anybody played.
        let total = || {
            let mut of: BTreeMap<&str, BTreeSet<u32>> = BTreeMap::new();
            for r in rows.iter().filter(axis).filter(|r| r.get(C::Plays) > 0 || !r.coverage.is_empty()) {
                if self.content(&r.entry).is_some() {
                    of.entry(&r.entry).or_default().extend(r.coverage.keys());
                }
            }
            let (mut covered, mut length) = (0, 0);
            for (entry, seconds) in of {
                let content = self.content(entry).unwrap();
                let until = |second: u32| (u64::from(second) * 1000).min(content);
                covered += seconds.into_iter().map(|second| until(second + 1) - until(second)).sum::<u64>();
                length += content;
            }
            (covered, length)
        };
        let score = |completion: f64| {
            let (most_plays, most_viewers) = best.filter(|(plays, _)| *plays > 0.0)?;
            let viewers = if most_viewers > 0.0 { viewers() / most_viewers } else { 0.0 };
            Some(5.0 * plays / most_plays + 2.5 * viewers + 2.5 * completion)
        };
        let kaltura_completion = || ratio(parts(), plays).map(|v| v.min(100.0));

        match measure {
            Measure::Impressions => Some(sum(C::Impressions)),
            Measure::PlayRequests => Some(sum(C::PlayRequests)),
            Measure::Plays => Some(plays),
            Measure::PlayedEntries => {
                Some(count(played().filter(|r| !r.entry.is_empty()).map(|r| r.entry.to_string()).collect()))
            }
            Measure::Viewers => Some(viewers()),
            Measure::KnownViewers => {
                let known = rows.iter().filter(watched_it).map(|r| r.person).filter(|p| *p != PersonKey::UNKNOWN);
                Some(known.collect::<BTreeSet<_>>().len() as f64)
            }
            Measure::KnownPeople => {
                let known = rows.iter().map(|r| r.person).filter(|p| *p != PersonKey::UNKNOWN);
                Some(known.collect::<BTreeSet<_>>().len() as f64)
            }
            Measure::Entries => {
                Some(count(rows.iter().filter(|r| !r.entry.is_empty()).map(|r| r.entry.to_string()).collect()))
            }
            Measure::Sessions => Some(rows.iter().map(|r| &r.session).collect::<BTreeSet<_>>().len() as f64),
            Measure::Domains => {
                Some(count(played().map(|r| r.facts.domain.to_string()).filter(|d| !d.is_empty()).collect()))
            }
            Measure::PlayedPages => {
                Some(count(played().map(|r| r.facts.page.to_string()).filter(|d| !d.is_empty()).collect()))
            }
            Measure::Occurrences => {
                let Some((Source::Mark(kind, name), key)) = of.map(|(d, key)| (d.source(), key)) else { return None };
                Some(marks(kind, name).iter().filter(|(value, _)| value == key).map(|(_, n)| n).sum())
            }
            Measure::TimesCorrect | Measure::CorrectShare => {
                let Some((Dimension::QuizQuestion, key)) = of else { return None };
                let count =
                    |name| marks(30003, name).iter().filter(|(value, _)| value == key).map(|(_, n)| n).sum::<f64>();
                match measure {
                    Measure::TimesCorrect => Some(count("correct")),
                    _ => ratio(count("correct"), count("answered")),
                }
            }
            Measure::FirstSeen => rows.iter().map(|r| r.first_ms).min().map(|ms| ms as f64),
            Measure::LastSeen => rows.iter().map(|r| r.last_ms).max().map(|ms| ms as f64),
            Measure::Owners => {
                let owners = rows.iter().filter_map(|r| self.view.entries.get(&r.entry)?.owner);
                Some(owners.collect::<BTreeSet<_>>().len() as f64)
            }
            Measure::MinutesViewed => minutes(sum(C::WatchedMs)),
            Measure::ClockMinutes => minutes(sum(C::ClockMs)),
            Measure::HeartbeatMinutes => minutes(sum(C::HeartbeatMs)),
            Measure::QuartileMinutes => minutes(milestones_ms() / 4.0),
            Measure::VodMinutes => minutes(sum_if(C::WatchedMs, &recorded)),
            Measure::LiveMinutes => minutes(sum_if(C::WatchedMs, &live)),
            Measure::VodHeartbeatMinutes => minutes(sum_if(C::HeartbeatMs, &[Playback::Vod])),
            Measure::LiveHeartbeatMinutes => minutes(sum_if(C::HeartbeatMs, &live)),
            Measure::AverageMinutes => ratio(sum(C::WatchedMs) / 60_000.0, plays),
            Measure::AverageClockMinutes => ratio(sum(C::ClockMs) / 60_000.0, plays),
            Measure::AverageHeartbeatMinutes => ratio(sum(C::HeartbeatMs) / 60_000.0, plays),
            Measure::AverageQuartileMinutes => ratio(milestones_ms() / 240_000.0, plays),
            Measure::MinutesPerViewer => ratio(sum(C::WatchedMs) / 60_000.0, viewers()),
            Measure::UnprovedMinutes => minutes(sum(C::UnprovedMs)),
            Measure::PlayRate => ratio(plays, sum(C::Impressions)),
            Measure::RequestRate => ratio(sum(C::PlayRequests), sum(C::Impressions)),
            Measure::StartRate => ratio(plays, sum(C::PlayRequests)),
            Measure::Reached25 => Some(sum(C::Reached25)),
            Measure::Reached50 => Some(sum(C::Reached50)),
            Measure::Reached75 => Some(sum(C::Reached75)),
            Measure::Reached90 => Some(sum(C::Reached90)),
            Measure::Reached100 => Some(sum(C::Reached100)),
            Measure::Covered25 => Some(crossed(0.25)),
            Measure::Covered50 => Some(crossed(0.5)),
            Measure::Covered75 => Some(crossed(0.75)),
            Measure::Covered90 => Some(crossed(0.9)),
            Measure::Covered100 => Some(crossed(0.995)),
            Measure::DropOff => {
                ratio((sum(C::Reached25) + sum(C::Reached50) + sum(C::Reached75) + sum(C::Reached100)) / 4.0, plays)
            }
            Measure::PlayThrough => ratio(sum(C::Reached100), plays),
            Measure::Completion => completion(),
            Measure::FinishRate => ratio(crossed(0.995), timed_plays()).map(|v| v.min(1.0)),
            Measure::CompatibleCompletion => kaltura_completion(),
            Measure::CompatibleVodCompletion => {
                ratio(parts(), sum_if(C::Plays, &[Playback::Vod])).map(|v| v.min(100.0))
            }
            Measure::TotalCompletion => {
                let (covered, length) = total();
                ratio(covered as f64, length as f64).map(|v| v.min(1.0))
            }
            Measure::CompatibleTotalCompletion => {
                let (covered, length) = total();
                (covered * 100).checked_div(length).map(|share| share.min(100) as f64)
            }
            Measure::EngagementScore => score(completion().unwrap_or(0.0)),
            Measure::CompatibleEngagementScore => score(kaltura_completion().unwrap_or(0.0) / 100.0),
            Measure::PlaysScore => best.filter(|(most, _)| *most > 0.0).map(|(most, _)| 5.0 * plays / most),
            Measure::Resumes => Some(sum(C::Resumes)),
            Measure::Pauses => Some(sum(C::Pauses)),
            Measure::Replays => Some(sum(C::Replays)),
            Measure::Seeks => Some(sum(C::Seeks)),
            Measure::SharesOpened => Some(sum(C::SharesOpened)),
            Measure::Shares => Some(sum(C::Shares)),
            Measure::Downloads => Some(sum(C::Downloads)),
            Measure::ReportsOpened => Some(sum(C::ReportsOpened)),
            Measure::Reports => Some(sum(C::ReportsSubmitted)),
            Measure::FullscreenOn => Some(sum(C::FullscreenOn)),
            Measure::FullscreenOff => Some(sum(C::FullscreenOff)),
            Measure::RelatedOpened => Some(sum(C::RelatedOpened)),
            Measure::RelatedSelected => Some(sum(C::RelatedSelected)),
            Measure::Captions => Some(sum(C::Captions)),
            Measure::SourcesSelected => Some(sum(C::SourcesSelected)),
            Measure::Infos => Some(sum(C::Infos)),
            Measure::Speeds => Some(sum(C::Speeds)),
            Measure::AudiosSelected => Some(sum(C::AudiosSelected)),
            Measure::FlavorSwitches => Some(sum(C::FlavorSwitches)),
            Measure::BufferStarts => Some(sum(C::BufferStarts)),
            Measure::BufferEnds => Some(sum(C::BufferEnds)),
            Measure::Errors => Some(sum(C::Errors)),
            Measure::Heartbeats => Some(sum(C::Heartbeats)),
            Measure::Manifests => Some(sum(C::Manifests)),
            Measure::Buttons => Some(sum(C::Buttons)),
            Measure::PageLoads => Some(sum(C::Pages)),
            Measure::ApiCalls => Some(sum(C::ApiCalls)),
            Measure::Quizzes => Some(sum(C::Quizzes)),
            Measure::QuizScore => {
                let scores: Vec<(f64, f64)> =
                    marks(30001, "score").iter().filter_map(|(v, n)| Some((v.parse::<f64>().ok()?, *n))).collect();
                ratio(scores.iter().map(|(v, n)| v * n).sum(), scores.iter().map(|(_, n)| n).sum())
            }
            Measure::QuizStarts => {
                let clicks = marks(10002, "buttonName").into_iter().filter(|(value, _)| value == "Quiz_start");
                Some(clicks.chain(marks(30002, "")).map(|(_, n)| n).sum())
            }
            Measure::QuizTakers => {
                let takers = rows.iter().filter(|r| r.get(C::Quizzes) > 0).map(|r| r.person);
                Some(takers.collect::<BTreeSet<_>>().len() as f64)
            }
            Measure::QuizBest => {
                marks(30001, "score").iter().filter_map(|(v, _)| v.parse::<f64>().ok()).reduce(f64::max)
            }
            Measure::QuizAnswers => Some(marks(30003, "answered").iter().map(|(_, n)| n).sum()),
            Measure::QuizCorrect => Some(marks(30003, "correct").iter().map(|(_, n)| n).sum()),
            Measure::QuizCorrectShare => {
                let count = |name| marks(30003, name).iter().map(|(_, n)| n).sum::<f64>();
                ratio(count("correct"), count("answered"))
            }
            Measure::QuizRespondents => {
                let answered = |r: &&&Row| !marked(r, 30003, "answered").is_empty();
                Some(rows.iter().filter(answered).map(|r| r.person).collect::<BTreeSet<_>>().len() as f64)
            }
            Measure::ScoredQuizzes => Some(marks(30001, "score").iter().map(|(_, n)| n).sum()),
            Measure::Others => Some(sum(C::Others)),
            Measure::Events => Some(sum(C::Events)),
            Measure::JoinTime => mean(C::JoinMs, C::Joins),
            Measure::CanPlayTime => mean(C::CanPlayMs, C::CanPlays),
            Measure::LoadTime => mean(C::LoadMs, C::Loads),
            Measure::BufferingMinutes => minutes(sum(C::BufferMs)),
            Measure::BufferingRatio => ratio(sum(C::BufferMs), sum(C::BufferMs) + sum(C::ClockMs)),
            Measure::CompatibleBufferingRatio => ratio(sum(C::BufferMs), sum(C::HeartbeatMs)),
            Measure::Bitrate => mean(C::BitrateBps, C::Bitrates),
            Measure::Bandwidth => mean(C::BandwidthBps, C::Bandwidths),
            Measure::DroppedFrames => mean(C::DroppedPpm, C::Droppeds).map(|ppm| ppm / 1_000_000.0),
            Measure::SegmentTime => mean(C::SegmentMs, C::SegmentTimes),
            Measure::ManifestTime => mean(C::ManifestMs, C::ManifestTimes),
            Measure::ErrorRate => ratio(sum(C::Errors), sum(C::PlayRequests)),
            Measure::Attention => ratio(attended(&|s, t, _, _| s == 2 && t == 2), said()),
            Measure::AttentionKnown => ratio(said(), attended(&|_, _, _, _| true)),
            Measure::AttentionHigh => ratio(attended(&|s, t, _, f| s == 2 && t == 2 && f == 2), said()),
            Measure::AttentionGood => ratio(attended(&|s, t, _, f| s == 2 && t == 2 && f < 2), said()),
            Measure::AttentionFair => ratio(attended(&|s, t, _, _| s == 2 && t == 1), said()),
            Measure::AttentionLow => ratio(attended(&|s, t, _, _| s == 1 && t == 2), said()),
            Measure::AttentionNone => ratio(attended(&|s, t, _, _| s == 1 && t == 1), said()),
            Measure::SoundOn => ratio(attended(&|s, _, _, _| s == 2), attended(&|s, _, _, _| s > 0)),
            Measure::TabFocused => ratio(attended(&|_, t, _, _| t == 2), attended(&|_, t, _, _| t > 0)),
            Measure::InView => ratio(attended(&|_, _, v, _| v == 2), attended(&|_, _, v, _| v > 0)),
            Measure::FullScreen => ratio(attended(&|_, _, _, f| f == 2), attended(&|_, _, _, f| f > 0)),
            Measure::Completeness => mean(C::Heartbeats, C::HeartbeatsExpected).map(|v| v.min(1.0)),
            Measure::MissingShare => ratio(sum(C::Missing), sum(C::Missing) + sum(C::Events)),
            Measure::Missing => Some(sum(C::Missing)),
            Measure::HeartbeatsExpected => Some(sum(C::HeartbeatsExpected)),
            Measure::Duplicates => Some(sum(C::Duplicates)),
            Measure::Reordered => Some(sum(C::Reordered)),
            Measure::Late => Some(sum(C::Late)),
            Measure::IdentityUnsigned => Some(sum(C::IdentityUnsigned)),
            Measure::IdentityInvalid => Some(sum(C::IdentityInvalid)),
            Measure::IdentityOther => Some(sum(C::IdentityOther)),
            Measure::Overflow => Some(sum(C::Overflow)),
            Measure::AddedRecordings => added.map(|added| added.len() as f64),
            Measure::AddedMinutes => {
                let ms = |added: &[&Row]| added.iter().filter_map(|r| self.length(&r.entry)).sum::<u64>() as f64;
                added.map(|added| ms(added) / 60_000.0)
            }
            Measure::Contributors => {
                let owner = |r: &&Row| self.view.entries[&r.entry].owner;
                added.map(|added| added.iter().filter_map(owner).collect::<BTreeSet<_>>().len() as f64)
            }
        }
    }
}

/// The values of a variable that a row's events carried.
fn marked(row: &Row, kind: u32, name: &str) -> Vec<Text> {
    let all = row.marks.keys().filter(|(k, n, _)| *k == kind && n == name);
    all.map(|(_, _, value)| value.as_str().into()).collect()
}

/// A person as keys spell it.
pub fn person(person: PersonKey) -> Text {
    if person.0 == 0 { "unknown".into() } else { format!("{:016x}", person.0).into() }
}
