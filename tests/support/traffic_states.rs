//! The traffic screen as the reducer makes it of recorded exchanges: for snapshots and benchmarks.

use super::sample_states as sample;
use jiff::SignedDuration;
use panic_console::app::action::Action;
use panic_console::app::intent::Intent;
use panic_console::app::state::State;
use panic_console::app::update;
use panic_console::traffic::{Body, Exchange, Header, Message, Method, Side, Trouble};

const CALLOUT: &str = "/callouts/48213?shouldIncludeRoute=true&shouldIncludeEvents=true";

fn message(body: &str, headers: &[(&str, &str)]) -> Message {
    let header = |(name, value): &(&str, &str)| Header { name: (*name).into(), value: (*value).into() };
    Message {
        headers: headers.iter().map(header).collect(),
        size: body.len() as u64,
        body: (!body.is_empty()).then(|| Body::new(body)),
    }
}

fn exchange(seconds: i64, ms: i64, method: Method, path: &str, status: u16, reply: &str) -> Exchange {
    Exchange {
        at: sample::at(seconds),
        took: SignedDuration::from_millis(ms),
        what: "read the callout".into(),
        method,
        side: Side::Api,
        base: "http://127.0.0.1:43117/panic-api/v2".into(),
        path: path.into(),
        request: message("", &[("authorization", "Bearer ***")]),
        status: Some(status),
        reply: message(reply, &[("content-type", "application/json"), ("server", "panic-console")]),
        trouble: None,
    }
}

fn post(seconds: i64, ms: i64, path: &str, status: u16, sent: &str, reply: &str) -> Exchange {
    let headers = [("authorization", "Bearer ***"), ("content-type", "application/json")];
    Exchange {
        request: message(sent, &headers[usize::from(path == "/oauth/token")..]),
        ..exchange(seconds, ms, Method::Post, path, status, reply)
    }
}

/// A callout while somebody is on the way.
fn callout(eta: i64, points: usize) -> String {
    let route: Vec<String> = (0..points)
        .map(|point| format!(r#"{{"latitude":-26.1{point:03},"longitude":28.0{point:03}}}"#))
        .collect();
    let longitude = 280_812 + eta;
    format!(
        concat!(
            r#"{{"message":"Callout found","callout":{{"id":48213,"customerId":1003,"#,
            r#""status":"Responder Dispatched","latitude":-26.1091,"longitude":28.083,"#,
            r#""url":"http://127.0.0.1:43117/track/48213?sessionToken=***&calloutId=48213","#,
            r#""responder":{{"id":17,"name":"Testy McTestFace","callsign":"ALPHA 7","#,
            r#""location":[28.{longitude},-26.1124],"eta":{{"seconds":{eta},"metres":{metres}}}}},"#,
            r#""route":[{route}],"supplier":null,"cancelled":false}}}}"#
        ),
        longitude = longitude,
        eta = eta,
        metres = eta * 11,
        route = route.join(",")
    )
}

fn events(count: usize) -> String {
    let event = |id: usize| {
        format!(
            r#"{{"id":{id},"source":"controller","event":"Message {id}: stay inside.","createdAt":"2026-03-01T12:00:{:02}Z"}}"#,
            id % 60
        )
    };
    format!("[{}]", (1..=count).map(event).collect::<Vec<_>>().join(","))
}

/// What a response sends, from the token to a server that went away.
fn session() -> Vec<Exchange> {
    let token = r#"{"clientId":"demo-client","clientSecret":"***"}"#;
    let given = r#"{"accessToken":"***","tokenType":"Bearer","expiresIn":3600}"#;
    let place = r#"{"latitude":-26.1091,"longitude":28.083,"accuracy":8.0}"#;
    let raised = r#"{"message":"Callout created","callout":{"id":48213,"status":"created"}}"#;
    let mut all = vec![
        post(0, 7, "/oauth/token", 200, token, given),
        post(
            0,
            19,
            "/customers/1003/callouts",
            200,
            &format!(r#"{{"location":{place},"responseTypeId":1}}"#),
            raised,
        ),
        exchange(0, 4, Method::Get, CALLOUT, 200, r#"{"callout":{"id":48213,"status":"created"}}"#),
        exchange(0, 3, Method::Get, "/callouts/48213/events", 200, "[]"),
        post(10, 12, "/callouts/48213/location", 200, place, r#"{"message":"Location updated"}"#),
    ];
    for (turn, said, eta) in [(1, 2, 450), (2, 2, 435), (3, 3, 420), (4, 3, 420), (5, 3, 405)] {
        let at = turn * 15;
        all.push(exchange(at, 8, Method::Get, "/callouts/48213/events", 200, &events(said)));
        all.push(exchange(at, 21, Method::Get, CALLOUT, 200, &callout(eta, 40)));
        all.push(post(
            at + 5,
            12,
            "/callouts/48213/location",
            200,
            place,
            r#"{"message":"Location updated"}"#,
        ));
    }
    let busy = r#"{"message":"too many requests"}"#;
    let lost = Exchange {
        status: None,
        reply: Message::default(),
        trouble: Some(Trouble::TimedOut),
        ..exchange(105, 8_000, Method::Get, CALLOUT, 200, "")
    };
    all.push(exchange(90, 3, Method::Get, "/callouts/48213/events", 429, busy));
    all.push(lost);
    all.push(exchange(120, 2, Method::Get, CALLOUT, 200, &callout(390, 40)));
    all
}

pub fn press(mut state: State, intents: &[Intent]) -> State {
    for intent in intents {
        let now = state.now;
        (state, _) = update(state, Action::Do { intent: *intent, now });
    }
    state
}

pub fn write(mut state: State, text: &str) -> State {
    for character in text.chars() {
        let now = state.now;
        (state, _) = update(state, Action::Typed { character, now });
    }
    state
}

/// On the traffic screen of a window of this size, with nothing sent yet.
pub fn empty(columns: u16, rows: u16) -> State {
    let state = sample::dispatched();
    let now = state.now;
    let (state, _) = update(state, Action::Resized { columns, rows, now });
    press(state, &[Intent::ShowTraffic])
}

pub fn hear(state: State, exchange: Exchange) -> State {
    let now = state.now;
    update(state, Action::Exchanged { exchange: Box::new(exchange), now }).0
}

/// The session of a response.
pub fn traffic(columns: u16, rows: u16) -> State {
    session().into_iter().fold(empty(columns, rows), hear)
}

/// So many exchanges: polls of a few callouts, most of which change nothing.
pub fn long_traffic(count: usize, columns: u16, rows: u16) -> State {
    let bodies: Vec<String> = (0..4).map(|turn| callout(400 - turn, 10)).collect();
    let poll = |turn: usize| {
        let path = format!(
            "/callouts/{}{}",
            48_000 + turn % 50,
            if turn.is_multiple_of(3) { "/events" } else { "" }
        );
        exchange(i64::try_from(turn).unwrap(), 12, Method::Get, &path, 200, &bodies[turn / 150 % 4])
    };
    (0..count).map(poll).fold(empty(columns, rows), hear)
}
