//! What v1 clients ask about subscriptions and coupons (reference §5): seen in other people's programs,
//! documented nowhere else.

use super::body::{Fields, optional};
use super::caller::Caller;
use super::problem::Problem;
use super::reply::json;
use super::route::routes;
use super::subscriptions::{CANCELLED, subscription_id};
use super::view_people::subscription_record;
use super::{App, Routes};
use crate::api::model::customer::SubscriptionRecord;
use crate::api::model::subscription::{CancelSubscription, Coupon, Coupons, SubscriptionCancelledV1};
use crate::sim::world::{Command, MembershipCommand};
use axum::extract::{Path, State};
use axum::response::Response;

pub fn routes_v1() -> Routes {
    vec![routes!(subscriptions), routes!(cancel), routes!(coupon)]
}

/// v1: the subscriptions of the customer with this mobile number. A user's token opens its own.
#[utoipa::path(
    get,
    path = "/customers/{mobile}/subscriptions",
    operation_id = "v1-list-customer-subscriptions",
    tag = "v1",
    responses((status = 200, body = Vec<SubscriptionRecord>), (status = 401), (status = 404))
)]
pub async fn subscriptions(
    State(app): State<App>,
    caller: Caller,
    Path(mobile): Path<String>,
) -> Result<Response, Problem> {
    caller.no_callout_token()?;
    let list = app.engine.survey(|world, _| {
        let customer = world.customer_by_mobile(caller.source(), &mobile)?.id;
        let theirs = caller.is_server() || caller.own(world) == Some(customer);
        theirs.then(|| world.subscriptions(customer).map(subscription_record).collect::<Vec<_>>())
    });
    list.await.map(|list| json(&list)).ok_or_else(|| Problem::not_found("Customer"))
}

/// v1: cancels a subscription. A reason is taken, and not asked for.
#[utoipa::path(
    delete,
    path = "/subscription/{subscription}",
    operation_id = "v1-delete-subscription",
    tag = "v1",
    request_body = CancelSubscription,
    responses(
        (status = 200, body = SubscriptionCancelledV1),
        (status = 400),
        (status = 401),
        (status = 404),
        (status = 500),
    )
)]
pub async fn cancel(
    State(app): State<App>,
    caller: Caller,
    Path(subscription): Path<String>,
    Fields(request): Fields<CancelSubscription>,
) -> Result<Response, Problem> {
    let source = caller.server()?;
    let subscription = subscription_id(&subscription)?;
    let reason = optional(&request.reason, "reason")?;
    let cancel = MembershipCommand::CancelSubscription { source, subscription, reason };
    app.engine.apply(Command::Membership(cancel)).await?;
    Ok(json(&SubscriptionCancelledV1 { success: CANCELLED.to_owned() }))
}

/// v1: the coupons of this code; none is an empty list. What the number says is not known: any will do.
#[utoipa::path(
    get,
    path = "/coupon/{number}/{code}",
    operation_id = "v1-get-coupon",
    tag = "v1",
    responses((status = 200, body = Coupons), (status = 400), (status = 401))
)]
pub async fn coupon(
    State(app): State<App>,
    caller: Caller,
    Path((number, code)): Path<(String, String)>,
) -> Result<Response, Problem> {
    caller.no_callout_token()?;
    super::body::path_id(&number, "n")?;
    let known = app.engine.survey(|world, _| world.coupon(caller.source(), &code).map(str::to_owned));
    let coupons = known.await.map(|coupon_code| Coupon { coupon_code }).into_iter().collect();
    Ok(json(&Coupons { coupons }))
}
