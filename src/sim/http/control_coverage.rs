//! Where AURA's responders go: set on the control side, felt by every callout (reference §5).

use super::body::{Fields, optional, required};
use super::guard::Controller;
use super::problem::Problem;
use super::reply::json;
use super::route::routes;
use super::view_places::{DEMO, MEDICAL, SECURITY, coverage};
use super::{App, Routes};
use crate::api::model::place::{CoverageFields, CoveredArea};
use crate::geo::area::{Area, Ring};
use crate::sim::world::{Command, Coverage, PlaceCommand};
use axum::extract::State;
use axum::response::Response;

pub fn routes() -> Routes {
    vec![routes!(read, set)]
}

/// Where each response type is served; null: everywhere.
#[utoipa::path(
    get,
    path = "/coverage",
    operation_id = "control-get-coverage",
    tag = "Control",
    responses((status = 200, body = CoverageFields))
)]
pub async fn read(State(app): State<App>, _: Controller) -> Response {
    app.engine.survey(|world, _| json(&coverage(world.coverage()))).await
}

/// Sets where each response type is served. What is left out or null is served everywhere, an empty
/// list nowhere. Fixed locations tell it from their next update on.
#[utoipa::path(
    put,
    path = "/coverage",
    operation_id = "control-set-coverage",
    tag = "Control",
    request_body = CoverageFields,
    responses((status = 200, body = CoverageFields), (status = 400))
)]
pub async fn set(
    state: State<App>,
    controller: Controller,
    Fields(given): Fields<CoverageFields>,
) -> Result<Response, Problem> {
    let types = [
        (SECURITY, "security", given.security),
        (MEDICAL, "medical", given.medical),
        (DEMO, "demo", given.demo),
    ];
    let mut coverage = Coverage::default();
    for (response_type, word, areas) in types {
        if let Some(areas) = areas {
            coverage.0.insert(response_type, all(word, &areas)?);
        }
    }
    let command = PlaceCommand::SetCoverage(Box::new(coverage));
    state.0.engine.apply(Command::Place(command)).await?;
    Ok(read(state, controller).await)
}

fn all(word: &str, areas: &[CoveredArea]) -> Result<Vec<Area>, Problem> {
    areas.iter().enumerate().map(|(index, area)| one(&format!("{word}[{index}]"), area)).collect()
}

fn one(field: &str, given: &CoveredArea) -> Result<Area, Problem> {
    let CoveredArea { centre, radius, polygon } = given;
    let bad = |why: &str| Problem::bad(format!("{field}: {why}."));
    match (centre.is_absent() && radius.is_absent(), polygon.is_absent()) {
        (true, true) => Err(bad("needs centre and radius, or polygon")),
        (false, false) => Err(bad("centre and radius exclude polygon")),
        (false, true) => {
            let centre = required(centre, &format!("{field}.centre"))?;
            let metres = required(radius, &format!("{field}.radius"))?.0;
            if metres > 0.0 { Ok(Area::Around { centre, metres }) } else { Err(bad("radius is not above 0")) }
        }
        (true, false) => {
            let corners = optional(polygon, &format!("{field}.polygon"))?.unwrap_or_default();
            Ring::new(corners).map(Area::Within).map_err(|why| bad(&format!("polygon {why}")))
        }
    }
}
