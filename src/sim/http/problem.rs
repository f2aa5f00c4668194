//! What goes wrong, as the API says it: a status and `{ "message" }` (reference §3).

use crate::api::model::reply::Message;
use crate::sim::auth::Denied;
use crate::sim::engine::Failure;
use crate::sim::store::NotStored;
use crate::sim::world::Refusal;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_body_util::{BodyExt, Collected};
use serde::Serialize;
use utoipa::ToSchema;

/// A reply that is no success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub status: StatusCode,
    pub message: String,
    /// The steps that are possible instead, on a 409 of the control side.
    allowed: Option<Vec<&'static str>>,
    retry_after: Option<u16>,
}

/// The body of a 409 of the control side.
#[derive(Debug, Serialize, ToSchema)]
pub struct NotAllowed {
    message: String,
    /// The steps that are possible instead.
    allowed: Vec<&'static str>,
}

impl Problem {
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), allowed: None, retry_after: None }
    }

    /// 400; the message names the field.
    pub fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("{what} not found."))
    }

    pub fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, message)
    }

    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    /// 429 with `Retry-After`.
    pub fn too_many(seconds: u16) -> Self {
        let message = "Too many requests.";
        Self { retry_after: Some(seconds), ..Self::new(StatusCode::TOO_MANY_REQUESTS, message) }
    }

    /// With `Retry-After`, whatever it is.
    #[must_use]
    pub fn after(self, seconds: u16) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// A mistake of ours. What it was stays in the log.
    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Unexpected server error.")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = match self.allowed {
            Some(allowed) => Json(NotAllowed { message: self.message, allowed }).into_response(),
            None => Json(Message { message: self.message }).into_response(),
        };
        *response.status_mut() = self.status;
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// A refusal that the router or one of its extractors wrote in words and a shape of its own, such as for
/// an id in a path that is no text, in the shape of the API.
pub async fn in_our_shape(response: Response) -> Response {
    let plain = |value: &HeaderValue| value.as_bytes().starts_with(b"text/plain");
    if response.status().as_u16() < 400 || !response.headers().get(header::CONTENT_TYPE).is_some_and(plain) {
        return response;
    }
    let status = response.status();
    let words = response.into_body().collect().await.map(Collected::to_bytes).unwrap_or_default();
    Problem::new(status, String::from_utf8_lossy(&words)).into_response()
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        Self::unauthorized(denied.to_string())
    }
}

impl From<NotStored> for Problem {
    fn from(error: NotStored) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let status = match &refusal {
            Refusal::NotFound { .. } => StatusCode::NOT_FOUND,
            Refusal::NoSubscription => StatusCode::FORBIDDEN,
            Refusal::Failed { .. } => StatusCode::INTERNAL_SERVER_ERROR,
            // Location updates answer a closed callout themselves, with a 285.
            Refusal::Invalid { .. } | Refusal::Template { .. } | Refusal::Closed => StatusCode::BAD_REQUEST,
            Refusal::Duplicate { .. }
            | Refusal::NotAllowed { .. }
            | Refusal::NotCovered { .. }
            | Refusal::NoResponder { .. }
            | Refusal::Busy { .. } => StatusCode::CONFLICT,
        };
        let message = refusal.to_string();
        let allowed = match refusal {
            Refusal::NotAllowed { allowed_now, .. } | Refusal::NotCovered { allowed_now } => {
                Some(allowed_now)
            }
            Refusal::NoResponder { allowed_now } | Refusal::Busy { allowed_now, .. } => {
                Some(allowed_now).filter(|steps| !steps.is_empty())
            }
            _ => None,
        };
        Self { allowed, ..Self::new(status, message) }
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => refusal.into(),
            Failure::NotStored(error) => error.into(),
        }
    }
}
