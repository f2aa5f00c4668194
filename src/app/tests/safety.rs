//! Nothing goes out by accident: each rule with somebody who tries to break it.

use super::properties::{Happening, happen, happenings};
use super::*;
use crate::app::control::Order;
use crate::app::devices;
use crate::keymap::{KeyPress, Keymap, Scope, active_scopes};
use proptest::prelude::*;

/// A key as the runtime would read it, by the bindings that hold.
fn key(console: &mut Console, key: &str) {
    let press = KeyPress::parse(key).unwrap();
    let scopes = active_scopes(&console.state);
    if let Some(intent) = Keymap::default().resolve(&scopes, press) {
        console.press(intent);
    } else if let Some(character) = press.text().filter(|_| scopes.first() == Some(&Scope::Text)) {
        console.act(|now| Action::Typed { character, now });
    }
}

/// Held for this long: the terminal repeats it, and says nothing of being held.
fn held(console: &mut Console, name: &str, milliseconds: i64) -> Vec<Effect> {
    const EVERY: i64 = 30;
    let mut effects = Vec::new();
    for _ in 0..milliseconds / EVERY {
        console.now += SignedDuration::from_millis(EVERY);
        key(console, name);
        effects.append(&mut console.effects);
        console.tick(Timer::Display);
        effects.append(&mut console.effects);
    }
    effects
}

const BEYOND: [Environment; 3] = [Environment::Staging, Environment::Remote, Environment::Production];

fn real_at(environment: Environment) -> Console {
    Console::idle_with(Settings { environment, classification: Classification::Real, ..settings() })
}

/// A callout is followed there.
fn live_at(environment: Environment) -> Console {
    let mut console = Console::live();
    console.state.settings.environment = environment;
    console
}

fn is_write(effect: &Effect) -> bool {
    match effect {
        Effect::Raise { .. }
        | Effect::SendMessage { .. }
        | Effect::SoftCancel { .. }
        | Effect::Cancel { .. } => true,
        Effect::Control { order, .. } => !matches!(order, Order::Survey { .. }),
        Effect::Devices { order, .. } => *order != devices::Order::Survey,
        _ => false,
    }
}

#[test]
fn enter_held_raises_nothing_real() {
    for environment in BEYOND {
        let mut console = real_at(environment);
        key(&mut console, "p");
        assert_eq!(held(&mut console, "enter", 10_000), Vec::new());
        assert!(matches!(console.state.dialog, Some(Dialog::TypeReal { .. })));
    }
}

#[test]
fn enter_held_after_the_word_cuts_no_second_off() {
    for environment in BEYOND {
        let mut console = real_at(environment);
        for name in ["p", "R", "E", "A", "L"] {
            key(&mut console, name);
        }
        assert_eq!(held(&mut console, "enter", 2_900), Vec::new(), "three seconds in which esc stops it");
        key(&mut console, "esc");
        assert_eq!(held(&mut console, "enter", 5_000), Vec::new());
        assert_eq!(console.state.watch, Watch::Idle);
    }
}

#[test]
fn the_word_typed_out_and_left_alone_raises() {
    let mut console = real_at(Environment::Production);
    for name in ["p", "R", "E", "A", "L", "enter"] {
        key(&mut console, name);
    }
    console.pass(3);
    console.tick(Timer::Display);
    assert!(matches!(console.effects[..], [Effect::Raise { .. }]));
}

#[test]
fn the_word_is_not_pasted() {
    for environment in BEYOND {
        for pasted in ["REAL", "REAL\n", "REAL\r\n\r\n", " REAL "] {
            let mut console = real_at(environment);
            key(&mut console, "p");
            console.act(|now| Action::Pasted { text: pasted.into(), now });
            assert_eq!(held(&mut console, "enter", 5_000), Vec::new(), "{pasted:?}");
            let Some(Dialog::TypeReal { draft }) = &console.state.dialog else { panic!("{pasted:?}") };
            assert_eq!(draft.value(), "");
        }
    }
}

#[test]
fn on_production_a_test_panic_asks_and_only_y_says_yes() {
    for environment in [Environment::Production, Environment::Remote] {
        for no in ["enter", "esc", "n"] {
            let mut console = Console::idle_with(Settings { environment, ..settings() });
            key(&mut console, "p");
            let asked = Dialog::ConfirmWrite { write: PendingWrite::Raise };
            assert_eq!(console.state.dialog, Some(asked));
            assert_eq!(held(&mut console, no, 5_000), Vec::new(), "{no}");
        }
        let mut console = Console::idle_with(Settings { environment, ..settings() });
        key(&mut console, "p");
        assert_eq!(held(&mut console, "y", 2_900), Vec::new(), "and then it counts down");
        assert!(matches!(console.state.dialog, Some(Dialog::Countdown { .. })));
        console.pass(1);
        console.tick(Timer::Display);
        assert!(matches!(console.effects[..], [Effect::Raise { .. }]));
    }
}

#[test]
fn the_first_panic_of_a_profile_says_what_else_it_writes_and_the_second_does_not() {
    let mut console = Console::idle();
    console.state.registers = true;
    console.press(Intent::Raise);
    console.press(Intent::Confirm);
    let [Effect::Raise { call, .. }] = console.effects[..] else { panic!("{:?}", console.effects) };
    console.answer(call, Err(failure(FailureKind::Unreachable)));
    assert!(console.state.registers, "nothing was registered");
    console.act(|now| Action::Tick { timer: Timer::Poll, now: now + SignedDuration::from_secs(60) });
    let [Effect::Raise { call, .. }] = console.effects[..] else { panic!("{:?}", console.effects) };
    console.answer(call, Ok(Answer::Raised(Box::new(Callout::new(id("7"), Status::Created)))));
    assert!(!console.state.registers);
}

#[test]
fn on_production_a_message_waits_for_a_yes_and_is_not_lost_by_a_no() {
    let mut console = live_at(Environment::Production);
    console.write("it is dark here");
    assert_eq!(console.effects, Vec::new());
    assert_eq!(console.state.dialog, Some(Dialog::ConfirmWrite { write: PendingWrite::Message }));
    key(&mut console, "enter");
    assert!(console.state.chat.writing && console.state.chat.draft.value() == "it is dark here");
    key(&mut console, "enter");
    key(&mut console, "y");
    assert!(
        matches!(console.effects[..], [Effect::SendMessage { .. }, ..] | [_, Effect::SendMessage { .. }]),
        "{:?}",
        console.effects
    );
    assert_eq!(console.outbox().len(), 1);
    let call = console.say();
    console.answer(call, Err(failure(FailureKind::Refused)));

    console.press(Intent::Retry);
    assert_eq!(console.effects, Vec::new());
    assert_eq!(console.state.dialog, Some(Dialog::ConfirmWrite { write: PendingWrite::Retry }));
    key(&mut console, "n");
    assert_eq!(console.effects, Vec::new());
    console.press(Intent::Retry);
    key(&mut console, "y");
    assert!(console.effects.iter().any(is_write));
}

#[test]
fn a_message_that_waits_when_the_callout_ends_is_never_sent() {
    let mut console = live_at(Environment::Production);
    console.write("it is dark here");
    console.next_poll(Callout::new(id("7"), Status::Closed));
    assert_eq!(console.state.dialog, None);
    key(&mut console, "y");
    assert!(!console.effects.iter().any(is_write));
}

#[test]
fn staging_and_this_machine_do_not_ask() {
    for environment in [Environment::Demo, Environment::Local, Environment::Staging] {
        let mut console = live_at(environment);
        console.write("hello");
        assert!(console.effects.iter().any(is_write), "{environment:?}");
    }
}

proptest! {
    /// Whatever is pressed, typed, pasted or answered: without a `y` nothing is written there. The safe
    /// code, typed out, is a yes of its own.
    #[test]
    fn on_production_nothing_is_written_without_a_yes(happenings in happenings(), live in any::<bool>(), real in any::<bool>()) {
        let mut console = if live { live_at(Environment::Production) } else { Console::idle() };
        console.state.settings.environment = Environment::Production;
        if real {
            console.state.settings.classification = Classification::Real;
        }
        for happening in happenings {
            if matches!(happening, Happening::Press(Intent::Confirm)) {
                continue;
            }
            let code = matches!(console.state.dialog, Some(Dialog::SafeCode { .. }));
            happen(&mut console, happening);
            let written: Vec<_> = console.effects.iter().filter(|effect| is_write(effect)).collect();
            prop_assert!(
                written.iter().all(|effect| code && matches!(effect, Effect::Cancel { .. })),
                "{:?}", written
            );
        }
    }

    #[test]
    fn read_only_orders_nothing_but_readings(happenings in happenings(), live in any::<bool>()) {
        let mut console = if live { Console::live() } else { Console::idle() };
        console.state.settings.read_only = true;
        for happening in happenings {
            happen(&mut console, happening);
            for effect in &console.effects {
                let harmless = matches!(
                    effect,
                    Effect::Fetch { .. }
                        | Effect::FindActive { .. }
                        | Effect::Remember(_)
                        | Effect::Abandon { .. }
                        | Effect::SetSpeed { .. }
                        | Effect::Control { order: Order::Survey { .. }, .. }
                        | Effect::Devices { order: devices::Order::Survey, .. }
                );
                prop_assert!(harmless, "{:?}", effect);
            }
        }
    }
}
