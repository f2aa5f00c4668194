//! The devices' screen in its situations: usual, empty, in trouble, kept by the profile, being moved, and
//! its forms.

use super::sample_states::{self as sample, at, now};
use super::{SIZES, dark, look, screen, sized};
use jiff::SignedDuration;
use panic_console::app::action::{Failure, FailureKind};
use panic_console::app::callout::CalloutId;
use panic_console::app::control::Reading;
use panic_console::app::devices::model::{Battery, Device, Event, Exchange, Kind, Resolved};
use panic_console::app::devices::{Field, Form, LinkForm, Say, Spot, Wanted};
use panic_console::app::draft::Draft;
use panic_console::app::screen::{Screen, Target};
use panic_console::app::state::{Dialect, Dialog, Environment, PendingWrite, State};
use panic_console::geo::Position;
use panic_console::ui::{self, ThemeName};
use std::collections::BTreeMap;

macro_rules! snapshot {
    ($name:expr, $picture:expr) => {
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!($name, $picture);
        })
    };
}

fn place() -> Position {
    Position::new(-26.1091, 28.0830).unwrap()
}

fn id(number: &str) -> CalloutId {
    CalloutId::new(number).unwrap()
}

fn device(number: &str, id: &str, customer: &str) -> Device {
    Device {
        key: number.into(),
        id: id.into(),
        serial: format!("SN-0001-{id}").into(),
        supplier: "ExampleDevices".into(),
        template: "example-devices".into(),
        type_id: Some(1),
        customer: "1003".into(),
        customer_name: customer.into(),
        ..Device::default()
    }
}

fn heard(name: &str, seconds: i64) -> Event {
    Event { name: name.into(), at: Some(at(seconds)) }
}

fn battery(level: f64, seconds: i64) -> Battery {
    Battery { level, at: Some(at(seconds)) }
}

fn exchange(came: Result<Resolved, Failure>) -> Exchange {
    let sent = "{\"device_id\":\"A1B2C3D4\",\"device_type_id\":1,\"location\":{\"accuracy\":8,\"latitude\":-26.1091,\
                \"longitude\":28.083,\"sequenceNumber\":\"889\"},\"message_type\":1}";
    Exchange {
        at: now() - SignedDuration::from_secs(14),
        request: "POST /deviceEvent".into(),
        sent: sent.into(),
        place: Some(place()),
        came,
    }
}

/// On the screen, with these devices, the first of which is chosen.
fn screen_of(list: Vec<Device>) -> State {
    let mut state = sample::idle();
    state.screen = Screen::Devices;
    let kind = |name: &str, type_id, supplier: &str| Kind {
        name: name.into(),
        description: "".into(),
        type_id,
        suppliers: vec![supplier.into()],
    };
    let devices = &mut state.devices;
    devices.chosen = list.first().map(|device| device.key.clone());
    devices.take(list);
    devices.kinds =
        vec![kind("example-devices", 1, "ExampleDevices"), kind("sigfox-button", 2, "ExampleSigfox")];
    devices.clock =
        Some(Reading { heard: now() - SignedDuration::from_secs(1), showed: at(179), speed: 2.0 });
    state
}

fn usual() -> State {
    let mut state = screen_of(vec![
        Device {
            alias: "Front desk".into(),
            battery: Some(battery(72.0, 100)),
            last_event: Some(heard("NEW_CALLOUT", 166)),
            callout: Some(id("1005")),
            active: true,
            place: Some(place()),
            ..device("1004", "A1B2C3D4", "Jane Doe")
        },
        Device {
            battery: Some(battery(7.0, 60)),
            last_event: Some(heard("DEVICE_BATTERY_INFO_RECEIVED", 60)),
            place: Some(place().towards(60.0, 500.0)),
            template: "sigfox-button".into(),
            supplier: "ExampleSigfox".into(),
            type_id: Some(2),
            ..device("1006", "1A2B3C", "山田 花子")
        },
        Device {
            last_event: Some(heard("CALLOUT_CANCELLED", -4_000)),
            ..device("1007", "00C0FFEE", "Sipho Dlamini")
        },
        Device { template: "".into(), ..device("1008", "77D1E2F3", "Maria van der Merwe-Oosthuizen") },
    ]);
    let resolved = Resolved { event: "NEW_CALLOUT".into(), callout: Some(id("1005")), ..Resolved::default() };
    state.devices.around = vec![("1A2B3C".into(), place().towards(60.0, 500.0))];
    state.devices.exchanges = BTreeMap::from([("A1B2C3D4".into(), exchange(Ok(resolved)))]);
    state
}

/// The second one, whose battery is low, was refused.
fn refused() -> State {
    let mut state = usual();
    state.devices.chosen = Some("1006".into());
    state.devices.around = vec![("A1B2C3D4".into(), place())];
    let message =
        "could not send the device's message: the server answered 400: The device has no active callout";
    let failure = Failure { kind: FailureKind::Refused, message: message.into(), retry_after: None };
    let sent =
        "{\"data\":\"30000000000000000007\",\"device\":\"1A2B3C\",\"seqNumber\":46,\"time\":1781083800}";
    let exchange = Exchange { sent: sent.into(), place: None, ..exchange(Err(failure)) };
    state.devices.exchanges.insert("1A2B3C".into(), exchange);
    state
}

fn moving() -> State {
    let mut state = usual();
    state.devices.shifting = Some(place().towards(0.0, 300.0));
    state
}

fn failed() -> State {
    let mut state = usual();
    let message = "could not look at the devices: no connection to the server".into();
    state.devices.problem = Some(Failure { kind: FailureKind::Unreachable, message, retry_after: None });
    state.devices.clock =
        Some(Reading { heard: now() - SignedDuration::from_secs(96), showed: at(84), speed: 2.0 });
    state
}

fn production() -> State {
    let mut state = usual();
    state.settings = sample::settings(Environment::Production);
    state.demo = None;
    state
}

#[test]
fn the_devices_in_each_size_and_theme() {
    for (name, state) in [("usual", usual()), ("refused", refused())] {
        for theme in ThemeName::ALL {
            for (columns, rows) in SIZES {
                let picture = screen(&sized(state.clone(), columns, rows), &look(theme), columns, rows);
                snapshot!(format!("devices_{name}_{columns}x{rows}_{theme}"), picture);
            }
        }
    }
}

#[test]
fn the_devices_in_their_situations() {
    let mut looking = screen_of(Vec::new());
    looking.devices.clock = None;
    let mut read_only = usual();
    read_only.settings.read_only = true;
    let mut old = screen_of(Vec::new());
    old.settings.dialect = Dialect::V1;
    for (name, state) in [
        ("empty", screen_of(Vec::new())),
        ("looking", looking),
        ("error", failed()),
        ("read_only", read_only),
        ("own_list", production()),
        ("moving", moving()),
        ("v1", old),
    ] {
        for (columns, rows) in [(80, 24), (120, 36)] {
            let picture = dark(&sized(state.clone(), columns, rows), columns, rows).without_styles();
            snapshot!(format!("devices_{name}_{columns}x{rows}"), picture);
        }
    }
}

fn typed(text: &str) -> Draft {
    let mut draft = Draft::with_limit(60);
    text.chars().for_each(|c| draft.insert(c));
    draft
}

fn link(field: Field) -> LinkForm {
    LinkForm {
        field,
        template: "example-devices".into(),
        serial: typed("SN-0001-A1"),
        customer: typed(""),
        supplier: typed(""),
        alias: typed(""),
        wrong: BTreeMap::new(),
        problem: None,
        busy: false,
    }
}

fn asking(mut state: State, form: Form) -> State {
    state.dialog = Some(Dialog::Devices(form));
    state
}

#[test]
fn their_forms_and_questions() {
    let wrong = BTreeMap::from([
        (Field::Serial, "deviceSerial does not match the template example-devices".into()),
        (Field::Customer, "a customer’s number, or nothing".into()),
    ]);
    let device = || "1004".into();
    let mut unlinking = production();
    unlinking.devices.pending = Some(Wanted::Unlink { device: device() });
    let mut moving = production();
    moving.devices.pending = Some(Wanted::Say { device: device(), say: Say::Move(place()) });
    for state in [&mut unlinking, &mut moving] {
        state.dialog = Some(Dialog::ConfirmWrite { write: PendingWrite::Device });
    }
    let problem = Some("a number from 0 to 100".into());
    let forms: Vec<(&str, State)> = vec![
        ("link", asking(screen_of(Vec::new()), Form::Link(Box::new(link(Field::Serial))))),
        ("link_template", asking(usual(), Form::Link(Box::new(link(Field::Template))))),
        (
            "link_wrong",
            asking(
                usual(),
                Form::Link(Box::new(LinkForm { wrong, customer: typed("Jane"), ..link(Field::Serial) })),
            ),
        ),
        ("link_busy", asking(usual(), Form::Link(Box::new(LinkForm { busy: true, ..link(Field::Serial) })))),
        ("battery", asking(usual(), Form::Battery { device: device(), level: typed("101"), problem })),
        (
            "place",
            asking(usual(), Form::Place { device: device(), place: typed("-26.1, 28.08"), problem: None }),
        ),
        ("unlink", asking(usual(), Form::Unlink { device: device() })),
        ("press", asking(production(), Form::Press { device: device(), draft: typed("RE") })),
        ("confirm_unlink", unlinking),
        ("confirm_move", moving),
    ];
    for (name, state) in forms {
        snapshot!(
            format!("devices_form_{name}_80x24"),
            dark(&sized(state.clone(), 80, 24), 80, 24).without_styles()
        );
        snapshot!(format!("devices_form_{name}_30x8"), dark(&sized(state, 30, 8), 30, 8).without_styles());
    }
}

#[test]
fn a_low_battery_stands_out_in_every_theme_also_when_its_row_is_not_chosen() {
    for theme in ThemeName::ALL {
        for (columns, rows) in [(80, 24), (120, 36), (50, 20)] {
            let picture = screen(&sized(usual(), columns, rows), &look(theme), columns, rows);
            let text = picture.to_string();
            assert!(text.contains("LOW 7%") && text.contains("1 LOW"), "{text}");
            let alarm = look(theme).theme.alarm;
            let loud = picture.cells().filter(|cell| {
                cell.modifier.contains(alarm.add_modifier) && alarm.bg.is_none_or(|bg| cell.bg == bg)
            });
            assert!(loud.count() >= "LOW 7%".len(), "{theme}");
        }
    }
}

#[test]
fn the_mouse_finds_the_device_that_is_drawn_there() {
    for (columns, rows) in [(80, 24), (120, 36)] {
        let state = sized(usual(), columns, rows);
        let text = dark(&state, columns, rows).without_styles().to_string();
        for (row, device) in (0u32..).zip(&state.devices.list) {
            let found = text.lines().enumerate().find(|(_, line)| line.contains(device.id.as_str()));
            let (y, line) = found.unwrap_or_else(|| panic!("{}: {text}", device.id));
            let x = line.find(device.id.as_str()).map_or(0, |at| line[..at].chars().count());
            let (x, y) = (u16::try_from(x).unwrap(), u16::try_from(y).unwrap());
            let hit = ui::hit(&state, columns, rows, x, y);
            // The first one is also the title of its own pane, which at this width stands beside it.
            if row > 0 {
                assert_eq!(hit, Some(Target::Devices(Spot::Device(row))), "{}", device.id);
            }
        }
        let corner = ui::hit(&state, columns, rows, columns - 3, rows - 3);
        if columns < 100 {
            assert_eq!(corner, Some(Target::Devices(Spot::Screen)));
        } else {
            assert!(matches!(corner, Some(Target::Devices(Spot::Map(_)))), "{corner:?}");
        }
    }
}

#[test]
fn a_list_of_any_length_is_a_window() {
    let many = (0..5_000).map(|n| device(&n.to_string(), &format!("DEV-{n}"), "Jane Doe")).collect();
    let mut state = sized(screen_of(many), 120, 36);
    for chosen in [0, 2_500, 4_999] {
        state.devices.chosen = Some(chosen.to_string().into());
        let text = dark(&state, 120, 36).without_styles().to_string();
        assert!(text.contains(&format!("▶ DEV-{chosen} ")), "{text}");
    }
}

#[test]
fn no_size_breaks_the_devices() {
    for state in [usual(), refused(), moving(), failed(), production(), screen_of(Vec::new())] {
        for (columns, rows) in (1..220).step_by(13).flat_map(|x| (1..50).step_by(7).map(move |y| (x, y))) {
            let _ = dark(&sized(state.clone(), columns, rows), columns, rows);
        }
    }
    let wrong = BTreeMap::from([(Field::Alias, "is longer than 200 characters".into())]);
    let form = Form::Link(Box::new(LinkForm { wrong, ..link(Field::Alias) }));
    for (columns, rows) in (1..120).step_by(9).flat_map(|x| (1..30).step_by(3).map(move |y| (x, y))) {
        let _ = dark(&sized(asking(usual(), form.clone()), columns, rows), columns, rows);
    }
}
