//! The chosen callout, who is on the way, and the vehicles around, with the callsigns of the list.

use crate::app::control::model::Case;
use crate::app::control::{Pick, Room};
use crate::app::reckoning::thinned;
use crate::app::state::State;
use crate::geo::Position;
use crate::ui::panes::map::{self, Circle, Ground, Kind, Marker, Scene, Stroke};
use crate::ui::{Look, lines};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

pub(super) fn draw(state: &State, look: &Look, area: Rect, buf: &mut Buffer) {
    let room = &state.control;
    let case = room.case();
    let Some(frame) = room.frame() else {
        let text = Line::from(Span::styled("The map shows a chosen callout.", look.theme.muted));
        lines::put(buf, area.x, area.y, area.width, &text);
        return;
    };
    let place = case.and_then(Case::place);
    let on_the_way = case.filter(|case| case.attached().is_some()).map(|case| case.route.as_slice());
    let route: Vec<Position> = thinned(on_the_way.unwrap_or_default()).collect();
    let accuracy = case.and_then(|case| case.fix?.accuracy);
    let circle = place.zip(accuracy).map(|(at, metres)| Circle { at, metres, vague: false });
    let mut markers = vehicles(room);
    markers.extend(place.map(|at| Marker::of(Kind::Customer, at)));
    let scene = Scene {
        frame,
        ground: match (&state.map.base, state.map.streets) {
            (Some(layer), _) => Ground::Lines(layer),
            (None, Some(seed)) => Ground::Invented(seed),
            (None, None) => Ground::Bare,
        },
        rings: place,
        lines: &[(Stroke::Ahead, &route)],
        circles: circle.as_slice(),
        markers: &markers,
        crosshair: room.moving.map(|moving| moving.to),
    };
    map::draw(&scene, look, area, buf);
}

/// The nearest last, so that they lie on top.
fn vehicles(room: &Room) -> Vec<Marker<'_>> {
    let attached = room.case().and_then(Case::attached).and_then(|assignment| assignment.responder);
    let moved = room.moving.and_then(|moving| moving.vehicle);
    let shown = room.fleet.iter().rev().filter_map(|ranked| room.vehicles.get(ranked.index));
    shown
        .filter(|vehicle| Some(vehicle.id) != moved)
        .map(|vehicle| {
            let sent = attached == Some(vehicle.id);
            let kind = match (sent, vehicle.on) {
                // What is not fresh is drawn as an estimate.
                (true, _) if room.problem.is_some() => Kind::ResponderEstimated,
                (true, _) => Kind::Responder,
                (false, true) => Kind::Vehicle,
                (false, false) => Kind::VehicleOff,
            };
            let selected = room.pick == Pick::Vehicle(vehicle.id);
            Marker { label: vehicle.callsign.as_str(), selected, ..Marker::of(kind, vehicle.position) }
        })
        .collect()
}
