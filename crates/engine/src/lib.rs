//! Playhead's engine: events in, answers out.
//!
//! Synchronous and pure: no sockets, no clock, no randomness, no globals. What it needs of the world comes through two
//! doors, [`storage`] (files) and the arguments of its functions (instants, settings).
//!
//! Modules stand in reading order; a module uses only modules above it (a test holds this).

pub mod limits;
pub mod time;
pub mod period;
pub mod storage;
pub mod event;
pub mod scrub;
pub mod rekey;
pub mod row;
pub mod column;
pub mod block;
pub mod segment;
pub mod manifest;
pub mod journal;
pub mod fold;
pub mod store;
pub mod glossary;
pub mod question;
pub mod report;
pub mod catalog;
pub mod access;
pub mod query;
pub mod engine;
