//! Lines of an operator's file of past events (docs/events.md). A line is either an event of `POST /e`, as one JSON
//! object, or the query string of a Kaltura request with `at` added. Unlike live events they bring their own instant,
//! however old, and may bring `address` and `user_agent`, which become values here and are not kept.

use super::bad_rows::Route;
use super::receive::{Arrival, Collect, Outcome, Sender, read};
use super::wire::{Parameters, Reason, Refusal, refuse, rounded};
use super::{SinkError, own};
use engine::event::Event;
use std::net::IpAddr;

/// Where a line stands: in which stream (a file), ending at which byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file's stream.
    pub stream: u32,
    /// The byte after the line.
    pub offset: u64,
}

impl Collect {
    /// Reads a line as an event, not yet durable; the person it names is.
    ///
    /// # Errors
    /// When the person cannot be made durable.
    pub async fn imported(&self, line: &str, place: Place) -> Result<Result<Event, Refusal>, SinkError> {
        let (draft, arrival) = match understand(line) {
            Ok(understood) => understood,
            Err(refusal) => return Ok(Err(refusal)),
        };
        Ok(match self.complete(draft, &arrival).await? {
            Outcome::Event(event) => Ok(Event { stream: place.stream, offset: place.offset, ..*event }),
            Outcome::Refused(refusal) => Err(refusal),
        })
    }

    /// Makes imported events durable, in order.
    ///
    /// # Errors
    /// When they could not be made durable: none of them counts as imported then.
    pub async fn keep(&self, events: Vec<Event>) -> Result<(), SinkError> {
        self.submit(events).await
    }
}

fn understand(line: &str) -> Result<(super::kaltura::Draft, Arrival), Refusal> {
    let (mut from, json) = if line.trim_start().starts_with('{') {
        let event = serde_json::from_str(line)
            .map_err(|_| Refusal { reason: Reason::Format, detail: "the line is not valid JSON" })?;
        (own::parameters(&event)?, true)
    } else {
        (Parameters::of_url("", line.trim().trim_start_matches('?'))?, false)
    };
    let Some(at_ms) = from.number("at").and_then(rounded) else {
        return refuse(Reason::Protocol, "`at` is missing: when it happened, ms since 1970");
    };
    let address = from.take("address").and_then(|address| address.trim().parse::<IpAddr>().ok());
    let user_agent = from.take("user_agent").unwrap_or_default();
    let draft = if json {
        own::read(from, None, at_ms)?
    } else {
        let route = if from.get("service") == Some("stats") { Route::Legacy } else { Route::Kaltura };
        read(route, from, "", &[])?
    };
    // Received when it happened: a file of last year is not late.
    let sender = Sender::Imported { address, user_agent };
    Ok((draft, Arrival { received_ms: at_ms, path: String::new(), sender, private: false }))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_line_brings_its_own_instant_however_old() {
        let line = r#"{"account":7,"kind":"play","entry":"1_a","session":"s","at":1000000000000,"user_agent":"x"}"#;
        let (draft, arrival) = understand(line).unwrap();
        assert_eq!((draft.event.at_ms, arrival.received_ms), (1_000_000_000_000, 1_000_000_000_000));
        assert!(draft.event.vars.is_empty(), "{:?}", draft.event.vars);
    }

    #[test]
    fn a_query_string_is_read_as_a_request() {
        let line = "service=analytics&action=trackEvent&partnerId=7&entryId=1_a&eventType=3&sessionId=s&eventIndex=1&at=1000000000000";
        let (draft, arrival) = understand(line).unwrap();
        assert_eq!((&*draft.event.entry, draft.event.kind.0, arrival.received_ms), ("1_a", 3, 1_000_000_000_000));
        assert!(!draft.event.vars.iter().any(|(name, _)| &**name == "at"), "{:?}", draft.event.vars);
    }

    #[test]
    fn what_has_no_instant_is_refused() {
        assert_eq!(understand(r#"{"account":7,"kind":3,"entry":"1_a"}"#).err().unwrap().reason, Reason::Protocol);
        assert_eq!(understand("{nonsense").err().unwrap().reason, Reason::Format);
    }
}
