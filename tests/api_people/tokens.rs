//! What each kind of token opens, and how errors look.

use super::*;

#[tokio::test]
async fn create_oauth_token() {
    let house = House::open().await;
    let mut body = fixture("v2/create-oauth-token.request.json");
    let path = format!("{V2}/oauth/token");
    house.nobody().post(&path, body.clone()).await.refused(401, "Invalid client credentials");
    body["clientId"] = "demo-client".into();
    body["clientSecret"] = "demo-secret".into();
    let reply = house.nobody().post(&path, body).await.ok(200);
    let sample = fixture("v2/create-oauth-token.response.json");
    assert_same_shape(&reply, &sample);
    assert_eq!((&reply["tokenType"], &reply["expiresIn"]), (&sample["tokenType"], &sample["expiresIn"]));
    let older = fixture("v2/create-oauth-token.response.older-snake-case.json");
    assert_eq!(reply["expiresIn"], older["expires_in"], "the older spelling is read, not written");
    let secretless = json!({ "clientId": "demo-client" });
    house.nobody().post(&path, secretless).await.refused(400, "clientSecret is required");
}

#[tokio::test]
async fn errors_are_an_object_with_a_message() {
    let house = House::open().await;
    let error = house.get("/customers/1").await;
    assert_eq!(error.status, 404);
    assert_same_shape(&error.body, &fixture("v2/error.json"));
}

#[tokio::test]
async fn a_refusal_says_neither_a_type_of_ours_nor_what_was_sent() {
    let house = House::open().await;
    let control = house.nobody();
    let wrong = json!({ "message": { "Jane Doe": "+27821234567" } });
    let (jane, _) = house.subscribed("+27821234567").await;
    let callout = house.asker.callout(jane).await;
    let comments = format!("/control/callouts/{callout}/comments");
    let steps = format!("/control/callouts/{callout}/steps");
    for (path, body, words) in [
        (comments.as_str(), wrong, "message: must be a text"),
        (
            &steps,
            json!({ "step": "dispatch", "responderId": "Jane Doe" }),
            "responderId: must be a whole number",
        ),
        (&steps, json!({ "step": "Jane Doe" }), "unknown variant, expected"),
        ("/control/coupons", json!({ "couponCode": ["Jane Doe"] }), "couponCode is not valid"),
    ] {
        let answer = control.post(path, body).await;
        let said = answer.body["message"].as_str().unwrap().to_owned();
        for leaked in ["Jane", "2782", "struct", "enum", "u64", "String"] {
            assert!(!said.contains(leaked), "{said}");
        }
        answer.refused(400, words);
    }
}

#[tokio::test]
async fn create_callout_token_and_its_flow() {
    let house = House::open().await;
    let (jane, _) = house.subscribed("+27821234567").await;
    let (sam, _) = house.subscribed("+27820000001").await;
    let mut body = fixture("v2/create-callout-token.request.json");
    house.post("/oauth/calloutToken", body.clone()).await.refused(404, "Customer not found");
    body["customerId"] = jane.into();
    let reply = house.post("/oauth/calloutToken", body).await.ok(200);
    assert_same_shape(&reply, &fixture("v2/create-callout-token.response.json"));
    house.post("/oauth/calloutToken", json!({})).await.refused(400, "customerId is required");
    let nobody = house.nobody();
    let unasked = json!({ "customerId": jane });
    nobody.post(&format!("{V2}/oauth/calloutToken"), unasked).await.refused(401, "bearer token");

    let scoped = nobody.with(reply["accessToken"].as_str().unwrap());
    let callout = scoped.callout(jane).await;
    for path in [format!("/customers/{jane}/callouts"), format!("/callouts/{callout}/events")] {
        scoped.get(&format!("{V2}{path}")).await.ok(200);
    }
    let other = house.asker.callout(sam).await;
    scoped.get(&format!("{V2}/callouts/{other}")).await.refused(404, "Callout");
    scoped.post(&format!("{V2}/callouts/{other}/cancel"), json!({})).await.refused(404, "Callout");
    for outside in [
        format!("/customers/{jane}"),
        format!("/customers/{jane}/subscriptions"),
        format!("/customers/{sam}/callouts"),
        "/customers/1/callouts".to_owned(),
        "/callouts/activeCallouts".to_owned(),
        "/subscriptions/subscriptionTypes".to_owned(),
        "/subscriptions/1".to_owned(),
        "/leads/lead_123".to_owned(),
        "/customer-signup/sessions/css_123".to_owned(),
    ] {
        scoped.get(&format!("{V2}{outside}")).await.refused(401, "does not allow");
    }
    for outside in [
        "/customers".to_owned(),
        format!("/customers/{jane}/delete"),
        "/subscriptions".to_owned(),
        "/oauth/calloutToken".to_owned(),
        "/callouts".to_owned(),
        "/leads".to_owned(),
        "/scheduled/guarding".to_owned(),
        "/customer-signup/sessions".to_owned(),
        "/subscriptions/management-sessions".to_owned(),
    ] {
        let body = json!({ "customerId": jane, "subscriptionTypeId": 4, "responseTypeId": 1 });
        scoped.post(&format!("{V2}{outside}"), body).await.refused(401, "does not allow");
    }
    house.get(&format!("/customers/{jane}")).await.ok(200);
}
