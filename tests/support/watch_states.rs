//! Many watched callouts as the reducer makes them of lists and readings: for snapshots and benchmarks.

use super::sample_states as sample;
use jiff::SignedDuration;
use panic_console::app::action::{Action, Answer, CallId, Timer};
use panic_console::app::callout::{
    Callout, CalloutId, Classification, Comment, Eta, Fix, Responder, Role, Status,
};
use panic_console::app::intent::Intent;
use panic_console::app::state::{Call, Environment, State};
use panic_console::app::timers::deadlines;
use panic_console::app::update;
use panic_console::app::watching::Watching;
use panic_console::geo::Position;

const NAMES: [&str; 6] =
    ["Jane Doe", "John Doe", "Testy McTestFace", "山田 太郎", "Zoë Ångström-Nkosi", "Ann Example"];

/// Nothing was answered yet.
pub fn started(columns: u16, rows: u16) -> State {
    let mut state = State::new(sample::settings(Environment::Staging), None);
    state.settings.read_only = true;
    state.watching = Some(Box::new(Watching::of([])));
    let now = sample::at(0);
    let state = update(state, Action::Resized { columns, rows, now }).0;
    update(state, Action::Started { now, resume: None }).0
}

/// The server has answered that none is active.
pub fn none(columns: u16, rows: u16) -> State {
    list(started(columns, rows), 0)
}

/// The list could not be had.
pub fn refused(columns: u16, rows: u16) -> State {
    let state = started(columns, rows);
    let failure = panic_console::app::action::Failure {
        kind: panic_console::app::action::FailureKind::Unreachable,
        message: "cannot connect to staging-panic.aura.services: connection refused".into(),
        retry_after: None,
    };
    let (call, now) = (*state.in_flight.keys().next().unwrap(), state.now);
    update(state, Action::Reply { call, now, outcome: Err(failure) }).0
}

/// So many, each read once, in all the states that there are.
pub fn many(count: usize, columns: u16, rows: u16) -> State {
    let mut state = list(started(columns, rows), count);
    for _ in 0..20 * count + 100 {
        state = answer(state);
        let Some(at) = deadlines(&state).poll else { break };
        if at > sample::now() {
            break;
        }
        state = update(state, Action::Tick { timer: Timer::Poll, now: at }).0;
    }
    let now = sample::now();
    update(state, Action::Tick { timer: Timer::Display, now }).0
}

/// As the server has them after three minutes, nobody having answered for the last one.
pub fn stale(columns: u16, rows: u16) -> State {
    let state = many(12, columns, rows);
    let now = state.now + SignedDuration::from_secs(48);
    update(state, Action::Tick { timer: Timer::Display, now }).0
}

pub fn press(state: State, intents: &[Intent]) -> State {
    sample::pressed(state, intents)
}

pub fn write(state: State, text: &str) -> State {
    text.chars().fold(state, |state, character| {
        let now = state.now;
        update(state, Action::Typed { character, now }).0
    })
}

fn list(state: State, count: usize) -> State {
    let listed = (0..count).map(|index| Callout { comments: None, ..callout(index, &Status::Created) });
    let (call, now) = (*state.in_flight.keys().next().unwrap(), state.now);
    update(state, Action::Reply { call, now, outcome: Ok(Answer::Active(listed.collect())) }).0
}

/// Answers all that is under way.
fn answer(mut state: State) -> State {
    let open: Vec<(CallId, Call)> = state.in_flight.iter().map(|(id, call)| (*id, call.clone())).collect();
    for (call, asked) in open {
        let now = state.now;
        let outcome = match asked {
            Call::Poll { callout, .. } => Ok(Answer::Read(Box::new(read(&callout)))),
            _ => Ok(Answer::Active(active(&state))),
        };
        state = update(state, Action::Reply { call, now, outcome }).0;
    }
    state
}

fn active(state: &State) -> Vec<Callout> {
    let watching = state.watching.as_ref().unwrap();
    let entries = watching.entries.values().filter(|entry| entry.ended.is_none());
    entries.filter_map(|entry| entry.seen.as_ref().map(|seen| seen.callout.clone())).collect()
}

/// The callout of this number: each state in turn.
pub fn read(id: &CalloutId) -> Callout {
    let index: usize = id.as_str().parse::<usize>().unwrap() - 1_000;
    let status = [
        Status::Created,
        Status::Dispatched,
        Status::Arrived,
        Status::Dispatched,
        Status::ResponderCancelled,
        Status::Completed,
        Status::Dispatched,
        Status::Closed,
    ];
    callout(index, &status[index % 8])
}

fn callout(index: usize, status: &Status) -> Callout {
    let number = i32::try_from(index).unwrap();
    let mut callout = Callout::new(CalloutId::new((1_000 + index).to_string()).unwrap(), status.clone());
    callout.classification = Some(Classification::Test);
    callout.customer_name = NAMES[index % NAMES.len()].into();
    callout.times.created = Some(sample::at(-60 * i64::from(number % 90) - i64::from(number)));
    let place = Position::new(-26.1091 + f64::from(number % 7) * 0.004, 28.083).unwrap();
    callout.location = Some(Fix { position: place, accuracy: Some(8.0), at: None });
    callout.cancelled_by_customer = index % 11 == 3;
    callout.duress = index % 17 == 6;
    let is_somebody_there = matches!(status, Status::Dispatched | Status::Arrived | Status::Completed);
    callout.responder = is_somebody_there.then(|| Responder {
        name: NAMES[(index + 2) % NAMES.len()].into(),
        callsign: "ALPHA 7".into(),
        vehicle: "White Toyota Hilux".into(),
        plate: "TST 107 GP".into(),
        last_fix: Some(Fix { position: place.towards(300.0, 900.0), accuracy: None, at: None }),
        ..Responder::default()
    });
    callout.eta = (*status == Status::Dispatched).then(|| Eta {
        distance_m: Some(1_400.0),
        duration_s: Some(150.0 + f64::from(number % 9) * 80.0),
        at: None,
    });
    let said = usize::from(index % 5 == 1);
    callout.comments = Some((0..said).map(|_| comment("We have your alarm. Are you hurt?", 1)).collect());
    callout
}

fn comment(body: &str, id: usize) -> Comment {
    Comment {
        id: id.to_string().into(),
        role: Role::Admin,
        author: "Control room".into(),
        body: body.into(),
        at: Some(sample::at(8)),
    }
}

/// The next reading of each has two more messages of the control room.
pub fn with_news(columns: u16, rows: u16) -> State {
    let mut state = many(24, columns, rows);
    for _ in 0..400 {
        let open: Vec<(CallId, Call)> =
            state.in_flight.iter().map(|(id, call)| (*id, call.clone())).collect();
        for (call, asked) in open {
            let now = state.now;
            let outcome = match asked {
                Call::Poll { callout, .. } => {
                    let mut callout = read(&callout);
                    if let Some(comments) = &mut callout.comments {
                        comments.extend((8..10).map(|id| comment("A responder is on the way.", id)));
                    }
                    Ok(Answer::Read(Box::new(callout)))
                }
                _ => Ok(Answer::Active(active(&state))),
            };
            state = update(state, Action::Reply { call, now, outcome }).0;
        }
        let Some(at) = deadlines(&state).poll else { break };
        if at > sample::now() + SignedDuration::from_secs(20) {
            break;
        }
        state = update(state, Action::Tick { timer: Timer::Poll, now: at }).0;
    }
    state
}

/// The texts of all of them as wide and as long as the network may send them.
pub fn wide(columns: u16, rows: u16) -> State {
    let mut state = many(12, columns, rows);
    if let Some(watching) = &mut state.watching {
        for entry in watching.entries.values_mut() {
            let Some(seen) = &mut entry.seen else { continue };
            let callout = &mut seen.callout;
            callout.customer_name =
                "消防車がすぐ来ます 山田 太郎 👩‍🚒 e\u{301}e\u{301} \u{202e}שלום \u{1b}[31mred".into();
            if let Some(responder) = &mut callout.responder {
                responder.name = "山田太郎山田太郎山田太郎山田太郎 The quick brown fox".into();
            }
            entry.unread = 1_234;
        }
    }
    state
}
