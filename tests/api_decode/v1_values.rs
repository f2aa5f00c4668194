//! The eight samples of v1.

use super::{fixture, place, time};
use panic_console::api::decode::decode_comments;
use panic_console::api::v1::{decode_callout, decode_callouts};
use panic_console::app::callout::{
    Callout, Classification, Comment, Eta, Fix, Responder, Role, Status, Supplier, Times,
};

fn decoded(name: &str) -> Callout {
    decode_callout(&fixture(&format!("{name}.json"))).unwrap()
}

fn scene() -> Fix {
    Fix { position: place(-26.109_095_4, 28.083_004_6), accuracy: None, at: time("2019-06-26T08:26:35.011Z") }
}

fn created_times() -> Times {
    Times {
        created: time("2019-06-26T08:26:34.150Z"),
        acknowledged: time("2019-06-26T08:26:49.451Z"),
        updated: time("2019-06-26T08:26:49.451Z"),
        ..Times::default()
    }
}

fn dispatched_times() -> Times {
    Times {
        owned: time("2019-06-26T08:28:57.630Z"),
        verified: time("2019-06-26T08:29:03.340Z"),
        dispatched: time("2019-06-26T08:29:22.141Z"),
        updated: time("2019-06-26T08:29:22.142Z"),
        ..created_times()
    }
}

fn supplier() -> Supplier {
    Supplier { name: "Suppy Liar".into(), contact_number: "+27000000001".into() }
}

fn responder(last_fix: Fix) -> Responder {
    Responder {
        id: "8".into(),
        name: "Testy McTestFace".into(),
        callsign: "testy".into(),
        mobile: "responder.demo@example.com".into(),
        vehicle: "Purple Boxcart Cardboard".into(),
        plate: "derp".into(),
        last_fix: Some(last_fix),
    }
}

fn at_the_scene() -> Fix {
    Fix {
        position: place(-26.109_095_000_000_003, 28.083_003_333_333_334),
        accuracy: Some(20.0),
        at: time("2019-06-26T08:31:08.744Z"),
    }
}

/// What every sample of callout 570 has in common.
fn assert_570(callout: &Callout) {
    assert_eq!(callout.id.as_str(), "570");
    assert!(!callout.cancelled_by_customer);
    assert_eq!(callout.classification, Some(Classification::Test));
    assert_eq!(callout.response_type_id, Some(1));
    assert_eq!(callout.customer_name.as_str(), "Testy McTestFace");
    assert_eq!(callout.location, Some(scene()));
    assert_eq!(callout.address.as_str(), "33 4th St, Wynberg, Sandton, 2090, South Africa");
    assert_eq!((&callout.route, &callout.comments, &callout.tracking), (&None, &None, &None));
    assert!(callout.unknown.is_empty(), "{:?}", callout.unknown);
}

#[test]
fn created() {
    let callout = decoded("created");
    assert_570(&callout);
    assert_eq!(callout.status, Status::Created);
    assert_eq!(callout.times, created_times());
    assert_eq!((&callout.responder, &callout.supplier, &callout.eta), (&None, &None, &None));
    assert!(callout.incident_details.is_empty());
}

#[test]
fn responder_dispatched_by_the_app() {
    let callout = decoded("responder-dispatched-tech");
    assert_570(&callout);
    assert_eq!(callout.status, Status::Dispatched);
    assert_eq!(callout.times, dispatched_times());
    assert_eq!(callout.supplier, Some(supplier()));
    let on_the_way = Fix {
        position: place(-26.113_298_333_333_333, 28.084_800_000_000_005),
        accuracy: Some(20.0),
        at: time("2019-06-26T08:29:13.655Z"),
    };
    assert_eq!(callout.responder, Some(responder(on_the_way)));
    assert_eq!(
        callout.eta,
        Some(Eta {
            distance_m: Some(1_213.0),
            duration_s: Some(195.0),
            at: time("2019-06-26T08:29:22.541Z"),
        })
    );
    assert!(!callout.is_manual_dispatch());
}

#[test]
fn responder_dispatched_by_hand() {
    let callout = decoded("responder-dispatched-manual");
    assert_eq!(callout.id.as_str(), "21671");
    assert_eq!(callout.status, Status::Dispatched);
    assert_eq!(callout.customer_name.as_str(), "Demo Customer");
    assert_eq!(callout.responder, None);
    assert_eq!(
        callout.supplier,
        Some(Supplier { name: "Example Security".into(), contact_number: "0000000002".into() })
    );
    assert_eq!(callout.eta, None);
    assert_eq!(callout.times.dispatched, time("2019-10-21T08:27:29.483Z"));
    assert_eq!(callout.times.verified, time("2019-10-21T08:27:18.985Z"));
    assert_eq!(callout.location.map(|fix| fix.position), Some(place(-33.863_385_4, 18.641_499_4)));
    assert!(callout.is_manual_dispatch());
    assert!(callout.unknown.is_empty(), "{:?}", callout.unknown);
}

#[test]
fn responder_cancelled() {
    let callout = decoded("responder-cancelled");
    assert_eq!(callout.id.as_str(), "9301");
    assert_eq!(callout.status, Status::ResponderCancelled);
    assert_eq!(callout.times.retracted, time("2019-07-11T08:04:11.632Z"));
    assert_eq!(callout.times.dispatched, None, "the detail is reset");
    assert_eq!((&callout.responder, &callout.supplier), (&None, &None));
    assert_eq!(callout.eta, None, "the last ETA is left behind, but nobody is under way");
    assert_eq!(callout.location.map(|fix| fix.position), Some(place(-25.8382, 28.19032)));
    assert_eq!(callout.address.as_str(), "237 Glover Ave, Die Hoewes, Centurion, 0163, South Africa");
}

#[test]
fn responder_arrived() {
    let callout = decoded("responder-arrived");
    assert_570(&callout);
    assert_eq!(callout.status, Status::Arrived);
    assert_eq!(
        callout.times,
        Times {
            arrived: time("2019-06-26T08:31:08.847Z"),
            updated: time("2019-06-26T08:31:08.848Z"),
            ..dispatched_times()
        }
    );
    assert_eq!(callout.responder, Some(responder(at_the_scene())));
    assert_eq!(
        callout.eta,
        Some(Eta { distance_m: Some(0.0), duration_s: Some(0.0), at: time("2019-06-26T08:31:09.216Z") }),
        "the texts still say 1 min and 1 m"
    );
}

#[test]
fn responder_completed() {
    let callout = decoded("responder-completed");
    assert_570(&callout);
    assert_eq!(callout.status, Status::Completed);
    assert_eq!(callout.times.arrived, time("2019-06-26T08:31:08.847Z"));
    assert_eq!(callout.times.completed, time("2019-06-26T08:32:09.371Z"));
    assert_eq!(callout.times.resolved, None);
    assert_eq!(callout.responder, Some(responder(at_the_scene())));
}

#[test]
fn closed() {
    let callout = decoded("closed");
    assert_570(&callout);
    assert!(callout.status.is_closed());
    assert_eq!(
        callout.times,
        Times {
            dispatched: time("2019-06-26T08:29:22Z"),
            arrived: time("2019-06-26T08:31:08Z"),
            completed: time("2019-06-26T08:32:09.371Z"),
            resolved: time("2019-06-26T08:32:44Z"),
            updated: time("2019-06-26T08:32:44.257Z"),
            ..dispatched_times()
        }
    );
    assert_eq!(callout.incident_details.as_str(), "test");
    assert_eq!(callout.supplier, Some(supplier()));
}

#[test]
fn callout_events() {
    let chat = decode_comments(&fixture("callout-events.json")).unwrap();
    assert_eq!(
        chat,
        [
            Comment {
                id: "103".into(),
                role: Role::User,
                author: "Testy McTestFace".into(),
                body: "Another example message to add".into(),
                at: time("2020-02-07T08:39:30.721Z"),
            },
            Comment {
                id: "104".into(),
                role: Role::Admin,
                author: "Demo Controller".into(),
                body: "Welcome".into(),
                at: time("2020-02-07T08:46:36.167Z"),
            },
        ]
    );
}

#[test]
fn a_list_holds_what_is_not_closed() {
    let rows = format!(
        "[{},{},7,{{}}]",
        String::from_utf8(fixture("created.json")).unwrap(),
        String::from_utf8(fixture("closed.json")).unwrap(),
    );
    assert_eq!(decode_callouts(rows.as_bytes(), "+27831234567").unwrap(), [decoded("created")]);
    assert_eq!(decode_callouts(rows.as_bytes(), "+27000000009").unwrap(), [], "somebody else's");
}
