use super::*;

#[test]
fn nothing_is_sent_while_the_countdown_runs() {
    let mut console = Console::idle();
    console.press(Intent::Raise);
    assert!(console.effects.is_empty());
    console.pass(2);
    console.tick(Timer::Display);
    assert!(console.effects.is_empty());
    console.press(Intent::Back);
    console.pass(5);
    console.tick(Timer::Display);
    assert!(console.effects.is_empty());
    assert_eq!(console.state.watch, Watch::Idle);
}

#[test]
fn the_countdown_raises_by_itself_after_three_seconds() {
    let mut console = Console::idle();
    console.press(Intent::Raise);
    console.pass(3);
    console.tick(Timer::Display);
    let call = console.only_call();
    assert_eq!(console.effects, vec![Effect::Raise { call, fix: console.state.own.fix }]);
    assert_eq!(console.state.dialog, None);
}

#[test]
fn a_fast_demo_clock_leaves_the_person_three_seconds_all_the_same() {
    let mut console = Console::idle();
    console.state.demo = Some(Demo { speed: 10.0, scenario: "happy-path".into() });
    console.press(Intent::Raise);
    console.pass(29);
    console.tick(Timer::Display);
    assert!(console.effects.is_empty());
    console.pass(1);
    console.tick(Timer::Display);
    assert_eq!(console.effects.len(), 1);
}

#[test]
fn a_raised_callout_is_kept_before_anything_else_and_read_at_once() {
    let mut console = Console::idle();
    console.press(Intent::Raise);
    console.press(Intent::Confirm);
    let call = console.only_call();
    let tracking = Some(TrackingLink("http://127.0.0.1/track".to_owned()));
    let callout = Callout { tracking: tracking.clone(), ..Callout::new(id("7"), Status::Created) };
    console.answer(call, Ok(Answer::Raised(Box::new(callout))));
    let kept = Resume { callout: id("7"), tracking, unsent: Vec::new() };
    assert_eq!(
        console.effects,
        vec![Effect::Remember(Some(kept)), Effect::Fetch { call: console.poll(), callout: id("7") },]
    );
}

#[test]
fn a_raise_that_does_not_arrive_is_tried_again_with_growing_waits() {
    let mut console = Console::idle();
    console.press(Intent::Raise);
    console.press(Intent::Confirm);
    for (attempt, longest_ms) in [(1, 1000), (2, 2000), (3, 4000), (4, 8000), (5, 8000)] {
        let call = console.only_call();
        console.answer(call, Err(failure(FailureKind::Unreachable)));
        let Watch::Raising { attempts, retry_at: Some(at), .. } = &console.state.watch else {
            panic!("{:?}", console.state.watch)
        };
        assert_eq!(*attempts, attempt);
        let wait = at.duration_since(console.now).as_millis();
        assert!(wait <= longest_ms && wait >= longest_ms * 3 / 4, "{wait}");
        console.now = *at;
        console.tick(Timer::Poll);
        assert!(matches!(console.effects[..], [Effect::Raise { .. }]));
    }
}

#[test]
fn a_refused_raise_stays_on_the_screen_and_is_not_repeated() {
    let mut console = Console::idle();
    console.press(Intent::Raise);
    console.press(Intent::Confirm);
    let call = console.only_call();
    console.answer(call, Err(failure(FailureKind::Refused)));
    assert!(matches!(
        &console.state.watch,
        Watch::Raising { retry_at: None, problem: Some(problem), .. } if problem.as_str() == "it broke"
    ));
    console.press(Intent::Raise);
    assert!(matches!(console.state.dialog, Some(Dialog::Countdown { .. })), "may be tried by hand");
}

#[test]
fn giving_up_drops_a_late_reply() {
    let mut console = Console::idle();
    console.press(Intent::Raise);
    console.press(Intent::Confirm);
    let call = console.only_call();
    console.press(Intent::Back);
    assert_eq!(console.effects, vec![Effect::Abandon { call }]);
    console.answer(call, Ok(Answer::Raised(Box::new(Callout::new(id("7"), Status::Created)))));
    assert_eq!(console.state.watch, Watch::Idle);
}

#[test]
fn a_real_callout_beyond_this_machine_needs_the_word() {
    for classification in [Classification::Real, Classification::Other(3)] {
        let mut console =
            Console::idle_with(Settings { environment: Environment::Staging, classification, ..settings() });
        console.press(Intent::Raise);
        console.press(Intent::Confirm);
        assert!(matches!(console.state.dialog, Some(Dialog::TypeReal { .. })), "Enter alone does nothing");
        console.act(|now| Action::Pasted { text: "real".into(), now });
        console.press(Intent::Submit);
        assert!(matches!(console.state.dialog, Some(Dialog::TypeReal { .. })), "letter for letter");
        console.press(Intent::EraseLine);
        "REAL".chars().for_each(|character| console.act(|now| Action::Typed { character, now }));
        console.press(Intent::Submit);
        assert!(matches!(console.state.dialog, Some(Dialog::Countdown { .. })));
        assert!(console.state.in_flight.is_empty(), "and even then there is the countdown");
    }
}

#[test]
fn a_test_callout_on_staging_and_a_real_one_on_this_machine_need_no_word() {
    let staging = Settings { environment: Environment::Staging, ..settings() };
    let local = Settings { classification: Classification::Real, ..settings() };
    for settings in [staging, local] {
        let mut console = Console::idle_with(settings);
        console.press(Intent::Raise);
        assert!(matches!(console.state.dialog, Some(Dialog::Countdown { .. })));
    }
}

#[test]
fn read_only_raises_cancels_writes_and_locates_nothing() {
    let mut console = Console::idle_with(Settings { read_only: true, ..settings() });
    console.press(Intent::Raise);
    assert_eq!(console.state.dialog, None);
    assert!(console.notice().starts_with("read-only"));
    console.press(Intent::Refresh);
    let call = console.only_call();
    console.answer(call, Ok(Answer::Active(vec![Callout::new(id("7"), Status::Created)])));
    console.answer_poll(Callout::new(id("7"), Status::Created));
    for intent in [Intent::SoftCancel, Intent::Cancel, Intent::Write] {
        console.press(intent);
        assert!(console.state.dialog.is_none() && !console.state.chat.writing && console.effects.is_empty());
    }
    console.pass(10);
    console.tick(Timer::Location);
    assert!(console.effects.is_empty());
}

#[test]
fn no_second_panic_while_one_is_active() {
    let mut console = Console::live();
    console.press(Intent::Raise);
    assert_eq!(console.state.dialog, None);
    assert!(console.notice().contains("active already"));
}

#[test]
fn a_callout_found_during_the_countdown_is_shown_and_not_raised_again() {
    let mut console = Console::fresh(settings());
    console.act(|now| Action::Started { now, resume: None });
    let find = console.only_call();
    console.press(Intent::Raise);
    console.answer(find, Ok(Answer::Active(vec![Callout::new(id("9"), Status::Created)])));
    console.pass(3);
    console.tick(Timer::Display);
    assert!(console.effects.is_empty());
    assert_eq!(console.followed().callout.id, id("9"));
}

#[test]
fn after_the_end_a_new_one_may_be_raised() {
    let mut console = Console::live();
    console.next_poll(Callout::new(id("7"), Status::Closed));
    assert!(matches!(console.state.watch, Watch::Ended { why: Ending::Closed, .. }));
    console.press(Intent::Raise);
    console.press(Intent::Confirm);
    let call = console.only_call();
    console.answer(call, Ok(Answer::Raised(Box::new(Callout::new(id("8"), Status::Created)))));
    assert_eq!(console.followed().callout.id, id("8"));
    assert!(console.state.chat.comments.is_empty(), "with a chat of its own");
}

#[test]
fn soft_cancel_asks_first_and_following_goes_on() {
    let mut console = Console::live();
    console.press(Intent::SoftCancel);
    assert_eq!(console.state.dialog, Some(Dialog::ConfirmSoftCancel));
    assert!(console.effects.is_empty());
    console.press(Intent::Back);
    assert!(console.state.in_flight.is_empty());
    console.press(Intent::SoftCancel);
    console.press(Intent::Confirm);
    let call = console.only_call();
    assert_eq!(console.effects, vec![Effect::SoftCancel { call, callout: id("7") }]);
    console.answer(call, Ok(Answer::Dismissed));
    assert!(console.followed().soft_cancelled);
    console.answer_poll(Callout::new(id("7"), Status::Created));
    console.pass(15);
    console.tick(Timer::Location);
    assert!(matches!(console.effects[..], [Effect::SendLocation { .. }]));
    console.tick(Timer::Poll);
    assert!(matches!(console.effects[..], [Effect::Fetch { .. }]));
}

#[test]
fn the_safe_code_is_four_digits_or_the_word() {
    let mut console = Console::live();
    for wrong in ["", "123", "12a4", "12345"] {
        console.press(Intent::Cancel);
        console.press(Intent::EraseLine);
        console.act(|now| Action::Pasted { text: wrong.into(), now });
        console.press(Intent::Submit);
        assert!(
            matches!(console.state.dialog, Some(Dialog::SafeCode { problem: Some(_), .. })),
            "{wrong} must not cancel"
        );
        assert!(console.effects.is_empty());
    }
    for (typed, code) in [("4567", Some(SafeCode("4567".to_owned()))), ("cancel", None)] {
        console.press(Intent::Cancel);
        console.act(|now| Action::Pasted { text: typed.into(), now });
        console.press(Intent::Submit);
        let call = console.call(|call| matches!(call, Call::Cancel)).unwrap();
        assert_eq!(console.effects, vec![Effect::Cancel { call, callout: id("7"), safe_code: code }]);
        console.answer(call, Ok(Answer::Cancelled));
    }
}

#[test]
fn v1_has_no_hard_cancel() {
    let mut console = Console::live_with(Settings { dialect: Dialect::V1, ..settings() });
    console.press(Intent::Cancel);
    assert_eq!(console.state.dialog, None);
    assert!(console.notice().contains("v1"));
}

#[test]
fn a_question_about_an_ended_callout_goes_away() {
    let mut console = Console::live();
    console.press(Intent::SoftCancel);
    console.next_poll(Callout::new(id("7"), Status::Closed));
    assert_eq!(console.state.dialog, None);
    console.press(Intent::Confirm);
    assert!(console.effects.is_empty());
}

#[test]
fn nothing_is_raised_in_a_window_too_small_to_see_it() {
    let mut console = Console::idle();
    console.act(|now| Action::Resized { columns: 20, rows: 6, now });
    console.press(Intent::Raise);
    console.act(|now| Action::Typed { character: 'p', now });
    assert_eq!(console.state.dialog, None);
    console.act(|now| Action::Resized { columns: 80, rows: 24, now });
    console.press(Intent::Raise);
    assert!(matches!(console.state.dialog, Some(Dialog::Countdown { .. })));
    console.act(|now| Action::Resized { columns: 20, rows: 6, now });
    console.pass(5);
    console.tick(Timer::Display);
    assert!(console.effects.is_empty(), "a countdown that went out of sight is stopped");
    assert_eq!(console.state.watch, Watch::Idle);
    console.press(Intent::Quit);
    assert!(console.state.is_over(), "quitting goes always");
}

#[test]
fn a_hard_cancel_is_not_shown_as_a_soft_one() {
    let mut console = Console::live();
    console.press(Intent::Cancel);
    console.act(|now| Action::Pasted { text: "4567".into(), now });
    console.press(Intent::Submit);
    let call = console.call(|call| matches!(call, Call::Cancel)).unwrap();
    console.answer(call, Ok(Answer::Cancelled));
    console.answer_poll(Callout { cancelled_by_customer: true, ..Callout::new(id("7"), Status::Closed) });
    assert!(!console.followed().soft_cancelled);
}
