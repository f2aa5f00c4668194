//! Watching only looks: whatever is pressed, typed, clicked or answered.

use super::*;
use crate::app::control::Order;
use crate::app::devices;
use crate::app::screen::Target;
use crate::app::state::{Environment, Watch};
use crate::app::tests::properties::{happen, happenings};
use proptest::prelude::*;

fn harmless(effect: &Effect) -> bool {
    matches!(
        effect,
        Effect::Fetch { .. }
            | Effect::List { .. }
            | Effect::Notify { .. }
            | Effect::Abandon { .. }
            | Effect::Control { order: Order::Survey { .. }, .. }
            | Effect::Devices { order: devices::Order::Survey, .. }
    )
}

proptest! {
    #[test]
    fn nothing_is_ordered_but_readings(
        happenings in happenings(),
        clicks in prop::collection::vec(prop::option::of(0u32..9), 120),
        production in any::<bool>(),
    ) {
        let mut console = watching_all(&["1", "2", "7"]);
        if production {
            console.state.settings.environment = Environment::Production;
        }
        for (happening, row) in happenings.into_iter().zip(clicks) {
            happen(&mut console, happening);
            prop_assert!(console.effects.iter().all(harmless), "{:?}", console.effects);
            console.act(|now| Action::Pressed { target: Target::Watched(row), now });
            prop_assert!(console.effects.iter().all(harmless), "{:?}", console.effects);
            prop_assert_eq!(deadlines(&console.state).location, None);
            prop_assert!(console.state.own.moving.is_none() && console.state.own.last_sent.is_none());
        }
    }
}

#[test]
fn each_writing_key_does_nothing_and_says_so() {
    use Intent::*;
    for intent in [Raise, SoftCancel, Cancel, Write, Retry, ToggleWalking, NextReception, PickTarget] {
        let mut console = watching_all(&["1"]);
        console.state.notice = None;
        console.press(intent);
        assert_eq!(console.effects, Vec::new(), "{intent:?}");
        assert!(console.state.dialog.is_none() && !console.state.chat.writing, "{intent:?}");
        assert!(console.notice().contains("only looks"), "{intent:?}: {}", console.notice());
    }
}

#[test]
fn what_the_console_of_the_profile_keeps_is_left_alone() {
    let mut console = watching(&["1"]);
    let mut effects = console.effects.clone();
    effects.extend(answer_polls(&mut console, &|_| Some(Ok(Answer::Closed(None)))));
    assert!(matches!(console.state.watch, Watch::Ended { .. }));
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Remember(_))));
}

#[test]
fn lines_of_a_pipe_cannot_write_either() {
    let mut console = watching_all(&["1"]);
    for line in ["raise", "confirm", "say hello", "soft-cancel", "cancel", "toggle-walking", "1234"] {
        console.act(|now| Action::Line { line: line.into(), now });
        assert!(console.effects.iter().all(harmless), "{line}: {:?}", console.effects);
    }
}
