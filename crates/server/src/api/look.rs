//! What answers showed of named people, on its way to the access log. Handlers cannot forget it: an answer or file takes
//! [`Logged`], and only writing the look down (or seeing that there was none) makes one.

use super::ask::{self, Ask};
use super::params::Params;
use crate::access_log::{Action, New, Outcome};
use crate::app::{App, Source};
use crate::auth::SignedIn;
use crate::error::{ApiError, ApiResult, Code};
use engine::access::{People, Scope};
use engine::event::{AccountId, PersonKey};
use engine::glossary::Dimension;
use engine::question::{Answer, Panel, View};
use std::collections::BTreeSet;

/// That what an answer shows of named people is in the access log.
#[derive(Clone, Copy, Debug)]
pub struct Logged(());

/// What answers have shown of named people.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// They were about named people, whether or not there were any.
    pub looked: bool,
    /// Rows of them.
    pub rows: u64,
    /// Whom they named.
    pub people: BTreeSet<PersonKey>,
}

impl Seen {
    /// Adds what panels were answered. `about`: the people that the question itself is about, if it is about any.
    pub fn note(&mut self, scope: &Scope, about: Option<&BTreeSet<PersonKey>>, panels: &[Panel], answers: &[Answer]) {
        if scope.people() != People::Names {
            return;
        }
        for (panel, answer) in panels.iter().zip(answers) {
            let viewer = match &panel.view {
                View::Table { by, .. } => by.iter().position(|dimension| *dimension == Dimension::Viewer),
                _ => None,
            };
            let filtered = panel.filters.iter().any(|filter| filter.dimension == Dimension::Viewer);
            let listed = viewer.is_some() || matches!(panel.view, View::Rows { .. });
            if !listed && !filtered && about.is_none() {
                continue;
            }
            self.looked = true;
            self.rows += match answer {
                Answer::Table { rows, .. } => {
                    let keys = rows.iter().filter_map(|row| person(&row.keys[viewer?]));
                    self.people.extend(keys);
                    rows.len() as u64
                }
                Answer::Rows { rows, .. } => {
                    self.people.extend(rows.iter().map(|row| row.person));
                    rows.len() as u64
                }
                Answer::Series(points) => points.len() as u64,
                Answer::Totals(_) | Answer::Heat { .. } => 1,
            };
            self.people.extend(about.into_iter().flatten());
        }
        self.people.remove(&PersonKey::UNKNOWN);
    }
}

/// A person by the key that filters and tables have.
pub fn person(key: &str) -> Option<PersonKey> {
    u64::from_str_radix(key, 16).ok().map(PersonKey)
}

/// The question as the log keeps it: sorted, without what has a column of its own and without what somebody searched for,
/// which may be a name.
pub fn question(name: &str, params: &Params) -> String {
    let kept = params.pairs().filter(|(name, _)| !["account", "subject"].contains(name));
    let mut kept: Vec<(&str, &str)> =
        kept.map(|(name, value)| (name, if ["find", "vs_subject"].contains(&name) { "*" } else { value })).collect();
    kept.sort_unstable();
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish();
    if query.is_empty() { name.to_owned() } else { format!("{name}?{query}") }
}

/// What looks have in common that are one record when they come together: who, at what, over which days, with which filters.
/// Rows show more of people than figures do, and a file can be carried away.
fn together(new: &New, name: &str, params: &Params) -> String {
    let mut common: Vec<(&str, &str)> = params.pairs().filter(|(name, _)| ask::COMMON.contains(name)).collect();
    common.sort_unstable();
    format!("{:?}", (&new.who, new.action, new.result, &new.subject, name == "rows", common))
}

/// Who asks for what, in words for the log.
pub struct Asked<'a> {
    /// The program.
    pub app: &'a App,
    /// Who.
    pub who: &'a SignedIn,
    /// The name of what is asked for.
    pub name: &'a str,
    /// Its parameters.
    pub params: &'a Params,
}

impl Asked<'_> {
    fn record(&self, account: AccountId, action: Action, subject: String) -> New {
        New {
            at_ms: self.app.now_ms(),
            who: self.who.owner(),
            way: self.who.way.clone(),
            account: Some(account),
            action,
            subject,
            question: question(self.name, self.params),
            rows: 0,
            result: Outcome::Given,
        }
    }

    /// Writes down what `ask` has shown of named people. What people see of themselves is nobody else's business. `rows`:
    /// how many there will be, where they are not there yet.
    ///
    /// # Errors
    /// When it cannot be written: then the answer must not be given.
    pub fn look(&self, ask: &Ask, action: Action, rows: Option<u64>) -> ApiResult<Logged> {
        let seen = ask.seen();
        let own = !seen.people.is_empty() && seen.people.is_subset(ask.own());
        if !seen.looked || own {
            return Ok(Logged(()));
        }
        let new = self.record(ask.account_id, action, ask.subject_word());
        let new = New { rows: rows.unwrap_or(seen.rows), ..new };
        let log = self.app.vault().access_log();
        let together = together(&new, self.name, self.params);
        log.look(&new, &seen.people, &together).map_err(ApiError::internal)?;
        self.app.sweep_access_log();
        Ok(Logged(()))
    }

    /// Writes down that something was not shown, whether it is there or not: both take the same time and tell the same.
    ///
    /// # Errors
    /// The refusal itself, or that it cannot be written.
    pub fn refusal<T>(&self, source: &Source, account: AccountId, subject: &str, shown: ApiResult<T>) -> ApiResult<T> {
        if !matches!(&shown, Err(error) if error.code == Code::NotFound) {
            return shown;
        }
        let (subject, known) = ask::known(source, account, subject);
        let result = if known { Outcome::Refused } else { Outcome::Absent };
        let new = New { result, ..self.record(account, Action::Look, subject) };
        let together = together(&new, self.name, self.params);
        self.app.vault().access_log().look(&new, &BTreeSet::new(), &together).map_err(ApiError::internal)?;
        shown
    }
}

/// A record of something that is not a look.
pub fn deed(app: &App, who: &SignedIn, account: Option<AccountId>, action: Action, subject: String) -> New {
    New {
        at_ms: app.now_ms(),
        who: who.owner(),
        way: who.way.clone(),
        account,
        action,
        subject,
        question: String::new(),
        rows: 0,
        result: Outcome::Given,
    }
}
