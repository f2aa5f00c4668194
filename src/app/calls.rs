//! Requests in flight: each has an id for its whole life, and a reply that nobody waits for is
//! dropped.

use super::action::{Answer, CallId, Effect, Failure, FailureKind, Outcome};
use super::callout::{Callout, CalloutId, Fix};
use super::state::{Call, Health, State, Tone};
use super::{Effects, chat, control, devices, follow, link, position, profiles, raise, watching};
use jiff::{SignedDuration, Timestamp};

/// The span over which requests are counted for the header.
const COUNTED: SignedDuration = SignedDuration::from_secs(60);

/// Enters a call into the books; the caller makes the effect with the id.
pub(super) fn start(state: &mut State, call: Call) -> CallId {
    let id = start_beside(state, call);
    let now = state.now;
    state.link.sent.push_back(now);
    while state.link.sent.front().is_some_and(|at| now.duration_since(*at) > COUNTED) {
        state.link.sent.pop_front();
    }
    id
}

/// The same for what is not asked of the API, and not counted among its requests.
pub(super) fn start_beside(state: &mut State, call: Call) -> CallId {
    let id = CallId(state.next_call);
    state.next_call += 1;
    state.in_flight.insert(id, call);
    id
}

pub(super) fn is_waiting(state: &State, wanted: impl Fn(&Call) -> bool) -> bool {
    state.in_flight.values().any(wanted)
}

/// Gives up the calls that match: their replies will find nobody.
pub(super) fn abandon(state: &mut State, wanted: impl Fn(&Call) -> bool) -> Effects {
    let ids: Vec<CallId> =
        state.in_flight.iter().filter(|(_, call)| wanted(call)).map(|(id, _)| *id).collect();
    for id in &ids {
        state.in_flight.remove(id);
    }
    ids.into_iter().map(|call| Effect::Abandon { call }).collect()
}

pub(super) fn reply(state: &mut State, id: CallId, outcome: Outcome) -> Effects {
    let Some(call) = state.in_flight.remove(&id) else { return Vec::new() };
    let was_down = matches!(state.link.health, Health::Down { .. });
    note_health(state, &call, &outcome);
    let mut effects = match (call, outcome) {
        (Call::Raise, outcome) => raise::reply(state, id, outcome),
        (Call::Poll { callout, since }, outcome) if state.is_watching() => {
            watching::read(state, id, &callout, since, outcome)
        }
        (Call::List { since }, outcome) => watching::listed(state, since, outcome),
        (Call::Poll { callout, since }, outcome) => read(state, id, &callout, since, outcome),
        (Call::FindActive, outcome) => link::found(state, outcome),
        (Call::Locate { callout, fix }, outcome) => located(state, &callout, fix, outcome),
        (Call::Say { message }, outcome) => chat::reply(state, message, outcome),
        (Call::SoftCancel, outcome) => soft_cancelled(state, outcome),
        (Call::Cancel, outcome) => cancelled(state, outcome),
        (Call::Speed, outcome) => speed_changed(state, outcome),
        (Call::Control(asked), outcome) => control::reply(state, asked, outcome),
        (Call::Profile { profile }, outcome) => profiles::reply(state, profile, outcome),
        (Call::Devices(asked), outcome) => devices::reply(state, asked, outcome),
    };
    if was_down && state.link.health == Health::Live && !state.is_watching() {
        effects.extend(chat::pump(state));
        // Whatever it was that got through: what was missed is read without waiting for the timer.
        if state.link.missed > 0 {
            effects.extend(link::poll_now(state));
        }
    }
    effects
}

/// What a reply says about the line to the server, whatever it was for. The simulator's control side is
/// not the API, and a look at a profile goes nowhere, so their replies say nothing; the devices' screen tells
/// what became of its own.
fn note_health(state: &mut State, call: &Call, outcome: &Outcome) {
    let beside = matches!(call, Call::Speed | Call::Control(_) | Call::Profile { .. } | Call::Devices(_));
    if beside || watching::is_of_one(state, outcome) {
        return;
    }
    match outcome {
        Ok(_) => {
            state.link.health = Health::Live;
            state.link.last_good = Some(state.now);
        }
        // The server answered, with a no to this one thing.
        Err(Failure { kind: FailureKind::Refused | FailureKind::NotFound, .. }) => {
            state.link.health = Health::Live;
        }
        // Nothing was asked of the server.
        Err(Failure { kind: FailureKind::Forbidden, .. }) => {}
        Err(failure) => {
            let since = match state.link.health {
                Health::Down { since, .. } => since,
                Health::Unknown | Health::Live => state.now,
            };
            state.link.health = Health::Down { since, problem: failure.clone() };
        }
    }
}

fn read(state: &mut State, id: CallId, asked: &CalloutId, since: Timestamp, outcome: Outcome) -> Effects {
    match outcome {
        Ok(Answer::Read(callout) | Answer::Raised(callout)) if callout.id == *asked => {
            state.link.missed = 0;
            follow::seen(state, *callout, Some(since))
        }
        Ok(Answer::Closed(last)) => {
            state.link.missed = 0;
            closed(state, asked, last)
        }
        Ok(_) => link::missed(state, id, &unexpected()),
        Err(failure) if failure.kind == FailureKind::NotFound => follow::unknown(state, asked),
        Err(failure) => link::missed(state, id, &failure),
    }
}

fn located(state: &mut State, callout: &CalloutId, fix: Fix, outcome: Outcome) -> Effects {
    match outcome {
        Ok(Answer::Closed(last)) => closed(state, callout, last),
        Ok(_) => {
            position::sent(state, fix);
            Vec::new()
        }
        // Not repeated: the next one replaces it.
        Err(failure) if failure.kind == FailureKind::Refused => {
            state.tell(Tone::Problem, &format!("location refused: {}", failure.message));
            Vec::new()
        }
        Err(_) => Vec::new(),
    }
}

/// HTTP 285: the callout is over, whatever else we believed.
fn closed(state: &mut State, asked: &CalloutId, last: Option<Box<Callout>>) -> Effects {
    match last {
        Some(callout) if callout.id == *asked => follow::ended_with(state, *callout),
        _ => follow::closed_without_state(state, asked),
    }
}

fn soft_cancelled(state: &mut State, outcome: Outcome) -> Effects {
    match outcome {
        Ok(_) => {
            follow::mark_soft_cancelled(state);
            state.tell(Tone::Info, "soft cancel sent: a controller will contact you before it ends");
            link::poll_now(state)
        }
        Err(failure) => failed(state, "soft cancel", &failure),
    }
}

fn cancelled(state: &mut State, outcome: Outcome) -> Effects {
    match outcome {
        // The reply does not tell the outcome (reference §10, rule 26): only reading does.
        Ok(_) => {
            follow::mark_cancelled(state);
            state.tell(Tone::Info, "cancel sent; no reply tells whether the code was right");
            link::poll_now(state)
        }
        Err(failure) => failed(state, "cancel", &failure),
    }
}

fn speed_changed(state: &mut State, outcome: Outcome) -> Effects {
    match outcome {
        Ok(Answer::Clock { speed }) => {
            if let Some(demo) = &mut state.demo {
                demo.speed = speed;
            }
            state.tell(Tone::Info, &format!("demo clock ×{speed}"));
            Vec::new()
        }
        Ok(_) => Vec::new(),
        Err(failure) => failed(state, "demo clock", &failure),
    }
}

fn failed(state: &mut State, what: &str, failure: &Failure) -> Effects {
    state.tell(Tone::Problem, &format!("{what} failed: {}", failure.message));
    Vec::new()
}

pub(super) fn unexpected() -> Failure {
    Failure {
        kind: FailureKind::Unreadable,
        message: "the reply is about something else than what was asked".into(),
        retry_after: None,
    }
}
