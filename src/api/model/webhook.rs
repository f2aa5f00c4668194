//! Webhooks: how one is registered, and what it is sent (reference §8.3).

use super::Given;
use super::callout_v2::{FlatCallout, IncidentInformation};
use super::customer::{CustomerRecord, SubscriptionRecord};
use super::reply::Named;
use super::scalar::{flag, lenient};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use utoipa::ToSchema;

/// The one method that is documented.
pub const METHOD: &str = "webhook";

/// `POST /notifiers/webhooks`. Address and headers may hold secrets: neither prints.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreateWebhook {
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub url: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub events: Given<Vec<String>>,
    /// `webhook`, also when it is left out.
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub method: Given<String>,
    /// Sent with every delivery.
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub headers: Given<BTreeMap<String, String>>,
}

impl fmt::Debug for CreateWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateWebhook").field("events", &self.events).finish_non_exhaustive()
    }
}

/// Reply to a registration.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NotifierCreated {
    pub message: String,
    pub notifier: Notifier,
}

/// Reply to a read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NotifierReply {
    pub notifier: Notifier,
}

/// A list, although there is one webhook of a customer source.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Notifier {
    pub config: Vec<WebhookConfig>,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct WebhookConfig {
    pub url: String,
    pub events: Vec<String>,
    pub method: String,
    pub headers: BTreeMap<String, String>,
}

impl fmt::Debug for WebhookConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookConfig").field("events", &self.events).finish_non_exhaustive()
    }
}

/// What a webhook is sent: the event's name and the thing that it is about. There is no id of the
/// delivery; receivers tell repetitions by name and thing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct WebhookPayload {
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub callout: Option<ToldCallout>,
    /// With what a responder does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incident_information: Option<Vec<IncidentInformation>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<CustomerRecord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscription: Option<SubscriptionRecord>,
}

/// The flat callout; with what a responder does, a little more.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct ToldCallout {
    #[serde(flatten)]
    pub callout: FlatCallout,
    #[serde(flatten)]
    pub kind: Option<CalloutKind>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct CalloutKind {
    #[serde(deserialize_with = "flag")]
    pub internal_test: bool,
    #[serde(deserialize_with = "lenient")]
    pub callout_classification: Named,
}
