//! Places as the two dialects write them.

use super::scalar::{lenient, text};
use super::{Id, Number, TextNumber, wire_time};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// v1: an address record of a callout, in `calloutlocations` and `location`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct CalloutLocation {
    #[serde(deserialize_with = "lenient")]
    pub id: Option<Id>,
    #[serde(deserialize_with = "lenient")]
    pub latitude: Option<TextNumber>,
    #[serde(deserialize_with = "lenient")]
    pub longitude: Option<TextNumber>,
    #[serde(deserialize_with = "text")]
    pub formatted_address: Option<String>,
    #[serde(deserialize_with = "text")]
    pub region: Option<String>,
    #[serde(deserialize_with = "text")]
    pub city: Option<String>,
    #[serde(deserialize_with = "text")]
    pub country: Option<String>,
    #[serde(deserialize_with = "text")]
    pub description: Option<String>,
    #[serde(deserialize_with = "text")]
    pub place_id: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub callout_id: Option<Id>,
    #[serde(with = "wire_time")]
    pub created_at: Option<Timestamp>,
    #[serde(with = "wire_time")]
    pub updated_at: Option<Timestamp>,
    #[serde(deserialize_with = "text")]
    pub source: Option<String>,
    /// Left out until there is an ETA.
    #[serde(deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub duration_text: Option<String>,
}

/// v1: where a responder was last heard from, in `responderlocations`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ResponderFix {
    #[serde(deserialize_with = "lenient")]
    pub id: Option<Id>,
    #[serde(deserialize_with = "lenient")]
    pub latitude: Option<TextNumber>,
    #[serde(deserialize_with = "lenient")]
    pub longitude: Option<TextNumber>,
    #[serde(deserialize_with = "lenient")]
    pub accuracy: Option<Number>,
    #[serde(deserialize_with = "text")]
    pub provider: Option<String>,
    #[serde(deserialize_with = "text")]
    pub activity_status: Option<String>,
    #[serde(deserialize_with = "text")]
    pub formatted_address: Option<String>,
    #[serde(deserialize_with = "text")]
    pub region: Option<String>,
    #[serde(deserialize_with = "text")]
    pub city: Option<String>,
    #[serde(deserialize_with = "text")]
    pub country: Option<String>,
    #[serde(with = "wire_time")]
    pub created_at: Option<Timestamp>,
    #[serde(with = "wire_time")]
    pub updated_at: Option<Timestamp>,
    #[serde(deserialize_with = "lenient")]
    pub responder_id: Option<Id>,
}

/// v2: `calloutCurrentLocation`, with coordinates as strings.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct CurrentLocation {
    #[serde(deserialize_with = "lenient")]
    pub latitude: Option<TextNumber>,
    #[serde(deserialize_with = "lenient")]
    pub longitude: Option<TextNumber>,
    #[serde(deserialize_with = "lenient")]
    pub accuracy: Option<Number>,
    #[serde(deserialize_with = "text")]
    pub formatted_address: Option<String>,
    #[serde(with = "wire_time")]
    pub updated_at: Option<Timestamp>,
}

/// v2: `responder.location`, with coordinates as numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ResponderLocation {
    #[serde(deserialize_with = "lenient")]
    pub latitude: Option<Number>,
    #[serde(deserialize_with = "lenient")]
    pub longitude: Option<Number>,
    #[serde(deserialize_with = "lenient")]
    pub accuracy: Option<Number>,
    #[serde(with = "wire_time")]
    pub updated_at: Option<Timestamp>,
}
