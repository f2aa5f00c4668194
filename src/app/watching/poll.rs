//! When each callout is read.
//!
//! Readings are spread over the interval, so that a thousand callouts make no burst; never more than a few
//! are under way at once. A 429 makes the interval longer for all, and it comes back slowly. Behind a line
//! that is down one reading at a time asks whether it is up again.

use super::{Entry, Watching, list};
use crate::app::action::{CallId, Effect, Failure, FailureKind, Outcome};
use crate::app::callout::CalloutId;
use crate::app::state::{Call, State};
use crate::app::{Effects, calls, link};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Readings under way at once.
pub const AT_ONCE: usize = 8;
/// Readings in a row that fail before it is the line and not the callout.
const A_BROKEN_LINE: u32 = 3;
/// The interval grows so far at most, …
const LONGEST: f64 = 8.0;
/// … and comes back by this part of itself in each interval without a 429.
const RELAXED: f64 = 0.8;
/// Between two first readings: a few are there at once, and many are no burst.
const APART: SignedDuration = SignedDuration::from_millis(50);
/// Seconds of the person's own time that the choice must rest before it is read before its turn: who runs
/// through the list asks for nothing.
const SETTLED: f64 = 0.15;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Pace {
    pub(super) stretch: f64,
    /// When the interval last changed.
    changed: Timestamp,
    /// Nothing is asked before.
    paused: Option<Timestamp>,
    next_list: Timestamp,
    /// A list has come.
    pub(super) listed: bool,
    /// What is to be read, by when.
    queue: BTreeSet<(Timestamp, CalloutId)>,
    /// The chosen one is read before its turn.
    hurry: Option<Timestamp>,
    /// Entries that are over.
    pub(super) closed: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            stretch: 1.0,
            changed: Timestamp::UNIX_EPOCH,
            paused: None,
            next_list: Timestamp::UNIX_EPOCH,
            listed: false,
            queue: BTreeSet::new(),
            hurry: None,
            closed: 0,
        }
    }
}

impl Entry {
    /// The next place of its own that is not too soon, so that those who were spread stay spread. Far
    /// behind it, an interval from now.
    pub(super) fn next_beat(&mut self, interval: SignedDuration, now: Timestamp) -> Timestamp {
        let soonest = now + interval / 2;
        let beats = [self.beat, self.beat + interval, now + interval];
        self.beat = beats.into_iter().find(|beat| *beat >= soonest).unwrap_or(soonest);
        self.beat
    }
}

impl Watching {
    /// So many that one of them says little about the line.
    fn is_many(&self) -> bool {
        self.active() > 2
    }

    pub(super) fn interval(&self, every: SignedDuration) -> SignedDuration {
        SignedDuration::try_from_secs_f64(every.as_secs_f64() * self.pace.stretch).unwrap_or(every)
    }

    /// Puts an entry down for a reading.
    pub(super) fn plan(&mut self, id: &CalloutId, at: Timestamp) {
        let Some(entry) = self.entries.get_mut(id) else { return };
        if let Some(before) = entry.next.replace(at) {
            self.pace.queue.remove(&(before, id.clone()));
        }
        self.pace.queue.insert((at, id.clone()));
    }

    fn unplan(&mut self, id: &CalloutId) {
        let before = self.entries.get_mut(id).and_then(|entry| entry.next.take());
        if let Some(before) = before {
            self.pace.queue.remove(&(before, id.clone()));
        }
    }
}

/// The first action.
pub(in crate::app) fn begin(state: &mut State) -> Effects {
    let (now, every) = (state.now, state.settings.poll_every);
    if let Some(watching) = &mut state.watching {
        watching.pace.next_list = now;
        let ids: Vec<CalloutId> = watching.entries.keys().cloned().collect();
        for id in &ids {
            if let Some(entry) = watching.entries.get_mut(id) {
                entry.since = now;
            }
        }
        spread(watching, &ids, now, every);
    }
    list::sort(state);
    list::show(state);
    due(state)
}

/// Gives each its place in the interval. The first reading comes sooner than that, if it can.
pub(super) fn spread(watching: &mut Watching, ids: &[CalloutId], now: Timestamp, every: SignedDuration) {
    let interval = watching.interval(every).as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    let place = |index: usize| index as f64 / ids.len() as f64;
    for (index, id) in ids.iter().enumerate() {
        let wait = SignedDuration::try_from_secs_f64(interval * place(index)).unwrap_or(every);
        if let Some(entry) = watching.entries.get_mut(id) {
            entry.beat = now + wait;
        }
        let sooner = APART.saturating_mul(i32::try_from(index).unwrap_or(i32::MAX));
        watching.plan(id, now + wait.min(sooner));
    }
}

/// When there is something to ask next.
pub(in crate::app) fn deadline(state: &State) -> Option<Timestamp> {
    let watching = state.watching.as_ref()?;
    let pace = &watching.pace;
    let free = slots(state) > 0;
    let list = (!watching.named && free && !is_listing(state)).then_some(pace.next_list);
    let first = pace.queue.first().map(|(at, _)| *at).filter(|_| free);
    let chosen = pace.hurry.filter(|_| free);
    let next = [list, first, chosen].into_iter().flatten().min()?;
    Some(pace.paused.map_or(next, |until| next.max(until)))
}

fn is_listing(state: &State) -> bool {
    calls::is_waiting(state, |call| matches!(call, Call::List { .. }))
}

/// Readings that may begin now.
fn slots(state: &State) -> usize {
    let asked = |call: &&Call| matches!(call, Call::Poll { .. } | Call::List { .. });
    let under_way = state.in_flight.values().filter(asked).count();
    let most = if link::is_up(state) { AT_ONCE } else { 1 };
    most.saturating_sub(under_way)
}

/// Asks for whatever is due, as far as there is room for it.
pub(in crate::app) fn due(state: &mut State) -> Effects {
    let now = state.now;
    let mut effects = Vec::new();
    let Some(watching) = &mut state.watching else { return effects };
    if watching.pace.paused.is_some_and(|until| until > now) {
        return effects;
    }
    watching.pace.paused = None;
    let lists = !watching.named && watching.pace.next_list <= now;
    if lists && slots(state) > 0 && !is_listing(state) {
        effects.push(list_now(state));
    }
    while slots(state) > 0 {
        let Some(watching) = &mut state.watching else { break };
        let Some(id) = next(watching, now) else { break };
        effects.push(read_now(state, id));
    }
    effects
}

/// The chosen one if it is wanted, else whoever is due for longest.
fn next(watching: &mut Watching, now: Timestamp) -> Option<CalloutId> {
    if watching.pace.hurry.is_some_and(|at| at <= now) {
        watching.pace.hurry = None;
        let chosen = watching.entry().filter(|entry| entry.next.is_some());
        if let Some(entry) = chosen {
            return Some(entry.id.clone());
        }
    }
    watching.pace.queue.first().filter(|(at, _)| *at <= now).map(|(_, id)| id.clone())
}

fn list_now(state: &mut State) -> Effect {
    let (since, every) = (state.now, state.settings.poll_every);
    if let Some(watching) = &mut state.watching {
        watching.pace.next_list = since + watching.interval(every);
    }
    let call = calls::start(state, Call::List { since });
    Effect::List { call }
}

fn read_now(state: &mut State, callout: CalloutId) -> Effect {
    let since = state.now;
    if let Some(watching) = &mut state.watching {
        watching.unplan(&callout);
    }
    let call = calls::start(state, Call::Poll { callout: callout.clone(), since });
    Effect::Fetch { call, callout }
}

/// The chosen one is read as soon as the choice rests.
pub(super) fn hurry(state: &mut State) {
    let at = state.now + state.wall_seconds(SETTLED);
    if let Some(watching) = &mut state.watching {
        watching.pace.hurry = watching.chosen.is_some().then_some(at);
    }
}

/// The person wants to see it now.
pub(in crate::app) fn refresh(state: &mut State) -> Effects {
    let now = state.now;
    if let Some(watching) = &mut state.watching {
        watching.pace.hurry = watching.chosen.is_some().then_some(now);
        watching.pace.next_list = now;
    }
    due(state)
}

/// A reading brought nothing usable: the last good word stays, with its age.
pub(super) fn missed(state: &mut State, call: CallId, id: &CalloutId, failure: &Failure) -> Effects {
    // Of many, one that fails again and again says nothing new of the line.
    let again = state.watching.as_ref().is_some_and(|watching| {
        watching.is_many() && watching.entries.get(id).is_some_and(|entry| entry.missed > 0)
    });
    fall_behind(state, call, failure, !again);
    let (now, every, seed) = (state.now, state.settings.poll_every, state.settings.seed);
    let Some(watching) = &mut state.watching else { return Vec::new() };
    let interval = watching.interval(every);
    let Some(entry) = watching.entries.get_mut(id) else { return Vec::new() };
    entry.missed = entry.missed.saturating_add(1);
    let wait = match failure.kind {
        FailureKind::TooMany | FailureKind::Refused | FailureKind::Forbidden => interval,
        _ => link::backoff(entry.missed, interval, seed, call),
    };
    watching.plan(id, now + wait);
    if watching.chosen.as_ref() == Some(id) {
        state.link.next_poll = Some(now + wait);
    }
    Vec::new()
}

/// What a failure means for all the others.
pub(super) fn fall_behind(state: &mut State, call: CallId, failure: &Failure, counts: bool) {
    let counts = counts || is_of_the_line(failure.kind);
    state.link.missed = state.link.missed.saturating_add(u32::from(counts));
    let (now, missed) = (state.now, state.link.missed);
    let (every, seed) = (state.settings.poll_every, state.settings.seed);
    let Some(watching) = &mut state.watching else { return };
    if failure.kind == FailureKind::TooMany {
        let wait = failure.retry_after.unwrap_or(every);
        // Those that were under way beside it say the same thing once more.
        if watching.pace.paused.is_none_or(|until| until <= now) {
            watching.pace.stretch = (watching.pace.stretch * 2.0).min(LONGEST);
            watching.pace.changed = now;
        }
        let until = now + wait;
        watching.pace.paused = Some(watching.pace.paused.map_or(until, |paused| paused.max(until)));
    } else if is_of_the_line(failure.kind) || missed >= A_BROKEN_LINE {
        let wait = match failure.kind {
            FailureKind::Unauthorized => every,
            _ => link::backoff(missed, every, seed, call),
        };
        watching.pace.paused = Some(now + wait);
    }
}

fn is_of_the_line(kind: FailureKind) -> bool {
    matches!(kind, FailureKind::Unreachable | FailureKind::Unanswered | FailureKind::Unauthorized)
}

/// Whether a failure tells of one callout and not of the line: among many, one that cannot be read is no
/// reason to draw them all as offline.
pub(in crate::app) fn is_of_one(state: &State, outcome: &Outcome) -> bool {
    let Err(failure) = outcome else { return false };
    state.watching.as_ref().is_some_and(|watching| watching.is_many())
        && matches!(failure.kind, FailureKind::Server | FailureKind::Unreadable)
        && state.link.missed + 1 < A_BROKEN_LINE
}

/// Nothing was refused for an interval: a little more often again.
pub(super) fn relax(state: &mut State) {
    let (now, every) = (state.now, state.settings.poll_every);
    let Some(watching) = &mut state.watching else { return };
    let rested = now.duration_since(watching.pace.changed) >= watching.interval(every);
    if watching.pace.stretch > 1.0 && rested {
        watching.pace.stretch = (watching.pace.stretch * RELAXED).max(1.0);
        watching.pace.changed = now;
    }
}
