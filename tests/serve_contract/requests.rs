//! What one request may be, and how each wrong one is told so.

use super::Served;
use crate::asker::{Asker, send};
use reqwest::Method;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;
use tokio::time::Instant;

fn raw(address: &str, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut answer = Vec::new();
    let mut piece = [0; 4096];
    while let Ok(count @ 1..) = stream.read(&mut piece) {
        answer.extend_from_slice(&piece[..count]);
        if answer.ends_with(b"}") {
            break;
        }
    }
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn bodies_that_cannot_be_read_say_why() {
    let served = Served::start(&[]);
    let asker = Asker::nobody(served.url());
    let post = |body: &str, media: Option<&str>| {
        let request = asker.request(Method::POST, "/panic-api/v2/oauth/token").body(body.to_owned());
        send(match media {
            Some(media) => request.header("content-type", media),
            None => request,
        })
    };
    let right = r#"{"clientId":"demo-client","clientSecret":"demo-secret"}"#;
    post(right, None).await.ok(200);
    post(right, Some("application/json; charset=utf-8")).await.ok(200);
    post(right, Some("text/plain")).await.refused(415, "application/json");
    post("{\"clientId\":", Some("application/json")).await.refused(400, "not valid JSON");
    post("[]", Some("application/json")).await.refused(400, "JSON object");
    post("{}", Some("application/json")).await.refused(400, "clientId is required");
    post(r#"{"clientId":7}"#, Some("application/json")).await.refused(400, "clientId is not valid");
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    post(&deep, Some("application/json")).await.refused(400, "recursion limit");
    let large = format!("{{\"clientId\":\"{}\"}}", "x".repeat(1024 * 1024));
    post(&large, Some("application/json")).await.refused(413, "1 MiB");
}

#[test]
fn a_closed_callout_has_its_own_reason_phrase() {
    let served = Served::start(&[]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (callout, token) = runtime.block_on(async {
        let asker = Asker::server(served.url()).await;
        let customer = asker.customer("+27821234567").await;
        let callout = asker.callout(customer).await;
        asker.step(callout, "close").await;
        let request = asker.request(Method::GET, "/").build().unwrap();
        (callout, request.headers()["authorization"].to_str().unwrap().to_owned())
    });
    let request = format!(
        "POST /panic-api/v2/callouts/{callout}/location HTTP/1.1\r\nHost: localhost\r\n\
         Authorization: {token}\r\nContent-Length: 30\r\n\r\n{{\"latitude\":1.5,\"longitude\":2}} "
    );
    let answer = raw(served.address(), request.as_bytes());
    assert!(answer.starts_with("HTTP/1.1 285 Callout Closed\r\n"), "{answer}");
}

#[test]
fn a_request_that_never_ends_its_headers_is_dropped() {
    let served = Served::start(&[]);
    let mut slow = TcpStream::connect(served.address()).unwrap();
    slow.write_all(b"GET /health HTTP/1.1\r\nHost: local").unwrap();
    slow.set_read_timeout(Some(Duration::from_secs(25))).unwrap();
    let began = Instant::now();
    let mut answer = Vec::new();
    slow.read_to_end(&mut answer).unwrap();
    let waited = began.elapsed();
    assert!((8..20).contains(&waited.as_secs()), "{waited:?}");
    // Meanwhile and afterwards others are served.
    let request = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    assert!(raw(served.address(), request).starts_with("HTTP/1.1 200 OK"));
}

#[test]
fn too_many_headers_are_refused() {
    let served = Served::start(&[]);
    let headers = "X-More: 1\r\n".repeat(200);
    let answer = raw(served.address(), format!("GET /health HTTP/1.1\r\n{headers}\r\n").as_bytes());
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[tokio::test]
async fn unknown_paths_and_methods_are_a_404() {
    let served = Served::start(&[]);
    let asker = Asker::server(served.url()).await;
    for path in ["/", "/panic-api/v2", "/panic-api/v2/nothing", "/control/nothing", "/development"] {
        asker.get(path).await.refused(404, "not found");
    }
    send(asker.request(Method::DELETE, "/panic-api/v2/callouts/1")).await.refused(404, "not found");
    asker.get("/panic-api/v2/callouts/abc").await.refused(400, "calloutId must be an integer");
    asker.get("/panic-api/v2/callouts/-1").await.refused(404, "Callout not found");
}

#[tokio::test]
async fn each_scope_opens_its_own() {
    let served = Served::start(&[]);
    let asker = Asker::server(served.url()).await;
    let nobody = Asker::nobody(served.url());
    nobody.get("/panic-api/v2/callouts/activeCallouts").await.refused(401, "bearer token");
    nobody.with("x.y.z").get("/panic-api/callouts/1").await.refused(401, "Invalid token");
    let (jane, sam) = (asker.customer("+27821234567").await, asker.customer("+27821234568").await);
    let scoped = asker.post("/panic-api/v2/oauth/calloutToken", json!({ "customerId": jane })).await.ok(200);
    asker.post("/panic-api/v2/oauth/calloutToken", json!({ "customerId": 9 })).await.refused(404, "Customer");
    let scoped = nobody.with(scoped["accessToken"].as_str().unwrap());
    let callout = scoped.callout(jane).await;
    scoped.get(&format!("/panic-api/v2/callouts/{callout}")).await.ok(200);
    let other = asker.callout(sam).await;
    scoped.get(&format!("/panic-api/v2/callouts/{other}")).await.refused(404, "Callout");
    scoped.get(&format!("/panic-api/v2/customers/{jane}")).await.refused(401, "does not allow");
    scoped.get(&format!("/panic-api/v2/customers/{sam}/callouts")).await.refused(401, "does not allow");
    scoped.get("/panic-api/v2/callouts/activeCallouts").await.refused(401, "does not allow");
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_named() {
    let served = Served::start(&[]);
    let asker = Asker::server(served.url()).await;
    let customer = asker.customer("+27821234567").await;
    let raise =
        async |body: Value| asker.post(&format!("/panic-api/v2/customers/{customer}/callouts"), body).await;
    let place = json!({ "latitude": 1, "longitude": 2 });
    raise(json!({ "responseTypeId": 1 })).await.refused(400, "location is required");
    raise(json!({ "location": place })).await.refused(400, "responseTypeId is required");
    let off = json!({ "latitude": 91, "longitude": 2 });
    raise(json!({ "location": off, "responseTypeId": 1 })).await.refused(400, "location.latitude");
    let blank = json!({ "latitude": "x", "longitude": 2 });
    raise(json!({ "location": blank, "responseTypeId": 1 })).await.refused(400, "location.latitude");
    for field in ["location", "calloutLocation"] {
        raise(json!({ field: [1, 2], "responseTypeId": 1 })).await.refused(400, field);
    }
    let listed = json!({ "name": "Testy", "position": [1, 2] });
    asker.post("/control/responders", listed).await.refused(400, "position must be an object");
    raise(json!({ "location": place, "responseTypeId": 7 })).await.refused(400, "responseTypeId");
    raise(json!({ "location": place, "predefinedLocationId": 1, "responseTypeId": 1 }))
        .await
        .refused(400, "predefinedLocationId");
    let jane = json!({ "name": "Jane", "surname": "Doe", "mobile": "+27821234567" });
    asker.post("/panic-api/v2/customers", json!({ "customer": jane })).await.refused(409, "mobile");
    let nobody = json!({ "name": "Jane", "surname": "Doe", "mobile": " " });
    asker.post("/panic-api/v2/customers", json!({ "customer": nobody })).await.refused(400, "mobile");
    let sam = json!({ "name": "Sam", "surname": "Doe", "mobile": "+27821234568" });
    let sam = asker.post("/panic-api/v2/customers", json!({ "customer": sam })).await.ok(201);
    let body = json!({ "location": place, "responseTypeId": 1 });
    let path = format!("/panic-api/v2/customers/{}/callouts", sam["customerId"]);
    asker.post(&path, body).await.refused(403, "no active subscription");
    let subscription = json!({ "customerId": sam["customerId"], "subscriptionTypeId": 4 });
    asker.post("/panic-api/v2/subscriptions", subscription.clone()).await.ok(201);
    asker.post("/panic-api/v2/subscriptions", subscription).await.refused(409, "subscription");
}

#[tokio::test]
async fn steps_that_are_not_possible_say_what_is() {
    let served = Served::start(&[]);
    let asker = Asker::server(served.url()).await;
    let customer = asker.customer("+27821234567").await;
    let callout = asker.callout(customer).await;
    let path = format!("/control/callouts/{callout}/steps");
    let refused = asker.post(&path, json!({ "step": "arrive" })).await.ok(409);
    let allowed = refused["allowed"].as_array().unwrap();
    assert!(allowed.contains(&json!("acknowledge")) && !allowed.contains(&json!("arrive")), "{refused}");
    asker.post(&path, json!({ "step": "fly" })).await.refused(400, "unknown variant `fly`");
    asker.post(&path, json!({})).await.refused(400, "missing field `step`");
    asker.post(&path, json!({ "step": "dispatch", "responderId": "x" })).await.refused(400, "responderId");
    asker.post("/control/reset", json!({})).await.ok(200);
    asker.get(&format!("/control/callouts/{callout}")).await.refused(404, "Callout");
    assert_eq!(asker.get("/control/callouts").await.ok(200), json!([]));
}

#[tokio::test]
async fn vehicles_and_companies_come_and_go() {
    let served = Served::start(&[]);
    let asker = Asker::nobody(served.url());
    let supplier = json!({ "name": "Example Security", "contactNumber": "+27000000009" });
    let supplier = asker.post("/control/suppliers", supplier).await.ok(201);
    let vehicle = json!({
        "supplierId": supplier["id"], "name": "Testy", "callsign": "Alpha 9",
        "position": { "latitude": -26.12, "longitude": 28.12 },
    });
    let vehicle = asker.post("/control/responders", vehicle).await.ok(201);
    assert_eq!(vehicle["location"]["latitude"], -26.12);
    let path = format!("/control/responders/{}", vehicle["id"]);
    let off = asker.request(Method::PATCH, &path).json(&json!({ "active": false }));
    assert_eq!(send(off).await.ok(200)["active"], false);
    let wrong = asker.request(Method::PATCH, &path).json(&json!({ "activ": false }));
    send(wrong).await.refused(400, "unknown field `activ`");
    let nowhere = json!({ "name": "Testy", "position": { "latitude": 95, "longitude": 0 } });
    asker.post("/control/responders", nowhere).await.refused(400, "position is not valid");
    send(asker.request(Method::DELETE, &path)).await.ok(204);
    assert_eq!(asker.get("/control/responders").await.ok(200), json!([]));
}
