//! Customers and their subscriptions (reference §4 and §5).

use super::body::{Fields, id, optional, path_id, required};
use super::caller::Caller;
use super::problem::Problem;
use super::reply::{created, json};
use super::view_people::{customer_record, subscription_record};
use super::view_words::number;
use super::{App, Routes};
use crate::api::model::customer::{
    CreateCustomer, CustomerCreated, CustomerFields as WireCustomer, CustomerReply, SubscriptionFields,
    SubscriptionRecord,
};
use crate::api::model::reply::Named;
use crate::api::model::{Given, Id};
use crate::sim::world::{Command, CustomerFields, CustomerId, NewSubscription, Reply, SubscriptionId};
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use utoipa::ToSchema;
use utoipa_axum::routes;

pub fn routes() -> Routes {
    vec![
        routes!(create),
        routes!(read),
        routes!(subscriptions),
        routes!(create_subscription),
        routes!(subscription_types),
    ]
}

/// The two that a public page names.
const SUBSCRIPTION_TYPES: [(i64, &str); 2] = [(4, "WEB_SIGNUP_SINGLE"), (5, "WEB_SIGNUP_FAMILY")];

/// Creates a customer, with a subscription if one is given.
#[utoipa::path(
    post,
    path = "/customers",
    operation_id = "create-customer",
    tag = "Customers",
    request_body = CreateCustomer,
    responses(
        (status = 201, body = CustomerCreated),
        (status = 400),
        (status = 401),
        (status = 409),
    )
)]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    Fields(request): Fields<CreateCustomer>,
) -> Result<Response, Problem> {
    let source = caller.server()?;
    let fields = required(&request.fields(), "customer")?;
    let fields = Box::new(customer_fields(&fields)?);
    let subscription = optional(&request.subscription, "subscription")?;
    let subscription = subscription.map(|given| new_subscription(&given, "subscription.")).transpose()?;
    let subscription_id = optional(&request.subscription_id, "subscriptionId")?
        .map(|number| SubscriptionId(u64::try_from(number).unwrap_or(0)));
    let command = Command::CreateCustomer { source, fields, subscription, subscription_id };
    let Reply::Customer { customer, subscription } = app.engine.apply(command).await? else {
        return Err(Problem::internal());
    };
    let reply = app.engine.survey(|world, _| {
        Some(CustomerCreated {
            message: "Customer created successfully.".to_owned(),
            customer_id: number(customer.0),
            customer: customer_record(world.customer(source, customer)?),
            subscription: subscription.and_then(|id| world.subscription(source, id)).map(subscription_record),
        })
    });
    reply.await.map(|reply| created(&reply)).ok_or_else(Problem::internal)
}

/// Reads a customer.
#[utoipa::path(
    get,
    path = "/customers/{customer}",
    operation_id = "get-customer-by-id",
    tag = "Customers",
    responses((status = 200, body = CustomerReply), (status = 401), (status = 404))
)]
pub async fn read(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
) -> Result<Response, Problem> {
    let source = caller.server()?;
    let customer = CustomerId(path_id(&customer, "customerId")?);
    let record = app.engine.survey(|world, _| world.customer(source, customer).map(customer_record));
    let customer = record.await.ok_or_else(|| Problem::not_found("Customer"))?;
    Ok(json(&CustomerReply { message: "Customer retrieved successfully.".to_owned(), customer }))
}

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
    let dependants = optional(&request.dependant_customer_ids, "dependantCustomerIds")?.unwrap_or_default();
    let dependants = dependants.iter().map(|given| id(given, "dependantCustomerIds").map(CustomerId));
    let dependants = dependants.collect::<Result<_, _>>()?;
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
    app.subscription_reads.take()?;
    let records = app.engine.survey(|world, _| {
        world.customer(source, customer)?;
        Some(world.subscriptions(customer).map(subscription_record).collect::<Vec<_>>())
    });
    records.await.map(|records| json(&records)).ok_or_else(|| Problem::not_found("Customer"))
}

/// The one rate limit that is documented: about 50 requests in 10 seconds to one operation.
#[derive(Debug, Default)]
pub struct RateLimit {
    taken: Mutex<VecDeque<Instant>>,
}

impl RateLimit {
    const REQUESTS: usize = 50;
    const SECONDS: u16 = 10;

    fn take(&self) -> Result<(), Problem> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
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

/// The customer block of a request. What is not a text but should be is refused by its name.
pub fn customer_fields(given: &WireCustomer) -> Result<CustomerFields, Problem> {
    let text = |field: &Given<String>, name: &str| optional(field, &format!("customer.{name}"));
    Ok(CustomerFields {
        name: required(&given.name, "customer.name")?,
        surname: required(&given.surname, "customer.surname")?,
        mobile: required(&given.mobile, "customer.mobile")?,
        email: text(&given.email, "email")?,
        gender: text(&given.gender, "gender")?,
        date_of_birth: text(&given.date_of_birth, "dateOfBirth")?,
        vehicle_make: text(&given.vehicle_make, "vehicleMake")?,
        vehicle_model: text(&given.vehicle_model, "vehicleModel")?,
        vehicle_colour: text(&given.vehicle_colour, "vehicleColour")?,
        vehicle_license_plate: text(&given.vehicle_license_plate, "vehicleLicensePlate")?,
        external_reference_id: text(&given.external_reference_id, "externalReferenceId")?,
        other: given.extra.clone(),
    })
}

fn new_subscription(given: &SubscriptionFields, path: &str) -> Result<NewSubscription, Problem> {
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
    async fn fifty_in_ten_seconds() {
        let limit = RateLimit::default();
        assert!((0..50).all(|_| limit.take().is_ok()));
        assert!(limit.take().is_err());
        tokio::time::advance(Duration::from_secs(10)).await;
        assert!(limit.take().is_ok());
    }
}
