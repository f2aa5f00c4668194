//! The v1 callout object: one deep record, coordinates as strings.

use super::customer::CalloutCustomer;
use super::event::Event;
use super::location::{CalloutLocation, ResponderFix};
use super::route::{Measures, Route};
use super::scalar::{flag, integer, lenient, list, present_list, text};
use super::{Id, Number, wire_time};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

#[expect(clippy::struct_excessive_bools, reason = "the wire's own fields")]
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct CalloutV1 {
    #[serde(deserialize_with = "lenient")]
    pub id: Option<Id>,
    #[serde(deserialize_with = "integer")]
    pub callout_classification_id: Option<i64>,
    #[serde(deserialize_with = "flag")]
    pub cancelled_by_customer: bool,
    #[serde(deserialize_with = "lenient")]
    pub status: String,
    /// Null first, then true.
    #[serde(deserialize_with = "lenient")]
    pub verified: Option<bool>,
    #[serde(deserialize_with = "text")]
    pub verified_by: Option<String>,
    #[serde(with = "wire_time")]
    pub verified_at: Option<Timestamp>,
    #[serde(with = "wire_time")]
    pub resolved_at: Option<Timestamp>,
    #[serde(with = "wire_time")]
    pub logged_at: Option<Timestamp>,
    #[serde(with = "wire_time")]
    pub created_at: Option<Timestamp>,
    #[serde(with = "wire_time")]
    pub updated_at: Option<Timestamp>,
    #[serde(deserialize_with = "text")]
    pub last_updated_by: Option<String>,
    /// Null in all samples, like `source` and `messageId`: its kind is not known.
    pub last_updated_by_client_id: Value,
    pub source: Value,
    #[serde(deserialize_with = "flag")]
    pub dispatch_required: bool,
    #[serde(deserialize_with = "flag")]
    pub acknowledged: bool,
    #[serde(deserialize_with = "text")]
    pub first_acknowledged_by: Option<String>,
    #[serde(with = "wire_time")]
    pub first_acknowledged_at: Option<Timestamp>,
    #[serde(deserialize_with = "flag")]
    pub owned: bool,
    #[serde(deserialize_with = "text")]
    pub owned_by: Option<String>,
    #[serde(with = "wire_time")]
    pub owned_at: Option<Timestamp>,
    pub message_id: Value,
    #[serde(deserialize_with = "lenient")]
    pub customer_id: Option<Id>,
    #[serde(deserialize_with = "integer")]
    pub response_type_id: Option<i64>,
    #[serde(deserialize_with = "list")]
    pub callout_responder_in_ranges: Vec<ResponderInRange>,
    /// All lower case on the wire.
    #[serde(rename = "calloutincidentdetail", deserialize_with = "lenient")]
    pub callout_incident_detail: IncidentDetail,
    #[serde(deserialize_with = "lenient")]
    pub customer: CalloutCustomer,
    #[serde(deserialize_with = "list")]
    pub customer_number_phoneds: Vec<Value>,
    /// All lower case on the wire.
    #[serde(rename = "calloutlocations", deserialize_with = "list")]
    pub callout_locations: Vec<CalloutLocation>,
    /// At most one row in every sample, the newest.
    #[serde(deserialize_with = "list")]
    pub callout_response_eta: Vec<ResponseEta>,
    /// The current element of `calloutlocations`.
    #[serde(deserialize_with = "lenient")]
    pub location: Option<CalloutLocation>,
    #[serde(deserialize_with = "lenient")]
    pub distance: Measures,
    #[serde(deserialize_with = "list")]
    pub unique_suppliers_in_range: Vec<Id>,
    /// Only with `shouldIncludeEvents=true`.
    #[serde(deserialize_with = "present_list", skip_serializing_if = "Option::is_none")]
    pub callout_events: Option<Vec<Event>>,
    /// Only with `shouldIncludeRoute=true`, and while a responder with a position is attached.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub route: Option<Route>,
    /// What no page names.
    #[serde(flatten)]
    #[schema(ignore)]
    pub extra: BTreeMap<String, Value>,
}

/// A candidate: a responder near enough to be asked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ResponderInRange {
    #[serde(deserialize_with = "lenient")]
    pub id: Option<Id>,
    #[serde(deserialize_with = "lenient")]
    pub callout_id: Option<Id>,
    #[serde(deserialize_with = "lenient")]
    pub responder_id: Option<Id>,
    #[serde(deserialize_with = "flag")]
    pub requested: bool,
    #[serde(deserialize_with = "flag")]
    pub declined: bool,
    /// Metres.
    #[serde(deserialize_with = "lenient")]
    pub distance: Option<Number>,
    /// Seconds.
    #[serde(deserialize_with = "lenient")]
    pub duration: Option<Number>,
    #[serde(deserialize_with = "text")]
    pub duration_text: Option<String>,
    #[serde(deserialize_with = "flag")]
    pub acknowledged: bool,
    #[serde(with = "wire_time")]
    pub retracted_at: Option<Timestamp>,
    #[serde(with = "wire_time")]
    pub created_at: Option<Timestamp>,
    #[serde(with = "wire_time")]
    pub updated_at: Option<Timestamp>,
}

/// The dispatch and its outcome. Reset when a responder retracts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct IncidentDetail {
    /// Need not equal the callout's.
    #[serde(deserialize_with = "lenient")]
    pub id: Option<Id>,
    #[serde(deserialize_with = "text")]
    pub incident_details: Option<String>,
    #[serde(deserialize_with = "text")]
    pub responder_company: Option<String>,
    #[serde(deserialize_with = "flag")]
    pub responder_dispatched: bool,
    #[serde(deserialize_with = "lenient")]
    pub callout_id: Option<Id>,
    #[serde(with = "wire_time")]
    pub responder_dispatched_at: Option<Timestamp>,
    #[serde(with = "wire_time")]
    pub responder_arrived_at: Option<Timestamp>,
    #[serde(with = "wire_time")]
    pub responder_completed_at: Option<Timestamp>,
    #[serde(with = "wire_time")]
    pub created_at: Option<Timestamp>,
    #[serde(deserialize_with = "lenient")]
    pub situation_neutral: Option<bool>,
    #[serde(deserialize_with = "lenient")]
    pub any_injuries: Option<bool>,
    #[serde(deserialize_with = "lenient")]
    pub customer_happy: Option<bool>,
    #[serde(deserialize_with = "lenient")]
    pub follow_up_required: Option<bool>,
    #[serde(with = "wire_time")]
    pub updated_at: Option<Timestamp>,
    #[serde(deserialize_with = "text")]
    pub last_updated_by: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub responder_id: Option<Id>,
    #[serde(deserialize_with = "lenient")]
    pub supplier_id: Option<Id>,
    #[serde(deserialize_with = "lenient")]
    pub type_of_emergency_id: Option<Id>,
    #[serde(deserialize_with = "lenient")]
    pub incident_category_id: Option<Id>,
    /// All lower case on the wire.
    #[serde(rename = "incidentcategory", alias = "incidentCategory", deserialize_with = "lenient")]
    pub incident_category: Option<IncidentCategory>,
    #[serde(deserialize_with = "lenient")]
    pub supplier: Option<SupplierV1>,
    #[serde(deserialize_with = "lenient")]
    pub responder: Option<ResponderV1>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct IncidentCategory {
    #[serde(deserialize_with = "lenient")]
    pub id: Option<Id>,
    #[serde(deserialize_with = "text")]
    pub description: Option<String>,
    #[serde(with = "wire_time")]
    pub created_at: Option<Timestamp>,
    #[serde(with = "wire_time")]
    pub updated_at: Option<Timestamp>,
    #[serde(deserialize_with = "lenient")]
    pub type_of_emergency_id: Option<Id>,
    #[serde(rename = "typeofemergency", alias = "typeOfEmergency", deserialize_with = "lenient")]
    pub type_of_emergency: Option<TypeOfEmergency>,
}

/// The three clipped key names are the source's own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct TypeOfEmergency {
    #[serde(deserialize_with = "lenient")]
    pub id: Option<Id>,
    #[serde(rename = "descript", alias = "description", deserialize_with = "text")]
    pub description: Option<String>,
    #[serde(rename = "createdA", alias = "createdAt", with = "wire_time")]
    pub created_at: Option<Timestamp>,
    #[serde(rename = "updatedA", alias = "updatedAt", with = "wire_time")]
    pub updated_at: Option<Timestamp>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct SupplierV1 {
    #[serde(deserialize_with = "lenient")]
    pub id: Option<Id>,
    #[serde(deserialize_with = "text")]
    pub name: Option<String>,
    #[serde(deserialize_with = "text")]
    pub contact_number: Option<String>,
    #[serde(deserialize_with = "text")]
    pub email: Option<String>,
    #[serde(deserialize_with = "text")]
    pub contact_person: Option<String>,
    #[serde(deserialize_with = "text")]
    pub address: Option<String>,
    #[serde(deserialize_with = "text")]
    pub region: Option<String>,
    #[serde(with = "wire_time")]
    pub created_at: Option<Timestamp>,
    #[serde(with = "wire_time")]
    pub updated_at: Option<Timestamp>,
    #[serde(deserialize_with = "text")]
    pub last_updated_by: Option<String>,
    #[serde(deserialize_with = "flag")]
    pub callout_requires_dispatch_approval: bool,
    #[serde(deserialize_with = "text")]
    pub supplier_logo_url: Option<String>,
    #[serde(deserialize_with = "flag")]
    pub deleted: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ResponderV1 {
    #[serde(deserialize_with = "lenient")]
    pub id: Option<Id>,
    #[serde(deserialize_with = "text")]
    pub name: Option<String>,
    #[serde(deserialize_with = "text")]
    pub surname: Option<String>,
    #[serde(deserialize_with = "text")]
    pub callsign: Option<String>,
    #[serde(deserialize_with = "text")]
    pub reference: Option<String>,
    /// An e-mail address in the samples.
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
    #[serde(deserialize_with = "flag")]
    pub active: bool,
    #[serde(deserialize_with = "flag")]
    pub currently_on_call: bool,
    #[serde(with = "wire_time")]
    pub created_at: Option<Timestamp>,
    #[serde(with = "wire_time")]
    pub updated_at: Option<Timestamp>,
    #[serde(deserialize_with = "lenient")]
    pub operation_time_id: Option<Id>,
    #[serde(deserialize_with = "lenient")]
    pub type_id: Option<Id>,
    #[serde(deserialize_with = "flag")]
    pub deleted: bool,
    #[serde(deserialize_with = "lenient")]
    pub latest_responder_location_id: Option<Id>,
    #[serde(deserialize_with = "lenient")]
    pub supplier_id: Option<Id>,
    /// One element, the newest. All lower case on the wire.
    #[serde(rename = "responderlocations", alias = "responderLocations", deserialize_with = "list")]
    pub responder_locations: Vec<ResponderFix>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ResponseEta {
    #[serde(deserialize_with = "lenient")]
    pub id: Option<Id>,
    #[serde(deserialize_with = "lenient")]
    pub callout_id: Option<Id>,
    #[serde(deserialize_with = "lenient")]
    pub responder_id: Option<Id>,
    #[serde(deserialize_with = "text")]
    pub duration_text: Option<String>,
    /// Seconds.
    #[serde(deserialize_with = "lenient")]
    pub duration_value: Option<Number>,
    #[serde(deserialize_with = "text")]
    pub distance_text: Option<String>,
    /// Metres.
    #[serde(deserialize_with = "lenient")]
    pub distance_value: Option<Number>,
    #[serde(with = "wire_time")]
    pub created_at: Option<Timestamp>,
    #[serde(with = "wire_time")]
    pub updated_at: Option<Timestamp>,
}
