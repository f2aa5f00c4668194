//! From one profile to another.

use super::super::profiles::{Listed, Refused, Verdict};
use super::*;

fn listed(name: &str, environment: Environment) -> Listed {
    Listed { name: name.into(), host: "host".into(), environment, dialect: Dialect::V2 }
}

/// On `staging` of the fixtures, third of five.
pub(super) fn among(mut console: Console) -> Console {
    console.state.profiles.list = vec![
        listed("demo", Environment::Demo),
        listed("local", Environment::Local),
        listed("staging", Environment::Local),
        listed("client", Environment::Production),
        listed("partner", Environment::Remote),
    ];
    console
}

/// Opens the list, goes to a row of it, and gives the look that is ordered there.
fn look_at(console: &mut Console, row: usize) -> CallId {
    console.press(Intent::Profiles);
    console.press(Intent::ScrollToStart);
    for _ in 0..row {
        console.press(Intent::ScrollDown);
    }
    console.press(Intent::Submit);
    let name = console.state.profiles.list[row].name.clone();
    match &console.effects[..] {
        [Effect::LookAt { call, profile }] if *profile == name => *call,
        other => panic!("{other:?}"),
    }
}

fn ready(console: &mut Console, row: usize) {
    let call = look_at(console, row);
    console.answer(call, Ok(Answer::Profile(Verdict::Ready)));
}

#[test]
fn the_list_begins_where_one_is() {
    let mut console = among(Console::idle());
    console.press(Intent::Profiles);
    assert_eq!(console.state.dialog, Some(Dialog::Profiles { chosen: 2, refused: None }));
    console.press(Intent::Submit);
    assert_eq!((console.state.dialog.clone(), console.effects.len()), (None, 0), "there already");
    assert_eq!(console.state.exit, None);
}

#[test]
fn one_that_is_ready_is_gone_to_at_once() {
    let mut console = among(Console::idle());
    ready(&mut console, 1);
    assert_eq!(console.state.exit, Some(Exit::Switch(1)));
}

#[test]
fn one_that_is_not_ready_says_why_and_nobody_moves() {
    let mut console = among(Console::idle());
    let call = look_at(&mut console, 3);
    let why: Vec<DisplayText> = vec!["config.toml:7: profiles.client.client_secret: is missing".into()];
    console.answer(call, Ok(Answer::Profile(Verdict::NotReady { why: why.clone() })));
    let refused = Some(Refused { profile: "client".into(), why });
    assert_eq!(console.state.dialog, Some(Dialog::Profiles { chosen: 3, refused }));
    assert_eq!(console.state.exit, None);
    console.press(Intent::ScrollUp);
    assert_eq!(console.state.dialog, Some(Dialog::Profiles { chosen: 2, refused: None }));
}

#[test]
fn a_failed_look_is_told_in_the_same_place_and_says_nothing_of_the_link() {
    let mut console = among(Console::idle());
    let before = console.state.link.health.clone();
    let call = look_at(&mut console, 1);
    console.answer(call, Err(failure(FailureKind::Unreachable)));
    let refused = Some(Refused { profile: "local".into(), why: vec!["it broke".into()] });
    assert_eq!(console.state.dialog, Some(Dialog::Profiles { chosen: 1, refused }));
    assert_eq!(console.state.link.health, before);
}

#[test]
fn a_live_callout_is_not_left_without_a_yes() {
    let mut console = among(Console::live());
    ready(&mut console, 1);
    assert_eq!(
        (console.state.dialog.clone(), console.state.exit),
        (Some(Dialog::Leave { profile: 1 }), None)
    );
    console.press(Intent::Back);
    assert_eq!((console.state.dialog.clone(), console.state.exit), (None, None), "no is the harmless answer");
    ready(&mut console, 1);
    console.press(Intent::Confirm);
    assert_eq!(console.state.exit, Some(Exit::Switch(1)));
}

#[test]
fn where_a_real_control_room_may_listen_it_is_asked_for() {
    for row in [3, 4] {
        let mut console = among(Console::idle());
        ready(&mut console, row);
        assert_eq!(console.state.dialog, Some(Dialog::Leave { profile: row }));
        assert_eq!(console.state.exit, None);
    }
}

#[test]
fn who_closes_the_list_stays_whatever_is_found() {
    let mut console = among(Console::idle());
    let call = look_at(&mut console, 1);
    console.press(Intent::Back);
    assert_eq!(console.effects, [Effect::Abandon { call }]);
    console.answer(call, Ok(Answer::Profile(Verdict::Ready)));
    assert_eq!((console.state.dialog.clone(), console.state.exit), (None, None));
}

#[test]
fn only_the_last_one_chosen_counts() {
    let mut console = among(Console::idle());
    let first = look_at(&mut console, 0);
    console.press(Intent::ScrollDown);
    assert_eq!(console.effects, [Effect::Abandon { call: first }]);
    console.answer(first, Ok(Answer::Profile(Verdict::Ready)));
    assert_eq!(console.state.exit, None, "not to the demo");
}

#[test]
fn a_panic_on_its_way_is_not_left() {
    let mut console = among(Console::idle());
    console.press(Intent::Raise);
    console.press(Intent::Confirm);
    assert!(matches!(console.state.watch, Watch::Raising { .. }));
    console.press(Intent::Profiles);
    console.press(Intent::ScrollToStart);
    console.press(Intent::Submit);
    assert_eq!((console.effects.len(), console.state.exit), (0, None));
    assert_eq!(console.notice(), "a panic is being raised: wait for it, or stop it first");
}

#[test]
fn a_line_of_plain_mode_stays() {
    let mut console = among(Console::idle());
    console.act(|now| Action::Line { line: "profiles".into(), now });
    assert_eq!((console.state.dialog.clone(), console.state.exit), (None, None));
    assert!(console.notice().contains("--profile NAME"), "{}", console.notice());
}
