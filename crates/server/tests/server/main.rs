//! The server in process: the router as a function, storage in memory, a clock that stands still.

mod access;
mod api;
mod catalog;
mod caveats;
mod collect;
mod exports;
mod collected;
mod generated;
mod machine;
mod privacy;
mod uploads;
