//! What has no column of its own: (type, variable, value, count).

use crate::event::{Event, EventKind, Text};
use crate::row::Mark;

/// Different marks a row may hold; further new ones are counted together. Most rows have a handful; a quiz of a hundred
/// questions answered within a quarter of an hour has two for each. The bound keeps a sender's random parameter from
/// filling the store.
pub const MARKS_MAX: usize = 256;

/// Variables never kept in rows (the journal has them for its horizon): long texts, values that differ every time,
/// addresses.
pub const SKIPPED: &[&str] = &[
    "answerIds",
    "averageBitrate",
    "clientInternalIp",
    "errorDetails",
    "forwardBufferHealth",
    "loadedPlugins",
    "networkConnectionOverhead",
    "serverNodeIds",
    "sessionStartTime",
    "targetBuffer",
];

/// Variables of a heartbeat that are worth a mark: words from short lists.
pub const ON_VIEW: &[&str] =
    &["audioLanguage", "caption", "flavorParamsId", "networkConnectionType", "playbackMode", "playerSkin"];

/// The variables of an event that rows keep.
pub(super) fn kept(event: &mut Event) -> Vec<(Text, Text)> {
    let mut vars = std::mem::take(&mut event.vars);
    let kind = event.kind;
    vars.retain(|(name, _)| match &**name {
        "caption" => kind == EventKind::CAPTIONS || kind == EventKind::VIEW,
        name if kind == EventKind::VIEW => ON_VIEW.contains(&name),
        name => !SKIPPED.contains(&name),
    });
    vars
}

/// Counts a mark in an ascending list.
pub(super) fn count(marks: &mut Vec<Mark>, kind: EventKind, name: &str, value: &str) {
    match find(marks, kind.0, name, value) {
        Ok(at) => marks[at].count += 1,
        Err(at) if marks.len() < MARKS_MAX => marks.insert(at, mark(kind.0, name, value)),
        Err(_) => match find(marks, 0, "", "other") {
            Ok(at) => marks[at].count += 1,
            Err(at) => marks.insert(at, mark(0, "", "other")),
        },
    }
}

fn mark(kind: u32, name: &str, value: &str) -> Mark {
    Mark { kind, name: name.into(), value: value.into(), count: 1 }
}

fn find(marks: &[Mark], kind: u32, name: &str, value: &str) -> Result<usize, usize> {
    marks.binary_search_by(|mark| (mark.kind, &*mark.name, &*mark.value).cmp(&(kind, name, value)))
}

/// A speed as the shortest decimal: `0.25`, `1`, `1.5`.
pub(super) fn speed(milli: u32) -> String {
    let (whole, part) = (milli / 1000, milli % 1000);
    if part == 0 {
        return whole.to_string();
    }
    let digits = format!("{part:03}");
    format!("{whole}.{}", digits.trim_end_matches('0'))
}
