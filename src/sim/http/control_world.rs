//! What the control side turns as a whole: the clock, the autopilot, everything back to nothing; and
//! the question whether we live.

use super::body::{Fields, optional};
use super::guard::Controller;
use super::problem::Problem;
use super::reply::json;
use super::route::routes;
use super::{App, Routes};
use crate::api::model::reply::Message;
use crate::api::model::{Given, Number, wire_time};
use crate::sim::engine::NotTurned;
use crate::sim::scenario::{OFF, Params, Scenario};
use crate::sim::world::Command;
use axum::extract::State;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

pub fn routes() -> Routes {
    vec![routes!(autopilot, set_autopilot), routes!(clock, turn_clock), routes!(reset)]
}

/// Outside every prefix.
pub fn beside() -> Routes {
    vec![routes!(health)]
}

#[derive(Debug, Serialize, ToSchema)]
struct ClockView {
    #[serde(with = "wire_time")]
    now: Option<Timestamp>,
    speed: Number,
}

fn clock_view(app: &App) -> Response {
    json(&ClockView { now: Some(app.engine.clock.now()), speed: Number(app.engine.clock.speed()) })
}

/// The simulator's time.
#[utoipa::path(
    get,
    path = "/clock",
    operation_id = "control-get-clock",
    tag = "Control",
    responses((status = 200, body = ClockView))
)]
pub async fn clock(State(app): State<App>, _: Controller) -> Response {
    clock_view(&app)
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TurnClock {
    /// Seconds.
    advance: Given<Number>,
    speed: Given<Number>,
}

/// Moves the clock, or sets its speed.
#[utoipa::path(
    post,
    path = "/clock",
    operation_id = "control-turn-clock",
    tag = "Control",
    request_body = TurnClock,
    responses((status = 200, body = ClockView), (status = 400))
)]
pub async fn turn_clock(
    State(app): State<App>,
    _: Controller,
    Fields(turn): Fields<TurnClock>,
) -> Result<Response, Problem> {
    let seconds = optional(&turn.advance, "advance")?;
    let speed = optional(&turn.speed, "speed")?;
    let step = seconds.map(|Number(seconds)| SignedDuration::try_from_secs_f64(seconds));
    let step = step.transpose().map_err(|_| Problem::bad("advance is not valid."))?;
    if step.is_none() && speed.is_none() {
        return Err(Problem::bad("advance or speed is required."));
    }
    app.engine.turn_clock(step, speed.map(|speed| speed.0)).await.map_err(|error| match error {
        NotTurned::Clock(error) => Problem::bad(format!("{error}.")),
        NotTurned::NotStored(error) => error.into(),
    })?;
    Ok(clock_view(&app))
}

#[derive(Debug, Serialize, ToSchema)]
struct AutopilotView<'a> {
    /// `off`, or the scenario that plays callouts raised from now on.
    scenario: &'a str,
    description: Option<&'a str>,
    available: Vec<String>,
}

fn autopilot_view(scenario: Option<&Scenario>) -> Response {
    json(&AutopilotView {
        scenario: scenario.map_or(OFF, |scenario| &scenario.name),
        description: scenario.map(|scenario| scenario.description.as_str()),
        available: Scenario::shipped().map(|scenario| scenario.name).collect(),
    })
}

/// Which scenario plays the control room.
#[utoipa::path(
    get,
    path = "/autopilot",
    operation_id = "control-get-autopilot",
    tag = "Control",
    responses((status = 200, body = AutopilotView))
)]
pub async fn autopilot(State(app): State<App>, _: Controller) -> Response {
    app.engine.survey(|world, _| autopilot_view(world.autopilot())).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetAutopilot {
    /// `off`, the name of a scenario, or a scenario itself, with the fields of a scenario file.
    scenario: Option<Value>,
    pace: Option<f64>,
    drive_seconds: Option<f64>,
}

/// Sets the scenario that plays callouts raised from now on, or `off`.
#[utoipa::path(
    put,
    path = "/autopilot",
    operation_id = "control-set-autopilot",
    tag = "Control",
    request_body = SetAutopilot,
    responses((status = 200, body = AutopilotView), (status = 400))
)]
pub async fn set_autopilot(
    State(app): State<App>,
    _: Controller,
    Fields(set): Fields<SetAutopilot>,
) -> Result<Response, Problem> {
    let params = Params { pace: set.pace, drive_seconds: set.drive_seconds };
    let scenario = match set.scenario {
        None => return Err(Problem::bad("scenario is required.")),
        Some(Value::String(name)) => scenario(&name, params),
        Some(own @ Value::Object(_)) => Scenario::from_json(&own)
            .and_then(|scenario| scenario.with(params).map(Some).map_err(str::to_owned))
            .map_err(|why| format!("{why}.")),
        Some(_) => return Err(Problem::bad("scenario must be a name or an object.")),
    };
    let scenario = scenario.map_err(Problem::bad)?;
    app.engine.apply(Command::SetAutopilot(scenario.map(Box::new))).await?;
    Ok(app.engine.survey(|world, _| autopilot_view(world.autopilot())).await)
}

/// The shipped scenario of that name; `None` for `off`.
pub fn scenario(name: &str, params: Params) -> Result<Option<Scenario>, String> {
    if name == OFF {
        return Ok(None);
    }
    let known = || Scenario::shipped().map(|scenario| scenario.name).collect::<Vec<_>>().join(", ");
    let scenario =
        Scenario::named(name).ok_or_else(|| format!("scenario: unknown; there are {OFF}, {}.", known()))?;
    scenario.with(params).map(Some).map_err(|why| format!("{why}."))
}

/// Empties the world.
#[utoipa::path(
    post,
    path = "/reset",
    operation_id = "control-reset",
    tag = "Control",
    responses((status = 200, body = Message))
)]
pub async fn reset(State(app): State<App>, _: Controller) -> Result<Response, Problem> {
    app.engine.apply(Command::Reset).await?;
    Ok(json(&Message { message: "The world is empty.".to_owned() }))
}

#[derive(Debug, Serialize, ToSchema)]
struct Health {
    status: &'static str,
    version: &'static str,
}

/// Whether the simulator answers.
#[utoipa::path(
    get,
    path = "/health",
    operation_id = "health",
    tag = "Control",
    responses((status = 200, body = Health))
)]
pub async fn health() -> Response {
    json(&Health { status: "ok", version: env!("CARGO_PKG_VERSION") })
}
