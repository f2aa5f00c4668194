//! What is filled in, what is wrong with it, and that none of it is lost.

use super::*;

fn opened() -> Console {
    let mut console = Console::devices(Vec::new());
    console.press(Intent::LinkDevice);
    console
}

#[test]
fn a_form_is_filled_in_field_by_field() {
    let mut console = opened();
    console.type_in("SN-9");
    console.press(Intent::ScrollDown);
    console.type_in("1002");
    console.press(Intent::ScrollDown);
    console.press(Intent::ScrollDown);
    console.type_in("Front desk");
    console.press(Intent::Submit);
    let expected = Order::Link {
        template: "example-devices".into(),
        serial: "SN-9".into(),
        supplier: "".into(),
        customer: Some(1002),
        alias: "Front desk".into(),
    };
    assert_eq!(console.device_orders(), [expected]);
    assert!(console.link_form().busy);
    console.type_in("x");
    console.press(Intent::Submit);
    assert!(console.device_orders().is_empty(), "once is enough");
    assert_eq!(console.link_form().alias.value(), "Front desk");
}

#[test]
fn the_template_is_chosen_from_those_there_are() {
    let mut console = opened();
    console.press(Intent::ScrollUp);
    assert_eq!(console.link_form().field, Field::Template);
    console.press(Intent::CursorRight);
    assert_eq!(console.link_form().template.as_str(), "nobodys");
    console.type_in(" ");
    assert_eq!(console.link_form().template.as_str(), "example-devices");
    console.press(Intent::CursorLeft);
    assert_eq!(console.link_form().template.as_str(), "nobodys");
    console.press(Intent::ScrollUp);
    assert_eq!(console.link_form().field, Field::Alias, "round");
}

#[test]
fn a_form_that_was_open_before_the_first_look_gets_its_template() {
    let mut console = Console::idle();
    console.press(Intent::ShowDevices);
    console.press(Intent::LinkDevice);
    assert!(console.link_form().template.is_empty());
    console.look_at(Vec::new());
    assert_eq!(console.link_form().template.as_str(), "example-devices");
}

#[test]
fn a_line_of_plain_mode_fills_it_in() {
    let mut console = Console::devices(Vec::new());
    for line in ["link-device", "SN-9"] {
        console.act(|now| Action::Line { line: line.into(), now });
    }
    assert!(
        matches!(&console.device_orders()[..], [Order::Link { serial, .. }] if serial.as_str() == "SN-9")
    );
}

#[test]
fn each_field_tells_what_is_wrong_with_it() {
    let mut console = opened();
    console.press(Intent::ScrollUp);
    console.press(Intent::CursorRight);
    console.press(Intent::ScrollDown);
    console.press(Intent::ScrollDown);
    console.type_in("Jane");
    console.press(Intent::Submit);
    let form = console.link_form();
    let wrong: Vec<Field> = form.wrong.keys().copied().collect();
    assert_eq!(wrong, [Field::Serial, Field::Customer, Field::Supplier]);
    assert_eq!((form.field, console.device_orders()), (Field::Serial, Vec::new()));
    console.type_in("S");
    assert!(!console.link_form().wrong.contains_key(&Field::Serial), "what is changed may be right");
    assert_eq!(console.link_form().wrong.len(), 2);
}

#[test]
fn a_refusal_stands_at_its_field_and_the_form_stays() {
    let mut console = opened();
    console.type_in("SN-9");
    for (message, field, told) in [
        (
            "could not link the device: the server answered 400: deviceSerial does not match the template x",
            Field::Serial,
            "deviceSerial does not match the template x",
        ),
        (
            "could not link the device: the server answered 404: Customer not found",
            Field::Customer,
            "Customer not found",
        ),
    ] {
        console.press(Intent::Submit);
        let call = console.sent_for_device().unwrap();
        let refused = Failure { kind: FailureKind::Refused, message: message.into(), retry_after: None };
        console.tell_devices(call, exchange(Err(refused)));
        let form = console.link_form();
        assert_eq!((form.field, form.wrong[&field].as_str(), form.busy), (field, told, false));
        assert_eq!(form.serial.value(), "SN-9");
    }
    console.press(Intent::Submit);
    let call = console.sent_for_device().unwrap();
    console.answer(call, Err(failure(FailureKind::Unreachable)));
    assert_eq!(console.link_form().problem, Some("it broke".into()));
    console.press(Intent::Submit);
    let call = console.sent_for_device().unwrap();
    console.tell_devices(call, Told::Wrong { field: "deviceSerial".into(), why: "is short".into() });
    assert_eq!(console.link_form().wrong[&Field::Serial].as_str(), "is short");
}

#[test]
fn one_that_was_linked_is_chosen_when_the_list_has_it() {
    let mut console = Console::devices(vec![device("1")]);
    console.press(Intent::LinkDevice);
    console.type_in("SN-2");
    console.press(Intent::Submit);
    let call = console.sent_for_device().unwrap();
    let told = Resolved { device: Some("DEV-2".into()), ..resolved("linked", None) };
    console.tell_devices(call, exchange(Ok(told)));
    assert_eq!((&console.state.dialog, console.notice()), (&None, "DEV-2 is linked"));
    console.look_at(vec![device("1"), device("2")]);
    assert_eq!(console.chosen_device(), "DEV-2");
    assert!(console.state.devices.exchanges.contains_key(&"DEV-2".into()));
}

#[test]
fn a_battery_is_from_0_to_100() {
    let mut console =
        Console::devices(vec![Device { battery: Some(Battery { level: 55.0, at: None }), ..device("1") }]);
    console.press(Intent::DeviceBattery);
    for typed in ["101", "x", "-1", ""] {
        console.press(Intent::EraseLine);
        console.type_in(typed);
        console.press(Intent::Submit);
        let Some(Dialog::Devices(Form::Battery { problem, .. })) = &console.state.dialog else { panic!() };
        assert!(problem.is_some() && console.device_orders().is_empty(), "{typed:?}");
    }
    console.press(Intent::EraseLine);
    console.type_in("7");
    console.press(Intent::Submit);
    let orders = console.device_orders();
    assert!(matches!(&orders[..], [Order::Say { say: Say::Battery(7.0), level: 7.0, .. }]), "{orders:?}");
}

#[test]
fn a_place_is_typed_or_refused() {
    let mut console = Console::devices(vec![device("1")]);
    console.press(Intent::MoveDevice);
    console.press(Intent::TypePlace);
    assert_eq!(console.state.devices.shifting, None);
    for typed in ["here", "91, 28", "-26.1 28", "1,2,3"] {
        console.press(Intent::EraseLine);
        console.type_in(typed);
        console.press(Intent::Submit);
        let Some(Dialog::Devices(Form::Place { problem, .. })) = &console.state.dialog else { panic!() };
        assert!(problem.is_some() && console.device_orders().is_empty(), "{typed:?}");
    }
    console.press(Intent::EraseLine);
    console.type_in("-26.125,28.0625");
    console.press(Intent::Submit);
    let orders = console.device_orders();
    assert!(matches!(&orders[..], [Order::Say { say: Say::Move(to), .. }] if *to == place()), "{orders:?}");
}

#[test]
fn a_form_about_a_device_that_is_gone_asks_nothing() {
    let mut console = Console::devices(vec![device("1")]);
    console.press(Intent::DeviceBattery);
    let call = console.looking_at_devices();
    assert_eq!(call, None);
    console.look_at(Vec::new());
    assert_eq!(console.state.dialog, None);
    assert!(console.notice().contains("not linked any more"));
}
