//! When what is read: spread, never too many at once, rarer when the server says so.

use super::*;
use crate::app::state::{Ending, Health, Watch};
use crate::app::watching::poll::AT_ONCE;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn ids(count: usize) -> Vec<String> {
    (0..count).map(|number| (1_000 + number).to_string()).collect()
}

/// Each reading that begins within so many seconds, answered at once.
fn readings(console: &mut Console, seconds: i64) -> Vec<(Timestamp, CalloutId)> {
    let end = console.now + SignedDuration::from_secs(seconds);
    let mut begun: Vec<(Timestamp, CalloutId)> = Vec::new();
    loop {
        let open = polls(&console.state);
        begun.extend(open.iter().map(|(_, asked)| (console.now, asked.clone())));
        answer_polls(console, &|_| None);
        if polls(&console.state).is_empty() {
            if deadlines(&console.state).poll.is_none_or(|at| at > end) {
                return begun;
            }
            wait(console);
        }
    }
}

#[test]
fn named_ones_need_no_list_and_are_all_read() {
    let mut console = watching(&["7", "8"]);
    assert!(
        console.effects.iter().all(|effect| matches!(effect, Effect::Fetch { .. })),
        "{:?}",
        console.effects
    );
    read_all(&mut console, 20);
    assert_eq!(console.call(|call| matches!(call, Call::List { .. })), None);
    assert_eq!(listed(&console), ["7", "8"]);
    assert_eq!(chosen(&console), "7");
}

#[test]
fn without_names_the_list_comes_first() {
    let mut console = watching(&[]);
    assert!(matches!(console.effects[..], [Effect::List { .. }]));
    assert_eq!(console.state.watch, Watch::Looking);
    list(&mut console, &[]);
    assert_eq!(console.state.watch, Watch::Idle);
    next_list(&mut console, &["8", "7"]);
    assert_eq!(listed(&console), ["7", "8"], "who has waited longest is first");
    assert_eq!(chosen(&console), "7");
}

#[test]
fn a_thousand_are_spread_over_the_interval() {
    let ids = ids(1_000);
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mut console = watching(&[]);
    list(&mut console, &ids);
    let _first = readings(&mut console, 20);
    let begun = readings(&mut console, 15);
    let start = begun[0].0;
    let mut each_second: BTreeMap<i64, usize> = BTreeMap::new();
    for (at, _) in &begun {
        *each_second.entry(at.duration_since(start).as_secs()).or_default() += 1;
    }
    // A fifteenth of a thousand is 67.
    assert!(each_second.values().all(|count| *count <= 70), "{each_second:?}");
    let mut read: Vec<&CalloutId> = begun.iter().map(|(_, id)| id).collect();
    read.sort();
    read.dedup();
    assert!(
        read.len() >= 990 && begun.len() <= 1_010,
        "each of them once: {} of {}",
        read.len(),
        begun.len()
    );
}

#[test]
fn a_few_are_there_at_once_and_then_apart() {
    let mut console = watching_all(&["1", "2", "3"]);
    let begun = console.now;
    let later = readings(&mut console, 16);
    let times: Vec<Timestamp> = later.iter().filter(|(at, _)| *at > begun).map(|(at, _)| *at).collect();
    assert!(times.windows(2).all(|pair| pair[1].duration_since(pair[0]).as_secs() >= 4), "{times:?}");
}

#[test]
fn never_more_than_eight_at_once() {
    let ids = ids(100);
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mut console = watching(&ids);
    for _ in 0..200 {
        assert!(console.state.in_flight.len() <= AT_ONCE);
        if deadlines(&console.state).poll.is_none() {
            break;
        }
        wait(&mut console);
    }
    assert_eq!(console.state.in_flight.len(), AT_ONCE, "nobody answers");
    assert_eq!(deadlines(&console.state).poll, None, "and nothing wakes the loop for it");
    console.pass(10);
    let (call, asked) = polls(&console.state)[0].clone();
    console.answer(call, Ok(Answer::Read(Box::new(callout(asked.as_str(), Status::Created)))));
    assert_eq!(console.state.in_flight.len(), AT_ONCE, "the next one goes at once");
}

#[test]
fn a_429_stretches_the_interval_for_all_and_it_comes_back() {
    let mut console = watching_all(&["1", "2", "3", "4"]);
    let too_many =
        Failure { retry_after: Some(SignedDuration::from_secs(40)), ..failure(FailureKind::TooMany) };
    bring(&mut console, "3", &Err(too_many));
    let slowed = |console: &Console| console.state.watching.as_ref().unwrap().slowed();
    assert!((slowed(&console) - 2.0).abs() < 1e-9);
    let until = console.now + SignedDuration::from_secs(40);
    assert_eq!(deadlines(&console.state).poll, Some(until), "nothing is asked before");
    console.now = until - SignedDuration::from_secs(1);
    console.tick(Timer::Poll);
    assert_eq!(console.effects, Vec::new());
    console.now = until;
    let begun = readings(&mut console, 30).len();
    assert!(begun <= 8, "half as often: {begun}");
    let later = readings(&mut console, 600).len();
    assert!((slowed(&console) - 1.0).abs() < 1e-9 && later > 100, "{later}");
}

#[test]
fn eight_that_say_429_together_say_it_once() {
    let ids = ids(100);
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mut console = watching(&ids);
    while polls(&console.state).len() < AT_ONCE {
        wait(&mut console);
    }
    answer_polls(&mut console, &|_| Some(Err(failure(FailureKind::TooMany))));
    assert!((console.state.watching.as_ref().unwrap().slowed() - 2.0).abs() < 1e-9);
    for _ in 0..20 {
        wait(&mut console);
        answer_polls(&mut console, &|_| Some(Err(failure(FailureKind::TooMany))));
    }
    assert!(console.state.watching.as_ref().unwrap().slowed() <= 8.0);
}

#[test]
fn behind_a_dead_line_one_at_a_time_asks() {
    let mut console = watching_all(&["1", "2", "3", "4", "5"]);
    let down = || Some(Err(failure(FailureKind::Unreachable)));
    while polls(&console.state).is_empty() {
        wait(&mut console);
    }
    answer_polls(&mut console, &|_| down());
    assert!(matches!(console.state.link.health, Health::Down { .. }));
    let start = console.now;
    while console.now.duration_since(start).as_secs() < 60 {
        let before = console.now;
        wait(&mut console);
        assert!(console.state.in_flight.len() <= 1);
        if let Some(call) = console.call(|call| matches!(call, Call::List { .. })) {
            console.answer(call, down().unwrap());
        }
        answer_polls(&mut console, &|_| down());
        assert!(console.now >= before);
    }
    assert!(entry_of(&console, "1").is_stale(&console.state), "what is shown is old, and says so");
    while polls(&console.state).is_empty() {
        if let Some(call) = console.call(|call| matches!(call, Call::List { .. })) {
            console.answer(call, down().unwrap());
        }
        wait(&mut console);
    }
    answer_polls(&mut console, &|_| None);
    assert_eq!(console.state.link.health, Health::Live);
    assert_eq!(console.state.link.missed, 0);
}

#[test]
fn one_that_cannot_be_read_does_not_draw_the_others_offline() {
    let mut console = watching_all(&["1", "2", "3"]);
    for _ in 0..4 {
        bring(&mut console, "2", &Err(failure(FailureKind::Unreadable)));
        assert_eq!(console.state.link.health, Health::Live);
    }
    assert_eq!(entry_of(&console, "2").missed, 4);
    assert_eq!(entry_of(&console, "1").missed, 0);
}

#[test]
fn what_left_the_list_is_read_before_its_turn_and_closed_only_by_that() {
    let mut console = watching_all(&["1", "2", "3"]);
    next_list(&mut console, &["1", "3"]);
    assert_eq!(entry_of(&console, "2").ended, None, "a list alone ends nothing");
    assert!(polls(&console.state).iter().any(|(_, asked)| asked.as_str() == "2"));
    bring(&mut console, "2", &Ok(Answer::Closed(None)));
    assert_eq!(entry_of(&console, "2").ended, Some(Ending::Closed));
    assert_eq!(listed(&console), ["1", "3", "2"], "it stays, at the end");
}

#[test]
fn one_that_is_over_is_not_read_again() {
    let mut console = watching(&["1", "2"]);
    read_all(&mut console, 10);
    becomes(&mut console, "1", Status::Closed);
    let begun = readings(&mut console, 120);
    assert!(begun.iter().all(|(_, id)| id.as_str() == "2") && begun.len() >= 7, "{begun:?}");
    bring(&mut console, "2", &Err(failure(FailureKind::NotFound)));
    assert_eq!(entry_of(&console, "2").ended, Some(Ending::Unknown));
    assert!(console.state.watching.as_ref().unwrap().is_done());
    assert_eq!(deadlines(&console.state).poll, None);
}

#[test]
fn running_through_the_list_asks_for_nothing_until_it_rests() {
    let ids = ids(50);
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mut console = watching_all(&ids);
    let before = console.state.next_call;
    for _ in 0..40 {
        console.press(Intent::ScrollDown);
        assert_eq!(console.effects, Vec::new());
    }
    assert_eq!(console.state.next_call, before);
    console.now += SignedDuration::from_millis(200);
    console.tick(Timer::Poll);
    let asked: Vec<String> = polls(&console.state).iter().map(|(_, id)| id.to_string()).collect();
    assert!(asked.contains(&chosen(&console).to_owned()), "{asked:?}");
}

#[test]
fn the_chosen_one_is_whole_and_the_others_are_light() {
    let mut console = watching_all(&["1", "2"]);
    console.press(Intent::ScrollToStart);
    let place = settings().start;
    let mut whole = callout("1", Status::Dispatched);
    whole.route = Some(vec![place, place]);
    whole.comments = Some(vec![comment("9", Role::Admin, "on our way")]);
    bring(&mut console, "1", &Ok(Answer::Read(Box::new(whole.clone()))));
    let followed = console.state.followed().unwrap();
    assert_eq!(followed.callout.route.as_deref(), Some([place, place].as_slice()));
    assert_eq!(console.state.chat.comments.len(), 1);
    let kept = entry_of(&console, "1").seen.as_ref().unwrap();
    assert_eq!((&kept.callout.route, &kept.callout.comments), (&None, &None));
    console.press(Intent::PreviousCallout);
    assert_eq!(console.state.chat.comments, Vec::new());
    assert_eq!(console.state.followed().unwrap().callout.id, id("2"));
    assert!(!console.state.watching.as_ref().unwrap().whole, "the chat is not known yet");
}

proptest! {
    /// Whatever is answered, and in which order: never too many, and it always goes on.
    #[test]
    fn it_never_stops_and_never_floods(outcomes in prop::collection::vec(0usize..9, 1..200)) {
        let mut console = watching_all(&["1", "2", "3", "4", "5", "6", "7", "8", "9"]);
        for (turn, outcome) in outcomes.into_iter().enumerate() {
            let answer = match outcome {
                0 => Err(failure(FailureKind::TooMany)),
                1 => Err(failure(FailureKind::Unreachable)),
                2 => Err(failure(FailureKind::Server)),
                3 => Err(failure(FailureKind::NotFound)),
                4 => Ok(Answer::Closed(None)),
                5 => Ok(Answer::Located),
                _ => Ok(Answer::Read(Box::new(callout("3", Status::Dispatched)))),
            };
            let open: Vec<CallId> = console.state.in_flight.keys().copied().collect();
            if let Some(call) = open.get(turn % open.len().max(1)) {
                console.answer(*call, answer);
            } else {
                prop_assert!(deadlines(&console.state).poll.is_some());
                wait(&mut console);
            }
            prop_assert!(console.state.in_flight.len() <= AT_ONCE);
            let watching = console.state.watching.as_ref().unwrap();
            let over = watching.entries.values().filter(|entry| entry.ended.is_some()).count();
            prop_assert_eq!(watching.closed(), over);
            prop_assert_eq!(watching.order.len(), watching.entries.len());
            let ranks: Vec<_> = watching.order.iter().map(|id| watching.rank_of(id)).collect();
            prop_assert!(ranks.is_sorted());
        }
    }
}
