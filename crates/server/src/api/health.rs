//! How well collection works: what arrives, what is left out and why.

use super::answer::instant;
use crate::app::App;
use crate::auth::Operator;
use crate::error::Problem;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering::Relaxed;
use utoipa::ToSchema;

/// Counters since the start of the server.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// Events made durable.
    events: u64,
    /// Events refused because the disk is full or has failed.
    refused: u64,
    /// Durable events that reports do not show yet.
    fold_lag: u64,
    /// When the last event was received (RFC 3339).
    last_event: Option<String>,
    /// Seconds since then.
    last_event_age_seconds: Option<u64>,
    /// The disk's floor of free space is reached.
    disk_full: bool,
    /// Writing has failed: nothing is accepted until a restart.
    failed: bool,
    /// Rows that could not be understood, by reason.
    bad_rows: BTreeMap<String, u64>,
    /// What collection counts, as named in `/metrics`: events, and of these bots, floods, refused names.
    collection: BTreeMap<&'static str, u64>,
    /// Fields of filters of Kaltura's API that nobody knows and that were ignored.
    kaltura_filters_ignored: u64,
    /// Since when these are counted (RFC 3339).
    since: String,
}

/// How well collection works.
#[derive(Debug, Serialize, ToSchema)]
pub struct HealthAnswer {
    data: Health,
}

/// Data quality
///
/// Counters since the start of the server. Repeats, robots and refused names are caveats of each report, counted over
/// its own range.
#[utoipa::path(get, path = "/api/v1/health", tag = "operation", responses(
    (status = 200, description = "Counters.", body = HealthAnswer),
    (status = 401, description = "Not signed in.", body = Problem, content_type = "application/problem+json"),
))]
pub async fn health(_who: Operator, State(app): State<App>) -> Json<HealthAnswer> {
    let metrics = app.metrics();
    let last_ms = metrics.last_event_ms.load(Relaxed);
    let last = (last_ms > 0).then_some(last_ms as i64);
    Json(HealthAnswer {
        data: Health {
            events: metrics.events.load(Relaxed),
            refused: metrics.refused.load(Relaxed),
            fold_lag: metrics.fold_lag.load(Relaxed),
            last_event: last.map(instant),
            last_event_age_seconds: last.map(|last| (app.now_ms() - last).max(0).unsigned_abs() / 1000),
            disk_full: metrics.disk_full.load(Relaxed) > 0,
            failed: metrics.poisoned.load(Relaxed) > 0,
            bad_rows: app.bad_rows(),
            collection: app.collection().into_iter().map(|(name, _, value)| (name, value)).collect(),
            kaltura_filters_ignored: metrics.kaltura_ignored.load(Relaxed),
            since: instant(metrics.started_ms.load(Relaxed) as i64),
        },
    })
}
