//! Customers and subscriptions as v2 writes them.

use super::view_words::number;
use crate::api::model::customer::{
    CustomerName, CustomerRecord as WireCustomer, SubscriptionRecord as WireSubscription,
};
use crate::sim::world::{CustomerRecord, SubscriptionRecord, World};
use serde_json::Value;
use std::collections::BTreeMap;

pub fn customer_record(record: &CustomerRecord) -> WireCustomer {
    let fields = &record.fields;
    let given = [
        ("gender", &fields.gender),
        ("dateOfBirth", &fields.date_of_birth),
        ("vehicleMake", &fields.vehicle_make),
        ("vehicleModel", &fields.vehicle_model),
        ("vehicleColour", &fields.vehicle_colour),
        ("vehicleLicensePlate", &fields.vehicle_license_plate),
    ];
    let given = given
        .into_iter()
        .filter_map(|(name, text)| text.as_ref().map(|text| (name.to_owned(), Value::String(text.clone()))));
    let mut extra: BTreeMap<String, Value> = given.collect();
    // What the world only passes on must not speak for a field that it knows.
    let own = ["id", "customerSourceId", "createdAt", "updatedAt"];
    extra.extend(
        fields
            .other
            .iter()
            .filter(|(name, _)| !own.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone())),
    );
    WireCustomer {
        id: number(record.id.0),
        name: Some(fields.name.clone()),
        surname: Some(fields.surname.clone()),
        mobile: Some(fields.mobile.clone()),
        email: fields.email.clone(),
        external_reference_id: fields.external_reference_id.clone(),
        customer_source_id: number(record.source.0),
        created_at: Some(record.created_at),
        updated_at: Some(record.updated_at),
        extra,
    }
}

/// As it stands beside the customer that was created with it.
pub fn subscription_brief(record: &SubscriptionRecord) -> WireSubscription {
    let cancelled = record.cancelled.as_ref();
    WireSubscription {
        id: number(record.id.0),
        customer_id: number(record.customer.0),
        subscription_type_id: Some(record.subscription_type_id),
        valid_from: Some(record.valid_from),
        valid_to: Some(record.valid_to),
        cancelled_date: cancelled.map(|cancelled| cancelled.at),
        cancelled_reason: cancelled.and_then(|cancelled| cancelled.reason.clone()),
        ..WireSubscription::default()
    }
}

pub fn subscription_record(record: &SubscriptionRecord) -> WireSubscription {
    WireSubscription {
        created_at: Some(record.created_at),
        updated_at: Some(record.updated_at),
        ..subscription_brief(record)
    }
}

/// With its dependants. One who was deleted since is not among them.
pub fn subscription_detail(world: &World, record: &SubscriptionRecord) -> WireSubscription {
    let known = record.dependants.iter().filter_map(|id| world.customer(record.source, *id));
    let dependants = known.map(|customer| CustomerName {
        id: number(customer.id.0),
        name: Some(customer.fields.name.clone()),
        surname: Some(customer.fields.surname.clone()),
        mobile: Some(customer.fields.mobile.clone()),
    });
    WireSubscription { dependants: Some(dependants.collect()), ..subscription_record(record) }
}
