//! The oracle: a slow, obvious reckoning over plain events, written from `docs/fold.md` ([`rows`]) and from the
//! glossary's sentences ([`answers`]). It shares no code with the fold or the query, only the words (types) they speak.

pub mod added;
pub mod answers;
pub mod rows;
