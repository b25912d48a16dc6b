//! The reports.

use super::InsightKind as I;
use super::{About, Panel, Report, Shows};
use crate::glossary::Dimension as D;
use crate::glossary::Measure as M;

/// The tiles of a page.
const HIGHLIGHTS: &[M] = &[
    M::Impressions,
    M::Plays,
    M::PlayedEntries,
    M::Viewers,
    M::KnownViewers,
    M::MinutesViewed,
    M::AverageMinutes,
    M::DropOff,
    M::Completion,
];
/// The quiet line below them.
const REACTIONS: &[M] = &[M::Shares, M::Downloads, M::Captions, M::RelatedSelected, M::Seeks, M::Replays, M::Reports];
/// What performance over time can show.
const OVER_TIME: &[M] = &[M::Impressions, M::Plays, M::Viewers, M::MinutesViewed, M::AverageMinutes, M::DropOff];
/// From impression to the end, as reported and as covered.
const FUNNEL: &[M] = &[
    M::Impressions,
    M::PlayRequests,
    M::Plays,
    M::Reached25,
    M::Reached50,
    M::Reached75,
    M::Reached100,
    M::Covered25,
    M::Covered50,
    M::Covered75,
    M::Covered100,
    M::PlayRate,
    M::PlayThrough,
];
/// Recordings beside each other.
const RECORDINGS: &[M] = &[
    M::EngagementScore,
    M::Impressions,
    M::Plays,
    M::Viewers,
    M::MinutesViewed,
    M::AverageMinutes,
    M::DropOff,
    M::Completion,
    M::LastSeen,
];
/// Viewers beside each other.
const VIEWERS: &[M] =
    &[M::MinutesViewed, M::Plays, M::PlayedEntries, M::DropOff, M::TotalCompletion, M::FirstSeen, M::LastSeen];
/// Places, devices, pages beside each other.
const USE: &[M] = &[M::Plays, M::Viewers, M::MinutesViewed, M::DropOff];
/// Where something was seen, and when.
const SEEN: &[M] = &[M::Plays, M::Viewers, M::MinutesViewed, M::Entries, M::FirstSeen, M::LastSeen];

/// Rows on a panel's first page.
const SHORT: usize = 25;
const LONG: usize = 100;

const fn totals(name: &'static str, label: &'static str, measures: &'static [M]) -> Panel {
    Panel { name, label, shows: Shows::Totals(measures) }
}
const fn series(name: &'static str, label: &'static str, by: D, measures: &'static [M]) -> Panel {
    Panel { name, label, shows: Shows::Series(by, measures) }
}
const fn table(
    name: &'static str,
    label: &'static str,
    by: &'static [D],
    measures: &'static [M],
    rows: usize,
) -> Panel {
    Panel { name, label, shows: Shows::Table { by, measures, rows, coverage: false } }
}
const fn watched(name: &'static str, label: &'static str, by: &'static [D], measures: &'static [M]) -> Panel {
    Panel { name, label, shows: Shows::Table { by, measures, rows: LONG, coverage: true } }
}
const fn insights(kinds: &'static [I]) -> Panel {
    Panel { name: "insights", label: "What stands out", shows: Shows::Insights(kinds) }
}

const COUNTRIES: Panel = table("countries", "Countries", &[D::Country], USE, LONG);
const DEVICES: Panel = table("devices", "Devices", &[D::Device], USE, SHORT);
const DOMAINS: Panel = table("domains", "Domains", &[D::Domain], SEEN, SHORT);
const OVER: Panel = series("over_time", "Performance over time", D::Day, OVER_TIME);

/// Every report. Names are for ever.
pub const REPORTS: &[Report] = &[
    Report {
        name: "overview",
        label: "Overview",
        definition: "How media are watched: those of a person, an account, a tag, a playlist.",
        about: About::Anything,
        panels: &[
            totals("highlights", "Highlights", HIGHLIGHTS),
            totals("reactions", "Reactions", REACTIONS),
            OVER,
            insights(&[I::TopDomain, I::TopPlaces, I::TopDevice, I::PeakDay, I::TopRecording]),
            table("recordings", "Recordings", &[D::Entry], RECORDINGS, LONG),
            table("viewers", "Viewers", &[D::Viewer], VIEWERS, SHORT),
            totals("funnel", "From impression to the end", FUNNEL),
            DEVICES,
            COUNTRIES,
            DOMAINS,
        ],
    },
    Report {
        name: "recording",
        label: "Recording",
        definition: "How one recording is watched, to the second and the person.",
        about: About::Recording,
        panels: &[
            totals("highlights", "Highlights", HIGHLIGHTS),
            totals("reactions", "Reactions", REACTIONS),
            Panel { name: "heat", label: "Where people watch", shows: Shows::Heat },
            insights(&[I::SteepestLoss, I::MostRewatched, I::TopDomain, I::TopPlaces, I::TopDevice, I::PeakDay]),
            watched("viewers", "Engagement per viewer", &[D::Viewer], VIEWERS),
            OVER,
            totals("funnel", "From impression to the end", FUNNEL),
            DEVICES,
            COUNTRIES,
            DOMAINS,
            table("pages", "Pages", &[D::Domain, D::Page], SEEN, SHORT),
        ],
    },
    Report {
        name: "course",
        label: "Course or channel",
        definition: "How the recordings of a course, a channel or a section are watched, in its gallery and elsewhere.",
        about: About::Anything,
        panels: &[
            totals("highlights", "Highlights", HIGHLIGHTS),
            table("placement", "Where played", &[D::Placement], USE, SHORT),
            table(
                "rhythm",
                "Recordings by week",
                &[D::Entry, D::Week],
                &[M::Viewers, M::Plays, M::MinutesViewed],
                2_000,
            ),
            insights(&[I::TopDomain, I::TopPlaces, I::TopDevice, I::PeakDay, I::TopRecording]),
            table("recordings", "Recordings", &[D::Entry], RECORDINGS, LONG),
            table("viewers", "Viewers", &[D::Viewer], VIEWERS, LONG),
            OVER,
            totals("funnel", "From impression to the end", FUNNEL),
            DEVICES,
            COUNTRIES,
            DOMAINS,
            table("gallery_pages", "Pages where played", &[D::Placement, D::Domain, D::Page], SEEN, SHORT),
            table(
                "subcategories",
                "Sub-categories",
                &[D::Subcategory],
                &[M::Plays, M::Viewers, M::MinutesViewed, M::PlayedEntries, M::AddedRecordings],
                LONG,
            ),
            table("categories", "Categories", &[D::Category], USE, SHORT),
        ],
    },
    Report {
        name: "viewer",
        label: "Viewer",
        definition: "What one person watched, where, when and on what.",
        about: About::Anything,
        panels: &[
            totals(
                "highlights",
                "Highlights",
                &[
                    M::Plays,
                    M::MinutesViewed,
                    M::PlayedEntries,
                    M::TotalCompletion,
                    M::DropOff,
                    M::FirstSeen,
                    M::LastSeen,
                ],
            ),
            insights(&[I::TopDomain, I::TopDevice, I::PeakDay, I::TopRecording]),
            watched(
                "recordings",
                "Viewed recordings",
                &[D::Entry],
                &[M::MinutesViewed, M::Plays, M::DropOff, M::TotalCompletion, M::FirstSeen, M::LastSeen],
            ),
            series("by_day", "Minutes by day", D::Day, &[M::MinutesViewed, M::Plays]),
            table("hours", "Hours and weekdays", &[D::Weekday, D::HourOfDay], &[M::MinutesViewed, M::Plays], 200),
            DEVICES,
            DOMAINS,
        ],
    },
    Report {
        name: "places",
        label: "Places",
        definition: "Where people watch, from countries to cities.",
        about: About::Anything,
        panels: &[
            COUNTRIES,
            table("regions", "Regions", &[D::Country, D::Region], USE, LONG),
            table("cities", "Cities", &[D::Country, D::Region, D::City], USE, LONG),
        ],
    },
    Report {
        name: "technology",
        label: "Devices and software",
        definition: "On what people watch, and with which players.",
        about: About::Anything,
        panels: &[
            DEVICES,
            table("os", "Operating systems", &[D::Os], USE, SHORT),
            table("os_versions", "Versions of operating systems", &[D::Os, D::OsVersion], USE, SHORT),
            table("browsers", "Browsers", &[D::Browser], USE, SHORT),
            table("browser_versions", "Versions of browsers", &[D::Browser, D::BrowserVersion], USE, SHORT),
            table("players", "Players", &[D::PlayerVersion], USE, SHORT),
            table("applications", "Applications", &[D::Application], USE, SHORT),
            table("speeds", "Playback speeds", &[D::PlaybackRate], &[M::Occurrences, M::Plays, M::Viewers], SHORT),
        ],
    },
    Report {
        name: "domains",
        label: "Domains and embeds",
        definition: "On which pages recordings are embedded, with when they were first and last seen there.",
        about: About::Anything,
        panels: &[
            totals("highlights", "Highlights", &[M::Domains, M::PlayedPages, M::PlayedEntries, M::Plays]),
            table("domains", "Domains", &[D::Domain], SEEN, LONG),
            table("pages", "Pages", &[D::Domain, D::Page], SEEN, LONG),
            table("recordings", "Recordings on pages", &[D::Domain, D::Page, D::Entry], SEEN, LONG),
        ],
    },
    Report {
        name: "quizzes",
        label: "Quizzes",
        definition: "Attempts, scores and answers, per person and question.",
        about: About::Anything,
        panels: &[
            totals(
                "highlights",
                "Highlights",
                &[
                    M::QuizStarts,
                    M::Quizzes,
                    M::QuizTakers,
                    M::QuizScore,
                    M::QuizBest,
                    M::QuizAnswers,
                    M::QuizCorrectShare,
                ],
            ),
            table(
                "recordings",
                "Quizzes",
                &[D::Entry],
                &[M::Quizzes, M::QuizStarts, M::QuizTakers, M::QuizScore, M::QuizBest, M::QuizCorrectShare],
                LONG,
            ),
            table(
                "viewers",
                "Per person",
                &[D::Viewer],
                &[M::Quizzes, M::QuizStarts, M::QuizScore, M::QuizBest, M::QuizAnswers, M::QuizCorrect, M::LastSeen],
                LONG,
            ),
            table(
                "questions",
                "Per question",
                &[D::QuizQuestion],
                &[M::Occurrences, M::TimesCorrect, M::CorrectShare, M::QuizRespondents],
                LONG,
            ),
            table("correct", "Answered right", &[D::QuizQuestionCorrect], &[M::Occurrences, M::QuizRespondents], LONG),
        ],
    },
    Report {
        name: "contributors",
        label: "Contributors",
        definition: "What was added, when, by whom and from where, and how what they own is watched.",
        about: About::Anything,
        panels: &[
            totals("highlights", "Highlights", UPLOADS),
            series("over_time", "Recordings added over time", D::Day, UPLOADS),
            table(
                "contributors",
                "Contributors",
                &[D::Owner],
                &[M::AddedRecordings, M::AddedMinutes, M::Plays, M::Viewers, M::MinutesViewed],
                LONG,
            ),
            table("sources", "Sources", &[D::EntrySource], UPLOADS, SHORT),
            table("media_types", "Media types", &[D::MediaType], UPLOADS, SHORT),
        ],
    },
    Report {
        name: "quality",
        label: "Quality of service",
        definition: "How well playback works: joining, buffering, bitrates, errors.",
        about: About::Anything,
        panels: &[
            totals("highlights", "Highlights", QUALITY),
            series("over_time", "Over time", D::Day, QUALITY),
            table("errors", "Errors", &[D::ErrorCode], &[M::Occurrences, M::Plays, M::Viewers], SHORT),
            table("devices", "Devices", &[D::Device], QUALITY, SHORT),
            table("browsers", "Browsers", &[D::Browser], QUALITY, SHORT),
            table("countries", "Countries", &[D::Country], QUALITY, SHORT),
        ],
    },
    Report {
        name: "attention",
        label: "Attention",
        definition: "How attentively people watch: sound, focus, visibility, full screen.",
        about: About::Anything,
        panels: &[
            totals("highlights", "Highlights", ATTENTION),
            series("over_time", "Over time", D::Day, ATTENTION),
            table("recordings", "Recordings", &[D::Entry], ATTENTION, LONG),
        ],
    },
    Report {
        name: "data",
        label: "Quality of data",
        definition: "What arrived, what did not, and what was put aside.",
        about: About::Anything,
        panels: &[
            totals("highlights", "Highlights", DATA),
            series("over_time", "Over time", D::Day, DATA),
            table("players", "Players", &[D::PlayerVersion], DATA, SHORT),
            table("clients", "Clients", &[D::ClientTag], DATA, SHORT),
            table("proof", "How people are known", &[D::Proof], &[M::Events, M::Plays, M::KnownPeople], SHORT),
        ],
    },
];

const UPLOADS: &[M] = &[M::AddedRecordings, M::AddedMinutes, M::Contributors];
const QUALITY: &[M] = &[
    M::Plays,
    M::JoinTime,
    M::BufferingMinutes,
    M::BufferingRatio,
    M::Bitrate,
    M::Bandwidth,
    M::DroppedFrames,
    M::Errors,
    M::ErrorRate,
];
const ATTENTION: &[M] = &[
    M::Attention,
    M::AttentionKnown,
    M::AttentionHigh,
    M::AttentionGood,
    M::AttentionFair,
    M::AttentionLow,
    M::AttentionNone,
    M::SoundOn,
    M::TabFocused,
    M::InView,
    M::FullScreen,
];
const DATA: &[M] = &[
    M::Events,
    M::Completeness,
    M::Missing,
    M::Duplicates,
    M::Reordered,
    M::Late,
    M::IdentityUnsigned,
    M::IdentityInvalid,
    M::IdentityOther,
    M::Overflow,
];
