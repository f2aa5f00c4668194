//! IoT devices: their links and their events (reference §8.2).

use super::scalar::{integer, lenient, text};
use super::{Given, Id, Number, wire_time};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// `POST /devices`. `deviceId` alone, without a serial, is the older edition's form.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct LinkDevice {
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub customer_id: Given<Id>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub device_serial: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub device_supplier: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub device_alias: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub device_type: Given<Id>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub firmware_version: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub device_id: Given<Id>,
}

/// `PUT /devices`. Type and alias are taken under their names of the link's request, too.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct UpdateDevice {
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub customer_id: Given<Id>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub device_id: Given<Id>,
    #[serde(skip_serializing_if = "Given::is_absent", alias = "deviceType")]
    pub device_type_id: Given<Id>,
    #[serde(skip_serializing_if = "Given::is_absent", alias = "deviceAlias")]
    pub alias: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub firmware_version: Given<String>,
}

/// A device of a customer. The request's `deviceAlias` and `deviceType` come back under other names.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct DeviceLink {
    #[serde(deserialize_with = "lenient")]
    pub id: Option<Id>,
    #[serde(deserialize_with = "lenient")]
    pub customer_id: Option<Id>,
    #[serde(deserialize_with = "lenient")]
    pub customer_source_id: Option<Id>,
    /// What the device's events say. Usually not the serial.
    #[serde(deserialize_with = "lenient")]
    pub device_id: Option<Id>,
    #[serde(deserialize_with = "text")]
    pub device_serial: Option<String>,
    #[serde(deserialize_with = "text", alias = "deviceAlias")]
    pub alias: Option<String>,
    #[serde(deserialize_with = "integer", alias = "deviceType")]
    pub device_type_id: Option<i64>,
    #[serde(deserialize_with = "text")]
    pub firmware_version: Option<String>,
    /// Nothing tells what would stand here.
    pub default_location: Option<Value>,
    #[serde(with = "wire_time")]
    pub health_check_last_received_date: Option<Timestamp>,
    #[serde(deserialize_with = "lenient")]
    pub battery_level: Option<Number>,
    #[serde(with = "wire_time")]
    pub battery_level_last_received_date: Option<Timestamp>,
    #[serde(with = "wire_time")]
    pub created_at: Option<Timestamp>,
    #[serde(with = "wire_time")]
    pub updated_at: Option<Timestamp>,
}

/// `POST /deviceEvent`: whatever the device's template describes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Object)]
pub struct DeviceMessage(pub Map<String, Value>);

/// The reply to a device's event.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct DeviceEventReply {
    #[serde(deserialize_with = "lenient")]
    pub message: String,
    /// The message as it came; the older edition leaves it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<std::collections::BTreeMap<String, Value>>)]
    pub input: Option<Value>,
    #[serde(deserialize_with = "lenient")]
    pub resolved_aura_event: ResolvedEvent,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ResolvedEvent {
    /// One name, despite the plural.
    #[serde(deserialize_with = "text")]
    pub event_types: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub event_response: EventResponse,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct EventResponse {
    /// Of all events but the battery's.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub callout_id: Option<Id>,
    /// In the type that was sent.
    #[serde(deserialize_with = "lenient")]
    pub device_id: Option<Id>,
    /// Of the battery's event only.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub battery_level: Option<Number>,
}
