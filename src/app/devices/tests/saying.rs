//! What is sent for a device, and what comes of it.

use super::*;

#[test]
fn a_press_says_where_the_person_is_and_opens_a_callout() {
    let mut console = Console::devices(vec![device("1")]);
    console.press(Intent::PressDevice);
    let [Order::Say { device: said, say: Say::Press, place, accuracy, .. }] = &console.device_orders()[..]
    else {
        panic!("{:?}", console.effects)
    };
    assert_eq!((said.id.as_str(), *place, *accuracy), ("DEV-1", settings().start, Some(8.0)));
    console.press(Intent::PressDevice);
    assert!(console.device_orders().is_empty(), "a key pressed twice is one message");
    let call = console.sent_for_device().unwrap();
    console.tell_devices(call, exchange(Ok(resolved("NEW_CALLOUT", Some("7")))));
    assert_eq!(console.notice(), "DEV-1: NEW_CALLOUT, callout 7");
    assert!(console.looking_at_devices().is_some(), "seen without waiting for the next look");
    let kept = &console.state.devices.exchanges[&"DEV-1".into()];
    assert_eq!(kept.came.as_ref().unwrap().callout, Some(id("7")));
}

#[test]
fn the_customers_screen_hears_at_once_of_its_own_callout() {
    let mut console = Console::live();
    console.press(Intent::ShowDevices);
    console.look_at(vec![pressed("1", "7")]);
    console.press(Intent::CancelDevice);
    let call = console.sent_for_device().unwrap();
    console.tell_devices(call, exchange(Ok(resolved("CALLOUT_CANCELLED", Some("7")))));
    assert!(console.call(|call| matches!(call, Call::Poll { .. })).is_some());
}

#[test]
fn what_is_refused_stays_with_the_device() {
    let mut console = Console::devices(vec![device("1"), device("2")]);
    console.press(Intent::CancelDevice);
    let call = console.sent_for_device().unwrap();
    console.tell_devices(call, exchange(Err(failure(FailureKind::Refused))));
    assert_eq!(console.notice(), "it broke");
    let exchanges = &console.state.devices.exchanges;
    assert!(exchanges[&"DEV-1".into()].came.is_err() && exchanges.len() == 1);
    console.look_at(vec![device("2")]);
    assert!(console.state.devices.exchanges.is_empty(), "of a device that is gone nothing is kept");
}

#[test]
fn arrows_move_it_and_enter_sends_it() {
    let mut console = Console::devices(vec![Device { place: Some(place()), ..device("1") }]);
    console.press(Intent::MoveDevice);
    for intent in [Intent::FocusUp, Intent::FocusUp, Intent::FocusRight, Intent::FocusLeft] {
        console.press(intent);
    }
    let at = console.state.devices.shifting.unwrap();
    let north = at.distance_to(place());
    assert!(north > 10.0 && at.latitude() > place().latitude(), "{north}");
    assert!((at.longitude() - place().longitude()).abs() < 1e-4, "east and west again");
    assert!(console.state.shifted_by().is_some_and(|metres| (metres - north).abs() < 1.0));
    assert_eq!(console.state.place_of(&console.state.devices.list[0]), (at, Whence::Moving));
    console.press(Intent::Submit);
    let orders = console.device_orders();
    assert!(
        matches!(&orders[..], [Order::Say { say: Say::Move(to), place, .. }] if *to == at && *place == at)
    );
    let call = console.sent_for_device().unwrap();
    console.tell_devices(call, exchange(Ok(resolved("CALLOUT_LOCATION_UPDATED", Some("7")))));
    assert_eq!(console.state.place_of(&console.state.devices.list[0]), (at, Whence::Told));
}

#[test]
fn a_move_that_is_left_or_refused_changes_no_place() {
    let mut console = Console::devices(vec![Device { place: Some(place()), ..device("1") }]);
    console.press(Intent::MoveDevice);
    console.press(Intent::FocusDown);
    console.press(Intent::Back);
    assert_eq!((console.state.devices.shifting, console.device_orders()), (None, Vec::new()));
    console.press(Intent::MoveDevice);
    console.press(Intent::FocusDown);
    console.press(Intent::Submit);
    let call = console.sent_for_device().unwrap();
    console.tell_devices(call, exchange(Err(failure(FailureKind::Refused))));
    assert_eq!(console.state.place_of(&console.state.devices.list[0]), (place(), Whence::Told));
}

#[test]
fn a_click_on_the_map_is_where_a_device_goes_and_the_wheel_comes_nearer() {
    let mut console = Console::devices(vec![Device { place: Some(place()), ..device("1") }]);
    let spot = crate::geo::view::Spot { column: 3, row: 3, columns: 40, rows: 12 };
    let target = Target::Devices(Spot::Map(spot));
    let before = console.state.devices_frame().unwrap();
    console.act(|now| Action::Wheeled { target, lines: -3, now });
    let shown = console.state.devices_frame().unwrap();
    assert!(shown.reach() < before.reach());
    console.act(|now| Action::Pressed { target, now });
    assert_eq!(console.state.devices.shifting, None, "a click alone moves no device");
    console.press(Intent::MoveDevice);
    console.act(|now| Action::Pressed { target, now });
    let to = console.state.devices.shifting.unwrap();
    assert!(to.distance_to(spot.place(&shown)) < 1.0);
    assert!(console.device_orders().is_empty(), "nothing is sent before enter");
    console.press(Intent::ResetMap);
    assert!(!console.state.devices.camera.is_by_hand());
}

#[test]
fn another_choice_or_screen_ends_the_moving() {
    let mut console = Console::devices(vec![device("1"), device("2")]);
    console.press(Intent::MoveDevice);
    console.act(|now| Action::Pressed { target: Target::Devices(Spot::Device(1)), now });
    assert_eq!(console.state.devices.shifting, None);
    console.press(Intent::MoveDevice);
    console.press(Intent::ShowCustomer);
    assert_eq!(console.state.devices.shifting, None);
}

#[test]
fn its_callout_is_one_key_away_in_the_control_room() {
    let mut console = Console::devices(vec![device("1"), pressed("2", "9")]);
    console.press(Intent::Open);
    assert_eq!(console.state.screen, Screen::Devices, "{}", console.notice());
    console.press(Intent::ScrollDown);
    console.press(Intent::Open);
    assert_eq!(console.state.screen, Screen::Control);
    assert_eq!(console.state.control.chosen, Some(id("9")));
    let looks = |effect: &Effect| {
        matches!(effect, Effect::Control { order: crate::app::control::Order::Survey { since: None }, .. })
    };
    assert!(console.effects.iter().any(looks), "it may be newer than the last look");
}

#[test]
fn without_a_control_room_it_is_the_customers_screen() {
    let production = Settings { environment: Environment::Production, ..settings() };
    let mut console = Console::devices_with(production, vec![pressed("1", "7"), pressed("2", "9")]);
    let call = console.call(|call| matches!(call, Call::FindActive)).unwrap();
    console.answer(call, Ok(Answer::Active(vec![Callout::new(id("7"), Status::Created)])));
    console.press(Intent::ScrollDown);
    console.press(Intent::Open);
    assert_eq!(console.state.screen, Screen::Devices);
    assert!(console.notice().contains("not the one on your screen"));
    console.press(Intent::ScrollUp);
    console.press(Intent::Open);
    assert_eq!(console.state.screen, Screen::Customer);
}

#[test]
fn a_battery_that_nobody_knows_is_said_to_be_full() {
    let mut console = Console::devices(vec![
        device("1"),
        Device { battery: Some(Battery { level: 31.0, at: None }), ..device("2") },
    ]);
    let mut levels = Vec::new();
    for _ in 0..2 {
        console.press(Intent::PressDevice);
        let [Order::Say { level, .. }] = console.device_orders()[..] else { panic!("{:?}", console.effects) };
        levels.push(level);
        console.press(Intent::ScrollDown);
    }
    assert_eq!(levels, [100.0, 31.0]);
}

#[test]
fn without_a_device_the_keys_say_what_to_do() {
    let mut console = Console::devices(Vec::new());
    for intent in [
        Intent::PressDevice,
        Intent::CancelDevice,
        Intent::MoveDevice,
        Intent::TypePlace,
        Intent::DeviceBattery,
        Intent::UnlinkDevice,
    ] {
        console.press(intent);
        assert_eq!((console.device_orders(), &console.state.dialog), (Vec::new(), &None));
        assert_eq!(console.notice(), "there is no device: link one first");
    }
    console.press(Intent::Open);
    assert_eq!(console.state.screen, Screen::Devices);
}
