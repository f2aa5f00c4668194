//! For whoever runs the simulator: what it does, as numbers, and what was asked of it.

use super::guard::Controller;
use super::metrics::Exposition;
use super::problem::Problem;
use super::reply::json;
use super::route::routes;
use super::traffic::Exchange;
use super::{App, Routes};
use crate::api::model::wire_time;
use crate::sim::world::Status;
use axum::extract::{RawQuery, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use std::sync::Arc;
use utoipa::ToSchema;

pub fn routes() -> Routes {
    vec![routes!(requests)]
}

/// `GET /metrics`: requests, connections, callouts and the state file, as numbers. It is no JSON, so the
/// document does not tell of it.
pub async fn metrics(State(app): State<App>) -> Response {
    let mut out = Exposition::default();
    out.family("panic_build_info", "gauge", "Which version this is.");
    out.sample("panic_build_info", &format!("version=\"{}\"", env!("CARGO_PKG_VERSION")), 1);
    app.metrics.write(&mut out);
    let limit = app.limits.connections;
    out.one("panic_connections_limit", "gauge", "Connections at the same time at most.", limit);
    callouts(&app, &mut out).await;
    let clock = &app.engine.clock;
    let ahead = clock.ahead_of_the_wall().as_secs_f64();
    out.one("panic_clock_offset_seconds", "gauge", "How far the simulator's clock is ahead.", ahead);
    out.one("panic_clock_speed", "gauge", "How fast it runs.", clock.speed());
    state_file(&app, &mut out);
    faults(&app, &mut out);
    let media = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (media, out.0).into_response()
}

const ACTIVE: [(Status, &str); 5] = [
    (Status::Created, "created"),
    (Status::Dispatched, "responder dispatched"),
    (Status::ResponderCancelled, "responder cancelled"),
    (Status::Arrived, "responder arrived"),
    (Status::Completed, "responder completed"),
];

async fn callouts(app: &App, out: &mut Exposition) {
    let counts = app.engine.survey(|world, _| {
        let mut counts = [0_u64; ACTIVE.len()];
        for record in world.all_active() {
            if let Some(place) = ACTIVE.iter().position(|(status, _)| *status == record.status) {
                counts[place] += 1;
            }
        }
        (counts, world.webhooks_pending())
    });
    let (counts, webhooks) = counts.await;
    out.family("panic_callouts_active", "gauge", "Callouts that are not closed.");
    for ((_, status), count) in ACTIVE.iter().zip(counts) {
        out.sample("panic_callouts_active", &format!("status=\"{status}\""), count);
    }
    out.one("panic_webhooks_pending", "gauge", "Webhooks that are still to be delivered.", webhooks);
}

fn state_file(app: &App, out: &mut Exposition) {
    let Some(file) = app.engine.state_file() else { return };
    out.one("panic_state_file_bytes", "gauge", "The state file with its write-ahead log.", file.bytes);
    let what = "Transactions that were synced; events by commits is the size of a batch.";
    out.one("panic_state_commits_total", "counter", what, file.commits);
    out.one("panic_state_events_total", "counter", "Events that were stored.", file.events);
    out.one("panic_state_failures_total", "counter", "Transactions that failed.", file.failures);
    let writable = u8::from(file.writable);
    out.one("panic_state_writable", "gauge", "0 while changes are refused.", writable);
}

fn faults(app: &App, out: &mut Exposition) {
    if !app.faults.is_on() {
        return;
    }
    out.family("panic_faults_met_total", "counter", "How often a fault of requests or webhooks was met.");
    for (number, counted) in app.faults.counted().into_iter().enumerate() {
        out.sample("panic_faults_met_total", &format!("rule=\"{number}\""), counted.met);
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RequestsView {
    /// How many are kept at most: `--keep-requests`.
    kept: usize,
    /// Newest first.
    requests: Vec<RequestView>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct RequestView {
    number: u64,
    #[serde(with = "wire_time")]
    at: Option<Timestamp>,
    method: String,
    path: String,
    query: Option<String>,
    /// Null: a fault broke the connection off.
    status: Option<u16>,
    milliseconds: f64,
    request_bytes: Option<u64>,
    reply_bytes: Option<u64>,
    request: Option<Value>,
    reply: Option<Value>,
}

fn request_view(exchange: &Arc<Exchange>) -> RequestView {
    RequestView {
        number: exchange.number,
        at: Some(exchange.at),
        method: exchange.method.to_string(),
        path: exchange.path(),
        query: exchange.query(),
        status: (exchange.status != 0).then_some(exchange.status),
        milliseconds: (exchange.took.as_secs_f64() * 1_000_000.0).round() / 1_000.0,
        request_bytes: exchange.request.size,
        reply_bytes: exchange.reply.size,
        request: exchange.request.shown(),
        reply: exchange.reply.shown(),
    }
}

/// The last requests with their replies, secrets masked.
#[utoipa::path(
    get,
    path = "/requests",
    operation_id = "control-get-requests",
    tag = "Control",
    params(
        ("path" = Option<String>, Query, description = "Part of the path"),
        ("status" = Option<String>, Query, description = "A status such as 404, or a class such as 4xx"),
        ("limit" = Option<usize>, Query, description = "So many at most")
    ),
    responses((status = 200, body = RequestsView), (status = 400))
)]
pub async fn requests(
    State(app): State<App>,
    _: Controller,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let wanted = Wanted::read(query.as_deref().unwrap_or_default())?;
    let newest = app.traffic.newest();
    let fitting = newest.iter().filter(|exchange| wanted.fits(exchange)).take(wanted.limit);
    Ok(json(&RequestsView { kept: app.traffic.most(), requests: fitting.map(request_view).collect() }))
}

struct Wanted {
    path: Option<String>,
    /// Lowest and highest.
    status: Option<(u16, u16)>,
    limit: usize,
}

impl Wanted {
    fn read(query: &str) -> Result<Self, Problem> {
        let mut wanted = Self { path: None, status: None, limit: usize::MAX };
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            match name {
                "path" => wanted.path = Some(decoded(value)),
                "status" => wanted.status = Some(status(value)?),
                "limit" => {
                    wanted.limit = value.parse().map_err(|_| Problem::bad("limit must be an integer."))?;
                }
                _ => {}
            }
        }
        Ok(wanted)
    }

    fn fits(&self, exchange: &Exchange) -> bool {
        // As it is shown: else a secret could be found out piece by piece.
        self.path.as_ref().is_none_or(|part| exchange.path().contains(part.as_str()))
            && self.status.is_none_or(|(from, to)| (from..=to).contains(&exchange.status))
    }
}

fn status(value: &str) -> Result<(u16, u16), Problem> {
    let wrong = || Problem::bad("status must be a number such as 404 or a class such as 4xx.");
    if let Some(class) = value.strip_suffix("xx") {
        let class: u16 = class.parse().ok().filter(|class| (1..=5).contains(class)).ok_or_else(wrong)?;
        return Ok((class * 100, class * 100 + 99));
    }
    let status = value.parse().map_err(|_| wrong())?;
    Ok((status, status))
}

/// `%2F` is how some clients write a slash in a query.
fn decoded(value: &str) -> String {
    value.replace("%2F", "/").replace("%2f", "/")
}
