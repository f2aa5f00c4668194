//! The control room's side: callouts of every source, and the steps that move them.

use super::body::{Fields, path_id};
use super::guard::Controller;
use super::problem::{NotAllowed, Problem};
use super::reply::json;
use super::route::routes;
use super::view_control::{CalloutView, callout_view};
use super::{App, Routes};
use crate::sim::world::{CalloutId, CalloutRecord, Command, Step};
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;

pub fn routes() -> Routes {
    vec![routes!(list), routes!(read), routes!(step), routes!(comment)]
}

/// All callouts, everything that is known of them.
#[utoipa::path(
    get,
    path = "/callouts",
    operation_id = "control-list-callouts",
    tag = "Control",
    params(
        ("status" = Option<String>, Query, description = "`active`: without the closed ones"),
        (
            "updatedSince" = Option<String>,
            Query,
            description = "RFC 3339: the active ones, and those that changed at this time or later",
        ),
    ),
    responses((status = 200, body = Vec<CalloutView>), (status = 400))
)]
pub async fn list(
    State(app): State<App>,
    _: Controller,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let wanted = Wanted::asked_for(query.as_deref().unwrap_or_default())?;
    let views = app.engine.survey(|world, now| {
        let view = |record| callout_view(world, record, now);
        match wanted {
            Wanted::All => world.callouts().map(view).collect::<Vec<_>>(),
            Wanted::Active => world.all_active().map(view).collect(),
            Wanted::News(since) => {
                let new = |record: &&CalloutRecord| record.is_active() || record.updated_at >= since;
                world.callouts().filter(new).map(view).collect()
            }
        }
    });
    Ok(json(&views.await))
}

/// Which callouts a list is to have.
enum Wanted {
    All,
    Active,
    /// The active ones, and those that changed since.
    News(Timestamp),
}

impl Wanted {
    fn asked_for(query: &str) -> Result<Self, Problem> {
        let value =
            |name| query.split('&').find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name));
        match (value("status"), value("updatedSince")) {
            (None, None) => Ok(Self::All),
            (Some((_, "active")), None) => Ok(Self::Active),
            (Some((_, "active")), Some(_)) => {
                Err(Problem::bad("status, updatedSince: only one of them can be asked for."))
            }
            (Some(_), _) => Err(Problem::bad("status: only active can be asked for.")),
            (None, Some((_, since))) => {
                // The colons of a time may come escaped.
                let since = since.replace("%3A", ":").replace("%3a", ":");
                let since = since.parse();
                since
                    .map(Self::News)
                    .map_err(|_| Problem::bad("updatedSince: it is no time, like 2026-01-31T12:00:00Z."))
            }
        }
    }
}

/// Everything that is known of a callout.
#[utoipa::path(
    get,
    path = "/callouts/{callout}",
    operation_id = "control-get-callout",
    tag = "Control",
    responses((status = 200, body = CalloutView), (status = 404))
)]
pub async fn read(
    State(app): State<App>,
    _: Controller,
    Path(callout): Path<String>,
) -> Result<Response, Problem> {
    Ok(json(&view(&app, id(&callout)?).await?))
}

/// A controller's step. What is not possible now gives 409 with what is.
#[utoipa::path(
    post,
    path = "/callouts/{callout}/steps",
    operation_id = "control-step",
    tag = "Control",
    request_body = Step,
    responses(
        (status = 200, body = CalloutView),
        (status = 400),
        (status = 404),
        (status = 409, body = NotAllowed),
    )
)]
pub async fn step(
    State(app): State<App>,
    _: Controller,
    Path(callout): Path<String>,
    Fields(step): Fields<Step>,
) -> Result<Response, Problem> {
    let callout = id(&callout)?;
    app.engine.apply(Command::Step { callout, step }).await?;
    Ok(json(&view(&app, callout).await?))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewComment {
    message: String,
    from: Option<String>,
}

/// Writes to the customer as the controller.
#[utoipa::path(
    post,
    path = "/callouts/{callout}/comments",
    operation_id = "control-comment",
    tag = "Control",
    request_body = NewComment,
    responses((status = 200, body = CalloutView), (status = 400), (status = 404))
)]
pub async fn comment(
    State(app): State<App>,
    _: Controller,
    Path(callout): Path<String>,
    Fields(NewComment { message, from }): Fields<NewComment>,
) -> Result<Response, Problem> {
    let callout = id(&callout)?;
    app.engine.apply(Command::Comment { callout, message, from }).await?;
    Ok(json(&view(&app, callout).await?))
}

fn id(raw: &str) -> Result<CalloutId, Problem> {
    path_id(raw, "id").map(CalloutId)
}

async fn view(app: &App, id: CalloutId) -> Result<CalloutView, Problem> {
    let view = app.engine.look(id, |world, now| Some(callout_view(world, world.callout_by_id(id)?, now)));
    view.await.ok_or_else(|| Problem::not_found("Callout"))
}
