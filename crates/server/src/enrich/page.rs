//! Which page holds the media.

use super::{EnrichError, Settings};
use engine::event::Text;

/// A referrer, cleaned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Full host; `Unknown` or `Local file`.
    pub domain: Text,
    /// Canonical page URL with scheme and without secrets; empty when only the origin was disclosed.
    pub page: Text,
}

/// Cleans referrers by the domain rules in use.
pub(super) struct Pages {}

impl Pages {
    pub(super) fn open(_settings: &Settings) -> Result<Pages, EnrichError> {
        Ok(Pages {})
    }
    pub(super) fn page(&self, _referrer: &str, _whole: bool) -> Page {
        Page { domain: "Unknown".into(), page: Text::default() }
    }
    pub(super) fn refresh(&self) {}
}
