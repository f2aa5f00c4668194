//! The control side of webhooks: who is told of what, and what became of it. Secrets are not shown:
//! of a header its name, of an address nothing behind the `?`.

use super::body::{Fields, required};
use super::guard::Controller;
use super::problem::Problem;
use super::reply::json;
use super::route::routes;
use super::{App, Routes};
use crate::api::model::{Given, wire_time};
use crate::sim::world::{
    About, Command, Delivery, End, Topic, Try, TryOutcome, Webhook, WebhookCommand, World,
};
use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub fn routes() -> Routes {
    vec![routes!(webhooks, set_webhooks), routes!(deliveries)]
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct WebhooksView {
    /// Whether a controller's own steps are told, too.
    steps: bool,
    webhooks: Vec<WebhookView>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct WebhookView {
    client_id: String,
    /// Without its query.
    url: String,
    events: Vec<&'static str>,
    /// Their names.
    headers: Vec<String>,
    /// Deliveries that wait.
    pending: usize,
}

fn webhooks_view(world: &World) -> WebhooksView {
    let view = |(client_id, webhook, pending): (&str, &Webhook, usize)| WebhookView {
        client_id: client_id.to_owned(),
        url: webhook.shown_url().to_owned(),
        events: webhook.topics.iter().map(|topic| Topic::as_str(*topic)).collect(),
        headers: webhook.headers.keys().cloned().collect(),
        pending,
    };
    WebhooksView { steps: world.tells_steps(), webhooks: world.webhooks().map(view).collect() }
}

/// The webhook of each customer source, and whether steps made by hand are told.
#[utoipa::path(
    get,
    path = "/webhooks",
    operation_id = "control-get-webhooks",
    tag = "Control",
    responses((status = 200, body = WebhooksView))
)]
pub async fn webhooks(State(app): State<App>, _: Controller) -> Response {
    json(&app.engine.survey(|world, _| webhooks_view(world)).await)
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SetWebhooks {
    steps: Given<bool>,
}

/// Has steps made by hand told to webhooks, or not.
#[utoipa::path(
    put,
    path = "/webhooks",
    operation_id = "control-set-webhooks",
    tag = "Control",
    request_body = SetWebhooks,
    responses((status = 200, body = WebhooksView), (status = 400))
)]
pub async fn set_webhooks(
    State(app): State<App>,
    _: Controller,
    Fields(set): Fields<SetWebhooks>,
) -> Result<Response, Problem> {
    let steps = required(&set.steps, "steps")?;
    app.engine.apply(Command::Webhook(WebhookCommand::SetSteps(steps))).await?;
    Ok(json(&app.engine.survey(|world, _| webhooks_view(world)).await))
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DeliveryView {
    id: u64,
    client_id: String,
    event: &'static str,
    /// `callout`, `customer` or `subscription`.
    entity: &'static str,
    entity_id: u64,
    /// When it happened.
    #[serde(with = "wire_time")]
    at: Option<Timestamp>,
    /// `pending`, `held back`, `delivered` or `given up`.
    state: &'static str,
    /// Why it was given up.
    reason: Option<&'static str>,
    tries: Vec<TryView>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TryView {
    /// When its outcome was known.
    #[serde(with = "wire_time")]
    at: Option<Timestamp>,
    milliseconds: u32,
    /// What the receiver answered.
    status: Option<u16>,
    /// Why there is no answer.
    error: Option<&'static str>,
}

/// What was to be delivered, oldest first, with each try and what came back.
#[utoipa::path(
    get,
    path = "/webhooks/deliveries",
    operation_id = "control-list-webhook-deliveries",
    tag = "Control",
    responses((status = 200, body = Vec<DeliveryView>))
)]
pub async fn deliveries(State(app): State<App>, _: Controller) -> Response {
    let views = app.engine.survey(|world, _| {
        world.deliveries().map(|(delivery, end)| delivery_view(world, delivery, end)).collect::<Vec<_>>()
    });
    json(&views.await)
}

fn delivery_view(world: &World, delivery: &Delivery, end: Option<End>) -> DeliveryView {
    let (entity, entity_id) = match delivery.about {
        About::Callout(id) => ("callout", id.0),
        About::Customer(id) => ("customer", id.0),
        About::Subscription(id) => ("subscription", id.0),
    };
    let (state, reason) = match end {
        None if delivery.held_back => ("held back", None),
        None => ("pending", None),
        Some(End::Delivered) => ("delivered", None),
        Some(End::GivenUp(why)) => ("given up", Some(why.as_str())),
    };
    DeliveryView {
        id: delivery.id.0,
        client_id: world.client_id(delivery.source).unwrap_or_default().to_owned(),
        event: delivery.topic.as_str(),
        entity,
        entity_id,
        at: Some(delivery.at),
        state,
        reason,
        tries: delivery.tries.iter().map(try_view).collect(),
    }
}

fn try_view(tried: &Try) -> TryView {
    let (status, error) = match tried.outcome {
        TryOutcome::Answered(status) => (Some(status), None),
        TryOutcome::Failed(failure) => (None, Some(failure.as_str())),
    };
    TryView { at: Some(tried.at), milliseconds: tried.took_ms, status, error }
}
