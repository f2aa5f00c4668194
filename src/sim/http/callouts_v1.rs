//! Callouts in v1: the same deeds, in the shapes of 2020 (reference §7).

use super::body::{Fields, required};
use super::caller::Caller;
use super::callouts::{
    CLOSED, DISMISSED, DONE, Located, callout_id, customer_name, look, read_or_kept, soft_cancel,
    update_location,
};
use super::kept::{Dialect, Key};
use super::problem::Problem;
use super::reply::{callout_closed, json};
use super::route::routes;
use super::{App, Included, Routes, view_event, view_v1};
use crate::api::model::callout_v1::CalloutV1;
use crate::api::model::event::MessageAndEvent;
use crate::api::model::reply::{CalloutReply, ClassificationRow, Message};
use crate::api::model::request::{LocationUpdate, SendComment};
use crate::sim::world::{CalloutId, Command, Reply};
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

pub fn routes() -> Routes {
    vec![
        routes!(classifications),
        routes!(read),
        routes!(locate),
        routes!(dismiss),
        routes!(comment),
        routes!(comment_in_the_plural),
    ]
}

/// v1: reads a callout, bare.
#[utoipa::path(
    get,
    path = "/callouts/{callout}",
    operation_id = "v1-get-callout",
    tag = "v1",
    params(
        ("shouldIncludeRoute" = Option<bool>, Query, description = "Adds the route"),
        ("shouldIncludeEvents" = Option<bool>, Query, description = "Adds the event stream"),
    ),
    responses(
        (status = 200, body = CalloutV1),
        (status = 400),
        (status = 401),
        (status = 404),
    )
)]
pub async fn read(
    State(app): State<App>,
    caller: Caller,
    Path(callout): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let id = callout_id(&callout)?;
    let included = Included::asked_for(query.as_deref());
    let key = Key { callout: id, dialect: Dialect::V1, included };
    read_or_kept(&app, &caller, key, |world, record, now| view_v1::callout(world, record, now, included))
        .await
}

/// v1: says where the customer is now. 285: the callout is closed, stop.
#[utoipa::path(
    post,
    path = "/callouts/{callout}/location",
    operation_id = "v1-update-callout-location",
    tag = "v1",
    request_body = LocationUpdate,
    responses(
        (status = 200, body = Message),
        (status = 285, body = CalloutReply<CalloutV1>),
        (status = 400),
        (status = 401),
        (status = 404),
    )
)]
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

/// v1: soft cancel, the only cancel of v1.
#[utoipa::path(
    post,
    path = "/callouts/{callout}/dismiss",
    operation_id = "v1-dismiss-callout",
    tag = "v1",
    responses(
        (status = 200, body = CalloutReply<CalloutV1>),
        (status = 400),
        (status = 401),
        (status = 404),
    )
)]
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

/// v1: writes to the control room. Note the singular in the path.
#[utoipa::path(
    post,
    path = "/callout/{callout}/comments",
    operation_id = "v1-create-comment",
    tag = "v1",
    request_body = SendComment,
    responses(
        (status = 200, body = MessageAndEvent),
        (status = 400),
        (status = 401),
        (status = 404),
    )
)]
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

/// v1: the same under the plural, which some clients try.
#[utoipa::path(
    post,
    path = "/callouts/{callout}/comments",
    operation_id = "v1-create-comment-plural",
    tag = "v1",
    request_body = SendComment,
    responses(
        (status = 200, body = MessageAndEvent),
        (status = 400),
        (status = 401),
        (status = 404),
    )
)]
pub async fn comment_in_the_plural(
    app: State<App>,
    caller: Caller,
    callout: Path<String>,
    request: Fields<SendComment>,
) -> Result<Response, Problem> {
    comment(app, caller, callout, request).await
}

/// v1: the classifications there are.
#[utoipa::path(
    get,
    path = "/callout-classifications",
    operation_id = "v1-list-classifications",
    tag = "v1",
    responses((status = 200, body = Vec<ClassificationRow>), (status = 401))
)]
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
