//! v2's two shapes of one callout: flat where it is created, nested where it is read.

use super::customer::CustomerName;
use super::event::Event;
use super::location::{CurrentLocation, ResponderLocation};
use super::reply::Named;
use super::route::{Measures, Route};
use super::scalar::{flag, integer, lenient, present_list, text};
use super::{Id, Number, wire_time};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use utoipa::ToSchema;

/// The link that opens a callout's tracking page to whoever holds it. Prints as `***`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct TrackingUrl(pub String);

impl fmt::Debug for TrackingUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TrackingUrl(***)")
    }
}

/// Reply to a create, a cancel and a list.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct FlatCallout {
    #[serde(deserialize_with = "lenient")]
    pub id: Option<Id>,
    #[serde(deserialize_with = "lenient")]
    pub customer_id: Option<Id>,
    #[serde(deserialize_with = "lenient")]
    pub predefined_location_id: Option<Id>,
    #[serde(deserialize_with = "lenient")]
    pub status: String,
    #[serde(deserialize_with = "lenient")]
    pub latitude: Option<Number>,
    #[serde(deserialize_with = "lenient")]
    pub longitude: Option<Number>,
    #[serde(deserialize_with = "integer")]
    pub response_type_id: Option<i64>,
    #[serde(deserialize_with = "integer")]
    pub callout_classification_id: Option<i64>,
    #[serde(with = "wire_time")]
    pub created_at: Option<Timestamp>,
    /// In the create and cancel replies; lists leave it out.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub url: Option<TrackingUrl>,
    /// In the cancel reply.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub cancelled_by_customer: Option<bool>,
    #[serde(flatten)]
    #[schema(ignore)]
    pub extra: BTreeMap<String, Value>,
}

/// Reply to a read, to update-and-return, and the body of a 285.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct NestedCallout {
    #[serde(deserialize_with = "lenient")]
    pub id: Option<Id>,
    #[serde(deserialize_with = "lenient")]
    pub customer_id: Option<Id>,
    #[serde(deserialize_with = "lenient")]
    pub predefined_location_id: Option<Id>,
    #[serde(deserialize_with = "lenient")]
    pub status: String,
    #[serde(deserialize_with = "flag")]
    pub cancelled_by_customer: bool,
    #[serde(deserialize_with = "integer")]
    pub response_type_id: Option<i64>,
    #[serde(deserialize_with = "integer")]
    pub callout_classification_id: Option<i64>,
    #[serde(with = "wire_time")]
    pub created_at: Option<Timestamp>,
    #[serde(with = "wire_time")]
    pub updated_at: Option<Timestamp>,
    #[serde(with = "wire_time")]
    pub resolved_at: Option<Timestamp>,
    #[serde(deserialize_with = "lenient")]
    pub customer: CustomerName,
    #[serde(deserialize_with = "flag")]
    pub internal_test: bool,
    #[serde(deserialize_with = "lenient")]
    pub callout_classification: Named,
    /// One element per assignment of a responder, newest last; one with nulls before any dispatch.
    #[serde(deserialize_with = "one_or_many")]
    pub incident_information: Vec<IncidentInformation>,
    /// Only with `shouldIncludeEvents=true`.
    #[serde(deserialize_with = "present_list", skip_serializing_if = "Option::is_none")]
    pub callout_events: Option<Vec<Event>>,
    /// Only with `shouldIncludeRoute=true`, and while a responder with a position is attached.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub route: Option<Route>,
    #[serde(flatten)]
    #[schema(ignore)]
    pub extra: BTreeMap<String, Value>,
}

/// Some deliveries hold the object itself where the read reply has a list of it.
fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IncidentInformation>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let items = match value {
        Value::Array(items) => items,
        object @ Value::Object(_) => vec![object],
        _ => Vec::new(),
    };
    Ok(items.into_iter().filter_map(|item| serde_json::from_value(item).ok()).collect())
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct IncidentInformation {
    #[serde(deserialize_with = "lenient")]
    pub callout_current_location: Option<CurrentLocation>,
    #[serde(deserialize_with = "lenient")]
    pub predefined_location_id: Option<Id>,
    /// Its value stands in capitals: `SECURITY`.
    #[serde(deserialize_with = "lenient")]
    pub response_type: Option<Named>,
    #[serde(deserialize_with = "lenient")]
    pub type_of_emergency: Option<Described>,
    /// All lower case on the wire.
    #[serde(rename = "incidentcategory", alias = "incidentCategory", deserialize_with = "lenient")]
    pub incident_category: Option<Described>,
    #[serde(deserialize_with = "lenient")]
    pub supplier: Option<SupplierV2>,
    #[serde(deserialize_with = "lenient")]
    pub responder: Option<ResponderV2>,
    #[serde(deserialize_with = "lenient")]
    pub eta: Option<Measures>,
    #[serde(with = "wire_time")]
    pub responder_dispatched_at: Option<Timestamp>,
    #[serde(with = "wire_time")]
    pub responder_arrived_at: Option<Timestamp>,
    #[serde(with = "wire_time")]
    pub responder_completed_at: Option<Timestamp>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Described {
    #[serde(deserialize_with = "lenient")]
    pub id: Option<Id>,
    #[serde(deserialize_with = "text")]
    pub description: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct SupplierV2 {
    #[serde(deserialize_with = "lenient")]
    pub id: Option<Id>,
    #[serde(deserialize_with = "text")]
    pub name: Option<String>,
    #[serde(deserialize_with = "text")]
    pub contact_number: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ResponderV2 {
    #[serde(deserialize_with = "lenient")]
    pub id: Option<Id>,
    #[serde(deserialize_with = "text")]
    pub name: Option<String>,
    #[serde(deserialize_with = "text")]
    pub surname: Option<String>,
    #[serde(deserialize_with = "text")]
    pub callsign: Option<String>,
    #[serde(deserialize_with = "text")]
    pub mobile: Option<String>,
    #[serde(deserialize_with = "text")]
    pub vehicle_make: Option<String>,
    #[serde(deserialize_with = "text")]
    pub vehicle_model: Option<String>,
    #[serde(deserialize_with = "text")]
    pub vehicle_colour: Option<String>,
    #[serde(deserialize_with = "text")]
    pub vehicle_license_plate: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub location: Option<ResponderLocation>,
}
