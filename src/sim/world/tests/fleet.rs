//! Suppliers, responders, demo vehicles, and the drive to the scene.

use super::*;
use crate::geo;

fn officer(name: &str) -> ResponderFields {
    ResponderFields {
        name: name.to_owned(),
        surname: "McTestFace".to_owned(),
        callsign: "Alpha 1".to_owned(),
        mobile: "+27000000009".to_owned(),
        vehicle_make: "Boxcart".to_owned(),
        vehicle_model: "Cardboard".to_owned(),
        vehicle_colour: "Purple".to_owned(),
        vehicle_license_plate: "TEST 01 GP".to_owned(),
    }
}

fn put(rig: &mut Rig, position: Position) -> ResponderId {
    let new = NewResponder { supplier: None, fields: officer("Testy"), position, active: true };
    match rig.apply(Command::PutResponder(Box::new(new))) {
        Ok(Reply::Responder(id)) => id,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_place_without_vehicles_gets_demo_vehicles_once() {
    let mut rig = Rig::new();
    let callout = rig.raise();
    let placed: Vec<_> = rig.world.responders().cloned().collect();
    assert!((2..=4).contains(&placed.len()));
    for responder in &placed {
        let metres = responder.resting.position.distance_to(scene());
        assert!((500.0..1_600.0).contains(&metres), "{metres}");
        assert!(responder.fields.mobile.starts_with("+27000"), "a number that nobody has");
    }
    let names: std::collections::BTreeSet<_> = placed.iter().map(|r| &r.fields.name).collect();
    assert_eq!(names.len(), placed.len(), "nobody twice");
    assert_eq!(rig.world.suppliers().count(), 2);
    rig.steps(callout, "close");
    rig.raise();
    assert_eq!(rig.world.responders().count(), placed.len());
    let far = rig.new_customer("+27820000001");
    rig.raise_as(Raise { who: Who::ById(far), position: at(-33.9, 18.4), ..rig.raising() });
    assert!(rig.world.responders().count() > placed.len());
}

#[test]
fn the_same_seed_makes_the_same_fleet() {
    let fleet = |seed| {
        let mut rig = Rig { world: World::new(seed), ..Rig::new() };
        let (client_id, raising) = ("demo-client".to_owned(), rig.raising());
        rig.apply(Command::OpenSource { client_id }).unwrap();
        rig.new_customer("+27831234567");
        rig.raise_as(raising);
        rig.world.responders().map(|r| (r.fields.clone(), r.resting.position)).collect::<Vec<_>>()
    };
    assert_eq!(fleet(1), fleet(1));
    assert_ne!(fleet(1), fleet(2));
}

#[test]
fn own_vehicles_keep_demo_vehicles_away() {
    let mut rig = Rig::new();
    let responder = put(&mut rig, scene().towards(10.0, 4_000.0));
    let callout = rig.raise();
    let candidates: Vec<_> = rig.record(callout).candidates.iter().map(|c| c.responder).collect();
    assert_eq!(candidates, [responder]);
    rig.steps(callout, "dispatch");
    assert_eq!(rig.record(callout).assignment().unwrap().responder, Some(responder));
}

#[test]
fn the_suppliers_in_range_are_those_of_who_may_still_come() {
    let mut rig = Rig::new();
    put(&mut rig, scene().towards(10.0, 900.0));
    let callout = rig.raise();
    let supplier = rig.world.responders().next().unwrap().supplier;
    assert_eq!(rig.world.suppliers_in_range(rig.record(callout)), [supplier]);
    rig.steps(callout, "dispatch cancel-responder");
    assert!(rig.world.suppliers_in_range(rig.record(callout)).is_empty());
}

#[test]
fn range_reaches_over_the_date_line_and_ends_at_five_kilometres() {
    let mut rig = Rig::new();
    let near = put(&mut rig, at(-17.0, 179.99));
    put(&mut rig, at(-17.0, 179.9));
    let callout = rig.raise_as(Raise { position: at(-17.0, -179.99), ..rig.raising() });
    let candidates: Vec<_> = rig.record(callout).candidates.iter().map(|c| c.responder).collect();
    assert_eq!(candidates, [near]);
}

#[test]
fn responders_and_suppliers_can_be_changed_and_removed() {
    let mut rig = Rig::new();
    let responder = put(&mut rig, scene());
    let place = at(-26.12, 28.09);
    let patch = Box::new(ResponderPatch {
        position: Some(place),
        callsign: Some("Kilo 7".to_owned()),
        ..ResponderPatch::default()
    });
    rig.apply(Command::PatchResponder { responder, patch: patch.clone() }).unwrap();
    let record = rig.world.responder(responder).unwrap().clone();
    assert_eq!((record.resting.position, record.fields.callsign.as_str()), (place, "Kilo 7"));

    let callout = rig.raise();
    rig.steps(callout, "dispatch");
    assert!(matches!(rig.apply(Command::PatchResponder { responder, patch }), Err(Refusal::Busy { .. })));
    assert!(matches!(rig.apply(Command::DeleteResponder(responder)), Err(Refusal::Busy { .. })));
    rig.steps(callout, "arrive complete close");
    let supplier = record.supplier;
    assert!(matches!(rig.apply(Command::DeleteSupplier(supplier)), Err(Refusal::Invalid { .. })));
    rig.apply(Command::DeleteResponder(responder)).unwrap();
    rig.apply(Command::DeleteSupplier(supplier)).unwrap();
    assert_eq!(rig.world.responders().count(), 0);
    assert!(rig.world.responder(responder).is_some(), "old callouts still name it");
    assert_eq!(rig.apply(Command::DeleteResponder(responder)), Err(Refusal::NotFound { what: "Responder" }));
    rig.assert_replays();
}

#[test]
fn a_supplier_is_made_and_patched() {
    let mut rig = Rig::new();
    let fields: SupplierFields =
        serde_json::from_str(r#"{"name":"Example Security","contactNumber":"+27000000003"}"#).unwrap();
    let Ok(Reply::Supplier(supplier)) = rig.apply(Command::PutSupplier(Box::new(fields))) else { panic!() };
    let patch = SupplierPatch { region: Some("Gauteng".to_owned()), ..SupplierPatch::default() };
    rig.apply(Command::PatchSupplier { supplier, patch }).unwrap();
    let fields = &rig.world.supplier(supplier).unwrap().fields;
    assert_eq!((fields.name.as_str(), fields.region.as_str()), ("Example Security", "Gauteng"));
    let patch = SupplierPatch { name: Some(" ".to_owned()), ..SupplierPatch::default() };
    let refused = rig.apply(Command::PatchSupplier { supplier, patch });
    assert!(matches!(refused, Err(Refusal::Invalid { field: "name", .. })));
    let callout = rig.raise();
    rig.step(callout, Step::DispatchManually { supplier_id: Some(supplier) }).unwrap();
    assert_eq!(rig.record(callout).assignment().unwrap().supplier, supplier);
}

#[test]
fn the_responder_nears_the_scene_and_reports_each_five_seconds() {
    let mut rig = Rig::on("happy-path");
    let callout = rig.raise();
    rig.after(22.0);
    let (mut last_left, mut last_id) = (f64::INFINITY, 0);
    let reserved = rig.record(callout).assignment().unwrap().journey.clone().unwrap();
    for second in 0..75 {
        let record = rig.record(callout);
        assert_eq!(record.status, Status::Dispatched, "second {second}");
        let fix = rig.world.responder_fix(record, rig.now).unwrap();
        let route = rig.world.route(record, rig.now).unwrap();
        let eta = rig.world.eta(record, rig.now).unwrap();
        let left = geo::length(&route);
        assert!(left <= last_left, "second {second}");
        assert_eq!(left < last_left, second % 5 == 0, "reports each 5 s only");
        assert_eq!(fix.id > last_id, second % 5 == 0);
        assert_eq!((route[0], *route.last().unwrap()), (fix.position, scene()));
        assert!((f64::from(eta.distance_m) - left).abs() < 5.0, "{eta:?} {left}");
        assert_eq!(eta.duration_s, 75 - second / 5 * 5);
        assert_eq!(eta.id - reserved.first_eta, fix.id - reserved.first_fix);
        assert!(fix.at <= rig.now && fix.at == eta.at);
        (last_left, last_id) = (left, fix.id);
        rig.after(1.0);
    }
    assert_eq!(rig.status(callout), "Responder Arrived");
}

#[test]
fn a_responder_at_the_end_of_its_route_waits_there() {
    let mut rig = Rig::new();
    let callout = rig.raise();
    rig.steps(callout, "dispatch");
    rig.after(36_000.0);
    let record = rig.record(callout);
    assert_eq!(record.status, Status::Dispatched);
    let eta = rig.world.eta(record, rig.now).unwrap();
    assert_eq!((eta.distance_m, eta.duration_s), (0, 0));
    let fix = rig.world.responder_fix(record, rig.now).unwrap();
    assert!(fix.position.distance_to(scene()) < 2.0);
    let on_duty = rig.world.responder(record.assignment().unwrap().responder.unwrap()).unwrap();
    assert_eq!(rig.world.responder_position(on_duty, rig.now), fix);
}

#[test]
fn the_route_ends_where_the_customer_is_now() {
    let mut rig = Rig::new();
    let callout = rig.raise();
    rig.steps(callout, "dispatch");
    let moved = scene().towards(90.0, 60.0);
    rig.locate(callout, moved).unwrap();
    let route = rig.world.route(rig.record(callout), rig.now).unwrap();
    assert_eq!(route.last(), Some(&moved));
}
