//! The control room over HTTP: its vehicles and whom they answer, what a refused step says, and its
//! scenarios.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests: a failure ends the test")]

#[path = "support/asker.rs"]
mod asker;
#[path = "support/shape.rs"]
mod shape;

use asker::{Answer, Asker, send};
use panic_console::sim::{Options, Running, Simulator, StartError};
use reqwest::Method;
use serde_json::{Value, json};
use shape::{assert_same_shape, fixture};

const V2: &str = "/panic-api/v2";

async fn start_with(autopilot: Option<&str>) -> (Running, Asker) {
    let options = Options { autopilot: autopilot.map(str::to_owned), ..Options::default() };
    let running = Simulator::start(options).await.unwrap();
    let server = Asker::server(&running.url()).await;
    (running, server)
}

async fn put_autopilot(server: &Asker, body: Value) -> Answer {
    send(server.request(Method::PUT, "/control/autopilot").json(&body)).await
}

/// A vehicle a kilometre from where the callouts of these tests are; gives its id.
async fn place(server: &Asker, name: &str, more: Value) -> i64 {
    let mut body = json!({ "name": name, "location": { "latitude": -26.1144, "longitude": 28.12345 } });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    server.post("/control/responders", body).await.ok(201)["id"].as_i64().unwrap()
}

/// Raises a callout of somebody new; gives its id and the responders it found.
async fn raise(server: &Asker, mobile: &str, more: Value) -> (i64, Vec<i64>) {
    let customer = server.customer(mobile).await;
    let mut body = fixture("v2/create-customer-callout.request.json");
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let raised = server.post(&format!("{V2}/customers/{customer}/callouts"), body).await.ok(200);
    let id = raised["callout"]["id"].as_i64().unwrap();
    let control = server.get(&format!("/control/callouts/{id}")).await.ok(200);
    let found = control["candidates"].as_array().unwrap().iter();
    (id, found.map(|candidate| candidate["responderId"].as_i64().unwrap()).collect())
}

#[tokio::test]
async fn a_demonstration_rings_demo_vehicles_only() {
    let (running, server) = start_with(None).await;
    let own = place(&server, "Own", json!({})).await;
    let demo = place(&server, "Demo", json!({ "demo": true })).await;
    assert_eq!(raise(&server, "+27820000001", json!({ "responseTypeId": 3 })).await.1, [demo]);
    assert_eq!(raise(&server, "+27820000002", json!({ "internalTest": true })).await.1, [demo]);
    assert_eq!(raise(&server, "+27820000003", json!({ "responseTypeId": 1 })).await.1, [own]);
    let listed = server.get("/control/responders").await.ok(200);
    let kinds: Vec<_> =
        listed.as_array().unwrap().iter().map(|row| (&row["demo"], &row["automatic"])).collect();
    assert_eq!(kinds, [(&json!(false), &json!(false)), (&json!(true), &json!(false))]);
    running.stop().await;
}

#[tokio::test]
async fn a_place_without_vehicles_is_served_all_the_same() {
    let (running, server) = start_with(None).await;
    for (number, more) in
        [json!({ "responseTypeId": 1 }), json!({ "responseTypeId": 2 }), json!({ "responseTypeId": 3 })]
            .into_iter()
            .enumerate()
    {
        let (callout, found) = raise(&server, &format!("+2782000000{number}"), more).await;
        assert!(!found.is_empty());
        for step in ["acknowledge", "own", "verify", "dispatch"] {
            server.step(callout, step).await;
        }
    }
    let listed = server.get("/control/responders").await.ok(200);
    assert!(listed.as_array().unwrap().iter().all(|row| row["demo"] == true && row["automatic"] == true));
    running.stop().await;
}

#[tokio::test]
async fn a_vehicle_is_equipped_for_some_response_types() {
    let (running, server) = start_with(None).await;
    let medic = place(&server, "Medic", json!({ "responseTypes": ["medical"] })).await;
    let guard = place(&server, "Guard", json!({ "responseTypes": ["security"] })).await;
    assert_eq!(raise(&server, "+27820000001", json!({ "responseTypeId": 1 })).await.1, [guard]);
    assert_eq!(raise(&server, "+27820000002", json!({ "responseTypeId": 2 })).await.1, [medic]);
    let path = format!("/control/responders/{medic}");
    let change = async |body: Value| send(server.request(Method::PATCH, &path).json(&body)).await;
    let both = change(json!({ "responseTypes": ["medical", "security"], "demo": true })).await.ok(200);
    assert_eq!(both["responseTypes"], json!(["security", "medical"]));
    assert_eq!(both["demo"], true);
    change(json!({ "responseTypes": [] })).await.refused(400, "responseTypes");
    change(json!({ "responseTypes": ["police"] })).await.refused(400, "responseTypes");
    change(json!({ "demo": "yes" })).await.refused(400, "demo");
    let name = json!({ "name": "X", "position": { "latitude": 0, "longitude": 0 }, "responseTypes": [] });
    server.post("/control/responders", name).await.refused(400, "responseTypes");
    running.stop().await;
}

#[tokio::test]
async fn a_place_is_called_location_or_position() {
    let (running, server) = start_with(None).await;
    let place = json!({ "latitude": -26.5, "longitude": 28.5 });
    for key in ["position", "location"] {
        let body = json!({ "name": "Testy", key: place });
        let created = server.post("/control/responders", body).await.ok(201);
        assert_eq!(created["location"]["latitude"], -26.5);
        let path = format!("/control/responders/{}", created["id"]);
        // What was read can be sent back.
        let mut moved = created["location"].clone();
        moved["latitude"] = json!(-26.6);
        let patched = send(server.request(Method::PATCH, &path).json(&json!({ key: moved }))).await.ok(200);
        assert_eq!(patched["location"]["latitude"], -26.6);
    }
    server.post("/control/responders", json!({ "name": "Testy" })).await.refused(400, "position is required");
    running.stop().await;
}

#[tokio::test]
async fn a_dispatch_that_finds_nobody_says_what_else_can_be_done() {
    let (running, server) = start_with(None).await;
    let only = place(&server, "Testy", json!({})).await;
    let (first, _) = raise(&server, "+27820000001", json!({})).await;
    let (second, found) = raise(&server, "+27820000002", json!({})).await;
    assert_eq!(found, [only]);
    server.step(first, "dispatch").await;
    let path = format!("/control/callouts/{second}/steps");
    for body in [json!({ "step": "dispatch" }), json!({ "step": "dispatch", "responderId": only })] {
        let refused = server.post(&path, body.clone()).await.ok(409);
        assert!(refused["message"].is_string(), "{body}");
        let allowed = refused["allowed"].as_array().unwrap();
        assert!(allowed.contains(&json!("dispatch-manually")), "{body}: {refused}");
    }
    let busy = send(server.request(Method::DELETE, &format!("/control/responders/{only}"))).await;
    busy.refused(409, "on a callout");
    running.stop().await;
}

#[tokio::test]
async fn many_callouts_at_one_place_each_get_a_vehicle() {
    let (running, server) = start_with(Some("happy-path")).await;
    let mut callouts = Vec::new();
    for number in 0..6 {
        callouts.push(raise(&server, &format!("+2782000000{number}"), json!({})).await.0);
    }
    server.post("/control/clock", json!({ "advance": 40 })).await.ok(200);
    let mut callsigns = std::collections::BTreeSet::new();
    for callout in callouts {
        let read = server.get(&format!("{V2}/callouts/{callout}")).await.ok(200);
        assert_eq!(read["callout"]["status"], "Responder Dispatched");
        let responder = &read["callout"]["incidentInformation"][0]["responder"];
        assert!(
            callsigns.insert(responder["callsign"].as_str().expect("a vehicle, no phone call").to_owned())
        );
    }
    running.stop().await;
}

#[tokio::test]
async fn manual_dispatch_gives_what_the_sample_shows() {
    let (running, server) = start_with(Some("manual-dispatch")).await;
    let sample = fixture("responder-dispatched-manual.json");
    let person = ["name", "surname", "mobile", "gender", "email", "imageId"];
    let body = json!({
        "customer": person.into_iter().map(|key| (key.to_owned(), sample["customer"][key].clone()))
            .chain(["vehicleMake", "vehicleModel", "vehicleColour", "vehicleLicensePlate"]
                .map(|key| (key.to_owned(), sample["customer"][key].clone())))
            .collect::<serde_json::Map<_, _>>(),
        "calloutLocation": { "latitude": -26.109, "longitude": 28.083, "accuracy": 12 },
    });
    let raised = server.post("/panic-api/callouts", body).await.ok(200);
    server.post("/control/clock", json!({ "advance": 30 })).await.ok(200);
    let read = server.get(&format!("/panic-api/callouts/{}", raised["callout"]["id"])).await.ok(200);
    // A null is no image: it says as much as no key, which is what the other samples have.
    let mut bare = sample.clone();
    bare["customer"].as_object_mut().unwrap().remove("imageId").unwrap();
    assert_same_shape(&read, &bare);
    for key in ["status", "distance", "calloutResponseEta", "verified", "owned"] {
        assert_eq!(read[key], sample[key], "{key}");
    }
    let candidates = read["calloutResponderInRanges"].as_array().unwrap();
    assert_eq!(candidates.len(), 1);
    for key in ["requested", "declined", "acknowledged", "retractedAt"] {
        assert_eq!(candidates[0][key], sample["calloutResponderInRanges"][0][key], "{key}");
    }
    running.stop().await;
}

#[tokio::test]
async fn an_image_id_of_the_customer_comes_back() {
    let (running, server) = start_with(None).await;
    let body = json!({
        "customer": { "name": "Testy", "surname": "McTestFace", "mobile": "+27831234567", "imageId": 77 },
        "calloutLocation": { "latitude": -26.109, "longitude": 28.083 },
    });
    let raised = server.post("/panic-api/callouts", body).await.ok(200);
    assert_eq!(raised["callout"]["customer"]["imageId"], 77);
    running.stop().await;
}

#[tokio::test]
async fn nobody_available_ends_without_a_responder() {
    let (running, server) = start_with(Some("nobody-available")).await;
    let (callout, found) = raise(&server, "+27820000001", json!({})).await;
    assert_eq!(found.len(), 2);
    server.post("/control/clock", json!({ "advance": 120 })).await.ok(200);
    let read = server.get(&format!("/panic-api/callouts/{callout}?shouldIncludeEvents=true")).await.ok(200);
    assert_eq!(
        (&read["status"], &read["calloutincidentdetail"]["supplier"]),
        (&json!("closed"), &Value::Null)
    );
    assert!(read["calloutEvents"].as_array().unwrap().len() >= 4);
    running.stop().await;
}

#[tokio::test]
async fn duress_is_seen_by_the_control_room_and_the_response_goes_on() {
    let (running, server) = start_with(Some("duress")).await;
    let customer = server.customer("+27820000001").await;
    let callout = server.callout(customer).await;
    server.post("/control/clock", json!({ "advance": 10 })).await.ok(200);
    let wrong = json!({ "safeCode": "9999" });
    server.post(&format!("{V2}/callouts/{callout}/cancel"), wrong).await.ok(200);
    server.post("/control/clock", json!({ "advance": 20 })).await.ok(200);
    let control = server.get(&format!("/control/callouts/{callout}")).await.ok(200);
    assert_eq!((&control["duress"], &control["status"]), (&json!(true), &json!("Responder Dispatched")));
    server.post("/control/clock", json!({ "advance": 200 })).await.ok(200);
    let control = server.get(&format!("/control/callouts/{callout}")).await.ok(200);
    assert_eq!(control["status"], "closed");
    assert!(control["incidentDetails"].as_str().unwrap().starts_with("Duress"));
    running.stop().await;
}

#[tokio::test]
async fn a_list_is_of_all_of_the_active_or_of_what_changed() {
    let (running, server) = start_with(None).await;
    let ids = |listed: Value| -> Vec<i64> {
        listed.as_array().unwrap().iter().map(|callout| callout["id"].as_i64().unwrap()).collect()
    };
    let (early, _) = raise(&server, "+27820000001", json!({})).await;
    let (late, _) = raise(&server, "+27820000002", json!({})).await;
    for callout in [early, late] {
        server.post("/control/clock", json!({ "advance": 60 })).await.ok(200);
        server.post(&format!("/control/callouts/{callout}/steps"), json!({ "step": "close" })).await.ok(200);
    }
    let (active, _) = raise(&server, "+27820000003", json!({})).await;
    let closed = server.get(&format!("/control/callouts/{late}")).await.ok(200);
    let closed = closed["updatedAt"].as_str().unwrap();
    assert_eq!(ids(server.get("/control/callouts").await.ok(200)), [early, late, active]);
    assert_eq!(ids(server.get("/control/callouts?status=active").await.ok(200)), [active]);
    for since in [closed, &closed.replace(':', "%3A")] {
        let changed = server.get(&format!("/control/callouts?updatedSince={since}")).await.ok(200);
        assert_eq!(ids(changed), [late, active], "at that time or later");
    }
    for (query, named) in [
        ("status=closed", "status: only active"),
        ("updatedSince=yesterday", "updatedSince: it is no time"),
        ("updatedSince=", "updatedSince: it is no time"),
        ("status=active&updatedSince=2026-01-31T12:00:00Z", "status, updatedSince: only one"),
    ] {
        let refused = server.get(&format!("/control/callouts?{query}")).await.ok(400);
        assert!(refused.to_string().contains(named), "{refused}");
    }
    running.stop().await;
}

/// A scenario in as few words as one takes.
fn short() -> Value {
    json!({
        "name": "short",
        "description": "Acknowledged and closed.",
        "controller": "Thandi",
        "drive": { "seconds": 60 },
        "raised": [
            { "after": 1, "do": "acknowledge" },
            { "after": 2, "say": "Hello {customer}." },
            { "after": 3, "do": "close", "details": "Done." },
        ],
    })
}

#[tokio::test]
async fn a_scenario_can_be_put_as_it_is() {
    let (running, server) = start_with(None).await;
    let set = put_autopilot(&server, json!({ "scenario": short(), "pace": 2 })).await.ok(200);
    assert_eq!(
        (&set["scenario"], &set["description"]),
        (&json!("short"), &json!("Acknowledged and closed."))
    );
    let available = set["available"].as_array().unwrap();
    for name in ["nobody-available", "duress"] {
        assert!(available.contains(&json!(name)), "{set}");
    }
    let (callout, _) = raise(&server, "+27820000001", json!({})).await;
    server.post("/control/clock", json!({ "advance": 10 })).await.ok(200);
    let read = server.get(&format!("/control/callouts/{callout}")).await.ok(200);
    assert_eq!((&read["status"], &read["incidentDetails"]), (&json!("closed"), &json!("Done.")));
    running.stop().await;
}

#[tokio::test]
async fn a_bad_scenario_is_refused_by_its_field_and_changes_nothing() {
    let (running, server) = start_with(Some("happy-path")).await;
    for (pointer, value, words) in [
        ("/raised/0/do", json!("wave"), "scenario.raised[0]"),
        ("/raised/2/details", json!(4), "scenario.raised[2]"),
        ("/drive/seconds", json!("x"), "scenario.drive"),
        ("/name", json!(""), "scenario.name"),
    ] {
        let mut bad = short();
        *bad.pointer_mut(pointer).unwrap() = value;
        put_autopilot(&server, json!({ "scenario": bad })).await.refused(400, words);
    }
    put_autopilot(&server, json!({ "scenario": 4 })).await.refused(400, "scenario");
    put_autopilot(&server, json!({})).await.refused(400, "scenario is required");
    put_autopilot(&server, json!({ "scenario": "nobody" })).await.refused(400, "scenario: unknown");
    put_autopilot(&server, json!({ "scenario": short(), "pace": 0 })).await.refused(400, "pace");
    assert_eq!(server.get("/control/autopilot").await.ok(200)["scenario"], "happy-path");
    running.stop().await;
}

#[tokio::test]
async fn a_scenario_file_is_named_at_the_start() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("mine.toml");
    let text = include_str!("../assets/scenarios/duress.toml").replace("\"duress\"", "\"mine\"");
    std::fs::write(&path, &text).unwrap();
    let (running, server) = start_with(path.to_str()).await;
    assert_eq!(server.get("/control/autopilot").await.ok(200)["scenario"], "mine");
    running.stop().await;

    std::fs::write(&path, text.replace("after = 45", "after = -45")).unwrap();
    let refused = async |word: &str| {
        let options = Options { autopilot: Some(word.to_owned()), ..Options::default() };
        let error = Simulator::start(options).await.unwrap_err();
        assert!(matches!(error, StartError::Autopilot(_)) && error.is_usage(), "{error}");
        error.to_string()
    };
    let error = refused(path.to_str().unwrap()).await;
    for word in ["mine.toml", "line ", "after: between"] {
        assert!(error.contains(word), "{word} in: {error}");
    }
    assert!(refused("no-such-file.toml").await.contains("cannot read no-such-file.toml"));
    assert!(refused("no-such-name").await.contains("scenario: unknown"));
}
