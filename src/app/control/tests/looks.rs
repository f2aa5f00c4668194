//! When the simulator is looked at, and in which order its callouts stand.

use super::*;

#[test]
fn nothing_is_asked_while_it_is_not_on_the_screen() {
    let mut console = Console::idle();
    assert_eq!(deadlines(&console.state).screen, None);
    console.press(Intent::ShowControlRoom);
    assert!(deadlines(&console.state).screen.is_some_and(|at| at <= console.now));
    console.look(survey(vec![case("1", 5)]));
    console.press(Intent::ShowCustomer);
    assert_eq!(deadlines(&console.state), deadlines(&Console::idle().state), "nothing wakes it up");
}

#[test]
fn every_two_seconds_of_the_person_s_own_time_and_one_at_a_time() {
    let mut console = Console::room(Vec::new());
    let at = console.now;
    assert_eq!(deadlines(&console.state).screen, Some(at + SignedDuration::from_secs(2)));
    console.state.demo = Some(crate::app::state::Demo { speed: 10.0, scenario: "".into() });
    assert_eq!(deadlines(&console.state).screen, Some(at + SignedDuration::from_secs(20)));
    console.due();
    assert_eq!(console.orders(), [Order::Survey { since: None }], "nothing is known yet");
    assert_eq!(deadlines(&console.state).screen, None, "none on top of a running one");
    console.press(Intent::Refresh);
    assert!(console.effects.is_empty());
}

#[test]
fn a_look_is_no_request_of_the_api() {
    let mut console = Console::room(Vec::new());
    let (sent, health) = (console.state.link.sent.len(), console.state.link.health.clone());
    console.due();
    let call = console.looking().unwrap();
    console.answer(call, Err(failure(FailureKind::Unreachable)));
    assert_eq!(console.state.link.sent.len(), sent);
    assert_eq!(console.state.link.health, health);
}

#[test]
fn failures_keep_the_data_tell_its_age_and_ask_seldomer() {
    let mut console = Console::room(vec![case("1", 5)]);
    let mut waits = Vec::new();
    for _ in 0..6 {
        console.due();
        let call = console.looking().unwrap();
        console.answer(call, Err(failure(FailureKind::Unreachable)));
        waits.push(deadlines(&console.state).screen.unwrap().duration_since(console.now).as_secs());
    }
    assert_eq!(waits, [4, 8, 16, 30, 30, 30]);
    assert_eq!(console.rows(), ["1"]);
    assert!(console.state.control_age().unwrap() > SignedDuration::from_secs(50));
    console.look(survey(vec![case("1", 5)]));
    assert!(console.state.control.problem.is_none());
    assert_eq!(console.state.control_age(), Some(SignedDuration::ZERO));
    let next = deadlines(&console.state).screen.unwrap().duration_since(console.now);
    assert_eq!(next, SignedDuration::from_secs(2));
}

#[test]
fn a_server_that_says_when_to_come_back_is_obeyed() {
    let mut console = Console::room(Vec::new());
    console.due();
    let call = console.looking().unwrap();
    let wait = Some(SignedDuration::from_secs(90));
    console.answer(call, Err(Failure { retry_after: wait, ..failure(FailureKind::TooMany) }));
    let next = deadlines(&console.state).screen.unwrap().duration_since(console.now);
    assert_eq!(next, SignedDuration::from_secs(90));
}

#[test]
fn the_most_urgent_come_first_then_the_newest() {
    let unanswered = Case { comments: vec![said(Role::User, "hello?")], ..case("chat", 400) };
    let answered =
        Case { comments: vec![said(Role::User, "hello?"), said(Role::Admin, "yes")], ..case("answered", 20) };
    let console = Console::room(vec![
        closed("over", 1),
        Case { on_autopilot: true, ..case("played", 2) },
        case("old", 300),
        answered,
        unanswered,
        Case { cancelled_by_customer: true, ..case("soft", 500) },
        Case { duress: true, ..case("duress", 600) },
        Case { duress: true, status: Status::Closed, ..case("long-over", 700) },
    ]);
    assert_eq!(console.rows(), ["duress", "soft", "chat", "answered", "old", "played", "over", "long-over"]);
    assert_eq!(console.chosen(), "duress", "the first look chooses the most urgent");
}

#[test]
fn the_chosen_one_stays_chosen_whatever_comes() {
    let mut console = Console::room(vec![case("1", 10), case("2", 20), case("3", 30)]);
    console.press(Intent::ScrollDown);
    assert_eq!(console.chosen(), "2");
    let duress = Case { duress: true, ..case("4", 1) };
    console.look(survey(vec![case("1", 10), case("2", 20), case("3", 30), duress]));
    assert_eq!((console.chosen(), console.rows()[0]), ("2", "4"));
    console.look(survey(vec![case("1", 10), closed("2", 20), case("3", 30)]));
    assert_eq!(console.chosen(), "2", "also when it is over");
    console.look(survey(vec![case("1", 10), case("3", 30)]));
    assert_eq!(console.chosen(), "3", "gone: the one that took its place");
    console.look(survey(Vec::new()));
    assert_eq!(console.chosen(), "");
}

#[test]
fn what_did_not_change_is_known_between_the_whole_looks() {
    let (first, second) = (case("1", 10), closed("2", 20));
    let newest = first.times.updated.max(second.times.updated);
    assert!(newest.is_some());
    let mut console = Console::room(vec![first, second]);
    console.due();
    assert_eq!(console.orders(), [Order::Survey { since: newest }]);
    let part = |cases| Survey { whole: false, ..survey(cases) };
    let call = console.looking().unwrap();
    console.answer(call, Ok(Answer::Control(Told::Surveyed(Box::new(part(vec![case("1", 10)]))))));
    console.look(part(vec![case("1", 10)]));
    assert_eq!(console.rows(), ["1", "2"]);
    console.look(part(Vec::new()));
    assert_eq!(console.rows(), ["1", "2"], "it was not closed when it was last seen");
    console.tick(Timer::Screen);
    assert_eq!(console.orders(), [Order::Survey { since: None }], "so all of them are asked for, at once");
    let call = console.looking().unwrap();
    let cases = vec![closed("1", 10), closed("2", 20)];
    console.answer(call, Ok(Answer::Control(Told::Surveyed(Box::new(survey(cases))))));
    assert!(console.state.control.cases.iter().all(|case| case.status.is_closed()));
    let wholes = (0..151).filter(|_| {
        console.due();
        let whole = console.orders() == [Order::Survey { since: None }];
        let call = console.looking().unwrap();
        console.answer(call, Ok(Answer::Control(Told::Surveyed(Box::new(part(Vec::new()))))));
        whole
    });
    assert_eq!(wholes.count(), 1, "and now and then anyhow");
}

#[test]
fn ages_go_by_the_simulator_s_clock() {
    let mut console = Console::room(Vec::new());
    console.look(Survey { speed: 20.0, ..survey(Vec::new()) });
    console.pass(3);
    console.tick(Timer::Display);
    assert_eq!(console.state.control_now(), noon() + SignedDuration::from_secs(60));
    assert_eq!(console.state.control_age(), Some(SignedDuration::from_secs(3)));
}

#[test]
fn of_aura_s_own_hosts_nothing_is_asked() {
    for environment in [Environment::Staging, Environment::Production, Environment::Remote] {
        let mut console = Console::idle_with(Settings { environment, ..settings() });
        console.press(Intent::ShowControlRoom);
        assert_eq!(deadlines(&console.state).screen, None, "{environment:?}");
        for intent in [Intent::Refresh, Intent::PlaceVehicle, Intent::Acknowledge, Intent::Write] {
            console.press(intent);
            assert!(console.effects.is_empty(), "{environment:?} {intent:?}");
        }
    }
    assert_eq!(Reach::of(Environment::Remote, true), Reach::Simulator);
    assert_eq!(Reach::of(Environment::Production, true), Reach::Portal, "whatever a setting says");
    assert_eq!(Reach::of(Environment::Staging, true), Reach::Portal);
}
