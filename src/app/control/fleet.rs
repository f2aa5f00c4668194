//! Vehicles and companies: who is how near, who is to be sent, and where a vehicle is put.

use super::model::{Case, Vehicle};
use super::{Asked, Moving, Order, Part, Pick, Room, poll};
use crate::app::Effects;
use crate::app::intent::Intent;
use crate::app::map;
use crate::app::state::{State, Tone};
use crate::geo::Position;
use crate::geo::view::{Frame, Spot};
use crate::text::DisplayText;
use serde::{Deserialize, Serialize};

/// Metres by which a way that was told may be longer than it can be now.
const TOLERANCE_M: f64 = 100.0;
/// Where a new vehicle appears: this far from the callout, one to each side in turn.
const BESIDE_M: f64 = 400.0;
/// A way by road is about so much longer than the crow flies, and this is how fast it is driven in a
/// town. For vehicles of which the simulator has not told the way.
const DETOUR: f64 = 1.3;
const METRES_PER_SECOND: f64 = 12.5;

/// Vehicles farther away do not make the map larger: it would be one of the country.
const AROUND_M: f64 = 6_000.0;
/// Metres to each side that the map shows at least.
const SMALLEST_M: f64 = 60.0;

/// How near a vehicle is to the chosen callout.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ranked {
    /// Its place among [`Room::vehicles`].
    pub index: usize,
    /// `None` without a chosen callout.
    pub metres: Option<f64>,
    pub seconds: Option<f64>,
    /// The simulator told the way; else the distance is the crow's, and the time a guess by it.
    pub by_road: bool,
}

/// After vehicles or the chosen callout changed.
pub(super) fn settle(state: &mut State) {
    let room = &mut state.control;
    room.fleet = ranking(room);
    let is_here = |id| room.vehicles.iter().any(|vehicle: &Vehicle| vehicle.id == id);
    let gone = match room.pick {
        Pick::Nearest => false,
        Pick::Vehicle(id) => !is_here(id),
        Pick::Company(id) => !room.companies.iter().any(|company| company.id == id),
    };
    if gone {
        room.pick = Pick::Nearest;
    }
    let id = room.moving.and_then(|moving| moving.vehicle);
    let taken = id.is_some_and(|id| {
        room.vehicles.iter().find(|vehicle| vehicle.id == id).is_none_or(|vehicle| vehicle.callout.is_some())
    });
    if taken {
        room.moving = None;
    }
    room.fit();
    if taken {
        state.tell(Tone::Warning, "the vehicle was sent to a callout: it is not moved");
    }
}

/// Those on the chosen callout first, then those who could go, by distance; last who cannot.
fn ranking(room: &Room) -> Vec<Ranked> {
    let case = room.case();
    let mut ranked: Vec<(u8, Ranked)> = room
        .vehicles
        .iter()
        .enumerate()
        .map(|(index, vehicle)| {
            let on_it = case.is_some_and(|case| vehicle.callout.as_ref() == Some(&case.id));
            let class = match (on_it, vehicle.on, &vehicle.callout) {
                (true, ..) => 0,
                (_, true, None) => 1,
                (_, true, Some(_)) => 2,
                (_, false, _) => 3,
            };
            (class, nearness(room, index, vehicle))
        })
        .collect();
    let metres = |ranked: &Ranked| ranked.metres.unwrap_or(0.0);
    ranked.sort_by(|(class, a), (other, b)| class.cmp(other).then(metres(a).total_cmp(&metres(b))));
    ranked.into_iter().map(|(_, ranked)| ranked).collect()
}

fn nearness(room: &Room, index: usize, vehicle: &Vehicle) -> Ranked {
    let none = Ranked { index, metres: None, seconds: None, by_road: false };
    let Some((case, place)) = room.case().and_then(|case| Some((case, case.place()?))) else { return none };
    let attached = case.attached().is_some_and(|assignment| assignment.responder == Some(vehicle.id));
    if let Some(eta) = case.eta.filter(|_| attached) {
        return Ranked { metres: eta.distance_m, seconds: eta.duration_s, by_road: true, ..none };
    }
    let told = case.candidates.iter().find(|candidate| candidate.responder == vehicle.id);
    let crow = vehicle.position.distance_to(place);
    // What was found when it was rung is no longer true of one that was moved since.
    if let Some(told) =
        told.filter(|told| told.distance_m >= crow && told.distance_m <= crow * 4.0 + TOLERANCE_M)
    {
        let (metres, seconds) = (Some(told.distance_m), Some(told.duration_s));
        return Ranked { metres, seconds, by_road: true, ..none };
    }
    Ranked { metres: Some(crow), seconds: Some(crow * DETOUR / METRES_PER_SECOND), ..none }
}

impl Room {
    /// What its map shows. `None` while there is nothing to show.
    pub fn frame(&self) -> Option<Frame> {
        let wanted = self.in_sight()?;
        Some(self.camera.shown(|| wanted))
    }

    pub(super) fn fit(&mut self) {
        if let Some(wanted) = self.in_sight() {
            self.camera.fit_all(wanted);
        }
    }

    /// The callout with the way to it; while nobody is on the way, with the vehicles around it.
    fn in_sight(&self) -> Option<Frame> {
        let case = self.case();
        let moved = self.moving.map(|moving| moving.to);
        let place = case.and_then(Case::place).or(moved)?;
        let attached = case.and_then(Case::attached).and_then(|assignment| assignment.responder);
        let wanted = |vehicle: &&Vehicle| match attached {
            Some(id) => vehicle.id == id,
            None => vehicle.position.distance_to(place) <= AROUND_M,
        };
        let vehicles = self.vehicles.iter().filter(wanted).map(|vehicle| vehicle.position);
        Some(Frame::holding(place, SMALLEST_M, vehicles.chain(moved)))
    }

    /// Rows of the list: the nearest, the vehicles, the companies.
    pub fn fleet_rows(&self) -> usize {
        1 + self.fleet.len() + self.companies.len()
    }

    pub fn pick_at(&self, row: usize) -> Pick {
        let Some(row) = row.checked_sub(1) else { return Pick::Nearest };
        let vehicle = self.fleet.get(row).and_then(|ranked| self.vehicles.get(ranked.index));
        let company = row.checked_sub(self.fleet.len()).and_then(|row| self.companies.get(row));
        let vehicle = vehicle.map(|vehicle| Pick::Vehicle(vehicle.id));
        vehicle.or(company.map(|company| Pick::Company(company.id))).unwrap_or_default()
    }

    pub fn pick_row(&self) -> usize {
        (0..self.fleet_rows()).find(|row| self.pick_at(*row) == self.pick).unwrap_or(0)
    }

    pub fn picked(&self) -> Option<&Vehicle> {
        let Pick::Vehicle(id) = self.pick else { return None };
        self.vehicles.iter().find(|vehicle| vehicle.id == id)
    }
}

pub(super) fn step(state: &mut State, rows: i16) {
    let last = state.control.fleet_rows() - 1;
    let row = state.control.pick_row().saturating_add_signed(isize::from(rows)).min(last);
    pick(state, row);
}

pub(super) fn pick(state: &mut State, row: usize) {
    let room = &mut state.control;
    room.pick = room.pick_at(row);
}

/// A new vehicle, beside the chosen callout; it is placed when the person has put it where it belongs.
pub(super) fn place(state: &mut State) -> Effects {
    if !state.may_control() {
        return Vec::new();
    }
    let room = &mut state.control;
    let around = room.case().and_then(Case::place);
    let sides = u32::try_from(room.vehicles.len() % 4).unwrap_or(0);
    let bearing = 45.0 + 90.0 * f64::from(sides);
    let to = around.map_or(state.settings.start, |place| place.towards(bearing, BESIDE_M));
    room.moving = Some(Moving { vehicle: None, to });
    room.fit();
    Vec::new()
}

pub(super) fn take_up(state: &mut State) -> Effects {
    if !state.may_control() {
        return Vec::new();
    }
    match free(state) {
        Ok((id, position)) => state.control.moving = Some(Moving { vehicle: Some(id), to: position }),
        Err(why) => state.tell(Tone::Warning, why),
    }
    Vec::new()
}

fn free(state: &State) -> Result<(u64, Position), &'static str> {
    let vehicle = state.control.picked().ok_or("choose a vehicle first: tab goes to the list")?;
    if vehicle.callout.is_some() {
        return Err("it is on a callout: it cannot be moved now");
    }
    Ok((vehicle.id, vehicle.position))
}

pub(super) fn switch(state: &mut State) -> Effects {
    if !state.may_control() {
        return Vec::new();
    }
    let Some((vehicle, on)) = state.control.picked().map(|vehicle| (vehicle.id, !vehicle.on)) else {
        state.tell(Tone::Warning, "choose a vehicle first: tab goes to the list");
        return Vec::new();
    };
    vec![poll::send(state, Asked::Fleet, Order::Switch { vehicle, on })]
}

/// The arrow keys while a vehicle is being placed.
pub(super) fn moved(state: &mut State, intent: Intent) -> Effects {
    let room = &mut state.control;
    let (Some(moving), Some(shown)) = (room.moving, room.frame()) else { return Vec::new() };
    let Some(to) = map::nudged(moving.to, shown, intent) else { return Vec::new() };
    room.moving = Some(Moving { to, ..moving });
    room.camera.go_along(shown, to);
    room.fit();
    Vec::new()
}

/// The keys of the map. Tells whether it was one.
pub(super) fn map_key(state: &mut State, intent: Intent) -> bool {
    let room = &mut state.control;
    let put = room.moving.map(|moving| moving.to);
    let taken = room.frame().is_some_and(|shown| room.camera.key(shown, put, intent));
    if taken {
        room.fit();
    }
    taken
}

/// While a vehicle is placed, a click is where; else it takes hold of the map.
pub(super) fn point(state: &mut State, spot: Spot) {
    let room = &mut state.control;
    let Some(shown) = room.frame() else { return };
    match &mut room.moving {
        Some(moving) => moving.to = spot.place(&shown),
        None => room.camera.grab(shown, spot),
    }
}

pub(in crate::app) fn drag(state: &mut State, spot: Spot) {
    let room = &mut state.control;
    let Some(shown) = room.frame() else { return };
    match &mut room.moving {
        Some(moving) => moving.to = spot.place(&shown),
        None => _ = room.camera.drag(shown, spot),
    }
}

pub(super) fn zoom_at(state: &mut State, spot: Spot, steps: i16) {
    let room = &mut state.control;
    if let Some(shown) = room.frame() {
        room.camera.approach_at(shown, spot, steps);
    }
}

pub(super) fn put(state: &mut State) -> Effects {
    let Some(Moving { vehicle, to }) = state.control.moving.take() else { return Vec::new() };
    let order = match vehicle {
        Some(vehicle) => {
            // At once, so that it does not jump back until the next look.
            if let Some(known) = state.control.vehicles.iter_mut().find(|known| known.id == vehicle) {
                known.position = to;
            }
            settle(state);
            Order::Move { vehicle, to }
        }
        None => new_vehicle(state, to),
    };
    state.control.focus(Part::Vehicles);
    vec![poll::send(state, Asked::Fleet, order)]
}

/// It answers what the chosen callout is: a demo, or not.
fn new_vehicle(state: &State, at: Position) -> Order {
    let room = &state.control;
    let demo = room.case().is_none_or(Case::is_demo);
    let taken = |number: &usize| {
        let callsign = format!("PC-{number}");
        room.vehicles.iter().any(|vehicle| vehicle.callsign.as_str() == callsign)
    };
    // One number more than there are vehicles: one of them is free.
    let number = (1..=room.vehicles.len() + 1).find(|number| !taken(number)).unwrap_or(1);
    let text = |text: String| DisplayText::from(text);
    Order::Place { name: text(format!("Vehicle {number}")), callsign: text(format!("PC-{number}")), demo, at }
}
