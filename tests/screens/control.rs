//! The control room in its situations: usual, empty, in trouble, duress, not ours, side by side.

use super::sample_states::{self as sample, at, now};
use super::{SIZES, dark, look, screen, sized};
use jiff::SignedDuration;
use panic_console::app::action::{Failure, FailureKind};
use panic_console::app::callout::{CalloutId, Classification, Comment, Eta, Fix, Role, Status, Times};
use panic_console::app::control::model::{Assignment, Candidate, Case, Company, Outcome, Step, Vehicle};
use panic_console::app::control::{Form, Moving, Part, Pick, Ranked, Reading, Refused, Spot};
use panic_console::app::draft::Draft;
use panic_console::app::screen::{Screen, Target};
use panic_console::app::state::{Dialog, Environment, Pane, State};
use panic_console::geo::Position;
use panic_console::ui::{self, ThemeName};

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

fn case(number: &str, customer: &str, seconds: i64) -> Case {
    Case {
        id: id(number),
        status: Status::Created,
        allowed: vec![Step::Acknowledge, Step::Own, Step::Verify, Step::Decline, Step::Close],
        customer: customer.into(),
        mobile: "+27000004567".into(),
        address: "".into(),
        response_type: 1,
        classification: Classification::Test,
        internal_test: false,
        cancelled_by_customer: false,
        stood_down: false,
        duress: false,
        fix: Some(Fix { position: place(), accuracy: Some(8.0), at: Some(at(172)) }),
        times: Times { created: Some(at(seconds)), acknowledged: Some(at(seconds + 6)), ..Times::default() },
        candidates: Vec::new(),
        assignment: None,
        eta: None,
        route: Vec::new(),
        outcome: None,
        incident: "".into(),
        comments: Vec::new(),
        on_autopilot: false,
    }
}

fn said(role: Role, body: &str, seconds: i64) -> Comment {
    let at = Some(at(seconds));
    Comment { id: body.into(), role, author: "Controller".into(), body: body.into(), at }
}

fn vehicle(number: u64, callsign: &str, name: &str, bearing: f64, metres: f64) -> Vehicle {
    Vehicle {
        id: number,
        name: name.into(),
        callsign: callsign.into(),
        model: "White Toyota Hilux".into(),
        plate: "TST 101 GP".into(),
        mobile: "+27000000101".into(),
        on: true,
        demo: false,
        callout: None,
        position: place().towards(bearing, metres),
    }
}

fn on_the_way() -> Case {
    let from = place().towards(70.0, 1_400.0);
    let assignment = Assignment {
        responder: Some(11),
        supplier: "Example Armed Response".into(),
        fix: Some(Fix { position: from, accuracy: Some(5.0), at: Some(at(178)) }),
        dispatched: Some(at(60)),
        arrived: None,
        completed: None,
        retracted: None,
    };
    Case {
        status: Status::Dispatched,
        allowed: vec![Step::CancelResponder, Step::Arrive, Step::Close],
        eta: Some(Eta { distance_m: Some(1_540.0), duration_s: Some(124.0), at: None }),
        route: vec![from, place().towards(70.0, 700.0), place().towards(90.0, 400.0), place()],
        assignment: Some(assignment),
        comments: vec![
            said(Role::Admin, "We have your alarm. Help is being arranged.", 8),
            said(Role::User, "I am in the kitchen, at the back of the house", 40),
            said(Role::Admin, "A responder is on the way to you.", 62),
        ],
        times: Times {
            created: Some(at(0)),
            acknowledged: Some(at(6)),
            verified: Some(at(30)),
            ..Times::default()
        },
        ..case("1005", "Jane Doe", 0)
    }
}

/// On the screen, with these callouts, the first of which is chosen.
fn room(cases: Vec<Case>) -> State {
    let mut state = sample::idle();
    state.screen = Screen::Control;
    let room = &mut state.control;
    room.chosen = cases.first().map(|case| case.id.clone());
    let taken = cases.first().is_some_and(|case| case.assignment.is_some());
    room.cases = cases;
    room.vehicles = vec![
        Vehicle {
            callout: taken.then(|| id("1005")),
            ..vehicle(11, "Sierra 38", "Thandi Nkosi", 70.0, 1_400.0)
        },
        vehicle(12, "Bravo 90", "Pieter Botha", 300.0, 1_200.0),
        Vehicle { on: false, ..vehicle(13, "Tango 22", "Aisha Khan", 200.0, 900.0) },
    ];
    let ranked = |(index, metres, seconds, by_road)| Ranked {
        index,
        metres: Some(metres),
        seconds: Some(seconds),
        by_road,
    };
    room.fleet =
        [(0, 1_540.0, 124.0, true), (1, 1_200.0, 125.0, false), (2, 900.0, 94.0, false)].map(ranked).into();
    room.companies = vec![
        Company { id: 21, name: "Example Armed Response".into(), phone: "".into() },
        Company { id: 22, name: "Lantern Watch Security".into(), phone: "".into() },
    ];
    room.clock = Some(Reading { heard: now() - SignedDuration::from_secs(1), showed: at(179), speed: 2.0 });
    state
}

fn all_kinds() -> Vec<Case> {
    vec![
        Case { duress: true, ..case("1009", "Sipho Dlamini", 120) },
        Case { cancelled_by_customer: true, ..case("1007", "Maria van der Merwe", 100) },
        Case {
            comments: vec![said(Role::User, "hello?", 150), said(Role::User, "are you there?", 160)],
            ..case("1006", "山田 花子", 90)
        },
        case("1008", "Ahmed Patel", 110),
        on_the_way(),
        Case { on_autopilot: true, ..case("1004", "Grace Mokoena", -300) },
        Case { status: Status::Closed, allowed: Vec::new(), ..case("1002", "Old Friend", -90_000) },
    ]
}

pub(super) fn usual() -> State {
    let mut state = room(all_kinds());
    state.control.chosen = Some(id("1005"));
    state.control.vehicles[0].callout = Some(id("1005"));
    state
}

fn duress() -> State {
    let mut cases = all_kinds();
    cases[0].comments = vec![said(Role::User, "all is well", 150)];
    room(cases)
}

fn failed() -> State {
    let mut state = usual();
    state.control.clock =
        Some(Reading { heard: now() - SignedDuration::from_secs(96), showed: at(84), speed: 2.0 });
    let message = "could not look at the control room: no connection to the server".into();
    state.control.problem = Some(Failure { kind: FailureKind::Unreachable, message, retry_after: None });
    (state.control.missed, state.control.wait) = (3, 16.0);
    state
}

pub(super) fn split(mut state: State) -> State {
    state.control.split = true;
    state
}

#[test]
fn the_control_room_in_each_size_and_theme() {
    for (name, state) in [("usual", usual()), ("duress", duress())] {
        for theme in ThemeName::ALL {
            for (columns, rows) in SIZES {
                let picture = screen(&sized(state.clone(), columns, rows), &look(theme), columns, rows);
                snapshot!(format!("control_{name}_{columns}x{rows}_{theme}"), picture);
            }
        }
    }
}

#[test]
fn the_control_room_in_its_situations() {
    let mut looking = room(Vec::new());
    looking.control.clock = None;
    let mut refused = room(vec![case("1005", "Jane Doe", 0)]);
    refused.control.refused = Some(Refused {
        callout: id("1005"),
        what: "arrive".into(),
        why: "not possible now; possible: acknowledge, own, verify, decline, close".into(),
    });
    let mut read_only = usual();
    read_only.settings.read_only = true;
    let mut done = usual();
    done.control.cases[4].status = Status::Closed;
    done.control.cases[4].incident = "A false alarm".into();
    done.control.cases[4].outcome = Some(Outcome { customer_happy: true, ..Outcome::default() });
    for (name, state) in [
        ("empty", room(Vec::new())),
        ("looking", looking),
        ("error", failed()),
        ("refused", refused),
        ("read_only", read_only),
        ("closed", done),
    ] {
        for (columns, rows) in [(80, 24), (120, 36)] {
            let picture = dark(&sized(state.clone(), columns, rows), columns, rows).without_styles();
            snapshot!(format!("control_{name}_{columns}x{rows}"), picture);
        }
    }
}

#[test]
fn where_there_is_no_simulator_the_screen_says_what_plays_it() {
    for environment in [Environment::Staging, Environment::Production, Environment::Remote] {
        let mut state = room(Vec::new());
        state.settings = sample::settings(environment);
        state.demo = None;
        let name = format!("control_of_{environment:?}_80x24").to_lowercase();
        snapshot!(name, dark(&state, 80, 24).without_styles());
    }
}

#[test]
fn side_by_side() {
    let mut customer = split(usual());
    customer.screen = Screen::Customer;
    let mut live = sample::dispatched();
    live.control = usual().control;
    live.screen = Screen::Control;
    for (name, state) in [("customer", customer), ("control", split(live))] {
        for (columns, rows) in [(120, 36), (200, 60)] {
            let picture = dark(&sized(state.clone(), columns, rows), columns, rows);
            snapshot!(format!("split_{name}_{columns}x{rows}"), picture);
        }
    }
}

#[test]
fn its_forms_lists_and_lines() {
    let outcome = Outcome { customer_happy: true, ..Outcome::default() };
    let mut details = Draft::with_limit(100);
    "a false alarm".chars().for_each(|c| details.insert(c));
    for (name, form) in [
        ("outcome", Form::Outcome { callout: id("1005"), outcome, row: 1 }),
        ("close", Form::Close { callout: id("1005"), details: details.clone() }),
        ("canned", Form::Canned { row: 2 }),
    ] {
        let mut state = usual();
        state.dialog = Some(Dialog::Control(form));
        snapshot!(format!("control_form_{name}_80x24"), dark(&state, 80, 24));
    }
    let mut vehicles = usual();
    (vehicles.control.focus, vehicles.control.aside) = (Part::Vehicles, Part::Vehicles);
    vehicles.control.pick = Pick::Vehicle(12);
    snapshot!("control_vehicles_80x24", dark(&vehicles, 80, 24));
    vehicles.control.moving = Some(Moving { vehicle: Some(12), to: place().towards(320.0, 900.0) });
    snapshot!("control_moving_120x36", dark(&vehicles, 120, 36));
    let mut writing = usual();
    writing.control.focus = Part::Chat;
    writing.control.writing = true;
    writing.control.drafts.insert(id("1005"), details);
    snapshot!("control_writing_80x24", dark(&writing, 80, 24));
}

#[test]
fn duress_and_soft_cancel_stand_out_in_every_theme() {
    for theme in ThemeName::ALL {
        for (columns, rows) in [(80, 24), (120, 36), (50, 20)] {
            let mut state = sized(duress(), columns, rows);
            state.control.chosen = Some(id("1004"));
            let picture = screen(&state, &look(theme), columns, rows);
            let text = picture.to_string();
            assert!(text.contains("! DURESS") && text.contains("SOFT CANCEL"), "{text}");
            let alarm = look(theme).theme.alarm;
            let loud = picture.cells().filter(|cell| {
                cell.modifier.contains(alarm.add_modifier) && alarm.bg.is_none_or(|bg| cell.bg == bg)
            });
            assert!(loud.count() >= "! DURESS".len(), "{theme}");
        }
    }
}

#[test]
fn the_mouse_finds_the_row_that_is_drawn_there() {
    for (columns, rows) in [(80, 24), (120, 36)] {
        let state = sized(usual(), columns, rows);
        let text = dark(&state, columns, rows).without_styles().to_string();
        for (row, case) in (0u32..).zip(&state.control.cases) {
            let Some((y, line)) =
                text.lines().enumerate().find(|(_, line)| line.contains(case.customer.as_str()))
            else {
                continue;
            };
            let x = line.find(case.customer.as_str()).map_or(0, |at| line[..at].chars().count());
            let (x, y) = (u16::try_from(x).unwrap(), u16::try_from(y).unwrap());
            if y < 4 + u16::try_from(state.control.cases.len()).unwrap() && x < 40 {
                let hit = ui::hit(&state, columns, rows, x, y);
                assert_eq!(hit, Some(Target::Control(Spot::Callout(row))), "{}", case.id);
            }
        }
    }
    let state = sized(split(usual()), 120, 36);
    assert_eq!(ui::hit(&state, 120, 36, 5, 5), Some(Target::Pane(Pane::Flow)));
    assert!(matches!(ui::hit(&state, 120, 36, 80, 5), Some(Target::Control(_))));
}

#[test]
fn no_size_breaks_the_control_room() {
    let mut moving = usual();
    moving.control.moving = Some(Moving { vehicle: None, to: place() });
    let mut ranged = usual();
    ranged.control.cases[4].candidates =
        vec![Candidate { responder: 12, distance_m: 1_500.0, duration_s: 120.0, declined: true }];
    for mut state in [usual(), duress(), failed(), moving, ranged, room(Vec::new()), split(usual())] {
        for part in Part::ALL {
            state.control.focus = part;
            for (columns, rows) in (1..220).step_by(13).flat_map(|x| (1..50).step_by(7).map(move |y| (x, y)))
            {
                let _ = dark(&sized(state.clone(), columns, rows), columns, rows);
            }
        }
    }
}
