//! The samples of v2.

use super::{fixture, json, place, time};
use panic_console::api::decode::{decode_comments, decode_sent};
use panic_console::api::model::customer::{CreateCustomer, CustomerCreated, CustomerReply};
use panic_console::api::model::event::Event;
use panic_console::api::model::reply::{ExceptionReason, Message};
use panic_console::api::model::request::{
    AttachExceptionReason, Cancel, CreateCallout, LocationUpdate, SendEvent,
};
use panic_console::api::model::token::{TokenReply, TokenRequest};
use panic_console::api::model::wire_time::RequestTime;
use panic_console::api::model::{Given, Number};
use panic_console::api::v2::{decode_callout, decode_callouts, decode_created, decode_customer_id};
use panic_console::app::callout::{
    Callout, Classification, Comment, Eta, Fix, Responder, Role, Status, Supplier, Times,
};
use serde::de::DeserializeOwned;

fn read<T: DeserializeOwned>(name: &str) -> T {
    serde_json::from_value(json(name)).unwrap()
}

#[test]
fn create_customer_callout() {
    let callout = decode_created(&fixture("v2/create-customer-callout.response.json")).unwrap();
    let mut expected = Callout::new(callout.id.clone(), Status::Created);
    expected.classification = Some(Classification::Real);
    expected.response_type_id = Some(1);
    expected.location = Some(Fix { position: place(-26.12345, 28.12345), accuracy: None, at: None });
    expected.times.created = time("2026-06-10T09:30:00Z");
    expected.tracking = callout.tracking.clone();
    assert_eq!(callout, expected);
    assert_eq!(callout.id.as_str(), "992011");
    let link = callout.tracking.unwrap();
    assert!(link.0.starts_with("<tracking link carrying"), "kept as it came");
    assert_eq!(format!("{link:?}"), "TrackingLink(***)");
}

/// The view of a read, which update-and-return and 285 share.
fn assert_nested(callout: &Callout, status: &Status, times: Times) {
    assert_eq!(callout.id.as_str(), "992011");
    assert_eq!(&callout.status, status);
    assert!(!callout.cancelled_by_customer);
    assert_eq!(callout.classification, Some(Classification::Real));
    assert_eq!(callout.response_type_id, Some(1));
    assert_eq!(callout.customer_name.as_str(), "Jane Doe");
    assert_eq!(
        callout.location,
        Some(Fix {
            position: place(-26.12345, 28.12345),
            accuracy: Some(10.0),
            at: time("2026-06-10T09:34:00Z"),
        })
    );
    assert!(callout.address.is_empty());
    assert_eq!(callout.times, times);
    assert_eq!(
        callout.responder,
        Some(Responder {
            id: "8".into(),
            name: "Testy McTestFace".into(),
            callsign: "testy".into(),
            mobile: "+27000000002".into(),
            vehicle: "Purple Boxcart Cardboard".into(),
            plate: "TEST GP".into(),
            last_fix: Some(Fix {
                position: place(-26.1133, 28.0848),
                accuracy: Some(20.0),
                at: time("2026-06-10T09:34:05Z"),
            }),
        })
    );
    assert_eq!(
        callout.supplier,
        Some(Supplier { name: "Example Security".into(), contact_number: "+27000000001".into() })
    );
    assert_eq!(callout.eta, Some(Eta { distance_m: Some(1_213.0), duration_s: Some(195.0), at: None }));
    assert_eq!((&callout.route, &callout.comments, &callout.tracking), (&None, &None, &None));
    assert!(callout.unknown.is_empty(), "{:?}", callout.unknown);
}

fn dispatched() -> Times {
    Times {
        created: time("2026-06-10T09:30:00Z"),
        dispatched: time("2026-06-10T09:33:00Z"),
        updated: time("2026-06-10T09:34:10Z"),
        ..Times::default()
    }
}

#[test]
fn get_callout() {
    let callout = decode_callout(&fixture("v2/get-callout.response.json")).unwrap();
    assert_nested(&callout, &Status::Dispatched, dispatched());
}

#[test]
fn update_location_and_return() {
    let open = fixture("v2/update-callout-location-and-return.response-200.json");
    assert_nested(&decode_callout(&open).unwrap(), &Status::Dispatched, dispatched());
    let closed = fixture("v2/update-callout-location-and-return.response-285.json");
    let times = Times {
        arrived: time("2026-06-10T09:36:00Z"),
        completed: time("2026-06-10T09:40:00Z"),
        resolved: time("2026-06-10T09:41:00Z"),
        ..dispatched()
    };
    assert_nested(&decode_callout(&closed).unwrap(), &Status::Closed, times);
}

#[test]
fn cancel_callout() {
    let callout = decode_callout(&fixture("v2/cancel-callout.response.json")).unwrap();
    assert_eq!(callout.status, Status::Created, "the reply does not tell the outcome");
    assert!(callout.cancelled_by_customer);
    let request: Cancel = read("v2/cancel-callout.request.json");
    assert_eq!(request.safe_code, Given::from("4567"));
    assert_eq!(format!("{request:?}"), "Cancel(***)");
}

#[test]
fn the_older_flat_callouts() {
    for (name, id, status, response_type, classification, position) in [
        (
            "create-customer-callout.response.older-flat",
            "992011",
            Status::Created,
            1,
            Classification::Real,
            place(-33.9249, 18.4241),
        ),
        (
            "cancel-callout.response.older-flat",
            "992011",
            Status::Created,
            1,
            Classification::Real,
            place(-33.9249, 18.4241),
        ),
        (
            "create-callout-legacy.response.older-flat",
            "1002345",
            Status::Dispatched,
            2,
            Classification::Other(3),
            place(-33.925, 18.4245),
        ),
        (
            "get-callout.response.older-flat",
            "992011",
            Status::Dispatched,
            2,
            Classification::Other(3),
            place(-33.9258, 18.4233),
        ),
    ] {
        let callout = decode_callout(&fixture(&format!("v2/{name}.json"))).unwrap();
        assert_eq!((callout.id.as_str(), &callout.status), (id, &status), "{name}");
        assert_eq!(callout.response_type_id, Some(response_type), "{name}");
        assert_eq!(callout.classification, Some(classification), "{name}");
        assert_eq!(callout.location.map(|fix| fix.position), Some(position), "{name}");
        assert!(callout.times.created.is_some(), "{name}");
        assert!(callout.unknown.is_empty(), "{name}: {:?}", callout.unknown);
    }
}

#[test]
fn list_active_callouts() {
    let body = fixture("v2/list-active-callouts.response.older-flat.json");
    let active = decode_callouts(&body, None).unwrap();
    assert_eq!(active.len(), 1);
    assert_eq!((active[0].id.as_str(), &active[0].status), ("105432", &Status::Dispatched));
    assert_eq!(active[0].location.map(|fix| fix.position), Some(place(40.712_776, -74.005_974)));
    assert_eq!(decode_callouts(&body, Some(254_789)).unwrap(), active);
    assert_eq!(decode_callouts(&body, Some(1)).unwrap(), []);
}

#[test]
fn tokens() {
    for name in ["v2/create-oauth-token.response.json", "v2/create-callout-token.response.json"] {
        let reply: TokenReply = read(name);
        assert_eq!((reply.access_token.as_str(), reply.token_type.as_str()), ("<jwt>", "Bearer"));
        assert_eq!(reply.expires_in, Some(Number(3_600.0)));
        assert!(!format!("{reply:?}").contains("jwt"));
    }
    let older: TokenReply = read("v2/create-oauth-token.response.older-snake-case.json");
    assert_eq!((older.access_token.as_str(), older.expires_in), ("string", Some(Number(3_600.0))));
    let request: TokenRequest = read("v2/create-oauth-token.request.json");
    assert_eq!(request.client_id, Given::from("your_client_id"));
    assert_eq!(request.client_secret, Given::from("your_client_secret"));
    assert_eq!(format!("{request:?}"), "TokenRequest(***)");
}

#[test]
fn customers() {
    let body = fixture("v2/create-customer.response.json");
    assert_eq!(decode_customer_id(&body), Some(178_921));
    let created: CustomerCreated = read("v2/create-customer.response.json");
    assert_eq!(created.customer.mobile.as_deref(), Some("+27821234567"));
    let subscription = created.subscription.unwrap();
    assert_eq!(subscription.subscription_type_id, Some(4));
    assert_eq!(subscription.valid_to, time("2027-06-10T00:00:00Z"));
    assert_eq!(subscription.cancelled_date, None);

    let request: CreateCustomer = read("v2/create-customer.request.json");
    assert_eq!(request.customer.value().unwrap().surname, Given::from("Doe"));
    let from = request.subscription.value().unwrap().valid_from.value().copied();
    assert_eq!(from, time("2026-06-10T00:00:00Z").map(RequestTime));
}

#[test]
fn the_older_flat_customers() {
    for name in ["v2/create-customer.response.older-flat.json", "v2/get-customer.response.older-flat.json"] {
        assert_eq!(decode_customer_id(&fixture(name)), Some(178_921), "{name}");
        let wrapped = serde_json::json!({ "message": "m", "customer": json(name) });
        let read: CustomerReply = serde_json::from_value(wrapped).unwrap();
        assert_eq!(read.customer.name.as_deref(), Some("Testy"), "{name}");
        assert_eq!(read.customer.mobile.as_deref(), Some("+27821234567"), "{name}");
    }
    let request: CreateCustomer = read("v2/create-customer.request.older-flat.json");
    let fields = request.fields();
    assert_eq!(fields.value().unwrap().name, Given::from("Testy"));
    assert_eq!(fields.value().unwrap().mobile, Given::from("+27821234567"));
}

#[test]
fn create_requests() {
    let current: CreateCallout = read("v2/create-customer-callout.request.json");
    let older: CreateCallout = read("v2/create-customer-callout.request.older-flat.json");
    let legacy: CreateCallout = read("v2/create-callout-legacy.request.json");
    let place = |request: &CreateCallout| {
        let coordinates = request.coordinates().value().cloned()?;
        Some((coordinates.latitude.value()?.0, coordinates.longitude.value()?.0))
    };
    assert_eq!(place(&current), Some((-26.12345, 28.12345)));
    assert_eq!(place(&older), Some((-33.9249, 18.4241)));
    assert_eq!(legacy.coordinates(), Given::Absent);
    assert_eq!(legacy.response_type_id, Given::Value(2));
    assert_eq!(current.callout_classification_id, Given::Value(1));
}

#[test]
fn location_updates() {
    let plain: LocationUpdate = read("v2/update-callout-location.request.json");
    assert_eq!(plain.latitude, Given::Value(Number(-33.9249)));
    assert_eq!(plain.accuracy, Given::Absent);
    let returning: LocationUpdate = read("v2/update-callout-location-and-return.request.json");
    assert_eq!(returning.accuracy, Given::Value(Number(8.0)));
    let reply: Message = read("v2/update-callout-location.response.json");
    assert_eq!(reply.message, "Request completed successfully.");
}

fn safe() -> Comment {
    Comment {
        id: "771".into(),
        role: Role::User,
        author: "Jane Doe".into(),
        body: "Customer reports they are safe.".into(),
        at: time("2026-06-10T09:35:00Z"),
    }
}

fn safe_older() -> Comment {
    Comment { role: Role::Other, author: "".into(), at: time("2024-01-15T09:30:00Z"), ..safe() }
}

#[test]
fn events() {
    assert_eq!(decode_comments(&fixture("v2/list-callout-events.response.json")).unwrap(), [safe()]);
    assert_eq!(decode_sent(&fixture("v2/create-callout-event.response.json")), Some(safe()));
    assert_eq!(
        decode_comments(&fixture("v2/list-callout-events.response.older.json")).unwrap(),
        [safe_older()]
    );
    assert_eq!(decode_sent(&fixture("v2/create-callout-event.response.older.json")), Some(safe_older()));
    let rows: Vec<Event> = read("v2/list-callout-events.response.json");
    assert_eq!(rows[0].callout_event_type.as_ref().unwrap().value.as_deref(), Some("COMMENT"));

    let request: SendEvent = read("v2/create-callout-event.request.json");
    assert_eq!(request.source, Given::from("customer"));
    assert_eq!(request.event, Given::from("Customer reports they are safe."));
    let older: SendEvent = read("v2/create-callout-event.request.older.json");
    assert_eq!(older.message, Given::from("Customer reports they are safe."));
}

#[test]
fn reasons_and_errors() {
    let reasons: Vec<ExceptionReason> = read("v2/list-exception-reasons.response.json");
    assert_eq!(reasons.len(), 3);
    assert_eq!((reasons[1].id, reasons[1].reason.as_deref()), (Some(102), Some("False alarm triggered")));
    let attach: AttachExceptionReason = read("v2/create-exception-reason.request.json");
    assert_eq!(attach.exception_reason_id, Given::Value(102));
    let error: Message = read("v2/error.json");
    assert_eq!(error.message, "Human-readable description of the problem");
}

#[test]
fn the_event_stream_tells_what_the_control_room_did() {
    let body = br#"[
        {"id": 1, "calloutEventTypeId": 1, "event": {"status": "created", "step": "acknowledged"},
         "createdAt": "2026-06-10T09:30:04.000Z"},
        {"id": 2, "calloutEventTypeId": 1, "event": {"status": "created", "step": "something new"},
         "createdAt": "2026-06-10T09:30:05.000Z"},
        {"id": 3, "calloutEventTypeId": 2, "event": {"body": "verified", "role": "Admin"},
         "createdAt": "2026-06-10T09:30:06.000Z"}
    ]"#;
    let times = Times { acknowledged: time("2026-06-10T09:30:04Z"), ..Times::default() };
    assert_eq!(panic_console::api::decode::decode_handling(body).unwrap(), times);
    assert_eq!(panic_console::api::decode::decode_comments(body).unwrap().len(), 1);
}
