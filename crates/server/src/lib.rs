//! Playhead's one program, as a library so that tests can run it in process.

pub mod api;
pub mod app;
pub mod auth;
pub mod catalog_import;
pub mod check;
pub mod cli;
pub mod collect;
pub mod config;
pub mod demo;
pub mod demo_folder;
pub mod directory;
pub mod enrich;
pub mod error;
pub mod exports;
pub mod geo;
pub mod import;
pub mod jobs;
pub mod machine;
pub mod metrics;
pub mod pool;
pub mod privacy;
pub mod progress;
pub mod router;
pub mod serve;
pub mod sheet;
pub mod writer;
