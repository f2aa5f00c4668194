//! What a device says, and what comes of it.

use super::*;

#[tokio::test]
async fn device_event_new_callout() {
    let rig = Rig::start().await;
    rig.linked().await;
    let request = fixture("v2/device-event-new-callout.request.json");
    let reply = rig.event(request.clone()).await.ok(200);
    let callout = reply["resolvedAuraEvent"]["eventResponse"]["calloutId"].as_i64().unwrap();
    assert_eq!(reply, sample_of("device-event-new-callout.response.json", callout));

    let shown = rig.server.get(&format!("/control/callouts/{callout}")).await.ok(200);
    assert_eq!((&shown["responseTypeId"], &shown["calloutClassificationId"]), (&json!(1), &json!(1)));
    assert_eq!((&shown["customerId"], &shown["internalTest"]), (&json!(rig.customer), &json!(false)));
    assert_eq!(shown["location"]["latitude"], request["location"]["latitude"]);
    let listed = rig.server.get("/panic-api/v2/callouts/activeCallouts").await.ok(200);
    assert_eq!(listed[0]["id"], callout);

    assert_eq!(rig.event(request).await.ok(200), reply, "the same callout, the same reply");
    assert_eq!(rig.server.get("/control/callouts").await.ok(200).as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn device_event_with_a_numeric_id_answers_with_one() {
    let rig = Rig::start().await;
    let request = fixture("v2/device-event-new-callout.request.older.json");
    rig.event(request.clone()).await.refused(400, "device_type_id has no device template");
    let mut template = rig.server.get(TEMPLATES).await.ok(200)[0]["template"].clone();
    (template["name"], template["type"]) = (json!("older-devices"), json!(5));
    template["suppliers"] = json!(["OlderDevices"]);
    rig.server.post(TEMPLATES, template).await.ok(201);
    let link = json!({
        "customerId": rig.customer, "deviceSerial": "OLD-26217939", "deviceSupplier": "OlderDevices",
    });
    assert_eq!(rig.link(link).await.ok(201)["deviceId"], "26217939");
    let reply = rig.event(request.clone()).await.ok(200);
    let callout = reply["resolvedAuraEvent"]["eventResponse"]["calloutId"].as_i64().unwrap();
    let older = sample_of("device-event-new-callout.response.older.json", callout);
    assert_eq!(reply["resolvedAuraEvent"], older["resolvedAuraEvent"]);
    assert_eq!((&reply["message"], &reply["input"]), (&older["message"], &request));
}

#[tokio::test]
async fn device_event_location_update() {
    let rig = Rig::start().await;
    rig.linked().await;
    let request = fixture("v2/device-event-location-update.request.json");
    rig.event(request.clone()).await.refused(400, "no active callout");
    let callout = rig.press().await;
    let reply = rig.event(request.clone()).await.ok(200);
    assert_eq!(reply, sample_of("device-event-location-update.response.json", callout));
    let shown = rig.server.get(&format!("/control/callouts/{callout}")).await.ok(200);
    assert_eq!(shown["location"]["longitude"], request["body"]["longitude"]);
    // A repeated sequenceNumber is processed again.
    assert_eq!(rig.event(request).await.ok(200), reply);
}

#[tokio::test]
async fn device_event_cancel() {
    let rig = Rig::start().await;
    rig.linked().await;
    let request = fixture("v2/device-event-cancel.request.json");
    rig.event(request.clone()).await.refused(400, "no active callout");
    let callout = rig.press().await;
    let reply = rig.event(request.clone()).await.ok(200);
    assert_eq!(reply, sample_of("device-event-cancel.response.json", callout));
    let read = rig.server.get(&format!("/panic-api/v2/callouts/{callout}")).await.ok(200);
    assert_eq!(read["callout"]["status"], "closed");
    rig.event(request).await.refused(400, "no active callout");
    assert_ne!(rig.press().await, callout, "a closed callout is over");
}

#[tokio::test]
async fn device_event_battery() {
    let rig = Rig::start().await;
    let linked = rig.linked().await;
    let reply = rig.event(fixture("v2/device-event-battery.request.json")).await.ok(200);
    assert_eq!(reply, fixture("v2/device-event-battery.response.json"));
    let body = json!({ "customerId": rig.customer, "deviceId": "A1B2C3D4" });
    let read = rig.put(body).await.ok(200);
    assert_eq!(read["batteryLevel"], 72);
    assert!(read["batteryLevelLastReceivedDate"].as_str().unwrap() >= linked["createdAt"].as_str().unwrap());
    assert_eq!(read["healthCheckLastReceivedDate"], read["batteryLevelLastReceivedDate"]);
}

#[tokio::test]
async fn device_event_without_a_subscription_is_403() {
    let rig = Rig::start().await;
    let customer = json!({ "customer": { "name": "John", "surname": "Doe", "mobile": "+27827654321" } });
    let customer = rig.server.post("/panic-api/v2/customers", customer).await.ok(201)["customerId"].clone();
    let mut link = fixture("v2/link-device.request.json");
    link["customerId"] = customer;
    rig.link(link).await.ok(201);
    let press = fixture("v2/device-event-new-callout.request.json");
    rig.event(press).await.refused(403, "no active subscription");
    rig.event(fixture("v2/device-event-battery.request.json")).await.ok(200);
    assert_eq!(rig.server.get("/control/callouts").await.ok(200), json!([]));
}

#[tokio::test]
async fn device_event_refuses_what_is_wrong() {
    let rig = Rig::start().await;
    rig.linked().await;
    let with = |field: &str, value: Value| {
        let mut message = fixture("v2/device-event-new-callout.request.json");
        message[field] = value;
        message
    };
    for (message, words) in [
        (json!({}), "device_type_id is required"),
        (with("device_type_id", json!(99)), "device_type_id has no device template"),
        (with("device_id", json!("00000000")), "device_id is not a linked device"),
        (with("device_id", json!(null)), "device_id is required"),
        (with("message_type", json!(9)), "message_type is no action"),
        (with("message_type", json!(null)), "message_type is required"),
        (with("location", json!(null)), "location.latitude is required"),
        (with("location", json!([])), "location must be an object"),
        (
            with("location", json!({ "latitude": 91, "longitude": 28 })),
            "location.latitude must be from -90 to 90",
        ),
        (
            with("location", json!({ "latitude": -26, "longitude": "x" })),
            "location.longitude is not a number",
        ),
    ] {
        rig.event(message).await.refused(400, words);
    }
    assert_eq!(rig.server.get("/control/callouts").await.ok(200), json!([]));
    let nobody = Asker::nobody(&rig.running.url());
    nobody.post(EVENT, json!({})).await.refused(401, "token");
    // A callout token opens the callout flow only.
    let scoped = json!({ "customerId": rig.customer });
    let scoped = rig.server.post("/panic-api/v2/oauth/calloutToken", scoped).await.ok(200);
    let scoped = nobody.with(scoped["accessToken"].as_str().unwrap());
    scoped.post(EVENT, with("device_type_id", json!(1))).await.refused(401, "does not allow");
}

#[tokio::test]
async fn raw_sigfox_uplinks() {
    let rig = Rig::start().await;
    let uplink =
        |data: &str| json!({ "device": "1A2B3C", "time": 1_781_083_800, "seqNumber": 46, "data": data });
    let press = uplink("11f070114810bd20300458");
    rig.event(press.clone()).await.refused(400, "device is not a linked device");
    let link = json!({
        "customerId": rig.customer, "deviceSerial": "SIGFOX-BTN-1A2B3C", "deviceSupplier": "ExampleSigfox",
    });
    rig.link(link).await.ok(201);
    for (data, words) in [
        ("11f", "data has an odd number of hex digits"),
        ("xy", "data holds something else than hex digits"),
        ("11f070", "data is too short: latitude"),
        ("118000000010bd20300458", "data (latitude) must be from -90 to 90"),
    ] {
        rig.event(uplink(data)).await.refused(400, words);
    }
    let reply = rig.event(press.clone()).await.ok(200);
    let event = &reply["resolvedAuraEvent"];
    assert_eq!((&event["eventTypes"], &reply["input"]), (&json!("NEW_CALLOUT"), &press));
    let callout = event["eventResponse"]["calloutId"].as_i64().unwrap();
    let shown = rig.server.get(&format!("/control/callouts/{callout}")).await.ok(200);
    let place = &shown["location"];
    assert_eq!((&place["latitude"], &place["accuracy"]), (&json!(-26.1091), &json!(8)));
    assert_eq!(rig.server.get("/control/devices").await.ok(200)[0]["batteryLevel"], 88);
    let battery = rig.event(uplink("4000000000000000000014")).await.ok(200);
    let response = json!({ "deviceId": "1A2B3C", "batteryLevel": 20 });
    assert_eq!(battery["resolvedAuraEvent"]["eventResponse"], response);
}
