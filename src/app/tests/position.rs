use super::*;

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
    console.press(Intent::ToggleAccuracy);
    let mut held = Vec::new();
    for _ in 0..6 {
        assert!(ten_seconds(&mut console).is_empty());
        held.push(console.state.own.fix);
    }
    assert_eq!(console.state.own.held.unwrap().count, 6);
    let sent = ten_seconds(&mut console);
    held.push(console.state.own.fix);
    let best = held.iter().map(|fix| fix.accuracy.unwrap()).fold(f64::INFINITY, f64::min);
    assert_eq!(sent.iter().map(|fix| fix.accuracy.unwrap()).collect::<Vec<_>>(), [best]);
    assert!(best >= 50.0);
}

#[test]
fn a_good_fix_ends_the_holding_back() {
    let mut console = Console::live();
    console.press(Intent::ToggleAccuracy);
    ten_seconds(&mut console);
    assert!(console.state.own.held.is_some());
    console.press(Intent::ToggleAccuracy);
    assert_eq!(ten_seconds(&mut console).len(), 1);
    assert_eq!(console.state.own.held, None);
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
    let start = console.state.own.fix.position;
    console.press(Intent::ToggleWalking);
    ten_seconds(&mut console);
    let walked = start.distance_to(console.state.own.fix.position);
    assert!((walked - 14.0).abs() < 0.1, "{walked}");
    for _ in 0..200 {
        ten_seconds(&mut console);
    }
    assert_eq!(console.state.own.trail.len(), OwnPosition::TRAIL);
    console.press(Intent::ToggleWalking);
    let stopped = console.state.own.fix.position;
    ten_seconds(&mut console);
    assert_eq!(console.state.own.fix.position, stopped);
}

#[test]
fn walking_without_a_callout_sends_nothing() {
    let mut console = Console::idle();
    console.press(Intent::ToggleWalking);
    assert!(ten_seconds(&mut console).is_empty());
    assert!(!console.state.own.trail.is_empty());
    console.press(Intent::ToggleWalking);
    assert_eq!(super::super::timers::deadlines(&console.state).location, None);
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
