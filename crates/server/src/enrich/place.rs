//! Where an address is.

use super::{EnrichError, Settings};
use engine::event::Text;
use std::net::IpAddr;

/// How fine a place may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Precision {
    /// Country only.
    Country,
    /// Country and region.
    Region,
    /// Country, region and city.
    #[default]
    City,
}

/// Where somebody is. Country is a fact, region a hint, city a guess. Empty text means not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// ISO 3166 alpha-2 code.
    pub country: Text,
    /// Region name.
    pub region: Text,
    /// City name.
    pub city: Text,
    /// Data set and build date that said so (`DBIP-City-Lite 2026-06-05`).
    pub source: Text,
}

impl Place {
    /// The same place, no finer than `precision`: for visitors who signal that they do not want more (`Sec-GPC`, `DNT`).
    #[must_use]
    pub fn no_finer(mut self, precision: Precision) -> Place {
        if precision < Precision::City {
            self.city = Text::default();
        }
        if precision < Precision::Region {
            self.region = Text::default();
        }
        self
    }
}

/// What the place data is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// Data set name.
    pub name: String,
    /// When it was built, ms since 1970.
    pub built_ms: i64,
}

/// The place data in use.
pub(super) struct Places {}

impl Places {
    pub(super) fn open(_settings: &Settings) -> Result<Places, EnrichError> {
        Ok(Places {})
    }
    pub(super) fn place(&self, _ip: IpAddr) -> Place {
        Place::default()
    }
    pub(super) fn refresh(&self) {}
    pub(super) fn source(&self) -> Source {
        Source::default()
    }
}
