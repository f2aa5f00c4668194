//! Read and written again, each sample is the same JSON, key for key. The samples of the older edition
//! are read only: this program never writes those forms, except where its types cover them anyway.

use super::json;
use panic_console::api::model::callout_v1::CalloutV1;
use panic_console::api::model::callout_v2::{FlatCallout, NestedCallout};
use panic_console::api::model::customer::{CreateCustomer, CustomerCreated};
use panic_console::api::model::event::{Event, EventSent};
use panic_console::api::model::reply::{BareCalloutReply, CalloutReply, ExceptionReason, Message};
use panic_console::api::model::request::{
    AttachExceptionReason, Cancel, CreateCallout, LocationUpdate, SendEvent,
};
use panic_console::api::model::token::{CalloutTokenRequest, TokenReply, TokenRequest};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

fn same_again<T: Serialize + DeserializeOwned>(name: &str) {
    let sample = json(name);
    let read: T = serde_json::from_value(sample.clone()).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(serde_json::to_value(&read).unwrap(), sample, "{name}");
}

#[test]
fn v1_callouts() {
    for name in [
        "created",
        "responder-dispatched-tech",
        "responder-dispatched-manual",
        "responder-cancelled",
        "responder-arrived",
        "responder-completed",
        "closed",
    ] {
        same_again::<CalloutV1>(&format!("{name}.json"));
        let read: CalloutV1 = serde_json::from_value(json(&format!("{name}.json"))).unwrap();
        assert!(read.extra.is_empty(), "{name}: {:?}", read.extra.keys());
    }
}

#[test]
fn v1_events() {
    let rows = json("callout-events.json")["calloutEvents"].clone();
    let read: Vec<Event> = serde_json::from_value(rows.clone()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), rows);
}

#[test]
fn v2_callouts() {
    same_again::<CalloutReply<FlatCallout>>("v2/create-customer-callout.response.json");
    same_again::<BareCalloutReply<FlatCallout>>("v2/cancel-callout.response.json");
    same_again::<CalloutReply<NestedCallout>>("v2/get-callout.response.json");
    same_again::<CalloutReply<NestedCallout>>("v2/update-callout-location-and-return.response-200.json");
    same_again::<CalloutReply<NestedCallout>>("v2/update-callout-location-and-return.response-285.json");
    let read: CalloutReply<NestedCallout> =
        serde_json::from_value(json("v2/get-callout.response.json")).unwrap();
    assert!(read.callout.extra.is_empty());
}

#[test]
fn v2_replies() {
    same_again::<TokenReply>("v2/create-oauth-token.response.json");
    same_again::<TokenReply>("v2/create-callout-token.response.json");
    same_again::<CustomerCreated>("v2/create-customer.response.json");
    same_again::<EventSent>("v2/create-callout-event.response.json");
    same_again::<Vec<Event>>("v2/list-callout-events.response.json");
    same_again::<Vec<ExceptionReason>>("v2/list-exception-reasons.response.json");
    same_again::<Message>("v2/update-callout-location.response.json");
    same_again::<Message>("v2/error.json");
}

#[test]
fn requests() {
    same_again::<TokenRequest>("v2/create-oauth-token.request.json");
    same_again::<CalloutTokenRequest>("v2/create-callout-token.request.json");
    same_again::<CreateCustomer>("v2/create-customer.request.json");
    same_again::<CreateCustomer>("v2/create-customer.request.older-flat.json");
    same_again::<CreateCallout>("v2/create-customer-callout.request.json");
    same_again::<CreateCallout>("v2/create-customer-callout.request.older-flat.json");
    same_again::<CreateCallout>("v2/create-callout-legacy.request.json");
    same_again::<LocationUpdate>("v2/update-callout-location.request.json");
    same_again::<LocationUpdate>("v2/update-callout-location-and-return.request.json");
    same_again::<SendEvent>("v2/create-callout-event.request.json");
    same_again::<SendEvent>("v2/create-callout-event.request.older.json");
    same_again::<Cancel>("v2/cancel-callout.request.json");
    same_again::<AttachExceptionReason>("v2/create-exception-reason.request.json");
}

#[test]
fn the_older_flat_callouts_are_written_in_the_same_keys() {
    for name in [
        "v2/create-customer-callout.response.older-flat.json",
        "v2/create-callout-legacy.response.older-flat.json",
        "v2/get-callout.response.older-flat.json",
        "v2/cancel-callout.response.older-flat.json",
    ] {
        let sample = json(name);
        let read: FlatCallout = serde_json::from_value(sample.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), with_milliseconds(sample), "{name}");
    }
    let read: Vec<FlatCallout> =
        serde_json::from_value(json("v2/list-active-callouts.response.older-flat.json")).unwrap();
    let sample = json("v2/list-active-callouts.response.older-flat.json")[0].clone();
    assert_eq!(serde_json::to_value(&read[0]).unwrap(), with_milliseconds(sample));
}

/// The older edition writes whole seconds; we write milliseconds in every reply.
fn with_milliseconds(mut sample: Value) -> Value {
    let whole = sample["createdAt"].as_str().unwrap().replace('Z', ".000Z");
    sample["createdAt"] = Value::String(whole);
    sample
}
