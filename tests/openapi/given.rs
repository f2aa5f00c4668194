//! What each operation is called with.

use crate::asker::Asker;
use crate::shape::fixture;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Paths of the API and beside it that ask for no token.
pub const OPEN: [&str; 3] = ["/health", "/panic-api/oauth/token", "/panic-api/v2/oauth/token"];

/// Operations that answer any word in their path.
pub const ANY_ID_WILL_DO: [&str; 0] = [];

/// A world with one of everything, and who asks.
pub struct Given {
    pub asker: Asker,
    ids: BTreeMap<&'static str, String>,
}

impl Given {
    /// The id that a name in a path means, for that operation.
    pub fn id(&self, name: &str, operation: &str) -> String {
        self.ids.get(name).unwrap_or_else(|| panic!("{operation}: nothing is known of {{{name}}}")).clone()
    }
}

/// The world that an operation is tried in.
pub async fn state_for(url: &str, operation: &str) -> Given {
    let asker = Asker::server(url).await;
    let customer = asker.customer("+27830000017").await;
    let callout = asker.callout(customer).await;
    let other = json!({ "customer": { "name": "Testy", "surname": "McTestFace", "mobile": "+27830000018" } });
    let unsubscribed = asker.post("/panic-api/v2/customers", other).await.ok(201);
    let responders = asker.get("/control/responders").await.ok(200);
    let suppliers = asker.post("/control/suppliers", supplier()).await.ok(201);
    let free = asker.post("/control/responders", vehicle()).await.ok(201);
    assert!(responders.as_array().is_some_and(|all| !all.is_empty()));
    let _ = operation;
    let ids = BTreeMap::from([
        ("customer", customer.to_string()),
        ("unsubscribed", unsubscribed["customerId"].to_string()),
        ("callout", callout.to_string()),
        ("responder", free["id"].to_string()),
        ("supplier", suppliers["id"].to_string()),
    ]);
    Given { asker, ids }
}

fn supplier() -> Value {
    json!({ "name": "Example Response", "contactNumber": "+27000000009" })
}

fn vehicle() -> Value {
    json!({ "name": "Testy", "position": { "latitude": -26.12, "longitude": 28.12 } })
}

/// The body of a good request; `None`: the operation has none.
pub fn body_of(operation: &str, given: &Given) -> Option<Value> {
    let sample = |name: &str| fixture(&format!("v2/{name}.request.json"));
    let body = match operation {
        "create-oauth-token" | "v1-create-token" => {
            json!({ "clientId": "demo-client", "clientSecret": "demo-secret" })
        }
        "create-callout-token" => json!({ "customerId": given.id("customer", operation) }),
        "v1-register-user" => json!({ "email": "jane.doe@example.com", "password": "correct horse" }),
        "create-customer" => sample("create-customer"),
        "create-subscription" => {
            json!({ "customerId": given.id("unsubscribed", operation), "subscriptionTypeId": 4 })
        }
        "create-customer-callout" => sample("create-customer-callout"),
        "create-callout-legacy" => json!({
            "customerId": given.id("customer", operation), "responseTypeId": 1, "latitude": -26.1, "longitude": 28.1,
        }),
        "update-callout-location" => sample("update-callout-location"),
        "update-callout-location-and-return" => sample("update-callout-location-and-return"),
        "create-callout-event" => sample("create-callout-event"),
        "cancel-callout" => json!({ "safeCode": "0017" }),
        "v1-create-callout" => json!({
            "customer": { "name": "Jane", "surname": "Doe", "mobile": "+27820000001" },
            "calloutLocation": { "latitude": -26.1, "longitude": 28.1, "accuracy": 5 },
        }),
        "v1-update-callout-location" => json!({ "latitude": -26.1, "longitude": 28.1 }),
        "v1-create-comment" | "v1-create-comment-plural" => json!({ "message": "At the gate." }),
        "control-step" => json!({ "step": "acknowledge" }),
        "control-comment" => json!({ "message": "Help is on the way." }),
        "control-create-responder" => vehicle(),
        "control-update-responder" => json!({ "active": false }),
        "control-create-supplier" => supplier(),
        "control-update-supplier" => json!({ "region": "Gauteng" }),
        "control-turn-clock" => json!({ "advance": 60 }),
        "control-set-faults" => json!({ "seed": 7, "rules": [
            { "method": "GET", "route": "/callouts/{callout}", "share": 0.5, "fault": { "delay": { "fixed": 1 } } },
            { "times": 1, "fault": { "status": { "code": 503, "retryAfter": 7 } }, "carriedOut": true },
            { "fault": "gps-frozen" },
        ] }),
        "control-set-webhooks" => json!({ "steps": true }),
        "create-webhook" => sample("create-webhook"),
        "control-set-autopilot" => json!({ "scenario": "happy-path" }),
        _ => return None,
    };
    Some(body)
}
