//! Suppliers, responders, demo vehicles, and the drive to the scene.

use super::*;
use crate::geo;

pub(super) fn officer(name: &str) -> ResponderFields {
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
    put_as(rig, position, false, &ResponseType::ALL)
}

fn put_as(rig: &mut Rig, position: Position, demo: bool, types: &[ResponseType]) -> ResponderId {
    let new = NewResponder {
        supplier: None,
        fields: officer("Testy"),
        position,
        active: true,
        demo,
        response_types: types.iter().copied().collect(),
    };
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

/// A callout of somebody new, at the usual place.
fn another(rig: &mut Rig, mobile: &str, changed: impl FnOnce(Raise) -> Raise) -> CalloutId {
    let customer = rig.new_customer(mobile);
    let raise = changed(Raise { who: Who::ById(customer), ..rig.raising() });
    rig.raise_as(raise)
}

fn candidates(rig: &Rig, callout: CalloutId) -> Vec<ResponderId> {
    rig.record(callout).candidates.iter().map(|candidate| candidate.responder).collect()
}

#[test]
fn every_callout_gets_a_vehicle_as_long_as_twelve_suffice() {
    let mut rig = Rig::new();
    let mut sent = std::collections::BTreeSet::new();
    for number in 10..22 {
        let callout = another(&mut rig, &format!("+278200000{number}"), |raise| raise);
        rig.steps(callout, "dispatch");
        assert!(sent.insert(rig.record(callout).assignment().unwrap().responder.unwrap()));
    }
    let last = another(&mut rig, "+27820000099", |raise| raise);
    assert!(candidates(&rig, last).is_empty());
    let refused = rig.step(last, Step::Dispatch { responder_id: None });
    assert!(matches!(refused, Err(Refusal::NoResponder { .. })), "{refused:?}");
    assert_eq!(rig.world.responders().count(), 12);
    let distinct = |of: fn(&ResponderFields) -> &String| {
        rig.world.responders().map(|r| of(&r.fields)).collect::<std::collections::BTreeSet<_>>().len()
    };
    assert_eq!(distinct(|fields| &fields.name), 12);
    assert_eq!(distinct(|fields| &fields.callsign), 12);
    assert_eq!(distinct(|fields| &fields.vehicle_license_plate), 12);
    assert_eq!(distinct(|fields| &fields.mobile), 12);
    rig.assert_replays();
}

#[test]
fn when_the_vehicles_have_gone_elsewhere_meanwhile_one_more_is_sent() {
    let mut rig = Rig::new();
    let first = rig.raise();
    let fleet = rig.world.responders().count();
    let others: Vec<_> =
        (0..fleet).map(|n| another(&mut rig, &format!("+2782000000{n}"), |raise| raise)).collect();
    for callout in others {
        rig.steps(callout, "dispatch");
    }
    assert_eq!(rig.world.responders().count(), fleet);
    rig.steps(first, "dispatch");
    assert_eq!(rig.world.responders().count(), fleet + 1);
    assert!(rig.record(first).candidates.iter().any(|candidate| candidate.acknowledged));
    rig.assert_replays();
}

#[test]
fn nobody_is_added_to_those_who_declined_or_were_switched_off() {
    let mut rig = Rig::new();
    let callout = rig.raise();
    let fleet: Vec<_> = rig.world.responders().map(|responder| responder.id).collect();
    for responder in &fleet {
        rig.step(callout, Step::Decline { responder_id: Some(*responder) }).unwrap();
    }
    let refused = rig.step(callout, Step::Dispatch { responder_id: None });
    assert!(matches!(refused, Err(Refusal::NoResponder { .. })), "{refused:?}");
    for responder in &fleet {
        let patch = Box::new(ResponderPatch { active: Some(false), ..ResponderPatch::default() });
        rig.apply(Command::PatchResponder { responder: *responder, patch }).unwrap();
    }
    let other = another(&mut rig, "+27820000001", |raise| raise);
    assert!(candidates(&rig, other).is_empty());
    assert_eq!(rig.world.responders().count(), fleet.len());
}

#[test]
fn own_vehicles_that_are_all_busy_are_not_topped_up() {
    let mut rig = Rig::new();
    put(&mut rig, scene().towards(10.0, 900.0));
    let callout = rig.raise();
    rig.steps(callout, "dispatch");
    let other = another(&mut rig, "+27820000001", |raise| raise);
    let refused = rig.step(other, Step::Dispatch { responder_id: None });
    assert!(matches!(refused, Err(Refusal::NoResponder { .. })), "{refused:?}");
    assert_eq!(rig.world.responders().count(), 1);
}

#[test]
fn demonstrations_ring_demo_vehicles_only_and_nothing_else_rings_them() {
    let mut rig = Rig::new();
    let own = put(&mut rig, scene().towards(10.0, 500.0));
    let demo = put_as(&mut rig, scene().towards(20.0, 900.0), true, &ResponseType::ALL);
    let real = rig.raise();
    assert_eq!(candidates(&rig, real), [own]);
    let marked = another(&mut rig, "+27820000001", |raise| Raise { internal_test: true, ..raise });
    assert_eq!(candidates(&rig, marked), [demo]);
    let typed = another(&mut rig, "+27820000002", |raise| Raise { response_type_id: 3, ..raise });
    assert_eq!(candidates(&rig, typed), [demo]);
    rig.steps(typed, "dispatch");
    assert_eq!(rig.record(typed).assignment().unwrap().responder, Some(demo));
    assert_eq!(rig.world.responders().count(), 2, "no stand-ins beside vehicles that were placed");
}

#[test]
fn stand_ins_serve_what_no_placed_vehicle_does() {
    let mut rig = Rig::new();
    let demo = put_as(&mut rig, scene().towards(20.0, 900.0), true, &ResponseType::ALL);
    let real = rig.raise();
    let found = candidates(&rig, real);
    assert!(!found.is_empty() && !found.contains(&demo), "a demo vehicle goes to no real callout");
    let marked = another(&mut rig, "+27820000001", |raise| Raise { internal_test: true, ..raise });
    assert_eq!(candidates(&rig, marked), [demo]);
    let kinds: Vec<_> = found.iter().map(|id| rig.world.responder(*id).unwrap().service.kind).collect();
    assert!(kinds.iter().all(|kind| *kind == VehicleKind::StandIn && kind.is_demo()));
}

#[test]
fn a_vehicle_answers_the_response_types_it_is_equipped_for() {
    let mut rig = Rig::new();
    let guard = put_as(&mut rig, scene().towards(10.0, 500.0), false, &[ResponseType::Security]);
    let medic = put_as(&mut rig, scene().towards(20.0, 900.0), false, &[ResponseType::Medical]);
    let armed = rig.raise();
    assert_eq!(candidates(&rig, armed), [guard]);
    let medical = another(&mut rig, "+27820000001", |raise| Raise { response_type_id: 2, ..raise });
    assert_eq!(candidates(&rig, medical), [medic]);
    let patch = |patch| Command::PatchResponder { responder: medic, patch: Box::new(patch) };
    let both = Some(ResponseType::ALL.into());
    rig.apply(patch(ResponderPatch { response_types: both, ..ResponderPatch::default() })).unwrap();
    let third = another(&mut rig, "+27820000002", |raise| raise);
    assert_eq!(candidates(&rig, third), [guard, medic]);
    let none = Some(std::collections::BTreeSet::new());
    let refused = rig.apply(patch(ResponderPatch { response_types: none, ..ResponderPatch::default() }));
    assert!(matches!(refused, Err(Refusal::Invalid { field: "responseTypes", .. })), "{refused:?}");
    rig.apply(patch(ResponderPatch { demo: Some(true), ..ResponderPatch::default() })).unwrap();
    let fourth = another(&mut rig, "+27820000003", |raise| raise);
    assert_eq!(candidates(&rig, fourth), [guard]);
    rig.assert_replays();
}
