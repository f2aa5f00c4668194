//! The order of the list, the chosen row, the filter, and what was dismissed.

use super::{Entry, MOST_CLOSED, MOST_UNDONE, Urgency, Watching, place, poll};
use crate::app::Effects;
use crate::app::callout::CalloutId;
use crate::app::state::{State, Tone, Watch};
use crate::app::{chat, map};

/// An entry changed: it goes where it belongs now.
pub(super) fn placed(state: &mut State, id: &CalloutId) {
    let row = screen_row(state);
    let Some(watching) = &mut state.watching else { return };
    let Some(entry) = watching.entries.get(id) else { return };
    let (rank, fits) = (entry.ranked(), fits(&watching.filter.value().to_lowercase(), entry));
    let old = entry.rank.clone();
    let found = watching.order.binary_search_by(|other| watching.rank_of(other).cmp(&Some(&old)));
    if let Ok(index) = found {
        if old == rank && fits {
            return;
        }
        watching.order.remove(index);
    }
    watching.counts[old.urgency as usize] -= 1;
    watching.counts[rank.urgency as usize] += 1;
    if let Some(entry) = watching.entries.get_mut(id) {
        entry.rank = rank.clone();
    }
    if fits && let Err(index) = watching.order.binary_search_by(|o| watching.rank_of(o).cmp(&Some(&rank))) {
        watching.order.insert(index, id.clone());
    }
    keep_row(state, row);
}

/// Many changed, or the filter did: the order is made anew.
pub(super) fn sort(state: &mut State) {
    let row = screen_row(state);
    let Some(watching) = &mut state.watching else { return };
    watching.counts = [0; 7];
    for entry in watching.entries.values_mut() {
        entry.rank = entry.ranked();
        watching.counts[entry.rank.urgency as usize] += 1;
    }
    let typed = watching.filter.value().to_lowercase();
    let mut listed: Vec<&Entry> = watching.entries.values().filter(|entry| fits(&typed, entry)).collect();
    listed.sort_unstable_by(|one, other| one.rank.cmp(&other.rank));
    watching.order = listed.into_iter().map(|entry| entry.id.clone()).collect();
    keep_row(state, row);
}

/// All the words, each somewhere in what the row shows.
fn fits(typed: &str, entry: &Entry) -> bool {
    typed.split_whitespace().all(|word| {
        let says = |text: &str| text.to_lowercase().contains(word);
        let of_callout = entry.seen.as_ref().is_some_and(|seen| {
            let callout = &seen.callout;
            says(callout.status.as_str())
                || says(callout.customer_name.as_str())
                || callout
                    .responder
                    .as_ref()
                    .is_some_and(|r| says(r.name.as_str()) || says(r.callsign.as_str()))
                || callout.supplier.as_ref().is_some_and(|supplier| says(supplier.name.as_str()))
        });
        of_callout
            || says(entry.id.as_str())
            || (entry.duress && says("duress"))
            || (entry.soft_cancelled() && says("soft cancel"))
            || (entry.unread > 0 && says("new"))
    })
}

/// The row of the screen on which the chosen one is.
fn screen_row(state: &State) -> usize {
    state
        .watching
        .as_ref()
        .map_or(0, |watching| watching.row().unwrap_or(watching.top).saturating_sub(watching.top))
}

/// What is chosen stays on that row of the screen, as far as the list's ends allow.
fn keep_row(state: &mut State, row: usize) {
    let Some(watching) = &state.watching else { return };
    let rows = place::rows(state, watching);
    if let Some(first) = watching.order.first().filter(|_| !watching.touched) {
        let first = first.clone();
        choose(state, Some(first));
    }
    let Some(watching) = &mut state.watching else { return };
    let row = if watching.touched { row } else { 0 };
    let at = watching.row();
    if let Some(at) = at {
        watching.top = at.saturating_sub(row.min(rows - 1));
    }
    watching.top = watching.top.min(watching.order.len().saturating_sub(rows));
    if at.is_none() && !watching.order.is_empty() {
        // It was filtered away or is gone: who stands there now.
        let index = (watching.top + row).min(watching.order.len() - 1);
        let id = watching.order.get(index).cloned();
        choose(state, id);
    } else if watching.order.is_empty() && watching.entries.is_empty() {
        choose(state, None);
    }
}

/// The window has another size: the chosen row stays in it.
pub(in crate::app) fn resized(state: &mut State) {
    let row = screen_row(state);
    keep_row(state, row);
}

pub(super) fn step(state: &mut State, rows: i16) {
    let Some(watching) = &state.watching else { return };
    let row = watching.row().unwrap_or(0).saturating_add_signed(isize::from(rows));
    choose_row(state, row);
}

/// Chooses by place; the window goes along only as far as it must.
pub(super) fn choose_row(state: &mut State, row: usize) {
    let Some(watching) = &state.watching else { return };
    let Some(last) = watching.order.len().checked_sub(1) else { return };
    let (row, rows) = (row.min(last), place::rows(state, watching));
    let id = watching.order.get(row).cloned();
    if let Some(watching) = &mut state.watching {
        watching.top = watching.top.min(row).max((row + 1).saturating_sub(rows));
    }
    choose(state, id);
}

/// The window moves; what is chosen goes along only as far as it must to stay in it.
pub(super) fn wheel(state: &mut State, lines: i16) {
    let Some(watching) = &state.watching else { return };
    let (count, rows) = (watching.order.len(), place::rows(state, watching));
    let top = watching.top.saturating_add_signed(isize::from(lines)).min(count.saturating_sub(rows));
    let row = watching.row().unwrap_or(0).clamp(top, (top + rows).min(count.max(1)) - 1);
    if let Some(watching) = &mut state.watching {
        watching.top = top;
    }
    choose_row(state, row);
}

/// In front of the person from here on: what is known at once, route and chat with its next reading.
pub(super) fn choose(state: &mut State, id: Option<CalloutId>) {
    let Some(watching) = &mut state.watching else { return };
    if watching.chosen == id && (id.is_some() || matches!(state.watch, Watch::Idle)) {
        return;
    }
    watching.chosen = id;
    watching.whole = false;
    chat::clear(state);
    show(state);
    map::reset(state);
    poll::hurry(state);
}

/// Puts what the list knows of the chosen one into the panes.
pub(super) fn show(state: &mut State) {
    let Some(watching) = &state.watching else { return };
    let Some(entry) = watching.entry() else {
        let asked = watching.named || watching.pace.listed;
        state.watch = if asked { Watch::Idle } else { Watch::Looking };
        return;
    };
    let next = entry.next;
    let missed = entry.missed;
    state.watch = match (&entry.seen, &entry.ended) {
        (None, _) => Watch::Looking,
        (Some(seen), None) => Watch::Live(Box::new(seen.clone())),
        (Some(seen), Some(why)) => Watch::Ended { followed: Box::new(seen.clone()), why: why.clone() },
    };
    state.link.next_poll = next;
    state.link.missed = state.link.missed.max(missed);
    stand_there(state);
}

/// The customer's place on the map is the callout's, as the control room last heard it.
pub(super) fn stand_there(state: &mut State) {
    let Some(callout) = state.followed().map(|followed| &followed.callout) else { return };
    let responder = callout.responder.as_ref().and_then(|responder| responder.last_fix);
    let Some(fix) = callout.location.or(responder) else { return };
    state.own.fix = fix;
    state.own.place = fix.position;
}

/// `x`: out of the list, if it is over.
pub(super) fn dismiss(state: &mut State) -> Effects {
    let Some(watching) = &state.watching else { return Vec::new() };
    let Some(entry) = watching.entry() else { return Vec::new() };
    if entry.ended.is_none() {
        state.tell(Tone::Info, "still active: only what is over can be dismissed");
        return Vec::new();
    }
    let id = entry.id.clone();
    take_out(state, &[id]);
    state.tell(Tone::Info, "dismissed: undo brings it back");
    Vec::new()
}

/// `X`: all that are over.
pub(super) fn dismiss_closed(state: &mut State) -> Effects {
    let Some(watching) = &state.watching else { return Vec::new() };
    let over = watching.entries.values().filter(|entry| entry.ended.is_some());
    let ids: Vec<CalloutId> = over.map(|entry| entry.id.clone()).collect();
    let told = match ids.len() {
        0 => "nothing is over: there is nothing to dismiss".to_owned(),
        1 => "1 dismissed: undo brings it back".to_owned(),
        many => format!("{many} dismissed: undo brings them back"),
    };
    if !ids.is_empty() {
        take_out(state, &ids);
    }
    state.tell(Tone::Info, &told);
    Vec::new()
}

fn take_out(state: &mut State, ids: &[CalloutId]) {
    let row = screen_row(state);
    let Some(watching) = &mut state.watching else { return };
    let level: Vec<Entry> = ids.iter().filter_map(|id| watching.entries.remove(id)).collect();
    watching.pace.closed -= level.len();
    watching.counts[Urgency::Over as usize] -= level.len();
    let entries = &watching.entries;
    watching.order.retain(|id| entries.contains_key(id));
    watching.dismissed.push_back(level);
    // What is oldest cannot be undone any more.
    while watching.dismissed.len() > MOST_UNDONE
        || watching.dismissed.iter().map(Vec::len).sum::<usize>() > 2 * MOST_CLOSED
    {
        watching.dismissed.pop_front();
    }
    keep_row(state, row);
}

/// `U`: what was dismissed last is back, and chosen.
pub(super) fn undo(state: &mut State) -> Effects {
    let Some(watching) = &mut state.watching else { return Vec::new() };
    let Some(level) = watching.dismissed.pop_back() else {
        state.tell(Tone::Info, "nothing was dismissed");
        return Vec::new();
    };
    let told = match level.len() {
        1 => "1 is back".to_owned(),
        many => format!("{many} are back"),
    };
    let first = level.first().map(|entry| entry.id.clone());
    watching.pace.closed += level.len();
    watching.entries.extend(level.into_iter().map(|entry| (entry.id.clone(), entry)));
    sort(state);
    let listed = state.watching.as_ref().is_some_and(|watching| {
        first.as_ref().and_then(|id| watching.rank_of(id)).is_some_and(|rank| {
            watching.order.binary_search_by(|other| watching.rank_of(other).cmp(&Some(rank))).is_ok()
        })
    });
    if listed {
        choose(state, first);
        in_sight(state);
    }
    state.tell(Tone::Info, &told);
    Vec::new()
}

fn in_sight(state: &mut State) {
    if let Some(row) = state.watching.as_ref().and_then(|watching| watching.row()) {
        choose_row(state, row);
    }
}

/// Of more than are kept, those that have been over for longest go.
pub(super) fn forget_the_oldest(watching: &mut Watching) -> bool {
    if watching.pace.closed <= MOST_CLOSED {
        return false;
    }
    let over = watching.entries.values().filter(|entry| entry.ended.is_some());
    let chosen = watching.chosen.as_ref();
    let oldest = over.filter(|entry| chosen != Some(&entry.id)).max_by_key(|entry| entry.ranked().time);
    let Some(id) = oldest.map(|entry| entry.id.clone()) else { return false };
    watching.entries.remove(&id);
    watching.order.retain(|other| *other != id);
    watching.pace.closed -= 1;
    watching.counts[Urgency::Over as usize] -= 1;
    true
}
