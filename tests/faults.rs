//! Faults as an app meets them: the broken connections over raw sockets, the rest over HTTP, and the
//! console's own client through all of them.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests: a failure ends the test")]
#![cfg(unix)]

#[path = "support/asker.rs"]
mod asker;
#[path = "faults/callouts.rs"]
mod callouts;
#[path = "faults/client.rs"]
mod client;
#[path = "faults/file.rs"]
mod file;
#[path = "support/raw.rs"]
#[expect(dead_code, reason = "shared with other tests")]
mod raw;
#[path = "support/receiver.rs"]
#[expect(dead_code, reason = "shared with other tests")]
mod receiver;
#[path = "faults/requests.rs"]
mod requests;
#[path = "faults/transport.rs"]
mod transport;
#[path = "faults/webhooks.rs"]
mod webhooks;

use asker::{Asker, send};
use panic_console::sim::{Options, Running, Simulator};
use reqwest::Method;
use serde_json::{Value, json};

/// A simulator with one active callout.
struct Rig {
    running: Running,
    asker: Asker,
    customer: i64,
    callout: i64,
}

impl Rig {
    async fn new() -> Self {
        let running = Simulator::start(Options::default()).await.unwrap();
        let asker = Asker::server(&running.url()).await;
        let customer = asker.customer("+27821234567").await;
        let callout = asker.callout(customer).await;
        Self { running, asker, customer, callout }
    }

    /// These rules in place of those that hold.
    async fn put(&self, rules: Value) -> Value {
        put(&self.asker, json!({ "seed": 1, "rules": rules })).await.ok(200)
    }

    /// One rule about everything.
    async fn put_fault(&self, fault: Value) {
        self.put(json!([{ "fault": fault }])).await;
    }

    async fn off(&self) {
        self.put(json!([])).await;
    }

    fn path(&self, below: &str) -> String {
        format!("/panic-api/v2/callouts/{}{below}", self.callout)
    }

    async fn read(&self) -> Value {
        self.asker.get(&self.path("?shouldIncludeEvents=true")).await.ok(200)["callout"].clone()
    }

    async fn step(&self, step: &str) {
        self.asker.step(self.callout, step).await;
    }

    async fn advance(&self, seconds: i64) {
        self.asker.post("/control/clock", json!({ "advance": seconds })).await.ok(200);
    }
}

async fn put(asker: &Asker, rules: Value) -> asker::Answer {
    send(asker.request(Method::PUT, "/control/faults").json(&rules)).await
}

#[tokio::test]
async fn control_faults_are_put_read_and_taken_back() {
    let rig = Rig::new().await;
    let empty = rig.asker.get("/control/faults").await.ok(200);
    assert_eq!(empty, json!({ "seed": 0, "rules": [] }));
    let rule = json!({
        "method": "GET", "route": "/callouts/{callout}", "dialect": "v2", "callout": rig.callout,
        "share": 0.5, "times": 2, "after": 1, "carriedOut": true,
        "fault": { "status": { "code": 503, "retryAfter": 7, "message": "Not now." } },
    });
    let put = rig.put(json!([rule, { "fault": "gps-frozen" }])).await;
    let mut expected = rule.clone();
    (expected["seen"], expected["met"]) = (json!(0), json!(0));
    assert_eq!(put["rules"][0], expected);
    // The one callout that is active was met at once.
    assert_eq!((&put["rules"][1]["seen"], &put["rules"][1]["met"]), (&json!(1), &json!(1)));
    assert_eq!(rig.asker.get("/control/faults").await.ok(200), put);
    // What was read can be put back as it stands.
    assert_eq!(self::put(&rig.asker, put.clone()).await.ok(200)["rules"][0], expected);
    rig.off().await;
    assert_eq!(rig.asker.get("/control/faults").await.ok(200)["rules"], json!([]));
}

#[tokio::test]
async fn control_faults_that_cannot_be_are_refused_and_the_old_ones_stay() {
    let rig = Rig::new().await;
    rig.put(json!([{ "route": "/customers", "fault": "EMPTY_RESPONSE" }])).await;
    for (rule, words) in [
        (json!({ "fault": "FIRE" }), "unknown variant `FIRE`"),
        (json!({}), "missing field `fault`"),
        (json!({ "fault": "EMPTY_RESPONSE", "share": 2 }), "share: must be from 0 to 1"),
        (json!({ "fault": "EMPTY_RESPONSE", "route": "/nothing" }), "rules[0].route"),
        (json!({ "fault": "EMPTY_RESPONSE", "route": "/callouts", "dialect": "v3" }), "unknown variant `v3`"),
        (json!({ "fault": "EMPTY_RESPONSE", "route": "/control/reset" }), "rules[0].route"),
        (json!({ "fault": "EMPTY_RESPONSE", "often": 1 }), "unknown field `often`"),
        (json!({ "fault": { "delay": { "fixed": -1 } } }), "rules"),
        (json!({ "fault": "eta-grows", "method": "GET" }), "method: this fault is about callouts"),
    ] {
        put(&rig.asker, json!({ "rules": [rule] })).await.refused(400, words);
    }
    let rules = rig.asker.get("/control/faults").await.ok(200);
    assert_eq!(rules["rules"][0]["route"], "/customers");
}

#[tokio::test]
async fn nothing_beside_the_api_meets_a_fault() {
    let rig = Rig::new().await;
    rig.put_fault(json!("EMPTY_RESPONSE")).await;
    for path in ["/health", "/metrics", "/control/callouts", "/control/faults", "/openapi.json"] {
        let reply = rig.asker.request(Method::GET, path).send().await.unwrap();
        assert_eq!(reply.status(), 200, "{path}");
    }
    assert!(rig.asker.request(Method::GET, &rig.path("")).send().await.is_err());
    rig.off().await;
    rig.read().await;
}

/// Which of so many reads are refused.
async fn pattern(seed: u64) -> Vec<bool> {
    let rig = Rig::new().await;
    let rule = json!({ "method": "GET", "share": 0.4, "fault": { "status": { "code": 503 } } });
    put(&rig.asker, json!({ "seed": seed, "rules": [rule] })).await.ok(200);
    let mut refused = Vec::new();
    for _ in 0..40 {
        refused.push(rig.asker.get(&rig.path("")).await.status == 503);
    }
    refused
}

#[tokio::test]
async fn the_same_requests_in_the_same_order_meet_the_same_faults() {
    let first = pattern(7).await;
    assert_eq!(first, pattern(7).await);
    assert_ne!(first, pattern(8).await);
    assert!(first.contains(&true) && first.contains(&false));
}
