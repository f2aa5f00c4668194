//! Tokens: the exchange of reference §2, both kinds of v1 and both spellings of v2.

use super::scalar::number_of;
use super::{Given, Id};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use std::fmt;
use utoipa::ToSchema;

/// `POST /oauth/token`. A server token asks with the secret, a user token (v1) with e-mail and password.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct TokenRequest {
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub client_id: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub client_secret: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub email: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub password: Given<String>,
}

impl fmt::Debug for TokenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenRequest(***)")
    }
}

/// `POST /oauth/calloutToken`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct CalloutTokenRequest {
    pub customer_id: Given<Id>,
}

/// `POST /oauth/user` (v1): registers a person who may then have a user token.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct UserRegistration {
    pub email: Given<String>,
    pub password: Given<String>,
    #[serde(skip_serializing_if = "Given::is_absent")]
    pub mobile_number: Given<String>,
}

impl fmt::Debug for UserRegistration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserRegistration(***)")
    }
}

/// What comes back for a token request. Written in the current, camel case spelling; read in either
/// spelling, bare or wrapped in `data`.
#[derive(Clone, Default, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TokenReply {
    pub access_token: String,
    pub token_type: String,
    /// Seconds; in v1 seconds since the epoch. `None` when the reply does not say.
    pub expires_in: Option<super::Number>,
}

impl fmt::Debug for TokenReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenReply(***, expires_in {:?})", self.expires_in)
    }
}

impl<'de> Deserialize<'de> for TokenReply {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let object =
            ["data", "token"].iter().filter_map(|key| value.get(key)).find(|inner| inner.is_object());
        let object = object.unwrap_or(&value);
        let either = |camel: &str, snake: &str| object.get(camel).or_else(|| object.get(snake));
        let text = |camel, snake| Some(either(camel, snake)?.as_str()?.trim().to_owned());
        Ok(Self {
            access_token: text("accessToken", "access_token")
                .filter(|token| !token.is_empty())
                .ok_or_else(|| serde::de::Error::custom("the reply holds no accessToken"))?,
            token_type: text("tokenType", "token_type").unwrap_or_else(|| "Bearer".to_owned()),
            expires_in: either("expiresIn", "expires_in").and_then(number_of).map(super::Number),
        })
    }
}
