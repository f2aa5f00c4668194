//! The whole quickstart over HTTP in both dialects, and the shape of every reply on the way: its keys
//! are those of the published sample in the same state.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests: a failure ends the test")]

#[path = "support/asker.rs"]
mod asker;
#[path = "support/shape.rs"]
mod shape;

use asker::{Asker, send};
use panic_console::sim::{Options, Running, Simulator};
use reqwest::Method;
use serde_json::{Value, json};
use shape::{assert_same_shape, fixture};

/// A simulator in this process, with the defaults of `serve`.
async fn start() -> Running {
    Simulator::start(Options::default()).await.unwrap()
}

/// A sample without the keys at the end of `paths`, which only some samples have.
fn sample_without(name: &str, keys: &[(&str, &str)]) -> Value {
    let mut sample = fixture(name);
    for (at, key) in keys {
        sample.pointer_mut(at).unwrap().as_object_mut().unwrap().remove(*key);
    }
    sample
}

#[tokio::test]
async fn from_the_token_to_285_in_v2() {
    let running = start().await;
    let nobody = Asker::nobody(&running.url());
    let token = nobody
        .post(
            "/panic-api/v2/oauth/token",
            json!({ "clientId": "demo-client", "clientSecret": "demo-secret" }),
        )
        .await
        .ok(200);
    assert_same_shape(&token, &fixture("v2/create-oauth-token.response.json"));
    assert_eq!(token["expiresIn"], 3600);
    let server = nobody.with(token["accessToken"].as_str().unwrap());

    let created = server.post("/panic-api/v2/customers", fixture("v2/create-customer.request.json")).await;
    let created = created.ok(201);
    assert_same_shape(&created, &fixture("v2/create-customer.response.json"));
    let customer = created["customerId"].as_i64().unwrap();
    let read = server.get(&format!("/panic-api/v2/customers/{customer}")).await.ok(200);
    assert_eq!(read["customer"], created["customer"]);

    let path = format!("/panic-api/v2/customers/{customer}/callouts");
    let raised = server.post(&path, fixture("v2/create-customer-callout.request.json")).await.ok(200);
    assert_same_shape(&raised, &fixture("v2/create-customer-callout.response.json"));
    assert_eq!(raised["message"], "Callout created successfully.");
    assert_eq!(raised["callout"]["status"], "created");
    let callout = raised["callout"]["id"].as_i64().unwrap();
    let again = server.post(&path, fixture("v2/create-customer-callout.request.json")).await.ok(200);
    assert_eq!(again["callout"]["id"], callout, "one active callout for a customer");
    let listed = server.get(&path).await.ok(200);
    assert_same_shape(&listed, &fixture("v2/list-active-callouts.response.older-flat.json"));
    assert_eq!(server.get("/panic-api/v2/callouts/activeCallouts").await.ok(200), listed);

    let callout_path = format!("/panic-api/v2/callouts/{callout}");
    server.step(callout, "acknowledge").await;
    for step in ["own", "verify", "dispatch"] {
        server.step(callout, step).await;
    }
    let read = server.get(&callout_path).await.ok(200);
    assert_same_shape(&read, &fixture("v2/get-callout.response.json"));
    assert_eq!(read["message"], "Callout retrieved successfully.");

    let location = fixture("v2/update-callout-location-and-return.request.json");
    let plain = server.post(&format!("{callout_path}/location"), location.clone()).await.ok(200);
    assert_eq!(plain, fixture("v2/update-callout-location.response.json"));
    let returned = server
        .post(&format!("{callout_path}/updateLocationAndReturnCallout"), location.clone())
        .await
        .ok(200);
    assert_same_shape(&returned, &fixture("v2/update-callout-location-and-return.response-200.json"));
    let now_at = &returned["callout"]["incidentInformation"][0]["calloutCurrentLocation"];
    assert_eq!((&now_at["latitude"], &now_at["accuracy"]), (&json!("-26.12346"), &json!(8)));

    let event = fixture("v2/create-callout-event.request.json");
    let sent = server.post(&format!("{callout_path}/events"), event).await.ok(200);
    assert_same_shape(&sent, &fixture("v2/create-callout-event.response.json"));
    assert_eq!(sent["calloutEvent"]["createdBy"], "Jane Doe");
    let comment = json!({ "message": "Help is near.", "from": "Demo Controller" });
    server.post(&format!("/control/callouts/{callout}/comments"), comment).await.ok(200);
    let events = server.get(&format!("{callout_path}/events")).await.ok(200);
    let comments: Vec<_> =
        events.as_array().unwrap().iter().filter(|row| row["calloutEventTypeId"] == 2).cloned().collect();
    assert_same_shape(&Value::Array(comments.clone()), &fixture("v2/list-callout-events.response.json"));
    let said: Vec<_> = comments.iter().map(|row| (&row["event"]["role"], &row["event"]["body"])).collect();
    assert_eq!(said[0], (&json!("User"), &json!("Customer reports they are safe.")));
    assert_eq!(said[1], (&json!("Admin"), &json!("Help is near.")));

    for step in ["arrive", "complete", "close"] {
        server.step(callout, step).await;
    }
    closed_in_v2(&server, &callout_path, &location).await;
    assert_eq!(server.get(&path).await.ok(200), json!([]));
    running.stop().await;
}

/// Both location operations answer 285, with the last state.
async fn closed_in_v2(server: &Asker, callout_path: &str, location: &Value) {
    let mut sample = fixture("v2/update-callout-location-and-return.response-285.json");
    // The sample is closed without the emergency that a completion books.
    for key in ["typeOfEmergency", "incidentcategory"] {
        sample["callout"]["incidentInformation"][0][key] = json!({ "id": 1, "description": "" });
    }
    for operation in ["location", "updateLocationAndReturnCallout"] {
        let request = server.request(Method::POST, &format!("{callout_path}/{operation}")).json(location);
        let answer = send(request).await.ok(285);
        assert_same_shape(&answer, &sample);
        assert_eq!(answer["message"], "Callout is closed.");
        assert_eq!(answer["callout"]["status"], "closed");
    }
}

#[tokio::test]
async fn v1_has_the_keys_of_the_sample_in_every_state() {
    let running = start().await;
    let server = Asker::server(&running.url()).await;
    let (callout, path) = raise_in_v1(&server, &server).await;
    let steps = [
        (&["acknowledge"][..], "created.json"),
        (&["own", "verify", "dispatch"], "responder-dispatched-tech.json"),
        (&["arrive"], "responder-arrived.json"),
        (&["complete"], "responder-completed.json"),
        (&["close"], "closed.json"),
    ];
    for (steps, sample) in steps {
        for step in steps {
            let body = match *step {
                "close" => json!({ "step": "close", "incidentDetails": "test" }),
                step => json!({ "step": step }),
            };
            server.post(&format!("/control/callouts/{callout}/steps"), body).await.ok(200);
        }
        let read = server.get(&path).await.ok(200);
        assert_same_shape(&read, &fixture(sample));
        let sample = fixture(sample);
        for key in ["status", "verified", "acknowledged", "owned", "cancelledByCustomer", "lastUpdatedBy"] {
            assert_eq!(read[key], sample[key], "{key} when {}", read["status"]);
        }
        let detail = "calloutincidentdetail";
        for key in ["responderDispatched", "anyInjuries", "incidentDetails", "typeOfEmergencyId"] {
            assert_eq!(read[detail][key], sample[detail][key], "{key} when {}", read["status"]);
        }
    }
    let closed = server.get(&path).await.ok(200);
    for at in ["/resolvedAt", "/calloutincidentdetail/responderArrivedAt"] {
        assert_eq!(closed.pointer(at).unwrap().as_str().unwrap().split_once('.').unwrap().1, "000Z", "{at}");
    }
    let location = json!({ "latitude": -26.1, "longitude": 28.1 });
    let refused = server.post(&format!("{path}/location"), location).await.ok(285);
    assert_eq!(refused["callout"]["status"], "closed");
    running.stop().await;
}

#[tokio::test]
async fn v1_after_a_retraction_and_after_a_manual_dispatch() {
    let running = start().await;
    let server = Asker::server(&running.url()).await;
    let (callout, path) = raise_in_v1(&server, &server).await;
    for step in ["acknowledge", "own", "verify", "dispatch", "cancel-responder"] {
        server.step(callout, step).await;
    }
    assert_same_shape(&server.get(&path).await.ok(200), &fixture("responder-cancelled.json"));
    server.step(callout, "close").await;

    let (callout, path) = raise_in_v1(&server, &server).await;
    for step in ["acknowledge", "own", "verify", "decline", "dispatch-manually"] {
        server.step(callout, step).await;
    }
    let sample = sample_without("responder-dispatched-manual.json", &[("/customer", "imageId")]);
    let read = server.get(&path).await.ok(200);
    assert_same_shape(&read, &sample);
    assert_eq!(read["calloutincidentdetail"]["responder"], Value::Null);
    assert_eq!(read["distance"], json!({ "distance": {}, "duration": {} }));
    running.stop().await;
}

/// A callout of the person of the samples, raised in v1; gives its id and path.
async fn raise_in_v1(by: &Asker, reader: &Asker) -> (i64, String) {
    let body = json!({
        "calloutClassificationId": 2,
        "customer": {
            "name": "Testy", "surname": "McTestFace", "mobile": "+27831234567", "gender": "Male",
            "email": "subtest@test.com", "vehicleMake": "Box", "vehicleModel": "WithWheels",
            "vehicleColour": "Purple", "vehicleLicensePlate": "TESTY GP",
        },
        "calloutLocation": { "latitude": -26.109, "longitude": 28.083, "accuracy": 12 },
        "responseTypeId": 1,
    });
    let raised = by.post("/panic-api/callouts", body).await.ok(200);
    assert_eq!(raised["callout"], raised["data"]["callout"]);
    let path = format!("/panic-api/callouts/{}", raised["callout"]["id"]);
    assert_eq!(reader.get(&path).await.ok(200), raised["callout"]);
    (raised["callout"]["id"].as_i64().unwrap(), path)
}

#[tokio::test]
async fn a_v1_user_registers_raises_chats_and_dismisses() {
    let running = start().await;
    let server = Asker::server(&running.url()).await;
    let user = json!({ "email": "testy@example.com", "password": "a long enough one" });
    let registered = server.post("/panic-api/oauth/user", user.clone()).await.ok(200);
    assert_eq!(registered, json!({ "message": "user_creation_success" }));
    server.post("/panic-api/oauth/user", user).await.refused(409, "email");

    let nobody = Asker::nobody(&running.url());
    let log_in = |password: &str| {
        let body = json!({ "clientId": "demo-client", "email": "testy@example.com", "password": password });
        let nobody = nobody.clone();
        async move { nobody.post("/panic-api/oauth/token", body).await }
    };
    log_in("wrong").await.refused(401, "credentials");
    let token = log_in("a long enough one").await.ok(200);
    let user = nobody.with(token["accessToken"].as_str().unwrap());
    user.get("/panic-api/v2/callouts/activeCallouts").await.refused(401, "token");

    let (callout, path) = raise_in_v1(&user, &user).await;
    for comments in [format!("/panic-api/callout/{callout}/comments"), format!("{path}/comments")] {
        let said = user.post(&comments, json!({ "message": "I am in the garage" })).await.ok(200);
        assert_eq!(said["calloutEvent"]["createdBy"], "Testy McTestFace");
    }
    user.post(&format!("{path}/comments"), json!({})).await.refused(400, "message is required");
    let comment = json!({ "message": "Welcome" });
    server.post(&format!("/control/callouts/{callout}/comments"), comment).await.ok(200);
    let read = user.get(&format!("{path}?shouldIncludeEvents=true")).await.ok(200);
    let events = json!({ "calloutEvents": read["calloutEvents"] });
    assert_same_shape(&events, &fixture("callout-events.json"));
    assert_eq!(read["calloutEvents"].as_array().unwrap().len(), 3);
    assert_eq!(read["calloutEvents"][2]["event"], json!({ "body": "Welcome", "role": "Admin" }));
    assert!(user.get(&path).await.ok(200).get("calloutEvents").is_none());

    let dismissed = user.post(&format!("{path}/dismiss"), json!({})).await.ok(200);
    assert_eq!(dismissed["callout"]["cancelledByCustomer"], true);
    assert_eq!(dismissed["callout"]["status"], "created");
    let location = json!({ "latitude": -26.1, "longitude": 28.1 });
    user.post(&format!("{path}/location"), location).await.ok(200);

    let classifications = user.get("/panic-api/callout-classifications").await.ok(200);
    assert_eq!(classifications[1], json!({ "id": 2, "value": "TEST", "description": null }));
    running.stop().await;
}

#[tokio::test]
async fn the_route_comes_when_it_is_asked_for_and_somebody_drives() {
    let running = start().await;
    let server = Asker::server(&running.url()).await;
    let customer = server.customer("+27821234567").await;
    let callout = server.callout(customer).await;
    for dialect in ["/panic-api/v2", "/panic-api"] {
        let path = format!("{dialect}/callouts/{callout}?shouldIncludeRoute=true");
        let read = server.get(&path).await.ok(200);
        assert!(read.pointer("/route").or(read.pointer("/callout/route")).is_none(), "{dialect}");
    }
    for step in ["acknowledge", "own", "verify", "dispatch"] {
        server.step(callout, step).await;
    }
    let turned = server.post("/control/clock", json!({ "advance": 20 })).await.ok(200);
    assert!(turned["now"].is_string());
    let bare = server.get(&format!("/panic-api/callouts/{callout}")).await.ok(200);
    assert!(bare.get("route").is_none());
    let read = server.get(&format!("/panic-api/callouts/{callout}?shouldIncludeRoute=true")).await.ok(200);
    let points = read["route"]["points"].as_array().unwrap();
    let last = points.last().unwrap();
    assert_eq!((&last["latitude"], &last["longitude"]), (&json!(-26.12345), &json!(28.12345)));
    assert!(points.len() > 1 && !read["route"]["polyline"].as_str().unwrap().is_empty());
    assert_eq!(read["route"]["distance"], read["distance"]["distance"]);
    running.stop().await;
}

#[tokio::test]
async fn cancel_with_and_without_the_safe_code() {
    let running = start().await;
    let server = Asker::server(&running.url()).await;
    let customer = server.customer("+27821234567").await;
    let cancel = async |callout: i64, body: Value| {
        server.post(&format!("/panic-api/v2/callouts/{callout}/cancel"), body).await
    };
    let callout = server.callout(customer).await;
    cancel(callout, json!({ "safeCode": "12" })).await.refused(400, "safeCode");
    let duress = cancel(callout, json!({ "safeCode": "0000" })).await.ok(200);
    assert_same_shape(&duress, &fixture("v2/cancel-callout.response.json"));
    assert_eq!(
        (&duress["callout"]["status"], &duress["callout"]["cancelledByCustomer"]),
        (&json!("created"), &json!(false))
    );
    let control = server.get(&format!("/control/callouts/{callout}")).await.ok(200);
    assert_eq!(control["duress"], true);
    let cancelled = cancel(callout, json!({ "safeCode": "4567" })).await.ok(200);
    assert_eq!(cancelled["callout"]["cancelledByCustomer"], true);
    cancel(callout, json!({})).await.refused(400, "closed");

    let callout = server.callout(customer).await;
    let bodiless = server.request(Method::POST, &format!("/panic-api/v2/callouts/{callout}/cancel"));
    assert_eq!(send(bodiless).await.ok(200)["callout"]["status"], "closed");
    running.stop().await;
}

#[tokio::test]
async fn the_tracking_link_opens_its_own_page_only() {
    let running = start().await;
    let server = Asker::server(&running.url()).await;
    let customer = server.customer("+27821234567").await;
    let path = format!("/panic-api/v2/customers/{customer}/callouts");
    let body = json!({ "location": { "latitude": "-26.1", "longitude": 28.1 }, "responseTypeId": 1 });
    let raised = server.post(&path, body).await.ok(200);
    let link = raised["callout"]["url"].as_str().unwrap();
    let page = reqwest::get(link).await.unwrap();
    assert_eq!(page.status(), 200);
    assert!(page.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    let page = page.text().await.unwrap();
    assert!(page.contains("created") && !page.contains("Jane") && !page.contains("+27"), "{page}");

    let other = server.customer("+27821234568").await;
    let other = server.callout(other).await;
    let id = raised["callout"]["id"].as_i64().unwrap();
    let borrowed = link.replace(&format!("/track/{id}"), &format!("/track/{other}"));
    for dead in [borrowed, link.split('?').next().unwrap().to_owned()] {
        assert_eq!(reqwest::get(&dead).await.unwrap().status(), 404, "{dead}");
    }
    running.stop().await;
}

#[tokio::test]
async fn the_autopilot_plays_a_callout_to_its_end() {
    let running = start().await;
    let server = Asker::server(&running.url()).await;
    let put = server.request(Method::PUT, "/control/autopilot").json(&json!({ "scenario": "happy-path" }));
    assert_eq!(send(put).await.ok(200)["scenario"], "happy-path");
    let customer = server.customer("+27821234567").await;
    let callout = server.callout(customer).await;
    let mut seen = Vec::new();
    for _ in 0..400 {
        let read = server.get(&format!("/panic-api/v2/callouts/{callout}")).await.ok(200);
        let status = read["callout"]["status"].as_str().unwrap().to_owned();
        if seen.last() != Some(&status) {
            seen.push(status);
        }
        if seen.last().is_some_and(|status| status == "closed") {
            break;
        }
        server.post("/control/clock", json!({ "advance": 5 })).await.ok(200);
    }
    let all = ["created", "Responder Dispatched", "Responder Arrived", "Responder Completed", "closed"];
    assert_eq!(seen, all);
    running.stop().await;
}
