//! What each operation is called with.

use crate::asker::Asker;
use crate::people;
use crate::shape::fixture;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Paths of the API and beside it that ask for no token.
pub const OPEN: [&str; 3] = ["/health", "/panic-api/oauth/token", "/panic-api/v2/oauth/token"];

/// Operations that answer any word in their path.
pub const ANY_ID_WILL_DO: [&str; 2] = ["create-scheduled-service", "v1-get-coupon"];

/// Operations on a callout that is closed.
const ONCE_CLOSED: [&str; 5] = [
    "get-callout-map",
    "get-resolution-report",
    "get-resolution-report-hyphen",
    "create-callout-rating",
    "create-callout-rating-item",
];

/// The one form that there is.
pub const FORM: &str = "--edge\r\nContent-Disposition: form-data; name=\"locations\"\r\n\r\n\
    externalReferenceId,locationIdentifier,latitude,longitude\r\n--edge\r\n\
    Content-Disposition: form-data; name=\"callbackUrl\"\r\n\r\nhttp://127.0.0.1:9/\r\n--edge--\r\n";

/// A world with one of everything, and who asks.
pub struct Given {
    pub asker: Asker,
    pub ids: BTreeMap<&'static str, String>,
}

impl Given {
    /// The id that a name in a path means, for that operation.
    pub fn id(&self, name: &str, operation: &str) -> String {
        self.ids.get(name).unwrap_or_else(|| panic!("{operation}: nothing is known of {{{name}}}")).clone()
    }
}

/// The world that an operation is tried in.
pub async fn state_for(by: &Asker, url: &str, operation: &str) -> Given {
    let asker = by.server_at(url).await;
    let customer = asker.customer("+27830000017").await;
    let callout = asker.callout(customer).await;
    let other = json!({ "customer": { "name": "Testy", "surname": "McTestFace", "mobile": "+27830000018" } });
    let unsubscribed = asker.post("/panic-api/v2/customers", other).await.ok(201);
    let responders = asker.get("/control/responders").await.ok(200);
    let suppliers = asker.post("/control/suppliers", supplier()).await.ok(201);
    let free = asker.post("/control/responders", vehicle()).await.ok(201);
    assert!(responders.as_array().is_some_and(|all| !all.is_empty()));
    if ONCE_CLOSED.contains(&operation) {
        asker.step(callout, "close").await;
    }
    let device = json!({
        "customerId": customer, "deviceSerial": "SN-0002-0000000A", "deviceSupplier": "ExampleDevices",
    });
    let device = asker.post("/panic-api/v2/devices", device).await.ok(201);
    let location = sample("create-fixed-location");
    let location = asker.post("/panic-api/v2/predefinedLocations", location).await.ok(201);
    let mut ids = BTreeMap::from([
        ("customer", customer.to_string()),
        ("unsubscribed", unsubscribed["customerId"].to_string()),
        ("callout", callout.to_string()),
        ("device", device["deviceId"].as_str().unwrap().to_owned()),
        ("responder", free["id"].to_string()),
        ("supplier", suppliers["id"].to_string()),
        ("location", location["id"].to_string()),
        ("reference", location["externalReferenceId"].as_str().unwrap().to_owned()),
    ]);
    if matches!(operation, "get-webhook" | "delete-webhook") {
        asker.post("/panic-api/v2/notifiers/webhooks", sample("create-webhook")).await.ok(200);
    }
    if operation == "create-callout-rating-item" {
        let rated = json!({ "calloutId": callout, "rating": 4 });
        let rated = asker.post("/panic-api/v2/ratings", rated).await.ok(200);
        ids.insert("rating", rated["calloutRatingPostResult"]["id"].to_string());
    }
    people::complete(Given { asker, ids }, operation).await
}

fn supplier() -> Value {
    json!({ "name": "Example Response", "contactNumber": "+27000000009" })
}

fn vehicle() -> Value {
    json!({ "name": "Testy", "position": { "latitude": -26.12, "longitude": 28.12 } })
}

fn sample(name: &str) -> Value {
    fixture(&format!("v2/{name}.request.json"))
}

/// The body of a good request; `None`: the operation has none.
pub fn body_of(operation: &str, given: &Given) -> Option<Value> {
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
        "update-customer" => json!({ "customer": { "email": "testy@example.com" } }),
        "update-subscription" => json!({
            "validTo": "2100-01-01T00:00:00Z",
            "dependantCustomerIds": [given.id("unsubscribed", operation)],
        }),
        "delete-subscription" => sample("delete-subscription"),
        "v1-delete-subscription" | "control-delete-coupon" => json!({}),
        "create-subscription-management-session" => json!({ "returnUrl": "https://app.example.com/" }),
        "create-customer-signup-session" => sample("create-signup-session"),
        "create-lead" => sample("create-lead"),
        "create-scheduled-service" => json!({
            "customerId": given.id("customer", operation), "scheduledAt": "2100-01-01T00:00:00Z",
        }),
        "control-create-coupon" => json!({ "couponCode": "WINTER26" }),
        "create-customer-callout" => sample("create-customer-callout"),
        "create-callout-legacy" => json!({
            "customerId": given.id("customer", operation), "responseTypeId": 1, "latitude": -26.1, "longitude": 28.1,
        }),
        "update-callout-location" => sample("update-callout-location"),
        "update-callout-location-and-return" => sample("update-callout-location-and-return"),
        "create-callout-event" => sample("create-callout-event"),
        "cancel-callout" => json!({ "safeCode": "0017" }),
        "create-exception-reason" => sample("create-exception-reason"),
        "create-callout-rating" => json!({ "calloutId": given.id("callout", operation), "rating": 4 }),
        "create-callout-rating-item" => json!({
            // Of a world that has no rating, any id does to be refused.
            "calloutRatingId": given.ids.get("rating").map_or("1", String::as_str),
            "ratingItemDescription": "Response time",
        }),
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
        "create-fixed-location" => {
            let mut body = sample("create-fixed-location");
            body["externalReferenceId"] = json!("another");
            body
        }
        "update-fixed-location" => fixture("v2/update-fixed-location.request.older.json"),
        "create-fixed-location-callout" => sample("create-fixed-location-callout"),
        "control-set-coverage" => json!({ "security": [] }),
        "control-turn-clock" => json!({ "advance": 60 }),
        "control-set-faults" => json!({ "seed": 7, "rules": [
            { "method": "GET", "route": "/callouts/{callout}", "share": 0.5, "fault": { "delay": { "fixed": 1 } } },
            { "times": 1, "fault": { "status": { "code": 503, "retryAfter": 7 } }, "carriedOut": true },
            { "fault": "gps-frozen" },
        ] }),
        "control-set-webhooks" => json!({ "steps": true }),
        "link-device-to-customer" => json!({
            "customerId": given.id("customer", operation), "deviceSerial": "SN-0003-0000000B",
            "deviceSupplier": "ExampleDevices",
        }),
        "update-device-for-customer" => json!({
            "customerId": given.id("customer", operation), "deviceId": given.id("device", operation),
            "deviceAlias": "Gate",
        }),
        "create-device-event" => json!({
            "device_type_id": 1, "device_id": given.id("device", operation), "message_type": 4,
            "body": { "batteryLevel": 72 },
        }),
        "control-add-device-template" => {
            let shipped = panic_console::sim::devices::shipped().next().unwrap();
            serde_json::to_value(shipped).unwrap()
        }
        "create-webhook" => sample("create-webhook"),
        "control-set-autopilot" => json!({ "scenario": "happy-path" }),
        _ => return None,
    };
    Some(body)
}
