//! What the control side turns as a whole: the clock, the autopilot, everything back to nothing; and
//! the question whether we live.

use super::App;
use super::body::{Fields, optional};
use super::guard::Controller;
use super::problem::Problem;
use super::reply::json;
use crate::api::model::reply::Message;
use crate::api::model::{Given, Number, wire_time};
use crate::sim::engine::NotTurned;
use crate::sim::scenario::{Params, Scenario};
use crate::sim::world::Command;
use axum::extract::State;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize)]
struct ClockView {
    #[serde(with = "wire_time")]
    now: Option<Timestamp>,
    speed: Number,
}

fn clock_view(app: &App) -> Response {
    json(&ClockView { now: Some(app.engine.clock.now()), speed: Number(app.engine.clock.speed()) })
}

/// `GET /control/clock`.
pub async fn clock(State(app): State<App>, _: Controller) -> Response {
    clock_view(&app)
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TurnClock {
    /// Seconds.
    advance: Given<Number>,
    speed: Given<Number>,
}

/// `POST /control/clock`.
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

const OFF: &str = "off";

#[derive(Debug, Serialize)]
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

/// `GET /control/autopilot`.
pub async fn autopilot(State(app): State<App>, _: Controller) -> Response {
    app.engine.survey(|world, _| autopilot_view(world.autopilot())).await
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetAutopilot {
    scenario: Option<String>,
    pace: Option<f64>,
    drive_seconds: Option<f64>,
}

/// `PUT /control/autopilot` `{"scenario": "off" | name, "pace"?, "driveSeconds"?}`.
pub async fn set_autopilot(
    State(app): State<App>,
    _: Controller,
    Fields(set): Fields<SetAutopilot>,
) -> Result<Response, Problem> {
    let name = set.scenario.ok_or_else(|| Problem::bad("scenario is required."))?;
    let params = Params { pace: set.pace, drive_seconds: set.drive_seconds };
    let scenario = scenario(&name, params).map_err(Problem::bad)?;
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

/// `POST /control/reset`.
pub async fn reset(State(app): State<App>, _: Controller) -> Result<Response, Problem> {
    app.engine.apply(Command::Reset).await?;
    Ok(json(&Message { message: "The world is empty.".to_owned() }))
}

#[derive(Debug, Serialize)]
struct Health {
    status: &'static str,
    version: &'static str,
}

/// `GET /health`.
pub async fn health() -> Response {
    json(&Health { status: "ok", version: env!("CARGO_PKG_VERSION") })
}
