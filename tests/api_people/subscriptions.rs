//! Subscriptions: made, listed, read, changed, cancelled.

use super::*;

#[tokio::test]
async fn create_subscription() {
    let house = House::open().await;
    let sam = house.stranger("+27820000001").await;
    let mut body = fixture("v2/create-subscription.request.older.json");
    body["customerId"] = sam.into();
    let created = house.post("/subscriptions", body.clone()).await.ok(201);
    for field in ["id", "customerId", "subscriptionTypeId"] {
        assert!(
            fixture("v2/create-subscription.response.older.json")[field].is_i64() && created[field].is_i64()
        );
    }
    assert_eq!((&created["CancelledDate"], &created["CancelledReason"]), (&Value::Null, &Value::Null));
    house.post("/subscriptions", body.clone()).await.refused(409, "subscription");
    let create = async |body: Value| house.post("/subscriptions", body).await;
    create(json!({ "subscriptionTypeId": 4 })).await.refused(400, "customerId is required");
    create(json!({ "customerId": sam })).await.refused(400, "subscriptionTypeId is required");
    create(json!({ "customerId": sam, "subscriptionTypeId": 0 })).await.refused(400, "subscriptionTypeId");
    create(json!({ "customerId": 1, "subscriptionTypeId": 4 })).await.refused(404, "Customer");
    let joe = house.stranger("+27820000002").await;
    for (wrong, field) in [
        (json!({ "dependantCustomerIds": [1] }), "dependantCustomerIds"),
        (json!({ "dependantCustomerIds": [joe] }), "dependantCustomerIds"),
        (json!({ "dependantCustomerIds": joe }), "dependantCustomerIds"),
        (json!({ "validTo": "2020-01-01T00:00:00Z" }), "validTo"),
        (json!({ "validFrom": "yesterday" }), "validFrom"),
    ] {
        let mut body = json!({ "customerId": joe, "subscriptionTypeId": 5 });
        body.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
        create(body).await.refused(400, field);
    }
}

#[tokio::test]
async fn list_subscription_types() {
    let house = House::open().await;
    let types = house.get("/subscriptions/subscriptionTypes").await.ok(200);
    assert_eq!(types, fixture("v2/list-subscription-types.response.json"));
}

#[tokio::test]
async fn get_subscription_with_its_dependants() {
    let house = House::open().await;
    let (_, subscription) = house.subscribed("+27821234567").await;
    let path = format!("/subscriptions/{subscription}");
    assert_eq!(house.get(&path).await.ok(200)["dependants"], json!([]));
    let sam = house.stranger("+27000000010").await;
    let body = json!({ "validTo": "2100-01-01T00:00:00Z", "dependantCustomerIds": [sam] });
    house.put(&path, body).await.ok(200);
    let read = house.get(&path).await.ok(200);
    assert_same_shape(&read, &fixture("v2/get-subscription.response.json"));
    let older = fixture("v2/get-subscription.response.older.json");
    assert!(read.get("status").is_none() && older.get("status").is_some(), "the dates decide");
    assert_eq!(read["dependants"][0]["id"], sam);
    house.get("/subscriptions/1").await.refused(404, "Subscription not found");
    house.get("/subscriptions/x").await.refused(400, "subscriptionId must be an integer");
}

#[tokio::test]
async fn list_customer_subscriptions() {
    let house = House::open().await;
    let (jane, subscription) = house.subscribed("+27821234567").await;
    let list = house.get(&format!("/customers/{jane}/subscriptions")).await.ok(200);
    let older = fixture("v2/list-customer-subscriptions.response.older.json");
    assert_eq!(list.as_array().unwrap().len(), older.as_array().unwrap().len());
    assert_eq!((&list[0]["id"], &list[0]["customerId"]), (&subscription.into(), &jane.into()));
    assert!(list[0]["createdAt"].is_string() && list[0]["updatedAt"].is_string());
    house.get("/customers/1/subscriptions").await.refused(404, "Customer");
    house.get("/customers/x/subscriptions").await.refused(400, "customerId");
}

#[tokio::test]
async fn too_many_reads_of_subscriptions_are_a_429() {
    let house = House::open().await;
    let (jane, _) = house.subscribed("+27821234567").await;
    let path = format!("{V2}/customers/{jane}/subscriptions");
    let mut refused = None;
    for _ in 0..60 {
        let response = house.asker.request(Method::GET, &path).send().await.unwrap();
        if response.status() == 429 {
            refused = Some(response);
            break;
        }
    }
    let refused = refused.expect("60 in a row are too many");
    assert_eq!(refused.headers()["retry-after"], "10");
}

#[tokio::test]
async fn update_subscription_replaces_the_dependants() {
    let house = House::open().await;
    let (jane, subscription) = house.subscribed("+27821234567").await;
    let (sam, joe) = (house.stranger("+27820000001").await, house.stranger("+27820000002").await);
    let mut body = fixture("v2/update-subscription.request.json");
    body["validTo"] = "2100-06-10T00:00:00Z".into();
    body["dependantCustomerIds"] = json!([sam, joe]);
    let path = format!("/subscriptions/{subscription}");
    let updated = house.put(&path, body).await.ok(200);
    assert_same_shape(&updated, &fixture("v2/update-subscription.response.json"));
    assert_eq!(updated["subscription"][0]["validTo"], "2100-06-10T00:00:00.000Z");
    house.asker.callout(sam).await;
    house.asker.callout(joe).await;
    let put = async |body: Value| house.put(&path, body).await;
    let one = put(json!({ "validTo": "2100-01-01T00:00:00Z", "dependantCustomerIds": [joe] })).await.ok(200);
    assert_eq!(one["links"], json!([{ "subscriptionId": subscription, "customerId": joe }]));
    let kept = put(json!({ "validTo": "2100-01-01T00:00:00Z" })).await.ok(200);
    assert_eq!(kept["links"], one["links"]);
    put(json!({ "dependantCustomerIds": [] })).await.refused(400, "validTo is required");
    put(json!({ "validTo": "soon" })).await.refused(400, "validTo is not valid");
    put(json!({ "validTo": "2001-01-01T00:00:00Z" })).await.refused(400, "validTo");
    for wrong in [json!([1]), json!([jane]), json!(["x"]), json!("x")] {
        let body = json!({ "validTo": "2100-01-01T00:00:00Z", "dependantCustomerIds": wrong });
        put(body).await.refused(400, "dependantCustomerIds");
    }
    house.put("/subscriptions/1", json!({ "validTo": "2100-01-01T00:00:00Z" })).await.refused(404, "Subscr");
    assert_eq!(house.get(&path).await.ok(200)["dependants"][0]["id"], joe, "nothing half done");
}

#[tokio::test]
async fn dependants_lose_access_when_the_main_one_lapses() {
    let house = House::open().await;
    let (jane, sam) = (house.stranger("+27821234567").await, house.stranger("+27820000001").await);
    let now = house.nobody().get("/control/clock").await.ok(200)["now"].as_str().unwrap().to_owned();
    let until = now.parse::<jiff::Timestamp>().unwrap() + jiff::SignedDuration::from_hours(1);
    let body = json!({
        "customerId": jane, "subscriptionTypeId": 5, "validTo": until.to_string(),
        "dependantCustomerIds": [sam],
    });
    let subscription = house.post("/subscriptions", body).await.ok(201)["id"].clone();
    let raise = async |customer: i64| {
        let body = fixture("v2/create-customer-callout.request.json");
        house.post(&format!("/customers/{customer}/callouts"), body).await
    };
    let callout = raise(sam).await.ok(200)["callout"]["id"].as_i64().unwrap();
    house.asker.step(callout, "close").await;
    house.turn(3_601).await;
    raise(sam).await.refused(403, "no active subscription");
    raise(jane).await.refused(403, "no active subscription");
    let revive = json!({ "validTo": "2100-01-01T00:00:00Z" });
    house.put(&format!("/subscriptions/{subscription}"), revive).await.refused(400, "lapsed");
}

#[tokio::test]
async fn delete_subscription_with_its_reason() {
    let house = House::open().await;
    let (jane, subscription) = house.subscribed("+27821234567").await;
    let path = format!("/subscriptions/{subscription}");
    house.delete(&path, json!({})).await.refused(400, "reason is required");
    house.delete(&path, json!({ "reason": "  " })).await.refused(400, "reason");
    house.delete(&path, json!({ "reason": 7 })).await.refused(400, "reason is not valid");
    let bare = send(house.asker.request(Method::DELETE, &format!("{V2}{path}"))).await;
    bare.refused(400, "reason is required");
    let body = fixture("v2/delete-subscription.request.json");
    let cancelled = house.delete(&path, body.clone()).await.ok(200);
    assert_eq!(cancelled, fixture("v2/delete-subscription.response.json"));
    let read = house.get(&path).await.ok(200);
    assert!(read["CancelledDate"].is_string());
    assert_eq!(read["CancelledReason"], "Customer ended the service");
    house.delete(&path, body.clone()).await.refused(400, "cancelled already");
    house.put(&path, json!({ "validTo": "2100-01-01T00:00:00Z" })).await.refused(400, "cancelled");
    let raise = fixture("v2/create-customer-callout.request.json");
    house.post(&format!("/customers/{jane}/callouts"), raise).await.refused(403, "no active subscription");
    house.delete("/subscriptions/1", body).await.refused(404, "Subscription");
    let anew = json!({ "customerId": jane, "subscriptionTypeId": 4 });
    house.post("/subscriptions", anew).await.ok(201);
}
