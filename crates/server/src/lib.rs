//! server

pub mod collect;
