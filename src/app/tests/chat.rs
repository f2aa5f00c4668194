use super::*;

#[test]
fn a_message_is_queued_sent_and_then_seen_in_the_server_s_list() {
    let mut console = Console::live();
    console.write("I am at the gate");
    let call = console.say();
    assert!(matches!(
        &console.effects[..],
        [Effect::Remember(Some(kept)), Effect::SendMessage { text: sent, .. }]
            if kept.unsent == [Unsent { text: text("I am at the gate"), tried: true, known_before: 0 }]
                && *sent == text("I am at the gate")
    ));
    console.answer(call, Ok(Answer::Said(Some(comment("771", Role::User, "I am at the gate")))));
    assert!(matches!(console.outbox()[..], [(_, Delivery::Sent { event: Some(_) })]));
    console.next_poll(Console::with_comments(vec![comment("771", Role::User, "I am at the gate")]));
    assert!(console.state.chat.outbox.is_empty());
    assert_eq!(console.state.chat.comments.len(), 1);
}

#[test]
fn a_list_that_is_older_than_the_message_does_not_take_it_off_the_screen() {
    let mut console = Console::live();
    console.write("hello");
    let call = console.say();
    console.answer(call, Ok(Answer::Said(Some(comment("771", Role::User, "hello")))));
    console.next_poll(Console::with_comments(vec![]));
    assert_eq!(console.outbox().len(), 1);
}

#[test]
fn messages_go_out_in_order_one_at_a_time() {
    let mut console = Console::live();
    console.write("one");
    console.write("two");
    assert!(!console.effects.iter().any(|effect| matches!(effect, Effect::SendMessage { .. })));
    let call = console.say();
    console.answer(call, Ok(Answer::Said(None)));
    assert!(
        matches!(console.effects.last(), Some(Effect::SendMessage { text: sent, .. }) if *sent == text("two"))
    );
}

#[test]
fn a_message_that_never_left_waits_for_the_link_and_is_sent_once() {
    let mut console = Console::live();
    console.write("hello");
    let call = console.say();
    console.answer(call, Err(failure(FailureKind::Unreachable)));
    assert_eq!(console.outbox(), [("hello", &Delivery::Queued)]);
    assert!(console.call(|call| matches!(call, Call::Say { .. })).is_none(), "not while the link is down");
    console.next_poll(Console::with_comments(vec![]));
    console.say();
}

#[test]
fn a_message_in_doubt_is_not_sent_again_when_the_list_shows_it() {
    let mut console = Console::live();
    console.write("hello");
    let call = console.say();
    console.answer(call, Err(failure(FailureKind::Unanswered)));
    assert!(matches!(console.outbox()[..], [(_, Delivery::Unconfirmed { .. })]));
    assert!(matches!(console.effects.last(), Some(Effect::Fetch { .. })), "the list is asked for at once");
    console.answer_poll(Console::with_comments(vec![comment("771", Role::User, "hello")]));
    assert!(console.state.chat.outbox.is_empty());
    assert!(console.call(|call| matches!(call, Call::Say { .. })).is_none());
}

#[test]
fn a_message_in_doubt_is_sent_again_only_when_a_later_list_lacks_it() {
    let mut console = Console::live();
    console.pass(15);
    console.tick(Timer::Poll);
    console.write("hello");
    console.pass(1);
    let call = console.say();
    console.answer(call, Err(failure(FailureKind::Unanswered)));
    console.answer_poll(Console::with_comments(vec![]));
    assert!(matches!(console.outbox()[..], [(_, Delivery::Unconfirmed { .. })]), "asked before the doubt");
    console.next_poll(Console::with_comments(vec![]));
    console.say();
}

#[test]
fn a_message_that_never_shows_up_is_given_back_after_three_tries() {
    let mut console = Console::live();
    console.write("hello");
    for _ in 0..3 {
        let call = console.say();
        console.answer(call, Err(failure(FailureKind::Server)));
        console.pass(1);
        if console.call(|call| matches!(call, Call::Poll { .. })).is_none() {
            console.pass(15);
            console.tick(Timer::Poll);
        }
        console.answer_poll(Console::with_comments(vec![]));
    }
    assert!(matches!(console.outbox()[..], [(_, Delivery::Failed { .. })]));
    console.press(Intent::Retry);
    console.say();
}

#[test]
fn the_same_words_twice_are_two_messages() {
    let mut console = Console::live();
    console.next_poll(Console::with_comments(vec![comment("1", Role::User, "help")]));
    console.write("help");
    let call = console.say();
    console.answer(call, Err(failure(FailureKind::Unanswered)));
    console.answer_poll(Console::with_comments(vec![comment("1", Role::User, "help")]));
    console.say();
    assert_eq!(console.outbox().len(), 1, "the older one is not this one");
}

#[test]
fn a_controller_who_repeats_our_words_is_not_us() {
    let mut console = Console::live();
    console.write("help");
    let call = console.say();
    console.answer(call, Ok(Answer::Said(None)));
    console.next_poll(Console::with_comments(vec![comment("1", Role::Admin, "help")]));
    assert_eq!(console.outbox().len(), 1);
}

#[test]
fn a_refused_message_says_why_and_can_be_sent_again() {
    let mut console = Console::live();
    console.write("hello");
    let call = console.say();
    console.answer(call, Err(failure(FailureKind::Refused)));
    assert_eq!(console.outbox(), [("hello", &Delivery::Failed { why: text("it broke") })]);
    console.press(Intent::Retry);
    assert!(matches!(console.effects[..], [Effect::Remember(_), Effect::SendMessage { .. }]));
}

#[test]
fn the_end_of_the_callout_fails_what_was_not_sent() {
    let mut console = Console::live();
    console.write("one");
    console.write("two");
    console.next_poll(Callout::new(id("7"), Status::Closed));
    assert!(console.outbox().iter().all(|(_, delivery)| matches!(delivery, Delivery::Failed { .. })));
    assert!(!console.state.chat.writing);
}

#[test]
fn a_paste_is_text_and_never_submits() {
    let mut console = Console::live();
    console.press(Intent::Write);
    console.act(|now| Action::Pasted { text: "two\nlines\u{202e}".into(), now });
    assert_eq!(console.state.chat.draft.value(), "two lines");
    assert!(console.effects.is_empty());
}

#[test]
fn a_paste_outside_an_input_line_does_nothing() {
    let mut console = Console::live();
    let before = console.state.clone();
    console.act(|now| Action::Pasted { text: "pq".into(), now });
    assert_eq!(console.state, before);
}

#[test]
fn a_message_has_a_longest_length() {
    let mut console = Console::live();
    console.press(Intent::Write);
    console.act(|now| Action::Pasted { text: "x".repeat(5_000).into(), now });
    assert_eq!(console.state.chat.draft.value().len(), Chat::LONGEST);
}

#[test]
fn unsent_messages_of_the_last_run_wait_for_the_list() {
    let mut console = Console::fresh(settings());
    let unsent = |raw: &str, tried, known_before| Unsent { text: text(raw), tried, known_before };
    let unsent = vec![unsent("help", true, 0), unsent("help", true, 1), unsent("later", false, 0)];
    let resume = Resume { callout: id("7"), tracking: None, unsent };
    console.act(|now| Action::Started { now, resume: Some(resume) });
    console.answer_poll(Console::with_comments(vec![comment("1", Role::User, "help")]));
    assert!(
        matches!(console.outbox()[..], [("help", Delivery::Sending { .. }), ("later", Delivery::Queued)]),
        "the first had arrived, the second had not: {:?}",
        console.outbox()
    );
}

#[test]
fn what_a_controller_says_is_unread_until_the_pane_is_looked_at() {
    let mut console = Console::live();
    console.next_poll(Console::with_comments(vec![comment("1", Role::Admin, "On the way")]));
    assert_eq!(console.state.chat.unread, 1);
    console.act(|now| Action::Pressed { target: Target::Pane(Pane::Chat), now });
    assert_eq!(console.state.chat.unread, 0);
}

#[test]
fn scrolling_back_stays_where_it_is_when_news_come() {
    let many =
        |count: usize| (0..count).map(|n| comment(&n.to_string(), Role::Admin, "x")).collect::<Vec<_>>();
    let mut console = Console::live();
    console.next_poll(Console::with_comments(many(30)));
    console.act(|now| Action::Pressed { target: Target::Pane(Pane::Chat), now });
    console.press(Intent::PageUp);
    assert_eq!(console.state.chat.scroll, 10);
    console.next_poll(Console::with_comments(many(33)));
    assert_eq!((console.state.chat.scroll, console.state.chat.unread), (13, 3));
    console.press(Intent::ScrollToStart);
    assert_eq!(console.state.chat.scroll, 32, "no further than the oldest");
    console.press(Intent::ScrollToEnd);
    assert_eq!((console.state.chat.scroll, console.state.chat.unread), (0, 0));
}

#[test]
fn a_reply_without_the_chat_leaves_the_chat_alone() {
    let mut console = Console::live();
    console.next_poll(Console::with_comments(vec![comment("1", Role::Admin, "x")]));
    console.next_poll(Callout::new(id("7"), Status::Created));
    assert_eq!(console.state.chat.comments.len(), 1);
}

#[test]
fn writing_needs_a_callout() {
    let mut console = Console::idle();
    console.press(Intent::Write);
    assert!(!console.state.chat.writing);
}
