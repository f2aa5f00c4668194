use super::super::map::{Follow, shown};
use super::*;
use crate::geo::view::{Frame, Spot, View};

const COLUMNS: u16 = 60;
const ROWS: u16 = 20;

/// Somebody is on the way, so far from us and to the north-west.
fn coming(metres: f64) -> Console {
    let mut console = Console::live();
    hear(&mut console, metres);
    console
}

fn hear(console: &mut Console, metres: f64) {
    let position = settings().start.towards(315.0, metres);
    let mut callout = Callout { comments: Some(Vec::new()), ..Callout::new(id("7"), Status::Dispatched) };
    callout.responder = Some(Responder {
        id: "17".into(),
        name: "Testy McTestFace".into(),
        callsign: "ALPHA 7".into(),
        mobile: "".into(),
        vehicle: "".into(),
        plate: "".into(),
        last_fix: Some(Fix { position, accuracy: None, at: None }),
    });
    console.next_poll(callout);
}

fn is_seen(frame: &Frame, place: Position) -> bool {
    let view = View::of(frame, COLUMNS, ROWS);
    let (x, y) = view.dot(place);
    (0.0..view.size.0).contains(&x) && (0.0..view.size.1).contains(&y)
}

fn spot(column: u16, row: u16) -> Spot {
    Spot { column, row, columns: COLUMNS, rows: ROWS }
}

fn point(console: &mut Console, what: impl Fn(Target, Timestamp) -> Action, at: Spot) {
    console.act(|now| what(Target::Map(at), now));
}

#[test]
fn both_are_in_sight_and_the_map_stands_still_while_they_are() {
    let mut console = coming(2_000.0);
    let first = shown(&console.state);
    let own = settings().start;
    let mut frames = vec![first];
    for metres in [1_900.0, 1_700.0, 1_500.0, 1_300.0, 1_100.0, 700.0, 300.0, 40.0] {
        hear(&mut console, metres);
        let frame = shown(&console.state);
        assert!(is_seen(&frame, own) && is_seen(&frame, own.towards(315.0, metres)), "{metres}");
        if frames.last() != Some(&frame) {
            frames.push(frame);
        }
    }
    assert_eq!(frames[0], first);
    assert!((3..=5).contains(&frames.len()), "{} frames", frames.len());
}

#[test]
fn the_same_news_again_moves_nothing() {
    let mut console = coming(800.0);
    let before = shown(&console.state);
    hear(&mut console, 800.0);
    console.pass(10);
    console.tick(Timer::Location);
    console.tick(Timer::Display);
    assert_eq!(shown(&console.state), before);
}

/// A second that passed is no news: the map of both held the whole way when it was fitted.
#[test]
fn a_tick_of_the_display_fits_nothing_unless_the_responder_is_followed() {
    let mut console = coming(2_000.0);
    // Something that a fit would mend.
    let far = crate::geo::view::Frame::around(settings().start.towards(90.0, 90_000.0), 50.0);
    console.state.map.camera.put(far);
    console.pass(1);
    console.tick(Timer::Display);
    assert_eq!(shown(&console.state), far);
    console.tick(Timer::Location);
    assert_ne!(shown(&console.state), far);
    console.state.map.camera.put(far);
    console.state.map.follow = Follow::Responder;
    console.pass(1);
    console.tick(Timer::Display);
    assert_ne!(shown(&console.state), far);
}

#[test]
fn it_follows_both_then_one_then_the_other_then_nobody() {
    let mut console = coming(2_000.0);
    let (own, responder) = (settings().start, settings().start.towards(315.0, 2_000.0));
    let seen = |console: &Console| {
        let frame = shown(&console.state);
        (console.state.map.follow, is_seen(&frame, own), is_seen(&frame, responder))
    };
    assert_eq!(seen(&console), (Follow::Both, true, true));
    console.press(Intent::NextPane);
    console.press(Intent::NextPane);
    console.press(Intent::FollowNext);
    assert_eq!(seen(&console), (Follow::Responder, false, true));
    console.press(Intent::FollowNext);
    assert_eq!(seen(&console), (Follow::Customer, true, false));
    console.press(Intent::FollowNext);
    assert_eq!(seen(&console), (Follow::Free, true, false));
    hear(&mut console, 200.0);
    assert_eq!(seen(&console), (Follow::Free, true, false), "nobody is followed");
    console.press(Intent::FollowNext);
    assert_eq!(console.state.map.follow, Follow::Both);
}

#[test]
fn a_follower_waits_until_somebody_nears_the_edge() {
    let mut console = coming(2_000.0);
    console.press(Intent::FollowNext);
    let start = shown(&console.state);
    hear(&mut console, 1_950.0);
    assert_eq!(shown(&console.state), start);
    hear(&mut console, 1_500.0);
    let moved = shown(&console.state);
    assert_ne!(moved, start);
    assert!(is_seen(&moved, settings().start.towards(315.0, 1_500.0)));
    assert!((moved.reach() - start.reach()).abs() < 0.1, "as near as before");
}

#[test]
fn from_nearer_it_is_still_followed() {
    let mut console = coming(2_000.0);
    for _ in 0..6 {
        console.press(Intent::ZoomIn);
    }
    assert_eq!(console.state.map.follow, Follow::Responder, "both are not to be seen from there");
    for metres in [1_950.0, 1_900.0, 1_800.0] {
        hear(&mut console, metres);
        let frame = shown(&console.state);
        assert!(is_seen(&frame, settings().start.towards(315.0, metres)), "{metres}: {frame:?}");
        assert!(frame.reach() < 300.0);
    }
    console.press(Intent::ResetMap);
    assert_eq!(console.state.map.follow, Follow::Both);
    assert!(is_seen(&shown(&console.state), settings().start));
}

#[test]
fn by_hand_it_goes_where_the_keys_say() {
    let mut console = coming(800.0);
    let from = shown(&console.state).middle;
    for (intent, bearing) in
        [(Intent::PanUp, 0.0), (Intent::PanRight, 90.0), (Intent::PanDown, 180.0), (Intent::PanLeft, 270.0)]
    {
        console.press(Intent::ResetMap);
        console.press(intent);
        let to = shown(&console.state).middle;
        let off = (from.bearing_to(to) - bearing).rem_euclid(360.0);
        assert!(!(1.0..=359.0).contains(&off), "{intent:?}: {off}");
        assert!(from.distance_to(to) > 50.0);
    }
    assert_eq!(console.state.map.follow, Follow::Free);
    let put = shown(&console.state);
    hear(&mut console, 4_000.0);
    assert_eq!(shown(&console.state), put, "what was moved by hand stays");
}

#[test]
fn the_wheel_keeps_what_is_under_the_pointer() {
    let mut console = coming(800.0);
    let at = spot(12, 4);
    let before = at.place(&shown(&console.state));
    let reach = shown(&console.state).reach();
    for lines in [-3, -3, 3, -3] {
        point(&mut console, |target, now| Action::Wheeled { target, lines, now }, at);
        let after = at.place(&shown(&console.state));
        assert!(before.distance_to(after) < 1.0, "{}", before.distance_to(after));
    }
    assert!(shown(&console.state).reach() < reach / 2.0);
}

#[test]
fn a_drag_takes_the_place_with_it() {
    let mut console = coming(800.0);
    let held = spot(30, 10).place(&shown(&console.state));
    point(&mut console, |target, now| Action::Dragged { target, now }, spot(5, 5));
    assert_eq!(console.state.map.follow, Follow::Both, "nothing was taken hold of");
    point(&mut console, |target, now| Action::Pressed { target, now }, spot(30, 10));
    assert_eq!(console.state.focus, Pane::Route, "a click has the focus too");
    assert_eq!(console.state.map.follow, Follow::Both, "a click moves nothing");
    for to in [spot(33, 11), spot(40, 13), spot(8, 2)] {
        point(&mut console, |target, now| Action::Dragged { target, now }, to);
        let there = to.place(&shown(&console.state));
        assert!(held.distance_to(there) < 1.0, "{}", held.distance_to(there));
    }
    console.act(|now| Action::Pressed { target: Target::Pane(Pane::Chat), now });
    let put = shown(&console.state);
    point(&mut console, |target, now| Action::Dragged { target, now }, spot(50, 15));
    assert_eq!(shown(&console.state), put, "another press lets go");
}

#[test]
fn zoom_has_an_end_both_ways() {
    let mut console = coming(800.0);
    console.press(Intent::PanUp);
    for _ in 0..80 {
        console.press(Intent::ZoomIn);
    }
    assert!(shown(&console.state).reach() >= Frame::CLOSEST_M * 0.99);
    for _ in 0..120 {
        console.press(Intent::ZoomOut);
    }
    assert!(shown(&console.state).reach() <= Frame::FARTHEST_M * 1.01);
}

#[test]
fn the_responder_leaves_a_trail_until_it_is_another_one() {
    let mut console = coming(900.0);
    hear(&mut console, 800.0);
    hear(&mut console, 800.0);
    hear(&mut console, 700.0);
    let trail: Vec<Position> = console.state.map.responder_trail().collect();
    assert_eq!(trail, [900.0, 800.0, 700.0].map(|metres| settings().start.towards(315.0, metres)));
    for metres in 0..600 {
        hear(&mut console, 700.0 - f64::from(metres));
    }
    assert!(console.state.map.responder_trail().count() <= 240);
    let mut callout = console.followed().callout.clone();
    callout.comments = Some(Vec::new());
    if let Some(responder) = &mut callout.responder {
        responder.id = "18".into();
    }
    console.next_poll(callout);
    assert_eq!(console.state.map.responder_trail().count(), 1);
}
