//! The command palette.

use super::*;

fn run(console: &mut Console, intent: Option<Intent>) {
    console.act(|now| Action::Run { intent, now });
}

#[test]
fn what_is_chosen_happens_as_by_its_key() {
    let mut console = Console::idle();
    console.press(Intent::Commands);
    console.act(|now| Action::Typed { character: 'p', now });
    assert!(matches!(&console.state.dialog, Some(Dialog::Palette { draft, .. }) if draft.value() == "p"));
    run(&mut console, Some(Intent::Raise));
    assert!(matches!(console.state.dialog, Some(Dialog::Countdown { .. })), "the countdown is not left out");
    assert_eq!(console.effects, []);
}

#[test]
fn nothing_happens_without_a_match_or_without_the_palette() {
    let mut console = Console::idle();
    console.press(Intent::Commands);
    run(&mut console, None);
    assert_eq!(console.state.dialog, None);
    run(&mut console, Some(Intent::Quit));
    assert_eq!(console.state.exit, None, "no palette is open");
}

#[test]
fn the_wheel_moves_what_stands_in_front_and_a_click_does_nothing_there() {
    let mut console = profiles::among(Console::idle());
    let target = Target::InFront;
    console.press(Intent::Commands);
    console.act(|now| Action::Wheeled { target, lines: 3, now });
    assert!(matches!(console.state.dialog, Some(Dialog::Palette { chosen: 1, .. })));
    console.act(|now| Action::Pressed { target, now });
    assert!(matches!(console.state.dialog, Some(Dialog::Palette { chosen: 1, .. })));
    console.press(Intent::Back);
    console.press(Intent::Profiles);
    console.act(|now| Action::Wheeled { target, lines: -3, now });
    assert_eq!(console.state.dialog, Some(Dialog::Profiles { chosen: 1, refused: None }));
    console.press(Intent::Back);
    console.press(Intent::Help);
    console.act(|now| Action::Wheeled { target, lines: 3, now });
    assert_eq!(console.state.dialog, Some(Dialog::Help { scroll: 3 }));
    console.press(Intent::Back);
    console.act(|now| Action::Wheeled { target, lines: 3, now });
    assert_eq!((&console.state.dialog, console.state.chat.scroll), (&None, 0), "it is gone already");
}

#[test]
fn typing_goes_back_to_the_first_match() {
    let mut console = Console::idle();
    console.press(Intent::Commands);
    for intent in [Intent::ScrollDown, Intent::PageDown, Intent::ScrollUp] {
        console.press(intent);
    }
    assert!(matches!(console.state.dialog, Some(Dialog::Palette { chosen: 10, .. })));
    console.act(|now| Action::Typed { character: 'c', now });
    assert!(matches!(console.state.dialog, Some(Dialog::Palette { chosen: 0, .. })));
    console.press(Intent::Back);
    assert_eq!(console.state.dialog, None);
}
