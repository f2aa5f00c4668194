//! What a reading or a list changes: of its entry, of the order, and of the panes if it is the chosen one.

use super::news::{self, What};
use super::poll::{due, fall_behind, missed, relax, spread};
use super::{Entry, MOST, Watching, list};
use crate::app::action::{Answer, CallId, Failure, FailureKind, Outcome};
use crate::app::callout::{Callout, CalloutId, Comment, Role, Status};
use crate::app::state::{Ending, Pane, State, Watch};
use crate::app::{Effects, calls, chat, follow};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Of what a list shows to have changed, so many are read before their turn.
const HURRIED: usize = 16;
/// Statuses that are kept of a callout.
const HISTORY: usize = 32;

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
