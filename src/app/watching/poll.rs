//! When each callout is read, and what a reading changes.
//!
//! Readings are spread over the interval, so that a thousand callouts make no burst; never more than a few
//! are under way at once. A 429 makes the interval longer for all, and it comes back slowly. Behind a line
//! that is down one reading at a time asks whether it is up again.

use super::news::{self, What};
use super::{Entry, MOST, Watching, list};
use crate::app::action::{Answer, CallId, Effect, Failure, FailureKind, Outcome};
use crate::app::callout::{Callout, CalloutId, Comment, Role, Status};
use crate::app::state::{Call, Ending, Pane, State, Watch};
use crate::app::{Effects, calls, chat, follow, link};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Readings under way at once.
pub const AT_ONCE: usize = 8;
/// Readings in a row that fail before it is the line and not the callout.
const A_BROKEN_LINE: u32 = 3;
/// Of what a list shows to have changed, so many are read before their turn.
const HURRIED: usize = 16;
/// The interval grows so far at most, …
const LONGEST: f64 = 8.0;
/// … and comes back by this part of itself in each interval without a 429.
const RELAXED: f64 = 0.8;
/// Between two first readings: a few are there at once, and many are no burst.
const APART: SignedDuration = SignedDuration::from_millis(50);
/// Seconds of the person's own time that the choice must rest before it is read before its turn: who runs
/// through the list asks for nothing.
const SETTLED: f64 = 0.15;
/// Statuses that are kept of a callout.
const HISTORY: usize = 32;

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
    fn next_beat(&mut self, interval: SignedDuration, now: Timestamp) -> Timestamp {
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

    fn interval(&self, every: SignedDuration) -> SignedDuration {
        SignedDuration::try_from_secs_f64(every.as_secs_f64() * self.pace.stretch).unwrap_or(every)
    }

    /// Puts an entry down for a reading.
    fn plan(&mut self, id: &CalloutId, at: Timestamp) {
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
fn spread(watching: &mut Watching, ids: &[CalloutId], now: Timestamp, every: SignedDuration) {
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

/// The server's list of what is active. It adds what is new, and what is no more in it, or has another
/// status, is read before its turn: what is shown comes from readings alone.
pub(in crate::app) fn listed(state: &mut State, since: Timestamp, outcome: Outcome) -> Effects {
    let callouts = match outcome {
        Ok(Answer::Active(callouts)) => callouts,
        Ok(_) => return not_listed(state, calls::unexpected()),
        Err(failure) => return not_listed(state, failure),
    };
    state.link.missed = 0;
    relax(state);
    let (now, every) = (state.now, state.settings.poll_every);
    let Some(watching) = &mut state.watching else { return Vec::new() };
    watching.problem = None;
    let first = !std::mem::replace(&mut watching.pace.listed, true);
    let hurried = changed_by(watching, &callouts, since);
    let fresh = take_in(watching, callouts, now);
    for id in hurried {
        watching.plan(&id, now);
    }
    spread(watching, &fresh, now, every);
    list::sort(state);
    // Nobody chose yet: the most urgent one.
    let top = state.watching.as_ref().filter(|w| w.chosen.is_none()).and_then(|w| w.order.first().cloned());
    if top.is_some() {
        list::choose(state, top);
    } else if first {
        list::show(state);
    }
    let mut effects = Vec::new();
    for id in fresh {
        effects.extend(news::add(state, &id, if first { What::Listed } else { What::New }, !first));
    }
    effects.extend(due(state));
    effects
}

/// Of the known ones those that the list tells something else about than is known.
fn changed_by(watching: &Watching, callouts: &[Callout], since: Timestamp) -> Vec<CalloutId> {
    let told: std::collections::BTreeMap<&CalloutId, &Callout> =
        callouts.iter().map(|callout| (&callout.id, callout)).collect();
    let differs = |entry: &&Entry| {
        // One that is being read or was read since is known better.
        let Some(seen) = entry.seen.as_ref().filter(|_| entry.ended.is_none() && entry.next.is_some()) else {
            return false;
        };
        seen.seen_at <= since
            && entry.since < since
            && told.get(&entry.id).is_none_or(|callout| {
                callout.status != seen.callout.status
                    || (callout.cancelled_by_customer && !seen.soft_cancelled)
            })
    };
    watching.entries.values().filter(differs).take(HURRIED).map(|entry| entry.id.clone()).collect()
}

/// Adds what is new; one that was dismissed stays so.
fn take_in(watching: &mut Watching, callouts: Vec<Callout>, now: Timestamp) -> Vec<CalloutId> {
    let dismissed: BTreeSet<CalloutId> = watching.ids_dismissed().into_iter().cloned().collect();
    let mut fresh = Vec::new();
    watching.left_out = 0;
    for callout in callouts {
        let id = callout.id.clone();
        if watching.entries.contains_key(&id) || dismissed.contains(&id) || callout.status.is_closed() {
            continue;
        }
        if watching.active() >= MOST {
            watching.left_out += 1;
            continue;
        }
        let mut entry = Entry::new(id.clone(), now);
        entry.seen = Some(follow::first(bare(callout).0, now));
        watching.entries.insert(id.clone(), entry);
        fresh.push(id);
    }
    // Spread in the order in which they are listed.
    fresh.sort_by_cached_key(|id| watching.entries.get(id).map(Entry::ranked));
    fresh
}

fn not_listed(state: &mut State, failure: Failure) -> Effects {
    let call = CallId(state.next_call);
    fall_behind(state, call, &failure, true);
    if let Some(watching) = &mut state.watching {
        watching.problem = Some(failure);
    }
    due(state)
}

/// A reading came back.
pub(in crate::app) fn read(
    state: &mut State,
    call: CallId,
    asked: &CalloutId,
    since: Timestamp,
    outcome: Outcome,
) -> Effects {
    let known = state.watching.as_ref().is_some_and(|watching| watching.entries.contains_key(asked));
    if !known {
        return due(state);
    }
    let mut effects = match outcome {
        Ok(Answer::Read(callout) | Answer::Raised(callout)) if callout.id == *asked => {
            seen(state, *callout, since)
        }
        Ok(Answer::Closed(Some(callout))) if callout.id == *asked => {
            seen(state, Callout { status: Status::Closed, ..*callout }, since)
        }
        Ok(Answer::Closed(_)) => over(state, asked, Ending::Closed),
        Ok(_) => missed(state, call, asked, &calls::unexpected()),
        Err(failure) if failure.kind == FailureKind::NotFound => over(state, asked, Ending::Unknown),
        Err(failure) => missed(state, call, asked, &failure),
    };
    effects.extend(due(state));
    effects
}

/// A callout without what only the chosen one needs, and that.
fn bare(mut callout: Callout) -> (Callout, Option<Vec<Comment>>, Option<Vec<crate::geo::Position>>) {
    callout.unknown.clear();
    let (comments, route) = (callout.comments.take(), callout.route.take());
    (callout, comments, route)
}

fn seen(state: &mut State, callout: Callout, since: Timestamp) -> Effects {
    let (now, every) = (state.now, state.settings.poll_every);
    state.link.missed = 0;
    relax(state);
    let id = callout.id.clone();
    let (callout, comments, route) = bare(callout);
    let Some(watching) = &mut state.watching else { return Vec::new() };
    let interval = watching.interval(every);
    let Some(entry) = watching.entries.get_mut(&id) else { return Vec::new() };
    let before = Before::of(entry);
    entry.missed = 0;
    entry.whole = true;
    entry.duress |= callout.duress;
    match &mut entry.seen {
        Some(seen) => follow::merge(seen, callout, now),
        None => entry.seen = Some(follow::first(callout, now)),
    }
    if let Some(seen) = &mut entry.seen
        && seen.history.len() > HISTORY
    {
        seen.history.remove(1);
    }
    let said = heard(entry, comments.as_deref());
    if entry.status().is_some_and(Status::is_closed) {
        entry.ended = Some(Ending::Closed);
        watching.pace.closed += 1;
    } else {
        let next = entry.next_beat(interval, now);
        watching.plan(&id, next);
    }
    if watching.chosen.as_ref() == Some(&id) {
        into_the_panes(state, route, comments, since);
    }
    settled(state, &id);
    let mut effects = Vec::new();
    for (what, rings) in before.news(state, &id) {
        effects.extend(news::add(state, &id, what, rings));
    }
    for body in said {
        effects.extend(news::add(state, &id, What::Message(body), true));
    }
    effects
}

/// Counts what others said since the last reading, and gives it.
fn heard(entry: &mut Entry, comments: Option<&[Comment]>) -> Vec<crate::text::DisplayText> {
    let Some(comments) = comments else { return Vec::new() };
    let others = comments.iter().filter(|comment| comment.role != Role::User);
    let count = others.clone().count();
    // What was said before anybody watched is no news.
    let known = entry.heard.replace(count).unwrap_or(count);
    let new = others.skip(known).map(|comment| comment.body.clone());
    let new: Vec<_> = new.collect();
    entry.unread += new.len();
    new
}

/// The chosen one, whole.
fn into_the_panes(
    state: &mut State,
    route: Option<Vec<crate::geo::Position>>,
    comments: Option<Vec<Comment>>,
    since: Timestamp,
) {
    let old = state.followed().map(|followed| followed.callout.clone());
    list::show(state);
    if let Watch::Live(followed) | Watch::Ended { followed, .. } = &mut state.watch {
        let callout = &mut followed.callout;
        let same = |old: &Callout| {
            old.id == callout.id
                && old.status == callout.status
                && old.responder.as_ref().map(|r| &r.id) == callout.responder.as_ref().map(|r| &r.id)
        };
        callout.route = route.or_else(|| old.filter(same)?.route);
    }
    list::stand_there(state);
    let first = state.watching.as_mut().is_some_and(|watching| !std::mem::replace(&mut watching.whole, true));
    let _nothing_waits = chat::heard(state, comments, Some(since));
    if first {
        state.chat.unread = 0;
    }
    let in_sight = state.columns >= State::ALL_PANES || state.focus == Pane::Chat;
    if in_sight && state.chat.scroll == 0 {
        looked_at(state);
    }
}

/// The chat of the chosen one is in front of the person.
pub(super) fn looked_at(state: &mut State) {
    let Some(watching) = &mut state.watching else { return };
    let whole = watching.whole;
    if let Some(entry) =
        watching.chosen.as_ref().and_then(|id| watching.entries.get_mut(id)).filter(|_| whole)
    {
        entry.unread = 0;
    }
}

/// 285 without a body, or 404.
fn over(state: &mut State, id: &CalloutId, why: Ending) -> Effects {
    let now = state.now;
    state.link.missed = 0;
    let Some(watching) = &mut state.watching else { return Vec::new() };
    let Some(entry) = watching.entries.get_mut(id) else { return Vec::new() };
    let what = if why == Ending::Closed { What::Closed } else { What::Unknown };
    if let Some(seen) = entry.seen.as_mut().filter(|_| why == Ending::Closed) {
        follow::closed(seen, now);
    }
    entry.seen.get_or_insert_with(|| {
        let status = if why == Ending::Closed { Status::Closed } else { Status::Other("not known".into()) };
        follow::first(Callout::new(id.clone(), status), now)
    });
    entry.ended = Some(why);
    watching.pace.closed += 1;
    if watching.chosen.as_ref() == Some(id) {
        list::show(state);
    }
    settled(state, id);
    news::add(state, id, what, true)
}

/// After a reading: it goes where it belongs, and the oldest of too many closed ones goes.
fn settled(state: &mut State, id: &CalloutId) {
    list::placed(state, id);
    if let Some(watching) = &mut state.watching {
        list::forget_the_oldest(watching);
    }
}

/// A reading brought nothing usable: the last good word stays, with its age.
fn missed(state: &mut State, call: CallId, id: &CalloutId, failure: &Failure) -> Effects {
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
fn fall_behind(state: &mut State, call: CallId, failure: &Failure, counts: bool) {
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
fn relax(state: &mut State) {
    let (now, every) = (state.now, state.settings.poll_every);
    let Some(watching) = &mut state.watching else { return };
    let rested = now.duration_since(watching.pace.changed) >= watching.interval(every);
    if watching.pace.stretch > 1.0 && rested {
        watching.pace.stretch = (watching.pace.stretch * RELAXED).max(1.0);
        watching.pace.changed = now;
    }
}

/// What was known of a callout before a reading, as far as a change of it is news.
struct Before {
    /// `None`: nothing was, so nothing is news.
    status: Option<Status>,
    soft: bool,
    duress: bool,
    /// It had been read, and not only listed.
    whole: bool,
}

impl Before {
    fn of(entry: &Entry) -> Self {
        let (status, soft, duress) = (entry.status().cloned(), entry.soft_cancelled(), entry.duress);
        Self { status, soft, duress, whole: entry.whole }
    }

    /// What is news, and whether it happened just now: what was so before anybody watched rings for nobody.
    fn news(&self, state: &State, id: &CalloutId) -> Vec<(What, bool)> {
        let entry = state.watching.as_ref().and_then(|watching| watching.entries.get(id));
        let Some(entry) = entry else { return Vec::new() };
        let Some(status) = entry.status() else { return Vec::new() };
        let mut news = Vec::new();
        match &self.status {
            None => news.push((What::Listed, false)),
            Some(before) if before != status => news.push((What::of(status), true)),
            Some(_) => {}
        }
        if entry.soft_cancelled() && !self.soft {
            news.push((What::SoftCancel, self.whole));
        }
        if entry.duress && !self.duress {
            news.push((What::Duress, self.whole));
        }
        news
    }
}
