//! What a look changes, and what it leaves where it was.

use super::*;

#[test]
fn nothing_is_asked_for_unless_the_screen_is_shown() {
    let mut console = Console::idle();
    assert_eq!(deadlines(&console.state).screen, None);
    console.press(Intent::ShowDevices);
    assert_eq!(deadlines(&console.state).screen, Some(console.state.now));
    console.tick(Timer::Screen);
    assert!(console.looking_at_devices().is_some());
    assert_eq!(deadlines(&console.state).screen, None, "one look at a time");
    console.press(Intent::ShowCustomer);
    assert_eq!(deadlines(&console.state).screen, None);
}

#[test]
fn the_choice_stays_whatever_comes_and_goes() {
    let mut console = Console::devices(vec![device("1"), device("2"), device("3")]);
    assert_eq!(console.chosen_device(), "DEV-1");
    console.press(Intent::ScrollDown);
    assert_eq!(console.chosen_device(), "DEV-2");
    console.look_at(vec![device("0"), device("1"), device("2"), device("3")]);
    assert_eq!((console.chosen_device(), console.state.devices.row()), ("DEV-2", Some(2)));
    // Gone, its neighbour has its row.
    console.look_at(vec![device("0"), device("1"), device("3")]);
    assert_eq!(console.chosen_device(), "DEV-3");
    console.look_at(Vec::new());
    assert_eq!(console.chosen_device(), "");
}

#[test]
fn keys_wheel_and_mouse_choose() {
    let mut console = Console::devices((0..30).map(|n| device(&n.to_string())).collect());
    console.press(Intent::ScrollToEnd);
    assert_eq!(console.chosen_device(), "DEV-29");
    console.press(Intent::PageUp);
    assert_eq!(console.chosen_device(), "DEV-19");
    console.act(|now| Action::Wheeled { target: Target::Devices(Spot::Screen), lines: -3, now });
    assert_eq!(console.chosen_device(), "DEV-16");
    console.act(|now| Action::Pressed { target: Target::Devices(Spot::Device(4)), now });
    assert_eq!(console.chosen_device(), "DEV-4");
    console.act(|now| Action::Pressed { target: Target::Devices(Spot::Device(400)), now });
    assert_eq!(console.chosen_device(), "DEV-4");
}

#[test]
fn a_look_that_fails_keeps_what_was_seen_and_is_repeated_later_and_later() {
    let mut console = Console::devices(vec![device("1")]);
    let mut waits = Vec::new();
    for _ in 0..5 {
        let at = deadlines(&console.state).screen.unwrap();
        waits.push(at.duration_since(console.now).as_secs());
        console.now = at;
        console.tick(Timer::Screen);
        let call = console.looking_at_devices().unwrap();
        console.answer(call, Err(failure(FailureKind::Unreachable)));
    }
    assert_eq!(waits, [2, 4, 8, 16, 30]);
    assert_eq!(console.state.devices.list, [device("1")]);
    assert_eq!(console.state.devices.problem, Some(failure(FailureKind::Unreachable)));
    console.look_at(vec![device("1")]);
    assert_eq!(console.state.devices.problem, None);
}

#[test]
fn ages_go_by_the_simulators_clock() {
    let mut console = Console::devices(vec![pressed("1", "7")]);
    assert_eq!(console.state.devices_now(), noon());
    console.pass(5);
    console.tick(Timer::Display);
    assert_eq!(console.state.devices_now(), noon() + SignedDuration::from_secs(5));
    assert_eq!(console.state.devices_age(), Some(SignedDuration::from_secs(5)));
    assert!(deadlines(&console.state).display.is_some(), "they read differently each second");
    let old = Event { name: "NEW_CALLOUT".into(), at: Some(noon() - SignedDuration::from_hours(3)) };
    let console = Console::devices(vec![Device { last_event: Some(old), ..device("1") }]);
    assert_eq!(deadlines(&console.state).display, None);
}

#[test]
fn where_the_api_lists_none_the_own_list_is_read_once_each_time() {
    let portal = Settings { environment: Environment::Production, ..settings() };
    let mut console = Console::devices_with(portal, vec![device("1")]);
    assert!(console.state.keeps_devices());
    assert_eq!(deadlines(&console.state).screen, None);
    console.press(Intent::ShowCustomer);
    console.press(Intent::ShowDevices);
    assert!(deadlines(&console.state).screen.is_some(), "a command may have changed it");
}

#[test]
fn version_1_has_no_devices() {
    let mut console = Console::idle_with(Settings { dialect: Dialect::V1, ..settings() });
    console.press(Intent::ShowDevices);
    assert_eq!(deadlines(&console.state).screen, None);
    console.press(Intent::Refresh);
    console.press(Intent::LinkDevice);
    assert_eq!((console.effects.as_slice(), &console.state.dialog), (&[][..], &None));
    assert!(console.notice().contains("v1"), "{}", console.notice());
}

#[test]
fn low_is_a_fifth_or_less() {
    let at = |level| Device { battery: Some(Battery { level, at: None }), ..device("1") };
    assert!(at(20.0).is_low() && at(0.0).is_low() && !at(20.5).is_low() && !device("1").is_low());
    let console = Console::devices(vec![at(7.0), device("2"), at(80.0)]);
    assert_eq!(console.state.devices.low, 1);
}

#[test]
fn a_callout_that_a_device_opened_is_looked_for_on_the_customers_side() {
    let mut console = Console::devices(vec![device("1")]);
    console.look_at(vec![pressed("1", "7")]);
    let call = console.call(|call| matches!(call, Call::FindActive)).expect("is it this customer's?");
    console.answer(call, Ok(Answer::Active(vec![Callout::new(id("7"), Status::Created)])));
    assert_eq!(console.followed().callout.id, id("7"));
    assert_eq!(console.state.screen, Screen::Devices);
    console.look_at(vec![pressed("1", "7")]);
    assert_eq!(console.call(|call| matches!(call, Call::FindActive)), None, "asked once");
}

#[test]
fn it_is_followed_also_after_one_that_is_over() {
    let mut console = Console::live();
    console.next_poll(Callout::new(id("7"), Status::Closed));
    assert!(matches!(console.state.watch, Watch::Ended { why: Ending::Closed, .. }));
    console.press(Intent::ShowDevices);
    console.look_at(vec![pressed("1", "8")]);
    let call = console.call(|call| matches!(call, Call::FindActive)).unwrap();
    console.answer(call, Ok(Answer::Active(vec![Callout::new(id("8"), Status::Created)])));
    assert_eq!(console.followed().callout.id, id("8"));
    assert!(matches!(console.state.watch, Watch::Live(_)));
}

#[test]
fn what_is_over_stays_unless_a_device_opened_another() {
    let mut console = Console::live();
    console.next_poll(Callout::new(id("7"), Status::Closed));
    console.press(Intent::Refresh);
    let call = console.call(|call| matches!(call, Call::FindActive)).unwrap();
    console.answer(call, Ok(Answer::Active(vec![Callout::new(id("8"), Status::Created)])));
    assert_eq!(console.followed().callout.id, id("7"));
}

#[test]
fn the_map_stands_still_while_the_device_is_inside_and_begins_anew_with_another() {
    let at =
        |number: &str, metres: f64| Device { place: Some(place().towards(90.0, metres)), ..device(number) };
    let mut console = Console::devices(vec![at("1", 0.0), at("2", 900.0), at("3", 90_000.0)]);
    let frame = console.state.devices_frame().unwrap();
    let around: Vec<&str> = console.state.devices.around.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(around, ["DEV-2"], "those too far away make no map larger");
    console.press(Intent::MoveDevice);
    console.press(Intent::FocusRight);
    assert_eq!(console.state.devices_frame(), Some(frame));
    for _ in 0..30 {
        console.press(Intent::FocusLeft);
    }
    assert_ne!(console.state.devices_frame(), Some(frame));
    console.press(Intent::Back);
    console.press(Intent::ScrollToEnd);
    let far = console.state.devices_frame().unwrap();
    assert!(far.middle.distance_to(place()) > 80_000.0);
    console.look_at(Vec::new());
    assert!(console.state.devices_frame().is_none() && console.state.devices.around.is_empty());
}
