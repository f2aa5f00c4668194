//! The tenants and what they have in hand, from the control side: who they are, their coupons, and the
//! services booked with them. Ids and client ids, never a secret.

use super::body::{Fields, id, optional, required};
use super::guard::Controller;
use super::problem::Problem;
use super::reply::{created, json};
use super::route::routes;
use super::{App, Routes};
use crate::api::model::{Given, Id, wire_time};
use crate::sim::world::{Command, ScheduledRecord, ServiceCommand, SourceId};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub fn routes() -> Routes {
    vec![routes!(sources), routes!(coupons, add_coupon), routes!(remove_coupon), routes!(scheduled)]
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SourceView {
    id: u64,
    client_id: String,
}

/// The customer sources that this world knows, also those of a kept state that nobody may ask for now.
#[utoipa::path(
    get,
    path = "/sources",
    operation_id = "control-list-sources",
    tag = "Control",
    responses((status = 200, body = Vec<SourceView>))
)]
pub async fn sources(State(app): State<App>, _: Controller) -> Response {
    let list = app.engine.survey(|world, _| {
        let view =
            |(id, client_id): (SourceId, &str)| SourceView { id: id.0, client_id: client_id.to_owned() };
        world.sources().map(view).collect::<Vec<_>>()
    });
    json(&list.await)
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CouponView {
    source_id: u64,
    coupon_code: String,
}

/// A coupon; `sourceId` absent: the main tenant's.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CouponOf {
    source_id: Given<Id>,
    coupon_code: Given<String>,
}

/// The coupons of all tenants.
#[utoipa::path(
    get,
    path = "/coupons",
    operation_id = "control-list-coupons",
    tag = "Control",
    responses((status = 200, body = Vec<CouponView>))
)]
pub async fn coupons(State(app): State<App>, _: Controller) -> Response {
    let list = app.engine.survey(|world, _| {
        let of = |(source, _)| world.coupons(source).map(move |code| view(source, code));
        world.sources().flat_map(of).collect::<Vec<_>>()
    });
    json(&list.await)
}

fn view(source: SourceId, code: &str) -> CouponView {
    CouponView { source_id: source.0, coupon_code: code.to_owned() }
}

/// Gives a tenant a coupon, which v1's `GET /coupon/{n}/{code}` then knows.
#[utoipa::path(
    post,
    path = "/coupons",
    operation_id = "control-create-coupon",
    tag = "Control",
    request_body = CouponOf,
    responses((status = 201, body = CouponView), (status = 400), (status = 404), (status = 409))
)]
pub async fn add_coupon(
    State(app): State<App>,
    _: Controller,
    Fields(new): Fields<CouponOf>,
) -> Result<Response, Problem> {
    let source = source(&app, &new.source_id).await?;
    let code = required(&new.coupon_code, "couponCode")?;
    let add = ServiceCommand::AddCoupon { source, code: code.clone() };
    app.engine.apply(Command::Service(add)).await?;
    Ok(created(&view(source, code.trim())))
}

/// Takes a coupon away.
#[utoipa::path(
    delete,
    path = "/coupons/{code}",
    operation_id = "control-delete-coupon",
    tag = "Control",
    request_body = CouponOf,
    responses((status = 204), (status = 404))
)]
pub async fn remove_coupon(
    State(app): State<App>,
    _: Controller,
    Path(code): Path<String>,
    Fields(of): Fields<CouponOf>,
) -> Result<StatusCode, Problem> {
    let source = source(&app, &of.source_id).await?;
    app.engine.apply(Command::Service(ServiceCommand::RemoveCoupon { source, code })).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn source(app: &App, given: &Given<Id>) -> Result<SourceId, Problem> {
    let Some(given) = optional(given, "sourceId")? else { return Ok(app.engine.source) };
    let source = SourceId(id(&given, "sourceId")?);
    let known = app.engine.survey(|world, _| world.sources().any(|(known, _)| known == source)).await;
    if known { Ok(source) } else { Err(Problem::not_found("Source")) }
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScheduledView {
    id: String,
    source_id: u64,
    customer_id: u64,
    service_type: String,
    #[serde(with = "wire_time")]
    next_occurrence: Option<Timestamp>,
    #[serde(with = "wire_time")]
    cancelled_at: Option<Timestamp>,
    #[serde(with = "wire_time")]
    created_at: Option<Timestamp>,
}

/// The services that are booked, with when each begins next: the API itself cannot read them.
#[utoipa::path(
    get,
    path = "/scheduled",
    operation_id = "control-list-scheduled-services",
    tag = "Control",
    responses((status = 200, body = Vec<ScheduledView>))
)]
pub async fn scheduled(State(app): State<App>, _: Controller) -> Response {
    let list = app.engine.survey(|world, now| {
        let view = |record: &ScheduledRecord| ScheduledView {
            id: record.id.clone(),
            source_id: record.source.0,
            customer_id: record.service.customer.0,
            service_type: record.service.kind.clone(),
            next_occurrence: record.next_occurrence(now),
            cancelled_at: record.cancelled_at,
            created_at: Some(record.created_at),
        };
        world.all_scheduled().map(view).collect::<Vec<_>>()
    });
    json(&list.await)
}
