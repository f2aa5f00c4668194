//! What the keys and the mouse do while callouts are watched.

use super::{list, poll, readings};
use crate::app::action::Effect;
use crate::app::draft::Draft;
use crate::app::intent::Intent;
use crate::app::state::{Pane, State, Tone};
use crate::app::{Effects, intents};

const PAGE: i16 = 10;

pub(in crate::app) fn apply(state: &mut State, intent: Intent) -> Effects {
    let Some(watching) = &mut state.watching else { return Vec::new() };
    let in_list = watching.focused;
    watching.touched |= intent != Intent::Refresh;
    match intent {
        Intent::NextCallout => step(state, 1),
        Intent::PreviousCallout => step(state, -1),
        Intent::Dismiss => list::dismiss(state),
        Intent::DismissClosed => list::dismiss_closed(state),
        Intent::Undo => list::undo(state),
        Intent::Refresh => poll::refresh(state),
        Intent::Find => find(state),
        Intent::Open => {
            focus(state, !in_list);
            Vec::new()
        }
        Intent::NextPane | Intent::FocusRight => turn(state, 1),
        Intent::PreviousPane | Intent::FocusLeft => turn(state, Pane::ALL.len()),
        Intent::ScrollUp
        | Intent::ScrollDown
        | Intent::PageUp
        | Intent::PageDown
        | Intent::ScrollToStart
        | Intent::ScrollToEnd => scroll(state, intent),
        of_map if (Intent::PanLeft..=Intent::ResetMap).contains(&of_map) => intents::on_map(state, of_map),
        _ => {
            state.tell(Tone::Info, "watching only looks: nothing is done from here");
            Vec::new()
        }
    }
}

fn step(state: &mut State, rows: i16) -> Effects {
    list::step(state, rows);
    poll::due(state)
}

fn scroll(state: &mut State, intent: Intent) -> Effects {
    let rows = match intent {
        Intent::ScrollUp => -1,
        Intent::ScrollDown => 1,
        Intent::PageUp => -PAGE,
        Intent::PageDown => PAGE,
        Intent::ScrollToStart => i16::MIN,
        _ => i16::MAX,
    };
    if state.watching.as_ref().is_some_and(|watching| watching.focused) {
        return step(state, rows);
    }
    let pane = state.focus;
    let effects = intents::wheel(state, pane, rows);
    seen_chat(state);
    effects
}

/// List, then the panes in their order, and around.
fn turn(state: &mut State, by: usize) -> Effects {
    let Some(watching) = &mut state.watching else { return Vec::new() };
    let count = Pane::ALL.len() + 1;
    let at = Pane::ALL.iter().position(|pane| *pane == state.focus).map_or(0, |at| at + 1);
    let at = if watching.focused { 0 } else { at };
    match (at + by) % count {
        0 => focus(state, true),
        pane => {
            focus(state, false);
            let _ = intents::focus(state, Pane::ALL[pane - 1]);
            seen_chat(state);
        }
    }
    Vec::new()
}

/// The list has the keys, or the panes have.
fn focus(state: &mut State, list: bool) {
    if let Some(watching) = &mut state.watching {
        watching.focused = list;
        watching.typing = false;
    }
    list::resized(state);
}

fn seen_chat(state: &mut State) {
    if state.focus == Pane::Chat && state.chat.scroll == 0 {
        readings::looked_at(state);
    }
}

fn find(state: &mut State) -> Effects {
    focus(state, true);
    if let Some(watching) = &mut state.watching {
        watching.typing = true;
    }
    list::resized(state);
    Vec::new()
}

/// The input line that has the keys.
pub(in crate::app) fn line(state: &mut State) -> Option<&mut Draft> {
    let watching = state.watching.as_mut()?;
    watching.typing.then_some(&mut watching.filter)
}

/// The list follows each character of the filter.
pub(in crate::app) fn edited(state: &mut State) {
    if state.watching.as_ref().is_some_and(|watching| watching.typing) {
        list::sort(state);
    }
}

pub(in crate::app) fn submit(state: &mut State) -> Effects {
    if let Some(watching) = &mut state.watching {
        watching.typing = false;
    }
    list::resized(state);
    Vec::new()
}

/// Out of the filter, then without it, then to the list.
pub(in crate::app) fn back(state: &mut State) -> Effects {
    let Some(watching) = &mut state.watching else { return Vec::new() };
    if watching.typing || (watching.focused && watching.shows_filter()) {
        watching.typing = false;
        watching.filter.take();
        list::sort(state);
    } else if watching.focused {
        state.notice = None;
    } else {
        focus(state, true);
    }
    Vec::new()
}

/// The mouse on a row; without one, on the list.
pub(in crate::app) fn pressed(state: &mut State, row: Option<u32>) -> Vec<Effect> {
    touch(state);
    focus(state, true);
    if let Some(row) = row {
        list::choose_row(state, usize::try_from(row).unwrap_or(usize::MAX));
    }
    poll::due(state)
}

pub(in crate::app) fn wheeled(state: &mut State, lines: i16) -> Vec<Effect> {
    touch(state);
    list::wheel(state, lines);
    poll::due(state)
}

/// A pane was pointed at: it has the keys.
pub(in crate::app) fn panes(state: &mut State) {
    touch(state);
    focus(state, false);
}

fn touch(state: &mut State) {
    if let Some(watching) = &mut state.watching {
        watching.touched = true;
    }
}
