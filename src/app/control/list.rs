//! The order of the callouts, and the chosen one, which stays the same whatever comes and goes.

use super::model::Case;
use super::{Pick, Room, fleet};
use crate::app::map::Camera;
use crate::app::state::State;
use std::cmp::Reverse;

/// Most urgent first, then newest. Ids break ties, so that equals do not change places.
pub(super) fn sort(cases: &mut [Case]) {
    cases.sort_by_cached_key(|case| (case.urgency(), Reverse(case.times.created), case.id.clone()));
}

/// After the list changed: the chosen callout is still chosen; where it is gone, its neighbour.
/// `before` is the row that it had.
pub(super) fn settle(room: &mut Room, before: Option<usize>) {
    if room.row().is_some() {
        return;
    }
    let row = before.unwrap_or(0).min(room.cases.len().saturating_sub(1));
    room.chosen = room.cases.get(row).map(|case| case.id.clone());
    (room.pick, room.back, room.camera) = (Pick::Nearest, 0, Camera::default());
}

pub(super) fn step(state: &mut State, rows: i16) {
    let last = state.control.cases.len().saturating_sub(1);
    let row = state.control.row().unwrap_or(0).saturating_add_signed(isize::from(rows)).min(last);
    choose(state, row);
}

pub(super) fn choose(state: &mut State, row: usize) {
    let room = &mut state.control;
    let Some(case) = room.cases.get(row) else { return };
    if room.chosen.as_ref() == Some(&case.id) {
        return;
    }
    room.chosen = Some(case.id.clone());
    (room.pick, room.back, room.camera) = (Pick::Nearest, 0, Camera::default());
    (room.writing, room.moving) = (false, None);
    fleet::settle(state);
}
