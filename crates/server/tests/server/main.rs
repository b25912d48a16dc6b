//! The server in process: the router as a function, storage in memory, a clock that stands still.

mod access;
mod access_log;
mod api;
mod catalog;
mod caveats;
mod collect;
mod exports;
mod collected;
mod generated;
mod kaltura;
mod lti;
mod machine;
mod oidc;
mod security;
mod tls;
mod privacy;
mod uploads;
mod ways;
