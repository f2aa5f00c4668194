//! Hosted signup sessions (reference §4.1).

use super::given::object;
use super::scalar::{flag, lenient, text};
use super::{Given, Id};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;
use utoipa::ToSchema;

/// `POST /customer-signup/sessions`. The `returnUrl` is the integrator's own page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct CreateSignupSession {
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub return_url: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub email: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub customer_reference_id: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent", deserialize_with = "object")]
    #[schema(value_type = Option<std::collections::BTreeMap<String, Value>>)]
    pub site_details: Given<Map<String, Value>>,
}

/// The reply. Its `returnUrl` is the hosted page: no echo of the request.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct SignupSessionCreated {
    #[serde(deserialize_with = "lenient")]
    pub session_id: String,
    #[serde(deserialize_with = "lenient")]
    pub customer_id: Option<Id>,
    #[serde(deserialize_with = "lenient")]
    pub return_url: String,
}

impl fmt::Debug for SignupSessionCreated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignupSessionCreated(***, customer {:?})", self.customer_id)
    }
}

/// How a session stands. `id`, `status` and `url` are the older page's names.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct SignupSession {
    #[serde(deserialize_with = "lenient")]
    pub id: String,
    #[serde(deserialize_with = "lenient")]
    pub session_id: String,
    #[serde(deserialize_with = "lenient")]
    pub status: String,
    #[serde(deserialize_with = "lenient")]
    pub url: String,
    #[serde(deserialize_with = "lenient")]
    pub customer_id: Option<Id>,
    #[serde(deserialize_with = "text")]
    pub customer_reference_id: Option<String>,
    /// Whether the hosted page takes a payment, signs the person in, sends them to an app.
    #[serde(deserialize_with = "flag")]
    pub payment: bool,
    #[serde(deserialize_with = "flag")]
    pub auth: bool,
    #[serde(deserialize_with = "flag")]
    pub download: bool,
    #[serde(deserialize_with = "lenient")]
    pub site_id: Option<Id>,
    #[serde(deserialize_with = "lenient")]
    #[schema(value_type = Option<std::collections::BTreeMap<String, Value>>)]
    pub site_details: Option<Map<String, Value>>,
}

impl fmt::Debug for SignupSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignupSession(***, {})", self.status)
    }
}
