//! The tracking link of a callout: the page behind it, its live stream, and the picture of its map.
//! Whoever has the link needs nothing else; without it there is nothing here.

use super::App;
use super::caller::Here;
use super::problem::Problem;
use crate::sim::auth::same_secret;
use crate::sim::tracking::{self, Seen};
use crate::sim::world::CalloutId;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// The link of a callout. Its token is made from the callout's number with the key that signs the
/// tokens: it needs no storing, outlives a restart, and opens this callout only.
pub fn url(app: &App, Here(base): &Here, callout: CalloutId) -> Result<String, Problem> {
    let token = signed(app, &format!("track/{callout}"))?;
    Ok(format!("{base}/track/{callout}?sessionToken={token}&calloutId={callout}"))
}

/// Signs a message that says what a link opens.
pub fn signed(app: &App, message: &str) -> Result<String, Problem> {
    let key = jsonwebtoken::EncodingKey::from_secret(app.engine.key.as_bytes());
    jsonwebtoken::crypto::sign(message.as_bytes(), &key, jsonwebtoken::Algorithm::HS256)
        .map_err(|_| Problem::internal())
}

/// A value of the query, as it stands there.
pub fn queried<'q>(query: Option<&'q str>, name: &str) -> &'q str {
    let pairs = query.unwrap_or_default().split('&');
    pairs.filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name).map_or("", |(_, value)| value)
}

/// The callout that a link opens, if it opens one.
pub fn opened(app: &App, callout: &str, query: Option<&str>) -> Option<CalloutId> {
    let id = CalloutId(callout.parse().ok()?);
    let expected = signed(app, &format!("track/{id}")).ok()?;
    same_secret(queried(query, "sessionToken"), &expected).then_some(id)
}

/// `GET /track/{calloutId}?sessionToken=…`.
pub async fn page(
    State(app): State<App>,
    Path(callout): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let Some(id) = opened(&app, &callout, query.as_deref()) else { return nothing() };
    let seen = app.engine.look(id, |world, now| {
        let seen = world.callout_by_id(id).and_then(|record| Seen::new(world, record, now));
        (seen, now)
    });
    match seen.await {
        (Some(seen), now) => html(StatusCode::OK, tracking::page(&seen, now)),
        (None, _) => nothing(),
    }
}

/// What every link shows that opens nothing, whatever is wrong with it.
pub fn nothing() -> Response {
    html(StatusCode::NOT_FOUND, tracking::nothing())
}

fn html(status: StatusCode, page: String) -> Response {
    let mut response = (status, page).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    if let Ok(policy) = HeaderValue::from_str(&tracking::POLICY) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    guarded(response)
}

/// What all replies behind a tracking link say: kept nowhere, told to nobody, taken for nothing else.
pub fn guarded(mut response: Response) -> Response {
    let all = [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
    ];
    for (name, value) in all {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// `GET /track/icon.svg`: the sign in the browser's tab.
pub async fn icon() -> Response {
    const ICON: &str = include_str!("../../../assets/tracking/icon.svg");
    let headers = [
        (header::CONTENT_TYPE, "image/svg+xml"),
        (header::CACHE_CONTROL, "public, max-age=86400"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, ICON).into_response()
}
