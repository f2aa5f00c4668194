//! Fixed locations over HTTP (reference §8.1), callouts from them, and coverage (§5).

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests: a failure ends the test")]

#[allow(dead_code, reason = "shared by tests that each use a part of it")]
#[path = "support/asker.rs"]
mod asker;
#[path = "support/shape.rs"]
mod shape;

use asker::{Answer, Asker, send};
use panic_console::sim::{Options, Running, Simulator};
use reqwest::Method;
use serde_json::{Value, json};
use shape::{assert_same_shape, fixture};

const PLACES: &str = "/panic-api/v2/predefinedLocations";

async fn start() -> (Running, Asker) {
    let running = Simulator::start(Options::default()).await.unwrap();
    let server = Asker::server(&running.url()).await;
    (running, server)
}

impl Asker {
    async fn put(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::PUT, path).json(&body)).await
    }

    async fn delete(&self, path: &str) -> Answer {
        send(self.request(Method::DELETE, path)).await
    }

    /// Creates the sample's location under that reference; gives the id.
    async fn site(&self, reference: &str) -> i64 {
        self.post(PLACES, site(reference)).await.ok(201)["id"].as_i64().unwrap()
    }

    async fn raise_at(&self, reference: &str) -> Answer {
        self.post(&format!("{PLACES}/externalRef/{reference}/callouts"), json!({})).await
    }
}

fn site(reference: &str) -> Value {
    with(fixture("v2/create-fixed-location.request.json"), json!({ "externalReferenceId": reference }))
}

/// `body` with other or more fields.
fn with(mut body: Value, more: Value) -> Value {
    let Value::Object(more) = more else { panic!("{more}") };
    body.as_object_mut().unwrap().extend(more);
    body
}

fn without(mut body: Value, field: &str) -> Value {
    body.as_object_mut().unwrap().remove(field).unwrap();
    body
}

#[tokio::test]
async fn create_gives_back_every_key_of_the_sample() {
    let (_running, server) = start().await;
    let request = fixture("v2/create-fixed-location.request.json");
    let created = server.post(PLACES, request.clone()).await.ok(201);
    assert_same_shape(&created, &fixture("v2/create-fixed-location.response.json"));
    for (field, given) in request.as_object().unwrap() {
        assert_eq!(&created[field], given, "{field}");
    }
    assert_eq!(created["calloutLocationTypeValue"], "COMMERCIAL");
    assert_eq!(created["calloutLocationType.id"], 3);
    assert_eq!(created["calloutLocationType.value"], "COMMERCIAL");
    assert_eq!((&created["securityCoverage"], &created["medicalCoverage"]), (&json!(true), &json!(true)));
    assert_eq!(created["inCoverageLastCheckedAt"], created["createdAt"]);
    server.post(PLACES, request).await.refused(409, "externalReferenceId");
}

#[tokio::test]
async fn create_takes_numbers_and_the_older_words() {
    let (_running, server) = start().await;
    let older = json!({
        "name": "Long Street Store", "externalReferenceId": "STORE-001",
        "latitude": -33.9249, "longitude": 18, "address": "1 Long Street",
    });
    let created = server.post(PLACES, older).await.ok(201);
    assert_eq!((&created["latitude"], &created["longitude"]), (&json!("-33.9249"), &json!("18")));
    assert_eq!(created["locationIdentifier"], "Long Street Store");
    assert_eq!(created["formattedAddress"], "1 Long Street");
    for key in ["calloutLocationType.id", "calloutLocationType.createdAt", "calloutLocationTypeValue"] {
        assert_eq!(created[key], Value::Null, "{key}");
    }
    let customer = server.customer("+27820000001").await;
    let linked = with(site("linked"), json!({ "customerId": customer, "w3w": "a.b.c", "duressCode": "1" }));
    let created = server.post(PLACES, linked).await.ok(201);
    assert_eq!((&created["customerId"], &created["w3w"]), (&json!(customer), &json!("a.b.c")));
}

#[tokio::test]
async fn create_refuses_what_is_missing_or_wrong_by_its_field() {
    let (running, server) = start().await;
    for field in ["externalReferenceId", "locationIdentifier", "latitude", "longitude"] {
        server.post(PLACES, without(site("a"), field)).await.refused(400, field);
        server.post(PLACES, with(site("a"), json!({ field: " " }))).await.refused(400, field);
        server.post(PLACES, with(site("a"), json!({ field: [] }))).await.refused(400, field);
    }
    for (wrong, field) in [
        (json!({ "latitude": "90.01" }), "latitude"),
        (json!({ "longitude": "12,5" }), "longitude"),
        (json!({ "longitude": "inf" }), "longitude"),
        (json!({ "calloutLocationTypeId": 99 }), "calloutLocationTypeId"),
        (json!({ "calloutLocationTypeId": "x" }), "calloutLocationTypeId"),
        (json!({ "customerId": 999_999 }), "customerId"),
        (json!({ "formattedAddress": 5 }), "formattedAddress"),
    ] {
        server.post(PLACES, with(site("a"), wrong)).await.refused(400, field);
    }
    assert_eq!(server.get(PLACES).await.ok(200), json!([]));
    Asker::nobody(&running.url()).post(PLACES, site("a")).await.refused(401, "token");
}

#[tokio::test]
async fn list_and_read_give_the_same_location() {
    let (running, server) = start().await;
    let (first, second) = (server.site("b").await, server.site("a").await);
    let list = server.get(PLACES).await.ok(200);
    let ids: Vec<_> = list.as_array().unwrap().iter().map(|place| place["id"].as_i64().unwrap()).collect();
    assert_eq!(ids, [first, second], "oldest first");
    assert_eq!(server.get(&format!("{PLACES}/{second}")).await.ok(200), list[1]);
    server.get(&format!("{PLACES}/999999")).await.refused(404, "Fixed location");
    server.get(&format!("{PLACES}/first")).await.refused(400, "id");
    let nobody = Asker::nobody(&running.url());
    nobody.get(PLACES).await.refused(401, "token");
    nobody.get(&format!("{PLACES}/{first}")).await.refused(401, "token");
}

#[tokio::test]
async fn update_leaves_what_it_does_not_name() {
    let (_running, server) = start().await;
    let path = format!("{PLACES}/{}", server.site("STORE-001").await);
    let older = fixture("v2/update-fixed-location.request.older.json");
    let updated = server.put(&path, older).await.ok(200);
    assert_same_shape(&updated, &fixture("v2/create-fixed-location.response.json"));
    let sample = fixture("v2/update-fixed-location.response.older.json");
    assert_eq!(updated["locationIdentifier"], sample["name"]);
    assert_eq!(updated["externalReferenceId"], sample["externalReferenceId"]);
    assert_eq!(updated["latitude"], "-26.12345");
    let cleared = json!({ "locationDescription": null, "calloutLocationTypeId": null });
    let updated = server.put(&path, with(site("renamed"), cleared)).await.ok(200);
    assert_eq!(
        (&updated["locationDescription"], &updated["calloutLocationTypeId"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(updated["formattedAddress"], "123 Main Street, Johannesburg");
    server.raise_at("STORE-001").await.refused(400, "externalReferenceId");
    server.raise_at("renamed").await.ok(200);
}

#[tokio::test]
async fn update_refuses_what_is_missing_taken_or_unknown() {
    let (_running, server) = start().await;
    let path = format!("{PLACES}/{}", server.site("a").await);
    server.site("b").await;
    for field in ["externalReferenceId", "locationIdentifier", "latitude", "longitude"] {
        server.put(&path, without(site("a"), field)).await.refused(400, field);
    }
    server.put(&path, with(site("a"), json!({ "latitude": "south" }))).await.refused(400, "latitude");
    server.put(&path, site("b")).await.refused(409, "externalReferenceId");
    server.put(&format!("{PLACES}/999999"), site("c")).await.refused(404, "Fixed location");
    server.put(&format!("{PLACES}/a"), site("c")).await.refused(400, "id");
    assert_eq!(server.get(&path).await.ok(200)["externalReferenceId"], "a");
}

#[tokio::test]
async fn delete_forgets_the_location_but_not_its_callout() {
    let (_running, server) = start().await;
    let path = format!("{PLACES}/{}", server.site("a").await);
    let callout = server.raise_at("a").await.ok(200)["callout"]["id"].as_i64().unwrap();
    assert!(server.delete(&path).await.ok(200)["message"].is_string());
    server.delete(&path).await.refused(404, "Fixed location");
    server.get(&path).await.refused(404, "Fixed location");
    server.raise_at("a").await.refused(400, "externalReferenceId");
    let read = server.get(&format!("/panic-api/v2/callouts/{callout}")).await.ok(200);
    let place = &read["callout"]["incidentInformation"][0]["calloutCurrentLocation"];
    assert_eq!(place["formattedAddress"], "123 Main Street, Johannesburg");
    server.site("a").await;
}

#[tokio::test]
async fn a_callout_at_a_reference_needs_no_body_and_no_customer() {
    let (running, server) = start().await;
    let place = server.site("site 9944/b").await;
    let path = format!("{PLACES}/externalRef/site%209944%2Fb/callouts");
    let raised = send(server.request(Method::POST, &path)).await.ok(200);
    let callout = &raised["callout"];
    let mut sample = fixture("v2/create-fixed-location-callout.response.older-flat.json");
    sample["url"] = json!("");
    assert_same_shape(callout, &sample);
    assert_eq!(callout["predefinedLocationId"], place);
    assert_eq!((&callout["customerId"], &callout["responseTypeId"]), (&Value::Null, &json!(1)));
    assert_eq!((&callout["latitude"], &callout["longitude"]), (&json!(-26.12345), &json!(28.12345)));
    let again = server.post(&path, fixture("v2/create-fixed-location-callout.request.json")).await.ok(200);
    assert_eq!(again["callout"]["id"], callout["id"]);
    assert_ne!(again["message"], raised["message"]);
    let nobody = Asker::nobody(&running.url());
    nobody.post(&path, json!({})).await.refused(401, "token");

    let id = callout["id"].as_i64().unwrap();
    server.step(id, "dispatch").await;
    let read = server.get(&format!("/panic-api/v2/callouts/{id}")).await.ok(200)["callout"].clone();
    assert_eq!((&read["predefinedLocationId"], &read["customerId"]), (&json!(place), &Value::Null));
    assert_eq!(read["customer"], json!({ "id": null, "name": "site_9944", "surname": null, "mobile": null }));
    assert_eq!(read["incidentInformation"][0]["predefinedLocationId"], place);
    let v1 = server.get(&format!("/panic-api/callouts/{id}")).await.ok(200);
    assert_eq!(v1["location"]["formattedAddress"], "123 Main Street, Johannesburg");
    assert_eq!((&v1["customerId"], &v1["customer"]["name"]), (&Value::Null, &json!("site_9944")));
    let control = server.get(&format!("/control/callouts/{id}")).await.ok(200);
    assert_eq!((&control["predefinedLocationId"], &control["customerId"]), (&json!(place), &Value::Null));
    assert_eq!(control["customer"]["name"], "site_9944");
    let said = json!({ "source": "customer", "event": "We are at the back door" });
    let sent = server.post(&format!("/panic-api/v2/callouts/{id}/events"), said).await.ok(200);
    assert_eq!(sent["calloutEvent"]["createdBy"], "site_9944", "{sent}");
}

#[tokio::test]
async fn a_callout_at_a_reference_takes_the_older_body() {
    let (_running, server) = start().await;
    server.site("a").await;
    let older = with(
        fixture("v2/create-fixed-location-callout.request.older.json"),
        json!({ "calloutClassificationId": 2, "internalTest": true }),
    );
    let path = format!("{PLACES}/externalRef/a/callouts");
    let raised = server.post(&path, older).await.ok(200)["callout"].clone();
    assert_eq!((&raised["responseTypeId"], &raised["calloutClassificationId"]), (&json!(2), &json!(2)));
    let read = server.get(&format!("/panic-api/v2/callouts/{}", raised["id"])).await.ok(200);
    assert_eq!(read["callout"]["internalTest"], true);
    server.raise_at("b").await.refused(400, "externalReferenceId");
    server.post(&path, json!({ "responseTypeId": "x" })).await.refused(400, "responseTypeId");
    server.post(&path, json!({ "responseTypeId": 9 })).await.refused(400, "responseTypeId");
}

#[tokio::test]
async fn a_callout_at_a_linked_location_is_the_customer_s() {
    let (_running, server) = start().await;
    let customer = server.customer("+27820000001").await;
    let linked = with(site("a"), json!({ "customerId": customer }));
    server.post(PLACES, linked).await.ok(201);
    let raised = server.raise_at("a").await.ok(200);
    assert_eq!(raised["callout"]["customerId"], customer);
    let active = server.get(&format!("/panic-api/v2/customers/{customer}/callouts")).await.ok(200);
    assert_eq!(active[0]["id"], raised["callout"]["id"]);
    server.step(raised["callout"]["id"].as_i64().unwrap(), "close").await;
    let elsewhere = server.callout(customer).await;
    let here = server.raise_at("a").await.ok(200)["callout"].clone();
    assert_ne!(here["id"], elsewhere, "help goes to the location");
    assert_eq!(here["customerId"], Value::Null);
}

#[tokio::test]
async fn a_customer_raises_at_a_fixed_location() {
    let (_running, server) = start().await;
    let place = server.site("a").await;
    let customer = server.customer("+27820000001").await;
    let path = format!("/panic-api/v2/customers/{customer}/callouts");
    let body = json!({ "predefinedLocationId": place, "responseTypeId": 1 });
    let both = with(body.clone(), json!({ "location": { "latitude": -26.1, "longitude": 28.1 } }));
    server.post(&path, both).await.refused(400, "predefinedLocationId");
    let flat = with(body.clone(), json!({ "latitude": -26.1 }));
    server.post(&path, flat).await.refused(400, "predefinedLocationId");
    let unknown = json!({ "predefinedLocationId": 999_999, "responseTypeId": 1 });
    server.post(&path, unknown).await.refused(400, "predefinedLocationId");
    server.post(&path, json!({ "predefinedLocationId": place })).await.refused(400, "responseTypeId");
    let raised = server.post(&path, body.clone()).await.ok(200)["callout"].clone();
    assert_eq!((&raised["customerId"], &raised["predefinedLocationId"]), (&json!(customer), &json!(place)));
    assert_eq!(raised["latitude"], -26.12345);
    let id = raised["id"].as_i64().unwrap();
    let moved = json!({ "latitude": -26.2, "longitude": 28.2, "accuracy": 10 });
    server.post(&format!("/panic-api/v2/callouts/{id}/location"), moved).await.ok(200);
    let read = server.get(&format!("/panic-api/v2/callouts/{id}")).await.ok(200)["callout"].clone();
    assert_eq!(read["predefinedLocationId"], place);
    let there = &read["incidentInformation"][0]["calloutCurrentLocation"];
    assert_eq!((&there["latitude"], &there["formattedAddress"]), (&json!("-26.2"), &Value::Null));
    let lapsed = json!({ "customer": { "name": "Jane", "surname": "Doe", "mobile": "+27820000002" } });
    let lapsed = server.post("/panic-api/v2/customers", lapsed).await.ok(201)["customerId"].clone();
    server
        .post(&format!("/panic-api/v2/customers/{lapsed}/callouts"), body)
        .await
        .refused(403, "subscription");
}

#[tokio::test]
async fn the_legacy_create_takes_a_fixed_location() {
    let (_running, server) = start().await;
    let place = server.site("a").await;
    let lapsed = json!({ "customer": { "name": "Jane", "surname": "Doe", "mobile": "+27820000002" } });
    let customer = server.post("/panic-api/v2/customers", lapsed).await.ok(201)["customerId"].clone();
    let path = "/panic-api/v2/callouts";
    let body = json!({ "customerId": customer, "predefinedLocationId": place, "responseTypeId": 2 });
    let both = with(body.clone(), json!({ "calloutLocation": { "latitude": -26.1, "longitude": 28.1 } }));
    server.post(path, both).await.refused(400, "predefinedLocationId");
    let raised = server.post(path, body).await.ok(200)["callout"].clone();
    assert_eq!((&raised["customerId"], &raised["predefinedLocationId"]), (&customer, &json!(place)));
    let of_nobody = json!({ "predefinedLocationId": place, "responseTypeId": 2 });
    let same = server.post(path, of_nobody).await.ok(200);
    assert_eq!(same["callout"]["id"], raised["id"], "active at the place");
    server.post(path, json!({ "responseTypeId": 2 })).await.refused(400, "customer");
    let v1 = json!({ "customerId": customer, "predefinedLocationId": place });
    server.post("/panic-api/callouts", v1).await.refused(400, "predefinedLocationId");
}

#[tokio::test]
async fn a_callout_token_opens_no_fixed_location_but_may_raise_at_one() {
    let (_running, server) = start().await;
    let place = server.site("a").await;
    let customer = server.customer("+27820000001").await;
    let token = server.post("/panic-api/v2/oauth/calloutToken", json!({ "customerId": customer })).await;
    let guest = server.with(token.ok(200)["accessToken"].as_str().unwrap());
    guest.get(PLACES).await.refused(401, "token");
    guest.post(PLACES, site("b")).await.refused(401, "token");
    guest.put(&format!("{PLACES}/{place}"), site("b")).await.refused(401, "token");
    guest.delete(&format!("{PLACES}/{place}")).await.refused(401, "token");
    guest.raise_at("a").await.refused(401, "token");
    let body = json!({ "predefinedLocationId": place, "responseTypeId": 1 });
    guest.post(&format!("/panic-api/v2/customers/{customer}/callouts"), body).await.ok(200);
}

#[tokio::test]
async fn outside_the_coverage_dispatch_is_refused() {
    let (_running, server) = start().await;
    assert_eq!(
        server.get("/control/coverage").await.ok(200),
        json!({ "security": null, "medical": null, "demo": null })
    );
    let at = |latitude: f64, longitude: f64| json!({ "latitude": latitude, "longitude": longitude });
    let square = json!([at(-34.0, 18.0), at(-34.0, 19.0), at(-33.0, 19.0), at(-33.0, 18.0), at(-34.0, 18.0)]);
    let security = json!([{ "centre": at(-29.85, 31.02), "radius": 5_000 }, { "polygon": square }]);
    let set = server.put("/control/coverage", json!({ "security": security })).await.ok(200);
    assert_eq!(set["security"][0], security[0]);
    assert_eq!(set["security"][1]["polygon"].as_array().unwrap().len(), 4, "the closing corner goes");
    assert_eq!(set["medical"], Value::Null);
    assert_eq!(server.get("/control/coverage").await.ok(200), set);

    let created = server.post(PLACES, site("a")).await.ok(201);
    assert_eq!((&created["securityCoverage"], &created["medicalCoverage"]), (&json!(false), &json!(true)));
    let callout = server.raise_at("a").await.ok(200)["callout"]["id"].as_i64().unwrap();
    let control = server.get(&format!("/control/callouts/{callout}")).await.ok(200);
    let steps = control["allowedSteps"].as_array().unwrap();
    assert!(!steps.contains(&json!("dispatch")) && steps.contains(&json!("dispatch-manually")), "{steps:?}");
    assert_eq!(control["candidates"], json!([]));
    let path = format!("/control/callouts/{callout}/steps");
    let refused = server.post(&path, json!({ "step": "dispatch" })).await.ok(409);
    assert_eq!(refused["allowed"], control["allowedSteps"]);
    assert!(refused["message"].as_str().unwrap().contains("coverage"), "{refused}");
    server.step(callout, "dispatch-manually").await;
}

#[tokio::test]
async fn coverage_refuses_what_is_no_area_by_its_field() {
    let (_running, server) = start().await;
    let centre = json!({ "latitude": -26.1, "longitude": 28.1 });
    for (areas, field) in [
        (json!([{}]), "security[0]"),
        (json!([{ "centre": centre }]), "security[0].radius"),
        (json!([{ "centre": centre, "radius": 0 }]), "security[0]"),
        (json!([{ "centre": { "latitude": 91, "longitude": 0 }, "radius": 5 }]), "security[0].centre"),
        (json!([{ "centre": centre, "radius": 5 }, { "polygon": [centre, centre] }]), "security[1]"),
        (json!([{ "centre": centre, "radius": 5, "polygon": [centre] }]), "security[0]"),
        (json!([{ "circle": 5 }]), "circle"),
        (json!("all"), "security"),
    ] {
        server.put("/control/coverage", json!({ "security": areas })).await.refused(400, field);
    }
    server.put("/control/coverage", json!({ "safety": [] })).await.refused(400, "safety");
    let all = server.get("/control/coverage").await.ok(200);
    assert_eq!(all["security"], Value::Null);
    assert_eq!(server.put("/control/coverage", json!({})).await.ok(200), all);
}
