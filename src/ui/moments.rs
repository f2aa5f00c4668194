//! Moments as they are told: counted in seconds, or, where nothing may move by itself, by the clock. A time
//! of day is as true in ten seconds as it is now, so nothing has to be drawn again for it.

use super::{Look, words};
use crate::app::state::State;
use jiff::{SignedDuration, Timestamp};

/// `8 s`, or `12:03:05`: when something was that has lasted or is that old.
pub(super) fn passed(state: &State, look: &Look, span: SignedDuration) -> String {
    if state.still { at(state, look, state.now - span) } else { words::duration(span) }
}

/// `4 s ago`, or `at 12:03:05`.
pub(super) fn ago(state: &State, look: &Look, span: SignedDuration) -> String {
    let told = passed(state, look, span);
    if state.still { format!("at {told}") } else { format!("{told} ago") }
}

/// `48 s old`, or `of 12:02:17`.
pub(super) fn old(state: &State, look: &Look, span: SignedDuration) -> String {
    let told = passed(state, look, span);
    if state.still { format!("of {told}") } else { format!("{told} old") }
}

/// `for 30 s`, or `since 12:02:35`.
pub(super) fn lasting(state: &State, look: &Look, span: SignedDuration) -> String {
    let told = passed(state, look, span);
    if state.still { format!("since {told}") } else { format!("for {told}") }
}

/// `11 s`, or `12:03:20`: when something comes, or should have come.
pub(super) fn ahead(state: &State, look: &Look, span: SignedDuration) -> String {
    if state.still { at(state, look, state.now + span) } else { words::duration(span) }
}

/// `in 8 s`, or `at 12:03:20`.
pub(super) fn due(state: &State, look: &Look, span: SignedDuration) -> String {
    let told = ahead(state, look, span);
    if state.still { format!("at {told}") } else { format!("in {told}") }
}

fn at(state: &State, look: &Look, at: Timestamp) -> String {
    words::clock(at, state.now, &look.zone)
}
