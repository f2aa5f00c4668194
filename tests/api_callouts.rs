//! The callout operations of reference §6 beyond the quickstart: each with good input, bad input and
//! unknown ids, and each published sample as it stands.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests: a failure ends the test")]

#[path = "support/asker.rs"]
mod asker;
#[path = "support/shape.rs"]
mod shape;

use asker::{Asker, send};
use panic_console::sim::{Options, Running, Simulator};
use reqwest::Method;
use serde_json::{Value, json};
use shape::{assert_same_shape, fixture, shape};
use std::sync::atomic::{AtomicUsize, Ordering};

const V2: &str = "/panic-api/v2";
/// Nobody's id: they begin at 1001.
const UNKNOWN: i64 = 7;

async fn start() -> (Running, Asker) {
    let running = Simulator::start(Options::default()).await.unwrap();
    let server = Asker::server(&running.url()).await;
    (running, server)
}

/// A sample of a request about another id.
fn about(name: &str, key: &str, id: i64) -> Value {
    let mut sample = fixture(name);
    sample.as_object_mut().unwrap().insert(key.to_owned(), json!(id)).expect(key);
    sample
}

/// Wants what an older edition's reply has: the current one has the same keys and more.
#[track_caller]
fn assert_holds_keys_of(reply: &Value, sample: &str) {
    let (reply, sample) = (shape(reply), shape(&fixture(sample)));
    let missing: Vec<_> = sample.difference(&reply).collect();
    assert!(missing.is_empty(), "missing: {missing:#?}");
}

async fn closed_callout(server: &Asker) -> i64 {
    let customer = server.customer("+27821234567").await;
    let callout = server.callout(customer).await;
    let steps = ["acknowledge", "own", "verify", "dispatch", "arrive", "complete", "close"];
    for step in steps {
        server.step(callout, step).await;
    }
    callout
}

/// The end of a number that no customer has yet.
fn new_number() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Wants each path to be 404 for an unknown callout and for another customer's token, 400 for an id
/// that is none, and 401 for nobody.
async fn assert_guarded(server: &Asker, method: Method, tail: &str, body: &Value) {
    let other = server.customer(&format!("+2782{:07}", new_number())).await;
    let token = server.post(&format!("{V2}/oauth/calloutToken"), json!({ "customerId": other })).await;
    let other = server.with(token.ok(200)["accessToken"].as_str().unwrap());
    let mine = server.customer(&format!("+2782{:07}", new_number())).await;
    let mine = server.callout(mine).await;
    let ask = async |by: &Asker, id: &str| {
        send(by.request(method.clone(), &format!("{V2}/callouts/{id}/{tail}")).json(body)).await
    };
    ask(server, &UNKNOWN.to_string()).await.refused(404, "Callout not found");
    ask(&other, &mine.to_string()).await.refused(404, "Callout not found");
    ask(server, "abc").await.refused(400, "calloutId");
    ask(&server.with("x"), &mine.to_string()).await.refused(401, "");
}

#[tokio::test]
async fn exception_reasons_are_listed() {
    let (running, server) = start().await;
    let callout = closed_callout(&server).await;
    let listed = server.get(&format!("{V2}/callouts/{callout}/exceptionReasons")).await.ok(200);
    assert_eq!(listed, fixture("v2/list-exception-reasons.response.json"));
    assert_guarded(&server, Method::GET, "exceptionReasons", &json!({})).await;
    running.stop().await;
}

#[tokio::test]
async fn an_exception_reason_is_attached() {
    let (running, server) = start().await;
    let callout = closed_callout(&server).await;
    let path = format!("{V2}/callouts/{callout}/exceptionReasons");
    let sample = fixture("v2/create-exception-reason.request.json");
    let attached = server.post(&path, sample.clone()).await.ok(200);
    assert_same_shape(&attached, &fixture("v2/create-exception-reason.response.json"));
    let reason = &attached["createdExceptionReason"];
    assert_eq!((&reason["calloutId"], &reason["exceptionReasonId"]), (&json!(callout), &json!(102)));
    assert_eq!(reason["notes"], "Called back, all clear");
    let bare = server.post(&path, json!({ "exceptionReasonId": 103 })).await.ok(200);
    assert_eq!(bare["createdExceptionReason"]["notes"], Value::Null);
    server.post(&path, json!({ "notes": "x" })).await.refused(400, "exceptionReasonId is required");
    server.post(&path, json!({ "exceptionReasonId": "x" })).await.refused(400, "exceptionReasonId");
    server.post(&path, json!({ "exceptionReasonId": 1 })).await.refused(400, "exceptionReasonId");
    server.post(&path, json!({ "exceptionReasonId": 102, "notes": 1 })).await.refused(400, "notes");
    let control = server.get(&format!("/control/callouts/{callout}")).await.ok(200);
    let seen: Vec<_> = control["exceptionReasons"].as_array().unwrap().iter().collect();
    assert_eq!(seen[0]["reason"], "False alarm triggered");
    assert_eq!((seen.len(), &seen[0]["notes"]), (2, &json!("Called back, all clear")));
    assert_guarded(&server, Method::POST, "exceptionReasons", &sample).await;
    running.stop().await;
}

#[tokio::test]
async fn the_resolution_report_comes_with_closure_under_both_paths() {
    let (running, server) = start().await;
    let customer = server.customer("+27821234567").await;
    let callout = server.callout(customer).await;
    let read = async |spelling: &str| server.get(&format!("{V2}/callouts/{callout}/{spelling}")).await;
    for step in ["acknowledge", "own", "verify", "dispatch", "arrive", "complete"] {
        read("resolutionReport").await.refused(400, "closed");
        server.step(callout, step).await;
        server.post("/control/clock", json!({ "advance": 60 })).await.ok(200);
    }
    read("resolution-report").await.refused(400, "closed");
    server.step(callout, "close").await;
    let report = read("resolutionReport").await.ok(200);
    assert_same_shape(&report, &fixture("v2/resolution-report.response.json"));
    assert_eq!(read("resolution-report").await.ok(200), report);
    assert_eq!((&report["calloutId"], &report["status"]), (&json!(callout), &json!("closed")));
    assert_eq!(report["outcome"], "Test Callout");
    let seconds = |key: &str| report[key].as_i64().unwrap();
    assert!((239..300).contains(&seconds("responseTimeSeconds")), "{report}");
    assert!((359..420).contains(&seconds("resolutionTimeSeconds")), "{report}");
    for spelling in ["resolutionReport", "resolution-report"] {
        assert_guarded(&server, Method::GET, spelling, &json!({})).await;
    }
    running.stop().await;
}

#[tokio::test]
async fn the_report_of_a_cancelled_callout_has_no_response() {
    let (running, server) = start().await;
    let customer = server.customer("+27821234567").await;
    let callout = server.callout(customer).await;
    server.post(&format!("{V2}/callouts/{callout}/cancel"), json!({})).await.ok(200);
    let report = server.get(&format!("{V2}/callouts/{callout}/resolutionReport")).await.ok(200);
    assert_same_shape(&report, &fixture("v2/resolution-report.response.json"));
    assert_eq!(report["responseTimeSeconds"], Value::Null);
    assert_eq!(report["outcome"], "Cancelled.");
    running.stop().await;
}

#[tokio::test]
async fn a_closed_callout_is_rated_and_the_rating_changed() {
    let (running, server) = start().await;
    let callout = closed_callout(&server).await;
    let path = format!("{V2}/ratings");
    let sample = about("v2/create-callout-rating.request.json", "calloutId", callout);
    let rated = server.post(&path, sample.clone()).await.ok(200);
    assert_same_shape(&rated, &fixture("v2/create-callout-rating.response.json"));
    let result = &rated["calloutRatingPostResult"];
    assert_eq!((&result["calloutId"], &result["rating"]), (&json!(callout), &json!(4)));
    assert_holds_keys_of(result, "v2/create-callout-rating.response.older.json");
    let older = json!({ "calloutId": callout, "rating": 2, "comment": "Slower than it seemed" });
    let again = server.post(&path, older).await.ok(200)["calloutRatingPostResult"].clone();
    assert_eq!((&again["id"], &again["rating"]), (&result["id"], &json!(2)));
    assert_eq!(again["additionalDetails"], "Slower than it seemed");
    assert_eq!(again["customerAllowedToBeContacted"], false);
    let control = server.get(&format!("/control/callouts/{callout}")).await.ok(200);
    assert_eq!(control["rating"]["rating"], 2);
    for (key, value, words) in [
        ("rating", json!(0), "rating"),
        ("rating", json!(6), "rating"),
        ("rating", json!("good"), "rating"),
        ("rating", Value::Null, "rating is required"),
        ("calloutId", Value::Null, "calloutId is required"),
        ("calloutId", json!("x"), "calloutId"),
        ("additionalDetails", json!(1), "additionalDetails"),
        ("customerAllowedToBeContacted", json!("yes"), "customerAllowedToBeContacted"),
    ] {
        let mut bad = sample.clone();
        bad[key] = value;
        server.post(&path, bad).await.refused(400, words);
    }
    let unknown = about("v2/create-callout-rating.request.json", "calloutId", UNKNOWN);
    server.post(&path, unknown).await.refused(404, "Callout not found");
    server.with("x").post(&path, sample).await.refused(401, "");
    running.stop().await;
}

#[tokio::test]
async fn an_unfinished_callout_cannot_be_rated() {
    let (running, server) = start().await;
    let customer = server.customer("+27821234567").await;
    let callout = server.callout(customer).await;
    let rating = json!({ "calloutId": callout, "rating": 5 });
    server.post(&format!("{V2}/ratings"), rating).await.refused(400, "not closed");
    running.stop().await;
}

#[tokio::test]
async fn rating_items_are_listed() {
    let (running, server) = start().await;
    let listed = server.get(&format!("{V2}/rating-items")).await.ok(200);
    let first = json!({ "id": 12, "ratingItem": "RESPONSE_TIME", "ratingItemDescription": "Response time" });
    assert_eq!(listed[0], first);
    server.with("x").get(&format!("{V2}/rating-items")).await.refused(401, "");
    running.stop().await;
}

#[tokio::test]
async fn a_rating_item_is_created_or_updated() {
    let (running, server) = start().await;
    let callout = closed_callout(&server).await;
    let rating = json!({ "calloutId": callout, "rating": 4 });
    let rated = server.post(&format!("{V2}/ratings"), rating).await.ok(200);
    let rating = rated["calloutRatingPostResult"]["id"].as_i64().unwrap();
    let path = format!("{V2}/rating-items");
    let sample = about("v2/create-callout-rating-item.request.json", "calloutRatingId", rating);
    let created = server.post(&path, sample.clone()).await.ok(200);
    assert_same_shape(&created, &fixture("v2/create-callout-rating-item.response.json"));
    let item = &created["calloutRatingItemResults"];
    assert_eq!((&item["calloutRatingId"], &item["sentiment"]), (&json!(rating), &json!("positive")));
    let older = about("v2/create-callout-rating-item.request.older.json", "ratingId", rating);
    let updated = server.post(&path, older).await.ok(200)["calloutRatingItemResults"].clone();
    assert_eq!((&updated["id"], &updated["ratingItemId"]), (&item["id"], &json!(12)));
    assert_eq!(updated["ratingItemDescription"], "Response time");
    let poor = json!({ "ratingId": rating, "ratingItemId": 12, "score": 1 });
    assert_eq!(server.post(&path, poor).await.ok(200)["calloutRatingItemResults"]["sentiment"], "negative");
    let own = json!({ "calloutRatingId": rating, "ratingItemDescription": "The dog", "ratingItem": "DOG" });
    let own = server.post(&path, own).await.ok(200)["calloutRatingItemResults"].clone();
    assert_eq!((&own["ratingItemId"], &own["ratingItem"]), (&Value::Null, &json!("DOG")));
    for (key, value, words) in [
        ("calloutRatingId", Value::Null, "calloutRatingId is required"),
        ("calloutRatingId", json!("x"), "calloutRatingId"),
        ("ratingItemDescription", Value::Null, "ratingItemDescription is required"),
        ("ratingItemDescription", json!(" "), "ratingItemDescription"),
        ("ratingItemId", json!(1), "ratingItemId"),
        ("ratingItemId", json!("x"), "ratingItemId"),
        ("sentiment", json!("good"), "sentiment"),
    ] {
        let mut bad = sample.clone();
        bad[key] = value;
        server.post(&path, bad).await.refused(400, words);
    }
    let bad = json!({ "ratingId": rating, "ratingItemId": 12, "score": 9 });
    server.post(&path, bad).await.refused(400, "score");
    let unknown = about("v2/create-callout-rating-item.request.json", "calloutRatingId", UNKNOWN);
    server.post(&path, unknown).await.refused(404, "Rating not found");
    let other = server.customer("+27829999999").await;
    let token = server.post(&format!("{V2}/oauth/calloutToken"), json!({ "customerId": other })).await;
    let other = server.with(token.ok(200)["accessToken"].as_str().unwrap());
    other.post(&path, sample).await.refused(404, "Rating not found");
    running.stop().await;
}

#[tokio::test]
async fn the_holder_of_a_callout_token_rates_their_own() {
    let (running, server) = start().await;
    let callout = closed_callout(&server).await;
    let customer = server.get(&format!("{V2}/callouts/{callout}")).await.ok(200);
    let customer = json!({ "customerId": customer["callout"]["customerId"] });
    let token = server.post(&format!("{V2}/oauth/calloutToken"), customer).await.ok(200);
    let own = server.with(token["accessToken"].as_str().unwrap());
    let rating = json!({ "calloutId": callout, "rating": 5 });
    own.post(&format!("{V2}/ratings"), rating).await.ok(200);
    running.stop().await;
}

#[tokio::test]
async fn mentions_come_back_as_tags_with_ids_that_stay() {
    let (running, server) = start().await;
    let customer = server.customer("+27821234567").await;
    let callout = server.callout(customer).await;
    let path = format!("{V2}/callouts/{callout}/events");
    let event = json!({ "source": "customer", "event": "@Admin please call, I am with @security" });
    let sent = server.post(&path, event).await.ok(200);
    let tags = sent["calloutEventTags"].as_array().unwrap();
    let names: Vec<_> = tags.iter().map(|tag| tag["tag"].as_str().unwrap()).collect();
    assert_eq!(names, ["@admin", "@security"]);
    assert!(tags.iter().all(|tag| tag["calloutEventId"] == sent["calloutEvent"]["id"]));
    assert_ne!(tags[0]["id"], tags[1]["id"]);
    let comment = json!({ "message": "We are calling, @customer." });
    server.post(&format!("/control/callouts/{callout}/comments"), comment).await.ok(200);
    let listed = server.get(&path).await.ok(200);
    assert_eq!(listed[0]["calloutEventTags"], sent["calloutEventTags"]);
    assert_eq!(listed[1]["calloutEventTags"][0]["tag"], "@customer");
    running.stop().await;
}

#[tokio::test]
async fn a_callout_is_created_from_the_older_flat_body() {
    let (running, server) = start().await;
    let customer = server.customer("+27821234567").await;
    let path = format!("{V2}/customers/{customer}/callouts");
    let raised = server.post(&path, fixture("v2/create-customer-callout.request.older-flat.json")).await;
    let raised = raised.ok(200);
    assert_same_shape(&raised, &fixture("v2/create-customer-callout.response.json"));
    assert_eq!(raised["callout"]["latitude"], -33.9249);
    for older in ["create-customer-callout", "create-callout-legacy", "get-callout", "cancel-callout"] {
        assert_holds_keys_of(&raised["callout"], &format!("v2/{older}.response.older-flat.json"));
    }
    let listed = server.get(&path).await.ok(200);
    assert_same_shape(&listed, &fixture("v2/list-active-callouts.response.older-flat.json"));
    running.stop().await;
}

#[tokio::test]
async fn the_legacy_create_asks_for_no_subscription() {
    let (running, server) = start().await;
    let person = json!({ "customer": { "name": "Jane", "surname": "Doe", "mobile": "+27821234567" } });
    let customer = server.post(&format!("{V2}/customers"), person).await.ok(201)["customerId"].clone();
    let path = format!("{V2}/callouts");
    let mut body = fixture("v2/create-callout-legacy.request.json");
    // The sample is the beginning of a body: its page shows neither who nor where.
    server.post(&path, body.clone()).await.refused(400, "customer is required");
    body["customerId"] = json!(UNKNOWN);
    server.post(&path, body.clone()).await.refused(400, "location is required");
    body["latitude"] = json!(-33.925);
    body["longitude"] = json!("18.4245");
    server.post(&path, body.clone()).await.refused(404, "Customer not found");
    let first = server.post(&format!("{V2}/customers/{customer}/callouts"), body.clone()).await;
    first.refused(403, "subscription");
    body["customerId"] = customer;
    let raised = server.post(&path, body.clone()).await.ok(200);
    assert_same_shape(&raised, &fixture("v2/create-customer-callout.response.json"));
    assert_eq!(raised["callout"]["responseTypeId"], 2);
    for bad in [json!(4), json!(0), json!("x"), Value::Null] {
        body["responseTypeId"] = bad;
        server.post(&path, body.clone()).await.refused(400, "responseTypeId");
    }
    running.stop().await;
}

#[tokio::test]
async fn an_event_is_sent_in_the_older_form() {
    let (running, server) = start().await;
    let customer = server.customer("+27821234567").await;
    let callout = server.callout(customer).await;
    let path = format!("{V2}/callouts/{callout}/events");
    let sent = server.post(&path, fixture("v2/create-callout-event.request.older.json")).await.ok(200);
    assert_same_shape(&sent, &fixture("v2/create-callout-event.response.json"));
    assert_eq!(sent["calloutEvent"]["event"]["body"], "Customer reports they are safe.");
    assert_eq!(sent["calloutEvent"]["createdBy"], "Jane Doe");
    for (body, words) in [
        (json!({}), "source is required"),
        (json!({ "source": "customer" }), "event is required"),
        (json!({ "source": "customer", "event": " " }), "event"),
        (json!({ "source": "controller", "event": "x" }), "source"),
    ] {
        server.post(&path, body).await.refused(400, words);
    }
    assert_guarded(&server, Method::POST, "events", &json!({ "source": "customer", "event": "x" })).await;
    assert_guarded(&server, Method::GET, "events", &json!({})).await;
    running.stop().await;
}

#[tokio::test]
async fn a_closed_callout_can_be_read_and_nothing_else() {
    let (running, server) = start().await;
    let callout = closed_callout(&server).await;
    let path = format!("{V2}/callouts/{callout}");
    let read = server.get(&format!("{path}?shouldIncludeEvents=true")).await.ok(200);
    assert_eq!(read["callout"]["status"], "closed");
    assert!(read["callout"]["resolvedAt"].is_string());
    assert!(read["callout"]["calloutEvents"].as_array().unwrap().len() > 4);
    let events = server.get(&format!("{path}/events")).await.ok(200);
    assert_eq!(events, read["callout"]["calloutEvents"]);
    let sample = fixture("v2/update-callout-location.request.json");
    for operation in ["location", "updateLocationAndReturnCallout"] {
        let closed = server.post(&format!("{path}/{operation}"), sample.clone()).await.ok(285);
        assert_eq!(closed["message"], "Callout is closed.");
        let wrong = json!({ "latitude": 91, "longitude": 0 });
        server.post(&format!("{path}/{operation}"), wrong).await.refused(400, "latitude");
        assert_guarded(&server, Method::POST, operation, &sample).await;
    }
    let cancel = fixture("v2/cancel-callout.request.json");
    server.post(&format!("{path}/cancel"), cancel.clone()).await.refused(400, "closed");
    server.post(&format!("{path}/dismiss"), json!({})).await.refused(400, "closed");
    let event = fixture("v2/create-callout-event.request.json");
    server.post(&format!("{path}/events"), event).await.refused(400, "closed");
    assert_guarded(&server, Method::POST, "cancel", &cancel).await;
    assert_guarded(&server, Method::POST, "dismiss", &json!({})).await;
    running.stop().await;
}

#[tokio::test]
async fn the_sample_of_a_cancel_is_a_verified_one() {
    let (running, server) = start().await;
    let customer = server.customer("+27821234567").await;
    let callout = server.callout(customer).await;
    let path = format!("{V2}/callouts/{callout}/cancel");
    let cancelled = server.post(&path, fixture("v2/cancel-callout.request.json")).await.ok(200);
    assert_same_shape(&cancelled, &fixture("v2/cancel-callout.response.json"));
    assert_eq!(cancelled["callout"]["cancelledByCustomer"], true);
    running.stop().await;
}

#[tokio::test]
async fn the_collection_of_a_customer_is_guarded() {
    let (running, server) = start().await;
    let path = |id: &str| format!("{V2}/customers/{id}/callouts");
    server.get(&path(&UNKNOWN.to_string())).await.refused(404, "Customer not found");
    server.get(&path("abc")).await.refused(400, "customerId");
    let sample = fixture("v2/create-customer-callout.request.json");
    server.post(&path(&UNKNOWN.to_string()), sample.clone()).await.refused(404, "Customer not found");
    let customer = server.customer("+27821234567").await.to_string();
    server.with("x").get(&path(&customer)).await.refused(401, "");
    for (key, value, words) in [
        ("location", Value::Null, "location is required"),
        ("location", json!({ "latitude": -26.1 }), "location.longitude is required"),
        ("location", json!({ "latitude": -126.1, "longitude": 28 }), "location.latitude"),
        ("location", json!([1, 2]), "location must be an object"),
        ("responseTypeId", json!(9), "responseTypeId"),
        ("calloutClassificationId", json!(0), "calloutClassificationId"),
        ("internalTest", json!("yes"), "internalTest"),
    ] {
        let mut bad = sample.clone();
        bad[key] = value;
        server.post(&path(&customer), bad).await.refused(400, words);
    }
    assert_eq!(server.get(&path(&customer)).await.ok(200), json!([]), "nothing half done");
    running.stop().await;
}

#[tokio::test]
async fn a_wrong_safe_code_is_400_with_the_strict_switch_and_stops_nothing() {
    let running = Simulator::start(Options { strict_safe_codes: true, ..Options::default() }).await.unwrap();
    let server = Asker::server(&running.url()).await;
    let callout = server.callout(server.customer("+27821234567").await).await;
    let cancel = async |code: &str| {
        server.post(&format!("{V2}/callouts/{callout}/cancel"), json!({ "safeCode": code })).await
    };
    cancel("0000").await.refused(400, "safeCode");
    let read = server.get(&format!("{V2}/callouts/{callout}")).await.ok(200);
    assert_eq!(read["callout"]["status"], "created", "the response goes on");
    let events = server.get(&format!("{V2}/callouts/{callout}/events")).await.ok(200);
    assert_eq!(events[0]["event"]["status"], "Duress", "and the control room knows: {events}");
    assert_eq!(cancel("4567").await.ok(200)["callout"]["cancelledByCustomer"], true);
    running.stop().await;
}
