//! What is sent, in which order, how often, and where never.

use super::*;
use jiff::Timestamp;
use std::net::SocketAddr;
use tokio::net::TcpSocket;

const TOLD: [&str; 6] = [
    "NEW_CALLOUT",
    "CALLOUT_EVENTS_CHANGED",
    "CALLOUT_SOFT_CANCELLED_BY_CUSTOMER",
    "CALLOUT_NO_LONGER_REQUIRES_RESPONSE",
    "CALLOUT_EVENTS_CHANGED",
    "CALLOUT_CLOSED",
];

/// From the panic to its end; told of in the order of [`TOLD`].
async fn raise_and_cancel(asker: &Asker, customer: i64) -> i64 {
    let callout = asker.callout(customer).await;
    let path = |what: &str| format!("/panic-api/v2/callouts/{callout}/{what}");
    asker.post(&path("events"), json!({ "source": "customer", "event": "Hello" })).await.ok(200);
    asker.post(&path("dismiss"), json!({})).await.ok(200);
    asker.post(&path("cancel"), json!({})).await.ok(200);
    callout
}

#[tokio::test]
async fn a_new_callout_is_told_as_in_the_sample() {
    let (running, asker) = start().await;
    let receiver = Receiver::start().await;
    let body = json!({
        "url": format!("{}?key=hush", receiver.url),
        "events": ["NEW_CALLOUT"],
        "headers": { "Authorization": "Bearer hush", "X-Tenant": "one" },
    });
    asker.post(HOOKS, body).await.ok(200);
    let customer = asker.customer("+27820000001").await;
    let callout = asker.callout(customer).await;
    let heard = receiver.accepted(1).await.remove(0);
    assert_same_shape(&heard.body, &fixture("v2/webhook-delivery-new-callout.payload.json"));
    assert_eq!((heard.event(), heard.callout()), ("NEW_CALLOUT", callout));
    assert_eq!(heard.body["callout"]["customerId"], customer);
    assert_eq!(heard.body["callout"]["status"], "created");
    assert_eq!(heard.path, "/hook?key=hush");
    for (name, value) in
        [("authorization", "Bearer hush"), ("x-tenant", "one"), ("content-type", "application/json")]
    {
        assert_eq!(heard.headers[name], value);
    }
    let done = deliveries_when(&asker, |all| all.iter().all(|one| one["state"] == "delivered")).await;
    assert_eq!(
        (done.len(), &done[0]["event"], &done[0]["entity"]),
        (1, &json!("NEW_CALLOUT"), &json!("callout"))
    );
    assert_eq!((&done[0]["entityId"], &done[0]["clientId"]), (&json!(callout), &json!("demo-client")));
    assert_eq!((&done[0]["tries"][0]["status"], &done[0]["tries"][0]["error"]), (&json!(204), &Value::Null));
    assert!(!json!(done).to_string().contains("hush"));
    running.stop().await;
}

#[tokio::test]
async fn a_responder_is_told_of_as_in_the_sample() {
    let (running, asker) = start().await;
    let receiver = Receiver::start().await;
    let events = [
        "RESPONDER_ACKNOWLEDGED_CALLOUT",
        "RESPONDER_ARRIVED_ON_SCENE",
        "RESPONDER_COMPLETED",
        "CALLOUT_OWNED",
        "CALLOUT_CLOSED",
    ];
    register(&asker, &receiver.url, &events).await;
    send(asker.request(Method::PUT, "/control/webhooks").json(&json!({ "steps": true }))).await.ok(200);
    let callout = asker.callout(asker.customer("+27820000001").await).await;
    for step in ["own", "dispatch", "arrive", "complete", "close"] {
        asker.step(callout, step).await;
    }
    let heard = receiver.accepted(5).await;
    let names: Vec<_> = heard.iter().map(Heard::event).collect();
    assert_eq!(names, ["CALLOUT_OWNED", events[0], events[1], events[2], "CALLOUT_CLOSED"]);
    let dispatched = &heard[1].body;
    assert_same_shape(dispatched, &fixture("v2/webhook-delivery-responder-acknowledged.payload.json"));
    assert_eq!(dispatched["callout"]["status"], "Responder Dispatched");
    let information = &dispatched["incidentInformation"][0];
    assert!(information["eta"]["duration"]["value"].as_f64().unwrap() > 0.0);
    assert_eq!(information["responderArrivedAt"], Value::Null, "as it was then");
    assert!(heard[2].body["incidentInformation"][0]["responderArrivedAt"].is_string());
    assert!(heard[3].body["incidentInformation"][0]["responderCompletedAt"].is_string());
    for flat in [&heard[0].body, &heard[4].body] {
        assert_same_shape(flat, &fixture("v2/webhook-delivery-new-callout.payload.json"));
    }
    assert_eq!(heard[4].body["callout"]["status"], "closed");
    running.stop().await;
}

#[tokio::test]
async fn customers_and_subscriptions_are_told_of() {
    let (running, asker) = start().await;
    let receiver = Receiver::start().await;
    register(&asker, &receiver.url, &["CREATED_CUSTOMER", "SUBSCRIPTION_CREATED", "SUBSCRIPTION_UPDATED"])
        .await;
    let customer = asker.customer("+27820000001").await;
    let heard = receiver.accepted(2).await;
    assert_eq!((heard[0].event(), heard[1].event()), ("CREATED_CUSTOMER", "SUBSCRIPTION_CREATED"));
    let read = asker.get(&format!("/panic-api/v2/customers/{customer}")).await.ok(200);
    assert_eq!(heard[0].body, json!({ "message": "CREATED_CUSTOMER", "customer": read["customer"] }));
    let subscriptions = asker.get(&format!("/panic-api/v2/customers/{customer}/subscriptions")).await.ok(200);
    assert_eq!(heard[1].body["subscription"], subscriptions[0]);
    let dependant = json!({
        "customer": { "name": "John", "surname": "Doe", "mobile": "+27820000002" },
        "subscriptionId": subscriptions[0]["id"],
    });
    asker.post("/panic-api/v2/customers", dependant).await.ok(201);
    let heard = receiver.accepted(4).await;
    let mut names: Vec<_> = heard[2..].iter().map(Heard::event).collect();
    names.sort_unstable();
    assert_eq!(names, ["CREATED_CUSTOMER", "SUBSCRIPTION_UPDATED"]);
    running.stop().await;
}

#[tokio::test]
async fn of_each_callout_in_order_whatever_fails_on_the_way() {
    let (running, asker) = start().await;
    // Of every other callout the first try of each event is lost, one way or another.
    let receiver = Receiver::saying(|body, before| match body["callout"]["id"].as_i64().unwrap() % 4 {
        0 if before == 0 => Say::Status(500),
        2 if before == 0 => Say::Status(429),
        _ => Say::Status(200),
    })
    .await;
    let mut events = TOLD.to_vec();
    events.dedup();
    register(&asker, &receiver.url, &events).await;
    let mut callouts = Vec::new();
    for number in 0..6 {
        let customer = asker.customer(&format!("+2782000000{number}")).await;
        callouts.push(raise_and_cancel(&asker, customer).await);
    }
    let heard = receiver.accepted(callouts.len() * TOLD.len()).await;
    for callout in callouts {
        let told: Vec<_> =
            heard.iter().filter(|heard| heard.callout() == callout).map(Heard::event).collect();
        assert_eq!(told, TOLD, "callout {callout}");
    }
    let log = deliveries_when(&asker, |all| all.iter().all(|one| one["state"] == "delivered")).await;
    assert!(log.iter().all(|one| matches!(one["tries"].as_array().unwrap().len(), 1 | 2)));
    running.stop().await;
}

#[tokio::test]
async fn after_three_failures_the_next_one_goes() {
    let (running, asker) = start().await;
    let receiver =
        Receiver::saying(|body, _| Say::Status(if body["message"] == "NEW_CALLOUT" { 503 } else { 200 }))
            .await;
    register(&asker, &receiver.url, &["NEW_CALLOUT", "CALLOUT_CLOSED"]).await;
    let (first, second) = (asker.customer("+27820000001").await, asker.customer("+27820000002").await);
    raise_and_cancel(&asker, first).await;
    raise_and_cancel(&asker, second).await;
    let heard = receiver.accepted(2).await;
    assert!(heard.iter().all(|heard| heard.event() == "CALLOUT_CLOSED"));
    assert_eq!(receiver.heard().iter().filter(|heard| !heard.accepted).count(), 6);
    let log = deliveries_when(&asker, |all| all.iter().all(|one| one["state"] != "pending")).await;
    for one in &log {
        let statuses: Vec<_> =
            one["tries"].as_array().unwrap().iter().map(|tried| &tried["status"]).collect();
        if one["event"] == "NEW_CALLOUT" {
            assert_eq!((&one["state"], &one["reason"]), (&json!("given up"), &json!("every try failed")));
            assert_eq!(statuses, [503, 503, 503]);
            assert!(pause(one, 1) >= 900 && pause(one, 2) >= 4_900, "{one}");
        } else {
            assert_eq!((&one["state"], &one["reason"]), (&json!("delivered"), &Value::Null));
            assert_eq!(statuses, [200]);
        }
    }
    running.stop().await;
}

/// Milliseconds from the outcome of the try before to that of this one.
fn pause(delivery: &Value, number: usize) -> i64 {
    let at =
        |number: usize| -> Timestamp { delivery["tries"][number]["at"].as_str().unwrap().parse().unwrap() };
    at(number).duration_since(at(number - 1)).as_millis().try_into().unwrap()
}

#[tokio::test]
async fn a_redirect_is_a_failure_and_is_not_followed() {
    let (running, asker) = start().await;
    let elsewhere = Receiver::start().await;
    let to = elsewhere.url.clone();
    let receiver = Receiver::saying(
        move |_, before| {
            if before == 0 { Say::Redirect(to.clone()) } else { Say::Status(200) }
        },
    )
    .await;
    register(&asker, &receiver.url, &["NEW_CALLOUT"]).await;
    asker.callout(asker.customer("+27820000001").await).await;
    receiver.accepted(1).await;
    let log = deliveries_when(&asker, |all| all[0]["state"] == "delivered").await;
    let statuses: Vec<_> = log[0]["tries"].as_array().unwrap().iter().map(|tried| &tried["status"]).collect();
    assert_eq!(statuses, [307, 200]);
    assert!(elsewhere.heard().is_empty(), "nobody registered that address");
    running.stop().await;
}

#[tokio::test]
async fn a_receiver_that_does_not_answer_holds_up_its_own_callout_only() {
    let (running, asker) = start().await;
    let (slow, quick) = (asker.customer("+27820000001").await, asker.customer("+27820000002").await);
    let receiver = Receiver::saying(move |body, before| {
        let hangs = body["callout"]["customerId"] == slow && before == 0;
        if hangs { Say::Nothing } else { Say::Status(200) }
    })
    .await;
    register(&asker, &receiver.url, &["NEW_CALLOUT", "CALLOUT_CLOSED"]).await;
    let held = asker.callout(slow).await;
    receiver.when(|all| !all.is_empty()).await;
    let passing = raise_and_cancel(&asker, quick).await;
    let heard = receiver.accepted(3).await;
    let names: Vec<_> = heard.iter().map(|heard| (heard.callout(), heard.event())).collect();
    assert_eq!(
        names,
        [(passing, "NEW_CALLOUT"), (passing, "CALLOUT_CLOSED"), (held, "NEW_CALLOUT")],
        "the other did not wait"
    );
    let log = deliveries_when(&asker, |all| all.iter().all(|one| one["state"] == "delivered")).await;
    assert_eq!(log[0]["tries"][0]["error"], "timed out");
    running.stop().await;
}

#[tokio::test]
async fn what_waits_goes_to_the_replacement_and_nothing_to_the_one_before() {
    let (running, asker) = start().await;
    // Bound, so that nobody else takes the port, and not listening.
    let nobody = TcpSocket::new_v4().unwrap();
    nobody.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let url = format!("http://{}/hook", nobody.local_addr().unwrap());
    register(&asker, &url, &["NEW_CALLOUT", "CALLOUT_EVENTS_CHANGED", "CALLOUT_CLOSED"]).await;
    let callout = raise_and_cancel(&asker, asker.customer("+27820000001").await).await;
    let tried = |all: &[Value]| all[0]["tries"].as_array().is_some_and(|tries| !tries.is_empty());
    let log = deliveries_when(&asker, tried).await;
    assert_eq!(
        (&log[0]["tries"][0]["error"], &log[0]["state"]),
        (&json!("could not connect"), &json!("pending"))
    );
    assert_eq!(asker.get("/control/webhooks").await.ok(200)["webhooks"][0]["pending"], 4);

    let receiver = Receiver::start().await;
    register(&asker, &receiver.url, &["NEW_CALLOUT", "CALLOUT_CLOSED"]).await;
    let heard = receiver.accepted(2).await;
    let names: Vec<_> = heard.iter().map(|heard| (heard.callout(), heard.event())).collect();
    assert_eq!(names, [(callout, "NEW_CALLOUT"), (callout, "CALLOUT_CLOSED")]);
    let log = deliveries_when(&asker, |all| all.iter().all(|one| one["state"] != "pending")).await;
    let given_up = log.iter().filter(|one| one["state"] == "given up");
    let given_up: Vec<_> = given_up.map(|one| (one["event"].as_str().unwrap(), &one["reason"])).collect();
    let why = json!("the webhook was replaced by one that does not ask for it");
    assert_eq!(given_up, [("CALLOUT_EVENTS_CHANGED", &why), ("CALLOUT_EVENTS_CHANGED", &why)]);
    running.stop().await;
}

#[tokio::test]
async fn nothing_goes_to_an_address_that_is_no_longer_registered() {
    let (running, asker) = start().await;
    let (before, after) = (Receiver::start().await, Receiver::start().await);
    register(&asker, &before.url, &["NEW_CALLOUT"]).await;
    let first = asker.callout(asker.customer("+27820000001").await).await;
    before.accepted(1).await;
    delete(&asker).await.ok(200);
    asker.callout(asker.customer("+27820000002").await).await;
    register(&asker, &after.url, &["NEW_CALLOUT"]).await;
    let third = asker.callout(asker.customer("+27820000003").await).await;
    let heard = after.accepted(1).await;
    let log = deliveries_when(&asker, |all| all.iter().all(|one| one["state"] == "delivered")).await;
    assert_eq!(log.len(), 2, "what happened meanwhile is told to nobody");
    assert_eq!(heard.iter().map(Heard::callout).collect::<Vec<_>>(), [third]);
    assert_eq!(before.heard().iter().map(Heard::callout).collect::<Vec<_>>(), [first]);
    running.stop().await;
}

#[tokio::test]
async fn steps_by_hand_are_told_only_after_the_switch() {
    let (running, asker) = start().await;
    let receiver = Receiver::start().await;
    register(&asker, &receiver.url, &EVENTS).await;
    let callout = asker.callout(asker.customer("+27820000001").await).await;
    asker.step(callout, "own").await;
    let comment = json!({ "message": "Are you safe?" });
    asker.post(&format!("/control/callouts/{callout}/comments"), comment).await.ok(200);
    send(asker.request(Method::PUT, "/control/webhooks").json(&json!({ "steps": true }))).await.ok(200);
    asker.step(callout, "close").await;
    let heard = receiver.when(|all| all.iter().any(|heard| heard.event() == "CALLOUT_CLOSED")).await;
    let told: Vec<_> = heard.iter().filter(|heard| heard.callout() == callout).map(Heard::event).collect();
    assert_eq!(
        told,
        ["NEW_CALLOUT", "CALLOUT_EVENTS_CHANGED", "CALLOUT_EVENTS_CHANGED", "CALLOUT_CLOSED"],
        "the controller's line, then the closure; not that it was owned"
    );
    running.stop().await;
}

#[tokio::test]
async fn the_autopilot_is_told_of_although_nobody_asks() {
    let options =
        Options { allow_http_webhooks: true, autopilot: Some("happy-path".to_owned()), ..Options::default() };
    let running = Simulator::start(options).await.unwrap();
    let asker = Asker::server(&running.url()).await;
    let receiver = Receiver::start().await;
    let events: Vec<_> = EVENTS.into_iter().filter(|name| *name != "CALLOUT_EVENTS_CHANGED").collect();
    register(&asker, &receiver.url, &events).await;
    let callout = asker.callout(asker.customer("+27820000001").await).await;
    asker.post("/control/clock", json!({ "speed": 600 })).await.ok(200);
    let heard = receiver.when(|all| all.iter().any(|heard| heard.event() == "CALLOUT_CLOSED")).await;
    let told: Vec<_> = heard.iter().filter(|heard| heard.callout() == callout).map(Heard::event).collect();
    assert_eq!(
        told,
        [
            "NEW_CALLOUT",
            "CALLOUT_OWNED",
            "RESPONDER_ACKNOWLEDGED_CALLOUT",
            "RESPONDER_ARRIVED_ON_SCENE",
            "RESPONDER_COMPLETED",
            "CALLOUT_CLOSED"
        ]
    );
    running.stop().await;
}
