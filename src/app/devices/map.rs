//! What the map beside a device shows: the device, and those around it. It stands still while the chosen
//! one is well inside.

use super::Devices;
use super::model::Device;
use crate::app::map::Camera;
use crate::app::state::State;
use crate::geo::view::Frame;

/// Devices farther away do not make the map larger.
const AROUND_M: f64 = 2_000.0;
/// Metres to each side that the map shows at least.
const SMALLEST_M: f64 = 400.0;

/// After the devices, the choice or a place changed.
pub(super) fn fit(state: &mut State) {
    if let Some(wanted) = in_sight(state) {
        state.devices.camera.fit_all(wanted);
    }
}

/// Another device is another map.
pub(super) fn begin(devices: &mut Devices) {
    devices.camera = Camera::default();
}

fn in_sight(state: &State) -> Option<Frame> {
    let device = state.devices.device()?;
    let (place, _) = state.place_of(device);
    let others = state.devices.list.iter().filter(|other| other.key != device.key);
    let near = others.filter_map(|other| other.place).filter(|other| other.distance_to(place) <= AROUND_M);
    Some(Frame::holding(place, SMALLEST_M, near))
}

impl State {
    /// What the devices' map shows. `None` without a device.
    pub fn devices_frame(&self) -> Option<Frame> {
        let wanted = in_sight(self)?;
        Some(self.devices.camera.shown(|| wanted))
    }

    /// The other devices that said where they are.
    pub fn other_devices(&self) -> impl Iterator<Item = &Device> {
        let chosen = self.devices.chosen.as_ref();
        self.devices.list.iter().filter(move |device| Some(&device.key) != chosen && device.place.is_some())
    }
}
