//! Our own batch format, `POST /e` (docs/events.md): a JSON array of events, or an object with `sent`, `events` and
//! defaults for all of them. Field names are those of [`engine::event::Event`]; what has no field becomes a variable.

use super::identity::Credentials;
use super::kaltura::{self, Draft};
use super::limits::{BATCH_EVENTS_MAX, CLIENT_AHEAD_MS, CLIENT_LATE_MS, FIELD_BYTES_MAX, NESTING_MAX};
use super::wire::{Object, Parameters, Reason, Refusal, cut, nesting, refuse, rounded};
use engine::event::{AccountId, Event, EventKind};
use serde_json::{Map, Value};

/// A batch, split into its events.
#[derive(Debug, Default)]
pub struct Batch {
    /// The client's clock when it sent the batch, ms since 1970; the offset to ours corrects every `at`.
    pub sent: Option<i64>,
    /// What holds for every event that does not say otherwise.
    pub defaults: Map<String, Value>,
    /// The events, not yet read: one that is wrong does not spoil the others.
    pub events: Vec<Value>,
}

/// Splits a body. An error here concerns the whole batch.
pub fn split(body: &[u8]) -> Result<Batch, Refusal> {
    if nesting(body) > NESTING_MAX {
        return refuse(Reason::Format, "the JSON is nested too deep");
    }
    let batch = match serde_json::from_slice::<Value>(body) {
        Ok(Value::Array(events)) => Batch { events, ..Batch::default() },
        Ok(Value::Object(mut members)) => {
            let Some(Value::Array(events)) = members.remove("events") else {
                return refuse(Reason::Format, "the batch has no array `events`");
            };
            let sent = members.remove("sent").and_then(|sent| sent.as_f64()).and_then(rounded);
            Batch { sent, defaults: members, events }
        }
        Ok(_) => return refuse(Reason::Format, "a batch is an array of events or an object with `events`"),
        Err(_) => return refuse(Reason::Format, "the body is not valid JSON"),
    };
    if batch.events.len() > BATCH_EVENTS_MAX {
        return refuse(Reason::Size, "more than 200 events in a batch");
    }
    Ok(batch)
}

impl Batch {
    /// One event with the batch's defaults filled in. Not an object: as it is.
    pub fn whole(&self, event: &Value) -> Value {
        let Value::Object(members) = event else { return event.clone() };
        let mut whole = self.defaults.clone();
        for (name, value) in members {
            whole.insert(name.clone(), value.clone());
        }
        Value::Object(whole)
    }
}

/// The parameters of a whole event.
pub fn parameters(event: &Value) -> Result<Parameters, Refusal> {
    let Value::Object(members) = event else {
        return refuse(Reason::Format, "an event is not a JSON object");
    };
    let mut from = Parameters::default();
    from.put_object(Object(members.iter().map(|(name, value)| (name.clone(), value.clone())).collect()))?;
    from.unwrap("vars");
    Ok(from)
}

/// The account an event is for.
pub fn account(parameters: &Parameters) -> Option<AccountId> {
    parameters.get("account")?.trim().parse().ok().map(AccountId)
}

/// Takes KS, token and user id out of the parameters.
pub fn credentials(from: &mut Parameters) -> Credentials {
    Credentials { ks: from.take("ks"), token: from.take("token"), user: from.take("user") }
}

/// Reads an event. `sent` is the client's clock at sending, `received_ms` ours at receiving (ruling 33).
pub fn read(mut from: Parameters, sent: Option<i64>, received_ms: i64) -> Result<Draft, Refusal> {
    let Some(account) = account(&from) else {
        return refuse(Reason::Protocol, "no account: `account` is missing or not a number");
    };
    from.take("account");
    let said = from.take("kind").unwrap_or_default();
    let Some(kind) = kind(said.trim()) else {
        return refuse(Reason::Protocol, "`kind` is missing, or neither a number nor a known word");
    };
    let mut draft = Draft {
        credentials: credentials(&mut from),
        touch_points: from.small("touch_points", 1.0),
        ..Draft::default()
    };
    match from.take("page") {
        Some(page) => {
            draft.referrer = cut(page.trim(), FIELD_BYTES_MAX).to_owned();
            draft.whole_page = true;
        }
        None => {
            let sent = from.take("referrer").or_else(|| from.get("ancestor").map(str::to_owned));
            draft.referrer = kaltura::referrer(sent.unwrap_or_default());
        }
    }
    for used in ["page", "referrer", "ancestor"] {
        from.take(used);
    }
    let event = &mut draft.event;
    event.account = account;
    event.kind = kind;
    event.at_ms = at(from.number("at"), sent, received_ms)?;
    event.entry = kaltura::id(&mut from, "entry")?;
    event.session = kaltura::id(&mut from, "session")?;
    event.event_id = Some(kaltura::id(&mut from, "event_id")?).filter(|id| !id.is_empty());
    if event.entry.is_empty() && kind.0 < kaltura::APPLICATION_KINDS {
        return refuse(Reason::Protocol, "`entry` is missing");
    }
    event.index = from.small("index", 1.0).filter(|index| *index > 0);
    event.playback = kaltura::playback(&mut from, "playback");
    event.position_ms = from.number("position_ms").and_then(rounded);
    event.target_ms = from.number("target_ms").and_then(rounded);
    event.speed_milli = from.small("speed_milli", 1.0).filter(|speed| *speed > 0);
    event.play_time_ms = from.amount("play_time_ms", 1.0);
    event.duration_ms = from.amount("duration_ms", 1.0).filter(|length| *length > 0);
    read_measured(event, &mut from);
    read_facts(event, &mut from);
    if kind == EventKind::QUIZ_ANSWERED {
        read_answer(&mut from)?;
    }
    event.vars = from.into_vars();
    Ok(draft)
}

/// The instant of an event on our clock.
fn at(at: Option<f64>, sent: Option<i64>, received_ms: i64) -> Result<i64, Refusal> {
    let Some(at) = at.and_then(rounded) else { return Ok(received_ms) };
    let corrected = at + sent.map_or(0, |sent| received_ms - sent);
    if corrected < received_ms - CLIENT_LATE_MS {
        return refuse(Reason::Late, "older than 7 days");
    }
    if corrected > received_ms + CLIENT_AHEAD_MS {
        return refuse(Reason::Late, "more than 5 minutes ahead");
    }
    // Nothing happens after it was received; what looks like it is the clock's jitter.
    Ok(corrected.min(received_ms))
}

/// An event type by number or word.
pub fn kind(said: &str) -> Option<EventKind> {
    if let Ok(number) = said.parse::<u32>() {
        return Some(EventKind(number));
    }
    let (_, kind) = KIND_WORDS.iter().find(|(word, _)| *word == said)?;
    Some(*kind)
}

/// The words for event types in our own format.
pub const KIND_WORDS: [(&str, EventKind); 40] = [
    ("impression", EventKind::IMPRESSION),
    ("play_request", EventKind::PLAY_REQUEST),
    ("play", EventKind::PLAY),
    ("resume", EventKind::RESUME),
    ("reached_25", EventKind::REACHED_25),
    ("reached_50", EventKind::REACHED_50),
    ("reached_75", EventKind::REACHED_75),
    ("reached_90", EventKind::REACHED_90),
    ("reached_100", EventKind::REACHED_100),
    ("share_opened", EventKind::SHARE_OPENED),
    ("shared", EventKind::SHARED),
    ("download", EventKind::DOWNLOAD),
    ("report_opened", EventKind::REPORT_OPENED),
    ("report_submitted", EventKind::REPORT_SUBMITTED),
    ("fullscreen_on", EventKind::FULLSCREEN_ON),
    ("fullscreen_off", EventKind::FULLSCREEN_OFF),
    ("pause", EventKind::PAUSE),
    ("replay", EventKind::REPLAY),
    ("seek", EventKind::SEEK),
    ("related_opened", EventKind::RELATED_OPENED),
    ("related_selected", EventKind::RELATED_SELECTED),
    ("captions", EventKind::CAPTIONS),
    ("source_selected", EventKind::SOURCE_SELECTED),
    ("info", EventKind::INFO),
    ("speed", EventKind::SPEED),
    ("audio_selected", EventKind::AUDIO_SELECTED),
    ("flavor_switch", EventKind::FLAVOR_SWITCH),
    ("buffer_start", EventKind::BUFFER_START),
    ("buffer_end", EventKind::BUFFER_END),
    ("error", EventKind::ERROR),
    ("view", EventKind::VIEW),
    ("manifest", EventKind::MANIFEST),
    ("button", EventKind::BUTTON),
    ("page", EventKind::PAGE),
    ("api_call", EventKind::API_CALL),
    ("quiz_started", EventKind::QUIZ_STARTED),
    ("quiz_answered", EventKind::QUIZ_ANSWERED),
    ("quiz_submitted", EventKind::QUIZ_SUBMITTED),
    // What people call them.
    ("heartbeat", EventKind::VIEW),
    ("ended", EventKind::REACHED_100),
];

/// An answer to a quiz's question becomes the variables that the glossary counts: `answered` names the question, `correct`
/// names it again if the answer was right.
fn read_answer(from: &mut Parameters) -> Result<(), Refusal> {
    let question = kaltura::id(from, "question")?;
    if question.is_empty() {
        return refuse(Reason::Protocol, "`question` is missing: an answer names the question it answers");
    }
    let right = match from.take("correct").as_deref().map(str::trim) {
        Some("true" | "1") => true,
        // Not every question has a right answer.
        None | Some("false" | "0") => false,
        Some(_) => return refuse(Reason::Protocol, "`correct` is neither true nor false"),
    };
    from.set("answered", question.to_string());
    if right {
        from.set("correct", question.to_string());
    }
    Ok(())
}

fn read_measured(event: &mut Event, from: &mut Parameters) {
    let measured = &mut event.measured;
    measured.buffer_ms = from.small("buffer_ms", 1.0);
    measured.buffer_sum_ms = from.amount("buffer_sum_ms", 1.0);
    measured.bitrate_bps = from.amount("bitrate_bps", 1.0);
    measured.join_ms = from.small("join_ms", 1.0);
    measured.can_play_ms = from.small("can_play_ms", 1.0);
    measured.load_ms = from.small("load_ms", 1.0);
    measured.bandwidth_bps = from.amount("bandwidth_bps", 1.0);
    measured.dropped_ppm = from.small("dropped_ppm", 1.0);
    measured.segment_ms = from.small("segment_ms", 1.0);
    measured.manifest_ms = from.small("manifest_ms", 1.0);
    measured.sound = kaltura::mode(from, "sound");
    measured.tab = kaltura::mode(from, "tab");
    measured.view = kaltura::mode(from, "view");
    measured.screen = kaltura::mode(from, "screen");
}

fn read_facts(event: &mut Event, from: &mut Parameters) {
    let facts = &mut event.facts;
    facts.application = from.text("application");
    facts.application_version = from.version("application_version");
    facts.context = from.text("context");
    facts.playlist = from.text("playlist");
    facts.ui_conf = from.text("ui_conf");
    facts.player_version = from.version("player_version");
    facts.client_tag = from.text("client_tag");
    facts.delivery = from.text("delivery");
    facts.custom_var_1 = from.text("custom_var_1");
    facts.custom_var_2 = from.text("custom_var_2");
    facts.custom_var_3 = from.text("custom_var_3");
    facts.root_entry = from.text("root_entry");
    facts.node = from.text("node");
    facts.virtual_event = from.text("virtual_event");
    facts.persistent_session = from.text("persistent_session");
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    const NOW: i64 = 1_800_000_000_000;

    fn check(batch: Value) -> Vec<Result<Event, Reason>> {
        let batch = split(batch.to_string().as_bytes()).unwrap();
        batch
            .events
            .iter()
            .map(|event| {
                let from = parameters(&batch.whole(event)).map_err(|refusal| refusal.reason)?;
                read(from, batch.sent, NOW).map(|draft| draft.event).map_err(|refusal| refusal.reason)
            })
            .collect()
    }

    #[test]
    fn a_clock_that_is_wrong_is_corrected_by_the_batch() {
        let wrong = NOW - 5_000_000_000;
        let at = |ms: i64| json!({"account":1,"kind":"play","entry":"e","at":ms});
        let read = check(json!({"sent": wrong, "events": [at(wrong - 3000), at(wrong), at(wrong + 1000)]}));
        let instants: Vec<i64> = read.into_iter().map(|event| event.unwrap().at_ms).collect();
        assert_eq!(instants, [NOW - 3000, NOW, NOW]);
    }

    #[test]
    fn too_late_and_too_early_are_put_aside() {
        let at = |ms: i64| json!({"account":1,"kind":3,"entry":"e","at":ms});
        let read = check(json!([
            at(NOW - CLIENT_LATE_MS),
            at(NOW - CLIENT_LATE_MS - 1),
            at(NOW + CLIENT_AHEAD_MS),
            at(NOW + CLIENT_AHEAD_MS + 1)
        ]));
        let late: Vec<bool> = read.iter().map(|event| matches!(event, Err(Reason::Late))).collect();
        assert_eq!(late, [false, true, false, true]);
    }

    #[test]
    fn defaults_hold_unless_the_event_says_otherwise() {
        let read = check(json!({"account":1,"entry":"a","session":"s","colour":"red","events":[
            {"kind":"view","play_time_ms":"11000","vars":{"caption":"en"}}, {"kind":99,"entry":"b","colour":7}, 5, {"entry":"c"}
        ]}));
        let first = read[0].as_ref().unwrap();
        assert_eq!((&*first.entry, &*first.session, first.play_time_ms), ("a", "s", Some(11_000)));
        assert_eq!(first.vars, [("colour".into(), "red".into()), ("caption".into(), "en".into())]);
        let second = read[1].as_ref().unwrap();
        assert_eq!((&*second.entry, second.vars.clone()), ("b", vec![("colour".into(), "7".into())]));
        assert_eq!((read[2].clone(), read[3].clone()), (Err(Reason::Format), Err(Reason::Protocol)));
    }

    #[test]
    fn what_concerns_the_whole_batch() {
        for (body, reason) in [
            ("", Reason::Format),
            ("5", Reason::Format),
            (r#"{"sent":1}"#, Reason::Format),
            (&format!("[{}0]", "0,".repeat(200)), Reason::Size),
            (&"[".repeat(17), Reason::Format),
        ] {
            assert_eq!(split(body.as_bytes()).unwrap_err().reason, reason);
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(body in "[\\[\\]{}\",:a-z0-9 ]{0,80}") {
            if let Ok(batch) = split(body.as_bytes()) {
                for event in &batch.events {
                    let _ = parameters(&batch.whole(event)).and_then(|from| read(from, batch.sent, NOW));
                }
            }
        }
    }
}
