//! Sessions as text: `play@0:0 view@0:0+0 view@11:10.5+10.5 pause@12:11.5`.
//!
//! An event is `what@wall`, in seconds since 10:00 of a day, then in any order `:position`, `+play time`, `>seek target`,
//! `xspeed`, `#index` (`#-` for none; else counted on), `!client id`, `~person` (`~7v` verified, `~7c` claimed, `~u` an unsigned name
//! refused), `/quarters later` (of the whole event), `*modes`, `^duration`, `%playback word`, `&received` wall time,
//! `$name=value`. Numbers in seconds. A plain number as `what` is an event type.

use crate::event::{Event, EventKind, IdentityRefusal, PersonKey, Playback, Proof};

/// 2026-10-05 10:00 UTC.
pub(in crate::fold) const TEN: i64 = 1_791_194_400_000;

fn ms(seconds: &str) -> i64 {
    (seconds.parse::<f64>().unwrap_or_else(|_| panic!("not a number: {seconds}")) * 1000.0).round() as i64
}

fn kind(what: &str) -> EventKind {
    match what {
        "show" => EventKind::IMPRESSION,
        "request" => EventKind::PLAY_REQUEST,
        "play" => EventKind::PLAY,
        "resume" => EventKind::RESUME,
        "q25" => EventKind::REACHED_25,
        "q50" => EventKind::REACHED_50,
        "q75" => EventKind::REACHED_75,
        "q90" => EventKind::REACHED_90,
        "q100" => EventKind::REACHED_100,
        "pause" => EventKind::PAUSE,
        "replay" => EventKind::REPLAY,
        "seek" => EventKind::SEEK,
        "speed" => EventKind::SPEED,
        "stall" => EventKind::BUFFER_START,
        "flow" => EventKind::BUFFER_END,
        "error" => EventKind::ERROR,
        "view" => EventKind::VIEW,
        "button" => EventKind::BUTTON,
        "captions" => EventKind::CAPTIONS,
        number => EventKind(number.parse().unwrap_or_else(|_| panic!("no event {number}"))),
    }
}

const SIGNS: &str = "@:+>x#!~*^%&$";

fn event(text: &str, index: &mut u32) -> Event {
    let (what, mut rest) = text.split_at(text.find('@').unwrap_or_else(|| panic!("no time in {text}")));
    *index += 1;
    let mut event = Event {
        kind: kind(what),
        entry: "0_entry".into(),
        session: "page:media".into(),
        index: Some(*index),
        ..Event::default()
    };
    let mut received = None;
    while let Some(sign) = rest.chars().next() {
        let end = if sign == '$' {
            rest.len()
        } else {
            rest[1..].find(|c| SIGNS.contains(c)).map_or(rest.len(), |at| at + 1)
        };
        let value = &rest[1..end];
        match sign {
            '@' => event.at_ms = TEN + ms(value),
            ':' => event.position_ms = Some(ms(value)),
            '+' => event.play_time_ms = Some(ms(value) as u64),
            '>' => event.target_ms = Some(ms(value)),
            'x' => event.speed_milli = Some(ms(value) as u32),
            '#' if value == "-" => {
                event.index = None;
                *index -= 1;
            }
            '#' => {
                *index = value.parse().unwrap();
                event.index = Some(*index);
            }
            '!' => event.event_id = Some(value.into()),
            '~' if value == "u" => event.who.refusal = IdentityRefusal::Unsigned,
            '~' => {
                let (person, proof) = value.split_at(value.len() - 1);
                event.who.person = PersonKey(person.parse().unwrap());
                event.who.proof = if proof == "v" { Proof::Verified } else { Proof::Claimed };
            }
            '*' => {
                let mode = |at: usize| value.as_bytes()[at] - b'0';
                (event.measured.sound, event.measured.tab) = (mode(0), mode(1));
                (event.measured.view, event.measured.screen) = (mode(2), mode(3));
            }
            '^' => event.duration_ms = Some(ms(value) as u64),
            '%' => event.playback = *Playback::ALL.iter().find(|playback| playback.name() == value).unwrap(),
            '&' => received = Some(TEN + ms(value)),
            '$' => {
                let (name, value) = value.split_once('=').unwrap();
                event.vars.push((name.into(), value.into()));
            }
            other => panic!("unknown sign {other} in {text}"),
        }
        rest = &rest[end..];
    }
    event.received_ms = received.unwrap_or(event.at_ms);
    event
}

/// The events of a script, in journal order. Seqs count from 1.
pub(in crate::fold) fn script(text: &str) -> Vec<(u64, Event)> {
    let mut index = 0;
    text.split_whitespace().zip(1..).map(|(text, seq)| (seq, event(text, &mut index))).collect()
}
