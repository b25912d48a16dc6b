//! The native API, `/api/v1`: handlers that translate words into questions and answers into words. What a question
//! means is decided in the engine, who may ask in [`crate::auth`].

pub mod access_log;
pub mod answer;
pub mod ask;
pub mod body;
pub mod broadcasts;
pub mod catalog;
pub mod categories;
pub mod caveat;
pub mod download;
pub mod elsewhere;
pub mod embeds;
pub mod entries;
pub mod exports;
pub mod health;
pub mod lti;
pub mod keys;
pub mod live;
pub mod look;
pub mod naming;
pub mod notes;
pub mod params;
pub mod privacy;
pub mod reconciliation;
pub mod quality;
pub mod reports;
pub mod request;
pub mod roles;
pub mod rows;
pub mod rules;
pub mod session;
pub mod shape;
pub mod totp;
pub mod views;
