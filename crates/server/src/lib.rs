//! server

pub mod collect;
pub mod enrich;
