//! Raising a panic: the one request that matters most, and the one that must not go out by accident.

use super::action::{Answer, CallId, Effect, Failure, FailureKind, Outcome};
use super::callout::Classification;
use super::draft::Draft;
use super::state::{Call, Dialog, PendingWrite, State, Tone, Watch};
use super::{Effects, calls, dialogs, follow, link, position};
use jiff::SignedDuration;

/// Seconds of the person's own time to think again.
const COUNTDOWN: f64 = 3.0;
/// Longest wait between two tries. Somebody may be in danger.
const LONGEST_RETRY: SignedDuration = SignedDuration::from_secs(8);
/// The word that has to be typed before a REAL callout beyond this machine.
pub(super) const WORD: &str = "REAL";

/// The key was pressed: a countdown starts, nothing is sent yet.
pub(super) fn ask(state: &mut State) -> Effects {
    if state.settings.read_only {
        state.tell(Tone::Warning, "read-only: nothing can be raised from here");
        return Vec::new();
    }
    match &state.watch {
        Watch::Live(_) => {
            state.tell(Tone::Warning, "a callout is active already; a customer has one at most");
            return Vec::new();
        }
        Watch::Raising { .. } if is_under_way(state) => return Vec::new(),
        _ => {}
    }
    if needs_the_word(state) {
        state.dialog = Some(Dialog::TypeReal { draft: Draft::with_limit(WORD.len()) });
    } else if !dialogs::asks_first(state, PendingWrite::Raise) {
        count_down(state);
    }
    Vec::new()
}

/// Any classification that is not TEST may send somebody, as soon as the host is not this machine.
pub(super) fn needs_the_word(state: &State) -> bool {
    !state.settings.environment.is_loopback() && state.settings.classification != Classification::Test
}

fn is_under_way(state: &State) -> bool {
    matches!(state.watch, Watch::Raising { retry_at: Some(_), .. })
        || calls::is_waiting(state, |call| matches!(call, Call::Raise))
}

pub(super) fn count_down(state: &mut State) {
    let ends = state.now + state.wall_seconds(COUNTDOWN);
    state.dialog = Some(Dialog::Countdown { ends });
}

/// The countdown ran out or was cut short by its key: now it goes.
pub(super) fn go(state: &mut State) -> Effects {
    state.dialog = None;
    if matches!(state.watch, Watch::Live(_)) {
        state.tell(Tone::Warning, "a callout turned out to be active already: it is shown instead");
        return Vec::new();
    }
    state.watch = Watch::Raising { since: state.now, attempts: 0, retry_at: None, problem: None };
    send(state)
}

pub(super) fn send(state: &mut State) -> Effects {
    position::refresh(state);
    if state.own.lost.is_some() {
        state.tell(Tone::Warning, "no GPS fix: the last known position was sent");
    }
    let call = calls::start(state, Call::Raise);
    if let Watch::Raising { attempts, retry_at, .. } = &mut state.watch {
        *attempts += 1;
        *retry_at = None;
    }
    vec![Effect::Raise { call, fix: state.own.fix }]
}

pub(super) fn reply(state: &mut State, id: CallId, outcome: Outcome) -> Effects {
    match outcome {
        Ok(Answer::Raised(callout) | Answer::Read(callout)) => {
            state.registers = false;
            follow::adopt(state, *callout)
        }
        Ok(_) => failed(state, id, calls::unexpected()),
        Err(failure) => failed(state, id, failure),
    }
}

/// Repeating a create is safe: the server opens no second callout for the same customer.
fn failed(state: &mut State, id: CallId, failure: Failure) -> Effects {
    let (now, seed) = (state.now, state.settings.seed);
    let Watch::Raising { attempts, retry_at, problem, .. } = &mut state.watch else { return Vec::new() };
    let again = match failure.kind {
        FailureKind::Unreachable | FailureKind::Unanswered | FailureKind::Server => {
            Some(link::backoff(*attempts, LONGEST_RETRY, seed, id))
        }
        FailureKind::TooMany => Some(failure.retry_after.unwrap_or(LONGEST_RETRY)),
        _ => None,
    };
    *retry_at = again.map(|wait| now + wait);
    *problem = Some(failure.message);
    Vec::new()
}

/// The person gives up: no further try. One that is on its way is found again at the next start.
pub(super) fn give_up(state: &mut State) -> Effects {
    let effects = calls::abandon(state, |call| matches!(call, Call::Raise));
    state.watch = Watch::Idle;
    state.tell(Tone::Warning, "stopped: if the last try arrived after all, u finds the callout");
    effects
}
