//! The page behind a callout's tracking link: how the response stands, for whoever holds the link.

use super::App;
use super::caller::Here;
use super::problem::Problem;
use crate::sim::auth::same_secret;
use crate::sim::world::{CalloutId, CalloutRecord, Status};
use axum::extract::{Path, RawQuery, State};
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use jiff::Timestamp;
use std::fmt::Write;

/// The link of a callout. Its token is made from the callout's number with the key that signs the
/// tokens: it needs no storing, outlives a restart, and opens this callout only.
pub fn url(app: &App, Here(local): Here, callout: CalloutId) -> Result<String, Problem> {
    let token = token(app, callout)?;
    Ok(format!("http://{local}/track/{callout}?sessionToken={token}&calloutId={callout}"))
}

fn token(app: &App, callout: CalloutId) -> Result<String, Problem> {
    let key = jsonwebtoken::EncodingKey::from_secret(app.engine.key.as_bytes());
    let message = format!("track/{callout}");
    jsonwebtoken::crypto::sign(message.as_bytes(), &key, jsonwebtoken::Algorithm::HS256)
        .map_err(|_| Problem::internal())
}

/// `GET /track/{calloutId}?sessionToken=…`. Without the right token there is nothing here.
pub async fn page(
    State(app): State<App>,
    Path(callout): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let nothing = || Problem::not_found("Callout");
    let id = CalloutId(callout.parse().map_err(|_| nothing())?);
    let query = query.unwrap_or_default();
    let given = query.split('&').find_map(|pair| pair.strip_prefix("sessionToken=")).unwrap_or_default();
    if !same_secret(given, &token(&app, id)?) {
        return Err(nothing());
    }
    let page = app.engine.look(id, |world, _| world.callout_by_id(id).map(render)).await;
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        ),
    ];
    Ok((headers, Html(page.ok_or_else(nothing)?)).into_response())
}

/// No name, number or position is on it, only how far the response is.
fn render(record: &CalloutRecord) -> String {
    let mut page = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>\
         <meta http-equiv=refresh content=15><title>Callout {0}</title>\
         <style>body{{font:1.1rem system-ui;margin:2rem auto;max-width:30rem}}td{{padding:.2rem 1rem .2rem 0}}</style>\
         <h1>Callout {0}</h1><p>{1}</p><table>",
        record.id,
        escape(record.status.as_str()),
    );
    for (step, at) in steps(record) {
        // Writing into a string cannot fail.
        let _written = write!(page, "<tr><td>{}<td>{}", escape(step), escape(&at.to_string()));
    }
    page.push_str("</table>");
    if record.cancelled_by_customer && record.status != Status::Closed {
        page.push_str("<p>A cancel was asked for. The response goes on until it is confirmed.</p>");
    }
    page
}

fn steps(record: &CalloutRecord) -> impl Iterator<Item = (&'static str, Timestamp)> {
    let assignment = record.assignment();
    [
        ("Created", Some(record.created_at)),
        ("Acknowledged", record.acknowledged_at),
        ("Responder dispatched", assignment.map(|assignment| assignment.dispatched_at)),
        ("Responder arrived", assignment.and_then(|assignment| assignment.arrived_at)),
        ("Responder completed", assignment.and_then(|assignment| assignment.completed_at)),
        ("Closed", record.resolved_at),
    ]
    .into_iter()
    .filter_map(|(step, at)| Some((step, at?)))
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_escaped() {
        assert_eq!(escape("<a href=\"x\">'&"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;");
    }
}
