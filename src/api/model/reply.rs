//! The wrappers that replies come in.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `{ "message" }`: what every error says, and some successes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Message {
    pub message: String,
}

/// `{ "message", "callout" }`, v2's usual wrapper.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CalloutReply<C> {
    pub message: String,
    pub callout: C,
}

/// `{ "callout" }`, the reply to a cancel.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BareCalloutReply<C> {
    pub callout: C,
}

/// v1's create reply holds the callout twice, since clients read it in either place.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CreatedReplyV1<C> {
    pub message: String,
    pub callout: C,
    pub data: BareCalloutReply<C>,
}

/// A thing with an id and its name: classifications, response types, subscription types.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Named {
    #[serde(deserialize_with = "super::scalar::integer")]
    pub id: Option<i64>,
    #[serde(deserialize_with = "super::scalar::text")]
    pub value: Option<String>,
}

/// A row of v1's `GET /callout-classifications`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ClassificationRow {
    #[serde(deserialize_with = "super::scalar::integer")]
    pub id: Option<i64>,
    #[serde(deserialize_with = "super::scalar::text")]
    pub value: Option<String>,
    #[serde(deserialize_with = "super::scalar::text")]
    pub description: Option<String>,
}

/// A row of `GET /callouts/{id}/exceptionReasons`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ExceptionReason {
    #[serde(deserialize_with = "super::scalar::integer")]
    pub id: Option<i64>,
    #[serde(deserialize_with = "super::scalar::text")]
    pub reason: Option<String>,
}
