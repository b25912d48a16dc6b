//! The engine's one integration binary: the oracle, the laws it holds the engine to, power cuts, the house rules.
#![expect(clippy::unwrap_used, reason = "a test may fail")]
#![allow(missing_docs, unreachable_pub, reason = "nothing here is published")]

mod algebra;
mod crashes;
mod fence;
mod laws;
mod oracle;
mod reports;
mod tidy;
mod world;
