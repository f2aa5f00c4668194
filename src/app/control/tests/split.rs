//! Customer and control room side by side.

use super::*;
use crate::app::state::Pane;

fn wide() -> Console {
    let mut console = Console::idle();
    console.act(|now| Action::Resized { columns: 120, rows: 36, now });
    console
}

#[test]
fn one_key_opens_it_and_one_gives_the_keys_to_the_other_side() {
    let mut console = wide();
    console.press(Intent::SplitView);
    assert!(console.state.is_split() && console.state.screen == Screen::Customer);
    console.look(survey(vec![case("1", 10)]));
    console.press(Intent::OtherSide);
    assert_eq!(console.state.screen, Screen::Control);
    console.press(Intent::Acknowledge);
    assert!(matches!(console.orders()[..], [Order::Step { .. }]));
    console.press(Intent::OtherSide);
    console.press(Intent::Raise);
    assert!(matches!(console.state.dialog, Some(Dialog::Countdown { .. })));
    console.press(Intent::Back);
    console.press(Intent::SplitView);
    assert_eq!((console.state.is_split(), deadlines(&console.state).screen), (false, None));
}

#[test]
fn the_side_that_is_pointed_at_gets_the_keys() {
    let mut console = wide();
    console.press(Intent::SplitView);
    console.act(|now| Action::Pressed { target: Target::Control(Spot::Part(Part::Chat)), now });
    assert_eq!((console.state.screen, console.state.control.focus), (Screen::Control, Part::Chat));
    console.act(|now| Action::Pressed { target: Target::Pane(Pane::Route), now });
    assert_eq!((console.state.screen, console.state.focus), (Screen::Customer, Pane::Route));
}

#[test]
fn without_room_it_says_what_it_needs() {
    let mut console = wide();
    console.act(|now| Action::Resized { columns: 119, rows: 36, now });
    console.press(Intent::SplitView);
    assert!(!console.state.is_split() && console.notice().contains("needs 120 columns"));
    console.act(|now| Action::Resized { columns: 120, rows: 36, now });
    console.press(Intent::SplitView);
    console.act(|now| Action::Resized { columns: 100, rows: 36, now });
    assert!(!console.state.is_split() && console.notice().contains("needs 120 columns"));
    assert_eq!(console.state.screen, Screen::Customer);
    console.act(|now| Action::Resized { columns: 160, rows: 36, now });
    assert!(console.state.is_split(), "it comes back with the room");
}

#[test]
fn a_step_is_seen_on_the_customer_s_side_at_once() {
    let mut console = Console::live();
    console.act(|now| Action::Resized { columns: 140, rows: 40, now });
    console.press(Intent::SplitView);
    console.look(survey(vec![case("7", 10)]));
    console.press(Intent::OtherSide);
    console.press(Intent::Acknowledge);
    let call = console.asked();
    console.answer(call, Ok(Answer::Control(Told::Case(Box::new(case("7", 10))))));
    assert!(console.effects.iter().any(|effect| matches!(effect, Effect::Fetch { .. })));
}

#[test]
fn leaving_the_screen_leaves_its_lines() {
    let mut console = Console::room(vec![case("1", 10)]);
    console.press(Intent::Write);
    let line: State = console.state.clone();
    assert!(line.control.writing);
    console.act(|now| Action::Pressed { target: Target::Screen(Screen::Customer), now });
    assert!(!console.state.control.writing);
    console.press(Intent::ShowControlRoom);
    console.press(Intent::PlaceVehicle);
    console.act(|now| Action::Pressed { target: Target::Screen(Screen::Customer), now });
    assert_eq!(console.state.control.moving, None);
    assert!(!matches!(console.state.dialog, Some(Dialog::Control(Form::Canned { .. }))));
}
