//! The native API, `/api/v1`: handlers that translate words into questions and answers into words. What a question
//! means is decided in the engine, who may ask in [`crate::auth`].

pub mod body;
pub mod session;
