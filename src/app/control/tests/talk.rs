//! The chat as the controller.

use super::*;

#[test]
fn a_message_goes_to_the_chosen_callout_and_no_other() {
    let mut console = Console::room(vec![case("1", 10), case("2", 20)]);
    console.press(Intent::Write);
    console.control_type("to the first");
    console.act(|now| Action::Pressed { target: Target::Control(Spot::Callout(1)), now });
    assert_eq!(console.chosen(), "2");
    console.press(Intent::Write);
    assert_eq!(console.state.control.draft().unwrap().value(), "", "each has a line of its own");
    console.control_type("to the second");
    console.press(Intent::Submit);
    assert_eq!(console.orders(), [Order::Say { callout: id("2"), text: "to the second".into() }]);
    console.act(|now| Action::Pressed { target: Target::Control(Spot::Callout(0)), now });
    assert_eq!(console.state.control.draft().unwrap().value(), "to the first");
}

#[test]
fn it_is_as_long_as_the_customer_s() {
    let mut console = Console::room(vec![case("1", 10)]);
    console.press(Intent::Write);
    let long = "x".repeat(2_000);
    console.act(|now| Action::Pasted { text: long.as_str().into(), now });
    assert!(console.effects.is_empty(), "a paste sends nothing");
    assert_eq!(console.state.control.draft().unwrap().value().len(), crate::app::state::Chat::LONGEST);
}

#[test]
fn what_was_not_taken_is_back_in_the_line() {
    let mut console = Console::room(vec![case("1", 10)]);
    console.press(Intent::Write);
    console.control_type("hello");
    console.press(Intent::Submit);
    console.control_type("and more");
    console.press(Intent::Submit);
    assert!(console.orders().is_empty(), "one at a time");
    let call = console.asked();
    console.answer(call, Err(failure(FailureKind::Unreachable)));
    assert_eq!(console.state.control.draft().unwrap().value(), "hello and more");
    assert_eq!(console.state.control.refused.as_ref().unwrap().what.as_str(), "message not sent");
    console.press(Intent::EraseLine);
    console.control_type("again");
    console.press(Intent::Submit);
    let call = console.asked();
    console.answer(call, Err(failure(FailureKind::Unanswered)));
    let doubt = &console.state.control.refused.as_ref().unwrap().what;
    assert!(doubt.as_str().contains("in doubt"), "it may have been said");
}

#[test]
fn a_canned_reply_is_put_into_the_line_and_sent_by_enter() {
    let mut console = Console::room(vec![case("1", 10)]);
    console.state.control.canned = vec!["First.".into(), "Second.".into()];
    console.press(Intent::CannedReply);
    console.press(Intent::ScrollDown);
    console.press(Intent::ScrollDown);
    console.press(Intent::Submit);
    assert!(console.effects.is_empty() && console.state.dialog.is_none());
    console.press(Intent::Submit);
    assert_eq!(console.orders(), [Order::Say { callout: id("1"), text: "Second.".into() }]);
    console.press(Intent::Back);
    console.press(Intent::CannedReply);
    console.control_type("91");
    assert_eq!(console.state.control.draft().unwrap().value(), "First.", "there is no ninth");
}

#[test]
fn a_callout_that_closes_takes_its_line_along() {
    let mut console = Console::room(vec![case("1", 10)]);
    console.press(Intent::Write);
    console.control_type("are you there");
    console.look(survey(vec![closed("1", 10)]));
    assert!(!console.state.control.writing && console.state.control.drafts.is_empty());
    assert!(console.notice().contains("closed"));
    console.press(Intent::Write);
    assert!(!console.state.control.writing);
}

#[test]
fn scrolling_back_stays_at_what_is_read() {
    let comments: Vec<Comment> = (0..9).map(|n| said(Role::User, &n.to_string())).collect();
    let mut console = Console::room(vec![Case { comments: comments.clone(), ..case("1", 10) }]);
    console.act(|now| Action::Wheeled { target: Target::Control(Spot::Part(Part::Chat)), lines: -3, now });
    assert_eq!(console.state.control.back, 3);
    let more: Vec<Comment> = comments.into_iter().chain([said(Role::User, "new")]).collect();
    console.look(survey(vec![Case { comments: more, ..case("1", 10) }]));
    assert_eq!(console.state.control.back, 4);
}
