//! Vehicles: how near, picked, placed, moved, switched.

use super::*;

fn picks(console: &Console) -> Vec<Pick> {
    let room = &console.state.control;
    (0..room.fleet_rows()).map(|row| room.pick_at(row)).collect()
}

#[test]
fn the_nearest_stand_first_and_companies_last() {
    let console = Console::room(vec![case("1", 10)]);
    assert_eq!(picks(&console), [Pick::Nearest, Pick::Vehicle(12), Pick::Vehicle(11), Pick::Company(21)]);
    let nearest = console.state.control.fleet[0];
    assert!((nearest.metres.unwrap() - 500.0).abs() < 5.0 && !nearest.by_road);
    assert!((nearest.seconds.unwrap() - 52.0).abs() < 2.0, "{nearest:?}");
}

#[test]
fn what_the_simulator_told_of_the_way_is_no_guess() {
    let told = Candidate { responder: 11, distance_m: 2_600.0, duration_s: 208.0, declined: false };
    let console = Console::room(vec![Case { candidates: vec![told], ..case("1", 10) }]);
    let ranked = console.state.control.fleet[1];
    assert_eq!((ranked.metres, ranked.seconds, ranked.by_road), (Some(2_600.0), Some(208.0), true));
}

#[test]
fn who_cannot_go_stands_below_who_can() {
    let mut console = Console::room(vec![case("1", 10), case("2", 20)]);
    let busy = Vehicle { callout: Some(id("2")), ..vehicle(13, 100.0) };
    let off = Vehicle { on: false, ..vehicle(14, 50.0) };
    let sent = Vehicle { callout: Some(id("1")), ..vehicle(15, 4_000.0) };
    let vehicles = vec![off, busy, vehicle(11, 2_000.0), sent];
    console.look(Survey { vehicles, ..survey(vec![case("1", 10), case("2", 20)]) });
    let order = [15, 11, 13, 14].map(Pick::Vehicle);
    assert_eq!(picks(&console)[1..5], order);
}

#[test]
fn the_pick_stays_on_its_vehicle_and_goes_with_the_callout() {
    let mut console = Console::room(vec![case("1", 10), case("2", 20)]);
    console.press(Intent::NextPane);
    console.press(Intent::NextPane);
    assert_eq!(console.state.control.focus, Part::Vehicles);
    console.press(Intent::ScrollDown);
    assert_eq!(console.state.control.pick, Pick::Vehicle(12));
    let vehicles = vec![vehicle(11, 100.0), vehicle(12, 500.0)];
    console.look(Survey { vehicles, ..survey(vec![case("1", 10), case("2", 20)]) });
    assert_eq!(console.state.control.pick, Pick::Vehicle(12));
    console.act(|now| Action::Pressed { target: Target::Control(Spot::Callout(1)), now });
    assert_eq!((console.chosen(), console.state.control.pick), ("2", Pick::Nearest));
    console.act(|now| Action::Pressed { target: Target::Control(Spot::Fleet(2)), now });
    assert_eq!(console.state.control.pick, Pick::Vehicle(12));
    console.look(Survey { vehicles: Vec::new(), ..survey(vec![case("2", 20)]) });
    assert_eq!(console.state.control.pick, Pick::Nearest, "it is gone");
}

#[test]
fn a_vehicle_is_moved_by_arrows_and_written_once() {
    let mut console = Console::room(vec![case("1", 10)]);
    console.state.control.pick = Pick::Vehicle(12);
    let from = console.state.control.picked().unwrap().position;
    console.press(Intent::MoveVehicle);
    for intent in [Intent::FocusUp, Intent::FocusUp, Intent::FocusRight] {
        console.press(intent);
        assert!(console.effects.is_empty());
    }
    console.press(Intent::Submit);
    let orders = console.orders();
    let [Order::Move { vehicle: 12, to }] = orders.as_slice() else { panic!("{orders:?}") };
    let (east, north) = crate::geo::view::Plane::around(from).flat(*to);
    assert!(east > 10.0 && (north - 2.0 * east).abs() < 1.0, "two steps north, one east: {east}, {north}");
    assert_eq!(console.state.control.picked().unwrap().position, *to, "it does not jump back meanwhile");
}

#[test]
fn escape_leaves_it_where_it_was() {
    let mut console = Console::room(vec![case("1", 10)]);
    console.state.control.pick = Pick::Vehicle(12);
    console.press(Intent::MoveVehicle);
    console.press(Intent::FocusUp);
    console.press(Intent::Back);
    assert_eq!((console.state.control.moving, console.state.in_flight.len()), (None, 0));
}

#[test]
fn one_that_is_sent_meanwhile_is_not_moved() {
    let mut console = Console::room(vec![case("1", 10)]);
    console.state.control.pick = Pick::Vehicle(12);
    console.press(Intent::MoveVehicle);
    let sent = Vehicle { callout: Some(id("1")), ..vehicle(12, 500.0) };
    console.look(Survey { vehicles: vec![sent], ..survey(vec![case("1", 10)]) });
    assert_eq!(console.state.control.moving, None);
    console.press(Intent::MoveVehicle);
    assert_eq!(console.state.control.moving, None);
    assert!(console.notice().contains("on a callout"));
}

#[test]
fn a_new_one_is_placed_beside_the_callout_and_answers_it() {
    for (demo, response_type) in [(false, 1), (true, 3)] {
        let mut console = Console::room(vec![Case { response_type, ..case("1", 10) }]);
        console.press(Intent::PlaceVehicle);
        assert!(console.effects.is_empty(), "it is placed when it stands");
        console.press(Intent::Submit);
        let orders = console.orders();
        let [Order::Place { callsign, demo: placed, at, .. }] = orders.as_slice() else {
            panic!("{orders:?}")
        };
        assert_eq!((callsign.as_str(), *placed), ("PC-1", demo));
        assert!((at.distance_to(place()) - 400.0).abs() < 1.0);
    }
}

#[test]
fn switching_turns_what_it_is() {
    let mut console = Console::room(vec![case("1", 10)]);
    console.press(Intent::SwitchVehicle);
    assert!(console.effects.is_empty() && console.notice().contains("choose a vehicle"));
    console.state.control.pick = Pick::Vehicle(12);
    console.press(Intent::SwitchVehicle);
    assert_eq!(console.orders(), [Order::Switch { vehicle: 12, on: false }]);
    let call = console.asked();
    let off = Vehicle { on: false, ..vehicle(12, 500.0) };
    console.answer(call, Ok(Answer::Control(Told::Vehicle(Box::new(off)))));
    assert!(!console.state.control.picked().unwrap().on);
    assert!(console.looking().is_some());
}
