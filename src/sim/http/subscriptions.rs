//! Subscriptions (reference §5).

use super::body::{Fields, id, optional, path_id, required};
use super::caller::Caller;
use super::problem::Problem;
use super::reply::{created, json};
use super::route::routes;
use super::view_people::{subscription_detail, subscription_record};
use super::view_words::number;
use super::{App, Routes};
use crate::api::model::customer::{SubscriptionFields, SubscriptionRecord};
use crate::api::model::reply::Named;
use crate::api::model::subscription::{
    CancelSubscription, SubscriptionCancelled, SubscriptionLink, SubscriptionUpdated, UpdateSubscription,
};
use crate::api::model::{Given, Id};
use crate::sim::world::{
    Command, CustomerId, MembershipCommand, NewSubscription, Reply, SourceId, SubscriptionId,
};
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use utoipa::ToSchema;

pub fn routes() -> Routes {
    vec![
        routes!(create_subscription),
        routes!(subscription_types),
        routes!(subscriptions),
        routes!(read, update, cancel),
    ]
}

/// The two that a public page names.
const SUBSCRIPTION_TYPES: [(i64, &str); 2] = [(4, "WEB_SIGNUP_SINGLE"), (5, "WEB_SIGNUP_FAMILY")];

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct CreateSubscription {
    customer_id: Given<Id>,
    dependant_customer_ids: Given<Vec<Id>>,
    #[serde(flatten)]
    subscription: SubscriptionFields,
}

/// Subscribes a customer.
#[utoipa::path(
    post,
    path = "/subscriptions",
    operation_id = "create-subscription",
    tag = "Subscriptions",
    request_body = CreateSubscription,
    responses(
        (status = 201, body = SubscriptionRecord),
        (status = 400),
        (status = 401),
        (status = 404),
        (status = 409),
    )
)]
pub async fn create_subscription(
    State(app): State<App>,
    caller: Caller,
    Fields(request): Fields<CreateSubscription>,
) -> Result<Response, Problem> {
    let source = caller.server()?;
    let customer = CustomerId(id(&required(&request.customer_id, "customerId")?, "customerId")?);
    let subscription = new_subscription(&request.subscription, "")?;
    let dependants = dependants(&request.dependant_customer_ids)?.unwrap_or_default();
    let command = Command::CreateSubscription { source, customer, subscription, dependants };
    let Reply::Subscription(id) = app.engine.apply(command).await? else {
        return Err(Problem::internal());
    };
    let record = app.engine.survey(|world, _| world.subscription(source, id).map(subscription_record));
    record.await.map(|record| created(&record)).ok_or_else(Problem::internal)
}

/// The types of subscription there are.
#[utoipa::path(
    get,
    path = "/subscriptions/subscriptionTypes",
    operation_id = "list-subscription-types",
    tag = "Subscriptions",
    responses((status = 200, body = Vec<Named>), (status = 401))
)]
pub async fn subscription_types(caller: Caller) -> Result<Response, Problem> {
    caller.server()?;
    let types = SUBSCRIPTION_TYPES.map(|(id, value)| Named { id: Some(id), value: Some(value.to_owned()) });
    Ok(json(&types))
}

/// The subscriptions that a customer holds or depends on.
#[utoipa::path(
    get,
    path = "/customers/{customer}/subscriptions",
    operation_id = "list-customer-subscriptions",
    tag = "Subscriptions",
    responses(
        (status = 200, body = Vec<SubscriptionRecord>),
        (status = 401),
        (status = 404),
        (status = 429),
    )
)]
pub async fn subscriptions(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
) -> Result<Response, Problem> {
    let source = caller.server()?;
    let customer = CustomerId(path_id(&customer, "customerId")?);
    app.subscription_reads.take(source)?;
    let records = app.engine.survey(|world, _| {
        world.customer(source, customer)?;
        Some(world.subscriptions(customer).map(subscription_record).collect::<Vec<_>>())
    });
    records.await.map(|records| json(&records)).ok_or_else(|| Problem::not_found("Customer"))
}

/// Reads a subscription, with its dependants.
#[utoipa::path(
    get,
    path = "/subscriptions/{subscription}",
    operation_id = "get-subscription-by-id",
    tag = "Subscriptions",
    responses((status = 200, body = SubscriptionRecord), (status = 401), (status = 404))
)]
pub async fn read(
    State(app): State<App>,
    caller: Caller,
    Path(subscription): Path<String>,
) -> Result<Response, Problem> {
    let source = caller.server()?;
    let id = subscription_id(&subscription)?;
    let record = app
        .engine
        .survey(|world, _| world.subscription(source, id).map(|record| subscription_detail(world, record)));
    record.await.map(|record| json(&record)).ok_or_else(|| Problem::not_found("Subscription"))
}

/// Moves the end of a subscription, and replaces its dependants if a list is given.
#[utoipa::path(
    put,
    path = "/subscriptions/{subscription}",
    operation_id = "update-subscription",
    tag = "Subscriptions",
    request_body = UpdateSubscription,
    responses((status = 200, body = SubscriptionUpdated), (status = 400), (status = 401), (status = 404))
)]
pub async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(subscription): Path<String>,
    Fields(request): Fields<UpdateSubscription>,
) -> Result<Response, Problem> {
    let source = caller.server()?;
    let subscription = subscription_id(&subscription)?;
    let valid_to = required(&request.valid_to, "validTo")?.0;
    let dependants = dependants(&request.dependant_customer_ids)?;
    let update = MembershipCommand::UpdateSubscription { source, subscription, valid_to, dependants };
    app.engine.apply(Command::Membership(update)).await?;
    let updated = app.engine.survey(|world, _| {
        let record = world.subscription(source, subscription)?;
        let link = |customer: &CustomerId| SubscriptionLink {
            subscription_id: number(subscription.0),
            customer_id: number(customer.0),
        };
        let links = record.dependants.iter().map(link).collect();
        Some(SubscriptionUpdated { links, subscription: vec![subscription_record(record)] })
    });
    updated.await.map(|updated| json(&updated)).ok_or_else(|| Problem::not_found("Subscription"))
}

/// Cancels a subscription; the reason stands in the body.
#[utoipa::path(
    delete,
    path = "/subscriptions/{subscription}",
    operation_id = "delete-subscription",
    tag = "Subscriptions",
    request_body = CancelSubscription,
    responses(
        (status = 200, body = SubscriptionCancelled),
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
    let reason = Some(required(&request.reason, "reason")?);
    let cancel = MembershipCommand::CancelSubscription { source, subscription, reason };
    app.engine.apply(Command::Membership(cancel)).await?;
    Ok(json(&SubscriptionCancelled { message: CANCELLED.to_owned(), subscription_token: None }))
}

pub const CANCELLED: &str = "Subscription cancelled successfully.";

pub fn subscription_id(raw: &str) -> Result<SubscriptionId, Problem> {
    path_id(raw, "subscriptionId").map(SubscriptionId)
}

fn dependants(given: &Given<Vec<Id>>) -> Result<Option<Vec<CustomerId>>, Problem> {
    let field = "dependantCustomerIds";
    let Some(list) = optional(given, field)? else { return Ok(None) };
    list.iter().map(|given| id(given, field).map(CustomerId)).collect::<Result<_, _>>().map(Some)
}

/// The one rate limit that is documented: about 50 requests in 10 seconds to one operation, for each
/// customer source.
#[derive(Debug, Default)]
pub struct RateLimit {
    taken: Mutex<HashMap<SourceId, VecDeque<Instant>>>,
}

impl RateLimit {
    const REQUESTS: usize = 50;
    const SECONDS: u16 = 10;

    fn take(&self, source: SourceId) -> Result<(), Problem> {
        let mut all = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = all.entry(source).or_default();
        let now = Instant::now();
        let window = Duration::from_secs(Self::SECONDS.into());
        while taken.front().is_some_and(|first| now.duration_since(*first) >= window) {
            taken.pop_front();
        }
        if taken.len() >= Self::REQUESTS {
            return Err(Problem::too_many(Self::SECONDS));
        }
        taken.push_back(now);
        Ok(())
    }
}

pub fn new_subscription(given: &SubscriptionFields, path: &str) -> Result<NewSubscription, Problem> {
    let name = |field: &str| format!("{path}{field}");
    Ok(NewSubscription {
        subscription_type_id: required(&given.subscription_type_id, &name("subscriptionTypeId"))?,
        valid_from: optional(&given.valid_from, &name("validFrom"))?.map(|time| time.0),
        valid_to: optional(&given.valid_to, &name("validTo"))?.map(|time| time.0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn fifty_in_ten_seconds_for_each_source() {
        let limit = RateLimit::default();
        let [one, other] = [SourceId(1), SourceId(2)];
        assert!((0..50).all(|_| limit.take(one).is_ok()));
        assert!(limit.take(one).is_err());
        assert!(limit.take(other).is_ok(), "another customer source has its own");
        tokio::time::advance(Duration::from_secs(10)).await;
        assert!(limit.take(one).is_ok());
    }
}
