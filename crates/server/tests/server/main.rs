//! The server in process: the router as a function, storage in memory, a clock that stands still.

mod api;
mod catalog;
mod collect;
mod exports;
mod collected;
mod generated;
mod machine;
