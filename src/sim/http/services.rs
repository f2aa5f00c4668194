//! Leads and scheduled services (reference §8.4).

use super::body::{Fields, id, optional, required};
use super::caller::Caller;
use super::problem::Problem;
use super::reply::{created, json};
use super::route::routes;
use super::{App, Routes, fresh};
use crate::api::model::reply::Message;
use crate::api::model::service::{
    CreateLead, InitialLocation, LeadReply, RepeatsConfig, ScheduleService, ScheduledConfig,
    ScheduledRequest, ServiceDetails, ServiceScheduled,
};
use crate::geo::Position;
use crate::sim::world::{Booking, Command, CustomerId, Every, Lead, MOST_INTERVAL, Repeats, ServiceCommand};
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Map, Value};

pub fn routes() -> Routes {
    vec![routes!(create_lead), routes!(lead), routes!(schedule, cancel)]
}

/// What becomes of a lead is nobody's documented business: it stays as it was made.
const LEAD_STATUS: &str = "created";

/// Leaves the number of somebody who may become a customer.
#[utoipa::path(
    post,
    path = "/leads",
    operation_id = "create-lead",
    tag = "Leads",
    request_body = CreateLead,
    responses((status = 201, body = LeadReply), (status = 400), (status = 401))
)]
pub async fn create_lead(
    State(app): State<App>,
    caller: Caller,
    Fields(request): Fields<CreateLead>,
) -> Result<Response, Problem> {
    let source = caller.server()?;
    let id = fresh::lead();
    let lead = Box::new(Lead {
        id: id.clone(),
        mobile_number: required(&request.mobile_number, "mobileNumber")?,
        first_name: optional(&request.first_name, "firstName")?,
        last_name: optional(&request.last_name, "lastName")?,
        email: optional(&request.email, "email")?,
    });
    app.engine.apply(Command::Service(ServiceCommand::CreateLead { source, lead })).await?;
    Ok(created(&LeadReply { id, status: LEAD_STATUS.to_owned() }))
}

/// Reads a lead.
#[utoipa::path(
    get,
    path = "/leads/{lead}",
    operation_id = "get-lead",
    tag = "Leads",
    responses((status = 200, body = LeadReply), (status = 401), (status = 404))
)]
pub async fn lead(
    State(app): State<App>,
    caller: Caller,
    Path(lead): Path<String>,
) -> Result<Response, Problem> {
    let source = caller.server()?;
    let found = app.engine.survey(|world, _| world.lead(source, &lead).map(|record| record.lead.id.clone()));
    let id = found.await.ok_or_else(|| Problem::not_found("Lead"))?;
    Ok(json(&LeadReply { id, status: LEAD_STATUS.to_owned() }))
}

/// Books a service, for example `guarding`, at least five minutes ahead. The path names the kind of
/// service here, and a booking where one is cancelled.
#[utoipa::path(
    post,
    path = "/scheduled/{serviceTypeOrId}",
    operation_id = "create-scheduled-service",
    tag = "Scheduled services",
    request_body = ScheduleService,
    responses((status = 201, body = ServiceScheduled), (status = 400), (status = 401), (status = 404))
)]
pub async fn schedule(
    State(app): State<App>,
    caller: Caller,
    Path(kind): Path<String>,
    Fields(request): Fields<ScheduleService>,
) -> Result<Response, Problem> {
    let source = caller.server()?;
    let service = Box::new(booking(kind, &request)?);
    let id = fresh::uuid();
    let command = ServiceCommand::Schedule { source, id: id.clone(), service };
    app.engine.apply(Command::Service(command)).await?;
    let next = app
        .engine
        .survey(|world, now| world.scheduled(source, &id).and_then(|record| record.next_occurrence(now)));
    let scheduled_request = ScheduledRequest { next_occurrence: next.await, id };
    Ok(created(&ServiceScheduled { scheduled_request }))
}

/// Cancels a booked service.
#[utoipa::path(
    delete,
    path = "/scheduled/{serviceTypeOrId}",
    operation_id = "delete-scheduled-service",
    tag = "Scheduled services",
    responses((status = 200, body = Message), (status = 400), (status = 401), (status = 404))
)]
pub async fn cancel(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let source = caller.server()?;
    app.engine.apply(Command::Service(ServiceCommand::CancelScheduled { source, id })).await?;
    Ok(json(&Message { message: "Scheduled request cancelled successfully.".to_owned() }))
}

/// Either form of the body.
fn booking(kind: String, request: &ScheduleService) -> Result<Booking, Problem> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if kind.len() > 40 || !kind.chars().all(is_word) {
        return Err(Problem::bad("serviceType must be a word of at most 40 letters."));
    }
    let customer = CustomerId(id(&required(&request.customer_id, "customerId")?, "customerId")?);
    let older = optional(&request.scheduled_at, "scheduledAt")?;
    let config = optional(&request.scheduled_request_config, "scheduledRequestConfig")?;
    let (from, config, location) = match (config, older) {
        (Some(_), Some(_)) => return Err(Problem::bad("scheduledAt: excludes scheduledRequestConfig.")),
        (None, Some(at)) => (at, ScheduledConfig::default(), None),
        (config, None) => {
            let name = "scheduledRequestConfig";
            let config = config.ok_or_else(|| Problem::bad(format!("{name} is required.")))?;
            let location = required(&request.initial_location, "initialLocation")?;
            (required(&config.date_from, &format!("{name}.dateFrom"))?, config, Some(location))
        }
    };
    let (position, formatted_address) = location.as_ref().map(place).transpose()?.unwrap_or_default();
    let repeats = optional(&config.repeats_config, "scheduledRequestConfig.repeatsConfig")?;
    Ok(Booking {
        kind,
        customer,
        from: from.0,
        to: optional(&config.date_to, "scheduledRequestConfig.dateTo")?.map(|time| time.0),
        repeats: repeats.as_ref().map(repetition).transpose()?.unwrap_or_default(),
        position,
        formatted_address,
        config: texts(&config)?,
    })
}

fn place(given: &InitialLocation) -> Result<(Option<Position>, Option<String>), Problem> {
    let name = |field: &str| format!("initialLocation.{field}");
    let address = optional(&given.formatted_address, &name("formattedAddress"))?;
    let address = address.filter(|address| !address.trim().is_empty());
    let latitude = optional(&given.latitude, &name("latitude"))?;
    let longitude = optional(&given.longitude, &name("longitude"))?;
    let position = match (latitude, longitude) {
        (None, None) if address.is_none() => {
            return Err(Problem::bad("initialLocation needs latitude and longitude, or formattedAddress."));
        }
        (None, None) => None,
        (Some(_), None) => return Err(Problem::bad("initialLocation.longitude is required.")),
        (None, Some(_)) => return Err(Problem::bad("initialLocation.latitude is required.")),
        (Some(latitude), Some(longitude)) => {
            let (field, bound) = if latitude.0.abs() > 90.0 { ("latitude", 90) } else { ("longitude", 180) };
            let off = || Problem::bad(format!("initialLocation.{field} must be from -{bound} to {bound}."));
            Some(Position::new(latitude.0, longitude.0).ok_or_else(off)?)
        }
    };
    Ok((position, address))
}

fn repetition(given: &RepeatsConfig) -> Result<Repeats, Problem> {
    let name = |field: &str| format!("scheduledRequestConfig.repeatsConfig.{field}");
    let kind = required(&given.kind, &name("type"))?;
    let every = match kind.trim().to_ascii_lowercase().as_str() {
        "single" => Every::Single,
        "daily" => Every::Daily,
        "weekly" => Every::Weekly,
        "monthly" => Every::Monthly,
        _ => {
            return Err(Problem::bad(format!("{} must be single, daily, weekly or monthly.", name("type"))));
        }
    };
    let interval = optional(&given.interval, &name("interval"))?.unwrap_or(1);
    if !(1..=MOST_INTERVAL).contains(&interval) {
        return Err(Problem::bad(format!("{} must be from 1 to {MOST_INTERVAL}.", name("interval"))));
    }
    let until = optional(&given.until, &name("until"))?.map(|time| time.0);
    Ok(Repeats { every, interval, until })
}

/// What is kept without being looked at, once it is of the right kind.
fn texts(config: &ScheduledConfig) -> Result<Map<String, Value>, Problem> {
    let mut kept = Map::new();
    for (key, field) in [("name", &config.name), ("specialInstructions", &config.special_instructions)] {
        let text = optional(field, &format!("scheduledRequestConfig.{key}"))?;
        kept.extend(text.map(|text| (key.to_owned(), text.into())));
    }
    if let Some(details) = optional(&config.details, "scheduledRequestConfig.details")? {
        check_details(&details)?;
        let details = serde_json::to_value(&details).map_err(|_| Problem::internal())?;
        kept.insert("details".to_owned(), details);
    }
    Ok(kept)
}

fn check_details(details: &ServiceDetails) -> Result<(), Problem> {
    let name = |field: &str| format!("scheduledRequestConfig.details.{field}");
    if optional(&details.number_of_guards, &name("numberOfGuards"))? == Some(0) {
        return Err(Problem::bad(format!("{} must be at least 1.", name("numberOfGuards"))));
    }
    optional(&details.armed_preference, &name("armedPreference"))?;
    optional(&details.contacts, &name("contacts"))?;
    Ok(())
}
