//! Who goes to a callout: which vehicles serve it, who of them is in range and free, and when the
//! simulator adds one of its own.
//!
//! Real and demo vehicles never answer each other's callouts (reference §6.10). But a world in which
//! nobody has placed a vehicle must answer too, so the simulator places stand-ins there. They are demo
//! vehicles that also serve every other callout, as long as no vehicle of somebody's own does.

use super::World;
use super::event::{Change, Event, Happened};
use super::id::{CalloutId, Ids, ResponderId, SupplierId};
use super::index::{CELL_DEGREES, cell_of};
use super::record::{CalloutRecord, ResponderRecord, ResponseType, Service, VehicleKind};
use super::standin::StandIn;
use super::steps::candidate;
use super::trouble::Trouble;
use crate::geo::Position;
use crate::sim::scenario::{MOST_VEHICLES, Scenario};
use crate::sim::world::drive::Route;
use jiff::Timestamp;

/// How far away a responder may be to be rung, as the crow flies.
const RANGE_M: f64 = 5_000.0;
/// How many of the nearest are asked; it bounds the searches for routes as well.
const MOST_CANDIDATES: usize = 4;
const METRES_PER_DEGREE: f64 = 111_195.0;

/// The response type that only demo vehicles answer.
const DEMO_RESPONSE_TYPE: i64 = 3;

/// What kind of vehicle a callout is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wanted {
    demo: bool,
    /// `None`: any.
    response_type: Option<ResponseType>,
}

impl Wanted {
    fn by(record: &CalloutRecord) -> Self {
        Self {
            demo: record.internal_test || record.response_type_id == DEMO_RESPONSE_TYPE,
            response_type: ResponseType::of(record.response_type_id),
        }
    }

    fn serves(self, service: &Service) -> bool {
        let kind = match service.kind {
            VehicleKind::Own => !self.demo,
            VehicleKind::Demo => self.demo,
            VehicleKind::StandIn => true,
        };
        kind && self.response_type.is_none_or(|wanted| service.response_types.contains(&wanted))
    }
}

/// Who is sent: somebody who is here, or a stand-in with the events that make it.
pub(super) struct Sent {
    pub responder: ResponderId,
    pub supplier: SupplierId,
    pub route: Route,
    pub made: Vec<Happened>,
}

impl World {
    /// Responders within range, nearest first, as the crow flies.
    fn in_range(&self, place: Position) -> Vec<&ResponderRecord> {
        let north = RANGE_M / METRES_PER_DEGREE;
        let east = north / place.latitude().to_radians().cos().max(0.05);
        let (south_row, west) = cell_of(place.latitude() - north, place.longitude() - east);
        let (north_row, last) = cell_of(place.latitude() + north, place.longitude() + east);
        let around = cell_of(0.0, 360.0 + CELL_DEGREES / 2.0).1;
        let first_column = cell_of(0.0, -180.0).1;
        let columns = (west..=last).map(|column| (column - first_column).rem_euclid(around) + first_column);
        let cells = columns.flat_map(|column| (south_row..=north_row).map(move |row| (row, column)));
        let mut found: Vec<_> = cells
            .flat_map(|cell| self.index.responders_in(cell))
            .filter_map(|id| self.responder(id))
            .map(|responder| (responder.resting.position.distance_to(place), responder))
            .filter(|(metres, _)| *metres <= RANGE_M)
            .collect();
        found.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.id.cmp(&b.1.id)));
        found.into_iter().map(|(_, responder)| responder).collect()
    }

    /// Those in range who serve this callout, nearest first: the placed ones, or where there are none
    /// the stand-ins.
    fn crew(&self, record: &CalloutRecord) -> Vec<&ResponderRecord> {
        let wanted = Wanted::by(record);
        let mut crew = self.in_range(record.location.position);
        crew.retain(|responder| wanted.serves(&responder.service));
        if crew.iter().any(|responder| responder.service.kind != VehicleKind::StandIn) {
            crew.retain(|responder| responder.service.kind != VehicleKind::StandIn);
        }
        crew
    }

    /// How many stand-ins a callout needs beside its crew. Vehicles that somebody placed or switched
    /// off are a decision of theirs, as are those who declined: nobody is added to them. A crew of
    /// stand-ins who are all on other callouts is.
    fn lacking(&self, record: &CalloutRecord, crew: &[&ResponderRecord]) -> u64 {
        let place = record.location.position;
        let scenario = self.scenario_for(record);
        if scenario.is_some_and(|scenario| !scenario.coverage) {
            return 0;
        }
        let usual = || self.usual_stand_ins(place);
        if crew.is_empty() {
            return scenario.and_then(|scenario| scenario.vehicles).map_or_else(usual, u64::from);
        }
        let placed = crew.iter().any(|responder| responder.service.kind != VehicleKind::StandIn);
        let mut willing = crew.iter().filter(|responder| responder.active && record.may_send(responder.id));
        let all_busy = willing.clone().next().is_some() && willing.all(|each| each.on_call.is_some());
        u64::from(!placed && all_busy && crew.len() < usize::from(MOST_VEHICLES))
    }

    /// The scenario that a callout is played by, or would be.
    fn scenario_for(&self, record: &CalloutRecord) -> Option<&Scenario> {
        let own = record.scenario().and_then(|id| self.tables.scenarios.get(&id));
        own.or_else(|| self.autopilot())
    }

    /// The nearest by the way it has to drive, of those who have not declined or turned back here.
    /// Where all are on other callouts, a stand-in.
    pub(super) fn nearest_free(&self, record: &CalloutRecord, ids: &mut Ids) -> Option<Sent> {
        self.nearest_free_but(record, None, ids)
    }

    /// As if `but` were not there.
    pub(super) fn nearest_free_but(
        &self,
        record: &CalloutRecord,
        but: Option<ResponderId>,
        ids: &mut Ids,
    ) -> Option<Sent> {
        let place = record.location.position;
        let crew = self.crew(record);
        let willing = |responder: &ResponderRecord| {
            Some(responder.id) != but && responder.is_free() && record.may_send(responder.id)
        };
        let free = crew.iter().filter(|responder| willing(responder));
        let nearest = free
            .take(MOST_CANDIDATES)
            .map(|responder| (responder, self.way(responder.resting.position, place)))
            .min_by(|a, b| a.1.length_m().total_cmp(&b.1.length_m()));
        if let Some((responder, route)) = nearest {
            let (responder, supplier) = (responder.id, responder.supplier);
            return Some(Sent { responder, supplier, route, made: Vec::new() });
        }
        let lacking = self.lacking(record, &crew);
        let StandIn { responder, position, made } =
            self.stand_ins(place, &self.in_range(place), lacking.min(1), ids).pop()?;
        let supplier = made.iter().find_map(|event| match event {
            Happened::ResponderCreated { supplier, .. } => Some(*supplier),
            _ => None,
        })?;
        Some(Sent { responder, supplier, route: self.way(position, place), made })
    }

    /// Who could go to a new callout, after the stand-ins that it lacks have been placed.
    pub(super) fn find_responders(&mut self, callout: CalloutId, now: Timestamp, out: &mut Vec<Event>) {
        let Some(record) = self.callout_by_id(callout) else { return };
        if self.is_in(callout, Trouble::NobodyAvailable) {
            return;
        }
        let place = record.location.position;
        if !self.covered(record.response_type_id, place) {
            return;
        }
        let lacking = self.lacking(record, &self.crew(record));
        if lacking > 0 {
            let made = self.stand_ins(place, &self.in_range(place), lacking, &mut self.ids());
            self.emit_all(now, made.into_iter().flat_map(|each| each.made).collect(), out);
        }
        let Some(record) = self.callout_by_id(callout) else { return };
        let mut ids = self.ids();
        let drive = self.drive_of(record);
        let candidates: Vec<_> = self
            .crew(record)
            .into_iter()
            .filter(|responder| responder.is_free())
            .take(MOST_CANDIDATES)
            .map(|responder| {
                let metres = self.way(responder.resting.position, place).length_m();
                candidate(ids.take(), responder.id, (metres, drive.milliseconds(metres)), now)
            })
            .collect();
        if !candidates.is_empty() {
            self.change(callout, Change::Found { candidates }, now, out);
        }
    }
}

impl CalloutRecord {
    /// Whether a responder has neither declined nor turned back here.
    fn may_send(&self, responder: ResponderId) -> bool {
        let gone = |candidate: &&super::Candidate| candidate.declined || candidate.retracted_at.is_some();
        !self.candidates.iter().filter(gone).any(|candidate| candidate.responder == responder)
    }
}

impl ResponderRecord {
    fn is_free(&self) -> bool {
        self.active && self.on_call.is_none()
    }
}
