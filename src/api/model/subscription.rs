//! Requests and replies about subscriptions that exist.

use super::customer::SubscriptionRecord;
use super::scalar::{lenient, list, text};
use super::wire_time::RequestTime;
use super::{Given, Id};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `PUT /subscriptions/{id}`. A list of dependants replaces the one before.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct UpdateSubscription {
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub valid_to: Given<RequestTime>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub dependant_customer_ids: Given<Vec<Id>>,
}

/// A dependant of a subscription.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct SubscriptionLink {
    #[serde(deserialize_with = "lenient")]
    pub subscription_id: Option<Id>,
    #[serde(deserialize_with = "lenient")]
    pub customer_id: Option<Id>,
}

/// The reply to an update: a list, though it is one thing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SubscriptionUpdated {
    #[serde(deserialize_with = "list")]
    pub links: Vec<SubscriptionLink>,
    #[serde(deserialize_with = "list")]
    pub subscription: Vec<SubscriptionRecord>,
}

/// The body of `DELETE /subscriptions/{id}`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CancelSubscription {
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub reason: Given<String>,
}

/// The reply to it. Nothing says what the token is for; it may be null, and here it always is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct SubscriptionCancelled {
    #[serde(deserialize_with = "lenient")]
    pub message: String,
    #[serde(deserialize_with = "text")]
    pub subscription_token: Option<String>,
}

/// v1's reply to `DELETE /subscription/{id}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SubscriptionCancelledV1 {
    #[serde(deserialize_with = "lenient")]
    pub success: String,
}

/// v1's reply to `GET /coupon/{n}/{code}`: empty when there is no such coupon.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Coupons {
    #[serde(deserialize_with = "list")]
    pub coupons: Vec<Coupon>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Coupon {
    #[serde(deserialize_with = "lenient")]
    pub coupon_code: String,
}

/// `POST /subscriptions/management-sessions`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ManageSubscription {
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub return_url: Given<String>,
}

/// The hosted page where a person looks after a subscription.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ManagementSession {
    #[serde(deserialize_with = "lenient")]
    pub url: String,
}

impl std::fmt::Debug for ManagementSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ManagementSession(***)")
    }
}
