//! Our own place: taken each 10 s, sent when it is good enough, held back when it is not.

use super::action::Effect;
use super::callout::Fix;
use super::state::{Call, Held, OwnPosition, State, Tone, Walk, Watch};
use super::{Effects, calls, link};
use jiff::SignedDuration;

/// Metres. A fix of this accuracy or worse is held back (reference §11.4).
pub(crate) const TOO_VAGUE: f64 = 50.0;
/// After this long without a good fix the best of the vague ones is better than nothing.
pub(crate) const PATIENCE: SignedDuration = SignedDuration::from_secs(60);
/// Metres that a receiver between high walls reports.
const DEGRADED: f64 = 120.0;
/// Seconds between two turns while walking.
const LEG: i64 = 40;

/// The location ticker ran out.
pub(super) fn due(state: &mut State) -> Effects {
    if state.link.next_location.is_none_or(|at| at > state.now) {
        return Vec::new();
    }
    state.link.next_location = Some(state.now + state.settings.locate_every);
    refresh(state);
    match &state.watch {
        Watch::Live(_) if !state.settings.read_only => offer(state),
        _ => Vec::new(),
    }
}

/// Takes a new fix from where we are by now.
pub(super) fn refresh(state: &mut State) {
    let now = state.now;
    let own = &mut state.own;
    if let (Some(walk), Some(last)) = (own.walking, own.fix.at) {
        let walked = now.duration_since(last).as_secs_f64().max(0.0) * state.settings.walking_speed;
        let leg = now.duration_since(walk.since).as_secs().div_euclid(LEG).unsigned_abs();
        own.fix.position = own.fix.position.towards(heading(state.settings.seed, leg), walked);
        if own.trail.back() != Some(&own.fix.position) {
            own.trail.push_back(own.fix.position);
        }
        while own.trail.len() > OwnPosition::TRAIL {
            own.trail.pop_front();
        }
    }
    let usual = if own.degraded { DEGRADED } else { state.settings.accuracy };
    let sway = link::mix(state.settings.seed ^ now.as_second().unsigned_abs()) % 40;
    #[expect(clippy::cast_precision_loss, reason = "below 40")]
    let factor = 0.8 + sway as f64 / 100.0;
    own.fix.accuracy = Some((usual * factor).round());
    own.fix.at = Some(now);
}

/// A walk bends a little at each leg and never turns on its heel.
fn heading(seed: u64, leg: u64) -> f64 {
    let start = link::mix(seed) % 360;
    let bends: i64 = (0..leg.min(200))
        .map(|index| i64::try_from(link::mix(seed ^ (index + 1)) % 121).unwrap_or(60) - 60)
        .sum();
    #[expect(clippy::cast_precision_loss, reason = "a few thousand degrees")]
    let degrees = (i64::try_from(start).unwrap_or(0) + bends) as f64;
    degrees.rem_euclid(360.0)
}

/// Sends the fix if it is good, or if there has been no good one for a minute; else holds it back.
pub(super) fn offer(state: &mut State) -> Effects {
    let fix = state.own.fix;
    if is_good(&fix) {
        state.own.held = None;
        return send(state, fix);
    }
    let held = match state.own.held {
        None => Held { since: state.now, best: fix, count: 1 },
        Some(held) => {
            let best = if vagueness(&fix) < vagueness(&held.best) { fix } else { held.best };
            Held { best, count: held.count + 1, ..held }
        }
    };
    if state.now.duration_since(held.since) < PATIENCE {
        state.own.held = Some(held);
        return Vec::new();
    }
    let effects = send(state, held.best);
    state.own.held = Some(Held { since: state.now, best: fix, count: 1 });
    state.tell(Tone::Warning, "no good fix for 60 s: the best of the vague ones was sent");
    effects
}

fn is_good(fix: &Fix) -> bool {
    vagueness(fix) < TOO_VAGUE
}

fn vagueness(fix: &Fix) -> f64 {
    fix.accuracy.unwrap_or(f64::INFINITY)
}

/// A superseded fix is dropped, not queued: while one is on its way no other is sent.
fn send(state: &mut State, fix: Fix) -> Effects {
    let Watch::Live(followed) = &state.watch else { return Vec::new() };
    let callout = followed.callout.id.clone();
    if calls::is_waiting(state, |call| matches!(call, Call::Locate { .. })) {
        return Vec::new();
    }
    let call = calls::start(state, Call::Locate { callout: callout.clone(), fix });
    vec![Effect::SendLocation { call, callout, fix }]
}

pub(super) fn sent(state: &mut State, fix: Fix) {
    state.own.last_sent = Some((fix, state.now));
}

/// The callout is over: the ticker stops, unless we are walking.
pub(super) fn rest(state: &mut State) {
    state.own.held = None;
    if state.own.walking.is_none() {
        state.link.next_location = None;
    }
}

pub(super) fn toggle_walking(state: &mut State) -> Effects {
    refresh(state);
    let now = state.now;
    if state.own.walking.take().is_some() {
        if !matches!(state.watch, Watch::Live(_)) {
            state.link.next_location = None;
        }
        state.tell(Tone::Info, "standing still");
    } else {
        state.own.walking = Some(Walk { since: now, from: state.own.fix.position });
        state.link.next_location.get_or_insert(now + state.settings.locate_every);
        state.tell(Tone::Info, "walking");
    }
    Vec::new()
}

pub(super) fn toggle_accuracy(state: &mut State) -> Effects {
    state.own.degraded = !state.own.degraded;
    refresh(state);
    let text = if state.own.degraded {
        "GPS worsened: fixes of 50 m or worse are held back"
    } else {
        "GPS restored"
    };
    state.tell(Tone::Info, text);
    Vec::new()
}
