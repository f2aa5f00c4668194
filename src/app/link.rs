//! When the server is asked, and what follows when it does not answer.

use super::action::{Answer, CallId, Effect, Failure, FailureKind, Outcome, Resume};
use super::callout::{Callout, CalloutId};
use super::state::{Call, Ending, Health, State, Tone, Watch};
use super::{Effects, calls, devices, follow, raise, watching};
use jiff::SignedDuration;

/// First wait after a failure; doubles with each further one.
const FIRST_RETRY: SignedDuration = SignedDuration::from_secs(1);

/// The wait before try number `failures` + 1: 1 s, 2 s, 4 s … up to `longest`, less up to a quarter,
/// so that many consoles do not come back in the same moment.
pub(super) fn backoff(failures: u32, longest: SignedDuration, seed: u64, call: CallId) -> SignedDuration {
    let doublings = failures.saturating_sub(1).min(16);
    let full = FIRST_RETRY.saturating_mul(1 << doublings).min(longest);
    let part = i64::try_from(mix(seed ^ call.0) % 250).unwrap_or(0);
    let off = SignedDuration::from_millis(i64::try_from(full.as_millis()).unwrap_or(0) * part / 1000);
    full - off
}

/// Spreads the bits of a number: neighbours give unlike results (the finalizer of `SplitMix64`).
pub(super) fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The first action: goes back to the callout of the last run, or asks whether there is one.
pub(super) fn begin(state: &mut State, resume: Option<Resume>) -> Effects {
    state.watch = Watch::Looking;
    state.resuming = resume;
    look(state)
}

/// Asks for the callout that may be there already.
fn look(state: &mut State) -> Effects {
    match &state.resuming {
        Some(resume) => {
            let callout = resume.callout.clone();
            poll(state, callout)
        }
        None => find(state),
    }
}

pub(super) fn find(state: &mut State) -> Effects {
    if state.is_watching() {
        return watching::refresh(state);
    }
    if calls::is_waiting(state, |call| matches!(call, Call::FindActive)) {
        return Vec::new();
    }
    let call = calls::start(state, Call::FindActive);
    vec![Effect::FindActive { call }]
}

/// The poll timer ran out.
pub(super) fn due(state: &mut State) -> Effects {
    if state.is_watching() {
        return watching::due(state);
    }
    match &state.watch {
        Watch::Raising { retry_at: Some(at), .. } if *at <= state.now => raise::send(state),
        Watch::Live(_) | Watch::Looking if state.link.next_poll.is_some_and(|at| at <= state.now) => {
            poll_now(state)
        }
        _ => Vec::new(),
    }
}

/// Reads now instead of waiting for the timer. One poll at a time.
pub(super) fn poll_now(state: &mut State) -> Effects {
    if state.is_watching() {
        return watching::refresh(state);
    }
    match &state.watch {
        Watch::Live(followed) => {
            let callout = followed.callout.id.clone();
            poll(state, callout)
        }
        Watch::Looking => look(state),
        Watch::Idle | Watch::Raising { .. } | Watch::Ended { .. } => Vec::new(),
    }
}

fn poll(state: &mut State, callout: CalloutId) -> Effects {
    state.link.next_poll = Some(state.now + state.settings.poll_every);
    if calls::is_waiting(state, |call| matches!(call, Call::Poll { .. })) {
        return Vec::new();
    }
    let since = state.now;
    let call = calls::start(state, Call::Poll { callout: callout.clone(), since });
    vec![Effect::Fetch { call, callout }]
}

/// A poll brought nothing usable: the last good state stays, and the next try comes sooner.
pub(super) fn missed(state: &mut State, call: CallId, failure: &Failure) -> Effects {
    state.link.missed = state.link.missed.saturating_add(1);
    let longest = state.settings.poll_every;
    let wait = match failure.kind {
        FailureKind::Unauthorized => longest,
        FailureKind::TooMany => failure.retry_after.unwrap_or(longest),
        _ => backoff(state.link.missed, longest, state.settings.seed, call),
    };
    state.link.next_poll = Some(state.now + wait);
    if matches!(failure.kind, FailureKind::Refused | FailureKind::Unreadable) {
        state.tell(Tone::Problem, failure.message.as_str());
    }
    Vec::new()
}

/// The answer to "is there an active callout?".
pub(super) fn found(state: &mut State, outcome: Outcome) -> Effects {
    let may_adopt =
        matches!(state.watch, Watch::Looking | Watch::Idle | Watch::Ended { why: Ending::Unknown, .. });
    // What is over stays on the screen until the next panic, be it that of a device.
    let of_device = |callout: &Callout| {
        matches!(state.watch, Watch::Ended { .. }) && devices::knows_active(state, &callout.id)
    };
    let newest = match outcome {
        Ok(Answer::Active(callouts)) => newest(callouts).filter(|found| may_adopt || of_device(found)),
        Ok(_) => None,
        Err(_) if !may_adopt => None,
        Err(failure) => {
            if failure.kind != FailureKind::Forbidden {
                state.tell(Tone::Problem, failure.message.as_str());
            }
            None
        }
    };
    if let Some(callout) = newest {
        return follow::adopt(state, callout);
    }
    if state.watch == Watch::Looking {
        state.watch = Watch::Idle;
    }
    Vec::new()
}

fn newest(callouts: Vec<Callout>) -> Option<Callout> {
    callouts.into_iter().filter(|callout| !callout.status.is_closed()).max_by_key(|c| c.times.created)
}

/// Whether nothing is known to be wrong with the line.
pub(super) fn is_up(state: &State) -> bool {
    !matches!(state.link.health, Health::Down { .. })
}
