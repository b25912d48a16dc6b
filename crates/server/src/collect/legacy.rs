//! Older players' `stats.collect`: mapped to today's event types before the journal (ruling 4).

use super::kaltura::{self, Draft};
use super::wire::{Parameters, Reason, Refusal, refuse};

/// Old event types without a counterpart today are kept under this number plus their own: unknown types, never merged
/// with what they are not.
pub const LEGACY_KINDS: u32 = 90_000;

/// Today's type of an old one. "Widget loaded" (1) has none: "media loaded" (2) is what counts as an impression, and
/// players send both.
pub fn kind(old: u32) -> u32 {
    match old {
        2 => 1,
        3 => 3,
        4 => 11,
        5 => 12,
        6 => 13,
        7 => 14,
        9 => 21,
        10 => 23,
        11 => 24,
        12 => 45,
        13 => 46,
        14 => 31,
        15 => 32,
        16 => 34,
        17 => 35,
        other => LEGACY_KINDS.saturating_add(other),
    }
}

/// Reads an event of the old protocol: `event:eventType`, `event[entryId]`, or JSON `{"event":{...}}`.
pub fn read(mut from: Parameters) -> Result<Draft, Refusal> {
    from.unwrap("event");
    let old = match from.get("eventType").map(|kind| kind.trim().parse::<u32>()) {
        Some(Ok(old)) => old,
        Some(Err(_)) => return refuse(Reason::Protocol, "event:eventType is not a number"),
        None => return refuse(Reason::Protocol, "event:eventType is missing"),
    };
    let kind = kind(old);
    from.set("eventType", kind.to_string());
    // Old names for today's parameters. Positions are milliseconds there.
    let position = from.amount("currentPoint", 1.0);
    let target = from.amount("newPoint", 1.0);
    from.rename("uiconfId", "uiConfId");
    from.rename("applicationId", "application");
    from.rename("contextId", "playbackContext");
    for said_otherwise in ["objectType", "isFirstInSession", "seek", "eventTimestamp", "widgetId"] {
        from.take(said_otherwise);
    }
    // The widget is often loaded before a medium is chosen.
    let mut draft = kaltura::read(from)?;
    draft.event.position_ms = position.and_then(|ms| i64::try_from(ms).ok());
    draft.event.target_ms = target.and_then(|ms| i64::try_from(ms).ok()).filter(|_| kind == 35);
    Ok(draft)
}
