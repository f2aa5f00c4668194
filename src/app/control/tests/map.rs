//! The map of the control room, and places that are picked on it.

use super::*;
use crate::app::control::Moving;
use crate::geo::view::{self, Frame};

fn frame(console: &Console) -> Frame {
    console.state.control.frame().expect("a chosen callout")
}

fn cell(column: u16, row: u16) -> Target {
    Target::Control(Spot::Map(view::Spot { column, row, columns: 40, rows: 12 }))
}

/// On the map, with the callout in sight.
fn on_the_map() -> Console {
    let mut console = Console::room(vec![case("1", 10), case("2", 20)]);
    console.state.control.focus(Part::Map);
    console
}

#[test]
fn what_the_person_moved_stays_until_it_is_to_show_all_again() {
    let mut console = on_the_map();
    let fitted = frame(&console);
    console.press(Intent::PanLeft);
    let moved = frame(&console);
    assert!(moved.middle.longitude() < fitted.middle.longitude());
    assert!(console.state.control.camera.is_by_hand());
    let far = vec![vehicle(11, 4_000.0), vehicle(12, 500.0)];
    console.look(Survey { vehicles: far, ..survey(vec![case("1", 10), case("2", 20)]) });
    assert_eq!(frame(&console), moved, "nothing jumps when data arrives");
    console.press(Intent::ResetMap);
    assert!(!console.state.control.camera.is_by_hand());
    assert!(frame(&console).reach() > fitted.reach(), "all of it, with who is farther away now");
}

#[test]
fn nearer_and_farther_by_keys_keep_the_middle() {
    let mut console = on_the_map();
    let fitted = frame(&console);
    console.press(Intent::ZoomIn);
    let nearer = frame(&console);
    assert_eq!(nearer.middle, fitted.middle);
    assert!(nearer.reach() < fitted.reach());
    console.press(Intent::ZoomOut);
    assert!((frame(&console).reach() - fitted.reach()).abs() < 1.0);
}

#[test]
fn another_callout_has_a_map_of_its_own() {
    let mut console = on_the_map();
    console.press(Intent::PanUp);
    console.act(|now| Action::Pressed { target: Target::Control(Spot::Callout(1)), now });
    assert!(!console.state.control.camera.is_by_hand());
}

#[test]
fn the_mouse_drags_it_and_comes_nearer_to_what_it_points_at() {
    let mut console = on_the_map();
    let before = frame(&console);
    console.act(|now| Action::Pressed { target: cell(20, 6), now });
    assert_eq!(frame(&console), before, "a click alone moves nothing");
    console.act(|now| Action::Dragged { target: cell(10, 6), now });
    assert!(frame(&console).middle.longitude() > before.middle.longitude());
    let dragged = frame(&console);
    console.act(|now| Action::Wheeled { target: cell(5, 2), lines: -3, now });
    assert!(frame(&console).reach() < dragged.reach());
    let spot = view::Spot { column: 5, row: 2, columns: 40, rows: 12 };
    assert!(spot.place(&dragged).distance_to(spot.place(&frame(&console))) < 1.0);
}

#[test]
fn a_click_is_where_a_vehicle_is_placed() {
    let mut console = on_the_map();
    console.press(Intent::PlaceVehicle);
    let shown = frame(&console);
    console.act(|now| Action::Pressed { target: cell(3, 3), now });
    let spot = view::Spot { column: 3, row: 3, columns: 40, rows: 12 };
    let there = spot.place(&shown);
    assert_eq!(console.state.control.moving, Some(Moving { vehicle: None, to: there }));
    assert!(console.effects.is_empty(), "nothing is sent before it stands");
    console.press(Intent::Submit);
    let orders = console.orders();
    assert!(matches!(orders.as_slice(), [Order::Place { at, .. }] if *at == there), "{orders:?}");
}

#[test]
fn arrows_move_a_vehicle_finer_the_nearer_one_is_and_the_map_goes_with_it() {
    let mut console = on_the_map();
    console.state.control.pick = Pick::Vehicle(12);
    console.press(Intent::MoveVehicle);
    let place = |console: &Console| console.state.control.moving.unwrap().to;
    let step = |console: &mut Console| {
        let before = place(console);
        console.press(Intent::FocusUp);
        before.distance_to(place(console))
    };
    let coarse = step(&mut console);
    for _ in 0..4 {
        console.press(Intent::ZoomIn);
        let (shown, at) = (frame(&console), place(&console));
        assert!(shown.nearest(at).distance_to(at) < 1.0, "nearer to it, not away from it");
    }
    assert!(step(&mut console) < coarse / 3.0);
    console.press(Intent::PanDown);
    for _ in 0..60 {
        console.press(Intent::FocusUp);
    }
    let (shown, at) = (frame(&console), place(&console));
    assert!(shown.nearest(at).distance_to(at) < 1.0, "it is still in sight");
}
