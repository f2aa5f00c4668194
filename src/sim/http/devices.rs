//! IoT devices: linked to customers, and what they say (reference §8.2).

use super::body::{Fields, id, optional, required};
use super::caller::Caller;
use super::problem::Problem;
use super::reply::{created, json};
use super::route::routes;
use super::view_words::number;
use super::{App, Routes};
use crate::api::model::device::{
    DeviceEventReply, DeviceLink, DeviceMessage, EventResponse, LinkDevice, ResolvedEvent, UpdateDevice,
};
use crate::api::model::reply::Message;
use crate::api::model::{Given, Id, Number};
use crate::sim::devices::Action;
use crate::sim::world::{
    Command, CustomerId, DeviceCommand, DeviceHeard, DeviceRecord, DeviceReply, KnownBy, LinkId, LinkPatch,
    NewLink, Reply,
};
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::Value;

pub fn routes() -> Routes {
    vec![routes!(link, update), routes!(unlink), routes!(event)]
}

/// Links a device to a customer. The reply's `deviceId` is what its events must say.
#[utoipa::path(
    post,
    path = "/devices",
    operation_id = "link-device-to-customer",
    tag = "IoT devices",
    request_body = LinkDevice,
    responses(
        (status = 201, body = DeviceLink),
        (status = 400),
        (status = 401),
        (status = 404),
        (status = 409),
    )
)]
pub async fn link(
    State(app): State<App>,
    caller: Caller,
    Fields(request): Fields<LinkDevice>,
) -> Result<Response, Problem> {
    let source = caller.server()?;
    let customer = CustomerId(id(&required(&request.customer_id, "customerId")?, "customerId")?);
    let link = Box::new(NewLink {
        known_by: known_by(&request)?,
        supplier: optional(&request.device_supplier, "deviceSupplier")?,
        type_id: type_id(&request.device_type, "deviceType")?,
        alias: optional(&request.device_alias, "deviceAlias")?,
        firmware_version: optional(&request.firmware_version, "firmwareVersion")?,
    });
    let link = apply_link(&app, DeviceCommand::Link { source, customer, link }).await?;
    Ok(created(&view(&app, link).await?))
}

/// Changes type or alias of a device.
#[utoipa::path(
    put,
    path = "/devices",
    operation_id = "update-device-for-customer",
    tag = "IoT devices",
    request_body = UpdateDevice,
    responses((status = 200, body = DeviceLink), (status = 400), (status = 401), (status = 404))
)]
pub async fn update(
    State(app): State<App>,
    caller: Caller,
    Fields(request): Fields<UpdateDevice>,
) -> Result<Response, Problem> {
    let source = caller.server()?;
    let customer = CustomerId(id(&required(&request.customer_id, "customerId")?, "customerId")?);
    let device_id = required(&request.device_id, "deviceId")?.to_string();
    let patch = Box::new(LinkPatch {
        type_id: type_id(&request.device_type_id, "deviceTypeId")?,
        alias: optional(&request.alias, "alias")?,
        firmware_version: optional(&request.firmware_version, "firmwareVersion")?,
    });
    let link = apply_link(&app, DeviceCommand::Update { source, customer, device_id, patch }).await?;
    Ok(json(&view(&app, link).await?))
}

/// Takes a device from its customer. A callout that it opened goes on.
#[utoipa::path(
    delete,
    path = "/devices/{device}",
    operation_id = "unlink-device",
    tag = "IoT devices",
    responses((status = 200, body = Message), (status = 401), (status = 404))
)]
pub async fn unlink(
    State(app): State<App>,
    caller: Caller,
    Path(device): Path<String>,
) -> Result<Response, Problem> {
    let source = caller.server()?;
    app.engine.apply(Command::Device(DeviceCommand::Unlink { source, device_id: device })).await?;
    Ok(json(&Message { message: "Device unlinked successfully.".to_owned() }))
}

/// What a device says: a new callout, a location, a cancel, its battery. Which fields stand for what is
/// its template's matter.
#[utoipa::path(
    post,
    path = "/deviceEvent",
    operation_id = "create-device-event",
    tag = "IoT devices",
    request_body = DeviceMessage,
    responses(
        (status = 200, body = DeviceEventReply),
        (status = 400),
        (status = 401),
        (status = 403),
        (status = 500),
    )
)]
pub async fn event(
    State(app): State<App>,
    caller: Caller,
    Fields(DeviceMessage(message)): Fields<DeviceMessage>,
) -> Result<Response, Problem> {
    let source = caller.server()?;
    let input = Value::Object(message);
    let command = Command::Device(DeviceCommand::Hear { source, message: input.clone() });
    let Reply::Device(DeviceReply::Heard(heard)) = app.engine.apply(command).await? else {
        return Err(Problem::internal());
    };
    let device_id = app
        .engine
        .survey(|world, _| world.device_by_link(heard.link).map(|device| device.fields.device_id.clone()));
    let device_id = device_id.await.ok_or_else(Problem::internal)?;
    Ok(json(&DeviceEventReply {
        message: "Event successfully processed...".to_owned(),
        input: Some(input),
        resolved_aura_event: resolved(&heard, device_id),
    }))
}

fn resolved(heard: &DeviceHeard, device_id: String) -> ResolvedEvent {
    let sent = heard.numeric.then(|| device_id.parse().ok()).flatten();
    ResolvedEvent {
        event_types: Some(heard.action.event_type().to_owned()),
        event_response: EventResponse {
            callout_id: heard.callout.and_then(|callout| number(callout.0)),
            device_id: Some(sent.map_or(Id::Text(device_id), Id::Number)),
            battery_level: heard.level.filter(|_| heard.action == Action::Battery).map(Number),
        },
    }
}

/// The older edition names the device by its id and knows no serial.
fn known_by(request: &LinkDevice) -> Result<KnownBy, Problem> {
    let older = request.device_serial.is_absent() && !request.device_id.is_absent();
    if older {
        return Ok(KnownBy::DeviceId(required(&request.device_id, "deviceId")?.to_string()));
    }
    let serial = required(&request.device_serial, "deviceSerial")?;
    required(&request.device_supplier, "deviceSupplier")?;
    Ok(KnownBy::Serial(serial))
}

fn type_id(given: &Given<Id>, field: &str) -> Result<Option<i64>, Problem> {
    let given = optional(given, field)?;
    let number = |id: Id| id.number().ok_or_else(|| Problem::bad(format!("{field} must be an integer.")));
    given.map(number).transpose()
}

async fn apply_link(app: &App, command: DeviceCommand) -> Result<LinkId, Problem> {
    match app.engine.apply(Command::Device(command)).await? {
        Reply::Device(DeviceReply::Linked(link)) => Ok(link),
        _ => Err(Problem::internal()),
    }
}

async fn view(app: &App, link: LinkId) -> Result<DeviceLink, Problem> {
    let view = app.engine.survey(|world, _| world.device_by_link(link).map(device_link));
    view.await.ok_or_else(|| Problem::not_found("Device"))
}

fn device_link(device: &DeviceRecord) -> DeviceLink {
    let fields = device.fields.clone();
    DeviceLink {
        id: number(device.id.0),
        customer_id: number(device.customer.0),
        customer_source_id: number(device.source.0),
        device_id: Some(Id::Text(fields.device_id)),
        device_serial: fields.serial,
        alias: fields.alias,
        device_type_id: Some(fields.type_id),
        firmware_version: fields.firmware_version,
        default_location: None,
        health_check_last_received_date: device.battery.map(|battery| battery.at),
        battery_level: device.battery.map(|battery| Number(battery.level)),
        battery_level_last_received_date: device.battery.map(|battery| battery.at),
        created_at: Some(device.created_at),
        updated_at: Some(device.updated_at),
    }
}
