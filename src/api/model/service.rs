//! Leads and scheduled services (reference §8.4).

use super::given::object;
use super::scalar::lenient;
use super::wire_time::{self, RequestTime};
use super::{Given, Id, Number};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// `POST /leads`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct CreateLead {
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub mobile_number: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub first_name: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub last_name: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub email: Given<String>,
}

/// The reply to it, and to a read. The id is a text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct LeadReply {
    #[serde(deserialize_with = "lenient")]
    pub id: String,
    #[serde(deserialize_with = "lenient")]
    pub status: String,
}

/// `POST /scheduled/{serviceType}`; `scheduledAt` is the older edition's.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ScheduleService {
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub customer_id: Given<Id>,
    #[serde(skip_serializing_if = "Given::is_absent", deserialize_with = "object")]
    pub scheduled_request_config: Given<ScheduledConfig>,
    #[serde(skip_serializing_if = "Given::is_absent", deserialize_with = "object")]
    pub initial_location: Given<InitialLocation>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub scheduled_at: Given<RequestTime>,
}

/// What is wanted, when, and how often.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ScheduledConfig {
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub name: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub special_instructions: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent", deserialize_with = "object")]
    pub details: Given<ServiceDetails>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub date_from: Given<RequestTime>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub date_to: Given<RequestTime>,
    #[serde(skip_serializing_if = "Given::is_absent", deserialize_with = "object")]
    pub repeats_config: Given<RepeatsConfig>,
}

/// Of a guard.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ServiceDetails {
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub number_of_guards: Given<u32>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub armed_preference: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    #[schema(value_type = Option<Vec<Object>>)]
    pub contacts: Given<Vec<Value>>,
    /// What other services want to know: kept.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub extra: Map<String, Value>,
}

/// `type` is `single`, `daily`, `weekly` or `monthly`; every `interval` of them, until `until`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct RepeatsConfig {
    #[serde(rename = "type", skip_serializing_if = "Given::is_absent")]
    pub kind: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub interval: Given<u16>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub until: Given<RequestTime>,
}

/// Coordinates, an address, or both.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct InitialLocation {
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub latitude: Given<Number>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub longitude: Given<Number>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub formatted_address: Given<String>,
}

/// The reply to a booking.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ServiceScheduled {
    #[serde(deserialize_with = "lenient")]
    pub scheduled_request: ScheduledRequest,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ScheduledRequest {
    #[serde(deserialize_with = "lenient")]
    pub id: String,
    #[serde(with = "wire_time")]
    pub next_occurrence: Option<Timestamp>,
}
