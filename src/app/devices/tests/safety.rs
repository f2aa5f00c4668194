//! Nothing goes out by accident.

use super::*;

const BEYOND: [Environment; 3] = [Environment::Staging, Environment::Remote, Environment::Production];

fn at(environment: Environment) -> Console {
    Console::devices_with(Settings { environment, ..settings() }, vec![device("1")])
}

#[test]
fn a_press_beyond_this_machine_takes_the_word() {
    for environment in BEYOND {
        let mut console = at(environment);
        console.press(Intent::PressDevice);
        assert!(matches!(console.state.dialog, Some(Dialog::Devices(Form::Press { .. }))), "{environment:?}");
        for intent in [Intent::Submit, Intent::Confirm] {
            console.press(intent);
            assert!(console.device_orders().is_empty());
        }
        console.act(|now| Action::Pasted { text: "REAL".into(), now });
        console.press(Intent::Submit);
        assert!(console.device_orders().is_empty(), "it is not pasted");
        console.type_in("real");
        console.press(Intent::Submit);
        assert!(console.device_orders().is_empty());
        console.press(Intent::EraseLine);
        console.type_in("REAL");
        console.press(Intent::Submit);
        assert!(matches!(console.device_orders()[..], [Order::Say { say: Say::Press, .. }]));
        assert_eq!(console.state.dialog, None);
    }
}

/// Each write but the press, as far as the question.
fn write(console: &mut Console, which: usize) {
    match which {
        0 => {
            console.press(Intent::LinkDevice);
            console.type_in("SN-9");
            console.press(Intent::Submit);
        }
        1 => {
            console.press(Intent::MoveDevice);
            console.press(Intent::FocusUp);
            console.press(Intent::Submit);
        }
        2 => console.press(Intent::CancelDevice),
        3 => {
            console.press(Intent::DeviceBattery);
            console.type_in("5");
            console.press(Intent::Submit);
        }
        _ => console.press(Intent::UnlinkDevice),
    }
}

#[test]
fn production_and_what_may_be_it_ask_before_each_write() {
    for environment in [Environment::Production, Environment::Remote] {
        for which in 0..5 {
            let mut console = at(environment);
            write(&mut console, which);
            assert!(console.device_orders().is_empty(), "{environment:?} {which}");
            assert_eq!(console.state.dialog, Some(Dialog::ConfirmWrite { write: PendingWrite::Device }));
            console.press(Intent::Back);
            assert!(console.device_orders().is_empty() && console.state.devices.pending.is_none());
            assert_eq!(console.notice(), "stopped: nothing was sent");
            console.press(Intent::Confirm);
            let again = matches!(console.state.dialog, Some(Dialog::ConfirmWrite { .. }));
            assert!(console.device_orders().is_empty() && (again == (which == 0)), "{which}");

            let mut console = at(environment);
            write(&mut console, which);
            console.press(Intent::Confirm);
            assert_eq!(console.device_orders().len(), 1, "{environment:?} {which}");
        }
    }
}

#[test]
fn a_no_gives_the_form_back_as_it_was() {
    let mut console = at(Environment::Production);
    write(&mut console, 0);
    console.press(Intent::Back);
    assert_eq!((console.link_form().serial.value(), console.link_form().busy), ("SN-9", false));
}

#[test]
fn an_unlink_is_asked_for_everywhere() {
    for environment in [Environment::Demo, Environment::Local, Environment::Staging] {
        let mut console = at(environment);
        console.press(Intent::UnlinkDevice);
        let asked = Dialog::Devices(Form::Unlink { device: "101".into() });
        assert_eq!((console.state.dialog.as_ref(), console.device_orders()), (Some(&asked), Vec::new()));
        console.press(Intent::Back);
        assert_eq!((console.state.dialog.as_ref(), console.device_orders()), (None, Vec::new()));
        console.press(Intent::UnlinkDevice);
        console.press(Intent::Confirm);
        assert_eq!(console.device_orders(), [Order::Unlink { device: "DEV-1".into() }]);
    }
}

#[test]
fn on_this_machine_nothing_but_an_unlink_is_asked_for() {
    for environment in [Environment::Demo, Environment::Local] {
        for which in 0..4 {
            let mut console = at(environment);
            write(&mut console, which);
            assert_eq!(console.device_orders().len(), 1, "{environment:?} {which}");
        }
    }
}

#[test]
fn read_only_sends_nothing_and_says_so() {
    let settings = Settings { read_only: true, ..settings() };
    for intent in [
        Intent::LinkDevice,
        Intent::PressDevice,
        Intent::MoveDevice,
        Intent::TypePlace,
        Intent::CancelDevice,
        Intent::DeviceBattery,
        Intent::UnlinkDevice,
    ] {
        let mut console = Console::devices_with(settings.clone(), vec![device("1")]);
        console.press(intent);
        assert!(console.device_orders().is_empty() && console.state.dialog.is_none(), "{intent:?}");
        assert!(console.notice().starts_with("read-only"), "{intent:?}: {}", console.notice());
        assert_eq!(console.state.devices.shifting, None);
    }
}

#[test]
fn a_line_of_a_script_presses_nothing_beyond_this_machine() {
    for environment in BEYOND {
        let mut console = at(environment);
        for line in ["press-device", "REAL", "confirm"] {
            console.act(|now| Action::Line { line: line.into(), now });
            assert!(console.device_orders().is_empty(), "{environment:?} {line}");
        }
    }
}

#[test]
fn what_waited_for_a_yes_is_not_sent_by_the_next_question() {
    let mut console = at(Environment::Production);
    write(&mut console, 2);
    assert!(matches!(console.state.devices.pending, Some(Wanted::Say { say: Say::Cancel, .. })));
    console.press(Intent::Back);
    write(&mut console, 4);
    console.press(Intent::Confirm);
    assert!(matches!(console.device_orders()[..], [Order::Unlink { .. }]));
}

#[test]
fn a_yes_for_a_device_that_is_gone_sends_nothing() {
    let mut console = at(Environment::Remote);
    write(&mut console, 2);
    console.state.devices.list.clear();
    console.press(Intent::Confirm);
    assert!(console.device_orders().is_empty() && console.notice().contains("not linked any more"));
}
