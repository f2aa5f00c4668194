//! IoT devices over HTTP (reference §8.2): each operation with the published samples, what is wrong
//! with a request, and ids that are nobody's; and the control side's view of them.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests: a failure ends the test")]

#[allow(dead_code, reason = "shared by tests that each use a part of it")]
#[path = "support/asker.rs"]
mod asker;
#[path = "api_devices/events.rs"]
mod events;
#[path = "support/shape.rs"]
mod shape;

use asker::{Answer, Asker, send};
use panic_console::sim::{Options, Running, Simulator};
use reqwest::Method;
use serde_json::{Value, json};
use shape::{assert_same_shape, fixture};
use std::collections::BTreeSet;

const DEVICES: &str = "/panic-api/v2/devices";
const EVENT: &str = "/panic-api/v2/deviceEvent";
const TEMPLATES: &str = "/control/device-templates";

/// A simulator with one subscribed customer.
struct Rig {
    running: Running,
    server: Asker,
    customer: i64,
}

impl Rig {
    async fn start() -> Self {
        Self::with(Options::default()).await
    }

    async fn with(options: Options) -> Self {
        let running = Simulator::start(options).await.unwrap();
        let server = Asker::server(&running.url()).await;
        let customer = server.customer("+27821234567").await;
        Self { running, server, customer }
    }

    /// A sample that names a customer, with ours.
    fn sample(&self, name: &str) -> Value {
        let mut sample = fixture(&format!("v2/{name}"));
        sample["customerId"] = json!(self.customer);
        sample
    }

    async fn link(&self, body: Value) -> Answer {
        self.server.post(DEVICES, body).await
    }

    /// Links the device of the samples.
    async fn linked(&self) -> Value {
        self.link(self.sample("link-device.request.json")).await.ok(201)
    }

    async fn event(&self, body: Value) -> Answer {
        self.server.post(EVENT, body).await
    }

    async fn press(&self) -> i64 {
        let reply = self.event(fixture("v2/device-event-new-callout.request.json")).await.ok(200);
        reply["resolvedAuraEvent"]["eventResponse"]["calloutId"].as_i64().unwrap()
    }

    async fn put(&self, body: Value) -> Answer {
        send(self.server.request(Method::PUT, DEVICES).json(&body)).await
    }

    async fn unlink(&self, device: &str) -> Answer {
        send(self.server.request(Method::DELETE, &format!("{DEVICES}/{device}"))).await
    }
}

/// A sample with the callout that there really is.
fn sample_of(name: &str, callout: i64) -> Value {
    let mut sample = fixture(&format!("v2/{name}"));
    sample["resolvedAuraEvent"]["eventResponse"]["calloutId"] = json!(callout);
    sample
}

#[tokio::test]
async fn link_device() {
    let rig = Rig::start().await;
    let linked = rig.linked().await;
    let sample = fixture("v2/link-device.response.json");
    assert_same_shape(&linked, &sample);
    for key in ["deviceId", "deviceSerial", "alias", "deviceTypeId", "firmwareVersion"] {
        assert_eq!(linked[key], sample[key], "{key}");
    }
    assert_eq!(linked["customerId"], rig.customer);
    for key in
        ["defaultLocation", "batteryLevel", "batteryLevelLastReceivedDate", "healthCheckLastReceivedDate"]
    {
        assert_eq!(linked[key], Value::Null, "{key}");
    }
    assert_eq!(linked["createdAt"], linked["updatedAt"]);
    rig.link(rig.sample("link-device.request.json")).await.refused(409, "deviceId is already in use");
}

#[tokio::test]
async fn link_device_takes_the_type_from_the_supplier() {
    let rig = Rig::start().await;
    let body = json!({
        "customerId": rig.customer.to_string(), "deviceSerial": "SN-0001-A1B2C3D4", "deviceSupplier": "ExampleDevices",
    });
    let linked = rig.link(body).await.ok(201);
    assert_eq!((&linked["deviceTypeId"], &linked["alias"]), (&json!(1), &Value::Null));
    let body = json!({
        "customerId": rig.customer, "deviceSerial": "SIGFOX-BTN-1A2B3C", "deviceSupplier": "ExampleSigfox",
    });
    let linked = rig.link(body).await.ok(201);
    assert_eq!((&linked["deviceTypeId"], &linked["deviceId"]), (&json!(2), &json!("1A2B3C")));
}

#[tokio::test]
async fn link_device_refuses_what_is_wrong() {
    let rig = Rig::start().await;
    let with = |field: &str, value: Value| {
        let mut body = rig.sample("link-device.request.json");
        body[field] = value;
        body
    };
    for (field, value, status, words) in [
        ("customerId", json!(null), 400, "customerId is required"),
        ("customerId", json!("x"), 400, "customerId must be an integer"),
        ("customerId", json!(1), 404, "Customer not found"),
        ("deviceSerial", json!(null), 400, "deviceSerial is required"),
        ("deviceSerial", json!(7), 400, "deviceSerial is not valid"),
        ("deviceSerial", json!("short"), 400, "deviceSerial does not match the template example-devices"),
        ("deviceSupplier", json!(null), 400, "deviceSupplier is required"),
        ("deviceType", json!(99), 400, "deviceType: has no device template"),
        ("deviceType", json!(true), 400, "deviceType is not valid"),
        ("deviceType", json!(2), 400, "deviceSerial does not match the template sigfox-button"),
        ("deviceAlias", json!({}), 400, "deviceAlias is not valid"),
        ("firmwareVersion", json!("x".repeat(201)), 400, "firmwareVersion"),
    ] {
        rig.link(with(field, value)).await.refused(status, words);
    }
    let mut body = with("deviceSupplier", json!("Nobody"));
    body.as_object_mut().unwrap().remove("deviceType");
    rig.link(body).await.refused(400, "deviceSupplier: has no device template");
    rig.link(json!([1])).await.refused(400, "JSON object");
    assert_eq!(rig.server.get("/control/devices").await.ok(200), json!([]));
    Asker::nobody(&rig.running.url()).post(DEVICES, json!({})).await.refused(401, "token");
}

#[tokio::test]
async fn link_and_update_device_in_the_older_edition_s_form() {
    let rig = Rig::start().await;
    let linked = rig.link(rig.sample("link-device.request.older.json")).await.ok(201);
    assert_holds(&linked, &fixture("v2/link-device.response.older.json"), rig.customer);
    let updated = rig.put(rig.sample("update-device.request.older.json")).await.ok(200);
    assert_holds(&updated, &fixture("v2/update-device.response.older.json"), rig.customer);
    assert_eq!(updated, linked, "nothing was changed");
}

/// Wants every key of the older sample, which names fewer, and its device id.
#[track_caller]
fn assert_holds(reply: &Value, older: &Value, customer: i64) {
    let keys: BTreeSet<_> = reply.as_object().unwrap().keys().collect();
    assert!(older.as_object().unwrap().keys().all(|key| keys.contains(key)), "{reply}");
    assert_eq!((&reply["deviceId"], &reply["customerId"]), (&older["deviceId"], &json!(customer)));
}

#[tokio::test]
async fn update_device() {
    let rig = Rig::start().await;
    let linked = rig.linked().await;
    let body = |changes: Value| {
        let mut body = json!({ "customerId": rig.customer, "deviceId": "A1B2C3D4" });
        body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        body
    };
    let updated = rig.put(body(json!({ "deviceAlias": "Back door", "deviceTypeId": 1 }))).await.ok(200);
    assert_same_shape(&updated, &fixture("v2/link-device.response.json"));
    assert_eq!((&updated["alias"], &updated["id"]), (&json!("Back door"), &linked["id"]));
    assert_eq!(rig.put(body(json!({ "alias": "Gate" }))).await.ok(200)["alias"], "Gate");
    for (changes, status, words) in [
        (json!({ "customerId": null }), 400, "customerId is required"),
        (json!({ "deviceId": null }), 400, "deviceId is required"),
        (json!({ "deviceTypeId": 99 }), 400, "deviceTypeId: has no device template"),
        (json!({ "deviceTypeId": 2 }), 400, "deviceTypeId: reads another deviceId"),
        (json!({ "alias": 5 }), 400, "alias is not valid"),
        (json!({ "deviceId": "00000000" }), 404, "Device not found"),
        (json!({ "customerId": 1 }), 404, "Device not found"),
    ] {
        rig.put(body(changes)).await.refused(status, words);
    }
    let nobody = Asker::nobody(&rig.running.url());
    send(nobody.request(Method::PUT, DEVICES).json(&body(json!({})))).await.refused(401, "token");
}

#[tokio::test]
async fn unlink_device() {
    let rig = Rig::start().await;
    rig.unlink("A1B2C3D4").await.refused(404, "Device not found");
    rig.linked().await;
    let callout = rig.press().await;
    let reply = rig.unlink("A1B2C3D4").await.ok(200);
    assert_eq!(reply, json!({ "message": "Device unlinked successfully." }));
    rig.unlink("A1B2C3D4").await.refused(404, "Device not found");
    rig.event(fixture("v2/device-event-cancel.request.json")).await.refused(400, "device_id");
    let read = rig.server.get(&format!("/panic-api/v2/callouts/{callout}")).await.ok(200);
    assert_eq!(read["callout"]["status"], "created", "its callout goes on");
    rig.linked().await;
}

#[tokio::test]
async fn control_lists_the_devices() {
    let rig = Rig::start().await;
    rig.linked().await;
    rig.event(fixture("v2/device-event-battery.request.json")).await.ok(200);
    let callout = rig.press().await;
    let list = rig.server.get("/control/devices").await.ok(200);
    let device = &list[0];
    assert_eq!(device["customer"], json!({ "id": rig.customer, "name": "Jane", "surname": "Doe" }));
    assert_eq!((&device["deviceId"], &device["template"]), (&json!("A1B2C3D4"), &json!("example-devices")));
    assert_eq!((&device["batteryLevel"], &device["activeCalloutId"]), (&json!(72), &json!(callout)));
    assert_eq!(device["lastEvent"]["eventTypes"], "NEW_CALLOUT");
    let located = rig.server.get(&format!("/control/callouts/{callout}")).await.ok(200)["location"].clone();
    assert!(device["location"] == located && located["latitude"].is_number(), "{device}");
    rig.event(fixture("v2/device-event-cancel.request.json")).await.ok(200);
    let device = rig.server.get("/control/devices").await.ok(200)[0].clone();
    assert_eq!((&device["activeCalloutId"], &device["lastCalloutId"]), (&Value::Null, &json!(callout)));
}

#[tokio::test]
async fn control_lists_and_takes_device_templates() {
    let rig = Rig::start().await;
    let list = rig.server.get(TEMPLATES).await.ok(200);
    let names: Vec<_> = list.as_array().unwrap().iter().map(|row| row["template"]["name"].clone()).collect();
    assert_eq!(names, ["example-devices", "sigfox-button"]);
    assert_eq!(list[0]["origin"], "file");

    let mine = |name: &str, type_id: i64| {
        let text = panic_console::sim::devices::SHIPPED[0].1;
        text.replace("\"example-devices\"", &format!("\"{name}\""))
            .replace("type = 1", &format!("type = {type_id}"))
    };
    let toml = |text: String| {
        send(
            rig.server.request(Method::POST, TEMPLATES).header("Content-Type", "application/toml").body(text),
        )
    };
    let taken = toml(mine("my-devices", 7)).await.ok(201);
    assert_eq!((&taken["origin"], &taken["template"]["type"]), (&json!("control"), &json!(7)));
    toml(mine("twin", 7)).await.refused(409, "type is already in use");
    toml(mine("My Devices", 8)).await.refused(400, "body:9: name: is not 1 to 64 of a-z");
    toml("name = ".to_owned()).await.refused(400, "body:1: ");

    let mut json = taken["template"].clone();
    json["serial"]["pattern"] = json!("[0-9");
    rig.server.post(TEMPLATES, json.clone()).await.refused(400, "serial.pattern: is not a pattern");
    json["serial"]["pattern"] = json!("MY-[0-9]{8}");
    rig.server.post(TEMPLATES, json.clone()).await.ok(201);
    for (wrong, words) in [
        (json!({ "pattern": 7 }), "serial.pattern: must be a text"),
        (json!({ "pattern": "x", "device": { "last": "x" } }), "serial.device.last: must be a whole number"),
        (json!({ "pattern": "x", "device": "whole", "patern": 1 }), "serial.patern: unknown field `patern`"),
        (json!({ "pattern": "x" }), "serial: missing field `device`"),
    ] {
        let mut body = json.clone();
        body["serial"] = wrong;
        rig.server.post(TEMPLATES, body).await.refused(400, words);
    }
    json["battery"]["level"] = json!({ "frame": "battery" });
    rig.server.post(TEMPLATES, json).await.refused(400, "battery.level the frame has no field battery");
    rig.server.post(TEMPLATES, json!({ "name": "x" })).await.refused(400, "missing field");
    let list = rig.server.get(TEMPLATES).await.ok(200);
    assert_eq!(list[2]["template"]["serial"]["pattern"], "MY-[0-9]{8}", "in the place of the first one");
}

#[tokio::test]
async fn device_templates_come_from_files_and_outlive_a_restart() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("mine.toml");
    let text = panic_console::sim::devices::SHIPPED[0]
        .1
        .replace("\"example-devices\"", "\"my-devices\"")
        .replace("type = 1", "type = 7")
        .replace("ExampleDevices", "MyDevices");
    std::fs::write(&file, &text).unwrap();
    let options = |templates: bool| Options {
        state: Some(folder.path().join("world.db")),
        device_templates: templates.then(|| folder.path().to_owned()),
        ..Options::default()
    };
    let rig = Rig::with(options(true)).await;
    let link =
        json!({ "customerId": rig.customer, "deviceSerial": "SN-A1B2C3D4", "deviceSupplier": "MyDevices" });
    assert_eq!(rig.link(link).await.ok(201)["deviceTypeId"], 7);
    let mut press = fixture("v2/device-event-new-callout.request.json");
    press["device_type_id"] = json!(7);
    let callout = rig.event(press.clone()).await.ok(200)["resolvedAuraEvent"].clone();
    rig.running.stop().await;

    // The file is gone: what it made happen is still so, and its devices are not understood any more.
    let running = Simulator::start(options(false)).await.unwrap();
    let server = Asker::server(&running.url()).await;
    let devices = server.get("/control/devices").await.ok(200);
    assert_eq!(devices[0]["activeCalloutId"], callout["eventResponse"]["calloutId"]);
    assert_eq!(devices[0]["template"], Value::Null);
    server.post(EVENT, press.clone()).await.refused(400, "device_type_id has no device template");
    running.stop().await;

    let running = Simulator::start(options(true)).await.unwrap();
    let server = Asker::server(&running.url()).await;
    assert_eq!(server.post(EVENT, press).await.ok(200)["resolvedAuraEvent"], callout);
    running.stop().await;

    std::fs::write(&file, text.replace("last = 8", "last = 0")).unwrap();
    let error = Simulator::start(options(true)).await.unwrap_err();
    let message = error.to_string();
    assert!(
        error.is_usage() && message.contains("mine.toml:") && message.contains("serial.device"),
        "{message}"
    );
}

#[tokio::test]
async fn another_source_s_devices_are_unknown() {
    let folder = tempfile::TempDir::new().unwrap();
    let options = |id: &str, secret: &str| Options {
        state: Some(folder.path().join("world.db")),
        client_id: id.to_owned(),
        client_secret: secret.into(),
        ..Options::default()
    };
    let rig = Rig::with(options("demo-client", "demo-secret")).await;
    rig.linked().await;
    let link = rig.sample("link-device.request.json");
    rig.running.stop().await;

    let running = Simulator::start(options("other", "hush")).await.unwrap();
    let nobody = Asker::nobody(&running.url());
    let token = nobody
        .post("/panic-api/v2/oauth/token", json!({ "clientId": "other", "clientSecret": "hush" }))
        .await
        .ok(200);
    let other = nobody.with(token["accessToken"].as_str().unwrap());
    other.post(DEVICES, link.clone()).await.refused(404, "Customer not found");
    let update = json!({ "customerId": link["customerId"], "deviceId": "A1B2C3D4" });
    send(other.request(Method::PUT, DEVICES).json(&update)).await.refused(404, "Device not found");
    send(other.request(Method::DELETE, &format!("{DEVICES}/A1B2C3D4")))
        .await
        .refused(404, "Device not found");
    let press = fixture("v2/device-event-new-callout.request.json");
    other.post(EVENT, press).await.refused(400, "device_id is not a linked device");
    running.stop().await;
}
