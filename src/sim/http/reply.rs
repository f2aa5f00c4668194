//! Replies that are no plain JSON.

use super::problem::Problem;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use hyper::body::Bytes;
use hyper::ext::ReasonPhrase;
use serde::Serialize;

/// 200 with JSON. Written straight into one buffer of about the right size: a callout has one to
/// four kilobytes.
pub fn json<T: Serialize>(value: &T) -> Response {
    match written(value) {
        Ok(body) => json_of(body),
        Err(problem) => problem.into_response(),
    }
}

/// The bytes of a reply.
pub fn written<T: Serialize>(value: &T) -> Result<Bytes, Problem> {
    let mut body = Vec::with_capacity(4_096);
    match serde_json::to_writer(&mut body, value) {
        Ok(()) => {
            // It may be kept for long.
            body.shrink_to_fit();
            Ok(body.into())
        }
        Err(error) => {
            tracing::error!(%error, "a reply cannot be written");
            Err(Problem::internal())
        }
    }
}

/// 200 with JSON that has been written already.
pub fn json_of(body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

pub fn created<T: Serialize>(value: &T) -> Response {
    with_status(json(value), StatusCode::CREATED)
}

/// HTTP 285: a location was refused because the callout is closed. No registry knows the number, so it
/// has no reason phrase of its own.
pub fn callout_closed<T: Serialize>(value: &T) -> Response {
    let Ok(status) = StatusCode::from_u16(285) else { return Problem::internal().into_response() };
    let mut response = with_status(json(value), status);
    response.extensions_mut().insert(ReasonPhrase::from_static(b"Callout Closed"));
    response
}

fn with_status(mut response: Response, status: StatusCode) -> Response {
    // A 500 stays one.
    if response.status() == StatusCode::OK {
        *response.status_mut() = status;
    }
    response
}
