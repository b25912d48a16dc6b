//! Lengths of recordings that nobody told the catalog, learned from milestones: whoever reports 75 % at second 90 tells
//! that the recording lasts two minutes. Off the hot path: a full queue forgets evidence, the next viewer brings more.

use engine::catalog::{Catalog, Learned};
use engine::event::{AccountId, Event, EventKind, Text};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Pieces of evidence that may wait.
const QUEUE: usize = 4_096;
/// Recordings whose best evidence is remembered, to spare the catalog what it knows: some 100 bytes each.
const REMEMBERED: usize = 100_000;
/// Pieces written in one transaction.
const BATCH: usize = 512;

type Piece = (AccountId, Learned);

/// Takes evidence; drop it to end the thread.
#[derive(Clone)]
pub struct Lengths {
    queue: SyncSender<Piece>,
}

impl Lengths {
    /// Starts the thread that tells the catalog.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(catalog: Arc<Catalog>) -> std::io::Result<Lengths> {
        let (queue, pieces) = sync_channel(QUEUE);
        crate::writer::spawn("lengths", move || learn(&catalog, &pieces))?;
        Ok(Lengths { queue })
    }

    /// Takes what events say about lengths.
    pub fn see(&self, events: &[Event]) {
        for piece in events.iter().filter_map(evidence) {
            // Full: see above. Gone: the program is ending.
            let _ = self.queue.try_send(piece);
        }
    }
}

fn evidence(event: &Event) -> Option<Piece> {
    let share = match event.kind {
        EventKind::REACHED_25 => 25,
        EventKind::REACHED_50 => 50,
        EventKind::REACHED_75 => 75,
        EventKind::REACHED_90 => 90,
        EventKind::REACHED_100 => 100,
        _ => return None,
    };
    let counts = event.playback.has_axis() && !event.bot && event.suspect.is_empty() && !event.entry.is_empty();
    let position_ms = event.position_ms.filter(|position| counts && *position > 0)?;
    let duration_ms = position_ms.unsigned_abs() * 100 / u64::from(share);
    Some((event.account, Learned { entry: event.entry.clone(), duration_ms, share }))
}

fn learn(catalog: &Catalog, pieces: &Receiver<Piece>) {
    let mut known: BTreeMap<(AccountId, Text), (u8, u64)> = BTreeMap::new();
    while let Ok(first) = pieces.recv() {
        let mut better: BTreeMap<AccountId, Vec<Learned>> = BTreeMap::new();
        for (account, learned) in std::iter::once(first).chain(pieces.try_iter().take(BATCH)) {
            let best = known.entry((account, learned.entry.clone())).or_default();
            if (learned.share, learned.duration_ms) > *best {
                *best = (learned.share, learned.duration_ms);
                better.entry(account).or_default().push(learned);
            }
        }
        for (account, learned) in better {
            if let Err(error) = catalog.learn_durations(account, &learned) {
                tracing::warn!(cause = crate::error::chain(&error), "learned lengths could not be kept");
            }
        }
        if known.len() > REMEMBERED {
            known.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn milestone(kind: EventKind, position_ms: i64) -> Event {
        Event { entry: "1_a".into(), kind, position_ms: Some(position_ms), ..Event::default() }
    }

    #[test]
    fn a_milestone_and_its_place_tell_the_length() {
        let (_, learned) = evidence(&milestone(EventKind::REACHED_75, 90_000)).unwrap();
        assert_eq!((learned.duration_ms, learned.share), (120_000, 75));
    }

    #[test]
    fn robots_live_streams_and_other_events_tell_nothing() {
        assert!(evidence(&Event { bot: true, ..milestone(EventKind::REACHED_75, 90_000) }).is_none());
        let live = engine::event::Playback::Live;
        assert!(evidence(&Event { playback: live, ..milestone(EventKind::REACHED_75, 90_000) }).is_none());
        assert!(evidence(&milestone(EventKind::VIEW, 90_000)).is_none());
    }
}
