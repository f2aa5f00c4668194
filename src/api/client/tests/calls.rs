//! What each operation sends and reads.

use super::*;

#[tokio::test]
async fn v2_creates_the_customer_once_and_raises_for_them() {
    let server = Server::start(|seen, _| match seen.path.as_str() {
        "/customers" => {
            Answer::Json(201, json!({ "message": "m", "customerId": 5, "customer": { "id": 5 } }))
        }
        "/customers/5/callouts" => ok(callout("created")),
        _ => Answer::Json(404, json!({ "message": "unknown" })),
    })
    .await;
    let client = server.client(Dialect::V2);
    assert_eq!(client.raise(fix()).await.unwrap().id, id());
    client.raise(fix()).await.unwrap();
    assert_eq!(
        server.calls(),
        ["POST /customers", "POST /customers/5/callouts", "POST /customers/5/callouts"]
    );
    let seen = server.seen();
    let created = &seen.iter().find(|seen| seen.is("POST", "/customers")).unwrap().body;
    assert_eq!(
        created["customer"],
        json!({ "name": "Jane", "surname": "Doe", "mobile": "+27821234567", "vehicleColour": "Purple" })
    );
    let subscription = &created["subscription"];
    assert_eq!(subscription["subscriptionTypeId"], 4);
    let time = |key: &str| serde_json::from_value::<RequestTime>(subscription[key].clone()).unwrap().0;
    assert!(time("validFrom") <= at(0) && time("validTo") > at(364 * 86_400));
    assert_eq!(
        seen.last().unwrap().body,
        json!({
            "location": { "latitude": -26.12345, "longitude": 28.12345, "accuracy": 10 },
            "responseTypeId": 1,
            "calloutClassificationId": 2,
        })
    );
}

#[tokio::test]
async fn a_customer_that_the_server_lost_is_created_anew_once() {
    let server = Server::start(|seen, _| match seen.path.as_str() {
        "/customers" => Answer::Json(201, json!({ "customerId": 6 })),
        "/customers/6/callouts" => ok(callout("created")),
        _ => Answer::Json(404, json!({ "message": "unknown customer" })),
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let with_file = || {
        let mut connection = server.connection(Dialect::V2);
        connection.customer_file = Some(folder.path().join("customer.json"));
        Client::new(connection, clock()).unwrap()
    };
    let first = with_file();
    let mut slot = first.customers.slot().await;
    first.customers.keep(&mut slot, 5).await;
    drop(slot);

    with_file().raise(fix()).await.unwrap();
    assert_eq!(
        server.calls(),
        ["POST /customers/5/callouts", "POST /customers", "POST /customers/6/callouts"]
    );
    with_file().raise(fix()).await.unwrap();
    assert_eq!(server.calls().last().unwrap(), "POST /customers/6/callouts");
    assert_eq!(server.calls().len(), 4, "the new id is kept for the next start");
}

#[tokio::test]
async fn a_customer_is_not_created_over_and_over() {
    let server = Server::start(|seen, _| match seen.path.as_str() {
        "/customers" => Answer::Json(201, json!({ "customerId": 6 })),
        _ => Answer::Json(404, json!({ "message": "unknown customer" })),
    })
    .await;
    assert_eq!(kind(server.client(Dialect::V2).raise(fix()).await), FailureKind::NotFound);
    assert_eq!(server.calls().iter().filter(|call| *call == "POST /customers").count(), 2);

    let mut connection = server.connection(Dialect::V2);
    connection.customer.id = Some(9);
    let client = Client::new(connection, clock()).unwrap();
    assert_eq!(kind(client.raise(fix()).await), FailureKind::NotFound);
    assert_eq!(server.calls().last().unwrap(), "POST /customers/9/callouts");
    assert_eq!(server.calls().iter().filter(|call| *call == "POST /customers").count(), 2);
}

#[tokio::test]
async fn a_number_that_is_taken_is_ours_when_the_reply_tells_the_id() {
    let server = Server::start(|seen, _| match seen.path.as_str() {
        "/customers" => Answer::Json(409, json!({ "message": "known", "customerId": 7 })),
        "/customers/7/callouts" => ok(callout("created")),
        _ => Answer::Json(404, json!({ "message": "unknown" })),
    })
    .await;
    server.client(Dialect::V2).raise(fix()).await.unwrap();

    let server = Server::start(|_, _| Answer::Json(409, json!({ "message": "known" }))).await;
    let failure = Failure::from(server.client(Dialect::V2).raise(fix()).await.unwrap_err());
    assert_eq!(failure.kind, FailureKind::Refused);
    assert!(failure.message.as_str().contains("put its id into the profile"), "{}", failure.message);
}

#[tokio::test]
async fn v1_raises_with_the_customer_in_the_body() {
    let server =
        Server::start(|_, _| ok(json!({ "data": { "callout": { "id": 570 } }, "message": "m" }))).await;
    let raised = server.client(Dialect::V1).raise(fix()).await.unwrap();
    assert_eq!((raised.id.as_str(), raised.status.as_str()), ("570", "created"));
    assert_eq!(server.calls(), ["POST /callouts"]);
    assert_eq!(
        server.seen().last().unwrap().body,
        json!({
            "customer": {
                "name": "Jane", "surname": "Doe", "mobile": "+27821234567", "vehicleColour": "Purple"
            },
            "calloutLocation": { "latitude": -26.12345, "longitude": 28.12345, "accuracy": 10 },
            "responseTypeId": 1,
            "calloutClassificationId": 2,
            "requestType": "INTEGRATION_TEST",
        })
    );
}

#[tokio::test]
async fn v2_reads_the_callout_and_its_chat() {
    let server = Server::start(|seen, _| match seen.path.as_str() {
        "/callouts/992011?shouldIncludeRoute=true&shouldIncludeEvents=true" => {
            let mut reply = callout("Responder Dispatched");
            reply["callout"]["calloutEvents"] = json!([
                { "id": 1, "calloutEventTypeId": 2, "event": { "body": "one", "role": "User" },
                  "createdAt": "2026-06-10T09:35:00.000Z" },
            ]);
            ok(reply)
        }
        _ => ok(json!([
            { "id": 2, "calloutEventTypeId": 2, "event": { "body": "two", "role": "Admin" },
              "createdAt": "2026-06-10T09:36:00.000Z" },
            { "id": 1, "calloutEventTypeId": 2, "event": { "body": "one", "role": "User" },
              "createdAt": "2026-06-10T09:35:00.000Z" },
        ])),
    })
    .await;
    let Read::Open(callout) = server.client(Dialect::V2).read(&id()).await.unwrap() else {
        panic!("the callout is open")
    };
    let bodies: Vec<String> = callout.comments.unwrap().iter().map(|c| c.body.to_string()).collect();
    assert_eq!(bodies, ["one", "two"]);
    assert!(server.calls().contains(&"GET /callouts/992011/events".to_owned()));
}

#[tokio::test]
async fn a_chat_that_cannot_be_read_does_not_cost_the_callout() {
    let server = Server::start(|seen, _| match seen.path.as_str() {
        "/callouts/992011/events" => Answer::Json(500, json!({ "message": "no" })),
        _ => ok(callout("created")),
    })
    .await;
    let Read::Open(callout) = server.client(Dialect::V2).read(&id()).await.unwrap() else {
        panic!("the callout is open")
    };
    assert_eq!(callout.comments, None);
}

#[tokio::test]
async fn closed_is_known_by_its_status_and_by_285() {
    for (status, code) in [("closed", 200), ("closed", 285)] {
        let server = Server::start(move |_, _| Answer::Json(code, callout(status))).await;
        for dialect in [Dialect::V1, Dialect::V2] {
            let read = server.client(dialect).read(&id()).await.unwrap();
            assert!(matches!(read, Read::Closed(Some(_))), "{dialect:?} {code}: {read:?}");
        }
    }
}

#[tokio::test]
async fn a_285_is_no_success_of_a_location_update() {
    let server = Server::start(|_, _| Answer::Json(285, callout("closed"))).await;
    let client = server.client(Dialect::V2);
    let Located::Closed(Some(last)) = client.update_location(&id(), fix()).await.unwrap() else {
        panic!("285 means closed")
    };
    assert!(last.status.is_closed());
    let returned = client.update_location_and_return(&id(), fix()).await.unwrap();
    assert_eq!(returned, Read::Closed(Some(last)));

    let bare = Server::start(|_, _| Answer::Text(285, &[], "")).await;
    let located = bare.client(Dialect::V2).update_location(&id(), fix()).await.unwrap();
    assert_eq!(located, Located::Closed(None));
    assert_eq!(kind(bare.client(Dialect::V2).say(&id(), "hello").await), FailureKind::Refused);
}

#[tokio::test]
async fn a_location_is_sent_in_numbers() {
    let server = Server::start(|_, _| ok(json!({ "message": "Request completed successfully." }))).await;
    let located = server.client(Dialect::V2).update_location(&id(), fix()).await.unwrap();
    assert_eq!(located, Located::Taken);
    assert_eq!(server.calls(), ["POST /callouts/992011/location"]);
    let body = json!({ "latitude": -26.12345, "longitude": 28.12345, "accuracy": 10 });
    assert_eq!(server.seen().last().unwrap().body, body);
}

#[tokio::test]
async fn v1_comments_in_the_singular_then_once_in_the_plural() {
    let server = Server::start(|seen, _| match seen.path.as_str() {
        "/callouts/992011/comments" => {
            ok(json!({ "message": "m", "calloutEvent": { "id": 9, "calloutEventTypeId": 2,
                       "event": { "body": "hello", "role": "User" } } }))
        }
        _ => Answer::Json(404, json!({ "message": "unknown path" })),
    })
    .await;
    let said = server.client(Dialect::V1).say(&id(), "hello").await.unwrap().unwrap();
    assert_eq!((said.id.as_str(), said.body.as_str()), ("9", "hello"));
    assert_eq!(server.calls(), ["POST /callout/992011/comments", "POST /callouts/992011/comments"]);
    assert_eq!(server.seen().last().unwrap().body, json!({ "message": "hello" }));

    let neither = Server::start(|_, _| Answer::Json(404, json!({ "message": "unknown" }))).await;
    assert_eq!(kind(neither.client(Dialect::V1).say(&id(), "hello").await), FailureKind::NotFound);
    assert_eq!(neither.calls().len(), 2);

    let down = Server::start(|_, _| Answer::Json(500, json!({ "message": "no" }))).await;
    assert_eq!(kind(down.client(Dialect::V1).say(&id(), "hello").await), FailureKind::Server);
    assert_eq!(down.calls(), ["POST /callout/992011/comments"], "a 500 may have said it already");
}

#[tokio::test]
async fn v2_says_who_speaks() {
    let server = Server::start(|_, _| ok(json!({ "calloutEvent": {}, "calloutEventTags": [] }))).await;
    assert_eq!(server.client(Dialect::V2).say(&id(), "hello").await.unwrap(), None);
    assert_eq!(server.calls(), ["POST /callouts/992011/events"]);
    assert_eq!(server.seen().last().unwrap().body, json!({ "source": "customer", "event": "hello" }));
}

#[tokio::test]
async fn cancels_by_dialect() {
    let server = Server::start(|_, _| ok(callout("created"))).await;
    let client = server.client(Dialect::V2);
    client.cancel(&id(), Some(&SafeCode("4567".to_owned()))).await.unwrap();
    client.cancel(&id(), None).await.unwrap();
    client.dismiss(&id()).await.unwrap();
    let bodies: Vec<Value> = server.seen().into_iter().skip(1).map(|seen| seen.body).collect();
    assert_eq!(bodies, [json!({ "safeCode": "4567" }), json!({}), json!({})]);
    assert_eq!(server.calls()[2], "POST /callouts/992011/dismiss");

    let v1 = server.client(Dialect::V1);
    assert_eq!(kind(v1.cancel(&id(), None).await), FailureKind::Forbidden);
    assert_eq!(kind(v1.update_location_and_return(&id(), fix()).await), FailureKind::Forbidden);
    assert_eq!(server.calls().len(), 3, "v1 has neither call, so nothing is sent");
}

#[tokio::test]
async fn active_callouts_are_the_customer_s_own() {
    let rows = json!([
        { "id": 1, "customerId": 5, "status": "created" },
        { "id": 2, "customerId": 6, "status": "created" },
        { "id": 3, "customerId": "5", "status": "closed" },
    ]);
    let server = Server::start(move |seen, _| match seen.path.as_str() {
        "/callouts/activeCallouts" => ok(rows.clone()),
        _ => Answer::Json(404, json!({ "message": "unknown path" })),
    })
    .await;
    let ids = |callouts: Vec<Callout>| -> Vec<String> {
        callouts.iter().map(|callout| callout.id.to_string()).collect()
    };
    let mut connection = server.connection(Dialect::V2);
    connection.customer.id = Some(5);
    let client = Client::new(connection, clock()).unwrap();
    assert_eq!(ids(client.active().await.unwrap()), ["1"]);
    assert_eq!(server.calls(), ["GET /customers/5/callouts", "GET /callouts/activeCallouts"]);
    let strangers = "without a customer of our own all of them are other people's";
    assert_eq!(server.client(Dialect::V2).active().await.unwrap(), [], "{strangers}");
    assert_eq!(server.calls().len(), 2, "and nothing is asked");
    assert_eq!(server.client(Dialect::V1).active().await.unwrap(), [], "{strangers}");

    let without = Server::start(|_, _| Answer::Json(404, json!({ "message": "unknown path" }))).await;
    assert_eq!(without.client(Dialect::V1).active().await.unwrap(), []);
}

#[tokio::test]
async fn v1_reads_its_chat_out_of_the_callout() {
    let server = Server::start(|_, _| {
        ok(json!({ "id": 992_011, "status": "created", "calloutEvents": [
            { "id": 103, "calloutEventTypeId": 2, "event": { "body": "Welcome", "role": "Admin" } }
        ] }))
    })
    .await;
    let chat = server.client(Dialect::V1).events(&id()).await.unwrap();
    assert_eq!(chat[0].body.as_str(), "Welcome");
    assert_eq!(server.calls(), ["GET /callouts/992011?shouldIncludeEvents=true"]);
}

#[tokio::test]
async fn classifications_are_listed() {
    let server = Server::start(|_, _| {
        ok(json!([{ "id": 1, "value": "REAL", "description": null }, { "id": 2, "value": "TEST" }]))
    })
    .await;
    let listed = server.client(Dialect::V1).classifications().await.unwrap();
    assert_eq!(listed, [(1, "REAL".to_owned()), (2, "TEST".to_owned())]);
    assert_eq!(server.calls(), ["GET /callout-classifications"]);
}
