//! The map of a closed callout (reference §6.8): a link to a picture of it, and the picture.

use super::caller::{Caller, Here};
use super::callouts::{callout_id, look};
use super::problem::Problem;
use super::reply::json;
use super::route::routes;
use super::track::{guarded, nothing, queried, signed};
use super::{App, Routes};
use crate::api::model::map::{MapReply, MapUrl};
use crate::sim::auth::same_secret;
use crate::sim::tracking::{Map, picture};
use crate::sim::world::CalloutId;
use axum::extract::{Path, RawQuery, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};

/// Seconds that a link to a picture lives. The operation gives a new one each time.
const LIVES: i64 = 24 * 3_600;

/// Pictures that are made at the same time: each takes some milliseconds of a core and 2 MB.
pub const AT_ONCE: usize = 2;

pub fn routes() -> Routes {
    vec![routes!(read)]
}

/// The map of a closed callout, as a link to a picture that opens for a day. `image` is null.
#[utoipa::path(
    get,
    path = "/callouts/{callout}/maps",
    operation_id = "get-callout-map",
    tag = "Callouts",
    responses(
        (status = 200, body = MapReply),
        (status = 400, description = "Not closed yet, or the id is no number"),
        (status = 401),
        (status = 404),
    )
)]
pub async fn read(
    State(app): State<App>,
    caller: Caller,
    Here(base): Here,
    Path(callout): Path<String>,
) -> Result<Response, Problem> {
    let id = callout_id(&callout)?;
    let (active, now) = look(&app, &caller, id, |_, record, now| (record.is_active(), now)).await?;
    if active {
        return Err(Problem::bad("The map exists once the callout is closed."));
    }
    let until = now.as_second() + LIVES;
    let token = signed(&app, &message(id, until))?;
    let url = format!("{base}/track/{id}/map.png?until={until}&token={token}");
    Ok(json(&MapReply { url: MapUrl(url), image: None }))
}

fn message(callout: CalloutId, until: i64) -> String {
    format!("map/{callout}/{until}")
}

/// `GET /track/{calloutId}/map.png?until=…&token=…`.
pub async fn image(
    State(app): State<App>,
    Path(callout): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let Some((id, until)) = opened(&app, &callout, query.as_deref()) else { return Ok(nothing()) };
    let map = app.engine.look(id, |world, now| {
        let record = world.callout_by_id(id).filter(|record| !record.is_active());
        record.filter(|_| now.as_second() <= until).map(|record| Map::new(world, record, now))
    });
    let Some(map) = map.await else { return Ok(nothing()) };
    let place = app.pictures.acquire().await.map_err(|_| Problem::internal())?;
    let made = tokio::task::spawn_blocking(move || picture(&map)).await;
    drop(place);
    let png = made.ok().and_then(Result::ok).ok_or_else(|| {
        tracing::error!("a map picture was not made");
        Problem::internal()
    })?;
    let headers =
        [(header::CONTENT_TYPE, "image/png"), (header::CONTENT_SECURITY_POLICY, "default-src 'none'")];
    Ok(guarded((headers, png).into_response()))
}

fn opened(app: &App, callout: &str, query: Option<&str>) -> Option<(CalloutId, i64)> {
    let id = CalloutId(callout.parse().ok()?);
    let until = queried(query, "until").parse().ok()?;
    let expected = signed(app, &message(id, until)).ok()?;
    same_secret(queried(query, "token"), &expected).then_some((id, until))
}
