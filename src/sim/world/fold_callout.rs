//! What a change means for the record of its callout.

use super::drive::Drove;
use super::event::Change;
use super::id::{EntryId, ResponderId, SupplierId};
use super::record::{
    Assignment, CalloutRecord, Candidate, Entry, EntryKind, EtaNow, Handling, ResponderFix, Status,
};
use jiff::{Timestamp, Unit};

pub(super) fn at_scene(record: &CalloutRecord, fix: u64, at: Timestamp) -> ResponderFix {
    ResponderFix { id: fix, position: record.location.position, at }
}

impl CalloutRecord {
    pub(super) fn fold(&mut self, change: &Change, at: Timestamp) {
        self.fold_fields(change, at);
        self.fold_assignment(change, at);
        self.fold_entry(change, at);
        match change {
            Change::Played | Change::PlayedAside | Change::TakenOver => return,
            Change::Handled { handling: Handling::Owned | Handling::Verified, .. } => {
                self.updated_by_controller = true;
            }
            Change::Dispatched { .. }
            | Change::DispatchedManually { .. }
            | Change::Retracted { .. }
            | Change::Arrived { .. }
            | Change::Completed { .. }
            | Change::Closed { .. } => {
                self.updated_by_controller = true;
                self.detail_updated_at = at;
                self.detail_updated_by_controller =
                    matches!(change, Change::DispatchedManually { .. } | Change::Closed { .. });
            }
            _ => {}
        }
        self.updated_at = at;
    }

    fn fold_fields(&mut self, change: &Change, at: Timestamp) {
        match change {
            Change::Found { candidates } => self.candidates.extend_from_slice(candidates),
            Change::Located { report } => self.location = *report,
            Change::Handled { handling, .. } => match handling {
                Handling::Acknowledged => self.acknowledged_at = Some(at),
                Handling::Owned => self.owned_at = Some(at),
                Handling::Verified => self.verified_at = Some(at),
            },
            Change::Rung => {
                let open =
                    |candidate: &&mut Candidate| !candidate.requested && candidate.retracted_at.is_none();
                for candidate in self.candidates.iter_mut().filter(open) {
                    (candidate.requested, candidate.updated_at) = (true, at);
                }
            }
            Change::Declined { responder } => {
                if let Some(candidate) = self.candidate_mut(*responder) {
                    (candidate.requested, candidate.declined) = (true, true);
                    candidate.updated_at = at;
                }
            }
            Change::CancelAsked => self.cancelled_by_customer = true,
            Change::Duress { .. } => self.duress = true,
            Change::Completed { outcome, .. } => self.outcome = Some(*outcome),
            Change::Closed { incident_details, .. } => {
                self.incident_details = incident_details.as_deref().map(Box::from);
                self.resolved_at = Some(at);
            }
            _ => {}
        }
    }

    fn candidate_mut(&mut self, responder: ResponderId) -> Option<&mut Candidate> {
        self.candidates.iter_mut().find(|candidate| candidate.responder == responder)
    }

    fn fold_assignment(&mut self, change: &Change, at: Timestamp) {
        match change {
            Change::Dispatched { responder, supplier, journey, .. } => {
                if let Some(candidate) = self.candidate_mut(*responder) {
                    (candidate.requested, candidate.acknowledged, candidate.declined) = (true, true, false);
                    (candidate.retracted_at, candidate.updated_at) = (None, at);
                }
                let journey = Some(journey.as_ref().clone());
                self.assign(Assignment { journey, ..Assignment::new(*supplier, Some(*responder), at) });
            }
            Change::DispatchedManually { supplier, .. } => {
                // A company is rung once nobody on the app would go.
                for candidate in self.candidates.iter_mut().filter(|candidate| !candidate.acknowledged) {
                    (candidate.requested, candidate.declined, candidate.updated_at) = (true, true, at);
                }
                self.assign(Assignment::new(*supplier, None, at));
            }
            Change::Retracted { stood_down, .. } => {
                self.stop(at);
                self.stood_down = *stood_down;
                let Some(assignment) = self.assignments.last_mut() else { return };
                assignment.retracted_at = Some(at);
                if let Some(responder) = assignment.responder
                    && let Some(candidate) = self.candidate_mut(responder)
                {
                    (candidate.retracted_at, candidate.updated_at) = (Some(at), at);
                }
            }
            Change::Arrived { fix, eta, .. } => {
                let scene = at_scene(self, *fix, at);
                let Some(assignment) = self.assignment_mut() else { return };
                // Whoever is there has driven all of it, also where a controller's step was faster.
                let journey = assignment.journey.take();
                assignment.drove = journey.and_then(|journey| Drove::along(journey.route.points()));
                assignment.arrived_at = Some(at);
                if let Some(responder) = assignment.responder {
                    assignment.last_fix = Some(scene);
                    self.last_eta = Some(EtaNow { id: *eta, responder, distance_m: 0, duration_s: 0, at });
                }
            }
            Change::Completed { .. } => {
                if let Some(assignment) = self.assignment_mut() {
                    assignment.completed_at = Some(at);
                }
            }
            Change::Closed { .. } => {
                self.stop(at);
                if let Some(assignment) = self.assignment_mut() {
                    // As in the sample: closing rewrites both without their milliseconds.
                    assignment.dispatched_at = whole_seconds(assignment.dispatched_at);
                    assignment.arrived_at = assignment.arrived_at.map(whole_seconds);
                }
            }
            _ => {}
        }
    }

    fn assign(&mut self, assignment: Assignment) {
        self.last_eta = None;
        self.assignments.push(assignment);
    }

    /// The drive ends where it is; the last report and ETA stay as they were.
    fn stop(&mut self, at: Timestamp) {
        let eta = self.eta(at);
        self.last_eta = eta;
        if let Some(assignment) = self.assignment_mut()
            && let Some(journey) = assignment.journey.take()
        {
            assignment.last_fix = journey.fix(at);
            assignment.drove = Drove::along(&journey.driven(at));
        }
    }

    pub(super) fn eta(&self, now: Timestamp) -> Option<EtaNow> {
        let driving = self
            .assignment()
            .and_then(|assignment| Some(assignment.journey.as_ref()?.eta(assignment.responder?, now)));
        driving.or(self.last_eta)
    }

    fn fold_entry(&mut self, change: &Change, at: Timestamp) {
        let (id, kind) = match change {
            Change::Commented { entry, role, author, body, tags } => {
                let (author, body) = (author.as_str().into(), body.as_str().into());
                let tags = tags.as_slice().into();
                (*entry, EntryKind::Comment { role: *role, author, body, tags })
            }
            Change::Duress { entry } => (*entry, EntryKind::Duress),
            Change::Handled { entry, handling } => (*entry, EntryKind::Handled(*handling)),
            Change::Dispatched { entry, .. } | Change::DispatchedManually { entry, .. } => {
                (*entry, self.moved_to(Status::Dispatched))
            }
            Change::Retracted { entry, .. } => (*entry, self.moved_to(Status::ResponderCancelled)),
            Change::Arrived { entry, .. } => (*entry, self.moved_to(Status::Arrived)),
            Change::Completed { entry, .. } => (*entry, self.moved_to(Status::Completed)),
            Change::Closed { entry, .. } => (*entry, self.moved_to(Status::Closed)),
            _ => return,
        };
        self.add_entry(id, at, kind);
    }

    fn moved_to(&mut self, status: Status) -> EntryKind {
        self.status = status;
        EntryKind::Status(status)
    }

    fn add_entry(&mut self, id: EntryId, at: Timestamp, kind: EntryKind) {
        self.entries.push(Entry { id, at, kind });
    }
}

impl Assignment {
    fn new(supplier: SupplierId, responder: Option<ResponderId>, at: Timestamp) -> Self {
        Self {
            supplier,
            responder,
            journey: None,
            last_fix: None,
            drove: None,
            dispatched_at: at,
            arrived_at: None,
            completed_at: None,
            retracted_at: None,
        }
    }
}

fn whole_seconds(at: Timestamp) -> Timestamp {
    let floor = jiff::TimestampRound::new().smallest(Unit::Second).mode(jiff::RoundMode::Floor);
    at.round(floor).unwrap_or(at)
}
