//! The traffic screen's part of the reducer.

mod memory;

use super::log::Compared;
use super::*;
use crate::app::action::{Action, Effect};
use crate::app::intent::Intent;
use crate::app::screen::Target;
use crate::app::state::Dialog;
use crate::app::tests::settings;
use crate::app::update;
use crate::traffic::{Header, Message, Method, Side, Trouble};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_770_000_000 + seconds).unwrap()
}

fn get(path: &str, seconds: i64, body: &str) -> Exchange {
    let authorization = Header { name: "authorization".into(), value: "Bearer ***".into() };
    Exchange {
        at: at(seconds),
        took: SignedDuration::from_millis(12),
        what: "read the callout".into(),
        method: Method::Get,
        side: Side::Api,
        base: "http://127.0.0.1:3005/panic-api/v2".into(),
        path: path.into(),
        request: Message { headers: vec![authorization], ..Message::default() },
        status: Some(200),
        reply: Message { headers: Vec::new(), size: body.len() as u64, body: Some(Body::new(body)) },
        trouble: None,
    }
}

fn eta(seconds: u32) -> String {
    format!(r#"{{"callout":{{"id":7,"responder":{{"eta":{{"seconds":{seconds}}}}}}}}}"#)
}

struct Console {
    state: State,
    effects: Effects,
    now: Timestamp,
}

impl Console {
    /// On the traffic screen of a window of this size.
    fn new(columns: u16, rows: u16) -> Self {
        let mut console = Self { state: State::new(settings(), None), effects: Vec::new(), now: at(0) };
        console.act(|now| Action::Resized { columns, rows, now });
        console.press(&[Intent::ShowTraffic]);
        assert_eq!(console.state.screen, Screen::Traffic);
        console
    }

    /// A window of 120×36 with `count` exchanges of ten paths.
    fn with(count: u32) -> Self {
        let mut console = Self::new(120, 36);
        for n in 0..count {
            console.hear(get(&format!("/callouts/{}", n % 10), i64::from(n), &eta(n)));
        }
        console
    }

    fn act(&mut self, action: impl FnOnce(Timestamp) -> Action) {
        let action = action(self.now);
        let written = serde_json::to_string(&action).unwrap();
        assert_eq!(serde_json::from_str::<Action>(&written).unwrap(), action, "an action is a recording");
        let state = std::mem::replace(&mut self.state, State::new(settings(), None));
        (self.state, self.effects) = update(state, action);
    }

    fn hear(&mut self, exchange: Exchange) {
        self.act(|now| Action::Exchanged { exchange: Box::new(exchange), now });
    }

    fn press(&mut self, intents: &[Intent]) {
        for intent in intents {
            self.act(|now| Action::Do { intent: *intent, now });
        }
    }

    fn type_in(&mut self, text: &str) {
        for character in text.chars() {
            self.act(|now| Action::Typed { character, now });
        }
    }

    fn traffic(&self) -> &Traffic {
        &self.state.traffic
    }

    /// The opened document as a person reads it, folds closed.
    fn read(&self) -> Vec<String> {
        let Some(opened) = &self.traffic().opened else { return Vec::new() };
        let row = |position| {
            let row = opened.document.row(opened.row(position)?)?;
            Some(opened.document.text(row).to_owned())
        };
        (0..opened.len()).filter_map(row).collect()
    }

    fn told(&self) -> &str {
        self.state.notice.as_ref().map_or("", |notice| notice.text.as_str())
    }
}

#[test]
fn the_newest_is_followed_while_the_list_stands_at_its_end() {
    let mut console = Console::with(100);
    assert_eq!(console.traffic().chosen, Some(100));
    console.hear(get("/callouts/7", 100, "{}"));
    assert_eq!(console.traffic().chosen, Some(101));
    console.press(&[Intent::ScrollUp]);
    assert_eq!((console.traffic().chosen, console.traffic().follows), (Some(100), false));
    let top = console.traffic().top;
    for n in 0..50 {
        console.hear(get("/callouts/7", 101 + n, "{}"));
    }
    assert_eq!((console.traffic().chosen, console.traffic().top), (Some(100), top), "nothing jumps");
    console.press(&[Intent::ScrollToEnd]);
    assert_eq!((console.traffic().chosen, console.traffic().follows), (Some(151), true));
}

#[test]
fn who_reads_a_body_keeps_it() {
    let mut console = Console::with(3);
    console.press(&[Intent::Open]);
    console.hear(get("/callouts/7", 9, "{}"));
    assert_eq!((console.traffic().chosen, console.traffic().focus), (Some(3), Focus::Body));
    console.press(&[Intent::Back]);
    assert_eq!(console.traffic().chosen, Some(3));
}

#[test]
fn what_is_chosen_is_on_the_screen_whatever_is_pressed() {
    use Intent::{NextPane, Open, PageDown, PageUp, ScrollDown, ScrollToEnd, ScrollToStart, ScrollUp};
    let mut console = Console::with(300);
    let keys = [PageUp, PageUp, ScrollUp, ScrollToStart, PageDown, ScrollDown, ScrollToEnd, NextPane, Open];
    for (turn, key) in keys.iter().cycle().take(90).enumerate() {
        console.press(&[*key]);
        if turn % 7 == 0 {
            let rows = if turn % 2 == 0 { 12 } else { 60 };
            console.act(|now| Action::Resized { columns: 80, rows, now });
        }
        let (space, traffic) = (space::space(&console.state), console.traffic());
        let position = traffic.position().unwrap();
        let rows = usize::from(space.list_rows).max(1);
        assert!((traffic.top..traffic.top + rows).contains(&position), "{key:?}: {} {position}", traffic.top);
    }
}

#[test]
fn a_filter_lists_what_has_every_word() {
    let mut console = Console::with(20);
    let mut refused = get("/oauth/token", 30, "");
    (refused.method, refused.status) = (Method::Post, Some(401));
    console.hear(refused);
    console.hear(Exchange { status: None, trouble: Some(Trouble::TimedOut), ..get("/callouts/3", 31, "") });
    let mut count = |text: &str| {
        console.press(&[Intent::Find]);
        console.type_in(text);
        let count = console.traffic().count();
        console.press(&[Intent::Back]);
        assert!(!console.traffic().filter.is_on(), "escape clears it");
        count
    };
    assert_eq!(count("callouts/3"), 3);
    assert_eq!(count("CALLOUTS/3 changed"), 1);
    assert_eq!(count("post"), 1);
    assert_eq!(count("4xx"), 1);
    assert_eq!(count("401"), 1);
    assert_eq!(count("2"), 20, "a status from its first digit on");
    assert_eq!(count("timeout"), 1);
    assert_eq!(count("failed"), 2);
    assert_eq!(count("callouts -changed -failed"), 10);
    assert_eq!(count("nothing like it"), 0);
    assert_eq!(count("-"), 22);
}

#[test]
fn a_filtered_list_follows_what_fits_and_keeps_what_is_chosen() {
    let mut console = Console::with(40);
    console.press(&[Intent::ScrollToStart, Intent::Find]);
    console.type_in("callouts/7");
    console.press(&[Intent::Submit]);
    assert_eq!((console.traffic().chosen, console.traffic().count()), (Some(8), 4), "its neighbour");
    console.hear(get("/callouts/8", 50, "{}"));
    console.hear(get("/callouts/7", 51, "{}"));
    assert_eq!((console.traffic().chosen, console.traffic().count()), (Some(8), 5));
    console.press(&[Intent::ScrollToEnd]);
    assert_eq!(console.traffic().chosen, Some(42));
    console.hear(get("/callouts/7", 52, "{}"));
    assert_eq!(console.traffic().chosen, Some(43));
    console.press(&[Intent::Back]);
    assert_eq!((console.traffic().chosen, console.traffic().count()), (Some(43), 43));
}

#[test]
fn a_poll_says_what_changed_since_the_one_before() {
    let mut console = Console::new(120, 36);
    console.hear(get("/callouts/7?a=1&b=2", 0, &eta(420)));
    assert!(console.read()[0].contains("first of its kind"), "{:?}", console.read());
    console.hear(get("/callouts/7?b=2&a=1", 15, &eta(405)));
    assert_eq!(
        console.read(),
        ["Since the same request 15 s before, in callout:", "", "responder.eta.seconds  420 → 405"]
    );
    console.hear(get("/callouts/7?a=1&b=2", 30, &eta(405)));
    assert_eq!(console.read()[0], "Nothing changed in 15 s.");
    let closed = Exchange { status: Some(285), ..get("/callouts/7?a=1&b=2", 45, &eta(405)) };
    console.hear(closed);
    assert!(console.read().contains(&"status  200 → 285".to_owned()), "{:?}", console.read());
    let compared: Vec<Compared> = console.traffic().log.iter().map(|(_, summary)| summary.compared).collect();
    let changed = Compared::Changed { count: 1 };
    assert_eq!(compared, [Compared::Alone, changed, Compared::Same, changed]);
}

#[test]
fn a_failure_says_what_kept_the_reply_from_coming() {
    let mut console = Console::with(1);
    let lost = Exchange {
        status: None,
        trouble: Some(Trouble::CutOff),
        reply: Message::default(),
        ..get("/callouts/0", 9, "")
    };
    console.hear(lost);
    assert_eq!(console.read(), ["The connection broke off before the reply was whole."]);
    console.hear(get("/callouts/0", 10, "{}"));
    assert_eq!(console.read()[0], "The one before failed: cut off.");
}

#[test]
fn the_token_of_the_api_is_not_put_into_a_request_of_the_control_side() {
    let mut console = Console::new(120, 36);
    console.hear(Exchange { side: Side::Control, ..get("/control/callouts/7/steps", 0, "{}") });
    console.press(&[Intent::CopyCurlWithToken]);
    assert_eq!((&console.state.dialog, console.effects.len()), (&None, 0));
    assert!(console.told().contains("control_token"), "{}", console.told());
    console.press(&[Intent::CopyCurl]);
    assert_eq!(console.effects.len(), 1);
}

#[test]
fn folds_open_and_close_and_a_search_opens_them() {
    let mut console = Console::new(120, 36);
    let points: Vec<String> = (0..60).map(|n| format!("{{\"point\":{n}}}")).collect();
    console.hear(get(
        "/callouts/7",
        0,
        &format!("{{\"id\":7,\"route\":[{}],\"end\":true}}", points.join(",")),
    ));
    console.press(&[Intent::NextView, Intent::Open]);
    assert_eq!(console.read(), ["{", "\"id\": 7,", "\"route\": [", "\"end\": true", "}"]);
    console.press(&[Intent::ScrollDown, Intent::ScrollDown, Intent::Open]);
    assert_eq!(console.read().len(), 5 + 60 * 3 + 1);
    console.press(&[Intent::ScrollDown, Intent::ScrollDown]);
    console.press(&[Intent::Fold; 4]);
    assert_eq!(console.read().len(), 5, "out of what is in it, then closed");
    console.press(&[Intent::Find]);
    console.type_in("point\": 41");
    assert_eq!(console.read().len(), 186, "opened on the way to what was found");
    let opened = console.traffic().opened.as_ref().unwrap();
    assert_eq!((opened.hits().len(), opened.hit_here()), (1, Some(0)));
    console.press(&[Intent::EraseWord, Intent::EraseWord]);
    console.type_in("point");
    console.press(&[Intent::Submit, Intent::NextMatch, Intent::PreviousMatch, Intent::PreviousMatch]);
    assert_eq!(console.traffic().opened.as_ref().unwrap().hits().len(), 60);
    console.press(&[Intent::FoldAll]);
    assert_eq!(console.read(), ["{", "\"id\": 7,", "\"route\": [", "\"end\": true", "}"]);
    console.press(&[Intent::Back]);
    assert!(!console.traffic().shows_search());
}

#[test]
fn a_huge_body_is_not_laid_out_in_passing() {
    let mut console = Console::new(120, 36);
    console.hear(get("/callouts/7", 0, &format!("[{}1]", "1,".repeat(400_000))));
    assert_eq!(console.read(), ["800 kB: enter opens it."]);
    console.press(&[Intent::Open, Intent::NextView]);
    assert!(console.read().len() > 50_000, "{}", console.read().len());
}

#[test]
fn curl_has_the_token_only_after_a_yes() {
    let mut console = Console::with(1);
    console.press(&[Intent::CopyCurl]);
    let [Effect::Traffic(TrafficOrder::CopyCurl { curl, with_token: false })] = &console.effects[..] else {
        panic!("{:?}", console.effects);
    };
    assert!(curl.line(None).ends_with("-H \"authorization: Bearer $TOKEN\""), "{}", curl.line(None));
    console.press(&[Intent::CopyCurlWithToken]);
    assert_eq!((console.effects.len(), console.state.dialog.clone()), (0, Some(Dialog::CopyToken)));
    console.press(&[Intent::Back]);
    assert_eq!((console.effects.len(), console.state.dialog.clone()), (0, None), "no is the easy answer");
    console.press(&[Intent::CopyCurlWithToken, Intent::Confirm]);
    assert!(matches!(
        &console.effects[..],
        [Effect::Traffic(TrafficOrder::CopyCurl { with_token: true, .. })]
    ));
    console.act(|now| Action::TrafficDone { done: Done::NoToken, now });
    assert!(console.told().contains("no token"), "{}", console.told());
}

#[test]
fn what_is_too_large_for_the_clipboard_goes_into_a_file() {
    let mut console = Console::new(120, 36);
    console.hear(get("/callouts/7", 0, &format!("\"{}\"", "x".repeat(100_000))));
    console.press(&[Intent::CopyBody]);
    assert!(console.effects.is_empty() && console.told().contains("w writes them"), "{}", console.told());
    console.press(&[Intent::SaveBody]);
    assert!(matches!(&console.effects[..], [Effect::Traffic(TrafficOrder::SaveBody { number: 1, .. })]));
    console.hear(get("/callouts/7", 0, "{}"));
    console.press(&[Intent::CopyBody]);
    assert!(matches!(&console.effects[..], [Effect::Traffic(TrafficOrder::CopyBody { .. })]));
}

#[test]
fn the_archive_goes_where_the_person_says() {
    let mut console = Console::new(120, 36);
    console.press(&[Intent::Export]);
    assert_eq!(console.traffic().typing, None, "there is nothing to export");
    console.hear(get("/callouts/7", 0, "{}"));
    for (typed, file) in [("", None), ("/tmp/x.har", Some("/tmp/x.har".into()))] {
        console.press(&[Intent::Export]);
        console.type_in(typed);
        console.press(&[Intent::Submit]);
        assert_eq!(console.effects, [Effect::Traffic(TrafficOrder::Export { file })]);
    }
    console.press(&[Intent::Export]);
    console.type_in("q");
    console.press(&[Intent::Back]);
    assert!(console.effects.is_empty() && console.traffic().file.value().is_empty());
}

#[test]
fn the_mouse_chooses_folds_and_scrolls() {
    let mut console = Console::with(100);
    console.act(|now| Action::Pressed { target: Target::Traffic(Spot::Exchange(90)), now });
    assert_eq!((console.traffic().chosen, console.traffic().follows), (Some(90), false));
    console.act(|now| Action::Wheeled { target: Target::Traffic(Spot::List), lines: -60, now });
    let traffic = console.traffic();
    assert!(traffic.chosen < Some(90) && traffic.position().unwrap() >= traffic.top);
    console.act(|now| Action::Pressed { target: Target::Traffic(Spot::View(View::Reply)), now });
    let before = console.read().len();
    console.act(|now| Action::Pressed { target: Target::Traffic(Spot::Row(1)), now });
    assert!(console.read().len() < before && console.traffic().focus == Focus::Body);
}

#[test]
fn nothing_is_laid_out_while_the_screen_is_not_shown() {
    let mut console = Console::with(3);
    console.press(&[Intent::ShowCustomer]);
    assert_eq!(console.traffic().opened, None);
    console.hear(get("/callouts/7", 9, "{}"));
    assert_eq!((console.traffic().opened.clone(), console.traffic().chosen), (None, Some(4)));
    console.press(&[Intent::ShowTraffic]);
    assert!(console.traffic().opened.is_some());
}

#[test]
fn a_log_line_tells_no_names() {
    let action = Action::Exchanged { exchange: Box::new(get("/x?name=Testy", 0, "\"Testy\"")), now: at(0) };
    assert_eq!(action.to_string(), "Exchanged GET Some(200)");
    assert!(!format!("{action:?}").contains("Testy"), "{action:?}");
    let order = TrafficOrder::SaveBody { number: 1, body: Body::new("Testy") };
    assert!(!format!("{order:?}").contains("Testy"));
}

proptest! {
    /// Whatever is typed and erased, the index is what a look through all would find.
    #[test]
    fn a_filter_typed_in_steps_finds_what_one_typed_at_once_does(
        steps in prop::collection::vec("[a-z0-9 /-]{1,3}", 1..6),
        erased in 0usize..6,
    ) {
        let mut console = Console::with(40);
        console.press(&[Intent::Find]);
        for (turn, step) in steps.iter().enumerate() {
            console.type_in(step);
            if turn == erased {
                console.press(&[Intent::EraseBack]);
            }
            console.hear(get(&format!("/callouts/{turn}"), 100, "{}"));
        }
        let typed = console.traffic().filter.draft.value().to_owned();
        let mut fresh = Filter::default();
        typed.chars().for_each(|c| fresh.draft.insert(c));
        fresh.edited(&console.traffic().log);
        let listed = |filter: &Filter| -> Vec<u64> {
            (0..filter.count(&console.traffic().log)).filter_map(|at| filter.number(&console.traffic().log, at)).collect()
        };
        prop_assert_eq!(listed(&console.traffic().filter), listed(&fresh));
    }
}

/// What is folded in the opened document, as a person reads it.
fn folded(console: &Console) -> Vec<String> {
    let opened = console.traffic().opened.as_ref().unwrap();
    let rows = (0..opened.len()).filter_map(|position| opened.row(position));
    rows.filter(|row| opened.is_folded(*row))
        .map(|row| opened.document.text(opened.document.row(row).unwrap()).to_owned())
        .collect()
}

#[test]
fn folds_stay_from_reading_to_reading_of_the_same_thing() {
    let body = |eta: u32, more: &str| {
        format!(
            r#"{{"callout":{{{more}"id":7,"responder":{{"eta":{{"seconds":{eta}}}}},"list":[{{"a":[1]}},{{"a":[2]}}]}}}}"#
        )
    };
    let mut console = Console::new(120, 36);
    console.hear(get("/callouts/7", 0, &body(90, "")));
    console.press(&[Intent::NextView, Intent::Open, Intent::ScrollToEnd]);
    let row = console.read().iter().position(|row| row.starts_with(r#""responder""#)).unwrap();
    console.press(&[Intent::ScrollToStart]);
    console.press(&vec![Intent::ScrollDown; row]);
    console.press(&[Intent::Open, Intent::Back]);
    assert_eq!(folded(&console), [r#""responder": {"#]);

    // A field more in front of it: by its name it is found all the same.
    console.hear(get("/callouts/7", 15, &body(75, r#""new":{"x":1},"#)));
    assert_eq!((console.traffic().chosen, folded(&console)), (Some(2), vec![r#""responder": {"#.to_owned()]));
    console.hear(get("/callouts/8", 16, &body(75, "")));
    assert_eq!(folded(&console), Vec::<String>::new(), "another thing is another reading");
    console.hear(get("/callouts/7", 30, &body(60, "")));
    assert_eq!(folded(&console), Vec::<String>::new());
}

#[test]
fn elements_of_a_list_are_told_apart() {
    let mut console = Console::new(120, 36);
    let body = |n: u32| format!(r#"{{"n":{n},"list":[{{"a":1}},{{"a":2}},{{"a":3}}]}}"#);
    console.hear(get("/callouts/7", 0, &body(1)));
    console.press(&[Intent::NextView, Intent::Open, Intent::ScrollToStart]);
    let second = console.read().iter().enumerate().filter(|(_, row)| *row == "{").nth(2).unwrap().0;
    console.press(&vec![Intent::ScrollDown; second]);
    console.press(&[Intent::Open, Intent::Back]);
    let before = console.read();
    console.hear(get("/callouts/7", 15, &body(2)));
    let after: Vec<String> = console.read().iter().map(|row| row.replace("\"n\": 2", "\"n\": 1")).collect();
    assert_eq!(after, before, "the second of the three is folded, and no other");
}

#[test]
fn long_rows_go_sideways_as_far_as_the_longest() {
    let mut console = Console::new(120, 36);
    console.hear(get("/callouts/7", 0, &format!(r#"{{"a":"{}"}}"#, "x".repeat(60))));
    console.press(&[Intent::NextView, Intent::Open]);
    let aside = |console: &Console| console.traffic().opened.as_ref().unwrap().aside;
    console.press(&[Intent::PanLeft]);
    assert_eq!(aside(&console), 0);
    console.press(&[Intent::PanRight, Intent::PanRight]);
    assert_eq!(aside(&console), 16);
    console.press(&[Intent::PanRight; 50]);
    let most = aside(&console);
    assert!((60..90).contains(&most), "{most}");
    console.press(&[Intent::PanLeft]);
    assert_eq!(aside(&console), most - 8);
}

#[test]
fn an_export_reads_what_was_there_and_costs_the_session_nothing() {
    let mut console = Console::with(3);
    let handed_out = console.traffic().log.clone();
    console.hear(get("/callouts/7", 9, "{}"));
    assert_eq!((handed_out.len(), console.traffic().log.len()), (3, 4));
    drop(handed_out);
    let before: *const log::Log = &raw const *console.traffic().log;
    console.hear(get("/callouts/7", 10, "{}"));
    assert_eq!(&raw const *console.traffic().log, before, "nobody reads: nothing is copied");
}
