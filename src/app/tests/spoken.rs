//! Orders as lines of text.

use super::*;
use crate::app::spoken::Said;

fn say(console: &mut Console, line: &str) {
    console.act(|now| Action::Line { line: line.into(), now });
}

fn told(console: &Console) -> &str {
    console.state.notice.as_ref().map_or("", |notice| notice.text.as_str())
}

#[test]
fn a_panic_is_raised_and_a_message_sent_by_lines() {
    let mut console = Console::idle();
    say(&mut console, "raise");
    assert!(matches!(console.state.dialog, Some(Dialog::Countdown { .. })));
    assert_eq!(console.effects, [], "the countdown first");
    say(&mut console, "confirm");
    assert!(matches!(console.effects[..], [Effect::Raise { .. }]));

    let mut console = Console::live();
    say(&mut console, "say I am at the gate");
    let sent = |effect: &Effect| matches!(effect, Effect::SendMessage { text, .. } if text.as_str() == "I am at the gate");
    assert!(console.effects.iter().any(sent), "{:?}", console.effects);
    assert!(!console.state.chat.writing, "the next line is an order again");
}

#[test]
fn lines_wait_until_it_is_known_whether_there_is_a_callout() {
    let mut console = Console::fresh(settings());
    console.act(|now| Action::Started { now, resume: None });
    say(&mut console, "raise");
    say(&mut console, "confirm");
    assert_eq!(console.state.dialog, None);
    let call = *console.state.in_flight.keys().next().unwrap();
    console.answer(call, Ok(Answer::Active(Vec::new())));
    assert!(matches!(console.effects[..], [Effect::Raise { .. }]), "{:?}", console.effects);
}

#[test]
fn an_empty_answer_is_the_harmless_one() {
    let mut console = Console::live();
    say(&mut console, "cancel");
    assert!(matches!(console.state.dialog, Some(Dialog::SafeCode { .. })));
    say(&mut console, "12");
    assert!(matches!(console.state.dialog, Some(Dialog::SafeCode { problem: Some(_), .. })));
    say(&mut console, "");
    assert_eq!(console.state.dialog, None);
    say(&mut console, "");
    assert_eq!(console.effects, []);
}

#[test]
fn a_word_that_is_no_command_is_told_off_and_does_nothing() {
    let mut console = Console::idle();
    for line in ["rais", "raise now", "say", "say "] {
        console.state.notice = None;
        say(&mut console, line);
        assert_eq!(console.state.dialog, None);
    }
    let answers: Vec<_> = console.state.answers.since(1).cloned().collect();
    let unknown = |line: &str| Said::Unknown(line.into());
    assert_eq!(answers, [unknown("raise now"), unknown("say"), unknown("say")], "each is answered");
}

#[test]
fn without_anybody_to_give_orders_it_ends_when_nothing_is_followed() {
    let mut console = Console::idle();
    console.act(|now| Action::Unattended { now });
    assert_eq!(console.state.exit, Some(Exit::Quit));

    let mut console = Console::live();
    console.act(|now| Action::Unattended { now });
    assert_eq!(console.state.exit, None, "an active callout is followed to its end");

    let mut console = Console::idle();
    say(&mut console, "raise");
    console.act(|now| Action::Unattended { now });
    assert_eq!(console.state.exit, None, "a countdown runs out first");
}

#[test]
fn no_flood_of_lines_is_kept() {
    let mut console = Console::fresh(settings());
    console.act(|now| Action::Started { now, resume: None });
    for _ in 0..1_000 {
        say(&mut console, "refresh");
    }
    assert_eq!(console.state.lines.len(), 64);
    assert!(told(&console).contains("too many"));
}

#[test]
fn no_line_raises_a_real_panic_beyond_this_machine() {
    for environment in [Environment::Staging, Environment::Production, Environment::Remote] {
        let real = Settings { environment, classification: Classification::Real, ..settings() };
        let mut console = Console::idle_with(real);
        for line in ["raise", "REAL", "confirm", "confirm"] {
            say(&mut console, line);
            assert_eq!(console.effects, [], "{environment:?} {line}");
        }
        assert_eq!(console.state.dialog, None);
    }
}

#[test]
fn on_production_a_line_has_to_confirm_each_write() {
    let mut console = Console::idle_with(Settings { environment: Environment::Production, ..settings() });
    say(&mut console, "raise");
    say(&mut console, "");
    assert_eq!(console.effects, [], "an empty line confirms nothing");
    assert!(matches!(console.state.watch, Watch::Idle));
}

#[test]
fn on_production_nobody_confirms_ahead_of_the_question() {
    for environment in [Environment::Production, Environment::Remote] {
        // All lines of a pipe are there before it is known whether there is a callout.
        let mut console = Console::fresh(Settings { environment, ..settings() });
        console.act(|now| Action::Started { now, resume: None });
        for line in ["raise", "confirm", "confirm"] {
            say(&mut console, line);
        }
        let call = *console.state.in_flight.keys().next().unwrap();
        console.answer(call, Ok(Answer::Active(Vec::new())));
        assert!(matches!(console.state.dialog, Some(Dialog::ConfirmWrite { .. })), "{environment:?}");
        assert!(told(&console).contains("dropped"), "{}", told(&console));

        // The next comes before anybody can have read it, the one after that does not.
        say(&mut console, "confirm");
        assert!(matches!(console.state.dialog, Some(Dialog::ConfirmWrite { .. })));
        assert!(told(&console).contains("before the question"), "{}", told(&console));
        console.pass(1);
        say(&mut console, "confirm");
        assert!(matches!(console.state.dialog, Some(Dialog::Countdown { .. })));
    }
}

#[test]
fn a_question_that_nobody_is_left_to_answer_is_answered_with_no() {
    let mut console = Console::idle_with(Settings { environment: Environment::Production, ..settings() });
    say(&mut console, "raise");
    console.act(|now| Action::Unattended { now });
    assert_eq!((console.state.dialog.as_ref(), console.state.exit), (None, Some(Exit::Quit)));
    assert_eq!(console.effects, []);
    assert!(told(&console).contains("nothing was sent"));
}
