//! What belongs to a customer besides callouts, and who asks as one.

use crate::asker::Asker;
use crate::given::Given;
use crate::shape::fixture;
use serde_json::{Value, json};

pub async fn complete(given: Given, operation: &str) -> Given {
    let Given { asker, ids: mut known } = given;
    known.extend(ids(&asker, &known["customer"], operation).await);
    let asker = match operation {
        "create-subscription-management-session" => user(&asker).await,
        _ => asker,
    };
    Given { asker, ids: known }
}

async fn ids(asker: &Asker, customer: &str, operation: &str) -> [(&'static str, String); 7] {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let held = asker.get(&format!("/panic-api/v2/customers/{customer}/subscriptions")).await.ok(200);
    let lead = json!({ "mobileNumber": "+27830000019" });
    let lead = asker.post("/panic-api/v2/leads", lead).await.ok(201);
    let session = fixture("v2/create-signup-session.request.json");
    let session = asker.post("/panic-api/v2/customer-signup/sessions", session).await.ok(201);
    let booking =
        json!({ "customerId": customer.parse::<i64>().unwrap(), "scheduledAt": "2100-01-01T00:00:00Z" });
    let booked = asker.post("/panic-api/v2/scheduled/guarding", booking).await.ok(201);
    asker.post("/control/coupons", json!({ "couponCode": "SUMMER26" })).await.ok(201);
    let service_or_booking = match operation {
        "create-scheduled-service" => "guarding".to_owned(),
        _ => text(&booked["scheduledRequest"]["id"]),
    };
    [
        ("subscription", held[0]["id"].to_string()),
        ("lead", text(&lead["id"])),
        ("session", text(&session["sessionId"])),
        ("serviceTypeOrId", service_or_booking),
        ("mobile", "+27830000017".to_owned()),
        ("number", "1".to_owned()),
        ("code", "SUMMER26".to_owned()),
    ]
}

/// A person with a token of their own.
async fn user(asker: &Asker) -> Asker {
    let person = json!({ "email": "testy@example.com", "password": "correct horse" });
    asker.post("/panic-api/oauth/user", person).await.ok(200);
    let login = json!({
        "clientId": "demo-client", "email": "testy@example.com", "password": "correct horse",
    });
    let token = asker.post("/panic-api/oauth/token", login).await.ok(200);
    asker.with(token["accessToken"].as_str().unwrap())
}
