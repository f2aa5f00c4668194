//! Every form of a route that reference §7.4 lists, under each of its names.

use super::{json, place};
use panic_console::api::model::Number;
use panic_console::api::model::route::{Measure, Route};
use panic_console::api::{v1, v2};
use panic_console::geo::Position;
use serde_json::{Value, json};

/// The line of the polyline format's own example.
const ENCODED: &str = "_p~iF~ps|U_ulLnnqC_mqNvxq`@";

fn line() -> Vec<Position> {
    vec![place(38.5, -120.2), place(40.7, -120.95), place(43.252, -126.453)]
}

fn forms() -> Vec<Value> {
    let objects = |latitude: &str, longitude: &str| {
        line().iter().map(|p| json!({ latitude: p.latitude(), longitude: p.longitude() })).collect::<Value>()
    };
    let pairs: Value = line().iter().map(|p| json!([p.latitude(), p.longitude()])).collect();
    let strings: Value = line()
        .iter()
        .map(|p| json!({ "lat": p.latitude().to_string(), "lng": p.longitude().to_string() }))
        .collect();
    vec![
        json!(ENCODED),
        objects("latitude", "longitude"),
        objects("lat", "lng"),
        pairs.clone(),
        strings,
        json!({ "polyline": ENCODED }),
        json!({ "points": pairs }),
        json!({ "overview_polyline": { "points": ENCODED } }),
        directions(),
        json!({ "routes": [directions(), { "overview_polyline": { "points": "_p~iF~ps|U_ulLnnqC" } }] }),
    ]
}

/// Directions of which the steps are finer than the overview.
fn directions() -> Value {
    json!({
        "overview_polyline": { "points": "_p~iF~ps|U_ulLnnqC" },
        "legs": [{ "steps": [
            { "polyline": { "points": "_p~iF~ps|U_ulLnnqC" } },
            { "polyline": { "points": panic_console::geo::encode_polyline(&line()[1..]) } },
        ] }],
    })
}

#[test]
fn every_form_under_every_name() {
    for form in forms() {
        for name in ["route", "routes", "polygons"] {
            let mut first = json("created.json");
            first[name] = form.clone();
            let callout = v1::decode_callout(first.to_string().as_bytes()).unwrap();
            assert_eq!(callout.route, Some(line()), "v1 {name}: {form}");
            assert!(callout.unknown.is_empty(), "{name}: {:?}", callout.unknown);

            let mut second = json("v2/get-callout.response.json");
            second["callout"][name] = form.clone();
            let callout = v2::decode_callout(second.to_string().as_bytes()).unwrap();
            assert_eq!(callout.route, Some(line()), "v2 {name}: {form}");
        }
    }
}

#[test]
fn pieces_are_strung_together() {
    for name in ["route", "polygons"] {
        let mut sample = json("created.json");
        sample[name] = json!([{ "polyline": "_p~iF~ps|U_ulLnnqC" }, [[40.7, -120.95], [43.252, -126.453]]]);
        let callout = v1::decode_callout(sample.to_string().as_bytes()).unwrap();
        assert_eq!(callout.route, Some(line()), "{name}");
    }
}

#[test]
fn alternatives_are_not_strung_together() {
    let mut sample = json("created.json");
    sample["routes"] = json!([{ "polyline": ENCODED }, { "polyline": "_p~iF~ps|U_ulLnnqC" }]);
    assert_eq!(v1::decode_callout(sample.to_string().as_bytes()).unwrap().route, Some(line()));
}

#[test]
fn what_is_no_line_is_no_route() {
    let deep = (0..50).fold(json!(ENCODED), |inner, _| json!({ "route": inner }));
    for form in [
        json!(null),
        json!(""),
        json!("\u{1}"),
        json!([]),
        json!({}),
        json!([{ "latitude": 1, "longitude": 2 }]),
        json!([{ "latitude": 1, "longitude": 2 }, { "latitude": 99, "longitude": 2 }]),
        json!([[1], [2]]),
        json!(7),
        deep,
    ] {
        let mut sample = json("created.json");
        sample["route"] = form.clone();
        assert_eq!(v1::decode_callout(sample.to_string().as_bytes()).unwrap().route, None, "{form}");
    }
}

#[test]
fn our_own_form_is_written_as_it_was_read() {
    let measure =
        |text: &str, value: f64| Measure { text: Some(text.to_owned()), value: Some(Number(value)) };
    let route = Route::new(&line(), measure("1.2 km", 1_213.0), measure("3 mins", 195.0));
    let written = serde_json::to_value(&route).unwrap();
    assert_eq!(written["polyline"], ENCODED);
    assert_eq!(written["points"][0], json!({ "latitude": 38.5, "longitude": -120.2 }));
    assert_eq!(written["distance"], json!({ "text": "1.2 km", "value": 1213 }));
    let read: Route = serde_json::from_value(written.clone()).unwrap();
    assert_eq!(read, route);
    assert_eq!(read.line(), line());
}
