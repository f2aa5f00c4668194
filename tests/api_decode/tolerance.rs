//! The rules of reference §10 that concern reading, one test each.

use super::{fixture, json, place, time};
use panic_console::api::decode::{DecodeError, decode_comments, decode_named, decode_sent};
use panic_console::api::model::callout_v1::CalloutV1;
use panic_console::api::model::callout_v2::NestedCallout;
use panic_console::api::model::customer::SubscriptionRecord;
use panic_console::api::model::request::{Coordinates, CreateCallout};
use panic_console::api::model::token::TokenReply;
use panic_console::api::model::{Given, Id, Number};
use panic_console::api::{v1, v2};
use panic_console::app::callout::{Callout, Classification, Role, Status};
use proptest::prelude::*;
use serde_json::{Value, json};

fn v1(value: &Value) -> Callout {
    v1::decode_callout(value.to_string().as_bytes()).unwrap()
}

fn v2(value: &Value) -> Callout {
    v2::decode_callout(value.to_string().as_bytes()).unwrap()
}

fn bare() -> Value {
    json!({ "id": 7, "status": "created" })
}

#[test]
fn coordinates_are_strings_or_numbers() {
    let mut sample = json("created.json");
    sample["location"]["latitude"] = json!(-26.109_095_4);
    assert_eq!(v1(&sample), v1(&json("created.json")));
    let mut sample = json("v2/get-callout.response.json");
    let incident = &mut sample["callout"]["incidentInformation"][0];
    incident["calloutCurrentLocation"]["latitude"] = json!(-26.12345);
    incident["responder"]["location"]["longitude"] = json!("28.0848");
    assert_eq!(v2(&sample), v2(&json("v2/get-callout.response.json")));
    let flat = json!({ "id": 7, "status": "created", "latitude": "-26.5", "longitude": 28 });
    assert_eq!(v2(&flat).location.map(|fix| fix.position), Some(place(-26.5, 28.0)));
}

#[test]
fn coordinates_that_are_no_place_are_none() {
    for latitude in [json!("north"), json!("NaN"), json!("1e999"), json!(91), json!(null), json!([])] {
        let flat = json!({ "id": 7, "status": "created", "latitude": latitude, "longitude": 28 });
        assert_eq!(v2(&flat).location, None, "{latitude}");
    }
}

#[test]
fn ids_are_strings_or_numbers() {
    for (id, text) in [(json!(7), "7"), (json!("7"), "7"), (json!("a-1_B"), "a-1_B"), (json!(7.0), "7")] {
        let sample = json!({ "id": id, "status": "created" });
        assert_eq!(v1(&sample).id.as_str(), text);
        assert_eq!(v2(&sample).id.as_str(), text);
    }
    assert_eq!(Id::from(7), serde_json::from_value(json!(7)).unwrap());
    assert_eq!(serde_json::to_value(Id::Text("7".to_owned())).unwrap(), json!("7"));
}

#[test]
fn an_id_that_could_lead_elsewhere_is_refused() {
    for id in [json!("../x"), json!("1/2"), json!("1?x=1"), json!(""), json!(null), json!(1.5), json!({})] {
        let sample = json!({ "id": id, "status": "created" }).to_string();
        assert_eq!(v1::decode_callout(sample.as_bytes()), Err(DecodeError::NoId), "{id}");
        assert_eq!(v2::decode_callout(sample.as_bytes()), Err(DecodeError::NoId), "{id}");
    }
}

#[test]
fn tokens_are_camel_or_snake_wrapped_or_bare() {
    for reply in [
        json!({ "accessToken": "t", "tokenType": "Bearer", "expiresIn": 60 }),
        json!({ "access_token": "t", "token_type": "Bearer", "expires_in": "60" }),
        json!({ "data": { "accessToken": "t", "expiresIn": 60 } }),
        json!({ "accessToken": "t", "access_token": "other", "expiresIn": 60 }),
    ] {
        let read: TokenReply = serde_json::from_value(reply.clone()).unwrap();
        assert_eq!((read.access_token.as_str(), read.expires_in), ("t", Some(Number(60.0))), "{reply}");
    }
    for reply in [json!({}), json!({ "accessToken": "" }), json!({ "accessToken": 5 }), json!("t")] {
        assert!(serde_json::from_value::<TokenReply>(reply.clone()).is_err(), "{reply}");
    }
}

#[test]
fn replies_are_wrapped_or_bare() {
    for reply in [
        bare(),
        json!({ "message": "m", "callout": bare() }),
        json!({ "callout": bare() }),
        json!({ "data": { "callout": bare() } }),
        json!({ "data": bare() }),
        json!({ "message": "m", "callout": bare(), "data": { "callout": bare() } }),
    ] {
        assert_eq!(v1(&reply).id.as_str(), "7", "{reply}");
        assert_eq!(v2(&reply).id.as_str(), "7", "{reply}");
    }
    for reply in [json!({ "id": 7 }), json!({ "status": "created" }), json!({ "message": "m" }), json!([1])] {
        let body = reply.to_string();
        assert_eq!(v1::decode_callout(body.as_bytes()), Err(DecodeError::NoCallout), "{reply}");
    }
    assert_eq!(v2::decode_callout(b"<html>"), Err(DecodeError::NotJson));
}

#[test]
fn a_create_reply_may_hold_the_id_alone() {
    for reply in
        [json!({ "callout": { "id": 7 } }), json!({ "data": { "callout": { "id": 7 } } }), json!({ "id": 7 })]
    {
        let body = reply.to_string();
        for created in [v1::decode_created(body.as_bytes()), v2::decode_created(body.as_bytes())] {
            let created = created.unwrap();
            assert_eq!((created.id.as_str(), created.status), ("7", Status::Created), "{reply}");
        }
    }
}

#[test]
fn a_status_is_compared_without_case_and_an_unknown_one_kept() {
    let status = |text: &str| v2(&json!({ "id": 7, "status": text })).status;
    assert_eq!(status("RESPONDER dispatched"), Status::Dispatched);
    assert_eq!(status("Closed"), Status::Closed);
    assert_eq!(status("On Hold"), Status::Other("On Hold".into()));
    assert_eq!(status("On\u{1b}[31m\tHold").as_str(), "On Hold", "and cleaned");
}

#[test]
fn a_responder_may_be_null_and_a_distance_empty() {
    let mut sample = json("responder-dispatched-tech.json");
    sample["calloutincidentdetail"]["responder"] = Value::Null;
    sample["calloutResponseEta"] = Value::Null;
    for distance in [json!({ "distance": {}, "duration": {} }), json!({}), json!(null), json!("?")] {
        sample["distance"] = distance;
        let callout = v1(&sample);
        assert_eq!((&callout.responder, callout.eta), (&None, None));
        assert!(callout.is_manual_dispatch());
    }
    let mut sample = json("v2/get-callout.response.json");
    sample["callout"]["incidentInformation"][0]["responder"] = Value::Null;
    sample["callout"]["incidentInformation"][0]["eta"] = json!({ "distance": {}, "duration": {} });
    assert_eq!((v2(&sample).responder, v2(&sample).eta), (None, None));
}

#[test]
fn the_eta_falls_back_to_the_distance() {
    let mut sample = json("responder-dispatched-tech.json");
    sample["calloutResponseEta"] = json!([]);
    let eta = v1(&sample).eta.unwrap();
    assert_eq!((eta.distance_m, eta.duration_s, eta.at), (Some(1_213.0), Some(195.0), None));
}

#[test]
fn events_speak_by_body_or_by_message() {
    let rows = json!([
        { "id": 1, "calloutEventTypeId": 2, "event": { "body": "a", "role": "user" }, "createdAt": "2026-06-10T09:35:04Z" },
        { "id": 2, "message": "b", "createdAt": "2026-06-10T09:35:03Z" },
        { "id": 3, "calloutEventTypeId": 2, "event": "c", "createdAt": "2026-06-10T09:35:02Z" },
        { "id": 4, "calloutEventTypeId": 2, "event": { "message": "d", "role": "ADMIN" }, "createdAt": "2026-06-10T09:35:01Z" },
        { "id": 5, "calloutEventTypeId": 1, "event": { "status": "closed" } },
        { "id": "6", "calloutEventTypeId": 9, "event": { "body": "e", "role": "Robot" } },
    ]);
    let read = |value: Value| decode_comments(value.to_string().as_bytes()).unwrap();
    let chat = read(rows.clone());
    let said: Vec<(&str, Role)> = chat.iter().map(|c| (c.body.as_str(), c.role)).collect();
    let expected =
        [("d", Role::Admin), ("c", Role::Other), ("b", Role::Other), ("a", Role::User), ("e", Role::Other)];
    assert_eq!(said, expected, "oldest first, changes of status left out");
    for wrapped in [
        json!({ "calloutEvents": rows }),
        json!({ "data": rows }),
        json!({ "data": { "calloutEvents": rows } }),
    ] {
        assert_eq!(read(wrapped), chat);
    }
    assert_eq!(decode_comments(b"{}"), Err(DecodeError::NoList));
    assert_eq!(decode_sent(br#"{"message":"comment_created"}"#), None, "no event is shown");
}

#[test]
fn events_inside_a_callout_are_its_chat() {
    let mut sample = json("created.json");
    sample["calloutEvents"] = json("callout-events.json")["calloutEvents"].clone();
    assert_eq!(v1(&sample).comments.unwrap().len(), 2);
    sample["calloutEvents"] = Value::Null;
    assert_eq!(v1(&sample).comments, Some(Vec::new()));
}

#[test]
fn incidents_are_looked_up_in_the_callout_then_in_the_newest() {
    let incident = |name: &str| json!({ "responder": { "name": name }, "supplier": { "name": name } });
    let mut sample = json!({ "id": 7, "status": "Responder Dispatched",
        "incidentInformation": [incident("first"), incident("second")] });
    assert_eq!(v2(&sample).responder.unwrap().name.as_str(), "second");
    sample["responder"] = json!({ "name": "on the callout" });
    sample["responderArrivedAt"] = json!("2026-06-10T09:36:00Z");
    let callout = v2(&sample);
    assert_eq!(callout.responder.unwrap().name.as_str(), "on the callout");
    assert_eq!(callout.supplier.unwrap().name.as_str(), "second");
    assert_eq!(callout.times.arrived, time("2026-06-10T09:36:00Z"));
    assert!(callout.unknown.is_empty(), "{:?}", callout.unknown);
    let object = json!({ "id": 7, "status": "created", "incidentInformation": incident("alone") });
    assert_eq!(v2(&object).responder.unwrap().name.as_str(), "alone");
    let beside =
        json!({ "message": "NEW_CALLOUT", "callout": bare(), "incidentInformation": [incident("beside")] });
    assert_eq!(v2(&beside).responder.unwrap().name.as_str(), "beside");
}

#[test]
fn either_dialect_reads_the_other_s_shape() {
    assert_eq!(v2(&json("closed.json")), v1(&json("closed.json")));
    let nested = json("v2/get-callout.response.json");
    assert_eq!(v1(&nested), v2(&nested));
}

#[test]
fn missing_keys_cost_nothing_and_null_lists_are_empty() {
    for key in json("closed.json").as_object().unwrap().keys() {
        for replacement in
            [None, Some(Value::Null), Some(json!("?")), Some(json!([[]])), Some(json!({ "x": {} }))]
        {
            let mut sample = json("closed.json");
            match replacement {
                None => drop(sample.as_object_mut().unwrap().remove(key)),
                Some(value) => sample[key] = value,
            }
            let outcome = v1::decode_callout(sample.to_string().as_bytes());
            assert!(outcome.is_ok() || matches!(key.as_str(), "id" | "status"), "{key}: {outcome:?}");
        }
    }
    let nothing = v2(&json!({ "id": 7, "status": "created", "incidentInformation": null, "customer": null }));
    assert_eq!(nothing, Callout::new(nothing.id.clone(), Status::Created));
}

#[test]
fn unknown_keys_are_kept() {
    let mut sample = json("created.json");
    sample["etaConfidence"] = json!({ "level": "high" });
    sample["priority"] = json!(3);
    let callout = v1(&sample);
    assert_eq!(callout.unknown["etaConfidence"], r#"{"level":"high"}"#);
    assert_eq!(callout.unknown["priority"], "3");
    assert_eq!(callout.unknown.len(), 2);
    let wire: CalloutV1 = serde_json::from_value(sample.clone()).unwrap();
    assert_eq!(serde_json::to_value(&wire).unwrap(), sample);

    let mut sample = json("v2/get-callout.response.json")["callout"].clone();
    sample["priority"] = json!("high");
    assert_eq!(v2(&sample).unknown["priority"], r#""high""#);
    let wire: NestedCallout = serde_json::from_value(sample.clone()).unwrap();
    assert_eq!(serde_json::to_value(&wire).unwrap(), sample);
}

#[test]
fn a_time_that_cannot_be_read_is_none() {
    let mut sample = json("created.json");
    for time in [json!("yesterday"), json!(""), json!(17), json!(null), json!("2019-06-26 08:26")] {
        sample["createdAt"] = time;
        sample["loggedAt"] = json!("?");
        let callout = v1(&sample);
        assert_eq!(callout.times.created, None);
        assert!(callout.times.acknowledged.is_some());
    }
}

#[test]
fn a_vehicle_is_a_phrase_without_gaps() {
    let mut sample = json("v2/get-callout.response.json");
    sample["callout"]["incidentInformation"][0]["responder"]["vehicleMake"] = Value::Null;
    sample["callout"]["incidentInformation"][0]["responder"]["vehicleModel"] = json!("  ");
    assert_eq!(v2(&sample).responder.unwrap().vehicle.as_str(), "Purple");
}

#[test]
fn the_newest_retraction_counts() {
    let mut sample = json("responder-cancelled.json");
    let mut older = sample["calloutResponderInRanges"][0].clone();
    older["retractedAt"] = json!("2019-07-11T08:00:00.000Z");
    sample["calloutResponderInRanges"].as_array_mut().unwrap().push(older);
    assert_eq!(v1(&sample).times.retracted, time("2019-07-11T08:04:11.632Z"));
}

#[test]
fn a_classification_is_known_by_id_or_by_name() {
    let read = |value: Value| v2(&json!({ "id": 7, "status": "created", "calloutClassification": value }));
    assert_eq!(read(json!({ "id": 2 })).classification, Some(Classification::Test));
    assert_eq!(read(json!({ "value": "real" })).classification, Some(Classification::Real));
    assert_eq!(read(json!({ "value": "DRILL" })).classification, None);
}

#[test]
fn a_cancelled_date_is_read_in_either_case() {
    for key in ["CancelledDate", "cancelledDate"] {
        let row: SubscriptionRecord = serde_json::from_value(json!({ key: "2026-06-10T00:00:00Z" })).unwrap();
        assert_eq!(row.cancelled_date, time("2026-06-10T00:00:00Z"), "{key}");
    }
}

#[test]
fn lists_of_names_are_bare_or_wrapped() {
    let rows = json!([{ "id": "1", "value": "REAL" }, { "value": "no id" }, 5]);
    for reply in [rows.clone(), json!({ "data": rows }), json!({ "calloutClassifications": rows })] {
        let named = decode_named(reply.to_string().as_bytes()).unwrap();
        assert_eq!(named, [(1, "REAL".to_owned())]);
    }
}

#[test]
fn a_request_tells_a_missing_field_from_a_wrong_one() {
    let read = |value: Value| serde_json::from_value::<Coordinates>(value).unwrap();
    let body = read(json!({ "latitude": "-26.5", "longitude": "east", "accuracy": null }));
    assert_eq!(body.latitude.require("location.latitude"), Ok(&Number(-26.5)));
    assert_eq!(
        body.longitude.require("location.longitude"),
        Err("location.longitude is not valid".to_owned())
    );
    assert_eq!(body.accuracy.optional("location.accuracy"), Ok(None));
    assert_eq!(body.accuracy.require("location.accuracy"), Err("location.accuracy is required".to_owned()));
    let create: CreateCallout =
        serde_json::from_value(json!({ "location": "here", "customerId": "5" })).unwrap();
    assert_eq!(create.location, Given::Wrong);
    assert_eq!(create.customer_id.value().and_then(Id::number), Some(5));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        let key = prop_oneof![
            prop::sample::select(vec![
                "id",
                "status",
                "callout",
                "data",
                "location",
                "customer",
                "calloutincidentdetail",
                "responder",
                "calloutlocations",
                "incidentInformation",
                "eta",
                "route",
                "polygons",
                "routes",
                "legs",
                "steps",
                "polyline",
                "points",
                "calloutEvents",
                "event",
                "latitude",
                "longitude",
                "createdAt",
                "url",
            ])
            .prop_map(str::to_owned),
            "[a-z]{1,6}",
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(key, inner, 0..8)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_json_makes_a_decoder_panic(value in any_json(), id in any::<i64>()) {
        let mut with_id = value.clone();
        if let Value::Object(object) = &mut with_id {
            object.insert("id".to_owned(), id.into());
            object.insert("status".to_owned(), "created".into());
        }
        for value in [value, with_id] {
            let body = value.to_string();
            let bytes = body.as_bytes();
            let _ = (v1::decode_callout(bytes), v1::decode_created(bytes), v1::decode_callouts(bytes, ""));
            let _ = (v2::decode_callout(bytes), v2::decode_created(bytes), v2::decode_callouts(bytes, Some(1)));
            let _ = (v2::decode_customer_id(bytes), decode_comments(bytes), decode_sent(bytes), decode_named(bytes));
            let _ = serde_json::from_slice::<TokenReply>(bytes);
            let _ = serde_json::from_slice::<CreateCallout>(bytes);
        }
    }

    #[test]
    fn no_bytes_make_a_decoder_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(v1::decode_callout(&bytes).is_err());
        prop_assert!(v2::decode_callout(&bytes).is_err());
    }

    #[test]
    fn a_damaged_sample_never_makes_a_decoder_panic(at in 0usize..5_000, byte in any::<u8>()) {
        for name in ["closed.json", "v2/get-callout.response.json"] {
            let mut body = fixture(name);
            let length = body.len();
            body[at % length] = byte;
            let _ = (v1::decode_callout(&body), v2::decode_callout(&body));
        }
    }
}
