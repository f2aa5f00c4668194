//! Faults of a callout, as every view of it tells them.

use super::Rig;
use serde_json::{Value, json};

impl Rig {
    async fn eta(&self) -> f64 {
        let seen = self.read().await;
        find(&seen, "duration").expect("an ETA")["value"].as_f64().unwrap()
    }

    async fn responder(&self) -> Value {
        let read = self.read().await;
        let responder = find(&read, "responder").expect("a responder").clone();
        responder["location"].clone()
    }

    async fn chat(&self) -> Vec<String> {
        let events = self.asker.get(&self.path("/events")).await.ok(200);
        let events = events.as_array().unwrap().clone();
        events.iter().filter_map(|event| Some(event["event"]["body"].as_str()?.to_owned())).collect()
    }

    async fn comment(&self, text: &str) {
        let path = format!("/control/callouts/{}/comments", self.callout);
        self.asker.post(&path, json!({ "message": text })).await.ok(200);
    }
}

/// The first value of that name, however deep.
fn find<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    match value {
        Value::Object(fields) => fields
            .get(name)
            .filter(|found| !found.is_null())
            .or_else(|| fields.values().find_map(|field| find(field, name))),
        Value::Array(items) => items.iter().find_map(|item| find(item, name)),
        _ => None,
    }
}

#[tokio::test]
async fn nobody_available_leaves_a_company_by_phone() {
    let rig = Rig::new().await;
    rig.put_fault(json!("nobody-available")).await;
    let callout = rig.asker.callout(rig.asker.customer("+27821234568").await).await;
    let seen = rig.asker.get(&format!("/control/callouts/{callout}")).await.ok(200);
    assert_eq!(seen["candidates"], json!([]));
    for callout in [callout, rig.callout] {
        let steps = format!("/control/callouts/{callout}/steps");
        let refused = rig.asker.post(&steps, json!({ "step": "dispatch" })).await.ok(409);
        assert_eq!(refused["message"], "No responder is free within range.");
        assert_eq!(rig.asker.step(callout, "dispatch-manually").await["status"], "Responder Dispatched");
    }
}

#[tokio::test]
async fn declined_then_dispatched_sends_the_second_one() {
    let rig = Rig::new().await;
    rig.put_fault(json!("declined-then-dispatched")).await;
    rig.step("dispatch").await;
    let seen = rig.asker.get(&format!("/control/callouts/{}", rig.callout)).await.ok(200);
    let candidates = seen["candidates"].as_array().unwrap();
    let of = |what: &str| -> Vec<&Value> {
        let such = candidates.iter().filter(|candidate| candidate[what] == true);
        such.map(|candidate| &candidate["responderId"]).collect()
    };
    assert_eq!((of("declined").len(), of("acknowledged").len()), (1, 1), "{seen}");
    assert_ne!(of("declined"), of("acknowledged"));
}

#[tokio::test]
async fn eta_grows_until_the_responder_is_there() {
    let rig = Rig::new().await;
    rig.put_fault(json!("eta-grows")).await;
    rig.step("dispatch").await;
    let mut told = rig.eta().await;
    for _ in 0..3 {
        rig.advance(20).await;
        let now = rig.eta().await;
        assert!(now > told, "{told}, then {now}");
        told = now;
    }
    rig.step("arrive").await;
    assert_eq!(rig.read().await["status"], "Responder Arrived");
}

#[tokio::test]
async fn gps_frozen_stays_where_it_was_and_the_drive_goes_on() {
    let rig = Rig::new().await;
    rig.step("dispatch").await;
    rig.advance(10).await;
    rig.put_fault(json!("gps-frozen")).await;
    let (place, eta) = (rig.responder().await, rig.eta().await);
    rig.advance(20).await;
    assert_eq!(rig.responder().await, place);
    assert!(rig.eta().await < eta);
    rig.off().await;
    assert_ne!(rig.responder().await, place);
}

#[tokio::test]
async fn gps_jumping_is_far_off_now_and_then() {
    let rig = Rig::new().await;
    rig.step("dispatch").await;
    let (mut off, mut right) = (0, 0);
    for _ in 0..9 {
        let true_place = rig.responder().await;
        rig.put_fault(json!("gps-jumping")).await;
        let told = rig.responder().await;
        rig.off().await;
        *(if told == true_place { &mut right } else { &mut off }) += 1;
        rig.advance(5).await;
    }
    assert!(off > 0 && right > off, "{off} off, {right} right");
}

#[tokio::test]
async fn chat_late_hides_what_the_controller_wrote_for_a_while() {
    let rig = Rig::new().await;
    rig.put_fault(json!("chat-late")).await;
    rig.comment("We are on our way").await;
    let line = json!({ "source": "customer", "event": "Thank you" });
    rig.asker.post(&rig.path("/events"), line).await.ok(200);
    assert_eq!(rig.chat().await, ["Thank you"]);
    rig.advance(30).await;
    assert_eq!(rig.chat().await, ["Thank you"]);
    rig.advance(20).await;
    assert_eq!(rig.chat().await, ["We are on our way", "Thank you"]);
}

#[tokio::test]
async fn chat_doubled_has_every_line_twice() {
    let rig = Rig::new().await;
    rig.put(json!([{ "callout": rig.callout, "fault": "chat-doubled" }])).await;
    rig.comment("We are on our way").await;
    let line = json!({ "source": "customer", "event": "Thank you" });
    rig.asker.post(&rig.path("/events"), line).await.ok(200);
    let told = ["We are on our way", "We are on our way", "Thank you", "Thank you"];
    assert_eq!(rig.chat().await, told);
    let other = rig.asker.callout(rig.asker.customer("+27821234568").await).await;
    let path = format!("/panic-api/v2/callouts/{other}/events");
    rig.asker.post(&path, json!({ "source": "customer", "event": "Once" })).await.ok(200);
    assert_eq!(rig.asker.get(&path).await.ok(200).as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn after_and_times_count_callouts() {
    let rig = Rig::new().await;
    rig.put(json!([{ "after": 1, "times": 1, "fault": "chat-doubled" }])).await;
    let mut lines = Vec::new();
    for number in 8..11 {
        let callout = rig.asker.callout(rig.asker.customer(&format!("+2782123456{number}")).await).await;
        let path = format!("/panic-api/v2/callouts/{callout}/events");
        rig.asker.post(&path, json!({ "source": "customer", "event": "Hello" })).await.ok(200);
        lines.push(rig.asker.get(&path).await.ok(200).as_array().unwrap().len());
    }
    // The first of all is the one that was there before the rule.
    assert_eq!(lines, [2, 1, 1]);
}
