//! What becomes of customers and subscriptions, and what a device raises, as the receiver hears it.

use super::*;

const V2: &str = "/panic-api/v2";

async fn put_faults(asker: &Asker, rules: Value) -> Answer {
    send(asker.request(Method::PUT, "/control/faults").json(&json!({ "rules": rules }))).await
}

async fn put(asker: &Asker, path: &str, body: Value) -> Answer {
    send(asker.request(Method::PUT, &format!("{V2}{path}")).json(&body)).await
}

async fn cancel(asker: &Asker, subscription: i64) -> Answer {
    let path = format!("{V2}/subscriptions/{subscription}");
    send(asker.request(Method::DELETE, &path).json(&json!({ "reason": "Moved away" }))).await
}

/// A customer with a subscription; gives both ids.
async fn member(asker: &Asker, mobile: &str) -> (i64, i64) {
    let customer = asker.customer(mobile).await;
    let list = asker.get(&format!("{V2}/customers/{customer}/subscriptions")).await.ok(200);
    (customer, list[0]["id"].as_i64().unwrap())
}

async fn subscription(asker: &Asker, id: i64) -> Value {
    let read = asker.get(&format!("{V2}/subscriptions/{id}")).await.ok(200);
    read.get("subscription").cloned().unwrap_or(read)
}

#[tokio::test]
async fn a_customer_that_is_changed_and_deleted_is_told_of() {
    let (running, asker) = start().await;
    let receiver = Receiver::start().await;
    register(&asker, &receiver.url, &["UPDATED_CUSTOMER", "DELETED_CUSTOMER"]).await;
    let customer = asker.customer("+27820000001").await;
    let other = asker.customer("+27820000002").await;
    put(&asker, &format!("/customers/{customer}"), json!({ "customer": { "surname": "Roe" } })).await.ok(200);
    let read = asker.get(&format!("{V2}/customers/{customer}")).await.ok(200);
    asker.post(&format!("{V2}/customers/{customer}/delete"), json!({})).await.ok(200);
    let heard = receiver.accepted(2).await;
    assert_eq!(heard[0].body, json!({ "message": "UPDATED_CUSTOMER", "customer": read["customer"] }));
    let deleted = &heard[1].body;
    assert_eq!(
        (&deleted["message"], &deleted["customer"]["id"]),
        (&json!("DELETED_CUSTOMER"), &json!(customer))
    );
    assert_eq!(deleted["customer"]["surname"], "Roe", "as it was when it was deleted");
    let log = deliveries_when(&asker, |all| all.iter().all(|one| one["state"] == "delivered")).await;
    assert_eq!(log.len(), 2, "and of {other} nothing");
    running.stop().await;
}

#[tokio::test]
async fn a_subscription_that_is_changed_and_cancelled_is_told_of() {
    let (running, asker) = start().await;
    let receiver = Receiver::start().await;
    let events = ["SUBSCRIPTION_UPDATED", "SUBSCRIPTION_CANCELLED", "SUBSCRIPTION_CANCELLED_FAILED"];
    register(&asker, &receiver.url, &events).await;
    let (_, id) = member(&asker, "+27820000001").await;
    let until = json!({ "validTo": "2099-01-01T00:00:00.000Z" });
    put(&asker, &format!("/subscriptions/{id}"), until).await.ok(200);
    let updated = subscription(&asker, id).await;
    cancel(&asker, id).await.ok(200);
    let heard = receiver.accepted(2).await;
    let names: Vec<_> = heard.iter().map(Heard::event).collect();
    assert_eq!(names, ["SUBSCRIPTION_UPDATED", "SUBSCRIPTION_CANCELLED"]);
    for (told, cancelled) in [(&heard[0].body["subscription"], false), (&heard[1].body["subscription"], true)]
    {
        assert_eq!((&told["id"], &told["validTo"]), (&updated["id"], &updated["validTo"]));
        assert_eq!(told["CancelledDate"].is_string(), cancelled, "{told}");
    }
    assert_eq!(heard[1].body["subscription"]["CancelledReason"], "Moved away");
    running.stop().await;
}

#[tokio::test]
async fn a_cancellation_that_fails_is_told_of_and_changes_nothing() {
    let (running, asker) = start().await;
    let receiver = Receiver::start().await;
    register(&asker, &receiver.url, &["SUBSCRIPTION_CANCELLED", "SUBSCRIPTION_CANCELLED_FAILED"]).await;
    let (_, id) = member(&asker, "+27820000001").await;
    let rule = json!({ "times": 1, "fault": "subscription-cancel-fails" });
    put_faults(&asker, json!([rule])).await.ok(200);
    let before = subscription(&asker, id).await;
    // A cancel that would be refused anyway is none that fails.
    cancel(&asker, 1).await.refused(404, "Subscription not found");
    cancel(&asker, id).await.refused(500, "The subscription could not be cancelled.");
    assert_eq!(subscription(&asker, id).await, before);
    let rules = asker.get("/control/faults").await.ok(200);
    assert_eq!((&rules["rules"][0]["seen"], &rules["rules"][0]["met"]), (&json!(1), &json!(1)));
    cancel(&asker, id).await.ok(200);
    let heard = receiver.accepted(2).await;
    let names: Vec<_> = heard.iter().map(Heard::event).collect();
    assert_eq!(names, ["SUBSCRIPTION_CANCELLED_FAILED", "SUBSCRIPTION_CANCELLED"]);
    let failed = &heard[0].body["subscription"];
    assert_eq!((&failed["id"], &failed["CancelledDate"]), (&json!(id), &Value::Null));
    running.stop().await;
}

#[tokio::test]
async fn the_fault_of_subscriptions_knows_no_callout() {
    let (running, asker) = start().await;
    let rule = json!({ "callout": 1, "fault": "subscription-cancel-fails" });
    put_faults(&asker, json!([rule])).await.refused(400, "callout: this fault is about subscriptions");
    running.stop().await;
}

#[tokio::test]
async fn what_a_device_raises_is_told_of() {
    let (running, asker) = start().await;
    let receiver = Receiver::start().await;
    register(&asker, &receiver.url, &["NEW_CALLOUT"]).await;
    let customer = asker.customer("+27820000001").await;
    let mut link = fixture("v2/link-device.request.json");
    link["customerId"] = json!(customer);
    asker.post(&format!("{V2}/devices"), link).await.ok(201);
    let press = fixture("v2/device-event-new-callout.request.json");
    let reply = asker.post(&format!("{V2}/deviceEvent"), press).await.ok(200);
    let callout = reply["resolvedAuraEvent"]["eventResponse"]["calloutId"].as_i64().unwrap();
    let heard = receiver.accepted(1).await.remove(0);
    assert_eq!((heard.event(), heard.callout()), ("NEW_CALLOUT", callout));
    assert_eq!(heard.body["callout"]["customerId"], customer);
    assert_same_shape(&heard.body, &fixture("v2/webhook-delivery-new-callout.payload.json"));
    running.stop().await;
}
