//! Raising a callout, in every form of the request (reference §6.2, §6.3 and §7.1).

use super::body::{Fields, id, optional, required};
use super::caller::{Caller, Here};
use super::customers::customer_fields;
use super::problem::Problem;
use super::reply::json;
use super::route::routes;
use super::{App, Routes};
use super::{track, view_v1, view_v2};
use crate::api::model::Given;
use crate::api::model::callout_v1::CalloutV1;
use crate::api::model::callout_v2::FlatCallout;
use crate::api::model::reply::{BareCalloutReply, CalloutReply, CreatedReplyV1};
use crate::api::model::request::{Coordinates, CreateCallout};
use crate::geo::Position;
use crate::sim::world::{
    At, CalloutId, Command, CustomerId, PlaceCommand, PlaceId, PlaceRaise, Raise, Reply, UserId, Who,
};
use axum::extract::{Path, State};
use axum::response::Response;

/// v2's creates.
pub fn routes() -> Routes {
    vec![routes!(for_customer), routes!(legacy)]
}

/// v1's.
pub fn routes_v1() -> Routes {
    vec![routes!(v1)]
}

/// Security, where a body may leave it out (v1).
pub const USUAL_RESPONSE_TYPE: i64 = 1;
/// REAL, where a body leaves it out.
pub const USUAL_CLASSIFICATION: i64 = 1;

/// Raises a callout. If the customer has an active one, that one is returned.
#[utoipa::path(
    post,
    path = "/customers/{customer}/callouts",
    operation_id = "create-customer-callout",
    tag = "Callouts",
    request_body = CreateCallout,
    responses(
        (status = 200, body = CalloutReply<FlatCallout>),
        (status = 400),
        (status = 401),
        (status = 403),
        (status = 404),
    )
)]
pub async fn for_customer(
    State(app): State<App>,
    caller: Caller,
    here: Here,
    Path(customer): Path<String>,
    Fields(request): Fields<CreateCallout>,
) -> Result<Response, Problem> {
    let customer = app.engine.survey(|world, _| caller.customer(world, &customer)).await?;
    let command = command_v2(&caller, &request, Some(Who::ById(customer)), true)?;
    let (callout, message) = apply(&app, command).await?;
    reply_v2(&app, here, callout, message).await
}

/// The deprecated create: no subscription is asked for.
#[utoipa::path(
    post,
    path = "/callouts",
    operation_id = "create-callout-legacy",
    tag = "Callouts",
    request_body = CreateCallout,
    responses(
        (status = 200, body = CalloutReply<FlatCallout>),
        (status = 400),
        (status = 401),
        (status = 404),
    )
)]
pub async fn legacy(
    State(app): State<App>,
    caller: Caller,
    here: Here,
    Fields(request): Fields<CreateCallout>,
) -> Result<Response, Problem> {
    caller.clone().server()?;
    let nobody = request.customer.is_absent() && request.customer_id.is_absent();
    let who = if nobody { None } else { Some(who(&request, None)?) };
    let command = command_v2(&caller, &request, who, false)?;
    let (callout, message) = apply(&app, command).await?;
    reply_v2(&app, here, callout, message).await
}

/// v1: raises a callout for the customer in the body.
#[utoipa::path(
    post,
    path = "/callouts",
    operation_id = "v1-create-callout",
    tag = "v1",
    request_body = CreateCallout,
    responses(
        (status = 200, body = CreatedReplyV1<CalloutV1>),
        (status = 400),
        (status = 401),
    )
)]
pub async fn v1(
    State(app): State<App>,
    caller: Caller,
    Fields(request): Fields<CreateCallout>,
) -> Result<Response, Problem> {
    let who = who(&request, caller.user()?)?;
    if !request.predefined_location_id.is_absent() {
        return Err(Problem::bad("predefinedLocationId: is not known to v1."));
    }
    let raise = raise(&caller, &request, who)?;
    let (callout, message) = apply(&app, Command::Raise(raise)).await?;
    let view = app.engine.look(callout, |world, now| {
        let record = world.callout_by_id(callout)?;
        Some(view_v1::callout(world, record, now, super::Included::default()))
    });
    let callout = view.await.ok_or_else(Problem::internal)?;
    let data = BareCalloutReply { callout: callout.clone() };
    Ok(json(&CreatedReplyV1 { message: message.to_owned(), callout, data }))
}

pub async fn reply_v2(app: &App, here: Here, callout: CalloutId, message: &str) -> Result<Response, Problem> {
    let url = track::url(app, &here, callout)?;
    let view = app.engine.look(callout, |world, _| {
        let record = world.callout_by_id(callout)?;
        Some(view_v2::flat(record, Some(&url)))
    });
    let callout = view.await.ok_or_else(Problem::internal)?;
    Ok(json(&CalloutReply { message: message.to_owned(), callout }))
}

async fn apply(app: &App, command: Command) -> Result<(CalloutId, &'static str), Problem> {
    match app.engine.apply(command).await? {
        Reply::Raised { callout, newly_opened: true } => Ok((callout, "Callout created successfully.")),
        Reply::Raised { callout, newly_opened: false } => {
            Ok((callout, "The customer already has an active callout."))
        }
        _ => Err(Problem::internal()),
    }
}

/// v2's creates: at a fixed location, which need be nobody's, or where the customer is.
fn command_v2(
    caller: &Caller,
    request: &CreateCallout,
    who: Option<Who>,
    check_subscription: bool,
) -> Result<Command, Problem> {
    let response_type_id = required(&request.response_type_id, "responseTypeId")?;
    let Some(place) = fixed_location(request)? else {
        let who = who.ok_or_else(|| Problem::bad("customer is required."))?;
        let raise = raise(caller, request, who)?;
        return Ok(Command::Raise(Raise { response_type_id, check_subscription, ..raise }));
    };
    Ok(Command::Place(PlaceCommand::Raise(PlaceRaise {
        source: caller.source(),
        at: At::Id(place),
        who,
        response_type_id,
        classification_id: classification(request)?,
        internal_test: internal_test(request)?,
        check_subscription,
    })))
}

fn classification(request: &CreateCallout) -> Result<i64, Problem> {
    let given = optional(&request.callout_classification_id, "calloutClassificationId")?;
    Ok(given.unwrap_or(USUAL_CLASSIFICATION))
}

fn internal_test(request: &CreateCallout) -> Result<bool, Problem> {
    Ok(optional(&request.internal_test, "internalTest")?.unwrap_or(false))
}

/// What all forms have in common. The response type is v1's default; v2 requires it.
fn raise(caller: &Caller, request: &CreateCallout, who: Who) -> Result<Raise, Problem> {
    // Handed out with the credentials; nothing here depends on it.
    optional(&request.request_type, "requestType")?;
    let (position, accuracy) = place(request)?;
    Ok(Raise {
        source: caller.source(),
        who,
        position,
        accuracy,
        response_type_id: optional(&request.response_type_id, "responseTypeId")?
            .unwrap_or(USUAL_RESPONSE_TYPE),
        classification_id: classification(request)?,
        internal_test: internal_test(request)?,
        check_subscription: false,
    })
}

/// The customer that a body without one in its path speaks of.
fn who(request: &CreateCallout, user: Option<UserId>) -> Result<Who, Problem> {
    if let Some(fields) = optional(&request.customer, "customer")? {
        return Ok(Who::ByBlock { fields: Box::new(customer_fields(&fields)?), user });
    }
    if let Some(given) = optional(&request.customer_id, "customerId")?
        && user.is_none()
    {
        return Ok(Who::ById(CustomerId(id(&given, "customerId")?)));
    }
    Err(Problem::bad("customer is required."))
}

/// The fixed location that stands for coordinates.
fn fixed_location(request: &CreateCallout) -> Result<Option<PlaceId>, Problem> {
    let given = optional(&request.predefined_location_id, "predefinedLocationId")?;
    if given.is_some() && !request.coordinates().is_absent() {
        return Err(Problem::bad("predefinedLocationId: excludes live coordinates."));
    }
    given.map(|given| id(&given, "predefinedLocationId").map(PlaceId)).transpose()
}

fn place(request: &CreateCallout) -> Result<(Position, Option<f64>), Problem> {
    let name = match (&request.location, &request.callout_location) {
        (Given::Absent, Given::Absent) => "",
        (Given::Absent, _) => "calloutLocation",
        _ => "location",
    };
    let given = required(&request.coordinates(), if name.is_empty() { "location" } else { name })?;
    let prefix = if name.is_empty() { String::new() } else { format!("{name}.") };
    coordinates(&given, &prefix)
}

/// A place with its accuracy; errors name the field behind `prefix`.
pub fn coordinates(given: &Coordinates, prefix: &str) -> Result<(Position, Option<f64>), Problem> {
    let latitude = required(&given.latitude, &format!("{prefix}latitude"))?.0;
    let longitude = required(&given.longitude, &format!("{prefix}longitude"))?.0;
    let accuracy = optional(&given.accuracy, &format!("{prefix}accuracy"))?.map(|number| number.0);
    let position = Position::new(latitude, longitude).ok_or_else(|| {
        let (field, bound) = if latitude.abs() > 90.0 { ("latitude", 90) } else { ("longitude", 180) };
        Problem::bad(format!("{prefix}{field} must be from -{bound} to {bound}."))
    })?;
    Ok((position, accuracy))
}
