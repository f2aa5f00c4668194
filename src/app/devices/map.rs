//! What the map beside a device shows: the device, and those around it. It stands still while the chosen
//! one is well inside.

use super::Devices;
use crate::app::intent::Intent;
use crate::app::map::Camera;
use crate::app::state::State;
use crate::geo::Position;
use crate::geo::view::{Frame, Spot};
use crate::text::DisplayText;

/// Devices farther away do not make the map larger.
const AROUND_M: f64 = 2_000.0;
/// Metres to each side that the map shows at least.
const SMALLEST_M: f64 = 400.0;

/// Others that are drawn; more would hide the ground.
const MOST_AROUND: usize = 50;

/// After the devices, the choice or a place changed.
pub(super) fn fit(state: &mut State) {
    let Some(device) = state.devices.device() else {
        state.devices.around.clear();
        return;
    };
    let (place, _) = state.place_of(device);
    let others = state.devices.list.iter().filter(|other| other.key != device.key);
    let around: Vec<(DisplayText, Position)> = others
        .filter_map(|other| Some((other, other.place?)))
        .filter(|(_, other)| other.distance_to(place) <= AROUND_M)
        .take(MOST_AROUND)
        .map(|(other, at)| (other.id.clone(), at))
        .collect();
    let wanted = Frame::holding(place, SMALLEST_M, around.iter().map(|(_, at)| *at));
    state.devices.camera.fit_all(wanted);
    state.devices.around = around;
}

/// Another device is another map.
pub(super) fn begin(devices: &mut Devices) {
    devices.camera = Camera::default();
}

/// The keys of the map. Tells whether it was one.
pub(super) fn key(state: &mut State, intent: Intent) -> bool {
    let Some(shown) = state.devices_frame() else { return false };
    let taken = state.devices.camera.key(shown, state.devices.shifting, intent);
    if taken {
        fit(state);
    }
    taken
}

/// The device that is being moved goes here; a map that was moved by hand goes with it.
pub(super) fn put(state: &mut State, there: Position) {
    let rounded = |degrees: f64| (degrees * 1e6).round() / 1e6;
    // As exact as a message tells it, so that what is shown is what goes out.
    let Some(there) = Position::new(rounded(there.latitude()), rounded(there.longitude())) else { return };
    let shown = state.devices_frame();
    state.devices.shifting = Some(there);
    if let Some(shown) = shown {
        state.devices.camera.go_along(shown, there);
    }
    fit(state);
}

/// While a device is moved, a click is where; else it takes hold of the map.
pub(super) fn point(state: &mut State, spot: Spot) {
    let Some(shown) = state.devices_frame() else { return };
    if state.devices.shifting.is_some() {
        put(state, spot.place(&shown));
    } else {
        state.devices.camera.grab(shown, spot);
    }
}

pub(in crate::app) fn drag(state: &mut State, spot: Spot) {
    let Some(shown) = state.devices_frame() else { return };
    if state.devices.shifting.is_some() {
        put(state, spot.place(&shown));
    } else {
        state.devices.camera.drag(shown, spot);
    }
}

pub(super) fn zoom_at(state: &mut State, spot: Spot, steps: i16) {
    if let Some(shown) = state.devices_frame() {
        state.devices.camera.approach_at(shown, spot, steps);
    }
}

impl State {
    /// What the devices' map shows. `None` without a device.
    pub fn devices_frame(&self) -> Option<Frame> {
        let (place, _) = self.place_of(self.devices.device()?);
        Some(self.devices.camera.shown(|| Frame::holding(place, SMALLEST_M, [])))
    }
}
