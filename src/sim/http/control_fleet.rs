//! The control room's vehicles and companies.

use super::body::{Fields, optional, path_id, required};
use super::guard::Controller;
use super::problem::Problem;
use super::reply::{created, json};
use super::route::routes;
use super::view_control::{ResponderView, SupplierView, responder_view, supplier_view};
use super::{App, Routes};
use crate::api::model::Given;
use crate::geo::Position;
use crate::sim::world::{
    Command, NewResponder, Reply, ResponderFields, ResponderId, ResponderPatch, ResponseType, SupplierFields,
    SupplierId, SupplierPatch,
};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;

pub fn routes() -> Routes {
    vec![
        routes!(responders, add_responder),
        routes!(patch_responder, delete_responder),
        routes!(suppliers, add_supplier),
        routes!(patch_supplier, delete_supplier),
    ]
}

/// The vehicles.
#[utoipa::path(
    get,
    path = "/responders",
    operation_id = "control-list-responders",
    tag = "Control",
    responses((status = 200, body = Vec<ResponderView>))
)]
pub async fn responders(State(app): State<App>, _: Controller) -> Response {
    let list = app.engine.survey(|world, now| {
        world.responders().map(|record| responder_view(world, record, now)).collect::<Vec<_>>()
    });
    json(&list.await)
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[derive(Default)]
pub struct NewVehicle {
    supplier_id: Given<u64>,
    name: Given<String>,
    surname: Given<String>,
    callsign: Given<String>,
    mobile: Given<String>,
    vehicle_make: Given<String>,
    vehicle_model: Given<String>,
    vehicle_colour: Given<String>,
    vehicle_license_plate: Given<String>,
    active: Given<bool>,
    demo: Given<bool>,
    response_types: Given<BTreeSet<ResponseType>>,
    /// `location` as the replies have it, too.
    #[serde(alias = "location")]
    position: Given<Position>,
}

/// Places a vehicle.
#[utoipa::path(
    post,
    path = "/responders",
    operation_id = "control-create-responder",
    tag = "Control",
    request_body = NewVehicle,
    responses((status = 201, body = ResponderView), (status = 400), (status = 404))
)]
pub async fn add_responder(
    State(app): State<App>,
    _: Controller,
    Fields(new): Fields<NewVehicle>,
) -> Result<Response, Problem> {
    let text = |given: &Given<String>, field: &str| optional(given, field).map(Option::unwrap_or_default);
    let new = NewResponder {
        supplier: optional(&new.supplier_id, "supplierId")?.map(SupplierId),
        fields: ResponderFields {
            name: required(&new.name, "name")?,
            surname: text(&new.surname, "surname")?,
            callsign: text(&new.callsign, "callsign")?,
            mobile: text(&new.mobile, "mobile")?,
            vehicle_make: text(&new.vehicle_make, "vehicleMake")?,
            vehicle_model: text(&new.vehicle_model, "vehicleModel")?,
            vehicle_colour: text(&new.vehicle_colour, "vehicleColour")?,
            vehicle_license_plate: text(&new.vehicle_license_plate, "vehicleLicensePlate")?,
        },
        position: required(&new.position, "position")?,
        active: optional(&new.active, "active")?.unwrap_or(true),
        demo: optional(&new.demo, "demo")?.unwrap_or(false),
        response_types: optional(&new.response_types, "responseTypes")?
            .unwrap_or_else(|| ResponseType::ALL.into()),
    };
    let Reply::Responder(id) = app.engine.apply(Command::PutResponder(Box::new(new))).await? else {
        return Err(Problem::internal());
    };
    Ok(created(&responder(&app, id).await?))
}

/// Moves or changes a vehicle, or switches it off.
#[utoipa::path(
    patch,
    path = "/responders/{responder}",
    operation_id = "control-update-responder",
    tag = "Control",
    request_body = ResponderPatch,
    responses(
        (status = 200, body = ResponderView),
        (status = 400),
        (status = 404),
        (status = 409),
    )
)]
pub async fn patch_responder(
    State(app): State<App>,
    _: Controller,
    Path(responder): Path<String>,
    Fields(patch): Fields<ResponderPatch>,
) -> Result<Response, Problem> {
    let id = ResponderId(path_id(&responder, "id")?);
    app.engine.apply(Command::PatchResponder { responder: id, patch: Box::new(patch) }).await?;
    Ok(json(&self::responder(&app, id).await?))
}

/// Takes a vehicle away.
#[utoipa::path(
    delete,
    path = "/responders/{responder}",
    operation_id = "control-delete-responder",
    tag = "Control",
    responses((status = 204), (status = 404), (status = 409))
)]
pub async fn delete_responder(
    State(app): State<App>,
    _: Controller,
    Path(responder): Path<String>,
) -> Result<StatusCode, Problem> {
    let id = ResponderId(path_id(&responder, "id")?);
    app.engine.apply(Command::DeleteResponder(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The companies.
#[utoipa::path(
    get,
    path = "/suppliers",
    operation_id = "control-list-suppliers",
    tag = "Control",
    responses((status = 200, body = Vec<SupplierView>))
)]
pub async fn suppliers(State(app): State<App>, _: Controller) -> Response {
    let list = app.engine.survey(|world, _| world.suppliers().map(supplier_view).collect::<Vec<_>>());
    json(&list.await)
}

/// Adds a company.
#[utoipa::path(
    post,
    path = "/suppliers",
    operation_id = "control-create-supplier",
    tag = "Control",
    request_body = SupplierFields,
    responses((status = 201, body = SupplierView), (status = 400))
)]
pub async fn add_supplier(
    State(app): State<App>,
    _: Controller,
    Fields(fields): Fields<SupplierFields>,
) -> Result<Response, Problem> {
    let Reply::Supplier(id) = app.engine.apply(Command::PutSupplier(Box::new(fields))).await? else {
        return Err(Problem::internal());
    };
    let view = app.engine.survey(|world, _| world.supplier(id).map(supplier_view)).await;
    view.map(|view| created(&view)).ok_or_else(Problem::internal)
}

/// Changes a company.
#[utoipa::path(
    patch,
    path = "/suppliers/{supplier}",
    operation_id = "control-update-supplier",
    tag = "Control",
    request_body = SupplierPatch,
    responses((status = 200, body = SupplierView), (status = 400), (status = 404))
)]
pub async fn patch_supplier(
    State(app): State<App>,
    _: Controller,
    Path(supplier): Path<String>,
    Fields(patch): Fields<SupplierPatch>,
) -> Result<Response, Problem> {
    let supplier = SupplierId(path_id(&supplier, "id")?);
    app.engine.apply(Command::PatchSupplier { supplier, patch }).await?;
    let view = app.engine.survey(|world, _| world.supplier(supplier).map(supplier_view)).await;
    view.map(|view| json(&view)).ok_or_else(Problem::internal)
}

/// Takes a company away.
#[utoipa::path(
    delete,
    path = "/suppliers/{supplier}",
    operation_id = "control-delete-supplier",
    tag = "Control",
    responses((status = 204), (status = 404), (status = 409))
)]
pub async fn delete_supplier(
    State(app): State<App>,
    _: Controller,
    Path(supplier): Path<String>,
) -> Result<StatusCode, Problem> {
    let id = SupplierId(path_id(&supplier, "id")?);
    app.engine.apply(Command::DeleteSupplier(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn responder(app: &App, id: ResponderId) -> Result<ResponderView, Problem> {
    let view = app
        .engine
        .survey(|world, now| world.responder(id).map(|record| responder_view(world, record, now)))
        .await;
    view.ok_or_else(Problem::internal)
}
