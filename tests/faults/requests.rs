//! Faults of a request that are not of the wire: tokens, stale reads, 285.

use super::Rig;
use crate::asker::Asker;
use serde_json::json;

#[tokio::test]
async fn token_expired_ends_a_token_in_the_middle_once() {
    let rig = Rig::new().await;
    rig.put(json!([{ "route": "/callouts/{callout}", "after": 1, "fault": "token-expired" }])).await;
    rig.read().await;
    rig.asker.get(&rig.path("")).await.refused(401, "expired");
    // It is the token that has gone, not one request that was refused.
    rig.asker.get("/panic-api/v2/callouts/activeCallouts").await.refused(401, "expired");
    let renewed = Asker::server(&rig.running.url()).await;
    renewed.get(&rig.path("")).await.ok(200);
    renewed.get(&rig.path("")).await.ok(200);
}

#[tokio::test]
async fn stale_reads_tell_what_the_read_before_was_told() {
    let rig = Rig::new().await;
    rig.put_fault(json!("stale-reads")).await;
    let status = async || rig.read().await["status"].as_str().unwrap().to_owned();
    assert_eq!(status().await, "created");
    rig.step("dispatch").await;
    assert_eq!(status().await, "created");
    assert_eq!(status().await, "Responder Dispatched");
    // Nobody is shown what another one has read.
    let seen = rig.asker.get(&format!("/control/callouts/{}", rig.callout)).await.ok(200);
    let scoped = json!({ "customerId": seen["customerId"] });
    let scoped = rig.asker.post("/panic-api/v2/oauth/calloutToken", scoped).await.ok(200);
    // A token of another kind: two of one kind and second are the same.
    let other = rig.asker.with(scoped["accessToken"].as_str().unwrap());
    rig.step("arrive").await;
    let read = other.get(&rig.path("?shouldIncludeEvents=true")).await.ok(200);
    assert_eq!(read["callout"]["status"], "Responder Arrived");
    rig.off().await;
    assert_eq!(status().await, "Responder Arrived");
}

#[tokio::test]
async fn closed_early_answers_285_to_an_active_callout() {
    let rig = Rig::new().await;
    rig.put(json!([{ "times": 1, "method": "POST", "fault": "closed-early" }])).await;
    let place = json!({ "latitude": 1.5, "longitude": 2.5 });
    let refused = rig.asker.post(&rig.path("/location"), place.clone()).await.ok(285);
    assert_eq!(refused["callout"]["status"], "created");
    assert_eq!(rig.read().await["status"], "created");
    rig.asker.post(&rig.path("/location"), place).await.ok(200);
}

#[tokio::test]
async fn closed_late_takes_locations_of_a_closed_callout() {
    let rig = Rig::new().await;
    rig.put(json!([{ "times": 2, "method": "POST", "fault": "closed-late" }])).await;
    rig.step("close").await;
    let place = json!({ "latitude": 1.5, "longitude": 2.5 });
    rig.asker.post(&rig.path("/location"), place.clone()).await.ok(200);
    let both = rig.path("/updateLocationAndReturnCallout");
    assert_eq!(rig.asker.post(&both, place.clone()).await.ok(200)["callout"]["status"], "closed");
    rig.asker.post(&rig.path("/location"), place.clone()).await.ok(285);
    let v1 = format!("/panic-api/callouts/{}/location", rig.callout);
    rig.asker.post(&v1, place).await.ok(285);
}
