//! When something has to happen next. The runtime sleeps until then, and not at all when there is
//! nothing: a console without a callout wakes up for nobody.

use super::state::{Dialog, State, Watch};
use super::{control, devices, notify, screen, watching};
use jiff::{SignedDuration, Timestamp};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deadlines {
    pub poll: Option<Timestamp>,
    pub location: Option<Timestamp>,
    pub screen: Option<Timestamp>,
    pub display: Option<Timestamp>,
}

pub fn deadlines(state: &State) -> Deadlines {
    let poll = match &state.watch {
        _ if state.is_watching() => watching::deadline(state),
        Watch::Raising { retry_at, .. } => *retry_at,
        Watch::Live(_) | Watch::Looking => state.link.next_poll,
        Watch::Idle | Watch::Ended { .. } => None,
    };
    let location = match &state.watch {
        _ if state.is_watching() => None,
        Watch::Live(_) => state.link.next_location,
        _ => state.own.moving.and(state.link.next_location),
    };
    Deadlines { poll, location, screen: screen::deadline(state), display: display(state) }
}

/// The next moment at which a countdown or an age reads differently.
fn display(state: &State) -> Option<Timestamp> {
    let news = state.notice.as_ref().map(|notice| notice.until);
    let countdown = match state.dialog {
        Some(Dialog::Countdown { ends }) => Some(ends),
        _ => None,
    };
    let counted = (shows_ages(state) || countdown.is_some()) && !state.still;
    let ages = if counted { Some(next_second(state)) } else { goes_stale(state) };
    [news, countdown, ages, notify::deadline(state)].into_iter().flatten().min()
}

fn shows_ages(state: &State) -> bool {
    control::shows_ages(state)
        || devices::shows_ages(state)
        || state.watching.as_ref().is_some_and(|watching| watching.active() > 0)
        || matches!(state.watch, Watch::Live(_) | Watch::Raising { .. })
        || (matches!(state.watch, Watch::Looking) && state.link.next_poll.is_some())
}

/// When what is shown stops being live without a word from anybody. That is no motion but news, and the
/// picture of a console that nobody counts seconds on has to change for it too.
fn goes_stale(state: &State) -> Option<Timestamp> {
    let Watch::Live(followed) = &state.watch else { return None };
    let at = followed.seen_at + state.stale_after() + SignedDuration::from_millis(1);
    (at > state.now).then_some(at)
}

/// The next whole second of the person's own time. A fast demo clock must not redraw more often.
fn next_second(state: &State) -> Timestamp {
    let step = state.wall_seconds(1.0).max(SignedDuration::from_secs(1));
    let step_ms = i64::try_from(step.as_millis()).unwrap_or(1000).max(1);
    let now_ms = state.now.as_millisecond();
    let next = now_ms - now_ms.rem_euclid(step_ms) + step_ms;
    Timestamp::from_millisecond(next).unwrap_or(state.now + step)
}
