//! What the keys and the mouse mean in the control room.

use super::{Part, Pick, Spot, fleet, forms, list, poll, steps, talk};
use crate::app::Effects;
use crate::app::callout::CalloutId;
use crate::app::intent::Intent;
use crate::app::intents::rows;
use crate::app::map::Camera;
use crate::app::screen::{self, Screen};
use crate::app::state::{Dialog, State};

pub(in crate::app) fn apply(state: &mut State, intent: Intent) -> Effects {
    if matches!(state.dialog, Some(Dialog::Control(_))) {
        forms::scroll(state, rows(intent));
        return Vec::new();
    }
    if fleet::map_key(state, intent) {
        return Vec::new();
    }
    if state.control.moving.is_some() {
        return fleet::moved(state, intent);
    }
    if let Some(step) = steps::of(intent) {
        return steps::take(state, step);
    }
    match intent {
        Intent::Write => return talk::begin(state),
        Intent::CannedReply => return talk::choose(state),
        Intent::PlaceVehicle => return fleet::place(state),
        Intent::MoveVehicle => return fleet::take_up(state),
        Intent::SwitchVehicle => return fleet::switch(state),
        Intent::Refresh => return poll::refresh(state),
        Intent::NextPane | Intent::FocusRight => step_focus(state, 1),
        Intent::PreviousPane | Intent::FocusLeft => step_focus(state, Part::ALL.len() - 1),
        scrolling => {
            let focus = state.control.focus;
            scroll(state, focus, rows(scrolling));
        }
    }
    Vec::new()
}

/// Enter in the line of the chat, or while a vehicle is placed.
pub(in crate::app) fn submit(state: &mut State) -> Effects {
    if state.control.moving.is_some() {
        return fleet::put(state);
    }
    if state.control.writing { talk::submit(state) } else { Vec::new() }
}

/// Out of the line, out of moving, back to the nearest.
pub(in crate::app) fn back(state: &mut State) -> Effects {
    let room = &mut state.control;
    if room.moving.take().is_some() {
        return Vec::new();
    }
    if room.writing {
        room.writing = false;
        return Vec::new();
    }
    (room.refused, room.pick) = (None, Pick::Nearest);
    state.notice = None;
    Vec::new()
}

/// The room with this callout chosen. It may be newer than the last look, so there is one at once.
pub(in crate::app) fn open(state: &mut State, callout: CalloutId) -> Effects {
    let mut effects = screen::show(state, Screen::Control);
    let room = &mut state.control;
    if room.chosen.as_ref() != Some(&callout) {
        room.chosen = Some(callout);
        (room.pick, room.back, room.camera) = (Pick::Nearest, 0, Camera::default());
    }
    room.focus(Part::Callout);
    fleet::settle(state);
    effects.extend(poll::refresh(state));
    effects
}

/// The keys go somewhere else.
pub(in crate::app) fn leave(state: &mut State) {
    (state.control.writing, state.control.moving) = (false, None);
}

fn step_focus(state: &mut State, by: usize) {
    let at = Part::ALL.iter().position(|part| *part == state.control.focus).unwrap_or(0);
    state.control.focus(Part::ALL[(at + by) % Part::ALL.len()]);
}

fn scroll(state: &mut State, part: Part, lines: i16) {
    match part {
        Part::Callouts | Part::Callout | Part::Map => list::step(state, lines),
        Part::Vehicles => fleet::step(state, lines),
        Part::Chat => {
            let most = state.control.case().map_or(0, |case| case.comments.len().saturating_sub(1));
            let room = &mut state.control;
            room.back = room.back.saturating_add_signed(-isize::from(lines)).min(most);
        }
    }
}

pub(in crate::app) fn pressed(state: &mut State, spot: Spot) -> Effects {
    if state.dialog.is_some() {
        return Vec::new();
    }
    let index = |row: u32| usize::try_from(row).unwrap_or(usize::MAX);
    let part = part_of(spot);
    state.control.focus(part);
    if part != Part::Chat {
        state.control.writing = false;
    }
    match spot {
        Spot::Part(_) => {}
        Spot::Callout(row) => list::choose(state, index(row)),
        Spot::Fleet(row) => fleet::pick(state, index(row)),
        Spot::Map(spot) => fleet::point(state, spot),
    }
    Vec::new()
}

pub(in crate::app) fn wheeled(state: &mut State, spot: Spot, lines: i16) -> Effects {
    match spot {
        Spot::Map(spot) => fleet::zoom_at(state, spot, -lines.signum()),
        other => scroll(state, part_of(other), lines),
    }
    Vec::new()
}

fn part_of(spot: Spot) -> Part {
    match spot {
        Spot::Part(part) => part,
        Spot::Callout(_) => Part::Callouts,
        Spot::Fleet(_) => Part::Vehicles,
        Spot::Map(_) => Part::Map,
    }
}
