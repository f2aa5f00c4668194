//! Fixed locations and the callouts from them (reference §8.1).

use super::body::{Fields, id, optional, path_id};
use super::caller::{Caller, Here};
use super::problem::Problem;
use super::raising::{USUAL_CLASSIFICATION, USUAL_RESPONSE_TYPE, reply_v2};
use super::reply::{created, json};
use super::route::routes;
use super::view_places::fixed_location;
use super::{App, Routes};
use crate::api::model::callout_v2::FlatCallout;
use crate::api::model::place::{Degrees, FixedLocation, FixedLocationCallout, FixedLocationFields};
use crate::api::model::reply::{CalloutReply, Message};
use crate::api::model::{Given, Id};
use crate::sim::world::{
    At, Command, CustomerId, PlaceChange, PlaceCommand, PlaceId, PlaceRaise, Reply, SourceId,
};
use axum::extract::{Path, State};
use axum::response::Response;

pub fn routes() -> Routes {
    vec![routes!(list, create), routes!(read, update, delete), routes!(raise)]
}

/// All fixed locations of the customer source, oldest first.
#[utoipa::path(
    get,
    path = "/predefinedLocations",
    operation_id = "list-fixed-locations",
    tag = "Fixed locations",
    responses((status = 200, body = Vec<FixedLocation>), (status = 401))
)]
pub async fn list(State(app): State<App>, caller: Caller) -> Result<Response, Problem> {
    let source = caller.server()?;
    let list =
        app.engine.survey(|world, _| world.places(source).map(fixed_location).collect::<Vec<_>>()).await;
    Ok(json(&list))
}

/// Creates a fixed location.
#[utoipa::path(
    post,
    path = "/predefinedLocations",
    operation_id = "create-fixed-location",
    tag = "Fixed locations",
    request_body = FixedLocationFields,
    responses((status = 201, body = FixedLocation), (status = 400), (status = 401), (status = 409))
)]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    Fields(request): Fields<FixedLocationFields>,
) -> Result<Response, Problem> {
    let source = caller.server()?;
    let change = Box::new(change(&request)?);
    let place = put(&app, PlaceCommand::Create { source, change }).await?;
    Ok(created(&view(&app, source, place).await?))
}

/// Reads a fixed location.
#[utoipa::path(
    get,
    path = "/predefinedLocations/{location}",
    operation_id = "get-fixed-location",
    tag = "Fixed locations",
    responses((status = 200, body = FixedLocation), (status = 400), (status = 401), (status = 404))
)]
pub async fn read(
    State(app): State<App>,
    caller: Caller,
    Path(place): Path<String>,
) -> Result<Response, Problem> {
    let source = caller.server()?;
    Ok(json(&view(&app, source, place_id(&place)?).await?))
}

/// Updates a fixed location. Optional fields that are left out stay as they are; null empties them.
#[utoipa::path(
    put,
    path = "/predefinedLocations/{location}",
    operation_id = "update-fixed-location",
    tag = "Fixed locations",
    request_body = FixedLocationFields,
    responses(
        (status = 200, body = FixedLocation),
        (status = 400),
        (status = 401),
        (status = 404),
        (status = 409),
    )
)]
pub async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(place): Path<String>,
    Fields(request): Fields<FixedLocationFields>,
) -> Result<Response, Problem> {
    let source = caller.server()?;
    let place = place_id(&place)?;
    view(&app, source, place).await?;
    let change = change(&request)?;
    if !request.is_older() {
        let said = [
            ("externalReferenceId", change.external_reference_id.is_some()),
            ("locationIdentifier", change.location_identifier.is_some()),
            ("latitude", change.latitude.is_some()),
            ("longitude", change.longitude.is_some()),
        ];
        if let Some((field, _)) = said.into_iter().find(|(_, said)| !said) {
            return Err(Problem::bad(format!("{field} is required.")));
        }
    }
    let place = put(&app, PlaceCommand::Update { source, place, change: Box::new(change) }).await?;
    Ok(json(&view(&app, source, place).await?))
}

/// Deletes a fixed location. Callouts that were raised there go on.
#[utoipa::path(
    delete,
    path = "/predefinedLocations/{location}",
    operation_id = "delete-fixed-location",
    tag = "Fixed locations",
    responses((status = 200, body = Message), (status = 400), (status = 401), (status = 404))
)]
pub async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path(place): Path<String>,
) -> Result<Response, Problem> {
    let source = caller.server()?;
    let place = place_id(&place)?;
    app.engine.apply(Command::Place(PlaceCommand::Delete { source, place })).await?;
    Ok(json(&Message { message: "Fixed location deleted successfully.".to_owned() }))
}

/// Raises a callout at a fixed location. If one is active there, that one is returned.
#[utoipa::path(
    post,
    path = "/predefinedLocations/externalRef/{reference}/callouts",
    operation_id = "create-fixed-location-callout",
    tag = "Fixed locations",
    request_body(content = Option<FixedLocationCallout>),
    responses((status = 200, body = CalloutReply<FlatCallout>), (status = 400), (status = 401))
)]
pub async fn raise(
    State(app): State<App>,
    caller: Caller,
    here: Here,
    Path(reference): Path<String>,
    Fields(request): Fields<FixedLocationCallout>,
) -> Result<Response, Problem> {
    let raise = PlaceRaise {
        source: caller.server()?,
        at: At::Reference(reference),
        who: None,
        response_type_id: optional(&request.response_type_id, "responseTypeId")?
            .unwrap_or(USUAL_RESPONSE_TYPE),
        classification_id: optional(&request.callout_classification_id, "calloutClassificationId")?
            .unwrap_or(USUAL_CLASSIFICATION),
        internal_test: optional(&request.internal_test, "internalTest")?.unwrap_or(false),
        check_subscription: false,
    };
    match app.engine.apply(Command::Place(PlaceCommand::Raise(raise))).await? {
        Reply::Raised { callout, newly_opened: true } => {
            reply_v2(&app, here, callout, "Callout created successfully.").await
        }
        Reply::Raised { callout, newly_opened: false } => {
            reply_v2(&app, here, callout, "The location already has an active callout.").await
        }
        _ => Err(Problem::internal()),
    }
}

fn place_id(raw: &str) -> Result<PlaceId, Problem> {
    path_id(raw, "id").map(PlaceId)
}

async fn put(app: &App, command: PlaceCommand) -> Result<PlaceId, Problem> {
    match app.engine.apply(Command::Place(command)).await? {
        Reply::Place { place, .. } => Ok(place),
        _ => Err(Problem::internal()),
    }
}

async fn view(app: &App, source: SourceId, place: PlaceId) -> Result<FixedLocation, Problem> {
    let view = app.engine.survey(|world, _| world.place(source, place).map(fixed_location)).await;
    view.ok_or_else(|| Problem::not_found("Fixed location"))
}

/// What a body says. The older words count where the current ones are not there.
fn change(request: &FixedLocationFields) -> Result<PlaceChange, Problem> {
    let text = |given: &Given<String>, field: &str| optional(given, field);
    let degrees = |given: &Given<Degrees>, field: &str| {
        optional(given, field).map(|degrees| degrees.map(|Degrees(text)| text))
    };
    let clearable = |given: &Option<Given<String>>, field: &str| {
        given.as_ref().map(|given| optional(given, field)).transpose()
    };
    let customer = |given: &Given<Id>| {
        let customer = optional(given, "customerId")?;
        customer.map(|customer| id(&customer, "customerId").map(CustomerId)).transpose()
    };
    let location_type = |given: &Given<i64>| optional(given, "calloutLocationTypeId");
    let address = text(&request.address, "address")?.map(Some);
    Ok(PlaceChange {
        external_reference_id: text(&request.external_reference_id, "externalReferenceId")?,
        location_identifier: text(&request.location_identifier, "locationIdentifier")?
            .or(text(&request.name, "name")?),
        latitude: degrees(&request.latitude, "latitude")?,
        longitude: degrees(&request.longitude, "longitude")?,
        customer: request.customer_id.as_ref().map(customer).transpose()?,
        location_type: request.callout_location_type_id.as_ref().map(location_type).transpose()?,
        description: clearable(&request.location_description, "locationDescription")?,
        additional_information: clearable(
            &request.location_additional_information,
            "locationAdditionalInformation",
        )?,
        formatted_address: clearable(&request.formatted_address, "formattedAddress")?.or(address),
        w3w: clearable(&request.w3w, "w3w")?,
        duress_code: clearable(&request.duress_code, "duressCode")?,
    })
}
