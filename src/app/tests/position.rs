use super::super::map::{Follow, shown};
use super::super::timers::deadlines;
use super::*;
use crate::geo::view::Spot;
use crate::location::{Playback, Reception, Source, Track};

fn locations(console: &Console) -> Vec<Fix> {
    let sent = |effect: &Effect| match effect {
        Effect::SendLocation { fix, .. } => Some(*fix),
        _ => None,
    };
    console.effects.iter().filter_map(sent).collect()
}

/// Ten seconds pass; a location that is sent is taken by the server.
fn ten_seconds(console: &mut Console) -> Vec<Fix> {
    console.pass(10);
    console.tick(Timer::Location);
    let sent = locations(console);
    if let Some(call) = console.call(|call| matches!(call, Call::Locate { .. })) {
        console.answer(call, Ok(Answer::Located));
    }
    sent
}

#[test]
fn a_good_fix_is_sent_each_ten_seconds() {
    let mut console = Console::live();
    for _ in 0..5 {
        let sent = ten_seconds(&mut console);
        assert_eq!(sent.len(), 1);
        assert!(sent[0].accuracy.unwrap() < 50.0);
        assert_eq!(console.state.own.last_sent, Some((sent[0], console.now)));
    }
}

#[test]
fn vague_fixes_are_held_back_and_the_best_goes_out_after_a_minute() {
    let mut console = Console::live();
    ten_seconds(&mut console);
    console.state.own.reception = Reception::Indoors;
    let (mut held, mut sent) = (Vec::new(), Vec::new());
    let mut since = None;
    while sent.is_empty() {
        sent = ten_seconds(&mut console);
        if console.state.own.lost.is_none() {
            held.push(console.state.own.fix);
            since = since.or(console.state.own.held.map(|held| held.since));
        }
        assert!(held.len() < 20, "nothing was ever sent");
    }
    let waited = console.now.duration_since(since.unwrap()).as_secs();
    assert!((60..120).contains(&waited), "{waited}");
    let best = held.iter().map(|fix| fix.accuracy.unwrap()).fold(f64::INFINITY, f64::min);
    assert_eq!(sent.iter().map(|fix| fix.accuracy.unwrap()).collect::<Vec<_>>(), [best]);
    assert!(best >= 50.0);
}

#[test]
fn a_good_fix_ends_the_holding_back() {
    let mut console = Console::live();
    console.state.own.reception = Reception::Indoors;
    while console.state.own.held.is_none() {
        ten_seconds(&mut console);
    }
    console.state.own.reception = Reception::OpenSky;
    assert_eq!(ten_seconds(&mut console).len(), 1);
    assert_eq!(console.state.own.held, None);
}

#[test]
fn the_key_steps_through_every_reception() {
    let mut console = Console::live();
    let mut told = Vec::new();
    for expected in [Reception::StreetCanyon, Reception::Indoors, Reception::NoFix, Reception::OpenSky] {
        console.press(Intent::NextReception);
        assert_eq!(console.state.own.reception, expected);
        told.push(console.notice().to_owned());
    }
    told.dedup();
    assert_eq!(told.len(), 4);
}

#[test]
fn without_a_fix_nothing_is_sent_until_there_is_one() {
    let mut console = Console::live();
    ten_seconds(&mut console);
    let last = console.state.own.fix;
    console.state.own.reception = Reception::NoFix;
    let lost_at = console.now + 10.seconds();
    for _ in 0..12 {
        assert!(ten_seconds(&mut console).is_empty());
        assert_eq!(console.state.own.lost, Some(lost_at));
        assert_eq!(console.state.own.fix, last, "the last known place stays");
    }
    console.state.own.reception = Reception::OpenSky;
    assert_eq!(ten_seconds(&mut console).len(), 1);
    assert_eq!(console.state.own.lost, None);
}

#[test]
fn a_panic_without_a_fix_goes_out_and_says_so() {
    let mut console = Console::idle();
    console.state.own.reception = Reception::NoFix;
    console.press(Intent::Raise);
    console.press(Intent::Confirm);
    let raised =
        |effect: &Effect| matches!(effect, Effect::Raise { fix, .. } if fix.position == settings().start);
    assert!(console.effects.iter().any(raised), "{:?}", console.effects);
    assert_eq!(console.notice(), "no GPS fix: the last known position was sent");
}

#[test]
fn what_is_sent_is_what_the_receiver_says_and_not_where_we_are() {
    let mut console = Console::live();
    for _ in 0..10 {
        let sent = ten_seconds(&mut console);
        let off = console.state.own.place.distance_to(sent[0].position);
        assert_eq!(console.state.own.place, settings().start);
        assert!(off > 0.0 && off <= sent[0].accuracy.unwrap(), "{off}");
        assert_eq!(console.state.own.fix, sent[0]);
    }
}

#[test]
fn fifty_metres_is_too_vague_and_forty_nine_is_not() {
    for (accuracy, expected) in [(49.0, 1), (50.0, 0)] {
        let mut console = Console::live();
        console.state.own.fix.accuracy = Some(accuracy);
        assert_eq!(super::super::position::offer(&mut console.state).len(), expected, "{accuracy}");
    }
}

#[test]
fn a_failed_location_is_not_repeated_and_a_slow_one_not_overtaken() {
    let mut console = Console::live();
    console.pass(10);
    console.tick(Timer::Location);
    assert_eq!(locations(&console).len(), 1);
    console.pass(10);
    console.tick(Timer::Location);
    assert!(locations(&console).is_empty(), "one at a time");
    let call = console.call(|call| matches!(call, Call::Locate { .. })).unwrap();
    console.answer(call, Err(failure(FailureKind::Unanswered)));
    assert!(console.effects.is_empty(), "the next one replaces it");
    assert_eq!(console.state.own.last_sent, None);
    assert_eq!(ten_seconds(&mut console).len(), 1);
}

#[test]
fn walking_leaves_a_trail_at_walking_pace() {
    let mut console = Console::live();
    let start = console.state.own.place;
    console.press(Intent::ToggleWalking);
    ten_seconds(&mut console);
    let walked = start.distance_to(console.state.own.place);
    assert!((walked - 14.0).abs() < 0.1, "{walked}");
    for _ in 0..200 {
        ten_seconds(&mut console);
    }
    assert_eq!(console.state.own.trail.len(), OwnPosition::TRAIL);
    console.press(Intent::ToggleWalking);
    let stopped = console.state.own.place;
    ten_seconds(&mut console);
    assert_eq!(console.state.own.place, stopped);
}

/// A straight line to the east, so many metres long.
fn eastwards(metres: f64, looped: bool) -> Playback {
    let start = settings().start.towards(0.0, 500.0);
    let track = Track::new(vec![start, start.towards(90.0, metres)], None).unwrap();
    Playback::new(track, Some(36.0), looped)
}

fn on_track(playback: Playback) -> Console {
    let mut console = Console::fresh(settings());
    console.state.set_out(Source::Gpx, Some(playback), Reception::OpenSky, None);
    console.act(|now| Action::Started { now, resume: None });
    let call = console.only_call();
    console.answer(call, Ok(Answer::Active(Vec::new())));
    console
}

#[test]
fn a_track_is_played_from_the_start_and_ends_where_it_ends() {
    let mut console = on_track(eastwards(450.0, false));
    let start = console.state.own.place;
    assert_eq!(start, settings().start.towards(0.0, 500.0));
    for turn in 1..=4 {
        ten_seconds(&mut console);
        let gone = start.distance_to(console.state.own.place);
        assert!((gone - f64::from(turn) * 100.0).abs() < 0.5, "{gone} after {turn}");
    }
    ten_seconds(&mut console);
    assert!((start.distance_to(console.state.own.place) - 450.0).abs() < 0.5);
    assert_eq!(console.notice(), "the track is at its end");
    assert_eq!(console.state.own.moving, None);
    assert_eq!(deadlines(&console.state).location, None, "and the console sleeps");
}

#[test]
fn a_track_that_was_stopped_goes_on_where_it_was() {
    let mut console = on_track(eastwards(2_000.0, true));
    ten_seconds(&mut console);
    console.press(Intent::ToggleWalking);
    let stopped = console.state.own.place;
    console.pass(600);
    console.tick(Timer::Location);
    assert_eq!(console.state.own.place, stopped);
    console.press(Intent::ToggleWalking);
    assert_eq!(console.notice(), "following the track");
    ten_seconds(&mut console);
    let gone = stopped.distance_to(console.state.own.place);
    assert!((gone - 100.0).abs() < 0.5, "{gone}");
}

#[test]
fn a_walk_of_the_settings_sets_out_by_itself() {
    let mut console = Console::fresh(settings());
    console.state.set_out(Source::Walk, None, Reception::OpenSky, None);
    assert_eq!(console.state.own.moving, None);
    console.act(|now| Action::Started { now, resume: None });
    assert!(console.state.own.moving.is_some());
    let mut console = Console::fresh(settings());
    console.state.set_out(Source::Drive, None, Reception::NoFix, Some(60.0));
    console.act(|now| Action::Started { now, resume: None });
    assert_eq!(console.state.own.moving, None, "there is no target yet");
}

/// Picks a target with the keys of the map and drives there.
fn drive(console: &mut Console) -> Position {
    console.act(|now| Action::Pressed { target: Target::Pane(Pane::Route), now });
    console.press(Intent::PickTarget);
    for _ in 0..6 {
        console.press(Intent::PanUp);
        console.press(Intent::PanRight);
    }
    let target = console.state.map.cursor.unwrap();
    assert_eq!(console.state.map.follow, Follow::Both, "the cursor moves, the map does not");
    console.press(Intent::Submit);
    target
}

#[test]
fn a_drive_goes_along_streets_to_the_target_that_was_picked() {
    let mut console = Console::live();
    let start = console.state.own.place;
    let target = drive(&mut console);
    assert!(start.distance_to(target) > 40.0);
    assert_eq!(console.state.map.cursor, None);
    assert_eq!(console.notice(), "driving there");
    let mut gone = 0.0;
    for _ in 0..60 {
        let before = console.state.own.place;
        ten_seconds(&mut console);
        let step = before.distance_to(console.state.own.place);
        assert!(step < 40.0 / 3.6 * 10.0 + 1.0, "{step}");
        gone += step;
    }
    assert_eq!(console.state.own.place, target);
    assert!(gone >= start.distance_to(target) - 1.0);
    assert_eq!(console.state.own.moving, None);
}

#[test]
fn a_target_can_be_left_and_clicked() {
    let mut console = Console::live();
    console.act(|now| Action::Pressed { target: Target::Pane(Pane::Route), now });
    console.press(Intent::PickTarget);
    console.press(Intent::Back);
    assert_eq!((console.state.map.cursor, console.state.own.moving), (None, None));
    console.press(Intent::PickTarget);
    let spot = Spot { column: 50, row: 3, columns: 60, rows: 20 };
    let there = spot.place(&shown(&console.state));
    console.act(|now| Action::Pressed { target: Target::Map(spot), now });
    assert_eq!(console.state.map.cursor, Some(there));
    console.press(Intent::Raise);
    console.press(Intent::NextPane);
    console.press(Intent::Submit);
    assert!(console.state.own.moving.is_none(), "in another pane Enter is not the map's");
}

#[test]
fn read_only_moves_on_the_map_and_sends_nothing() {
    let mut console = Console::live();
    console.state.settings.read_only = true;
    drive(&mut console);
    for _ in 0..20 {
        assert!(ten_seconds(&mut console).is_empty());
    }
    assert_ne!(console.state.own.place, settings().start);
}

#[test]
fn walking_without_a_callout_sends_nothing() {
    let mut console = Console::idle();
    console.press(Intent::ToggleWalking);
    assert!(ten_seconds(&mut console).is_empty());
    assert!(!console.state.own.trail.is_empty());
    console.press(Intent::ToggleWalking);
    assert_eq!(deadlines(&console.state).location, None);
}

#[test]
fn a_refused_location_says_why() {
    let mut console = Console::live();
    console.pass(10);
    console.tick(Timer::Location);
    let call = console.only_call();
    console.answer(call, Err(failure(FailureKind::Refused)));
    assert_eq!(console.notice(), "location refused: it broke");
}
