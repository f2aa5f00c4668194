//! Faults of webhooks, as their receiver meets them.

use super::{Asker, put};
use crate::receiver::Receiver;
use panic_console::sim::{Options, Running, Simulator};
use serde_json::{Value, json};

/// A simulator that tells a receiver of what is written in the chat of one callout.
struct Told {
    running: Running,
    asker: Asker,
    receiver: Receiver,
    callout: i64,
}

impl Told {
    async fn with(rule: Value) -> Self {
        let options = Options { allow_http_webhooks: true, ..Options::default() };
        let running = Simulator::start(options).await.unwrap();
        let asker = Asker::server(&running.url()).await;
        let callout = asker.callout(asker.customer("+27821234567").await).await;
        let receiver = Receiver::start().await;
        let hook =
            json!({ "url": receiver.url, "events": ["NEW_CALLOUT", "CALLOUT_SOFT_CANCELLED_BY_CUSTOMER"] });
        asker.post("/panic-api/v2/notifiers/webhooks", hook).await.ok(200);
        put(&asker, json!({ "rules": [rule] })).await.ok(200);
        Self { running, asker, receiver, callout }
    }

    /// Raises a callout and asks for its end; gives its id.
    async fn raise_and_dismiss(&self, mobile: &str) -> i64 {
        let callout = self.asker.callout(self.asker.customer(mobile).await).await;
        self.asker.post(&format!("/panic-api/v2/callouts/{callout}/dismiss"), json!({})).await.ok(200);
        callout
    }

    /// What was heard of that callout, once there is so much of it.
    async fn heard(&self, callout: i64, count: usize) -> Vec<String> {
        let heard =
            self.receiver.when(|all| all.iter().filter(|heard| heard.callout() == callout).count() >= count);
        let heard = heard.await;
        heard
            .iter()
            .filter(|heard| heard.callout() == callout)
            .map(|heard| heard.event().to_owned())
            .collect()
    }
}

const NEW: &str = "NEW_CALLOUT";
const DISMISSED: &str = "CALLOUT_SOFT_CANCELLED_BY_CUSTOMER";

#[tokio::test]
async fn webhook_lost_never_comes_and_its_sender_thinks_it_did() {
    let told = Told::with(json!({ "times": 1, "fault": "webhook-lost" })).await;
    let callout = told.raise_and_dismiss("+27821234568").await;
    assert_eq!(told.heard(callout, 1).await, [DISMISSED]);
    let log = told.asker.get("/control/webhooks/deliveries").await.ok(200);
    assert!(log.to_string().contains(NEW), "{log}");
    assert_ne!(callout, told.callout);
    told.running.stop().await;
}

#[tokio::test]
async fn webhook_doubled_comes_twice() {
    let told = Told::with(json!({ "times": 1, "fault": "webhook-doubled" })).await;
    let callout = told.raise_and_dismiss("+27821234568").await;
    assert_eq!(told.heard(callout, 3).await, [NEW, NEW, DISMISSED]);
    told.running.stop().await;
}

#[tokio::test]
async fn webhook_out_of_order_comes_behind_the_next_one() {
    let told = Told::with(json!({ "times": 1, "fault": "webhook-out-of-order" })).await;
    let callout = told.raise_and_dismiss("+27821234568").await;
    assert_eq!(told.heard(callout, 2).await, [DISMISSED, NEW]);
    told.running.stop().await;
}
