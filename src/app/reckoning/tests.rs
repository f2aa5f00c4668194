use super::*;
use crate::app::callout::{CalloutId, Eta, Fix, Responder};
use crate::geo;
use proptest::prelude::*;
use std::collections::VecDeque;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn start() -> Position {
    Position::new(-26.1, 28.0).unwrap()
}

/// 600 m east, then 400 m north.
fn route() -> Vec<Position> {
    let corner = start().towards(90.0, 600.0);
    vec![start(), corner, corner.towards(0.0, 400.0)]
}

/// On the way since second 0, 1,000 m and 100 s from the scene.
fn on_the_way() -> Followed {
    let mut callout = Callout::new(CalloutId::new("7").unwrap(), Status::Dispatched);
    let last_fix = Some(Fix { position: start(), accuracy: None, at: None });
    callout.responder = Some(Responder { last_fix, ..Responder::default() });
    callout.eta = Some(Eta { distance_m: Some(1_000.0), duration_s: Some(100.0), at: None });
    callout.route = Some(route());
    Followed {
        callout,
        seen_at: at(0),
        history: Vec::new(),
        eta_course: VecDeque::new(),
        soft_cancelled: false,
        cancel_sent: false,
    }
}

fn close(one: Position, other: Position) -> bool {
    one.distance_to(other) < 3.0
}

#[test]
fn what_was_just_heard_is_no_estimate() {
    let place = whereabouts(&on_the_way(), at(1)).unwrap();
    assert!(!place.estimated);
    assert_eq!(place.position, start());
    assert_eq!(place.left_s, Some(100.0));
}

#[test]
fn between_polls_they_drive_on_along_the_route() {
    let place = whereabouts(&on_the_way(), at(30)).unwrap();
    assert!(place.estimated);
    assert!(close(place.position, start().towards(90.0, 300.0)));
    assert_eq!(place.left_s, Some(70.0));
    assert!((place.left_m.unwrap() - 700.0).abs() < 1e-6);
    assert_eq!(place.age, SignedDuration::from_secs(30));
}

#[test]
fn a_fix_beside_the_route_counts_from_its_nearest_point() {
    let mut followed = on_the_way();
    let beside = start().towards(90.0, 500.0).towards(0.0, 20.0);
    followed.callout.responder.as_mut().unwrap().last_fix.as_mut().unwrap().position = beside;
    let place = whereabouts(&followed, at(20)).unwrap();
    assert!(close(place.position, start().towards(90.0, 600.0)), "500 m of 1,000 done, a fifth of the rest");
}

#[test]
fn without_a_fix_the_distance_left_tells_the_place() {
    let mut followed = on_the_way();
    followed.callout.responder.as_mut().unwrap().last_fix = None;
    followed.callout.eta.as_mut().unwrap().distance_m = Some(400.0);
    let place = whereabouts(&followed, at(0)).unwrap();
    assert!(place.estimated);
    assert!(close(place.position, route()[1]));
}

#[test]
fn nobody_is_carried_past_the_end_or_on_for_ever() {
    let mut followed = on_the_way();
    let held = whereabouts(&followed, at(60)).unwrap().position;
    assert_eq!(whereabouts(&followed, at(9_000)).unwrap().position, held, "after a minute it stands still");
    followed.callout.eta.as_mut().unwrap().duration_s = Some(30.0);
    let place = whereabouts(&followed, at(50)).unwrap();
    assert!(close(place.position, route()[2]));
    assert_eq!(place.left_s, Some(0.0));
}

#[test]
fn without_route_or_eta_it_stays_the_last_known_place() {
    let mut no_route = on_the_way();
    no_route.callout.route = None;
    let mut no_eta = on_the_way();
    no_eta.callout.eta = None;
    let mut standing = on_the_way();
    standing.callout.route = Some(vec![start(), start()]);
    for followed in [no_route, no_eta, standing] {
        let place = whereabouts(&followed, at(30)).unwrap();
        assert!(!place.estimated);
        assert_eq!(place.position, start());
    }
}

#[test]
fn where_nobody_drives_nobody_is_anywhere() {
    for status in [Status::Created, Status::ResponderCancelled, Status::Completed, Status::Closed] {
        let mut followed = on_the_way();
        followed.callout.status = status;
        assert_eq!(whereabouts(&followed, at(30)), None);
    }
    let mut manual = on_the_way();
    manual.callout.responder = None;
    assert_eq!(whereabouts(&manual, at(30)), None);
}

#[test]
fn on_scene_nothing_moves() {
    let mut followed = on_the_way();
    followed.callout.status = Status::Arrived;
    let place = whereabouts(&followed, at(30)).unwrap();
    assert!(!place.estimated);
    assert_eq!(place.position, start());
}

#[test]
fn a_believable_time_of_the_server_counts_and_a_wrong_clock_does_not() {
    let mut followed = on_the_way();
    let stamp = |followed: &mut Followed, seconds| {
        let fix = followed.callout.responder.as_mut().unwrap().last_fix.as_mut().unwrap();
        fix.at = Some(at(seconds));
    };
    stamp(&mut followed, -20);
    assert_eq!(whereabouts(&followed, at(10)).unwrap().age, SignedDuration::from_secs(30));
    for skewed in [-4_000, 300] {
        stamp(&mut followed, skewed);
        assert_eq!(whereabouts(&followed, at(10)).unwrap().age, SignedDuration::from_secs(10));
    }
}

#[test]
fn a_long_line_is_thinned_and_keeps_both_ends() {
    for length in [0, 1, 2, 511, 512, 513, 5_000] {
        let line: Vec<Position> = (0..length).map(|index| start().towards(90.0, f64::from(index))).collect();
        let thin: Vec<Position> = thinned(&line).collect();
        assert!(thin.len() <= MAX_POINTS + 1);
        assert_eq!((thin.first(), thin.last()), (line.first(), line.last()));
        assert!(length > 512 || thin.len() == line.len());
    }
}

proptest! {
    #[test]
    fn an_estimate_is_always_on_the_route(seconds in 0i64..500, distance in 0.0f64..5_000.0, duration in 0.1f64..5_000.0) {
        let mut followed = on_the_way();
        followed.callout.eta = Some(Eta { distance_m: Some(distance), duration_s: Some(duration), at: None });
        let place = whereabouts(&followed, at(seconds)).unwrap();
        let line = route();
        let way = (0..=1_000).filter_map(|metres| geo::along(&line, f64::from(metres)));
        let off = way.map(|point| point.distance_to(place.position)).fold(f64::INFINITY, f64::min);
        prop_assert!(off < 5.0, "{off}");
        prop_assert!(place.left_s.unwrap() >= 0.0 && place.left_m.unwrap() >= 0.0);
    }
}
