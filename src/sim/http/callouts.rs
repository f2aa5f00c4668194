//! Callouts under way, in v2: reading, locating, writing, cancelling (reference §6.3 to §6.7).

use super::body::{Fields, optional, path_id, required};
use super::caller::{Caller, Here};
use super::edge::closing;
use super::kept::{Dialect, Key, Seen};
use super::problem::Problem;
use super::raising::coordinates;
use super::reply::{callout_closed, json, json_of, written};
use super::route::routes;
use super::{App, Included, Routes, track, view_event, view_v2};
use crate::api::model::callout_v2::{FlatCallout, NestedCallout};
use crate::api::model::event::{Event, EventSent};
use crate::api::model::reply::{BareCalloutReply, CalloutReply, Message};
use crate::api::model::request::{Cancel, LocationUpdate, SendEvent};
use crate::sim::engine::Failure;
use crate::sim::faults::Closing;
use crate::sim::world::{CalloutId, CalloutRecord, CancelOutcome, Command, Refusal, Reply, World};
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use jiff::Timestamp;
use serde::Serialize;

pub fn routes() -> Routes {
    vec![
        routes!(of_customer),
        routes!(active),
        routes!(read),
        routes!(locate),
        routes!(locate_and_read),
        routes!(events, send_event),
        routes!(dismiss),
        routes!(cancel),
    ]
}

pub const DONE: &str = "Request completed successfully.";

/// Reads a callout. `shouldIncludeRoute` and `shouldIncludeEvents` are honoured as in v1.
#[utoipa::path(
    get,
    path = "/callouts/{callout}",
    operation_id = "get-callout-by-id",
    tag = "Callouts",
    params(
        ("shouldIncludeRoute" = Option<bool>, Query, description = "Adds the route"),
        ("shouldIncludeEvents" = Option<bool>, Query, description = "Adds the event stream"),
    ),
    responses(
        (status = 200, body = CalloutReply<NestedCallout>),
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
    let key = Key { callout: id, dialect: Dialect::V2, included };
    read_or_kept(&app, &caller, key, |world, record, now| {
        let message = "Callout retrieved successfully.".to_owned();
        CalloutReply { message, callout: view_v2::nested(world, record, now, included) }
    })
    .await
}

/// A read of a callout. When it is as it was at the last read, so are the bytes.
pub async fn read_or_kept<V: Serialize>(
    app: &App,
    caller: &Caller,
    key: Key,
    view: impl Fn(&World, &CalloutRecord, Timestamp) -> V,
) -> Result<Response, Problem> {
    let seen = look(app, caller, key.callout, |world, record, now| {
        let stamp = world.stamp(record, now);
        let kept = app.kept.get(&key, stamp);
        kept.map_or_else(|| Seen::New(stamp, view(world, record, now)), Seen::Unchanged)
    });
    let body = match seen.await? {
        Seen::Unchanged(body) => body,
        Seen::New(stamp, view) => {
            let body = written(&view)?;
            app.kept.put(key, stamp, body.clone());
            body
        }
    };
    Ok(json_of(body))
}

/// The active callouts of one customer.
#[utoipa::path(
    get,
    path = "/customers/{customer}/callouts",
    operation_id = "list-customer-callouts",
    tag = "Callouts",
    responses((status = 200, body = Vec<FlatCallout>), (status = 401), (status = 404))
)]
pub async fn of_customer(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
) -> Result<Response, Problem> {
    let list = app.engine.survey(|world, _| {
        let customer = caller.customer(world, &customer)?;
        if world.customer(caller.source(), customer).is_none() {
            return Err(Problem::not_found("Customer"));
        }
        let active = world.active_of_customer(caller.source(), customer);
        Ok(active.into_iter().map(|record| view_v2::flat(record, None)).collect::<Vec<_>>())
    });
    Ok(json(&list.await?))
}

/// The active callouts of the whole customer source.
#[utoipa::path(
    get,
    path = "/callouts/activeCallouts",
    operation_id = "list-active-callouts",
    tag = "Callouts",
    responses((status = 200, body = Vec<FlatCallout>), (status = 401))
)]
pub async fn active(State(app): State<App>, caller: Caller) -> Result<Response, Problem> {
    let source = caller.server()?;
    let list = app.engine.survey(|world, _| {
        world.active(source).map(|record| view_v2::flat(record, None)).collect::<Vec<_>>()
    });
    Ok(json(&list.await))
}

/// Says where the customer is now. 285: the callout is closed, stop.
#[utoipa::path(
    post,
    path = "/callouts/{callout}/location",
    operation_id = "update-callout-location",
    tag = "Callouts",
    request_body = LocationUpdate,
    responses(
        (status = 200, body = Message),
        (status = 285, body = CalloutReply<NestedCallout>),
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
        Located::Closed => closed(&app, &caller, id).await,
    }
}

/// Says where the customer is now and reads the callout. 285: it is closed, stop.
#[utoipa::path(
    post,
    path = "/callouts/{callout}/updateLocationAndReturnCallout",
    operation_id = "update-callout-location-and-return",
    tag = "Callouts",
    request_body = LocationUpdate,
    responses(
        (status = 200, body = CalloutReply<NestedCallout>),
        (status = 285, body = CalloutReply<NestedCallout>),
        (status = 400),
        (status = 401),
        (status = 404),
    )
)]
pub async fn locate_and_read(
    State(app): State<App>,
    caller: Caller,
    Path(callout): Path<String>,
    RawQuery(query): RawQuery,
    Fields(request): Fields<LocationUpdate>,
) -> Result<Response, Problem> {
    let id = callout_id(&callout)?;
    match update_location(&app, &caller, id, &request).await? {
        Located::Taken => nested(&app, &caller, id, Included::asked_for(query.as_deref()), DONE).await,
        Located::Closed => closed(&app, &caller, id).await,
    }
}

/// The event stream: chat and changes of status, oldest first.
#[utoipa::path(
    get,
    path = "/callouts/{callout}/events",
    operation_id = "list-callout-events",
    tag = "Callouts",
    responses((status = 200, body = Vec<Event>), (status = 401), (status = 404))
)]
pub async fn events(
    State(app): State<App>,
    caller: Caller,
    Path(callout): Path<String>,
) -> Result<Response, Problem> {
    let id = callout_id(&callout)?;
    let rows = look(&app, &caller, id, |world, record, now| {
        world.entries(record, now).map(|entry| view_event::listed(record, entry)).collect::<Vec<_>>()
    });
    Ok(json(&rows.await?))
}

/// Writes to the control room. The older edition's `{ "message" }` is the customer's.
#[utoipa::path(
    post,
    path = "/callouts/{callout}/events",
    operation_id = "create-callout-event",
    tag = "Callouts",
    request_body = SendEvent,
    responses(
        (status = 200, body = EventSent),
        (status = 400),
        (status = 401),
        (status = 404),
        (status = 500),
    )
)]
pub async fn send_event(
    State(app): State<App>,
    caller: Caller,
    Path(callout): Path<String>,
    Fields(request): Fields<SendEvent>,
) -> Result<Response, Problem> {
    let id = callout_id(&callout)?;
    let customer = look(&app, &caller, id, customer_name).await?;
    let (source, text) = match optional(&request.message, "message")? {
        Some(text) if request.event.is_absent() => ("customer".to_owned(), text),
        _ => (required(&request.source, "source")?, required(&request.event, "event")?),
    };
    let author = match source.trim() {
        "" => return Err(Problem::bad("source is required.")),
        speaker if speaker.eq_ignore_ascii_case("controller") => {
            return Err(Problem::bad("source: only the control side speaks as the controller."));
        }
        speaker if speaker.eq_ignore_ascii_case("customer") => customer,
        speaker => speaker.to_owned(),
    };
    let command = Command::SendEvent { source: caller.source(), callout: id, author, text };
    let Reply::Commented { entry, .. } = app.engine.apply(command).await? else {
        return Err(Problem::internal());
    };
    let sent = look(&app, &caller, id, |_, record, _| {
        let row = record.entries.iter().find(|row| row.id == entry)?;
        let callout_event = view_event::sent(record, row);
        Some(EventSent { callout_event, callout_event_tags: view_event::tags(row) })
    });
    Ok(json(&sent.await?.ok_or_else(Problem::internal)?))
}

/// Soft cancel: the response goes on until a controller has spoken to the customer.
#[utoipa::path(
    post,
    path = "/callouts/{callout}/dismiss",
    operation_id = "dismiss-callout",
    tag = "Callouts",
    responses(
        (status = 200, body = CalloutReply<NestedCallout>),
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
    nested(&app, &caller, id, Included::default(), DISMISSED).await
}

pub const DISMISSED: &str = "Callout dismissed successfully.";

/// Cancels: with the safe code verified, without one unconditionally. A wrong code stops nothing and warns
/// the control room; the reply is the unchanged callout, or 400 with `serve --strict-safe-codes`.
#[utoipa::path(
    post,
    path = "/callouts/{callout}/cancel",
    operation_id = "cancel-callout",
    tag = "Callouts",
    request_body = Cancel,
    responses(
        (status = 200, body = BareCalloutReply<FlatCallout>),
        (status = 400),
        (status = 401),
        (status = 404),
    )
)]
pub async fn cancel(
    State(app): State<App>,
    caller: Caller,
    here: Here,
    Path(callout): Path<String>,
    Fields(request): Fields<Cancel>,
) -> Result<Response, Problem> {
    let id = callout_id(&callout)?;
    look(&app, &caller, id, |_, _, _| ()).await?;
    let safe_code = optional(&request.safe_code, "safeCode")?;
    let cancel = Command::Cancel { source: caller.source(), callout: id, safe_code };
    let wrong_code =
        matches!(app.engine.apply(cancel).await?, Reply::Cancelled { outcome: CancelOutcome::Duress, .. });
    // The control room knows either way.
    if wrong_code && app.strict_safe_codes {
        return Err(Problem::bad("safeCode: is wrong."));
    }
    let url = track::url(&app, &here, id)?;
    let callout = look(&app, &caller, id, |_, record, _| view_v2::cancelled(record, &url)).await?;
    Ok(json(&BareCalloutReply { callout }))
}

pub fn callout_id(raw: &str) -> Result<CalloutId, Problem> {
    path_id(raw, "calloutId").map(CalloutId)
}

/// Looks at a callout of the caller's, or answers 404.
pub async fn look<R>(
    app: &App,
    caller: &Caller,
    id: CalloutId,
    view: impl Fn(&World, &CalloutRecord, Timestamp) -> R,
) -> Result<R, Problem> {
    let seen =
        app.engine.look(id, |world, now| caller.callout(world, id).map(|record| view(world, record, now)));
    seen.await
}

/// The customer's name, as chat lines are signed.
pub fn customer_name(world: &World, record: &CalloutRecord, _: Timestamp) -> String {
    let fields = world.customer_of(record).map(|customer| &customer.fields);
    fields.map(|fields| format!("{} {}", fields.name, fields.surname).trim().to_owned()).unwrap_or_default()
}

/// What became of a location.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Located {
    Taken,
    /// 285.
    Closed,
}

pub async fn update_location(
    app: &App,
    caller: &Caller,
    callout: CalloutId,
    request: &LocationUpdate,
) -> Result<Located, Problem> {
    look(app, caller, callout, |_, _, _| ()).await?;
    let (position, accuracy) = coordinates(request, "")?;
    let closing = closing();
    if closing == Closing::Early {
        return Ok(Located::Closed);
    }
    let command = Command::UpdateLocation { source: caller.source(), callout, position, accuracy };
    match app.engine.apply(command).await {
        Ok(_) => Ok(Located::Taken),
        Err(Failure::Refused(Refusal::Closed)) if closing == Closing::Late => Ok(Located::Taken),
        Err(Failure::Refused(Refusal::Closed)) => Ok(Located::Closed),
        Err(failure) => Err(failure.into()),
    }
}

pub async fn soft_cancel(app: &App, caller: &Caller, callout: CalloutId) -> Result<(), Problem> {
    look(app, caller, callout, |_, _, _| ()).await?;
    app.engine.apply(Command::Dismiss { source: caller.source(), callout }).await?;
    Ok(())
}

async fn nested(
    app: &App,
    caller: &Caller,
    id: CalloutId,
    included: Included,
    message: &str,
) -> Result<Response, Problem> {
    let view = |world: &World, record: &CalloutRecord, now| view_v2::nested(world, record, now, included);
    let callout = look(app, caller, id, view).await?;
    Ok(json(&CalloutReply { message: message.to_owned(), callout }))
}

async fn closed(app: &App, caller: &Caller, id: CalloutId) -> Result<Response, Problem> {
    let view =
        |world: &World, record: &CalloutRecord, now| view_v2::nested(world, record, now, Included::default());
    let callout = look(app, caller, id, view).await?;
    Ok(callout_closed(&CalloutReply { message: CLOSED.to_owned(), callout }))
}

pub const CLOSED: &str = "Callout is closed.";
