//! Country.
