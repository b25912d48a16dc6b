//! One thing a player reported, parsed, bounded and enriched: what the journal keeps and the fold reads.
//!
//! An event holds no address, no user-agent string and no session token: place, device, page and person are already
//! values. It is journaled before it is acknowledged, exactly in this form.

use serde::{Deserialize, Serialize};

/// Short text. Bounded by [`crate::limits::TEXT_BYTES_MAX`] at collection.
pub type Text = Box<str>;

/// An account's number (Kaltura: partner id).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AccountId(pub u32);

/// A person's random key. Names and ids live only in the catalog. 0 is nobody known: the one viewer `Unknown`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PersonKey(pub u64);

impl PersonKey {
    /// All anonymous viewers together.
    pub const UNKNOWN: PersonKey = PersonKey(0);
}

/// How sure we are who is watching.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum Proof {
    /// Nobody was named, or the name was refused.
    #[default]
    None = 0,
    /// A plain `userId`, accepted because the account says so.
    Claimed = 1,
    /// A verified KS, viewer token or LTI launch.
    Verified = 2,
}

impl Proof {
    /// All kinds, in the order of their codes.
    pub const ALL: [Proof; 3] = [Proof::None, Proof::Claimed, Proof::Verified];
    /// Its word in files and answers.
    pub fn name(self) -> &'static str {
        match self {
            Proof::None => "none",
            Proof::Claimed => "claimed",
            Proof::Verified => "verified",
        }
    }
}

/// Why an event's identity was not taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum IdentityRefusal {
    /// Nothing was refused.
    #[default]
    No = 0,
    /// An unsigned `userId` on an account that wants proof.
    Unsigned = 1,
    /// A KS or token that does not verify, or has expired.
    Invalid = 2,
}

/// Who sent the event, settled at collection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who {
    /// The person, or [`PersonKey::UNKNOWN`].
    pub person: PersonKey,
    /// How we know.
    pub proof: Proof,
    /// Why a name that came along was not believed.
    pub refusal: IdentityRefusal,
    /// Course staff, by the token's word.
    pub staff: bool,
}

/// How the medium is played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum Playback {
    /// On demand. Also what is assumed when the sender does not say.
    #[default]
    Vod = 0,
    /// Live, at the edge.
    Live = 1,
    /// Live, well behind the edge.
    Dvr = 2,
    /// A downloaded copy.
    Offline = 3,
}

impl Playback {
    /// All kinds, in the order of their codes.
    pub const ALL: [Playback; 4] = [Playback::Vod, Playback::Live, Playback::Dvr, Playback::Offline];
    /// Kaltura's word for it.
    pub fn name(self) -> &'static str {
        match self {
            Playback::Vod => "vod",
            Playback::Live => "live",
            Playback::Dvr => "dvr",
            Playback::Offline => "offline",
        }
    }
    /// Whether positions are places in a recording (no coverage axis otherwise).
    pub fn has_axis(self) -> bool {
        matches!(self, Playback::Vod | Playback::Offline)
    }
}

/// A Kaltura event type (`reference/kava.md` 1.4). Unknown numbers are kept. `QUIZ_STARTED` and `QUIZ_ANSWERED` are our own:
/// Kaltura sends nothing for them but a click on `Quiz_start`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EventKind(pub u32);

macro_rules! kinds {
    ($($name:ident = $id:literal),+ $(,)?) => {
        #[allow(missing_docs)]
        impl EventKind { $(pub const $name: EventKind = EventKind($id);)+ }
    };
}
kinds! {
    IMPRESSION = 1, PLAY_REQUEST = 2, PLAY = 3, RESUME = 4,
    REACHED_25 = 11, REACHED_50 = 12, REACHED_75 = 13, REACHED_100 = 14, REACHED_90 = 15,
    SHARE_OPENED = 21, SHARED = 22, DOWNLOAD = 23, REPORT_OPENED = 24, REPORT_SUBMITTED = 25,
    FULLSCREEN_ON = 31, FULLSCREEN_OFF = 32, PAUSE = 33, REPLAY = 34, SEEK = 35, RELATED_OPENED = 36,
    RELATED_SELECTED = 37, CAPTIONS = 38, SOURCE_SELECTED = 39, INFO = 40, SPEED = 41, AUDIO_SELECTED = 42,
    FLAVOR_SWITCH = 43, BUFFER_START = 45, BUFFER_END = 46, ERROR = 98, VIEW = 99, MANIFEST = 100,
    BUTTON = 10002, PAGE = 10003, API_CALL = 10005, QUIZ_SUBMITTED = 30001, QUIZ_STARTED = 30002,
    QUIZ_ANSWERED = 30003,
}

/// What a heartbeat (VIEW) or a start (PLAY, RESUME) says about quality and attention. All optional: senders differ.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// Buffering since the last heartbeat, ms.
    pub buffer_ms: Option<u32>,
    /// Cumulative buffering, ms.
    pub buffer_sum_ms: Option<u64>,
    /// Bit rate being played, bit/s (the wire's kibibit/s times 1024). Absent when unknown (-1).
    pub bitrate_bps: Option<u64>,
    /// From play request to first frame, ms.
    pub join_ms: Option<u32>,
    /// From source chosen to able to play, ms.
    pub can_play_ms: Option<u32>,
    /// Player script load time, ms.
    pub load_ms: Option<u32>,
    /// 1 muted, 2 audible; 0 not said.
    pub sound: u8,
    /// 1 tab not focused, 2 focused; 0 not said.
    pub tab: u8,
    /// 1 player out of view, 2 in view; 0 not said.
    pub view: u8,
    /// 1 normal, 2 full screen; 0 not said.
    pub screen: u8,
    /// Network bandwidth, bit/s.
    pub bandwidth_bps: Option<u64>,
    /// Share of frames dropped, parts per million.
    pub dropped_ppm: Option<u32>,
    /// Longest segment download since the last heartbeat, ms.
    pub segment_ms: Option<u32>,
    /// Longest manifest download since the last heartbeat, ms.
    pub manifest_ms: Option<u32>,
}

/// Facts that are constant in a session: the first known value wins (ruling 19). Order and names are those of
/// [`crate::row::TextColumn`] after the entry; empty text means not known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// ISO 3166 alpha-2 country code.
    pub country: Text,
    /// Region (state) name.
    pub region: Text,
    /// City name.
    pub city: Text,
    /// Data set and build date that gave the place.
    pub place_source: Text,
    /// Device class, Kaltura's words (`Computer`, `Mobile`, ...).
    pub device: Text,
    /// Operating system family.
    pub os: Text,
    /// Operating system version.
    pub os_version: Text,
    /// Browser family.
    pub browser: Text,
    /// Browser version (major).
    pub browser_version: Text,
    /// Host of the embedding page; `Unknown`, `Local file`.
    pub domain: Text,
    /// Canonical page URL with scheme and without secrets; empty when only the origin was disclosed.
    pub page: Text,
    /// Application name.
    pub application: Text,
    /// Application version.
    pub application_version: Text,
    /// Kaltura application id as sent.
    pub kaltura_application: Text,
    /// Its version.
    pub kaltura_application_version: Text,
    /// Playback context: a category id.
    pub context: Text,
    /// Course proved by LTI launch or viewer token: a category id.
    pub proved_context: Text,
    /// Playlist id.
    pub playlist: Text,
    /// Player configuration id.
    pub ui_conf: Text,
    /// Player version.
    pub player_version: Text,
    /// Player kind and version as sent (`clientTag`).
    pub client_tag: Text,
    /// `hls`, `dash`, `url`.
    pub delivery: Text,
    /// Free dimension 1.
    pub custom_var_1: Text,
    /// Free dimension 2.
    pub custom_var_2: Text,
    /// Free dimension 3.
    pub custom_var_3: Text,
    /// Interactive video: the root entry.
    pub root_entry: Text,
    /// Interactive video: the node.
    pub node: Text,
    /// Virtual event id.
    pub virtual_event: Text,
    /// Cross-page visit id as sent.
    pub persistent_session: Text,
}

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The account.
    pub account: AccountId,
    /// The stream it came by: 0 is live collection; every import is a stream of its own, with its own watermark.
    pub stream: u32,
    /// Place in an imported file: the byte offset after its line, so that a repeated import resumes; 0 on live streams.
    pub offset: u64,
    /// When it happened, ms since 1970: arrival for Kaltura's routes, corrected client time for our own (ruling 33).
    pub at_ms: i64,
    /// When the server received it, ms since 1970.
    pub received_ms: i64,
    /// What happened.
    pub kind: EventKind,
    /// The recording. May be empty for application events.
    pub entry: Text,
    /// The session; empty when the sender has none.
    pub session: Text,
    /// Counter within a run, from 1.
    pub index: Option<u32>,
    /// The client's own id of this event, unique in the session (our own routes).
    pub event_id: Option<Text>,
    /// Who.
    pub who: Who,
    /// A bot, by its user agent.
    pub bot: bool,
    /// Why the event is kept but left out of figures; empty when it counts (`flood`, `origin`, ...).
    pub suspect: Text,
    /// How the medium is played.
    pub playback: Playback,
    /// Media position, ms. Live: 0 at the edge, else negative distance from it.
    pub position_ms: Option<i64>,
    /// Where a seek goes, ms.
    pub target_ms: Option<i64>,
    /// Playback speed in thousandths; absent when the sender does not say.
    pub speed_milli: Option<u32>,
    /// Cumulative play time of the run in media time, ms (`playTimeSum`).
    pub play_time_ms: Option<u64>,
    /// The recording's length as known at collection, ms.
    pub duration_ms: Option<u64>,
    /// Quality and attention.
    pub measured: Measured,
    /// Facts constant in a session.
    pub facts: Facts,
    /// Variables with a meaning of their own (`errorCode`, `caption`, `score`, ...) and unknown parameters, in the
    /// order in which they came.
    pub vars: Vec<(Text, Text)>,
}
