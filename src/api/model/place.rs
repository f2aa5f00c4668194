//! Fixed locations, which the API also calls predefined (reference §8.1).

use super::scalar::{lenient, text};
use super::{Given, Id, Number, TextNumber, wire_time};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// Degrees as they were written: the API keeps and gives back the text. Read from a number too.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Degrees(pub String);

impl<'de> Deserialize<'de> for Degrees {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Self(text)),
            Value::Number(number) => Ok(Self(number.to_string())),
            _ => Err(serde::de::Error::custom("must be a text or a number")),
        }
    }
}

/// `None` where a field was left out, which leaves it as it is; `Some` of [`Given::Absent`] where it
/// was null, which empties it.
type Clearable<T> = Option<Given<T>>;

fn clearable<'de, D, T>(deserializer: D) -> Result<Clearable<T>, D::Error>
where
    D: Deserializer<'de>,
    Given<T>: Deserialize<'de>,
{
    Given::deserialize(deserializer).map(Some)
}

/// Body of a create and of an update. `name` and `address` are the older edition's words for
/// `locationIdentifier` and `formattedAddress`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct FixedLocationFields {
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub external_reference_id: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub location_identifier: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    #[schema(value_type = Option<TextNumber>)]
    pub latitude: Given<Degrees>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    #[schema(value_type = Option<TextNumber>)]
    pub longitude: Given<Degrees>,
    #[serde(deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>)]
    pub callout_location_type_id: Clearable<i64>,
    #[serde(deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Id>)]
    pub customer_id: Clearable<Id>,
    #[serde(deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub location_description: Clearable<String>,
    #[serde(deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub location_additional_information: Clearable<String>,
    #[serde(deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub formatted_address: Clearable<String>,
    #[serde(deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub w3w: Clearable<String>,
    #[serde(deserialize_with = "clearable", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub duress_code: Clearable<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub name: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub address: Given<String>,
}

impl FixedLocationFields {
    /// Whether it speaks the older edition's words. That edition's update names only what changes.
    #[must_use]
    pub fn is_older(&self) -> bool {
        !self.name.is_absent() || !self.address.is_absent()
    }
}

/// A fixed location as replies have it. The six keys with a dot in them are the API's own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct FixedLocation {
    #[serde(deserialize_with = "lenient")]
    pub id: Option<Id>,
    #[serde(deserialize_with = "lenient")]
    pub customer_id: Option<Id>,
    #[serde(deserialize_with = "lenient")]
    pub customer_source_id: Option<Id>,
    #[serde(deserialize_with = "text")]
    pub external_reference_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub location_identifier: Option<String>,
    #[serde(deserialize_with = "text")]
    pub location_description: Option<String>,
    #[serde(deserialize_with = "text")]
    pub location_additional_information: Option<String>,
    #[serde(deserialize_with = "text")]
    pub formatted_address: Option<String>,
    #[serde(deserialize_with = "text")]
    pub latitude: Option<String>,
    #[serde(deserialize_with = "text")]
    pub longitude: Option<String>,
    #[serde(deserialize_with = "text")]
    pub w3w: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub callout_location_type_id: Option<Id>,
    #[serde(deserialize_with = "text")]
    pub callout_location_type_value: Option<String>,
    #[serde(deserialize_with = "text")]
    pub callout_location_type_description: Option<String>,
    #[serde(deserialize_with = "text")]
    pub duress_code: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub medical_coverage: Option<bool>,
    #[serde(deserialize_with = "lenient")]
    pub security_coverage: Option<bool>,
    #[serde(with = "wire_time")]
    pub in_coverage_last_checked_at: Option<Timestamp>,
    #[serde(with = "wire_time")]
    pub created_at: Option<Timestamp>,
    #[serde(with = "wire_time")]
    pub updated_at: Option<Timestamp>,
    #[serde(rename = "calloutLocationType.id", deserialize_with = "lenient")]
    pub type_id: Option<Id>,
    #[serde(rename = "calloutLocationType.value", deserialize_with = "text")]
    pub type_value: Option<String>,
    #[serde(rename = "calloutLocationType.description", deserialize_with = "text")]
    pub type_description: Option<String>,
    #[serde(rename = "calloutLocationType.addressType", deserialize_with = "text")]
    pub type_address_type: Option<String>,
    #[serde(rename = "calloutLocationType.createdAt", with = "wire_time")]
    pub type_created_at: Option<Timestamp>,
    #[serde(rename = "calloutLocationType.updatedAt", with = "wire_time")]
    pub type_updated_at: Option<Timestamp>,
}

/// `POST /predefinedLocations/externalRef/{ref}/callouts`; `{}` will do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct FixedLocationCallout {
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub response_type_id: Given<i64>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub callout_classification_id: Given<i64>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub internal_test: Given<bool>,
}

/// `PUT /control/coverage` and its reply: where each response type is served. Null is everywhere, an
/// empty list nowhere.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CoverageFields {
    pub security: Option<Vec<CoveredArea>>,
    pub medical: Option<Vec<CoveredArea>>,
    pub demo: Option<Vec<CoveredArea>>,
}

/// A radius in metres around a point, or a polygon of three corners or more.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CoveredArea {
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub centre: Given<crate::geo::Position>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub radius: Given<Number>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub polygon: Given<Vec<crate::geo::Position>>,
}

/// The form of a bulk upload.
#[derive(Clone, Debug, Default, ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct BulkUpload {
    /// A CSV file in UTF-8. Its first line names the columns.
    #[schema(content_media_type = "text/csv")]
    pub locations: String,
    /// Where the report goes: https.
    pub callback_url: String,
    pub user_email: Option<String>,
    /// Comma, if it is left out; semicolon, `|` and tab will do too.
    pub delimiter: Option<String>,
    pub source: Option<String>,
}

/// What is posted to the callback address of a bulk upload.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ImportReport {
    pub message: String,
    /// As it came with the file.
    pub source: Option<String>,
    pub user_email: Option<String>,
    pub rows_read: u64,
    pub created: u64,
    pub updated: u64,
    pub failed: u64,
    /// Whether all of the file was read.
    pub complete: bool,
    /// Columns whose names mean nothing.
    pub ignored_columns: Vec<String>,
    /// The first thousand.
    pub failures: Vec<ImportFailure>,
}

/// A row that changed nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ImportFailure {
    /// Where the row begins; the first line of the file is 1.
    pub line: u64,
    pub external_reference_id: Option<String>,
    /// Null where the row as a whole is wrong.
    pub field: Option<String>,
    pub reason: String,
}
