//! The list of many callouts without a terminal and without a server.

mod list;
mod notify;
mod poll;
mod safety;

use super::{Entry, Watching};
use crate::app::action::*;
use crate::app::callout::*;
use crate::app::intent::Intent;
use crate::app::notify::Alerts;
use crate::app::state::{Call, State};
use crate::app::tests::{Console, comment, failure, id, settings};
use crate::app::timers::deadlines;
use jiff::{SignedDuration, Timestamp};

/// Watches these, or all where none is named; the first orders are in `effects`.
fn watching(named: &[&str]) -> Console {
    let mut console = Console::fresh(settings());
    console.state.settings.read_only = true;
    console.state.watching = Some(Box::new(Watching::of(named.iter().map(|raw| id(raw)))));
    *console.state.alerts = Alerts::of(true, true);
    console.act(|now| Action::Resized { columns: 120, rows: 36, now });
    console.act(|now| Action::Started { now, resume: None });
    console
}

/// All are watched; the server listed these, raised a second apart, and each was read once.
fn watching_all(ids: &[&str]) -> Console {
    let mut console = watching(&[]);
    list(&mut console, ids);
    read_all(&mut console, 60 + 10 * ids.len());
    console
}

fn callout(raw: &str, status: Status) -> Callout {
    let number: i64 = raw.parse().unwrap();
    let start: Timestamp = "2026-06-10T09:00:00Z".parse().unwrap();
    let mut callout = Callout::new(id(raw), status);
    callout.times.created = Some(start + SignedDuration::from_secs(number));
    callout.comments = Some(Vec::new());
    callout
}

/// The server answers the list that is under way with these, all of them created.
fn list(console: &mut Console, ids: &[&str]) {
    let call = console.call(|call| matches!(call, Call::List { .. })).expect("a list under way");
    let callouts = ids.iter().map(|raw| Callout { comments: None, ..callout(raw, Status::Created) });
    console.answer(call, Ok(Answer::Active(callouts.collect())));
}

/// Waits for the next list and answers it.
fn next_list(console: &mut Console, ids: &[&str]) {
    for _ in 0..10_000 {
        if console.call(|call| matches!(call, Call::List { .. })).is_some() {
            list(console, ids);
            return;
        }
        answer_polls(console, &|_| None);
        wait(console);
    }
    panic!("no list was asked for");
}

/// What the server has of a callout when a test says nothing else.
fn as_it_was(console: &Console, asked: &CalloutId) -> Callout {
    let entry = entry_of(console, asked.as_str());
    let status = entry.status().cloned().unwrap_or(Status::Created);
    callout(asked.as_str(), status)
}

/// Answers all that is under way; without an outcome of their own as it was.
fn answer_polls(console: &mut Console, outcome: &dyn Fn(&CalloutId) -> Option<Outcome>) -> Vec<Effect> {
    let open: Vec<(CallId, CalloutId)> = polls(&console.state).into_iter().collect();
    let mut effects = Vec::new();
    if let Some(call) = console.call(|call| matches!(call, Call::List { .. })) {
        let all = &console.state.watching.as_ref().unwrap().entries;
        let active = all.values().filter(|entry| entry.ended.is_none());
        let active = active.map(|entry| as_it_was(console, &entry.id)).collect();
        console.answer(call, Ok(Answer::Active(active)));
        effects.append(&mut console.effects);
    }
    for (call, asked) in open {
        let answer =
            outcome(&asked).unwrap_or_else(|| Ok(Answer::Read(Box::new(as_it_was(console, &asked)))));
        console.answer(call, answer);
        effects.append(&mut console.effects);
    }
    effects
}

fn polls(state: &State) -> Vec<(CallId, CalloutId)> {
    let poll = |(id, call): (&CallId, &Call)| match call {
        Call::Poll { callout, .. } => Some((*id, callout.clone())),
        _ => None,
    };
    state.in_flight.iter().filter_map(poll).collect()
}

/// Goes to the next moment at which something is asked.
fn wait(console: &mut Console) {
    let next = deadlines(&console.state);
    let (at, timer) = match (next.poll, next.display) {
        (Some(poll), Some(display)) if display < poll => (display, Timer::Display),
        (Some(poll), _) => (poll, Timer::Poll),
        (None, Some(display)) => (display, Timer::Display),
        (None, None) => panic!("nothing will ever happen again"),
    };
    console.now = console.now.max(at);
    console.tick(timer);
}

/// Answers every reading until each was read at least once.
fn read_all(console: &mut Console, rounds: usize) {
    for _ in 0..rounds {
        answer_polls(console, &|_| None);
        let watching = console.state.watching.as_ref().unwrap();
        if watching.entries.values().all(|entry| entry.whole) && polls(&console.state).is_empty() {
            return;
        }
        wait(console);
    }
    panic!("not all were read");
}

/// The next reading of this one brings that; everything else stays as it was.
fn bring(console: &mut Console, raw: &str, answer: &Outcome) -> Vec<Effect> {
    for _ in 0..10_000 {
        let comes = polls(&console.state).iter().any(|(_, asked)| asked.as_str() == raw);
        let mut effects = answer_polls(console, &|asked| (asked.as_str() == raw).then(|| answer.clone()));
        if comes {
            return effects;
        }
        effects.clear();
        wait(console);
    }
    panic!("{raw} was never read");
}

fn becomes(console: &mut Console, raw: &str, status: Status) -> Vec<Effect> {
    bring(console, raw, &Ok(Answer::Read(Box::new(callout(raw, status)))))
}

fn entry_of<'a>(console: &'a Console, raw: &str) -> &'a Entry {
    console.state.watching.as_ref().unwrap().entries.get(&id(raw)).expect("an entry")
}

fn listed(console: &Console) -> Vec<&str> {
    console.state.watching.as_ref().unwrap().order.iter().map(CalloutId::as_str).collect()
}

fn chosen(console: &Console) -> &str {
    console.state.watching.as_ref().unwrap().chosen.as_ref().map_or("", CalloutId::as_str)
}

/// The row of the screen on which the chosen one is.
fn screen_row(console: &Console) -> usize {
    let watching = console.state.watching.as_ref().unwrap();
    watching.row().unwrap() - watching.top
}

fn press(console: &mut Console, intents: &[Intent]) {
    for intent in intents {
        console.press(*intent);
    }
}
