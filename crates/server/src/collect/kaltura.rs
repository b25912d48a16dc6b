//! Kaltura's `analytics.trackEvent`: parameters to a draft event, units and oddities of the senders settled here.

use super::identity::Credentials;
use super::limits::{FIELD_BYTES_MAX, ID_BYTES_MAX};
use super::wire::{Parameters, Reason, Refusal, cut, refuse};
use base64::Engine as _;
use engine::event::{AccountId, Event, EventKind, Playback, Text};

/// An event before identity and enrichment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    /// Everything that the parameters say. `who`, place, device and page are still empty.
    pub event: Event,
    /// What came along to say who is watching.
    pub credentials: Credentials,
    /// Address of the embedding page, plain; empty when not given.
    pub referrer: String,
    /// The referrer is the page's whole address, by the sender's word (our own tracker).
    pub whole_page: bool,
    /// `navigator.maxTouchPoints` (our own tracker).
    pub touch_points: Option<u32>,
}

/// Kibibit/s, as players send, in bit/s.
const KIBIBIT: f64 = 1024.0;
const MILLI: f64 = 1000.0;

/// Parameters of the API layer and echoes of our own answers: they say nothing about the playback.
const SILENT: [&str; 12] = [
    "service",
    "action",
    "format",
    "apiVersion",
    "clientTime",
    "callback",
    "ignoreNull",
    "kalsig",
    "sessionStartTime",
    "eventType",
    "partnerId",
    "nocache",
];

/// The account a request is for, as far as it can be told: for bad rows too.
pub fn account(parameters: &Parameters) -> Option<AccountId> {
    let text = parameters.get("partnerId").or_else(|| parameters.get("event:partnerId"))?;
    // Kaltura writes some ids as `_1234`.
    text.trim().trim_start_matches('_').parse().ok().map(AccountId)
}

/// Takes KS, token and user id out of the parameters.
pub fn credentials(parameters: &mut Parameters) -> Credentials {
    let mut first = |names: [&str; 2]| {
        let [one, two] = names.map(|name| parameters.take(name));
        one.or(two)
    };
    Credentials {
        ks: first(["ks", "event:ks"]),
        token: first(["viewerToken", "viewer_token"]),
        user: first(["userId", "event:userId"]).map(|user| user.trim().to_owned()),
    }
}

/// An id: bounded, never cut.
pub fn id(parameters: &mut Parameters, name: &str) -> Result<Text, Refusal> {
    let Some(value) = parameters.take(name) else { return Ok(Text::default()) };
    let value = value.trim();
    if value.len() > ID_BYTES_MAX {
        return refuse(Reason::Size, "an id is longer than 256 bytes");
    }
    if value.chars().any(char::is_control) {
        return refuse(Reason::Protocol, "an id holds control characters");
    }
    Ok(value.into())
}

/// Reads an event of the current protocol.
pub fn read(mut from: Parameters) -> Result<Draft, Refusal> {
    let Some(account) = account(&from) else {
        return refuse(Reason::Protocol, "no account: partnerId is missing or not a number");
    };
    let kind = match from.get("eventType").map(|kind| kind.trim().parse::<u32>()) {
        Some(Ok(kind)) => EventKind(kind),
        Some(Err(_)) => return refuse(Reason::Protocol, "eventType is not a number"),
        None => return refuse(Reason::Protocol, "eventType is missing"),
    };
    let mut draft = Draft { credentials: credentials(&mut from), ..Draft::default() };
    draft.referrer = referrer(from.take("referrer").unwrap_or_default());
    let event = &mut draft.event;
    event.account = account;
    event.kind = kind;
    event.entry = id(&mut from, "entryId")?;
    event.session = id(&mut from, "sessionId")?;
    if event.entry.is_empty() && kind.0 < APPLICATION_KINDS {
        return refuse(Reason::Protocol, "entryId is missing");
    }
    event.index = from.small("eventIndex", 1.0).filter(|index| *index > 0);
    event.playback = playback(&mut from, "playbackType");
    event.position_ms = from.seconds("position");
    event.target_ms = from.seconds("targetPosition");
    event.speed_milli = from.small("playbackSpeed", MILLI).filter(|speed| *speed > 0);
    event.play_time_ms = from.amount("playTimeSum", MILLI);
    read_measured(event, &mut from);
    read_facts(event, &mut from);
    for name in SILENT {
        from.take(name);
    }
    event.vars = from.into_vars();
    Ok(draft)
}

/// Event types from here on are an application's, and need no entry.
pub const APPLICATION_KINDS: u32 = 10_000;

/// Takes the playback type; an unknown word stays among the variables.
pub fn playback(from: &mut Parameters, name: &str) -> Playback {
    let said = from.get(name).map(|text| text.trim().to_ascii_lowercase());
    match Playback::ALL.into_iter().find(|kind| Some(kind.name()) == said.as_deref()) {
        Some(kind) => {
            from.take(name);
            kind
        }
        None => Playback::default(),
    }
}

fn read_measured(event: &mut Event, from: &mut Parameters) {
    let measured = &mut event.measured;
    measured.buffer_ms = from.small("bufferTime", MILLI);
    measured.buffer_sum_ms = from.amount("bufferTimeSum", MILLI);
    measured.bitrate_bps = from.amount("actualBitrate", KIBIBIT);
    measured.join_ms = from.small("joinTime", MILLI);
    measured.can_play_ms = from.small("canPlay", MILLI);
    measured.load_ms = from.small("playerJSLoadTime", 1.0);
    measured.bandwidth_bps = from.amount("bandwidth", KIBIBIT);
    measured.dropped_ppm = from.small("droppedFramesRatio", 1e6);
    measured.segment_ms = from.small("segmentDownloadTime", MILLI);
    measured.manifest_ms = from.small("manifestDownloadTime", MILLI);
    measured.sound = mode(from, "soundMode");
    measured.tab = mode(from, "tabMode");
    measured.view = mode(from, "viewabilityMode");
    measured.screen = mode(from, "screenMode");
}

/// Takes a mode of 1 (off) or 2 (on); anything else stays among the variables, and is "not said".
pub fn mode(from: &mut Parameters, name: &str) -> u8 {
    let mode = match from.get(name).map(str::trim) {
        Some("1" | "1.0") => 1,
        Some("2" | "2.0") => 2,
        _ => return 0,
    };
    from.take(name);
    mode
}

fn read_facts(event: &mut Event, from: &mut Parameters) {
    let facts = &mut event.facts;
    facts.delivery = from.text("deliveryType");
    facts.player_version = from.version("clientVer");
    facts.client_tag = from.text("clientTag");
    facts.virtual_event = from.text("virtualEventId");
    facts.ui_conf = from.text("uiConfId");
    facts.playlist = from.text("playlistId");
    facts.custom_var_1 = from.text("customVar1");
    facts.custom_var_2 = from.text("customVar2");
    facts.custom_var_3 = from.text("customVar3");
    facts.context = from.text("playbackContext");
    facts.application = from.text("application");
    facts.application_version = from.version("applicationVer");
    facts.kaltura_application = from.text("kalturaApplication");
    facts.kaltura_application_version = from.version("kalturaApplicationVer");
    facts.persistent_session = from.text("persistentSessionId");
    facts.root_entry = from.text("rootEntryId");
    facts.node = from.text("nodeId");
    // The player fills these two from `application` and `applicationVersion`: copies, not facts of their own. They only
    // say something where the original is missing (`applicationVer` is not sent by newer plugins), or differs.
    stand_in(from, "hostingKalturaApplication", &mut facts.application);
    stand_in(from, "hostingKalturaApplicationVersion", &mut facts.application_version);
}

fn stand_in(from: &mut Parameters, name: &str, original: &mut Text) {
    if original.is_empty() {
        *original = from.version(name);
    } else if from.get(name).map(str::trim) == Some(original) {
        from.take(name);
    }
}

/// The page's address as the browser knew it: older players send it in base64.
pub fn referrer(sent: String) -> String {
    let sent = sent.trim();
    if sent.contains(':') {
        return cut(sent, FIELD_BYTES_MAX).to_owned();
    }
    // A query's `+` may have become a space.
    let plain: String = sent.replace([' ', '-'], "+").replace('_', "/");
    let decoded = base64::engine::general_purpose::STANDARD_NO_PAD
        .decode(plain.trim_end_matches('='))
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .filter(|text| text.contains(':') && !text.chars().any(char::is_control));
    let address = decoded.unwrap_or_else(|| sent.to_owned());
    cut(&address, FIELD_BYTES_MAX).to_owned()
}

#[cfg(test)]
mod tests;
