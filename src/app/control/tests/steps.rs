//! The controller's steps.

use super::*;

const SENDING: [Step; 4] = [Step::Dispatch, Step::DispatchManually, Step::Decline, Step::Close];

fn only_step(console: &Console) -> Taken {
    match console.orders().as_slice() {
        [Order::Step { callout, step }] if callout.as_str() == "1" => step.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_key_is_the_step_of_its_name() {
    for step in [Step::Acknowledge, Step::Own, Step::Verify, Step::CancelResponder, Step::Arrive] {
        let mut console = Console::room(vec![allowing("1", &[step])]);
        let intent: Intent = serde_json::from_str(&format!("\"{}\"", step.name())).unwrap();
        console.press(intent);
        assert_eq!(only_step(&console), Taken::Plain(step));
        console.press(intent);
        assert!(console.effects.is_empty(), "a key pressed twice is one step");
    }
}

#[test]
fn a_step_that_is_not_possible_is_not_sent_and_says_what_is() {
    let mut console = Console::room(vec![case("1", 10)]);
    console.press(Intent::Arrive);
    assert!(console.effects.is_empty());
    let refused = console.state.control.refused.as_ref().unwrap();
    assert_eq!(refused.what.as_str(), "arrive");
    assert_eq!(refused.why.as_str(), "not possible now; possible: acknowledge, own, verify, close");
}

#[test]
fn the_reply_is_shown_at_once_and_everything_read_again() {
    let mut console = Console::room(vec![case("1", 10)]);
    console.due();
    let stale = console.looking().unwrap();
    console.press(Intent::Verify);
    let call = console.asked();
    let verified = allowing("1", &[Step::Dispatch]);
    console.answer(call, Ok(Answer::Control(Told::Case(Box::new(verified.clone())))));
    assert_eq!(console.state.control.case(), Some(&verified));
    assert!(console.effects.contains(&Effect::Abandon { call: stale }), "it may not know of the step");
    assert!(console.looking().is_some_and(|call| call != stale));
}

#[test]
fn a_refusal_of_the_simulator_stands_on_its_callout_until_things_change() {
    let mut console = Console::room(vec![case("1", 10), case("2", 20)]);
    console.press(Intent::Own);
    let call = console.asked();
    let why = "own is not possible now; possible: close";
    console.answer(call, Err(Failure { message: why.into(), ..failure(FailureKind::Refused) }));
    let refused = console.state.control.refused.clone().unwrap();
    assert_eq!((refused.callout.as_str(), refused.why.as_str()), ("1", why));
    let call = console.looking().expect("a look, since the data is old");
    let cases = vec![case("1", 10), case("2", 20)];
    console.answer(call, Ok(Answer::Control(Told::Surveyed(Box::new(survey(cases))))));
    assert!(console.state.control.refused.is_some());
    console.look(survey(vec![allowing("1", &[Step::Close]), case("2", 20)]));
    assert!(console.state.control.refused.is_none());
}

#[test]
fn the_picked_one_is_sent_else_whoever_is_nearest() {
    let mut console = Console::room(vec![allowing("1", &SENDING)]);
    console.press(Intent::Dispatch);
    assert_eq!(only_step(&console), Taken::Dispatch { responder: None });
    for (pick, intent, taken) in [
        (Pick::Vehicle(12), Intent::Dispatch, Taken::Dispatch { responder: Some(12) }),
        (Pick::Vehicle(12), Intent::Decline, Taken::Decline { responder: Some(12) }),
        (Pick::Vehicle(12), Intent::DispatchManually, Taken::DispatchManually { supplier: None }),
        (Pick::Company(21), Intent::DispatchManually, Taken::DispatchManually { supplier: Some(21) }),
        (Pick::Company(21), Intent::Dispatch, Taken::Dispatch { responder: None }),
    ] {
        let mut console = Console::room(vec![allowing("1", &SENDING)]);
        console.state.control.pick = pick;
        console.press(intent);
        assert_eq!(only_step(&console), taken);
        let call = console.asked();
        console.answer(call, Ok(Answer::Control(Told::Case(Box::new(case("1", 10))))));
        assert_eq!(console.state.control.pick, Pick::Nearest, "not for the next step too");
    }
}

#[test]
fn the_outcome_can_be_filled_in_or_passed_by() {
    let mut console = Console::room(vec![allowing("1", &[Step::Complete])]);
    console.press(Intent::Complete);
    assert!(console.effects.is_empty(), "it asks first");
    console.press(Intent::Submit);
    assert_eq!(only_step(&console), Taken::Complete(Outcome::default()));

    let mut console = Console::room(vec![allowing("1", &[Step::Complete])]);
    console.press(Intent::Complete);
    console.press(Intent::ScrollDown);
    console.control_type(" 3");
    console.press(Intent::Submit);
    let outcome = Outcome { any_injuries: false, customer_happy: true, follow_up_required: true };
    assert_eq!(only_step(&console), Taken::Complete(outcome));
    assert!(console.state.dialog.is_none());
}

#[test]
fn closing_takes_details_or_none() {
    let mut console = Console::room(vec![allowing("1", &[Step::Close])]);
    console.press(Intent::Close);
    console.press(Intent::Back);
    assert!(console.state.in_flight.is_empty() && console.state.dialog.is_none(), "escape closes nothing");
    console.press(Intent::Close);
    console.press(Intent::Submit);
    assert_eq!(only_step(&console), Taken::Close { incident: None });

    let mut console = Console::room(vec![allowing("1", &[Step::Close])]);
    console.press(Intent::Close);
    console.control_type("a false alarm");
    console.press(Intent::Submit);
    assert_eq!(only_step(&console), Taken::Close { incident: Some("a false alarm".into()) });
}

#[test]
fn a_question_whose_step_is_no_longer_possible_goes_away() {
    let mut console = Console::room(vec![allowing("1", &[Step::Close])]);
    console.press(Intent::Close);
    console.look(survey(vec![closed("1", 10)]));
    assert_eq!(console.state.dialog, None);
    assert!(console.notice().contains("nothing was done"));
}

#[test]
fn a_console_that_may_only_look_takes_no_step() {
    let mut console = Console::idle_with(read_only());
    console.press(Intent::ShowControlRoom);
    console.look(survey(vec![allowing("1", &Step::ALL)]));
    for intent in [
        Intent::Acknowledge,
        Intent::Own,
        Intent::Verify,
        Intent::Dispatch,
        Intent::DispatchManually,
        Intent::Decline,
        Intent::CancelResponder,
        Intent::Arrive,
        Intent::Complete,
        Intent::Close,
        Intent::Write,
        Intent::CannedReply,
        Intent::PlaceVehicle,
        Intent::MoveVehicle,
        Intent::SwitchVehicle,
    ] {
        console.state.control.pick = Pick::Vehicle(12);
        console.press(intent);
        assert!(console.effects.is_empty() && console.state.in_flight.is_empty(), "{intent:?}");
        assert_eq!((&console.state.dialog, console.state.control.moving), (&None, None), "{intent:?}");
        assert!(console.notice().starts_with("read-only"), "{intent:?}");
    }
}
