use super::super::timers::deadlines;
use super::*;

#[test]
fn the_poll_comes_each_fifteen_seconds_and_only_one_at_a_time() {
    let mut console = Console::live();
    console.pass(14);
    console.tick(Timer::Poll);
    assert!(console.effects.is_empty(), "not due yet");
    console.pass(1);
    console.tick(Timer::Poll);
    let call = console.poll();
    assert_eq!(console.effects, vec![Effect::Fetch { call, callout: id("7") }]);
    console.pass(15);
    console.tick(Timer::Poll);
    assert!(console.effects.is_empty(), "the last one is still on its way");
    assert_eq!(deadlines(&console.state).poll, Some(console.now + 15.seconds()));
}

#[test]
fn missed_polls_are_counted_and_the_last_good_state_stays() {
    let mut console = Console::live();
    let responder = Some(Responder { name: "Testy McTestFace".into(), ..Responder::default() });
    console.next_poll(Callout { responder: responder.clone(), ..Callout::new(id("7"), Status::Dispatched) });
    let seen_at = console.followed().seen_at;
    for missed in 1..=3 {
        console.now = deadlines(&console.state).poll.unwrap();
        console.tick(Timer::Poll);
        let call = console.poll();
        console.answer(call, Err(failure(FailureKind::Unreachable)));
        assert_eq!(console.state.link.missed, missed);
    }
    assert!(matches!(console.state.link.health, Health::Down { .. }));
    assert_eq!(console.followed().callout.responder, responder);
    assert_eq!(console.followed().seen_at, seen_at, "and it keeps its age");
    console.now = deadlines(&console.state).poll.unwrap();
    console.tick(Timer::Poll);
    console.answer_poll(Callout::new(id("7"), Status::Dispatched));
    assert_eq!((console.state.link.missed, &console.state.link.health), (0, &Health::Live));
}

#[test]
fn retries_never_wait_longer_than_a_poll() {
    for failures in 0..40 {
        let longest = SignedDuration::from_secs(15);
        let wait = super::super::link::backoff(failures, longest, 3, CallId(u64::from(failures)));
        assert!(wait <= longest, "{failures}: {wait:?}");
        assert!(wait >= SignedDuration::from_millis(750), "{failures}: {wait:?}");
    }
}

#[test]
fn too_many_requests_waits_as_long_as_the_server_says() {
    let mut console = Console::live();
    console.pass(15);
    console.tick(Timer::Poll);
    let call = console.poll();
    let retry_after = Some(SignedDuration::from_secs(33));
    console.answer(call, Err(Failure { retry_after, ..failure(FailureKind::TooMany) }));
    assert_eq!(deadlines(&console.state).poll, Some(console.now + 33.seconds()));
}

#[test]
fn closed_stops_everything_for_the_callout() {
    let mut console = Console::live();
    console.pass(10);
    console.tick(Timer::Location);
    let locate = console.only_call();
    console.pass(5);
    console.tick(Timer::Poll);
    console.answer_poll(Callout::new(id("7"), Status::Closed));
    assert_eq!(console.effects, vec![Effect::Abandon { call: locate }, Effect::Remember(None)]);
    assert_eq!((deadlines(&console.state).poll, deadlines(&console.state).location), (None, None));
    assert!(console.state.in_flight.is_empty());
}

#[test]
fn a_285_ends_it_with_the_state_in_its_body_or_without() {
    for (body, address) in [(true, "33 4th St"), (false, "")] {
        let mut console = Console::live();
        console.pass(10);
        console.tick(Timer::Location);
        let call = console.only_call();
        let last = body.then(|| {
            Box::new(Callout { address: address.into(), ..Callout::new(id("7"), Status::Completed) })
        });
        console.answer(call, Ok(Answer::Closed(last)));
        assert!(matches!(console.state.watch, Watch::Ended { why: Ending::Closed, .. }));
        assert_eq!(console.followed().callout.status, Status::Closed);
        assert_eq!(console.followed().callout.address, text(address));
    }
}

#[test]
fn a_callout_of_the_last_run_is_there_again_with_polling_and_location() {
    let mut console = Console::fresh(settings());
    let tracking = Some(TrackingLink("http://127.0.0.1/track".to_owned()));
    let resume = Resume { callout: id("7"), tracking, unsent: vec![] };
    console.act(|now| Action::Started { now, resume: Some(resume.clone()) });
    assert_eq!(console.effects, vec![Effect::Fetch { call: console.poll(), callout: id("7") }]);
    console.answer_poll(Callout::new(id("7"), Status::Dispatched));
    assert_eq!(console.effects[0], Effect::Remember(Some(resume)), "with its tracking link");
    assert!(matches!(console.state.watch, Watch::Live(_)));
    assert!(console.state.in_flight.is_empty(), "the reading that brought it is poll enough");
    assert_eq!(deadlines(&console.state).poll, Some(console.now + 15.seconds()));
    assert_eq!(deadlines(&console.state).location, Some(console.now + 10.seconds()));
}

#[test]
fn the_last_run_is_not_forgotten_while_the_server_is_away() {
    let mut console = Console::fresh(settings());
    let resume = Resume { callout: id("7"), tracking: None, unsent: vec![] };
    console.act(|now| Action::Started { now, resume: Some(resume) });
    for _ in 0..5 {
        let call = console.poll();
        console.answer(call, Err(failure(FailureKind::Unreachable)));
        assert!(console.effects.is_empty());
        console.now = deadlines(&console.state).poll.expect("another try");
        console.tick(Timer::Poll);
    }
    console.answer_poll(Callout::new(id("7"), Status::Arrived));
    assert_eq!(console.followed().callout.status, Status::Arrived);
}

#[test]
fn a_callout_of_the_last_run_that_is_closed_is_shown_as_such() {
    let mut console = Console::fresh(settings());
    let resume = Resume {
        callout: id("7"),
        tracking: None,
        unsent: vec![Unsent { text: text("are you there?"), tried: false, known_before: 0 }],
    };
    console.act(|now| Action::Started { now, resume: Some(resume) });
    console.answer_poll(Console::with_comments(vec![]));
    console.next_poll(Callout::new(id("7"), Status::Closed));
    assert!(matches!(console.state.watch, Watch::Ended { .. }));
    assert_eq!(console.effects.last(), Some(&Effect::Remember(None)));
}

#[test]
fn an_unknown_callout_makes_way_for_an_active_one() {
    let mut console = Console::live();
    console.pass(15);
    console.tick(Timer::Poll);
    let call = console.poll();
    console.answer(call, Err(failure(FailureKind::NotFound)));
    assert!(matches!(console.state.watch, Watch::Ended { why: Ending::Unknown, .. }));
    let find = console.only_call();
    assert_eq!(console.effects, vec![Effect::Remember(None), Effect::FindActive { call: find }]);
    console.answer(find, Ok(Answer::Active(vec![Callout::new(id("8"), Status::Created)])));
    assert_eq!(console.followed().callout.id, id("8"));
}

#[test]
fn the_newest_open_callout_is_adopted() {
    let created = |callout: &str, status, at: &str| {
        let mut callout = Callout::new(id(callout), status);
        callout.times.created = Some(at.parse().unwrap());
        callout
    };
    let mut console = Console::fresh(settings());
    console.act(|now| Action::Started { now, resume: None });
    let call = console.only_call();
    console.answer(
        call,
        Ok(Answer::Active(vec![
            created("1", Status::Created, "2026-06-10T09:00:00Z"),
            created("2", Status::Created, "2026-06-10T09:20:00Z"),
            created("3", Status::Closed, "2026-06-10T09:25:00Z"),
        ])),
    );
    assert_eq!(console.followed().callout.id, id("2"));
}

#[test]
fn a_reply_about_another_callout_changes_nothing() {
    let mut console = Console::live();
    console.pass(15);
    console.tick(Timer::Poll);
    let before = console.followed().clone();
    console.answer_poll(Callout::new(id("999"), Status::Closed));
    assert_eq!(*console.followed(), before);
    assert_eq!(console.state.link.missed, 1);
}

#[test]
fn late_and_unknown_replies_are_dropped() {
    let mut console = Console::live();
    let before = console.state.clone();
    console.answer(CallId(999), Ok(Answer::Read(Box::new(Callout::new(id("7"), Status::Closed)))));
    assert_eq!(console.state, before);
}

#[test]
fn the_route_outlives_a_reply_without_one_but_not_its_responder() {
    let route = Some(vec![settings().start, settings().start.towards(0.0, 500.0)]);
    let with = |name: &str, route| Callout {
        responder: Some(Responder { id: name.into(), ..Responder::default() }),
        route,
        ..Callout::new(id("7"), Status::Dispatched)
    };
    let mut console = Console::live();
    console.next_poll(with("8", route.clone()));
    console.next_poll(with("8", None));
    assert_eq!(console.followed().callout.route, route);
    console.next_poll(with("9", None));
    assert_eq!(console.followed().callout.route, None);
}

#[test]
fn each_status_is_noted_once_with_its_own_time_and_responder() {
    let mut console = Console::live();
    let at = |raw: &str| raw.parse::<Timestamp>().unwrap();
    let mut callout = Callout::new(id("7"), Status::Dispatched);
    callout.times.dispatched = Some(at("2026-06-10T09:30:07Z"));
    callout.responder = Some(Responder { name: "Testy McTestFace".into(), ..Responder::default() });
    console.next_poll(callout.clone());
    console.next_poll(callout);
    console.next_poll(Callout::new(id("7"), Status::ResponderCancelled));
    let seen: Vec<_> =
        console.followed().history.iter().map(|s| (s.status.as_str(), s.at, s.responder.as_str())).collect();
    assert_eq!(
        seen[1..],
        [
            ("Responder Dispatched", at("2026-06-10T09:30:07Z"), "Testy McTestFace"),
            ("Responder Cancelled", console.now, ""),
        ]
    );
}

#[test]
fn the_course_of_the_eta_holds_changes_only() {
    let mut console = Console::live();
    for duration_s in [195.0, 195.0, 180.0, 200.0] {
        let eta = Some(Eta { distance_m: Some(1213.0), duration_s: Some(duration_s), at: None });
        console.next_poll(Callout { eta, ..Callout::new(id("7"), Status::Dispatched) });
    }
    let course: Vec<_> = console.followed().eta_course.iter().map(|sample| sample.duration_s).collect();
    assert_eq!(course, [195.0, 180.0, 200.0]);
}

#[test]
fn a_console_without_a_callout_sleeps() {
    let mut console = Console::idle();
    let asleep = super::super::timers::Deadlines::default();
    assert_eq!(deadlines(&console.state), asleep);
    console.press(Intent::NextReception);
    assert!(deadlines(&console.state).display.is_some(), "news have a life");
    console.pass(8);
    console.tick(Timer::Display);
    assert_eq!(deadlines(&console.state), asleep);
}

#[test]
fn ages_move_once_a_second_of_the_person_s_own_time() {
    let mut console = Console::live();
    assert_eq!(deadlines(&console.state).display, Some(console.now + 1.seconds()));
    console.state.demo = Some(Demo { speed: 20.0, scenario: "happy-path".into() });
    assert_eq!(deadlines(&console.state).display, Some(console.now + 20.seconds()));
}

#[test]
fn requests_of_the_last_minute_are_counted() {
    let mut console = Console::live();
    let at_start = console.state.link.sent.len();
    console.next_poll(Callout::new(id("7"), Status::Created));
    assert_eq!(console.state.link.sent.len(), at_start + 1);
    console.pass(61);
    console.tick(Timer::Poll);
    assert_eq!(console.state.link.sent.len(), 1);
}

#[test]
fn the_clock_never_runs_backwards() {
    let mut console = Console::live();
    let now = console.state.now;
    console.pass(-100);
    console.tick(Timer::Display);
    assert_eq!(console.state.now, now);
}

#[test]
fn demo_speeds_step_up_and_down_and_stay_within_bounds() {
    let mut console = Console::idle();
    console.press(Intent::Faster);
    assert!(console.effects.is_empty(), "no demo, no other clock");
    console.state.demo = Some(Demo { speed: 1.0, scenario: "happy-path".into() });
    let mut seen = Vec::new();
    for intent in [Intent::Slower, Intent::Faster, Intent::Faster, Intent::Slower] {
        console.press(intent);
        if let [Effect::SetSpeed { call, speed }] = console.effects[..] {
            seen.push(speed);
            console.answer(call, Ok(Answer::Clock { speed }));
        }
    }
    assert_eq!(seen, [2.0, 5.0, 2.0]);
    assert!((console.state.speed() - 2.0).abs() < f64::EPSILON);
}

#[test]
fn the_first_thing_that_gets_through_after_an_outage_brings_a_reading() {
    let mut console = Console::live();
    console.pass(15);
    console.tick(Timer::Poll);
    let call = console.poll();
    console.answer(call, Err(failure(FailureKind::Unreachable)));
    console.pass(1);
    console.act(|now| Action::Tick { timer: Timer::Location, now });
    let call = console.only_call();
    console.answer(call, Ok(Answer::Located));
    assert_eq!(console.effects, vec![Effect::Fetch { call: console.poll(), callout: id("7") }]);
}

#[test]
fn a_time_of_first_sight_gives_way_to_the_api_s_own() {
    let mut console = Console::live();
    console.next_poll(Callout::new(id("7"), Status::Dispatched));
    let mut callout = Callout::new(id("7"), Status::Dispatched);
    let dispatched = "2026-06-10T09:30:07Z".parse().unwrap();
    callout.times.dispatched = Some(dispatched);
    console.next_poll(callout);
    assert_eq!(console.followed().history.last().unwrap().at, dispatched);
}

#[test]
fn what_the_control_room_did_outlives_a_reply_that_does_not_tell_of_it() {
    let mut console = Console::live();
    let mut callout = Callout::new(id("7"), Status::Created);
    callout.times.acknowledged = Some("2026-06-10T09:30:04Z".parse().unwrap());
    let acknowledged = callout.times.acknowledged;
    console.next_poll(callout);
    console.next_poll(Callout::new(id("7"), Status::Closed));
    assert_eq!(console.followed().callout.times.acknowledged, acknowledged);
}
