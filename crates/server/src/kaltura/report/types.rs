//! Every type of report: its columns, what they are reckoned from, what it can be drilled by. One table; the API, the
//! documentation and the tests derive from it.

use engine::glossary::{Dimension, Measure};

/// What a column of figures is reckoned from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum From {
    /// A measure, times a number where units differ.
    Measure(Measure, f64),
    /// Known people with anything in the range, and one more where there is anybody unknown.
    Audience,
    /// Heartbeats of ten seconds of some playback types, as seconds (or as a share of all).
    Beats {
        /// Of these playback types.
        of: &'static [&'static str],
        /// As a share of all heartbeats.
        share: bool,
    },
    /// Audience of some playback types.
    AudienceOf(&'static [&'static str]),
    /// Reckoned by the report's own rows.
    Own,
    /// Never reported to us: 0.
    Nothing,
}

/// A column of figures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column {
    /// In headers, orders and graphs.
    pub name: &'static str,
    /// What it is.
    pub from: From,
}

/// A column of texts. Numbers are those of the dimensions that rows are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    /// The value as filters take it.
    Key(usize),
    /// The recording's name.
    EntryName,
    /// Its owner's name.
    CreatorName,
    /// When it was created, seconds.
    CreatedAt,
    /// 2 ready, 3 deleted.
    Status,
    /// 1 video, 2 image, 5 audio, 201 live.
    MediaType,
    /// Its length, ms.
    Duration,
    /// Where it came from.
    EntrySource,
    /// The person's id.
    PersonId,
    /// The person's full name.
    PersonName,
    /// When the person's first recording was created; people have no date of their own here.
    PersonSince,
    /// The country's name, of the dimension with this number.
    CountryName(usize),
    /// The country's code in capitals.
    CountryCode(usize),
    /// Latitude and longitude, parted by `/`, of the country (0), the region (1) or the city (2); nothing where that is not
    /// known.
    Coordinates(usize),
    /// The category's name.
    CategoryName,
    /// Recordings in the category.
    CategoryEntries,
    /// Its direct sub-categories.
    CategoryChildren,
    /// Its parent's name.
    CategoryParent,
    /// The page's address, without its scheme.
    Page(usize),
    /// The account.
    Partner,
    /// Made by the report's own rows.
    Own(usize),
}

/// A column of texts with its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    /// In headers and orders.
    pub name: &'static str,
    /// What it is.
    pub text: Text,
}

/// What makes rows that no single question gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Own {
    /// 101 percentiles of one recording.
    Percentiles,
    /// Plays one by one.
    LatestPlayed,
    /// People by plays of what they own and what they added.
    Contributors,
    /// People by what they watched and what they added.
    UserHighlights,
    /// Recordings added, by a dimension and media type.
    Contributions(Dimension),
    /// Recordings added, by source.
    Sources,
    /// Recordings and their length, by owner.
    Usage,
    /// The same by date.
    UsageByDate,
    /// The categories below those of the filter.
    SubCategories,
    /// Values that a dimension had in the last 30 days.
    Values(Dimension),
    /// Questions of a quiz.
    QuizQuestions,
    /// People and their answers in quizzes.
    QuizPeople,
    /// No such data come to us.
    Empty,
}

/// What makes the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// A row for each combination of values.
    By(&'static [Dimension]),
    /// A row for each day, month, ...
    Dates,
    /// Something of its own.
    Own(Own),
}

/// What graphs there are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Graph {
    /// None.
    None,
    /// One for each column, by date.
    Dates(&'static [Column]),
    /// One, of this name, with a point for each column.
    Columns(&'static str, &'static [Column]),
    /// One for each column: by date, and at each date by the report's dimension.
    Many(&'static [Column]),
    /// One for each column, by the report's dimension.
    Names(&'static [Column]),
}

/// Which plays count unless a filter says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plays {
    /// On demand.
    Vod,
    /// Live, at the edge and behind it.
    Live,
    /// All: it is not about plays.
    All,
}

/// What the rows become when `objectIds` names some.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drill {
    /// Columns of texts.
    pub labels: &'static [Label],
    /// By what.
    pub by: &'static [Dimension],
}

/// A type of report.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Type {
    /// Its number, or its word.
    pub id: &'static str,
    /// Its name in Kaltura's enumeration.
    pub name: &'static str,
    /// Columns of texts of its table; for dates none, because they follow from the interval.
    pub labels: &'static [Label],
    /// What makes its rows.
    pub rows: Rows,
    /// Figures of its table.
    pub table: &'static [Column],
    /// Figures of its total.
    pub total: &'static [Column],
    /// Its graphs.
    pub graph: Graph,
    /// What `objectIds` are.
    pub objects: Dimension,
    /// What its rows become then.
    pub drill: Option<Drill>,
    /// Which plays count.
    pub plays: Plays,
}

impl Type {
    /// The type of a number or word.
    pub fn find(id: &str) -> Option<&'static Type> {
        TYPES.iter().find(|of| of.id == id || of.name.eq_ignore_ascii_case(id))
    }
    /// Whether it is about the present: times are unix seconds.
    pub fn is_realtime(&self) -> bool {
        self.id.len() == 5 && self.id.starts_with('1')
    }
}

const fn of(name: &'static str, measure: Measure) -> Column {
    Column { name, from: From::Measure(measure, 1.0) }
}
const fn times(name: &'static str, measure: Measure, times: f64) -> Column {
    Column { name, from: From::Measure(measure, times) }
}
const fn nothing(name: &'static str) -> Column {
    Column { name, from: From::Nothing }
}
const fn own(name: &'static str) -> Column {
    Column { name, from: From::Own }
}
const fn label(name: &'static str, text: Text) -> Label {
    Label { name, text }
}

const P: Column = of("count_plays", Measure::Plays);
const L: Column = of("count_loads", Measure::Impressions);
const MQ: Column = of("sum_time_viewed", Measure::QuartileMinutes);
const AQ: Column = of("avg_time_viewed", Measure::AverageQuartileMinutes);
const MV: Column = of("sum_view_period", Measure::HeartbeatMinutes);
const AV: Column = of("avg_view_period_time", Measure::AverageHeartbeatMinutes);
const LPR: Column = of("load_play_ratio", Measure::PlayRate);
const DO: Column = of("avg_view_drop_off", Measure::DropOff);
const CR: Column = of("avg_completion_rate", Measure::CompatibleCompletion);
const TCR: Column = of("total_completion_rate", Measure::CompatibleTotalCompletion);
const U: Column = of("unique_known_users", Measure::KnownPeople);
/// Reports that print viewers under the name of users.
const UV: Column = of("unique_known_users", Measure::Viewers);
const V: Column = of("unique_viewers", Measure::Viewers);
const PTR: Column = of("play_through_ratio", Measure::PlayThrough);
const Q25: Column = of("count_plays_25", Measure::Reached25);
const Q50: Column = of("count_plays_50", Measure::Reached50);
const Q75: Column = of("count_plays_75", Measure::Reached75);
const Q100: Column = of("count_plays_100", Measure::Reached100);
const VIDEOS: Column = of("unique_videos", Measure::Entries);
const PLAYED: Column = of("unique_played_videos", Measure::PlayedEntries);
const OWNERS: Column = of("unique_owners", Measure::Owners);
const VIRAL: Column = of("count_viral", Measure::SharesOpened);
const DOWNLOAD: Column = of("count_download", Measure::Downloads);
const REPORT: Column = of("count_report", Measure::ReportsOpened);
const REPORTED: Column = of("count_report_submitted", Measure::Reports);
const EDIT: Column = nothing("count_edit");
const CAPTIONS: Column = of("count_captions", Measure::Captions);
const INFO: Column = of("count_info", Measure::Infos);
const RELATED: Column = of("count_related_selected", Measure::RelatedSelected);
const SCORE: Column = of("engagement_ranking", Measure::CompatibleEngagementScore);

/// What is created is told by the catalog, whatever was played: these reports ask for it beside their plays.
const ADDED: Column = own("added_entries");
const ADDED_MS: Column = own("added_msecs");
const CONTRIBUTORS: Column = own("unique_contributors");

const AUDIENCE: Column = Column { name: "view_unique_audience", from: From::Audience };
const BUFFERING_USERS: Column = nothing("view_unique_buffering_users");
const ENGAGED_USERS: Column = nothing("view_unique_engaged_users");
const AVG_BUFFERING: Column = nothing("avg_view_buffering");
const ENGAGEMENT: Column = of("avg_view_engagement", Measure::Attention);
const BUFFER_RATIO: Column = of("view_buffer_time_ratio", Measure::CompatibleBufferingRatio);
const VIEWS: Column = of("views", Measure::Heartbeats);
/// Seconds: each heartbeat stands for ten.
const VIEW_TIME: Column = times("sum_view_time", Measure::Heartbeats, 10.0);
const VIEW_TIME_LIVE: Column = Column { name: "sum_view_time_live", from: From::Beats { of: &["live"], share: false } };
const VIEW_TIME_DVR: Column = Column { name: "sum_view_time_dvr", from: From::Beats { of: &["dvr"], share: false } };
const AVG_DVR: Column = Column { name: "avg_view_dvr", from: From::Beats { of: &["dvr"], share: true } };
/// Kibibit, as players report it.
const BANDWIDTH: Column = times("avg_view_downstream_bandwidth", Measure::Bandwidth, 1.0 / 1024.0);
const BITRATE: Column = times("avg_view_bitrate", Measure::Bitrate, 1.0 / 1024.0);
const DROPPED: Column = of("avg_view_dropped_frames_ratio", Measure::DroppedFrames);
const AUDIENCE_DVR: Column = Column { name: "view_unique_audience_dvr", from: From::AudienceOf(&["dvr"]) };
const LATENCY: Column = nothing("avg_view_live_latency");
const FLAVORS: Column = nothing("known_flavor_params_view_count");
const VIEWERS: Column = Column { name: "viewers", from: From::Audience };
const VIEWERS_DVR: Column = Column { name: "viewers_dvr", from: From::AudienceOf(&["dvr"]) };

const OBJECT: Label = label("object_id", Text::Key(0));
const ENTRY_NAME: Label = label("entry_name", Text::EntryName);
const CREATOR: Label = label("creator_name", Text::CreatorName);
const CREATED: Label = label("created_at", Text::CreatedAt);
const STATUS: Label = label("status", Text::Status);
const MEDIA: Label = label("media_type", Text::MediaType);
const DURATION: Label = label("duration_msecs", Text::Duration);
const SOURCE: Label = label("entry_source", Text::EntrySource);
const PARTNER: Label = label("partner_id", Text::Partner);
const PERSON: Label = label("name", Text::PersonId);
const FULL_NAME: Label = label("full_name", Text::PersonName);

const ENTRY: &[Label] = &[OBJECT, ENTRY_NAME];
const ENTRY_CREATOR: &[Label] = &[OBJECT, ENTRY_NAME, CREATOR, CREATED, STATUS, MEDIA, DURATION, SOURCE];
const ENTRY_STATE: &[Label] = &[OBJECT, ENTRY_NAME, STATUS, SOURCE];
const BY_ENTRY: Rows = Rows::By(&[Dimension::Entry]);
const BY_VIEWER: Rows = Rows::By(&[Dimension::Viewer]);

const DROPOFF: &[Column] = &[P, Q25, Q50, Q75, Q100, PTR];
const DROPOFF_LOADS: &[Column] = &[P, Q25, Q50, Q75, Q100, PTR, L];
const INTERACTIONS: &[Column] = &[P, EDIT, VIRAL, DOWNLOAD, REPORT];
const ENGAGED: &[Column] = &[VIDEOS, P, MQ, AQ, DO, L, LPR, MV, AV, CR];
const ENGAGED_TOTAL: &[Column] = &[U, VIDEOS, P, MQ, AQ, DO, L, LPR, MV, AV, CR];
const TIMES_GRAPH: &[Column] = &[P, MQ, AQ, L, MV, AV];
const PLATFORM: &[Column] = &[P, MQ, AQ, L, LPR, DO, U, V, MV, AV, CR];
const PLATFORM_GRAPH: &[Column] = &[P, MQ, AQ, L, U, V, MV, AV];
const MAP: &[Column] = &[P, Q25, Q50, Q75, Q100, PTR, UV, DO, L, CR];
const CUSTOM: &[Column] = &[P, MQ, AQ, L, LPR, DO, MV, AV, CR];
const TIMELINE: &[Column] = &[P, MQ, UV, DO, CR, L, MV];
const USER_CONTENT: &[Column] = &[P, L, MQ, AQ, CR, TCR, DO, MV, AV];
const HIGHLIGHTS: &[Column] = &[L, P, VIDEOS, V, MQ, OWNERS, PLAYED, MV];
const RELATED_ACTIONS: &[Column] = &[P, EDIT, VIRAL, DOWNLOAD, REPORTED, CAPTIONS, INFO, RELATED];
const CONTRIBUTED: &[Column] =
    &[own("count_total"), own("count_video"), own("count_audio"), own("count_image"), own("count_mix")];
const CONTRIBUTED_ALL: &[Column] = &[
    own("count_total"),
    own("count_video"),
    own("count_audio"),
    own("count_image"),
    own("count_mix"),
    own("count_ugc"),
    own("count_admin"),
];
const USAGE: &[Column] = &[
    own("added_entries"),
    own("deleted_entries"),
    own("total_entries"),
    own("added_storage_mb"),
    own("deleted_storage_mb"),
    own("total_storage_mb"),
    own("added_msecs"),
    own("deleted_msecs"),
    own("total_msecs"),
];
const QUIZ: &[Column] = &[own("percentage"), own("num_of_correct_answers"), own("num_of_wrong_answers")];
const QUIZ_TOTAL: &[Column] = &[times("average", Measure::QuizScore, 0.01)];
const REALTIME_MAP: &[Column] =
    &[AUDIENCE, BUFFERING_USERS, ENGAGED_USERS, AVG_BUFFERING, ENGAGEMENT, BUFFER_RATIO, VIEWS];
const DISCOVERY: &[Column] = &[
    AUDIENCE,
    ENGAGED_USERS,
    BUFFERING_USERS,
    BANDWIDTH,
    AUDIENCE_DVR,
    BITRATE,
    VIEW_TIME,
    LATENCY,
    DROPPED,
    AVG_BUFFERING,
    ENGAGEMENT,
    AVG_DVR,
    BUFFER_RATIO,
];

/// What most types have in common.
const BASE: Type = Type {
    id: "",
    name: "",
    labels: &[],
    rows: Rows::Dates,
    table: &[],
    total: &[],
    graph: Graph::None,
    objects: Dimension::Entry,
    drill: None,
    plays: Plays::Vod,
};
const LIVE: Type = Type { plays: Plays::Live, ..BASE };
const UNTOLD: Type = Type { rows: Rows::Own(Own::Empty), plays: Plays::All, ..BASE };

const T2: Type = Type {
    id: "2",
    name: "CONTENT_DROPOFF",
    labels: ENTRY,
    rows: BY_ENTRY,
    table: DROPOFF_LOADS,
    total: DROPOFF_LOADS,
    graph: Graph::Columns("content_dropoff", DROPOFF),
    ..BASE
};
const T6: Type = Type {
    id: "6",
    name: "TOP_SYNDICATION",
    labels: &[OBJECT, label("domain_name", Text::Key(0))],
    rows: Rows::By(&[Dimension::Domain]),
    table: &[P, MQ, AQ, L, LPR, DO, CR, PLAYED, MV, AV],
    total: &[P, MQ, AQ, L, LPR, DO, CR, PLAYED, MV, AV],
    graph: Graph::Dates(&[P, MQ, AQ, L, DO, LPR, CR, MV, AV]),
    objects: Dimension::Domain,
    drill: Some(Drill { labels: &[label("referrer", Text::Page(0))], by: &[Dimension::Page] }),
    ..BASE
};
const T13: Type = Type {
    id: "13",
    name: "USER_TOP_CONTENT",
    labels: &[PERSON, FULL_NAME],
    rows: BY_VIEWER,
    table: &[VIDEOS, P, MQ, AQ, DO, L, LPR, CR, VIRAL, TCR, MV, AV],
    total: &[U, VIDEOS, P, MQ, AQ, DO, L, LPR, CR, VIRAL, V, MV, AV],
    graph: Graph::Dates(&[P, MQ, AQ, L, U, DO, CR, VIRAL, V, MV, AV]),
    ..BASE
};
const T17: Type = Type {
    id: "17",
    name: "USER_USAGE",
    labels: &[label("kuser_id", Text::Own(0)), label("name", Text::Own(0)), label("full_name", Text::Own(1))],
    rows: Rows::Own(Own::Usage),
    table: USAGE,
    total: USAGE,
    graph: Graph::Dates(USAGE),
    objects: Dimension::Owner,
    plays: Plays::All,
    ..BASE
};
const T21: Type = Type {
    id: "21",
    name: "PLATFORMS",
    labels: &[label("device", Text::Key(0))],
    rows: Rows::By(&[Dimension::Device]),
    table: PLATFORM,
    total: PLATFORM,
    graph: Graph::Many(PLATFORM_GRAPH),
    objects: Dimension::Device,
    drill: Some(Drill { labels: &[label("os", Text::Key(0))], by: &[Dimension::OsVersion] }),
    ..BASE
};
const T22: Type = Type {
    id: "22",
    name: "OPERATING_SYSTEM",
    labels: &[label("os", Text::Key(0))],
    rows: Rows::By(&[Dimension::OsVersion]),
    graph: Graph::Names(PLATFORM_GRAPH),
    objects: Dimension::OsVersion,
    drill: Some(Drill { labels: &[label("browser", Text::Key(0))], by: &[Dimension::BrowserVersion] }),
    ..T21
};
const T23: Type = Type {
    id: "23",
    name: "BROWSERS",
    labels: &[label("browser", Text::Key(0))],
    rows: Rows::By(&[Dimension::BrowserVersion]),
    objects: Dimension::BrowserVersion,
    drill: None,
    ..T22
};
const T32: Type = Type {
    id: "32",
    name: "OPERATING_SYSTEM_FAMILIES",
    labels: &[label("os_family", Text::Key(0))],
    rows: Rows::By(&[Dimension::Os]),
    objects: Dimension::Os,
    drill: None,
    ..T22
};
const T33: Type = Type {
    id: "33",
    name: "BROWSERS_FAMILIES",
    labels: &[label("browser_family", Text::Key(0))],
    rows: Rows::By(&[Dimension::Browser]),
    objects: Dimension::Browser,
    drill: None,
    ..T22
};
const T25: Type = Type {
    id: "25",
    name: "TOP_PLAYBACK_CONTEXT",
    labels: &[OBJECT, label("name", Text::CategoryName)],
    rows: Rows::By(&[Dimension::PlaybackContext]),
    table: &[P, MQ, AQ, DO, L, LPR, V, CR, MV, AV],
    total: &[P, MQ, AQ, DO, L, LPR, V, CR, MV, AV],
    graph: Graph::Dates(&[P, MQ, AQ, L, DO, V, CR, MV, AV]),
    ..BASE
};
const T29: Type = Type {
    id: "29",
    name: "TOP_CUSTOM_VAR1",
    labels: &[label("custom_var1", Text::Key(0))],
    rows: Rows::By(&[Dimension::CustomVar1]),
    table: CUSTOM,
    total: CUSTOM,
    graph: Graph::Dates(TIMES_GRAPH),
    objects: Dimension::CustomVar1,
    ..BASE
};
const T34: Type = Type {
    id: "34",
    name: "USER_ENGAGEMENT_TIMELINE",
    table: TIMELINE,
    total: TIMELINE,
    graph: Graph::Dates(TIMELINE),
    ..BASE
};
const T35: Type =
    Type { id: "35", name: "UNIQUE_USERS_PLAY", table: &[UV], total: &[UV], graph: Graph::Dates(&[UV]), ..BASE };
const T36: Type = Type {
    id: "36",
    name: "MAP_OVERLAY_COUNTRY",
    labels: &[
        label("object_id", Text::CountryCode(0)),
        label("country", Text::CountryName(0)),
        label("coordinates", Text::Coordinates(0)),
    ],
    rows: Rows::By(&[Dimension::Country]),
    table: MAP,
    total: MAP,
    objects: Dimension::Country,
    ..BASE
};
const T37: Type = Type {
    id: "37",
    name: "MAP_OVERLAY_REGION",
    labels: &[
        label("country", Text::CountryName(0)),
        label("region", Text::Key(1)),
        label("coordinates", Text::Coordinates(1)),
    ],
    rows: Rows::By(&[Dimension::Country, Dimension::Region]),
    objects: Dimension::Region,
    ..T36
};
const T30: Type = Type {
    id: "30",
    name: "MAP_OVERLAY_CITY",
    labels: &[
        label("country", Text::CountryName(0)),
        label("region", Text::Key(1)),
        label("city", Text::Key(2)),
        label("coordinates", Text::Coordinates(2)),
        label("country_code", Text::CountryCode(0)),
    ],
    rows: Rows::By(&[Dimension::Country, Dimension::Region, Dimension::City]),
    objects: Dimension::City,
    ..T36
};
const T38: Type = Type {
    id: "38",
    name: "TOP_CONTENT_CREATOR",
    labels: ENTRY_CREATOR,
    rows: BY_ENTRY,
    table: &[P, MQ, AQ, L, LPR, DO, U, SCORE, CR, V, MV, AV, TCR],
    total: &[P, MQ, AQ, L, LPR, DO, U, V, MV, AV, CR, TCR],
    graph: Graph::Dates(&[P, MQ, AQ, L, MV, AV, TCR]),
    ..BASE
};
const T39: Type = Type {
    id: "39",
    name: "TOP_CONTENT_CONTRIBUTORS",
    labels: &[
        label("user_id", Text::PersonId),
        label("creator_name", Text::PersonName),
        label("created_at", Text::PersonSince),
    ],
    rows: Rows::Own(Own::Contributors),
    table: &[P, ADDED, ADDED_MS, own("contributor_ranking")],
    total: &[P, ADDED, ADDED_MS, CONTRIBUTORS],
    graph: Graph::Dates(&[P, ADDED, ADDED_MS, CONTRIBUTORS]),
    objects: Dimension::Owner,
    ..BASE
};
const T41: Type = Type {
    id: "41",
    name: "TOP_SOURCES",
    labels: &[label("source", Text::Own(0))],
    rows: Rows::Own(Own::Sources),
    table: &[ADDED, ADDED_MS, CONTRIBUTORS],
    total: &[ADDED, ADDED_MS, CONTRIBUTORS],
    graph: Graph::Dates(&[ADDED, ADDED_MS, CONTRIBUTORS]),
    objects: Dimension::EntrySource,
    plays: Plays::All,
    ..BASE
};
const T44: Type = Type {
    id: "44",
    name: "CONTENT_REPORT_REASONS",
    labels: &[label("reason", Text::Key(0))],
    rows: Rows::By(&[Dimension::ReportReason]),
    table: &[of("count_report_submitted", Measure::Occurrences)],
    total: &[REPORTED],
    ..BASE
};
const T45: Type = Type {
    id: "45",
    name: "PLAYER_RELATED_INTERACTIONS",
    labels: ENTRY_STATE,
    rows: BY_ENTRY,
    table: RELATED_ACTIONS,
    total: RELATED_ACTIONS,
    graph: Graph::Dates(RELATED_ACTIONS),
    ..BASE
};
const T46: Type = Type {
    id: "46",
    name: "PLAYBACK_RATE",
    labels: &[label("playback_rate", Text::Key(0))],
    rows: Rows::By(&[Dimension::PlaybackRate]),
    table: &[of("count_speed", Measure::Occurrences)],
    total: &[of("count_speed", Measure::Speeds)],
    ..BASE
};
const T5: Type = Type {
    id: "5",
    name: "TOP_CONTRIBUTORS",
    labels: &[label("object_id", Text::Own(0)), label("name", Text::Own(1))],
    rows: Rows::Own(Own::Contributions(Dimension::Owner)),
    table: CONTRIBUTED,
    total: CONTRIBUTED_ALL,
    graph: Graph::Dates(CONTRIBUTED),
    objects: Dimension::Owner,
    plays: Plays::All,
    ..BASE
};
const T201: Type = Type {
    id: "201",
    name: "PARTNER_USAGE",
    labels: &[label("date_id", Text::Own(0))],
    table: &[
        nothing("bandwidth_consumption"),
        nothing("average_storage"),
        nothing("peak_storage"),
        nothing("added_storage"),
        nothing("deleted_storage"),
        nothing("combined_bandwidth_storage"),
        nothing("transcoding_consumption"),
    ],
    total: &[
        nothing("bandwidth_consumption"),
        nothing("average_storage"),
        nothing("peak_storage"),
        nothing("added_storage"),
        nothing("deleted_storage"),
        nothing("combined_bandwidth_storage"),
        nothing("transcoding_consumption"),
        nothing("aggregated_monthly_avg_storage"),
        nothing("combined_bandwidth_aggregated_storage"),
    ],
    ..UNTOLD
};
const T60: Type = Type {
    id: "60",
    name: "SELF_SERVE_USAGE",
    labels: &[label("date_id", Text::Own(0))],
    table: &[
        nothing("total_bandwidth_mb"),
        nothing("average_storage_mb"),
        nothing("transcoding_mb"),
        nothing("count_plays"),
    ],
    total: &[
        nothing("total_bandwidth_mb"),
        nothing("average_storage_mb"),
        nothing("transcoding_mb"),
        nothing("count_plays"),
    ],
    ..UNTOLD
};
const MAP_LABELS_3: &[Label] = T36.labels;
const HOTSPOT: &[Label] = &[label("hotspot_id", Text::Own(0)), label("destination", Text::Own(1))];
const PERCENTILE: &[Label] = &[label("percentile", Text::Own(0))];

/// Every type there is.
pub const TYPES: &[Type] = &[
    Type {
        id: "1",
        name: "TOP_CONTENT",
        labels: ENTRY,
        rows: BY_ENTRY,
        table: &[P, MQ, AQ, L, LPR, DO, U, MV, AV, CR],
        total: &[P, MQ, AQ, L, LPR, DO, U, MV, AV, CR],
        graph: Graph::Dates(TIMES_GRAPH),
        ..BASE
    },
    T2,
    Type {
        id: "3",
        name: "CONTENT_INTERACTIONS",
        labels: ENTRY,
        rows: BY_ENTRY,
        table: INTERACTIONS,
        total: INTERACTIONS,
        graph: Graph::Dates(INTERACTIONS),
        ..BASE
    },
    Type {
        id: "4",
        name: "MAP_OVERLAY",
        labels: &[label("object_id", Text::CountryCode(0)), label("country", Text::CountryName(0))],
        table: &[P, Q25, Q50, Q75, Q100, PTR, U, DO, CR],
        total: &[P, Q25, Q50, Q75, Q100, PTR, U, DO, CR],
        drill: Some(Drill { labels: &[OBJECT, label("location_name", Text::Key(0))], by: &[Dimension::Region] }),
        ..T36
    },
    T5,
    T6,
    Type {
        id: "7",
        name: "CONTENT_CONTRIBUTIONS",
        labels: &[label("object_id", Text::Own(0)), label("entry_media_source_name", Text::Own(0))],
        rows: Rows::Own(Own::Contributions(Dimension::EntrySource)),
        table: CONTRIBUTED_ALL,
        graph: Graph::Dates(CONTRIBUTED_ALL),
        objects: Dimension::EntrySource,
        ..T5
    },
    Type {
        id: "11",
        name: "USER_ENGAGEMENT",
        labels: &[PERSON],
        rows: BY_VIEWER,
        table: ENGAGED,
        total: ENGAGED_TOTAL,
        graph: Graph::Dates(TIMES_GRAPH),
        ..BASE
    },
    Type {
        id: "12",
        name: "SPECIFIC_USER_ENGAGEMENT",
        labels: &[ENTRY_NAME],
        rows: BY_ENTRY,
        table: ENGAGED,
        total: ENGAGED_TOTAL,
        graph: Graph::Dates(TIMES_GRAPH),
        ..BASE
    },
    T13,
    Type {
        id: "14",
        name: "USER_CONTENT_DROPOFF",
        labels: &[PERSON],
        rows: BY_VIEWER,
        table: DROPOFF,
        total: &[U, P, Q25, Q50, Q75, Q100, PTR],
        graph: Graph::Columns("user_content_dropoff", DROPOFF),
        ..BASE
    },
    Type {
        id: "15",
        name: "USER_CONTENT_INTERACTIONS",
        labels: &[PERSON],
        rows: BY_VIEWER,
        table: INTERACTIONS,
        total: &[U, P, EDIT, VIRAL, DOWNLOAD, REPORT],
        graph: Graph::Dates(INTERACTIONS),
        ..BASE
    },
    Type {
        id: "16",
        name: "APPLICATIONS",
        labels: &[label("name", Text::Own(0))],
        rows: Rows::Own(Own::Values(Dimension::Application)),
        plays: Plays::All,
        ..BASE
    },
    T17,
    Type { id: "18", name: "SPECIFIC_USER_USAGE", labels: &[], rows: Rows::Own(Own::UsageByDate), ..T17 },
    Type {
        id: "20",
        name: "TOP_CREATORS",
        labels: &[
            label("user_id", Text::Own(0)),
            label("user_screen_name", Text::Own(1)),
            label("user_full_name", Text::Own(1)),
        ],
        ..T5
    },
    T21,
    T22,
    T23,
    T25,
    T29,
    T30,
    T32,
    T33,
    T34,
    T35,
    T36,
    T37,
    T38,
    T39,
    T41,
    Type {
        id: "43",
        name: "PERCENTILES",
        labels: PERCENTILE,
        rows: Rows::Own(Own::Percentiles),
        table: &[own("count_viewers"), own("unique_known_users")],
        total: &[of("count_viewers", Measure::Sessions), U],
        ..BASE
    },
    T44,
    T45,
    T46,
    Type {
        id: "47",
        name: "TOP_USER_CONTENT",
        labels: ENTRY_CREATOR,
        rows: BY_ENTRY,
        table: USER_CONTENT,
        total: USER_CONTENT,
        graph: Graph::Dates(&[P, L, MQ, AQ, CR, DO, MV, AV]),
        ..BASE
    },
    Type {
        id: "48",
        name: "USER_HIGHLIGHTS",
        labels: &[PERSON],
        rows: Rows::Own(Own::UserHighlights),
        table: &[P, L, MQ, AQ, CR, VIRAL, MV, AV, ADDED],
        total: &[P, L, MQ, AQ, CR, VIRAL, MV, AV, ADDED],
        graph: Graph::Dates(&[P, L, MQ, AQ, CR, VIRAL, MV, AV, ADDED]),
        ..BASE
    },
    Type {
        id: "49",
        name: "USER_INTERACTIVE_VIDEO",
        labels: &[PERSON],
        rows: BY_VIEWER,
        table: &[P, L, MV, AV],
        total: &[P, L, MV, AV, V],
        graph: Graph::Dates(&[P, L, MV, AV, V]),
        ..BASE
    },
    Type {
        id: "50",
        name: "INTERACTIVE_VIDEO_TOP_NODES",
        labels: &[label("node_id", Text::Own(0))],
        table: &[nothing("count_node_plays"), nothing("unique_known_users"), nothing("node_avg_completion_rate")],
        total: &[nothing("count_node_plays"), nothing("unique_known_users"), nothing("node_avg_completion_rate")],
        graph: Graph::Dates(&[
            nothing("count_node_plays"),
            nothing("unique_known_users"),
            nothing("node_avg_completion_rate"),
        ]),
        ..UNTOLD
    },
    Type {
        id: "51",
        name: "LATEST_PLAYED_ENTRIES",
        labels: &[
            label("extract_time", Text::Own(0)),
            label("object_id", Text::Own(1)),
            label("entry_name", Text::EntryName),
            label("status", Text::Status),
            label("entry_source", Text::EntrySource),
        ],
        rows: Rows::Own(Own::LatestPlayed),
        table: &[P],
        total: &[P],
        ..BASE
    },
    Type {
        id: "52",
        name: "CATEGORY_HIGHLIGHTS",
        table: HIGHLIGHTS,
        total: HIGHLIGHTS,
        graph: Graph::Dates(HIGHLIGHTS),
        ..BASE
    },
    Type {
        id: "53",
        name: "SUB_CATEGORIES",
        labels: &[
            OBJECT,
            label("name", Text::CategoryName),
            label("entries_count", Text::CategoryEntries),
            label("direct_sub_categories_count", Text::CategoryChildren),
            label("parent_name", Text::CategoryParent),
        ],
        rows: Rows::Own(Own::SubCategories),
        table: &[P, MQ, V, MV],
        total: &[P, MQ, V, MV],
        objects: Dimension::Category,
        ..BASE
    },
    Type {
        id: "54",
        name: "INTERACTIVE_VIDEO_NODE_TOP_HOTSPOTS",
        labels: HOTSPOT,
        table: &[nothing("count_hotspot_clicked")],
        total: &[nothing("count_hotspot_clicked")],
        ..UNTOLD
    },
    Type {
        id: "55",
        name: "INTERCATIVE_VIDEO_NODE_SWITCH_TOP_HOTSPOTS",
        labels: HOTSPOT,
        table: &[nothing("count_node_switch")],
        total: &[nothing("count_node_switch")],
        ..UNTOLD
    },
    Type {
        id: "56",
        name: "INTERACTIVE_VIDEO_HOTSPOT_CLICKED_PERCENTILES",
        labels: PERCENTILE,
        table: &[nothing("count_hotspot_clicked")],
        total: &[nothing("count_hotspot_clicked")],
        ..UNTOLD
    },
    Type {
        id: "57",
        name: "INTERACTIVE_VIDEO_NODE_SWITCH_HOTSPOT_CLICKED_PERCENTILES",
        labels: PERCENTILE,
        table: &[nothing("count_node_switch")],
        total: &[nothing("count_node_switch")],
        ..UNTOLD
    },
    Type {
        id: "58",
        name: "TOP_CUSTOM_VAR2",
        labels: &[label("custom_var2", Text::Key(0))],
        rows: Rows::By(&[Dimension::CustomVar2]),
        objects: Dimension::CustomVar2,
        ..T29
    },
    Type {
        id: "59",
        name: "TOP_CUSTOM_VAR3",
        labels: &[label("custom_var3", Text::Key(0))],
        rows: Rows::By(&[Dimension::CustomVar3]),
        objects: Dimension::CustomVar3,
        ..T29
    },
    T60,
    Type {
        id: "61",
        name: "FLAVOR_PARAMS_TRANSCODING_USAGE",
        labels: &[label("flavor_params_id", Text::Own(0))],
        table: &[nothing("transcoding_mb"), nothing("transcoding_duration")],
        total: &[nothing("transcoding_mb"), nothing("transcoding_duration")],
        ..UNTOLD
    },
    Type {
        id: "62",
        name: "PLAYER_HIGHLIGHTS",
        labels: &[label("ui_conf_id", Text::Key(0))],
        rows: Rows::By(&[Dimension::UiConf]),
        table: &[P, of("unique_domains", Measure::Domains)],
        total: &[P, of("unique_domains", Measure::Domains)],
        objects: Dimension::UiConf,
        ..BASE
    },
    T201,
    Type {
        id: "10001",
        name: "MAP_OVERLAY_COUNTRY_REALTIME",
        labels: MAP_LABELS_3,
        rows: T36.rows,
        table: REALTIME_MAP,
        total: REALTIME_MAP,
        objects: Dimension::Country,
        ..LIVE
    },
    Type {
        id: "10002",
        name: "MAP_OVERLAY_REGION_REALTIME",
        labels: T37.labels,
        rows: T37.rows,
        table: REALTIME_MAP,
        total: REALTIME_MAP,
        objects: Dimension::Region,
        ..LIVE
    },
    Type {
        id: "10003",
        name: "MAP_OVERLAY_CITY_REALTIME",
        labels: &[
            label("country", Text::CountryName(0)),
            label("region", Text::Key(1)),
            label("city", Text::Key(2)),
            label("coordinates", Text::Coordinates(2)),
        ],
        rows: T30.rows,
        table: REALTIME_MAP,
        total: REALTIME_MAP,
        objects: Dimension::City,
        ..LIVE
    },
    Type {
        id: "10004",
        name: "PLATFORMS_REALTIME",
        labels: T21.labels,
        rows: T21.rows,
        table: &[AUDIENCE, VIEW_TIME],
        total: &[AUDIENCE, VIEW_TIME],
        objects: Dimension::Device,
        ..LIVE
    },
    Type {
        id: "10005",
        name: "USERS_OVERVIEW_REALTIME",
        table: &[AUDIENCE, ENGAGED_USERS, VIEWS, ENGAGEMENT],
        total: &[AUDIENCE, ENGAGED_USERS, VIEWS, ENGAGEMENT],
        graph: Graph::Dates(&[AUDIENCE, ENGAGED_USERS, VIEWS, ENGAGEMENT]),
        ..LIVE
    },
    Type {
        id: "10006",
        name: "QOS_OVERVIEW_REALTIME",
        table: &[AUDIENCE, BUFFERING_USERS, BANDWIDTH, BUFFER_RATIO, BITRATE],
        total: &[AUDIENCE, BUFFERING_USERS, BANDWIDTH, BUFFER_RATIO, BITRATE],
        graph: Graph::Dates(&[AUDIENCE, BUFFERING_USERS, BANDWIDTH, BUFFER_RATIO, BITRATE]),
        ..LIVE
    },
    Type {
        id: "10007",
        name: "DISCOVERY_REALTIME",
        table: DISCOVERY,
        total: DISCOVERY,
        graph: Graph::Dates(DISCOVERY),
        ..LIVE
    },
    Type {
        id: "10008",
        name: "ENTRY_LEVEL_USERS_DISCOVERY_REALTIME",
        labels: &[label("user_id", Text::PersonId), label("user_name", Text::PersonName)],
        rows: BY_VIEWER,
        table: &[VIEW_TIME_LIVE, VIEW_TIME_DVR, VIEW_TIME, AVG_BUFFERING, ENGAGEMENT, FLAVORS, BUFFER_RATIO],
        total: &[VIEW_TIME_LIVE, VIEW_TIME_DVR, VIEW_TIME, AVG_BUFFERING, ENGAGEMENT, FLAVORS, BUFFER_RATIO],
        ..LIVE
    },
    Type {
        id: "10009",
        name: "ENTRY_LEVEL_USERS_STATUS_REALTIME",
        labels: &[label("user_id", Text::PersonId), label("playback_type", Text::Key(1))],
        rows: Rows::By(&[Dimension::Viewer, Dimension::PlaybackType]),
        ..LIVE
    },
    Type {
        id: "10010",
        name: "PLATFORMS_DISCOVERY_REALTIME",
        labels: T21.labels,
        rows: T21.rows,
        table: &[AUDIENCE, ENGAGED_USERS, BUFFERING_USERS, VIEW_TIME, AVG_BUFFERING, ENGAGEMENT, BUFFER_RATIO, FLAVORS],
        total: &[AUDIENCE, ENGAGED_USERS, BUFFERING_USERS, VIEW_TIME, AVG_BUFFERING, ENGAGEMENT, BUFFER_RATIO, FLAVORS],
        objects: Dimension::Device,
        ..LIVE
    },
    Type {
        id: "10011",
        name: "PLAYBACK_TYPE_REALTIME",
        labels: &[label("playback_type", Text::Key(0))],
        rows: Rows::By(&[Dimension::PlaybackType]),
        table: &[VIEW_TIME],
        total: &[VIEW_TIME],
        ..LIVE
    },
    Type {
        id: "10012",
        name: "CONTENT_REALTIME",
        labels: &[label("entry_id", Text::Key(0))],
        rows: BY_ENTRY,
        table: &[ENGAGEMENT, AVG_BUFFERING, BANDWIDTH, AUDIENCE],
        total: &[ENGAGEMENT, AVG_BUFFERING, BANDWIDTH, AUDIENCE],
        ..LIVE
    },
    Type {
        id: "10013",
        name: "DISCOVERY_VIEW_REALTIME",
        table: &[
            VIEWERS,
            nothing("viewers_buffering"),
            nothing("viewers_engagement"),
            VIEWERS_DVR,
            BANDWIDTH,
            BITRATE,
            VIEW_TIME,
            LATENCY,
            DROPPED,
            BUFFER_RATIO,
        ],
        total: &[BANDWIDTH, BITRATE, VIEW_TIME, LATENCY, DROPPED, BUFFER_RATIO],
        graph: Graph::Dates(&[
            VIEWERS,
            nothing("viewers_buffering"),
            nothing("viewers_engagement"),
            VIEWERS_DVR,
            BANDWIDTH,
            BITRATE,
            VIEW_TIME,
            LATENCY,
            DROPPED,
            BUFFER_RATIO,
        ]),
        ..LIVE
    },
    Type {
        id: "10014",
        name: "TOP_ENDED_BROADCAST_ENTRIES",
        labels: &[label("entry_id", Text::Key(0)), ENTRY_NAME],
        rows: BY_ENTRY,
        table: &[VIEWERS, ENGAGEMENT, AVG_BUFFERING, BANDWIDTH],
        total: &[VIEWERS, ENGAGEMENT, AVG_BUFFERING, BANDWIDTH],
        ..LIVE
    },
    Type {
        id: "10015",
        name: "TOP_LIVE_NOW_ENTRIES",
        labels: &[label("entry_id", Text::Key(0)), ENTRY_NAME, CREATOR],
        rows: BY_ENTRY,
        table: &[VIEWS, ENGAGEMENT, AVG_BUFFERING, BANDWIDTH],
        total: &[VIEWS, ENGAGEMENT, AVG_BUFFERING, BANDWIDTH],
        ..LIVE
    },
    Type { id: "20001", name: "CONTENT_DROPOFF_VPAAS", labels: &[OBJECT, ENTRY_NAME, PARTNER], ..T2 },
    Type { id: "20002", name: "TOP_SYNDICATION_VPAAS", ..T6 },
    Type { id: "20003", name: "USER_TOP_CONTENT_VPAAS", labels: &[PERSON, FULL_NAME, PARTNER], ..T13 },
    Type {
        id: "20004",
        name: "USER_USAGE_VPAAS",
        labels: &[
            label("kuser_id", Text::Own(0)),
            label("name", Text::Own(0)),
            label("full_name", Text::Own(1)),
            PARTNER,
        ],
        ..T17
    },
    Type { id: "20005", name: "PLATFORMS_VPAAS", ..T21 },
    Type { id: "20006", name: "OPERATING_SYSTEM_VPAAS", ..T22 },
    Type { id: "20007", name: "BROWSERS_VPAAS", ..T23 },
    Type { id: "20008", name: "OPERATING_SYSTEM_FAMILIES_VPAAS", ..T32 },
    Type { id: "20009", name: "BROWSERS_FAMILIES_VPAAS", ..T33 },
    Type { id: "20010", name: "USER_ENGAGEMENT_TIMELINE_VPAAS", ..T34 },
    Type { id: "20011", name: "UNIQUE_USERS_PLAY_VPAAS", ..T35 },
    Type { id: "20012", name: "MAP_OVERLAY_COUNTRY_VPAAS", ..T36 },
    Type { id: "20013", name: "MAP_OVERLAY_REGION_VPAAS", ..T37 },
    Type { id: "20014", name: "MAP_OVERLAY_CITY_VPAAS", ..T30 },
    Type {
        id: "20015",
        name: "TOP_CONTENT_CREATOR_VPAAS",
        labels: &[OBJECT, ENTRY_NAME, CREATOR, CREATED, STATUS, MEDIA, DURATION, SOURCE, PARTNER],
        ..T38
    },
    Type {
        id: "20016",
        name: "TOP_CONTENT_CONTRIBUTORS_VPAAS",
        labels: &[
            label("user_id", Text::PersonId),
            label("creator_name", Text::PersonName),
            label("created_at", Text::PersonSince),
            PARTNER,
        ],
        ..T39
    },
    Type { id: "20017", name: "TOP_SOURCES_VPAAS", ..T41 },
    Type { id: "20018", name: "CONTENT_REPORT_REASONS_VPAAS", ..T44 },
    Type {
        id: "20019",
        name: "PLAYER_RELATED_INTERACTIONS_VPAAS",
        labels: &[OBJECT, ENTRY_NAME, STATUS, SOURCE, PARTNER],
        ..T45
    },
    Type { id: "20020", name: "PLAYBACK_RATE_VPAAS", ..T46 },
    Type { id: "20021", name: "PARTNER_USAGE_VPAAS", ..T201 },
    Type { id: "20022", name: "TOP_PLAYBACK_CONTEXT_VPAAS", ..T25 },
    Type { id: "20023", name: "SELF_SERVE_USAGE_VPAAS", ..T60 },
    Type {
        id: "quiz.QUIZ",
        name: "quiz.QUIZ",
        labels: &[label("question_id", Text::Own(0))],
        rows: Rows::Own(Own::QuizQuestions),
        table: QUIZ,
        total: QUIZ_TOTAL,
        plays: Plays::All,
        ..BASE
    },
    Type {
        id: "quiz.QUIZ_USER_PERCENTAGE",
        name: "quiz.QUIZ_USER_PERCENTAGE",
        labels: &[label("user_id", Text::PersonId)],
        rows: Rows::Own(Own::QuizPeople),
        table: QUIZ,
        total: QUIZ_TOTAL,
        plays: Plays::All,
        ..BASE
    },
    Type {
        id: "quiz.QUIZ_AGGREGATE_BY_QUESTION",
        name: "quiz.QUIZ_AGGREGATE_BY_QUESTION",
        labels: &[label("question_id", Text::Own(0))],
        rows: Rows::Own(Own::QuizQuestions),
        table: QUIZ,
        total: QUIZ_TOTAL,
        objects: Dimension::QuizQuestion,
        plays: Plays::All,
        ..BASE
    },
    Type {
        id: "quiz.QUIZ_USER_AGGREGATE_BY_QUESTION",
        name: "quiz.QUIZ_USER_AGGREGATE_BY_QUESTION",
        labels: &[label("user_id", Text::PersonId)],
        rows: Rows::Own(Own::QuizPeople),
        table: QUIZ,
        total: QUIZ_TOTAL,
        plays: Plays::All,
        ..BASE
    },
];
