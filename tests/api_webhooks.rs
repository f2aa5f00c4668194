//! Webhooks over HTTP (reference §8.3): registering them, what they are sent, when, and how often.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests: a failure ends the test")]

#[path = "support/asker.rs"]
mod asker;
#[path = "api_webhooks/delivery.rs"]
mod delivery;
#[path = "api_webhooks/members.rs"]
mod members;
#[path = "support/receiver.rs"]
mod receiver;
#[cfg(unix)]
#[path = "api_webhooks/restart.rs"]
mod restart;
#[path = "support/shape.rs"]
mod shape;

use asker::{Answer, Asker, send};
use panic_console::sim::{Options, Running, Simulator};
use receiver::{Heard, Receiver, Say};
use reqwest::Method;
use serde_json::{Value, json};
use shape::{assert_same_shape, fixture};
use std::time::Duration;

const HOOKS: &str = "/panic-api/v2/notifiers/webhooks";

const EVENTS: [&str; 18] = [
    "NEW_CALLOUT",
    "RESPONDER_MANUALLY_DISPATCHED",
    "RESPONDER_ACKNOWLEDGED_CALLOUT",
    "RESPONDER_ACKNOWLEDGED_CALLOUT_WITH_ETA",
    "RESPONDER_ARRIVED_ON_SCENE",
    "RESPONDER_COMPLETED",
    "CALLOUT_OWNED",
    "CALLOUT_EVENTS_CHANGED",
    "CALLOUT_SOFT_CANCELLED_BY_CUSTOMER",
    "CALLOUT_NO_LONGER_REQUIRES_RESPONSE",
    "CALLOUT_CLOSED",
    "SUBSCRIPTION_CREATED",
    "SUBSCRIPTION_UPDATED",
    "SUBSCRIPTION_CANCELLED",
    "SUBSCRIPTION_CANCELLED_FAILED",
    "CREATED_CUSTOMER",
    "UPDATED_CUSTOMER",
    "DELETED_CUSTOMER",
];

/// A simulator in this process that may send to this machine.
async fn start() -> (Running, Asker) {
    let options = Options { allow_http_webhooks: true, ..Options::default() };
    let running = Simulator::start(options).await.unwrap();
    let asker = Asker::server(&running.url()).await;
    (running, asker)
}

async fn register(asker: &Asker, url: &str, events: &[&str]) {
    asker.post(HOOKS, json!({ "url": url, "events": events })).await.ok(200);
}

async fn deliveries(asker: &Asker) -> Vec<Value> {
    asker.get("/control/webhooks/deliveries").await.ok(200).as_array().unwrap().clone()
}

/// Asks for the log until it is as wanted.
async fn deliveries_when(asker: &Asker, wanted: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let asking = async {
        loop {
            let all = deliveries(asker).await;
            if wanted(&all) {
                return all;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), asking).await.expect("the log never said so")
}

async fn delete(asker: &Asker) -> Answer {
    send(asker.request(Method::DELETE, HOOKS)).await
}

#[tokio::test]
async fn create_webhook() {
    let (running, asker) = start().await;
    let request = fixture("v2/create-webhook.request.json");
    let created = asker.post(HOOKS, request.clone()).await.ok(200);
    let mut sample = fixture("v2/create-webhook.response.json");
    sample["notifier"]["config"][0]["headers"] = request["headers"].clone();
    assert_same_shape(&created, &sample);
    assert_eq!(created["notifier"]["config"], json!([request]));
    let all = json!({ "url": "https://hooks.example.com/aura", "events": EVENTS });
    let created = asker.post(HOOKS, all).await.ok(200);
    let config = json!({
        "url": "https://hooks.example.com/aura", "events": EVENTS, "method": "webhook", "headers": {},
    });
    assert_eq!(created["notifier"]["config"], json!([config]), "the alias and the customers' events too");
    assert_eq!(
        asker.get(HOOKS).await.ok(200)["notifier"]["config"],
        json!([config]),
        "it replaces the one before"
    );
    running.stop().await;
}

#[tokio::test]
async fn create_webhook_refuses_by_name() {
    let (running, asker) = start().await;
    let good = json!({ "url": "https://hooks.example.com/", "events": ["NEW_CALLOUT"] });
    let with = |key: &str, value: Value| {
        let mut body = good.clone();
        body[key] = value;
        body
    };
    for (body, words) in [
        (json!({ "events": ["NEW_CALLOUT"] }), "url"),
        (json!({ "url": "https://hooks.example.com/" }), "events"),
        (with("url", json!(7)), "url"),
        (with("url", json!("not a url")), "url"),
        (with("url", json!("http://hooks.example.com/")), "url"),
        (with("url", json!("https://user:hush@hooks.example.com/")), "url"),
        (with("url", json!("file:///etc/passwd")), "url"),
        (with("events", json!([])), "events"),
        (with("events", json!("NEW_CALLOUT")), "events"),
        (with("events", json!(["NEW_CALLOUT", "NEW_FIRE"])), "NEW_FIRE"),
        (with("events", json!(["new_callout"])), "new_callout"),
        (with("method", json!("sms")), "method"),
        (with("headers", json!({ "Host": "hush" })), "host"),
        (with("headers", json!({ "Content-Length": "hush" })), "content-length"),
        (with("headers", json!({ "transfer-encoding": "hush" })), "transfer-encoding"),
        (with("headers", json!({ "x y": "hush" })), "headers"),
        (with("headers", json!({ "x-a": "hush\r\nx-b: 1" })), "x-a"),
        (with("headers", json!({ "x-a": 1 })), "headers"),
        (with("headers", json!(["x-a"])), "headers"),
    ] {
        let answer = asker.post(HOOKS, body.clone()).await;
        assert!(!answer.body.to_string().contains("hush"), "{body}");
        answer.refused(400, words);
    }
    asker.get(HOOKS).await.refused(404, "Webhook");
    running.stop().await;
}

#[tokio::test]
async fn plain_http_takes_the_switch_and_this_machine() {
    let running = Simulator::start(Options::default()).await.unwrap();
    let asker = Asker::server(&running.url()).await;
    let body = json!({ "url": "http://127.0.0.1:9/hook", "events": ["NEW_CALLOUT"] });
    asker.post(HOOKS, body.clone()).await.refused(400, "--allow-http-webhooks");
    running.stop().await;
    let (running, asker) = start().await;
    asker.post(HOOKS, body).await.ok(200);
    running.stop().await;
}

#[tokio::test]
async fn get_webhook() {
    let (running, asker) = start().await;
    asker.get(HOOKS).await.refused(404, "Webhook");
    let request = fixture("v2/create-webhook.request.json");
    let created = asker.post(HOOKS, request).await.ok(200);
    let read = asker.get(HOOKS).await.ok(200);
    assert_eq!(read, json!({ "notifier": created["notifier"] }));
    running.stop().await;
}

#[tokio::test]
async fn delete_webhook() {
    let (running, asker) = start().await;
    delete(&asker).await.refused(404, "Webhook");
    register(&asker, "https://hooks.example.com/", &["NEW_CALLOUT"]).await;
    let deleted = delete(&asker).await.ok(200);
    assert_eq!(deleted, json!({ "message": "Webhook deleted successfully." }));
    asker.get(HOOKS).await.refused(404, "Webhook");
    delete(&asker).await.refused(404, "Webhook");
    running.stop().await;
}

#[tokio::test]
async fn only_the_source_itself_has_webhooks() {
    let (running, server) = start().await;
    let customer = server.customer("+27820000001").await;
    let body = json!({
        "clientId": "demo-client", "clientSecret": "demo-secret", "customerId": customer,
    });
    let token = server.post("/panic-api/v2/oauth/calloutToken", body).await.ok(200);
    let scoped = server.with(token["accessToken"].as_str().unwrap());
    let request = fixture("v2/create-webhook.request.json");
    for asker in [Asker::nobody(&running.url()), scoped] {
        asker.post(HOOKS, request.clone()).await.refused(401, "");
        asker.get(HOOKS).await.refused(401, "");
        delete(&asker).await.refused(401, "");
    }
    running.stop().await;
}

#[tokio::test]
async fn control_shows_webhooks_without_their_secrets() {
    let (running, asker) = start().await;
    let body = json!({
        "url": "https://hooks.example.com/aura?key=hush",
        "events": ["NEW_CALLOUT", "CALLOUT_CLOSED"],
        "headers": { "Authorization": "Bearer hush", "x-tenant": "hush" },
    });
    asker.post(HOOKS, body).await.ok(200);
    let expected = json!({
        "steps": false,
        "webhooks": [{
            "clientId": "demo-client",
            "url": "https://hooks.example.com/aura",
            "events": ["NEW_CALLOUT", "CALLOUT_CLOSED"],
            "headers": ["Authorization", "x-tenant"],
            "pending": 0,
        }],
    });
    assert_eq!(asker.get("/control/webhooks").await.ok(200), expected);
    let put = |body: Value| send(asker.request(Method::PUT, "/control/webhooks").json(&body));
    assert_eq!(put(json!({ "steps": true })).await.ok(200)["steps"], true);
    put(json!({})).await.refused(400, "steps");
    put(json!({ "steps": "yes" })).await.refused(400, "steps");
    put(json!({ "step": true })).await.refused(400, "step");
    assert_eq!(asker.get("/control/webhooks").await.ok(200)["steps"], true);
    running.stop().await;
}

#[test]
fn the_guide_names_every_event() {
    let guide = include_str!("../docs/guides/webhooks.md");
    for event in EVENTS {
        assert!(guide.contains(&format!("`{event}`")), "{event}");
    }
}
