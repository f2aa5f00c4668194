//! The callout in front of us: what a reply changes in the picture, and how it ends.

use super::action::{Effect, Resume};
use super::callout::{Callout, CalloutId, Status};
use super::state::{Call, Ending, EtaSample, Followed, Seen, State, Tone, Watch};
use super::{Effects, calls, chat, dialogs, link, position};
use jiff::Timestamp;
use std::collections::VecDeque;

/// ETA samples kept: what a sparkline has room for.
const COURSE: usize = 48;

/// A callout becomes the one we follow, and is read in full at once: the reply of a create call says
/// little.
pub(super) fn adopt(state: &mut State, callout: Callout) -> Effects {
    let mut effects = take_up(state, callout);
    effects.extend(link::poll_now(state));
    effects.extend(chat::pump(state));
    effects
}

/// Kept for the next start before anything else.
fn take_up(state: &mut State, mut callout: Callout) -> Effects {
    let unsent = match state.resuming.take() {
        Some(resume) if resume.callout == callout.id => {
            // Only the create call ever tells the link.
            callout.tracking = callout.tracking.or(resume.tracking);
            resume.unsent
        }
        _ => Vec::new(),
    };
    if state.followed().is_none_or(|followed| followed.callout.id != callout.id) {
        chat::clear(state);
    }
    chat::restore(state, unsent);
    let now = state.now;
    state.watch = Watch::Live(Box::new(first(callout, now)));
    state.link.missed = 0;
    state.link.next_location = Some(now + state.settings.locate_every);
    vec![state.remember()]
}

/// What is known of a callout after the first word of it.
pub(super) fn first(callout: Callout, now: Timestamp) -> Followed {
    Followed {
        soft_cancelled: callout.cancelled_by_customer,
        cancel_sent: false,
        history: vec![first_seen(&callout, now)],
        eta_course: VecDeque::new(),
        seen_at: now,
        callout,
    }
}

/// A reading came. `since` is when it was asked for, which decides about messages in doubt.
pub(super) fn seen(state: &mut State, callout: Callout, since: Option<Timestamp>) -> Effects {
    if matches!(state.watch, Watch::Looking) {
        return resumed(state, callout, since);
    }
    let Watch::Live(followed) = &mut state.watch else { return Vec::new() };
    if followed.callout.id != callout.id {
        return Vec::new();
    }
    merge(followed, callout, state.now);
    let closed = followed.callout.status.is_closed();
    let comments = followed.callout.comments.take();
    let mut effects = chat::heard(state, comments, since);
    if closed {
        effects.extend(end(state, Ending::Closed));
    }
    effects
}

/// The callout of the last run is still there, or was closed while nobody watched.
fn resumed(state: &mut State, callout: Callout, since: Option<Timestamp>) -> Effects {
    let mut effects = take_up(state, callout.clone());
    state.tell(Tone::Info, &format!("callout {} of the last run goes on", callout.id));
    effects.extend(seen(state, callout, since));
    effects
}

/// What the reply did not carry is kept from before; everything it says replaces what we had.
pub(super) fn merge(followed: &mut Followed, callout: Callout, now: Timestamp) {
    let before = std::mem::replace(&mut followed.callout, callout);
    let callout = &mut followed.callout;
    let same_responder =
        callout.responder.as_ref().map(|r| &r.id) == before.responder.as_ref().map(|r| &r.id);
    if callout.route.is_none() && same_responder && callout.status == before.status {
        callout.route = before.route;
    }
    callout.tracking = callout.tracking.take().or(before.tracking);
    callout.duress |= before.duress;
    if callout.customer_name.is_empty() {
        callout.customer_name = before.customer_name;
    }
    // What a controller did is never undone, and in v2 not every reply tells of it.
    let (times, known) = (&mut callout.times, before.times);
    times.created = times.created.or(known.created);
    times.acknowledged = times.acknowledged.or(known.acknowledged);
    times.owned = times.owned.or(known.owned);
    times.verified = times.verified.or(known.verified);
    callout.location = callout.location.or(before.location);
    callout.classification = callout.classification.or(before.classification);
    followed.soft_cancelled |= callout.cancelled_by_customer && !followed.cancel_sent;
    followed.seen_at = now;
    note_status(followed, now);
    note_eta(followed, now);
}

fn note_status(followed: &mut Followed, now: Timestamp) {
    let status = &followed.callout.status;
    match followed.history.last_mut() {
        Some(last) if last.status == *status => {
            // When it was first seen may have been all that was known.
            last.at = own_time(&followed.callout).unwrap_or(last.at);
            if let Some(responder) = &followed.callout.responder {
                last.responder = responder.name.clone();
            }
        }
        _ => followed.history.push(first_seen(&followed.callout, now)),
    }
}

fn first_seen(callout: &Callout, now: Timestamp) -> Seen {
    let responder = callout.responder.as_ref().map(|r| r.name.clone()).unwrap_or_default();
    Seen { status: callout.status.clone(), at: own_time(callout).unwrap_or(now), responder }
}

/// The API's own time of the step that the callout is in.
fn own_time(callout: &Callout) -> Option<Timestamp> {
    let times = &callout.times;
    match callout.status {
        Status::Created => times.created,
        Status::Dispatched => times.dispatched,
        Status::ResponderCancelled => times.retracted,
        Status::Arrived => times.arrived,
        Status::Completed => times.completed,
        Status::Closed => times.resolved,
        Status::Other(_) => None,
    }
}

/// A sample for each change, while somebody is on the way.
fn note_eta(followed: &mut Followed, now: Timestamp) {
    if followed.callout.status != Status::Dispatched {
        return;
    }
    let Some(eta) = followed.callout.eta else { return };
    let (Some(duration_s), Some(distance_m)) = (eta.duration_s, eta.distance_m) else { return };
    let sample = EtaSample { at: eta.at.unwrap_or(now), duration_s, distance_m };
    let is_new = followed.eta_course.back().is_none_or(|last| {
        (last.duration_s - duration_s).abs() > f64::EPSILON
            || (last.distance_m - distance_m).abs() > f64::EPSILON
    });
    if is_new {
        followed.eta_course.push_back(sample);
        if followed.eta_course.len() > COURSE {
            followed.eta_course.pop_front();
        }
    }
}

/// Closed, with the last state in the body.
pub(super) fn ended_with(state: &mut State, mut callout: Callout) -> Effects {
    callout.status = Status::Closed;
    seen(state, callout, None)
}

/// It is over, and no more is known.
pub(super) fn closed(followed: &mut Followed, now: Timestamp) {
    followed.callout.status = Status::Closed;
    followed.seen_at = now;
    note_status(followed, now);
}

/// Closed, and the body did not say more.
pub(super) fn closed_without_state(state: &mut State, asked: &CalloutId) -> Effects {
    match &mut state.watch {
        Watch::Live(followed) if followed.callout.id == *asked => {
            closed(followed, state.now);
            end(state, Ending::Closed)
        }
        Watch::Looking => forget(state),
        _ => Vec::new(),
    }
}

/// The server does not know the callout (any more): ask whether another one is active.
pub(super) fn unknown(state: &mut State, asked: &CalloutId) -> Effects {
    let mut effects = match &state.watch {
        Watch::Live(followed) if followed.callout.id == *asked => {
            state.tell(Tone::Problem, "the server does not know this callout any more");
            end(state, Ending::Unknown)
        }
        Watch::Looking => forget(state),
        _ => return Vec::new(),
    };
    effects.extend(link::find(state));
    effects
}

/// What an earlier run left behind leads nowhere.
fn forget(state: &mut State) -> Effects {
    let lost = state.resuming.take().is_some_and(|Resume { unsent, .. }| !unsent.is_empty());
    if lost {
        state.tell(Tone::Warning, "the last callout is over; messages that were not sent are dropped");
    }
    state.watch = Watch::Idle;
    state.link.next_poll = None;
    vec![Effect::Remember(None)]
}

/// 285 or `closed` stops everything for this callout.
fn end(state: &mut State, why: Ending) -> Effects {
    let Watch::Live(followed) = std::mem::replace(&mut state.watch, Watch::Idle) else {
        return Vec::new();
    };
    state.watch = Watch::Ended { followed, why };
    state.link.next_poll = None;
    position::rest(state);
    chat::callout_over(state);
    dialogs::callout_over(state);
    let mut effects = calls::abandon(state, |call| {
        matches!(
            call,
            Call::Poll { .. } | Call::Locate { .. } | Call::Say { .. } | Call::SoftCancel | Call::Cancel
        )
    });
    effects.push(Effect::Remember(None));
    effects
}

pub(super) fn mark_cancelled(state: &mut State) {
    if let Watch::Live(followed) = &mut state.watch {
        followed.cancel_sent = true;
    }
}

pub(super) fn mark_soft_cancelled(state: &mut State) {
    if let Watch::Live(followed) = &mut state.watch {
        followed.soft_cancelled = true;
    }
}
