//! The server in process: the router as a function, storage in memory, a clock that stands still.

mod access;
mod access_log;
mod api;
mod canaries;
mod catalog;
mod caveats;
mod collect;
mod embeds;
mod exports;
mod collected;
mod generated;
mod import_kaltura;
mod live;
mod kaltura;
mod lti;
mod machine;
mod naming;
mod notes;
mod oidc;
mod places;
mod security;
mod tls;
mod privacy;
mod uploads;
mod views;
mod ways;
