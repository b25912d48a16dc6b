//! Query strings, read strictly: a parameter nobody knows, one given twice or a value that does not fit is refused by
//! name, because a misspelt filter that is ignored gives a wrong number that looks right.

use crate::error::{ApiError, ApiResult};

/// The parameters of a request, all of them known.
#[derive(Clone, Debug)]
pub struct Params {
    pairs: Vec<(String, String)>,
}

impl Params {
    /// Reads a query string that may have the parameters of `known`.
    ///
    /// # Errors
    /// 400 for any other.
    pub fn read(query: Option<&str>, known: &[&[&str]]) -> ApiResult<Params> {
        let known: Vec<&str> = known.concat();
        let pairs: Vec<(String, String)> =
            url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
        match pairs.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            Some((name, _)) => Err(ApiError::unknown(name, &known)),
            None => Ok(Params { pairs }),
        }
    }

    /// With a parameter that is not given, or is empty.
    #[must_use]
    pub fn or(mut self, name: &str, value: &str) -> Params {
        if self.all(name).all(str::is_empty) {
            self.pairs.retain(|(given, _)| given != name);
            self.pairs.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// The same as a query string, without one of them.
    pub fn without(&self, name: &str) -> String {
        let rest = self.pairs.iter().filter(|(given, _)| given != name);
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(rest).finish()
    }

    /// All of them, as given.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Every value of a parameter that may be repeated.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.pairs.iter().filter(move |(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// The value of a parameter; empty counts as absent.
    ///
    /// # Errors
    /// 400 when it is given twice.
    pub fn one<'a>(&'a self, name: &'a str) -> ApiResult<Option<&'a str>> {
        let mut values = self.all(name);
        let first = values.next();
        if values.next().is_some() {
            return Err(ApiError::bad(name, "It may be given once only."));
        }
        Ok(first.filter(|value| !value.is_empty()))
    }

    /// A parameter that must be there.
    ///
    /// # Errors
    /// 400 when it is not, or is given twice.
    pub fn needed<'a>(&'a self, name: &'a str, what: &str) -> ApiResult<&'a str> {
        self.one(name)?.ok_or_else(|| ApiError::bad(name, format!("It is needed: {what}.")))
    }

    /// `1` or `0`, default 0.
    ///
    /// # Errors
    /// 400 for anything else.
    pub fn switch(&self, name: &str) -> ApiResult<bool> {
        match self.one(name)? {
            None | Some("0") => Ok(false),
            Some("1") => Ok(true),
            Some(_) => Err(ApiError::bad(name, "It is 0 or 1.")),
        }
    }

    /// A whole number between two bounds.
    ///
    /// # Errors
    /// 400 for anything else.
    pub fn number(&self, name: &str, least: usize, most: usize) -> ApiResult<Option<usize>> {
        let Some(text) = self.one(name)? else { return Ok(None) };
        match text.parse() {
            Ok(number) if (least..=most).contains(&number) => Ok(Some(number)),
            _ => Err(ApiError::bad(name, format!("It is a whole number from {least} to {most}."))),
        }
    }
}
