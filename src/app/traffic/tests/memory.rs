//! What is kept of a long session, and what makes room.

use super::*;
use crate::app::traffic::log::{MOST, MOST_BYTES};

/// Digits that no packing makes much smaller.
fn noise(seed: u64, length: usize) -> String {
    let mut state = seed;
    let digit = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'!' + u8::try_from((state >> 33) % 90).unwrap())
    };
    let digits: String = std::iter::repeat_with(digit).take(length).collect();
    serde_json::to_string(&digits).unwrap()
}

#[test]
fn memory_is_bounded_and_what_went_says_so() {
    let mut console = Console::new(120, 36);
    for n in 0..40 {
        let body = noise(n, 200_000);
        console.hear(get(&format!("/callouts/{n}"), i64::try_from(n).unwrap(), &body));
    }
    let log = &console.traffic().log;
    assert!(log.bytes() <= MOST_BYTES && log.bytes() > MOST_BYTES / 2, "{}", log.bytes());
    assert_eq!(log.len(), 40);
    assert!(log.exchange(1).unwrap().bodies_dropped && !log.exchange(40).unwrap().bodies_dropped);
    console.press(&[Intent::ScrollToStart, Intent::Open, Intent::NextView]);
    assert_eq!(console.read().last().unwrap(), "Body no longer kept: it made room for newer ones.");
    console.press(&[Intent::CopyBody]);
    assert!(console.effects.is_empty() && console.told().contains("no longer kept"), "{}", console.told());
    console.press(&[Intent::CopyCurl]);
    assert!(console.effects.is_empty(), "half a request is no request");
}

#[test]
fn a_body_larger_than_the_room_is_there_while_it_is_the_newest() {
    let mut log = Log::default();
    let body = noise(1, 4_000_000);
    log.push(get("/callouts/7", 0, &body));
    assert_eq!(log.exchange(1).unwrap().exchange.reply.body, Some(Body::new(&body)));
    log.push(get("/callouts/8", 1, "{}"));
    assert!(log.exchange(1).unwrap().bodies_dropped && log.bytes() < 1_000);
}

#[test]
fn polls_that_hardly_differ_are_all_kept() {
    let mut log = Log::default();
    let route = noise(1, 4_000);
    let body = |n: i64| format!(r#"{{"route":{route},"eta":{n}}}"#);
    for n in 0..5_000 {
        log.push(get("/callouts/7", n, &body(n)));
    }
    let first = log.exchange(1).unwrap();
    assert_eq!(first.exchange.reply.body, Some(Body::new(&body(0))), "{} bytes", log.bytes());
    assert_eq!(first.exchange.request.header("authorization"), Some("Bearer ***"));
    assert_eq!(log.summary(2).unwrap().compared, Compared::Changed { count: 1 });
}

#[test]
fn the_oldest_lines_make_room_and_nothing_jumps() {
    let mut log = Log::default();
    let mut filter = Filter::default();
    "callouts/3".chars().for_each(|c| filter.draft.insert(c));
    filter.edited(&log);
    for n in 0..MOST + 50 {
        let exchange = get(&format!("/callouts/{}", n % 10), i64::try_from(n).unwrap(), "{}");
        let (number, gone) = log.push(exchange);
        filter.arrived(&log, number, gone);
    }
    assert_eq!((log.len(), log.first()), (MOST, 51));
    assert!(log.exchange(50).is_none() && log.exchange(51).is_some());
    assert_eq!(filter.count(&log), MOST / 10);
    assert_eq!(filter.number(&log, 0), Some(54));
    let mut fresh = Filter::default();
    "callouts/3".chars().for_each(|c| fresh.draft.insert(c));
    fresh.edited(&log);
    assert_eq!(fresh, filter, "the index is what a look through all finds");
}
