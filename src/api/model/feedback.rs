//! What is said about a callout beside its course: cancellation reasons, the resolution report, ratings.

use super::scalar::{integer, lenient, text};
use super::{Given, Id, Number, wire_time};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Reply of `POST /callouts/{id}/exceptionReasons`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ReasonAttached {
    pub message: String,
    pub created_exception_reason: AttachedReason,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct AttachedReason {
    #[serde(deserialize_with = "lenient")]
    pub id: Option<Id>,
    #[serde(deserialize_with = "lenient")]
    pub callout_id: Option<Id>,
    #[serde(deserialize_with = "integer")]
    pub exception_reason_id: Option<i64>,
    #[serde(deserialize_with = "text")]
    pub notes: Option<String>,
}

/// `GET /callouts/{id}/resolutionReport`, once the callout is closed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ResolutionReport {
    #[serde(deserialize_with = "lenient")]
    pub callout_id: Option<Id>,
    #[serde(deserialize_with = "lenient")]
    pub status: String,
    #[serde(with = "wire_time")]
    pub created_at: Option<Timestamp>,
    #[serde(with = "wire_time")]
    pub responder_dispatched_at: Option<Timestamp>,
    #[serde(with = "wire_time")]
    pub responder_arrived_at: Option<Timestamp>,
    #[serde(with = "wire_time")]
    pub responder_completed_at: Option<Timestamp>,
    #[serde(with = "wire_time")]
    pub resolved_at: Option<Timestamp>,
    /// From the panic until somebody was there.
    #[serde(deserialize_with = "integer")]
    pub response_time_seconds: Option<i64>,
    /// From the panic until the callout was closed.
    #[serde(deserialize_with = "integer")]
    pub resolution_time_seconds: Option<i64>,
    #[serde(deserialize_with = "text")]
    pub outcome: Option<String>,
}

/// `POST /ratings`; the older edition has its text in `comment`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct RateCallout {
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub callout_id: Given<Id>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub rating: Given<i64>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub additional_details: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub comment: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub customer_allowed_to_be_contacted: Given<bool>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct CalloutRated {
    pub callout_rating_post_result: CalloutRating,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct CalloutRating {
    #[serde(deserialize_with = "lenient")]
    pub id: Option<Id>,
    #[serde(deserialize_with = "lenient")]
    pub callout_id: Option<Id>,
    #[serde(deserialize_with = "integer")]
    pub rating: Option<i64>,
    #[serde(deserialize_with = "text")]
    pub additional_details: Option<String>,
    #[serde(deserialize_with = "super::scalar::flag")]
    pub customer_allowed_to_be_contacted: bool,
}

/// A row of `GET /rating-items`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct RatingItemRow {
    #[serde(deserialize_with = "integer")]
    pub id: Option<i64>,
    #[serde(deserialize_with = "text")]
    pub rating_item: Option<String>,
    #[serde(deserialize_with = "text")]
    pub rating_item_description: Option<String>,
}

/// `POST /rating-items`; `ratingId` and `score` are the older edition's.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct RateItem {
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub callout_rating_id: Given<Id>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub rating_item_description: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub rating_item_id: Given<Id>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub rating_item: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub sentiment: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub rating_id: Given<Id>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub score: Given<Number>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ItemRated {
    pub callout_rating_item_results: RatedItem,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct RatedItem {
    #[serde(deserialize_with = "lenient")]
    pub id: Option<Id>,
    #[serde(deserialize_with = "lenient")]
    pub callout_rating_id: Option<Id>,
    #[serde(deserialize_with = "integer")]
    pub rating_item_id: Option<i64>,
    #[serde(deserialize_with = "text")]
    pub rating_item_description: Option<String>,
    #[serde(deserialize_with = "text")]
    pub sentiment: Option<String>,
    /// Where the item is none of the catalogue's and was given a name.
    #[serde(deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub rating_item: Option<String>,
}
