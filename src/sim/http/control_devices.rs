//! Devices and their templates on the control side.

use super::body::{Fields, is_toml, read};
use super::guard::Controller;
use super::problem::Problem;
use super::reply::{created, json};
use super::route::routes;
use super::view_control::Place;
use super::{App, Routes};
use crate::api::model::{Number, wire_time};
use crate::sim::devices::{Template, file};
use crate::sim::world::{Command, DeviceCommand, DeviceRecord, KeptTemplate, Origin, World};
use axum::extract::{FromRequest, Request, State};
use axum::response::Response;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

pub fn routes() -> Routes {
    vec![routes!(devices), routes!(templates, add_template)]
}

/// A device with everything that is known of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DeviceView {
    id: u64,
    customer_source_id: u64,
    customer: Option<Owner>,
    device_id: String,
    device_serial: Option<String>,
    device_supplier: Option<String>,
    alias: Option<String>,
    device_type_id: i64,
    /// The template that reads its messages, unless there is none any more.
    template: Option<String>,
    firmware_version: Option<String>,
    battery_level: Option<Number>,
    #[serde(with = "wire_time")]
    battery_level_last_received_date: Option<Timestamp>,
    last_event: Option<LastEventView>,
    /// Where its last callout is.
    location: Option<Place>,
    /// The callout of its last press, while that is active.
    active_callout_id: Option<u64>,
    /// The same, closed or not.
    last_callout_id: Option<u64>,
    #[serde(with = "wire_time")]
    created_at: Option<Timestamp>,
    #[serde(with = "wire_time")]
    updated_at: Option<Timestamp>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Owner {
    id: u64,
    name: String,
    surname: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct LastEventView {
    /// As the API names them: `NEW_CALLOUT`.
    event_types: &'static str,
    #[serde(with = "wire_time")]
    at: Option<Timestamp>,
}

fn device_view(world: &World, device: &DeviceRecord) -> DeviceView {
    let fields = device.fields.clone();
    let owner = world.customer_of_device(device).map(|customer| Owner {
        id: customer.id.0,
        name: customer.fields.name.clone(),
        surname: customer.fields.surname.clone(),
    });
    DeviceView {
        id: device.id.0,
        customer_source_id: device.source.0,
        customer: owner,
        device_id: fields.device_id,
        device_serial: fields.serial,
        device_supplier: fields.supplier,
        alias: fields.alias,
        device_type_id: fields.type_id,
        template: world.template_of_type(fields.type_id).map(|template| template.name.clone()),
        firmware_version: fields.firmware_version,
        battery_level: device.battery.map(|battery| Number(battery.level)),
        battery_level_last_received_date: device.battery.map(|battery| battery.at),
        last_event: device
            .last_event
            .map(|event| LastEventView { event_types: event.action.event_type(), at: Some(event.at) }),
        location: device
            .callout
            .and_then(|callout| world.callout(device.source, callout))
            .map(Place::of_callout),
        active_callout_id: world.active_callout_of_device(device).map(|callout| callout.id.0),
        last_callout_id: device.callout.map(|callout| callout.0),
        created_at: Some(device.created_at),
        updated_at: Some(device.updated_at),
    }
}

/// Every linked device, of all customer sources.
#[utoipa::path(
    get,
    path = "/devices",
    operation_id = "control-list-devices",
    tag = "Control",
    responses((status = 200, body = Vec<DeviceView>))
)]
pub async fn devices(State(app): State<App>, _: Controller) -> Response {
    let views = app
        .engine
        .survey(|world, _| world.devices().map(|device| device_view(world, device)).collect::<Vec<_>>());
    json(&views.await)
}

/// A template with where it came from.
#[derive(Debug, Serialize, ToSchema)]
struct TemplateView {
    origin: Origin,
    /// The keys of a template file: `docs/guides/device-templates.md`.
    #[schema(value_type = Object)]
    template: Template,
}

fn template_view(kept: &KeptTemplate) -> TemplateView {
    TemplateView { origin: kept.origin, template: kept.template.clone() }
}

/// The templates there are, by type.
#[utoipa::path(
    get,
    path = "/device-templates",
    operation_id = "control-list-device-templates",
    tag = "Control",
    responses((status = 200, body = Vec<TemplateView>))
)]
pub async fn templates(State(app): State<App>, _: Controller) -> Response {
    json(&app.engine.survey(|world, _| world.device_templates().map(template_view).collect::<Vec<_>>()).await)
}

/// Takes a template, in the place of one of the same name: its keys as JSON, or its file as it is with
/// `Content-Type: application/toml`.
#[utoipa::path(
    post,
    path = "/device-templates",
    operation_id = "control-add-device-template",
    tag = "Control",
    request_body = Object,
    responses((status = 201, body = TemplateView), (status = 400), (status = 409))
)]
pub async fn add_template(
    State(app): State<App>,
    _: Controller,
    request: Request,
) -> Result<Response, Problem> {
    let template = if is_toml(request.headers()) {
        let bytes = read(request.into_body()).await?;
        let text = std::str::from_utf8(&bytes).map_err(|_| Problem::bad("The body is not text."))?;
        let line_by_line = |error: file::TemplateError| error.to_string().replace('\n', "; ");
        file::parse("body", text).map_err(|error| Problem::bad(format!("{}.", line_by_line(error))))?
    } else {
        Fields::<Template>::from_request(request, &app).await?.0
    };
    let name = template.name.clone();
    app.engine.apply(Command::Device(DeviceCommand::PutTemplate(Box::new(template)))).await?;
    let view = app.engine.survey(|world, _| world.device_template(&name).map(template_view));
    view.await.map(|view| created(&view)).ok_or_else(Problem::internal)
}
