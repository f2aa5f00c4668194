//! Bell and notification: of what, and how often.

use super::*;

fn told(effects: &[Effect]) -> Vec<String> {
    let text = |effect: &Effect| match effect {
        Effect::Notify { text, .. } => Some(text.as_ref().map(ToString::to_string).unwrap_or_default()),
        _ => None,
    };
    effects.iter().filter_map(text).collect()
}

#[test]
fn what_matters_rings_with_id_and_state_only() {
    let mut console = watching_all(&["1", "2"]);
    let mut sent = callout("1", Status::Dispatched);
    sent.customer_name = "Jane Doe".into();
    sent.responder = Some(Responder { name: "Testy McTestFace".into(), ..Responder::default() });
    let effects = bring(&mut console, "1", &Ok(Answer::Read(Box::new(sent))));
    assert_eq!(told(&effects), ["callout 1: responder dispatched"]);
    for (status, words) in [(Status::Arrived, "responder arrived"), (Status::Closed, "closed")] {
        console.pass(30);
        assert_eq!(told(&becomes(&mut console, "1", status)), [format!("callout 1: {words}")]);
    }
    console.pass(30);
    let said = Callout {
        comments: Some(vec![
            comment("9", Role::Admin, "the gate code is 1234"),
            comment("10", Role::User, "ok"),
        ]),
        ..callout("2", Status::Created)
    };
    let effects = bring(&mut console, "2", &Ok(Answer::Read(Box::new(said))));
    assert_eq!(told(&effects), ["callout 2: new message"]);
}

#[test]
fn what_was_there_at_the_start_and_what_the_customer_says_is_no_news() {
    let mut console = watching(&[]);
    list(&mut console, &["1", "2"]);
    let mut effects = console.effects.clone();
    for _ in 0..10 {
        effects.extend(answer_polls(&mut console, &|asked| {
            let mut callout = callout(asked.as_str(), Status::Created);
            callout.cancelled_by_customer = true;
            callout.comments = Some(vec![comment("1", Role::Admin, "hello"), comment("2", Role::User, "hi")]);
            Some(Ok(Answer::Read(Box::new(callout))))
        }));
        wait(&mut console);
        effects.extend(console.effects.clone());
    }
    assert_eq!(told(&effects), Vec::<String>::new());
    let two = |console: &mut Console| {
        let comments = vec![
            comment("1", Role::Admin, "hello"),
            comment("2", Role::User, "hi"),
            comment("3", Role::User, "?"),
        ];
        bring(
            console,
            "1",
            &Ok(Answer::Read(Box::new(Callout {
                comments: Some(comments),
                ..callout("1", Status::Created)
            }))),
        )
    };
    assert_eq!(told(&two(&mut console)), Vec::<String>::new());
}

#[test]
fn a_storm_rings_once_a_second_and_says_how_many() {
    let ids: Vec<String> = (0..1_000).map(|n| (1_000 + n).to_string()).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mut console = watching_all(&["1"]);
    let mut all = vec!["1"];
    all.extend(&ids);
    next_list(&mut console, &all);
    let mut rings: Vec<(Timestamp, String)> =
        told(&console.effects).into_iter().map(|text| (console.now, text)).collect();
    for _ in 0..3_000 {
        let arrived =
            |asked: &CalloutId| Some(Ok(Answer::Read(Box::new(callout(asked.as_str(), Status::Arrived)))));
        let effects = answer_polls(&mut console, &arrived);
        rings.extend(told(&effects).into_iter().map(|text| (console.now, text)));
        wait(&mut console);
        rings.extend(told(&console.effects).into_iter().map(|text| (console.now, text)));
    }
    assert!(rings.len() >= 5, "{rings:?}");
    assert!(
        rings.windows(2).all(|pair| pair[1].0.duration_since(pair[0].0).as_secs_f64() >= 1.0),
        "{rings:?}"
    );
    assert!(rings.iter().any(|(_, text)| text.contains(" news, the latest: callout ")), "{rings:?}");
}

#[test]
fn each_can_be_switched_off() {
    for (bell, osc9) in [(true, false), (false, true), (false, false)] {
        let mut console = watching_all(&["1"]);
        *console.state.alerts = Alerts::of(bell, osc9);
        let effects = becomes(&mut console, "1", Status::Dispatched);
        let notified: Vec<&Effect> =
            effects.iter().filter(|effect| matches!(effect, Effect::Notify { .. })).collect();
        match notified[..] {
            [Effect::Notify { bell: rings, text }] => assert_eq!((*rings, text.is_some()), (bell, osc9)),
            [] => assert!(!bell && !osc9),
            ref more => panic!("{more:?}"),
        }
    }
}

#[test]
fn the_ordinary_console_rings_too() {
    let mut console = Console::live();
    *console.state.alerts = Alerts::of(true, true);
    let mut all = Vec::new();
    for status in [Status::Dispatched, Status::Arrived, Status::Completed, Status::Closed] {
        console.next_poll(Callout::new(id("7"), status));
        all.extend(told(&console.effects));
    }
    assert_eq!(all, ["callout 7: responder dispatched", "callout 7: responder arrived", "callout 7: closed"]);
    let mut console = Console::live();
    *console.state.alerts = Alerts::of(true, true);
    console.next_poll(Console::with_comments(vec![comment("1", Role::User, "mine")]));
    assert_eq!(told(&console.effects), Vec::<String>::new(), "our own message is no news");
    console.next_poll(Console::with_comments(vec![
        comment("1", Role::User, "mine"),
        comment("2", Role::Admin, "theirs"),
    ]));
    assert_eq!(told(&console.effects), ["callout 7: new message"]);
}
