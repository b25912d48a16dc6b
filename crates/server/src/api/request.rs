//! What can be asked for, each by a name and a query string: the same words in an address, an export job and on the
//! command line. A request is read once; then it is shown as JSON or made into a file.
//!
//! | Name | What |
//! |---|---|
//! | `totals` | totals |
//! | `series` | a time series |
//! | `table` | a row for each value of one to three dimensions |
//! | `heat` | views and viewers of each second of a recording |
//! | `rows` | the view rows themselves |
//! | `reports/NAME/PANEL` | one panel of a named report |

use super::answer::{FILE, Rows};
use super::ask::{self, Ask, COMMON, Page, Words};
use super::caveat::{self, Caveat, caveats};
use super::params::Params;
use super::rows;
use super::shape::{self, Shown, unexpected};
use crate::error::{ApiError, ApiResult};
use engine::event::Text;
use engine::glossary::{Dimension, Measure};
use engine::question::{Answer, Filter, LeftOut, Page as EnginePage, Panel, View};
use engine::report::{self, Report, Shows};
use std::collections::BTreeMap;

/// What is asked for, beside the words that all requests have.
#[derive(Clone, Debug)]
pub enum Request {
    /// One view.
    View(View),
    /// Heat of the recording, held against a group.
    Heat(Vec<Filter>),
    /// Sentences.
    Insights(&'static [report::InsightKind]),
    /// View rows.
    Rows(Page),
}

/// Parameters of a table beside the common ones.
const TABLE: &[&str] = &["measures", "by", "sort", "page", "size", "find", "coverage"];

impl Request {
    /// Reads a request. Files take whole tables, unless a size is given.
    ///
    /// # Errors
    /// 400 with the parameter at fault; 404 for a name that is none.
    pub fn read(name: &str, query: Option<&str>, whole: bool) -> ApiResult<(Params, Words, Request)> {
        let of = |own: &[&'static str]| Params::read(query, &[COMMON, FILE, own]);
        let (params, request) = match name.split('/').collect::<Vec<_>>().as_slice() {
            ["totals"] => {
                let params = of(&["measures"])?;
                let measures = ask::measures(&params)?;
                (params, Request::View(View::Totals { measures }))
            }
            ["series"] => {
                let params = of(&["measures", "by"])?;
                let measures = ask::measures(&params)?;
                let by = dimension(params.one("by")?.unwrap_or("day"))?;
                (params, Request::View(View::Series { by, measures }))
            }
            ["table"] => {
                let params = of(TABLE)?;
                let view = table(&params, None, whole)?;
                (params, Request::View(view))
            }
            ["heat"] => {
                let params = of(&["against"])?;
                let against = ask::filters(&params, "against")?;
                (params, Request::Heat(against))
            }
            ["rows"] => {
                let params = of(&["page", "size"])?;
                let page = Page::read(&params, whole)?;
                (params, Request::Rows(page))
            }
            ["reports", report, panel] => {
                let (params, request) = panel_request(report, panel, query, whole)?;
                (params, request)
            }
            _ => return Err(ApiError::not_found()),
        };
        let words = Words::read(&params)?;
        Ok((params, words, request))
    }

    /// The engine's panels for it.
    ///
    /// # Errors
    /// 400 when it needs a recording and there is none.
    pub fn panels(&self, ask: &Ask) -> ApiResult<Vec<Panel>> {
        Ok(match self {
            Request::View(view) => {
                let beside = match view {
                    View::Totals { measures } => caveat::beside(measures, ask.entry().is_some()),
                    _ => Vec::new(),
                };
                let beside = (!beside.is_empty()).then_some(View::Totals { measures: beside });
                [view.clone()].into_iter().chain(beside).map(Panel::new).collect()
            }
            Request::Heat(against) => {
                let view = View::Heat { entry: entry(ask)?.clone() };
                let own = (!against.is_empty()).then(|| Panel { view: view.clone(), filters: against.clone() });
                [Panel::new(view)].into_iter().chain(own).collect()
            }
            Request::Insights(kinds) => {
                kinds.iter().filter_map(|kind| kind.view(ask.entry())).map(Panel::new).collect()
            }
            Request::Rows(page) => vec![Panel::new(View::Rows { offset: page.offset(), limit: page.size })],
        })
    }

    /// As JSON.
    ///
    /// # Errors
    /// What the engine refuses.
    pub fn show(&self, ask: &Ask) -> ApiResult<(Shown, Vec<Caveat>)> {
        let answered = ask.answer(self.panels(ask)?)?;
        let left_out = answered.now.left_out;
        let before = answered.before.map(|before| before.answers);
        let (shown, learned) = self.shown(ask, &answered.now.answers, before.as_deref())?;
        Ok((shown, self.caveats(ask, &answered.now.answers, &left_out, learned)))
    }

    /// The shape of its answers, and of how many recordings in it the length was learned.
    ///
    /// # Errors
    /// When the engine has answered something else.
    pub fn shown(&self, ask: &Ask, now: &[Answer], before: Option<&[Answer]>) -> ApiResult<(Shown, u64)> {
        let one = now.first();
        let before = before.and_then(<[_]>::first);
        Ok(match (self, one, before) {
            (Request::View(View::Totals { measures }), Some(Answer::Totals(now)), before) => {
                let before = before.and_then(|before| if let Answer::Totals(of) = before { Some(&**of) } else { None });
                (Shown::Totals(shape::totals(measures, now, before)), 0)
            }
            (Request::View(View::Series { by, measures }), Some(Answer::Series(now)), before) => {
                let before = before.and_then(|before| if let Answer::Series(of) = before { Some(&**of) } else { None });
                (Shown::Series(shape::series(*by, measures, now, before)), 0)
            }
            (Request::View(view @ View::Table { .. }), Some(Answer::Table { rows, total }), before) => {
                let before = before
                    .and_then(|before| if let Answer::Table { rows, .. } = before { Some(&**rows) } else { None });
                let (table, learned) = shape::table(ask, view, (rows, *total), before)?;
                (Shown::Table(table), learned)
            }
            (Request::Heat(_), Some(heat), _) => {
                let (heat, learned) = shape::heat(ask, entry(ask)?, heat, now.get(1))?;
                (Shown::Heat(Box::new(heat)), u64::from(learned))
            }
            (Request::Insights(kinds), _, _) => {
                let told = kinds.iter().filter(|kind| kind.view(ask.entry()).is_some());
                let found = told.zip(now).filter_map(|(kind, answer)| kind.tell(answer)).collect();
                (Shown::Insights(shape::insights(found)), 0)
            }
            _ => return Err(unexpected()),
        })
    }

    /// As a file.
    ///
    /// # Errors
    /// What the engine refuses.
    pub fn file(&self, ask: Ask) -> ApiResult<(Ask, Rows, Vec<Caveat>)> {
        if let Request::Rows(page) = self {
            return rows::file(ask, *page);
        }
        let answered = ask.answer(self.panels(&ask)?)?;
        let caveats = self.caveats(&ask, &answered.now.answers, &answered.now.left_out, 0);
        let mut now = answered.now.answers.into_iter();
        let before = answered.before.and_then(|before| before.answers.into_iter().next());
        let mut rows = match self {
            Request::View(view) => shape::rows(view, now.next().ok_or_else(unexpected)?, before)?,
            Request::Heat(_) => {
                let view = View::Heat { entry: entry(&ask)?.clone() };
                shape::rows(&view, now.next().ok_or_else(unexpected)?, now.next())?
            }
            Request::Insights(kinds) => {
                let told = kinds.iter().filter(|kind| kind.view(ask.entry()).is_some());
                shape::insight_rows(told.zip(now).filter_map(|(kind, answer)| kind.tell(&answer)).collect())
            }
            Request::Rows(_) => return Err(unexpected()),
        };
        rows.note = self.names_people(&ask).then_some(caveat::NOT_ATTENDANCE);
        Ok((ask, rows, caveats))
    }

    /// What a reader of its answer must know.
    pub fn caveats(&self, ask: &Ask, answers: &[Answer], left_out: &LeftOut, learned: u64) -> Vec<Caveat> {
        let (measures, parts) = self.measures();
        let mut found = caveats(ask, left_out, measures, parts);
        if let Request::View(view) = self {
            found.extend(caveat::added(ask, left_out, measures, &Panel::new(view.clone())));
        }
        match (self, answers) {
            (Request::View(View::Totals { measures }), [Answer::Totals(values), rest @ ..]) => {
                let mut known: BTreeMap<Measure, f64> = told(measures, values).collect();
                if let [Answer::Totals(values)] = rest {
                    known.extend(told(&caveat::beside(measures, ask.entry().is_some()), values));
                }
                found.extend(caveat::compared(measures, &known));
            }
            (Request::Heat(_), [Answer::Heat { viewers, .. }, ..]) => {
                let recording = ask.entry().and_then(|entry| ask.account().entries.get(entry));
                found.extend(caveat::dead_air(viewers, recording.and_then(|recording| recording.content_end_ms)));
            }
            _ => {}
        }
        found.extend(caveat::learned(learned));
        if self.names_people(ask) {
            caveat::add(&mut found, caveat::not_attendance());
        }
        found
    }

    fn measures(&self) -> (&[Measure], bool) {
        match self {
            Request::View(View::Totals { measures }) => (measures, false),
            Request::View(View::Series { measures, .. } | View::Table { measures, .. }) => (measures, true),
            _ => (&[], false),
        }
    }

    fn names_people(&self, ask: &Ask) -> bool {
        let shown = match self {
            Request::View(View::Table { by, .. }) => by.contains(&Dimension::Viewer),
            Request::Rows(_) => true,
            _ => false,
        };
        shown || ask.is_about_a_viewer()
    }
}

/// Measures with their values, where there is one.
fn told<'m>(measures: &'m [Measure], values: &'m [Option<f64>]) -> impl Iterator<Item = (Measure, f64)> + 'm {
    measures.iter().zip(values).filter_map(|(measure, value)| Some((*measure, (*value)?)))
}

fn entry(ask: &Ask) -> ApiResult<&Text> {
    ask.entry().ok_or_else(|| ApiError::bad("subject", "This is about one recording: entry:ID."))
}

fn dimension(word: &str) -> ApiResult<Dimension> {
    Dimension::parse(word).map_err(|error| ApiError::bad("by", error.to_string()))
}

/// A table as asked; what is not said is as in the panel, if it is one.
fn table(params: &Params, panel: Option<View>, whole: bool) -> ApiResult<View> {
    let page = Page::read(params, whole)?;
    let (by, measures, sort, coverage, rows) = match panel {
        Some(View::Table { by, measures, page, coverage }) => (by, measures, page.sort, coverage, page.limit),
        _ => {
            let by = params.needed("by", "one to three dimensions, such as country or domain,page")?;
            let by = by.split(',').map(dimension).collect::<ApiResult<Vec<_>>>()?;
            let measures = ask::measures(params)?;
            let sort = report::order(&by, &measures);
            (by, measures, sort, params.switch("coverage")?, page.size)
        }
    };
    let limit = if params.one("size")?.is_some() || whole { page.size } else { rows };
    let sort = ask::sort(params, &measures)?.unwrap_or(sort);
    let offset = (page.page - 1).saturating_mul(limit);
    let page = EnginePage { sort, offset, limit, find: params.one("find")?.map(Into::into) };
    Ok(View::Table { by, measures, page, coverage })
}

fn panel_request(report: &str, panel: &str, query: Option<&str>, whole: bool) -> ApiResult<(Params, Request)> {
    let report = Report::parse(report).map_err(|error| ApiError::not_found().detail(error.to_string()))?;
    let panel = report.panel(panel).map_err(|error| ApiError::not_found().detail(error.to_string()))?;
    let own: &[&str] = match panel.shows {
        Shows::Table { .. } => &["sort", "page", "size", "find"],
        Shows::Heat => &["against"],
        _ => &[],
    };
    let params = Params::read(query, &[COMMON, FILE, own])?;
    let request = match &panel.shows {
        Shows::Heat => Request::Heat(ask::filters(&params, "against")?),
        Shows::Insights(kinds) => Request::Insights(kinds),
        Shows::Table { .. } => Request::View(table(&params, panel.views(None).pop(), whole)?),
        Shows::Totals(_) | Shows::Series(..) => Request::View(panel.views(None).pop().ok_or_else(unexpected)?),
    };
    Ok((params, request))
}

/// A panel of a report on its page.
///
/// # Errors
/// When a panel has no view.
pub fn panel(panel: &report::Panel) -> ApiResult<Request> {
    Ok(match &panel.shows {
        Shows::Heat => Request::Heat(Vec::new()),
        Shows::Insights(kinds) => Request::Insights(kinds),
        _ => Request::View(panel.views(None).pop().ok_or_else(unexpected)?),
    })
}
