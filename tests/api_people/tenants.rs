//! Two customer sources in one world: neither sees anything of the other.

use super::*;
use panic_console::sim::auth::Credentials;

async fn two() -> (House, Asker) {
    let client = Credentials { client_id: "acme".to_owned(), client_secret: "hush".into() };
    let house = House::with(Options { clients: vec![client], ..Options::default() }).await;
    let credentials = json!({ "clientId": "acme", "clientSecret": "hush" });
    let token = house.nobody().post(&format!("{V2}/oauth/token"), credentials).await.ok(200);
    let acme = house.nobody().with(token["accessToken"].as_str().unwrap());
    (house, acme)
}

#[tokio::test]
async fn each_client_has_its_own_source_and_credentials() {
    let (house, acme) = two().await;
    let sources = house.nobody().get("/control/sources").await.ok(200);
    let ids: Vec<_> = sources.as_array().unwrap().iter().map(|source| source["clientId"].clone()).collect();
    assert_eq!(ids, ["demo-client", "acme"]);
    assert!(!sources.to_string().contains("hush") && !sources.to_string().contains("secret"));
    let person = json!({ "customer": { "name": "Jane", "surname": "Doe", "mobile": "+27821234567" } });
    let mine = house.post("/customers", person.clone()).await.ok(201);
    let theirs = acme.post(&format!("{V2}/customers"), person).await.ok(201);
    assert_eq!(mine["customer"]["customerSourceId"], sources[0]["id"]);
    assert_eq!(theirs["customer"]["customerSourceId"], sources[1]["id"], "the number is free there");
    for crossed in [("demo-client", "hush"), ("acme", "demo-secret")] {
        let credentials = json!({ "clientId": crossed.0, "clientSecret": crossed.1 });
        house.nobody().post(&format!("{V2}/oauth/token"), credentials).await.refused(401, "credentials");
    }
}

#[tokio::test]
async fn a_user_belongs_to_the_source_that_registered_them() {
    let (house, acme) = two().await;
    house.user("jane@example.com", "+27820000005").await;
    let login = |client: &str| json!({ "clientId": client, "email": "jane@example.com", "password": "correct horse" });
    let path = format!("{V1}/oauth/token");
    house.nobody().post(&path, login("acme")).await.refused(401, "credentials");
    house.nobody().post(&path, login("nobody")).await.refused(401, "credentials");
    let person = json!({ "email": "jane@example.com", "password": "correct horse" });
    acme.post(&format!("{V1}/oauth/user"), person).await.ok(200);
    let token = house.nobody().post(&path, login("acme")).await.ok(200);
    let user = house.nobody().with(token["accessToken"].as_str().unwrap());
    let block = json!({
        "customer": { "name": "Jane", "surname": "Doe", "mobile": "+27820000005" },
        "calloutLocation": { "latitude": -26.1, "longitude": 28.1 },
    });
    let raised = user.post(&format!("{V1}/callouts"), block).await.ok(200);
    let id = &raised["callout"]["id"];
    acme.get(&format!("{V1}/callouts/{id}")).await.ok(200);
    house.asker.get(&format!("{V1}/callouts/{id}")).await.refused(404, "Callout");
}

/// Every operation that takes an id, with one of the other tenant.
#[tokio::test]
async fn every_id_of_another_source_is_unknown() {
    let (house, acme) = two().await;
    let (jane, subscription) = house.subscribed("+27821234567").await;
    let callout = house.asker.callout(jane).await;
    let place = json!({ "latitude": -26.1, "longitude": 28.1 });
    let later = json!({ "validTo": "2100-01-01T00:00:00Z" });
    let lead = house.post("/leads", fixture("v2/create-lead.request.json")).await.ok(201)["id"].clone();
    let lead = lead.as_str().unwrap();
    let session = fixture("v2/create-signup-session.request.json");
    let session = house.post("/customer-signup/sessions", session).await.ok(201)["sessionId"].clone();
    let session = session.as_str().unwrap();
    let booking = json!({ "customerId": jane, "scheduledAt": "2100-01-01T00:00:00Z" });
    let booked = house.post("/scheduled/guarding", booking.clone()).await.ok(201);
    let booked = booked["scheduledRequest"]["id"].as_str().unwrap();
    let raise = fixture("v2/create-customer-callout.request.json");
    for (method, path, body) in [
        (Method::GET, format!("{V2}/customers/{jane}"), json!({})),
        (Method::PUT, format!("{V2}/customers/{jane}"), json!({ "email": "x@example.com" })),
        (Method::POST, format!("{V2}/customers/{jane}/delete"), json!({})),
        (Method::GET, format!("{V2}/customers/{jane}/subscriptions"), json!({})),
        (Method::GET, format!("{V2}/customers/{jane}/callouts"), json!({})),
        (Method::POST, format!("{V2}/customers/{jane}/callouts"), raise.clone()),
        (Method::POST, format!("{V2}/oauth/calloutToken"), json!({ "customerId": jane })),
        (Method::POST, format!("{V2}/subscriptions"), json!({ "customerId": jane, "subscriptionTypeId": 4 })),
        (Method::GET, format!("{V2}/subscriptions/{subscription}"), json!({})),
        (Method::PUT, format!("{V2}/subscriptions/{subscription}"), later),
        (Method::DELETE, format!("{V2}/subscriptions/{subscription}"), json!({ "reason": "x" })),
        (Method::GET, format!("{V2}/callouts/{callout}"), json!({})),
        (Method::POST, format!("{V2}/callouts/{callout}/location"), place.clone()),
        (Method::POST, format!("{V2}/callouts/{callout}/updateLocationAndReturnCallout"), place.clone()),
        (Method::GET, format!("{V2}/callouts/{callout}/events"), json!({})),
        (
            Method::POST,
            format!("{V2}/callouts/{callout}/events"),
            json!({ "source": "customer", "event": "x" }),
        ),
        (Method::POST, format!("{V2}/callouts/{callout}/dismiss"), json!({})),
        (Method::POST, format!("{V2}/callouts/{callout}/cancel"), json!({})),
        (
            Method::POST,
            format!("{V2}/callouts"),
            json!({ "customerId": jane, "responseTypeId": 1, "location": place }),
        ),
        (Method::GET, format!("{V2}/leads/{lead}"), json!({})),
        (Method::GET, format!("{V2}/customer-signup/sessions/{session}"), json!({})),
        (Method::POST, format!("{V2}/scheduled/guarding"), booking),
        (Method::DELETE, format!("{V2}/scheduled/{booked}"), json!({})),
        (Method::GET, format!("{V1}/customers/+27821234567/subscriptions"), json!({})),
        (Method::DELETE, format!("{V1}/subscription/{subscription}"), json!({})),
        (Method::GET, format!("{V1}/callouts/{callout}"), json!({})),
        (Method::POST, format!("{V1}/callouts/{callout}/location"), place),
        (Method::POST, format!("{V1}/callouts/{callout}/dismiss"), json!({})),
        (Method::POST, format!("{V1}/callout/{callout}/comments"), json!({ "message": "x" })),
    ] {
        let answer = send(acme.request(method.clone(), &path).json(&body)).await;
        assert_eq!(answer.status, 404, "{method} {path}: {}", answer.body);
        answer.refused(404, "not found");
    }
    // Named inside a body they are unknown too.
    let person = json!({ "name": "Sam", "surname": "Doe", "mobile": "+27820000001" });
    let joining = json!({ "customer": person, "subscriptionId": subscription });
    acme.post(&format!("{V2}/customers"), joining).await.refused(400, "subscriptionId");
    let sam = acme.customer("+27820000001").await;
    let held = acme.get(&format!("{V2}/customers/{sam}/subscriptions")).await.ok(200)[0]["id"].clone();
    let body = json!({ "validTo": "2100-01-01T00:00:00Z", "dependantCustomerIds": [jane] });
    let request = acme.request(Method::PUT, &format!("{V2}/subscriptions/{held}")).json(&body);
    send(request).await.refused(400, "dependantCustomerIds");
    assert_eq!(acme.get(&format!("{V2}/callouts/activeCallouts")).await.ok(200), json!([]));
    house.nobody().post("/control/coupons", json!({ "couponCode": "MINE" })).await.ok(201);
    let coupons = acme.get(&format!("{V1}/coupon/1/MINE")).await.ok(200);
    assert_eq!(coupons, json!({ "coupons": [] }));
    // And nothing of it happened.
    let scheduled = house.nobody().get("/control/scheduled").await.ok(200);
    assert_eq!((&scheduled[0]["cancelledAt"], scheduled.as_array().unwrap().len()), (&Value::Null, 1));
    assert_eq!(house.get(&format!("/callouts/{callout}")).await.ok(200)["callout"]["status"], "created");
    assert_eq!(house.get(&format!("/subscriptions/{subscription}")).await.ok(200)["dependants"], json!([]));
}
