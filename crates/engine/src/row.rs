//! The view row: what a session did to an entry within one quarter of an hour. The fold makes it, segments keep it,
//! every report is computed from it.
//!
//! Its columns are two tables here, [`TextColumn`] and [`SumColumn`], plus a few fields with a shape of their own.
//! Everything else (Parquet schema, decoded blocks, merging) walks the tables: a new column is one line.
//!
//! **Invariants.** A row's key is (account, entry, session, quarter, playback). A refold writes all rows of a session
//! anew with a higher version; rows of lower versions are superseded, never corrected by adding (ruling 14). Sums add up over any
//! set of live rows; [`SumColumn::CoveredBefore`] alone is a state at the start of the row and is never added.

use crate::event::{AccountId, PersonKey, Playback, Proof, Text};
use crate::scrub::Kind;
use crate::time::Quarter;

macro_rules! columns {
    ($(#[$outer:meta])* $table:ident { $($(#[doc = $doc:literal])+ $name:ident = $column:literal),+ $(,)? }) => {
        $(#[$outer])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(usize)]
        pub enum $table { $($(#[doc = $doc])+ $name),+ }
        impl $table {
            /// Every column, in the order of the table.
            pub const ALL: &'static [$table] = &[$($table::$name),+];
            /// How many there are.
            pub const COUNT: usize = Self::ALL.len();
            /// The column's name in the Parquet files: forever.
            pub const fn column(self) -> &'static str {
                match self { $($table::$name => $column),+ }
            }
            /// What it says, in words.
            pub const fn meaning(self) -> &'static str {
                match self { $($table::$name => concat!($($doc),+).trim_ascii()),+ }
            }
        }
    };
}

columns! {
    /// Text columns: the entry and the facts that are constant in a session. Empty text means not known.
    TextColumn {
        /// Entry id.
        Entry = "entry",
        /// ISO 3166 alpha-2 country code.
        Country = "country",
        /// Region name.
        Region = "region",
        /// City name.
        City = "city",
        /// Data set and build date that gave the place.
        PlaceSource = "place_source",
        /// Device class.
        Device = "device",
        /// Operating system family.
        Os = "os",
        /// Operating system version.
        OsVersion = "os_version",
        /// Browser family.
        Browser = "browser",
        /// Browser version.
        BrowserVersion = "browser_version",
        /// Host of the embedding page.
        Domain = "domain",
        /// Canonical page URL; empty when the page was not disclosed.
        Page = "page",
        /// Application name.
        Application = "application",
        /// Application version.
        ApplicationVersion = "application_version",
        /// Kaltura application id.
        KalturaApplication = "kaltura_application",
        /// Kaltura application version.
        KalturaApplicationVersion = "kaltura_application_version",
        /// Playback context (category id).
        Context = "playback_context",
        /// Course proved by LTI or viewer token (category id).
        ProvedContext = "proved_context",
        /// Playlist id.
        Playlist = "playlist",
        /// Player configuration id.
        UiConf = "ui_conf",
        /// Player version.
        PlayerVersion = "player_version",
        /// Player kind and version.
        ClientTag = "client_tag",
        /// Delivery type.
        Delivery = "delivery",
        /// Free dimension 1.
        CustomVar1 = "custom_var_1",
        /// Free dimension 2.
        CustomVar2 = "custom_var_2",
        /// Free dimension 3.
        CustomVar3 = "custom_var_3",
        /// Interactive video: root entry.
        RootEntry = "root_entry",
        /// Interactive video: node.
        Node = "node",
        /// Virtual event id.
        VirtualEvent = "virtual_event",
        /// Cross-page visit id.
        PersistentSession = "persistent_session",
        /// Why the row is kept but left out of figures; empty when it counts.
        Suspect = "suspect",
    }
}

impl TextColumn {
    /// What players and pages put into words of their own, where a person may be named: see [`crate::scrub`].
    pub const FREE: [TextColumn; 15] = [
        TextColumn::Domain,
        TextColumn::Page,
        TextColumn::Application,
        TextColumn::ApplicationVersion,
        TextColumn::KalturaApplication,
        TextColumn::KalturaApplicationVersion,
        TextColumn::UiConf,
        TextColumn::PlayerVersion,
        TextColumn::ClientTag,
        TextColumn::CustomVar1,
        TextColumn::CustomVar2,
        TextColumn::CustomVar3,
        TextColumn::Node,
        TextColumn::VirtualEvent,
        TextColumn::PersistentSession,
    ];

    /// What kind of text it holds.
    pub const fn kind(self) -> Kind {
        match self {
            TextColumn::Page => Kind::Page,
            _ => Kind::Other,
        }
    }
}

columns! {
    /// Whole-number columns. Times in milliseconds; all sums, but for `CoveredBefore`, `Reach` and `LearnedDuration`.
    SumColumn {
        /// Events folded into the row.
        Events = "events",
        /// Player shown (event 1).
        Impressions = "impressions",
        /// Play asked for (2).
        PlayRequests = "play_requests",
        /// First frame (3).
        Plays = "plays",
        /// Playing again after a pause (4).
        Resumes = "resumes",
        /// Milestone reported (11).
        Reached25 = "reached_25",
        /// Milestone reported (12).
        Reached50 = "reached_50",
        /// Milestone reported (13).
        Reached75 = "reached_75",
        /// Milestone reported (15).
        Reached90 = "reached_90",
        /// Milestone reported (14).
        Reached100 = "reached_100",
        /// Pauses (33), the one at the natural end included.
        Pauses = "pauses",
        /// Replays (34).
        Replays = "replays",
        /// Seeks (35).
        Seeks = "seeks",
        /// Share panel opened (21).
        SharesOpened = "shares_opened",
        /// Shared (22).
        Shares = "shares",
        /// Downloads (23).
        Downloads = "downloads",
        /// Report panel opened (24).
        ReportsOpened = "reports_opened",
        /// Reports sent (25).
        ReportsSubmitted = "reports_submitted",
        /// Full screen entered (31).
        FullscreenOn = "fullscreen_on",
        /// Full screen left (32).
        FullscreenOff = "fullscreen_off",
        /// Related opened (36).
        RelatedOpened = "related_opened",
        /// Related chosen (37).
        RelatedSelected = "related_selected",
        /// Caption track changed (38).
        Captions = "captions",
        /// Quality chosen (39).
        SourcesSelected = "sources_selected",
        /// Info opened (40).
        Infos = "infos",
        /// Speed changed (41).
        Speeds = "speeds",
        /// Audio track chosen (42).
        AudiosSelected = "audios_selected",
        /// Adaptive quality switches (43).
        FlavorSwitches = "flavor_switches",
        /// Buffering began (45).
        BufferStarts = "buffer_starts",
        /// Buffering ended (46).
        BufferEnds = "buffer_ends",
        /// Fatal errors (98).
        Errors = "errors",
        /// Heartbeats received (99).
        Heartbeats = "heartbeats",
        /// Manifests served (100).
        Manifests = "manifests",
        /// Buttons clicked (10002).
        Buttons = "buttons",
        /// Pages loaded (10003).
        Pages = "pages",
        /// API calls (10005).
        ApiCalls = "api_calls",
        /// Quizzes submitted (30001).
        Quizzes = "quizzes",
        /// Events of unknown types; which ones is in the marks.
        Others = "others",
        /// Kaltura's play time: sum of positive increases of `playTimeSum`, media ms.
        HeartbeatMs = "heartbeat_ms",
        /// Playback proved by events, media ms (live: heartbeat time less buffering).
        WatchedMs = "watched_ms",
        /// The same in wall time, ms.
        ClockMs = "clock_ms",
        /// Claimed by positions but not proved by time, ms: left out of watched time.
        UnprovedMs = "unproved_ms",
        /// Media ms covered in this row for the first time in the session.
        FreshMs = "fresh_ms",
        /// Media ms the session had covered before this row. A state, not a sum.
        CoveredBefore = "covered_before_ms",
        /// Furthest media position of the session so far, ms. A state, not a sum.
        Reach = "reach_ms",
        /// The recording's length as this session lets us learn it (position of a milestone / its share), ms; 0 when
        /// it does not. A state, not a sum.
        LearnedDuration = "learned_duration_ms",
        /// The share in per cent (25, 50, 75, 90, 100) whose milestone taught it; the highest is the best. A state.
        LearnedFrom = "learned_from_percent",
        /// Buffering, ms.
        BufferMs = "buffer_ms",
        /// Sum of join times, ms.
        JoinMs = "join_ms",
        /// How many join times.
        Joins = "joins",
        /// Sum of times until able to play, ms.
        CanPlayMs = "can_play_ms",
        /// How many of them.
        CanPlays = "can_plays",
        /// Sum of player load times, ms.
        LoadMs = "load_ms",
        /// How many of them.
        Loads = "loads",
        /// Sum of bit rates, bit/s.
        BitrateBps = "bitrate_bps",
        /// How many of them.
        Bitrates = "bitrates",
        /// Sum of bandwidths, bit/s.
        BandwidthBps = "bandwidth_bps",
        /// How many of them.
        Bandwidths = "bandwidths",
        /// Sum of dropped frame ratios, parts per million.
        DroppedPpm = "dropped_ppm",
        /// How many of them.
        Droppeds = "droppeds",
        /// Sum of segment download times, ms.
        SegmentMs = "segment_ms",
        /// How many of them.
        SegmentTimes = "segment_times",
        /// Sum of manifest download times, ms.
        ManifestMs = "manifest_ms",
        /// How many of them.
        ManifestTimes = "manifest_times",
        /// Heartbeats that watched wall time lets us expect.
        HeartbeatsExpected = "heartbeats_expected",
        /// Events missing by gaps in the index.
        Missing = "missing",
        /// Left out: exact repeats of an event already there.
        Duplicates = "duplicates",
        /// Events that arrived after a later one of their run.
        Reordered = "reordered",
        /// Events beyond the lateness horizon: kept, counted, flagged.
        Late = "late",
        /// Names refused for want of proof.
        IdentityUnsigned = "identity_unsigned",
        /// Names refused because proof was bad.
        IdentityInvalid = "identity_invalid",
        /// Names refused because the session belongs to another verified person.
        IdentityOther = "identity_other",
        /// Events of the session beyond the limit: counted, not folded.
        Overflow = "overflow",
    }
}

/// Played seconds `[from, to)` of the recording, each `times` over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First second.
    pub from: u32,
    /// First second after.
    pub to: u32,
    /// How often; at least 1.
    pub times: u32,
}

/// Watched milliseconds in one state of attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Attention {
    /// `sound + 3 tab + 9 view + 27 screen`, each 0 not said, 1 off, 2 on.
    pub state: u8,
    /// Media ms watched in it.
    pub ms: u64,
}

/// Something without a column of its own: how often an event came with a variable of a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark {
    /// Event type.
    pub kind: u32,
    /// Variable (`errorCode`, `caption`, `playbackSpeed`, `score`, `buttonName`, ...).
    pub name: Text,
    /// Its value.
    pub value: Text,
    /// How often.
    pub count: u32,
}

/// One view row.
#[derive(Clone, Debug, PartialEq)]
pub struct ViewRow {
    /// Account.
    pub account: AccountId,
    /// Quarter of an hour.
    pub quarter: Quarter,
    /// Hash of the session id (of the event's place in its stream, when it has none).
    pub session: u64,
    /// How the medium was played.
    pub playback: Playback,
    /// Which refold of the session made the row; the highest counts.
    pub version: u32,
    /// The viewer.
    pub person: PersonKey,
    /// How we know.
    pub proof: Proof,
    /// Course staff by the token's word.
    pub staff: bool,
    /// A bot.
    pub bot: bool,
    /// First and last instant of the row's events, ms since 1970.
    pub first_ms: i64,
    /// Last instant.
    pub last_ms: i64,
    /// Text columns, by [`TextColumn`].
    pub text: [Text; TextColumn::COUNT],
    /// Whole-number columns, by [`SumColumn`].
    pub sum: [u64; SumColumn::COUNT],
    /// Seconds viewed in this row: disjoint, ascending, neighbours of equal count joined.
    pub coverage: Vec<Span>,
    /// Of these, the seconds viewed for the first time in the session: disjoint, ascending, joined (`times` is 1).
    pub fresh: Vec<Span>,
    /// Watched time by attention, ascending by state.
    pub attention: Vec<Attention>,
    /// Everything else, ascending.
    pub marks: Vec<Mark>,
}

impl ViewRow {
    /// The value of a text column.
    pub fn text(&self, column: TextColumn) -> &str {
        &self.text[column as usize]
    }
    /// The value of a number column.
    pub fn get(&self, column: SumColumn) -> u64 {
        self.sum[column as usize]
    }
    /// Adds to a number column.
    pub fn add(&mut self, column: SumColumn, n: u64) {
        self.sum[column as usize] += n;
    }
}
