//! What v1 clients ask beyond callouts.

use super::*;

#[tokio::test]
async fn v1_subscriptions_by_mobile_number() {
    let house = House::open().await;
    let (jane, subscription) = house.subscribed("+27821234567").await;
    for written in ["+27821234567", "%2B27821234567", "0821234567"] {
        let list = house.asker.get(&format!("{V1}/customers/{written}/subscriptions")).await.ok(200);
        assert_eq!(
            (&list[0]["id"], &list[0]["customerId"]),
            (&subscription.into(), &jane.into()),
            "{written}"
        );
        assert!(list[0].get("CancelledDate").is_some());
    }
    let path = |mobile: &str| format!("{V1}/customers/{mobile}/subscriptions");
    house.asker.get(&path("+27820000009")).await.refused(404, "Customer not found");
    house.asker.get(&path("nobody")).await.refused(404, "Customer not found");
    house.nobody().get(&path("+27821234567")).await.refused(401, "bearer token");
    let user = house.user("jane@example.com", "+27821234567").await;
    user.get(&path("+27821234567")).await.ok(200);
    house.stranger("+27820000001").await;
    user.get(&path("+27820000001")).await.refused(404, "Customer not found");
    house.scoped(jane).await.get(&path("+27821234567")).await.refused(401, "does not allow");
}

#[tokio::test]
async fn v1_delete_subscription() {
    let house = House::open().await;
    let (_, subscription) = house.subscribed("+27821234567").await;
    let path = format!("{V1}/subscription/{subscription}");
    let delete = async |path: &str| send(house.asker.request(Method::DELETE, path)).await;
    let done = delete(&path).await.ok(200);
    assert!(done["success"].is_string());
    let read = house.get(&format!("/subscriptions/{subscription}")).await.ok(200);
    assert!(read["CancelledDate"].is_string() && read["CancelledReason"].is_null());
    delete(&path).await.refused(400, "cancelled already");
    delete(&format!("{V1}/subscription/1")).await.refused(404, "Subscription not found");
    delete(&format!("{V1}/subscription/x")).await.refused(400, "subscriptionId");
}

#[tokio::test]
async fn v1_coupons() {
    let house = House::open().await;
    let path = format!("{V1}/coupon/1/SUMMER26");
    assert_eq!(house.asker.get(&path).await.ok(200), json!({ "coupons": [] }));
    let control = house.nobody();
    let coupon = json!({ "couponCode": "Summer26" });
    control.post("/control/coupons", coupon.clone()).await.ok(201);
    control.post("/control/coupons", coupon).await.refused(409, "couponCode");
    control.post("/control/coupons", json!({})).await.refused(400, "couponCode is required");
    let elsewhere = json!({ "couponCode": "x", "sourceId": 1 });
    control.post("/control/coupons", elsewhere).await.refused(404, "Source not found");
    let found = house.asker.get(&path).await.ok(200);
    assert_eq!(found, json!({ "coupons": [{ "couponCode": "Summer26" }] }));
    assert_eq!(control.get("/control/coupons").await.ok(200)[0]["couponCode"], "Summer26");
    house.asker.get(&format!("{V1}/coupon/x/SUMMER26")).await.refused(400, "n must be an integer");
    send(control.request(Method::DELETE, "/control/coupons/summer26")).await.ok(204);
    send(control.request(Method::DELETE, "/control/coupons/summer26")).await.refused(404, "Coupon");
    assert_eq!(house.asker.get(&path).await.ok(200), json!({ "coupons": [] }));
}

#[tokio::test]
async fn v1_create_takes_the_integration_s_own_words() {
    let house = House::open().await;
    let body = json!({
        "customer": { "name": "Jane", "surname": "Doe", "mobile": "+27821234567" },
        "calloutLocation": { "latitude": -26.1, "longitude": 28.1, "accuracy": 9 },
        "requestType": "INTEGRATION_TEST", "internalTest": true, "responseTypeId": 3,
    });
    let raised = house.asker.post(&format!("{V1}/callouts"), body.clone()).await.ok(200);
    // v1's own view does not show it.
    let read = house.get(&format!("/callouts/{}", raised["callout"]["id"])).await.ok(200);
    assert_eq!(read["callout"]["internalTest"], true);
    for (field, wrong) in [("requestType", json!(7)), ("internalTest", json!("x"))] {
        let mut body = body.clone();
        body[field] = wrong;
        let refused = house.asker.post(&format!("{V1}/callouts"), body).await;
        refused.refused(400, &format!("{field} is not valid"));
    }
}
