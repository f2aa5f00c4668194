//! Customers (reference §4).

use super::body::{Fields, optional, path_id, required};
use super::caller::Caller;
use super::problem::Problem;
use super::reply::{created, json};
use super::route::routes;
use super::subscriptions::new_subscription;
use super::view_people::{customer_record, subscription_brief};
use super::view_words::number;
use super::{App, Routes};
use crate::api::model::Given;
use crate::api::model::customer::{CreateCustomer, CustomerCreated, CustomerFields as Block, CustomerReply};
use crate::api::model::reply::Message;
use crate::sim::world::{
    Command, CustomerFields, CustomerId, CustomerPatch, MembershipCommand, Reply, SubscriptionId, Told,
};
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

pub fn routes() -> Routes {
    vec![routes!(create), routes!(read, update), routes!(delete)]
}

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
    let block = required(&request.fields(), "customer")?;
    let fields = Box::new(fields_in(&block, names(&request))?);
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
            subscription: subscription.and_then(|id| world.subscription(source, id)).map(subscription_brief),
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

/// Changes what is named; what is left out stays, and null empties an optional field.
///
/// The reference shows no body. It is taken for a partial update because a whole one would let an app
/// that knows only names wipe the medical fields that another has written.
#[utoipa::path(
    put,
    path = "/customers/{customer}",
    operation_id = "update-customer",
    tag = "Customers",
    request_body = CreateCustomer,
    responses(
        (status = 200, body = CustomerReply),
        (status = 400),
        (status = 401),
        (status = 404),
        (status = 409),
    )
)]
pub async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    Fields(body): Fields<Map<String, Value>>,
) -> Result<Response, Problem> {
    let source = caller.server()?;
    let customer = CustomerId(path_id(&customer, "customerId")?);
    let patch = Box::new(patch(&body)?);
    let update = MembershipCommand::UpdateCustomer { source, customer, patch };
    app.engine.apply(Command::Membership(update)).await?;
    let record = app.engine.survey(|world, _| world.customer(source, customer).map(customer_record));
    let customer = record.await.ok_or_else(|| Problem::not_found("Customer"))?;
    Ok(json(&CustomerReply { message: "Customer updated successfully.".to_owned(), customer }))
}

/// Soft delete: callouts under way go on, and the number is free again.
#[utoipa::path(
    post,
    path = "/customers/{customer}/delete",
    operation_id = "delete-customer",
    tag = "Customers",
    responses((status = 200, body = Message), (status = 401), (status = 404))
)]
pub async fn delete(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
) -> Result<Response, Problem> {
    let source = caller.server()?;
    let customer = CustomerId(path_id(&customer, "customerId")?);
    app.engine.apply(Command::Membership(MembershipCommand::DeleteCustomer { source, customer })).await?;
    Ok(json(&Message { message: "Customer deleted successfully.".to_owned() }))
}

/// How a form of the body calls its fields.
type Names = fn(&str) -> String;

fn in_block(field: &str) -> String {
    format!("customer.{field}")
}

fn in_flat_form(field: &str) -> String {
    match field {
        "name" => "firstName",
        "surname" => "lastName",
        "mobile" => "mobileNumber",
        same => same,
    }
    .to_owned()
}

fn names(request: &CreateCustomer) -> Names {
    if request.is_flat() { in_flat_form } else { in_block }
}

/// The customer block of a request. What is not of the kind it should be is refused by its name.
pub fn customer_fields(given: &Block) -> Result<CustomerFields, Problem> {
    fields_in(given, in_block)
}

fn fields_in(given: &Block, name: Names) -> Result<CustomerFields, Problem> {
    let text = |field: &Given<String>, key: &str| optional(field, &name(key));
    Ok(CustomerFields {
        name: required(&given.name, &name("name"))?,
        surname: required(&given.surname, &name("surname"))?,
        mobile: required(&given.mobile, &name("mobile"))?,
        email: text(&given.email, "email")?,
        gender: text(&given.gender, "gender")?,
        date_of_birth: text(&given.date_of_birth, "dateOfBirth")?,
        vehicle_make: text(&given.vehicle_make, "vehicleMake")?,
        vehicle_model: text(&given.vehicle_model, "vehicleModel")?,
        vehicle_colour: text(&given.vehicle_colour, "vehicleColour")?,
        vehicle_license_plate: text(&given.vehicle_license_plate, "vehicleLicensePlate")?,
        external_reference_id: text(&given.external_reference_id, "externalReferenceId")?,
        other: other(given, name)?.into_iter().filter(|(_, value)| !value.is_null()).collect(),
    })
}

/// What the world keeps without looking at it, under its wire names: the medical fields, each of its
/// kind, and whatever else came.
fn other(given: &Block, name: Names) -> Result<BTreeMap<String, Value>, Problem> {
    let mut other = given.extra.clone();
    for (key, field) in [
        ("medicalAidScheme", &given.medical_aid_scheme),
        ("medicalAidNumber", &given.medical_aid_number),
        ("medicalConditions", &given.medical_conditions),
        ("medications", &given.medications),
        ("allergies", &given.allergies),
        ("bloodtype", &given.bloodtype),
        ("nextOfKinName", &given.next_of_kin_name),
        ("nextOfKinNumber", &given.next_of_kin_number),
        ("familyDoctorPhoneNumber", &given.family_doctor_phone_number),
        ("medicalOther", &given.medical_other),
        ("businessName", &given.business_name),
        ("duressCode", &given.duress_code),
    ] {
        other.extend(optional(field, &name(key))?.map(|text| (key.to_owned(), text.into())));
    }
    let aid = "hasMedicalAid";
    other.extend(optional(&given.has_medical_aid, &name(aid))?.map(|flag| (aid.to_owned(), flag.into())));
    Ok(other)
}

/// A partial update, in either form of the body. `subscription` belongs to the create and is not looked
/// at: subscriptions are changed at their own path.
fn patch(body: &Map<String, Value>) -> Result<CustomerPatch, Problem> {
    let request: CreateCustomer = serde_json::from_value(Value::Object(body.clone()))
        .map_err(|_| Problem::bad("customer is not valid."))?;
    let name = names(&request);
    let given = required(&request.fields(), "customer")?;
    let raw = body.get("customer").and_then(Value::as_object).unwrap_or(body);
    let is_null = |key: &str| raw.get(key).is_some_and(Value::is_null);
    let needed = |field: &Given<String>, key: &str| {
        let called = name(key);
        let emptied = is_null(called.rsplit('.').next().unwrap_or(key));
        if emptied {
            Err(Problem::bad(format!("{called}: is missing or blank.")))
        } else {
            optional(field, &called)
        }
    };
    let told = |field: &Given<String>, key: &str| {
        Ok::<_, Problem>(match optional(field, &name(key))? {
            Some(text) => Told::Value(text),
            None if is_null(key) => Told::Cleared,
            None => Told::Nothing,
        })
    };
    let mut other = other(&given, name)?;
    if !request.is_flat() {
        let cleared = raw.iter().filter(|(_, value)| value.is_null());
        other.extend(cleared.map(|(key, _)| (key.clone(), Value::Null)));
    }
    Ok(CustomerPatch {
        name: needed(&given.name, "name")?,
        surname: needed(&given.surname, "surname")?,
        mobile: needed(&given.mobile, "mobile")?,
        email: told(&given.email, "email")?,
        gender: told(&given.gender, "gender")?,
        date_of_birth: told(&given.date_of_birth, "dateOfBirth")?,
        vehicle_make: told(&given.vehicle_make, "vehicleMake")?,
        vehicle_model: told(&given.vehicle_model, "vehicleModel")?,
        vehicle_colour: told(&given.vehicle_colour, "vehicleColour")?,
        vehicle_license_plate: told(&given.vehicle_license_plate, "vehicleLicensePlate")?,
        external_reference_id: told(&given.external_reference_id, "externalReferenceId")?,
        other,
    })
}
