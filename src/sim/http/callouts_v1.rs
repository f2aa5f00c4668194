//! Callouts in v1: the same deeds, in the shapes of 2020 (reference §7).

use super::body::{Fields, required};
use super::caller::Caller;
use super::callouts::{
    CLOSED, DISMISSED, DONE, Located, callout_id, customer_name, look, soft_cancel, update_location,
};
use super::problem::Problem;
use super::reply::{callout_closed, json};
use super::{App, Included, view_event, view_v1};
use crate::api::model::callout_v1::CalloutV1;
use crate::api::model::event::MessageAndEvent;
use crate::api::model::reply::{CalloutReply, ClassificationRow, Message};
use crate::api::model::request::{LocationUpdate, SendComment};
use crate::sim::world::{CalloutId, Command, Reply};
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

/// `GET /callouts/{calloutId}`: the bare callout.
pub async fn read(
    State(app): State<App>,
    caller: Caller,
    Path(callout): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let id = callout_id(&callout)?;
    Ok(json(&view(&app, &caller, id, Included::asked_for(query.as_deref())).await?))
}

/// `POST /callouts/{calloutId}/location`.
pub async fn locate(
    State(app): State<App>,
    caller: Caller,
    Path(callout): Path<String>,
    Fields(request): Fields<LocationUpdate>,
) -> Result<Response, Problem> {
    let id = callout_id(&callout)?;
    match update_location(&app, &caller, id, &request).await? {
        Located::Taken => Ok(json(&Message { message: DONE.to_owned() })),
        Located::Closed => {
            let callout = view(&app, &caller, id, Included::default()).await?;
            Ok(callout_closed(&CalloutReply { message: CLOSED.to_owned(), callout }))
        }
    }
}

/// `POST /callouts/{calloutId}/dismiss`: the only cancel of v1.
pub async fn dismiss(
    State(app): State<App>,
    caller: Caller,
    Path(callout): Path<String>,
) -> Result<Response, Problem> {
    let id = callout_id(&callout)?;
    soft_cancel(&app, &caller, id).await?;
    let callout = view(&app, &caller, id, Included::default()).await?;
    Ok(json(&CalloutReply { message: DISMISSED.to_owned(), callout }))
}

/// `POST /callout/{calloutId}/comments`, and the same in the plural.
pub async fn comment(
    State(app): State<App>,
    caller: Caller,
    Path(callout): Path<String>,
    Fields(request): Fields<SendComment>,
) -> Result<Response, Problem> {
    let id = callout_id(&callout)?;
    let author = look(&app, &caller, id, customer_name).await?;
    let text = required(&request.message, "message")?;
    if text.trim().is_empty() {
        return Err(Problem::bad("message: is empty."));
    }
    let command = Command::SendEvent { source: caller.source(), callout: id, author, text };
    let Reply::Commented { entry, .. } = app.engine.apply(command).await? else {
        return Err(Problem::internal());
    };
    let row = look(&app, &caller, id, |_, record, _| {
        record.entries.iter().find(|row| row.id == entry).map(|row| view_event::v1(record, row))
    });
    let callout_event = row.await?.ok_or_else(Problem::internal)?;
    Ok(json(&MessageAndEvent { message: "Comment added successfully.".to_owned(), callout_event }))
}

/// `GET /callout-classifications`.
pub async fn classifications(_: Caller) -> Response {
    json(&[(1, "REAL"), (2, "TEST")].map(|(id, value)| ClassificationRow {
        id: Some(id),
        value: Some(value.to_owned()),
        description: None,
    }))
}

async fn view(app: &App, caller: &Caller, id: CalloutId, included: Included) -> Result<CalloutV1, Problem> {
    look(app, caller, id, |world, record, now| view_v1::callout(world, record, now, included)).await
}
