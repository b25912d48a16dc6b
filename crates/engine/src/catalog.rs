//! What is known about accounts, recordings, people, categories: SQLite, and the view of it that questions use.

pub mod view;
