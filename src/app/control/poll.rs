//! When the simulator is looked at, and what a look changes. Only while the control room is on the
//! screen, one look at a time, and seldomer while none gets through.

use super::model::{Case, Survey};
use super::{Asked, Order, Reach, Reading, Refused, Room, Told, fleet, forms, list, talk};
use crate::app::Effects;
use crate::app::action::{Answer, Effect, Failure, FailureKind, Outcome};
use crate::app::state::{Call, State, Tone};
use crate::app::{calls, link};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Seconds of the person's own time between two looks.
pub(super) const EVERY: f64 = 2.0;
/// The longest wait after looks that failed.
const LONGEST_WAIT: f64 = 30.0;
/// The closed callouts are many, and nothing happens to them any more: a look asks for what changed, and
/// for all of them each so many looks, five minutes.
const WHOLE_EACH: u32 = 150;
/// Closed callouts that are kept, the newest.
const MOST_CLOSED: usize = 200;

pub(in crate::app) fn deadline(state: &State) -> Option<Timestamp> {
    let asks = state.shows_control() && !state.is_blind() && state.reach() == Reach::Simulator;
    if !asks || is_looking(state) {
        return None;
    }
    Some(match state.control.asked {
        None => state.now,
        Some(asked) => asked + state.wall_seconds(state.control.wait),
    })
}

pub(in crate::app) fn due(state: &mut State) -> Effects {
    if deadline(state).is_some_and(|at| at <= state.now) { look(state) } else { Vec::new() }
}

/// Whether an age is on the screen that reads differently each second.
pub(in crate::app) fn shows_ages(state: &State) -> bool {
    let room = &state.control;
    let counts = room.problem.is_some() || room.cases.first().is_some_and(|case| !case.status.is_closed());
    state.shows_control() && counts
}

fn is_looking(state: &State) -> bool {
    calls::is_waiting(state, |call| matches!(call, Call::Control(Asked::Survey)))
}

fn look(state: &mut State) -> Effects {
    let room = &mut state.control;
    let whole = room.clock.is_none() || room.partial >= WHOLE_EACH;
    room.partial = if whole { 0 } else { room.partial + 1 };
    room.asked = Some(state.now);
    let since = known_until(room).filter(|_| !whole);
    vec![send(state, Asked::Survey, Order::Survey { since })]
}

/// The newest change that is known, by the simulator's clock. What comes after it has this time or a later
/// one; with nothing known yet, all is new.
fn known_until(room: &Room) -> Option<Timestamp> {
    room.cases.iter().filter_map(|case| case.times.updated).max()
}

/// The person wants to see it all now.
pub(super) fn refresh(state: &mut State) -> Effects {
    if state.reach() != Reach::Simulator || is_looking(state) {
        return Vec::new();
    }
    state.control.partial = WHOLE_EACH;
    look(state)
}

/// After something was changed from here. A look that is under way may have seen the time before.
fn look_again(state: &mut State) -> Effects {
    let mut effects = calls::abandon(state, |call| matches!(call, Call::Control(Asked::Survey)));
    if state.shows_control() {
        effects.extend(look(state));
    }
    effects
}

pub(super) fn send(state: &mut State, asked: Asked, order: Order) -> Effect {
    let call = calls::start_beside(state, Call::Control(asked));
    Effect::Control { call, order }
}

pub(in crate::app) fn reply(state: &mut State, asked: Asked, outcome: Outcome) -> Effects {
    let told = match outcome {
        Ok(Answer::Control(told)) => Ok(told),
        Ok(_) => Err(calls::unexpected()),
        Err(failure) => Err(failure),
    };
    match (asked, told) {
        (Asked::Survey, Ok(Told::Surveyed(survey))) => seen(state, *survey),
        (Asked::Survey, Ok(_)) => missed(state, calls::unexpected()),
        (Asked::Survey, Err(failure)) => missed(state, failure),
        (asked, Ok(told)) => {
            changed(state, &asked, told);
            let mut effects = look_again(state);
            effects.extend(show_the_customer(state, &asked));
            effects
        }
        (asked, Err(failure)) => {
            refused(state, asked, &failure);
            look_again(state)
        }
    }
}

/// What was done here is seen on the customer's side without waiting for its timer.
fn show_the_customer(state: &mut State, asked: &Asked) -> Effects {
    let followed = state.followed().map(|followed| &followed.callout.id);
    match asked {
        Asked::Step { callout, .. } | Asked::Say { callout, .. } if followed == Some(callout) => {
            link::poll_now(state)
        }
        _ => Vec::new(),
    }
}

fn missed(state: &mut State, failure: Failure) -> Effects {
    let room = &mut state.control;
    room.missed = room.missed.saturating_add(1);
    let doubled = EVERY * f64::from(1u32 << room.missed.min(8));
    let asked_for = failure.retry_after.map_or(0.0, |wait| wait.as_secs_f64());
    room.wait = doubled.min(LONGEST_WAIT).max(asked_for);
    room.problem = Some(failure);
    Vec::new()
}

fn seen(state: &mut State, survey: Survey) -> Effects {
    let room = &mut state.control;
    (room.missed, room.problem, room.wait) = (0, None, EVERY);
    room.clock = Some(Reading { heard: state.now, showed: survey.now, speed: survey.speed });
    let before = room.row();
    let spoken = talk::spoken(room);
    let allowed_before = room.refused.as_ref().and_then(|refused| allowed(room, refused));
    room.cases = merged(room, survey.cases, survey.whole);
    (room.vehicles, room.companies) = (survey.vehicles, survey.companies);
    if room.refused.as_ref().is_some_and(|refused| allowed(room, refused) != allowed_before) {
        room.refused = None;
    }
    list::settle(room, before);
    fleet::settle(state);
    talk::settle(state, &spoken);
    forms::settle(state);
    Vec::new()
}

/// What was possible on the callout of which something was refused.
fn allowed(room: &Room, refused: &Refused) -> Option<Vec<super::model::Step>> {
    let case = room.cases.iter().find(|case| case.id == refused.callout)?;
    Some(case.allowed.clone())
}

/// A look at what changed keeps what is known. Where one is missing that was not closed, the next look is
/// at all of them.
fn merged(room: &mut Room, mut cases: Vec<Case>, whole: bool) -> Vec<Case> {
    if !whole {
        let told: BTreeSet<_> = cases.iter().map(|case| case.id.clone()).collect();
        let kept: Vec<Case> =
            std::mem::take(&mut room.cases).into_iter().filter(|case| !told.contains(&case.id)).collect();
        if kept.iter().any(|case| !case.status.is_closed()) {
            (room.partial, room.wait) = (WHOLE_EACH, 0.0);
        }
        cases.extend(kept);
    }
    list::sort(&mut cases);
    let active = cases.iter().take_while(|case| !case.status.is_closed()).count();
    cases.truncate(active + MOST_CLOSED);
    cases
}

fn changed(state: &mut State, asked: &Asked, told: Told) {
    let room = &mut state.control;
    match told {
        Told::Case(case) => {
            let (before, spoken) = (room.row(), talk::spoken(room));
            if room.refused.as_ref().is_some_and(|refused| refused.callout == case.id) {
                room.refused = None;
            }
            match room.cases.iter_mut().find(|known| known.id == case.id) {
                Some(known) => *known = *case,
                None => room.cases.push(*case),
            }
            list::sort(&mut room.cases);
            list::settle(room, before);
            talk::settle(state, &spoken);
        }
        Told::Vehicle(vehicle) => match room.vehicles.iter_mut().find(|known| known.id == vehicle.id) {
            Some(known) => *known = *vehicle,
            None => room.vehicles.push(*vehicle),
        },
        Told::Surveyed(_) => {}
    }
    if matches!(asked, Asked::Step { .. }) {
        // Who was chosen for that step is not chosen for the next one.
        state.control.pick = super::Pick::Nearest;
    }
    fleet::settle(state);
}

fn refused(state: &mut State, asked: Asked, failure: &Failure) {
    let why = failure.message.clone();
    match asked {
        Asked::Step { callout, step } => {
            let what = step.name().into();
            state.control.refused = Some(Refused { callout, what, why });
        }
        Asked::Say { callout, text } => {
            let what = match failure.kind {
                FailureKind::Unanswered | FailureKind::Server | FailureKind::Unreadable => {
                    "message in doubt, read the chat before you send it again"
                }
                _ => "message not sent",
            };
            talk::give_back(state, &callout, &text);
            state.control.refused = Some(Refused { callout, what: what.into(), why });
        }
        Asked::Fleet => state.tell(Tone::Problem, &format!("vehicle not changed: {why}")),
        Asked::Survey => {}
    }
}
