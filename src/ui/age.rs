//! How old the data is, and whether it may be drawn as live. A stale place or ETA that looks fresh is
//! dangerous, so every pane asks here.

use crate::app::action::{Failure, FailureKind};
use crate::app::reckoning::{self, Whereabouts};
use crate::app::state::{Health, State, Watch};
use crate::app::timers::deadlines;
use jiff::{SignedDuration, Timestamp};

/// The state of the link in front of the person.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Freshness<'a> {
    /// Nothing was asked, nothing came.
    Unasked,
    Connecting,
    /// No callout is followed, so nothing is polled: an age would only grow. The time instead.
    Resting {
        heard: Option<Timestamp>,
    },
    Live {
        age: SignedDuration,
    },
    Stale {
        age: SignedDuration,
    },
    Down {
        age: Option<SignedDuration>,
        retry_in: Option<SignedDuration>,
        problem: &'a Failure,
    },
}

pub(super) fn freshness(state: &State) -> Freshness<'_> {
    let link = &state.link;
    let since = |at: Timestamp| state.now.duration_since(at).max(SignedDuration::ZERO);
    let age = state.followed().map(|followed| since(followed.seen_at));
    if state.is_watching() {
        return of_many(state, age);
    }
    if let (Health::Down { problem, .. }, false) = (&link.health, matches!(state.watch, Watch::Ended { .. }))
    {
        let retry_at = match &state.watch {
            Watch::Raising { retry_at, .. } => *retry_at,
            Watch::Idle => None,
            _ => link.next_poll,
        };
        let retry_in = retry_at.map(|at| at.duration_since(state.now));
        return Freshness::Down { age, retry_in, problem };
    }
    match (&state.watch, age) {
        (Watch::Looking | Watch::Raising { .. }, _) => Freshness::Connecting,
        (Watch::Live(_), Some(age)) if age > state.stale_after() => Freshness::Stale { age },
        (Watch::Live(_), Some(age)) => Freshness::Live { age },
        _ if link.last_good.is_none() && link.health == Health::Unknown => Freshness::Unasked,
        _ => Freshness::Resting { heard: link.last_good },
    }
}

/// Of many callouts: how the line is, whichever of them is chosen.
fn of_many(state: &State, age: Option<SignedDuration>) -> Freshness<'_> {
    let link = &state.link;
    let since = |at: Timestamp| state.now.duration_since(at).max(SignedDuration::ZERO);
    if let Health::Down { problem, .. } = &link.health {
        let retry_in = deadlines(state).poll.map(|at| at.duration_since(state.now).max(SignedDuration::ZERO));
        return Freshness::Down { age, retry_in, problem };
    }
    match link.last_good.map(since) {
        None => Freshness::Connecting,
        Some(age) if age > state.stale_after() => Freshness::Stale { age },
        Some(age) => Freshness::Live { age },
    }
}

/// The age that a pane has to carry, because its content may be out of date.
pub(super) fn out_of_date(state: &State) -> Option<SignedDuration> {
    if let (Some(entry), true) =
        (state.watching.as_ref().and_then(|watching| watching.entry()), is_live(state))
    {
        let down = matches!(state.link.health, Health::Down { .. });
        return entry.age(state.now).filter(|_| down || entry.is_stale(state));
    }
    match (freshness(state), &state.watch) {
        (Freshness::Stale { age }, _) => Some(age),
        (Freshness::Down { age, .. }, Watch::Live(_)) => age,
        _ => None,
    }
}

fn is_live(state: &State) -> bool {
    matches!(state.watch, Watch::Live(_))
}

/// Until when durations may be counted: now, or the last word while the data is out of date or nothing
/// may move by itself.
pub(super) fn counted_until(state: &State) -> Timestamp {
    match (out_of_date(state), state.followed()) {
        (Some(_), Some(followed)) => followed.seen_at,
        (None, Some(followed)) if state.still => followed.seen_at,
        _ => state.now,
    }
}

/// Where the responder is taken to be. While the data is out of date that is the last known place:
/// an estimate bridges two polls and no more.
pub(super) fn whereabouts(state: &State) -> Option<Whereabouts> {
    match &state.watch {
        Watch::Live(followed) => reckoning::whereabouts(followed, counted_until(state)),
        _ => None,
    }
}

/// What kind of trouble, in the header's words.
pub(super) fn trouble(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Unreachable => "offline",
        FailureKind::Unanswered => "no answer",
        FailureKind::Unauthorized => "not authorised",
        FailureKind::NotFound => "not found",
        FailureKind::TooMany => "asked to slow down",
        FailureKind::Refused => "refused",
        FailureKind::Server => "server error",
        FailureKind::Unreadable => "unreadable reply",
        FailureKind::Forbidden => "not allowed here",
    }
}
