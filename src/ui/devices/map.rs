//! Where the chosen device is, with those around it, and where it is being moved.

use crate::app::devices::Whence;
use crate::app::state::State;
use crate::ui::Look;
use crate::ui::panes::map::{self, Ground, Kind, Marker, Scene};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

pub(super) fn draw(state: &State, look: &Look, area: Rect, buf: &mut Buffer) {
    let (Some(device), Some(frame)) = (state.devices.device(), state.devices_frame()) else { return };
    let (place, whence) = state.place_of(device);
    let told = state.devices.places.get(&device.id).copied().or(device.place);
    let others = state.devices.around.iter();
    let mut markers: Vec<Marker<'_>> =
        others.map(|(id, at)| Marker { label: id.as_str(), ..Marker::of(Kind::Supplier, *at) }).collect();
    let kind = if whence == Whence::Told { Kind::Customer } else { Kind::CustomerLastKnown };
    let at = if whence == Whence::Moving { told.unwrap_or(state.own.fix.position) } else { place };
    markers.push(Marker { label: device.id.as_str(), selected: true, ..Marker::of(kind, at) });
    let scene = Scene {
        frame,
        ground: match (&state.map.base, state.map.streets) {
            (Some(layer), _) => Ground::Lines(layer),
            (None, Some(seed)) => Ground::Invented(seed),
            (None, None) => Ground::Bare,
        },
        rings: Some(at),
        lines: &[],
        circles: &[],
        markers: &markers,
        crosshair: state.devices.shifting,
    };
    map::draw(&scene, look, area, buf);
}
