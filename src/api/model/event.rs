//! Rows of a callout's event stream: chat comments and changes of status.

use super::scalar::{integer, lenient, present, present_list, text};
use super::{Id, wire_time};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// `calloutEventTypeId` of a chat comment.
pub const COMMENT: i64 = 2;
/// `calloutEventTypeId` of a change of status. Our own choice; no page names it.
pub const STATUS_CHANGE: i64 = 1;

/// v1 writes the first seven keys, v2's send reply adds `integrationUserId`, v2's list all of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct Event {
    #[serde(deserialize_with = "lenient")]
    pub id: Option<Id>,
    #[serde(deserialize_with = "lenient")]
    pub callout_id: Option<Id>,
    #[serde(deserialize_with = "integer")]
    pub callout_event_type_id: Option<i64>,
    #[serde(deserialize_with = "object_or_text")]
    pub event: EventBody,
    #[serde(deserialize_with = "text")]
    pub created_by: Option<String>,
    #[serde(with = "wire_time")]
    pub created_at: Option<Timestamp>,
    #[serde(with = "wire_time")]
    pub updated_at: Option<Timestamp>,
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub integration_user_id: Option<Value>,
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub callout_event_type: Option<EventType>,
    #[serde(deserialize_with = "present_list", skip_serializing_if = "Option::is_none")]
    pub callout_event_tags: Option<Vec<EventTag>>,
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub integration_user: Option<Value>,
    /// Where the older edition puts the text. Never written.
    #[serde(deserialize_with = "text", skip_serializing)]
    pub message: Option<String>,
}

/// v2 is sent the text of a comment as `event` and gives it back as an object; an echo of what was
/// sent is read as well.
fn object_or_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<EventBody, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(body) => EventBody { body: Some(body), ..EventBody::default() },
        value => {
            let message = value.get("message").and_then(Value::as_str).map(str::to_owned);
            let mut read: EventBody = serde_json::from_value(value).unwrap_or_default();
            read.body = read.body.or(message);
            read
        }
    })
}

/// A comment has `body` and `role`; a change of status has `status`, with `step` where that one stays.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct EventBody {
    #[serde(deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// `User` is the customer, `Admin` a controller.
    #[serde(deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub supplier_id: Option<Id>,
    #[serde(deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// What a controller did without a change of status: `acknowledged`, `owned`, `verified`. Our own
    /// choice; v1 has fields for it on the callout.
    #[serde(deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct EventType {
    #[serde(deserialize_with = "integer")]
    pub id: Option<i64>,
    #[serde(deserialize_with = "text")]
    pub value: Option<String>,
}

/// One mention in a comment, such as `@admin`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct EventTag {
    #[serde(deserialize_with = "lenient")]
    pub id: Option<Id>,
    #[serde(deserialize_with = "lenient")]
    pub callout_event_id: Option<Id>,
    #[serde(deserialize_with = "text")]
    pub tag: Option<String>,
}

/// Reply of v2's send. v1's comment reply is `MessageAndEvent`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct EventSent {
    #[serde(deserialize_with = "lenient")]
    pub callout_event: Event,
    #[serde(deserialize_with = "super::scalar::list")]
    pub callout_event_tags: Vec<EventTag>,
}

/// Reply of v1's comment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
pub struct MessageAndEvent {
    #[serde(deserialize_with = "lenient")]
    pub message: String,
    #[serde(deserialize_with = "lenient")]
    pub callout_event: Event,
}
