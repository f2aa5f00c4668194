//! Bodies of the requests about callouts.

use super::customer::CustomerFields;
use super::{Given, Id, Number};
use crate::app::callout::Fix;
use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

/// Coordinates as requests carry them: numbers. Numeric strings are read too.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Coordinates {
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub latitude: Given<Number>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub longitude: Given<Number>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub accuracy: Given<Number>,
}

/// Body of both location updates.
pub type LocationUpdate = Coordinates;

impl From<Fix> for Coordinates {
    fn from(fix: Fix) -> Self {
        Self {
            latitude: Number(fix.position.latitude()).into(),
            longitude: Number(fix.position.longitude()).into(),
            accuracy: fix.accuracy.map(Number).into(),
        }
    }
}

/// Every create of a callout. v2 for a customer uses `location`; v1 uses `customer` and
/// `calloutLocation`; v2's older and legacy forms use the flat coordinates and `customerId`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct CreateCallout {
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub location: Given<Coordinates>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub response_type_id: Given<i64>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub callout_classification_id: Given<i64>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub internal_test: Given<bool>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub predefined_location_id: Given<Id>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub customer: Given<CustomerFields>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub callout_location: Given<Coordinates>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub request_type: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub customer_id: Given<Id>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub latitude: Given<Number>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub longitude: Given<Number>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub accuracy: Given<Number>,
}

impl CreateCallout {
    /// The coordinates, wherever this form of the body has them.
    #[must_use]
    pub fn coordinates(&self) -> Given<Coordinates> {
        let flat = || Coordinates {
            latitude: self.latitude.clone(),
            longitude: self.longitude.clone(),
            accuracy: self.accuracy.clone(),
        };
        match (&self.location, &self.callout_location) {
            (Given::Absent, Given::Absent) if self.latitude.is_absent() && self.longitude.is_absent() => {
                Given::Absent
            }
            (Given::Absent, Given::Absent) => flat().into(),
            (Given::Absent, v1) => v1.clone(),
            (v2, _) => v2.clone(),
        }
    }
}

/// `POST /callouts/{id}/cancel`. Without a code the cancel is unconditional.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Cancel {
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub safe_code: Given<String>,
}

impl fmt::Debug for Cancel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cancel(***)")
    }
}

/// `POST /callouts/{id}/events`; `message` alone is the older edition's form.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SendEvent {
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub source: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub event: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub message: Given<String>,
}

/// v1: `POST /callout/{id}/comments`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SendComment {
    pub message: Given<String>,
}

/// `POST /callouts/{id}/exceptionReasons`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct AttachExceptionReason {
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub exception_reason_id: Given<i64>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub notes: Given<String>,
}
